"""The results of a year for its provinces, as the start page and the comparison show them."""

import pandas as pd

from helpers import collation, facts, units, wording
from helpers.report import completed

COLUMNS = ["code", "name", "region", "unit_2025"]
BOUNDS = ["rank_at_least", "rank_at_most"]
MARK = {"published": "{}", "derived": "{}*", "estimated": "≈ {}", "missing": "{}"}


def provinces(figures: pd.DataFrame, year: int) -> pd.DataFrame:
    """Give the results of a year for its provinces, known or estimated.

    Parameters
    ----------
    figures : DataFrame
        As given by `helpers.facts.load`.

    Returns
    -------
    DataFrame
        A row per province in Vietnamese alphabetical order: ``code, name, region, unit_2025``;
        and for each index ``*_score, *_score_low, *_score_high, *_rank, *_rank_low, *_rank_high``
        (points or per cent, ranks; estimates are medians with 90% intervals) with ``*_kind`` and
        ``*_rank_kind``: published, derived, estimated, or "missing" where neither is published nor
        enough of the year to estimate anything.
    """
    frame = units.provinces(year)[COLUMNS]
    tables = completed.by_index(figures, year)
    for index in facts.INDICES:
        if index in tables:
            found = completed.by_unit(tables[index])
        else:
            found = _as_published(figures, index, year, frame["name"])
        frame = frame.join(found.add_prefix(f"{index}_"), on="name")
    return frame.sort_values("name", key=lambda names: names.map(collation.key), ignore_index=True)


def _as_published(figures: pd.DataFrame, index: str, year: int, names: pd.Series) -> pd.DataFrame:
    """What is published or derived, in the form of `completed.by_unit`; the rest is missing.

    A rank that is only known between two bounds, as one that is shared, has these for its ends.
    """
    known, columns = facts.scores(figures, index, year).reindex(names), {}
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


def of_index(frame: pd.DataFrame, index: str) -> pd.DataFrame:
    """Give the columns of `provinces` that are of one index, without its name, by province."""
    found = frame.set_index("name").filter(regex=f"^{index}_")
    return found.rename(columns=lambda column: column.removeprefix(f"{index}_"))


def score_text(of: dict) -> str:
    """Write a score; of an estimate its 90% interval."""
    return MARK[of["kind"]].format(wording.between(of["score_low"], of["score_high"]))


def rank_text(of: dict) -> str:
    """Write a rank; of an estimate its 90% interval, of one known between bounds these."""
    return MARK[of["rank_kind"]].format(wording.between(of["rank_low"], of["rank_high"], 0))
