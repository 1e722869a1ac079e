"""What the process that workers are forked from imports first, to end at once when it ends."""

import atexit
import os


def _end(server: int) -> None:
    if os.getpid() == server:  # not a worker
        os._exit(0)  # taking all modules apart takes up to a second


atexit.register(_end, os.getpid())
