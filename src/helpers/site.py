"""What leaders open: one self-contained HTML page per report, and a start page.

A page holds the text, tables and figures of an executed notebook. It needs no other file and no
network: it has no script, and anything that it would have to load is refused when it is made.
"""

import hashlib
import re
from functools import lru_cache
from html import escape
from pathlib import Path

import pandas as pd
from bs4 import BeautifulSoup, Tag
from jinja2 import Environment, PackageLoader
from nbconvert import HTMLExporter
from nbformat import NotebookNode
from traitlets.config import Config

from helpers import units
from helpers.errors import CchcError

TEMPLATES = Path(__file__).parent / "templates"
HIDDEN_TAGS = {"parameters", "injected-parameters", "remove", "analyst"}
NATIONAL = {
    "1_national_results": "Kết quả cả nước",
    "2_satisfaction_and_reform": "Cải cách và sự hài lòng",
    "3_trajectories": "Các địa phương đang đi về đâu?",
}
SITE_TITLE = "Chỉ số cải cách hành chính và Chỉ số hài lòng của các tỉnh, thành phố"

# 84,33 · -1.5 · 1.234 · 29/63 · 12% · 3 điểm, and the usual signs for "nothing there".
NUMBER = re.compile(r"[+\-−–]?\s?\d[\d.,]*(\s?/\s?\d+)?(\s?(%|điểm( phần trăm)?|bậc))?")
# 87,39–88,14: a browser may break a line after the dash.
SPAN = re.compile(r"\d[\d.,]*\s?–\s?\d[\d.,]*")
BLANK = {"", "-", "–", "—", "NaN", "nan", "None", "<NA>"}
# A tag's attribute, @import or url() that makes a browser fetch something. Links are followed by
# people and data: URLs are in the page already.
LOADS = re.compile(
    r"""<(?!a\b|area\b)[a-z][^<>]*?\s
        (?:src|srcset|href|xlink:href|data|poster|action|formaction|background)\s*=\s*
        ["']?\s*(?!data:|[#"'])([^"'\s>]+)
      | @import\s+([^;]+)
      | url\(\s*["']?\s*(?!data:|\#)([^"')]+)""",
    re.VERBOSE | re.IGNORECASE,
)
SVG_ID = re.compile(r"""(\bid="|href="\#|url\(\#|aria-labelledby="|aria-describedby=")([^")\s]+)""")


class NotSelfContained(CchcError):
    """A page would have to load something from outside itself."""


def page_name(stem: str, year: int) -> str:
    """Name of a report's files, without suffix: "38-thanh-hoa-2020"."""
    return f"{stem}-{year}"


# --- the page of a notebook ----------------------------------------------------------------


def to_html(notebook: NotebookNode, title: str) -> str:
    """Make the page of an executed notebook.

    Left out are code, prompts, stderr, raw cells, plain values that end a cell, and cells tagged
    ``parameters``, ``injected-parameters``, ``remove`` or ``analyst``.

    Parameters
    ----------
    notebook : NotebookNode
        Executed without an error; it is not changed.
    title : str
        Title of the page.

    Returns
    -------
    str
        A whole HTML document.

    Raises
    ------
    NotSelfContained
        The page would load something: a picture by its address, a script, a font.
    """
    html, _ = _exporter().from_notebook_node(notebook, {"metadata": {"name": title}})
    loads = outside_loads(html)
    if loads:
        raise NotSelfContained(
            f"it would load {', '.join(loads[:3])}; put the content itself into the notebook"
        )
    return html


def outside_loads(html: str) -> list[str]:
    """Addresses that a browser would fetch to show a page, in their order; links do not count."""
    addresses = ("".join(found.groups(default="")).strip() for found in LOADS.finditer(html))
    return list(dict.fromkeys(addresses))


@lru_cache
def _exporter() -> HTMLExporter:
    config = Config()
    config.TagRemovePreprocessor.remove_cell_tags = HIDDEN_TAGS
    exporter = HTMLExporter(
        config=config,
        template_name="report",
        extra_template_basedirs=[str(TEMPLATES)],
        preprocessors=["nbconvert.preprocessors.TagRemovePreprocessor"],
        exclude_anchor_links=True,
    )
    exporter.register_filter("typeset", typeset)
    exporter.register_filter("inline_svg", inline_svg)
    return exporter


def typeset(html: str) -> str:
    """Set the tables of a piece of HTML: numbers to the right, wide tables in a scrolling frame.

    A column is one of numbers where every cell is a number or blank, and one at least is a number.
    The look of all tables is that of the page: the sheets that pandas and great_tables put beside
    each table, where HTML allows none, are left out.
    """
    # On a phone figures scroll, as wide tables do: the keyboard must reach them.
    html = html.replace("<figure>", '<figure tabindex="0">')
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
        else:
            del table["border"]
            _align_numbers(table)
            label = {"aria-label": "Bảng"}
            frame = table.wrap(soup.new_tag("div"))
        # A frame that scrolls must be reachable with the keyboard.
        frame.attrs.update({"class": "scroll", "tabindex": "0", "role": "region", **label})
    return str(soup)


def _fit_columns(table: Tag) -> None:
    """Let columns be as wide as their words need, and keep numbers whole."""
    del table["style"]  # fixed widths would cut what is longer
    for cell in table.select("[headers]"):
        del cell["headers"]  # the heads say with scope="col" which cells are theirs
    for cell in table.select("td.gt_right"):
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


# --- the start page ------------------------------------------------------------------------


def start_page(folder: Path, year: int | None = None) -> str:
    """Make the start page: links to every report in a folder, by year and region.

    Provinces stand in the order of their statistical codes, north to south, as in the official
    lists; so no alphabet is needed to put Đ after D.

    Parameters
    ----------
    folder : Path
        Folder with the pages; only files that are there are linked.
    year : int, optional
        The year to put first; the others follow, the latest first.

    Returns
    -------
    str
        A whole HTML document.
    """
    pages = _pages(folder)
    order = sorted(pages["year"].unique(), key=lambda value: (value != year, -value))
    years = [(int(value), *_sections(pages[pages["year"] == value])) for value in order]
    return _environment().get_template("start.html.j2").render(title=SITE_TITLE, years=years)


def _pages(folder: Path) -> pd.DataFrame:
    """Pages in a folder that the project made: file, stem, year."""
    found = [
        {"file": path.name, "stem": match["stem"], "year": int(match["year"])}
        for path in sorted(folder.glob("*.html"))
        if (match := re.fullmatch(r"(?P<stem>.+)-(?P<year>\d{4})", path.stem))
    ]
    return pd.DataFrame(found, columns=["file", "stem", "year"])


def _sections(pages: pd.DataFrame) -> tuple[list[dict], list[tuple[str, list[dict]]]]:
    national = pages[pages["stem"].isin(NATIONAL)].assign(label=lambda p: p["stem"].map(NATIONAL))
    provinces = units.provinces()
    provinces = provinces.assign(stem=provinces["name"].map(units.slug), label=provinces["name"])
    listed = provinces.merge(pages, on="stem").sort_values("code")
    regions = [
        (
            name,
            listed.loc[listed["region"] == region, ["file", "label"]].to_dict("records"),
        )
        for region, name in units.regions()[["region", "name"]].itertuples(index=False)
        if (listed["region"] == region).any()
    ]
    return national.to_dict("records"), regions


@lru_cache
def _environment() -> Environment:
    return Environment(loader=PackageLoader("helpers", "templates/report"), autoescape=True)
