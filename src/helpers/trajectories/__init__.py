"""Where every province is heading, and how far such forecasts can be trusted.

`fitted` gives all of it for one index and year, stored once per run. Underneath: `panel` gathers
the scores, `fit` is the mixed model, `forecast` simulates the table of a future year by one of
three methods, `backtest`, `scores` and `best` judge them on years they have not seen. `typology`
and the functions of `convergence` look back.
"""

from helpers.trajectories.convergence import (
    beta,
    movers,
    rank_correlation,
    sigma,
    sigma_change,
    transitions,
)
from helpers.trajectories.forecast import (
    LEVELS,
    METHODS,
    Forecast,
    equally_likely,
    expected_change,
    forecast,
    national_change,
    national_changes,
    summary,
)
from helpers.trajectories.judge import backtest, best, crps, interval_score, scores, sensitivity
from helpers.trajectories.model import Model, OneFit, fit, fit_once
from helpers.trajectories.panel import (
    NotEnoughYears,
    Panel,
    panel,
    regime,
    until,
)
from helpers.trajectories.reading import (
    fixed_effects,
    residual_checks,
    shrinkage,
    variance_parts,
)
from helpers.trajectories.stored import (
    StaleFit,
    Trajectories,
    beside_published,
    build,
    data_hash,
    fitted,
    load_fit,
    store,
)
from helpers.trajectories.typology import CLASSES, classify, risen, typology

__all__ = [
    "CLASSES",
    "LEVELS",
    "METHODS",
    "Forecast",
    "Model",
    "NotEnoughYears",
    "OneFit",
    "Panel",
    "StaleFit",
    "Trajectories",
    "backtest",
    "beside_published",
    "best",
    "beta",
    "build",
    "classify",
    "crps",
    "data_hash",
    "equally_likely",
    "expected_change",
    "fit",
    "fit_once",
    "fitted",
    "fixed_effects",
    "forecast",
    "interval_score",
    "load_fit",
    "movers",
    "national_change",
    "national_changes",
    "panel",
    "rank_correlation",
    "regime",
    "residual_checks",
    "risen",
    "scores",
    "sensitivity",
    "shrinkage",
    "sigma",
    "sigma_change",
    "store",
    "summary",
    "transitions",
    "typology",
    "until",
    "variance_parts",
]
