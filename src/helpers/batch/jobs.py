"""What is to be run, and what became of it; plain data that can travel."""

import ast
import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from helpers.errors import CchcError

# Makes the files of a page from an executed notebook and a title, by how their names end.
Render = Callable[[Any, str], dict[str, bytes]]
# One thread each: several workers already fill the cores, and fork keeps no thread but its own.
THREADS = {name: "1" for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")}

TIMEOUT = 120  # seconds
LARGEST_OUTPUT = 4_000_000  # bytes


class BadNotebook(CchcError):
    """A notebook is missing, is not a notebook, or does not take the parameters of its job."""


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
        Name of the files that come of it, without a suffix; "en/..." puts them into a folder.
    title : str
        Title of the page; the name where it is empty.
    lang : str
        Language of its prose and its page; the notebook's own where it is empty.
    needs : tuple of str
        Names of the shared work whose files it reads.
    links : tuple of str
        Names of the pages that its page may lead to: they are there, or are being made.
    code : str
        Python to run in the place of a notebook: shared work, done once for all jobs that need
        it. It puts its files below `helpers.paths.outputs_dir`.
    """

    notebook: Path
    parameters: dict
    name: str
    title: str = ""
    lang: str = ""
    needs: tuple[str, ...] = ()
    links: tuple[str, ...] = ()
    code: str = ""

    @classmethod
    def shared(cls, name: str, code: str) -> "Job":
        """Work that is done once per run, and whose files several jobs read."""
        return cls(Path(f"{name}.ipynb"), {}, name, code=code)

    def source(self) -> bytes:
        """The notebook; code is made one, to be run, timed and stopped. Raises BadNotebook."""
        if not self.code:
            return read(self.notebook)
        cell = {"cell_type": "code", "metadata": {}, "outputs": [], "execution_count": None}
        cell |= {"id": "shared", "source": self.code}
        notebook = {"cells": [cell], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
        return json.dumps(notebook).encode()


@dataclass(frozen=True)
class Task:
    """A job with everything that it needs to be run on another machine.

    Attributes
    ----------
    data : dict
        Content of the data folder by path; empty where the worker's own is meant.
    inputs : dict
        Content of the files below its outputs folder when it starts, by their path.
    timeout : float
        Seconds that it may take.
    largest_output : int
        Bytes that one cell may put out; what is more is left out, with a note.
    """

    job: Job
    source: bytes
    render: Render | None = None
    data: dict[str, bytes] = field(default_factory=dict)
    inputs: dict[str, bytes] = field(default_factory=dict)
    timeout: float = TIMEOUT
    largest_output: int = LARGEST_OUTPUT


@dataclass(frozen=True)
class Result:
    """What became of one job.

    Attributes
    ----------
    name : str
        Name of the job.
    error : str
        What went wrong, "" where every cell ran and the page was made.
    seconds : float
        Wall time in the worker.
    cell : int or None
        Number of the failing cell, as in ``In [3]`` of the executed notebook.
    line : int or None
        Line of that cell, from 1.
    source : str
        Text of that line.
    page_removed : bool
        A page of an earlier run was taken away, because it no longer belongs to the notebook.
    cells : tuple of (int, float, str)
        For each code cell that ran: its number, seconds, and its first line.
    unchanged : bool
        It was done before from the same inputs, and not again.
    warnings : tuple of str
        What was said when its page was made, such as what it lacks.
    files : dict
        Content of all that came of it, by path in outputs/; empty once that is written.
    """

    name: str
    error: str = ""
    seconds: float = 0.0
    cell: int | None = None
    line: int | None = None
    source: str = ""
    page_removed: bool = False
    cells: tuple[tuple[int, float, str], ...] = ()
    unchanged: bool = False
    warnings: tuple[str, ...] = ()
    files: dict[str, bytes] = field(default_factory=dict, repr=False)

    @property
    def ok(self) -> bool:
        """Whether nothing went wrong."""
        return not self.error

    @property
    def notebook(self) -> bytes | None:
        """The executed notebook."""
        return self.files.get(notebook_of(self.name))

    @property
    def page(self) -> bytes | None:
        """The page of it."""
        return self.files.get(pages_of(self.name)[0])


def notebook_of(name: str) -> str:
    """Path in outputs/ of the executed notebook of a job."""
    return f"notebooks/{name}.ipynb"


def pages_of(name: str) -> list[str]:
    """Paths in outputs/ of the page of a job, the spreadsheet beside it, and its print."""
    return [f"html/{name}.{end}" for end in ("html", "xlsx", "pdf")]


def read(path: Path) -> bytes:
    """Read a notebook or a data file. Raises BadNotebook."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise BadNotebook(f"Cannot read {path}: {error.strerror}.") from error


def read_figures(folder: Path) -> dict[str, bytes]:
    """Read every CSV file in a data folder and below, by its path. Raises BadNotebook."""
    files = sorted(folder.rglob("*.csv"))
    return {path.relative_to(folder).as_posix(): read(path) for path in files}


def parameters(path: Path, source: bytes) -> list[str]:
    """Names that the cell tagged ``parameters`` of a notebook sets.

    Raises
    ------
    BadNotebook
        It is not a notebook, or that cell is not Python.
    """
    try:
        cells = [cell for cell in json.loads(source)["cells"] if cell["cell_type"] == "code"]
        tagged = [one for one in cells if "parameters" in one["metadata"].get("tags", [])]
        nodes = [node for one in tagged[:1] for node in ast.walk(ast.parse("".join(one["source"])))]
    except (ValueError, KeyError, TypeError, AttributeError, SyntaxError) as error:
        raise BadNotebook(f"{path} is not a notebook: {error!r}") from error
    return [
        node.id for node in nodes if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
    ]


def check_parameters(jobs: Iterable[Job], sources: dict[Path, bytes]) -> None:
    """Refuse a parameter that its notebook does not have: it would run with its default.

    Raises BadNotebook, also as `parameters`.
    """
    known = {path: parameters(path, source) for path, source in sources.items()}
    for job in jobs:
        unknown = [name for name in job.parameters if name not in known[job.notebook]]
        if unknown:
            raise BadNotebook(
                f"{job.notebook} has no parameter {', '.join(unknown)}: set it in the cell tagged "
                f"`parameters`, which has {', '.join(known[job.notebook]) or 'none'}."
            )
