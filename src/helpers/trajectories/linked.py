"""Completed tables of several years that hang together: provinces keep near their place."""

import contextlib
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import stats

from helpers import facts
from helpers.completion.gather import gather
from helpers.completion.problem import Problem, build
from helpers.trajectories.forecast import step_variance
from helpers.trajectories.panel import SEED, NotEnoughYears, Panel, known_until, panel

SWEEPS = 200
DRAWS = 100


@dataclass(frozen=True)
class Together:
    """Draws of the tables of several years; the k-th of an index belong together.

    Attributes
    ----------
    tables : dict of (index, year) to (scores, ranks)
        DataFrames, draws x provinces.
    """

    tables: dict

    def scores(self, index: str, year: int) -> pd.DataFrame:
        """Scores, draws x provinces; KeyError where nothing was drawn of that year."""
        return self.tables[index, year][0]

    def ranks(self, index: str, year: int) -> pd.DataFrame:
        """Ranks, draws x provinces; KeyError where nothing was drawn of that year."""
        return self.tables[index, year][1]


def together(figures: pd.DataFrame, last_year: int) -> Together:
    """Draw the tables of the years of each series up to one, so that they hang together."""
    tables = {}
    for index, (first, last) in [(i, ends) for i in facts.REGIMES for ends in facts.REGIMES[i]]:
        with contextlib.suppress(NotEnoughYears):
            if first <= last_year:
                known = panel(figures, index, min(last, last_year), draws=DRAWS)
                tables |= _tables(figures, known)
    return Together(tables)


def _tables(figures: pd.DataFrame, known: Panel) -> dict:
    years = sorted(known.tables)
    drawn = linked(figures, known, years) if len(years) > 1 else None
    made = {}
    for place, year in enumerate(years):
        names = known.regions.index
        scores = known.tables[year][0][names]
        if drawn is not None:
            scores = pd.DataFrame(drawn[..., place], columns=names)
        ranks = stats.rankdata(-scores.to_numpy(), axis=1, method="ordinal")
        made[known.index, year] = (scores, pd.DataFrame(ranks, columns=names))
    return made


def linked(
    figures: pd.DataFrame, panel: Panel, years, *, sweeps: int = SWEEPS, seed: int = SEED
) -> np.ndarray:
    """Scores of all units in several years, drawn together.

    Parameters
    ----------
    figures : DataFrame
        As `helpers.facts.load` returns them.
    panel : Panel
        With a completed table of every year.
    years : sequence of int
        Rising.
    sweeps : int
        Rounds of exchanges before the draws are taken.
    seed : int

    Returns
    -------
    ndarray, draws x units x years
        The scores of `panel.tables`, of which some went to another unit.

    Raises
    ------
    NotEnoughYears
        Where a year has no table, or nothing tells how far scores move from year to year.

    Notes
    -----
    The completed tables of a year know nothing of the years next to it, so that a unit of which
    nothing is published jumps from place to place. Here the units whose rank is open exchange their
    scores within a year, wherever every fact of that year allows both, with the Metropolis
    probabilities of a normal density of the changes of each unit's distance from the mean: variance
    ``base + slope`` per year, the part ``base`` not lasting (`step_variance`, from the
    published and pinned scores). The tables stay what they were; only who stands where hangs
    together. A random pairing of the open units proposes exchanges of all pairs at once, which
    keeps the density, since no unit is in two pairs.
    """
    absent = [year for year in years if year not in panel.tables]
    if absent:
        raise NotEnoughYears(f"{panel.index}: nothing is published of {absent}: no linked tables.")
    names = tuple(panel.regions.index)
    precision = _precision(panel, np.asarray(years, dtype=float))
    scores = np.stack([panel.tables[year][0][list(names)].to_numpy() for year in years], axis=-1)
    rng = np.random.Generator(np.random.PCG64(seed))
    problems = [_problem(figures, panel, year, names) for year in years]
    exchange = _Exchange(scores, precision, rng)
    for _ in range(sweeps):
        for column, problem in enumerate(problems):
            exchange.sweep(column, problem)
    return exchange.scores


def _problem(figures, panel: Panel, year: int, names: tuple[str, ...]) -> Problem:
    known = known_until(figures, panel.last)
    return build(gather(known, panel.index, year, "province", names), names)


def _precision(panel: Panel, years: np.ndarray) -> np.ndarray:
    """Inverse covariance of a unit's changes between the years, written for its distances."""
    base, slope = step_variance(panel)
    difference = np.diff(np.eye(len(years)), axis=0)
    covariance = np.diag(slope * np.diff(years)) + base / 2 * difference @ difference.T
    if not (np.linalg.eigvalsh(covariance) > 0).all():
        raise NotEnoughYears(f"{panel.index}: published scores do not tell how far they move.")
    return difference.T @ np.linalg.solve(covariance, difference)


class _Exchange:
    """Tables of several years whose open units exchange scores; all draws move together."""

    def __init__(self, scores: np.ndarray, precision: np.ndarray, rng):
        self.scores, self.precision, self.rng = scores.copy(), precision, rng
        self.means = scores.mean(axis=1, keepdims=True)
        order = np.argsort(-scores, axis=1, kind="stable")
        self.slots = np.argsort(order, axis=1, kind="stable")

    def sweep(self, column: int, problem: Problem) -> None:
        """Propose one exchange to every pair of a random pairing, in one year."""
        waiting = self.rng.permutation(problem.unranked)
        half = len(waiting) // 2
        first, second = waiting[:half], waiting[half : 2 * half]
        own, other = self.scores[:, first, column], self.scores[:, second, column]
        slot, target = self.slots[:, first, column], self.slots[:, second, column]
        now = self._cost(first, column, own) + self._cost(second, column, other)
        then = self._cost(first, column, other) + self._cost(second, column, own)
        go = np.log(self.rng.random(own.shape)) < (now - then) / 2
        go &= _fits(problem, first, target, other) & _fits(problem, second, slot, own)
        self.scores[:, first, column] = np.where(go, other, own)
        self.scores[:, second, column] = np.where(go, own, other)
        self.slots[:, first, column] = np.where(go, target, slot)
        self.slots[:, second, column] = np.where(go, slot, target)

    def _cost(self, units: np.ndarray, column: int, score: np.ndarray) -> np.ndarray:
        distances = self.scores[:, units] - self.means
        distances[..., column] = score - self.means[..., column]
        return np.einsum("duy,yz,duz->du", distances, self.precision, distances)


def _fits(problem: Problem, units, slots: np.ndarray, scores: np.ndarray) -> np.ndarray:
    fits = (problem.rank_low[units] <= slots) & (slots <= problem.rank_high[units])
    return fits & (problem.unit_low[units] <= scores) & (scores <= problem.unit_high[units])
