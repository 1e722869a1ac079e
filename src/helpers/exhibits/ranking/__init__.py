"""Exhibits on ranks with their error: of one province, and of the nation."""

from helpers.exhibits.ranking.cost import next_place
from helpers.exhibits.ranking.nation import beyond_noise, may_be_best, rank_sets_chart
from helpers.exhibits.ranking.province import rank_error
from helpers.exhibits.ranking.weights import weights_table

__all__ = [
    "beyond_noise",
    "may_be_best",
    "next_place",
    "rank_error",
    "rank_sets_chart",
    "weights_table",
]
