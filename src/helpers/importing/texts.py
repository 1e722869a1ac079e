"""Read CSV and TSV: which encoding, which separator."""

import codecs
import contextlib
import csv
import io
import re
from collections import Counter
from pathlib import Path

from helpers.importing.shapes import Cell, Refused, Sheet


def read_text(path: Path) -> list[Sheet]:
    """Read a text table; its only sheet is named after the file."""
    text = decoded(path.read_bytes())
    # Excel's way to name the separator of a file.
    named = re.match(r'"?sep=(.)"?\r?\n', text)
    found = _table(text[named.end() :], named[1]) if named else _table(text, _separator(text))
    return [Sheet(path.name, *found, kind="text")]


def decoded(raw: bytes) -> str:
    """Decode text: UTF-16 by its mark or its zeros, else UTF-8, else Windows-1258.

    Text in the old font encodings TCVN3 and VNI comes out as other letters, which `names`
    recognises. Raises Refused where it is no text.
    """
    if raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        tried = ["utf-16"]
    elif b"\0" in raw:
        if raw.count(0) < len(raw) / 6:
            raise Refused("The file is no text, and of no kind that is known: it holds zero bytes.")
        tried = ["utf-16-le" if raw[1::2].count(0) > raw[0::2].count(0) else "utf-16-be"]
    elif raw.startswith(codecs.BOM_UTF8):
        tried = ["utf-8-sig"]
    else:
        tried = ["utf-8", "cp1258", "latin-1"]
    for encoding in tried:
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError as error:
            told = f"byte {error.start} does not fit"
    raise Refused(
        f"The file seems to be {tried[0].removesuffix('-sig').upper()}, but {told}. Save it again "
        'as "CSV UTF-8".'
    )


def _separator(text: str) -> str:
    """Choose the separator that cuts most lines into the same number of fields, and into most.

    The decimal comma cuts numbers in every row; a tab or a semicolon cuts nothing by chance.
    """
    lines = [line for line in text.splitlines()[:400] if line.strip()]

    def worth(separator: str) -> tuple[bool, int, int]:
        widths: Counter[int] = Counter()
        with contextlib.suppress(csv.Error):
            widths = Counter(len(row) for row in csv.reader(lines, delimiter=separator))
        rows, width = max(((n, width) for width, n in widths.items() if width > 1), default=(0, 0))
        return separator != "," and rows > len(lines) / 2, rows, width

    best = max("\t;,|", key=worth)
    if not worth(best)[1]:
        raise Refused(
            "The file is one column of text: no line is cut by tabs, semicolons or commas."
        )
    return best


def _table(text: str, separator: str) -> tuple[list[list[Cell | None]], list[str]]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    rows, labels, line = [], [], 1
    try:
        for fields in reader:
            rows.append([Cell(field) if field.strip() else None for field in fields])
            labels.append(f"line {line}")
            line = reader.line_num + 1
    except csv.Error as error:
        raise Refused(
            f"Line {line} is not valid CSV ({error}); look there for a quotation mark without "
            "its pair."
        ) from error
    return rows, labels
