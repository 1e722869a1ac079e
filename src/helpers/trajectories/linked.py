"""Completed tables of several years that hang together: provinces keep near their place."""

import numpy as np
import pandas as pd

from helpers.completion.gather import gather
from helpers.completion.problem import Problem, build
from helpers.trajectories.forecast import step_variance
from helpers.trajectories.panel import SEED, NotEnoughYears, Panel, known_until

SWEEPS = 200


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
