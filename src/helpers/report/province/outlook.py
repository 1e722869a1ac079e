"""What is forecast of one province, and what was published since, in words."""

import contextlib

import pandas as pd
from IPython.display import HTML

from helpers import facts, page, trajectories, units, wording
from helpers.citations import Citations
from helpers.language import N_, _
from helpers.trajectories import NotEnoughYears, Trajectories
from helpers.trajectories.panel import YEAR, known_until

METHOD = {
    "same_rank": N_("same rank"),
    "last_score": N_("same distance from the mean"),
    "mixed": N_("mixed model"),
    "average": N_("average of two forecasts (same rank, mixed model)"),
}
ABOUT = "≈\N{NO-BREAK SPACE}"  # before an estimate


def fits(figures: pd.DataFrame, last_year: int) -> dict[str, Trajectories]:
    """Stored fit of each index; an index of which too little is known is left out."""
    found = {}
    for index in facts.INDICES:
        with contextlib.suppress(NotEnoughYears):
            found[index] = trajectories.fitted(figures, index, last_year)
    return found


def used(fit: Trajectories) -> pd.DataFrame:
    """Forecasts by the method that won, but none of a unit that the merger made part of another."""
    rows = fit.forecasts[fit.forecasts["method"] == fit.best["method"]]
    pairs = zip(rows["unit"], rows["year"], strict=True)
    there = [units.same(unit, fit.last_year, year) is not None for unit, year in pairs]
    return rows[pd.Series(there, rows.index, dtype=bool)]


def titles(fit: Trajectories, figures: pd.DataFrame, unit: str) -> tuple[str, str]:
    """Title and unit of a province's fan: what was published of the first year ahead, the forecast.

    The result is the title where there is one, and the forecast stands below.
    """
    known, ahead = result(fit, figures, unit), forecast_of(fit, unit)
    axis = wording.score_axis(fit.index)
    if not known and not ahead:
        return _not_forecast(fit, unit), axis
    way = METHOD[fit.best["method"]]
    axis = _("{axis}; way of forecasting: {method}").format(axis=axis, method=_(way))
    return f"{wording.unit_name(unit)}, {known or ahead}", f"{ahead}. {axis}" if known else axis


def _not_forecast(fit: Trajectories, unit: str) -> str:
    """Say why nothing is forecast of the first year ahead."""
    year = fit.last_year + 1
    text = _("{index}: no forecast of {unit} for {year}: the published figures do not suffice")
    if (fit.index, year) == ("SIPAS", facts.NEW_SURVEY):
        text = _("{index}: no forecast of {unit} for {year}: its survey changed that year")
    elif units.same(unit, fit.last_year, year) is None:
        text = _(
            "{index}: no forecast of {unit} for {year}: since 1 July 2025 it is part of a new unit"
        )
    return text.format(index=wording.INDEX[fit.index], unit=wording.unit_name(unit), year=year)


def _next(fit: Trajectories, unit: str) -> pd.Series | None:
    """Give the forecast of the first year ahead; None where there is none."""
    rows = used(fit)
    rows = rows[rows["unit"] == unit].sort_values("year")
    return None if rows.empty else rows.iloc[0]


def left_out(fit: Trajectories, figures: pd.DataFrame, unit: str) -> pd.DataFrame:
    """Scores of a province's years that are derived from a later year, which no forecast uses.

    Returns
    -------
    DataFrame
        Rows of `figures`, with ``later``: the year from whose result each is derived.
    """
    own = facts.select(figures, unit=unit, index=fit.index, measure="score", part="")
    first, last = trajectories.regime(fit.index, fit.last_year)[0], fit.last_year
    own = own[own["year"].between(first, last)]
    own = own.drop(index=known_until(own, last).index).sort_values("year")
    return own.assign(later=[max(map(int, YEAR.findall(how))) for how in own["derivation"]])


def _left_out(fit: Trajectories, figures: pd.DataFrame, unit: str) -> list[str]:
    text = _(
        "The {index} score of {unit} for {year} ({score}) is derived from the result of {later}, "
        "so the forecast, which uses nothing of later years, leaves it out."
    )
    return [
        text.format(
            index=wording.INDEX[fit.index],
            unit=wording.unit_name(unit),
            year=row["year"],
            score=wording.score(row["value"], fit.index),
            later=row["later"],
        )
        for _key, row in left_out(fit, figures, unit).iterrows()
    ]


def _untested(fits: list[Trajectories], figures: pd.DataFrame, unit: str) -> str:
    """Say of which indices no score of a province was there to forecast from; "" for none."""
    if not fits:
        return ""
    series = []
    for fit in fits:
        first = trajectories.regime(fit.index, fit.last_year)[0]
        years = "–".join(dict.fromkeys(map(str, (first, fit.last_year))))
        series.append(f"{wording.INDEX[fit.index]} ({years})")
    text = _(
        "No score of {unit} in {series} has been found: the forecast starts from an estimated "
        "score, and how well it does for such provinces has not been tested by itself."
    )
    if any(len(left_out(fit, figures, unit)) for fit in fits):
        text = _(
            "Apart from that, no score of {unit} in {series} has been found: the forecast starts "
            "from an estimated score, and how well it does for such provinces has not been tested "
            "by itself."
        )
    return text.format(series=wording.names(series), unit=wording.unit_name(unit))


def tried_on(fit: Trajectories) -> str:
    """Write the years whose results the ways of forecasting were tried on."""
    years = fit.best["years"]
    if len(years) == 1:
        return _("{year} alone").format(year=years[0])
    if years == [*range(years[0], years[-1] + 1)]:
        return f"{years[0]}–{years[-1]}"
    return wording.names([str(year) for year in years])


def _tried(fit: Trajectories) -> str:
    """Say how the way of forecasting did on past years; "" where there is none."""
    scores = fit.scores[(fit.scores["method"] == fit.best["method"]) & (fit.scores["horizon"] == 1)]
    scores = scores.set_index("target")
    if "score" not in scores.index:
        return ""
    return _(
        "{index} ({years}) off by {error} and {places} places on average, 80% interval "
        "held {scores} scores and {ranks} ranks"
    ).format(
        index=wording.INDEX[fit.index],
        years=tried_on(fit),
        error=wording.difference(scores.at["score", "mae"], fit.index),
        places=wording.whole(scores.at["rank", "mae"]),
        scores=_held(scores.loc["score"]),
        ranks=_held(scores.loc["rank"]),
    )


def _held(row: pd.Series) -> str:
    """Write in how many cases of all the 80% interval held what came."""
    return f"{wording.whole(row['cover_80'] * row['cases'])}/{wording.whole(row['cases'])}"


def forecast_of(fit: Trajectories, unit: str) -> str:
    """Say what is forecast for the next year, and from what; "" where nothing is.

    No rank where the units of that year are others than those the forecast ranks.
    """
    row = _next(fit, unit)
    if row is None:
        return ""
    score = _("{value} points") if fit.index == "PAR" else "{value}%"
    ends = wording.between(row["score_80_low"], row["score_80_high"], 1)
    text = _(
        "{index} {year}: forecast {score}, rank {rank} (80% interval, from figures up to {last})"
    )
    if not units.same_list(row["year"], fit.last_year):
        text = _(
            "{index} {year}: forecast {score} (80% interval, from figures up to {last}; no rank, "
            "since there are {n} units from {year} on)"
        )
    return text.format(
        index=wording.INDEX[fit.index],
        year=row["year"],
        score=score.format(value=ends),
        rank=wording.between(row["rank_80_low"], row["rank_80_high"], 0),
        last=fit.last_year,
        n=units.count(row["year"]),
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
        source = "" if cite is None else cite(figure["sources"])
        told[value + wording.star(figure) + source] = _against(figure["value"], row, measure)
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


def outlook(fits: dict[str, Trajectories], figures: pd.DataFrame, unit: str) -> HTML:
    """Say what the forecasts of both indices leave out, and how far they can be trusted.

    Where there is no forecast, why; nothing where the title of a chart of its years says so.
    """
    told, unused, untested, without = [], [], [], []
    for fit in fits.values():
        if _next(fit, unit) is None:
            if (fit.history["unit"] == unit).sum() < 2:
                without.append(_not_forecast(fit, unit) + ".")
            continue
        unused += _left_out(fit, figures, unit)
        if fit.history[fit.history["unit"] == unit].empty:
            untested.append(fit)
        elif tried := _tried(fit):
            told.append(tried)
    records = (
        _("Tried on published results: {records}.").format(records="; ".join(told)) if told else ""
    )
    untried = _untested(untested, figures, unit)
    return page.paragraphs(" ".join(without), " ".join(unused), untried, records)
