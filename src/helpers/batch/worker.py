"""A worker: a process that has what reports need in memory, and runs each in a copy of itself.

Whatever a cell does ends with that copy. Where the system cannot fork, the worker runs one report
after the other, each in an empty namespace.
"""

import contextlib
import gc
import logging
import multiprocessing
import os
import shutil
import signal
import sys
import threading
from multiprocessing.connection import Connection, wait
from pathlib import Path

from helpers.batch import execution
from helpers.batch.jobs import THREADS, Made, Task

LOOK = 0.5  # seconds between looks whether a job's process has ended
GARBAGE = 100_000, 10, 10  # for gc: a report leaves few objects, and its process ends with them


def can_fork() -> bool:
    """Whether a process can be copied here; macOS has libraries that may not be used after it."""
    return hasattr(os, "fork") and sys.platform != "darwin"


def serve(connection: Connection, env: dict[str, str], journal: Path, copies: bool) -> None:
    """Be a worker: run the tasks that come, and end when the caller has gone.

    Parameters
    ----------
    connection : Connection
        Brings a `Task` and whether it is to be run in this very process. Takes what was `Made`, or
        the exit status of a process that ended before, and whether this one can be used again.
    env : dict
        The caller's environment; the process that workers are forked from may be older.
    journal : Path
        Where a job notes its cells; in the folder for temporary files, which the last removes.
    copies : bool
        Whether jobs are run in copies of this process.
    """
    _settle(env, journal.parent)
    try:
        while True:
            task, stays = connection.recv()
            journal.unlink(missing_ok=True)
            if copies and not stays:
                connection.send((_in_a_copy(connection, task, journal), True))
                continue
            made = execution.run(task, journal, lambda: _leave(journal.parent))
            gc.collect()
            gc.freeze()
            connection.send((made, not _left_something()))
    except (EOFError, OSError):  # the caller has gone
        _leave(journal.parent)


def _leave(folder: Path) -> None:
    """End with all that was started here, and leave no file of any worker: the caller has gone."""
    shutil.rmtree(folder, ignore_errors=True)
    kill(os.getpid())


def _left_something() -> bool:
    """Whether a notebook has left threads or programs running in this process."""
    if threading.active_count() > 1:
        return True
    try:
        return hasattr(os, "waitpid") and os.waitpid(-1, os.WNOHANG) == (0, 0)
    except ChildProcessError:
        return False


def _settle(env: dict[str, str], folder: Path) -> None:
    if hasattr(os, "setpgid"):
        os.setpgid(0, 0)  # Ctrl-C at a terminal is for the caller
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
    else:
        signal.signal(signal.SIGINT, signal.SIG_IGN)
    os.environ.clear()
    os.environ.update(env | THREADS)
    os.environ["TMPDIR"] = str(folder)
    os.environ["IPYTHONDIR"] = str(folder / "ipython")  # not the user's own
    from helpers.batch import ready as ready

    signal.signal(signal.SIGTERM, _end)
    # After the imports, in which a caller that goes takes this process along at once.
    folder.mkdir(mode=0o700, exist_ok=True)
    gc.set_threshold(*GARBAGE)
    for name in ("papermill", "traitlets"):  # what fails comes back in the Result
        logging.getLogger(name).setLevel(logging.CRITICAL)


def _end(*_) -> None:
    for child in multiprocessing.active_children():
        kill(child.pid)
    os._exit(1)


def _in_a_copy(connection: Connection, task: Task, journal: Path) -> Made | int:
    """Run a task in a copy of this process; give what was made, or the status it ended with."""
    context = multiprocessing.get_context("fork")
    ends: tuple[Connection, ...] = ()
    try:
        ends = ours, theirs = context.Pipe(duplex=False)
        child = context.Process(target=_copy, args=(theirs, task, journal, connection))
        child.start()
    except OSError as error:
        for end in ends:
            end.close()
        return Made.failed(task.job, f"{execution.REFUSED}: {error}")
    theirs.close()
    try:
        while child.exitcode is None:
            # Not until the pipe's end alone: what a cell has forked holds it open.
            ready = wait([ours, connection], LOOK)
            if connection in ready:  # nothing is asked for meanwhile: the caller has gone
                raise EOFError
            if ours in ready:
                with contextlib.suppress(EOFError, OSError):  # it has ended, maybe while it told
                    return ours.recv()
                break
    finally:
        ours.close()
        kill(child.pid)  # and what its cells have started
        child.join()
    return child.exitcode or 0


def _copy(connection: Connection, task: Task, journal: Path, other: Connection) -> None:
    """Be the process of one job, and end without waiting for what its cells have left."""
    os.setpgid(0, 0)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    other.close()
    with contextlib.suppress(BrokenPipeError):
        # Where its worker has gone it goes too; the folder is that of all workers, and stays.
        connection.send(execution.run(task, journal, lambda: kill(os.getpid())))
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
