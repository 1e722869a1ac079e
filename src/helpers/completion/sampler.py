"""Draws from the tables that fit: scores of open slots, and units over open slots.

The target is the distribution that independent scores with one density would have, given
everything published: with a flat density, the uniform distribution on the polytope of scores times
the matchings of units to slots. All chains move together, one column each; every step is a Gibbs
or Metropolis step whose choice of coordinates does not depend on the state, or is refused where it
would be another one on the way back, so that the target is kept: hit-and-run along a few
coordinates (Smith 1984; Chen & Schmeiser 1993), with the sum as one more coordinate that may move
within the rounding of the mean. Where years are drawn together there are two more: a unit is moved
in two of them, and the scores of one are taken apart.
"""

from collections.abc import Callable
from functools import partial

import numpy as np

from helpers.completion.density import Density, drawn_density
from helpers.completion.links import Links
from helpers.completion.model import Weights
from helpers.completion.problem import SCALE, TINY, Problem
from helpers.completion.start import FAR, first_chains

SWEEPS = 250
SCHEDULES = 48
BLOCKS = 97
LONG_RUN = 4
SWAPS = 2  # of units in each sweep, in random pairs: far ones, which matter most, are rarely paired
COIN = 0.9  # how often a swap that may be made is tried
ASIDE = 0.25  # of the free slots, how far a unit is carried at most
DECIMALS = 9


def sample(
    problem: Problem,
    chains: int,
    rng: np.random.Generator,
    density: Density,
    sweeps: int = SWEEPS,
    weights: Weights | None = None,
    snapshots: int = 1,
    fixed: bool = False,
) -> tuple[np.ndarray, np.ndarray]:
    """Draw completed tables, one or more per chain.

    Parameters
    ----------
    problem : Problem
    chains : int
        Independent draws.
    rng : Generator
    density : Density
        Of the scores before anything is known of them; where it is normal, the centre of a weak
        prior, and mean and spread are drawn.
    sweeps : int
        Updates of every open score before the draw is taken.
    weights : Weights, optional
        Of the units in the slots; flat where left out.
    snapshots : int
        Draws taken of each chain, spread over the last two thirds of its sweeps; those of one chain
        are alike.
    fixed : bool
        Keep to the density that is given.

    Returns
    -------
    scores, slots : arrays (chains * snapshots, n units)
        Score of each unit and the slot it is in, counted from 0.

    Raises
    ------
    Impossible
        No table to start from was found.
    """
    state = first_chains(problem, chains, rng, density)
    moves = Moves(problem, state, rng, density, fixed)
    moves.weights = weights
    times = set(np.linspace(sweeps - 1, sweeps // 3, snapshots).astype(int))
    drawn = []
    for number in range(sweeps):
        moves.sweep(number)
        if number in times:
            drawn.append(moves.by_unit())
    scores, slots = zip(*drawn, strict=True)
    return np.concatenate(scores), np.concatenate(slots)


class Moves:
    """The moves of one problem; the lists of coordinates are drawn once, before the state.

    Attributes
    ----------
    weights : Weights or None
        Of the units in the slots; may be set anew between sweeps.
    links : Links or None
        Facts that bind units to each other or to other years; likewise.
    scores, slots : array (units + 1, chains)
        Of each unit, as they stood when `read` last; the last row is of nobody.
    """

    def __init__(self, problem, state, rng, density, fixed=False):
        self.problem, self.state, self.rng, self.density = problem, state, rng, density
        self.fitted = None if fixed or density.flat else density
        self.weights: Weights | None = None
        self.links: Links | None = None
        self.n, self.chains = state.unit.shape
        self.columns = np.arange(self.chains)
        self.scores = np.full((self.n + 1, self.chains), np.inf)
        self.slots = np.full((self.n + 1, self.chains), self.n)
        self.read()
        self.balance = self.n + 3 if np.isfinite(problem.total).any() else None
        self.mobile = np.flatnonzero(problem.upper - problem.lower > TINY) + 1
        self.schedules = [self._schedule() for _ in range(SCHEDULES)]
        self.blocks = self._block_lists()
        self.free = problem.free_slots
        bounded = [u for u in problem.unranked if problem.is_bounded(u)]
        self.fixed = [u for u in bounded if problem.unit_high[u] - problem.unit_low[u] < 1.0]
        self.loose = len(bounded) > len(self.fixed)
        self.bounded = len(bounded) > 0
        self.next_free = {step: self._next_free(step) for step in (1, -1)}
        self.unknown = [u for u in problem.unranked if not problem.is_bounded(u)]

    def sweep(self, number: int) -> None:
        """Update every open score and every open place once or more, of a problem without links."""
        self._update(self.schedules[number % SCHEDULES], number)

    def step(self, number: int) -> None:
        """As `sweep`, in turn with other problems: far moves, which are dear, only now and then."""
        turn, now = divmod(number, LONG_RUN)
        self._update(self.schedules[number % SCHEDULES], turn if now == 0 else None)
        self.read()

    def _update(self, sets: list[np.ndarray], far: int | None) -> None:
        if self.links is not None:
            self.links.renew()
            self.links.refresh(self.scores[:-1], self.slots[:-1])
        if self.fitted is not None:
            score = self.state.score[1 : self.n + 1]
            self.density = drawn_density(score, self.fitted, self.rng)
        for rows in sets:
            if self.balance is None:
                self._single(rows)
            else:
                self._pairs(rows)
        if far is not None:
            self._far_moves(far)
        if len(self.free) > 1 and (self.loose or self.weights or self.links):
            for _ in range(SWAPS):
                self._swap()

    def _far_moves(self, number: int) -> None:
        """Shift runs of scores, and let units with a score and no rank change places."""
        moves: list[Callable[[], None]] = [partial(self._hop, unit) for unit in self.fixed]
        if self.blocks:
            moves.insert(0, partial(self._block, *self.blocks[number % len(self.blocks)]))
        if self.links is not None:
            self._judged(moves, self.links)
            return
        for move in moves:
            move()

    def _judged(self, moves: list[Callable[[], None]], links: Links) -> None:
        """Make each move, and take it back where the links, which see whole tables, reject it."""
        s = self.state
        energy = self._energy(links)
        for move in moves:
            before = [part.copy() for part in (s.score, s.low, s.high, s.unit, links.state)]
            move()
            then = self._energy(links)
            back = ~self._accept(energy - then)
            now = (s.score, s.low, s.high, s.unit, links.state)
            for part, old in zip(now, before, strict=True):
                np.copyto(part, old, where=back)
            energy = np.where(back, energy, then)

    def _energy(self, links: Links) -> np.ndarray:
        self.read()
        return links.energy(self.scores[:-1], self.slots[:-1])

    def by_unit(self) -> tuple[np.ndarray, np.ndarray]:
        """Scores and slots of the units, both (chains, units)."""
        self._shuffle_unknown()
        self.read()
        return np.round(self.scores[:-1].T, DECIMALS), self.slots[:-1].T.copy()

    def read(self) -> None:
        """Set `scores` and `slots` to the present state."""
        at = self._at(self.state.unit)
        self.scores.reshape(-1)[at] = self.state.score[1 : self.n + 1]
        self.slots.reshape(-1)[at] = np.arange(self.n)[:, None]

    def _at(self, unit) -> np.ndarray:
        """Places of units in a flat array (units, chains)."""
        return unit * self.chains + self.columns

    def _go(self, log_ratio, *moves) -> np.ndarray:
        """Which moves are made; see `Links.judge` for what each says of a unit."""
        if self.links is None:
            return self._accept(log_ratio)
        return self.links.judge(log_ratio, moves, self.rng)

    def _holders(self, rows) -> tuple[np.ndarray, np.ndarray]:
        """Places of the units in these rows, of nobody in the row of the sum, and their slots."""
        slot = np.minimum(rows - 1, self.n - 1)
        unit = self.state.unit[slot]
        unit[rows == self.balance] = self.n
        return self._at(unit), slot[:, None]

    def _schedule(self) -> list[np.ndarray]:
        """Sets of slots, no two of them neighbours, that between them hold every open slot."""
        left, sets = set(self.mobile), []
        while left:
            chosen, last = [], -2
            for slot in sorted(left):
                if slot > last + 1 and (last > -2 or self.rng.random() < 0.7):
                    chosen.append(slot)
                    last = slot + int(self.rng.random() < 0.25)
            left -= set(chosen)
            rows = np.array(chosen, dtype=int)
            if self.balance is not None:
                rows = np.append(rows, self.balance)
            if len(rows):
                sets.append(self.rng.permutation(rows))
        return sets

    def _reach(self, rows):
        """Where the scores in these rows may go while all others stay."""
        s = self.state
        x = s.score.take(rows, axis=0)  # faster than by [], here where most of the time goes
        low = np.maximum(s.low.take(rows, axis=0), s.score.take(rows + 1, axis=0))
        high = np.minimum(s.high.take(rows, axis=0), s.score.take(rows - 1, axis=0))
        return x, np.minimum(low, x), np.maximum(high, x)

    def _accept(self, log_ratio: np.ndarray) -> np.ndarray:
        return self.rng.random(log_ratio.shape) < np.exp(np.minimum(log_ratio, 0.0))

    def _single(self, rows) -> None:
        """Without a known sum, every score moves on its own."""
        x, low, high = self._reach(rows)
        new = self.density.between(self.rng.random(x.shape), low, high)
        if self.links is not None:
            unit, slot = self._holders(rows)
            new = np.where(self._go(np.zeros(x.shape), (unit, slot, x, None, new)), new, x)
        self.state.score[rows] = new

    def _pairs(self, rows) -> None:
        """One score up, another down by as much; the sum's own row makes single moves of some."""
        half = len(rows) // 2
        one, two = rows[:half], rows[half : 2 * half]
        x, x_low, x_high = self._reach(one)
        y, y_low, y_high = self._reach(two)
        low = np.maximum(x_low - x, y - y_high)
        high = np.minimum(x_high - x, y - y_low)
        step = low + self.rng.random(x.shape) * (high - low)
        change = self.density.change
        w, v = (one != self.balance)[:, None], (two != self.balance)[:, None]
        ratio = w * change(x, step) + v * change(y, -step)
        if self.links is None:
            step *= self._accept(ratio)
        else:
            (u, at), (other, there) = self._holders(one), self._holders(two)
            step *= self._go(ratio, (u, at, x, None, x + step), (other, there, y, None, y - step))
        self.state.score[one] = np.clip(x + step, x_low, x_high)
        self.state.score[two] = np.clip(y - step, y_low, y_high)

    def carry(self, unit, other, step, near) -> np.ndarray:
        """Raise the score of one unit in each draw, lower another's by as much, and rank anew.

        The same move with the step turned leads back.

        Parameters
        ----------
        unit, other : int array (draws,)
        step : array (draws,)
        near : bool array (draws,)
            Where not `other` is lowered, but who is nearest to the unit's new score; the two then
            change places (nearly, where the step is that of another year), and nobody between them
            is moved.

        Returns
        -------
        array (draws,)
            Logarithm of the Metropolis ratio. The move is made in all draws, until `keep`.
        """
        draw = self.columns
        near = near & self.is_open(unit)
        x = self.scores[unit, draw]
        other = np.where(near, self._nearest(unit, x + step), other)
        new = self.scores[:-1].copy()
        new[unit, draw] = x + step
        new[other, draw] -= step
        ratio = self._rank_anew(new)
        # Who was nearest must be so on the way back.
        back = ~near | (self._nearest(unit, x) == other)
        return np.where(back & (unit != other), ratio, -np.inf)

    def stretch(self, units, by) -> np.ndarray:
        """Take the scores of some units apart, or nearer to each other, around their mean.

        Parameters
        ----------
        units : int array (units,)
        by : array (draws,)
            Logarithm of the factor; the same move with it turned leads back.

        Returns
        -------
        array (draws,)
            As of `carry`. With the mean kept, all but one of the units' dimensions are stretched.
        """
        new = self.scores[:-1].copy()
        mean = new[units].mean(axis=0)
        new[units] = mean + np.exp(by) * (new[units] - mean)
        return self._rank_anew(new) + (len(units) - 1) * by

    def _rank_anew(self, new) -> np.ndarray:
        """Give all units new scores (units, draws) and the slots that these have, until `keep`.

        The ratio that it gives is as of `carry`, of densities alone.
        """
        s, p, slot = self.state, self.problem, np.arange(self.n)[:, None]
        self.before = [part.copy() for part in (s.score, s.low, s.high, s.unit)]
        ratio = np.zeros(self.chains)
        if self.links is not None:
            self.links.renew()
            ratio += self.links.energy(self.scores[:-1], self.slots[:-1])
        score = s.score[1 : self.n + 1]
        moved = np.take_along_axis(new, s.unit, axis=0)
        ratio += self.density.change(score, moved - score).sum(axis=0)
        order = np.argsort(-moved, axis=0, kind="stable")
        score[:], s.unit = (np.take_along_axis(part, order, axis=0) for part in (moved, s.unit))
        low, high = self._bounds(s.unit, slot)
        s.low[1 : self.n + 1], s.high[1 : self.n + 1] = low, high
        fits = (low - TINY <= score) & (score <= high + TINY)
        fits &= (p.rank_low.take(s.unit) <= slot) & (slot <= p.rank_high.take(s.unit))
        if self.weights is not None:
            now, then = (self.weights.total(self._at(who)) for who in (s.unit, self.before[-1]))
            ratio += now - then
        self.read()
        if self.links is not None:
            ratio -= self.links.energy(self.scores[:-1], self.slots[:-1])
        return np.where(fits.all(axis=0), ratio, -np.inf)

    def keep(self, go) -> None:
        """Keep the move of `carry` or `stretch` in these draws, and take it back in all others."""
        s = self.state
        for part, old in zip((s.score, s.low, s.high, s.unit), self.before, strict=True):
            np.copyto(part, old, where=~go)
        self.read()

    def is_open(self, unit) -> np.ndarray:
        """Whether the slot of a unit is not known."""
        return self.problem.rank_low[unit] < self.problem.rank_high[unit]

    def is_known(self, unit) -> np.ndarray:
        """Whether the score of a unit is known."""
        p = self.problem
        low, high = self._bounds(unit, p.rank_low[unit])
        alone = p.unit_high[unit] - p.unit_low[unit] < TINY
        return alone | (~self.is_open(unit) & (high - low < TINY))

    def aside(self, unit, sign) -> np.ndarray:
        """Another free slot for units in free slots, by the sign, as often as back; -1 for none."""
        far = np.ceil(self.rng.random(self.chains) ** 2 * ASIDE * len(self.free)).astype(int)
        place = np.searchsorted(self.free, self.slots[unit, self.columns]) + sign * far
        return np.r_[-1, self.free, -1][np.clip(place, -1, len(self.free)) + 1]

    def step_to(self, unit, slot) -> np.ndarray:
        """Step of each unit's score to that of a free slot; off the scale where it is none."""
        free = np.isin(slot, self.free)
        there = self.state.score[np.where(free, slot, 0) + 1, self.columns]
        return np.where(free, there - self.scores[unit, self.columns], 2 * SCALE[1])

    def _nearest(self, unit, value) -> np.ndarray:
        """Who of the others in a free slot is nearest to a score, in each draw."""
        off = np.abs(self.state.score[self.free + 1] - value)
        holder = self.state.unit[self.free]
        off[holder == unit] = np.inf
        return holder[off.argmin(axis=0), self.columns]

    def _block_lists(self) -> list[tuple[np.ndarray, np.ndarray, np.ndarray]]:
        """Neighbouring slots to shift as one, slots to shift against them, and by which shares."""
        runs = np.split(self.mobile, np.flatnonzero(np.diff(self.mobile) > 1) + 1)
        runs = [run for run in runs if len(run) >= LONG_RUN]
        blocks = []
        for _ in range(BLOCKS if runs else 0):
            run = runs[int(self.rng.random() * len(runs))]
            first, last = np.sort(self.rng.permutation(len(run))[:2])
            one = run[first : last + 1]
            two = np.zeros(0, dtype=int)
            if self.balance is not None:
                apart = np.setdiff1d(self.mobile, np.r_[one, one[0] - 1, one[-1] + 1])
                two = np.sort(self.rng.permutation(apart)[: 1 + int(self.rng.random() * 3)])
                two = np.append(two[np.diff(two, prepend=-2) > 1], self.balance)
            share = self.rng.random((len(two), 1))
            blocks.append((one, two, share * (len(one) / share.sum()) if len(two) else share))
        return blocks

    def _block(self, one, two, share) -> None:
        """Shift neighbouring scores together, and others against them: mixes long runs."""
        s = self.state
        x = s.score[one]
        low = np.maximum((s.low[one] - x).max(axis=0), s.score[one[-1] + 1] - x[-1])
        high = np.minimum((s.high[one] - x).min(axis=0), s.score[one[0] - 1] - x[0])
        y, y_low, y_high = self._reach(two)
        low = np.maximum(low, ((y - y_high) / share).max(axis=0, initial=-FAR))
        high = np.minimum(high, ((y - y_low) / share).min(axis=0, initial=FAR))
        low, high = np.minimum(low, 0), np.maximum(high, 0)
        step = low + self.rng.random(self.chains) * (high - low)
        if not self.density.flat:
            change = self.density.change
            slot = (two != self.balance)[:, None]
            ratio = change(x, step).sum(axis=0) + (slot * change(y, -step * share)).sum(axis=0)
            step = step * self._accept(ratio)
        s.score[one] = np.clip(x + step, s.low[one], s.high[one])
        s.score[two] = np.clip(y - step * share, y_low, y_high)

    def _swap(self) -> None:
        """Two units without a known slot change places where both may."""
        s = self.state
        order = self.rng.permutation(self.free)
        half = len(order) // 2
        one, two = order[:half], order[half : 2 * half]
        u, v = s.unit[one], s.unit[two]
        x, y = s.score[one + 1], s.score[two + 1]
        here, there = one[:, None], two[:, None]
        # A coin per chain: swaps that always happen would move all chains alike.
        fits = self.rng.random(u.shape) < COIN
        if self.bounded:
            fits &= self._may(u, there, y) & self._may(v, here, x)
        ratio = np.where(fits, 0.0, -np.inf)
        first, second = self._at(u), self._at(v)
        if self.weights is not None:
            ratio += self.weights.exchange(first, here, second, there)
        fits &= self._go(ratio, (first, here, x, there, y), (second, there, y, here, x))
        s.unit[one], s.unit[two] = np.where(fits, v, u), np.where(fits, u, v)
        if self.bounded:
            changed = np.r_[one, two]
            low, high = self._bounds(s.unit[changed], changed[:, None])
            s.low[changed + 1], s.high[changed + 1] = low, high

    def _bounds(self, unit, slot) -> tuple[np.ndarray, np.ndarray]:
        """Bounds of the score of a unit in a slot."""
        p = self.problem
        low = np.maximum(p.unit_low.take(unit), p.lower.take(slot))
        return low, np.minimum(p.unit_high.take(unit), p.upper.take(slot))

    def _may(self, unit, slot, score) -> np.ndarray:
        p = self.problem
        fits = (p.rank_low.take(unit) <= slot) & (slot <= p.rank_high.take(unit))
        return fits & (p.unit_low.take(unit) <= score) & (score <= p.unit_high.take(unit))

    def _shuffle_unknown(self) -> None:
        """Units of which nothing is known are exchangeable: permute them once more, exactly."""
        if len(self.unknown) < 2 or self.weights is not None or self.links is not None:
            return
        unit = self.state.unit
        member = np.isin(unit, self.unknown)
        for chain in range(self.chains):
            here = np.flatnonzero(member[:, chain])
            unit[here, chain] = self.rng.permutation(self.unknown)

    # --- a score without a rank changes its slot -------------------------------------------

    def _hop(self, unit: int) -> None:
        """Move a unit with (nearly) fixed score past the open scores next to it.

        To go from slot k to a free slot k' below, the scores in between are drawn anew above the
        unit's score instead of below it; another slot, or the sum within its rounding, takes the
        difference. The acceptance ratio has the volumes of both boxes.
        """
        s, n = self.state, self.n
        slot = (s.unit == unit).argmax(axis=0)
        # Up or down by chain: only the mixture of both keeps the target, not either alone.
        down = self.rng.random(self.chains) < 0.5
        step = np.where(down, 1, -1)
        target = np.where(down, self.next_free[1][slot], self.next_free[-1][slot])
        inside = (target >= 0) & (target < n)
        target = np.where(inside, target, slot)
        m = np.abs(target - slot)
        column = self.columns
        value = s.score[slot + 1, column]
        # Ends of the boxes: beyond the unit's present slot, and beyond its new one.
        near = np.clip(s.score[slot + 1 - step, column], *SCALE)
        far = np.clip(s.score[target + 1 + step, column], *SCALE)
        ratio = np.zeros(self.chains)
        fits = inside & (m > 0) & (near != value) & (far != value)
        widest = int(m.max(initial=0))
        if widest == 0 or not fits.any() or len(self.mobile) == 0:
            return
        rank = np.arange(widest)[:, None]
        used = rank < m
        fresh = value + self.rng.random((widest, self.chains)) * (near - value)
        # Sorted so that what comes first lies next to `near`; unused ones are set aside.
        key = np.where(used, np.abs(fresh - value), -1.0)
        order = np.argsort(-key, axis=0)
        fresh = np.take_along_axis(fresh, order, axis=0)
        where = np.clip(slot + step * rank, 0, n - 1)
        old_where = np.clip(slot + step * (rank + 1), 0, n - 1)
        old = s.score[old_where + 1, column]
        gain = np.where(used, fresh - old, 0.0).sum(axis=0)
        ratio += np.where(used, self.density.change(old, fresh - old), 0.0).sum(axis=0)
        with np.errstate(divide="ignore", invalid="ignore"):
            volumes = m * (np.log(np.abs(near - value)) - np.log(np.abs(far - value)))
        ratio = np.where(fits, ratio + volumes, -np.inf)
        # Slot bounds of the scores that move, with the units that stay there.
        other = s.unit[target, column]
        if self.weights is not None:
            ratio = ratio + self.weights.exchange(self._at(unit), slot, self._at(other), target)
        holder = np.where(rank == 0, other, s.unit[where, column])
        fits &= np.where(used, self._inside(holder, where, fresh), True).all(axis=0)
        for one, place, score in ((unit, target, value), (other, slot, fresh[0])):
            fits &= self._inside(one, place, score) & self._may(one, place, score)
        lo, hi = np.minimum(slot, target), np.maximum(slot, target)
        fits, ratio, partner, new = self._compensate(gain, lo, hi, fits, ratio)
        fits &= self._accept(np.where(fits, ratio, -np.inf))
        chosen = np.flatnonzero(fits)
        if len(chosen) == 0:
            return
        s.score[partner, chosen] = new[chosen]
        for k in range(widest):
            part = chosen[k < m[chosen]]
            s.score[where[k, part] + 1, part] = fresh[k, part]
        s.score[target[chosen] + 1, chosen] = value[chosen]
        s.unit[slot[chosen], chosen] = other[chosen]
        s.unit[target[chosen], chosen] = unit
        for place in (slot, target):
            at = place[chosen]
            low, high = self._bounds(s.unit[at, chosen], at)
            s.low[at + 1, chosen], s.high[at + 1, chosen] = low, high

    def _inside(self, unit, slot, score) -> np.ndarray:
        """Whether the unit may have the score in the slot."""
        low, high = self._bounds(unit, slot)
        return (low <= score) & (score <= high)

    def _next_free(self, step: int) -> np.ndarray:
        """Free slot next to each slot in a direction; -1 or n where there is none."""
        free = np.r_[-1, self.free, self.n]
        if step > 0:
            return free[np.searchsorted(free, np.arange(self.n), side="right")]
        return free[np.searchsorted(free, np.arange(self.n), side="left") - 1]

    def _compensate(self, gain, lo, hi, fits, ratio):
        """One row that takes the difference in the sum, and what that does to the ratio."""
        s = self.state
        if self.balance is None:
            row = self.n + 3
            return fits, ratio, row, s.score[row] - gain
        slot = self.mobile[int(self.rng.random() * len(self.mobile))]
        row = self.balance if self.rng.random() < 0.4 else slot
        x, low, high = self._reach(np.array([row]))
        new = x[0] - gain
        fits = fits & (low[0] <= new) & (new <= high[0])
        if row != self.balance:
            fits &= (row - 1 < lo - 1) | (row - 1 > hi + 1)
            ratio = ratio + self.density.change(x[0], -gain)
        return fits, ratio, row, new
