"""What leaders open: one self-contained HTML page per report, and a start page.

A page holds the text, tables and figures of an executed notebook. It needs no other file and no
network, and its Content-Security-Policy allows nothing but the style and the script it brings.
"""

from importlib import import_module

# Imported when they are asked for: with the start page come all statistics, which a worker that
# only makes pages of notebooks has no use for, and with those pages all of nbconvert.
_MODULES = {
    "NotSelfContained": "policy",
    "NotShown": "formulas",
    "comparison_page": "compare",
    "mend": "links",
    "outside_loads": "policy",
    "start_page": "index",
    "to_html": "pages",
    "typeset": "setting",
}


def __getattr__(name: str):
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"helpers.site.{_MODULES[name]}"), name)
