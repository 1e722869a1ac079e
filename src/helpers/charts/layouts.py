"""Layouts of texts, worked out once.

matplotlib lays out a text each time it asks where it is: for the size of the axes, for the place of
other texts, and to draw it; and it measures the letters anew for every figure. A report has some
six hundred texts, most of them the same in every province's. Their layouts are kept by all that
they depend on; a warm kernel finds those that its parent has made.
"""

import functools
from collections.abc import Callable

from matplotlib import rcParams
from matplotlib.backends.backend_agg import RendererAgg
from matplotlib.backends.backend_svg import RendererSVG
from matplotlib.text import Text
from matplotlib.transforms import Bbox

MOST = 20_000  # layouts, 1 kB each
FAMILY = ["sans-serif"]  # as in `drawing.STYLE`
LAY_OUT = Text._get_layout  # matplotlib's own


def keep(font: str) -> None:
    """Keep the layouts of all texts in this font, set in the style of our figures.

    Texts in another font, with mathematics or TeX, wrapped ones, and those of other formats than
    SVG and pixels are laid out as ever.

    Parameters
    ----------
    font : str
        Name of the only font for ``sans-serif``, which nothing hints.
    """
    if Text._get_layout is LAY_OUT:
        Text._get_layout = _kept(font)


def _kept(font: str) -> Callable:
    layouts: dict[tuple, tuple] = {}

    @functools.wraps(LAY_OUT)
    def kept(text: Text, renderer):
        measure = _measure(renderer)
        if measure is None or not _is_plain(text, font):
            return LAY_OUT(text, renderer)
        key = (*measure, *_looks(text))
        if key not in layouts:
            if len(layouts) >= MOST:
                layouts.clear()
            layouts[key] = LAY_OUT(text, renderer)
        box, lines, corner = layouts[key]
        return Bbox(box.get_points().copy()), list(lines), corner

    return kept


def _is_plain(text: Text, font: str) -> bool:
    return (
        text.get_fontproperties().get_family() == FAMILY
        and rcParams["font.sans-serif"] == [font]
        and rcParams["text.hinting"] == "no_hinting"
        and not (text.get_usetex() or text.get_parse_math() or text.get_wrap())
    )


def _measure(renderer) -> tuple | None:
    """What lengths depend on besides the text; None where that is more than the resolution."""
    if isinstance(renderer, RendererAgg):
        return ("pixels", renderer.dpi)
    # matplotlib draws SVG by way of a renderer that stands before it.
    if isinstance(getattr(renderer, "_renderer", None), RendererSVG):
        return ("points",)
    return None


def _looks(text: Text) -> tuple:
    font = text.get_fontproperties()
    return (
        text.get_text(),
        font.get_size_in_points(),
        font.get_weight(),
        font.get_style(),
        font.get_variant(),
        font.get_stretch(),
        font.get_file(),
        text.get_rotation(),
        text.get_rotation_mode(),
        text.get_horizontalalignment(),
        text.get_verticalalignment(),
        text._get_multialignment(),
        text.get_linespacing(),
        text.get_figure(root=True).dpi,
    )
