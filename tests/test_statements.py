"""The official statements in both languages: no word left over, the same numbers."""

import languages
from cells import expressions

from helpers import claims, facts
from helpers.citations import Citations
from helpers.report import statements

# Numbers of statements that arithmetic decides, as they are told in English.
ARITHMETIC = (
    "83.72 − 81.15 = 2.57",
    "2016: 74.64; 2017: 77.72",
    "2015 was higher: 85.11",
    "Rank 63 of 63, Quảng Ngãi, has 73.25",
    "57.66 + 18.83 + 9.56 + 5.00 = 91.05",
    "provinces are known; Thái Bình",
)


def test_statements_in_both_languages(table):
    announced, sources = facts.claims(2020), facts.sources()
    checked = claims.check(table, announced, expressions(), draws=20)
    vi, en = languages.both(
        lambda: statements.told(checked, announced, Citations(sources)).to_html(escape=False)
    )
    assert languages.vietnamese_in(en) == []
    assert "State Bank of Vietnam" in en and "No province is below 70 points" in en
    assert all(told in en for told in ARITHMETIC)
    # A count of none is a number in the column beside it in both.
    assert languages.numbers(en, "en") == languages.numbers(vi, "vi")


def test_a_statement_without_words_is_marked_as_english(table):
    unknown = facts.claims(2020).loc[["P2"]].assign(quantity="shoe_size", statement="made up")
    checked = claims.check(table, unknown, {}, draws=2)
    told = statements.told(checked, unknown, Citations(facts.sources()))
    assert told["statement"].item() == '<span lang="en">made up</span>'


def test_a_share_is_rounded_alike_beside_the_verdict_and_in_the_sentence(table):
    """0.965 was 97% in one and 96% in the other."""
    assert statements.in_words([("{share}", {"share": 0.965})]) == "97%"
    announced = facts.claims(2020).loc[["M1"]]
    checked = claims.check(table, announced, expressions(), draws=2).assign(share=0.965)
    told = statements.told(checked, announced, Citations(facts.sources()))
    assert "97%" in told["verdict"].item()
