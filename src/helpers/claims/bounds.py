"""What published figures leave open: bounds, sums, and what is missing where there is nothing."""

from collections.abc import Callable

import numpy as np
import pandas as pd

from helpers import facts
from helpers.claims.evidence import (
    CONTRADICTED,
    LAST_DECIMAL,
    REPRODUCED,
    UNCHECKED,
    Evidence,
    Finding,
)
from helpers.claims.independence import FIELDS, TYPES, Same


def types(evidence: Evidence) -> Finding:
    """Bounds on how many units rose every year, fell every year, or did both.

    A unit with a rise and a fall is mixed whatever its other years were; one with a fall cannot
    have risen in every year; and no more can have risen in every year than rose in one of them.
    """
    claim = evidence.claim
    kind, first, last = claim.part.rsplit("_", 2)
    years = range(int(first) + 1, int(last) + 1)
    names = evidence.units()
    n, steps = len(names), {}
    for unit in names:
        moves = [_sign(evidence.table, unit, claim.index, year) for year in years]
        steps[unit] = [move for move in moves if move is not None]
    every = [moves for moves in steps.values() if len(moves) == len(years)]
    counts = evidence.figures("count", years, "increased")
    rose = [row["value"] for row in counts.values()]
    up_low = sum(min(moves) > 0 for moves in every)
    down_low = sum(max(moves) < 0 for moves in every)
    up_high = min(n - sum(min(moves, default=1) <= 0 for moves in steps.values()), *rose, n)
    down_high = min(
        n - sum(max(moves, default=-1) >= 0 for moves in steps.values()),
        *(n - value for value in rose),
        n,
    )
    mixed_low = sum(len(moves) > 0 and min(moves) <= 0 <= max(moves) for moves in steps.values())
    low, high = {
        "steady_rise": (up_low, up_high),
        "steady_fall": (down_low, down_high),
        "mixed": (max(mixed_low, n - up_high - down_high), n - up_low - down_low),
    }[kind]
    terms = {"low": int(low), "high": int(high), "known": len(every), "n": n}
    how = (("bounds", terms), *_adding_up(evidence, TYPES, n))
    used = pd.concat(
        [
            evidence.rows(("score", "change"), range(-len(years), 1)),
            pd.DataFrame(list(counts.values()), columns=evidence.table.columns),
        ]
    )
    result = {"low": low, "high": high, "used": used}
    if not low <= claim.value <= high:
        return Finding(CONTRADICTED, how, **result)
    if low == high:
        return Finding(REPRODUCED, how, found=low, **result)
    missing = ("types", {"years": f"{first}–{last}", "others": n - len(every)})
    return Finding(UNCHECKED, how, missing, **result)


def fields(evidence: Evidence) -> Finding:
    """Ministries' fields that rose or fell: only their sum can be looked at."""
    year = evidence.claim.year
    missing = ("fields", {"before": year - 1, "year": year})
    return Finding(UNCHECKED, _adding_up(evidence, FIELDS, 7), missing)


def factor(evidence: Evidence) -> Finding:
    """Why the factors do not follow from the national figure: shown where all five are known."""
    claim = evidence.claim
    rows = facts.select(
        evidence.table, unit=claim.unit, index=claim.index, measure="factor", unit_type="national"
    )
    rows = rows[rows["part"].isin(["access", "procedures", "officials", "results", "feedback"])]
    for year, factors in rows[rows["year"] < claim.year].groupby("year"):
        mean = facts.figure(evidence.table, claim.unit, claim.index, year, "mean")
        plain = float(factors["value"].mean())
        if len(factors) == 5 and mean is not None and abs(plain - mean["value"]) > LAST_DECIMAL:
            terms = {"year": year, "plain": plain, "mean": float(mean["value"])}
            used = pd.concat([factors, mean.to_frame().T])
            return Finding(UNCHECKED, (("factor_years", terms),), ("factor", {}), used=used)
    return Finding(UNCHECKED, missing=("factor", {}))


def unpublished(key: str) -> Callable:
    """A finder for what no published figure bears on; ``key`` of `MISSING` says what is missing."""

    def finder(evidence: Evidence) -> Finding:
        return Finding(UNCHECKED, missing=(key, {"unit": evidence.claim.unit}))

    return finder


def _adding_up(evidence: Evidence, same: tuple[Same, ...], total: int) -> tuple:
    """Whether the statements on all parts add up to the total: a check on them together."""
    told = evidence.claims
    told = told[(told["quantity"] == "count") & told["part"].isin([s.part for s in same])]
    if len(told) < len(same) or told["value"].sum() != total:
        return ()
    terms = " + ".join(f"{value:.0f}" for value in told["value"])
    return (("adds_up", {"terms": terms, "total": total}),)


def _sign(table: pd.DataFrame, unit: str, index: str, year: int) -> float | None:
    change = facts.change(table, unit, index, year, "score")
    if change is not None:
        return float(np.sign(change["value"]))
    direction = facts.figure(table, unit, index, year, "direction")
    return None if direction is None else float(direction["value"])
