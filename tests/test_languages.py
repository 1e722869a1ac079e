"""The helper that reads what readers see."""

import languages
import pytest
from IPython.display import HTML

from helpers import language


def test_both_languages_are_made_and_the_choice_is_given_back():
    vi, en = languages.both(lambda: HTML(f"<p>{language.current()}</p>"))
    assert (vi, en) == ("vi", "en")
    assert language.current() == "vi"


def test_alternative_texts_are_seen_and_quotations_are_not():
    made = (
        '<svg aria-label="rising"><style>.đ{}</style></svg><q lang="vi">tăng</q> <b title="t">x</b>'
    )
    assert languages.seen(made) == "x rising t"


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("Thanh Hóa is 29th, Bà Rịa - Vũng Tàu higher", []),
        ("Thanh Hóa xếp hạng 29", ["xếp", "hạng"]),
        ("the province of Hóa Thanh", ["Hóa"]),
        ("Kết quả in Đắk Lắk", ["Kết", "quả"]),
    ],
)
def test_words_that_are_no_names(text, left):
    assert languages.vietnamese_in(text) == left


def test_other_names_may_be_given():
    assert languages.vietnamese_in("Đơn vị giả định 1", ["Đơn vị giả định 1"]) == []


@pytest.mark.parametrize(
    ("vi", "en"),
    [
        ("84,33 điểm, hạng 29/63, 1.234", "no. 29 of 63 with 84.33; 1,234"),
        ("24 tháng 6, 2021", "24 June 2021"),
        ("ngày 1/7/2025, 5%", "5% on 1 July 2025"),
    ],
)
def test_the_same_numbers(vi, en):
    assert languages.numbers(vi, "vi") == languages.numbers(en, "en")


def test_other_numbers():
    assert languages.numbers("84,33 và 5", "vi") != languages.numbers("84.34 and 5", "en")
    assert languages.numbers("5 và 5", "vi") != languages.numbers("5", "en")
