"""Hold the figures of a table against each other, and against those that are published."""

from collections import defaultdict
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise

import pandas as pd

from helpers import facts, units
from helpers.importing import names
from helpers.importing.headers import figure_name, words
from helpers.importing.numbers import decimals, plain
from helpers.importing.shapes import MOST_SATISFACTION_POINTS, Table

# The ways in which the ministry's tables split the total.
SPLITS = (facts.BLOCKS, ("appraisal", "survey"), facts.FIELDS)
PER_CENT = ("score", "percent", "factor")
# Fewer figures in common say little of a whole table.
LEAST_COMPARED = 5
HUNDREDTH = Decimal("0.01")
DIFFERENCES = ["unit", "figure", "published", "kind", "sources", "yours", "difference"]


@dataclass
class Judgement:
    """What holds a table back (``problems``), what to know about it (``notes``), and where it
    differs from what is published (``differences``, with the columns of `DIFFERENCES`)."""

    problems: list[str]
    notes: list[str]
    differences: pd.DataFrame


def judge(table: Table, published: pd.DataFrame, index: str, year: int) -> Judgement:
    """Judge a table before it is taken.

    Parameters
    ----------
    table : Table
        As `layout.find` gives it.
    published : DataFrame
        As `facts.load` gives it, without earlier imports of this table.
    index : {"PAR", "SIPAS"}
    year : int

    Returns
    -------
    Judgement
        A table with problems is not to be taken. Sums and means may differ by what rounding of
        each of their figures can do, and by no more.
    """
    figures = table.figures
    problems = [*_ranges(figures, year), *_above_maximum(figures, year), *_parts(figures)]
    known = published[(published["index"] == index) & (published["year"] == year)]
    known = known[known["status"] == "accepted"]
    notes = [*_missing(table, year), *_far_off(figures)]
    for better, by in _ranked(figures):
        problems += _orders(better, by)
        found, told = _rank_set(better, by, year)
        problems += found
        notes += told
    means = _means(figures, table.summaries, known, index, year)
    problems += means[0]
    notes += means[1]
    differences = _differences(figures, known)
    problems += _of_other_year(figures, published, index, year, len(differences))
    return Judgement(problems, notes, differences)


def _of(figures: pd.DataFrame, measure: str, part: str = "") -> pd.DataFrame:
    return figures[(figures["measure"] == measure) & (figures["part"] == part)]


# --- each figure by itself, and the units --------------------------------------------------


def _missing(table: Table, year: int) -> list[str]:
    """Say which units have no row, and which have no score or rank."""
    everyone = list(units.provinces(year)["name"])
    notes = []
    absent = [unit for unit in everyone if unit not in table.units]
    if absent:
        notes.append(f"{len(absent)} of {len(everyone)} have no row: {_listed(absent)}.")
    for column in table.columns:
        meaning = column.meaning
        if meaning.role == "figure":
            have = set(_of(table.figures, meaning.measure, meaning.part)["unit"])
            blank = [unit for unit in table.units if unit not in have]
            if blank:
                notes.append(
                    f"{meaning}: no figure for {len(blank)} of {len(table.units)} rows: "
                    f"{_listed(blank)}."
                )
    return notes


def _listed(texts: list[str], shown: int = 8) -> str:
    more = len(texts) - shown
    return ", ".join(texts[:shown]) + (f" and {more} more" if more > 0 else "")


def _ranges(figures: pd.DataFrame, year: int) -> list[str]:
    count, problems = units.count(year), []
    for row in figures.itertuples():
        told = f"{row.place} ({row.unit}, {figure_name(row.measure, row.part)}): {plain(row.value)}"
        if row.measure in ("rank", "part_rank"):
            if not 1 <= row.value <= count:
                problems.append(f"{told} is no rank from 1 to {count}")
        elif not 0 <= row.value <= 100:
            problems.append(f"{told} is not between 0 and 100")
        elif row.measure in PER_CENT and 0 < row.value <= 1:
            problems.append(f"{told} may be a fraction of 1; write per cent and points as 84.33")
        elif row.measure == "score" and row.value == 0:
            problems.append(f"{told} is no score; leave the cell empty where there is none")
    for part, rows in figures[figures["measure"] == "points"].groupby("part", sort=False):
        # No part of any scheme was worth so little that nobody had more than a point.
        if len(rows) > 1 and 0 < rows["value"].max() <= 1:
            problems.append(
                f"{part}: no figure is above 1 ({rows['place'].iloc[0]} and {len(rows) - 1} more); "
                "they may be fractions. Write points and per cent as 9.76"
            )
    return problems


def _above_maximum(figures: pd.DataFrame, year: int) -> list[str]:
    """Points above the most that the part can bring, as far as that year's scheme was seen."""
    most = {"satisfaction": MOST_SATISFACTION_POINTS}
    most |= facts.maximum_points(facts.schemes(), year).to_dict()
    points = figures[figures["measure"] == "points"]
    return [
        f"{row.place} ({row.unit}, {row.part}): {plain(row.value)} is more than the "
        f"{most[row.part]:g} points that this part can bring"
        for row in points.itertuples()
        if row.part in most and row.value > Decimal(str(most[row.part]))
    ]


def _far_off(figures: pd.DataFrame) -> list[str]:
    """Figures far from the others of their column: mostly true, sometimes a slip of the column.

    Far is more than six standard deviations from the median, these estimated by 1.4826 times the
    median absolute deviation (Hampel 1974).
    """
    notes = []
    for (measure, part), rows in figures.groupby(["measure", "part"], sort=False):
        values = rows["value"].astype(float)
        median = values.median()
        width = 6 * 1.4826 * (values - median).abs().median()
        far = rows[(values - median).abs() > max(width, 0.5)]
        if measure not in ("rank", "part_rank") and len(rows) > 5:
            notes += [
                f"{row.unit}, {figure_name(measure, part)}: {plain(row.value)} ({row.place}) is "
                f"far from the others, whose median is {median:g}; is it in the right column?"
                for row in far.itertuples()
            ]
    return notes


# --- ranks ---------------------------------------------------------------------------------


def _ranked(figures: pd.DataFrame) -> list[tuple[pd.DataFrame, pd.DataFrame]]:
    """Ranks, each with the figures that they rank."""
    pairs = [(_of(figures, "rank"), _of(figures, "score"))]
    for part in figures.loc[figures["measure"] == "part_rank", "part"].unique():
        points = _of(figures, "points", part)
        by = points if len(points) else _of(figures, "percent", part)
        pairs.append((_of(figures, "part_rank", part), by))
    return pairs


def _orders(ranks: pd.DataFrame, by: pd.DataFrame) -> list[str]:
    """A better rank has at least as much, and one rank has one value."""
    both = ranks.merge(by[["unit", "value", "place"]], on="unit", suffixes=("", "_by"))
    both = both.sort_values(["value", "value_by"], ascending=[True, False], kind="stable")
    problems = []
    for first, second in pairwise(both.itertuples()):
        same = first.value == second.value
        if second.value_by > first.value_by or (same and second.value_by != first.value_by):
            problems.append(
                f"{first.unit} has {plain(first.value_by)} at rank {plain(first.value)} "
                f"({first.place}), {second.unit} {plain(second.value_by)} at rank "
                f"{plain(second.value)} ({second.place})"
            )
    return problems


def _rank_set(ranks: pd.DataFrame, by: pd.DataFrame, year: int) -> tuple[list[str], list[str]]:
    """Ranks that no count of units gives are problems; ties that no score confirms are noted."""
    holders = defaultdict(list)
    for row in ranks.itertuples():
        holders[int(row.value)].append(row)
    name = figure_name(*ranks[["measure", "part"]].iloc[0]) if len(ranks) else ""
    notes = [
        f"{name} {rank} is shared by {_listed([row.unit for row in rows])}, and no score tells "
        "whether that is a tie."
        for rank, rows in sorted(holders.items())
        if len(rows) > 1 and not set(by["unit"]) >= {row.unit for row in rows}
    ]
    if len(ranks) < units.count(year) or not holders:
        return [], notes
    counted, dense = 1, 1
    problems = []
    for rank, rows in sorted(holders.items()):
        if rank not in (counted, dense):
            problems.append(
                f"{name} {rank} ({rows[0].unit}, {rows[0].place}) follows {counted - 1} units; "
                f"it would be {counted}"
            )
            break
        counted, dense = counted + len(rows), dense + 1
    return problems, notes


# --- sums and means ------------------------------------------------------------------------


def _half(values) -> Decimal:
    """Half a unit of the last decimal, at most half a hundredth."""
    return Decimal(5).scaleb(-1 - max(2, *map(decimals, values)))


def _parts(figures: pd.DataFrame) -> list[str]:
    """Parts against the total, and no part above it."""
    scores = _of(figures, "score").set_index("unit")
    points = figures[figures["measure"] == "points"]
    problems = []
    for unit, rows in points.groupby("unit", sort=False):
        if unit not in scores.index:
            continue
        total, place = scores.at[unit, "value"], scores.at[unit, "place"]
        parts = dict(zip(rows["part"], rows["value"], strict=True))
        for split in SPLITS:
            found = {part: parts[part] for part in split if part in parts}
            if not found:
                continue
            summed = sum(found.values())
            slack = sum(_half([value]) for value in (*found.values(), total))
            complete = len(found) == len(split)
            if summed > total + slack or (complete and summed < total - slack):
                written = " + ".join(map(plain, found.values()))
                problems.append(
                    f"{unit}: {written} = {plain(summed)}, and the total is {plain(total)} "
                    f"({place})"
                )
    return problems


def _means(
    figures: pd.DataFrame,
    summaries: pd.DataFrame,
    known: pd.DataFrame,
    index: str,
    year: int,
) -> tuple[list[str], list[str]]:
    """Means of complete columns against the file's own row of means and the published mean."""
    count, problems, notes = units.count(year), [], []
    for (measure, part), rows in figures.groupby(["measure", "part"], sort=False):
        if measure in ("rank", "part_rank"):
            continue
        mean, slack = rows["value"].sum() / len(rows), _half(rows["value"])
        name = figure_name(measure, part)
        for row in _of(summaries, measure, part).itertuples():
            if names.is_mean(words(row.text)) and len(rows) == count:
                told = _against(mean, slack, row.value, f'the row "{row.text}" ({row.place})')
                # The SIPAS of the whole country is no mean of the provinces.
                (notes if index == "SIPAS" else problems).extend(f"{name}: {t}" for t in told)
        if measure == "score" and len(rows) == count:
            problems += _against_published(mean, slack, known)
    if len(_of(figures, "score")) < count:
        notes.append("The mean was not checked: it needs the scores of all units.")
    return problems, notes


def _against(mean: Decimal, slack: Decimal, other: Decimal, whose: str) -> list[str]:
    if abs(mean - other) <= slack + _half([other]):
        return []
    return [
        f"the mean is {plain(mean.quantize(Decimal('0.0001')))}, and {whose} has {plain(other)}"
    ]


def _against_published(mean: Decimal, slack: Decimal, known: pd.DataFrame) -> list[str]:
    rows = known[(known["unit_type"] == "national") & (known["measure"] == "mean")]
    told = []
    for row in rows.itertuples():
        value = Decimal(f"{row.value:.10g}")
        told += _against(mean, slack, value, f"the published national mean ({row.sources})")
    return told


# --- against what is published -------------------------------------------------------------


def _differences(figures: pd.DataFrame, known: pd.DataFrame) -> pd.DataFrame:
    """Figures that differ from the accepted ones by more than rounding, with `DIFFERENCES`."""
    keys = ["unit", "measure", "part"]
    provinces = known[known["unit_type"] == "province"]
    both = figures.merge(provinces, on=keys, suffixes=("", "_published"))
    rows = []
    for row in both.itertuples():
        published = Decimal(f"{row.value_published:.10g}")
        kind = facts.kind(row.derivation)
        if abs(row.value - published) > _allowed(row.measure, row.value, published, kind):
            rows.append(_difference(row, published, kind))
    rows += _broken_bounds(figures, provinces)
    return pd.DataFrame(rows, columns=DIFFERENCES)


def _of_other_year(
    figures: pd.DataFrame, published: pd.DataFrame, index: str, year: int, differences: int
) -> list[str]:
    """Refuse figures most of which are not those of their year, and say of which year they are.

    Of a year of which little is published, scores are refused that are those of another year;
    ranks do not tell there, since a province often keeps its rank.
    """
    accepted = published[
        (published["status"] == "accepted") & (published["unit_type"] == "province")
    ]
    compared, _ = _agreement(figures, accepted, index, year)
    unknown = compared < LEAST_COMPARED
    if not unknown and differences <= compared / 2:
        return []
    told = f"{differences} figures differ from the {compared} that are published for {index} {year}"
    if unknown:
        told = f"too few figures are published for {index} {year} to compare these with"
        figures = _of(figures, "score")
    for (other, when), _rows in accepted.groupby(["index", "year"]):
        compared, same = _agreement(figures, accepted, other, when)
        if compared >= LEAST_COMPARED and same > compared / 2:
            return [f"{told}; {same} of {compared} are those of {other} {when}"]
    return [] if unknown else [f"{told}; are index and year right?"]


def _agreement(
    figures: pd.DataFrame, accepted: pd.DataFrame, index: str, year: int
) -> tuple[int, int]:
    """Count the figures that an index and year has too, and those that it has the same."""
    rows = accepted[(accepted["index"] == index) & (accepted["year"] == year)]
    both = figures.merge(rows, on=["unit", "measure", "part"], suffixes=("", "_published"))
    return len(both), int((both["value"].astype(float) == both["value_published"]).sum())


def _allowed(measure: str, yours: Decimal, published: Decimal, kind: str) -> Decimal:
    """Half a unit of the coarser figure's last decimal; a hundredth more where it was derived."""
    if measure in ("rank", "part_rank"):
        return Decimal(0)
    coarser = min(decimals(yours), decimals(published))
    slack = Decimal(5).scaleb(-1 - max(2, coarser))
    exact = decimals(yours) <= 2 and decimals(published) <= 2
    return (Decimal(0) if exact else slack) + (HUNDREDTH if kind == "derived" else 0)


def _difference(row, published: Decimal, kind: str, figure: str = "") -> dict:
    return {
        "unit": row.unit,
        "figure": figure or figure_name(row.measure, row.part),
        "published": plain(published),
        "kind": kind,
        "sources": row.sources,
        "yours": plain(row.value),
        "difference": f"{row.value - published:+f}".rstrip("0").rstrip("."),
    }


def _broken_bounds(figures: pd.DataFrame, provinces: pd.DataFrame) -> list[dict]:
    ranks = _of(figures, "rank")
    rows = []
    for measure, sign in (("rank_at_least", 1), ("rank_at_most", -1)):
        bounds = provinces[provinces["measure"] == measure]
        if bounds.empty or ranks.empty:
            continue
        for row in ranks.merge(bounds, on="unit", suffixes=("", "_published")).itertuples():
            bound = Decimal(f"{row.value_published:.10g}")
            if sign * row.value < sign * bound:
                rows.append(_difference(row, bound, facts.kind(row.derivation), measure))
    return rows
