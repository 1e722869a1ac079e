"""Figures of one year: the scores by region, and one index against the other."""

import math

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.text import Annotation

from helpers import wording
from helpers.charts import drawing
from helpers.charts.drawing import (
    ON_WHITE,
    QUIET,
    SMALL,
)
from helpers.language import _

# Where the name of a horizontal mean line may stand: end of the line, offset, alignments.
MEAN_PLACES = [
    (end, offset, ha, va)
    for end, ha in ((1, "right"), (0, "left"))
    for offset, va in ((2, "bottom"), (-2, "top"))
]
# Where the name of a dot may stand, in points right and up of it, the nearest first.
NAME_PLACES = [
    (side * right, up)
    for right, ups in (
        (7, (0, 7, -7)),
        (4, (13, -13)),
        (14, (14, -14, 22, -22)),
        (26, (0, 20, -20, 32, -32)),
        (44, (0, 14, -14, 28, -28, 44, -44)),
        (70, (0, 20, -20, 40, -40)),
    )
    for up in ups
    for side in (1, -1)
]
NEAR = 14  # points; a name farther off has a line to its dot
CROWD = (60, 20)  # points beside and above a dot in which others are in the way of its name


def reform_and_satisfaction(
    frame: pd.DataFrame,
    ax: Axes | None = None,
    highlight: str | None = None,
    means: dict[str, float] | None = None,
    most_names: int = 20,
) -> Axes:
    """Draw PAR INDEX against SIPAS for the units with both.

    Parameters
    ----------
    frame : DataFrame
        Indexed by unit: PAR (points) and SIPAS (per cent), and ``kind``, published where it is not
        said.
    means : dict, optional
        National means by index, drawn as light lines.
    most_names : int
        With more units than this, only the extremes of both indices and ``highlight`` are named.
    """
    frame = drawing.by_unit(frame).dropna(subset=["PAR", "SIPAS"])
    if frame.empty:
        return drawing.nothing(ax)
    ax = drawing.figure(4.3, fixed=True) if ax is None else ax
    means = {index: value for index, value in (means or {}).items() if drawing.known(value)}
    ax.set_xlim(drawing.limits(frame["PAR"], [means.get("PAR")], pad=0.1, least=2))
    ax.set_ylim(drawing.limits(frame["SIPAS"], [means.get("SIPAS")], pad=0.1, least=2))
    drawing.dots(ax, frame, frame["PAR"], frame["SIPAS"], highlight, size=40)
    ends = [frame[i].agg(end) for i in ("PAR", "SIPAS") for end in ("idxmin", "idxmax")]
    named = list(frame.index) if len(frame) <= most_names else [*dict.fromkeys(ends)]
    if highlight in frame.index and highlight not in named:
        named.append(highlight)
    ax.set(xlabel=_("PAR INDEX (points)"), ylabel="SIPAS (%)")
    ax.xaxis.set_major_formatter(drawing.CommaFormatter())
    ax.yaxis.set_major_formatter(drawing.CommaFormatter())
    # Names can be placed once the axes have their size; above them a mean has its name.
    drawing.fit(ax, above=1)
    drawing.lay_out(ax)
    _names(ax, frame, named, highlight, _mean_cross(ax, means, frame))
    return ax


def _names(ax: Axes, frame: pd.DataFrame, named: list[str], highlight, others: list) -> None:
    """Write names beside their dots, off the other dots and names.

    All have the room of bold letters, so that they stand alike whoever is highlighted.
    """
    points = 72 / ax.figure.dpi
    dots = ax.transData.transform(frame[["PAR", "SIPAS"]]) * points
    taken = [drawing.in_points(ax, other.get_window_extent()) for other in others]
    # Those with most dots around them choose first.
    crowd = pd.Series([(abs(dots - dot) < CROWD).all(axis=1).sum() for dot in dots], frame.index)
    for unit in crowd[named].sort_values(ascending=False, kind="stable").index:
        words, at = wording.unit_name(unit), tuple(frame.loc[unit, ["PAR", "SIPAS"]])
        place, ha, box = drawing.free_place(ax, at, words, NAME_PLACES, dots, taken)
        taken.append(box)
        line = {"arrowstyle": "-", "color": "#9aa5b1", "linewidth": 0.7}
        ax.annotate(
            words,
            at,
            xytext=place,
            textcoords="offset points",
            ha=ha,
            va="center",
            fontsize=SMALL,
            weight="bold" if unit == highlight else "normal",
            bbox=ON_WHITE,
            arrowprops=line if math.hypot(*place) > NEAR else None,
            gid="name",
            zorder=2.2,
        )


def _mean_cross(ax: Axes, means: dict[str, float], frame: pd.DataFrame) -> list[Annotation]:
    """Draw the national means as lines; give their names."""
    look = {"color": "#9aa5b1", "linewidth": 0.9, "linestyle": (0, (4, 2)), "zorder": 1}
    names = []
    if "PAR" in means:
        ax.axvline(means["PAR"], **look)
        names.append(_mean_name(ax, "PAR", means["PAR"], (0.5, 2, "center", "bottom")))
    if "SIPAS" in means:
        ax.axhline(means["SIPAS"], **look)
        place = _free_place(ax, means["SIPAS"], frame)
        names.append(_mean_name(ax, "SIPAS", means["SIPAS"], place))
    return names


def _free_place(ax: Axes, mean: float, frame: pd.DataFrame) -> tuple:
    points = 72 / ax.figure.dpi
    across, words = ax.get_yaxis_transform(), _mean_words("SIPAS", mean)
    boxes = []
    for place in MEAN_PLACES:
        end, offset, ha, _va = place
        x, y = across.transform((end, mean)) * points
        middle = y + offset + math.copysign(drawing.LINE / 2, offset)
        boxes.append(drawing.text_box(x, middle, words, 7.5, ha))
    dots = ax.transData.transform(frame[["PAR", "SIPAS"]]) * points
    return MEAN_PLACES[drawing.freest(boxes, ax, dots)]


def _mean_words(index: str, value: float) -> str:
    return _("Mean {index}: {mean}").format(index=wording.INDEX[index], mean=wording.number(value))


def _mean_name(ax: Axes, index: str, value: float, place) -> Annotation:
    end, offset, ha, va = place
    vertical = index == "PAR"
    return ax.annotate(
        _mean_words(index, value),
        (value, 1) if vertical else (end, value),
        xycoords=ax.get_xaxis_transform() if vertical else ax.get_yaxis_transform(),
        xytext=(0, offset),
        textcoords="offset points",
        ha=ha,
        va=va,
        fontsize=7.5,
        color=QUIET,
    )
