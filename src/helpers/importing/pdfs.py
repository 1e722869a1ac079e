"""Read the ruled tables of a PDF whose text is text."""

import contextlib
import logging
from collections.abc import Iterator
from pathlib import Path
from typing import IO

import pdfplumber
from pdfplumber.utils.exceptions import PdfminerException

from helpers.importing.cells import Cell, Sheet
from helpers.importing.refusal import Refused

MOST_PAGES = 100


def read_pdf(path: Path) -> list[Sheet]:
    """Read the tables of all pages, one below the other where they have the same columns.

    Returns
    -------
    list of Sheet
        One for each run of tables with the same number of columns, named after its pages.

    Raises
    ------
    Refused
        A damaged file, a scan, text without a table of ruled lines, too many pages.
    """
    with _told_of_loss() as losses, path.open("rb") as file:
        tables, letters, pictures = _tables(file)
    if losses:
        raise Refused(
            "The PDF is damaged: a part of it cannot be unpacked, and figures may be missing."
        )
    if not letters:
        what = "pictures of paper (a scan)" if pictures else "drawings without text"
        raise Refused(
            f"The PDF holds {what}, not text, so there are no figures to read. Ask for the file "
            "it was made from, or type the table into a sheet."
        )
    if not tables:
        raise Refused(
            "The PDF has text but no table with ruled lines. Copy the table into a sheet."
        )
    return _joined(tables)


@contextlib.contextmanager
def _told_of_loss() -> Iterator[list[str]]:
    """Collect what pdfminer only logs where it goes on without a part of the file."""
    losses: list[str] = []

    def keep(record: logging.LogRecord) -> bool:
        if "Data-loss" in record.getMessage():
            losses.append(record.getMessage())
        return False

    handler = logging.Handler()
    handler.addFilter(keep)
    log = logging.getLogger("pdfminer")
    log.addHandler(handler)
    try:
        yield losses
    finally:
        log.removeHandler(handler)


def _tables(file: IO[bytes]) -> tuple[list[tuple[int, list]], int, int]:
    """Give every table with its page, and how many letters and pictures the pages have."""
    try:
        document = pdfplumber.open(file)
    except PdfminerException as error:
        # pdfplumber wraps the error of its own reader.
        if "Password" in type(error.args[0]).__name__:
            raise Refused("The PDF is locked with a password. Save it without one.") from error
        raise
    with document:
        pages = document.pages
        if len(pages) > MOST_PAGES:
            raise Refused(
                f"The PDF has {len(pages)} pages, and more than {MOST_PAGES} are not read. Save "
                "the pages of the table as a PDF of their own."
            )
        tables, letters, pictures = [], 0, 0
        for page in pages:
            letters += len(page.chars)
            pictures += len(page.images)
            tables += [(page.page_number, table) for table in page.extract_tables()]
            page.close()
    return tables, letters, pictures


def _joined(tables: list[tuple[int, list[list[str | None]]]]) -> list[Sheet]:
    sheets: list[Sheet] = []
    width, last = 0, -1
    for page, table in tables:
        if len(table[0]) != width or page not in (last, last + 1):
            sheets.append(Sheet(f"page {page}", [], [], kind="pdf"))
        width, last, sheet = len(table[0]), page, sheets[-1]
        for number, row in enumerate(table):
            sheet.rows.append([_cell(text) for text in row])
            sheet.labels.append(f"page {page}, row {number + 1}")
    return sheets


def _cell(text: str | None) -> Cell | None:
    # A cell is wrapped where its column is narrow; lines of one cell are one text.
    return Cell(" ".join(text.split())) if text and text.strip() else None
