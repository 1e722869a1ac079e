"""Places of provinces without a figure, dealt out under a stated link, or as the figures allow.

The published figures leave open who stands where among the rest. `linked` deals those places out
under an assumed strength of the link between the two indices; `extreme` so that the indices
correlate as much, or as little, as they can (partial identification: Manski 2003, Partial
Identification of Probability Distributions), and `fits` certifies the tables that it ends with.
"""

from collections.abc import Callable

import numpy as np
import pandas as pd
from scipy import stats
from scipy.optimize import linear_sum_assignment

from helpers import facts
from helpers.completion import feasibility
from helpers.completion.gather import gather

FORBIDDEN = 1e9
Frames = dict[str, pd.DataFrame]  # by index (PAR, SIPAS): draws x units


class _Dealt:
    """Scores and ranks of one index whose open units change places, draw by draw."""

    def __init__(self, scores: pd.DataFrame, ranks: pd.DataFrame):
        self.names = scores.columns
        self.scores, self.ranks = scores.to_numpy().copy(), ranks.to_numpy().copy()
        # Of a unit with a score or a rank published, one of the two is the same in all draws.
        self.open = np.flatnonzero((np.ptp(self.scores, axis=0) > 0) & (np.ptp(self.ranks, 0) > 0))
        self.lowest, self.highest = self.ranks.min(axis=0), self.ranks.max(axis=0)

    def normal_scores(self, draw: int) -> np.ndarray:
        """Normal scores of the places, the first place highest (Blom 1958 with 1/2)."""
        return -stats.norm.ppf((self.ranks[draw] - 0.5) / self.ranks.shape[1])

    def deal(self, draw: int, wanted: np.ndarray, worth: np.ndarray) -> bool:
        """Deal the open places so that the sum of wanted x worth is largest; say if any moved.

        A unit takes only places between the first and the last that it was drawn in.
        """
        units = self.open
        places = self.ranks[draw, units]
        cost = -np.outer(wanted[units], worth[units])
        barred = (places < self.lowest[units, None]) | (places > self.highest[units, None])
        rows, taken = linear_sum_assignment(np.where(barred, FORBIDDEN, cost))
        if cost.trace() - cost[rows, taken].sum() < 1e-9:
            return False
        for values in (self.scores, self.ranks):
            values[draw, units] = values[draw, units[taken]]
        return True


def _dealt(scores: Frames, ranks: Frames) -> list[_Dealt]:
    sides = [_Dealt(scores[index], ranks[index]) for index in facts.INDICES]
    par, sipas = sides
    if len(par.scores) != len(sipas.scores) or list(par.names) != list(sipas.names):
        raise ValueError("the tables of the two indices differ in their draws or in their units")
    return sides


def linked(scores: Frames, ranks: Frames, rho: float | np.ndarray) -> Frames:
    """Deal the open places out anew as if the two indices went together with a given strength.

    Every open unit keeps its drawn place as a normal score; it is mixed with the normal score of
    its place in the other index, rho : sqrt(1 - rho²), and the places that the open units hold in
    that draw are dealt out in the order of the mix. Drawn without a link, rho = 0 gives them back.

    Parameters
    ----------
    scores, ranks : dict of DataFrame, draws x units
        Of PAR and SIPAS, drawn without a link; draw i of one goes with draw i of the other.
    rho : float or array of one per draw
        Assumed correlation of the normal scores of places, -1 < rho < 1. No figure tells it; one
        that is itself estimated is drawn anew for each draw (Rubin 1987).

    Returns
    -------
    dict of DataFrame
        Scores by index.

    Raises
    ------
    ValueError
        If a rho is not between -1 and 1, or the two differ in their draws or units.
    """
    if not np.all(np.abs(rho) < 1):
        raise ValueError("rho lies between -1 and 1")
    par, sipas = _dealt(scores, ranks)
    for draw, strength in enumerate(np.broadcast_to(rho, len(par.scores))):
        weight = np.sqrt(1 - strength**2)
        z_par, z_sipas = par.normal_scores(draw), sipas.normal_scores(draw)
        # A unit open in both takes its place in PAR freely, and in SIPAS by that place.
        informed = strength * z_sipas + weight * z_par
        informed[sipas.open] = z_par[sipas.open]
        par.deal(draw, informed, par.normal_scores(draw))
        z_par = par.normal_scores(draw)
        sipas.deal(draw, strength * z_par + weight * z_sipas, z_sipas)
    return {
        index: pd.DataFrame(side.scores, columns=side.names)
        for index, side in zip(facts.INDICES, (par, sipas), strict=True)
    }


def extreme(
    scores: Frames,
    ranks: Frames,
    correlation: Callable[[pd.DataFrame, pd.DataFrame], pd.Series],
    sign: int,
    rounds: int = 30,
) -> tuple[float, pd.DataFrame]:
    """Search for the table in which the two indices correlate as much, or as little, as they can.

    From each draw, the open places of the two indices are dealt out in turn by the best assignment,
    until nothing changes; the best of all draws is given. It can be attained; the score of each
    place stays as drawn, and units keep to places that they were drawn in, so that the true end
    lies there or beyond.

    Parameters
    ----------
    scores, ranks : dict of DataFrame, draws x units
        Of PAR and SIPAS, drawn without weights, so that units take any place that the facts allow.
    correlation : callable
        Takes scores of PAR and of SIPAS, gives their correlation in each draw.
    sign : {1, -1}
        1 for as much, -1 for as little.

    Returns
    -------
    (float, DataFrame)
        The correlation, and its certificate: indexed by unit, scores ``PAR, SIPAS`` and ranks
        ``PAR_rank, SIPAS_rank`` of a table that has it.
    """
    sides = _dealt(scores, ranks)
    for draw in range(len(sides[0].scores)):
        for _ in range(rounds):
            changed = False
            for one, other in (sides, sides[::-1]):
                about = other.scores[draw] - other.scores[draw].mean()
                changed |= one.deal(draw, sign * about, one.scores[draw])
            if not changed:
                break
    found = correlation(*(pd.DataFrame(side.scores, columns=side.names) for side in sides))
    best = int((sign * found).argmax())
    columns = {}
    for index, side in zip(facts.INDICES, sides, strict=True):
        columns |= {index: side.scores[best], f"{index}_rank": side.ranks[best]}
    return float(found.iloc[best]), pd.DataFrame(columns, index=side.names.rename("unit"))


def fits(figures: pd.DataFrame, year: int, table: pd.DataFrame) -> bool:
    """Whether a whole table keeps every published fact of the year, means of regions aside.

    Every score and rank of the table is put beside the published figures as if it were published,
    and the check that refuses contradictory figures looks at all of them.

    Parameters
    ----------
    figures : DataFrame
        As given by `helpers.facts.load`.
    table : DataFrame
        Indexed by unit: ``PAR, SIPAS, PAR_rank, SIPAS_rank``, as `extreme` gives it.
    """
    return all(_fits(figures, index, year, table) for index in facts.INDICES)


def _fits(figures: pd.DataFrame, index: str, year: int, table: pd.DataFrame) -> bool:
    whole = pd.DataFrame({"score": table[index], "rank": table[f"{index}_rank"]}).stack()
    own = facts.select(figures, index=index, year=year, unit_type="province", part="")
    own = own.set_index(["unit", "measure"])["value"].reindex(whole.index).dropna()
    if not np.allclose(whole[own.index], own, rtol=0, atol=1e-9):
        return False
    rows = whole.drop(own.index).rename("value").rename_axis(["unit", "measure"]).reset_index()
    rows = rows.assign(index=index, year=year, unit_type="province", status="accepted", line=0)
    rows = rows.assign(**dict.fromkeys(("part", "derivation", "sources", "note", "file"), ""))
    everything = pd.concat([figures, rows], ignore_index=True)
    names = list(table.index)
    return feasibility.fits(gather(everything, index, year, "province", names), names)
