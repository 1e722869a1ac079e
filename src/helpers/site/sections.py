"""Sections of a page: empty ones are left out, and what only analysts ask for is folded away."""

import re
from itertools import groupby, takewhile

from nbformat import NotebookNode

HEADING = re.compile(r"(#+) .*")
BELOW = 7  # deeper than any heading
SCREEN, DETAIL = "screen", "detail"


def without_empty(notebook: NotebookNode, resources: dict) -> tuple[NotebookNode, dict]:
    """Take out of a notebook the headings of sections that show nothing to readers.

    A section reaches to the next heading of its level or a higher one. What only analysts see is
    nothing here; text below a heading is something. Where all of a section is for the screen alone,
    so is its heading. Of a notebook that was not run all stays.
    """
    cells = notebook.cells
    if not any(cell.get("outputs") for cell in cells):
        return notebook, resources
    notebook.cells = []
    for place, cell in enumerate(cells):
        if _level(cell) is not None and not _shows(cell):
            shown = [one for one in _below(cells, place) if _shows(one)]
            if not shown:
                continue
            if all({SCREEN, DETAIL} & set(_tags(one)) for one in shown):
                cell.metadata["tags"] = list(dict.fromkeys([*_tags(cell), SCREEN]))
        notebook.cells.append(cell)
    return notebook, resources


def folded(notebook: NotebookNode, resources: dict) -> tuple[NotebookNode, dict]:
    """Mark where runs of cells tagged ``detail`` begin and end, for the template to fold each away.

    Cells that show nothing, other than headings, do not end a run, and do not begin one.
    """
    shown = [cell for cell in notebook.cells if _shows(cell) or _level(cell) is not None]
    for detail, run in groupby(shown, lambda cell: DETAIL in _tags(cell)):
        if detail:
            first, *rest = run
            first["metadata"]["fold"] = [first, *rest][-1]["metadata"]["folded"] = True
    return notebook, resources


def _below(cells: list[NotebookNode], place: int) -> list[NotebookNode]:
    """Give the cells of the section that a heading begins."""
    level = _level(cells[place]) or BELOW
    return list(takewhile(lambda cell: (_level(cell) or BELOW) > level, cells[place + 1 :]))


def _tags(cell: NotebookNode) -> list[str]:
    return cell.get("metadata", {}).get("tags", [])


def _level(cell: NotebookNode) -> int | None:
    """Give the level of the heading with which a cell begins; None where it begins with none."""
    head = HEADING.match(cell.source) if cell.cell_type == "markdown" else None
    return len(head[1]) if head else None


def _shows(cell: NotebookNode) -> bool:
    """Whether a cell shows something, beside a heading, to those who do not ask for the code."""
    if "analyst" in _tags(cell):
        return False
    if cell.cell_type == "markdown":
        return bool(HEADING.sub("", cell.source, count=1).strip())
    return any(_is_seen(output) for output in cell.get("outputs", []))


def _is_seen(output: NotebookNode) -> bool:
    if output.output_type == "stream":
        return output.name == "stdout" and bool(output.text.strip())
    shown = {kind: data for kind, data in output.get("data", {}).items() if kind != "text/plain"}
    return any(bool(str(data).strip()) for data in shown.values())
