"""Setting what notebooks show into a page: tables in frames that scroll, figures made small."""

import hashlib
import re
from html import escape

from bs4 import BeautifulSoup, Tag

from helpers.language import _

# 84,33 · 84,33 * · -1.5 · 1.234 · 29/63 · 12% · 3 điểm · 3 points, and the usual signs for
# "nothing there".
NUMBER = re.compile(
    r"[+\-−–]?\s?\d[\d.,]*(\s?/\s?\d+)?"
    r"(\s?(%|điểm( phần trăm)?|bậc|(percentage )?points?|places?))?(\s?\*)?"
)
# 87,39–88,14: a browser may break a line after the dash.
SPAN = re.compile(r"\d[\d.,]*\s?–\s?\d[\d.,]*")
BLANK = {"", "-", "–", "—", "NaN", "nan", "None", "<NA>"}
SVG_ID = re.compile(r"""(\bid="|href="\#|url\(\#|aria-labelledby="|aria-describedby=")([^")\s]+)""")
SVG = re.compile(r"<svg\b.*?</svg>", re.DOTALL)
EMPTY_GROUP = re.compile(r"<g(\s[^>]*)?/>")
GROUP = re.compile(r"(<g>|<g\s[^>]*>|</g>)")
GEOMETRY = re.compile(r'\b(d|x|y|x1|x2|y1|y2|transform|points|width|height|viewBox)="([^"]*)"')
DECIMAL = re.compile(r"-?\d+\.\d+")


def typeset(html: str) -> str:
    """Set the tables of a piece of HTML: numbers to the right, wide tables in a scrolling frame.

    A column is one of numbers where every cell is a number or blank, and one at least is a number.
    The look of all tables is that of the page: the sheets that pandas and great_tables put beside
    each table, where HTML allows none, are left out.
    """
    if "<table" not in html:
        return html
    soup = BeautifulSoup(html, "html.parser")
    for style in soup.find_all("style"):
        style.decompose()
    for table in soup.find_all("table"):
        if "gt_table" in table.get("class", []):  # great_tables has set and framed it already
            label = {"aria-labelledby": table.get("aria-labelledby", "")}
            frame = table.parent
            del frame["style"]
            _fit_columns(table)
            _words_outside(soup, table, frame)
        else:
            del table["border"]
            _align_numbers(table)
            label = {"aria-label": _("Table")}
            frame = table.wrap(soup.new_tag("div"))
        # A frame that scrolls must be reachable with the keyboard.
        frame.attrs.update({"class": "scroll", "tabindex": "0", "role": "region", **label})
    return str(soup)


def _words_outside(soup: BeautifulSoup, table: Tag, frame: Tag) -> None:
    """Move title and notes of a table out of the frame that scrolls, so that all of them show."""
    whole = frame.wrap(soup.new_tag("div", attrs={"class": "table"}))
    for row in table.find_all("tr", class_="gt_heading"):
        cell = row.td.extract()
        cell.name, cell["class"] = "div", [c for c in cell["class"] if c != "gt_bottom_border"]
        del cell["colspan"]
        frame.insert_before(cell)
        row.extract()
    for foot in table.find_all("tfoot"):
        for cell in foot.find_all("td"):
            cell.name = "div"
            del cell["colspan"]
            whole.append(cell.extract())
        foot.extract()


def _fit_columns(table: Tag) -> None:
    """Let columns be as wide as their words need, and keep numbers whole."""
    del table["style"]  # fixed widths would cut what is longer
    for cell in table.find_all(["td", "th"]):
        del cell["headers"]  # the heads say with scope="col" which cells are theirs
        if cell.name == "th" or "gt_right" not in cell.get("class", []):
            continue
        if NUMBER.fullmatch(cell.get_text(" ", strip=True)):
            cell["class"] = [*cell["class"], "whole"]
            continue
        for text in cell.find_all(string=SPAN):
            text.replace_with(BeautifulSoup(_whole_spans(text), "html.parser"))


def _whole_spans(text: str) -> str:
    return SPAN.sub(r'<span class="whole">\g<0></span>', escape(text))


def _align_numbers(table: Tag) -> None:
    rows = [_columns(row) for row in table.find_all("tr")]
    width = max((max(row, default=-1) for row in rows), default=-1) + 1
    for column in range(width):
        cells = [row[column] for row in rows if column in row]
        texts = [cell.get_text(" ", strip=True) for cell in cells if cell.name == "td"]
        filled = [text for text in texts if text not in BLANK]
        if filled and all(NUMBER.fullmatch(text) for text in filled):
            for cell in cells:
                cell["class"] = [*cell.get("class", []), "num"]


def _columns(row: Tag) -> dict[int, Tag]:
    """Cells of a row by their column; a cell over several columns belongs to none."""
    columns, place = {}, 0
    for cell in row.find_all(["th", "td"], recursive=False):
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


def shrink_svgs(html: str) -> str:
    """Make the figures of a page smaller without a visible change.

    Coordinates are rounded to a hundredth of a point, and groups that say nothing are dropped.
    """
    return SVG.sub(lambda found: _shrink(found[0]), html)


def _shrink(svg: str) -> str:
    kept, pieces = [], []
    for piece in GROUP.split(EMPTY_GROUP.sub("", svg)):
        if piece.startswith("<g"):
            kept.append(piece != "<g>")
        if not piece.startswith(("<g>", "<g ", "</g")) or (kept[-1] and piece):
            pieces.append(piece)
        if piece == "</g>":
            kept.pop()
    svg = re.sub(r">\s+<", "><", "".join(pieces))
    svg = re.sub(r' transform="rotate\(-?0 [^"]*"', "", svg)
    return GEOMETRY.sub(lambda found: f'{found[1]}="{_short_numbers(found[2])}"', svg)


def _short_numbers(text: str) -> str:
    text = DECIMAL.sub(lambda found: f"{round(float(found[0]), 2):g}", text)
    return re.sub(r"\s+(?=[A-Za-z]|$)|(?<=[A-Za-z])\s+", "", text) if "(" not in text else text
