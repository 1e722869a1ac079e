"""How sure the rank of one province is, and whether it moved."""

import pandas as pd
from great_tables import GT
from IPython.display import HTML

from helpers import facts, page, ranking, wording
from helpers.citations import Citations
from helpers.completion import CompletedTables
from helpers.exhibits.ranking.survey import (
    Survey,
    assumed,
    guesses,
    no_error,
    rank_sets,
    respondents,
    survey,
    year_before,
)
from helpers.exhibits.ranking.words import percent, percents, ranks_text, short
from helpers.language import _
from helpers.ranking.survey import DESIGN_EFFECT
from helpers.tables import typeset


def rank_error(
    figures: pd.DataFrame,
    unit: str,
    year: int,
    tables: dict[str, CompletedTables],
    cite: Citations,
) -> tuple[HTML, HTML]:
    """How sure a province's rank in SIPAS is, and whether it moved; then the same of PAR INDEX.

    Returns
    -------
    tuple of two HTML
        The sentences to print, and what they rest on.
    """
    par_told, par_rests_on = par_error(figures, unit, year, tables)
    # Of what is not known itself nobody asks for the error.
    if unit not in facts.scores(figures, "PAR", year).index:
        par_rests_on = ""
    why_not = no_error(figures, unit, year, tables)
    if why_not:
        known = unit in facts.scores(figures, "SIPAS", year).index
        return page.paragraphs(why_not if known else "", par_told), page.paragraphs(par_rests_on)
    now = survey(figures, tables["SIPAS"], ranking.respondents_per_province(figures, year))
    rows = pd.concat([now.sets(effect, [unit]) for effect in now.effects])
    rows.index = pd.Index(now.effects, name="effect")
    change = facts.change(figures, unit, "SIPAS", year, "rank")
    before, reason = year_before(figures, year)
    if before is not None and change is None and guesses(before.drawn, unit):
        before = None  # nothing of the year before is known: a probability would be made of air
    if before is not None:
        rows = rows.join(_probabilities(before, now, unit))
    rank = facts.figure(figures, unit, "SIPAS", year, "rank")
    row = rows.loc[now.main].astype(object)
    row["first"] = rank is not None and rank["value"] == 1
    if before is not None:
        for name in ("rank_rose", "rank_fell"):
            row[name] = tuple(rows.loc[[now.half, now.main], name])
    told = headline(wording.place_of(unit, year), year, change, row, cite)
    if reason and change is not None:
        told = f"{told} {reason}"
    lead = _(
        "SIPAS is the result of a survey, so scores and ranks have a sampling error, here "
        "<b>estimated</b> from the number of respondents, under the assumptions given below the "
        "table."
    )
    return (
        page.paragraphs(told, par_told),
        page.stack(
            page.paragraphs(lead, _guessed(now, before, unit)),
            _error_table(rows, unit, now, assumed(now, before, unit, cite)),
            page.paragraphs(par_rests_on),
        ),
    )


def _guessed(now: Survey, before: Survey | None, unit: str) -> str:
    """Say in which of the two years the province's own score is an estimate."""
    made = [one.drawn for one in (before, now) if one is not None]
    years = [str(tables.year) for tables in made if guesses(tables, unit)]
    if not years:
        return ""
    return _(
        "The SIPAS score of {unit} for {years} is an estimate, whose width is added to the error."
    ).format(unit=wording.unit_name(unit), years=wording.names(years))


def _probabilities(before: Survey, now: Survey, unit: str) -> pd.DataFrame:
    """Probabilities of a change for one province, by design effect; none where it is ruled out."""
    rows = {
        effect: now.moved(before, effect).loc[
            unit, ["score_rose", "rank_rose", "rank_fell", "rank_beyond_noise"]
        ]
        for effect in now.effects
        if effect <= now.allowed
    }
    return pd.DataFrame.from_dict(rows, orient="index")


def headline(place: str, year: int, change: dict | None, row: pd.Series, cite: Citations) -> str:
    """Say how a province's rank changed, how probable that is, and which ranks are possible.

    Parameters
    ----------
    place : str
        As given by `wording.place`.
    change : dict or None
        As given by `helpers.facts.change` for the rank.
    row : Series
        ``lower, upper, likely_low, likely_high`` and, where the year before can be compared,
        ``rank_rose, rank_fell`` (each a tuple, by what is assumed of the error) and
        ``rank_beyond_noise``; and, where the province is first, ``first``.
    """
    ranks = _ranks_told(year, row)
    if change is None:
        text = _(
            "How many SIPAS places {place} gained or lost on {before} has not been found published."
        )
        return f"{text.format(place=place, before=year - 1)} {ranks}"
    moved = _moved(place, year, change, cite)
    if "rank_rose" not in row:
        return f"{moved}. {ranks}"
    rose, fell = percents(*row["rank_rose"]), percents(*row["rank_fell"])
    told = {"moved": moved, "rose": rose, "fell": fell}
    places = change["value"]
    if places == 0 and row.get("first", False):
        text = _("{place} came first in SIPAS two years in a row{cited}.").format(
            place=wording.capital(place), cited=cite(change["sources"])
        )
        return f"{text} {ranks}"
    if places == 0:
        text = _(
            "{moved}; given the error of the survey, the probability that the rank truly rose is "
            "{rose}, that it truly fell {fell}"
        )
    elif places > 0:
        text = _(
            "{moved}; given the error of the survey, the probability that the rank truly rose is "
            "{rose}"
        )
    else:
        text = _(
            "{moved}; given the error of the survey, the probability that the rank truly fell is "
            "{fell}"
        )
    depends = _(", depending on whether that error is as large as estimated or half of it.")
    if row["rank_beyond_noise"]:
        sure = _("This change is beyond the error.")
    elif places:
        sure = _("So it is not certain that the rank truly changed.")
    else:
        sure = _("So it is not certain that the rank truly stayed where it was.")
    return f"{text.format(**told)}{depends} {sure} {ranks}"


def _ranks_told(year: int, row: pd.Series) -> str:
    """Two statements on the rank, side by side, each with what it promises."""
    return _(
        "SIPAS ranks of {year} that cannot be ruled out: {ranks} (95% confidence set: whatever "
        "province is looked at, it holds the true rank in at least 95% of cases); probable ranks: "
        "{likely} (90% interval: over all provinces, it holds 90% of the true ranks). Both count "
        "the error of the survey and that of scores which are estimates."
    ).format(
        year=year, ranks=ranks_text(row), likely=ranks_text(row, ("likely_low", "likely_high"))
    )


def _moved(place: str, year: int, change: dict, cite: Citations) -> str:
    places = change["value"]
    text = (
        _("{place} went {change} in SIPAS on {before}")
        if places
        else _("{place} kept its SIPAS rank of {before}")
    )
    told = text.format(
        place=wording.capital(place), change=wording.rank_change(places), before=year - 1
    )
    derived = f" ({wording.kind('derived')})" if change["kind"] == "derived" else ""
    return f"{told}{derived}{cite(change['sources'])}"


def _error_table(rows: pd.DataFrame, unit: str, now: Survey, note: str) -> GT:
    shown, year = rows.reset_index(), now.drawn.year
    shown["effect_text"] = shown["effect"].map(wording.number)
    shown["ranks"] = [ranks_text(row) for _row, row in shown.iterrows()]
    ends = ("likely_low", "likely_high")
    shown["likely"] = [ranks_text(row, ends) for _row, row in shown.iterrows()]
    columns = {
        "effect_text": _("Design effect"),
        "standard_error": _("Standard error"),
        "ranks": _("95% confidence interval of the rank"),
        "likely": _("Probable rank (90%)"),
    }
    if "rank_rose" in shown:
        columns |= {
            "score_rose": _("Probability that the score truly rose"),
            "rank_rose": _("Probability that the rank truly rose"),
            "rank_fell": _("Probability that the rank truly fell"),
        }
        for name in ("score_rose", "rank_rose", "rank_fell"):
            shown[name] = shown[name].map(percent, na_action="ignore").fillna("–")
    return typeset(
        shown,
        columns,
        title=_("The SIPAS {year} rank of {unit} with the error of the survey").format(
            year=year, unit=wording.unit_name(unit)
        ),
        subtitle=_("Estimated; the standard error of SIPAS is in percentage points"),
        decimals={"standard_error": 2},
        right=tuple(columns)[2:],
        notes=(
            note,
            _(
                "Confidence interval of the rank: every rank that cannot be ruled out, pairs "
                "of provinces being compared one by one."
            ),
            _(
                "Probable rank: with scores of all provinces taken as normal around the national "
                "mean, 90% of true ranks lie in these intervals, over all provinces (empirical "
                "Bayes); of the single province less is promised."
            ),
        ),
        highlight=shown["effect"] == now.main,
    )


def par_error(
    figures: pd.DataFrame, unit: str, year: int, tables: dict[str, CompletedTables]
) -> tuple[str, str]:
    """Say what the known sampling error does to the PAR INDEX rank, and what has such an error.

    The first text is "" where that cannot be computed.
    """
    try:
        surveyed = ranking.surveyed_parts(facts.schemes(), year)
    except ranking.RankingError:
        return "", _(
            "PAR INDEX: the ministry's appraisal has no sampling error, but the surveyed parts "
            "have one. Their maximum points for {year} have not been found, so it "
            "cannot be computed."
        ).format(year=year)
    told = _(
        "PAR INDEX: the ministry's appraisal has no sampling error, but the surveyed part "
        "({surveyed} of 100 points in {year}) has one. How many leaders and managers were asked "
        "(a part of {managers} points) is not known, so only the error of SIPAS "
        "turned into points (at most {satisfaction} points) can be computed."
    ).format(
        surveyed=short(surveyed.sum()),
        year=year,
        managers=short(surveyed["managers_survey"]),
        satisfaction=short(surveyed["satisfaction"]),
    )
    people = respondents(figures, year)
    known = facts.scores(figures, "PAR", year).index
    if people is None or not set(facts.INDICES) <= set(tables) or unit not in known:
        lacking = _("The figures of {year} do not suffice to do so for {place}.")
        return "", f"{told} {lacking.format(year=year, place=wording.place_of(unit, year))}"
    errors = _par_errors(tables["SIPAS"], surveyed[["satisfaction"]], people)
    row = rank_sets(tables["PAR"], errors, [unit]).iloc[0]
    shift = ranking.rank_shift(tables["PAR"].scores, errors)["mean_shift"].mean()
    rest = _(
        "That error alone is {error} points (estimated, with the same assumption on "
        "respondents and a design effect of {effect}); drawing all scores again with it moves the "
        "provinces' ranks by {shift} places on average."
    ).format(
        error=wording.number(errors[unit]),
        effect=short(DESIGN_EFFECT),
        shift=wording.number(shift, 1),
    )
    headline = _(
        "The 95% confidence interval of the PAR INDEX rank of {year} is {ranks} (estimated). The "
        "error of the survey of leaders and managers comes on top, so it is too narrow, and "
        "whether a change of rank is beyond the error cannot be told."
    ).format(year=year, ranks=ranks_text(row))
    return headline, f"{told} {rest}"


def _par_errors(sipas: CompletedTables, maxima: pd.Series, people: pd.DataFrame) -> pd.Series:
    """Standard errors of the PAR INDEX that come from SIPAS turned into points."""
    share = sipas.scores.mean() / 100
    points = pd.DataFrame({part: most * share for part, most in maxima.items()})
    asked = dict.fromkeys(maxima.index, people["respondents"])
    return ranking.survey_part_errors(points, maxima, asked)["total"]
