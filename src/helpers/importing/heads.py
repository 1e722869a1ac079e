"""What the head of a column says, and which index a title names: Vietnamese or English.

A head is matched whole: each of its words must belong to a phrase that is known. A head with a word
more is unknown, since "Tổng điểm" is the score and "Tổng thu ngân sách" is not.
"""

import re
import tomllib
import unicodedata
from difflib import get_close_matches
from functools import lru_cache
from pathlib import Path

from helpers import facts
from helpers.importing import names
from helpers.importing.shapes import Cell, Meaning, Request, Sheet, WrongArgument

SATISFACTION = ("points", "satisfaction")
_LONGEST_PHRASE = 8  # words


# --- words ---------------------------------------------------------------------------------


def words(text: str) -> str:
    """Write a text in small letters without marks, words with one space between; % stays."""
    bare = unicodedata.normalize("NFD", text.casefold().replace("đ", "d"))
    bare = "".join(char for char in bare if not unicodedata.combining(char))
    return " ".join(re.findall(r"[a-z0-9]+|%|#", bare))


def _bare(known):
    """Give what heads.toml lists as sets of `words`."""
    if isinstance(known, dict):
        return {name: _bare(inside) for name, inside in known.items()}
    return frozenset(map(words, known)) if isinstance(known, list) else known


_KNOWN = _bare(tomllib.loads(Path(__file__).with_name("heads.toml").read_text("utf-8")))
_MEASURE, _RANK, _OF_WHOM, _NAMES = (_KNOWN[key] for key in ("measure", "rank", "of_whom", "names"))
_PARTS = _KNOWN["parts"]
_PARTS["PAR"]["satisfaction"]["core"] |= _NAMES["SIPAS"]
_PARTS["PAR"]["satisfaction"]["beside"] |= _OF_WHOM
# Names of indices, which stand in no letterhead and in no title of another table.
INDICES = frozenset(_KNOWN["indices"]) | set(_NAMES)
# "(tối đa 10 điểm)", "(10 điểm)", "(1)": what a part can bring, or a footnote.
_IN_BRACKETS = re.compile(r"\(\s*(?:[^()\d]{0,20}\d{1,3}(?:[.,]\d+)?\s*(?:điểm|points)?)\s*\)")


# --- a head --------------------------------------------------------------------------------


def meaning(path: list[str], index: str) -> Meaning:
    """Say what a column holds.

    Parameters
    ----------
    path : list of str
        Texts of its head from top to bottom: ["Kết quả đánh giá", "Điểm thẩm định"].
    index : {"PAR", "SIPAS"}

    Returns
    -------
    Meaning
        With the role "unknown" where the head says nothing that is known.
    """
    levels = [_rejoined(words(_IN_BRACKETS.sub(" ", text)), index) for text in reversed(path)]
    levels = [text for text in levels if text]
    if not levels:
        return Meaning("unknown")
    if aside := _aside(levels[0]):
        return aside
    if index == "SIPAS" and levels[0] == "ket qua":
        return Meaning("unknown")  # the index, or the factor of that name
    ranked, measured = False, _has(levels[0], _MEASURE)
    for depth, level in enumerate(levels):
        # "2020" below "Xếp hạng" is a rank, "Điểm" below "Kết quả xếp hạng" is none.
        ranked |= _has(level, _RANK) and (depth == 0 or not measured)
        if other := _foreign(level):
            return Meaning("skip", part=f"the other index {other}")
        concept = _concept(level, index)
        if concept is None:
            return Meaning("unknown")
        if concept:
            above = " ".join(levels[depth + 1 :])
            return _figure(concept, ranked, path, index, above)
    return _figure("score", ranked, path, index, "")


def _aside(text: str) -> Meaning | None:
    """What a head is that is of no figure."""
    for what, phrases in _KNOWN["left_out_with"].items():
        if _has(text, phrases):
            return Meaning("skip", part=what)
    for what, phrases in _KNOWN["left_out"].items():
        if text in phrases:
            return Meaning("skip", part=what)
    return next((Meaning(role) for role, heads in _KNOWN["roles"].items() if text in heads), None)


def _figure(concept: str, ranked: bool, path: list[str], index: str, above: str) -> Meaning:
    other = "SIPAS" if index == "PAR" else "PAR"
    of_other = _has(above, _NAMES[other]) or _foreign(above)
    if (
        concept == "other"
        or (of_other and not _has(above, _NAMES[index]))
        or (concept == "satisfaction" and ranked)
    ):
        return Meaning("skip", part="the other index")
    if concept == "score":
        return Meaning("figure", "rank" if ranked else "score")
    if index == "SIPAS":
        skip = Meaning("skip", part="rank of a factor")
        return skip if ranked else Meaning("figure", "factor", concept)
    if ranked:
        return Meaning("figure", "part_rank", concept)
    in_percent = concept in facts.FIELDS and any(
        _has(words(text), _KNOWN["percent"]) for text in path
    )
    return Meaning("figure", "percent" if in_percent else "points", concept)


@lru_cache(maxsize=2000)
def _concept(text: str, index: str) -> str | None:
    """Give the part that a text names, "score" for the index, "" for nothing but a measure.

    "other" is the other index; None is a text with words that are not known.
    """
    plain = _MEASURE | _RANK | _KNOWN["fill"]
    if _is_covered(text, plain):
        return ""
    if index == "SIPAS" and " ve ket qua" in text:
        return None  # the results, which "kết quả" elsewhere are not
    also = _NAMES["PAR"] if index == "PAR" else _NAMES["SIPAS"] | _OF_WHOM | {"yeu to"}
    for name, part in _PARTS[index].items():
        around = part["core"] | part["beside"] | also | {"tong diem"}
        if _has(text, part["core"]) and _is_covered(text, plain | around):
            return name
    total = _NAMES[index] | _KNOWN["total"]
    own = total | (_OF_WHOM if index == "SIPAS" else frozenset())
    if _has(text, total) and _is_covered(text, plain | own):
        return "score"
    if index == "SIPAS" and _is_covered(text, plain | _NAMES["PAR"]):
        return "other"
    return None


def _has(text: str, phrases: frozenset[str]) -> bool:
    return any(f" {phrase} " in f" {text} " for phrase in phrases)


def _is_covered(text: str, phrases: frozenset[str]) -> bool:
    """Whether a text is phrases and years, one after another, and nothing else."""
    tokens, reached = text.split(), {0}
    for end in range(1, len(tokens) + 1):
        starts = [start for start in reached if end - start <= _LONGEST_PHRASE]
        parts = {" ".join(tokens[start:end]) for start in starts}
        if parts & phrases or any(re.fullmatch(r"20\d\d", part) for part in parts):
            reached.add(end)
    return len(tokens) in reached


def _rejoined(text: str, index: str) -> str:
    """Mend a head that a narrow column broke within a word, as "ST T" and "Xếp hạn g"."""
    if _concept(text, index) is not None:
        return text
    known = _MEASURE | _RANK | _KNOWN["total"] | _NAMES["PAR"] | _NAMES["SIPAS"]
    known |= _KNOWN["left_out"]["number of the row"]
    known = known.union(*(part["core"] for part in _PARTS[index].values()))
    letters = text.replace(" ", "")
    return next((phrase for phrase in sorted(known) if phrase.replace(" ", "") == letters), text)


def years_in(path: list[str]) -> set[int]:
    """Years in the lowest text of a head that mentions any."""
    found = ({int(year) for year in re.findall(r"\b20\d\d\b", text)} for text in reversed(path))
    return next(filter(None, found), set())


def is_head_of_units(text: str) -> bool:
    """Whether a text can be the head of the column of names."""
    return len(text) <= 80 and _has(words(text), _KNOWN["unit"])


# --- rows of a head ------------------------------------------------------------------------

# (1), (2), (3)=(1)+(2), A, B
_NUMBERING = re.compile(r"\(?\[?([0-9]{1,2}|[A-Za-z])\]?\)?(\s*=.*)?")


def filled(sheet: Sheet, row: int) -> list[str]:
    """Texts of a row of the head, a merged cell in every column that it covers."""
    texts = [head_text(sheet.cell(row, column)) for column in range(sheet.width())]
    for top, left, bottom, right in sheet.merged:
        if top <= row <= bottom:
            text = head_text(sheet.cell(top, left))
            for column in range(left, min(right + 1, len(texts))):
                texts[column] = text
    return texts


def head_text(cell: Cell | None) -> str:
    """Text of a cell of the head, "" for one that only numbers its column."""
    if cell is None or cell.kind not in ("text", "number"):
        return ""
    text = " ".join(str(cell.value).split())
    return "" if _NUMBERING.fullmatch(text) else text


def numbers_columns(cells: list[Cell | None]) -> bool:
    """Whether a row only numbers the columns: A, B, 1, 2 or (1), (2), (3)=(1)+(2)."""
    found = [_NUMBERING.fullmatch(" ".join(str(cell.value).split())) for cell in cells if cell]
    counts = [int(sign[1]) for sign in found if sign and sign[1].isdigit()]
    return len(found) > 1 and all(found) and counts == sorted(set(counts))


# --- which index a text names --------------------------------------------------------------


def _foreign(text: str) -> str | None:
    """Name an index or statistic that a text names and that is none of the two."""
    return min(indices_named(text) - set(_NAMES), default=None)


def indices_named(text: str) -> set[str]:
    """Say which indices or statistics a title names, "PAR" and "SIPAS" among them."""
    bare = words(text)
    known = _NAMES | _KNOWN["indices"] | _KNOWN["statistics"]
    # In a title "satisfaction" may be that with anything.
    found = {name for name, phrases in known.items() if _has(bare, phrases - {"satisfaction"})}
    if _has(bare.partition("hai long")[2], _KNOWN["other_services"]):
        return found - {"SIPAS"} | {"satisfaction with other services"}
    return found


# What stands before the part that a title is of: "chỉ số thành phần Tài chính công".
_OF_PART = (
    r"\b(thanh phan|linh vuc|yeu to|tieu chi|noi dung|hai long (\w+ )*(ve|doi voi)) (\w+ ){0,4}"
)


def part_named(title: str, sheet: str, index: str) -> str | None:
    """Give the head of the part of an index that a title, or the name of a sheet, is of.

    "Tự đánh giá" where a title says that the provinces scored themselves; None where nothing says
    that the table is not of the whole index.
    """
    bare = words(title)
    alone = _concept(re.sub(r"^[\divx]+ ", "", words(sheet)), index)
    for name, part in _PARTS[index].items():
        if name == alone or re.search(rf"{_OF_PART}({'|'.join(part['core'])})\b", bare):
            return part["head"]
    return "Tự đánh giá" if re.search(r"\btu (danh gia|cham)\b", bare) else None


def names_index(path: list[str], index: str) -> bool:
    """Whether the head of a figure names its index itself, and not only a score or rank."""
    return any(_has(words(text), _NAMES[index]) for text in path)


def of_other(text: str, request: Request, indices_only: bool = False) -> str | None:
    """Say what a title names that was not asked for; None where it may be of what was.

    With ``indices_only`` the names of indices count, and not "đầu tư" or the like, which a line
    between the provinces or the name of an office may have in it.
    """
    # A day of signing ("ngày 24 tháng 6 năm 2021") is not the year of the results.
    title = re.sub(r"ngay \d+ thang \d+ nam 20\d\d|ngay \d+ \d+ 20\d\d", "", words(text))
    years = {int(year) for year in re.findall(r"\b(?:nam|index|sipas|cchc) (20\d\d)\b", title)}
    if years and request.year not in years:
        told = " and ".join(map(str, sorted(years)))
        return f"{told}, and --year is {request.year}"
    named = indices_named(text)
    if indices_only or request.confirmed:
        named &= INDICES
    if not named or request.index in named:
        return None
    other = {"PAR": "the PAR INDEX"}.get(min(named), " and ".join(sorted(named)))
    told = f"{other}, and --index is {request.index}"
    if not named & INDICES:
        told += f"; if it is of it all the same: --this-is {request.index}"
    return told


# --- rows that are of no unit --------------------------------------------------------------

_ROWS = _KNOWN["rows"]
# "TB nhóm A" is a mean; "TB" alone may be anything.
_SHORT_MEAN = re.compile(r"tb (nhom|cum|khoi|vung|cac|chung|ca nuoc|toan quoc)\b")


def is_group(words: str) -> bool:
    """Whether the head of a row, as `words` gives it, is the name of a group or region."""
    return any(f"{words} ".startswith(f"{group} ") for group in _ROWS["group"])


def summary_kind(text: str) -> str | None:
    """Say what the head of a row of no unit is of.

    Returns
    -------
    {"mean", "most", "other"} or None
        The mean of all units; what no figure is above (the points at most, or the highest figure);
        anything else, such as the mean of a group or region; None where it is no such row.
    """
    bare = words(text)
    mean = _has(bare, _ROWS["mean"]) or _SHORT_MEAN.match(bare)
    most = _has(bare, _ROWS["most"])
    if not (mean or most or _has(bare, _ROWS["other"]) or is_group(bare)):
        return None
    some = _has(bare, _ROWS["group"] | _ROWS["some"]) or re.search(r"\b\d+\b", bare)
    if some or names.names_other(bare):
        return "other"
    return "mean" if mean else "most" if most else "other"


# --- what the user says --------------------------------------------------------------------


def known_figures(index: str) -> dict[str, Meaning]:
    """Every figure that a column can be, by the name that ``--column`` takes."""
    figures = [Meaning("figure", "score"), Meaning("figure", "rank")]
    for measure in ("points", "percent", "part_rank") if index == "PAR" else ("factor",):
        figures += [Meaning("figure", measure, part) for part in _PARTS[index]]
    return {str(figure): figure for figure in figures} | {
        "ignore": Meaning("skip", part="left out by --column"),
        "year": Meaning("year"),
    }


def mapping(options: list[str], index: str) -> dict[str, Meaning]:
    """Read ``--column "Điểm A=appraisal"`` or ``--column "F=ignore"``.

    Returns
    -------
    dict of str to Meaning
        By the letter of a column ("F"), or by the words of a head, which are in small letters.

    Raises
    ------
    WrongArgument
        Without a "=", or with a figure that is not known; the nearest are in the message.
    """
    known, found = known_figures(index), {}
    for option in options:
        head, equals, figure = option.rpartition("=")
        figure = figure.strip().lower()
        if not equals or not words(head):
            raise WrongArgument(
                f'--column "{option}" must name a head or a letter, and a figure: '
                '--column "Điểm A=appraisal".'
            )
        if figure not in known:
            near = get_close_matches(figure, known, n=3, cutoff=0) or list(known)[:3]
            raise WrongArgument(
                f'--column "{option}": there is no figure "{figure}" of {index}. Nearest: '
                f"{', '.join(near)}."
            )
        is_letter = re.fullmatch(r"[A-Z]{1,2}", head.strip())
        found[head.strip() if is_letter else words(head)] = known[figure]
    return found


def nearest(head: str, index: str) -> list[str]:
    """Name the three known heads nearest to an unknown one, each with its figure."""
    whole = "Chỉ số CCHC" if index == "PAR" else "Chỉ số hài lòng"
    samples = {whole: "score", "Tổng điểm": "score", "Xếp hạng": "rank"}
    samples |= {part["head"]: name for name, part in _PARTS[index].items()}
    by_words = {words(text): text for text in samples}
    near = [by_words[key] for key in get_close_matches(words(head), by_words, n=3, cutoff=0)]
    return [f'"{text}" = {samples[text]}' for text in near]
