"""Kernels forked from a nursery, with the real nursery and real ipykernels."""

import dataclasses
import inspect
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import nbformat
import psutil
import pytest
from jupyter_client.kernelspec import KernelSpecManager
from jupyter_client.manager import KernelManager
from nbformat.v4 import new_code_cell, new_notebook

from helpers import batch, facts, kernels, trajectories
from helpers.batch import execution, files
from helpers.batch.jobs import Task
from helpers.batch.worker import run_task
from helpers.cli import planning
from helpers.kernels import nursery, preload, provisioner
from helpers.trajectories import stored

pytestmark = pytest.mark.skipif(not kernels.can_fork(), reason="ordinary kernels are used here")


class Kernel:
    """One kernel, started from the package's kernelspec."""

    def __init__(self, folder: Path, *arguments: str):
        specs = execution.Manager(kernel_name=kernels.NAME).kernel_spec_manager
        self.manager = KernelManager(kernel_name=kernels.NAME, kernel_spec_manager=specs)
        env = {**os.environ, "CCHC_TEST": "given"}
        self.manager.start_kernel(cwd=str(folder), env=env, extra_arguments=list(arguments))
        self.client = self.manager.client()
        self.client.start_channels()
        self.client.wait_for_ready(timeout=120)

    def run(self, code: str) -> str:
        """Run code and return what it prints, or the name of its error."""
        told = []

        def hook(message):
            content = message["content"]
            told.append(content.get("text", "") + content.get("ename", ""))

        self.client.execute_interactive(code, output_hook=hook, timeout=60)
        return "".join(told).strip()

    def close(self) -> None:
        self.client.stop_channels()
        self.manager.shutdown_kernel(now=True)


@pytest.fixture
def kernel(tmp_path):
    made = Kernel(tmp_path)
    yield made
    made.close()


def nurseries() -> list[psutil.Process]:
    return [psutil.Process(one.process.pid) for one in nursery._nurseries.values()]


def wait_for(condition, seconds: float) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, f"not within {seconds} s"
        time.sleep(0.02)


def test_a_kernel_is_forked_with_everything_imported_and_its_own_folder(kernel, tmp_path):
    pid, parent, ready, env, cwd = kernel.run(
        "import os, sys\n"
        "print(os.getpid(), os.getppid(), 'helpers.exhibits.province' in sys.modules,"
        " os.environ['CCHC_TEST'], os.getcwd())"
    ).split()
    assert int(parent) in {process.pid for process in nurseries()}
    assert int(pid) == kernel.manager.provisioner.pid
    assert (ready, env, cwd) == ("True", "given", str(tmp_path))


def test_it_speaks_over_unix_sockets_and_leaves_none(tmp_path):
    made = Kernel(tmp_path)
    folder = Path(made.manager.ip).parent
    assert made.manager.transport == "ipc"
    assert len(list(folder.glob("*-ipc-*"))) == 5
    made.close()
    assert not list(folder.glob(f"{Path(made.manager.ip).name}-*"))


def test_nothing_is_left_of_an_earlier_kernel(tmp_path):
    first, second = Kernel(tmp_path), Kernel(tmp_path)
    first.run(
        "import builtins, os, sys, types, matplotlib\n"
        "x = 1; builtins.left = 1; os.environ['LEFT'] = '1'\n"
        "sys.modules['left'] = types.ModuleType('left')\n"
        "matplotlib.rcParams['font.size'] = 99\n"
        "from helpers import facts, language\nfacts.NATION = 'left'; language.use('en')"
    )
    first.close()
    third = Kernel(tmp_path)
    look = (
        "import builtins, os, sys, matplotlib\nfrom helpers import facts, language\n"
        "print('x' in globals(), hasattr(builtins, 'left'), 'LEFT' in os.environ,"
        " 'left' in sys.modules, matplotlib.rcParams['font.size'] == 99,"
        " facts.NATION == 'left', language.current())"
    )
    for made in (second, third):
        assert made.run(look) == "False " * 6 + "vi"
        made.close()


def test_the_signal_by_which_a_nursery_ends_is_none_of_a_kernels(kernel):
    assert kernel.run("import signal; print(signal.getsignal(signal.SIGIO).name)") == "SIG_DFL"


BUSY = """
import contextlib, socket, sys, time, types
from helpers.kernels import nursery

def import_first():
    print("busy", flush=True)
    time.sleep(600)

preload = sys.modules["helpers.kernels.preload"] = types.ModuleType("preload")
preload.import_first = import_first
with contextlib.suppress(nursery._OwnerLeft):
    nursery.main(socket.socket(fileno=int(sys.argv[1])))
"""


def test_a_nursery_ends_when_its_owner_leaves_whatever_it_is_at():
    ours, theirs = socket.socketpair()
    command = [sys.executable, "-c", BUSY, str(theirs.fileno())]
    with (
        ours,
        theirs,
        subprocess.Popen(command, stdout=subprocess.PIPE, pass_fds=[theirs.fileno()]) as process,
    ):
        try:
            assert process.stdout.readline() == b"busy\n"
            ours.close()
            assert process.wait(60) == 0
        finally:
            process.kill()


def test_libraries_find_themselves_in_a_kernel(kernel):
    """Pandas looks when it is imported, and shows fewer columns in a terminal."""
    assert kernel.run("import pandas; print(pandas.get_option('display.max_columns'))") == "20"


def test_no_kernel_waits_for_its_own_threads_at_the_end(tmp_path):
    # ipykernel's own end, which joins them, locked itself up for seconds in one of four kernels.
    for _ in range(12):
        made = Kernel(tmp_path)
        made.run("x = 1")
        process = psutil.Process(made.manager.provisioner.pid)
        made.client.shutdown()
        made.client.stop_channels()
        wait_for(lambda process=process: not process.is_running(), seconds=2)
        made.manager.cleanup_resources()


def test_what_a_notebook_asked_for_at_its_end_is_done(tmp_path):
    made = Kernel(tmp_path)
    made.run("import atexit, pathlib\natexit.register(pathlib.Path('end.txt').touch)")
    made.client.shutdown()
    wait_for((tmp_path / "end.txt").exists, seconds=10)
    made.close()


def test_fits_that_are_there_when_a_kernel_is_forked_are_read_already(tmp_path, monkeypatch):
    monkeypatch.setenv("CCHC_OUTPUTS", str(tmp_path))
    look = "from helpers.trajectories import stored; print(stored._parsed.cache_info().currsize)"
    before = Kernel(tmp_path)
    (tmp_path / "trajectories").mkdir()
    for name in ("PAR", "SIPAS"):
        path = tmp_path / f"trajectories/{name}-2020.json"
        path.write_text(json.dumps({"format": 2, "index": name}))
    (tmp_path / "trajectories/torn.json").write_text('{"format"')
    after = Kernel(tmp_path)
    assert (before.run(look), after.run(look)) == ("0", "2")
    before.close(), after.close()


def test_national_work_is_done_once_and_not_waited_for_by_whom_it_is_of_no_use(
    tmp_path, monkeypatch
):
    monkeypatch.setenv(kernels.WARM_YEARS, "2020")
    look = (
        "import time\nfrom helpers import completion, facts\nfigures = facts.load()\n"
        "began = time.process_time()\ncompletion.complete(figures, 'PAR', 2020)\n"
        "print(time.process_time() - began)"
    )
    warm = Kernel(tmp_path)
    monkeypatch.setenv(kernels.AT_ONCE, "1")
    cold_first = float(warm.run(look))
    warm.close()
    nursery.close_all()
    cold = Kernel(tmp_path)
    took = float(cold.run(look))
    cold.close()
    assert cold_first < took / 3


def test_what_a_nursery_rehearses_goes_well(tmp_path, monkeypatch):
    """What fails there would only make the notebooks slower; here it is an error."""
    monkeypatch.setenv(kernels.WARM_YEARS, "2020")
    trajectories.fitted(facts.load(), "SIPAS", 2020, tmp_path / "trajectories")
    for piece in preload.rest():
        piece()
    stored._parsed.cache_clear()  # another test may have read that content
    [shown] = preload.read_fits(tmp_path)
    shown()
    assert preload.read_fits(tmp_path) == []


def test_what_a_report_shows_is_rehearsed():
    [job] = planning.reports(["Thanh Hóa"], 2020, ["vi"])
    code = "\n".join(
        cell.source
        for cell in nbformat.read(job.notebook, as_version=4).cells
        if cell.cell_type == "code"
    )
    shown = set(re.findall(r"\b(?:show|show_ranks|show_trajectories|page)\.(\w+)\(", code))
    assert len(shown) > 15
    rehearsed = set(re.findall(r"\.(\w+)\(", inspect.getsource(preload)))
    assert shown - rehearsed == {"fits"}  # those that are there are read


def test_figures_are_shown_as_in_any_kernel(kernel):
    shown = []
    code = "import matplotlib.pyplot as plt\nplt.plot([1, 2])\nprint(plt.get_backend())"
    kernel.client.execute_interactive(code, output_hook=shown.append, timeout=60)
    [name] = [m["content"]["text"] for m in shown if m["msg_type"] == "stream"]
    assert name.strip().removeprefix("module://matplotlib_inline.backend_") == "inline"
    [picture] = [m["content"]["data"] for m in shown if m["msg_type"] == "display_data"]
    assert "image/png" in picture


def test_random_numbers_differ_between_kernels(tmp_path):
    made = [Kernel(tmp_path) for _ in range(2)]
    code = "import random, numpy, uuid; print(random.random(), numpy.random.rand(), uuid.uuid4())"
    first, second = (one.run(code).split() for one in made)
    assert not set(first) & set(second)
    for one in made:
        one.close()


def test_the_nursery_has_one_thread(kernel):
    """Fork keeps only the thread that calls it: a lock of another one would stay shut."""
    assert {process.num_threads() for process in nurseries()} == {1}
    names = " ".join(kernels.THREADS)
    assert kernel.run(f"import os\nprint(*(os.environ[n] for n in '{names}'.split()))") == "1 1 1"


def test_a_cell_can_be_interrupted_and_the_kernel_restarted(kernel):
    def interrupt(message):
        if message["msg_type"] == "stream":
            kernel.manager.interrupt_kernel()

    waiting = "import time\ny = 1\nprint('waiting')\ntime.sleep(600)"
    # An error that stops would also stop the next request, where that comes at once.
    reply = kernel.client.execute_interactive(
        waiting, stop_on_error=False, output_hook=interrupt, timeout=60
    )
    assert reply["content"]["ename"] == "KeyboardInterrupt"
    assert kernel.run("print(y)") == "1"
    kernel.manager.restart_kernel(now=True)
    kernel.client.wait_for_ready(timeout=60)
    assert kernel.run("print(y)") == "NameError"


def test_the_exit_status_of_a_kernel_is_known(kernel):
    process = kernel.manager.provisioner.process
    assert process.poll() is None
    os.kill(process.pid, signal.SIGKILL)
    assert process.wait(timeout=10) == -signal.SIGKILL


def test_a_kernel_ends_with_its_nursery_and_the_next_has_a_new_one(kernel, tmp_path):
    [before] = nurseries()
    pid = kernel.manager.provisioner.pid
    before.kill()
    wait_for(lambda: not psutil.pid_exists(pid), 5)  # ipykernel looks once a second
    other = Kernel(tmp_path)
    assert other.run("print(1)") == "1"
    assert before not in nurseries()
    other.close()


def test_other_code_or_figures_ask_for_a_new_nursery(tmp_path, monkeypatch):
    Kernel(tmp_path).close()
    before = nurseries()
    monkeypatch.setattr(nursery, "_stamp", lambda env: 1)
    Kernel(tmp_path).close()
    assert len(nurseries()) == 1
    assert nurseries() != before
    assert not before[0].is_running()


def test_the_stamp_changes_with_the_figures(tmp_path):
    env = {"CCHC_DATA": str(tmp_path)}
    (tmp_path / "a.csv").write_text("1")
    before = nursery._stamp(env)
    assert nursery._stamp(env) == before
    (tmp_path / "a.csv").write_text("12")
    assert nursery._stamp(env) != before


def test_a_run_looks_once_for_changes(tmp_path, folder):
    (tmp_path / "a.csv").write_text("1")
    env = {"CCHC_DATA": str(tmp_path)}
    nursery.look_in(folder)
    before = nursery._kind(env)
    (tmp_path / "a.csv").write_text("12")
    assert nursery._kind(env) == before
    assert nursery._kind(env | {"TZ": "Asia/Bangkok"}) != before
    nursery.look_in(folder / "of-another-run")
    assert nursery._kind(env) != before


@pytest.mark.parametrize("given, heard", [([], False), (["--debug"], True)])
def test_a_kernel_makes_records_only_for_those_who_asked_for_them(tmp_path, given, heard):
    made = Kernel(tmp_path, *given)
    logger = "get_ipython().kernel.log.isEnabledFor(10)"
    assert made.run(f"print({logger})").splitlines()[-1] == str(heard)
    made.close()


def test_without_fork_there_are_ordinary_kernels(tmp_path, monkeypatch):
    monkeypatch.setattr(provisioner, "can_fork", lambda: False)
    made = Kernel(tmp_path)
    assert isinstance(made.manager.provisioner.process, subprocess.Popen)
    assert made.run("import os; print(os.getppid())") == str(os.getpid())
    made.close()


def test_a_nursery_that_does_not_answer_is_no_hindrance(tmp_path, monkeypatch):
    def refuse(env):
        raise nursery.NurseryDied("it ended without an answer")

    monkeypatch.setattr(provisioner, "nursery_for", refuse)
    made = Kernel(tmp_path)
    assert isinstance(made.manager.provisioner.process, subprocess.Popen)
    made.close()


CLIENT = """
import sys, time
from pathlib import Path
sys.path.insert(0, sys.argv[1])
from helpers.kernels import nursery
from test_kernels import Kernel
for folder in sys.argv[3:]:
    nursery.look_in(Path(folder))
kernel = Kernel(Path(sys.argv[2]))
print(kernel.manager.provisioner.pid, flush=True)
time.sleep(600)
"""


def test_a_client_that_is_killed_leaves_no_nursery_and_no_kernel(tmp_path, still_running):
    command = [sys.executable, "-c", CLIENT, str(Path(__file__).parent), str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        try:
            assert int(process.stdout.readline())
            family = psutil.Process(process.pid).children(recursive=True)
        finally:
            process.kill()
    assert len(family) == 2
    alive = still_running(family, 2)
    assert alive == []


@pytest.fixture
def folder(monkeypatch):
    """A folder short enough for a socket, in which nobody looks after the test."""
    monkeypatch.setattr(nursery, "_shared_in", None)
    with files.temporary_folder() as made:
        yield made
    nursery.close_all()


def test_a_shared_nursery_ends_the_kernels_of_a_client_that_goes_and_no_others(tmp_path, folder):
    nursery.close_all()
    with nursery.shared(folder, dict(os.environ)):
        nursery.look_in(folder)
        made = Kernel(tmp_path)
        parent = psutil.Process(made.manager.provisioner.pid).ppid()
        command = [sys.executable, "-c", CLIENT, str(Path(__file__).parent), tmp_path, folder]
        with subprocess.Popen(command, stdout=subprocess.PIPE) as client:
            other = psutil.Process(int(client.stdout.readline()))
            assert other.ppid() == parent
            assert psutil.Process(client.pid).children() == []
            client.kill()
        wait_for(lambda: not other.is_running(), 5)
        assert made.run("print(1)") == "1"
        nursery.close_all()
        wait_for(lambda: not psutil.pid_exists(made.manager.provisioner.pid), 5)
        assert psutil.pid_exists(parent)
    assert not psutil.pid_exists(parent)
    made.close()


def test_where_a_shared_nursery_has_died_everyone_has_one_of_his_own(tmp_path, folder):
    with nursery.shared(folder, dict(os.environ)):
        nursery.look_in(folder)
        first = Kernel(tmp_path)
        psutil.Process(psutil.Process(first.manager.provisioner.pid).ppid()).kill()
        wait_for(lambda: not psutil.pid_exists(first.manager.provisioner.pid), 5)
        second = Kernel(tmp_path)
        assert second.run("print(1)") == "1"
        assert psutil.Process(second.manager.provisioner.pid).ppid() in {p.pid for p in nurseries()}
        first.close(), second.close()


def test_a_folder_whose_name_is_too_long_for_a_socket_is_no_hindrance(tmp_path, folder):
    long = tmp_path / ("long" * 30)
    long.mkdir()
    with nursery.shared(long, dict(os.environ)):
        nursery.look_in(long)
        made = Kernel(tmp_path)
        assert psutil.Process(made.manager.provisioner.pid).ppid() in {p.pid for p in nurseries()}
        made.close()


def test_the_workers_of_a_batch_share_a_nursery(tmp_path):
    begun = tmp_path / "begun"  # one worker must not run both
    begun.mkdir()
    look = (
        "import os, pathlib, time\n"
        f"begun = pathlib.Path({str(begun)!r})\n"
        "(begun / str(os.getpid())).touch()\n"
        "while len(list(begun.iterdir())) < 2:\n    time.sleep(0.05)\n"
        "print(os.getppid(), os.environ['JUPYTER_RUNTIME_DIR'])"
    )
    nbformat.write(new_notebook(cells=[new_code_cell(look)]), tmp_path / "toy.ipynb")
    jobs = [batch.Job(tmp_path / "toy.ipynb", {}, name) for name in ("one", "two")]
    assert all(result.ok for result in batch.run(jobs, tmp_path / "outputs", 2))
    made = [tmp_path / f"outputs/notebooks/{job.name}.ipynb" for job in jobs]
    told = [nbformat.read(path, as_version=4).cells[-1].outputs[0].text.split() for path in made]
    parents, workers = (set(column) for column in zip(*told, strict=True))
    assert (len(parents), len(workers)) == (1, 2)


PRINTING = [
    "print('made up', end='')",
    "import os, sys\nsys.stderr.write('also made up')\n1",
    "for n in range(3):\n    print(n)\n    sys.stdout.flush()\n2",
    "pid = os.fork()\nif not pid:\n    print('of a child')\n    sys.stdout.flush()\n"
    "    os._exit(0)\nos.waitpid(pid, 0)[1]",
    "os.write(1, b'by its number\\n')\nimport time\ntime.sleep(0.5)",
    # What comes by way of a pipe may come after the end of its cell.
    "os.system('echo of a command')\ntime.sleep(0.5)",
]


def test_what_is_printed_is_shown_as_by_any_kernel(tmp_path, monkeypatch):
    monkeypatch.delenv("PYTEST_CURRENT_TEST")  # under which ipykernel leaves the descriptors alone
    notebook = new_notebook(cells=[new_code_cell(source) for source in PRINTING])
    source = nbformat.writes(notebook).encode()
    task = Task(batch.Job(tmp_path / "toy.ipynb", {}, "toy"), source)

    def shown() -> list:
        made = run_task(task)
        assert made.result.ok
        cells = nbformat.reads(made.notebook.decode(), as_version=4).cells
        return [[dict(output) for output in cell.outputs] for cell in cells]

    ours = shown()
    monkeypatch.setattr(execution, "KERNEL_ARGUMENTS", [])
    assert ours == shown()
    assert "of a child" in str(ours) and "by its number" in str(ours)


# --- the real report -----------------------------------------------------------------------


def outputs(made: batch.Made) -> list[str]:
    """Every table and figure that the cells of an executed notebook put out."""
    cells = nbformat.reads(made.notebook.decode(), as_version=4).cells
    shown = [output for cell in cells if cell.cell_type == "code" for output in cell.outputs]
    return [output.data["text/html"] for output in shown if "text/html" in output.get("data", {})]


def test_a_warm_kernel_makes_what_a_cold_one_makes(monkeypatch):
    """Byte for byte, also where the year's tables and fits were ready and others ran before."""
    [job] = planning.reports(["Thanh Hóa"], 2020, ["vi"])
    options = batch.Options(warm_years=(2020,))
    task = Task(job, job.notebook.read_bytes(), planning.render, options)
    before = planning.reports(["Hà Nội"], 2020, ["vi"])[0]
    run_task(dataclasses.replace(task, job=before, render=None))
    warm = run_task(task)
    monkeypatch.setattr(provisioner, "can_fork", lambda: False)
    cold = run_task(task)
    assert warm.result.ok and cold.result.ok, (warm.result, cold.result)
    assert sum(html.count("<svg") for html in outputs(cold)) >= 5
    assert sum(html.count("<table") for html in outputs(cold)) >= 3
    assert outputs(warm) == outputs(cold)
    assert warm.page == cold.page


RECORD = """
import sys
class Recorder:
    asked = []
    def find_spec(self, name, path=None, target=None):
        self.asked.append(name)
sys.meta_path.insert(0, Recorder())
"""


def test_a_report_imports_nothing_that_its_kernel_has_not():
    [job] = planning.reports(["Thanh Hóa"], 2020, ["vi"])
    notebook = nbformat.read(job.notebook, as_version=4)
    notebook.cells.insert(0, new_code_cell(RECORD))
    notebook.cells.append(new_code_cell("[n for n in Recorder.asked if n in sys.modules]"))
    source, options = nbformat.writes(notebook).encode(), batch.Options(warm_years=(2020,))
    made = run_task(Task(job, source, options=options))
    assert made.result.ok, made.result
    last = nbformat.reads(made.notebook.decode(), as_version=4).cells[-1]
    assert last.outputs[0].data["text/plain"] == "[]"


# --- as installed --------------------------------------------------------------------------


def test_the_kernelspec_is_installed_with_the_package():
    spec = KernelSpecManager().get_kernel_spec(kernels.NAME)
    content = json.loads((kernels.SPEC / "kernel.json").read_text("utf-8"))
    assert spec.argv == content["argv"]
    named = spec.metadata["kernel_provisioner"]["provisioner_name"]
    assert named == content["metadata"]["kernel_provisioner"]["provisioner_name"]


def test_papermill_alone_uses_the_kernel(tmp_path):
    cell = new_code_cell("import os, sys\nprint('helpers.exhibits' in sys.modules, os.getppid())")
    nbformat.write(new_notebook(cells=[cell]), tmp_path / "toy.ipynb")
    command = [Path(sys.executable).parent / "papermill", "toy.ipynb", "out.ipynb", "-k", "cchc"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode()
    [output] = nbformat.read(tmp_path / "out.ipynb", as_version=4).cells[0].outputs
    ready, parent = output.text.split()
    assert ready == "True"
    assert not psutil.pid_exists(int(parent))
