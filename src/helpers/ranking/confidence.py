"""Confidence sets for ranks, after Mogstad, Romano, Shaikh and Wilhelm (2024)."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from helpers.ranking.inputs import (
    SEED,
    RankingError,
    as_draws,
    count,
    errors_of,
    known_unit,
    named,
    plain_ranks,
    share,
)

KINDS = ("marginal", "simultaneous")
# Variances below this share of the largest are rounding, not noise.
ROUNDING = 1e-12
# Differences held in memory at once: 32 MB of them.
CHUNK = 4_000_000


def rank_confidence_sets(
    estimates,
    covariance,
    coverage: float = 0.95,
    kind: str = "marginal",
    stepdown: bool = True,
    draws: int = 1000,
    seed: int = SEED,
    units: Sequence | None = None,
) -> pd.DataFrame:
    """Ranks that each unit may truly have, given the errors of the estimates.

    Parameters
    ----------
    estimates : Series or array of float, n units
        The higher the better, in any unit. The index of a Series names the units.
    covariance : DataFrame or array, n x n; or Series or array of n variances
        Of the estimates, in the square of their unit. Variances alone stand for independent
        estimates. Variances may be zero: such estimates are taken as exact.
    coverage : float
        Probability that a set (marginal) or all sets together (simultaneous) hold the true ranks.
    kind : {"marginal", "simultaneous"}
        Marginal answers "where does this one stand", simultaneous "what does the whole table say".
    stepdown : bool
        Test again after each round, with the comparisons that are still open. Never wider sets.
    draws : int
        Bootstrap draws.
    seed : int
        The same seed gives the same sets, whatever the order of named units.
    units : sequence of labels, optional
        The units whose sets are wanted, and jointly covered where simultaneous; all by default.
        They are still ranked among all.

    Returns
    -------
    DataFrame
        Indexed by unit, in the order given: ``estimate``, ``standard_error``, ``rank`` (1 + how
        many estimates are better), ``lower`` and ``upper``: the best and the worst rank of the set.

    Raises
    ------
    RankingError
        Missing numbers; shapes or names that do not fit; a matrix that is no covariance; a kind,
        coverage or number of draws out of range; an unknown unit.

    Notes
    -----
    For every pair the difference of the estimates is divided by its standard error. The largest of
    the same ratios among draws of pure noise gives the critical value; pairs beyond it are told
    apart, and the rest is tested anew until nothing changes. A unit's best rank is 1 + how many
    are certainly better, its worst is n less how many are certainly worse. Mogstad, Romano, Shaikh
    and Wilhelm (2024), Inference for Ranks with Applications to Mobility across Neighbourhoods and
    Academic Achievement across Countries, Review of Economic Studies 91(1), 476-518,
    doi:10.1093/restud/rdad006. The authors' R package csranks draws afresh in every round; here the
    draws are kept, so that neither stepping down nor less noise ever widens a set. Pairs whose
    difference has no variance are compared as they are, where csranks divides by zero.

    Examples
    --------
    >>> sets = rank_confidence_sets([90.0, 89.5, 70.0], [1.0, 1.0, 1.0])
    >>> sets[["rank", "lower", "upper"]].to_numpy().tolist()
    [[1, 1, 2], [2, 1, 2], [3, 3, 3]]
    """
    if kind not in KINDS:
        raise RankingError(f"kind must be one of {', '.join(KINDS)}, not {kind!r}.")
    share(coverage, "coverage")
    count(draws, "draws")
    values = named(estimates)
    matrix = _covariance(covariance, values.index)
    chosen, at = _chosen(units, values.index)

    # Draws belong to units, not to places in the input: named units may come in any order.
    order = np.arange(len(values))
    if isinstance(estimates, pd.Series):
        order = np.array(sorted(order, key=lambda i: str(values.index[i])))
    place = np.argsort(order)
    sorted_values, sorted_matrix = values.to_numpy()[order], matrix[np.ix_(order, order)]
    test = _Comparisons(sorted_values, sorted_matrix, coverage, stepdown, draws, seed)
    groups = [place[at]] if kind == "simultaneous" else [place[[i]] for i in at]
    bounds = np.concatenate([test.bounds(group) for group in groups])
    table = pd.DataFrame(
        {
            "estimate": values,
            "standard_error": np.sqrt(np.diag(matrix)),
            "rank": plain_ranks(values),
        }
    ).loc[chosen]
    return table.assign(lower=bounds[:, 0], upper=bounds[:, 1])


def _chosen(units, labels: pd.Index) -> tuple[pd.Index, np.ndarray]:
    """The units whose sets are wanted, and their positions."""
    if units is None:
        return labels, np.arange(len(labels))
    chosen = pd.Index([units] if isinstance(units, str) else units)
    if chosen.empty:
        raise RankingError("units is empty; name at least one, or leave it out for all.")
    return chosen, np.array([known_unit(unit, labels) for unit in chosen], dtype=int)


class _Comparisons:
    """All pairs of units with the noise of their differences, drawn once."""

    def __init__(self, values, covariance, coverage, stepdown, draws, seed):
        self.coverage, self.stepdown = coverage, stepdown
        self.gaps = values[:, None] - values[None, :]
        variances = np.diag(covariance)
        sums = variances[:, None] + variances[None, :]
        of_gap = sums - 2 * covariance
        self.errors = np.sqrt(np.where(of_gap > ROUNDING * sums, of_gap, 0))
        # Differences without noise need no test.
        self.certain = (self.errors == 0) & (self.gaps > 0)
        self.noise = _noise(covariance, draws, seed)

    def bounds(self, wanted: np.ndarray) -> np.ndarray:
        """Best and worst rank of each wanted unit, all covered together: wanted x 2."""
        size = len(self.gaps)
        involved = np.zeros(size, dtype=bool)
        involved[wanted] = True
        tested = (involved[:, None] | involved[None, :]) & (self.errors > 0)
        better = self.certain.copy()
        rows, columns = np.nonzero(tested)
        better[rows, columns] = self._told_apart(rows, columns)
        lower = 1 + better[:, wanted].sum(axis=0)
        upper = size - better[wanted].sum(axis=1)
        return np.column_stack([lower, upper])

    def _told_apart(self, rows: np.ndarray, columns: np.ndarray) -> np.ndarray:
        """For each pair, whether the first is better beyond noise."""
        ratios = self.gaps[rows, columns] / self.errors[rows, columns]
        rejected = np.zeros(len(rows), dtype=bool)
        while not rejected.all():
            still_open = ~rejected
            largest = self._largest(rows[still_open], columns[still_open])
            new = still_open & (ratios > np.quantile(largest, self.coverage))
            rejected |= new
            if not (self.stepdown and new.any()):
                break
        return rejected

    def _largest(self, rows: np.ndarray, columns: np.ndarray) -> np.ndarray:
        """Largest studentised difference among these pairs, for each draw of noise."""
        largest = np.full(self.noise.shape[1], -np.inf)
        step = max(1, CHUNK // len(largest))
        for start in range(0, len(rows), step):
            row, column = rows[start : start + step], columns[start : start + step]
            ratios = self.noise[row]
            ratios -= self.noise[column]
            ratios /= self.errors[row, column][:, None]
            np.maximum(largest, ratios.max(axis=0), out=largest)
        return largest


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


def _covariance(covariance, labels: pd.Index) -> np.ndarray:
    size = len(labels)
    if np.ndim(covariance) < 2:
        return np.diag(errors_of(covariance, labels, "variances"))
    if isinstance(covariance, pd.DataFrame):
        if set(covariance.index) != set(labels) or set(covariance.columns) != set(labels):
            raise RankingError("covariance and estimates name different units.")
        covariance = covariance.loc[labels, labels]
    matrix = np.asarray(covariance, dtype=float)
    if matrix.shape != (size, size):
        raise RankingError(f"covariance is {matrix.shape}, but {size} estimates need {size, size}.")
    if not np.isfinite(matrix).all():
        raise RankingError("covariance has missing or infinite numbers.")
    largest = np.abs(matrix).max()
    if np.abs(matrix - matrix.T).max() > 1e-8 * largest:
        raise RankingError("covariance is not symmetric.")
    if np.linalg.eigvalsh(matrix).min() < -1e-8 * size * largest:
        raise RankingError("covariance is not one: some combination has a negative variance.")
    # What is left below zero after the test is rounding.
    return (matrix + matrix.T) / 2 + np.diag(np.clip(-np.diag(matrix), 0, None))


def may_be_best(estimates, covariance, k: int, **how) -> pd.Index:
    """Units that may be among the best k.

    Parameters
    ----------
    estimates, covariance
        As in `rank_confidence_sets`.
    k : int
        Places, 1 to the number of units.
    **how
        ``coverage``, ``stepdown``, ``draws`` and ``seed`` of `rank_confidence_sets`.

    Returns
    -------
    Index
        The units, best estimate first. With the given coverage all of the true best k are among
        them: units whose simultaneous set begins at k or better (the projection set of Mogstad et
        al. 2024; ``cstaubest`` of csranks).

    Raises
    ------
    RankingError
        As `rank_confidence_sets`, and if k is out of range.

    Examples
    --------
    >>> may_be_best([90.0, 89.5, 70.0], [1.0, 1.0, 1.0], 1).tolist()
    [0, 1]
    """
    sets = rank_confidence_sets(estimates, covariance, kind="simultaneous", **how)
    if count(k, "k") > len(sets):
        raise RankingError(f"k is {k}, but there are only {len(sets)} units.")
    sets = sets.sort_values("rank", kind="stable")
    return sets.index[sets["lower"] <= k]


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
    between = 0.0
    if len(drawn) > 1:
        between = (1 + 1 / len(drawn)) * np.cov(drawn.to_numpy(), rowvar=False)
    covariance = pd.DataFrame(within + between, index=drawn.columns, columns=drawn.columns)
    return drawn.mean(), covariance
