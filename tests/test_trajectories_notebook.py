"""What an analyst does with notebook 3: other years, models and thresholds, frames, own charts."""

from itertools import pairwise
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from bs4 import BeautifulSoup
from cells import Notebook, comes_back
from scipy import stats

from helpers import facts, language, units
from helpers.trajectories.panel import known_until

BEGIN = tuple(f"3-trajectories-{cell}" for cell in ("01", "02", "load", "by-index"))
BEGIN += ("words-3-names", "words-3-interval", "3-trajectories-interval-of")
JUDGED = ("3-trajectories-judged", "3-trajectories-leads", "3-trajectories-gains")
PANEL = "3-trajectories-panel"
MODEL = ("3-trajectories-19", "3-trajectories-parts")
AHEAD = ("3-trajectories-since", "words-3-trajectories-22", "3-trajectories-hindsight")


def begun(*cells: str, **parameters) -> Notebook:
    notebook = Notebook("3_trajectories", **parameters)
    notebook.run(*BEGIN, *cells)
    return notebook


@pytest.fixture(scope="module")
def notebook() -> Notebook:
    """The cells that need no drawn tables, run as they are."""
    return begun(
        *JUDGED,
        PANEL,
        "words-3-coverage",
        "3-trajectories-coverage",
        *MODEL,
        *AHEAD,
        "3-trajectories-forecasts",
        "3-trajectories-known-pairs",
    )


@pytest.fixture(scope="module")
def drawn() -> Notebook:
    """The cells that look back over drawn tables."""
    cells = [
        *("together", "groups", "groups-of", "sizes", "spread", "slopes", "convergence"),
        *("inequality", "movers", "regional", "each", "moves", "persistence"),
        *("classes-a", "classes-b", "classes-c", "classes-d", "classes-e", "classes"),
    ]
    return begun(PANEL, *(f"3-trajectories-{cell}" for cell in cells))


def test_a_region_term_can_be_added_to_the_mixed_model(notebook):
    before = notebook.names["parts"].loc["PAR"]
    changed = begun()
    changed.edit("3-trajectories-19", '"scaled ~ 1"', '"scaled ~ C(region)"')
    names = changed.run(*MODEL)
    told = str(names["models"]["PAR"].summary())
    assert told.count("C(region)[T.") == 5 and "unit Var" in told
    assert names["parts"].at["PAR", "between"] < before["between"]


@pytest.mark.parametrize(
    "name",
    ["judged", "leads", "gains", "panel", "coverage", "parts", "hindsight", "forecasts"],
)
def test_every_frame_can_be_saved(notebook, name, tmp_path):
    comes_back(notebook.names[name], tmp_path)


def test_a_share_asked_of_intervals_changes_the_verdicts():
    words = []
    for asked in ((0.70, 0.90), (0.5, 0.999)):
        cells = ["words-3-coverage", "words-3-coverage-one-year"]
        cells += [f"3-trajectories-{one}" for one in ("share-held", "verdict-of", "17")]
        made = begun(*JUDGED[:1], *cells, asked=asked)
        words.append(made.text("3-trajectories-17"))
    assert "từ 70% đến 90%" in words[0] and "từ 50% đến 100%" in words[1]
    # Of PAR one and two years ahead: scores are held too often, of ranks nothing is clear.
    assert words[0].count("rộng hơn cần thiết") == words[0].count("chưa thấy rõ là") == 2
    shares = made.names["in_turn"].set_index("index")["cover_80"]["PAR"]
    assert words[1].count("chưa thấy rõ là") == shares.between(0.5, 0.999).sum() == 4
    # Of SIPAS there is one year to try: no interval, and no verdict.
    for one in words:
        assert one.count("chưa đủ 3 năm") == 2
        assert one.partition(">SIPAS")[2].count("%</td>") == 2


def test_the_mixed_model_is_told_without_the_window_that_it_lacks(notebook, monkeypatch):
    cells = ("3-trajectories-settings", "words-3-settings", "3-trajectories-settings-tried")
    notebook.run(*cells)
    tried, rows = notebook.names["settings_tried"], notebook.names["settings"].loc[["PAR"]]
    assert tried("PAR", rows).startswith("cửa sổ 4 đến 12 năm và 10 đến 100")
    monkeypatch.setitem(notebook.names["methods"], "PAR", "mixed")
    assert tried("PAR", rows).endswith("(mô hình hỗn hợp không dùng cửa sổ)")


def test_a_gain_in_ranks_is_told_only_where_it_is_clear(notebook, monkeypatch):
    told = "3-trajectories-gains-say"
    notebook.run("words-of-3-trajectories-14", "words-3-gains", told)
    assert notebook.text(told).count("Chưa đủ cơ sở") == len(notebook.shown[told]) == 2
    gains = notebook.names["gains"]
    monkeypatch.setitem(notebook.names, "gains", gains.assign(low=0.1, high=2))
    notebook.run(told)
    assert notebook.text(told).count("Cách được dùng sát thứ hạng hơn") == 2


def test_no_rank_is_forecast_across_the_merger(notebook, monkeypatch):
    later = notebook.names["forecasts"].assign(year=lambda rows: rows["year"] + 4)
    monkeypatch.setitem(notebook.names, "forecasts", later)
    monkeypatch.setitem(notebook.names, "last_year", units.MERGER - 1)
    notebook.run("words-of-3-trajectories-forecast-chart", "words-3-merged")
    notebook.run("words-3-trajectories-25", "words-of-3-trajectories-25")
    notebook.run("3-trajectories-forecast-chart", "3-trajectories-merged", "3-trajectories-25")
    assert notebook.shown["3-trajectories-forecast-chart"] == []
    assert "34 đơn vị" in notebook.text("3-trajectories-merged")
    table = notebook.text("3-trajectories-25")
    assert "không dự báo hạng" in table and "Hạng" not in table


def test_differences_of_sipas_are_in_percentage_points(notebook):
    notebook.run("words-3-trajectories-21", "3-trajectories-21")
    notebook.run("words-of-3-trajectories-22", "3-trajectories-22")
    for cell in ("3-trajectories-21", "3-trajectories-22"):
        par, sipas, *_usual = notebook.shown[cell]
        assert "điểm phần trăm" in sipas and "điểm phần trăm" not in par


def test_what_was_usual_stands_beside_the_plain_mean_of_changes(notebook, table):
    """New criteria had PAR fall by 10 points in 2016, which a forecast hardly counts."""
    notebook.run("words-3-trajectories-21", "3-trajectories-21", "3-trajectories-21-few")
    par, _sipas, usual = notebook.shown["3-trajectories-21"]
    means = facts.national(table, "PAR")["mean"]
    plain = (means[2020] - means[2013]) / 7
    assert f"(bình quân số học: {plain:+.2f})".replace(".", ",") in par
    assert notebook.names["fits"]["PAR"].national["expected"] > plain + 2
    assert "hầu như không tính lần khác thường" in usual
    [few] = notebook.shown["3-trajectories-21-few"]
    assert "SIPAS" in few and "PAR INDEX" not in few and "quá hẹp" in few


def test_moves_between_thirds_are_of_all_provinces(drawn):
    moves, persistence = drawn.names["moves"], drawn.names["persistence"]
    ranks = [drawn.names["together"].ranks("SIPAS", year) for year in range(2017, 2021)]
    stayed = sum(((a <= 21) & (b <= 21)).sum(axis=1) for a, b in pairwise(ranks)) / (3 * 21)
    expected = stayed.quantile([0.05, 0.5, 0.95]).to_numpy()
    assert moves.loc[("SIPAS", "top", "top")].to_numpy() == pytest.approx(expected)
    assert moves.groupby(level=[0, 1])["share"].sum().to_numpy() == pytest.approx(1, abs=0.03)
    each = zip(ranks[-2].to_numpy(), ranks[-1].to_numpy(), strict=True)
    rho = np.median([stats.spearmanr(*table).statistic for table in each])
    assert persistence.set_index(["index", "year"]).at[("SIPAS", 2020), "rho"] == pytest.approx(rho)


def test_the_chart_of_thirds_tells_its_shares_as_what_they_are(drawn):
    cells = ("words-3-spread", "words-of-3-trajectories-37", "words-of-3-trajectories-37-unit")
    drawn.run(*cells, "3-trajectories-37", "3-trajectories-37-chart")
    shown = drawn.text("3-trajectories-37-chart")
    assert "Phần chuyển: từ" in shown and "giữa các vùng" not in shown
    stays = drawn.names["moves"].loc[("SIPAS", "top", "top")]
    assert f"SIPAS {stays['share']:.0%} (khoảng ước lượng 90%: {stays['low']:.0%} đến" in shown


def test_pairs_of_known_ranks_are_few_and_stay_apart(notebook, drawn, table):
    pairs = notebook.names["known_pairs"].query("index == 'PAR'")
    ranks = facts.panel(known_until(table, 2020), "PAR", "rank")
    both = ranks[[2019, 2020]].dropna()
    of_year = pairs[pairs["year"] == 2019]
    assert set(both.index[both[2019] <= 21]) <= set(of_year["unit"])
    assert of_year["stayed"].sum() >= both.le(21).all(axis=1).sum() > 0
    assert pairs["stayed"].mean() > drawn.names["moves"].at[("PAR", "top", "top"), "high"]


def test_the_band_holds_eight_provinces_in_ten_of_a_table(drawn):
    """As the page says it, in tenths: tables differ in how far their provinces are apart."""
    for index, band in drawn.names["bands"].items():
        for year in band:
            (low, high), scores = band[year], drawn.names["distance"](index, year)
            held = ((scores >= low) & (scores <= high)).mean(axis=1)
            assert 0.77 < held.median() < 0.82 and round(held.mean(), 1) == 0.8


def test_the_sizes_of_groups_are_the_same_in_title_and_table(drawn):
    drawn.run("words-3-groups", "3-trajectories-draw-regions", "3-trajectories-paths")
    drawn.run("words-of-3-trajectories-groups-chart", "3-trajectories-groups-chart")
    shown = drawn.text("3-trajectories-groups-chart")
    for index, rows in drawn.names["groups"].groupby("index"):
        rising, falling = ((rows["group"] == name).sum() for name in ("rising", "falling"))
        assert f"xác suất cao nhất: {rising} và {falling};" in shown
        ends = drawn.names["sizes"].loc[index][["low", "high"]].astype(str).agg("–".join, axis=1)
        assert f"{ends['rising']} nơi đi lên, {ends['falling']} nơi đi xuống" in shown


def test_a_region_is_named_only_where_most_tables_agree(drawn):
    drawn.run("words-of-3-trajectories-08", "3-trajectories-08-a")
    names = drawn.names
    told = names["region_numbers"]("SIPAS", names["regional"].query("index == 'SIPAS'"))
    each = names["distance"]("SIPAS", 2020).T.groupby(names["region_of"]).mean()
    assert each.idxmin().value_counts(normalize=True).max() < 0.9
    assert told["min"] == "chưa rõ vùng nào thấp nhất"
    assert told["max"].startswith("cao nhất là Đồng bằng sông Hồng (+")


def test_every_table_has_the_rises_that_the_note_names(drawn):
    drawn.run("3-trajectories-risen")
    risen = drawn.names["risen"].set_index("year")["value"]
    assert risen.to_dict() == {2019: 41, 2020: 49}
    for year, announced in risen.items():
        before, after = (drawn.names["together"].scores("SIPAS", y) for y in (year - 1, year))
        assert ((after > before).sum(axis=1) == announced).all()


def test_mere_regression_to_the_mean_is_not_catching_up(drawn):
    slopes, rng = drawn.names["slopes"], np.random.default_rng(20)
    level = 2 * rng.standard_normal((200, 63))
    pairs = level + 2 * rng.standard_normal((2, 200, 63))
    forward, backward, placebo, excess = slopes(*pairs).mean(axis=1)
    assert forward == pytest.approx(-0.5, abs=0.05) and backward == pytest.approx(forward, abs=0.05)
    assert excess == pytest.approx(0, abs=0.02) and placebo == pytest.approx(forward, abs=0.05)


def test_catching_up_goes_beyond_the_placebo(drawn):
    rng = np.random.default_rng(21)
    start = 4 * rng.standard_normal(63)
    end = 0.4 * start + 0.5 * rng.standard_normal(63)
    forward, _backward, _placebo, excess = drawn.names["slopes"](start, end)
    assert forward == pytest.approx(np.polyfit(start, end - start, 1)[0])
    assert excess < -0.4


CATCHING_UP = (
    "words-3-trajectories-36-open",
    "words-3-trajectories-36b",
    "words-3-trajectories-36c",
)
CATCHING_UP += ("words-3-trajectories-36", "3-trajectories-36-a", "3-trajectories-36")


def test_the_spread_of_par_changes_no_more_than_chance_gives(drawn):
    """Nearly every table has it fall from 2018 and rise from 2019: by a few very low scores."""
    drawn.run("3-trajectories-convergence", *CATCHING_UP)
    excess = drawn.names["convergence"].query("term == 'excess'").set_index(["index", "first"])
    assert excess.at[("PAR", 2018), "high"] < 0 < excess.at[("PAR", 2019), "low"]
    for first, told in {2018: 0.82, 2019: 1.28}.items():
        low, ratio, high = drawn.names["ratio_of_spreads"]("PAR", first)
        assert low < 1 < high and ratio == pytest.approx(told, abs=0.02)
    par, sipas = drawn.shown["3-trajectories-36"]
    assert "Không giai đoạn nào độ phân tán thay đổi quá mức ngẫu nhiên" in par
    # From 2019 every table has a smaller spread of SIPAS, but by no more than chance (p = 0.36).
    assert excess.at[("SIPAS", 2019), "high"] < 0 and "không cùng cho thấy một chiều" in sipas
    low, ratio, high = drawn.names["ratio_of_spreads"]("SIPAS", 2019)
    assert low < 1 < high and ratio == pytest.approx(0.94, abs=0.01)


@pytest.mark.parametrize("kind", ["normal", "laplace"])
def test_the_ratio_of_spreads_counts_chance_between_provinces(drawn, monkeypatch, kind):
    """Of two years that differ by chance alone 95% of the intervals hold 1, whatever the tails."""
    rng, held = np.random.default_rng(22), []
    for _ in range(200):
        level = getattr(rng, kind)(size=63)
        years = {year: level + getattr(rng, kind)(size=63) for year in (2019, 2020)}
        tables = {year: pd.DataFrame([scores, scores]) for year, scores in years.items()}
        made = SimpleNamespace(scores=lambda _index, year, tables=tables: tables[year])
        monkeypatch.setitem(drawn.names, "together", made)
        low, _ratio, high = drawn.names["ratio_of_spreads"]("SIPAS", 2019)
        held.append(low <= 1 <= high)
    assert np.mean(held) == pytest.approx(0.95, abs=0.05)


def test_one_span_tells_no_direction(drawn, monkeypatch):
    monkeypatch.setitem(drawn.names, "years", drawn.names["years"] | {"SIPAS": [2019, 2020]})
    drawn.run("3-trajectories-convergence", *CATCHING_UP)
    sipas = drawn.shown["3-trajectories-36"][1]
    assert "2019–2020 0,94 lần" in sipas and "Chỉ tính được một giai đoạn" in sipas
    assert "hẹp lại nhiều hơn" not in sipas


def test_the_share_between_regions_of_made_up_scores(drawn):
    regions = pd.Series(["x", "x", "y", "y"], list("abcd"))
    scores = pd.DataFrame([[1.0, 1, 3, 3], [1, 3, 1, 3], [0, 2, 2, 4]], columns=list("abcd"))
    assert drawn.names["between"](scores, regions).tolist() == [1, 0, 0.5]


def test_a_share_between_regions_that_chance_may_give_is_told_as_such(drawn):
    drawn.run("words-of-3-trajectories-inequality-chart", "3-trajectories-inequality-chart-a")
    par, sipas = drawn.names["beside_chance"](pd.Series({"PAR": 0.14, "SIPAS": 0.26}))
    assert par == "PAR INDEX 14% (không vượt mức ngẫu nhiên)" and sipas == "SIPAS 26%"


def test_movers_as_published(drawn, table):
    moved = drawn.names["movers"].query("index == 'PAR'").set_index("unit")
    ranks = facts.panel(known_until(table, 2020), "PAR", "rank")[[2019, 2020]].dropna()
    assert len(ranks) > 15
    assert (moved.loc[ranks.index, "places"] == ranks[2019] - ranks[2020]).all()
    assert moved.at["Thanh Hóa", "places"] == 14 and moved.at["Thanh Hóa", "kind"] == "published"
    assert (moved["low"] <= moved["places"]).all() and (moved["places"] <= moved["high"]).all()
    assert set(moved["kind"]) == {"published", "derived", "estimated"}


def test_probabilities_of_known_changes_of_sipas(notebook):
    notebook.run("3-trajectories-survey", "3-trajectories-changes-of", "3-trajectories-rises")
    notebook.run("3-trajectories-rises-of-year", "3-trajectories-28-a")
    rises = notebook.names["rises"]
    # As notebook 1 tells: from the error as assumed to half of it.
    assert notebook.names["rises_numbers"](rises)["n"] == "0 đến 2"
    assert notebook.names["rises_of"](2022).empty  # another survey than that of 2021
    notebook.run("words-3-trajectories-28", "words-of-3-trajectories-28", "3-trajectories-28")
    told = notebook.text("3-trajectories-28")
    assert "trên 99%" in told and "1,00" not in told  # no draws tell what is certain


def test_classes_of_provinces_are_those_of_their_steps(drawn):
    steps = np.array([[1, 1, 1], [-1, -1, -1], [1, -1, 1], [1, 0, 1]])
    assert list(drawn.names["class_of_steps"](steps)) == ["rise", "fall", "mixed", "mixed"]
    classes, counts = drawn.names["classes"], drawn.names["counts"]
    assert list(counts["announced"]) == [21, 41, 1]  # which the draws do not know of
    assert ((counts["low"] <= counts["announced"]) & (counts["announced"] <= counts["high"])).all()
    for name in counts.index:
        assert (classes.loc[classes["class"] == name, name] == 1).all()
        assert classes[f"{name}_announced"].sum() == pytest.approx(
            counts.at[name, "announced"], abs=0.01
        )
    shares = np.array([[1.0, 0, 0], [0.2, 0.8, 0], [0.3, 0.6, 0.1]])
    raked = drawn.names["raked"](shares, np.array([1.4, 1.5, 0.1]))
    assert raked[0] == pytest.approx([1, 0, 0]) and raked[1, 2] == 0  # certain, and impossible
    assert raked.sum(axis=0) == pytest.approx([1.4, 1.5, 0.1], abs=1e-6)


def test_groups_are_told_with_how_sure_they_are(drawn):
    groups, names = drawn.names["groups"], drawn.names["GROUPS"]
    assert groups.groupby("index").size().to_dict() == {"PAR": 63, "SIPAS": 63}
    assert groups[names].sum(axis=1).to_numpy() == pytest.approx(1)
    first = groups.query("index == 'PAR' and unit == 'Quảng Ninh'").iloc[0]
    assert first["group"] == "top" and first["sure"] == 1 and first["mean_rank"] <= 2
    wider = begun(PANEL, "3-trajectories-together", "3-trajectories-groups", moved=63)
    wider.run("3-trajectories-groups-of")
    assert not wider.names["groups"]["group"].isin(["rising", "falling"]).any()


@pytest.mark.slow
@pytest.mark.parametrize("year", [2013, 2017, 2022, 2025])
def test_years_with_little_run_through(year):
    before = language.current()
    notebook = Notebook("3_trajectories", last_year=year, lang="en")
    try:
        notebook.run()
    finally:
        language.use(before)
    seen = " ".join(
        BeautifulSoup(" ".join(one), "html.parser").get_text() for one in notebook.shown.values()
    )
    assert str(year) in seen
    assert ("do not suffice to try any" in notebook.seen("three-numbers-a")) == (
        year in (2013, 2025)
    )
