"""How sure the rank of one province is, and whether it moved, in words."""

import numpy as np
import pandas as pd

from helpers import facts, ranking, standing, units, wording
from helpers.citations import Citations
from helpers.language import N_, _
from helpers.ranking import DESIGN_EFFECT, sipas
from helpers.ranking.sipas import Survey
from helpers.report.completed import Tables

STATED = {
    "exactly": "{number}",
    "about": N_("about {number}"),
    "at least": N_("at least {number}"),
    "sampled": N_("a sample of {number}"),
}
# What is said of the probabilities of a rise, of no change, and of a fall.
CHANCE = {
    1: N_(
        "{moved}; given the error of the survey, the probability that the rank truly rose is {rose}"
    ),
    0: N_(
        "{moved}; given the error of the survey, the probability that the rank truly rose is "
        "{rose}, that it truly fell {fell}"
    ),
    -1: N_(
        "{moved}; given the error of the survey, the probability that the rank truly fell is {fell}"
    ),
}


def percent(share: float) -> str:
    """Write a probability in whole per cent; never 0% or 100%, which no draws can tell."""
    if share < 0.01:
        return _("under 1%")
    return _("over 99%") if share > 0.99 else f"{wording.whole(100 * share)}%"


def _percents(shares) -> str:
    """Write probabilities that depend on what is assumed: "59% đến 80%", or one of them."""
    told = [percent(share) for share in sorted(shares)]
    return wording.to(told[0], told[-1])


def written(row: pd.Series, ends=("lower", "upper")) -> str:
    """Write a set of ranks: "2 đến 56", or "đúng hạng 3"."""
    low, high = (wording.whole(row[end]) for end in ends)
    return _("rank {rank} only").format(rank=low) if low == high else wording.to(low, high)


def surveys(
    figures: pd.DataFrame, unit: str, year: int, tables: Tables
) -> tuple[Survey | None, Survey | None]:
    """The survey of SIPAS of a year and that of the year before, as far as they tell of a province.

    Parameters
    ----------
    tables : dict of str to CompletedTables
        As given by `helpers.report.completed.by_index`.

    Returns
    -------
    tuple of two (Survey or None)
        The first is None where nothing of the province is known, or too little of the year; the
        second also where the years do not compare, or nothing of that one is known: a probability
        would be made of air.
    """
    if "SIPAS" not in tables or unit not in facts.scores(figures, "SIPAS", year).index:
        return None, None
    now = sipas.survey(figures, year, tables["SIPAS"])
    before = sipas.survey(figures, year - 1) if now and sipas.comparable(year) else None
    if before and before.guesses(unit) and not facts.change(figures, unit, "SIPAS", year, "rank"):
        before = None
    return now, before


def headline(
    figures: pd.DataFrame,
    unit: str,
    year: int,
    errors: pd.DataFrame,
    cite: Citations,
) -> str:
    """Say how a province's SIPAS rank changed, how probable that is, and which ranks are possible.

    Parameters
    ----------
    errors : DataFrame
        By design effect, half the error first, then the error that is spoken of: ``lower, upper,
        likely_low, likely_high`` of `helpers.ranking.sipas.Survey.sets` and, where the year before
        can be compared, ``rank_rose, rank_fell, rank_beyond_noise`` of ``Survey.moved``. Empty
        where nothing can be said.

    Returns
    -------
    str
        Why nothing can be said, where that is so; "" of a province of which nothing is known.
    """
    if errors.empty:
        return _no_error(figures, unit, year)
    change = facts.change(figures, unit, "SIPAS", year, "rank")
    held = standing.held(figures, unit, "SIPAS", year)
    first = held[held["value"] == 1]
    told = _not_comparable(year) if change is None else ""
    told = told or _moved(wording.place_of(unit, year), year, change, errors, first, cite)
    told += " " + _ranks_told(year, errors.iloc[1])
    if change is None or "rank_rose" in errors:
        return told
    return " ".join(filter(None, [told, _no_before(figures, year)]))


def _no_error(figures: pd.DataFrame, unit: str, year: int) -> str:
    if unit not in facts.scores(figures, "SIPAS", year).index:
        return ""  # of what is not known itself nobody asks for the error
    if _respondents(figures, year) is None:
        return _(
            "No number of respondents of SIPAS {year} has been found, so the error of a "
            "rank cannot be computed."
        ).format(year=year)
    return _(
        "The {index} figures of {year} that have been found do not suffice to estimate the "
        "whole ranking, so the error of a rank cannot be assessed."
    ).format(index=wording.INDEX["SIPAS"], year=year)


def _respondents(figures: pd.DataFrame, year: int) -> pd.DataFrame | None:
    try:
        return ranking.respondents_per_province(figures, year)
    except ranking.RankingError:
        return None


def _not_comparable(year: int) -> str:
    """Say why no year before can be compared; "" where it can."""
    if year == facts.NEW_SURVEY:
        return _(
            "In {year} SIPAS changed its survey, so it cannot be compared with {before}."
        ).format(year=year, before=year - 1)
    if not units.same_list(year, year - 1):
        text = _("In {year} the provinces merged, so ranks cannot be compared with {before}.")
        return text.format(year=year, before=year - 1)
    return ""


def _no_before(figures: pd.DataFrame, year: int) -> str:
    """Say why a year is not set against that before; "" where it is."""
    if why := _not_comparable(year):
        return why
    if _respondents(figures, year - 1) is None:
        return _(
            "No number of respondents of the {year} survey has been found, so no "
            "probability of a change can be computed."
        ).format(year=year - 1)
    if sipas.survey(figures, year - 1) is None:
        return _("Nothing of SIPAS {year} has been found.").format(year=year - 1)
    return ""


def _moved(
    place: str,
    year: int,
    change: dict | None,
    errors: pd.DataFrame,
    first: pd.DataFrame,
    cite: Citations,
) -> str:
    """Say how a rank changed and, where it can be said, how probable that is.

    `first` has the years in a row in which it came first, as of `helpers.standing.held`.
    """
    if change is None:
        return _(
            "How many SIPAS places {place} gained or lost on {before} has not been found published."
        ).format(place=place, before=year - 1)
    places, place = change["value"], wording.capital(place)
    text = (
        _("{place} went {change} in SIPAS on {before}")
        if places
        else _("{place} kept its SIPAS rank of {before}")
    )
    moved = text.format(place=place, change=wording.rank_change(places), before=year - 1)
    derived = f" ({wording.kind('derived')})" if change["kind"] == "derived" else ""
    moved = f"{moved}{derived}{cite(change['sources'])}"
    if "rank_rose" not in errors:
        return f"{moved}."
    if places == 0 and len(first):
        since = standing.held_since(first)
        return _("{place} came first in SIPAS {n} years in a row ({years}){cited}.").format(
            place=place,
            n=year - since + 1,
            years=wording.span("SIPAS", since, year),
            cited=cite(" ".join([change["sources"], *first["sources"]])),
        )
    rose, fell = (_percents(errors[name].iloc[:2]) for name in ("rank_rose", "rank_fell"))
    text = _(CHANCE[int(np.sign(places))]).format(moved=moved, rose=rose, fell=fell)
    depends = _(", depending on whether that error is as large as estimated or half of it.")
    if errors["rank_beyond_noise"].iloc[1]:
        sure = _("This change is beyond the error.")
    elif places:
        sure = _("So it is not certain that the rank truly changed.")
    else:
        sure = _("So it is not certain that the rank truly stayed where it was.")
    return f"{text}{depends} {sure}"


def _ranks_told(year: int, row: pd.Series) -> str:
    """Two statements on the rank, side by side, each with what it promises."""
    n = units.count(year, "SIPAS")
    ruled = _("SIPAS ranks of {year} that cannot be ruled out: {ranks}")
    if (row["lower"], row["upper"]) == (1, n):
        ruled = _("None of the {n} SIPAS ranks of {year} can be ruled out")
    return _(
        "{ruled} (95% confidence set: whatever province is looked at, it holds the true rank in at "
        "least 95% of cases); probable ranks: {likely} (90% interval: over all provinces, it holds "
        "90% of the true ranks). Both count the error of the survey and that of scores which are "
        "estimates."
    ).format(
        ruled=ruled.format(year=year, n=n, ranks=written(row)),
        likely=written(row, ("likely_low", "likely_high")),
    )


def guessed(now: Survey, before: Survey | None, unit: str) -> str:
    """Say in which of the two years the province's own score is an estimate; "" for none."""
    used = [one for one in (before, now) if one is not None]
    years = [str(one.drawn.year) for one in used if one.guesses(unit)]
    if not years:
        return ""
    return _(
        "The SIPAS score of {unit} for {years} is an estimate, whose width is added to the error."
    ).format(unit=wording.unit_name(unit), years=wording.names(years))


def assumed(now: Survey, before: Survey | None, unit: str, cite: Citations) -> str:
    """Say what the standard errors of SIPAS rest on, with the number asked in a province."""
    asked = [one for one in (before, now) if one is not None]
    told = [_asked(one.people.loc[unit], one.drawn.year, len(now.people), cite) for one in asked]
    text = _(
        "Assumed: {respondents}; SIPAS is a simple percentage of them. The design effect (variance "
        "of the survey against a simple random sample of the same size) is taken as {effect}, "
        "since none has been found; beside it stand {half}, that is half the error, and {wide}."
    )
    if now.main < DESIGN_EFFECT:
        text = _(
            "Assumed: {respondents}; SIPAS is a simple percentage of them. The design effect "
            "(variance of the survey against a simple random sample of the same size) is taken as "
            "{effect}, the greatest that the {n} published changes of this survey leave possible; "
            "beside it stand {half}, that is half the error, and {wide}, which these changes rule "
            "out, so that no probability of a change is given for it."
        )
    half, main, wide = map(wording.number, now.effects)
    return text.format(
        respondents="; ".join(told), effect=main, half=half, wide=wide, n=len(now.changes)
    )


def _asked(row: pd.Series, year: int, of: int, cite: Citations) -> str:
    people, cited = wording.whole(row["respondents"]), cite(row["sources"])
    if row["basis"] == "published":
        return _("in {year}, {people} respondents (published{cited})").format(
            year=year, people=people, cited=cited
        )
    stated = STATED[row["stated"]]
    whole = _(stated).format(number=wording.whole(row["national"]))
    return _(
        "in {year}, respondents per province = those of the nation ({whole}{cited}) over {of}, "
        "that is about {people} people"
    ).format(year=year, whole=whole, cited=cited, of=of, people=people)
