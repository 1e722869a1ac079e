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
    fit: Trajectories, figures: pd.DataFrame, unit: str, ahead: int | None = None
) -> HTML:
    """One province's scores, the fan of its forecasts, and what was published since.

    With `ahead`, only so many years after the last one are drawn.
    """
    last = fit.last_year + ahead if ahead else float("inf")
    history = fit.history[fit.history["unit"] == unit]
    table = used(fit)
    forecast = table[(table["unit"] == unit) & (table["year"] <= last)]
    if forecast.empty and history.empty:
        return page.paragraphs(province_sentences(fit, unit)[0])
    later = trajectories.beside_published(fit, figures)
    later = later[(later["unit"] == unit) & (later["year"] <= last)]
    later = later.dropna(subset="observed_score")
    later = later[["year", "observed_score"]].rename(columns={"observed_score": "score"})
    regime = fit.means[fit.means["regime"] == fit.means["regime"].max()]
    # The model fills in years without a published mean; only published ones are drawn.
    shown = sorted(year for year in regime["year"] if year <= last)
    mean = facts.national(figures, fit.index)["mean"].reindex(shown).dropna()
    subtitle = (
        _("{index}, points; forecast from figures up to {year} by “{method}”")
        if fit.index == "PAR"
        else _("{index}, %; forecast from figures up to {year} by “{method}”")
    )
    told = {"index": wording.INDEX[fit.index], "year": fit.last_year}
    finding = province_sentences(fit, unit)[0].rstrip(".")
    return page.chart(
        charts.fan(history, forecast, later, mean),
        finding,
        subtitle.format(method=method(fit.best["method"]), **told),
        " ".join([f"{finding}.", *_fan_alt(fit, unit, history, later)]),
        estimates=True,
    )


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


def outlook(
    fits: dict[str, Trajectories], figures: pd.DataFrame, unit: str, cite: Citations
) -> HTML:
    """Say of each index what is forecast for the next year, what came of it, and how far to trust.

    A paragraph per index, below one on how the forecasts are made where there is one. What both
    indices have in common is told once.
    """
    told, lead, both = [], "", []
    for fit in fits.values():
        first, second = province_sentences(fit, unit)
        outcome = ""
        if second:
            outcome = _outcome(fit, figures, unit, cite)
            lead = _(
                "The forecast of the next year rests on figures up to the year of this report, and "
                "is made in the way that did best when tried on years whose results are known (see "
                "the report “Where are the provinces heading?”). It is estimated."
            )
        if fit.history[fit.history["unit"] == unit].empty:
            both.append(second)
            second = ""
        told.append(" ".join(filter(None, [first, outcome, second])))
    return page.paragraphs(lead, *told, *dict.fromkeys(both))


def _outcome(fit: Trajectories, figures: pd.DataFrame, unit: str, cite: Citations) -> str:
    """Say what was found of the year after the last, and whether the forecast held it."""
    year = fit.last_year + 1
    table = used(fit)
    rows = table[(table["unit"] == unit) & (table["year"] == year)]
    if rows.empty or not units.same_list(year, fit.last_year):
        return ""
    row, own, held, sources = rows.iloc[0], [], [], []
    for measure in ("score", "rank"):
        figure = facts.figure(figures, unit, fit.index, year, measure)
        if figure is None:
            continue
        inside = row[f"{measure}_80_low"] <= figure["value"] <= row[f"{measure}_80_high"]
        value = (
            wording.score(figure["value"], fit.index)
            if measure == "score"
            else _("rank {rank}").format(rank=wording.whole(figure["value"]))
        )
        derived = f" ({wording.kind('derived')})" if wording.kind_of(figure) == "derived" else ""
        own.append(value + derived)
        held.append(_("in the interval") if inside else _("outside the interval"))
        sources.append(figure["sources"])
    if not own:
        text = _("The result of {year} has not been found in the sources searched.")
        return text.format(year=year)
    if len(set(held)) == 1:
        told = f"{', '.join(own)} ({held[0]})"
    else:
        told = ", ".join(f"{value} ({where})" for value, where in zip(own, held, strict=True))
    text = _("The result of {year} found since: {result}.")
    return text.format(year=year, result=told) + cite(facts.join_sources(*sources))
