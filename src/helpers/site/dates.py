"""When the figures of a year were published."""

from functools import lru_cache
from pathlib import Path

import pandas as pd

from helpers import facts, paths, wording
from helpers.language import N_, _, ngettext

COMPILED = N_("Compiled from public sources; not a document of the Ministry of Home Affairs.")


def line(year: int | None) -> str:
    """Give the line of a page that says what it is compiled from, and for a year from when."""
    told = "" if year is None else sentence(year)
    look = "dated" if told else "compiled"
    return f'<p class="{look}">{" ".join(filter(None, (told, _(COMPILED))))}</p>'


def sentence(year: int) -> str:
    """Say how many sources the figures of a year have, and from when they are; "" for none."""
    count, first, last = _published(paths.data_dir(), year)
    text = ngettext(
        "Figures of the whole country, {year}: {count} source.",
        "Figures of the whole country, {year}: {count} sources.",
        count,
    )
    if first:
        text = _(
            "Figures of the whole country, {year}: {count} sources, published from {first} to "
            "{last}."
        )
    days = {"first": wording.date(first), "last": wording.date(last)}
    return text.format(year=year, count=wording.whole(count), **days) if count else ""


@lru_cache
def _published(folder: Path, year: int) -> tuple[int, str, str]:
    """Count the sources of a year's figures; give the first and the last day among their dates."""
    return published(facts.load(folder), facts.sources(folder), year)


def published(figures: pd.DataFrame, sources: pd.DataFrame, year: int) -> tuple[int, str, str]:
    """Count the sources of the accepted figures of a year, those on ministries aside.

    The report of a province is not made again where a figure on a ministry changed.

    Parameters
    ----------
    figures, sources : DataFrame
        As given by `helpers.facts.load` and `helpers.facts.sources`.

    Returns
    -------
    tuple of int, str, str
        How many sources, and the first and the last of their dates (ISO) of those whose day is
        known; "" where there is none.
    """
    rows = facts.select(figures, year=year)
    cited = rows["sources"][rows["unit_type"] != "ministry"].str.split().explode().dropna()
    of_year = cited.unique()
    days = sources.loc[of_year, "published"]
    days = sorted(days[days.str.len() == 10])
    return len(of_year), *((days[0], days[-1]) if days else ("", ""))
