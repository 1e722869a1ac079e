"""Read the tables of documents: DOCX as the XML that it is, PDF with pdfplumber.

Whatever stands on a page or in a document becomes a cell of a table or a line of text beside one.
What was lost, or cut in two, is found by holding the text of a page against its cells.
"""

import logging
import re
import zipfile
from collections.abc import Iterator
from itertools import pairwise
from logging.handlers import BufferingHandler
from operator import itemgetter
from pathlib import Path
from typing import NamedTuple

import pdfplumber
from lxml import etree
from pdfplumber.page import Page
from pdfplumber.utils import cluster_objects
from pdfplumber.utils.exceptions import PdfminerException

from helpers import units
from helpers.importing import heads, names
from helpers.importing.numbers import is_number
from helpers.importing.shapes import FARTHEST_COLUMN, Cell, Refused, Sheet, listed


def _cell(text: str | None) -> Cell | None:
    # A cell is wrapped where its column is narrow; lines of one cell are one text.
    return Cell(" ".join(text.split())) if text and text.strip() else None


# --- DOCX ----------------------------------------------------------------------------------

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
_WRAPPERS = [_W + name for name in ("sdt", "sdtContent", "customXml", "smartTag")]
# What is text of a document, and what stands for it here.
_SIGNS = {
    _W + "t": "",
    _W + "p": "\n",
    _W + "tab": " ",
    _W + "br": " ",
    _W + "cr": " ",
    _W + "noBreakHyphen": "-",
}
_CHANGES = tuple(_W + name for name in ("ins", "del", "moveFrom", "moveTo"))
_HIDDEN_RUNS = etree.XPath(
    ".//w:r[w:rPr/w:vanish[not(@w:val = '0' or @w:val = 'false' or @w:val = 'off')]]",
    namespaces={"w": _W[1:-1]},
)


def read_docx(path: Path) -> list[Sheet]:
    """Read the tables of a Word document, each with the paragraphs above it.

    Tables that follow each other with the same columns are one, where between them is no text or
    one that says that the table goes on ("tiếp theo").

    Raises
    ------
    Refused
        No table, changes that are not accepted, hidden text, or text that is in no cell.
    """
    with zipfile.ZipFile(path) as packed:
        content = packed.read("word/document.xml")
    root = etree.fromstring(content, etree.XMLParser(resolve_entities=False, no_network=True))
    if next(root.iter(*_CHANGES), None) is not None:
        raise Refused(
            "The document has tracked changes, which are neither accepted nor rejected. Do so in "
            "Word, and save it."
        )
    # What is put around text by a content control or the like, what stands in for a drawing that an
    # old Word cannot show and would come twice, and raised numbers, which mark footnotes.
    etree.strip_tags(root, *_WRAPPERS)
    etree.strip_elements(root, _FALLBACK, with_tail=False)
    for mark in root.iterfind(f".//{_W}vertAlign[@{_W}val='superscript']/../../{_W}t"):
        if (mark.text or "").strip().isdecimal():
            mark.text = ""
    sheets: list[Sheet] = []
    lines = Sheet("", [], [])
    tables = 0
    for block in root.find(_W + "body").iterchildren(_W + "p", _W + "tbl"):
        if block.tag == _W + "p":
            if cell := _cell(_docx_text(block)):
                lines.add(Sheet("", [[cell]], ["a paragraph outside the tables"]))
            continue
        tables += 1
        table = _read_table(block, f"table {tables}")
        title = " ".join(str(cell.value) for *_, cell in lines.cells())
        goes_on = not title or "tiep theo" in heads.words(title)
        if not sheets or sheets[-1].width() != table.width() or not goes_on:
            sheets.append(Sheet(table.name, [], [], kind="docx"))
        sheets[-1].add(lines)
        sheets[-1].add(table)
        lines = Sheet("", [], [])
    if not sheets:
        raise Refused("The Word document has no table. Put the figures into one.")
    sheets[-1].add(lines)
    return sheets


def _docx_text(element) -> str:
    """Text of a paragraph, cell or table; each paragraph begins a line."""
    return "".join(
        node.text or "" if node.tag == _W + "t" else _SIGNS[node.tag]
        for node in element.iter(*_SIGNS)
    )


def _read_table(table, name: str) -> Sheet:
    """Give the cells of a table, with what is merged and hidden."""
    sheet = Sheet(name, [], [])
    above: dict[int, int] = {}  # column: which merged range may go on in the next row
    letters = 0
    for number, row in enumerate(table.iterchildren(_W + "tr")):
        before = min(_number(row, "trPr/gridBefore"), FARTHEST_COLUMN)
        sheet.rows.append([None] * before)
        sheet.labels.append(f"{name}, row {number + 1}")
        for element in row.iterchildren(_W + "tc"):
            letters += len("".join(_docx_text(element).split()))
            _add_cell(sheet, element, number, above)
        if row.find(f"{_W}trPr/{_W}hidden") is not None:
            sheet.hidden_rows.append(number)
    if letters != len("".join(_docx_text(table).split())):
        raise Refused("The document is damaged: a table has text that is in none of its cells.")
    hidden = filter(str.strip, map(_docx_text, _HIDDEN_RUNS(table)))
    if text := next(hidden, None):
        raise Refused(
            f'The table has hidden text ("{text[:40]}"). Show it in Word, or delete it, and save '
            "the document."
        )
    return sheet


def _add_cell(sheet: Sheet, element, number: int, above: dict[int, int]) -> None:
    """Add a cell to the last row of a sheet, or to the merged range above it."""
    cells, text = sheet.rows[-1], _docx_text(element)
    column, wide = len(cells), max(1, _number(element, "tcPr/gridSpan"))
    if column + wide > FARTHEST_COLUMN:
        raise Refused("The document has a table of more columns than one of provinces has.")
    merge = element.find(f"{_W}tcPr/{_W}vMerge")
    if merge is not None and merge.get(_W + "val") != "restart" and column in above:
        if text.strip():
            raise Refused(f'The table has text within a merged cell ("{text.strip()[:40]}").')
        top, left, _, right = sheet.merged[above[column]]
        sheet.merged[above[column]] = (top, left, number, right)
    else:
        above.pop(column, None)
        if merge is not None:
            above[column] = len(sheet.merged)
        if merge is not None or wide > 1:
            sheet.merged.append((number, column, number, column + wide - 1))
    cells += [_cell(text), *[None] * (wide - 1)]


def _number(element, place: str) -> int:
    found = element.find("/".join(_W + name for name in place.split("/")))
    return 0 if found is None else max(0, int(found.get(_W + "val", "0")))


# --- PDF -----------------------------------------------------------------------------------

MOST_PAGES = 100
_HEAD_LINES = 8  # that the head of a table without lines may have
_NEAR = 30  # points: what stands so near a table may be a row of it


class _Item(NamedTuple):
    """A line of text of a page, or a table, with the height at which it begins."""

    page: int
    top: float
    rows: list[list[Cell | None]]
    is_table: bool


def read_pdf(path: Path) -> list[Sheet]:
    """Read the tables of all pages, one below the other where they have the same columns.

    The ruled lines are followed as they are, then with the outer ones closed that are missing; a
    table without lines is read by the places of its words. The first reading is taken that has
    every province and number of the page.

    Returns
    -------
    list of Sheet
        One for each run of tables with the same number of columns, named after its pages, with
        the lines of text above and below.

    Raises
    ------
    Refused
        A damaged file, a scan, text without a table, too many pages, or words of a table that no
        reading has.
    """
    # pdfminer goes on without a part of a file that it cannot unpack, and only logs it.
    logged, log = BufferingHandler(capacity=1_000_000), logging.getLogger("pdfminer")
    log.addHandler(logged)
    try:
        with pdfplumber.open(path) as document:
            found, letters, pictures = _pages(document)
    except PdfminerException as error:
        # pdfplumber wraps the error of its own reader.
        if "Password" in type(error.args[0]).__name__:
            raise Refused("The PDF is locked with a password. Save it without one.") from error
        raise
    finally:
        log.removeHandler(logged)
    if any("Data-loss" in record.getMessage() for record in logged.buffer):
        raise Refused(
            "The PDF is damaged: a part of it cannot be unpacked, and figures may be missing."
        )
    if not letters:
        what = "pictures of paper (a scan)" if pictures else "drawings without text"
        raise Refused(
            f"The PDF holds {what}, not text, so there are no figures to read. Ask for the file "
            "it was made from, or type the table into a sheet."
        )
    sheets = _joined(found)
    if not sheets:
        raise Refused("The PDF has text but no table. Copy the figures into a sheet.")
    return sheets


def _pages(document) -> tuple[list[_Item], int, int]:
    """Give every line and table in their order, and how many letters and pictures there are."""
    if len(document.pages) > MOST_PAGES:
        raise Refused(
            f"The PDF has {len(document.pages)} pages, and more than {MOST_PAGES} are not read. "
            "Save the pages of the table as a PDF of their own."
        )
    items: list[_Item] = []
    letters, pictures = 0, 0
    for page in document.pages:
        letters += len(page.chars)
        pictures += len(page.images)
        if sum(char["text"].startswith("(cid:") for char in page.chars) > len(page.chars) / 20:
            raise Refused(
                f"The letters of page {page.page_number} have no meaning in the PDF, only a shape. "
                "Ask for the file it was made from, or type the table into a sheet."
            )
        # A false bold draws each letter twice, a hair apart.
        items += _items(_without_marks(page.dedupe_chars(tolerance=1)))
        page.close()
    return items, letters, pictures


def _without_marks(page: Page) -> Page:
    """Leave out the small raised numbers that mark footnotes, right after a name or figure."""
    marks, before = set(), None
    for char in page.chars:
        if (
            before is not None
            and char["text"].isdecimal()
            and char["size"] < 0.8 * before["size"]
            and char["bottom"] < before["bottom"] - 0.1 * before["size"]
            and abs(char["x0"] - before["x1"]) < before["size"]
        ):
            marks.add((char["x0"], char["top"]))
        else:
            before = char
    if not marks:
        return page
    return page.filter(lambda found: (found["x0"], found["top"]) not in marks)


def _items(page: Page) -> list[_Item]:
    """Read a page in the first of the known ways that loses nothing of it."""
    # Texts of neighbouring cells may be nearer than the three points of the default.
    words = page.extract_words(x_tolerance_ratio=0.2)
    first_lost: list[str] = []
    for settings in _ways(page, words):
        tables = [(table, table.extract()) for table in page.find_tables(settings)]
        lines, lost = _left_over(words, tables)
        if not lost:
            at = page.page_number
            items = [_Item(at, line[0]["top"], [[_cell(_text(line))]], False) for line in lines]
            for table, rows in tables:
                cells = [list(map(_cell, row)) for row in rows]
                items.append(_Item(at, table.bbox[1], cells, True))
            return sorted(items, key=lambda item: item.top)
        first_lost = first_lost or lost
    raise Refused(
        f"Page {page.page_number} of the PDF has figures of provinces that no way of reading "
        f"finds in a table: {listed(first_lost, 5)}. Ask for the file it was made from, or copy "
        "the table into a sheet."
    )


def _ways(page: Page, words: list[dict]) -> Iterator[dict]:
    """Ways to find tables: by their lines, by these closed to a frame, by the places of words."""
    yield {}
    # The edges of a page's white background are no lines of a table.
    across, upright = (
        [edge for edge in page.edges if edge["orientation"] == which and edge[size] < 0.98 * whole]
        for which, size, whole in (("h", "width", page.width), ("v", "height", page.height))
    )
    if across and upright:
        yield {
            "explicit_vertical_lines": _ends(across, "x0", "x1"),
            "explicit_horizontal_lines": _ends(upright, "top", "bottom"),
        }
    rows = [line for line in _lines(words) if _is_row(_text(line))]
    # Where columns stand nearer to each other than words of a text, words are looked at one by one.
    if rows:
        yield from _by_words(words, rows, 0.5 * _height(rows[0]))
        yield from _by_words(words, rows, 0)


def _ends(edges: list[dict], first: str, last: str) -> list[float]:
    return [min(edge[first] for edge in edges), max(edge[last] for edge in edges)]


def _left_over(words: list[dict], tables: list) -> tuple[list[list[dict]], list[str]]:
    """Give the lines of text outside tables, and what is lost of the rows of provinces.

    Lost are words that are cut by the edge of a cell or in none, numbers and names beside a table,
    and lines that read as a row: a province and numbers.
    """
    outside, lost = [], []
    for line in _lines(words):
        of_group = _is_of_group(line)
        for word in line:
            around = [table for table, _ in tables if _is_within(_middle(word), table.bbox)]
            if not around:
                outside.append(word)
            elif not (of_group or _is_in_a_cell(word, around[0])):
                lost.append(f'"{word["text"]}"')
    for cells in (row for _, rows in tables for row in rows):
        texts = [" ".join((text or "").split()) for text in cells]
        if _is_cut(texts):
            lost.append(f'"{" ".join(filter(None, texts))}"')
    lines, heights = _lines(outside), [(table.bbox[1], table.bbox[3]) for table, _ in tables]
    for line in lines:
        text, first = _text(line), line[0]
        beside = any(top < _middle(word)[1] < end for top, end in heights for word in line)
        near = beside or any(
            first["bottom"] > top - _NEAR and first["top"] < end + _NEAR for top, end in heights
        )
        # A number beside a table may be of a stamp; a row has its number there, or a province.
        numbers = any(is_number(word["text"]) for word in line)
        if _is_row(text) or (beside and numbers) or (near and _names(text)):
            lost.append(f'"{text}"')
    return lines, lost


def _is_cut(cells: list[str]) -> bool:
    """Whether a row has several columns in one cell, or the words of a name in several cells."""
    row = " ".join(cells)
    # A table with lines between its rows alone has them whole in its cells.
    whole = any(_is_row(cell) and sum(map(is_number, cell.split())) > 1 for cell in cells)
    named = any(map(str.isalpha, row)) and _is_row(row)
    return whole or (named and not any(map(_names, cells)))


def _is_within(point: tuple[float, float], box: tuple[float, float, float, float]) -> bool:
    return box[0] <= point[0] <= box[2] and box[1] <= point[1] <= box[3]


def _is_in_a_cell(word: dict, table) -> bool:
    # Half a letter may stand over the line, since a letter counts by its middle.
    over = 0.2 * (word["bottom"] - word["top"])
    return any(
        _is_within(_middle(word), cell)
        and word["x0"] >= cell[0] - over
        and word["x1"] <= cell[2] + over
        for cell in table.cells
    )


def _middle(word: dict) -> tuple[float, float]:
    return (word["x0"] + word["x1"]) / 2, (word["top"] + word["bottom"]) / 2


def _lines(words: list[dict]) -> list[list[dict]]:
    """Words at one height, from left to right."""
    lines = cluster_objects(words, lambda word: _middle(word)[1], tolerance=3)
    return [sorted(line, key=itemgetter("x0")) for line in lines]


def _text(line: list[dict]) -> str:
    return " ".join(word["text"] for word in line)


def _names(text: str) -> str | None:
    return names.named(text, units.MERGER)  # one of the 34 or of the 63


def _is_row(text: str) -> bool:
    """Whether a line is a province with numbers, or numbers alone; a year is none of them."""
    tokens = [token for token in text.split() if not re.fullmatch(r"(19|20)\d\d", token)]
    numbers = [token for token in tokens if is_number(token)]
    rest = " ".join(token for token in tokens if token not in numbers)
    decimals = sum(bool(re.search(r"[.,]\d", token)) for token in numbers)
    if rest:
        # A row may have another text beside the name, as that of a region; a date has no decimals.
        much = len(numbers) > 2 and decimals
        beside = much and names.within(rest, units.MERGER)
        return bool(numbers and (_names(rest) or beside))
    return decimals > 1


def _is_of_group(line: list[dict]) -> bool:
    """Whether a line names a group or region whose provinces follow; it may cross columns."""
    text = re.sub(r"^[IVX]+\b\W*", "", _text(line))
    one = len(_spans(line, gap=_height(line))) == 1
    grouped = names.names_other(text) or (one and heads.is_group(heads.words(text)))
    return grouped and not _is_row(text)


def _by_words(words: list[dict], rows: list[list[dict]], gap: float) -> Iterator[dict]:
    """Lines between the columns and rows of a table that has none, from where its words stand.

    Words nearer than a gap are of one column. How far up its head reaches is not known: the most
    lines are tried first, since a title over several columns is cut by their edges, which
    `_left_over` finds.
    """
    columns = _joined_spans(sorted(span for row in rows for span in _spans(row, gap)), 2)
    middles = [_middle(row[0])[1] for row in rows]
    steps = (below - above for above, below in pairwise(middles))
    step = min(steps, default=2 * _height(rows[0]))
    # A line as far from the rows as these from each other is one too: a group, or the head again.
    middles += [
        at
        for line in _lines(words)
        if middles[0] < (at := _middle(line[0])[1]) < middles[-1]
        and min(abs(at - middle) for middle in middles) > 0.75 * step
    ]
    middles.sort()
    first, last = middles[0] - step / 2, middles[-1] + step / 2
    across = {first, last, *((above + below) / 2 for above, below in pairwise(middles))}
    above = _lines([word for word in words if _middle(word)[1] < first])[-_HEAD_LINES:]
    for line in reversed(above):
        if not (_is_of_group(line) or heads.numbers_columns([Cell(w["text"]) for w in line])):
            break
        across.add(min(word["top"] for word in line) - 1)
    for start in range(len(above) + 1):
        head = [word for line in above[start:] for word in line]
        # Parts of a line are what more than a space divides.
        texts = [text for line in above[start:] for text in _spans(line, gap=0.5 * _height(line))]
        wide = _widened(columns, texts)
        upright = [
            min(word["x0"] for word in words) - 2,
            *((left[1] + right[0]) / 2 for left, right in pairwise(wide)),
            max(word["x1"] for word in words) + 2,
        ]
        filled = {sum(edge < _middle(word)[0] for edge in upright) for word in head}
        if not head or len(filled) > len(columns) / 2:
            top = min((word["top"] for word in head), default=first) - 1
            yield {
                "vertical_strategy": "explicit",
                "horizontal_strategy": "explicit",
                "explicit_vertical_lines": upright,
                "explicit_horizontal_lines": sorted(across | {top}),
            }


def _height(line: list[dict]) -> float:
    return line[0]["bottom"] - line[0]["top"]


def _spans(line: list[dict], gap: float) -> list[tuple[float, float]]:
    """Where the texts of a line begin and end: words nearer than a gap are one."""
    return _joined_spans([(word["x0"], word["x1"]) for word in line], gap)


def _joined_spans(spans: list[tuple[float, float]], gap: float) -> list[tuple[float, float]]:
    found: list[tuple[float, float]] = []
    for start, end in spans:
        if found and start < found[-1][1] + gap:
            found[-1] = (found[-1][0], max(found[-1][1], end))
        else:
            found.append((start, end))
    return found


def _widened(
    columns: list[tuple[float, float]], heads: list[tuple[float, float]]
) -> list[tuple[float, float]]:
    """Columns as wide as the texts of their heads, where these stand over one column alone."""
    wide = list(columns)
    for x0, x1 in heads:
        over = [at for at, (left, right) in enumerate(columns) if x0 < right and x1 > left]
        if len(over) == 1:
            left, right = wide[over[0]]
            wide[over[0]] = (min(left, x0), max(right, x1))
    return wide


def _joined(items: list[_Item]) -> list[Sheet]:
    """Put tables of the same columns on following pages below each other, lines among them."""
    sheets: list[Sheet] = []
    lines = Sheet("", [], [])
    head: list[Cell | None] = []
    last = -1
    for item in items:
        if not item.is_table:
            lines.add(Sheet("", item.rows, [f"page {item.page}, text"]))
            continue
        rows = _fitted(item.rows, head) if item.page in (last, last + 1) else None
        if rows is None:
            rows = _without_empty_columns(item.rows)
            if not rows:
                continue
            there = sum(sheet.name.split(",")[0] == f"page {item.page}" for sheet in sheets)
            name = f"page {item.page}, table {there + 1}" if there else f"page {item.page}"
            sheets.append(Sheet(name, [], [], kind="pdf"))
            head = rows[0]
        labels = [f"page {item.page}, row {number + 1}" for number in range(len(rows))]
        sheets[-1].add(lines)
        sheets[-1].add(Sheet("", rows, labels))
        lines, last = Sheet("", [], []), item.page
    if sheets:
        sheets[-1].add(lines)
    return sheets


def _fitted(rows: list[list[Cell | None]], head: list[Cell | None]) -> list | None:
    """Give a table on a further page the columns of the first, None where it has others.

    Columns that are empty there are left out, and those whose head is new come last.
    """
    for found in (rows, _without_empty_columns(rows)):
        if found and len(found[0]) == len(head):
            return found
    places, at = [], 0
    for cell in head:
        while at < len(rows[0]) and rows[0][at] != cell:
            at += 1
        places.append(at)
        at += 1
    if at > len(rows[0]):
        return None
    places += [at for at in range(len(rows[0])) if at not in places]
    return [[row[at] for at in places] for row in rows]


def _without_empty_columns(rows: list[list[Cell | None]]) -> list[list[Cell | None]]:
    used = [at for at in range(len(rows[0])) if any(row[at] for row in rows)]
    return [[row[at] for at in used] for row in rows] if used else []
