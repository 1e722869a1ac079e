"""What the head of a column says, and which index a title names: Vietnamese or English.

A head is matched whole: each of its words must belong to a phrase that is known. A head with a word
more is unknown, since "Tổng điểm" is the score and "Tổng thu ngân sách" is not.
"""

import re
import unicodedata
from difflib import get_close_matches
from functools import lru_cache
from typing import NamedTuple

from helpers import facts
from helpers.importing.shapes import Cell, Meaning, Request, Sheet, WrongArgument

SATISFACTION = ("points", "satisfaction")
_LONGEST_PHRASE = 8  # words


# --- words ---------------------------------------------------------------------------------


def words(text: str) -> str:
    """Write a text in small letters without marks, words with one space between; % stays."""
    bare = unicodedata.normalize("NFD", text.casefold().replace("đ", "d"))
    bare = "".join(char for char in bare if not unicodedata.combining(char))
    return " ".join(re.findall(r"[a-z0-9]+|%|#", bare))


def _phrases(text: str) -> frozenset[str]:
    return frozenset(filter(None, map(str.strip, text.split("|"))))


_MEASURE = _phrases(
    "diem|diem so|so diem|chi so|chi so thanh phan|gia tri|ty le|ti le|%|score|index|points|value"
)
_RANK = _phrases("xep hang|thu hang|thu tu|vi thu|vi tri|thu bac|hang|xep thu|rank|ranking")
_FILL = _phrases(
    "ket qua|nam|year|dat|dat duoc|chung|danh gia|cua|cac|va|tinh|thanh pho|tinh thanh pho|"
    "dia phuong|theo|cong bo|trong do|toan quoc|ca nuoc|quoc gia"
)
_TOTAL = _phrases(
    "tong diem|diem tong|tong so diem|diem tong cong|tong cong|tong|tong hop|total|overall"
)
_NAMES = {
    "PAR": _phrases(
        "par|par index|parindex|cchc|cai cach hanh chinh|chi so cchc|chi so cai cach hanh chinh"
    ),
    "SIPAS": _phrases("sipas|sipas index|hai long|su hai long|muc do hai long|satisfaction"),
}
_OF_WHOM = _phrases(
    "nguoi dan|to chuc|ca nhan|doanh nghiep|doi voi|ve|su|phuc vu|su phuc vu|hanh chinh|nha nuoc|"
    "hanh chinh nha nuoc|hcnn|cqhcnn|hcc|co quan|quan hanh chinh|dich vu|dich vu cong|"
    "hanh chinh cong|khao sat|do luong"
)


class _Part(NamedTuple):
    """A part of an index: its head as the ministry writes it, phrases of which a head needs one,
    and words that may stand beside."""

    head: str
    core: frozenset[str]
    beside: frozenset[str]


def _part(head: str, core: str, beside: str = "") -> _Part:
    return _Part(head, _phrases(core), _phrases(beside))


# In this order: the first whose words cover a head is meant.
_PARTS = {
    "PAR": {
        "satisfaction": _Part(
            "Chỉ số SIPAS", _NAMES["SIPAS"], _OF_WHOM | _phrases("dieu tra|cong")
        ),
        "steering": _part(
            "Công tác chỉ đạo điều hành",
            "chi dao|dieu hanh|chi dao dieu hanh|steering",
            "cong tac|su|trong",
        ),
        "managers_survey": _part(
            "Khảo sát lãnh đạo quản lý",
            "lanh dao quan ly|lanh dao|ldql|manager|managers|can bo lanh dao quan ly",
            "khao sat|dieu tra|y kien|cac cap|tu|survey|of",
        ),
        "socioeconomic_impact": _part(
            "Tác động đến phát triển KT-XH",
            "kt xh|ktxh|kinh te xa hoi|socio economic|socioeconomic|phat trien kinh te",
            "tac dong|den|phat trien|su|impact|development|on",
        ),
        "impact": _part(
            "Tác động của CCHC",
            "tac dong|impact",
            "den|nguoi dan|to chuc|doanh nghiep|phat trien|kt xh|ktxh|kinh te xa hoi|su|on",
        ),
        "survey": _part(
            "Điểm điều tra xã hội học",
            "dieu tra xa hoi hoc|dieu tra xhh|khao sat xa hoi hoc|xhh|dtxhh|score survey|survey",
        ),
        "appraisal": _part(
            "Điểm thẩm định",
            "tham dinh|score moha|appraisal|bo noi vu danh gia|bo noi vu cham",
            "bo noi vu|hoi dong|hoi dong tham dinh",
        ),
        "legal_documents": _part(
            "Xây dựng văn bản quy phạm pháp luật",
            "van ban|quy pham phap luat|van ban quy pham phap luat|van ban qppl|vbqppl|the che|"
            "legal document|legal documents",
            "xay dung|to chuc thuc hien|thuc hien|thi hanh|to chuc|cai cach|tai|cap",
        ),
        "procedures": _part(
            "Cải cách thủ tục hành chính",
            "thu tuc|thu tuc hanh chinh|tthc|procedures|administrative procedures",
            "cai cach",
        ),
        "apparatus": _part(
            "Tổ chức bộ máy",
            "bo may|to chuc bo may|apparatus",
            "cai cach|hanh chinh|nha nuoc|hanh chinh nha nuoc",
        ),
        "civil_service": _part(
            "Cán bộ công chức",
            "cong chuc|vien chuc|can bo cong chuc|can bo|cong vu|che do cong vu|cbccvc|cbcc|"
            "civil service",
            "cai cach|xay dung|nang cao|chat luong|doi ngu|phat trien|vien chuc",
        ),
        "public_finance": _part("Tài chính công", "tai chinh cong|public finance", "cai cach"),
        "modernisation": _part(
            "Hiện đại hóa hành chính",
            "hien dai hoa|chinh quyen dien tu|chinh phu dien tu|chinh quyen dien tu chinh quyen so|"
            "cqdt|cqdt cqs|modernisation|modernization",
            "hanh chinh|nen hanh chinh|nha nuoc|xay dung|phat trien|chinh quyen so|chinh phu so",
        ),
    },
    "SIPAS": {
        "access": _part("Tiếp cận dịch vụ", "tiep can|access", "den|thong tin"),
        "procedures": _part(
            "Thủ tục hành chính", "thu tuc|thu tuc hanh chinh|tthc|procedures", "quy dinh"
        ),
        "officials": _part(
            "Công chức",
            "cong chuc|can bo|can bo cong chuc|officials",
            "truc tiep|giai quyet|cong viec|thu tuc|thu tuc hanh chinh|tthc|tiep nhan|ho so|"
            "vien chuc|doi ngu|thuc hien|tra ket qua",
        ),
        "results": _part(
            "Kết quả giải quyết",
            "ket qua giai quyet|ket qua dich vu|ket qua cung cap|ket qua cung ung|ket qua tra|"
            "results",
            "cong viec|thu tuc|thu tuc hanh chinh|tthc|ho so|giai quyet",
        ),
        "feedback": _part(
            "Góp ý, phản ánh, kiến nghị",
            "gop y|phan anh|kien nghi|pakn|feedback",
            "tiep nhan|xu ly|giai quyet|y kien|viec",
        ),
        "policy_making": _part(
            "Xây dựng chính sách",
            "chinh sach|policy making",
            "viec|xay dung|to chuc thuc hien|thuc hien|ban hanh|cong",
        ),
        "service_delivery": _part(
            "Cung ứng dịch vụ", "cung ung|service delivery", "viec|thuc hien|cong"
        ),
    },
}

# What is left out, whatever stands beside it; then what is left out or used as it is.
_ASIDE = [
    ("skip", "self-assessment", r"\btu (danh gia|cham)\b"),
    (
        "skip",
        "change on another year",
        r"\b(tang|giam|thay doi|so sanh|so voi|chenh lech|change)\b",
    ),
    (
        "skip",
        "maximum points",
        r"^(so )?(diem toi da|diem chuan|thang diem|max|maximum)( points)?$",
    ),
    ("skip", "notes", r"^(ghi chu|notes?|remarks?)$"),
    ("skip", "number of the row", r"^(stt|so tt|tt|no|so thu tu|#)$"),
    ("skip", "region", r"^(vung|khu vuc|vung kinh te|region)$"),
    ("skip", "whether it is ranked", r"^ranked$"),
    ("skip", "short name", r"^(geo short|short name|ten viet tat)$"),
    ("geo_system", "", r"^geo system$"),
    ("unit_type", "", r"^(unit type|loai don vi)$"),
    ("year", "", r"^(nam|year)$"),
    ("code", "", r"^(ma|ma so|ma tinh|ma dia phuong|ma don vi|code|(unit|geo|province) code)$"),
]
_UNIT = re.compile(
    r"\b(tinh|thanh pho|dia phuong|don vi|ten|provinces?|city|locality|unit name|geo name)\b"
)
_PERCENT = re.compile(r"%|\b(ty le|ti le|percent)\b")
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
    for role, what, pattern in _ASIDE:
        if re.search(pattern, levels[0]):
            return Meaning(role, part=what)
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


def _figure(concept: str, ranked: bool, path: list[str], index: str, above: str) -> Meaning:
    other = "SIPAS" if index == "PAR" else "PAR"
    own = _has(above, _NAMES[index])
    if concept == "other" or (
        above and not own and (_has(above, _NAMES[other]) or _foreign(above))
    ):
        return Meaning("skip", part="the other index")
    if concept == "score":
        return Meaning("figure", "rank" if ranked else "score")
    if concept == "satisfaction" and ranked:
        return Meaning("skip", part="the other index")
    if index == "SIPAS":
        skip = Meaning("skip", part="rank of a factor")
        return skip if ranked else Meaning("figure", "factor", concept)
    if ranked:
        return Meaning("figure", "part_rank", concept)
    in_percent = concept in facts.FIELDS and _PERCENT.search(" ".join(map(words, path)))
    return Meaning("figure", "percent" if in_percent else "points", concept)


@lru_cache(maxsize=2000)
def _concept(text: str, index: str) -> str | None:
    """Give the part that a text names, "score" for the index, "" for nothing but a measure.

    "other" is the other index; None is a text with words that are not known.
    """
    plain = _MEASURE | _RANK | _FILL
    if _is_covered(text, plain):
        return ""
    if index == "SIPAS" and " ve ket qua" in text:
        return None  # the results, which "kết quả" elsewhere are not
    also = _NAMES["PAR"] if index == "PAR" else _NAMES["SIPAS"] | _OF_WHOM | {"yeu to"}
    for part, (_, core, beside) in _PARTS[index].items():
        if _has(text, core) and _is_covered(text, plain | core | beside | also | {"tong diem"}):
            return part
    own = _NAMES[index] | _TOTAL | (_OF_WHOM if index == "SIPAS" else frozenset())
    if _has(text, _NAMES[index] | _TOTAL) and _is_covered(text, plain | own):
        return "score"
    if index == "SIPAS" and _is_covered(text, plain | _NAMES["PAR"]):
        return "other"
    return None


def _has(text: str, phrases: frozenset[str]) -> bool:
    return any(f" {phrase} " in f" {text} " for phrase in phrases)


def _is_covered(text: str, phrases: frozenset[str]) -> bool:
    """Whether a text is phrases and years, one after another, and nothing else."""
    tokens = text.split()
    reached = {0}
    for start in range(len(tokens)):
        if start not in reached:
            continue
        if re.fullmatch(r"20\d\d", tokens[start]):
            reached.add(start + 1)
        for end in range(start + 1, min(start + _LONGEST_PHRASE, len(tokens)) + 1):
            if " ".join(tokens[start:end]) in phrases:
                reached.add(end)
    return len(tokens) in reached


@lru_cache(maxsize=2)
def _joined(index: str) -> dict[str, str]:
    """Phrases by their letters without spaces."""
    known = _MEASURE | _RANK | _TOTAL | _NAMES["PAR"] | _NAMES["SIPAS"] | {"stt", "so tt"}
    known |= {phrase for part in _PARTS[index].values() for phrase in part.core}
    return {phrase.replace(" ", ""): phrase for phrase in sorted(known)}


def _rejoined(text: str, index: str) -> str:
    """Mend a head that a narrow column broke within a word, as "ST T" and "Xếp hạn g"."""
    if _concept(text, index) is not None:
        return text
    return _joined(index).get(text.replace(" ", ""), text)


def years_in(path: list[str]) -> set[int]:
    """Years in the lowest text of a head that mentions any."""
    found = ({int(year) for year in re.findall(r"\b20\d\d\b", text)} for text in reversed(path))
    return next(filter(None, found), set())


def is_head_of_units(text: str) -> bool:
    """Whether a text can be the head of the column of names."""
    return len(text) <= 80 and bool(_UNIT.search(words(text)))


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

# Indices and statistics that tables of all provinces are of as well.
_FOREIGN = {
    "PCI": r"\bpci\b|\bnang luc canh tranh\b",
    "PAPI": r"\bpapi\b|\bhieu qua quan tri\b",
    "PII": r"\bpii\b|\bdoi moi sang tao\b",
    "DTI": r"\bdti\b|\bchuyen doi so\b|\bkinh te so\b|\bxa hoi so\b",
    "PGI": r"\bpgi\b|\bchi so xanh\b",
    "ICT Index": r"\bict\b|\bcong nghe thong tin\b",
    "DDCI": r"\bddci\b",
    "HDI": r"\bhdi\b|\bphat trien con nguoi\b",
    "CPI": r"\bcpi\b|\bgia tieu dung\b",
    "the index of service to people and businesses": r"\bchi so phuc vu\b",
    "poverty": r"\bngheo\b|\bpoverty\b",
    "growth": r"\btang truong\b|\bgrdp\b|\bgdp\b|\bgrowth\b",
    "the budget": r"\bngan sach\b|\bbudget\b",
    "income": r"\bthu nhap\b|\bincome\b",
    "population": r"\bdan so\b|\bpopulation\b",
    "investment": r"\bfdi\b|\bdau tu\b|\binvestment\b",
    "satisfaction with other services": r"\bhai long\b.*\b(y te|benh|kham chua|giao duc|hoc sinh|"
    r"phu huynh|thue|hai quan|dien luc|ngan hang)\b",
}
# Names of indices, which stand in no letterhead and in no title of another table.
INDICES = frozenset({"PAR", "SIPAS", "PCI", "PAPI", "PII", "DTI", "PGI", "ICT Index", "DDCI"})
_NAMED = {
    "PAR": re.compile(r"\b(par|par ?index|cchc|cai cach hanh chinh)\b"),
    "SIPAS": re.compile(r"\b(sipas|hai long)\b"),
}


def _foreign(text: str) -> str | None:
    return next((name for name, sign in _FOREIGN.items() if re.search(sign, text)), None)


def indices_named(text: str) -> set[str]:
    """Say which indices or statistics a title names, "PAR" and "SIPAS" among them."""
    bare = words(text)
    found = {name for name, sign in _NAMED.items() if sign.search(bare)}
    found |= {name for name, sign in _FOREIGN.items() if re.search(sign, bare)}
    return found - {"SIPAS"} if "satisfaction with other services" in found else found


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
        if name == alone or re.search(rf"{_OF_PART}({'|'.join(part.core)})\b", bare):
            return part.head
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


# --- what the user says --------------------------------------------------------------------


def known_figures(index: str) -> dict[str, Meaning]:
    """Every figure that a column can be, by the name that ``--column`` takes."""
    figures = [Meaning("figure", "score"), Meaning("figure", "rank")]
    if index == "PAR":
        for measure in ("points", "percent", "part_rank"):
            figures += [Meaning("figure", measure, part) for part in _PARTS["PAR"]]
    else:
        figures += [Meaning("figure", "factor", factor) for factor in _PARTS["SIPAS"]]
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


_HEADS_OF_SCORE = {"PAR": ("Chỉ số CCHC", "Tổng điểm"), "SIPAS": ("Chỉ số hài lòng",)}


def nearest(head: str, index: str) -> list[str]:
    """Name the three known heads nearest to an unknown one, each with its figure."""
    samples = {text: "score" for text in _HEADS_OF_SCORE[index]} | {"Xếp hạng": "rank"}
    samples |= {part.head: name for name, part in _PARTS[index].items()}
    by_words = {words(text): text for text in samples}
    near = [by_words[key] for key in get_close_matches(words(head), by_words, n=3, cutoff=0)]
    return [f'"{text}" = {samples[text]}' for text in near]
