"""Facts that bind units to each other or to the years around: how far a table is from them.

They enter the sampler as an energy, zero where they hold, which is made steeper from sweep to sweep
(simulated annealing: Kirkpatrick, Gelatt & Vecchi 1983), so that the draws keep them at the end.
"""

from dataclasses import dataclass, field

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
        Scores or slots in the other column; the last row is of nobody.
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

    def counted(self, unit, draw, *places) -> list[np.ndarray]:
        """Whether the units count at each of some places, (slot, score)."""
        there = self.other[unit, draw]
        here = (slot if self.of_ranks else score for slot, score in places)
        return [(one > there) if self.more else (one < there) for one in here]


@dataclass
class Links:
    """Facts of one column that its own slots and bounds do not hold; see the module.

    Attributes
    ----------
    score_low, score_high, rank_low, rank_high : array (units + 1, draws)
        What other columns say of each unit; ranks are slots from 0. The last row is of nobody.
    steps : list of Step
    group : int array (units + 1,)
        The group whose sum is known that a unit is in, or -1.
    sums : array (groups, 2)
        Bounds of the sums.
    """

    score_low: np.ndarray
    score_high: np.ndarray
    rank_low: np.ndarray
    rank_high: np.ndarray
    steps: list[Step]
    group: np.ndarray
    sums: np.ndarray
    scale: dict[str, float] = field(default_factory=lambda: dict(HARD))
    state: np.ndarray = field(init=False)

    def __post_init__(self):
        self.draw = np.arange(self.score_low.shape[1])
        self.by_score = bool(
            np.isfinite(self.score_low).any() or np.isfinite(self.score_high).any()
        )
        self.by_rank = bool(
            (self.rank_low > 0).any() or (self.rank_high < len(self.group) - 2).any()
        )
        self.member = self.group == np.arange(len(self.sums))[:, None]
        ends = [(step.low, step.high) for step in self.steps]
        self.ends = np.array([*ends, *self.sums]).reshape(-1, 2).T[:, :, None]

    def harden(self, share: float) -> None:
        """Set how steep the energy is: 0 at the first sweep, 1 once hard."""
        self.scale = {key: SOFT[key] * (HARD[key] / SOFT[key]) ** share for key in SOFT}
        kinds = ["count"] * len(self.steps) + ["sum"] * len(self.sums)
        self.steepness = np.array([1 / self.scale[kind] for kind in kinds])[:, None]

    def refresh(self, unit: np.ndarray, score: np.ndarray) -> None:
        """Count and add up a table: units and scores by slot, (slots, draws)."""
        slot = np.arange(len(unit))[:, None]
        counts = [
            step.counted(unit, self.draw, (slot, score))[0].sum(axis=0) for step in self.steps
        ]
        totals = [np.where(member[unit], score, 0.0).sum(axis=0) for member in self.member]
        self.state = np.array([*counts, *totals], dtype=float).reshape(-1, len(self.draw))

    def energy(self, unit: np.ndarray, score: np.ndarray) -> np.ndarray:
        """Energy of each table as a whole, (draws,)."""
        self.refresh(unit, score)
        slot = np.arange(len(unit))[:, None]
        own = self._of_units(unit, (slot, score))[0]
        return np.sum(own, axis=0) + self._together(self.state)

    def judge(self, log_ratio: np.ndarray, moves, rng) -> np.ndarray:
        """Which of many small moves are made, one after the other.

        Parameters
        ----------
        log_ratio : array (moves, draws)
            Logarithm of the Metropolis ratio, but for the energy.
        moves : list of (unit, slot, score, new slot, new score)
            Arrays (moves, draws), one entry for each unit that a move concerns; no unit is
            concerned by two moves.

        Returns
        -------
        bool array (moves, draws)
        """
        limit = np.log(rng.random(log_ratio.shape)) - log_ratio
        change = np.zeros((len(self.state), *log_ratio.shape))
        for unit, *old_new in moves:
            before, after = self._of_units(unit, old_new[:2], old_new[2:])
            limit += after - before
            for k, step in enumerate(self.steps):
                was, will_be = step.counted(unit, self.draw, old_new[:2], old_new[2:])
                change[k] += will_be
                change[k] -= was
            for k, member in enumerate(self.member, start=len(self.steps)):
                change[k] += member[unit] * (old_new[3] - old_new[1])
        if not len(self.state):
            return limit < 0
        go = np.empty(log_ratio.shape, dtype=bool)
        energy = self._together(self.state)
        for number in range(len(go)):
            state = self.state + change[:, number]
            then = self._together(state)
            go[number] = limit[number] < energy - then
            self.state = np.where(go[number], state, self.state)
            energy = np.where(go[number], then, energy)
        return go

    def _of_units(self, unit, *places) -> list:
        """Energy of the units' own bounds at each of some places, (slot, score)."""
        result = [0.0 for _ in places]
        if self.by_score:
            low, high = self.score_low[unit, self.draw], self.score_high[unit, self.draw]
            for number, (_slot, score) in enumerate(places):
                result[number] += _outside(score, low, high) / self.scale["score"]
        if self.by_rank:
            low, high = self.rank_low[unit, self.draw], self.rank_high[unit, self.draw]
            for number, (slot, _score) in enumerate(places):
                result[number] = result[number] + _outside(slot, low, high) / self.scale["rank"]
        return result

    def _together(self, state: np.ndarray) -> np.ndarray:
        low, high = self.ends
        return (self.steepness * _outside(state, low, high)).sum(axis=0)


def _outside(value, low, high) -> np.ndarray:
    return np.maximum(np.maximum(low - value, value - high), 0.0)
