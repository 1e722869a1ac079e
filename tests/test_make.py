"""What make does to a folder: set-up says what is going on, clean leaves what is committed."""

import os
import shutil
import subprocess

import pytest

from helpers import paths

ROOT = paths.project_root()
FAKE = """#!/bin/sh
# A Python of our own making, whose pip installs nothing.
case "$*" in
*"-m venv --clear "*) mkdir -p .venv/bin; cp "$0" .venv/bin/python;;
*"--require-hashes"*)
    for number in $(seq 150); do
        echo "Collecting made-up-$number"
        echo "  Using cached made-up-$number.whl (1 kB)"
    done
    [ -z "$PIP_FAILS" ] || { echo "ERROR: no made-up" >&2; exit 1; }
    echo "Installing collected packages: made-up-1"
    echo "Successfully installed made-up-1";;
esac
"""


@pytest.fixture
def folder(tmp_path):
    """A folder with what make reads, and a Python that does nothing."""
    for name in ("Makefile", "requirements.lock", "pyproject.toml"):
        shutil.copy(ROOT / name, tmp_path)
    for name in ("src", "tests", "notebooks"):
        (tmp_path / name).mkdir()
    (tmp_path / "fake").write_text(FAKE)
    (tmp_path / "fake").chmod(0o755)
    return tmp_path


def make(folder, *arguments, **env):
    command = ["make", "--no-print-directory", *arguments]
    kept = {key: value for key, value in os.environ.items() if not key.startswith("MAKE")}
    return subprocess.run(command, cwd=folder, env={**kept, **env}, capture_output=True, text=True)


def test_set_up_says_what_is_going_on_in_a_few_lines(folder):
    made = make(folder, "setup", "PYTHON=./fake")
    assert made.returncode == 0, made.stderr
    lines = made.stdout.splitlines()
    assert lines[0].startswith("Setting up .venv")
    assert [line.split(" of ")[0].strip() for line in lines[1:4]] == ["40", "80", "120"]
    assert lines[4].startswith("  150 packages are here")
    assert len(lines) == 5
    assert "Nothing to be done" in make(folder, "setup", "PYTHON=./fake").stdout


def test_a_failed_install_is_a_failure_and_is_told(folder):
    made = make(folder, "setup", "PYTHON=./fake", PIP_FAILS="1")
    assert made.returncode != 0
    assert "ERROR: no made-up" in made.stderr
    assert not (folder / ".venv/.ready").exists()


@pytest.mark.parametrize("there", [True, False])
def test_clean_leaves_the_readme_of_outputs(folder, there):
    outputs = folder / "outputs"
    if there:
        (outputs / "html").mkdir(parents=True)
        for name in ("html/index.html", "README.md", "run.json", ".lock", "html/README.md"):
            (outputs / name).write_text("made up")
    assert make(folder, "clean").returncode == 0
    left = [path.name for path in outputs.iterdir()] if there else []
    assert left == (["README.md"] if there else [])


def test_what_a_run_makes_is_ignored_and_the_readme_is_not(tmp_path):
    subprocess.run(["git", "init", "--quiet"], cwd=tmp_path, check=True)
    shutil.copy(ROOT / ".gitignore", tmp_path)
    made = ["run.json", "html/index.html", "html/README.md", "tables/a.csv", ".lock"]
    names = [f"outputs/{name}" for name in [*made, "README.md"]]
    found = subprocess.run(
        ["git", "check-ignore", *names], cwd=tmp_path, capture_output=True, text=True
    )
    assert found.stdout.split() == [f"outputs/{name}" for name in made]


def test_the_readme_of_outputs_tells_of_every_folder():
    text = (ROOT / "outputs/README.md").read_text(encoding="utf-8")
    for name in ("html/", "notebooks/", "tables/", "trajectories/", "run.json"):
        assert f"## {name}\n" in text
