"""Do reform and satisfaction go together? Published pairs, and all provinces as far as they tell.

`pairs` lines the two indices up and takes SIPAS out of PAR; `correlation` correlates; `reliability`
tells the sampling error; `identification` tells what follows for all 63 provinces; `regression`,
`panel` and `blocks` look closer. None of it can tell what causes what.
"""

from helpers.association.blocks import describe, with_satisfaction
from helpers.association.correlation import (
    LEAST,
    LEAST_FOR_BOOTSTRAP,
    REGIMES,
    RESAMPLES,
    YEARS,
    apart,
    by_year,
    correlate,
    difference,
    of_year,
    range_corrected,
)
from helpers.association.identification import assume, bounds, extreme, pooled, sensitivity
from helpers.association.pairs import (
    part_whole,
    published_satisfaction,
    rank_pairs,
    satisfaction_maximum,
    score_pairs,
    stand_in,
    stand_in_quality,
)
from helpers.association.panel import lags, stack, within_between
from helpers.association.regression import enough, influence, line, residuals, slopes
from helpers.association.reliability import (
    DESIGN_EFFECTS,
    corrected,
    disattenuate,
    grid,
    reliability,
    respondents,
    sampling_variance,
)

__all__ = [
    "DESIGN_EFFECTS",
    "LEAST",
    "LEAST_FOR_BOOTSTRAP",
    "REGIMES",
    "RESAMPLES",
    "YEARS",
    "apart",
    "assume",
    "bounds",
    "by_year",
    "corrected",
    "correlate",
    "describe",
    "difference",
    "disattenuate",
    "enough",
    "extreme",
    "grid",
    "influence",
    "lags",
    "line",
    "of_year",
    "part_whole",
    "pooled",
    "published_satisfaction",
    "range_corrected",
    "rank_pairs",
    "reliability",
    "residuals",
    "respondents",
    "sampling_variance",
    "satisfaction_maximum",
    "score_pairs",
    "sensitivity",
    "slopes",
    "stack",
    "stand_in",
    "stand_in_quality",
    "with_satisfaction",
    "within_between",
]
