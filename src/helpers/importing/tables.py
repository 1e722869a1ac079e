"""Find the table of provinces in a file: its sheet, its columns of names, its head."""

import contextlib
import itertools
import re
from collections import Counter
from dataclasses import dataclass

from helpers.importing import heads, names, numbers
from helpers.importing.heads import words
from helpers.importing.numbers import is_number
from helpers.importing.rows import Reader
from helpers.importing.shapes import (
    MOST_SATISFACTION_POINTS,
    Cell,
    Column,
    Meaning,
    Refused,
    Request,
    Sheet,
    Table,
    WrongArgument,
    letter,
    listed,
    measured,
)

MOST_LONG_TEXTS = 1000  # that are looked at for a name within them
MOST_HEAD_ROWS = 5
FARTHEST_HEAD = 12
TITLE_LINES = 12
_ABOVE_TABLE = 60  # rows in which a column that the user names has its head


@dataclass
class _Holder:
    """A sheet, with the rows of each of its columns that name a province."""

    sheet: Sheet
    columns: dict[int, dict[int, str]]

    def count(self) -> int:
        """Provinces in the column that names most."""
        return max(map(len, self.columns.values()), default=0)

    def units(self) -> list[str]:
        """Every province that is named, in the order of the columns."""
        return [unit for rows in self.columns.values() for unit in rows.values()]


def _holder(sheet: Sheet, year: int) -> _Holder:
    columns: dict[int, dict[int, str]] = {}
    for row, column, cell in sheet.cells():
        if unit := names.named(names.text_of(cell), year):
            columns.setdefault(column, {})[row] = unit
    return _Holder(sheet, columns)


def find(sheets: list[Sheet], request: Request, file: str = "") -> Table:
    """Find the table of provinces and read it.

    Parameters
    ----------
    sheets : list of Sheet
        As `reading.read` gives them.
    request : Request
    file : str
        Name of the file, which may say what index it is of.

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
    holder = _choose([_holder(sheet, request.year) for sheet in sheets], request)
    sheet = holder.sheet
    _refuse_transposed(holder)
    _refuse_old_encodings([sheet])
    unit_columns = _unit_columns(holder, request)
    named = holder.columns[unit_columns[0]]
    head, title = _above(sheet, unit_columns[0], min(named))
    named_index = _is_named(sheet, head, title, file, request)
    start = head[-1] + 1 if head else min(named)
    columns = _columns(sheet, head, start, unit_columns, request)
    _check_whole(heads.part_named(title, sheet.name, request.index), columns, request)
    table = Reader(sheet, head, columns, unit_columns, named, request).read(start)
    of_whole = [c for c in columns if c.meaning.measure in ("score", "rank")]
    table.named = named_index or any(heads.names_index(c.path, request.index) for c in of_whole)
    return table


# --- which sheet ---------------------------------------------------------------------------


def _choose(holders: list[_Holder], request: Request) -> _Holder:
    """Give the sheet that is asked for, or the only visible one that names provinces.

    Of several, the one whose title names the index is taken where those of all others name another.
    """
    if request.sheet is not None:
        return _asked_for(holders, request.sheet, request.year)
    seen = [one for one in holders if not one.sheet.hidden]
    most = max((one.count() for one in seen), default=0)
    if most == 0:
        _refuse_none(holders, request.year)
    several = [one for one in seen if one.count() >= min(3, most)]
    if len(several) > 1:
        says = [(one, _says(one)) for one in several]
        ours = [one for one, said in says if said == {request.index}]
        others = [one for one, said in says if said - {request.index}]
        if len(ours) != 1 or len(others) != len(several) - 1:
            told = ", ".join(f'"{one.sheet.name}" ({one.count()})' for one in several)
            first = several[0].sheet.name
            raise Refused(f'Several sheets name provinces: {told}. Choose one: --sheet "{first}".')
        several, seen = ours, [one for one in seen if one not in others]
    chosen, name = several[0], several[0].sheet.name
    own = set(chosen.units())
    for other in seen:
        if left_out := [unit for unit in other.units() if unit not in own]:
            raise Refused(
                f'"{other.sheet.name}" names {left_out[0]}, of which the table ("{name}") has no '
                f'row. If that is as it should be: --sheet "{name}".'
            )
    return chosen


def _says(holder: _Holder) -> set[str]:
    """Indices that a sheet's name and the lines above its table name."""
    column, rows = max(holder.columns.items(), key=lambda item: len(item[1]))
    _, title = _above(holder.sheet, column, min(rows))
    return heads.indices_named(f"{holder.sheet.name} {title}") & heads.INDICES


def _asked_for(holders: list[_Holder], wanted: str, year: int) -> _Holder:
    known = {str(number): one for number, one in enumerate(holders, 1)}
    known |= {one.sheet.name.strip().casefold(): one for one in holders}
    found = known.get(wanted.strip().casefold())
    if found is None:
        told = ", ".join(f'"{one.sheet.name}"' for one in holders)
        raise WrongArgument(f'There is no sheet "{wanted}". The file has {told}.')
    if not found.columns:
        _refuse_none([found], year)
    return found


def _refuse_none(holders: list[_Holder], year: int) -> None:
    sheets = [one.sheet for one in holders]
    _refuse_old_encodings(sheets)
    if hidden := [one.sheet.name for one in holders if one.columns]:
        raise Refused(
            f'Only a hidden sheet names provinces: "{hidden[0]}". If it is meant: '
            f'--sheet "{hidden[0]}".'
        )
    cells = ((sheet, *found) for sheet in sheets for found in sheet.cells())
    cells = (one for one in cells if names.text_of(one[-1]))
    within = [
        f'{sheet.place(row, column)} has {name} within "{numbers.shown(cell)}". '
        for sheet, row, column, cell in itertools.islice(cells, MOST_LONG_TEXTS)
        if (name := names.within(names.text_of(cell), year))
    ]
    raise Refused(
        "No table of provinces: no cell is the name of a province and nothing else. "
        f"{''.join(within[:1])}The names must be in a column of their own, as text."
    )


def _refuse_transposed(holder: _Holder) -> None:
    rows = Counter(row for named in holder.columns.values() for row in named)
    row, most = rows.most_common(1)[0]
    if most > max(2, holder.count()):
        raise Refused(
            f"The provinces stand side by side in {holder.sheet.labels[row]}: the table is "
            'transposed. Copy it in Excel, insert it by "Paste Special", "Transpose", and give '
            "that sheet."
        )


def _refuse_old_encodings(sheets: list[Sheet]) -> None:
    texts = [names.text_of(cell) for sheet in sheets for *_, cell in sheet.cells()]
    if encoding := names.encoding_of(dict.fromkeys(texts)):
        raise Refused(names.advice(encoding))


# --- which columns have the names ----------------------------------------------------------


def _unit_columns(holder: _Holder, request: Request) -> list[int]:
    """Columns of names, the fullest first; the others must name the same unit in each row."""
    sheet, without = holder.sheet, _ignored(holder.sheet, request)
    found = {at: rows for at, rows in holder.columns.items() if at not in without}
    if not found:
        raise WrongArgument("--column leaves out every column that names provinces.")
    main, *others = sorted(found, key=lambda column: (-len(found[column]), column))
    columns = [main]
    for other in others:
        shared = set(found[main]) & set(found[other])
        if not shared and len(found[other]) == 1:
            continue  # a name somewhere else on the sheet
        apart = [row for row, unit in found[other].items() if found[main].get(row, unit) != unit]
        if apart or not shared:
            row = min(apart or found[other])
            raise Refused(
                f"Two columns name provinces, and not the same ones: {letter(main)} and "
                f"{letter(other)} ({sheet.place(row, other)}: "
                f'"{numbers.shown(sheet.cell(row, other))}"). Former names are left out by '
                f'--column "{letter(other)}=ignore"; of two tables side by side put each on a '
                "sheet of its own."
            )
        columns.append(other)
    return columns


def _ignored(sheet: Sheet, request: Request) -> set[int]:
    """Columns that the user leaves out, by letter or by head."""
    keys = {key for key, meaning in request.columns.items() if meaning.role == "skip"}
    return {at for at in range(sheet.width()) if letter(at) in keys} | {
        column
        for row, column, cell in sheet.cells()
        if row < _ABOVE_TABLE and words(names.text_of(cell)) in keys - {""}
    }


# --- titles and the head -------------------------------------------------------------------


def _above(sheet: Sheet, unit_column: int, first: int) -> tuple[list[int], str]:
    """Rows of the head, from top to bottom, and the texts of the rows above it, the last ones.

    Between the head and the first province may stand a row that numbers the columns, a heading or
    a mean; above it are titles, which stand over the column of names too.
    """
    found: list[int] = []
    for row in range(first - 1, max(-1, first - 1 - FARTHEST_HEAD), -1):
        if _is_head(heads.filled(sheet, row), unit_column, bool(found)):
            found.insert(0, row)
        elif found and any(sheet.rows[row]):
            break
        if len(found) == MOST_HEAD_ROWS or (found and not any(sheet.rows[row])):
            break
    rows = (heads.filled(sheet, row) for row in range(found[0] if found else first))
    lines = filter(None, (" ".join(dict.fromkeys(filter(None, row))) for row in rows))
    return found, " ".join(list(lines)[-TITLE_LINES:])


def _is_head(texts: list[str], unit_column: int, below: bool) -> bool:
    if any(_is_figure(text) for text in texts):
        return False
    others = {text for column, text in enumerate(texts) if text and column != unit_column}
    over_names = texts[unit_column]
    if over_names and not heads.is_head_of_units(over_names):
        return False
    if below and len(others | {over_names} - {""}) == 1 and _is_title(*(others or {over_names})):
        return False
    beside = {text for text in texts[unit_column + 1 :] if text} - {over_names}
    # A single text left of the names, as "Nhóm A", is a heading of rows.
    headed = bool(beside) or (bool(over_names) and bool(others - {over_names}))
    return headed and all(len(text) <= 160 for text in others)


def _is_title(text: str) -> bool:
    """Whether a text that stands alone in its row is a title rather than the head of a group."""
    bare = words(text)
    return bool(len(text) > 60 or re.match(r"(bang|bieu|phu luc|table)\b", bare)) or bool(
        re.search(r"\bnam 20\d\d\b", bare) and heads.indices_named(text)
    )


def _is_figure(text: str) -> bool:
    return bool(text) and not re.fullmatch(r"20\d\d", text) and is_number(text)


def _check_whole(part: str | None, columns: list[Column], request: Request) -> None:
    """Refuse scores and ranks that may be of the part of the index that a title names."""
    said = set(request.columns.values())
    figures = [column for column in measured(columns) if column.meaning not in said]
    doubtful = [c for c in figures if not heads.names_index(c.path, request.index)]
    if not part or not doubtful or any(c.meaning.measure not in ("score", "rank") for c in figures):
        return
    of_part, of_whole = [], []
    for column in doubtful:
        meaning = heads.meaning([part, *column.path], request.index)
        figure = meaning if meaning.role == "figure" else "ignore"
        of_part.append(f'--column "{column.letter}={figure}"')
        of_whole.append(f'--column "{column.letter}={column.meaning}"')
    raise Refused(
        f'The title or the sheet says "{part}", so {listed(list(map(str, doubtful)))} may be of '
        f"that and not of the whole index. Say which: {' '.join(of_part)}, or {' '.join(of_whole)}."
    )


def _is_named(sheet: Sheet, head: list[int], title: str, file: str, request: Request) -> bool:
    """Whether the title, the sheet or the file says which index a table is of.

    Raises Refused where one of them is named after another, before any is after this one.
    """
    by_head = any(heads.names_index(heads.filled(sheet, row), request.index) for row in head)
    texts = {"title of the table": title, "name of the sheet": sheet.name, "name of the file": file}
    for what, text in texts.items():
        if wrong := heads.of_other(text, request, indices_only=by_head or text != title):
            raise Refused(f"The {what} says {wrong}. Give what it is of, or mend it.")
        if heads.indices_named(text) & heads.INDICES == {request.index}:
            return True
    return False


# --- what each column holds ----------------------------------------------------------------


def _paths(sheet: Sheet, head: list[int]) -> list[list[str]]:
    """Texts above each column, from top to bottom, each once."""
    rows = [heads.filled(sheet, row) for row in head]
    for upper, lower in itertools.pairwise(rows):
        # The title of a group stands over its columns, where merged cells were lost (CSV).
        for column in range(1, len(upper)):
            if not upper[column] and lower[column] and lower[column - 1]:
                upper[column] = upper[column - 1]
    columns = range(sheet.width())
    return [list(dict.fromkeys(row[at] for row in rows if row[at])) for at in columns]


def _columns(
    sheet: Sheet, head: list[int], start: int, unit_columns: list[int], request: Request
) -> list[Column]:
    """Say what each column but those of names holds: what the user says, or what its head does."""
    paths = _paths(sheet, head)
    used: dict[str, list[int]] = {}
    columns: list[Column] = []
    for number, path in enumerate(paths):
        if number in unit_columns:
            continue
        told = _told(number, path, request.columns)
        if told is not None:
            used.setdefault(told, []).append(number)
            columns.append(Column(number, path, request.columns[told]))
        elif path or any(sheet.column(number, start)):
            columns.append(Column(number, path, _meaning(path, request)))
    there = ", ".join(str(column) for column in columns if column.path) or "no heads"
    for named in request.columns:
        if named not in used:
            raise WrongArgument(
                f'--column names "{named}", which the table does not have. It has {there}.'
            )
        if len(used[named]) > 1:
            letters = " and ".join(map(letter, used[named]))
            raise WrongArgument(
                f'--column names a head "{named}" that columns {letters} have. Name one by its '
                f'letter: --column "{letter(used[named][-1])}=ignore".'
            )
    for column in columns:
        _settle(sheet, column, start, request.index)
    _check_once(sheet, columns, start)
    _check_ranked(columns, request.index)
    if not measured(columns):
        raise Refused(
            f"The table ({sheet.name}) has no column of {request.index} {request.year} that is "
            f'known. It has {there}. Say what one is: --column "Điểm=score".'
        )
    return columns


def _told(number: int, path: list[str], columns: dict[str, Meaning]) -> str | None:
    """What the user says that is of this column: its letter, its lowest text, or all of them."""
    texts = [" ".join(path), *reversed(path)]
    keys = [letter(number), *(key for text in texts for key in (words(text), text.strip()))]
    return next((key for key in keys if key in columns), None)


def _meaning(path: list[str], request: Request) -> Meaning:
    found = heads.meaning(path, request.index)
    years = heads.years_in(path)
    if found.role == "figure" and years and years != {request.year}:
        if request.year in years:
            return Meaning("unknown")
        return Meaning("skip", part=f"of {min(years)}")
    return found


def _settle(sheet: Sheet, column: Column, start: int, index: str) -> None:
    """Decide what only the cells of a column can say; refuse one of which nothing says it."""
    cells = list(filter(None, sheet.column(column.number, start)))
    if column.meaning == Meaning("figure", *heads.SATISFACTION) and _are_per_cent(cells):
        column.meaning = Meaning("skip", part="the other index")
    if column.meaning.role != "unknown":
        return
    if not any(map(is_number, cells)):
        column.meaning = Meaning("skip", part="text")
    elif column.path:
        head, near = column.path[-1], heads.nearest(column.path[-1], index)
        figure = near[0].rpartition(" = ")[2]
        raise Refused(
            f"The table ({sheet.name}): it is not known what column {column} is. Nearest: "
            f"{', '.join(near)}. Say what it is, or leave it out: "
            f'--column "{head}={figure}" or "{head}=ignore".'
        )
    elif _is_count(cells):
        column.meaning = Meaning("skip", part="number of the row")
    else:
        raise Refused(
            f"The table ({sheet.name}): column {column.letter} has figures and no head. "
            "Write one above it, or delete the column."
        )


def _is_count(cells: list[Cell]) -> bool:
    """Whether the numbers of a column run 1, 2, 3, ... as those of rows do."""
    found = [str(cell.value).strip().rstrip(".") for cell in cells if is_number(cell)]
    return found == [str(number + 1) for number in range(len(found))]


def _are_per_cent(cells: list[Cell]) -> bool:
    """Whether a column headed SIPAS holds the index and not its points in the PAR INDEX."""
    values = []
    for cell in cells:
        with contextlib.suppress(numbers.NotANumber):
            values.append(numbers.number(cell))
    found = [value for value in values if value is not None]
    return bool(found) and min(found) > MOST_SATISFACTION_POINTS


def _check_once(sheet: Sheet, columns: list[Column], start: int) -> None:
    """Refuse two columns of one figure, unless they say the same in every row."""
    seen: dict[Meaning, Column] = {}
    for column in columns:
        if column.meaning.role in ("skip", "unknown"):
            continue
        other = seen.setdefault(column.meaning, column)
        if other is column:
            continue
        with contextlib.suppress(numbers.NotANumber):
            first, second = (sheet.column(one.number, start) for one in (other, column))
            if list(map(numbers.number, first)) == list(map(numbers.number, second)):
                column.meaning = Meaning("skip", part=f"the same as column {other.letter}")
                continue
        raise Refused(
            f'Two columns are "{column.meaning}": {other} and {column}. Say which is not to be '
            f'taken: --column "{column.letter}=ignore".'
        )


def _check_ranked(columns: list[Column], index: str) -> None:
    """Refuse ranks of which neither a head nor scores beside them say what they rank."""
    others = [column for column in columns if "other index" in column.meaning.part]
    figures = {column.meaning.measure: column for column in measured(columns)}
    column = figures.get("rank")
    if column and others and "score" not in figures and not heads.names_index(column.path, index):
        raise Refused(
            f"Column {column} may rank {index} or what column {others[0]} holds. Write the index "
            f'into its head, or leave it out: --column "{column.letter}=ignore".'
        )
