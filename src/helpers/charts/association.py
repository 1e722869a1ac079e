"""Figures on whether reform and satisfaction go together; none computes a statistic."""

import pandas as pd
from adjustText import adjust_text
from matplotlib.axes import Axes
from matplotlib.lines import Line2D

from helpers import wording
from helpers.charts import drawing
from helpers.charts.drawing import (
    ACCENT_TEXT,
    ESTIMATED,
    HIGHLIGHT,
    MEAN,
    ON_WHITE,
    PUBLISHED,
    QUIET,
    SMALL,
)
from helpers.language import _

BAND = "#d5e3ee"


def uncertain_scatter(
    frame: pd.DataFrame,
    line: pd.DataFrame | None = None,
    named: tuple[str, ...] = (),
    ax: Axes | None = None,
    xlabel: str = "",
    ylabel: str = "",
) -> Axes:
    """Draw x against y with the uncertainty of both.

    Parameters
    ----------
    frame : DataFrame
        Indexed by unit: ``x, y`` and their bounds ``x_low, x_high, y_low, y_high`` (NaN for none),
        ``kind`` ("published", "derived" or "estimated").
    line : DataFrame, optional
        Fitted line with its band: ``x, y, low, high``.
    named : tuple of str
        Units to name in the accent colour; the other published ones are named in grey, and the
        estimated ones that lie lowest or highest.
    """
    if frame.empty:
        return drawing.nothing(ax)
    ax = drawing.figure(4.6) if ax is None else ax
    known = frame[frame["kind"] != "estimated"]
    open_ = frame[frame["kind"] == "estimated"]
    ax.set_xlim(drawing.limits(frame["x"], known["x_low"], known["x_high"], pad=0.08))
    ax.set_ylim(drawing.limits(frame["y"], known["y_low"], known["y_high"], pad=0.08))
    if line is not None:
        ax.fill_between(line["x"], line["low"], line["high"], color=BAND, zorder=0.5, linewidth=0)
        ax.plot(line["x"], line["y"], color=MEAN, linewidth=1.2, zorder=1)
    for rows, colour, alpha in ((open_, ESTIMATED, 0.35), (known, PUBLISHED, 0.8)):
        look = {"colors": colour, "linewidth": 0.9, "alpha": alpha, "zorder": 1.5}
        ax.vlines(rows["x"], rows["y_low"], rows["y_high"], **look)
        ax.hlines(rows["y"], rows["x_low"], rows["x_high"], **look)
    drawing.dots(ax, open_, open_["x"], open_["y"], size=14)
    drawing.dots(ax, known, known["x"], known["y"], size=36)
    ax.set(xlabel=xlabel, ylabel=ylabel)
    ax.xaxis.set_major_formatter(drawing.CommaFormatter())
    ax.yaxis.set_major_formatter(drawing.CommaFormatter())
    _keys(ax, frame["kind"])
    ends = [open_["x"].idxmin(), open_["y"].idxmin(), open_["y"].idxmax()] if len(open_) else []
    _names(ax, pd.concat([known, open_.loc[list(dict.fromkeys(ends))]]), named, frame)
    return ax


def _keys(ax: Axes, kinds: pd.Series) -> None:
    words = {
        "published": _("both published; bars: 95% sampling error (see section 3)"),
        "derived": _("one derived, likewise"),
        "estimated": _("one estimated; bars: 90% interval"),
    }
    handles = [
        Line2D(
            [],
            [],
            color=ESTIMATED if kind == "estimated" else PUBLISHED,
            marker=drawing.MARKERS[kind],
            markersize=6,
            markerfacecolor="white" if kind == "estimated" else PUBLISHED,
            linewidth=0.9,
            label=label,
        )
        for kind, label in words.items()
        if (kinds == kind).any()
    ]
    ax.legend(handles=handles, loc="lower left", bbox_to_anchor=(0, 1), ncols=2, borderpad=0)


def _names(ax: Axes, frame: pd.DataFrame, named: tuple[str, ...], dots: pd.DataFrame) -> None:
    """Name the units of `frame`, each near its dot and off all `dots`."""
    drawing.lay_out(ax)  # labels can be placed once the axes have their size
    font = {"fontsize": SMALL, "ha": "center", "va": "center", "bbox": ON_WHITE, "zorder": 2.2}
    texts = [
        ax.text(
            row["x"],
            row["y"],
            unit,
            color=ACCENT_TEXT if unit in named else QUIET,
            weight="bold" if unit in named else "normal",
            **font,
        )
        for unit, row in frame.iterrows()
    ]
    if not texts:
        return
    adjust_text(
        texts,
        x=dots["x"].to_numpy(),
        y=dots["y"].to_numpy(),
        target_x=frame["x"].to_numpy(),
        target_y=frame["y"].to_numpy(),
        ax=ax,
        **drawing.NAME_FORCES,
    )


def forest(frame: pd.DataFrame, ax: Axes | None = None) -> Axes:
    """Draw correlations one under the other, in groups, each with its intervals and its n.

    Parameters
    ----------
    frame : DataFrame
        ``group, label, n, r, low, high``, and where there is a second interval ``boot_low,
        boot_high``; ``faint`` marks what rests on too little; ``words`` stand where r is NaN.
    """
    if frame.empty:
        return drawing.nothing(ax)
    groups = list(dict.fromkeys(frame["group"]))
    ax = drawing.figure(0.5 + 0.2 * len(frame) + 0.27 * len(groups)) if ax is None else ax
    ax.set_xlim(-1.0, 1.0)
    ax.axvline(0, color=MEAN, linewidth=1, zorder=1)
    place, ticks, labels = 0.0, [], []
    side = ax.get_yaxis_transform()
    for group in groups:
        look = {"xycoords": side, "va": "center", "fontsize": SMALL, "weight": "bold"}
        ax.annotate(group, (0.005, place), bbox=ON_WHITE, **look)
        for row in frame[frame["group"] == group].itertuples():
            place += 1
            ticks.append(place)
            labels.append(row.label)
            _forest_row(ax, row, place, side)
        place += 1.35
    ax.set_ylim(place - 0.6, -0.7)
    ax.set_yticks(ticks, labels)
    ax.grid(axis="y", visible=False)
    ax.set_xticks([-1, -0.5, 0, 0.5, 1])
    ax.xaxis.set_major_formatter(drawing.CommaFormatter())
    ax.set_xlabel(_("Coefficient of correlation"))
    fisher, boot = _("95% interval (Fisher z)"), _("95% interval (bootstrap)")
    keys = [
        Line2D([], [], color=PUBLISHED, marker="o", markersize=5, label=fisher),
        Line2D([], [], color=HIGHLIGHT, linewidth=1, label=boot),
    ]
    ax.legend(handles=keys, loc="lower left", bbox_to_anchor=(0, 1), ncols=2, borderpad=0)
    return ax


def _forest_row(ax: Axes, row, place: float, side) -> None:
    text = {"xycoords": side, "va": "center", "fontsize": SMALL, "annotation_clip": False}
    if pd.isna(row.r):
        ax.annotate(f"n = {wording.whole(row.n)}: {row.words}", (1.03, place), color=QUIET, **text)
        return
    colour = QUIET if row.faint else PUBLISHED
    ax.hlines(place, row.low, row.high, color=colour, linewidth=1.6, zorder=2)
    if pd.notna(row.boot_low):
        look = {"color": HIGHLIGHT, "linewidth": 1, "zorder": 2}
        ax.hlines(place + 0.3, row.boot_low, row.boot_high, **look)
    face = "white" if row.faint else colour
    look = {"marker": "o", "markersize": 5.5, "clip_on": False, "zorder": 3}
    ax.plot(row.r, place, color=colour, markerfacecolor=face, **look)
    ends = (row.boot_low, row.boot_high) if pd.isna(row.low) else (row.low, row.high)
    told = f"{wording.with_minus(row.r)} ({interval(*ends)}), n = {wording.whole(row.n)}"
    ax.annotate(told, (1.03, place), color=QUIET if row.faint else drawing.INK, **text)


def interval(low: float, high: float, decimals: int = 2) -> str:
    """Write an interval that may reach below 0: −0.10 to 0.59."""
    if pd.isna(low):
        return _("no interval")
    return _("{low} to {high}").format(
        low=wording.with_minus(low, decimals), high=wording.with_minus(high, decimals)
    )


def residual_ranking(frame: pd.DataFrame, ax: Axes | None = None) -> Axes:
    """Draw how far each unit lies from the line of the others, with its interval.

    Parameters
    ----------
    frame : DataFrame
        Indexed by unit, as given by `helpers.association.residuals`.
    """
    if frame.empty:
        return drawing.nothing(ax)
    ax = drawing.figure(0.5 + 0.23 * len(frame)) if ax is None else ax
    y = range(len(frame))
    colours = [HIGHLIGHT if outside else PUBLISHED for outside in frame["outside"]]
    ax.axvline(0, color=MEAN, linewidth=1, zorder=1)
    ax.hlines(y, frame["low"], frame["high"], colors=colours, linewidth=1.2, alpha=0.6, zorder=2)
    ax.scatter(frame["residual"], y, c=colours, s=30, zorder=3)
    ax.set_yticks(y, frame.index)
    ax.set_ylim(len(frame) - 0.4, -0.6)
    ax.grid(axis="y", visible=False)
    for place, value in enumerate(frame["residual"]):
        spot = {"xycoords": ax.get_yaxis_transform(), "va": "center", "fontsize": SMALL}
        ax.annotate(wording.signed(value), (1.01, place), annotation_clip=False, **spot)
    ax.xaxis.set_major_formatter(drawing.CommaFormatter())
    ax.set_xlabel(_("Published SIPAS less predicted SIPAS (percentage points); bars: 95% interval"))
    return ax


def influence(frame: pd.DataFrame, ax: Axes | None = None) -> Axes:
    """Draw leverage against the studentised residual; the area is Cook's distance.

    Parameters
    ----------
    frame : DataFrame
        Indexed by unit, as given by `helpers.association.influence`.
    """
    if frame.empty:
        return drawing.nothing(ax)
    ax = drawing.figure(3.6) if ax is None else ax
    limit = 4 / len(frame)
    chosen = frame["influential"]
    colours = [HIGHLIGHT if one else PUBLISHED for one in chosen]
    sizes = 20 + 700 * frame["cooks"]
    ax.scatter(frame["leverage"], frame["student"], s=sizes, c=colours, alpha=0.55, zorder=3)
    ax.axhline(0, color=MEAN, linewidth=0.8, zorder=1)
    look = {"color": "#9aa5b1", "linewidth": 0.9, "linestyle": (0, (4, 2)), "zorder": 1}
    ax.axvline(limit, **look)
    spot = {"xycoords": ax.get_xaxis_transform(), "fontsize": 7.5, "color": QUIET, "va": "top"}
    ax.annotate(f" 4/n = {wording.number(limit)}", (limit, 1), **spot)
    for level in (-2, 2):
        ax.axhline(level, **look)
    ax.set_xlim(0, drawing.limits([0], frame["leverage"], [limit], pad=0.12, least=0.1)[1])
    reach = max(2.4, frame["student"].abs().max() * 1.15)
    ax.set_ylim(-reach, reach)
    ax.set(xlabel=_("Leverage"), ylabel=_("Studentised residual"))
    ax.xaxis.set_major_formatter(drawing.CommaFormatter())
    ax.yaxis.set_major_formatter(drawing.CommaFormatter())
    points = frame.rename(columns={"leverage": "x", "student": "y"})
    _names(ax, points, tuple(frame.index[chosen]), points)
    return ax


def sensitivity(
    frame: pd.DataFrame,
    bounds: pd.Series,
    marks: dict[str, float],
    ax: Axes | None = None,
) -> Axes:
    """Draw the correlation over all units against what is assumed of the unpublished ones.

    Parameters
    ----------
    frame : DataFrame
        Indexed by the assumed rho: ``r, low, high``, ``draws_low, draws_high`` and ``n`` units.
    bounds : Series
        ``low, high``: what the published figures leave possible.
    marks : dict of str to float
        Names of values of rho to mark, and the values.
    """
    ax = drawing.figure(3.7) if ax is None else ax
    ax.axhspan(bounds["low"], bounds["high"], color="#f2f4f6", zorder=0.2)
    ax.fill_between(frame.index, frame["low"], frame["high"], color=BAND, linewidth=0, zorder=0.5)
    inner = {"color": "#a9c6de", "linewidth": 0, "zorder": 0.6}
    ax.fill_between(frame.index, frame["draws_low"], frame["draws_high"], **inner)
    ax.plot(frame.index, frame["r"], color=PUBLISHED, marker="o", markersize=4.5, zorder=3)
    ax.axhline(0, color=MEAN, linewidth=1, zorder=1)
    low, high = min(bounds["low"], frame["low"].min()), max(bounds["high"], frame["high"].max())
    ax.set_ylim(min(low, 0) - 0.12, min(high + 0.22, 1.1))
    for place, (name, rho) in enumerate(marks.items()):
        look = {"color": ACCENT_TEXT, "linewidth": 1, "linestyle": (0, (3, 2)), "zorder": 1}
        ax.axvline(rho, **look)
        ax.annotate(
            name,
            (rho, 0.99 - 0.07 * place),
            xycoords=ax.get_xaxis_transform(),
            xytext=(-3 if rho > 0.3 else 3, 0),
            textcoords="offset points",
            ha="right" if rho > 0.3 else "left",
            va="top",
            bbox=ON_WHITE,
            fontsize=7.5,
            color=ACCENT_TEXT,
        )
    right = {"ha": "right", "fontsize": 7.5, "color": QUIET}
    ends = {
        "low": (-3, "top", _("lowest found: {r}")),
        "high": (3, "bottom", _("highest found: {r}")),
    }
    for end, (offset, va, words) in ends.items():
        ax.annotate(
            words.format(r=wording.with_minus(bounds[end])),
            (1, bounds[end]),
            xycoords=ax.get_yaxis_transform(),
            xytext=(-2, offset),
            textcoords="offset points",
            va=va,
            **right,
        )
    ax.xaxis.set_major_formatter(drawing.CommaFormatter())
    ax.yaxis.set_major_formatter(drawing.CommaFormatter())
    ax.set_xlabel(_("Assumption: correlation among the unpublished provinces (rho)"))
    ax.set_ylabel(_("Correlation over all {n} provinces").format(n=wording.whole(frame["n"].max())))
    return ax
