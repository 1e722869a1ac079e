"""Figures of the reports: DataFrames in, matplotlib axes out, text in the language in use.

Every function takes an optional ``ax``, draws on it and returns it, as seaborn does; none computes
a statistic. Where there is nothing to draw, the axes say so in a sentence. The order of calls is::

    ax = charts.ranking(facts.scores(table, "PAR", 2020))
    charts.title(ax, "Quảng Ninh dẫn đầu", "PAR INDEX 2020, điểm", "Nguồn: ...")
    charts.show(ax, alt="Bảng xếp hạng ...")

What is published is a filled circle, what is derived a filled square, what is estimated a hollow
circle with its interval, so that the three are told apart in grey print too.
"""

from helpers.charts.counts import binned
from helpers.charts.drawing import Drawn, figure, once, show, style, svg, title
from helpers.charts.parts import factors, parts, stacked_blocks
from helpers.charts.places import change_dumbbell, peers, ranking, score_curve
from helpers.charts.rank_sets import rank_sets
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
    "rank_sets",
    "ranking",
    "reform_and_satisfaction",
    "score_curve",
    "show",
    "sipas_means",
    "stacked_blocks",
    "style",
    "svg",
    "title",
]
