"""Judge the methods on years they have not seen."""

import numpy as np
import pandas as pd

from helpers import units
from helpers.trajectories.forecast import (
    HORIZONS,
    LEVELS,
    METHODS,
    PRIOR_ERRORS,
    TARGETS,
    WINDOW,
    forecast,
    summary,
)
from helpers.trajectories.panel import SEED, NotEnoughYears, Panel, until

# From a year to the next of the same provinces.
ORIGINS = range(2016, units.MERGER - 1)
RESAMPLES = 1000
SIMULATIONS = 1000
KEYS = ["target", "horizon", "method"]
ENDS = [0.025, 0.975]  # of bootstrap intervals
ALIKE = 0.01  # of the lowest CRPS: by as much it moves with the draws of the tables
FEWEST_YEARS = 3  # errors of a year are alike: two do not show how much others would differ


def crps(drawn: np.ndarray, observed: np.ndarray) -> np.ndarray:
    """Continuous ranked probability score of simulated forecasts; lower is better.

    Parameters
    ----------
    drawn : ndarray, simulations x cases
    observed : ndarray of cases

    Returns
    -------
    ndarray of cases
        In the unit of the figures; the absolute error for a forecast without spread.

    References
    ----------
    Gneiting, T. and Raftery, A. E. (2007). Strictly proper scoring rules, prediction, and
    estimation. JASA 102, 359-378, equation (21).
    """
    ordered = np.sort(drawn, axis=0)
    n = len(ordered)
    weights = (2 * np.arange(1, n + 1) - n - 1)[:, None]
    apart = 2 * (weights * ordered).sum(axis=0) / n**2
    return np.abs(drawn - observed).mean(axis=0) - apart / 2


def interval_score(low, high, observed, level: int):
    """Interval score of central intervals of `level` per cent; lower is better.

    References
    ----------
    Gneiting, T. and Raftery, A. E. (2007). Strictly proper scoring rules, prediction, and
    estimation. JASA 102, 359-378, equation (43).
    """
    alpha = 1 - level / 100
    outside = np.maximum(low - observed, 0) + np.maximum(observed - high, 0)
    return high - low + 2 / alpha * outside


def standardised(tested: pd.DataFrame, method: str, year: int) -> np.ndarray:
    """Past errors of the distance from the mean over their expected spread.

    Only of forecasts whose year had come by `year`, at all horizons.
    """
    if tested.empty:
        return np.empty(0)
    past = tested[
        (tested["target"] == "to_mean") & (tested["method"] == method) & (tested["year"] <= year)
    ]
    return (past["error"] / past["spread"]).to_numpy(float)


Origin = tuple[Panel, Panel]


def origins(panel: Panel) -> list[Origin]:
    """Make the panels that forecasts are tried from, one for each origin.

    Parameters
    ----------
    panel : Panel

    Returns
    -------
    list of (Panel, Panel)
        The panel whose later results judge, and the panel of what was known at the origin, its
        completed tables made anew too (`until`). Those of the regime before come first.
    """
    before = [] if panel.before is None else origins(panel.before)
    years = [year for year in ORIGINS if panel.first <= year < panel.last]
    return [*before, *((panel, until(panel, year)) for year in years)]


def backtest(
    panel: Panel, methods=METHODS, known: list[Origin] | None = None, **recipe
) -> pd.DataFrame:
    """Forecast from every origin with nothing later in hand, and compare with what came.

    Parameters
    ----------
    panel : Panel
    methods : iterable of str
    known : list, optional
        `origins` of the panel, where they are made already.
    **recipe
        ``window`` and ``prior`` of `forecast`.

    Returns
    -------
    DataFrame
        A row per method, origin, horizon, target and unit then published: ``observed``,
        ``predicted``, ``spread`` (expected), ``error``, ``crps``, ``low_50 ... high_95``. An origin
        from which a method cannot forecast is left out.

    Raises
    ------
    NotEnoughYears
        Where no origin could be tried.

    Notes
    -----
    Origins in the regime before are tried too, and their errors are past errors of this one.
    """
    tested, reasons = pd.DataFrame(), []
    options = {"simulations": SIMULATIONS} | recipe
    for judged, of in origins(panel) if known is None else known:
        for method in methods:
            years = [of.last + h for h in HORIZONS if of.last + h in judged.years]
            past = standardised(tested, method, of.last)
            try:
                made = [forecast(of, year, method, past_errors=past, **options) for year in years]
            except NotEnoughYears as error:
                reasons.append(str(error))
                continue
            found = (_compare(judged, one) for one in made)
            tested = pd.concat([tested, *found], ignore_index=True)
    if tested.empty:
        why = "; ".join(dict.fromkeys(reasons))
        message = f"{panel.index}: no origin up to {panel.last} could be tried. {why}"
        raise NotEnoughYears(message)
    return tested


def observed(panel: Panel, year: int) -> pd.DataFrame:
    """Published figures of a year, indexed by unit: ``score``, ``to_mean``, ``rank`` (or NaN)."""
    rows = panel.rows[(panel.rows["year"] == year) & (panel.rows["kind"] != "pinned")]
    table = rows.set_index("unit")[["score"]]
    ranks = panel.ranks.query("year == @year and not drawn").set_index("unit")["rank"]
    table = table.reindex(table.index.union(ranks.index)).assign(rank=ranks)
    table["to_mean"] = table["score"] - panel.means.at[year, "mean"]
    return table


def _compare(panel: Panel, made) -> pd.DataFrame:
    truth, table = observed(panel, made.year), summary(made).set_index("unit")
    drawn = {"score": made.scores, "to_mean": made.to_mean, "rank": made.ranks}
    found = []
    for target in TARGETS:
        values = truth[target].dropna()
        at = [made.units.index(unit) for unit in values.index]
        rows = table.loc[values.index]
        columns = {"unit": values.index, "observed": values.to_numpy()}
        columns["predicted"] = rows[target].to_numpy()
        columns["spread"] = made.point.loc[values.index, "spread"].to_numpy()
        columns["error"] = columns["observed"] - columns["predicted"]
        columns["crps"] = crps(drawn[target][:, at], values.to_numpy())
        for level in LEVELS:
            for end in ("low", "high"):
                columns[f"{end}_{level}"] = rows[f"{target}_{level}_{end}"].to_numpy()
        found.append(pd.DataFrame(columns).assign(target=target))
    head = {"method": made.method, "origin": made.origin, "year": made.year}
    return pd.concat(found, ignore_index=True).assign(**head, horizon=made.year - made.origin)


def scores(tested: pd.DataFrame) -> pd.DataFrame:
    """Score the methods, on the cases that all of them forecast.

    Returns
    -------
    DataFrame
        Indexed by target, horizon and method: ``cases``, ``years``, ``mae``, ``crps``, ``interval``
        (score of the 80% interval), ``cover_50``, ``cover_80``, ``cover_95``, and for each of
        ``mae``, ``crps`` and ``cover_80`` the ends ``_low``, ``_high`` of a 95% bootstrap interval,
        NaN where cases are of fewer than `FEWEST_YEARS` years.

    Notes
    -----
    The bootstrap draws years and provinces, both with replacement (Owen 2007, The pigeonhole
    bootstrap, Annals of Applied Statistics 1, 386-411), since errors of a year are alike, and so
    are errors of a province.
    """
    common = _common(tested)
    rng = np.random.Generator(np.random.PCG64(SEED))
    found = {}
    for (target, horizon), cases in common.groupby(["target", "horizon"]):
        weights = _pigeonhole(cases, rng)
        for method, own in cases.groupby("method"):
            measures = _measures(own)
            drawn = _weighted(measures, weights[:, cases.index.get_indexer(own.index)])
            row = {"cases": len(own), "years": own["year"].nunique(), **measures.mean()}
            for name in ("mae", "crps", "cover_80"):
                low, high = _ends(drawn[name], cases)
                row |= {f"{name}_low": low, f"{name}_high": high}
            found[target, horizon, method] = row
    return _by_method(found)


def _common(tested: pd.DataFrame) -> pd.DataFrame:
    keys = ["target", "origin", "horizon", "unit"]
    shared = tested.groupby(keys)["method"].transform("nunique") == tested["method"].nunique()
    return tested[shared].reset_index(drop=True)


def _measures(own: pd.DataFrame) -> pd.DataFrame:
    columns = {"mae": own["error"].abs(), "crps": own["crps"]}
    columns["interval"] = interval_score(own["low_80"], own["high_80"], own["observed"], 80)
    for level in LEVELS:
        inside = own["observed"].between(own[f"low_{level}"], own[f"high_{level}"])
        columns[f"cover_{level}"] = inside.astype(float)
    return pd.DataFrame(columns)


def _pigeonhole(cases: pd.DataFrame, rng) -> np.ndarray:
    """Weights of every case in every resample: how often its year and its unit were drawn."""
    weights = np.ones((RESAMPLES, len(cases)))
    for column in ("year", "unit"):
        codes, names = pd.factorize(cases[column])
        n = len(names)
        weights *= rng.multinomial(n, np.full(n, 1 / n), size=RESAMPLES)[:, codes]
    return weights[weights.sum(axis=1) > 0]


def _weighted(measures: pd.DataFrame, weights: np.ndarray) -> pd.DataFrame:
    sums = weights @ measures.to_numpy()
    return pd.DataFrame(sums / weights.sum(axis=1, keepdims=True), columns=measures.columns)


def _ends(drawn: pd.Series, cases: pd.DataFrame) -> np.ndarray:
    """Ends of a bootstrap interval over cases; NaN where they are of too few years for one."""
    if cases[["origin", "year"]].nunique().min() < FEWEST_YEARS:
        return np.full(len(ENDS), np.nan)
    return np.quantile(drawn, ENDS)


def gains(tested: pd.DataFrame, over: str) -> pd.DataFrame:
    """By how much the mean absolute error of each method is smaller than that of one of them.

    Returns
    -------
    DataFrame
        Indexed by target, horizon and method (without `over`): ``cases``, ``mae``, ``mae_over``
        (that of `over` on the same cases), ``gain``, and the ends ``low``, ``high`` of its 95%
        interval, by the bootstrap of `scores`.
    """
    common, found = _common(tested), {}
    rng = np.random.Generator(np.random.PCG64(SEED))
    keys = ["origin", "year", "unit"]
    for (target, horizon), cases in common.groupby(["target", "horizon"]):
        wide = cases.assign(mae=cases["error"].abs()).pivot(
            index=keys, columns="method", values="mae"
        )
        less = wide.drop(columns=over).rsub(wide[over], axis=0)
        drawn = _weighted(less, _pigeonhole(wide.reset_index(), rng))
        for method in less:
            low, high = _ends(drawn[method], wide.reset_index())
            found[target, horizon, method] = {
                "cases": len(wide),
                "mae": wide[method].mean(),
                "mae_over": wide[over].mean(),
                "gain": less[method].mean(),
                "low": low,
                "high": high,
            }
    return _by_method(found)


def _by_method(found: dict[tuple, dict]) -> pd.DataFrame:
    return pd.DataFrame.from_dict(found, orient="index").rename_axis(KEYS)


RECIPES = (
    {"window": WINDOW, "prior": PRIOR_ERRORS},
    {"window": 4, "prior": PRIOR_ERRORS},
    {"window": 12, "prior": PRIOR_ERRORS},
    {"window": WINDOW, "prior": 10},
    {"window": WINDOW, "prior": 100},
)


def sensitivity(
    panel: Panel, method: str, recipes=RECIPES, known: list[Origin] | None = None
) -> pd.DataFrame:
    """Judge one method with other settings of how wide its intervals are.

    The settings in use were chosen with the results in sight; this shows what hangs on them.

    Parameters
    ----------
    panel : Panel
    method : str
        One of `METHODS`; the window is that of the simple ones, alone or in an average.
    recipes : sequence of dict
        ``window`` and ``prior`` of `forecast`; the settings in use come first.
    known : list, optional
        As `backtest` takes it.

    Returns
    -------
    DataFrame
        A row per setting, target and horizon: ``window, prior, target, horizon``, ``cases``,
        ``cover_80`` (share) and ``crps``.
    """
    found, known = [], origins(panel) if known is None else known
    for recipe in recipes:
        tested = backtest(panel, (method,), known, **recipe)
        cases = pd.concat([tested[["target", "horizon"]], _measures(tested)], axis=1)
        groups = cases.groupby(["target", "horizon"])
        table = groups[["cover_80", "crps"]].mean().assign(cases=groups.size(), **recipe)
        found.append(table.reset_index())
    return pd.concat(found, ignore_index=True)


def best(tested: pd.DataFrame) -> dict:
    """Say which method forecasts best, and how sure that is.

    Returns
    -------
    dict
        ``method``: the lowest mean CRPS of the distance from the national mean over all horizons
        (the national change is the same for every method), but the average of two forecasts where
        its own is above that by no more than a share of `ALIKE` (Bates & Granger 1969); ``crps`` by
        method; ``lead``: by how much each other method is worse, with the ends of a 95% bootstrap
        interval, NaN where cases are of fewer than `FEWEST_YEARS` years; ``sure``: whether all
        those intervals lie above zero; ``years`` that were forecast.
    """
    cases = _common(tested[tested["target"] == "to_mean"])
    keys = ["origin", "year", "horizon", "unit"]
    wide = cases.pivot(index=keys, columns="method", values="crps").reset_index()
    methods = [method for method in METHODS if method in wide]
    means = wide[methods].mean()
    winner = str(means.idxmin())
    if means.get("average", np.inf) <= (1 + ALIKE) * means.min():
        winner = "average"
    rng = np.random.Generator(np.random.PCG64(SEED))
    drawn = _weighted(wide[methods], _pigeonhole(wide, rng))
    lead = {}
    for other in methods:
        if other != winner:
            low, high = _ends(drawn[other] - drawn[winner], wide)
            gap = means[other] - means[winner]
            lead[other] = {"gap": float(gap), "low": float(low), "high": float(high)}
    sure = all(row["low"] > 0 for row in lead.values())
    years = sorted(map(int, wide["year"].unique()))
    return {"method": winner, "crps": means.to_dict(), "lead": lead, "sure": sure, "years": years}
