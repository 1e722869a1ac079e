"""What a cell says as a number; whatever can be read in two ways is refused."""

import re
from collections.abc import Iterable
from decimal import Decimal

from helpers.importing.shapes import Cell
from helpers.precedence import decimals

# What people type where there is no figure.
_NONE = {"", "-", "--", "–", "—", "−", "…", "...", "n/a", "na", "nan", "null", "none", "x"}
_PLAIN = re.compile(r"([-+]?)([0-9]{1,7})(?:([.,])([0-9]{1,12}))?")
_SPACES = re.compile(r"[\s\u00a0\u202f\u2007\u2009\u200b\ufeff]+")
# A sum in a sheet ends in 84.33000000000001; figures have at most four decimals.
_DIGITS = Decimal(1).scaleb(-6)


class NotANumber(ValueError):
    """The text is no number that can be read in one way; the message says why."""


def number(cell: Cell | None) -> Decimal | None:
    """Read a figure.

    Parameters
    ----------
    cell : Cell or None

    Returns
    -------
    Decimal or None
        Per cent as 84.33 whether it is typed so or is a cell of 0.8433 that shows 84.33%; None
        where the cell is empty or says that there is no figure.

    Raises
    ------
    NotANumber
        The message continues "cell C5 holds ...".
    """
    if cell is None:
        return None
    if cell.kind in ("number", "percent"):
        value = Decimal(str(cell.value))
        if not value.is_finite():
            raise NotANumber(f"{cell.value}, which is no number")
        return _tidy(value * 100 if cell.kind == "percent" else value)
    if cell.kind == "text":
        return _from_text(cell)
    raise NotANumber(_OTHER[cell.kind].format(value=shown(cell)))


_OTHER = {
    "date": "the date {value}; spreadsheets turn 12.5 into one. Format the column as text and "
    "type the figure again",
    "flag": "{value}, which is no number",
    "error": "the error {value}; mend the formula",
    "formula": "a formula without its result. Open the file in Excel or LibreOffice, let it "
    "calculate, and save it",
}


def _from_text(cell: Cell) -> Decimal | None:
    bare = _SPACES.sub(" ", str(cell.value)).strip()
    if bare.lower() in _NONE:
        return None
    bare = bare.removesuffix("%").rstrip().replace("−", "-").removeprefix("'")
    found = _PLAIN.fullmatch(bare)
    # Neither a code such as 084, nor digits in groups such as 1.084,33.
    if not found or re.match("0[0-9]", found[2]):
        raise NotANumber(f'"{shown(cell)}", which is no number; write it as 84.33 or 84,33')
    sign, digits, _, decimals = found.groups()
    return _tidy(Decimal(f"{sign}{digits}.{decimals or 0}"))


def whole(cell: Cell | None) -> int | None:
    """Read a rank: a whole number. Raises `NotANumber` for anything else, as "5/63" or "12,5"."""
    if cell is not None and cell.kind == "text" and re.fullmatch(r"\s*0[1-9]\s*", str(cell.value)):
        return int(cell.value)  # 01, 02, as ranks are written in a column of two digits
    value = number(cell)
    if value is None or cell is None:
        return None
    grouped = cell.kind == "text" and re.search(r"[.,]000\s*$", str(cell.value))
    if value != value.to_integral_value() or grouped:
        raise NotANumber(f'"{shown(cell)}", which is no whole number')
    return int(value)


def is_number(cell: Cell | str) -> bool:
    """Whether a cell, or a text, holds a number or was meant to hold one."""
    if not isinstance(cell, str):
        return cell.kind != "text" or is_number(str(cell.value))
    return bool(re.match(r"\s*[-+−]?\d[\d.,\s\u00a0]*%?\s*$", cell))


def plain(value: Decimal) -> str:
    """Write a number as data/ does: a decimal point, no zeros at the end."""
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def half(values: Iterable[Decimal]) -> Decimal:
    """Half a unit of the last decimal of any of the values, at most half a hundredth."""
    return Decimal(5).scaleb(-1 - max(2, *map(decimals, values)))


def shown(cell: Cell | None) -> str:
    """Write what a cell holds, for a message."""
    text = str(cell.value) if cell else ""
    bare = "".join(char if char.isprintable() else " " for char in text)
    return " ".join(bare.split())[:60]


def _tidy(value: Decimal) -> Decimal:
    if abs(value) >= 10**9:
        raise NotANumber(f"{value:.3g}, which is no figure of an index")
    return value.quantize(_DIGITS)
