"""Confidence sets for ranks, after Mogstad, Romano, Shaikh and Wilhelm (2024)."""

import numpy as np
import pandas as pd

from helpers.kept import by_content
from helpers.ranking.inputs import SEED, RankingError, as_draws, errors_of, plain_ranks, share

# Variances below this share of the largest are rounding, not noise.
ROUNDING = 1e-12


def rank_confidence_sets(
    estimates,
    covariance,
    coverage: float = 0.95,
    simultaneous: bool = False,
    draws: int = 1000,
    seed: int = SEED,
) -> pd.DataFrame:
    """Ranks that each unit may truly have, given the errors of the estimates.

    Parameters
    ----------
    estimates : Series or array of float, n units
        The higher the better, in any unit. The index of a Series names the units.
    covariance : DataFrame or array, n x n; or Series or array of n variances
        Of the estimates, in the square of their unit; an array in their order. Variances alone
        stand for independent estimates. Variances may be zero: such estimates are taken as exact.
    coverage : float
        Probability that a set holds the true rank, or all sets together (simultaneous) the ranks.
    simultaneous : bool
        Without it a set answers "where does this one stand", with it "what does the whole table
        say".
    draws : int
        Bootstrap draws.
    seed : int
        The same seed gives the same sets, whatever the order of the units.

    Returns
    -------
    DataFrame
        Indexed by unit, in the order given: ``estimate``, ``standard_error``, ``rank`` (1 + how
        many estimates are better), ``lower`` and ``upper``: the best and the worst rank of the set.

    Raises
    ------
    RankingError
        Missing numbers; names or shapes that do not fit; a matrix that is no covariance; a coverage
        out of range.

    Notes
    -----
    For every pair the difference of the estimates is divided by its standard error. The largest of
    the same ratios among draws of pure noise gives the critical value; pairs beyond it are told
    apart, and the rest is tested anew until nothing changes. A unit's best rank is 1 + how many
    are certainly better, its worst is n less how many are certainly worse. Mogstad, Romano, Shaikh
    and Wilhelm (2024), Inference for Ranks with Applications to Mobility across Neighbourhoods and
    Academic Achievement across Countries, Review of Economic Studies 91(1), 476-518,
    doi:10.1093/restud/rdad006. The authors' R package csranks draws afresh in every round; here the
    draws are kept, so that less noise never widens a set. Pairs whose difference has no variance
    are compared as they are, where csranks divides by zero.

    Examples
    --------
    >>> sets = rank_confidence_sets([90.0, 89.5, 70.0], [1.0, 1.0, 1.0])
    >>> sets[["rank", "lower", "upper"]].to_numpy().tolist()
    [[1, 1, 2], [2, 1, 2], [3, 3, 3]]
    """
    share(coverage, "coverage")
    given = as_draws(estimates, "estimates").iloc[0]
    # Draws belong to units, not to places in the input: units may come in any order.
    values = given.sort_index()
    matrix = _covariance(covariance, given.index).loc[values.index, values.index].to_numpy()
    pairs = _Pairs(values.to_numpy(), matrix, coverage, draws, seed)
    every = np.ones(len(values), dtype=bool)
    chosen = [every] if simultaneous else np.eye(len(values), dtype=bool)
    bounds = np.concatenate([pairs.bounds(one) for one in chosen])
    table = {
        "estimate": values,
        "standard_error": np.sqrt(np.diag(matrix)),
        "rank": plain_ranks(values),
        "lower": bounds[:, 0],
        "upper": bounds[:, 1],
    }
    return pd.DataFrame(table).loc[given.index]


@by_content(16)
def rank_sets_over_tables(
    scores: pd.DataFrame, standard_errors: pd.Series, coverage: float = 0.95, tables: int = 10
) -> pd.DataFrame:
    """Ranks that each unit may truly have by sampling error alone, whatever is not published.

    Unlike in `combine_uncertainty`, the spread between completed tables is no error: within a table
    every score stands as it was drawn.

    Parameters
    ----------
    scores : DataFrame of draws x units
        ``CompletedTables.scores``.
    standard_errors : Series by unit
        Sampling errors, in the unit of the scores.
    coverage : float
        As for `rank_confidence_sets`.
    tables : int
        How many of the draws are looked at, one by one, evenly spread.

    Returns
    -------
    DataFrame
        By unit, in the order of the columns: ``lower`` and ``upper``, the outermost ends of the
        confidence sets of these tables; ``sure_low`` and ``sure_high``, the ends of what lies in
        all of them (``sure_low`` is the greater one where nothing does).

    Raises
    ------
    RankingError
        As `rank_confidence_sets`.
    """
    variances = standard_errors**2
    drawn = scores.iloc[np.linspace(0, len(scores) - 1, min(tables, len(scores))).astype(int)]
    sets = [rank_confidence_sets(table, variances, coverage) for _draw, table in drawn.iterrows()]
    ends = pd.concat(sets).groupby(level=0, sort=False)
    outermost = {"lower": ends["lower"].min(), "upper": ends["upper"].max()}
    common = {"sure_low": ends["lower"].max(), "sure_high": ends["upper"].min()}
    return pd.DataFrame(outermost | common)


class _Pairs:
    """All pairs of units with the noise of their differences, drawn once."""

    def __init__(self, values, covariance, coverage, draws, seed):
        self.coverage = coverage
        self.gaps = np.subtract.outer(values, values)
        variances = np.diag(covariance)
        sums = np.add.outer(variances, variances)
        of_gap = sums - 2 * covariance
        self.errors = np.sqrt(np.where(of_gap > ROUNDING * sums, of_gap, 0))
        self.noise = _noise(covariance, draws, seed)

    def bounds(self, wanted: np.ndarray) -> np.ndarray:
        """Best and worst rank of the wanted units (a mask), covered together: wanted x 2."""
        # Differences without noise need no test.
        better = (self.errors == 0) & (self.gaps > 0)
        tested = np.logical_or.outer(wanted, wanted) & (self.errors > 0)
        better[tested] = self._told_apart(*np.nonzero(tested))
        lower = 1 + better[:, wanted].sum(axis=0)
        upper = len(better) - better[wanted].sum(axis=1)
        return np.column_stack([lower, upper])

    def _told_apart(self, rows: np.ndarray, columns: np.ndarray) -> np.ndarray:
        """For each pair, whether the first is better beyond noise."""
        errors = self.errors[rows, columns]
        ratios = self.gaps[rows, columns] / errors
        noise = self.noise[rows]
        noise -= self.noise[columns]
        noise /= errors[:, None]
        apart = np.zeros(len(rows), dtype=bool)
        while not apart.all():
            largest = noise.max(axis=0, initial=-np.inf, where=~apart[:, None])
            new = ~apart & (ratios > np.quantile(largest, self.coverage))
            if not new.any():
                break
            apart |= new
        return apart


def _noise(covariance: np.ndarray, draws: int, seed: int) -> np.ndarray:
    """Normal draws with this covariance: units x draws."""
    errors = np.sqrt(np.diag(covariance))
    rng = np.random.Generator(np.random.PCG64(seed))
    noise = rng.standard_normal((len(errors), draws))
    if np.count_nonzero(covariance - np.diag(np.diag(covariance))):
        # The symmetric root is the one that does not hang on the order of the units.
        scale = np.where(errors > 0, errors, 1)
        size, turned = np.linalg.eigh(covariance / np.outer(scale, scale))
        noise = (turned * np.sqrt(np.clip(size, 0, None))) @ (turned.T @ noise)
    return noise * errors[:, None]


def _covariance(covariance, labels: pd.Index) -> pd.DataFrame:
    both = {"index": labels, "columns": labels}
    if np.ndim(covariance) < 2:
        return pd.DataFrame(np.diag(errors_of(covariance, labels, "variances")), **both)
    if not isinstance(covariance, pd.DataFrame):
        n, shape = len(labels), np.shape(covariance)
        if shape != (n, n):
            given = "x".join(map(str, shape))
            raise RankingError(f"covariance is {given}, but {n} estimates need {n}x{n}.")
        covariance = pd.DataFrame(covariance, **both)
    matrix = covariance.reindex(**both).to_numpy(float)
    if not np.isfinite(matrix).all():
        raise RankingError("covariance lacks numbers for some of the units of the estimates.")
    slack = 1e-8 * np.abs(matrix).max()
    lowest = min(np.linalg.eigvalsh(matrix).min() + len(labels) * slack, np.diag(matrix).min())
    if np.abs(matrix - matrix.T).max() > slack or lowest < 0:
        raise RankingError(
            "covariance is none: it must be symmetric, and no combination may have a negative "
            "variance."
        )
    return pd.DataFrame(matrix, **both)


def combine_uncertainty(scores, standard_errors) -> tuple[pd.Series, pd.DataFrame]:
    """Estimates and covariance from completed tables and sampling errors together.

    Parameters
    ----------
    scores : Series by unit, or DataFrame of draws x units
        Published scores, or ``CompletedTables.scores``.
    standard_errors : float, Series or array by unit
        Sampling errors, in the unit of the scores.

    Returns
    -------
    estimates : Series
        Mean over the draws.
    covariance : DataFrame, units x units
        Sampling variances plus (1 + 1/m) times the covariance of the m draws.

    Raises
    ------
    RankingError
        Missing scores, or errors that are negative or of other units.

    Notes
    -----
    Rubin (1987), Multiple Imputation for Nonresponse in Surveys: total = within + (1 + 1/m)
    between. Scores whose draws are far from normal make the sets approximate.

    Examples
    --------
    >>> estimates, covariance = combine_uncertainty(pd.Series({"a": 80.0, "b": 70.0}), 2.0)
    >>> covariance.to_numpy().tolist()
    [[4.0, 0.0], [0.0, 4.0]]
    """
    drawn = as_draws(scores)
    within = np.diag(errors_of(standard_errors, drawn.columns) ** 2)
    between = drawn.cov() * (1 + 1 / len(drawn)) if len(drawn) > 1 else 0.0
    covariance = pd.DataFrame(within, index=drawn.columns, columns=drawn.columns) + between
    return drawn.mean(), covariance
