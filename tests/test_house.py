"""Imports go down the house: the floors are those of the drawing in the README."""

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
