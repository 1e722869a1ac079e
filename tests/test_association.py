"""What notebook 2 asks of the figures, against brute force and known answers.

Made-up units are called "unit 1" and so on; their figures are drawn, and nothing was published.
"""

from itertools import permutations, product

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from helpers import association, completion, facts

YEAR = 2020


@pytest.fixture(scope="module")
def schemes():
    return facts.schemes()


@pytest.fixture(scope="module")
def pairs(table, schemes):
    return association.score_pairs(table, schemes, YEAR)


@pytest.fixture(scope="module")
def free(table):
    """Scores and ranks of both indices, drawn without a link."""
    made = {
        index: completion.complete(table, index, YEAR, draws=40, link=False, seed=seed)
        for seed, index in enumerate(facts.INDICES)
    }
    return {i: made[i].scores for i in made}, {i: made[i].ranks for i in made}


def by_draw(par: pd.DataFrame, sipas: pd.DataFrame) -> pd.Series:
    return par.corrwith(sipas, axis=1)


# --- pairs --------------------------------------------------------------------------------------


def test_pairs_have_both_scores_and_tell_where_they_come_from(table, pairs):
    for index in facts.INDICES:
        scores = facts.scores(table, index, YEAR).reindex(pairs.index)
        assert (scores["score"] == pairs[index]).all()
        assert (scores["score_derivation"].map(facts.kind) == pairs[f"{index}_kind"]).all()
    derived = pairs[["PAR_kind", "SIPAS_kind"]].eq("derived").any(axis=1)
    assert pairs["kind"].eq("derived").equals(derived)
    assert association.rank_pairs(table, YEAR).notna().all(axis=None)


def test_satisfaction_points_are_published_or_else_a_tenth_of_sipas(pairs):
    assert pairs.at["Quảng Ninh", "satisfaction"] == 9.56
    assert pairs.at["Quảng Ninh", "satisfaction_kind"] == "published"
    assert pairs.at["Thanh Hóa", "satisfaction"] == pytest.approx(8.87)
    assert pairs.at["Thanh Hóa", "satisfaction_kind"] == "derived"
    assert pairs.at["Thanh Hóa", "reform"] == pytest.approx(84.33 - 8.87)


@pytest.mark.parametrize(
    ("year", "answer"), [(2018, (12.0, True)), (2020, (10.0, True)), (2019, (10.0, False))]
)
def test_maximum_of_the_satisfaction_points(schemes, year, answer):
    assert association.satisfaction_maximum(schemes, year) == answer


# --- places that are open -----------------------------------------------------------------------


@pytest.mark.parametrize("rho", [-0.7, 0.0, 0.7])
def test_dealt_places_keep_what_is_known(free, rho):
    scores, ranks = free
    dealt = association.linked(scores, ranks, rho)
    for index in facts.INDICES:
        before, after = scores[index].to_numpy(), dealt[index].to_numpy()
        known = np.ptp(before, axis=0) == 0
        assert known.any() and (before[:, known] == after[:, known]).all()
        assert np.array_equal(np.sort(before, axis=1), np.sort(after, axis=1))
    if rho == 0:
        assert all(dealt[index].equals(scores[index]) for index in facts.INDICES)


def test_a_stronger_link_gives_a_stronger_correlation_within_the_limits(free):
    curve = [
        by_draw(**{i.lower(): s for i, s in association.linked(*free, rho).items()}).mean()
        for rho in (-0.8, -0.4, 0.0, 0.4, 0.8)
    ]
    assert (np.diff(curve) > 0).all()
    low, high = (association.extreme(*free, by_draw, sign)[0] for sign in (-1, 1))
    assert low < curve[0] and high > curve[-1]


def test_each_table_may_have_a_strength_of_its_own(free):
    rhos = np.tile([-0.8, 0.4], 20)
    each = association.linked(*free, rhos)
    for rho in (-0.8, 0.4):
        alone = association.linked(*free, rho)
        assert all(each[i][rhos == rho].equals(alone[i][rhos == rho]) for i in facts.INDICES)


@pytest.mark.parametrize("rho", [1.0, -1.0, 2.0, np.repeat([0.5, 1.0], 20)])
def test_a_perfect_link_is_refused(free, rho):
    with pytest.raises(ValueError, match="between -1 and 1"):
        association.linked(*free, rho)


def test_tables_that_do_not_match_are_refused(free):
    scores, ranks = free
    short = [{**frames, "PAR": frames["PAR"].head(3)} for frames in free]
    with pytest.raises(ValueError, match="differ in their draws"):
        association.linked(*short, 0.3)
    other = {**scores, "PAR": scores["PAR"].add_prefix("x")}
    with pytest.raises(ValueError, match="or in their units"):
        association.extreme(other, ranks, by_draw, 1)


def toy(rng, n=7, open_count=4, draws=40):
    """Two toy indices whose open units were drawn in every open slot."""
    scores, ranks = {}, {}
    for index in facts.INDICES:
        curve = -np.sort(-rng.normal(size=n))
        open_ = rng.choice(n, open_count, replace=False)
        places = np.tile(rng.permutation(n), (draws, 1))
        for row in places:
            row[open_] = rng.permutation(row[open_])
        names = [f"unit {number}" for number in range(1, n + 1)]
        scores[index] = pd.DataFrame(curve[places], columns=names)
        ranks[index] = pd.DataFrame(places + 1, columns=names)
    return scores, ranks


def every_order(scores: pd.DataFrame) -> list[np.ndarray]:
    """Every way to deal the open places of the first draw, all of which were drawn."""
    values = scores.to_numpy()
    open_ = np.flatnonzero(np.ptp(values, axis=0) > 0)
    made = []
    for order in permutations(open_):
        dealt = values[0].copy()
        dealt[open_] = values[0][list(order)]
        made.append(dealt)
    return made


@pytest.mark.parametrize("seed", range(4))
def test_the_limits_are_the_best_of_all_assignments_of_a_toy(seed):
    scores, ranks = toy(np.random.default_rng(seed))
    every = [
        np.corrcoef(par, sipas)[0, 1]
        for par, sipas in product(*(every_order(scores[index]) for index in facts.INDICES))
    ]
    for sign, best in ((-1, min(every)), (1, max(every))):
        found, table = association.extreme(scores, ranks, by_draw, sign)
        assert found == pytest.approx(best, abs=1e-9)
        assert table["PAR"].corr(table["SIPAS"]) == pytest.approx(found)
        for index in facts.INDICES:
            assert list(table[index].rank(ascending=False)) == list(table[f"{index}_rank"])


def test_an_end_is_certified_and_a_table_that_breaks_a_fact_is_not(table, free):
    _found, certificate = association.extreme(*free, by_draw, 1)
    assert association.fits(table, YEAR, certificate)
    unknown = facts.scores(table, "PAR", YEAR)["score"].reindex(certificate.index).isna()
    shifted = certificate.assign(PAR=certificate["PAR"] + 0.5 * unknown)  # breaks the national mean
    assert not association.fits(table, YEAR, shifted)
    swapped = certificate.copy()
    swapped.loc[["Quảng Ninh", "Thanh Hóa"], "PAR_rank"] = [29, 1]
    assert not association.fits(table, YEAR, swapped)


def test_the_right_strength_recovers_a_correlation_of_which_half_is_hidden():
    """Without a link the correlation is pulled towards 0; dealt out with the true one it is not."""
    rng = np.random.default_rng(21)
    n, rho, draws = 63, 0.7, 40
    none, linked, true = [], [], []
    for _world in range(12):
        values = rng.multivariate_normal([0, 0], [[1, rho], [rho, 1]], n).T
        scores, ranks = {}, {}
        for index, truth in zip(facts.INDICES, values, strict=True):
            open_ = np.flatnonzero(rng.random(n) < 0.5)
            orders = np.tile(np.arange(n), (draws, 1))
            for order in orders:
                order[open_] = rng.permutation(open_)
            scores[index] = pd.DataFrame(truth[orders])
            ranks[index] = pd.DataFrame(stats.rankdata(-truth).astype(int)[orders])
        none.append(by_draw(scores["PAR"], scores["SIPAS"]).mean())
        dealt = association.linked(scores, ranks, rho)
        linked.append(by_draw(dealt["PAR"], dealt["SIPAS"]).mean())
        true.append(np.corrcoef(values)[0, 1])
    assert np.mean(none) < 0.45 * np.mean(true)
    assert np.mean(linked) == pytest.approx(np.mean(true), abs=0.06)
