"""The verdict on a statement from its value in every completed table."""

import numpy as np
import pandas as pd
from pandas.api.types import is_integer_dtype

from helpers import completion, facts
from helpers.claims.evidence import (
    CONSISTENT,
    CONTRADICTED,
    EXACT,
    LAST_DECIMAL,
    REPRODUCED,
    UNCHECKED,
    UNLIKELY,
    Evidence,
    Finding,
    Said,
)
from helpers.claims.independence import FIRST, named_place
from helpers.language import N_
from helpers.validation import OBSERVATIONS

# How far a table may be from the statement and still bear it out: half a point, two places or
# provinces of 63, one ministry of 17. Chosen before looking at any result.
TOLERANCE = {"points": 0.5, "province": 2, "ministry": 1}
MOST = 0.5
# Share of the draws on either side of their central 90%.
TAIL = 0.05
# Line of a statement among the figures, whose own lines start at 2.
STATED_LINE = 0


def judged(
    evidence: Evidence, values: pd.Series, drawn: dict[int, completion.CompletedTables]
) -> Finding:
    """Set a statement beside its value in each completed table.

    Parameters
    ----------
    values : Series by draw
        Whole numbers (counts, ranks, places), or points.
    drawn : dict of int to CompletedTables
        By year: the tables that the values are of. Where only one table fits, the value follows
        from the figures.
    """
    claim, unit = evidence.claim, evidence.claim.unit
    settled, whole = all(one.exact for one in drawn.values()), is_integer_dtype(values)
    place = named_place(claim)
    there = drawn[claim.year].scores[unit] == values if place else pd.Series(True, values.index)
    tolerance = TOLERANCE[evidence.unit_type if whole else "points"]
    number, method = (int, "closest_observation") if whole else (float, "linear")
    found, low, high = map(number, np.quantile(values, [0.5, TAIL, 1 - TAIL], method=method))
    close = np.abs(values - claim.value) <= tolerance + EXACT
    share = float(close.mean())
    text = N_(
        "{draws} completed tables made without this figure; {share} of them are within "
        "{tolerance} of it"
    )
    terms = {"draws": len(values), "share": share, "tolerance": number(tolerance)}
    how: list[Said] = [(text, terms)]
    if whole:
        exact = float((values == claim.value).mean())
        text = N_("exactly {stated}: {exact} of the tables")
        how.append((text, {"stated": int(claim.value), "exact": exact}))
    off, rounding = max(low - claim.value, claim.value - high), 0 if whole else LAST_DECIMAL / 2
    follows = settled and (close & there).all() and abs(found - claim.value) <= rounding + EXACT
    if off > EXACT and not follows:
        text = N_("the stated figure is outside the 90% interval, by {off}")
        how.append((text, {"off": number(off)}))
    conflict = None if settled else _refuted(evidence)
    if follows:
        verdict = REPRODUCED
    elif settled or conflict:
        verdict = CONTRADICTED
        how += [conflict] if conflict else []
    elif off > rounding + EXACT or there.mean() < TAIL:
        verdict = UNLIKELY
        if not values.min() - EXACT <= claim.value <= values.max() + EXACT:
            text = N_("no table comes as far, but the other figures do not rule it out")
            how.append((text, {}))
    else:
        verdict = CONSISTENT if share > MOST else UNCHECKED
    if place:
        text = N_("{unit} is in that place in {share} of the tables")
        how.append((text, {"unit": unit, "share": float(there.mean())}))
    if len(drawn) > 1 and not settled:
        text = N_("the two years are completed apart, which can support a figure but not refute it")
        how.append((text, {}))
    missing = _lacking(evidence) if verdict == UNCHECKED else None
    used = evidence.rows(years=[year - claim.year for year in drawn])
    return Finding(verdict, tuple(how), missing, found, low, high, share, used)


def _refuted(evidence: Evidence) -> Said | None:
    """Say which facts no table fits together with the statement; None if one does.

    Raises InconsistentFacts where the other figures do not even fit without it.
    """
    stated = pd.DataFrame(_stated_rows(evidence))[evidence.table.columns]
    told = pd.concat([evidence.table, stated], ignore_index=True)
    key = evidence.claim.index, evidence.claim.year, evidence.unit_type
    try:
        completion.check(told, *key, roster_names=evidence.names)
    except completion.InconsistentFacts as error:
        completion.check(evidence.table, *key, roster_names=evidence.names)
        others = [fact for fact in error.facts if fact.lines != (STATED_LINE,)]
        places = sorted({place for fact in others for place in fact.places})
        lines = [
            line if file == OBSERVATIONS else f"{line} ({file})"
            for file, line in places
            if line != STATED_LINE
        ]
        text = N_(
            "no table fits both this figure and the figures in lines {lines} (of "
            "data/observations.csv where no other file is named)"
        )
        return text, {"facts": [fact.text for fact in others], "lines": lines}
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


def _lacking(evidence: Evidence) -> Said:
    """Which figures would decide: the rank before, of a change of rank, or else scores."""
    claim, n = evidence.claim, len(evidence.units())
    if claim.quantity == "rank_change":
        text = N_("the rank of {before} from another source, not worked out from this figure")
        return text, {"before": claim.year - 1}
    scores = facts.scores(evidence.table, claim.index, claim.year, evidence.unit_type)["score"]
    text = N_("the scores of {year} of {lacking} of the {n} ranked, not found published")
    return text, {"year": claim.year, "lacking": n - int(scores.notna().sum()), "n": n}
