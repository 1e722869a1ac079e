"""The pages in a real browser, opened as leaders open them: from a file, without a network.

`.ci/run` installs Chromium, and runs them among the slow tests. With CCHC_SCREENSHOTS=folder the
pictures of the pages are kept there.
"""

import os
import re
import struct
from pathlib import Path
from statistics import median
from unicodedata import normalize

import pytest
from axe_playwright_python.sync_playwright import Axe
from bs4 import BeautifulSoup
from conftest import MINUTE
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output
from playwright.sync_api import Page
from pypdf import PdfReader

from helpers import collation, facts, notebooks, printing, units
from helpers.site.compare import comparison_page
from helpers.site.index import start_page
from helpers.site.pages import to_html

pytestmark = pytest.mark.slow
WIDTHS = (360, 768, 1280)
A4 = (595, 842)  # points
AA = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]}
START = [(name, lang) for name in ("start", "compare") for lang in ("vi", "en")]
REPORTS = [(name, lang) for name in ("Thanh Hóa", "Bình Định") for lang in ("vi", "en")]
NATIONAL = [(one.stem, lang) for one in sorted(notebooks.NATIONAL) for lang in ("vi", "en")]
PAGES = REPORTS + NATIONAL
PRINTED = [*START[:2], *[(name, lang) for name in MINUTE for lang in ("vi", "en")], *NATIONAL]


@pytest.fixture
def opened(browser):
    """Open a file; at the end nothing must have been asked of a network or told to the console."""
    said, asked, contexts = [], [], []

    def open_file(path: Path, width: int = 1280, **options) -> Page:
        context = browser.new_context(viewport={"width": width, "height": 900}, **options)
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda message: said.append(message.text))
        page.on("pageerror", lambda error: said.append(str(error)))
        page.on("request", lambda request: asked.append(request.url))
        page.goto(path.as_uri())
        return page

    yield open_file
    for context in contexts:
        context.close()
    assert said == []
    assert [url for url in asked if not url.startswith(("file://", "data:"))] == []


@pytest.fixture(scope="module")
def start(tmp_path_factory) -> dict[str, Path]:
    """Start pages of a site of which every province has a page, here an empty one."""
    folder = tmp_path_factory.mktemp("start")
    (folder / "en").mkdir()
    made = {"vi": folder / "index.html", "en": folder / "en" / "index.html"}
    for name in units.provinces()["name"]:
        for path in made.values():
            path.with_name(f"{notebooks.page_name(units.slug(name), 2020)}.html").touch()
    for lang, path in made.items():
        path.write_text(start_page(folder, 2020, lang), encoding="utf-8")
        compared = path.with_name(f"{notebooks.comparison(2020, lang)}.html")
        compared.write_text(comparison_page(folder, 2020, lang), encoding="utf-8")
    return made


def written(folder: Path, html: str, *cells) -> Path:
    """The page of a notebook that was never run: what its first cell shows, and other cells."""
    output = new_output("display_data", {"text/html": html})
    first = new_code_cell("secret_code()", outputs=[output])
    path = folder / "toy.html"
    page = to_html(new_notebook(cells=[first, *cells]), "Ô Trống")
    path.write_text(page, encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def toy(tmp_path_factory) -> Path:
    table = "<table><tr><th>Ô Trống</th></tr><tr><td>84,33</td></tr></table>"
    cells = [
        new_markdown_cell("# Ô Trống\n\n## Một\n\nchữ"),
        new_markdown_cell("## Hai\n\nchỉ trên màn hình", metadata={"tags": ["screen"]}),
    ]
    return written(tmp_path_factory.mktemp("toy"), table, *cells)


@pytest.fixture
def page_of(start, request):
    """Give a page by its name and language: the start page, or one of the real notebooks."""

    def find(name: str, lang: str) -> Path:
        if name == "compare":
            return start[lang].with_name(f"{notebooks.comparison(2020, lang)}.html")
        return start[lang] if name == "start" else request.getfixturevalue("pages")(name, lang)

    return find


# --- the pages of notebooks --------------------------------------------------------------------


def test_the_switch_shows_the_code_and_hides_it_again(opened, toy):
    page = opened(toy)
    code = page.get_by_text("secret_code()")
    switch = page.get_by_role("checkbox", name="Hiện mã lệnh (cho người phân tích)")
    assert not code.is_visible()
    switch.click()
    assert code.is_visible()
    switch.press("Space")
    assert not code.is_visible()


def test_the_contents_are_open_where_there_is_room_and_lead_to_the_sections(opened, toy):
    wide, narrow = opened(toy), opened(toy, 360)
    link = wide.get_by_role("link", name="Hai")
    assert link.is_visible()
    assert not narrow.get_by_role("link", name="Hai").is_visible()
    narrow.get_by_text("Mục lục").click()
    narrow.get_by_role("link", name="Hai").click()
    assert narrow.url.endswith("#s2")
    assert not narrow.get_by_role("link", name="Hai").is_visible()


def test_without_script_the_page_is_whole(opened, toy):
    page = opened(toy, java_script_enabled=False)
    assert page.get_by_text("84,33").is_visible()
    assert not page.get_by_role("checkbox").is_visible()
    page.get_by_text("Mục lục").click()
    assert page.get_by_role("link", name="Hai").is_visible()


def test_the_policy_stops_what_is_added_to_a_page(browser, toy):
    hurt = toy.with_name("hurt.html")
    added = "<script>document.title = 'run'</script><p style='display:none'>added</p></main>"
    hurt.write_text(toy.read_text(encoding="utf-8").replace("</main>", added), encoding="utf-8")
    page = browser.new_page()
    refused = []
    page.on("console", lambda message: refused.append(message.text))
    page.goto(hurt.as_uri())
    assert page.title() == "Ô Trống"
    assert page.get_by_text("added").is_visible()
    assert len(refused) == 2 and all("Content Security Policy" in text for text in refused)
    page.close()


def test_a_phone_says_which_tables_go_on(opened, tmp_path):
    head = "".join(f"<th>Cột_không_ngắt_{number}</th>" for number in range(4))
    html = f"<table><tr>{head}</tr></table><table><tr><td>1</td></tr></table>"
    path = written(tmp_path, html)
    page = opened(path, 360)
    frames, words = page.locator(".scroll"), "Vuốt ngang để xem tiếp"
    page.locator('.scroll[tabindex="-1"]').wait_for()
    assert [hint.is_visible() for hint in page.get_by_text(words).all()] == [True, False]
    assert frames.evaluate_all("all => all.map(one => one.tabIndex)") == [0, -1]
    frames.first.focus()
    page.keyboard.press("ArrowRight")
    for _ in range(40):  # the policy of the page forbids Playwright's own waiting
        page.wait_for_timeout(50)
        if moved := frames.first.evaluate("frame => frame.scrollLeft"):
            break
    assert moved > 0
    desk = opened(path, 1280)
    desk.locator('.scroll[tabindex="-1"]').first.wait_for()
    assert not desk.get_by_text(words).first.is_visible()


def test_a_chart_tells_its_values_on_hover_on_touch_and_to_the_keyboard(opened, tmp_path):
    marks = "".join(
        f'<g><title>{name}</title><circle cx="{x}" cy="60" r="4"/></g>'
        for name, x in (("Ba: 3", 480), ("Một: 1", 20), ("Hai: 2", 200))
    )
    svg = f'<figure><svg aria-label="Ô" viewBox="0 0 518 120">{marks}</svg></figure>'
    path = written(tmp_path, svg)
    page = opened(path)
    told, circles = page.locator(".told"), page.locator("circle")
    assert told.get_attribute("role") == "status"
    circles.nth(2).hover()
    assert told.inner_text() == "Hai: 2"
    page.mouse.move(5, 5)
    assert told.inner_text() == ""
    chart = page.locator("figure svg")
    page.keyboard.press("Tab")
    while not chart.evaluate("chart => chart === document.activeElement"):
        page.keyboard.press("Tab")
    texts = [told.inner_text()]
    for key in ("ArrowRight", "ArrowRight", "ArrowRight", "ArrowLeft", "Escape"):
        page.keyboard.press(key)
        texts.append(told.inner_text())
    assert texts == ["Một: 1", "Hai: 2", "Ba: 3", "Ba: 3", "Hai: 2", ""]
    phone = opened(path, 360, has_touch=True)
    phone.locator("circle").nth(1).tap()
    assert phone.locator(".told").inner_text() == "Một: 1"
    without = opened(path, java_script_enabled=False)
    assert without.locator("svg title").count() == 3


def test_the_button_prints_the_page(opened, toy):
    page = opened(toy)
    page.evaluate("window.print = () => { document.title = 'printed'; }")
    page.get_by_role("button", name="In trang này").click()
    assert page.title() == "printed"
    bare = opened(toy, java_script_enabled=False)
    assert not bare.get_by_role("button", name="In trang này").is_visible()


# --- the start page ----------------------------------------------------------------------------


def names(page: Page) -> list[str]:
    rows = page.locator("table.provinces tbody tr:not(.group)")
    return rows.evaluate_all("rows => rows.map(row => row.dataset.name)")


def test_the_table_sorts_by_every_column_both_ways(opened, start):
    page = opened(start["vi"])
    assert len(names(page)) == 63
    score = page.get_by_role("columnheader", name=re.compile("^PAR INDEX"))
    score.get_by_role("button").click()
    assert score.get_attribute("aria-sort") == "descending"
    assert names(page)[0] == "Quảng Ninh" and names(page)[-1] == "Quảng Ngãi"
    score.get_by_role("button").press("Enter")
    assert score.get_attribute("aria-sort") == "ascending"
    assert names(page)[0] == "Quảng Ngãi"
    rank = page.get_by_role("columnheader", name=re.compile("^Hạng SIPAS"))
    rank.get_by_role("button").click()
    assert rank.get_attribute("aria-sort") == "ascending"
    assert page.locator("th[aria-sort]").count() == 1


def test_the_order_of_names_is_that_of_the_browsers_vietnamese(opened, start):
    page = opened(start["vi"])
    syllables = "má mà mã mả mạ ma mân mẫn mậu măn đay day ơn ôn on"
    words = [*units.provinces()["name"], *syllables.split()]
    sort = "words => words.sort(new Intl.Collator('vi').compare)"
    assert collation.in_order(words) == page.evaluate(sort, words)
    assert names(page) == page.evaluate(sort, names(page))


FOUND = [
    ("DAK", ["Đắk Lắk", "Đắk Nông", "Phú Yên"]),  # Phú Yên is in Đắk Lắk now
    ("đà", ["Đà Nẵng", "Quảng Nam"]),
    *((one, ["Hồ Chí Minh"]) for one in ("tp. hcm", "tp hcm", "TPHCM", "Sài Gòn")),
    *((one, ["Thanh Hóa"]) for one in ("Thanh Hoá", "thanh  hoa", "Tỉnh Thanh Hóa")),
    ("Hoà Bình", ["Hòa Bình"]),
    *((one, ["Bà Rịa - Vũng Tàu"]) for one in ("ba ria vung tau", "bà rịa vũng tàu", "BR-VT")),
    ("Thừa Thiên - Huế", ["Thừa Thiên Huế"]),
    ("Đắc Lắc", ["Đắk Lắk"]),
    ("hạ giang", ["Hà Giang"]),  # where no name has the diacritics typed, any will do
    ("xyz", []),
]


def test_the_table_filters_by_name_with_or_without_diacritics(opened, start):
    page = opened(start["vi"])
    for typed, found in FOUND:
        page.get_by_label("Tìm tỉnh, thành phố (gõ có dấu hoặc không dấu)").fill(typed)
        assert names(page) == found, typed
        told = f"Đang hiện {len(found)}/63 tỉnh, thành phố."
        assert page.get_by_role("status").inner_text() == told


def test_the_table_finds_every_spelling_that_python_takes(opened, start):
    page = opened(start["vi"])
    for name in units.provinces()["name"]:
        for spelling in [*units.spellings(name), normalize("NFD", name), name.upper()]:
            page.get_by_role("searchbox").fill(spelling)
            assert name in names(page), spelling


def test_on_a_phone_what_is_found_is_named_beside_the_search(opened, start):
    page = opened(start["vi"], 360)
    found, search = page.locator(".found"), page.get_by_role("searchbox")
    assert not found.is_visible()
    search.fill("Thanh Hoá")
    box = found.bounding_box()
    assert box["y"] + box["height"] < 900
    search.fill("binh")
    assert found.get_by_role("link").all_inner_texts()[-2:] == ["Ninh Bình", "Đến bảng"]
    search.press("Enter")  # more than one: the table comes into view
    table = page.get_by_role("heading", name="Kết quả 63 tỉnh, thành phố")
    assert 0 <= table.bounding_box()["y"] < 450
    search.fill("Hoà Bình")
    found.get_by_role("link", name="Hòa Bình").click()
    page.wait_for_url("**/17-hoa-binh-2020.html")


def test_the_table_filters_by_region_and_by_figures_and_groups_by_the_34_units(
    opened, start, table
):
    page = opened(start["vi"])
    page.get_by_label("Vùng").select_option("Tây Nguyên")
    assert names(page) == ["Đắk Lắk", "Đắk Nông", "Gia Lai", "Kon Tum", "Lâm Đồng"]
    page.get_by_label("Vùng").select_option("tất cả")
    page.get_by_label("Số liệu").select_option("PAR")
    scored = facts.scores(table, "PAR", 2020)["score"].dropna()
    assert sorted(names(page)) == sorted(scored.index)
    page.get_by_label("Số liệu").select_option("none")
    assert "Bình Định" in names(page) and "Thanh Hóa" not in names(page)
    page.get_by_label("Số liệu").select_option("")
    page.get_by_label("Nhóm theo 34 đơn vị").check()
    groups = page.locator("tr.group").all_inner_texts()
    assert len(groups) == 34 and "Gia Lai (2)" in groups
    assert len(names(page)) == 63


def test_the_map_shows_either_index_and_leads_to_the_reports(opened, start):
    page = opened(start["vi"])
    tile = page.get_by_role("link", name=re.compile("^Thanh Hóa: PAR INDEX 84,33 điểm"))
    assert tile.is_visible()
    page.locator("#of-PAR").focus()
    page.keyboard.press("ArrowRight")  # as radio buttons are chosen with the keyboard
    assert not tile.is_visible()
    page.get_by_role("link", name=re.compile("^Thanh Hóa: SIPAS 88,70%")).press("Enter")
    page.wait_for_url("**/38-thanh-hoa-2020.html")


def test_what_is_searched_is_lit_on_the_map_and_enter_opens_the_only_one(opened, start):
    page = opened(start["vi"])
    search = page.get_by_label("Tìm tỉnh, thành phố (gõ có dấu hoặc không dấu)")
    off = page.locator(".of-PAR .map li.off")
    assert off.count() == 0
    search.fill("binh")
    lit = len(names(page))
    assert lit > 5 and off.count() == 65 - lit
    search.press("Enter")  # more than one: nothing opens
    assert len(names(page)) == lit
    search.fill("thanh hoa")
    assert "38" not in off.evaluate_all("tiles => tiles.map(tile => tile.dataset.of)")
    search.press("Enter")
    page.wait_for_url("**/38-thanh-hoa-2020.html")


def test_a_tile_says_its_value_where_there_is_room(opened, start):
    page = opened(start["vi"], 360)
    tile = page.locator(".of-PAR .map a", has_text="Thanh Hóa")
    told = tile.locator(".sr")
    assert told.bounding_box()["width"] < 2
    tile.focus()
    box = told.bounding_box()
    assert box["width"] > 80 and told.inner_text().startswith("Thanh Hóa: PAR INDEX 84,33 điểm")
    for other in page.locator(".of-PAR .map li").all():
        of = other.bounding_box()
        apart = of["x"] >= box["x"] + box["width"] or of["y"] >= box["y"] + box["height"]
        assert apart or of["y"] + of["height"] <= box["y"]
    assert page.evaluate("document.documentElement.scrollWidth") <= 360


def test_on_a_phone_the_letters_of_tiles_fit_and_the_search_stands_on_the_first_screen(
    opened, start
):
    page = opened(start["vi"], 360)
    faces = page.locator(".of-PAR .face")
    sizes = faces.evaluate_all("all => all.map(one => parseFloat(getComputedStyle(one).fontSize))")
    assert len(sizes) == 65 and min(sizes) >= 11
    cut = """all => all.filter(one => one.scrollHeight > one.clientHeight + 1
        || one.scrollWidth > one.clientWidth + 1).map(one => one.innerText)"""
    assert faces.evaluate_all(cut) == []
    search = page.get_by_role("searchbox").bounding_box()
    assert search["y"] + search["height"] <= 740


def test_the_start_page_is_a_list_without_script(opened, start):
    page = opened(start["vi"], java_script_enabled=False)
    assert len(names(page)) == 63
    assert not page.locator("form.filters").is_visible()
    page.get_by_role("row", name=re.compile("^Thanh Hóa")).get_by_role("link").click()
    page.wait_for_url("**/38-thanh-hoa-2020.html")


# --- two provinces -----------------------------------------------------------------------------


def pair_of(opened, start, pair: str) -> Page:
    page = opened(start["vi"].with_name("so-sanh-2020.html"))
    page.evaluate("pair => { location.hash = pair; }", pair)
    return page


def lines(page: Page) -> dict[str, list[str]]:
    """What is shown of a pair: the cells of each line by its head, the year's result the first."""
    shown = page.locator(".both tbody tr:not(.group):visible")
    found = shown.evaluate_all("rows => rows.map(row => [...row.cells].map(c => c.innerText))")
    return {head: cells for head, *cells in reversed(found)}


def test_a_pair_is_chosen_by_the_address_and_by_the_lists(opened, start):
    page = pair_of(opened, start, "#38,01")
    heads = page.locator(".both thead a")
    assert heads.all_inner_texts() == ["Thanh Hóa", "Hà Nội"]
    page.get_by_label("Địa phương thứ hai").select_option("Bình Định")
    assert heads.all_inner_texts() == ["Thanh Hóa", "Bình Định"]
    assert page.url.endswith("#38,52")
    page.evaluate("location.hash = '#52'")  # alone: beside one of its region
    first, second = heads.all_inner_texts()
    assert first == "Bình Định" and units.region_of(first) == units.region_of(second)
    heads.first.click()
    page.wait_for_url("**/52-binh-dinh-2020.html")


def test_what_lies_between_two_provinces_is_as_sure_as_both(opened, start):
    """Derived from two known figures; an interval where one is; nothing of two that overlap."""
    known = lines(pair_of(opened, start, "#22,31"))
    assert known["Điểm PAR INDEX"] == ["91,04", "90,51", "+0,53\xa0*"]
    assert known["Hạng PAR INDEX"] == ["1", "2", "+1 bậc\xa0*"]
    assert known["SIPAS (%)"][:2] == ["95,76", "93,57"]
    assert known["SIPAS (%)"][2].split("\n") == ["+2,19\xa0*", "chưa vượt sai số khảo sát"]
    score, interval, between = lines(pair_of(opened, start, "#38,52"))["Điểm PAR INDEX"]
    low, high = (float(end.replace(",", ".")) for end in interval.strip("≈ \xa0").split("–"))
    ends = [f"{84.33 - end:+.2f}".replace("-", "−").replace(".", ",") for end in (high, low)]
    assert (score, between) == ("84,33", f"≈\xa0{ends[0]} đến {ends[1]}")
    assert lines(pair_of(opened, start, "#52,86"))["Điểm PAR INDEX"][2] == "chưa phân biệt được"


def test_the_sources_of_a_pair_keep_their_numbers(opened, start):
    page = pair_of(opened, start, "#38,52")
    items = page.locator(".sources li:visible")
    told = items.evaluate_all("all => all.map(one => [String(one.value), '#' + one.id])")
    page.locator("summary").click()
    marks = page.locator("[id='38'] .cite a")
    marks = marks.evaluate_all("all => all.map(one => [one.innerText, one.hash])")
    assert 0 < len(told) < 20 and "#source-s001" in dict(told).values()
    assert marks and all(mark in told for mark in marks)


@pytest.mark.parametrize("width", [320, 360])
@pytest.mark.parametrize("lang", ["vi", "en"])
def test_no_pair_is_wider_than_a_phone_and_the_longest_name_is_whole(opened, start, lang, width):
    page = opened(start[lang].with_name(f"{notebooks.comparison(2020, lang)}.html"), width)
    for pair in ("#77,46", "#46,77", "#77,89", "#79,46", "#89,93", "#38,52", "#22,31"):
        page.evaluate("pair => { location.hash = pair; }", pair)
        page.wait_for_function("pair => location.hash === pair", arg=pair)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, pair
    needed = """select => {
      const pen = document.createElement("canvas").getContext("2d");
      pen.font = getComputedStyle(select).font;
      return Math.max(...[...select.options].map(one => pen.measureText(one.text).width));
    }"""
    select = page.locator("select#a")
    assert select.bounding_box()["width"] >= select.evaluate(needed) + 40  # its edges and arrow


def test_without_script_two_that_are_ticked_stand_together(opened, start):
    page = opened(start["vi"].with_name("so-sanh-2020.html"), java_script_enabled=False)
    assert not page.get_by_label("Địa phương thứ nhất").is_visible()
    rows = page.locator(".whole-table tbody th:visible")
    assert rows.count() == 63
    for name in ("Thanh Hóa", "Bình Định"):
        page.get_by_role("checkbox", name=name).check()
    page.get_by_label("Chỉ hiện các địa phương đã chọn").check()
    assert [head.strip() for head in rows.all_inner_texts()] == ["Bình Định", "Thanh Hóa"]


# --- every page --------------------------------------------------------------------------------


@pytest.mark.parametrize(("name", "lang"), [*START, *PAGES])
def test_axe_finds_nothing_against_wcag_2_1_aa(opened, page_of, name, lang):
    page = opened(page_of(name, lang))
    if name == "compare":
        page.locator("summary").click()
    elif name != "start":
        page.get_by_role("checkbox").first.check()  # what analysts see is checked too
        page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
    found = Axe().run(page, options=AA)
    assert found.violations_count == 0, found.generate_report()


# Of each chart: where it ends and how high its smallest letters are, in pixels, how many texts it
# has, and which of them are cut at its edge.
LETTERS = """() => {
  document.querySelectorAll("details").forEach(one => one.open = true);
  return [...document.querySelectorAll('figure svg[role="img"]')].map(chart => {
    const frame = chart.getBoundingClientRect();
    const scale = frame.width / chart.viewBox.baseVal.width;
    const texts = [...chart.querySelectorAll("text")];
    const sizes = texts.map(text => parseFloat(getComputedStyle(text).fontSize) * scale);
    const cut = texts.filter(text => {
      const box = text.getBoundingClientRect();
      return box.left < frame.left - 1 || box.right > frame.right + 1
        || box.top < frame.top - 1 || box.bottom > frame.bottom + 1;
    });
    return [frame.right, Math.min(...sizes), texts.length, cut.map(text => text.textContent)];
  });
}"""


@pytest.mark.parametrize(("name", "lang"), PAGES)
def test_every_chart_is_whole_and_legible_on_a_phone(opened, page_of, name, lang):
    charts = opened(page_of(name, lang), 360).evaluate(LETTERS)
    source = BeautifulSoup(page_of(name, lang).read_text(encoding="utf-8"), "html.parser")
    drawn = [len(one.select("text")) for one in source.select('figure svg[role="img"]')]
    assert len(charts) >= 4 and [texts for _, _, texts, _ in charts] == drawn and min(drawn) > 5
    assert all(right <= 360 and letters >= 11 for right, letters, _, _ in charts)
    assert [cut for *_, cut in charts if cut] == []


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize(("name", "lang"), [*START, *PAGES])
def test_no_page_is_wider_than_the_screen(opened, page_of, name, lang, width, tmp_path):
    page = opened(page_of(name, lang), width)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    folder = Path(os.environ.get("CCHC_SCREENSHOTS", tmp_path))
    picture = page.screenshot(full_page=True, path=folder / f"{name}-{lang}-{width}.png")
    wide, high = struct.unpack(">II", picture[16:24])
    assert wide == width and high > 900
    assert len(picture) > 20_000  # not a blank sheet


@pytest.mark.parametrize("lang", ["vi", "en"])
@pytest.mark.parametrize("name", MINUTE)
@pytest.mark.parametrize(("width", "height"), [(1280, 800), (360, 740)])
def test_the_first_screen_holds_the_four_lines_whole(browser, pages, name, lang, width, height):
    page = browser.new_page(viewport={"width": width, "height": height})
    page.goto(pages(name, lang).as_uri())
    boxes = [line.bounding_box() for line in page.locator("p.brief").all()]
    assert len(boxes) == 4
    assert max(box["y"] + box["height"] for box in boxes) <= height
    assert min(box["y"] for box in boxes) > 0
    page.close()


def test_the_median_page_has_at_most_1800_words(opened, pages):
    """Without what is folded away, and the lists of sources and of other pages."""
    words = """() => {
      document.querySelectorAll("svg, sup, .analyst, details.more, ol.sources, .beside")
        .forEach(one => one.remove());
      return document.querySelector("main").textContent.split(/\\s+/).length;
    }"""
    assert median(opened(pages(name)).evaluate(words) for name in MINUTE) <= 1800


@pytest.mark.parametrize(("name", "lang"), PRINTED)
def test_the_page_on_paper(browser, page_of, name, lang):
    [pdf] = printing.to_pdf([page_of(name, lang)])
    sheets = PdfReader(pdf).pages
    assert len(sheets) <= (8 if (name, lang) in NATIONAL else 4)
    texts = [" ".join(sheet.extract_text().split()) for sheet in sheets]
    for number, (sheet, text) in enumerate(zip(sheets, texts, strict=True), 1):
        assert [round(side) for side in (sheet.mediabox.width, sheet.mediabox.height)] == [*A4]
        assert f"{number} / {len(sheets)}" in text
    assert not any("Hiện mã lệnh" in text or "In trang này" in text for text in texts)
    assert not any("Vuốt ngang" in text or "Cho người phân tích" in text for text in texts)
    if name in MINUTE:  # what a leader asks first is on the first sheet, and no heading ends one
        soup = BeautifulSoup(page_of(name, lang).read_text(encoding="utf-8"), "html.parser")
        first = soup.select("h1:not(.analyst *), p.brief, #s2")
        heads = soup.select("h2, .gt_title, .gt_subtitle")
        first, heads = ([_letters(tag.get_text()) for tag in tags] for tags in (first, heads))
        assert len(first) == 6 and all(text in _letters(texts[0]) for text in first)
        ends = [
            _letters(text.removesuffix(f"{n} / {len(sheets)}")) for n, text in enumerate(texts, 1)
        ]
        assert [end for end in ends if end.endswith(tuple(heads))] == []
    if name == "start":  # a map a page
        unit = {"vi": "điểm", "en": "points"}[lang]
        assert f"PAR INDEX 2020 ({unit})" in texts[0] and "SIPAS 2020 (%)" in texts[1]


def _letters(text: str) -> str:
    return re.sub(r"\W+", "", normalize("NFKC", text))  # a PDF has ligatures


# Of each table and chart what must stand on one sheet: its first and last words; of a table of many
# rows, which may break between them, its head with each row.
WHOLES = """() => [...document.querySelectorAll("table, figure")]
  .filter(tag => tag.getClientRects().length)
  .flatMap(tag => {
    const rows = [...tag.querySelectorAll("tbody tr")].map(row => row.innerText);
    const text = (tag.innerText || tag.textContent).replace(/\\s+/g, "");
    if (rows.length < 8) return [[text.slice(0, 25), text.slice(-25)]];
    return rows.map(row => [tag.tHead.innerText, row]);
  })"""


def test_no_table_or_chart_is_cut_by_a_page_break(browser, pages):
    path = pages("Thanh Hóa")
    page = browser.new_page(java_script_enabled=False)
    page.goto(path.as_uri())
    page.emulate_media(media="print")
    wholes = page.evaluate(WHOLES)
    page.close()
    assert len(wholes) >= 15
    sheets = PdfReader(next(printing.to_pdf([path]))).pages
    texts = [re.sub(r"\s+", "", sheet.extract_text()) for sheet in sheets]
    for whole in wholes:
        parts = [re.sub(r"\s+", "", part) for part in whole]
        assert any(all(part in text for part in parts) for text in texts), whole
