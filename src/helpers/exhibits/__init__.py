"""Charts and tables of the notebooks, each with its title, unit and sources: one call, one exhibit.

The statistics come from the floors below, the drawing from ``charts``, the typesetting from
``tables`` and the words from ``wording``; an exhibit puts them together. Where nothing is
published to show, it says so in a sentence instead of showing an empty frame.
"""
