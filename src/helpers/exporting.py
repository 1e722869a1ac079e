"""Tables for colleagues who do not open notebooks, as CSV and XLSX.

A cell of text that a spreadsheet would take for a formula is written so that it does not; see
https://owasp.org/www-community/attacks/CSV_Injection. Numbers stay numbers.
"""

import io
import re

import pandas as pd
from openpyxl import Workbook
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Alignment, Font, NamedStyle, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from helpers import facts, units, wording
from helpers.completion import CompletedTables
from helpers.errors import CchcError
from helpers.language import N_, _

# What a spreadsheet may run, full-width forms among it; blanks before it do not stop it.
RUNS = re.compile(r"[\s\0]*[=+\-@\t\r\uff0b\uff0d\uff1d\uff20]")
# Where other separators than the comma are the custom, a cell may begin inside of a text.
WITHIN = re.compile(r"([;\t\r\n][\s\"]*)(?=[=@\uff1d\uff20]|[+\-\uff0b\uff0d](?!\d))")
NUMBER = re.compile(r"[-+]?\d+([.,]\d+)*%?")
LONGEST = 32_767  # letters that a cell of a workbook holds
SHEET_NAME = re.compile(r"[\[\]:*?/\\]")
WIDEST, NARROWEST = 60, 8
HEAD, WRAPPED = "head", Alignment(wrap_text=True, vertical="top")

_HEADS = {
    "code": N_("Code"),
    "unit": N_("Province"),
    "rank": N_("Rank"),
    "rank_kind": N_("Kind of rank"),
    "rank_50_low": N_("Rank, 50% interval from"),
    "rank_50_high": N_("Rank, 50% interval to"),
    "rank_90_low": N_("Rank, 90% interval from"),
    "rank_90_high": N_("Rank, 90% interval to"),
    "score": N_("Score"),
    "score_kind": N_("Kind of score"),
    "score_50_low": N_("Score, 50% interval from"),
    "score_50_high": N_("Score, 50% interval to"),
    "score_90_low": N_("Score, 90% interval from"),
    "score_90_high": N_("Score, 90% interval to"),
    "sources": N_("Sources"),
}


class CannotExport(CchcError):
    """A table does not go into a file of that kind."""


# --- tables --------------------------------------------------------------------------------


def completed(tables: CompletedTables, figures: pd.DataFrame) -> pd.DataFrame:
    """The completed table of one index and year for reading, best first.

    Parameters
    ----------
    tables : CompletedTables
        Of the provinces.
    figures : DataFrame
        As `helpers.facts.load` returns them.

    Returns
    -------
    DataFrame
        A row per province, its heads and kinds in the language in use: code, name, rank and score
        (points of 100, or per cent), each with its kind and with 50% and 90% intervals, which
        have no width where the figure is published or derived; ids of the sources of what is
        published. Medians over the draws; scores to two decimals.
    """
    found = tables.summary()
    codes = units.provinces(tables.year).set_index("name")["code"]
    scores = facts.scores(figures, tables.index, tables.year)
    cited = scores["score_sources"] + " " + scores["rank_sources"]
    table = found.assign(
        code=codes,
        unit=found.index,
        sources=cited.map(facts.join_sources).reindex(found.index).fillna(""),
    )
    for name in ("rank", "score"):
        table[f"{name}_kind"] = [wording.kind(kind) for kind in found[f"{name}_status"]]
        of_name = [column for column in found if column.startswith(name) and "status" not in column]
        table[of_name] = table[of_name].astype(int) if name == "rank" else table[of_name].round(2)
    return table[list(_HEADS)].rename(columns={key: _(head) for key, head in _HEADS.items()})


def notes(tables: CompletedTables) -> pd.DataFrame:
    """How to read `completed`, a sentence a row, in the language in use."""
    told = [
        _("{index} {year}: rank and score of {n} provinces.").format(
            index=wording.INDEX[tables.index], year=tables.year, n=len(tables.status)
        ),
        _("Published: stated in a source. Derived: follows from published figures."),
        _(
            "Estimated: the median of {draws} complete tables, all of which fit the "
            "published scores, ranks, means and counts. Tested on known figures, the 90% "
            "interval holds the true one about nine times in ten, less often where no rank "
            "of the year before or after is known either."
        ).format(draws=len(tables)),
        _("An estimate is not an official result and must not be quoted without its interval."),
        _("The ids of the sources are those of the sheet of sources in figures.xlsx."),
    ]
    return pd.DataFrame({_("How to read this table"): told})


# --- files ---------------------------------------------------------------------------------


def safe(text: str) -> str:
    """Give a text that no spreadsheet runs: with an apostrophe before what might be a formula.

    Examples
    --------
    >>> safe("=1+1"), safe("-1.20"), safe("Thanh Hóa")
    ("'=1+1", '-1.20', 'Thanh Hóa')
    """
    return f"'{text}" if _may_run(text) else text


def _may_run(text: str) -> bool:
    return bool(RUNS.match(text)) and not NUMBER.fullmatch(text)


def as_csv(table: pd.DataFrame) -> bytes:
    """Write a table as CSV: commas, decimal points, and text that no spreadsheet runs.

    Without its byte order mark Excel would read UTF-8 as the code page of the system.
    """
    plain = table.map(_safe_cell).rename(columns=lambda name: safe(str(name)))
    return plain.to_csv(index=False, lineterminator="\r\n").encode("utf-8-sig")


def _safe_cell(value):
    return WITHIN.sub(r"\1'", safe(value)) if isinstance(value, str) else value


def as_xlsx(sheets: dict[str, pd.DataFrame]) -> bytes:
    """Write tables as the sheets of a workbook, with text that no spreadsheet runs.

    Parameters
    ----------
    sheets : dict
        Table by name of its sheet.

    Raises
    ------
    CannotExport
        A text is longer than a cell holds, or a name is none for a sheet.
    """
    book = Workbook()
    book.remove(book.active)
    fill = PatternFill("solid", fgColor="E4E7EB")
    book.add_named_style(NamedStyle(HEAD, Font(bold=True), fill, alignment=WRAPPED))
    for name, table in sheets.items():
        if not 0 < len(name) <= 31 or SHEET_NAME.search(name):
            raise CannotExport(f"{name!r} cannot be the name of a sheet: at most 31 letters.")
        _fill(book.create_sheet(name), table)
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


def _fill(sheet: Worksheet, table: pd.DataFrame) -> None:
    for number, name in enumerate(table, 1):
        values = list(table[name])
        head = sheet.cell(1, number)
        head.style = HEAD  # first: it takes away that the cell is quoted
        _write(head, str(name))
        for row, value in enumerate(values, 2):
            _write(sheet.cell(row, number), value)
        longest = max((len(str(value)) for value in values), default=0)
        width = min(max(longest, NARROWEST, len(str(name)) // 2) + 2, WIDEST)
        sheet.column_dimensions[get_column_letter(number)].width = width
    sheet.freeze_panes = "A2"
    sheet.auto_filter.ref = sheet.dimensions
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.fitToHeight = 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = True
    sheet.print_title_rows = "1:1"


def _write(cell, value) -> None:
    if not isinstance(value, str):
        cell.value = None if pd.isna(value) else value
        if isinstance(value, float):
            cell.number_format = "0.00##"
        return
    text = ILLEGAL_CHARACTERS_RE.sub("", value)
    if len(text) > LONGEST:
        told = f"{cell.coordinate}: a text of {len(text):,} letters is more than a cell holds."
        raise CannotExport(told)
    cell.value = text
    cell.data_type = "s"  # otherwise "=..." is a formula
    if _may_run(text):
        cell.quotePrefix = True
    if len(text) > WIDEST:
        cell.alignment = WRAPPED
