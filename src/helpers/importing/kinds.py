"""What kind of file it is, from its bytes: a name can say anything."""

import zipfile
from pathlib import Path

from helpers.importing.refusal import Refused

MB = 1024 * 1024
# The largest annex of a year has some thousand cells: below 1 MB in every format.
MOST_BYTES = 50 * MB
MOST_UNPACKED = 64 * MB
MOST_MEMBERS = 2000
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_PICTURES = {
    b"\x89PNG": "a PNG picture",
    b"\xff\xd8\xff": "a JPEG picture",
    b"II*\0": "a TIFF picture",
    b"MM\0*": "a TIFF picture",
}
_PACKED = {b"\x1f\x8b": "gzip", b"Rar!": "RAR", b"7z\xbc\xaf": "7-Zip"}
_SAVE = "Open it in Excel or LibreOffice and save it as XLSX"


def kind_of(path: Path) -> str:
    """Say how to read a file: "xlsx", "xls", "ods", "pdf" or "text".

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
    for signs, told in ((_PICTURES, _picture), (_PACKED, _archive)):
        for sign, name in signs.items():
            if start.startswith(sign):
                raise Refused(told(name))
    _refuse_markup(start)
    return "text"


def _picture(name: str) -> str:
    return f"The file is {name} of a table, which holds no figures to read. Type them into a sheet."


def _archive(name: str) -> str:
    return f"The file is packed ({name}). Unpack it and give the file inside."


def _refuse_markup(start: bytes) -> None:
    head = start.removeprefix(b"\xef\xbb\xbf").replace(b"\0", b"").lstrip().lower()
    if head.startswith(b"{\\rtf"):
        raise Refused("The file is a text document (RTF). Copy its table into a sheet.")
    if b"urn:schemas-microsoft-com:office:spreadsheet" in head:
        raise Refused(f"The file is an XML spreadsheet of 2003. {_SAVE}.")
    if head.startswith(b"<"):
        raise Refused(
            f"The file is a web page (HTML or XML), whatever its name ends with. {_SAVE}; Excel "
            "warns of the ending, then opens it."
        )


def _ole_kind(raw: bytes) -> str:
    # Names of the streams of the old Office container are in UTF-16.
    def has(name: str) -> bool:
        return name.encode("utf-16-le") in raw

    if has("EncryptedPackage"):
        raise Refused(f"The workbook is locked with a password. {_SAVE} without a password.")
    if has("_VBA_PROJECT"):
        raise Refused(f"The workbook holds macros, which this project does not open. {_SAVE}.")
    if has("WordDocument"):
        raise Refused("The file is a Word document. Copy its table into a sheet.")
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
            raise Refused(f"The workbook holds macros, which this project does not open. {_SAVE}.")
        if "xl/workbook.xml" in names:
            return "xlsx"
        if "xl/workbook.bin" in names:
            raise Refused(f"The file is a binary workbook (XLSB). {_SAVE}.")
        if "word/document.xml" in names:
            raise Refused("The file is a Word document. Copy its table into a sheet.")
        if "mimetype" in names and b"opendocument.spreadsheet" in packed.read("mimetype"):
            return "ods"
    raise Refused("The file is a ZIP archive, but no workbook. Unpack it and give the file inside.")
