"""Facts that bind units to each other or to the years around: how far a table is from them.

They enter the sampler as an energy, zero where they hold, which is made steeper from sweep to sweep
(simulated annealing: Kirkpatrick, Gelatt & Vecchi 1983), so that the draws keep them at the end.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

# Distance at which the energy is one, at the first sweep and once hard: of a score, a sum over a
# region, a rank, and a count of provinces.
SOFT = {"score": 1.0, "sum": 5.0, "rank": 5.0, "count": 2.0}
HARD = {"score": 0.002, "sum": 0.01, "rank": 0.05, "count": 0.05}


@dataclass
class Step:
    """How many units have more, or less, in this column than in another one.

    Attributes
    ----------
    of_ranks : bool
        Whether slots are compared; scores otherwise.
    other : array (units + 1, draws)
        Scores or slots in the other column, kept up to date by it; the last row is of nobody.
    more : bool
        Whether the units with a greater score (slot) here are counted, or those with a lesser one.
    low, high : float
        The published number.
    """

    of_ranks: bool
    other: np.ndarray
    more: bool
    low: float
    high: float

    def counts(self, there: np.ndarray, here: np.ndarray) -> np.ndarray:
        """Whether units with these scores (slots) in the other column and in this one count."""
        return (here > there) if self.more else (here < there)


@dataclass
class Pull:
    """Bounds on the change of single units against another column.

    Attributes
    ----------
    of_ranks, other
        As for `Step`.
    unit : int array (facts,)
        No unit twice.
    low, high : array (facts,)
        Of the score (slot) here, less that in the other column.
    """

    of_ranks: bool
    other: np.ndarray
    unit: np.ndarray
    low: np.ndarray
    high: np.ndarray


class Links:
    """Facts of one column that its own slots and bounds do not hold; see the module.

    Parameters
    ----------
    draws : int
    group : int array (units,)
        The group whose sum is known that a unit is in, or -1.
    sums : array (groups, 2)
        Bounds of the sums.
    steps : sequence of Step
    pulls : sequence of Pull
    """

    def __init__(
        self,
        draws: int,
        group: np.ndarray,
        sums: np.ndarray,
        steps: Sequence[Step] = (),
        pulls: Sequence[Pull] = (),
    ):
        self.draws, self.steps, self.pulls = draws, steps, pulls
        self.member = (group == np.arange(len(sums))[:, None]).astype(float)
        self.group = np.repeat(np.append(group, -1)[:, None], draws, axis=1)
        ends = np.array([*((step.low, step.high) for step in steps), *sums]).reshape(-1, 2)
        self.middle, self.half = ends.mean(axis=1)[:, None], np.diff(ends) / 2
        shape = self.group.shape
        self.ends = {
            pull.of_ranks: (np.full(shape, -np.inf), np.full(shape, np.inf)) for pull in pulls
        }
        self.harden(1.0)
        self.renew()

    def renew(self) -> None:
        """Take what the other columns say of each unit, from their present state."""
        for pull in self.pulls:
            low, high = self.ends[pull.of_ranks]
            low[pull.unit], high[pull.unit] = -np.inf, np.inf
        for pull in self.pulls:
            low, high = self.ends[pull.of_ranks]
            there = pull.other[pull.unit]
            low[pull.unit] = np.maximum(low[pull.unit], there + pull.low[:, None])
            high[pull.unit] = np.minimum(high[pull.unit], there + pull.high[:, None])

    def harden(self, share: float) -> None:
        """Set how steep the energy is: 0 at the first sweep, 1 once hard."""
        self.scale = {key: SOFT[key] * (HARD[key] / SOFT[key]) ** share for key in SOFT}
        kinds = ["count"] * len(self.steps) + ["sum"] * len(self.member)
        self.steepness = np.array([1 / self.scale[kind] for kind in kinds])[:, None]

    def refresh(self, score: np.ndarray, slot: np.ndarray) -> None:
        """Count and add up a table: scores and slots by unit, (units, draws)."""
        counts = [
            step.counts(step.other[:-1], slot if step.of_ranks else score).sum(axis=0)
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
                    change[:, k] += step.counts(there, after)
                    change[:, k] -= step.counts(there, before)
            if len(self.member):
                group, added = self.group.take(at), new_score - score
                for k in range(len(self.member)):
                    change[:, len(self.steps) + k] += np.where(group == k, added, 0.0)
        if not len(self.state):
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
