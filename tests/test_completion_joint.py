"""The joint model and its draws, against independent oracles."""

import itertools

import numpy as np
import pandas as pd
import pytest
from scipy.optimize import approx_fprime
from scipy.stats import multivariate_normal

from helpers import completion, units
from helpers.completion import together
from helpers.completion.density import Density
from helpers.completion.gather import Bound, Fact, Tie, gather, ties
from helpers.completion.links import Links
from helpers.completion.model import PRIOR, Columns, Drawn, Known, Weights, covariances
from helpers.completion.problem import build
from helpers.completion.sampler import Moves
from helpers.completion.start import first_chains

COLUMNS = Columns(np.array([0, 0, 0, 1, 1, 2]), np.array([2019, 2020, 2022, 2019, 2020, 2022]))
REGION = np.array([0, 0, 1, 1, 1])
NAMES = tuple(f"Đơn vị giả {number}" for number in range(1, 6))
SOFTNESS = 0.35  # of facts that are not hard yet


@pytest.fixture(scope="module")
def joint(table):
    return completion.joint(table)


def some_scores(rng) -> np.ndarray:
    z = rng.standard_normal((len(REGION), len(COLUMNS.year)))
    z[rng.random(z.shape) < 0.4] = np.nan
    return z


def whole_covariance(theta: np.ndarray) -> np.ndarray:
    """Of all units and columns, unit by unit, written out pair by pair."""
    within, between = covariances(theta, COLUMNS)
    size = len(COLUMNS.year)
    result = np.zeros((len(REGION) * size, len(REGION) * size))
    for i, j in itertools.product(range(len(REGION)), repeat=2):
        for t, s in itertools.product(range(size), repeat=2):
            shared = between[COLUMNS.series[t], COLUMNS.series[s]] * (REGION[i] == REGION[j])
            result[i * size + t, j * size + s] = shared + within[t, s] * (i == j)
    return result


def thetas(count: int):
    rng = np.random.default_rng(5)
    return [PRIOR[:, 0] + PRIOR[:, 1] * rng.standard_normal(len(PRIOR)) for _ in range(count)]


# --- the model -------------------------------------------------------------------------------


@pytest.mark.parametrize("theta", thetas(6))
def test_covariances_are_covariances_and_the_likelihood_is_normal(theta):
    whole = whole_covariance(theta)
    assert np.linalg.eigvalsh(whole).min() > 0
    rng = np.random.default_rng(1)
    z = some_scores(rng)
    known = np.isfinite(z).ravel()
    exact = multivariate_normal(np.zeros(known.sum()), whole[np.ix_(known, known)])
    prior = -0.5 * (((theta - PRIOR[:, 0]) / PRIOR[:, 1]) ** 2).sum()
    constant = known.sum() / 2 * np.log(2 * np.pi)
    found = Known(z, REGION, COLUMNS).posterior(theta)
    assert found == pytest.approx(exact.logpdf(z.ravel()[known]) + prior + constant)


@pytest.mark.parametrize("theta", thetas(4))
def test_the_slope_is_that_of_the_posterior(theta):
    known = Known(some_scores(np.random.default_rng(2)), REGION, COLUMNS)
    by_steps = approx_fprime(theta, known.posterior, 1e-6)
    assert known.slope(theta) == pytest.approx(by_steps, abs=1e-3)


def test_a_column_given_the_others_is_the_conditional_normal():
    theta, rng = thetas(1)[0], np.random.default_rng(3)
    z, size, column = some_scores(rng), len(COLUMNS.year), 1
    z[:, column] = np.nan
    known = np.isfinite(z).ravel()
    whole = whole_covariance(theta)
    gain = whole[:, known] @ np.linalg.inv(whole[np.ix_(known, known)])
    mean = (gain @ z.ravel()[known])[column::size]
    variance = np.diag(whole - gain @ whole[known])[column::size]
    draws = 40_000
    model = Drawn(np.repeat(theta[None], draws, axis=0), REGION, COLUMNS)
    weights = model.of_column(z, column, rng)
    # Region effects are drawn: their variance is that of the means.
    means = weights.pull / weights.precision
    error = 5 * np.sqrt(variance / draws)
    assert (abs(means.mean(axis=1) - mean) < error).all()
    total = means.var(axis=1) + (1 / weights.precision).mean(axis=1)
    assert total == pytest.approx(variance, rel=0.05)
    drawn = model.draw_open(z, rng)[:, :, column]
    assert (abs(drawn.mean(axis=0) - mean) < error).all()
    assert drawn.var(axis=0) == pytest.approx(variance, rel=0.05)


def test_parameters_are_drawn_around_what_made_the_scores():
    """A world of 63 units: intervals of the larger variances hold the truth."""
    rng = np.random.default_rng(11)
    region = np.repeat(np.arange(6), 11)[:63]
    columns = Columns(np.repeat([0, 1, 2], [6, 4, 3]), np.r_[2014:2020, 2016:2020, 2022:2025])
    truth = PRIOR[:, 0]
    within, between = covariances(truth, columns)
    effects = rng.multivariate_normal(np.zeros(3), between, 6) @ columns.design.T
    z = rng.multivariate_normal(np.zeros(len(columns.year)), within, 63) + effects[region]
    z[rng.random(z.shape) < 0.4] = np.nan
    drawn = together.draw_parameters(Known(z, region, columns), 200, rng)
    low, high = np.quantile(drawn, [0.005, 0.995], axis=0)
    assert ((low <= truth) & (truth <= high)).mean() >= 0.9
    assert (drawn.std(axis=0) < PRIOR[:, 1]).mean() >= 0.8


# --- the sampler -----------------------------------------------------------------------------


# With the sum of two units as well, some tables cannot be reached from others by exchanges that
# keep both facts, so that the draws keep a little of how they came there.
@pytest.mark.parametrize(
    "total, least, beyond",
    [((0.0, 500.0), -99, 0.0), ((0.0, 500.0), 5, 0.0), ((155.0, 165.0), -99, 0.04)],
)
def test_places_are_drawn_as_an_exact_count_of_all_tables_says(total, least, beyond):
    """Five units over five known scores: every order is counted, and the facts are kept."""
    scores = np.array([90.0, 85, 80, 75, 70])
    problem = build(
        [Fact("made up", "", (), (Bound("slot", n + 1, s, s),)) for n, s in enumerate(scores)],
        NAMES,
    )
    draws, rng = 6000, np.random.Generator(np.random.PCG64(3))
    z = np.array([1.2, 0.5, 0.0, -0.5, -1.2])
    mean, precision = np.array([0.8, -0.3, 0.0, 0.5, -1.0]), np.array([3.0, 1.0, 2.0, 0.5, 4.0])
    other, low = np.array([82.0, 88, 79, 71, 74]), 2
    problem.groups.append(([0, 1], *total))
    chances = {}
    for order in itertools.permutations(range(5)):
        slot = np.argsort(order)
        rises = (scores[slot] > other).sum()
        rose = (scores[slot] - other)[3] >= least
        if rose and rises == low and total[0] <= scores[slot][:2].sum() <= total[1]:
            chances[tuple(slot)] = np.exp(-0.5 * (precision * (z[slot] - mean) ** 2).sum())
    exact = np.zeros((5, 5))
    for slot, chance in chances.items():
        exact[np.arange(5), slot] += chance / sum(chances.values())
    moves = Moves(problem, first_chains(problem, draws, rng, Density()), rng, Density())
    weights = [np.repeat(values[:, None], draws, axis=1) for values in (precision, mean)]
    moves.weights = Weights(z, weights[0] * weights[1], weights[0])
    others = np.repeat(np.append(other, np.inf)[:, None], draws, axis=1)
    known = [Tie("", None, False, True, low, low), Tie("", 3, False, True, least, np.inf)]
    moves.links = Links(problem, draws, [(others, others, 1, known)])
    for sweep in range(200):
        moves.links.harden(min(1.0, sweep / 100))
        moves.step(sweep)
    _scores, slots = moves.by_unit()
    found = np.array([np.bincount(slots[:, unit], minlength=5) for unit in range(5)]) / draws
    assert found == pytest.approx(exact, abs=5 * 0.5 / np.sqrt(draws) + beyond)
    assert {tuple(slot) for slot in slots} <= set(chances)


@pytest.mark.parametrize("owned", [False, True])
def test_units_are_carried_through_two_years_as_drawing_and_rejecting_says(owned):
    """Four units in two years; one rose by 5, another fell, and the first may be known as third."""
    names, low, high = NAMES[:4], 40.0, 60.0
    slots = Fact("made up", "", (), tuple(Bound("slot", n, low, high) for n in range(1, 5)))
    third = Fact("made up", "", (), (Bound("rank", names[0], 3, 3),))
    problems = [build([slots, third] if owned else [slots], names), build([slots], names)]
    known = [Tie("", 0, False, True, 4.5, 5.5), Tie("", 1, False, True, -np.inf, 0.0)]
    draws, rng = 4000, np.random.Generator(np.random.PCG64(4))
    years = Columns(np.array([0, 0]), np.array([2019, 2020]))
    theta = np.repeat(PRIOR[None, :, 0], draws, axis=0)
    model = Drawn(theta, np.zeros(4, dtype=int), years)

    score = rng.uniform(low, high, (1_000_000, 2, 4))
    score[:, 1, 0] = score[:, 0, 0] + rng.uniform(4.5, 5.5, len(score))
    change = score[:, 1] - score[:, 0]
    keeps = (score[:, 1, 0] <= high) & (change[:, 1] <= 0)
    slot = (-score).argsort(axis=2).argsort(axis=2)
    keeps &= (slot[:, 0, 0] == 2) | (not owned)
    score, z = score[keeps], model.slots[slot[keeps]]
    chance = np.exp(-0.5 * np.einsum("kau,ab,kbu->k", z, model.precision[0], z))
    exact = [np.average(of, axis=0, weights=chance) for of in (score, z, score**2)]

    columns = [
        together.Column("PAR", year, 0, problem, [])
        for year, problem in zip(years.year, problems, strict=True)
    ]
    columns[1].ties = known
    for one in columns:
        one.moves = Moves(
            one.problem, first_chains(one.problem, draws, rng, Density()), rng, Density()
        )
    for one in columns:
        one.moves.links = together._links(one, {("PAR", c.year): c for c in columns})
    level = np.zeros((draws, 2, 4))
    off = np.stack([model.slots.take(one.slots).T for one in columns], axis=1)
    (tied,) = together._tied(columns)
    assert list(tied.units) == [0, 1]
    for sweep in range(150):
        for number, one in enumerate(columns):
            one.moves.links.harden(min(1.0, sweep / 60))
            one.moves.weights = model.given_others(off, number, level[:, number])
            one.moves.step(sweep)
            off[:, number] = model.slots.take(one.slots).T
        for _ in range(6):
            together._carry(columns, tied, model, off, level, rng)
    score = np.stack([one.scores.T for one in columns], axis=1)
    for of, mean in zip((score, off, score**2), exact, strict=True):
        error = of.std(axis=0) * np.sqrt(1 / draws + (chance**2).sum() / chance.sum() ** 2)
        assert (abs(of.mean(axis=0) - mean) <= 4.5 * error + 1e-3 * abs(mean)).all()


def test_who_is_moved_in_two_years():
    """Not who is known in one of them, nor who rose or fell as the nation did."""
    n = len(NAMES)
    problems = [
        build([Fact("", "", (), (Bound("sum", None, mean * n, mean * n), *bounds))], NAMES)
        for mean, bounds in ((50.0, ()), (60.0, (Bound("score", NAMES[2], 55.0, 55.0),)))
    ]
    columns = [together.Column("PAR", 2019 + a, 0, one, []) for a, one in enumerate(problems)]
    rng = np.random.default_rng(1)
    for one in columns:
        one.moves = Moves(one.problem, first_chains(one.problem, 2, rng, Density()), rng, Density())
    columns[1].ties = [
        Tie("", 0, False, True, 0.0, np.inf), Tie("", 1, False, True, -np.inf, 0.0),
        Tie("", 2, True, True, 3.0, 3.0), Tie("", 3, False, True, 2.5, 3.5),
        Tie("", 4, True, True, 1.0, 1.0),
    ]  # fmt: skip
    (tied,) = together._tied(columns)
    assert list(tied.units) == [1, 3, 4] and list(tied.others) == [0, 1, 4]
    assert [list(units_) for _, units_ in together._stretched(columns)] == [[0, 1, 2, 4], [0, 1, 4]]


@pytest.fixture(scope="module")
def soft_world():
    """Two years of five units under facts of all kinds that are still soft, by rejection."""
    n, rng = len(NAMES), np.random.Generator(np.random.PCG64(4))
    bounds = [tuple(Bound("slot", slot, 40.0, 60.0) for slot in range(1, n + 1))]
    bounds += [(Bound("sum", None, 46.0 * n, 54.0 * n),)]
    first = [*bounds, (Bound("group", NAMES[1:3], 96.0, 102.0),)]
    theta = PRIOR[:, 0].copy()
    theta[:9] = [-1.5] * 6 + [-2.0] * 3  # units that are not always the same
    years, region = Columns(np.array([0, 0]), np.array([2019, 2020])), np.zeros(n, dtype=int)
    level = 0.3 * rng.standard_normal((2, n))
    problem = build([Fact("", "", (), one) for one in first], NAMES)
    model = Drawn(theta[None], region, years)
    density = Density(51.0, 6.0)
    made = [soft_draws(rng, problem, model, level, density) for _ in range(4)]
    return [first, bounds], theta, (region, years), level, density, np.concatenate(made)


@pytest.mark.slow
@pytest.mark.parametrize("owned", [False, True])
@pytest.mark.parametrize("move", ["carry", "stretch"])
def test_moves_of_years_drawn_together_leave_draws_as_they_should_be(
    soft_world, move, owned, monkeypatch
):
    monkeypatch.setattr(together, "STRETCH", (0.1, 1.0))  # as far as a table of five units may go
    bounds, theta, of, level, density, score = soft_world
    n, rng = len(NAMES), np.random.Generator(np.random.PCG64(5))
    if owned:
        score = score[(score[:, 0] > score[:, 0, :1]).sum(axis=1) == 2]
        bounds = [[*bounds[0], (Bound("rank", NAMES[0], 3, 3),)], bounds[1]]
    problems = [build([Fact("", "", (), one) for one in facts], NAMES) for facts in bounds]
    draws = len(score)
    model = Drawn(np.repeat(theta[None], draws, axis=0), *of)
    columns = [together.Column("PAR", 2019 + a, 0, one, []) for a, one in enumerate(problems)]
    columns[1].ties = [
        Tie("", 0, False, True, 2.5, 3.5), Tie("", 1, False, True, -np.inf, 0.0),
        Tie("", None, False, True, 2, 3), Tie("", 2, True, True, -1.0, 1.0),
    ]  # fmt: skip
    for a, one in enumerate(columns):
        s, order = first_chains(one.problem, draws, rng, density), (-score[:, a]).argsort(axis=1)
        s.unit[:], s.score[1 : n + 1] = order.T, np.take_along_axis(score[:, a], order, axis=1).T
        s.score[n + 3] = -score[:, a].sum(axis=1)
        one.moves = Moves(one.problem, s, rng, density, fixed=True)
    for one in columns:
        one.moves.links = together._links(one, {("PAR", c.year): c for c in columns})
        one.moves.links.harden(SOFTNESS)
    (tied,), level = together._tied(columns), np.repeat(level[None], draws, axis=0)
    z = np.stack([model.slots.take(one.slots).T for one in columns], axis=1)
    before, z = moments(score, z), z - level
    for _ in range(25):
        if move == "carry":
            together._carry(columns, tied, model, z, level, rng)
        else:
            for number, units_ in together._stretched(columns):
                together._stretch(columns, number, units_, model, z, level, rng)
    after = np.stack([one.scores.T for one in columns], axis=1)
    moved = (after != score).mean(axis=0)
    assert (moved[:, tied.units] > 0.5).all() if move == "carry" else (moved[:, 1:] > 0.9).all()
    change = moments(after, z + level) - before
    assert (abs(change.mean(axis=0)) <= 4 * change.std(axis=0) / np.sqrt(draws) + 1e-9).all()


def moments(score, z) -> np.ndarray:
    """Of two years, alone and together: (draws, 8, units)."""
    across = (score[:, 1:] - score[:, :1]) ** 2, z[:, :1] * z[:, 1:]
    return np.concatenate([score, score**2, z, *across], axis=1)


def soft_draws(rng, problem, model, level, density) -> np.ndarray:
    """Scores (draws, 2 years, units), under what the tests above say, by rejection."""
    soft = Links(problem, 1, [])
    soft.harden(SOFTNESS)

    def off(value, least, most, kind):
        return np.maximum(np.maximum(least - value, value - most), 0.0) / soft.scale[kind]

    orders = np.array(list(itertools.permutations(range(len(NAMES)))))  # slots of the units
    one, two = (model.slots[orders] - of for of in level)
    (own, between), (_, later) = model.precision[0]
    chance = own * (one**2).sum(axis=1)[:, None] + later * (two**2).sum(axis=1)
    chance = np.exp(-0.5 * (chance + 2 * between * one @ two.T)).ravel()
    pairs = rng.choice(len(chance), 1_000_000, p=chance / chance.sum())
    slot = orders[np.stack(np.divmod(pairs, len(orders)), axis=1)]
    score = -np.sort(-density.between(rng.random(slot.shape), 40.0, 60.0), axis=2)
    score = np.take_along_axis(score, slot, axis=2)
    change = score[:, 1] - score[:, 0]
    energy = off(change[:, 0], 2.5, 3.5, "score") + off(change[:, 1], -np.inf, 0.0, "score")
    energy += off((change > 0).sum(axis=1), 2, 3, "count")
    energy += off(slot[:, 1, 2] - slot[:, 0, 2], -1, 1, "rank")
    energy += off(score[:, 0, 1:3].sum(axis=1), 96, 102, "sum")
    fits = (abs(score.mean(axis=2) - 50) < 4).all(axis=1)
    return score[fits & (rng.random(len(score)) < np.exp(-energy))]


def test_facts_of_two_years_are_read(table):
    names = tuple(units.provinces()["name"])
    found = ties(table, "SIPAS", 2020, names)
    assert [(t.unit, t.low, t.high) for t in found if t.unit is None] == [(None, 49, 49)]
    # Where all that fell are named, everyone else is known to have risen, and no count is needed.
    found = ties(table, "PAR", 2021, names)
    assert all(t.unit is not None for t in found)
    assert len({t.unit for t in found if t.low == 0}) > 20


# --- the draws -------------------------------------------------------------------------------


def test_draws_keep_the_facts_of_their_year(table, joint):
    for (index, year), (scores, ranks) in joint.tables.items():
        problem = build(gather(table, index, year, "province", joint.units), joint.units)
        slots = (-scores).argsort(axis=1, kind="stable").argsort(axis=1, kind="stable")
        slack = 1e-6
        ordered = -np.sort(-scores, axis=1)
        assert (ordered >= problem.lower - slack).all() and (ordered <= problem.upper + slack).all()
        assert (scores >= problem.unit_low - slack).all()
        assert (scores <= problem.unit_high + slack).all()
        total = scores.sum(axis=1)
        assert (problem.total[0] - slack <= total).all() and (
            total <= problem.total[1] + slack
        ).all()
        owned = np.flatnonzero(problem.owner >= 0)
        assert (ranks[:, problem.owner[owned]] == problem.number[owned]).all()
        alike = abs(ranks - problem.number[slots]) <= 1  # ties in the ninth decimal
        assert alike.all()


def test_facts_across_tables_hold_or_are_named(joint):
    across = joint.across
    counts = across[across["fact"].str.contains("count (?:increased|decreased|rank)")]
    assert len(counts) > 10 and (counts["holds"] >= 0.98).all()
    means = across[across["fact"].str.contains(" mean ")]
    assert len(means) >= 20 and means["holds"].mean() >= 0.9
    assert (across["holds"] >= 0.95).mean() >= 0.93


def test_years_and_indices_hang_together(table, joint):
    def change(before, after):
        return (after - before).abs().to_numpy().mean()

    apart = [
        completion.complete(table, "SIPAS", year, draws=60, seed=year, link=False, sweeps=60).ranks
        for year in (2019, 2020)
    ]
    together = [joint.ranks("SIPAS", year) for year in (2019, 2020)]
    assert change(*together) < 0.7 * change(*apart)


def test_a_table_is_a_part_of_the_joint_draws(table, joint):
    tables = completion.complete(table, "PAR", 2020, draws=50)
    pd.testing.assert_frame_equal(tables.scores, joint.scores("PAR", 2020).head(50))
    pd.testing.assert_frame_equal(tables.ranks, joint.ranks("PAR", 2020).head(50))
    assert (tables.status == "published").any(axis=None)
