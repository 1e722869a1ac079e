"""Pool a quantity over completed tables."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats


def pool(
    values: Callable[[pd.DataFrame], Any],
    tables,
    level: float = 0.95,
    complete_dof: float | None = None,
) -> pd.Series | pd.DataFrame:
    """Apply a function to every completed table and pool by Rubin's rules.

    Parameters
    ----------
    values : callable
        Takes a DataFrame indexed by unit with columns ``score`` and ``rank``. Returns a number; or
        a pair (estimate, variance); or a Series of numbers; or a DataFrame with columns
        ``estimate`` and ``variance``.
    tables : iterable of DataFrame
        The completed tables, at least two.
    level : float
        Of the interval.
    complete_dof : float, optional
        Degrees of freedom that the estimate would have with a complete table, for the small-sample
        degrees of freedom of Barnard and Rubin.

    Returns
    -------
    Series, or DataFrame with a row per quantity
        ``estimate``, ``within`` (mean variance within a table), ``between`` (variance between
        tables), ``total`` = within + (1 + 1/m) between, ``dof``, ``low``, ``high``, ``draws``.
        With variances the interval is Rubin's, from Student's t. Without them the quantity is a
        plain function of the table, ``within`` is 0 and ``dof`` is NaN, and the interval is between
        quantiles of the draws.

    Raises
    ------
    ValueError
        With fewer than two tables.

    References
    ----------
    Rubin, D. B. (1987). Multiple Imputation for Nonresponse in Surveys. Wiley, pp. 76-77.
    Barnard, J. and Rubin, D. B. (1999). Small-sample degrees of freedom with multiple imputation.
    Biometrika 86, 948-955.
    """
    results = [values(table) for table in tables]
    if len(results) < 2:
        raise ValueError("Pooling needs at least two completed tables.")
    first = results[0]
    if isinstance(first, pd.DataFrame):
        estimates = pd.DataFrame([r["estimate"] for r in results]).to_numpy(float)
        variances = pd.DataFrame([r["variance"] for r in results]).to_numpy(float)
        return _pooled(estimates, variances, first.index, level, complete_dof)
    if isinstance(first, pd.Series):
        estimates = pd.DataFrame(results)[first.index].to_numpy(float)
        return _pooled(estimates, None, first.index, level, complete_dof)
    if isinstance(first, tuple):
        pairs = np.array(results, dtype=float)
        columns = pairs[:, :1], pairs[:, 1:]
        return _pooled(*columns, ["value"], level, complete_dof).loc["value"].rename(None)
    numbers = np.array(results, dtype=float)[:, None]
    return _pooled(numbers, None, ["value"], level, complete_dof).loc["value"].rename(None)


def _pooled(estimates, variances, names, level, complete_dof) -> pd.DataFrame:
    m = len(estimates)
    # From the first draw on, so that what is the same in all draws comes out exactly.
    estimate = estimates[0] + (estimates - estimates[0]).mean(axis=0)
    between = (estimates - estimates[0]).var(axis=0, ddof=1)
    within = np.zeros_like(between) if variances is None else variances.mean(axis=0)
    total = within + (1 + 1 / m) * between
    tail = (1 - level) / 2
    if variances is None:
        dof = np.full(len(estimate), np.nan)
        low, high = np.quantile(estimates, [tail, 1 - tail], axis=0)
    else:
        dof = _dof(within, between, total, m, complete_dof)
        reach = stats.t.ppf(1 - tail, dof) * np.sqrt(total)
        low, high = estimate - reach, estimate + reach
    columns = {
        "estimate": estimate,
        "within": within,
        "between": between,
        "total": total,
        "dof": dof,
        "low": low,
        "high": high,
        "draws": m,
    }
    return pd.DataFrame(columns, index=names)


def _dof(within, between, total, m: int, complete_dof: float | None) -> np.ndarray:
    """Rubin's degrees of freedom, or those of Barnard and Rubin where complete_dof is given."""
    share = np.divide((1 + 1 / m) * between, total, out=np.zeros_like(total), where=total > 0)
    with np.errstate(divide="ignore"):
        rubin = (m - 1) / share**2
    if complete_dof is None:
        return rubin
    observed = (complete_dof + 1) / (complete_dof + 3) * complete_dof * (1 - share)
    with np.errstate(divide="ignore"):
        return 1 / (1 / rubin + 1 / observed)
