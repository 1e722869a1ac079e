"""Completed tables in the forms that charts and tables take."""

import numpy as np
import pytest

from helpers import facts
from helpers.exhibits import completed


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


def test_open_slots_leave_published_scores_alone(table, tables):
    slots = completed.open_slots(tables["PAR"])
    pairs = facts.scores(table, "PAR", 2020).dropna(subset=["score", "rank"])
    assert not set(slots["rank"]) & set(pairs["rank"])
    assert slots.sort_values("rank")["score"].is_monotonic_decreasing
    assert slots.at["Gia Lai", "rank"] == 21


def test_a_rank_that_must_be_is_settled(table, tables):
    scores = facts.scores(table, "PAR", 2020)
    assert np.isnan(scores.at["Bến Tre", "rank"])
    shown = completed.settled(scores, tables["PAR"])
    assert shown.at["Bến Tre", "rank"] == 44
    slots = completed.open_slots(tables["PAR"])
    pairs = shown.dropna(subset=["score", "rank"])
    assert sorted([*slots["rank"], *pairs["rank"]]) == list(range(1, 64))


def test_open_slots_show_the_highlighted_unit_at_its_median_rank(tables):
    slots = completed.open_slots(tables["PAR"], "Bình Định")
    own = completed.by_unit(tables["PAR"]).loc["Bình Định"]
    assert slots.at["Bình Định", "rank"] == own["rank"]
    assert slots["rank"].is_unique


def test_texts(tables):
    rows = completed.by_unit(tables["PAR"])
    known, unknown = rows.loc["Thanh Hóa"], rows.loc["Bình Định"]
    assert completed.rank_text(known, 63) == "29/63"
    assert completed.score_text(known, "PAR") == "84,33 điểm"
    low, high = int(unknown["rank_low"]), int(unknown["rank_high"])
    assert completed.rank_text(unknown, 63) == f"ước lượng: hạng {low} đến {high} (độ tin cậy 90%)"
    assert completed.score_text(unknown, "PAR").startswith("ước lượng: ")
