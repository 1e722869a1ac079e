"""Complete the table of an index and year, and look at what came out."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from helpers.completion import pooling
from helpers.completion.density import fit_density
from helpers.completion.feasibility import InconsistentFacts, smallest_conflict
from helpers.completion.gather import gather, read_figures, roster
from helpers.completion.neighbours import weights
from helpers.completion.problem import TINY, Impossible, Problem, build
from helpers.completion.sampler import sample
from helpers.kept import by_content

# The day the 2020 results were announced.
SEED = 20210624
SWEEPS = 300
CUTS = {"": 0.5, "_50_low": 0.25, "_50_high": 0.75, "_90_low": 0.05, "_90_high": 0.95}
NEIGHBOURS = True
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
            were drawn.
        """
        columns = {}
        for name, values in (("score", self.scores), ("rank", self.ranks)):
            method = "linear" if name == "score" else "closest_observation"
            cuts = np.quantile(values.to_numpy(), list(CUTS.values()), axis=0, method=method)
            columns |= {name + end: cut for end, cut in zip(CUTS, cuts, strict=True)}
        table = self.status.join(pd.DataFrame(columns, index=self.status.index))
        table["draws"] = len(self)
        return table.sort_values(["rank", "score"], ascending=[True, False], kind="stable")

    def estimate(
        self,
        function: Callable[[pd.DataFrame], object],
        level: float = 0.95,
        complete_dof: float | None = None,
    ) -> pd.Series | pd.DataFrame:
        """Apply a function to every draw and pool by Rubin's rules; see `pooling.pool`."""
        return pooling.pool(function, self.tables(), level, complete_dof)


def complete(
    facts_table: pd.DataFrame,
    index: str,
    year: int,
    unit_type: str = "province",
    draws: int = 200,
    seed: int = SEED,
    *,
    neighbours: bool = NEIGHBOURS,
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
    neighbours : bool
        Weigh the slots of units without a rank or a score of that year by their published ranks
        of the years next to it (see `neighbours.weights`). Hiding score and rank of a province
        shows that it helps: see `leave_one_out`.
    roster_names : sequence of str, optional
        The ranked units, where they are not the provinces of the year or the known ministries.
    sweeps : int
        Updates of every open score before a draw is taken.

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
    independent with one normal density, fitted to the published (rank, score) pairs of that index
    and year; with fewer than three pairs the density is flat. Regional means are not used: they are
    a check (`check`).
    """
    names = tuple(roster_names or roster(facts_table, index, year, unit_type))
    return _complete(facts_table, index, year, unit_type, draws, seed, neighbours, names, sweeps)


@by_content(KEPT)
def _complete(
    facts_table: pd.DataFrame,
    index: str,
    year: int,
    unit_type: str,
    draws: int,
    seed: int,
    neighbours: bool,
    names: tuple[str, ...],
    sweeps: int,
) -> CompletedTables:
    facts = gather(facts_table, index, year, unit_type, names)
    rng = np.random.Generator(np.random.PCG64(seed))
    try:
        problem = build(facts, names)
        preference = None
        if neighbours:
            preference = weights(facts_table, problem, index, year, unit_type)
        scores, slots = sample(problem, draws, rng, fit_density(problem), sweeps, preference)
    except Impossible:
        conflict = smallest_conflict(facts, names)
        raise InconsistentFacts(index, year, unit_type, conflict) from None
    return CompletedTables(
        index=index,
        year=year,
        unit_type=unit_type,
        scores=pd.DataFrame(scores, columns=names),
        ranks=pd.DataFrame(problem.number[slots], columns=names),
        status=_status(facts_table, index, year, unit_type, problem),
    )


def _status(table, index, year, unit_type, problem: Problem) -> pd.DataFrame:
    """Where each unit's score and rank come from."""
    known = {}
    for figure in read_figures(table, index, (year,), unit_type):
        if figure.measure in ("score", "rank") and figure.low == figure.high:
            known[figure.measure, figure.unit] = figure.kind
    slot_of = {unit: slot for slot, unit in enumerate(problem.owner) if unit >= 0}
    rows = []
    for number, name in enumerate(problem.units):
        slot = slot_of.get(number)
        low, high = problem.unit_low[number], problem.unit_high[number]
        if slot is not None:
            low, high = max(low, problem.lower[slot]), min(high, problem.upper[slot])
        rows.append(
            (
                known.get(("score", name), "derived" if high - low < TINY else "estimated"),
                known.get(("rank", name), "estimated" if slot is None else "derived"),
            )
        )
    return pd.DataFrame(rows, index=list(problem.units), columns=["score_status", "rank_status"])
