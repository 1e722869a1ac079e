"""Imports go down the house, whose floors are drawn in the README; other packages stay as they are.

That no private attribute of another package is used is for ruff (SLF) to say.
"""

import ast
import re
from pathlib import Path

import pytest

import helpers
from helpers import paths

PACKAGE = Path(helpers.__file__).parent
HEADING = "## The house"


def drawn_floors() -> list[set[str]]:
    """The names on each line of the drawing, from the ground up; what is no module left out."""
    text = (paths.project_root() / "README.md").read_text(encoding="utf-8")
    drawing = text.partition(HEADING)[2].split("```")[1]
    lines = [re.split(r" {2,}", line.strip())[0] for line in drawing.strip().splitlines()]
    floors = [{name.strip().rstrip("/") for name in line.split(",")} for line in lines]
    return [floor & modules() for floor in floors if floor & modules()]


def modules() -> set[str]:
    """Names of the modules and packages of the house."""
    found = {path.stem for path in PACKAGE.glob("*.py")} - {"__init__"}
    return found | {path.parent.name for path in PACKAGE.glob("*/__init__.py")}


def imports(path: Path) -> set[str]:
    """Modules of the house that a file imports, wherever in it."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module == "helpers":
            found |= {f"helpers.{alias.name}" for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module)
    return {name.split(".")[1] for name in found if name.startswith("helpers.")} & modules()


def test_every_module_has_a_floor_of_its_own():
    named = [name for floor in drawn_floors() for name in floor]
    assert sorted(named) == sorted(modules())


@pytest.mark.parametrize("module", sorted(modules()))
def test_imports_come_from_below_or_beside(module):
    floor_of = {name: number for number, floor in enumerate(drawn_floors()) for name in floor}
    folder = PACKAGE / module
    for path in folder.rglob("*.py") if folder.is_dir() else [folder.with_suffix(".py")]:
        above = {name for name in imports(path) if floor_of[name] > floor_of[module]}
        assert not above, f"{path.relative_to(PACKAGE)} imports from above: {sorted(above)}"


def taken_apart(source: str) -> list[str]:
    """What a module imports of another package's private names, or replaces of its attributes."""
    tree = ast.parse(source)
    foreign, found = set(), []
    for node in ast.walk(tree):
        if isinstance(node, ast.Import | ast.ImportFrom):
            module = getattr(node, "module", None) or ""
            for name in node.names:
                whole = f"{module}.{name.name}".strip(".")
                if whole.split(".")[0] != "helpers":
                    foreign.add(name.asname or name.name.split(".")[0])
                    found += re.findall(r"(?:^|.*\.)_[^_].*", whole)
    for node in ast.walk(tree):
        held = node
        if isinstance(node, ast.Call) and ast.unparse(node.func) in ("setattr", "delattr"):
            held = node.args[0]
        elif not (isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store | ast.Del)):
            continue
        while isinstance(held, ast.Attribute):
            held = held.value
        if isinstance(held, ast.Name) and held.id in foreign:
            found.append(ast.unparse(node))
    return found


@pytest.mark.parametrize(
    ("source", "is_found"),
    [
        ("from matplotlib import _tight_layout", True),
        ("import multiprocessing._config", True),
        ("from matplotlib.text import Text\nText.draw = print", True),
        ("from matplotlib.text import Text as T\nsetattr(T, 'draw', print)", True),
        ("import pandas as pd\ndel pd.DataFrame.to_html", True),
        ("import matplotlib.pyplot as plt\nplt.rcParams['a'] = 1", False),
        ("from helpers.language import _\nclass Own:\n    def f(self): self.a = 1", False),
    ],
)
def test_what_takes_another_package_apart_is_found(source, is_found):
    assert bool(taken_apart(source)) == is_found


def test_no_other_package_is_taken_apart():
    for path in PACKAGE.rglob("*.py"):
        assert taken_apart(path.read_text(encoding="utf-8")) == [], path
