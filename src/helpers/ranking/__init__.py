"""Is the climb real? Ranks with their error, and what the next place costs.

Numbers in, tables out. `rank_confidence_sets` says which ranks the data cannot rule out,
`probability_of_change` whether a province moved between two years, `cost_of_next_place` what a
better place takes.
Standard errors are assumptions where no page states them; every function says which.
"""

from helpers.ranking.change import probability_of_change
from helpers.ranking.confidence import (
    combine_uncertainty,
    rank_confidence_sets,
    rank_sets_over_tables,
)
from helpers.ranking.cost import cost_of_next_place
from helpers.ranking.inputs import RankingError
from helpers.ranking.survey import (
    DESIGN_EFFECT,
    allowed_design_effect,
    published_changes,
    respondents_per_province,
    survey_standard_errors,
)
from helpers.ranking.truths import rank_intervals
