"""What every worker has imported before it gets a job.

The server that workers are forked from imports it first, before there is any numpy.
"""

import importlib
import os
import pkgutil

# One thread each: several workers already fill the cores, and fork keeps no thread but its own.
THREADS = {name: "1" for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")}
os.environ.update(THREADS)

import numpy  # noqa: E402
import papermill as papermill  # noqa: E402

from helpers import exhibits  # noqa: E402
from helpers.batch import engine as engine  # noqa: E402

for module in pkgutil.walk_packages(exhibits.__path__, f"{exhibits.__name__}."):
    importlib.import_module(module.name)


def seed() -> None:
    """Have random numbers differ from those of the process that this one is a copy of."""
    numpy.random.seed()  # Python's own do so by themselves
