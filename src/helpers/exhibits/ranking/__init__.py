"""Exhibits on the ranks of one province, with their error."""

from helpers.exhibits.ranking.cost import next_place
from helpers.exhibits.ranking.lost import points_lost
from helpers.exhibits.ranking.province import rank_error

__all__ = [
    "next_place",
    "points_lost",
    "rank_error",
]
