"""The look of the reports' charts, and their way onto a page: style, number ticks, marks, SVG.

What is published is a filled circle, what is derived a filled square, what is estimated a hollow
circle with its interval, so that the three are told apart in grey print too. Charts are drawn with
seaborn in the notebooks; `helpers.report.chart` shows what was drawn, with its titles, its sources
and its text.
"""

from helpers.charts.drawing import style, svg

__all__ = ["style", "svg"]
