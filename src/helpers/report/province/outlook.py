"""What is forecast of one province, and what was published since: frames, the fan, and words."""

import contextlib
from itertools import product

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import seaborn as sns
from IPython.display import HTML
from matplotlib.axes import Axes

from helpers import facts, page, trajectories, units, wording
from helpers.charts import drawing
from helpers.citations import Citations
from helpers.language import N_, _
from helpers.trajectories import NotEnoughYears, Trajectories
from helpers.trajectories.panel import REACH

METHOD = {
    "same_rank": N_("same rank"),
    "last_score": N_("same distance from the mean"),
    "mixed": N_("mixed model"),
    "average": N_("average of same rank and mixed model"),
}
LEVELS = {95: "#e6eef5", 80: "#c3d7e8", 50: "#8db4d3"}  # per cent of a forecast's intervals
ABOUT = "≈\N{NO-BREAK SPACE}"  # before an estimate
ABOVE, BELOW = 8, -16  # points from a mark to the foot of its number
HIGH = 10  # points: a number
NEAR = 1  # years: numbers farther apart do not meet
ENDS = [f"score_{level}_{end}" for level in LEVELS for end in ("low", "high")]


def fits(figures: pd.DataFrame, last_year: int) -> dict[str, Trajectories]:
    """Stored fit of each index; an index of which too little is known is left out."""
    found = {}
    for index in facts.INDICES:
        with contextlib.suppress(NotEnoughYears):
            found[index] = trajectories.fitted(figures, index, last_year)
    return found


def used(fit: Trajectories) -> pd.DataFrame:
    """Forecasts by the method that won."""
    return fit.forecasts[fit.forecasts["method"] == fit.best["method"]]


def path(
    fit: Trajectories, figures: pd.DataFrame, unit: str, ahead: int | None = None
) -> pd.DataFrame:
    """The scores of a province up to the last year, its forecasts, and what was published since.

    Parameters
    ----------
    ahead : int, optional
        Years after the last one; all that are forecast when left out.

    Returns
    -------
    DataFrame
        A row per year and kind: ``kind`` (published, derived, pinned to its rank, forecast, since),
        ``year``, ``score``, the ends of a forecast's intervals ``score_95_low ...
        score_50_high`` (NaN elsewhere), ``sources``. Empty where it makes no line: without a
        forecast, and with fewer than two scores.
    """
    columns, last = ["kind", "year", "score"], fit.last_year + (ahead or 99)
    history = fit.history[fit.history["unit"] == unit].sort_values("year")
    forecast = used(fit).sort_values("year")
    forecast = forecast[(forecast["unit"] == unit) & (forecast["year"] <= last)]
    if forecast.empty and len(history) < 2:
        return pd.DataFrame(columns=["kind", "year", "score", *ENDS, "sources"])
    since = trajectories.beside_published(fit, figures).dropna(subset="observed_score")
    since = since[(since["unit"] == unit) & (since["year"] <= last)]
    since = since.assign(score=since["observed_score"])
    forecast = forecast.assign(kind="forecast")[[*columns, *ENDS]]
    parts = [history[columns], forecast, since.assign(kind="since")[columns]]
    rows = pd.concat([part for part in parts if len(part)], ignore_index=True)
    rows = rows.reindex(columns=[*columns, *ENDS])
    own = facts.select(figures, unit=unit, index=fit.index, part="")
    own = own[own["measure"].isin(["score", "rank"])].groupby("year")["sources"].agg(" ".join)
    cited = rows["year"].map(own).astype(object).where(rows["kind"] != "forecast")
    return rows.assign(sources=cited.fillna(""))


def means(fit: Trajectories, figures: pd.DataFrame, rows: pd.DataFrame) -> pd.DataFrame:
    """Published national means by year, ``mean`` and ``sources``, for the rows of `path`."""
    regime = fit.means[fit.means["regime"] == fit.means["regime"].max()]
    shown = [year for year in regime["year"] if year <= rows["year"].max()]
    # The model fills in years without a published mean; only published ones are drawn.
    found = facts.select(figures, unit=facts.NATION, index=fit.index, measure="mean", part="")
    found = found.set_index("year")[["value", "sources"]].rename(columns={"value": "mean"})
    return found[found.index.isin(shown)].sort_index()


def fan(rows: pd.DataFrame, mean: pd.Series) -> Axes:
    """Draw the years of one province: its scores, the fan of its forecasts, the national mean.

    Parameters
    ----------
    rows : DataFrame
        As given by `path`.
    mean : Series
        National mean by year.
    """
    _fig, ax = plt.subplots(figsize=(drawing.WIDTH, 3.8))
    ahead = rows[rows["kind"] == "forecast"]
    for level, colour in LEVELS.items() if len(ahead) else ():
        low, high = (ahead[f"score_{level}_{end}"] for end in ("low", "high"))
        name = _("50%, 80% and 95% intervals") if level == 80 else None
        ax.bar(ahead["year"], high - low, 0.56, bottom=low, color=colour, zorder=1, label=name)
    ax.plot(ahead["year"], ahead["score"], "_", color=drawing.PUBLISHED, markersize=13)
    if len(mean):
        ax.plot(mean, color=drawing.MEAN, linewidth=1, linestyle="--", label=_("national mean"))
    _draw_known(ax, rows[rows["kind"] != "forecast"])
    years = range(min([*rows["year"], *mean.index]), max([*rows["year"], *mean.index]) + 1)
    ax.set(xlim=(years[0] - 0.6, years[-1] + 0.6), xlabel="year", ylabel="score")
    ax.grid(axis="x", visible=False)
    ax.figure.legend(loc="outside lower left")
    return ax


def _draw_known(ax: Axes, known: pd.DataFrame) -> None:
    """Draw scores with a mark for their kind and their numbers, years in a row joined."""
    past, accent = known[known["kind"] != "since"], drawing.HIGHLIGHT
    runs = past["year"].diff().ne(1).cumsum()  # a year without a score breaks the line
    look = {"units": runs, "estimator": None, "color": accent, "legend": False}
    sns.lineplot(past, x="year", y="score", ax=ax, **look)
    looks = {
        "derived": {"marker": "s"},
        "pinned": {"markerfacecolor": "white"},
        "since": {"marker": "D", "color": drawing.INK, "markeredgecolor": "white"},
    }
    for kind, own in known.groupby("kind"):
        look = {"marker": "o", "color": accent, "markersize": 6} | looks.get(kind, {})
        ax.plot(own["year"], own["score"], linestyle="", label=names()[kind], zorder=4, **look)
    known = known.sort_values("year")
    for row, lift in zip(known.itertuples(), _lifts(ax, known), strict=True):
        told = (ABOUT if row.kind == "pinned" else "") + wording.number(row.score)
        look = {"ha": "center", "fontsize": drawing.SMALL, "bbox": drawing.ON_WHITE, "zorder": 6}
        ax.annotate(told, (row.year, row.score), (0, lift), textcoords="offset points", **look)


def _lifts(ax: Axes, known: pd.DataFrame) -> np.ndarray:
    """Choose above or below for the numbers of marks, in points, so that neighbours stand apart."""
    marks = ax.transData.transform(known[["year", "score"]])[:, 1] * 72 / ax.figure.dpi
    lifts = np.array(list(product((ABOVE, BELOW), repeat=len(marks))))
    at, near = marks + lifts + HIGH / 2, np.diff(known["year"]) <= NEAR
    gaps = at[:, 1:] - at[:, :-1], at[:, 1:] - marks[:-1], at[:, :-1] - marks[1:]
    overlap = sum(np.maximum(0, HIGH - np.abs(gap[:, near])).sum(1) for gap in gaps)
    return lifts[np.argmin(overlap)]


def names() -> dict[str, str]:
    """Name the kinds of rows that `path` has."""
    pinned = _("estimated from its rank (±{reach} points)")
    return {kind: wording.kind(kind) for kind in ("published", "derived")} | {
        "pinned": pinned.format(reach=wording.number(REACH, 1)),
        "forecast": _("forecast"),
        "since": _("published since"),
    }


def titles(fit: Trajectories, figures: pd.DataFrame, unit: str) -> tuple[str, str]:
    """Title and unit of a province's fan: what was published of the first year ahead, the forecast.

    The result is the title where there is one, and the forecast stands below.
    """
    known, ahead = result(fit, figures, unit), forecast_of(fit, unit)
    way = METHOD[fit.best["method"]]
    axis = _("{axis}; way of forecasting: {method}").format(
        axis=wording.score_axis(fit.index), method=_(way)
    )
    if not known and not ahead:
        return province_sentences(fit, unit)[0].rstrip("."), axis
    return f"{wording.unit_name(unit)}, {known or ahead}", f"{ahead}. {axis}" if known else axis


def province_sentences(fit: Trajectories, unit: str) -> tuple[str, str]:
    """Two sentences on where a province heads: the forecast, and how far to trust it.

    The first says that nothing can be forecast where that is so; the second is then empty.
    """
    row = _next(fit, unit)
    told = {
        "index": wording.INDEX[fit.index],
        "unit": wording.unit_name(unit),
        "last": fit.last_year,
    }
    if row is None:
        text = _(
            "The {index} of {unit} cannot be forecast beyond {last}: the next year is another "
            "survey, or the published figures do not suffice."
        )
        return text.format(**told), ""
    first = (
        _(
            "From figures up to {last}, the {index} {year} of {unit} is forecast at {low} "
            "to {high} points, rank {best} to {worst} (80% intervals)."
        )
        if fit.index == "PAR"
        else _(
            "From figures up to {last}, the {index} {year} of {unit} is forecast at {low} "
            "to {high}%, rank {best} to {worst} (80% intervals)."
        )
    ).format(
        year=row["year"],
        low=wording.number(row["score_80_low"], 1),
        high=wording.number(row["score_80_high"], 1),
        best=wording.whole(row["rank_80_low"]),
        worst=wording.whole(row["rank_80_high"]),
        **told,
    )
    if _untested(fit, unit):
        return first, _untested(fit, unit)
    tried = _tried(fit)
    if tried is None:
        return first, _("There is no past year yet to try this forecast on.")
    second = _(
        "Tried on past years, for provinces with published results, this way of "
        "forecasting is off by {error} and {places} places on average; its 80% "
        "intervals hold the true score {share} of the time and the true rank {of_rank}."
    )
    return first, second.format(**tried)


def _next(fit: Trajectories, unit: str) -> pd.Series | None:
    """Give the forecast of the first year ahead; None where there is none."""
    rows = used(fit)
    rows = rows[rows["unit"] == unit].sort_values("year")
    return None if rows.empty else rows.iloc[0]


def _untested(fit: Trajectories, unit: str) -> str:
    """Say that no score of a province was there to forecast from; "" where there was one."""
    if not fit.history[fit.history["unit"] == unit].empty:
        return ""
    text = _(
        "No score of {unit} up to {last} has been found: the forecast starts from an estimate, "
        "and how well it does for such provinces has not been tested by itself."
    )
    return text.format(unit=wording.unit_name(unit), last=fit.last_year)


def _tried(fit: Trajectories) -> dict[str, str] | None:
    """How the way of forecasting did on past years, written; None where there is none to try."""
    scores = fit.scores[(fit.scores["method"] == fit.best["method"]) & (fit.scores["horizon"] == 1)]
    scores = scores.set_index("target")
    if "score" not in scores.index:
        return None
    return {
        "error": wording.difference(scores.at["score", "mae"], fit.index),
        "places": wording.whole(scores.at["rank", "mae"]),
        "share": f"{wording.whole(100 * scores.at['score', 'cover_80'])}%",
        "of_rank": f"{wording.whole(100 * scores.at['rank', 'cover_80'])}%",
    }


def forecast_of(fit: Trajectories, unit: str) -> str:
    """Say what is forecast for the next year, and from what; "" where nothing is."""
    row = _next(fit, unit)
    if row is None:
        return ""
    text = (
        _(
            "{index} {year}: forecast {score} points, rank {rank} (80% interval, from figures up "
            "to {last})"
        )
        if fit.index == "PAR"
        else _(
            "{index} {year}: forecast {score}%, rank {rank} (80% interval, from figures up to "
            "{last})"
        )
    )
    return text.format(
        index=wording.INDEX[fit.index],
        year=row["year"],
        score=wording.between(row["score_80_low"], row["score_80_high"], 1),
        rank=wording.between(row["rank_80_low"], row["rank_80_high"], 0),
        last=fit.last_year,
    )


def result(
    fit: Trajectories, figures: pd.DataFrame, unit: str, cite: Citations | None = None
) -> str:
    """Say what was published of the first year ahead, set against its forecast; "" for nothing."""
    row, told = _next(fit, unit), {}
    if row is None or not units.same_list(row["year"], fit.last_year):
        return ""
    for measure in ("score", "rank"):
        figure = facts.figure(figures, unit, fit.index, int(row["year"]), measure)
        if figure is None:
            continue
        value = (
            wording.score(figure["value"], fit.index)
            if measure == "score"
            else _("rank {rank}").format(rank=wording.whole(figure["value"]))
        )
        mark = wording.DERIVED if wording.kind_of(figure) == "derived" else ""
        source = "" if cite is None else cite(figure["sources"])
        told[value + mark + source] = _against(figure["value"], row, measure)
    if not told:
        return ""
    verdicts = list(dict.fromkeys(told.values()))
    if len(verdicts) == 1:
        text = ", ".join([*told, verdicts[0]])
    else:
        text = ", ".join(f"{value} ({verdict})" for value, verdict in told.items())
    name = wording.INDEX[fit.index]
    return _("{index} {year}: {result}").format(index=name, year=row["year"], result=text)


def _against(value: float, row: pd.Series, measure: str) -> str:
    """Say on which side of its 80% interval a figure lies; a small rank is a good one."""
    low, high = row[f"{measure}_80_low"], row[f"{measure}_80_high"]
    if low <= value <= high:
        return _("within the forecast")
    better = value > high if measure == "score" else value < low
    return _("better than forecast") if better else _("worse than forecast")


def outlook(fits: dict[str, Trajectories], unit: str) -> HTML:
    """Say how far the forecasts of both indices can be trusted; nothing where there is none."""
    told, untested = [], ""
    for fit in fits.values():
        if _next(fit, unit) is None:
            continue
        if text := _untested(fit, unit):
            untested = text
        elif (tried := _tried(fit)) is not None:
            text = _(
                "{index} off by {error} and {places} places on average, 80% interval right for "
                "{share} of scores and {of_rank} of ranks"
            )
            told.append(text.format(index=wording.INDEX[fit.index], **tried))
    records = _("Tried on past years: {records}.").format(records="; ".join(told)) if told else ""
    return page.paragraphs(records, untested)
