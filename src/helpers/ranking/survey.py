"""Scores that come from surveys have a sampling error: what is assumed of it, and what it does.

No page seen gives a standard error. What is known is the number of respondents in the nation.
"""

import numpy as np
import pandas as pd
from scipy import stats

from helpers import facts, units
from helpers.kept import by_content
from helpers.ranking.inputs import RankingError, errors_of

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
    own = names.isin(rows.index).to_numpy()
    said = rows.loc[names.where(own, facts.NATION)]
    value, n = said["value"].to_numpy(), len(names)
    result = {
        "respondents": np.where(own, value, value / n),
        "basis": ["published" if one else f"national number over {n}" for one in own],
        "national": np.where(own, np.nan, value),
        "stated": [STATED[part] for part in said["part"]],
        "sources": said["sources"].to_list(),
    }
    return pd.DataFrame(result, index=pd.Index(names, name="unit"))


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
    if not 0 < design_effect < np.inf:
        raise RankingError(f"design_effect must be positive, not {design_effect!r}.")
    people = errors_of(respondents, scores.index, "respondents")
    if not (people >= 1).all():
        raise RankingError("respondents must be at least 1 in every unit.")
    if not scores.between(0, 100).all():
        raise RankingError("scores must be per cent, 0 to 100, none missing.")
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
