"""The four lines on top of a province's page hold for every province in every year."""

import re

import html5lib
import pandas as pd
import pytest

from helpers import facts, standing, units
from helpers.citations import Citations
from helpers.report import completed
from helpers.report.province import brief, goals, outlook

NAMES = ["Vị trí", "Thay đổi", "Điểm chưa đạt", "Tiếp theo"]
LONGEST = 300  # letters of a line: seven lines on a phone


@pytest.fixture(scope="module")
def of_year(table):
    """Completed tables and fits of a year, each made once."""
    made = {}

    def give(year: int) -> tuple[dict, dict]:
        if year not in made:
            made[year] = completed.by_index(table, year), outlook.fits(table, year)
        return made[year]

    return give


def lines(table, unit: str, year: int, tables: dict, fits: dict, beyond=None) -> dict[str, str]:
    """The lines by their names, as text; what is below them under ""."""
    cite = Citations(facts.sources())
    made = brief.brief(
        completed.filled(table, tables), unit, year, tables, fits, beyond or {}, cite
    ).data
    html5lib.HTMLParser(strict=False).parseFragment(made)
    made = re.sub("<sup.*?</sup>", "", made)
    found = dict(re.findall(r'<p class="brief"><b>(.*?):</b> (.*?)\.</p>', made))
    return found | {"": "".join(re.findall(r'<p class="source">(.*?)</p>', made))}


def check(table, unit: str, year: int, tables: dict, fits: dict) -> None:
    told = lines(table, unit, year, tables, fits)
    assert list(told) == [*NAMES, ""], unit
    for name in NAMES:
        assert 0 < len(told[name]) <= LONGEST, (unit, told[name])
        assert not re.search(r"\bnan\b|None|[{}]|–,|; $|^,", told[name]), (unit, told[name])
    whole = " ".join(told[name] for name in NAMES)
    assert ("*" in whole) == ("* Suy ra" in told[""]), unit
    assert ("≈" in whole) == ("≈: khoảng ước lượng" in told[""]), unit
    for index in facts.INDICES:
        found = standing.of_year(table, unit, index, year)
        for measure in ("score", "rank"):
            figure = found[measure]
            if figure is not None:  # what is known is told, and told as no estimate
                value = f"{figure['value']:.{2 if measure == 'score' else 0}f}".replace(".", ",")
                end = "/" if measure == "rank" else ""
                assert re.search(rf"(?<!≈\xa0)\b{value}{end}", told["Vị trí"]), (unit, told)


@pytest.mark.parametrize(
    "year", [pytest.param(y, marks=[pytest.mark.slow] * (y != 2020)) for y in range(2012, 2025)]
)
def test_four_lines_for_every_province(table, of_year, year):
    for unit in units.provinces()["name"]:
        check(table, unit, year, *of_year(year))


def test_thanh_hoa_as_announced(table, of_year):
    told = lines(table, "Thanh Hóa", 2020, *of_year(2020))
    assert told["Vị trí"].startswith(
        "PAR INDEX 84,33 điểm, hạng 29/63, cao hơn bình quân cả nước 0,61 điểm\N{NO-BREAK SPACE}*; "
        "SIPAS 88,70%, hạng 14/63"
    )
    assert told["Thay đổi"] == "PAR INDEX tăng 14 bậc; SIPAS tăng 9 bậc so với năm 2019"
    assert "15,67 điểm PAR INDEX" in told["Điểm chưa đạt"]  # 100 - 84.33
    assert "địa phương nêu 8 tiêu chí thành phần điểm thấp" in told["Điểm chưa đạt"]
    assert "là đạt mức của hạng 20" in told["Tiếp theo"]


BEYOND = {("PAR", "rank"): None, ("SIPAS", "rank"): False, ("SIPAS", "score"): True}


def test_whether_a_change_is_beyond_the_error_stands_behind_that_change(table):
    told = lines(table, "Hà Nội", 2020, {}, {}, BEYOND)["Thay đổi"].replace(
        "\N{NO-BREAK SPACE}*", ""
    )
    assert told == (
        "PAR INDEX giảm 6 bậc (chưa rõ có vượt sai số khảo sát không), tăng 1,43 điểm (tiêu chí đã "
        "thay đổi); SIPAS tăng 19 bậc (chưa vượt sai số khảo sát), tăng 5,06 điểm phần trăm (vượt "
        "sai số khảo sát) so với năm 2019"
    )
    kept = lines(table, "Hải Phòng", 2020, {}, {}, BEYOND)["Thay đổi"]
    assert "SIPAS giữ nguyên thứ hạng\N{NO-BREAK SPACE}* so với" in kept  # of no change, no doubt


@pytest.mark.parametrize(
    ("unit", "year", "told"),
    [
        ("Quảng Ninh", 2020, "nhiều nhất ở “Khảo sát lãnh đạo, quản lý”: 4,67"),
        # What is known of 15.49 points lost: 1.89; of 16.02: 1.43; of 11.82: nothing.
        ("Hậu Giang", 2020, "trong đó ở “Chỉ số hài lòng (quy ra điểm)”: 1,89"),
        ("Hà Nội", 2018, "trong đó ở “Hiện đại hóa hành chính”: 1,43"),
        ("Hòa Bình", 2024, "11,82 điểm PAR INDEX\N{NO-BREAK SPACE}*"),
        # Four blocks are known, which are the score, and two of its eight fields.
        ("Kon Tum", 2023, "nhiều nhất ở “Điểm thẩm định của Bộ Nội vụ”: 6,55"),
    ],
)
def test_where_most_was_lost_is_told_where_no_other_part_can_have_lost_more(
    table, unit, year, told
):
    made = lines(table, unit, year, {}, {})["Điểm chưa đạt"]
    assert made.startswith(told) or f", {told}" in made
    assert ("nhiều nhất" in told, "“" in told) == ("nhiều nhất" in made, "“" in made)


@pytest.mark.parametrize(
    ("unit", "told"), [("Phú Yên", "PAR INDEX "), ("Kiên Giang", "PAR INDEX giảm 7 bậc *, ")]
)
def test_a_fall_is_told_though_no_source_says_by_how_much(table, unit, told):
    made = lines(table, unit, 2020, {}, {})["Thay đổi"].replace("\N{NO-BREAK SPACE}", " ")
    assert made.startswith(f"{told}giảm điểm, nguồn công bố không nêu giảm bao nhiêu (tiêu chí")


@pytest.mark.parametrize(
    ("unit", "year", "told"),
    [
        ("Bắc Kạn", 2020, "“Chỉ đạo, điều hành cải cách hành chính”: hạng 62 *"),
        ("Quảng Nam", 2022, "“Cải cách thủ tục hành chính” và “"),  # both last
        ("Quảng Bình", 2018, ""),  # three ranks of eight, the lowest 11
    ],
)
def test_the_part_ranked_lowest_is_told_where_no_points_are_known(table, unit, year, told):
    made = lines(table, unit, year, {}, {})["Điểm chưa đạt"].replace("\N{NO-BREAK SPACE}", " ")
    assert f"xếp thấp nhất ở {told}" in made if told else "xếp thấp nhất" not in made


def test_who_is_first_is_told_what_keeps_it_there(table, of_year):
    told = lines(table, "Quảng Ninh", 2020, *of_year(2020))
    assert "PAR INDEX đứng đầu 4 năm liền (2017–2020)" in told["Thay đổi"]
    assert "SIPAS đứng đầu 2 năm liền (2019–2020)" in told["Thay đổi"]  # Sơn La was in 2018
    # 95.76 less the 93.57 of Hải Phòng.
    room = "SIPAS vẫn đứng đầu nếu giảm không quá 2,19 điểm phần trăm\N{NO-BREAK SPACE}*"
    assert room in told["Tiếp theo"]
    assert "4,67" in told["Điểm chưa đạt"]


def test_a_row_of_years_says_that_the_survey_changed_in_it(table):
    told = lines(table, "Quảng Ninh", 2023, {}, {})["Thay đổi"]
    assert "SIPAS đứng đầu 5 năm liền (2019–2023; từ năm 2022 đổi cách khảo sát)" in told
    assert "PAR INDEX đứng đầu 2 năm liền (2022–2023)" in told


def test_who_is_last_is_told_for_how_long(table):
    row = facts.figure(table, "Quảng Ninh", "PAR", 2020, "rank")
    made = [dict(row) | {"year": year, "value": 63.0} for year in (2018, 2019, 2020)]
    made.append(dict(row) | {"year": 2017, "value": 62.0})
    last = pd.DataFrame(made)
    assert (
        "PAR INDEX đứng cuối 3 năm liền (2018–2020)"
        in lines(last, "Quảng Ninh", 2020, {}, {})["Thay đổi"]
    )
    star = "\N{NO-BREAK SPACE}*"
    kept = (
        f"SIPAS đứng cuối 2 năm liền (2019–2020){star}, giữ nguyên thứ hạng{star} so với năm 2019"
    )
    assert lines(table, "Bình Thuận", 2020, {}, {})["Thay đổi"].startswith(kept)
    assert len(standing.held(last, "Quảng Ninh", "PAR", 2017)) == 1
    assert standing.held(last, "Quảng Ninh", "PAR", 2021).empty


def test_who_is_far_behind_is_told_a_goal_within_reach(table, of_year):
    assert [goals.targets(rank) for rank in (11, 21, 30, 31, 33, 62, 63)] == [
        [20], [10], [20, 10], [20, 10], [30, 20, 10], [60, 20, 10], [60, 20, 10],
    ]  # fmt: skip
    told = lines(table, "Quảng Ngãi", 2020, *of_year(2020))["Tiếp theo"]
    assert "là đạt mức của hạng 60 (nếu các nơi khác vẫn như năm 2020)" in told


def test_where_nothing_is_known_the_estimate_and_the_forecast_are_told(table, of_year):
    told = lines(table, "Bình Định", 2020, *of_year(2020))
    assert told["Vị trí"].count("≈") == 4 and told["Điểm chưa đạt"].startswith("≈")
    assert told["Thay đổi"] == "chưa đủ số liệu để so với năm 2019"
    assert "PAR INDEX năm 2021: dự báo" in told["Tiếp theo"]
    assert "≈: khoảng ước lượng 90%." in told[""]
    bare = lines(table, "Bình Định", 2020, {}, {})
    assert bare["Vị trí"] == "PAR INDEX và SIPAS: chưa có số liệu"
    assert bare["Điểm chưa đạt"] == "chưa có điểm PAR INDEX"
    assert bare["Tiếp theo"] == "cần bổ sung số liệu năm 2020"


def test_a_bound_is_told_as_a_bound_and_beside_an_estimate_as_published(table, of_year):
    assert "SIPAS hạng từ 57 đến 63/63" in lines(table, "Kiên Giang", 2020, {}, {})["Vị trí"]
    beside = lines(table, "Kiên Giang", 2020, *of_year(2020))["Vị trí"]
    assert re.search(r"SIPAS ≈.*%, hạng ≈\xa057–\d+ \(công bố: hạng từ 57 đến 63/63\)", beside)
    derived = lines(table, "Vĩnh Phúc", 2020, *of_year(2020))["Vị trí"]  # the sixth or lower
    assert "công bố" not in derived


def test_a_rank_of_a_pilot_is_among_its_own_provinces(table):
    assert "SIPAS 83,83%, hạng 7/10" in lines(table, "Hà Nội", 2015, {}, {})["Vị trí"]


def test_a_rank_that_alone_fits_is_told_with_its_change(table, of_year):
    told = lines(table, "Bến Tre", 2020, *of_year(2020))
    assert "hạng 44/63\N{NO-BREAK SPACE}*" in told["Vị trí"]
    assert "PAR INDEX tăng 19 bậc\N{NO-BREAK SPACE}*, tăng" in told["Thay đổi"]


def test_a_derived_figure_is_marked(table):
    told = lines(table, "Hồ Chí Minh", 2020, {}, {})
    assert "84,70 điểm\N{NO-BREAK SPACE}*" in told["Vị trí"] and "* Suy ra" in told[""]


def figure(value, derivation=""):
    return {"value": value, "derivation": derivation}


@pytest.mark.parametrize(
    ("figures", "told"),
    [
        ({}, ""),
        ({"at_least": figure(57)}, "hạng từ 57 đến 63/63"),
        ({"at_most": figure(5)}, "hạng từ 1 đến 5/63"),
        ({"score": figure(80)}, "80,00 điểm"),
        ({"rank": figure(3)}, "hạng 3/63"),
        (
            {"score": figure(80), "rank": figure(3, "rank2021 1 + 2 places")},
            "80,00 điểm, hạng 3/63 *",
        ),
        (
            {"score": figure(80), "mean": figure(82.5)},
            "80,00 điểm, thấp hơn bình quân cả nước 2,50 điểm *",
        ),
        (
            {"score": figure(80.61), "mean": figure(80)},
            "80,61 điểm, cao hơn bình quân cả nước 0,61 điểm *",
        ),
        ({"score": figure(80), "mean": figure(80.001)}, "80,00 điểm, bằng bình quân cả nước *"),
        ({"score": figure(80), "mean": figure(79.999)}, "80,00 điểm, bằng bình quân cả nước *"),
    ],
)
def test_where_a_made_up_province_stands(figures, told):
    nothing = ("score", "rank", "mean", "at_least", "at_most")
    found = dict.fromkeys(nothing) | figures
    assert brief.stands(found, None, "PAR", 63) == told.replace(" *", "\N{NO-BREAK SPACE}*")
