"""How far do ranks hang on the scheme's weights?"""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from helpers.ranking.inputs import SEED, RankingError, central, middle, plain_ranks, share

CONCENTRATION = 100.0


def weight_sensitivity(
    blocks: pd.DataFrame,
    maxima: pd.Series,
    other_weights: Mapping[str, pd.Series] | None = None,
    concentration: float = CONCENTRATION,
    coverage: float = 0.95,
    draws: int = 2000,
    seed: int = SEED,
) -> pd.DataFrame:
    """Intervals of ranks when the weights of the blocks are drawn around the official ones.

    Parameters
    ----------
    blocks : DataFrame, units x blocks
        Points, none missing.
    maxima : Series by block
        Most points of each block: the official weights.
    other_weights : mapping from a name to a Series by block, optional
        Weights to rank with as well, such as the maxima of another year.
    concentration : float
        Of the Dirichlet distribution: a block of weight w is drawn with the standard deviation
        sqrt(w (1 - w) / (concentration + 1)). At 100 a weight of 10% varies by 3 percentage points
        and one of 66.5% by 4.7, which is more than the schemes differed between 2020 and 2023.
    coverage : float
        Of the interval.
    draws : int
    seed : int

    Returns
    -------
    DataFrame
        Indexed by unit, by official rank among the units given: ``score`` (points of the sum of
        maxima), ``rank``, ``rank_median``, ``rank_low``, ``rank_high``, ``same_rank``
        (probability), and ``rank_<name>`` for each of the other weights.

    Raises
    ------
    RankingError
        Missing points, points outside 0 to the maximum, weights of other blocks, a concentration
        that is not positive.

    Notes
    -----
    Uncertainty analysis of weights: OECD/JRC (2008), Handbook on Constructing Composite Indicators,
    step 7. Each block is taken as the share of its maximum that was reached. The interval tells of
    the choice of weights alone, not of errors in the blocks.

    Examples
    --------
    >>> blocks = pd.DataFrame({"x": [8.0, 4.0], "y": [9.0, 5.0]}, index=["a", "b"])
    >>> weight_sensitivity(blocks, pd.Series({"x": 10.0, "y": 10.0}))["rank_high"].to_dict()
    {'a': 1, 'b': 2}
    """
    share(coverage, "coverage")
    if not 0 < concentration < np.inf:
        raise RankingError(f"concentration must be a positive number, not {concentration!r}.")
    official = _weights(maxima, blocks, "the official weights")
    shares = blocks / maxima[blocks.columns]
    if blocks.empty or not ((shares >= 0) & (shares <= 1)).all(axis=None):
        raise RankingError("Points of every block must be given, from 0 to the block's maximum.")
    rng = np.random.Generator(np.random.PCG64(seed))
    ranks = _ranks(shares, rng.dirichlet(concentration * official, size=draws))
    own = _ranks(shares, official)
    low, high = central(ranks, coverage)
    columns = {
        "score": blocks.sum(axis=1),
        "rank": own,
        "rank_median": middle(ranks),
        "rank_low": low,
        "rank_high": high,
        "same_rank": (ranks == own).mean(axis=0),
    }
    for name, weights in (other_weights or {}).items():
        columns[f"rank_{name}"] = _ranks(shares, _weights(weights, blocks, name))
    return pd.DataFrame(columns, index=blocks.index).sort_values("rank", kind="stable")


def _ranks(shares: pd.DataFrame, weights: np.ndarray) -> np.ndarray:
    # Sums in another order differ beyond the decimals of the figures; ties must stay ties.
    return plain_ranks((weights @ shares.to_numpy().T).round(12))


def _weights(weights: pd.Series, blocks: pd.DataFrame, name: str) -> np.ndarray:
    ordered = weights.reindex(blocks.columns).to_numpy(dtype=float)
    if set(weights.index) != set(blocks.columns) or not (ordered > 0).all():
        raise RankingError(
            f"{name} are {weights.to_dict()}, the blocks are {', '.join(blocks.columns)}; give one "
            "weight above 0 for each block."
        )
    return ordered / ordered.sum()
