"""Where jobs run: in processes of this machine, or on the workers of a dask cluster.

Both are a `concurrent.futures.Executor`, and nothing else is asked of them.
"""

import contextlib
import multiprocessing
import os
import signal
import tempfile
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor, ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing.context import BaseContext
from pathlib import Path

from helpers.batch import worker
from helpers.batch.files import temporary_folder
from helpers.errors import CchcError
from helpers.kernels import LONGEST_SOCKET, can_fork, nursery

CONNECT = 20  # seconds to wait for a scheduler
# By the process that workers are forked from: its own end, then what runs notebooks, makes pages.
PRELOADED = ["helpers.batch.server", "helpers.batch.ready", "helpers.site"]


class NoCluster(CchcError):
    """The cluster cannot be reached, or what speaks to it is not installed."""


@dataclass(frozen=True)
class Pool:
    """An executor, and how many jobs it runs at once."""

    executor: Executor
    slots: int


@contextlib.contextmanager
def local(
    workers: int, environment: Callable[[Path], dict[str, str]], modules: Sequence[str] = ()
) -> Iterator[Pool]:
    """Make a process pool that leaves neither worker nor kernel behind, however the body ends.

    Parameters
    ----------
    workers : int
    environment : callable
        Of the workers' kernels, given a folder of the pool's: one nursery forks them for all.
    modules : sequence of str
        What the workers import besides, for the jobs that they get.
    """
    others = set(multiprocessing.active_children())
    with temporary_folder() as folder, nursery.shared(folder, environment(folder)):
        executor = ProcessPoolExecutor(
            workers,
            mp_context=_context(modules),
            initializer=worker.prepare,
            initargs=(str(folder), dict(os.environ)),
        )
        try:
            yield Pool(executor, workers)
            executor.shutdown()
        except BaseException:
            with held_interrupt():
                executor.shutdown(wait=False, cancel_futures=True)
                for process in set(multiprocessing.active_children()) - others:
                    process.terminate()
                executor.shutdown()
            raise


def _context(modules: Sequence[str]) -> BaseContext:
    """How workers are started: forked from a process that has imported what they need."""
    # Where multiprocessing puts the socket of that process.
    server = Path(tempfile.gettempdir(), "pymp-12345678", "listener-12345678")
    if not can_fork() or len(os.fsencode(server)) > LONGEST_SOCKET:
        return multiprocessing.get_context("spawn")
    context = multiprocessing.get_context("forkserver")
    others = [name for name in modules if name != "__main__"]  # each worker's own
    context.set_forkserver_preload([*PRELOADED, *others])
    return context


@contextlib.contextmanager
def cluster(address: str) -> Iterator[Pool]:
    """Use the workers of a dask cluster.

    Parameters
    ----------
    address : str
        Of the scheduler, such as ``tcp://host:8786``.

    Raises
    ------
    NoCluster
        ``distributed`` is not installed, the scheduler does not answer, or it has no workers.
    """
    try:
        from distributed import Client
    except ImportError:
        raise NoCluster(
            "A cluster needs dask's `distributed`: pip install -e '.[cluster]'."
        ) from None
    try:
        client = Client(address, timeout=CONNECT, set_as_default=False)
    except (OSError, ValueError, TimeoutError) as error:
        raise NoCluster(
            f"No scheduler answers at {address} ({error}). Start one with `dask scheduler`, "
            "and workers with `dask worker ADDRESS --nthreads 1`."
        ) from error
    with client:
        threads = sum(client.nthreads().values())
        if not threads:
            raise NoCluster(
                f"The scheduler at {address} has no workers. Start some with "
                f"`dask worker {address} --nthreads 1`."
            )
        executor = client.get_executor(pure=False)
        try:
            yield Pool(executor, threads)
        finally:
            executor.shutdown(wait=False)


@contextlib.contextmanager
def held_interrupt() -> Iterator[None]:
    """Hold Ctrl-C back for a moment, and keep it from the processes that are started meanwhile.

    Those begin with the signal blocked, which outlasts the start of another program. What is held
    back is lost where the body raises: that ends the run as well.
    """
    if threading.current_thread() is not threading.main_thread():  # which Ctrl-C does not reach
        yield
        return
    held: list[int] = []
    handler = signal.signal(signal.SIGINT, lambda number, _: held.append(number))
    masks = hasattr(signal, "pthread_sigmask")
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT}) if masks else None
    try:
        yield
    finally:
        if before is not None:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)
        signal.signal(signal.SIGINT, handler)
    if held:
        signal.raise_signal(held[0])
