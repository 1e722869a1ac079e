"""What every worker has imported before it gets a job, and the server that it is forked from."""

import contextlib
import importlib
import os
import pkgutil

from helpers.batch import server
from helpers.batch.jobs import THREADS

# Before there is any numpy.
os.environ.update(THREADS)

import numpy
import papermill as papermill

from helpers import report
from helpers.batch import engine as engine

# What cannot be imported is left to the cell that does, which will say so.
found = pkgutil.walk_packages(report.__path__, f"{report.__name__}.", lambda name: None)
for name in (*(module.name for module in found), "helpers.site"):
    with contextlib.suppress(Exception):
        importlib.import_module(name)
server.imported()


def seed() -> None:
    """Have random numbers differ from those of the process that this one is a copy of."""
    numpy.random.seed()  # Python's own do so by themselves
