"""Trajectories, against simulated panels of made-up units and against independent arithmetic."""

import dataclasses

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from helpers import completion, facts
from helpers import trajectories as tr
from helpers.trajectories import judge, model
from helpers.trajectories.panel import SEED, known_until

DRAWS = 4
SPAN = 5  # years


def made_up(scores: np.ndarray, first=2012, seen=None, means=None, before=None) -> tr.Panel:
    """A panel of invented units; `seen` says which of the scores (units x years) are published."""
    n, t = scores.shape
    names = [f"invented unit {i:02}" for i in range(n)]
    years = range(first, first + t)
    seen = np.ones_like(scores, dtype=bool) if seen is None else seen
    order = (-scores).argsort(axis=0).argsort(axis=0) + 1
    regions = pd.Series([f"R{i % 3}" for i in range(n)], names)
    found = [
        {"unit": names[i], "year": year, "score": scores[i, j], "rank": order[i, j]}
        for j, year in enumerate(years)
        for i in range(n)
        if seen[i, j]
    ]
    rows = pd.DataFrame(found, columns=["unit", "year", "score", "rank"])
    rows = rows.assign(kind="published", sd=0.0)
    rows["region"] = rows["unit"].map(regions)
    means = scores.mean(axis=0) if means is None else means
    nation = {"mean": means, "kind": "published", "regime": first}
    tables = {
        year: (
            pd.DataFrame(np.tile(scores[:, j], (DRAWS, 1)), columns=names),
            pd.DataFrame(np.tile(order[:, j], (DRAWS, 1)), columns=names),
        )
        for j, year in enumerate(years)
    }
    return tr.Panel(
        index="PAR",
        first=first,
        last=first + t - 1,
        figures=pd.DataFrame(),
        rows=rows.drop(columns="rank"),
        draws=np.tile(rows["score"].to_numpy(), (DRAWS, 1)),
        means=pd.DataFrame(nation, index=pd.Index(years, name="year")),
        ranks=rows[["unit", "year", "rank"]].assign(drawn=False),
        tables=tables,
        regions=regions,
        before=before,
    )


def simulate(rng, n=63, t=13, level=2.5, slope=0.0, residual=1.5, drift=1.0, start=55.0):
    """Scores of invented units, n x t: random intercepts and slopes (per SPAN years), residuals."""
    time = (np.arange(t) - (t - 1) / 2) / SPAN
    nation = start + np.cumsum(drift + 0.7 * rng.standard_normal(t))
    own = level * rng.standard_normal((n, 1)) + slope * rng.standard_normal((n, 1)) * time
    return nation + own + residual * rng.standard_normal((n, t))


@pytest.fixture(scope="module")
def par(table):
    return tr.panel(table, "PAR", 2024)


@pytest.fixture(scope="module")
def early(table):
    return tr.panel(table, "PAR", 2020)


@pytest.fixture(scope="module")
def sipas(table):
    return tr.panel(table, "SIPAS", 2024)


@pytest.fixture(scope="module")
def tested(par):
    return tr.backtest(par)


@pytest.fixture(scope="module")
def sipas_fit(table):
    return tr.build(table, "SIPAS", 2020)


@pytest.fixture(scope="module")
def fitted(par):
    """The mixed model of the figures up to 2020."""
    return tr.fit(tr.until(par, 2020))


@pytest.fixture(scope="module")
def missingness(par):
    """Which scores of the real panel are there, units x years."""
    wide = par.rows.pivot(index="unit", columns="year", values="score")
    return wide.reindex(par.regions.index).notna().to_numpy()


class TestPanel:
    def test_holds_every_published_score_as_published(self, table, par):
        published = facts.panel(table, "PAR").stack()
        held = par.rows.set_index(["unit", "year"])["score"]
        assert (held.reindex(published.index) - published).abs().max() < 1e-9

    def test_pinned_scores_carry_their_error(self, par):
        pinned = par.rows["kind"] == "pinned"
        assert 30 < pinned.sum() < len(par.rows) / 2
        drawn = par.draws[:, pinned.to_numpy()]
        assert np.ptp(drawn, axis=0).max() > 0.05
        assert np.abs(drawn - drawn.mean(axis=0)).max() < 1.5
        assert (par.rows.loc[~pinned, "sd"] == 0).all()

    def test_survey_of_2022_begins_anew(self, sipas):
        assert sipas.first == 2022 and sipas.years == [2022, 2023, 2024]
        assert sipas.before.years == [2017, 2018, 2019, 2020, 2021]
        assert 2022 not in tr.national_changes(sipas.means).index

    def test_knows_nothing_of_later_years(self, table):
        later = (table["year"] > 2016) & (table["measure"] == "score")
        hurt = table.assign(value=table["value"].where(~later, 1.0))
        first, second = (tr.panel(t, "PAR", 2016, draws=3) for t in (table, hurt))
        pd.testing.assert_frame_equal(first.rows, second.rows)
        assert (first.draws == second.draws).all()

    @pytest.mark.parametrize(("index", "year"), [("PAR", 2019), ("PAR", 2020), ("SIPAS", 2019)])
    def test_until_a_year_is_the_panel_of_that_year(self, table, par, index, year):
        """Figures of later years, and those worked out from them, leave no table as it was."""
        later = par if index == "PAR" else tr.panel(table, "SIPAS", 2020)
        held, alone = tr.until(later, year), tr.panel(known_until(table, year), index, year)
        for name in ("rows", "ranks", "means", "figures"):
            pd.testing.assert_frame_equal(getattr(held, name), getattr(alone, name))
        assert (held.draws == alone.draws).all() and held.tables.keys() == alone.tables.keys()
        for one, (scores, ranks) in alone.tables.items():
            pd.testing.assert_frame_equal(held.tables[one][0], scores)
            pd.testing.assert_frame_equal(held.tables[one][1], ranks)
        # More ranks of that year are known by now.
        fixed = [(one.tables[year][1].nunique() == 1).sum() for one in (later, held)]
        assert fixed[0] > fixed[1]

    def test_completes_a_year_from_the_years_beside_it(self, table, early):
        """The tables are those of all figures known by then; those of far years change nothing."""
        known = known_until(table, 2020)
        for year in (2014, 2019, 2020):
            whole = completion.complete(
                known, "PAR", year, draws=len(early.draws), seed=SEED, link=False
            )
            pd.testing.assert_frame_equal(early.tables[year][0], whole.scores[early.regions.index])

    def test_year_without_a_figure_is_skipped(self, table):
        without = table[~((table["index"] == "PAR") & (table["year"] == 2018))]
        panel = tr.panel(without, "PAR", 2021, draws=3)
        assert 2018 not in panel.years and {2017, 2019} <= set(panel.years)
        made = tr.forecast(panel, 2022, "mixed", simulations=50)
        assert np.isfinite(made.scores).all()

    @pytest.mark.parametrize(("year", "told"), [(2011, "2012-2024"), (2025, "34 .*2012-2024")])
    def test_refuses_a_year_of_no_series(self, table, year, told):
        with pytest.raises(tr.NotEnoughYears, match=told):
            tr.panel(table, "PAR", year)

    def test_refuses_an_empty_series(self, table):
        nothing = table[table["index"] == "SIPAS"]
        with pytest.raises(tr.NotEnoughYears, match="no score is published"):
            tr.panel(nothing, "PAR", 2020)


def carried_on(rng, n=60, t=12, region=0.1, province=0.3, carried=0.4, carry=0.6, residual=0.2):
    """Scores of invented units whose distances follow the model, n x t; variances in points."""
    steps = np.sqrt(carried * (1 - carry**2)) * rng.standard_normal((n, t))
    path = np.sqrt(carried) * rng.standard_normal(n)
    levels = np.sqrt(province) * rng.standard_normal(n)
    levels += np.sqrt(region) * rng.standard_normal(3)[np.arange(n) % 3]  # as `made_up` has them
    scores = np.empty((n, t))
    for year in range(t):
        path = carry * path + steps[:, year]
        scores[:, year] = levels + path + np.sqrt(residual) * rng.standard_normal(n)
    return 60 + scores


def by_hand(fitted: tr.MixedModel, one: pd.DataFrame, other: pd.DataFrame) -> np.ndarray:
    """Covariance of rows, one pair at a time."""

    def of(a, b):
        whole = fitted.region * (a.region == b.region)
        if a.unit == b.unit:
            whole += fitted.province + fitted.carried * fitted.carry ** abs(a.year - b.year)
            whole += (fitted.residual + a.noise) * (a.year == b.year)
        return whole

    return np.array([[of(a, b) for b in other.itertuples()] for a in one.itertuples()])


def likelihood(fitted: tr.MixedModel, rows: pd.DataFrame) -> float:
    return model._log_likelihood(fitted, *model._block(rows))


class TestModel:
    def test_likelihood_is_that_of_a_normal(self, par, fitted):
        rows = tr.scaled(tr.until(par, 2018))
        normal = stats.multivariate_normal(cov=by_hand(fitted, rows, rows))
        assert likelihood(fitted, rows) == pytest.approx(normal.logpdf(rows["scaled"]))

    def test_likelihood_is_the_highest_there_is(self, par, fitted):
        rows = tr.scaled(tr.until(par, 2020))
        assert fitted.llf == pytest.approx(likelihood(fitted, rows)) and fitted.converged
        for name in ("region", "carried", "carry"):
            for factor in (0.9, 1.1):
                beside = dataclasses.replace(fitted, **{name: getattr(fitted, name) * factor})
                assert likelihood(beside, rows) < fitted.llf

    def test_expects_what_the_normal_says(self, par, fitted):
        known = tr.until(par, 2020)
        rows, spread = tr.scaled(known), known.tables[2020][0].std(axis=1).mean()
        asked = pd.DataFrame({"unit": known.regions.index, "region": known.regions.to_numpy()})
        asked = asked.assign(year=2021, noise=0.0)
        across = by_hand(fitted, asked, rows)
        gain = across @ np.linalg.inv(by_hand(fitted, rows, rows))
        level = gain @ rows["scaled"].to_numpy() * spread
        left = by_hand(fitted, asked, asked) - gain @ across.T
        expected, variance = model.expected(fitted, known, 2021)
        assert expected.to_numpy() == pytest.approx(level - level.mean())
        assert variance.to_numpy() == pytest.approx(np.diag(left) * spread**2)

    @pytest.mark.slow
    def test_recovers_what_was_put_in(self):
        found = []
        for seed in range(10):
            scores = carried_on(np.random.default_rng(seed))
            fitted = tr.fit(made_up(scores, means=np.full(12, 60.0)))
            last = fitted.region + fitted.province
            found.append((last, fitted.carried, fitted.residual, fitted.carry))
        # In units of the variance of a year, which is 1 here but for chance.
        assert np.mean(found, axis=0) == pytest.approx([0.4, 0.4, 0.2, 0.6], abs=0.12)

    def test_a_year_that_spreads_wider_counts_no_more(self):
        scores = simulate(np.random.default_rng(5), n=30, t=6)
        wider = scores.mean(axis=0) + (scores - scores.mean(axis=0)) * [1, 3, 1, 1, 0.5, 1]
        first, second = (tr.fit(made_up(one)) for one in (scores, wider))
        assert first.llf == pytest.approx(second.llf)

    def test_a_unit_without_a_score_stands_where_its_region_does(self, par, fitted):
        known = tr.until(par, 2020)
        level, variance = model.expected(fitted, known, 2021)
        unseen = known.regions.index.difference(known.rows["unit"])
        assert len(unseen) and level.sum() == pytest.approx(0, abs=1e-9)
        for _region, units in known.regions[unseen].groupby(known.regions[unseen]):
            assert np.ptp(level[units.index]) < 1e-9
        assert variance[unseen].min() > variance.drop(unseen).max()

    def test_learns_how_far_units_move_from_the_series_before(self, sipas):
        early = tr.until(sipas, 2022)
        assert early.years == [2022]
        assert tr.fit(early).cases == len(early.rows) + len(early.before.rows)

    def test_refuses_a_single_year(self, table):
        with pytest.raises(tr.NotEnoughYears, match="two years"):
            tr.fit(tr.panel(table, "SIPAS", 2017, draws=3))


class TestNationalChange:
    def test_expects_the_drift_and_a_shock_does_not_turn_it(self):
        means = 50 + np.cumsum([0, 2, 2.4, 1.8, -10, 2.2, 2.1, 1.9])
        panel = made_up(np.tile(means, (5, 1)) + np.arange(5)[:, None])
        one, two = (tr.national_change(panel.means, h) for h in (1, 2))
        assert 1.5 < one["expected"] < 2.3
        assert two["expected"] == pytest.approx(2 * one["expected"])
        assert two["scale"] > one["scale"] and one["changes"] == 7

    def test_leaves_out_estimated_means_and_gaps(self, table, par):
        changes = tr.national_changes(par.means)
        published = facts.national(table, "PAR")["mean"].dropna()
        assert changes.to_dict() == pytest.approx(published.diff().dropna().to_dict())
        gapped = tr.national_changes(par.means.drop(index=2019))
        assert not {2019, 2020} & set(gapped.index) and 2021 in gapped.index

    def test_refuses_a_single_change(self, table):
        panel = tr.panel(table, "SIPAS", 2018, draws=3)
        with pytest.raises(tr.NotEnoughYears, match="Only 1"):
            tr.national_change(panel.means)

    def test_expects_next_year_from_nothing_later(self, table, early):
        earlier = table[table["year"] <= 2020]
        found = tr.expected_change(table, "PAR", 2020)
        assert found == tr.expected_change(earlier, "PAR", 2020)
        assert found == tr.national_change(early.means)
        assert found["scale"] > 0 and found["changes"] == 7

    @pytest.mark.parametrize(("index", "year"), [("SIPAS", 2018), ("SIPAS", 2021), ("PAR", 2013)])
    def test_says_where_no_change_can_be_expected(self, table, index, year):
        with pytest.raises(tr.NotEnoughYears):
            tr.expected_change(table, index, year)


class TestForecast:
    @pytest.mark.parametrize("method", tr.METHODS)
    def test_is_a_whole_table(self, par, method):
        known = tr.until(par, 2020)
        made = tr.forecast(known, 2021, method, simulations=40)
        assert np.abs(made.to_mean.sum(axis=1)).max() < 1e-8
        assert (np.sort(made.ranks, axis=1) == np.arange(1, 64)).all()
        assert made.scores.max() <= 100
        best = made.to_mean.argmax(axis=1)
        assert (made.ranks[np.arange(40), best] == 1).all()

    @pytest.mark.parametrize("method", tr.METHODS)
    def test_intervals_are_nested_and_widen(self, par, method):
        known = tr.until(par, 2021)
        one, two = (tr.summary(tr.forecast(known, year, method)) for year in (2022, 2023))
        for target in ("score", "to_mean", "rank"):
            ends = [f"{target}_{x}" for x in ("95_low", "80_low", "50_low", "50_high", "80_high")]
            assert (one[[*ends, f"{target}_95_high"]].diff(axis=1).iloc[:, 1:] >= 0).all(axis=None)
        width = [(t["score_80_high"] - t["score_80_low"]).mean() for t in (one, two)]
        assert width[1] > width[0]

    @pytest.mark.slow
    def test_covers_as_it_says_on_simulated_data(self, missingness):
        inside = {50: [], 80: [], 95: []}
        for seed in range(8):
            scores = simulate(np.random.default_rng(200 + seed), t=14)
            panel = made_up(scores[:, :13], seen=missingness, means=scores[:, :13].mean(axis=0))
            made = tr.summary(tr.forecast(panel, 2025, "mixed", simulations=800, seed=seed))
            truth = scores[:, 13] - scores[:, 13].mean()
            for level, found in inside.items():
                low, high = (made[f"to_mean_{level}_{end}"] for end in ("low", "high"))
                found += list((truth >= low) & (truth <= high))
        assert np.mean(inside[50]) == pytest.approx(0.5, abs=0.06)
        assert np.mean(inside[80]) == pytest.approx(0.8, abs=0.05)
        assert np.mean(inside[95]) == pytest.approx(0.95, abs=0.03)

    @pytest.mark.slow
    def test_score_covers_over_many_nations(self):
        inside = []
        for seed in range(40):
            scores = simulate(np.random.default_rng(300 + seed), n=25, t=13)
            made = tr.summary(
                tr.forecast(made_up(scores[:, :12]), 2024, "last_score", simulations=300, seed=seed)
            )
            inside.append(
                np.mean(
                    made["score_80_low"].le(scores[:, 12]) & made["score_80_high"].ge(scores[:, 12])
                )
            )
        assert 0.7 < np.mean(inside) < 0.9

    def test_one_year_and_none(self):
        seen = np.ones((20, 6), dtype=bool)
        seen[0], seen[1, :5] = False, False
        scores = simulate(np.random.default_rng(11), n=20, t=6)
        scores[1] += 6.0
        panel = made_up(scores, seen=seen, means=scores.mean(axis=0))
        made = tr.forecast(panel, 2018, "mixed")
        table = tr.summary(made).set_index("unit")
        width = table["to_mean_80_high"] - table["to_mean_80_low"]
        none, once, often = width.iloc[:3]
        assert none > once > often
        own = scores[1, 5] - scores[:, 5].mean()
        assert 0 < table["to_mean"].iloc[1] < own
        last = tr.forecast(panel, 2018, "last_score")
        assert last.point["to_mean"].iloc[1] == pytest.approx(own)

    def test_last_score_and_same_rank_stay_where_they_were(self):
        scores = simulate(np.random.default_rng(12), n=15, t=4)
        panel = made_up(scores)
        distance = scores[:, -1] - scores[:, -1].mean()
        for method in ("last_score", "same_rank"):
            made = tr.forecast(panel, 2016, method)
            assert made.point["to_mean"].to_numpy() == pytest.approx(distance)
        ranks = (-scores[:, -1]).argsort().argsort() + 1
        assert (made.point["rank"].to_numpy() == ranks).all()

    def test_same_rank_starts_from_a_score_newer_than_the_rank(self, early):
        ranks = early.ranks.query("unit == 'Bến Tre' and not drawn").set_index("year")["rank"]
        assert ranks.index.max() == 2019 and ranks[2019] == 63
        made = tr.forecast(early, 2021, "same_rank", simulations=200)
        drawn = early.tables[2020][1]["Bến Tre"]
        assert drawn.max() < 50
        assert made.point.at["Bến Tre", "rank"] == round(drawn.median())

    def test_a_rank_is_drawn_only_where_none_is_known(self, early):
        assert not early.ranks.duplicated(["unit", "year"]).any() and early.ranks["drawn"].any()
        for year, ranks in early.ranks.groupby("year"):
            known = facts.scores(early.figures, "PAR", year)["rank"].dropna()
            assert not ranks["unit"][ranks["drawn"]].isin(known.index).any()
            assert set(known.index) <= set(ranks["unit"][~ranks["drawn"]])

    def test_the_average_lies_halfway(self, par):
        known = tr.until(par, 2020)
        made = {
            m: tr.forecast(known, 2021, m, simulations=200).point["to_mean"] for m in tr.METHODS
        }
        halfway = (made["mixed"] + made["same_rank"]) / 2
        assert made["average"].to_numpy() == pytest.approx(halfway.to_numpy(), abs=1e-9)

    def test_past_errors_widen_and_narrow(self):
        panel = made_up(simulate(np.random.default_rng(13), n=15, t=6))
        spread = [
            tr.forecast(panel, 2018, "last_score", past_errors=np.full(500, size)).to_mean.std()
            for size in (0.2, 1.0, 3.0)
        ]
        assert spread[0] < spread[1] < spread[2]

    def test_refuses_the_past_and_another_survey(self, sipas, early):
        with pytest.raises(tr.NotEnoughYears, match="not after"):
            tr.forecast(sipas, 2024, "last_score")
        with pytest.raises(tr.NotEnoughYears, match="another survey"):
            tr.forecast(sipas.before, 2022, "last_score")
        with pytest.raises(ValueError, match="'mean' is no way of forecasting"):
            tr.forecast(early, 2021, "mean")


class TestJudge:
    def test_crps_of_a_normal_has_a_closed_form(self):
        drawn = stats.norm.ppf((np.arange(4000) + 0.5) / 4000)[:, None].repeat(3, axis=1)
        observed = np.array([0.0, 1.0, -2.5])
        closed = observed * (2 * stats.norm.cdf(observed) - 1) + 2 * stats.norm.pdf(observed)
        assert judge.crps(drawn, observed) == pytest.approx(closed - 1 / np.sqrt(np.pi), abs=1e-3)

    def test_crps_of_a_point_is_its_absolute_error(self):
        assert judge.crps(np.full((9, 1), 3.0), np.array([5.0])) == pytest.approx([2.0])

    def test_interval_score_by_hand(self):
        assert judge.interval_score(1.0, 3.0, 2.0, 80) == pytest.approx(2.0)
        assert judge.interval_score(1.0, 3.0, 3.5, 80) == pytest.approx(2.0 + 10 * 0.5)

    def test_tries_every_origin_with_every_method(self, tested):
        assert set(tested["origin"]) == set(range(2016, 2024))
        assert set(tested["method"]) == set(tr.METHODS) and set(tested["horizon"]) == {1, 2}

    def test_observed_figures_are_published(self, table, tested):
        cases = tested[tested["target"] == "score"]
        published = facts.panel(table, "PAR")
        expected = [published.at[row.unit, row.year] for row in cases.itertuples()]
        assert cases["observed"].to_numpy() == pytest.approx(expected)

    def test_best_one_covers_as_it_should(self, tested):
        scores, best = tr.scores(tested), tr.best(tested)
        for horizon in (1, 2):
            row = scores.loc[("score", horizon, best["method"])]
            assert 0.7 <= row["cover_80"] <= 0.9
            assert row["cover_80_low"] <= row["cover_80"] <= row["cover_80_high"]
            assert row["mae_low"] < row["mae"] < row["mae_high"]

    def test_the_best_has_the_lowest_score_even_if_naive(self, tested):
        tested = tested[tested["method"] != "average"]  # which goes first where it is as good
        best = tr.best(tested)
        assert best["crps"][best["method"]] == min(best["crps"].values())
        assert set(best["lead"]) == set(tr.METHODS) - {best["method"], "average"}
        worse = tested.copy()
        worse.loc[worse["method"] == best["method"], "crps"] += 50
        assert tr.best(worse)["method"] != best["method"]

    @pytest.mark.parametrize(("share", "used"), [(0.009, "average"), (0.011, "mixed")])
    def test_of_two_that_are_as_good_the_average_is_used(self, tested, share, used):
        mixed = tested[tested["method"] == "mixed"]
        average = mixed.assign(method="average", crps=mixed["crps"] * (1 + share))
        assert tr.best(pd.concat([mixed, average]))["method"] == used

    def test_gains_are_differences_of_errors_on_the_same_cases(self, tested):
        gains, scores = tr.gains(tested, "same_rank"), tr.scores(tested)
        assert set(gains.index.get_level_values("method")) == set(tr.METHODS) - {"same_rank"}
        for (target, horizon, method), row in gains.iterrows():
            first, own = (scores.at[(target, horizon, m), "mae"] for m in ("same_rank", method))
            assert row["gain"] == pytest.approx(first - own) and row["low"] < row["high"]
            assert row["mae"] == pytest.approx(own) and row["mae_over"] == pytest.approx(first)
        same = tested[tested["method"] == "same_rank"]
        twice = pd.concat([same, same.assign(method="copy")])
        assert (tr.gains(twice, "same_rank")[["gain", "low", "high"]] == 0).all(axis=None)

    def test_the_average_gains_in_distance_two_years_ahead(self, tested):
        row = tr.gains(tested, "same_rank").loc[("to_mean", 2, "average")]
        assert row["low"] > 0

    def test_is_sure_only_of_a_clear_lead(self, tested):
        table = tested.copy()
        table.loc[table["method"] != "mixed", "crps"] += 50
        assert tr.best(table)["method"] == "mixed" and tr.best(table)["sure"]

    def test_other_settings_of_the_intervals(self, par, tested):
        table = judge.sensitivity(par, "last_score", judge.RECIPES[:2])
        own = table[table["window"] == judge.RECIPES[0]["window"]]
        cases = tested[tested["method"] == "last_score"]
        assert own["cases"].sum() == len(cases)
        assert own["crps"].mul(own["cases"]).sum() == pytest.approx(cases["crps"].sum())
        assert table.groupby(["target", "horizon"])["cover_80"].nunique().max() == 2

    def test_uses_errors_only_once_they_are_known(self, tested):
        early = judge.standardised(tested, "mixed", 2018)
        cases = tested[(tested["target"] == "to_mean") & (tested["method"] == "mixed")]
        assert len(early) == (cases["year"] <= 2018).sum() > 0
        assert len(judge.standardised(pd.DataFrame(), "mixed", 2018)) == 0

    def test_later_figures_change_no_earlier_forecast(self, table, tested):
        """A back-test from 2020 on sees of 2020 what was known in 2020, and no more."""
        panel = tr.panel(known_until(table, 2020), "PAR", 2020)
        alone, known = judge.backtest(panel, ["last_score"]), judge.origins(panel)
        assert [of.last for _judged, of in known] == sorted(alone["origin"].unique())
        again = judge.backtest(panel, ["last_score"], known=known)  # of origins made before
        pd.testing.assert_frame_equal(again, alone)
        keys = ["origin", "year", "target", "unit"]
        later = tested[tested["method"] == "last_score"].set_index(keys)
        alone = alone.set_index(keys)
        later = later.reindex(alone.index)
        for column in ("predicted", "low_80", "high_80"):
            assert later[column].to_numpy() == pytest.approx(alone[column].to_numpy())

    def test_one_year_gives_no_interval(self, sipas_fit):
        """Errors of one year are alike: how much another year would differ cannot be seen."""
        assert sipas_fit.best["years"] == [2020] and not sipas_fit.best["sure"]
        ends = sipas_fit.scores.filter(regex="_(low|high)$")
        assert len(ends.columns) == 6 and ends.isna().all(axis=None)
        assert sipas_fit.scores["mae"].notna().all()
        leads = pd.DataFrame.from_dict(sipas_fit.best["lead"], orient="index")
        assert leads["gap"].gt(0).all() and leads[["low", "high"]].isna().all(axis=None)
        gains = tr.gains(sipas_fit.tested, "same_rank")
        assert gains["gain"].notna().all() and gains[["low", "high"]].isna().all(axis=None)

    @pytest.mark.parametrize(("years", "none"), [((2017, 2018), True), ((2017, 2018, 2019), False)])
    def test_two_years_give_no_interval_yet(self, tested, years, none):
        cases = tested[tested["year"].isin(years) & (tested["horizon"] == 1)]
        assert (tr.gains(cases, "same_rank")[["low", "high"]].isna() == none).all(axis=None)

    def test_refuses_where_no_origin_can_be_tried(self, table):
        with pytest.raises(tr.NotEnoughYears, match="no origin"):
            tr.backtest(tr.panel(table, "SIPAS", 2018, draws=3))


class TestStored:
    def test_is_made_once_for_the_same_figures(self, table, sipas_fit, tmp_path, monkeypatch):
        made = []

        def build(*_):
            made.append(1)
            return sipas_fit

        monkeypatch.setattr("helpers.trajectories.stored.build", build)
        for _ in range(3):
            again = tr.fitted(table, "SIPAS", 2020, tmp_path)
        assert len(made) == 1 and again.best["crps"] == sipas_fit.best["crps"]
        pd.testing.assert_frame_equal(again.tested, sipas_fit.tested)
        tr.fitted(table.assign(value=table["value"] + 1), "SIPAS", 2020, tmp_path)
        assert len(made) == 2

    def test_lays_published_values_beside(self, table, sipas_fit):
        beside = tr.beside_published(sipas_fit, table)
        published = facts.panel(table, "SIPAS")[2021].dropna()
        scored = beside.dropna(subset="observed_score")
        assert set(scored["unit"]) == set(published.index) and set(beside["year"]) == {2021}
        for row in scored.itertuples():
            assert row.observed_score == published[row.unit]
            inside = row.score_80_low <= row.observed_score <= row.score_80_high
            assert row.inside_80 is inside or row.inside_80 == inside
        ranked = beside.dropna(subset="observed_rank")
        within = ranked["observed_rank"].between(ranked["rank_80_low"], ranked["rank_80_high"])
        assert (ranked["rank_inside_80"].astype(bool) == within).all() and 0 < within.mean() < 1
        unscored = beside[beside["observed_score"].isna()]
        assert len(unscored) and unscored["inside_80"].isna().all()

    def test_a_merged_province_is_not_the_old_one(self, table, sipas_fit):
        later = table[(table["unit"] == "Hà Nội") & (table["index"] == "SIPAS")].head(1)
        rows = [
            later.assign(unit=unit, year=2025, measure=measure, value=1.0, status="accepted")
            for unit in ("Hà Nội", "Lào Cai")  # the second has merged with another
            for measure in ("score", "rank")
        ]
        figures = pd.concat([table, *rows], ignore_index=True)
        ahead = sipas_fit.forecasts.assign(year=2025)
        beside = tr.beside_published(dataclasses.replace(sipas_fit, forecasts=ahead), figures)
        assert list(beside["unit"]) == ["Hà Nội"]
        assert beside["observed_score"].tolist() == [1.0] and beside["observed_rank"].isna().all()
