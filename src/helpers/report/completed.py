"""Completed tables in the forms that charts, tables and sentences take."""

import contextlib

import numpy as np
import pandas as pd

from helpers import completion, facts, wording
from helpers.kept import by_content
from helpers.language import _

EXACT = 1e-6  # a narrower interval is one number
COLUMNS = {
    "score": "score",
    "score_90_low": "score_low",
    "score_90_high": "score_high",
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
        ``score`` and ``rank``, 90% intervals ``*_low``, ``*_high``. The ends equal the median where
        the figure is published or derived.
    """
    summary = tables.summary()
    frame = summary[list(COLUMNS)].rename(columns=COLUMNS).rename_axis("unit")
    frame.insert(0, "kind", summary["score_status"])
    frame.insert(1, "rank_kind", summary["rank_status"])
    return frame


def curve(tables: completion.CompletedTables, unit: str) -> pd.DataFrame:
    """Score by rank, with a row of its own for one unit whatever is known of it.

    Returns
    -------
    DataFrame
        Indexed by unit, or by the rank whose holder is not known: ``rank``, ``score``, ``kind`` of
        the score, ends ``low``, ``high`` of its 90% interval. The unit's own rank, where it is
        estimated, is the median with ``rank_low``, ``rank_high``; a known score of others whose
        rank is not known has no rank.
    """
    units = by_unit(tables).rename(columns={"score_low": "low", "score_high": "high"})
    ranked, scored = units["rank_kind"] != "estimated", units["kind"] != "estimated"
    scores = -np.sort(-tables.scores.to_numpy(), axis=1)
    slots = pd.DataFrame(np.quantile(scores, [0.5, 0.05, 0.95], axis=0).T)
    slots = slots.set_axis(["score", "low", "high"], axis=1).assign(kind="estimated")
    slots["rank"] = np.arange(1, len(slots) + 1)
    holder = dict(zip(units["rank"][ranked], units.index[ranked], strict=True))
    names = [holder.get(rank, _("rank {rank}").format(rank=rank)) for rank in slots["rank"]]
    slots.index = pd.Index(names, name="unit")
    known, loose = units[ranked & scored], units[~ranked & scored].assign(rank=float("nan"))
    slots = slots[~slots["rank"].isin(known["rank"]) & (slots["high"] - slots["low"] > EXACT)]
    if not ranked[unit]:
        slots = slots[slots["rank"] != units.at[unit, "rank"]]
        loose = pd.concat([loose.drop(index=unit, errors="ignore"), units.loc[[unit]]])
    columns = ["rank", "score", "low", "high", "kind", "rank_low", "rank_high"]
    rows = pd.concat([known, slots, loose]).reindex(columns=columns)
    return rows.sort_values("rank", kind="stable")


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
