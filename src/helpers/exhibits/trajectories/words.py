"""Names of the ways of forecasting, and how shares are written."""

from helpers import wording
from helpers.language import N_, _

_METHOD = {
    "same_rank": N_("same rank"),
    "last_score": N_("same distance from the mean"),
    "mixed": N_("mixed model"),
    "average": N_("average of same rank and mixed model"),
}


def method(key: str) -> str:
    """Name a way of forecasting, as within a sentence."""
    return _(_METHOD[key])


def share(value: float) -> str:
    """Write a share in whole per cent."""
    return f"{wording.whole(100 * value)}%"
