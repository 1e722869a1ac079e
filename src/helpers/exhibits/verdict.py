"""The closing paragraph on reform and satisfaction, made from the numbers, in two languages.

It tells what goes together with what, how strongly, how surely, and what would change the answer.
It never says that one causes the other.
"""

import pandas as pd

from helpers import wording
from helpers.errors import CchcError

LANGUAGES = ("vi", "en")
# Cohen, J. (1988). Statistical Power Analysis for the Behavioral Sciences, 2nd ed., pp. 79-81.
SIZES = (
    (0.5, {"vi": "mạnh", "en": "strong"}),
    (0.3, {"vi": "vừa", "en": "moderate"}),
    (0.1, {"vi": "yếu", "en": "weak"}),
    (0.0, {"vi": "không đáng kể", "en": "negligible"}),
)
# Fewer pairs than this answer nothing, and no direction is told.
ENOUGH = 8


class UnknownLanguage(CchcError, ValueError):
    """A language that no text is written in."""


def size(r: float, lang: str = "vi") -> str:
    """Word for the size of a correlation, by the thresholds 0.1, 0.3 and 0.5."""
    return next(words[lang] for least, words in SIZES if abs(r) >= least)


def sizes(first: float, second: float, lang: str = "vi") -> str:
    """Words for a range of sizes: "vừa", or "vừa đến mạnh"."""
    low, high = sorted((first, second), key=abs)
    words = dict.fromkeys((size(low, lang), size(high, lang)))
    return {"vi": " đến ", "en": " to "}[lang].join(words)


def direction(low: float, high: float) -> int:
    """1 or -1 where an interval lies on one side of 0, else 0."""
    return int(low > 0) - int(high < 0)


def number(value: float, lang: str, decimals: int = 2) -> str:
    """Write a number as the language does, with a true minus."""
    text = wording.number(value, decimals).replace("-", "−")
    return text.replace(",", ".") if lang == "en" else text


def interval(low: float, high: float, lang: str) -> str:
    """Write an interval: 0,08 đến 0,59."""
    return f"{number(low, lang)} {'đến' if lang == 'vi' else 'to'} {number(high, lang)}"


def closing(found: dict, panel: dict, lang: str = "vi") -> str:
    """Write the closing paragraph.

    Parameters
    ----------
    found : dict
        As given by `helpers.exhibits.association.study`.
    panel : dict
        As given by `helpers.exhibits.association.panel`.
    lang : {"vi", "en"}

    Raises
    ------
    UnknownLanguage
    """
    if lang not in LANGUAGES:
        raise UnknownLanguage(f"no text in {lang!r}: choose one of {', '.join(LANGUAGES)}")
    parts = [headline(found, lang), _published(found, lang)]
    if found["rest"] is not None:
        parts.append(_reach(found, lang))
        if len(found["pairs"]) >= ENOUGH:
            parts.append(_changes(found, lang))
    parts += [_within(panel, lang), _caution(lang)]
    return " ".join(part for part in parts if part)


def headline(found: dict, lang: str = "vi") -> str:
    """Write the answer in one sentence: direction, size, interval; or that there is none."""
    year, row = found["year"], found["rest"]
    pairs = len(found["pairs"])
    if row is None or pairs < ENOUGH:
        if lang == "vi":
            return f"Năm {year} chưa trả lời được: mới có {pairs} địa phương đủ cả hai điểm số."
        return f"No answer for {year}: provinces with both scores published: {pairs}."
    sign, like = direction(row["low"], row["high"]), likely(found)
    words = sizes(row["r"], row["r"] if like is None else like, lang)
    certain = direction(found["bounds"]["low"], found["bounds"]["high"]) != 0
    side = _side(sign, words, certain, lang)
    r, span = number(row["r"], lang), interval(row["low"], row["high"], lang)
    if lang == "vi":
        told = (
            f"tương quan là {r} (khoảng 95%: {span}) nếu các nơi chưa công bố không có liên hệ gì"
        )
        if like is not None:
            told += f", và {number(like, lang)} nếu chúng giống các cặp hạng đã công bố"
        return f"Năm {year}, trên cả 63 địa phương, {side}: {told}."
    told = (
        f"the correlation is {r} (95% interval: {span}) if the unpublished provinces show no link"
    )
    if like is not None:
        told += f", and {number(like, lang)} if they are like the published pairs of ranks"
    return f"In {year}, over all 63 provinces, {side}: {told}."


def _side(sign: int, words: str, certain: bool, lang: str) -> str:
    """Direction and size in words, with "probably" where the published figures alone allow 0."""
    if lang == "vi":
        if sign == 0:
            return "chưa nói chắc được chiều của mối liên hệ giữa điểm cải cách và sự hài lòng"
        other = "cũng cao hơn" if sign > 0 else "lại thấp hơn"
        return (
            f"{'' if certain else 'nhiều khả năng '}nơi điểm cải cách cao hơn thì sự hài lòng "
            f"{other}, liên hệ ở mức {words}"
        )
    if sign == 0:
        return "the sign of the link between reform scores and satisfaction is not certain"
    other = "more" if sign > 0 else "less"
    return (
        f"{'' if certain else 'probably, '}people are {other} satisfied where reform scores are "
        f"higher; the link is {words}"
    )


def likely(found: dict) -> float | None:
    """Correlation over all, were the unpublished provinces like the published pairs of ranks.

    Read off the sensitivity curve; None with fewer than `ENOUGH` pairs of ranks.
    """
    row, curve = found["apart"].loc["all"], found["sensitivity"]["r"]
    if row["n"] < ENOUGH:
        return None
    rho = row["r"]
    inside = min(max(rho, curve.index.min()), curve.index.max())
    with_rho = curve.reindex(sorted({*curve.index, inside})).astype(float)
    return float(with_rho.interpolate(method="index")[inside])


def tipping(found: dict) -> float | None:
    """Largest assumed rho at which the 95% interval over all reaches 0; None if it never does."""
    curve = found["sensitivity"][["low", "high"]]
    touching = curve.index[(curve["low"] <= 0) & (curve["high"] >= 0)]
    return float(touching.max()) if len(touching) else None


def _published(found: dict, lang: str) -> str:
    rows = found["of_year"].set_index(["definition", "method"])
    row = rows.loc[("rest", "pearson")]
    if pd.isna(row["r"]):
        return ""
    span, n = interval(row["low"], row["high"], lang), f"{row['n']:.0f}"
    r = number(row["r"], lang)
    above = found["rest"] is not None and row["r"] > found["rest"]["r"]
    if lang == "vi":
        tail = (
            "; con số này cao hơn của cả nước nếu nơi nổi bật ở cả hai chỉ số được nêu nhiều hơn"
            if above
            else ""
        )
        return (
            f"Riêng {n} địa phương đã công bố cả hai điểm số, sau khi trừ phần điểm hài lòng nằm "
            f"sẵn trong PAR INDEX, tương quan là {r} ({span}){tail}."
        )
    tail = (
        "; that is too high for the nation if provinces that stand out in both are reported more"
        if above
        else ""
    )
    return (
        f"Among the {n} provinces with both scores published, after taking the satisfaction "
        f"points out of the PAR INDEX, it is {r} ({span}){tail}."
    )


def _reach(found: dict, lang: str) -> str:
    bounds = found["bounds"]
    span = interval(bounds["low"], bounds["high"], lang)
    certain = direction(bounds["low"], bounds["high"])
    if lang == "vi":
        tail = (
            "nên riêng số công bố đã đủ cho biết chiều"
            if certain
            else "nên riêng số công bố, không thêm giả định, chưa loại trừ khả năng không có "
            "liên hệ"
        )
        return f"Số công bố để ngỏ mọi giá trị từ {span}, {tail}."
    tail = (
        "so that they alone settle the sign"
        if certain
        else "so that they alone, without an assumption, do not rule out that there is no link"
    )
    return f"The published figures leave open anything from {span}, {tail}."


def _changes(found: dict, lang: str) -> str:
    rho, texts = tipping(found), []
    without = _without_influential(found, lang)
    if lang == "vi":
        if rho is not None:
            texts.append(
                "các địa phương chưa công bố có tương quan từ khoảng "
                f"{number(rho, lang, 1)} trở xuống, khi đó khoảng 95% chạm 0"
            )
        texts += [f"bỏ {without}"] if without else []
        texts.append("số công bố đầy đủ của các nơi còn lại")
        return f"Điều có thể đổi câu trả lời: {'; '.join(texts)}."
    if rho is not None:
        texts.append(
            f"a correlation of about {number(rho, lang, 1)} or below among the unpublished "
            "provinces, where the 95% interval reaches 0"
        )
    texts += [f"leaving out {without}"] if without else []
    texts.append("the full figures of the provinces that are still missing")
    return f"What could change the answer: {'; '.join(texts)}."


def _without_influential(found: dict, lang: str) -> str:
    """Name the provinces on which the line leans, and the slope with and without them."""
    if found["slopes"] is None or "without_influential" not in found["slopes"].index:
        return ""
    names = list(found["influence"].index[found["influence"]["influential"]])
    slopes = found["slopes"]["slope"]
    before, after = (number(slopes[model], lang) for model in ("ols", "without_influential"))
    joined = wording.names(names)
    if lang == "vi":
        return f"{joined}, nơi chi phối đường hồi quy (độ dốc {before} thành {after})"
    joined = joined.replace(" và ", " and ")
    return f"{joined}, on which the fitted line leans (slope {before}, then {after})"


def _within(panel: dict, lang: str) -> str:
    texts = []
    for regime, of in panel.items():
        row = of["slopes"].loc["within"]
        if pd.isna(row["slope"]):
            continue
        span = interval(row["low"], row["high"], lang)
        slope = number(float(row["slope"]), lang)
        told = f"{regime}: {slope} ({span}; {row['repeated']} "
        texts.append(told + ("địa phương)" if lang == "vi" else "provinces)"))
    if not texts:
        return ""
    if lang == "vi":
        return (
            "Qua các năm trong cùng một địa phương, mỗi điểm cải cách tăng thêm đi cùng thay đổi "
            f"SIPAS, tính bằng điểm phần trăm, {'; '.join(texts)}."
        )
    return (
        "Over the years within a province, one more point of reform goes with a change of SIPAS, "
        f"in percentage points, of {'; '.join(texts)}."
    )


def _caution(lang: str) -> str:
    if lang == "vi":
        return (
            "Đây là mối liên hệ giữa hai chỉ số; số liệu này không cho biết cái nào là nguyên "
            "nhân, và thu nhập, đô thị hóa hay cách trả lời khảo sát có thể liên quan đến cả hai."
        )
    return (
        "This is a link between two indices; these figures cannot tell which is a cause, and "
        "income, urbanisation or habits of answering surveys may be related to both."
    )
