"""Figures on where provinces head; none computes a statistic."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from scipy import optimize

from helpers import wording
from helpers.charts import drawing
from helpers.charts.drawing import HIGHLIGHT, INK, MEAN, ON_WHITE, PUBLISHED, QUIET, SMALL
from helpers.language import _
from helpers.trajectories.panel import REACH

FAN = {95: "#e6eef5", 80: "#c3d7e8", 50: "#8db4d3"}
FAINT = "#9db7cc"
FEWEST = 2  # provinces whose mean may stand for a region's


def region_lines(
    history: pd.DataFrame, names: dict[str, str], highlight: str | None = None
) -> Axes:
    """Draw a panel per region: a line per province, the mean of two or more, the nation at 0.

    Parameters
    ----------
    history : DataFrame
        ``unit, year, region, to_mean`` (points), ``kind``.
    names : dict of str to str
        Regions in order, and their names.
    highlight : str, optional
        A province to draw in the accent colour.

    Returns
    -------
    Axes
        The first of the figure.
    """
    drawing.style()
    rows = -(-len(names) // 2)
    size = (drawing.WIDTH, 2.1 * rows)
    _figure, axes = plt.subplots(rows, 2, figsize=size, sharex=True, sharey=True, squeeze=False)
    for ax, (region, name) in zip(axes.flat, names.items(), strict=False):
        own = history[history["region"] == region]
        ax.axhline(0, color=MEAN, linewidth=1, linestyle=(0, (4, 2)), zorder=1)
        for unit, line in own.groupby("unit"):
            chosen = unit == highlight
            colour = HIGHLIGHT if chosen else FAINT
            _line(ax, line.set_index("year")["to_mean"], colour, 1.8 if chosen else 0.9, 3 + chosen)
        means = own.groupby("year")["to_mean"].agg(["mean", "size"])
        mean = means.loc[means["size"] >= FEWEST, "mean"]
        _line(ax, mean, INK, 2, 3.5)
        ax.annotate(
            name, (0, 1), xytext=(2, 3), xycoords="axes fraction", textcoords="offset points",
            fontsize=SMALL, weight="bold", color=INK,
        )  # fmt: skip
        ax.yaxis.set_major_formatter(drawing.CommaFormatter())
    for ax in list(axes.flat)[len(names) :]:
        ax.set_axis_off()
    years = sorted(history["year"].unique())
    axes[0, 0].set_xlim(min(years) - 0.4, max(years) + 0.4)
    axes[0, 0].set_xticks(range(int(min(years)), int(max(years)) + 1, 2 if len(years) > 6 else 1))
    handles = [
        Line2D([], [], color=FAINT, linewidth=1, label=_("a province or city")),
        Line2D([], [], color=INK, linewidth=2, label=_("mean of two or more with figures")),
        Line2D([], [], color=MEAN, linestyle=(0, (4, 2)), linewidth=1, label=_("national mean")),
    ]
    if highlight in set(history["unit"]):
        handles.append(Line2D([], [], color=HIGHLIGHT, linewidth=1.8, label=highlight))
    for ax, part in ((axes[-1, 0], handles[:2]), (axes[-1, 1], handles[2:])):
        ax.legend(handles=part, loc="upper left", bbox_to_anchor=(0, -0.14))
    return axes[0, 0]


def _line(ax: Axes, values: pd.Series, colour, width: float, zorder: float) -> None:
    """Join consecutive years; a year without a score breaks the line."""
    years = pd.Series(values.index, index=values.index)
    for _first, run in values.groupby((years.diff() != 1).cumsum()):
        ax.plot(run.index, run, color=colour, linewidth=width, zorder=zorder)
        ax.plot(run.index, run, color=colour, marker="o", markersize=2.4, linestyle="", zorder=3)


def spread(values: np.ndarray, gap: float) -> np.ndarray:
    """Move labels as little as possible so that they are `gap` apart, in the same order."""
    order = np.argsort(values, kind="stable")
    steps = gap * np.arange(len(values))
    moved = optimize.isotonic_regression(np.asarray(values, float)[order] - steps).x + steps
    placed = np.empty_like(moved)
    placed[order] = moved
    return placed


def slopes(
    frame: pd.DataFrame,
    years: tuple[int, int],
    highlight: str | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw one line per province between two years, named on both sides without collision.

    Parameters
    ----------
    frame : DataFrame
        Indexed by unit: ``before`` and ``after``.
    years : (int, int)
    """
    frame = frame.dropna(subset=["before", "after"])
    if frame.empty:
        return drawing.nothing(ax)
    ax = drawing.figure(max(3.0, 0.185 * len(frame) + 0.8)) if ax is None else ax
    low, high = drawing.limits(frame["before"], frame["after"], pad=0.04)
    gap = (high - low) / max(len(frame), 12) * 0.98
    for column, x, side in (("before", 0, -1), ("after", 1, 1)):
        places = spread(frame[column].to_numpy(), gap)
        low, high = min(low, places.min() - gap), max(high, places.max() + gap)
        for unit, value, place in zip(frame.index, frame[column], places, strict=True):
            look = {"color": HIGHLIGHT if unit == highlight else INK, "fontsize": 7.5}
            look["weight"] = "bold" if unit == highlight else "normal"
            number = wording.number(value)
            text = f"{unit} {number}" if side < 0 else f"{number} {unit}"
            ha = "right" if side < 0 else "left"
            ax.text(x + side * 0.09, place, text, ha=ha, va="center", **look)
            ax.plot([x, x + side * 0.08], [value, place], color="#c5ccd3", linewidth=0.6)
    for unit, row in frame.iterrows():
        up = row["after"] >= row["before"]
        colour = HIGHLIGHT if unit == highlight else PUBLISHED if up else QUIET
        style = "-" if up else (0, (3, 2))
        look = {"linewidth": 2 if unit == highlight else 1.1, "linestyle": style, "markersize": 3}
        ax.plot([0, 1], [row["before"], row["after"]], color=colour, marker="o", **look)
    ax.set(xlim=(-0.75, 1.75), ylim=(low, high), yticks=[])
    ax.set_xticks([0, 1], [str(year) for year in years])
    ax.spines["left"].set_visible(False)
    ax.grid(visible=False)
    return ax


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


def backtest(scores: pd.DataFrame, names: dict[str, str]) -> Axes:
    """Draw mean absolute error and coverage of the 80% interval, by method and years ahead.

    Parameters
    ----------
    scores : DataFrame
        ``method, horizon``, and ``mae``, ``cover_80`` each with ``_low`` and ``_high``.
    names : dict of str to str
        Methods in order, and their names.

    Returns
    -------
    Axes
        The first of the figure.
    """
    drawing.style()
    order = [(h, m) for h in sorted(scores["horizon"].unique()) for m in names]
    table = scores.set_index(["horizon", "method"]).reindex(order).dropna(subset="mae")
    size = (drawing.WIDTH, 0.34 * len(table) + 0.9)
    _figure, axes = plt.subplots(1, 2, figsize=size, sharey=True)
    y = np.arange(len(table))[::-1]
    for ax, name, scale in ((axes[0], "mae", 1), (axes[1], "cover_80", 100)):
        low, value, high = (table[f"{name}{end}"] * scale for end in ("_low", "", "_high"))
        ax.hlines(y, low, high, color=FAINT, linewidth=3)
        ax.plot(value, y, marker="o", linestyle="", color=PUBLISHED)
        for x, at in zip(value, y, strict=True):
            text = wording.number(x, 1 if scale == 100 else 2)
            ax.annotate(text, (x, at), xytext=(0, 5), textcoords="offset points", ha="center",
                        fontsize=7.5)  # fmt: skip
        ax.xaxis.set_major_formatter(drawing.CommaFormatter())
    axes[0].set_xlim(left=0)
    axes[1].axvspan(70, 90, color="#e8f1e4", zorder=0)
    axes[1].set_xlim(right=103)
    labels = [_ahead(h).format(method=names[m]) for h, m in table.index]
    axes[0].set_yticks(y, labels)
    axes[0].set_ylim(-0.6, len(table) - 0.3)
    axes[0].set_xlabel(_("Mean absolute error"))
    axes[1].set_xlabel(_("80% interval: results inside, %"))
    return axes[0]


def _ahead(horizon: int) -> str:
    return _("{method}, 1 year") if horizon == 1 else _("{method}, 2 years")


def spread_by_year(sigma: pd.DataFrame, ax: Axes | None = None) -> Axes:
    """Draw the standard deviation of the scores by year, with its 90% interval.

    Parameters
    ----------
    sigma : DataFrame
        Indexed by year: ``sd, low, high``.
    """
    if sigma.empty:
        return drawing.nothing(ax)
    ax = drawing.figure(2.4) if ax is None else ax
    ax.vlines(sigma.index, sigma["low"], sigma["high"], color=FAINT, linewidth=4)
    look = {"color": drawing.ESTIMATED, "marker": "o", "markerfacecolor": "white", "linewidth": 1}
    ax.plot(sigma.index, sigma["sd"], **look)
    for year, value in sigma["sd"].items():
        ax.annotate(wording.number(value, 1), (year, value), xytext=(0, 8), ha="center",
                    textcoords="offset points", fontsize=7.5)  # fmt: skip
    ax.set_ylim(0, sigma["high"].max() * 1.2)
    ax.set_xticks(list(sigma.index))
    ax.grid(axis="x", visible=False)
    ax.yaxis.set_major_formatter(drawing.CommaFormatter())
    return ax
