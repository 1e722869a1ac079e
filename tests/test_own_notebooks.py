"""An analyst's folder may hold anything: what the project does with notebooks is with its own."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from helpers import notebooks, paths
from helpers.batch import keys

ROOT = paths.project_root()
BIN = Path(sys.executable).parent
NOT_COPIED = (".git", ".venv", "outputs", "build", "dist", ".ipynb_checkpoints", ".*_cache")
BAD_CODE = "import os,no_such_package\nl = 1\nraise SystemExit"


def notebook(source: str, **metadata) -> str:
    cell = {"cell_type": "code", "metadata": metadata, "source": source, "outputs": []}
    cell |= {"execution_count": 3, "id": "made-up"}
    prose = {"cell_type": "markdown", "id": "prose", "metadata": {"en": "Untold"}, "source": "Lạ"}
    content = {"cells": [cell, prose], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    return json.dumps(content)


@pytest.fixture(scope="module")
def littered(tmp_path_factory) -> Path:
    """A copy of the project whose notebooks/ holds what an analyst may have left there."""
    root = tmp_path_factory.mktemp("project") / "cchc"
    shutil.copytree(ROOT, root, ignore=shutil.ignore_patterns(*NOT_COPIED), symlinks=True)
    folder = root / "notebooks"
    for own in notebooks.files():
        old = folder / ".ipynb_checkpoints" / f"{own.stem}-checkpoint.ipynb"
        old.parent.mkdir(exist_ok=True)
        old.write_text(notebook(BAD_CODE), encoding="utf-8")
    texts = {
        "mine.ipynb": notebook(BAD_CODE),
        "1_national_results-Copy1.ipynb": notebook("# NBVAL_CHECK_OUTPUT\n1 / 0"),
        "Bản nháp của tôi.ipynb": notebook("%%bash\nexit 1"),
        "not-json.ipynb": "{",
        "empty.ipynb": "",
        "other-shape.ipynb": "[1, 2]",
        "old-form.ipynb": '{"nbformat": 2, "worksheets": []}',
        "script.py": "def (",
        "test_mine.py": "assert False",
        "sub/deeper.ipynb": notebook(BAD_CODE),
    }
    for name, text in texts.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    (folder / "latin.ipynb").write_bytes(b"\xff\xfe\x00")
    (folder / "a-folder.ipynb").mkdir()
    if os.name != "nt":
        (folder / "gone.ipynb").symlink_to("nowhere.ipynb")
    checkpoints = root / "src/helpers/.ipynb_checkpoints"
    checkpoints.mkdir()
    (checkpoints / "facts-checkpoint.py").write_text(
        'from helpers.language import _\n_("Untold")\n'
    )
    return root


def content(root: Path) -> dict[str, bytes]:
    folder = root / "notebooks"
    return {str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def run(root: Path, command: str) -> subprocess.CompletedProcess:
    """Run a command of this project's environment on the copy."""
    env = {**os.environ, "PYTHONPATH": str(root / "src"), "PYTHONDONTWRITEBYTECODE": "1"}
    command = command.replace(".venv/bin/", f"{BIN}/")
    return subprocess.run(command, shell=True, cwd=root, env=env, capture_output=True, text=True)


def commands_of_make_test() -> list[str]:
    """The commands of `make test`, as they stand in the Makefile."""
    made = subprocess.run(
        ["make", "--dry-run", "--always-make", "test"], cwd=ROOT, capture_output=True, text=True
    )
    lines = made.stdout.replace("\\\n", " ").splitlines()
    return [line for line in lines if re.match(r"\.venv/bin/(ruff|mypy|python -m pytest)", line)]


def test_only_the_project_s_notebooks_are_named(littered):
    named = run(littered, ".venv/bin/python -m helpers.notebooks").stdout.split()
    assert named == [f"notebooks/{path.name}" for path in notebooks.files()]


def test_make_test_reads_only_the_project_s_notebooks(littered):
    found = commands_of_make_test()
    assert len(found) == 4
    for command in found:
        if "pytest" in command:
            command = command.replace("-n auto", "--collect-only -q -n 0")
            command = command.replace(
                " tests ", " tests/test_notebooks.py tests/test_packaging.py "
            )
        elif "mypy" in command:
            continue  # its files are those of pyproject.toml, and notebooks are none of them
        ran = run(littered, command)
        assert ran.returncode == 0, f"{command}\n{ran.stdout}{ran.stderr}"
        if "pytest" in command:
            named = set(re.findall(r"^(notebooks/[^:]+)", ran.stdout, re.MULTILINE))
            assert named == {f"notebooks/{path.name}" for path in notebooks.files()}


@pytest.mark.parametrize("command", ["tools/refresh_notebooks.py strip", "tools/catalogs.py check"])
def test_tools_leave_an_analyst_s_files_alone(littered, command):
    before = content(littered)
    ran = run(littered, f".venv/bin/python {command}")
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert content(littered) == before


def test_the_prints_of_the_package_leave_out_what_editors_keep(littered, monkeypatch):
    before = keys.package()
    monkeypatch.setattr(keys, "PACKAGE", littered / "src/helpers")
    assert keys.package() == before
