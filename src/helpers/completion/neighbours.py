"""How a province's ranks of the years before and after weigh the slots it may be in."""

import numpy as np
import pandas as pd

from helpers import units
from helpers.completion.problem import Problem
from helpers.facts import select

FEWEST = 10
# Which years a guess is taken from, in order of preference; the guess is the mean of their ranks.
OFFSETS = ((-1, 1), (-1,), (1,), (-2,), (2,))
FIRST_YEAR = 2016


def weights(
    table: pd.DataFrame, problem: Problem, index: str, year: int, unit_type: str
) -> np.ndarray | None:
    """Logarithm of the weight of each unit in each slot, (n units, n slots); None where nothing is.

    A unit whose slot and score are open is guessed to be where it was in the years next to this
    one: the mean of both, or one of them, or that of two years away. The distance from the guess
    has a logistic distribution (its tails fit: the kurtosis of changes in rank is about 4), with
    the spread that the same guess has had in other years of the same index; this year's own ranks
    are not used for it. Years with another list of provinces are left out.
    """
    ranks = _ranks(table, index, unit_type)
    if unit_type == "province":
        ranks = ranks[[other for other in ranks if units.same_list(other, year)]]
    n = len(problem.units)
    result = np.zeros((n, n))
    for offsets in reversed(OFFSETS):
        spread = _spread(ranks, offsets, year)
        guess = _guess(ranks, offsets, year)
        if spread is None or guess is None:
            continue
        for unit in problem.unranked:
            name = problem.units[unit]
            if name in guess.index and problem.unit_low[unit] < problem.unit_high[unit]:
                z = np.abs(np.arange(1, n + 1) - guess[name]) * np.pi / (np.sqrt(3) * spread)
                result[unit] = -z - 2 * np.log1p(np.exp(-z))
    return result if result.any() else None


def _ranks(table: pd.DataFrame, index: str, unit_type: str) -> pd.DataFrame:
    """Accepted ranks, units by years."""
    rows = select(table, unit_type=unit_type, index=index, measure="rank")
    rows = rows[rows["year"] >= FIRST_YEAR]
    return rows.pivot_table(index="unit", columns="year", values="value")


def _guess(ranks: pd.DataFrame, offsets: tuple[int, ...], year: int) -> pd.Series | None:
    years = [year + offset for offset in offsets]
    if not set(years) <= set(ranks.columns):
        return None
    return ranks[years].mean(axis=1, skipna=False).dropna()


def _spread(ranks: pd.DataFrame, offsets: tuple[int, ...], year: int) -> float | None:
    """Root mean square distance between rank and guess over all years but the given one."""
    distances = []
    for target in ranks.columns:
        years = {target, *(target + offset for offset in offsets)}
        guess = None if year in years else _guess(ranks, offsets, target)
        if guess is not None:
            distances.append((ranks[target] - guess).dropna())
    together = pd.concat(distances) if distances else pd.Series(dtype=float)
    return float(np.sqrt((together**2).mean())) if len(together) >= FEWEST else None
