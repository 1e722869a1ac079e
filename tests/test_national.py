"""The nation's results: groups, regions, changes, blocks, ministries, factors."""

import pytest

from helpers import facts, national


def test_groups_hold_what_was_announced(table):
    groups = national.groups(table, 2020)
    assert list(groups["announced"]) == [2, 56, 5]
    assert (groups["known"] <= groups["announced"]).all()
    assert groups["known"].sum() == facts.scores(table, "PAR", 2020)["score"].notna().sum()
    assert groups.at["A", "units"] == ["Quảng Ninh", "Hải Phòng"]


def test_groups_not_announced_are_missing(table):
    groups = national.groups(table, 2016)
    assert groups.at["A", "announced"] == 1
    assert groups["announced"].isna().sum() == 2
    assert groups.at["B", "sources"] == ""


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


def test_blocks_add_up_to_the_score(table):
    blocks = national.blocks(table, 2020)
    assert len(blocks) == 10
    assert blocks["score"].is_monotonic_decreasing
    assert ((blocks["sum"] - blocks["score"]).abs() < 0.015).all()
    assert national.blocks(table, 2014).empty


def test_ministries(table):
    ministries = national.ministries(table, 2020)
    assert list(ministries["rank"]) == list(range(1, 18))
    assert ministries.at["Ngân hàng Nhà nước Việt Nam", "rank_before"] == 1
