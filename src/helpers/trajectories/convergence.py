"""Catching up: spread by year, low starts against gains, and movement between ranks."""

import numpy as np
import pandas as pd
from scipy import stats

from helpers import facts
from helpers.trajectories.panel import SEED, NotEnoughYears, Panel, known_until

THIRDS = ("top", "middle", "bottom")
RESAMPLES = 2000


def sigma(panel: Panel) -> pd.DataFrame:
    """Spread of the scores by year (sigma convergence).

    Returns
    -------
    DataFrame
        Indexed by year: ``sd`` over all units (median of the draws, points), ``low``, ``high``
        (90%), ``scored`` (scores in the panel), ``sd_scored`` (theirs; NaN below three).

    References
    ----------
    Barro, R. J. and Sala-i-Martin, X. (1992). Convergence. Journal of Political Economy 100,
    223-251.
    """
    rows = {}
    for year, (scores, _) in panel.tables.items():
        low, median, high = np.quantile(scores.std(axis=1), [0.05, 0.5, 0.95])
        own = panel.rows.loc[panel.rows["year"] == year, "score"]
        spread = own.std() if len(own) > 2 else np.nan
        rows[year] = (median, low, high, len(own), spread)
    columns = ["sd", "low", "high", "scored", "sd_scored"]
    return pd.DataFrame.from_dict(rows, orient="index", columns=columns).rename_axis("year")


def sigma_change(panel: Panel, first: int, last: int) -> dict:
    """Ratio of the spreads of two years over draws: ``ratio``, ``low``, ``high`` (90%)."""
    spreads = [panel.tables[year][0].std(axis=1).to_numpy() for year in (first, last)]
    low, median, high = np.quantile(spreads[1] / spreads[0], [0.05, 0.5, 0.95])
    return {"ratio": float(median), "low": float(low), "high": float(high)}


def beta(
    panel: Panel, first: int, last: int, *, resamples: int = RESAMPLES, seed: int = SEED
) -> dict:
    """Whether units that started low gained more (beta convergence), beside a placebo.

    Parameters
    ----------
    panel : Panel
    first, last : int
    resamples, seed : int

    Returns
    -------
    dict
        ``units`` with both scores; ``forward``: slope of the change on the first distance from
        the mean; ``backward``: the same with time turned round; ``placebo``: the slope that the
        same correlation gives where the spread stays as it is (correlation - 1); ``excess`` =
        forward - placebo; each a dict with ``estimate``, ``low``, ``high`` (95% bootstrap).

    Raises
    ------
    NotEnoughYears
        With fewer than five units that have both scores.

    Notes
    -----
    Any two measurements that correlate by less than 1 give a negative slope: regression to the mean
    (Galton's fallacy: Friedman 1992, Journal of Economic Literature 30, 2129-2132; Quah 1993,
    Scandinavian Journal of Economics 95, 427-443). Only what goes beyond the placebo is catching
    up; a backward slope as steep as the forward one says that there was none.
    """
    pairs = _pairs(panel, first, last)
    n = pairs.shape[1]
    if n < 5:
        raise NotEnoughYears(f"{panel.index}: {n} province(s) with scores in {first} and {last}.")
    rng = np.random.Generator(np.random.PCG64(seed))
    estimates = np.mean([_slopes(pair) for pair in pairs], axis=0)
    drawn = []
    for i in range(resamples):
        pair = pairs[i % len(pairs)][rng.integers(n, size=n)]
        if len(np.unique(pair, axis=0)) > 2:
            drawn.append(_slopes(pair))
    lows, highs = np.quantile(drawn, [0.025, 0.975], axis=0)
    names = ("forward", "backward", "placebo", "excess")
    found = {
        name: {"estimate": float(value), "low": float(low), "high": float(high)}
        for name, value, low, high in zip(names, estimates, lows, highs, strict=True)
    }
    return {"units": n, "first": first, "last": last} | found


def _pairs(panel: Panel, first: int, last: int) -> np.ndarray:
    """Distances from the mean in two years, draws x units x 2."""
    at = {year: panel.rows[panel.rows["year"] == year].reset_index() for year in (first, last)}
    both = at[first].merge(at[last], on="unit")
    if both.empty:
        return np.empty((1, 0, 2))
    sides = [
        panel.draws[:, both[f"index_{side}"]] - panel.means.at[year, "mean"]
        for side, year in (("x", first), ("y", last))
    ]
    return np.stack(sides, axis=-1)


def _slopes(pair: np.ndarray) -> tuple[float, float, float, float]:
    spread = pair.std(axis=0)
    r = np.corrcoef(pair.T)[0, 1]
    forward = r * spread[1] / spread[0] - 1
    return forward, r * spread[0] / spread[1] - 1, r - 1, forward - (r - 1)


def transitions(panel: Panel) -> pd.DataFrame:
    """Movement between thirds of the ranking from one year to the next.

    Returns
    -------
    DataFrame
        Indexed by ``start`` and ``end`` (top, middle, bottom third): ``count`` of moves among units
        whose rank is published or derived in both years, ``of`` (all moves from that third),
        ``share`` and its 95% interval ``low``, ``high`` (Wilson 1927; NaN where there is none).
    """
    moves = np.zeros((3, 3), dtype=int)
    wide = _known_ranks(panel)
    third = np.ceil(len(panel.regions) / 3)
    for year in wide.columns:
        if year + 1 in wide:
            both = wide[[year, year + 1]].dropna().to_numpy()
            np.add.at(moves, tuple(((both - 1) // third).astype(int).T), 1)
    rows = {}
    for i, start in enumerate(THIRDS):
        for j, end in enumerate(THIRDS):
            count, of = int(moves[i, j]), int(moves[i].sum())
            share, low, high = np.nan, np.nan, np.nan
            if of:
                found = stats.binomtest(count, of).proportion_ci(method="wilson")
                share, low, high = count / of, found.low, found.high
            rows[start, end] = (count, of, share, low, high)
    table = pd.DataFrame.from_dict(
        rows, orient="index", columns=["count", "of", "share", "low", "high"]
    )
    table.index = pd.MultiIndex.from_tuples(table.index, names=["start", "end"])
    return table


def _known_ranks(panel: Panel) -> pd.DataFrame:
    return panel.ranks.pivot(index="unit", columns="year", values="rank")


def rank_correlation(panel: Panel, *, resamples: int = RESAMPLES, seed: int = SEED) -> pd.DataFrame:
    """Spearman correlation of the ranks of consecutive years, among units with both ranks.

    Returns
    -------
    DataFrame
        Indexed by the later year: ``units``, ``correlation`` (NaN below five units), ``low``,
        ``high`` (95%, bootstrap over units).
    """
    wide, rows = _known_ranks(panel), {}
    rng = np.random.Generator(np.random.PCG64(seed))
    for year in wide.columns:
        if year + 1 not in wide:
            continue
        both = wide[[year, year + 1]].dropna().to_numpy()
        n = len(both)
        if n < 5:
            rows[year + 1] = (n, np.nan, np.nan, np.nan)
            continue
        drawn = []
        for _ in range(resamples):
            ranks = stats.rankdata(both[rng.integers(n, size=n)], axis=0)
            if (ranks.std(axis=0) > 0).all():
                drawn.append(np.corrcoef(ranks.T)[0, 1])
        found = stats.spearmanr(both[:, 0], both[:, 1]).statistic
        rows[year + 1] = (n, found, *np.quantile(drawn, [0.025, 0.975]))
    columns = ["units", "correlation", "low", "high"]
    return pd.DataFrame.from_dict(rows, orient="index", columns=columns).rename_axis("year")


def movers(figures: pd.DataFrame, panel: Panel, first: int, last: int) -> pd.DataFrame:
    """Places gained between two years, with intervals from completed tables.

    Parameters
    ----------
    figures : DataFrame
        As `helpers.facts.load` returns them; they say which changes are published.
    panel : Panel
    first, last : int

    Returns
    -------
    DataFrame
        Indexed by unit, the surest climbers first (by the lower end of the interval), the surest
        fallers last: ``from_rank``, ``to_rank`` (medians), ``places`` gained (median), ``low``,
        ``high`` (90%), ``kind`` ("published" or "derived" where both ranks are known, else
        "estimated").

    Raises
    ------
    NotEnoughYears
        Where one of the years has no completed table.
    """
    for year in (first, last):
        if year not in panel.tables:
            raise NotEnoughYears(f"{panel.index} {year}: nothing is published, so no ranks.")
    names = panel.regions.index
    before, after = (panel.tables[year][1][names].to_numpy() for year in (first, last))
    low, places, high = np.quantile(
        before - after, [0.05, 0.5, 0.95], axis=0, method="closest_observation"
    )
    table = pd.DataFrame(
        {
            "from_rank": np.median(before, axis=0),
            "to_rank": np.median(after, axis=0),
            "places": places,
            "low": low,
            "high": high,
            "kind": _kinds(figures, panel, first, last),
        },
        index=names,
    )
    sure = table["low"].clip(lower=0) + table["high"].clip(upper=0)
    order = pd.DataFrame({"sure": sure, "places": table["places"]})
    return table.loc[order.sort_values(["sure", "places"], ascending=False, kind="stable").index]


def _kinds(figures: pd.DataFrame, panel: Panel, first: int, last: int) -> pd.Series:
    """Kind of every unit's change of rank; only one on the year before is ever published."""
    wide = _known_ranks(panel).reindex(index=panel.regions.index, columns=[first, last])
    kinds = wide.notna().all(axis=1).map({True: "derived", False: "estimated"})
    if last == first + 1:
        known = known_until(figures, panel.last)
        for unit in kinds.index[kinds == "derived"]:
            found = facts.change(known, unit, panel.index, last, "rank")
            kinds[unit] = "derived" if found is None else found["kind"]
    return kinds
