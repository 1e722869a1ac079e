"""Completed tables of all years and both indices, drawn together.

A Gibbs sampler goes from column to column (an index and year). Given all others, a column is
sampled as it is alone (`sampler`), with slots that draw each unit by the model of `model`, and with
facts across years, counts and regional means as an energy (`links`). Units that facts tie over two
years are also moved in both at once (`_carry`): once the energy is hard, they hardly can in one
alone. Where few scores of a year are known, all others are taken apart or together at once
(`_stretch`), as none of them can move far by itself. So the k-th draws of all years and both
indices belong to one and the same state of the world.
"""

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from typing import NamedTuple

import numpy as np
import pandas as pd

from helpers import units
from helpers.completion.density import fit_density
from helpers.completion.gather import NotEnoughKnown, Tie, gather, regions_of, roster, ties
from helpers.completion.links import Links
from helpers.completion.model import Columns, Drawn, Known, Weights, draw_parameters, normal_scores
from helpers.completion.problem import Impossible, Problem, build
from helpers.completion.sampler import DECIMALS, SWEEPS, Moves
from helpers.completion.start import first_chains, possible
from helpers.facts import REGIMES, fingerprint
from helpers.kept import by_content, stored
from helpers.paths import outputs_dir

# The day the 2020 results were announced.
SEED = 20210624
DRAWS = 200
HARDENING = 0.7  # share of the sweeps over which the facts across tables become hard
CARRIES = 6  # in each sweep, how often a unit of each draw is moved in two years at once
STEPS = (0.1, 5.0)  # least and greatest step of a score that is moved so, but to no other's
FEW = 8  # scores known in their places: where there are fewer, the others are stretched
STRETCH = (0.005, 0.05)  # least and greatest logarithm of the factor
ROUNDING = 0.01  # a fact on scores across tables holds to within


@dataclass(frozen=True)
class Joint:
    """Draws of the tables of all years and both indices; the k-th of all belong together.

    Attributes
    ----------
    units : tuple of str
    tables : dict of (index, year) to (scores, ranks)
        Arrays (draws, units).
    across : DataFrame
        Facts on two years or on several provinces, which single tables do not hold by themselves:
        ``index, year, fact`` and ``holds``, the share of the draws in which it does.
    """

    units: tuple[str, ...]
    tables: dict[tuple[str, int], tuple[np.ndarray, np.ndarray]]
    across: pd.DataFrame

    def scores(self, index: str, year: int) -> pd.DataFrame:
        """Scores, draws x provinces; KeyError where nothing was drawn of that year."""
        return pd.DataFrame(self.tables[index, year][0], columns=self.units, copy=True)

    def ranks(self, index: str, year: int) -> pd.DataFrame:
        """Ranks, draws x provinces; KeyError where nothing was drawn of that year."""
        return pd.DataFrame(self.tables[index, year][1], columns=self.units, copy=True)

    def copy(self) -> "Joint":
        """Give itself: what it gives of a year is a copy."""
        return self


@by_content(3)
def joint(
    figures: pd.DataFrame, draws: int = DRAWS, seed: int = SEED, sweeps: int = SWEEPS
) -> Joint:
    """Draw the tables of all years and both indices together.

    Parameters
    ----------
    figures : DataFrame
        As `helpers.facts.load` returns them.
    draws, seed, sweeps
        As for `complete`.

    Returns
    -------
    Joint
        With ``.scores(index, year)`` and ``.ranks(index, year)``, draws x provinces.

    Notes
    -----
    See the module and `helpers.completion.model`. The draws are made once and stored in
    ``outputs/joint/``, under a name that changes with the figures and the code.
    """
    figures = figures[figures["year"] < units.MERGER]  # where the series end
    name = f"{fingerprint(figures, 'completion')}-{draws}-{seed}-{sweeps}.pickle.gz"
    return stored(outputs_dir() / "joint" / name, lambda: draw(figures, draws, seed, sweeps))


def draw(figures: pd.DataFrame, draws: int, seed: int, sweeps: int) -> Joint:
    rng = np.random.Generator(np.random.PCG64(seed))
    columns = draw_together(figures, draws, rng, sweeps)
    tables = {
        (one.index, one.year): (one.scores.T.copy(), one.problem.number[one.slots.T])
        for one in columns
    }
    return Joint(tuple(units.provinces()["name"]), tables, _across(columns))


def _across(columns: list["Column"]) -> pd.DataFrame:
    """How many of the draws keep each fact on two years or several provinces."""
    at = {(one.index, one.year): one for one in columns}
    rows = []
    for one in columns:
        for tie in one.ties:
            before = at[one.index, one.year - 1]
            now, then = (one.slots, before.slots) if tie.of_ranks else (one.scores, before.scores)
            change = now - then
            if tie.unit is None:
                found = (change > 0 if tie.more else change < 0).sum(axis=0)
            else:
                found = change[tie.unit]
            slack = 0.0 if tie.of_ranks else ROUNDING
            rows.append((one, tie.text, found, tie.low - slack, tie.high + slack))
        for (members, low, high), text in zip(one.problem.groups, one.groups, strict=True):
            mean = one.scores[members].mean(axis=0)
            ends = low / len(members) - ROUNDING / 2, high / len(members) + ROUNDING / 2
            rows.append((one, text, mean, *ends))
    return pd.DataFrame(
        [
            (one.index, one.year, text, float(((found >= low) & (found <= high)).mean()))
            for one, text, found, low, high in rows
        ],
        columns=["index", "year", "fact", "holds"],
    )


@dataclass
class Column:
    """One index and year: its bounds, and the state of its draws by unit.

    Attributes
    ----------
    groups : list of str
        The facts behind the groups of the problem.
    ties : list of Tie
        Facts that bind it to the column of the year before.
    """

    index: str
    year: int
    series: int
    problem: Problem
    groups: list[str]
    ties: list[Tie] = field(default_factory=list)
    moves: Moves = field(init=False)

    @property
    def scores(self) -> np.ndarray:
        """Score of each unit, (units, draws)."""
        return self.moves.scores[:-1]

    @property
    def slots(self) -> np.ndarray:
        """Slot of each unit, (units, draws)."""
        return self.moves.slots[:-1]


def undrawn(figures: pd.DataFrame) -> Iterator[Column]:
    """Each index and year that is completed with others.

    A year of which too little is known, or whose facts contradict each other, is left out.
    """
    names = tuple(units.provinces()["name"])
    spans = [(index, *ends) for index, regimes in REGIMES.items() for ends in regimes]
    for series, (index, first, last) in enumerate(spans):
        for year in range(first, last + 1):
            with contextlib.suppress(NotEnoughKnown, Impossible):
                roster(figures, index, year, "province")
                facts = gather(figures, index, year, "province", names, regions_of(year))
                groups = [f.text for f in facts for b in f.bounds if b.kind == "group"]
                problem = build(facts, names)
                if possible(problem):
                    yield Column(index, year, series, problem, groups)


def spread_of(columns: list[Column], index: str) -> float | None:
    """Median spread of the scores over the years of an index; None without any."""
    spreads = [fit_density(one.problem).sd for one in columns if one.index == index]
    known = [sd for sd in spreads if np.isfinite(sd)]
    return round(float(np.median(known)), 6) if known else None


def known_scores(columns: list[Column]) -> np.ndarray:
    """Normal scores of the known ranks, (units, columns); NaN where open."""
    n = len(columns[0].problem.units)
    z = np.full((n, len(columns)), np.nan)
    for number, one in enumerate(columns):
        slot = np.flatnonzero(one.problem.owner >= 0)
        z[one.problem.owner[slot], number] = normal_scores(n)[slot]
    return z


def weights_of(
    figures: pd.DataFrame, index: str, year: int, draws: int, rng: np.random.Generator
) -> Weights | None:
    """Weights of the units in the slots of one year, from all other years and the other index.

    Nothing of the year itself is used, not even to draw the parameters, nor any change to it or
    from it. Open ranks of other years are integrated out. None where the model has no such year.
    """
    around = (figures["index"] == index) & figures["year"].isin([year, year + 1])
    rest = figures[~(around & figures["measure"].isin(["change", "rank_change", "direction"]))]
    columns = list(undrawn(rest))
    place = [number for number, one in enumerate(columns) if (one.index, one.year) == (index, year)]
    if not place:
        return None
    z = known_scores(columns)
    z[:, place[0]] = np.nan
    return _model(columns, z, draws, rng).of_column(z, place[0], rng)


def _model(columns: list[Column], z: np.ndarray, draws: int, rng) -> Drawn:
    """The model of these years, its parameters drawn given the known normal scores."""
    of = Columns(*np.array([(one.series, one.year) for one in columns]).T)
    region = units.provinces()["region"].astype("category").cat.codes.to_numpy(dtype=int)
    theta = draw_parameters(Known(z, region, of), draws, rng)
    return Drawn(theta, region, of)


def draw_together(
    figures: pd.DataFrame, draws: int, rng: np.random.Generator, sweeps: int
) -> list[Column]:
    """Draw the tables of all years and both indices; the k-th draws of all belong together."""
    columns = list(undrawn(figures))
    if not columns:
        return []
    z = known_scores(columns)
    model = _model(columns, z, draws, rng)
    z = model.draw_open(z, rng)
    spread = {index: spread_of(columns, index) for index in REGIMES}
    at = {(one.index, one.year): one for one in columns}
    for number, one in enumerate(columns):
        density = fit_density(one.problem, spread[one.index])
        state = first_chains(one.problem, draws, rng, density)
        _arrange(state.unit, one.problem, z[:, :, number].T)
        one.moves = Moves(one.problem, state, rng, density)
        before = at.get((one.index, one.year - 1))
        if before is not None and before.series == one.series:
            one.ties = ties(figures, one.index, one.year, one.problem.units)
    for one in columns:
        one.moves.links = _links(one, at)
    tied = list(_tied(columns))
    share = np.array([len(one.units) for one in tied])
    loose = list(_stretched(columns))
    for sweep in range(sweeps):
        # Normal scores that weigh the columns against each other, (draws, columns, units).
        z = np.stack([model.slots.take(one.slots).T for one in columns], axis=1)
        level = model.region_effects(z, rng)
        off = z - level
        for number, one in enumerate(columns):
            one.moves.weights = model.given_others(off, number, level[:, number])
            if one.moves.links is not None:
                one.moves.links.harden(min(1.0, sweep / (HARDENING * sweeps)))
            one.moves.step(sweep)
            off[:, number] = _off(one, model, level[:, number])
        for number, who in loose:
            _stretch(columns, number, who, model, off, level, rng)
        for pair in rng.choice(len(tied), CARRIES, p=share / share.sum()) if tied else ():
            _carry(columns, tied[pair], model, off, level, rng)
    for one in columns:
        np.round(one.scores, DECIMALS, out=one.scores)
    return columns


def _off(column: Column, model: Drawn, level: np.ndarray) -> np.ndarray:
    """Normal scores of the units of a column less their region effects, (draws, units)."""
    return model.slots.take(column.slots).T - level


def _links(column: Column, at: dict[tuple[str, int], Column]) -> Links | None:
    """What the tables of the years around and the means of regions say of a column."""
    beside = []
    for year, sign in ((column.year - 1, 1), (column.year + 1, -1)):
        other = at.get((column.index, year))
        if other is not None:
            ties = column.ties if sign > 0 else other.ties
            beside.append((other.moves.scores, other.moves.slots, sign, ties))
    return Links(column.problem, column.moves.chains, beside) or None


class Tied(NamedTuple):
    """Two successive years, and the units that facts tie over both, to be moved in both at once.

    Attributes
    ----------
    years : (int, int)
        Numbers of the columns.
    units : int array
        Whose score is known in neither year: with a published change; or, where both places are
        open, with a change of rank, or a direction that need not be the nation's.
    others : int array
        Of the rest, whose score is known in neither year.
    by_score, by_rank : bool array
        Of all units, whose change of score, or of rank, is published.
    """

    years: tuple[int, int]
    units: np.ndarray
    others: np.ndarray
    by_score: np.ndarray
    by_rank: np.ndarray


def _tied(columns: list[Column]) -> Iterator[Tied]:
    """Of each column and the one before it, where such facts are on single units."""
    every = np.arange(len(columns[0].problem.units))
    for number, (before, one) in enumerate(pairwise(columns), start=1):
        years = one.moves, before.moves
        known = np.any([year.is_known(every) for year in years], axis=0)
        free = np.all([year.is_open(every) for year in years], axis=0)
        (low, high), (least, most) = one.problem.total, before.problem.total
        rose, fell = low > most, high < least
        by_score, by_rank, apart = np.zeros((3, len(every)), dtype=bool)
        for tie in (tie for tie in one.ties if tie.unit is not None):
            if _is_change(tie):
                (by_rank if tie.of_ranks else by_score)[tie.unit] = True
            elif tie.of_ranks or not (rose if tie.low == 0 else fell):
                apart[tie.unit] = True
        moved = np.flatnonzero(~known & (by_score | ((by_rank | apart) & free)))
        others = np.flatnonzero(~known & ~by_score)
        if free.any() and len(moved) and len(others):
            yield Tied((number - 1, number), moved, others, by_score, by_rank)


def _is_change(tie: Tie) -> bool:
    """Whether a fact on one unit says by how much it changed, not only in which direction."""
    return tie.unit is not None and bool(np.isfinite(tie.high - tie.low))


def _carry(columns: list[Column], tied: Tied, model: Drawn, off, level, rng) -> None:
    """Move one unit of each draw in two years at once: a Metropolis step."""
    pair = rng.permutation(tied.years)
    moves = [columns[number].moves for number in pair]
    draws = len(off)
    unit, other = rng.choice(tied.units, draws), rng.choice(tied.others, draws)
    near, steps = _steps(tied, moves, unit, rng)
    ratio = np.zeros(draws)
    for number, one, by in zip(pair, moves, steps, strict=True):
        # The second year given the first as moved: the product is the ratio of both.
        one.weights = model.given_others(off, number, level[:, number])
        ratio += one.carry(unit, other, by, near)
        off[:, number] = _off(columns[number], model, level[:, number])
    go = np.log(rng.random(draws)) < ratio
    for number, one in zip(pair, moves, strict=True):
        one.keep(go)
        off[:, number] = _off(columns[number], model, level[:, number])


def _steps(tied: Tied, moves: list[Moves], unit, rng) -> tuple[np.ndarray, list[np.ndarray]]:
    """Whether each unit changes places with another one, and by how much its scores go.

    With a published change of its score that goes by one step in both years; else it goes to the
    places of others, with a published change of its rank by as many places in both years, or by
    one more or less. Up and down are drawn alike.
    """
    (first, second), draws = moves, len(unit)
    by_score, sign = tied.by_score[unit], rng.choice([-1, 1], draws)
    near = ~by_score | (first.is_open(unit) & (rng.random(draws) < 0.5))
    step = sign * _size(STEPS, draws, rng)
    slots = [one.slots[unit, one.columns] for one in moves]
    places = first.aside(unit, sign)
    alike = slots[1] + places - slots[0] + rng.choice([-1, 0, 0, 1], draws)
    there = np.where(tied.by_rank[unit], alike, second.aside(unit, sign))
    step = np.where(near, first.step_to(unit, places), step)
    return near, [step, np.where(by_score, step, second.step_to(unit, there))]


def _size(ends: tuple[float, float], draws: int, rng) -> np.ndarray:
    """Sizes of moves, as often small as large: uniform in their logarithm."""
    return ends[0] * (ends[1] / ends[0]) ** rng.random(draws)


def _stretched(columns: list[Column]) -> Iterator[tuple[int, np.ndarray]]:
    """Columns with so few scores known in their places that the spread is slow; whom to stretch.

    Not whom a published change binds to another year.
    """
    every = np.arange(len(columns[0].problem.units))
    for number, one in enumerate(columns):
        units = ~one.moves.is_known(every)
        for tie in (tie for year in columns[number : number + 2] for tie in year.ties):
            if _is_change(tie) and not tie.of_ranks:
                units[tie.unit] = False
        if len(one.problem.pinned) < FEW and units.sum() > 1:
            yield number, np.flatnonzero(units)


def _stretch(columns: list[Column], number: int, units, model: Drawn, off, level, rng) -> None:
    """Take some units of a column apart, or nearer to each other: a Metropolis step."""
    one, draws = columns[number].moves, len(off)
    by = rng.choice([-1, 1], draws) * _size(STRETCH, draws, rng)
    one.weights = model.given_others(off, number, level[:, number])
    one.keep(np.log(rng.random(draws)) < one.stretch(units, by))
    off[:, number] = _off(columns[number], model, level[:, number])


def _arrange(unit: np.ndarray, problem: Problem, target: np.ndarray) -> None:
    """Put the units of which nothing is known into their slots by falling normal score."""
    unknown = np.array([u for u in problem.unranked if not problem.is_bounded(u)], dtype=int)
    if len(unknown):
        draws = unit.shape[1]
        slot = np.nonzero(np.isin(unit, unknown).T)[1].reshape(draws, len(unknown)).T
        order = np.argsort(-target[unknown], axis=0)
        unit[slot, np.arange(draws)] = unknown[order]
