"""Reports on a cluster: a real scheduler and two real workers on loopback."""

import contextlib
import json
import os
import subprocess
import sys
from pathlib import Path

import nbformat
import psutil
import pytest
from toys import wait_for, write_notebook

from helpers import batch
from helpers.batch import Job, NoCluster

DASK = [sys.executable, "-m", "dask"]
COUNT = 63
TOY = """import os, time
from helpers import paths
time.sleep(0.2)
print(number, (paths.data_dir() / 'figures.csv').read_text(), sep='|')
(paths.outputs_dir() / 'tables').mkdir(parents=True)
(paths.outputs_dir() / f'tables/{number}.csv').write_text(str(number))"""


@contextlib.contextmanager
def process(*arguments: str, folder: Path):
    """A process of dask, in a folder of its own and with no other place for files."""
    folder.mkdir()
    log = (folder / "log").open("wb")
    env = {**os.environ, "TMPDIR": str(folder), "DASK_DISTRIBUTED__WORKER__PROFILE__ENABLED": "0"}
    with log, subprocess.Popen([*DASK, *arguments], cwd=folder, env=env, stderr=log) as started:
        try:
            yield psutil.Process(started.pid)
        finally:
            started.kill()


@pytest.fixture
def cluster(tmp_path):
    """The scheduler's address, and its two workers."""
    file = tmp_path / "scheduler.json"
    local = ["--host", "127.0.0.1", "--no-dashboard"]
    with contextlib.ExitStack() as stack:
        enter = stack.enter_context
        start = ["scheduler", *local, "--port", "0", "--scheduler-file", str(file)]
        enter(process(*start, folder=tmp_path / "scheduler"))
        wait_for(lambda: file.exists() and file.read_text(), 60)
        address = json.loads(file.read_text())["address"]
        start = ["worker", address, *local, "--nthreads", "1", "--no-nanny"]
        workers = [enter(process(*start, folder=tmp_path / name)) for name in ("one", "two")]
        wait_for(lambda: has_workers(address, 2), 60)
        yield address, workers


def has_workers(address: str, count: int) -> bool:
    from distributed import Client

    with Client(address, timeout=20, set_as_default=False) as client:
        return len(client.nthreads()) == count


@pytest.mark.slow
def test_all_reports_come_although_a_worker_is_killed(tmp_path, cluster, still_running):
    address, workers = cluster
    data = tmp_path / "made-up-data"
    batch.write_file(data / "figures.csv", b"made up")
    toy = write_notebook(tmp_path / "toy.ipynb", TOY, parameters="number = 0")
    jobs = [Job(toy, {"number": n}, f"report-{n}") for n in range(COUNT)]
    told = []

    def kill_one_in_the_middle(result):
        told.append(result)
        if len(told) == COUNT // 3:
            family = [workers[0], *workers[0].children(recursive=True)]
            assert len(family) >= 2
            workers[0].kill()
            alive = still_running(family, 5)
            assert alive == []

    outputs = tmp_path / "outputs"
    results = batch.run(jobs, outputs, on_done=kill_one_in_the_middle, data=data, scheduler=address)
    assert [result.name for result in results if not result.ok] == []
    assert len(told) == len(results) == COUNT
    assert has_workers(address, 1)
    for n in range(COUNT):
        notebook = nbformat.read(outputs / f"notebooks/report-{n}.ipynb", as_version=4)
        assert notebook.cells[-1].outputs[0].text == f"{n}|made up\n"
        assert (outputs / f"tables/{n}.csv").read_text() == str(n)
    assert json.loads((outputs / "run.json").read_text("utf-8"))["workers"] == address
    again = batch.run(jobs, outputs, data=data, scheduler=address)
    assert all(result.unchanged for result in again)


@pytest.mark.slow
def test_a_worker_with_other_code_is_refused(tmp_path, cluster, monkeypatch):
    address, _ = cluster
    monkeypatch.setattr(batch.running.keys, "package", lambda: "another")
    toy = write_notebook(tmp_path / "toy.ipynb", TOY, parameters="number = 0")
    [result] = batch.run([Job(toy, {}, "toy")], tmp_path / "outputs", scheduler=address)
    assert "another version of this package" in result.error


def test_a_scheduler_that_does_not_answer_is_one_clear_line(tmp_path, monkeypatch):
    monkeypatch.setattr(batch.pool, "CONNECT", 0.5)
    toy = write_notebook(tmp_path / "toy.ipynb", TOY, parameters="number = 0")
    with pytest.raises(NoCluster, match=r"^No scheduler answers at tcp://127\.0\.0\.1:1 "):
        batch.run([Job(toy, {}, "toy")], tmp_path / "outputs", scheduler="tcp://127.0.0.1:1")


@pytest.mark.parametrize("address", ["", "host", "tcp://host", "host:many", "http://host:1"])
def test_what_is_no_address_is_refused_before_anything_is_connected(tmp_path, address):
    toy = write_notebook(tmp_path / "toy.ipynb", TOY, parameters="number = 0")
    with pytest.raises(NoCluster, match=f"^'{address}' is no address of a scheduler, such as tcp:"):
        batch.run([Job(toy, {}, "toy")], tmp_path / "outputs", scheduler=address)


def test_the_extra_is_named_where_it_is_missing(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "distributed", None)
    toy = write_notebook(tmp_path / "toy.ipynb", TOY, parameters="number = 0")
    with pytest.raises(NoCluster, match=r"pip install -e '\.\[cluster\]'"):
        batch.run([Job(toy, {}, "toy")], tmp_path / "outputs", scheduler="tcp://127.0.0.1:1")
