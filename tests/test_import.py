"""`cchc import` from the file to data/imports/, on a copy of the figures.

Made-up figures are of 2011, of which nothing is published, or fit all that is published.
"""

import csv
import io
import re
import time
from pathlib import Path

import annexes
import openpyxl
import pandas as pd
import pytest
from toys import cchc

from helpers import completion, facts, paths, template, units
from helpers.importing import reading, rows, shapes, tables, writing
from helpers.importing.shapes import Refused

LOOSE = "region,[^,]*,PAR,2020,|province,[^,]*,PAR,202[01],(change|rank_change),"
FILES = Path(__file__).parent / "files"
DECISION = "Quyết định 577/QĐ-BNV ngày 24/6/2021, Bộ Nội vụ"
STEM = "PAR-2020-quyet-dinh-577-qd-bnv-ngay-24-6-2021-bo-noi-vu"


@pytest.fixture
def data(data_copy, monkeypatch):
    """The data folder that the command writes into."""
    monkeypatch.setattr(paths, "data_dir", lambda: data_copy)
    return data_copy


@pytest.fixture
def open_data(data):
    """The same without facts that figures made up for all 63 need not fit.

    These are the regional means of 2020, and the changes on the years beside it.
    """
    path = data / "observations.csv"
    lines = path.read_text("utf-8").splitlines(keepends=True)
    kept = [line for line in lines if not re.match(LOOSE, line)]
    assert 0 < len(lines) - len(kept) < 40
    path.write_text("".join(kept), "utf-8")
    return data


def run(file, *options, index="PAR", year=2020):
    return cchc("import", file, "--index", index, "--year", year, *options)


def written(data) -> dict[str, bytes]:
    folder = facts.imports_dir(data)
    return {p.name: p.read_bytes() for p in sorted(folder.iterdir())} if folder.exists() else {}


def told(result) -> str:
    """What was printed, without the breaks that the width of the terminal makes."""
    return " ".join((result.stdout + result.stderr).split())


def read(path: Path) -> list[dict]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def annex(table, tmp_path_factory):
    """The ministry's annex of 2020, blank where nothing is published."""
    path = tmp_path_factory.mktemp("annex") / "Phu luc 2020.xlsx"
    return annexes.write_annex(path, annexes.published_rows(table))


@pytest.fixture(scope="module")
def whole_rows(table):
    """Rows of all 63 that fit every published fact of 2020; what is not published is made up."""
    drawn = next(completion.complete(table, "PAR", 2020, draws=1).tables())
    drawn = drawn.sort_values("rank")
    rows = annexes.published_rows(table)
    parts = {row[1]: row[2:6] for row in rows}
    return [
        [place, unit, *parts[unit], round(float(score), 2), place]
        for place, (unit, score) in enumerate(drawn["score"].items(), 1)
    ]


# --- taken ---------------------------------------------------------------------------------


def test_the_annex_of_2020_is_taken_with_its_published_figures(annex, data, table):
    start = time.monotonic()
    result = run(annex, "--source", DECISION)
    assert time.monotonic() - start < 30
    assert result.exit_code == 0, told(result)
    rows = read(facts.imports_dir(data) / f"{STEM}.csv")
    scores = facts.scores(table, "PAR", 2020)
    found = {row["unit"]: float(row["value"]) for row in rows if row["measure"] == "score"}
    assert found == scores["score"].dropna().to_dict()
    points = facts.parts(table, "PAR", 2020)[list(annexes.PARTS)]
    assert sum(row["measure"] == "points" for row in rows) == points.notna().to_numpy().sum()
    assert {row["sources"] for row in rows} == {f"import-{STEM}"}
    assert {row["status"] for row in rows} == {"accepted"}
    (source,) = read(facts.imports_dir(data) / f"{STEM}.source.csv")
    assert source["publisher"] == DECISION
    assert source["published"] == "2021-06-24"
    assert source["note"].startswith("official annex; read from Phu luc 2020.xlsx, Phụ lục 1")


def test_a_dry_run_shows_what_was_understood_and_writes_nothing(annex, data, table):
    text = told(run(annex, "--source", DECISION, "--dry-run"))
    for word in ("appraisal", "satisfaction", "managers_survey", "socioeconomic_impact", "score"):
        assert word in text
    assert '"Trung bình"' not in text  # a mean row is written only where all 63 have a score
    without = 63 - facts.scores(table, "PAR", 2020)["score"].notna().sum()
    assert f"score: no figure for {without} of 63 rows" in text
    assert "No figure differs" in text
    assert "official annex" in text
    assert f"It would be data/imports/{STEM}.csv" in text
    assert written(data) == {}


def test_a_second_import_changes_nothing_and_one_that_was_stopped_is_done_again(annex, data):
    assert run(annex, "--source", DECISION).exit_code == 0
    before = written(data)
    again = run(annex, "--source", DECISION)
    assert again.exit_code == 0
    assert "Nothing changes" in told(again)
    assert written(data) == before
    assert len(before) == 2
    # Its source comes first, and is no import without the figures.
    (facts.imports_dir(data) / f"{STEM}.csv").unlink()
    assert not facts.load(data)["file"].str.startswith("imports/").any()
    assert run(annex, "--source", DECISION).exit_code == 0
    assert written(data) == before


def test_other_figures_under_the_same_name_are_refused(data, tmp_path):
    rows = annexes.made_up_rows()
    first = annexes.write_xlsx(tmp_path / "made-up-a.xlsx", [annexes.HEAD, *rows])
    second = annexes.write_xlsx(tmp_path / "made-up-b.xlsx", [annexes.HEAD, *rows[:40]])
    assert run(first, "--source", "made up", year=2011).exit_code == 0
    before = written(data)
    refused = run(second, "--source", "made up", year=2011)
    assert refused.exit_code == 1
    assert "Nothing is overwritten" in told(refused)
    assert ".source.csv in imports/" in told(refused)
    assert written(data) == before


def test_a_whole_annex_is_taken_and_displaces_the_press(whole_rows, open_data, tmp_path):
    rows = [list(row) for row in whole_rows]
    (changed,) = [row for row in rows if row[1] == "Thanh Hóa"]
    changed[6] = round(changed[6] + 0.01, 2)
    path = annexes.write_annex(tmp_path / "made-up-par-2020.xlsx", rows)
    result = run(path, "--source", DECISION)
    assert result.exit_code == 0, told(result)
    for text in ('"Trung bình" (checked, not taken)', "84.33", "84.34", "+0.01"):
        assert text in told(result)
    table = facts.load(open_data)
    scores = facts.scores(table, "PAR", 2020)
    assert scores["score"].to_dict() == {row[1]: row[6] for row in rows}
    assert scores["rank"].to_dict() == {row[1]: row[7] for row in rows}
    old = table[(table["unit"] == "Thanh Hóa") & (table["status"] == "displaced")]
    assert 84.33 in set(old["value"])


def test_only_a_decision_of_the_ministry_is_official_by_itself():
    official = {
        "Quyết định 577/QĐ-BNV": True,
        "Quyết định phê duyệt, Bộ Nội vụ": True,
        "QD-BNV 577": True,
        "Thông báo và báo cáo kèm Quyết định 577/QĐ-BNV": True,
        "Báo Thanh Hóa: Bộ Nội vụ công bố kết quả": False,
        "Báo Thanh Hóa dẫn Quyết định 577/QĐ-BNV": False,
        "Quyết định của UBND tỉnh": False,
        "Quyết định 12/QĐ-UBND theo kết quả của Bộ Nội vụ": False,
    }
    assert {source: writing.is_official(source) for source in official} == official


@pytest.mark.parametrize(
    ("source", "option", "official"),
    [("Báo Thanh Hóa", "--official", True), (DECISION, "--not-official", False)],
)
def test_the_user_can_say_what_is_official(source, option, official, data, tmp_path):
    rows = [["Tỉnh", "Chỉ số CCHC"], ["Thanh Hóa", 84.33]]
    path = annexes.write_xlsx(tmp_path / "made-up.xlsx", rows)
    assert run(path, "--source", source, option).exit_code == 0
    (stem,) = {name.split(".")[0] for name in written(data)}
    (row,) = read(facts.imports_dir(data) / f"{stem}.source.csv")
    assert row["note"].startswith("official annex") is official


def test_the_day_of_a_source_is_read():
    days = {"Quyết định 577/QĐ-BNV ngày 24/6/2021": "2021-06-24", "31/2/2021": ""}
    days |= {"ngày 24 tháng 6 năm 2021": "2021-06-24", "Quyết định 577/QĐ-BNV": ""}
    assert {source: writing.date_in(source) for source in days} == days


def test_the_name_of_a_source_is_one_clean_line():
    names = {"  Báo\n Thanh\tHóa ": "Báo Thanh Hóa", "Ba\u0301o": "Báo"}
    names |= {"=cmd|' /C calc'!A0": "cmd|' /C calc'!A0"}
    assert {source: writing.cleaned(source) for source in names} == names
    for source in ("", " =+-@ ", "\n", "x" * 301):
        with pytest.raises(Refused):
            writing.cleaned(source)


def test_no_source_leads_out_of_the_folder(data):
    figures = pd.DataFrame(columns=rows.FIGURE)
    made = writing.files(figures, "PAR", 2011, "../../../etc/passwd", False, "x")
    assert made.stem == "PAR-2011-etc-passwd"
    assert {path.parent for path, _ in made.contents(data)} == {facts.imports_dir(data)}


# --- tables of other hands --------------------------------------------------------------------


@pytest.mark.parametrize(("index", "year"), [("PAR", 2012), ("PAR", 2025), ("SIPAS", 2026)])
def test_the_workbook_to_fill_in_is_read_back(index, year, tmp_path):
    book = openpyxl.load_workbook(io.BytesIO(template.workbook(index, year)))
    sheet, expected = book.worksheets[0], {}
    for row in sheet.iter_rows(min_row=template.FIRST_ROW):
        if row[1].value is None:
            break
        rank = row[0].value
        row[-2].value, row[-1].value = 90 - rank / 10, rank
        expected[row[1].value] = 90 - rank / 10
    book.save(tmp_path / "made-up.xlsx")
    table = tables.find(reading.sheets_of(tmp_path / "made-up.xlsx"), shapes.Request(index, year))
    scores = table.figures[table.figures["measure"] == "score"]
    assert len(expected) == units.count(year)
    assert dict(zip(scores["unit"], scores["value"].astype(float), strict=True)) == pytest.approx(
        expected
    )


def test_what_only_the_user_can_say_is_asked_for(data, tmp_path):
    rows = [[row[1], row[6] - 25] for row in annexes.made_up_rows(2025)]
    path = annexes.write_xlsx(tmp_path / "made-up.xlsx", [["Tỉnh", "Điểm"], *rows])
    refused = run(path, "--new-scoring", year=2025)
    assert refused.exit_code == 1
    assert "What was understood" in told(refused)
    assert "neither title, sheet, file nor a head says which index it is of" in told(refused)
    assert run(path, "--this-is", "SIPAS", year=2025).exit_code == 2
    refused = run(path, "--this-is", "PAR", year=2025)
    assert refused.exit_code == 1
    assert "points below those of 2024" in told(refused)
    assert written(data) == {}
    taken = run(path, "--new-scoring", "--this-is", "par", year=2025)
    assert taken.exit_code == 0
    assert "points below those of 2024" in told(taken)
    assert set(facts.scores(facts.load(data), "PAR", 2025).index) == {row[0] for row in rows}


# --- refused -------------------------------------------------------------------------------


def test_ranks_against_scores_are_refused(data, tmp_path):
    rows = [["Tỉnh", "Chỉ số CCHC", "Xếp hạng"], ["Hà Nội", 84.1, 5], ["Cà Mau", 84.2, 6]]
    path = annexes.write_xlsx(tmp_path / "made-up.xlsx", rows)
    result = run(path, year=2011)
    assert result.exit_code == 1
    assert "Hà Nội has 84.1 at rank 5 (cell C2), Cà Mau 84.2 at rank 6 (cell C3)" in told(result)
    assert written(data) == {}


def test_facts_that_cannot_hold_together_are_refused(data, tmp_path):
    # Possible as a score, but the highest is published as 91.04.
    rows = [["Tỉnh", "Chỉ số CCHC"], ["Cao Bằng", 91.5]]
    path = annexes.write_xlsx(tmp_path / "made-up.xlsx", rows)
    result = run(path, "--source", "made up")
    assert result.exit_code == 1
    assert "No table of all units fits both" in told(result)
    assert "Quảng Ninh" in told(result)
    assert written(data) == {}


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--index", "XYZ"], "There is no index"),
        (["--column", "Điểm A=aprraisal"], "Nearest: appraisal"),
        (["--column", "Điểm A"], "must name a head or a letter"),
        (["--column", "Điểm A=score"], "which the table does not have"),
        (["--sheet", "Bảng 9"], "There is no sheet"),
    ],
)
def test_wrong_arguments_end_with_status_2(options, said, data, tmp_path):
    path = annexes.write_xlsx(tmp_path / "made-up.xlsx", [annexes.HEAD, *annexes.made_up_rows()])
    result = run(path, *options, year=2011)
    assert result.exit_code == 2
    assert said in told(result)
    assert written(data) == {}


def test_a_missing_file_is_a_wrong_argument(data, tmp_path):
    assert run(tmp_path / "none.xlsx").exit_code == 2


def test_nothing_half_written_stays(data, tmp_path, monkeypatch):
    path = annexes.write_xlsx(tmp_path / "made-up.xlsx", [annexes.HEAD, *annexes.made_up_rows()])
    replaced = Path.replace

    def full_disk(self, target):
        if "source" in Path(target).name and str(data) in str(target):
            raise OSError(28, "No space left on device")
        return replaced(self, target)

    monkeypatch.setattr(Path, "replace", full_disk)
    result = run(path, year=2011)
    assert result.exit_code == 1
    assert "No space left on device" in told(result)
    assert written(data) == {}
