"""What a fitted model says: effects, variance parts, shrinkage, residuals."""

import numpy as np
import pandas as pd
from scipy import stats

from helpers.trajectories.model import SPAN, Model, at_year, design


def fixed_effects(model: Model) -> pd.DataFrame:
    """Fixed effects pooled over draws by Rubin's rules.

    Returns
    -------
    DataFrame
        Indexed by term: ``estimate``, ``within``, ``between``, ``total`` variance, ``low``,
        ``high`` of the 95% interval (points).

    References
    ----------
    Rubin, D. B. (1987). Multiple Imputation for Nonresponse in Surveys. Wiley, pp. 76-77.
    """
    estimates = np.array([one.fixed.to_numpy() for one in model.fits])
    within = np.array([np.diag(one.covariance) for one in model.fits]).mean(axis=0)
    m = len(estimates)
    between = estimates.var(axis=0, ddof=1) if m > 1 else np.zeros_like(within)
    total = within + (1 + 1 / m) * between
    share = (1 + 1 / m) * between / total
    with np.errstate(divide="ignore"):
        dof = (m - 1) / share**2 if m > 1 else np.full_like(total, np.inf)
    reach = stats.t.ppf(0.975, dof) * np.sqrt(total)
    mean = estimates.mean(axis=0)
    columns = {"estimate": mean, "within": within, "between": between, "total": total}
    columns |= {"low": mean - reach, "high": mean + reach}
    return pd.DataFrame(columns, index=model.fits[0].fixed.index)


def variance_parts(model: Model, year: int) -> pd.DataFrame:
    """Variance parts, averaged over draws.

    Returns
    -------
    DataFrame
        Indexed by part: ``provinces`` (their levels in `year`), ``slopes`` (per year; absent
        without slopes), ``residual``; columns ``variance``, ``sd`` (points), ``share`` of
        provinces + residual (NaN for slopes), ``over_draws`` (sd of the variance).
    """
    parts = {"provinces": [], "slopes": [], "residual": []}
    for one in model.fits:
        z = design(np.array([(year - one.centre) / SPAN]), one.slope)
        parts["provinces"].append(float((z @ one.between @ z.T)[0, 0]))
        if one.slope:
            parts["slopes"].append(one.between[1, 1] / SPAN**2)
        parts["residual"].append(one.residual)
    kept = {name: np.array(values) for name, values in parts.items() if values}
    whole = kept["provinces"].mean() + kept["residual"].mean()
    rows = {
        name: {
            "variance": values.mean(),
            "sd": np.sqrt(values.mean()),
            "share": np.nan if name == "slopes" else values.mean() / whole,
            "over_draws": values.std(),
        }
        for name, values in kept.items()
    }
    return pd.DataFrame.from_dict(rows, orient="index")


def shrinkage(model: Model, regions: pd.Series, year: int) -> pd.Series:
    """How far each unit's own figures are drawn to the mean in a year: 0 not at all, 1 wholly."""
    one = model.fits[0]
    z = design(np.array([(year - one.centre) / SPAN]), one.slope)[0]
    prior = z @ one.between @ z
    if prior <= 0:
        return pd.Series(1.0, regions.index, name="shrinkage")
    return (at_year(one, regions, year)[1] / prior).rename("shrinkage")


def residual_checks(model: Model, rows: pd.DataFrame) -> dict:
    """Look at the conditional residuals of the first draw.

    Returns
    -------
    dict
        ``sd``, ``skewness``, ``excess_kurtosis``, ``normal_p`` (Shapiro & Wilk 1965), ``lag_one``
        (correlation of residuals of a unit in consecutive years; NaN with fewer than five pairs),
        ``spread_p`` (Levene's test of equal spread over years with five scores or more),
        ``sd_by_year`` (dict), ``largest`` (unit, year and residual of the five largest).
    """
    one = model.fits[0]
    table = rows[["unit", "year"]].assign(residual=one.residuals)
    by_year = table.groupby("year")["residual"]
    groups = [group.to_numpy() for _, group in by_year if len(group) >= 5]
    wide = table.pivot(index="unit", columns="year", values="residual")
    pairs = [
        wide[[year, year + 1]].dropna().to_numpy() for year in wide.columns if year + 1 in wide
    ]
    pairs = np.concatenate(pairs) if pairs else np.empty((0, 2))
    largest = table.reindex(table["residual"].abs().sort_values(ascending=False).index).head(5)
    values = table["residual"]
    return {
        "sd": float(values.std()),
        "skewness": float(stats.skew(values)),
        "excess_kurtosis": float(stats.kurtosis(values)),
        "normal_p": float(stats.shapiro(values).pvalue),
        "lag_one": float(np.corrcoef(pairs.T)[0, 1]) if len(pairs) >= 5 else float("nan"),
        "spread_p": float(stats.levene(*groups).pvalue) if len(groups) > 1 else float("nan"),
        "sd_by_year": {int(year): float(sd) for year, sd in by_year.std().dropna().items()},
        "largest": largest.to_dict("records"),
    }
