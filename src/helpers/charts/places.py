"""Figures of one year with a mark for each province: curve, ranking, peers, change."""

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.lines import Line2D

from helpers import wording
from helpers.charts import drawing
from helpers.charts.drawing import (
    HIGHLIGHT,
    MEAN,
    ON_WHITE,
    PUBLISHED,
    SMALL,
)
from helpers.language import _

NAME_PLACES = ((18, 26), (-22, -24), (24, 4), (20, -8), (18, 44), (-22, -42))


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
