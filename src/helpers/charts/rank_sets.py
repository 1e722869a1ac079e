"""Ranks with what is not known of them; none computes a statistic."""

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.lines import Line2D

from helpers.charts import drawing
from helpers.charts.drawing import ESTIMATED, HIGHLIGHT, INK, PUBLISHED, QUIET, SMALL
from helpers.language import N_, _

ROW = 0.175  # inches
# From the first set, which is drawn thickest, to the last.
BARS = ((6.0, 0.28), (3.2, 0.32), (1.2, 0.6))
THICK_AND_THIN = ((6.0, 0.28), (1.6, 0.8))
KINDS = {
    "published": N_("published rank"),
    "derived": N_("derived rank"),
    "estimated": N_("estimated rank"),
}


def rank_sets(
    frame: pd.DataFrame,
    sets: dict[str, pd.DataFrame],
    n: int,
    ax: Axes | None = None,
    highlight: str | None = None,
    later: pd.Series | None = None,
) -> Axes:
    """Draw each unit's rank and the ranks that cannot be ruled out, best first.

    Parameters
    ----------
    frame : DataFrame
        Indexed by unit: ``rank``, its ``kind``, and ``light``, whether the bars rest on an
        estimated score.
    sets : dict of str to DataFrame
        Up to three: what a set assumes, and its ``lower`` and ``upper`` ranks by unit; the
        narrowest first, drawn thickest.
    n : int
        How many are ranked.
    highlight : str, optional
        A unit to draw in the accent colour.
    later : Series, optional
        Ranks published since, by unit.
    """
    if frame.empty:
        return drawing.nothing(ax)
    frame = frame.sort_values("rank", kind="stable")
    ax = drawing.figure(0.8 + ROW * len(frame)) if ax is None else ax
    y = pd.Series(range(len(frame)), index=frame.index, dtype=float)
    colours = [
        HIGHLIGHT if unit == highlight else ESTIMATED if light else PUBLISHED
        for unit, light in frame["light"].items()
    ]
    faint = frame["light"].map({True: 0.5, False: 1.0})
    looks = BARS if later is None else THICK_AND_THIN
    for bounds, (width, alpha) in zip(sets.values(), looks, strict=False):
        rows = bounds.loc[frame.index]
        bars = ax.hlines(y, rows["lower"], rows["upper"], colors=colours, linewidth=width, zorder=2)
        bars.set_alpha(list(alpha * faint))
    drawing.dots(ax, frame, frame["rank"], y, highlight, size=30)
    if later is not None:
        ax.plot(later, y[later.index], marker="D", linestyle="", markersize=4.5, color=INK,
                markeredgecolor="white", markeredgewidth=0.6, zorder=5)  # fmt: skip
    label = _("Rank among {n}; rank 1 on the left").format(n=n)
    ax.set(xlim=(0, n + 1), ylim=(len(frame) - 0.4, -0.6), xlabel=label)
    ax.set_xticks(drawing.rank_ticks(n))
    ax.set_yticks(y, frame.index, fontsize=SMALL)
    for name, light in zip(ax.get_yticklabels(), frame["light"], strict=True):
        name.set_color(QUIET if light else drawing.INK)
    ax.grid(visible=False, axis="y")
    _keys(ax, frame["kind"], sets, looks, later)
    return ax


def _keys(ax: Axes, kinds: pd.Series, sets: dict, looks, later: pd.Series | None) -> None:
    marks = [
        Line2D(
            [],
            [],
            linestyle="",
            marker=drawing.MARKERS[kind],
            color=PUBLISHED,
            markerfacecolor="white" if kind == "estimated" else PUBLISHED,
            label=_(KINDS[kind]),
        )
        for kind in drawing.MARKERS
        if (kinds == kind).any()
    ]
    bars = [
        Line2D([], [], color=PUBLISHED, linewidth=width, alpha=alpha, label=label)
        for label, (width, alpha) in zip(sets, looks, strict=False)
    ]
    if later is not None and len(later):
        look = {"marker": "D", "linestyle": "", "color": INK}
        bars.append(Line2D([], [], label=_("published since"), **look))
    place = {"loc": "lower left", "bbox_to_anchor": (0, 1), "borderpad": 0}
    ax.legend(handles=[*marks, *bars], ncols=3, **place)
