"""Sections that show nothing are left out of a page."""

import pytest
from bs4 import BeautifulSoup
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from helpers.site.pages import to_html
from helpers.site.sections import without_empty


def shows(html: str, **metadata):
    output = new_output("execute_result", {"text/html": html, "text/plain": "<HTML>"})
    return new_code_cell("", outputs=[output], metadata=metadata)


def heads(*cells) -> list[str]:
    page = BeautifulSoup(to_html(new_notebook(cells=list(cells)), "Ô"), "html.parser")
    return [head.get_text() for head in page.select("main :is(h2, h3)")]


def seen():
    return shows("<p>1</p>")


@pytest.mark.parametrize(
    "nothing",
    [
        [],
        [shows("")],
        [shows("\n \n")],
        [new_code_cell("x = 1")],
        [new_code_cell("1", outputs=[new_output("execute_result", {"text/plain": "1"})])],
        [new_code_cell("", outputs=[new_output("stream", name="stderr", text="warned")])],
        [shows("<p>1</p>", tags=["analyst"])],
        [shows("<p>1</p>", tags=["remove"])],
        [new_markdown_cell("### Trong đó"), shows("")],
    ],
)
def test_a_heading_above_nothing_goes(nothing):
    assert heads(new_markdown_cell("## Ô"), *nothing, new_markdown_cell("## Ơ"), seen()) == ["Ơ"]


@pytest.mark.parametrize(
    "something",
    [
        seen(),
        new_markdown_cell("chữ"),
        new_code_cell("", outputs=[new_output("stream", name="stdout", text="1")]),
        shows("<svg aria-label='1'></svg>"),
    ],
)
def test_a_heading_above_something_stays(something):
    told = "## Ô\n\nchữ"  # as one does that has text of its own
    found = heads(new_markdown_cell("## Ô"), shows(""), something, new_markdown_cell(told))
    assert found == ["Ô", "Ô"]


@pytest.mark.parametrize(("others", "tags"), [([], ["screen"]), ([seen()], None)])
def test_a_heading_above_what_is_for_the_screen_alone_is_not_printed(others, tags):
    cells = [new_markdown_cell("## Ô"), shows("<p>1</p>", tags=["screen"]), *others]
    for _again in range(2):
        head = without_empty(new_notebook(cells=cells), {})[0].cells[0]
        assert head.metadata.get("tags") == tags


def test_of_a_notebook_that_was_not_run_all_stays():
    assert heads(new_markdown_cell("## Ô"), new_code_cell("1")) == ["Ô"]


def test_the_contents_name_only_what_is_there():
    cells = [new_markdown_cell(text) for text in ("# Ô", "## Trống", "## Đầy")]
    page = BeautifulSoup(to_html(new_notebook(cells=[*cells, seen()]), "Ô"), "html.parser")
    assert [link.get_text() for link in page.select("details a, nav a")] == ["Đầy"]
    assert [head["id"] for head in page.select("h2")] == ["s1"]


def test_what_analysts_ask_for_is_folded_by_runs():
    cells = [
        new_markdown_cell("## Một"),
        shows("<p>a</p>"),
        shows("<p>b</p>", tags=["detail"]),
        new_code_cell("x = 1"),
        shows("<p>c</p>", tags=["detail"]),
        new_markdown_cell("## Hai"),
        shows("<p>d</p>", tags=["detail"]),
        shows("<p>e</p>"),
    ]
    page = BeautifulSoup(to_html(new_notebook(cells=cells), "Ô"), "html.parser")
    folds = [[p.get_text() for p in fold.select("p")] for fold in page.select("details.more")]
    assert folds == [["b", "c"], ["d"]]
    assert [fold.summary.get_text() for fold in page.select("details.more")] == [
        "Cho người phân tích"
    ] * 2
    assert not page.select("details.more[open]")
