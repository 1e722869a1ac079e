"""SIPAS on reform within a year: slopes, influence, and who is more satisfied than predicted."""

import numpy as np
import pandas as pd
from scipy import stats
from statsmodels.regression.linear_model import OLS
from statsmodels.robust import norms
from statsmodels.robust.robust_linear_model import RLM
from statsmodels.tools.tools import add_constant

from helpers.language import N_

# A line through fewer pairs leaves too little to judge its scatter by.
LEAST = 8


def _design(frame: pd.DataFrame, x: str) -> pd.DataFrame:
    return add_constant(frame[[x]].astype(float), has_constant="add")


def enough(frame: pd.DataFrame) -> bool:
    """Whether there are pairs enough for a line."""
    return len(frame) >= LEAST


def slopes(
    frame: pd.DataFrame, x: str = "reform", y: str = "SIPAS", level: float = 0.95
) -> pd.DataFrame:
    """Slope of y on x by several models.

    Parameters
    ----------
    frame : DataFrame
        As given by `helpers.association.score_pairs`, with ``region``.

    Returns
    -------
    DataFrame
        Indexed by model: ``slope`` (units of y per unit of x), ``low, high, n, dof`` (residual
        degrees of freedom), ``r2`` (NaN for Huber's) and ``note``, "" where all is well.

        ``ols``: HC3 errors, Student's t (MacKinnon and White 1985, J. Econometrics 29, 305-325).
        ``without_influential``: the same without the provinces whose Cook's distance exceeds 4/n.
        ``huber``: M-estimate (Huber 1964), normal interval. ``regions``: OLS with an effect for
        each region; a region with one province says nothing on the slope and is left out with it,
        which also keeps HC3 finite.

    Raises
    ------
    ValueError
        With fewer than `LEAST` pairs.
    """
    if not enough(frame):
        raise ValueError(f"slopes() takes at least {LEAST} pairs")
    kept = frame[~influence(frame, x, y)["influential"].reindex(frame.index)]
    rows = {"ols": _ols(frame, x, y, level), "huber": _huber(frame, x, y, level)}
    if len(kept) < len(frame):
        rows["without_influential"] = _ols(kept, x, y, level)
    rows["regions"] = _with_regions(frame, x, y, level)
    return pd.DataFrame(rows).T.infer_objects()


def _ols(frame, x, y, level, design=None) -> dict:
    design = _design(frame, x) if design is None else design
    fit = OLS(frame[y].astype(float), design).fit(cov_type="HC3", use_t=True)
    low, high = fit.conf_int(1 - level).loc[x]
    return {
        "slope": fit.params[x],
        "low": low,
        "high": high,
        "n": len(frame),
        "dof": int(fit.df_resid),
        "r2": fit.rsquared,
        "note": "",
    }


def _huber(frame, x, y, level, most: int = 200) -> dict:
    model = RLM(frame[y].astype(float), _design(frame, x), M=norms.HuberT())
    fit = model.fit(maxiter=most)
    low, high = fit.conf_int(1 - level).loc[x]
    done = fit.fit_history["iteration"] < most
    return {
        "slope": fit.params[x],
        "low": low,
        "high": high,
        "n": len(frame),
        "dof": int(fit.df_resid),
        "r2": float("nan"),
        "note": "" if done else N_("not converged"),
    }


def _with_regions(frame, x, y, level) -> dict:
    sizes = frame.groupby("region")[x].transform("size")
    kept = frame[sizes > 1]
    regions = pd.get_dummies(kept["region"], dtype=float)
    dof = len(kept) - regions.shape[1] - 1
    none = {"slope": np.nan, "low": np.nan, "high": np.nan, "n": len(kept), "dof": dof}
    if dof < 2:
        return none | {"r2": np.nan, "note": N_("too few degrees of freedom")}
    design = pd.concat([kept[[x]].astype(float), regions], axis=1)
    leverage = np.diag(design.to_numpy() @ np.linalg.pinv(design.to_numpy()))
    if leverage.max() > 1 - 1e-8:
        note = N_("a province is fitted exactly, HC3 is not defined")
        return none | {"r2": np.nan, "note": note}
    return _ols(kept, x, y, level, design)


def influence(frame: pd.DataFrame, x: str = "reform", y: str = "SIPAS") -> pd.DataFrame:
    """Weight of each province in the line of y on x.

    Returns
    -------
    DataFrame
        Indexed by unit, the greatest Cook's distance first: ``leverage``, ``cooks`` (Cook 1977,
        Technometrics 19, 15-18), ``student`` (externally studentised residual), ``influential``
        (Cook's distance above 4/n) and ``far`` (leverage above 4/n, twice the mean).
    """
    fit = OLS(frame[y].astype(float), _design(frame, x)).fit()
    of_fit = fit.get_influence()
    made = pd.DataFrame(
        {
            "leverage": of_fit.hat_matrix_diag,
            "cooks": of_fit.cooks_distance[0],
            "student": of_fit.resid_studentized_external,
        },
        index=frame.index,
    )
    made["influential"] = made["cooks"] > 4 / len(frame)
    made["far"] = made["leverage"] > 4 / len(frame)
    return made.sort_values("cooks", ascending=False, kind="stable")


def residuals(
    frame: pd.DataFrame, x: str = "reform", y: str = "SIPAS", level: float = 0.95
) -> pd.DataFrame:
    """How far each province lies from what the others' line predicts for it.

    Returns
    -------
    DataFrame
        Indexed by unit, the greatest first: ``predicted`` by the line without the province,
        ``residual`` = y - predicted, ``low, high`` and ``outside`` (the interval leaves out 0).
        The interval has the width of the prediction interval of a new observation, Student's t
        with n - 3 degrees of freedom (Belsley, Kuh and Welsch 1980, Regression Diagnostics). Of
        the intervals of n provinces, n times 1 - level lie outside by chance.
    """
    fit = OLS(frame[y].astype(float), _design(frame, x)).fit()
    of_fit = fit.get_influence()
    hat = of_fit.hat_matrix_diag
    deleted = fit.resid / (1 - hat)
    spread = np.sqrt(of_fit.sigma2_not_obsi / (1 - hat))
    reach = stats.t.ppf((1 + level) / 2, fit.df_resid - 1) * spread
    made = pd.DataFrame({"predicted": frame[y] - deleted, "residual": deleted}, index=frame.index)
    made["low"], made["high"] = deleted - reach, deleted + reach
    made["outside"] = (made["low"] > 0) | (made["high"] < 0)
    return made.sort_values("residual", ascending=False, kind="stable")


def line(frame: pd.DataFrame, x: str = "reform", y: str = "SIPAS", points: int = 40):
    """Fitted line with its 95% band, for a picture: ``x, y, low, high`` (HC3 errors)."""
    fit = OLS(frame[y].astype(float), _design(frame, x)).fit(cov_type="HC3", use_t=True)
    at = pd.DataFrame({x: np.linspace(frame[x].min(), frame[x].max(), points)})
    band = fit.get_prediction(_design(at, x)).conf_int()
    fitted = fit.predict(_design(at, x))
    return pd.DataFrame({"x": at[x], "y": fitted, "low": band[:, 0], "high": band[:, 1]})
