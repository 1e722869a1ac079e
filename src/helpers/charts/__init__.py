"""Figures of the reports: DataFrames in, matplotlib axes out, text in the language in use.

Every function takes an optional ``ax``, draws on it and returns it, as seaborn does; none computes
a statistic. Where there is nothing to draw, the axes say so in a sentence. `helpers.page.chart` and
`helpers.report.chart` show what was drawn, with its titles, its sources and its text.

What is published is a filled circle, what is derived a filled square, what is estimated a hollow
circle with its interval, so that the three are told apart in grey print too.
"""

from helpers.charts.drawing import Drawn, figure, once, style, svg
from helpers.charts.places import score_curve
from helpers.charts.spread import reform_and_satisfaction

__all__ = [
    "Drawn",
    "figure",
    "once",
    "reform_and_satisfaction",
    "score_curve",
    "style",
    "svg",
]
