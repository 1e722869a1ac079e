"""What a statement may be checked against: the published figures less all that repeats it."""

from typing import NamedTuple

import pandas as pd

from helpers import facts

# Parts of statements on a score that name the place as well: "Quảng Ninh is first with 91.04".
FIRST, LAST = "first", "last"

# Rows that observations.csv rejects for no other reason than the statement itself. A second look
# with them in place is told next to the verdict.
REJECTED_FOR = {
    (2020, "T4"): (("Sóc Trăng", "rank"), ("Sóc Trăng", "score")),
    (2020, "T5"): (("Sóc Trăng", "score"),),
}


class Same(NamedTuple):
    """Rows that say what a statement says: a measure and part, in years counted from its own."""

    measure: str
    part: str = ""
    years: tuple[int, ...] = (0,)
    unit: str | None = None  # that of the statement where it is left out


_PLACES = (Same("rank_change", years=(0, 1)), Same("rank_at_least"), Same("rank_at_most"))
_SCORE = (Same("change", years=(0, 1)),)
# "First with 95.88" states the place too.
_BOTH = (Same("score"), *_SCORE, Same("rank"), *_PLACES)
TYPES = tuple(
    Same("count", part)
    for part in ("steady_rise_2017_2020", "mixed_2017_2020", "steady_fall_2017_2020")
)
FIELDS = tuple(Same("count", f"ministry_fields_{way}") for way in ("increased", "decreased"))

# By `key`; all rows of the same unit and index. What is not listed has no equivalent.
EQUIVALENT: dict[str, tuple[Same, ...]] = {
    "mean": (Same("change", years=(0, 1)),),
    "ministry_mean": (Same("ministry_change", years=(0, 1)),),
    # With the size of group A, which is another figure, either of B and C gives "above 80".
    "count above_80": tuple(Same("count", part) for part in ("group_B", "group_C", "below_80")),
    "count below_70": tuple(Same("count", part) for part in ("above_70", "group_C", "group_D")),
    "count above_mean": (Same("count", "below_mean"),),
    "count ministries_below_80": (Same("count", "ministries_above_80"),),
    "count ministries_increased": (Same("count", "ministries_decreased"),),
    # The types add up to 63 and the fields to 7, so the others together give each.
    **{f"count {same.part}": TYPES for same in TYPES},
    **{f"count {same.part}": FIELDS for same in FIELDS},
    "score": _SCORE,
    "score first": (*_BOTH, Same("max", unit=facts.NATION)),
    "score last": (*_BOTH, Same("min", unit=facts.NATION)),
    "rank": _PLACES,
}

# Kinds of figures whose derived rows may start from a statement, by its `key` or quantity.
DERIVED_FROM = {
    "mean": ("mean", "change"),
    "change": ("mean", "change"),
    "ministry_mean": ("ministry_mean", "ministry_change"),
    "ministry_change": ("ministry_mean", "ministry_change"),
    "score": ("score", "change"),
    **dict.fromkeys(("score first", "score last"), ("score", "change", "rank", "rank_change")),
    "rank": ("rank", "rank_change"),
    "rank_change": ("rank", "rank_change"),
    "count": ("count",),
}


def key(claim) -> str:
    """Name what a statement gives: its quantity, with its part or the place that it names."""
    return f"{claim.quantity} {claim.part}".strip()


def without(table: pd.DataFrame, claim) -> pd.DataFrame:
    """Published figures less all that states a claim, says it in other words or derives from it.

    Parameters
    ----------
    table : DataFrame
        The published figures.
    claim : namedtuple
        A row of the statements, of ``claims.itertuples()``.

    Returns
    -------
    DataFrame
        The rows of ``table`` that the claim may be checked against.
    """
    gone = pd.Series(False, table.index)
    for same in (Same(claim.quantity, claim.part), *EQUIVALENT.get(key(claim), ())):
        gone |= (
            (table["unit"] == (same.unit or claim.unit))
            & (table["index"] == claim.index)
            & table["year"].isin([claim.year + step for step in same.years])
            & (table["measure"] == same.measure)
            & (table["part"] == same.part)
        )
    kinds = DERIVED_FROM.get(key(claim), DERIVED_FROM.get(claim.quantity, ()))
    gone |= (
        (table["unit"] == claim.unit)
        & (table["index"] == claim.index)
        & table["year"].between(claim.year - 1, claim.year + 1)
        & table["measure"].isin(kinds)
        & (table["derivation"].map(facts.kind) == "derived")
    )
    return table[~gone]


def rivals_of(table: pd.DataFrame, claim) -> pd.DataFrame:
    """Rows of the published figures that are rejected for the claim's sake alone."""
    named = REJECTED_FOR.get((claim.year, claim.Index), ())
    chosen = (table["index"] == claim.index) & (table["year"] == claim.year)
    chosen &= pd.MultiIndex.from_frame(table[["unit", "measure"]]).isin(named)
    return table[chosen & (table["status"] == "rejected")].sort_values("measure")
