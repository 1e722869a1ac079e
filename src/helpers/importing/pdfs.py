"""Read the ruled tables of a PDF whose text is text."""

from pathlib import Path

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
    """
    try:
        document = pdfplumber.open(path)
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


def _joined(tables: list[tuple[int, list[list[str | None]]]]) -> list[Sheet]:
    sheets: list[Sheet] = []
    width = last = None
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
