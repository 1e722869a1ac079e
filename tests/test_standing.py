"""One province among the others, on the real figures and on small made-up tables."""

import math

import pandas as pd
import pytest

from helpers import facts, standing, units


@pytest.fixture(scope="module")
def schemes():
    return facts.schemes()


class TestNeighbours:
    def scores(self):
        return pd.DataFrame(
            {"score": [90.0, math.nan, 80.5, 80.5], "rank": [1, 2, 3, 4.0]},
            index=pd.Index(["Ô Một", "Ô Hai", "Ô Ba", "Ô Bốn"], name="unit"),
        )

    def test_both_sides(self):
        near = standing.neighbours(self.scores(), "Ô Ba", 1)
        assert list(near.index) == ["Ô Hai", "Ô Ba", "Ô Bốn"]
        assert math.isnan(near.at["Ô Hai", "gap"])
        assert list(near["gap"])[1:] == [0, 0]

        assert standing.neighbours(self.scores(), "Ô Năm").empty

    def test_real_gap(self, table):
        near = standing.neighbours(facts.scores(table, "PAR", 2020), "Thanh Hóa")
        assert near.at["Tây Ninh", "gap"] == pytest.approx(84.59 - 84.33)


class TestYears:
    def test_thanh_hoa(self, table):
        years = standing.years(table, "Thanh Hóa", "PAR")
        assert list(years.index) == [2012, 2019, 2020, 2021]
        assert years.at[2020, "to_mean"] == pytest.approx(84.33 - 83.72)
        assert years.at[2019, "rank_kind"] == "derived"
        assert math.isnan(years.at[2019, "score"])


class TestParts:
    def test_points_lost_are_the_maximum_less_the_points(self, table, schemes):
        parts = standing.parts(table, schemes, "Quảng Ninh", 2020)
        assert parts.at["satisfaction", "lost"] == pytest.approx(10 - 9.56)
        assert parts.at["appraisal", "lost"] == pytest.approx(60.5 - 57.66)
        assert parts.at["results", "lost"] == pytest.approx(66.5 - 57.66 - 5)
        assert parts.at["surveys", "lost"] == pytest.approx(33.5 - 9.56 - 18.83)
        without = schemes[schemes["part"] != "appraisal"]
        parts = standing.parts(table, without, "Quảng Ninh", 2020)
        assert math.isnan(parts.at["appraisal", "lost"])

    def test_sums_only_where_the_scheme_is_known(self, table, schemes):
        parts = standing.parts(table, schemes, "Thanh Hóa", 2021)
        assert list(parts.index) == list(facts.FIELDS)
        assert parts["lost"].isna().all()

    def test_a_maximum_that_no_source_states_is_derived(self, table, schemes):
        without = schemes[schemes["part"] != "managers_survey"]
        parts = standing.parts(table, without, "Quảng Ninh", 2020)
        assert parts.at["managers_survey", "max_points"] == 33.5 - 10
        assert parts.at["managers_survey", "lost"] == pytest.approx(23.5 - 18.83)
        kinds = parts["max_kind"].dropna().to_dict()
        assert kinds.pop("managers_survey") == "derived"
        assert set(kinds.values()) == {"published"}
        assert set(parts["points_kind"][list(standing.SUMS)]) == {"derived"}
        lost = standing.parts(table, schemes, "Đắk Lắk", 2017)
        assert lost.at["steering", "points_kind"] == "derived"

    def test_parts_set_apart_do_not_hold_one_another(self, table, schemes):
        parts = standing.parts(table, schemes, "Quảng Ninh", 2020)
        apart = standing.apart(parts)
        assert list(apart.index) == list(facts.BLOCKS)
        assert apart["max_points"].sum() == 100
        score = facts.figure(table, "Quảng Ninh", "PAR", 2020, "score")["value"]
        assert apart["points"].sum() == pytest.approx(score, abs=0.011)
        unknown = parts.drop(index="managers_survey")
        assert list(standing.apart(unknown).index) == [
            "appraisal",
            "socioeconomic_impact",
            "surveys",
        ]

    def test_every_province_and_year_with_parts(self, table, schemes):
        shown = 0
        for unit in units.provinces()["name"]:
            for year in standing.years_with_parts(table, unit):
                parts = standing.parts(table, schemes, unit, year)
                known = parts.dropna(subset=["lost"])
                assert (known["lost"] >= -0.005).all()
                assert (known["lost"] <= known["max_points"]).all()
                shown += len(parts)
        assert shown > 200


def test_a_region_has_all_its_provinces_once_and_a_source_for_each_figure(table):
    region = standing.region(table, "Thanh Hóa", 2020)
    assert len(region) == 14
    assert region.at["Thanh Hóa", "PAR_rank"] == 29
    assert region.loc["Bình Định", ["PAR_score", "SIPAS_score"]].isna().all()
    for unit in units.provinces().groupby("region")["name"].first():
        region = standing.region(table, unit, 2020)
        known = region.drop(columns="sources").notna().any(axis=1)
        assert ((region["sources"] != "") == known).all()


def test_ranks_of_a_pilot_are_among_its_own_provinces(table):
    for index, year in units.PILOTS:
        ranks = facts.scores(table, index, year)["rank"].dropna().sort_values()
        assert ranks.tolist() == list(range(1, units.count(year, index) + 1))
    # In a series of the ranks among all it has no place; its score stays.
    years = standing.years(table, "Hà Nội", "SIPAS", 2020)
    assert math.isnan(years.at[2015, "rank"]) and years.at[2015, "score"] == 83.83
    assert standing.years(table, "Hà Nội", "SIPAS", 2015).at[2015, "rank"] == 7


def test_missing(table):
    assert standing.missing(table, "Thanh Hóa", 2020) == [
        ("PAR", "score_change"),
        ("PAR", "parts"),
        ("SIPAS", "score_change"),
    ]
    absent = standing.missing(table, "Bình Định", 2020)
    assert {what for index, what in absent if index == "PAR"} == {
        "score", "rank", "score_change", "rank_change", "parts",
    }  # fmt: skip
