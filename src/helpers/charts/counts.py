"""How many units lie where."""

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from helpers import wording
from helpers.charts import drawing
from helpers.charts.drawing import ESTIMATED, INK, PUBLISHED, SMALL
from helpers.language import _


def binned(frame: pd.DataFrame, ax: Axes | None = None) -> Axes:
    """Draw how many units lie in each range of scores: published solid, the rest estimated light.

    Parameters
    ----------
    frame : DataFrame
        A row per range, lowest first: ``left`` and ``right`` edge, ``count`` of all units, its
        90% interval ``low`` and ``high``, and ``published``, the units known to lie there.
    """
    if frame.empty:
        return drawing.nothing(ax)
    ax = drawing.figure(2.9) if ax is None else ax
    middle, width = (frame["left"] + frame["right"]) / 2, (frame["right"] - frame["left"]) * 0.86
    look = {"width": width, "linewidth": 1, "edgecolor": ESTIMATED}
    ax.bar(middle, frame["count"], facecolor="#dce7f0", label=wording.kind("estimated"), **look)
    ax.bar(middle, frame["published"], facecolor=PUBLISHED, label=_("published or derived"), **look)
    open_ended = frame[frame["high"] > frame["low"]]
    at = middle[open_ended.index]
    ax.vlines(at, open_ended["low"], open_ended["high"], colors=INK, linewidth=1.2)
    for x, row in zip(middle, frame.to_dict("records"), strict=True):
        text = wording.between(row["low"], row["high"], 0)
        top = max(row["high"], row["count"])
        place = {"xytext": (0, 3), "textcoords": "offset points", "ha": "center"}
        ax.annotate(text, (x, top), fontsize=SMALL, **place)
    ax.set_ylim(0, frame["high"].max() * 1.14)
    ax.set_xticks([*frame["left"], frame["right"].iloc[-1]])
    ax.grid(axis="x", visible=False)
    ax.xaxis.set_major_formatter(drawing.CommaFormatter())
    ax.yaxis.set_major_locator(MaxNLocator(integer=True))
    ax.set_ylabel(_("Number of provinces"))
    ax.legend(loc="upper left")
    return ax
