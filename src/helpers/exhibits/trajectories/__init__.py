"""Exhibits of "Where is each province heading?"."""

from helpers.exhibits.trajectories.ahead import (
    fan_chart,
    fits,
    forecasts_table,
    hindsight_table,
    national_text,
    province_sentences,
    study,
)
from helpers.exhibits.trajectories.judged import (
    backtest_chart,
    backtest_table,
    coverage_report,
    model_report,
    verdict,
    verdicts,
)
from helpers.exhibits.trajectories.past import (
    beta_text,
    correlation_table,
    mobility_table,
    movers_table,
    regions_chart,
    sigma_chart,
    slope_chart,
    typology_panel,
    typology_table,
    typology_units,
)

__all__ = [
    "backtest_chart",
    "backtest_table",
    "beta_text",
    "correlation_table",
    "coverage_report",
    "fan_chart",
    "fits",
    "forecasts_table",
    "hindsight_table",
    "mobility_table",
    "model_report",
    "movers_table",
    "national_text",
    "province_sentences",
    "regions_chart",
    "sigma_chart",
    "slope_chart",
    "study",
    "typology_panel",
    "typology_table",
    "typology_units",
    "verdict",
    "verdicts",
]
