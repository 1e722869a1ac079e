"""What all figures share: style, size, number ticks, marks, and SVG for a page."""

import hashlib
import io
import re
from functools import lru_cache

import matplotlib.pyplot as plt
from IPython import get_ipython
from lxml import etree
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.rcsetup import cycler
from matplotlib.text import Text
from matplotlib.ticker import Formatter

from helpers import wording
from helpers.charts import values

# Okabe & Ito's palette, safe for the colour-blind; neighbours differ in lightness too.
COLOURS = ("#0072B2", "#D55E00", "#009E73", "#E69F00", "#56B4E9", "#CC79A7", "#5b5b5b")
PUBLISHED, HIGHLIGHT, ESTIMATED = "#0072B2", "#D55E00", "#4f83ad"
MEAN, INK, QUIET, LIGHT = "#333333", "#1b2530", "#56616d", "#e3e7eb"
ACCENT_TEXT = "#a84a00"  # the accent, dark enough to read
ON_WHITE = {"facecolor": "white", "edgecolor": "none", "alpha": 0.85, "pad": 0.6}
MARKERS = {"published": "o", "derived": "s", "estimated": "o"}
WIDTH = 4.1  # inches; shown 328 px wide, as on a phone of 360, its letters are still 11 px high
FONT_SIZE = SMALL = 10

# Measuring with DejaVu Sans, which matplotlib brings, gives the same picture on every machine. It
# is wider than the fonts of PAGE_FONTS, so what does not overlap here does not overlap there.
FONT = "DejaVu Sans"
PAGE_FONTS = "system-ui, 'Segoe UI', Roboto, 'Noto Sans', Arial, 'DejaVu Sans', sans-serif"
STYLE = {
    "axes.axisbelow": True,
    "axes.edgecolor": "#8a949e",
    "axes.grid": True,
    "axes.labelcolor": QUIET,
    "axes.labelsize": SMALL,
    "axes.prop_cycle": cycler(color=COLOURS),
    "axes.spines.right": False,
    "axes.spines.top": False,
    "axes.titlesize": SMALL,
    "figure.constrained_layout.use": True,
    "figure.dpi": 100,
    "figure.figsize": (WIDTH, 3.6),
    "font.family": "sans-serif",
    "font.sans-serif": [FONT],
    "font.size": FONT_SIZE,
    "grid.color": LIGHT,
    "grid.linewidth": 0.7,
    "legend.fontsize": SMALL,
    "legend.frameon": False,
    "lines.linewidth": 1.4,
    "lines.markersize": 5,
    "patch.linewidth": 0.5,
    "svg.fonttype": "none",
    "svg.hashsalt": "cchc",
    "text.color": INK,
    "text.hinting": "no_hinting",  # hinting makes the width of a text depend on the resolution
    "text.parse_math": False,
    "xtick.color": QUIET,
    "xtick.labelsize": SMALL,
    "xtick.major.size": 3,
    "ytick.color": QUIET,
    "ytick.labelcolor": INK,
    "ytick.labelsize": SMALL,
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
NO_METADATA = {"Date": None, "Creator": None, "Format": None, "Type": None}
SVG_NS = "{http://www.w3.org/2000/svg}"
XLINK = "{http://www.w3.org/1999/xlink}href"
REFERENCE = re.compile(r"url\(#([^)]+)\)")
FAMILY = re.compile(r"font-family: [^;]*(; )?")
GEOMETRY = {"cx", "cy", "d", "x", "x1", "x2", "y", "y1", "y2", "width", "height"}
GEOMETRY |= {"points", "transform", "viewBox"}
DECIMAL = re.compile(r"-?\d+\.\d+")
OPACITY = re.compile(r"(^|;\s*)opacity")


def style() -> None:
    """Set the project's look for all that is drawn from now on, and SVG as a notebook's format."""
    plt.rcParams.update(STYLE)
    shell = get_ipython()
    if shell is not None and hasattr(shell, "kernel"):
        from matplotlib_inline.backend_inline import set_matplotlib_formats

        set_matplotlib_formats("svg", metadata=NO_METADATA)


def lay_out(ax: Axes) -> None:
    """Give the axes their final size, so that texts can be measured; nothing is drawn for it."""
    engine = ax.figure.get_layout_engine()
    if engine is not None:
        engine.execute(ax.figure)


# --- SVG for a page ----------------------------------------------------------------------------


def svg(ax: Axes | Figure, alt: str, tell: values.Tell | None = None) -> str:
    """Give a figure as an ``<svg>`` element for an HTML page; the same bytes for the same figure.

    Text stays text. Ids that nothing refers to are dropped, and the others start with a hash of
    the figure, so that several figures can stand in one page. Coordinates are rounded to a
    tenth of a point, and groups that say nothing are dropped.

    Parameters
    ----------
    ax : Axes or Figure
    alt : str
        What the figure shows, for those who cannot see it.
    tell : callable, optional
        What a mark says to who points at it; see `helpers.charts.values.mark`.
    """
    text = _as_svg(_legible(ax if isinstance(ax, Figure) else ax.figure), tell)
    parser = etree.XMLParser(remove_blank_text=True, remove_comments=True)
    root = etree.fromstring(text.encode(), parser)
    _links_to_titles(root)
    _shapes_once(root)
    _tidy_ids(root, hashlib.sha256((text + alt).encode()).hexdigest()[:8])
    # A sheet of style would apply to the whole page.
    etree.strip_elements(root, f"{SVG_NS}style", f"{SVG_NS}metadata", with_tail=False)
    width = float(root.attrib["width"].removesuffix("pt")) / 72 * 96
    for name in ("width", "height", "version"):
        root.attrib.pop(name, None)
    root.attrib.update(
        {
            "role": "img",
            "aria-label": alt,
            "stroke-linejoin": "round",
            "style": f"width:100%;max-width:{width:.0f}px;height:auto;font-family:{PAGE_FONTS}",
        }
    )
    _shrink(root)
    etree.cleanup_namespaces(root)
    return etree.tostring(root, encoding="unicode")


def _links_to_titles(root) -> None:
    """Have marks say their titles, which were given as links."""
    for mark in list(root.iter(f"{SVG_NS}a")):
        title = etree.Element(f"{SVG_NS}title")
        title.text = mark.attrib.pop(XLINK)
        mark.attrib.clear()
        mark.tag = f"{SVG_NS}g"
        for clipped in mark.iter(f"{SVG_NS}g"):
            clipped.attrib.pop("clip-path", None)
        drawn = [one for one in mark.iter() if not len(one)]
        (drawn[0] if len(drawn) == 1 else mark).insert(0, title)
    for targets in root.iterfind(f".//{SVG_NS}g[@id='{values.TARGETS}']"):
        etree.strip_elements(targets, f"{SVG_NS}defs", with_tail=False)
        # Nothing to see, and yet to be pointed at.
        targets.attrib.update({"fill": "none", "pointer-events": "all"})
        for mark in targets:
            place = next(mark.iter(f"{SVG_NS}use"))
            mark.attrib.update({"cx": place.get("x"), "cy": place.get("y"), "r": "4"})
            mark[:] = mark.iter(f"{SVG_NS}title")
            mark.tag = f"{SVG_NS}circle"


def _shapes_once(root) -> None:
    """Have marks of one shape share it; matplotlib writes it anew for each panel and group."""
    first: dict[tuple, str] = {}
    same = {}
    for shape in root.findall(f".//{SVG_NS}defs/{SVG_NS}path[@id]"):
        own, defs = shape.get("id"), shape.getparent()
        same[f"#{own}"] = "#" + first.setdefault((shape.get("d"), shape.get("style")), own)
        if first[shape.get("d"), shape.get("style")] != own:
            defs.remove(shape)
            if not len(defs):
                defs.getparent().remove(defs)
    for mark in root.iter(f"{SVG_NS}use"):
        mark.set(XLINK, same.get(mark.get(XLINK), mark.get(XLINK)))


def _shrink(root) -> None:
    """Make a figure smaller without a visible change."""
    for group in root.iter(f"{SVG_NS}g"):
        _style_once(group)
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


def _style_once(group) -> None:
    """Say of a group what all of its marks look like, rather than of each."""
    marks = [one for one in group.iterdescendants() if one.get("style")]
    marks = [one for one in marks if one.getparent().tag != f"{SVG_NS}defs"]
    looks = {one.get("style") for one in marks}
    # The opacity of a group is that of a picture of it.
    if len(marks) > 2 and len(looks) == 1 and not OPACITY.search(*looks):
        for one in marks:
            del one.attrib["style"]
        group.set("style", *looks)


@lru_cache(maxsize=8192)  # most charts of a run show the same provinces and axes
def _short_numbers(text: str) -> str:
    text = DECIMAL.sub(lambda found: f"{round(float(found[0]), 1):g}", text)
    return text if "(" in text else re.sub(r"\s+(?=[A-Za-z]|$)|(?<=[A-Za-z])\s+", "", text)


def _as_svg(fig: Figure, tell: values.Tell | None = None) -> str:
    buffer = io.StringIO()
    values.mark(fig, tell)
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


def _legible(fig: Figure) -> Figure:
    """Have a figure no wider, and its letters no smaller, than a phone shows legibly."""
    fig.set_figwidth(min(fig.get_figwidth(), WIDTH))
    for words in fig.findobj(Text):
        words.set_fontsize(max(words.get_fontsize(), SMALL))
    return fig


def _tidy_ids(root, prefix: str) -> None:
    short: dict[str, str] = {}

    def named(long: str) -> str:
        return short.setdefault(long, f"{prefix}-{len(short)}")

    for element in root.iter():
        link = element.attrib.pop(XLINK, None)
        if link is not None:
            element.set("href", f"#{named(link.removeprefix('#'))}")
        for name in ("clip-path", "style"):
            if value := element.get(name, ""):
                value = REFERENCE.sub(lambda found: f"url(#{named(found[1])})", value)
                element.set(name, FAMILY.sub("", value))  # the whole figure has one
    for element in root.iter():
        name = element.attrib.pop("id", "")
        if name in short:
            element.set("id", short[name])


class CommaFormatter(Formatter):
    """Tick labels as the language writes numbers, with as many decimals as the axis needs."""

    def __call__(self, value, pos=None) -> str:
        return self.format_ticks([value])[0]

    def format_ticks(self, values) -> list[str]:
        fits = (d for d in (0, 1) if all(abs(v - round(v, d)) < 1e-9 for v in values))
        decimals = next(fits, 2)
        return [wording.with_minus(value, decimals) for value in values]
