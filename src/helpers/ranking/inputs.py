"""What the functions on ranks share: checked input, plain ranks, central intervals.

Whatever checks an argument here raises `RankingError` where it will not do.
"""

import numpy as np
import pandas as pd
from scipy import stats

from helpers.completion.together import SEED as SEED
from helpers.errors import CchcError


class RankingError(CchcError, ValueError):
    """Numbers that no rank can be made of; the message says which and what to do."""


def plain_ranks(scores: np.ndarray) -> np.ndarray:
    """Ranks along the last axis: 1 + how many are better, so that ties share the better rank."""
    return stats.rankdata(-np.asarray(scores, dtype=float), method="min", axis=-1).astype(int)


def as_draws(scores, name: str = "scores") -> pd.DataFrame:
    """Scores as draws x units: one score for each unit is one draw, a DataFrame has one a row."""
    drawn = scores if isinstance(scores, pd.DataFrame) else pd.Series(scores).to_frame().T
    drawn = drawn.reset_index(drop=True).astype(float)
    refuse(drawn.columns[~np.isfinite(drawn).all()], f"{name} of {{}} are missing or infinite")
    refuse(drawn.columns[drawn.columns.duplicated()], f"{name} name {{}} more than once")
    if drawn.empty:
        raise RankingError(f"{name} are empty; give at least one unit.")
    return drawn


def errors_of(standard_errors, labels: pd.Index, name: str = "standard_errors") -> np.ndarray:
    """Numbers from 0 up in the order of the units, as those without labels are; one is for all."""
    values = standard_errors
    if not isinstance(values, pd.Series):
        shape = np.shape(values)
        if shape not in ((), labels.shape):
            given = "x".join(map(str, shape))
            raise RankingError(f"{name} are {given} numbers for {len(labels)} units; give as many.")
        values = pd.Series(values, index=labels)
    values = values.reindex(labels).astype(float)
    refuse(labels[~np.isfinite(values)], f"{name} of {{}} are missing or infinite")
    refuse(labels[values < 0], f"{name} of {{}} are below 0")
    return values.to_numpy()


def refuse(labels: pd.Index, message: str) -> None:
    """Refuse units with such a fault, if there are any; the message names the first five."""
    shown = ", ".join(map(str, labels[:5]))
    if len(labels):
        more = f" and {len(labels) - 5} more" if len(labels) > 5 else ""
        raise RankingError(
            f"{message.format(shown + more)}; correct these units or leave them out."
        )


def share(value: float, name: str) -> float:
    """A number strictly between 0 and 1."""
    if not 0 < value < 1:
        raise RankingError(f"{name} must lie between 0 and 1, not {value!r}; 0.95 is usual.")
    return float(value)


def middle(whole: np.ndarray) -> np.ndarray:
    """Median over the draws of whole numbers, one that was drawn."""
    return np.quantile(whole, 0.5, axis=0, method="closest_observation").astype(int)


def central(whole: np.ndarray, coverage: float) -> np.ndarray:
    """Both ends of the central interval over the draws of whole numbers, ones that were drawn."""
    return np.quantile(whole, tails(coverage), axis=0, method="closest_observation").astype(int)


def tails(coverage: float) -> tuple[float, float]:
    """Both quantiles of a central interval."""
    return (1 - coverage) / 2, (1 + coverage) / 2
