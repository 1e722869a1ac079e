"""What a check works with: the figures left for a statement, and what it finds in them."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import pandas as pd

from helpers import facts

REPRODUCED, CONSISTENT, CONTRADICTED = "reproduced", "consistent", "contradicted"
UNLIKELY, UNCHECKED = "unlikely", "cannot be checked"
VERDICTS = (REPRODUCED, CONSISTENT, UNLIKELY, CONTRADICTED, UNCHECKED)

# How far a table may be from the statement and still bear it out: half a point, two places or
# provinces of 63, one ministry of 17. Chosen before looking at any result.
TOLERANCE = {"points": 0.5, "province": 2, "ministry": 1}
MOST = 0.5
# Share of the draws on either side of their central 90%.
TAIL = 0.05
# A difference of rounded figures may be off by one unit of the last decimal, a sum of four by two.
LAST_DECIMAL = 0.01
EXACT = 1e-6


_OF_RANKING = ("score", "rank", "rank_at_least", "rank_at_most", "rank_change", "change",
               "direction")  # fmt: skip
_OF_ALL = ("mean", "min", "max", "median", "ministry_mean")
_COUNTS = r"(?:ministries_)?(?:(?:above|below)_(?:mean|\d+)|group_[A-D]|increased|decreased)"


class Finding(NamedTuple):
    """What the other figures say: texts are (key of `HOW` or `MISSING`, terms)."""

    verdict: str
    how: tuple[tuple[str, dict], ...] = ()
    missing: tuple[str, dict] | None = None
    found: float = np.nan
    low: float = np.nan
    high: float = np.nan
    share: float = np.nan
    used: pd.DataFrame | None = None


class Evidence(NamedTuple):
    """The figures left for a statement, and how to complete a table of them."""

    table: pd.DataFrame
    rivals: pd.DataFrame | None
    claims: pd.DataFrame
    complete: Callable
    fit: Callable
    roster: Callable


def facts_on(evidence: Evidence, claim, unit_type: str, measures=None, years=(0,)) -> pd.DataFrame:
    """Accepted rows of the units (and, without ``measures``, of all of them) in some years."""
    table = evidence.table
    here = table["index"] == claim.index
    here &= table["year"].isin([claim.year + step for step in years])
    here &= table["status"] == "accepted"
    of_units = table["measure"].isin(_OF_RANKING if measures is None else measures)
    chosen = here & (table["unit_type"] == unit_type) & of_units
    if measures is None:
        of_ministries = table["part"].str.startswith("ministries_")
        of_ministries |= table["measure"] == "ministry_mean"
        counts = (table["measure"] == "count") & table["part"].str.fullmatch(_COUNTS)
        of_all = (table["unit_type"] == "national") & (table["measure"].isin(_OF_ALL) | counts)
        chosen |= here & of_all & (of_ministries == (unit_type == "ministry"))
    return table[chosen]


def figures(evidence: Evidence, claim, measure: str, years, part: str = "") -> dict:
    """Accepted rows of one measure of the claim's unit, by year."""
    found = {
        year: facts.figure(evidence.table, claim.unit, claim.index, year, measure, part)
        for year in years
    }
    return {year: row for year, row in found.items() if row is not None}


def ranked_type(claim) -> str:
    """Units whose ranking a statement is on: "province" or "ministry"."""
    if claim.unit_type != "national":
        return claim.unit_type
    of_ministries = claim.quantity.startswith("ministry") or claim.part.startswith("ministr")
    return "ministry" if of_ministries else "province"


def threshold(claim) -> tuple[str, float]:
    """Units that a count is of, and the points they are counted by; NaN for their mean."""
    part = claim.part.removeprefix("ministries_")
    unit_type = "ministry" if part != claim.part else "province"
    return unit_type, float(part.split("_")[-1]) if part[-1].isdigit() else np.nan
