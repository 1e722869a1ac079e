"""What the marks of a chart say to who points at them, or reaches them with the keyboard.

Whatever drew them: points, markers of lines, bars from zero and the cells of a heat map each get a
title, in the way that SVG has for it; `helpers.templates.report.page.js` shows it.
"""

from collections.abc import Callable, Iterator

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import PathCollection, QuadMesh
from matplotlib.container import BarContainer
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator

from helpers import wording

# Given the axes and the place of a mark; "" where there is nothing better to say than its numbers.
Tell = Callable[[Axes, float, float], str]
NEARLY_CLEAR = (0, 0, 0, 0.002)  # a mark without any fill could not be pointed at
TARGETS = "targets"  # what the group of such marks is called
YEARS = range(1900, 2100)


def mark(figure: Figure, tell: Tell | None = None) -> None:
    """Give titles to the marks of a figure that have none.

    They are given as links, which `helpers.charts.svg` makes titles of.

    Parameters
    ----------
    figure : Figure
        As it will be drawn.
    tell : callable, optional
        Says more than the numbers of a mark, such as whose they are.
    """
    for ax in figure.axes:
        if ax.get_label() == "<colorbar>":
            continue
        say = _Say(ax, tell)
        for points in ax.collections:
            if isinstance(points, PathCollection) and not any(points.get_urls()):
                points.set_urls([say(*place) for place in _in_data(points)])
        _lay_over(ax, {(x, y): text for x, y, text in _others(ax, say) if text})


def _in_data(points: PathCollection) -> np.ndarray:
    on_axes = points.get_offset_transform().contains_branch(points.axes.transData)
    return np.ma.getdata(points.get_offsets()) if on_axes else np.empty((0, 2))


def _others(ax: Axes, say: "_Say") -> Iterator[tuple[float, float, str]]:
    """Give the places of what is drawn otherwise than as points, and what each says."""
    lines = [line for line in ax.lines if line.get_transform() == ax.transData]
    lines = [line for line in lines if len(line.get_xydata())]
    for line in lines:
        own = line.get_label() if not line.get_label().startswith("_") else ""
        # One of many lines is somebody's, and its value says nothing without whose.
        unmarked = line.get_marker() in ("None", "", " ", None)
        known = own or not (unmarked or len(lines) > 1)
        for x, y in line.get_xydata()[np.isfinite(line.get_xydata()).all(axis=1)]:
            text = say(x, y) if known else say.more(x, y)
            if own and not say.more(x, y):
                text = f"{own}, {text}"
            yield float(x), float(y), text
    for bars in ax.containers:
        if isinstance(bars, BarContainer):
            upright = bars.orientation == "vertical"
            for bar in bars:
                (left, foot), wide, high = bar.get_xy(), bar.get_width(), bar.get_height()
                if (foot if upright else left) == 0:
                    end = (left + wide / 2, high) if upright else (wide, foot + high / 2)
                    yield *end, say(*end)
    for mesh in ax.collections:
        if isinstance(mesh, QuadMesh):
            yield from _cells(ax, mesh, say)


def _cells(ax: Axes, mesh: QuadMesh, say: "_Say") -> Iterator[tuple[float, float, str]]:
    corners, values = mesh.get_coordinates(), np.ma.masked_invalid(mesh.get_array())
    written = {text.get_position(): text.get_text() for text in ax.texts}
    decimals = 2 if (values.compressed() % 1).any() else 0
    middles = (corners[:-1, :-1] + corners[1:, 1:]) / 2
    for (row, column), value in np.ma.ndenumerate(np.ma.atleast_2d(values)):
        x, y = (float(at) for at in middles[row, column])
        told = written.get((x, y), "").replace("\n", " ") or wording.with_minus(value, decimals)
        yield x, y, f"{say.title}{say.on(ax.yaxis, y)}, {say.on(ax.xaxis, x)}: {told}"


class _Say:
    """Says what stands at a place of the axes."""

    def __init__(self, ax: Axes, tell: Tell | None):
        self.ax, self.tell = ax, tell
        self.ticks = {axis: _names(axis) for axis in (ax.xaxis, ax.yaxis)}
        # Panels beside each other have the names of their rows at the first.
        beside = (one for one in ax.figure.axes if one.get_ylim() == ax.get_ylim())
        self.ticks[ax.yaxis] = next(filter(None, map(_names, (a.yaxis for a in beside))), {})
        title = ax.get_title() or ax.get_title(loc="left")
        self.title = f"{title}, " if title else ""

    def more(self, x: float, y: float) -> str:
        return self.tell(self.ax, x, y) if self.tell is not None else ""

    def __call__(self, x: float, y: float) -> str:
        if told := self.more(x, y):
            return told
        across, up = self.on(self.ax.xaxis, x), self.on(self.ax.yaxis, y)
        if self.ticks[self.ax.yaxis]:  # a chart of rows
            across, up = up, across
        between = ": " if any(self.ticks.values()) or _is_year(x) else "; "
        return f"{self.title}{across}{between}{up}"

    def on(self, axis, value: float) -> str:
        """Name a place on an axis: by its tick, or by its number and what the axis measures."""
        if ticks := self.ticks[axis]:
            return ticks[min(ticks, key=lambda at: abs(at - value))]
        if _is_year(value):
            return str(int(value))
        number = wording.with_minus(value, 0 if float(value).is_integer() else 2)
        return f"{axis.get_label_text()} {number}".strip()


def _is_year(value: float) -> bool:
    return float(value).is_integer() and int(value) in YEARS


def _names(axis) -> dict[float, str]:
    """Ticks of an axis of names, by their place; none of an axis of numbers."""
    if not (isinstance(axis.get_major_locator(), FixedLocator) or axis.have_units()):
        return {}
    places = [float(place) for place in axis.get_majorticklocs()]
    texts = axis.get_major_formatter().format_ticks(places)
    pairs = dict(zip(places, texts, strict=True))
    numbered = all(text in (f"{at:g}", wording.with_minus(at, 0)) for at, text in pairs.items())
    return {} if numbered else pairs


def _lay_over(ax: Axes, told: dict[tuple[float, float], str]) -> None:
    """Put targets over marks that cannot have titles of their own."""
    if not told:
        return
    limits = ax.get_xlim(), ax.get_ylim()
    targets = ax.scatter(*np.array(list(told)).T, color=[NEARLY_CLEAR], linewidth=0, zorder=9)
    targets.set(urls=list(told.values()), gid=TARGETS, in_layout=False)
    ax.set(xlim=limits[0], ylim=limits[1])
