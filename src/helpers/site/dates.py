"""When the figures of a year were published."""

import pandas as pd

from helpers import facts, wording
from helpers.language import _, ngettext


def line(year: int | None) -> str:
    """Give the line of a page that says what it is compiled from, and for a year from when."""
    told = "" if year is None else sentence(facts.load(), facts.sources(), year)
    compiled = _("Compiled from public sources; not a document of the Ministry of Home Affairs.")
    return f'<p class="dated">{f"{told} {compiled}".strip()}</p>'


def sentence(figures: pd.DataFrame, sources: pd.DataFrame, year: int) -> str:
    """Say how many sources the figures of a year have, and from when they are; "" for none.

    Without those on ministries: no report of a province is made again where one of these changed.

    Parameters
    ----------
    figures, sources : DataFrame
        As given by `helpers.facts.load` and `helpers.facts.sources`.
    """
    rows = facts.select(figures, year=year)
    rows = rows[rows["unit_type"] != "ministry"]
    cited = rows["sources"].str.split().explode().dropna().unique()
    days = sources.loc[cited, "published"]
    days = sorted(days[days.str.len() == 10])
    told = {"year": year, "count": wording.whole(len(cited))}
    if len(days) > 1:
        return _(
            "Figures of the whole country, {year}: {count} sources, published from {first} to "
            "{last}."
        ).format(**told, first=wording.date(days[0]), last=wording.date(days[-1]))
    if not len(cited):
        return ""
    return ngettext(
        "Figures of the whole country, {year}: {count} source.",
        "Figures of the whole country, {year}: {count} sources.",
        len(cited),
    ).format(**told)
