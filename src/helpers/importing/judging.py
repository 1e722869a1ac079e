"""Hold the figures of a table against each other, and say all that is to be said of it."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

import pandas as pd

from helpers import facts, units, validation
from helpers.importing import published
from helpers.importing.numbers import half, plain
from helpers.importing.published import against, of
from helpers.importing.shapes import MOST_SATISFACTION_POINTS, Table, figure_name, listed, measured

# The ways in which the ministry's tables split the total.
SPLITS = (facts.BLOCKS, ("appraisal", "survey"), facts.FIELDS)
PER_CENT = ("score", "percent", "factor")


@dataclass
class Judgement:
    """What holds a table back (``problems``), what to know about it (``notes``), and where it
    differs from what is published (``differences``, with the columns of `DIFFERENCES`)."""

    problems: list[str]
    notes: list[str]
    differences: pd.DataFrame


def judge(
    table: Table, known: pd.DataFrame, index: str, year: int, new_scoring: bool = False
) -> Judgement:
    """Judge a table before it is taken.

    Parameters
    ----------
    table : Table
        As `tables.find` gives it.
    known : DataFrame
        As `facts.load` gives it, without earlier imports of this table.
    index : {"PAR", "SIPAS"}
    year : int
    new_scoring : bool
        Whether the user says that the ministry scores otherwise than in the years before, so that
        a poor fit to these is told and no problem.

    Returns
    -------
    Judgement
        A table with problems is not to be taken. Sums and means may differ by what rounding of
        each of their figures can do, and by no more.
    """
    figures = table.figures
    problems = [*_ranges(figures, year), *_above_maximum(figures, year), *_parts(figures)]
    notes = [*_missing(table, year), *_far_off(figures)]
    for ranks, by in _ranked(figures):
        found, told = _ranks(ranks, by)
        problems += [*found, *_counting(ranks, year)]
        notes += told
    found, told = _summaries(figures, table.summaries, index, year)
    problems += found + published.against_mean(figures, known, index, year)
    notes += told
    differences = published.differences(figures, known, index, year)
    other = published.of_other_year(figures, known, index, year, len(differences))
    far = [] if other else published.far_from_before(figures, known, index, year)
    problems += other
    (notes if new_scoring else problems).extend(far)
    return Judgement(problems, notes, differences)


# --- each figure by itself, and the units --------------------------------------------------


def _missing(table: Table, year: int) -> list[str]:
    """Say which units have no row, and which have no score or rank."""
    everyone, rows = list(units.provinces(year)["name"]), len(table.units)
    notes, empty = [], []
    if absent := [unit for unit in everyone if unit not in table.units]:
        notes.append(f"{len(absent)} of {len(everyone)} have no row: {listed(absent)}.")
    for meaning in (column.meaning for column in measured(table.columns)):
        # A shared rank is there as two bounds.
        is_it = table.figures["measure"].str.startswith(meaning.measure)
        have = set(table.figures.loc[is_it & table.figures["part"].eq(meaning.part), "unit"])
        blank = [unit for unit in table.units if unit not in have]
        if not have:
            empty.append(str(meaning))
        elif blank:
            notes.append(f"{meaning}: no figure for {len(blank)} of {rows} rows: {listed(blank)}.")
    if empty:
        notes.append(f"No row has a figure for: {', '.join(empty)}.")
    return notes


def _ranges(figures: pd.DataFrame, year: int) -> list[str]:
    count, problems = units.count(year), []
    for row in figures.itertuples():
        told = f"{row.place} ({row.unit}, {figure_name(row.measure, row.part)}):"
        if row.measure == "score" and row.value == 0:
            problems.append(f"{told} 0 is no score; leave the cell empty where there is none")
        elif wrong := validation.misfit(row.measure, plain(row.value), count):
            problems.append(f"{told} {wrong}")
    for (measure, part), rows in figures.groupby(["measure", "part"], sort=False):
        small = rows[(rows["value"] > 0) & (rows["value"] <= 1)]
        # No part of any scheme was worth so little that nobody had more than a point.
        all_small = len(rows) > 1 and measure == "points" and rows["value"].max() <= 1
        if len(small) and (all_small or measure in PER_CENT):
            first, more = small.iloc[0], len(small) - 1
            problems.append(
                f"{figure_name(measure, part)}: {plain(first['value'])} ({first['place']}"
                f"{f' and {more} more' if more else ''}) may be a fraction of 1; write points and "
                "per cent as 84.33"
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
        if measure not in validation.RANK_MEASURES and len(rows) > 5:
            notes += [
                f"{row.unit}, {figure_name(measure, part)}: {plain(row.value)} ({row.place}) is "
                f"far from the others, whose median is {median:g}; is it in the right column?"
                for row in far.itertuples()
            ]
    return notes


# --- ranks ---------------------------------------------------------------------------------


def _ranked(figures: pd.DataFrame) -> Iterator[tuple[pd.DataFrame, pd.DataFrame]]:
    """Ranks, each with the figures that they rank."""
    yield of(figures, "rank"), of(figures, "score")
    for part, ranks in figures[figures["measure"] == "part_rank"].groupby("part", sort=False):
        points = of(figures, "points", part)
        yield ranks, points if len(points) else of(figures, "percent", part)


def _ranks(ranks: pd.DataFrame, by: pd.DataFrame) -> tuple[list[str], list[str]]:
    """Problems of ranks against what they rank, and notes."""
    rows, values = list(ranks.itertuples()), list(by.itertuples())
    value = {row.unit: plain(row.value) for row in values}
    problems = [
        f"{better.unit} has {plain(high.value)} at rank {plain(better.value)} ({better.place}), "
        f"{worse.unit} {plain(low.value)} at rank {plain(worse.value)} ({worse.place})"
        for (better, high), (worse, low) in validation.out_of_order(rows, values)
    ]
    notes = []
    for tied in validation.unconfirmed_ties(rows, values):
        who = [f"{row.unit} ({row.place}: {value.get(row.unit, 'no score')})" for row in tied]
        told = (
            f"{figure_name(tied[0].measure, tied[0].part)} {plain(tied[0].value)} is shared by "
            f"{listed(who)}; a slip looks like a tie, so it needs the same score beside each"
        )
        # Of ranks among all, other figures follow: there a tie must be certain.
        certain = tied[0].measure == "rank" or all(row.unit in value for row in tied)
        (problems if certain else notes).append(told)
    return problems, notes


def _counting(ranks: pd.DataFrame, year: int) -> list[str]:
    """Say which rank of a complete table no count of units gives: 1, 2, 2, 4 or 1, 2, 2, 3."""
    if len(ranks) < units.count(year):
        return []
    value = ranks["value"].astype(int)
    counted, dense = value.rank(method="min"), value.rank(method="dense")
    wrong = ranks[(value != counted) & (value != dense)].sort_values("value", kind="stable")
    return [
        f"{figure_name(row.measure, row.part)} {plain(row.value)} ({row.unit}, {row.place}) would "
        f"be {counted[row.Index]:.0f} by the ranks above it"
        for row in wrong.head(1).itertuples()
    ]


# --- sums and means ------------------------------------------------------------------------


def _parts(figures: pd.DataFrame) -> list[str]:
    """Parts against the total, and no part above it."""
    scores = of(figures, "score").set_index("unit")
    points = figures[figures["measure"] == "points"]
    problems = []
    for unit, rows in points[points["unit"].isin(scores.index)].groupby("unit", sort=False):
        total, place = scores.loc[unit, ["value", "place"]]
        parts = dict(zip(rows["part"], rows["value"], strict=True))
        for split in SPLITS:
            found = {part: parts[part] for part in split if part in parts}
            if not found:
                continue
            summed = sum(found.values())
            slack = sum(half([value]) for value in (*found.values(), total))
            complete = len(found) == len(split)
            if summed > total + slack or (complete and summed < total - slack):
                written = " + ".join(map(plain, found.values()))
                problems.append(
                    f"{unit}: {written} = {plain(summed)}, and the total is {plain(total)} "
                    f"({place})"
                )
    return problems


def _summaries(
    figures: pd.DataFrame, summaries: pd.DataFrame, index: str, year: int
) -> tuple[list[str], list[str]]:
    """Hold the figures against the file's own rows of means, and of the most: problems and notes.

    A mean is that of a column without a blank.
    """
    problems, notes = [], []
    for summary in summaries[~summaries["measure"].isin(validation.RANK_MEASURES)].itertuples():
        rows = of(figures, summary.measure, summary.part)
        named, whose = figure_name(summary.measure, summary.part), f'the row "{summary.unit}"'
        if summary.kind == "most":
            problems += [
                f"{row.place} ({row.unit}, {named}): {plain(row.value)} is more than "
                f"{plain(summary.value)} of {whose} ({summary.place})"
                for row in rows.itertuples()
                if row.value > summary.value
            ]
        if summary.kind == "mean":
            # The SIPAS of the whole country is no mean of the provinces.
            (notes if index == "SIPAS" else problems).extend(
                f"{named}: {told}"
                for told in against(rows, year, summary.value, f"{whose} ({summary.place})")
            )
    if len(of(figures, "score")) < units.count(year):
        notes.append("The mean was not checked: it needs the scores of all units.")
    return problems, notes
