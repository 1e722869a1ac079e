"""What a reader sees of trajectories, for every kind of province and year."""

from dataclasses import replace

import html5lib
import languages
import pytest

from helpers import facts, trajectories, units, wording
from helpers.citations import Citations
from helpers.report.province import outlook as show


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


def test_a_province_that_cannot_be_forecast_is_told_so(table, found):
    vi, en = languages.both(lambda: show.titles(found[2021], table, "Thanh Hóa")[0])
    assert vi == "SIPAS: không dự báo năm 2022 cho Thanh Hóa, vì từ năm ấy SIPAS đổi cách khảo sát"
    assert en == "SIPAS: no forecast of Thanh Hóa for 2022: its survey changed that year"
    assert show.titles(found[2021], table, "Thanh Hóa")[1] == "SIPAS (%)"  # no way of forecasting
    few = replace(found[2020], forecasts=found[2020].forecasts[:0])
    assert show.titles(few, table, "Thanh Hóa")[0].endswith("vì số liệu công bố chưa đủ")


def test_no_forecast_reaches_across_the_merger_but_scores_of_who_stayed(table, found):
    fit = found[2020]
    later = fit.forecasts.assign(year=fit.forecasts["year"] + units.MERGER - 2021)
    fit = replace(fit, last_year=units.MERGER - 1, forecasts=later)
    assert len(set(show.used(fit)["unit"])) == 11
    for unit in ("Quảng Ngãi", "Hải Phòng", "Kon Tum"):  # of the first two the name is left
        told = languages.both(lambda unit=unit: show.titles(fit, table, unit)[0])
        assert told[0].startswith(f"SIPAS: không dự báo năm 2025 cho {unit}, vì từ ngày 01/7/2025")
        assert languages.numbers(told[0], "vi") == languages.numbers(told[1], "en")
    told = show.titles(fit, table, "Hà Nội")[0]
    assert "dự báo" in told and "không dự báo hạng, vì từ năm 2025 chỉ còn 34 đơn vị" in told
    # No chart of years says so where there are none.
    bare = replace(fit, history=fit.history[:0])
    assert "vì từ ngày 01/7/2025" in html(show.outlook({"SIPAS": bare}, table, "Kon Tum"))
    assert html(show.outlook({"SIPAS": fit}, table, "Hải Phòng")) == ""


def test_the_result_is_the_title_and_the_forecast_stands_below(table, found, cite):
    fit = found[2020]
    later = trajectories.beside_published(fit, table)
    later = later[later["year"] == 2021].set_index("unit")
    for unit in ("Quảng Ninh", later.index[later["inside_80"].eq(False)][0]):
        row = later.loc[unit]
        told = show.result(fit, table, unit, cite)
        assert f"SIPAS năm 2021: {wording.score(row['observed_score'], 'SIPAS')}" in told
        verdict = "trong khoảng dự báo"
        if not row["inside_80"]:
            above = row["observed_score"] > row["score_80_high"]
            verdict = "tốt hơn dự báo" if above else "kém hơn dự báo"
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
                "tốt hơn": row["observed_score"] > row["score_80_high"]
                or row["observed_rank"] < row["rank_80_low"],
                "kém hơn": row["observed_score"] < row["score_80_low"]
                or row["observed_rank"] > row["rank_80_high"],
            }
            assert {side for side in sides if side in told} == {
                s for s, is_so in sides.items() if is_so
            }


def test_how_far_to_trust_is_told_once_for_both(table, found, cite):
    fits = show.fits(table, 2020)
    made = html(show.outlook(fits, table, "Thanh Hóa"))
    assert made.count("<p>") == 1 and made.count("sai bình quân") == 2
    own = fits["SIPAS"].scores.query("method == @fits['SIPAS'].best['method'] and horizon == 1")
    rows = own.set_index("target").loc[["score", "rank"]]
    held = (rows["cover_80"] * rows["cases"]).round().astype(int).astype(str)
    scores, ranks = held + "/" + rows["cases"].astype(str)  # a share of seven would say too much
    assert (
        scores != ranks and f"khoảng dự báo 80% chứa {scores} điểm và {ranks} hạng công bố" in made
    )
    assert "PAR INDEX (2017–2020) sai bình quân" in made
    assert "SIPAS (riêng năm 2020) sai bình quân" in made and "các năm" not in made
    assert "chưa được kiểm nghiệm riêng" in html(show.outlook(fits, table, "Bình Định"))
    assert html(show.outlook({"SIPAS": found[2021]}, table, "Quảng Ninh")) == ""


def test_what_is_said_not_to_be_found_is_not_found(table):
    """Of an index without a score, and of none besides; what is left out is said to be."""
    fits, seen = show.fits(table, 2020), set()
    for unit in units.provinces()["name"]:
        made = html(show.outlook(fits, table, unit))
        for index, fit in fits.items():
            first = trajectories.regime(index, 2020)[0]
            scores = facts.select(table, unit=unit, index=index, measure="score", part="")
            scores = scores[scores["year"].between(first, 2020)]
            later = scores[scores["derivation"].str.contains("2021")]
            bare = fit.history[fit.history["unit"] == unit].empty
            said = f"{wording.INDEX[index]} ({first}–2020)" in made
            assert said == bare and (len(scores) == len(later) or not bare), (unit, index)
            for year, value in zip(later["year"], later["value"], strict=True):
                name = f"Điểm {wording.INDEX[index]} năm {year} của {wording.unit_name(unit)}"
                value = wording.score(value, index)
                assert f"{name} ({value}) được suy ra từ kết quả năm 2021. Dự báo" in made
            seen.add((bare, len(later) > 0))
        assert ("suy ra từ kết quả" in made) == any(
            len(show.left_out(fit, table, unit)) for fit in fits.values()
        )
    assert len(seen) == 4
    assert "Chưa tìm thấy điểm SIPAS (2017–2020) nào của Phú Thọ:" in html(
        show.outlook(fits, table, "Phú Thọ")
    )
    told = languages.both(lambda: show.outlook(fits, table, "Bắc Ninh")._repr_html_())
    assert "Ngoài điểm ấy, chưa tìm thấy" in told[0]
    assert languages.vietnamese_in(told[1].replace("Bắc Ninh", "")) == []
    assert languages.numbers(told[0], "vi") == languages.numbers(told[1], "en")


def test_a_year_with_too_little_has_no_fit(table):
    assert show.fits(table, 2013) == {}


def test_every_way_of_forecasting_has_its_name():
    assert set(show.METHOD) == set(trajectories.METHODS)
