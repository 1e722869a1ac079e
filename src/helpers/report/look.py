"""What charts drawn with seaborn share: colours with a meaning, names and numbers of points."""

from collections.abc import Iterable
from itertools import product

import numpy as np
import pandas as pd
from adjustText import adjust_text
from matplotlib.axes import Axes

from helpers import facts, units, wording
from helpers.charts import drawing

LIFT = 3  # points by which a name starts above its mark


def palette(of: str = "region") -> dict[str, str]:
    """Colours that mean the same in every chart, as seaborn takes them for ``hue``.

    Parameters
    ----------
    of : {"region", "index", "kind"}
        Names of regions; PAR and SIPAS; published, derived and estimated.

    Raises
    ------
    ValueError
        There is no such palette.
    """
    palettes = {
        "region": (units.regions()["name"], drawing.COLOURS),
        "index": (facts.INDICES, (drawing.PUBLISHED, drawing.HIGHLIGHT)),
        "kind": (drawing.MARKERS, (drawing.PUBLISHED, drawing.PUBLISHED, drawing.ESTIMATED)),
    }
    if of not in palettes:
        raise ValueError(f"no palette of {of!r}: choose one of {', '.join(palettes)}")
    return dict(zip(*palettes[of], strict=False))


def name_points(
    ax: Axes, frame: pd.DataFrame, x: str, y: str, names: Iterable, strong: Iterable = ()
) -> None:
    """Write names beside points, each near its own and off all the others.

    Parameters
    ----------
    ax : Axes
        With the points drawn, as by ``sns.scatterplot(frame, x=x, y=y)``.
    frame : DataFrame
        Indexed by name: every point.
    x, y : str
        Its columns.
    names, strong : iterable
        Which of its rows to name, and which of these in the accent.
    """
    strong, chosen = set(strong), frame.loc[list(dict.fromkeys(names))]
    if chosen.empty:
        return
    drawing.lay_out(ax)  # names can be placed once the axes have their size
    # Off its own point from the start, or the forces around it may hold it there.
    up = ax.transData.inverted().transform([(0, 0), (0, LIFT * ax.figure.dpi / 72)])[:, 1]
    look = {"fontsize": drawing.SMALL, "ha": "center", "va": "center", "bbox": drawing.ON_WHITE}
    texts = [
        ax.text(
            row[x],
            row[y] + up[1] - up[0],
            wording.unit_name(name),
            color=drawing.ACCENT_TEXT if name in strong else drawing.QUIET,
            weight="bold" if name in strong else "normal",
            **look,
        )
        for name, row in chosen.iterrows()
    ]
    adjust_text(
        texts,
        x=frame[x].to_numpy(),
        y=frame[y].to_numpy(),
        target_x=chosen[x].to_numpy(),
        target_y=chosen[y].to_numpy(),
        ax=ax,
        **drawing.NAME_FORCES,
    )


def number_points(
    ax: Axes, x: pd.Series, y: pd.Series, before: pd.Series, off: pd.Series | None = None
) -> None:
    """Write the numbers of points above or below them, so that neighbours stand apart.

    Parameters
    ----------
    ax : Axes
        With the points drawn, its limits and its legend set.
    x, y : Series
        Where they are; ``x`` whole numbers, such as years.
    before : Series of str
        What stands before each number, such as "≈".
    off : Series, optional
        Other marks that no number should hide: where they are, by their ``x``.
    """
    drawing.lay_out(ax)  # how near the points are is known once the axes have their size
    order = x.sort_values().index
    x, y, above_or_below = x[order], y[order], (8, -16)
    others = y * np.nan if off is None else x.map(off)
    marks, others = (
        ax.transData.transform(np.column_stack([x, one]))[:, 1] * 72 / ax.figure.dpi
        for one in (y, others)
    )
    lifts = np.array(list(product(above_or_below, repeat=len(marks))))
    at, near = marks + lifts + drawing.SMALL / 2, np.diff(x) <= 1
    gaps = at[:, 1:] - at[:, :-1], at[:, 1:] - marks[:-1], at[:, :-1] - marks[1:]
    # Two numbers hide each other; a mark is small, and its number stays legible beside it.
    needed = (drawing.SMALL + 3, 3), (drawing.SMALL, 1), (drawing.SMALL, 1)
    overlap = sum(
        weight * np.maximum(0, room - np.abs(gap[:, near])).sum(1)
        for gap, (room, weight) in zip(gaps, needed, strict=True)
    )
    overlap += np.nansum(np.maximum(0, drawing.SMALL - np.abs(at - others)), axis=1)
    look = {"ha": "center", "fontsize": drawing.SMALL, "bbox": drawing.ON_WHITE, "zorder": 6}
    for one, lift in zip(order, lifts[np.argmin(overlap)], strict=True):
        told, place = before[one] + wording.number(y[one]), (0, lift)
        ax.annotate(told, (x[one], y[one]), place, textcoords="offset points", **look)
