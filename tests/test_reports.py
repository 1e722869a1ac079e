"""The real notebooks, run as users run them."""

import os
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

from helpers import batch, paths, site
from helpers.batch.jobs import Task
from helpers.batch.worker import run_task
from helpers.cli import planning
from helpers.kernels import provisioner

PAPERMILL = Path(sys.executable).with_name("papermill")


def report(province: str) -> batch.Made:
    job = batch.Job(
        paths.notebooks_dir() / "province_report.ipynb",
        {"province": province, "year": 2020},
        "made",
        province,
    )
    return batch.execute(job, job.notebook.read_bytes(), site.to_html)


@pytest.fixture(scope="module")
def pages() -> dict[str, str]:
    made = {name: report(name) for name in ("Thanh Hoá", "binh dinh")}
    assert all(one.result.ok for one in made.values()), [one.result for one in made.values()]
    return {name: one.page.decode() for name, one in made.items()}


def test_thanh_hoa_as_announced(pages):
    page = pages["Thanh Hoá"]
    for words in ("84,33 điểm", "29/63", "tăng 14 bậc", "88,70%", "14/63", "tăng 9 bậc"):
        assert words in page
    assert 'href="#source-s001"' in page
    assert "Báo Thanh Hóa. 24 tháng 6, 2021" in page


def test_binh_dinh_says_that_nothing_is_published(pages):
    page = pages["binh dinh"]
    assert page.count("chưa thấy công bố</div>") == 2
    assert "Chưa thấy số liệu PAR INDEX năm 2020 của tỉnh Bình Định" in page
    assert "ước lượng: hạng" in page


def test_pages_load_nothing_from_elsewhere(pages):
    for page in pages.values():
        assert site.outside_loads(page) == []
        assert "<script" not in page
        assert len(page.encode()) < 700_000


def test_every_mark_leads_to_a_listed_source(pages):
    for page in pages.values():
        marks = {part.split('"')[0] for part in page.split('href="#source-')[1:]}
        listed = {part.split('"')[0] for part in page.split('id="source-')[1:]}
        assert marks
        assert marks <= listed


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
    report("Hà Nội")
    warm = run_task(task)
    monkeypatch.setattr(provisioner, "can_fork", lambda: False)
    cold = run_task(task)
    assert warm.result.ok and cold.result.ok, (warm.result, cold.result)
    assert sum(html.count("<svg") for html in outputs(cold)) >= 5
    assert sum(html.count("<table") for html in outputs(cold)) >= 3
    assert outputs(warm) == outputs(cold)
    assert warm.page == cold.page


def test_papermill_alone_runs_a_report(tmp_path):
    out = tmp_path / "out.ipynb"
    notebook = paths.notebooks_dir() / "province_report.ipynb"
    environment = {key: value for key, value in os.environ.items() if key != "JUPYTER_PATH"}
    run = subprocess.run(
        [PAPERMILL, notebook, out, "-p", "province", "Thanh Hoá", "--no-progress-bar"],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        check=False,
    )
    assert run.returncode == 0, run.stderr.decode(errors="replace")
    assert "29/63" in nbformat.writes(nbformat.read(out, as_version=4))
