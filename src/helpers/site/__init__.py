"""What leaders open: one self-contained HTML page per report, and a start page.

A page holds the text, tables and figures of an executed notebook. It needs no other file and no
network, and its Content-Security-Policy allows nothing but the style and the script it brings.
"""

from helpers.site.formulas import NotShown
from helpers.site.pages import to_html
from helpers.site.policy import NotSelfContained, outside_loads
from helpers.site.setting import typeset

__all__ = [
    "NotSelfContained",
    "NotShown",
    "comparison_page",
    "outside_loads",
    "start_page",
    "to_html",
    "typeset",
]


def __getattr__(name: str):
    """The start page and that of two provinces are imported when they are asked for: with them come
    all statistics, which a worker that only makes pages of notebooks has no use for."""
    if name == "start_page":
        from helpers.site.index import start_page

        return start_page
    if name == "comparison_page":
        from helpers.site.compare import comparison_page

        return comparison_page
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
