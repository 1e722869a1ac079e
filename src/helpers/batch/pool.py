"""Where jobs run: on this machine, or on the workers of a dask cluster."""

import atexit
import contextlib
import functools
import itertools
import json
import math
import multiprocessing
import platform
import shutil
import signal
import tempfile
import threading
import time
import uuid
from collections.abc import Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, wait
from multiprocessing import resource_tracker
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
    """Processes of this machine: one parent, and a process for each report; see `parent`.

    Parameters
    ----------
    slots : int
        Reports to run at once.
    """

    def __init__(self, slots: int):
        self.slots, self._fork = slots, parent.can_fork()
        self._numbers = itertools.count()
        self._start()

    def _start(self) -> None:
        self._folder = Path(tempfile.gettempdir(), f"cchc-{uuid.uuid4().hex[:12]}")
        context = multiprocessing.get_context("spawn")
        try:
            self._pipe, theirs = context.Pipe()
            arguments = (theirs, self._folder, self._fork)
            self._process = context.Process(target=parent.serve, args=arguments)
            with _deaf(), execution.environment(THREADS):  # before there is any numpy
                self._process.start()
        except OSError as error:
            raise NoProcess(
                f"No process can be started: {error.strerror} (is `ulimit -n` at least 64?)."
            ) from error
        theirs.close()

    def run(self, tasks: Iterable[Task], stays: Task | None = None) -> Iterator[Result]:
        """Run tasks, each in a process of its own, and give what came of each as it ends.

        One that stays is run in the parent itself.
        """
        left, running, made = iter(tasks), dict[int, Task](), list[Result]()
        # Nobody but the caller can end a parent that does not end a task itself.
        end = math.inf if stays is None else time.monotonic() + 2 * (stays.timeout + parent.GRACE)
        while True:
            for task in itertools.islice(left, self.slots - len(running)):
                number = next(self._numbers)
                running[number] = task
                with contextlib.suppress(OSError):  # the parent has died, as is seen below
                    self._pipe.send((number, task, task is stays))
            yield from made  # which the caller writes while the next are run
            if not running:
                return
            made = []
            try:
                if self._pipe.poll(LOOK):  # Windows does not interrupt a wait without an end
                    number, seconds, why = self._pipe.recv()
                    made = [self._result(running.pop(number), number, seconds, why)]
                elif time.monotonic() > end:
                    raise EOFError
            except (EOFError, OSError):
                why = execution.death(self._end())
                made = [self._result(task, number, 0.0, why) for number, task in running.items()]
                running.clear()
                self.close()
                self._start()

    def _result(self, task: Task, number: int, seconds: float, why: str) -> Result:
        found = parent.noted(self._folder, number)
        if isinstance(found, Result):
            return found
        return Result(task.job.name, why, round(seconds, 3), found)

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
        self.close()
        self._start()

    def _end(self) -> int:
        self._pipe.close()
        self._process.join(PATIENCE)
        parent.kill(self._process.pid)
        self._process.join()
        return self._process.exitcode or 0

    def close(self) -> None:
        """End all processes at once."""
        self._end()
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
        ``distributed`` is not installed, the scheduler does not answer, it has no workers, or
        these may not start processes.
    """

    def __init__(self, address: str):
        try:
            from distributed import Client
        except ImportError:
            raise NoCluster(
                "A cluster needs dask's `distributed`: pip install -e '.[cluster]'."
            ) from None
        start = f"`dask worker {address} --nthreads 1 --no-nanny`"
        try:
            self._client = Client(address, timeout=CONNECT, set_as_default=False)
        except (OSError, ValueError, TimeoutError) as error:
            raise NoCluster(
                f"No scheduler answers at {address} ({error}). Start one with `dask scheduler`, "
                f"and workers with {start}."
            ) from error
        self.threads = sum(self._client.nthreads().values())
        problem = ""
        if not self.threads:
            problem = f"The scheduler at {address} has no workers. Start some with {start}."
        elif any(self._client.run(_may_not_start_processes).values()):
            problem = (
                f"Workers of {address} may not start processes, as below a nanny. "
                f"Start them with {start}."
            )
        if problem:
            self._client.close()
            raise NoCluster(problem)
        self._executor = self._client.get_executor(pure=False)

    def run(self, tasks: Iterable[Task]) -> Iterator[Result]:
        """Run tasks, and give what came of each as it ends."""
        left, running, package = iter(tasks), dict[Future[Result], Task](), keys.package()
        while True:
            for task in itertools.islice(left, AHEAD * self.threads - len(running)):
                running[self._executor.submit(run_there, task, package)] = task
            if not running:
                return
            for future in wait(running, timeout=LOOK, return_when=FIRST_COMPLETED).done:
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


def _may_not_start_processes() -> bool:
    return multiprocessing.current_process().daemon


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
