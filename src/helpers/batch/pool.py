"""Where jobs run: in workers of this machine, or on those of a dask cluster."""

import atexit
import contextlib
import errno
import functools
import json
import multiprocessing
import os
import platform
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
from dataclasses import dataclass, field
from multiprocessing import resource_tracker
from pathlib import Path

from helpers.batch import execution, keys, worker
from helpers.batch.jobs import Made, Task
from helpers.errors import CchcError

STOPPED = "the run was stopped"
CONNECT = 20  # seconds to wait for a scheduler
LONGEST_SOCKET = 100  # bytes of a Unix socket's path; systems allow 103 to 107
PATIENCE = 0.5  # seconds for a worker to end what it has started


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
        self.stopped = False
        self._closing = threading.Lock()
        self._journal = folder / f"{uuid.uuid4().hex}.jsonl"
        self._connection, theirs = context.Pipe()
        arguments = (theirs, dict(os.environ), self._journal, copies)
        self._process = context.Process(target=worker.serve, args=arguments)
        with _deaf():
            self._process.start()
        theirs.close()

    def run(self, task: Task, stays: bool = False) -> Made:
        """Run a task there, in a process of its own or, where it stays, in the worker itself."""
        started = time.monotonic()
        try:
            self._connection.send((task, stays))
            came, usable = self._connection.recv()
        except (EOFError, OSError):  # the worker itself has gone
            self._process.join()
            came, usable = self._process.exitcode or 0, False
        if not usable:
            self.close()
        if isinstance(came, Made):
            return came
        if self.stopped:
            return Made.failed(task.job, STOPPED)
        seconds = time.monotonic() - started
        is_late = seconds >= task.timeout + execution.GRACE
        error = execution.late(task.timeout) if is_late else execution.death(came)
        return execution.broken_off(task, self._journal, error, seconds)

    @property
    def alive(self) -> bool:
        return self._process.is_alive()

    def stop(self) -> None:
        """Have it end, with all that it has started."""
        self.stopped = True
        self._process.terminate()

    def close(self) -> None:
        """End it at once, with all that it has started."""
        # Of a run that is stopped, the thread that waits for it does so too.
        with self._closing:
            if self._connection.closed:
                return
            self._process.terminate()
            self._process.join(PATIENCE)
            worker.kill(self._process.pid)
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
    # What each worker has run in itself, and what came of it.
    first: dict[Worker, Future[tuple[Task, Made]]] = field(default_factory=dict)


@dataclass
class Workers:
    """Workers of this machine, made when they are needed.

    The first report of a kind that comes many times is run in the worker itself, so that what it
    has read and drawn is there for the others, which begin as copies. What a cell changes in a
    module would be there too. So one report that another worker has run, before any other, is made
    in such a copy as well; where the two do not show the same, no report of the kind begins like
    that. A worker that has run one kind in itself runs no other.

    Temporary files are in a folder that the first worker makes: who is killed before leaves none.
    """

    folder: Path = field(
        default_factory=lambda: Path(tempfile.gettempdir(), f"cchc-{uuid.uuid4().hex[:12]}")
    )
    copies: bool = field(default_factory=lambda: worker.can_fork())
    closed: bool = False
    kinds: dict[str, Kind] = field(default_factory=lambda: defaultdict(Kind))
    _idle: queue.SimpleQueue = field(default_factory=queue.SimpleQueue)
    _all: list[Worker] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def run(self, task: Task) -> Made:
        """Run a task and give what came of it, whatever becomes of the worker."""
        try:
            one = self._take(task.kind)
        except (OSError, EOFError) as error:
            why = str(error) or "its server ended"
            if isinstance(error, OSError) and error.errno in (errno.EMFILE, errno.ENFILE):
                why = f"{error.strerror} (is `ulimit -n` at least 64?)"
            return Made.failed(task.job, f"no worker can be started: {why}")
        try:
            return self._run(one, task)
        finally:
            self._idle.put(one)

    def _run(self, one: Worker, task: Task) -> Made:
        kind = self.kinds[task.kind]
        if not task.kind or not self.copies or kind.copies_are_right is False:
            return one.run(task)
        if not one.warm:
            return self._run_first(one, task, kind)
        with kind.lock:
            if kind.copies_are_right is None:
                others = [first for other, first in [*kind.first.items()] if other is not one]
                new = None if others else (task, self._in_a_new_one(task))
                same, right = new or others[0].result()
                if right.result.ok:
                    kind.copies_are_right = shown(one.run(same)) == shown(right)
                if new:
                    return right
        if kind.copies_are_right:
            return one.run(task)
        one.close()
        return self._in_a_new_one(task)

    def _run_first(self, one: Worker, task: Task, kind: Kind) -> Made:
        kind.first[one], made = Future(), Made.failed(task.job, STOPPED)
        try:
            made = one.run(task, stays=True)
        finally:
            kind.first[one].set_result((task, made))
        if made.result.ok and one.alive:
            one.warm = task.kind
        else:
            del kind.first[one]
            one.close()
        return made

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
            one.stop()
        return one

    def close(self) -> None:
        with self._lock:
            self.closed = True
            for one in self._all:
                one.stop()
            for one in self._all:
                one.close()
        shutil.rmtree(self.folder, ignore_errors=True)


def shown(made: Made) -> tuple[list, bytes | None]:
    """What the cells of an executed notebook have put out, and the page of it."""
    if made.notebook is None:
        return [], None
    cells = json.loads(made.notebook)["cells"]
    return [cell.get("outputs") for cell in cells], made.page


@contextlib.contextmanager
def local(workers: int) -> Iterator[Pool]:
    """Use processes of this machine; none is left behind, however the body ends."""
    ours, executor = Workers(), ThreadPoolExecutor(workers)
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
            yield Pool(lambda task: executor.submit(run_there, task, package), threads)
        finally:
            executor.shutdown(wait=False)


def _may_not_start_processes() -> bool:
    return multiprocessing.current_process().daemon


def run_there(task: Task, package: str) -> Made:
    """Run a task on a worker of a cluster, which must have the same version of this package."""
    if package != _package():
        error = "has another version of this package than the caller; install the same one there"
        return Made.failed(task.job, f"the worker on {platform.node()} {error}")
    return _workers_there().run(task)


_package = functools.cache(keys.package)


@functools.cache
def _workers_there() -> Workers:
    found = Workers()
    atexit.register(found.close)
    return found
