"""Where every province is heading, and how far such forecasts can be trusted.

`fitted` gives all of it for one index and year, stored once per run. Underneath: `panel` gathers
the scores, `fit` is the mixed model, `forecast` simulates the table of a future year by one of
four methods, `backtest`, `scores` and `best` judge them on years they have not seen.
"""

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
from helpers.trajectories.judge import (
    ALIKE,
    FEWEST_YEARS,
    backtest,
    best,
    crps,
    gains,
    scores,
    sensitivity,
)
from helpers.trajectories.model import MixedModel, fit, scaled
from helpers.trajectories.panel import (
    NotEnoughYears,
    Panel,
    panel,
    regime,
    until,
)
from helpers.trajectories.stored import (
    Trajectories,
    beside_published,
    build,
    fitted,
)
