"""The density that open scores follow within their bounds."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy.special import ndtr, ndtri
from scipy.stats import linregress

from helpers.completion.model import normal_scores
from helpers.completion.problem import SCALE, Problem

FEWEST_PAIRS = 3
POINTS = 24
STRETCH = 5.0
BISECTIONS = 24
PRIOR_SCORES = 2


@dataclass(frozen=True)
class Density:
    """Density that open scores follow within their bounds: normal, or flat where ``sd`` is inf.

    Methods take and return arrays of any shape; where mean and sd are arrays (draws,), whose last
    axis is that of the draws.
    """

    mean: float | np.ndarray = 50.0
    sd: float | np.ndarray = np.inf

    @cached_property
    def flat(self) -> bool:
        return not np.isfinite(self.sd).all()

    def change(self, x: np.ndarray, step: np.ndarray) -> np.ndarray:
        """Logarithm of the density at x + step, less that at x."""
        if self.flat:
            return np.zeros_like(step)
        return step * (self.mean - x - 0.5 * step) / self.sd**2

    def between(self, u: np.ndarray, low, high) -> np.ndarray:
        """Quantile u of the density cut to [low, high]."""
        if self.flat:
            return low + u * (high - low)
        below, above = (ndtr((end - self.mean) / self.sd) for end in (low, high))
        x = self.mean + self.sd * ndtri(below + u * (above - below))
        return np.fmin(np.fmax(x, low), high)  # far in a tail x is nan, which these pass over


def fit_density(problem: Problem, spread: float | None = None) -> Density:
    """Normal density through the (slot, score) pairs that are exactly known, by least squares.

    The score in a slot is set against the slot's normal score. With fewer than three pairs a
    published mean is one more, in the middle; with fewer than three even so, the spread is taken as
    given, and without one the density is flat.
    """
    n, pinned = len(problem.units), problem.pinned
    x, y = normal_scores(n)[pinned], problem.lower[pinned]
    if len(pinned) < FEWEST_PAIRS and np.isfinite(problem.total).all():
        x, y = np.append(x, 0.0), np.append(y, np.mean(problem.total) / n)
    if len(x) < FEWEST_PAIRS or np.ptp(x) == 0:
        if spread is None or not len(x):
            return Density()
        return Density(round(float((y - spread * x).mean()), 6), spread)
    line = linregress(x, y)
    # Rounded, so that the last binary digits of a machine's arithmetic do not matter.
    mean, sd = round(float(line.intercept), 6), round(float(line.slope), 6)
    return Density(mean, sd) if sd > 0 else Density()


def first_densities(problem: Problem, fitted: Density, chains: int, rng) -> Density:
    """Densities to start from where no sum is known: about as uncertain as they are.

    The spread is that of the fit over the square root of a chi-square by its degrees of freedom,
    one for each known pair and those of the prior; the line goes through the pairs again.
    """
    pinned = problem.pinned
    if fitted.flat or not len(pinned):
        return fitted
    freedom = len(pinned) + PRIOR_SCORES
    sd = fitted.sd * np.sqrt(freedom / rng.chisquare(freedom, chains))
    mean = problem.lower[pinned].mean() - sd * normal_scores(len(problem.units))[pinned].mean()
    # An order statistic of 63 has about a fifth of the spread of one score.
    return Density(mean + 0.2 * sd / np.sqrt(len(pinned)) * rng.standard_normal(chains), sd)


def drawn_density(score: np.ndarray, fitted: Density, rng: np.random.Generator) -> Density:
    """Mean and standard deviation of the density, drawn anew given whole tables.

    Parameters
    ----------
    score : array (units, draws)
    fitted : Density
        The centre of the prior, worth `PRIOR_SCORES` scores, of the standard deviation; that of
        the mean is flat. Conjugate, as in Gelman et al. (2013), Bayesian Data Analysis, sec. 3.3.

    Returns
    -------
    Density
        With arrays (draws,).
    """
    n, draws = score.shape
    mean = score.mean(axis=0)
    off = score - mean
    squares = np.einsum("ud,ud->d", off, off) + PRIOR_SCORES * fitted.sd**2
    sd = np.sqrt(squares / rng.chisquare(n - 1 + PRIOR_SCORES, draws))
    return Density(mean + sd / np.sqrt(n) * rng.standard_normal(draws), sd)


def tilted(density: Density, low, high, count, total: float) -> Density:
    """The density tilted exponentially, so that scores in boxes have about the right sum.

    Conditioned on their sum, independent scores are nearly independent with a tilted density; for
    a normal one tilting shifts the mean. It serves as a start, not as the target.

    Parameters
    ----------
    low, high : arrays (boxes,)
        Ends of the boxes.
    count : array (boxes,)
        Scores in each box.
    total : float
        Their sum.
    """
    sd = SCALE[1] if density.flat else density.sd
    u = ((np.arange(POINTS) + 0.5) / POINTS)[:, None]
    ends = density.mean - STRETCH * sd, density.mean + STRETCH * sd
    for _ in range(BISECTIONS):
        middle = Density(sum(ends) / 2, sd)
        short = (middle.between(u, low, high).mean(axis=0) * count).sum() < total
        ends = (middle.mean, ends[1]) if short else (ends[0], middle.mean)
    return Density(sum(ends) / 2, sd)
