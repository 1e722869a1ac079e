"""Forecasts by four methods, as simulated tables of all provinces."""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import pandas as pd
from scipy import optimize, stats

from helpers.kept import by_content
from helpers.trajectories import model as mixed
from helpers.trajectories.panel import (
    SEED,
    NotEnoughYears,
    Panel,
    distance,
    known_until,
    national_means,
    regime,
)

METHODS = ("mixed", "last_score", "same_rank", "average")
HORIZONS = (1, 2)
LEVELS = (50, 80, 95)
SIMULATIONS = 2000
AVERAGED = ("mixed", "same_rank")
TARGETS = ("score", "to_mean", "rank")
ENDS = [f"_{level}_{end}" for level in LEVELS for end in ("low", "high")]
SHARES = [(1 + sign * level / 100) / 2 for level in LEVELS for sign in (-1, 1)]
COLUMNS = (
    *("unit", "year", "horizon", "method"),
    *(target + end for target in TARGETS for end in ("", *ENDS)),
)
FEWEST_CHANGES = 2
WINDOW = 6  # years: scores lie closer than they did in the first years of the index
HIGHEST = 100.0  # no score of either index goes beyond
TAIL = 3  # degrees of freedom of the national change: a new scheme moves it by ten points at times
PRIOR_CHANGES = 10  # past errors of the national mean that as many expected ones count for
PRIOR_ERRORS = 30  # past errors that normal ones count for


@dataclass(frozen=True)
class Forecast:
    """Simulated tables of one future year.

    Attributes
    ----------
    method : str
    origin, year : int
    to_mean, scores, ranks : ndarray, simulations x units
        Distance from the national mean (points), score (points), rank among the units.
    units : tuple of str
    point : DataFrame
        Indexed by unit: point forecasts ``to_mean``, ``score``, ``rank`` (the latest for
        "same_rank", else the order of the distances expected); ``spread``, the standard
        deviation of the error of ``to_mean`` before calibration.
    """

    method: str
    origin: int
    year: int
    to_mean: np.ndarray
    scores: np.ndarray
    ranks: np.ndarray
    units: tuple[str, ...]
    point: pd.DataFrame


# --- the nation --------------------------------------------------------------------------------


def national_changes(means: pd.DataFrame) -> pd.Series:
    """Changes of the published national mean on the year before, within a regime, by year."""
    means = means[means["kind"] == "published"]
    before = means[["mean", "regime"]].shift()
    consecutive = means.index.to_series().diff() == 1
    change = (means["mean"] - before["mean"])[consecutive & (means["regime"] == before["regime"])]
    return change.rename("change")


@by_content(16)
def national_change(means: pd.DataFrame, horizon: int = 1) -> dict:
    """Expect the change of the national mean from its past changes.

    Parameters
    ----------
    means : DataFrame
        As in `Panel.means`; nothing later than the origin.
    horizon : int
        Years ahead.

    Returns
    -------
    dict
        ``expected`` change over the horizon (points), ``scale`` and ``dof`` of its Student t,
        ``changes`` (how many past changes it rests on).

    Raises
    ------
    NotEnoughYears
        With fewer than two past changes.

    Notes
    -----
    A random walk with drift. Location and scale are the most likely ones of a Student t with
    `TAIL` degrees of freedom, so that one change of the scoring scheme neither turns the drift
    round nor is forgotten. Over h years the scale is s sqrt(h + h2 / n), the second term for the
    drift being estimated, times the factor that makes the 80% interval right for the errors that
    such forecasts made before, with `PRIOR_CHANGES` expected ones among them.
    """
    found = _drift(means, horizon)
    expected = stats.t.ppf(0.5 + (np.arange(PRIOR_CHANGES) + 0.5) / PRIOR_CHANGES / 2, TAIL)
    sizes = np.concatenate([expected, np.abs(national_errors(means))])
    factor = np.quantile(sizes, 0.8) / stats.t.ppf(0.9, TAIL)
    return found | {"scale": float(found["scale"] * factor)}


def expected_change(figures: pd.DataFrame, index: str, year: int) -> dict:
    """Expect the change of the national mean from a year to the next, from its past.

    Parameters
    ----------
    figures : DataFrame
        As `helpers.facts.load` returns them; nothing later than `year` is used.
    index : {"PAR", "SIPAS"}
    year : int

    Returns
    -------
    dict
        As `national_change`.

    Raises
    ------
    NotEnoughYears
        With fewer than two past changes, or where the next year is another survey.
    """
    _refuse_another_survey(index, year, year + 1)
    return national_change(national_means(known_until(figures, year), index, year))


def equally_likely(change: dict, size: int = 200) -> np.ndarray:
    """Give values of a national change (`national_change`) that are as likely as each other."""
    middle = (np.arange(size) + 0.5) / size
    return change["expected"] + change["scale"] * stats.t.ppf(middle, change["dof"])


def _refuse_another_survey(index: str, origin: int, year: int) -> None:
    first, end = regime(index, origin)
    if index == "SIPAS" and end < min(year, 2022):
        raise NotEnoughYears(
            f"SIPAS {year} is another survey than that of {first}-{end}: no forecast."
        )


def national_errors(means: pd.DataFrame) -> np.ndarray:
    """Errors over their scale of forecasts of the mean from every year with three past changes."""
    changes, errors = national_changes(means), []
    for origin in means.index[means["kind"] == "published"]:
        past = means[means.index <= origin]
        if (changes.index <= origin).sum() <= FEWEST_CHANGES:
            continue
        for horizon in HORIZONS:
            steps = changes.reindex(range(origin + 1, origin + horizon + 1))
            if steps.notna().all():
                found = _drift(past, horizon)
                errors.append((steps.sum() - found["expected"]) / found["scale"])
    return np.array(errors)


def _drift(means: pd.DataFrame, horizon: int) -> dict:
    changes = national_changes(means).to_numpy()
    n = len(changes)
    if n < FEWEST_CHANGES:
        raise NotEnoughYears(
            f"Only {n} past change(s) of the national mean: its next change cannot be expected."
        )
    drift, scale = _likeliest(tuple(changes))
    return {
        "expected": float(drift * horizon),
        "scale": float(scale * np.sqrt(horizon + horizon**2 / n)),
        "dof": TAIL,
        "changes": n,
    }


@lru_cache(maxsize=1000)
def _likeliest(changes: tuple[float, ...]) -> tuple[float, float]:
    """Location and scale of the likeliest Student t; a backtest asks for the same ones often."""
    _dof, place, scale = stats.t.fit(changes, fdf=TAIL)
    return float(place), float(scale)


def _future_mean(panel: Panel, horizon: int, size: int, rng) -> tuple[float, np.ndarray]:
    if panel.last not in panel.means.index:
        raise NotEnoughYears(f"{panel.index} {panel.last}: the national mean is not known.")
    last = panel.means.at[panel.last, "mean"]
    change = national_change(panel.means, horizon)
    drawn = stats.t.rvs(change["dof"], size=size, random_state=rng) * change["scale"]
    return last + change["expected"], last + change["expected"] + drawn


# --- distances from the mean -------------------------------------------------------------------


def step_variance(panel: Panel, window: int = WINDOW) -> tuple[float, float]:
    """Variance of the change of a unit's distance from the mean, by the years between.

    Parameters
    ----------
    panel : Panel
    window : int
        Of the last years, how many count.

    Returns
    -------
    (float, float)
        Points squared: what any two years differ by, and what every year between adds.

    Raises
    ------
    NotEnoughYears
        Where no unit has two years.

    Notes
    -----
    Non-negative least squares of the squared changes on (1, years between), over all pairs of
    the last `window` years; those of the regime before count too, since a new survey changes
    levels more than it changes how far provinces move.
    """
    gaps, squares = _steps(panel, window).T
    if not len(gaps):
        raise NotEnoughYears(f"{panel.index}: no province has scores in two years.")
    (base, slope), _ = optimize.nnls(np.column_stack([np.ones(len(gaps)), gaps]), squares)
    return float(base), float(slope)


def _steps(panel: Panel, window: int) -> np.ndarray:
    """Years between any two scores of a unit, and the square of its change, (pairs, 2)."""
    wide = distance(panel).pivot(index="unit", columns="year", values="to_mean")
    wide = wide.loc[:, wide.columns > panel.last - window]
    (first, second), years = np.triu_indices(wide.shape[1], 1), wide.columns.to_numpy()
    change = (wide.to_numpy()[:, second] - wide.to_numpy()[:, first]).T
    gaps = np.broadcast_to((years[second] - years[first])[:, None], change.shape)
    known = np.isfinite(change)
    steps = np.column_stack([gaps[known], change[known] ** 2])
    return steps if panel.before is None else np.vstack([_steps(panel.before, window), steps])


def _last_distances(panel: Panel, size: int) -> tuple[np.ndarray, np.ndarray]:
    """Each unit's latest distance from the mean (size x units), and how many years ago it was."""
    scores, _ranks = _latest_tables(panel, size)
    base, ago = scores - scores.mean(axis=1, keepdims=True), np.zeros(scores.shape[1])
    latest = panel.rows.loc[panel.rows.groupby("unit")["year"].idxmax()]
    at = panel.regions.index.get_indexer(latest["unit"])
    means = panel.means["mean"].loc[latest["year"]].to_numpy()
    base[:, at] = _in_turn(panel.draws, size)[:, latest.index] - means
    ago[at] = panel.last - latest["year"]
    return base, ago


def _latest_tables(panel: Panel, size: int) -> list[np.ndarray]:
    """Completed scores and ranks of the latest year that has some, size x units."""
    tables = panel.tables[max(panel.tables)]
    return [_in_turn(one[panel.regions.index].to_numpy(), size) for one in tables]


def _in_turn(draws: np.ndarray, size: int) -> np.ndarray:
    return draws[np.arange(size) % len(draws)]


def _same_rank(panel: Panel, size: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Distances at each unit's latest rank in the latest table, years ago, and the rank.

    A drawn rank counts like a known one: an older known rank says less than a newer score does.
    """
    scores, ranks = _latest_tables(panel, size)
    ranks, ago = ranks.astype(int), np.zeros(ranks.shape[1])
    latest = panel.ranks.loc[panel.ranks.groupby("unit")["year"].idxmax()]
    at = panel.regions.index.get_indexer(latest["unit"])
    ranks[:, at] = latest["rank"].astype(int)
    ago[at] = panel.last - latest["year"]
    ordered = -np.sort(-scores, axis=1)
    base = np.take_along_axis(ordered, ranks - 1, axis=1) - scores.mean(axis=1, keepdims=True)
    return base, ago, ranks


def _start(panel: Panel, year: int, method: str, size: int, window: int):
    """Distances to start from (size x units), variance of their error, and ranks where they are.

    The average of two methods has the mean of their distances. Its variance is at most the mean of
    theirs, which is taken; past errors of the average over that spread narrow it as they should.
    """
    if method == "mixed":
        level, variance = (one.to_numpy() for one in mixed.expected(mixed.fit(panel), panel, year))
        return np.tile(level, (size, 1)), np.tile(variance, (size, 1)), None
    if method == "average":
        both = [_start(panel, year, one, size, window)[:2] for one in AVERAGED]
        return *(sum(parts) / len(AVERAGED) for parts in zip(*both, strict=True)), None
    if method == "last_score":
        (base, ago), ranks = _last_distances(panel, size), None
    elif method == "same_rank":
        base, ago, ranks = _same_rank(panel, size)
    else:
        raise ValueError(f"{method!r} is no way of forecasting; there are {', '.join(METHODS)}.")
    constant, slope = step_variance(panel, window)
    return base, np.broadcast_to(constant + slope * (year - panel.last + ago), base.shape), ranks


def forecast(
    panel: Panel,
    year: int,
    method: str = "mixed",
    *,
    past_errors: np.ndarray | None = None,
    window: int = WINDOW,
    prior: int = PRIOR_ERRORS,
    simulations: int = SIMULATIONS,
    seed: int = SEED,
) -> Forecast:
    """Simulate the whole table of a future year.

    Parameters
    ----------
    panel : Panel
        Up to the origin.
    year : int
        After `panel.last`, within the same regime.
    method : {"mixed", "last_score", "same_rank", "average"}
        The mixed model; the latest distance from the national mean; the latest rank; the mean of
        the mixed model and the latest rank.
    past_errors : ndarray, optional
        Past errors of the method over their spread (`judge.standardised`).
    window : int
        As in `step_variance`, for the simple methods.
    prior : int
        Past errors that normal ones count for.
    simulations : int
    seed : int

    Returns
    -------
    Forecast

    Raises
    ------
    NotEnoughYears
        Where the year is not ahead or in another regime, or too little is known.
    ValueError
        For a method that there is not.

    Notes
    -----
    score = national mean + distance. The mean is forecast from its own past (`national_change`);
    the distances of all units are drawn together and made to sum to zero; ranks are read off each
    simulated table. The error of a distance is its expected spread times a past standardised
    error, either sign alike, with `prior` normal ones among them: intervals are as wide,
    and tails as heavy, as past errors were.

    References
    ----------
    Bates, J. M. and Granger, C. W. J. (1969). The combination of forecasts. Operational Research
    Quarterly 20, 451-468; with equal weights, since weights learned from few years are worse (Smith
    and Wallis 2009, Oxford Bulletin of Economics and Statistics 71, 331-355).
    """
    if year <= panel.last:
        raise NotEnoughYears(f"{year} is not after {panel.last}: nothing to forecast.")
    _refuse_another_survey(panel.index, panel.last, year)
    horizon = year - panel.last
    base, variance, ranks = _start(panel, year, method, simulations, window)
    rng = np.random.Generator(np.random.PCG64([seed, panel.last, year, METHODS.index(method)]))
    errors = rng.choice(_error_pool(past_errors, prior), base.shape)
    noise = errors * rng.choice([-1, 1], base.shape)
    drawn = base + noise * np.sqrt(variance)
    drawn = drawn - drawn.mean(axis=1, keepdims=True)
    mean, means = _future_mean(panel, horizon, simulations, rng)
    simulated = _order(drawn)
    point = pd.DataFrame(
        {
            "to_mean": base.mean(axis=0),
            "score": mean + base.mean(axis=0),
            "rank": _order(base.mean(axis=0)) if ranks is None else np.median(ranks, axis=0),
            "spread": np.sqrt(variance.mean(axis=0) + base.var(axis=0)),
        },
        index=panel.regions.index,
    )
    point["score"] = point["score"].clip(upper=HIGHEST)
    scores = np.minimum(drawn + means[:, None], HIGHEST)
    names = tuple(panel.regions.index)
    return Forecast(method, panel.last, year, drawn, scores, simulated, names, point)


def _order(distances: np.ndarray) -> np.ndarray:
    """Ranks of the units along the last axis, the highest first."""
    return stats.rankdata(-distances, axis=-1, method="ordinal")


def _error_pool(past_errors: np.ndarray | None, prior: int) -> np.ndarray:
    size = prior if past_errors is not None and len(past_errors) else 1000
    normal = stats.norm.ppf((np.arange(size) + 0.5) / size)
    return normal if past_errors is None else np.concatenate([normal, past_errors])


def summary(made: Forecast) -> pd.DataFrame:
    """Sum up a forecast.

    Returns
    -------
    DataFrame
        A row per unit: ``unit, year, horizon, method``, and for each of ``score``, ``to_mean`` and
        ``rank`` the point forecast and ``_50_low ... _95_high``. Ends of rank intervals are ranks
        that were drawn.
    """
    columns = {"unit": made.units, "year": made.year, "horizon": made.year - made.origin}
    columns["method"] = made.method
    for name, values in (("score", made.scores), ("to_mean", made.to_mean), ("rank", made.ranks)):
        columns[name] = made.point[name].to_numpy()
        how = "closest_observation" if name == "rank" else "linear"
        cuts = np.quantile(values, SHARES, axis=0, method=how)
        columns |= {name + end: cut for end, cut in zip(ENDS, cuts, strict=True)}
    return pd.DataFrame(columns)
