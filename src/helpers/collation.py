"""Names in the order of the Vietnamese alphabet: a ă â b c d đ e ê ... , then by tone."""

import re
import unicodedata
from collections.abc import Iterable

ALPHABET = " -aăâbcdđeêfghijklmnoôơpqrstuưvwxyz"
# Huyền, hỏi, ngã, sắc, nặng: what tells words apart only where their letters are the same.
TONES = "\u0300\u0309\u0303\u0301\u0323"


def in_order(names: Iterable[str]) -> list[str]:
    """Put names in Vietnamese alphabetical order.

    Examples
    --------
    >>> in_order(["Đà Nẵng", "Cần Thơ", "Cao Bằng", "Điện Biên", "Cà Mau", "Đắk Lắk"])
    ['Cà Mau', 'Cao Bằng', 'Cần Thơ', 'Đà Nẵng', 'Đắk Lắk', 'Điện Biên']
    """
    return sorted(names, key=key)


def key(name: str) -> tuple[list[int], list[int]]:
    """Give what to sort a name by, as ``sorted(names, key=key)`` or a column of a table does."""
    composed = unicodedata.normalize("NFC", name)
    letters = [unicodedata.normalize("NFD", letter) for letter in composed]
    tones = [max(map(TONES.find, signs)) for signs in letters]
    bare = [unicodedata.normalize("NFC", re.sub(f"[{TONES}]", "", signs)) for signs in letters]
    return [ALPHABET.find(letter.lower()) for letter in bare], tones
