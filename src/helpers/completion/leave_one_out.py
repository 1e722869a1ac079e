"""Hide one published figure at a time and see how well the rest recovers it."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from scipy.interpolate import interp1d
from scipy.stats import binomtest

from helpers import facts, units
from helpers.completion.density import fit_density
from helpers.completion.gather import gather, roster
from helpers.completion.problem import Impossible, build
from helpers.completion.sampler import sample
from helpers.completion.tables import SEED, SWEEPS, intervals
from helpers.completion.together import weights_of

DRAWS = 800  # ends of intervals from 200 would add their own noise to the test
SNAPSHOTS = 8
ENDS = ("", "_50_low", "_50_high", "_90_low", "_90_high")
EXTREMES = ("max", "min", "median")
EVERYTHING = ("score", "rank", "rank_at_least", "rank_at_most")


def leave_one_out(
    facts_table: pd.DataFrame,
    index: str,
    year: int,
    draws: int = DRAWS,
    seed: int = SEED,
    *,
    hide: Sequence[str] = ("score", "both"),
    link: bool = True,
    sweeps: int = SWEEPS,
) -> pd.DataFrame:
    """Hide each published score in turn, without and with its rank, and predict it from the rest.

    Every unit with an accepted score and an accepted rank is used: once its score is hidden and
    its rank stays, once both go, as for a unit of which nothing is published; the latter is the
    test of the joint model.

    With a score also go the figures that would give it away: the national maximum, minimum or
    median that equals it, and the unit's published change of that year and of the next; with both,
    its change in rank, bounds on its rank and the direction of its change too.

    Ends of intervals come from draws rounded to two decimals, as published scores are. Where no
    table fits what is left (only next to a shared rank), there is no prediction, and `coverage`
    counts the figure apart: `complete` would raise `InconsistentFacts` there.

    Parameters
    ----------
    facts_table, index, year, seed, link, sweeps
        As for `complete`.
    draws : int
        Completed tables per hidden figure, several of each chain.
    hide : sequence of {"score", "both"}

    Returns
    -------
    DataFrame, one row per hidden figure
        ``index, year, unit, hidden`` ("score" or "both"), ``figure`` ("score" or "rank"),
        ``truth``, ``median``, ``low_50, high_50, low_90, high_90``, ``interpolated`` and
        ``outermost`` (whether there is a published pair on one side only, so that there is nothing
        to interpolate between). Interpolation is on the same footing: linear over rank between the
        nearest published (rank, score) pairs, the hidden one left out; beyond the last pair, along
        the line through the last two. With both hidden there is nothing to interpolate from.

    See Also
    --------
    coverage : sums it up by year.
    """
    names = roster(facts_table, index, year, "province")
    pairs = facts.scores(facts_table, index, year)[["score", "rank"]].dropna()
    cases = [(unit, hidden) for unit in pairs.index for hidden in hide]
    chains = -(-draws // SNAPSHOTS)
    weights = None
    if link:
        rng = np.random.Generator(np.random.PCG64(seed))
        weights = weights_of(facts_table, index, year, chains, rng)
    rows = []
    children = np.random.SeedSequence(seed).spawn(len(cases))
    for (unit, hidden), child in zip(cases, children, strict=True):
        pair = pairs.loc[unit]
        rest = without(facts_table, unit, index, year, hidden, pair["score"])
        rng = np.random.Generator(np.random.PCG64(child))
        drawn = _draw(rest, index, year, names, chains, rng, weights, sweeps)
        for figure in ("score", "rank") if hidden == "both" else ("score",):
            known = np.nan if hidden == "both" else interpolate(pairs.drop(unit), pair["rank"])
            outer = pair["rank"] in (pairs["rank"].min(), pairs["rank"].max())
            cuts = _cuts(drawn, names.index(unit), figure)
            rows.append((index, year, unit, hidden, figure, pair[figure], *cuts, known, outer))
    columns = ["index", "year", "unit", "hidden", "figure", "truth", "median", "low_50", "high_50"]
    columns += ["low_90", "high_90", "interpolated", "outermost"]
    return pd.DataFrame(rows, columns=columns)


def years_with_enough(facts_table: pd.DataFrame, fewest: int = 15) -> list[tuple[str, int]]:
    """Each index and year with at least `fewest` accepted scores of provinces, in their order."""
    accepted = facts_table[
        (facts_table["unit_type"] == "province")
        & (facts_table["measure"] == "score")
        & (facts_table["status"] == "accepted")
    ]
    counts = accepted.groupby(["index", "year"]).size()
    return [(index, int(year)) for index, year in counts[counts >= fewest].index]


def _draw(rest, index, year, names, chains, rng, weights, sweeps):
    """Scores and ranks of all units, or None where no table fits what is left."""
    try:
        problem = build(gather(rest, index, year, "province", names), names)
        density = fit_density(problem)
        scores, slots = sample(problem, chains, rng, density, sweeps, weights, snapshots=SNAPSHOTS)
    except Impossible:
        return None
    return scores, problem.number[slots]


def _cuts(drawn, place: int, figure: str) -> np.ndarray:
    """Median, and ends of the 50% and 90% intervals."""
    if drawn is None:
        return np.full(5, np.nan)
    scores, ranks = drawn
    if figure == "score":
        scores = np.round(scores, 2)
    found = intervals(scores, ranks)
    return np.array([found[figure + end][place] for end in ENDS])


def without(table, unit: str, index: str, year: int, hidden: str, score: float) -> pd.DataFrame:
    """The table without a unit's score, or score and rank, and without what would give it away."""
    here = (table["index"] == index) & (table["year"] == year)
    later = (table["index"] == index) & table["year"].isin([year, year + 1])
    renamed = units.same(unit, year, year + 1)
    own = (table["unit"] == unit) | ((table["unit"] == renamed) & (table["year"] > year))
    measures = {
        "score": (["score"], ["change"]),
        "both": (EVERYTHING, ["change", "rank_change", "direction"]),
    }
    at_once, of_both_years = measures[hidden]
    gone = own & here & table["measure"].isin(at_once)
    gone |= own & later & table["measure"].isin(of_both_years)
    extreme = (table["unit_type"] == "national") & table["measure"].isin(EXTREMES)
    return table[~(gone | here & extreme & (table["value"] == score))]


def interpolate(pairs: pd.DataFrame, rank: float) -> float:
    """Score for a rank, on the line between the nearest published pairs, or beyond the last two."""
    known = pairs.drop_duplicates("rank").sort_values("rank")
    if len(known) < 2:
        return np.nan
    return float(interp1d(known["rank"], known["score"], fill_value="extrapolate")(rank))


def coverage(left_out: pd.DataFrame) -> pd.DataFrame:
    """Sum up `leave_one_out` by what was hidden, figure, index and year, with a row for all years.

    Returns
    -------
    DataFrame indexed by (hidden, figure, index, year)
        ``n``, figures predicted, and ``without``, figures that could not be; ``covered_50,
        covered_90`` as shares of n, and ``covered_90_low, covered_90_high``, the exact binomial
        interval (95%) of the latter; ``width_90``, the median; ``error`` and
        ``interpolation_error``, median absolute ones; ``mean_gain``, 1 minus the ratio of the mean
        absolute ones.
        The rows of all years have index "all" and year 0.
    """
    everything = left_out.assign(index="all", year=0)
    keys = ["hidden", "figure", "index", "year"]
    groups = pd.concat([left_out, everything]).groupby(keys)
    return pd.DataFrame({key: _one_year(group) for key, group in groups}).T.rename_axis(keys)


def _one_year(rows: pd.DataFrame) -> pd.Series:
    predicted = rows.dropna(subset="median")
    truth = predicted["truth"]
    off = {column: (predicted[column] - truth).abs() for column in ("median", "interpolated")}
    low, high = predicted["low_90"], predicted["high_90"]
    held = truth.between(low, high)
    ends = binomtest(int(held.sum()), len(held)).proportion_ci() if len(held) else None
    return pd.Series(
        {
            "n": len(predicted),
            "without": len(rows) - len(predicted),
            "covered_50": truth.between(predicted["low_50"], predicted["high_50"]).mean(),
            "covered_90": held.mean(),
            "covered_90_low": ends.low if ends else np.nan,
            "covered_90_high": ends.high if ends else np.nan,
            "width_90": (high - low).median(),
            "error": off["median"].median(),
            "interpolation_error": off["interpolated"].median() or np.nan,
            "mean_gain": 1 - off["median"].mean() / (off["interpolated"].mean() or np.nan),
        }
    )
