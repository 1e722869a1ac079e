"""Correlations with two kinds of intervals, and the same for every year apart."""

import numpy as np
import pandas as pd
from scipy import stats

from helpers import facts
from helpers.association.pairs import rank_pairs, score_pairs

SEED = 20210624
RESAMPLES = 2000
# Fisher's interval needs n > 3 (Kendall: n > 4); fewer pairs than this are not worth a number.
LEAST = 5
# With fewer pairs a resample too often repeats a single province, and nothing correlates then.
LEAST_FOR_BOOTSTRAP = 8
METHODS = ("pearson", "spearman", "kendall")
REGIMES = facts.REGIMES["SIPAS"]
YEARS = tuple(range(REGIMES[0][0], REGIMES[-1][1] + 1))


def _pearson(x: np.ndarray, y: np.ndarray, axis: int = -1) -> np.ndarray:
    x = x - x.mean(axis=axis, keepdims=True)
    y = y - y.mean(axis=axis, keepdims=True)
    return (x * y).sum(axis=axis) / np.sqrt((x**2).sum(axis=axis) * (y**2).sum(axis=axis))


def _spearman(x: np.ndarray, y: np.ndarray, axis: int = -1) -> np.ndarray:
    return _pearson(stats.rankdata(x, axis=axis), stats.rankdata(y, axis=axis), axis)


def _kendall(x: np.ndarray, y: np.ndarray, axis: int = -1) -> np.ndarray:
    """Tau-b, which counts ties as a resample has them."""
    x, y = np.moveaxis(x, axis, -1), np.moveaxis(y, axis, -1)
    dx, dy = (np.sign(v[..., :, None] - v[..., None, :]) for v in (x, y))
    agree = (dx * dy).sum(axis=(-2, -1))
    return agree / np.sqrt((dx**2).sum(axis=(-2, -1)) * (dy**2).sum(axis=(-2, -1)))


STATISTICS = {"pearson": _pearson, "spearman": _spearman, "kendall": _kendall}


def fisher_variance(r: float, n: int, method: str = "pearson") -> float:
    """Variance of Fisher's z of a correlation of n pairs.

    References
    ----------
    Fisher, R. A. (1921): 1/(n-3). Spearman: Bonett, D. G. and Wright, T. A. (2000), Psychometrika
    65, 23-28: (1 + r²/2)/(n-3). Kendall: Fieller, Hartley and Pearson (1957), Biometrika 44,
    470-481: 0.437/(n-4).
    """
    if method == "pearson":
        return 1 / (n - 3)
    return (1 + r**2 / 2) / (n - 3) if method == "spearman" else 0.437 / (n - 4)


def fisher_interval(
    r: float, n: int, method: str = "pearson", level: float = 0.95
) -> tuple[float, float]:
    """Interval of a correlation by Fisher's z, see `fisher_variance`; NaN for a perfect one."""
    if abs(r) > 1 - 1e-12:
        return float("nan"), float("nan")
    reach = stats.norm.ppf((1 + level) / 2) * np.sqrt(fisher_variance(r, n, method))
    return float(np.tanh(np.arctanh(r) - reach)), float(np.tanh(np.arctanh(r) + reach))


def correlate(
    x,
    y,
    method: str = "pearson",
    level: float = 0.95,
    resamples: int = RESAMPLES,
    seed: int = SEED,
) -> pd.Series:
    """Correlate two samples of the same length, without missing values.

    Parameters
    ----------
    method : {"pearson", "spearman", "kendall"}
        Kendall's is tau-b.
    resamples, seed : int
        Of the BCa bootstrap (Efron 1987, JASA 82, 171-185), which draws pairs.

    Returns
    -------
    Series
        ``n, r``; ``low, high`` by Fisher's z; ``boot_low, boot_high`` by the BCa bootstrap. With
        fewer than `LEAST` pairs only ``n`` is a number, with fewer than `LEAST_FOR_BOOTSTRAP` the
        bootstrap is NaN, and a perfect correlation has no interval.

    Raises
    ------
    ValueError
        One of the two does not vary, or the lengths differ.
    """
    x, y = np.asarray(x, dtype=float), np.asarray(y, dtype=float)
    if x.shape != y.shape or x.ndim != 1 or not np.isfinite([x, y]).all():
        raise ValueError("correlate() takes two samples of the same length without missing values")
    keys = ("r", "low", "high", "boot_low", "boot_high")
    found = {"n": len(x)} | dict.fromkeys(keys, float("nan"))
    if len(x) < LEAST:
        return pd.Series(found)
    if np.ptp(x) == 0 or np.ptp(y) == 0:
        raise ValueError("a sample that does not vary correlates with nothing")
    statistic = STATISTICS[method]
    found["r"] = float(statistic(x, y))
    found["low"], found["high"] = fisher_interval(found["r"], len(x), method, level)
    if len(x) >= LEAST_FOR_BOOTSTRAP and abs(found["r"]) < 1 - 1e-12:
        made = stats.bootstrap(
            (x, y),
            statistic,
            paired=True,
            vectorized=True,
            n_resamples=resamples,
            confidence_level=level,
            method="BCa",
            rng=np.random.default_rng(seed),
        ).confidence_interval
        found["boot_low"], found["boot_high"] = float(made.low), float(made.high)
    return pd.Series(found)


def definitions(table: pd.DataFrame, schemes: pd.DataFrame, year: int) -> dict[str, pd.DataFrame]:
    """What can be correlated in a year, as frames with columns ``x`` and ``y``.

    ``whole``: PAR and SIPAS; ``rest``: PAR less its satisfaction points and SIPAS; ``ranks``: both
    ranks. Rank 1 is the best in both, so that the sign means the same in all three.
    """
    scores = score_pairs(table, schemes, year)
    names = {"PAR": "x", "reform": "x", "SIPAS": "y"}
    return {
        "whole": scores[["PAR", "SIPAS"]].rename(columns=names),
        "rest": scores[["reform", "SIPAS"]].rename(columns=names),
        "ranks": rank_pairs(table, year).rename(columns=names),
    }


def of_year(table: pd.DataFrame, schemes: pd.DataFrame, year: int, **options) -> pd.DataFrame:
    """Every definition and method of one year; see `correlate` for the columns.

    Ranks are correlated by Spearman's and Kendall's only.
    """
    rows = []
    for definition, frame in definitions(table, schemes, year).items():
        for method in METHODS[1:] if definition == "ranks" else METHODS:
            found = correlate(frame["x"], frame["y"], method, **options)
            rows.append({"year": year, "definition": definition, "method": method, **found})
    return pd.DataFrame(rows)


def by_year(table: pd.DataFrame, schemes: pd.DataFrame, years=YEARS, **options) -> pd.DataFrame:
    """`of_year` for several years, each by itself, with ``regime``: 0 before the survey of 2022."""
    rows = pd.concat([of_year(table, schemes, year, **options) for year in years])
    return rows.assign(regime=(rows["year"] >= facts.NEW_SURVEY).astype(int)).reset_index(drop=True)


def apart(table: pd.DataFrame, year: int) -> pd.DataFrame:
    """Rank correlation of those with both ranks: all, those with both scores too, and the others.

    It shows who gets reported: one index's scores are not printed at random.

    Returns
    -------
    DataFrame
        Indexed by ``all``, ``with_scores``, ``without_scores``: as `correlate` (Spearman).
    """
    ranks = rank_pairs(table, year)
    scored = pd.DataFrame({i: facts.scores(table, i, year)["score"] for i in facts.INDICES})
    both = ranks.index.isin(scored.dropna().index)
    groups = {"all": ranks, "with_scores": ranks[both], "without_scores": ranks[~both]}
    rows = {name: correlate(g["PAR"], g["SIPAS"], "spearman") for name, g in groups.items()}
    return pd.DataFrame(rows).T


def difference(first: pd.Series, second: pd.Series) -> pd.Series:
    """Difference of the correlations of two independent groups, with its interval.

    Parameters
    ----------
    first, second : Series
        ``r, low, high``, as given by `correlate`.

    Returns
    -------
    Series
        ``r`` = first - second, ``low, high`` at the level of theirs; NaN where theirs are.

    References
    ----------
    Zou, G. Y. (2007). Toward using confidence intervals to compare correlations. Psychological
    Methods 12, 399-413. That two intervals overlap does not show that two correlations are alike.
    """
    apart = first["r"] - second["r"]
    down = np.hypot(first["r"] - first["low"], second["high"] - second["r"])
    up = np.hypot(first["high"] - first["r"], second["r"] - second["low"])
    return pd.Series({"r": apart, "low": apart - down, "high": apart + up})


def range_corrected(r: float, sd_sample: float, sd_all: float) -> float:
    """Correlation among all, had the sample been chosen by one of the two variables alone.

    Parameters
    ----------
    r : float
        Correlation in the sample.
    sd_sample, sd_all : float
        Standard deviation of the variable of choice in the sample and among all.

    References
    ----------
    Thorndike, R. L. (1949). Personnel Selection. Wiley, case 2. It takes the regression on the
    variable of choice to be linear and of even scatter.
    """
    ratio = sd_all / sd_sample
    return float(r * ratio / np.sqrt(1 + r**2 * (ratio**2 - 1)))
