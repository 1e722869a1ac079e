"""What a committed notebook may hold, and what its cells are like."""

import re
from copy import copy

import nbformat
import pytest
from cells import Notebook

from helpers import notebooks, paths

NOTEBOOKS = notebooks.files()
# What a cell calls where it estimates something.
METHODS = re.compile(
    r"smf\.|\bstats\.(norm|t|chi2|beta|bootstrap)|association\.(linked|extreme)|\.quantile\("
    r"|\.corr\(|\.sets\(|proportion_confint\(|ranking\.[a-z_]+\("
)
CHECKED = "# NBVAL_CHECK_OUTPUT"
NOT_STORED = "a checked cell must end in a value, stored by tools/refresh_notebooks.py"


def problems(notebook: nbformat.NotebookNode) -> list[str]:
    """What should not be in a committed notebook."""
    found = []
    for number, cell in enumerate(notebook.cells):
        if cell.cell_type != "code":
            continue
        checked = cell.source.startswith(CHECKED)
        if cell.outputs and not checked:
            found.append(f"cell {number} has outputs but is not checked")
        if checked and [output.output_type for output in cell.outputs] != ["execute_result"]:
            found.append(f"{NOT_STORED}: cell {number}, {cell.id}")
        if cell.execution_count != (1 if checked else None):
            found.append(f"cell {number} has an execution count of a run")
        for output in cell.outputs:
            if any(kind.startswith("image/") for kind in output.get("data", {})):
                found.append(f"cell {number} has a picture")
    return found


def test_there_are_notebooks_and_each_has_its_name_in_the_readme():
    readme = (paths.project_root() / "README.md").read_text(encoding="utf-8")
    assert all(path.is_file() and f"`{path.name}`" in readme for path in NOTEBOOKS)


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
class TestNotebook:
    def test_holds_only_checked_outputs(self, path):
        assert problems(nbformat.read(path, as_version=4)) == []

    def test_has_a_checked_table(self, path):
        cells = nbformat.read(path, as_version=4).cells
        assert any(cell.source.startswith(CHECKED) and cell.outputs for cell in cells)

    def test_has_one_cell_of_parameters(self, path):
        cells = nbformat.read(path, as_version=4).cells
        tagged = [cell for cell in cells if "parameters" in cell.metadata.get("tags", [])]
        assert len(tagged) == 1

    def test_is_valid(self, path):
        nbformat.validate(nbformat.read(path, as_version=4))

    def test_every_estimate_has_its_formula_beside_it(self, path):
        told, used = "", 0
        for cell in nbformat.read(path, as_version=4).cells:
            if cell.cell_type == "markdown":
                told = (
                    "" if cell.source.startswith("#") and "\n" not in cell.source else cell.source
                )
            elif METHODS.search(cell.source):
                used += 1
                assert told, f"no formula above cell {cell.id}"
        assert used >= 3

    def test_cells_are_short(self, path):
        """A reader checks each step by eye."""
        cells = [c for c in nbformat.read(path, as_version=4).cells if c.cell_type == "code"]
        sizes = [len(cell.source.splitlines()) for cell in cells]
        assert max(sizes) <= 10

    @pytest.mark.slow
    def test_each_cell_shows_the_same_when_it_is_run_again_after_all(self, path):
        """As an analyst does: no later cell may have taken its names, and no draw be another."""
        notebook = Notebook(path.stem)
        names, shown = dict(notebook.run()), dict(notebook.shown)
        changed = []
        for cell in notebook.sources:
            # Of a dict of labels each has its own: what one cell adds is not there for the next.
            notebook.names = {n: copy(v) if isinstance(v, dict) else v for n, v in names.items()}
            notebook.run_alone(cell)
            changed += [cell] * (notebook.shown[cell] != shown[cell])
        assert changed == []


def test_problems_are_seen():
    cell = nbformat.v4.new_code_cell("1 + 1", execution_count=1)
    cell.outputs = [nbformat.v4.new_output("display_data", {"image/png": "aaaa"})]
    checked = nbformat.v4.new_code_cell(f"{CHECKED}\nprint(1)", execution_count=1)
    checked.outputs = [nbformat.v4.new_output("stream", text="1")]
    notebook = nbformat.v4.new_notebook(cells=[cell, checked])
    assert problems(notebook) == [
        "cell 0 has outputs but is not checked",
        "cell 0 has an execution count of a run",
        "cell 0 has a picture",
        f"{NOT_STORED}: cell 1, {checked.id}",
    ]
