"""All that is known of where the provinces head, made once per run and stored."""

import contextlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from helpers import facts, units
from helpers.kept import stored
from helpers.paths import outputs_dir
from helpers.trajectories import judge, model
from helpers.trajectories.forecast import (
    COLUMNS,
    LEVELS,
    METHODS,
    forecast,
    national_change,
    summary,
)
from helpers.trajectories.panel import NotEnoughYears, Panel, panel, regime

AHEAD = 2


@dataclass(frozen=True)
class Trajectories:
    """What is known of one index up to a year.

    Attributes
    ----------
    index : str
    last_year : int
    best : dict
        As `judge.best`; ``method`` is the one to use.
    model : dict
        The mixed model's variances, carry over and likelihood, as `model.MixedModel`; or
        ``absent`` with the reason.
    national : dict
        As `forecast.national_change`, one year ahead; or ``absent`` with the reason.
    history : DataFrame
        Rows of the panel, as `model.scaled`.
    ranks : DataFrame
        ``unit, year, rank`` as far as published or derived, as in `Panel`.
    means : DataFrame
        ``year, mean, kind, regime``.
    forecasts : DataFrame
        As `forecast.summary`, all methods and years, with ``years_known`` (scores of the unit in
        the panel).
    scores, tested : DataFrame
        As `judge.scores` (index as columns) and `judge.backtest`.
    settings : DataFrame
        As `judge.sensitivity`, of the best method; empty where too few years could be tried, since
        there are hardly any earlier errors then that a setting could act on.
    """

    index: str
    last_year: int
    best: dict
    model: dict
    national: dict
    history: pd.DataFrame
    ranks: pd.DataFrame
    means: pd.DataFrame
    forecasts: pd.DataFrame
    scores: pd.DataFrame
    tested: pd.DataFrame
    settings: pd.DataFrame


def build(figures: pd.DataFrame, index: str, last_year: int) -> Trajectories:
    """Fit, judge and forecast one index.

    Parameters
    ----------
    figures : DataFrame
        As `helpers.facts.load` returns them. Later years than `last_year` are used for nothing
        but to see how far ahead a comparison is possible.
    index : {"PAR", "SIPAS"}
    last_year : int

    Returns
    -------
    Trajectories

    Raises
    ------
    NotEnoughYears
        Where nothing can be forecast or judged from that year.
    """
    series = panel(figures, index, last_year)
    known = judge.origins(series)
    tested = judge.backtest(series, known=known)
    best = judge.best(tested)
    settings = pd.DataFrame()
    if len(best["years"]) >= judge.FEWEST_YEARS:
        settings = judge.sensitivity(series, best["method"], known=known)
    latest = int(figures.loc[figures["index"] == index, "year"].max())
    return Trajectories(
        index=index,
        last_year=last_year,
        best=best,
        model=_or_absent(lambda: vars(model.fit(series))),
        national=_or_absent(lambda: national_change(series.means)),
        history=model.scaled(series),
        ranks=series.ranks.query("not drawn").drop(columns="drawn").reset_index(drop=True),
        means=series.means.reset_index(),
        forecasts=_forecasts(series, tested, max(last_year + AHEAD, latest)),
        scores=judge.scores(tested).reset_index(),
        tested=tested,
        settings=settings,
    )


def _or_absent(make: Callable[[], dict]) -> dict:
    try:
        return make()
    except NotEnoughYears as error:
        return {"absent": str(error)}


def _forecasts(series: Panel, tested: pd.DataFrame, last: int) -> pd.DataFrame:
    found = [pd.DataFrame(columns=list(COLUMNS))]
    for method in METHODS:
        past = judge.standardised(tested, method, series.last)
        for year in range(series.last + 1, last + 1):
            with contextlib.suppress(NotEnoughYears):
                found.append(summary(forecast(series, year, method, past_errors=past)))
    table = pd.concat(found[1:] or found, ignore_index=True)
    known = series.rows.groupby("unit")["year"].nunique()
    return table.assign(years_known=table["unit"].map(known).fillna(0).astype(int))


def fitted(
    figures: pd.DataFrame, index: str, last_year: int, folder: Path | None = None
) -> Trajectories:
    """Give the stored fit of these figures, or make and store it.

    Parameters
    ----------
    figures : DataFrame
    index : {"PAR", "SIPAS"}
    last_year : int
    folder : Path, optional
        ``outputs/trajectories/`` when left out. The names of its files change with the figures and
        the code.

    Raises
    ------
    NotEnoughYears
        As `build`.
    """
    regime(index, last_year)
    folder = outputs_dir() / "trajectories" if folder is None else Path(folder)
    name = facts.fingerprint(figures, "completion", "trajectories")
    path = folder / f"{index}-{last_year}-{name}.pickle.gz"
    return stored(path, lambda: build(figures, index, last_year))


def beside_published(fit: Trajectories, figures: pd.DataFrame) -> pd.DataFrame:
    """Lay the published values of later years beside the forecasts.

    Parameters
    ----------
    fit : Trajectories
    figures : DataFrame

    Returns
    -------
    DataFrame
        Rows of ``forecasts`` of the best method whose unit and year are published by now, with
        ``observed_score``, ``observed_rank`` (or NaN), ``observed_to_mean``, and whether they lie
        in the intervals: ``inside_50 ... inside_95`` for the score, ``rank_inside_50 ...
        rank_inside_95`` for the rank (None without one).
    """
    table = fit.forecasts[fit.forecasts["method"] == fit.best["method"]]
    # A merged province is not the one whose name it has, and a rank among 34 is none among 63.
    for measure in ("score", "rank"):
        values = facts.panel(figures, fit.index, measure, of_year=fit.last_year)
        years = [y for y in values if measure == "score" or units.same_list(y, fit.last_year)]
        values = values[years].stack().rename(f"observed_{measure}")
        table = table.join(values, on=["unit", "year"])
    means = table["year"].map(facts.national(figures, fit.index)["mean"])
    table = table.assign(observed_to_mean=table["observed_score"] - means)
    table = table[table[["observed_score", "observed_rank"]].notna().any(axis=1)]
    for target, name in (("score", "inside"), ("rank", "rank_inside")):
        observed = table[f"observed_{target}"]
        for level in LEVELS:
            ends = (table[f"{target}_{level}_{end}"] for end in ("low", "high"))
            inside = observed.between(*ends).astype(object).where(observed.notna(), None)
            table[f"{name}_{level}"] = inside
    return table.reset_index(drop=True)
