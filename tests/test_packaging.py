"""The files that say what to install, and the description of the figures, against each other."""

import ast
import json
import re
import shutil
import sys
import tomllib
from collections.abc import Iterable
from importlib.metadata import packages_distributions
from pathlib import Path

import nbformat
import pytest
import yaml
from frictionless import Package
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

import helpers
from helpers import notebooks, paths

ROOT = paths.project_root()
DATA = paths.data_dir()

# Packages that conda-forge has under another name; "-base" is the same package without Qt.
CONDA_NAMES = {
    "great-tables": "great_tables",
    "matplotlib": "matplotlib-base",
    "seaborn": "seaborn-base",
}


# Packages that conda-forge does not have under a name of its own.
PIP_ONLY = ("axe-playwright-python", "playwright")


def pyproject() -> dict:
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def required(*, to_build: bool = False, to_test: bool = True) -> dict[str, SpecifierSet]:
    """Every package that pyproject.toml names, with its range."""
    project = pyproject()
    lines = list(project["project"]["dependencies"])
    extras = project["project"]["optional-dependencies"]
    lines += extras["test"] if to_test else extras["cluster"]
    lines += project["dependency-groups"]["build"] if to_build else []
    found = [Requirement(line) for line in lines]
    assert len({item.name for item in found}) == len(lines), "a package is named twice"
    return {canonicalize_name(item.name): item.specifier for item in found}


def conda() -> dict:
    return yaml.safe_load((ROOT / "environment.yml").read_text(encoding="utf-8"))


def conda_packages() -> dict[str, SpecifierSet]:
    """Every package of environment.yml, with its range, under its conda name."""
    found = {}
    (pip,) = [item["pip"] for item in conda()["dependencies"] if isinstance(item, dict)]
    lines = [line for line in conda()["dependencies"] if isinstance(line, str)]
    for line in [*lines, *pip[:-1]]:
        name, _, span = line.partition(" ")
        assert name not in found, f"{name} is named twice"
        found[name] = SpecifierSet(span)
    return found


def locked() -> list[Requirement]:
    lines = (ROOT / "requirements.lock").read_text(encoding="utf-8").splitlines()
    return [Requirement(line.rstrip(" \\")) for line in lines if re.match(r"[a-z0-9]", line)]


# --- what to install -----------------------------------------------------------------------


def test_conda_names_the_same_packages_and_ranges_as_pyproject():
    expected = {CONDA_NAMES.get(name, name): span for name, span in required().items()}
    expected["python"] = SpecifierSet(pyproject()["project"]["requires-python"])
    expected["pip"] = SpecifierSet()
    assert conda_packages() == expected


def test_conda_installs_the_checkout_and_little_else_with_pip():
    assert conda()["name"] == "cchc"
    assert conda()["channels"][0] == "conda-forge"
    (pip,) = [item["pip"] for item in conda()["dependencies"] if isinstance(item, dict)]
    assert [line.partition(" ")[0] for line in pip[:-1]] == list(PIP_ONLY)
    assert pip[-1] == "--editable ."


def test_lock_has_one_version_in_range_for_every_package_and_python():
    for python in ("3.11", "3.12", "3.13", "3.14"):
        for system in ("linux", "darwin", "win32"):
            here = {
                "python_version": python,
                "python_full_version": f"{python}.9",
                "sys_platform": system,
                "os_name": "nt" if system == "win32" else "posix",
            }
            pins = {}
            for item in locked():
                if item.marker is None or item.marker.evaluate(here):
                    assert item.name not in pins, f"two versions of {item.name} on {python}"
                    pins[item.name] = str(item.specifier).removeprefix("==")
            for name, span in required(to_build=True).items():
                assert span.contains(pins[name], prereleases=True), (name, span, pins[name])


def test_lock_names_no_place_to_install_from():
    text = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    # an address, an option other than a hash, or a path
    assert re.findall(r"^.*(?:://| @ |--(?!hash=)|/).*$", text, re.M) == []


def imported(files: Iterable[Path]) -> set[str]:
    """Top-level packages that Python files and notebooks import."""
    files = list(files)
    sources = [path.read_text(encoding="utf-8") for path in files if path.suffix == ".py"]
    for path in (path for path in files if path.suffix == ".ipynb"):
        sources += [
            cell.source
            for cell in nbformat.read(path, as_version=4).cells
            if cell.cell_type == "code" and not cell.source.startswith("%%")
        ]
    nodes = [node for source in sources for node in ast.walk(ast.parse(source))]
    names = [alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names]
    names += [node.module for node in nodes if isinstance(node, ast.ImportFrom) and node.module]
    return {name.partition(".")[0] for name in names}


@pytest.mark.parametrize(
    ("files", "to_test"),
    [
        (ROOT.joinpath("src").rglob("*.py"), False),
        (notebooks.files(), False),
        (ROOT.joinpath("tests").rglob("*.py"), True),
    ],
    ids=["src", "notebooks", "tests"],
)
def test_everything_imported_is_required_by_name(files: Iterable[Path], to_test: bool):
    dists = packages_distributions()
    own = {"helpers"}
    own |= {path.stem for name in ("tests", "tools") for path in ROOT.joinpath(name).glob("*.py")}
    names = imported(files)
    assert "helpers" in names
    others = names - set(sys.stdlib_module_names) - own
    declared = set(required(to_test=to_test))
    undeclared = {
        name for name in others if not {canonicalize_name(d) for d in dists[name]} & declared
    }
    assert not undeclared


def test_package_says_its_version_and_finds_the_checkout():
    assert helpers.__version__ == pyproject()["project"]["version"]
    assert Path(__file__).resolve().parents[1] == ROOT


def test_a_copied_package_says_that_there_is_no_project(monkeypatch, tmp_path):
    paths.project_root.cache_clear()
    monkeypatch.setattr(paths, "__file__", str(tmp_path / "site-packages/helpers/paths.py"))
    with pytest.raises(paths.NotACheckout, match=r"pip install -e \."):
        paths.data_dir()


# --- the description of the figures --------------------------------------------------------


def problems(folder: Path) -> list[tuple[str, str]]:
    """File and kind of everything that frictionless finds wrong with a data folder."""
    report = Package(str(folder / "datapackage.json")).validate()
    found = [(Path(task.place).name, error.type) for task in report.tasks for error in task.errors]
    return found + [("datapackage.json", error.type) for error in report.errors]


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    return Path(shutil.copytree(DATA, tmp_path / "data"))


def test_the_figures_are_as_described():
    assert problems(DATA) == []


def test_every_csv_is_described_and_every_column_explained():
    package = json.loads((DATA / "datapackage.json").read_text(encoding="utf-8"))
    resources = {resource["path"]: resource for resource in package["resources"]}
    assert set(resources) == {path.name for path in DATA.glob("*.csv")}
    assert [licence["name"] for licence in package["licenses"]] == ["CC-BY-4.0"]
    readme = (DATA / "README.md").read_text(encoding="utf-8")
    for name, resource in resources.items():
        assert f"`{name}`" in readme
        for field in resource["schema"]["fields"]:
            assert field["title"] and field["description"], (name, field["name"])
            assert f"`{field['name']}`" in readme, (name, field["name"])


def test_every_measure_is_explained():
    package = Package(str(DATA / "datapackage.json"))
    field = package.get_resource("observations").schema.get_field("measure")
    readme = (DATA / "README.md").read_text(encoding="utf-8")
    assert [measure for measure in field.constraints["enum"] if f"`{measure}`" not in readme] == []


FIRST = "province,An Giang,PAR,2012,points,appraisal,54.25,accepted,,s157,\n"


@pytest.mark.parametrize(
    ("file", "old", "new", "kind"),
    [
        ("observations.csv", FIRST, FIRST.replace("PAR", "PCI"), "constraint-error"),
        ("observations.csv", FIRST, FIRST + FIRST, "primary-key"),
        ("provinces.csv", ",RRD,VN-HN", ",XX,VN-HN", "foreign-key"),
    ],
)
def test_a_hurt_copy_is_found(copy: Path, file: str, old: str, new: str, kind: str):
    text = (copy / file).read_text(encoding="utf-8")
    assert text.count(old) == 1
    (copy / file).write_text(text.replace(old, new), encoding="utf-8", newline="\n")
    assert (file, kind) in problems(copy)
