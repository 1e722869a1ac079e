"""Write an import: its figures and its source, beside each other in data/imports/."""

import re
import unicodedata
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pandas as pd

from helpers import facts, validation
from helpers.importing.heads import words
from helpers.importing.numbers import plain
from helpers.importing.shapes import Refused

LONGEST_SLUG = 60
LONGEST_SOURCE = 300
# "Báo Thanh Hóa" and "12/QĐ-UBND", but "báo cáo" and "thông báo" are of any office.
_OF_OTHERS = re.compile(
    r"(?<!thong )\bbao\b(?! cao)|\b(tap chi|trang tin|dai phat thanh|"
    r"dai truyen hinh|vnexpress|qd ubnd)\b"
)


@dataclass(frozen=True)
class Files:
    """The two files of an import: their common name, and the bytes of each."""

    stem: str
    figures: bytes
    source: bytes

    def contents(self, folder: Path) -> list[tuple[Path, bytes]]:
        """Give what is to be written among the data files of a folder, in its order.

        The figures come last, and without them there is no import: stopped at any moment, this
        leaves all of it or nothing that counts.
        """
        path = facts.imports_dir(folder) / self.stem
        source = path.with_name(f"{self.stem}{validation.SOURCE_END}")
        return [(source, self.source), (path.with_name(f"{self.stem}.csv"), self.figures)]


def is_official(source: str) -> bool:
    """Whether a source is a decision of the ministry, by its number or its name.

    "Quyết định số 577/QĐ-BNV" and "Quyết định ..., Bộ Nội vụ" are; a newspaper that reports what
    the ministry announced or decided is not, nor is a decision of a province.
    """
    text = words(source)
    return not _OF_OTHERS.search(text) and bool(
        re.search(r"\bqd bnv\b", text)
        or (re.search(r"\bquyet dinh\b", text) and re.search(r"\bbo noi vu\b", text))
    )


def cleaned(source: str) -> str:
    """Give the name of a source as one line of text in form NFC.

    Raises
    ------
    Refused
        Nothing is left of it, or it is longer than a line can be.
    """
    text = unicodedata.normalize("NFC", source)
    text = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    # A spreadsheet runs a text that begins so.
    text = text.lstrip("=+-@ ")
    if not words(text):
        raise Refused('The source has no name: give one, such as --source "Báo Thanh Hóa".')
    if len(text) > LONGEST_SOURCE:
        raise Refused(f"The name of the source is longer than {LONGEST_SOURCE} letters.")
    return text


def files(figures: pd.DataFrame, index: str, year: int, source: str, official: bool, origin: str):
    """Make the two files of an import, without writing them.

    Parameters
    ----------
    figures : DataFrame
        As `shapes.Table` has them.
    index, year
        What they are of.
    source : str
        As `cleaned` gives it.
    official : bool
        Whether it is the ministry's own table.
    origin : str
        File and sheet that the figures were read from.

    Returns
    -------
    Files
    """
    slug = re.sub(r"[^a-z0-9]+", "-", words(source)).strip("-")[:LONGEST_SLUG].strip("-")
    stem = f"{index}-{year}-{slug}"
    table = figures.sort_values(["unit", "measure", "part"], kind="stable").assign(
        value=figures["value"].map(plain),
        unit_type="province",
        index=index,
        year=year,
        status="accepted",
        note="",
        sources=f"import-{stem}",
    )
    note = validation.OFFICIAL if official else "not an official annex"
    about = [f"import-{stem}", source, date_in(source), "", f"{note}; read from {origin}"]
    columns = validation.columns_of(validation.SOURCES)
    return Files(
        stem,
        _csv(table[validation.columns_of(validation.OBSERVATIONS)]),
        _csv(pd.DataFrame([about], columns=columns)),
    )


def date_in(source: str) -> str:
    """Give the day that a source names ("ngày 24/6/2021", "24 tháng 6 năm 2021") as 2021-06-24."""
    found = re.search(r"\b(\d{1,2})[/.-](\d{1,2})[/.-](20\d\d)\b", source) or re.search(
        r"\b(\d{1,2}) thang (\d{1,2}) nam (20\d\d)\b", words(source)
    )
    if not found:
        return ""
    day, month, year = found.groups()
    try:
        return date(int(year), int(month), int(day)).isoformat()
    except ValueError:
        return ""


def _csv(table: pd.DataFrame) -> bytes:
    return unicodedata.normalize("NFC", table.to_csv(index=False, lineterminator="\n")).encode()


def is_there(made: Files, folder: Path) -> bool:
    """Whether the same figures of the same source were taken already.

    Raises
    ------
    Refused
        Other figures of a source of this name were.
    """
    (source, _), (figures, content) = made.contents(folder)
    if not figures.exists():
        return False  # a source alone is what a stopped import leaves; it is written anew
    if source.exists() and figures.read_bytes() == content:
        return True
    raise Refused(
        f"{figures.name} is there already, with other figures of a source of this name. Nothing "
        f"is overwritten: to correct it, delete it and {source.name} in {figures.parent.name}/ and "
        "import again; a table from elsewhere needs another name with --source."
    )
