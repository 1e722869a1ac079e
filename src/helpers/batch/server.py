"""What a process that imports what workers need imports first, so that it ends with its caller.

Python's own server looks whether its caller is there when it has imported everything, and takes all
modules apart when it ends.
"""

import atexit
import os
import signal
import threading

LOOK = 0.1  # seconds between looks
_done = threading.Event()


def _watch(caller: int) -> None:
    while not _done.wait(LOOK):
        # Ctrl-C at a terminal is for all its processes; this one was born deaf to it.
        stopped = hasattr(signal, "sigpending") and signal.SIGINT in signal.sigpending()
        if stopped or os.getppid() != caller:
            os._exit(0)


_watcher = threading.Thread(target=_watch, args=(os.getppid(),), daemon=True)
_watcher.start()


def imported() -> None:
    """End the watch: a process with threads must not be forked."""
    _done.set()
    _watcher.join()


def _end(server: int) -> None:
    if os.getpid() == server:  # not a worker
        os._exit(0)


atexit.register(_end, os.getpid())
