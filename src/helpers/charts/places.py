"""Figures of one year with a mark for each province: curve, ranking, peers, change."""

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.lines import Line2D

from helpers import wording
from helpers.charts import drawing
from helpers.charts.drawing import (
    ACCENT_TEXT,
    HIGHLIGHT,
    MEAN,
    ON_WHITE,
    PUBLISHED,
    QUIET,
    SMALL,
)
from helpers.language import _

NAME_PLACES = ((18, 26), (-22, -24), (24, 4), (20, -8), (18, 44), (-22, -42))
VALUE_ROOM = 0.1  # of the axis, that a value beside its dot takes
WIDE_SPACE = "\N{EM SPACE}"  # a page makes several plain spaces into one


def score_curve(
    scores: pd.DataFrame,
    n: int,
    ax: Axes | None = None,
    highlight: str | None = None,
    mean: float | None = None,
    completed: pd.DataFrame | None = None,
    mean_name: str | None = None,
) -> Axes:
    """Draw score against rank; what has only one of the two is a tick on the margin.

    Parameters
    ----------
    scores : DataFrame
        As given by `helpers.facts.scores`.
    n : int
        How many units are ranked.
    highlight : str, optional
        Unit to draw in the accent colour and to name.
    mean, mean_name : float, str, optional
        Mean to draw as a line, and its name; the national mean when left out.
    completed : DataFrame, optional
        Indexed by unit: kind, score, rank (medians), score_low, score_high (90%), score_low50,
        score_high50, and where the rank is estimated too, rank_low, rank_high (90%). Its rows of
        kind "estimated" are drawn hollow, with their intervals.
    """
    scores = drawing.by_unit(scores)
    completed = drawing.by_unit(scores.iloc[:0] if completed is None else completed)
    estimated = completed[completed["kind"] == "estimated"]
    if scores.empty and estimated.empty:
        return drawing.nothing(ax)
    ax = drawing.figure(3.9, fixed=True) if ax is None else ax
    pairs = scores.dropna(subset=["score", "rank"])
    single = scores[~scores.index.isin([*pairs.index, *estimated.index])]
    drawing.mean_line(ax, mean, vertical=False)
    drawing.intervals(ax, estimated, estimated["rank"], vertical=True, highlight=highlight)
    drawing.dots(ax, estimated, estimated["rank"], estimated["score"], highlight, size=20)
    ranged = estimated.dropna(subset=["rank_low", "rank_high"])
    ends = (ranged["rank_low"], ranged["rank_high"])
    look = {"color": HIGHLIGHT, "linewidth": 1, "alpha": 0.8, "zorder": 2}
    if len(ranged):
        drawing.segments(ax, ranged["score"], *ends, vertical=False, **look)
    drawing.dots(ax, pairs, pairs["rank"], pairs["score"], highlight)
    bounds = (estimated["score_low"], estimated["score_high"])
    low, high = drawing.limits(scores["score"], estimated["score"], *bounds, [mean], pad=0.1)
    # Ticks for ranks without a score need a strip of their own below the curve.
    ax.set_ylim(low - (0.13 * (high - low) if single["rank"].notna().any() else 0), high)
    ax.set_xlim(-0.5, n + 1.5)
    ax.set_xticks(drawing.rank_ticks(n))
    ax.set_xlabel(_("Rank"))
    ax.yaxis.set_major_formatter(drawing.CommaFormatter())
    if drawing.known(mean):
        place = {"xytext": (0, 3), "textcoords": "offset points", "ha": "right"}
        ax.annotate(
            drawing.mean_text(mean, mean_name), (n + 1.5, mean), fontsize=SMALL, color=MEAN, **place
        )
    marks = _margin_ticks(ax, single, highlight)
    kinds = pd.concat([pairs["kind"], estimated["kind"]])
    drawing.legend(ax, kinds, marks, loc="upper right")
    drawing.fit(ax)
    _curve_names(ax, pairs, estimated, highlight, n)
    return ax


def _margin_ticks(ax: Axes, single: pd.DataFrame, highlight: str | None) -> tuple[Line2D, ...]:
    """Draw what has a rank or a score only; give the keys for the legend."""
    keys = []
    for column, marker, label in (
        ("rank", "|", _("at the foot: rank whose score has not been found")),
        ("score", "_", _("at the left edge: score whose rank has not been found")),
    ):
        values = single[column].dropna()
        for unit, value in values.items():
            chosen = unit == highlight
            colour = HIGHLIGHT if chosen else PUBLISHED
            on_x = column == "rank"
            spot = (value, 0.03) if on_x else (0.012, value)
            across = ax.get_xaxis_transform() if on_x else ax.get_yaxis_transform()
            look = {"marker": marker, "markersize": 9, "markeredgewidth": 2.8 if chosen else 1.4}
            ax.plot(*spot, color=colour, transform=across, **look)
            if chosen:
                right = on_x and value > ax.get_xlim()[1] / 2
                text = (
                    _("{unit}: rank {rank}").format(
                        unit=wording.unit_name(unit), rank=wording.whole(value)
                    )
                    if on_x
                    else _("{unit}: score {score}").format(
                        unit=wording.unit_name(unit), score=wording.number(value)
                    )
                )
                ax.annotate(
                    text,
                    spot,
                    xycoords=across,
                    xytext=(-6 if right else 6, 9 if on_x else 4),
                    textcoords="offset points",
                    ha="right" if right else "left",
                    weight="bold",
                    fontsize=SMALL,
                )
        if len(values):
            look = {"marker": marker, "markersize": 9, "markeredgewidth": 1.4}
            keys.append(Line2D([], [], linestyle="", color=PUBLISHED, label=label, **look))
    return tuple(keys)


def _curve_names(ax, pairs, estimated, highlight: str | None, n: int) -> None:
    """Name the first, the last and the highlighted unit.

    The curve falls, so what is above and right of a point is free, and what is below and left.
    """
    ends = [] if pairs.empty else [pairs["rank"].idxmin(), pairs["rank"].idxmax()]
    for unit in dict.fromkeys(ends):
        left = pairs.at[unit, "rank"] > n / 2
        place = {"xytext": (-8 if left else 8, -4 if left else 1), "textcoords": "offset points"}
        spot = (pairs.at[unit, "rank"], pairs.at[unit, "score"])
        weight = "bold" if unit == highlight else "normal"
        text = f"{wording.unit_name(unit)} {wording.number(spot[1])}"
        ha = "right" if left else "left"
        va = "center" if left else "bottom"
        ax.annotate(text, spot, ha=ha, va=va, fontsize=SMALL, weight=weight, **place)
    if highlight is None or highlight in ends:
        return
    shown = pd.concat([pairs, estimated])
    if highlight in shown.index:
        row = shown.loc[highlight]
        _highlight_name(ax, row, _highlight_words(wording.unit_name(highlight), row), shown)


def _highlight_words(name: str, row: pd.Series) -> str:
    """Name a unit with its score; with the intervals where score or rank is an estimate."""
    if row["kind"] != "estimated":
        return f"{name} {wording.number(row['score'])}"
    score = wording.between(row["score_low"], row["score_high"], 1)
    if pd.isna(row["rank_low"]):
        return _("{unit}: about {score} (estimated)").format(unit=name, score=score)
    ranks = drawing.between(row["rank_low"], row["rank_high"])
    return _("{unit}: {score}; rank {ranks} (estimated)").format(
        unit=name, score=score, ranks=ranks
    )


def _highlight_name(ax: Axes, row: pd.Series, words: str, shown: pd.DataFrame) -> None:
    drawing.lay_out(ax)
    at, others = (row["rank"], row["score"]), [*ax.texts, *filter(None, [ax.get_legend()])]
    taken = [drawing.in_points(ax, other.get_window_extent()) for other in others]
    dots = ax.transData.transform(shown[["rank", "score"]]) * 72 / ax.figure.dpi
    place, ha, _box = drawing.free_place(ax, at, words, NAME_PLACES, dots, taken)
    look = {"textcoords": "offset points", "va": "center", "weight": "bold", "zorder": 5}
    look |= {"arrowprops": {"arrowstyle": "-", "color": HIGHLIGHT, "linewidth": 0.8}}
    ax.annotate(words, at, fontsize=SMALL, xytext=place, ha=ha, bbox=ON_WHITE, **look)


# --- one row per province ----------------------------------------------------------------------


def ranking(
    frame: pd.DataFrame,
    ax: Axes | None = None,
    index: str = "PAR",
    highlight: str | None = None,
    mean: float | None = None,
    mean_name: str | None = None,
) -> Axes:
    """Draw units in the order of the rows, best first: name and rank at the left, score as a dot.

    Parameters
    ----------
    frame : DataFrame
        As given by `helpers.facts.scores`; or with columns unit, rank, score, kind ("published",
        "derived", "estimated"), and where estimated score_low, score_high (90%), score_low50,
        score_high50, rank_low, rank_high.
    index : {"PAR", "SIPAS"}
        Groups A, B and C are marked for PAR.
    highlight : str, optional
        Unit to draw in the accent colour.
    mean, mean_name : float, str, optional
        Mean to draw as a line, and its name; the national mean when left out.
    """
    frame = drawing.by_unit(frame)
    if frame.empty:
        return drawing.nothing(ax)
    ax = drawing.figure(0.5 + 0.128 * len(frame)) if ax is None else ax
    _rows(ax, frame, highlight, mean, size=20, font=7)
    drawing.group_limits(ax, index)
    if drawing.known(mean):
        # Scores fall towards the foot, so that the foot is free right of the mean.
        place = {"xytext": (4, 4), "textcoords": "offset points", "bbox": ON_WHITE}
        across = ax.get_xaxis_transform()
        text = drawing.mean_text(mean, mean_name)
        ax.annotate(text, (mean, 0), xycoords=across, fontsize=SMALL, color=MEAN, **place)
    drawing.legend(
        ax, frame["kind"][frame["score"].notna()], loc="lower right", bbox_to_anchor=(1, 0.04)
    )
    return ax


def peers(
    frame: pd.DataFrame,
    ax: Axes | None = None,
    highlight: str | None = None,
    mean: float | None = None,
) -> Axes:
    """Draw the provinces of a region in the order of the rows; those without any figure come last.

    Parameters
    ----------
    frame : DataFrame
        As for `ranking`; where there is no score, a dash stands for it.
    """
    frame = drawing.by_unit(frame)
    if frame.empty:
        return drawing.nothing(ax)
    known = frame[["score", "rank"]].notna().any(axis=1)
    frame = pd.concat([frame[known], frame[~known]])
    ax = drawing.figure(0.55 + 0.23 * len(frame), fixed=True) if ax is None else ax
    _rows(ax, frame, highlight, mean, size=42, font=SMALL)
    if drawing.known(mean):
        place = {"xytext": (0, 2), "textcoords": "offset points", "ha": "center"}
        across = ax.get_xaxis_transform()
        text = drawing.mean_text(mean)
        ax.annotate(text, (mean, 1), xycoords=across, fontsize=SMALL, color=MEAN, **place)
    key = drawing.legend(ax, frame["kind"][frame["score"].notna()], **drawing.BELOW)
    left = max(
        drawing.text_width(_row_name(unit, row), SMALL, bold=unit == highlight)
        for unit, row in frame.iterrows()
    )
    drawing.fit(ax, above=drawing.known(mean), legend=key, left=left)
    return ax


def _rows(ax: Axes, frame: pd.DataFrame, highlight, mean, size: float, font: float) -> None:
    y = pd.Series(range(len(frame)), index=frame.index, dtype=float)
    drawing.mean_line(ax, mean)
    scored = frame[frame["score"].notna()]
    drawing.intervals(ax, scored, y[scored.index], vertical=False, highlight=highlight)
    drawing.dots(ax, scored, scored["score"], y[scored.index], highlight, size)
    if scored.empty:
        ax.set_xticks([])
        ax.set_xlim(0, 1)
    else:
        spread = (frame["score"], frame["score_low"], frame["score_high"])
        low, high = drawing.limits(*spread, [mean], pad=0.05)
        # Room for the values at the right, and at the left for a dash in place of a score.
        room = 0 if len(scored) == len(frame) else 0.05
        ax.set_xlim(low - (high - low) * room, high + (high - low) * 0.08)
    ax.xaxis.set_major_formatter(drawing.CommaFormatter())
    ax.set_ylim(len(frame) - 0.4, -0.6)
    ax.grid(visible=False)
    across = {"transform": ax.get_yaxis_transform(), "color": drawing.LIGHT, "linewidth": 0.7}
    drawing.segments(ax, y, y * 0, y * 0 + 1, vertical=False, zorder=0.5, **across)
    ax.set_yticks(y, [_row_name(unit, row) for unit, row in frame.iterrows()], fontsize=font)
    for label, (unit, row) in zip(ax.get_yticklabels(), frame.iterrows(), strict=True):
        label.set_weight("bold" if unit == highlight else "normal")
        _row_text(ax, label, row, y[unit], font, mean)


def _row_name(unit: str, row: pd.Series) -> str:
    low, high = row["rank_low"], row["rank_high"]
    name = wording.unit_name(unit)
    if pd.notna(low) and low != high:
        return f"{name}{WIDE_SPACE}{drawing.between(low, high)}"
    return f"{name}{WIDE_SPACE}{wording.whole(row['rank'])}"


def _row_text(ax: Axes, label, row: pd.Series, y: float, font: float, mean) -> None:
    place = {"textcoords": "offset points", "va": "center_baseline", "fontsize": font}
    place |= {"bbox": ON_WHITE, "zorder": 2.5}
    if row["kind"] == "estimated" or (pd.isna(row["score"]) and pd.isna(row["rank"])):
        label.set_color(QUIET)
    if pd.isna(row["score"]):
        spot = {"xycoords": ax.get_yaxis_transform(), "xytext": (6, 0), "color": QUIET}
        ax.annotate(wording.MISSING, (0, y), **spot, **place)
    elif row["kind"] != "estimated":
        text = wording.number(row["score"])
        weight = label.get_weight()
        # The line of the mean must not run through the number.
        low, high = ax.get_xlim()
        crossed = drawing.known(mean) and 0 < mean - row["score"] < (high - low) * VALUE_ROOM
        side = {"xytext": (-7 if crossed else 7, 0), "ha": "right" if crossed else "left"}
        ax.annotate(text, (row["score"], y), weight=weight, **side, **place)


def change_dumbbell(
    frame: pd.DataFrame, ax: Axes | None = None, years: tuple[str, str] | None = None
) -> Axes:
    """Draw two years' scores of each unit, in the order of the rows, with the change at the right.

    Parameters
    ----------
    frame : DataFrame
        As given by `helpers.national.changes`: indexed by unit, with before, now and change in
        points; rows that lack one of the two scores are left out.
    years : (str, str), optional
        Names of the two years in the legend.
    """
    frame = frame.dropna(subset=["before", "now"])
    if frame.empty:
        return drawing.nothing(ax)
    ax = drawing.figure(0.7 + 0.19 * len(frame)) if ax is None else ax
    y = range(len(frame))
    colours = [ACCENT_TEXT if change < 0 else PUBLISHED for change in frame["change"]]
    ax.hlines(y, frame["before"], frame["now"], colors=colours, linewidth=2, zorder=2)
    dot = {"s": 34, "zorder": 3, "linewidth": 1.2}
    ax.scatter(frame["before"], y, facecolor="white", edgecolor=colours, **dot)
    ax.scatter(frame["now"], y, facecolor=colours, edgecolor=colours, **dot)
    for place, change in enumerate(frame["change"]):
        ax.annotate(
            wording.signed(change),
            (1, place),
            xycoords=ax.get_yaxis_transform(),
            ha="right",
            va="center_baseline",
            fontsize=SMALL,
            color=colours[place],
        )
    corner = {"xycoords": "axes fraction", "ha": "right"}
    ax.annotate(_("change"), (1, 1), fontsize=SMALL, color=QUIET, **corner)
    low, high = drawing.limits(frame["before"], frame["now"])
    ax.set_xlim(low, high + (high - low) * 0.12)
    ax.set_ylim(len(frame) - 0.4, -0.6)
    ax.set_yticks(y, frame.index)
    ax.grid(axis="x", visible=False)
    ax.xaxis.set_major_formatter(drawing.CommaFormatter())
    sample = {"linestyle": "", "marker": "o", "markersize": 6, "color": QUIET}
    before, now = years or (_("the year before"), _("this year"))
    handles = [
        Line2D([], [], markerfacecolor="white", label=before, **sample),
        Line2D([], [], label=now, **sample),
    ]
    ax.legend(handles=handles, loc="lower left", bbox_to_anchor=(0, 1), ncols=2, borderpad=0)
    return ax
