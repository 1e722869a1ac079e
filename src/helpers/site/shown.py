"""What the cells of a notebook show, in a form that a page can hold; the rest is refused."""

import base64
import re
import warnings

from nbformat import NotebookNode

from helpers.errors import PageWarning
from helpers.site.formulas import NotShown
from helpers.site.policy import NotSelfContained, why_not_sealed

PICTURES = ("image/svg+xml", "image/png", "image/jpeg")
# The best first.
RICH = ("text/html", "text/markdown", "image/svg+xml", "text/latex", "image/png", "image/jpeg")
# What is marked as hidden from who hears the page needs no words.
NO_TEXT = re.compile(
    r"""<img\b(?![^>]*\salt=)|<svg\b(?![^>]*\saria-(?:label=|labelledby=|hidden="true"))"""
)
INSTEAD = "show it as SVG, PNG or a table"


def for_page(notebook: NotebookNode) -> NotebookNode:
    """Give a notebook whose outputs are such as a page can show; the given one is not changed.

    Formulas become Markdown. A chart without an alternative text is shown, with a warning that
    names its cell.

    Raises
    ------
    NotSelfContained
        What a cell shows would load something, or holds a script.
    NotShown
        A cell shows what a page cannot hold, such as a widget.
    """
    cells = []
    for place, cell in enumerate(notebook.cells, 1):
        tags = cell.get("metadata", {}).get("tags", [])
        if cell.cell_type == "code" and cell.outputs and "remove" not in tags:
            number = cell.execution_count or f"{place} of the notebook"
            outputs = [_output(output, number) for output in cell.outputs]
            cell = NotebookNode({**cell, "outputs": outputs})
        cells.append(cell)
    return NotebookNode({**notebook, "cells": cells})


def _output(output: NotebookNode, number: int | str) -> NotebookNode:
    data = output.get("data", {})
    if not set(data) - {"text/plain"}:
        return output
    kind = _kind(data, number)
    content = data[kind]
    _warn_without_words(output, kind, content, number)
    if kind == "text/latex":
        kind = "text/markdown"
    elif kind == "image/svg+xml":  # as a picture its ids, styles and scripts are none of the page's
        content = base64.b64encode(content.encode()).decode()
    return NotebookNode({**output, "data": NotebookNode({kind: content})})


def _kind(data: dict, number: int | str) -> str:
    """Choose the form of an output that the page shows."""
    found = [kind for kind in RICH if kind in data]
    why = why_not_sealed(data["text/html"]) if "text/html" in found else ""
    if why:
        found.remove("text/html")
    if found:
        return found[0]
    if why:
        raise NotSelfContained(f"cell {number}: {why}")
    kinds = ", ".join(kind for kind in data if kind != "text/plain")
    raise NotShown(f"cell {number} shows {kinds}, which a page cannot hold; {INSTEAD}")


def _warn_without_words(output, kind: str, content: str, number: int | str) -> None:
    words = output.get("metadata", {}).get(kind, {}).get("alt")
    if (kind in PICTURES and not words) or (kind == "text/html" and NO_TEXT.search(content)):
        warnings.warn(
            f"cell {number}: a chart without a text for those who cannot see it; show it with "
            "report.chart",
            PageWarning,
            stacklevel=4,
        )
