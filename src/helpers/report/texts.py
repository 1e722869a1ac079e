"""Texts in two languages side by side, their numbers written as the language writes them."""

import math
import re
import string
from collections.abc import Iterable, Mapping
from html import escape
from numbers import Real

from helpers import language, units, wording
from helpers.citations import Marks
from helpers.language import N_, _

Text = str | tuple[str, str]
Labels = Mapping  # from names in a frame (columns, groups, values) to a Text
SPEC = re.compile(r"(?P<sign>\+?)(?P<group>,?)(?:\.(?P<places>\d+)(?P<kind>[f%]))?")

# Names that many frames have; a notebook gives its own beside them.
NAMES = {
    "unit": N_("Province"),
    "region": N_("Region"),
    "year": N_("Year"),
    "score": N_("Score"),
    "rank": N_("Rank"),
    "index": N_("Index"),
    "cited": N_("Sources"),
    "n": "n",
    "r": "r",
    "PAR": "PAR INDEX",
    "SIPAS": "SIPAS (%)",
    "published": N_("published"),
    "derived": N_("derived"),
    "estimated": N_("estimated"),
    ("low", "high"): N_("Interval"),
    True: N_("yes"),
    False: N_("no"),
}


def text(vi: str, en: str, **numbers) -> str:
    """Write a text in the language in use, with its numbers.

    Parameters
    ----------
    vi, en : str
        The same text in both languages, with the same fields: ``{r:.2f}`` is 0,79 or 0.79,
        ``{change:+.1f}`` has its sign, ``{people:,}`` its thousands, ``{share:.0%}`` is per cent,
        and ``{year}`` is a whole number as it stands. NaN is a dash.
    **numbers
        What the fields stand for: numbers, texts, pairs (vi, en), or lists of names, which are
        joined as in a sentence.

    Raises
    ------
    ValueError
        A field has no value, or a number that is not whole has no decimals.

    Examples
    --------
    >>> text("Cả nước: {share:.1%}, {who}.", "Nation: {share:.1%}.", share=0.125, who=["A", "B"])
    'Cả nước: 12,5%, A và B.'
    """
    return in_language((vi, en), numbers)


def in_language(value: Text, numbers: Mapping | None = None) -> str:
    """Give a text, or the one of a pair that is in the language in use, with its numbers."""
    chosen = value if isinstance(value, str) else value[language.current() != "vi"]
    if not numbers:
        return chosen
    return _FIELDS.vformat(chosen, (), numbers)


def label(name, labels: Labels | None = None) -> str:
    """Name a column, a group or a value of a frame for readers, or else as it stands there.

    Parameters
    ----------
    name : hashable
    labels : mapping, optional
        From names in the frame to texts; the usual ones need not be in it.
    """
    for known in (labels or {}, NAMES):
        if name in known:
            found = known[name]
            return _(found) if known is NAMES else in_language(found)
    if isinstance(name, tuple):
        return "–".join(label(end, labels) for end in name)
    if isinstance(name, float):
        return str(int(name)) if name.is_integer() else wording.with_minus(name, 2)
    return wording.unit_name(units.display_name(str(name), "region"))


def as_html(numbers: Mapping) -> dict:
    """Values with the signs of HTML escaped, but for the marks of sources."""
    return {name: _escaped(value) for name, value in numbers.items()}


def _escaped(value):
    if isinstance(value, Marks | Real):
        return value
    if isinstance(value, str):
        return escape(value, quote=False)
    return type(value)(map(_escaped, value)) if isinstance(value, tuple | list) else value


class _Fields(string.Formatter):
    """Fields of texts: see `text`."""

    def get_value(self, key, args, kwargs):
        if key not in kwargs:
            raise ValueError(f"no value is given for {{{key}}}")
        return kwargs[key]

    def format_field(self, value, format_spec: str) -> str:
        if value is None or isinstance(value, Real):
            return number(None if value is None else float(value), format_spec)
        if isinstance(value, tuple) and len(value) == 2:
            return in_language(value)
        if isinstance(value, Iterable) and not isinstance(value, str):
            return wording.names([str(one) for one in value])
        return str(value)


_FIELDS = _Fields()


def number(value: float | None, spec: str = "") -> str:
    """Write a number by the format of a field; see `text`."""
    found = SPEC.fullmatch(spec)
    if found is None:
        raise ValueError(f"{spec!r} is no format of a number here: .2f, +.2f, .0% or , are")
    if value is None or math.isnan(value):
        return wording.MISSING
    if found["kind"] is None:
        if not value.is_integer():
            raise ValueError(f"say how many decimals {value} has: {{...:.2f}}")
        if found["sign"]:
            return wording.signed(value, 0)
        return wording.with_minus(value, 0) if found["group"] else f"{value:.0f}".replace("-", "−")
    scale, end = (100, "%") if found["kind"] == "%" else (1, "")
    write = wording.signed if found["sign"] else wording.with_minus
    return write(value * scale, int(found["places"])) + end
