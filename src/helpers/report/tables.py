"""A frame as people read it: typeset with great_tables, with notes and sources."""

import hashlib
import re
from collections.abc import Sequence
from html import escape

import pandas as pd
from great_tables import GT, html, loc, style
from IPython.display import HTML, display
from pandas.api.types import is_integer_dtype

from helpers import wording
from helpers.citations import source_line
from helpers.report.alternative import is_number
from helpers.report.sheets import sheet
from helpers.report.texts import Labels, Text, in_language, label

HIGHLIGHT: list = [style.fill("#fdf3d8"), style.text(weight="bold")]
LIGHT: list = [style.text(color="#616e7c", style="italic")]
# Numbers in words of their own: 12 *, 84,62–85,74, 29/63, 95% (75%–100%), 20,28 (Hà Nội), or none.
WRITTEN = re.compile(r"([\d≈+−–(].*)?", re.DOTALL)
CITED = "cited"  # a column of marks of sources: all else in a table is escaped


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
    title, unit = in_language(title, numbers), in_language(unit, numbers)
    each = [one for column in columns for one in _ends(column) if one != CITED]
    kinds = {one: f"{one}_kind" for one in each if f"{one}_kind" in frame}
    marked = [kind for one, kind in kinds.items() if is_number(frame[one])]

    shown, flush_right = pd.DataFrame(index=range(len(frame))), []
    for place, column in enumerate(columns):
        digits = decimals if isinstance(decimals, int) else decimals.get(_ends(column)[0], 2)
        key = f"c{place}"
        shown[key], is_number_column = _written(frame, column, digits, column in signed, labels)
        flush_right += [key] if is_number_column or column in right else []
    told = [in_language(note, numbers) for note in notes if note]
    if (frame[marked] == "derived").any(axis=None):
        told.insert(0, wording.derived_note(how))
    told += [source_line(sources)] if sources else []
    if groups:
        shown["groups"] = [label(value, labels) for value in frame[groups]]
    heads = {f"c{place}": label(column, labels) for place, column in enumerate(columns)}
    made = _typeset(shown, heads, flush_right, title, unit, told)
    if CITED in columns:  # HTML, and not to be escaped
        made = made.fmt(str, f"c{columns.index(CITED)}")
    for rows, look in ((highlight, HIGHLIGHT), (light, LIGHT)):
        if rows is not None and rows.any():
            made = made.tab_style(look, loc.body(rows=[i for i, on in enumerate(rows) if on]))
    told = frame[list(dict.fromkeys([*filter(None, [groups]), *each, *kinds.values()]))].copy()
    if light is not None and not kinds:
        told["estimated"] = light.to_numpy()
    estimates |= light is not None and bool(light.any())
    estimates |= bool((told[list(kinds.values())] == "estimated").any(axis=None))
    # Alone: as text great_tables gives itself with addresses in memory, which never are the same.
    display(HTML(made.as_raw_html()), metadata=sheet(told, title, unit, labels, estimates))


def _typeset(
    shown: pd.DataFrame,
    heads: dict[str, str],
    flush_right: list[str],
    title: str,
    unit: str,
    notes: list[str],
) -> GT:
    # Short, since every cell names it.
    name = hashlib.sha256(f"{title} {unit}".encode()).hexdigest()[:8]
    made = GT(shown, id=f"t-{name}", groupname_col="groups" if "groups" in shown else None)
    made = made.tab_header(html(f"<b>{escape(title)}</b>"), unit or None)
    made = made.cols_label(**heads).cols_align("left", list(heads))
    if flush_right:
        made = made.cols_align("right", flush_right)
    for note in notes:
        made = made.tab_source_note(html(note))
    # For JupyterLab; the look of a page is in its own sheet.
    return made.tab_options(
        table_width="100%",
        heading_align="left",
        table_font_size="14px",
        column_labels_font_weight="bold",
        row_group_font_weight="bold",
    )


def _ends(column) -> tuple:
    return column if isinstance(column, tuple) else (column,)


def _written(
    frame: pd.DataFrame, column, decimals: int, signed: bool, labels: Labels | None
) -> tuple[list[str], bool]:
    """Write a column, or an interval of two; say whether it is one of numbers."""
    if isinstance(column, tuple):
        ends = frame[list(column)].to_numpy()
        return [_interval(low, high, decimals) for low, high in ends], True
    values = frame[column]
    if column == "year" or not is_number(values):
        texts = [_cell(value, labels) for value in values]
        words = column in ("year", CITED) or not all(map(WRITTEN.fullmatch, texts))
        return texts, not words and any(re.search(r"\d", text) for text in texts)
    write = wording.signed if signed else wording.with_minus
    decimals = 0 if is_integer_dtype(values) else decimals
    written = values.astype(float).map(lambda value: write(value, decimals))
    if f"{column}_kind" in frame:
        derived = frame[f"{column}_kind"].eq("derived") & values.notna()
        written = written.mask(derived, written + wording.DERIVED)
    return list(written), True


def _interval(low: float, high: float, decimals: int) -> str:
    if pd.isna(low) or pd.isna(high):
        return wording.MISSING
    return wording.to(wording.with_minus(low, decimals), wording.with_minus(high, decimals))


def _cell(value, labels: Labels | None) -> str:
    if isinstance(value, tuple):
        return in_language(value)
    return wording.MISSING if pd.isna(value) else label(value, labels)
