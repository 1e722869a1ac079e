"""Set every statement beside the other figures: which check it gets, and the table of findings."""

from collections.abc import Callable, Mapping
from functools import partial

import pandas as pd

from helpers import completion, facts
from helpers.claims import bounds, drawn
from helpers.claims.evidence import REPRODUCED, UNCHECKED, Evidence, Finding
from helpers.claims.expressions import decide
from helpers.claims.independence import (
    FIELDS,
    TYPES,
    named_place,
    own_rows,
    with_rivals,
    without,
)
from helpers.completion.gather import roster as ranked_units

PUBLISHED_ONLY = partial(completion.complete, link=False)


def check(
    table: pd.DataFrame,
    claims: pd.DataFrame,
    expressions: Mapping[str, str] | None = None,
    draws: int = 200,
    seed: int = completion.tables.SEED,
    *,
    complete: Callable = PUBLISHED_ONLY,
    fit: Callable = completion.check,
    roster: Callable = ranked_units,
) -> pd.DataFrame:
    """Set every statement beside what the other published figures say.

    Parameters
    ----------
    table : DataFrame
        The published figures, as `helpers.facts.load` returns them.
    claims : DataFrame
        The statements, as `helpers.facts.claims` returns them.
    expressions : mapping, optional
        From a quantity, with its part ("count below_70") or the place that a score is said to have
        ("score first"), to the expression of other figures that gives it; see
        `helpers.claims.expressions`. Without one, or where it leaves a statement open, completed
        tables are asked.
    draws : int
        Completed tables per statement that needs them.
    seed : int
        The same seed gives the same verdicts and shares.
    complete : callable
        `helpers.completion.complete`, or one like it. When left out, without what other years
        and the other index say: that ranks persist is a guess, and a verdict is not to hang on it.
    fit : callable
        `helpers.completion.check`, or one like it: raises where no table fits.
    roster : callable
        (table, index, year, unit_type) to the names of the ranked units.

    Returns
    -------
    DataFrame indexed by claim, a row per statement
        ``statement``; ``verdict`` (one of `VERDICTS`); ``share`` of the completed tables in which
        it holds (NaN where none were drawn); ``stated``; ``found``, what the figures give (the
        median over draws); ``low``, ``high``, the 90% range over draws or the bounds;
        ``expression`` and ``numbers``, what was worked out, by names and by numbers ("" where
        nothing was); ``how`` and ``missing``, texts as keys and terms, for
        `helpers.report.statements`; ``sources`` of the other figures used (ids);
        ``only_own_source``, those of them that nobody but the statement's own source prints;
        ``also_printed_by``, other sources of the very figure (no check, but good to know).
        Units: points of 100 for PAR, per cent for SIPAS, places for ranks.

    Raises
    ------
    KeyError
        If ``claims`` lacks a column.
    ExpressionError
        If an expression cannot be worked out as it is written.
    """
    how = claims, partial(complete, draws=draws, seed=seed), fit, roster
    rows = {
        claim.Index: _row(
            table,
            Evidence(claim, without(table, claim), with_rivals(table, claim), *how),
            expressions or {},
        )
        for claim in claims.itertuples()
    }
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("claim")


def _row(table: pd.DataFrame, evidence: Evidence, expressions: Mapping[str, str]) -> dict:
    claim, finding = evidence.claim, _find(evidence, expressions)
    own = own_rows(table, claim) & (table["status"] == "accepted")
    printed = facts.join_sources(*table.loc[own, "sources"]).split()
    used = table.iloc[:0] if finding.used is None else finding.used
    alone = used[used["sources"] == claim.source]
    return {
        "statement": claim.statement,
        "verdict": finding.verdict,
        "share": finding.share,
        "stated": claim.value,
        "found": finding.found,
        "low": finding.low,
        "high": finding.high,
        "expression": finding.expression,
        "numbers": finding.numbers,
        "how": (*finding.how, *_notes(evidence._replace(table=table), finding)),
        "missing": finding.missing,
        "sources": facts.join_sources(*used["sources"]),
        "only_own_source": "; ".join(_named(row) for row in alone.itertuples()),
        "also_printed_by": " ".join(source for source in printed if source != claim.source),
    }


def _named(row) -> str:
    words = [row.unit, row.measure, row.part, str(row.year), f"{row.value:g}"]
    return " ".join(word for word in words if word)


def _find(evidence: Evidence, expressions: Mapping[str, str]) -> Finding:
    claim = evidence.claim
    finder = FINDERS.get((claim.quantity, claim.part)) or FINDERS.get((claim.quantity, ANY))
    key = f"{claim.quantity} {named_place(claim) or claim.part}".strip()
    if finder is None and key not in expressions:
        return Finding(UNCHECKED, missing=("unknown", {"quantity": key}))
    if pd.isna(claim.value) and claim.quantity not in WITHOUT_VALUE:
        return Finding(UNCHECKED, missing=("value", {}))
    try:
        if claim.quantity in OF_RANKED and claim.unit not in evidence.units():
            return Finding(UNCHECKED, missing=("unranked", {"unit": claim.unit}))
        finding = decide(expressions[key], evidence) if key in expressions else None
        if finder is None or (finding is not None and finding.verdict != UNCHECKED):
            return finding or Finding(UNCHECKED, missing=("unknown", {"quantity": key}))
        return finder(evidence)
    except completion.InconsistentFacts as error:
        conflict = [fact.text for fact in error.facts]
        terms = {"year": error.year, "conflict": conflict}
        return Finding(UNCHECKED, missing=("conflict", terms))
    except completion.NotEnoughKnown:
        return Finding(UNCHECKED, missing=("nothing", {"year": claim.year}))


def _notes(evidence: Evidence, finding: Finding) -> list[tuple[str, dict]]:
    """What is told beside a check, and is none: the same in other words, or a limit to it."""
    claim = evidence.claim

    def counts(*parts: str) -> list[int]:
        found = (evidence.figures("count", [claim.year], part, facts.NATION) for part in parts)
        return [int(row[claim.year]["value"]) for row in found if row]

    if (claim.quantity, claim.part) == ("count", "above_80"):
        groups = counts("group_A", "group_B")
        told = {"terms": " + ".join(map(str, groups)), "found": sum(groups)}
        return [("other_words", told)] if len(groups) == 2 else []
    if claim.quantity == "smallest_gain" and any(fallen := counts("decreased")):
        return [("only_gainers", {"fallen": fallen[0]})]
    if claim.quantity == "highest_in_years" and finding.verdict == REPRODUCED:
        before = claim.year - int(claim.value)
        measure = "mean" if claim.part == "provinces" else "ministry_mean"
        means = evidence.figures(measure, (before, claim.year))
        if len(means) == 2 and means[before]["value"] >= means[claim.year]["value"]:
            return [("higher_before", {"year": before, "value": means[before]["value"]})]
    return []


ANY = "*"
WITHOUT_VALUE = ("largest_gain", "smallest_gain")
OF_RANKED = ("score", "rank", "rank_change")
FINDERS: dict[tuple[str, str], Callable[[Evidence], Finding]] = {
    ("factor", ANY): bounds.factor,
    ("share", ANY): bounds.unpublished("share"),
    **{(same.measure, same.part): bounds.types for same in TYPES},
    **{(same.measure, same.part): bounds.fields for same in FIELDS},
    ("count", "low_scoring_criteria"): bounds.unpublished("criteria"),
    ("mean", ""): drawn.mean,
    ("ministry_mean", ""): drawn.mean,
    ("count", "above_mean"): drawn.count,
    ("count", "above_80"): drawn.count,
    ("count", "below_70"): drawn.count,
    ("count", "ministries_below_80"): drawn.count,
    ("count", "ministries_increased"): drawn.increased,
    ("score", ""): drawn.score,
    ("rank", ""): drawn.rank,
    ("rank_change", ""): drawn.rank_change,
}
