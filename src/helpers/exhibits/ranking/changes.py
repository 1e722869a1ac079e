"""Was it a change? Every known change of a SIPAS rank, and where the ranks may be next year."""

import pandas as pd
from great_tables import GT
from IPython.display import HTML

from helpers import charts, completion, facts, page, ranking, trajectories, units, wording
from helpers.citations import Citations
from helpers.completion import CompletedTables
from helpers.exhibits.ranking.survey import (
    COVERAGE,
    assumed,
    known_changes,
    known_ranks,
    no_change_known,
    no_error,
    rank_sets,
    respondents,
    survey_errors,
    year_before,
)
from helpers.exhibits.ranking.words import percent
from helpers.language import _
from helpers.ranking.survey import DESIGN_EFFECT
from helpers.tables import typeset
from helpers.trajectories import Trajectories

FIRST = 2018  # the first year that can be compared with the one before


def known_changes_table(
    figures: pd.DataFrame, year: int, tables: dict[str, CompletedTables], cite: Citations
) -> GT | HTML:
    """Every known change of a SIPAS rank, from the largest climb to the largest fall.

    Each with the probability that the score and the rank truly rose, given the error of both
    surveys.
    """
    found, why_not = _changes(figures, year, tables)
    if why_not:
        return page.paragraphs(why_not)
    before, table, people = found
    moves = pd.DataFrame(
        {unit: facts.change(figures, unit, "SIPAS", year, "rank") for unit in table.index}
    ).T
    table = table.assign(places=moves["value"].astype(float), kind=moves["kind"])
    table = table.sort_values("places", ascending=False, kind="stable").reset_index(names="unit")
    table["kind"] = table["kind"].map(wording.kind)
    for name in ("score_rose", "rank_rose"):
        table[name] = table[name].map(percent)
    table["range"] = [
        wording.to(wording.signed(low, 0), wording.signed(high, 0))
        for low, high in zip(table["rank_change_low"], table["rank_change_high"], strict=True)
    ]
    table["cited"] = [cite(moves.at[unit, "sources"]) for unit in table["unit"]]
    sure = int(table["rank_beyond_noise"].sum())
    title = _("Known changes of SIPAS rank from {before} to {year} beyond the error: {n} of {of}")
    asked = {year: people.iloc[0], year - 1: before.iloc[0]}
    return typeset(
        table,
        {
            "unit": _("Province or city"),
            "places": _("Places"),
            "kind": _("Kind of figure"),
            "rank_rose": _("Probability that the rank truly rose"),
            "score_rose": _("Probability that the score truly rose"),
            "range": _("95% interval of the places"),
            "cited": _("Sources"),
        },
        title=title.format(n=sure, of=len(table), before=year - 1, year=year),
        subtitle=_(
            "Places gained (a minus: lost); probabilities and intervals are estimated, design "
            "effect {effect}"
        ).format(effect=wording.number(DESIGN_EFFECT, 1)),
        decimals={"places": 0},
        signed=("places",),
        right=("rank_rose", "score_rose", "range"),
        raw=("cited",),
        notes=(
            _(
                "Where a score is not published, its estimate is wide, and so is the interval; the "
                "middle of an interval need not be the change announced."
            ),
            assumed(asked, len(people), cite),
        ),
        highlight=table["rank_beyond_noise"],
    )


def _changes(figures: pd.DataFrame, year: int, tables: dict):
    """Probabilities of the provinces whose change of rank is known, and why there are none."""
    why_not = no_error(figures, None, year, tables)
    before, reason = (None, why_not) if why_not else year_before(figures, year)
    if before is None:
        return None, reason
    drawn, people = tables["SIPAS"], ranking.respondents_per_province(figures, year)
    chosen = known_changes(figures, drawn, "rank")
    if not chosen:
        return None, no_change_known(year)
    found = ranking.probability_of_change(
        before[0].scores,
        drawn.scores,
        before[1][DESIGN_EFFECT],
        survey_errors(drawn, people)[DESIGN_EFFECT],
        COVERAGE,
    )
    return (before[2], found.loc[chosen], people), ""


def pairs_table(figures: pd.DataFrame, last_year: int) -> GT | HTML:
    """How many known changes of rank are beyond noise, for every pair of years up to one."""
    rows = []
    for year in range(FIRST, last_year + 1):
        found, why_not = _changes(figures, year, _survey(figures, year))
        row = {"pair": f"{year - 1}–{year}", "why": why_not}
        if not why_not:
            changes = found[1]
            moved = ranking.change_summary(changes, COVERAGE).loc["rank"]
            beyond = moved[["up_beyond_noise", "down_beyond_noise"]].sum()
            row |= {"known": len(changes), "beyond": beyond, "by_luck": moved["by_luck"]}
        rows.append(row)
    columns = ["pair", "known", "beyond", "by_luck", "why"]
    return typeset(
        pd.DataFrame(rows, columns=columns),
        {
            "pair": _("Two years"),
            "known": _("Known changes of rank"),
            "beyond": _("Beyond the error"),
            "by_luck": _("At most by chance"),
            "why": _("Why not"),
        },
        title=_("SIPAS: changes of rank beyond the error of the survey, by pair of years"),
        subtitle=_("Provinces; estimated, design effect {effect}").format(
            effect=wording.number(DESIGN_EFFECT, 1)
        ),
        decimals={"known": 0, "beyond": 0, "by_luck": 1},
        notes=(
            _(
                "At most by chance: how many of the known changes would be beyond the error on "
                "average if nothing had changed."
            ),
        ),
    )


def _survey(figures: pd.DataFrame, year: int) -> dict[str, CompletedTables]:
    """Completed tables of a year; nothing where its error could not be told anyway."""
    if respondents(figures, year) is None:
        return {}  # the reason is told without the tables
    try:
        return {"SIPAS": completion.complete(figures, "SIPAS", year)}
    except completion.NotEnoughKnown:
        return {}


def sets_and_forecast(
    figures: pd.DataFrame,
    year: int,
    tables: dict[str, CompletedTables],
    fit: Trajectories | None,
    highlight: str,
    cite: Citations,
) -> HTML:
    """Ranks that this year's survey leaves possible, beside those forecast for the next year."""
    why_not = no_error(figures, None, year, tables)
    if why_not:
        return page.paragraphs(why_not)
    drawn = tables["SIPAS"]
    errors = survey_errors(drawn, ranking.respondents_per_province(figures, year))[DESIGN_EFFECT]
    scores = facts.scores(figures, "SIPAS", year)
    page.cite_all(cite, scores["score_sources"], scores["rank_sources"])
    known, of = list(scores.index), len(drawn.status)
    now = rank_sets(drawn, errors, known)
    ahead = _forecast(fit, figures, year + 1, known)
    if ahead is None:
        text = _("There is no forecast of SIPAS {year}, so nothing to put beside the ranks.")
        return page.paragraphs(text.format(year=year + 1))
    page.cite_all(cite, facts.scores(figures, "SIPAS", year + 1)["rank_sources"].dropna())
    first, second = (
        _("{year}: 95% confidence interval").format(year=year),
        _("{year}: 80% interval of the forecast").format(year=year + 1),
    )
    later = ahead["observed"].dropna()
    ax = charts.rank_sets(
        known_ranks(drawn, known), {first: now, second: ahead}, of, highlight=highlight, later=later
    )
    spans = [float((made["upper"] - made["lower"] + 1).median()) for made in (now, ahead)]
    told = {
        "year": year,
        "next": year + 1,
        "now": wording.whole(spans[0]),
        "ahead": wording.whole(spans[1]),
        "of": of,
        "n": len(known),
        "known": len(later),
        "inside": int(
            later.between(*ahead.loc[later.index, ["lower", "upper"]].to_numpy().T).sum()
        ),
    }
    finding = _(
        "The {year} figures typically leave {now} of {of} ranks open; the rank to be "
        "announced for {next} is forecast to a range of {ahead}"
    )
    subtitle = _(
        "Rank of {n} provinces with a published score or rank; thick: ranks of {year} "
        "that cannot be ruled out; thin: forecast for {next}; diamonds: ranks "
        "published since (in the interval: {inside} of {known})"
    )
    alt = _(
        "{n} provinces by SIPAS {year} rank. For each a thick bar over the ranks that "
        "cannot be ruled out, typically {now} of {of}, and a thin bar over the ranks "
        "forecast for {next}, typically {ahead}. Of {known} ranks published since, "
        "{inside} lie in the forecast interval."
    )
    chart = page.chart(ax, finding.format(**told), subtitle.format(**told), alt.format(**told))
    note = _(
        "The two answer different questions, so a forecast may be the narrower one. "
        "The confidence interval holds the true rank of {year} with 95% confidence, "
        "given the survey of that year and estimates of the scores not published. The "
        "forecast is of the rank that will be announced, with 80% probability, and "
        "learns from the ranks announced before."
    )
    return page.stack(chart, page.paragraphs(note.format(**told)))


def _forecast(fit: Trajectories | None, figures: pd.DataFrame, year: int, known: list[str]):
    """Ranks forecast by the best method, 80%: ``lower, upper, observed``; None without any."""
    if fit is None or not units.same_list(year, fit.last_year):
        return None
    table = fit.forecasts[fit.forecasts["method"] == fit.best["method"]]
    table = table[(table["year"] == year) & table["unit"].isin(known)].set_index("unit")
    if table.empty:
        return None
    beside = trajectories.beside_published(fit, figures)
    observed = beside[beside["year"] == year].set_index("unit")["observed_rank"]
    ends = table[["rank_80_low", "rank_80_high"]].set_axis(["lower", "upper"], axis=1)
    return ends.assign(observed=observed)
