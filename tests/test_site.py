"""The pages that leaders open, made of notebooks that were never run."""

import base64
import hashlib
import re

import html5lib
import languages
import pandas as pd
import pytest
from babel.numbers import format_decimal
from bs4 import BeautifulSoup
from hypothesis import given
from hypothesis import strategies as st
from nbformat.v4 import (
    new_code_cell,
    new_markdown_cell,
    new_notebook,
    new_output,
    new_raw_cell,
)

from helpers import collation, facts, notebooks, report, units
from helpers.citations import marks, source_line
from helpers.errors import PageWarning
from helpers.report import tables
from helpers.site import dates, index, results, tiles
from helpers.site.compare import comparison_page
from helpers.site.index import start_page
from helpers.site.links import mend
from helpers.site.pages import to_html
from helpers.site.policy import NotSelfContained, outside_loads
from helpers.site.setting import typeset

TITLE = "Ô Trống 1 <2020> & “Đặng Ữ”"
SVG = """<?xml version="1.0" encoding="utf-8" standalone="no"?>
<svg viewBox="0 0 40 30" xmlns="http://www.w3.org/2000/svg"><text>%s</text></svg>
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
    ]
    with pytest.warns(PageWarning):
        return to_html(new_notebook(cells=cells), TITLE)


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


def test_the_policy_allows_the_style_and_the_script_of_the_page_and_nothing_else(soup, page):
    policy = soup.find("meta", attrs={"http-equiv": "Content-Security-Policy"})["content"]
    rules = dict(rule.split(" ", 1) for rule in policy.split("; "))
    [sheet], [script] = soup.find_all("style"), soup.find_all("script")
    assert rules == {
        "default-src": "'none'",
        "img-src": "data:",
        "base-uri": "'none'",
        "form-action": "'none'",
        "style-src": sha256(sheet.string),
        "script-src": sha256(script.string),
    }
    assert soup.find_all(style=True) == []
    assert not re.search(r"<[^>]*\son[a-z]+\s*=", page)


def page_of(html: str) -> str:
    return to_html(new_notebook(cells=[cell(shown({"text/html": html}))]), TITLE)


@pytest.mark.parametrize(
    "before", ["", "title", "width = 3", "title='\"' hidden", 'alt="x=y"', "hidden\n"]
)
@pytest.mark.parametrize("after", ["", " title='style'", ' class="x"', "/"])
@pytest.mark.parametrize("quote", ['"', "'"])
def test_a_style_behind_any_attribute_goes_into_the_head(before, after, quote):
    page = page_of(f"<b {before} style={quote}color: teal{quote}{after}>một</b>")
    [bold] = BeautifulSoup(page, "html5lib").find_all("b")
    assert not bold.has_attr("style")
    assert re.search(rf"\.{bold['class'][-1]}\S*{{color: teal}}", page)


def test_what_another_attribute_says_is_no_style():
    picture = '<img alt=" style=" src="data:image/png;base64,AAAA">'
    assert picture in page_of(picture)
    with pytest.raises(NotSelfContained, match="it would load"):
        page_of('<img alt=" style=" src="https://example.org/a.png">')


@pytest.mark.parametrize("html", ['<s style=""cript>alert(1)</script>', "<s style=''cript >x"])
def test_taking_a_style_away_makes_no_script(html):
    page = page_of(html)
    assert [script.string for script in BeautifulSoup(page, "html5lib").find_all("script")] == [
        script.string for script in BeautifulSoup(page_of("<p>"), "html5lib").find_all("script")
    ]


def sha256(content: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()}'"


def test_nothing_is_loaded_from_elsewhere(page, soup):
    assert outside_loads(page) == []
    assert soup.find_all(["link", "iframe", "object", "embed", "base"]) == []
    assert not soup.script.attrs
    assert soup.find_all(src=True)[-1]["src"] == "data:image/png;base64,iVBORw0KGgo="
    hrefs = [tag["href"] for tag in soup.main.find_all("a")]
    assert hrefs == ["https://example.org/a?b=1&c=2"]


@pytest.mark.parametrize("html", ["<script>alert(1)</script>", "<p><SCRIPT type=module>x</SCRIPT>"])
def test_a_script_that_is_not_the_pages_own_is_refused(html):
    # The policy has the hashes of all scripts of a page, so a foreign one would run.
    for made in (cell(shown({"text/html": html})), new_markdown_cell(html)):
        with pytest.raises(NotSelfContained, match="it holds a script"):
            to_html(new_notebook(cells=[made]), TITLE)
    shown_as_text = to_html(new_notebook(cells=[new_markdown_cell(f"`{html}`")]), TITLE)
    assert "alert(1)" in shown_as_text or "module" in shown_as_text


def test_what_is_not_for_leaders_is_left_out(page):
    left_out = ("raw_cell", "removed_value", "a_warning", "plain_value", "plain_frame")
    assert [text for text in (*left_out, "In [", "Out[", "¶") if text in page] == []


def test_what_is_for_analysts_is_there_but_hidden_until_asked_for(soup):
    for hidden in ("secret_code()", "for analysts", "default_value", "given_value"):
        found = soup.main.find_all(string=re.compile(re.escape(hidden)))
        assert found and all(text.find_parent(class_="analyst") for text in found)


def test_text_and_what_was_printed_are_shown(soup):
    assert soup.h1.get_text() == "Tiêu đề Ữ"
    printed = [pre.get_text() for pre in soup.find_all("pre") if "code" not in classes(pre)]
    assert printed == ["default_value", "given_value", "printed <text>"]


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


def test_figures_are_pictures_with_their_words(soup):
    svg, bare, png = soup.select("figure > img")
    assert (svg["alt"], bare["alt"], png["alt"]) == ("Một & hai", "Biểu đồ", "Biểu đồ")
    head, _, content = svg["src"].partition(",")
    assert head == "data:image/svg+xml;base64"
    assert base64.b64decode(content).decode() == SVG % "một"


@pytest.mark.parametrize(
    "html, address",
    [
        ('<img src="https://example.org/a.png">', "https://example.org/a.png"),
        ('<img alt="a > b" src="chart.png">', "chart.png"),
        ("<img alt=\"it's\" title='<b>' src=chart.png>", "chart.png"),
        ('<img srcset="//example.org/a.png 2x">', "//example.org/a.png"),
        ('<SCRIPT SRC="a.js"></SCRIPT>', "a.js"),
        ('<iframe src="file:///a"></iframe>', "file:///a"),
        ('<svg><image xlink:href="a.png"/></svg>', "a.png"),
        ("<style>@import 'a.css';</style>", "'a.css'"),
        ('<meta http-equiv="refresh" content="0;url=//a.org">', 'refresh" content="0;url=//a.org"'),
        ("<p style=\"background: url( 'http://example.org/a' )\">", "http://example.org/a"),
    ],
)
def test_a_page_that_would_load_something_is_refused(html, address):
    assert outside_loads(html) == [address]
    with pytest.raises(NotSelfContained, match="it would load"):
        page_of(html)


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
    assert outside_loads(html) == []


@given(st.decimals(-1000, 1000, places=2), st.sampled_from(["", " %", "%", " điểm", " bậc", " *"]))
def test_vietnamese_numbers_are_known_as_numbers(value, unit):
    text = format_decimal(value, locale="vi") + unit
    html = f"<table><tr><th>A</th></tr><tr><td>{text}</td></tr></table>"
    assert typeset(html).count('class="num"') == 2


@pytest.mark.parametrize("text", ["Ô Trống 1", "2020: 84,33", "hạng 29", "3 tỉnh"])
def test_a_column_with_words_is_not_one_of_numbers(text):
    html = f"<table><tr><td>1</td></tr><tr><td>{text}</td></tr></table>"
    assert "num" not in typeset(html)


@pytest.fixture(scope="module")
def typeset_page() -> BeautifulSoup:
    """A table as the reports set it, and a figure as they show it."""
    values = pd.DataFrame(
        {
            "Đơn vị": ["Ô Trống 1", "Ô Trống 2", "Ô Trống < 3"],
            "Điểm": ["84,33", "87,74 (87,39–88,14)", "a < 1–2 & b"],
            "Vùng": ["A", "A", "B"],
        }
    )
    made = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tables, "display", lambda piece, metadata: made.append(piece.data))
        report.table(
            values,
            "Bảng của Ô Trống",
            "điểm",
            right=["Điểm"],
            groups="Vùng",
            light=values["Vùng"] == "B",
            notes=["Ghi chú"],
        )
    figure = "<figure><svg aria-label='Một'></svg></figure>"
    page = page_of("".join([*made, figure]))
    html5lib.HTMLParser(strict=True).parse(page)
    return BeautifulSoup(page, "html5lib")


def test_the_look_of_tables_is_that_of_the_page_and_stands_in_its_head(typeset_page):
    # The parser lets it pass, but HTML has no style element in a body.
    [sheet] = typeset_page.find_all("style")
    assert sheet.parent.name == "head"
    assert not typeset_page.table.has_attr("style")
    [look] = re.findall(r"\.(l\d+)\.\1\.\1{[^}]*italic", sheet.string)
    assert [cell.get_text() for cell in typeset_page.select(f"td.{look}")] == [
        "Ô Trống < 3",
        "a < 1–2 & b",
    ]


def test_no_span_of_numbers_is_broken_and_cells_stay_as_they_were(typeset_page):
    assert [tag.get_text() for tag in typeset_page.select(".whole")] == ["87,39–88,14", "1–2"]
    cells = [td.get_text() for td in typeset_page.select("td.gt_right")]
    assert cells == ["84,33", "87,74 (87,39–88,14)", "a < 1–2 & b"]
    heads = {head["scope"] for head in typeset_page.select("thead th")}
    assert heads == {"col"} and typeset_page.select("[headers]") == []


def test_titles_and_notes_stand_outside_the_frame_that_scrolls(typeset_page):
    [whole] = typeset_page.select("div.table")
    parts = [tag.get_text(strip=True) for tag in whole.find_all("div", recursive=False)]
    assert parts[:2] == ["Bảng của Ô Trống", "điểm"] and parts[3:] == ["Ghi chú"]
    region = whole.select_one(".scroll")
    assert region["tabindex"] == "0"
    assert typeset_page.find(id=region["aria-labelledby"]).get_text() == parts[0]
    assert typeset_page.find(id=region.table["aria-describedby"]).get_text() == parts[1]
    assert not region.select(".gt_heading, tfoot")


def test_columns_are_counted_past_cells_that_span_several():
    values = pd.DataFrame({("A", "x"): ["1", "2"], ("A", "y"): ["–", "b"]})
    values.index = pd.MultiIndex.from_product([["k"], ["m", "n"]])
    numbers = BeautifulSoup(typeset(values.to_html()), "html.parser").select(".num")
    assert [tag.get_text() for tag in numbers] == ["x", "1", "2"]


# --- the start page ------------------------------------------------------------------------


def written(folder, *names: str) -> list[str]:
    """Put empty pages of provinces and some other files into a folder."""
    files = [f"{notebooks.page_name(units.slug(name), 2020)}.html" for name in names]
    files += ["1_national_results-2020.html", "38-thanh-hoa-2021.html"]
    folder.mkdir(exist_ok=True)
    for file in [*files, "index.html", "something-else.html", "99-nowhere-2020.html"]:
        (folder / file).touch()
    return files


@pytest.fixture(scope="module", params=["vi", "en"])
def start(request, tmp_path_factory):
    """A start page, its language, and the files that it must link."""
    folder = tmp_path_factory.mktemp("site")
    for here in (folder, folder / "en"):
        files = written(here, "Đắk Lắk", "Đà Nẵng", "Đắk Nông", "Thanh Hóa")
    html = start_page(folder, 2020, request.param)
    html5lib.HTMLParser(strict=True).parse(html)
    assert outside_loads(html) == []
    assert len(html.encode()) < 700_000
    return BeautifulSoup(html, "html5lib"), request.param, files


def test_the_start_page_links_every_page_there_is(start):
    soup, lang, files = start
    assert soup.html["lang"] == lang
    links = {link["href"] for link in soup.main.find_all("a")}
    compared = {"vi": "so-sanh-2020.html", "en": "compare-2020.html"}[lang]
    assert links == {*files, compared}
    twin = soup.header.find("a", lang=True)
    assert twin["href"] == {"vi": "en/index.html", "en": "../index.html"}[lang]
    assert [link["href"] for link in soup.select("table a")] == [
        "48-da-nang-2020.html",
        "66-dak-lak-2020.html",
        "67-dak-nong-2020.html",
        "38-thanh-hoa-2020.html",
    ]
    assert [link["href"] for link in soup.select(".others a")] == ["38-thanh-hoa-2021.html"]


@pytest.fixture(scope="module", params=["vi", "en"])
def compared(request, tmp_path_factory):
    """The page of two provinces, and its language; of Thanh Hóa alone there is a report."""
    folder = tmp_path_factory.mktemp("compared")
    (folder / "en").mkdir()
    for here in (folder, folder / "en"):
        (here / "38-thanh-hoa-2020.html").touch()
    html = comparison_page(folder, 2020, request.param)
    html5lib.HTMLParser(strict=True).parse(html)
    assert outside_loads(html) == []
    assert len(html.encode()) < 300_000
    return BeautifulSoup(html, "html5lib"), request.param


def test_two_provinces_are_compared_by_all_that_is_known_of_them(compared, table):
    soup, _lang = compared
    rows = {row["id"]: row.find_all("td") for row in soup.select(".whole-table tbody tr")}
    assert set(rows) == set(units.provinces()["code"])
    known = facts.scores(table, "PAR", 2020)["score"].dropna()
    codes = units.provinces().set_index("name")["code"]
    shown = {code: cells[0] for code, cells in rows.items()}
    for name, score in known.items():
        low, high = (float(shown[codes[name]][f"data-{end}"]) for end in ("low", "high"))
        assert low == high == score
    for code in set(rows) - set(codes[known.index]):
        assert classes(shown[code]) == ["estimated"] and shown[code].get_text().startswith("≈")
        assert float(shown[code]["data-low"]) < float(shown[code]["data-high"])
    heads = [head.get_text() for head in soup.select(".both tr > th")]
    years = {int(head) for head in heads if head.isdigit()}
    scored = table[(table["unit_type"] == "province") & table["measure"].isin(["score", "rank"])]
    assert years == set(scored["year"])
    listed = {item["id"] for item in soup.select(".sources li")}
    for cells in rows.values():
        assert {mark["href"][1:] for mark in cells[-1].find_all("a")} <= listed
    assert "s001" in rows["38"][-1].find(class_="cite")["data-sources"]


def test_the_page_of_two_provinces_links_no_report_that_is_not_there(compared):
    soup, lang = compared
    index_page, twin = soup.header.find_all("a")[1:]
    assert index_page["href"] == "index.html"
    assert twin["href"] == {"vi": "en/compare-2020.html", "en": "../so-sanh-2020.html"}[lang]
    assert [link["href"] for link in soup.select("tbody th a")] == ["38-thanh-hoa-2020.html"]


def test_in_a_year_with_little_known_two_provinces_are_compared_by_that(tmp_path):
    soup = BeautifulSoup(comparison_page(tmp_path, 2014, "vi"), "html5lib")
    heads = [head.get_text() for head in soup.select(".both tbody th")]
    assert heads[:3] == ["Kết quả năm 2014", "Điểm PAR INDEX", "Hạng PAR INDEX"]
    assert heads[3] == "Thay đổi so với năm 2013"  # there was no SIPAS
    assert soup.select("[data-error]") == []


def test_the_map_has_every_province_and_both_archipelagos(start):
    soup, lang, _ = start
    short = {"vi": "TP. HCM", "en": "HCM City"}[lang]
    wanted = [short if name == "Hồ Chí Minh" else name for name in units.provinces()["name"]]
    for of in facts.INDICES:
        names = [tag.get_text() for tag in soup.select(f".of-{of} .map li:not(.island) b")]
        assert sorted(names) == sorted(wanted)
        islands = [tag.get_text(" ", strip=True) for tag in soup.select(f".of-{of} .island .face")]
        assert islands == ["Hoàng Sa (Đà Nẵng)", "Trường Sa (Khánh Hòa)"]
    heads = [tag.get_text() for tag in soup.select(".mapside h3")]
    unit = {"vi": "điểm", "en": "points"}[lang]
    assert heads == [f"PAR INDEX 2020 ({unit})", "SIPAS 2020 (%)"]


def test_a_legend_explains_the_tiles_of_its_map_and_no_others(start):
    soup, *_ = start
    for of in facts.INDICES:
        kinds = {classes(tag)[1] for tag in soup.select(f".of-{of} .map .face")}
        keys = [classes(tag)[1] for tag in soup.select(f".of-{of} .legend:not(.steps) .key")]
        assert keys == [kind for kind in index.KINDS if kind in kinds]
        assert "missing" not in keys


def test_the_start_page_says_how_to_use_it_and_what_it_is_not(start):
    soup, lang, _ = start
    wanted = {
        "vi": ["không phải tài liệu của Bộ Nội vụ", "Bấm vào một ô trên bản đồ", "TP. Hồ Chí Minh"],
        "en": ["not a document of the Ministry", "choose a tile", "Results of 63 provinces"],
    }
    wanted["vi"] += ["liền trước và liền sau cũng chưa biết thì có thể ít hơn"]
    wanted["en"] += ["it may be less often"]
    assert [text for text in wanted[lang] if text not in soup.get_text()] == []


@pytest.mark.parametrize("hidden", [[], ["rank"]])
def test_the_ends_are_those_of_all_only_where_their_rank_says_so(table, hidden):
    figures = table[~((table["year"] == 2020) & table["measure"].isin(hidden))]
    text = index.nation(figures, "PAR", 2020)
    assert ("trong số đã biết, cao nhất là Quảng Ninh, 91,04 điểm; thấp" in text) == bool(hidden)
    assert ("; cao nhất là Quảng Ninh, 91,04 điểm (hạng 1/63)" in text) != bool(hidden)
    assert ("thấp nhất là Quảng Ngãi, 73,25 điểm (hạng 63/63)" in text) != bool(hidden)


def test_a_known_score_and_an_estimate_are_told_apart_without_colour(start):
    soup, lang, _ = start
    rows = {row.th.get_text(): row.find_all("td") for row in soup.select("tbody tr")}
    known, _rank, derived, *_ = (cell.get_text() for cell in rows["Khánh Hòa"])
    assert (known, derived) == {"vi": ("82,57*", "81,82"), "en": ("82.57*", "81.82")}[lang]
    assert re.fullmatch(r"≈ \d\d.\d\d–\d\d.\d\d", rows["Bình Định"][0].get_text())
    faces = {tag.b.get_text(): tag for tag in soup.select(".of-PAR .map .face")}
    assert "estimated" in classes(faces["Bình Định"]) and re.match(
        r"≈\d", faces["Bình Định"].i.get_text()
    )
    assert "published" in classes(faces["Thanh Hóa"])
    assert "derived" in classes(faces["Khánh Hòa"])


@pytest.mark.parametrize(
    ("low", "high", "told"),
    [
        (80.0, 86.0, "≈84"),
        (83.9, 84.9, "≈84"),
        (84.2, 84.31, "≈84,2"),
        (84.2, 84.29, "≈84,25"),
        (84.1, 85.3, "≈84,2"),  # 84 lies outside
        (84.21, 84.4, "≈84,25"),  # 84,2 lies outside
    ],
)
def test_an_estimate_on_a_tile_has_the_decimals_that_its_interval_allows(low, high, told):
    of = {"kind": "estimated", "score": 84.2451, "score_low": low, "score_high": high}
    assert index._tile_score(of) == told


def test_the_map_shows_the_published_figures_and_the_coverage_counts_them(table, start):
    found = results.by_index(table, 2020)
    for of in facts.INDICES:
        scores = facts.scores(table, of, 2020)["score"].dropna()
        shown = found[of]["score"].loc[scores.index]
        assert shown.tolist() == pytest.approx(scores.tolist(), abs=1e-6)
        kinds = found[of]["kind"]
        assert set(kinds.loc[scores.index]) <= {"published", "derived"}
        assert (kinds == "estimated").sum() <= 63 - len(scores)
    assert results.provinces(2020)["name"].tolist() == collation.in_order(units.provinces()["name"])
    soup, lang, _ = start
    mean = {"vi": "bình quân cả nước 83,72 điểm (công bố)", "en": "mean 83.72 points (published)"}
    assert mean[lang] in soup.find(class_="nation").get_text()
    told = " ".join(tag.get_text() for tag in soup.select(".of-PAR .reading"))
    published = (found["PAR"]["kind"] == "published").sum()
    assert {"vi": f"{published} địa phương có điểm công bố", "en": f"published for {published} of"}[
        lang
    ] in told


def test_a_year_of_which_too_little_is_published_has_an_empty_map(table):
    rows = results.by_index(table, 2011)["SIPAS"]
    assert set(rows["kind"]) == {"missing"}
    assert index.coverage(rows, "SIPAS", 2011) == index.nation(table, "SIPAS", 2011) == ""
    assert index.scale(rows["score"]) == []


def test_what_is_published_is_shown_where_nothing_can_be_estimated(table):
    rows = results.by_index(table, 2015)["SIPAS"]
    known = facts.scores(table, "SIPAS", 2015)
    assert rows["score"].dropna().to_dict() == known["score"].dropna().to_dict() != {}
    assert rows["rank"].dropna().to_dict() == known["rank"].dropna().to_dict()
    assert set(rows["kind"]) == {"published", "missing"}


def test_a_shared_rank_is_shown_between_its_bounds_with_their_source(table, monkeypatch, tmp_path):
    name, made_up = units.provinces(2025)["name"][0], table.iloc[:4].assign(derivation="x")
    bounds = {"measure": ["rank_at_least", "rank_at_most", "points", "points"]}
    bounds |= {"value": [5.0, 6.0, 7.0, 8.0], "part": ["", "", "steering", "procedures"]}
    made_up = made_up.assign(unit=name, index="PAR", year=2025, **bounds)
    made_up = made_up.assign(unit_type="province", status="accepted", sources="s001")
    figures = pd.concat([table, made_up], ignore_index=True)
    row = results.by_index(figures, 2025)["PAR"].loc[name]
    assert (row["rank_low"], row["rank_high"], row["kind"]) == (5, 6, "missing")
    monkeypatch.setattr(facts, "load", lambda: figures)
    soup = BeautifulSoup(start_page(tmp_path, 2025), "html5lib")
    [shown] = soup.select(f"table [data-name='{name}']")
    assert shown.find_all("td")[1].get_text() == "5–6*" and shown["data-par-rank"] == "5.0"
    soup = BeautifulSoup(comparison_page(tmp_path, 2025, "vi"), "html5lib")
    shown, *_rest, marks = soup.find(id=units.code(name, year=2025)).find_all("td")
    assert shown.get_text() == "5–6*" and not shown.has_attr("data-low")
    assert marks.find("a", href="#source-s001")


@pytest.mark.parametrize(
    ("score", "rank", "told"),
    [
        ("published", "published", "unit: PAR INDEX 80,50 điểm; thứ hạng 3/34"),
        ("derived", "missing", "unit: PAR INDEX 80,50 điểm (suy ra); chưa có thứ hạng"),
        ("missing", "derived", "unit: PAR INDEX chưa có điểm; thứ hạng 3/34 (suy ra)"),
        ("missing", "missing", "unit: PAR INDEX chưa có điểm; chưa có thứ hạng"),
        (
            *("estimated", "estimated"),
            "unit: PAR INDEX ước lượng: 80,25 đến 81,50 điểm (khoảng ước lượng 90%); "
            "thứ hạng ước lượng: hạng 3",
        ),
    ],
)
def test_a_tile_says_what_is_known_of_score_and_rank(score, rank, told):
    of = {"kind": score, "rank_kind": rank, "score": 80.5, "rank_low": 3.0, "rank_high": 3.0}
    of |= {"score_low": 80.25, "score_high": 81.5}
    assert index._told("unit", of, "PAR", 34) == told


def test_both_start_pages_show_the_same(tmp_path):
    for here in (tmp_path, tmp_path / "en"):
        written(here, "Thanh Hóa")
    vi, en = (languages.seen(start_page(tmp_path, 2020, lang)) for lang in ("vi", "en"))
    regions = {*units.regions()["name"]}
    assert languages.vietnamese_in(en, {"Hoàng Sa", "Trường Sa"}) == []
    assert not any(region in en for region in regions)
    assert languages.numbers(vi, "vi") == languages.numbers(en, "en")


def test_a_language_without_pages_is_not_linked(tmp_path):
    written(tmp_path, "Thanh Hóa")
    soup = BeautifulSoup(start_page(tmp_path, 2020), "html5lib")
    assert soup.header.find("a", lang=True) is None


def test_since_2025_the_map_has_the_34_on_the_tiles_of_their_seats(tmp_path):
    (tmp_path / "46-hue-2025.html").touch()
    soup = BeautifulSoup(start_page(tmp_path, lang="vi"), "html5lib")
    names = [tag.get_text() for tag in soup.select(".of-PAR .map li:not(.island) b")]
    wanted = units.provinces(2025)["name"].replace("Hồ Chí Minh", "TP. HCM")
    assert sorted(names) == sorted(wanted)
    assert soup.select(".map .t46 a")[0]["href"] == "46-hue-2025.html"
    assert "Theo địa giới trước" not in soup.get_text()


def test_the_start_page_of_an_empty_folder_says_so(tmp_path):
    html = start_page(tmp_path)
    html5lib.HTMLParser(strict=True).parse(html)
    assert "Chưa có báo cáo nào." in html


def test_every_province_has_a_tile_of_its_own():
    places = tiles.places()
    assert set(places) == set(units.provinces()["code"]) | set(tiles.ARCHIPELAGOS)
    assert len(set(places.values())) == len(places)
    for key, (_name, owner) in tiles.ARCHIPELAGOS.items():  # out at sea, to the east
        assert places[key][1] > places[owner][1]


@given(st.lists(st.floats(0, 100), min_size=1, max_size=20))
def test_every_score_has_a_shade_and_a_higher_one_no_lighter(scores):
    limits = index.scale(pd.Series(scores))
    assert limits == sorted(set(limits)) and len(limits) < index.SHADES
    shades = [index.shade(score, limits) for score in sorted(scores)]
    assert shades == sorted(shades)
    assert shades[0] >= 1 and shades[-1] <= len(limits) + 1


def test_a_few_low_scores_do_not_put_all_others_into_one_shade(table):
    for rows in results.by_index(table, 2020).values():
        limits = index.scale(rows["score"])
        shades = rows["score"].map(lambda score, limits=limits: index.shade(score, limits))
        assert shades.value_counts().max() < 63 / 2
        assert set(shades) == set(range(1, len(limits) + 2))


def test_dates_are_those_of_the_sources_of_the_year():
    figures = pd.DataFrame(
        {
            "unit_type": ["province", "national", "province", "province", "ministry"],
            "year": [2001, 2001, 2002, 2001, 2001],
            "status": ["accepted", "accepted", "accepted", "rejected", "accepted"],
            "sources": ["x1 x2", "x3", "x4", "x5", "x6"],
        }
    )
    days = ["2002-03-04", "2003", "2002-02-01", *["2009-01-01"] * 3]
    sources = pd.DataFrame({"published": days}, index=["x1", "x2", "x3", "x4", "x5", "x6"])
    told = "Số liệu cả nước năm 2001 lấy từ 3 nguồn, đăng từ ngày 1/2/2002 đến ngày 4/3/2002."
    assert dates.sentence(figures, sources, 2001) == told
    undated = sources.assign(published="2002")
    told = "Số liệu cả nước năm 2002 lấy từ 1 nguồn."
    assert dates.sentence(figures, undated, 2002) == told
    assert dates.sentence(figures, sources, 1999) == ""


# --- small things ----------------------------------------------------------------------------


def run_as(lang: str, pages=(), name="99-o-trong-2020", **parameters) -> BeautifulSoup:
    """A page as if papermill had run its notebook with these parameters, beside other pages."""
    html = "<h1>Ô Trống</h1><p class='subtitle'>x</p>".replace("'", '"')
    cells = [
        cell(shown({"text/html": html})),
        new_markdown_cell("## A & b\n\nx"),
        new_markdown_cell("## C\n\nx"),
    ]
    notebook = new_notebook(cells=cells)
    notebook.metadata["papermill"] = {
        "parameters": {"lang": lang, **parameters},
        "output_path": f"{name}.ipynb",
    }
    notebook.metadata["links"] = list(pages)
    page = to_html(notebook, TITLE)
    html5lib.HTMLParser(strict=True).parse(page)
    return BeautifulSoup(page, "html5lib")


def test_a_page_leads_to_the_same_page_in_the_other_language():
    pages = ["99-o-trong-2020", "en/99-o-trong-2020"]
    for lang, address in (("vi", "en/99-o-trong-2020.html"), ("en", "../99-o-trong-2020.html")):
        page = run_as(lang, pages)
        assert page.html["lang"] == lang
        links = [tag["href"] for tag in page.header.find_all("a")]
        assert links == ["#main", "index.html", address]
    assert run_as("vi", pages[:1]).header.find("a", lang=True) is None


def test_the_contents_lead_to_the_sections_and_the_title_says_when_the_figures_are_from():
    page = run_as("vi", year=2020)
    links = [(link.get_text(), link["href"]) for link in page.nav.find_all("a")]
    assert links == [("A & b", "#s1"), ("C", "#s2")]
    assert [head["id"] for head in page.find_all("h2")] == ["s1", "s2"]
    assert "24/6/2021" in page.find(class_="dated").get_text()
    for told in (page, run_as("vi")):
        assert "không phải tài liệu của Bộ Nội vụ" in told.find(class_="dated").get_text()


@pytest.mark.parametrize("lang", ["vi", "en"])
def test_a_report_leads_to_the_provinces_beside_it_or_to_their_comparison(lang, table):
    page = run_as(lang, province="thanh hoa", year=2020)
    rows = [row.find_all("a") for row in page.select(".beside dd")]
    peers = units.provinces(2020).set_index("name")["region"]
    peers = peers.index[(peers == peers["Thanh Hóa"]) & (peers.index != "Thanh Hóa")]
    assert [[link.get_text() for link in row] for row in rows[2:]] == [
        collation.in_order(peers),
        ["Thái Nguyên", "Thừa Thiên Huế"],
    ]
    for index_name, row in zip(facts.INDICES, rows, strict=False):
        scores = facts.scores(table, index_name, 2020)
        at = scores.index.get_loc("Thanh Hóa")
        assert [link.get_text() for link in row] == list(scores.index[[at - 1, at + 1]])
    compared = {"vi": "so-sanh-2020.html", "en": "compare-2020.html"}[lang]
    codes = units.provinces().set_index("name")["code"]
    pairs = {name: f"{compared}#38,{code}" for name, code in codes.items()}
    assert all(link["href"] == pairs[link.get_text()] for row in rows for link in row)
    assert page.header.find("a", href=f"{compared}#38")
    here = {"vi": "", "en": "en/"}[lang]
    page = run_as(lang, [f"{here}60-binh-thuan-2020"], province="thanh hoa", year=2020)
    pages = [link["href"] for link in page.select(".beside a") if "#" not in link["href"]]
    assert pages == ["60-binh-thuan-2020.html"]


def test_links_to_what_is_missing_are_turned_or_left_out_and_own_ones_stay(tmp_path):
    kept = '<a href="there.html" data-instead="so.html#1,2">A</a> <a href="mine.html">B</a>'
    page = tmp_path / "en/page.html"
    page.parent.mkdir()
    page.with_name("there.html").touch()
    twin, sheets = (
        '<a href="../page.html" lang="vi" hreflang="vi">C</a>',
        '<a href="page.xlsx">D</a>',
    )
    turned = '<a href="gone.html" data-instead="so.html#1,3">E</a>'
    page.write_text(f"{kept} {twin} {sheets} {turned}", encoding="utf-8")
    mend(tmp_path)
    assert page.read_text(encoding="utf-8") == f'{kept}   <a href="so.html#1,3">E</a>'


def test_the_first_and_the_last_by_name_have_one_beside_them():
    for unit, beside in (("An Giang", 1), ("Huế", 2)):
        page = run_as("vi", province=unit, year=2025 if unit == "Huế" else 2020)
        assert len(page.select(".beside dd")[-1].find_all("a")) == beside


def test_a_page_that_is_no_report_on_a_province_leads_to_none():
    assert run_as("vi", year=2020).select(".beside") == []
    assert run_as("vi", province="Thanh Hóa", last_year=2020).select(".beside") == []
    for own in ("all", "", ["Thanh Hóa"], None):
        assert run_as("vi", province=own, year=2020).select(".beside") == []


@pytest.mark.parametrize("cut", [True, False])
def test_paper_has_the_sources_of_what_is_on_it(cut):
    def marked(source, *tags):
        html = f'<p>1<sup class="cite"><a href="#source-{source}">1</a></sup></p>'
        return cell(shown({"text/html": html}), tags=tags)

    items = "".join(f'<li id="source-{source}">A</li>' for source in ("x1", "x2", "x3"))
    listed = f'<ol class="sources">{items}</ol>'
    cells = [
        new_markdown_cell("## A"),
        marked("x2"),
        new_markdown_cell("## B"),
        marked("x1", *(["screen"] if cut else [])),
        marked("x3"),
        cell(shown({"text/html": listed})),
    ]
    soup = BeautifulSoup(to_html(new_notebook(cells=cells), TITLE), "html5lib")
    looks = [["screen"], [], ["brief"]] if cut else [[], [], []]
    found = [(li["value"], classes(li)) for li in soup.select(".sources li")]
    assert found == list(zip("123", looks, strict=True))
    assert bool(soup.find("a", href="#source-x1").find_parent(class_="screen")) == cut
    assert [classes(tag) for tag in soup.select("main > p")] == [["dated"], ["paper"]][: 1 + cut]


def sourced(*ids: str, look: str = "p", tags=()):
    """A cell whose chart or table names these sources, as `source_line` writes them."""
    numbers = {"x1": 1, "x2": 2, "x3": 3}
    line = source_line(marks(" ".join(ids), numbers))
    html = f"<{look} class='source'>{line} Ước lượng.</{look}>".replace("'", '"')
    return cell(shown({"text/html": html}), tags=list(tags))


@pytest.mark.parametrize("last", ["printed", "screen"])
def test_a_section_names_its_sources_once_where_they_are_printed(last):
    items = "".join(f'<li id="source-{source}">A</li>' for source in ("x1", "x2", "x3"))
    cells = [
        new_markdown_cell("## A"),
        sourced("x1", "x2", "x3"),
        sourced("x3", "x2", "x1", tags=["screen"] if last == "screen" else []),
        new_markdown_cell("## B"),
        sourced("x2"),
        sourced("x2", "x1"),  # of different sources: a line each
        cell(shown({"text/html": f'<ol class="sources">{items}</ol>'})),
    ]
    soup = BeautifulSoup(to_html(new_notebook(cells=cells), TITLE), "html5lib")
    told = [" ".join(line.get_text().split()) for line in soup.select(".source")]
    whole, rest = "Nguồn của mục này: 1–3. Ước lượng.", "Ước lượng."
    first = [rest, whole] if last == "printed" else [whole, rest]
    assert told == [*first, "Nguồn: 2. Ước lượng.", "Nguồn: 1, 2. Ước lượng."]
    [line] = soup.select(".cite[data-sources]")
    assert line["data-sources"] == "x1 x2 x3"
    assert not soup.select(".screen .cite")


def test_pages_of_the_project_lead_to_their_spreadsheet_and_an_own_one_does_not():
    names = {"2_satisfaction_and_reform": {}, "38-thanh-hoa": {"province": "Thanh Hóa"}}
    for name, unit in names.items():
        page = run_as("en", name=f"en/{name}-2020", year=2020, **unit)
        assert page.header.find("a", href=f"{name}-2020.xlsx")
        assert page.header.find("a", href=re.compile("^compare-2020.html"))
    assert len(run_as("en", name="en/mine-2020", year=2020).header.find_all("a")) == 2
