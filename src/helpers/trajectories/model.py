"""The mixed model: levels of regions and provinces, and what is carried from year to year."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy import linalg, optimize, special

from helpers.kept import by_content
from helpers.trajectories.panel import NotEnoughYears, Panel, distance

BEGINNINGS = (  # variances of region, province, carried and residual, and the carry over
    (0.2, 0.4, 0.3, 0.1, 0.7),
    (0.1, 0.1, 0.6, 0.2, 0.9),
)
SMALLEST, LARGEST = 1e-4, 10.0  # of a variance; that of all provinces of a year is 1
LEAST, MOST = 0.01, 0.99  # of the carry over
FEWEST = 3  # units with scores of two years
USED = ["unit", "region", "year", "scaled", "noise"]


@dataclass(frozen=True)
class MixedModel:
    """Variances of distances from the national mean, in units of the variance of their year.

    Attributes
    ----------
    region, province : float
        Of the levels that last.
    carried : float
        Of what is carried on: a share of `carry` a year later, `carry` squared after two years.
    residual : float
        Of what a single year has for itself.
    carry : float
    llf : float
        Log-likelihood.
    cases : int
    converged : bool
    """

    region: float
    province: float
    carried: float
    residual: float
    carry: float
    llf: float
    cases: int
    converged: bool

    def copy(self) -> "MixedModel":
        """Give itself: it cannot be changed."""
        return self


def scaled(panel: Panel) -> pd.DataFrame:
    """Rows of the panel with their distance from the mean in standard deviations of their year.

    Returns
    -------
    DataFrame
        As `panel.distance`, with ``spread`` (points: the standard deviation over all units, mean
        over the completed tables), ``scaled`` (``to_mean`` over it) and ``noise`` (the variance of
        ``scaled`` that comes from the score being an estimate).
    """
    spread = {year: scores.std(axis=1).mean() for year, (scores, _ranks) in panel.tables.items()}
    rows = distance(panel)
    rows["spread"] = rows["year"].map(spread)
    rows["scaled"] = rows["to_mean"] / rows["spread"]
    return rows.assign(noise=(rows["sd"] / rows["spread"]) ** 2)


class Apart(NamedTuple):
    """How two sets of rows (``region, unit, year``) stand to each other, one by other."""

    region: np.ndarray  # whether it is the same
    unit: np.ndarray  # whether it is the same
    years: np.ndarray  # between them


def apart(one: pd.DataFrame, other: pd.DataFrame) -> Apart:
    """Compare every row of one set with every row of another."""
    region, unit, year = (
        (one[name].to_numpy()[:, None], other[name].to_numpy())
        for name in ("region", "unit", "year")
    )
    return Apart(region[0] == region[1], unit[0] == unit[1], np.abs(year[0] - year[1]))


def covariance(model: MixedModel, rows: Apart) -> np.ndarray:
    """Covariance of two sets of rows, without what a single year has for itself."""
    carried = model.carried * model.carry ** np.arange(rows.years.max() + 1)
    own = (model.province + carried)[rows.years]
    return model.region * rows.region + own * rows.unit


def fit(panel: Panel) -> MixedModel:
    """Fit the mixed model by maximum likelihood.

    Parameters
    ----------
    panel : Panel
        Its rows and those of the regime before, as two series with the same variances.

    Returns
    -------
    MixedModel

    Raises
    ------
    NotEnoughYears
        Where fewer than three units have a score in two years, so that nothing tells a unit's level
        from its residual.

    Notes
    -----
    Scaled distance = region + province + carried + residual, all normal with mean zero, since the
    mean over all units of a year is zero by definition; the carried part is a first-order
    autoregression within a province. Scaling takes out that the criteria of some years spread the
    scores wider; without a slope no trend runs on for ever.

    References
    ----------
    Laird, N. M. and Ware, J. H. (1982). Random-effects models for longitudinal data. Biometrics 38,
    963-974. Diggle, P. J. (1988). An approach to the analysis of repeated measurements. Biometrics
    44, 959-971 (the autoregression within a unit).
    """
    series = [scaled(one) for one in (panel, panel.before) if one is not None]
    repeated = sum((rows.groupby("unit")["year"].nunique() > 1).sum() for rows in series)
    if repeated < FEWEST:
        raise NotEnoughYears(
            f"{panel.index} up to {panel.last}: too few provinces have a score in two years: no "
            "mixed model."
        )
    return _likeliest([rows[USED] for rows in series])


@by_content(32)
def _likeliest(series: list[pd.DataFrame]) -> MixedModel:
    """Search from each beginning; a backtest with other settings asks for the same fits again."""
    blocks = [_block(rows) for one in series for _region, rows in one.groupby("region")]
    variance = (np.log(SMALLEST), np.log(LARGEST))
    bounds = [*[variance] * 4, (special.logit(LEAST), special.logit(MOST))]
    found = [
        optimize.minimize(_cost, _terms(one), (blocks,), method="L-BFGS-B", bounds=bounds)
        for one in BEGINNINGS
    ]
    best = min(found, key=lambda one: one.fun)
    cases = sum(map(len, series))
    return _model(best.x, llf=-float(best.fun), cases=cases, converged=bool(best.success))


def _terms(values) -> np.ndarray:
    """Terms of the search: logarithms of the variances, log-odds of the carry over."""
    *variances, carry = values
    return np.append(np.log(variances), special.logit(carry))


def _model(terms: np.ndarray, llf=np.nan, cases=0, converged=False) -> MixedModel:
    region, province, carried, residual = map(float, np.exp(terms[:4]))
    carry = float(special.expit(terms[4]))
    return MixedModel(region, province, carried, residual, carry, llf, cases, converged)


def _block(rows: pd.DataFrame) -> tuple[Apart, np.ndarray, np.ndarray]:
    return apart(rows, rows), rows["noise"].to_numpy(), rows["scaled"].to_numpy()


def _cost(terms: np.ndarray, blocks: list) -> float:
    model = _model(terms)
    return -sum(_log_likelihood(model, *block) for block in blocks)


def _log_likelihood(model: MixedModel, rows: Apart, noise, values) -> float:
    factor = _factor(model, rows, noise)
    half = linalg.solve_triangular(factor, values, lower=True)
    size = 2 * np.log(np.diag(factor)).sum() + len(values) * np.log(2 * np.pi)
    return float(-(half @ half + size) / 2)


def _factor(model: MixedModel, rows: Apart, noise: np.ndarray) -> np.ndarray:
    return linalg.cholesky(covariance(model, rows) + np.diag(model.residual + noise), lower=True)


def expected(model: MixedModel, panel: Panel, year: int) -> tuple[pd.Series, pd.Series]:
    """Expected distance of every unit from the national mean in a year, and its variance.

    Returns
    -------
    (Series, Series)
        By unit, in points (squared), at the spread of the last completed table. The distances sum
        to zero; the variance has the residual of the year in it. A unit without a score stands
        where its region does.
    """
    rows, spread = scaled(panel), panel.tables[max(panel.tables)][0].std(axis=1).mean()
    regions = panel.regions
    asked = pd.DataFrame({"region": regions.to_numpy(), "unit": regions.index, "year": year})
    known, noise, values = _block(rows)
    across, factor = covariance(model, apart(asked, rows)), _factor(model, known, noise)
    level = across @ linalg.cho_solve((factor, True), values)
    told = linalg.solve_triangular(factor, across.T, lower=True)
    whole = model.region + model.province + model.carried + model.residual
    left = whole - (told**2).sum(axis=0)
    return (
        pd.Series(spread * (level - level.mean()), regions.index),
        pd.Series(spread**2 * left, regions.index),
    )
