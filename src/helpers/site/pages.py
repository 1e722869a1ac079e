"""The page of an executed notebook."""

import re
from bisect import bisect
from collections.abc import Container
from functools import lru_cache
from html import unescape
from itertools import count
from pathlib import PurePosixPath

from nbconvert import TemplateExporter
from nbconvert.preprocessors import TagRemovePreprocessor
from nbformat import NotebookNode
from traitlets.config import Config

from helpers import language, notebooks, units
from helpers.citations import marks
from helpers.language import _
from helpers.site import dates, links
from helpers.site.formulas import markdown2html
from helpers.site.layout import rendered
from helpers.site.policy import TEMPLATES
from helpers.site.sections import folded, without_empty
from helpers.site.setting import typeset
from helpers.site.shown import for_page, numbered

# For analysts: there when the switch is on. Code is hidden whatever its tags.
ANALYST_TAGS = ("analyst", "parameters", "injected-parameters")
# Marks that the template and `helpers.citations` wrote, found in the text: a parser of HTML would
# rewrite the figures between them, whose names know capitals.
SECTION = re.compile(r"<h2>(.*?)</h2>", re.DOTALL)
SUBTITLE = re.compile(r'<p class="subtitle">.*?</p>', re.DOTALL)
MARK = re.compile(r'href="#source-([^"]+)"|data-sources="([^"]+)"')
FROM = re.compile(r'<span class="from">.*?</span>', re.DOTALL)
NO_LINE = re.compile(r'<(p|div) class="(?:source|gt_sourcenote)">\s*</\1>')
LISTED = re.compile(r'<li id="source-([^"]+)"')
SCREEN = re.compile(r"<!-- screen -->(?:[^<]++|<(?!!-- /screen -->))*+<!-- /screen -->")


def to_html(notebook: NotebookNode, title: str) -> str:
    """Make the page of an executed notebook.

    Its language, year and name are those that papermill noted in the notebook: the parameters
    ``lang`` ("vi" where there is none) and ``year`` or ``last_year``, and the name of the output.
    Of the pages that the notebook's metadata name as ``links`` it leads to the same page in the
    other language and, with ``province`` and ``year``, to the provinces beside; with these also to
    its comparison with others.
    Cells tagged ``analyst`` and all code show when the reader asks for them; cells tagged
    ``screen`` are not printed, nor are those tagged ``detail``, which stand folded under "For
    analysts"; on paper the two tables of one tagged ``pair`` stand side by side. Cells tagged
    ``remove``, stderr, raw cells and plain values that end a cell are left out, and so are the
    headings of sections in which nothing shows.

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
    NotShown
        A cell shows what a page cannot hold, or a formula that cannot be set; names the cell.
    NotSelfContained
        The page would load something: a picture by its address, a script, a font.
    UnknownLanguage
        The notebook was run in a language that is not here.
    """
    run = notebook.metadata.get("papermill", {})
    parameters = {**run.get("default_parameters", {}), **run.get("parameters", {})}
    lang = parameters.get("lang", language.DEFAULT)
    year = parameters.get("year", parameters.get("last_year"))
    name = PurePosixPath(run.get("output_path") or "").stem
    with language.using(lang):
        body, heads = _with_sections(_sources_once(_exporter().from_notebook_node(notebook)[0]))
        body = _under_title(_for_paper(body), year)
        pages = notebook.metadata.get("links", ())
        links_of_page = _links(name, lang, year, _province(parameters), pages)
        return rendered("report", title=title, heads=heads, body=body, **links_of_page)


def _links(name: str, lang: str, year, unit: str, pages: Container[str]) -> dict:
    """Addresses of the other language, the spreadsheet and the provinces beside, where they are."""
    found: dict = {}
    if links.folder(links.other(lang)) + name in pages:
        found["twin"] = links.twin(lang, name)
    if unit:
        found["beside"] = links.beside(unit, year, pages)
    if unit or name.rpartition("-")[0] in notebooks.NATIONAL_STEMS:
        found["compare"] = links.comparison(year, *filter(None, [unit]))
        found["sheets"] = f"{name}.xlsx"
    return found


def _province(parameters: dict) -> str:
    """Which province a report is on; "" for none, as what an analyst's own notebook calls so."""
    province, year = parameters.get("province"), parameters.get("year")
    if not isinstance(province, str) or not isinstance(year, int):
        return ""
    try:
        return units.resolve(province, year=year)
    except units.UnknownUnit:
        return ""


@lru_cache
def _exporter() -> TemplateExporter:
    """Give nbconvert's exporter of templates, which first takes out what is not for the page.

    Not that of HTML pages: it reads the page again to give pictures without a text one, and to have
    the keyboard reach what its own templates show. Here the template does that.
    """
    leave_out = {"enabled": True, "remove_cell_tags": {"remove"}}
    exporter = TemplateExporter(
        config=Config({"TagRemovePreprocessor": leave_out}),
        default_preprocessors=[],
        preprocessors=[numbered, TagRemovePreprocessor, for_page, without_empty, folded],
        optimistic_validation=True,
        template_name="report",
        template_file="cells.html.j2",
        extra_template_basedirs=[str(TEMPLATES)],
        file_extension=".html",
    )
    exporter.register_filter("markdown2html", markdown2html)
    exporter.register_filter("typeset", typeset)
    # Looked up when a page is made, so that it is in the language of that page.
    exporter.environment.globals.update(_=language._, analyst_tags=set(ANALYST_TAGS))
    return exporter


def _sources_once(html: str) -> str:
    """Name the sources of a section in one line, below the last of its charts and tables.

    Where that is for the screen alone, it is below the last that is printed. Charts and tables of
    different sources keep a line each.
    """
    numbers = {source: number for number, source in enumerate(LISTED.findall(html), 1)}
    heads = [found.start() for found in SECTION.finditer(html)]
    screen = [found.span() for found in SCREEN.finditer(html)]
    lines: dict[int, list[re.Match]] = {}
    for found in FROM.finditer(html):
        lines.setdefault(bisect(heads, found.start()), []).append(found)
    instead: dict[int, str] = {}
    for of_section in filter(lambda found: len(found) > 1, lines.values()):
        cited, *others = (_cited(found[0]) for found in of_section)
        if cited <= set(numbers) and all(other == cited for other in others):
            printed = [
                one for one in of_section if not any(a <= one.start() < b for a, b in screen)
            ]
            instead |= {one.start(): "" for one in of_section}
            line = _("Sources of this section: {sources}.")
            line = line.format(sources=marks(" ".join(cited), numbers))
            instead[(printed or of_section)[-1].start()] = f'<span class="from">{line}</span>'
    html = FROM.sub(lambda found: instead.get(found.start(), found[0]), html)
    return NO_LINE.sub("", html)


def _with_sections(html: str) -> tuple[str, list[str]]:
    """Number the sections, so that the table of contents can lead to them; give their heads."""
    heads: list[str] = []

    def numbered(found: re.Match) -> str:
        heads.append(unescape(re.sub(r"<[^>]+>", "", found[1])))
        return f'<h2 id="s{len(heads)}">{found[1]}</h2>'

    return SECTION.sub(numbered, html), heads


def _under_title(html: str, year: int | None) -> str:
    """Say under the title what the page is made of, and on paper that it is not all of it."""
    lines = dates.line(year)
    if SCREEN.search(html):
        brief = _("Printed in brief: the whole report is in the file on screen.")
        lines += f'<p class="paper">{brief}</p>'
    html, found = SUBTITLE.subn(lambda subtitle: subtitle[0] + lines, html, count=1)
    return html if found else f"{lines}\n{html}"


def _for_paper(html: str) -> str:
    """Keep on paper the sources of what is on paper; the screen has all of them.

    Where something is left out on paper, the sources of the summary are printed in full and the
    others without their address.
    """
    paper = SCREEN.sub("", html)
    printed = _cited(paper)
    summary = _cited(paper.partition('<h2 id="s2"')[0])
    if paper == html:
        summary = printed
    numbers = count(1)

    def item(found: re.Match) -> str:
        source = found[1]
        look = "" if source in summary else "brief" if source in printed else "screen"
        # An item that is left out must not change the numbers of the others.
        number = f'value="{next(numbers)}"'
        return f'<li id="source-{source}" {number}' + (f' class="{look}"' if look else "")

    return LISTED.sub(item, html)


def _cited(html: str) -> set[str]:
    return {source for pair in MARK.findall(html) for source in " ".join(pair).split()}
