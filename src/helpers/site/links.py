"""Links between the pages of a run: the other language, the provinces beside one, its comparison.

A page leads to another only where that is there or is made in the same run, and to the comparison
of the two provinces elsewhere: that page comes with every run.
"""

import re
from collections.abc import Container
from pathlib import Path

from helpers import collation, facts, language, notebooks, standing, units, wording
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


def neighbours(unit: str, year: int) -> list[tuple[str, list[str]]]:
    """Give rows of provinces: next to one by rank in each index, in its region, and by name.

    Parameters
    ----------
    unit : str
        A province of that year, as `helpers.units.resolve` gives it.

    Returns
    -------
    list of (str, list of str)
        What a row is about, and names; rows without any are left out.
    """
    figures, rows = facts.load(), []
    for index in facts.INDICES:
        near = standing.next_to(facts.scores(figures, index, year), unit)
        told = _("Next above and below in {index}, of those known").format(
            index=wording.INDEX[index]
        )
        rows.append((told, [row["unit"] for row in near if row is not None]))
    provinces = units.provinces(year).set_index("name")
    names, region = collation.in_order(provinces.index), provinces["region"]
    peers = [name for name in names if region[name] == region[unit] and name != unit]
    rows.append((_("In the same region"), peers))
    at = names.index(unit)
    around = names[max(at - 1, 0) : at] + names[at + 1 : at + 2]
    rows.append((_("Before and after it by name"), around))
    return [(told, found) for told, found in rows if found]


def beside(unit: str, year: int, pages: Container[str]) -> list[tuple[str, list[dict]]]:
    """Give `neighbours` as links in the language in use.

    Parameters
    ----------
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

    return [(told, list(map(link, names))) for told, names in neighbours(unit, year)]


def comparison(year: int, *pair: str) -> str:
    """Address of the comparison of two provinces of a year, of one with any other, or of any."""
    page = f"{notebooks.comparison(year, language.current())}.html"
    return f"{page}#{','.join(units.code(name, year=year) for name in pair)}" if pair else page


def mend(site: Path) -> None:
    """Turn the links to files that are not there to the comparison, or leave them out.

    A page is made before it is known whether all that it leads to can be made.
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
