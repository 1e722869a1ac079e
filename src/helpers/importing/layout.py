"""Find the table in the sheets of a file, and say what its rows and columns are."""

import itertools
import re
from dataclasses import dataclass, field
from decimal import Decimal

import pandas as pd

from helpers import units
from helpers.importing import headers, legacy, names, numbers
from helpers.importing.cells import Cell, Sheet, letter
from helpers.importing.headers import SATISFACTION, Meaning, words
from helpers.importing.refusal import Refused, WrongArgument, several

MOST_HEAD_ROWS = 5
FARTHEST_HEAD = 12
MOST_TEXTS = 5000  # that are looked at for an old encoding
MOST_NEAREST = 30  # rows for which the nearest names are sought
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


def find(sheets: list[Sheet], request: Request) -> Table:
    """Find the table of provinces and read it.

    Parameters
    ----------
    sheets : list of Sheet
        As `reading.read` gives them.
    request : Request

    Returns
    -------
    Table

    Raises
    ------
    Refused
        No table, several, or something in it that is not certain: each with its place.
    WrongArgument
        A sheet or a head that the request names is not there.
    """
    sheet = _choose(sheets, request)
    _refuse_old_encodings([sheet])
    unit_columns = _unit_columns(sheet, request.year)
    first = min(_named_rows(sheet, request.year)[unit_columns[0]])
    head = _head_rows(sheet, first, unit_columns[0])
    _check_title(sheet, head[0] if head else first, request)
    start = head[-1] + 1 if head else first
    columns = _columns(sheet, head, start, unit_columns, request)
    return _Reader(sheet, head, columns, unit_columns, request).read(start)


# --- which sheet ---------------------------------------------------------------------------


def _choose(sheets: list[Sheet], request: Request) -> Sheet:
    if request.sheet is not None:
        return _asked_for(sheets, request.sheet, request.year)
    counts = {id(sheet): _count(sheet, request.year) for sheet in sheets}
    seen = [sheet for sheet in sheets if not sheet.hidden]
    most = max((counts[id(sheet)] for sheet in seen), default=0)
    if most == 0:
        hidden = [sheet.name for sheet in sheets if sheet.hidden and counts[id(sheet)]]
        _refuse_none(sheets, hidden)
    holders = [sheet for sheet in seen if counts[id(sheet)] >= min(3, most)]
    if len(holders) > 1:
        listed = ", ".join(f'"{sheet.name}" ({counts[id(sheet)]})' for sheet in holders)
        raise Refused(
            f'Several sheets name provinces: {listed}. Choose one: --sheet "{holders[0].name}".'
        )
    return holders[0]


def _asked_for(sheets: list[Sheet], wanted: str, year: int) -> Sheet:
    for sheet in sheets:
        if sheet.name.strip().casefold() == wanted.strip().casefold():
            break
    else:
        if not (wanted.isdecimal() and 1 <= int(wanted) <= len(sheets)):
            listed = ", ".join(f'"{sheet.name}"' for sheet in sheets)
            raise WrongArgument(f'There is no sheet "{wanted}". The file has {listed}.')
        sheet = sheets[int(wanted) - 1]
    if not _count(sheet, year):
        _refuse_none([sheet], [])
    return sheet


def _refuse_none(sheets: list[Sheet], hidden: list[str]) -> None:
    _refuse_old_encodings(sheets)
    if hidden:
        raise Refused(
            f'Only a hidden sheet names provinces: "{hidden[0]}". If it is meant: '
            f'--sheet "{hidden[0]}".'
        )
    raise Refused(
        "No table of provinces: no cell is the name of a province. The names must be in one "
        "column, as text."
    )


def _refuse_old_encodings(sheets: list[Sheet]) -> None:
    cells = (cell for sheet in sheets for row in sheet.rows for cell in row)
    texts = dict.fromkeys(map(names.text_of, cells))
    for text in itertools.islice(texts, MOST_TEXTS):
        if encoding := legacy.encoding_of(text):
            raise Refused(legacy.advice(encoding))


def _count(sheet: Sheet, year: int) -> int:
    return max((len(rows) for rows in _named_rows(sheet, year).values()), default=0)


def _named_rows(sheet: Sheet, year: int) -> dict[int, dict[int, list[str]]]:
    """Rows of each column that name a province, with the provinces that each can be."""
    found: dict[int, dict[int, list[str]]] = {}
    for number, row in enumerate(sheet.rows):
        for column, cell in enumerate(row):
            if cell is not None and (units := names.named(names.text_of(cell), year)):
                found.setdefault(column, {})[number] = units
    return found


def _unit_columns(sheet: Sheet, year: int) -> list[int]:
    """Columns of names, the fullest first; the others must name the same unit in each row."""
    found = _named_rows(sheet, year)
    order = sorted(found, key=lambda column: (-len(found[column]), column))
    main, columns = order[0], [order[0]]
    for other in order[1:]:
        shared = set(found[main]) & set(found[other])
        apart = [
            row for row in sorted(shared) if not set(found[main][row]) & set(found[other][row])
        ]
        if apart or (not shared and len(found[other]) > 1):
            row = apart[0] if apart else min(found[other])
            raise Refused(
                f"Two columns name provinces, and not the same ones: {letter(main)} and "
                f"{letter(other)} ({sheet.place(row, other)}: "
                f'"{numbers.shown(sheet.cell(row, other))}"). Two tables side by side are not '
                "read; put each on a sheet of its own."
            )
        if shared:
            columns.append(other)
    return columns


# --- the head ------------------------------------------------------------------------------


def _filled(sheet: Sheet, row: int) -> list[str]:
    """Texts of a row of the head, a merged cell in every column that it covers."""
    texts = [_head_text(sheet.cell(row, column)) for column in range(sheet.width())]
    for top, left, bottom, right in sheet.merged:
        if top <= row <= bottom:
            text = _head_text(sheet.cell(top, left))
            for column in range(left, min(right + 1, len(texts))):
                texts[column] = text
    return texts


def _head_text(cell: Cell | None) -> str:
    if cell is None or cell.kind not in ("text", "number"):
        return ""
    text = " ".join(str(cell.value).split())
    # A row that numbers the columns: (1), (2), (3)=(1)+(2), A, B.
    return "" if re.fullmatch(r"\(?([0-9]{1,2}|[A-Za-z])\)?(\s*=.*)?", text) else text


def _head_rows(sheet: Sheet, first: int, unit_column: int) -> list[int]:
    """Rows of the head, from top to bottom.

    Between them and the first province may stand a row that numbers the columns, a heading or a
    mean; above them are titles, which stand over the column of names too.
    """
    found: list[int] = []
    for row in range(first - 1, max(-1, first - 1 - FARTHEST_HEAD), -1):
        if _is_head(_filled(sheet, row), unit_column):
            found.insert(0, row)
        elif found and any(sheet.rows[row]):
            break
        if len(found) == MOST_HEAD_ROWS or (found and not any(sheet.rows[row])):
            break
    return found


def _is_head(texts: list[str], unit_column: int) -> bool:
    if any(_is_figure(text) for text in texts):
        return False
    others = {text for column, text in enumerate(texts) if text and column != unit_column}
    over_names = texts[unit_column] if unit_column < len(texts) else ""
    if over_names and not headers.is_head_of_units(over_names):
        return False
    beside = {text for text in texts[unit_column + 1 :] if text} - {over_names}
    return bool(beside or others - {over_names}) and all(len(text) <= 160 for text in others)


def _is_figure(text: str) -> bool:
    return bool(text) and not re.fullmatch(r"20\d\d", text) and _is_number(Cell(text))


def _check_title(sheet: Sheet, top: int, request: Request) -> None:
    """Refuse a table whose title is of another year or of the other index alone."""
    lines = [" ".join(dict.fromkeys(filter(None, _filled(sheet, row)))) for row in range(top)]
    if wrong := _of_other(" ".join(lines), request):
        raise Refused(f"The title of the table says {wrong}. Give what it is of, or mend it.")


def _of_other(text: str, request: Request) -> str | None:
    """Say what a title names that was not asked for; None where it may be of what was."""
    # A day of signing ("ngày 24 tháng 6 năm 2021") is not the year of the results.
    title = re.sub(r"ngay \d+ thang \d+ nam 20\d\d|ngay \d+ \d+ 20\d\d", "", words(text))
    years = {int(year) for year in re.findall(r"\b(?:nam|index|sipas|cchc) (20\d\d)\b", title)}
    if years and request.year not in years:
        told = " and ".join(map(str, sorted(years)))
        return f"{told}, and --year is {request.year}"
    par = re.search(r"\b(par index|cchc|cai cach hanh chinh)\b", title)
    sipas = re.search(r"\b(sipas|hai long)\b", title)
    if (par or sipas) and not (par if request.index == "PAR" else sipas):
        other = "SIPAS" if sipas else "the PAR INDEX"
        return f"{other}, and --index is {request.index}"
    return None


def _paths(sheet: Sheet, head: list[int]) -> list[list[str]]:
    """Texts above each column, from top to bottom, each once."""
    rows = [_filled(sheet, row) for row in head]
    for upper, lower in itertools.pairwise(rows):
        _spread(upper, lower)
    paths = []
    for column in range(sheet.width()):
        texts = [row[column] for row in rows if column < len(row) and row[column]]
        paths.append(list(dict.fromkeys(texts)))
    return paths


def _spread(upper: list[str], lower: list[str]) -> None:
    """Let the title of a group stand over its columns, where merged cells were lost (CSV)."""
    for column in range(1, len(upper)):
        left = upper[column - 1]
        if not upper[column] and left and lower[column] and lower[column - 1]:
            upper[column] = left


def _columns(
    sheet: Sheet, head: list[int], start: int, unit_columns: list[int], request: Request
) -> list[Column]:
    paths = _paths(sheet, head)
    columns, used = [], set()
    for number, path in enumerate(paths):
        if number in unit_columns:
            continue
        told = _told(path, request.columns)
        used.add(told)
        if told is not None:
            columns.append(Column(number, path, request.columns[told]))
        elif any(sheet.cell(row, number) for row in range(start, len(sheet.rows))) or path:
            columns.append(Column(number, path, _meaning(path, request)))
    for head in request.columns:
        if head not in used:
            heads = ", ".join(f'"{column.head}"' for column in columns if column.path)
            raise WrongArgument(
                f'--column names a head "{head}" that the table does not have. It has {heads}.'
            )
    _check_once(sheet, columns, start)
    return columns


def _told(path: list[str], columns: dict[str, Meaning]) -> str | None:
    """Which of the heads that the user names is this one: its lowest text, or all of them."""
    for text in (" ".join(path), *reversed(path)):
        if words(text) in columns:
            return words(text)
    return None


def _meaning(path: list[str], request: Request) -> Meaning:
    found = headers.meaning(path, request.index)
    years = headers.years_in(path)
    if found.role == "figure" and years and years != {request.year}:
        if request.year in years:
            return Meaning("unknown")
        return Meaning("skip", part=f"of {min(years)}")
    return found


def _check_once(sheet: Sheet, columns: list[Column], start: int) -> None:
    """Refuse two columns of one figure, unless they say the same in every row."""
    seen: dict[Meaning, Column] = {}
    for column in columns:
        if column.meaning.role in ("skip", "unknown"):
            continue
        other = seen.setdefault(column.meaning, column)
        if other is column:
            continue
        if _say_the_same(sheet, other.number, column.number, start):
            column.meaning = Meaning("skip", part=f"the same as column {letter(other.number)}")
            continue
        raise Refused(
            f'Two columns are "{column.meaning}": {letter(other.number)} ("{other.head}") and '
            f'{letter(column.number)} ("{column.head}"). Say which is not to be taken: '
            f'--column "{column.head}=ignore".'
        )


def _say_the_same(sheet: Sheet, one: int, other: int, start: int) -> bool:
    try:
        return all(
            numbers.number(sheet.cell(row, one)) == numbers.number(sheet.cell(row, other))
            for row in range(start, len(sheet.rows))
        )
    except numbers.NotANumber:
        return False


# --- the rows ------------------------------------------------------------------------------


class _Reader:
    """Reads the rows below a head; ``problems`` collects what is wrong, each with its place."""

    def __init__(
        self,
        sheet: Sheet,
        head: list[int],
        columns: list[Column],
        unit_columns: list[int],
        request: Request,
    ):
        self.sheet, self.head = sheet, head
        self.columns, self.unit_columns = columns, unit_columns
        self.request = request
        self.known = set(units.provinces(request.year)["name"])
        self.problems: list[str] = []
        self.figures: list[dict] = []
        self.summaries: list[dict] = []
        self.units: dict[str, str] = {}
        self.left_out: list[str] = []
        self.other_years: dict[str, int] = {}

    def read(self, start: int) -> Table:
        self._settle_columns(start)
        rows = range(start, len(self.sheet.rows))
        last = max((row for row in rows if self._named(row)), default=start)
        for row in rows:
            self._read_row(row, row < last)
        self._check_merged(start, last)
        if self.problems:
            raise several(f"The table ({self.sheet.name}) cannot be taken:", self.problems)
        if not self.units:
            years = ", ".join(sorted(self.other_years))
            raise Refused(f"No row is of {self.request.year}; the table has {years}.")
        if not self.figures:
            raise Refused(f"The table ({self.sheet.name}) has rows of provinces and no figure.")
        self.left_out += [
            f"{count} rows of {year}" for year, count in sorted(self.other_years.items())
        ]
        return Table(
            self.sheet.name,
            self.columns,
            pd.DataFrame(self.figures, columns=["unit", "measure", "part", "value", "place"]),
            self.units,
            pd.DataFrame(self.summaries, columns=["text", "measure", "part", "value", "place"]),
            self.left_out,
        )

    # columns

    def _settle_columns(self, first: int) -> None:
        """Decide what only the cells can say, and refuse columns that nothing says."""
        for column in self.columns:
            cells = [
                cell
                for row in range(first, len(self.sheet.rows))
                if (cell := self.sheet.cell(row, column.number)) is not None
            ]
            if column.meaning == Meaning("figure", *SATISFACTION) and _are_per_cent(cells):
                column.meaning = Meaning("skip", part="the other index")
            if column.meaning.role == "unknown":
                self._settle_unknown(column, cells)
        if not self._of_role("figure"):
            heads = ", ".join(f'"{column.head}"' for column in self.columns if column.path)
            raise Refused(
                f"The table ({self.sheet.name}) has no column of {self.request.index} "
                f"{self.request.year} that is known. Its heads are {heads or 'missing'}. Say "
                'what one is: --column "Điểm=score".'
            )

    def _settle_unknown(self, column: Column, cells: list[Cell]) -> None:
        if not any(_is_number(cell) for cell in cells):
            column.meaning = Meaning("skip", part="text")
            return
        name = f'column {letter(column.number)} ("{column.head}")' if column.path else ""
        if not name:
            if _is_count(cells):
                column.meaning = Meaning("skip", part="number of the row")
                return
            raise Refused(
                f"The table ({self.sheet.name}): column {letter(column.number)} has figures and "
                "no head. Write one above it, or delete the column."
            )
        near = headers.nearest(column.path[-1], self.request.index)
        figure = near[0].rpartition(" = ")[2]
        raise Refused(
            f"The table ({self.sheet.name}): it is not known what {name} is. Nearest: "
            f"{', '.join(near)}. Say what it is, or leave it out: "
            f'--column "{column.path[-1]}={figure}" or "{column.path[-1]}=ignore".'
        )

    def _of_role(self, role: str) -> list[Column]:
        return [column for column in self.columns if column.meaning.role == role]

    # rows

    def _text(self, row: int) -> str:
        return names.text_of(self.sheet.cell(row, self.unit_columns[0]))

    def _named(self, row: int) -> list[str]:
        return names.named(self._text(row), self.request.year)

    def _read_row(self, row: int, inside: bool) -> None:
        if not any(self.sheet.rows[row]) or self._is_of_others(row):
            return
        text, found = self._text(row), self._named(row)
        if found:
            self._read_unit(row, text, found)
        elif names.is_summary(words(text)):
            self._read_summary(row, text)
        elif names.names_other(text):
            self.left_out.append(f'{self.sheet.labels[row]}: "{text.strip()}"')
        elif self._has_figures(row):
            self._refuse_row(row, text)
        elif inside and self._is_second_head(row):
            self.problems.append(
                f"{self.sheet.labels[row]} is a second head in the middle of the rows. Two tables "
                "on one sheet are not read; put each on a sheet of its own."
            )
        elif inside and (wrong := _of_other(" ".join(self._texts(row)), self.request)):
            self.problems.append(
                f"{self.sheet.labels[row]}, in the middle of the rows, says {wrong}. Two tables on "
                "one sheet are not read; put each on a sheet of its own."
            )

    def _texts(self, row: int) -> list[str]:
        return [_head_text(cell) for cell in self.sheet.rows[row]]

    def _is_of_others(self, row: int) -> bool:
        """Whether the row says that it is of another year, or of no province."""
        for column in self._of_role("year"):
            cell = self.sheet.cell(row, column.number)
            year = "" if cell is None else str(cell.value).strip().removesuffix(".0")
            if year != str(self.request.year):
                if re.fullmatch(r"20\d\d", year):
                    self.other_years[year] = self.other_years.get(year, 0) + 1
                elif self._named(row):
                    place = self.sheet.place(row, column.number)
                    self.problems.append(f'{place}: "{year}" is no year')
                return True
        for column in self._of_role("geo_system"):
            cell = self.sheet.cell(row, column.number)
            system = re.search(r"34|63", "" if cell is None else str(cell.value))
            if system and int(system[0]) != len(self.known):
                key = f"the {system[0]} units"
                self.other_years[key] = self.other_years.get(key, 0) + 1
                return True
        for column in self._of_role("unit_type"):
            text = words(names.text_of(self.sheet.cell(row, column.number)))
            if text and not re.fullmatch(r"provinc\w*|tinh|city|thanh pho|tinh thanh pho", text):
                return True
        return False

    def _read_unit(self, row: int, text: str, found: list[str]) -> None:
        place = self.sheet.place(row, self.unit_columns[0])
        unit = self._one_of(found, place, text, row)
        if unit is None:
            return
        if unit in self.units:
            self.problems.append(
                f"{unit} is there twice, {self.units[unit]} and {place}; a table has each "
                "province once, and two tables on one sheet are not read"
            )
            return
        if self._is_cut(row):
            self.problems.append(
                f"{self.sheet.labels[row]} ({unit}) has {len(self.sheet.rows[row])} fields, fewer "
                "than the head; is the file cut off there?"
            )
            return
        self.units[unit] = place
        for column in self._of_role("figure"):
            self._take(row, column, self.figures, {"unit": unit})

    def _is_cut(self, row: int) -> bool:
        """Whether a line of text ends before its last column, as that of a broken file does."""
        head = max((len(self.sheet.rows[number]) for number in self.head), default=0)
        return self.sheet.kind == "text" and len(self.sheet.rows[row]) < head

    def _one_of(self, found: list[str], place: str, text: str, row: int) -> str | None:
        # Another column of names or codes may tell two readings of a name apart.
        for column in self.unit_columns[1:]:
            other = names.named(names.text_of(self.sheet.cell(row, column)), self.request.year)
            found = [unit for unit in found if not other or unit in other]
        if len(found) != 1:
            self.problems.append(
                f'{place}: "{text.strip()}" fits {" and ".join(found) or "no province"}; write '
                "the name with its diacritics"
            )
            return None
        if found[0] not in self.known:
            self.problems.append(f"{place}: {_unknown(found[0], self.request.year)}")
            return None
        return found[0]

    def _read_summary(self, row: int, text: str) -> None:
        for column in self._of_role("figure"):
            before = len(self.problems)
            self._take(row, column, self.summaries, {"text": text.strip()})
            # A total row may hold anything in a column of ranks.
            if column.meaning.measure != "score":
                del self.problems[before:]
        self.left_out.append(f'{self.sheet.labels[row]}: "{text.strip()}" (checked, not taken)')

    def _take(self, row: int, column: Column, to: list[dict], who: dict) -> None:
        cell, place = self.sheet.cell(row, column.number), self.sheet.place(row, column.number)
        meaning = column.meaning
        whole = meaning.measure in ("rank", "part_rank")
        try:
            value = numbers.whole(cell) if whole else numbers.number(cell)
        except numbers.NotANumber as problem:
            self.problems.append(f"{place} ({meaning}) holds {problem}")
            return
        if value is not None:
            entry = {"measure": meaning.measure, "part": meaning.part, "value": Decimal(value)}
            to.append(who | entry | {"place": place})

    def _has_figures(self, row: int) -> bool:
        return any(
            cell is not None and _is_number(cell)
            for column in self._of_role("figure")
            if (cell := self.sheet.cell(row, column.number)) is not None
        )

    def _refuse_row(self, row: int, text: str) -> None:
        if self._is_repeated_head(row):
            return
        place = self.sheet.place(row, self.unit_columns[0])
        if not text.strip():
            self.problems.append(f"{place} is empty, but the row has figures; write whose they are")
            return
        if len(self.problems) < MOST_NEAREST:
            self.problems.append(f"{place}: {_unknown(text, self.request.year)}")
        else:
            self.problems.append(f'{place}: "{text.strip()}" is no name of a province')

    def _is_repeated_head(self, row: int) -> bool:
        if self.sheet.kind != "pdf":
            return False
        texts = {text for text in _filled(self.sheet, row) if text}
        above = {text for number in self.head for text in _filled(self.sheet, number)}
        return bool(texts) and texts <= above

    def _is_second_head(self, row: int) -> bool:
        if self._is_repeated_head(row):
            return False
        known = sum(
            headers.meaning([text], self.request.index).role == "figure"
            for text in dict.fromkeys(self._texts(row))
            if text and not headers.is_head_of_units(text)
        )
        return known >= 2 or bool(known and headers.is_head_of_units(self._text(row)))

    def _check_merged(self, first: int, last: int) -> None:
        figures = {column.number: column for column in self._of_role("figure")}
        for top, left, bottom, right in self.sheet.merged:
            if first <= top <= last and bottom > top and set(range(left, right + 1)) & set(figures):
                self.problems.append(
                    f"{self.sheet.place(top, left)} is merged over {bottom - top + 1} rows; give "
                    "each province its own figure"
                )


def _unknown(text: str, year: int) -> str:
    try:
        units.resolve(text, year=year)
    except units.UnknownUnit as error:
        return str(error)
    # A code alone is a number to a table: it may be the number of the row.
    return f'"{text.strip()}" is no name of a province'


def _is_number(cell: Cell) -> bool:
    """Whether a cell holds, or was meant to hold, a number."""
    if cell.kind != "text":
        return True
    return bool(re.match(r"\s*[-+−]?\d[\d.,\s\u00a0]*%?\s*$", str(cell.value)))


def _is_count(cells: list[Cell]) -> bool:
    """Whether the numbers of a column run 1, 2, 3, ... as those of rows do."""
    found = [str(cell.value).strip().rstrip(".") for cell in cells if _is_number(cell)]
    return found == [str(number + 1) for number in range(len(found))]


def _are_per_cent(cells: list[Cell]) -> bool:
    """Whether a column headed SIPAS holds the index and not its points in the PAR INDEX."""
    values = []
    for cell in cells:
        try:
            values.append(numbers.number(cell))
        except numbers.NotANumber:
            continue
    found = [value for value in values if value is not None]
    return bool(found) and min(found) > MOST_SATISFACTION_POINTS
