"""Links between the pages of a run: the other language, the provinces beside one, its comparison.

A page leads to another only where that is there or is made in the same run, and to the comparison
of the two provinces elsewhere: that page comes with every run that is not stopped.
"""

import re
from collections.abc import Container
from pathlib import Path

from helpers import collation, facts, language, notebooks, units, wording
from helpers.batch.files import write_file
from helpers.language import _

# Links of the templates to what may be missing: neighbours, the other language, the spreadsheet.
LINK = re.compile(
    r'<a href="(?P<file>[^"]+)"(?: data-instead="(?P<instead>[^"]+)"| lang="\w+" hreflang="\w+"|'
    r"(?<=\.xlsx\"))>(?P<words>[^<]*)</a>"
)


def folder(lang: str) -> str:
    """Folder of the pages in a language, before their names."""
    return "" if lang == language.DEFAULT else f"{lang}/"


def other(lang: str) -> str:
    """Give the other language."""
    [found] = set(language.NAMES) - {lang}
    return found


def twin(lang: str, name: str) -> dict:
    """Link from a page in this language to one of a name, without suffix, in the other."""
    of = other(lang)
    up = "../" if of == language.DEFAULT else folder(of)
    return {"lang": of, "name": language.NAMES[of], "href": f"{up}{name}.html"}


def report(unit: str, year: int) -> str:
    """Name of the page of a province, without suffix: "38-thanh-hoa-2020"."""
    return notebooks.page_name(units.slug(unit, year=year), year)


def neighbours(year: int) -> dict[str, list[tuple[str, list[str]]]]:
    """Give rows of provinces to each: next to it by rank in each index, in its region, by name.

    Returns
    -------
    dict of str to list of (str, list of str)
        By province, what a row is about, and names; rows without any are left out.
    """
    figures, provinces = facts.load(), units.provinces(year).set_index("name")
    names, region = collation.in_order(provinces.index), provinces["region"].to_dict()
    told = _("Next above and below in {index}, of those known")
    orders = {
        told.format(index=wording.INDEX[i]): list(facts.scores(figures, i, year).index)
        for i in facts.INDICES
    }
    rows = {
        unit: {told: _around(order, unit) for told, order in orders.items()}
        | {_("In the same region"): [n for n in names if region[n] == region[unit] and n != unit]}
        | {_("Before and after it by name"): _around(names, unit)}
        for unit in names
    }
    return {unit: [row for row in of.items() if row[1]] for unit, of in rows.items()}


def _around(order: list[str], unit: str) -> list[str]:
    if unit not in order:
        return []
    at = order.index(unit)
    return order[max(at - 1, 0) : at] + order[at + 1 : at + 2]


def beside(unit: str, year: int, pages: Container[str]) -> list[tuple[str, list[dict]]]:
    """Give the `neighbours` of a province as links in the language in use.

    Parameters
    ----------
    unit : str
        A province of that year, as `helpers.units.resolve` gives it.
    pages : container of str
        Names of the pages that are there, those in English with their folder.

    Returns
    -------
    list of (str, list of dict)
        Of each province ``label``, ``href`` and ``instead``: the address of its comparison with the
        unit, "" where ``href`` is that already.
    """
    here = folder(language.current())

    def link(name: str) -> dict:
        page, compared = report(name, year), comparison(year, unit, name)
        is_there = here + page in pages
        return {
            "label": wording.unit_name(name),
            "href": f"{page}.html" if is_there else compared,
            "instead": compared if is_there else "",
        }

    return [(told, list(map(link, names))) for told, names in neighbours(year)[unit]]


def comparison(year: int, *pair: str) -> str:
    """Address of the comparison of two provinces of a year, of one with any other, or of any."""
    page = f"{notebooks.comparison(year, language.current())}.html"
    return f"{page}#{','.join(units.code(name, year=year) for name in pair)}" if pair else page


def mend(site: Path) -> None:
    """Turn the links to files that are not there to the comparison, or leave them out.

    A page is made before it is known whether all that it leads to can be made. One that is changed
    here is no longer as run.json has it: the next run that is asked for it makes it anew, with its
    links. So it is not called after Ctrl-C, when that could be most of what was done: pages of a
    run that was stopped keep their links to pages that it did not come to, until the next run.

    Parameters
    ----------
    site : Path
        Folder with the pages, those in other languages in folders below.

    Raises
    ------
    OutputError
        A page cannot be written.
    """
    for path in site.rglob("*.html"):

        def mended(found: re.Match, path: Path = path) -> str:
            if (path.parent / found["file"]).exists():
                return found[0]
            instead, words = found["instead"], found["words"]
            return f'<a href="{instead}">{words}</a>' if instead else ""

        html = path.read_text(encoding="utf-8")
        if (new := LINK.sub(mended, html)) != html:
            write_file(path, new.encode())
