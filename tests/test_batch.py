"""The batch run, with toy notebooks in real kernels."""

import json
import os
import signal
import subprocess
import sys
import time
from hashlib import sha256
from pathlib import Path

import nbformat
import psutil
import pytest
from nbformat.v4 import new_code_cell, new_notebook

from helpers import batch
from helpers.batch import BadNotebook, Job, OutputError, execution

UNIT = "Ô Trống 1: “Đặng Ữ”"


def write_notebook(path: Path, *cells: str) -> Path:
    parameters = new_code_cell('unit = "?"\nyear = 0', metadata={"tags": ["parameters"]})
    notebook = new_notebook(cells=[parameters, *(new_code_cell(cell) for cell in cells)])
    nbformat.write(notebook, path)
    return path


def render(notebook, title: str) -> str:
    """Stand in for the site: a page that shows what reached the worker."""
    if title == "unrenderable":
        raise ValueError("no such page")
    return f"{title}|{printed(notebook)}"


def printed(notebook) -> str:
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", [])]
    return "".join(output.get("text", "") for output in outputs)


class Toys:
    """One run of five toy notebooks, of which one goes well."""

    def __init__(self, folder: Path):
        self.data = folder / "made-up-data"
        self.data.mkdir()
        (self.data / "figures.csv").write_text("unit\nÔ Trống 1\n", encoding="utf-8")
        self.outputs = folder / "outputs"
        self.good = write_notebook(
            folder / "good.ipynb",
            "import os, sys\nprint(unit)",
            "print(year + 1)\nprint(sys.executable)\nprint(os.environ['OMP_NUM_THREADS'])",
        )
        failing = write_notebook(
            folder / "failing.ipynb", "x = 1", "y = 2\n\nraise ValueError(unit)"
        )
        dying = write_notebook(folder / "dying.ipynb", "x = 1", "import os\nos._exit(1)", "x")
        given = {"unit": UNIT, "year": 2020}
        self.jobs = [
            Job(dying, given, "dying"),
            Job(failing, given, "failing"),
            Job(self.good, given, "good", "Trang của Ô Trống 1"),
            Job(self.good, given, "untitled"),
            Job(self.good, given, "unrenderable"),
        ]
        for name in ("failing", "good"):
            batch.write_file(self.outputs / "html" / f"{name}.html", b"of an earlier run")
        self.told = []
        results = batch.run(self.jobs, self.outputs, 2, self.told.append, render, self.data)
        self.results = {result.name: result for result in results}
        self.record = json.loads((self.outputs / "run.json").read_text("utf-8"))

    def notebook(self, name: str):
        return nbformat.read(self.outputs / "notebooks" / f"{name}.ipynb", as_version=4)

    def page(self, name: str) -> Path:
        return self.outputs / "html" / f"{name}.html"


@pytest.fixture(scope="module")
def toys(tmp_path_factory) -> Toys:
    folder = tmp_path_factory.mktemp("toys")
    # A kernel named python3 of some other installation, as many homes hold.
    spec = {"argv": ["no-such-python"], "display_name": "another", "language": "python"}
    batch.write_file(folder / "jupyter/kernels/python3/kernel.json", json.dumps(spec).encode())
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("JUPYTER_PATH", str(folder / "jupyter"))
        return Toys(folder)


def test_results_come_in_the_order_of_the_jobs_and_one_by_one(toys):
    assert list(toys.results) == ["dying", "failing", "good", "untitled", "unrenderable"]
    assert {result.name for result in toys.told} == set(toys.results)
    assert [name for name, result in toys.results.items() if result.ok] == ["good", "untitled"]


def test_parameters_arrive_intact_in_a_kernel_of_this_interpreter_with_one_thread(toys):
    lines = printed(toys.notebook("good")).splitlines()
    assert lines == [UNIT, "2021", sys.executable, "1"]


def test_pages_have_their_title_or_else_the_name(toys):
    assert toys.page("good").read_text("utf-8").startswith(f"Trang của Ô Trống 1|{UNIT}\n2021")
    assert toys.page("untitled").read_text("utf-8").startswith("untitled|")


def test_a_failing_cell_is_named_with_its_line_and_error(toys):
    result = toys.results["failing"]
    # Number 1 is the cell with the defaults, number 2 the one with the parameters given.
    assert (result.cell, result.line) == (4, 3)
    assert result.source == "raise ValueError(unit)"
    assert result.error == f"ValueError: {UNIT}"


def test_the_executed_notebook_is_there_after_a_failure_with_the_error_in_it(toys):
    errors = [
        output.evalue
        for cell in toys.notebook("failing").cells
        for output in cell.get("outputs", [])
        if output.output_type == "error"
    ]
    assert errors == [UNIT]


def test_a_dead_kernel_is_one_clear_line(toys):
    result = toys.results["dying"]
    assert (result.cell, result.line, result.source) == (4, None, "")
    assert result.error == "the kernel died, as it does when memory runs out"
    assert toys.notebook("dying").cells[-1].execution_count is None


def test_a_page_that_cannot_be_made_is_a_failure(toys):
    result = toys.results["unrenderable"]
    assert result.error == "the page cannot be made: ValueError: no such page"
    assert result.cell is None
    assert not toys.page("unrenderable").exists()


def test_no_page_of_an_earlier_run_stays_beside_a_failed_notebook(toys):
    assert not toys.page("failing").exists()
    assert toys.results["failing"].page_removed
    assert not toys.results["dying"].page_removed
    assert "earlier" not in toys.page("good").read_text("utf-8")


def test_run_json_tells_what_ran_from_which_data(toys):
    record = toys.record
    assert record["status"] == "failed"
    assert record["workers"] == 2
    assert record["started"] <= record["finished"]
    assert record["seconds"] > 0
    figures = (toys.data / "figures.csv").read_bytes()
    assert record["data"] == {"figures.csv": sha256(figures).hexdigest()}
    assert record["notebooks"]["good.ipynb"] == sha256(toys.good.read_bytes()).hexdigest()
    assert record["versions"]["papermill"]
    reports = {report["name"]: report for report in record["reports"]}
    assert reports["good"]["status"] == "ok"
    assert reports["good"]["parameters"] == {"unit": UNIT, "year": 2020}
    assert reports["good"]["seconds"] > 0
    failing = reports["failing"]
    assert (failing["status"], failing["cell"], failing["line"]) == ("failed", 4, 3)
    assert failing["error"] == f"ValueError: {UNIT}"
    assert failing["page_removed"]


def test_nothing_is_left_but_whole_files_without_paths_of_the_worker(toys):
    names = {path.name for path in toys.outputs.rglob("*") if path.is_file()}
    notebooks = {f"{name}.ipynb" for name in toys.results}
    assert names == {".lock", "run.json", "good.html", "untitled.html", *notebooks}
    assert toys.notebook("good").metadata.papermill.input_path == "good.ipynb"
    assert toys.notebook("good").metadata.papermill.output_path == "good.ipynb"


# --- without a kernel ----------------------------------------------------------------------


def test_an_unknown_parameter_is_refused_before_anything_runs(tmp_path):
    notebook = write_notebook(tmp_path / "toy.ipynb")
    with pytest.raises(BadNotebook, match=r"toy\.ipynb has no parameter ear: .* has unit, year"):
        batch.run([Job(notebook, {"ear": 2020}, "toy")], tmp_path / "outputs", 1)
    assert not (tmp_path / "outputs").exists()


@pytest.mark.parametrize("content", [None, b"", b"[]", b"{}", b"\xff\xfe", b"no notebook"])
def test_what_is_no_notebook_is_refused(tmp_path, content):
    notebook = tmp_path / "toy.ipynb"
    if content is not None:
        notebook.write_bytes(content)
    with pytest.raises(BadNotebook, match=r"toy\.ipynb"):
        batch.run([Job(notebook, {}, "toy")], tmp_path / "outputs", 1)


def test_outputs_that_cannot_be_written_are_one_line_before_anything_runs(tmp_path):
    notebook = write_notebook(tmp_path / "toy.ipynb")
    (tmp_path / "outputs").write_text("a file in the place of the folder")
    with pytest.raises(OutputError, match=r"Cannot write .*outputs.*: File exists\."):
        batch.run([Job(notebook, {}, "toy")], tmp_path / "outputs", 1)


@pytest.mark.parametrize("step", ["write_bytes", "replace"])
def test_a_full_disk_leaves_the_old_file_whole(tmp_path, monkeypatch, step):
    def full(self, *_):
        raise OSError(28, "No space left on device")

    path = tmp_path / "page.html"
    batch.write_file(path, b"old")
    monkeypatch.setattr(Path, step, full)
    with pytest.raises(OutputError, match=r"Cannot write .*page\.html: No space left on device\."):
        batch.write_file(path, b"new")
    assert [file.name for file in tmp_path.iterdir()] == ["page.html"]
    assert path.read_bytes() == b"old"


class Lethal:
    """Ends the worker that unpickles it."""

    def __reduce__(self):
        return os._exit, (1,)


def test_a_worker_that_dies_fails_its_jobs_and_does_not_hang(tmp_path):
    notebook = write_notebook(tmp_path / "toy.ipynb")
    [result] = batch.run([Job(notebook, {}, "toy")], tmp_path, 1, render=Lethal())
    assert not result.ok
    assert "a worker process died" in result.error


@pytest.mark.parametrize("workers, names", [(0, ["a"]), (1, ["a", "a"])])
def test_slips_of_the_caller_are_refused(tmp_path, workers, names):
    with pytest.raises(ValueError, match="at least one worker, and jobs with names that differ"):
        batch.run([Job(tmp_path, {}, name) for name in names], tmp_path, workers)


@pytest.mark.parametrize("failures, ok", [(1, True), (execution.STARTS, False)])
def test_a_kernel_that_never_started_is_tried_again(tmp_path, monkeypatch, failures, ok):
    """As when two kernels are given the same port."""
    write_notebook(tmp_path / "toy.ipynb", "1 + 1")
    run, calls = execution.Client.execute, []

    def flaky(client):
        calls.append(client)
        if len(calls) <= failures:
            raise RuntimeError("Kernel died before replying to kernel_info")
        return run(client)

    monkeypatch.setattr(execution.Client, "execute", flaky)
    path = tmp_path / "toy.ipynb"
    result = batch.execute(Job(path, {}, "toy"), path.read_bytes()).result
    assert result.ok == ok
    assert len(calls) == (failures + 1 if ok else execution.STARTS)
    assert ("before replying" in result.error) != ok


# --- Ctrl-C --------------------------------------------------------------------------------

SLEEPER = """
import signal
import sys
from pathlib import Path
from helpers import batch

if __name__ == "__main__":
    # Tests that run in the background have inherited a deaf ear for Ctrl-C.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    folder = Path(sys.argv[1])
    jobs = [batch.Job(folder / "toy.ipynb", {}, name) for name in ("one", "two")]
    try:
        batch.run(jobs, folder / "outputs", 1)
    except KeyboardInterrupt:
        print("stopped")
"""


@pytest.mark.skipif(os.name == "nt", reason="Ctrl-C is sent in another way on Windows")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL])
def test_stopping_leaves_no_worker_and_no_kernel(tmp_path, number):
    started = tmp_path / "started"
    write_notebook(
        tmp_path / "toy.ipynb", f"open({str(started)!r}, 'w')\nimport time\ntime.sleep(600)"
    )
    (tmp_path / "sleeper.py").write_text(SLEEPER)
    command = [sys.executable, tmp_path / "sleeper.py", tmp_path]
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    with subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        start_new_session=True,
        env={**os.environ, "TMPDIR": str(temporary)},
    ) as process:
        wait_for(started.exists, 60)
        family = psutil.Process(process.pid).children(recursive=True)
        nurseries = [child for child in family if "helpers.kernels.nursery" in child.cmdline()]
        kernels = [child for child in nurseries if child.ppid() in {n.pid for n in nurseries}]
        if number == signal.SIGKILL:
            process.kill()
        else:
            os.killpg(process.pid, number)  # as a terminal does
        _, alive = psutil.wait_procs(family, timeout=10)
        try:
            said = process.communicate(timeout=10)[0]
        finally:
            process.kill()
    assert len(kernels) == 1
    assert alive == []
    assert list(temporary.iterdir()) == []
    if number == signal.SIGINT:
        assert said == b"stopped\n"
        record = json.loads((tmp_path / "outputs/run.json").read_text("utf-8"))
        assert record["status"] == "interrupted"
        assert [report["status"] for report in record["reports"]] == ["not run", "not run"]


def wait_for(condition, seconds: float) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, f"not within {seconds} s"
        time.sleep(0.05)
