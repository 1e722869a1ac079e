"""Figures of the reports: DataFrames in, matplotlib axes out, text in the language in use.

Every function takes an optional ``ax``, draws on it and returns it, as seaborn does; none computes
a statistic. Where there is nothing to draw, the axes say so in a sentence. `helpers.page.chart` and
`helpers.report.chart` show what was drawn, with its titles, its sources and its text.

What is published is a filled circle, what is derived a filled square, what is estimated a hollow
circle with its interval, so that the three are told apart in grey print too.
"""

from helpers.charts.counts import binned
from helpers.charts.drawing import Drawn, figure, once, style, svg
from helpers.charts.parts import factors, parts, stacked_blocks
from helpers.charts.places import change_dumbbell, peers, ranking, score_curve
from helpers.charts.spread import by_region, reform_and_satisfaction
from helpers.charts.years import history, national_means, rank_history, sipas_means

__all__ = [
    "Drawn",
    "binned",
    "by_region",
    "change_dumbbell",
    "factors",
    "figure",
    "history",
    "national_means",
    "once",
    "parts",
    "peers",
    "rank_history",
    "ranking",
    "reform_and_satisfaction",
    "score_curve",
    "sipas_means",
    "stacked_blocks",
    "style",
    "svg",
]
