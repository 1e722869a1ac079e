"""What all figures share: style, size, number ticks, marks, and SVG for a page."""

import hashlib
import io
import math
import re
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from IPython import get_ipython
from lxml import etree
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.layout_engine import TightLayoutEngine
from matplotlib.legend import Legend
from matplotlib.lines import Line2D
from matplotlib.textpath import text_to_path
from matplotlib.ticker import Formatter
from matplotlib.transforms import Bbox

from helpers import facts, language, wording
from helpers.language import _

# Okabe & Ito's palette, safe for the colour-blind.
PUBLISHED, HIGHLIGHT, ESTIMATED = "#0072B2", "#D55E00", "#4f83ad"
MEAN, INK, QUIET, LIGHT = "#333333", "#1b2530", "#56616d", "#e3e7eb"
ACCENT_TEXT = "#a84a00"  # the accent, dark enough to read
ON_WHITE = {"facecolor": "white", "edgecolor": "none", "alpha": 0.85, "pad": 0.6}
MARKERS = {"published": "o", "derived": "s", "estimated": "o"}
WIDTH = 7.2  # inches; fills the text width of an A4 page
FONT_SIZE, SMALL = 9, 8
MARGIN = 0.042  # inches around a figure
# Points: a line of small text with the marks of its letters, the ticks of the x axis, and what
# stands between axes, labels and names of axes.
LINE, TICK, TICK_PAD, NAME_PAD = 10, 3, 3.5, 4

# Measuring with DejaVu Sans, which matplotlib brings, gives the same picture on every machine. It
# is wider than the fonts of PAGE_FONTS, so what does not overlap here does not overlap there.
FONT = "DejaVu Sans"
PAGE_FONTS = "system-ui, 'Segoe UI', Roboto, 'Noto Sans', Arial, 'DejaVu Sans', sans-serif"
STYLE = {
    "axes.axisbelow": True,
    "axes.edgecolor": "#8a949e",
    "axes.grid": True,
    "axes.labelcolor": QUIET,
    "axes.labelpad": NAME_PAD,
    "axes.labelsize": SMALL,
    "axes.spines.right": False,
    "axes.spines.top": False,
    "figure.constrained_layout.use": True,
    "figure.dpi": 100,
    "font.family": "sans-serif",
    "font.sans-serif": [FONT],
    "font.size": FONT_SIZE,
    "grid.color": LIGHT,
    "grid.linewidth": 0.7,
    "legend.fontsize": SMALL,
    "legend.frameon": False,
    "svg.fonttype": "none",
    "svg.hashsalt": "cchc",
    "text.color": INK,
    "text.hinting": "no_hinting",  # hinting makes the width of a text depend on the resolution
    "text.parse_math": False,
    "xtick.color": QUIET,
    "xtick.labelsize": SMALL,
    "xtick.major.pad": TICK_PAD,
    "xtick.major.size": TICK,
    "ytick.color": QUIET,
    "ytick.labelcolor": INK,
    "ytick.labelsize": SMALL,
    "ytick.major.pad": TICK_PAD,
    "ytick.major.size": 0,
}
# For adjustText: of the forces tried on the published years, these put names nearest without
# overlaps; it stops after steps and not seconds, so that every machine gives the same picture.
NAME_FORCES = {
    "iter_lim": 600,
    "expand": (1.3, 1.7),
    "force_text": (0.1, 0.2),
    "force_static": (0.2, 0.4),
    "force_explode": (0.05, 0.1),
    "force_pull": (0.05, 0.05),
    "max_move": None,
    "min_arrow_len": 9,
    "arrowprops": {"arrowstyle": "-", "color": "#9aa5b1", "linewidth": 0.7},
}
# A legend below the labels of the x axis, in columns; its distances are in font sizes.
COLUMNS, ROW_GAP, ROOM = 3, 0.5, 0.4
DROP = (TICK + TICK_PAD + LINE + 2) / SMALL
BELOW: dict[str, Any] = {
    "loc": "upper left",
    "bbox_to_anchor": (0, 0),
    "ncols": COLUMNS,
    "borderaxespad": DROP,
    "borderpad": ROOM,
    "labelspacing": ROW_GAP,
}
NO_METADATA = {"Date": None, "Creator": None, "Format": None, "Type": None}
SVG_NS = "{http://www.w3.org/2000/svg}"
XLINK = "{http://www.w3.org/1999/xlink}href"
REFERENCE = re.compile(r"url\(#([^)]+)\)")
GEOMETRY = {"d", "x", "x1", "x2", "y", "y1", "y2", "width", "height"}
GEOMETRY |= {"points", "transform", "viewBox"}
DECIMAL = re.compile(r"-?\d+\.\d+")
NUMBER = r"(-?[\d.]+)"
RECTANGLE = re.compile(
    rf"^M{NUMBER} {NUMBER}L{NUMBER} \2L\3 {NUMBER}L\1 \4(L\1 \2)?(?(5)Z?|Z)$", re.I
)


def style() -> None:
    """Set matplotlib's style for all figures, and SVG as the format in a notebook."""
    plt.rcParams.update(STYLE)
    shell = get_ipython()
    if shell is not None and hasattr(shell, "kernel"):
        from matplotlib_inline.backend_inline import set_matplotlib_formats

        set_matplotlib_formats("svg", metadata=NO_METADATA)


def figure(height: float = 3.4, width: float = WIDTH, fixed: bool = False) -> Axes:
    """Give the axes of a new figure in the project's style.

    Parameters
    ----------
    height, width : float
        Inches.
    fixed : bool
        The margins are those that `fit` gives, from labels that are known. Otherwise matplotlib
        lays the figure out, for which it measures every text once more.
    """
    style()
    # In font sizes; without a rectangle it measures once, where the constrained layout does twice.
    layout = "none" if fixed else TightLayoutEngine(pad=MARGIN * 72 / FONT_SIZE, rect=None)
    return plt.subplots(figsize=(width, height), layout=layout)[1]


def lay_out(ax: Axes) -> None:
    """Give the axes their final size, so that texts can be measured; nothing is drawn for it."""
    engine = ax.figure.get_layout_engine()
    if engine is not None:
        engine.execute(ax.figure)


@lru_cache(maxsize=20_000)
def text_width(text: str, size: float, bold: bool = False) -> float:
    """Width of a line of text in points; what many charts name is measured once."""
    font = FontProperties(family=FONT, size=size, weight="bold" if bold else "normal")
    return text_to_path.get_text_width_height_descent(text, font, ismath=False)[0]


def fit(
    ax: Axes, above: int = 0, legend: Legend | None = None, left: float = 0, right: float = 0
) -> None:
    """Set the axes into a figure with fixed margins, with room for what stands around them.

    That is the labels of the ticks and the names of the axes, which are known without measuring
    texts, and besides what is said here.

    Parameters
    ----------
    ax : Axes
        With its final limits and ticks, alone in its figure; axes in a figure that matplotlib
        lays out are left as they are.
    above : int
        Lines of small text above the axes.
    legend : Legend, optional
        One below the axes, put there by `BELOW`.
    left, right : float
        Points that texts need beside the axes, where that is more than the labels do.
    """
    fig = ax.figure
    if fig.get_layout_engine() is not None or len(fig.axes) > 1:
        return
    width, height = fig.get_size_inches() * 72
    edge = MARGIN * 72
    left = max([left, *(text_width(label, SMALL) for _place, label in _tick_labels(ax.yaxis))])
    left += (TICK_PAD if left else 0) + (NAME_PAD + LINE if ax.get_ylabel() else 0)
    right = max(right, 0)
    x_labels, between = _tick_labels(ax.xaxis), width - 2 * edge - left
    for place, label in x_labels[:1] + x_labels[-1:]:  # those that may reach over an end
        half = text_width(label, SMALL) / 2
        left, right = max(left, half - place * between), max(right, half - (1 - place) * between)
    below = (DROP * SMALL if x_labels else 0) + (NAME_PAD + LINE if ax.get_xlabel() else 0)
    if legend is not None:
        rows = math.ceil(len(legend.get_texts()) / COLUMNS)
        below += rows * LINE + ((rows - 1) * ROW_GAP + 2 * ROOM) * SMALL
    fig.subplots_adjust(
        left=(edge + left) / width,
        right=1 - (edge + right) / width,
        bottom=(edge + below) / height,
        top=1 - (edge + above * LINE) / height,
    )


def _tick_labels(axis) -> list[tuple[float, str]]:
    """Labels of an axis, and where they stand between its ends, from 0 to 1."""
    low, high = sorted(axis.get_view_interval())
    places = [place for place in axis.get_majorticklocs() if low <= place <= high]
    labels = axis.get_major_formatter().format_ticks(places)
    return [((at - low) / (high - low), text) for at, text in zip(places, labels, strict=True)]


@dataclass(frozen=True)
class Drawn:
    """A figure as it was drawn: the text of its SVG."""

    text: str


_drawn: dict[Hashable, Drawn] = {}


def once(draw: Callable[[], Axes], *key: Hashable) -> Drawn:
    """Give a figure that many pages show alike, drawn once by a process.

    A warm kernel finds what was drawn before it was forked.

    Parameters
    ----------
    draw : callable
        Draws the figure.
    *key
        Everything that the figure depends on, the language aside.
    """
    key = (language.current(), *key)
    if key not in _drawn:
        fig = draw().figure
        _drawn[key] = Drawn(_as_svg(fig))
        plt.close(fig)
    return _drawn[key]


# --- SVG for a page ----------------------------------------------------------------------------


def svg(ax: Axes | Figure | Drawn, alt: str) -> str:
    """Give a figure as an ``<svg>`` element for an HTML page; the same bytes for the same figure.

    Text stays text. Ids that nothing refers to are dropped, and the others start with a hash of
    the figure, so that several figures can stand in one page. Coordinates are rounded to a
    hundredth of a point, and groups that say nothing are dropped.

    Parameters
    ----------
    ax : Axes, Figure or Drawn
    alt : str
        What the figure shows, for those who cannot see it.
    """
    text = ax.text if isinstance(ax, Drawn) else _as_svg(_figure_of(ax))
    parser = etree.XMLParser(remove_blank_text=True, remove_comments=True)
    root = etree.fromstring(text.encode(), parser)
    _links_to_titles(root)
    _tidy_ids(root, hashlib.sha256((text + alt).encode()).hexdigest()[:10])
    for defs in root.findall(f"{SVG_NS}defs"):
        for sheet in defs.findall(f"{SVG_NS}style"):  # would apply to the whole page
            defs.remove(sheet)
    for metadata in root.findall(f"{SVG_NS}metadata"):
        root.remove(metadata)
    width = float(root.attrib["width"].removesuffix("pt")) / 72 * 96
    for name in ("width", "height", "version"):
        root.attrib.pop(name, None)
    root.attrib.update(
        {
            "role": "img",
            "aria-label": alt,
            "stroke-linejoin": "round",
            "style": f"width:100%;max-width:{width:.0f}px;height:auto",
        }
    )
    _shrink(root)
    etree.cleanup_namespaces(root)
    return etree.tostring(root, encoding="unicode")


def _links_to_titles(root) -> None:
    """Have the marks of `dots` say their titles, which were given as links."""
    for mark in list(root.iter(f"{SVG_NS}a")):
        title = etree.Element(f"{SVG_NS}title")
        title.text = mark.attrib.pop(XLINK)
        mark.tag = f"{SVG_NS}g"
        mark.insert(0, title)


def _shrink(root) -> None:
    """Make a figure smaller without a visible change."""
    for group in root.iter(f"{SVG_NS}g"):
        if not len(group):
            group.tag = "empty"
        elif not group.attrib and group[0].tag != f"{SVG_NS}title":
            group.tag = "bare"
    etree.strip_elements(root, "empty", with_tail=False)
    etree.strip_tags(root, "bare")
    for element in root.iter():
        for name in GEOMETRY.intersection(element.keys()):
            element.set(name, _short_numbers(element.get(name)))
        if element.get("transform", "").startswith(("rotate(0 ", "rotate(-0 ")):
            del element.attrib["transform"]


@lru_cache(maxsize=8192)  # most charts of a run show the same provinces and axes
def _short_numbers(text: str) -> str:
    text = DECIMAL.sub(lambda found: f"{round(float(found[0]), 2):g}", text)
    if "(" in text:
        return text
    text = re.sub(r"\s+(?=[A-Za-z]|$)|(?<=[A-Za-z])\s+", "", text)
    found = RECTANGLE.fullmatch(text)
    return found.expand(r"M\1 \2H\3V\4H\1Z") if found else text


def _as_svg(fig: Figure) -> str:
    buffer = io.StringIO()
    # A figure with a layout engine would be drawn twice, the first time to lay it out.
    engine = fig.get_layout_engine()
    with plt.rc_context(STYLE | {"figure.constrained_layout.use": False}):
        if engine is not None:
            engine.execute(fig)
            fig.set_layout_engine(None)
        fig.savefig(buffer, format="svg", metadata=NO_METADATA)
    if engine is not None:
        fig.set_layout_engine(engine)
    return buffer.getvalue()


def _tidy_ids(root, prefix: str) -> None:
    used = set()
    for element in root.iter():
        link = element.attrib.pop(XLINK, None)
        if link is not None:
            used.add(link.removeprefix("#"))
            element.set("href", f"#{prefix}-{link.removeprefix('#')}")
        for name in ("clip-path", "style"):
            value = element.get(name, "")
            used |= set(REFERENCE.findall(value))
            if value:
                value = REFERENCE.sub(rf"url(#{prefix}-\1)", value)
                element.set(name, value.replace(f"'{FONT}'", PAGE_FONTS))
    for element in root.iter():
        name = element.attrib.pop("id", "")
        if name in used:
            element.set("id", f"{prefix}-{name}")


def _figure_of(ax: Axes | Figure) -> Figure:
    return ax if isinstance(ax, Figure) else ax.figure


# --- pieces of figures -------------------------------------------------------------------------


class CommaFormatter(Formatter):
    """Tick labels as the language writes numbers, with as many decimals as the axis needs."""

    def __call__(self, value, pos=None) -> str:
        return self.format_ticks([value])[0]

    def format_ticks(self, values) -> list[str]:
        fits = (d for d in (0, 1) if all(abs(v - round(v, d)) < 1e-9 for v in values))
        decimals = next(fits, 2)
        return [wording.with_minus(value, decimals) for value in values]


def by_unit(frame: pd.DataFrame) -> pd.DataFrame:
    """Index a frame by unit, and give it every column that a figure may ask for.

    ``kind`` is taken from ``score_derivation`` where the frame has no such column.
    """
    frame = frame.set_index("unit") if "unit" in frame else frame.copy()
    if "kind" not in frame:
        derivations = frame.get("score_derivation", pd.Series("", index=frame.index))
        frame["kind"] = derivations.fillna("").map(facts.kind)
    bounds = [f"{m}_{side}" for m in ("score", "rank") for side in ("low", "high")]
    for column in ("score", "rank", *bounds, "score_low50", "score_high50"):
        if column not in frame:
            frame[column] = float("nan")
    return frame


def nothing(ax: Axes | None) -> Axes:
    """Say on the axes that there is nothing to draw."""
    ax = figure(0.6) if ax is None else ax
    ax.set_axis_off()
    words = _("No published figures to draw")
    ax.text(0.5, 0.5, words, ha="center", va="center", color=QUIET, transform=ax.transAxes)
    return ax


def dots(ax: Axes, frame: pd.DataFrame, x, y, highlight: str | None = None, size=34) -> None:
    """Draw one mark per row, its shape by ``kind``, the highlighted unit larger in the accent.

    A mark says its unit and its figures to who points at it.
    """
    titles = pd.Series([_title(unit, row) for unit, row in frame.iterrows()], frame.index)
    for kind, marker in MARKERS.items():
        for chosen in (False, True):
            rows = (frame["kind"] == kind) & ((frame.index == highlight) == chosen)
            if not rows.any():
                continue
            colour = HIGHLIGHT if chosen else ESTIMATED if kind == "estimated" else PUBLISHED
            ax.scatter(
                x[rows],
                y[rows],
                s=size * (2 if chosen else 1),
                marker=marker,
                facecolor="white" if kind == "estimated" else colour,
                edgecolor=colour if kind == "estimated" else "white",
                linewidth=1.1 if kind == "estimated" else 0.5,
                zorder=4 if chosen else 3,
                urls=list(titles[rows]),  # `svg` makes titles of these links
            )


def _title(unit: str, row: pd.Series) -> str:
    """Say what a mark shows: "Thanh Hóa: 84,33; hạng 29"; "Hà Nội: PAR INDEX 86,07; ..."."""
    if row["kind"] == "estimated":
        told = [f"≈ {wording.between(row['score_low'], row['score_high'])}"]
    else:
        told = [wording.number(row["score"])] if known(row["score"]) else []
        told += [_("rank {rank}").format(rank=wording.whole(row["rank"]))] * known(row["rank"])
        both = [index for index in wording.INDEX if index in row]
        told += [f"{wording.INDEX[index]} {wording.number(row[index])}" for index in both]
    return f"{wording.unit_name(unit)}: {'; '.join(told)}"


def intervals(ax: Axes, frame: pd.DataFrame, at, vertical: bool, highlight=None) -> None:
    """Draw the 90% interval of each score as a thin bar and the 50% interval as a thick one."""
    chosen = frame.index == highlight
    for suffix, width, alpha in (("", 1, 0.8), ("50", 3.2, 0.45)):
        low, high = frame[f"score_low{suffix}"], frame[f"score_high{suffix}"]
        for rows, colour in ((~chosen, ESTIMATED), (chosen, HIGHLIGHT)):
            look = {"color": colour, "linewidth": width, "alpha": alpha, "zorder": 2}
            segments(ax, at[rows], low[rows], high[rows], vertical, **look)


def segments(ax: Axes, at, low, high, vertical: bool, **look) -> None:
    """Draw lines from low to high, each at its place; one path for all keeps the SVG small."""
    gap = np.full(len(at), np.nan)
    along = np.column_stack([low, high, gap]).ravel()
    across = np.column_stack([at, at, gap]).ravel()
    places = (across, along) if vertical else (along, across)
    ax.plot(*places, solid_capstyle="butt", **look)


def legend(
    ax: Axes, kinds: pd.Series, extra: tuple[Line2D, ...] = (), colour: str = PUBLISHED, **place
) -> Legend | None:
    """Explain the marks, unless all that is shown is published figures."""
    kinds = [kind for kind in MARKERS if (kinds == kind).any()]
    if kinds in ([], ["published"]) and not extra:
        return None
    handles = []
    for kind in kinds:
        hollow = kind == "estimated"
        handles.append(
            Line2D(
                [],
                [],
                linestyle="-" if hollow else "",
                linewidth=1,
                color=(ESTIMATED if colour == PUBLISHED else colour) if hollow else colour,
                marker=MARKERS[kind],
                markersize=6,
                markerfacecolor="white" if hollow else colour,
                label=_("estimated, 50% and 90% intervals") if hollow else wording.kind(kind),
            )
        )
    return ax.legend(handles=[*handles, *extra], **place)


def known(value: float | None) -> bool:
    """Whether a mean was given; NaN stands for none, as in a DataFrame."""
    return value is not None and not pd.isna(value)


def mean_line(ax: Axes, value: float | None, vertical: bool = True) -> None:
    """Draw the national mean as a broken line; the caller labels it."""
    if known(value):
        draw = ax.axvline if vertical else ax.axhline
        draw(value, color=MEAN, linewidth=1.1, linestyle=(0, (4, 2)), zorder=1)


def text_box(x: float, y: float, words: str, size: float, ha: str, bold: bool = False) -> Bbox:
    """Box in points of a line of text: begins ("left") or ends ("right") at x, its middle at y."""
    width = text_width(words, size, bold)
    return Bbox.from_bounds(x if ha == "left" else x - width, y - LINE / 2, width, LINE)


def freest(boxes: Sequence[Bbox], ax: Axes, dots, taken: Sequence[Bbox] = ()) -> int:
    """Which of the boxes is the first in the axes that hides fewest dots and other boxes.

    All are in points of the figure; the layout must be done.
    """
    frame = ax.get_position()
    width = ax.figure.get_figwidth() * 72
    hidden = []
    for box in (box.padded(4) for box in boxes):
        outside = box.x0 < frame.x0 * width or box.x1 > frame.x1 * width + 9
        met = sum(box.contains(*dot) for dot in dots) + sum(map(box.overlaps, taken))
        hidden.append((outside, met))
    return hidden.index(min(hidden))


def free_place(
    ax: Axes, at, words: str, places: Sequence[tuple[float, float]], dots, taken: Sequence[Bbox]
) -> tuple[tuple[float, float], str, Bbox]:
    """Choose where a bold name of small letters stands beside its dot, as `freest` does.

    Parameters
    ----------
    at : (float, float)
        The dot, in the data of the axes, whose layout must be done.
    places : sequence of (float, float)
        Points right and up of the dot; a name begins at a place on the right and ends at one on
        the left.

    Returns
    -------
    tuple of (float, float), str, Bbox
        The place, the alignment of the name, and the box that it takes.
    """
    x, y = ax.transData.transform(at) * 72 / ax.figure.dpi
    sides = ["left" if right > 0 else "right" for right, _up in places]
    boxes = [
        text_box(x + right, y + up, words, SMALL, ha, bold=True)
        for (right, up), ha in zip(places, sides, strict=True)
    ]
    free = freest(boxes, ax, dots, taken)
    return places[free], sides[free], boxes[free]


def in_points(ax: Axes, box: Bbox) -> Bbox:
    """Give a box in pixels of the axes' figure in points."""
    return Bbox(box.get_points() * 72 / ax.figure.dpi)


def between(low: float, high: float) -> str:
    """Write a range of ranks."""
    return f"{wording.whole(low)}\N{EN DASH}{wording.whole(high)}"


def mean_text(value: float | None, name: str | None = None) -> str:
    """Label of a mean, the national one where it has no name."""
    return f"{name or _('National mean')}: {wording.number(value)}"


def rank_ticks(n: int) -> list[int]:
    """Ticks of an axis of ranks from 1 to n, the last two not too near for their labels."""
    return sorted({1, *range(10, n - 4, 10), n})


def limits(*values, pad: float = 0.06, least: float = 1.0) -> tuple[float, float]:
    """Give axis limits around all values, at least ``least`` wide."""
    numbers = pd.concat([pd.Series(v, dtype=float) for v in values]).dropna()
    low, high = numbers.min(), numbers.max()
    room = max((high - low) * pad, (least - (high - low)) / 2, 0.02)
    return low - room, high + room
