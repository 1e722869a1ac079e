"""The survey behind SIPAS: its errors, and what they rest on.

No page seen gives standard errors; they follow from the number of respondents and a design effect,
which is assumed, or less where the published changes of the regime leave room for less. Every
exhibit says so beside its figures, and shows half of that error too: no figure tells how much less
it is.
"""

from dataclasses import dataclass
from functools import cached_property

import pandas as pd

from helpers import completion, facts, ranking, units, wording
from helpers.citations import Citations
from helpers.completion import CompletedTables
from helpers.kept import by_content
from helpers.language import N_, _
from helpers.ranking.survey import DESIGN_EFFECT

WIDE = 2.0
COVERAGE, LIKELY = 0.95, 0.9

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


@dataclass(frozen=True)
class Survey:
    """SIPAS of a year as a survey.

    Attributes
    ----------
    drawn : CompletedTables
    people : DataFrame
        As given by `ranking.respondents_per_province`.
    changes : Series
        As given by `ranking.published_changes`.
    """

    drawn: CompletedTables
    people: pd.DataFrame
    changes: pd.Series

    def errors(self, effect: float) -> pd.Series:
        """Standard errors of all provinces under a design effect."""
        means = self.drawn.scores.mean()
        return ranking.survey_standard_errors(means, self.people["respondents"], effect)

    @cached_property
    def allowed(self) -> float:
        """The greatest design effect that the published changes leave possible."""
        return ranking.allowed_design_effect(self.changes, self.errors(1.0))

    @property
    def main(self) -> float:
        """The design effect that sentences speak of: the assumed one, or the greatest possible."""
        return min(DESIGN_EFFECT, self.allowed)

    @property
    def half(self) -> float:
        """The design effect of half that error."""
        return self.main / 4

    @property
    def effects(self) -> tuple[float, float, float]:
        """Half the error, the error, and the wide case."""
        return self.half, self.main, WIDE

    def sets(self, effect: float, chosen=None) -> pd.DataFrame:
        """Confidence sets and probable intervals of ranks, ``likely_low`` and ``likely_high``."""
        errors = self.errors(effect)
        likely = _likely(self.drawn.scores, errors)
        sets = rank_sets(self.drawn, errors).join(likely)
        return sets if chosen is None else sets.loc[chosen]

    def moved(self, before: "Survey", effect: float) -> pd.DataFrame:
        """Probabilities of changes on the year before; see `ranking.probability_of_change`."""
        scores = before.drawn.scores, self.drawn.scores
        errors = before.errors(effect), self.errors(effect)
        return ranking.probability_of_change(*scores, *errors, COVERAGE, changes=self.changes)


def survey(figures: pd.DataFrame, drawn: CompletedTables, people: pd.DataFrame) -> Survey:
    """The survey behind a completed table of SIPAS."""
    return Survey(drawn, people, ranking.published_changes(figures, drawn.year))


def rank_sets(drawn: CompletedTables, errors: pd.Series, chosen=None) -> pd.DataFrame:
    """Confidence sets of the ranks of the chosen provinces; see `ranking.rank_confidence_sets`."""
    sets = _all_rank_sets(drawn.scores, errors)
    return sets if chosen is None else sets.loc[chosen]


@by_content(16)
def _all_rank_sets(scores: pd.DataFrame, errors: pd.Series) -> pd.DataFrame:
    estimates, covariance = ranking.combine_uncertainty(scores, errors)
    return ranking.rank_confidence_sets(estimates, covariance, COVERAGE)


@by_content(16)
def _likely(scores: pd.DataFrame, errors: pd.Series) -> pd.DataFrame:
    return ranking.rank_intervals(scores, errors, LIKELY)


def year_before(figures: pd.DataFrame, year: int) -> tuple[Survey | None, str]:
    """SIPAS of the year before; or None, and why there is none."""
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
    return survey(figures, drawn, people), ""


def assumed(of: Survey, before: Survey | None, unit: str, cite: Citations) -> str:
    """Say what the standard errors of SIPAS rest on, with the number asked in a province."""
    asked = [one for one in (before, of) if one is not None]
    n = len(of.people)
    told = [_asked(one.people.loc[unit], one.drawn.year, n, cite) for one in asked]
    text = _(
        "Assumed: {respondents}; SIPAS is a simple percentage of them. The design effect (variance "
        "of the survey against a simple random sample of the same size) is taken as {effect}, "
        "since none has been found; beside it stand {half}, that is half the error, and {wide}."
    )
    if of.main < DESIGN_EFFECT:
        text = _(
            "Assumed: {respondents}; SIPAS is a simple percentage of them. The design effect "
            "(variance of the survey against a simple random sample of the same size) is taken as "
            "{effect}, the greatest that the {n} published changes of this survey leave possible; "
            "beside it stand {half}, that is half the error, and {wide}, which these changes rule "
            "out, so that no probability of a change is given for it."
        )
    return text.format(
        respondents="; ".join(told),
        effect=wording.number(of.main),
        half=wording.number(of.half),
        wide=wording.number(WIDE),
        n=len(of.changes),
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


def guesses(drawn: CompletedTables, unit: str) -> bool:
    """Whether the score of a province is an estimate."""
    return drawn.status.at[unit, "score_status"] == "estimated"
