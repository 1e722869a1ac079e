"""The panel: scores by province and year that are published, or pinned by completed tables."""

import re
from dataclasses import dataclass

import numpy as np
import pandas as pd

from helpers import completion, facts, units
from helpers.completion.together import SEED as SEED
from helpers.errors import CchcError
from helpers.kept import by_content
from helpers.language import _

REACH = 0.5  # points
LEVEL = 0.9
DRAWS = 100
YEAR = re.compile(r"20\d\d")


class NotEnoughYears(CchcError, ValueError):
    """The published years do not suffice for what was asked."""


@dataclass(frozen=True)
class Panel:
    """Scores of one index and regime, up to one year.

    Attributes
    ----------
    index : str
    first, last : int
        First and last year of the regime that may be used.
    figures : DataFrame
        Those of the index that all of this rests on, none of a later year.
    rows : DataFrame
        A row per province and year: ``unit, year, region, kind`` ("published", "derived",
        "pinned"), ``score`` (mean over draws), ``sd`` (over draws; 0 where published).
    draws : ndarray, draws x rows
        Scores: the published figure in every draw, a pinned one with its error.
    means : DataFrame
        Indexed by year, earlier regimes too: ``mean`` of the nation, ``kind`` ("published" or
        "estimated"), ``regime`` (its first year).
    ranks : DataFrame
        ``unit, year, rank`` as far as published or derived; and ``drawn``, of units without such a
        rank whose score is in hand: the median rank in the completed tables.
    tables : dict of int to (DataFrame, DataFrame)
        Scores and ranks of the completed tables by year, draws x units.
    regions : Series
        Region of every ranked unit.
    before : Panel or None
        The regime before, whose levels are not compared but whose variability is.
    """

    index: str
    first: int
    last: int
    figures: pd.DataFrame
    rows: pd.DataFrame
    draws: np.ndarray
    means: pd.DataFrame
    ranks: pd.DataFrame
    tables: dict
    regions: pd.Series
    before: "Panel | None" = None

    @property
    def years(self) -> list[int]:
        """Years with at least one score in the panel."""
        return sorted({int(year) for year in self.rows["year"]})


def regime(index: str, year: int) -> tuple[int, int]:
    """First and last year of the series that a year of an index belongs to.

    Raises
    ------
    NotEnoughYears
        Where the year belongs to none.
    """
    for first, last in facts.REGIMES[index]:
        if first <= year <= last:
            return first, last
    spans = ", ".join(f"{first}-{last}" for first, last in facts.REGIMES[index])
    message = _("{index} {year}: no series has that year. There are: {spans}.")
    if not units.same_list(year, None):
        message = _(
            "{index} {year}: since 2025 the results are of {n} provinces, and no series of theirs "
            "is long enough yet. There are: {spans}."
        )
    raise NotEnoughYears(message.format(index=index, year=year, spans=spans, n=units.count(year)))


def panel(
    figures: pd.DataFrame,
    index: str,
    last_year: int,
    *,
    draws: int = DRAWS,
) -> Panel:
    """Gather the scores of one index up to a year, from the start of its regime.

    Parameters
    ----------
    figures : DataFrame
        As `helpers.facts.load` returns them.
    index : {"PAR", "SIPAS"}
    last_year : int
        Nothing of later years is used, not even by arithmetic.
    draws : int
        Completed tables per year.

    Returns
    -------
    Panel

    Raises
    ------
    NotEnoughYears
        Where no series has that year, or nothing of the series is published up to it.

    Notes
    -----
    A score that is not published is in the panel where half of its 90% interval is at most `REACH`.
    Tables are completed year by year, from the figures of the year and of those beside it. Multiple
    imputation: Rubin (1987).
    """
    first, _end = regime(index, last_year)
    earlier = [last for _, last in facts.REGIMES[index] if last < first]
    provinces = units.provinces(last_year)
    names = list(provinces["name"])
    regions = provinces.set_index("name")["region"]
    known = known_until(figures[figures["index"] == index], last_year)
    rows, drawn, ranks, tables = [], [], [], {}
    for year in range(first, last_year + 1):
        try:
            table = _complete(known[known["year"].between(year - 1, year + 1)], index, year, draws)
        except completion.NotEnoughKnown:
            continue
        tables[year] = (table.scores[names], table.ranks[names])
        published = facts.scores(known, index, year)["score"].dropna().index
        found, values = _pinned(table, published)
        rows.append(found.assign(year=year))
        drawn.append(values)
        ranks.append(_ranks(table, found["unit"], year))
    if not rows or sum(map(len, rows)) == 0:
        raise NotEnoughYears(f"{index}: no score is published from {first} to {last_year}.")
    table = pd.concat(rows, ignore_index=True)
    table["region"] = table["unit"].map(regions)
    return Panel(
        index=index,
        first=first,
        last=last_year,
        figures=known,
        rows=table,
        draws=np.concatenate(drawn, axis=1),
        means=national_means(known, index, last_year, tables),
        ranks=pd.concat(ranks, ignore_index=True),
        tables=tables,
        regions=regions,
        before=panel(figures, index, max(earlier), draws=draws) if earlier else None,
    )


def until(later: Panel, year: int) -> Panel:
    """Make the panel of an earlier year from what was known then, its completed tables too.

    Raises NotEnoughYears where no score was known.
    """
    return panel(later.figures, later.index, year, draws=len(later.draws))


def distance(panel: Panel) -> pd.DataFrame:
    """Rows of the panel with ``mean`` of the nation and the distance ``to_mean``, in points."""
    means = panel.rows["year"].map(panel.means["mean"])
    return panel.rows.assign(mean=means, to_mean=panel.rows["score"] - means)


def known_until(figures: pd.DataFrame, year: int) -> pd.DataFrame:
    """Figures of years up to one, without those worked out from a later year."""
    named = figures["derivation"].map(lambda text: max(map(int, YEAR.findall(text)), default=0))
    return figures[np.maximum(named, figures["year"]) <= year]


def _pinned(table, published: pd.Index) -> tuple[pd.DataFrame, np.ndarray]:
    low, high = table.scores.quantile([(1 - LEVEL) / 2, (1 + LEVEL) / 2]).to_numpy()
    kept = (high - low) / 2 <= REACH
    scores = table.scores.loc[:, kept]
    kinds = table.status.loc[scores.columns, "score_status"]
    kinds = kinds.where(kinds.index.isin(published), "pinned")
    spread = scores.std().where(kinds == "pinned", 0.0)
    columns = {"unit": scores.columns, "kind": kinds, "score": scores.mean(), "sd": spread}
    return pd.DataFrame(columns).reset_index(drop=True), scores.to_numpy()


@by_content(64)  # a back-test asks again for more tables than `completion` keeps
def _complete(figures: pd.DataFrame, index: str, year: int, draws: int):
    """Complete a year; what became known later of other years leaves its tables as they were."""
    return completion.complete(figures, index, year, draws=draws, seed=SEED, link=False)


def _ranks(table, scored: pd.Series, year: int) -> pd.DataFrame:
    drawn = table.status["rank_status"] == "estimated"
    ranks = table.ranks.loc[:, ~drawn | drawn.index.isin(scored)].median().round()
    columns = {"unit": ranks.index, "year": year, "rank": ranks, "drawn": drawn[ranks.index]}
    return pd.DataFrame(columns).reset_index(drop=True)


def national_means(
    figures: pd.DataFrame, index: str, last_year: int, tables: dict | None = None
) -> pd.DataFrame:
    """Give the national means up to a year, as in `Panel.means`.

    Years without a published mean have that of their completed tables, if given.
    """
    published = facts.national(figures, index)["mean"].dropna()
    tables, rows = tables or {}, {}
    for first, last in facts.REGIMES[index]:
        for year in range(first, min(last, last_year) + 1):
            if year in published.index:
                rows[year] = (float(published[year]), "published", first)
            elif year in tables:
                rows[year] = (tables[year][0].to_numpy().mean(), "estimated", first)
    columns = ["mean", "kind", "regime"]
    return pd.DataFrame.from_dict(rows, orient="index", columns=columns).rename_axis("year")
