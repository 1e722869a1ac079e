"""Names, codes and regions of the provinces of a year, the six regions and the ministries.

Which provinces there are is a property of the year: 63 up to 2024, and the 34 units of 1 July 2025
from the results of 2025 on. Functions that take a ``year`` mean the 63 where it is left out.

`resolve` decides what a spelling means by three rules:

1. What does not tell names apart is dropped: case, Unicode form, spaces, dashes, dots, the words
   Tỉnh, Thành phố, TP, UBND, province and city (whichever of them the unit is), and where the
   tone mark sits (Hóa, Hoá).
2. A text with any mark must have every mark right, since in Vietnamese a missing mark is a tone
   of its own: "Thánh Hóa" and "Đa Nẵng" are refused. Known other spellings (Đăk Lăk) are listed.
3. A text without marks stands for the unit that reads so without its marks; a list in which two
   units do is refused. Đ is a letter and not a mark: "Đa Nang" is text without marks, whose Đ must
   be right where it is typed, and D may stand for Đ.
"""

import difflib
import re
import unicodedata
from functools import lru_cache
from numbers import Integral
from pathlib import Path

import pandas as pd

from helpers import language
from helpers.errors import CchcError
from helpers.language import _, pgettext
from helpers.paths import data_dir

_FILES = {
    "province": (
        "provinces.csv",
        ["code", "name", "name_en", "kind", "region", "iso_3166_2", "unit_2025"],
    ),
    "region": ("regions.csv", ["region", "name", "name_en"]),
    "ministry": ("ministries.csv", ["code", "name", "name_en"]),
}
NATION = "Việt Nam"
UNIT_TYPES = (*_FILES, "national")

# First year whose results are of the 34 units (Resolution 202/2025/QH15).
MERGER = 2025
# Surveys of some provinces alone, ranked among these: SIPAS of all begins in 2017.
PILOTS: dict[tuple[str | None, int | None], int] = {("SIPAS", 2015): 10}
# The centrally run cities among the 34; Huế has been one since 1 January 2025.
CITIES_2025 = frozenset({"Hà Nội", "Hải Phòng", "Huế", "Đà Nẵng", "Hồ Chí Minh", "Cần Thơ"})
# A merged unit has the code of the province that holds its seat (Decision 19/2025/QĐ-TTg). The
# seats are in Resolution 202/2025/QH15; these are not in the province that gave the name.
_SEATS = {
    "Lào Cai": "Yên Bái",
    "Bắc Ninh": "Bắc Giang",
    "Quảng Trị": "Quảng Bình",
    "Gia Lai": "Bình Định",
    "Tây Ninh": "Long An",
    "Đồng Tháp": "Tiền Giang",
    "An Giang": "Kiên Giang",
}

_DAK, _LAK = (tuple(first + end for end in ("ắk", "ăk", "ắc", "ăc")) for first in "ĐL")
# A town that is only a part of its province (Vũng Tàu) is no name of the province.
_OTHER_NAMES = {
    "06": ("Bắc Cạn",),
    "46": ("Huế", "TT Huế", "TTH"),
    "66": (*(f"{dak} {lak}" for dak in _DAK for lak in _LAK), "Darlac"),
    "67": tuple(f"{dak} Nông" for dak in _DAK),
    "77": ("BRVT",),
    "79": ("HCM", "HCMC", "TPHCM", "Sài Gòn"),
    "NMM": ("Trung du và miền núi Bắc Bộ",),
    "RRD": ("ĐBSH",),
    "NCC": ("Bắc Trung Bộ và Duyên hải Trung Bộ",),
    "MRD": ("ĐBSCL", "Mekong Delta"),
    "NHNN": ("Ngân hàng Nhà nước", "SBV"),
    "BKHDT": ("BKHĐT", "Bộ KHĐT"),
    "BLDTBXH": ("BLĐTBXH", "Bộ LĐTBXH"),
    "BGDDT": ("BGDĐT", "Bộ GDĐT"),
    "VN": ("Cả nước", "Toàn quốc"),
}

# A gap between digits stays, so that "3.8" and "-38" are not the code 38.
_GAP = re.compile(r"(?<=[^\W\d_])[\s.,&_\-‐-―−]+|[\s.,&_\-‐-―−]+(?=[^\W\d_])")
_BEFORE = re.compile(
    r"^(?:(?:ubnd|(?:ủy|uỷ) ban nhân dân|uy ban nhan dan) )?"
    r"(?:(?:tỉnh|tinh|thành phố|thanh pho|t ?p|(?:province|city) of) )?"
)
_AFTER = re.compile(r" (?:tỉnh|province|city)$")  # not tinh, which ends Ha Tinh
_AND = re.compile(r"\b(?:và|va|and)\b")
_LATE_TONE = re.compile("([ou])([\u0300\u0301\u0303\u0309\u0323])([aey])")  # decomposed òa, òe, ùy
_ETH = str.maketrans("ðɖ", "đđ")  # other letters that look like Đ, in lower case


class UnknownUnit(CchcError, ValueError):
    """No province, region or ministry of this name or code; the message gives the nearest."""


def provinces(year: int | None = None) -> pd.DataFrame:
    """Give the provinces and centrally run cities that the results of a year are of.

    Parameters
    ----------
    year : int, optional
        Up to 2024, and when left out, the 63; from 2025 on the 34.

    Returns
    -------
    DataFrame, 63 or 34 rows in the order of their codes
        code ("01"), name, name_en, kind (province or city), region (as in `regions`), iso_3166_2,
        unit_2025 (which of the 34 units of 1 July 2025 it is in). All columns are text.

    Raises
    ------
    CchcError
        If data/provinces.csv is missing or is not such a table.

    Notes
    -----
    The 34 come from the column ``unit_2025`` of data/provinces.csv. A merged unit has the name
    and the ``region`` of the province that gave it its name, also where it has parts in another
    region, since the six regions are those of 2020; the code is that of the province that holds
    its seat. No ISO code of a merged unit is known here: it is "".
    """
    return _table("province", year).copy()


def count(year: int | None = None, index: str | None = None) -> int:
    """Give how many provinces the results of a year are of: 63, from 2025 on 34.

    With an index, how many it ranked, which is fewer in the year of a pilot.
    """
    pilot = PILOTS.get((index, year))
    return len(_table("province", year)) if pilot is None else pilot


def same_list(year: int | None, other: int | None, index: str | None = None) -> bool:
    """Say whether the results of two years (of one index) are of the same list of provinces."""
    lists = [(_is_merged(one), PILOTS.get((index, one))) for one in (year, other)]
    return lists[0] == lists[1]


def same(name: str, year: int | None, other: int | None) -> str | None:
    """Give the name that a province of one year has in another year.

    Parameters
    ----------
    name : str
        As in ``provinces(year)``; other names (of regions, ministries) are given back as they are.
    year, other : int or None
        None means the 63.

    Returns
    -------
    str or None
        None where the merger of 2025 made another unit of it: figures of the two are not
        compared, whatever their names. Eleven of the 34 are as they were.

    Examples
    --------
    >>> same("Thanh Hóa", 2024, 2025), same("Huế", 2025, 2024), same("Phú Thọ", 2024, 2025)
    ('Thanh Hóa', 'Thừa Thiên Huế', None)
    """
    if same_list(year, other):
        return name
    return _across(data_dir(), _is_merged(other)).get(name, name)


def members(name: str | int, year: int) -> list[str]:
    """Give the ones of the 63 that a province of a year is made of; itself up to 2024.

    Takes and raises what `resolve` does.
    """
    name = resolve(name, year=year)
    old = _table("province")
    return list(old["name"][old["unit_2025" if _is_merged(year) else "name"] == name])


def regions() -> pd.DataFrame:
    """Give the six socio-economic regions: region (a code such as NCC), name, name_en."""
    return _table("region").copy()


def ministries() -> pd.DataFrame:
    """Give the 19 ministries and ministerial agencies: code (such as BNV), name, name_en."""
    return _table("ministry").copy()


def resolve(
    text_or_code: str | int, unit_type: str = "province", *, year: int | None = None
) -> str:
    """Give the name of a unit, as in data/, for any usual spelling of it.

    Parameters
    ----------
    text_or_code : str or int
        Name with or without diacritics, English name, short name ("TP.HCM", "BR-VT"), code ("38",
        38, "1") or ISO 3166-2 code ("VN-21"). The rules are at the top of this module.
    unit_type : {"province", "region", "ministry", "national"}
    year : int, optional
        Year of the results, which decides which provinces there are. A name or a code that both
        lists have is that of the year's list: 15 is Yên Bái up to 2024, and Lào Cai from 2025 on.

    Returns
    -------
    str
        The name, such as "Thanh Hóa".

    Raises
    ------
    UnknownUnit
        If nothing matches (the three nearest names are in the message), if the value is neither
        text nor a whole number, or if there is no such unit type.

    Examples
    --------
    >>> resolve("TP. Ho Chi Minh"), resolve("Thanh Hoá"), resolve(38)
    ('Hồ Chí Minh', 'Thanh Hóa', 'Thanh Hóa')
    >>> resolve("Hue"), resolve("Hue", year=2025)
    ('Thừa Thiên Huế', 'Huế')
    """
    index, kind = _index(unit_type, data_dir(), _is_merged(year)), _word(unit_type)
    if isinstance(text_or_code, bool) or not isinstance(text_or_code, str | Integral):
        message = _("A {kind} is given by its name or code, not by {given} ({type}).")
        told = {"given": _shown(text_or_code), "type": type(text_or_code).__name__}
        raise UnknownUnit(message.format(kind=kind, **told))
    if not str(text_or_code).strip():
        raise UnknownUnit(_("No {kind} was given: the text is empty.").format(kind=kind))
    key = _key(str(text_or_code))
    if key in index:
        return index[key]
    if unit_type == "province" and _is_merged(year):
        _tell_of_merger(text_or_code)
    message = _('There is no {kind} "{given}". Nearest: {names}.')
    nearest = ", ".join(_nearest(key, index))
    raise UnknownUnit(message.format(kind=kind, given=_shown(text_or_code), names=nearest))


def find(text: str, unit_type: str = "province", *, year: int | None = None) -> str | None:
    """Give the name of the unit that a text names, None where it names none.

    Reads a text as `resolve` does, but seeks no nearest names, so that all cells of a sheet can be
    asked about.
    """
    return _index(unit_type, data_dir(), _is_merged(year)).get(_key(text))


def spellings(name: str | int, *, year: int | None = None) -> list[str]:
    """Give other names of a province that `resolve` takes: TPHCM of Hồ Chí Minh, say; no codes.

    Takes and raises what `resolve` does.
    """
    name, merged = resolve(name, year=year), _is_merged(year)
    unit = _table("province", year).set_index("name").loc[name]
    before = _across(data_dir(), False)[name] if merged else None
    others = (unit["name_en"], *_OTHER_NAMES.get(unit["code"], ()), before)
    return [other for other in others if other and other != name]


def code(name: str | int, unit_type: str = "province", *, year: int | None = None) -> str:
    """Give the code of a unit: code("Thanh Hóa") is "38". Takes and raises what `resolve` does."""
    table = _table(unit_type, year)  # the code is the first column of every table
    return table.iat[list(table["name"]).index(resolve(name, unit_type, year=year)), 0]


def slug(name: str | int, unit_type: str = "province", *, year: int | None = None) -> str:
    """Give a name for files, "38-thanh-hoa", of a-z, 0-9 and dashes; two units never share one.

    Two units of one year, that is: with the year in the file's name none is written over.
    Takes and raises what `resolve` does.
    """
    name = resolve(name, unit_type, year=year)
    words = _unmarked(f"{code(name, unit_type, year=year)} {name}".lower())
    return re.sub(r"[^a-z0-9]+", "-", words.replace("đ", "d"))


def region_of(name: str | int, *, year: int | None = None) -> str:
    """Give the name of the region that a province is in. Takes and raises what `resolve` does."""
    table = _table("province", year)
    return resolve(table["region"][table["name"] == resolve(name, year=year)].item(), "region")


def _is_merged(year: int | None) -> bool:
    return year is not None and year >= MERGER


def _tell_of_merger(text_or_code: str | int) -> None:
    """Raise with what became of one of the 63; nothing where the text is none of them."""
    try:
        old = resolve(text_or_code)
    except UnknownUnit:
        return
    table = _table("province").set_index("name")
    raise UnknownUnit(
        _(
            '"{given}" is {old}, one of the 63 provinces up to 2024; since 1 July 2025 it is part '
            "of {new}."
        ).format(given=_shown(text_or_code), old=old, new=table.at[old, "unit_2025"])
    )


def display_name(name: str, unit_type: str = "province") -> str:
    """Name a unit for readers: regions, ministries and the nation in the language in use.

    Provinces keep their Vietnamese names. A name that data/ does not have stays as it is.
    """
    if unit_type == "province" or language.current() == "vi":
        return name
    table = _table(unit_type).set_index("name")
    return table.at[name, "name_en"] if name in table.index else name


def _table(unit_type: str, year: int | None = None) -> pd.DataFrame:
    return _read(unit_type, data_dir(), _is_merged(year))


@lru_cache
def _read(unit_type: str, folder: Path, merged: bool = False) -> pd.DataFrame:
    if merged and unit_type == "province":
        return _merged(_read("province", folder))
    if unit_type == "national":
        return pd.DataFrame({"code": ["VN"], "name": [NATION], "name_en": ["Vietnam"]})
    if unit_type not in _FILES:
        message = _('There is no unit type "{given}". Use one of: {known}.')
        raise UnknownUnit(message.format(given=_shown(unit_type), known=", ".join(UNIT_TYPES)))
    file, columns = _FILES[unit_type]
    try:
        # An empty cell stays "", and no code is taken for a missing value.
        table = pd.read_csv(folder / file, dtype=str, keep_default_na=False, encoding="utf-8-sig")
    except (OSError, ValueError) as error:
        raise CchcError(f"data/{file} cannot be read: {error}") from error
    if list(table.columns) != columns:
        raise CchcError(f"data/{file}, line 1: the header must be {','.join(columns)}")
    if table.empty:
        raise CchcError(f"data/{file} has no rows below its header")
    return table


def _merged(old: pd.DataFrame) -> pd.DataFrame:
    """The 34 units as a table like that of the 63: each has the row that gave it its name."""
    alone = ~old["unit_2025"].duplicated(keep=False)
    table = old[alone | (old["name"] == old["unit_2025"])]
    names = table["unit_2025"]
    seats = names.map(_SEATS).fillna(table["name"]).map(old.set_index("name")["code"])
    if lost := {*old["unit_2025"]} - {*names[seats.notna()]}:
        name = min(lost)
        raise CchcError(f"data/provinces.csv: no row gives {name} of 2025 its name and seat")
    table = table.assign(
        code=seats,
        name=names,
        name_en=table["name_en"].where(table["name"] == names, names.map(_unmarked)),
        kind=names.isin(CITIES_2025).map({True: "city", False: "province"}),
        iso_3166_2=table["iso_3166_2"].where(alone, ""),
    )
    return table.sort_values("code", ignore_index=True)


@lru_cache
def _across(folder: Path, forward: bool) -> dict[str, str | None]:
    """The same unit on the other list for each of the 63 (forward) or the 34; None if none."""
    old = _read("province", folder)
    alone = ~old["unit_2025"].duplicated(keep=False)
    here, there = ("name", "unit_2025") if forward else ("unit_2025", "name")
    pairs = zip(old[here], old[there], alone, strict=True)
    return {name: other if one else None for name, other, one in pairs}


@lru_cache
def _index(unit_type: str, folder: Path, merged: bool) -> dict[str, str]:
    """Every key that a text may have, with the name of the unit that it means."""
    index: dict[str, str] = {}
    for unit in _read(unit_type, folder, merged).to_dict("records"):
        number, name = unit.get("code", unit.get("region")), unit["name"]
        others = _OTHER_NAMES.get(number, ())
        forms = [number, number.lstrip("0"), f"{number} {name}", unit["name_en"], *others]
        if unit_type == "province":
            # What only got another name is found by the one it had.
            before = _across(folder, False)[name] if merged else None
            forms += filter(None, [unit["iso_3166_2"], before])
        if unit_type == "region":
            forms += [f"Vùng {form}" for form in (name, *others)]
        if name.startswith("Bộ "):
            forms += [name.removeprefix("Bộ "), f"Bộ {number[1:]}"]
        for key in map(_key, (name, *forms)):
            bare = _unmarked(key)
            for variant in (key, bare, bare.replace("đ", "d")):
                if index.setdefault(variant, name) != name:
                    file = _FILES[unit_type][0]
                    raise CchcError(f"data/{file}: {index[variant]} and {name} read alike")
    return index


def _word(unit_type: str) -> str:
    return {
        "province": pgettext("kind of unit", "province"),
        "region": pgettext("kind of unit", "region"),
        "ministry": pgettext("kind of unit", "ministry"),
        "national": pgettext("kind of unit", "national"),
    }[unit_type]


def _nearest(key: str, index: dict[str, str]) -> list[str]:
    plain = _unmarked(key).replace("đ", "d")[:60]
    keys = [known for known in index if known.isascii()]
    close = difflib.get_close_matches(plain, keys, n=len(keys), cutoff=0.0)
    return list(dict.fromkeys(index[known] for known in close))[:3]


def _key(text: str) -> str:
    """Write a text so that two spellings of one name are the same (rule 1 of this module)."""
    visible = "".join(char for char in text if unicodedata.category(char) != "Cf")
    text = unicodedata.normalize("NFC", visible).casefold().translate(_ETH)
    text = _AFTER.sub("", _BEFORE.sub("", _GAP.sub(" ", text).strip()))
    text = unicodedata.normalize("NFD", _GAP.sub("", _AND.sub("", text)))
    return unicodedata.normalize("NFC", _LATE_TONE.sub(r"\1\3\2", text))


def _unmarked(text: str) -> str:
    decomposed = unicodedata.normalize("NFD", text)
    return "".join(char for char in decomposed if not unicodedata.combining(char))


def _shown(value: object) -> str:
    text = "".join(char if char.isprintable() else " " for char in str(value))
    return " ".join(text.split())[:60]
