"""How far do ranks hang on the scheme's weights?"""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from helpers import facts
from helpers.ranking.inputs import (
    SEED,
    RankingError,
    aligned,
    count,
    plain_ranks,
    share,
    tails,
)
from helpers.ranking.survey import surveyed_parts

RESULTS = ["appraisal", "socioeconomic_impact"]
CONCENTRATION = 100.0


def official_blocks(
    points: pd.DataFrame, schemes: pd.DataFrame, year: int
) -> tuple[pd.DataFrame, pd.Series]:
    """Blocks of the PAR INDEX and their maximum points, as finely as the scheme is known.

    Parameters
    ----------
    points : DataFrame, units x blocks
        The four blocks in points, as given by `helpers.national.blocks`.
    schemes : DataFrame
        As given by `helpers.facts.schemes`.
    year : int

    Returns
    -------
    blocks : DataFrame, units x blocks
        The four blocks; or three, with ``results`` = appraisal + socioeconomic_impact, where only
        the maximum of their sum is published.
    maxima : Series by block
        Points.

    Raises
    ------
    RankingError
        A block that is missing for some unit, or a scheme that is not known.

    Examples
    --------
    >>> points = pd.DataFrame({"appraisal": [56.0], "satisfaction": [8.0],
    ...     "managers_survey": [19.0], "socioeconomic_impact": [3.0]}, index=["a"])
    >>> scheme = pd.DataFrame({"year_from": 1, "year_to": 1, "max_points": [66.5, 33.5, 10.0],
    ...     "part": ["results", "surveys", "satisfaction"]})
    >>> official_blocks(points, scheme, 1)[1].to_dict()
    {'results': 66.5, 'satisfaction': 10.0, 'managers_survey': 23.5}
    """
    lacking = [block for block in facts.BLOCKS if block not in points]
    if lacking or points.empty or points[list(facts.BLOCKS)].isna().any(axis=None):
        raise RankingError(
            f"All four blocks must be published for every unit given; {year} lacks "
            f"{', '.join(lacking) or 'some'}. Leave out the units that lack one."
        )
    blocks = points[list(facts.BLOCKS)]
    if not set(RESULTS) <= set(facts.maximum_points(schemes, year).index):
        whole = blocks[RESULTS].sum(axis=1).rename("results")
        blocks = pd.concat([whole, blocks.drop(columns=RESULTS)], axis=1)
    return blocks, official_weights(schemes, year, blocks.columns)


def official_weights(schemes: pd.DataFrame, year: int, blocks: Sequence[str]) -> pd.Series:
    """Maximum points of the given blocks in the scheme of one year.

    Parameters
    ----------
    schemes : DataFrame
        As given by `helpers.facts.schemes`.
    year : int
    blocks : sequence of str
        Blocks as in `official_blocks`; ``results`` is the sum of its two where only they are known.

    Returns
    -------
    Series by block
        Points: weights for `weight_sensitivity`, also with the blocks of another year.

    Raises
    ------
    RankingError
        Where the scheme of that year is not known for one of them.

    Examples
    --------
    >>> scheme = pd.DataFrame({"year_from": 1, "year_to": 1, "max_points": [61.5, 6.5, 10.0, 22.0],
    ...     "part": ["appraisal", "socioeconomic_impact", "satisfaction", "managers_survey"]})
    >>> official_weights(scheme, 1, ["results", "satisfaction"]).to_dict()
    {'results': 68.0, 'satisfaction': 10.0}
    """
    known = {**facts.maximum_points(schemes, year), **surveyed_parts(schemes, year)}
    if set(RESULTS) <= set(known):
        known.setdefault("results", known[RESULTS[0]] + known[RESULTS[1]])
    lacking = [block for block in blocks if block not in known]
    if lacking:
        raise RankingError(f"The maximum of {', '.join(lacking)} in {year} is not known.")
    return pd.Series({block: known[block] for block in blocks}, dtype=float)


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
        Weights to rank with as well, such as `official_weights` of another year.
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
    drawn = rng.dirichlet(concentration * official, size=count(draws, "draws"))
    ranks = _ranks(shares, drawn)
    own = _ranks(shares, official[None, :])[0]
    low, middle, high = np.quantile(
        ranks,
        [tails(coverage)[0], 0.5, tails(coverage)[1]],
        axis=0,
        method="closest_observation",
    ).astype(int)
    columns = {
        "score": blocks.sum(axis=1),
        "rank": own,
        "rank_median": middle,
        "rank_low": low,
        "rank_high": high,
        "same_rank": (ranks == own).mean(axis=0),
    }
    for name, weights in (other_weights or {}).items():
        columns[f"rank_{name}"] = _ranks(shares, _weights(weights, blocks, name)[None, :])[0]
    return pd.DataFrame(columns, index=blocks.index).sort_values("rank", kind="stable")


def _ranks(shares: pd.DataFrame, weights: np.ndarray) -> np.ndarray:
    # Sums in another order differ beyond the decimals of the figures; ties must stay ties.
    return plain_ranks((weights @ shares.to_numpy().T).round(12))


def _weights(weights: pd.Series, blocks: pd.DataFrame, name: str) -> np.ndarray:
    if set(weights.index) != set(blocks.columns):
        raise RankingError(
            f"{name} are for {', '.join(weights.index)}, the blocks are "
            f"{', '.join(blocks.columns)}; give one weight for each block."
        )
    ordered = aligned(weights, blocks.columns, name, lowest=0).to_numpy(dtype=float)
    if not (ordered > 0).all() or not np.isfinite(ordered).all():
        raise RankingError(f"{name} must all be above 0.")
    return ordered / ordered.sum()
