"""What a chart shows, in words, for those who cannot see it: made from the frame drawn."""

from collections.abc import Iterator

import pandas as pd
from pandas.api.types import is_bool_dtype, is_numeric_dtype

from helpers import wording
from helpers.language import _
from helpers.report.texts import Labels, label

FEW = 8  # rows that are told one by one
MOST_COLUMNS = 4  # columns that are told one by one
ENDS = ("low", "high")
TEXTS = ["object", "string", "category"]


def described(frame: pd.DataFrame, labels: Labels | None = None) -> str:
    """Say what a frame holds: row by row where it is short, else its ends and who is there.

    Parameters
    ----------
    frame : DataFrame
        What was drawn. Rows are named by the index, or by ``unit`` and ``year`` where it has no
        name; ``low`` and ``high`` are the interval of the number before them; text columns are
        groups, which are counted.
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
    if isinstance(frame, pd.Series):
        frame = frame.to_frame(frame.name or "value")
    frame = frame.infer_objects()
    names = _names(frame, labels)
    numbers = [c for c in frame if _is_number(frame[c]) and c not in (*ENDS, "year")]
    numbers = [c for c in numbers if frame[c].notna().any()]
    if not numbers:
        return _("No figures to draw.") if frame.empty else _counted(frame, len(frame), labels)
    if len(frame) <= FEW and len(numbers) <= MOST_COLUMNS:
        rows = zip(names, frame.itertuples(index=False), strict=True)
        return " ".join(_row(name, row, frame, numbers, labels) for name, row in rows)
    told = [_counted(frame, len(frame), labels)]
    if "year" in frame and len(frame.select_dtypes(TEXTS).columns) == 1:
        return " ".join([*told, *_over_years(frame, numbers[0], labels)])
    if len(numbers) > MOST_COLUMNS:
        return " ".join([*told, _whole(frame[numbers], names, labels)])
    return " ".join([*told, *(_ends(frame[c], names, label(c, labels)) for c in numbers)])


def _is_number(column: pd.Series) -> bool:
    return is_numeric_dtype(column) and not is_bool_dtype(column)


def _names(frame: pd.DataFrame, labels: Labels | None) -> list[str]:
    plain = frame.index.names == [None] and is_numeric_dtype(frame.index)
    if not plain:
        keys = frame.index if frame.index.nlevels > 1 else [(key,) for key in frame.index]
        return [", ".join(label(part, labels) for part in key) for key in keys]
    chosen = [c for c in ("unit", "name", "year") if c in frame]
    if not chosen:
        return [str(place + 1) for place in range(len(frame))]
    rows = frame[chosen].itertuples(index=False)
    return [", ".join(label(part, labels) for part in row) for row in rows]


def _written(value: float, like: pd.Series) -> str:
    whole = (like.dropna() % 1 == 0).all()
    return wording.with_minus(value, 0 if whole else 2)


def _row(name: str, row, frame: pd.DataFrame, numbers: list, labels: Labels | None) -> str:
    values = dict(zip(frame.columns, row, strict=True))
    parts = []
    for place, column in enumerate(numbers):
        told = f"{label(column, labels)} {_written(values[column], frame[column])}"
        if place == 0 and set(ENDS) <= set(values) and pd.notna(values["low"]):
            told += f" ({wording.to(*(_written(values[end], frame[end]) for end in ENDS))})"
        parts.append(told)
    return f"{name}: {', '.join(parts)}."


def _counted(frame: pd.DataFrame, n: int, labels: Labels | None) -> str:
    told = _("Rows: {n}").format(n=wording.whole(n))
    for column in frame.select_dtypes(TEXTS):
        values = frame[column].dropna()
        if column != "unit" and 1 < values.nunique() <= FEW:
            counts = values.value_counts(sort=False)
            each = (f"{label(v, labels)} {wording.whole(k)}" for v, k in counts.items() if k)
            told += f"; {label(column, labels)}: {', '.join(each)}"
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
