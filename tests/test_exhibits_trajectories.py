"""What a reader sees of trajectories, for every kind of province and year."""

import dataclasses
import re

import html5lib
import languages
import numpy as np
import pytest

from helpers import charts, facts, language, trajectories, units, wording
from helpers.charts.trajectories import fan, slopes, spread
from helpers.citations import Citations
from helpers.exhibits import trajectories as show
from helpers.exhibits.trajectories import words

# Often published; once; never; the one with the slope to see.
KINDS = ["Thanh Hóa", "Bình Định", "Kiên Giang", "Quảng Ngãi"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("fits")


@pytest.fixture(scope="module")
def found(table, folder):
    """SIPAS to 2020 and, as it has no forecast, to 2021."""
    made = {}
    for year in (2020, 2021):
        fit = trajectories.fitted(table, "SIPAS", year, folder)
        made[year] = (trajectories.panel(table, "SIPAS", year, draws=20), fit)
    return made


@pytest.fixture
def cite():
    return Citations(facts.sources())


def html(piece) -> str:
    made = piece._repr_html_()
    html5lib.HTMLParser(strict=False).parseFragment(made)
    assert "nan" not in made.lower().split() and "None" not in made
    return made


def test_the_verdict_names_the_winner_even_if_naive(found):
    fit = found[2020][1]
    text = show.verdict(fit)
    assert words.method(fit.best["method"]) in text
    assert ("không cần mô hình" in text) == (fit.best["method"] != "mixed")
    assert ("Ưu thế này rõ ràng" in text) == fit.best["sure"]


@pytest.mark.parametrize("unit", KINDS)
def test_two_sentences_for_every_kind_of_province(found, unit):
    first, second = show.province_sentences(found[2020][1], unit)
    assert unit in first and "SIPAS năm 2021" in first and first.endswith(".")
    if unit in set(found[2020][1].history["unit"]):
        assert "sai bình quân" in second and second.endswith("% trường hợp.")
    else:
        assert "chưa được kiểm nghiệm riêng" in second and "sai bình quân" not in second
    no_forecast, nothing = show.province_sentences(found[2021][1], unit)
    assert "Chưa thể dự báo" in no_forecast and nothing == ""


def test_the_sentence_tells_the_cover_of_scores_and_that_of_ranks(found):
    fit = found[2020][1]
    own = fit.scores.query("method == @fit.best['method'] and horizon == 1").set_index("target")
    shares = [words.share(own.at[target, "cover_80"]) for target in ("score", "rank")]
    assert shares[0] != shares[1]
    vi, en = languages.both(lambda: show.province_sentences(fit, "Thanh Hóa")[1])
    assert f"điểm thật trong {shares[0]} trường hợp" in vi
    assert f"hạng thật trong {shares[1]} trường hợp" in vi
    assert f"true score {shares[0]} of the time and the true rank {shares[1]}." in en


@pytest.mark.parametrize("year", [2020, 2021])
@pytest.mark.parametrize("unit", KINDS)
def test_fan_for_every_kind_of_province(table, found, unit, year):
    made = html(show.fan_chart(found[year][1], table, unit))
    assert unit in made


def test_published_values_are_laid_on_the_fan(table, found):
    published = facts.panel(table, "SIPAS")[2021].dropna()
    made = html(show.fan_chart(found[2020][1], table, published.index[0]))
    assert "công bố sau đó" in made


def test_the_outlook_tells_the_result_found_and_whether_the_forecast_held_it(table, found, cite):
    fit = found[2020][1]
    later = trajectories.beside_published(fit, table)
    later = later[later["year"] == 2021].set_index("unit")
    for unit in ("Quảng Ninh", later.index[later["inside_80"].eq(False)][0]):
        row = later.loc[unit]
        made = html(show.outlook({"SIPAS": fit}, table, unit, cite))
        assert wording.score(row["observed_score"], "SIPAS") in made
        place = "nằm trong" if row["inside_80"] else "nằm ngoài"
        assert f"{place} khoảng dự báo" in made
        assert 'class="cite"' in made
    unknown = next(unit for unit in fit.history["unit"] if unit not in later.index)
    made = html(show.outlook({"SIPAS": fit}, table, unknown, cite))
    assert "Chưa tìm thấy kết quả năm 2021" in made


def test_the_fan_of_the_next_year_shows_no_later_one(table):
    fit = trajectories.fitted(table, "PAR", 2020)
    made = html(show.fan_chart(fit, table, "Quảng Ninh", ahead=1))
    assert ">2021<" in made and ">2022<" not in made
    assert "91,14" in made and "90,10" not in made  # the scores of 2021 and 2022
    assert ">2022<" in html(show.fan_chart(fit, table, "Quảng Ninh"))


def test_every_province_is_in_the_table(found):
    made = html(show.forecasts_table(found[2020][1], 2021))
    assert all(name in made for name in units.provinces()["name"])
    assert "không có dự báo năm 2022" in html(show.forecasts_table(found[2021][1], 2022))


def test_the_table_says_that_ranks_may_coincide(found):
    fit = found[2020][1]
    ranks = fit.forecasts.query("method == @fit.best['method'] and year == 2021")["rank"]
    assert ranks.duplicated().any()
    vi, en = languages.both(lambda: show.forecasts_table(fit, 2021))
    assert "trùng một hạng" in vi and "several may share one" in en


def test_hindsight(table, found):
    beside = trajectories.beside_published(found[2020][1], table).dropna(subset="observed_score")
    made = html(show.hindsight_table(found[2020][1], table))
    assert f">{len(beside)}<" in made
    assert "chưa có kết quả nào" in html(show.hindsight_table(found[2021][1], table))


def test_looking_back(table, found, cite):
    panel, fit = found[2020]
    pieces = [
        show.verdicts({"SIPAS": (panel, fit)}),
        show.regions_chart(fit, "Thanh Hóa"),
        show.slope_chart(table, "PAR", 2020, "Hà Nội"),
        show.backtest_chart(fit),
        show.backtest_table(fit),
        show.model_report(fit),
        show.sigma_chart(panel),
        show.beta_text(panel, 2019, 2020),
        show.beta_text(panel, 2017, 2020),
        show.mobility_table(panel),
        show.correlation_table(panel),
        show.movers_table(table, panel, 2020),
        show.typology_units(table, panel),
    ]
    made = "".join(html(piece) for piece in pieces)
    assert "Sai số" in made and "mức đối chứng" in made.lower()
    counts = html(show.typology_table(table, panel, cite))
    assert all(f">{number}<" in counts for number in (21, 41, 1))
    risen = trajectories.risen(table, panel)
    missed = (risen["announced"] < risen["low"]) | (risen["announced"] > risen["high"])
    assert counts.count("nằm ngoài khoảng") == missed.sum()


def test_slope_chart_where_nothing_is_published(table):
    assert "Chưa có nơi nào" in html(show.slope_chart(table, "SIPAS", 2016))


def test_typology_needs_its_years(table, cite):
    panel = trajectories.panel(table, "SIPAS", 2019, draws=5)
    for piece in (show.typology_table(table, panel, cite), show.typology_units(table, panel)):
        assert "chưa đủ" in html(piece)
    assert "chưa đủ" in html(show.movers_table(table, panel, 2016))


def test_a_year_with_too_little_says_so(table):
    assert show.study(table, 2013) == {}
    assert "chưa đủ" in html(show.verdicts({}))


def test_reasons_all_have_words(found):
    for _, fit in found.values():
        assert all(words.reason(key) for key in fit.model["reasons"])
    assert set(words.methods()) == set(trajectories.METHODS)
    assert set(words.classes()) == set(trajectories.CLASSES)


def test_labels_keep_apart_and_in_order():
    values = np.array([1.0, 1.01, 5.0, 1.02, 4.99])
    placed = spread(values, 0.5)
    assert np.diff(np.sort(placed)).min() >= 0.5 - 1e-9
    assert (np.argsort(placed) == np.argsort(values)).all()
    assert spread(np.array([1.0, 9.0]), 0.5) == pytest.approx([1.0, 9.0])


def test_labels_of_the_slope_chart_do_not_collide(table):
    wide = facts.panel(table, "PAR")[[2019, 2020]].dropna().set_axis(["before", "after"], axis=1)
    ax = slopes(wide, (2019, 2020))
    charts.title(ax, "finding", "subtitle")
    ax.figure.canvas.draw()
    boxes = [text.get_window_extent() for text in ax.texts]
    assert len(boxes) == 2 * len(wide)
    for i, box in enumerate(boxes):
        assert not any(box.overlaps(other) for other in boxes[i + 1 :])


def test_fan_says_when_there_is_nothing(found):
    fit = found[2020][1]
    empty = fit.history.iloc[:0]
    assert "Chưa có số liệu" in fan(empty, fit.forecasts.iloc[:0]).texts[0].get_text()


def test_what_the_intervals_held_is_told_with_its_numbers(table, found):
    panel, fit = found[2020]
    made = html(show.coverage_report(panel, fit, table))
    own = fit.scores[(fit.scores["target"] == "score") & (fit.scores["horizon"] == 1)]
    row = own.set_index("method").loc[fit.best["method"]]
    assert f"chứa {100 * row['cover_80']:.0f}% trong {row['cases']} điểm công bố" in made
    assert ("quá rộng" in made) == (row["cover_80"] > 0.9)
    since = trajectories.beside_published(fit, table)
    inside = since["inside_80"].dropna().astype(bool)
    told = f"{100 * inside.mean():.0f}% trong {len(inside)} điểm công bố sau đó nằm trong"
    assert told in made
    assert "khi đã thấy kết quả đến năm 2024" in made
    nothing_since = html(show.coverage_report(*found[2021], table))
    assert "dự báo từ năm 2021" not in nothing_since


def test_the_national_change_expected_is_told(found):
    fit = found[2020][1]
    made = html(show.national_text(fit))
    assert f"+{fit.national['expected']:.2f}".replace(".", ",") in made and "3 lần" in made


def test_a_forecast_for_merged_provinces_says_so(found):
    fit = found[2020][1]
    ahead = fit.forecasts.assign(year=fit.forecasts["year"] + 4)
    moved = dataclasses.replace(fit, forecasts=ahead)
    assert "hợp nhất còn 34" in html(show.forecasts_table(moved, 2025))
    assert "hợp nhất" not in html(show.forecasts_table(fit, 2021))


def test_sources_of_the_panels_are_listed(table, found, cite):
    show.cite_figures(table, {"SIPAS": found[2020]}, cite)
    rows = facts.select(table, index="SIPAS", unit_type="province", measure="score", part="")
    rows = rows[rows["year"].between(2017, 2020)]
    listed = cite.listed()
    assert all(f'"source-{id}"' in listed for ids in rows["sources"] for id in ids.split())


def exhibits(table, panel, fit, typology, cite) -> dict:
    """Every exhibit of the page, by name."""
    return {
        "heading": lambda: show.heading(2020),
        "verdicts": lambda: show.verdicts({"SIPAS": (panel, fit)}),
        "sentences": lambda: " ".join(show.province_sentences(fit, "Thanh Hóa")),
        "regions": lambda: show.regions_chart(fit, "Thanh Hóa"),
        "slopes": lambda: show.slope_chart(table, "SIPAS", 2020, "Hà Nội"),
        "no slopes": lambda: show.slope_chart(table, "SIPAS", 2016),
        "backtest chart": lambda: show.backtest_chart(fit),
        "backtest table": lambda: show.backtest_table(fit),
        "coverage": lambda: show.coverage_report(panel, fit, table),
        "model": lambda: show.model_report(fit),
        "nation": lambda: show.national_text(fit),
        "hindsight": lambda: show.hindsight_table(fit, table),
        "fan": lambda: show.fan_chart(fit, table, "Thanh Hóa"),
        "outlook": lambda: show.outlook({"SIPAS": fit}, table, "Quảng Ninh", cite),
        "outlook of nothing": lambda: show.outlook({"SIPAS": fit}, table, "Bình Định", cite),
        "forecasts": lambda: show.forecasts_table(fit, 2021),
        "no forecasts": lambda: show.forecasts_table(fit, 2030),
        "typology": lambda: show.typology_table(table, typology, cite),
        "classes": lambda: show.typology_units(table, typology),
        "sigma": lambda: show.sigma_chart(panel),
        "beta": lambda: show.beta_text(panel, 2019, 2020),
        "no beta": lambda: show.beta_text(panel, 2018, 2020),
        "mobility": lambda: show.mobility_table(panel),
        "correlation": lambda: show.correlation_table(panel),
        "movers": lambda: show.movers_table(table, panel, 2020),
        "no movers": lambda: show.movers_table(table, panel, 2016),
    }


def test_both_languages_say_the_same_numbers(table, found, cite):
    panel, fit = found[2020]
    for name, make in exhibits(table, panel, fit, panel, cite).items():
        vi, en = languages.both(make)
        assert languages.vietnamese_in(en) == [], name
        assert languages.numbers(vi, "vi") == languages.numbers(en, "en"), name


def test_every_chart_is_told_in_sentences_of_its_numbers(table, found):
    panel, fit = found[2020]
    made = exhibits(table, panel, fit, panel, None)
    for lang in language.NAMES:
        for name in ("regions", "slopes", "backtest chart", "fan", "sigma"):
            with language.using(lang):
                told = re.search('aria-label="([^"]*)"', html(made[name]())).group(1)
            assert len(re.findall(r"[.](?: |$)", told)) >= 2 and re.search(r"\d", told), name
