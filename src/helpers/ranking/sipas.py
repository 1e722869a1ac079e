"""SIPAS of a year as the survey that it is: standard errors, sets of ranks, and changes.

No page seen gives standard errors; they follow from the number of respondents and a design effect,
which is assumed, or less where the published changes of the regime leave room for less.
"""

import contextlib
from dataclasses import dataclass
from functools import cached_property

import pandas as pd

from helpers import completion, facts, units
from helpers.completion import CompletedTables
from helpers.kept import by_content
from helpers.ranking.change import probability_of_change
from helpers.ranking.confidence import combine_uncertainty, rank_confidence_sets
from helpers.ranking.inputs import RankingError
from helpers.ranking.survey import (
    DESIGN_EFFECT,
    allowed_design_effect,
    published_changes,
    respondents_per_province,
    survey_standard_errors,
)
from helpers.ranking.truths import rank_intervals

WIDE = 2.0
COVERAGE, LIKELY = 0.95, 0.9


@dataclass(frozen=True)
class Survey:
    """SIPAS of a year as a survey.

    Attributes
    ----------
    drawn : CompletedTables
    people : DataFrame
        As given by `respondents_per_province`.
    changes : Series
        As given by `published_changes`.
    """

    drawn: CompletedTables
    people: pd.DataFrame
    changes: pd.Series

    def errors(self, effect: float) -> pd.Series:
        """Standard errors of all provinces under a design effect."""
        means = self.drawn.scores.mean()
        return survey_standard_errors(means, self.people["respondents"], effect)

    @cached_property
    def allowed(self) -> float:
        """The greatest design effect that the published changes leave possible."""
        return allowed_design_effect(self.changes, self.errors(1.0))

    @property
    def main(self) -> float:
        """The design effect that sentences speak of: the assumed one, or the greatest possible."""
        return min(DESIGN_EFFECT, self.allowed)

    @property
    def effects(self) -> tuple[float, float, float]:
        """Design effects of half the error, of the error, and of the wide case."""
        return self.main / 4, self.main, WIDE

    def sets(self, effect: float) -> pd.DataFrame:
        """Confidence sets and probable intervals of ranks, ``likely_low`` and ``likely_high``."""
        errors = self.errors(effect)
        likely = rank_intervals(self.drawn.scores, errors, LIKELY)
        return rank_sets(self.drawn.scores, errors).join(likely)

    def moved(self, before: "Survey", effect: float) -> pd.DataFrame:
        """Probabilities of changes on the year before; see `probability_of_change`."""
        scores = before.drawn.scores, self.drawn.scores
        errors = before.errors(effect), self.errors(effect)
        return probability_of_change(*scores, *errors, COVERAGE, changes=self.changes)

    def guesses(self, unit: str) -> bool:
        """Whether the score of a province is an estimate."""
        return self.drawn.status.at[unit, "score_status"] == "estimated"


def survey(figures: pd.DataFrame, year: int, drawn: CompletedTables | None = None) -> Survey | None:
    """SIPAS of a year as a survey; None without a number of respondents or a completed table."""
    with contextlib.suppress(RankingError, completion.NotEnoughKnown):
        people = respondents_per_province(figures, year)
        drawn = drawn or completion.complete(figures, "SIPAS", year)
        return Survey(drawn, people, published_changes(figures, year))
    return None


def comparable(year: int) -> bool:
    """Whether ranks of a year are set against those before: one survey, the same provinces."""
    return year != facts.NEW_SURVEY and units.same_list(year, year - 1)


@by_content(16)
def rank_sets(scores: pd.DataFrame, errors: pd.Series) -> pd.DataFrame:
    """Confidence sets of ranks from draws and their errors; see `rank_confidence_sets`."""
    estimates, covariance = combine_uncertainty(scores, errors)
    return rank_confidence_sets(estimates, covariance, COVERAGE)
