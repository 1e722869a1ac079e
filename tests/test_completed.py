"""Completed tables in the forms that charts and tables take."""

import numpy as np
import pytest

from helpers import facts
from helpers.report import completed


@pytest.fixture(scope="module")
def tables(table):
    return completed.by_index(table, 2020)


def test_one_table_for_each_index_of_which_enough_is_known(table, tables):
    assert list(tables) == ["PAR", "SIPAS"]
    assert list(completed.by_index(table, 2014)) == ["PAR"]


def test_published_figures_come_out_as_they_are(table, tables):
    rows = completed.by_unit(tables["PAR"])
    known = facts.scores(table, "PAR", 2020)["score"].dropna()
    assert len(rows) == 63
    for column in ("score", "score_low", "score_high"):
        assert (rows.loc[known.index, column] - known).abs().max() < 1e-9
    assert set(rows.loc[known.index, "kind"]) == {"published", "derived"}


def test_the_curve_has_each_rank_once_and_leaves_published_scores_alone(table, tables):
    rows = completed.curve(tables["PAR"], "Thanh Hóa")
    assert sorted(rows["rank"].dropna()) == list(range(1, 64))
    pairs = facts.scores(table, "PAR", 2020).dropna(subset=["score", "rank"])
    assert (rows.loc[pairs.index, "score"] - pairs["score"]).abs().max() < 1e-9
    assert not (rows.loc[pairs.index, "kind"] == "estimated").any()
    assert rows.dropna(subset="rank").sort_values("rank")["score"].is_monotonic_decreasing
    assert rows.at["Gia Lai", "rank"] == 21 and rows.at["Gia Lai", "kind"] == "estimated"


def test_a_rank_that_must_be_is_settled(table, tables):
    assert np.isnan(facts.scores(table, "PAR", 2020).at["Bến Tre", "rank"])
    assert completed.curve(tables["PAR"], "Thanh Hóa").at["Bến Tre", "rank"] == 44


def test_a_score_without_a_rank_has_a_place_of_its_own(tables):
    rows, units = completed.curve(tables["PAR"], "Thanh Hóa"), completed.by_unit(tables["PAR"])
    loose = rows[rows["rank"].isna()]
    assert len(loose) and (units.loc[loose.index, "rank_kind"] == "estimated").all()
    assert (loose["kind"] != "estimated").all()
    own = completed.curve(tables["PAR"], loose.index[0]).loc[loose.index[0]]
    assert own["rank_low"] <= own["rank"] <= own["rank_high"] and own["kind"] != "estimated"


def test_the_curve_shows_an_estimated_unit_at_its_median_rank(tables):
    rows = completed.curve(tables["PAR"], "Bình Định")
    own = completed.by_unit(tables["PAR"]).loc["Bình Định"]
    assert rows.at["Bình Định", "rank"] == own["rank"]
    assert rows["rank"].dropna().is_unique and rows.index.is_unique


def test_texts(tables):
    rows = completed.by_unit(tables["PAR"])
    known, unknown = rows.loc["Thanh Hóa"], rows.loc["Bình Định"]
    assert completed.rank_text(known, 63) == "29/63"
    assert completed.score_text(known, "PAR") == "84,33 điểm"
    low, high = int(unknown["rank_low"]), int(unknown["rank_high"])
    assert completed.rank_text(unknown, 63) == f"ước lượng: hạng {low} đến {high} (khoảng 90%)"
    assert completed.score_text(unknown, "PAR").startswith("ước lượng: ")
