"""Figures: text as text, the same bytes each time, ids of their own, no label on another."""

import itertools
import re
from xml.etree import ElementTree

import matplotlib

matplotlib.use("Agg")

import matplotlib.pyplot as plt
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib.figure import Figure
from matplotlib.text import Text

from helpers import charts, facts, language
from helpers.charts import drawing

ALT = "Hình thử: điểm của các đơn vị giả định"


@pytest.fixture(scope="module")
def table():
    return facts.load()


@pytest.fixture(autouse=True)
def close_figures():
    yield
    plt.close("all")


def made_up(rows: int) -> pd.DataFrame:
    """Scores of units that are no provinces."""
    return pd.DataFrame(
        {
            "score": [90.25 - 1.5 * i for i in range(rows)],
            "rank": [float(i + 1) for i in range(rows)],
            "kind": "published",
            "region": "NMM",
        },
        index=[f"Đơn vị giả định {i + 1}" for i in range(rows)],
    )


def pair(rows: int) -> pd.DataFrame:
    frame = made_up(rows)
    return frame.assign(PAR=frame["score"], SIPAS=frame["score"] - 2)


DRAWN = {
    "score_curve": lambda n: charts.score_curve(made_up(n), n=max(n, 1)),
    "reform_and_satisfaction": lambda n: charts.reform_and_satisfaction(pair(n)),
}


def words(ax) -> list[str]:
    """All texts that the SVG of a figure holds."""
    root = ElementTree.fromstring(charts.svg(ax, ALT))
    return ["".join(text.itertext()) for text in root.iter(f"{drawing.SVG_NS}text")]


def labels(ax) -> list:
    """Texts inside the axes that are shown."""
    ax.figure.draw_without_rendering()
    return [text for text in ax.texts if text.get_text() and text.get_visible()]


def text_boxes(texts: list) -> list:
    """Boxes of the words alone, without the line that may lead to a point."""
    return [(t.get_text(), Text.get_window_extent(t).padded(-1)) for t in texts]


def clashes(texts: list) -> list[tuple[str, str]]:
    pairs = itertools.combinations(text_boxes(texts), 2)
    return [(one, other) for (one, a), (other, b) in pairs if a.overlaps(b)]


# --- every figure ----------------------------------------------------------------------------


@pytest.mark.parametrize("name", DRAWN)
@pytest.mark.parametrize("size", [1, 2])
def test_one_or_two_rows_are_drawn(name, size):
    ax = DRAWN[name](size)
    figures = [word for word in words(ax) if re.search(r"\d", word)]
    assert ax.axison
    assert figures
    assert not [word for word in figures if re.search(r"\d\.\d|nan", word)]


@pytest.mark.parametrize("name", DRAWN)
def test_no_rows_are_said_in_words(name):
    assert words(DRAWN[name](0)) == ["Chưa có số liệu công bố để vẽ"]


def test_given_axes_are_used_and_returned():
    charts.style()
    ax = plt.subplots()[1]
    assert charts.score_curve(made_up(2), n=2, ax=ax) is ax
    assert charts.reform_and_satisfaction(pair(0), ax=ax) is ax
    assert plt.get_fignums() == [ax.figure.number]


@pytest.mark.parametrize("mean", [None, float("nan")])
def test_a_mean_that_nobody_published_is_not_drawn(mean):
    drawn = [
        charts.score_curve(made_up(2), n=2, mean=mean),
        charts.reform_and_satisfaction(pair(2), means={"PAR": mean, "SIPAS": mean}),
    ]
    for ax in drawn:
        assert not [word for word in words(ax) if "Bình quân" in word]


def test_bytes_are_the_same_each_time():
    def made():
        return charts.svg(charts.score_curve(made_up(5), n=5), ALT)

    assert made() == made()


def test_figures_share_no_ids_and_refer_to_their_own():
    found = []
    for name, rows in (("score_curve", 2), ("score_curve", 1), ("reform_and_satisfaction", 2)):
        svg = charts.svg(DRAWN[name](rows), ALT)
        ids = re.findall(r'\bid="([^"]+)"', svg)
        used = re.findall(r'href="#([^"]+)"', svg) + re.findall(r"url\(#([^)]+)\)", svg)
        assert used
        assert set(used) == set(ids)
        assert len(ids) == len(set(ids))
        found.append(set(ids))
    assert not set.intersection(*found[:2]) and not found[2] & (found[0] | found[1])


def test_svg_stands_in_a_page():
    svg = charts.svg(DRAWN["score_curve"](2), 'Thanh ghi: 84,33 < 90 & "hạng 29"')
    root = ElementTree.fromstring(svg)
    assert svg.startswith("<svg ")
    assert "<style" not in svg and "<metadata" not in svg and "xlink" not in svg
    assert root.get("role") == "img"
    assert root.get("aria-label") == 'Thanh ghi: 84,33 < 90 & "hạng 29"'
    assert root.get("viewBox") and root.get("width") is None


def test_text_stays_text_with_its_marks():
    ax = charts.score_curve(made_up(2), n=2)
    ax.set_xlabel("Đắk Lắk vượt Thừa Thiên Huế, điểm $ <%>")
    assert {"Đắk Lắk vượt Thừa Thiên Huế, điểm $ <%>", "89,50"} <= set(words(ax))


def titles(ax) -> list[str]:
    """What the marks of a figure say to who points at them."""
    root = ElementTree.fromstring(charts.svg(ax, ALT))
    assert not list(root.iter(f"{drawing.SVG_NS}a"))
    groups = root.iter(f"{drawing.SVG_NS}g")
    marks = [(group[0].text, group[1:]) for group in groups if group[0].tag.endswith("title")]
    assert all(len(rest) == 1 and rest[0].tag.endswith(("use", "path", "g")) for _, rest in marks)
    return [title for title, _rest in marks]


def test_a_mark_says_its_unit_and_its_figures(table):
    scores = facts.scores(table, "PAR", 2020)
    told = titles(charts.score_curve(scores, 63, highlight="Thanh Hóa"))
    both = scores.dropna(subset=["score", "rank"])
    assert len(told) == len(both) and len(set(told)) == len(told)
    assert {"Thanh Hóa: 84,33; hạng 29", "Quảng Ninh: 91,04; hạng 1"} <= set(told)
    estimated = both.iloc[:1].assign(kind="estimated", score_low=80.0, score_high=81.5)
    assert titles(charts.score_curve(estimated, 63)) == [f"{estimated.index[0]}: ≈ 80,00–81,50"]
    pairs = pd.DataFrame({"PAR": [86.07], "SIPAS": [85.15]}, index=["Hà Nội"])
    assert titles(charts.reform_and_satisfaction(pairs)) == ["Hà Nội: PAR INDEX 86,07; SIPAS 85,15"]


def test_a_figure_is_made_smaller_and_says_the_same():
    drawn = charts.Drawn(
        f'<svg xmlns="{drawing.SVG_NS.strip("{}")}" width="518pt" viewBox="0 0 518.4 30">'
        '<g><g style="fill: #fff"><path d="M 1.23456 2  L 3.0000 -4.5  z "/></g> <g />'
        '<text transform="rotate(-0 1.5 2.5)" x="1.999">84,33 điểm</text><g id="b"/></g></svg>'
    )
    made = charts.svg(drawn, ALT)
    assert 'viewBox="0 0 518.4 30"' in made
    assert made.partition(">")[2] == (
        '<g style="fill: #fff"><path d="M1.23 2L3 -4.5z"/></g><text x="2">84,33 điểm</text></svg>'
    )


@pytest.mark.parametrize(
    ("path", "shorter"),
    [
        ("M 1.001 2 L 3 2 L 3 4.5 L 1.001 4.5 L 1.001 2 ", "M1 2H3V4.5H1Z"),
        ("M 1 2 L 3 2 L 3 4 L 1 4 z", "M1 2H3V4H1Z"),
        ("M 1 2 L 3 2 L 3 4 L 1 4", "M1 2L3 2L3 4L1 4"),  # open: a side has no line
        ("M 1 2 L 3 2 L 3 4 L 1 5 z", "M1 2L3 2L3 4L1 5z"),
        ("M 1 2 L 3 2 L 3 4 L 1 4 L 1 2 L 9 9", "M1 2L3 2L3 4L1 4L1 2L9 9"),
    ],
)
def test_a_rectangle_is_told_by_its_sides(path, shorter):
    drawn = charts.Drawn(
        f'<svg xmlns="{drawing.SVG_NS.strip("{}")}" width="9pt"><path d="{path}"/></svg>'
    )
    assert f'<path d="{shorter}"/>' in charts.svg(drawn, ALT)


# --- numbers ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("ticks", "written"),
    [
        ([80.0, 85.0], ["80", "85"]),
        ([80.0, 82.5], ["80,0", "82,5"]),
        ([80.0, 80.25], ["80,00", "80,25"]),
        ([-0.5, 0.0], ["−0,5", "0,0"]),
    ],
)
def test_ticks_have_a_decimal_comma_and_equal_decimals(ticks, written):
    assert drawing.CommaFormatter().format_ticks(ticks) == written


def test_axis_of_scores_uses_the_comma():
    ax = charts.score_curve(made_up(2), n=2)
    ax.figure.draw_without_rendering()
    ticks = [tick.get_text() for tick in ax.get_yticklabels()]
    assert any("," in tick for tick in ticks)
    assert not any("." in tick for tick in ticks)


# --- kinds of figures ------------------------------------------------------------------------


def test_kinds_differ_in_shape_or_fill_and_are_explained():
    frame = made_up(3).assign(kind=["published", "derived", "estimated"])
    frame.loc[frame.index[2], ["score_low", "score_high"]] = [86.0, 88.0]
    ax = charts.score_curve(frame, n=3)
    marks = [c for c in ax.collections if len(c.get_offsets()) == 1 and len(c.get_paths()) == 1]
    looks = {(len(mark.get_paths()[0].vertices), tuple(mark.get_facecolor()[0])) for mark in marks}
    assert len(looks) == 3
    key = [text.get_text() for text in ax.get_legend().get_texts()]
    assert key == ["công bố", "suy ra", "khoảng ước lượng 50% và 90%"]


def test_kind_comes_from_the_derivation():
    frame = made_up(2).drop(columns="kind")
    frame["score_derivation"] = ["", "2019 95.26 - 4.11"]
    assert list(drawing.by_unit(frame)["kind"]) == ["published", "derived"]


def test_rank_only_and_score_only_are_on_the_margin():
    frame = made_up(4)
    frame.iloc[1, frame.columns.get_loc("score")] = float("nan")
    frame.iloc[2, frame.columns.get_loc("rank")] = float("nan")
    shown = words(charts.score_curve(frame, n=4, highlight="Đơn vị giả định 2"))
    assert {
        "ở chân hình: hạng chưa rõ điểm",
        "ở mép trái: điểm chưa rõ hạng",
        "Đơn vị giả định 2: hạng 2",
    } <= set(shown)


# --- years -----------------------------------------------------------------------------------


# --- the published figures: no label on another -------------------------------------------------


@pytest.mark.parametrize("index", facts.INDICES)
def test_curve_labels_do_not_overlap_whoever_is_highlighted(table, index):
    scores = facts.scores(table, index, 2020)
    mean = facts.national(table, index).loc[2020, "mean"]
    for unit in scores.index:
        ax = charts.score_curve(scores, 63, highlight=unit, mean=mean)
        shown = labels(ax)
        assert any(unit in text.get_text() for text in shown)
        assert clashes(shown) == []
        legend = ax.get_legend().get_window_extent()
        assert not [name for name, box in text_boxes(shown) if box.overlaps(legend)], unit
        assert not [name for name, box in text_boxes(shown) if box.x0 < ax.bbox.x0], unit
        plt.close(ax.figure)


@pytest.mark.parametrize("year", [2018, 2019, 2020, 2021, 2022, 2023, 2024])
def test_scatter_labels_do_not_overlap(table, year):
    frame = pd.DataFrame({i: facts.scores(table, i, year)["score"] for i in facts.INDICES})
    means = {i: facts.national(table, i).loc[year, "mean"] for i in facts.INDICES}
    frame, places = frame.dropna(), []
    for unit in (frame.index[0], frame.index[len(frame) // 2]):
        ax = charts.reform_and_satisfaction(frame, highlight=unit, means=means)
        shown = [text for text in labels(ax) if text.get_gid() == "name"]
        assert unit in [text.get_text() for text in shown]
        assert clashes(shown) == []
        dots = ax.transData.transform(frame[["PAR", "SIPAS"]])
        assert not [n for n, b in text_boxes(shown) if any(b.contains(*dot) for dot in dots)]
        places.append({text.get_text(): text.get_position() for text in shown})
        plt.close(ax.figure)
    assert places[0] == places[1]  # whoever is highlighted


def test_a_figure_drawn_once_is_drawn_once_and_is_the_same():
    drawn = []

    def draw():
        drawn.append(charts.reform_and_satisfaction(pair(3)))
        return drawn[-1]

    first, again = (charts.once(draw, "a test", 3) for _ in range(2))
    assert len(drawn) == 1 and not plt.fignum_exists(drawn[0].figure.number)
    assert charts.svg(first, "x") == charts.svg(again, "x") != charts.svg(again, "y")
    assert charts.svg(first, "x") == charts.svg(charts.reform_and_satisfaction(pair(3)), "x")
    with language.using("en"):
        assert charts.once(draw, "a test", 3) != first and len(drawn) == 2


# --- margins that are known ---------------------------------------------------------------


@settings(max_examples=30)
@given(
    text=st.text("aĐđắộƠữ lVA-–.,:0189%", min_size=1, max_size=30).filter(str.strip),
    size=st.sampled_from([6, 8, 11]),
    bold=st.booleans(),
)
def test_a_text_is_as_wide_as_matplotlib_draws_it(text, size, bold):
    charts.style()
    drawn = Figure().text(0, 0, text, fontsize=size, weight="bold" if bold else "normal")
    width = drawn.get_window_extent().width * 72 / drawn.figure.dpi
    assert drawing.text_width(text, size, bold) == pytest.approx(width, abs=0.8)


def cut(ax) -> float:
    """By how many points something reaches over the edge of the figure."""
    charts.svg(ax, ALT)
    fig = ax.figure
    box, (width, height) = fig.get_tightbbox(), fig.get_size_inches()
    return max(-box.x0, -box.y0, box.x1 - width, box.y1 - height) * 72


@pytest.mark.parametrize("name", DRAWN)
@pytest.mark.parametrize("rows", [1, 2])
@pytest.mark.parametrize("lang", language.NAMES)
def test_nothing_is_cut_at_the_edge_of_a_figure(name, rows, lang):
    with language.using(lang):
        assert cut(DRAWN[name](rows)) <= 0


def test_axes_of_other_figures_are_left_as_they_are():
    charts.style()
    _fig, (left, right) = plt.subplots(1, 2, layout="none")
    before = right.get_position().bounds
    charts.score_curve(made_up(3), n=3, ax=left)
    assert right.get_position().bounds == before
