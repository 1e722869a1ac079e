"""What notebook 2 asks of the figures and cannot be read by eye in a cell of it.

`pairs` lines the two indices up and takes SIPAS out of PAR; `places` puts the provinces of which
nothing is published under a stated link, or so that the link is as strong or as weak as the
published figures allow.
"""

from helpers.association.pairs import (
    published_satisfaction,
    rank_pairs,
    satisfaction_maximum,
    score_pairs,
)
from helpers.association.places import extreme, fits, linked

__all__ = [
    "extreme",
    "fits",
    "linked",
    "published_satisfaction",
    "rank_pairs",
    "satisfaction_maximum",
    "score_pairs",
]
