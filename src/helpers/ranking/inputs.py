"""What the functions on ranks share: checked input, plain ranks, draws with noise.

Whatever checks an argument here raises `RankingError` where it will not do.
"""

from numbers import Integral, Real

import numpy as np
import pandas as pd
from scipy import stats

from helpers.errors import CchcError

# The day the 2020 results were announced.
SEED = 20210624


class RankingError(CchcError, ValueError):
    """Numbers that no rank can be made of; the message says which and what to do."""


def plain_ranks(scores: np.ndarray) -> np.ndarray:
    """Ranks along the last axis: 1 + how many are better, so that ties share the better rank."""
    return stats.rankdata(-np.asarray(scores, dtype=float), method="min", axis=-1).astype(int)


def named(values, name: str = "estimates") -> pd.Series:
    """Values by unit, as floats; positions stand for the units where they have no names."""
    if np.ndim(values) != 1:
        raise RankingError(f"{name} must be one number for each unit, not {np.ndim(values)}-D.")
    series = values if isinstance(values, pd.Series) else pd.Series(np.asarray(values))
    if not pd.api.types.is_numeric_dtype(series):
        raise RankingError(f"{name} must be numbers, but have the type {series.dtype}.")
    if series.empty:
        raise RankingError(f"{name} are empty; give at least one unit.")
    series = series.astype(float)
    unique_labels(series.index, name)
    lacking = series.index[~np.isfinite(series.to_numpy())]
    if len(lacking):
        raise RankingError(
            f"{name} of {_list(lacking)} are missing or infinite; leave these units out, or use "
            "completed tables."
        )
    return series


def unique_labels(labels: pd.Index, name: str) -> None:
    """Refuse a unit that is named twice."""
    if not labels.is_unique:
        raise RankingError(f"{name} name {_list(labels[labels.duplicated()])} more than once.")


def as_draws(scores, name: str = "scores") -> pd.DataFrame:
    """Scores as draws x units: a Series is one draw, a DataFrame has one draw a row."""
    if not isinstance(scores, pd.DataFrame):
        return named(scores, name).to_frame().T.reset_index(drop=True)
    if scores.empty:
        raise RankingError(f"{name} are empty; give at least one draw of one unit.")
    if not all(map(pd.api.types.is_numeric_dtype, scores.dtypes)):
        raise RankingError(f"{name} must be numbers, draws x units.")
    unique_labels(scores.columns, name)
    bad = scores.columns[~np.isfinite(scores.to_numpy(dtype=float)).all(axis=0)]
    if len(bad):
        raise RankingError(f"{name} of {_list(bad)} are missing in some draws; leave them out.")
    return scores.astype(float)


def errors_of(standard_errors, labels: pd.Index, name: str = "standard_errors") -> np.ndarray:
    """Standard errors in the order of the units; one number stands for all."""
    if np.ndim(standard_errors) == 0:
        standard_errors = pd.Series(standard_errors, index=labels)
    series = named(standard_errors, name)
    if not isinstance(standard_errors, pd.Series):
        if len(series) != len(labels):
            raise RankingError(f"{name}: {len(series)} numbers for {len(labels)} units.")
        series.index = labels
    return aligned(series, labels, name, lowest=0).to_numpy()


def aligned(series: pd.Series, labels: pd.Index, name: str, lowest: float) -> pd.Series:
    """The values of exactly these units, none below the lowest allowed."""
    lacking = labels.difference(series.index, sort=False)
    if len(lacking):
        raise RankingError(f"{name} lack {_list(lacking)}; give a number for every unit.")
    low = series.index[series.to_numpy() < lowest]
    if len(low):
        raise RankingError(f"{name} of {_list(low)} are below {lowest:g}.")
    return series.reindex(labels)


def known_unit(unit, labels: pd.Index) -> int:
    """Position of a unit."""
    if unit not in labels:
        raise RankingError(f"{unit!r} is not among the {len(labels)} units of the table.")
    return labels.get_loc(unit)


def share(value: float, name: str) -> float:
    """A number strictly between 0 and 1."""
    if not (isinstance(value, Real) and 0 < value < 1):
        raise RankingError(f"{name} must lie between 0 and 1, not {value!r}; 0.95 is usual.")
    return float(value)


def count(value: int, name: str) -> int:
    """A whole number from 1 up."""
    if not isinstance(value, Integral) or value < 1:
        raise RankingError(f"{name} must be a whole number from 1 up, not {value!r}.")
    return int(value)


def noisy(draws: pd.DataFrame, errors: np.ndarray, size: int, rng) -> np.ndarray:
    """`size` draws of what the scores would be without their error: size x units.

    Rows of `draws` are taken in turn, so that each is used as often as the next.
    """
    rows = np.arange(size) % len(draws)
    noise = rng.standard_normal((size, draws.shape[1])) * errors
    return draws.to_numpy()[rows] + noise


def tails(coverage: float) -> tuple[float, float]:
    """Both quantiles of a central interval."""
    return (1 - coverage) / 2, (1 + coverage) / 2


def _list(labels) -> str:
    shown = ", ".join(str(label) for label in labels[:5])
    return shown + (f" and {len(labels) - 5} more" if len(labels) > 5 else "")
