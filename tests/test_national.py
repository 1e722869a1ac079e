"""The nation's results: regions, and changes on the year before."""

import pytest

from helpers import facts, national


def test_disputed_mean_of_a_region_is_not_a_mean(table):
    regions = national.regions(table, "PAR", 2020)
    assert list(regions["provinces"]) == [14, 11, 14, 5, 6, 13]
    assert regions["mean"].notna().sum() == 1
    assert regions.at["Đồng bằng sông Hồng", "mean"] == 85.51
    assert regions.at["Đông Nam Bộ", "disputed"] == [85.88]


def test_mean_of_scored_is_the_plain_mean(table):
    regions = national.regions(table, "PAR", 2020)
    six = ["Bình Phước", "Tây Ninh", "Bình Dương", "Đồng Nai", "Bà Rịa - Vũng Tàu", "Hồ Chí Minh"]
    scores = facts.scores(table, "PAR", 2020)["score"].reindex(six).dropna()
    assert regions.at["Đông Nam Bộ", "scored"] == len(scores) == 5
    assert regions.at["Đông Nam Bộ", "mean_of_scored"] == pytest.approx(sum(scores) / 5, abs=0.005)


def test_changes(table):
    changes = national.changes(table, "PAR", 2020)
    assert changes["change"].is_monotonic_decreasing
    assert changes.index[0] == "Bến Tre"
    assert (changes.at["Thái Bình", "change"], changes.at["Thái Bình", "kind"]) == (
        0.7,
        "published",
    )
    both = changes.dropna(subset=["before", "now"])
    assert (both["now"] - both["before"]).round(2).tolist() == both["change"].round(2).tolist()


def test_regions_of_2025_hold_the_provinces_of_2025(table):
    assert national.regions(table, "PAR", 2025)["provinces"].sum() == 34
    assert national.changes(table, "PAR", 2025).empty
