"""Run a notebook's cells in this process, as an analyst would who edits some of them first."""

import ast
import re
from contextlib import contextmanager
from pathlib import Path

import languages
import matplotlib.pyplot as plt
import nbformat
import pandas as pd
import pytest

from helpers import language, page, paths
from helpers.report import show, tables


class Notebook:
    """The code of a notebook, by the id of its cells, to be edited and run.

    What would be too long for a cell stands in several: those before ``x`` are ``x-a``, ``x-b``.

    Parameters
    ----------
    stem : str
        Name of the file in ``notebooks/``, without its suffix.
    **parameters
        Put in the place of those of the notebook's own cell, after it has run.
    """

    def __init__(self, stem: str, **parameters):
        notebook = nbformat.read(paths.notebooks_dir() / f"{stem}.ipynb", as_version=4)
        self.sources = {cell.id: cell.source for cell in notebook.cells if cell.cell_type == "code"}
        [given] = [c.id for c in notebook.cells if "parameters" in c.metadata.get("tags", [])]
        lines = [f"{name} = {value!r}" for name, value in parameters.items()]
        self.sources[given] = "\n".join([self.sources[given], *lines])
        self.names: dict = {}
        self.shown: dict[str, list] = {}

    def edit(self, cell: str, old: str, new: str) -> None:
        """Change the text of a cell; it must be there."""
        assert old in self.sources[cell], f"{old!r} is not in cell {cell}"
        self.sources[cell] = self.sources[cell].replace(old, new)

    def run(self, *cells: str, until: str | None = None) -> dict:
        """Run these cells, or all, up to one; give the names that they made.

        What each shows is in ``shown``, as HTML: what it displays, and the value that it ends in.
        """
        for cell in [one for whole in cells for one in self._parts(whole)] or self.sources:
            self.run_alone(cell)
            if cell == until:
                break
        return self.names

    def run_alone(self, cell: str) -> None:
        """Run a cell without the parts before it."""
        with _displayed() as pieces:
            value = self._execute(self.sources[cell])
        self.shown[cell] = [*pieces, *([_html(value)] if value is not None else [])]
        plt.close("all")

    def _parts(self, cell: str) -> list[str]:
        assert cell in self.sources, f"there is no cell {cell}"
        return [one for one in self.sources if re.fullmatch(f"{cell}(-[a-f])?", one)]

    def text(self, cell: str) -> str:
        """What a cell has shown."""
        return " ".join(self.shown[cell])

    def seen(self, *cells: str) -> str:
        """What a reader sees of what cells have shown."""
        return " ".join(languages.seen(self.text(cell)) for cell in cells)

    def _execute(self, source: str):
        tree = ast.parse(source)
        last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
        exec(compile(tree, "<cell>", "exec"), self.names)
        if last is not None:
            return eval(compile(ast.Expression(last.value), "<cell>", "eval"), self.names)
        return None


def edited(made: Notebook, stem: str, **names) -> Notebook:
    """Another notebook with the names that this one has made, and these in their place."""
    other = Notebook(stem)
    other.names = made.names | names
    return other


def expressions() -> dict:
    """The expressions that notebook 1 has for official statements."""
    cells = (f"1-nation-expressions{end}" for end in ("", "-scores", "-counts"))
    return Notebook("1_national_results").run(*cells)["EXPRESSIONS"]


def without_guide(made: Notebook, html: str) -> str:
    """What was shown but for how to read the figures: one language has nine in ten as 9/10."""
    with language.using(made.names["lang"]):
        return html.replace(page.reading_guide().data, "")


def same_in_both(vietnamese: Notebook, english: Notebook, *apart: str) -> None:
    """Have what two runs show say the same, but for frames, which are for analysts, and some cells.

    Parameters
    ----------
    *apart : str
        Cells of what all pages share, whose words are checked elsewhere.
    """
    for cell in vietnamese.sources:
        pieces = vietnamese.shown[cell]
        if cell in apart or any("dataframe" in piece or "<" not in piece for piece in pieces):
            continue
        vi, en = (
            languages.seen(without_guide(one, one.text(cell))) for one in (vietnamese, english)
        )
        assert languages.numbers(vi, "vi") == languages.numbers(en, "en"), cell
        assert languages.vietnamese_in(en) == [], cell
        words = re.sub(r"<style.*?</style>|<[^>]*>", " ", vietnamese.text(cell), flags=re.S)
        assert not {"nan", "inf", "None", "NaT"} & set(re.findall(r"\w+", words)), cell


def comes_back(found, folder: Path) -> None:
    """Put a frame, or each of a dict of frames, into a workbook and read it again."""
    for frame in found.values() if isinstance(found, dict) else [found]:
        saved = folder / "saved.xlsx"
        frame.drop(columns="sources", errors="ignore").to_excel(saved)
        assert len(pd.read_excel(saved, engine="openpyxl")) >= len(frame) > 0


def _html(value) -> str:
    return value._repr_html_() if hasattr(value, "_repr_html_") else str(value)


@contextmanager
def _displayed():
    """Catch what is displayed."""
    pieces = []
    with pytest.MonkeyPatch.context() as patch:
        for module in (show, tables):
            patch.setattr(module, "display", lambda piece, **_: pieces.append(_html(piece)))
        yield pieces
