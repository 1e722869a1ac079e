"""What a reader sees of trajectories, for every kind of province and year."""

import re

import html5lib
import languages
import pytest

from helpers import facts, language, trajectories, wording
from helpers.charts.trajectories import fan
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
    return {year: trajectories.fitted(table, "SIPAS", year, folder) for year in (2020, 2021)}


@pytest.fixture
def cite():
    return Citations(facts.sources())


def html(piece) -> str:
    made = piece._repr_html_()
    html5lib.HTMLParser(strict=False).parseFragment(made)
    assert "nan" not in made.lower().split() and "None" not in made
    return made


@pytest.mark.parametrize("unit", KINDS)
def test_two_sentences_for_every_kind_of_province(found, unit):
    first, second = show.province_sentences(found[2020], unit)
    assert unit in first and "SIPAS năm 2021" in first and first.endswith(".")
    if unit in set(found[2020].history["unit"]):
        assert "sai bình quân" in second and second.endswith("% trường hợp.")
    else:
        assert "chưa được kiểm nghiệm riêng" in second and "sai bình quân" not in second
    no_forecast, nothing = show.province_sentences(found[2021], unit)
    assert "Chưa thể dự báo" in no_forecast and nothing == ""


def test_the_sentence_tells_the_cover_of_scores_and_that_of_ranks(found):
    fit = found[2020]
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
    made = html(show.fan_chart(found[year], table, unit))
    assert unit in made


def test_published_values_are_laid_on_the_fan(table, found):
    published = facts.panel(table, "SIPAS")[2021].dropna()
    made = html(show.fan_chart(found[2020], table, published.index[0]))
    assert "công bố sau đó" in made


def test_the_outlook_tells_the_result_found_and_whether_the_forecast_held_it(table, found, cite):
    fit = found[2020]
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


def test_fan_says_when_there_is_nothing(found):
    fit = found[2020]
    empty = fit.history.iloc[:0]
    assert "Chưa có số liệu" in fan(empty, fit.forecasts.iloc[:0]).texts[0].get_text()


def test_a_year_with_too_little_has_no_fit(table):
    assert show.fits(table, 2013) == {}


def test_every_way_of_forecasting_has_its_name():
    assert len({words.method(key) for key in trajectories.METHODS}) == len(trajectories.METHODS)


def test_both_languages_say_the_same_numbers(table, found, cite):
    fit = found[2020]
    made = {
        "sentences": lambda: " ".join(show.province_sentences(fit, "Thanh Hóa")),
        "fan": lambda: show.fan_chart(fit, table, "Thanh Hóa"),
        "outlook": lambda: show.outlook({"SIPAS": fit}, table, "Quảng Ninh", cite),
        "outlook of nothing": lambda: show.outlook({"SIPAS": fit}, table, "Bình Định", cite),
    }
    for name, make in made.items():
        vi, en = languages.both(make)
        assert languages.vietnamese_in(en) == [], name
        assert languages.numbers(vi, "vi") == languages.numbers(en, "en"), name


def test_the_fan_is_told_in_sentences_of_its_numbers(table, found):
    for lang in language.NAMES:
        with language.using(lang):
            made = html(show.fan_chart(found[2020], table, "Thanh Hóa"))
        told = re.search('<svg[^>]* aria-label="([^"]*)"', made).group(1)
        assert len(re.findall(r"[.](?: |$)", told)) >= 2 and re.search(r"\d", told)
