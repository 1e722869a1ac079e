"""Run notebooks in parallel, each in a kernel of its own, and say what happened to each.

A `Job` is plain data. Its notebook travels to the worker as bytes, and the executed notebook and
the page come back as bytes, so that a worker needs no disk in common with the caller. Only the
caller writes files, and each file is moved into place whole.
"""

import contextlib
import hashlib
import json
import logging
import multiprocessing
import os
import platform
import re
import shutil
import signal
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import (
    FIRST_COMPLETED,
    BrokenExecutor,
    Executor,
    Future,
    ProcessPoolExecutor,
    wait,
)
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import nbformat
import papermill
from jupyter_client.kernelspec import KernelSpecManager
from jupyter_client.manager import AsyncKernelManager
from nbclient.exceptions import CellTimeoutError, DeadKernelError
from nbformat import NotebookNode
from papermill.exceptions import PapermillExecutionError, strip_color
from traitlets import default

from helpers.errors import CchcError

KERNEL = "python3"
STARTS = 3  # tries to start a kernel
START_TIMEOUT = 120  # seconds; a cold kernel on a busy machine can take over a minute
THREADS = {
    name: "1" for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
}  # one each: workers already fill the cores
PACKAGES = (
    "cchc-notebooks",
    "ipykernel",
    "matplotlib",
    "nbconvert",
    "numpy",
    "pandas",
    "papermill",
    "scipy",
    "seaborn",
    "statsmodels",
)

Render = Callable[[NotebookNode, str], str]


class BadNotebook(CchcError):
    """A notebook is missing, is not a notebook, or does not take the parameters of its job."""


class OutputError(CchcError):
    """A file of the outputs folder cannot be written."""


@dataclass(frozen=True)
class Job:
    """One notebook to run with one set of parameters.

    Attributes
    ----------
    notebook : Path
        The notebook to run.
    parameters : dict
        Values for the cell tagged ``parameters``.
    name : str
        Name of the files that come of it, without a suffix.
    title : str
        Title of the page; the name where it is empty.
    """

    notebook: Path
    parameters: dict
    name: str
    title: str = ""


@dataclass(frozen=True)
class Result:
    """What became of one job.

    Attributes
    ----------
    name : str
        Name of the job.
    ok : bool
        Every cell ran and the page was made.
    seconds : float
        Wall time in the worker, kernel start included.
    cell : int or None
        Number of the failing cell, as in ``In [3]`` of the executed notebook.
    line : int or None
        Line of that cell, from 1.
    source : str
        Text of that line.
    error : str
        What went wrong, "" where nothing did.
    page_removed : bool
        A page of an earlier run was taken away, because it no longer belongs to the notebook.
    """

    name: str
    ok: bool
    seconds: float
    cell: int | None = None
    line: int | None = None
    source: str = ""
    error: str = ""
    page_removed: bool = False


@dataclass(frozen=True)
class Made:
    """What a worker hands back: the result, and the bytes of the notebook and of its page."""

    result: Result
    notebook: bytes | None
    page: bytes | None


# --- the caller's side ---------------------------------------------------------------------


def run(
    jobs: Sequence[Job],
    outputs: Path,
    workers: int,
    on_done: Callable[[Result], None] | None = None,
    render: Render | None = None,
    data: Path | None = None,
) -> list[Result]:
    """Run every job, write what comes of it, and return the results in the order of the jobs.

    A job that fails does not stop the others. ``notebooks/<name>.ipynb`` is written for every
    job, failed ones too; ``html/<name>.html`` only for those that went well. Where a job fails,
    the page of an earlier run is removed: no page is better than one that looks current and is
    not. ``run.json`` tells of the last run.

    Parameters
    ----------
    jobs : sequence of Job
        With names that differ.
    outputs : Path
        Folder for the files; made where it is missing.
    workers : int
        Processes to use, at least 1. Each runs one kernel at a time.
    on_done : callable, optional
        Called with each Result as it comes, in this process.
    render : callable, optional
        Makes the page of an executed notebook and a title. It must be importable in a worker.
    data : Path, optional
        Folder whose CSV files the notebooks read; their hashes go into ``run.json``.

    Raises
    ------
    BadNotebook
        Before anything runs: a notebook is missing or does not take its parameters.
    OutputError
        A file cannot be written, for example on a full disk.
    KeyboardInterrupt
        After the workers and their kernels have ended and ``run.json`` is written.
    """
    if workers < 1 or len({job.name for job in jobs}) < len(jobs):
        raise ValueError("run() takes at least one worker, and jobs with names that differ")
    sources = {path: _read(path) for path in {job.notebook for job in jobs}}
    _check_parameters(jobs, sources)
    figures = [] if data is None else sorted(data.glob("*.csv"))
    hashes = {
        "data": _hashes({path: _read(path) for path in figures}),
        "notebooks": _hashes(sources),
    }
    record = _Record(outputs / "run.json", jobs, workers, hashes)
    record.write("running")  # also shows that the folder can be written, before an hour of work

    def take(made: Made) -> None:
        result = _store(made, outputs)
        record.results[result.name] = result
        if on_done is not None:
            on_done(result)

    try:
        with _pool(min(workers, max(len(jobs), 1))) as executor:
            _run_on(executor, jobs, sources, render, take)
    except KeyboardInterrupt:
        record.write("interrupted")
        raise
    results = [record.results[job.name] for job in jobs]
    record.write("ok" if all(result.ok for result in results) else "failed")
    return results


def _run_on(
    executor: Executor,
    jobs: Sequence[Job],
    sources: dict[Path, bytes],
    render: Render | None,
    take: Callable[[Made], None],
) -> None:
    with _no_interrupt():  # a worker is born deaf to Ctrl-C, and the caller stops it
        pending = {
            executor.submit(execute, job, sources[job.notebook], render): job for job in jobs
        }
    while pending:
        # With a timeout, since Windows does not interrupt a wait without one.
        done, _ = wait(pending, timeout=0.5, return_when=FIRST_COMPLETED)
        for future in done:
            take(_made(future, pending.pop(future)))


def _made(future: Future, job: Job) -> Made:
    try:
        return future.result()
    except BrokenExecutor:
        error = "a worker process died, as it does when memory runs out; run it again"
        return Made(Result(job.name, ok=False, seconds=0.0, error=error), None, None)


def _store(made: Made, outputs: Path) -> Result:
    result = made.result
    notebook = outputs / "notebooks" / f"{result.name}.ipynb"
    page = outputs / "html" / f"{result.name}.html"
    if made.notebook is None:
        _remove(notebook)
    else:
        write_file(notebook, made.notebook)
    if made.page is not None:
        write_file(page, made.page)
    elif _remove(page):
        return replace(result, page_removed=True)
    return result


def write_file(path: Path, content: bytes) -> None:
    """Write a file whole or not at all: under another name, then moved into place.

    Raises
    ------
    OutputError
        Names the file and what the system said.
    """
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        part.write_bytes(content)
        part.replace(path)
    except OSError as error:
        with contextlib.suppress(OSError):
            part.unlink(missing_ok=True)
        raise OutputError(f"Cannot write {path}: {error.strerror or error}.") from error


def _remove(path: Path) -> bool:
    """Remove a file and say whether it was there."""
    try:
        path.unlink()
    except FileNotFoundError:
        return False
    except OSError as error:
        raise OutputError(f"Cannot remove {path}: {error.strerror or error}.") from error
    return True


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise BadNotebook(f"Cannot read {path}: {error.strerror}.") from error


def _check_parameters(jobs: Sequence[Job], sources: dict[Path, bytes]) -> None:
    """Refuse a parameter that its notebook does not have: it would run with its default."""
    known = {path: _parameters(path, source) for path, source in sources.items()}
    for job in jobs:
        unknown = [name for name in job.parameters if name not in known[job.notebook]]
        if unknown:
            raise BadNotebook(
                f"{job.notebook} has no parameter {', '.join(unknown)}: set it in the cell tagged "
                f"`parameters`, which has {', '.join(known[job.notebook]) or 'none'}."
            )


def _parameters(path: Path, source: bytes) -> list[str]:
    try:
        return list(papermill.inspect_notebook(_parse(source)))
    except (ValueError, AttributeError, nbformat.ValidationError) as error:
        raise BadNotebook(f"{path} is not a notebook: {error}") from error


def _parse(source: bytes) -> NotebookNode:
    notebook = nbformat.reads(source.decode("utf-8"), as_version=4)
    notebook.metadata["kernelspec"] = {
        "name": KERNEL,
        "display_name": "Python 3",
        "language": "python",
    }
    return notebook


# --- what ran ------------------------------------------------------------------------------


@dataclass
class _Record:
    """The content of run.json while it grows.

    ``status`` is running, ok, failed or interrupted; a record that stays at running is of a run
    that was killed. Times are UTC, ``data`` and ``notebooks`` are SHA-256 by file name, and
    ``reports`` has for each job its parameters, ok, failed or not run, and the fields of `Result`.
    """

    path: Path
    jobs: Sequence[Job]
    workers: int
    hashes: dict[str, dict[str, str]]
    started: datetime = field(default_factory=lambda: datetime.now(UTC))
    results: dict[str, Result] = field(default_factory=dict)

    def write(self, status: str) -> None:
        finished = None if status == "running" else datetime.now(UTC)
        content = {
            "schema": 1,
            "status": status,
            "started": self.started.isoformat(timespec="seconds"),
            "finished": finished and finished.isoformat(timespec="seconds"),
            "seconds": finished and round((finished - self.started).total_seconds(), 2),
            "workers": self.workers,
            "versions": _versions(),
            **self.hashes,
            "reports": [self._report(job) for job in self.jobs],
        }
        text = json.dumps(content, ensure_ascii=False, indent=1) + "\n"
        write_file(self.path, text.encode())

    def _report(self, job: Job) -> dict:
        head = {
            "name": job.name,
            "notebook": job.notebook.name,
            "parameters": job.parameters,
        }
        result = self.results.get(job.name)
        if result is None:
            return {**head, "status": "not run"}
        rest = {key: value for key, value in asdict(result).items() if key not in ("name", "ok")}
        return {**head, "status": "ok" if result.ok else "failed", **rest}


def _hashes(contents: dict[Path, bytes]) -> dict[str, str]:
    pairs = ((path.name, hashlib.sha256(content).hexdigest()) for path, content in contents.items())
    return dict(sorted(pairs))


def _versions() -> dict[str, str]:
    versions = {"python": platform.python_version()}
    for package in PACKAGES:
        with contextlib.suppress(PackageNotFoundError):  # what is not there cannot have run
            versions[package] = version(package)
    return versions


# --- the pool ------------------------------------------------------------------------------


@contextlib.contextmanager
def _pool(workers: int) -> Iterator[Executor]:
    """Make a process pool that leaves neither worker nor kernel behind, however the body ends."""
    others = set(multiprocessing.active_children())
    with tempfile.TemporaryDirectory(prefix="cchc-", ignore_cleanup_errors=True) as folder:
        executor = ProcessPoolExecutor(
            workers,
            mp_context=multiprocessing.get_context("spawn"),
            initializer=_prepare_worker,
            initargs=(folder,),
        )
        try:
            yield executor
            executor.shutdown()
        except BaseException:
            with _no_interrupt():
                executor.shutdown(wait=False, cancel_futures=True)
                for process in set(multiprocessing.active_children()) - others:
                    process.terminate()
                executor.shutdown()
            raise


@contextlib.contextmanager
def _no_interrupt() -> Iterator[None]:
    """Ignore Ctrl-C for a moment, also in the processes that are started meanwhile."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


# --- the worker's side ---------------------------------------------------------------------

_kernels: list["_Kernel"] = []  # the running kernel of this process, if any


class _Kernel(AsyncKernelManager):
    """A kernel of this very interpreter, whatever kernelspecs the user's home holds."""

    @default("kernel_spec_manager")
    def _only_this_python(self) -> KernelSpecManager:
        return KernelSpecManager(parent=self, kernel_dirs=[], ensure_native_kernel=True)

    async def start_kernel(self, **kwargs) -> None:
        _kernels[:] = [self]
        with Path("kernel.log").open("ab") as log:  # in the folder of the job
            await super().start_kernel(stdout=log, stderr=log, **kwargs)

    def kill(self) -> None:
        process = getattr(self.provisioner, "process", None)
        if process is None or process.poll() is not None:
            return
        if hasattr(os, "killpg"):
            os.killpg(process.pid, signal.SIGKILL)  # a kernel leads a group of its own
        else:
            process.kill()


def _prepare_worker(folder: str) -> None:
    """Set up a worker: quiet, one thread, its own folders, and an end together with its parent."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, lambda *_: _end())
    threading.Thread(target=_end_with_parent, args=(folder,), daemon=True).start()
    own = tempfile.mkdtemp(dir=folder)
    tempfile.tempdir = own
    os.environ.update(THREADS)
    # A kernel reads no start-up files of the user, and a home that cannot be written does no harm.
    os.environ.update(IPYTHONDIR=f"{own}/ipython", JUPYTER_RUNTIME_DIR=f"{own}/runtime")
    os.environ["PYTHONUTF8"] = "1"
    for name in ("papermill", "traitlets"):  # what fails comes back in the Result
        logging.getLogger(name).setLevel(logging.CRITICAL)


def _end_with_parent(folder: str) -> None:
    """Wait for the caller to go away, however it does, and tidy up in its place."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        _kill_kernels()
        shutil.rmtree(folder, ignore_errors=True)
        os._exit(1)


def _end() -> None:
    _kill_kernels()
    os._exit(1)


def _kill_kernels() -> None:
    for kernel in _kernels:
        with contextlib.suppress(OSError):  # it has just ended by itself
            kernel.kill()


def execute(job: Job, source: bytes, render: Render | None = None) -> Made:
    """Run one job in this process and return what came of it; a failing notebook does not raise.

    Parameters
    ----------
    job : Job
        What to run.
    source : bytes
        The notebook, as read from its file.
    render : callable, optional
        Makes the page of an executed notebook and a title.

    Returns
    -------
    Made
        With the executed notebook, failed or not, and the page where all went well.
    """
    started = time.monotonic()
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as name:
        folder = Path(name)
        failure = _papermill(job, source, folder)
        notebook = _executed(folder / "executed.ipynb", job)
        log = folder / "kernel.log"
        if failure is not None:
            failure = _failure(failure, notebook, log)
    page = None
    if failure is None and render is not None:
        try:
            page = render(notebook, job.title or job.name).encode()
        except CchcError as error:
            failure = {"error": f"the page cannot be made: {error}"}
        except Exception as error:
            failure = {"error": f"the page cannot be made: {type(error).__name__}: {error}"}
    seconds = round(time.monotonic() - started, 3)
    result = Result(job.name, ok=failure is None, seconds=seconds, **(failure or {}))
    text = None if notebook is None else nbformat.writes(notebook) + "\n"
    return Made(result, text and text.encode(), page)


def _papermill(job: Job, source: bytes, folder: Path) -> Exception | None:
    """Run a notebook into ``executed.ipynb`` of the folder; return what stopped it."""
    given = folder / job.notebook.name
    for _ in range(STARTS):
        error = _run_once(job, source, given, folder)
        if not _never_started(error):
            break
    return error


def _never_started(error: Exception | None) -> bool:
    """Whether a kernel ended before it could be spoken to, so that no cell can have run.

    Two kernels that start at once in two processes can be given the same port.
    """
    return isinstance(error, RuntimeError) and "before replying to kernel_info" in str(error)


def _run_once(job: Job, source: bytes, given: Path, folder: Path) -> Exception | None:
    try:
        given.write_text(nbformat.writes(_parse(source)), encoding="utf-8")
        papermill.execute_notebook(
            given,
            folder / "executed.ipynb",
            parameters=job.parameters,
            kernel_name=KERNEL,
            language="python",
            kernel_manager_class=_Kernel,
            start_timeout=START_TIMEOUT,
            progress_bar=False,
            cwd=folder,
        )
    except Exception as error:  # whatever it is, the other jobs go on and the user is told
        return error
    finally:
        _kernels.clear()
    return None


def _executed(path: Path, job: Job) -> NotebookNode | None:
    if not path.exists():
        return None
    notebook = nbformat.read(path, as_version=4)
    # Papermill notes the temporary folder, which says nothing to anyone.
    notebook.metadata.papermill.update(
        input_path=job.notebook.name, output_path=f"{job.name}.ipynb"
    )
    return notebook


def _failure(error: Exception, notebook: NotebookNode | None, log: Path) -> dict:
    """Say in which cell and line a notebook stopped, and why: the fields of a Result."""
    if isinstance(error, PapermillExecutionError):
        trace = strip_color("\n".join(error.traceback))
        found = re.search(r"Cell In\[\d+\], line (\d+)", trace)
        # IPython counts from the first line that is not blank.
        blank = len(re.match(r"(?:[^\S\n]*\n)*", error.source)[0].splitlines())
        line = int(found[1]) + blank if found else None
        return {
            "cell": error.exec_count,
            "line": line,
            "source": _line(error.source, line),
            "error": f"{error.ename}: {error.evalue}".removesuffix(": "),
        }
    where = {} if notebook is None else _last_started(notebook)
    if isinstance(error, DeadKernelError):
        return {
            **where,
            "error": "the kernel died, as it does when memory runs out" + _last_words(log),
        }
    if isinstance(error, CellTimeoutError):
        return {**where, "error": "the cell did not end in time"}
    return {**where, "error": f"{type(error).__name__}: {error}".removesuffix(": ")}


def _last_started(notebook: NotebookNode) -> dict:
    """Find the cell that was running when the kernel went away."""
    number, found = 0, {}
    for cell in notebook.cells:
        if cell.cell_type == "code" and cell.source.strip():
            number += 1
            if cell.metadata.get("papermill", {}).get("start_time"):
                found = {"cell": number}
    return found


def _line(source: str, line: int | None) -> str:
    lines = source.splitlines()
    return lines[line - 1].strip() if line is not None and 1 <= line <= len(lines) else ""


def _last_words(log: Path) -> str:
    """Return what the kernel's own stderr says of its death, as " (...)", or ""."""
    if not log.exists():
        return ""
    lines = log.read_text(encoding="utf-8", errors="replace").splitlines()
    fatal = [line.strip() for line in lines if line.startswith(("Fatal", "MemoryError"))]
    return f": {fatal[0]}" if fatal else ""
