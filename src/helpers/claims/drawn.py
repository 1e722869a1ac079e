"""Checks against completed tables: what they give, and whether any table fits the statement."""

import numpy as np
import pandas as pd

from helpers import completion, facts
from helpers.claims.evidence import (
    CONSISTENT,
    CONTRADICTED,
    EXACT,
    LAST_DECIMAL,
    MOST,
    REPRODUCED,
    TAIL,
    TOLERANCE,
    UNCHECKED,
    UNLIKELY,
    Evidence,
    Finding,
)
from helpers.claims.independence import FIRST, REJECTED_FOR, named_place
from helpers.validation import OBSERVATIONS

# Line of a statement among the figures, whose own lines start at 2.
STATED_LINE = 0


def mean(evidence: Evidence) -> Finding:
    """Mean over all units, table by table."""
    drawn = evidence.tables()
    return _judge(evidence, drawn.scores.mean(axis=1), settled=drawn.exact)


def count(evidence: Evidence) -> Finding:
    """Units above the mean, or above or below a threshold, table by table."""
    drawn, part = evidence.tables(), evidence.claim.part
    level = part.rpartition("_")[2]
    limit = drawn.scores.mean(axis=1) if level == "mean" else float(level)
    above = drawn.scores.ge(limit, axis=0).sum(axis=1)
    values = drawn.scores.shape[1] - above if "below" in part else above
    return _judge(evidence, values, whole=True, settled=drawn.exact)


def increased(evidence: Evidence) -> Finding:
    """Units that rose, over tables of the two years drawn apart."""
    now, before = evidence.tables(), evidence.tables(evidence.claim.year - 1)
    values = (now.scores > before.scores[now.scores.columns]).sum(axis=1)
    exact = now.exact and before.exact
    finding = _judge(evidence, values, whole=True, settled=exact, years=(-1, 0))
    return finding if exact else finding._replace(how=(*finding.how, ("apart", {})))


def score(evidence: Evidence) -> Finding:
    """Score of a unit, table by table; where its place is stated too, that of the place."""
    drawn, claim = evidence.tables(), evidence.claim
    values, place = drawn.scores[claim.unit], named_place(claim)
    if place is None:
        return _rivals(evidence, _judge(evidence, values, settled=drawn.exact))
    end = drawn.scores.max(axis=1) if place == FIRST else drawn.scores.min(axis=1)
    there = values == end
    finding = _judge(evidence, end, there=there, settled=drawn.exact)
    told = ("place_share", {"unit": claim.unit, "share": there.mean()})
    return finding._replace(how=(*finding.how, told))


def rank(evidence: Evidence) -> Finding:
    """Rank of a unit, table by table."""
    drawn = evidence.tables()
    values = drawn.ranks[evidence.claim.unit]
    return _rivals(evidence, _judge(evidence, values, whole=True, settled=drawn.exact))


def rank_change(evidence: Evidence) -> Finding:
    """Places gained: the rank before, from figures or completed tables, less the rank now."""
    unit, years = evidence.claim.unit, (evidence.claim.year - 1, evidence.claim.year)
    known = evidence.figures("rank", years)
    before, now = (
        known[year]["value"] if year in known else evidence.tables(year).ranks[unit]
        for year in years
    )
    finding = _judge(evidence, before - now, whole=True, years=(-1, 0))
    if finding.verdict == UNCHECKED:
        finding = finding._replace(missing=("rank_before", {"before": years[0]}))
    return finding


def _judge(
    evidence: Evidence, values, *, whole=False, there=True, settled=False, years=(0,)
) -> Finding:
    """Verdict from the value in each completed table (and whether the unit is in its place).

    Where only one table fits (``settled``), the value follows from the figures.
    """
    claim, used = evidence.claim, evidence.rows(years=years)
    tolerance = TOLERANCE[evidence.unit_type if whole else "points"]
    number = int if whole else float
    values = np.atleast_1d(np.asarray(values, dtype=float))
    method = "closest_observation" if whole else "linear"
    found, low, high = (
        number(v) for v in np.quantile(values, [0.5, TAIL, 1 - TAIL], method=method)
    )
    share = float(((np.abs(values - claim.value) <= tolerance + EXACT) & there).mean())
    terms = {"draws": len(values), "found": found, "low": low, "high": high, "share": share,
             "tolerance": number(tolerance), "stated": number(claim.value)}  # fmt: skip
    how = [("draws", terms)]
    if whole:
        exact = float((values == claim.value).mean())
        how.append(("exact", {"stated": int(claim.value), "exact": exact}))
    numbers = {"found": found, "low": low, "high": high, "share": share, "used": used}
    rounding = 0 if whole else LAST_DECIMAL / 2
    if settled and share == 1 and abs(found - claim.value) <= rounding + EXACT:
        return Finding(REPRODUCED, tuple(how), **numbers)
    off = max(low - claim.value, claim.value - high)
    if off > EXACT:
        how.append(("outside", {"off": number(off)}))
    if settled:
        return Finding(CONTRADICTED, tuple(how), **numbers)
    conflict = _refuted(evidence)
    if conflict is not None:
        how.append(("refuted", conflict))
        return Finding(CONTRADICTED, tuple(how), **numbers)
    beyond = not values.min() - EXACT <= claim.value <= values.max() + EXACT
    if off > rounding + EXACT or np.mean(there) < TAIL:
        if beyond:
            how.append(("possible", {}))
        return Finding(UNLIKELY, tuple(how), **numbers)
    if share > MOST:
        return Finding(CONSISTENT, tuple(how), **numbers)
    return Finding(UNCHECKED, tuple(how), _lacking(evidence), **numbers)


def _refuted(evidence: Evidence) -> dict | None:
    """Facts, and their lines, that no table fits together with the statement; None if one fits.

    Raises InconsistentFacts where the other figures do not even fit without it.
    """
    stated = pd.DataFrame(_stated_rows(evidence))[evidence.table.columns]
    told = pd.concat([evidence.table, stated], ignore_index=True)
    key = evidence.claim.index, evidence.claim.year, evidence.unit_type
    try:
        evidence.fit(told, *key)
    except completion.InconsistentFacts as error:
        evidence.fit(evidence.table, *key)
        others = [fact for fact in error.facts if fact.lines != (STATED_LINE,)]
        places = sorted({place for fact in others for place in fact.places})
        lines = [
            line if file == OBSERVATIONS else f"{line} ({file})"
            for file, line in places
            if line != STATED_LINE
        ]
        return {"facts": [fact.text for fact in others], "lines": lines}
    return None


def _stated_rows(evidence: Evidence) -> list[dict]:
    """The statement as rows of the published figures, for the proof that it does not fit."""
    claim = evidence.claim
    row = dict.fromkeys(evidence.table.columns, "") | {
        "unit_type": claim.unit_type, "unit": claim.unit, "index": claim.index, "year": claim.year,
        "measure": claim.quantity, "part": claim.part, "value": float(claim.value),
        "status": "accepted", "sources": claim.source, "line": STATED_LINE,
    }  # fmt: skip
    place = named_place(claim)
    if place is None:
        return [row]
    end, value = ("rank_at_most", 1) if place == FIRST else ("rank_at_least", len(evidence.units()))
    return [row, row | {"measure": end, "value": float(value)}]


def _lacking(evidence: Evidence) -> tuple[str, dict]:
    """How many scores of the year are not published."""
    n, year = len(evidence.units()), evidence.claim.year
    scores = facts.scores(evidence.table, evidence.claim.index, year, evidence.unit_type)["score"]
    return ("scores", {"year": year, "lacking": n - int(scores.notna().sum()), "n": n})


def _rivals(evidence: Evidence, finding: Finding) -> Finding:
    """Tell what the tables give with the figures that were rejected only for the claim's sake."""
    claim, rivals = evidence.claim, evidence.rivals
    if rivals is None:
        return finding
    try:
        drawn = evidence._replace(table=rivals).tables()
    except completion.InconsistentFacts:
        # An imported table has the same figures otherwise, so that the rivals have no place in it.
        return finding
    whole = claim.quantity == "rank"
    values = (drawn.ranks if whole else drawn.scores)[claim.unit]
    method = "closest_observation" if whole else "linear"
    ends = np.quantile(values, [TAIL, 1 - TAIL], method=method)
    low, high = map(int if whole else float, ends)
    back = [
        facts.figure(rivals, unit, claim.index, claim.year, measure)
        for unit, measure in REJECTED_FOR[claim.year, claim.Index]
    ]
    values = [(int if row["measure"] == "rank" else float)(row["value"]) for row in back]
    told = ("rivals", {"unit": back[0]["unit"], "values": values, "low": low, "high": high})
    return finding._replace(how=(*finding.how, told))
