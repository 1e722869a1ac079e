"""How probabilities, sets of ranks and small numbers are written."""

import pandas as pd

from helpers import wording
from helpers.language import _


def percent(share: float) -> str:
    """Write a probability in whole per cent; never 0% or 100%, which no draws can tell."""
    if share < 0.01:
        return _("under 1%")
    return _("over 99%") if share > 0.99 else f"{wording.whole(100 * share)}%"


def percents(*shares: float) -> str:
    """Write probabilities that depend on what is assumed: "59% đến 80%", or one of them."""
    told = list(dict.fromkeys(percent(share) for share in sorted(shares)))
    return told[0] if len(told) == 1 else wording.to(told[0], told[-1])


def ranks_text(row: pd.Series, ends=("lower", "upper")) -> str:
    """Write a set of ranks: "2 đến 56", or "đúng hạng 3"."""
    low, high = (row[end] for end in ends)
    if low == high:
        return _("rank {rank} only").format(rank=wording.whole(low))
    return wording.to(wording.whole(low), wording.whole(high))


def short(value: float) -> str:
    """Write a number with at most one decimal: 1; 1,5."""
    return wording.number(value, 0 if value == int(value) else 1)
