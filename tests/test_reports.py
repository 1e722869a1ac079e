"""The real notebooks, run as users run them."""

import re

import html5lib
import pytest
from bs4 import BeautifulSoup

from helpers import notebooks
from helpers.site.policy import outside_loads

NATIONAL = tuple(one.stem for one in notebooks.NATIONAL)
# Of a page with everything, without its lists of sources and of other pages and what is folded.
MOST_WORDS = 2000


@pytest.fixture(scope="module")
def read(pages) -> dict[str, str]:
    """A province with figures, and one without any."""
    return {name: pages(name).read_text(encoding="utf-8") for name in ("Thanh Hóa", "Bình Định")}


def test_thanh_hoa_as_announced(read):
    page = read["Thanh Hóa"]
    for words in ("84,33 điểm", "29/63", "tăng 14 bậc", "88,70%", "14/63", "tăng 9 bậc", "15,67"):
        assert words in page
    assert 'href="#source-s001"' in page
    assert "Báo Thanh Hóa. 24/6/2021" in page


def test_binh_dinh_says_what_is_estimated_and_what_is_to_be_added(read):
    page = read["Bình Định"]
    assert re.search(
        r"<b>Vị trí:</b> PAR INDEX ≈\xa0[\d,]+–[\d,]+ điểm, hạng ≈\xa0\d+–\d+; SIPAS ≈", page
    )
    assert "Cần bổ sung số liệu năm 2020: PAR INDEX (điểm, hạng, điểm thành phần)" in page
    assert "hợp nhất với tỉnh Gia Lai" in page


def test_a_page_is_brief_and_has_no_section_of_nothing(read):
    """A minute for a leader: few words, and no list of what has not been found."""
    for page in read.values():
        main = BeautifulSoup(page, "html.parser").main
        for tag in main.select("svg, sup, .analyst, details.more, ol.sources, .beside"):
            tag.decompose()
        words = main.get_text(" ").split()
        assert len(words) < MOST_WORDS
        assert " ".join(words).lower().count("chưa tìm thấy") <= 5
        for section in re.split("<h2[^>]*>", page)[1:]:
            shown = BeautifulSoup(section.partition("</h2>")[2], "html.parser")
            assert shown.get_text(strip=True), section[:60]
    contents = BeautifulSoup(read["Bình Định"], "html.parser").select("nav a, details a")
    assert (
        0
        < len(contents)
        < len(BeautifulSoup(read["Thanh Hóa"], "html.parser").select("nav a, details a"))
    )


QUICK = [("Thanh Hóa", "vi"), ("Bình Định", "vi")]
SLOW = [(name, "vi") for name in NATIONAL]
SLOW += [(name, "en") for name in (*NATIONAL, "Thanh Hóa", "Bình Định")]


@pytest.mark.parametrize(
    ("name", "lang"), [*QUICK, *(pytest.param(*one, marks=pytest.mark.slow) for one in SLOW)]
)
def test_a_page_is_whole_valid_and_not_too_large(pages, name, lang):
    page = pages(name, lang).read_text(encoding="utf-8")
    html5lib.HTMLParser(strict=True).parse(page)
    assert outside_loads(page) == []
    assert len(page.encode()) <= 700_000
    soup = BeautifulSoup(page, "html.parser")
    assert len(soup.find_all("script")) == len(soup.find_all("style")) == 1
    assert soup.find_all(style=True) == []
    *heads, last = [head["id"] for head in soup.main.find_all("h2")]
    if soup.select(".beside"):  # links to other provinces end the page
        assert last == "beside-head"
    else:
        heads.append(last)
    assert heads == [f"s{n + 1}" for n in range(len(heads))]
    figures = soup.find_all("svg")
    assert figures and all(re.search(r"\d", svg["aria-label"]) for svg in figures)
    assert min(len(svg.find_all("title")) for svg in figures) >= 3  # marks say what they are worth


def test_every_mark_leads_to_a_listed_source(read):
    for page in read.values():
        marks = {part.split('"')[0] for part in page.split('href="#source-')[1:]}
        listed = {part.split('"')[0] for part in page.split('id="source-')[1:]}
        assert marks
        assert marks <= listed
