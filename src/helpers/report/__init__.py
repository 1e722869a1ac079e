"""What dresses a notebook's results for its page: words, charts, tables and their sources.

A cell computes a frame with pandas, scipy or statsmodels, or draws it with seaborn; then one of
four calls shows it, in the language in use::

    say("Hệ số là {r:.2f} (n = {n}).", "The coefficient is {r:.2f} (n = {n}).", r=fit.r, n=12)
    chart(ax, ("Nơi nào cao hơn?", "Who is higher?"), ("điểm", "points"), pairs, sources=cite(ids))
    table(pairs, ("Các cặp số", "The pairs"), ("điểm", "points"), sources=cite(ids))
    sources(cite)

Wherever a reader sees a text it is a string, or a pair (Vietnamese, English).
"""

from helpers.charts.drawing import WIDTH, style
from helpers.report.alternative import described
from helpers.report.look import name_points, number_points, palette
from helpers.report.show import chart, findings, say, sources
from helpers.report.tables import table
from helpers.report.texts import label, number, text

__all__ = [
    "WIDTH",
    "chart",
    "described",
    "findings",
    "label",
    "name_points",
    "number",
    "number_points",
    "palette",
    "say",
    "sources",
    "style",
    "table",
    "text",
]
