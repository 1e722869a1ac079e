"""What leaders open: one self-contained HTML page per report, and a start page.

A page holds the text, tables and figures of an executed notebook. It needs no other file and no
network, and its Content-Security-Policy allows nothing but the style and the script it brings.
"""

from helpers.site.index import start_page
from helpers.site.pages import to_html
from helpers.site.policy import NotSelfContained, outside_loads
from helpers.site.setting import typeset

__all__ = [
    "NotSelfContained",
    "outside_loads",
    "start_page",
    "to_html",
    "typeset",
]
