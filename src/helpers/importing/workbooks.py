"""Read workbooks: XLSX with openpyxl and XLS with xlrd, which know number formats and what is
hidden, XLSB with calamine, and ODS as the XML that it is."""

import contextlib
import datetime
import io
import itertools
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

from helpers.importing.shapes import (
    FARTHEST_COLUMN,
    FARTHEST_ROW,
    Cell,
    Refused,
    Sheet,
    too_large,
)

MOST_FORMATTED = 2_000_000  # cells, empty ones among them, that openpyxl is to make
_ERROR = re.compile(r"#[A-Z/0]+[!?]|#N/A|#GETTING_DATA|Err:\d+")
_LITERAL = re.compile(r'"[^"]*"|\\.|\[[^\]]*\]|_.')
# Records of a binary workbook: a row, columns, texts in several fonts; where rows and cells end.
_ROW, _COLUMNS, _RICH_CELL, _SHARED_TEXT = 0, 60, 62, 19
_ENDS = {"worksheets": 130, "sharedStrings": 160}
_EMPTY_FILL = re.compile(rb"<((?:\w+:)?)fill(?:\s*/>|>\s*</\1fill>)")
_WITH_PATTERN = rb"<\1fill><\1patternFill/></\1fill>"


def _sheet(name: str, grid: list[list[Cell | None]], **about) -> Sheet:
    """Make a sheet of a grid without the empty cells and rows at its ends."""
    for row in grid:
        while row and row[-1] is None:
            row.pop()
    while grid and not grid[-1]:
        grid.pop()
    return Sheet(name, grid, [f"row {number + 1}" for number in range(len(grid))], **about)


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
        value = _without_marks((str(part), _is_raised(part)) for part in value)
    text = str(value)
    kind = "error" if _ERROR.fullmatch(text.strip()) else "text"
    return Cell(text, kind) if text.strip() else None


def _as_shown(cell: Cell | None, number_format: str) -> Cell | None:
    """Give a number as per cent where its format shows it so."""
    if cell is not None and cell.kind == "number" and "%" in _LITERAL.sub("", number_format):
        return Cell(cell.value, "percent")
    return cell


def _is_raised(part: str | TextBlock) -> bool:
    return isinstance(part, TextBlock) and part.font.vertAlign == "superscript"


def _without_marks(parts: Iterable[tuple[str, bool]]) -> str:
    """Join the parts of a text but for raised numbers, which mark footnotes."""
    return "".join(text for text, raised in parts if not (raised and text.strip().isdecimal()))


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
        raise too_large(f'sheet "{results.title}" is formatted to cell {results.dimensions[3:]}')
    pairs = zip(results.iter_rows(), formulas.iter_rows(), strict=True)
    grid = [list(map(_xlsx_cell, row, source)) for row, source in pairs]
    merged = [
        (top - 1, left - 1, bottom - 1, right - 1)
        for left, top, right, bottom in (area.bounds for area in results.merged_cells.ranges)
    ]
    rows = [number - 1 for number, about in results.row_dimensions.items() if about.hidden]
    columns: list[int] = []
    for about in results.column_dimensions.values():
        if about.hidden:
            columns += range(about.min - 1, min(about.max, FARTHEST_COLUMN))
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
    return _as_shown(_cell(cell.value), cell.number_format)


# --- XLS -----------------------------------------------------------------------------------


def read_xls(path: Path) -> list[Sheet]:
    """Read every sheet of an XLS file."""
    # xlrd writes what it thinks of a file's container to this.
    book = xlrd.open_workbook(path, formatting_info=True, logfile=io.StringIO())
    return [_xls_sheet(book, sheet) for sheet in book.sheets()]


def _xls_sheet(book, sheet) -> Sheet:
    grid = [
        [_xls_cell(book, sheet, row, column) for column in range(sheet.row_len(row))]
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


def _xls_cell(book, sheet, row: int, column: int) -> Cell | None:
    cell = sheet.cell(row, column)
    if cell.ctype == xlrd.XL_CELL_ERROR:
        return Cell(xlrd.error_text_from_code.get(cell.value, "#ERROR"), "error")
    if cell.ctype == xlrd.XL_CELL_BOOLEAN:
        return Cell(str(bool(cell.value)), "flag")
    if cell.ctype == xlrd.XL_CELL_DATE:
        with contextlib.suppress(ValueError, OverflowError):  # xlrd's own error is a ValueError
            return Cell(str(xlrd.xldate_as_datetime(cell.value, book.datemode).date()), "date")
        return Cell(f"{cell.value:g}", "date")
    if runs := sheet.rich_text_runlist_map.get((row, column)):
        starts = [0, *(start for start, _ in runs), len(cell.value)]
        raised = [False, *(book.font_list[font].escapement == 1 for _, font in runs)]
        parts = itertools.pairwise(starts)
        return _cell(
            _without_marks((cell.value[a:b], up) for (a, b), up in zip(parts, raised, strict=True))
        )
    key = book.xf_list[cell.xf_index].format_key
    return _as_shown(_cell(cell.value), book.format_map[key].format_str)


# --- XLSB ----------------------------------------------------------------------------------


def read_xlsb(path: Path) -> list[Sheet]:
    """Read every sheet of an XLSB file, of which calamine tells values alone.

    A per cent cell is a fraction of 1 then, which no column of per cent or points takes. Raises
    Refused for what calamine does not tell of: hidden rows and columns, marks of footnotes, sheets
    that break off.
    """
    with zipfile.ZipFile(path) as packed:
        for name in packed.namelist():
            # Excel puts an index of the rows beside each sheet.
            if found := re.fullmatch(
                r"xl/(worksheets(?=/(?!binaryIndex)\w+\.)|sharedStrings).*bin", name
            ):
                _check_records(packed.read(name), _ENDS[found[1]])
    with python_calamine.CalamineWorkbook.from_path(path) as book:
        return [
            _sheet(
                about.name,
                [
                    list(map(_cell, row))
                    for row in book.get_sheet_by_name(about.name).to_python(skip_empty_area=False)
                ],
                hidden=about.visible != python_calamine.SheetVisibleEnum.Visible,
            )
            for about in book.sheets_metadata
            if about.typ == python_calamine.SheetTypeEnum.WorkSheet
        ]


def _check_records(raw: bytes, end: int) -> None:
    """Refuse a part of a workbook for what its records say and calamine does not.

    Of records that break off it gives the rows before, and no error.
    """
    at, kind = 0, 0
    while at < len(raw):
        kind, at = _seven_bits(raw, at, 2)
        size, at = _seven_bits(raw, at, 4)
        content = raw[at : at + size]
        at += size
        if (kind == _ROW and content[11] & 0x10) or (kind == _COLUMNS and content[16] & 1):
            raise Refused(f"The workbook has hidden rows or columns, which {_NOT_TOLD}")
        if kind == _RICH_CELL or (kind == _SHARED_TEXT and content[0] & 1):
            _check_marks(content[9 if kind == _RICH_CELL else 1 :])
    if at != len(raw) or kind != end:
        raise Refused("The file is damaged: a part of it breaks off.")


_NOT_TOLD = "are not told apart from others in an XLSB file. Open it in Excel, and save it as XLSX."


def _check_marks(rich: bytes) -> None:
    """Refuse a text whose last letters are a short number in a font of its own."""
    end = 4 + 2 * int.from_bytes(rich[:4], "little")
    # Behind the text are how many runs there are, and of each where it begins and its font.
    last = end + 4 * int.from_bytes(rich[end : end + 4], "little")
    text, start = rich[4:end].decode("utf-16-le"), int.from_bytes(rich[last : last + 2], "little")
    if start and re.fullmatch(r"\s*\d{1,2}\s*", text[start:]):
        raise Refused(
            f'The text "{text[:40]}" ends in a number that may be raised, as marks of '
            f"footnotes are; these {_NOT_TOLD}"
        )


def _seven_bits(raw: bytes, at: int, most: int) -> tuple[int, int]:
    """Read a number of seven bits a byte, the lowest first; give it and where the next begins."""
    number = 0
    for place in range(most):
        byte = raw[at + place]
        number |= (byte & 0x7F) << 7 * place
        if byte < 128:
            break
    return number, at + place + 1


# --- ODS -----------------------------------------------------------------------------------

_SPACES = {
    name: f"urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"
    for name in ("office", "table", "text", "style")
}


def _name(text: str) -> str:
    space, _, name = text.partition(":")
    return f"{{{_SPACES[space]}}}{name}"


def _within(element, path: str) -> list:
    return element.xpath(path, namespaces=_SPACES)


def read_ods(path: Path) -> list[Sheet]:
    """Read every sheet of an ODS file.

    Raises Refused for a locked file, and for formulas whose results it does not hold.
    """
    manifest = "META-INF/manifest.xml"
    with zipfile.ZipFile(path) as packed:
        content = packed.read("content.xml")
        if manifest in packed.namelist() and b"encryption-data" in packed.read(manifest):
            raise Refused("The workbook is locked with a password. Save it without one.")
    root = etree.fromstring(content, etree.XMLParser(resolve_entities=False, no_network=True))
    hidden = _within(
        root, "//style:style[style:table-properties/@table:display = 'false']/@style:name"
    )
    raised = [
        about.getparent().get(_name("style:name"))
        for about in _within(root, "//style:text-properties[@style:text-position]")
        if re.match(r"super|[1-9]", about.get(_name("style:text-position")))
    ]
    for gap in _within(root, "//text:s | //text:tab | //text:line-break"):
        gap.text = " "
    for note in _within(root, "//office:annotation"):
        note.clear(keep_tail=True)
    for span in _within(root, "//text:span"):
        if span.get(_name("text:style-name")) in raised:
            span.text = _without_marks([(span.text or "", True)])
    tables = _within(root, "//office:spreadsheet/table:table")
    if not tables:
        raise Refused("The file is damaged: it holds no sheet.")
    return [_ods_sheet(table, hidden) for table in tables]


def _ods_sheet(table, hidden: list[str]) -> Sheet:
    grid: list[list[Cell | None]] = []
    merged: list[tuple[int, int, int, int]] = []
    for row in table.iter(_name("table:table-row")):
        cells = _ods_row(row, len(grid), merged)
        copies = _repeats(row, "rows") if any(cells) else min(_repeats(row, "rows"), FARTHEST_ROW)
        if len(grid) + copies > FARTHEST_ROW and not any(cells):
            continue  # the empty rest of a sheet of a million rows
        grid += [list(cells) for _ in range(min(copies, FARTHEST_ROW + 1))]
    return _sheet(
        table.get(_name("table:name"), ""),
        grid,
        hidden=table.get(_name("table:style-name")) in hidden,
        merged=merged,
        hidden_rows=_ods_hidden(table, "row"),
        hidden_columns=_ods_hidden(table, "column"),
    )


def _ods_hidden(table, what: str) -> list[int]:
    found, at = [], 0
    for element in table.iter(_name(f"table:table-{what}")):
        copies = min(_repeats(element, f"{what}s"), FARTHEST_ROW)
        if element.get(_name("table:visibility")) in ("collapse", "filter"):
            found += range(at, at + copies)
        at += copies
    return found


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
            raise too_large("a row repeats a figure over more columns than a table has")
    return cells


def _ods_cell(element) -> Cell | None:
    kind = element.get(_name("office:value-type"))
    value = element.get(_name("office:value"))
    lines = element.iterchildren(_name("text:p"))
    text = "\n".join("".join(line.itertext()) for line in lines)
    if kind is None and element.get(_name("table:formula")) is not None:
        raise Refused(
            "The workbook has formulas without their results. Open it in LibreOffice or Excel, let "
            "it calculate, and save it."
        )
    if kind in ("date", "time", "boolean"):
        value = element.get(_name(f"office:{kind}-value"), text)
        return Cell(value, "flag" if kind == "boolean" else "date")
    if value is None or _ERROR.fullmatch(text.strip()):
        return _cell(text)
    return Cell(float(value), "percent") if kind == "percentage" else _cell(float(value))
