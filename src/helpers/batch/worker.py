"""A worker: a process that has what reports need in memory, and runs each in a process of its own.

Where the system can fork, a job's process begins as a copy of the worker, so that whatever a cell
does ends with it. Elsewhere the worker runs one job after the other, each in an empty namespace.
"""

import contextlib
import gc
import logging
import multiprocessing
import os
import pickle
import shutil
import signal
import sys
import threading
from collections.abc import Iterator
from multiprocessing.connection import Connection, wait
from pathlib import Path

from helpers.batch import execution
from helpers.batch.jobs import THREADS, Made, Result
from helpers.errors import CchcError

LOOK = 0.5  # seconds between looks whether a job's process has ended
GARBAGE = 100_000, 10, 10  # for gc: a report leaves few objects, and its process ends with them


def can_fork() -> bool:
    """Whether a process can be copied here; macOS has libraries that may not be used after it."""
    return hasattr(os, "fork") and sys.platform != "darwin"


def serve(connection: Connection, env: dict[str, str], folder: str, copies: bool) -> None:
    """Be a worker: run the jobs that come, tell of each cell, and end when the caller has gone.

    Parameters
    ----------
    connection : Connection
        Brings a pickled `Task` and whether it is to be run in this very process. Takes messages:
        what ("begun", "cell", "made" or "ended") and its content.
    env : dict
        The caller's environment; the process that workers are forked from may be older.
    folder : str
        For temporary files; the last to leave removes it.
    copies : bool
        Whether jobs are run in copies of this process.
    """
    _settle(env, folder)
    try:
        while True:
            content, stays = pickle.loads(connection.recv_bytes())
            if copies and not stays:
                status = _in_a_copy(connection, content)
            else:
                _work(connection, content)
                gc.collect()
                gc.freeze()
                status = int(_left_something())
            connection.send(("ended", status))
    except (EOFError, OSError):  # the caller has gone
        shutil.rmtree(folder, ignore_errors=True)
        os._exit(1)


def _left_something() -> bool:
    """Whether a notebook has left threads or programs running in this process."""
    if threading.active_count() > 1:
        return True
    try:
        return hasattr(os, "waitpid") and os.waitpid(-1, os.WNOHANG) == (0, 0)
    except ChildProcessError:
        return False


def _settle(env: dict[str, str], folder: str) -> None:
    if hasattr(os, "setpgid"):
        os.setpgid(0, 0)  # Ctrl-C at a terminal is for the caller
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
    else:
        signal.signal(signal.SIGINT, signal.SIG_IGN)
    os.environ.clear()
    os.environ.update(env | THREADS)
    os.environ["TMPDIR"] = folder
    os.environ["IPYTHONDIR"] = f"{folder}/ipython"  # not the user's own
    from helpers.batch import ready

    ready.seed()
    # After the imports, in which a caller that goes takes this process along at once.
    Path(folder).mkdir(mode=0o700, exist_ok=True)
    gc.set_threshold(*GARBAGE)
    gc.freeze()
    for name in ("papermill", "traitlets"):  # what fails comes back in the Result
        logging.getLogger(name).setLevel(logging.CRITICAL)


def _in_a_copy(connection: Connection, content: bytes) -> int | None:
    """Run a job in a copy of this process, hand on what it tells, and give its exit status."""
    context = multiprocessing.get_context("fork")
    try:
        ours, theirs = context.Pipe()
    except OSError as error:
        connection.send(("made", _not_run(content, error)))
        return 0
    child = context.Process(target=_copy, args=(theirs, content, connection))
    child.start()
    theirs.close()
    try:
        while True:
            # Not until the pipe's end alone: what a cell has forked holds it open.
            ready = wait([ours, connection], LOOK)
            if connection in ready:  # nothing is asked for meanwhile: the caller has gone
                raise EOFError
            if ours in ready:
                try:
                    message = ours.recv_bytes()
                except (EOFError, OSError):  # it has ended, be it in the middle of a message
                    break
                connection.send_bytes(message)
            elif child.exitcode is not None:
                break
    finally:
        ours.close()
        kill(child.pid)  # and what its cells have started
        child.join()
    return child.exitcode


def _copy(connection: Connection, content: bytes, other: Connection) -> None:
    """Be the process of one job, and end without waiting for what its cells have left."""
    from helpers.batch import ready

    os.setpgid(0, 0)
    other.close()
    ready.seed()
    with contextlib.suppress(BrokenPipeError):
        _work(connection, content)
    os._exit(0)


def kill(pid: int | None) -> None:
    """Kill a process and what it has started, if there is any of it left."""
    if pid is None:
        return
    if hasattr(os, "killpg"):
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(pid, signal.SIGKILL)
    # It may have had no group of its own yet. On Windows SIGTERM ends it at once.
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.kill(pid, getattr(signal, "SIGKILL", signal.SIGTERM))


def _work(connection: Connection, content: bytes) -> None:
    def tell(what: str, content: object) -> None:
        with _sigterm_held():  # a message must be whole
            connection.send((what, content))

    tell("begun", os.getpid())
    try:
        made = execution.run(pickle.loads(content), tell)
    except (OSError, CchcError) as error:  # before the notebook or after it
        made = _not_run(content, error)
    tell("made", made)


def _not_run(content: bytes, error: Exception) -> Made:
    job = pickle.loads(content).job
    text = f"the system refused what its process needs: {error}"
    return Made(Result(job.name, ok=False, seconds=0.0, error=text), None, None)


@contextlib.contextmanager
def _sigterm_held() -> Iterator[None]:
    """Hold SIGTERM back for a moment."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
