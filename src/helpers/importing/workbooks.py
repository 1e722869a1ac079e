"""Read workbooks: XLSX with openpyxl and XLS with xlrd, which know number formats and what is
hidden, XLSB with calamine, and ODS as the XML that it is."""

import datetime
import io
import re
import warnings
import zipfile
from collections.abc import Iterable
from pathlib import Path

import openpyxl
import python_calamine
import xlrd
from lxml import etree
from openpyxl.cell.rich_text import CellRichText, TextBlock

from helpers.importing.shapes import FARTHEST_COLUMN, FARTHEST_ROW, Cell, Refused, Sheet

MOST_FORMATTED = 2_000_000  # cells, empty ones among them, that openpyxl is to make
_LITERAL = re.compile(r'"[^"]*"|\\.|\[[^\]]*\]|_.')
# Records of a binary sheet.
_ROW, _CELLS, _END_OF_SHEET = 0, range(1, 12), 130
_EMPTY_FILL = re.compile(rb"<((?:\w+:)?)fill(?:\s*/>|>\s*</\1fill>)")
_WITH_PATTERN = rb"<\1fill><\1patternFill/></\1fill>"


def _sheet(name: str, grid: list[list[Cell | None]], **about) -> Sheet:
    """Make a sheet of a grid without the empty cells and rows at its ends.

    Raises Refused where it reaches too far; formats of empty cells do not count.
    """
    for row in grid:
        while row and row[-1] is None:
            row.pop()
    while grid and not grid[-1]:
        grid.pop()
    rows, columns = len(grid), max(map(len, grid), default=0)
    if rows > FARTHEST_ROW or columns > FARTHEST_COLUMN:
        raise _too_far(name, rows, columns)
    return Sheet(name, grid, [f"row {number + 1}" for number in range(rows)], **about)


def _too_far(name: str, rows: int, columns: int) -> Refused:
    return Refused(
        f'Sheet "{name}" reaches to row {rows:,} and column {columns:,}; a table of all '
        "provinces is far smaller. Copy the table alone into a new workbook."
    )


def _cell(value) -> Cell | None:
    if value is None:
        return None
    if isinstance(value, bool):
        return Cell(str(value), "flag")
    if isinstance(value, int | float):
        return Cell(int(value) if value == value // 1 else value, "number")
    if isinstance(value, datetime.date | datetime.time | datetime.timedelta):
        return Cell(str(value), "date")
    if isinstance(value, CellRichText):
        # A raised number marks a footnote.
        value = "".join(str(part) for part in value if not _is_mark(part))
    text = str(value)
    return Cell(text, "text") if text.strip() else None


def _is_mark(part: str | TextBlock) -> bool:
    raised = isinstance(part, TextBlock) and part.font.vertAlign == "superscript"
    return raised and str(part).strip().isdecimal()


def _shows_percent(number_format: str) -> bool:
    return "%" in _LITERAL.sub("", number_format)


# --- XLSX ----------------------------------------------------------------------------------


def read_xlsx(path: Path) -> list[Sheet]:
    """Read every sheet of an XLSX file; a formula counts as the result that the file holds."""
    with warnings.catch_warnings():
        # openpyxl tells of drop-downs and styles that it would lose on saving; nothing is saved.
        warnings.simplefilter("ignore")
        content = _mended(path)
        results = openpyxl.load_workbook(content, data_only=True, keep_links=False, rich_text=True)
        formulas = openpyxl.load_workbook(content, data_only=False, keep_links=False)
    return [
        _xlsx_sheet(sheet, source)
        for sheet, source in zip(results.worksheets, formulas.worksheets, strict=True)
    ]


def _mended(path: Path) -> io.BytesIO:
    """Give the file with a pattern in each fill that has none, at which openpyxl fails."""
    with zipfile.ZipFile(path) as packed:
        names = packed.namelist()
        styles = packed.read("xl/styles.xml") if "xl/styles.xml" in names else b""
        if not _EMPTY_FILL.search(styles):
            return io.BytesIO(path.read_bytes())
        mended = io.BytesIO()
        with zipfile.ZipFile(mended, "w") as copy:
            for name in set(names) - {"xl/styles.xml"}:
                copy.writestr(name, packed.read(name))
            copy.writestr("xl/styles.xml", _EMPTY_FILL.sub(_WITH_PATTERN, styles))
    mended.seek(0)
    return mended


def _xlsx_sheet(results, formulas) -> Sheet:
    if results.max_row * results.max_column > MOST_FORMATTED:
        raise _too_far(results.title, results.max_row, results.max_column)
    grid: list[list[Cell | None]] = []
    for row, source in zip(results.iter_rows(), formulas.iter_rows(), strict=True):
        found = [_xlsx_cell(cell, formula) for cell, formula in zip(row, source, strict=True)]
        grid.append(found if any(found) else [])
    merged = [
        (area.min_row - 1, area.min_col - 1, area.max_row - 1, area.max_col - 1)
        for area in results.merged_cells.ranges
    ]
    rows = [number - 1 for number, about in results.row_dimensions.items() if about.hidden]
    columns = [
        column
        for about in results.column_dimensions.values()
        if about.hidden
        for column in range(about.min - 1, min(about.max, FARTHEST_COLUMN))
    ]
    return _sheet(
        results.title,
        grid,
        hidden=results.sheet_state != "visible",
        merged=sorted(merged),
        hidden_rows=sorted(rows),
        hidden_columns=sorted(columns),
    )


def _xlsx_cell(cell, formula) -> Cell | None:
    if cell.value is None:
        return Cell("a formula", "formula") if formula.data_type == "f" else None
    if cell.data_type == "e":
        return Cell(str(cell.value), "error")
    plain = _cell(cell.value)
    if plain is not None and plain.kind == "number" and _shows_percent(cell.number_format):
        return Cell(plain.value, "percent")
    return plain


# --- XLS -----------------------------------------------------------------------------------


def read_xls(path: Path) -> list[Sheet]:
    """Read every sheet of an XLS file."""
    # xlrd writes what it thinks of a file's container to this.
    book = xlrd.open_workbook(path, formatting_info=True, logfile=io.StringIO())
    return [_xls_sheet(book, sheet) for sheet in book.sheets()]


def _xls_sheet(book, sheet) -> Sheet:
    grid = [
        [_xls_cell(book, sheet.cell(row, column)) for column in range(sheet.row_len(row))]
        for row in range(sheet.nrows)
    ]
    return _sheet(
        sheet.name,
        grid,
        hidden=sheet.visibility != 0,
        merged=sorted(
            (top, left, below - 1, right - 1) for top, below, left, right in sheet.merged_cells
        ),
        hidden_rows=sorted(row for row, about in sheet.rowinfo_map.items() if about.hidden),
        hidden_columns=sorted(at for at, about in sheet.colinfo_map.items() if about.hidden),
    )


def _xls_cell(book, cell) -> Cell | None:
    if cell.ctype == xlrd.XL_CELL_ERROR:
        return Cell(xlrd.error_text_from_code.get(cell.value, "#ERROR"), "error")
    if cell.ctype == xlrd.XL_CELL_BOOLEAN:
        return Cell(str(bool(cell.value)), "flag")
    if cell.ctype == xlrd.XL_CELL_DATE:
        return Cell(_day(cell.value, book.datemode), "date")
    found = _cell(cell.value) if cell.value != "" else None
    if found is not None and found.kind == "number" and cell.xf_index is not None:
        key = book.xf_list[cell.xf_index].format_key
        if _shows_percent(book.format_map[key].format_str):
            return Cell(found.value, "percent")
    return found


def _day(number: float, datemode: int) -> str:
    try:
        return str(xlrd.xldate_as_datetime(number, datemode).date())
    except (ValueError, OverflowError):  # xlrd's own error is a ValueError
        return f"{number:g}"


# --- XLSB ----------------------------------------------------------------------------------


def read_xlsb(path: Path) -> list[Sheet]:
    """Read every sheet of an XLSB file; it does not tell number formats nor what is hidden in it.

    A per cent cell is a fraction of 1 then, which no column of per cent or points takes.
    """
    with zipfile.ZipFile(path) as packed:
        for name in packed.namelist():
            if re.fullmatch(r"xl/worksheets/\w+\.bin", name):
                _check_records(packed.read(name))
    with python_calamine.CalamineWorkbook.from_path(path) as book:
        return [
            _sheet(
                about.name,
                [
                    [_calamine_cell(value) for value in row]
                    for row in book.get_sheet_by_name(about.name).to_python(skip_empty_area=False)
                ],
                hidden=about.visible != python_calamine.SheetVisibleEnum.Visible,
            )
            for about in book.sheets_metadata
            if about.typ == python_calamine.SheetTypeEnum.WorkSheet
        ]


def _check_records(raw: bytes) -> None:
    """Refuse a sheet whose records break off or reach far.

    Of the one calamine gives the rows before, and no error; for the other it takes all memory.
    """
    at, kind = 0, 0
    while at < len(raw):
        kind, at = _seven_bits(raw, at, 2)
        size, at = _seven_bits(raw, at, 4)
        content = raw[at : at + size]
        at += size
        if kind == _ROW and int.from_bytes(content[:4], "little") >= FARTHEST_ROW:
            raise Refused("The sheet has a row farther down than a table of provinces has.")
        if kind in _CELLS and int.from_bytes(content[:4], "little") >= FARTHEST_COLUMN:
            raise Refused("The sheet has a column farther right than a table of provinces has.")
    if at != len(raw) or kind != _END_OF_SHEET:
        raise Refused("The file is damaged: a sheet of it breaks off.")


def _seven_bits(raw: bytes, at: int, most: int) -> tuple[int, int]:
    """Read a number of seven bits a byte, the lowest first; give it and where the next begins."""
    number = 0
    for place in range(most):
        byte = raw[at + place]
        number |= (byte & 0x7F) << 7 * place
        if byte < 128:
            break
    return number, at + place + 1


def _calamine_cell(value) -> Cell | None:
    if isinstance(value, str) and re.fullmatch(r"#[A-Z0-9/]+[!?]?", value):
        return Cell(value, "error")
    return _cell(value)


# --- ODS -----------------------------------------------------------------------------------

_SPACES = {
    name: f"urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"
    for name in ("office", "table", "text", "style")
}


def _name(text: str) -> str:
    space, _, name = text.partition(":")
    return f"{{{_SPACES[space]}}}{name}"


def read_ods(path: Path) -> list[Sheet]:
    """Read every sheet of an ODS file.

    Raises Refused for a locked file, and for formulas whose results it does not hold.
    """
    with zipfile.ZipFile(path) as packed:
        content = packed.read("content.xml")
        if "META-INF/manifest.xml" in packed.namelist():
            manifest = packed.read("META-INF/manifest.xml")
            if b"encryption-data" in manifest:
                raise Refused("The workbook is locked with a password. Save it without one.")
    parser = etree.XMLParser(resolve_entities=False, no_network=True)
    root = etree.fromstring(content, parser)
    hidden = {
        style.get(_name("style:name"))
        for style in root.iter(_name("style:style"))
        for about in style.iter(_name("style:table-properties"))
        if about.get(_name("table:display")) == "false"
    }
    found = [
        _ods_sheet(table, hidden)
        for table in root.iterfind(f".//{_name('office:spreadsheet')}/{_name('table:table')}")
    ]
    if not found:
        raise Refused("The file is damaged: it holds no sheet.")
    return found


def _ods_sheet(table, hidden: set[str | None]) -> Sheet:
    grid: list[list[Cell | None]] = []
    merged, hidden_rows = [], []
    for row in table.iter(_name("table:table-row")):
        cells = _ods_row(row, len(grid), merged)
        copies = _repeats(row, "rows") if any(cells) else min(_repeats(row, "rows"), FARTHEST_ROW)
        if row.get(_name("table:visibility")) in ("collapse", "filter"):
            hidden_rows += range(len(grid), len(grid) + min(copies, FARTHEST_ROW))
        if len(grid) + copies > FARTHEST_ROW and not any(cells):
            continue  # the empty rest of a sheet of a million rows
        grid += [list(cells) for _ in range(min(copies, FARTHEST_ROW + 1))]
    columns, at = [], 0
    for column in table.iter(_name("table:table-column")):
        wide = min(_repeats(column, "columns"), FARTHEST_COLUMN)
        if column.get(_name("table:visibility")) in ("collapse", "filter"):
            columns += range(at, at + wide)
        at += wide
    return _sheet(
        table.get(_name("table:name"), ""),
        grid,
        hidden=table.get(_name("table:style-name")) in hidden,
        merged=merged,
        hidden_rows=hidden_rows,
        hidden_columns=columns,
    )


def _repeats(element, what: str) -> int:
    return max(1, int(element.get(_name(f"table:number-{what}-repeated"), "1")))


def _ods_row(row, number: int, merged: list[tuple[int, int, int, int]]) -> list[Cell | None]:
    cells: list[Cell | None] = []
    for element in row:
        if element.tag not in (_name("table:table-cell"), _name("table:covered-table-cell")):
            continue
        cell = _ods_cell(element)
        copies = _repeats(element, "columns")
        wide = int(element.get(_name("table:number-columns-spanned"), "1"))
        high = int(element.get(_name("table:number-rows-spanned"), "1"))
        if wide > 1 or high > 1:
            merged.append((number, len(cells), number + high - 1, len(cells) + wide - 1))
        # A cell with a value is repeated as it is, an empty one only as far as a table reaches.
        cells += [cell] * min(copies, FARTHEST_COLUMN + 1)
        if cell is not None and copies > FARTHEST_COLUMN:
            raise Refused("A row repeats a figure over more columns than a table has.")
    return cells


def _ods_cell(element) -> Cell | None:
    kind = element.get(_name("office:value-type"))
    value = element.get(_name("office:value"))
    text = "\n".join("".join(_ods_text(line)) for line in element.iterchildren(_name("text:p")))
    if kind is None:
        if element.get(_name("table:formula")) is not None:
            raise Refused(
                "The workbook has formulas without their results. Open it in LibreOffice or "
                "Excel, let it calculate, and save it."
            )
        return Cell(text) if text.strip() else None
    if kind in ("float", "currency") and value is not None:
        error = re.fullmatch(r"#[A-Z0-9/]+[!?]?|Err:\d+", text.strip())
        return Cell(text.strip(), "error") if error else _cell(float(value))
    if kind == "percentage" and value is not None:
        return Cell(float(value), "percent")
    if kind in ("date", "time"):
        return Cell(element.get(_name(f"office:{kind}-value"), text), "date")
    if kind == "boolean":
        return Cell(element.get(_name("office:boolean-value"), text), "flag")
    if re.fullmatch(r"#[A-Z0-9/]+[!?]?|Err:\d+", text.strip()):
        return Cell(text.strip(), "error")
    return Cell(text) if text.strip() else None


def _ods_text(element) -> Iterable[str]:
    """Text of a paragraph; spaces beyond one are elements, and notes are not of the text."""
    yield element.text or ""
    for child in element:
        if child.tag == _name("text:s"):
            yield " " * min(int(child.get(_name("text:c"), "1")), 80)
        elif child.tag in (_name("text:tab"), _name("text:line-break")):
            yield " "
        elif isinstance(child.tag, str) and child.tag != _name("office:annotation"):
            yield from _ods_text(child)
        yield child.tail or ""
