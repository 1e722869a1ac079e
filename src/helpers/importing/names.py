"""Which unit a cell names."""

import re
from functools import lru_cache

from helpers import units
from helpers.importing.cells import Cell

_FOOTNOTE = re.compile(r"\s*(?:\*+|\(\s*(?:\d{1,2}|\*+)\s*\)|\[\d{1,2}\]|[¹²³⁴⁵⁶⁷⁸⁹]+)\s*$")
_NUMBERED = re.compile(r"^\s*\d{1,2}\s*[.)]\s*(?=\D)")
_SUMMARY = re.compile(
    r"\b(trung binh|binh quan|trung vi|cao nhat|thap nhat|lon nhat|nho nhat|tong|tong cong|"
    r"ca nuoc|toan quoc|average|mean|median|total|national|max|min|maximum|minimum|highest|"
    r"lowest|viet nam|vietnam)\b"
)
_MEAN = re.compile(r"\b(trung binh|binh quan|average|mean)\b")


def named(text: str, year: int) -> list[str]:
    """Units of a year that a text names: none, one, or several.

    Signs of footnotes and numbers before the name are left out. One of the 63 that another year
    does not have is given too, so that its row is not taken for a heading.
    """
    return list(_named(text, year))


@lru_cache(maxsize=100_000)
def _named(text: str, year: int) -> tuple[str, ...]:
    if len(text) > 60 or not any(map(str.isalpha, text)):
        return ()
    bare = _FOOTNOTE.sub("", text)
    for form in dict.fromkeys((text, bare, _NUMBERED.sub("", bare))):
        found = units.matching(form, year=year)
        if not found and not units.same_list(year, None):
            found = units.matching(form)
        if found:
            return tuple(found)
    return ()


def names_other(text: str) -> bool:
    """Whether a text names a region or a ministry."""
    return any(units.matching(text, unit_type) for unit_type in ("region", "ministry"))


def is_summary(words: str) -> bool:
    """Whether the words of a row's head (as `headers.words` gives) are of a mean or a total."""
    return bool(_SUMMARY.search(words))


def is_mean(words: str) -> bool:
    """Whether they are of a mean."""
    return bool(_MEAN.search(words))


def text_of(cell: Cell | None) -> str:
    """Text of a cell, "" for an empty one and for a number."""
    return str(cell.value) if cell is not None and cell.kind == "text" else ""
