"""The nation's results: regions, and changes on the year before."""

import pandas as pd

from helpers import facts, national


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


def test_a_province_of_another_name_is_set_beside_what_it_was(table):
    before = facts.select(table, unit="Thừa Thiên Huế", index="PAR", year=2023, measure="score")
    years = [
        before.assign(unit=name, year=year)
        for name, year in ((before["unit"], 2024), ("Huế", 2025))
    ]
    changes = national.changes(pd.concat(years), "PAR", 2025)
    assert changes.loc["Huế", ["before", "now", "change"]].tolist() == [*before["value"]] * 2 + [0]
