"""What is forecast, and what was published since."""

import contextlib

import pandas as pd
from IPython.display import HTML

from helpers import facts, page, trajectories, units, wording
from helpers.charts import trajectories as charts
from helpers.citations import Citations
from helpers.exhibits.trajectories.words import method, share
from helpers.language import _
from helpers.trajectories import NotEnoughYears, Trajectories


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


def fan_chart(
    fit: Trajectories,
    figures: pd.DataFrame,
    unit: str,
    ahead: int | None = None,
    cite: Citations | None = None,
) -> HTML:
    """One province's scores, the fan of its forecasts, and what was published since.

    With `ahead`, only so many years after the last one are drawn. What was published of the first
    year ahead is its title, and the forecast stands below.
    """
    last = fit.last_year + ahead if ahead else float("inf")
    history = fit.history[fit.history["unit"] == unit]
    table = used(fit)
    forecast = table[(table["unit"] == unit) & (table["year"] <= last)]
    if forecast.empty and len(history) < 2:
        return page.paragraphs()
    later = trajectories.beside_published(fit, figures)
    later = later[(later["unit"] == unit) & (later["year"] <= last)]
    later = later.dropna(subset="observed_score")
    later = later[["year", "observed_score"]].rename(columns={"observed_score": "score"})
    regime = fit.means[fit.means["regime"] == fit.means["regime"].max()]
    # The model fills in years without a published mean; only published ones are drawn.
    shown = sorted(year for year in regime["year"] if year <= last)
    mean = facts.national(figures, fit.index)["mean"].reindex(shown).dropna()
    known = result(fit, figures, unit)
    finding = known or forecast_of(fit, unit)
    if finding:
        finding = f"{wording.unit_name(unit)}, {finding}"
    else:
        finding = province_sentences(fit, unit)[0].rstrip(".")
    unit_of = _("{axis}; way of forecasting: {method}").format(
        axis=wording.score_axis(fit.index), method=method(fit.best["method"])
    )
    if known:
        unit_of = f"{forecast_of(fit, unit)}. {unit_of}"
    return page.chart(
        charts.fan(history, forecast, later, mean),
        finding,
        unit_of,
        " ".join([f"{finding}. {unit_of}.", *_fan_alt(fit, unit, history, later)]),
        estimates=True,
        marks=cite(_sources(fit, figures, unit, [*history["year"], *later["year"]]))
        if cite
        else "",
    )


def _sources(fit: Trajectories, figures: pd.DataFrame, unit: str, years: list[int]) -> pd.Series:
    """Sources of the scores and ranks of some years, and of the national means."""
    rows = facts.select(figures, index=fit.index, part="")
    own = (
        (rows["unit"] == unit) & rows["measure"].isin(["score", "rank"]) & rows["year"].isin(years)
    )
    mean = (rows["unit"] == facts.NATION) & (rows["measure"] == "mean")
    return rows.loc[own | (mean & rows["year"].isin(fit.means["year"])), "sources"]


def _fan_alt(fit: Trajectories, unit: str, history, later) -> list[str]:
    """Sentences on the past scores and on those published since."""
    told = []
    if len(history):
        past = history.sort_values("year")
        first, last = past.iloc[0], past.iloc[-1]
        text = _("One score in hand, {last} in {last_year}.")
        if len(past) > 1:
            text = _(
                "Scores in hand, published or estimated: {n}, from {first} in {first_year} to "
                "{last} in {last_year}."
            )
        told.append(
            text.format(
                n=len(past),
                first=wording.number(first["score"]),
                first_year=first["year"],
                last=wording.number(last["score"]),
                last_year=last["year"],
            )
        )
    if len(later):
        pairs = [f"{wording.number(row.score)} ({row.year})" for row in later.itertuples()]
        told.append(_("Published since: {scores}.").format(scores=wording.names(pairs)))
    return told


def province_sentences(fit: Trajectories, unit: str) -> tuple[str, str]:
    """Two sentences on where a province heads: the forecast, and how far to trust it.

    The first says that nothing can be forecast where that is so; the second is then empty.
    """
    told = {
        "index": wording.INDEX[fit.index],
        "unit": wording.unit_name(unit),
        "last": fit.last_year,
    }
    table = used(fit)
    own = table[table["unit"] == unit]
    if own.empty:
        text = _(
            "The {index} of {unit} cannot be forecast beyond {last}: the next year is another "
            "survey, or the published figures do not suffice."
        )
        return text.format(**told), ""
    row = own.sort_values("year").iloc[0]
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
    if fit.history[fit.history["unit"] == unit].empty:
        text = _(
            "No score of {unit} up to {last} has been found: the forecast starts from an estimate, "
            "and how well it does for such provinces has not been tested by itself."
        )
        return first, text.format(**told)
    scores = fit.scores[(fit.scores["method"] == row["method"]) & (fit.scores["horizon"] == 1)]
    scores = scores.set_index("target")
    if "score" not in scores.index:
        return first, _("There is no past year yet to try this forecast on.")
    second = _(
        "Tried on past years, for provinces with published results, this way of "
        "forecasting is off by {error} and {places} places on average; its 80% "
        "intervals hold the true score {share} of the time and the true rank {of_rank}."
    ).format(
        error=wording.difference(scores.at["score", "mae"], fit.index),
        places=wording.whole(scores.at["rank", "mae"]),
        share=share(scores.at["score", "cover_80"]),
        of_rank=share(scores.at["rank", "cover_80"]),
    )
    return first, second


def _next(fit: Trajectories, unit: str) -> pd.Series | None:
    """Give the forecast of the first year ahead; None where there is none."""
    rows = used(fit)
    rows = rows[rows["unit"] == unit].sort_values("year")
    return None if rows.empty else rows.iloc[0]


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
        if fit.history[fit.history["unit"] == unit].empty:
            untested = province_sentences(fit, unit)[1]
        else:
            told.append(_record(fit))
    told = [text for text in told if text]
    if told:
        text = _("Tried on past years: {records}.")
        return page.paragraphs(text.format(records="; ".join(told)), untested)
    return page.paragraphs(untested)


def _record(fit: Trajectories) -> str:
    """Say how the way of forecasting did on past years; "" where there is none to try it on."""
    scores = fit.scores[(fit.scores["method"] == fit.best["method"]) & (fit.scores["horizon"] == 1)]
    scores = scores.set_index("target")
    if "score" not in scores.index:
        return ""
    return _(
        "{index} off by {error} and {places} places on average, 80% interval right for {share} of "
        "scores and {of_rank} of ranks"
    ).format(
        index=wording.INDEX[fit.index],
        error=wording.difference(scores.at["score", "mae"], fit.index),
        places=wording.whole(scores.at["rank", "mae"]),
        share=share(scores.at["score", "cover_80"]),
        of_rank=share(scores.at["rank", "cover_80"]),
    )
