"""Completed tables in the forms that charts, tables and sentences take."""

import contextlib

import pandas as pd

from helpers import completion, facts
from helpers.kept import by_content

SCORES = ("score", "mean", "min", "max", "median")  # that say where scores lie
Tables = dict[str, completion.CompletedTables]  # by index
COLUMNS = {
    "score": "score",
    "score_90_low": "score_low",
    "score_90_high": "score_high",
    "rank": "rank",
    "rank_90_low": "rank_low",
    "rank_90_high": "rank_high",
}


def by_index(figures: pd.DataFrame, year: int) -> Tables:
    """Completed tables of the provinces, for each index of which enough is published that year.

    Where ranks alone are, scores would be spread evenly from the least possible to the greatest:
    nothing that a page should tell.
    """
    made = {}
    for index in facts.INDICES:
        rows = facts.select(figures, index=index, year=year)
        if not (rows["measure"].isin(SCORES) & (rows["unit_type"] != "ministry")).any():
            continue
        with contextlib.suppress(completion.NotEnoughKnown):
            made[index] = completion.complete(figures, index, year)
    return made


@by_content(8)
def by_unit(tables: completion.CompletedTables) -> pd.DataFrame:
    """One row per unit, best first, as charts take it.

    Returns
    -------
    DataFrame
        Indexed by unit: ``kind`` and ``rank_kind`` (published, derived, estimated), medians
        ``score`` and ``rank``, 90% intervals ``*_low``, ``*_high``. The ends equal the median where
        the figure is published or derived.
    """
    summary = tables.summary()
    frame = summary[list(COLUMNS)].rename(columns=COLUMNS).rename_axis("unit")
    frame.insert(0, "kind", summary["score_status"])
    frame.insert(1, "rank_kind", summary["rank_status"])
    return frame


def filled(figures: pd.DataFrame, tables: Tables) -> pd.DataFrame:
    """Add to the figures each score and rank that is the only one in every completed table.

    Parameters
    ----------
    figures : DataFrame
        As given by `helpers.facts.load`.
    tables : dict of str to CompletedTables
        As given by `by_index`.

    Returns
    -------
    DataFrame
        The same, with rows more, whose derivation says so and which have no source of their own.
    """
    rows = []
    for index, drawn in tables.items():
        own, known = by_unit(drawn), facts.scores(figures, index, drawn.year)
        for measure, kind in (("score", "kind"), ("rank", "rank_kind")):
            only = own[(own[kind] == "derived") & known[measure].reindex(own.index).isna()]
            for unit, value in only[measure].round(4).items():
                of = {"unit_type": "province", "unit": unit, "index": index, "year": drawn.year}
                how = {"derivation": f"{measure} {value:g} {facts.ONLY_ONE}"}
                told = {"measure": measure, "value": value, "status": "accepted", "line": 0}
                rows.append(dict.fromkeys(figures, "") | of | told | how)
    if not rows:
        return figures
    return pd.concat([figures, pd.DataFrame(rows).astype(figures.dtypes)], ignore_index=True)
