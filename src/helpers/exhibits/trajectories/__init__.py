"""Forecasts as the notebooks show them: the sentences and the fan of a province."""

from helpers.exhibits.trajectories.ahead import (
    fan_chart,
    fits,
    forecast_of,
    outlook,
    province_sentences,
    result,
)

__all__ = ["fan_chart", "fits", "forecast_of", "outlook", "province_sentences", "result"]
