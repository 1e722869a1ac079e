"""Was it a change, or noise?"""

import numpy as np
import pandas as pd

from helpers.kept import by_content
from helpers.ranking.inputs import (
    SEED,
    RankingError,
    as_draws,
    central,
    errors_of,
    plain_ranks,
    share,
)
from helpers.ranking.truths import truths


@by_content(16)
def probability_of_change(
    before,
    after,
    before_errors,
    after_errors,
    coverage: float = 0.95,
    draws: int = 2000,
    seed: int = SEED,
    changes: pd.Series | None = None,
) -> pd.DataFrame:
    """How probable it is that each unit's score and rank truly rose between two years.

    Parameters
    ----------
    before, after : Series by unit, or DataFrame of draws x units
        Scores of both years, or ``CompletedTables.scores``, whose draws carry the uncertainty of
        figures that are not published; as many draws of one as of the other are taken to belong
        together, as those of `completion.complete` do. The same units in both. SIPAS is not
        compared across 2022, when it began to ask other people.
    before_errors, after_errors : float, Series or array by unit
        Sampling standard errors, in the unit of the scores, an array in the order of its year's; 0
        where there is none.
    coverage : float
        Of the intervals, and of the decision.
    draws : int
        Draws of both tables.
    seed : int
    changes : Series of float, optional
        Published changes of scores from year to year, less the nation's, as `published_changes`
        gives them. Needed where most figures of `before` and `after` are drawn: what two years have
        in common is then a model's, and only published pairs tell how much truths change.

    Returns
    -------
    DataFrame
        Indexed by unit, in the order of `after`: ``score_rose, rank_rose, rank_fell``
        (probabilities), ``rank_change_low, rank_change_high`` (the central interval in places,
        positive is up), ``rank_beyond_noise`` (whether it leaves out 0).

    Raises
    ------
    RankingError
        Units that differ between the years, missing scores, negative errors, a coverage outside
        0 to 1.

    Notes
    -----
    The truth of a year is its figure less an error of the given size; errors are independent
    between units and years. The truths of the units are taken as normal around the national means
    of both years, and their covariance is drawn too (see `helpers.ranking.truths`). So a change
    that stands out is expected to have been lucky in part, and is shrunk: under a flat prior a
    stated 98% holds in 88% of simulated cases. Of noise and true change only the sum is seen: with
    a larger error more of it counts as noise, so results belong to the error given. The change of
    the national mean counts as known and as every unit's own: where it is great and true changes
    differ little, ``score_rose`` is near 1 of a unit whose figure hardly rose. All units are
    ranked in each draw, and each is judged alone; `rank_confidence_sets` are for all.

    Examples
    --------
    >>> before, after = pd.Series({"a": 80.0, "b": 70.0}), pd.Series({"a": 70.0, "b": 90.0})
    >>> table = probability_of_change(before, after, 0.5, 0.5)
    >>> table.loc["b", ["rank_change_low", "rank_rose"]].tolist()
    [1.0, 1.0]
    """
    share(coverage, "coverage")
    now, then = as_draws(after, "after"), as_draws(before, "before")
    if set(now.columns) != set(then.columns):
        odd = sorted(map(str, set(now.columns) ^ set(then.columns)))
        raise RankingError(f"Not in both years: {', '.join(odd)}. Give the same units in both.")
    # Errors without labels are in the order of their own year.
    own = pd.Series(errors_of(before_errors, then.columns, "before_errors"), then.columns)
    then = then[now.columns]
    rng = np.random.Generator(np.random.PCG64(seed))
    errors = np.stack([own[now.columns], errors_of(after_errors, now.columns, "after_errors")], -1)
    drawn = truths([then, now], errors, draws, rng, changes)
    true_then, true_now = drawn[..., 0], drawn[..., 1]
    ranks = plain_ranks(true_then) - plain_ranks(true_now)
    low, high = central(ranks, coverage)
    table = {
        "score_rose": (true_now > true_then).mean(axis=0),
        "rank_rose": (ranks > 0).mean(axis=0),
        "rank_fell": (ranks < 0).mean(axis=0),
        "rank_change_low": low,
        "rank_change_high": high,
        "rank_beyond_noise": (low > 0) | (high < 0),
    }
    return pd.DataFrame(table, index=now.columns.rename("unit"))
