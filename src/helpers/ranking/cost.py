"""What the next place costs."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from helpers.ranking.inputs import RankingError, as_draws, middle, plain_ranks, share, tails

TARGETS = (20, 10)


def cost_of_next_place(
    scores,
    unit,
    targets: Sequence[int] = TARGETS,
    expected_change: float | Sequence[float] = 0.0,
    coverage: float = 0.9,
) -> pd.DataFrame:
    """Points that separate a unit from the next rank and from the best k.

    Parameters
    ----------
    scores : Series by unit, or DataFrame of draws x units
        One year's scores of all units, or ``CompletedTables.scores``. With the published scores of
        some provinces only, the places are those among these provinces.
    unit : label
    targets : sequence of int
        The k of every "best k".
    expected_change : float or sequence of float
        Change of the others' scores that is expected next year, in points; several where it is not
        certain: draws of it, or its quantiles.
    coverage : float
        Of the intervals.

    Returns
    -------
    DataFrame
        Indexed by ``next`` (left out for the first) and ``top 20``, ``top 10``, ...: ``rank`` to
        reach; ``holder``, who stands there among the others (the one most often where there are
        draws); ``gap`` in points, the median over draws, with ``gap_low, gap_high``: positive is
        what is lacking to draw level, negative the lead over the first outside; ``reached``, the
        probability of being there already; ``gain_next_year``, by how much the own score must rise
        to be there next year if all others change by `expected_change`, the median over both, with
        ``gain_low, gain_high``.

    Raises
    ------
    RankingError
        A unit that is not in the table, a target beyond its size, missing scores, a change that is
        no number.

    Notes
    -----
    To draw level is enough for the rank, since ties share the better one; where the announcement
    breaks ties, add the least step of the scores. ``next`` is taken in the draws where the unit is
    not first.

    Examples
    --------
    >>> cost_of_next_place(pd.Series({"a": 90.0, "b": 85.5, "c": 70.0}), "b", [1], 0.5)[
    ...     ["rank", "gap", "gain_next_year"]].to_numpy().tolist()
    [[1.0, 4.5, 5.0], [1.0, 4.5, 5.0]]
    """
    share(coverage, "coverage")
    changes = np.atleast_1d(np.asarray(expected_change, dtype=float))
    if not changes.size or not np.isfinite(changes).all():
        raise RankingError("expected_change is empty, missing or infinite; 0 expects no change.")
    drawn = as_draws(scores)
    if unit not in drawn:
        raise RankingError(f"{unit!r} is not among the {drawn.shape[1]} units of the table.")
    others = drawn.drop(columns=unit)
    own, ranks = drawn[unit].to_numpy(), plain_ranks(drawn)[:, drawn.columns.get_loc(unit)]
    # Column r of the sorted others is the score at rank r + 1 of the table without the unit.
    order = np.argsort(-others.to_numpy(), axis=1, kind="stable")
    ladder = np.take_along_axis(others.to_numpy(), order, axis=1)

    def row(rank: np.ndarray, used: np.ndarray) -> dict:
        holders = order[used, rank[used] - 1]
        gaps = ladder[used, rank[used] - 1] - own[used]
        gains = np.add.outer(gaps, changes)
        low, high = np.quantile(gaps, tails(coverage))
        gain_low, gain_high = np.quantile(gains, tails(coverage))
        return {
            "rank": int(middle(rank[used])),
            "holder": others.columns[np.bincount(holders).argmax()],
            "gap": np.median(gaps),
            "gap_low": low,
            "gap_high": high,
            "reached": (ranks <= rank).mean(),
            "gain_next_year": np.median(gains),
            "gain_low": gain_low,
            "gain_high": gain_high,
        }

    rows = {}
    behind = ranks > 1
    if behind.any():
        # With ties above, the next rank to hold is that of the whole tied group.
        rows["next"] = row(np.maximum(ranks - 1, 1), behind)
        rows["next"]["reached"] = (~behind).mean()
    for k in targets:
        if not 1 <= k <= others.shape[1]:
            raise RankingError(f"top {k} of {drawn.shape[1]} units says nothing; leave it out.")
        rows[f"top {k}"] = row(np.full(len(drawn), k), np.ones(len(drawn), dtype=bool))
    return pd.DataFrame.from_dict(rows, orient="index")
