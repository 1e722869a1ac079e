"""One job, in a worker: unpack what it needs, run it, and pack up what came of it."""

import atexit
import contextlib
import functools
import gc
import importlib
import logging
import multiprocessing
import os
import shutil
import signal
import tempfile
import threading
import time
import warnings
from collections.abc import Iterator
from pathlib import Path

from helpers import language, paths
from helpers.batch import keys
from helpers.batch.files import fingerprint, temporary_folder, write_file
from helpers.batch.jobs import Job, Made, Options, Render, Result, Task
from helpers.errors import CchcError, PageWarning
from helpers.kernels import AT_ONCE, THREADS, WARM_YEARS, nursery

_folder: Path | None = None  # of this process, for all its jobs
_pool_folder: Path | None = None  # of this process and the workers beside it


def prepare(folder: str, env: dict[str, str]) -> None:
    """Set up a worker process: quiet, and with an end of its own when its parent ends.

    Parameters
    ----------
    folder : str
        That the workers of a pool have in common.
    env : dict
        The caller's environment now; the process that workers are forked from may be older.
    """
    global _folder, _pool_folder
    if dict(os.environ) != env:
        os.environ.clear()
        os.environ.update(env)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if hasattr(signal, "pthread_sigmask"):  # not for the kernels of this worker
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
    signal.signal(signal.SIGTERM, lambda *_: _end())
    threading.Thread(target=_end_with_parent, args=(folder,), daemon=True).start()
    _pool_folder = Path(folder)
    _folder = Path(tempfile.mkdtemp(prefix="", dir=folder))
    nursery.look_in(_pool_folder)
    tempfile.tempdir = str(_folder)
    importlib.import_module("helpers.batch.ready")  # where workers are not forked from it
    gc.set_threshold(20_000, 10, 10)  # pages are many small objects, hardly any of them in circles
    gc.freeze()  # nor among what is imported
    for name in ("papermill", "traitlets"):  # what fails comes back in the Result
        logging.getLogger(name).setLevel(logging.CRITICAL)


def _end_with_parent(folder: str) -> None:
    """Wait for the caller to go away, however it does, and tidy up in its place."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        _stop_kernels()
        shutil.rmtree(folder, ignore_errors=True)
        os._exit(1)


def _end() -> None:
    _stop_kernels()
    os._exit(1)


def _stop_kernels() -> None:
    from helpers.batch import execution

    execution.kill_all()


def _process_folder() -> Path:
    """Folder of this process; a worker that `prepare` did not set up, as dask's, makes one."""
    global _folder
    if _folder is None:
        stack = contextlib.ExitStack()
        _folder = stack.enter_context(temporary_folder())
        atexit.register(stack.close)
    return _folder


def execute(job: Job, source: bytes, render: Render | None = None) -> Made:
    """Run one job in this process, with the figures and outputs of its own project.

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
        As `run_task`.
    """
    return run_task(Task(job, source, render))


def run_task(task: Task) -> Made:
    """Run one task and return what came of it; a failing notebook does not raise.

    Returns
    -------
    Made
        With the executed notebook, failed or not, and the page where all went well.
    """
    started = time.monotonic()
    job = task.job
    if task.package and task.package != _package():
        error = (
            f"the worker on {os.uname().nodename if hasattr(os, 'uname') else 'a machine'} has "
            "another version of this package than the caller; install the same one there"
        )
        return Made(Result(job.name, ok=False, seconds=0.0, error=error), None, None)
    with tempfile.TemporaryDirectory(dir=_process_folder(), ignore_cleanup_errors=True) as name:
        folder = Path(name)
        from helpers.batch import execution

        env = _environment(task, folder)
        with execution.run(job, task.source, folder, env, task.options) as (notebook, failure):
            page = None
            if not failure and task.render is not None:
                # The page tells of the figures too: of those of the task, not of the worker's own.
                own = paths.using_data(Path(env[paths.DATA])) if task.data else None
                with own or contextlib.nullcontext():
                    page, failure = _page(task.render, notebook, job)
        files = {} if task.inputs is None else _new_files(folder / "outputs", task.inputs)
    text = None
    cells: tuple[tuple[int, float, str], ...] = ()
    if notebook is not None:
        import nbformat

        text = (nbformat.v4.writes(notebook) + "\n").encode()
        cells = execution.cells(notebook)
    seconds = round(time.monotonic() - started, 3)
    ok = "error" not in failure
    result = Result(job.name, ok=ok, seconds=seconds, cells=cells, **failure)
    return Made(result, text, page, files)


_package = functools.cache(keys.package)


def _page(render: Render, notebook, job: Job) -> tuple[bytes | None, dict]:
    """Make the page; give with it the fields of the result that say what it lacks."""
    with language.using(job.lang or language.current()), _page_warnings() as told:
        try:
            page = render(notebook, job.title or job.name).encode()
        except CchcError as error:
            return None, {"error": f"the page cannot be made: {error}"}
        except Exception as error:
            return None, {"error": f"the page cannot be made: {type(error).__name__}: {error}"}
    return page, {"warnings": tuple(told)}


@contextlib.contextmanager
def _page_warnings() -> Iterator[list[str]]:
    """Collect what is said of the page; other warnings go their way."""
    told: list[str] = []
    with warnings.catch_warnings(record=True) as found:
        warnings.simplefilter("always", PageWarning)
        yield told
    for one in found:
        if issubclass(one.category, PageWarning):
            told.append(str(one.message))
        else:
            warnings.showwarning(one.message, one.category, one.filename, one.lineno)


def environment(figures: dict[str, bytes], options: Options, folder: Path) -> dict[str, str]:
    """Environment of all kernels with the same figures, which are in a folder below this one."""
    env = {**os.environ, **THREADS, "PYTHONUTF8": "1"}
    env[WARM_YEARS] = " ".join(map(str, options.warm_years))
    if figures:
        env[paths.DATA] = str(_data_folder(figures, folder))
    return env


def _environment(task: Task, folder: Path) -> dict[str, str]:
    """Environment of one kernel: the task's figures and files, and nothing of the user's home."""
    own = _process_folder()
    env = environment(task.data, task.options, _pool_folder or own)
    env |= {"IPYTHONDIR": f"{own}/ipython", "JUPYTER_RUNTIME_DIR": f"{own}/runtime"}
    if not task.job.needs:
        env[AT_ONCE] = "1"
    if task.inputs is not None:
        env[paths.OUTPUTS] = str(folder / "outputs")
        for name, content in task.inputs.items():
            write_file(folder / "outputs" / name, content)
    return env


def _data_folder(data: dict[str, bytes], parent: Path) -> Path:
    """Folder with the figures of a task; written once for all tasks with the same figures."""
    name = fingerprint("".join(f"{n}:{fingerprint(data[n])}" for n in sorted(data)).encode())
    folder = parent / f"data-{name[:16]}"
    if not folder.exists():
        part = Path(tempfile.mkdtemp(dir=parent))
        for file, content in data.items():
            write_file(part / file, content)
        with contextlib.suppress(OSError):  # another worker was faster
            part.rename(folder)
    return folder


def _new_files(outputs: Path, inputs: dict[str, bytes]) -> dict[str, bytes]:
    """Files that a job put below its outputs folder."""
    found = {
        path.relative_to(outputs).as_posix(): path.read_bytes()
        for path in sorted(outputs.rglob("*"))
        if path.is_file()
    }
    return {name: content for name, content in found.items() if inputs.get(name) != content}
