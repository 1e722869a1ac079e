"""Take in the results of a year from the file that an official has.

``reading`` turns a file of any kind into sheets of cells, in a process of its own with limits.
``layout`` finds the table in them, by ``sheets``, ``heading`` and ``rows``; ``headers``, ``names``
and ``numbers`` say what its cells mean. ``judging`` and ``whole`` hold the figures against each
other and against those in data/, and ``writing`` stores them. Whatever is not certain is refused
with its place, never guessed.
"""
