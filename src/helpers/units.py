"""Names, codes and regions of the 63 provinces of 2020, the six regions and the ministries.

`resolve` decides what a spelling means by three rules:

1. What does not tell names apart is dropped: case, Unicode form, spaces, dashes, dots, the words
   Tỉnh, Thành phố, TP, UBND, province and city (whichever of them the unit is), and where the
   tone mark sits (Hóa, Hoá).
2. A text with any mark must have every mark right, since in Vietnamese a missing mark is a tone
   of its own: "Thánh Hóa" and "Đa Nẵng" are refused. Known other spellings (Đăk Lăk) are listed.
3. A text without marks stands for every unit that reads so without its marks; if that is more
   than one, it is refused. Đ is a letter and not a mark: "Đa Nang" is text without marks, whose Đ
   must be right where it is typed, and D may stand for Đ.
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
from helpers.paths import data_dir

_FILES = {
    "province": (
        "provinces.csv",
        ["code", "name", "name_en", "kind", "region", "iso_3166_2", "unit_2025"],
    ),
    "region": ("regions.csv", ["region", "name", "name_en"]),
    "ministry": ("ministries.csv", ["code", "name", "name_en"]),
}
UNIT_TYPES = (*_FILES, "national")

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


class AmbiguousUnit(UnknownUnit):
    """A spelling that fits more than one unit."""


def provinces() -> pd.DataFrame:
    """Give the 63 provinces and cities of 2020.

    Returns
    -------
    DataFrame, 63 rows in the order of their codes
        code ("01"), name, name_en, kind (province or city), region (as in `regions`), iso_3166_2,
        unit_2025 (which of the 34 units of 1 July 2025 it is in). All columns are text.

    Raises
    ------
    CchcError
        If data/provinces.csv is missing or is not such a table.
    """
    return _read("province", data_dir()).copy()


def regions() -> pd.DataFrame:
    """Give the six socio-economic regions: region (a code such as NCC), name, name_en."""
    return _read("region", data_dir()).copy()


def ministries() -> pd.DataFrame:
    """Give the 19 ministries and ministerial agencies: code (such as BNV), name, name_en."""
    return _read("ministry", data_dir()).copy()


def resolve(text_or_code: str | int, unit_type: str = "province") -> str:
    """Give the name of a unit, as in data/, for any usual spelling of it.

    Parameters
    ----------
    text_or_code : str or int
        Name with or without diacritics, English name, short name ("TP.HCM", "BR-VT"), code ("38",
        38, "1") or ISO 3166-2 code ("VN-21"). The rules are at the top of this module. A name of
        2025 that is also one of the 63 is taken as the one of the 63.
    unit_type : {"province", "region", "ministry", "national"}

    Returns
    -------
    str
        The name, such as "Thanh Hóa".

    Raises
    ------
    UnknownUnit
        If nothing matches (the three nearest names are in the message), if the value is neither
        text nor a whole number, or if there is no such unit type.
    AmbiguousUnit
        If the text fits more than one unit.

    Examples
    --------
    >>> resolve("TP. Ho Chi Minh"), resolve("Thanh Hoá"), resolve(38)
    ('Hồ Chí Minh', 'Thanh Hóa', 'Thanh Hóa')
    """
    return _match(text_or_code, _index(unit_type, data_dir()), unit_type)


def code(name: str | int, unit_type: str = "province") -> str:
    """Give the code of a unit: code("Thanh Hóa") is "38". Takes and raises what `resolve` does."""
    table = _read(unit_type, data_dir())  # the code is the first column of every table
    return table.iloc[:, 0][table["name"] == resolve(name, unit_type)].item()


def slug(name: str | int, unit_type: str = "province") -> str:
    """Give a name for files, "38-thanh-hoa", of a-z, 0-9 and dashes; two units never share one.

    Takes and raises what `resolve` does.
    """
    words = _unmarked(f"{code(name, unit_type)} {resolve(name, unit_type)}".lower())
    return re.sub(r"[^a-z0-9]+", "-", words.replace("đ", "d"))


def region_of(name: str | int) -> str:
    """Give the name of the region that a province is in. Takes and raises what `resolve` does."""
    table = _read("province", data_dir())
    return resolve(table["region"][table["name"] == resolve(name)].item(), "region")


def display_name(name: str, unit_type: str = "province") -> str:
    """Name a unit for readers: regions, ministries and the nation in the language in use.

    Provinces keep their Vietnamese names. A name that data/ does not have stays as it is.
    """
    if unit_type == "province" or language.current() == "vi":
        return name
    table = _read(unit_type, data_dir()).set_index("name")
    return table.at[name, "name_en"] if name in table.index else name


@lru_cache
def _read(unit_type: str, folder: Path) -> pd.DataFrame:
    if unit_type == "national":
        return pd.DataFrame({"code": ["VN"], "name": ["Việt Nam"], "name_en": ["Vietnam"]})
    if unit_type not in _FILES:
        known = ", ".join(UNIT_TYPES)
        raise UnknownUnit(f'There is no unit type "{_shown(unit_type)}". Use one of: {known}.')
    file, columns = _FILES[unit_type]
    try:
        # An empty cell stays "", and no code is taken for a missing value.
        table = pd.read_csv(folder / file, dtype=str, keep_default_na=False, encoding="utf-8-sig")
    except (OSError, ValueError) as error:
        raise CchcError(f"data/{file} cannot be read: {error}") from error
    if list(table.columns) != columns:
        raise CchcError(f"data/{file}, line 1: the header must be {','.join(columns)}")
    return table


@lru_cache
def _index(unit_type: str, folder: Path) -> dict[str, set[str]]:
    spellings = {}
    for unit in _read(unit_type, folder).to_dict("records"):
        number, name = unit.get("code", unit.get("region")), unit["name"]
        others = _OTHER_NAMES.get(number, ())
        forms = [number, number.lstrip("0"), f"{number} {name}", unit["name_en"], *others]
        if unit_type == "province":
            forms.append(unit["iso_3166_2"])
        if unit_type == "region":
            forms += [f"Vùng {form}" for form in (name, *others)]
        if name.startswith("Bộ "):
            forms += [name.removeprefix("Bộ "), f"Bộ {number[1:]}"]
        spellings[name] = forms
    return _index_of(spellings)


def _index_of(spellings: dict[str, list[str]]) -> dict[str, set[str]]:
    """Map every key that a text may have to the names of the units it fits."""
    index: dict[str, set[str]] = {}
    for name, forms in spellings.items():
        for key in map(_key, (name, *forms)):
            bare = _unmarked(key)
            for variant in (key, bare, bare.replace("đ", "d")):
                index.setdefault(variant, set()).add(name)
    return index


def _match(value: object, index: dict[str, set[str]], unit_type: str) -> str:
    if isinstance(value, bool) or not isinstance(value, str | Integral):
        kind = type(value).__name__
        raise UnknownUnit(
            f"A {unit_type} is given by its name or code, not by {_shown(value)} ({kind})."
        )
    if not str(value).strip():
        raise UnknownUnit(f"No {unit_type} was given: the text is empty.")
    key = _key(str(value))
    names = sorted(index.get(key, ()))
    if len(names) > 1:
        raise AmbiguousUnit(
            f'"{_shown(value)}" fits more than one {unit_type}: {", ".join(names)}. '
            "Write the name with its diacritics, or give the code."
        )
    if not names:
        nearest = ", ".join(_nearest(key, index))
        raise UnknownUnit(f'There is no {unit_type} "{_shown(value)}". Nearest: {nearest}.')
    return names[0]


def _nearest(key: str, index: dict[str, set[str]]) -> list[str]:
    plain = _unmarked(key).replace("đ", "d")[:60]
    keys = [known for known in index if known.isascii()]
    close = difflib.get_close_matches(plain, keys, n=len(keys), cutoff=0.0)
    return list(dict.fromkeys(name for known in close for name in sorted(index[known])))[:3]


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
