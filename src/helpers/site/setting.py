"""Setting the tables of a notebook into a page, in frames that scroll."""

import re
from html import escape
from itertools import count, zip_longest

from lxml.etree import strip_attributes, strip_elements
from lxml.html import Element, HtmlElement, fragment_fromstring, tostring

from helpers.language import _

# 84,33 · 84,33 * · -1.5 · 1.234 · 29/63 · 12% · 3 điểm · 3 points, and the usual signs for
# "nothing there".
NUMBER = re.compile(
    r"[+\-−–]?\s?\d[\d.,]*(\s?/\s?\d+)?"
    r"(\s?(%|điểm( phần trăm)?|bậc|(percentage )?points?|places?))?(\s?\*)?"
)
# 87,39–88,14 in a text, not in a tag: a browser may break a line after the dash.
SPAN_APART = re.compile(r"\d[\d.,]*\s?–\s?\d[\d.,]*(?=[^<>]*</td>)")
# Nobody sees the blanks between rows and cells, and each cell has some.
INDENT = re.compile(r"\s+(?=</?(?:thead|tbody|tr|th|td)\b)")
BLANK = {"", "-", "–", "—", "NaN", "nan", "None", "<NA>"}
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
    strip_elements(piece, "style", with_tail=False)
    # The heads say with scope="col" which cells are theirs.
    strip_attributes(piece, "border", "headers")
    for table in list(piece.iter("table")):
        if "gt_table" in table.classes:  # great_tables has set and framed it already
            label = {"aria-labelledby": table.get("aria-labelledby", "")}
            frame = table.getparent()
            for element in (table, frame):
                element.attrib.pop("style", None)  # fixed widths would cut what is longer
            for cell in table.iter("td", "th"):  # looks that all have, or that are the page's own
                cell.classes -= {"gt_row", "gt_left"}
            _words_outside(table, frame)
        else:
            _align_numbers(table)
            label = {"aria-label": _("Table")}
            frame = _wrapped(table)
        # A frame that scrolls must be reachable with the keyboard.
        frame.attrib.update({"class": "scroll", "tabindex": "0", "role": "region", **label})
    html = escape(piece.text or "", quote=False)
    html += "".join(tostring(part, encoding="unicode") for part in piece)
    html = SPAN_APART.sub(r'<span class="whole">\g<0></span>', INDENT.sub("", html))
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
    for row in table.xpath(".//tr[contains(@class, 'gt_heading')]"):
        whole.insert(whole.index(frame), _as_div(row.find("td")))
        row.drop_tree()
    for foot in table.findall("tfoot"):
        whole.extend(map(_as_div, list(foot.iter("td"))))
        foot.drop_tree()


def _as_div(cell: HtmlElement) -> HtmlElement:
    cell.tag, cell.tail = "div", None
    cell.attrib.pop("colspan", None)
    return cell


def _align_numbers(table: HtmlElement) -> None:
    """Set columns of numbers to the right; a row in which a cell spans several is left as it is.

    They are counted from the right, since on the left a head may stand for several rows.
    """
    rows = [list(row.iterchildren("th", "td", reversed=True)) for row in table.iter("tr")]
    rows = [row for row in rows if not any(cell.get("colspan") for cell in row)]
    for column in zip_longest(*rows):
        cells = [cell for cell in column if cell is not None]
        texts = [cell.text_content().strip() for cell in cells if cell.tag == "td"]
        filled = [text for text in texts if text not in BLANK]
        if filled and all(map(NUMBER.fullmatch, filled)):
            for cell in cells:
                cell.classes.add("num")
