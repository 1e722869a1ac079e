"""Which unit a cell names, and whether texts are in an encoding of before Unicode.

Text in the font encodings TCVN3 (ABC) and VNI is other letters that a font such as .VnTime draws as
Vietnamese: "Hµ Néi" for Hà Nội.
"""

import re
from collections.abc import Iterable
from functools import lru_cache

from helpers import units
from helpers.importing.shapes import Cell

_FOOTNOTE = re.compile(r"\s*(?:\*+|\(\s*(?:\d{1,2}|\*+)\s*\)|\[\d{1,2}\]|[¹²³⁴⁵⁶⁷⁸⁹]+)\s*$")
_NUMBERED = re.compile(r"^\s*\d{1,2}\s*[.)]\s*(?=\D)")


@lru_cache(maxsize=100_000)
def named(text: str, year: int) -> str | None:
    """Give the unit of a year that a text names.

    Signs of footnotes and numbers before the name are left out. One of the 63 that another year
    does not have is given too, so that its row is not taken for a heading.
    """
    if len(text) > 60 or not any(map(str.isalpha, text)):
        return None
    bare = _FOOTNOTE.sub("", text)
    for form in dict.fromkeys((text, bare, _NUMBERED.sub("", bare))):
        if found := units.find(form, year=year) or units.find(form):
            return found
    return None


def within(text: str, year: int) -> str | None:
    """Give a name of a province that a longer text has in it, as the text writes it."""
    tokens = text.split()[:15]
    for length in (4, 3, 2, 1):
        for start in range(len(tokens) - length + 1):
            part = " ".join(tokens[start : start + length]).strip(".,;:()")
            if named(part, year):
                return part
    return None


def names_other(text: str) -> bool:
    """Whether a text names a region or a ministry."""
    return any(units.find(text, unit_type) for unit_type in ("region", "ministry"))


def text_of(cell: Cell | None) -> str:
    """Text of a cell, "" for an empty one and for a number."""
    return str(cell.value) if cell is not None and cell.kind == "text" else ""


# --- encodings of before Unicode, and text that was read on the wrong page -----------------

# What such texts have, and no Vietnamese in Unicode: signs within a word, vowels with marks behind.
_OLD = {
    "UTF-8": re.compile("á[º»]|Ã[\u00a0-\u00bf ]|Ä[\u0090\u2018\u0192]|Æ[°¡]"),
    "TCVN3": re.compile("[A-Za-zÀ-ÿ][µ¶\u00b8½¾®¨©«¬]|[§®][\\wµ¶\u00b8½¾]"),
    "VNI Windows": re.compile("[aeouy][øûïäåüë]|ñ", re.IGNORECASE),
}
_OF_UNICODE = re.compile("[\u1e00-\u1eff]")
_FONTS = {"TCVN3": ".VnTime", "VNI Windows": "VNI-Times"}


def encoding_of(texts: Iterable[str]) -> str | None:
    """Name the old encoding of most of the texts that have other letters than English ones.

    Figures beside such texts could be taken, but none of the names is one of a province.
    """
    foreign = [text for text in texts if not text.isascii()]
    unicode = sum(bool(_OF_UNICODE.search(text)) for text in foreign)
    counts = {name: sum(bool(sign.search(t)) for t in foreign) for name, sign in _OLD.items()}
    found = max(counts, key=lambda name: counts[name])
    return found if counts[found] > max(1, unicode) else None


def advice(encoding: str) -> str:
    """Say what to do with a file whose texts are in such an encoding."""
    if encoding not in _FONTS:
        return (
            "The text is UTF-8 that a program read as Windows-1252 (Hà Nội became HÃ\u00a0 Ná»™i). "
            "Open the file that it came from anew, as UTF-8, and save it as XLSX."
        )
    return (
        f"The text is in {encoding}, an encoding of before Unicode (fonts such as "
        f'{_FONTS[encoding]}). Convert it first: in Unikey, "Công cụ" (Ctrl+Shift+F6), from '
        f'{encoding} to Unicode; then save the file as XLSX or as "CSV UTF-8".'
    )
