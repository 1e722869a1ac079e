"""How far the data carry the correlation over all provinces.

The tables of PAR and of SIPAS are completed each by itself. For a province that is estimated in
one or both, its two draws therefore have nothing to do with each other, and the correlation over
completed tables is pulled towards zero by the way it is made: the imputation is not congenial with
the question (Meng 1994, Statistical Science 9, 538-558). `pooled` of the tables as they come is the
answer under that assumption and no other. `assume` redraws the estimated places under a stated
association between the two, and `extreme` puts them so as to make the correlation as large or as
small as the published figures allow (partial identification: Manski 2003).
"""

from dataclasses import replace

import numpy as np
import pandas as pd
from scipy import stats
from scipy.optimize import linear_sum_assignment

from helpers.association.correlation import STATISTICS, fisher_variance
from helpers.completion import CompletedTables

Tables = tuple[CompletedTables, CompletedTables]
FORBIDDEN = 1e9
RHOS = (-0.6, -0.4, -0.2, 0.0, 0.2, 0.4, 0.6, 0.8)


def pooled(
    par: CompletedTables,
    sipas: CompletedTables,
    satisfaction: pd.Series,
    maximum: float,
    *,
    rest: bool = True,
    method: str = "pearson",
    level: float = 0.95,
) -> pd.Series:
    """Correlation of PAR and SIPAS over completed tables, by Rubin's rules on Fisher's z.

    Parameters
    ----------
    par, sipas : CompletedTables
        Of one year, with as many draws; draw i of one goes with draw i of the other.
    satisfaction : Series
        Published points that SIPAS brings, by unit; the others have SIPAS x maximum / 100.
    maximum : float
        Most points that SIPAS can bring.
    rest : bool
        Take these points off PAR first.
    method : {"pearson", "spearman", "kendall"}

    Returns
    -------
    Series
        ``r`` and its interval ``low, high``, for provinces as a sample of what could have been;
        ``draws_low, draws_high``: between quantiles of the draws, for these 63 provinces as they
        are; ``n`` units, ``draws``, and ``missing``: the share of the variance that is due to what
        was not published.

    Raises
    ------
    ValueError
        The two have not as many draws, or not the same units.
    """
    _check(par, sipas)
    statistic = STATISTICS[method]
    others = sipas.tables()
    drawn = []

    def z(table: pd.DataFrame) -> tuple[float, float]:
        y = next(others)["score"]
        x = table["score"]
        if rest:
            x = x - satisfaction.reindex(x.index).fillna(y * maximum / 100)
        drawn.append(float(statistic(x.to_numpy(), y.to_numpy())))
        return np.arctanh(drawn[-1]), fisher_variance(drawn[-1], len(x), method)

    made = par.estimate(z, level)
    tail = (1 - level) / 2
    low, high = np.quantile(drawn, [tail, 1 - tail])
    return pd.Series(
        {
            "r": np.tanh(made["estimate"]),
            "low": np.tanh(made["low"]),
            "high": np.tanh(made["high"]),
            "draws_low": low,
            "draws_high": high,
            "n": par.scores.shape[1],
            "draws": len(drawn),
            "missing": 1 - made["within"] / made["total"],
        }
    )


def _check(par: CompletedTables, sipas: CompletedTables) -> None:
    if len(par) != len(sipas) or list(par.scores) != list(sipas.scores):
        raise ValueError("the completed tables differ in their draws or in their units")


def open_units(tables: CompletedTables) -> np.ndarray:
    """Units with neither score nor rank known, as a boolean array in the order of the columns."""
    status = tables.status[["score_status", "rank_status"]]
    return (status == "estimated").all(axis=1).reindex(tables.scores.columns).to_numpy()


def assume(par: CompletedTables, sipas: CompletedTables, rho: float) -> Tables:
    """Redraw the estimated places as if the two indices went together with a given strength.

    Every open unit keeps its drawn place as a normal score; it is mixed with the normal score of
    its place in the other index, rho : sqrt(1 - rho²), and the slots that the open units hold in
    that draw are dealt out again in the order of the mix, within the ranks that the unit was ever
    drawn in. So rho = 0 gives the tables back as they came.

    Parameters
    ----------
    rho : float
        Assumed correlation of the normal scores of places, -1 < rho < 1. No figure tells it.

    Returns
    -------
    (CompletedTables, CompletedTables)

    Raises
    ------
    ValueError
        If rho is not between -1 and 1, or the tables differ in their draws or units.
    """
    if not -1 < rho < 1:
        raise ValueError("rho lies between -1 and 1")
    _check(par, sipas)
    weight = np.sqrt(1 - rho**2)
    moved = _Movable(par), _Movable(sipas)
    for draw in range(len(par)):
        z_par, z_sipas = (side.normal_scores(draw) for side in moved)
        # A unit open in both takes its place in PAR freely, and in SIPAS by that place.
        informed = np.where(moved[1].open, z_par, rho * z_sipas + weight * z_par)
        moved[0].deal(draw, informed, moved[0].normal_scores(draw))
        z_par = moved[0].normal_scores(draw)
        moved[1].deal(draw, rho * z_par + weight * z_sipas, z_sipas)
    return moved[0].tables(), moved[1].tables()


def extreme(par: CompletedTables, sipas: CompletedTables, sign: int, rounds: int = 30) -> Tables:
    """Put the open units so that PAR and SIPAS correlate as much (or as little) as they can.

    In turn for the two indices, the slots of the open units are dealt out by the best assignment,
    until nothing changes. What comes out can be attained; as a search in turns may miss a still
    more extreme table, the range it gives is at least so wide.

    Parameters
    ----------
    sign : {1, -1}
        1 for as much, -1 for as little.
    """
    _check(par, sipas)
    moved = _Movable(par), _Movable(sipas)
    for draw in range(len(par)):
        for _ in range(rounds):
            changed = False
            for one, other in (moved, moved[::-1]):
                with_other = other.scores[draw] - other.scores[draw].mean()
                changed |= one.deal(draw, sign * with_other, one.scores[draw])
            if not changed:
                break
    return moved[0].tables(), moved[1].tables()


class _Movable:
    """Scores and ranks of completed tables whose open units change places."""

    def __init__(self, tables: CompletedTables):
        self.source = tables
        self.scores, self.ranks = tables.scores.to_numpy().copy(), tables.ranks.to_numpy().copy()
        self.open = open_units(tables)
        self.lowest, self.highest = self.ranks.min(axis=0), self.ranks.max(axis=0)

    def normal_scores(self, draw: int) -> np.ndarray:
        n = self.ranks.shape[1]
        return -stats.norm.ppf((self.ranks[draw] - 0.5) / n)

    def deal(self, draw: int, wanted: np.ndarray, worth: np.ndarray) -> bool:
        """Deal the open slots so that the sum of wanted x worth is largest; say if any moved."""
        units = np.flatnonzero(self.open)
        slots = self.ranks[draw, units]
        cost = -np.outer(wanted[units], worth[units])
        barred = (slots < self.lowest[units, None]) | (slots > self.highest[units, None])
        rows, taken = linear_sum_assignment(np.where(barred, FORBIDDEN, cost))
        gain = cost.trace() - cost[rows, taken].sum()
        if gain < 1e-9:
            return False
        for values in (self.scores, self.ranks):
            values[draw, units] = values[draw, units[taken]]
        return True

    def tables(self) -> CompletedTables:
        names = self.source.scores.columns
        return replace(
            self.source,
            scores=pd.DataFrame(self.scores, columns=names),
            ranks=pd.DataFrame(self.ranks, columns=names),
        )


def sensitivity(
    par: CompletedTables,
    sipas: CompletedTables,
    satisfaction: pd.Series,
    maximum: float,
    rhos=RHOS,
    **options,
) -> pd.DataFrame:
    """`pooled` under several assumed associations: indexed by ``rho``, columns as `pooled`."""
    rows = {rho: pooled(*assume(par, sipas, rho), satisfaction, maximum, **options) for rho in rhos}
    return pd.DataFrame(rows).T.rename_axis("rho")


def bounds(
    par: CompletedTables,
    sipas: CompletedTables,
    satisfaction: pd.Series,
    maximum: float,
    tables: int = 20,
    **options,
) -> pd.Series:
    """Lowest and highest correlation found that fits the published figures: ``low, high``.

    Parameters
    ----------
    tables : int
        How many of the draws to search, from the first; ``**options`` as in `pooled`.
    """
    first, second = (
        replace(side, scores=side.scores.iloc[:tables], ranks=side.ranks.iloc[:tables])
        for side in (par, sipas)
    )
    ends = {}
    for name, sign, key in (("low", -1, "draws_low"), ("high", 1, "draws_high")):
        # Level 1: the quantiles are the least and the greatest of the draws.
        made = pooled(
            *extreme(first, second, sign), satisfaction, maximum, level=1 - 1e-12, **options
        )
        ends[name] = made[key]
    return pd.Series(ends)
