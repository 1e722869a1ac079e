"""What people read: Vietnamese names, numbers and sentences.

Every sentence is made from its numbers here, so that a fall, a tie, a missing figure and a figure
that is only known between bounds all read as an official would write them.
"""

import math
import re
import unicodedata
from decimal import ROUND_HALF_UP, Decimal

import pandas as pd
from babel.dates import format_date
from babel.numbers import format_decimal

from helpers import facts, units

LOCALE = "vi"
MISSING = "–"

INDEX = {"PAR": "PAR INDEX", "SIPAS": "SIPAS"}
INDEX_LONG = {
    "PAR": "Chỉ số cải cách hành chính (PAR INDEX)",
    "SIPAS": (
        "Chỉ số hài lòng của người dân, tổ chức đối với sự phục vụ "
        "của cơ quan hành chính nhà nước (SIPAS)"
    ),
}
KIND = {"published": "công bố", "derived": "suy ra", "estimated": "ước lượng"}

PART = {
    "steering": "Chỉ đạo, điều hành cải cách hành chính",
    "legal_documents": "Xây dựng và tổ chức thực hiện văn bản quy phạm pháp luật",
    "procedures": "Cải cách thủ tục hành chính",
    "apparatus": "Cải cách tổ chức bộ máy hành chính",
    "civil_service": "Xây dựng và nâng cao chất lượng đội ngũ cán bộ, công chức, viên chức",
    "public_finance": "Cải cách tài chính công",
    "modernisation": "Hiện đại hóa hành chính",
    "impact": "Tác động của cải cách hành chính",
    "appraisal": "Điểm thẩm định của Bộ Nội vụ",
    "satisfaction": "Chỉ số hài lòng (quy ra điểm)",
    "managers_survey": "Khảo sát lãnh đạo, quản lý",
    "socioeconomic_impact": "Tác động đến phát triển kinh tế - xã hội",
    "survey": "Điều tra xã hội học",
    "results": "Đánh giá qua kết quả",
    "surveys": "Điều tra xã hội học",
}
FACTOR = {
    "access": "Tiếp cận dịch vụ",
    "procedures": "Thủ tục hành chính",
    "officials": "Công chức trực tiếp giải quyết công việc",
    "results": "Kết quả giải quyết công việc",
    "feedback": "Tiếp nhận, xử lý góp ý, phản ánh, kiến nghị",
    "policy_making": "Xây dựng, tổ chức thực hiện chính sách",
    "service_delivery": "Cung ứng dịch vụ hành chính công",
}


def number(value: float, decimals: int = 2) -> str:
    """Write a number with a decimal comma and a fixed number of decimals: 84,33."""
    if value is None or math.isnan(value):
        return MISSING
    pattern = "#,##0" + ("." + "0" * decimals if decimals else "")
    return format_decimal(_rounded(value, decimals), format=pattern, locale=LOCALE)


def _rounded(value: float, decimals: int = 2) -> Decimal:
    # As people round, 84.335 to 84.34, from the digits that are shown; adding 0 turns -0 into 0.
    return Decimal(str(value)).quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP) + 0


def whole(value: float) -> str:
    """Write a whole number, such as a rank or a count: 1.234."""
    return number(value, 0)


def score(value: float, index: str) -> str:
    """Write a score with its unit: 84,33 điểm for PAR INDEX, 88,70% for SIPAS."""
    if value is None or math.isnan(value):
        return MISSING
    return f"{number(value)} điểm" if index == "PAR" else f"{number(value)}%"


def difference(value: float, index: str) -> str:
    """Write the size of a difference with its unit: 1,20 điểm, or 1,20 điểm phần trăm."""
    return f"{number(abs(value))} {'điểm' if index == 'PAR' else 'điểm phần trăm'}"


def score_change(value: float, index: str) -> str:
    """Say how a score changed: tăng 1,20 điểm; giảm 0,50 điểm phần trăm; không thay đổi."""
    if value is None or math.isnan(value):
        return MISSING
    if _rounded(value) == 0:
        return "không thay đổi"
    return f"{'tăng' if value > 0 else 'giảm'} {difference(value, index)}"


def rank_change(places: float) -> str:
    """Say how a rank changed (positive: places gained): tăng 14 bậc; giữ nguyên thứ hạng."""
    if places is None or math.isnan(places):
        return MISSING
    if places == 0:
        return "giữ nguyên thứ hạng"
    return f"{'tăng' if places > 0 else 'giảm'} {whole(abs(places))} bậc"


def rank(value: float, of: int = 63) -> str:
    """Write a rank among so many: 29/63."""
    return MISSING if value is None or math.isnan(value) else f"{whole(value)}/{of}"


def date(value: str) -> str:
    """Write an ISO date as Vietnamese do, as exactly as it is known.

    Examples
    --------
    >>> date("2021-06-24"), date("2022-05"), date("2019"), date("")
    ('24 tháng 6, 2021', 'tháng 5, 2022', '2019', '')
    """
    if len(value) == 10:
        return format_date(pd.Timestamp(value).date(), format="long", locale=LOCALE)
    if len(value) == 7:
        return f"tháng {int(value[5:])}, {value[:4]}"
    return value


def place(name: str, kind: str) -> str:
    """Name a province with its kind: tỉnh Thanh Hóa, thành phố Hải Phòng."""
    word = "thành phố" if kind == "city" else "tỉnh"
    if name == "Hồ Chí Minh":
        word = word.capitalize()
    return f"{word} {name}"


def place_of(name: str) -> str:
    """Name a province of 2020 with its kind, as `place`."""
    return place(name, units.provinces().set_index("name").at[name, "kind"])


def score_axis(index: str) -> str:
    """Name the scores of an index with their unit: Điểm PAR INDEX; SIPAS, %."""
    return "Điểm PAR INDEX" if index == "PAR" else "SIPAS, %"


def capital(text: str) -> str:
    """Begin a text with a capital letter."""
    return text[:1].upper() + text[1:]


def names(values: list[str]) -> str:
    """Join names as in a sentence: A, B và C."""
    values = list(values)
    if len(values) < 2:
        return "".join(values)
    return f"{', '.join(values[:-1])} và {values[-1]}"


def signed(value: float, decimals: int = 2) -> str:
    """Write a difference with its sign, a true minus for a fall: +0,61; −1,20; 0,00."""
    if value is None or math.isnan(value):
        return MISSING
    text = number(abs(value), decimals)
    rounded = _rounded(value, decimals)
    return text if rounded == 0 else f"{'+' if rounded > 0 else '−'}{text}"


def plain(text: str) -> str:
    """Strip diacritics and case, for identifiers: "Đắk Lắk" becomes "dak lak"."""
    decomposed = unicodedata.normalize("NFD", text.lower().replace("đ", "d"))
    return "".join(c for c in decomposed if not unicodedata.combining(c))


# --- sentences --------------------------------------------------------------------------------


def result(place_name: str, found: dict, index: str, year: int, of: int = 63) -> str:
    """Say what is published on one province, index and year, in one or two sentences.

    Parameters
    ----------
    place_name : str
        As given by `place`.
    found : dict
        As given by `helpers.standing.of_year`.
    """
    score_row, rank_row = found["score"], found["rank"]
    if score_row is None and rank_row is None:
        return _bounds(place_name, found, index, year, of)
    subject = f"Chỉ số {INDEX[index]} năm {year} của {place_name}"
    told = []
    if score_row is not None:
        told.append(f"đạt {score(score_row['value'], index)}{_if_derived(score_row)}")
    if rank_row is not None:
        told.append(f"xếp thứ {rank(rank_row['value'], of)}{_if_derived(rank_row)}")
    if found["rank_change"] is not None:
        change = found["rank_change"]
        told.append(f"{rank_change(change['value'])} so với năm {year - 1}{_if_derived(change)}")
    missing = "điểm số" if score_row is None else "thứ hạng" if rank_row is None else ""
    rest = f"; {missing} chưa thấy công bố" if missing else ""
    return f"{subject} {', '.join(told)}{rest}.{_against_mean(found, index)}"


def kind_of(figure) -> str:
    """Say whether a row of the tidy table, or a change, is published or derived."""
    return figure.get("kind") or facts.kind(figure["derivation"])


def _if_derived(figure) -> str:
    kind = kind_of(figure)
    return f" ({KIND['derived']})" if kind == "derived" else ""


def _against_mean(found: dict, index: str) -> str:
    if found["score"] is None or found["mean"] is None:
        return ""
    gap = found["score"]["value"] - found["mean"]["value"]
    mean = score(found["mean"]["value"], index)
    if _rounded(gap) == 0:
        return f" Kết quả này bằng bình quân cả nước ({mean}; suy ra)."
    side = "cao hơn" if gap > 0 else "thấp hơn"
    return f" Kết quả này {side} bình quân cả nước ({mean}) {difference(gap, index)} (suy ra)."


def _bounds(place_name: str, found: dict, index: str, year: int, of: int) -> str:
    low, high = found["at_least"], found["at_most"]
    name = INDEX[index]
    if low is None and high is None:
        return (
            f"Chưa thấy số liệu {name} năm {year} của {place_name} được công bố "
            "trong các nguồn đã thu thập."
        )
    first, last = (
        1 if low is None else low["value"],
        of if high is None else high["value"],
    )
    return (
        f"Năm {year}, chỉ biết {place_name} xếp trong khoảng từ thứ {whole(first)} đến thứ "
        f"{whole(last)} trong {of} tỉnh, thành phố về {name}; điểm số và thứ hạng cụ thể "
        "chưa thấy công bố."
    )


def neighbour(found_above: dict | None, found_below: dict | None, index: str) -> str:
    """Say who stands just above and below, and by how much.

    Parameters
    ----------
    found_above, found_below : dict or None
        ``unit``, ``rank`` (NaN where not known) and ``gap`` in points (NaN where not known).
    """
    sides = []
    for row, where, more in (
        (found_above, "ngay trên", "cao hơn"),
        (found_below, "ngay dưới", "thấp hơn"),
    ):
        if row is None:
            continue
        told = []
        if not math.isnan(row["rank"]):
            told.append(f"hạng {whole(row['rank'])}")
        if not math.isnan(row["gap"]):
            gap = row["gap"]
            told.append("bằng điểm" if gap == 0 else f"{more} {difference(gap, index)}")
        sides.append(f"{where} là {row['unit']}" + (f" ({', '.join(told)})" if told else ""))
    if not sides:
        return ""
    return f"Trong số các địa phương có số liệu {INDEX[index]} được công bố, đứng {names(sides)}."


ABSENT = {
    "score": "điểm số",
    "rank": "thứ hạng",
    "score_change": "mức tăng, giảm điểm so với năm trước",
    "rank_change": "mức tăng, giảm thứ hạng so với năm trước",
    "parts": "điểm của từng thành phần",
}


def absent(missing: list[tuple[str, str]], index: str) -> str:
    """List what is not published of one index: "điểm số, thứ hạng và ..."; "" for nothing."""
    return names([ABSENT[what] for of_index, what in missing if of_index == index])


_ARITHMETIC = re.compile(
    r"^(?P<what>rank|score)?\s?(?P<year>20\d\d)?\s?\(?(?P<a>\d+(?:\.\d+)?)\)?"
    r"(?:\s\([^)]*\))?\s(?P<sign>[+-])\s(?P<b>\d+(?:\.\d+)?)"
    r"(?P<places> places?(?: lost| gained)?)?(?:\s\(.*\))?$"
)

_CHANGE = re.compile(r"(rank|score)(\d{4}) (\d+(?:\.\d+)?) - \1(\d{4}) (\d+(?:\.\d+)?)")


def arithmetic(derivation: str) -> str:
    """Write how a figure was derived: "hạng năm 2021 là 60, trừ 17 bậc".

    A derivation in other words than a sum is told as such, and stands in observations.csv.
    """
    if derivation == facts.LIST_ORDER:
        return "theo thứ tự trong danh sách được công bố"
    if change := _CHANGE.fullmatch(derivation):
        what, year, first, other_year, second = change.groups()
        word, decimals = ("hạng", 0) if what == "rank" else ("điểm", 2)
        a, b = (number(float(n), max(decimals, _decimals(n))) for n in (first, second))
        return f"{word} năm {year} là {a}, trừ {word} năm {other_year} là {b}"
    match = _ARITHMETIC.match(derivation)
    if not match:
        return "suy ra từ câu chữ của nguồn (cách làm ghi trong data/observations.csv)"
    found = match.groupdict()
    verb = "cộng" if found["sign"] == "+" else "trừ"
    if found["places"] or found["what"] == "rank":
        base = f"hạng năm {found['year']}" if found["year"] else "hạng năm so sánh"
        return f"{base} là {found['a']}, {verb} {found['b']} bậc"
    base = f"điểm năm {found['year']}" if found["year"] else "điểm năm so sánh"
    a, b = (number(float(found[k]), max(2, _decimals(found[k]))) for k in "ab")
    return f"{base} là {a}, {verb} {b}"


def _decimals(text: str) -> int:
    return len(text.partition(".")[2])


DERIVED_NOTE = "* Suy ra từ những con số đã công bố; cách tính ghi trong data/observations.csv."


def marked(values: pd.Series, derivations: pd.Series, write) -> list[str]:
    """Write figures for a table, those that are derived with an asterisk.

    Parameters
    ----------
    values, derivations : Series
        Of the same index; NaN where a figure is missing.
    write : callable
        `number` or `whole`.
    """
    kinds = derivations.fillna("").map(facts.kind)
    return [
        write(value) + (" *" if kind == "derived" and not math.isnan(value) else "")
        for value, kind in zip(values, kinds, strict=True)
    ]


def estimated_rank(low: float, high: float) -> str:
    """Write the 90% interval of a rank: "ước lượng: hạng 11 đến 60 (khoảng 90%)"."""
    if low == high:
        return f"ước lượng: hạng {whole(low)}"
    return f"ước lượng: hạng {whole(low)} đến {whole(high)} (khoảng 90%)"


def estimated_score(low: float, high: float, index: str) -> str:
    """Write the 90% interval of a score: "ước lượng: 83,10 đến 84,52 điểm (khoảng 90%)"."""
    if round(low, 2) == round(high, 2):
        return f"ước lượng: {score(low, index)}"
    return f"ước lượng: {number(low)} đến {score(high, index)} (khoảng 90%)"


def between(low: float, high: float, decimals: int = 2) -> str:
    """Write an interval in a table: 83,10–84,52; one number where the ends read alike."""
    ends = [number(low, decimals), number(high, decimals)]
    return "–".join(dict.fromkeys(ends))
