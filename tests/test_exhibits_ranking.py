"""What a reader sees of ranks with their error: words, tables and the figure."""

import re

import html5lib
import languages
import pandas as pd
import pytest

from helpers import facts, trajectories
from helpers.citations import Citations
from helpers.exhibits import completed, ranking
from helpers.exhibits.ranking import cost, province, words

RANKS = "Khoảng tin cậy 95% của hạng"


@pytest.fixture
def cite():
    return Citations(facts.sources())


@pytest.fixture(scope="module")
def tables(table):
    return {year: completed.by_index(table, year) for year in (2012, 2015, 2018, 2020, 2022, 2024)}


def html(piece) -> str:
    made = piece._repr_html_()
    html5lib.HTMLParser(strict=False).parseFragment(made)
    assert not re.search(
        r"\bnan\b|None|\bNaT\b", re.sub("<style>.*?</style>|<[^>]*>", " ", made, flags=re.S)
    )
    return made


def errors(*asked) -> str:
    return "".join(html(piece) for piece in ranking.rank_error(*asked))


def report(table, unit, year, tables, cite) -> str:
    return "".join(
        html(piece)
        for piece in (
            *ranking.rank_error(table, unit, year, tables[year], cite),
            ranking.next_place(table, unit, year, tables[year], cite),
        )
    )


def sentence(places, row, kind="published") -> str:
    change = None
    if places is not None:
        change = {"value": places, "kind": kind, "arithmetic": "", "sources": ""}
    probabilities = ("rank_rose", "rank_fell", "rank_beyond_noise")
    columns = ["lower", "upper", "likely_low", "likely_high", *probabilities][: len(row)]
    made = pd.Series(dict(zip(columns, row, strict=True)), dtype=object)
    return province.headline("tỉnh Mẫu", 2020, change, made, lambda ids: "")


# --- the sentence ---------------------------------------------------------------------------


def test_a_rise_a_fall_and_no_change_read_well():
    assert sentence(9, (2, 56, 8, 25, (0.8, 0.59), (0.15, 0.3), False)) == (
        "Tỉnh Mẫu tăng 9 bậc SIPAS so với năm 2019; với sai số khảo sát, xác suất thứ hạng thực sự "
        "tăng là 59% đến 80%, tùy sai số ấy lớn như ước lượng hay chỉ bằng một nửa. Vì vậy chưa "
        "thể khẳng định thứ hạng thực sự đã thay đổi. Hạng SIPAS năm 2020 chưa thể loại trừ: 2 đến "
        "56 (khoảng tin cậy 95%: với bất kỳ địa phương nào, khoảng này cũng chứa hạng thật trong "
        "ít nhất 95% trường hợp); hạng nhiều khả năng: 8 đến 25 (khoảng 90%: tính chung các địa "
        "phương, các khoảng này chứa 90% số hạng thật). Cả hai đều đã gồm sai số khảo sát và sai "
        "số của những điểm phải ước lượng."
    )
    assert "giảm 5 bậc" in (fall := sentence(-5, (20, 60, 25, 50, (0.2, 0.2), (0.75,) * 2, False)))
    assert "thực sự giảm là 75%" in fall and "20%" not in fall
    still = sentence(0, (1, 9, 2, 5, (0.24, 0.24), (0.11, 0.11), False))
    assert "giữ nguyên thứ hạng" in still and "tăng là 24%, thực sự giảm là 11%" in still
    assert "chưa thể khẳng định thứ hạng thực sự không thay đổi." in still


def test_who_stays_first_is_told_so_without_a_probability():
    ranks = {"lower": 1, "upper": 24, "likely_low": 1, "likely_high": 2}
    row = {"rank_rose": (0.22, 0.22), "rank_fell": (0.11, 0.11)}
    row |= {"rank_beyond_noise": False, "first": True}
    change = {"value": 0, "kind": "published", "arithmetic": "", "sources": ""}
    made = pd.Series(ranks | row, dtype=object)
    told = province.headline("tỉnh Mẫu", 2020, change, made, lambda ids: "")
    assert told.startswith("Tỉnh Mẫu đứng đầu SIPAS hai năm liền. Hạng SIPAS năm 2020")
    assert "xác suất" not in told and "22%" not in told and "1 đến 24" in told
    usual = sentence(0, (1, 24, 1, 2, (0.22, 0.22), (0.11, 0.11), False))
    assert "xác suất" in usual


def test_what_is_printed_of_the_error_has_both_intervals(table, tables, cite):
    told, rests_on = ranking.rank_error(table, "Thanh Hóa", 2020, tables[2020], cite)
    assert re.search(r"Hạng SIPAS năm 2020 .* trừ: \d+ đến \d+ .*năng: \d+ đến \d+ ", html(told))
    assert re.search(r"hạng PAR INDEX năm 2020: \d+ đến \d+ .* hẹp hơn thực tế", html(told))
    assert "<table" in html(rests_on) and "<table" not in html(told)
    assert "tỷ lệ phần trăm đơn giản" in html(rests_on)


def test_who_holds_a_goal_is_told_the_lead_over_the_next_rank(table, tables, cite):
    made = html(ranking.next_place(table, "Quảng Ninh", 2020, tables[2020], cite))
    # 95.76 less the 89.13 of Hà Tĩnh, eleventh.
    assert "Giữ trong 10 hạng đầu" in made and "hơn hạng 11: 6,63" in made
    assert "Vào 10 hạng đầu" not in made and "vẫn giữ được nếu giảm không quá" in made


def test_a_change_beyond_noise_and_a_derived_one_are_told():
    sure = sentence(30, (3, 3, 3, 3, (0.999, 1.0), (0.0, 0.0), True), "derived")
    assert "năm 2019 (suy ra)" in sure and "là trên 99%," in sure and ": chỉ gồm hạng 3 (" in sure
    assert "Thay đổi này vượt quá sai số." in sure


def test_without_the_year_before_there_is_no_probability():
    unknown = sentence(None, (2, 56, 8, 25))
    assert unknown.startswith("Chưa tìm thấy tỉnh Mẫu tăng hay giảm")
    assert "xác suất" not in unknown
    known = sentence(4, (2, 56, 8, 25))
    assert "xác suất" not in known and "tăng 4 bậc" in known


@pytest.mark.parametrize(
    ("share", "told"), [(0, "dưới 1%"), (0.714, "71%"), (0.995, "trên 99%"), (1, "trên 99%")]
)
def test_no_probability_is_told_as_certain(share, told):
    assert words.percent(share) == told


@pytest.mark.parametrize(
    ("gap", "low", "high", "reached", "told"),
    [
        (0.5, 0.5, 0.5, 0, "thiếu 0,50"),
        (0.5, 0.2, 0.9, 0, "thiếu 0,20–0,90"),
        (-0.5, -0.9, -0.2, 1, "hơn hạng 21: 0,20–0,90"),
        (0, 0, 0, 1, "hơn hạng 21: 0,00"),
        (0.1, -0.3, 0.4, 0.4, "có thể đã đạt (40%); thiếu nhiều nhất 0,40"),
    ],
)
def test_a_gap_is_lacking_a_lead_or_either(gap, low, high, reached, told):
    row = pd.Series({"rank": 20, "gap": gap, "gap_low": low, "gap_high": high, "reached": reached})
    assert cost._cost(row) == told


# --- a province's report ------------------------------------------------------------------------


def test_thanh_hoa_of_2020(table, tables, cite):
    made = report(table, "Thanh Hóa", 2020, tables, cite)
    # What published pairs of years vary by is shared between error and change in two ways.
    told = r"tăng 9 bậc SIPAS .* thực sự tăng là [56]\d% đến (7|8)\d%, .* trừ: 2 đến 5\d "
    assert re.search(told + r".* năng: [4-9] đến [23]\d ", made)
    assert "Điểm SIPAS năm 2019 của Thanh Hóa là số ước lượng" in made
    for assumption in ("35.268", "ít nhất 35.000", "khoảng 556 người", "33,5 trên 100 điểm"):
        assert assumption in made
    effects = re.findall(r'gt_left">(\d,\d\d)</td>', made)
    assert effects == ["0,38", "1,50", "2,00"]
    # 84.33 and the published 85.74 of Phú Thọ, tenth.
    assert re.search(r"Vào 10 hạng đầu</td>.*?thiếu 1,41</td>.*?Phú Thọ</td>.*?suy ra", made, re.S)
    assert "Lên hạng 13" in made and "ước lượng" in made


def test_less_is_said_with_a_larger_design_effect(table, tables, cite):
    made = errors(table, "Thanh Hóa", 2020, tables[2020], cite)
    ranks = [(int(a), int(b)) for a, b in re.findall(r">(\d+) đến (\d+)</td>", made)]
    widths = [high - low for low, high in ranks]
    for kind in (widths[::2], widths[1::2]):  # confidence sets, and probable ranks
        assert len(kind) == 3 and kind == sorted(kind) and kind[0] < kind[2]
    assert all(probable < sure for sure, probable in zip(widths[::2], widths[1::2], strict=True))


@pytest.mark.parametrize("year", [2012, 2015, 2018, 2020, 2022, 2024])
@pytest.mark.parametrize("unit", ["Bình Định", "Thanh Hóa"])
def test_every_kind_of_year(table, tables, cite, unit, year):
    made = report(table, unit, year, tables, cite)
    known = unit in facts.scores(table, "SIPAS", year).index
    assert "chưa tìm thấy điểm hay hạng" not in made  # of what is not known no error is asked
    assert (RANKS in made) == (known and year != 2018)


def test_every_kind_of_place(table, tables, cite):
    first = report(table, "Quảng Ninh", 2020, tables, cite)
    assert "Quảng Ninh đang đứng đầu" in first and "Lên hạng" not in first
    last = report(table, "Bình Thuận", 2020, tables, cite)
    assert "Lên hạng 62" in last and "đến 63" in last
    rank_only = report(table, "Hà Giang", 2020, tables, cite)
    assert "Điểm SIPAS năm 2019 và 2020 của Hà Giang là số ước lượng" in rank_only
    city = report(table, "Hồ Chí Minh", 2020, tables, cite)
    assert "Chưa tìm thấy Thành phố Hồ Chí Minh tăng hay giảm" in city
    assert "Xác suất hạng" not in city
    bound_only = report(table, "Kiên Giang", 2020, tables, cite)
    assert "SIPAS 2020" not in bound_only


def test_the_survey_of_2022_is_not_compared_with_that_of_2021(table, tables, cite):
    units = [
        unit
        for unit in facts.scores(table, "SIPAS", 2022).index
        if facts.change(table, unit, "SIPAS", 2022, "rank") is not None
    ]
    made = errors(table, units[0], 2022, tables[2022], cite)
    assert "đổi cách khảo sát" in made and "Xác suất" not in made


def test_scores_without_a_ranking_are_not_told_as_missing(table, tables, cite):
    assert "Đà Nẵng" in facts.scores(table, "SIPAS", 2015).index and "SIPAS" not in tables[2015]
    made = errors(table, "Đà Nẵng", 2015, tables[2015], cite)
    made += html(ranking.next_place(table, "Đà Nẵng", 2015, tables[2015], cite))
    assert made.count("Số liệu SIPAS năm 2015 đã tìm thấy chưa đủ") == 1
    assert "chưa tìm thấy điểm hay hạng SIPAS" not in made


def test_without_respondents_no_error_is_made_up(table, tables, cite):
    unit = facts.scores(table, "SIPAS", 2018).index[0]
    made = errors(table, unit, 2018, tables[2018], cite)
    assert "Chưa tìm thấy số người trả lời khảo sát SIPAS năm 2018" in made
    assert "<table" not in made


# --- what comes next ------------------------------------------------------------------------------


def test_a_place_is_set_against_the_change_expected_next_year(table, tables, cite):
    expected = trajectories.expected_change(table, "PAR", 2020)
    made = html(ranking.next_place(table, "Thanh Hóa", 2020, tables[2020], cite))
    told = f"{expected['expected']:.2f}".replace(".", ",")
    assert f"bình quân cả nước: tăng {told} điểm (khoảng dự báo 80%" in made
    assert "dựa trên 7 lần biến động trước đó" in made
    # 1.41 to the tenth place, and the change expected of the others.
    needed = f"+{1.41 + expected['expected']:.2f}".replace(".", ",")
    assert re.search(rf"Vào 10 hạng đầu</td>.*?\{needed} \([+−]\d", made, re.S)


@pytest.mark.parametrize(
    ("index", "year", "words", "values"),
    [
        (
            "SIPAS",
            2018,
            "các địa phương khác thay đổi như bình quân năm 2018",
            1,
        ),
        ("SIPAS", 2021, "năm 2022 SIPAS đổi cách khảo sát", None),
        ("PAR", 2012, "quá ít số bình quân cả nước", None),
        ("PAR", 2024, "năm 2025 các tỉnh, thành phố hợp nhất", None),
        ("PAR", 2020, "dựa trên 7 lần", 200),
    ],
)
def test_what_is_told_where_no_change_can_be_expected(table, cite, index, year, words, values):
    found, told = cost.expected_change(table, index, year, cite)
    assert words in told
    assert (None if found is None else len(found)) == values


def test_both_languages_say_the_same_numbers(table, tables, cite):
    makers = {
        f"{made.__name__} {unit} {year}": lambda made=made, unit=unit, year=year: made(
            table, unit, year, tables[year], cite
        )
        for made in (errors, ranking.next_place)
        for unit in ("Thanh Hóa", "Quảng Ninh", "Hồ Chí Minh", "Kiên Giang")
        for year in (2015, 2018, 2020, 2022)
    }
    for name, make in makers.items():
        vi, en = languages.both(make)
        assert languages.vietnamese_in(en) == [], name
        assert languages.numbers(vi, "vi") == languages.numbers(en, "en"), name
