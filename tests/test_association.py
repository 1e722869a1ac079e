"""Statistics of reform and satisfaction, against other implementations and known answers.

Made-up units are called "unit 1" and so on; their figures are drawn, and nothing was published.
"""

import warnings
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from helpers.association.correlation import fisher_interval
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from helpers import association, completion, facts
from helpers.association import identification, panel

YEAR = 2020


@pytest.fixture(scope="module")
def schemes():
    return facts.schemes()


@pytest.fixture(scope="module")
def pairs(table, schemes):
    return association.score_pairs(table, schemes, YEAR)


@pytest.fixture(scope="module")
def completed(table):
    return tuple(completion.complete(table, index, YEAR, draws=60) for index in facts.INDICES)


@pytest.fixture(scope="module")
def satisfaction(table):
    return association.published_satisfaction(table, YEAR)


def units(n: int) -> list[str]:
    return [f"unit {number}" for number in range(1, n + 1)]


# --- pairs and the part in the whole -----------------------------------------------------------


def test_published_pairs_of_2020(table, pairs):
    assert len(pairs) == 12
    assert len(association.rank_pairs(table, YEAR)) == 23
    assert stats.pearsonr(pairs["PAR"], pairs["SIPAS"]).statistic == pytest.approx(0.838, abs=5e-4)
    ranks = association.rank_pairs(table, YEAR)
    assert stats.spearmanr(ranks["PAR"], ranks["SIPAS"]).statistic == pytest.approx(0.466, abs=5e-4)


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


def test_stand_in_on_the_published_pairs(table, schemes):
    errors = association.stand_in(table, schemes)
    of_2020 = errors.loc[errors["year"] == 2020, "error"]
    quality = association.stand_in_quality(of_2020)
    assert quality["n"] == 6
    assert quality["largest"] == pytest.approx(0.016)
    assert quality["bias"] == pytest.approx(of_2020.sum() / 6)
    worst = errors.loc[errors["error"].abs().idxmax()]
    assert (worst["unit"], worst["year"]) == ("Kon Tum", 2023)
    assert worst["error"] == pytest.approx(82.10 / 10 - 8.50)


@settings(max_examples=50, deadline=None)
@given(st.integers(0, 10**6), st.floats(0.02, 0.5), st.integers(5, 60))
def test_part_whole_formula_agrees_with_the_rest_itself(seed, share, n):
    rng = np.random.default_rng(seed)
    part = rng.normal(size=n)
    whole = share * part + rng.normal(size=n)
    direct = np.corrcoef(part, whole - share * part)[0, 1]
    r = np.corrcoef(part, whole)[0, 1]
    sds = (share * part).std(ddof=1), whole.std(ddof=1)
    assert association.part_whole(r, *sds) == pytest.approx(direct, abs=1e-9)


def test_part_whole_on_the_published_pairs(pairs):
    rest = pairs["PAR"] - pairs["SIPAS"] / 10
    r = pairs["PAR"].corr(pairs["SIPAS"])
    corrected = association.part_whole(r, pairs["SIPAS"].std() / 10, pairs["PAR"].std())
    assert corrected == pytest.approx(rest.corr(pairs["SIPAS"]), abs=1e-12)


# --- correlations ------------------------------------------------------------------------------

SCIPY = {
    "pearson": stats.pearsonr,
    "spearman": stats.spearmanr,
    "kendall": stats.kendalltau,
}


@pytest.mark.parametrize("method", SCIPY)
@pytest.mark.parametrize("ties", [False, True])
def test_coefficients_agree_with_scipy(method, ties):
    rng = np.random.default_rng(7)
    x = rng.normal(size=(2, 25))
    x = np.round(x) if ties else x
    found = association.correlate(*x, method, resamples=20)
    assert found["r"] == pytest.approx(SCIPY[method](*x).statistic, abs=1e-12)


def test_fisher_interval_agrees_with_scipy(pairs):
    theirs = stats.pearsonr(pairs["reform"], pairs["SIPAS"]).confidence_interval(0.95)
    found = association.correlate(pairs["reform"], pairs["SIPAS"], resamples=20)
    assert (found["low"], found["high"]) == pytest.approx((theirs.low, theirs.high), abs=1e-12)


def test_bca_interval_agrees_with_scipy_on_its_own_statistic(pairs):
    def statistic(x, y):
        return stats.pearsonr(x, y).statistic

    theirs = stats.bootstrap(
        (pairs["PAR"].to_numpy(), pairs["SIPAS"].to_numpy()),
        statistic,
        paired=True,
        vectorized=False,
        n_resamples=4000,
        method="BCa",
        rng=np.random.default_rng(1),
    ).confidence_interval
    found = association.correlate(pairs["PAR"], pairs["SIPAS"], resamples=4000, seed=2)
    assert found["boot_low"] == pytest.approx(theirs.low, abs=0.06)
    assert found["boot_high"] == pytest.approx(theirs.high, abs=0.02)


@pytest.mark.parametrize(
    ("method", "least"), [("pearson", 0.93), ("spearman", 0.93), ("kendall", 0.93)]
)
def test_intervals_cover_as_often_as_they_say(method, least):
    rng = np.random.default_rng(3)
    rho, n, times = 0.5, 20, 600
    truth = {
        "pearson": rho,
        "spearman": 6 / np.pi * np.arcsin(rho / 2),
        "kendall": 2 / np.pi * np.arcsin(rho),
    }[method]
    covered = 0
    for _ in range(times):
        x = rng.normal(size=n)
        y = rho * x + np.sqrt(1 - rho**2) * rng.normal(size=n)
        low, high = fisher_interval(SCIPY[method](x, y).statistic, n, method)
        covered += low <= truth <= high
    # 600 samples: the standard error of the share is 0.009.
    assert least - 0.01 <= covered / times <= 0.98


def test_too_few_pairs_give_their_number_only():
    found = association.correlate([1.0, 2, 3, 4], [1.0, 3, 2, 4])
    assert found["n"] == 4
    assert found.drop("n").isna().all()


def test_few_pairs_have_no_bootstrap_and_a_perfect_order_no_interval():
    x = [1.0, 2, 3, 4, 5, 6]
    found = association.correlate(x, [1.0, 2, 4, 8, 16, 32], "spearman")
    assert found["r"] == pytest.approx(1)
    assert found[["low", "high", "boot_low", "boot_high"]].isna().all()


@pytest.mark.parametrize("y", [[1.0, 1, 1, 1, 1, 1], [1.0, 2, 3, 4, 5], [1, 2, 3, 4, 5, np.nan]])
def test_what_cannot_be_correlated_is_refused(y):
    with pytest.raises(ValueError, match="sample"):
        association.correlate([1.0, 2, 3, 4, 5, 6], y)


def test_every_year_is_apart_and_the_new_survey_is_marked(table, schemes):
    rows = association.by_year(table, schemes, resamples=200)
    assert set(rows["year"]) == set(range(2017, 2025))
    assert set(rows.loc[rows["regime"] == 0, "year"]) == set(range(2017, 2022))
    whole = rows[(rows["definition"] == "whole") & (rows["method"] == "pearson")]
    counts = dict(zip(whole["year"], whole["n"], strict=True))
    assert counts == {2017: 2, 2018: 6, 2019: 9, 2020: 12, 2021: 15, 2022: 16, 2023: 16, 2024: 6}
    assert whole["r"].isna().sum() == 1


def test_those_with_scores_and_those_without_make_up_all_ranks(table):
    rows = association.apart(table, YEAR)
    assert list(rows["n"]) == [23, 12, 11]
    assert rows.at["with_scores", "r"] > rows.at["all", "r"] > rows.at["without_scores", "r"]


def test_range_correction_recovers_the_correlation_among_all():
    rng = np.random.default_rng(5)
    x = rng.normal(size=200_000)
    y = 0.5 * x + np.sqrt(0.75) * rng.normal(size=x.size)
    chosen = x > 0.8
    r = np.corrcoef(x[chosen], y[chosen])[0, 1]
    assert r < 0.3
    fitted = association.range_corrected(r, x[chosen].std(), x.std())
    assert fitted == pytest.approx(0.5, abs=0.02)


def test_the_interval_of_a_difference_covers_it_as_often_as_said():
    rng, covered, draws = np.random.default_rng(7), 0, 1000
    z = np.arctanh([0.7, 0.2])
    n = np.array([12, 11])
    for drawn in rng.normal(z, 1 / np.sqrt(n - 3), (draws, 2)):
        rows = []
        for value, count in zip(np.tanh(drawn), n, strict=True):
            low, high = fisher_interval(value, count)
            rows.append(pd.Series({"r": value, "low": low, "high": high}))
        made = association.difference(*rows)
        covered += made["low"] <= 0.5 <= made["high"]
    assert covered / draws == pytest.approx(0.95, abs=0.02)


def test_a_difference_is_turned_round_with_its_groups():
    one, other = (
        pd.Series(dict(zip(("r", "low", "high"), v, strict=True)))
        for v in ((0.73, 0.19, 0.93), (-0.04, -0.62, 0.58))
    )
    there, back = association.difference(one, other), association.difference(other, one)
    assert there["r"] == pytest.approx(0.77)
    assert (there["low"], there["high"]) == pytest.approx((-back["high"], -back["low"]))
    sure = pd.Series({"r": 0.1, "low": 0.1, "high": 0.1})
    assert list(association.difference(one, sure)) == pytest.approx([0.63, 0.09, 0.83])


# --- noise -------------------------------------------------------------------------------------


def test_sampling_variance_is_that_of_a_proportion():
    assert association.sampling_variance(90.0, 400, 1.0) == pytest.approx(2.25)
    assert association.sampling_variance(90.0, 400, 2.0) == pytest.approx(4.5)
    shares = np.random.default_rng(0).binomial(400, 0.9, 100_000) / 4
    assert shares.var() == pytest.approx(2.25, rel=0.02)


def test_respondents_are_an_even_share_of_the_published_number(table):
    found = association.respondents(table, 2020)
    assert (found["national"], found["kind"]) == (35000, "at_least")
    assert found["per_province"] == pytest.approx(35000 / 63)
    assert association.respondents(table, 2018)["year"] == 2019


@pytest.mark.parametrize("bad", [0.0, -0.2, 1.2])
def test_no_correction_without_a_reliability(bad):
    with pytest.raises(ValueError, match="reliability"):
        association.disattenuate(0.3, bad)


def simulated(rng, n=4000, rho=0.6, people=300, effect=2.0):
    """Reform scores and noisy percentages whose true correlation is rho."""
    x = rng.normal(size=n)
    true = 80 + 3 * (rho * x + np.sqrt(1 - rho**2) * rng.normal(size=n))
    noise = np.sqrt(true * (100 - true) / people * effect)
    return x, true + noise * rng.normal(size=n)


def test_known_attenuation_is_undone():
    x, seen = simulated(np.random.default_rng(11))
    found = association.corrected(x, seen, 300, 2.0, resamples=400)
    noise = 80 * 20 / 300 * 2
    assert found["reliability"] == pytest.approx(9 / (9 + noise), abs=0.03)
    assert found["r"] == pytest.approx(0.6 * np.sqrt(9 / (9 + noise)), abs=0.03)
    # The standard error of the corrected correlation is about 0.02 with 4,000 units.
    assert found["corrected"] == pytest.approx(0.6, abs=0.05)


def test_interval_of_the_corrected_correlation_covers_the_truth():
    rng = np.random.default_rng(12)
    covered = 0
    for _ in range(100):
        x, seen = simulated(rng, n=60, people=1000)
        found = association.corrected(x, seen, 1000, 2.0, resamples=300)
        covered += found["low"] <= 0.6 <= found["high"]
    assert covered >= 88


def test_interval_carries_what_is_not_known_of_the_design_effect(pairs):
    x, y = pairs["reform"], pairs["SIPAS"]
    fixed = association.corrected(x, y, 555, 2.0, design_effects=(2.0, 2.0))
    # Twelve provinces vary so much that a wider range of design effects shows at the lower end.
    wide = association.corrected(x, y, 555, 2.0, design_effects=(0.5, 3.5))
    assert wide["low"] != fixed["low"]
    rng = np.random.default_rng(2)
    x, seen = simulated(rng)
    ends = {
        effects: association.corrected(x, seen, 300, 2.0, design_effects=effects, resamples=400)
        for effects in ((2.0, 2.0), (1.0, 3.0))
    }
    narrow, wide = (of["high"] - of["low"] for of in ends.values())
    assert wide > 2 * narrow


def test_noise_larger_than_the_differences_is_not_corrected(pairs):
    found = association.corrected(pairs["reform"], pairs["SIPAS"], 50, 3.0)
    assert found["reliability"] < 0
    assert found[["corrected", "low", "high"]].isna().all()
    made = association.grid(pairs["reform"], pairs["SIPAS"], [50], [1.0, 3.0])
    assert made["corrected"].isna().tolist() == (made["reliability"] <= 0).tolist()


# --- regression --------------------------------------------------------------------------------


def test_slopes_agree_with_scipy_and_with_hc3_by_hand(pairs):
    x, y = pairs["reform"].to_numpy(), pairs["SIPAS"].to_numpy()
    found = association.slopes(pairs)
    assert found.at["ols", "slope"] == pytest.approx(stats.linregress(x, y).slope, abs=1e-10)
    design = np.column_stack([np.ones_like(x), x])
    bread = np.linalg.inv(design.T @ design)
    hat = np.einsum("ij,jk,ik->i", design, bread, design)
    e = y - design @ bread @ design.T @ y
    meat = design.T @ (design * (e**2 / (1 - hat) ** 2)[:, None])
    se = np.sqrt((bread @ meat @ bread)[1, 1])
    reach = stats.t.ppf(0.975, len(x) - 2) * se
    assert found.at["ols", "high"] - found.at["ols", "slope"] == pytest.approx(reach, abs=1e-9)


def test_huber_resists_an_outlier_that_pulls_least_squares():
    rng = np.random.default_rng(4)
    x = np.linspace(0, 10, 30)
    y = 2 * x + rng.normal(0, 0.3, 30)
    y[-1] -= 40
    frame = pd.DataFrame({"reform": x, "SIPAS": y, "region": "one"}, index=units(30))
    found = association.slopes(frame)
    assert found.at["huber", "slope"] == pytest.approx(2, abs=0.1)
    assert found.at["ols", "slope"] < 1.7
    assert association.influence(frame).index[0] == "unit 30"
    assert found.at["without_influential", "slope"] == pytest.approx(2, abs=0.05)


def test_influence_is_what_leaving_out_does(pairs):
    found = association.influence(pairs)
    x, y = pairs["reform"], pairs["SIPAS"]
    design = sm.add_constant(x)
    full = sm.OLS(y, design).fit()
    for unit in pairs.index:
        left = sm.OLS(y.drop(unit), design.drop(unit)).fit()
        moved = full.fittedvalues - design @ left.params
        cooks = (moved**2).sum() / (2 * full.mse_resid)
        assert found.at[unit, "cooks"] == pytest.approx(cooks, abs=1e-9)
    assert found["leverage"].sum() == pytest.approx(2)


def test_residuals_are_from_the_line_of_the_others(pairs):
    found = association.residuals(pairs)
    for unit in pairs.index:
        others = pairs.drop(unit)
        fit = sm.OLS(others["SIPAS"], sm.add_constant(others["reform"])).fit()
        at = pd.DataFrame({"const": [1.0], "reform": [pairs.at[unit, "reform"]]})
        frame = fit.get_prediction(at).summary_frame(alpha=0.05)
        assert found.at[unit, "predicted"] == pytest.approx(frame["mean"].iloc[0], abs=1e-9)
        low = pairs.at[unit, "SIPAS"] - frame["obs_ci_upper"].iloc[0]
        assert found.at[unit, "low"] == pytest.approx(low, abs=1e-9)


def test_regions_with_one_unit_are_left_out_and_counted():
    rng = np.random.default_rng(6)
    x = rng.normal(size=13)
    regions = ["A"] * 6 + ["B"] * 6 + ["alone"]
    frame = pd.DataFrame({"reform": x, "SIPAS": x + rng.normal(size=13), "region": regions})
    row = association.slopes(frame).loc["regions"]
    assert (row["n"], row["dof"]) == (12, 9)
    within = frame[:12].groupby("region")[["reform", "SIPAS"]].transform(lambda v: v - v.mean())
    slope = (within["reform"] * within["SIPAS"]).sum() / (within["reform"] ** 2).sum()
    assert row["slope"] == pytest.approx(slope, abs=1e-10)


def test_regions_that_use_up_all_freedom_say_so():
    frame = pd.DataFrame(
        {"reform": np.arange(8.0), "SIPAS": [1.0, 3, 2, 5, 4, 7, 6, 9], "region": list("AABBCDEF")}
    )
    row = association.slopes(frame).loc["regions"]
    assert np.isnan(row["slope"])
    assert row["note"] == "too few degrees of freedom"


def test_a_line_needs_pairs_enough(pairs):
    with pytest.raises(ValueError, match="at least 8"):
        association.slopes(pairs.head(7))


def test_known_partial_correlation_is_recovered():
    """Reform is a third of PAR's variance; SIPAS goes with it by 0.4 once the item is taken out."""
    rng = np.random.default_rng(9)
    n = 20_000
    sipas = 85 + 4 * rng.normal(size=n)
    reform = 70 + 3 * (0.4 * (sipas - 85) / 4 + np.sqrt(1 - 0.16) * rng.normal(size=n))
    par = reform + sipas / 10
    r = np.corrcoef(par, sipas)[0, 1]
    assert r > 0.48
    fitted = association.part_whole(r, sipas.std() / 10, par.std())
    assert fitted == pytest.approx(0.4, abs=3 * (1 - 0.16) / np.sqrt(n))


# --- panel -------------------------------------------------------------------------------------


def opposite_panel(seed=1, n=40, years=5, within=-1.0, between=2.0):
    """Rows whose slope within units and whose slope between units have opposite signs."""
    rng = np.random.default_rng(seed)
    level = np.repeat(rng.normal(0, 2, n), years)
    about = rng.normal(0, 1, n * years)
    x = level + about
    mean = np.repeat(x.reshape(n, years).mean(axis=1), years)
    intercept = np.repeat(rng.normal(0, 0.8, n), years)
    y = within * (x - mean) + between * mean + intercept + rng.normal(0, 0.5, n * years)
    names = np.repeat(units(n), years)
    return pd.DataFrame({"unit": names, "year": np.tile(range(years), n), "x": x, "y": y})


def test_within_and_between_of_opposite_signs_are_told_apart():
    found = association.within_between(opposite_panel())
    assert found.at["within", "slope"] == pytest.approx(-1, abs=0.12)
    assert found.at["between", "slope"] == pytest.approx(2, abs=0.2)
    assert found.at["within", "high"] < 0 < found.at["between", "low"]
    assert found["converged"].all()
    pooled = stats.linregress(*opposite_panel()[["x", "y"]].to_numpy().T).slope
    assert pooled > 0.5


@pytest.mark.parametrize("balanced", [True, False])
def test_mundlak_within_equals_least_squares_with_a_dummy_per_unit(balanced):
    rows = opposite_panel(seed=2, n=20)
    if not balanced:
        rows = rows.sample(frac=0.6, random_state=1)
    found = association.within_between(rows)
    dummies = pd.get_dummies(rows["unit"], dtype=float).assign(x=rows["x"])
    lsdv = sm.OLS(rows["y"], dummies).fit().params["x"]
    assert found.at["fixed_effects", "slope"] == pytest.approx(lsdv, abs=1e-9)
    assert found.at["within", "slope"] == pytest.approx(lsdv, abs=1e-4)


def test_a_between_slope_agrees_with_group_means_in_a_balanced_panel():
    rows = opposite_panel(seed=3)
    means = rows.groupby("unit")[["x", "y"]].mean()
    found = association.within_between(rows)
    slope = stats.linregress(means["x"], means["y"]).slope
    assert found.at["between", "slope"] == pytest.approx(slope, abs=1e-4)


def rows_alike(share: float) -> pd.DataFrame:
    """Rows of units that hardly differ: their mean errors are cut down to a share."""
    rng = np.random.default_rng(8)
    x, noise = rng.normal(size=(2, 60))
    mean = np.repeat(noise.reshape(20, 3).mean(axis=1), 3)
    return pd.DataFrame(
        {"unit": np.repeat(units(20), 3), "x": x, "y": x + noise - mean + share * mean}
    )


@pytest.mark.parametrize("share", [0.0, 0.3])
def test_a_singular_fit_is_said_and_least_squares_stands_in_its_place(share):
    rows = rows_alike(share)
    found = association.within_between(rows)
    assert not found.at["within", "converged"]
    assert found.at["within", "boundary"]
    assert found.at["within", "messages"].startswith("Singular matrix in the mixed model")
    mean = rows.groupby("unit")["x"].transform("mean")
    between = stats.linregress(mean, rows["y"]).slope
    assert found.at["between", "slope"] == pytest.approx(between, abs=1e-9)
    fixed = found.at["fixed_effects", "slope"]
    assert found.at["within", "slope"] == pytest.approx(fixed, abs=1e-9)


def test_warnings_of_a_fit_are_handed_on_as_messages(monkeypatch):
    class Loud(sm.MixedLM):
        def fit(self, *arguments, **options):
            warnings.warn("a made-up warning of the fit", stacklevel=1)
            return super().fit(*arguments, **options)

    monkeypatch.setattr(panel, "MixedLM", Loud)
    found = association.within_between(opposite_panel(seed=4, n=15))
    assert "a made-up warning of the fit" in found.at["within", "messages"]


def test_too_few_repeated_units_say_so():
    found = association.within_between(opposite_panel(n=5))
    assert found["slope"].isna().all()
    assert set(found["messages"]) == {"only 5 provinces with two years"}


def test_lag_is_found_in_its_direction_only():
    rng = np.random.default_rng(10)
    n, years = 60, 6
    x, y = np.zeros((n, years)), np.zeros((n, years))
    x[:, 0], y[:, 0] = rng.normal(size=(2, n))
    for t in range(1, years):
        x[:, t] = 0.5 * x[:, t - 1] + rng.normal(size=n)
        y[:, t] = 0.3 * y[:, t - 1] + 0.6 * x[:, t - 1] + rng.normal(size=n)
    rows = pd.DataFrame(
        {"unit": np.repeat(units(n), years), "year": np.tile(range(2000, 2000 + years), n)}
    ).assign(x=x.ravel(), y=y.ravel())
    found = association.lags(rows)
    assert found.at["reform_first", "slope"] == pytest.approx(0.6, abs=0.15)
    assert found.at["satisfaction_first", "low"] < 0 < found.at["satisfaction_first", "high"]
    assert found["n"].tolist() == [n * (years - 1)] * 2
    gap = rows[rows["year"] % 2 == 0]
    assert association.lags(gap)["slope"].isna().all()


def test_the_two_regimes_have_their_own_rows(table, schemes):
    first, second = (
        association.stack(table, schemes, range(a, b + 1)) for a, b in association.REGIMES
    )
    assert first["year"].max() < facts.NEW_SURVEY <= second["year"].min()
    assert (len(first), len(second)) == (44, 38)
    row = first[(first["unit"] == "Thanh Hóa") & (first["year"] == 2020)].iloc[0]
    means = {i: facts.national(table, i)["mean"][2020] for i in facts.INDICES}
    assert row["y"] == pytest.approx(88.70 - means["SIPAS"])
    assert row["x"] == pytest.approx(84.33 - 8.87 - means["PAR"] + means["SIPAS"] / 10)


# --- over all provinces ------------------------------------------------------------------------


def test_pooling_follows_rubins_rules_by_hand(completed, satisfaction):
    par, sipas = completed
    found = association.pooled(par, sipas, satisfaction, 10)
    zs = []
    for draw in range(len(par)):
        y = sipas.scores.iloc[draw]
        x = par.scores.iloc[draw] - satisfaction.reindex(y.index).fillna(y / 10)
        zs.append(np.arctanh(stats.pearsonr(x, y).statistic))
    m = len(zs)
    total = 1 / 60 + (1 + 1 / m) * np.var(zs, ddof=1)
    assert found["r"] == pytest.approx(np.tanh(np.mean(zs)))
    share = (1 + 1 / m) * np.var(zs, ddof=1) / total
    reach = stats.t.ppf(0.975, (m - 1) / share**2) * np.sqrt(total)
    assert found["low"] == pytest.approx(np.tanh(np.mean(zs) - reach))
    assert found["missing"] == pytest.approx(share)
    assert found["n"] == 63


def test_tables_that_do_not_match_are_refused(completed, satisfaction):
    par, sipas = completed
    short = replace(sipas, scores=sipas.scores.head(5), ranks=sipas.ranks.head(5))
    with pytest.raises(ValueError, match="differ in their draws"):
        association.pooled(par, short, satisfaction, 10)


def test_no_assumed_association_gives_the_tables_back(completed):
    for before, after in zip(completed, association.assume(*completed, 0.0), strict=True):
        pd.testing.assert_frame_equal(before.scores, after.scores)
        pd.testing.assert_frame_equal(before.ranks, after.ranks)


@pytest.mark.parametrize(
    "make", [lambda t: association.assume(*t, 0.7), lambda t: association.extreme(*t, 1)]
)
def test_moved_tables_keep_what_is_known(completed, make):
    for before, after in zip(completed, make(completed), strict=True):
        known = ~identification.open_units(before)
        pd.testing.assert_frame_equal(before.scores.loc[:, known], after.scores.loc[:, known])
        ordered = np.sort(before.scores.to_numpy(), axis=1)
        assert np.array_equal(ordered, np.sort(after.scores.to_numpy(), axis=1))
        low, high = before.ranks.min(), before.ranks.max()
        assert ((after.ranks >= low) & (after.ranks <= high)).all(axis=None)
        for scores, ranks in zip(after.scores.to_numpy(), after.ranks.to_numpy(), strict=True):
            assert np.array_equal(np.sort(ranks), np.arange(1, 64))
            assert (np.diff(scores[np.argsort(ranks)]) <= 1e-9).all()


def test_stronger_assumptions_give_stronger_correlations_within_the_bounds(completed, satisfaction):
    curve = association.sensitivity(*completed, satisfaction, 10, rhos=(-0.5, 0.0, 0.5, 0.9))
    assert curve["r"].is_monotonic_increasing
    bounds = association.bounds(*completed, satisfaction, 10, tables=60)
    assert bounds["low"] < curve["draws_low"].min()
    assert bounds["high"] > curve["draws_high"].max()


def made_up(scores, ranks, open_) -> completion.CompletedTables:
    names = units(scores.shape[1])
    status = pd.DataFrame("published", index=names, columns=["score_status", "rank_status"])
    status.loc[np.array(names)[open_]] = "estimated"
    frames = (pd.DataFrame(values, columns=names) for values in (scores, ranks))
    return completion.CompletedTables("PAR", 2020, "province", *frames, status)


def made_up_pair(rng, n=7, open_count=4, draws=40):
    """Two toy indices whose open units were drawn in every open slot."""
    tables = []
    for _ in range(2):
        curve = -np.sort(-rng.normal(size=n))
        open_ = np.zeros(n, dtype=bool)
        open_[rng.choice(n, open_count, replace=False)] = True
        base = rng.permutation(n)
        ranks = np.tile(base, (draws, 1))
        for row in ranks:
            row[open_] = rng.permutation(row[open_])
        tables.append(made_up(curve[ranks], ranks + 1, open_))
    return tables


@pytest.mark.parametrize("seed", range(4))
def test_bounds_reach_the_best_of_all_assignments_of_a_toy(seed):
    from itertools import permutations

    par, sipas = made_up_pair(np.random.default_rng(seed))
    none = pd.Series(dtype=float)
    bounds = association.bounds(par, sipas, none, 10, tables=40, rest=False)
    sides = []
    for side in (par, sipas):
        open_ = np.flatnonzero(identification.open_units(side))
        low, high = side.ranks.min().to_numpy(), side.ranks.max().to_numpy()
        scores, ranks = side.scores.to_numpy()[0], side.ranks.to_numpy()[0]
        made = []
        for order in permutations(open_):
            order = list(order)
            slots = ranks[order]
            if ((slots >= low[open_]) & (slots <= high[open_])).all():
                values = scores.copy()
                values[open_] = scores[order]
                made.append(values)
        sides.append(made)
    every = [np.corrcoef(a, b)[0, 1] for a in sides[0] for b in sides[1]]
    assert bounds["high"] == pytest.approx(max(every), abs=1e-9)
    assert bounds["low"] == pytest.approx(min(every), abs=1e-9)


def test_independent_completion_pulls_towards_zero_and_the_right_rho_does_not():
    """Where the truth is known, hiding half of both indices at random biases the naive pooling."""
    rng = np.random.default_rng(21)
    n, rho, draws = 63, 0.7, 40
    naive, informed, true = [], [], []
    for _ in range(12):
        values = rng.multivariate_normal([0, 0], [[1, rho], [rho, 1]], n).T
        tables = []
        for scores in values:
            open_ = rng.random(n) < 0.5
            ranks = np.tile(stats.rankdata(-scores).astype(int), (draws, 1))
            drawn = np.tile(scores, (draws, 1))
            for k in range(draws):
                order = rng.permutation(np.flatnonzero(open_))
                ranks[k, open_], drawn[k, open_] = ranks[k, order], drawn[k, order]
            tables.append(made_up(drawn, ranks, open_))
        none = pd.Series(dtype=float)
        naive.append(association.pooled(*tables, none, 10, rest=False)["r"])
        moved = association.assume(*tables, rho)
        informed.append(association.pooled(*moved, none, 10, rest=False)["r"])
        true.append(np.corrcoef(values)[0, 1])
    assert np.mean(naive) < 0.45 * np.mean(true)
    assert np.mean(informed) == pytest.approx(np.mean(true), abs=0.06)


# --- blocks ------------------------------------------------------------------------------------


def test_blocks_of_2020_are_ten_provinces(table, schemes):
    rows = association.describe(table, schemes, [2020]).set_index("part")
    assert rows["n"].tolist() == [10, 10, 10]
    frame = association.with_satisfaction(table, schemes, 2020)
    theirs = stats.pearsonr(frame["appraisal"], frame["SIPAS"]).statistic
    assert rows.at["appraisal", "pearson"] == pytest.approx(theirs, abs=1e-12)
    assert frame.at["Quảng Ninh", "SIPAS"] == 95.76
    assert frame.at["Long An", "SIPAS"] == pytest.approx(
        10 * association.published_satisfaction(table, 2020)["Long An"]
    )
