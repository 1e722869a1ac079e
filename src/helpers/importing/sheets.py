"""Which sheet of a file has the table, and which of its columns the names."""

import itertools

from helpers.importing import legacy, names, numbers
from helpers.importing.cells import Sheet, letter
from helpers.importing.refusal import Refused, WrongArgument
from helpers.importing.shapes import Request

MOST_TEXTS = 5000  # that are looked at for an old encoding


def choose(sheets: list[Sheet], request: Request) -> Sheet:
    """Give the sheet that is asked for, or the only visible one that names provinces.

    Raises
    ------
    Refused
        No sheet names provinces, several do, or only a hidden one.
    WrongArgument
        There is no sheet of the name or number asked for.
    """
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
    refuse_old_encodings(sheets)
    if hidden:
        raise Refused(
            f'Only a hidden sheet names provinces: "{hidden[0]}". If it is meant: '
            f'--sheet "{hidden[0]}".'
        )
    raise Refused(
        "No table of provinces: no cell is the name of a province. The names must be in one "
        "column, as text."
    )


def refuse_old_encodings(sheets: list[Sheet]) -> None:
    """Refuse (`Refused`) sheets with a name of a province in TCVN3 or VNI."""
    cells = (cell for sheet in sheets for row in sheet.rows for cell in row)
    texts = dict.fromkeys(map(names.text_of, cells))
    for text in itertools.islice(texts, MOST_TEXTS):
        if encoding := legacy.encoding_of(text):
            raise Refused(legacy.advice(encoding))


def _count(sheet: Sheet, year: int) -> int:
    return max((len(rows) for rows in named_rows(sheet, year).values()), default=0)


def named_rows(sheet: Sheet, year: int) -> dict[int, dict[int, list[str]]]:
    """Rows of each column that name a province, with the provinces that each can be."""
    found: dict[int, dict[int, list[str]]] = {}
    for number, row in enumerate(sheet.rows):
        for column, cell in enumerate(row):
            if cell is not None and (units := names.named(names.text_of(cell), year)):
                found.setdefault(column, {})[number] = units
    return found


def unit_columns_of(sheet: Sheet, year: int) -> list[int]:
    """Columns of names, the fullest first; the others must name the same unit in each row.

    Raises
    ------
    Refused
        Two columns name different units: two tables side by side.
    """
    found = named_rows(sheet, year)
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
