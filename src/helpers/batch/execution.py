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
from helpers.batch.jobs import Made, Options, OutOfTime, Result, Task
from helpers.errors import CchcError, PageWarning

Tell = Callable[[str, object], None]


def run(task: Task, tell: Tell = lambda what, content: None) -> Made:
    """Run one task in this process; a failing notebook does not raise.

    Parameters
    ----------
    task : Task
    tell : callable
        Told ("cell", (place, cell)) of each cell as it begins and as it ends.

    Returns
    -------
    Made
        With the executed notebook, failed or not, and the page where all went well.
    """
    started = time.monotonic()
    job, files = task.job, {}
    place = os.environ.get("TMPDIR")
    with tempfile.TemporaryDirectory(dir=place, ignore_cleanup_errors=True) as name:
        folder = Path(name)
        with contextlib.chdir(folder), _surroundings(task, folder), _ended_by_sigterm():
            notebook, failure = _executed(task, tell)
            page = None
            if not failure and task.render is not None:
                page, failure = _page(task, notebook)
        if task.inputs is not None:
            files = _new_files(folder / "outputs", task.inputs)
        written = folder / f"{job.name}.ipynb"
        text = written.read_bytes() + b"\n" if written.is_file() else None
    seconds = round(time.monotonic() - started, 3)
    cells = () if notebook is None else cells_of(notebook)
    ok = "error" not in failure
    result = Result(job.name, ok=ok, seconds=seconds, cells=cells, **failure)
    return Made(result, text, page, files)


def _executed(task: Task, tell: Tell):
    """Run the notebook in the current folder, by papermill, and say where it failed if it did."""
    import nbformat
    import papermill
    from papermill.exceptions import PapermillExecutionError

    job = task.job
    written = Path(f"{job.name}.ipynb")
    failure: dict = {}
    try:
        papermill.execute_notebook(
            **arguments(task, Path()),
            engine_name="cchc",
            largest_output=task.options.largest_output,
            on_cell=lambda index, cell: tell("cell", (index, cell)),
        )
    except PapermillExecutionError as error:
        failure = _failure(error, task.options)
    except BaseException as error:  # whatever it is, the other jobs go on and the user is told
        failure = {"error": _text_of(error, task.options)}
    if not written.is_file():
        return None, failure
    return nbformat.read(written, as_version=4), failure


def arguments(task: Task, folder: Path) -> dict:
    """Write the notebook of a task into a folder, and give papermill's arguments for it."""
    import nbformat

    job = task.job
    notebook = nbformat.reads(task.source.decode("utf-8"), as_version=4)
    # Whoever opens the executed notebook has a kernel of this name.
    notebook.metadata["kernelspec"] = {
        "name": "python3",
        "display_name": "Python 3",
        "language": "python",
    }
    notebook.metadata["links"] = list(job.links)
    for cell in notebook.cells:
        cell.metadata.pop("execution", None)  # times of another run
    if job.lang:
        notebook = language.translated(notebook, job.lang)
    source, output = folder / job.notebook.name, folder / f"{job.name}.ipynb"
    output.parent.mkdir(parents=True, exist_ok=True)
    nbformat.write(notebook, source)
    return {
        "input_path": str(source),
        "output_path": str(output),
        "parameters": job.parameters,
        "kernel_name": "python3",
        "language": "python",
        "progress_bar": False,
        "request_save_on_cell_execute": False,
    }


def _page(task: Task, notebook) -> tuple[bytes | None, dict]:
    """Make the page; give with it the fields of the result that say what it lacks."""
    assert task.render is not None
    job = task.job
    with language.using(job.lang or language.current()), _page_warnings() as told:
        try:
            page = task.render(notebook, job.title or job.name).encode()
        except CchcError as error:
            return None, {"error": f"the page cannot be made: {error}"}
        except BaseException as error:
            return None, {"error": f"the page cannot be made: {_text_of(error, task.options)}"}
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


@contextlib.contextmanager
def _surroundings(task: Task, folder: Path) -> Iterator[None]:
    """Where the job finds its figures and puts its files; language and style are put back after."""
    from matplotlib import rc_context

    before = dict(os.environ)
    if task.data:
        os.environ[paths.DATA] = str(_data_folder(task.data))
    if task.inputs is not None:
        os.environ[paths.OUTPUTS] = str(folder / "outputs")
        for name, content in task.inputs.items():
            write_file(folder / "outputs" / name, content)
    try:
        with rc_context(), language.using(language.current()):
            yield
    finally:
        os.environ.clear()
        os.environ.update(before)


def _data_folder(data: dict[str, bytes]) -> Path:
    """Folder with the figures of a task; written once for all tasks with the same figures."""
    parent = Path(os.environ.get("TMPDIR") or tempfile.gettempdir())
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


@contextlib.contextmanager
def _ended_by_sigterm() -> Iterator[None]:
    """Let the caller end the cell that runs, by SIGTERM, so that what it has put out is kept."""

    def over(*_):
        raise OutOfTime

    before = signal.signal(signal.SIGTERM, over)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


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


def _failure(error, options: Options) -> dict:
    """Say in which cell and line a notebook stopped, and why: the fields of a Result."""
    from papermill.exceptions import strip_color

    if error.ename == "OutOfTime":
        return {"cell": error.exec_count, "error": late(options)}
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


def _text_of(error: BaseException, options: Options) -> str:
    if isinstance(error, OutOfTime):
        return late(options)
    return f"{type(error).__name__}: {error}".removesuffix(": ")


def late(options: Options) -> str:
    """What is told of a notebook that does not end."""
    return f"it did not end in time ({options.timeout:g} s for the whole notebook, see --timeout)"


def death(exitcode: int) -> str:
    """What is told of a job whose process has ended before the notebook did."""
    if exitcode >= 0:
        return f"its process ended with status {exitcode} before the notebook did"
    name = signal.Signals(-exitcode).name
    why = ", as it is when memory runs out" if name == "SIGKILL" else ""
    return f"its process was ended by {name}{why}"


def broken_off(task: Task, seen: dict, error: str, seconds: float) -> Made:
    """Give what is known of a job whose process has gone: its notebook as far as it was told.

    Parameters
    ----------
    task : Task
    seen : dict
        Each cell that was told of, by its place; the last one was running.
    error : str
    seconds : float
        Wall time.
    """
    import nbformat
    import papermill

    from helpers.batch.engine import runs

    job, number, last = task.job, 0, None
    with tempfile.TemporaryDirectory() as folder:
        given = arguments(task, Path(folder)) | {"output_path": None, "prepare_only": True}
        notebook = papermill.execute_notebook(**given)
    paths_told = {"input_path": job.notebook.name, "output_path": f"{job.name}.ipynb"}
    notebook.metadata.papermill |= paths_told
    for index, cell in enumerate(notebook.cells):
        notebook.cells[index] = cell = seen.get(index, cell)
        if runs(cell):
            number += 1
            if cell.metadata.get("papermill", {}).get("status") == "running":
                last = number
    result = Result(job.name, False, round(seconds, 3), cell=last, error=error)
    return Made(result, (nbformat.writes(notebook) + "\n").encode(), None)
