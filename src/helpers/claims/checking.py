"""Set every statement beside the other figures: which check it gets, and the table of findings."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial

import numpy as np
import pandas as pd

from helpers import completion, facts
from helpers.claims.bounds import FINDERS, UNPUBLISHED
from helpers.claims.evidence import REPRODUCED, UNCHECKED, Evidence, Finding, Said
from helpers.claims.expressions import decide
from helpers.claims.independence import EQUIVALENT, FIELDS, TYPES, key, rivals_of, without
from helpers.language import N_

WITHOUT_VALUE = ("largest_gain", "smallest_gain")
OF_RANKED = ("score", "rank", "rank_change")
COLUMNS = [
    *("statement", "verdict", "share", "stated", "found", "low", "high", "expression", "numbers"),
    *("how", "missing", "sources", "only_own_source"),
]


def check(
    table: pd.DataFrame,
    claims: pd.DataFrame,
    expressions: Mapping[str, str | Sequence[str]],
    draws: int = 200,
    seed: int = completion.tables.SEED,
    *,
    roster_names: Sequence[str] | None = None,
) -> pd.DataFrame:
    """Set every statement beside what the other published figures say.

    Parameters
    ----------
    table : DataFrame
        The published figures, as `helpers.facts.load` returns them.
    claims : DataFrame
        The statements, as `helpers.facts.claims` returns them.
    expressions : mapping
        From a quantity, with its part ("count below_70") or the place that a score is said to have
        ("score first"), to the expression of other figures or of completed tables that gives it,
        or to several, of which the first to decide counts; see `helpers.claims.expressions`.
    draws : int
        Completed tables per statement that needs them.
    seed : int
        The same seed gives the same verdicts and shares.
    roster_names : sequence of str, optional
        The ranked units, as `helpers.completion.complete` takes them.

    Returns
    -------
    DataFrame indexed by claim, a row per statement
        ``statement``; ``verdict`` (one of `VERDICTS`); ``share`` of the completed tables in which
        it holds (NaN where none were drawn); ``stated``; ``found``, what the figures give (the
        median over draws); ``low``, ``high``, the 90% range over draws or the bounds;
        ``expression``, what was worked out, and ``numbers``, the same with its published figures
        in their place ("" where nothing was); ``how`` and ``missing``, texts and what their fields
        stand for, for `helpers.report.statements`; ``sources`` of the other figures used (ids);
        ``only_own_source``, those of them that nobody but the statement's own source prints.
        Units: points of 100 for PAR, per cent for SIPAS, places for ranks.

    Raises
    ------
    KeyError
        If ``claims`` lacks a column.
    ExpressionError
        If an expression cannot be worked out as it is written.
    """
    names = None if roster_names is None else tuple(roster_names)
    rows = {
        claim.Index: _row(
            Evidence(claim, without(table, claim), table, claims, draws, seed, names), expressions
        )
        for claim in claims.itertuples()
    }
    return pd.DataFrame.from_dict(rows, orient="index", columns=COLUMNS).rename_axis("claim")


def _row(evidence: Evidence, expressions: Mapping) -> dict:
    claim, finding = evidence.claim, _find(evidence, expressions)
    own = evidence._replace(table=evidence.published)
    notes = *_rivals(evidence, expressions), *_notes(own, finding)
    used = evidence.table.iloc[:0] if finding.used is None else finding.used
    alone = used[used["sources"] == claim.source]
    return finding._asdict() | {
        "statement": claim.statement,
        "stated": claim.value,
        "how": (*finding.how, *notes),
        "sources": facts.join_sources(*used["sources"]),
        "only_own_source": "; ".join(_named(row) for row in alone.itertuples()),
    }


def _named(row) -> str:
    words = [row.unit, row.measure, row.part, str(row.year), f"{row.value:g}"]
    return " ".join(word for word in words if word)


def _find(evidence: Evidence, expressions: Mapping) -> Finding:
    claim, names = evidence.claim, (key(evidence.claim), evidence.claim.quantity)
    given = expressions.get(key(claim), ())
    ways: list[Callable] = [
        partial(decide, one) for one in ([given] if isinstance(given, str) else given)
    ]
    ways += [FINDERS[name] for name in names if name in FINDERS]
    text = N_("a way to check this kind of figure")
    text = next((UNPUBLISHED[name] for name in names if name in UNPUBLISHED), text)
    terms = {"unit": claim.unit, "before": claim.year - 1, "year": claim.year}
    finding = Finding(UNCHECKED, missing=(text, terms))
    if ways and pd.isna(claim.value) and claim.quantity not in WITHOUT_VALUE:
        return Finding(UNCHECKED, missing=(N_("the stated figure"), {}))
    try:
        if ways and claim.quantity in OF_RANKED and claim.unit not in evidence.units():
            return Finding(
                UNCHECKED, missing=(N_("a result of {unit}, which is not ranked"), terms)
            )
        for way in ways:
            finding = way(evidence) or finding
            if finding.verdict != UNCHECKED:
                break
        return finding
    except completion.InconsistentFacts as error:
        terms = {"year": error.year, "conflict": [fact.text for fact in error.facts]}
        missing = N_("figures of {year} that fit together"), terms
    except completion.NotEnoughKnown:
        missing = N_("enough figures of {year} to complete a table"), {"year": claim.year}
    return Finding(UNCHECKED, missing=missing)


def _rivals(evidence: Evidence, expressions: Mapping) -> list[Said]:
    """Tell what comes out with the figures that were rejected only for the statement's sake."""
    rivals = rivals_of(evidence.published, evidence.claim)
    if rivals.empty:
        return []
    table = evidence.published.copy()
    table.loc[rivals.index, "status"] = "accepted"
    table = without(table, evidence.claim)
    again = _find(evidence._replace(table=table), expressions)
    if pd.isna(again.low):
        # An imported table has the same figures otherwise, so that the rivals have no place in it.
        return []
    pairs = zip(rivals["measure"], rivals["value"], strict=True)
    values = [int(value) if measure == "rank" else float(value) for measure, value in pairs]
    text = N_(
        "with the derived figures of {unit} ({values}), rejected only because they contradict this "
        "statement, the tables give {low} to {high}"
    )
    if again.low == again.high:
        text = N_(
            "with the derived figures of {unit} ({values}), rejected only because they contradict "
            "this statement, the tables give {low}"
        )
    terms = {"unit": rivals["unit"].iloc[0], "values": values}
    return [(text, terms | {"low": again.low, "high": again.high})]


def _notes(evidence: Evidence, finding: Finding) -> list[Said]:
    """What is told beside a check, and is none: the same in other words, or a limit to it."""
    claim = evidence.claim

    def figure(unit: str, year: int, measure: str, part: str = "") -> float:
        row = facts.figure(evidence.table, unit, claim.index, year, measure, part)
        return np.nan if row is None else row["value"]

    if (claim.quantity, claim.part) == ("count", "above_80"):
        groups = [figure(facts.NATION, claim.year, "count", f"group_{one}") for one in "AB"]
        if not np.isnan(groups).any():
            text = N_("the same figure in other words: groups A and B, {terms} = {found}")
            added = " + ".join(f"{group:.0f}" for group in groups)
            return [(text, {"terms": added, "found": int(sum(groups))})]
    same = EQUIVALENT.get((claim.quantity, claim.part))
    if same in (TYPES, FIELDS):
        parts, total = [one.part for one in same], 7 if same == FIELDS else len(evidence.units())
        told = evidence.claims.query("quantity == 'count' and part in @parts")["value"]
        terms = {"terms": " + ".join(f"{value:.0f}" for value in told), "total": total}
        text = N_("they add up: {terms} = {total}")
        return [(text, terms)] if len(told) == len(parts) and told.sum() == total else []
    if claim.quantity == "smallest_gain":
        fallen = figure(facts.NATION, claim.year, "count", "decreased")
        if fallen > 0:
            return [(N_("only those that rose count: {fallen} fell"), {"fallen": int(fallen)})]
    if claim.quantity == "highest_in_years" and finding.verdict == REPRODUCED:
        before = claim.year - int(claim.value)
        measure = "mean" if claim.part == "provinces" else "ministry_mean"
        higher, mean = (figure(claim.unit, year, measure) for year in (before, claim.year))
        if higher >= mean:
            return [(N_("{year} was higher: {value}"), {"year": before, "value": higher})]
    return []
