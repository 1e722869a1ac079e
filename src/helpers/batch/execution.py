"""One job, in this process: its notebook by papermill, its page, and what is told of failures."""

import contextlib
import os
import re
import signal
import tempfile
import time
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path

from helpers import language, paths
from helpers.batch.files import fingerprint, write_file
from helpers.batch.jobs import Result, Task, notebook_of
from helpers.errors import CchcError, PageWarning

REFUSED = "the system refused what its process needs"


class OutOfTime(BaseException):
    """The time of the notebook is over; no `except Exception` of a cell holds it up."""


def run(task: Task, note: Callable[[int], object] = lambda cell: None) -> Result:
    """Run one task in this process; a failing notebook does not raise.

    Parameters
    ----------
    task : Task
    note : callable
        Called with the number of each cell that begins, and with 0 when the last has ended.

    Returns
    -------
    Result
        With the executed notebook, failed or not, and the page where all went well.
    """
    try:
        return _run(task, note)
    except (OutOfTime, OSError, CchcError) as error:  # before the notebook or after it
        why = "" if isinstance(error, OutOfTime) else f"{REFUSED}: "
        return Result(task.job.name, f"{why}{error}")


def _run(task: Task, note: Callable[[int], object]) -> Result:
    started, name = time.monotonic(), task.job.name
    place, pages = os.environ.get("TMPDIR"), {}
    with tempfile.TemporaryDirectory(dir=place, ignore_cleanup_errors=True) as temporary:
        folder = Path(temporary)
        with contextlib.chdir(folder), _surroundings(task, folder), _time_limit(task.timeout):
            notebook, failure = _executed(task, note)
            note(0)
            if not failure and task.render is not None:
                pages, failure = _pages(task, notebook)
        if time.monotonic() - started > task.timeout and "error" not in failure:
            pages, failure = {}, {"error": late(task.timeout)}  # a cell has swallowed the end
        files = _new_files(folder / "outputs", task.inputs)
        written = folder / f"{name}.ipynb"
        if written.is_file() and not task.job.code:
            files[notebook_of(name)] = written.read_bytes() + b"\n"
    files |= {f"html/{name}.{end}": content for end, content in pages.items()}
    seconds = round(time.monotonic() - started, 3)
    cells = () if notebook is None else cells_of(notebook)
    return Result(name, seconds=seconds, cells=cells, files=files, **failure)


def _executed(task: Task, note: Callable[[int], object]):
    """Run the notebook in the current folder, by papermill, and say where it failed if it did."""
    import nbformat
    import papermill
    from papermill.exceptions import PapermillExecutionError

    job = task.job
    source, written = Path(job.notebook.name), Path(f"{job.name}.ipynb")
    written.parent.mkdir(parents=True, exist_ok=True)
    nbformat.write(_prepared(task), source)
    try:
        notebook = papermill.execute_notebook(
            str(source),
            str(written),
            job.parameters,
            engine_name="cchc",
            kernel_name="python3",
            language="python",
            progress_bar=False,
            request_save_on_cell_execute=False,
            largest_output=task.largest_output,
            on_cell=note,
        )
        return notebook, {}
    except PapermillExecutionError as error:
        failure = _failure(error)
    except BaseException as error:  # whatever it is, the other jobs go on and the user is told
        failure = {"error": _text_of(error)}
    notebook = nbformat.read(written, as_version=4) if written.is_file() else None
    return notebook, failure


def _prepared(task: Task):
    """The notebook of a task as papermill is given it."""
    import nbformat

    job = task.job
    notebook = nbformat.reads(task.source.decode("utf-8"), as_version=4)
    # Whoever opens the executed notebook has a kernel of this name.
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    notebook.metadata["kernelspec"] = kernel
    notebook.metadata["links"] = list(job.links)
    for cell in notebook.cells:
        cell.metadata.pop("execution", None)  # times of another run
    return language.translated(notebook, job.lang) if job.lang else notebook


def _pages(task: Task, notebook) -> tuple[dict[str, bytes], dict]:
    """Make the page and what is beside it; with them, the fields of the result that say more."""
    assert task.render is not None
    job = task.job
    with (
        language.using(job.lang or language.current()),
        warnings.catch_warnings(record=True) as told,
    ):
        warnings.simplefilter("always", PageWarning)
        try:
            pages = task.render(notebook, job.title or job.name)
        except BaseException as error:
            return {}, {"error": f"the page cannot be made: {_text_of(error)}"}
    of_page = [one for one in told if issubclass(one.category, PageWarning)]
    return pages, {"warnings": tuple(str(one.message) for one in of_page)}


@contextlib.contextmanager
def _surroundings(task: Task, folder: Path) -> Iterator[None]:
    """Where the job finds its figures and puts its files; language and style are put back after."""
    from matplotlib import rc_context

    places = {paths.OUTPUTS: str(folder / "outputs")}
    if task.data:
        places[paths.DATA] = str(_data_folder(task.data, folder.parent))
    for name, content in task.inputs.items():
        write_file(folder / "outputs" / name, content)
    with environment(places), rc_context(), language.using(language.current()):
        yield


@contextlib.contextmanager
def environment(values: dict[str, str]) -> Iterator[None]:
    """Set variables of the environment; all are put back after, whatever was done to them."""
    before = dict(os.environ)
    os.environ.update(values)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


def _data_folder(data: dict[str, bytes], parent: Path) -> Path:
    """Folder with the figures of a task; written once for all tasks with the same figures."""
    folder = parent / f"data-{fingerprint(repr(sorted(data.items())).encode())[:16]}"
    if not folder.exists():
        part = Path(tempfile.mkdtemp(dir=parent))
        for file, content in data.items():
            write_file(part / file, content)
        with contextlib.suppress(OSError):  # another worker was faster
            part.rename(folder)
    return folder


def _new_files(outputs: Path, inputs: dict[str, bytes]) -> dict[str, bytes]:
    """Files that a job put below its outputs folder."""
    files = [path for path in sorted(outputs.rglob("*")) if path.is_file()]
    found = {path.relative_to(outputs).as_posix(): path.read_bytes() for path in files}
    return {name: content for name, content in found.items() if inputs.get(name) != content}


@contextlib.contextmanager
def _time_limit(timeout: float) -> Iterator[None]:
    """End the cell that runs when the time is over, so that what it has put out is kept.

    Where the cell does not end by that, or the system has no such signal, whoever has started this
    process must end it.
    """

    def end(*_):
        raise OutOfTime(late(timeout))

    if not hasattr(signal, "setitimer"):
        yield
        return
    before = signal.signal(signal.SIGALRM, end)
    signal.setitimer(signal.ITIMER_REAL, timeout)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


# --- what went wrong -----------------------------------------------------------------------


def cells_of(notebook) -> tuple[tuple[int, float, str], ...]:
    """Number, seconds and first line of each code cell that ran."""
    found = []
    for cell in notebook.cells:
        took = cell.metadata.get("papermill", {}).get("duration")
        if cell.cell_type == "code" and took is not None and cell.execution_count is not None:
            first = next(iter(cell.source.strip().splitlines()), "")
            found.append((cell.execution_count, round(took, 3), first[:100]))
    return tuple(found)


def _failure(error) -> dict:
    """Say in which cell and line a notebook stopped, and why: the fields of a Result."""
    from papermill.exceptions import strip_color

    if error.ename == "OutOfTime":
        return {"cell": error.exec_count, "error": error.evalue or error.ename}
    found = re.search(r"Cell In\[\d+\], line (\d+)", strip_color("\n".join(error.traceback)))
    # IPython counts from the first line that is not blank.
    code = error.source
    blank = code[: len(code) - len(code.lstrip())].count("\n")
    line = int(found[1]) + blank if found else None
    lines = code.splitlines()
    return {
        "cell": error.exec_count,
        "line": line,
        "source": lines[line - 1].strip() if line and line <= len(lines) else "",
        "error": f"{error.ename}: {error.evalue}".removesuffix(": "),
    }


def _text_of(error: BaseException) -> str:
    if isinstance(error, OutOfTime | CchcError) and str(error):
        return str(error)
    return f"{type(error).__name__}: {error}".removesuffix(": ")


def late(timeout: float) -> str:
    """What is told of a notebook that does not end."""
    return f"it did not end in time ({timeout:g} s for the whole notebook, see --timeout)"


def death(exitcode: int) -> str:
    """What is told of a job whose process has ended before the notebook did."""
    if exitcode >= 0:
        return f"its process ended with status {exitcode} before the notebook did"
    name = signal.Signals(-exitcode).name
    why = ", as it is when memory runs out" if name == "SIGKILL" else ""
    return f"its process was ended by {name}{why}"
