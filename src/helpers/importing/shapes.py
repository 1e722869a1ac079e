"""What the rooms of the import hand on: sheets of cells, requests, tables, refusals."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from openpyxl.utils import get_column_letter

from helpers.errors import CchcError

if TYPE_CHECKING:
    import pandas as pd  # the process that reads a file does without

# SIPAS as points of the PAR INDEX is at most 12; the index itself has never been so low.
MOST_SATISFACTION_POINTS = 20
# Beyond these no table of provinces reaches.
FARTHEST_ROW = 20_000
FARTHEST_COLUMN = 300


class Refused(CchcError):
    """The file, or what it says, cannot be taken; nothing was written."""


class WrongArgument(CchcError):
    """An option of the import does not fit the file or is not known."""


def several(head: str, messages: list[str], shown: int = 12) -> Refused:
    """Make one refusal out of many messages; those beyond ``shown`` are only counted."""
    lines = [f"  {message}" for message in messages[:shown]]
    more = len(messages) - shown
    lines += [f"  ... and {more} more"] if more > 0 else []
    return Refused("\n".join([head, *lines]))


def too_large(what: str) -> Refused:
    """Make a refusal of a file that is larger than any table of all provinces."""
    return Refused(
        f"The file is far larger than a table of all provinces: {what}. Copy the table alone into "
        "a new workbook."
    )


def listed(texts: list[str], shown: int = 8) -> str:
    """Write a list with commas; those beyond ``shown`` are only counted."""
    more = len(texts) - shown
    return ", ".join(texts[:shown]) + (f" and {more} more" if more > 0 else "")


# --- what a file holds ---------------------------------------------------------------------


class Cell(NamedTuple):
    """One cell that is not empty.

    ``kind`` is "text", "number", "percent" (a number whose format shows it times 100), "date",
    "flag", "error" (such as #REF!) or "formula" (one whose result the file does not hold).
    """

    value: str | float
    kind: str = "text"


@dataclass
class Sheet:
    """A sheet, or a table of a document with the lines around it: rows of cells, None if empty.

    ``labels`` says where each row is in the file ("row 5", "page 2, row 5"), ``merged`` holds
    ranges as (top, left, bottom, right) from 0, ``kind`` is "sheet", "text", "pdf" or "docx", and
    ``hidden_rows`` and ``hidden_columns`` are those that the file's own program does not show.
    """

    name: str
    rows: list[list[Cell | None]]
    labels: list[str]
    kind: str = "sheet"
    hidden: bool = False
    merged: list[tuple[int, int, int, int]] = field(default_factory=list)
    hidden_rows: list[int] = field(default_factory=list)
    hidden_columns: list[int] = field(default_factory=list)

    def cell(self, row: int, column: int) -> Cell | None:
        """Give the cell, None where it is empty or outside."""
        cells = self.rows[row]
        return cells[column] if column < len(cells) else None

    def cells(self) -> Iterator[tuple[int, int, Cell]]:
        """Give every cell that is not empty, with its row and column."""
        for number, row in enumerate(self.rows):
            yield from ((number, at, cell) for at, cell in enumerate(row) if cell is not None)

    def column(self, number: int, start: int) -> list[Cell | None]:
        """Give the cells of a column from a row on."""
        return [self.cell(row, number) for row in range(start, len(self.rows))]

    def width(self) -> int:
        """Count the columns up to the last cell that is not empty."""
        return max(map(len, self.rows), default=0)

    def add(self, below: Sheet) -> None:
        """Put the rows of another sheet below the last one."""
        top = len(self.rows)
        self.rows += below.rows
        self.labels += below.labels
        self.merged += [(a + top, b, c + top, d) for a, b, c, d in below.merged]
        self.hidden_rows += [row + top for row in below.hidden_rows]

    def place(self, row: int, column: int) -> str:
        """Say where a cell is: "cell C5" of a sheet, else row and column."""
        if self.kind == "sheet":
            return f"cell {letter(column)}{row + 1}"
        return f"{self.labels[row]}, column {letter(column)}"


def letter(column: int) -> str:
    """Name a column, counted from 0, as spreadsheets do: A, B, ..., Z, AA."""
    return get_column_letter(column + 1)


def to_json(sheets: list[Sheet]) -> str:
    """Write sheets for the process that asked for them; `from_json` reads them back."""
    return json.dumps([vars(sheet) for sheet in sheets])


def from_json(text: str) -> list[Sheet]:
    """Read what `to_json` wrote."""
    sheets = [Sheet(**entry) for entry in json.loads(text)]
    for sheet in sheets:
        sheet.rows = [[cell and Cell(*cell) for cell in row] for row in sheet.rows]
        sheet.merged = [(a, b, c, d) for a, b, c, d in sheet.merged]
    return sheets


# --- what is asked, and what was found -----------------------------------------------------


class Meaning(NamedTuple):
    """What a column holds.

    ``role`` is "figure", "year", "unit_type", "geo_system", "skip" (``part`` says what it is) or
    "unknown"; a figure has the ``measure`` and ``part`` of observations.csv.
    """

    role: str
    measure: str = ""
    part: str = ""

    def __str__(self) -> str:
        if self.role == "figure":
            return figure_name(self.measure, self.part)
        return self.part or self.role.replace("_", " ")


def figure_name(measure: str, part: str) -> str:
    """Write a figure as ``--column`` takes it: score, rank, appraisal, percent:steering."""
    return part if measure in ("points", "factor") else f"{measure}:{part}".rstrip(":")


@dataclass(frozen=True)
class Request:
    """What the user asks for.

    ``columns`` maps the words of a head, or the letter of a column, to its `Meaning`. ``confirmed``
    is that the user says which index a table is of that does not name any.
    """

    index: str
    year: int
    sheet: str | None = None
    columns: dict[str, Meaning] = field(default_factory=dict)
    confirmed: bool = False


@dataclass
class Column:
    """A column of the table: its number from 0, the texts of its head, and what it holds."""

    number: int
    path: list[str]
    meaning: Meaning

    @property
    def head(self) -> str:
        """Texts of the head from top to bottom as one text."""
        return " / ".join(self.path)

    @property
    def letter(self) -> str:
        """Its name in a spreadsheet."""
        return letter(self.number)

    def __str__(self) -> str:
        return f'{self.letter} ("{self.head}")'


def measured(columns: list[Column]) -> list[Column]:
    """Give the columns that hold figures."""
    return [column for column in columns if column.meaning.role == "figure"]


@dataclass
class Table:
    """What a file says.

    Attributes
    ----------
    sheet : str
        Name of the sheet, or the pages.
    columns : list of Column
        Every column but that of the names.
    figures : DataFrame
        Columns ``unit, kind, measure, part, value (Decimal), place, derivation``, a row per figure.
    units : dict of str to str
        Where each unit's row is.
    summaries : DataFrame
        As ``figures``, whose ``kind`` is "", with the head of the row as ``unit``, and "mean",
        "most" or "other" as its ``kind``.
    left_out : list of str
        What was seen and not taken.
    named : bool
        Whether its title, sheet, file or a head says which index it is of.
    """

    sheet: str
    columns: list[Column]
    figures: pd.DataFrame
    units: dict[str, str]
    summaries: pd.DataFrame
    left_out: list[str]
    named: bool = True
