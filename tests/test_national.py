"""The nation's results: regions, and changes on the year before."""

from helpers import national


def test_disputed_mean_of_a_region_is_not_a_mean(table):
    regions = national.regions(table, "PAR", 2020)
    assert list(regions["provinces"]) == [14, 11, 14, 5, 6, 13]
    assert regions["mean"].notna().sum() == 1
    assert regions.at["Đồng bằng sông Hồng", "mean"] == 85.51
    assert regions.at["Đông Nam Bộ", "disputed"] == [85.88]


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
