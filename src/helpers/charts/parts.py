"""Figures of the parts that an index is made of."""

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.lines import Line2D

from helpers import facts, wording
from helpers.charts import drawing
from helpers.charts.drawing import ACCENT_TEXT, PUBLISHED, QUIET, SMALL
from helpers.language import _
from helpers.standing import SUMS

# Neighbours differ in lightness too, so that grey print keeps them apart: fill, text on it.
FILLS = (("#004c78", "white"), ("#8cc9ee", "black"), ("#c05000", "white"), ("#f0e442", "black"))
LIGHTER = "#7fb2d6"
NAME_GAP = 0.42  # rows between a bar or line and the name above it


def stacked_blocks(
    frame: pd.DataFrame, ax: Axes | None = None, labels: dict[str, str] | None = None
) -> Axes:
    """Draw what each unit's score is made of; a value is written where it fits its block.

    Parameters
    ----------
    frame : DataFrame
        As given by `helpers.national.blocks`: indexed by unit, the blocks in points and, if any,
        ``score``, which is written at the end of the bar.
    labels : dict, optional
        Columns to stack, in order, and their names; at most four.
    """
    blocks = ("appraisal", "satisfaction", "managers_survey", "socioeconomic_impact")
    labels = labels or {block: wording.part(block) for block in blocks}
    if frame.empty:
        return drawing.nothing(ax)
    ax = drawing.figure(0.8 + 0.26 * len(frame)) if ax is None else ax
    texts, start = [], pd.Series(0.0, index=frame.index)
    for (block, label), (fill, ink) in zip(labels.items(), FILLS, strict=False):
        points = frame[block].fillna(0)
        bars = ax.barh(
            range(len(frame)), points, left=start, label=label, color=fill, edgecolor="white"
        )
        values = [wording.number(value) for value in points]
        look = {"label_type": "center", "fontsize": 7.5, "color": ink}
        texts += zip(ax.bar_label(bars, values, **look), bars, strict=True)
        start += points
    if "score" in frame:
        for place, (unit, score) in enumerate(frame["score"].items()):
            spot = {"xytext": (4, 0), "textcoords": "offset points", "va": "center_baseline"}
            text = wording.number(score)
            ax.annotate(text, (start[unit], place), weight="bold", fontsize=SMALL, **spot)
    ax.set_xlim(0, start.max() * 1.09)
    ax.set_ylim(len(frame) - 0.4, -0.6)
    ax.set_yticks(range(len(frame)), frame.index)
    ax.grid(axis="y", visible=False)
    ax.xaxis.set_major_formatter(drawing.CommaFormatter())
    above = {"loc": "lower left", "bbox_to_anchor": (0, 1), "borderpad": 0}
    ax.legend(ncols=2, handlelength=1.2, columnspacing=1.5, **above)
    drawing.lay_out(ax)
    for text, bar in texts:
        text.set_visible(text.get_window_extent().width < bar.get_window_extent().width - 2)
    return ax


def parts(frame: pd.DataFrame, ax: Axes | None = None) -> Axes:
    """Draw the points of each part, with the points lost where the maximum is known.

    Parameters
    ----------
    frame : DataFrame
        As given by `helpers.standing.apart`: indexed by part, with points and, if any,
        max_points and max_kind; parts without points are left out.
    """
    frame = frame.dropna(subset="points")
    derived = frame.get("max_kind", pd.Series("", index=frame.index)) == "derived"
    frame = frame.reindex(columns=["points", "max_points"])
    if frame.empty:
        return drawing.nothing(ax)
    ax = drawing.figure(0.35 + 0.43 * len(frame), fixed=True) if ax is None else ax
    y = range(len(frame))
    look = {"height": 0.38}
    ax.barh(y, frame["max_points"], color="white", edgecolor="#9aa5b1", linewidth=0.8, **look)
    # Sums of other parts are derived, and lighter.
    colours = [LIGHTER if part in SUMS else PUBLISHED for part in frame.index]
    ax.barh(y, frame["points"], color=colours, **look)
    for place, (part, row) in enumerate(frame.iterrows()):
        known = pd.notna(row["max_points"])
        text = wording.number(row["points"])
        if known:
            text += f" / {wording.number(row['max_points'])}{' *' if derived[part] else ''}"
        spot = (row.max(), place)
        offset = {"xytext": (4, 0), "textcoords": "offset points", "va": "center_baseline"}
        ax.annotate(text, spot, fontsize=SMALL, weight="bold", **offset)
        name = wording.parts().get(part, part)
        _row_name(ax, _("{part} (derived)").format(part=name) if part in SUMS else name, place)
    ax.set_xlim(0, frame.max(axis=None) * 1.2)
    _rows_only(ax, len(frame))
    drawing.fit(ax)
    return ax


def factors(
    frame: pd.DataFrame, ax: Axes | None = None, break_year: int = facts.NEW_SURVEY
) -> Axes:
    """Draw the factors of SIPAS for the years published, both survey methods apart.

    Parameters
    ----------
    frame : DataFrame
        As given by `helpers.national.factors`: a row per factor, a column per year, per cent.
    break_year : int
        First year of the new method; dots are joined only within a method.
    """
    frame = frame.dropna(how="all").dropna(how="all", axis=1)
    if frame.empty:
        return drawing.nothing(ax)
    before = _("before {year}: users of services were asked").format(year=break_year)
    since = _("from {year}: people at large are asked").format(year=break_year)
    methods = {
        before: [year for year in frame if year < break_year],
        since: [year for year in frame if year >= break_year],
    }
    ax = drawing.figure(0.5 + 0.68 * len(frame)) if ax is None else ax
    handles = []
    looks = ((PUBLISHED, "o", -0.12), (ACCENT_TEXT, "s", 0.2))
    for (label, years), (colour, marker, shift) in zip(methods.items(), looks, strict=True):
        if not years:
            continue
        for place, factor in enumerate(frame.index):
            _method(ax, frame.loc[factor, years].dropna(), place + shift, colour, marker)
        handles.append(Line2D([], [], color=colour, marker=marker, linewidth=1.5, label=label))
    for place, factor in enumerate(frame.index):
        _row_name(ax, wording.factors().get(factor, factor), place)
    low, high = drawing.limits(frame.stack())
    ax.set_xlim(low - 0.14 * (high - low), high + 0.14 * (high - low))
    _rows_only(ax, len(frame))
    ax.legend(handles=handles, loc="lower left", bbox_to_anchor=(0, 1), ncols=2, borderpad=0)
    return ax


def _method(ax: Axes, values: pd.Series, y: float, colour: str, marker: str) -> None:
    if values.empty:
        return
    ax.plot(values, [y] * len(values), color=colour, marker=marker, markersize=6, linewidth=1.5)
    low, high = values.idxmin(), values.idxmax()
    look = {"textcoords": "offset points", "fontsize": 7.5, "color": colour}
    for year, value in values.items():
        text = f"{year}: {wording.number(value)}"
        if year == high:
            place = {"xytext": (7, 0), "va": "center_baseline"}
        elif year == low:
            place = {"xytext": (-7, 0), "va": "center_baseline", "ha": "right"}
        else:
            text, place = str(year), {"xytext": (0, 5), "va": "bottom", "ha": "center"}
        ax.annotate(text, (value, y), **place, **look)


def _row_name(ax: Axes, name: str, place: int) -> None:
    spot = {"xycoords": ax.get_yaxis_transform(), "va": "center", "bbox": drawing.ON_WHITE}
    ax.annotate(name, (0.005, place - NAME_GAP), fontsize=SMALL, **spot)


def _rows_only(ax: Axes, rows: int) -> None:
    ax.set_ylim(rows - 0.55, -0.75)
    ax.set_yticks([])
    ax.spines["left"].set_visible(False)
    ax.xaxis.set_major_formatter(drawing.CommaFormatter())
    ax.tick_params(axis="y", colors=QUIET)
