"""Sources of the figures in one report: numbered where they are used, listed at the end."""

import csv
import unicodedata
from collections.abc import Iterable
from functools import cache
from html import escape
from importlib.resources import files
from itertools import groupby
from urllib.parse import unquote

import pandas as pd

from helpers import wording
from helpers.language import N_, _

# Publishers and remarks in sources.csv that are words, so that a page says them in its language.
WORDS = (
    N_("Vietnam News Agency"),
    N_("Báo Đầu tư, reprinted by a trade office"),
    N_("(sentence read in a copy without address shown beside it)"),
)
LONG = 3  # from so many numbers on a run is written by its ends: 4–9


class Marks(str):
    """Marks of sources as HTML, which a text takes in as they are."""


class Citations:
    """Number sources in the order in which a report first names them.

    Parameters
    ----------
    sources : DataFrame
        As given by `helpers.facts.sources`.

    Examples
    --------
    >>> table = pd.DataFrame(
    ...     {"publisher": ["Made-up Gazette"], "published": ["2021"], "url": [""], "note": [""]},
    ...     index=["x1"],
    ... )
    >>> cite = Citations(table)
    >>> cite("x1")
    '<sup class="cite"><a href="#source-x1">1</a></sup>'
    """

    def __init__(self, sources: pd.DataFrame):
        self._sources = sources
        self._numbers: dict[str, int] = {}

    def __call__(self, ids: str | Iterable[str]) -> Marks:
        """Return the marks of source ids as HTML links to the list.

        Parameters
        ----------
        ids : str or iterable of str
            With spaces between; or several such, as a column of a frame.

        Raises
        ------
        KeyError
            For an id that is not among the sources.
        """
        ids = ids if isinstance(ids, str) else " ".join(ids)
        for source in ids.split():
            if source not in self._sources.index:
                raise KeyError(source)
            self._numbers.setdefault(source, len(self._numbers) + 1)
        return marks(ids, self._numbers)

    def listed(self) -> str:
        """Return the sources cited so far as an HTML list, in the order of their numbers."""
        items = [self._item(source) for source in self._numbers]
        return f'<ol class="sources" style="padding-left:3.2em">{"".join(items)}</ol>'

    def table(self) -> pd.DataFrame:
        """Return the sources cited so far as a frame: number, publisher, date, url."""
        rows = self._sources.loc[list(self._numbers), ["publisher", "published", "url"]]
        rows["publisher"] = rows["publisher"].map(_named)
        rows.insert(0, "number", range(1, len(rows) + 1))
        return rows.rename(columns={"published": "date"}).reset_index(drop=True)

    def _item(self, source: str) -> str:
        row = self._sources.loc[source]
        text = [escape(_named(row["publisher"]))]
        if row["published"]:
            text.append(wording.date(row["published"]))
        if row["url"]:
            address, _space, remark = row["url"].partition(" ")
            url = escape(address, quote=True)
            link = f'<a href="{url}" rel="noreferrer">{escape(_short(address))}</a>'
            remark = _(remark) if remark in WORDS else remark
            text.append(f"{link} {escape(remark)}".rstrip())
        return f'<li id="source-{source}">{". ".join(text)}</li>'


def marks(ids: str, numbers: dict[str, int]) -> Marks:
    """Give the marks of source ids, with spaces between, that have these numbers on the list."""
    numbered = sorted((numbers[source], source) for source in set(ids.split()))
    if not numbered:
        return Marks()
    runs = [list(run) for _offset, run in groupby(enumerate(numbered), _offset_of)]
    told = ", ".join(_marks([mark for _place, mark in run]) for run in runs)
    # A run shows its ends only; the page must still know all of it.
    whole = "" if max(map(len, runs)) < LONG else f' data-sources="{" ".join(sorted(ids.split()))}"'
    return Marks(f'<sup class="cite"{whole}>{told}</sup>')


@cache
def outlets() -> dict[str, str]:
    """Names of newspapers and offices by the site that stands for them among the publishers."""
    with files(__package__).joinpath("outlets.csv").open(encoding="utf-8") as file:
        return {row["site"]: row["outlet"] for row in csv.DictReader(file)}


def _named(publisher: str) -> str:
    return _(publisher) if publisher in WORDS else outlets().get(publisher, publisher)


def source_line(cited: str) -> str:
    """Say under a chart or a table what its sources are; a page says it once per section."""
    told = _("Source: {sources}.").format(sources=cited)
    return f'<span class="from">{told}</span>'


def _offset_of(place_and_mark: tuple[int, tuple[int, str]]) -> int:
    """The same for neighbours in a run of numbers, as 4, 5 and 6 are."""
    place, (number, _source) = place_and_mark
    return number - place


def _marks(run: list[tuple[int, str]]) -> str:
    links = [f'<a href="#source-{source}">{number}</a>' for number, source in run]
    return f"{links[0]}–{links[-1]}" if len(links) >= LONG else ", ".join(links)


def _short(url: str, length: int = 70, end: int = 24) -> str:
    """Shorten an address in its middle: the end often tells two pages of one site apart.

    Of an address in another script only the site is left, for want of fonts on many a phone.
    """
    text = unquote(url.split("://", 1)[-1]).removeprefix("www.").rstrip("/")
    if not all("LATIN" in unicodedata.name(letter, "") for letter in text if letter.isalpha()):
        return text.split("/", 1)[0]
    return text if len(text) <= length else f"{text[: length - 1 - end]}…{text[-end:]}"
