"""The survey behind SIPAS: its errors, and what they rest on.

No page seen gives standard errors; they follow from the number of respondents and an assumed design
effect, and every exhibit says so beside its figures.
"""

import pandas as pd

from helpers import completion, facts, ranking, units, wording
from helpers.citations import Citations
from helpers.completion import CompletedTables
from helpers.exhibits.ranking.words import short
from helpers.kept import by_content
from helpers.language import N_, _
from helpers.ranking.survey import DESIGN_EFFECT

EFFECTS = (1.0, DESIGN_EFFECT, 2.0)
COVERAGE = 0.95

STATED = {
    "exactly": "{number}",
    "about": N_("about {number}"),
    "at least": N_("at least {number}"),
    "sampled": N_("a sample of {number}"),
}


def no_error(figures: pd.DataFrame, unit: str, year: int, tables: dict) -> str:
    """Why nothing can be said of the error of a province's rank; "" if it can."""
    if unit not in facts.scores(figures, "SIPAS", year).index:
        return _(
            "{year}: neither a SIPAS score nor a SIPAS rank of {place} has been found, "
            "so the error of its rank cannot be assessed."
        ).format(year=year, place=wording.place_of(unit, year))
    if respondents(figures, year) is None:
        return _(
            "No number of respondents of SIPAS {year} has been found, so the error of a "
            "rank cannot be computed."
        ).format(year=year)
    if "SIPAS" not in tables:
        return _(
            "The {index} figures of {year} that have been found do not suffice to estimate the "
            "whole ranking, so the error of a rank cannot be assessed."
        ).format(index=wording.INDEX["SIPAS"], year=year)
    return ""


def respondents(figures: pd.DataFrame, year: int) -> pd.DataFrame | None:
    """Respondents of SIPAS by province, as `ranking.respondents_per_province`; None without."""
    try:
        return ranking.respondents_per_province(figures, year)
    except ranking.RankingError:
        return None


def survey_errors(drawn: CompletedTables, people: pd.DataFrame) -> dict[float, pd.Series]:
    """Sampling standard errors of all provinces under each design effect."""
    means = drawn.scores.mean()
    asked = people["respondents"]
    return {effect: ranking.survey_standard_errors(means, asked, effect) for effect in EFFECTS}


def rank_sets(drawn: CompletedTables, errors: pd.Series, chosen=None) -> pd.DataFrame:
    """Confidence sets of the ranks of the chosen provinces; see `ranking.rank_confidence_sets`."""
    sets = _all_rank_sets(drawn.scores, errors)
    return sets if chosen is None else sets.loc[chosen]


@by_content(16)
def _all_rank_sets(scores: pd.DataFrame, errors: pd.Series) -> pd.DataFrame:
    estimates, covariance = ranking.combine_uncertainty(scores, errors)
    return ranking.rank_confidence_sets(estimates, covariance, COVERAGE)


def year_before(
    figures: pd.DataFrame, year: int
) -> tuple[tuple[CompletedTables, dict[float, pd.Series], pd.DataFrame] | None, str]:
    """SIPAS of the year before, its errors and respondents; or None, and why there is none."""
    if year == facts.NEW_SURVEY:
        return None, _(
            "In {year} SIPAS changed its survey, so it cannot be compared with {before}."
        ).format(year=year, before=year - 1)
    if not units.same_list(year, year - 1):
        text = _("In {year} the provinces merged, so ranks cannot be compared with {before}.")
        return None, text.format(year=year, before=year - 1)
    people = respondents(figures, year - 1)
    if people is None:
        return None, _(
            "No number of respondents of the {year} survey has been found, so no "
            "probability of a change can be computed."
        ).format(year=year - 1)
    try:
        drawn = completion.complete(figures, "SIPAS", year - 1)
    except completion.NotEnoughKnown:
        return None, _("Nothing of SIPAS {year} has been found.").format(year=year - 1)
    return (drawn, survey_errors(drawn, people), people), ""


def assumed(people: dict[int, pd.Series], of: int, cite: Citations) -> str:
    """Say what the standard errors of SIPAS rest on.

    Parameters
    ----------
    people : dict of int to Series
        By year: one province's row of `ranking.respondents_per_province`.
    of : int
        How many provinces share a national number.
    """
    told = [_asked(row, year, of, cite) for year, row in sorted(people.items())]
    return _(
        "Assumed: {respondents}; SIPAS is a simple percentage of them. The design effect (variance "
        "of the survey against a simple random sample of the same size) is {effect}, shown beside "
        "1 and 2 since none has been found."
    ).format(respondents="; ".join(told), effect=short(DESIGN_EFFECT))


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


def guesses(drawn: CompletedTables, unit: str) -> bool:
    """Whether the score of a province is an estimate."""
    return drawn.status.at[unit, "score_status"] == "estimated"
