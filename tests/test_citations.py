"""Source marks and the list they lead to."""

import re
from urllib.parse import unquote

import html5lib
import languages
import pandas as pd
import pytest

from helpers import citations, facts, language
from helpers.citations import Citations


@pytest.fixture
def cite():
    sources = pd.DataFrame(
        {
            "publisher": ["Báo Bịa <1>", "Made-up Gazette", "Chỉ có tên", "Made-up News"],
            "published": ["2021-06-24", "2022-05", "", ""],
            "url": [
                'https://example.org/a?b=1&c="2"',
                "https://example.org/" + "x" * 90 + "/7.html",
                "",
                "https://example.org/chi-tiet/ (tin ngày <1>)",
            ],
            "note": ["", "", "", ""],
        },
        index=["x1", "x2", "x3", "x4"],
    )
    return Citations(sources)


def test_numbers_in_the_order_of_first_mention(cite):
    assert ">1</a>" in cite("x2")
    assert cite("x1 x2").index(">1</a>") < cite("x1 x2").index(">2</a>")
    assert cite("x2") == '<sup class="cite"><a href="#source-x2">1</a></sup>'
    assert [item.split('"')[1] for item in cite.listed().split("<li ")[1:]] == [
        "source-x2",
        "source-x1",
    ]


def test_a_run_of_numbers_is_written_by_its_ends_and_keeps_all_its_sources(cite):
    assert cite("x1 x2") == (
        '<sup class="cite"><a href="#source-x1">1</a>, <a href="#source-x2">2</a></sup>'
    )
    assert cite("x3 x1 x2") == (
        '<sup class="cite" data-sources="x1 x2 x3">'
        '<a href="#source-x1">1</a>–<a href="#source-x3">3</a></sup>'
    )


def test_a_source_is_marked_once_and_none_not_at_all(cite):
    assert cite("") == ""
    assert cite("x1 x1").count("<a ") == 1


def test_unknown_source(cite):
    with pytest.raises(KeyError, match="x9"):
        cite("x9")
    assert "x9" not in cite.listed()


def test_listed_is_valid_html_and_escaped(cite):
    cite("x1 x2 x3")
    listed = cite.listed()
    html5lib.HTMLParser(strict=True).parseFragment(listed)
    assert "Báo Bịa &lt;1&gt;. 24/6/2021" in listed
    assert "Made-up Gazette. tháng 5 năm 2022" in listed
    assert '<li id="source-x3">Chỉ có tên</li>' in listed
    assert "example.org/xxx" in listed and "xxx/7.html</a>" in listed and "…" in listed


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://www.example.org/tin/a.html", "example.org/tin/a.html"),
        ("https://example.org/2017年越南/79614.vnp", "example.org"),
        ("https://example.org/%E8%B6%8A%E5%8D%97.html", "example.org"),
        ("https://example.org/%C4%91i%E1%BB%83m.html", "example.org/điểm.html"),
    ],
)
def test_an_address_in_a_script_that_a_phone_may_lack_is_only_its_site(url, shown):
    assert citations._short(url) == shown


def test_what_is_said_of_an_address_is_no_part_of_its_link(cite):
    cite("x4")
    link = '<a href="https://example.org/chi-tiet/" rel="noreferrer">example.org/chi-tiet</a>'
    assert f"Made-up News. {link} (tin ngày &lt;1&gt;)</li>" in cite.listed()


def test_two_pages_of_one_site_and_day_are_told_apart():
    table = facts.sources()
    table = table[table["url"] != ""].assign(shown=table["url"].map(citations._short))
    # These two rows are one page, its address written in two ways.
    twice = table[table.duplicated(["publisher", "published", "shown"], keep=False)]
    assert twice["url"].map(unquote).nunique() <= 1


@pytest.mark.parametrize(
    ("lang", "shown"), [("vi", "Thông tấn xã Việt Nam"), ("en", "Vietnam News Agency")]
)
def test_what_is_words_of_a_source_is_said_in_the_language_of_the_page(lang, shown):
    cite = Citations(facts.sources())
    cite("s002 s003 s295")
    with language.using(lang):
        listed, table = cite.listed(), cite.table()
    assert f'<li id="source-s002">{shown}</li>' in listed
    assert ("reprinted" in listed) == ("sentence read" in listed) == (lang == "en")
    assert list(table["number"]) == [1, 2, 3] and table.at[0, "publisher"] == shown


@pytest.mark.parametrize("year", [2014, 2020, 2022])
def test_the_list_of_a_year_is_in_one_language_with_the_same_numbers(table, year):
    cite = Citations(facts.sources())
    cite(facts.select(table, year=year)["sources"])
    _, en = languages.both(cite.listed)
    # An address is shown as it is, and what is said of it, in whichever language.
    addresses = facts.sources()["url"].str.split(n=1).explode().dropna()
    assert languages.vietnamese_in(en, addresses) == []
    # A machine's address, as one publisher is called, is written alike in all languages too.
    vi, en = languages.both(lambda: re.sub(r"<a .*?</a>|\d+(\.\d+){3}", "", cite.listed()))
    assert languages.numbers(en, "en") == languages.numbers(vi, "vi") != {}


def test_a_site_is_told_by_the_name_of_its_outlet():
    cite = citations.Citations(facts.sources())
    cite("s054")
    assert "Báo Cà Mau. 2025." in cite.listed()
    assert cite.table().at[0, "publisher"] == "Báo Cà Mau"


def test_every_name_and_every_word_is_of_a_source():
    sources = facts.sources()
    remarks = sources["url"].str.partition(" ")[2]
    assert {*citations.outlets(), *citations.WORDS} <= {*sources["publisher"], *remarks}
