"""Turn a file of any kind into sheets of cells, in a process of its own, with limits.

``read`` starts ``python -m helpers.importing.reading FILE``, which writes the sheets as JSON, or
ends with status 3 and the reason. Its memory is limited, so that a file made to fill the machine
only ends this process. Windows has no such limit, and macOS does not take one; there the time limit
holds alone.
"""

import contextlib
import importlib
import os
import subprocess
import sys
import zipfile
from codecs import BOM_UTF8
from pathlib import Path
from unicodedata import category

from helpers.importing.shapes import (
    FARTHEST_COLUMN,
    Cell,
    Refused,
    Sheet,
    from_json,
    to_json,
    too_large,
)

SECONDS = 25  # of the 30 that an import may take
MOST_MEMORY = 1024**3
REFUSED = 3
MB = 1024 * 1024
# The largest annex of a year has some thousand cells: below 1 MB in every format.
MOST_BYTES = 50 * MB
MOST_UNPACKED = 64 * MB
MOST_MEMBERS = 2000
# A public table of all units and years has a thousand rows; what is larger is no annex.
MOST_ROWS = 10_000
MOST_CELLS = 60_000
MOST_MERGED = 2000
_MUCH_MEMORY = "reading it takes more than 1 GB of memory"


def read(path: Path, seconds: float = SECONDS) -> list[Sheet]:
    """Read every sheet of an XLSX, XLS, XLSB, ODS, CSV or TSV file, every table of a DOCX or PDF.

    Parameters
    ----------
    path : Path
    seconds : float
        After this time the reader is stopped.

    Returns
    -------
    list of Sheet

    Raises
    ------
    Refused
        The file is of another kind, locked, damaged, or takes too much time or memory to read.
    """
    command = [sys.executable, "-P", "-m", "helpers.importing.reading", str(path.resolve())]
    # Many threads would each reserve memory, and the reader needs one.
    environment = os.environ | {"OPENBLAS_NUM_THREADS": "1", "PYTHONUTF8": "1"}
    try:
        done = subprocess.run(
            command, capture_output=True, timeout=seconds, env=environment, check=False
        )
    except subprocess.TimeoutExpired:
        large = too_large(f"reading it takes more than {seconds:g} seconds")
        raise Refused(f"{path.name}: {large}") from None
    told = done.stdout.decode("utf-8", "replace")
    if done.returncode == REFUSED:
        raise Refused(f"{path.name}: {told}")
    if done.returncode:
        raise Refused(
            f"{path.name}: the reader broke down on it (status {done.returncode}), as it does "
            "when memory runs out. Copy the table alone into a new workbook."
        )
    return from_json(told)


# --- in the process of its own -------------------------------------------------------------


def main(path: str) -> int:
    """Read the file and print its sheets; give the exit status."""
    _limit_memory()
    try:
        told, status = to_json(sheets_of(Path(path))), 0
    except Refused as refusal:
        told, status = str(refusal), REFUSED
    except MemoryError:
        told, status = str(too_large(_MUCH_MEMORY)), REFUSED
    sys.stdout.buffer.write(told.encode())
    return status


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
        sheets = _reader(kind)(path)
    except Refused:
        raise
    except MemoryError:
        raise too_large(_MUCH_MEMORY) from None
    # Readers meet a damaged file with errors of every type, and none of them is the user's.
    except Exception as error:
        told = f"{type(error).__name__}: {error}".splitlines()[0][:160]
        if "password" in told.lower() or "encrypted" in told.lower():
            raise Refused(_LOCKED) from error
        name = (kind or "workbook").upper()
        raise Refused(f"The file is damaged: it cannot be read as {name} ({told}).") from error
    for sheet in sheets:
        sheet.rows = [[cell and _printable(cell) for cell in row] for row in sheet.rows]
        while sheet.rows and not any(sheet.rows[-1]):
            sheet.rows.pop()
        del sheet.labels[len(sheet.rows) :]
    _check_amount(sheets)
    return sheets


def _reader(kind: str):
    # What only another kind needs stays unloaded: a process is made for each file.
    room = {"text": "texts", "pdf": "documents", "docx": "documents"}.get(kind, "workbooks")
    return getattr(importlib.import_module(f"helpers.importing.{room}"), f"read_{kind}")


def _check_amount(sheets: list[Sheet]) -> None:
    rows = sum(len(sheet.rows) for sheet in sheets)
    cells = sum(1 for sheet in sheets for _ in sheet.cells())
    merged = sum(len(sheet.merged) for sheet in sheets)
    width = max((sheet.width() for sheet in sheets), default=0)
    if rows > MOST_ROWS or cells > MOST_CELLS or merged > MOST_MERGED or width > FARTHEST_COLUMN:
        told = f"{cells:,} cells in {rows:,} rows and {width:,} columns, {merged:,} of them merged"
        raise too_large(told)


def _printable(cell: Cell) -> Cell | None:
    """Take out what a terminal would obey or not show; the soft hyphen is a letter of TCVN3."""
    if cell.kind != "text" or str(cell.value).isprintable():
        return cell
    # Marks of direction and the like (Cf) stand within words.
    text = "".join(
        char if char.isprintable() or char == "\u00ad" else " " * (category(char) != "Cf")
        for char in str(cell.value)
    )
    return Cell(text) if text.strip() else None


# --- what kind of file it is, from its bytes: a name can say anything ----------------------

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_SAVE = "Open it in Excel or LibreOffice and save it as XLSX"
_LOCKED = "The file is locked with a password. Save it without one."
_MACROS = f"The file holds macros, which this project does not open. {_SAVE}."
# How files of other kinds begin, in small letters, by what is told of them.
_OTHERS: dict[str, tuple[bytes, ...]] = {
    "The file is a picture, which holds no figures to read. Type them into a sheet.": (
        *(b"\x89png", b"\xff\xd8\xff", b"ii*\0", b"mm\0*"),
    ),
    "The file is packed. Unpack it and give the file inside.": (
        *(b"\x1f\x8b", b"rar!", b"7z\xbc\xaf"),
    ),
    "The file is a text document (RTF). Open it in Word and save it as DOCX.": (b"{\\rtf",),
    "The file is a web page or an XML spreadsheet of 2003 (HTML or XML), whatever its name ends "
    f"with. {_SAVE}; Excel warns of the ending, then opens it.": (b"<",),
}
# Streams of the old container of Office, and what is told of a file that has one.
_STREAMS = {
    "EncryptedPackage": _LOCKED,
    "_VBA_PROJECT": _MACROS,
    "WordDocument": "The file is a Word document of before 2007 (DOC). Open it in Word or "
    "LibreOffice and save it as DOCX.",
}
# What a packed file must hold to be of a kind.
_MEMBERS = {
    "xlsx": "xl/workbook.xml",
    "xlsb": "xl/workbook.bin",
    "docx": "word/document.xml",
}


def kind_of(path: Path) -> str:
    """Say how to read a file: "xlsx", "xls", "xlsb", "ods", "docx", "pdf" or "text".

    Raises
    ------
    Refused
        The file is empty, too large, locked, of another kind, or would unpack to too much.
    """
    size = path.stat().st_size
    if size == 0:
        raise Refused("The file is empty.")
    if size > MOST_BYTES:
        raise too_large(f"it has {size / MB:,.0f} MB")
    with path.open("rb") as file:
        start = file.read(2048)
    if start.startswith(b"PK"):
        return _packed_kind(path)
    if start.startswith(_OLE):
        return _ole_kind(path.read_bytes())
    if b"%PDF-" in start[:1024]:
        return "pdf"
    # A web page may begin with a mark or be in UTF-16.
    bare = start.removeprefix(BOM_UTF8).replace(b"\0", b"").lstrip()
    for told, signs in _OTHERS.items():
        if start.lower().startswith(signs) or bare.lower().startswith(signs):
            raise Refused(told)
    return "text"


def _ole_kind(raw: bytes) -> str:
    # Names of streams are in UTF-16.
    for name, told in _STREAMS.items():
        if name.encode("utf-16-le") in raw:
            raise Refused(told)
    if "Book".encode("utf-16-le") not in raw and "Workbook".encode("utf-16-le") not in raw:
        raise Refused(f"The file is of an old Office kind, but no workbook. {_SAVE}.")
    return "xls"


def _packed_kind(path: Path) -> str:
    with zipfile.ZipFile(path) as packed:
        members = packed.infolist()
        unpacked = sum(member.file_size for member in members)
        if unpacked > MOST_UNPACKED or len(members) > MOST_MEMBERS:
            raise too_large(f"it unpacks to {unpacked / MB:,.0f} MB in {len(members)} parts")
        names = {member.filename for member in members}
        if any(member.flag_bits & 1 for member in members):
            raise Refused(_LOCKED)
        if any(name.lower().endswith("vbaproject.bin") for name in names):
            raise Refused(_MACROS)
        for kind, member in _MEMBERS.items():
            if member in names:
                if b"http://purl.oclc.org/ooxml/" in packed.read(member):
                    raise Refused(
                        'The file is saved as "Strict Open XML". Open it in Excel or Word and save '
                        "it as an ordinary XLSX or DOCX."
                    )
                return kind
        told = packed.read("mimetype") if "mimetype" in names else b""
    if b"opendocument.spreadsheet" in told:
        return "ods"
    if b"opendocument.text" in told:
        raise Refused("The file is a text document (ODT). Save it as DOCX.")
    raise Refused("The file is a ZIP archive, but no workbook. Unpack it and give the file inside.")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
