"""Notebook 2 as an analyst has it: its numbers against other code, its cells edited and run."""

import re

import nbformat
import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from bs4 import BeautifulSoup
from cells import Notebook, comes_back, edited, same_in_both
from scipy import stats

from helpers import facts, paths

STEM = "2_satisfaction_and_reform"
# What would say that one causes the other; the last sentence of the conclusion denies it.
CAUSAL = {
    "vi": r"gây|dẫn đến|dẫn tới|nhờ|làm cho|làm tăng|khiến|do cải cách|vì cải cách",
    "en": r"\bcaus|because of|due to reform|leads? to|thanks to|improves|makes people|results? in",
}
DENIED = r"nguyên nhân|which is a cause"


@pytest.fixture(scope="module")
def notebook():
    """The notebook, run as it is: look at its names, do not change them."""
    made = Notebook(STEM)
    made.run()
    return made


# --- the numbers, against other code ------------------------------------------------------------


def test_pooling_is_that_of_rubin(notebook):
    """By hand, from the same draws (Rubin 1987, pp. 76-77): a correlation of 63 has 1 / 60."""
    par, sipas = (notebook.names["scores"]["drawn"][index] for index in facts.INDICES)
    reform = notebook.names["reform"](par, sipas)
    z = pd.Series(np.arctanh(reform.corrwith(sipas, axis=1)))
    between = (1 + 1 / len(z)) * z.var()
    total = 1 / 60 + between
    reach = stats.t.ppf(0.975, (len(z) - 1) * (total / between) ** 2) * np.sqrt(total)
    row = notebook.names["cases"].loc["drawn"]
    told = np.tanh([z.mean(), z.mean() - reach, z.mean() + reach])
    assert list(row[["r", "low", "high"]]) == pytest.approx(list(told))


def test_an_end_of_which_every_score_is_in_hand_has_no_odds_ratio(notebook):
    names, terms = notebook.names, ["ahead", "first", "last"]
    rows = names["varied"](names["in_hand"]["PAR"], "year", "region")
    rows = rows.assign(in_hand=rows["in_hand"].mask(rows["rank_0"] <= names["edge"], 1))
    odds = names["odds_ratios"](rows, terms).loc[terms, ["odds", "low", "high"]]
    assert odds.loc["first"].isna().all() and np.isfinite(odds.drop(index="first")).all(axis=None)


def test_the_first_places_are_compared_with_the_middle_by_rank_too(notebook):
    """By hand: the jump of the first places and 29 ranks of the line, with their covariance."""
    names, terms, weights = notebook.names, ["first", "ahead"], np.array([1, 2.9])
    rows = names["varied"](names["in_hand"]["SIPAS"], "year", "region")
    fits = [names["logit"](rows, rank, [*terms, "last"]) for rank in rows.filter(like="rank_")]
    b = np.array([fit.params[terms] @ weights for fit in fits])
    within = [weights @ fit.cov_params().loc[terms, terms] @ weights for fit in fits]
    between = (1 + 1 / len(b)) * b.var(ddof=1)
    total = np.mean(within) + between
    reach = stats.t.ppf(0.975, (len(b) - 1) * (total / between) ** 2) * np.sqrt(total)
    told = np.exp([b.mean(), b.mean() - reach, b.mean() + reach])
    row = names["odds"].loc[("SIPAS", "ends", "leader")]
    assert list(row[["odds", "low", "high"]]) == pytest.approx(list(told))
    assert f"{told[0]:.2f}".replace(".", ",") in notebook.seen("2-reform-published-say")


def test_the_model_of_unknown_ranks_hardly_bears_on_the_link_with_rank(notebook):
    """Dealt out at random among those without a score, the ranks give the same coefficient."""
    names, rng = notebook.names, np.random.default_rng(1)
    for in_hand in names["in_hand"].values():
        rows = names["varied"](in_hand, "year", "region")
        shuffled = rows.copy()
        for _year, of_year in rows[rows["in_hand"] == 0].groupby("year"):
            shuffled.loc[of_year.index, "rank_0"] = rng.permutation(of_year["rank_0"])
        one, two = (names["logit"](frame, "rank_0", ["ahead"]) for frame in (rows, shuffled))
        assert one.params["ahead"] == pytest.approx(two.params["ahead"], abs=one.bse["ahead"] / 4)
    told = re.search(r"Trong (\d+) .*?, (\d+) có cùng", notebook.seen("2-reform-ranks-in-hand"))
    cases = sum(rows["in_hand"].sum() for rows in names["in_hand"].values())
    assert int(told[1]) == cases and 0.9 * cases < int(told[2]) < cases


def test_derived_scores_are_told_and_what_the_coefficient_is_without_them(notebook):
    pairs, rests_on = notebook.names["pairs"], notebook.names["rests_on"]
    stated = pairs[(pairs["PAR_kind"] == "published") & (pairs["SIPAS_kind"] == "published")]
    assert len(stated) < len(pairs)
    r = stats.pearsonr(stated["reform"], stated["SIPAS"]).statistic
    assert rests_on.at["published", "r"] == pytest.approx(r)
    left = pairs.drop(notebook.names["influence"]["cooks_d"].idxmax())
    r = stats.pearsonr(left["reform"], left["SIPAS"]).statistic
    assert rests_on.at["but_one", "r"] == pytest.approx(r)
    told = f"trong đó {len(pairs) - len(stated)} cặp có số suy ra"
    assert told in notebook.seen("2-reform-09")


def test_the_card_and_the_years_show_the_bootstrap_beside_fisher(notebook):
    names, card = notebook.names, notebook.seen("three-numbers")
    for low in (names["main"]["low"], names["boot"]["low"]):
        assert f"{low:.2f}".replace(".", ",").replace("-", "−") in card
    by_year = names["by_year"].loc["rest"].query("n >= 8")
    above = by_year[["low", "boot_low"]].gt(0)
    told = f"{above['low'].sum()} năm theo Fisher, {above['boot_low'].sum()} năm theo bootstrap"
    assert told in notebook.seen("2-reform-24")


@pytest.mark.parametrize(
    ("lows", "told"),
    [
        ([0.1, 0.2, 0.3], "Có: "),
        ([-0.1, 0.2, 0.3], "Có thể: "),
        ([-0.3, -0.2, 0.0], "Chưa đủ cơ sở"),
    ],
)
def test_the_answer_is_what_the_intervals_carry(notebook, lows, told):
    """All coefficients are above 0 in each case: an interval that holds 0 tells no direction."""
    other = edited(notebook, STEM, cases=notebook.names["cases"].assign(low=lows))
    other.run("2-reform-by-case", "2-reform-05")
    assert other.seen("2-reform-05").startswith(told)


@pytest.mark.parametrize(("low", "told"), [(0.2, "Có: "), (-0.1, "Chưa đủ cơ sở")])
def test_a_year_that_is_known_in_full_needs_no_assumption(notebook, low, told):
    main = notebook.names["main"].copy()
    main["low"] = low
    other = edited(notebook, STEM, every=True, main=main)
    other.run("three-numbers-name", "three-numbers", "2-reform-by-case", "2-reform-05")
    other.run("2-reform-14", "2-reform-14-every", "2-reform-closing-answer")
    n = len(notebook.names["pairs"])
    assert f"trên cả {n} địa phương" in other.seen("three-numbers")
    answer = f"{main['r']:.2f} (khoảng tin cậy 95%: {low:.2f}".replace(".", ",").replace("-", "−")
    for cell in ("2-reform-05", "2-reform-closing-answer"):
        assert other.seen(cell).startswith(told) and answer in other.seen(cell)
        assert "giả định" not in other.seen(cell)
    assert not other.seen("2-reform-14")
    assert other.seen("2-reform-14-every").endswith("không phải giả định gì.")


def test_the_limits_tell_the_sign_and_that_a_search_found_them(notebook):
    lowest = f"{notebook.names['ends']['lowest']:.2f}".replace(".", ",").replace("-", "−")
    told = rf"bảng hoàn chỉnh tìm được.* xuống đến {lowest}.*còn xa hơn.*còn tùy giả định"
    assert re.search(told, notebook.seen("2-reform-05"))
    assert "giới hạn thật có thể còn xa hơn" in notebook.seen("2-reform-14")


def test_cases_lie_within_the_limits_in_their_order(notebook):
    cases, ends = notebook.names["cases"], notebook.names["ends"]
    assert list(cases.index) == ["none", "drawn", "alike"]
    assert ends["lowest"] < cases.at["none", "r"] < cases.at["alike", "r"] < ends["highest"]


def test_the_strength_of_the_known_pairs_is_drawn_with_each_table(notebook):
    """Over the tables it has the interval of the pairs that it comes from (Rubin 1987)."""
    cases, z = notebook.names["cases"], np.arctanh(notebook.names["strengths"])
    ends = np.tanh(z.mean() + np.array([-1.96, 1.96]) * z.std())
    assert list(ends) == pytest.approx(list(notebook.names["link"][["low", "high"]]), abs=0.05)
    assert cases.at["alike", "missing"] > cases.at["none", "missing"]


def test_slopes_have_hc3_errors_by_hand(notebook):
    pairs, slopes = notebook.names["pairs"], notebook.names["slopes"]
    x = sm.add_constant(pairs["reform"]).to_numpy()
    inverse = np.linalg.inv(x.T @ x)
    b = inverse @ x.T @ pairs["SIPAS"]
    hat = np.einsum("ij,jk,ik->i", x, inverse, x)
    residuals = (pairs["SIPAS"] - x @ b) / (1 - hat)
    covariance = inverse @ (x.T * residuals.to_numpy() ** 2) @ x @ inverse
    reach = stats.t.ppf(0.975, len(pairs) - 2) * np.sqrt(covariance[1, 1])
    ends = list(slopes.loc["ols", ["slope", "low", "high"]])
    assert ends == pytest.approx([b[1], b[1] - reach, b[1] + reach])
    line = notebook.names["line"]
    middle = np.array([1, line["reform"].iloc[7]])
    band = stats.t.ppf(0.975, len(pairs) - 2) * np.sqrt(middle @ covariance @ middle)
    assert line["high"].iloc[7] - line["SIPAS"].iloc[7] == pytest.approx(band)


def test_residuals_come_from_the_line_without_the_province(notebook):
    pairs, residuals = notebook.names["pairs"], notebook.names["residuals"]
    for unit in residuals.index[[0, -1]]:
        rest = pairs.drop(unit)
        fit = sm.OLS(rest["SIPAS"], sm.add_constant(rest["reform"])).fit()
        there = fit.get_prediction([[1, pairs.at[unit, "reform"]]])
        frame = there.summary_frame(alpha=0.05)
        gap = pairs.at[unit, "SIPAS"] - frame["mean"].item()
        assert residuals.at[unit, "residual"] == pytest.approx(gap)
        assert residuals.at[unit, "high"] - gap == pytest.approx(
            frame["obs_ci_upper"].item() - frame["mean"].item()
        )
    told = notebook.seen("2-reform-29")
    assert notebook.names["outside"].any()
    for unit, gap in residuals.loc[notebook.names["outside"], "residual"].items():
        assert f"{unit} ({gap:+.1f})".replace(".", ",").replace("-", "−") in told


def test_changes_are_those_published_less_the_nation(notebook):
    changes = notebook.names["changes"].set_index(["unit", "year"])["change"]
    means = facts.national(notebook.names["figures"], "SIPAS")["mean"]
    scores = facts.panel(notebook.names["figures"], "SIPAS")
    known = scores.loc["Quảng Ninh", 2020] - scores.loc["Quảng Ninh", 2019]
    assert changes["Quảng Ninh", 2020] == pytest.approx(known - (means[2020] - means[2019]))
    assert 2022 not in changes.index.get_level_values("year")
    for unit, _year in (changes.idxmin(), changes.idxmax()):
        assert f"({unit}" in notebook.seen("2-reform-19"), "the chart in words names its ends"


def test_a_slope_within_provinces_counts_only_those_seen_twice(notebook):
    panel = notebook.names["panel"]
    rows = panel.groupby(["regime", "unit"])["x"].transform("size") > 1
    over_years = notebook.names["over_years"].set_index(["term", "regime"])["n"]
    assert over_years["fixed"].to_dict() == panel[rows].groupby("regime").size().to_dict()


def test_the_slope_within_provinces_is_told_without_the_one_it_leans_on(notebook):
    panel, without_one = notebook.names["panel"], notebook.names["without_one"]
    for period, row in notebook.names["hangs_on"].iterrows():
        rows = panel[(panel["regime"] == period) & (panel["unit"] != row["unit"])]
        terms = sm.add_constant(rows[["within", "between"]])
        fit = sm.MixedLM(rows["y"], terms, rows["unit"]).fit()
        assert row["slope"] == pytest.approx(fit.params["within"], abs=1e-6)
        whole = notebook.names["models"][period].params["within"]
        slopes = without_one.loc[without_one["regime"] == period, "slope"]
        assert (slopes - whole).abs().max() == abs(row["slope"] - whole)
        told = f"{row['unit']}: bỏ riêng nơi này thì con số ấy là {row['slope']:.2f}".replace(
            ".", ","
        )
        assert told in notebook.seen("2-reform-closing")


def test_respondents_are_an_even_share_of_the_nearest_and_most_telling_number(notebook):
    other = edited(notebook, STEM)
    for year, told in {
        2020: (2020, 35000 / 63),
        2018: (2019, 35268 / 63),
        2012: (2015, 1187.3),
    }.items():
        other.names["year"] = year
        names = other.run("2-reform-people")
        found = names["stated"]["year"].item(), names["asked"]
        assert found == (told[0], pytest.approx(told[1]))


def test_the_limit_of_the_error_holds_where_the_truth_is_known(notebook):
    """Errors of 1 and true changes beside them: s/√2 is at least 1, and just 1 without change."""
    rng = np.random.default_rng(8)
    for spread, told in ((0.0, 1.0), (2.0, np.sqrt(1 + 2.0**2 / 2))):
        noise = rng.normal(size=(4000, 2))
        change = spread * rng.normal(size=4000) + noise[:, 1] - noise[:, 0]
        rows = pd.DataFrame({"unit": np.arange(4000) // 2, "change": change})
        found = notebook.names["limit_of"](rows, np.random.default_rng(1))
        assert found["error"] == pytest.approx(told, rel=0.05)
        assert found["low"] < told < found["high"]


def test_the_interval_of_the_corrected_correlation_covers(notebook):
    coverage = notebook.names["coverage"]["covered"]
    error = np.sqrt(0.95 * 0.05 / 2000)
    assert coverage.min() > 0.95 - 4 * error
    row = pd.Series({"n": 12, "r": 0.6, "low": 0.04, "high": 0.87})
    exact = notebook.names["corrected"](row, 1.0)
    assert list(exact[["r", "low", "high"]]) == [0.6, 0.04, 0.87]
    none = notebook.names["corrected"](row, -0.2)
    assert np.isnan(none["r"]) and (none["low"], none["high"]) == (0.04, 1)


def test_papi_is_compared_within_a_year(notebook):
    names = notebook.names
    sipas = facts.scores(names["figures"], "SIPAS", 2020)["score"]
    papi = names["papi"].query("year == 2020").set_index("unit")["procedures"]
    both = pd.DataFrame({"a": sipas, "b": papi}).dropna()
    agreement = names["agreement"].set_index(["year", "dimension"])
    row = agreement.loc[(2020, "procedures")]
    assert (row["n"], row["r"]) == (len(both), pytest.approx(stats.pearsonr(*both.T.to_numpy())[0]))


def test_papi_has_an_error_where_the_two_surveys_are_set_against_each_other(notebook):
    """Intervals are as wide as both errors make them; fewer leave out 0 than without PAPI's."""
    names = notebook.names
    share, known = names["papi_reliability"], names["certain"]["SIPAS"]
    assert share == pytest.approx(names["retest"].median())
    total, there = names["papi_total"], names["papi_total"][names["of_sipas"].index]
    assert (1 - names["papi_there"]) * there.var() == pytest.approx((1 - share) * total.var())
    differ = names["differ"][known.reindex(names["differ"].index)]
    sipas = names["errors"].at[names["regime"], "error"] / names["sipas_spread"].mean()
    width = 2 * 1.959964 * np.sqrt(sipas**2 + 1 - share)
    assert (differ["high"] - differ["low"]).median() == pytest.approx(width, rel=0.1)
    counts = names["beyond"][["higher", "lower"]].sum(axis=1)
    assert counts.is_monotonic_decreasing and len(names["apart"]) == counts[2] < counts[0]
    told = notebook.seen("2-reform-differ-chart")
    assert f"{0.05 * len(names['differ']):.1f}".replace(".", ",") in told
    unscored = names["apart"].index.difference(
        facts.scores(names["figures"], "SIPAS", 2020)["score"].dropna().index
    )
    assert f"{len(unscored)} nơi có SIPAS là ước lượng" in told
    assert not [unit for unit in unscored if unit in told.split("Năm 2020")[0]]


def test_the_two_surveys_of_sipas_are_never_put_together_with_papi(notebook):
    agreement = notebook.names["agreement"].pivot(index="year", columns="dimension", values="r")
    both = agreement[["total", "procedures"]].dropna()
    told = notebook.seen("2-reform-agreement-chart")
    for years in (both.loc[:2021], both.loc[2022:]):
        assert f"{years['total'].median():.2f}".replace(".", ",") in told
        assert f"{years['procedures'].median():.2f}".replace(".", ",") in told
        assert f"{years.index[0]}–{years.index[-1]}" in told


@pytest.mark.parametrize("there", [[], [2018, 2019, 2021, 2022, 2024]])
def test_years_that_papi_lacks_are_left_out(notebook, there):
    papi = notebook.names["papi"].query("year in @there")
    other = edited(notebook, STEM, papi=papi)
    cells = [*other.sources]
    first, last = cells.index("2-reform-papi-names"), cells.index("2-reform-reliability-say")
    other.run(*cells[first : last + 1])
    known = other.names["agreement"].dropna(subset="r")
    assert {*known["year"]} == {*there}
    assert [*other.names["retest"].index] == (["2018–2019", "2021–2022"] if there else [])
    assert ("2018–2021" in other.seen("2-reform-agreement-chart")) == bool(there)
    assert other.names["differ"].empty and not other.names["known_there"]


def test_bounds_of_reliability_have_the_ends_of_their_intervals(notebook):
    names, told = notebook.names, notebook.seen("2-reform-reliability-say")
    row = names["agreement"].query("year == 2020 and dimension == 'total'").iloc[0]
    sipas = facts.scores(names["figures"], "SIPAS", 2020)["score"].var()
    least = 1 - names["errors"].at["2017–2021", "high"] ** 2 / sipas
    for number in (row["low"] ** 2, row["high"] ** 2, least, row["high"] ** 2 / least):
        assert f"{number:.2f}".replace(".", ",") in told


# --- what it tells ------------------------------------------------------------------------------


def test_both_languages_tell_the_same(notebook):
    english = Notebook(STEM, lang="en")
    english.run()
    same_in_both(notebook, english)


@pytest.mark.parametrize("lang", ["vi", "en"])
def test_no_cause_is_told(notebook, lang):
    cells = nbformat.read(paths.notebooks_dir() / f"{STEM}.ipynb", as_version=4).cells
    told = [cell.metadata.get("en", "") if lang == "en" else cell.source for cell in cells]
    told = [text for text in told if not re.search(DENIED, text)]
    prose = [text for cell, text in zip(cells, told, strict=False) if cell.cell_type == "markdown"]
    assert prose and not re.search(CAUSAL[lang], " ".join(prose))
    if lang == "vi":
        assert not re.search(CAUSAL["vi"], re.sub(DENIED, "", notebook.seen("2-reform-closing")))


@pytest.mark.parametrize(
    "year", [2012, *(pytest.param(y, marks=pytest.mark.slow) for y in (2018, 2022, 2025))]
)
def test_years_with_little_say_so(year):
    notebook = Notebook(STEM, year=year)
    notebook.run()
    told = " ".join(notebook.seen(cell) for cell in notebook.sources)
    assert not {"nan", "inf", "None"} & set(
        re.sub(r"<.*?>", " ", notebook.seen("2-reform-05")).split()
    )
    if year == 2012:
        assert "SIPAS được quy ra tối đa" not in told, "there was no SIPAS"
    if year != 2022:
        assert "trên mọi địa phương" not in notebook.seen("three-numbers")
        assert "quá ít để vẽ đường hồi quy" in told
        assert f"Chưa có câu trả lời cho năm {year}" in told


# --- what an analyst must be able to do ---------------------------------------------------------


def test_one_province_is_left_out_by_its_name_alone(notebook):
    names = Notebook(STEM, leave_out="Quang Ninh").run(until="2-reform-make-pairs")
    assert names["pairs"].equals(notebook.names["pairs"].drop("Quảng Ninh"))


def test_a_choice_is_changed_in_one_place(notebook):
    choice = {"method": "spearman", "level": 0.9, "cooks_limit": 1.0, "leave_out": ["Quảng Ninh"]}
    other = Notebook(STEM, **choice)
    names = other.run(until="2-reform-28")
    pairs = notebook.names["pairs"].drop("Quảng Ninh")
    r = stats.spearmanr(pairs["reform"], pairs["SIPAS"]).statistic
    assert names["main"]["r"] == pytest.approx(r)
    written = f"{r:.2f}".replace(".", ",")
    assert f"r = {written} trên {len(pairs)} cặp" in other.seen("2-reform-09")
    assert "hệ số Spearman" in other.seen("2-reform-09")
    assert "Quảng Ninh" not in other.seen("2-reform-10")
    assert "Khoảng tin cậy 90%" in other.seen("2-reform-23")
    assert written in other.seen("three-numbers")
    limits = names["influence"]["cooks_d"] > 1
    assert names["influential"] == list(names["influence"].index[limits])
    assert "ngưỡng Cook 1,00" in other.seen("2-reform-28")


def test_ols_becomes_huber_in_the_chart(notebook):
    other = edited(notebook, STEM)
    other.edit("2-reform-fit", '.ols("SIPAS ~ reform", pairs).fit(cov_type="HC3", use_t=True)',
                '.rlm("SIPAS ~ reform", pairs).fit()')  # fmt: skip
    names = other.run("2-reform-fit", "2-reform-09")
    pairs, line = names["pairs"], names["line"]
    huber = sm.RLM(pairs["SIPAS"], sm.add_constant(pairs["reform"])).fit()
    slope = np.diff(line["SIPAS"])[0] / np.diff(line["reform"])[0]
    assert slope == pytest.approx(huber.params["reform"])
    assert slope != pytest.approx(notebook.names["slopes"].at["ols", "slope"])
    assert BeautifulSoup(other.text("2-reform-09"), "html.parser").svg


def test_a_region_term_enters_the_mixed_model(notebook):
    other = edited(notebook, STEM)
    other.edit("2-reform-models", '"y ~ within + between"', '"y ~ within + between + C(region)"')
    other.sources["summary"] = 'models["2017–2021"].summary()'
    other.run("2-reform-models", "summary")
    assert "C(region)[T.Tây Nguyên]" in other.text("summary")
    assert all(fit.converged for fit in notebook.names["models"].values())


FRAMES = (
    *("pairs", "ranks", "coefficients", "cases", "groups", "points", "influence", "changes"),
    *("errors", "reliable", "coverage", "by_year", "slopes", "residuals", "over_years"),
    *("agreement", "with_papi", "differ", "beyond", "rests_on", "hangs_on"),
)


@pytest.mark.parametrize("name", FRAMES)
def test_the_frame_behind_a_table_or_chart_goes_into_a_workbook(notebook, name, tmp_path):
    comes_back(notebook.names[name], tmp_path)


def test_five_lines_draw_another_year_in_the_look_of_the_project(notebook):
    mine = edited(notebook, STEM)
    mine.sources["mine"] = """\
other = association.score_pairs(figures, schemes, 2021)
ax = sns.scatterplot(other, x="PAR", y="SIPAS", hue="region", palette=palette("region"))
title, unit = ("PAR và SIPAS năm 2021", "PAR and SIPAS of 2021"), ("theo vùng", "by region")
chart(ax, title, unit, other[["PAR", "SIPAS", "region"]], sources=cite(other["sources"]))
"""
    mine.run("mine")
    figure = BeautifulSoup(mine.text("mine"), "html.parser").figure
    assert "Đông Nam Bộ" in figure.svg["aria-label"] and figure.select("p.source sup.cite a")
