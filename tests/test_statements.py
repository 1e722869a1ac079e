"""The official statements in both languages: no word left over, the same numbers."""

import languages

from helpers import claims, facts
from helpers.citations import Citations
from helpers.report import statements


def test_statements_in_both_languages(table):
    told = facts.claims(2020)
    checked = claims.check(table, told, draws=20)
    vi, en = languages.both(
        lambda: statements.told(checked, told, Citations(facts.sources())).to_html(escape=False)
    )
    assert languages.vietnamese_in(en) == []
    assert "State Bank of Vietnam" in en and "No province is below 70 points" in en
    # A count of none is a number in the column beside it in both.
    assert languages.numbers(en, "en") == languages.numbers(vi, "vi")


def test_a_statement_without_words_is_marked_as_english(table):
    unknown = facts.claims(2020).loc[["P2"]].assign(quantity="shoe_size", statement="made up")
    checked = claims.check(table, unknown, draws=2)
    told = statements.told(checked, unknown, Citations(facts.sources()))
    assert told["statement"].item() == '<span lang="en">made up</span>'
