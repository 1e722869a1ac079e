"""The project's look for charts drawn with seaborn: one style, and colours that keep a meaning."""

import matplotlib.pyplot as plt
from cycler import cycler

from helpers import charts, facts, units
from helpers.charts import drawing

# Okabe & Ito's colours, safe for the colour-blind; neighbours differ in lightness too.
COLOURS = ("#0072B2", "#E69F00", "#009E73", "#D55E00", "#56B4E9", "#CC79A7", "#5b5b5b")
DRAWN = {
    "axes.prop_cycle": cycler(color=COLOURS),
    "figure.figsize": (drawing.WIDTH, 3.6),
    "lines.linewidth": 1.4,
    "lines.markersize": 5,
    "patch.linewidth": 0.5,
}


def style() -> None:
    """Set the project's look for everything that is drawn from now on, by seaborn too."""
    charts.style()
    plt.rcParams.update(DRAWN)


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
    names = {
        "region": list(units.regions()["name"]),
        "index": list(facts.INDICES),
        "kind": list(drawing.MARKERS),
    }
    if of not in names:
        raise ValueError(f"no palette of {of!r}: choose one of {', '.join(names)}")
    colours = {
        "region": COLOURS,
        "index": (drawing.PUBLISHED, drawing.HIGHLIGHT),
        "kind": (drawing.PUBLISHED, drawing.PUBLISHED, drawing.ESTIMATED),
    }
    return dict(zip(names[of], colours[of], strict=False))
