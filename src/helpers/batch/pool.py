"""Where jobs run: on this machine, or on the workers of a dask cluster."""

import atexit
import contextlib
import functools
import itertools
import json
import multiprocessing
import platform
import shutil
import signal
import tempfile
import threading
import time
import uuid
from collections.abc import Iterable, Iterator
from concurrent import futures
from multiprocessing import resource_tracker
from multiprocessing.connection import wait
from pathlib import Path

from helpers.batch import execution, keys, parent
from helpers.batch.jobs import THREADS, Result, Task
from helpers.errors import CchcError

CONNECT = 20  # seconds to wait for a scheduler
PATIENCE = 0.5  # seconds for a parent to end what it has started
LOOK = 0.5  # seconds between looks whether anything has come
AHEAD = 2  # jobs handed out for each thread of a cluster, so that none waits and memory stays flat

THERE = threading.Lock()  # a worker of a cluster runs one report at a time


class NoCluster(CchcError):
    """The cluster cannot be reached, or what speaks to it is not installed."""


class NoProcess(CchcError):
    """The system refuses what reports need to be run."""


class Local:
    """Processes of this machine: a parent, and a process for each report; see `parent`.

    Where the system cannot fork, each of several parents runs what it is given in itself.

    Parameters
    ----------
    slots : int
        Reports to run at once.
    """

    def __init__(self, slots: int):
        self._fork = parent.can_fork()
        self._parents = [_Parent(slots)] if self._fork else [_Parent(1) for _ in range(slots)]

    def run(self, tasks: Iterable[Task], stays: Task | None = None) -> Iterator[Result]:
        """Run tasks, one that stays in the parent itself; give what came of each as it ends."""
        left, made = iter(tasks), list[Result]()
        while True:
            for one in self._parents:
                for task in itertools.islice(left, one.slots - len(one.running)):
                    one.begin(task, itself=task is stays or not self._fork)
            yield from made  # which the caller writes while the next are run
            busy = [one for one in self._parents if one.running]
            if not busy:
                return
            wait([one.pipe for one in busy], LOOK)  # Windows interrupts none without an end
            made = [result for one in busy for result in one.results()]

    def warm(self, first: Task, last: Task) -> Iterator[Result]:
        """Have the parent run a report in itself: those after it find what it has read and drawn.

        What a cell changes in a module is there too. So another report is run beside it, and again
        after it. Where that shows anything else, or one has failed, a new parent takes over, in
        which none was run. Gives what came of both; a report that has failed is to be run anew.
        """
        if not self._fork:
            return
        made: dict[str, Result] = {}
        for result in self.run([last, first], stays=first):
            made[result.name] = result
            if result.ok:
                yield result
        if all(result.ok for result in made.values()):
            [again] = self.run([last])
            if _shown(again) == _shown(made[last.job.name]):
                return
        self._parents[0].renew()

    def close(self) -> None:
        """End all processes at once."""
        for one in self._parents:
            one.pipe.close()  # which all of them see before any is waited for
        end = time.monotonic() + PATIENCE
        for one in self._parents:
            one.close(max(0.0, end - time.monotonic()))


class _Parent:
    """A parent, and what it has been given to run, as many at once as it has slots."""

    def __init__(self, slots: int):
        self.slots, self._numbers = slots, itertools.count()
        self._start()

    def _start(self) -> None:
        self.running: dict[int, tuple[Task, float, bool]] = {}  # since when, and whether in itself
        self._folder = Path(tempfile.gettempdir(), f"cchc-{uuid.uuid4().hex[:12]}")
        context = multiprocessing.get_context("spawn")
        try:
            self.pipe, theirs = context.Pipe()
            arguments = (theirs, self._folder, parent.can_fork())
            self.process = context.Process(target=parent.serve, args=arguments)
            with _deaf(), execution.environment(THREADS):  # before there is any numpy
                self.process.start()
        except OSError as error:
            raise NoProcess(
                f"No process can be started: {error.strerror} (is `ulimit -n` at least 64?)."
            ) from error
        theirs.close()

    def begin(self, task: Task, itself: bool) -> None:
        """Have it run a task, in itself or in a copy, which it ends where that is late."""
        if self.pipe.closed:  # the system has refused to renew it
            self._start()
        number = next(self._numbers)
        self.running[number] = task, time.monotonic(), itself
        with contextlib.suppress(OSError):  # it has died, as is seen in the results
            self.pipe.send((number, task, itself))

    def results(self) -> list[Result]:
        """What has come since; of all that ran where it has died or is late: it is then renewed."""
        made, why = [], ""
        try:
            if self.pipe.poll():
                number, why = self.pipe.recv()
                made = [self._result(number, why)]
                if why != parent.LEFT:
                    return made
            elif late := self._late():
                why = execution.late(late[0].timeout)
            else:
                return []
        except (EOFError, OSError):
            pass
        status = self._end()
        why = why or execution.death(status)
        made += [self._result(number, why) for number in [*self.running]]
        self.renew()
        return made

    def _late(self) -> list[Task]:
        """Tasks that it has long been running in itself, where nobody else can end them."""
        latest = time.monotonic() - parent.GRACE
        some = self.running.values()
        return [task for task, began, itself in some if itself and began + task.timeout < latest]

    def _result(self, number: int, why: str) -> Result:
        task, began, _ = self.running.pop(number)
        found = parent.noted(self._folder, number)
        if isinstance(found, Result):
            return found
        return Result(task.job.name, why, round(time.monotonic() - began, 3), found)

    def renew(self) -> None:
        """Have a new process take over."""
        self.close()
        self._start()

    def _end(self, patience: float = PATIENCE) -> int:
        self.pipe.close()
        if self.process.pid is None:  # it could not be started
            return 0
        self.process.join(patience)
        parent.kill(self.process.pid)
        self.process.join()
        return self.process.exitcode or 0

    def close(self, patience: float = PATIENCE) -> None:
        """End it, after some seconds in which it may end what it has started."""
        self._end(patience)
        shutil.rmtree(self._folder, ignore_errors=True)


@contextlib.contextmanager
def _deaf() -> Iterator[None]:
    """Have a process be born deaf to Ctrl-C, until it has a group of its own."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    resource_tracker.ensure_running()  # which would open this thread's ears again
    deaf = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, deaf)


def _shown(result: Result) -> tuple[list, bytes | None]:
    """What the cells of an executed notebook have put out, and the page of it."""
    cells = [] if result.notebook is None else json.loads(result.notebook)["cells"]
    return [cell.get("outputs") for cell in cells], result.page


# --- a cluster -----------------------------------------------------------------------------


class Cluster:
    """The workers of a dask cluster, of which each runs a job in a process of its own.

    Parameters
    ----------
    address : str
        Of the scheduler, such as ``tcp://host:8786``.

    Raises
    ------
    NoCluster
        ``distributed`` is not installed, the address is none, no scheduler answers that has
        workers, or these may not start processes.
    """

    def __init__(self, address: str):
        try:
            from distributed import Client
            from distributed.comm import get_address_host_port
        except ImportError:
            raise NoCluster(
                "A cluster needs dask's `distributed`: pip install -e '.[cluster]'."
            ) from None
        start, client = f"`dask worker {address} --nthreads 1 --no-nanny`", None
        try:
            get_address_host_port(address)
        except ValueError as error:
            raise NoCluster(
                f"{address!r} is no address of a scheduler, such as tcp://host:8786: {error}."
            ) from None
        try:
            client = Client(address, timeout=CONNECT, set_as_default=False)
            client.wait_for_workers(1, timeout=CONNECT)
            daemons = client.run(lambda: multiprocessing.current_process().daemon)
        except (OSError, ValueError, TimeoutError) as error:
            if client is not None:
                client.close()
            raise NoCluster(
                f"No scheduler answers at {address} that has workers ({error}). Start one with "
                f"`dask scheduler`, and workers with {start}."
            ) from error
        if any(daemons.values()):
            client.close()
            raise NoCluster(
                f"Workers of {address} may not start processes, as below a nanny. "
                f"Start them with {start}."
            )
        self._client = client
        self.threads = sum(self._client.nthreads().values())
        self._executor = self._client.get_executor(pure=False)

    def run(self, tasks: Iterable[Task]) -> Iterator[Result]:
        """Run tasks, and give what came of each as it ends."""
        left, running, package = iter(tasks), dict[futures.Future[Result], Task](), keys.package()
        while True:
            for task in itertools.islice(left, AHEAD * self.threads - len(running)):
                running[self._executor.submit(run_there, task, package)] = task
            if not running:
                return
            for future in futures.wait(running, LOOK, futures.FIRST_COMPLETED).done:
                task = running.pop(future)
                try:
                    yield future.result()
                except Exception as error:
                    text = f"the worker failed: {type(error).__name__}: {error}"
                    yield Result(task.job.name, text.removesuffix(": "))

    def close(self) -> None:
        """Take back what has not begun."""
        self._executor.shutdown(wait=False)
        self._client.close()


def run_there(task: Task, package: str) -> Result:
    """Run a task on a worker of a cluster, which must have the same version of this package."""
    if package != _package():
        error = "has another version of this package than the caller; install the same one there"
        return Result(task.job.name, f"the worker on {platform.node()} {error}")
    with THERE:
        [made] = _there().run([task])
    return made


_package = functools.cache(keys.package)


@functools.cache
def _there() -> Local:
    found = Local(slots=1)
    atexit.register(found.close)
    return found
