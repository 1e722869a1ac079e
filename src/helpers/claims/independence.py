"""What a statement may be checked against: the published figures less all that repeats it."""

from typing import NamedTuple

import pandas as pd

from helpers import facts

# Statements on a score that name the place as well: "Quảng Ninh is first with 91.04"; by year and
# number, since each year's announcement numbers its own.
FIRST, LAST = "first", "last"
PLACE = {(2020, "M5"): FIRST, (2020, "M7"): LAST, (2020, "P10"): FIRST, (2020, "P11"): LAST}

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


_PLACES = (Same("rank_change", years=(0, 1)), Same("rank_at_least"), Same("rank_at_most"))
TYPES = tuple(
    Same("count", part)
    for part in ("steady_rise_2017_2020", "mixed_2017_2020", "steady_fall_2017_2020")
)
FIELDS = tuple(Same("count", f"ministry_fields_{way}") for way in ("increased", "decreased"))

# By quantity and part; all rows of the same unit and index. What is not listed has no equivalent.
EQUIVALENT: dict[tuple[str, str], tuple[Same, ...]] = {
    ("mean", ""): (Same("change", years=(0, 1)),),
    ("ministry_mean", ""): (Same("ministry_change", years=(0, 1)),),
    # With the size of group A, which is another figure, either of B and C gives "above 80".
    ("count", "above_80"): (
        Same("count", "group_B"),
        Same("count", "group_C"),
        Same("count", "below_80"),
    ),
    ("count", "below_70"): (
        Same("count", "above_70"),
        Same("count", "group_C"),
        Same("count", "group_D"),
    ),
    ("count", "above_mean"): (Same("count", "below_mean"),),
    ("count", "ministries_below_80"): (Same("count", "ministries_above_80"),),
    ("count", "ministries_increased"): (Same("count", "ministries_decreased"),),
    # The types add up to 63 and the fields to 7, so the others together give each.
    **{(same.measure, same.part): TYPES for same in TYPES},
    **{(same.measure, same.part): FIELDS for same in FIELDS},
    ("score", ""): (Same("change", years=(0, 1)),),
    ("rank", ""): _PLACES,
}
# "First with 95.88" states the place too.
EQUIVALENT_TO_PLACE = (Same("rank"), *_PLACES)
EXTREME = {FIRST: "max", LAST: "min"}

# Kinds of figures whose derived rows may start from a statement on such a quantity.
DERIVED_FROM = {
    "mean": ("mean", "change"),
    "change": ("mean", "change"),
    "ministry_mean": ("ministry_mean", "ministry_change"),
    "ministry_change": ("ministry_mean", "ministry_change"),
    "score": ("score", "change"),
    "rank": ("rank", "rank_change"),
    "rank_change": ("rank", "rank_change"),
    "count": ("count",),
}


def named_place(claim) -> str | None:
    """Say which place a statement on a score names: `FIRST`, `LAST` or none."""
    return PLACE.get((claim.year, claim.Index))


def key(claim) -> str:
    """Name what a statement gives: its quantity, with its part or the place that it names."""
    return f"{claim.quantity} {named_place(claim) or claim.part}".strip()


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
    same = [Same(claim.quantity, claim.part), *EQUIVALENT.get((claim.quantity, claim.part), ())]
    kinds = {*DERIVED_FROM.get(claim.quantity, ())}
    gone = pd.Series(False, table.index)
    if place := named_place(claim):
        same += EQUIVALENT_TO_PLACE
        kinds |= {*DERIVED_FROM["rank"]}
        gone |= _rows(table, claim._replace(unit=facts.NATION), Same(EXTREME[place]))
    for rows in same:
        gone |= _rows(table, claim, rows)
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


def _rows(table: pd.DataFrame, claim, same: Same) -> pd.Series:
    return (
        (table["unit"] == claim.unit)
        & (table["index"] == claim.index)
        & table["year"].isin([claim.year + step for step in same.years])
        & (table["measure"] == same.measure)
        & (table["part"] == same.part)
    )
