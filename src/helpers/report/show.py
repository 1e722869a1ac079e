"""What a notebook's cells show: sentences, charts, findings and sources; tables beside them."""

from collections.abc import Sequence
from html import escape
from textwrap import fill, wrap

import matplotlib.pyplot as plt
import pandas as pd
from IPython.display import HTML, display
from matplotlib.axes import Axes
from matplotlib.collections import QuadMesh
from matplotlib.ticker import FixedLocator, MaxNLocator, ScalarFormatter

from helpers import charts, page, wording
from helpers.charts import drawing
from helpers.citations import Citations, source_line
from helpers.language import _
from helpers.report.alternative import described, told_at
from helpers.report.sheets import sheet
from helpers.report.texts import Labels, Text, as_html, in_language, label

# Letters in a line of a label beside a chart, beside cells, in the name of an axis, in titles of
# panels in a row.
WIDE, WIDE_CELLS, WIDE_NAME, WIDE_TITLES = 21, 14, 42, 45
TICKS = 5


def say(vi: str, en: str, **numbers) -> None:
    """Show a paragraph in the language in use.

    Parameters
    ----------
    vi, en : str
        Both texts, with the same fields; see `helpers.report.text`. They may hold HTML.
    **numbers
        Values of the fields. Texts among them are escaped, but for marks of sources.
    """
    told = in_language((vi, en), as_html(numbers))
    display(HTML(f"<p>{told}</p>"))


def chart(
    ax: Axes,
    title: Text,
    unit: Text,
    frame: pd.DataFrame,
    *,
    labels: Labels | None = None,
    sources: str = "",
    estimates: bool = False,
    **numbers,
) -> None:
    """Show a chart with its title and unit above, its sources below, and what it shows in words.

    It is drawn at most `WIDTH` inches wide, with letters that a phone shows legibly.

    Parameters
    ----------
    ax : Axes
        As seaborn gives them; the whole figure is shown, and closed.
    title, unit : str or (str, str)
        The finding or the question; the unit, the year, the keys to the marks.
    frame : DataFrame
        What was drawn; its columns and rows give the alternative text, see
        `helpers.report.described`.
    labels : mapping, optional
        Texts for names of columns, groups and values: they name axes, legends and ticks too.
    sources : str
        Marks of the sources, as ``cite(...)`` gives them; the whole list at the foot of the page
        when left out.
    estimates : bool
        Whether it shows estimates, which no source gives.
    **numbers
        Values of the fields of title and unit.
    """
    title, unit = in_language(title, numbers), in_language(unit, numbers)
    tell = told_at(ax.figure.axes, frame, labels)
    for each in ax.figure.axes:
        _name_axes(each, labels)
        _as_lines(each)
    svg = charts.svg(ax, described(frame, labels), tell)
    plt.close(ax.figure)
    told = _("Source: published reports of the results, listed at the foot of the page.")
    told = source_line(sources) if sources else told
    if estimates:
        told += " " + _("Estimates: this report.")
    # Words outside the picture wrap on a phone and keep their size.
    html = (
        f'<figure><figcaption><b class="finding">{escape(title)}</b><br>'
        f'<span class="unit">{escape(unit)}</span></figcaption>'
        f'<div class="chart" role="region" aria-label="{_("Chart")}">{svg}</div>'
        f'<p class="source">{told}</p></figure>'
    )
    display(HTML(html), metadata=sheet(frame, title, unit, labels, estimates))


def _name_axes(ax: Axes, labels: Labels | None) -> None:
    """Give axes, ticks and legend the names of readers, and numbers those of the language."""
    # Numbers in cells need the width more than names beside them do.
    wide = WIDE_CELLS if any(isinstance(one, QuadMesh) for one in ax.collections) else WIDE
    beside = ax.get_subplotspec().get_gridspec().ncols if ax.get_subplotspec() else 1
    for axis in (ax.xaxis, ax.yaxis):
        name = axis.get_label_text()
        if name == "year" and isinstance(axis.get_major_formatter(), ScalarFormatter):
            axis.set_major_locator(MaxNLocator(TICKS // beside + beside // 2, integer=True))
            axis.set_major_formatter("{x:.0f}")
        elif isinstance(axis.get_major_formatter(), ScalarFormatter):
            axis.set_major_formatter(drawing.CommaFormatter())
            if isinstance(axis.get_major_locator(), MaxNLocator):
                # A number of its own, or the length of words would decide which ticks there are.
                axis.get_major_locator().set_params(nbins=TICKS)
        elif isinstance(axis.get_major_locator(), FixedLocator) or axis.have_units():
            # From the formatter: the inner one of shared axes hides its labels and gives none.
            places = axis.get_ticklocs()
            written = axis.get_major_formatter().format_ticks(places)
            axis.set_ticks(places, [fill(label(one, labels), wide) for one in written])
        axis.set_label_text(fill(label(name, labels), WIDE_NAME) if name else "")
    for where in ("left", "center"):
        # What is joined by spaces that do not break stays in one line.
        title = wrap(
            ax.get_title(where),
            WIDE_TITLES // beside,
            break_long_words=False,
            break_on_hyphens=False,
        )
        ax.set_title("\n".join(title), loc=where)
    legend = ax.get_legend()
    if legend is not None:
        for told in (legend.get_title(), *legend.get_texts()):
            told.set_text(fill(label(told.get_text(), labels), WIDE_NAME))


def _as_lines(ax: Axes) -> None:
    """Draw all as lines and areas: a page takes no pixels, and a heat map no grid."""
    for mesh in ax.collections:
        mesh.set_rasterized(False)
        if isinstance(mesh, QuadMesh):
            ax.grid(visible=False)
            mesh.set_edgecolor("face")  # or the page shows through between two cells
            mesh.set_clip_on(False)  # it ends where the axes do


def findings(
    rows: pd.DataFrame,
    title: Text,
    unit: Text,
    notes: Sequence[Text],
    labels: Labels,
    **numbers,
) -> None:
    """Show statements that were checked: icon, verdict and one sentence each, the rest on demand.

    Parameters
    ----------
    rows : DataFrame
        A row per statement: ``subject``, ``icon``, ``verdict``, ``statement`` (HTML), and what
        opens on demand: ``stated``, ``found`` and ``how`` (HTML), the first two by their labels.
    title, unit, notes, labels, **numbers
        As of `table`.
    """
    told = [f"<p><b>{in_language(title, numbers)}</b><br>{in_language(unit, numbers)}</p>"]
    for subject, group in rows.groupby("subject", sort=False):
        told.append(f'<h4>{escape(subject)}</h4><ul class="findings">')
        for row in group.itertuples():
            head = f"<b>{escape(wording.capital(row.verdict))}</b>: {row.statement}"
            both = [f"{label(c, labels)}: {getattr(row, c)}" for c in ("stated", "found")]
            told.append(
                f'<li><details><summary><span class="icon" aria-hidden="true">{row.icon}</span>'
                f" {head}</summary><p>{escape('. '.join(both))}. {row.how}</p></details></li>"
            )
        told.append("</ul>")
    told += [f'<p class="source">{in_language(note, numbers)}</p>' for note in notes]
    display(HTML("".join(told)))


def sources(cite: Citations) -> None:
    """Say how to read the figures, and list every source cited: the last call of a notebook."""
    display(page.reading_guide())
    display(HTML(cite.listed()), metadata=sheet(cite.table(), _("Sources")))
