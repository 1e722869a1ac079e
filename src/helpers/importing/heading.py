"""The titles and the head of a table: which rows they are, and what each column holds."""

import itertools
import re

from helpers.importing import headers, numbers
from helpers.importing.cells import Cell, Sheet, letter
from helpers.importing.headers import Meaning, words
from helpers.importing.numbers import is_number
from helpers.importing.refusal import Refused, WrongArgument
from helpers.importing.shapes import Column, Request

MOST_HEAD_ROWS = 5
FARTHEST_HEAD = 12


def filled(sheet: Sheet, row: int) -> list[str]:
    """Texts of a row of the head, a merged cell in every column that it covers."""
    texts = [head_text(sheet.cell(row, column)) for column in range(sheet.width())]
    for top, left, bottom, right in sheet.merged:
        if top <= row <= bottom:
            text = head_text(sheet.cell(top, left))
            for column in range(left, min(right + 1, len(texts))):
                texts[column] = text
    return texts


def head_text(cell: Cell | None) -> str:
    """Text of a cell of the head, "" for one that only numbers its column."""
    if cell is None or cell.kind not in ("text", "number"):
        return ""
    text = " ".join(str(cell.value).split())
    # (1), (2), (3)=(1)+(2), A, B
    return "" if re.fullmatch(r"\(?([0-9]{1,2}|[A-Za-z])\)?(\s*=.*)?", text) else text


def head_rows(sheet: Sheet, first: int, unit_column: int) -> list[int]:
    """Rows of the head, from top to bottom.

    Between them and the first province may stand a row that numbers the columns, a heading or a
    mean; above them are titles, which stand over the column of names too.
    """
    found: list[int] = []
    for row in range(first - 1, max(-1, first - 1 - FARTHEST_HEAD), -1):
        if _is_head(filled(sheet, row), unit_column):
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
    return bool(text) and not re.fullmatch(r"20\d\d", text) and is_number(Cell(text))


def check_title(sheet: Sheet, top: int, request: Request) -> None:
    """Refuse (`Refused`) a table whose title is of another year or of the other index alone."""
    lines = [" ".join(dict.fromkeys(filter(None, filled(sheet, row)))) for row in range(top)]
    if wrong := of_other(" ".join(lines), request):
        raise Refused(f"The title of the table says {wrong}. Give what it is of, or mend it.")


def of_other(text: str, request: Request) -> str | None:
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
    rows = [filled(sheet, row) for row in head]
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


def columns_of(
    sheet: Sheet, head: list[int], start: int, unit_columns: list[int], request: Request
) -> list[Column]:
    """Say what each column holds, by what the user says of it, else by its head.

    Parameters
    ----------
    sheet : Sheet
    head : list of int
        Rows of the head, as `head_rows` gives them.
    start : int
        First row below it.
    unit_columns : list of int
        Columns of names, which are left out.
    request : Request

    Returns
    -------
    list of Column

    Raises
    ------
    WrongArgument
        The user names a head that is not there.
    Refused
        Two columns hold one figure and differ.
    """
    paths = _paths(sheet, head)
    columns: list[Column] = []
    used: set[str | None] = set()
    for number, path in enumerate(paths):
        if number in unit_columns:
            continue
        told = _told(path, request.columns)
        used.add(told)
        if told is not None:
            columns.append(Column(number, path, request.columns[told]))
        elif any(sheet.cell(row, number) for row in range(start, len(sheet.rows))) or path:
            columns.append(Column(number, path, _meaning(path, request)))
    for named in request.columns:
        if named not in used:
            heads = ", ".join(f'"{column.head}"' for column in columns if column.path)
            raise WrongArgument(
                f'--column names a head "{named}" that the table does not have. It has {heads}.'
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
