"""The mixed model: year effects, and an intercept and a slope of its own for every province."""

import warnings
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import stats
from statsmodels.regression.mixed_linear_model import MixedLM, MixedLMParams

from helpers.trajectories.panel import NotEnoughYears, Panel

IMPUTATIONS = 20
SPAN = 5  # years; slopes are points per five years, which keeps the variances alike in size
NEAR_ENOUGH = 1e-6  # slope of the mean log-likelihood at which a search begun near an end stops
AT_ZERO = 1e-3  # smallest eigenvalue, against the largest or the residual, told from zero


@dataclass(frozen=True)
class OneFit:
    """One fit of the mixed model to one completed panel.

    Attributes
    ----------
    fixed : Series, covariance : DataFrame
        Fixed effects in points, and their covariance.
    between : ndarray, 1 x 1 or 2 x 2
        Covariance of the random intercept (at `centre`) and slope (per `SPAN` years).
    residual : float
        Residual variance.
    llf, aic : float
        Of the likelihood used (REML or ML); the AIC counts every parameter.
    converged : bool
    warnings : tuple of str
        What the optimiser said, word for word.
    effects : DataFrame, units x terms
        Predicted random effects of the units in the panel.
    posterior : dict of unit to ndarray
        Their covariance given the variance parts.
    residuals : ndarray
        Conditional residuals by row.
    """

    slope: bool
    region: bool
    reml: bool
    centre: float
    fixed: pd.Series
    covariance: pd.DataFrame
    between: np.ndarray
    residual: float
    llf: float
    aic: float
    converged: bool
    warnings: tuple[str, ...]
    effects: pd.DataFrame
    posterior: dict
    residuals: np.ndarray

    @property
    def at_zero(self) -> bool:
        """Whether the variance of some combination of random terms cannot be told from zero."""
        sizes = np.linalg.eigvalsh(self.between)
        return bool(sizes[0] < AT_ZERO * max(sizes[-1] if self.slope else 0, self.residual))


@dataclass(frozen=True)
class Model:
    """The model that was chosen, fitted to every draw.

    Attributes
    ----------
    fits : tuple of OneFit
        By REML, one per draw.
    structures : DataFrame
        What the choice was made from: ``slope, region, llf, aic`` (ML), ``converged, at_zero,
        warnings``.
    reasons : tuple of str
        Codes of what decided: "region" or "no_region", "slope", "slope_at_zero",
        "slope_not_converged" or "slope_not_worth_it".
    tests : dict
        Likelihood-ratio tests: ``slope`` and ``region``, each with statistic and p.
    """

    fits: tuple[OneFit, ...]
    structures: pd.DataFrame
    reasons: tuple[str, ...]
    tests: dict

    @property
    def slope(self) -> bool:
        """Whether provinces have slopes of their own."""
        return self.fits[0].slope

    @property
    def region(self) -> bool:
        """Whether the region is a fixed effect."""
        return self.fits[0].region


def fit_once(
    rows: pd.DataFrame,
    *,
    slope: bool = True,
    region: bool = False,
    reml: bool = True,
    near: OneFit | None = None,
) -> OneFit:
    """Fit the mixed model to one panel.

    Parameters
    ----------
    rows : DataFrame
        ``unit, year, score`` and, for `region`, ``region``.
    slope, region : bool
        With a random slope; with the region as fixed effect.
    reml : bool
        Restricted likelihood; plain likelihood to compare fixed effects.
    near : OneFit, optional
        A fit to much the same figures. The search begins with its variance parts, and so ends at
        the same top; not where it has other random terms or lies at the edge, which no search
        leaves.

    Returns
    -------
    OneFit
        Warnings are in it, none is shown and none is lost.

    Raises
    ------
    NotEnoughYears
        With fewer than three units, or where none has two years, so that nothing tells a unit from
        its residual.

    References
    ----------
    Laird, N. M. and Ware, J. H. (1982). Random-effects models for longitudinal data. Biometrics 38,
    963-974.
    """
    if rows.groupby("unit")["year"].nunique().max() < 2 or rows["unit"].nunique() < 3:
        years = ", ".join(str(year) for year in sorted(rows["year"].unique()))
        raise NotEnoughYears(
            f"Too few provinces have a score in two of the years {years}: no mixed model."
        )
    centre = (rows["year"].min() + rows["year"].max()) / 2
    data = rows.assign(time=(rows["year"] - centre) / SPAN).reset_index(drop=True)
    several = data["year"].nunique() > 1
    terms = [*(["C(year)"] if several else []), *(["C(region)"] if region else [])]
    formula = f"score ~ {' + '.join(terms) or '1'}"
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        model = MixedLM.from_formula(
            formula, data, groups="unit", re_formula="1 + time" if slope else "1"
        )
        result = _begun_near(model, near, slope, reml) or model.fit(
            reml=reml, method=["bfgs", "lbfgs", "cg"]
        )
    between = np.asarray(result.cov_re, float)
    names = result.fe_params.index
    free = len(names) + between.shape[0] * (between.shape[0] + 1) // 2 + 1
    left = data["score"].to_numpy() - model.exog @ result.fe_params.to_numpy()
    effects, posterior, residuals = _predict(data, left, between, result.scale, slope)
    covariance = pd.DataFrame(_covariance(data, model.exog, between, result.scale, slope))
    covariance = covariance.set_axis(names, axis=0).set_axis(names, axis=1)
    return OneFit(
        slope=slope,
        region=region,
        reml=reml,
        centre=float(centre),
        fixed=result.fe_params,
        covariance=covariance,
        between=between,
        residual=float(result.scale),
        llf=float(result.llf),
        aic=float(-2 * result.llf + 2 * free),
        converged=bool(result.converged),
        warnings=tuple(f"{w.category.__name__}: {w.message}" for w in caught),
        effects=effects,
        posterior=posterior,
        residuals=residuals,
    )


def _begun_near(model, near: OneFit | None, slope: bool, reml: bool):
    """Search from where a fit near by ended; None where that is of no use or warns of anything."""
    if near is None or near.slope != slope or near.at_zero:
        return None
    start = MixedLMParams.from_components(np.zeros(model.k_fe), near.between / near.residual)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        result = model.fit(start, reml=reml, method="bfgs", gtol=NEAR_ENOUGH)
    return result if result.converged and not caught else None


def design(time: np.ndarray, slope: bool) -> np.ndarray:
    """Design of the random part: ones, and the time where units have slopes."""
    return np.column_stack([np.ones_like(time), time]) if slope else np.ones((len(time), 1))


def _predict(data, left, between, residual, slope):
    """Best linear unbiased predictions, their covariance, and what they leave over."""
    terms = ["intercept", "slope"] if slope else ["intercept"]
    effects, posterior, residuals = {}, {}, np.zeros(len(data))
    for unit, at in data.groupby("unit").indices.items():
        z = design(data["time"].to_numpy()[at], slope)
        gain = between @ z.T @ np.linalg.inv(z @ between @ z.T + residual * np.eye(len(at)))
        effects[unit] = gain @ left[at]
        posterior[unit] = between - gain @ z @ between
        residuals[at] = left[at] - z @ effects[unit]
    return pd.DataFrame.from_dict(effects, orient="index", columns=terms), posterior, residuals


def _covariance(data, x, between, residual, slope) -> np.ndarray:
    """Of the fixed effects given the variance parts; statsmodels' own needs an inner optimum."""
    information = np.zeros((x.shape[1],) * 2)
    for at in data.groupby("unit").indices.values():
        z = design(data["time"].to_numpy()[at], slope)
        v = z @ between @ z.T + residual * np.eye(len(at))
        information += x[at].T @ np.linalg.solve(v, x[at])
    return np.linalg.inv(information)


def fit(panel: Panel, draws: int = IMPUTATIONS) -> Model:
    """Choose the structure by likelihood and fit it to draws of the panel.

    Parameters
    ----------
    panel : Panel
    draws : int
        How many draws to fit; one where no score has an error.

    Returns
    -------
    Model

    Raises
    ------
    NotEnoughYears
        As `fit_once`.

    Notes
    -----
    The region stays where it lowers the AIC of the ML fit. The slope stays where its fit converges,
    no variance is at zero, and it lowers the AIC of the REML fit. The choice is made on the mean of
    the draws; these fits begin from nothing, since the likelihood can have two tops (PAR up to 2017
    has), and those of the draws near the chosen one. The slope's test takes the mixture of
    chi-squares with 1 and 2 degrees of freedom that holds at the edge (Self & Liang 1987; Stram &
    Lee 1994).
    """
    rows = panel.rows
    by_ml = {
        (slope, region): fit_once(rows, slope=slope, region=region, reml=False)
        for slope in (False, True)
        for region in (False, True)
        if region_fits(rows) or not region
    }
    region = (False, True) in by_ml and min(
        by_ml[slope, True].aic for slope in (False, True)
    ) < min(by_ml[slope, False].aic for slope in (False, True))
    plain = fit_once(rows, slope=False, region=region)
    sloped = fit_once(rows, slope=True, region=region)
    reason = _why_slope(plain, sloped)
    slope = reason == "slope"
    mean = sloped if slope else plain
    chosen = slice(1 if (rows["sd"] == 0).all() else draws)
    fits = tuple(
        fit_once(rows.assign(score=scores), slope=slope, region=region, near=mean)
        for scores in panel.draws[chosen]
    )
    table = pd.DataFrame(
        [
            {
                "slope": one.slope,
                "region": one.region,
                "reml": one.reml,
                "llf": one.llf,
                "aic": one.aic,
                "converged": one.converged,
                "at_zero": one.at_zero,
                "warnings": "; ".join(one.warnings),
            }
            for one in (*by_ml.values(), plain, sloped)
        ]
    )
    tests = {"slope": _edge_test(plain, sloped)}
    if (slope, True) in by_ml:
        tests["region"] = _ratio_test(by_ml[slope, False], by_ml[slope, True])
    reasons = ("region" if region else "no_region", reason)
    return Model(fits=fits, structures=table, reasons=reasons, tests=tests)


def region_fits(rows: pd.DataFrame) -> bool:
    """Whether regions can be told apart: two or more, each with two units or more."""
    sizes = rows.groupby("region")["unit"].nunique()
    return len(sizes) > 1 and sizes.min() > 1


def _why_slope(plain: OneFit, sloped: OneFit) -> str:
    if sloped.at_zero:  # first: at the edge no optimiser says that it has arrived
        return "slope_at_zero"
    if not sloped.converged:
        return "slope_not_converged"
    return "slope" if sloped.aic < plain.aic else "slope_not_worth_it"


def _edge_test(plain: OneFit, sloped: OneFit) -> dict:
    statistic = max(2 * (sloped.llf - plain.llf), 0.0)
    p = (stats.chi2.sf(statistic, 1) + stats.chi2.sf(statistic, 2)) / 2
    return {"statistic": float(statistic), "p": float(p)}


def _ratio_test(small: OneFit, large: OneFit) -> dict:
    statistic = max(2 * (large.llf - small.llf), 0.0)
    more = len(large.fixed) - len(small.fixed)
    return {"statistic": float(statistic), "p": float(stats.chi2.sf(statistic, more))}


def at_year(one: OneFit, regions: pd.Series, year: int) -> tuple[pd.Series, pd.Series]:
    """Expected distance of every unit from the mean of all units in a year, and its variance.

    Parameters
    ----------
    one : OneFit
    regions : Series
        Region of every unit, those without a score too.
    year : int

    Returns
    -------
    (Series, Series)
        Points, and points squared. The distances sum to zero over the units, since the national
        mean is the mean over them. A unit without a score stands where its region does, with the
        whole variance between provinces.
    """
    z = design(np.array([(year - one.centre) / SPAN]), one.slope)[0]
    effects = one.effects.reindex(regions.index).fillna(0.0).to_numpy() @ z
    if one.region:
        terms = regions.map(lambda name: f"C(region)[T.{name}]")
        effects = effects + terms.map(one.fixed).fillna(0.0).to_numpy()
    variances = [z @ one.posterior.get(unit, one.between) @ z for unit in regions.index]
    level = pd.Series(effects, regions.index)
    return level - level.mean(), pd.Series(variances, regions.index)
