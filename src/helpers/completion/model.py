"""A Gaussian model of where provinces stand, over all years and both indices.

A rank k of n is a normal score, the normal quantile of (n - k + 0.625) / (n + 0.25). The normal
score of unit i in a column (an index and year) is

    region effect + unit effect + first-order autoregression + noise,

each part correlated between three series: PAR, SIPAS as asked until 2021, and SIPAS since. With
the known ranks the marginal likelihood of the parameters is that of a Gaussian process (Rasmussen
& Williams 2006, Gaussian Processes for Machine Learning, ch. 5); open ranks are integrated out.
Parameters are drawn, not fixed: from a Student t around the mode, weighed by importance.
"""

from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize
from scipy.special import expit, ndtri

SERIES = 3
TAILS = 6  # degrees of freedom of the proposal
CANDIDATES = 4
# Mean and standard deviation of the normal prior of each parameter: logarithms of the variances of
# unit, autoregression, noise (by series) and region; logit of the autoregression; arctanh of
# (partial) correlations of units and regions, and of the autoregression.
PRIOR = np.array(
    [(-1.2, 1.0)] * 3
    + [(-1.6, 1.0)] * 3
    + [(-3.0, 1.0)] * 3
    + [(-2.3, 1.0)] * 3
    + [(1.0, 1.0)]
    + [(0.3, 0.6)] * 3
    + [(0.0, 0.6), (0.6, 0.6)]
)


@dataclass(frozen=True)
class Columns:
    """The columns of the model: the index-years that are drawn together.

    Attributes
    ----------
    series : int array (columns,)
        0 for PAR, 1 and 2 for the two regimes of SIPAS.
    year : int array (columns,)
    """

    series: np.ndarray
    year: np.ndarray

    @property
    def design(self) -> np.ndarray:
        """Series of each column as zeros and ones, (columns, series)."""
        return np.eye(SERIES)[self.series]


def normal_scores(n: int) -> np.ndarray:
    """Normal score of each slot of n, falling (Blom 1958)."""
    return ndtri((n - np.arange(1, n + 1) + 0.625) / (n + 0.25))


def covariances(theta: np.ndarray, columns: Columns) -> tuple[np.ndarray, np.ndarray]:
    """Covariance of a unit's columns without its region, and of the region effects by series.

    Parameters
    ----------
    theta : array (..., parameters)
        As `PRIOR` lists them.

    Returns
    -------
    arrays (..., columns, columns) and (..., series, series)
    """
    unit, step, noise, region = (np.exp(theta[..., 3 * k : 3 * k + 3]) for k in range(4))
    rho = expit(theta[..., 12])
    tie = np.tanh(theta[..., 13:])
    of_units = _correlation(tie[..., 0], tie[..., 1], tie[..., 2])
    of_steps = _correlation(tie[..., 3], tie[..., 3], tie[..., 4])
    lag = np.abs(np.subtract.outer(columns.year, columns.year))
    s = columns.series
    here = np.ix_(s, s)
    lasting = (_scaled(of_units, unit))[..., here[0], here[1]]
    moving = (_scaled(of_steps, step))[..., here[0], here[1]]
    moving = moving * rho[..., None, None] ** lag
    within = lasting + moving + noise[..., s][..., None] * np.eye(len(s))
    return within, _scaled(of_units, region) + 1e-9 * np.eye(SERIES)


def _correlation(one, two, partial) -> np.ndarray:
    """Correlation matrix from two correlations with the first series, and the partial third."""
    third = one * two + partial * np.sqrt((1 - one**2) * (1 - two**2))
    result = np.broadcast_to(np.eye(SERIES), (*np.shape(one), SERIES, SERIES)).copy()
    for (a, b), value in (((0, 1), one), ((0, 2), two), ((1, 2), third)):
        result[..., a, b] = result[..., b, a] = value
    return result


def _scaled(correlation, variance) -> np.ndarray:
    sd = np.sqrt(variance)
    return correlation * sd[..., :, None] * sd[..., None, :]


class Known:
    """Known normal scores, by region, ready for the likelihood.

    Parameters
    ----------
    z : array (units, columns)
        NaN where open.
    region : int array (units,)
    columns : Columns
    """

    def __init__(self, z: np.ndarray, region: np.ndarray, columns: Columns):
        self.z, self.region, self.columns = z, region, columns
        self.blocks = []
        for one in np.unique(region):
            unit, column = np.nonzero(np.isfinite(z) & (region == one)[:, None])
            if len(unit):
                same = unit[:, None] == unit
                self.blocks.append((z[unit, column], np.ix_(column, column), same))

    def posterior(self, theta: np.ndarray) -> np.ndarray:
        """Logarithm of likelihood times prior, up to a constant, for each of (..., parameters)."""
        within, region = covariances(theta, self.columns)
        of_regions = np.linalg.inv(region)
        precision, pull, solved = _regions(
            within, of_regions, self.region, self.columns.design, self.z
        )
        fit = np.linalg.solve(precision, pull[..., None])[..., 0]
        result = -(((theta - PRIOR[:, 0]) / PRIOR[:, 1]) ** 2).sum(axis=-1)
        result += (pull * fit).sum(axis=(-2, -1)) - _log_det(precision).sum(axis=-1)
        result += precision.shape[-3] * _log_det(of_regions)
        for row, (known, inverse) in zip(self.z, solved, strict=True):
            result += _log_det(inverse) - (inverse @ row[known]) @ row[known]
        return result / 2

    def slope(self, theta: np.ndarray, step: float = 1e-5) -> np.ndarray:
        """Gradient of `posterior`, exact but for the derivatives of the covariances."""
        size, design = len(theta), self.columns.design
        moved = np.vstack([theta, theta + step * np.eye(size), theta - step * np.eye(size)])
        withins, regions = covariances(moved, self.columns)
        between = design @ regions[0] @ design.T
        of_within = np.zeros_like(between)
        of_region = np.zeros((SERIES, SERIES))
        for y, here, same in self.blocks:
            inverse = np.linalg.inv(between[here] + same * withins[0][here])
            fit = inverse @ y
            pull = (np.outer(fit, fit) - inverse) / 2
            place = np.eye(len(design))[here[1][0]]
            of_within += place.T @ (same * pull) @ place
            of_region += design.T @ (place.T @ pull @ place) @ design
        up, down = slice(1, size + 1), slice(size + 1, None)
        result = np.einsum("kab,ab->k", withins[up] - withins[down], of_within)
        result += np.einsum("kab,ab->k", regions[up] - regions[down], of_region)
        return result / (2 * step) - (theta - PRIOR[:, 0]) / PRIOR[:, 1] ** 2


def draw_parameters(known: Known, draws: int, rng: np.random.Generator) -> np.ndarray:
    """Draws of the parameters given the known ranks, (draws, parameters).

    A normal score of the mode and curvature of the posterior gives the proposal, a multivariate
    Student t; of `CANDIDATES` times as many as are wanted, draws are taken with importance weights.
    """
    mode = minimize(
        lambda theta: -known.posterior(theta),
        PRIOR[:, 0],
        jac=lambda theta: -known.slope(theta),
        method="L-BFGS-B",
        options={"maxiter": 100, "ftol": 1e-8},
    ).x
    root = np.linalg.cholesky(np.linalg.inv(_curvature(known, mode)))
    count = CANDIDATES * draws
    steps = rng.standard_normal((count, len(mode)))
    steps *= np.sqrt(TAILS / rng.chisquare(TAILS, count))[:, None]
    candidates = mode + steps @ root.T
    proposal = -(TAILS + len(mode)) / 2 * np.log1p((steps**2).sum(axis=1) / TAILS)
    target = known.posterior(candidates)
    weight = np.exp(target - proposal - (target - proposal).max())
    # Systematic resampling: each candidate as often as its share, up to one.
    places = (np.arange(draws) + rng.random()) / draws
    chosen = np.searchsorted(np.cumsum(weight) / weight.sum(), places)
    return candidates[rng.permutation(np.minimum(chosen, count - 1))]


def _curvature(known: Known, mode: np.ndarray, step: float = 0.02) -> np.ndarray:
    """Hessian of the negative logarithm of the posterior, by differences; kept positive."""
    steps = step * np.eye(len(mode))
    result = np.array([known.slope(mode - one) - known.slope(mode + one) for one in steps])
    values, vectors = np.linalg.eigh((result + result.T) / (4 * step))
    # No flatter than a quarter of the curvature of a prior with standard deviation 1.
    return (vectors * np.maximum(values, 0.25)) @ vectors.T


@dataclass(frozen=True)
class Weights:
    """How the slots of one column draw the units: a normal density for each unit and draw.

    Attributes
    ----------
    z : array (slots,)
        Normal score of each slot.
    pull : array (units, draws)
        Precision of each unit's normal score times its mean.
    precision : array (units, draws), optional
        Left out where a draw has the same for all units, since it cancels then.
    """

    z: np.ndarray
    pull: np.ndarray
    precision: np.ndarray | None = None

    def exchange(self, u, here, v, there) -> np.ndarray:
        """Logarithm of the ratio of densities when u goes from here to there, and v back.

        Slots here and there; u and v are places in the flat arrays: unit * draws + draw.
        """
        at, to = self.z[here], self.z[there]
        pull = self.pull.take(u) - self.pull.take(v)
        if self.precision is not None:
            pull += (self.precision.take(v) - self.precision.take(u)) * (at + to) / 2
        return (to - at) * pull

    def total(self, at) -> np.ndarray:
        """Logarithm of the density of whole tables, (draws,), where units have one precision.

        Units by slot, (slots, draws), are places in the flat arrays as for `exchange`.
        """
        return self.z @ self.pull.take(at)


class Drawn:
    """The model with a draw of the parameters for each draw of the tables.

    Parameters
    ----------
    theta : array (draws, parameters)
    region : int array (units,)
        0 to regions - 1.
    columns : Columns
    """

    def __init__(self, theta: np.ndarray, region: np.ndarray, columns: Columns):
        self.region, self.columns = region, columns
        self.slots = normal_scores(len(region))
        self.within, between = covariances(theta, columns)
        self.precision = np.linalg.inv(self.within)
        self.between = np.linalg.inv(between)
        self.member = np.eye(region.max() + 1)[:, region]
        self._part = columns.design.T @ self.precision
        own = self._part @ columns.design
        size = self.member.sum(axis=1)[:, None, None]
        precision = self.between[:, None] + size * own[:, None]
        self._of_regions = precision, np.linalg.cholesky(precision)

    def region_effects(self, z: np.ndarray, rng) -> np.ndarray:
        """Draw the region effects given all normal scores.

        Parameters
        ----------
        z : array (draws, columns, units)

        Returns
        -------
        array (draws, columns, units)
            The effect of each unit's region in each column.
        """
        pull = np.swapaxes(self._part @ (z @ self.member.T), -1, -2)
        effects = _normal(*self._of_regions, pull, rng)
        return self.columns.design @ np.swapaxes(effects, -1, -2) @ self.member

    def given_known(self, z: np.ndarray, rng) -> tuple[list[np.ndarray], list[np.ndarray]]:
        """What the known scores say of the open ones, with region effects drawn given them.

        Parameters
        ----------
        z : array (units, columns)
            NaN where open.

        Returns
        -------
        mean, covariance : list by unit of arrays (draws, open), (draws, open, open)
        """
        design = self.columns.design
        precision, pull, solved = _regions(self.within, self.between, self.region, design, z)
        effects = _normal(precision, np.linalg.cholesky(precision), pull, rng)
        means, covariances_ = [], []
        for unit, (known, inverse) in enumerate(solved):
            level = effects[:, self.region[unit]] @ design.T
            gain = self.within[:, ~known][:, :, known] @ inverse
            off = z[unit, known] - level[:, known]
            means.append(level[:, ~known] + np.einsum("dok,dk->do", gain, off))
            covariances_.append(
                self.within[:, ~known][:, :, ~known] - gain @ self.within[:, known][:, :, ~known]
            )
        return means, covariances_

    def draw_open(self, z: np.ndarray, rng) -> np.ndarray:
        """All normal scores, the open ones drawn, (draws, units, columns)."""
        means, spread = self.given_known(z, rng)
        result = np.repeat(z[None], len(self.within), axis=0)
        for unit, (mean, covariance) in enumerate(zip(means, spread, strict=True)):
            root = np.linalg.cholesky(covariance)
            noise = rng.standard_normal((*mean.shape, 1))
            result[:, unit, np.isnan(z[unit])] = mean + (root @ noise)[..., 0]
        return result

    def of_column(self, z: np.ndarray, column: int, rng) -> Weights:
        """Weights of one column from the known scores of all others."""
        others = z.copy()
        others[:, column] = np.nan
        means, spread = self.given_known(others, rng)
        mean, precision = np.empty((2, len(z), len(self.within)))
        for unit, row in enumerate(others):
            here = int(np.isnan(row[:column]).sum())
            mean[unit] = means[unit][:, here]
            precision[unit] = 1 / spread[unit][:, here, here]
        return Weights(self.slots, precision * mean, precision)

    def given_others(self, off: np.ndarray, column: int, level: np.ndarray) -> Weights:
        """Weights of one column given all others.

        Parameters
        ----------
        off : array (draws, columns, units)
            Normal scores less their region effects.
        level : array (draws, units)
            Region effects of the column.
        """
        own = self.precision[:, column, column, None]
        others = (self.precision[:, None, column] @ off)[:, 0]
        pull = own * (level + off[:, column]) - others
        return Weights(self.slots, np.ascontiguousarray(pull.T))


def _regions(within, between, region, design, z):
    """What known scores say of the region effects.

    Parameters
    ----------
    within : array (..., columns, columns)
        Covariance of a unit's columns.
    between : array (..., series, series)
        Precision of the region effects before.
    z : array (units, columns)
        NaN where open.

    Returns
    -------
    precision, pull : arrays (..., regions, series, series) and (..., regions, series)
        Precision of the effects given the scores, and precision times mean.
    solved : list by unit of (known, inverse)
        Which columns are known, and the inverse of their covariance.
    """
    regions = region.max() + 1
    precision = np.repeat(between[..., None, :, :], regions, axis=-3)
    pull = np.zeros((*between.shape[:-2], regions, SERIES))
    solved = []
    for row, place in zip(z, region, strict=True):
        known = np.isfinite(row)
        inverse = np.linalg.inv(within[..., known, :][..., known])
        part = design[known].T @ inverse
        precision[..., place, :, :] += part @ design[known]
        pull[..., place, :] += part @ row[known]
        solved.append((known, inverse))
    return precision, pull, solved


def _log_det(matrix: np.ndarray) -> np.ndarray:
    return np.linalg.slogdet(matrix)[1]


def _normal(precision: np.ndarray, root: np.ndarray, pull: np.ndarray, rng) -> np.ndarray:
    """Draw from normal densities with these precisions, their roots, and precisions times means."""
    noise = rng.standard_normal((*pull.shape, 1))
    mean = np.linalg.solve(precision, pull[..., None])
    return (mean + np.linalg.solve(np.swapaxes(root, -1, -2), noise))[..., 0]
