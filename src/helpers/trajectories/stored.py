"""All that is known of where the provinces head, made once per run and stored."""

import contextlib
import copy
import json
import os
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
import pandas as pd

from helpers import completion, facts, trajectories, units
from helpers.paths import outputs_dir
from helpers.trajectories import judge
from helpers.trajectories import model as mixed
from helpers.trajectories.forecast import (
    COLUMNS,
    LEVELS,
    METHODS,
    forecast,
    national_change,
    summary,
)
from helpers.trajectories.panel import NotEnoughYears, Panel, distance, panel, regime

AHEAD = 2
TABLES = ("history", "forecasts", "scores", "tested", "means")


@dataclass(frozen=True)
class Trajectories:
    """What is known of one index up to a year; tables and plain values only.

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
        Rows of the panel with ``mean`` and ``to_mean``.
    means : DataFrame
        ``year, mean, kind, regime``.
    forecasts : DataFrame
        As `forecast.summary`, all methods and years, with ``years_known`` (scores of the unit in
        the panel).
    scores, tested : DataFrame
        As `judge.scores` (index as columns) and `judge.backtest`.
    """

    index: str
    last_year: int
    best: dict
    model: dict
    national: dict
    history: pd.DataFrame
    means: pd.DataFrame
    forecasts: pd.DataFrame
    scores: pd.DataFrame
    tested: pd.DataFrame


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
    made = panel(figures, index, last_year)
    latest = int(figures.loc[figures["index"] == index, "year"].max())
    return from_panel(made, last=max(last_year + AHEAD, latest))


def from_panel(made: Panel, last: int) -> Trajectories:
    """Fit, judge and forecast a panel up to the year `last`; see `build`."""
    tested = judge.backtest(made)
    fitted, described = _fit(made)
    try:
        national = national_change(made.means)
    except NotEnoughYears as error:
        national = {"absent": str(error)}
    return Trajectories(
        index=made.index,
        last_year=made.last,
        best=judge.best(tested),
        model=described,
        national=national,
        history=distance(made),
        means=made.means.reset_index(),
        forecasts=_forecasts(made, fitted, tested, last),
        scores=judge.scores(tested).reset_index(),
        tested=tested,
    )


def _fit(made: Panel) -> tuple[mixed.MixedModel | None, dict]:
    try:
        fitted = mixed.fit(made)
    except NotEnoughYears as error:
        return None, {"absent": str(error)}
    return fitted, vars(fitted)


def _forecasts(made: Panel, fitted, tested, last: int) -> pd.DataFrame:
    found = [pd.DataFrame(columns=list(COLUMNS))]
    for method in METHODS:
        past = judge.standardised(tested, method, made.last)
        for year in range(made.last + 1, last + 1):
            with contextlib.suppress(NotEnoughYears):
                found.append(summary(forecast(made, year, method, fitted=fitted, past_errors=past)))
    table = pd.concat(found[1:] or found, ignore_index=True)
    known = made.rows.groupby("unit")["year"].nunique()
    return table.assign(years_known=table["unit"].map(known).fillna(0).astype(int))


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
    chosen = figures[
        (figures["status"] == "accepted")
        & (figures["index"] == fit.index)
        & (figures["part"] == "")
        & (figures["year"] > fit.last_year)
    ]
    # A merged province is not the one whose name it has, and a rank among 34 is none among 63.
    own = facts.as_of(chosen[chosen["unit_type"] == "province"], fit.last_year)
    alike = own["year"].map(lambda year: units.same_list(year, fit.last_year)).astype(bool)
    for measure in ("score", "rank"):
        kept = (own["measure"] == measure) & (alike | (measure == "score"))
        values = own[kept].set_index(["unit", "year"])["value"]
        table = table.join(values.rename(f"observed_{measure}"), on=["unit", "year"])
    means = chosen[(chosen["unit_type"] == "national") & (chosen["measure"] == "mean")]
    means = table["year"].map(means.set_index("year")["value"])
    table = table.assign(observed_to_mean=table["observed_score"] - means)
    table = table[table[["observed_score", "observed_rank"]].notna().any(axis=1)]
    for target, name in (("score", "inside"), ("rank", "rank_inside")):
        observed = table[f"observed_{target}"]
        for level in LEVELS:
            ends = (table[f"{target}_{level}_{end}"] for end in ("low", "high"))
            inside = observed.between(*ends).astype(object).where(observed.notna(), None)
            table[f"{name}_{level}"] = inside
    return table.reset_index(drop=True)


# --- storing -----------------------------------------------------------------------------------


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
    name = facts.fingerprint(figures, completion, trajectories)
    path = folder / f"{index}-{last_year}-{name}.json"
    try:
        return copy.deepcopy(_read(path))
    except (OSError, ValueError, TypeError, AttributeError):  # not there, or not a fit
        fit = build(figures, index, last_year)
        _store(fit, path)
        return fit


def _store(fit: Trajectories, path: Path) -> None:
    content = {
        name: value if name not in TABLES else _table(value) for name, value in vars(fit).items()
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f"{path.name}.{os.getpid()}.part")
    part.write_text(json.dumps(content, ensure_ascii=False, default=np.generic.item), "utf-8")
    part.replace(path)  # reports run side by side: none sees half a file


def _table(frame: pd.DataFrame) -> dict:
    return json.loads(frame.to_json(orient="split", index=False, double_precision=15))


@lru_cache(maxsize=4)
def _read(path: Path) -> Trajectories:
    """Read a stored fit, once in a process: what is under a name does not change."""
    content = json.loads(path.read_text(encoding="utf-8"))
    return Trajectories(
        **{n: pd.DataFrame(**value) if n in TABLES else value for n, value in content.items()}
    )
