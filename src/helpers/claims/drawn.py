"""Checks against completed tables: what they give, and whether any table fits the statement."""

from collections.abc import Callable

import numpy as np
import pandas as pd

from helpers import completion, facts
from helpers.claims.arithmetic import by_arithmetic
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
    facts_on,
    figures,
    ranked_type,
    threshold,
)
from helpers.claims.independence import FIRST, REJECTED_FOR, named_place
from helpers.claims.words import Share
from helpers.validation import OBSERVATIONS

# Line of a statement among the figures, whose own lines start at 2.
STATED_LINE = 0


def mean(evidence: Evidence, claim) -> Finding:
    """Mean over all units, table by table."""
    unit_type = "ministry" if claim.quantity == "ministry_mean" else "province"
    drawn = evidence.complete(evidence.table, claim.index, claim.year, unit_type)
    used = facts_on(evidence, claim, unit_type)
    values = drawn.scores.mean(axis=1)
    return _judge(evidence, claim, values, TOLERANCE["points"], used, settled=drawn.exact)


def count(evidence: Evidence, claim) -> Finding:
    """Units above the mean, or above or below a threshold, table by table."""
    unit_type, level = threshold(claim)
    drawn = evidence.complete(evidence.table, claim.index, claim.year, unit_type)
    scores = drawn.scores
    limit = scores.mean(axis=1) if np.isnan(level) else pd.Series(level, index=scores.index)
    above = scores.ge(limit, axis=0).sum(axis=1)
    below = "below" in claim.part
    values = scores.shape[1] - above if below else above
    used = facts_on(evidence, claim, unit_type)
    return _judge(evidence, claim, values, TOLERANCE[unit_type], used, settled=drawn.exact)


def none_below(evidence: Evidence, claim) -> Finding:
    """Units below a threshold: none where the last place has a score above it; else from draws."""
    unit_type, level = threshold(claim)
    n = len(evidence.roster(evidence.table, claim.index, claim.year, unit_type))
    scores = facts.scores(evidence.table, claim.index, claim.year, unit_type)
    last = scores[(scores["rank"] == n) & (scores["score"] >= level)]
    if last.empty:
        return count(evidence, claim)
    row = last.iloc[0]
    terms = {"rank": n, "n": n, "unit": last.index[0], "score": float(row["score"])}
    used = facts_on(evidence, claim, unit_type, ("score", "rank"))
    used = used[used["unit"] == last.index[0]]
    return by_arithmetic(claim, 0, 0, (("place_of", terms),), used)


def increased(evidence: Evidence, claim) -> Finding:
    """Units that rose, over tables of the two years drawn apart."""
    drawn = [
        evidence.complete(evidence.table, claim.index, year, "ministry")
        for year in (claim.year, claim.year - 1)
    ]
    now, before = (tables.scores for tables in drawn)
    values = (now > before[now.columns]).sum(axis=1)
    used = facts_on(evidence, claim, "ministry", years=(-1, 0))
    exact = all(tables.exact for tables in drawn)
    finding = _judge(evidence, claim, values, TOLERANCE["ministry"], used, settled=exact)
    return finding if exact else finding._replace(how=(*finding.how, ("apart", {})))


def score(evidence: Evidence, claim) -> Finding:
    """Score of a unit, from its blocks where all four are published, else from completed tables."""
    blocks = facts_on(evidence, claim, claim.unit_type, ("points",))
    blocks = blocks[(blocks["unit"] == claim.unit) & blocks["part"].isin(facts.BLOCKS)]
    place = named_place(claim)
    if len(blocks) == len(facts.BLOCKS):
        found = round(float(blocks["value"].sum()), 2)
        how = ("sum", {"terms": tuple(float(v) for v in blocks["value"]), "found": found})
        beyond = _beyond(evidence, claim, found, place) if place else ()
        if not place or beyond:
            off = () if found == claim.value else (("rounding", {"stated": claim.value}),)
            next_to = beyond[0][1]["unit"] if beyond else ""
            near = facts_on(evidence, claim, claim.unit_type, ("score", "rank"))
            used = pd.concat([blocks, near[near["unit"] == next_to]])
            return by_arithmetic(claim, found, 2 * LAST_DECIMAL, (how, *off, *beyond), used)
    drawn = evidence.complete(evidence.table, claim.index, claim.year, claim.unit_type)
    used = facts_on(evidence, claim, claim.unit_type)
    values = drawn.scores[claim.unit]
    if place is None:
        finding = _judge(evidence, claim, values, TOLERANCE["points"], used, settled=drawn.exact)
        return _rivals(evidence, claim, finding)
    end = drawn.scores.max(axis=1) if place == FIRST else drawn.scores.min(axis=1)
    there = values == end
    finding = _judge(evidence, claim, end, TOLERANCE["points"], used, there, drawn.exact)
    told = ("place_share", {"unit": claim.unit, "share": Share(there.mean())})
    return finding._replace(how=(*finding.how, told))


def _beyond(evidence: Evidence, claim, found: float, place: str) -> tuple:
    """The published score next to the end of the ranking, if what was found lies beyond it."""
    n = len(evidence.roster(evidence.table, claim.index, claim.year, claim.unit_type))
    next_rank = 2 if place == FIRST else n - 1
    scores = facts.scores(evidence.table, claim.index, claim.year, claim.unit_type)
    rows = scores[(scores["rank"] == next_rank) & scores["score"].notna()]
    if rows.empty:
        return ()
    unit, score = rows.index[0], float(rows["score"].iloc[0])
    if (found - score) * (1 if place == FIRST else -1) <= 0:
        return ()
    return (("beyond", {"rank": next_rank, "unit": unit, "score": score}),)


def rank(evidence: Evidence, claim) -> Finding:
    """Rank of a unit, table by table."""
    drawn = evidence.complete(evidence.table, claim.index, claim.year, claim.unit_type)
    used = facts_on(evidence, claim, claim.unit_type)
    values, tolerance = drawn.ranks[claim.unit], TOLERANCE[claim.unit_type]
    finding = _judge(evidence, claim, values, tolerance, used, settled=drawn.exact)
    return _rivals(evidence, claim, finding)


def rank_change(evidence: Evidence, claim) -> Finding:
    """Places gained: the rank before, from figures or completed tables, less the rank now."""
    rows = figures(evidence, claim, "rank", (claim.year, claim.year - 1))
    if len(rows) == 2:
        before, now = (int(rows[year]["value"]) for year in (claim.year - 1, claim.year))
        how = ("difference", {"now": before, "before": now, "found": before - now})
        return by_arithmetic(claim, before - now, 0, (how,), rows.values())
    ranks = [
        rows[year]["value"]
        if year in rows
        else evidence.complete(evidence.table, claim.index, year, claim.unit_type).ranks[claim.unit]
        for year in (claim.year - 1, claim.year)
    ]
    used = facts_on(evidence, claim, claim.unit_type, years=(-1, 0))
    finding = _judge(evidence, claim, ranks[0] - ranks[1], TOLERANCE[claim.unit_type], used)
    if finding.verdict == UNCHECKED:
        finding = finding._replace(missing=("rank_before", {"before": claim.year - 1}))
    return finding


def _judge(
    evidence: Evidence, claim, values, tolerance: float, used, there=True, settled=False
) -> Finding:
    """Verdict from the value in each completed table (and whether the unit is in its place).

    Where only one table fits (``settled``), the value follows from the figures.
    """
    whole = tolerance != TOLERANCE["points"]
    number = int if whole else float
    values = np.asarray(values, dtype=float)
    method = "closest_observation" if whole else "linear"
    found, low, high = (
        number(v) for v in np.quantile(values, [0.5, TAIL, 1 - TAIL], method=method)
    )
    share = Share(((np.abs(values - claim.value) <= tolerance + EXACT) & there).mean())
    terms = {"draws": len(values), "found": found, "low": low, "high": high, "share": share,
             "tolerance": number(tolerance), "stated": number(claim.value)}  # fmt: skip
    how = [("draws", terms)]
    if whole:
        exact = Share((values == claim.value).mean())
        how.append(("exact", {"stated": int(claim.value), "exact": exact}))
    numbers = {"found": found, "low": low, "high": high, "share": float(share), "used": used}
    rounding = 0 if whole else LAST_DECIMAL / 2
    if settled and share == 1 and abs(found - claim.value) <= rounding + EXACT:
        return Finding(REPRODUCED, tuple(how), **numbers)
    off = max(low - claim.value, claim.value - high)
    if off > EXACT:
        how.append(("outside", {"off": number(off)}))
    if settled:
        return Finding(CONTRADICTED, tuple(how), **numbers)
    conflict = _refuted(evidence, claim)
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
    return Finding(UNCHECKED, tuple(how), _lacking(evidence, claim), **numbers)


def _refuted(evidence: Evidence, claim) -> dict | None:
    """Facts, and their lines, that no table fits together with the statement; None if one fits.

    Raises InconsistentFacts where the other figures do not even fit without it.
    """
    stated = _stated_rows(evidence.table, claim, evidence.roster)
    unit_type = ranked_type(claim)
    stated = pd.DataFrame(stated)[evidence.table.columns]
    told = pd.concat([evidence.table, stated], ignore_index=True)
    try:
        evidence.fit(told, claim.index, claim.year, unit_type)
    except completion.InconsistentFacts as error:
        evidence.fit(evidence.table, claim.index, claim.year, unit_type)
        others = [fact for fact in error.facts if fact.lines != (STATED_LINE,)]
        places = sorted({place for fact in others for place in fact.places})
        lines = [
            line if file == OBSERVATIONS else f"{line} ({file})"
            for file, line in places
            if line != STATED_LINE
        ]
        return {"facts": [fact.text for fact in others], "lines": lines}
    return None


def _stated_rows(table: pd.DataFrame, claim, roster: Callable) -> list[dict]:
    """The statement as rows of the published figures, for the proof that it does not fit."""
    row = dict.fromkeys(table.columns, "") | {
        "unit_type": claim.unit_type, "unit": claim.unit, "index": claim.index, "year": claim.year,
        "measure": claim.quantity, "part": claim.part, "value": float(claim.value),
        "status": "accepted", "sources": claim.source, "line": STATED_LINE,
    }  # fmt: skip
    place = named_place(claim)
    if place:
        end = "rank_at_most" if place == FIRST else "rank_at_least"
        n = len(roster(table, claim.index, claim.year, claim.unit_type))
        return [row, row | {"measure": end, "value": 1.0 if place == FIRST else float(n)}]
    return [row]


def _lacking(evidence: Evidence, claim) -> tuple[str, dict]:
    """How many scores of the year are not published."""
    names = evidence.roster(evidence.table, claim.index, claim.year, ranked_type(claim))
    scores = facts.scores(evidence.table, claim.index, claim.year, ranked_type(claim))["score"]
    terms = {"year": claim.year, "lacking": len(names) - int(scores.notna().sum())}
    return ("scores", terms | {"n": len(names)})


def _rivals(evidence: Evidence, claim, finding: Finding) -> Finding:
    """Tell what the tables give with the figures that were rejected only for the claim's sake."""
    if evidence.rivals is None:
        return finding
    try:
        drawn = evidence.complete(evidence.rivals, claim.index, claim.year, claim.unit_type)
    except completion.InconsistentFacts:
        # An imported table has the same figures otherwise, so that the rivals have no place in it.
        return finding
    values = (drawn.ranks if claim.quantity == "rank" else drawn.scores)[claim.unit]
    method = "closest_observation" if claim.quantity == "rank" else "linear"
    low, high = np.quantile(values, [0.05, 0.95], method=method)
    number = int if claim.quantity == "rank" else float
    back = facts.select(evidence.rivals, index=claim.index, year=claim.year)
    rows = [
        back[(back["unit"] == unit) & (back["measure"] == measure)].iloc[0]
        for unit, measure in REJECTED_FOR[claim.year, claim.Index]
    ]
    values = [int(r["value"]) if r["measure"] == "rank" else float(r["value"]) for r in rows]
    unit = rows[0]["unit"]
    told = ("rivals", {"unit": unit, "values": values, "low": number(low), "high": number(high)})
    return finding._replace(how=(*finding.how, told))
