"""A corpus of annexes as they come: each file beside what is taken of it, or the sentence.

Every figure is made up, in the order in which the provinces were ranked before.
"""

import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import annexes
import openpyxl
import pandas as pd
import pytest
from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.cell.text import InlineFont
from openpyxl.styles import PatternFill

from helpers.errors import CchcError
from helpers.importing import heads, published, reading
from helpers.importing.shapes import Request

FILES = Path(__file__).parent / "files"
YEAR = 2025
ROWS = annexes.made_up_rows(YEAR)
NAMES = [row[1] for row in ROWS]
FIGURES = (*annexes.PARTS, "score", "rank")
TITLE = "CHỈ SỐ CẢI CÁCH HÀNH CHÍNH NĂM 2025 CỦA CÁC TỈNH, THÀNH PHỐ"
TWO_ROWS = [
    [*annexes.HEAD[:3], "Tác động của CCHC", None, None, *annexes.HEAD[6:]],
    ["^", "^", "^", *annexes.HEAD[3:6], "^", "^"],
]
SIMPLE = ["STT", "Tỉnh, thành phố", "Điểm", "Xếp hạng"]
SHORT = [[row[0], row[1], row[6], row[7]] for row in ROWS]
REGIONS = ["Tây Nguyên", "Đồng bằng sông Hồng", "Đông Nam Bộ"]
OF_REGIONS = [[row[0], REGIONS[row[0] % 3], *row[1:]] for row in SHORT]
WHOLE = {
    (row[1], figure): round(float(value), 2)
    for row in ROWS
    for figure, value in zip(FIGURES, row[2:], strict=True)
}
SHORT_WHOLE = {key: value for key, value in WHOLE.items() if key[1] in ("score", "rank")}


def decide(path: Path, known, index="PAR", year=YEAR, columns=(), this_is=False, **about):
    """What comes of a file, as `annexes.decided` tells it."""
    asked = heads.mapping(list(columns), index)
    request = Request(index, year, columns=asked, confirmed=this_is)
    try:
        sheets = reading.sheets_of(path)
    except CchcError as refusal:
        return None, str(refusal)
    return annexes.decided(sheets, request, known, path.stem, **about)


# --- files that are taken whole ------------------------------------------------------------


class Taken(NamedTuple):
    """A file that is taken: its ending, how it is made, what is told beside, what it holds."""

    kind: str
    make: Callable[[Path], object]
    told: str = ""
    whole: dict = WHOLE
    columns: tuple[str, ...] = ()


def book(*rows, change=None, title=TITLE) -> Callable[[Path], object]:
    """A workbook of rows below a title, changed by a function of its sheet."""

    def make(path):
        made = openpyxl.Workbook()
        for row in ([title], [], *rows):
            made.active.append(list(row))
        if change is not None:
            change(made.active)
        made.save(path)

    return make


def pdf(lines="all", rows=(annexes.HEAD, *ROWS), **about) -> Callable[[Path], object]:
    about = {"title": TITLE, "on_page": 20, **about}
    return lambda path: annexes.draw_pdf(path, [list(row) for row in rows], lines, **about)


def docx(*blocks) -> Callable[[Path], object]:
    return lambda path: annexes.write_docx(path, *blocks)


def hide(sheet):
    sheet.row_dimensions[9].hidden = True
    sheet.column_dimensions["H"].hidden = True


def format_far(sheet):
    for row in sheet.iter_rows(min_row=1, max_row=9, min_col=1, max_col=1024):
        for cell in row:
            cell.fill = PatternFill("solid", fgColor="FFFFFF")


def empty_fill(path):
    annexes.change_member(
        path, "xl/styles.xml", lambda raw: re.sub(rb"<fill>.*?</fill>", b"<fill/>", raw, count=1),
        book(annexes.HEAD, *ROWS),
    )  # fmt: skip


def per_cent_ods(path):
    def cell(value):
        if isinstance(value, float):
            return (
                f'<table:table-cell office:value-type="percentage" office:value="{value / 100}">'
                f"<text:p>{value}%</text:p></table:table-cell>"
            )
        return annexes.ods_cell(value)

    annexes.write_ods(path, [[TITLE], SIMPLE, *SHORT], cell)


def merged_group(sheet):
    sheet.insert_rows(4)
    sheet["A4"] = "Nhóm A (từ 88 điểm trở lên)"
    sheet.merge_cells("A4:H4")


def old_names(path):
    rows = [[*row, old] for row, old in zip(SHORT, ["Vĩnh Phúc", *NAMES[1:]], strict=True)]
    book([*SIMPLE, "Tên cũ"], *rows)(path)


def raised(text):
    run = '<w:r><w:rPr><w:vertAlign w:val="superscript"/></w:rPr><w:t>1</w:t></w:r>'
    return f"<w:p><w:r><w:t>{text}</w:t></w:r>{run}</w:p>"


def raised_ods(path):
    def cell(value):
        if isinstance(value, str) and value.endswith("^"):
            mark = '<text:span text:style-name="T1">1</text:span>'
            return annexes.ods_cell(value).replace("^</text:p>", f"{mark}</text:p>")
        return annexes.ods_cell(value)

    style = (
        '<office:automatic-styles><style:style xmlns:style="urn:oasis:names:tc:opendocument:xmlns:'
        'style:1.0" style:name="T1"><style:text-properties style:text-position="super 58%"/>'
        "</style:style></office:automatic-styles>"
    )
    rows = [[TITLE], *marked(lambda text: f"{text}^")]
    annexes.change_member(
        path,
        "content.xml",
        lambda raw: raw.replace(b"<office:body>", style.encode() + b"<office:body>"),
        lambda path: annexes.write_ods(path, rows, cell),
    )


def marked(mark):
    """Rows with marks of footnotes at a name and at a score."""
    rows = [list(row) for row in SHORT]
    rows[3][1], rows[4][2] = mark(rows[3][1]), mark(rows[4][2])
    return [SIMPLE, *rows]


def rich(text):
    return CellRichText(str(text), TextBlock(InlineFont(vertAlign="superscript"), "1"))


MEAN = round(sum(row[6] for row in ROWS) / len(ROWS), 2)
TAKEN = {
    "the ministry's layout": Taken("xlsx", lambda p: annexes.write_annex(p, ROWS, YEAR)),
    "a plain DOCX": Taken("docx", docx(TITLE, [annexes.HEAD, *ROWS])),
    "a DOCX with a head of two rows": Taken("docx", docx("BỘ NỘI VỤ", TITLE, [*TWO_ROWS, *ROWS])),
    "a DOCX whose table is in two": Taken(
        "docx", docx(TITLE, [annexes.HEAD, *ROWS[:20]], [annexes.HEAD, *ROWS[20:]], "Ghi chú")
    ),
    "a DOCX whose table goes on below a line": Taken(
        "docx",
        docx(TITLE, [annexes.HEAD, *ROWS[:20]], "Bảng 1 (tiếp theo)", [annexes.HEAD, *ROWS[20:]]),
    ),
    "a DOCX with two indices": Taken(
        "docx",
        docx("Phụ lục I. " + TITLE, [annexes.HEAD, *ROWS], "Phụ lục II. Chỉ số hài lòng (SIPAS)",
             [SIMPLE, *SHORT]),
    ),
    "a DOCX with marks of footnotes": Taken(
        "docx", docx(TITLE, marked(raised)), whole=SHORT_WHOLE
    ),
    "XLSX with marks of footnotes": Taken("xlsx", book(*marked(rich)), whole=SHORT_WHOLE),
    "PDF with marks of footnotes": Taken(
        "pdf", pdf(rows=marked(lambda text: f"{text}$^1$")), whole=SHORT_WHOLE
    ),
    "XLS with marks of footnotes": Taken(
        "xls", lambda p: shutil.copy(FILES / "made-up-marks.xls", p), whole=SHORT_WHOLE
    ),
    "ODS with marks of footnotes": Taken("ods", raised_ods, whole=SHORT_WHOLE),
    "XLSB": Taken("xlsb", lambda p: annexes.write_xlsb(p, [[TITLE], annexes.HEAD, *ROWS])),
    "ODS of per cent": Taken("ods", per_cent_ods, whole=SHORT_WHOLE),
    "PDF with every line": Taken("pdf", pdf()),
    "PDF without outer lines": Taken("pdf", pdf("inner")),
    "PDF without outer lines, its names wrapped": Taken(
        "pdf", pdf("inner", [annexes.HEAD, *([row[0], row[1].replace(" ", "\n"), *row[2:]]
                                             for row in ROWS)]),
    ),
    "PDF without a bottom line": Taken("pdf", pdf("no bottom")),
    "PDF with lines across": Taken("pdf", pdf("across")),
    "PDF that is shaded": Taken("pdf", pdf("shaded")),
    "PDF without lines": Taken("pdf", pdf("none")),
    "PDF without lines, with one row on page 2": Taken("pdf", pdf("none", on_page=33)),
    "PDF without lines, its head wrapped": Taken(
        "pdf", pdf("none", [[head.replace(" ", "\n", 1) for head in annexes.HEAD], *ROWS])
    ),
    "PDF of false bold": Taken("pdf", pdf(bold=True)),
    "PDF with a head of two rows on each page": Taken(
        "pdf",
        pdf(rows=[
            [*annexes.HEAD[:3], "Tác động", "", "", *annexes.HEAD[6:]],
            ["", "", "", *annexes.HEAD[3:6], "", ""], ["A", "B", *"123456"], *ROWS,
        ], heads=3),
    ),
    "PDF without lines, with groups and regions": Taken(
        "pdf",
        pdf("none", [
            ["STT", "Vùng", "Tỉnh", "Tổng điểm", "Xếp hạng"],
            ["Nhóm A gồm các tỉnh có kết quả từ 88 điểm", *[""] * 4], *OF_REGIONS[:9],
            ["", "", "Nhóm B", "", ""], *OF_REGIONS[9:12],
            ["II", "Đồng bằng sông Hồng", "", "", ""], *OF_REGIONS[12:],
        ]),
        whole=SHORT_WHOLE,
    ),
    "PDF without lines, its head repeated": Taken(
        "pdf", pdf("none", [SIMPLE, *SHORT[:9], SIMPLE, *SHORT[9:]]), whole=SHORT_WHOLE
    ),
    "PDF with an empty column on page 2": Taken(
        "pdf", pdf(rows=[[*annexes.HEAD, ""], *([*row, ""] for row in ROWS)])
    ),
    "PDF with a column more on page 2": Taken(
        "pdf",
        pdf(
            rows=[SIMPLE, *SHORT[:20]],
            later=[[
                [*SIMPLE[:2], "Ghi chú", *SIMPLE[2:]],
                *([*row[:2], "x" * (at == 3), *row[2:]] for at, row in enumerate(SHORT[20:])),
            ]],
        ),
        whole=SHORT_WHOLE,
    ),
    "a group's row under the head": Taken(
        "xlsx", book(annexes.HEAD, ["Nhóm A"], *ROWS[:9], [None, "Nhóm B"], *ROWS[9:])
    ),
    "a merged group's row under the head": Taken(
        "xlsx", book(annexes.HEAD, *ROWS, change=merged_group)
    ),
    "numbered columns A, B, 1, 2": Taken(
        "xlsx", book(annexes.HEAD, ["A", "B", 1, 2, 3, 4, 5, 6], *ROWS)
    ),
    "numbered columns 1, 2, 3": Taken("xlsx", book(annexes.HEAD, [*range(1, 9)], *ROWS)),
    "a row of points at most": Taken(
        "xlsx", book(annexes.HEAD, [None, "Điểm tối đa", 62, 10, 22, 6, 100, None], *ROWS),
        "(checked, not taken)",
    ),
    "means and deviations of groups and regions": Taken(
        "xlsx",
        book(
            annexes.HEAD, *ROWS[:9], ["", "Trung bình nhóm A", None, None, None, None, 91.2],
            *ROWS[9:], ["TB nhóm B", None, None, None, None, None, 86.3],
            [None, "Trung bình Đồng bằng sông Hồng", None, None, None, None, 88.1],
            ["Độ lệch chuẩn", None, None, None, None, None, 2.05],
            [None, "Trung bình cả nước", None, None, None, None, MEAN],
        ),
        '"Trung bình nhóm A" (not taken)',
    ),
    "heads repeated within a sheet": Taken(
        "xlsx", book(annexes.HEAD, *ROWS[:20], [], annexes.HEAD, *ROWS[20:])
    ),
    "ranks as 01": Taken(
        "csv",
        lambda p: p.write_text(
            annexes.as_csv([[TITLE], SIMPLE, *([*row[:3], f"{row[3]:02}"] for row in SHORT)]),
            "utf-8",
        ),
        whole=SHORT_WHOLE,
    ),
    "formats out to column 1,024": Taken("xlsx", book(annexes.HEAD, *ROWS, change=format_far)),
    "a head broken within a word": Taken(
        "xlsx", book(["ST T", *annexes.HEAD[1:7], "Xếp hạn g"], *ROWS)
    ),
    "an empty fill": Taken("xlsx", empty_fill),
    "hidden rows and columns": Taken(
        "xlsx", book(annexes.HEAD, *ROWS, change=hide),
        'Hidden in the file, and read all the same: row 9, column H ("Xếp hạng").',
    ),
    "former names, left out by letter": Taken(
        "xlsx", old_names, whole=SHORT_WHOLE, columns=("E=ignore",)
    ),
    "former names, left out by head": Taken(
        "xlsx", old_names, whole=SHORT_WHOLE, columns=("Tên cũ=ignore",)
    ),
    "two equal heads, one left out by letter": Taken(
        "xlsx",
        book([*SIMPLE, "Điểm"], *([*row, 70 + row[0] / 10] for row in SHORT)),
        whole=SHORT_WHOLE, columns=("E=ignore",),
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", TAKEN)
def test_a_usual_file_is_taken_whole(name, tmp_path, table):
    case = TAKEN[name]
    path = tmp_path / f"made-up.{case.kind}"
    case.make(path)
    found, told = decide(path, table, columns=case.columns)
    assert found == case.whole, told[:2000]
    assert case.told in told


def test_a_shared_rank_is_taken_as_far_as_it_is_certain(tmp_path, table):
    path = tmp_path / "made-up.xlsx"
    rows = [[*row[:3], min(row[3], 33)] for row in SHORT]

    def alone(ranks):
        ranked = ([*row[:2], rank] for row, rank in zip(rows, ranks, strict=True))
        book(["STT", "Tỉnh", "Hạng"], *ranked)(path)
        return decide(path, table)

    found, told = alone([row[3] for row in rows])
    assert f"rank 33 is shared by {NAMES[32]} and {NAMES[33]}" in told and "no figure" not in told
    bounds = [found[name, f"rank_at_{end}"] for name in NAMES[32:] for end in ("least", "most")]
    assert bounds == [33, 34, 33, 34] and (NAMES[32], "rank") not in found
    assert len(found) == 32 + 4
    # Where the next rank is taken too, one of the three is a slip.
    found, told = alone([1, *range(1, 34)])
    assert found is None and "needs the same score beside each" in told
    rows[33][2] = rows[32][2]
    book(SIMPLE, *rows)(path)
    assert decide(path, table)[0][NAMES[33], "rank"] == 33
    rows[33][2] -= 0.01
    book(SIMPLE, *rows)(path)
    assert decide(path, table)[0] is None


def test_per_cent_and_what_is_hidden_in_xls(tmp_path, table):
    path = Path(shutil.copy(FILES / "made-up-percent.xls", tmp_path))
    found, told = decide(path, table, year=2011)
    assert {key[0]: value for key, value in found.items() if key[1] == "score"} == {
        "Đà Nẵng": 91.43, "Hải Phòng": 90.51, "Bắc Ninh": 89.27, "Quảng Ninh": 88.42,
    }  # fmt: skip
    assert "read all the same: row 6" in told
    assert 'column D ("Xếp hạng")' in told


# --- tables of something else --------------------------------------------------------------


OFFICE = "SỞ KẾ HOẠCH VÀ ĐẦU TƯ"
TITLES = [
    # What is said, None where the table is taken; its title; other names, and what the user says.
    ("says PCI, and --index is PAR", "Chỉ số năng lực cạnh tranh cấp tỉnh (PCI) 2025"),
    ("says PAPI", "Chỉ số PAPI năm 2025"),
    ("says PII", "Chỉ số đổi mới sáng tạo cấp địa phương 2025"),
    ("says DTI", "Chỉ số chuyển đổi số (DTI) các tỉnh năm 2025"),
    ("says poverty", "Tỷ lệ hộ nghèo năm 2025 của các tỉnh"),
    ("says growth", "Tốc độ tăng trưởng GRDP năm 2025"),
    ("satisfaction with other services", "Mức độ hài lòng của người bệnh năm 2025"),
    ("says SIPAS", "Chỉ số hài lòng (SIPAS) năm 2025"),
    ("nothing says which index", "Kết quả năm 2025 của các tỉnh"),
    ("nothing says which index", "Chỉ số CCHC và Chỉ số hài lòng năm 2025"),
    ("says 2024, and --year is 2025", "KẾT QUẢ CHỈ SỐ CCHC NĂM 2024"),
    ("says 2024", "PAR INDEX 2024"),
    *((f"says {name}", "", {"file": f"made-up {name}", "this_is": True})
      for name in ("PCI", "PAPI", "DTI")),
    *((f"says {name}", "", {"sheet": name}) for name in ("PCI", "PAPI", "DTI")),
    ("if it is of it all the same: --this-is PAR", OFFICE),
    (None, OFFICE, {"this_is": True}),
    (None, OFFICE, {"head": "Chỉ số CCHC"}),
    *((None, "", {"head": head})
      for head in ("Chỉ số CCHC", "PAR INDEX 2025", "Chỉ số cải cách hành chính (%)")),
    (None, "BAN CHỈ ĐẠO CẢI CÁCH HÀNH CHÍNH. Kết quả thẩm định Chỉ số CCHC năm 2025"),
    (None, "Chỉ số CCHC và các chỉ số thành phần năm 2025"),
    (None, "Chỉ số CCHC năm 2025 (gồm 8 lĩnh vực)"),
    (None, "CHỈ SỐ CCHC NĂM 2025 (Quyết định ngày 24 tháng 6 năm 2026)"),
    (None, "PAR INDEX NĂM 2024 VÀ NĂM 2025"),
]  # fmt: skip


@pytest.mark.parametrize(("said", "title", "about"), [(*case, {})[:3] for case in TITLES])
def test_a_table_is_taken_for_what_it_says_it_is(said, title, about, tmp_path, table):
    path = tmp_path / f"{about.get('file', 'made-up')}.xlsx"
    head = [*SIMPLE[:2], about.get("head", "Điểm"), "Hạng"]
    name = about.get("sheet", "Sheet")
    book(head, *SHORT, title=title, change=lambda sheet: setattr(sheet, "title", name))(path)
    found, told = decide(path, table, this_is=about.get("this_is", False))
    assert found == (SHORT_WHOLE if said is None else None)
    assert said is None or said in told


@pytest.mark.parametrize(
    ("title", "index", "options"),
    [
        ("Chỉ số thành phần Cải cách TTHC, PAR INDEX 2025", "PAR",
         ["D=procedures", "E=part_rank:procedures"]),
        ("Kết quả lĩnh vực tài chính công, Chỉ số CCHC năm 2025", "PAR",
         ["D=public_finance", "E=part_rank:public_finance"]),
        ("Điểm tự đánh giá Chỉ số CCHC năm 2025", "PAR", ["D=ignore", "E=ignore"]),
        ("SIPAS 2025: mức độ hài lòng của người dân về tiếp cận dịch vụ", "SIPAS",
         ["D=access", "E=ignore"]),
    ],
)  # fmt: skip
def test_a_part_of_an_index_is_not_taken_for_the_whole(title, index, options, tmp_path, table):
    path = tmp_path / "made-up.xlsx"
    rows = [[row[0], row[1], "x", round(row[2] - 10, 2), row[3]] for row in SHORT]
    head = ["STT", "Tỉnh", "Ghi chú", "Điểm", "Xếp hạng"]
    book(head, *rows, title=title)(path)
    found, told = decide(path, table, index)
    assert found is None
    for option in [*options, "D=score", "E=rank"]:
        assert f'--column "{option}"' in told
    # What is mapped alone does not settle the other.
    assert '"E=rank"' in decide(path, table, index, columns=options[:1])[1]
    if figures := {option[2:] for option in options} - {"ignore"}:
        found, _ = decide(path, table, index, columns=options)
        assert {figure for _, figure in found} == figures


def test_figures_unlike_the_years_before_are_refused_with_the_number(tmp_path, table):
    path = tmp_path / "made-up.xlsx"
    # As of the PCI, whose provinces have 60 to 70 points.
    book(SIMPLE, *([n, name, round(score - 22, 2), rank] for n, name, score, rank in SHORT))(path)
    found, told = decide(path, table)
    assert found is None
    assert "points below those of 2024" in told and "--new-scoring" in told
    found, told = decide(path, table, new_scoring=True)
    assert len(found) == 68 and "points below those of 2024" in told
    rows = [[row[0], name, *row[2:]] for row, name in zip(SHORT, NAMES[::-1], strict=True)]
    for columns in ([0, 1, 2, 3], [0, 1, 3]):  # ranks alone too
        book(*([row[at] for at in columns] for row in (SIMPLE, *rows)))(path)
        assert "the rank correlation with 2024 is -0." in decide(path, table)[1]


def test_every_published_year_fits_the_years_before_it(table):
    """The bounds refuse no year that was published, as far as it is known."""
    accepted = table[(table["status"] == "accepted") & (table["unit_type"] == "province")]
    accepted = accepted[accepted["measure"].isin(["score", "rank"])]
    for (index, year), rows in accepted.groupby(["index", "year"]):
        assert published.far_from_before(rows, table, index, year) == [], (index, year)


def test_no_year_was_as_far_off_as_is_allowed(table):
    means = table[(table["unit_type"] == "national") & (table["measure"] == "mean")]
    means = means[means["status"] == "accepted"].groupby(["index", "year"])["value"].first()
    steps = [means[index].diff().abs().max() for index in ("PAR", "SIPAS")]
    assert max(steps) < published.FARTHEST_MEAN - 3


def test_imports_of_later_years_do_not_bring_back_the_old_list(table):
    """For 2026 the units known of 2025 count, and none of the same name among the 63."""
    rows = [["province", name, "PAR", 2025, "rank", "", rank] for rank, name in enumerate(NAMES, 1)]
    columns = ["unit_type", "unit", "index", "year", "measure", "part", "value"]
    later = pd.DataFrame(rows[:20], columns=columns).assign(status="accepted")
    figures = pd.DataFrame(
        [[name, "rank", "", rank, ""] for rank, name in enumerate(NAMES, 1)],
        columns=["unit", "measure", "part", "value", "place"],
    )
    assert published.far_from_before(figures, pd.concat([table, later]), "PAR", 2026) == []
    figures["value"] = list(reversed(figures["value"]))
    (told,) = published.far_from_before(figures, pd.concat([table, later]), "PAR", 2026)
    assert "with 2025 is -1.00 (20 provinces compared)" in told


@pytest.mark.parametrize("other", ["PAR", "SIPAS"])
def test_the_papi_does_not_fit_either_index(other, table):
    rows = annexes.published_papi(2023)
    told = published.far_from_before(rows, table, other, 2024)
    assert "points below those of" in told[0]


# --- files that are refused, each with its reason ------------------------------------------


def mojibake(path):
    content = annexes.as_csv([[TITLE], SIMPLE, *SHORT]).encode()
    path.write_bytes(content.decode("latin-1").encode())


def strict(path):
    official = b"http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    annexes.change_member(
        path,
        "xl/workbook.xml",
        lambda raw: raw.replace(official, b"http://purl.oclc.org/ooxml/spreadsheetml/main"),
        book(SIMPLE, *SHORT),
    )


def xlsb(*rows, **about):
    return lambda path: annexes.write_xlsb(path, [[TITLE], *rows], **about)


def changed(text):
    return (
        f"<w:p><w:r><w:t>85</w:t></w:r><w:del><w:r><w:delText>1</w:delText></w:r></w:del>"
        f"<w:ins><w:r><w:t>{text}</w:t></w:r></w:ins></w:p>"
    )


HIDDEN = "<w:p><w:r><w:rPr><w:vanish/></w:rPr><w:t>9</w:t></w:r><w:r><w:t>85.1</w:t></w:r></w:p>"
ONE = ["1", NAMES[0], "85.1", "1"]
REFUSED = {
    "mojibake": ("csv", mojibake, "UTF-8 that a program read as Windows-1252"),
    "strict Open XML": ("xlsx", strict, "Strict Open XML"),
    "tracked changes": ("docx", docx(TITLE, [SIMPLE, ["1", NAMES[0], changed("2"), "1"]]),
                        "tracked changes"),
    "hidden text": ("docx", docx(TITLE, [SIMPLE, ["1", NAMES[0], HIDDEN, "1"]]), "hidden text"),
    "text in no cell": (
        "docx",
        docx(TITLE, "<w:tbl><w:tr><w:tc><w:p/></w:tc><w:p><w:r><w:t>85</w:t></w:r></w:p></w:tr>"
             "</w:tbl>"),
        "in none of its cells",
    ),
    "a DOCX without a table": ("docx", docx(TITLE, "Hà Nội 85,1"), "no table"),
    "a row of a PDF outside its lines": (
        "pdf", pdf(rows=[SIMPLE, *SHORT[:-1]], below="34 " + NAMES[-1] + " 80.1 34"),
        f'"34 {NAMES[-1]} 80.1 34"',
    ),
    "a last page of other columns": (
        "pdf", pdf("all", [SIMPLE, *SHORT[:-1]], on_page=33, later=[[SHORT[-1][1:3]]]),
        f'"page 2" names {NAMES[-1]}, of which the table ("page 1") has no row',
    ),
    "a row that is one text": (
        "docx", docx(TITLE, [SIMPLE, *SHORT[:-1]], f"34. {NAMES[-1]}: 85,9 điểm"),
        f'"34. {NAMES[-1]}: 85,9 điểm", and {NAMES[-1]} has no row',
    ),
    "names within other text": (
        "xlsx", book(["Bảng"], ["1. Tỉnh Thanh Hóa đạt 85,1 điểm"], ["2. Hà Nội đạt 84"]),
        "has 1. Tỉnh Thanh Hóa within",
    ),
    "former names": ("xlsx", old_names, '--column "E=ignore"'),
    "a score above the points at most": (
        "xlsx", book(SIMPLE, [None, "Điểm tối đa", 90, None], *SHORT), 'of the row "Điểm tối đa"',
    ),
    "marks of footnotes in XLSB": (
        "xlsb", xlsb(SIMPLE, *marked(lambda text: (str(text), "1"))), "as marks of footnotes are",
    ),
    "a hidden row in XLSB": ("xlsb", xlsb(SIMPLE, *SHORT, hidden_row=4), "hidden rows or columns"),
    "a hidden column in XLSB": (
        "xlsb", xlsb(SIMPLE, *SHORT, hidden_column=3), "hidden rows or columns",
    ),
    "a transposed table": (
        "xlsx", book(*zip(SIMPLE, *SHORT, strict=True)), "row 4: the table is transposed",
    ),
    "ranks of nobody knows what": (
        "xlsx", book(["Tỉnh", "PCI", "Hạng"], *([r[1], r[2], r[3]] for r in SHORT)),
        "may rank PAR or what column B",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_a_file_that_stays_refused_says_why(name, tmp_path, table):
    kind, make, said = REFUSED[name]
    path = tmp_path / f"made-up.{kind}"
    make(path)
    found, told = decide(path, table)
    assert found is None
    assert said in told


def test_a_head_of_two_columns_is_not_mapped_at_once(tmp_path, table):
    path = tmp_path / "made-up.xlsx"
    book([*SIMPLE, "Điểm"], *([*row, 1] for row in SHORT))(path)
    assert (
        'a head "diem" that columns C and E have' in decide(path, table, columns=["Điểm=ignore"])[1]
    )
