"""Completed tables to start the chains from."""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from helpers.completion.density import Density, first_densities, tilted
from helpers.completion.exact import solve
from helpers.completion.problem import SCALE, TINY, Impossible, Problem, match_spans

FAR = 1e9
STARTS = 20


@dataclass
class Chains:
    """State of all chains: rows are slots, columns are chains.

    ``score`` has sentinels: row 0, then n slots, then a sentinel, and at the end the negative sum
    between two sentinels of its own, so that it can be updated like a slot. ``unit`` (n, chains)
    is who is where; ``low`` and ``high`` bound ``score`` row by row, units' own bounds included.
    """

    score: np.ndarray
    low: np.ndarray
    high: np.ndarray
    unit: np.ndarray


def first_chains(problem: Problem, chains: int, rng, density: Density) -> Chains:
    """Tables that fit, as near to draws of the target as is cheap.

    Open scores are drawn from the density within their segment of the ranking, published scores
    without a rank fall among them, and the table is pulled towards its bounds until the sum is
    right. Chains where the units do not fit are drawn again; what is left after `STARTS` attempts
    starts from an exact solution.
    """
    n = len(problem.units)
    score, unit = np.empty((n, chains)), np.empty((n, chains), dtype=int)
    low, high = np.empty((n, chains)), np.empty((n, chains))
    todo = np.arange(chains)
    density = _towards_sum(problem, density)
    for _ in range(STARTS):
        good, *found = _try_start(problem, len(todo), rng, density)
        for whole, part in zip((score, unit, low, high), found, strict=True):
            whole[:, todo[good]] = part[:, good]
        todo = todo[~good]
        if len(todo) == 0:
            break
    else:
        for whole, part in zip((score, unit, low, high), _exact_start(problem), strict=True):
            whole[:, todo] = part
    edge = np.full((1, chains), FAR)
    total = -score.sum(axis=0, keepdims=True)
    ends = [np.full((1, chains), -end) for end in problem.total[::-1]]
    return Chains(
        score=np.vstack([edge, score, -edge, edge, total, -edge]),
        low=np.vstack([-edge, low, -edge, -edge, ends[0], -edge]),
        high=np.vstack([edge, high, edge, edge, ends[1], edge]),
        unit=unit,
    )


def possible(problem: Problem) -> bool:
    """Whether any table fits: one that a random start finds, or else by an exact search."""
    rng = np.random.Generator(np.random.PCG64(0))
    return bool(_try_start(problem, 4, rng, Density())[0].any()) or solve(problem) is not None


def _try_start(problem, chains, rng, density):
    """One start per chain and whether it fits: (good, score, unit, low, high)."""
    if not np.isfinite(problem.total).any():
        density = first_densities(problem, density, chains, rng)
    score = _draw_slots(problem, chains, rng, density)
    unit = np.repeat(problem.owner[:, None], chains, axis=1)
    good = _place_fixed(problem, score, unit)
    bounded = [u for u in problem.unranked if problem.is_bounded(u) and not _fixed(problem, u)]
    if not good.any():
        good = _spread_fixed(problem, unit, rng)
    for chain in np.flatnonzero(good) if bounded else ():
        spans = _spans(problem, bounded, score[:, chain])
        free = np.flatnonzero(unit[:, chain] < 0)
        match = match_spans(free, spans, rng.permutation(len(spans)))
        good[chain] = match is not None
        if match is not None:
            unit[match, chain] = bounded
    low, high, closed = _chain_bounds(problem, unit)
    good &= closed
    score = np.clip(score, low, np.maximum(low, high))
    good &= _fix_sum(problem, score, low, high)
    _fill_rest(problem, unit, rng)
    return good, score, unit, *_own_bounds(problem, unit)


def _fixed(problem: Problem, unit: int) -> bool:
    return bool(problem.unit_low[unit] == problem.unit_high[unit])


def _segments(problem: Problem) -> list[tuple[int, int]]:
    """Runs of slots (first, last) between which no score can cross."""
    cuts = np.flatnonzero(problem.lower[:-1] >= problem.upper[1:]) + 1
    ends = [0, *cuts, len(problem.units)]
    return [(int(a), int(b) - 1) for a, b in pairwise(ends)]


def _towards_sum(problem: Problem, density: Density) -> Density:
    """The density to start from: tilted towards the sum, where one is known."""
    if not np.isfinite(problem.total).all():
        return density
    segments = np.array(_segments(problem))
    low, high = problem.lower[segments[:, 1]], problem.upper[segments[:, 0]]
    count = segments[:, 1] - segments[:, 0] + 1
    return tilted(density, low, high, count, sum(problem.total) / 2)


def _draw_slots(problem, chains, rng, density) -> np.ndarray:
    """Scores by slot from the density, segment by segment; fixed scores without rank among them."""
    score = np.empty((len(problem.units), chains))
    waiting = [u for u in problem.unranked if _fixed(problem, u)]
    for first, last in _segments(problem):
        low, high = problem.lower[last], problem.upper[first]
        inside = [u for u in waiting if low <= problem.unit_low[u] <= high]
        room = int((problem.owner[first : last + 1] < 0).sum())
        inside = inside[:room]
        waiting = [u for u in waiting if u not in inside]
        count = last - first + 1 - len(inside)
        drawn = density.between(rng.random((count, chains)), low, high)
        fixed = np.repeat(problem.unit_low[inside][:, None], chains, axis=1)
        score[first : last + 1] = -np.sort(-np.vstack([drawn, fixed]), axis=0)
    return score


def _place_fixed(problem, score, unit) -> np.ndarray:
    """Put each unit with a score and no rank into the slot that has its score, if it may."""
    good = np.ones(score.shape[1], dtype=bool)
    column = np.arange(score.shape[1])
    for u in problem.unranked:
        if not _fixed(problem, u):
            continue
        value = problem.unit_low[u]
        here = (score == value) & (unit < 0)
        slot = here.argmax(axis=0)
        fits = here.any(axis=0)
        fits &= (slot >= problem.rank_low[u]) & (slot <= problem.rank_high[u])
        unit[slot[fits], column[fits]] = u
        good &= fits
    return good


def _spread_fixed(problem, unit, rng) -> np.ndarray:
    """As `_place_fixed`, from the bounds of the slots alone, for when no draw fits."""
    unit[:] = problem.owner[:, None]
    fixed = [u for u in problem.unranked if _fixed(problem, u)]
    fixed.sort(key=lambda u: -problem.unit_low[u])
    good = np.ones(unit.shape[1], dtype=bool)
    allowed = [problem.slots_for(u) for u in fixed]
    for chain in range(unit.shape[1]):
        last = -1
        for u, slots in zip(fixed, allowed, strict=True):
            later = slots[slots > last]
            if len(later) == 0:
                good[chain] = False
                break
            last = int(later[min(int(rng.geometric(0.5)) - 1, len(later) - 1)])
            unit[last, chain] = u
    return good


def _spans(problem, bounded, score) -> list[tuple[int, int]]:
    """First and last slot that each bounded unit may be in, by the scores of the slots."""
    spans = []
    for u in bounded:
        reach = np.flatnonzero(
            (score >= problem.unit_low[u] - TINY) & (score <= problem.unit_high[u] + TINY)
        )
        first, last = (reach[0], reach[-1]) if len(reach) else (1, 0)
        spans.append((max(first, problem.rank_low[u]), min(last, problem.rank_high[u])))
    return spans


def _own_bounds(problem, unit) -> tuple[np.ndarray, np.ndarray]:
    """Bounds of each slot with those of the unit in it, where one is."""
    known = unit >= 0
    low = np.where(known, problem.unit_low[unit], SCALE[0])
    high = np.where(known, problem.unit_high[unit], SCALE[1])
    return np.maximum(low, problem.lower[:, None]), np.minimum(high, problem.upper[:, None])


def _chain_bounds(problem, unit) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Own bounds closed over the ranking, and whether they leave anything."""
    low, high = _own_bounds(problem, unit)
    low = np.maximum.accumulate(low[::-1], axis=0)[::-1]
    high = np.minimum.accumulate(high, axis=0)
    return low, high, (low <= high + TINY).all(axis=0)


def _fix_sum(problem, score, low, high) -> np.ndarray:
    """Pull scores towards a bound, all by the same share, until the sum is within its limits."""
    for limit, end, sign in ((problem.total[0], high, 1), (problem.total[1], low, -1)):
        if not np.isfinite(limit):
            continue
        lack = sign * (limit - score.sum(axis=0))
        # A hair inside the limit, so that rounding cannot leave a chain outside.
        lack = np.where(lack > 0, lack + TINY, 0.0)
        room = sign * (end - score).sum(axis=0)
        share = np.divide(lack, room, out=np.zeros_like(lack), where=room > 0)
        score += np.clip(share, 0, 1) * (end - score)
    total = score.sum(axis=0)
    return (total >= problem.total[0] - 1e-7) & (total <= problem.total[1] + 1e-7)


def _fill_rest(problem, unit, rng) -> None:
    """Everyone of whom nothing is known takes a random slot of those left."""
    rest = [u for u in problem.unranked if not problem.is_bounded(u)]
    for chain in range(unit.shape[1]):
        free = np.flatnonzero(unit[:, chain] < 0)
        if len(free) >= len(rest):
            unit[free[: len(rest)], chain] = rng.permutation(rest)
        unit[unit[:, chain] < 0, chain] = 0


def _exact_start(problem):
    """A table from the mixed-integer programme, as columns, for sets that random starts miss."""
    answer = solve(problem)
    if answer is None:
        raise Impossible("no table fits")
    score, chosen = answer
    unit = problem.owner[:, None].copy()
    for u, slot in chosen.items():
        unit[slot, 0] = u
    low, high, _ = _chain_bounds(problem, unit)
    score = np.clip(np.minimum.accumulate(score)[:, None], low, np.maximum(low, high))
    _fix_sum(problem, score, low, high)
    rest = [u for u in problem.unranked if u not in chosen]
    unit[np.flatnonzero(unit[:, 0] < 0), 0] = rest
    return score, unit, *_own_bounds(problem, unit)
