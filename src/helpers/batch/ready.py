"""What every worker has imported before it gets a job.

The server that workers are forked from imports it first, before there is any numpy.
"""

import importlib
import os
import pkgutil

from helpers.batch.worker import THREADS

os.environ.update(THREADS)

import numpy
import papermill as papermill

from helpers import exhibits
from helpers.batch import engine as engine

for module in pkgutil.walk_packages(exhibits.__path__, f"{exhibits.__name__}."):
    importlib.import_module(module.name)


def seed() -> None:
    """Have random numbers differ from those of the process that this one is a copy of."""
    numpy.random.seed()  # Python's own do so by themselves
