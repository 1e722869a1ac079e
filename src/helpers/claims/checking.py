"""Set every statement beside the other figures: which check it gets, and the table of findings."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

import pandas as pd

from helpers import completion, facts
from helpers.claims import arithmetic, drawn
from helpers.claims.evidence import UNCHECKED, Evidence, Finding
from helpers.claims.independence import FIELDS, TYPES, own_rows, with_rivals, without
from helpers.claims.words import HOW, MISSING, tell
from helpers.completion.gather import roster as ranked_units

PUBLISHED_ONLY = partial(completion.complete, link=False)


def check(
    table: pd.DataFrame,
    claims: pd.DataFrame,
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
        median over draws); ``low``, ``high``, the 90% range over draws or the bounds; ``how``, the
        arithmetic in a line; ``missing``; ``sources`` of the other figures used (ids);
        ``only_own_source``, those of them that nobody but the statement's own source prints;
        ``also_printed_by``, other sources of the very figure (no check, but good to know);
        ``how_terms`` and ``missing_terms``, the texts as keys of `HOW` and `MISSING` with terms.
        Units: points of 100 for PAR, per cent for SIPAS, places for ranks.

    Raises
    ------
    KeyError
        If ``claims`` lacks a column.
    """
    evidence = Evidence(
        table,
        None,
        claims,
        lambda *key: complete(*key, draws=draws, seed=seed),
        fit,
        roster,
    )
    rows = {claim.Index: _row(evidence, claim) for claim in claims.itertuples()}
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("claim")


def write_csv(checked: pd.DataFrame, path: Path) -> Path:
    """Write the result of `check` for a spreadsheet; return the path.

    UTF-8 with a byte order mark: without it Excel reads Vietnamese as the system's code page.
    Decimal points and commas as separators, and English words whatever the language in use, as in
    data/. Numbers have four decimals at most.
    """
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    columns = [column for column in checked if not column.endswith("_terms")]
    checked[columns].round(4).to_csv(path, encoding="utf-8-sig", lineterminator="\n")
    return path


def _row(evidence: Evidence, claim) -> dict:
    table = evidence.table
    left = evidence._replace(table=without(table, claim), rivals=with_rivals(table, claim))
    finding = _find(left, claim)
    how = (*finding.how, *_other_words(table, claim))
    own = own_rows(table, claim) & (table["status"] == "accepted")
    printed = facts.join_sources(*table.loc[own, "sources"]).split()
    used = left.table.iloc[:0] if finding.used is None else finding.used
    alone = used[used["sources"] == claim.source]
    return {
        "statement": claim.statement,
        "verdict": finding.verdict,
        "share": finding.share,
        "stated": claim.value,
        "found": finding.found,
        "low": finding.low,
        "high": finding.high,
        "how": tell(how, HOW),
        "missing": tell([finding.missing], MISSING) if finding.missing else "",
        "sources": facts.join_sources(*used["sources"]),
        "only_own_source": "; ".join(_named(row) for row in alone.itertuples()),
        "also_printed_by": " ".join(source for source in printed if source != claim.source),
        "how_terms": how,
        "missing_terms": finding.missing,
    }


def _named(row) -> str:
    words = [row.unit, row.measure, row.part, str(row.year), f"{row.value:g}"]
    return " ".join(word for word in words if word)


def _find(evidence: Evidence, claim) -> Finding:
    finder = FINDERS.get((claim.quantity, claim.part)) or FINDERS.get((claim.quantity, ANY))
    if finder is None:
        terms = {"quantity": claim.quantity, "part": claim.part}
        return Finding(UNCHECKED, missing=("unknown", terms))
    if pd.isna(claim.value) and claim.quantity not in WITHOUT_VALUE:
        return Finding(UNCHECKED, missing=("value", {}))
    try:
        if claim.quantity in OF_RANKED and claim.unit not in evidence.roster(
            evidence.table, claim.index, claim.year, claim.unit_type
        ):
            return Finding(UNCHECKED, missing=("unranked", {"unit": claim.unit}))
        return finder(evidence, claim)
    except completion.InconsistentFacts as error:
        conflict = [fact.text for fact in error.facts]
        terms = {"year": error.year, "conflict": conflict}
        return Finding(UNCHECKED, missing=("conflict", terms))
    except completion.NotEnoughKnown:
        return Finding(UNCHECKED, missing=("nothing", {"year": claim.year}))


def _other_words(table: pd.DataFrame, claim) -> tuple:
    """Groups A and B, which together are those above 80: the same figure, so no check of it."""
    if (claim.quantity, claim.part) != ("count", "above_80"):
        return ()
    groups = [
        facts.figure(table, claim.unit, claim.index, claim.year, "count", f"group_{group}")
        for group in "AB"
    ]
    if any(group is None for group in groups):
        return ()
    terms = tuple(int(group["value"]) for group in groups)
    return (("other_words", {"terms": terms, "found": sum(terms)}),)


ANY = "*"
WITHOUT_VALUE = ("largest_gain", "smallest_gain")
OF_RANKED = ("score", "rank", "rank_change")
FINDERS: dict[tuple[str, str], Callable[[Evidence, object], Finding]] = {
    ("factor", ANY): arithmetic.factor,
    ("share", ANY): arithmetic.unpublished("share"),
    **{(same.measure, same.part): arithmetic.types for same in TYPES},
    **{(same.measure, same.part): arithmetic.fields for same in FIELDS},
    ("count", "low_scoring_criteria"): arithmetic.unpublished("criteria"),
    ("mean", ""): drawn.mean,
    ("ministry_mean", ""): drawn.mean,
    ("change", ""): arithmetic.difference,
    ("ministry_change", ""): arithmetic.difference,
    ("highest_in_years", "ministries"): arithmetic.highest,
    ("highest_in_years", "provinces"): arithmetic.highest,
    ("years_first_in_a_row", ""): arithmetic.streak,
    ("count", "above_mean"): drawn.count,
    ("count", "above_80"): drawn.count,
    ("count", "below_70"): drawn.none_below,
    ("count", "ministries_below_80"): drawn.none_below,
    ("count", "ministries_increased"): drawn.increased,
    ("largest_gain", ""): arithmetic.gain,
    ("smallest_gain", ""): arithmetic.gain,
    ("score", ""): drawn.score,
    ("rank", ""): drawn.rank,
    ("rank_change", ""): drawn.rank_change,
}
