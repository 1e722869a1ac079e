"""The four calls that dress a result for its page, in both languages."""

import io
import math
import re

import languages
import matplotlib.pyplot as plt
import nbformat
import numpy as np
import openpyxl
import pandas as pd
import pytest
import said
import seaborn as sns
from bs4 import BeautifulSoup
from hypothesis import given
from hypothesis import strategies as st
from nbformat.v4 import new_code_cell, new_notebook, new_output

from helpers import facts, language, report, units
from helpers.citations import Citations, Marks
from helpers.cli.spreadsheets import spreadsheet
from helpers.paths import notebooks_dir
from helpers.report import show, tables
from helpers.report.sheets import KEY, sheet
from helpers.report.texts import label, number
from helpers.site.setting import typeset

NOTEBOOKS = sorted(notebooks_dir().glob("*.ipynb"))
TITLE, UNIT = ("Nơi nào cao hơn?", "Who is higher?"), ("điểm", "points")


@pytest.fixture
def shown(monkeypatch):
    """Give a function that makes a call, and gives the HTML that it displays."""
    pieces = []
    for module in (show, tables):
        monkeypatch.setattr(module, "display", lambda piece, **_: pieces.append(piece.data))

    def html(call, *given, **named) -> str:
        pieces.clear()
        assert call(*given, **named) is None
        return "".join(pieces)

    return html


@pytest.fixture
def made_up():
    """Ten units that are no provinces."""
    names = [f"unit {letter}" for letter in "ABCDEFGHIJ"]
    frame = pd.DataFrame({"PAR": np.arange(10) + 60.5, "SIPAS": np.arange(10, 0, -1) + 80.25})
    return frame.assign(region=["x"] * 4 + ["y"] * 6).set_axis(pd.Index(names, name="unit"))


@pytest.fixture
def cite():
    source = {"publisher": ["Made-up Gazette"], "published": ["2021"], "url": [""], "note": [""]}
    return Citations(pd.DataFrame(source, index=["x1"]))


@pytest.fixture(autouse=True)
def look():
    with plt.rc_context():
        report.style()
        yield
        plt.close("all")


# --- texts --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("spec", "value", "vi", "en"),
    [
        (":.2f", -0.785, "−0,79", "−0.79"),
        (":+.1f", 0.61, "+0,6", "+0.6"),
        (":+.1f", -0.04, "0,0", "0.0"),
        (":,", 35000, "35.000", "35,000"),
        ("", 2020, "2020", "2020"),
        ("", 12.0, "12", "12"),
        ("", np.int64(-3), "−3", "−3"),
        (":.0%", 0.125, "13%", "13%"),
        (":.2f", math.nan, "–", "–"),
        ("", None, "–", "–"),
        ("", ["A", "B", "C"], "A, B và C", "A, B and C"),
        ("", ("nhỏ", "small"), "nhỏ", "small"),
    ],
)
def test_numbers_are_written_as_the_language_writes_them(spec, value, vi, en):
    template = f"[{{value{spec}}}]"
    for lang, told in (("vi", vi), ("en", en)):
        with language.using(lang):
            assert report.text(template, template, value=value) == f"[{told}]"


@given(st.floats(-1e6, 1e6), st.integers(0, 4))
def test_a_number_reads_back(value, places):
    with language.using("en"):
        told = number(value, f".{places}f").replace(",", "").replace("−", "-")
    assert float(told) == pytest.approx(value, abs=0.5001 * 10**-places)


def test_a_field_without_a_value_or_decimals_is_refused_by_name():
    with pytest.raises(ValueError, match=r"no value is given for \{r\}"):
        report.text("{r:.2f}", "{r:.2f}", n=1)
    with pytest.raises(ValueError, match=r"how many decimals 0\.79 has"):
        report.text("{r}", "{r}", r=0.79)
    with pytest.raises(ValueError, match="is no format of a number"):
        report.text("{r:e}", "{r:e}", r=0.79)


def test_names_of_readers(in_english):
    own = {"r": ("hệ số", "coefficient")}
    assert label("r", own) == "coefficient"
    assert label("rank") == "Rank"
    assert label(("low", "high")) == "Interval"
    assert label(0.95) == "0.95" and label(2020.0) == "2020"
    assert label("Tây Nguyên") == "Central Highlands"
    assert label("Hồ Chí Minh") == "Hồ Chí Minh City"  # the name alone is a person's
    assert label("unit A") == "unit A"


def test_say_escapes_what_is_no_mark_of_a_source(shown, cite):
    html = shown(
        report.say, "<b>{who}</b>{cited}", "<b>{who}</b>{cited}", who="a<b", cited=cite("x1")
    )
    assert html == f"<p><b>a&lt;b</b>{cite('x1')}</p>"
    assert isinstance(cite(["x1", "x1"]), Marks)


# --- charts -------------------------------------------------------------------------------------


def test_the_frames_of_a_notebook_are_sheets_with_their_numbers_and_names():
    frame = pd.DataFrame(
        {"unit": ["Hà Nội", "Huế"], "year": [2019, 2020], "r": [0.123456, None]}, index=[1, 0]
    )
    frame["told"] = [("có", "yes"), None]
    labels = {"r": ("Hệ số [r]", "Coefficient [r]")}
    told = [
        sheet(frame, "Nơi nào <b>cao</b>: hơn? " * 3, "điểm", labels, estimates=True),
        sheet(frame.set_index("unit")[["r"]], "=1+1", labels=labels),
        sheet(frame, "Sai số", "không có số ước lượng"),
    ]
    outputs = [new_output("display_data", {"text/html": "x"}, metadata=one) for one in told]
    outputs.append(new_output("display_data", {"text/html": "no frame"}))
    with language.using("vi"):
        made = spreadsheet(new_notebook(cells=[new_code_cell(outputs=outputs)]))
    book = openpyxl.load_workbook(io.BytesIO(made))
    contents, first, second, _third = (list(one.values) for one in book.worksheets)
    assert contents[0] == ("Trang tính", "Tiêu đề", "Đơn vị", "Có số ước lượng")
    assert [row[0] for row in contents[1:]] == [1, 2, 3]
    assert [row[3] for row in contents[1:]] == ["có", None, None]
    assert "<b>" not in contents[1][1]
    assert first[0] == ("Tỉnh, thành phố", "Năm", "Hệ số [r]", "told")
    assert first[1:] == [("Hà Nội", 2019, 0.123456, "có"), ("Huế", 2020, None, None)]
    assert second[1:] == [("Hà Nội", 0.123456), ("Huế", None)]
    assert all(len(one.title) <= 31 for one in book.worksheets)


def test_in_a_sheet_each_figure_has_its_own_kind_and_what_is_missing_has_none(monkeypatch):
    told = []
    monkeypatch.setattr(tables, "display", lambda _piece, metadata: told.append(metadata))
    frame = pd.DataFrame({"unit": ["Lai Châu", "Nghệ An"], "rank": ["≈ 37", "48"]})
    frame["rank_kind"], frame["score"] = ["estimated", "published"], [84.14, math.nan]
    frame["score_kind"] = ["derived", "published"]
    light = pd.Series([False, True])
    report.table(frame, TITLE, columns=["unit", "rank", "score"], light=light)
    (made,) = (one["text/html"][KEY] for one in told)
    heads = ["Hạng", "Điểm", "Hạng: loại số liệu", "Điểm: loại số liệu"]
    assert made["columns"] == ["Tỉnh, thành phố", *heads] and made["estimates"]
    assert made["rows"] == [
        ["Lai Châu", "≈ 37", 84.14, "ước lượng", "suy ra"],
        ["Nghệ An", "48", None, "công bố", None],
    ]


@pytest.mark.parametrize(
    ("how", "held"),
    [
        ({}, False),
        ({"estimates": True}, True),
        ({"light": pd.Series([True, False])}, True),
        ({"light": pd.Series([False, False])}, False),
    ],
)
def test_the_sheet_of_a_table_says_whether_it_holds_estimates(monkeypatch, how, held):
    told = []
    monkeypatch.setattr(tables, "display", lambda _piece, metadata: told.append(metadata))
    report.table(pd.DataFrame({"x": [1.5, 2.5]}), TITLE, **how)
    assert [one["text/html"][KEY]["estimates"] for one in told] == [held]


def test_a_chart_of_seaborn_is_dressed_for_the_page(shown, made_up, cite):
    ax = sns.scatterplot(made_up, x="PAR", y="SIPAS", hue="region")
    html = shown(report.chart, ax, TITLE, UNIT, made_up, sources=cite("x1"))
    assert plt.get_fignums() == []
    soup = BeautifulSoup(html, "html.parser")
    assert soup.figcaption.get_text(" ") == "Nơi nào cao hơn? điểm"
    assert 'Nguồn: <sup class="cite">' in html
    texts = [text.get_text() for text in soup.svg.find_all("text")]
    assert {"PAR INDEX", "SIPAS (%)", "Vùng"} <= set(texts)
    assert soup.svg["role"] == "img"
    alt = soup.svg["aria-label"]
    assert "60,50 (unit A)" in alt and "90,25 (unit A)" in alt and "y 6" in alt


def test_axes_are_named_in_the_language_and_years_stay_whole(shown, made_up, in_english):
    rows = made_up.reset_index().assign(year=range(2012, 2022))
    ax = sns.lineplot(rows, x="year", y="PAR", hue="region")
    html = shown(report.chart, ax, TITLE, UNIT, rows, labels={"x": ("miền x", "land x")})
    texts = [text.get_text() for text in BeautifulSoup(html, "html.parser").find_all("text")]
    assert {"Year", "2014", "land x", "y"} <= set(texts)
    assert "2,014" not in texts and languages.vietnamese_in(languages.seen(html)) == []


def test_categories_of_an_axis_get_their_names(shown, made_up):
    ax = sns.stripplot(made_up, x="SIPAS", y="region")
    html = shown(report.chart, ax, TITLE, UNIT, made_up, labels={"y": ("miền y", "land y")})
    texts = [text.get_text() for text in BeautifulSoup(html, "html.parser").find_all("text")]
    assert "miền y" in texts and "y" not in texts


@pytest.mark.parametrize("shared", ["sharex", "sharey"])
def test_categories_of_shared_axes_keep_their_names(shown, made_up, shared):
    _fig, axes = plt.subplots(2, 2, **{shared: True})
    for ax in axes.flat:
        sns.stripplot(
            made_up,
            **dict(zip("xy", ["region", "SIPAS"][:: 1 if shared == "sharex" else -1], strict=True)),
            ax=ax,
        )
    html = shown(report.chart, axes[0, 0], TITLE, UNIT, made_up, labels={"y": ("miền y", "land y")})
    texts = [text.get_text() for text in BeautifulSoup(html, "html.parser").find_all("text")]
    assert texts.count("miền y") == 2 and "y" not in texts


def test_a_heat_map_is_lines_and_areas_alone(shown, made_up):
    wide = pd.DataFrame(np.arange(60.0).reshape(10, 6), made_up.index, range(2012, 2018))
    html = shown(report.chart, sns.heatmap(wide), TITLE, UNIT, wide)
    assert "<image" not in html
    alt = BeautifulSoup(html, "html.parser").svg["aria-label"]
    assert "2012 đến 2017" in alt
    assert "từ 0 (unit A, 2012) đến 59 (unit J, 2017)" in alt


def test_a_short_frame_is_told_row_by_row():
    rows = pd.DataFrame({"r": [0.5, -0.25], "low": [0.1, math.nan], "high": [0.75, math.nan]})
    told = report.described(rows.set_axis(pd.Index(["one", "two"], name="case")))
    assert told == "one: r 0,50 (0,10 đến 0,75). two: r −0,25."


def test_rows_without_a_name_are_named_by_their_texts():
    rows = pd.DataFrame(
        {"part": list("abcde") * 2, "who": ["x"] * 5 + ["y"] * 5, "lost": range(10)}
    )
    told = report.described(rows, {"who": "", "part": "p"})
    assert "; x 5, y 5." in told and told.endswith("lost: từ 0 (a, x) đến 9 (e, y).")


def test_lines_over_years_are_told_each_by_itself():
    rows = pd.DataFrame({"year": range(2012, 2022), "score": [3, 1, 2, 5, 4, 4, 4, 4, 4, 4.5]})
    told = report.described(rows.assign(unit="unit A"))
    assert told.endswith("unit A: 3,00 (2012), 1,00 (2013), 5,00 (2015), 4,50 (2021).")


@pytest.mark.parametrize("frame", [pd.DataFrame(), pd.DataFrame({"r": [math.nan]})])
def test_nothing_to_draw_is_said(frame):
    assert re.search(r"Không có số liệu|Số dòng số liệu: 1", report.described(frame))


def test_colours_keep_their_meaning():
    assert list(report.palette("region")) == list(units.regions()["name"])
    assert len(set(report.palette("region").values())) == 6
    assert set(report.palette("index")) == set(facts.INDICES)
    with pytest.raises(ValueError, match="choose one of region, index, kind"):
        report.palette("colour")


# --- tables -------------------------------------------------------------------------------------


def test_numbers_that_are_written_out_stand_to_the_right(shown):
    rows = pd.DataFrame(
        {"rank": ["12\N{NO-BREAK SPACE}*", "11–25", "–"], "of": ["2/13", "", "0/7"]}
    )
    rows["who"], rows["share"] = ["a1", "2", "3"], ["95% (75%–100%)", "≈ 0,5", "−1,5"]
    html = shown(report.table, rows, "x")
    sides = [cell["class"][1] for cell in BeautifulSoup(html, "html.parser").select("tbody td")]
    assert sides == ["gt_right", "gt_right", "gt_left", "gt_right"] * 3


def test_a_table_writes_each_kind_of_column(shown, cite, in_english):
    rows = pd.DataFrame(
        {
            "year": [2019, 2020],
            "n": [1200, 7],
            "r": [-0.5, math.nan],
            "low": [-0.75, math.nan],
            "high": [0.125, math.nan],
            "kind": ["derived", None],
            "cited": [str(cite("x1")), ""],
            "survey": ["old", "new"],
        },
        index=pd.Index(["a<b", "c"], name="unit"),
    )
    html = shown(
        report.table,
        rows,
        ("Bảng của {n} dòng", "A table of {n} rows"),
        UNIT,
        columns=["unit", "year", "n", "r", ("low", "high"), "kind", "cited"],
        groups="survey",
        labels={"old": ("cũ", "the old one")},
        notes=[("Ghi chú", "A note on {n}")],
        sources=cite("x1"),
        n=2,
    )
    soup = BeautifulSoup(typeset(html), "html.parser")
    cells = [[cell.get_text() for cell in row.find_all("td")] for row in soup.select("tbody tr")]
    assert [row for row in cells if len(row) > 1] == [
        ["a<b", "2019", "1,200", "−0.50", "−0.75 to 0.13", "derived", "1"],
        ["c", "2020", "7", "–", "–", "–", ""],
    ]
    told = soup.get_text(" ")
    for words in ("A table of 2 rows", "the old one", "A note on 2", "Source: ", "Interval"):
        assert words in told
    assert languages.vietnamese_in(told) == []


def test_differences_have_their_sign_and_decimals(shown):
    rows = pd.DataFrame({"change": [0.125, -1.0], "share": [0.5, 1.0]})
    html = shown(report.table, rows, TITLE, decimals={"change": 1}, signed=["change"])
    cells = [cell.get_text() for cell in BeautifulSoup(html, "html.parser").select("tbody td")]
    assert cells == ["+0,1", "0,50", "−1,0", "1,00"]


# --- what notebooks say -------------------------------------------------------------------------


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_both_texts_of_a_pair_have_the_same_numbers_and_fields(path):
    for cell in nbformat.read(path, as_version=4).cells:
        if cell.cell_type == "code":
            assert said.problems(cell.source) == [], cell.id


@pytest.mark.parametrize(
    ("cell", "told"),
    [
        ('say("{r:.2f}, 5", "{r:.2f}, 5", r=r)', []),
        ('say("{r:.2f}", "{r:.1f}", r=r)', ["other fields"]),
        ('chart(ax, ("ít hơn 1,5", "less than 1.6"), "x", pairs)', ["other numbers"]),
        ('table(pairs, "x", labels={"r": ("hệ số", "hệ số r")})', ["Vietnamese in the English"]),
        ('columns = [("low", "high")]', []),
        ('say(*WORDS["few"], n=3)', []),
    ],
)
def test_what_does_not_fit_is_seen(cell, told):
    found = said.problems(cell)
    assert len(found) == len(told)
    assert all(words in one for one, words in zip(found, told, strict=True))


def test_texts_that_are_put_together_are_refused():
    with pytest.raises(ValueError, match="both texts must stand"):
        said.problems('say(f"{n} cặp", "{n} pairs", n=3)')
