"""The rows of a table: whose they are, and their figures."""

import re
from collections import Counter
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property

import pandas as pd

from helpers import units, validation
from helpers.importing import heads, names, numbers
from helpers.importing.heads import filled, of_other, words
from helpers.importing.numbers import is_number
from helpers.importing.shapes import (
    Column,
    Refused,
    Request,
    Sheet,
    Table,
    listed,
    measured,
    several,
)

# Of a figure: whose, what, and where it stands; ``derivation`` is that of observations.csv.
FIGURE = ["unit", "kind", "measure", "part", "value", "place", "derivation"]
_PROVINCE = re.compile(r"provinc\w*|tinh|city|thanh pho|tinh thanh pho")
# How a title of another table begins.
_TITLE = re.compile(r"(bang|bieu|phu luc|table|ket qua|chi so)\b")


@dataclass
class Reader:
    """Reads the rows below a head.

    ``named`` holds the unit of each row that has a name; ``problems`` collects what is wrong, each
    with its place, and ``others`` counts the rows of other years.
    """

    sheet: Sheet
    head: list[int]
    columns: list[Column]
    unit_columns: list[int]
    named: dict[int, str]
    request: Request
    problems: list[str] = field(default_factory=list)
    figures: list[tuple] = field(default_factory=list)
    units: dict[str, str] = field(default_factory=dict)
    left_out: list[str] = field(default_factory=list)
    others: Counter[str] = field(default_factory=Counter)

    @cached_property
    def known(self) -> set[str]:
        """Names of all units of the year."""
        return set(units.provinces(self.request.year)["name"])

    @cached_property
    def measured(self) -> list[Column]:
        """Columns of figures."""
        return measured(self.columns)

    def read(self, start: int) -> Table:
        """Read the rows from one on; refuse the table with everything that is wrong in it."""
        rows = [row for row in self.named if row >= start]
        last = max(rows, default=start)
        for row in range(start, len(self.sheet.rows)):
            self._read_row(row, row < last)
        self._check_merged(start, last)
        self._tell_hidden(rows)
        self._check_numbering(rows)
        self._check_absent(start)
        if self.problems:
            raise several(f"The table ({self.sheet.name}) cannot be taken:", self.problems)
        if not self.units:
            years = ", ".join(sorted(self.others))
            raise Refused(f"No row is of {self.request.year}; the table has {years}.")
        found = pd.DataFrame(self.figures, columns=FIGURE)
        of_units = found["kind"] == ""
        if not of_units.any():
            raise Refused(f"The table ({self.sheet.name}) has rows of provinces and no figure.")
        self.left_out += [f"{count} rows of {year}" for year, count in sorted(self.others.items())]
        figures, told = _with_bounds(found[of_units], len(self.known))
        left_out = self.left_out + told
        name, summaries = self.sheet.name, found[~of_units]
        return Table(name, self.columns, figures, self.units, summaries, left_out)

    # rows

    def _text(self, row: int) -> str:
        """Text in the column of names, else the first text left of all figures."""
        first = min((column.number for column in self.measured), default=0)
        cells = [self.sheet.cell(row, self.unit_columns[0]), *self.sheet.rows[row][:first]]
        return next(filter(str.strip, map(names.text_of, cells)), "").strip()

    def _read_row(self, row: int, inside: bool) -> None:
        cells = self.sheet.rows[row]
        if not any(cells) or self._is_of_others(row) or heads.numbers_columns(cells):
            return
        text = self._text(row)
        if row in self.named:
            self._read_unit(row, self.named[row])
        elif self._is_repeated_head(row):
            return
        elif (kind := heads.summary_kind(text)) and self._has_figures(row):
            self._read_summary(row, text, kind)
        elif names.names_other(text):
            self.left_out.append(f'{self.sheet.labels[row]}: "{text}"')
        elif self._has_figures(row) or (inside and not any(map(names.text_of, cells))):
            self._refuse_row(row, text)
        elif inside:
            self._check_between(row)

    def _check_between(self, row: int) -> None:
        """Refuse a second head or a title between the provinces: a table may begin there."""
        told = " ".join(dict.fromkeys(filter(None, filled(self.sheet, row))))
        titled = _TITLE.match(words(told)) and "tiep theo" not in words(told)
        if titled or self._is_second_head(row) or of_other(told, self.request, indices_only=True):
            self.problems.append(
                f'{self.sheet.labels[row]}, in the middle of the rows, is "{told[:60]}": a second '
                "table seems to begin there. Put each on a sheet of its own."
            )

    def _is_of_others(self, row: int) -> bool:
        """Whether the row says that it is of another year, or of no province."""
        for column in self.columns:
            role, cell = column.meaning.role, self.sheet.cell(row, column.number)
            text = "" if cell is None else str(cell.value).strip().removesuffix(".0")
            if role == "year" and text != str(self.request.year):
                if re.fullmatch(r"20\d\d", text):
                    self.others[text] += 1
                elif row in self.named:
                    place = self.sheet.place(row, column.number)
                    self.problems.append(f'{place}: "{text}" is no year')
                return True
            system = re.search(r"34|63", text)
            if role == "geo_system" and system and int(system[0]) != len(self.known):
                self.others[f"the {system[0]} units"] += 1
                return True
            kind = words(text)
            if role == "unit_type" and kind and not _PROVINCE.fullmatch(kind):
                return True
        return False

    def _read_unit(self, row: int, unit: str) -> None:
        place = self.sheet.place(row, self.unit_columns[0])
        fields = [len(self.sheet.rows[number]) for number in (row, *self.head)]
        if unit not in self.known:
            self.problems.append(f"{place}: {_unknown(unit, self.request.year)}")
        elif unit in self.units:
            self.problems.append(
                f"{unit} is there twice, {self.units[unit]} and {place}; a table has each "
                "province once, and two tables on one sheet are not read"
            )
        elif self.sheet.kind == "text" and fields[0] < max(fields):
            self.problems.append(
                f"{self.sheet.labels[row]} ({unit}) has {fields[0]} fields, fewer than the head; "
                "is the file cut off there?"
            )
        else:
            self.units[unit] = place
            for column in self.measured:
                self._take(row, column, unit)

    def _read_summary(self, row: int, text: str, kind: str) -> None:
        for column in self.measured:
            self._take(row, column, text, kind)
        how = "not taken" if kind == "other" else "checked, not taken"
        self.left_out.append(f'{self.sheet.labels[row]}: "{text}" ({how})')

    def _take(self, row: int, column: Column, whose: str, kind: str = "") -> None:
        cell, place = self.sheet.cell(row, column.number), self.sheet.place(row, column.number)
        _, measure, part = column.meaning
        whole = measure in validation.RANK_MEASURES
        try:
            value = numbers.whole(cell) if whole else numbers.number(cell)
        except numbers.NotANumber as problem:
            # A row of totals may hold anything in a column of ranks.
            if measure == "score" or not kind:
                self.problems.append(f"{place} ({column.meaning}) holds {problem}")
            return
        if value is not None:
            self.figures.append((whose, kind, measure, part, Decimal(value), place, ""))

    def _has_figures(self, row: int) -> bool:
        cells = [self.sheet.cell(row, column.number) for column in self.measured]
        return any(map(is_number, filter(None, cells)))

    def _refuse_row(self, row: int, text: str) -> None:
        place = self.sheet.place(row, self.unit_columns[0])
        if not text:
            what = "figures" if self._has_figures(row) else "numbers"
            self.problems.append(f"{place} is empty, but the row has {what}; write whose they are")
        elif names.named(text, self.request.year):
            self.problems.append(f'{place} is empty; write "{text}" there, as other names')
        else:
            self.problems.append(f"{place}: {_unknown(text, self.request.year)}")

    def _is_repeated_head(self, row: int) -> bool:
        """Whether a row says nothing but the head again, as at the top of a page."""
        headed = {column.number for column in self.columns if column.path} | {*self.unit_columns}
        found = enumerate(filled(self.sheet, row))
        texts = {text for at, text in found if text and at in headed}
        above = {text for number in self.head for text in filled(self.sheet, number)}
        return bool(texts) and texts <= above

    def _is_second_head(self, row: int) -> bool:
        known = sum(
            heads.meaning([text], self.request.index).role == "figure"
            for text in dict.fromkeys(filled(self.sheet, row))
            if text and not heads.is_head_of_units(text)
        )
        return known >= 2 or bool(known and heads.is_head_of_units(self._text(row)))

    def _check_numbering(self, rows: list[int]) -> None:
        """Refuse a table of nearly all units that skips a number of its rows: one may be lost."""
        for column in self.columns:
            if column.meaning.part != "number of the row":
                continue
            cells = [self.sheet.cell(row, column.number) for row in rows]
            texts = [str(cell.value).strip().rstrip(".") for cell in cells if cell is not None]
            counts = {int(text) for text in texts if text.isdecimal()}
            skipped = sorted(set(range(1, max(counts, default=0))) - counts)
            if skipped and len(self.units) >= 0.9 * len(self.known):
                self.problems.append(
                    f"column {column.letter} numbers the rows up to {max(counts)} and "
                    f"skips {listed(list(map(str, skipped)))}; is a row lost there?"
                )

    def _check_absent(self, start: int) -> None:
        """Refuse a text that has a number and a province without a row: its row may be lost."""
        absent = {f" {words(unit)} ": unit for unit in sorted(self.known - set(self.units))}
        for row in sorted(set(range(start, len(self.sheet.rows))) - set(self.named)):
            for text in map(names.text_of, self.sheet.rows[row]):
                found = [unit for name, unit in absent.items() if name in f" {words(text)} "]
                if found and re.search(r"\d", re.sub(r"\b20\d\d\b", "", text)):
                    said, place = text.strip()[:60], self.sheet.labels[row]
                    self.problems.append(
                        f'{place} has "{said}", and {found[0]} has no row; give it one, '
                        "each figure in its cell, or delete the text"
                    )

    def _tell_hidden(self, rows: list[int]) -> None:
        """Tell of rows and columns that are taken, and that the file's own program hides."""
        hidden = [self.sheet.labels[row] for row in rows if row in self.sheet.hidden_rows]
        at = self.sheet.hidden_columns
        hidden += [f"column {column}" for column in self.measured if column.number in at]
        if hidden:
            self.left_out.append(f"Hidden in the file, and read all the same: {listed(hidden)}.")

    def _check_merged(self, first: int, last: int) -> None:
        figures = {column.number for column in self.measured}
        for top, left, bottom, right in self.sheet.merged:
            if first <= top <= last and bottom > top and figures & set(range(left, right + 1)):
                self.problems.append(
                    f"{self.sheet.place(top, left)} is merged over {bottom - top + 1} rows; give "
                    "each province its own figure"
                )


def _with_bounds(figures: pd.DataFrame, count: int) -> tuple[pd.DataFrame, list[str]]:
    """Put bounds in the place of shared ranks that no scores show to be ties, and tell of them.

    Of 5, 5, 7 the first two are ranked from 5 to 6: they share rank 5, or a 6 was typed as 5.
    """
    ranks, scores = (figures[figures["measure"] == what] for what in ("rank", "score"))
    score, taken = dict(zip(scores["unit"], scores["value"], strict=True)), set(ranks["value"])
    gone, bounds, told = [], [], []
    for tied in validation.unconfirmed_ties(list(ranks.itertuples()), list(scores.itertuples())):
        first = int(tied[0].value)
        last = first + len(tied) - 1
        differing = len({score[row.unit] for row in tied if row.unit in score}) > 1
        # Where scores differ or a rank below is taken too, one of them is a slip: see `judging`.
        if differing or last > count or taken & set(range(first + 1, last + 1)):
            continue
        shared = f"rank {first} is shared by {' and '.join(row.unit for row in tied)}"
        told.append(
            f"{shared}; without the same score beside each this may be a slip, so that each is "
            f"taken as ranked from {first} to {last}."
        )
        gone += [row.Index for row in tied]
        rows = ranks.loc[[row.Index for row in tied]].assign(derivation=f"{shared}, without scores")
        bounds.append(rows.assign(measure="rank_at_least"))
        bounds.append(rows.assign(measure="rank_at_most", value=Decimal(last)))
    return pd.concat([figures.drop(gone), *bounds], ignore_index=True), told


def _unknown(text: str, year: int) -> str:
    try:
        units.resolve(text, year=year)
    except units.UnknownUnit as error:
        return str(error)
    # A code alone is a number to a table: it may be the number of the row.
    return f'"{text}" is no name of a province'
