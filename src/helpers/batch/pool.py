"""Where jobs run: in workers of this machine, or on those of a dask cluster."""

import contextlib
import errno
import functools
import multiprocessing
import os
import pickle
import queue
import shutil
import signal
import tempfile
import threading
import time
import uuid
from collections import defaultdict
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from multiprocessing import resource_tracker
from pathlib import Path

from helpers.batch import execution, keys, worker
from helpers.batch.jobs import Made, Result, Task
from helpers.errors import CchcError

STOPPED = "the run was stopped"
CONNECT = 20  # seconds to wait for a scheduler
LONGEST_SOCKET = 100  # bytes of a Unix socket's path; systems allow 103 to 107
GRACE = 10  # seconds for a cell to end after it was told that the time is over


@contextlib.contextmanager
def temporary_folder() -> Iterator[Path]:
    """Name a temporary folder, which the first worker makes: who is killed before leaves none."""
    folder = Path(tempfile.gettempdir(), f"cchc-{uuid.uuid4().hex[:12]}")
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


class NoCluster(CchcError):
    """The cluster cannot be reached, or what speaks to it is not installed."""


@dataclass(frozen=True)
class Pool:
    """What takes a task and gives a Future of what was `Made`, and how many run at once."""

    submit: Callable[[Task], Future]
    slots: int


class Worker:
    """A worker process, from the caller's side; see `helpers.batch.worker`.

    Parameters
    ----------
    folder : Path
        For its temporary files.
    copies : bool
        Whether it runs jobs in copies of itself.
    """

    def __init__(self, folder: Path, copies: bool):
        context = _context()
        self.warm = ""  # the kind of report that it has run in itself
        self.closed = False
        self.clean = True  # no thread or program of a job is left in it
        self._running: int | None = None  # the process that runs the job
        self._connection, theirs = context.Pipe()
        arguments = (theirs, dict(os.environ), str(folder), copies)
        self._process = context.Process(target=worker.serve, args=arguments)
        with _deaf():
            self._process.start()
        theirs.close()

    def run(self, task: Task, stays: bool = False) -> Made:
        """Run a task there, in a process of its own or, where it stays, in the worker itself."""
        started, seen, made = time.monotonic(), {}, None
        end = late = ended = None
        with contextlib.suppress(EOFError, OSError):
            self._connection.send_bytes(pickle.dumps((pickle.dumps(task), stays)))
            while ended is None:
                if end is not None and not self._connection.poll(max(end - time.monotonic(), 0)):
                    self._end_job(politely=not late)
                    end = None if late else end + GRACE
                    late = execution.late(task.options)
                    continue
                what, content = self._connection.recv()
                if what == "begun":
                    self._running, end = content, time.monotonic() + task.options.timeout
                elif what == "cell":
                    place, cell = content
                    seen[place] = cell
                elif what == "made":
                    made, end = content, None
                else:
                    self._running, ended = None, content
        if self.closed:
            return Made(Result(task.job.name, ok=False, seconds=0.0, error=STOPPED), None, None)
        if ended is None:  # the worker itself has gone
            self.close()
            ended = self._process.exitcode or 0
        if made is not None and made.result.ok and late:  # a cell has swallowed the end
            made = replace(made, result=replace(made.result, ok=False, error=late), page=None)
        self.clean = not ended
        if made is not None:
            return made
        error = late or execution.death(ended)
        return execution.broken_off(task, seen, error, time.monotonic() - started)

    def _end_job(self, politely: bool) -> None:
        """End the cell that runs, so that what it has put out is kept, or the whole process."""
        if politely and self._running is not None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self._running, signal.SIGTERM)
        else:
            worker.kill(self._running)

    @property
    def alive(self) -> bool:
        return self._process.is_alive()

    def close(self) -> None:
        """End it at once, with all that it has started."""
        self.closed = True
        worker.kill(self._running)
        worker.kill(self._process.pid)
        self._process.kill()
        self._process.join()
        self._connection.close()


@functools.cache
def _context():
    """How workers are started: forked from a server that has imported what they need."""
    # Where multiprocessing puts the socket of the server, whose path must not be long.
    socket = Path(tempfile.gettempdir(), "pymp-12345678", "listener-12345678")
    if not worker.can_fork() or len(os.fsencode(socket)) > LONGEST_SOCKET:
        return multiprocessing.get_context("spawn")
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["helpers.batch.ready"])
    return context


@contextlib.contextmanager
def _deaf() -> Iterator[None]:
    """Have a process be born deaf to Ctrl-C, until it has a group of its own."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    resource_tracker.ensure_running()  # which would open this thread's ears again
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


@dataclass
class Kind:
    """Reports of one notebook and language; see `Workers`."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    copies_are_right: bool | None = None  # as long as nobody has looked


@dataclass
class Workers:
    """Workers of this machine, made when they are needed.

    The first report of a kind that comes many times is run in the worker itself, so that what it
    has read and drawn is there for the others, which begin as copies. What a cell changes in a
    module would be there too. So the first of these is made in a worker as well that has run none;
    where the two do not show the same, no report of the kind begins like that. A worker that has
    run one kind in itself runs no other.
    """

    folder: Path
    copies: bool = field(default_factory=lambda: worker.can_fork())
    closed: bool = False
    _idle: queue.SimpleQueue = field(default_factory=queue.SimpleQueue)
    _all: list[Worker] = field(default_factory=list)
    _kinds: dict[str, Kind] = field(default_factory=lambda: defaultdict(Kind))
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def run(self, task: Task) -> Made:
        """Run a task and give what came of it, whatever becomes of the worker."""
        try:
            one = self._take(task.kind)
        except (OSError, EOFError) as error:
            why = str(error) or "its server ended"
            if isinstance(error, OSError) and error.errno in (errno.EMFILE, errno.ENFILE):
                why = f"{error.strerror} (is `ulimit -n` at least 64?)"
            text = f"no worker can be started: {why}"
            return Made(Result(task.job.name, ok=False, seconds=0.0, error=text), None, None)
        try:
            made = self._run(one, task)
            if not (one.clean or self.copies):
                one.close()
        except BaseException:
            one.close()
            raise
        finally:
            self._idle.put(one)
        return made

    def _run(self, one: Worker, task: Task) -> Made:
        kind = self._kinds[task.kind]
        if not one.warm:
            if not task.kind or not self.copies or kind.copies_are_right is False:
                return one.run(task)
            made = one.run(task, stays=True)
            if made.result.ok and one.clean:
                one.warm = task.kind
            else:
                one.close()
            return made
        made = one.run(task)
        with kind.lock:
            if kind.copies_are_right:
                return made
            right = self._in_a_new_one(task)
            if kind.copies_are_right is None and right.result.ok:
                kind.copies_are_right = shown(made) == shown(right)
        if kind.copies_are_right is False:
            one.close()
        return right

    def _in_a_new_one(self, task: Task) -> Made:
        new = self._new()
        try:
            return new.run(task)
        finally:
            new.close()

    def _take(self, kind: str) -> Worker:
        with contextlib.suppress(queue.Empty):
            one = self._idle.get_nowait()
            if one.alive and one.warm in ("", kind):
                return one
            one.close()
        return self._new()

    def _new(self) -> Worker:
        if self.closed:
            raise OSError(STOPPED)
        one = Worker(self.folder, self.copies)
        with self._lock:
            self._all = [other for other in self._all if other.alive]
            self._all.append(one)
        if self.closed:
            one.close()
        return one

    def close(self) -> None:
        with self._lock:
            self.closed = True
            for one in self._all:
                one.close()


def shown(made: Made) -> tuple[list, bytes | None]:
    """What the cells of an executed notebook have put out, and the page of it."""
    import nbformat

    if made.notebook is None:
        return [], None
    cells = nbformat.reads(made.notebook.decode(), as_version=4).cells
    return [cell.get("outputs") for cell in cells], made.page


@contextlib.contextmanager
def local(workers: int) -> Iterator[Pool]:
    """Use processes of this machine; none is left behind, however the body ends."""
    with temporary_folder() as folder:
        ours = Workers(folder)
        executor = ThreadPoolExecutor(workers)
        try:
            yield Pool(lambda task: executor.submit(ours.run, task), workers)
        finally:
            executor.shutdown(wait=False, cancel_futures=True)
            ours.close()
            executor.shutdown()


# --- a cluster -----------------------------------------------------------------------------


@contextlib.contextmanager
def cluster(address: str) -> Iterator[Pool]:
    """Use the workers of a dask cluster; each runs a job in a process of its own.

    Parameters
    ----------
    address : str
        Of the scheduler, such as ``tcp://host:8786``.

    Raises
    ------
    NoCluster
        ``distributed`` is not installed, the scheduler does not answer, it has no workers, or
        these may not start processes.
    """
    try:
        from distributed import Client
    except ImportError:
        raise NoCluster(
            "A cluster needs dask's `distributed`: pip install -e '.[cluster]'."
        ) from None
    start = f"`dask worker {address} --nthreads 1 --no-nanny`"
    try:
        client = Client(address, timeout=CONNECT, set_as_default=False)
    except (OSError, ValueError, TimeoutError) as error:
        raise NoCluster(
            f"No scheduler answers at {address} ({error}). Start one with `dask scheduler`, "
            f"and workers with {start}."
        ) from error
    with client:
        threads = sum(client.nthreads().values())
        if not threads:
            raise NoCluster(f"The scheduler at {address} has no workers. Start some with {start}.")
        if any(client.run(_may_not_start_processes).values()):
            raise NoCluster(
                f"Workers of {address} may not start processes, as below a nanny. "
                f"Start them with {start}."
            )
        executor = client.get_executor(pure=False)
        package = keys.package()
        try:
            yield Pool(
                lambda task: executor.submit(run_there, replace(task, package=package)), threads
            )
        finally:
            executor.shutdown(wait=False)


def _may_not_start_processes() -> bool:
    return multiprocessing.current_process().daemon


def run_there(task: Task) -> Made:
    """Run a task on a worker of a cluster."""
    if task.package != _package():
        error = (
            f"the worker on {os.uname().nodename if hasattr(os, 'uname') else 'a machine'} has "
            "another version of this package than the caller; install the same one there"
        )
        return Made(Result(task.job.name, ok=False, seconds=0.0, error=error), None, None)
    return _workers_there().run(task)


_package = functools.cache(keys.package)


@functools.cache
def _workers_there() -> Workers:
    import atexit

    stack = contextlib.ExitStack()
    found = Workers(stack.enter_context(temporary_folder()))
    stack.callback(found.close)
    atexit.register(stack.close)
    return found
