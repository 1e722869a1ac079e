"""Ranks with their error: confidence sets, changes, the cost of a place, the weights."""

import doctest
import re
import sys

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers import facts, ranking, units
from helpers.ranking import RankingError, rank_confidence_sets

# Mathematics in PISA 2018, countries of the OECD: score and its standard error (OECD, the table
# that csranks ships as its example).
PISA = """
Australia 491.3600252 1.939833031, Austria 498.9423138 2.970998694, Belgium 508.0703063 2.262662011,
Canada 512.0169429 2.357475749, Chile 417.4065563 2.41588757, Colombia 390.9322732 2.989559274,
Czech Republic 499.4676508 2.460661531, Denmark 509.3983746 1.735002337,
Estonia 523.4145802 1.743602224, Finland 507.3013618 1.967920411, France 495.4075794 2.320214487,
Germany 500.0437805 2.647083096, Greece 451.3703438 3.091228197, Hungary 481.0826364 2.319596741,
Iceland 495.1873762 1.953082603, Ireland 499.632894 2.198621128, Israel 463.0345488 3.498563228,
Italy 486.5898573 2.780045867, Japan 526.9732502 2.471475318, Korea 525.933002 3.121394315,
Latvia 496.1263306 1.962766789, Lithuania 481.1911884 1.953282039,
Luxembourg 483.421485 1.097632409, Mexico 408.8014734 2.493225544,
Netherlands 519.2309824 2.632277885, New Zealand 494.489676 1.705942856,
Norway 500.9637885 2.219044878, Poland 515.6478747 2.602085176, Portugal 492.4874062 2.684570081,
Slovak Republic 486.1648542 2.555595707, Slovenia 508.8975441 1.363877596,
Spain 481.3926126 1.462417763, Sweden 502.3877022 2.654250935,
Switzerland 515.3147131 2.908003898, Turkey 453.5077774 2.260406789,
United Kingdom 501.7698992 2.564428111, United States 478.2447174 3.235444099
"""
# Best and worst ranks that csranks gives for it, marginal (False) and simultaneous, in the order
# above: its R/ranks.R and R/diffmeans.R (without the checks of arguments) under R 4.2.2, 20,000
# draws, with stepdown.
CSRANKS = {
    False: (
        "15 10 5 4 35 37 10 5 1 5 12 10 32 25 12 10 32 19 1 1 12 25 25 35 1 12 10 2 12 20 5 25 7 2 "
        "32 8 25",
        "26 24 18 12 36 37 24 15 6 18 26 24 34 31 26 24 34 31 4 6 25 31 31 36 7 26 23 11 26 31 14 "
        "31 23 11 34 23 31",
    ),
    True: (
        "12 7 4 3 35 37 7 4 1 4 12 7 32 23 12 8 31 15 1 1 12 23 23 35 1 12 7 1 12 18 4 24 5 1 32 6 "
        "23",
        "30 26 18 17 36 37 25 18 6 18 26 25 34 31 26 25 34 31 6 7 26 31 31 36 11 26 24 12 31 31 18 "
        "31 24 13 34 24 32",
    ),
}


@pytest.fixture(scope="module")
def pisa():
    rows = re.findall(r"([A-Z][A-Za-z ]+) ([\d.]+) ([\d.]+)", PISA)
    table = pd.DataFrame(rows, columns=["unit", "score", "error"]).set_index("unit")
    table = table.astype(float)
    assert len(table) == 37
    return table["score"], table["error"] ** 2


def made_up(scores):
    return pd.Series(
        np.asarray(scores, dtype=float), index=[f"u{i:02}" for i in range(len(scores))]
    )


def ends(sets):
    return sets[["lower", "upper"]].to_numpy().tolist()


@pytest.mark.parametrize("module", ["change", "confidence", "cost", "survey"])
def test_examples_in_docstrings_hold(module):
    result = doctest.testmod(sys.modules[f"helpers.ranking.{module}"])
    assert result.attempted > 0 and result.failed == 0


# --- confidence sets: cases worked out by hand ---------------------------------------------


def test_the_pair_that_is_left_is_tested_as_a_pair():
    # Three pairs at once need 3.314 (studentised range for 3, Tukey); the one left needs 2.772.
    sets = rank_confidence_sets([3.1, 0, 100], np.eye(3), simultaneous=True, draws=50_000)
    assert ends(sets) == [[2, 2], [3, 3], [1, 1]]


EXACT = np.zeros((3, 3))
BY_HAND = {
    # Var(a - b) = 1 + 1 - 2 * 0.99 = 0.02, so that a difference of 1 is seven errors.
    "correlated": ([1, 0], [[1, 0.99], [0.99, 1]], [[1, 1], [2, 2]]),
    "not correlated": ([1, 0], np.eye(2), [[1, 2], [1, 2]]),
    "perfectly correlated": ([2, 1, 3], np.ones((3, 3)), [[2, 2], [3, 3], [1, 1]]),
    "tied": ([5, 5, 1], [0.01, 0.01, 0.01], [[1, 2], [1, 2], [3, 3]]),
    "without noise": ([70.5, 90, 80], EXACT, [[3, 3], [1, 1], [2, 2]]),
    "tied without noise": ([80, 90, 80], EXACT, [[2, 3], [1, 1], [2, 3]]),
    "one without noise": ([10, 20, 10.1], [0, 0, 1], [[2, 3], [1, 1], [2, 3]]),
    "alone": ([3.0], [1.0], [[1, 1]]),
}


@pytest.mark.parametrize("simultaneous", [False, True])
@pytest.mark.parametrize("case", BY_HAND)
def test_sets_by_hand(case, simultaneous):
    estimates, covariance, expected = BY_HAND[case]
    assert ends(rank_confidence_sets(estimates, covariance, simultaneous=simultaneous)) == expected


# --- confidence sets: the reference implementation -----------------------------------------


@pytest.mark.parametrize("simultaneous", [False, True])
def test_agrees_with_csranks(pisa, simultaneous):
    sets = rank_confidence_sets(*pisa, simultaneous=simultaneous, draws=20_000)
    theirs = np.array([line.split() for line in CSRANKS[simultaneous]], dtype=int).T
    off = np.abs(sets[["lower", "upper"]].to_numpy() - theirs)
    assert off.max() <= 1
    assert (off > 0).sum() <= 2, "more ends differ than two bootstraps of 20,000 draws explain"


def test_agrees_with_csranks_where_errors_are_correlated():
    # Made-up estimates; the sets are those of the same algorithm with 50,000 draws.
    estimates = [3.1, 0.4, 2.2, 5.9, 1.3, 4.1, 6.3, 2.9, 4.6, 0.9]
    errors = np.array([1, 0.5, 1.5, 1, 0.5, 1.5, 1, 0.5, 1.5, 0.7])
    apart = np.abs(np.subtract.outer(np.arange(10), np.arange(10)))
    covariance = 0.8**apart * np.outer(errors, errors)
    theirs = {
        False: ([3, 7, 3, 1, 4, 1, 1, 3, 1, 5], [9, 10, 10, 4, 10, 9, 4, 7, 8, 10]),
        True: ([1, 5, 2, 1, 4, 1, 1, 3, 1, 5], [9, 10, 10, 5, 10, 10, 6, 7, 9, 10]),
    }
    for simultaneous, (lower, upper) in theirs.items():
        sets = rank_confidence_sets(estimates, covariance, simultaneous=simultaneous, draws=50_000)
        assert (sets["lower"].tolist(), sets["upper"].tolist()) == (lower, upper)


def test_agrees_with_the_vignette_of_csranks(pisa):
    # "Inference for Ranks", csranks 1.1: 12 countries may be among the top 5 at 95%, all but Sweden
    # of them at 90%.
    may_be = {"Belgium", "Canada", "Denmark", "Estonia", "Finland", "Japan", "Korea", "Netherlands"}
    twelve = may_be | {"Poland", "Slovenia", "Sweden", "Switzerland"}
    for coverage, expected in ((0.95, twelve), (0.9, twelve - {"Sweden"})):
        sets = rank_confidence_sets(*pisa, coverage, simultaneous=True, draws=20_000)
        assert set(sets.index[sets["lower"] <= 5]) == expected


# --- confidence sets: coverage -------------------------------------------------------------


@pytest.mark.parametrize("clusters", [1, pytest.param(9, marks=pytest.mark.slow)])
def test_coverage_in_simulation(clusters):
    # Equal truth within a cluster is the hardest case: any two told apart are an error.
    truth = np.repeat(np.arange(clusters) * 2.5, 63 // clusters)
    best = 1 + (truth[None, :] > truth[:, None]).sum(axis=1)
    worst = 63 - (truth[None, :] < truth[:, None]).sum(axis=1)
    rng = np.random.default_rng(20210624)
    held = {False: [], True: []}
    for seed in range(200):
        errors = rng.uniform(0.5, 1.5, 63)
        estimates = truth + errors * rng.standard_normal(63)
        for simultaneous, found in held.items():
            how = {"simultaneous": simultaneous, "draws": 300, "seed": seed}
            sets = rank_confidence_sets(estimates, errors**2, **how)
            found.append((sets["lower"] <= best) & (sets["upper"] >= worst))
    assert np.mean(held[False]) >= 0.93
    assert np.mean([table.all() for table in held[True]]) >= 0.93


# --- confidence sets: what must hold for any input -----------------------------------------

QUARTERS = st.integers(-40, 40).map(lambda n: n / 4)


@st.composite
def problems(draw, most=8):
    """Estimates in quarters, so that shifts are exact, and correlated errors."""
    size = draw(st.integers(1, most))
    estimates = made_up(draw(st.lists(QUARTERS, min_size=size, max_size=size)))
    factors = draw(
        st.lists(st.lists(QUARTERS, min_size=2, max_size=2), min_size=size, max_size=size)
    )
    variances = draw(st.lists(st.sampled_from([0.0, 0.25, 1.0, 4.0]), min_size=size, max_size=size))
    loads = np.array(factors) / 10
    matrix = loads @ loads.T + np.diag(variances)
    return estimates, pd.DataFrame(matrix, index=estimates.index, columns=estimates.index)


def sets_of(problem, **how):
    return rank_confidence_sets(*problem, draws=200, **how)


@given(problems(), st.booleans())
@settings(max_examples=60)
def test_a_set_holds_the_rank_and_stays_within_the_table(problem, simultaneous):
    sets = sets_of(problem, simultaneous=simultaneous)
    assert (sets["lower"] >= 1).all() and (sets["upper"] <= len(sets)).all()
    assert ((sets["lower"] <= sets["rank"]) & (sets["rank"] <= sets["upper"])).all()


@given(problems(), st.booleans(), st.integers(-100, 100), st.randoms())
@settings(max_examples=60)
def test_neither_order_nor_shift_matters(problem, simultaneous, shift, random):
    estimates, covariance = problem
    sets = sets_of(problem, simultaneous=simultaneous)
    names = list(estimates.index)
    random.shuffle(names)
    moved = sets_of(((estimates + shift)[names], covariance), simultaneous=simultaneous)
    pd.testing.assert_frame_equal(
        moved.loc[estimates.index, ["rank", "lower", "upper"]], sets[["rank", "lower", "upper"]]
    )


@given(problems(), st.booleans(), st.sampled_from([0.5, 0.25, 0.0]))
@settings(max_examples=60)
def test_less_noise_or_coverage_is_never_a_wider_set(problem, simultaneous, factor):
    estimates, covariance = problem
    wide = sets_of(problem, simultaneous=simultaneous)
    exact = sets_of((estimates, covariance * factor**2), simultaneous=simultaneous)
    for narrow in (exact, sets_of(problem, simultaneous=simultaneous, coverage=0.8)):
        assert (narrow["lower"] >= wide["lower"]).all() and (narrow["upper"] <= wide["upper"]).all()


@pytest.mark.parametrize(
    ("estimates", "covariance", "how", "message"),
    [
        ([1, np.nan], [1, 1], {}, "1 are missing or infinite"),
        ([1, 2], [1, -1], {}, "1 are below 0"),
        ([1, 2], [1, 1, 1], {}, "3 numbers for 2 units"),
        ([1, 2], np.eye(3), {}, "3x3, but 2 estimates need 2x2"),
        (made_up([1, 2]), pd.Series([1, 1]), {}, "u00, u01 are missing"),
        ([1, 2], [[1, 2], [2, 1]], {}, "negative variance"),
        ([1, 2], [[1, 0.5], [0, 1]], {}, "symmetric"),
        ([], [], {}, "empty"),
        ([1, 2], [1, 1], {"coverage": 95}, "between 0 and 1"),
        (pd.Series([1, 2], index=["a", "a"]), [1, 1], {}, "a more than once"),
        (made_up([1, 2]), pd.DataFrame(np.eye(2)), {}, "lacks numbers"),
    ],
)
def test_bad_input_is_refused_with_its_reason(estimates, covariance, how, message):
    with pytest.raises(RankingError, match=message):
        rank_confidence_sets(estimates, covariance, **how)


@pytest.mark.parametrize("simultaneous", [False, True])
def test_numbers_without_labels_are_in_the_order_of_the_estimates(simultaneous):
    # Sorted by name the exact one, of which little is known here, would come last.
    estimates = pd.Series({"z": 10.0, "a": 20.0, "m": 10.1})
    variances = pd.Series({"z": 4.0, "a": 0.0, "m": 1.0})
    matrix = pd.DataFrame(np.diag(variances), variances.index, variances.index) + 0.5
    for labelled in (variances, matrix):
        bare, named = (
            rank_confidence_sets(estimates, one, simultaneous=simultaneous)
            for one in (labelled.to_numpy(), labelled.iloc[::-1])
        )
        pd.testing.assert_frame_equal(bare, named)
    assert bare["standard_error"].tolist() == pytest.approx(np.sqrt([4.5, 0.5, 1.5]))


def test_completed_tables_add_their_own_uncertainty():
    draws = pd.DataFrame({"known": [80.0, 80.0], "open": [70.0, 74.0]})
    estimates, covariance = ranking.combine_uncertainty(draws, pd.Series({"known": 1, "open": 2}))
    assert estimates.to_dict() == {"known": 80, "open": 72}
    # Rubin: 4 within, and 1.5 times the variance 8 between two draws.
    assert covariance.to_numpy().tolist() == [[1, 0], [0, 16]]


# --- surveys -------------------------------------------------------------------------------


def test_standard_errors_by_hand():
    scores = pd.Series({"a": 80.0, "b": 50.0})
    # sqrt(0.8 * 0.2 / 400) is 2%; a design effect of 4 doubles it.
    assert ranking.survey_standard_errors(scores, 400, 1)["a"] == pytest.approx(2)
    assert ranking.survey_standard_errors(scores, 400, 4)["a"] == pytest.approx(4)
    people = pd.Series({"b": 100, "a": 400})
    assert ranking.survey_standard_errors(scores, people, 1).to_dict() == pytest.approx(
        {"a": 2, "b": 5}
    )


@pytest.mark.parametrize(
    ("scores", "people", "effect", "message"),
    [
        ({"a": 101.0}, 100, 1.5, "0 to 100"),
        ({"a": 50.0}, 0, 1.5, "at least 1"),
        ({"a": 50.0}, None, 1.5, "missing"),
        ({"a": 50.0}, 100, 0, "positive"),
    ],
)
def test_impossible_surveys_are_refused(scores, people, effect, message):
    with pytest.raises(RankingError, match=message):
        ranking.survey_standard_errors(pd.Series(scores), people, effect)


def test_respondents_come_from_the_published_national_number(table):
    people = ranking.respondents_per_province(table, 2019)
    assert len(people) == 63
    # 35,268 answered in 2019, of 36,630 who were sampled.
    assert people["respondents"].unique() == pytest.approx([35268 / 63])
    assert set(people["stated"]) == {"exactly"}
    assert set(ranking.respondents_per_province(table, 2020)["stated"]) == {"at least"}


def test_a_number_of_the_province_itself_goes_first(table):
    row = facts.select(table, index="SIPAS", year=2019, measure="respondents", part="").iloc[0]
    name = units.provinces()["name"].iloc[0]
    own = row.to_frame().T.assign(unit_type="province", unit=name, value=1234.0)
    people = ranking.respondents_per_province(pd.concat([table, own]), 2019)
    assert people.loc[name, ["respondents", "basis"]].tolist() == [1234, "published"]
    assert (people["basis"] == "national number over 63").sum() == 62


def test_a_year_without_respondents_says_so(table):
    with pytest.raises(RankingError, match="SIPAS 2018"):
        ranking.respondents_per_province(table, 2018)


# --- changes -------------------------------------------------------------------------------


def test_probability_that_a_score_rose_by_hand():
    before, after = made_up([80, 80, 80]), made_up([80, 82, 90])
    table = ranking.probability_of_change(before, after, 1.0, 1.0, draws=20_000)
    # Phi(2 / sqrt(2)) = 0.9214.
    assert table["score_rose"].tolist() == pytest.approx([0.5, 0.9214, 1], abs=0.015)


def test_without_error_every_change_is_beyond_noise():
    before, after = made_up([90, 80, 70]), made_up([70, 80, 90])
    table = ranking.probability_of_change(before, after, 0, 0)
    assert table["rank_change_low"].tolist() == [-2, 0, 2]
    assert table["rank_rose"].tolist() == [0, 0, 1] and table["rank_fell"].tolist() == [1, 0, 0]
    assert table["rank_beyond_noise"].tolist() == [True, False, True]


def test_luck_passes_no_more_often_than_it_says():
    truth, rng = np.repeat(np.arange(9) * 2.5, 7), np.random.default_rng(7)
    passed = []
    for seed in range(100):
        errors = rng.uniform(1, 2, 63)
        two = [pd.Series(truth + errors * rng.standard_normal(63)) for _ in range(2)]
        table = ranking.probability_of_change(*two, errors, errors, draws=500, seed=seed)
        passed.append(table["rank_beyond_noise"].mean())
    assert np.mean(passed) <= 0.05


def as_published(figures, errors, rng, first=8, last=26):
    """Tables of two years of which some scores are in hand, and the changes of four pairs of years.

    Of figures, (units, years), the first have the last two years, the next ones the last alone;
    what lacks is drawn from the normal distribution that the figures of both years have.
    """
    pairs = figures[:, -2:] - figures[:, -2:].mean(axis=0)
    covariance = np.cov(pairs.T)
    draws = np.repeat(pairs[None], 40, axis=0)
    slope = covariance[0, 1] / covariance[1, 1]
    spread = np.sqrt(covariance[0, 0] - slope * covariance[0, 1])
    new = rng.multivariate_normal([0, 0], covariance, (40, len(pairs) - last))
    draws[:, last:] = new
    told = slope * draws[:, first:last, 1] + spread * rng.standard_normal((40, last - first))
    draws[:, first:last, 0] = told
    changes = np.diff(figures - figures.mean(axis=0), axis=1)[:first].ravel()
    return [pd.DataFrame(draws[..., year]) for year in (0, 1)], changes


@pytest.mark.parametrize("published", ["all", "a part"])
def test_what_is_called_probable_is_so(published):
    """Made-up truths that move: stated probabilities are shares, and intervals hold 95%."""
    rng, stated, rose, held, likely = np.random.default_rng(1), [], [], [], []
    for seed in range(80):
        truth = np.empty((63, 5))
        truth[:, 0] = rng.normal(0, 3, 63)
        for year in range(1, 5):
            truth[:, year] = 0.85 * truth[:, year - 1] + rng.normal(0, 3 * 0.53, 63)
        errors = rng.uniform(1, 2, 63)
        figures = 80 + truth + errors[:, None] * rng.standard_normal(truth.shape)
        if published == "all":
            two, changes = [pd.Series(figures[:, year]) for year in (3, 4)], None
        else:
            two, changes = as_published(figures, errors, rng)
        how = {"draws": 400, "seed": seed}
        table = ranking.probability_of_change(*two, errors, errors, changes=changes, **how)
        ranks = [pd.Series(truth[:, year]).rank(ascending=False) for year in (3, 4)]
        change = (ranks[0] - ranks[1]).to_numpy()
        stated += table["rank_rose"].tolist()
        rose += (change > 0).tolist()
        held.append(
            (table["rank_change_low"].le(change) & table["rank_change_high"].ge(change)).mean()
        )
        ends = ranking.rank_intervals(two[1], errors, **how)
        likely.append((ends["likely_low"].le(ranks[1]) & ends["likely_high"].ge(ranks[1])).mean())
    assert np.mean(held) == pytest.approx(0.95, abs=0.02)
    assert np.mean(likely) == pytest.approx(0.9, abs=0.02)
    found = pd.DataFrame({"stated": stated, "rose": rose})
    groups = found.groupby(pd.cut(found["stated"], [-0.01, 0.1, 0.5, 0.9, 1]), observed=True)
    told = groups.agg(stated=("stated", "mean"), rose=("rose", "mean"), n=("rose", "size"))
    few = 3 * np.sqrt(told["stated"] * (1 - told["stated"]) / told["n"])
    slack = np.where(told["n"] >= 100, 0.05, few)
    assert ((told["stated"] - told["rose"]).abs() < slack).all()


def test_draws_of_completed_tables_add_noise():
    before = made_up([80, 70])
    open_after = pd.DataFrame([[80, 79], [80, 81]], columns=before.index, dtype=float)
    table = ranking.probability_of_change(before, open_after, 0, 0, draws=1000)
    assert table.loc["u01", "rank_rose"] == 0.5
    assert not table.loc["u01", "rank_beyond_noise"]


def test_errors_without_labels_are_in_the_order_of_their_own_year():
    before, after = made_up([80, 70, 60]), made_up([80, 70, 60])[::-1]
    named = pd.Series([1.0, 2.0, 3.0], index=before.index)
    expected = ranking.probability_of_change(before, after, named, named)
    bare = ranking.probability_of_change(before, after, [1.0, 2.0, 3.0], np.array([3.0, 2.0, 1.0]))
    pd.testing.assert_frame_equal(bare, expected)
    with pytest.raises(RankingError, match="before_errors are 2 numbers for 3 units"):
        ranking.probability_of_change(before, after, [1.0, 2.0], 0)


def test_years_with_other_units_are_refused():
    with pytest.raises(RankingError, match="Not in both years: u01"):
        ranking.probability_of_change(made_up([1]), made_up([1, 2]), 0, 0)


# --- what the next place costs -------------------------------------------------------------


def test_cost_of_the_next_place_by_hand():
    scores = pd.Series({"a": 90.0, "b": 85.0, "c": 84.5, "d": 70.0})
    table = ranking.cost_of_next_place(scores, "c", [3, 1], expected_change=0.25)
    assert table.index.tolist() == ["next", "top 3", "top 1"]
    assert table["rank"].tolist() == [2, 3, 1]
    assert table["holder"].tolist() == ["b", "d", "a"]
    assert table["gap"].tolist() == [0.5, -14.5, 5.5]
    assert table["reached"].tolist() == [0, 1, 0]
    assert table["gain_next_year"].tolist() == [0.75, -14.25, 5.75]
    assert "next" not in ranking.cost_of_next_place(scores, "a", [3]).index


def test_the_gap_is_what_it_takes():
    rng = np.random.default_rng(3)
    scores = made_up(rng.integers(0, 40, 30) / 4)
    for unit in scores.index:
        table = ranking.cost_of_next_place(scores, unit, [5, 12])
        for row in table.itertuples():
            ranks = (scores.drop(unit) > scores[unit] + row.gap).sum() + 1
            too_little = (scores.drop(unit) > scores[unit] + row.gap - 0.25).sum() + 1
            assert ranks <= row.rank < too_little


def test_cost_over_completed_tables_has_an_interval():
    draws = pd.DataFrame({"a": [80.0, 82.0, 84.0], "b": [81.0] * 3, "c": [70.0] * 3})
    row = ranking.cost_of_next_place(draws, "b", [1]).loc["top 1"]
    assert row["gap"] == 1 and row["reached"] == pytest.approx(1 / 3)
    assert row["gap_low"] < 0 < row["gap_high"] and row["holder"] == "a"


def test_an_uncertain_change_widens_what_must_be_gained():
    scores = pd.Series({"a": 90.0, "b": 85.0, "c": 84.5})
    changes = np.linspace(-1, 3, 401)
    row = ranking.cost_of_next_place(scores, "c", [1], expected_change=changes).loc["next"]
    assert row[["gain_next_year", "gain_low", "gain_high"]].tolist() == pytest.approx(
        [0.5 + 1.0, 0.5 - 0.8, 0.5 + 2.8]
    )
    certain = ranking.cost_of_next_place(scores, "c", [1], expected_change=1.0).loc["next"]
    assert certain["gain_low"] == certain["gain_high"] == certain["gain_next_year"] == 1.5


@pytest.mark.parametrize(
    ("unit", "how", "message"),
    [
        ("nowhere", {}, "not among"),
        ("u00", {"targets": [20]}, "top 20 of 2"),
        ("u00", {"targets": [1], "expected_change": np.nan}, "expected_change"),
        ("u00", {"targets": [1], "expected_change": [0.5, np.nan]}, "expected_change"),
        ("u00", {"targets": [1], "expected_change": []}, "expected_change"),
    ],
)
def test_questions_without_an_answer_are_refused(unit, how, message):
    with pytest.raises(RankingError, match=message):
        ranking.cost_of_next_place(made_up([1, 2]), unit, **how)
