"""Papermill's engine `cchc`: toy notebooks without a kernel, held against real ones."""

import asyncio
import json
import re
import subprocess
import sys
from pathlib import Path

import matplotlib
import nbclient
import nbformat
import papermill
import pytest
from nbformat.v4 import new_code_cell, new_notebook
from papermill.exceptions import PapermillExecutionError

from helpers.batch.outputs import Outputs

PARAMETERS = new_code_cell('unit = "?"\nyear = 0', metadata={"tags": ["parameters"]})


def run(folder: Path, *cells: str, parameters: dict | None = None, **options):
    """Run cells by the engine and give the executed notebook."""
    notebook = new_notebook(cells=[PARAMETERS, *map(new_code_cell, cells)])
    notebook.metadata["kernelspec"] = {"name": "python3", "language": "python", "display_name": ""}
    nbformat.write(notebook, folder / "given.ipynb")
    return papermill.execute_notebook(
        folder / "given.ipynb",
        folder / "made.ipynb",
        parameters or {},
        engine_name="cchc",
        progress_bar=False,
        **options,
    )


def outputs(notebook) -> list[list[dict]]:
    return [[dict(output) for output in cell.outputs] for cell in notebook.cells]


def by_a_kernel(*cells: str) -> list[list[dict]]:
    notebook = new_notebook(cells=[PARAMETERS, *map(new_code_cell, cells)])
    client = nbclient.NotebookClient(notebook, allow_errors=True, coalesce_streams=True)
    return outputs(client.execute())


SHOWING = [
    "from IPython.display import HTML, SVG, clear_output, display\nimport sys",
    "7 * 191",
    "display(HTML('<b>made up</b>'), metadata={'text/html': {'isolated': True}})",
    "shown = display('first', display_id='made-up')",
    "shown.update('second')\nprint('words', file=sys.stderr)",
    "print('gone')\nclear_output(wait=True)\nprint('stays')\ndisplay('too')",
    "print('gone')\nclear_output()",
    "display({'application/x-made-up+json': {'a': [1, {'b': None}]}}, raw=True)",
    "display('one')\nprint('two')\n'three'",
    "None",
    "1;",
    "import asyncio\nawait asyncio.sleep(0, 'waited for')",
    "%env MADE_UP=1",
    "%%capture kept\nprint('not shown')",
    "!echo of a shell",
    "import pandas\npandas.DataFrame({n: [n] for n in range(30)})",
    "_ + _ if isinstance(_, str) else Out[3]",
    "ours = lambda lines: [line.replace('seven', '7') for line in lines]\n"
    "get_ipython().input_transformer_manager.line_transforms.append(ours)",
    "seven",
    "import matplotlib.pyplot as plt\n_ = plt.plot([1, 2])",
]


def test_what_is_shown_is_what_a_kernel_shows(tmp_path):
    with matplotlib.rc_context():
        matplotlib.rcdefaults()  # other tests of this process have set a style
        ours = outputs(run(tmp_path, *SHOWING))
    theirs = by_a_kernel(*SHOWING)
    nbformat.validate(nbformat.read(tmp_path / "made.ipynb", as_version=4))
    for source, mine, its in zip(["", *SHOWING], ours, theirs, strict=True):
        assert mine == its, source
    assert "image/png" in ours[-1][0]["data"]


PRINTING = [
    "print('made up', end='')",
    "import os, sys, time\nsys.stderr.write('also made up')\n1",
    "for n in range(3):\n    print(n)\n    sys.stdout.flush()\n2",
    "pid = os.fork()\nif not pid:\n    print('of a child')\n    sys.stdout.flush()\n"
    "    os._exit(0)\nos.waitpid(pid, 0)[1]",
    # What comes by way of a pipe may come after the end of its cell in a kernel.
    "os.write(1, b'by its number\\n')\ntime.sleep(0.5)",
    "os.system('echo of a command')\ntime.sleep(0.5)",
]


def test_what_is_printed_is_shown_whoever_prints_it(tmp_path, monkeypatch):
    monkeypatch.delenv("PYTEST_CURRENT_TEST")  # under which ipykernel leaves the descriptors alone
    ours, theirs = outputs(run(tmp_path, *PRINTING)), by_a_kernel(*PRINTING)

    def sorted_texts(cells):  # a pipe is read after what Python itself prints
        return [sorted(json.dumps(one, sort_keys=True) for one in cell) for cell in cells]

    assert sorted_texts(ours) == sorted_texts(theirs)
    assert "of a child" in str(ours) and "by its number" in str(ours)


FAILING = [
    "\n\nx = 1\n1 / 0",
    "def deep():\n    raise KeyError('made up')\n\ndeep()",
    "x = = 1",
    "  x = 1\n y = 2",
    "class Bad:\n    def __str__(self):\n        return 'no'\nraise ValueError(Bad())",
    "import asyncio\nasync def wait():\n    raise OSError(5, 'made up')\nawait wait()",
    "raise KeyboardInterrupt",
    "import json\njson.loads('{')",
]


@pytest.fixture(scope="module")
def told_by_a_kernel() -> dict[str, dict]:
    """What one kernel tells of each failing cell."""
    made = by_a_kernel(*FAILING)[1:]
    return {
        cell: next(one for one in shown if one["output_type"] == "error")
        for cell, shown in zip(FAILING, made, strict=True)
    }


@pytest.mark.parametrize("cell", FAILING)
def test_an_error_is_told_as_a_kernel_tells_it(tmp_path, cell, told_by_a_kernel):
    with pytest.raises(PapermillExecutionError) as caught:
        run(tmp_path, "before = 1", cell, "after = 1")
    expected = told_by_a_kernel[cell]
    assert caught.value.ename == expected["ename"]
    assert without_file(caught.value.evalue) == without_file(expected["evalue"])
    assert caught.value.exec_count == 3
    lines = [re.findall(r"Cell In\[\d+\], line (\d+)", text(trace)) for trace in (
        caught.value.traceback, expected["traceback"])]  # fmt: skip
    assert lines[0] == lines[1] != []
    made = nbformat.read(tmp_path / "made.ipynb", as_version=4)
    assert made.cells[-1].execution_count is None


def without_file(text: str) -> str:
    return re.sub(r"\(.*, line", "(line", text)  # a kernel keeps a cell in a file


def text(trace: list[str]) -> str:
    return re.sub(r"\x1b\[[\d;]*m", "", "\n".join(trace))


ENDING = [
    "import sys\nsys.exit(0)",
    "import sys\nsys.exit('made up')",
    "import sys\nsys.exit(2)",
    "exit()",
    "raise SystemExit",
    "get_ipython().ask_exit()",
]


@pytest.mark.parametrize("cell", ENDING)
def test_a_cell_that_ends_the_notebook_is_a_failure(tmp_path, cell):
    with pytest.raises(PapermillExecutionError) as caught:
        run(tmp_path, "before = 1", cell, "print('the rest')")
    assert caught.value.exec_count == 3
    assert caught.value.evalue.startswith("the cell ended the notebook")
    assert "nothing below it was run" in caught.value.evalue


ASSIGNING = [
    "unit = 'Ô Trống 2'",
    "for year in range(3):\n    pass",
    "del unit",
    "def change():\n    global unit\n    unit = 2\nchange()",
    "%time unit = 'Ô Trống 2'",
    "exec('year = 2019')",
    "%reset -f",
]
GIVEN = {"unit": "Ô Trống 1", "year": 2020}


@pytest.mark.parametrize("cell", ASSIGNING)
def test_a_parameter_that_is_assigned_again_is_refused(tmp_path, cell):
    with pytest.raises(PapermillExecutionError) as caught:
        run(tmp_path, "x = 1", cell, "print('the rest')", parameters=GIVEN)
    assert caught.value.ename == "ParameterAssigned"
    assert re.match("(unit|year) is a parameter of this report", caught.value.evalue)
    assert (caught.value.exec_count, caught.value.cell_index) == (4, 3)
    assert nbformat.read(tmp_path / "made.ipynb", as_version=4).cells[-1].outputs == []


def test_what_only_looks_like_it_is_run(tmp_path):
    own = "def own(year):\n    unit = year\n    return unit\nown(1)"
    run(tmp_path, own, "[unit for unit in range(3)]\nother = unit", parameters=GIVEN)


def test_what_was_not_given_may_be_set(tmp_path):
    """A threshold that a notebook has as a parameter, and a run leaves alone."""
    run(tmp_path, "year = 1", parameters={"unit": "Ô Trống 1"})


def test_nothing_is_left_of_an_earlier_notebook(tmp_path):
    run(tmp_path, "left = 1\n%alias left echo left\nimport matplotlib.pyplot as plt\nplt.plot([1])")
    made = run(tmp_path, "print('left' in globals(), len(Out), repr(_ii))")
    assert made.cells[-1].outputs[0].text == "False 0 ''\n"


# --- sizes ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "limit, written, kept",
    [(10, ["made up", " too"], "made up"), (7, ["mười"], "mười"), (6, ["mười"], ""),
     (3, ["\ud800"], "\ud800")],
)  # fmt: skip
def test_what_is_printed_is_counted_in_bytes(limit, written, kept):
    made = Outputs(limit)
    for one in written:
        made.stream("stdout", one)
    note = f"\n[What this cell put out beyond {limit} bytes is left out.]\n"
    whole = "".join(written) == kept
    assert made.shown[0].text == kept + ("" if whole else note)
    for _ in range(3):
        made.stream("stdout", "more than that")
    assert made.shown[0].text == kept + note


def test_what_is_displayed_counts_and_errors_are_always_kept():
    made = Outputs(20)
    made.display("display_data", {"text/plain": "12345678", "text/html": "12345678"}, {})
    made.display("display_data", {"text/plain": "12345678"}, {})
    made.display("display_data", {"text/plain": "1"}, {})
    made.error("ValueError", "made up", ["made up"])
    assert [one.output_type for one in made.shown] == ["display_data", "stream", "error"]
    assert made.shown[1].text.count("beyond 20 bytes") == 1
    made.begin()
    made.stream("stdout", "next")
    assert made.shown[0].text == "next"


def test_what_is_no_valid_output_is_an_error_of_its_cell(tmp_path):
    with pytest.raises(PapermillExecutionError, match="text/plain of a display is 5") as caught:
        run(tmp_path, "display({'text/plain': 5}, raw=True)")
    assert caught.value.exec_count == 2


# --- as it is called -----------------------------------------------------------------------


def test_papermill_alone_finds_it_and_nobody_answers_a_cell_that_asks(tmp_path):
    sources = ["print(unit, year)\nget_ipython().__class__.__name__", "input('made up? ')"]
    notebook = new_notebook(cells=[PARAMETERS, *map(new_code_cell, sources)])
    notebook.metadata["kernelspec"] = {"name": "python3", "language": "python", "display_name": ""}
    nbformat.write(notebook, tmp_path / "toy.ipynb")
    command = [Path(sys.executable).parent / "papermill", "--engine", "cchc", "toy.ipynb"]
    command += ["out.ipynb", "-p", "unit", "Ô Trống 1"]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, cwd=tmp_path, stdin=pipe, stderr=pipe) as process:
        said = process.stderr.read()  # and the pipe to it is open
    assert (process.returncode, b"EOFError" in said) == (1, True), said
    made = nbformat.read(tmp_path / "out.ipynb", as_version=4)
    *_, first, second = [cell for cell in made.cells if cell.cell_type == "code"]
    printed, kind = first.outputs
    assert (printed.text, kind.data["text/plain"]) == ("Ô Trống 1 0\n", "'Shell'")
    assert second.outputs[-1].ename == "EOFError"


def test_no_task_is_left_behind(tmp_path):
    run(tmp_path, "import asyncio\ntask = asyncio.ensure_future(asyncio.sleep(0))\nawait task")
    with pytest.raises(RuntimeError):
        asyncio.get_running_loop()
