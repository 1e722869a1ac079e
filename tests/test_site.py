"""The pages that leaders open, made of notebooks that were never run."""

import html5lib
import pandas as pd
import pytest
from babel.numbers import format_decimal
from bs4 import BeautifulSoup
from great_tables import GT
from hypothesis import given
from hypothesis import strategies as st
from nbformat.v4 import (
    new_code_cell,
    new_markdown_cell,
    new_notebook,
    new_output,
    new_raw_cell,
)

from helpers import site, tables, units

TITLE = "Ô Trống 1 <2020> & “Đặng Ữ”"
SVG = """<?xml version="1.0" encoding="utf-8" standalone="no"?>
<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "http://www.w3.org/Graphics/SVG/1.1/DTD/svg11.dtd">
<svg xmlns:xlink="http://www.w3.org/1999/xlink" width="40pt" height="30pt" viewBox="0 0 40 30"
     xmlns="http://www.w3.org/2000/svg" version="1.1">
 <metadata><rdf:RDF xmlns:cc="http://creativecommons.org/ns#"/></metadata>
 <defs><clipPath id="clip"><rect width="40" height="30"/></clipPath>
  <path id="dot" d="M 0 0 L 1 1"/></defs>
 <g clip-path="url(#clip)"><use xlink:href="#dot" x="3"/><text>%s</text></g>
</svg>
"""


def shown(data: dict, kind: str = "display_data", **metadata):
    return new_output(kind, data=data, metadata=metadata)


def cell(*outputs, source="secret_code()", tags=()):
    return new_code_cell(source, outputs=list(outputs), metadata={"tags": list(tags)})


def frame() -> pd.DataFrame:
    return pd.DataFrame({"Đơn vị": ["Ô Trống 1", "Ô Trống 2"], "Điểm": ["84,33", "–"]})


@pytest.fixture(scope="module")
def page() -> str:
    html = {"text/html": frame().to_html(), "text/plain": "plain_frame"}
    styled = {"text/html": frame().style.to_html()}
    cells = [
        new_markdown_cell("# Tiêu đề Ữ\n\n| tên | điểm |\n|---|---|\n| Ô Trống 1 | 3 |"),
        new_markdown_cell("for analysts", metadata={"tags": ["analyst"]}),
        new_raw_cell("raw_cell"),
        cell(shown({"text/plain": "default_value"}), tags=["parameters"]),
        cell(shown({"text/plain": "given_value"}), tags=["injected-parameters"]),
        cell(shown({"text/plain": "removed_value"}), tags=["remove"]),
        cell(
            new_output("stream", name="stderr", text="a_warning"),
            new_output("stream", name="stdout", text="printed <text>"),
            new_output("execute_result", data={"text/plain": "plain_value"}, execution_count=7),
        ),
        cell(shown(html), shown(styled)),
        cell(shown({"image/svg+xml": SVG % "một"}, **{"image/svg+xml": {"alt": "Một & hai"}})),
        cell(shown({"image/svg+xml": SVG % "hai"})),
        cell(shown({"image/png": "iVBORw0KGgo=\n"})),
        cell(shown({"text/markdown": "[nguồn](https://example.org/a?b=1&c=2)"})),
        cell(shown({"application/javascript": "alert(1)"})),
    ]
    return site.to_html(new_notebook(cells=cells), TITLE)


@pytest.fixture(scope="module")
def soup(page) -> BeautifulSoup:
    return BeautifulSoup(page, "html5lib")


def test_the_page_is_valid_html(page):
    html5lib.HTMLParser(strict=True).parse(page)


def test_the_head_says_language_encoding_title_and_policy(soup):
    assert soup.html["lang"] == "vi"
    assert soup.find("meta", charset="utf-8")
    assert soup.title.string == TITLE
    assert soup.find("meta", attrs={"name": "viewport"})
    policy = soup.find("meta", attrs={"http-equiv": "Content-Security-Policy"})["content"]
    assert policy.startswith("default-src 'none';")
    assert "script-src" not in policy


def test_nothing_is_loaded_from_elsewhere(page, soup):
    assert site.outside_loads(page) == []
    assert soup.find_all(["script", "link", "iframe", "object", "embed", "base"]) == []
    sources = [tag["src"] for tag in soup.find_all(src=True)]
    assert sources == ["data:image/png;base64,iVBORw0KGgo="]
    assert [tag["href"] for tag in soup.find_all("a")] == ["https://example.org/a?b=1&c=2"]


@pytest.mark.parametrize(
    "hidden",
    [
        "secret_code",
        "for analysts",
        "raw_cell",
        "default_value",
        "given_value",
        "removed_value",
        "a_warning",
        "plain_value",
        "plain_frame",
        "alert(1)",
        "In [",
        "Out[",
        "¶",
    ],
)
def test_what_is_not_for_leaders_is_left_out(page, hidden):
    assert hidden not in page


def test_text_and_what_was_printed_are_shown(soup):
    assert soup.h1.get_text() == "Tiêu đề Ữ"
    assert soup.pre.get_text() == "printed <text>"


def test_tables_have_numbers_to_the_right_and_a_frame_that_scrolls(soup):
    tables = soup.find_all("table")
    assert len(tables) == 3
    for table in tables:
        assert table.parent["class"] == ["scroll"]
        assert not table.has_attr("border")
        heads = [head.get_text() for head in table.thead.find_all("th") if "num" in classes(head)]
        assert heads in (["Điểm"], ["điểm"])
        first, *_ = [td for td in table.tbody.find_all("td") if "num" in classes(td)]
        assert first.get_text() in ("84,33", "3")
    assert [sheet.parent.name for sheet in soup.find_all("style")] == ["head"]


def classes(tag) -> list[str]:
    return tag.get("class", [])


def test_figures_are_svg_with_ids_of_their_own(soup, page):
    first, second = soup.find_all("svg")
    assert first["role"] == "img"
    assert first["aria-label"] == "Một & hai"
    assert first["viewBox"] == "0 0 40 30"
    ids = [tag["id"] for tag in soup.select("svg [id]")]
    assert len(ids) == len(set(ids)) == 4
    for figure in (first, second):
        assert figure.find("use")["xlink:href"] == "#" + figure.find("path")["id"]
        assert figure.find("g")["clip-path"] == f"url(#{figure.find('clipPath')['id']})"
    assert "creativecommons" not in page


@pytest.mark.parametrize(
    "html, address",
    [
        ('<img src="https://example.org/a.png">', "https://example.org/a.png"),
        ("<img alt='' src=chart.png>", "chart.png"),
        ('<img srcset="//example.org/a.png 2x">', "//example.org/a.png"),
        ('<SCRIPT SRC="a.js"></SCRIPT>', "a.js"),
        ('<link rel="stylesheet" href="a.css">', "a.css"),
        ('<iframe src="file:///a"></iframe>', "file:///a"),
        ('<svg><image xlink:href="a.png"/></svg>', "a.png"),
        ("<style>@import 'a.css';</style>", "'a.css'"),
        ("<p style=\"background: url( 'http://example.org/a' )\">", "http://example.org/a"),
    ],
)
def test_a_page_that_would_load_something_is_refused(html, address):
    assert site.outside_loads(html) == [address]
    notebook = new_notebook(cells=[cell(shown({"text/html": html}))])
    with pytest.raises(site.NotSelfContained, match="it would load"):
        site.to_html(notebook, TITLE)


@pytest.mark.parametrize(
    "html",
    [
        '<a href="https://example.org">nguồn</a>',
        '<img src="data:image/png;base64,AAAA">',
        '<svg><use href="#dot"/><g clip-path="url(#clip)"/></svg>',
        "<p>src=https://example.org is only text</p>",
    ],
)
def test_links_and_what_the_page_holds_are_no_loads(html):
    assert site.outside_loads(html) == []


@given(st.decimals(-1000, 1000, places=2), st.sampled_from(["", " %", "%", " điểm", " bậc"]))
def test_vietnamese_numbers_are_known_as_numbers(value, unit):
    text = format_decimal(value, locale="vi") + unit
    html = f"<table><tr><th>A</th></tr><tr><td>{text}</td></tr></table>"
    assert site.typeset(html).count('class="num"') == 2


@pytest.mark.parametrize("text", ["Ô Trống 1", "2020: 84,33", "hạng 29", "3 tỉnh"])
def test_a_column_with_words_is_not_one_of_numbers(text):
    html = f"<table><tr><td>1</td></tr><tr><td>{text}</td></tr></table>"
    assert "num" not in site.typeset(html)


def test_tables_of_great_tables_stand_in_a_frame_for_the_keyboard():
    made = GT(frame(), id="toy").tab_header("Bảng của Ô Trống").as_raw_html()
    soup = BeautifulSoup(site.typeset(made), "html.parser")
    [region] = soup.select("div.scroll")
    assert region["id"] == "toy"
    assert region["tabindex"] == "0"
    assert soup.find(id=region["aria-labelledby"]).get_text() == "Bảng của Ô Trống"
    assert soup.select(".num") == []


@pytest.fixture(scope="module")
def typeset_page() -> str:
    """A table as the reports set it, and a figure as they show it."""
    values = pd.DataFrame(
        {
            "Đơn vị": ["Ô Trống 1", "Ô Trống 2", "Ô Trống < 3"],
            "Điểm": ["84,33", "87,74 (87,39–88,14)", "a < 1–2 & b"],
            "Vùng": ["A", "A", "B"],
        }
    )
    table = tables.typeset(
        values,
        {"Đơn vị": "Đơn vị", "Điểm": "Điểm"},
        title="Bảng của Ô Trống",
        subtitle="điểm",
        right=("Điểm",),
        groups="Vùng",
        widths={"Đơn vị": "24%"},
        light=values["Vùng"] == "B",
        notes=("Ghi chú",),
    )
    outputs = [{"text/html": table.as_raw_html()}, {"text/html": "<figure><svg></svg></figure>"}]
    return site.to_html(new_notebook(cells=[cell(*map(shown, outputs))]), TITLE)


def test_the_look_of_tables_is_that_of_the_page_and_stands_in_its_head(typeset_page):
    html5lib.HTMLParser(strict=True).parse(typeset_page)
    soup = BeautifulSoup(typeset_page, "html5lib")
    # The parser lets it pass, but HTML has no style element in a body.
    assert [sheet.parent.name for sheet in soup.find_all("style")] == ["head"]
    sheet = soup.style.string
    unset = {name for tag in soup.select(".gt_table *") for name in classes(tag)}
    unset -= {"gt_heading", "gt_font_normal", "gt_col_headings", "gt_from_md", "gt_sourcenotes"}
    unset -= {"gt_left", "gt_columns_bottom_border"}  # as every cell, as every column head
    assert {name for name in unset if f".{name}" not in sheet} == set()
    light = [td["style"] for td in soup.select("td.gt_row[style]")]
    assert len(light) == 2 and all("italic" in look for look in light)


def test_columns_fit_their_words_and_no_number_is_broken(typeset_page):
    soup = BeautifulSoup(typeset_page, "html5lib")
    assert not soup.table.has_attr("style")
    assert soup.table.col["style"] == "width:24%;"
    whole = [tag.get_text() for tag in soup.select(".whole")]
    assert whole == ["84,33", "87,39–88,14", "1–2"]
    cells = [td.get_text() for td in soup.select("td.gt_right")]
    assert cells == ["84,33", "87,74 (87,39–88,14)", "a < 1–2 & b"]
    heads = {head["scope"] for head in soup.select("thead th")}
    assert heads == {"col"} and soup.select("[headers]") == []


def test_figures_that_scroll_can_be_reached_with_the_keyboard(typeset_page, soup):
    figures = [
        *BeautifulSoup(typeset_page, "html5lib").find_all("figure"),
        *soup.find_all("figure"),
    ]
    assert len(figures) == 4
    assert {figure["tabindex"] for figure in figures} == {"0"}


def test_columns_are_counted_past_cells_that_span_several():
    html = (
        '<table><tr><th colspan="2">A</th><th>B</th></tr>'
        "<tr><td>x</td><td>y</td><td>1</td></tr></table>"
    )
    numbers = BeautifulSoup(site.typeset(html), "html.parser").select(".num")
    assert [tag.get_text() for tag in numbers] == ["B", "1"]


# --- the start page ------------------------------------------------------------------------


def test_the_start_page_links_every_page_there_is_by_year_and_region(tmp_path):
    names = ["Đắk Lắk", "Đà Nẵng", "Đắk Nông", "Thanh Hóa"]
    files = [f"{site.page_name(units.slug(name), 2020)}.html" for name in names]
    files += ["1_national_results-2020.html", "38-thanh-hoa-2021.html"]
    for file in [*files, "index.html", "something-else.html", "99-nowhere-2020.html"]:
        (tmp_path / file).touch()
    html = site.start_page(tmp_path, 2020)
    html5lib.HTMLParser(strict=True).parse(html)
    assert site.outside_loads(html) == []
    soup = BeautifulSoup(html, "html5lib")
    assert sorted(link["href"] for link in soup.find_all("a")) == sorted(files)
    assert [head.get_text() for head in soup.find_all("h2")] == [
        "Kết quả năm 2020",
        "Kết quả năm 2021",
    ]
    first = soup.section
    assert [head.get_text() for head in first.find_all("h3")] == [
        "Bắc Trung Bộ và Duyên hải miền Trung",
        "Tây Nguyên",
    ]
    links = [link.get_text() for link in first.find_all("a")]
    assert links == ["Kết quả cả nước", "Thanh Hóa", "Đà Nẵng", "Đắk Lắk", "Đắk Nông"]


def test_the_start_page_of_an_empty_folder_says_so(tmp_path):
    html = site.start_page(tmp_path)
    html5lib.HTMLParser(strict=True).parse(html)
    assert "Chưa có báo cáo nào." in html
