"""What other packages keep to themselves is not used, and none of their attributes is replaced."""

import ast
import importlib
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import helpers

HELPERS = Path(helpers.__file__).parent
# Named with an underscore, and documented for everyone: of named tuples, of IPython, of `os`.
PUBLIC = {"_replace", "_asdict", "_fields", "_make", "_repr_html_", "os._exit"}
PRIVATE = re.compile(r"_(?!_)\w+")
# Such as "--IPythonKernel._execute_sleep=0", or a name for `mock.patch`.
IN_WORDS = re.compile(r"\b[A-Za-z]\w*\._(?!_)[a-z]\w*")
BY_NAME = {"getattr", "setattr", "delattr", "hasattr"}


def found(source: str) -> Iterator[str]:
    """Uses of private names of other packages, and replaced attributes, each with its line."""
    tree = ast.parse(source)
    foreign = dict(_foreign(tree))
    for node in ast.walk(tree):
        for use in _uses(node, foreign):
            if not {use, use.rpartition(".")[2]} & PUBLIC:
                yield f"line {getattr(node, 'lineno', 0)}: {use}"


def _foreign(tree: ast.AST) -> Iterator[tuple[str, str]]:
    """Names that a module imports from elsewhere, and what they stand for."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for name in node.names:
                whole = name.name if name.asname else name.name.partition(".")[0]
                yield name.asname or whole, whole
        elif isinstance(node, ast.ImportFrom) and not node.level and node.module:
            for name in node.names:
                yield name.asname or name.name, f"{node.module}.{name.name}"


def _uses(node: ast.AST, foreign: dict[str, str]) -> Iterator[str]:
    others = {name for name, whole in foreign.items() if whole.partition(".")[0] != "helpers"}
    if isinstance(node, ast.Import | ast.ImportFrom):
        module = [getattr(node, "module", None) or ""]
        for whole in (".".join([*module, name.name]).strip(".") for name in node.names):
            if any(map(PRIVATE.fullmatch, whole.split("."))) and not whole.startswith("helpers."):
                yield whole
    elif isinstance(node, ast.Attribute):
        root = _root(node)
        if PRIVATE.fullmatch(node.attr) and root not in {"self", "cls"}:
            yield ast.unparse(node)
        elif isinstance(node.ctx, ast.Store | ast.Del) and root in others:
            yield f"{ast.unparse(node)} = ..."
    elif isinstance(node, ast.Call) and _name(node.func) in BY_NAME and len(node.args) > 1:
        held, name = node.args[0], node.args[1]
        if isinstance(name, ast.Constant) and PRIVATE.fullmatch(str(name.value)):
            yield str(name.value)
        elif _name(node.func) in {"setattr", "delattr"} and _root(held) in others:
            yield ast.unparse(node)
    elif isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield from IN_WORDS.findall(node.value)
    elif isinstance(node, ast.ClassDef):
        yield from _overridden(node, foreign, others)


def _overridden(node: ast.ClassDef, foreign: dict[str, str], others: set[str]) -> Iterator[str]:
    """Private methods that a class has from elsewhere and replaces."""
    methods = [one.name for one in node.body if isinstance(one, ast.FunctionDef)]
    for base in node.bases:
        if _root(base) in others:
            given = _look_up(foreign[_root(base)], ast.unparse(base).split(".")[1:])
            for name in filter(PRIVATE.fullmatch, methods):
                if hasattr(given, name):
                    yield f"{node.name}.{name}"


def _look_up(whole: str, rest: list[str]):
    """What a dotted name stands for: a module, or what one holds."""
    module, _, name = whole.rpartition(".")
    try:
        held = importlib.import_module(whole)
    except ModuleNotFoundError:
        held = getattr(importlib.import_module(module), name)
    for part in rest:
        held = getattr(held, part)
    return held


def _root(node: ast.AST) -> str:
    """Name that a chain of attributes, calls and items begins with."""
    while isinstance(node, ast.Attribute | ast.Call | ast.Subscript):
        node = node.func if isinstance(node, ast.Call) else node.value
    return _name(node)


def _name(node: ast.AST) -> str:
    return node.id if isinstance(node, ast.Name) else ""


@pytest.mark.parametrize(
    "source",
    [
        "from matplotlib.text import Text\nText._get_layout",
        "import matplotlib.text\nmatplotlib.text.Text('a')._get_layout(None)",
        "def f(text):\n    return text._get_multialignment()",
        "def f(renderer):\n    return getattr(renderer, '_renderer', None)",
        "from matplotlib import _tight_layout",
        "import multiprocessing._config",
        "from multiprocessing import forkserver as server\nserver._forkserver._stop()",
        "from matplotlib.text import Text\nText.draw = print",
        "from matplotlib.text import Text as T\nsetattr(T, 'draw', print)",
        "import pandas as pd\ndel pd.DataFrame.to_html",
        "import pandas as pd\npd.DataFrame.to_html += 1",
        "OPTIONS = ['--IPythonKernel._execute_sleep=0']",
        "import nbconvert\nclass Page(nbconvert.HTMLExporter):\n    def _preprocess(self): ...",
        "from nbconvert import Exporter\nclass Page(Exporter):\n    def _preprocess(self): ...",
        "import os\nos._exit(0) if os._wrap_close else None",
    ],
)
def test_what_is_private_is_found(source):
    assert list(found(source))


@pytest.mark.parametrize(
    "source",
    [
        "import os\nos._exit(0)",
        "def f(bound):\n    return bound._replace(low=1)",
        "class Own:\n    def __init__(self):\n        self._mine = 1\n        self.__dict__",
        "from helpers import units\nunits.resolve",
        "import matplotlib.pyplot as plt\nplt.rcParams.update({})\nplt.rcParams['a'] = 1",
        "from nbconvert import Exporter\nclass Page(Exporter):\n    def _of_our_own(self): ...",
    ],
)
def test_what_is_public_is_not(source):
    assert list(found(source)) == []


@pytest.mark.parametrize(
    "path",
    sorted(HELPERS.rglob("*.py")),
    ids=lambda path: path.relative_to(HELPERS).as_posix(),
)
def test_no_private_name_of_another_package_is_used(path):
    assert list(found(path.read_text(encoding="utf-8"))) == []
