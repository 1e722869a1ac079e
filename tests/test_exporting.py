"""Tables for spreadsheets: nothing in them runs, nothing is lost, and letters keep their marks."""

import csv
import io
import math

import openpyxl
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from toys import cchc

from helpers import completion, exporting, facts, language, paths, units
from helpers.exporting import CannotExport, as_csv, as_xlsx

RUN = [
    *("=1+1", "=cmd|' /C calc'!A0", "+SUM(A1)", "-2+3", "@SUM(1)", "\t=1", "\r=1", " =1", "\n=1"),
    *("=", "-", "+", "@", "\uff1d1", "-A1", "-1-1", "- a"),
]
HARMLESS = ["-1.20", "+3", "-84,33", "84.33", "-5%", "", "Thanh Hóa", "a=b", "1-2", "x @ y", "−1"]


def cells(content):
    """Cells of the first sheet of a workbook."""
    return openpyxl.load_workbook(io.BytesIO(content)).worksheets[0]


def read_csv(content):
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))


@pytest.mark.parametrize("text", RUN)
def test_text_that_would_run_is_disarmed(text):
    table = pd.DataFrame({text: [text]})
    for (written,) in read_csv(as_csv(table)):
        assert written.startswith("'") and written.replace("'", "", 1)[0] == text[0]
    for (cell,) in cells(as_xlsx({"sheet": table})).iter_rows():
        assert cell.data_type == "s"
        assert cell.quotePrefix
        assert cell.value.strip() == text.strip()


@pytest.mark.parametrize("text", HARMLESS)
def test_other_text_is_left_as_it_is(text):
    table = pd.DataFrame({"text": [text], "more": ["x"]})
    assert read_csv(as_csv(table))[1][0] == text
    cell = cells(as_xlsx({"sheet": table}))["A2"]
    assert (cell.value or "") == text
    assert not cell.quotePrefix


def test_a_cell_that_begins_after_another_separator_is_disarmed():
    (_, (written,)) = read_csv(as_csv(pd.DataFrame({"text": ["a; =1+1\n@x; -1.20"]})))
    assert written == "a; '=1+1\n'@x; -1.20"
    # A quotation mark that is doubled in the file is an empty cell's to who cuts at semicolons.
    (_, (written,)) = read_csv(as_csv(pd.DataFrame({"text": ['a;"=1+1"']})))
    assert written == 'a;"\'=1+1"'


def test_numbers_stay_numbers_and_letters_keep_their_marks():
    content = as_csv(pd.DataFrame({"unit": ["Thừa Thiên Huế"]}))
    assert content == "\ufeffunit\r\nThừa Thiên Huế\r\n".encode()
    table = pd.DataFrame({"n": [-1.20, 84.33, math.nan], "k": [-3, 0, 63]})
    assert read_csv(as_csv(table))[1:] == [["-1.2", "-3"], ["84.33", "0"], ["", "63"]]
    sheet = cells(as_xlsx({"sheet": table}))
    assert [cell.value for cell in sheet["A"][1:]] == [-1.2, 84.33, None]
    assert [cell.data_type for cell in sheet["B"][1:]] == ["n"] * 3


@given(st.lists(st.text(st.characters(codec="utf-8"), max_size=20), min_size=1, max_size=5))
def test_no_text_runs_and_none_is_lost(texts):
    table = pd.DataFrame({"n": range(len(texts)), "text": texts})
    for (_, written), text in zip(read_csv(as_csv(table))[1:], texts, strict=True):
        assert not exporting._may_run(written) or written.startswith("'")
        assert written.replace("'", "") == text.replace("'", "")
    sheet = cells(as_xlsx({"sheet": table}))
    assert all(cell.data_type != "f" for row in sheet.iter_rows() for cell in row)


def test_what_a_workbook_cannot_hold():
    with pytest.raises(CannotExport, match="40,000 letters"):
        as_xlsx({"sheet": pd.DataFrame({"text": ["x" * 40_000]})})
    for name in ("", "a/b", "x" * 32):
        with pytest.raises(CannotExport, match="name of a sheet"):
            as_xlsx({name: pd.DataFrame({"a": [1]})})
    assert cells(as_xlsx({"sheet": pd.DataFrame({"t": ["a\0b"]})}))["A2"].value == "ab"


# --- completed tables ----------------------------------------------------------------------


@pytest.fixture(scope="module")
def drawn(table):
    return completion.complete(table, "PAR", 2020, draws=40, sweeps=60, link=False)


def test_a_completed_table_says_what_is_published_and_what_is_estimated(table, drawn):
    with language.using("en"):
        made, notes = exporting.completed(drawn, table), exporting.notes(drawn)
    assert len(made) == 63
    row = made.set_index("Province").loc["Thanh Hóa"]
    assert row[["Rank", "Kind of rank", "Score", "Kind of score"]].tolist() == [
        *(29, "published", 84.33, "published"),
    ]
    assert row["Rank, 90% interval from"] == row["Rank, 90% interval to"] == 29
    assert row["Sources"].split() == ["s001", "s037", "s084"]
    estimated = made[made["Kind of score"] == "estimated"]
    assert (estimated["Score, 90% interval from"] < estimated["Score, 90% interval to"]).any()
    assert set(made["Code"]) == set(units.provinces()["code"])
    assert "40 complete tables" in " ".join(notes.iloc[:, 0])
    made = exporting.completed(drawn, table)
    assert {"Tỉnh, thành phố", "Hạng, khoảng ước lượng 90%: từ"} <= set(made)
    assert {"công bố", "ước lượng"} <= set(made["Loại số của điểm"])


# --- the command ---------------------------------------------------------------------------


def test_the_command_writes_figures_and_completed_tables(tmp_path, table):
    result = cchc("export", tmp_path / "tables", "--year", 2020, "--index", "PAR")
    assert (result.exit_code, result.stderr) == (0, "")
    names = {"figures.csv", "figures.xlsx", "sources.csv"}
    names |= {"completed-PAR-2020.csv", "completed-PAR-2020.xlsx"}
    assert {path.name for path in (tmp_path / "tables").iterdir()} == names
    again = pd.read_csv(tmp_path / "tables/figures.csv", keep_default_na=False)
    assert len(again) == len(table)
    assert again["value"].tolist() == table["value"].tolist()
    book = openpyxl.load_workbook(tmp_path / "tables/completed-PAR-2020.xlsx")
    assert book.sheetnames == ["PAR 2020", "Cách đọc bảng này"]
    assert book.worksheets[0].max_row == 64


def test_tables_go_to_outputs_when_no_folder_is_given(tmp_path, monkeypatch):
    monkeypatch.setattr(paths, "outputs_dir", lambda: tmp_path)
    assert cchc("export", "--year", 2017, "--index", "sipas", "--lang", "en").exit_code == 0
    head = read_csv((tmp_path / "tables/completed-SIPAS-2017.csv").read_bytes())[0]
    assert head[:3] == ["Code", "Province", "Rank"]


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--year", 1999], "No figures for 1999: there are 20"),
        (["--index", "PCI"], 'There is no index "PCI"'),
        (["--lang", "fr"], 'There is no language "fr"'),
    ],
)
def test_wrong_arguments_write_nothing(tmp_path, arguments, told):
    result = cchc("export", tmp_path / "tables", *arguments)
    assert result.exit_code == 2
    assert told in result.stderr
    assert not (tmp_path / "tables").exists()


def test_a_year_that_cannot_be_completed_is_named_and_the_rest_is_written(tmp_path, monkeypatch):
    def refuse(figures, index, year):
        raise completion.NotEnoughKnown(f"{index} {year}: made up for a test")

    monkeypatch.setattr(completion, "complete", refuse)
    result = cchc("export", tmp_path, "--year", 2020)
    assert result.exit_code == 0
    assert "Left out: PAR 2020: made up for a test" in result.stderr
    assert {path.name for path in tmp_path.iterdir()} == {
        *("figures.csv", "figures.xlsx", "sources.csv"),
    }
    assert len(facts.load()) == len(read_csv((tmp_path / "figures.csv").read_bytes())) - 1
