"""The cchc command, with toy notebooks in the place of the real ones."""

import contextlib
import json
import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

import links
import nbformat
import pytest
from nbformat.v4 import new_markdown_cell
from toys import cchc, write_notebook

from helpers import batch, facts, notebooks, paths
from helpers.batch import running
from helpers.cli import planning

NATIONAL = {one.stem: one.parameter for one in notebooks.NATIONAL}
TOY = """
if province == "Cà Mau":
    raise ValueError("the toy cannot be run for " + province)
print(province, year, "toy without figures")
"""


@contextlib.contextmanager
def toys_in(folder: Path, source: str, parameters: str = 'province = ""\nyear = 0'):
    """A project with the real figures and four toy notebooks, of which one is on a province."""
    made = folder / "notebooks"
    made.mkdir()
    for name, year in NATIONAL.items():
        write_notebook(made / f"{name}.ipynb", f"print({year})", parameters=f"{year} = 0")
    write_notebook(made / "province_report.ipynb", source, parameters=parameters)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(paths, "notebooks_dir", lambda: made)
        patch.setattr(paths, "outputs_dir", lambda: folder / "outputs")
        patch.setattr(planning, "hidden_years", lambda: [])
        patch.setattr(planning, "HELD_OUT", "shared = 1")
        patch.setattr(planning, "JOINT", "shared = 2")
        patch.setattr(planning, "FITS", "shared = {year}")
        yield folder


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    """A project whose report fails for one province."""
    with toys_in(tmp_path_factory.mktemp("project"), TOY) as folder:
        yield folder


@pytest.fixture(scope="module")
def run(project):
    """One run of six notebooks, of which one fails; a province named twice is built once."""
    names = ["Thanh Hoá", "38", "Cà Mau", "Bạc Liêu"]
    options = [word for name in names for word in ("--province", name)]
    return cchc("reports", *options, "--year", 2019, "--workers", 2)


@pytest.fixture
def nothing_runs(monkeypatch):
    def refuse(*_, **__):
        raise AssertionError("a notebook was run before the arguments were checked")

    monkeypatch.setattr(batch, "run", refuse)


def test_a_failing_report_is_named_and_the_others_are_done(run, project):
    assert run.exit_code == 1
    assert "5 of 6 reports" in run.stdout
    assert "FAILED 96-ca-mau-2019 (province_report.ipynb, cell 3, line 3)" in run.stderr
    assert 'raise ValueError("the toy cannot be run for " + province)' in run.stderr
    assert "ValueError: the toy cannot be run for Cà Mau" in run.stderr
    assert "1 failed" in run.stderr
    pages = {path.name for path in (project / "outputs/html").iterdir()}
    built = {f"{name}-2019.html" for name in (*NATIONAL, "38-thanh-hoa", "95-bac-lieu")}
    beside = {name.replace(".html", ".xlsx") for name in built}
    assert pages == {"index.html", "so-sanh-2019.html", *beside, *built}
    notebooks = {path.stem for path in (project / "outputs/notebooks").iterdir()}
    assert notebooks == {Path(name).stem for name in built} | {"96-ca-mau-2019"}


def test_no_link_leads_to_a_page_that_could_not_be_made(run, project):
    page = (project / "outputs/html/95-bac-lieu-2019.html").read_text("utf-8")
    assert '<a href="so-sanh-2019.html#95,96">Cà Mau</a>' in page
    assert links.dead(project / "outputs/html") == []


def test_progress_is_plain_lines_where_there_is_no_terminal(run):
    lines = run.stdout.splitlines()
    assert len(lines) == 7
    assert [line.split()[0] for line in lines[:6]] == [f"[{n}/6]" for n in range(1, 7)]
    assert "\x1b" not in run.stdout
    assert any(" 96-ca-mau-2019 FAILED " in line for line in lines)


def test_progress_is_a_bar_on_a_terminal(project, monkeypatch):
    def quick(jobs, outputs, on_done, **_):
        results = [batch.Result(job.name, seconds=1.0) for job in jobs]
        for result in results:
            on_done(result)
        return results

    monkeypatch.setattr(batch, "run", quick)
    monkeypatch.setenv("FORCE_COLOR", "1")
    result = cchc("reports", "--province", "38")
    assert result.exit_code == 0
    assert "4/4" in result.stdout
    assert "0 failed" in result.stdout
    assert "[1/4]" not in result.stdout


def test_the_start_page_links_what_was_built(run, project):
    html = (project / "outputs/html/index.html").read_text("utf-8")
    assert 'href="38-thanh-hoa-2019.html">Thanh Hóa' in html
    assert "96-ca-mau" not in html


def test_one_report_is_built_alone(run, project):
    result = cchc("report", "Ô Trống 1")
    assert result.exit_code == 2
    result = cchc("report", "bà rịa - vũng tàu")
    assert (result.exit_code, result.stderr) == (0, "")
    assert (project / "outputs/html/77-ba-ria-vung-tau-2020.html").exists()


@pytest.mark.parametrize(
    "command", [["reports", "--province", "Thanh Hoax"], ["report", "Thanh Hoax"]]
)
def test_an_unknown_province_is_refused_with_the_nearest_names(project, nothing_runs, command):
    result = cchc(*command)
    assert result.exit_code == 2
    assert "Thanh Hoax" in result.stderr
    assert "Thanh Hóa" in result.stderr
    assert result.stdout == ""


@pytest.mark.parametrize("command", [["reports"], ["report", "38"]])
def test_a_year_without_figures_is_refused(project, nothing_runs, command):
    result = cchc(*command, "--year", 1999)
    assert result.exit_code == 2
    assert "No figures for the year 1999: data/ has 20" in result.stderr


@pytest.mark.parametrize(
    "arguments",
    [
        ["reports", "--workers", 0],
        ["check", "--data", "no-such-folder"],
    ],
)
def test_wrong_arguments_end_with_status_2(project, nothing_runs, arguments):
    assert cchc(*arguments).exit_code == 2


@pytest.fixture
def bad_data(tmp_path, monkeypatch) -> Path:
    """A copy of the data with two slips in it."""
    folder = tmp_path / "broken-copy"
    shutil.copytree(paths.data_dir(), folder)
    file = folder / "observations.csv"
    lines = file.read_text("utf-8").splitlines(keepends=True)
    lines[1] = lines[1].replace(",accepted,", ",acceptable,")
    lines[2] = lines[2].replace(",accepted,", ",perhaps,")
    file.write_text("".join(lines), "utf-8")
    monkeypatch.setattr(facts, "data_dir", lambda: folder)
    return folder


def test_check_lists_every_problem(bad_data):
    result = cchc("check", "--data", bad_data)
    assert result.exit_code == 1
    assert "acceptable" in result.stderr
    assert "perhaps" in result.stderr
    assert result.stdout == ""


def test_bad_data_stops_a_run_before_it_starts(project, nothing_runs, bad_data):
    result = cchc("reports")
    assert result.exit_code == 1
    assert "acceptable" in result.stderr


def test_check_names_facts_that_cannot_hold_together(data_copy, in_english):
    path = data_copy / "observations.csv"
    text = path.read_text(encoding="utf-8")
    disputed = "region,Đông Nam Bộ,PAR,2020,mean,,85.88,disputed"
    assert text.count(disputed) == 1
    path.write_text(text.replace(disputed, disputed.replace("disputed", "accepted")), "utf-8")
    result = cchc("check", "--data", data_copy)
    assert result.exit_code == 1
    assert "PAR 2020 (province): no table fits" in result.stderr
    assert 7 <= result.stderr.count("\n  - ") <= 12  # a smallest set of facts
    assert "Đông Nam Bộ" in result.stderr
    assert "85.88" in result.stderr
    assert "s144" in result.stderr
    assert "2019" not in result.stderr


def test_a_missing_notebook_is_one_clear_line(tmp_path, project, monkeypatch):
    monkeypatch.setattr(paths, "notebooks_dir", lambda: tmp_path)
    result = cchc("report", "38")
    assert result.exit_code == 1
    assert result.stderr.count("\n") == 1
    assert "province_report.ipynb" in result.stderr


def test_stopping_is_said_without_a_traceback(project, monkeypatch):
    def interrupt(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr(batch, "run", interrupt)
    result = cchc("report", "38")
    assert result.exit_code == 130
    assert result.stderr.startswith("Stopped.")


def test_a_spreadsheet_that_cannot_be_written_is_a_warning(project, tmp_path, monkeypatch):
    """As where somebody has it open on Windows; the next run makes it anew."""
    monkeypatch.setattr(paths, "outputs_dir", lambda: tmp_path)
    place = tmp_path / "html/38-thanh-hoa-2019.xlsx"
    (place / "a folder where the file should be").mkdir(parents=True)
    asked = ("reports", "--province", 38, "--province", 95, "--year", 2019, "--workers", 1)
    result = cchc(*asked)
    assert result.exit_code == 0 and "5 of 5 reports" in result.stdout
    warning = "WARNING 38-thanh-hoa-2019 (province_report.ipynb): an old spreadsheet stays: "
    assert f"{warning}Cannot write {place}: " in result.stderr
    assert place.with_suffix(".html").exists()
    assert (tmp_path / "html/95-bac-lieu-2019.xlsx").exists()
    shutil.rmtree(place)
    result = cchc(*asked)
    assert "4 of them unchanged" in result.stdout and not result.stderr
    assert place.is_file()


def test_a_spreadsheet_on_a_full_disk_is_a_warning_and_the_old_one_goes(
    project, tmp_path, monkeypatch
):
    monkeypatch.setattr(paths, "outputs_dir", lambda: tmp_path)
    old = tmp_path / "html/38-thanh-hoa-2019.xlsx"
    batch.write_file(old, b"of an earlier run")

    def full(path, content, write=running.write_file):
        if path.suffix == ".xlsx":
            raise batch.OutputError(f"Cannot write {path}: No space left on device.")
        write(path, content)

    monkeypatch.setattr(running, "write_file", full)
    result = cchc("report", "38", "--year", 2019)
    assert result.exit_code == 0 and "1 of 1 reports" in result.stdout
    assert result.stderr == (
        "WARNING 38-thanh-hoa-2019 (province_report.ipynb): no spreadsheet: "
        f"Cannot write {old}: No space left on device.\n"
    )
    assert not old.exists()
    page = old.with_suffix(".html").read_text("utf-8")
    assert "toy without figures" in page and old.name not in page


def test_a_spreadsheet_that_cannot_be_removed_hides_no_error(project, tmp_path, monkeypatch):
    monkeypatch.setattr(paths, "outputs_dir", lambda: tmp_path)
    place = tmp_path / "html/96-ca-mau-2019.xlsx"
    (place / "a folder where the file should be").mkdir(parents=True)
    result = cchc("report", "Cà Mau", "--year", 2019)
    assert result.exit_code == 1
    assert "ValueError: the toy cannot be run for Cà Mau" in result.stderr
    assert "an old spreadsheet stays: Cannot remove" in result.stderr
    assert (tmp_path / "notebooks/96-ca-mau-2019.ipynb").exists()


LONG = """import pandas as pd
from IPython.display import display
from helpers.report.sheets import sheet
frame = pd.DataFrame({"unit": ["made up " * 5_000]})
display({"text/html": "<p>made up</p>"}, metadata=sheet(frame, "made up"), raw=True)"""


def test_a_page_whose_frames_no_spreadsheet_holds_says_so_and_leads_to_none(tmp_path):
    old = tmp_path / "outputs/html/38-thanh-hoa-2019.xlsx"
    batch.write_file(old, b"of an earlier run")
    with toys_in(tmp_path, LONG):
        result = cchc("report", "38", "--year", 2019)
    assert result.exit_code == 0 and "1 of 1 reports" in result.stdout
    warning = "WARNING 38-thanh-hoa-2019 (province_report.ipynb): no spreadsheet: "
    assert result.stderr.startswith(warning)
    page = old.with_suffix(".html").read_text("utf-8")
    assert not old.exists() and "made up" in page and old.name not in page


def test_a_command_that_writes_nothing_there_says_nothing_of_outputs_when_stopped(monkeypatch):
    def interrupted(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(facts, "load", interrupted)
    result = cchc("check")
    assert (result.exit_code, result.stderr) == (130, "Stopped.\n")


# --- languages, and what is done again ------------------------------------------------------


@pytest.fixture(scope="module")
def bilingual(tmp_path_factory):
    """A project whose report knows both languages, run once."""
    source = "from helpers import language\nlanguage.use(lang)\nprint(province, language.current())"
    parameters = 'province = ""\nyear = 0\nlang = "vi"'
    with toys_in(tmp_path_factory.mktemp("bilingual"), source, parameters) as folder:
        path = folder / "notebooks/province_report.ipynb"
        notebook = nbformat.read(path, as_version=4)
        prose = new_markdown_cell("chữ của sổ tay", metadata={"en": "the toy's prose"})
        notebook.cells.append(prose)
        nbformat.write(notebook, path)
        yield folder, cchc("report", "38", "--profile")


def test_a_report_comes_in_both_languages(bilingual):
    folder, result = bilingual
    assert (result.exit_code, result.stderr) == (0, "")
    html = folder / "outputs/html"
    vietnamese = (html / "38-thanh-hoa-2020.html").read_text("utf-8")
    english = (html / "en/38-thanh-hoa-2020.html").read_text("utf-8")
    assert "<title>Thanh Hóa: Chỉ số CCHC và Chỉ số hài lòng năm 2020</title>" in vietnamese
    assert "<title>Thanh Hóa: PAR INDEX and SIPAS of 2020</title>" in english
    assert 'href="en/38-thanh-hoa-2020.html"' in vietnamese
    assert 'href="../38-thanh-hoa-2020.html"' in english
    assert "Thanh Hóa vi" in vietnamese
    assert "Thanh Hóa en" in english
    assert "the toy&#39;s prose" in english or "the toy's prose" in english
    assert (folder / "outputs/notebooks/en/38-thanh-hoa-2020.ipynb").exists()
    assert (html / "index.html").exists()
    assert (html / "en/index.html").exists()
    assert (html / "so-sanh-2020.html").exists()
    assert (html / "en/compare-2020.html").exists()


def test_profile_names_the_slowest_cells(bilingual):
    lines = bilingual[1].stdout.split("Cells that took longest:\n")[1].splitlines()
    named = [re.search(r" s +(\d) times .* s each  ([\w-]+)\.ipynb: ", line) for line in lines]
    # Two languages; the work that they share is done once.
    once = [("1", "fits-PAR-2020"), ("1", "fits-SIPAS-2020"), ("1", "joint-draws")]
    assert sorted(found.groups() for found in named) == [*once, *[("2", "province_report")] * 3]


def test_with_nothing_changed_nothing_runs_and_it_takes_less_than_two_seconds(bilingual):
    started = time.process_time()
    result = cchc("report", "38")
    assert time.process_time() - started < 2
    assert result.exit_code == 0
    assert "2 of 2 reports in 0 s, 2 of them unchanged" in result.stdout


def test_start_pages_that_a_stopped_run_left_behind_are_made_again(bilingual):
    outputs = bilingual[0] / "outputs"
    pages = [outputs / "html/index.html", outputs / "html/en/index.html"]
    for page in pages:
        page.write_text("of before", encoding="utf-8")
    assert cchc("report", "38").exit_code == 0
    assert {page.read_text("utf-8") for page in pages} == {"of before"}  # as far as is known
    (outputs / ".start-page").write_text("those of before", encoding="utf-8")
    result = cchc("report", "38")
    assert "2 of them unchanged" in result.stdout
    assert all('href="38-thanh-hoa-2020.html"' in page.read_text("utf-8") for page in pages)


def test_a_page_of_one_language_leads_to_none_that_is_not_there(bilingual):
    folder, _first = bilingual
    assert cchc("report", "48", "--lang", "vi").exit_code == 0
    page = folder / "outputs/html/48-da-nang-2020.html"
    assert "en/48-da-nang-2020.html" not in page.read_text("utf-8")
    assert cchc("report", "48").exit_code == 0  # and now it is
    assert "en/48-da-nang-2020.html" in page.read_text("utf-8")


def test_another_language_is_refused(bilingual, nothing_runs):
    result = cchc("report", "38", "--lang", "fr")
    assert result.exit_code == 2
    assert "No language 'fr' here: choose one of vi, en." in result.stderr


# --- the installed command -----------------------------------------------------------------

COMMAND = Path(sys.executable).with_name("cchc.exe" if os.name == "nt" else "cchc")


@pytest.mark.parametrize("encoding", ["ascii", "cp1252", "utf-8"])
def test_the_command_shows_names_with_their_marks_whatever_the_encoding(encoding):
    result = subprocess.run(
        [COMMAND, "report", "Thanh Hoax"],
        env={**os.environ, "PYTHONIOENCODING": encoding},
        capture_output=True,
        check=False,
    )
    assert result.returncode == 2
    message = result.stderr.decode("utf-8")
    assert "Thanh Hóa" in message
    assert "Traceback" not in message


def test_the_command_checks_the_data():
    result = subprocess.run([COMMAND, "check"], capture_output=True, check=False)
    assert (result.returncode, result.stderr) == (0, b"")
    assert f"is sound: {len(facts.load()):,} figures (".encode() in result.stdout


def test_a_file_whose_name_is_no_text_ends_in_no_traceback(tmp_path):
    path = tmp_path / os.fsdecode(b"b\xffng.csv")
    path.write_text("Tỉnh,Chỉ số CCHC\nThanh Hóa,84.33\n", encoding="utf-8")
    command = [COMMAND, "import", path, "--index", "PAR", "--year", "2024", "--dry-run"]
    env = {**os.environ, "PYTHONIOENCODING": "utf-8:strict"}
    result = subprocess.run(command, capture_output=True, env=env, check=False)
    assert b"Traceback" not in result.stderr
    assert b"b\\udcffng.csv" in result.stdout


# --- provinces that were renamed -----------------------------------------------------------------


@pytest.fixture
def renamed(project, run, monkeypatch):
    """Outputs with pages that earlier runs made; gives the files by what becomes of them."""
    # A project of other tests may stand in this one's place by now.
    monkeypatch.setattr(paths, "notebooks_dir", lambda: project / "notebooks")
    monkeypatch.setattr(paths, "outputs_dir", lambda: project / "outputs")
    outputs = project / "outputs"
    record = json.loads((outputs / "run.json").read_text(encoding="utf-8"))
    [known] = [entry for entry in record["reports"] if entry["name"] == "38-thanh-hoa-2019"]

    def made(name: str, told: bool = True, ends=("html", "pdf", "xlsx"), **changed) -> list[Path]:
        files = [outputs / f"html/{name}.{end}" for end in ends]
        files.append(outputs / f"notebooks/{name}.ipynb")
        for path in files:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text("made up", encoding="utf-8")
        if told:
            record["reports"].append({**known, "name": name, **changed})
        return files

    other = {"parameters": {"province": "Thanh Hoá Cũ", "year": 2019}}
    files = {
        "stale": [
            *made("38-thanh-hoa-cu-2019", **other),
            *made("en/38-thanh-hoa-cu-2019", ends=("html",), **other),
            *made("99-noi-khac-2020", parameters={"province": "Nơi Khác", "year": 2020}),
        ],
        "kept": [
            *made("38-thanh-hoa-2018", parameters={"province": "Thanh Hóa", "year": 2018}),
            *made("38-my-own-2019", told=False),
            *made("my-own-2019", **other),
            *made("38-other-notebook-2019", notebook="mine.ipynb"),
            *made("38-no-parameters-2019", parameters={}),
        ],
    }
    (outputs / "run.json").write_text(json.dumps(record), encoding="utf-8")
    return files


def test_pages_of_provinces_with_another_name_now_are_removed_and_named(renamed, monkeypatch):
    monkeypatch.setattr(batch, "run", lambda *_, **__: [])
    result = cchc("reports", "--province", 38, "--year", 2019)
    assert result.exit_code == 0, result.output
    names = "38-thanh-hoa-cu-2019, en/38-thanh-hoa-cu-2019, 99-noi-khac-2020"
    assert f"Removed 3 reports of provinces that have another name now: {names}" in result.stdout
    assert not any(path.exists() for path in renamed["stale"])
    assert all(path.exists() for path in renamed["kept"])
    assert "Removed" not in cchc("reports", "--province", 38, "--year", 2019).stdout


def test_what_a_page_lacks_is_told_with_its_notebook(project, run, monkeypatch):
    def told(jobs, *_, **__):
        return [batch.Result(job.name, warnings=("cell 4: made up",)) for job in jobs]

    monkeypatch.setattr(batch, "run", told)
    result = cchc("report", "38", "--year", 2019, "--lang", "vi")
    assert result.exit_code == 0
    line = "WARNING 38-thanh-hoa-2019 (province_report.ipynb): cell 4: made up"
    assert result.stderr.splitlines() == [line]
