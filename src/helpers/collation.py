"""Names in the order of the Vietnamese alphabet: a ă â b c d đ e ê ... , then by tone.

The rules are those of Unicode's locale data for Vietnamese (CLDR, ``collation/vi.xml``), laid over
the default order of the Unicode Collation Algorithm, as pyuca has it.
"""

from collections.abc import Iterable
from functools import lru_cache

from pyuca import Collator

# Letters of their own, each after the letter it is written with, in this order.
LETTERS = {"a": "\u0306\u0302", "e": "\u0302", "o": "\u0302\u031b", "u": "\u031b"}
# Huyền, hỏi, ngã, sắc, nặng: what tells words apart only where their letters are the same.
TONES = "\u0300\u0309\u0303\u0301\u0323"
# Above the weight of every letter, so that "ăn" comes after "ay" and before "b".
LAST = 0xFFF0
FIRST_TONE = 0x0100


def in_order(names: Iterable[str]) -> list[str]:
    """Put names in Vietnamese alphabetical order.

    Examples
    --------
    >>> in_order(["Đà Nẵng", "Cần Thơ", "Cao Bằng", "Điện Biên", "Cà Mau", "Đắk Lắk"])
    ['Cà Mau', 'Cao Bằng', 'Cần Thơ', 'Đà Nẵng', 'Đắk Lắk', 'Điện Biên']
    """
    return sorted(names, key=key)


def key(name: str) -> tuple[int, ...]:
    """Give what to sort a name by, as ``sorted(names, key=key)`` or a column of a table does."""
    return _collator().sort_key(name)


@lru_cache
def _collator() -> Collator:
    collator = Collator()
    table = collator.table
    for plain, marks in LETTERS.items():
        for letter in (plain, plain.upper()):
            [base] = table.find_prefix([ord(letter)])[1]
            for place, mark in enumerate(marks):
                after = [LAST + place, base[1], base[2]]
                table.add([ord(letter), ord(mark)], [base, after])
    for letter, plain in (("đ", "d"), ("Đ", "D")):
        [base] = table.find_prefix([ord(plain)])[1]
        table.add([ord(letter)], [base, [LAST, base[1], base[2]]])
    for place, mark in enumerate(TONES):
        table.add([ord(mark)], [[0, FIRST_TONE + place, 2]])
    return collator
