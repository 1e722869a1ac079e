"""Kernels that are ready at once: forked from a process that has imported everything.

A notebook's kernel spends its first seconds on imports that are the same for all of them. Here one
process, the `nursery` of a client or of all workers of a batch, does them once and then forks an
ordinary ipykernel for each notebook: a new process with a namespace, sockets and threads of its
own, and nothing of an earlier notebook in it. The `provisioner` is what Jupyter asks for kernels;
the kernelspec ``cchc``, which is installed with the package, names it, so that ``papermill -k
cchc`` and JupyterLab have it too.

Where fork is not to be had (Windows) or not safe (macOS, whose system libraries may not be used
after it), the same kernelspec starts ordinary kernels.
"""

import os
import sys
from pathlib import Path

NAME = "cchc"  # of the kernelspec
SPEC = Path(__file__).parent / NAME  # the kernelspec's folder in the package
STREAMS = f"{__name__}.streams.OutStream"  # for ipykernel's `IPKernelApp.outstream_class`
# One thread each: several workers already fill the cores, and fork keeps no thread but its own.
THREADS = {name: "1" for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")}
LONGEST_SOCKET = 100  # bytes of a Unix socket's path; systems allow 103 to 107
# Years whose national work (completed tables, the chart of all provinces) the nursery does once.
WARM_YEARS = "CCHC_WARM_YEARS"
# Set for a kernel that has no use for that work and is not to wait for it.
AT_ONCE = "CCHC_AT_ONCE"


def can_fork() -> bool:
    """Whether kernels are forked here, rather than started anew."""
    return hasattr(os, "fork") and sys.platform != "darwin"
