"""What a chart shows, in words, for those who cannot see it: made from the frame drawn."""

from collections.abc import Iterator, Sequence
from itertools import pairwise

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import FixedLocator
from pandas.api.types import is_bool_dtype, is_numeric_dtype

from helpers import wording
from helpers.charts.values import Tell
from helpers.language import _
from helpers.report.texts import Labels, label

FEW = 8  # rows that are told one by one
MOST_COLUMNS = 4  # columns that are told one by one
ENDS = ("low", "high")
MOST_AT_ONCE = 3  # rows told of one place
BESIDE = 0.45  # of the way to the next name, where points of one name are drawn beside each other
TEXTS = ["object", "string", "category"]


def described(frame: pd.DataFrame, labels: Labels | None = None) -> str:
    """Say what a frame holds: row by row where it is short, else its ends and who is there.

    Parameters
    ----------
    frame : DataFrame
        What was drawn. Rows are named by the index, or by ``unit`` and ``year`` where it has no
        name, or by their texts where it has neither; ``low`` and ``high`` are the interval of the
        number before them; text columns are groups, which are counted.
    labels : mapping, optional
        Names of columns and groups; see `helpers.report.texts.label`.

    Returns
    -------
    str
        Plain text in the language in use.

    Examples
    --------
    >>> from helpers import language
    >>> made_up = pd.DataFrame({"r": [0.5], "low": [0.25], "high": [0.75]}, index=["x"])
    >>> with language.using("en"):
    ...     described(made_up.rename_axis("case"))
    'x: r 0.50 (0.25 to 0.75).'
    """
    frame = frame.infer_objects()
    names = _names(frame, labels)
    numbers = [c for c in frame if is_number(frame[c]) and c not in (*ENDS, "year")]
    numbers = [c for c in numbers if frame[c].notna().any()]
    if not numbers:
        return _("No figures to draw.") if frame.empty else _counted(frame, len(frame), labels)
    if len(frame) <= FEW and len(numbers) <= MOST_COLUMNS:
        return " ".join(f"{line}." for line in _lines(with_index(frame), labels))
    told = [_counted(frame, len(frame), labels)]
    if "year" in frame and len(frame.select_dtypes(TEXTS).columns) == 1:
        return " ".join([*told, *_over_years(frame, numbers[0], labels)])
    if len(numbers) > MOST_COLUMNS:
        return " ".join([*told, _whole(frame[numbers], names, labels)])
    return " ".join([*told, *(_ends(frame[c], names, label(c, labels)) for c in numbers)])


def with_index(frame: pd.DataFrame) -> pd.DataFrame:
    """Give a frame with what its index says as its first columns; row numbers say nothing."""
    keys = frame.index.to_frame(index=False)
    nothing = _says_nothing(frame.index)
    keys = keys.drop(columns=[key for key in keys if nothing or key in frame])
    return pd.concat([keys, frame.reset_index(drop=True)], axis=1).infer_objects()


def is_number(column: pd.Series) -> bool:
    """Whether a column holds numbers; what is true or false is none."""
    return is_numeric_dtype(column) and not is_bool_dtype(column)


def told_at(axes: Sequence[Axes], frame: pd.DataFrame, labels: Labels | None = None) -> Tell:
    """Say what the row of a frame is that was drawn at a place of some axes.

    Parameters
    ----------
    axes : sequence of Axes
        As seaborn leaves them: named by the columns of the frame.
    frame : DataFrame
        What was drawn.
    labels : mapping, optional
        As `described` takes them.

    Returns
    -------
    callable
        From axes, x and y to a text; "" where no row was drawn there, or too many were.
    """
    rows = with_index(frame)
    texts = np.array(_lines(rows, labels), object)
    places = {ax: _places(ax, rows) for ax in axes}

    def tell(ax: Axes, x: float, y: float) -> str:
        (xs, reach_x), (ys, reach_y) = places[ax]
        near = (np.abs(xs - x) <= reach_x) & (np.abs(ys - y) <= reach_y)
        return "; ".join(dict.fromkeys(texts[near])) if 0 < near.sum() <= MOST_AT_ONCE else ""

    return tell


def _places(ax: Axes, rows: pd.DataFrame) -> list[tuple[np.ndarray, float]]:
    """Where rows stand on each axis, and how far off they may be drawn; NaN for nowhere."""
    return [_place(axis, _column(axis, rows), rows) for axis in (ax.xaxis, ax.yaxis)]


def _column(axis, rows: pd.DataFrame):
    """Give the column that an axis is of: by its name, or the only one that it can be."""
    name = axis.get_label_text()
    if name in rows or name:
        return name
    taken = {axis.axes.get_xlabel(), axis.axes.get_ylabel(), "year", *ENDS}
    numeric = not (axis.have_units() or isinstance(axis.get_major_locator(), FixedLocator))
    able = [c for c in rows if c not in taken and is_number(rows[c]) == numeric]
    return able[0] if len(able) == 1 else name


def _place(axis, name, rows: pd.DataFrame) -> tuple[np.ndarray, float]:
    if name not in rows:
        return np.full(len(rows), np.nan), 0
    if is_number(rows[name]):
        values = rows[name].to_numpy(float)
        return values, 1e-9 * max(1, np.nanmax(np.abs(values), initial=0))
    ticks = axis.get_majorticklocs()
    at = dict(zip(axis.get_major_formatter().format_ticks(ticks), ticks, strict=True))
    return rows[name].astype(str).map(at).to_numpy(float), BESIDE


def _lines(frame: pd.DataFrame, labels: Labels | None) -> list[str]:
    """Say each row: what it is of, then its numbers, each followed by the interval of it."""
    numbers = [c for c in frame if is_number(frame[c]) and c not in (*ENDS, "year")]
    called = {c: label(c, labels) for c in numbers}
    decimals = {c: _decimals(frame[c]) for c in (*numbers, *ENDS) if c in frame}
    of = next(
        (a for a, b in pairwise(c for c in frame if c in (*numbers, "low")) if b == "low"), ""
    )

    def line(row: tuple) -> str:
        values = {c: value for c, value in zip(frame, row, strict=True) if pd.notna(value)}
        name = ", ".join(label(values[c], labels) for c in values if c not in decimals)
        told = {c: wording.with_minus(values[c], decimals[c]) for c in decimals if c in values}
        parts = {c: f"{called[c]} {told[c]}" for c in numbers if c in told}
        if of in parts and set(ENDS) <= set(told) and values["low"] != values["high"]:
            parts[of] += f" ({wording.to(told['low'], told['high'])})"
        return f"{name}: {', '.join(parts.values())}" if name else ", ".join(parts.values())

    return [line(row) for row in frame.itertuples(index=False)]


def _names(frame: pd.DataFrame, labels: Labels | None) -> list[str]:
    keys = frame.index.to_frame(index=False)
    if _says_nothing(frame.index):
        chosen = [c for c in ("unit", "name", "year") if c in frame]
        keys = frame[chosen or list(frame.select_dtypes(TEXTS))]
    if keys.columns.empty:
        return [str(place + 1) for place in range(len(frame))]
    rows = keys.itertuples(index=False)
    return [", ".join(label(part, labels) for part in row) for row in rows]


def _says_nothing(index: pd.Index) -> bool:
    return index.names == [None] and is_numeric_dtype(index)


def _decimals(column: pd.Series) -> int:
    return 0 if (column.dropna() % 1 == 0).all() else 2


def _written(value: float, like: pd.Series) -> str:
    return wording.with_minus(value, _decimals(like))


def _counted(frame: pd.DataFrame, n: int, labels: Labels | None) -> str:
    told = _("Rows: {n}").format(n=wording.whole(n))
    for column in frame.select_dtypes(TEXTS):
        values = frame[column].dropna()
        if column != "unit" and 1 < values.nunique() <= FEW:
            counts = values.value_counts(sort=False)
            each = (f"{label(v, labels)} {wording.whole(k)}" for v, k in counts.items() if k)
            called = label(column, labels)
            told += f"; {called}: {', '.join(each)}" if called else f"; {', '.join(each)}"
    return f"{told}."


def _ends(column: pd.Series, names: list[str], called: str) -> str:
    known = pd.Series(column.to_numpy(), index=names).dropna()
    low, high = known.argmin(), known.argmax()
    return _("{what}: from {low} ({who_low}) to {high} ({who_high}).").format(
        what=called,
        low=_written(known.iloc[low], column),
        who_low=known.index[low],
        high=_written(known.iloc[high], column),
        who_high=known.index[high],
    )


def _over_years(frame: pd.DataFrame, number, labels: Labels | None) -> Iterator[str]:
    """Say of each line over the years where it begins, ends and lies farthest."""
    [group] = frame.select_dtypes(TEXTS).columns
    for name, rows in frame.dropna(subset=number).groupby(group, sort=False, observed=True):
        values = rows.sort_values("year").set_index("year")[number]
        chosen = dict.fromkeys(
            (values.index[0], values.idxmin(), values.idxmax(), values.index[-1])
        )
        told = (f"{_written(values[year], frame[number])} ({year})" for year in sorted(chosen))
        yield f"{label(name, labels)}: {', '.join(told)}."


def _whole(frame: pd.DataFrame, names: list[str], labels: Labels | None) -> str:
    """Say of a frame with many columns, as of a heat map, where it is lowest and highest."""
    cells = frame.set_axis(names, axis=0).stack().dropna()
    keys = [f"{name}, {label(column, labels)}" for name, column in cells.index]
    columns = _("Columns: {n} ({first} to {last}).").format(
        n=wording.whole(frame.shape[1]),
        first=label(frame.columns[0], labels),
        last=label(frame.columns[-1], labels),
    )
    values = _("Values")
    return f"{columns} {_ends(cells, keys, values)}"
