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


def numbered(notebook: NotebookNode, resources: dict) -> tuple[NotebookNode, dict]:
    """Note in each cell its place, by which errors name it, before any is left out."""
    for place, cell in enumerate(notebook.cells, 1):
        cell.metadata["place"] = place
    return notebook, resources


def for_page(notebook: NotebookNode, resources: dict) -> tuple[NotebookNode, dict]:
    """Have the outputs of a notebook be such as a page can show.

    Formulas become Markdown. A chart without an alternative text is shown, with a warning that
    names its cell.

    Raises
    ------
    NotSelfContained
        What a cell shows would load something, or holds a script.
    NotShown
        A cell shows what a page cannot hold, such as a widget.
    """
    for cell in notebook.cells:
        number = cell.get("execution_count") or f"{cell.metadata['place']} of the notebook"
        for output in cell.get("outputs", []):
            if set(output.get("data", {})) - {"text/plain"}:
                output["data"] = _data(output, number)
    return notebook, resources


def _data(output: NotebookNode, number: int | str) -> dict:
    kind = _kind(output["data"], number)
    content = output["data"][kind]
    _warn_without_words(output, kind, content, number)
    if kind == "text/latex":
        kind = "text/markdown"
    elif kind == "image/svg+xml":  # as a picture its ids, styles and scripts are none of the page's
        content = base64.b64encode(content.encode()).decode()
    return {kind: content}


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
