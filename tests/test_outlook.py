"""What a reader sees of trajectories, for every kind of province and year."""

import html5lib
import languages
import matplotlib.pyplot as plt
import pytest

from helpers import facts, trajectories, wording
from helpers.citations import Citations
from helpers.report.province import outlook as show

# Often published; once; never; the one with the slope to see.
KINDS = ["Thanh Hóa", "Bình Định", "Kiên Giang", "Quảng Ngãi"]


@pytest.fixture(scope="module")
def found(table):
    """SIPAS to 2020 and, as it has no forecast, to 2021."""
    return {year: trajectories.fitted(table, "SIPAS", year) for year in (2020, 2021)}


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
    shares = [f"{own.at[target, 'cover_80']:.0%}" for target in ("score", "rank")]
    assert shares[0] != shares[1]
    vi, en = languages.both(lambda: show.province_sentences(fit, "Thanh Hóa")[1])
    assert f"điểm thật trong {shares[0]} trường hợp" in vi
    assert f"hạng thật trong {shares[1]} trường hợp" in vi
    assert f"true score {shares[0]} of the time and the true rank {shares[1]}." in en


@pytest.mark.parametrize("year", [2020, 2021])
@pytest.mark.parametrize("unit", KINDS)
def test_the_path_of_every_kind_of_province(table, found, unit, year):
    fit = found[year]
    rows, own = show.path(fit, table, unit), fit.history[fit.history["unit"] == unit]
    # Of a year without a forecast a single score, or none, makes no line.
    assert (
        len(rows) == 0 if year == 2021 and len(own) < 2 else set(own["year"]) <= set(rows["year"])
    )
    ahead = rows[rows["kind"] == "forecast"]
    assert (ahead["year"] > fit.last_year).all() and (ahead["sources"] == "").all()
    assert (ahead["score_80_low"] <= ahead["score"]).all()
    assert rows.loc[rows["kind"] != "forecast", show.ENDS].isna().all(axis=None)


def test_published_values_are_laid_on_the_fan(table, found):
    unit = facts.panel(table, "SIPAS")[2021].dropna().index[0]
    rows = show.path(found[2020], table, unit)
    mean = show.means(found[2020], table, rows)["mean"]
    assert set(mean.index) <= set(range(2017, 2023)) and mean.notna().all()
    ax = show.fan(rows, mean)
    [key] = ax.figure.legends
    assert "công bố sau đó" in [told.get_text() for told in key.get_texts()]
    row = rows[rows["kind"] == "since"].iloc[0]
    assert wording.number(row["score"]) in [told.get_text() for told in ax.texts]
    plt.close(ax.figure)


def test_the_result_is_the_title_and_the_forecast_stands_below(table, found, cite):
    fit = found[2020]
    later = trajectories.beside_published(fit, table)
    later = later[later["year"] == 2021].set_index("unit")
    for unit in ("Quảng Ninh", later.index[later["inside_80"].eq(False)][0]):
        row = later.loc[unit]
        told = show.result(fit, table, unit, cite)
        assert f"SIPAS năm 2021: {wording.score(row['observed_score'], 'SIPAS')}" in told
        verdict = "đúng khoảng dự báo"
        if not row["inside_80"]:
            above = row["observed_score"] > row["score_80_high"]
            verdict = "cao hơn dự báo" if above else "thấp hơn dự báo"
        assert verdict in told and 'class="cite"' in told
        title, below = show.titles(fit, table, unit)
        assert title == f"{unit}, {show.result(fit, table, unit)}"
        assert below.startswith(show.forecast_of(fit, unit))
    unknown = next(unit for unit in fit.history["unit"] if unit not in later.index)
    assert show.result(fit, table, unknown) == ""
    assert show.titles(fit, table, unknown)[0] == f"{unknown}, {show.forecast_of(fit, unknown)}"


def test_a_result_and_its_forecast_never_contradict(table):
    """What is said of a result is where it lies in the interval that is told beside it."""
    for index in facts.INDICES:
        fit = trajectories.fitted(table, index, 2020)
        later = trajectories.beside_published(fit, table).query("year == 2021").set_index("unit")
        assert len(later) > 20
        for unit, row in later.iterrows():
            told = show.result(fit, table, unit)
            sides = {
                "cao hơn": row["observed_score"] > row["score_80_high"]
                or row["observed_rank"] < row["rank_80_low"],
                "thấp hơn": row["observed_score"] < row["score_80_low"]
                or row["observed_rank"] > row["rank_80_high"],
            }
            assert {side for side in sides if side in told} == {
                s for s, is_so in sides.items() if is_so
            }


def test_how_far_to_trust_is_told_once_for_both(table, found, cite):
    fits = show.fits(table, 2020)
    made = html(show.outlook(fits, "Thanh Hóa"))
    assert made.count("<p>") == 1 and made.count("sai bình quân") == 2
    assert "chưa được kiểm nghiệm riêng" in html(show.outlook(fits, "Bình Định"))
    assert html(show.outlook({"SIPAS": found[2021]}, "Thanh Hóa")) == ""


def test_the_path_of_the_next_year_shows_no_later_one(table):
    fit = trajectories.fitted(table, "PAR", 2020)
    rows = show.path(fit, table, "Quảng Ninh", ahead=1)
    assert rows["year"].max() == 2021 and 91.14 in set(rows["score"])
    assert show.path(fit, table, "Quảng Ninh")["year"].max() > 2021


def test_a_year_with_too_little_has_no_fit(table):
    assert show.fits(table, 2013) == {}


def test_every_way_of_forecasting_has_its_name():
    assert set(show.METHOD) == set(trajectories.METHODS)


def test_both_languages_say_the_same_numbers(table, found, cite):
    fit = found[2020]
    made = {
        "sentences": lambda: " ".join(show.province_sentences(fit, "Thanh Hóa")),
        "titles": lambda: " ".join(show.titles(fit, table, "Thanh Hóa")),
        "titles with a result": lambda: " ".join(show.titles(fit, table, "Quảng Ninh")),
        "forecast": lambda: show.forecast_of(fit, "Bình Định"),
        "outlook": lambda: show.outlook({"SIPAS": fit}, "Quảng Ninh"),
        "outlook of nothing": lambda: show.outlook({"SIPAS": fit}, "Bình Định"),
    }
    for name, make in made.items():
        vi, en = languages.both(make)
        assert languages.vietnamese_in(en) == [], name
        assert languages.numbers(vi, "vi") == languages.numbers(en, "en"), name
