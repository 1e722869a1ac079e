"""The four calls by which a notebook shows what it found: say, chart, table, sources."""

import re
from collections.abc import Sequence
from html import escape
from textwrap import fill, wrap

import pandas as pd
from IPython.display import HTML, display
from matplotlib.axes import Axes
from matplotlib.collections import QuadMesh
from matplotlib.ticker import FixedLocator, MaxNLocator, ScalarFormatter
from pandas.api.types import is_bool_dtype, is_integer_dtype, is_numeric_dtype

from helpers import page, wording
from helpers.charts import drawing
from helpers.citations import Citations, source_line
from helpers.language import _
from helpers.report.alternative import described, told_at
from helpers.report.sheets import sheet
from helpers.report.texts import Labels, Text, as_html, in_language, label
from helpers.tables import typeset

# Numbers in words of their own: 12 *, 84,62–85,74, 29/63, 95% (75%–100%), 20,28 (Hà Nội), or none.
WRITTEN = re.compile(r"([\d≈+−–(].*)?", re.DOTALL)
# Letters in a line of a label beside a chart, beside cells, in the name of an axis, in titles of
# panels in a row.
WIDE, WIDE_CELLS, WIDE_NAME, WIDE_TITLES = 21, 14, 42, 45
TICKS = 5
CITED = "cited"  # a column of marks of sources: all else in a table is escaped


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
        Marks of the sources, as ``cite(...)`` gives them.
    estimates : bool
        Whether it shows estimates, which no source gives.
    **numbers
        Values of the fields of title and unit.
    """
    tell = told_at(ax.figure.axes, frame, labels)
    for each in ax.figure.axes:
        _name_axes(each, labels)
        _as_lines(each)
    made = page.chart(
        ax,
        in_language(title, numbers),
        in_language(unit, numbers),
        described(frame, labels),
        estimates,
        sources,
        tell,
    )
    names = in_language(title, numbers), in_language(unit, numbers)
    display(made, metadata=sheet(frame, *names, labels, estimates))


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


def table(
    frame: pd.DataFrame,
    title: Text,
    unit: Text = "",
    *,
    columns: Sequence | None = None,
    labels: Labels | None = None,
    sources: str = "",
    decimals: int | dict[str, int] = 2,
    signed: Sequence[str] = (),
    right: Sequence[str] = (),
    how: Sequence[tuple[str, str]] | None = None,
    groups: str | None = None,
    notes: Sequence[Text] = (),
    highlight: pd.Series | None = None,
    light: pd.Series | None = None,
    estimates: bool = False,
    **numbers,
) -> None:
    """Show a frame as a table with its title, unit, notes and sources.

    Parameters
    ----------
    frame : DataFrame
        A row per line. A named index is its first column. Whole numbers are written as such,
        others with ``decimals``, and years as they stand. ``cited`` holds marks of sources, as
        ``frame["sources"].map(cite)`` gives them; ``score_kind`` says of each ``score`` whether it
        is published or derived, and so of any column of numbers: what is derived is marked with an
        asterisk, and a note says so. Of a column in words it says so in the spreadsheet alone.
    title, unit : str or (str, str)
    columns : sequence, optional
        Names of columns in the order to be shown, and pairs (low, high) of columns that one column
        shows as an interval; all of the frame's when left out.
    labels : mapping, optional
        Texts for names of columns and for values in columns of text.
    sources : str
        Marks of the sources, as ``cite(...)`` gives them.
    decimals : int or dict
        For all columns, or by column.
    signed : sequence of str
        Columns of differences, which are written with their sign.
    right : sequence of str
        Columns of numbers in words ("under 1%") to be set flush right, as numbers are.
    how : sequence of (str, str), optional
        Who or what each derived figure is of, and its derivation, for that note; see
        `helpers.wording.derived_note`.
    groups : str, optional
        Column whose values head groups of rows.
    notes : sequence of str or (str, str)
        Lines under the table; may hold HTML.
    highlight, light : boolean Series, optional
        Rows to tint, and rows to print light, which hold estimates, by position.
    estimates : bool
        Whether other rows hold estimates too, which the spreadsheet beside the page says.
    **numbers
        Values of the fields of title, unit and notes.
    """
    frame = frame.infer_objects()
    if frame.index.names != [None]:
        frame = frame.reset_index()
    columns = [c for c in (frame.columns if columns is None else columns) if c != groups]
    kinds = {c: f"{c}_kind" for c in columns if f"{c}_kind" in frame and _is_number(frame[c])}
    shown, flush_right = pd.DataFrame(index=frame.index), []
    for number, column in enumerate(columns):
        key = f"c{number}"
        digits = decimals if isinstance(decimals, int) else decimals.get(_first(column), 2)
        if isinstance(column, tuple):
            shown[key] = [
                _interval(low, high, digits) for low, high in frame[list(column)].to_numpy()
            ]
            flush_right.append(key)
        elif column in kinds:
            shown[key] = _marked(frame[column], frame[kinds[column]], digits)
            flush_right.append(key)
        elif column != "year" and _is_number(frame[column]):
            digits = 0 if is_integer_dtype(frame[column]) else digits
            write = wording.signed if column in signed else wording.with_minus
            shown[key] = [write(value, digits) for value in frame[column].astype(float)]
            flush_right.append(key)
        else:
            shown[key] = [_cell(value, labels) for value in frame[column]]
            numbers_only = all(map(WRITTEN.fullmatch, shown[key])) and column not in ("year", CITED)
            if column in right or (numbers_only and shown[key].str.contains(r"\d").any()):
                flush_right.append(key)
    if groups:
        shown["groups"] = [label(value, labels) for value in frame[groups]]
    told = [in_language(note, numbers) for note in notes if note]
    if any((frame[kind] == "derived").any() for kind in kinds.values()):
        told.insert(0, wording.derived_note(how))
    told += [source_line(sources)] if sources else []
    made = typeset(
        shown,
        {f"c{number}": label(column, labels) for number, column in enumerate(columns)},
        title=in_language(title, numbers),
        subtitle=in_language(unit, numbers),
        right=tuple(flush_right),
        raw=tuple(f"c{n}" for n, column in enumerate(columns) if column == CITED),
        notes=tuple(told),
        groups="groups" if groups else None,
        highlight=highlight,
        light=light,
    )
    each = [one for column in columns for one in _ends(column) if one != CITED]
    with_kind = [f"{one}_kind" for one in each if f"{one}_kind" in frame]
    told = frame[list(dict.fromkeys([*filter(None, [groups]), *each, *with_kind]))].copy()
    if light is not None and not with_kind:
        told["estimated"] = light.to_numpy()
    names = in_language(title, numbers), in_language(unit, numbers)
    estimates |= light is not None and bool(light.any())
    estimates |= bool((told[with_kind] == "estimated").any(axis=None))
    # Alone: as text great_tables gives itself with addresses in memory, which never are the same.
    display(HTML(made.as_raw_html()), metadata=sheet(told, *names, labels, estimates))


def _ends(column) -> tuple:
    return column if isinstance(column, tuple) else (column,)


def _first(column):
    return column[0] if isinstance(column, tuple) else column


def _is_number(column: pd.Series) -> bool:
    return is_numeric_dtype(column) and not is_bool_dtype(column)


def _interval(low: float, high: float, decimals: int) -> str:
    if pd.isna(low) or pd.isna(high):
        return wording.MISSING
    return wording.to(wording.with_minus(low, decimals), wording.with_minus(high, decimals))


def _marked(values: pd.Series, kinds: pd.Series, decimals: int) -> list[str]:
    marks = kinds.eq("derived") & values.notna()
    written = [wording.with_minus(value, decimals) for value in values]
    return [
        one + wording.DERIVED if mark else one for one, mark in zip(written, marks, strict=True)
    ]


def _cell(value, labels: Labels | None) -> str:
    if isinstance(value, tuple):
        return in_language(value)
    return wording.MISSING if pd.isna(value) else label(value, labels)


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
            both = "; ".join(f"{label(c, labels)}: {getattr(row, c)}" for c in ("stated", "found"))
            told.append(
                f'<li><details><summary><span class="icon" aria-hidden="true">{row.icon}</span>'
                f" {head}</summary><p>{escape(both)}. {row.how}</p></details></li>"
            )
        told.append("</ul>")
    told += [f'<p class="source">{in_language(note, numbers)}</p>' for note in notes]
    display(HTML("".join(told)))


def sources(cite: Citations) -> None:
    """Show the list of every source that the page has cited: the last call of a notebook."""
    display(page.sources(cite), metadata=sheet(cite.table(), _("Sources")))
