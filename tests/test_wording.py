"""Numbers, changes, dates and names as a Vietnamese official writes them."""

import doctest
import math
import re
from decimal import ROUND_HALF_UP, Decimal

import pandas as pd
import pytest
from babel.numbers import parse_decimal
from hypothesis import example, given
from hypothesis import strategies as st

from helpers import facts, wording

MISSING = [None, math.nan]


def test_examples_in_the_docstrings():
    result = doctest.testmod(wording)
    assert result.attempted > 0
    assert result.failed == 0


# --- numbers -------------------------------------------------------------------------------


@pytest.mark.parametrize("value", MISSING)
@pytest.mark.parametrize(
    "write",
    [
        wording.number,
        wording.whole,
        lambda value: wording.rank(value, 63),
        wording.rank_change,
        wording.signed,
        lambda value: wording.score(value, "PAR"),
        lambda value: wording.score_change(value, "SIPAS"),
    ],
)
def test_a_missing_number_is_a_dash(value, write):
    assert write(value) == "–"


@example(84.345, 2)  # a half goes up, whatever the binary fraction next to it is
@example(-84.335, 2)
@example(2.5, 0)
@example(84.33 - 83.72, 2)  # not exact in binary
@example(-0.004, 2)
@given(
    st.floats(-1e9, 1e9, allow_nan=False) | st.integers(-(10**6), 10**6).map(lambda n: n / 1000),
    st.integers(0, 4),
)
def test_a_number_can_be_read_back(value, decimals):
    text = wording.number(value, decimals)
    assert re.fullmatch(r"-?[0-9]{1,3}(\.[0-9]{3})*(,[0-9]+)?", text)
    assert len(text.partition(",")[2]) == decimals
    step = Decimal(1).scaleb(-decimals)
    read = parse_decimal(text, locale="vi", strict=True)
    assert read == Decimal(str(value)).quantize(step, ROUND_HALF_UP)
    assert read != 0 or not text.startswith("-")


# --- changes -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "index", "text"),
    [
        (1.2, "PAR", "tăng 1,20 điểm"),
        (-0.5, "SIPAS", "giảm 0,50 điểm phần trăm"),
        (-0.0049, "SIPAS", "không thay đổi"),
        (-0.005, "PAR", "giảm 0,01 điểm"),
    ],
)
def test_score_change(value, index, text):
    assert wording.score_change(value, index) == text


@given(st.floats(-100, 100, allow_nan=False), st.sampled_from(["PAR", "SIPAS"]))
def test_a_score_never_rises_by_nothing(value, index):
    text = wording.score_change(value, index)
    assert "0,00 " not in re.sub(r"\d+0,00", "", text)
    assert "-" not in text
    assert text == "không thay đổi" or text.startswith("tăng" if value > 0 else "giảm")


@pytest.mark.parametrize(
    ("value", "decimals", "text"),
    [
        (-0.001, 2, "0,00"),
        (0.5, 0, "+1"),
        (-0.125, 2, "−0,13"),
    ],
)
def test_signed(value, decimals, text):
    assert wording.signed(value, decimals) == text


# --- dates and names -----------------------------------------------------------------------


def test_every_date_of_a_source_can_be_written():
    for date in facts.sources()["published"]:
        text = wording.date(date)
        assert text.endswith(date[:4])
        assert text.count("tháng") == (len(date) == 7)
        assert text.count("/") == (2 if len(date) == 10 else 0)


@pytest.mark.parametrize(
    ("name", "kind", "text"),
    [
        ("Thanh Hóa", "province", "tỉnh Thanh Hóa"),
        ("Hải Phòng", "city", "thành phố Hải Phòng"),
        ("Hồ Chí Minh", "city", "Thành phố Hồ Chí Minh"),
    ],
)
def test_place(name, kind, text):
    assert wording.place(name, kind) == text


def test_every_part_and_factor_of_the_figures_has_a_name(table):
    par = table[(table["index"] == "PAR") & table["measure"].isin(["points", "percent"])]
    factors = table[table["measure"] == "factor"]
    assert set(par["part"]) <= set(wording.parts())
    assert set(factors["part"]) <= set(wording.factors())
    assert set(facts.FIELDS) | set(facts.BLOCKS) <= set(wording.parts())


# --- arithmetic ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("derivation", "text"),
    [
        ("rank2021 60 - 17 places lost", "hạng năm 2021 (60) trừ 17 bậc"),
        ("35 + 26 places", "hạng năm so sánh (35) cộng 26 bậc"),
        ("score2021 83.3304 + 0.49", "điểm năm 2021 (83,3304) cộng 0,49"),
        (
            "score2020 88 - score2019 87.5",
            "điểm năm 2020 (88,00) trừ điểm năm 2019 (87,50)",
        ),
        ("points2021 8.46 - 0.35", "điểm năm 2021 (8,46) trừ 0,35"),
        ("percent2023 94.66 - 2.21", "94,66% năm 2023 trừ 2,21"),
        ("max 11 - points lost 2.77", "điểm tối đa 11,00, trừ 2,77 điểm chưa đạt"),
        ("rank2019 43 - rank2020 29", "hạng năm 2019 (43) trừ hạng năm 2020 (29)"),
    ],
)
def test_arithmetic(derivation, text):
    assert wording.arithmetic(derivation) == text


def test_arithmetic_of_every_figure_gives_the_figure(table):
    told = 0
    for row in table[table["derivation"] != ""].itertuples():
        text = wording.arithmetic(row.derivation)
        found = re.fullmatch(
            r"\w+ năm (?:\d{4}|so sánh) \(([\d,]+)\) (cộng|trừ) ([\d,]+)(?: bậc)?", text
        )
        if found:
            told += 1
            first, second = (parse_decimal(found[i], locale="vi") for i in (1, 3))
            value = first + second if found[2] == "cộng" else first - second
            # A source may give the sum to fewer decimals than its parts.
            assert float(value) == pytest.approx(row.value, abs=0.01), row
        elif not text.startswith("điểm tối đa"):
            assert text in (
                "theo thứ tự trong danh sách được công bố",
                "theo cách diễn đạt của nguồn",
            )
    assert told > 100


# --- sentences -----------------------------------------------------------------------------


def test_the_arithmetic_of_a_table_is_told_and_no_file_named():
    rows = pd.DataFrame(
        {
            "score_derivation": ["", "score2021 86.05 - 1.35"],
            "rank_derivation": [math.nan, "rank2021 60 - 17 places"],
        },
        index=["Một", "Hai"],
    )
    note = wording.derived_note(wording.derivations(rows))
    assert "Hai: điểm năm 2021 (86,05) trừ 1,35; hạng năm 2021 (60) trừ 17 bậc." in note
    assert "Một" not in note and "observations.csv" not in note
