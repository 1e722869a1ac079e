"""The official statements in both languages: no word left over, the same numbers."""

import languages
import pytest
from cells import Notebook

from helpers import claims, facts
from helpers.citations import Citations
from helpers.report import statements

CELLS = "1-nation-expressions", "1-nation-expressions-scores"
# What is said of statements that arithmetic decides.
ARITHMETIC = {
    "difference": "83.72 − 81.15 = 2.57",
    "highest": "Published means – 2016: 74.64; 2017: 77.72",
    "higher_before": "2015 was higher: 85.11",
    "streak": "Published ranks – 2014: 3; 2015: 1",
    "place_of": "Rank 63 of 63, Quảng Ngãi, has 73.25",
    "sum": "57.66 + 18.83 + 9.56 + 5.00 = 91.05",
    "known_changes": "provinces are known; Thái Bình",
}


@pytest.fixture(scope="module")
def checked(table):
    expressions = Notebook("1_national_results").run(*CELLS)["EXPRESSIONS"]
    return claims.check(table, facts.claims(2020), expressions, draws=20)


def in_both_languages(checked):
    told, sources = facts.claims(2020).loc[checked.index], facts.sources()
    return languages.both(
        lambda: statements.told(checked, told, Citations(sources)).to_html(escape=False)
    )


def test_statements_in_both_languages(checked):
    vi, en = in_both_languages(checked)
    assert languages.vietnamese_in(en) == []
    assert "State Bank of Vietnam" in en and "No province is below 70 points" in en
    # A count of none is a number in the column beside it in both.
    assert languages.numbers(en, "en") == languages.numbers(vi, "vi")


@pytest.mark.parametrize("kind", ARITHMETIC)
def test_arithmetic_is_told_in_both_languages_with_the_same_numbers(checked, kind):
    parts = checked["how"].map(lambda how: tuple(part for part in how if part[0] == kind))
    assert parts.map(len).any()
    vi, en = in_both_languages(checked[parts.map(len) > 0].assign(how=parts, missing=None))
    assert languages.vietnamese_in(en) == []
    assert languages.numbers(en, "en") == languages.numbers(vi, "vi")
    assert ARITHMETIC[kind] in en


def test_a_statement_without_words_is_marked_as_english(table):
    unknown = facts.claims(2020).loc[["P2"]].assign(quantity="shoe_size", statement="made up")
    checked = claims.check(table, unknown, draws=2)
    told = statements.told(checked, unknown, Citations(facts.sources()))
    assert told["statement"].item() == '<span lang="en">made up</span>'
