"""Scores that come from surveys have a sampling error: what is assumed of it, and what it does.

No page seen gives a standard error. What is known is the number of respondents in the nation.
"""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from scipy import stats

from helpers import facts, units
from helpers.kept import by_content
from helpers.ranking.inputs import (
    SEED,
    RankingError,
    as_draws,
    count,
    errors_of,
    named,
    noisy,
    plain_ranks,
    share,
    tails,
)

DESIGN_EFFECT = 1.5
# How the number of respondents was stated, the most telling first.
STATED = {"": "exactly", "about": "about", "at_least": "at least", "sampled": "sampled"}


def respondents_per_province(table: pd.DataFrame, year: int) -> pd.DataFrame:
    """Respondents of SIPAS in each province: published, or the national number over theirs.

    Parameters
    ----------
    table : DataFrame
        As given by `helpers.facts.load`.
    year : int

    Returns
    -------
    DataFrame
        Indexed by province: ``respondents`` (people), ``basis`` ("published" for the province, or
        "national number over 63"), ``national`` (NaN where published for the province),
        ``stated`` ("exactly", "about", "at least", or "sampled" where only the people chosen were
        counted) and ``sources``.

    Raises
    ------
    RankingError
        Where no number is published for that year.

    Examples
    --------
    >>> made_up = pd.DataFrame([{"unit_type": "national", "unit": "Việt Nam", "index": "SIPAS",
    ...     "year": 1, "measure": "respondents", "part": "", "value": 6300.0,
    ...     "status": "accepted", "sources": "s1"}])
    >>> respondents_per_province(made_up, 1)["respondents"].unique().tolist()
    [100.0]
    """
    rows = facts.select(table, index="SIPAS", year=year, measure="respondents")
    rows = rows[rows["part"].isin(list(STATED))]
    rows = rows.assign(order=rows["part"].map(list(STATED).index))
    rows = rows.sort_values("order", kind="stable").drop_duplicates("unit").set_index("unit")
    names = units.provinces(year)["name"]
    if facts.NATION not in rows.index and not set(names) <= set(rows.index):
        raise RankingError(
            f"No number of respondents of SIPAS {year} is published. Pass a number of your own to "
            "survey_standard_errors, and say that it is assumed."
        )
    result = []
    for name in names:
        row = rows.loc[name if name in rows.index else facts.NATION]
        own = name in rows.index
        result.append(
            {
                "unit": name,
                "respondents": row["value"] / (1 if own else len(names)),
                "basis": "published" if own else f"national number over {len(names)}",
                "national": float("nan") if own else row["value"],
                "stated": STATED[row["part"]],
                "sources": row["sources"],
            }
        )
    return pd.DataFrame(result).set_index("unit")


def survey_standard_errors(
    scores: pd.Series, respondents, design_effect: float = DESIGN_EFFECT
) -> pd.Series:
    """Standard errors of SIPAS scores under stated assumptions.

    Parameters
    ----------
    scores : Series by unit
        Per cent, 0 to 100.
    respondents : float or Series by unit
        People asked in each unit, such as ``respondents_per_province(...)["respondents"]``.
    design_effect : float
        Variance of the survey over that of a simple random sample of the same size; above 1 where
        people are chosen in clusters. No page seen gives it: show results at 1, 1.5 and 2.

    Returns
    -------
    Series by unit
        Percentage points.

    Raises
    ------
    RankingError
        Scores outside 0 to 100, no respondents, a design effect that is not positive.

    Notes
    -----
    ``100 sqrt(deff p (1 - p) / n)``: the binomial variance times the design effect (Kish 1965,
    Survey Sampling). SIPAS averages several questions; the mean of answers between 0 and 1 varies
    no more than one question with the same p, so this is an upper bound for a given design effect.

    Examples
    --------
    >>> survey_standard_errors(pd.Series({"a": 80.0}), 600).tolist()
    [2.0]
    """
    scores = named(scores, "scores")
    if not 0 < design_effect < np.inf:
        raise RankingError(f"design_effect must be positive, not {design_effect!r}.")
    people = pd.Series(errors_of(respondents, scores.index, "respondents"), index=scores.index)
    if not (people >= 1).all():
        raise RankingError("respondents must be at least 1 in every unit.")
    if not scores.between(0, 100).all():
        raise RankingError("scores must be per cent, 0 to 100.")
    shares = scores / 100
    return 100 * np.sqrt(design_effect * shares * (1 - shares) / people)


@by_content(8)
def published_changes(table: pd.DataFrame, year: int) -> pd.Series:
    """Changes of SIPAS from year to year, less the nation's, as far as published.

    Parameters
    ----------
    table : DataFrame
        As given by `helpers.facts.load`.
    year : int
        Any year of the survey's regime, all years of which are taken.

    Returns
    -------
    Series
        Percentage points, by unit and year; published or derived.
    """
    regime = next(
        (range(*ends) for ends in facts.REGIMES["SIPAS"] if ends[0] <= year <= ends[1]), range(0)
    )
    means = facts.national(table, "SIPAS")["mean"]
    found = [
        (unit, then + 1, change["value"] - (means[then + 1] - means[then]))
        for then in regime
        for unit in units.provinces(then)["name"]
        if (change := facts.change(table, unit, "SIPAS", then + 1, "score"))
    ]
    rows = pd.DataFrame(found, columns=["unit", "year", "change"]).set_index(["unit", "year"])
    return rows["change"].astype(float).rename(None)


def allowed_design_effect(changes: pd.Series, errors: pd.Series, coverage: float = 0.95) -> float:
    """The greatest design effect that published changes leave possible.

    Parameters
    ----------
    changes : Series
        As given by `published_changes`.
    errors : Series
        Standard errors under a design effect of 1.
    coverage : float
        Of the interval whose upper end is taken.

    Returns
    -------
    float
        inf where there are fewer than two changes.

    Notes
    -----
    The variance of changes is that of true changes and twice that of the error (method of moments),
    so half of it is an upper limit; its upper end is that of the chi-square interval.

    Examples
    --------
    >>> made_up = pd.Series(np.tile([-1.0, 1.0], 500))
    >>> allowed_design_effect(made_up, pd.Series([1.0])) < 0.6
    True
    """
    freedom = len(changes) - 1
    if freedom < 1:
        return np.inf
    most = freedom * changes.var() / stats.chi2.ppf((1 - coverage) / 2, freedom) / 2
    return float(most / (errors**2).mean())


def surveyed_parts(schemes: pd.DataFrame, year: int) -> pd.Series:
    """Most points that the surveyed blocks of the PAR INDEX can bring.

    Parameters
    ----------
    schemes : DataFrame
        As given by `helpers.facts.schemes`.
    year : int

    Returns
    -------
    Series
        ``satisfaction`` (SIPAS turned into points) and ``managers_survey``, in points: 10 and 23.5
        in 2020. The second is derived, surveys - satisfaction, where only their sum is published.

    Raises
    ------
    RankingError
        Where the scheme seen for that year does not give them.

    Examples
    --------
    >>> made_up = pd.DataFrame({"year_from": 1, "year_to": 1, "part": ["surveys", "satisfaction"],
    ...     "max_points": [33.5, 10.0]})
    >>> surveyed_parts(made_up, 1).to_dict()
    {'satisfaction': 10.0, 'managers_survey': 23.5}
    """
    maxima = facts.maximum_points(schemes, year)
    satisfaction, managers = maxima.get("satisfaction"), maxima.get("managers_survey")
    if managers is None and satisfaction is not None and "surveys" in maxima:
        managers = maxima["surveys"] - satisfaction
    if satisfaction is None or managers is None:
        raise RankingError(
            f"The scheme of {year} is not known: no maximum for satisfaction and managers_survey "
            "in scoring_schemes.csv. Choose another year."
        )
    return pd.Series({"satisfaction": satisfaction, "managers_survey": managers})


def survey_part_errors(
    points: pd.DataFrame,
    maxima: pd.Series,
    respondents: Mapping[str, float],
    design_effect: float = DESIGN_EFFECT,
    names=None,
) -> pd.DataFrame:
    """Standard errors of a PAR INDEX that come from its surveyed parts alone.

    Parameters
    ----------
    points : DataFrame, units x parts
        Points of the surveyed parts, as far as published; other columns are left aside.
    maxima : Series by part
        Maximum points, as given by `surveyed_parts`.
    respondents : mapping from part to number
        Respondents per unit. For the managers none is published: an assumption of the caller.
    design_effect : float
        As in `survey_standard_errors`, the same for all parts.
    names : sequence, optional
        All units that need an error; those of `points` by default. Where a unit's points are not
        published, its error is that at the mean share of the published ones.

    Returns
    -------
    DataFrame
        Indexed by unit: a column per part and ``total``, in points, and ``assumed``: whether some
        part was not published for this unit.

    Raises
    ------
    RankingError
        Parts without points, maximum or respondents; points above the maximum.

    Notes
    -----
    Assumed: the points of a surveyed part are its maximum times a share of favourable answers with
    binomial variance times the design effect; the parts ask different people; what the ministry
    appraises and the socio-economic figures have no sampling error.

    Examples
    --------
    >>> points = pd.DataFrame({"satisfaction": [8.0]}, index=["a"])
    >>> survey_part_errors(points, pd.Series({"satisfaction": 10.0}), {"satisfaction": 600})[
    ...     "total"].round(4).tolist()
    [0.2]
    """
    labels = pd.Index(points.index if names is None else names)
    errors, assumed = pd.DataFrame(index=labels), pd.Series(False, index=labels)
    for part, most in maxima.items():
        if part not in points or part not in respondents:
            raise RankingError(f"{part}: give both its points and the number of respondents.")
        percent = 100 * points[part].dropna() / most
        if percent.empty or not percent.between(0, 100).all():
            raise RankingError(f"{part}: points must be published and lie between 0 and {most:g}.")
        assumed |= ~labels.isin(percent.index)
        filled = percent.reindex(labels).fillna(percent.mean())
        error = survey_standard_errors(filled, respondents[part], design_effect)
        errors[part] = most / 100 * error
    errors["total"] = np.sqrt((errors**2).sum(axis=1))
    return errors.assign(assumed=assumed)


@by_content(16)
def rank_shift(
    scores, standard_errors, coverage: float = 0.95, draws: int = 2000, seed: int = SEED
) -> pd.DataFrame:
    """How ranks shift when scores are drawn around what was published.

    Parameters
    ----------
    scores : Series by unit, or DataFrame of draws x units
        Published scores, or ``CompletedTables.scores``.
    standard_errors : float, Series or array by unit
        In the unit of the scores.
    coverage : float
        Of the interval.
    draws : int
    seed : int

    Returns
    -------
    DataFrame
        Indexed by unit: ``rank`` (the median where there are draws), ``rank_low, rank_high``
        (central interval of the ranks drawn), ``mean_shift`` (places, either way, against the
        ranks without this noise) and ``same_rank`` (probability).

    Raises
    ------
    RankingError
        Missing scores, negative errors, a coverage outside 0 to 1.

    Notes
    -----
    This shows how much a survey moves the ranking. It is no confidence set: close scores, drawn
    again, look further apart than they are. Use `rank_confidence_sets` for what is known of a rank.

    Examples
    --------
    >>> rank_shift(pd.Series({"a": 90.0, "b": 70.0}), 1.0)["rank_high"].tolist()
    [1, 2]
    """
    share(coverage, "coverage")
    drawn = as_draws(scores)
    errors = errors_of(standard_errors, drawn.columns)
    rng = np.random.Generator(np.random.PCG64(seed))
    size = count(draws, "draws")
    without = plain_ranks(noisy(drawn, np.zeros_like(errors), size, rng))
    shifted = plain_ranks(noisy(drawn, errors, size, rng))
    low, high = np.quantile(shifted, tails(coverage), axis=0, method="closest_observation")
    moved = np.abs(shifted - without)
    return pd.DataFrame(
        {
            "rank": np.quantile(without, 0.5, axis=0, method="closest_observation").astype(int),
            "rank_low": low.astype(int),
            "rank_high": high.astype(int),
            "mean_shift": moved.mean(axis=0),
            "same_rank": (moved == 0).mean(axis=0),
        },
        index=drawn.columns,
    )
