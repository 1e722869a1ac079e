"""The nation's exhibits in both languages: no word left over, the same numbers, charts told."""

import functools
import re

import languages
import pandas as pd
import pytest
from bs4 import BeautifulSoup

from helpers import claims, facts, language
from helpers.citations import Citations
from helpers.exhibits import claims as statements
from helpers.exhibits import completed, national, trust

YEARS = [2014, 2020, 2022]
CHARTS = [
    "ranking_chart", "whole_ranking_chart", "distribution_chart", "regions_chart", "changes_chart",
    "national_chart", "blocks_chart", "factors_chart",
]  # fmt: skip


@functools.cache
def completed_tables(year):
    return completed.by_index(facts.load(), year)


def exhibits(table, year: int, cite) -> dict:
    """Every exhibit of the nation's results, by name, to be made when called."""
    drawn = completed_tables(year)
    made = {
        "heading": lambda: national.heading(year),
        "coverage": lambda: national.coverage(table, year),
        "summary": lambda: national.summary(table, year, cite),
        "groups_table": lambda: national.groups_table(table, year, cite),
        "blocks_chart": lambda: national.blocks_chart(table, year),
        "blocks_table": lambda: national.blocks_table(table, year, cite),
        "ministries_table": lambda: national.ministries_table(table, year, cite),
        "factors_chart": lambda: national.factors_chart(table, year),
        "factors_table": lambda: national.factors_table(table, cite),
        "national_table": lambda: national.national_table(table, cite),
    }
    for index in facts.INDICES:
        of = {"index": index, "year": year, "tables": drawn.get(index)}
        known = {"figures": table, **of}
        two_years = {"figures": table, "index": index, "year": year}
        for name, arguments in {
            "ranking_chart": known,
            "whole_ranking_chart": of,
            "ranking_table": known | {"cite": cite},
            "distribution_chart": known,
            "regions_chart": known,
            "regions_table": known | {"cite": cite},
            "counts": two_years | {"cite": cite},
            "changes_chart": two_years,
            "changes_table": two_years | {"cite": cite},
            "national_chart": {"figures": table, "index": index},
        }.items():
            made[f"{name} {index}"] = functools.partial(getattr(national, name), **arguments)
    return made


@pytest.mark.parametrize("year", YEARS)
def test_english_has_no_vietnamese_and_the_same_numbers(table, year):
    cite = Citations(facts.sources())
    for name, make in exhibits(table, year, cite).items():
        vi, en = languages.both(make)
        assert languages.vietnamese_in(en) == [], name
        assert languages.numbers(en, "en") == languages.numbers(vi, "vi"), name
        assert en != vi or not en, name
    _, en = languages.both(cite.listed)
    # An address is shown as it is, and what is said of it, in whichever language.
    addresses = facts.sources()["url"].str.split(n=1).explode().dropna()
    assert languages.vietnamese_in(en, addresses) == []
    # A machine's address, as one publisher is called, is written alike in all languages too.
    vi, en = languages.both(lambda: re.sub(r"<a .*?</a>|\d+(\.\d+){3}", "", cite.listed()))
    assert languages.numbers(en, "en") == languages.numbers(vi, "vi")


@pytest.mark.parametrize("lang", ["vi", "en"])
def test_every_chart_is_told_in_sentences_with_its_numbers(table, lang):
    with language.using(lang):
        cite = Citations(facts.sources())
        made = {name: make() for name, make in exhibits(table, 2020, cite).items()}
    charts = {name: piece for name, piece in made.items() if name.split()[0] in CHARTS}
    assert len(charts) == 2 * 6 + 2
    for name, piece in charts.items():
        told = BeautifulSoup(piece._repr_html_(), "html.parser").svg["aria-label"]
        assert len(re.findall(r"\.(?: |$)", told)) >= 2, name
        assert len(languages.NUMBER.findall(told)) >= 4, name
        assert ".." not in told and "nan" not in told, name


def test_a_chart_names_its_ends_and_its_mean(table):
    with language.using("en"):
        drawn = completed_tables(2020)["PAR"]
        made = languages.seen(national.ranking_chart(table, "PAR", 2020, drawn))
    assert "Quảng Ninh leads with 91.04 points, Quảng Ngãi is last with 73.25" in made
    assert "the national mean, 83.72 points" in made


def test_the_number_of_provinces_is_that_of_the_year(table):
    with language.using("en"):
        assert "0 of 34 provinces" in languages.seen(national.coverage(table, 2025))
        made = languages.seen(national.summary(table, 2025, Citations(facts.sources())))
    assert "Mean PAR INDEX of the 34 provinces: not found published" in made


def test_a_year_without_a_leader_is_told_by_what_is_known():
    frame = pd.DataFrame({"score": [80.0, 79.0], "rank": [2.0, 3.0]}, index=["Ô 1", "Ô 2"])
    with language.using("en"):
        told = national._leaders(frame.rename_axis("unit"), "PAR", 2020, 4)
    assert told == "PAR INDEX 2020: the scores of 2 of 4 provinces are known"


# --- how far the estimates can be trusted ----------------------------------------------------


def hidden(figure: str, hide: str, inside: int) -> pd.DataFrame:
    """Ten made-up figures hidden, of which the intervals of `inside` hold the truth."""
    return pd.DataFrame(
        {
            "index": "PAR",
            "year": 2020,
            "unit": [f"Made-up {i}" for i in range(10)],
            "hidden": hide,
            "figure": figure,
            "truth": [80.0 if i < inside else 99.0 for i in range(10)],
            "median": 80.1,
            "low_50": 79.0,
            "high_50": 81.0,
            "low_90": 78.0,
            "high_90": 82.0,
            "interpolated": 80.3,
            "outermost": False,
        }
    )


@pytest.mark.parametrize(
    ("ranks", "scores", "outcome"),
    [
        (10, 10, "as wide as they should be"),
        (8, 10, "the interval of ranks is too narrow"),
        (10, 8, "the interval of scores is too narrow"),
        (8, 8, "the intervals of ranks and of scores are too narrow"),
    ],
)
def test_trust_in_both_languages(ranks, scores, outcome):
    left_out = hidden("score", "score", 7)
    nothing = pd.concat([hidden("rank", "both", ranks), hidden("score", "both", scores)])
    left_out = pd.concat([left_out, nothing])
    vi, en = languages.both(lambda: trust.verdict(left_out))
    assert outcome in en
    assert "PAR INDEX 2020" in en  # 70% falls short
    assert languages.vietnamese_in(en) == []
    assert languages.numbers(en, "en") == languages.numbers(vi, "vi")
    for table in (trust.coverage_table, trust.nothing_left_table):
        vi, en = languages.both(lambda table=table: table(left_out))
        assert languages.vietnamese_in(en) == []
        assert languages.numbers(en, "en") == languages.numbers(vi, "vi")
    assert f"{10 * ranks} (" in en and f"{10 * scores} (" in en


# --- the official statements -----------------------------------------------------------------


def test_statements_in_both_languages(table):
    told = facts.claims(2020)
    checked = claims.check(table, told, draws=20)
    vi, en = languages.both(
        lambda: statements.statements_table(checked, told, Citations(facts.sources()))
    )
    assert languages.vietnamese_in(en) == []
    assert "State Bank of Vietnam" in en and "No province is below 70 points" in en
    # A count of none is a number in the column beside it in both.
    assert languages.numbers(en, "en") == languages.numbers(vi, "vi")


def test_a_year_whose_statements_were_not_collected(table, tmp_path):
    vi, en = languages.both(
        lambda: statements.of_year(table, 2012, tmp_path, Citations(facts.sources()))
    )
    assert "statements on the results of 2012 have not been collected" in en
    assert languages.vietnamese_in(en) == []
    assert languages.numbers(en, "en") == languages.numbers(vi, "vi")
    assert list(tmp_path.iterdir()) == []


def test_the_findings_as_data_are_english_in_any_language(table):
    one = facts.claims(2020).loc[["P2"]]
    for lang in ("vi", "en"):
        with language.using(lang):
            assert claims.check(table, one, draws=2).at["P2", "how"] == "83.72 - 81.15 = 2.57"


def test_a_statement_without_words_is_marked_as_english(table):
    unknown = facts.claims(2020).loc[["P2"]].assign(quantity="shoe_size", statement="made up")
    checked = claims.check(table, unknown, draws=2)
    made = statements.statements_table(checked, unknown, Citations(facts.sources())).as_raw_html()
    assert '<span lang="en">made up</span>' in made
