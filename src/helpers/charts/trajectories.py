"""Figures on where provinces head; none computes a statistic."""

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.lines import Line2D

from helpers import wording
from helpers.charts import drawing
from helpers.charts.drawing import HIGHLIGHT, INK, MEAN, ON_WHITE, PUBLISHED
from helpers.language import _
from helpers.trajectories.panel import REACH

FAN = {95: "#e6eef5", 80: "#c3d7e8", 50: "#8db4d3"}


def _line(ax: Axes, values: pd.Series, colour, width: float, zorder: float) -> None:
    """Join consecutive years; a year without a score breaks the line."""
    years = pd.Series(values.index, index=values.index)
    for _first, run in values.groupby((years.diff() != 1).cumsum()):
        ax.plot(run.index, run, color=colour, linewidth=width, zorder=zorder)
        ax.plot(run.index, run, color=colour, marker="o", markersize=2.4, linestyle="", zorder=3)


def fan(
    history: pd.DataFrame,
    forecast: pd.DataFrame,
    later: pd.DataFrame | None = None,
    national: pd.Series | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw one province's scores and the fan of its forecasts.

    Parameters
    ----------
    history : DataFrame
        ``year, score, kind`` of the province; may be empty.
    forecast : DataFrame
        ``year, score`` and ``score_50_low ... score_95_high``.
    later : DataFrame, optional
        ``year, score``: published after the forecast, laid on top.
    national : Series, optional
        National mean by year.
    """
    if forecast.empty and history.empty:
        return drawing.nothing(ax)
    ax = drawing.figure(3.2, fixed=True) if ax is None else ax
    forecast, history = forecast.sort_values("year"), history.sort_values("year")
    for level, colour in FAN.items():
        if len(forecast):
            ends = (forecast[f"score_{level}_{end}"] for end in ("low", "high"))
            for year, low, high in zip(forecast["year"], *ends, strict=True):
                ax.bar(year, high - low, 0.56, bottom=low, color=colour, zorder=1)
    ax.plot(forecast["year"], forecast["score"], color=PUBLISHED, marker="_", markersize=13,
            linestyle="", zorder=3)  # fmt: skip
    if national is not None:
        ax.plot(national.index, national, color=MEAN, linewidth=1, linestyle=(0, (4, 2)), zorder=2)
    scores = history.set_index("year")["score"]
    _line(ax, scores, HIGHLIGHT, 1.8, 3)
    for kind, group in history.groupby("kind"):
        hollow = kind == "pinned"
        marker = drawing.MARKERS["estimated" if hollow else kind]
        face = "white" if hollow else HIGHLIGHT
        ax.plot(group["year"], group["score"], marker=marker, linestyle="", markersize=6,
                color=HIGHLIGHT, markerfacecolor=face, zorder=4)  # fmt: skip
    later = pd.DataFrame(columns=["year", "score"]) if later is None else later
    ax.plot(later["year"], later["score"], marker="D", linestyle="", markersize=6, color=INK,
            markeredgecolor="white", zorder=5)  # fmt: skip
    pinned = set(history.loc[history["kind"] == "pinned", "year"])
    for year, score in [*scores.items(), *later[["year", "score"]].itertuples(index=False)]:
        about = "≈\N{NO-BREAK SPACE}" if year in pinned else ""
        ax.annotate(
            about + wording.number(score), (year, score), xytext=(0, 8), textcoords="offset points",
            ha="center", fontsize=7.5, color=INK, bbox=ON_WHITE, zorder=6,
        )  # fmt: skip
    years = [*history["year"], *forecast["year"], *later["year"]]
    if national is not None:
        years += list(national.index)
    ax.set_xlim(min(years) - 0.6, max(years) + 0.6)
    ax.set_xticks(range(int(min(years)), int(max(years)) + 1))
    ax.grid(axis="x", visible=False)
    ax.yaxis.set_major_formatter(drawing.CommaFormatter())
    handles = _history_keys(history)
    if len(forecast):
        interval = _("{level}% interval")
        handles += [
            Line2D([], [], color=colour, linewidth=7, label=interval.format(level=level))
            for level, colour in reversed(FAN.items())
        ]
    if len(later):
        handles.append(
            Line2D([], [], color=INK, marker="D", linestyle="", label=_("published since"))
        )
    if national is not None:
        look = {"color": MEAN, "linestyle": (0, (4, 2)), "linewidth": 1}
        handles.append(Line2D([], [], label=_("national mean"), **look))
    drawing.fit(ax, above=1, legend=ax.legend(handles=handles, **drawing.BELOW))
    return ax


def _history_keys(history: pd.DataFrame) -> list[Line2D]:
    """Explain the marks of a province's past scores, as far as they are shown."""
    pinned = _("estimated from its rank, to within {reach} points")
    labels = {
        "published": wording.kind("published"),
        "derived": wording.kind("derived"),
        "pinned": pinned.format(reach=wording.number(REACH, 1)),
    }
    keys = []
    for kind, label in labels.items():
        if (history["kind"] == kind).any():
            hollow = kind == "pinned"
            look = {"color": HIGHLIGHT, "markerfacecolor": "white" if hollow else HIGHLIGHT}
            marker = drawing.MARKERS["estimated" if hollow else kind]
            keys.append(Line2D([], [], marker=marker, linestyle="", label=label, **look))
    return keys
