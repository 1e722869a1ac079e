"""The process that reads a file: ``python -m helpers.importing.child FILE``.

It writes the sheets as JSON, or ends with status 3 and the reason. Its memory is limited, so
that a file made to fill the machine only ends this process. Windows has no such limit, and macOS
does not take one; there the time limit of the parent holds alone.
"""

import contextlib
import sys
from pathlib import Path
from unicodedata import category

from helpers.importing.cells import Cell, Sheet, to_json
from helpers.importing.kinds import kind_of
from helpers.importing.refusal import Refused

MOST_MEMORY = 1024**3
REFUSED = 3
# A public table of all units and years has a thousand rows; what is larger is no annex.
MOST_ROWS = 10_000
MOST_CELLS = 60_000
MOST_MERGED = 2000
_INSTEAD = {"Cf": ""}  # marks of direction and the like, which stand within words
_TOO_LARGE = (
    "Reading the file takes more than 1 GB of memory; a table of all provinces takes a few MB. "
    "Copy the table alone into a new workbook."
)


def sheets_of(path: Path) -> list[Sheet]:
    """Read a file of any kind that is known.

    Raises
    ------
    Refused
        Its message says why the file cannot be read, and what to do.
    """
    kind = None
    try:
        kind = kind_of(path)
        if kind == "text":
            from helpers.importing.texts import read_text as read
        elif kind == "pdf":
            from helpers.importing.pdfs import read_pdf as read
        else:
            from helpers.importing import workbooks

            read = getattr(workbooks, f"read_{kind}")
        sheets = read(path)
    except Refused:
        raise
    except MemoryError:
        raise Refused(_TOO_LARGE) from None
    # Readers meet a damaged file with errors of every type, and none of them is the user's.
    except Exception as error:
        told = f"{type(error).__name__}: {error}".splitlines()[0][:160]
        if "password" in told.lower():
            raise Refused("The file is locked with a password. Save it without one.") from error
        name = (kind or "workbook").upper()
        raise Refused(f"The file is damaged: it cannot be read as {name} ({told}).") from error
    for sheet in sheets:
        sheet.rows = [[cell and _printable(cell) for cell in row] for row in sheet.rows]
        while sheet.rows and not any(sheet.rows[-1]):
            sheet.rows.pop()
        del sheet.labels[len(sheet.rows) :]
    _check_amount(sheets)
    return sheets


def _check_amount(sheets: list[Sheet]) -> None:
    rows = sum(len(sheet.rows) for sheet in sheets)
    cells = sum(cell is not None for sheet in sheets for row in sheet.rows for cell in row)
    merged = sum(len(sheet.merged) for sheet in sheets)
    if rows > MOST_ROWS or cells > MOST_CELLS or merged > MOST_MERGED:
        raise Refused(
            f"The file has {cells:,} cells in {rows:,} rows, {merged:,} of them merged; a table of "
            "all provinces is far smaller. Copy the table alone into a new workbook."
        )


def _printable(cell: Cell) -> Cell | None:
    """Take out what a terminal would obey or not show; the soft hyphen is a letter of TCVN3."""
    if cell.kind != "text" or str(cell.value).isprintable():
        return cell
    text = "".join(
        char if char.isprintable() or char == "\u00ad" else _INSTEAD.get(category(char), " ")
        for char in str(cell.value)
    )
    return Cell(text) if text.strip() else None


def _limit_memory() -> None:
    try:
        import resource
    except ImportError:  # Windows
        return
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    most = MOST_MEMORY if hard == resource.RLIM_INFINITY else min(MOST_MEMORY, hard)
    # macOS refuses a limit below the addresses that every process has reserved there.
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_AS, (most, hard))


def main(path: str) -> int:
    """Read the file and print its sheets; give the exit status."""
    _limit_memory()
    try:
        sys.stdout.buffer.write(to_json(sheets_of(Path(path))).encode())
    except Refused as refusal:
        sys.stdout.buffer.write(str(refusal).encode())
        return REFUSED
    except MemoryError:
        sys.stdout.buffer.write(_TOO_LARGE.encode())
        return REFUSED
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
