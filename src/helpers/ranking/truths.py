"""What lies behind figures with an error: draws of the truths, by empirical Bayes.

The truths of the units are taken as normal around the national mean of each year. What they vary by
is learned from the figures, and drawn too (Efron 2010, Large-Scale Inference, ch. 1; Morris 1983,
JASA 78).
"""

import numpy as np
import pandas as pd
from scipy import stats

from helpers.kept import by_content
from helpers.ranking.inputs import SEED, as_draws, central, errors_of, plain_ranks, share

FEWEST = 10  # figures below which there is nothing to learn a variance from
TRACE = 1e-6
CANDIDATES, COVARIANCES = 2000, 200


@by_content(16)
def rank_intervals(
    scores, standard_errors, coverage: float = 0.9, draws: int = 2000, seed: int = SEED
) -> pd.DataFrame:
    """Between which ranks each unit probably stands, given the error of the scores.

    Parameters
    ----------
    scores : Series by unit, or DataFrame of draws x units
        Scores, or ``CompletedTables.scores``, whose draws carry the uncertainty of figures that are
        not published.
    standard_errors : float, Series or array by unit
        In the unit of the scores.
    coverage : float
        Of the intervals, on average over the units.
    draws : int
    seed : int

    Returns
    -------
    DataFrame
        Indexed by unit: ``likely_low, likely_high``, the central interval of the true rank.

    Raises
    ------
    RankingError
        Missing scores, negative errors, a coverage outside 0 to 1.

    Notes
    -----
    Empirical Bayes, see the module: true on average over all units, not for each of them whatever
    its truth, as `rank_confidence_sets` is; so it is far narrower.

    Examples
    --------
    >>> made_up = pd.Series(np.arange(20.0))
    >>> rank_intervals(made_up, 0.01).loc[19].tolist()
    [1, 1]
    """
    share(coverage, "coverage")
    figures = as_draws(scores)
    errors = errors_of(standard_errors, figures.columns)[:, None]
    rng = np.random.Generator(np.random.PCG64(seed))
    ranks = plain_ranks(truths([figures], errors, draws, rng)[..., 0])
    ends = dict(zip(("likely_low", "likely_high"), central(ranks, coverage), strict=True))
    return pd.DataFrame(ends, index=figures.columns).rename_axis("unit")


def truths(
    years: list[pd.DataFrame], errors: np.ndarray, size: int, rng, changes: np.ndarray | None = None
) -> np.ndarray:
    """Draw the true scores of some years, (size, units, years).

    Parameters
    ----------
    years : list of DataFrame, draws x units
        Figures of each year, the same units in all.
    errors : array (units, years)
        Their standard errors; independent between units and years.
    size : int
    changes : array, optional
        Figures' changes from year to year, less the nation's, of which the variance of those
        between two years is learned; of `years` themselves where left out or fewer than `FEWEST`.

    Notes
    -----
    With fewer than `FEWEST` units there is nothing to learn from, and the prior is flat.
    """
    rows = np.arange(size)
    figures = np.stack([one.to_numpy()[rows % len(one)] for one in years], axis=-1)
    noise = rng.standard_normal(figures.shape)
    n = figures.shape[1]
    if n < FEWEST:
        return figures + noise * errors
    mean = figures.mean(axis=1, keepdims=True)
    off = figures - mean
    observed = np.einsum("dui,duj->ij", off, off) / (size * (n - 1))
    error = (errors**2).mean(axis=0)
    if changes is None or len(changes) < FEWEST:
        prior = _covariances(observed, n, error, rng)
    else:
        prior = _covariances_with(observed, n, error, np.asarray(changes), rng)
    own = errors[:, :, None] ** 2 * np.eye(len(years))
    gain = prior[:, None] @ np.linalg.inv(prior[:, None] + own)
    values, vectors = np.linalg.eigh(prior[:, None] - gain @ prior[:, None])
    root = vectors * np.sqrt(np.maximum(values, 0.0))[..., None, :]
    which = rows % len(prior)
    return mean + (gain[which] @ off[..., None] + root[which] @ noise[..., None])[..., 0]


def _covariances(observed: np.ndarray, n: int, error: np.ndarray, rng) -> np.ndarray:
    """Covariances that the truths may have, (draws, years, years).

    That of the figures is inverse Wishart under the usual flat prior, less the errors' share, and
    cut to what is a covariance then.
    """
    scale = (n - 1) * observed + TRACE * np.trace(observed) * np.eye(len(error))
    drawn = stats.invwishart.rvs(n - 1, scale, size=CANDIDATES, random_state=rng)
    drawn = np.reshape(drawn, (CANDIDATES, *observed.shape)) - np.diag(error)
    kept = drawn[np.linalg.eigvalsh(drawn)[:, 0] > 0][:COVARIANCES]
    if len(kept):
        return kept
    # The errors more than explain all that differs: no variance at all, but for a trace.
    values, vectors = np.linalg.eigh(observed - np.diag(error))
    return ((vectors * np.maximum(values, TRACE * np.trace(observed))) @ vectors.T)[None]


def _covariances_with(
    observed: np.ndarray, n: int, error: np.ndarray, changes: np.ndarray, rng
) -> np.ndarray:
    """As `_covariances` for two years, what lies between them being learned from `changes`.

    Variances, of each year's figures and of the changes, have the usual inverse chi-square
    posterior; the errors' share is taken off, and what is no covariance then is left out.
    """

    def variances(of: float, freedom: int, off: float) -> np.ndarray:
        return freedom * of / rng.chisquare(freedom, CANDIDATES) - off

    levels = np.array([variances(observed[t, t], n - 1, error[t]) for t in (0, 1)])
    moved = variances(changes.var(ddof=1), len(changes) - 1, error.sum())
    good = (levels > 0).all(axis=0)
    if not good.any():
        return _covariances(observed, n, error, rng)
    levels, moved = levels[:, good], moved[good]
    roots = np.sqrt(levels)
    possible = (moved > (roots[0] - roots[1]) ** 2) & (moved < roots.sum(axis=0) ** 2)
    if possible.any():
        levels, moved = levels[:, possible], moved[possible]
        between = (levels.sum(axis=0) - moved) / 2
    else:
        # All change is error: the truths of both years go together.
        between = (1 - TRACE) * roots.prod(axis=0)
    prior = np.array([[levels[0], between], [between, levels[1]]])
    return np.moveaxis(prior, -1, 0)[:COVARIANCES]
