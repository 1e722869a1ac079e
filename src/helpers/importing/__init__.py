"""Take in the results of a year from the file that an official has.

``reading`` turns a file of any kind into sheets of cells, in a process of its own with limits, by
``workbooks``, ``documents`` and ``texts``. ``tables`` finds the table in them, ``rows`` reads it;
``heads``, ``names`` and ``numbers`` say what its cells mean. ``judging`` holds the figures against
each other, ``published`` against those in data/, and ``writing`` stores them. What they hand on to
each other is in ``shapes``. Whatever is not certain is refused with its place, never guessed.
"""
