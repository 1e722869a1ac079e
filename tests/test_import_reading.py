"""Reading files: encodings and separators, and every kind of bad file; all figures made up."""

import struct
import subprocess
import sys
import time
import unicodedata
import zipfile
import zlib
from pathlib import Path

import annexes
import openpyxl
import psutil
import pytest

from helpers.importing import documents, reading, texts, workbooks
from helpers.importing.shapes import Cell, Refused, Sheet, from_json, to_json

FILES = Path(__file__).parent / "files"
ROWS = [["Tỉnh", "Chỉ số CCHC"], ["Thanh Hóa", 84.33], ["Thừa Thiên Huế", 88.47]]


def refused(path: Path, read=reading.sheets_of) -> str:
    """Why a file is refused."""
    start = time.monotonic()
    with pytest.raises(Refused) as caught:
        read(path)
    assert time.monotonic() - start < 30
    text = str(caught.value)
    assert "Traceback" not in text
    return text


def refused_from_outside(path: Path) -> str:
    """Why a file is refused, read as the command reads it: in a process of its own."""
    text = refused(path, reading.read)
    assert text.startswith(f"{path.name}: ")
    return text


def values(sheet: Sheet) -> list[list]:
    return [[cell and cell.value for cell in row] for row in sheet.rows]


def save(path: Path, content: bytes | str) -> Path:
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


# --- text ----------------------------------------------------------------------------------


def windows_1258(text: str) -> bytes:
    """Encode as Windows does: a letter with its circumflex or horn, then its tone."""
    out = bytearray()
    for char in text:
        try:
            out += char.encode("cp1258")
        except UnicodeEncodeError:
            *base, tone = unicodedata.normalize("NFD", char)
            marks = unicodedata.normalize("NFC", "".join(base))
            if tone in "\u0302\u0306\u031b":  # a tone below sorts before the circumflex
                marks, tone = unicodedata.normalize("NFC", base[0] + tone), base[1]
            out += (marks + tone).encode("cp1258")
    return bytes(out)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize(("separator", "comma"), [(",", False), (";", True), ("\t", True)])
def test_text_is_read_in_every_encoding_and_separator(encoding, separator, comma, tmp_path):
    content = annexes.as_csv(ROWS, separator, comma).encode(encoding)
    (sheet,) = reading.sheets_of(save(tmp_path / "a.csv", content))
    point = "," if comma else "."
    assert values(sheet) == [
        ["Tỉnh", "Chỉ số CCHC"],
        ["Thanh Hóa", f"84{point}33"],
        ["Thừa Thiên Huế", f"88{point}47"],
    ]
    assert sheet.labels == ["line 1", "line 2", "line 3"]


def test_windows_1258_is_read(tmp_path):
    content = windows_1258(annexes.as_csv(ROWS, ";", True))
    assert b"\xcc" in content or b"\xf2" in content
    (sheet,) = reading.sheets_of(save(tmp_path / "a.csv", content))
    names = [unicodedata.normalize("NFC", row[0].value) for row in sheet.rows]
    assert names == ["Tỉnh", "Thanh Hóa", "Thừa Thiên Huế"]


def test_what_a_terminal_would_obey_is_taken_out(tmp_path):
    text = "Tỉnh,Điểm\nHà\u200b Nội\x1b[31m,84.33\n\x07,1\n"
    (sheet,) = reading.sheets_of(save(tmp_path / "a.csv", text))
    assert values(sheet)[1:] == [["Hà Nội [31m", "84.33"], [None, "1"]]


def test_a_decimal_comma_in_quotes_does_not_hide_the_commas(tmp_path):
    content = annexes.as_csv(ROWS, ",", True)
    assert '"84,33"' in content
    (sheet,) = reading.sheets_of(save(tmp_path / "a.csv", content))
    assert values(sheet)[1] == ["Thanh Hóa", "84,33"]


def test_excel_names_its_separator(tmp_path):
    (sheet,) = reading.sheets_of(save(tmp_path / "a.csv", "sep=;\r\nTỉnh;Điểm\r\nHà Nội;84,33\r\n"))
    assert values(sheet) == [["Tỉnh", "Điểm"], ["Hà Nội", "84,33"]]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "empty"),
        ("một cột\nhai dòng\n", "one column"),
        ('a,b\n"không đóng,1\n', "Line 2 is not valid CSV"),
        (b"\xff\xfea", "UTF-16"),
        (b"\xef\xbb\xbf\xff,1", "does not fit"),
        (bytes(range(1, 200)) + b"\0", "zero bytes"),
        ("<html><table><tr><td>Hà Nội</td></tr></table>", "HTML"),
        ("\ufeff\n <!DOCTYPE html>", "HTML"),
        ("<?xml version='1.0'?><Workbook xmlns='urn:schemas-microsoft-com:office:spreadsheet'>",
         "2003"),
        (r"{\rtf1 abc}", "RTF"),
        (b"\x89PNG\r\n\x1a\n", "picture"),
        (b"\xff\xd8\xff\xe0", "picture"),
        (b"\x1f\x8b\x08", "packed"),
        (b"%PDF-1.7\nnothing", "damaged"),
        (b"PK\x03\x04 nothing", "damaged"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "no workbook"),
    ],
)  # fmt: skip
def test_what_is_no_table_is_refused(content, said, tmp_path):
    # Saved as .xls, since a name can say anything.
    assert said in refused(save(tmp_path / "made-up.xls", content))


# --- workbooks -----------------------------------------------------------------------------


def test_a_percent_cell_and_a_sum_are_read_as_shown(tmp_path):
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(["Hà Nội", 0.8433, 84.33, 84.33])
    sheet["B1"].number_format = "0.00%"
    sheet["C1"].number_format = '0.00"%"'
    book.save(tmp_path / "a.xlsx")
    (read,) = workbooks.read_xlsx(tmp_path / "a.xlsx")
    assert [cell.kind for cell in read.rows[0]] == ["text", "percent", "number", "number"]


def test_a_formula_without_its_result_is_told(tmp_path):
    path = annexes.write_xlsx(tmp_path / "a.xlsx", [["Hà Nội", "=1+1"]])
    (read,) = workbooks.read_xlsx(path)
    assert read.rows[0][1].kind == "formula"


def test_an_ods_formula_without_its_result_is_refused(tmp_path):
    def cell(value):
        if value == 84.33:
            return '<table:table-cell table:formula="of:=[.A1]"/>'
        return annexes.ods_cell(value)

    assert "formulas without" in refused(annexes.write_ods(tmp_path / "a.ods", ROWS, cell))


def test_hidden_sheets_and_merged_cells_are_known(tmp_path):
    path = annexes.write_xlsx(tmp_path / "a.xlsx", ROWS, Cũ=ROWS)
    book = openpyxl.load_workbook(path)
    book["Cũ"].sheet_state = "hidden"
    book["Sheet"].merge_cells("D1:E2")
    book.save(path)
    shown, hidden = reading.read(path)
    assert (shown.hidden, hidden.hidden) == (False, True)
    assert shown.merged == [(0, 3, 1, 4)]


@pytest.mark.parametrize("name", ["made-up-locked.xlsx", "made-up-locked.pdf"])
def test_locked_files_are_refused(name):
    assert "locked with a password" in refused(FILES / name)


@pytest.mark.parametrize(
    ("members", "said"),
    [
        ({"xl/workbook.xml": b"", "xl/vbaProject.bin": b""}, "macros"),
        ({"xl/workbook.bin": b""}, "damaged: it cannot be read as XLSB"),
        ({"word/document.xml": b""}, "damaged"),
        ({"a.txt": b""}, "no workbook"),
        ({"xl/workbook.xml": b"<x"}, "damaged"),
    ],
)
def test_archives_that_are_no_plain_workbook_are_refused(members, said, tmp_path):
    path = tmp_path / "made-up.xlsx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    assert said in refused_from_outside(path)


def test_a_workbook_that_cannot_be_read_is_closed(tmp_path):
    path = annexes.change_member(
        tmp_path / "made-up.xlsx",
        "xl/workbook.xml",
        lambda _: b"<made-up",
        openpyxl.Workbook().save,
    )
    with pytest.raises(Refused) as caught:
        reading.sheets_of(path)
    # The error is still there, and with it whatever it holds on to.
    assert str(path) not in {file.path for file in psutil.Process().open_files()}
    assert "damaged" in str(caught.value)


def test_an_old_workbook_with_macros_is_refused(tmp_path):
    raw = (FILES / "made-up-par-2011.xls").read_bytes()
    path = save(tmp_path / "made-up.xls", raw + "_VBA_PROJECT_CUR".encode("utf-16-le"))
    assert "macros" in refused(path)


def sheet_of_zeros(path: Path, members: int, size: int) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", b"<workbook/>")
        for number in range(members):
            archive.writestr(f"xl/worksheets/sheet{number}.xml", b"0" * size)
    return path


def test_a_zip_bomb_is_refused_before_it_is_unpacked(tmp_path):
    path = sheet_of_zeros(tmp_path / "bomb.xlsx", 10, 10 * reading.MB)
    assert path.stat().st_size < reading.MB
    start = time.monotonic()
    assert "unpacks to 100 MB" in refused(path)
    assert time.monotonic() - start < 5


def test_a_zip_bomb_that_lies_about_its_size_is_refused(tmp_path):
    path = sheet_of_zeros(tmp_path / "bomb.xlsx", 1, 80 * reading.MB)
    raw = bytearray(path.read_bytes())
    for sign, offset in ((b"PK\x01\x02", 24), (b"PK\x03\x04", 22)):
        at = raw.rfind(sign)
        raw[at + offset : at + offset + 4] = struct.pack("<I", 1000)
    refused_from_outside(save(path, bytes(raw)))


def test_a_sheet_of_200_mb_is_refused_by_its_size(tmp_path):
    path = tmp_path / "large.csv"
    with path.open("wb") as file:
        file.truncate(200 * reading.MB)
    assert "200 MB" in refused(path)


def test_a_sheet_of_many_rows_is_refused(tmp_path):
    path = save(tmp_path / "long.csv", "a,1\n" * (reading.MOST_ROWS + 1))
    assert "20,002 cells in 10,001 rows" in refused(path)
    book = openpyxl.Workbook()
    book.active["A1"] = "Hà Nội"
    book.active.cell(20_005, 3).value = 1
    book.save(tmp_path / "far.xlsx")
    assert "20,005 rows" in refused(tmp_path / "far.xlsx")


def test_a_sheet_of_many_cells_is_refused(tmp_path):
    path = save(tmp_path / "wide.csv", (",".join(["1"] * 70) + "\n") * 1000)
    assert "70,000 cells in 1,000 rows" in refused(path)


def big_sheet(path: Path, cells: int) -> Path:
    """A workbook within every limit of size whose cells take much memory and time."""
    rows = b"".join(
        b'<row r="%d">%s</row>' % (n, b'<c t="inlineStr"><is><t>x</t></is></c>' * 200)
        for n in range(1, cells // 200 + 1)
    )
    head = b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
    return annexes.change_member(
        path,
        "xl/worksheets/sheet1.xml",
        lambda _: head + b"<sheetData>" + rows + b"</sheetData></worksheet>",
        openpyxl.Workbook().save,
    )


def test_a_file_that_takes_too_long_is_stopped(tmp_path):
    path = big_sheet(tmp_path / "slow.xlsx", 400_000)
    start = time.monotonic()
    with pytest.raises(Refused, match="more than 1 seconds"):
        reading.read(path, seconds=1)
    assert time.monotonic() - start < 4


def test_where_memory_cannot_be_limited_a_file_is_read_all_the_same(
    monkeypatch, tmp_path, capfdbinary
):
    resource = pytest.importorskip("resource")

    def refuse(*_):
        raise ValueError("current limit exceeds maximum limit")  # as macOS says

    monkeypatch.setattr(resource, "setrlimit", refuse)
    path = save(tmp_path / "table.csv", "Tỉnh,Chỉ số CCHC\nThanh Hóa,84.33\n")
    assert reading.main(str(path)) == 0
    [sheet] = from_json(capfdbinary.readouterr().out.decode())
    assert values(sheet)[1] == ["Thanh Hóa", "84.33"]


def test_a_file_that_takes_too_much_memory_is_stopped(tmp_path):
    path = big_sheet(tmp_path / "wide.xlsx", 200_000)
    # The reader is loaded first: the limit of the test is far below the real one.
    code = (
        "import sys, psutil; from helpers.importing import reading, workbooks; "
        "reading.MOST_MEMORY = psutil.Process().memory_info().vms + 30 * 1024**2; "
        "sys.exit(reading.main(sys.argv[1]))"
    )
    done = subprocess.run([sys.executable, "-c", code, str(path)], capture_output=True)
    assert done.returncode == reading.REFUSED
    assert "more than 1 GB of memory" in done.stdout.decode()


# --- PDF -----------------------------------------------------------------------------------


def test_a_table_over_two_pages_is_one(tmp_path):
    rows = [["Tỉnh", "Điểm"], *([f"x{n}", str(n)] for n in range(6))]
    (sheet,) = reading.sheets_of(annexes.draw_pdf(tmp_path / "a.pdf", rows, on_page=4))
    assert [row[0].value for row in sheet.rows] == [
        "Tỉnh", "x0", "x1", "x2", "x3", "Tỉnh", "x4", "x5",
    ]  # fmt: skip
    assert sheet.labels[-1] == "page 2, row 3"


def test_a_scan_is_refused(tmp_path):
    assert "a scan" in refused(annexes.write_scan(tmp_path / "scan.pdf"))


def test_a_pdf_of_many_pages_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(documents, "MOST_PAGES", 1)
    path = annexes.draw_pdf(tmp_path / "made-up.pdf", [["Tỉnh"], ["x1"], ["x2"]], on_page=1)
    with pytest.raises(Refused, match="has 2 pages, and more than 1 are not read"):
        reading.sheets_of(path)


# --- cells ---------------------------------------------------------------------------------


def test_cells_survive_the_way_between_processes():
    sheets = [
        Sheet("Bảng", [[Cell("Hà Nội"), None, Cell(0.1 + 0.2, "number")], []],
              ["row 1", "row 2"], merged=[(0, 0, 1, 1)]),
    ]  # fmt: skip
    assert from_json(to_json(sheets)) == sheets


def test_no_decoder_fails_on_any_byte():
    for byte in range(1, 256):
        assert texts.decoded(b"a," + bytes([byte])) != ""


def test_crc_is_checked(tmp_path):
    path = annexes.write_ods(tmp_path / "a.ods", ROWS)
    raw = path.read_bytes().replace(b"84.33", b"48.33")
    assert zlib.crc32(raw) != zlib.crc32(path.read_bytes())
    assert "damaged" in refused(save(path, raw))
