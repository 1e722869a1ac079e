"""Read workbooks: XLSX with openpyxl, which knows number formats; XLS and ODS with calamine."""

import datetime
import re
import warnings
import zipfile
from pathlib import Path

import openpyxl
import python_calamine

from helpers.importing.cells import Cell, Sheet
from helpers.importing.refusal import Refused

MOST_ROWS = 20_000
MOST_COLUMNS = 300
_LITERAL = re.compile(r'"[^"]*"|\\.|\[[^\]]*\]|_.')
_ODS_CELL = re.compile(rb"<table:table-cell\b[^>]*>")
_ODS_VALUE = re.compile(rb"\boffice:(?:value|string-value|date-value|time-value|boolean-value)=")


def read_xlsx(path: Path) -> list[Sheet]:
    """Read every sheet of an XLSX file; a formula counts as the result that the file holds."""
    # Opened here: openpyxl leaves a file open that it cannot read.
    with path.open("rb") as file, warnings.catch_warnings():
        # openpyxl tells of drop-downs and styles that it would lose on saving; nothing is saved.
        warnings.simplefilter("ignore")
        results = openpyxl.load_workbook(file, data_only=True, keep_links=False)
        formulas = openpyxl.load_workbook(file, data_only=False, keep_links=False)
    return [
        _xlsx_sheet(sheet, source)
        for sheet, source in zip(results.worksheets, formulas.worksheets, strict=True)
    ]


def _xlsx_sheet(results, formulas) -> Sheet:
    _check_size(results.title, results.max_row, results.max_column)
    rows: list[list[Cell | None]] = [[] for _ in range(results.max_row)]
    for row, source in zip(results.iter_rows(), formulas.iter_rows(), strict=True):
        for cell, formula in zip(row, source, strict=True):
            found = _xlsx_cell(cell, formula)
            if found is not None:
                cells = rows[cell.row - 1]
                cells += [None] * (cell.column - len(cells))
                cells[cell.column - 1] = found
    merged = [
        (area.min_row - 1, area.min_col - 1, area.max_row - 1, area.max_col - 1)
        for area in results.merged_cells.ranges
    ]
    return Sheet(
        results.title,
        rows,
        _row_labels(len(rows)),
        hidden=results.sheet_state != "visible",
        merged=sorted(merged),
    )


def _xlsx_cell(cell, formula) -> Cell | None:
    if cell.value is None:
        return Cell("a formula", "formula") if formula.data_type == "f" else None
    if cell.data_type == "e":
        return Cell(str(cell.value), "error")
    plain = _cell(cell.value)
    if plain is not None and plain.kind == "number" and "%" in _LITERAL.sub("", cell.number_format):
        return Cell(plain.value, "percent")
    return plain


def _cell(value) -> Cell | None:
    if isinstance(value, bool):
        return Cell(str(value), "flag")
    if isinstance(value, int | float):
        return Cell(value, "number")
    if isinstance(value, datetime.date | datetime.time | datetime.timedelta):
        return Cell(str(value), "date")
    text = str(value)
    return Cell(text, "text") if text.strip() else None


def _row_labels(count: int) -> list[str]:
    return [f"row {number + 1}" for number in range(count)]


def _check_size(name: str, rows: int, columns: int) -> None:
    if rows > MOST_ROWS or columns > MOST_COLUMNS:
        raise Refused(
            f'Sheet "{name}" reaches to row {rows:,} and column {columns:,}; a table of all '
            "provinces is far smaller. Copy the table alone into a new workbook."
        )


def read_xls(path: Path) -> list[Sheet]:
    """Read every sheet of an XLS file."""
    return _calamine_sheets(path)


def read_ods(path: Path) -> list[Sheet]:
    """Read every sheet of an ODS file.

    Raises Refused for a locked file, and for formulas whose results it does not hold.
    """
    with zipfile.ZipFile(path) as packed:
        # Reading it here also finds a member that holds more than the archive says it does.
        content = packed.read("content.xml")
        if "META-INF/manifest.xml" in packed.namelist():
            manifest = packed.read("META-INF/manifest.xml")
            if b"encryption-data" in manifest:
                raise Refused("The workbook is locked with a password. Save it without one.")
    for tag in _ODS_CELL.findall(content):
        if b"table:formula=" in tag and not _ODS_VALUE.search(tag):
            raise Refused(
                "The workbook has formulas without their results. Open it in LibreOffice or "
                "Excel, let it calculate, and save it."
            )
    return _calamine_sheets(path)


def _calamine_sheets(path: Path) -> list[Sheet]:
    with python_calamine.CalamineWorkbook.from_path(path) as book:
        sheets = []
        for about in book.sheets_metadata:
            if about.typ != python_calamine.SheetTypeEnum.WorkSheet:
                continue
            sheet = book.get_sheet_by_name(about.name)
            _check_size(about.name, sheet.total_height, sheet.total_width)
            grid = sheet.to_python(skip_empty_area=False)
            rows = [_trimmed([_calamine_cell(value) for value in row]) for row in grid]
            hidden = about.visible != python_calamine.SheetVisibleEnum.Visible
            merged = [
                (*top_left, *bottom_right)
                for top_left, bottom_right in sheet.merged_cell_ranges or ()
            ]
            labels = _row_labels(len(rows))
            sheets.append(Sheet(about.name, rows, labels, hidden=hidden, merged=sorted(merged)))
    return sheets


def _calamine_cell(value) -> Cell | None:
    if isinstance(value, str) and re.fullmatch(r"#[A-Z0-9/]+[!?]?", value):
        return Cell(value, "error")
    return _cell(value)


def _trimmed(cells: list[Cell | None]) -> list[Cell | None]:
    while cells and cells[-1] is None:
        cells.pop()
    return cells
