"""Exhibits on the ranks of one province, with their error."""

from helpers.exhibits.ranking.cost import next_place
from helpers.exhibits.ranking.province import rank_error

__all__ = [
    "next_place",
    "rank_error",
]
