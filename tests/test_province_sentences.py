"""Sentences of a province's report on ranks and goals, which must read well for every province."""

import languages
import pandas as pd
import pytest

from helpers import facts
from helpers.citations import Citations
from helpers.ranking.inputs import middle
from helpers.report import completed
from helpers.report.province import goals, ranks


@pytest.fixture
def cite():
    return Citations(facts.sources())


@pytest.fixture(scope="module")
def tables(table):
    return {year: completed.by_index(table, year) for year in (2015, 2018, 2020, 2022)}


def errors(table, unit, year, tables) -> pd.DataFrame:
    """As the notebook makes them."""
    now, before = ranks.surveys(table, unit, year, tables[year])
    effects = now.effects if now else ()
    made = pd.DataFrame({effect: now.sets(effect).loc[unit] for effect in effects}).T
    if before:
        moved = {e: now.moved(before, e).loc[unit] for e in effects if e <= now.allowed}
        made = made.join(pd.DataFrame(moved).T, rsuffix="_of_change")
    return made


def sentence(places, row, kind="published", first=False) -> str:
    """The sentence of a made-up province, of ends and probabilities (half the error, the error)."""
    change = None
    if places is not None:
        change = {"value": places, "kind": kind, "arithmetic": "", "sources": ""}
    columns = ["lower", "upper", "likely_low", "likely_high", "rank_rose", "rank_fell"]
    made = pd.DataFrame([row, row], columns=[*columns, "rank_beyond_noise"][: len(row)])
    for name in set(made) & {"rank_rose", "rank_fell"}:
        made[name] = list(made[name].iloc[0])
    years = [2020, 2019] if first else []
    held = pd.DataFrame({"year": years, "sources": [""] * len(years)})
    moved = ranks._moved("tỉnh Mẫu", 2020, change, made, held, lambda ids: "")
    return f"{moved} {ranks._ranks_told(2020, made.iloc[1])}"


# --- the sentence ---------------------------------------------------------------------------


def test_a_rise_a_fall_and_no_change_read_well():
    assert sentence(9, (2, 56, 8, 25, (0.8, 0.59), (0.15, 0.3), False)) == (
        "Tỉnh Mẫu tăng 9 bậc SIPAS so với năm 2019; với sai số khảo sát, xác suất thứ hạng thực sự "
        "tăng là 59% đến 80%, tùy sai số ấy lớn như ước lượng hay chỉ bằng một nửa. Vì vậy chưa "
        "thể khẳng định thứ hạng thực sự đã thay đổi. Hạng SIPAS năm 2020 chưa thể loại trừ: "
        "2 đến 56 (khoảng tin cậy 95%: xét địa phương nào, khoảng này cũng chứa hạng thật "
        "trong ít nhất 95% trường hợp); khoảng hạng có khả năng nhất: 8 đến 25 (90%: tính chung "
        "các địa phương, các khoảng này chứa 90% hạng thật). Cả hai đã gồm sai số khảo sát "
        "và sai số của điểm ước lượng."
    )
    assert "giảm 5 bậc" in (fall := sentence(-5, (20, 60, 25, 50, (0.2, 0.2), (0.75,) * 2, False)))
    assert "thực sự giảm là 75%" in fall and "20%" not in fall
    still = sentence(0, (1, 9, 2, 5, (0.24, 0.24), (0.11, 0.11), False))
    assert "giữ nguyên thứ hạng" in still and "tăng là 24%, thực sự giảm là 11%" in still
    assert "chưa thể khẳng định thứ hạng thực sự không thay đổi." in still


def test_a_set_of_all_ranks_is_told_as_none_ruled_out():
    told = sentence(9, (1, 63, 8, 25, (0.8, 0.59), (0.15, 0.3), False))
    assert "Chưa loại trừ được hạng nào trong 63 hạng SIPAS năm 2020 (khoảng tin cậy 95%" in told
    assert "1 đến 63" not in told


def test_who_stays_first_is_told_so_without_a_probability():
    row = (1, 24, 1, 2, (0.22, 0.22), (0.11, 0.11), False)
    told = sentence(0, row, first=True)
    assert told.startswith("Tỉnh Mẫu đứng đầu SIPAS 2 năm liền (2019–2020). Hạng SIPAS năm 2020")
    assert "xác suất" not in told and "22%" not in told and "1 đến 24" in told
    assert "xác suất" in sentence(0, row)


def test_a_change_beyond_noise_and_a_derived_one_are_told():
    sure = sentence(30, (3, 3, 3, 3, (0.999, 1.0), (0.0, 0.0), True), "derived")
    assert "năm 2019 (suy ra)" in sure and "là trên 99%," in sure and ": chỉ gồm hạng 3 (" in sure
    assert "Thay đổi này vượt quá sai số." in sure


def test_without_the_year_before_there_is_no_probability():
    unknown = sentence(None, (2, 56, 8, 25))
    assert unknown.startswith("Chưa tìm thấy số liệu cho biết tỉnh Mẫu tăng hay giảm")
    assert "xác suất" not in unknown
    known = sentence(4, (2, 56, 8, 25))
    assert "xác suất" not in known and "tăng 4 bậc" in known


@pytest.mark.parametrize(
    ("share", "told"), [(0, "dưới 1%"), (0.714, "71%"), (0.995, "trên 99%"), (1, "trên 99%")]
)
def test_no_probability_is_told_as_certain(share, told):
    assert ranks.percent(share) == told


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
    assert goals._gap(row) == told


@pytest.mark.parametrize(
    ("needed", "low", "high", "told"),
    [
        (0.5, 0.5, 0.5, "+0,50"),
        (0.5, -0.2, 1.2, "+0,50 (−0,20 đến +1,20)"),
        (-3.18, -3.18, -3.18, "vẫn giữ được nếu giảm không quá 3,18"),
        (-3.18, -7.25, -1.1, "vẫn giữ được nếu giảm không quá 3,18 (1,10–7,25)"),
        (
            -3.18,
            -7.25,
            0.89,
            "vẫn giữ được nếu giảm không quá 3,18 (từ mức được giảm 7,25 đến mức phải tăng 0,89)",
        ),
    ],
)
def test_a_rise_needed_and_its_interval_have_one_sign(needed, low, high, told):
    row = pd.Series({"gain_next_year": needed, "gain_low": low, "gain_high": high})
    assert goals._needed(row) == told


def test_scores_are_close_together_from_three_places_within_a_step(tables):
    seen = set()
    for drawn in tables[2020].values():
        for unit in drawn.scores:
            gaps = drawn.scores.drop(columns=unit).sub(drawn.scores[unit], axis=0).round(9)
            near = gaps[gaps <= 0.1] > -0.1  # behind by less than a step, or ahead by up to one
            up, down = (near & (gaps > 0)).sum(axis=1), (near & (gaps <= 0)).sum(axis=1)
            places = int(middle(up)) + int(middle(down))
            told = goals.crowding(drawn, unit)
            assert ("sát nhau" in told, told != "") == (places >= 3, places > 0), (unit, told)
            seen.add(min(places, 3))
    assert seen >= {0, 1, 3}


# --- of provinces and years ---------------------------------------------------------------------


def headline(table, unit, year, tables, cite) -> str:
    return ranks.headline(table, unit, year, errors(table, unit, year, tables), cite)


def test_every_kind_of_place(table, tables, cite):
    now, before = ranks.surveys(table, "Hà Giang", 2020, tables[2020])
    told = ranks.guessed(now, before, "Hà Giang")
    assert "Điểm SIPAS năm 2019 và 2020 của Hà Giang là số ước lượng" in told
    city = headline(table, "Hồ Chí Minh", 2020, tables, cite)
    assert (
        "Chưa tìm thấy số liệu cho biết Thành phố Hồ Chí Minh tăng hay giảm" in city
        and "xác suất" not in city
    )
    assert headline(table, "Kiên Giang", 2020, tables, cite) == ""


def test_the_survey_of_2022_is_not_compared_with_that_of_2021(table, tables, cite):
    units = [
        unit
        for unit in facts.scores(table, "SIPAS", 2022).index
        if facts.change(table, unit, "SIPAS", 2022, "rank") is not None
    ]
    both_ranks_known = "Quảng Ninh"
    for unit in (units[0], both_ranks_known):
        made = headline(table, unit, 2022, tables, cite)
        assert made.count("đổi cách khảo sát") == 1
        assert "xác suất" not in made and "Chưa tìm thấy" not in made


def test_what_is_lacking_is_told(table, tables, cite):
    assert "Đà Nẵng" in facts.scores(table, "SIPAS", 2015).index and "SIPAS" not in tables[2015]
    made = headline(table, "Đà Nẵng", 2015, tables, cite)
    assert made.startswith("Số liệu SIPAS năm 2015 đã tìm thấy chưa đủ")
    unit = facts.scores(table, "SIPAS", 2018).index[0]
    made = headline(table, unit, 2018, tables, cite)
    assert made.startswith("Chưa tìm thấy số người trả lời khảo sát SIPAS năm 2018")


# --- what comes next ------------------------------------------------------------------------------


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
        ("PAR", 2020, "từ 7 lần", 200),
    ],
)
def test_what_is_told_where_no_change_can_be_expected(table, cite, index, year, words, values):
    found, told = goals.expected_change(table, index, year, cite)
    assert words in told
    assert (None if found is None else len(found)) == values


def test_both_languages_say_the_same_numbers(table, tables, cite):
    for unit, year in [("Quảng Ninh", 2022), ("Hồ Chí Minh", 2018), ("Kiên Giang", 2015)]:
        vi, en = languages.both(
            lambda unit=unit, year=year: headline(table, unit, year, tables, cite)
        )
        assert languages.vietnamese_in(en) == [], (unit, year)
        assert languages.numbers(vi, "vi") == languages.numbers(en, "en"), (unit, year)
