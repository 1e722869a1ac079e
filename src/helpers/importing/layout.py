"""Find the table in the sheets of a file, and read it."""

from helpers.importing.cells import Sheet
from helpers.importing.heading import check_title, columns_of, head_rows
from helpers.importing.rows import Reader
from helpers.importing.shapes import Request, Table
from helpers.importing.sheets import choose, named_rows, refuse_old_encodings, unit_columns_of


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
    sheet = choose(sheets, request)
    refuse_old_encodings([sheet])
    unit_columns = unit_columns_of(sheet, request.year)
    first = min(named_rows(sheet, request.year)[unit_columns[0]])
    head = head_rows(sheet, first, unit_columns[0])
    check_title(sheet, head[0] if head else first, request)
    start = head[-1] + 1 if head else first
    columns = columns_of(sheet, head, start, unit_columns, request)
    return Reader(sheet, head, columns, unit_columns, request).read(start)
