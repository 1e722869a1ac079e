"""The sampler against an independent oracle, and against itself run for longer."""

import numpy as np
import pytest

from helpers.completion.density import Density, fit_density
from helpers.completion.gather import Bound, Fact, gather, roster
from helpers.completion.model import Weights, normal_scores
from helpers.completion.problem import build
from helpers.completion.sampler import sample
from helpers.completion.together import weights_of
from helpers.facts import load

UNITS = [f"Đơn vị giả {number:02d}" for number in range(1, 8)]
FIRST, FLOATING, THIRD, HIGH, LOW, CAPPED, OPEN = UNITS
TOTAL = (556.0, 562.0)


def fact(*bound):
    return Fact("made up", "", (), (Bound(*bound),))


def small_problem():
    """Seven units: a score without rank, a rank without score, and bounds of each kind."""
    return build(
        [
            fact("score", FIRST, 90, 90),
            fact("rank", FIRST, 1, 1),
            fact("slot", 7, 70, 70),
            fact("score", FLOATING, 82, 82),
            fact("rank", THIRD, 3, 3),
            fact("score", HIGH, 80, np.inf),
            fact("rank", LOW, 4, 7),
            fact("score", CAPPED, -np.inf, 84),
            fact("sum", None, *TOTAL),
        ],
        UNITS,
    )


def by_rejection(density, wanted):
    """Independent scores in random order, thrown away unless everything holds."""
    rng = np.random.default_rng(2)
    scores, slots = [], []
    while sum(map(len, slots)) < wanted:
        m = 300_000
        inner = density.between(rng.random((m, 4)), 70.0, 90.0)
        inner = -np.sort(-np.column_stack([inner, np.full(m, 82.0)]), axis=1)
        table = np.column_stack([np.full(m, 90.0), inner, np.full(m, 70.0)])
        floating = (table == 82).argmax(axis=1)
        keep = (table.sum(axis=1) >= TOTAL[0]) & (table.sum(axis=1) <= TOTAL[1]) & (floating != 2)
        table, floating = table[keep], floating[keep]
        # Slots left for the last four units, in random order.
        weight = rng.random((len(table), 7))
        weight[:, [0, 2]] = 2
        weight[np.arange(len(table)), floating] = 2
        rest = np.argsort(weight, axis=1)[:, :4]
        slot = np.column_stack([np.zeros(len(table), int), floating, np.full(len(table), 2), rest])
        score = np.take_along_axis(table, slot, axis=1)
        keep = (score[:, 3] >= 80) & (slot[:, 4] >= 3) & (score[:, 5] <= 84)
        scores.append(score[keep])
        slots.append(slot[keep])
    return np.concatenate(scores)[:wanted], np.concatenate(slots)[:wanted]


@pytest.mark.parametrize("density", [Density(), Density(78.0, 6.0)], ids=["flat", "normal"])
def test_small_case_agrees_with_rejection_sampling(density):
    wanted = 8000
    rng = np.random.Generator(np.random.PCG64(1))
    scores, slots = sample(small_problem(), wanted, rng, density, sweeps=250, fixed=True)
    exact_scores, exact_slots = by_rejection(density, wanted)
    # Five standard errors of a difference between two independent samples.
    near = 5 * np.sqrt(2 / wanted)
    spread = exact_scores.std(axis=0)
    assert (abs(scores.mean(axis=0) - exact_scores.mean(axis=0)) <= near * spread + 1e-9).all()
    assert scores.std(axis=0) == pytest.approx(spread, rel=0.06, abs=1e-9)
    for unit in range(len(UNITS)):
        shares = [np.bincount(s[:, unit], minlength=7) / wanted for s in (slots, exact_slots)]
        assert shares[0] == pytest.approx(shares[1], abs=near * 0.5)


SLOW = [pytest.param(*one, marks=pytest.mark.slow) for one in (("PAR", 2024), ("SIPAS", 2022))]


@pytest.mark.parametrize("index, year", [("PAR", 2020), *SLOW])
def test_ten_times_as_many_sweeps_change_nothing(index, year):
    table, chains = load(), 500
    names = roster(table, index, year, "province")
    problem = build(gather(table, index, year, "province", names), names)
    rng = np.random.Generator(np.random.PCG64(0))
    weights = weights_of(table, index, year, chains, rng)
    runs = [
        sample(
            problem, chains, np.random.Generator(np.random.PCG64(seed)), density, sweeps, weights
        )
        for seed, sweeps, density in (
            (1, 300, fit_density(problem)),
            (2, 3000, fit_density(problem)),
        )
    ]
    short, long = (-np.sort(-scores, axis=1) for scores, _ in runs)
    moving = long.std(axis=0) > 1e-6
    shift = (short.mean(axis=0) - long.mean(axis=0))[moving] / long.std(axis=0)[moving]
    noise = np.sqrt(2 / chains)
    assert np.sqrt((shift**2).mean()) < 2 * noise
    assert abs(shift).max() < 5 * noise


def test_weights_pull_units_and_keep_bounds():
    z, draws = normal_scores(7), 2000
    precision = np.zeros((7, draws))
    precision[UNITS.index(OPEN)] = 16.0
    weights = Weights(z, precision * z[-1], precision)
    rng = np.random.Generator(np.random.PCG64(1))
    _, with_them = sample(small_problem(), draws, rng, Density(), 150, weights)
    _, without = sample(small_problem(), draws, rng, Density(), 150)
    last = [(slots[:, UNITS.index(OPEN)] == 6).mean() for slots in (with_them, without)]
    assert last[0] > last[1] + 0.3
    assert (with_them[:, UNITS.index(LOW)] >= 3).all()
