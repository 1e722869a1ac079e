"""Checks by arithmetic on other published figures, and what is missing where there is none."""

from collections.abc import Callable

import numpy as np
import pandas as pd

from helpers import facts
from helpers.claims.evidence import (
    CONTRADICTED,
    EXACT,
    LAST_DECIMAL,
    REPRODUCED,
    UNCHECKED,
    Evidence,
    Finding,
    facts_on,
    figures,
)
from helpers.claims.independence import FIELDS, TYPES, Same


def difference(evidence: Evidence, claim) -> Finding:
    """Change of a mean: the mean of the year less that of the year before."""
    measure = claim.quantity.replace("change", "mean")
    rows = figures(evidence, claim, measure, (claim.year, claim.year - 1))
    if len(rows) < 2:
        years = [year for year in (claim.year - 1, claim.year) if year not in rows]
        return Finding(UNCHECKED, missing=("mean", {"years": years}))
    now, before = rows[claim.year]["value"], rows[claim.year - 1]["value"]
    found = round(now - before, 2)
    how = ("difference", {"now": now, "before": before, "found": found})
    return by_arithmetic(claim, found, LAST_DECIMAL, (how,), rows.values())


def highest(evidence: Evidence, claim) -> Finding:
    """Highest mean in so many years, the last of which is the statement's."""
    measure = {"provinces": "mean", "ministries": "ministry_mean"}[claim.part]
    years = range(claim.year - int(claim.value) + 1, claim.year + 1)
    rows = figures(evidence, claim, measure, years)
    values = {year: float(rows[year]["value"]) for year in years if year in rows}
    how: list[tuple[str, dict]] = [("highest", {"series": values})]
    missing = [year for year in years if year not in rows]
    used = pd.DataFrame(list(rows.values()), columns=evidence.table.columns)
    now = values.get(claim.year, np.nan)
    others = max((value for year, value in values.items() if year != claim.year), default=-np.inf)
    if not missing and now > others:
        earlier = figures(evidence, claim, measure, (years[0] - 1,)).get(years[0] - 1)
        if earlier is not None and earlier["value"] >= now:
            how.append(("higher_before", {"year": years[0] - 1, "value": earlier["value"]}))
        return Finding(REPRODUCED, tuple(how), found=claim.value, used=used)
    if now <= others:
        return Finding(CONTRADICTED, tuple(how), used=used)
    return Finding(UNCHECKED, tuple(how), ("mean", {"years": missing}), used=used)


def streak(evidence: Evidence, claim) -> Finding:
    """Years in a row in which the unit was first, up to the statement's."""
    rows = figures(evidence, claim, "rank", range(2000, claim.year + 1))
    year, count = claim.year, 0
    while year in rows and rows[year]["value"] == 1:
        year, count = year - 1, count + 1
    shown = [y for y in (*range(year + 1, claim.year + 1), year) if y in rows]
    series = {y: int(rows[y]["value"]) for y in sorted(shown)}
    used = pd.DataFrame([rows[y] for y in sorted(shown)], columns=evidence.table.columns)
    how = (("streak", {"series": series}),)
    if year in rows or count > claim.value:
        verdict = REPRODUCED if count == claim.value else CONTRADICTED
        return Finding(verdict, how, found=count, used=used)
    missing = ("ranks", {"unit": claim.unit, "years": [year]})
    return Finding(UNCHECKED, how, missing, low=count, used=used)


def gain(evidence: Evidence, claim) -> Finding:
    """Who gained most or least, among the changes that are published or follow."""
    unit_type = claim.unit_type
    names = evidence.roster(evidence.table, claim.index, claim.year, unit_type)
    changes = {
        unit: change
        for unit in names
        if (change := facts.change(evidence.table, unit, claim.index, claim.year, "score"))
    }
    own = changes.get(claim.unit)
    missing = (
        "changes",
        {"before": claim.year - 1, "year": claim.year, "others": len(names) - len(changes)},
    )
    if own is None:
        return Finding(UNCHECKED, missing=missing)
    values = {unit: float(change["value"]) for unit, change in changes.items()}
    gains = {unit: value for unit, value in values.items() if value > 0}
    top, least = max(values, key=values.__getitem__), min(gains or values, key=values.__getitem__)
    how = [
        (
            "known_changes",
            {"known": len(values), "n": len(names), "unit": claim.unit, "own": values[claim.unit],
             "top": values[top], "top_unit": top, "least": values[least], "least_unit": least},
        )
    ]  # fmt: skip
    used = facts_on(evidence, claim, unit_type, ("score", "change"), years=(-1, 0))
    used = used[used["unit"].isin(values)]
    if claim.quantity == "smallest_gain":
        fallen = facts.figure(
            evidence.table, facts.NATION, claim.index, claim.year, "count", "decreased"
        )
        if fallen is not None and fallen["value"] > 0:
            how.append(("only_gainers", {"fallen": int(fallen["value"])}))
    best = top if claim.quantity == "largest_gain" else least
    found = values[claim.unit]
    if best != claim.unit:
        return Finding(CONTRADICTED, tuple(how), found=values[best], used=used)
    if len(values) == len(names):
        return Finding(REPRODUCED, tuple(how), found=found, used=used)
    return Finding(UNCHECKED, tuple(how), missing, found=found, used=used)


def types(evidence: Evidence, claim) -> Finding:
    """Bounds on how many units rose every year, fell every year, or did both.

    A unit with a rise and a fall is mixed whatever its other years were; one with a fall cannot
    have risen in every year; and no more can have risen in every year than rose in one of them.
    """
    kind, first, last = claim.part.rsplit("_", 2)
    years = range(int(first) + 1, int(last) + 1)
    names = evidence.roster(evidence.table, claim.index, claim.year, "province")
    n, steps = len(names), {}
    for unit in names:
        moves = [_sign(evidence.table, unit, claim.index, year) for year in years]
        steps[unit] = [move for move in moves if move is not None]
    every = [moves for moves in steps.values() if len(moves) == len(years)]
    counts = figures(evidence, claim, "count", years, part="increased")
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
            facts_on(evidence, claim, "province", ("score", "change"), range(-len(years), 1)),
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


def fields(evidence: Evidence, claim) -> Finding:
    """Ministries' fields that rose or fell: only their sum can be looked at."""
    missing = ("fields", {"before": claim.year - 1, "year": claim.year})
    return Finding(UNCHECKED, _adding_up(evidence, FIELDS, 7), missing)


def factor(evidence: Evidence, claim) -> Finding:
    """Why the factors do not follow from the national figure: shown where all five are known."""
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

    def finder(evidence: Evidence, claim) -> Finding:
        return Finding(UNCHECKED, missing=(key, {"unit": claim.unit, "year": claim.year}))

    return finder


def _adding_up(evidence: Evidence, same: tuple[Same, ...], total: int) -> tuple:
    """Whether the statements on all parts add up to the total: a check on them together."""
    told = evidence.claims
    told = told[(told["quantity"] == "count") & told["part"].isin([s.part for s in same])]
    if len(told) < len(same) or told["value"].sum() != total:
        return ()
    return (("adds_up", {"terms": tuple(int(v) for v in told["value"]), "total": total}),)


def by_arithmetic(claim, found: float, slack: float, how: tuple, rows) -> Finding:
    """Reproduced or contradicted, by a figure that other rows give, to within ``slack``."""
    used = rows if isinstance(rows, pd.DataFrame) else pd.DataFrame(list(rows))
    verdict = REPRODUCED if abs(found - claim.value) <= slack + EXACT else CONTRADICTED
    return Finding(verdict, how, found=found, used=used)


def _sign(table: pd.DataFrame, unit: str, index: str, year: int) -> float | None:
    change = facts.change(table, unit, index, year, "score")
    if change is not None:
        return float(np.sign(change["value"]))
    direction = facts.figure(table, unit, index, year, "direction")
    return None if direction is None else float(direction["value"])
