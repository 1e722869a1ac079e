"""What leaders open: one self-contained HTML page per report, and a start page.

A page holds the text, tables and figures of an executed notebook. It needs no other file and no
network, and its Content-Security-Policy allows nothing but the style and the script it brings.
"""

from helpers.site.pages import page_name, to_html
from helpers.site.policy import NotSelfContained, outside_loads
from helpers.site.setting import inline_svg, typeset

__all__ = [
    "SITE_TITLE",
    "NotSelfContained",
    "inline_svg",
    "outside_loads",
    "page_name",
    "start_page",
    "to_html",
    "typeset",
]


def __getattr__(name: str):
    """The start page is imported when it is asked for: with it come all statistics, which a worker
    that only makes pages of notebooks has no use for."""
    if name in ("SITE_TITLE", "start_page"):
        from helpers.site import index

        return getattr(index, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
