"""Words for the official statements beside what the other published figures say.

The statements in data/claims_<year>.csv are told in English there, in short; here every one has a
sentence of its own in both languages.
"""

import re
from collections.abc import Iterable
from html import escape
from pathlib import Path

import pandas as pd

from helpers import claims, units, wording
from helpers.citations import Citations
from helpers.language import N_, _, using

VERDICT = {
    claims.REPRODUCED: N_("reproduced"),
    claims.CONSISTENT: N_("consistent"),
    claims.UNLIKELY: N_("outside the estimated interval"),
    claims.CONTRADICTED: N_("contradicted"),
    claims.UNCHECKED: N_("cannot be checked yet"),
}
ICON = dict(zip(VERDICT, "✓≈?✗–", strict=True))
# By the first letter of the statement's number, whatever the year.
SUBJECT = {
    "S": N_("SIPAS, whole country"),
    "M": N_("Ministries and ministerial agencies"),
    "P": N_("Provinces and cities"),
    "T": "Thanh Hóa",
}
OTHER = N_("Other statements")

# By quantity, with its part, the place of the unit, or the index.
STATEMENT = {
    "factor access": N_("{value}% are satisfied with access to public services"),
    "factor procedures": N_("{value}% are satisfied with administrative procedures"),
    "factor officials": N_("{value}% are satisfied with the officials who served them"),
    "factor results": N_("{value}% are satisfied with the result they received"),
    "share gave_feedback": N_("{value}% gave feedback or made a petition"),
    "count steady_rise_2017_2020": N_("Provinces that rose in every year 2017–2020: {value}"),
    "count mixed_2017_2020": N_("Provinces that rose and fell over 2017–2020: {value}"),
    "count steady_fall_2017_2020": N_("Provinces that fell in every year 2017–2020: {value}"),
    "ministry_mean": N_("The mean of the ministries is {value} points"),
    "ministry_change": N_("The mean of the ministries rose by {value} points on {before}"),
    "highest_in_years ministries": N_("Highest mean of the ministries in {value} years"),
    "highest_in_years provinces": N_("Highest mean of the provinces in {value} years"),
    "count ministries_below_80": N_("Ministries below 80 points: {value}"),
    "count ministries_increased": N_("Ministries that rose on {before}: {value}"),
    "count ministry_fields_increased": N_(
        "Fields in which the mean of the ministries rose: {value}"
    ),
    "count ministry_fields_decreased": N_(
        "Fields in which the mean of the ministries fell: {value}"
    ),
    "years_first_in_a_row": N_("{unit} is first for {value} years in a row"),
    "mean": N_("The mean of the provinces is {value} points"),
    "change": N_("The mean of the provinces rose by {value} points on {before}"),
    "count above_mean": N_("Provinces above the mean: {value}"),
    "count above_80": N_("Provinces above 80 points ({year}): {value}"),
    "count below_70": N_("Provinces below 70 points: {value}"),
    "largest_gain": N_("{unit} gained the most points"),
    "smallest_gain": N_("{unit} gained the fewest points"),
    "score first": N_("{unit} is first with {value} points"),
    "score last": N_("{unit} is last with {value} points"),
    "score PAR": N_("{unit} scores {value} points in the PAR INDEX"),
    "score SIPAS": N_("{unit} scores {value}% in SIPAS"),
    "rank PAR": N_("{unit} ranks {value} in the PAR INDEX"),
    "rank SIPAS": N_("{unit} ranks {value} in SIPAS"),
    "rank_change PAR": N_("{unit} is up {value} places in the PAR INDEX on {before}"),
    "rank_change SIPAS": N_("{unit} is up {value} places in SIPAS on {before}"),
    "count low_scoring_criteria": N_("Component criteria on which {unit} scores low: {value}"),
}
# What is said in place of a count of none.
NONE = {
    "ministries_below_80": N_("No ministry is below 80 points"),
    "below_70": N_("No province is below 70 points"),
}

MANY_SOURCES = 6


def told(checked: pd.DataFrame, statements: pd.DataFrame, cite: Citations) -> pd.DataFrame:
    """Tell the official statements beside what the other published figures say, in words.

    Parameters
    ----------
    checked : DataFrame
        As given by `helpers.claims.check`.
    statements : DataFrame
        As given by `helpers.facts.claims`.
    cite : Citations
        Numbers the sources of the arithmetic, where they are not too many to be of use.

    Returns
    -------
    DataFrame, a row per statement
        Texts in the language in use: ``subject``, ``statement`` (HTML), ``stated``, ``found``,
        ``icon``, ``verdict`` and ``how`` (HTML).
    """
    rows = [_line(claim, checked.loc[claim.Index], cite) for claim in statements.itertuples()]
    return pd.DataFrame(rows)


def write_csv(checked: pd.DataFrame, path: Path) -> Path:
    """Write the findings for a spreadsheet; return the path.

    UTF-8 with a byte order mark: without it Excel reads Vietnamese as the system's code page.
    Decimal points and commas as separators, and English words whatever the language in use, as in
    data/. Numbers have four decimals at most.
    """
    with using("en"):
        how = checked["how"].map(in_words)
        missing = [in_words([part]) if part else "" for part in checked["missing"]]
    path.parent.mkdir(parents=True, exist_ok=True)
    told = checked.round(4).assign(how=how, missing=missing)
    told.to_csv(path, encoding="utf-8-sig", lineterminator="\n")
    return path


def counted(checked: pd.DataFrame) -> str:
    """Say how many statements came out in which way: "Tính lại được: 8; phù hợp: 9"."""
    found = checked["verdict"].value_counts()
    counts = [f"{_(word)}: {found.get(verdict, 0)}" for verdict, word in VERDICT.items()]
    return wording.capital("; ".join(counts))


def statement(claim) -> str:
    """One statement in a sentence; as it stands in the file where there are no words for it."""
    if claim.value == 0 and claim.part in NONE:
        return _(NONE[claim.part])
    text = STATEMENT.get(claims.key(claim)) or STATEMENT.get(f"{claim.quantity} {claim.index}")
    if text is None:
        return claim.statement
    return _(text).format(
        value=wording.with_minus(claim.value, _decimals(claim)),
        unit=units.display_name(claim.unit, claim.unit_type),
        year=claim.year,
        before=claim.year - 1,
    )


def _line(claim, row: pd.Series, cite: Citations) -> dict:
    text, found = statement(claim), row["verdict"]
    told, verdict = escape(text), _(VERDICT[found])
    if text == claim.statement:  # the file's own words are all there is
        told = f'<span lang="en">{told}</span>'
    if found in (claims.CONSISTENT, claims.UNLIKELY):
        share = wording.whole(100 * row["share"])
        verdict = _("{verdict} ({share}% of the tables)").format(verdict=verdict, share=share)
    return {
        "subject": _(SUBJECT.get(str(claim.Index)[:1], OTHER)),
        "statement": told,
        "stated": wording.with_minus(claim.value, _decimals(claim)) + _unit(claim),
        "found": _found(row, _decimals(claim)),
        "icon": ICON[found],
        "verdict": verdict,
        "how": _how(row, cite),
    }


def _how(row: pd.Series, cite: Citations) -> str:
    told, ids = escape(in_words(row["how"])), row["sources"].split()
    sentences = [told] if told else []
    if told and len(ids) > MANY_SOURCES:
        sentences = [_("{told} ({n} sources)").format(told=told, n=len(ids))]
    elif told and ids:
        sentences = [told + cite(row["sources"])]
    if told and row["only_own_source"]:
        count = row["only_own_source"].count("; ") + 1
        own = _("Figures found only in the source of the statement itself: {n}")
        sentences.append(own.format(n=count))
    if row["missing"]:
        text = escape(in_words([row["missing"]]))
        sentences.append(_("Missing: {what}").format(what=f"{text[:1].lower()}{text[1:]}"))
    return f"{'. '.join(sentences)}."


def in_words(said: Iterable[tuple[str, dict]]) -> str:
    """Write texts and what their fields stand for as sentences in the language in use."""
    written = [
        _(text).format(**{name: _term(name, term) for name, term in terms.items()})
        for text, terms in said
    ]
    return ". ".join(text[:1].upper() + text[1:] for text in written)


def _term(name: str, term) -> str:
    """Write a term; a comma may be a decimal one, so that lists are joined by semicolons."""
    if name.endswith("unit"):
        return units.display_name(term, "ministry")
    if name in ("share", "exact"):
        return f"{wording.whole(100 * term)}%"
    if name == "terms":  # an expression in numbers
        signs = term.replace("-", "−")
        return re.sub(r"\d+\.\d+", lambda number: wording.number(float(number[0])), signs)
    if isinstance(term, float):
        return wording.number(term)
    if isinstance(term, dict):
        return "; ".join(f"{key}: {_term(name, value)}" for key, value in term.items())
    if isinstance(term, list):
        return "; ".join(_term(name, value) for value in term)
    return str(term)


def _found(row: pd.Series, decimals: int) -> str:
    found, low, high = (wording.with_minus(row[c], decimals) for c in ("found", "low", "high"))
    known = [found] if pd.notna(row["found"]) else []
    if pd.notna(row["low"]):
        # A dash beside a minus would not be told from it.
        known.append(f"({wording.to(low, high) if row['low'] < 0 else f'{low}–{high}'})")
    return " ".join(known) or wording.MISSING


def _decimals(claim) -> int:
    whole = ("count", "rank", "rank_change", "highest_in_years", "years_first_in_a_row")
    return 0 if claim.quantity in whole else 2


def _unit(claim) -> str:
    per_cent = claim.index == "SIPAS" and claim.quantity in ("factor", "share", "score", "mean")
    return "%" if per_cent else ""
