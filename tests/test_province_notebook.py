"""What a reader of a province's report sees, for every kind of province; and what can be edited."""

import html5lib
import languages
import numpy as np
import pandas as pd
import pytest
from bs4 import BeautifulSoup
from cells import Notebook, comes_back, edited, without_guide

from helpers import facts, page, ranking, standing, units
from helpers.ranking import sipas
from helpers.report.province import parts

# Nothing ever; only a bound; rank only; first, and parts; a city.
KINDS = ["Bình Định", "Kiên Giang", "Hà Giang", "Quảng Ninh", "Hồ Chí Minh"]
RANKS = "Khoảng tin cậy 95% của hạng"


class Report(Notebook):
    """The notebook of one province, run; what analysts see beside the code is left out."""

    def __init__(self, unit: str, year: int = 2020, lang: str = "vi"):
        super().__init__("province_report", province=unit, year=year, lang=lang)

    def seen(self) -> str:
        return "".join(self.text(cell) for cell in self.shown if not cell.endswith(FRAMES))


FRAMES = ("frame", "frames", "province-33", "province-02")


@pytest.fixture(scope="module")
def report():
    """Reports, each run once."""
    made = {}

    def give(unit: str, year: int = 2020, lang: str = "vi") -> Report:
        key = unit, year, lang
        if key not in made:
            made[key] = Report(*key)
            made[key].run()
        return made[key]

    return give


def words(made: str) -> str:
    """The text of what was shown, which is whole HTML and says no missing value."""
    html5lib.HTMLParser(strict=False).parseFragment(made)
    told = languages.seen(made)
    assert not {"nan", "None", "NaT"} & set(told.replace(",", " ").replace(";", " ").split())
    return told


@pytest.mark.parametrize("unit", KINDS)
def test_every_kind_of_province_reads_well(report, unit):
    made = words(report(unit).seen())
    assert unit in made and "Vị trí" in made


def test_what_a_part_could_gain_and_what_noise_moves_by_hand(report, monkeypatch):
    names = report("Thanh Hóa").names
    monkeypatch.setitem(names, "name", "a")
    points = {"x": [8.0, 9.0, 7.0], "y": [5.0, 9.0, np.nan], "z": [3.0, np.nan, np.nan]}
    points = pd.DataFrame(points, index=["a", "b", "c"])
    gains = names["points_to_gain"](points, pd.Series({"x": 10.0}))
    assert gains["to_gain"].tolist() == pytest.approx([4, 2, np.nan], nan_ok=True)
    assert gains["measured_by"].tolist() == ["best of the others", "maximum", ""]
    assert gains.loc["x", ["lost", "best", "best_unit", "median"]].tolist() == [2, 9, "b", 8]
    scores = pd.DataFrame([[90, 80.1, 80, 70]], columns=list("abcd"))
    none, one = (pd.Series(error, scores.columns) for error in (0.0, 1.0))
    assert names["mean_shift"](scores, none) == 0
    # Two scores 0.1 apart change places with probability Phi(-0.1 / sqrt(2)) = 0.472.
    assert names["mean_shift"](scores, one, draws=4000) == pytest.approx(0.472 / 2, abs=0.015)


@pytest.mark.parametrize("unit", KINDS)
def test_both_languages_say_the_same(report, unit):
    vi, en = (report(unit, 2020, lang) for lang in ("vi", "en"))
    vi, en = (languages.seen(without_guide(of, of.seen())) for of in (vi, en))
    assert languages.vietnamese_in(en) == []
    assert languages.numbers(vi, "vi") == languages.numbers(en, "en")


@pytest.mark.parametrize(
    ("unit", "year"),
    [
        ("Bình Định", 2012),
        ("Đà Nẵng", 2015),
        *(("Thanh Hóa", year) for year in (2018, 2022)),
        pytest.param("Thanh Hóa", 2024, marks=pytest.mark.slow),
    ],
)
def test_every_kind_of_year(report, table, unit, year):
    made = report(unit, year)
    words(made.seen())
    known = unit in facts.scores(table, "SIPAS", year).index
    assert (RANKS in made.text("error-rests-on")) == (known and year not in (2015, 2018))
    assert "chưa tìm thấy điểm hay hạng" not in made.seen()  # nobody asks for the error of that


def test_the_maximum_that_is_missing_is_named(report):
    other = edited(
        report("Thanh Hóa", 2018), "province_report"
    )  # that of the satisfaction index is known
    other.names["par_known"] = True
    other.run("par-error-words", "errors-par")
    told = "Chưa tìm thấy điểm tối đa năm 2018 của “Khảo sát lãnh đạo, quản lý”, nên"
    assert told in other.text("errors-par")


def test_two_of_one_rank_move_nobody_on_the_curve(report):
    made = report(
        "Ninh Bình", 2021
    )  # of rank 12; the two of rank 9 come before, and nobody is 13th
    own = made.names["curves"]["SIPAS"]
    assert own.loc["Ninh Bình", ["rank", "kind"]].tolist() == [12, "estimated"]
    assert (own["rank"] == 9).sum() == 2 and not (own["rank"] == 13).any()
    assert "Ninh Bình" in made.text("province-08")


def test_where_nothing_is_known_no_section_shows_anything(report):
    made = report("Bình Định")
    for cell in ("province-09", "parts-chart", "parts-tables", "province-13"):
        assert made.shown[cell] == [], cell
    assert [made.text(cell) for cell in ("province-11", "errors-par")] == ["", ""]
    assert "<table" not in made.text("province-16")
    assert made.text("wanted") == (
        "<p>Cần bổ sung số liệu năm 2020: PAR INDEX (điểm, hạng, điểm thành phần) và SIPAS (điểm, "
        "hạng).</p>"
    )
    assert report("Quảng Ninh").shown["wanted"] == []


def test_only_what_no_page_tells_is_asked_for(report):
    made = Report("Bến Tre")  # its rank of 2020 is the only one that its score leaves
    made.run("province-01", "province-02", "figures", "province-labels", "province-units")
    made.run("province-03")
    made.run("near-words", "near-frames", "province-09", "wanted")
    assert "44\N{NO-BREAK SPACE}*" in made.text("province-09")
    assert "PAR INDEX (điểm thành phần) và SIPAS (điểm)." in made.text("wanted")
    assert "SIPAS" not in report("Bình Định", 2012).text("wanted")  # there was none yet


def test_derived_figures_are_marked_with_their_arithmetic(report):
    near = report("Thanh Hóa").text("province-09")
    assert "84,51\N{NO-BREAK SPACE}*" in near and "điểm năm 2021 (86,77) trừ 2,26" in near
    made = Report("Bình Dương")
    made.run(until="province-22")
    region = made.text("province-22")
    assert "83,82\N{NO-BREAK SPACE}*" in region and "observations.csv" not in region
    assert "điểm năm 2021 (83,3304) cộng 0,49" in region


def test_every_figure_of_a_chart_has_its_source_on_the_list(report, table):
    listed = report("Bình Định").text("province-32")
    for ids in facts.scores(table, "PAR", 2020)["score_sources"]:
        assert all(f'id="source-{source}"' in listed for source in ids.split())


def test_one_table_has_all_years_of_the_parts(report):
    made = report("Quảng Ninh").text("parts-tables")
    assert made.index(">2020<") < made.index(">2012<")
    for told in (">18,83<", ">23,50<", "20,28 (Hà Nội)", ">30,46<", "lệch 0,01 do làm tròn"):
        assert told in made
    ranked = report("Thanh Hóa").text("parts-tables")
    assert "14,18 (hạng 7)" in ranked and "Điểm tối đa" not in ranked
    # Fields and blocks are apart, and all columns but the first and the last flush right.
    assert ranked.index("Theo lĩnh vực") < ranked.index("Theo cách đánh giá")
    cells = BeautifulSoup(ranked, "html.parser").select("tbody td")
    assert {"gt_right" in cell["class"] for cell in cells if cell.text in ("–", "7,82")} == {True}


def test_the_error_of_thanh_hoa_is_told_with_what_it_rests_on(report):
    made = report("Thanh Hóa")
    errors = made.names["errors"]
    told, rests_on = made.text("province-11"), made.seen()
    assert f"trừ: {errors['lower'].iloc[1]:.0f} đến {errors['upper'].iloc[1]:.0f} (" in told
    rose = sorted(f"{share:.0%}" for share in errors["rank_rose"].iloc[:2])
    assert f"thực sự tăng là {rose[0]} đến {rose[1]}, tùy" in told
    assert "Điểm SIPAS năm 2019 của Thanh Hóa là số ước lượng" in rests_on
    for assumption in ("35.268", "ít nhất 35.000", "khoảng 556 người", "33,5 trên 100 điểm"):
        assert assumption in rests_on


def test_a_change_of_par_is_within_the_error_where_even_a_part_of_it_holds_the_rank_before(report):
    made = report("Nghệ An")
    lower, upper = made.names["par_ranks"].loc["Nghệ An", ["lower", "upper"]]
    assert lower <= 24 <= upper  # its rank of 2019
    assert made.names["beyond"]["PAR", "rank"] is False
    assert "Hạng 24 của năm trước vẫn nằm trong khoảng ấy" in made.text("province-11")
    assert "PAR INDEX tăng 6 bậc * (chưa vượt sai số khảo sát)" in words(made.text("brief"))
    other = report("Thanh Hóa")
    assert other.names["par_ranks"].at["Thanh Hóa", "upper"] < 43
    assert other.names["beyond"]["PAR", "rank"] is None
    assert "Hạng 43 của năm trước nằm ngoài khoảng ấy: chưa rõ thay đổi" in other.text(
        "province-11"
    )
    assert "tăng 14 bậc (chưa rõ có vượt sai số khảo sát không)" in words(other.text("brief"))
    assert "năm trước" not in report("Quảng Ninh").text("province-11")  # it kept its rank


def test_what_is_not_published_is_no_error_of_the_survey(report):
    """With no error each published rank stays by itself, whatever the tables draw of others."""
    made = report("Thanh Hóa")
    scores = made.names["tables"]["PAR"].scores
    nothing = ranking.rank_sets_over_tables(scores, made.names["par_errors"] * 1e-6)
    assert nothing.loc["Thanh Hóa"].tolist() == [29] * 4
    assert nothing.index.tolist() == scores.columns.tolist()


def test_a_change_of_the_score_is_set_against_its_own_errors_alone():
    made = Report("Bình Phước", 2023)  # up by 0.03 while the nation rose by 2.58
    made.run(until="beyond-frame")
    assert made.names["score_change"]["value"] == pytest.approx(0.03)
    assert made.names["errors"]["score_rose"].iloc[1] > 0.9
    assert made.names["beyond"]["SIPAS", "score"] is False


def test_less_is_said_with_a_larger_design_effect(report):
    errors = report("Thanh Hóa").names["errors"]
    assert list(errors.index.round(3)) == [0.375, 1.5, sipas.WIDE]
    sure, probable = (
        errors["upper"] - errors["lower"],
        errors["likely_high"] - errors["likely_low"],
    )
    assert sure.is_monotonic_increasing and probable.is_monotonic_increasing
    assert (probable < sure).all()


def test_a_goal_is_told_with_the_rise_needed_next_year(report):
    made = report("Thanh Hóa").text("province-13")
    # 84.33 and the published 85.74 of Phú Thọ, tenth; and the change expected of the others.
    costs = report("Thanh Hóa").names["costs"]["PAR"].loc["top 10"]
    needed = f"{costs['gain_next_year']:+.2f}".replace(".", ",")
    assert "thiếu 1,41" in made and "Phú Thọ" in made and f"{needed} (" in made
    assert "từ 7 lần biến động trước đó" in made
    first = report("Quảng Ninh").text("province-13")
    # 95.76 less the 89.13 of Hà Tĩnh, eleventh.
    assert "Quảng Ninh đang đứng đầu. Đơn vị" in first and "hơn hạng 11: 6,63" in first
    assert "vẫn giữ được nếu giảm không quá" in first and "Lên hạng" not in first
    costs = report("Quảng Ninh").names["costs"]["PAR"].loc["top 20"]
    assert costs["gain_low"] < 0 < costs["gain_high"] and "−" not in first
    assert f"từ mức được giảm {-costs['gain_low']:.2f} đến mức phải tăng".replace(".", ",") in first


def test_provinces_with_one_score_have_held_two_ranks(report, table):
    rows = table[table["unit_type"].eq("province") & table["part"].eq("")]
    rows = rows[rows["status"].eq("accepted") & rows["measure"].isin(["score", "rank"])]
    both = rows.pivot_table("value", ["index", "year", "unit"], "measure").dropna().reset_index()
    tied = both[both.duplicated(["index", "year", "score"], keep=False)]
    assert len(tied) and not tied.duplicated(["index", "year", "rank"]).any()
    assert "cùng điểm mà khác hạng" in report("Thanh Hóa").text("goals-lead")


def test_the_forecast_is_set_beside_what_came(report):
    made = report("Quảng Ninh").text("fans")
    assert report("Quảng Ninh").names["paths"]["PAR"]["year"].max() == 2021
    assert "91,14" in made and "90,10" not in made  # the scores of 2021 and 2022
    assert "công bố sau đó" in made


def test_an_analyst_tries_another_design_effect(table):
    made = Report("Thanh Hóa")
    made.edit("errors-frame", "effects = now.effects if now else ()", "effects = (1, 4, 9)")
    made.edit("errors-frame", "if e <= now.allowed", "")
    errors = made.run("province-01", "province-02", "figures", "errors-frame")["errors"]
    assert list(errors["standard_error"] / errors["standard_error"].iloc[0]) == pytest.approx(
        [1, 2, 3]
    )


FRAMES_OF = (
    *("curves", "near", "errors", "points", "gains"),
    *("costs", "paths", "years", "peers"),
)


@pytest.mark.parametrize("name", FRAMES_OF)
def test_the_frame_behind_a_table_or_chart_goes_into_a_workbook(report, name, tmp_path):
    comes_back(report("Quảng Ninh").names[name], tmp_path)


FIVE_LINES = """
both_of = {one: standing.years(figures, one, "PAR", year) for one in ("Thanh Hóa", "Nghệ An")}
two = pd.concat(both_of, names=["unit"]).reset_index()
ax = sns.lineplot(two, x="year", y="rank", hue="unit", marker="o")
look = {"labels": LABELS, "sources": cite(two["sources"])}
chart(ax, ("Ai hơn?", "Who leads?"), ("Hạng", "Rank"), two[["unit", "year", "rank"]], **look)
"""


def test_two_provinces_are_compared_in_five_lines(report, table):
    assert len(FIVE_LINES.strip().splitlines()) == 5
    mine = edited(report("Thanh Hóa"), "province_report")
    mine.sources["mine"] = FIVE_LINES
    mine.run("mine")
    page = BeautifulSoup(mine.text("mine"), "html.parser")
    texts = [text.get_text() for text in page.svg.find_all("text")]
    assert {"Thanh Hóa", "Nghệ An", "Năm"} <= set(texts)
    assert page.select("p.source sup.cite a")
    ranks = facts.panel(table, "PAR", "rank").loc["Nghệ An"]
    assert f"{ranks.min():.0f} ({ranks.idxmin()})" in page.svg["aria-label"]


# --- its frames ---------------------------------------------------------------------------------


@pytest.mark.parametrize("unit", KINDS)
def test_the_curve_has_each_rank_once_and_leaves_published_scores_alone(report, table, unit):
    names = report(unit).names
    rows, known = names["curves"]["PAR"], facts.scores(table, "PAR", 2020)
    assert sorted(rows["rank"].dropna()) == list(range(1, 64)) and rows.index.is_unique
    pairs = known.dropna(subset=["score", "rank"])
    assert (rows.loc[pairs.index, "score"] - pairs["score"]).abs().max() < 1e-9
    assert not (rows.loc[pairs.index, "kind"] == "estimated").any()
    assert rows.at["Bến Tre", "rank"] == 44  # not published, and the only one left
    loose = rows[rows["rank"].isna()]
    assert len(loose) and (loose["kind"] != "estimated").all()
    own = names["completed"].by_unit(names["tables"]["PAR"]).loc[unit]
    assert rows.loc[unit, ["rank", "score"]].tolist() == own[["rank", "score"]].tolist()


@pytest.mark.parametrize("unit", KINDS)
def test_the_path_ends_with_the_forecast_and_what_was_published_of_that_year(report, unit):
    names = report(unit).names
    for index, rows in names["paths"].items():
        own = names["fits"][index].history.query("unit == @unit")
        ahead, since = (rows[rows["kind"] == kind] for kind in ("forecast", "since"))
        assert set(own["year"]) <= set(rows["year"]) and set(ahead["year"]) == {2021}
        assert set(since["year"]) <= {2021} and (since["sources"] != "").all()
        assert (ahead["score_80_low"] <= ahead["score"]).all() and (ahead["sources"] == "").all()
        assert rows.loc[rows["kind"] != "forecast", names["ENDS"]].isna().all(axis=None)


def test_the_fan_names_what_it_shows_and_writes_the_scores(report):
    made = report("Quảng Ninh")
    chart = BeautifulSoup(made.shown["fans"][0], "html.parser")
    texts = {told.get_text() for told in chart.find_all("text")}
    assert {
        "công bố sau đó",
        "bình quân cả nước",
        "khoảng dự báo 50%, 80% và 95%",
        "91,14",
    } <= texts


def test_what_the_forecast_leaves_out_is_told_below_it(report):
    made = Report("Hậu Giang")
    made.run(until="province-27")
    assert 2020 not in made.names["paths"]["PAR"]["year"].to_list()
    assert (
        "Điểm PAR INDEX năm 2020 của Hậu Giang (84,51 điểm) được suy ra từ kết quả năm 2021. Dự "
        "báo không dùng số liệu của năm sau nên không tính đến điểm này."
    ) in made.text("province-27")
    assert "suy ra" not in report("Quảng Ninh").text("province-27")


# --- the parts ----------------------------------------------------------------------------------


def test_parts_are_set_against_the_maximum_and_the_others(report, table):
    other = edited(report("Thanh Hóa"), "province_report")

    def gains(unit, year, figures=table):
        other.names.update(name=unit, year=year, figures=figures)
        other.run("parts-years-frame", "parts-gains-of", "parts-gains-frame")
        return other.names["gains_in"](year)

    pairs = [
        (unit, year) for year in range(2017, 2025) for unit in facts.parts(table, "PAR", year).index
    ]
    assert len(pairs) > 30
    schemes, seen = facts.schemes(), set()
    for unit, year in pairs:
        points = facts.parts(table, "PAR", year)
        own = points.loc[unit].dropna().index.intersection([*facts.FIELDS, *facts.BLOCKS])
        known = own.isin(facts.maximum_points(schemes, year).index)
        compared = (known | (points[own].drop(index=unit).notna().sum() >= 3)).any()
        found = gains(unit, year)
        assert found.empty != compared
        assert not (found["points"] - found["max_points"] > 0.005).any()
        assert found["to_gain"].is_monotonic_decreasing
        assert set(found.index) <= set(facts.FIELDS) or set(found.index) <= set(facts.BLOCKS)
        seen.add(compared)
    assert seen == {True, False}
    found = gains("Quảng Ninh", 2020)
    # 23.5 less 18.83; the maximum is published, and no longer 33.5 less 10.
    assert found.at["managers_survey", "lost"] == pytest.approx(4.67)
    assert found.at["managers_survey", "max_kind"] == "published"
    assert tuple(found.loc["managers_survey", ["best", "best_unit"]]) == (20.28, "Hà Nội")
    # Two fields are known too, which say less of the 13.86 points lost.
    assert gains("Kon Tum", 2023)["lost"].sum() == pytest.approx(13.86)
    alone = table[(table["unit"] == "Phú Thọ") & table["part"].isin(facts.FIELDS)]
    assert gains("Phú Thọ", 2020, alone).empty


def test_parts_of_the_nearest_year_that_tells_something_are_shown_under_its_name(report):
    dong_nai = report("Đồng Nai")  # none of 2020; seven of 2018, whose maximum is published
    assert (dong_nai.names["parts_year"], len(dong_nai.names["gains"])) == (2018, 7)
    chart = words(dong_nai.text("parts-chart"))
    assert "Điểm chưa đạt theo thành phần PAR INDEX 2018" in chart
    assert "điểm thành phần năm 2020 chưa có trong các nguồn tìm được" in chart
    assert "Nơi khác cao nhất 2018" in words(dong_nai.text("parts-tables"))
    # All eight of 2021, but one other has published seven, and no maximum is known.
    thanh_hoa = report("Thanh Hóa")
    assert thanh_hoa.names["gains"].empty and thanh_hoa.text("parts-chart") == ""
    quang_ninh = report("Quảng Ninh")
    assert quang_ninh.names["parts_year"] == 2020
    # Its own loss of 4.67 lies on the median of the others, and is drawn after it.
    drawn, own = quang_ninh.names["on_top"], quang_ninh.names["gains"]
    assert drawn["who"].iloc[-len(own) :].eq("points").all()
    assert drawn["part"].iloc[-len(own) :].to_list() == own.index.to_list()
    assert "Điểm chưa đạt theo thành phần PAR INDEX 2020" in quang_ninh.text("parts-chart")


def test_the_parts_of_every_province_can_be_written(report, table):
    other = edited(report("Thanh Hóa"), "province_report")
    of_this = ("parts-gains-of-a", "parts-gains-of-b", "parts-gains-of", "parts-gains-frame")
    other.run(*of_this)  # that they take the names of this one
    for unit in units.provinces()["name"]:
        other.names["name"] = unit
        other.run("parts-years-frame", "parts-frames")
        points, gains = other.names["points"], other.names["gains"]
        assert points.empty != bool(standing.years_with_parts(table, unit, 2020))
        if len(points):
            wide = parts.in_words(points, gains)
            assert wide.notna().all(axis=None) and next(iter(wide)) == str(points["year"].max())
            notes = parts.notes(points, gains, table, unit)
            assert all(isinstance(note, str) for note in notes)
            starred = wide[points["year"].astype(str).unique()].to_numpy().astype(str)
            derived = any("*" in told for told in starred.ravel())
            assert derived == any("* Suy ra" in note for note in notes), unit
            if unit == "Bắc Kạn":
                assert wide.at["steering", "2020"] == "hạng 62\N{NO-BREAK SPACE}*"
                assert "chính (2020): hạng năm 2021 (28) cộng 34 bậc" in notes[0]
    # Shares of three parts in its own year, which nothing is known to compare with.
    other.names.update(name="Hòa Bình", year=2022)
    other.run("parts-years-frame", "parts-frames", "parts-title", "parts-title-other")
    assert other.names["parts_year"] == 2023
    best = other.names["gains"]["best"].dropna()  # of two others known none is told as the best
    assert list(best.index) == ["managers_survey"] and best.iloc[0] == 18.33
    assert "đã biết của năm 2022 chưa đủ để so" in other.names["other_year"]


# --- what every page has ------------------------------------------------------------------------


@pytest.mark.parametrize(
    "make", [page.reading_guide, lambda: page.title("", "", page.administrative_note("Huế", 2025))]
)
def test_both_languages_say_the_same_of_what_every_page_has(make):
    vi, en = languages.both(make)
    assert vi != en
    assert languages.vietnamese_in(en) == []


class TestAdministrativeNote:
    @pytest.mark.parametrize(
        ("unit", "words"),
        [
            ("Bình Định", "tỉnh Bình Định hợp nhất với tỉnh Gia Lai để thành lập tỉnh Gia Lai mới"),
            ("Gia Lai", "tỉnh Gia Lai hợp nhất với tỉnh Bình Định để thành lập tỉnh Gia Lai mới"),
            ("Bình Dương", "và Thành phố Hồ Chí Minh để thành lập Thành phố Hồ Chí Minh mới"),
            ("Thừa Thiên Huế", "Từ ngày 01/01/2025, tỉnh Thừa Thiên Huế trở thành thành phố Huế."),
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
