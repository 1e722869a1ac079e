"""What a reader sees on reform and satisfaction: every year, in words, tables and charts."""

import re

import html5lib
import languages
import numpy as np
import pandas as pd
import pytest

from helpers import association, charts, facts, language, wording
from helpers.charts.association import interval
from helpers.citations import Citations
from helpers.exhibits import association as show
from helpers.exhibits import association_models as models
from helpers.exhibits import completed, numbers, verdict

# What would say that one causes the other. The words of `verdict._caution` deny it.
CAUSAL = {
    "vi": r"gây|dẫn đến|dẫn tới|nhờ|làm cho|làm tăng|khiến|tác động|do cải cách|vì cải cách",
    "en": r"caus|because|due to|leads? to|thanks to|effect|improv|makes? people|results? in",
}


# Without any figure, with two pairs, with a full study, with one of the new survey.
YEARS = [2012, 2017, 2020, 2022]


@pytest.fixture(scope="module")
def schemes():
    return facts.schemes()


@pytest.fixture(scope="module")
def panel(table, schemes):
    return models.panel(table, schemes)


@pytest.fixture(scope="module")
def by_year(table, schemes):
    return association.by_year(table, schemes, resamples=100)


@pytest.fixture(scope="module")
def study(table, schemes):
    """Studies by year, each made once."""
    made = {}

    def of(year: int):
        if year not in made:
            tables = completed.by_index(table, year)
            made[year] = show.study(table, schemes, year, tables), tables
        return made[year]

    return of


@pytest.fixture
def cite():
    return Citations(facts.sources())


def everything(table, schemes, found, tables, panel, by_year, cite) -> list:
    year = found["year"]
    return [
        show.heading(year),
        show.size_guide(),
        show.reported(found),
        show.scatter(found, tables),
        show.pairs_table(found, cite),
        show.range_note(found, tables),
        show.over_all(found),
        show.sensitivity_chart(found),
        show.part_in_whole(found),
        show.stand_in_table(table, schemes, year),
        show.noise(found, cite),
        show.noise_table(found),
        models.forest_of_definitions(found),
        models.methods_table(found),
        models.forest_of_years(by_year),
        models.years_table(by_year),
        models.slopes_table(found),
        models.influence_chart(found),
        models.residual_chart(found),
        models.panel_table(panel),
        models.lags_table(panel),
        models.blocks_table(table, schemes, year),
        models.ministries(table, year),
    ]


@pytest.mark.parametrize("year", YEARS)
def test_every_kind_of_year_reads_well(table, schemes, study, panel, by_year, cite, year):
    found, tables = study(year)
    made = "".join(map(_text, everything(table, schemes, found, tables, panel, by_year, cite)))
    assert str(year) in made
    assert "SIPAS không đo các bộ" in made


def _text(piece) -> str:
    made = piece._repr_html_()
    html5lib.HTMLParser(strict=False).parseFragment(made)
    words = re.sub(r"<style.*?</style>|<svg.*?</svg>|<[^>]+>", " ", made, flags=re.DOTALL)
    assert not {"nan", "None", "inf"} & set(words.split())
    # A number of these exhibits is written with a decimal comma.
    assert not re.search(r"(?<![\w./-])\d+\.\d{1,2}(?![\d\w./-])", words), words
    return words


@pytest.mark.parametrize("year", YEARS)
def test_both_languages_tell_the_same_figures(table, schemes, study, panel, by_year, cite, year):
    found, tables = study(year)
    told = {}
    for lang in language.NAMES:
        with language.using(lang):
            pieces = everything(table, schemes, found, tables, panel, by_year, cite)
            pieces += [verdict.closing(found, panel), verdict.headline(found)]
            told[lang] = [languages.seen(piece) for piece in pieces]
    assert languages.vietnamese_in(" ".join(told["vi"]))
    for vi, en in zip(told["vi"], told["en"], strict=True):
        assert languages.vietnamese_in(en) == []
        assert languages.numbers(vi, "vi") == languages.numbers(en, "en"), en


def test_the_two_published_correlations_and_who_was_left_out(study):
    made = _text(show.reported(study(2020)[0]))
    for words in ("0,84", "n = 12", "0,47", "n = 23", "0,73", "−0,04", "n = 11"):
        assert words in made
    assert "Chênh lệch là 0,76 (khoảng 95%: −0,05 đến 1,38): với ít địa phương" in made


def test_a_difference_beyond_chance_is_told_as_one(study):
    found = study(2020)[0]
    apart = found["apart"].copy()
    apart.loc["without_scores", ["r", "low", "high"]] = -0.5, -0.6, -0.4
    made = _text(show.reported(found | {"apart": apart}))
    assert "phụ thuộc vào việc địa phương nào được đăng đủ điểm" in made
    assert "ngẫu nhiên" not in made


def test_too_few_pairs_say_their_number(study, cite):
    found, tables = study(2018)
    assert "chỉ có 6 cặp điểm số: quá ít" in _text(models.slopes_table(found))
    assert "Chỉ có 6 cặp điểm" in _text(show.noise(found, cite))
    assert "chỉ có 6 cặp công bố" in show.scatter(found, tables)._repr_html_()
    nothing = study(2012)[0]
    assert "chưa tính được, chỉ có 0 cặp" in _text(show.reported(nothing))
    assert "chưa đủ số liệu" in _text(show.over_all(nothing))


def test_independence_of_the_two_completions_is_said(study):
    made = _text(show.over_all(study(2020)[0]))
    assert "độc lập với nhau" in made
    assert "bị kéo về 0" in made


def test_every_published_pair_has_its_sources(study, cite):
    made = show.pairs_table(study(2020)[0], cite)._repr_html_()
    rows = made.split("<tr>")[1:]
    assert sum('class="cite"' in row for row in rows) == 12


def test_forest_of_years_keeps_the_two_surveys_apart(by_year):
    made = models.forest_of_years(by_year)._repr_html_()
    assert "Từ 2022: khảo sát mới" in made
    assert "n = 2: quá ít cặp số" in made
    assert made.count(">2022<") == 2


def test_every_year_has_its_own_rows_in_the_table(by_year):
    made = _text(models.years_table(by_year))
    assert [year for year in range(2017, 2025) if f"{year} (khảo sát" in made] == [
        *range(2017, 2025)
    ]
    assert made.count("khảo sát mới từ 2022") == 3
    assert made.count("Kendall") == 7
    assert made.count("quá ít cặp số") == 1


def test_region_effects_tell_what_they_cost(study):
    made = _text(models.slopes_table(study(2020)[0]))
    assert "dùng hết 4 bậc tự do: còn 7 bậc tự do. Khoảng 95% rộng gấp 2,9 lần" in made


def test_blocks_are_told_as_ten(table, schemes):
    made = _text(models.blocks_table(table, schemes, 2020))
    assert "không suy rộng" in made
    assert "n = 10" in made


def test_a_fit_that_did_not_go_well_is_told(panel):
    one = next(iter(panel.values()))
    slopes = one["slopes"].copy()
    slopes.loc["within", ["converged", "boundary", "messages"]] = [False, True, "made-up message"]
    made = _text(models.panel_table({"2017–2021": {"slopes": slopes, "lags": one["lags"]}}))
    assert "KHÔNG hội tụ" in made
    assert "ở biên" in made
    assert "made-up message" in made


# --- the closing paragraph ---------------------------------------------------------------------


@pytest.mark.parametrize("lang", language.NAMES)
@pytest.mark.parametrize("year", [2012, 2018, 2020, 2022])
def test_the_closing_paragraph_never_says_cause(study, panel, year, lang):
    with language.using(lang):
        text = verdict.closing(study(year)[0], panel)
        told = text.replace(verdict._caution(), "")
    assert told != text
    assert re.search(CAUSAL[lang], told, re.IGNORECASE) is None
    assert "nan" not in text.lower().split()


def test_causal_words_would_be_seen():
    assert re.search(CAUSAL["vi"], "cải cách làm tăng sự hài lòng")
    assert re.search(CAUSAL["en"], "Reform improves satisfaction")
    assert re.search(CAUSAL["en"], "reform causes satisfaction")


@pytest.mark.parametrize("lang", language.NAMES)
def test_the_closing_paragraph_has_the_numbers(study, panel, lang):
    found = study(2020)[0]
    rows = found["of_year"].set_index(["definition", "method"])["r"]
    within = panel["2017–2021"]["slopes"].loc["within", "slope"]
    numbers = [found["rest"]["r"], found["rest"]["low"], found["rest"]["high"]]
    numbers += [rows["rest", "pearson"], *found["bounds"], verdict.likely(found), within]
    with language.using(lang):
        text = verdict.closing(found, panel)
        for value in numbers:
            assert wording.with_minus(value) in text
    assert "12 " in text
    assert "Quảng Ninh" in text


def test_the_two_languages_write_numbers_their_own_way():
    assert interval(-0.5, 0.25) == "−0,50 đến 0,25"
    with language.using("en"):
        assert interval(-0.5, 0.25) == "−0.50 to 0.25"


@pytest.mark.parametrize(
    ("r", "word"),
    [(0, "không đáng kể"), (0.1, "yếu"), (-0.29, "yếu"), (0.3, "vừa"), (-0.5, "mạnh"), (1, "mạnh")],
)
def test_size_goes_by_the_stated_thresholds(r, word):
    assert verdict.size(r) == word


def test_a_range_of_sizes_goes_from_the_smaller():
    assert verdict.sizes(0.6, 0.35) == "vừa đến mạnh"
    with language.using("en"):
        assert verdict.sizes(0.6, 0.35) == "moderate to strong"
        assert verdict.sizes(0.4, 0.35) == "moderate"


def turned(found: dict, r: float, low: float, high: float, bounds: tuple) -> dict:
    """The study with another result over all provinces."""
    rest = found["rest"].copy()
    rest[["r", "low", "high"]] = r, low, high
    curve = found["sensitivity"].assign(r=r, low=low, high=high)
    ends = pd.Series(dict(zip(("low", "high"), bounds, strict=True)))
    return found | {"rest": rest, "sensitivity": curve, "bounds": ends}


HIGHER = "nơi điểm cải cách cao hơn thì sự hài lòng"
LESS = (-0.4, -0.6, -0.1, (-0.8, 0.1))
OPEN = (0.05, -0.2, 0.3, (-0.4, 0.5))
MORE = (0.6, 0.4, 0.8, (0.2, 0.9))


@pytest.mark.parametrize(
    ("result", "vi", "en"),
    [
        (LESS, f"nhiều khả năng {HIGHER} lại thấp hơn", "people were probably less satisfied"),
        (OPEN, "chưa nói chắc được chiều", "is not certain"),
        (MORE, f"địa phương, {HIGHER} cũng cao hơn", "provinces, people were more satisfied"),
    ],
)
def test_direction_follows_the_interval_and_the_bounds(study, result, vi, en):
    found = turned(study(2020)[0], *result)
    assert vi in verdict.headline(found)
    with language.using("en"):
        assert en in verdict.headline(found)


def test_years_with_too_few_pairs_have_no_answer(study, panel):
    found = study(2018)[0]
    assert "chưa trả lời được: mới có 6 địa phương" in verdict.headline(found)
    assert "Điều có thể đổi" not in verdict.closing(found, panel)
    with language.using("en"):
        assert "No answer for 2018" in verdict.closing(found, panel)


def test_the_tipping_point_is_where_the_interval_reaches_zero(study):
    found = study(2020)[0]
    curve, rho = found["sensitivity"], verdict.tipping(found)
    assert curve.at[rho, "low"] <= 0 < curve.loc[curve.index > rho, "low"].min()
    assert verdict.tipping(turned(found, 0.5, 0.3, 0.7, (0.1, 0.9))) is None


# --- charts ------------------------------------------------------------------------------------


def test_names_in_the_scatter_do_not_overlap(study):
    found, _ = study(2020)
    frame = found["pairs"].rename(columns={"reform": "x", "SIPAS": "y"})
    frame = frame.assign(kind="published", x_low=np.nan, x_high=np.nan)
    frame = frame.assign(y_low=frame["y"] - 2, y_high=frame["y"] + 2)
    ax = charts.uncertain_scatter(frame, association.line(found["pairs"]), ("Quảng Ninh",))
    ax.figure.draw_without_rendering()
    boxes = [text.get_window_extent() for text in ax.texts if text.get_text() in frame.index]
    assert len(boxes) == 12
    met = [(a, b) for n, a in enumerate(boxes) for b in boxes[:n] if a.padded(-2).overlaps(b)]
    assert met == []


@pytest.mark.parametrize(
    "draw", [charts.uncertain_scatter, charts.forest, charts.influence, charts.residual_ranking]
)
def test_nothing_to_draw_says_so(draw):
    assert draw(pd.DataFrame()).texts[0].get_text().startswith("Chưa có số liệu")


def test_an_interval_without_ends_is_not_written_as_numbers():
    frame = pd.DataFrame(
        [("made up", "one", 6, 1.0, np.nan, np.nan, np.nan, np.nan, True, "")],
        columns=[
            "group",
            "label",
            "n",
            "r",
            "low",
            "high",
            "boot_low",
            "boot_high",
            "faint",
            "words",
        ],
    )
    texts = [text.get_text() for text in charts.forest(frame).texts]
    assert "1,00 (không tính được khoảng), n = 6" in texts


@pytest.mark.parametrize(
    ("draw", "numbers"),
    [
        (show.scatter, ("72,57", "95,76", "1,25", "25 ")),
        (lambda found, _: show.sensitivity_chart(found), ("0,36", "−0,6", "−0,08", "0,76")),
        (lambda found, _: models.forest_of_definitions(found), ("0,86", "0,36", "63 ")),
        (lambda found, _: models.influence_chart(found), ("12 ", "Quảng Ninh", "0,34", "0,33")),
        (lambda found, _: models.residual_chart(found), ("Đồng Nai", "+3,94", "−5,13")),
    ],
)
def test_a_chart_is_described_with_its_numbers(study, draw, numbers):
    made = draw(*study(2020))._repr_html_()
    (label,) = re.findall(r'aria-label="([^"]*)"', made)
    assert [number for number in numbers if number not in label] == []


def test_the_chart_of_years_is_described_by_period(by_year):
    (label,) = re.findall(r'aria-label="([^"]*)"', models.forest_of_years(by_year)._repr_html_())
    assert "2017–2021, trừ điểm hài lòng (Pearson): từ 0,50 (2021) đến 0,87 (2018)" in label


def test_derived_scores_have_their_own_mark(study):
    made = show.scatter(*study(2020))._repr_html_()
    assert "có số suy ra" in made
    assert show._kinds(study(2020)[0]).value_counts().to_dict() == {"published": 9, "derived": 3}


@pytest.mark.parametrize("year", YEARS)
def test_the_three_numbers_on_top(study, year):
    found, _tables = study(year)
    made = numbers.of_association(found)._repr_html_()
    assert f">{len(found['pairs'])}/63<" in made
    assert ">nan<" not in made
    if found["rest"] is not None:
        assert made.count('class="card-name"') == 3
        assert f">{wording.with_minus(found['rest']['r'])}<" in made
