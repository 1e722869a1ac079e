"""The frames of a page, kept beside what shows them, so that a spreadsheet can hold them."""

import json

import pandas as pd

from helpers.report.alternative import is_number, with_index
from helpers.report.texts import Labels, in_language, label

KEY = "frame"  # in the metadata of an output
# Names that a page does not need: there an interval is one column, and the sources are a list.
NAMES = {
    "low": ("Khoảng: từ", "Interval: from"),
    "high": ("Khoảng: đến", "Interval: to"),
    "kind": ("Loại số liệu", "Kind of figure"),
    "number": ("Số thứ tự", "Number"),
    "publisher": ("Nơi đăng", "Publisher"),
    "date": ("Ngày đăng", "Date"),
    "url": ("Địa chỉ", "Address"),
}
ENDS = ("{name}: từ", "{name}: from"), ("{name}: đến", "{name}: to")
GROUP = ("Nhóm", "Group")  # what a chart's legend leaves without a name
KIND = ("{name}: loại số liệu", "{name}: kind of figure")


def sheet(
    frame: pd.DataFrame,
    title: str,
    unit: str = "",
    labels: Labels | None = None,
    estimates: bool = False,
) -> dict:
    """Give the metadata of an output of HTML that hold the frame which it shows.

    Parameters
    ----------
    frame : DataFrame
        Numbers stay numbers; columns and all else get their names for readers. Of ``score`` the
        kind is in ``score_kind``, and so of any column; where there is no figure, it has none.
    title, unit : str
    labels : mapping, optional
        See `helpers.report.texts.label`.
    estimates : bool
        Whether some of its numbers are estimates.
    """
    rows = with_index(frame)
    kinds = {c: str(c).removesuffix("_kind") for c in rows if str(c).endswith("_kind")}
    for column, of in kinds.items():
        if of in rows:  # what is not there is of no kind
            rows[column] = rows[column].where(rows[of].notna(), None)
    labels = {**NAMES, **_parts(kinds, labels or {}), **(labels or {})}
    named = pd.concat([_named(column, labels) for _name, column in rows.items()], axis=1)
    told = {
        "title": title,
        "unit": unit,
        "estimates": bool(estimates),  # that of a frame is numpy's own, which JSON has not
        "columns": [label(column, labels) or in_language(GROUP) for column in rows],
        "rows": json.loads(named.to_json(orient="values", double_precision=6)),
    }
    return {"text/html": {KEY: told}}


def _parts(kinds: dict, labels: Labels) -> dict:
    """Name the columns that a page shows as a part of another: ends of intervals, kinds."""
    pairs = [(pair, label(pair, labels)) for pair in labels if isinstance(pair, tuple)]
    ends = [
        (end, in_language(told, {"name": name}))
        for pair, name in pairs
        for end, told in zip(pair, ENDS, strict=True)
    ]
    return dict(ends) | {
        column: in_language(KIND, {"name": label(of, labels)}) for column, of in kinds.items()
    }


def _named(column: pd.Series, labels: Labels | None) -> pd.Series:
    if is_number(column):
        return column
    return pd.Series([_told(value, labels) for value in column], dtype=object)


def _told(value, labels: Labels | None) -> str | None:
    if isinstance(value, tuple | str | bool):
        return in_language(value) if isinstance(value, tuple) else label(value, labels)
    return None if value is None or pd.isna(value) is True else str(value)
