"""Tables as people read them: typeset with great_tables, with notes and sources."""

import hashlib
from html import escape

import pandas as pd
from great_tables import GT, html, loc, style

HIGHLIGHT: list = [style.fill("#fdf3d8"), style.text(weight="bold")]
LIGHT: list = [style.text(color="#616e7c", style="italic")]


def typeset(
    frame: pd.DataFrame,
    columns: dict[str, str],
    *,
    title: str,
    subtitle: str = "",
    right: tuple[str, ...] = (),
    raw: tuple[str, ...] = (),
    notes: tuple[str, ...] = (),
    groups: str | None = None,
    highlight: pd.Series | None = None,
    light: pd.Series | None = None,
) -> GT:
    """Typeset a table.

    Parameters
    ----------
    frame : DataFrame
        A row per line of the table, all as it shall be read.
    columns : dict of str to str
        Columns to show, in order, and their labels.
    title, subtitle : str
        What the table says; the unit of its figures.
    right : tuple of str, optional
        Columns that hold numbers, to be set flush right.
    raw : tuple of str, optional
        Columns that hold HTML of our own making (source marks); everything else is escaped.
    notes : tuple of str, optional
        Lines under the table; may hold HTML.
    groups : str, optional
        Column whose values head groups of rows.
    highlight, light : boolean Series, optional
        Rows to tint (this province), and rows to print light (estimates), by position of `frame`.

    Returns
    -------
    GT
    """
    shown = frame[[*columns, *([groups] if groups else [])]].reset_index(drop=True)
    # Short, since every cell names it.
    name = hashlib.sha256(f"{title} {subtitle}".encode()).hexdigest()[:8]
    table = GT(shown, id=f"t-{name}", groupname_col=groups)
    heading = html(f"<b>{escape(title)}</b>")
    table = table.tab_header(heading, subtitle or None).cols_label(**columns)
    if raw:
        table = table.fmt(str, columns=list(raw))
    for column in columns:
        table = table.cols_align("right" if column in right else "left", column)
    for note in notes:
        table = table.tab_source_note(html(note))
    for rows, look in ((highlight, HIGHLIGHT), (light, LIGHT)):
        chosen = [] if rows is None else [i for i, on in enumerate(rows) if on]
        if chosen:
            table = table.tab_style(look, loc.body(rows=chosen))
    # For JupyterLab; the look of a page is in its own sheet.
    return table.tab_options(
        table_width="100%",
        heading_align="left",
        table_font_size="14px",
        column_labels_font_weight="bold",
        row_group_font_weight="bold",
    )
