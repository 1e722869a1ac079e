"""Several years of the same provinces: within and between them, and which comes first.

The two regimes of the survey, before and since 2022, are never put into one model. Scores are taken
from the published national mean of their year, so that neither a change of scheme nor which
provinces were reported in a year looks like a change of a province.
"""

import warnings

import numpy as np
import pandas as pd
from statsmodels.regression.linear_model import OLS
from statsmodels.regression.mixed_linear_model import MixedLM
from statsmodels.tools.tools import add_constant

from helpers import facts
from helpers.association.pairs import satisfaction_maximum, score_pairs

# Provinces with two years or more; below, a slope within provinces rests on next to nothing.
LEAST_REPEATED = 8
LEAST_ROWS = 10


def stack(table: pd.DataFrame, schemes: pd.DataFrame, years) -> pd.DataFrame:
    """Published pairs of several years, each less the national mean of its year.

    Returns
    -------
    DataFrame
        ``unit, year, x`` (PAR less its satisfaction points, less the national mean of the same),
        ``y`` (SIPAS less its national mean), ``PAR`` (less its mean). Years without both
        national means are left out.
    """
    means = {index: facts.national(table, index)["mean"] for index in facts.INDICES}
    frames = []
    for year in years:
        par, sipas = (means[index].get(year, np.nan) for index in facts.INDICES)
        if np.isnan(par) or np.isnan(sipas):
            continue
        pairs = score_pairs(table, schemes, year)
        of_mean = sipas * satisfaction_maximum(schemes, year)[0] / 100
        frames.append(
            pd.DataFrame(
                {
                    "unit": pairs.index,
                    "year": year,
                    "x": (pairs["reform"] - (par - of_mean)).to_numpy(),
                    "y": (pairs["SIPAS"] - sipas).to_numpy(),
                    "PAR": (pairs["PAR"] - par).to_numpy(),
                }
            )
        )
    columns = ["unit", "year", "x", "y", "PAR"]
    return pd.concat(frames, ignore_index=True) if frames else pd.DataFrame(columns=columns)


def within_between(rows: pd.DataFrame, level: float = 0.95) -> pd.DataFrame:
    """Slope within provinces and between them (Mundlak 1978, Econometrica 46, 69-85).

    Parameters
    ----------
    rows : DataFrame
        ``unit, x, y``, as given by `stack`, of one regime.

    Returns
    -------
    DataFrame
        Indexed by term: ``within`` and ``between`` from a mixed model with a random intercept for
        each province (statsmodels' MixedLM, REML; y on x - mean(x) and mean(x)), and
        ``fixed_effects``, the within slope by least squares on deviations from province means with
        cluster-robust errors, beside it. Columns ``slope, low, high``; ``n`` rows, ``provinces``,
        ``repeated`` (with two years or more, on which alone the slope within rests);
        ``converged``, ``boundary`` (the variance between provinces came out as nothing) and
        ``messages``: every warning of the fit, in its own words. Slopes are NaN, and the message
        says so, with fewer than `LEAST_REPEATED` repeated provinces.
    """
    counts = rows["unit"].value_counts()
    sizes = {"n": len(rows), "provinces": len(counts), "repeated": int((counts > 1).sum())}
    terms = ("within", "between", "fixed_effects")
    if sizes["repeated"] < LEAST_REPEATED:
        nothing = dict.fromkeys(("slope", "low", "high"), np.nan)
        nothing |= {"converged": False, "boundary": False}
        nothing |= {"messages": f"only {sizes['repeated']} provinces with two years"}
        return pd.DataFrame({term: nothing | sizes for term in terms}).T
    mean = rows.groupby("unit")["x"].transform("mean")
    design = pd.DataFrame({"const": 1.0, "within": rows["x"] - mean, "between": mean})
    fit, told = _mixed(rows, design)
    interval = fit.conf_int(1 - level)
    made = {
        term: {
            "slope": fit.params[term],
            "low": interval.loc[term, 0],
            "high": interval.loc[term, 1],
            **sizes,
            **told,
        }
        for term in terms[:2]
    }
    made[terms[2]] = _fixed_effects(rows, level) | sizes
    return pd.DataFrame(made).T


def _mixed(rows: pd.DataFrame, design: pd.DataFrame):
    """Fit the mixed model and say how it went; warnings are handed back as text, not hidden.

    Where no variance is left between provinces the fit can be singular. Least squares is then what
    the model comes down to, and stands in its place.
    """
    model = MixedLM(rows["y"].astype(float), design, groups=rows["unit"])
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            fit = model.fit(reml=True, method=["lbfgs"])
        except np.linalg.LinAlgError as error:
            message = f"{error} in the mixed model: least squares, clustered, in its place"
            told = {"converged": False, "boundary": True, "messages": message}
            return _clustered(rows["y"], design, rows["unit"]), told
    return fit, {
        "converged": bool(fit.converged),
        "boundary": bool(float(fit.cov_re.iloc[0, 0]) < 1e-6 * fit.scale),
        "messages": "; ".join(dict.fromkeys(str(warning.message) for warning in caught)),
    }


def _clustered(y: pd.Series, design: pd.DataFrame, groups: pd.Series):
    """Least squares with errors that are robust to clusters, Student's t."""
    options = {"groups": pd.factorize(groups)[0]}
    model = OLS(y.astype(float), design.astype(float))
    return model.fit(cov_type="cluster", cov_kwds=options, use_t=True)


def _fixed_effects(rows: pd.DataFrame, level: float) -> dict:
    kept = rows[rows.groupby("unit")["x"].transform("size") > 1]
    about = kept[["x", "y"]] - kept.groupby("unit")[["x", "y"]].transform("mean")
    fit = _clustered(about["y"], about[["x"]], kept["unit"])
    low, high = fit.conf_int(1 - level).loc["x"]
    told = {"converged": True, "boundary": False, "messages": ""}
    return {"slope": fit.params["x"], "low": low, "high": high, **told}


def lags(rows: pd.DataFrame, level: float = 0.95) -> pd.DataFrame:
    """Does one index go with the other a year later, given its own last value?

    Parameters
    ----------
    rows : DataFrame
        ``unit, year, x, y``, as given by `stack`, of one regime.

    Returns
    -------
    DataFrame
        Indexed by direction, ``reform_first`` (y on last year's x and y) and
        ``satisfaction_first`` (x on last year's y and x): ``slope`` of the other index's lag,
        ``low, high`` (clustered by province), ``n``, ``provinces`` and ``messages``. Slopes are
        NaN with fewer than `LEAST_ROWS` rows (cross-lagged regression; Finkel 1995, Causal
        Analysis with Panel Data).
    """
    before = rows.assign(year=rows["year"] + 1)[["unit", "year", "x", "y"]]
    both = rows.merge(before, on=["unit", "year"], suffixes=("", "_before"))
    made = {}
    for name, now, own, other in (
        ("reform_first", "y", "y_before", "x_before"),
        ("satisfaction_first", "x", "x_before", "y_before"),
    ):
        sizes = {"n": len(both), "provinces": both["unit"].nunique()}
        if len(both) < LEAST_ROWS:
            empty = dict.fromkeys(("slope", "low", "high"), np.nan)
            made[name] = empty | sizes | {"messages": f"only {len(both)} rows"}
            continue
        fit = _clustered(both[now], add_constant(both[[own, other]]), both["unit"])
        low, high = fit.conf_int(1 - level).loc[other]
        found = {"slope": fit.params[other], "low": low, "high": high}
        made[name] = found | sizes | {"messages": ""}
    return pd.DataFrame(made).T
