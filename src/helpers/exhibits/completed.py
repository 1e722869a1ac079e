"""Completed tables in the forms that charts, tables and sentences take."""

import contextlib

import numpy as np
import pandas as pd

from helpers import completion, facts, wording
from helpers.kept import by_content
from helpers.language import _

COLUMNS = {
    "score": "score",
    "score_90_low": "score_low",
    "score_90_high": "score_high",
    "score_50_low": "score_low50",
    "score_50_high": "score_high50",
    "rank": "rank",
    "rank_90_low": "rank_low",
    "rank_90_high": "rank_high",
}


def by_index(figures: pd.DataFrame, year: int) -> dict[str, completion.CompletedTables]:
    """Completed tables of the provinces, for each index of which enough is published that year."""
    made = {}
    for index in facts.INDICES:
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
        ``score`` and ``rank``, 90% intervals ``*_low``, ``*_high`` and 50% ``score_low50``,
        ``score_high50``. The ends equal the median where the figure is published or derived.
    """
    summary = tables.summary()
    frame = summary[list(COLUMNS)].rename(columns=COLUMNS).rename_axis("unit")
    frame.insert(0, "kind", summary["score_status"])
    frame.insert(1, "rank_kind", summary["rank_status"])
    return frame


def settled(scores: pd.DataFrame, tables: completion.CompletedTables) -> pd.DataFrame:
    """Published scores, with the ranks that follow because nothing else is possible.

    Parameters
    ----------
    scores : DataFrame
        As given by `helpers.facts.scores`.
    """
    units = by_unit(tables).reindex(scores.index)
    known = units["rank"].where(units["rank_kind"] != "estimated")
    return scores.assign(rank=scores["rank"].fillna(known))


def open_slots(tables: completion.CompletedTables, highlight: str | None = None) -> pd.DataFrame:
    """Estimated score at each rank whose score is not published, as `charts.score_curve` takes it.

    A rank with a known holder is named after it. Where the rank of `highlight` is estimated, a row
    of its own stands at its median rank, with the interval of that rank.
    """
    scores = -np.sort(-tables.scores.to_numpy(), axis=1)
    cuts = np.quantile(scores, [0.5, 0.05, 0.95, 0.25, 0.75], axis=0)
    columns = ["score", "score_low", "score_high", "score_low50", "score_high50"]
    frame = pd.DataFrame(cuts.T, columns=columns)
    frame["rank"] = np.arange(1, len(frame) + 1)
    frame["kind"] = "estimated"
    units = by_unit(tables)
    fixed = units[units["rank_kind"] != "estimated"]
    holder = dict(zip(fixed["rank"], fixed.index, strict=True))
    names = [holder.get(rank, _("rank {rank}").format(rank=rank)) for rank in frame["rank"]]
    frame.index = pd.Index(names, name="unit")
    frame = frame[frame["score_high"] - frame["score_low"] > 1e-6]
    if highlight in units.index and units.at[highlight, "rank_kind"] == "estimated":
        own = units.loc[[highlight]]
        frame = frame[frame["rank"] != own["rank"].iloc[0]]
        frame = pd.concat([frame, own[[*frame.columns, "rank_low", "rank_high"]]])
    return frame


def rank_text(row: pd.Series, of: int) -> str:
    """Write a unit's rank: 29/63; or, where it is estimated, "ước lượng: hạng 11 đến 60"."""
    if row["rank_kind"] != "estimated":
        return wording.rank(row["rank"], of)
    return wording.estimated_rank(row["rank_low"], row["rank_high"])


def score_text(row: pd.Series, index: str) -> str:
    """Write a unit's score; where it is estimated, the 90% interval."""
    if row["kind"] != "estimated":
        return wording.score(row["score"], index)
    return wording.estimated_score(row["score_low"], row["score_high"], index)
