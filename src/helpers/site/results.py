"""The results of a year for its provinces, as the start page and the comparison show them."""

import pandas as pd

from helpers import collation, facts, units, wording
from helpers.report import completed

BOUNDS = ["rank_at_least", "rank_at_most"]
MARK = {"published": "{}", "derived": "{}*", "estimated": "≈ {}", "missing": "{}"}


def provinces(year: int) -> pd.DataFrame:
    """Give the provinces of a year, as `helpers.units.provinces`, in the order of the alphabet."""
    found = units.provinces(year)
    return found.sort_values("name", key=lambda names: names.map(collation.key), ignore_index=True)


def by_index(figures: pd.DataFrame, year: int) -> dict[str, pd.DataFrame]:
    """Give the results of a year for its provinces, known or estimated, by index.

    Parameters
    ----------
    figures : DataFrame
        As given by `helpers.facts.load`.

    Returns
    -------
    dict of str to DataFrame
        A row per province, as of `helpers.report.completed.by_unit`; a ``kind`` or ``rank_kind`` is
        "missing" where neither is published nor enough of the year to estimate anything.
    """
    tables = completed.by_index(figures, year)
    return {
        index: completed.by_unit(tables[index])
        if index in tables
        else _as_published(figures, index, year)
        for index in facts.INDICES
    }


def _as_published(figures: pd.DataFrame, index: str, year: int) -> pd.DataFrame:
    """What is published or derived, in the form of `completed.by_unit`; the rest is missing.

    A rank that is only known between two bounds, as one that is shared, has these for its ends.
    """
    names, columns = units.provinces(year)["name"], {}
    known = facts.scores(figures, index, year).reindex(names)
    for measure, kind in (("score", "kind"), ("rank", "rank_kind")):
        columns |= dict.fromkeys([measure, f"{measure}_low", f"{measure}_high"], known[measure])
        kinds = known[f"{measure}_derivation"].fillna("").map(facts.kind)
        columns[kind] = kinds.where(known[measure].notna(), "missing")
    found, rows = pd.DataFrame(columns), facts.select(figures, index=index, year=year)
    rows = rows[rows["unit"].isin(known.index[known["rank"].isna()])]
    rows = rows[rows["measure"].isin(BOUNDS)]
    bounds = rows.pivot(index="unit", columns="measure", values="value")
    bounds = bounds.reindex(columns=BOUNDS).dropna()
    found.loc[bounds.index, ["rank_low", "rank_high"]] = bounds.to_numpy()
    found.loc[bounds.index, "rank_kind"] = "derived"
    return found


def score_text(of: dict) -> str:
    """Write a score; of an estimate its 90% interval."""
    return MARK[of["kind"]].format(wording.between(of["score_low"], of["score_high"]))


def rank_text(of: dict) -> str:
    """Write a rank; of an estimate its 90% interval, of one known between bounds these."""
    return MARK[of["rank_kind"]].format(wording.between(of["rank_low"], of["rank_high"], 0))
