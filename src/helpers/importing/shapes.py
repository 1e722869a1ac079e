"""What is asked of a file, and what was found in it."""

from dataclasses import dataclass, field

import pandas as pd

from helpers.importing.headers import Meaning

# SIPAS as points of the PAR INDEX is at most 12; the index itself has never been so low.
MOST_SATISFACTION_POINTS = 20


@dataclass(frozen=True)
class Request:
    """What the user asks for: ``columns`` maps the words of a head to its `Meaning`."""

    index: str
    year: int
    sheet: str | None = None
    columns: dict[str, Meaning] = field(default_factory=dict)


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
        Columns ``unit, measure, part, value (Decimal), place``, a row per figure.
    units : dict of str to str
        Where each unit's row is.
    summaries : DataFrame
        As ``figures`` but with ``text``, the head of the row, in the place of ``unit``.
    left_out : list of str
        What was seen and not taken.
    """

    sheet: str
    columns: list[Column]
    figures: pd.DataFrame
    units: dict[str, str]
    summaries: pd.DataFrame
    left_out: list[str]
