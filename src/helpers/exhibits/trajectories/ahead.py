"""What is forecast, and what was published since."""

import contextlib

import pandas as pd
from great_tables import GT
from IPython.display import HTML

from helpers import facts, page, trajectories, units, wording
from helpers.charts import trajectories as charts
from helpers.citations import Citations
from helpers.exhibits.trajectories.words import method, share, too_little
from helpers.language import _
from helpers.tables import typeset
from helpers.trajectories import LEVELS, NotEnoughYears, Panel, Trajectories


def heading(last_year: int) -> HTML:
    """Head of the page."""
    subtitle = _(
        "PAR INDEX and SIPAS: forecasts from figures up to {year}, and how far to trust them"
    )
    return page.title(_("Where are the provinces heading?"), subtitle.format(year=last_year))


def study(figures: pd.DataFrame, last_year: int) -> dict[str, tuple[Panel, Trajectories]]:
    """Panel and stored fit of each index; an index of which too little is known is left out."""
    return {
        index: (trajectories.panel(figures, index, last_year), fit)
        for index, fit in fits(figures, last_year).items()
    }


def fits(figures: pd.DataFrame, last_year: int) -> dict[str, Trajectories]:
    """Stored fit of each index; an index of which too little is known is left out."""
    found = {}
    for index in facts.INDICES:
        with contextlib.suppress(NotEnoughYears):
            found[index] = trajectories.fitted(figures, index, last_year)
    return found


def cite_figures(figures: pd.DataFrame, found: dict, cite: Citations) -> None:
    """Put the sources of every score, rank and mean that the panels use on the page's list."""
    for index, (panel, _fit) in found.items():
        own = facts.select(figures, index=index, part="")
        own = own[own["year"].between(panel.first, panel.last)]
        scored = own["unit_type"].eq("province") & own["measure"].isin(["score", "rank"])
        means = own["unit_type"].eq("national") & own["measure"].eq("mean")
        page.cite_all(cite, own.loc[scored | means, "sources"])


def used(fit: Trajectories) -> pd.DataFrame:
    """Forecasts by the method that won."""
    return fit.forecasts[fit.forecasts["method"] == fit.best["method"]]


def forecasts_table(fit: Trajectories, year: int) -> GT | HTML:
    """Forecast of every province for one year, by expected rank."""
    table = used(fit)
    if table.empty or not (table["year"] == year).any():
        text = _(
            "{index}: no forecast for {year}; the published figures do not suffice, or the survey "
            "changed that year."
        )
        return page.paragraphs(text.format(index=wording.INDEX[fit.index], year=year))
    table = table[table["year"] == year].sort_values(["score", "unit"], ascending=[False, True])
    shown = pd.DataFrame({"unit": table["unit"], "score": table["score"], "rank": table["rank"]})
    for target in ("score", "rank"):
        for level in LEVELS:
            ends = zip(table[f"{target}_{level}_low"], table[f"{target}_{level}_high"], strict=True)
            shown[f"{target}_{level}"] = [wording.between(*pair, 0) for pair in ends]
    shown["known"] = table["years_known"]
    of_rank = _("Rank, {level}%")
    columns = {"unit": _("Province or city"), "score": _("Score")}
    columns |= {f"score_{level}": f"{level}%" for level in LEVELS}
    columns["rank"] = _("Rank")
    columns |= {f"rank_{level}": of_rank.format(level=level) for level in LEVELS}
    columns["known"] = _("Years")
    notes = [
        _(
            "Years: how many years with a score are in hand; in italics: none. Ranks have "
            "intervals of their own, since others rise and fall too: those at either end of the "
            "table tend to move towards its middle."
        ),
        _(
            "The rank is forecast for each province by itself: several may share one, and some "
            "ranks fall to none."
        ),
    ]
    if year >= units.MERGER:
        notes.append(
            _(
                "On 1 July 2025 the provinces merged into 34: a forecast for the old ones can no "
                "longer be checked one by one."
            )
        )
    title = _("Forecast of the {index} {year}, from figures up to {last}")
    return typeset(
        shown,
        columns,
        title=title.format(index=wording.INDEX[fit.index], year=year, last=fit.last_year),
        subtitle=_("Estimated; 50%, 80% and 95% intervals of the score and of the rank"),
        decimals={"score": 1, "rank": 0, "known": 0},
        right=tuple(f"{target}_{level}" for target in ("score", "rank") for level in LEVELS),
        light=shown["known"] == 0,
        notes=tuple(notes),
    )


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


def hindsight_table(fit: Trajectories, figures: pd.DataFrame) -> GT | HTML:
    """Forecasts beside what was published since, year by year."""
    told = {"index": wording.INDEX[fit.index], "year": fit.last_year}
    beside = trajectories.beside_published(fit, figures)
    if beside.empty:
        text = _("{index}: no result after {year} yet to compare with.")
        return page.paragraphs(text.format(**told))
    rows = [_year_since(year, group) for year, group in beside.groupby("year")]
    interval = _("{level}% interval")
    return typeset(
        pd.DataFrame(rows),
        {
            "year": _("Year"),
            "scored": _("With a score"),
            "mae": _("Error of the score"),
            "bias": _("True less forecast"),
            "to_mean": _("Error of the distance"),
            **{f"in_{level}": wording.capital(interval.format(level=level)) for level in LEVELS},
            "ranked": _("With a rank"),
            "rank": _("Error of the rank"),
            "rank_in_80": _("80% interval of the rank"),
        },
        title=_("{index}: forecasts from {year} and the results published since").format(**told),
        subtitle=_("Columns of intervals: provinces whose true result lies in it, %"),
        decimals={
            "scored": 0,
            "mae": 2,
            "bias": 2,
            "to_mean": 2,
            "in_50": 0,
            "in_80": 0,
            "in_95": 0,
            "ranked": 0,
            "rank": 0,
            "rank_in_80": 0,
        },
        signed=("bias",),
        notes=(
            _(
                "The national mean is the hardest part, and common to all: where it is off, all "
                "are off with it. The “error of the distance” leaves that common part out. Ranks "
                "are published of the first and the last more than of the middle."
            ),
        ),
    )


def _year_since(year: int, group: pd.DataFrame) -> dict:
    scored = group.dropna(subset="observed_score")
    ranked = group.dropna(subset="observed_rank")
    row = {"year": str(year), "scored": len(scored), "ranked": len(ranked)}
    row["mae"] = (scored["observed_score"] - scored["score"]).abs().mean()
    row["bias"] = (scored["observed_score"] - scored["score"]).mean()
    row["to_mean"] = (scored["observed_to_mean"] - scored["to_mean"]).abs().mean()
    row["rank"] = (ranked["observed_rank"] - ranked["rank"]).abs().mean()
    for level in LEVELS:
        row[f"in_{level}"] = 100 * scored[f"inside_{level}"].astype(float).mean()
    row["rank_in_80"] = 100 * ranked["rank_inside_80"].astype(float).mean()
    return row


def national_text(fit: Trajectories) -> HTML:
    """How the national mean is expected to change next year."""
    found = fit.national
    if "absent" in found:
        return too_little(fit.index)
    values = pd.Series(trajectories.equally_likely(found))
    text = _(
        "{index}: the national mean is expected to change by {change} from {year} to {next} (80% "
        "interval: {range}), from its {n} past changes."
    )
    return page.paragraphs(
        text.format(
            index=wording.INDEX[fit.index],
            change=wording.signed(found["expected"]),
            year=fit.last_year,
            next=fit.last_year + 1,
            range=wording.to(
                wording.signed(values.quantile(0.1)), wording.signed(values.quantile(0.9))
            ),
            n=found["changes"],
        )
    )
