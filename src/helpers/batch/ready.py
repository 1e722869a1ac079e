"""What every worker has imported before it gets a job; meanwhile it ends with its caller."""

import contextlib
import gc
import importlib
import os
import pkgutil
import signal
from collections.abc import Iterator

from helpers.batch.jobs import THREADS

LOOK = 0.1  # seconds between looks


@contextlib.contextmanager
def _ending_with_the_caller() -> Iterator[None]:
    """Look at times whether the caller is there; Python's own server first imports everything."""
    caller = os.getppid()

    def look(*_):
        # Ctrl-C at a terminal is for all its processes; this one was born deaf to it.
        if os.getppid() != caller or signal.SIGINT in signal.sigpending():
            os._exit(0)

    if not hasattr(signal, "setitimer"):
        yield
        return
    signal.signal(signal.SIGALRM, look)
    signal.siginterrupt(signal.SIGALRM, False)
    signal.setitimer(signal.ITIMER_REAL, LOOK, LOOK)
    yield
    signal.setitimer(signal.ITIMER_REAL, 0)
    signal.signal(signal.SIGALRM, signal.SIG_DFL)


with _ending_with_the_caller():
    os.environ.update(THREADS)  # before there is any numpy
    from helpers import report

    found = pkgutil.walk_packages(report.__path__, f"{report.__name__}.", lambda name: None)
    names = ("numpy", "papermill", "helpers.batch.engine", "helpers.site")
    for name in (*names, *(module.name for module in found)):
        with contextlib.suppress(Exception):  # it is left to the cell that does, which will say so
            importlib.import_module(name)
    gc.freeze()  # what is there now is neither looked through again nor taken apart at the end
    if hasattr(os, "register_at_fork"):  # Python's own numbers differ in a copy by themselves
        os.register_at_fork(after_in_child=importlib.import_module("numpy").random.seed)
