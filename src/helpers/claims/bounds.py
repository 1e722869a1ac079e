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
from helpers.claims.independence import FIELDS, TYPES
from helpers.language import N_


def types(evidence: Evidence) -> Finding:
    """Bounds on how many units rose every year, fell every year, or did both.

    A unit with a rise and a fall is mixed whatever its other years were; one with a fall cannot
    have risen in every year; and no more can have risen in every year than rose in one of them.
    """
    claim, names = evidence.claim, list(evidence.units())
    kind, first, last = claim.part.rsplit("_", 2)
    years, n = range(int(first) + 1, int(last) + 1), len(names)
    # By unit and year 1, 0 or -1; NaN where not known, which is neither more nor less than 0.
    moves = pd.DataFrame(
        {year: [_sign(evidence.table, u, claim.index, year) for u in names] for year in years},
        dtype=float,
    )
    counts = {"unit": claim.unit, "index": claim.index, "measure": "count", "part": "increased"}
    announced = facts.select(evidence.table, **counts)
    announced = announced[announced["year"].isin(years)]
    rose = announced["value"]
    up_low, down_low = (moves > 0).all(axis=1).sum(), (moves < 0).all(axis=1).sum()
    up_high = min([n - (moves <= 0).any(axis=1).sum(), *rose])
    down_high = min([n - (moves >= 0).any(axis=1).sum(), *(n - rose)])
    mixed_low = ((moves.min(axis=1) <= 0) & (moves.max(axis=1) >= 0)).sum()
    low, high = {
        "steady_rise": (up_low, up_high),
        "steady_fall": (down_low, down_high),
        "mixed": (max(mixed_low, n - up_high - down_high), n - up_low - down_low),
    }[kind]
    known = int(moves.notna().all(axis=1).sum())
    text = N_(
        "the published years allow {low} to {high}; provinces with all four years: {known} of {n}"
    )
    how = (text, {"low": int(low), "high": int(high), "known": known, "n": n})
    of_units = evidence.rows(("score", "change"), range(-len(years), 1))
    used = pd.concat([of_units, announced])
    finding = Finding(UNCHECKED, (how,), low=low, high=high, used=used)
    if not low <= claim.value <= high:
        return finding._replace(verdict=CONTRADICTED)
    if low == high:
        return finding._replace(verdict=REPRODUCED, found=low)
    text = N_("the scores of {years} of the other {others} provinces")
    return finding._replace(missing=(text, {"years": f"{first}–{last}", "others": n - known}))


def factor(evidence: Evidence) -> Finding:
    """Why the factors do not follow from the national figure: shown where all five are known."""
    claim = evidence.claim
    missing = (N_("the factors of each province, or the numbers of answers"), {})
    rows = facts.select(
        evidence.table, unit=claim.unit, index=claim.index, measure="factor", unit_type="national"
    )
    rows = rows[rows["part"].isin(["access", "procedures", "officials", "results", "feedback"])]
    for year, factors in rows[rows["year"] < claim.year].groupby("year"):
        mean = facts.figure(evidence.table, claim.unit, claim.index, year, "mean")
        plain = float(factors["value"].mean())
        if len(factors) == 5 and mean is not None and abs(plain - mean["value"]) > LAST_DECIMAL:
            text = N_(
                "{year}: the plain mean of the five factors is {plain}, not the published {mean}, "
                "so that the factors do not weigh the same"
            )
            terms = {"year": year, "plain": plain, "mean": float(mean["value"])}
            used = pd.concat([factors, mean.to_frame().T])
            return Finding(UNCHECKED, ((text, terms),), missing, used=used)
    return Finding(UNCHECKED, missing=missing)


def _sign(table: pd.DataFrame, unit: str, index: str, year: int) -> float:
    change = facts.change(table, unit, index, year, "score")
    if change is not None:
        return float(np.sign(change["value"]))
    direction = facts.figure(table, unit, index, year, "direction")
    return np.nan if direction is None else float(direction["value"])


# By quantity, or by quantity and part: what finds something out, and what is missing where no
# published figure bears on a statement.
FINDERS: dict[str, Callable[[Evidence], Finding]] = {
    "factor": factor,
    **{f"count {same.part}": types for same in TYPES},
}
UNPUBLISHED = {
    "share": N_("the numbers of answers to this question"),
    "count low_scoring_criteria": N_("the points of {unit} by criterion, and what counts as low"),
    **dict.fromkeys(
        [f"count {same.part}" for same in FIELDS],
        N_("the ministries' means of the seven fields in {before} and {year}"),
    ),
}
