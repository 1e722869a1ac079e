"""Read CSV and TSV: which encoding, which separator."""

import codecs
import csv
import io
import re
from collections import Counter
from pathlib import Path

from helpers.importing.shapes import FARTHEST_COLUMN, FARTHEST_ROW, Cell, Refused, Sheet

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_SEPARATORS = {"\t": "tabs", ";": "semicolons", ",": "commas", "|": "bars"}


def read_text(path: Path) -> list[Sheet]:
    """Read a text table; its only sheet is named after the file."""
    text = decoded(path.read_bytes())
    # Excel's way to name the separator of a file.
    named = re.match(r'"?sep=(.)"?\r?\n', text)
    separator = named[1] if named else _separator(text)
    start = named.end() if named else 0
    rows, labels = _table(text[start:], separator)
    return [Sheet(path.name, rows, labels, kind="text")]


def decoded(raw: bytes) -> str:
    """Decode text: by its mark, else UTF-8, UTF-16 without a mark, else Windows-1258.

    Text in the old font encodings TCVN3 and VNI comes out as other letters, which `names`
    recognises by the names in it. Raises Refused where it is no text.
    """
    for mark, encoding in _MARKS:
        if raw.startswith(mark):
            return _strictly(raw, encoding)
    if b"\0" in raw:
        for encoding, zeros in (("utf-16-le", raw[1::2]), ("utf-16-be", raw[0::2])):
            if zeros.count(0) > len(zeros) // 3:
                return _strictly(raw, encoding)
        raise Refused("The file is no text: it holds zero bytes.")
    for encoding in ("utf-8", "cp1258"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    return raw.decode("latin-1")


def _strictly(raw: bytes, encoding: str) -> str:
    try:
        return raw.decode(encoding)
    except UnicodeDecodeError as error:
        raise Refused(
            f"The file begins as {encoding.removesuffix('-sig').upper()}, but byte {error.start} "
            'does not fit. Save it again as "CSV UTF-8".'
        ) from error


def _separator(text: str) -> str:
    """Choose the separator that cuts most lines into the same number of fields, and into most."""
    lines = [line for line in text.splitlines()[:400] if line.strip()]

    def worth(separator: str) -> tuple[int, int]:
        try:
            widths = Counter(len(row) for row in csv.reader(lines, delimiter=separator))
        except csv.Error:
            return (0, 0)
        width, rows = max(widths.items(), key=lambda item: (item[0] > 1, item[1], item[0]))
        return (rows if width > 1 else 0, width)

    # The decimal comma cuts numbers in every row; a tab or a semicolon cuts nothing by chance.
    for separator in ("\t", ";", "|"):
        rows, _ = worth(separator)
        if rows > len(lines) / 2:
            return separator
    best = max(_SEPARATORS, key=worth)
    if not worth(best)[0]:
        raise Refused(
            "The file is one column of text: no line is cut by tabs, semicolons or commas."
        )
    return best


def _table(text: str, separator: str) -> tuple[list[list[Cell | None]], list[str]]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    rows, labels, line = [], [], 1
    try:
        for fields in reader:
            if len(rows) >= FARTHEST_ROW or len(fields) > FARTHEST_COLUMN:
                raise Refused(
                    f"The file has more than {FARTHEST_ROW:,} lines or {FARTHEST_COLUMN} columns; "
                    "a table of all provinces is far smaller."
                )
            rows.append([Cell(field) if field.strip() else None for field in fields])
            labels.append(f"line {line}")
            line = reader.line_num + 1
    except csv.Error as error:
        raise Refused(
            f"Line {line} is not valid CSV ({error}); look there for a quotation mark without "
            "its pair."
        ) from error
    return rows, labels
