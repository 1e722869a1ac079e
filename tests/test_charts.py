"""Figures: text as text, the same bytes each time, ids of their own, ticks as people write them."""

import re
from itertools import combinations
from xml.etree import ElementTree

import matplotlib

matplotlib.use("Agg")

import matplotlib.pyplot as plt
import pandas as pd
import pytest
import seaborn as sns
from lxml import etree
from matplotlib.text import Text

from helpers import charts, facts, report, wording
from helpers.charts import drawing
from helpers.report.alternative import told_at

ALT = "Hình thử: điểm của các đơn vị giả định"


@pytest.fixture(autouse=True)
def close_figures():
    yield
    plt.close("all")


def drawn(rows: int = 3):
    """Made-up scores, as a notebook draws them."""
    report.style()
    frame = pd.DataFrame({"rank": range(1, rows + 1), "score": [90.25 - i for i in range(rows)]})
    ax = plt.subplots(figsize=(7.2, 2.7))[1]
    sns.scatterplot(frame, x="rank", y="score", hue="score", style="rank", legend=False, ax=ax)
    ax.yaxis.set_major_formatter(drawing.CommaFormatter())
    return ax


def words(ax) -> list[str]:
    """All texts that the SVG of a figure holds."""
    root = ElementTree.fromstring(charts.svg(ax, ALT))
    return ["".join(text.itertext()) for text in root.iter(f"{drawing.SVG_NS}text")]


def test_bytes_are_the_same_each_time():
    assert charts.svg(drawn(), ALT) == charts.svg(drawn(), ALT)


def test_figures_share_no_ids_and_refer_to_their_own():
    found = []
    for rows in (2, 3):
        svg = charts.svg(drawn(rows), ALT)
        ids = re.findall(r'\bid="([^"]+)"', svg)
        used = re.findall(r'href="#([^"]+)"', svg) + re.findall(r"url\(#([^)]+)\)", svg)
        assert used
        assert set(used) == set(ids)
        assert len(ids) == len(set(ids))
        found.append(set(ids))
    assert not set.intersection(*found)


def test_svg_stands_in_a_page():
    svg = charts.svg(drawn(), 'Thanh ghi: 84,33 < 90 & "hạng 29"')
    root = ElementTree.fromstring(svg)
    assert svg.startswith("<svg ")
    assert "<style" not in svg and "<metadata" not in svg and "xlink" not in svg
    assert root.get("role") == "img"
    assert root.get("aria-label") == 'Thanh ghi: 84,33 < 90 & "hạng 29"'
    assert root.get("viewBox") and root.get("width") is None


def test_text_stays_text_with_its_marks():
    ax = drawn()
    ax.set_xlabel("Đắk Lắk vượt Thừa Thiên Huế, điểm $ <%>")
    assert {"Đắk Lắk vượt Thừa Thiên Huế, điểm $ <%>", "90,0"} <= set(words(ax))


def test_a_link_on_a_mark_becomes_its_title():
    ax = drawn()
    ax.collections[0].set_urls(["A: 90,25", "B: 89,25", "C: 88,25"])
    root = ElementTree.fromstring(charts.svg(ax, ALT))
    assert not list(root.iter(f"{drawing.SVG_NS}a"))
    titles = [title.text for title in root.iter(f"{drawing.SVG_NS}title")]
    assert titles == ["A: 90,25", "B: 89,25", "C: 88,25"]


def shrunk(svg: str) -> str:
    root = etree.fromstring(svg, etree.XMLParser(remove_blank_text=True))
    drawing._shrink(root)
    etree.cleanup_namespaces(root)
    return etree.tostring(root, encoding="unicode")


RANKS = pd.DataFrame(
    {"year": [2019, 2020] * 2, "index": ["PAR"] * 2 + ["SIPAS"] * 2, "rank": [3, 1, 7, 8]}
)
LOST = pd.DataFrame({"part": ["a", "b"] * 2, "who": list("xxyy"), "lost": [0.5, 0.25, 0.75, 0.1]})
EACH_LOST = [
    f"{p}, {w}: lost {n}"
    for p, w, n in zip("abab", "xxyy", ["0,50", "0,25", "0,75", "0,10"], strict=True)
]
EACH_RANK = [
    f"{y}, {i}: Hạng {n}"
    for y, i, n in zip([2019, 2020] * 2, ["PAR INDEX"] * 2 + ["SIPAS (%)"] * 2, "3178", strict=True)
]


@pytest.mark.parametrize(
    ("draw", "frame", "told"),
    [
        (lambda: sns.scatterplot(LOST, x="lost", y="part", hue="who"), LOST, EACH_LOST),
        (lambda: sns.stripplot(LOST, x="lost", y="part", hue="who", dodge=True), LOST, EACH_LOST),
        (lambda: sns.barplot(LOST, x="lost", y="part", hue="who", errorbar=None), LOST, EACH_LOST),
        (lambda: sns.lineplot(RANKS, x="year", y="rank", hue="index"), RANKS, EACH_RANK),
        (
            lambda: sns.heatmap(LOST.pivot(index="part", columns="who", values="lost"), cbar=True),
            LOST,
            ["a, x: 0,50", "a, y: 0,75", "b, x: 0,25", "b, y: 0,10"],
        ),
        # Not in the frame: the numbers alone, where it is clear what they are of.
        (lambda: sns.scatterplot(LOST, x="lost", y="part"), RANKS, ["a: lost 0,50"]),
        (lambda: plt.plot([2019, 2020], [3.5, 4], marker="o")[0].axes, RANKS, ["2019: 3,50"]),
        (lambda: sns.lineplot(RANKS, x="year", y="rank", hue="index", marker="o"), LOST, []),
        (lambda: plt.plot([2019, 2020], [3.5, 4])[0].axes, RANKS, []),
    ],
)
def test_whatever_drew_a_mark_it_says_its_row(draw, frame, told):
    drawing.style()
    plt.figure()
    ax = draw()
    before = ax.get_xlim(), ax.get_ylim()
    found = re.findall("<title>(.*?)</title>", charts.svg(ax, ALT, told_at([ax], frame)))
    assert (ax.get_xlim(), ax.get_ylim()) == before
    plt.close("all")
    assert found[:1] == told if len(told) < 2 else sorted(found) == sorted(told)


def test_an_interval_stands_behind_the_number_that_it_is_of():
    frame = pd.DataFrame({"n": [6], "r": [0.87], "low": [0.18], "high": [0.99]}, index=["A"])
    plt.figure()
    ax = sns.scatterplot(frame, x="r", y="n")
    told = told_at([ax], frame)(ax, 0.87, 6)
    plt.close("all")
    assert told == "A: n 6, r 0,87 (0,18 đến 0,99)"
    exact = frame.assign(low=0.87, high=0.87)
    plt.figure()
    ax = sns.scatterplot(exact, x="r", y="n")
    told = told_at([ax], exact)(ax, 0.87, 6)
    plt.close("all")
    assert told == "A: n 6, r 0,87"


def test_a_figure_is_made_smaller_and_says_the_same():
    made = shrunk(
        f'<svg xmlns="{drawing.SVG_NS.strip("{}")}" viewBox="0 0 518.4 30">'
        '<g><g style="fill: #fff"><path d="M 1.23456 2  L 3.0000 -4.5  z "/></g> <g />'
        '<text transform="rotate(-0 1.5 2.5)" x="1.999">84,33 điểm</text><g id="b"/></g></svg>'
    )
    assert 'viewBox="0 0 518.4 30"' in made
    assert made.partition(">")[2] == (
        '<g style="fill: #fff"><path d="M1.2 2L3 -4.5z"/></g><text x="2">84,33 điểm</text></svg>'
    )


def test_panels_share_the_shapes_of_their_marks():
    _fig, axes = plt.subplots(1, 2)
    for ax in axes:
        ax.plot([1, 2], [1, 2], "o")
        ax.scatter([1, 2], [2, 1])
    made = etree.fromstring(drawing.svg(axes[0], "made up"))
    plt.close("all")
    shapes = made.findall(f".//{drawing.SVG_NS}defs/{drawing.SVG_NS}path")
    named = [shape.get("id") for shape in shapes]
    used = {mark.get("href") for mark in made.iter(f"{drawing.SVG_NS}use")}
    assert used <= {f"#{one}" for one in named} and len(used) >= 2
    assert len({(shape.get("d"), shape.get("style")) for shape in shapes}) == len(shapes)
    assert etree.tostring(made, encoding="unicode").count("font-family") == 1


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


@pytest.mark.parametrize("year", [2018, 2020, 2023])
def test_names_stand_off_marks_and_off_each_other(table, year):
    frame = pd.DataFrame({i: facts.scores(table, i, year)["score"] for i in facts.INDICES})
    frame = frame.dropna()
    report.style()
    for unit in {frame.index[0], frame.index[-1], *frame.index.intersection(["Thanh Hóa"])}:
        ax = plt.subplots(figsize=(7.2, 4.3))[1]
        sns.scatterplot(frame, x="PAR", y="SIPAS", s=40, ax=ax)
        ends = [frame[column].agg(end) for column in frame for end in ("idxmin", "idxmax")]
        report.name_points(ax, frame, "PAR", "SIPAS", [unit, *ends], strong=[unit])
        ax.figure.draw_without_rendering()
        boxes = {t.get_text(): Text.get_window_extent(t).padded(-1) for t in ax.texts}
        assert wording.unit_name(unit) in boxes
        assert not [pair for pair in combinations(boxes.values(), 2) if pair[0].overlaps(pair[1])]
        dots = ax.transData.transform(frame)
        assert not [name for name, box in boxes.items() if any(box.contains(*d) for d in dots)]


def test_numbers_of_a_fan_stand_off_each_other_and_off_the_forecast():
    """Scores of Quảng Ninh, those of 2019 to 2021 close together; a legend takes its height."""
    years = [2012, 2015, 2017, 2018, 2019, 2020, 2021]
    scores = [80.21, 90.38, 89.45, 89.06, 90.09, 91.04, 91.14]
    points = pd.DataFrame({"year": years, "score": scores, "before": ""})
    points.loc[1, "before"] = "≈\N{NO-BREAK SPACE}"
    expected = pd.Series({2021: 93.26})
    report.style()
    ax = plt.subplots(figsize=(report.WIDTH, 3.8))[1]
    ax.bar(2021, 13, 0.56, bottom=86.5)
    for name in "abcde":
        ax.plot(points["year"], points["score"], "o", label=name)
    ax.set(xlim=(2011.4, 2021.6), ylim=(73, 100))
    ax.figure.legend(loc="outside lower left")
    report.number_points(ax, points["year"], points["score"], points["before"], expected)
    ax.figure.draw_without_rendering()
    boxes = [Text.get_window_extent(one).padded(-1) for one in ax.texts]
    assert len(boxes) == len(points)
    assert not [pair for pair in combinations(boxes, 2) if pair[0].overlaps(pair[1])]
    middle = ax.transData.transform((2021, 93.26))
    assert not any(box.contains(*middle) for box in boxes)
