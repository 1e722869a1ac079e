"""What a reader sees: every kind of province, in words, tables and charts."""

import re

import html5lib
import languages
import pytest

from helpers import facts, page, standing, units
from helpers.citations import Citations
from helpers.exhibits import completed, province

# One of each kind: all known; nothing ever; only a bound; score only; rank only; first; last; city.
KINDS = [
    "Thanh Hóa", "Bình Định", "Kiên Giang", "Bến Tre", "Hà Giang", "Quảng Ninh", "Quảng Ngãi",
    "Hồ Chí Minh",
]  # fmt: skip


@pytest.fixture(scope="module")
def schemes():
    return facts.schemes()


@pytest.fixture
def cite():
    return Citations(facts.sources())


def html(piece) -> str:
    made = piece._repr_html_()
    html5lib.HTMLParser(strict=False).parseFragment(made)
    assert "nan" not in re.split(r"[^\w]+", re.sub(r"<(style|svg).*?</\1>", "", made, flags=re.S))
    return made


def everything(table, schemes, cite, unit, year) -> str:
    tables = completed.by_index(table, year)
    pieces = [
        province.cards(table, unit, year, tables, cite),
        province.summary(table, unit, year, cite),
    ]
    for index in facts.INDICES:
        scores = facts.scores(table, index, year)
        pieces += [
            province.place_chart(table, unit, index, year, tables.get(index), cite),
            province.neighbours_table(scores, unit, index, year, cite),
            province.years_chart(table, unit, index),
            province.years_table(standing.years(table, unit, index), table, unit, index, cite),
            province.peers_chart(table, unit, index, year),
        ]
    pieces += [
        province.parts_tables(table, schemes, unit, year, cite),
        province.parts_chart(table, schemes, unit, year),
        province.region_table(table, unit, year, cite),
        province.reform_and_satisfaction(table, unit, year, cite),
        province.absent(table, unit, year),
    ]
    return "".join(html(piece) for piece in pieces)


@pytest.mark.parametrize("year", [2020, 2022])
def test_the_parts_of_every_province_can_be_shown(table, schemes, cite, year):
    for unit in units.provinces()["name"]:
        made = html(province.parts_tables(table, schemes, unit, year, cite))
        assert ("<table" in made) == bool(len(standing.years_with_parts(table, unit, year)))


@pytest.mark.parametrize("unit", KINDS)
def test_every_kind_of_province_reads_well(table, schemes, cite, unit):
    made = everything(table, schemes, cite, unit, 2020)
    assert unit in made
    assert "None" not in made
    assert ">nan<" not in made


@pytest.mark.parametrize("unit", ["Thanh Hóa", "Bình Định", "Kiên Giang", "Quảng Ninh"])
def test_both_languages_say_the_same(table, schemes, unit):
    sources = facts.sources()
    vi, en = languages.both(lambda: everything(table, schemes, Citations(sources), unit, 2020))
    assert languages.vietnamese_in(en) == []
    assert languages.numbers(vi, "vi") == languages.numbers(en, "en")


@pytest.mark.parametrize("make", [page.reading_guide, lambda: page.unit_now("Huế", 2025)])
def test_both_languages_say_the_same_of_what_every_page_has(make):
    vi, en = languages.both(make)
    assert vi != en
    assert languages.vietnamese_in(en) == []


@pytest.mark.parametrize("year", [2012, 2015, 2022, 2024])
def test_years_with_little_known(table, schemes, cite, year):
    for unit in ("Thanh Hóa", "Bình Định"):
        assert unit in everything(table, schemes, cite, unit, year)


def test_summary_of_thanh_hoa(table, cite):
    made = html(province.summary(table, "Thanh Hóa", 2020, cite))
    for words in ("84,33 điểm", "29/63", "tăng 14 bậc", "88,70%", "14/63", "tăng 9 bậc"):
        assert words in made
    assert made.count('class="cite"') == 4


def test_three_numbers_and_at_most_six_sentences(table, cite):
    tables = completed.by_index(table, 2020)
    for unit in KINDS:
        cards = html(province.cards(table, unit, 2020, tables, cite))
        assert cards.count('class="card-name"') == 3
        told = cards.split("</div></div>")[-1] + html(province.summary(table, unit, 2020, cite))
        text = re.sub(r"<sup.*?</sup>|<[^>]+>", " ", told)
        assert 2 <= len(re.findall(r"[.?!](?=\s|$)", text)) <= 6, text


def test_the_third_number_is_what_was_lost_or_how_much_is_known(table, cite):
    known = html(province.cards(table, "Thanh Hóa", 2020, {}, cite))
    assert "15,67 điểm" in known  # 100 - 84.33
    assert "0/4" in html(province.cards(table, "Bình Định", 2020, {}, cite))


def test_the_alternative_text_of_a_chart_holds_its_numbers(table, cite):
    made = html(province.years_chart(table, "Thanh Hóa", "PAR"))
    score, rank = re.findall(r'<svg[^>]* aria-label="([^"]*)"', made)
    assert "2020: 84,33 điểm" in score and "2021: 87,83 điểm" in score
    assert "2020: 29/63" in rank


def test_a_bar_shows_how_much_of_the_maximum_was_won(table, schemes, cite):
    made = html(province.parts_tables(table, schemes, "Quảng Ninh", 2020, cite))
    won = re.search(r'width="([\d.]+)" height="8" fill="#0072B2"/></svg> 9,56<', made)
    assert float(won[1]) == pytest.approx(60 * 0.956, abs=0.1)  # 9.56 of 10
    # The four blocks, whose maxima are all published, and two sums.
    assert made.split("</table>")[0].count('class="share"') == len(facts.BLOCKS) + 2
    assert 'class="bar"' not in made  # as the head of the page is


def test_nothing_published_shows_no_number(table, cite):
    made = html(province.summary(table, "Bình Định", 2020, cite))
    assert made.count("Chưa tìm thấy số liệu PAR INDEX và SIPAS") == 1
    assert "cite" not in made
    assert "điểm" not in made


def test_derived_figures_are_marked_in_both_tables(table, cite):
    scores = facts.scores(table, "PAR", 2020)
    for unit in ("Hậu Giang", "Đồng Nai"):
        assert facts.kind(scores.at[unit, "score_derivation"]) == "derived"
    near = html(province.neighbours_table(scores, "Thanh Hóa", "PAR", 2020, cite))
    region = html(province.region_table(table, "Bình Dương", 2020, cite))
    assert "84,51\N{NO-BREAK SPACE}*" in near
    assert "83,82\N{NO-BREAK SPACE}*" in region
    assert "điểm năm 2021 là 86,77, trừ 2,26" in near and "observations.csv" not in near
    assert "điểm năm 2021 là 83,3304, cộng 0,49" in region and "observations.csv" not in region


def test_every_figure_of_a_chart_has_its_source_on_the_list(table, cite):
    tables = completed.by_index(table, 2020)
    province.place_chart(table, "Bình Định", "PAR", 2020, tables["PAR"], cite)
    listed = cite.listed()
    for ids in facts.scores(table, "PAR", 2020)["score_sources"]:
        assert all(f'id="source-{source}"' in listed for source in ids.split())


def test_a_bound_is_told_as_a_bound(table, cite):
    made = html(province.summary(table, "Kiên Giang", 2020, cite))
    assert "từ thứ 57 đến thứ 63" in made


def test_a_derived_figure_is_told_as_such(table, cite):
    made = html(province.summary(table, "Hồ Chí Minh", 2020, cite))
    assert "84,70 điểm (suy ra)" in made


def test_cards_tell_estimates_apart(table, cite):
    tables = completed.by_index(table, 2020)
    unknown = html(province.cards(table, "Bình Định", 2020, tables, cite))
    assert unknown.count(">chưa tìm thấy<") == 2
    assert unknown.count('<div class="estimate">ước lượng: hạng ') == 2
    assert "các khoảng này, nhất là khoảng của điểm số, còn quá hẹp" in unknown
    known = html(province.cards(table, "Thanh Hóa", 2020, tables, cite))
    assert "estimate" not in known
    assert "quá hẹp" not in known


class TestAdministrativeNote:
    @pytest.mark.parametrize(
        ("unit", "words"),
        [
            ("Bình Định", "tỉnh Bình Định hợp nhất với Gia Lai thành tỉnh Gia Lai mới"),
            ("Gia Lai", "tỉnh Gia Lai hợp nhất với Bình Định thành tỉnh Gia Lai mới"),
            ("Bình Dương", "thành Thành phố Hồ Chí Minh mới"),
            ("Thừa Thiên Huế", "Từ ngày 1/1/2025, tỉnh Thừa Thiên Huế trở thành thành phố Huế."),
        ],
    )
    def test_merged(self, unit, words):
        assert words in page.administrative_note(unit)

    def test_every_province(self):
        notes = {unit: page.administrative_note(unit) for unit in units.provinces()["name"]}
        unchanged = [
            unit for unit, note in notes.items() if "giữ nguyên, không sắp xếp, sáp nhập" in note
        ]
        assert all("2025" in note for note in notes.values())
        # Eleven units kept their borders in 2025; Huế had changed its status before.
        assert len(unchanged) == 10
        assert "Hà Nội" in unchanged
