"""What a reader sees: every kind of province, in words, tables and charts."""

import re

import html5lib
import languages
import pytest

from helpers import facts, page, standing, units
from helpers.citations import Citations
from helpers.exhibits import completed, parts, province

# One of each kind: all known; nothing ever; only a bound; score only; rank only; first; last; city.
KINDS = [
    "Thanh Hóa", "Bình Định", "Kiên Giang", "Bến Tre", "Hà Giang", "Quảng Ninh", "Quảng Ngãi",
    "Hồ Chí Minh",
]  # fmt: skip


@pytest.fixture
def cite():
    return Citations(facts.sources())


def html(piece) -> str:
    made = piece._repr_html_()
    html5lib.HTMLParser(strict=False).parseFragment(made)
    assert "nan" not in re.split(r"[^\w]+", re.sub(r"<(style|svg).*?</\1>", "", made, flags=re.S))
    return made


def everything(table, cite, unit, year) -> str:
    tables = completed.by_index(table, year)
    found = {index: standing.years(table, unit, index, year) for index in facts.INDICES}
    of_years, gains = parts.by_year(table, unit, year), parts.gains(table, unit, year)
    pieces = [province.title(unit, year), province.about(unit, year)]
    for index in facts.INDICES:
        scores = facts.scores(table, index, year)
        pieces += [
            province.place_chart(table, unit, index, year, tables.get(index), cite),
            province.neighbours_table(scores, unit, index, year, cite),
        ]
    pieces += [
        province.years_tables(found, table, unit, cite),
        parts.parts_table(of_years, gains, table, unit, year, cite),
        province.region_table(table, unit, year, cite),
        province.reform_and_satisfaction(table, unit, year, cite),
        province.wanted(table, unit, year),
    ]
    return "".join(html(piece) for piece in pieces)


@pytest.mark.parametrize("year", [2020, 2022])
def test_the_parts_of_every_province_can_be_shown(table, cite, year):
    for unit in units.provinces()["name"]:
        of_years, gains = parts.by_year(table, unit, year), parts.gains(table, unit, year)
        made = html(parts.parts_table(of_years, gains, table, unit, year, cite))
        assert ("<table" in made) == bool(standing.years_with_parts(table, unit, year))


def test_parts_are_set_against_the_maximum_and_the_others(table):
    pairs = [
        (unit, year) for year in range(2017, 2025) for unit in facts.parts(table, "PAR", year).index
    ]
    assert len(pairs) > 30
    schemes, seen = facts.schemes(), set()
    for unit, year in pairs:
        points = facts.parts(table, "PAR", year)
        own = points.loc[unit].dropna().index.intersection([*facts.FIELDS, *facts.BLOCKS])
        known = own.isin(facts.maximum_points(schemes, year).index)
        compared = (known | points[own].drop(index=unit).notna().any()).any()
        found = parts.gains(table, unit, year)
        assert found.empty != compared
        assert not (found["points"] - found["max_points"] > 0.005).any()
        assert found["to_gain"].is_monotonic_decreasing
        assert set(found.index) <= set(facts.FIELDS) or set(found.index) <= set(facts.BLOCKS)
        seen.add(compared)
    assert seen == {True, False}
    found = parts.gains(table, "Quảng Ninh", 2020)
    # 23.5 less 18.83; the maximum is published, and no longer 33.5 less 10.
    assert found.at["managers_survey", "lost"] == pytest.approx(4.67)
    assert found.at["managers_survey", "max_kind"] == "published"
    assert tuple(found.loc["managers_survey", ["best", "best_unit"]]) == (20.28, "Hà Nội")
    alone = table[(table["unit"] == "Phú Thọ") & table["part"].isin(facts.FIELDS)]
    assert parts.gains(alone, "Phú Thọ", 2020).empty


def test_one_table_has_all_years_of_the_parts(table, cite):
    of_years, gains = (of(table, "Quảng Ninh", 2020) for of in (parts.by_year, parts.gains))
    made = html(parts.parts_table(of_years, gains, table, "Quảng Ninh", 2020, cite))
    assert made.index(">2020<") < made.index(">2012<")
    for words in (">18,83<", ">23,50<", "20,28 (Hà Nội)", ">30,46<", "lệch 0,01 do làm tròn"):
        assert words in made
    ranked = html(
        parts.parts_table(
            parts.by_year(table, "Thanh Hóa", 2020), gains.iloc[:0], table, "Thanh Hóa", 2020, cite
        )
    )
    assert "14,18 (hạng 7)" in ranked and "Điểm tối đa" not in ranked


@pytest.mark.parametrize("unit", KINDS)
def test_every_kind_of_province_reads_well(table, cite, unit):
    made = everything(table, cite, unit, 2020)
    assert unit in made
    assert "None" not in made
    assert ">nan<" not in made


@pytest.mark.parametrize("unit", ["Thanh Hóa", "Bình Định", "Kiên Giang", "Quảng Ninh"])
def test_both_languages_say_the_same(table, unit):
    sources = facts.sources()
    vi, en = languages.both(lambda: everything(table, Citations(sources), unit, 2020))
    assert languages.vietnamese_in(en) == []
    assert languages.numbers(vi, "vi") == languages.numbers(en, "en")


@pytest.mark.parametrize("make", [page.reading_guide, lambda: page.unit_now("Huế", 2025)])
def test_both_languages_say_the_same_of_what_every_page_has(make):
    vi, en = languages.both(make)
    assert vi != en
    assert languages.vietnamese_in(en) == []


@pytest.mark.parametrize("year", [2012, 2015, 2022, 2024])
def test_years_with_little_known(table, cite, year):
    for unit in ("Thanh Hóa", "Bình Định"):
        assert unit in everything(table, cite, unit, year)


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


def test_what_is_to_be_added_is_one_line(table):
    assert html(province.wanted(table, "Bình Định", 2020)) == (
        "<p>Cần bổ sung số liệu năm 2020: PAR INDEX (điểm, hạng, điểm thành phần) và SIPAS (điểm, "
        "hạng).</p>"
    )
    assert html(province.wanted(table, "Quảng Ninh", 2020)) == ""


def test_where_nothing_is_known_nothing_is_shown(table, cite):
    unit, year = "Bình Định", 2020
    scores, of_years = facts.scores(table, "PAR", year), parts.by_year(table, unit, year)
    found = {index: standing.years(table, unit, index, year) for index in facts.INDICES}
    pieces = [
        province.neighbours_table(scores, unit, "PAR", year, cite),
        province.years_tables(found, table, unit, cite),
        parts.parts_table(of_years, parts.gains(table, unit, year), table, unit, year, cite),
        province.reform_and_satisfaction(table, unit, year, cite),
        province.place_chart(table, unit, "SIPAS", year, None, cite),
    ]
    assert [html(piece) for piece in pieces] == [""] * len(pieces)


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
