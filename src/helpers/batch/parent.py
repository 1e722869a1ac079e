"""The parent of reports: a process that has imported what all need, and forks one for each.

Whatever a cell does ends with that process. Where the system cannot fork, each of several parents
runs one report after the other in itself, each in an empty namespace.
"""

import contextlib
import gc
import importlib
import logging
import multiprocessing
import os
import pickle
import shutil
import signal
import sys
import threading
import time
from collections.abc import Iterator
from multiprocessing.connection import Connection, wait
from pathlib import Path

from helpers.batch import execution
from helpers.batch.files import OutputError, write_file
from helpers.batch.jobs import Result, Task

LOOK = 0.2  # seconds between looks whether a process has ended
GRACE = 5  # seconds for a cell to end after it was told that the time is over
DONE, LEFT = "it can run another", "a cell has left threads or programs running"
LARGEST_FILE = 100_000_000  # bytes, or a program that prints without end would fill the disk
GARBAGE = 100_000, 10, 10  # for gc: a report leaves few objects, and its process ends with them


def can_fork() -> bool:
    """Whether a process can be copied here; macOS has libraries that may not be used after it."""
    return hasattr(os, "fork") and sys.platform != "darwin"


def serve(caller: Connection, folder: Path, fork: bool) -> None:
    """Be the parent: run each task as it comes, and end when the caller has gone.

    Each notes in the folder the cell that runs, and in the end its `Result`; see `noted`.

    Parameters
    ----------
    caller : Connection
        Brings a number, a `Task`, and whether it is to be run in this very process; takes the
        number, and why it has ended if it has made nothing.
    folder : Path
        For temporary files of all reports; made here.
    fork : bool
        Whether this process can be copied.
    """
    _leave_the_terminal()
    folder.mkdir(mode=0o700)
    os.environ["TMPDIR"] = str(folder)
    os.environ["IPYTHONDIR"] = str(folder / "ipython")  # not the user's own
    for name in ("papermill", "traitlets"):  # what fails comes back in the Result
        logging.getLogger(name).setLevel(logging.CRITICAL)
    with contextlib.suppress(ImportError, ValueError):  # Windows has no limits, others lower ones
        resource = importlib.import_module("resource")
        resource.setrlimit(resource.RLIMIT_FSIZE, (LARGEST_FILE, LARGEST_FILE))
    if fork:
        with _ending_with_the_caller(folder):
            for name in ("papermill", "helpers.batch.engine"):
                importlib.import_module(name)
        gc.set_threshold(*GARBAGE)
        gc.freeze()  # what is there is neither looked through again nor taken apart at the end
    running: dict[int, Report] = {}
    with contextlib.suppress(EOFError, OSError):  # the caller has gone, or has closed
        while True:
            if caller in wait([caller, *(one.process.sentinel for one in running.values())], LOOK):
                number, task, itself = caller.recv()
                try:
                    if itself:
                        caller.send((number, _run_here(number, task, folder, fork)))
                    else:
                        running[number] = Report(number, task, folder, caller)
                except (OSError, OutputError) as error:
                    caller.send((number, f"{execution.REFUSED}: {error}"))
            for number, one in [*running.items()]:
                if why := one.why_it_ended():
                    del running[number]
                    caller.send((number, why))
    for one in running.values():
        one.end()
    _leave(folder)


def _leave_the_terminal() -> None:
    """Have Ctrl-C there be for the caller alone, and a group for whatever this process starts."""
    if hasattr(os, "setpgid"):
        os.setpgid(0, 0)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
    else:
        signal.signal(signal.SIGINT, signal.SIG_IGN)


@contextlib.contextmanager
def _ending_with_the_caller(folder: Path) -> Iterator[None]:
    """Look whether the caller is there, as long as this process is too busy to."""
    over, caller = threading.Event(), multiprocessing.parent_process()

    def look():
        while not over.wait(LOOK):
            if caller is not None and not caller.is_alive():
                _leave(folder)

    looking = threading.Thread(target=look)
    looking.start()
    try:
        yield
    finally:
        over.set()
        looking.join()  # who is forked has no thread but its own


class Report:
    """A copy of this process that runs a task."""

    def __init__(self, number: int, task: Task, folder: Path, caller: Connection):
        self._task, self._end_at = task, time.monotonic() + task.timeout + GRACE
        context, arguments = multiprocessing.get_context("fork"), (number, task, folder, caller)
        self.process = context.Process(target=_be_a_report, args=arguments)
        self.process.start()

    def why_it_ended(self) -> str:
        """How it has ended, or is ended now because its time is over; "" as long as it runs."""
        status = self.process.exitcode
        if status is None and time.monotonic() < self._end_at:
            return ""
        self.end()
        return execution.late(self._task.timeout) if status is None else execution.death(status)

    def end(self) -> None:
        """End it at once, with all that it has started."""
        kill(self.process.pid)
        self.process.join()


def _be_a_report(number: int, task: Task, folder: Path, caller: Connection) -> None:
    """Run a task, and end without waiting for what its cells have left."""
    _leave_the_terminal()
    caller.close()  # or it would not see that the parent has gone
    importlib.import_module("numpy").random.seed()  # as Python's own is by itself
    threading.Thread(target=_end_with_the_parent, daemon=True).start()
    with contextlib.suppress(OSError):  # where memory runs out, Linux takes this process first
        Path("/proc/self/oom_score_adj").write_text("1000")
    with contextlib.suppress(OutputError):
        _run(number, task, folder)
        os._exit(0)
    os._exit(1)


def _run_here(number: int, task: Task, folder: Path, fork: bool) -> str:
    """Run a task in this very process, and say whether it can run another, or be copied."""
    with _ending_with_the_caller(folder):
        _run(number, task, folder)
    if fork:
        gc.collect()
        gc.freeze()
    return LEFT if threading.active_count() > 1 or (not fork and _has_children()) else DONE


def _has_children() -> bool:
    """Whether cells have left programs running."""
    try:
        return os.waitpid(-1, os.WNOHANG) == (0, 0)
    except (ChildProcessError, AttributeError):  # Windows has no WNOHANG
        return False


def _run(number: int, task: Task, folder: Path) -> None:
    cell = folder / f"{number}.cell"
    made = execution.run(task, lambda running: cell.write_text(str(running)))
    write_file(folder / f"{number}.made", pickle.dumps(made))


def noted(folder: Path, number: int) -> Result | int | None:
    """Give the result of a process or else the cell in which it has ended, and forget it."""
    made, cell = folder / f"{number}.made", folder / f"{number}.cell"
    try:
        if made.exists():
            return pickle.loads(made.read_bytes())
        return int(cell.read_text() or 0) or None if cell.exists() else None
    finally:
        made.unlink(missing_ok=True)
        cell.unlink(missing_ok=True)


def _end_with_the_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        kill(os.getpid())


def _leave(folder: Path) -> None:
    """End with all that was started here, and leave no file of any report."""
    shutil.rmtree(folder, ignore_errors=True)
    kill(os.getpid())


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
