"""Complete the table of an index and year, and look at what came out."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from numbers import Real

import numpy as np
import pandas as pd

from helpers import facts
from helpers.completion.density import fit_density
from helpers.completion.feasibility import InconsistentFacts, smallest_conflict
from helpers.completion.gather import gather, roster
from helpers.completion.problem import TINY, Impossible, Problem, build
from helpers.completion.sampler import sample
from helpers.completion.together import DRAWS, SEED, SWEEPS, joint, spread_of, undrawn
from helpers.kept import by_content

CUTS = {"": 0.5, "_50_low": 0.25, "_50_high": 0.75, "_90_low": 0.05, "_90_high": 0.95}
KEPT = 24  # completed tables kept in memory; 0.2 MB each


@dataclass(frozen=True)
class CompletedTables:
    """Draws of the whole table of one index and year.

    Attributes
    ----------
    index : str
    year : int
    unit_type : str
    scores : DataFrame, draws x units
        Points of 100 (PAR) or per cent (SIPAS).
    ranks : DataFrame of int, draws x units
    status : DataFrame indexed by unit
        ``score_status`` and ``rank_status``: "published", "derived" (from other published figures,
        by arithmetic or because nothing else is possible) or "estimated".
    """

    index: str
    year: int
    unit_type: str
    scores: pd.DataFrame
    ranks: pd.DataFrame
    status: pd.DataFrame

    def __len__(self) -> int:
        return len(self.scores)

    def copy(self) -> "CompletedTables":
        """A copy that can be changed without changing this one."""
        frames = {name: getattr(self, name).copy() for name in ("scores", "ranks", "status")}
        return replace(self, **frames)

    @property
    def exact(self) -> bool:
        """Whether only one table fits, as where every score and rank is published."""
        return bool((self.status != "estimated").all(axis=None))

    def tables(self) -> Iterator[pd.DataFrame]:
        """Each completed table in turn: indexed by unit, columns ``score`` and ``rank``."""
        scores, ranks = self.scores.to_numpy(), self.ranks.to_numpy()
        for score, rank in zip(scores, ranks, strict=True):
            yield pd.DataFrame({"score": score, "rank": rank}, index=self.scores.columns)

    def summary(self) -> pd.DataFrame:
        """One row per unit, by median rank.

        Returns
        -------
        DataFrame indexed by unit
            ``score_status, rank_status``; for each of ``score`` and ``rank`` the median as the
            bare name, and ``_50_low, _50_high, _90_low, _90_high`` of the intervals between
            quantiles of the draws; ``draws``. Ranks are whole: medians and ends are ranks that
            were drawn. Intervals of scores go with those of ranks, see `intervals`.
        """
        cuts = intervals(self.scores.to_numpy(), self.ranks.to_numpy())
        table = self.status.join(pd.DataFrame(cuts, index=self.status.index))
        table["draws"] = len(self)
        return table.sort_values(["rank", "score"], ascending=[True, False], kind="stable")

    def estimate(
        self, function: Callable[[pd.DataFrame], float | pd.Series], level: float = 0.95
    ) -> pd.Series | pd.DataFrame:
        """Compute a quantity of every draw, and sum it up over the draws.

        Parameters
        ----------
        function : callable
            Takes a table as `tables` gives it; returns a number, or a Series of numbers. What is
            true or false is 1 or 0, and its mean a probability.
        level : float
            Of the interval.

        Returns
        -------
        Series, or DataFrame with a row per number
            ``estimate``, the mean, and ``low, high``, the quantiles of the draws.

        Raises
        ------
        TypeError
            The function gives something else, as a list of which only the first would be summed up.
        """
        found = [function(table) for table in self.tables()]
        for one in found:
            if not isinstance(one, pd.Series | Real | np.bool_):
                raise TypeError(
                    f"The function gives a {type(one).__name__}; it must return a number, or a "
                    "Series of numbers with a label for each."
                )
        values = pd.DataFrame(map(pd.Series, found)).astype(float)
        low, high = values.quantile([(1 - level) / 2, (1 + level) / 2]).to_numpy()
        result = pd.DataFrame({"estimate": values.mean(), "low": low, "high": high})
        return result if isinstance(found[0], pd.Series) else result.loc[0].rename(None)


def intervals(scores: np.ndarray, ranks: np.ndarray) -> dict[str, np.ndarray]:
    """Medians and intervals of each unit, the score's and the rank's telling the same.

    Parameters
    ----------
    scores, ranks : array (draws, units)

    Returns
    -------
    dict of array (units,)
        The columns of `CompletedTables.summary`. The interval of a rank is between quantiles of the
        draws. That of a score reaches from the lower quantile of the scores that were drawn for the
        last of these ranks to the upper one for the first, within what was drawn for the unit. With
        a known rank, these are the quantiles of its own score.
    """
    result = {}
    slots = -np.sort(-scores, axis=1)
    for ends in (("",), ("_50_low", "_50_high"), ("_90_low", "_90_high")):
        shares = [CUTS[end] for end in ends]
        cuts = np.quantile(ranks, shares, axis=0, method="closest_observation")
        result |= {f"rank{end}": cut for end, cut in zip(ends, cuts, strict=True)}
        if ends == ("",):
            result["score"] = np.median(scores, axis=0)
            continue
        own, by_slot = (np.quantile(values, shares, axis=0) for values in (scores, slots))
        reach, known = (scores.min(axis=0), scores.max(axis=0)), cuts[0] == cuts[1]
        for end, cut, alone, rank in zip(ends, by_slot, own, cuts[::-1], strict=True):
            image = np.clip(cut[rank.astype(int) - 1], *reach)
            result[f"score{end}"] = np.where(known, alone, image)
    return {name + end: result[name + end] for name in ("score", "rank") for end in CUTS}


@by_content(KEPT)
def complete(
    facts_table: pd.DataFrame,
    index: str,
    year: int,
    unit_type: str = "province",
    draws: int = DRAWS,
    seed: int = SEED,
    *,
    link: bool = True,
    roster_names: Sequence[str] | None = None,
    sweeps: int = SWEEPS,
) -> CompletedTables:
    """Draw complete tables that fit every published fact.

    Parameters
    ----------
    facts_table : DataFrame
        The published figures, as `helpers.facts.load` returns them.
    index : {"PAR", "SIPAS"}
    year : int
        The year that the results are of.
    unit_type : {"province", "ministry"}
    draws : int
        Completed tables.
    seed : int
        The same seed gives the same draws, to nine decimals.
    link : bool
        Read the draws of `joint`, in which the years and both indices bear on each other. Without
        it, and for ministries, other lists of units and years outside the series, the table is
        completed from the facts of its year alone, and open places are as good as shuffled.
    roster_names : sequence of str, optional
        The ranked units, where they are not the provinces of the year or the known ministries.
    sweeps : int
        Updates of every open place before a draw is taken.

    Returns
    -------
    CompletedTables

    Raises
    ------
    InconsistentFacts
        No table fits; names a smallest set of facts that cannot hold together.
    NotEnoughKnown
        Nothing is published of that index and year, or the ranked units are not known.

    Notes
    -----
    Ranks are slots, and the scores fall from slot to slot. Published figures, counts above
    thresholds and the mean cut down the set of tables (partial identification: Manski 2003, Partial
    Identification of Probability Distributions). What is left is drawn from as if the scores were
    independent with one normal density, whose mean and spread are drawn too. With fewer than three
    (rank, score) pairs the spread is centred on that of the other years; without any, or for other
    units than the provinces of the series, the density is flat.
    """
    names = tuple(roster_names or roster(facts_table, index, year, unit_type))
    if link and unit_type == "province" and not roster_names and _in_series(index, year):
        tables = joint(facts_table, max(draws, DRAWS), seed, sweeps).tables
        if (index, year) in tables:
            scores, ranks = (values[:draws] for values in tables[index, year])
            problem = build(gather(facts_table, index, year, unit_type, names), names)
            return _named(facts_table, index, year, unit_type, problem, scores, ranks)
    return _complete(facts_table, index, year, unit_type, draws, seed, names, sweeps)


def _in_series(index: str, year: int) -> bool:
    return any(first <= year <= last for first, last in facts.REGIMES[index])


def _complete(
    facts_table: pd.DataFrame,
    index: str,
    year: int,
    unit_type: str,
    draws: int,
    seed: int,
    names: tuple[str, ...],
    sweeps: int,
) -> CompletedTables:
    found = gather(facts_table, index, year, unit_type, names)
    rng = np.random.Generator(np.random.PCG64(seed))
    try:
        problem = build(found, names)
        density = fit_density(problem)
        if density.flat and unit_type == "province" and _in_series(index, year):
            density = fit_density(problem, spread_of(list(undrawn(facts_table)), index))
        scores, slots = sample(problem, draws, rng, density, sweeps)
    except Impossible:
        conflict = smallest_conflict(found, names)
        raise InconsistentFacts(index, year, unit_type, conflict) from None
    return _named(facts_table, index, year, unit_type, problem, scores, problem.number[slots])


def _named(table, index, year, unit_type, problem: Problem, scores, ranks) -> CompletedTables:
    """Give draws (arrays) the names of the units, and say where each score and rank comes from."""
    known = facts.scores(table, index, year, unit_type)
    kinds = {
        measure: known.loc[known[measure].notna(), f"{measure}_derivation"].map(facts.kind)
        for measure in ("score", "rank")
    }
    slot_of = {unit: slot for slot, unit in enumerate(problem.owner) if unit >= 0}
    rows = []
    for number, name in enumerate(problem.units):
        slot = slot_of.get(number)
        low, high = problem.unit_low[number], problem.unit_high[number]
        if slot is not None:
            low, high = max(low, problem.lower[slot]), min(high, problem.upper[slot])
        rows.append(
            (
                kinds["score"].get(name, "derived" if high - low < TINY else "estimated"),
                kinds["rank"].get(name, "estimated" if slot is None else "derived"),
            )
        )
    names = list(problem.units)
    status = pd.DataFrame(rows, index=names, columns=["score_status", "rank_status"])
    scores, ranks = (pd.DataFrame(drawn, columns=names, copy=True) for drawn in (scores, ranks))
    return CompletedTables(index, year, unit_type, scores, ranks, status)
