"""How sure the rank of one province is, and whether it moved."""

import pandas as pd
from great_tables import GT
from IPython.display import HTML

from helpers import facts, page, ranking, wording
from helpers.citations import Citations
from helpers.completion import CompletedTables
from helpers.exhibits.ranking.survey import (
    COVERAGE,
    EFFECTS,
    assumed,
    guesses,
    no_error,
    rank_sets,
    respondents,
    survey_errors,
    year_before,
)
from helpers.exhibits.ranking.words import percent, ranks_text, short
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
    drawn, people = tables["SIPAS"], ranking.respondents_per_province(figures, year)
    errors = survey_errors(drawn, people)
    rows = pd.concat([rank_sets(drawn, errors[effect], [unit]) for effect in EFFECTS])
    rows.index = pd.Index(EFFECTS, name="effect")
    change = facts.change(figures, unit, "SIPAS", year, "rank")
    before, reason = year_before(figures, year)
    if before is not None and change is None and guesses(before[0], unit):
        before = None  # nothing of the year before is known: a probability would be made of air
    asked = {year: people.loc[unit]}
    if before is not None:
        asked[year - 1] = before[2].loc[unit]
        rows = rows.join(_probabilities(before, drawn, errors, unit))
    rank = facts.figure(figures, unit, "SIPAS", year, "rank")
    row = rows.loc[DESIGN_EFFECT].astype(object)
    row["first"] = rank is not None and rank["value"] == 1
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
            page.paragraphs(lead, _guessed(drawn, before, unit, year)),
            _error_table(rows, unit, year, assumed(asked, len(people), cite)),
            page.paragraphs(par_rests_on),
        ),
    )


def _guessed(drawn: CompletedTables, before: tuple | None, unit: str, year: int) -> str:
    """Say in which of the two years the province's own score is an estimate."""
    made = {year: drawn} | ({} if before is None else {year - 1: before[0]})
    years = [str(of) for of, tables in sorted(made.items()) if guesses(tables, unit)]
    if not years:
        return ""
    return _(
        "The SIPAS score of {unit} for {years} is an estimate, whose width is added to the error."
    ).format(unit=wording.unit_name(unit), years=wording.names(years))


def _probabilities(before: tuple, now: CompletedTables, errors: dict, unit: str) -> pd.DataFrame:
    """Probabilities of `ranking.probability_of_change` for one province, by design effect."""
    drawn, then, _people = before
    rows = {
        effect: ranking.probability_of_change(
            drawn.scores, now.scores, then[effect], errors[effect], COVERAGE
        ).loc[unit, ["score_rose", "rank_rose", "rank_fell", "rank_beyond_noise"]]
        for effect in EFFECTS
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
        ``lower, upper`` and, where the year before can be compared, ``rank_rose, rank_fell,
        rank_beyond_noise``; and, where the province is first, ``first``.
    """
    told = {"ranks": ranks_text(row), "year": year, "before": year - 1}
    if change is None:
        return _(
            "How many SIPAS places {place} gained or lost on {before} has not been found "
            "published; the 95% confidence interval of its SIPAS rank of {year}, with the error of "
            "the survey and of scores not found, is {ranks}."
        ).format(place=place, **told)
    told["moved"] = _moved(place, year, change, cite)
    if "rank_rose" not in row:
        return _(
            "{moved}; the 95% confidence interval of its SIPAS rank of {year}, with the error of "
            "the survey and of scores not found, is {ranks}."
        ).format(**told)
    told |= {"rose": percent(row["rank_rose"]), "fell": percent(row["rank_fell"])}
    places = change["value"]
    if places == 0:
        text = _(
            "{moved}; given the error of the survey, the probability that the rank truly rose is "
            "{rose}, that it truly fell {fell}."
        )
    elif places > 0:
        text = _(
            "{moved}; given the error of the survey, the probability that the rank truly rose is "
            "{rose}."
        )
    else:
        text = _(
            "{moved}; given the error of the survey, the probability that the rank truly fell is "
            "{fell}."
        )
    interval = _(
        "The 95% confidence interval of its SIPAS rank of {year} is {ranks}; it holds the error of "
        "the survey and that of scores which are estimates."
    )
    if places == 0 and row.get("first", False):
        text = _("{place} came first in SIPAS two years in a row{cited}.")
        told |= {"place": wording.capital(place), "cited": cite(change["sources"])}
        return f"{text.format(**told)} {interval.format(**told)}"
    if row["rank_beyond_noise"]:
        sure = _("This change is beyond the error.")
    elif places:
        sure = _("So it is not certain that the rank truly changed.")
    else:
        sure = _("So it is not certain that the rank truly stayed where it was.")
    return f"{text.format(**told)} {interval.format(**told)} {sure}"


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


def _error_table(rows: pd.DataFrame, unit: str, year: int, note: str) -> GT:
    shown = rows.reset_index()
    shown["effect_text"] = shown["effect"].map(short)
    shown["ranks"] = [ranks_text(row) for _row, row in shown.iterrows()]
    columns = {
        "effect_text": _("Design effect"),
        "standard_error": _("Standard error"),
        "ranks": _("95% confidence interval of the rank"),
    }
    if "rank_rose" in shown:
        columns |= {
            "score_rose": _("Probability that the score truly rose"),
            "rank_rose": _("Probability that the rank truly rose"),
            "rank_fell": _("Probability that the rank truly fell"),
        }
        for name in ("score_rose", "rank_rose", "rank_fell"):
            shown[name] = shown[name].map(percent)
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
        ),
        highlight=shown["effect"] == DESIGN_EFFECT,
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
