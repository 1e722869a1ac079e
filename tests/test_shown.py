"""What cells show is on the page, or refused in one line that names the cell."""

import json
import warnings

import html5lib
import IPython.display
import matplotlib.pyplot as plt
import nbformat
import pytest
from bs4 import BeautifulSoup
from hypothesis import example, given
from hypothesis import strategies as st
from IPython.core.formatters import DisplayFormatter
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from helpers import batch, charts
from helpers.cli import planning
from helpers.errors import CchcError, PageWarning
from helpers.site import formulas
from helpers.site.formulas import NotShown
from helpers.site.pages import to_html

PNG = "iVBORw0KGgo="
PLAIN = {"text/plain": "<made up>"}


def cell(data: dict, number: int = 5, **metadata):
    output = new_output("display_data", data={**data, **PLAIN}, metadata=metadata)
    return new_code_cell("made_up()", execution_count=number, outputs=[output])


def page(*cells) -> BeautifulSoup:
    html = to_html(new_notebook(cells=list(cells)), "Ô Trống")
    html5lib.HTMLParser(strict=True).parse(html)
    return BeautifulSoup(html, "html5lib")


def displayed(thing) -> dict:
    """What IPython sends to a notebook for a thing."""
    data, _ = DisplayFormatter().format(thing)
    return data


# --- refused -------------------------------------------------------------------------------

SCRIPT = "<div id=x></div><script>draw('x')</script>"
REFUSED = {
    "Javascript": (displayed(IPython.display.Javascript("alert(1)")), "application/javascript"),
    "a widget": ({"application/vnd.jupyter.widget-view+json": {"model_id": "x"}}, "widget-view"),
    "altair, as HTML": ({"text/html": SCRIPT}, "it holds a script"),
    "bokeh": ({"application/vnd.bokehjs_exec.v0+json": "", "text/html": SCRIPT}, "a script"),
    "IFrame": (displayed(IPython.display.IFrame("https://example.org", 9, 9)), "it would load"),
    "a GIF": ({"image/gif": PNG}, "image/gif"),
    "what nobody knows": ({"application/x-made-up": "1"}, "application/x-made-up"),
    "a formula that is none": ({"text/latex": r"$\\frac{$"}, "cannot be set"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_a_page_cannot_show_is_refused_in_one_line_with_its_cell(case):
    data, told = REFUSED[case]
    with pytest.raises(CchcError) as caught:
        page(cell(data, 7))
    (line,) = str(caught.value).splitlines()
    assert told in line
    # A formula is found where Markdown is set, which counts all cells.
    assert line.startswith("cell 1 of the notebook: " if "formula" in case else "cell 7")


@pytest.mark.parametrize(
    ("source", "told"),
    [
        (SCRIPT, "it holds a script"),
        ("![x](https://example.org/a.png)", "it would load https://example.org/a.png"),
        ("Tỷ lệ $a_b_c$", "the formula 'a_b_c' cannot be set"),
        ("$\\unheardof{x}$", r"\unheardof is not known here"),
        ("$$\\begin{aligned}a&=b\\end{aligned}$$", "& is not known here"),
    ],
)
def test_prose_that_a_page_cannot_show_names_its_cell(source, told):
    with pytest.raises(CchcError) as caught:
        page(new_markdown_cell("# Một"), new_markdown_cell(source))
    (line,) = str(caught.value).splitlines()
    assert line.startswith("cell 2 of the notebook: ") and told in line


def test_a_cell_that_is_left_out_may_show_anything():
    left_out = [cell(data) for data, _told in REFUSED.values()]
    for made in left_out:
        made.metadata["tags"] = ["remove"]
    assert "made up" not in page(*left_out).main.get_text()


@pytest.mark.parametrize("kind", ["image/png", "image/jpeg", "image/svg+xml"])
@pytest.mark.parametrize("case", ["altair, as HTML", "what nobody knows"])
def test_a_picture_beside_it_is_shown_instead(case, kind):
    content = "<svg xmlns='http://www.w3.org/2000/svg'></svg>" if "svg" in kind else PNG
    soup = page(cell({**REFUSED[case][0], kind: content}, **{kind: {"alt": "Một"}}))
    assert len(soup.main.select("figure > img, figure svg")) == 1


# --- formulas --------------------------------------------------------------------------------

R = r"r = \frac{\sum (x - \bar{x})}{\sqrt{n}} < 1"


@pytest.mark.parametrize(
    ("source", "display"),
    [
        (f"Hệ số ${R}$ là", "inline"),
        (f"Hệ số\n\n$$\n{R}\n$$\n\nlà", "block"),
        (f"\\\\({R}\\\\)", "inline"),
        (f"\\\\[{R}\\\\]", "block"),
        (f"| a |\n| --- |\n| ${R}$ |", "inline"),
    ],
)
def test_formulas_of_prose_are_set(source, display):
    soup = page(new_markdown_cell(source))
    math = soup.main.math
    assert (math["display"], math["alttext"]) == (display, R)
    assert math.mfrac and math.msqrt and "<" in math.get_text()
    assert "$" not in soup.main.get_text() and "\\frac" not in soup.main.get_text()


@pytest.mark.parametrize(
    "thing", [IPython.display.Math(R), IPython.display.Latex(f"Hệ số ${R}$, $$x^2$$")]
)
def test_math_and_latex_of_a_cell_are_set(thing):
    made = cell(displayed(thing))
    soup = page(made)
    assert "text/latex" in made.outputs[0].data  # the notebook stays as it was
    assert soup.main.math.mfrac
    assert "frac" not in soup.main.get_text()


def test_an_environment_is_set():
    soup = page(new_markdown_cell(r"\begin{align*}a &= b \\ c &= d\end{align*}"))
    assert len(soup.main.math.find_all("mtr")) == 2


def test_dollars_in_code_and_money_stay():
    text = page(new_markdown_cell("`$x$` giá 5\\$ và 6\\$")).main.get_text()
    assert "$x$" in text and "5$ và 6$" in text


@example("0\r0")
@given(st.text(max_size=40) | st.text(r"\\{}_^&$ab12<>\"'=.", max_size=40))
def test_any_formula_is_set_or_refused(tex):
    try:
        made = formulas.mathml(tex)
    except NotShown as error:
        assert len(str(error).splitlines()) == 1
    else:
        html5lib.HTMLParser(strict=True).parseFragment(made)
        assert "<script" not in made


# --- charts of an analyst's own ----------------------------------------------------------------


def drawn() -> str:
    """A chart as JupyterLab and papermill keep it, in the project's style."""
    charts.style()
    ax = plt.subplots()[1]
    ax.plot([1, 2])
    svg = charts.svg(ax, "")
    plt.close(ax.figure)
    return svg.replace('aria-label=""', "")


OWN = {
    "svg": {"image/svg+xml": '<svg xmlns="http://www.w3.org/2000/svg"></svg>'},
    "png": {"image/png": PNG},
    "jpeg": {"image/jpeg": PNG},
    "html": {"text/html": f"<p>{drawn()}</p>"},
    "img": {"text/html": f'<img src="data:image/png;base64,{PNG}">'},
}


@pytest.mark.parametrize("case", OWN)
def test_a_chart_without_words_is_shown_with_a_warning_that_names_its_cell(case):
    made = new_notebook(cells=[cell({}, 3), cell(OWN[case], 4)])
    with pytest.warns(PageWarning, match=r"^cell 4: a chart without a text") as found:
        html = to_html(made, "Ô Trống")
    assert len(found) == 1
    assert BeautifulSoup(html, "html5lib").main.select("svg, img")


def test_a_chart_with_words_has_no_warning():
    charts.style()
    ax = plt.subplots()[1]
    html = f"<figure>{charts.svg(ax, 'Một 1')}</figure>"
    plt.close(ax.figure)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        page(cell({"text/html": html}), cell(OWN["png"], **{"image/png": {"alt": "Hai"}}))


def test_a_run_keeps_what_a_page_lacks(tmp_path):
    source = f"""from IPython.display import Image, display
import base64
display(Image(base64.b64decode("{PNG}"), format="png"))"""
    path = tmp_path / "mine.ipynb"
    nbformat.write(new_notebook(cells=[new_code_cell(source)]), path)
    jobs = [batch.Job(path, {}, "mine")]
    first, again = (
        batch.run(jobs, tmp_path / "outputs", render=planning.render)[0] for _ in range(2)
    )
    assert first.ok and not first.unchanged and again.unchanged
    assert first.warnings == again.warnings
    assert [text.partition(":")[0] for text in first.warnings] == ["cell 1"]
    [entry] = json.loads((tmp_path / "outputs/run.json").read_text("utf-8"))["reports"]
    assert entry["warnings"] == list(first.warnings)
