"""Exhibit of the official statements beside what the other published figures say."""

from html import escape

import pandas as pd
from great_tables import GT

from helpers import claims, tables, wording
from helpers.citations import Citations

VERDICT = {
    claims.REPRODUCED: "tính lại được",
    claims.CONSISTENT: "phù hợp",
    claims.CONTRADICTED: "mâu thuẫn",
    claims.UNCHECKED: "chưa kiểm chứng được",
}
SUBJECT = {
    "S": "SIPAS cả nước",
    "M": "Các bộ, cơ quan ngang bộ",
    "P": "Các tỉnh, thành phố",
    "T": "Thanh Hóa",
}

# By quantity and part, or by quantity and place of the unit.
STATEMENT = {
    ("factor", "access"): "{value}% hài lòng về tiếp cận dịch vụ công",
    ("factor", "procedures"): "{value}% hài lòng về thủ tục hành chính",
    ("factor", "officials"): "{value}% hài lòng về công chức giải quyết công việc",
    ("factor", "results"): "{value}% hài lòng về kết quả nhận được",
    ("share", "gave_feedback"): "{value}% đã góp ý, phản ánh, kiến nghị",
    ("count", "steady_rise_2017_2020"): "{value} tỉnh, thành phố tăng liên tục 2017–2020",
    ("count", "mixed_2017_2020"): "{value} tỉnh, thành phố tăng, giảm không đều 2017–2020",
    ("count", "steady_fall_2017_2020"): "{value} tỉnh, thành phố giảm liên tục 2017–2020",
    ("ministry_mean", ""): "Bình quân các bộ là {value} điểm",
    ("ministry_change", ""): "Bình quân các bộ tăng {value} điểm so với năm {before}",
    ("highest_in_years", "ministries"): "Bình quân các bộ cao nhất trong {value} năm",
    ("highest_in_years", "provinces"): "Bình quân các tỉnh cao nhất trong {value} năm",
    ("count", "ministries_below_80"): "{value} bộ nào dưới 80 điểm",
    ("count", "ministries_increased"): "{value} bộ tăng điểm so với năm {before}",
    ("count", "ministry_fields_increased"): "{value} lĩnh vực của khối bộ có bình quân tăng",
    ("count", "ministry_fields_decreased"): "{value} lĩnh vực của khối bộ có bình quân giảm",
    ("years_first_in_a_row", ""): "{unit} đứng đầu {value} năm liên tiếp",
    ("mean", ""): "Bình quân 63 tỉnh, thành phố là {value} điểm",
    ("change", ""): "Bình quân các tỉnh tăng {value} điểm so với năm {before}",
    ("count", "above_mean"): "{value} tỉnh, thành phố trên mức bình quân",
    ("count", "above_80"): "{value} tỉnh, thành phố trên 80 điểm (năm {year})",
    ("count", "below_70"): "{value} tỉnh, thành phố nào dưới 70 điểm",
    ("largest_gain", ""): "{unit} tăng điểm nhiều nhất",
    ("smallest_gain", ""): "{unit} tăng điểm ít nhất",
    ("score", claims.FIRST): "{unit} đứng đầu với {value} điểm",
    ("score", claims.LAST): "{unit} đứng cuối với {value} điểm",
    ("score", "PAR"): "{unit} đạt {value} điểm PAR INDEX",
    ("score", "SIPAS"): "{unit} đạt {value}% SIPAS",
    ("rank", "PAR"): "{unit} xếp hạng {value} về PAR INDEX",
    ("rank", "SIPAS"): "{unit} xếp hạng {value} về SIPAS",
    ("rank_change", "PAR"): "{unit} tăng {value} bậc PAR INDEX so với năm {before}",
    ("rank_change", "SIPAS"): "{unit} tăng {value} bậc SIPAS so với năm {before}",
    ("count", "low_scoring_criteria"): "{value} tiêu chí thành phần của {unit} đạt điểm thấp",
}

HOW = {
    "difference": "{now} − {before} = {found}",
    "highest": "bình quân đã công bố – {series}",
    "higher_before": "năm {year} cao hơn: {value}",
    "place_of": "hạng {rank}/{n}, {unit}, đạt {score}",
    "streak": "hạng đã công bố – {series}",
    "sum": "bốn thành phần: {terms} = {found}",
    "beyond": "hạng {rank} là {unit}: {score}",
    "draws": "{draws} bảng hoàn chỉnh lập khi không dùng con số này; {share} số bảng lệch không "
    "quá {tolerance}",
    "exact": "đúng bằng {stated}: {exact} số bảng",
    "outside": "con số công bố nằm ngoài khoảng 90%, cách {off}",
    "possible": "không bảng nào tới mức đó, nhưng các số liệu khác không loại trừ",
    "refuted": "không có bảng nào vừa khớp với con số này vừa khớp với các số liệu ở dòng {lines} "
    "của data/observations.csv",
    "rounding": "lệch với {stated} không quá sai số làm tròn",
    "place_share": "{unit} ở vị trí đó trong {share} số bảng",
    "apart": "hai năm được lập bảng riêng, nên chỉ có thể ủng hộ, không thể bác bỏ",
    "known_changes": "biết mức thay đổi của {known}/{n} tỉnh, thành phố; {unit}: {own}; tăng nhiều "
    "nhất: {top} ({top_unit}), tăng ít nhất: {least} ({least_unit})",
    "only_gainers": "chỉ xét các tỉnh có tăng: {fallen} tỉnh giảm điểm",
    "bounds": "các năm đã công bố cho biết từ {low} đến {high}; đủ cả bốn năm: {known}/{n} tỉnh",
    "adds_up": "cộng đủ: {terms} = {total}",
    "other_words": "cách nói khác của cùng con số: nhóm A và B, {terms} = {found}",
    "rivals": "nếu dùng số suy ra của {unit} ({values}), vốn bị loại chỉ vì trái với công bố này, "
    "các bảng cho từ {low} đến {high}",
    "factor_years": "năm {year}, bình quân cộng của năm yếu tố là {plain}, khác chỉ số công bố "
    "{mean}: các yếu tố không cùng trọng số",
}
MISSING = {
    "factor": "điểm các yếu tố của từng tỉnh, hoặc số phiếu trả lời",
    "share": "số phiếu trả lời câu hỏi này",
    "fields": "bình quân bảy lĩnh vực của khối bộ năm {before} và {year}",
    "criteria": "điểm từng tiêu chí của {unit}, và thế nào là điểm thấp",
    "mean": "bình quân năm {years}",
    "ranks": "hạng của {unit} năm {years}",
    "changes": "điểm cả hai năm {before} và {year} của {others} tỉnh, thành phố còn lại",
    "types": "chỉ số các năm {years} của {others} tỉnh, thành phố còn lại",
    "scores": "điểm năm {year} của {lacking}/{n} đơn vị chưa thấy công bố",
    "rank_before": "hạng năm {before} do nguồn khác công bố, không suy từ chính con số này",
    "nothing": "số liệu năm {year} để lập bảng hoàn chỉnh",
    "conflict": "số liệu năm {year} khớp được với nhau",
    "value": "con số được công bố",
    "unranked": "kết quả của {unit}, đơn vị không được xếp hạng",
    "unknown": "cách kiểm chứng loại số liệu này",
}
MANY_SOURCES = 6


def statements_table(checked: pd.DataFrame, statements: pd.DataFrame, cite: Citations) -> GT:
    """The official statements beside what the other published figures say.

    Parameters
    ----------
    checked : DataFrame
        As given by `helpers.claims.check`.
    statements : DataFrame
        As given by `helpers.facts.claims`.
    cite : Citations
        Numbers the sources of the arithmetic, where they are not too many to be of use.
    """
    rows = [_line(claim, checked.loc[claim.Index], cite) for claim in statements.itertuples()]
    counts = [
        f"{word}: {int((checked['verdict'] == verdict).sum())}" for verdict, word in VERDICT.items()
    ]
    source = cite(" ".join(dict.fromkeys(statements["source"])))
    return tables.typeset(
        pd.DataFrame(rows),
        {
            "statement": "Nội dung công bố",
            "stated": "Công bố",
            "found": "Các số liệu khác cho thấy",
            "verdict": "Kết luận",
            "how": "Cách kiểm tra; điều còn thiếu",
        },
        title=f"{len(rows)} nội dung công bố, đối chiếu với các số liệu khác",
        subtitle="; ".join(counts).capitalize(),
        right=("stated", "found"),
        raw=("how",),
        notes=(
            f"Nguồn của các nội dung công bố: {source}. Không con số nào được đối chiếu với chính "
            "nó: khi kiểm tra, mọi dòng nêu con số đó, nói cách khác về con số đó hay suy ra từ "
            "con số đó đều được bỏ đi.",
            "Tính lại được: tính ra từ các số liệu khác đã công bố. Phù hợp: đúng trong hơn một "
            "nửa số bảng hoàn chỉnh, trong sai số cho phép (0,5 điểm; 2 bậc hoặc 2 tỉnh; 1 bộ). "
            "Mâu thuẫn: trái với phép tính, hoặc không bảng nào khớp. Số trong ngoặc: khoảng 90% "
            "của các bảng, càng hẹp thì phép kiểm tra càng chặt.",
        ),
        groups="subject",
        widths={"statement": "26%", "found": "15%", "verdict": "14%", "how": "37%"},
        highlight=pd.Series([row["verdict"].startswith("mâu thuẫn") for row in rows]),
    )


def statement(claim) -> str:
    """One statement in Vietnamese; as it stands in the file where there are no words for it."""
    place = claims.PLACE.get(claim.Index)
    keys = [(claim.quantity, key) for key in (place, claim.part, claim.index)]
    text = next((STATEMENT[key] for key in keys if key in STATEMENT), None)
    # "no province" is worded for a count of none, and only for that.
    if text is None or (text.startswith("{value}") and " nào " in text and claim.value != 0):
        return claim.statement
    value = "Không có" if claim.value == 0 else _number(claim.value, _decimals(claim))
    return text.format(value=value, unit=claim.unit, year=claim.year, before=claim.year - 1)


def _line(claim, row: pd.Series, cite: Citations) -> dict:
    share = "" if pd.isna(row["share"]) else f" ({wording.whole(100 * row['share'])}% số bảng)"
    verdict = VERDICT[row["verdict"]]
    return {
        "subject": SUBJECT.get(str(claim.Index)[:1], "Nội dung khác"),
        "statement": statement(claim),
        "stated": _number(claim.value, _decimals(claim)) + _unit(claim),
        "found": _found(row, _decimals(claim)),
        "verdict": verdict + (share if row["verdict"] == claims.CONSISTENT else ""),
        "how": _how(row, cite),
    }


def _how(row: pd.Series, cite: Citations) -> str:
    told = escape(claims.tell(row["how_terms"], HOW, wording.number))
    ids = row["sources"].split()
    if told and ids:
        told += f" ({len(ids)} nguồn)" if len(ids) > MANY_SOURCES else cite(row["sources"])
        told += _from_own_source(row)
    if row["missing_terms"]:
        missing = escape(claims.tell([row["missing_terms"]], MISSING, wording.number))
        told = f"{told}{'. ' if told else ''}Còn thiếu: {missing[:1].lower()}{missing[1:]}"
    return f"{told}."


def _from_own_source(row: pd.Series) -> str:
    """How many of the other figures nobody prints but the source of the statement itself."""
    if not row["only_own_source"]:
        return ""
    count = row["only_own_source"].count("; ") + 1
    return f", gồm {count} số liệu chỉ thấy ở chính nguồn của công bố này"


def _found(row: pd.Series, decimals: int) -> str:
    spread = ""
    if pd.notna(row["low"]) and pd.notna(row["high"]):
        spread = f"{_number(row['low'], decimals)}–{_number(row['high'], decimals)}"
    if pd.isna(row["found"]):
        return f"({spread})" if spread else wording.MISSING
    return _number(row["found"], decimals) + (f" ({spread})" if spread else "")


def _decimals(claim) -> int:
    whole = ("count", "rank", "rank_change", "highest_in_years", "years_first_in_a_row")
    return 0 if claim.quantity in whole else 2


def _unit(claim) -> str:
    per_cent = claim.index == "SIPAS" and claim.quantity in ("factor", "share", "score", "mean")
    return "%" if per_cent else ""


def _number(value: float, decimals: int) -> str:
    text = wording.number(abs(value), decimals)
    return f"−{text}" if value < 0 else text
