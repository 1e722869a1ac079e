"""Sections of a notebook that have nothing to show are left out of its page."""

import re

from nbformat import NotebookNode

HEADING = re.compile(r"(#+) .*")
BELOW = 7  # deeper than any heading


def without_empty(notebook: NotebookNode) -> NotebookNode:
    """Give a notebook without the headings of sections that show nothing to readers.

    A section reaches to the next heading of its level or a higher one. What only analysts see is
    nothing here; text below a heading is something. Of a notebook that was not run all stays.
    """
    cells = notebook.cells
    if not any(cell.get("outputs") for cell in cells):
        return notebook
    kept = [cell for place, cell in enumerate(cells) if not _is_empty(cells, place)]
    return NotebookNode({**notebook, "cells": kept})


def _is_empty(cells: list[NotebookNode], place: int) -> bool:
    """Whether a cell is a heading alone, and nothing is shown before the next one."""
    level = _level(cells[place])
    if level is None or _shows(cells[place]):
        return False
    for cell in cells[place + 1 :]:
        if _shows(cell):
            return False
        if (_level(cell) or BELOW) <= level:
            break
    return True


def _level(cell: NotebookNode) -> int | None:
    """Give the level of the heading with which a cell begins; None where it begins with none."""
    head = HEADING.match(cell.source) if cell.cell_type == "markdown" else None
    return len(head[1]) if head else None


def _shows(cell: NotebookNode) -> bool:
    """Whether a cell shows something, beside a heading, to those who do not ask for the code."""
    if {"analyst", "remove"} & set(cell.get("metadata", {}).get("tags", [])):
        return False
    if cell.cell_type == "markdown":
        return bool(HEADING.sub("", cell.source, count=1).strip())
    return any(_is_seen(output) for output in cell.get("outputs", []))


def _is_seen(output: NotebookNode) -> bool:
    if output.output_type == "stream":
        return output.name == "stdout" and bool(output.text.strip())
    shown = {kind: data for kind, data in output.get("data", {}).items() if kind != "text/plain"}
    return any(bool(str(data).strip()) for data in shown.values())
