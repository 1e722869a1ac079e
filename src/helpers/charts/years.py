"""Figures over years. A line joins only years that follow one another under one method."""

from collections.abc import Sequence

import pandas as pd
from matplotlib.axes import Axes

from helpers import facts, wording
from helpers.charts import drawing
from helpers.charts.drawing import (
    ACCENT_TEXT,
    ESTIMATED,
    HIGHLIGHT,
    INK,
    MEAN,
    ON_WHITE,
    PUBLISHED,
    QUIET,
    SMALL,
)
from helpers.language import N_, _

END_GAP, NOTE_GAP = 22, 5  # points between the end of a line and its name, a bar and its note
AXES_WIDTH = 420  # points, the least that axes have beside names
LABELS = {"mean": N_("Provinces"), "ministry_mean": N_("Ministries")}


def national_means(
    means: pd.DataFrame,
    ax: Axes | None = None,
    schemes: dict[int, str] | None = None,
    labels: dict[str, str] | None = None,
) -> Axes:
    """Draw the national means of the PAR INDEX by year, and where the scoring scheme changed.

    Parameters
    ----------
    means : DataFrame
        As given by `helpers.facts.national`: indexed by year, a column per line.
    schemes : dict, optional
        First year of a scheme to the name of its decision, such as {2020: "QĐ 1149"}.
    labels : dict, optional
        Columns to draw and their names, at most two: provinces and ministries when left out.
    """
    labels = {column: _(name) for column, name in LABELS.items()} if labels is None else labels
    means = means.reindex(columns=list(labels)).dropna(how="all")
    if means.empty:
        return drawing.nothing(ax)
    ax = drawing.figure(3.8) if ax is None else ax
    schemes = schemes or {}
    # The decisions stand upright at the foot of the figure, below the lines.
    low, high = drawing.limits(means.stack(), pad=0.1)
    ax.set_ylim(low - (0.3 * (high - low) if schemes else 0), high)
    for year, name in schemes.items():
        ax.axvline(year - 0.5, color="#9aa5b1", linewidth=0.8, zorder=1)
        place = {"xytext": (3, 3), "textcoords": "offset points", "rotation": 90}
        spot = {"xycoords": ax.get_xaxis_transform(), "va": "bottom", "ha": "left"}
        ax.annotate(name, (year - 0.5, 0), fontsize=7.5, color=QUIET, **place, **spot)
    top = means.max(axis=1)
    steep = 0.15 * (high - low)
    looks = ((PUBLISHED, PUBLISHED, "o", "-"), (HIGHLIGHT, ACCENT_TEXT, "s", "--"))
    for (column, label), (colour, ink, marker, dashes) in zip(labels.items(), looks, strict=False):
        series = means[column].dropna()
        if series.empty:
            continue
        _joined(ax, series, colour, marker, linestyle=dashes)
        _values(ax, series, series >= top[series.index], ink, steep=steep)
        _end_name(ax, series, label, ink)
    _years(ax, means.index, room=2.4)
    ax.yaxis.set_major_formatter(drawing.CommaFormatter())
    return ax


def sipas_means(
    means: pd.Series, ax: Axes | None = None, break_year: int = facts.NEW_SURVEY
) -> Axes:
    """Draw the national mean of SIPAS by year, broken where the survey changed its method.

    Parameters
    ----------
    means : Series
        Per cent, indexed by year.
    break_year : int
        First year of the new method.
    """
    means = means.dropna()
    if means.empty:
        return drawing.nothing(ax)
    ax = drawing.figure(2.9) if ax is None else ax
    _joined(ax, means, PUBLISHED, break_year=break_year)
    _values(ax, means, means == means, PUBLISHED, break_year)
    ax.set_ylim(drawing.limits(means, pad=0.16))
    _years(ax, means.index)
    _break(ax, means.index, break_year)
    ax.yaxis.set_major_formatter(drawing.CommaFormatter())
    return ax


def history(
    frame: pd.DataFrame,
    ax: Axes | None = None,
    national: pd.Series | None = None,
    break_year: int | None = None,
    schemes: Sequence[int] = (),
) -> Axes:
    """Draw one unit's scores by year, with the national mean behind.

    Parameters
    ----------
    frame : DataFrame
        As given by `helpers.standing.years`: indexed by year, with score and, if any, score_kind;
        years without a score are left out.
    national : Series, optional
        National mean by year.
    break_year : int, optional
        First year of a new method, which no line crosses: 2022 for SIPAS.
    schemes : sequence of int, optional
        First years of new criteria, each with an upright line before it.
    """
    frame = frame.dropna(subset="score")
    if frame.empty:
        return drawing.nothing(ax)
    ax = drawing.figure(2.9, fixed=True) if ax is None else ax
    national = (pd.Series(dtype=float) if national is None else national).dropna()
    _joined(ax, national, "#7b8794", marker="", break_year=break_year, linestyle="--")
    _joined(ax, frame["score"], HIGHLIGHT, marker="", break_year=break_year)
    kinds = _kinds(frame, "score_kind")
    _marks(ax, frame["score"], kinds)
    above = frame["score"] >= national.reindex(frame.index).fillna(-1)
    _values(ax, frame["score"], above, INK, break_year, weight="bold")
    if len(national):
        _end_name(ax, national, _("National mean"), QUIET)
    ax.set_ylim(drawing.limits(frame["score"], national, pad=0.14))
    years = frame.index.union(national.index)
    for year in schemes:
        if min(years) < year <= max(years):
            ax.axvline(year - 0.5, color="#9aa5b1", linewidth=0.8, zorder=1)
    _years(ax, years, room=2.2 if len(national) else 0.5)
    above, beside = _break(ax, years, break_year)
    ax.yaxis.set_major_formatter(drawing.CommaFormatter())
    key = drawing.legend(ax, kinds, colour=HIGHLIGHT, **drawing.BELOW)
    if len(national):
        beside = max(beside, _beyond(ax, national.index[-1], _("National mean"), END_GAP))
    drawing.fit(ax, above=above, legend=key, right=beside)
    return ax


def rank_history(
    frame: pd.DataFrame,
    n: int,
    ax: Axes | None = None,
    break_year: int | None = None,
    years=(),
) -> Axes:
    """Draw one unit's ranks by year, the first rank on top.

    Parameters
    ----------
    frame : DataFrame
        As given by `helpers.standing.years`: indexed by year, with rank and, if any, rank_kind,
        and rank_low and rank_high where the rank is known or estimated between bounds.
    n : int
        How many units are ranked.
    break_year : int, optional
        First year of a new method, which no line crosses: 2022 for SIPAS.
    years : iterable of int
        Years that the axis must show in any case.
    """
    bounds = frame.reindex(columns=["rank_low", "rank_high"]).dropna()
    ranks = frame.get("rank", pd.Series(dtype=float)).dropna()
    if ranks.empty and bounds.empty:
        return drawing.nothing(ax)
    ax = drawing.figure(2.7, fixed=True) if ax is None else ax
    ax.vlines(bounds.index, bounds["rank_low"], bounds["rank_high"], colors=ESTIMATED)
    notes = bounds.loc[~bounds.index.isin(ranks.index)]
    for year, row in notes.iterrows():
        _note(ax, drawing.between(*row), year, row.mean())
    _joined(ax, ranks, HIGHLIGHT, marker="", break_year=break_year)
    kinds = _kinds(frame.loc[ranks.index], "rank_kind")
    _marks(ax, ranks, kinds)
    for year, rank in ranks.items():
        below = rank <= 0.2 * n
        place = {"xytext": (0, -8 if below else 7), "textcoords": "offset points"}
        look = {"ha": "center", "va": "top" if below else "bottom", "weight": "bold"}
        ax.annotate(wording.whole(rank), (year, rank), fontsize=SMALL, **place, **look)
    ax.set_ylim(n + 1.5, -1)
    ax.set_yticks(drawing.rank_ticks(n))
    ax.set_ylabel(_("Rank"))
    shown = [*ranks.index, *bounds.index, *years]
    _years(ax, shown)
    above, beside = _break(ax, shown, break_year)
    key = drawing.legend(ax, kinds, colour=HIGHLIGHT, **drawing.BELOW)
    reach = [_beyond(ax, year, drawing.between(*row), NOTE_GAP) for year, row in notes.iterrows()]
    drawing.fit(ax, above=above, legend=key, right=max([beside, *reach]))
    return ax


def _note(ax: Axes, text: str, x: float, y: float) -> None:
    place = {"xytext": (NOTE_GAP, 0), "textcoords": "offset points", "va": "center"}
    ax.annotate(text, (x, y), fontsize=SMALL, color=QUIET, **place)


def _kinds(frame: pd.DataFrame, column: str) -> pd.Series:
    if column not in frame:
        return pd.Series("published", index=frame.index)
    return frame[column].fillna("published")


def _marks(ax: Axes, values: pd.Series, kinds: pd.Series) -> None:
    for year, value in values.items():
        hollow = kinds[year] == "estimated"
        look = {"markerfacecolor": "white" if hollow else HIGHLIGHT, "color": HIGHLIGHT}
        ax.plot(year, value, marker=drawing.MARKERS[kinds[year]], markersize=7, zorder=4, **look)


def _runs(series: pd.Series, break_year: int | None) -> list[pd.Series]:
    """Split a series by year into runs of years without a gap, under one method."""
    years = pd.Series(series.index, index=series.index)
    starts = (years.diff() != 1) | (years == break_year)
    return [run for _, run in series.groupby(starts.cumsum())]


def _joined(ax, series: pd.Series, colour, marker="o", break_year=None, linestyle="-") -> None:
    for run in _runs(series, break_year):
        ax.plot(run.index, run, color=colour, linewidth=1.8, linestyle=linestyle, zorder=2)
        if marker:
            look = {"marker": marker, "markersize": 6, "linestyle": "", "zorder": 3}
            ax.plot(run.index, run, color=colour, **look)


def _values(
    ax: Axes,
    series: pd.Series,
    above: pd.Series,
    colour: str,
    break_year: int | None = None,
    weight: str = "normal",
    steep: float = float("inf"),
) -> None:
    """Write the values where the line leaves room, which depends on the steps on both sides."""
    for run in _runs(series, break_year):
        before, after = run.diff().fillna(0), -run.diff(-1).fillna(0)
        for year, value in run.items():
            x, y, ha, va = _spot(before[year], after[year], above[year], steep)
            place = {"xytext": (x, y), "textcoords": "offset points", "ha": ha, "va": va}
            look = {"fontsize": 7.5, "color": colour, "weight": weight, "bbox": ON_WHITE}
            ax.annotate(wording.number(value), (year, value), zorder=2.5, **place, **look)


def _spot(before: float, after: float, above: bool, steep: float) -> tuple[float, float, str, str]:
    """Place a value by the steps before and after its point: offsets in points, alignments."""
    if not above and before > 0 > after and max(before, -after) > steep:
        return 9, 2, "left", "center"  # under a sharp peak is no room
    y, va = (6, "bottom") if above else (-6, "top")
    # The value leans away from the side on which the line runs past it.
    side = 1 if above else -1
    lean = 9 * (int(side * before < 0) - int(side * after > 0))
    return lean, y, "center", va


def _end_name(ax: Axes, series: pd.Series, name: str, colour: str) -> None:
    place = {"xytext": (END_GAP, 0), "textcoords": "offset points", "va": "center"}
    spot = (series.index[-1], series.iloc[-1])
    ax.annotate(name, spot, fontsize=SMALL, color=colour, **place)


def _beyond(ax: Axes, year: float, text: str, gap: float) -> float:
    """Points by which a text that begins behind a year reaches beyond the axes, about."""
    first, last = ax.get_xlim()
    return gap + drawing.text_width(text, SMALL) - (last - year) / (last - first) * AXES_WIDTH


def _years(ax: Axes, years, room: float = 0.5) -> None:
    first, last = int(min(years)), int(max(years))
    ax.set_xlim(first - 0.8, last + room)
    ax.set_xticks(range(first, last + 1))
    ax.grid(axis="x", visible=False)


def _break(ax: Axes, years, break_year: int | None) -> tuple[int, float]:
    """Mark a new method; give the lines of text above the axes and how far they reach beyond."""
    if break_year is None or not min(years) < break_year <= max(years):
        return 0, 0.0
    ax.axvline(break_year - 0.5, color=MEAN, linewidth=1, linestyle=":", zorder=1)
    look = {"xycoords": ax.get_xaxis_transform(), "fontsize": 7.5, "color": QUIET}
    sides = (("right", -4, _("old survey method")), ("left", 4, _("new survey method")))
    for ha, offset, text in sides:
        place = {"xytext": (offset, 2), "textcoords": "offset points", "ha": ha}
        ax.annotate(text, (break_year - 0.5, 1), **place, **look)
    return 1, _beyond(ax, break_year - 0.5, sides[-1][-1], sides[-1][1])
