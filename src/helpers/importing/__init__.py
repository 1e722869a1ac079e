"""Take in the results of a year from the file that an official has.

``reading`` turns a file of any kind into sheets of cells, in a process of its own with limits;
``layout`` finds the table in them and ``headers``, ``names`` and ``numbers`` say what its cells
mean; ``judging`` holds the figures against each other and against those in data/; ``writing``
stores them. Whatever is not certain is refused with its place, never guessed.
"""
