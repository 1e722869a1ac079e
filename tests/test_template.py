"""The workbook to fill in: its units, its heads, what its cells take, and that it is read back."""

import io
import zipfile

import openpyxl
import pytest
from toys import cchc

from helpers import language, template, units
from helpers.template import workbook

HEADS = "STT | Tỉnh, thành phố | Điểm thẩm định | Chỉ số SIPAS | Khảo sát lãnh đạo quản lý | "
HEADS += "Tác động đến phát triển KT-XH | Chỉ số CCHC | Xếp hạng"


def opened(index, year):
    return openpyxl.load_workbook(io.BytesIO(workbook(index, year)))


@pytest.mark.parametrize("year", [2020, 2025])
@pytest.mark.parametrize("index", ["PAR", "SIPAS"])
def test_units_of_the_year_stand_under_the_heads_of_the_annex(index, year):
    sheet = opened(index, year).worksheets[0]
    heads = [cell.value for cell in sheet[template.HEAD_ROW]]
    if index == "PAR":
        assert heads == HEADS.split(" | ")
    rows = list(sheet.iter_rows(min_row=template.FIRST_ROW, values_only=True))
    assert [row[1] for row in rows] == units.provinces(year)["name"].tolist()
    assert [row[0] for row in rows] == list(range(1, units.count(year) + 1))
    assert all(value is None for row in rows for value in row[2:])


def test_only_cells_to_fill_in_are_open():
    book = opened("PAR", 2025)
    sheet = book.worksheets[0]
    assert all(sheet.protection.sheet for sheet in book.worksheets)
    for row in sheet.iter_rows():
        for cell in row:
            to_fill = cell.row >= template.FIRST_ROW and cell.column >= 2
            assert cell.protection.locked == (not to_fill)
    assert sheet.protection.password is None


def test_cells_take_what_can_be_and_nothing_else():
    sheet = opened("PAR", 2025).worksheets[0]
    checks = {str(check.sqref): check for check in sheet.data_validations.dataValidation}
    assert set(checks) == {f"{column}5:{column}38" for column in "BCDEFGH"}
    rank, score, unit = (checks[f"{column}5:{column}38"] for column in "HGB")
    assert (rank.type, rank.formula1, rank.formula2) == ("whole", "1", "34")
    assert (score.type, score.formula1, score.formula2) == ("decimal", "0", "100")
    assert (unit.type, unit.formula1) == ("list", "'Danh mục'!$A$1:$A$34")
    listed = opened("PAR", 2025)["Danh mục"]
    assert [cell.value for cell in listed["A"]] == units.provinces(2025)["name"].tolist()
    assert listed.sheet_state == "hidden"
    assert all(check.showErrorMessage and check.error for check in checks.values())
    with language.using("vi"):
        check = opened("PAR", 2020).worksheets[0].data_validations.dataValidation[-1]
    assert check.error == "Thứ hạng là số nguyên từ 1 đến 63."


def test_there_are_no_formulas_in_cells_no_macros_and_no_links():
    content = workbook("PAR", 2025)
    book = openpyxl.load_workbook(io.BytesIO(content))
    assert all(cell.data_type != "f" for sheet in book for row in sheet.iter_rows() for cell in row)
    names = zipfile.ZipFile(io.BytesIO(content)).namelist()
    assert not [name for name in names if "vba" in name.lower() or "externalLink" in name]


@pytest.mark.parametrize(("lang", "told"), [("vi", "Hướng dẫn"), ("en", "Instructions")])
def test_instructions_in_the_language_in_use(lang, told):
    with language.using(lang):
        sheet = opened("PAR", 2025)[told]
    text = "\n".join(str(row[0]) for row in sheet.iter_rows(values_only=True) if row[0])
    assert "cchc import" in text and "--index PAR --year 2025" in text and "34" in text


# --- the command ---------------------------------------------------------------------------


def test_the_command_writes_and_does_not_overwrite(tmp_path):
    out = tmp_path / "mẫu.xlsx"
    result = cchc("template", "--index", "PAR", "--year", 2025, out)
    assert (result.exit_code, result.stderr) == (0, "")
    assert openpyxl.load_workbook(out).sheetnames == ["PAR 2025", "Hướng dẫn", "Danh mục"]
    out.write_bytes(b"filled in")
    result = cchc("template", "--index", "PAR", "--year", 2025, out)
    assert result.exit_code == 1
    assert "is there already" in result.stderr and "--force" in result.stderr
    assert out.read_bytes() == b"filled in"
    assert cchc("template", "--year", 2020, "--force", out).exit_code == 0
    assert openpyxl.load_workbook(out).sheetnames[0] == "PAR 2020"


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["x.xls"], "must end in .xlsx"),
        (["x.xlsx", "--index", "PCI"], "PCI"),
        (["x.xlsx", "--year", 1999], "There is no workbook for 1999"),
        (["x.xlsx", "--year", 2100], "There is no workbook for 2100"),
    ],
)
def test_wrong_arguments_write_nothing(tmp_path, monkeypatch, arguments, told):
    monkeypatch.chdir(tmp_path)
    result = cchc("template", *arguments)
    assert result.exit_code in (1, 2)
    assert told in result.stderr
    assert "Traceback" not in result.output
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_takes_no_file_is_one_clear_line(tmp_path):
    (tmp_path / "file").write_text("a file in the place of a folder")
    result = cchc("template", tmp_path / "file/x.xlsx")
    assert result.exit_code == 1
    assert result.stderr.startswith("Cannot write ")
