"""The set of tables that fit some facts: bounds on slots and units, closed under what follows.

Slots are numbered from 0 inside the code. ``lower`` and ``upper`` fall from slot to slot, since
the scores do.
"""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field

import numpy as np

from helpers.completion.gather import Fact

TINY = 1e-9
SCALE = (0.0, 100.0)


class Impossible(Exception):
    """No table fits; caught inside the package and turned into `InconsistentFacts`."""


@dataclass
class Problem:
    """Bounds that every completed table must keep.

    Attributes
    ----------
    units : tuple of str, length n
    lower, upper : array (n,)
        Bounds of the score in each slot, falling.
    owner : int array (n,)
        The unit known to be in the slot, or -1.
    unit_low, unit_high : array (n,)
        Bounds of each unit's score.
    rank_low, rank_high : int array (n,)
        First and last slot of each unit.
    total : tuple of float
        Bounds of the sum of all scores.
    number : int array (n,)
        The rank that a unit in the slot has; differs from slot + 1 only around a shared rank.
    groups : list of (members, low, high)
        Sums over some units, used in checks only.
    """

    units: tuple[str, ...]
    lower: np.ndarray
    upper: np.ndarray
    owner: np.ndarray
    unit_low: np.ndarray
    unit_high: np.ndarray
    rank_low: np.ndarray
    rank_high: np.ndarray
    total: tuple[float, float]
    number: np.ndarray
    groups: list[tuple[list[int], float, float]] = field(default_factory=list)

    @property
    def unranked(self) -> list[int]:
        """Units whose slot is open."""
        owned = set(self.owner[self.owner >= 0])
        return [unit for unit in range(len(self.units)) if unit not in owned]

    @property
    def free_slots(self) -> np.ndarray:
        """Slots without a known unit."""
        return np.flatnonzero(self.owner < 0)

    @property
    def pinned(self) -> np.ndarray:
        """Slots whose score is known."""
        return np.flatnonzero(self.upper - self.lower < TINY)

    def slots_for(self, unit: int) -> np.ndarray:
        """Free slots that a unit without a known slot may take, by its bounds and theirs."""
        slots = self.free_slots
        fits = (slots >= self.rank_low[unit]) & (slots <= self.rank_high[unit])
        fits &= self.upper[slots] >= self.unit_low[unit] - TINY
        fits &= self.lower[slots] <= self.unit_high[unit] + TINY
        return slots[fits]

    def is_bounded(self, unit: int) -> bool:
        """Whether anything at all is known of the unit."""
        return bool(
            self.rank_low[unit] > 0
            or self.rank_high[unit] < len(self.units) - 1
            or self.unit_low[unit] > SCALE[0]
            or self.unit_high[unit] < SCALE[1]
        )


def build(facts: Sequence[Fact], units: Sequence[str]) -> Problem:
    """Put facts together into a `Problem`; raise `Impossible` where simple bounds rule it out.

    Two units share a rank only where their published scores are equal and nothing else fits.
    """
    try:
        return _closed(_open(facts, units))
    except Impossible as strict:
        for skip in range(len(units)):
            problem = _open(facts, units)
            if not _share_ranks(problem, skip):
                break
            with suppress(Impossible):
                return _closed(problem)
        raise strict


def _open(facts: Sequence[Fact], units: Sequence[str]) -> Problem:
    n = len(units)
    place = {unit: number for number, unit in enumerate(units)}
    problem = Problem(
        units=tuple(units),
        lower=np.full(n, SCALE[0]),
        upper=np.full(n, SCALE[1]),
        owner=np.full(n, -1),
        unit_low=np.full(n, SCALE[0]),
        unit_high=np.full(n, SCALE[1]),
        rank_low=np.zeros(n, dtype=int),
        rank_high=np.full(n, n - 1),
        total=(-np.inf, np.inf),
        number=np.arange(1, n + 1),
    )
    for fact in facts:
        for bound in fact.bounds:
            _add(problem, bound, place)
    _spread_ties(problem)
    return problem


def _spread_ties(problem: Problem) -> None:
    """Put units with one published score and one published rank into slots next to each other.

    What follows moves down as far as it must, as in a list numbered 8, 9, 9, 10, 11.
    """
    known = np.flatnonzero(problem.rank_low == problem.rank_high)
    pinned = problem.unit_low == problem.unit_high
    published = problem.rank_low.copy()
    above = None
    for unit in sorted(known, key=lambda unit: (published[unit], -problem.unit_low[unit])):
        slot = published[unit]
        if above is not None:
            if slot == published[above] and not (
                pinned[unit] and pinned[above] and problem.unit_low[unit] == problem.unit_low[above]
            ):
                return
            slot = max(slot, problem.rank_low[above] + 1)
        if slot == len(problem.units):
            return
        problem.rank_low[unit] = problem.rank_high[unit] = slot
        problem.number[slot] = published[unit] + 1
        above = unit


def _closed(problem: Problem) -> Problem:
    if (problem.rank_low > problem.rank_high).any():
        raise Impossible("ranks")
    for unit in np.flatnonzero(problem.rank_low == problem.rank_high):
        _settle(problem, unit, problem.rank_low[unit])
    _propagate(problem)
    return problem


def _add(problem: Problem, bound, place: dict[str, int]) -> None:
    n = len(problem.units)
    if bound.kind == "score":
        unit = place[bound.key]
        problem.unit_low[unit] = max(problem.unit_low[unit], bound.low)
        problem.unit_high[unit] = min(problem.unit_high[unit], bound.high)
    elif bound.kind == "rank":
        unit = place[bound.key]
        first = int(max(np.ceil(bound.low), 1)) - 1 if np.isfinite(bound.low) else 0
        last = int(min(np.floor(bound.high), n)) - 1 if np.isfinite(bound.high) else n - 1
        problem.rank_low[unit] = max(problem.rank_low[unit], first)
        problem.rank_high[unit] = min(problem.rank_high[unit], last)
    elif bound.kind == "slot":
        slot = bound.key - 1
        problem.lower[slot] = max(problem.lower[slot], bound.low)
        problem.upper[slot] = min(problem.upper[slot], bound.high)
    elif bound.kind == "sum":
        low, high = problem.total
        problem.total = (max(low, bound.low), min(high, bound.high))
    else:
        members = [place[unit] for unit in bound.key]
        problem.groups.append((members, bound.low, bound.high))


def _settle(problem: Problem, unit: int, slot: int) -> None:
    """Put a unit in its slot: what bounds the one now bounds the other."""
    if problem.owner[slot] not in (-1, unit):
        raise Impossible("two units in one slot")
    problem.owner[slot] = unit
    problem.rank_low[unit] = problem.rank_high[unit] = slot
    problem.lower[slot] = max(problem.lower[slot], problem.unit_low[unit])
    problem.upper[slot] = min(problem.upper[slot], problem.unit_high[unit])


def _close(problem: Problem) -> None:
    """Scores fall with the slot, so bounds do too."""
    problem.lower = np.maximum.accumulate(problem.lower[::-1])[::-1].copy()
    problem.upper = np.minimum.accumulate(problem.upper)
    if (problem.lower > problem.upper + TINY).any():
        raise Impossible("slots")
    # A pair that differs by rounding in the last binary digit is the same figure.
    problem.upper = np.maximum(problem.lower, problem.upper)
    low, high = problem.total
    if low > high or problem.lower.sum() > high + TINY or problem.upper.sum() < low - TINY:
        raise Impossible("sum")


def _propagate(problem: Problem) -> None:
    """Repeat what follows from what, until nothing new does."""
    while True:
        state = problem.lower.sum(), problem.upper.sum(), (problem.owner < 0).sum()
        _close(problem)
        _count_thresholds(problem)
        _close(problem)
        _place(problem)
        if state == (problem.lower.sum(), problem.upper.sum(), (problem.owner < 0).sum()):
            return


def _count_thresholds(problem: Problem) -> None:
    """When j units are known to have t or more, so has slot j; likewise from below."""
    low, high = problem.unit_low.copy(), problem.unit_high.copy()
    for slot, unit in enumerate(problem.owner):
        if unit >= 0:
            low[unit] = max(low[unit], problem.lower[slot])
            high[unit] = min(high[unit], problem.upper[slot])
    problem.lower = np.maximum(problem.lower, np.sort(low)[::-1])
    problem.upper = np.minimum(problem.upper, np.sort(high)[::-1])


def _place(problem: Problem) -> None:
    """A unit with one slot left takes it, and every unit needs a slot of its own.

    The latter by earliest deadline first, which is exact for intervals.
    """
    spans = []
    for unit in problem.unranked:
        bounded = problem.is_bounded(unit)
        slots = problem.slots_for(unit) if bounded else problem.free_slots
        if len(slots) == 0:
            raise Impossible("no slot for a unit")
        if len(slots) == 1:
            _settle(problem, unit, int(slots[0]))
        elif bounded:
            spans.append((slots[0], slots[-1]))
    if match_spans(problem.free_slots, spans) is None:
        raise Impossible("more units than slots")


def match_spans(slots, spans, order=None) -> list[int] | None:
    """Slot for each span (first, last) so that no two share one, or None.

    ``order`` breaks ties, so that a random one gives a random matching.
    """
    order = range(len(spans)) if order is None else order
    waiting = sorted(order, key=lambda number: spans[number][0])
    result, ready, start = [-1] * len(spans), [], 0
    for slot in slots:
        while start < len(waiting) and spans[waiting[start]][0] <= slot:
            ready.append(waiting[start])
            start += 1
        if ready:
            chosen = min(ready, key=lambda number: spans[number][1])
            if spans[chosen][1] < slot:
                return None
            ready.remove(chosen)
            result[chosen] = int(slot)
    return None if ready or start < len(waiting) else result


def _share_ranks(problem: Problem, skip: int) -> bool:
    """Give two units with the same published score one rank; whether there are such units.

    Two provinces with 89.51, of which one is 9th, next to a published 8th and 10th, can only both
    be 9th. The published ranks that follow move down a slot, up to the first that nobody is known
    to have (or, with ``skip``, one of the next): as if a list were numbered 8, 9, 9, 10, 12.
    """
    known = problem.rank_low == problem.rank_high
    holders = {int(problem.rank_low[unit]): int(unit) for unit in np.flatnonzero(known)}
    shared = False
    for unit in np.flatnonzero((problem.unit_low == problem.unit_high) & ~known):
        if unit in holders.values():
            continue
        slot = _slot_of_twin(problem, holders, unit)
        if slot is None:
            continue
        below = range(slot + 1, len(problem.units))
        gaps = [gap for gap in below if gap not in holders][skip:]
        if not gaps:
            continue
        for position in range(gaps[0] - 1, slot, -1):
            if position in holders:
                moved = holders.pop(position)
                holders[position + 1] = moved
                problem.rank_low[moved] = problem.rank_high[moved] = position + 1
        holders[slot + 1] = int(unit)
        problem.rank_low[unit] = problem.rank_high[unit] = slot + 1
        problem.number[slot + 1 : gaps[0] + 1] = problem.number[slot : gaps[0]].copy()
        shared = True
    return shared


def _slot_of_twin(problem: Problem, holders: dict[int, int], unit: int) -> int | None:
    """Slot of another unit with the same score; a twin without a rank takes the one slot it can."""
    score = problem.unit_low[unit]
    same = (problem.unit_low == score) & (problem.unit_high == score)
    twins = [int(other) for other in np.flatnonzero(same) if other != unit]
    ranked = [slot for slot, holder in holders.items() if holder in twins]
    if ranked or not twins:
        return max(ranked, default=None)
    above = max((s for s, u in holders.items() if problem.unit_low[u] > score), default=-1)
    n = len(problem.units)
    below = min((s for s, u in holders.items() if problem.unit_high[u] < score), default=n)
    free = [slot for slot in range(above + 1, below) if slot not in holders]
    if len(free) != 1:
        return None
    holders[free[0]] = twins[0]
    problem.rank_low[twins[0]] = problem.rank_high[twins[0]] = free[0]
    return free[0]
