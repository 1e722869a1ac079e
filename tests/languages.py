"""Reading what a reader sees: is it in one language, and do two languages show the same numbers.

Use it as ``vi, en = languages.both(lambda: exhibit(...))``, then ``languages.vietnamese_in(en)``
must be empty and ``languages.numbers(vi, "vi") == languages.numbers(en, "en")``.
"""

import re
import unicodedata
from calendar import month_name
from collections import Counter
from collections.abc import Callable, Iterable
from functools import lru_cache

from bs4 import BeautifulSoup

from helpers import citations, facts, language, units

# Đ, and the marks of decomposed letters: hooks, horns, breves, circumflexes and tones.
VIETNAMESE = re.compile("[đĐ\u0300-\u0303\u0306\u0309\u031b\u0323]")
TOLD_IN_ATTRIBUTES = ("aria-label", "title", "alt", "placeholder")
NUMBER = re.compile(r"\d+(?:[.,]\d+)*")
MONTHS = {name: str(number) for number, name in enumerate(month_name) if name}
DATE = re.compile(r"(?<=ngày )(\d\d)/(\d+)/(\d{4})")  # ngày 01/01/2025
MONTH = re.compile(rf"\b({'|'.join(MONTHS)})\b(?=,? \d)")


def both(make: Callable) -> tuple[str, str]:
    """Call `make` in Vietnamese and in English; give what it made as text that readers see."""
    found = []
    for lang in ("vi", "en"):
        with language.using(lang):
            found.append(seen(make()))
    return found[0], found[1]


def seen(piece) -> str:
    """Give the text of an exhibit (or HTML, or plain text) with its alternative texts.

    What is marked ``lang="vi"`` is a quotation or a name, and is left out.
    """
    html = piece if isinstance(piece, str) else piece._repr_html_()
    soup = BeautifulSoup(html, "html.parser")
    for element in soup.select("style, script, [lang=vi]:not(html, body)"):
        element.decompose()
    told = [soup.get_text(" ")]
    for name in TOLD_IN_ATTRIBUTES:
        told += [str(element[name]) for element in soup.select(f"[{name}]")]
    return " ".join(" ".join(told).split())


def vietnamese_in(text: str, names: Iterable[str] = ()) -> list[str]:
    """Words with Vietnamese letters that are no part of a name.

    Parameters
    ----------
    text : str
        As given by `seen`.
    names : iterable of str
        Names that may stand in the text, besides those of provinces and publishers.
    """
    # In one pass from the left: "Tây Ninh" beside "Bình Định" holds no "Ninh Bình".
    longest_first = sorted({*_names(), *names}, key=len, reverse=True)
    text = re.sub(rf"(?<!\w)(?:{'|'.join(map(re.escape, longest_first))})(?!\w)", " ", text)
    words = text.split()
    found = [word for word in words if VIETNAMESE.search(unicodedata.normalize("NFD", word))]
    return list(dict.fromkeys(found))


def numbers(text: str, lang: str) -> Counter:
    """Count the numbers of a text, written as in English; months are numbers too.

    Parameters
    ----------
    text : str
        As given by `seen`.
    lang : {"vi", "en"}
        Language of the text, which says what its commas and points are.
    """
    if lang == "en":
        text = MONTH.sub(lambda found: MONTHS[found[1]], text)
    else:
        text = DATE.sub(lambda found: "/".join(str(int(n)) for n in found.groups()), text)
        text = text.translate(str.maketrans(",.", ".,"))
    return Counter(number.replace(",", "") for number in NUMBER.findall(text))


@lru_cache
def _names() -> frozenset[str]:
    provinces = units.provinces()
    publishers = facts.sources()["publisher"]
    outlets = citations.outlets().values()
    return frozenset({*provinces["name"], *provinces["unit_2025"], *publishers, *outlets})
