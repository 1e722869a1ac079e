"""The batch run, with toy notebooks in real processes."""

import contextlib
import dataclasses
import json
import os
import shutil
import signal
import subprocess
import sys
import textwrap
import time
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from pathlib import Path

import jsonschema
import nbformat
import papermill
import psutil
import pytest
from toys import wait_for, write_notebook

from helpers import batch, facts, language, paths
from helpers.batch import BadNotebook, Job, OutputError, execution, files, parent, pool, running
from helpers.batch.jobs import Task
from helpers.cli import planning

UNIT = "Ô Trống 1: “Đặng Ữ”"


def render(notebook, title: str) -> dict[str, bytes]:
    """Stand in for the site: a page that shows what reached the worker."""
    if title == "unrenderable":
        raise ValueError("no such page")
    if title == "deadly":
        os._exit(1)
    return {"html": f"{title}|{printed(notebook)}".encode()}


def printed(notebook) -> str:
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", [])]
    return "".join(output.get("text", "") for output in outputs)


class Toys:
    """One run of six toy notebooks, of which two go well."""

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
            Job(self.good, given, "deadly"),
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
    return Toys(tmp_path_factory.mktemp("toys"))


def test_results_come_in_the_order_of_the_jobs_and_one_by_one(toys):
    assert list(toys.results) == ["dying", "failing", "good", "untitled", "unrenderable", "deadly"]
    assert {result.name for result in toys.told} == set(toys.results)
    assert [name for name, result in toys.results.items() if result.ok] == ["good", "untitled"]


def test_parameters_arrive_intact_in_this_interpreter_with_one_thread(toys):
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


def test_a_process_that_ends_is_one_clear_line(toys):
    result = toys.results["dying"]
    assert (result.cell, result.line, result.source) == (4, None, "")
    assert result.error == "its process ended with status 1 before the notebook did"


def test_a_page_that_cannot_be_made_is_a_failure(toys):
    result = toys.results["unrenderable"]
    assert result.error == "the page cannot be made: ValueError: no such page"
    assert result.cell is None
    assert not toys.page("unrenderable").exists()
    deadly = toys.results["deadly"]
    assert (deadly.error, deadly.cell) == (toys.results["dying"].error, None)


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
    notebooks = {f"{name}.ipynb" for name in toys.results if name not in ("dying", "deadly")}
    assert names == {".lock", "run.json", "good.html", "untitled.html", *notebooks}
    assert toys.notebook("good").metadata.papermill.input_path == "good.ipynb"
    assert toys.notebook("good").metadata.papermill.output_path == "good.ipynb"


# --- without a worker ----------------------------------------------------------------------


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


def test_a_process_that_dies_before_it_begins_is_a_failure(tmp_path):
    notebook = write_notebook(tmp_path / "toy.ipynb")
    [result] = batch.run([Job(notebook, {}, "toy")], tmp_path, 1, render=Lethal())
    assert (result.ok, result.cell) == (False, None)
    assert result.error == "its process ended with status 1 before the notebook did"


@pytest.mark.parametrize("workers, names", [(0, ["a"]), (1, ["a", "a"])])
def test_slips_of_the_caller_are_refused(tmp_path, workers, names):
    with pytest.raises(ValueError, match="at least one worker, and jobs with names that differ"):
        batch.run([Job(tmp_path, {}, name) for name in names], tmp_path, workers)


# --- notebooks that misbehave --------------------------------------------------------------


DEAF = "while True:\n    try:\n        while True:\n            x = 1\n    except:\n        pass"
LATE = "it did not end in time (4 s for the whole notebook, see --timeout)"
MEMORY = "its process was ended by SIGKILL, as it is when memory runs out"
UNSEEN = "shown = display('', display_id='made-up')\nwhile True:\n    shown.update('again')"


@pytest.fixture(scope="module")
def troubles(tmp_path_factory):
    """One run of notebooks that never end, print without end, or kill their process."""
    folder = tmp_path_factory.mktemp("troubles")
    cells = {
        "endless": ["x = 1", "while True:\n    x = 1 - x"],
        "flood": ["while True:\n    print('made up ' * 100)"],
        "unseen": [UNSEEN],
        "program": ["import os\nos.system('yes made up')\nprint('after')"],
        "much": ["for n in range(100):\n    print('made up, bịa ra ' * 100)", "print('after')"],
        "deaf": [DEAF],
        "swallowing": ["import time\ntry:\n    time.sleep(60)\nexcept:\n    pass", "print('more')"],
        "killed": ["import os, signal\nos.kill(os.getpid(), signal.SIGKILL)"],
        "crashed": ["import ctypes\nctypes.string_at(0)"],
        "good": ["print(1)"],
    }
    jobs = [
        Job(write_notebook(folder / f"{name}.ipynb", *sources), {}, name)
        for name, sources in cells.items()
    ]
    limits = {"timeout": 4, "largest_output": 20_000}
    results = batch.run(jobs, folder / "outputs", 2, render=render, **limits)
    return folder / "outputs", {result.name: result for result in results}


def output_of(outputs: Path, name: str) -> str:
    return printed(nbformat.read(outputs / "notebooks" / f"{name}.ipynb", as_version=4))


@pytest.mark.parametrize("name, cell", [("endless", 3), ("flood", 2), ("unseen", 2), ("deaf", 2)])
def test_a_notebook_that_never_ends_is_stopped_and_named_with_its_cell(troubles, name, cell):
    result = troubles[1][name]
    assert result.error == LATE
    assert result.cell == cell
    assert 4 <= result.seconds < 30


def test_a_cell_that_swallows_the_end_of_its_time_is_late_all_the_same(troubles):
    outputs, results = troubles
    assert results["swallowing"].error == LATE
    assert not (outputs / "html/swallowing.html").exists()


def test_what_a_cell_prints_without_end_is_cut_with_a_note(troubles):
    outputs, results = troubles
    note = "[What this cell put out beyond 20,000 bytes is left out.]"
    for name in ("flood", "much", "program"):
        text = output_of(outputs, name)
        assert text.startswith("made up")
        assert text.count(note) == 1
        assert 18_000 < len(text.partition(f"\n{note}")[0].encode()) <= 20_000
    assert results["much"].ok and results["program"].ok
    assert output_of(outputs, "much").endswith("after\n")


def test_a_killed_process_is_one_line_and_the_others_are_done(troubles):
    results = troubles[1]
    killed, crashed = results["killed"], results["crashed"]
    assert killed.error == MEMORY
    assert crashed.error == "its process was ended by SIGSEGV"
    assert (killed.cell, crashed.cell) == (2, 2)
    assert {name for name, result in results.items() if result.ok} == {"much", "program", "good"}


def test_times_of_another_run_are_left_out(tmp_path):
    path = write_notebook(tmp_path / "timed.ipynb", "x = 1")
    notebook = nbformat.read(path, as_version=4)
    notebook.cells[1].metadata["execution"] = {"iopub.execute_input": "2011-01-01T00:00:00Z"}
    nbformat.write(notebook, path)
    made = execution.run(Task(Job(path, {}, "timed"), path.read_bytes()))
    assert made.ok
    assert b"2011" not in made.notebook


def test_time_that_is_over_before_the_first_cell_is_said_as_within_one(tmp_path, monkeypatch):
    path = write_notebook(tmp_path / "toy.ipynb", "x = 1")
    monkeypatch.setattr(execution, "_prepared", lambda task: time.sleep(60))
    made = execution.run(Task(Job(path, {}, "toy"), path.read_bytes(), timeout=0.1))
    late = "it did not end in time (0.1 s for the whole notebook, see --timeout)"
    assert (made.ok, made.error) == (False, late)


@pytest.fixture
def small_disk(tmp_path):
    """A folder on a disk of its own, of 160 KB."""
    folder = tmp_path / "small-disk"
    folder.mkdir()
    as_root("mount", "-t", "tmpfs", "-o", "size=160k", "tmpfs", folder)
    yield folder
    as_root("umount", folder)


def as_root(*command) -> None:
    """Run a command as root: by sudo, where that asks for no password, or as oneself."""
    sudo = ["sudo", "--non-interactive"] if shutil.which("sudo") else []
    subprocess.run([*sudo, *command], capture_output=True, check=True)


@pytest.mark.slow  # not for its time: it mounts a disk, which asks for root
def test_a_full_disk_is_one_line_for_that_report_and_the_others_are_done(tmp_path, small_disk):
    large = write_notebook(tmp_path / "large.ipynb", "print('made up ' * 20_000)")
    small = write_notebook(tmp_path / "small.ipynb", "print(1)")
    batch.write_file(small_disk / "html/large.html", b"of an earlier run")
    jobs = [Job(large, {}, "large"), Job(small, {}, "small")]
    results = batch.run(jobs, small_disk, 1, render=render)
    assert [result.ok for result in results] == [False, True]
    assert results[0].error.endswith("large.ipynb: No space left on device.")
    assert results[0].page_removed
    left = {path.name for path in small_disk.rglob("*") if path.is_file()}
    assert left == {".lock", "run.json", "small.html", "small.ipynb"}


# --- only what changed ---------------------------------------------------------------------


class Counted:
    """A run whose jobs are counted and not run."""

    def __init__(self, folder: Path, monkeypatch):
        self.folder, self.ran, self.failing = folder, [], set()
        self.data = folder / "made-up-data"
        batch.write_file(self.data / "figures.csv", b"unit\nA\n")
        self.notebook = write_notebook(folder / "toy.ipynb", "print(1)")
        self.jobs = [
            Job(self.notebook, {"unit": unit}, unit, needs=("fits",)) for unit in ("A", "B")
        ]
        self.shared = [Job.shared("fits", "made up")]
        monkeypatch.setattr(running.pool, "Local", lambda workers: self)

    def run(self, tasks):
        return map(self.run_task, tasks)

    def close(self):
        pass

    def run_task(self, task):
        name = task.job.name
        self.ran.append(name)
        if name == "fits":
            return batch.Result(name, files={"fits/one.json": b"[]"})
        assert task.inputs == {"fits/one.json": b"[]"}
        files = {f"notebooks/{name}.ipynb": b"{}", "tables/all.csv": b"1"}
        if name not in self.failing:
            files[f"html/{name}.html"] = b"page"
        return batch.Result(name, "made up" * (name in self.failing), files=files)

    def __call__(self, **options) -> list[str]:
        """Run, and return the names of the jobs that were run, in their order."""
        self.ran = []
        outputs = self.folder / "outputs"
        shared = {"shared": self.shared, "data": self.data}
        self.results = batch.run(self.jobs, outputs, 2, render=render, **shared, **options)
        return self.ran


@pytest.fixture
def counted(tmp_path, monkeypatch) -> Counted:
    made = Counted(tmp_path, monkeypatch)
    assert made() == ["fits", "A", "B"]  # shared work first: the others read its files
    return made


def test_nothing_changed_runs_nothing(counted):
    assert counted() == []
    assert [result.unchanged for result in counted.results] == [True, True]
    record = json.loads((counted.folder / "outputs/run.json").read_text("utf-8"))
    assert (record["status"], [r["status"] for r in record["reports"]]) == ("ok", ["unchanged"] * 3)


def test_force_runs_everything(counted):
    assert counted(force=True) == ["fits", "A", "B"]


def change(counted: Counted, monkeypatch, what: str) -> None:
    first = counted.jobs[0]
    fields = {
        "parameters": {"parameters": {"unit": "other"}},
        "title": {"title": "another"},
        "language": {"lang": "en"},
    }
    if what in fields:
        counted.jobs[0] = dataclasses.replace(first, **fields[what])
    elif what == "notebook":
        write_notebook(counted.notebook, "print(2)")
    elif what == "package":
        monkeypatch.setattr(running.keys, "package", lambda: "another")
    elif what == "libraries":
        monkeypatch.setattr(running.keys, "versions", lambda: {"made-up": "2"})
    elif what == "locale":
        monkeypatch.setenv("LC_TIME", "made up")
    elif what == "shared":
        counted.shared = [Job.shared("fits", "other")]
    elif what == "figures":
        batch.write_file(counted.data / "figures.csv", b"unit\nB\n")
    elif what == "page lost":
        (counted.folder / "outputs/html/A.html").unlink()
    elif what == "page edited":
        (counted.folder / "outputs/html/A.html").write_text("by hand")
    elif what == "notebook edited":
        (counted.folder / "outputs/notebooks/A.ipynb").write_text("by hand")
    elif what == "table lost":
        (counted.folder / "outputs/tables/all.csv").unlink()
    elif what == "fit lost":
        (counted.folder / "outputs/fits/one.json").unlink()


@pytest.mark.parametrize(
    "what, again",
    [
        ("parameters", ["A"]),
        ("title", ["A"]),
        ("language", ["A"]),
        ("notebook", ["A", "B"]),
        ("package", ["fits", "A", "B"]),
        ("libraries", ["fits", "A", "B"]),
        ("locale", ["fits", "A", "B"]),
        ("figures", ["fits", "A", "B"]),
        ("shared", ["fits", "A", "B"]),
        ("page lost", ["A"]),
        ("page edited", ["A"]),
        ("notebook edited", ["A"]),
        ("table lost", ["A", "B"]),
        # Shared work is only done where a job needs it.
        ("fit lost", []),
    ],
)
def test_what_changed_is_run_again_and_nothing_else(counted, monkeypatch, what, again):
    change(counted, monkeypatch, what)
    assert counted() == again
    assert counted() == []


def test_no_print_of_an_earlier_page_stays(counted):
    html = counted.folder / "outputs/html"
    prints = [html / "A.pdf", html / "B.pdf"]
    for path in prints:
        path.write_bytes(b"%PDF-")
    counted(force=True)
    assert [path.exists() for path in prints] == [True, True]  # of the same pages
    (html / "A.html").write_bytes(b"another page")
    counted.failing = {"B"}
    counted(force=True)
    assert [path.exists() for path in prints] == [False, False]


def test_a_failed_job_is_run_again(counted):
    counted.failing = {"A"}
    assert counted(force=True) == ["fits", "A", "B"]
    assert counted() == ["A"]
    counted.failing = set()
    assert counted() == ["A"]
    assert counted() == []


def test_jobs_of_other_runs_are_not_forgotten(counted):
    jobs, counted.jobs = counted.jobs, counted.jobs[:1]
    assert counted() == []
    counted.jobs = jobs
    assert counted() == []


def test_run_json_is_as_its_schema_says(counted, toys):
    schema = json.loads((Path(batch.__file__).parent / "run.schema.json").read_text("utf-8"))
    jsonschema.Draft202012Validator.check_schema(schema)
    stored = json.loads((counted.folder / "outputs/run.json").read_text("utf-8"))
    for record in (stored, toys.record):
        jsonschema.validate(record, schema)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({**stored, "status": "perhaps"}, schema)


def test_a_damaged_record_is_as_good_as_none(counted):
    (counted.folder / "outputs/run.json").write_text('{"schema": 2, "repo')
    assert counted() == ["fits", "A", "B"]


# --- two runs at once ----------------------------------------------------------------------

HOLDER = """
import sys, time
from pathlib import Path
from helpers.batch import files

with files.locked(Path(sys.argv[1])):
    print("locked", flush=True)
    time.sleep(600)
"""


def test_a_second_run_says_who_is_at_work_and_a_killed_one_is_no_hindrance(counted):
    outputs = counted.folder / "outputs"
    command = [sys.executable, "-c", HOLDER, outputs]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as holder:
        assert holder.stdout.readline() == b"locked\n"
        who = rf"Another run is at work in .*: process {holder.pid} of .* on .*, since 20.*Wait"
        with pytest.raises(batch.Locked, match=who):
            counted()
        holder.kill()
    assert counted(force=True) == ["fits", "A", "B"]


def test_a_user_without_a_name_can_hold_the_lock_and_leaves_no_name_behind(tmp_path, monkeypatch):
    def unknown():
        raise KeyError("getpwuid(): uid not found: 4242")

    monkeypatch.setattr(files.getpass, "getuser", unknown)
    with pytest.raises(ValueError), files.locked(tmp_path):
        holder = (tmp_path / ".lock-holder").read_text("utf-8")
        raise ValueError(holder)
    assert "of an unnamed user on" in holder
    assert {path.name for path in tmp_path.iterdir()} <= {".lock"}


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
    jobs = [batch.Job(folder / "toy.ipynb", {}, name) for name in sys.argv[2:]]
    try:
        batch.run(jobs, folder / "outputs", 1)
    except KeyboardInterrupt:
        print("stopped")
"""


STAYING = """import multiprocessing, subprocess, time
here = multiprocessing.current_process().name.startswith("Spawn")
if {when!r} == "a report runs" or here and "-" not in multiprocessing.parent_process().name:
    subprocess.Popen(["sleep", "600"])
    open({started!r}, "w").close()
    time.sleep(600)"""


@pytest.mark.slow
@pytest.mark.alone  # it is about 2 s
@pytest.mark.parametrize("when", ["it imports", "a report runs", "the parent runs one"])
@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM", "SIGKILL"])
def test_stopping_leaves_no_process_and_no_file(tmp_path, name, when, still_running):
    number, jobs = getattr(signal, name), [f"toy-{n}" for n in range(8)]
    started, temporary = tmp_path / "started", tmp_path / "temporary"
    temporary.mkdir()
    write_notebook(tmp_path / "toy.ipynb", STAYING.format(started=str(started), when=when))
    (tmp_path / "sleeper.py").write_text(SLEEPER)
    command = [sys.executable, tmp_path / "sleeper.py", tmp_path, *jobs]
    with subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
        env={**os.environ, "TMPDIR": str(temporary)},
    ) as process:
        if when == "it imports":
            wait_for(lambda: list(temporary.glob("cchc-*")), 60)
            time.sleep(0.3)
        else:
            wait_for(started.exists, 60)
        family = psutil.Process(process.pid).children(recursive=True)
        names = {one.name() for one in family}
        if number == signal.SIGINT:
            os.killpg(process.pid, number)  # as a terminal does
        else:
            process.send_signal(number)
        alive = still_running(family, 2)
        try:
            said, complained = process.communicate(timeout=20)
        finally:
            process.kill()
    assert ("sleep" in names) == (when != "it imports")
    assert alive == []
    assert list(temporary.iterdir()) == []
    assert complained.decode() == ""
    if number == signal.SIGINT:
        assert said == b"stopped\n"
        record = json.loads((tmp_path / "outputs/run.json").read_text("utf-8"))
        assert record["status"] == "interrupted"
        done = when == "the parent runs one"  # the one beside it
        assert [report["status"] for report in record["reports"]].count("not run") == 8 - done


LEAVING = """import os, subprocess, threading, time
threading.Thread(target=time.sleep, args=(600,)).start()
if hasattr(os, "fork") and not os.fork():
    time.sleep(600)
    os._exit(0)
print(subprocess.Popen(['sleep', '600'], stdout=subprocess.DEVNULL).pid)"""


def test_what_a_cell_leaves_running_ends_with_its_notebook_and_holds_nothing_up(tmp_path):
    notebook = write_notebook(tmp_path / "toy.ipynb", LEAVING)
    [result] = batch.run([Job(notebook, {}, "toy")], tmp_path / "outputs", 1)
    assert result.ok and result.seconds < 60
    pid = int(output_of(tmp_path / "outputs", "toy"))
    wait_for(lambda: not psutil.pid_exists(pid), 2)


WAITING = """import os, pathlib, time
here = pathlib.Path({folder!r})
(here / f"{{unit}}.part").write_text(f"{{os.getpid()}} {{os.getppid()}}")
(here / f"{{unit}}.part").rename(here / unit)
while not (here / "go").exists():
    time.sleep(0.05)
print(os.path.isdir(os.environ["TMPDIR"]))"""


def test_a_parent_that_is_killed_costs_what_runs_and_nothing_else(tmp_path, still_running):
    """As when memory runs out, if the system takes it and not the report."""
    notebook = write_notebook(tmp_path / "toy.ipynb", WAITING.format(folder=str(tmp_path)))
    tasks = [
        Task(Job(notebook, {"unit": unit}, unit), notebook.read_bytes())
        for unit in ("killed", "beside", "waiting", "waiting too", "later", "last")
    ]

    def kill_parent():
        wait_for(lambda: all((tmp_path / task.job.name).exists() for task in tasks[:2]), 60)
        copy, parent = map(int, (tmp_path / "killed").read_text().split())
        assert Path(f"/proc/{copy}/oom_score_adj").read_text() == "1000\n"
        os.kill(parent, signal.SIGKILL)  # of which `local` must learn, so nobody else waits for it
        assert still_running([psutil.Process(copy)], 5) == []
        (tmp_path / "go").touch()

    with contextlib.closing(pool.Local(2)) as local, ThreadPoolExecutor(1) as executor:
        killed = executor.submit(kill_parent)
        made = list(local.run(tasks))
        killed.result()
    assert [(result.cell, result.error) for result in made[:2]] == [(3, MEMORY)] * 2
    assert [result.ok for result in made] == [False] * 2 + [True] * 4


REFUSING = """import os
fork = os.fork
def refuse():
    os.fork = fork
    raise BlockingIOError(11, "Resource temporarily unavailable")
os.fork = refuse"""


def test_a_copy_that_the_system_refuses_is_one_failed_report_and_the_others_are_run(tmp_path):
    refusing = write_notebook(tmp_path / "refusing.ipynb", REFUSING)
    toy = write_notebook(tmp_path / "toy.ipynb", "import os\nprint(os.getppid())")
    first, task = (Task(Job(path, {}, path.stem), path.read_bytes()) for path in (refusing, toy))
    with contextlib.closing(pool.Local(1)) as local:
        assert [made.ok for made in local.run([first], stays=first)] == [True]
        refused, *others = (made.error for made in local.run([task] * 3))
    why = "[Errno 11] Resource temporarily unavailable"
    assert refused == f"the system refused what its process needs: {why}"
    assert others == ["", ""]


# --- reports of which there are many ------------------------------------------------------


LOOK = """import builtins, os, random, sys, types, uuid
import matplotlib, numpy
from helpers import facts, language
print("seen", "x" in globals(), hasattr(builtins, "left"), "LEFT" in os.environ,
      "left" in sys.modules, matplotlib.rcParams["font.size"] == 99, language.current(),
      os.path.exists("left.txt"))
print(os.getpid(), random.random(), numpy.random.rand(), uuid.uuid4())
x = 1"""
LEAVE = """os.environ["LEFT"] = "1"
matplotlib.rcParams["font.size"] = 99
language.use("en")
open("left.txt", "w").close()"""
LEAVE_MORE = """builtins.left = 1
sys.modules["left"] = types.ModuleType("left")"""


def of_many(
    notebook: Path, count: int, timeout: float = 120
) -> tuple[list[Job], list[batch.Result]]:
    """Reports of one notebook, enough for one process to begin as the parent of the others."""
    assert count > running.MANY
    jobs = [Job(notebook, {"unit": str(n)}, f"toy-{n}") for n in range(count)]
    return jobs, batch.run(jobs, notebook.parent / "outputs", 1, timeout=timeout)


def lines_of_many(folder: Path, *cells: str) -> list[list[str]]:
    """What each of several reports of one notebook prints."""
    jobs, results = of_many(write_notebook(folder / "toy.ipynb", *cells), 5)
    assert [result.error for result in results if not result.ok] == []
    return [output_of(folder / "outputs", job.name).splitlines() for job in jobs]


KEEP = "import builtins\nbuiltins.who = getattr(builtins, 'who', unit)\nprint(builtins.who)"


def test_what_one_report_keeps_for_itself_is_not_told_of_the_others(tmp_path):
    """As by a cache that forgets of which unit it is: what is shown differs by parameters alone."""
    assert lines_of_many(tmp_path, KEEP) == [[str(n)] for n in range(5)]


@pytest.mark.parametrize("cells", [[LOOK, LEAVE], [LOOK, LEAVE, LEAVE_MORE]])
def test_no_report_finds_a_trace_of_another(tmp_path, cells):
    """Of what is put back after the first of them, and of what is not and shows."""
    told = lines_of_many(tmp_path, *cells)
    seen = {line for lines in told for line in lines if line.startswith("seen")}
    assert seen == {"seen False False False False False vi False"}
    numbers = [line.split() for lines in told for line in lines if not line.startswith("seen")]
    assert all(len(set(column)) == len(told) for column in list(zip(*numbers, strict=True))[1:])


def leaving_unseen(log: Path) -> str:
    """A cell that shows nothing, and notes whose trace it finds before it leaves its own."""
    return (
        f"import builtins\nwith open({str(log)!r}, 'a') as log:\n"
        "    print(unit, getattr(builtins, 'left', unit), file=log)\nbuiltins.left = unit"
    )


def test_many_reports_begin_as_copies_of_one_that_was_run(tmp_path):
    log = tmp_path / "log"
    lines_of_many(tmp_path, leaving_unseen(log))
    found = [line.split() for line in log.read_text().splitlines()]
    assert len(found) == 6  # one was run twice, to see what a copy shows
    assert sum(unit != left for unit, left in found) == 4


def test_the_first_of_many_that_fails_or_dies_takes_no_other_along(tmp_path):
    cell = "import os\nif int(unit) < 2:\n    os._exit(3)\nif int(unit) < 4:\n    raise ValueError"
    _jobs, results = of_many(write_notebook(tmp_path / "toy.ipynb", cell, "print(unit)"), 6)
    assert [result.ok for result in results] == [False] * 4 + [True] * 2
    assert {result.cell for result in results[:4]} == {3}
    assert "status 3" in results[0].error and results[2].error == "ValueError"


HANGING = """import time
while unit == "0":
    try:
        time.sleep(60)
    except BaseException:
        pass
print(unit)"""


@pytest.mark.slow
def test_the_first_of_many_that_does_not_end_takes_no_other_along(tmp_path):
    _jobs, results = of_many(write_notebook(tmp_path / "toy.ipynb", HANGING), 5, 3)
    assert [result.ok for result in results] == [False] + [True] * 4
    assert results[0].cell == 3 and "3 s" in results[0].error


def lines_of_figures(*_) -> dict[str, bytes]:
    return {"html": str(facts.load()["line"].nunique()).encode()}


def test_one_pool_runs_reports_with_figures_of_their_own_and_without(tmp_path, monkeypatch):
    """In turn: none may find those of another, neither its cells nor its page."""
    cell = "from helpers import facts, paths\nprint(facts.load()['line'].nunique(), "
    cell += "paths.data_dir().name)"
    notebook = write_notebook(tmp_path / "toy.ipynb", cell)
    whole = paths.data_dir()
    figures = {path.name: path.read_bytes() for path in whole.glob("*.csv")}
    lines = figures["observations.csv"].splitlines(keepends=True)
    less = figures | {"observations.csv": b"".join([*lines[:1], *lines[-5:]])}
    told, source = [], notebook.read_bytes()
    tasks = [
        Task(Job(notebook, {"unit": "1"}, "toy"), source, lines_of_figures, data=data)
        for data in (less, {}, less, {}, less)
    ]
    with contextlib.closing(pool.Local(1)) as local:
        for some in [tasks[:1], tasks[1:]]:  # the first in the parent itself
            for made in local.run(some, stays=tasks[0]):
                assert made.ok, made
                told.append(printed(nbformat.reads(made.notebook.decode(), as_version=4)).split())
                assert made.page.decode() == told[-1][0]
    assert [count for count, _ in told] == ["5", str(len(lines) - 1)] * 2 + ["5"]
    assert [name == "data" for _, name in told] == [False, True] * 2 + [False]


def test_without_fork_reports_are_run_one_after_the_other(tmp_path, monkeypatch):
    """As on Windows and macOS: in an empty namespace each, and one that dies is named alone."""
    monkeypatch.setattr(parent, "can_fork", lambda: False)
    cell = "import os, threading, time\nprint('x' in globals(), os.getpid())\nx = 1"
    cell += "\nif unit == '1':\n    threading.Thread(target=time.sleep, args=(600,)).start()"
    cell += "\nif unit == '3':\n    os._exit(0)"
    cell += "\nif unit == '6':\n" + textwrap.indent(DEAF, "    ")
    notebook = write_notebook(tmp_path / "toy.ipynb", cell)
    tasks = [Task(Job(notebook, {"unit": str(n)}, str(n)), notebook.read_bytes()) for n in range(7)]
    tasks[6] = dataclasses.replace(tasks[6], timeout=4)
    with contextlib.closing(pool.Local(1)) as local:
        results = list(local.run(tasks))
    assert [result.ok for result in results] == [True, True, True, False, True, True, False]
    assert (results[6].error, results[6].cell) == (LATE, 3)
    assert results[3].error == "its process ended with status 0 before the notebook did"
    made = [nbformat.reads(one.notebook.decode(), as_version=4) for one in results if one.ok]
    told = [printed(notebook).split() for notebook in made]
    assert {found for found, _ in told} == {"False"}
    first, second, third, fourth, fifth = (process for _, process in told)
    assert first == second and fourth == fifth  # ended: one with a thread left, one that died
    assert len({first, third, fourth}) == 3


def test_the_report_of_the_city_whose_name_is_a_persons_says_that_it_is_a_city():
    vi, en = planning.reports(["Hồ Chí Minh"], 2020, ["vi", "en"])
    assert vi.title.startswith("TP. Hồ Chí Minh: ") and en.title.startswith("Hồ Chí Minh City: ")
    assert vi.parameters["province"] == "Hồ Chí Minh"


@pytest.mark.slow
def test_reports_begin_as_copies_and_such_a_page_is_what_a_kernel_makes(tmp_path, monkeypatch):
    """Byte for byte. The real report: what it shows must not differ from one run to the next."""
    [job] = planning.reports(["Thanh Hóa"], 2020, ["vi"])
    [other] = planning.reports(["Hà Nội"], 2020, ["vi"])
    source = job.notebook.read_bytes()
    first = Task(other, source, planning.render, timeout=600)
    with contextlib.closing(pool.Local(1)) as local:
        process = local._parents[0].process
        [before] = local.run([first], stays=first)
        assert before.ok and local._parents[0].process is process, before
        files = {name: file for name, file in before.files.items() if "-2020." not in name}
        task = dataclasses.replace(first, job=job, inputs=files)
        [copied] = local.run([task])
    with contextlib.closing(pool.Local(1)) as local:
        [right] = local.run([task])
    assert right.ok and copied.page == right.page
    monkeypatch.setenv(paths.OUTPUTS, str(tmp_path / "outputs"))
    for name, content in files.items():
        batch.write_file(tmp_path / "outputs" / name, content)
    given = tmp_path / "province_report.ipynb"
    source = nbformat.read(job.notebook, as_version=4)
    nbformat.write(language.translated(source, "vi"), given)
    executed = papermill.execute_notebook(given, None, job.parameters, progress_bar=False)
    executed.metadata.papermill.output_path = f"{job.name}.ipynb"
    executed.metadata["links"] = list(job.links)
    page = planning.render(executed, job.title)["html"].decode()
    assert page.count("<svg") >= 5 and page.count("<table") >= 3
    assert copied.page.decode() == page


FEW_FILES = """
import resource
import sys
from pathlib import Path
from helpers import batch

if __name__ == "__main__":
    few = int(sys.argv[2])
    resource.setrlimit(resource.RLIMIT_NOFILE, (few, few))
    folder = Path(sys.argv[1])
    try:
        [result] = batch.run([batch.Job(folder / "toy.ipynb", {}, "toy")], folder / "outputs", 1)
        print(result.error)
    except batch.NoProcess as error:
        print(error)
"""


@pytest.mark.parametrize(
    "few, said",
    [
        (10, "No process can be started: Too many open files (is `ulimit -n` at least 64?)."),
        (64, ""),
    ],
)
def test_where_too_few_files_may_be_open_that_is_what_is_said(tmp_path, few, said):
    write_notebook(tmp_path / "toy.ipynb", "print(1)")
    (tmp_path / "runner.py").write_text(FEW_FILES)
    command = [sys.executable, tmp_path / "runner.py", tmp_path, str(few)]
    done = subprocess.run(command, capture_output=True, check=True)
    assert done.stdout.decode().strip().startswith(said) and done.stderr == b""


# --- kill -9 ---------------------------------------------------------------------------------


def test_after_kill_9_files_are_whole_and_the_next_run_goes_on_from_there(tmp_path):
    go, outputs = tmp_path / "go", tmp_path / "outputs"
    waiting = (
        "import pathlib, time\n"
        f"while unit == 'two' and not pathlib.Path({str(go)!r}).exists():\n    time.sleep(0.1)"
    )
    write_notebook(tmp_path / "toy.ipynb", waiting)
    (tmp_path / "runner.py").write_text(RUNNER)
    with subprocess.Popen([sys.executable, tmp_path / "runner.py", tmp_path]) as process:
        try:
            wait_for(lambda: "one" in done(outputs), 60)
        finally:
            process.kill()
    nbformat.read(outputs / "notebooks/one.ipynb", as_version=4)
    assert not (outputs / "notebooks/two.ipynb").exists()
    half = outputs / "html/.two.html.1.part"
    batch.write_file(half.with_name("made-up.html"), b"")
    half.write_bytes(b"half a pa")
    go.touch()
    jobs = [Job(tmp_path / "toy.ipynb", {"unit": name}, name) for name in ("one", "two")]
    results = batch.run(jobs, outputs, 1)
    assert [(result.ok, result.unchanged) for result in results] == [(True, True), (True, False)]
    assert not half.exists()


RUNNER = """
import sys
from pathlib import Path
from helpers import batch

if __name__ == "__main__":
    folder = Path(sys.argv[1])
    jobs = [batch.Job(folder / "toy.ipynb", {"unit": name}, name) for name in ("one", "two")]
    batch.run(jobs, folder / "outputs", 1)
"""


def done(outputs: Path) -> set[str]:
    """Names of the jobs that run.json has as done; it is whole at any moment."""
    if not (outputs / "run.json").exists():
        return set()
    record = json.loads((outputs / "run.json").read_text("utf-8"))
    return {report["name"] for report in record["reports"] if report["status"] == "ok"}
