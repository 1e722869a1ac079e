"""Facts that bind units to each other or to the years around: how far a table is from them.

They enter the sampler as an energy, zero where they hold, which is made steeper from sweep to sweep
(simulated annealing: Kirkpatrick, Gelatt & Vecchi 1983), so that the draws keep them at the end.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from helpers.completion.problem import Problem

# Distance at which the energy is one, at the first sweep and once hard: of a score, a sum over a
# region, a rank, and a count of provinces.
SOFT = {"score": 1.0, "sum": 5.0, "rank": 5.0, "count": 2.0}
HARD = {"score": 0.002, "sum": 0.01, "rank": 0.05, "count": 0.05}


class Step(NamedTuple):
    """How many units have more, or less, in this column than in another one.

    Attributes
    ----------
    of_ranks : bool
        Whether slots are compared; scores otherwise.
    other : array (units + 1, draws)
        Scores or slots in the other column, kept up to date by it; the last row is of nobody.
    counts : {np.greater, np.less}
        Of what is here and there.
    low, high : float
        The published number.
    """

    of_ranks: bool
    other: np.ndarray
    counts: np.ufunc
    low: float
    high: float


class Links:
    """Facts of one column that its own slots and bounds do not hold; see the module.

    Parameters
    ----------
    problem : Problem
        With the groups of units whose sums are known.
    draws : int
    beside : sequence of (scores, slots, sign, ties)
        A column beside this one: its scores and slots (units + 1, draws), kept up to date by it, 1
        where it is the year before and -1 where it is the year after, and the facts on both years.
    """

    def __init__(self, problem: Problem, draws: int, beside: Sequence[tuple]):
        self.draws, shape = draws, (len(problem.units) + 1, draws)
        self.member = np.zeros((len(problem.groups), len(problem.units)))
        self.group = np.full(shape, -1)
        for number, (members, _low, _high) in enumerate(problem.groups):
            self.member[number, members], self.group[members] = 1.0, number
        self.steps: list[Step] = []
        self.pulls: list[tuple] = []  # of_ranks, other, units, least and greatest change from there
        for scores, slots, sign, ties in beside:
            for of_ranks, other in ((False, scores), (True, slots)):
                own = []
                for tie in (one for one in ties if one.of_ranks == of_ranks):
                    if tie.unit is None:
                        counts = np.greater if tie.more == (sign > 0) else np.less
                        self.steps.append(Step(of_ranks, other, counts, tie.low, tie.high))
                    else:
                        own.append((tie.unit, *sorted((sign * tie.low, sign * tie.high))))
                if own:
                    unit, low, high = np.array(own).T[..., None]
                    self.pulls.append((of_ranks, other, unit[:, 0].astype(int), low, high))
        ends = [*((step.low, step.high) for step in self.steps), *(e for _m, *e in problem.groups)]
        low, high = np.array(ends, dtype=float).reshape(-1, 2).T[..., None]
        self.middle, self.half = (low + high) / 2, (high - low) / 2
        self.ends = {
            of_ranks: (np.full(shape, -np.inf), np.full(shape, np.inf))
            for of_ranks, *_pull in self.pulls
        }
        self.harden(1.0)
        self.renew()

    def __bool__(self) -> bool:
        """Whether there are any such facts."""
        return bool(self.steps or self.pulls or len(self.member))

    def renew(self) -> None:
        """Take what the other columns say of each unit, from their present state."""
        for low, high in self.ends.values():
            low[:], high[:] = -np.inf, np.inf
        for of_ranks, other, unit, least, greatest in self.pulls:
            low, high = self.ends[of_ranks]
            low[unit] = np.maximum(low[unit], other[unit] + least)
            high[unit] = np.minimum(high[unit], other[unit] + greatest)

    def harden(self, share: float) -> None:
        """Set how steep the energy is: 0 at the first sweep, 1 once hard."""
        self.scale = {key: SOFT[key] * (HARD[key] / SOFT[key]) ** share for key in SOFT}
        kinds = ["count"] * len(self.steps) + ["sum"] * len(self.member)
        self.steepness = np.array([1 / self.scale[kind] for kind in kinds])[:, None]

    def refresh(self, score: np.ndarray, slot: np.ndarray) -> None:
        """Count and add up a table: scores and slots by unit, (units, draws)."""
        counts = [
            step.counts(slot if step.of_ranks else score, step.other[:-1]).sum(axis=0)
            for step in self.steps
        ]
        self.state = np.array([*counts, *(self.member @ score)]).reshape(-1, self.draws)

    def energy(self, score: np.ndarray, slot: np.ndarray) -> np.ndarray:
        """Energy of each table as a whole, by unit as for `refresh`, (draws,)."""
        self.refresh(score, slot)
        at = np.arange(score.size).reshape(score.shape)
        own = np.zeros(score.shape) + self._of_units(at, slot, score)
        off = np.maximum(np.abs(self.state - self.middle) - self.half, 0.0)
        return own.sum(axis=0) + (self.steepness * off).sum(axis=0)

    def judge(self, log_ratio: np.ndarray, moves, rng) -> np.ndarray:
        """Which of many small moves are made, one after the other.

        Parameters
        ----------
        log_ratio : array (moves, draws)
            Logarithm of the Metropolis ratio, but for the energy.
        moves : list of (unit, slot, score, new slot, new score)
            Arrays (moves, draws), one entry for each unit that a move concerns, where units are
            places in a flat array (units + 1, draws); no unit is concerned by two moves. The new
            slot is None where the unit stays in its own.

        Returns
        -------
        bool array (moves, draws)
        """
        limit = np.log(rng.random(log_ratio.shape)) - log_ratio
        change = np.zeros((len(limit), *self.state.shape))
        for at, slot, score, new_slot, new_score in moves:
            limit += self._of_units(at, new_slot, new_score)
            limit -= self._of_units(at, None if new_slot is None else slot, score)
            for k, step in enumerate(self.steps):
                before, after = (slot, new_slot) if step.of_ranks else (score, new_score)
                if after is not None:
                    there = step.other.take(at)
                    change[:, k] += step.counts(after, there)
                    change[:, k] -= step.counts(before, there)
            if len(self.member):
                group, added = self.group.take(at), new_score - score
                for k in range(len(self.member)):
                    change[:, len(self.steps) + k] += np.where(group == k, added, 0.0)
        if not change.any():
            return limit < 0
        return self._one_by_one(limit, change)

    def _one_by_one(self, limit: np.ndarray, change: np.ndarray) -> np.ndarray:
        """Make each move whose limit is below the energy that it saves.

        Limits (moves, draws); what the moves change of the state (moves, facts, draws).
        """
        go = np.empty(limit.shape, dtype=bool)
        state, half = self.steepness * (self.state - self.middle), self.steepness * self.half
        change *= self.steepness
        off = np.abs(state) - half
        energy = np.maximum(off, 0.0).sum(axis=0)
        for number, moved in enumerate(change):
            moved += state
            np.abs(moved, out=off)
            np.subtract(off, half, out=off)
            np.maximum(off, 0.0, out=off)
            then = np.add.reduce(off)
            np.less(limit[number], energy - then, out=go[number])
            np.copyto(state, moved, where=go[number])
            np.copyto(energy, then, where=go[number])
        self.state = state / self.steepness + self.middle
        return go

    def _of_units(self, at, slot, score):
        """Energy of the units' own bounds; without a slot, of those on their scores alone."""
        result = 0.0
        for of_ranks, (low, high) in self.ends.items():
            value, scale = (slot, "rank") if of_ranks else (score, "score")
            if value is not None:
                off = np.maximum(low.take(at) - value, value - high.take(at))
                result = result + np.maximum(off, 0.0) / self.scale[scale]
        return result
