"""A workbook to fill in with the results of a year, which `cchc import` reads back."""

import io
from collections.abc import Sequence

from openpyxl import Workbook
from openpyxl.formatting.rule import FormulaRule
from openpyxl.styles import Alignment, Border, Font, PatternFill, Protection, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from helpers import units
from helpers.errors import CchcError
from helpers.language import _, pgettext

FIRST_YEAR, LAST_YEAR = 2012, 2099
HEAD_ROW = 4
FIRST_ROW = HEAD_ROW + 1
ROUNDING = 0.025  # a total may miss the sum of its rounded parts by so much


# The words of the ministry's tables, whatever the language of the instructions.
TITLES = {
    "PAR": "Chỉ số cải cách hành chính (PAR INDEX) năm {year}",
    "SIPAS": "Chỉ số hài lòng (SIPAS) năm {year}",
}
# Heads of the points that add up to the score, and of the score, which come between those of the
# province and its rank.
SCORES = {
    "PAR": (
        "Điểm thẩm định",
        "Chỉ số SIPAS",
        "Khảo sát lãnh đạo quản lý",
        "Tác động đến phát triển KT-XH",
        "Chỉ số CCHC",
    ),
    "SIPAS": ("Chỉ số SIPAS",),
}

_FORMATS = {"list": "General", "whole": "0", "decimal": "0.00"}
_HEAD = PatternFill("solid", fgColor="1F4E79")
_OPEN = PatternFill("solid", fgColor="FFFDF0")
_WRONG = PatternFill("solid", bgColor="F8C9C4")
_LINE = Side(style="thin", color="B8BEC5")
_BORDER = Border(_LINE, _LINE, _LINE, _LINE)


class NoTemplate(CchcError, ValueError):
    """There is no workbook for such an index or year."""


def workbook(index: str, year: int) -> bytes:
    """Make the workbook of one index and year.

    Parameters
    ----------
    index : {"PAR", "SIPAS"}
    year : int
        Decides which provinces are in it: 63 up to 2024, 34 from 2025 on.

    Returns
    -------
    bytes
        XLSX. The table with the provinces in the order of their codes, to fill in or to reorder,
        with a list to choose provinces from, checks of range in the cells and marks for what does
        not add up; instructions in the language in use; no macros, no links, no formulas in cells.

    Raises
    ------
    NoTemplate
        For another index, or a year outside 2012 to 2099.
    """
    check(index, year)
    names = list(units.provinces(year)["name"])
    book = Workbook()
    _fill(book.active, index, year, names)
    _instruct(book.create_sheet(_("Instructions")), index, year, len(names))
    _list(book.create_sheet("Danh mục"), names)
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


def check(index: str, year: int) -> None:
    """Raise NoTemplate where there is no workbook for an index and year."""
    if index not in SCORES:
        told = _('There is no index "{given}": use one of {known}.')
        raise NoTemplate(told.format(given=index, known=", ".join(SCORES)))
    if not FIRST_YEAR <= year <= LAST_YEAR:
        told = _("There is no workbook for {year}: years are {first} to {last}.")
        raise NoTemplate(told.format(year=year, first=FIRST_YEAR, last=LAST_YEAR))


def _fill(sheet: Worksheet, index: str, year: int, names: list[str]) -> None:
    n, scores, empty = len(names), SCORES[index], [None] * len(names)
    sheet.title = f"{index} {year}"
    sheet["A1"] = TITLES[index].format(year=year)
    sheet["A1"].font = Font(bold=True, size=14)
    sheet["A2"] = _("Fill in the yellow cells; the sheet of instructions says how.")
    sheet["A2"].font = Font(italic=True, color="555555")
    check = DataValidation("list", formula1=f"'Danh mục'!$A$1:$A${n}")
    check.error = _("Choose a province from the list.")
    _add_column(sheet, 1, "STT", range(1, n + 1))
    _add_column(sheet, 2, "Tỉnh, thành phố", names, check)
    for number, head in enumerate(scores, 3):
        check = DataValidation("decimal", formula1="0", formula2="100")
        check.error = _("A score is a number from 0 to 100.")
        _add_column(sheet, number, head, empty, check)
    check = DataValidation("whole", formula1="1", formula2=str(n))
    check.error = _("A rank is a whole number from 1 to {n}.").format(n=n)
    _add_column(sheet, 3 + len(scores), "Xếp hạng", empty, check)
    sheet.row_dimensions[HEAD_ROW].height = 48
    _mark(sheet, len(scores) - 1, HEAD_ROW + n)
    sheet.freeze_panes = sheet.cell(FIRST_ROW, 3)
    sheet.protection.sheet = True  # without a password: against slips, not against people
    sheet.protection.formatCells = sheet.protection.formatColumns = False
    sheet.protection.sort = sheet.protection.autoFilter = False
    sheet.print_title_rows = f"{HEAD_ROW}:{HEAD_ROW}"
    sheet.page_setup.paperSize = sheet.PAPERSIZE_A4
    sheet.page_setup.fitToHeight = 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = True


def _add_column(
    sheet: Worksheet, number: int, head: str, values: Sequence, check: DataValidation | None = None
) -> None:
    """Add a column, to be filled in with what the check lets pass; without one it is locked."""
    letter = get_column_letter(number)
    longest = max(min(len(head), 15), *(len(str(value)) for value in values))
    sheet.column_dimensions[letter].width = longest + 3
    cell = sheet.cell(HEAD_ROW, number, head)
    cell.font = Font(bold=True, color="FFFFFF")
    cell.fill, cell.border = _HEAD, _BORDER
    cell.alignment = Alignment(wrap_text=True, horizontal="center", vertical="center")
    for row, value in enumerate(values, FIRST_ROW):
        cell = sheet.cell(row, number, value)
        cell.border = _BORDER
        if check is None:
            cell.alignment = Alignment(horizontal="center")
        else:
            cell.protection, cell.fill = Protection(locked=False), _OPEN
            cell.number_format = _FORMATS[check.type]
    if check is not None:
        check.errorTitle = _("This cannot be")
        check.showErrorMessage = check.allow_blank = True
        check.add(f"{letter}{FIRST_ROW}:{letter}{HEAD_ROW + len(values)}")
        sheet.add_data_validation(check)


def _mark(sheet: Worksheet, parts: int, last: int) -> None:
    """Colour a province that is there twice, and a total that its parts do not add up to."""
    first = FIRST_ROW
    marks = {"B": f"COUNTIF($B${first}:$B${last},$B{first})>1"}
    if parts:
        row, score = (
            f"$C{first}:${get_column_letter(parts + 2)}{first}",
            get_column_letter(parts + 3),
        )
        marks[score] = (
            f"AND(COUNT({row})={parts},ISNUMBER(${score}{first}),"
            f"ABS(SUM({row})-${score}{first})>{ROUNDING})"
        )
    for letter, formula in marks.items():
        rule = FormulaRule([formula], fill=_WRONG)
        sheet.conditional_formatting.add(f"{letter}{first}:{letter}{last}", rule)


def _instruct(sheet: Worksheet, index: str, year: int, n: int) -> None:
    file = pgettext("file name to fill in", "file")
    told = [
        _("Fill in the sheet “{sheet}” from the ministry's annex: a row for each of the {n} "
          "provinces of {year}.").format(sheet=f"{index} {year}", n=n, year=year),
        _("Provinces may stand in any order: choose a name from the list in its cell."),
        _("Leave a cell empty where the annex has no figure. Write no dash, zero or note there."),
        _("Write numbers as your spreadsheet does (84,33 or 84.33) and without the % sign."),
        _("Ranks run from 1 to {n}; provinces with the same score may share one.").format(n=n),
        _("Red marks a province that is there twice, or a total that is not the sum of its parts."),
        _("Do not change the heads of the columns; a column may stay empty."),
        _("Save the file as .xlsx and take it in with this command:"),
        f'cchc import "<{file}>.xlsx" --index {index} --year {year} '
        '--source "Quyết định số .../QĐ-BNV, Bộ Nội vụ"',
        _("It shows what it understood and compares it with what is known before it writes."),
    ]  # fmt: skip
    if year >= units.MERGER:
        merger = _(
            "The results of 2025 and later are of the 34 provinces and cities since 1 July "
            "2025; a merged one is another than the one whose name it has."
        )
        told.insert(1, merger)
    sheet.column_dimensions["A"].width = 100
    sheet["A1"] = _("Instructions")
    sheet["A1"].font = Font(bold=True, size=14)
    for row, text in enumerate(told, 3):
        sheet.cell(row, 1, text).alignment = Alignment(wrap_text=True, vertical="top")
        sheet.row_dimensions[row].height = 34 if len(text) > 95 else 18
    sheet.protection.sheet = True


def _list(sheet: Worksheet, names: list[str]) -> None:
    for row, name in enumerate(names, 1):
        sheet.cell(row, 1, name)
    sheet.sheet_state = "hidden"
    sheet.protection.sheet = True
