"""Store the notebooks as they are committed: only checked tables keep their output.

A cell whose first line is ``# NBVAL_CHECK_OUTPUT`` keeps what it shows, since `make test` compares
it; every other output and picture is dropped, and so are execution counts.

``python tools/refresh_notebooks.py`` runs the notebooks anew for what the checked tables show;
``python tools/refresh_notebooks.py strip`` runs nothing and only drops what is not committed.
"""

import sys
from pathlib import Path

import nbformat
import papermill
from nbformat import NotebookNode

from helpers import notebooks

CHECKED = "# NBVAL_CHECK_OUTPUT"
KEPT_METADATA = ("kernelspec",)


def committed(source: NotebookNode, executed: NotebookNode) -> NotebookNode:
    """Give `source` with the outputs of its checked cells taken from `executed`."""
    run = {cell["id"]: cell for cell in executed.cells}
    for cell in source.cells:
        if cell.cell_type != "code":
            continue
        checked = cell.source.startswith(CHECKED)
        cell.outputs = run[cell["id"]].outputs if checked else []
        # nbval takes a checked cell without a count for one that was never run.
        cell.execution_count = 1 if checked else None
        for output in cell.outputs:
            output["execution_count"] = cell.execution_count
        cell.metadata = {key: cell.metadata[key] for key in ("tags",) if key in cell.metadata}
    source.metadata = {k: source.metadata[k] for k in KEPT_METADATA if k in source.metadata}
    return source


def executed(path: Path) -> NotebookNode:
    """Run one notebook with its own parameters."""
    return papermill.execute_notebook(path, None, cwd=path.parent, progress_bar=False)


def store(path: Path, run: bool) -> None:
    """Rewrite one notebook as it is committed."""
    source = nbformat.read(path, as_version=4)
    made = committed(source, executed(path) if run else nbformat.read(path, as_version=4))
    path.write_text(nbformat.writes(made).rstrip("\n") + "\n", encoding="utf-8")


if __name__ == "__main__":
    if sys.argv[1:] not in ([], ["strip"]):
        sys.exit("python tools/refresh_notebooks.py [strip]")
    for notebook in notebooks.files():
        store(notebook, run=not sys.argv[1:])
        print(notebook.name)
