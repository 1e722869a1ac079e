"""What every worker has imported before it gets a job.

The server that workers are forked from imports it first, before there is any numpy.
"""

import contextlib
import importlib
import os
import pkgutil

from helpers.batch.worker import THREADS

os.environ.update(THREADS)

import numpy
import papermill as papermill

from helpers import exhibits
from helpers.batch import engine as engine

# What cannot be imported is left to the cell that does, which will say so.
found = pkgutil.walk_packages(exhibits.__path__, f"{exhibits.__name__}.", lambda name: None)
for name in (*(module.name for module in found), "helpers.site"):
    with contextlib.suppress(Exception):
        importlib.import_module(name)


def seed() -> None:
    """Have random numbers differ from those of the process that this one is a copy of."""
    numpy.random.seed()  # Python's own do so by themselves
