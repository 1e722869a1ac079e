"""What a reader sees: every kind of province, in words, tables and charts."""

import re

import html5lib
import languages
import pytest

from helpers import facts, page, standing, units
from helpers.citations import Citations
from helpers.exhibits import completed, national, numbers, province

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


def test_scores_are_not_compared_across_the_change_of_survey(table, cite):
    assert "so với năm 2021" not in sipas_line(html(national.summary(table, 2022, cite)))
    assert "so với năm 2022" in sipas_line(html(national.summary(table, 2023, cite)))
    assert "đổi cách khảo sát" in html(national.changes_chart(table, "SIPAS", 2022))
    assert "địa phương nào" not in html(national.changes_table(table, "SIPAS", 2022, cite))
    title = html(national.national_chart(table, "SIPAS")).split("</svg>")[0]
    assert "2017" not in title.split("aria-label=")[1].split(".")[0]


def sipas_line(summary: str) -> str:
    return next(line for line in summary.split("<li>") if "SIPAS" in line)


def test_derived_figures_are_marked_in_every_table(table, cite):
    scores = facts.scores(table, "PAR", 2020)
    for unit in ("Hậu Giang", "Đồng Nai"):
        assert facts.kind(scores.at[unit, "score_derivation"]) == "derived"
    near = html(province.neighbours_table(scores, "Thanh Hóa", "PAR", 2020, cite))
    region = html(province.region_table(table, "Bình Dương", 2020, cite))
    groups = html(national.groups_table(table, 2020, cite))
    changes = html(national.changes_table(table, "PAR", 2020, cite))
    assert "84,51\N{NO-BREAK SPACE}*" in near
    assert "83,82\N{NO-BREAK SPACE}*" in region
    assert "điểm năm 2021 là 86,77, trừ 2,26" in near and "observations.csv" not in near
    assert "điểm năm 2021 là 83,3304, cộng 0,49" in region and "observations.csv" not in region
    assert "Đồng Nai *" in groups
    assert "83,29\N{NO-BREAK SPACE}*" in changes
    assert "75,38\N{NO-BREAK SPACE}*" in html(national.national_table(table, cite))
    assert "82,97\N{NO-BREAK SPACE}*" in html(national.factors_table(table, cite))


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


def test_every_published_row_has_a_source_and_no_estimate_has(table, cite):
    tables = completed.by_index(table, 2020)["PAR"]
    made = html(national.ranking_table(table, "PAR", 2020, tables, cite))
    rows = made.split("<tr>")[1:]
    known = len(facts.scores(table, "PAR", 2020))
    assert 0 < known < 63
    assert sum('class="cite"' in row for row in rows) == known
    assert sum(">ước lượng</td>" in row for row in rows) == 63 - known
    assert not any('class="cite"' in row for row in rows if ">ước lượng</td>" in row)


def test_cards_tell_estimates_apart(table, cite):
    tables = completed.by_index(table, 2020)
    unknown = html(province.cards(table, "Bình Định", 2020, tables, cite))
    assert unknown.count(">chưa tìm thấy<") == 2
    assert unknown.count('<div class="estimate">ước lượng: hạng ') == 2
    assert "các khoảng này, nhất là khoảng của điểm số, còn quá hẹp" in unknown
    known = html(province.cards(table, "Thanh Hóa", 2020, tables, cite))
    assert "estimate" not in known
    assert "quá hẹp" not in known


@pytest.mark.parametrize("year", [2012, 2016, 2020, 2022, 2024])
def test_the_nation_in_every_kind_of_year(table, cite, year):
    tables = completed.by_index(table, year)
    pieces = [national.coverage(table, year), national.summary(table, year, cite)]
    for index in facts.INDICES:
        drawn = tables.get(index)
        pieces += [
            national.ranking_chart(table, index, year, drawn),
            national.whole_ranking_chart(index, year, drawn),
            national.ranking_table(table, index, year, drawn, cite),
            national.distribution_chart(table, index, year, drawn),
            national.regions_chart(table, index, year, drawn),
            national.regions_table(table, index, year, drawn, cite),
            national.counts(table, index, year, cite),
            national.changes_chart(table, index, year),
            national.changes_table(table, index, year, cite),
        ]
    pieces += [
        national.groups_table(table, year, cite),
        national.blocks_chart(table, year),
        national.blocks_table(table, year, cite),
        national.ministries_table(table, year, cite),
        national.factors_chart(table, year),
        national.factors_table(table, cite),
    ]
    assert str(year) in "".join(html(piece) for piece in pieces)


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


class TestThreeNumbersOfTheNation:
    def test_means_are_those_published_and_changes_derived(self, table, cite):
        made = html(numbers.of_nation(table, 2020, cite))
        for words in ("83,72 điểm", "85,48%", "tăng 2,57 điểm so với năm 2019 (suy ra)", "26/63"):
            assert words in made
        assert made.count('class="card-name"') == 3

    def test_both_languages_say_the_same(self, table):
        sources = facts.sources()
        vi, en = languages.both(lambda: numbers.of_nation(table, 2020, Citations(sources)))
        assert languages.vietnamese_in(en) == []
        assert languages.numbers(vi, "vi") == languages.numbers(en, "en")

    def test_no_change_is_taken_across_the_new_survey(self, table, cite):
        sipas = html(numbers.of_nation(table, 2022, cite)).split('class="card-name"')[2]
        assert "80,08%" in sipas and "2021" not in sipas

    def test_a_year_without_a_mean_says_so(self, table, cite):
        assert "chưa tìm thấy" in html(numbers.of_nation(table, 2012, cite))
