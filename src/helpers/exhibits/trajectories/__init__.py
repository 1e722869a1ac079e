"""Forecasts as the notebooks show them: the sentences and the fan of a province."""

from helpers.exhibits.trajectories.ahead import fan_chart, fits, outlook, province_sentences

__all__ = ["fan_chart", "fits", "outlook", "province_sentences"]
