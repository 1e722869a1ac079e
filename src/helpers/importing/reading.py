"""Turn a file of any kind into sheets of cells, in a process of its own, with limits.

``read`` starts ``python -m helpers.importing.reading FILE``, which writes the sheets as JSON, or
ends with status 3 and the reason. Its memory is limited, so that a file made to fill the machine
only ends this process. Windows has no such limit, and macOS does not take one; there the time limit
holds alone.
"""

import contextlib
import os
import subprocess
import sys
import zipfile
from codecs import BOM_UTF8
from pathlib import Path
from unicodedata import category

from helpers.importing.shapes import Cell, Refused, Sheet, from_json, to_json

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
_TOO_LARGE = (
    "Reading the file takes more than 1 GB of memory; a table of all provinces takes a few MB. "
    "Copy the table alone into a new workbook."
)
_INSTEAD = {"Cf": ""}  # marks of direction and the like, which stand within words


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
        raise Refused(
            f"{path.name}: reading it took more than {seconds:g} seconds. Copy the table alone "
            "into a new workbook."
        ) from None
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
        sys.stdout.buffer.write(to_json(sheets_of(Path(path))).encode())
    except Refused as refusal:
        sys.stdout.buffer.write(str(refusal).encode())
        return REFUSED
    except MemoryError:
        sys.stdout.buffer.write(_TOO_LARGE.encode())
        return REFUSED
    return 0


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
        raise Refused(_TOO_LARGE) from None
    # Readers meet a damaged file with errors of every type, and none of them is the user's.
    except Exception as error:
        told = f"{type(error).__name__}: {error}".splitlines()[0][:160]
        if "password" in told.lower() or "encrypted" in told.lower():
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


def _reader(kind: str):
    if kind == "text":
        from helpers.importing.texts import read_text

        return read_text
    if kind in ("pdf", "docx"):
        from helpers.importing import documents

        return getattr(documents, f"read_{kind}")
    from helpers.importing import workbooks

    return getattr(workbooks, f"read_{kind}")


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


# --- what kind of file it is, from its bytes: a name can say anything ----------------------

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_SAVE = "Open it in Excel or LibreOffice and save it as XLSX"
_PICTURE = (
    "The file is a picture of a table, which holds no figures to read. Type them into a sheet."
)
_PACKED = "The file is packed (gzip, RAR or 7-Zip). Unpack it and give the file inside."
# How files of other kinds begin, in small letters, and what is told of them.
_OTHERS = {
    b"\x89png": _PICTURE,
    b"\xff\xd8\xff": _PICTURE,
    b"ii*\0": _PICTURE,
    b"mm\0*": _PICTURE,
    b"\x1f\x8b": _PACKED,
    b"rar!": _PACKED,
    b"7z\xbc\xaf": _PACKED,
    b"{\\rtf": "The file is a text document (RTF). Open it in Word and save it as DOCX.",
    b"<": "The file is a web page or an XML spreadsheet of 2003 (HTML or XML), whatever its name "
    f"ends with. {_SAVE}; Excel warns of the ending, then opens it.",
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
        raise Refused(
            f"The file has {size / MB:,.0f} MB; a table of all provinces has less than 1 MB. "
            "Save the sheet with the table as a file of its own."
        )
    with path.open("rb") as file:
        start = file.read(2048)
    if start.startswith(b"PK"):
        return _packed_kind(path)
    if start.startswith(_OLE):
        return _ole_kind(path.read_bytes())
    if b"%PDF-" in start[:1024]:
        return "pdf"
    # A web page may begin with a mark or be in UTF-16.
    beginnings = (start.lower(), start.removeprefix(BOM_UTF8).replace(b"\0", b"").lstrip().lower())
    for sign, told in _OTHERS.items():
        if any(beginning.startswith(sign) for beginning in beginnings):
            raise Refused(told)
    return "text"


def _ole_kind(raw: bytes) -> str:
    # Names of the streams of the old Office container are in UTF-16.
    def has(name: str) -> bool:
        return name.encode("utf-16-le") in raw

    if has("EncryptedPackage"):
        raise Refused(f"The file is locked with a password. {_SAVE} or DOCX without a password.")
    if has("_VBA_PROJECT"):
        raise Refused(f"The workbook holds macros, which this project does not open. {_SAVE}.")
    if has("WordDocument"):
        raise Refused(
            "The file is a Word document of before 2007 (DOC). Open it in Word or LibreOffice and "
            "save it as DOCX."
        )
    if not (has("Workbook") or has("Book")):
        raise Refused("The file is of an old Office kind, but no workbook.")
    return "xls"


def _packed_kind(path: Path) -> str:
    with zipfile.ZipFile(path) as packed:
        members = packed.infolist()
        unpacked = sum(member.file_size for member in members)
        if unpacked > MOST_UNPACKED or len(members) > MOST_MEMBERS:
            raise Refused(
                f"The file unpacks to {unpacked / MB:,.0f} MB in {len(members)} parts; a table of "
                "all provinces has less than 1 MB. Copy the table into a new workbook."
            )
        names = {member.filename for member in members}
        if any(member.flag_bits & 1 for member in members):
            raise Refused("The file is locked with a password. Save it without one.")
        if any(name.lower().endswith("vbaproject.bin") for name in names):
            raise Refused(f"The file holds macros, which this project does not open. {_SAVE}.")
        for kind, member in _MEMBERS.items():
            if member in names:
                if b"http://purl.oclc.org/ooxml/" in packed.read(member):
                    raise Refused(
                        'The file is saved as "Strict Open XML". Open it in Excel or Word and save '
                        "it as an ordinary XLSX or DOCX."
                    )
                return kind
        if "mimetype" in names and b"opendocument.spreadsheet" in packed.read("mimetype"):
            return "ods"
        if "mimetype" in names and b"opendocument.text" in packed.read("mimetype"):
            raise Refused("The file is a text document (ODT). Save it as DOCX.")
    raise Refused("The file is a ZIP archive, but no workbook. Unpack it and give the file inside.")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
