"""What the head of a column says: Vietnamese with or without marks, or English."""

import re
import unicodedata
from difflib import get_close_matches
from typing import NamedTuple

from helpers import facts
from helpers.importing.refusal import WrongArgument

FACTORS = (
    "access",
    "procedures",
    "officials",
    "results",
    "feedback",
    "policy_making",
    "service_delivery",
)
PARTS = (*facts.FIELDS, *facts.BLOCKS, "survey")
SATISFACTION = ("points", "satisfaction")


class Meaning(NamedTuple):
    """What a column holds.

    ``role`` is "figure", "year", "unit_type", "code", "skip" (``part`` says what it is) or
    "unknown"; a figure has the ``measure`` and ``part`` of observations.csv.
    """

    role: str
    measure: str = ""
    part: str = ""

    def __str__(self) -> str:
        if self.role == "figure":
            return figure_name(self.measure, self.part)
        return self.part or self.role.replace("_", " ")


def figure_name(measure: str, part: str) -> str:
    """Write a figure as ``--column`` takes it: score, rank, appraisal, percent:steering."""
    return part if measure in ("points", "factor") else f"{measure}:{part}".rstrip(":")


# --- words ---------------------------------------------------------------------------------


def words(text: str) -> str:
    """Write a text in small letters without marks, words with one space between; % stays."""
    bare = unicodedata.normalize("NFD", text.casefold().replace("đ", "d"))
    bare = "".join(char for char in bare if not unicodedata.combining(char))
    return " ".join(re.findall(r"[a-z0-9]+|%|#", bare))


# In this order: the first that fits decides.
_ASIDE = [
    ("skip", "self-assessment", r"\btu (danh gia|cham)\b"),
    (
        "skip",
        "change on another year",
        r"\b(tang|giam|thay doi|so sanh|so voi|chenh lech|change)\b",
    ),
    ("skip", "maximum points", r"\b(diem toi da|diem chuan|max|maximum)\b"),
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
_PAR_PARTS = [
    ("satisfaction", r"\b(sipas|hai long)\b"),
    ("steering", r"\b(chi dao|dieu hanh|steering)\b"),
    ("managers_survey", r"\b(lanh dao|ldql|managers?)\b|\bkhao sat\b.*\bquan ly\b"),
    ("impact", r"\btac dong\b.*\b(nguoi dan|to chuc)\b"),
    (
        "socioeconomic_impact",
        r"\b(kt ?xh|kinh te|socio ?economic)\b|\btac dong\b.*\bphat trien\b",
    ),
    ("impact", r"\b(tac dong|impact)\b"),
    ("survey", r"\b(score survey|dieu tra xa hoi hoc|dieu tra xhh|khao sat xa hoi hoc|xhh)\b"),
    ("appraisal", r"\b(tham dinh|score moha|appraisal|bo noi vu (danh gia|cham))\b"),
    ("legal_documents", r"\b(van ban|quy pham|vbqppl|the che|legal documents?)\b"),
    ("procedures", r"\b(thu tuc|tthc|procedures?)\b"),
    ("apparatus", r"\b(bo may|apparatus)\b"),
    ("civil_service", r"\b(cong chuc|vien chuc|can bo|cong vu|cbccvc|civil service)\b"),
    ("public_finance", r"\b(tai chinh|public finance)\b"),
    (
        "modernisation",
        r"\b(hien dai hoa|chinh quyen (dien tu|so)|chinh phu (dien tu|so)|moderni[sz]ation)\b",
    ),
]
_SIPAS_FACTORS = [
    ("feedback", r"\b(gop y|phan anh|kien nghi|feedback)\b"),
    ("policy_making", r"\b(chinh sach|policy making)\b"),
    ("service_delivery", r"\b(cung ung|service delivery)\b"),
    ("access", r"\b(tiep can|access)\b"),
    ("procedures", r"\b(thu tuc|tthc|procedures?)\b"),
    ("officials", r"\b(cong chuc|can bo|officials?)\b"),
    ("results", r"\b(ket qua (giai quyet|dich vu|cung cap|tra)|results?)\b"),
]
_TOTAL = {
    "PAR": re.compile(
        r"\b(par|parindex|chi so cchc|chi so cai cach|cchc|tong diem|diem tong|tong cong|tong|"
        r"total)\b"
    ),
    "SIPAS": re.compile(r"\b(sipas( index)?|hai long|satisfaction)\b"),
}
_OTHER_INDEX = {
    "PAR": re.compile(r"\b(sipas|hai long)\b"),
    "SIPAS": re.compile(r"\b(par( index)?|parindex|cchc|cai cach hanh chinh)\b"),
}
_RANK = re.compile(r"\b(xep hang|thu hang|vi thu|thu bac|hang|xep thu|rank(ing)?)\b")
_GENERIC = re.compile(
    r"^((ket qua|gia tri|diem|diem so|so diem|chi so|ty le|ti le|score|index|points|value|%|nam|"
    r"20\d\d|dat duoc|chung|ket qua chi so|toan quoc|ca nuoc|dat) ?)+$"
)
_MEASURE = re.compile(r"%|\b(diem|chi so|gia tri|ty le|ti le|score|index|points|value)\b")
_PERCENT = re.compile(r"%|\b(ty le|ti le|percent)\b")


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
    levels = [words(text) for text in reversed(path)]
    levels = [text for text in levels if text]
    if not levels:
        return Meaning("unknown")
    leaf = levels[0]
    for role, what, pattern in _ASIDE:
        if re.search(pattern, leaf):
            return Meaning(role, part=what)
    if index == "SIPAS" and leaf == "ket qua":
        return Meaning("unknown")  # the index, or the factor of that name
    ranked, has_measure = False, bool(_MEASURE.search(leaf))
    for depth, level in enumerate(levels):
        # "2020" below "Xếp hạng" is a rank, "Điểm" below "Kết quả xếp hạng" is none.
        ranked |= bool(_RANK.search(level)) and (depth == 0 or not has_measure)
        rest = " ".join(_RANK.sub(" ", level).split())
        concept = _concept(rest, index)
        if concept is not None:
            return _figure(concept, ranked, path, index)
        # The title of a group may say anything, the head of a column may not.
        if depth == 0 and rest and not _GENERIC.fullmatch(rest):
            return Meaning("unknown")
    return _figure("", ranked, path, index)


def _concept(text: str, index: str) -> str | None:
    """Give the part that a text names, "" for the index itself, None where it names nothing."""
    if index == "SIPAS" and _OTHER_INDEX["SIPAS"].search(text):
        return "other index"
    parts = _PAR_PARTS if index == "PAR" else _SIPAS_FACTORS
    for part, pattern in parts:
        # Before the index: "Tác động của CCHC" names a part, "Chỉ số CCHC" the index.
        if re.search(pattern, text):
            return part
    return "" if _TOTAL[index].search(text) else None


def _figure(concept: str, ranked: bool, path: list[str], index: str) -> Meaning:
    if concept == "other index":
        return Meaning("skip", part="the other index")
    if not concept:
        return Meaning("figure", "rank" if ranked else "score")
    if concept == "satisfaction" and ranked:
        return Meaning("skip", part="the other index")
    if index == "SIPAS":
        return Meaning("skip", part="rank of a factor") if ranked else _of("factor", concept)
    if ranked:
        return _of("part_rank", concept)
    in_percent = concept in facts.FIELDS and _PERCENT.search(" ".join(map(words, path)))
    return _of("percent" if in_percent else "points", concept)


def _of(measure: str, part: str) -> Meaning:
    return Meaning("figure", measure, part)


def years_in(path: list[str]) -> set[int]:
    """Years in the lowest text of a head that mentions any."""
    found = ({int(year) for year in re.findall(r"\b20\d\d\b", text)} for text in reversed(path))
    return next(filter(None, found), set())


def is_head_of_units(text: str) -> bool:
    """Whether a text can be the head of the column of names."""
    return len(text) <= 80 and bool(_UNIT.search(words(text)))


# --- what the user says --------------------------------------------------------------------


def known_figures(index: str) -> dict[str, Meaning]:
    """Every figure that a column can be, by the name that ``--column`` takes."""
    figures = [_of("score", ""), _of("rank", "")]
    if index == "PAR":
        figures += [_of("points", part) for part in PARTS]
        figures += [_of("percent", part) for part in PARTS]
        figures += [_of("part_rank", part) for part in PARTS]
    else:
        figures += [_of("factor", factor) for factor in FACTORS]
    return {str(figure): figure for figure in figures} | {
        "ignore": Meaning("skip", part="left out by --column"),
        "year": Meaning("year"),
    }


def mapping(options: list[str], index: str) -> dict[str, Meaning]:
    """Read ``--column "Điểm A=appraisal"``: what a head, as `words` writes it, means.

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
                f'--column "{option}" must name a head and a figure: --column "Điểm A=appraisal".'
            )
        if figure not in known:
            near = get_close_matches(figure, known, n=3, cutoff=0) or list(known)[:3]
            raise WrongArgument(
                f'--column "{option}": there is no figure "{figure}" of {index}. Nearest: '
                f"{', '.join(near)}."
            )
        found[words(head)] = known[figure]
    return found


# Heads as the ministry writes them, to name the nearest of an unknown one.
_SAMPLES = {
    "PAR": {
        "Chỉ số CCHC": "score",
        "Tổng điểm": "score",
        "Xếp hạng": "rank",
        "Điểm thẩm định": "appraisal",
        "Chỉ số SIPAS": "satisfaction",
        "Khảo sát lãnh đạo quản lý": "managers_survey",
        "Tác động đến phát triển KT-XH": "socioeconomic_impact",
        "Điểm điều tra xã hội học": "survey",
        "Công tác chỉ đạo điều hành": "steering",
        "Xây dựng văn bản quy phạm pháp luật": "legal_documents",
        "Cải cách thủ tục hành chính": "procedures",
        "Tổ chức bộ máy": "apparatus",
        "Cán bộ công chức": "civil_service",
        "Tài chính công": "public_finance",
        "Hiện đại hóa hành chính": "modernisation",
        "Tác động của CCHC": "impact",
    },
    "SIPAS": {
        "Chỉ số hài lòng": "score",
        "Xếp hạng": "rank",
        "Tiếp cận dịch vụ": "access",
        "Thủ tục hành chính": "procedures",
        "Công chức": "officials",
        "Kết quả giải quyết": "results",
        "Góp ý, phản ánh, kiến nghị": "feedback",
        "Xây dựng chính sách": "policy_making",
        "Cung ứng dịch vụ": "service_delivery",
    },
}


def nearest(head: str, index: str) -> list[str]:
    """Name the three known heads nearest to an unknown one, each with its figure."""
    samples = {words(sample): (sample, figure) for sample, figure in _SAMPLES[index].items()}
    near = get_close_matches(words(head), samples, n=3, cutoff=0)
    return [f'"{samples[key][0]}" = {samples[key][1]}' for key in near]
