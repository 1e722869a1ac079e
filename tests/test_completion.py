"""Completing published tables, and the two ends of knowing everything and knowing nothing."""

import numpy as np
import pandas as pd
import pytest
import toys

from helpers import facts
from helpers.completion import (
    InconsistentFacts,
    NotEnoughKnown,
    check,
    complete,
    coverage,
    leave_one_out,
)
from helpers.completion.gather import gather
from helpers.completion.leave_one_out import interpolate, without

pytestmark = pytest.mark.usefixtures("in_english")

PUBLISHED = [("PAR", year) for year in range(2012, 2025)]
PUBLISHED += [("SIPAS", year) for year in range(2017, 2025)]
MADE_UP = [f"Đơn vị giả {number:02d}" for number in range(1, 9)]


@pytest.fixture(scope="module")
def par_2020(table):
    return complete(table, "PAR", 2020)


def rows(*figures):
    """Made-up published figures: (unit, measure, value) of PAR 2020."""
    sources = [f"s{number:03d}" for number in range(1, len(figures) + 1)]
    return toys.figures(figures, ["unit", "measure", "value"], sources=sources)


def everything():
    scores = np.linspace(91, 70, len(MADE_UP)).round(2)
    figures = [(unit, "score", score) for unit, score in zip(MADE_UP, scores, strict=True)]
    figures += [(unit, "rank", rank) for rank, unit in enumerate(MADE_UP, 1)]
    return scores, [*figures, ("Việt Nam", "mean", scores.mean().round(2))]


# --- the real figures ----------------------------------------------------------------------


@pytest.mark.parametrize("index, year", PUBLISHED)
def test_published_figures_are_in_every_draw(table, index, year):
    drawn = complete(table, index, year, draws=20)
    known = facts.scores(table, index, year)
    for unit, row in known.iterrows():
        if pd.notna(row["score"]):
            assert (drawn.scores[unit] == row["score"]).all()
            assert drawn.status.loc[unit, "score_status"] == facts.kind(row["score_derivation"])
        if pd.notna(row["rank"]):
            assert (drawn.ranks[unit] == row["rank"]).all()
            assert drawn.status.loc[unit, "rank_status"] == facts.kind(row["rank_derivation"])
    assert drawn.scores.shape == drawn.ranks.shape == (20, 63)
    for score, rank in zip(drawn.scores.to_numpy(), drawn.ranks.to_numpy(), strict=True):
        assert (np.diff(score[np.argsort(rank, kind="stable")]) <= 1e-8).all()
    mean = facts.figure(table, "Việt Nam", index, year, "mean")
    if mean is not None:
        assert abs(drawn.scores.mean(axis=1) - mean["value"]).max() <= 0.005 + 1e-8


def test_summary(par_2020):
    summary = par_2020.summary()
    assert len(summary) == 63
    thanh_hoa = summary.loc["Thanh Hóa"]
    assert thanh_hoa[["score_status", "rank_status"]].tolist() == ["published", "published"]
    assert thanh_hoa[["score", "score_90_low", "score_90_high"]].tolist() == [84.33] * 3
    assert thanh_hoa[["rank", "rank_90_low", "rank_90_high"]].tolist() == [29] * 3
    assert summary.loc["Bắc Ninh", "score_status"] == "derived"
    binh_dinh = summary.loc["Bình Định"]
    assert binh_dinh["rank_status"] == "estimated"
    assert binh_dinh["rank_90_low"] < binh_dinh["rank_50_low"] <= binh_dinh["rank"]
    assert (summary["draws"] == 200).all()


def test_same_seed_same_draws(table):
    runs = [
        complete(table, "SIPAS", 2021, draws=5, seed=seed, sweeps=20, link=False)
        for seed in (1, 1, 2)
    ]
    pd.testing.assert_frame_equal(runs[0].scores, runs[1].scores, check_exact=True)
    pd.testing.assert_frame_equal(runs[0].ranks, runs[1].ranks, check_exact=True)
    assert not runs[0].scores.equals(runs[2].scores)


def test_estimate_of_a_region(par_2020):
    southeast = ["Bình Phước", "Tây Ninh", "Bình Dương", "Đồng Nai", "Bà Rịa - Vũng Tàu"]
    southeast.append("Hồ Chí Minh")
    pooled = par_2020.estimate(lambda t: t["score"][southeast].mean())
    means = par_2020.scores[southeast].mean(axis=1)
    assert pooled.tolist() == pytest.approx([means.mean(), *means.quantile([0.025, 0.975])])
    both = par_2020.estimate(lambda t: t["score"][["Quảng Ninh", "Hải Phòng"]], level=0.5)
    assert both.loc["Quảng Ninh", ["low", "high"]].tolist() == [91.04, 91.04]
    first = par_2020.estimate(lambda t: t["score"]["Quảng Ninh"] >= t["score"].max())
    assert first["estimate"] == 1


@pytest.mark.parametrize("gather_up", [tuple, list, np.array, pd.DataFrame, str, lambda _: None])
def test_an_estimate_of_neither_a_number_nor_named_ones_is_refused(par_2020, gather_up):
    # Of several numbers without names only the first would be summed up.
    with pytest.raises(TypeError, match="a number, or a Series of numbers"):
        par_2020.estimate(lambda t: gather_up([t["score"].min(), t["score"].max()]))


def test_two_provinces_with_one_score_share_a_rank(table):
    drawn = complete(table, "SIPAS", 2021, draws=10, sweeps=20, link=False)
    assert (drawn.ranks[["Sóc Trăng", "Đồng Tháp"]] == 9).all(axis=None)
    assert (drawn.ranks["Đồng Nai"] == 10).all()
    assert (drawn.ranks["Yên Bái"] == 14).all()
    assert drawn.status.loc["Đồng Tháp", "rank_status"] == "derived"


def test_all_ministries_of_2020(table):
    drawn = complete(table, "PAR", 2020, "ministry", draws=20)
    assert drawn.scores.shape == (20, 17)
    assert (drawn.status["rank_status"] == "published").all()
    assert ((drawn.scores > 90).sum(axis=1) == 3).all()
    assert abs(drawn.scores.mean(axis=1) - 87.56).max() <= 0.005 + 1e-8


# --- the two ends --------------------------------------------------------------------------


def test_with_everything_published_nothing_is_left_open():
    scores, figures = everything()
    drawn = complete(rows(*figures), "PAR", 2020, draws=10, roster_names=MADE_UP)
    assert (drawn.scores == scores).all(axis=None)
    summary = drawn.summary()
    for name in ("score", "rank"):
        assert (summary[f"{name}_90_high"] == summary[f"{name}_90_low"]).all()
    assert (drawn.status == "published").all(axis=None)


def test_with_nothing_but_the_mean_it_is_wide():
    drawn = complete(rows(("Việt Nam", "mean", 80)), "PAR", 2020, roster_names=MADE_UP)
    summary = drawn.summary()
    assert ((summary["score_90_high"] - summary["score_90_low"]) > 20).all()
    assert ((summary["rank_90_high"] - summary["rank_90_low"]) >= 6).all()
    assert abs(drawn.scores.mean(axis=1) - 80).max() <= 0.005 + 1e-8


def test_with_no_mean_it_works():
    drawn = complete(rows((MADE_UP[0], "score", 80)), "PAR", 2020, roster_names=MADE_UP)
    assert (drawn.scores[MADE_UP[0]] == 80).all()
    # Each of the seven others is above 80 of 100 with chance 0.2: 2.4 on average, give or take.
    assert abs(drawn.ranks[MADE_UP[0]].mean() - 2.4) < 5 * np.sqrt(7 * 0.2 * 0.8 / 200)


def test_the_last_rank_is_derived():
    _, figures = everything()
    left = [f for f in figures if f[:2] != (MADE_UP[3], "rank")]
    drawn = complete(rows(*left), "PAR", 2020, draws=5, roster_names=MADE_UP)
    assert (drawn.ranks[MADE_UP[3]] == 4).all()
    assert drawn.status.loc[MADE_UP[3], "rank_status"] == "derived"


def test_errors_say_what_is_missing(table):
    with pytest.raises(NotEnoughKnown, match=r"PAR 2011.*PAR 2012"):
        complete(table, "PAR", 2011)
    with pytest.raises(NotEnoughKnown, match="SIPAS 2015 was a pilot in 10 provinces"):
        complete(table, "SIPAS", 2015)
    unranked = table[(table["index"] != "SIPAS") | (table["measure"] != "rank")]
    unranked = unranked[(unranked["unit_type"] == "province") & (unranked["year"] == 2020)]
    with pytest.raises(NotEnoughKnown, match="SIPAS 2020 has scores but no rank"):
        complete(unranked, "SIPAS", 2020)
    with pytest.raises(NotEnoughKnown, match="ministries were ranked in 2018"):
        complete(table, "PAR", 2018, "ministry")


# --- contradictions ------------------------------------------------------------------------


@pytest.mark.parametrize(
    "extra",
    [
        (MADE_UP[0], "rank", 2),
        (MADE_UP[1], "score", 95),
        ("Việt Nam", "min", 75),
        ("Việt Nam", "max", 95),
    ],
)
def test_a_smallest_set_is_named(extra):
    _, figures = everything()
    table = rows(*figures, extra)
    with pytest.raises(InconsistentFacts) as caught:
        complete(table, "PAR", 2020, roster_names=MADE_UP)
    found = caught.value.facts
    assert 2 <= len(found) <= 3
    for fact in found:
        rest = {line for other in found if other is not fact for line in other.lines}
        check(table[table["line"].isin(rest)], "PAR", 2020, roster_names=MADE_UP)
    named = table[table["line"].isin({line for fact in found for line in fact.lines})]
    assert extra[0] in set(named["unit"])
    for source in named["sources"]:
        assert source in str(caught.value)


# --- leaving one out -----------------------------------------------------------------------


@pytest.fixture(scope="module")
def left_out(table):
    return leave_one_out(table, "SIPAS", 2020, draws=100, sweeps=60)


def test_every_published_figure_is_hidden_once(table, left_out):
    known = facts.scores(table, "SIPAS", 2020).dropna(subset=["score", "rank"])
    for how, figure in (("score", "score"), ("both", "score"), ("both", "rank")):
        rows = left_out[(left_out["figure"] == figure) & (left_out["hidden"] == how)]
        hidden = rows.set_index("unit")
        assert hidden["truth"].to_dict() == known[figure].to_dict()
        assert (hidden["low_90"] <= hidden["low_50"]).all()
        assert (hidden["high_50"] <= hidden["high_90"]).all()
    assert left_out["outermost"].sum() == 6


def test_coverage_counts_what_the_rows_say(left_out):
    scores = left_out[left_out["hidden"] == "score"]
    summary = coverage(left_out).loc[("score", "score", "SIPAS", 2020)]
    inside = (scores["low_90"] <= scores["truth"]) & (scores["truth"] <= scores["high_90"])
    assert summary["covered_90"] == inside.mean()
    assert summary["n"] == len(scores)
    error = (scores["median"] - scores["truth"]).abs().median()
    assert summary["error"] == error
    # Loose on purpose: a broken sampler covers far less, a vacuous one all.
    assert 0.75 <= summary["covered_90"] <= 1
    assert summary["width_90"] < 2


def test_a_figure_without_a_prediction_is_counted_apart(table, left_out):
    known = facts.scores(table, "SIPAS", 2020).dropna(subset=["score", "rank"])
    gone = left_out.copy()
    gone.loc[gone.index[gone["hidden"] == "score"][0], ["median", "low_90", "high_90"]] = np.nan
    summary = coverage(gone).loc[("score", "score", "all", 0)]
    assert summary[["n", "without"]].tolist() == [len(known) - 1, 1]


def test_what_gives_a_figure_away_is_hidden_with_it(table):
    first = without(table, "Quảng Ninh", "SIPAS", 2020, "score", 95.76)
    gone = table[~table["line"].isin(first["line"])]
    assert set(gone["measure"]) == {"score", "max"}
    assert set(gone["year"]) == {2020}
    changed = without(table, "Bến Tre", "PAR", 2020, "score", 83.29)
    gone = table[~table["line"].isin(changed["line"])]
    assert set(gone["measure"]) == {"score", "change"}


def test_interpolation():
    pairs = pd.DataFrame({"rank": [1.0, 5.0, 7.0], "score": [90.0, 80.0, 78.0]})
    assert interpolate(pairs, 3.0) == 85 and interpolate(pairs, 9.0) == 76


def test_other_years_place_a_province_of_which_nothing_is_known(table):
    runs = [
        leave_one_out(table, "PAR", 2022, hide=["both"], link=link, draws=60, sweeps=60)
        for link in (False, True)
    ]
    errors = [coverage(run).loc[("both", "rank", "all", 0), "error"] for run in runs]
    assert errors[1] < 0.75 * errors[0]


def test_a_single_disputed_figure_is_left_out(table):
    lao_cai = (table["unit"] == "Lào Cai") & (table["index"] == "SIPAS") & (table["year"] == 2023)
    assert "disputed" in set(table[lao_cai]["status"])
    found = gather(table, "SIPAS", 2023, "province", ["Lào Cai"])
    bounds = [bound for fact in found for bound in fact.bounds if bound.key == "Lào Cai"]
    assert [bound.kind for bound in bounds] == ["rank"]
