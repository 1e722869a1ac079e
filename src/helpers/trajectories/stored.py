"""All that is known of where the provinces head, made once per run and stored."""

import copy
import hashlib
import json
import os
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
import pandas as pd

from helpers import facts, units
from helpers.errors import CchcError
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

FORMAT = 3
AHEAD = 2
TABLES = ("history", "forecasts", "scores", "tested", "left_out", "means")


class StaleFit(CchcError):
    """A stored fit is of other figures, or cannot be read."""


@dataclass(frozen=True)
class Trajectories:
    """What is known of one index up to a year; tables and plain values only.

    Attributes
    ----------
    index : str
    last_year : int
    data : str
        `data_hash` of the figures it was made from.
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
    scores, tested, left_out : DataFrame
        As `judge.scores` (index as columns) and `judge.backtest`.
    """

    index: str
    last_year: int
    data: str
    best: dict
    model: dict
    national: dict
    history: pd.DataFrame
    means: pd.DataFrame
    forecasts: pd.DataFrame
    scores: pd.DataFrame
    tested: pd.DataFrame
    left_out: pd.DataFrame


def data_hash(figures: pd.DataFrame) -> str:
    """Fingerprint of the figures, imported ones among them: SHA-256 of their text."""
    text = figures.sort_values(["file", "line"]).to_csv(index=False, lineterminator="\n")
    return hashlib.sha256(text.encode()).hexdigest()


def build(figures: pd.DataFrame, index: str, last_year: int, **options) -> Trajectories:
    """Fit, judge and forecast one index.

    Parameters
    ----------
    figures : DataFrame
        As `helpers.facts.load` returns them. Later years than `last_year` are used for nothing
        but to see how far ahead a comparison is possible.
    index : {"PAR", "SIPAS"}
    last_year : int
    **options
        For `panel`.

    Returns
    -------
    Trajectories

    Raises
    ------
    NotEnoughYears
        Where nothing can be forecast or judged from that year.
    """
    made = panel(figures, index, last_year, **options)
    latest = int(figures.loc[figures["index"] == index, "year"].max())
    return from_panel(made, data_hash(figures), last=max(last_year + AHEAD, latest))


def from_panel(made: Panel, data: str, last: int) -> Trajectories:
    """Fit, judge and forecast a panel up to the year `last`; see `build`."""
    tested, left_out = judge.backtest(made)
    best = judge.best(tested)
    fitted, described = _fit(made)
    forecasts, skipped = _forecasts(made, fitted, tested, last)
    try:
        national = national_change(made.means)
    except NotEnoughYears as error:
        national = {"absent": str(error)}
    return Trajectories(
        index=made.index,
        last_year=made.last,
        data=data,
        best=best,
        model=described,
        national=national,
        history=distance(made),
        means=made.means.reset_index(),
        forecasts=forecasts,
        scores=judge.scores(tested).reset_index(),
        tested=tested,
        left_out=pd.concat([left_out, skipped], ignore_index=True),
    )


def _fit(made: Panel) -> tuple[mixed.MixedModel | None, dict]:
    try:
        fitted = mixed.fit(made)
    except NotEnoughYears as error:
        return None, {"absent": str(error)}
    return fitted, vars(fitted)


def _forecasts(made: Panel, fitted, tested, last: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    found, skipped = [], []
    for method in METHODS:
        past = judge.standardised(tested, method, made.last)
        for year in range(made.last + 1, last + 1):
            try:
                found.append(summary(forecast(made, year, method, fitted=fitted, past_errors=past)))
            except NotEnoughYears as error:
                skipped.append({"method": method, "origin": made.last, "reason": str(error)})
    table = pd.concat(found, ignore_index=True) if found else pd.DataFrame(columns=list(COLUMNS))
    known = made.rows.groupby("unit")["year"].nunique()
    table["years_known"] = table["unit"].map(known).fillna(0).astype(int)
    return table, pd.DataFrame(skipped, columns=["method", "origin", "reason"]).drop_duplicates()


def beside_published(fit: Trajectories, figures: pd.DataFrame, method: str | None = None):
    """Lay the published values of later years beside the forecasts.

    Parameters
    ----------
    fit : Trajectories
    figures : DataFrame
    method : str, optional
        The best one when left out.

    Returns
    -------
    DataFrame
        Rows of ``forecasts`` of that method whose unit and year are published by now, with
        ``observed_score``, ``observed_rank`` (or NaN), ``observed_to_mean``, and whether they lie
        in the intervals: ``inside_50 ... inside_95`` for the score, ``rank_inside_50 ...
        rank_inside_95`` for the rank (None without one).
    """
    table = fit.forecasts[fit.forecasts["method"] == (method or fit.best["method"])]
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


def store(fit: Trajectories, path: Path) -> Path:
    """Write a fit as JSON; folders are made. Numbers keep all their digits."""
    content = {
        name: value if name not in TABLES else _table(value) for name, value in vars(fit).items()
    }
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    text = json.dumps({"format": FORMAT} | content, ensure_ascii=False, default=_plain)
    part = path.with_name(f"{path.name}.{os.getpid()}.part")
    part.write_text(text, encoding="utf-8")
    part.replace(path)  # reports run side by side: none sees half a file
    return path


def _table(frame: pd.DataFrame) -> dict:
    return json.loads(frame.to_json(orient="split", index=False, double_precision=15))


def _plain(value):
    if isinstance(value, np.generic):
        return value.item()
    raise TypeError(f"{type(value).__name__} cannot be stored")


def load_fit(path: Path, figures: pd.DataFrame | None = None) -> Trajectories:
    """Read a stored fit.

    Parameters
    ----------
    path : Path
    figures : DataFrame, optional
        The figures it must have been made from.

    Raises
    ------
    StaleFit
        Where the file is absent, cannot be read, has another format, or is of other figures.
    """
    path = Path(path)
    again = "Make it again with helpers.trajectories.fitted()."
    try:
        version, fields = _parsed(path.read_text(encoding="utf-8"))
        fit = Trajectories(**copy.deepcopy(fields))
    except FileNotFoundError:
        raise StaleFit(f"{path.name}: no stored fit there. {again}") from None
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise StaleFit(f"{path.name} cannot be read as a stored fit: {error}. {again}") from None
    if version != FORMAT:
        raise StaleFit(f"{path.name} has format {version}, not {FORMAT}. {again}")
    if figures is not None and fit.data != data_hash(figures):
        raise StaleFit(f"{path.name} was made from other figures than those in data/. {again}")
    return fit


@lru_cache(maxsize=4)
def _parsed(text: str) -> tuple[int, dict]:
    """Format and fields of a stored fit; read once for each text by a process."""
    content = json.loads(text)
    version = content.pop("format")
    return version, {
        name: pd.DataFrame(**value) if name in TABLES else value for name, value in content.items()
    }


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
        ``outputs/trajectories/`` when left out.

    Raises
    ------
    NotEnoughYears
        As `build`.
    """
    regime(index, last_year)
    folder = outputs_dir() / "trajectories" if folder is None else Path(folder)
    path = folder / f"{index}-{last_year}.json"
    try:
        return load_fit(path, figures)
    except StaleFit:
        fit = build(figures, index, last_year)
        store(fit, path)
        return fit
