"""Sheets of cells: what every kind of file is turned into before it is understood."""

import json
from dataclasses import dataclass, field
from typing import NamedTuple


class Cell(NamedTuple):
    """One cell that is not empty.

    ``kind`` is "text", "number", "percent" (a number whose format shows it times 100), "date",
    "flag", "error" (such as #REF!) or "formula" (one whose result the file does not hold).
    """

    value: str | float
    kind: str = "text"


@dataclass
class Sheet:
    """A sheet, or the tables of a PDF: rows of cells, None where a cell is empty.

    ``labels`` says where each row is in the file ("row 5", "page 2, row 5"), ``merged`` holds
    ranges as (top, left, bottom, right) from 0, and ``kind`` is "sheet", "text" or "pdf".
    """

    name: str
    rows: list[list[Cell | None]]
    labels: list[str]
    kind: str = "sheet"
    hidden: bool = False
    merged: list[tuple[int, int, int, int]] = field(default_factory=list)

    def cell(self, row: int, column: int) -> Cell | None:
        """Give the cell, None where it is empty or outside."""
        cells = self.rows[row]
        return cells[column] if column < len(cells) else None

    def width(self) -> int:
        """Count the columns up to the last cell that is not empty."""
        return max(map(len, self.rows), default=0)

    def place(self, row: int, column: int) -> str:
        """Say where a cell is: "cell C5" of a sheet, else row and column."""
        if self.kind == "sheet":
            return f"cell {letter(column)}{row + 1}"
        return f"{self.labels[row]}, column {column + 1}"


def letter(column: int) -> str:
    """Name a column, counted from 0, as spreadsheets do: A, B, ..., Z, AA."""
    name = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        name = chr(ord("A") + rest) + name
    return name


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
