"""Setting what notebooks show into a page: tables in frames that scroll, figures made small."""

import hashlib
import re
from html import escape
from itertools import count

from lxml.html import Element, HtmlElement, fragment_fromstring, tostring

from helpers.language import _

# 84,33 · 84,33 * · -1.5 · 1.234 · 29/63 · 12% · 3 điểm · 3 points, and the usual signs for
# "nothing there".
NUMBER = re.compile(
    r"[+\-−–]?\s?\d[\d.,]*(\s?/\s?\d+)?"
    r"(\s?(%|điểm( phần trăm)?|bậc|(percentage )?points?|places?))?(\s?\*)?"
)
# 87,39–88,14: a browser may break a line after the dash.
SPAN_APART = re.compile(r"(\d[\d.,]*\s?–\s?\d[\d.,]*)")
BLANK = {"", "-", "–", "—", "NaN", "nan", "None", "<NA>"}
# Not by lxml: ids are named within values too, such as `url(#...)` in styles.
SVG_ID = re.compile(r"""(\bid="|href="\#|url\(\#|aria-labelledby="|aria-describedby=")([^")\s]+)""")
SVG = re.compile(r"<svg\b(?:[^<]++|<(?!/svg>))*+</svg>")  # leaps from tag to tag
FIGURE = re.compile(r"<!--set-figure (\d+)-->")


def typeset(html: str) -> str:
    """Set the tables of a piece of HTML: numbers to the right, wide tables in a scrolling frame.

    A column is one of numbers where every cell is a number or blank, and one at least is a number.
    The look of all tables is that of the page: the sheets that pandas and great_tables put beside
    each table, where HTML allows none, are left out.
    """
    if "<table" not in html:
        return html
    # A parser of HTML would change the figures, and they have no tables.
    figures = SVG.findall(html)
    numbers = count()
    html = SVG.sub(lambda found: f"<!--set-figure {next(numbers)}-->", html)
    piece = fragment_fromstring(html, create_parent="div")
    for sheet in list(piece.iter("style")):
        sheet.drop_tree()
    for table in list(piece.iter("table")):
        if "gt_table" in table.classes:  # great_tables has set and framed it already
            label = {"aria-labelledby": table.get("aria-labelledby", "")}
            frame = table.getparent()
            frame.attrib.pop("style", None)
            _fit_columns(table)
            _words_outside(table, frame)
        else:
            table.attrib.pop("border", None)
            _align_numbers(table)
            label = {"aria-label": _("Table")}
            frame = _wrapped(table)
        # A frame that scrolls must be reachable with the keyboard.
        frame.attrib.update({"class": "scroll", "tabindex": "0", "role": "region", **label})
        _tell_marks_apart(table)
        _without_indents(table)
    html = escape(piece.text or "", quote=False)
    html += "".join(tostring(part, encoding="unicode") for part in piece)
    return FIGURE.sub(lambda found: figures[int(found[1])], html)


def _wrapped(element: HtmlElement) -> HtmlElement:
    """Put a new div around an element, and give the div."""
    div, div.tail, element.tail = Element("div"), element.tail, None
    element.getparent().replace(element, div)
    div.append(element)
    return div


def _words_outside(table: HtmlElement, frame: HtmlElement) -> None:
    """Move title and notes of a table out of the frame that scrolls, so that all of them show."""
    whole = _wrapped(frame)
    whole.classes.add("table")
    for row in [row for row in table.iter("tr") if "gt_heading" in row.classes]:
        whole.insert(whole.index(frame), _as_div(row.find("td")))
        row.drop_tree()
    for foot in table.findall("tfoot"):
        for cell in list(foot.iter("td")):
            whole.append(_as_div(cell))
        foot.drop_tree()


def _as_div(cell: HtmlElement) -> HtmlElement:
    cell.tag, cell.tail = "div", None
    cell.classes.discard("gt_bottom_border")
    cell.attrib.pop("colspan", None)
    return cell


def _tell_marks_apart(table: HtmlElement) -> None:
    """Name the source marks that fill a cell: there is nothing that they could stand above."""
    for marks in table.iter("sup"):
        cell = marks.getparent()
        first = cell.tag == "td" and cell[0] is marks and not (cell.text or "").strip()
        if first and "cite" in marks.classes:
            marks.classes.add("alone")


def _without_indents(table: HtmlElement) -> None:
    """Leave out the blanks between rows and cells: nobody sees them, and each cell has some."""
    for part in table.iter("thead", "tbody", "tr", "th", "td"):
        part.tail = "\n" if part.tag == "tr" else ""
        if part.tag not in ("th", "td"):
            part.text = ""


def _fit_columns(table: HtmlElement) -> None:
    """Let columns be as wide as their words need, and keep numbers whole."""
    table.attrib.pop("style", None)  # fixed widths would cut what is longer
    for cell in list(table.iter("td", "th")):
        cell.attrib.pop("headers", None)  # the heads say with scope="col" which cells are theirs
        for look in ("gt_row", "gt_left"):  # which all cells have, or those that are not set right
            cell.classes.discard(look)
        if not cell.get("class"):
            cell.attrib.pop("class", None)
        if cell.tag == "th" or "gt_right" not in cell.classes:
            continue
        if NUMBER.fullmatch(_words(cell)):
            cell.classes.add("whole")
            continue
        for text in cell.xpath(".//text()"):
            _keep_spans_whole(text)


def _keep_spans_whole(text) -> None:
    """Put every span of numbers in a text, as `xpath` gives it, into an element of its own."""
    before, *rest = SPAN_APART.split(text)
    if not rest:
        return
    element = text.getparent()
    if text.is_tail:
        parent = element.getparent()
        element.tail, place = before, parent.index(element) + 1
    else:
        parent = element
        element.text, place = before, 0
    for number, (span, after) in enumerate(zip(rest[::2], rest[1::2], strict=True)):
        whole = Element("span", {"class": "whole"})
        whole.text, whole.tail = span, after
        parent.insert(place + number, whole)


def _words(cell: HtmlElement) -> str:
    return " ".join(filter(None, map(str.strip, cell.xpath(".//text()"))))


def _align_numbers(table: HtmlElement) -> None:
    rows = [_columns(row) for row in table.iter("tr")]
    width = max((max(row, default=-1) for row in rows), default=-1) + 1
    for column in range(width):
        cells = [row[column] for row in rows if column in row]
        texts = [_words(cell) for cell in cells if cell.tag == "td"]
        filled = [text for text in texts if text not in BLANK]
        if filled and all(NUMBER.fullmatch(text) for text in filled):
            for cell in cells:
                cell.classes.add("num")


def _columns(row: HtmlElement) -> dict[int, HtmlElement]:
    """Cells of a row by their column; a cell over several columns belongs to none."""
    columns, place = {}, 0
    for cell in row.iterchildren("th", "td"):
        span = int(cell.get("colspan", 1))
        if span == 1:
            columns[place] = cell
        place += span
    return columns


def inline_svg(svg: str, alt: str | None = None) -> str:
    """Make an SVG file a part of a page: without prolog and metadata, with ids of its own.

    Parameters
    ----------
    svg : str
        A whole SVG document, as matplotlib writes it.
    alt : str, optional
        What the figure says, for those who do not see it.
    """
    svg = svg[svg.index("<svg") :]
    svg = re.sub(r"<metadata>.*?</metadata>", "", svg, flags=re.DOTALL)
    # Figures of one page must not share ids: the first one's clip paths would apply to all.
    prefix = f"f{hashlib.sha256(svg.encode()).hexdigest()[:8]}-"
    svg = SVG_ID.sub(rf"\g<1>{prefix}\g<2>", svg)
    label = f' aria-label="{escape(alt)}"' if alt else ""
    return svg.replace("<svg", f'<svg role="img"{label}', 1)
