"""Exhibits of "Are people more satisfied where reform scores higher?"."""

import numpy as np
import pandas as pd
from great_tables import GT
from IPython.display import HTML

from helpers import association, charts, facts, page, wording
from helpers.charts.association import interval, signed
from helpers.citations import Citations
from helpers.completion import CompletedTables
from helpers.exhibits.verdict import size
from helpers.ranking.survey import DESIGN_EFFECT
from helpers.tables import typeset

REFORM = "PAR INDEX trừ điểm hài lòng"


def study(
    figures: pd.DataFrame,
    schemes: pd.DataFrame,
    year: int,
    tables: dict[str, CompletedTables],
    people: float | None = None,
    design_effect: float = DESIGN_EFFECT,
) -> dict:
    """Compute once what several exhibits and the closing paragraph need.

    Parameters
    ----------
    tables : dict of CompletedTables
        By index; the correlation over all provinces is left out where one is missing.
    people : float, optional
        Respondents per province; an even share of the published national number when left out.
    design_effect : float
        Of the survey.

    Returns
    -------
    dict
        ``year, pairs, ranks, maximum, scheme_seen, of_year, apart, people, respondents,
        design_effect``; ``corrected, slopes, influence, residuals`` (None with too few pairs);
        ``whole, rest, sensitivity, bounds, reliability`` over completed tables (None without).
    """
    maximum, seen = association.satisfaction_maximum(schemes, year)
    pairs = association.score_pairs(figures, schemes, year)
    told = association.respondents(figures, year)
    if people is None and told is not None:
        people = float(told["per_province"])
    found = {
        "year": year,
        "pairs": pairs,
        "ranks": association.rank_pairs(figures, year),
        "maximum": maximum,
        "scheme_seen": seen,
        "of_year": association.of_year(figures, schemes, year),
        "apart": association.apart(figures, year),
        "people": people,
        "respondents": told,
        "design_effect": design_effect,
        "derivations": {
            index: facts.scores(figures, index, year)["score_derivation"] for index in facts.INDICES
        },
    }
    found |= dict.fromkeys(("corrected", "slopes", "influence", "residuals"))
    if association.enough(pairs):
        x, y = pairs["reform"], pairs["SIPAS"]
        found["corrected"] = association.corrected(x, y, people, design_effect)
        found["slopes"] = association.slopes(pairs)
        found["influence"] = association.influence(pairs)
        found["residuals"] = association.residuals(pairs)
    return found | _over_all(figures, year, tables, maximum, people, design_effect)


def _over_all(figures, year, tables, maximum, people, design_effect) -> dict:
    names = ("whole", "rest", "ranks_over_all", "sensitivity", "bounds", "reliability")
    if not set(facts.INDICES) <= set(tables):
        return dict.fromkeys(names)
    points = association.published_satisfaction(figures, year)
    both = (tables["PAR"], tables["SIPAS"], points, maximum)
    spread = tables["SIPAS"].estimate(
        lambda table: association.reliability(table["score"], people, design_effect)
    )
    return {
        "whole": association.pooled(*both, rest=False),
        "rest": association.pooled(*both),
        "ranks_over_all": association.pooled(*both, rest=False, method="spearman"),
        "sensitivity": association.sensitivity(*both),
        "bounds": association.bounds(*both),
        "reliability": float(spread["estimate"]),
    }


def correlation(found: dict, definition: str, method: str) -> pd.Series:
    """One row of ``found["of_year"]``."""
    rows = found["of_year"].set_index(["definition", "method"])
    return rows.loc[(definition, method)]


def told(row: pd.Series) -> str:
    """Write a correlation with its interval and n."""
    if pd.isna(row["r"]):
        return f"chưa tính được, chỉ có {row['n']:.0f} cặp"
    return (
        f"{signed(row['r'])} (khoảng 95%: {interval(row['low'], row['high'])}; n = {row['n']:.0f})"
    )


# --- who gets reported -------------------------------------------------------------------------


def reported(found: dict) -> HTML:
    """The published pairs: of scores, of ranks, and of those whose scores were not both printed."""
    apart = found["apart"]
    texts = [
        f"Hai điểm số cùng được công bố: {told(correlation(found, 'whole', 'pearson'))}, "
        "hệ số Pearson.",
        f"Hai thứ hạng cùng được công bố: {told(correlation(found, 'ranks', 'spearman'))}, "
        "hệ số Spearman.",
    ]
    if apart.at["without_scores", "n"]:
        texts.append(
            "Trong số có đủ hai hạng, nhóm có đủ cả hai điểm: "
            f"{told(apart.loc['with_scores'])}; nhóm còn lại: "
            f"{told(apart.loc['without_scores'])}; đều là Spearman.{_difference(apart)}"
        )
    return page.points(texts)


def _difference(apart: pd.DataFrame) -> str:
    """Say whether those with both scores printed differ from those with both ranks only."""
    ends = apart.loc[["with_scores", "without_scores"], ["low", "high"]]
    if ends.isna().any(axis=None):
        return ""
    if ends["low"].max() <= ends["high"].min():
        return (
            " Con số tùy vào ai được đăng đủ điểm, dù với n nhỏ thế này hai khoảng còn chồng lên "
            "nhau."
        )
    return " Hai khoảng tách rời nhau: ai được đăng đủ điểm quyết định con số."


def range_note(found: dict, tables: dict[str, CompletedTables]) -> HTML:
    """Whether the published pairs spread wider than all provinces, and what that would explain."""
    row = correlation(found, "whole", "pearson")
    if pd.isna(row["r"]) or found["whole"] is None:
        return page.paragraphs()
    texts = []
    for index in facts.INDICES:
        sample = found["pairs"][index].std(ddof=1)
        everyone = tables[index].scores.std(axis=1, ddof=1).mean()
        fitted = association.range_corrected(row["r"], sample, everyone)
        texts.append(
            f"{wording.INDEX[index]}: độ lệch chuẩn {wording.number(sample)} ở các cặp công bố, "
            f"{wording.number(everyone)} ở cả 63 địa phương (ước lượng); hiệu chỉnh độ rộng "
            f"(Thorndike) cho hệ số {signed(fitted)}"
        )
    return page.paragraphs(
        "Có phải do các cặp công bố trải rộng hơn? "
        + "; ".join(texts)
        + ". Phép hiệu chỉnh này chỉ đúng nếu việc công bố phụ thuộc vào một trong hai chỉ số. "
        "Nếu nơi nổi bật ở cả hai được nêu đủ hơn thì không phép hiệu chỉnh nào trên riêng các cặp "
        "này sửa được; vì thế cần xét cả 63 địa phương."
    )


def pairs_table(found: dict, cite: Citations) -> GT | HTML:
    """Published pairs of the year, with the satisfaction points and what is left of PAR."""
    pairs = found["pairs"].reset_index()
    if pairs.empty:
        return page.paragraphs(
            f"Năm {found['year']} chưa thấy địa phương nào được công bố cả hai điểm số."
        )
    pairs["cited"] = pairs["sources"].map(cite)
    pairs["points"] = [
        wording.number(value) + ("" if kind == "published" else " *")
        for value, kind in zip(pairs["satisfaction"], pairs["satisfaction_kind"], strict=True)
    ]
    for index in facts.INDICES:
        derivations = found["derivations"][index].reindex(pairs["unit"])
        pairs[f"{index}_text"] = wording.marked(pairs[index], derivations, wording.number)
    columns = {
        "unit": "Tỉnh, thành phố",
        "PAR_text": "PAR INDEX",
        "SIPAS_text": "SIPAS (%)",
        "points": "Điểm hài lòng trong PAR",
        "reform": "PAR trừ điểm hài lòng (suy ra)",
        "cited": "Nguồn",
    }
    return typeset(
        pairs,
        columns,
        title=f"{len(pairs)} địa phương có cả hai điểm số năm {found['year']}",
        subtitle="Đơn vị: điểm; SIPAS: %",
        decimals={"reform": 2},
        right=("PAR_text", "SIPAS_text", "points"),
        raw=("cited",),
        notes=(
            wording.derived_note(),
            f"Điểm hài lòng có dấu *: {wording.number(found['maximum'], 0)}% của SIPAS, vì chưa "
            "thấy công bố điểm của thành phần này.",
        ),
    )


def scatter(found: dict, tables: dict[str, CompletedTables]) -> HTML:
    """The scatter with the uncertainty of both indices, the fitted line and named outliers."""
    pairs = found["pairs"]
    if pairs.empty:
        return page.paragraphs()
    noise = association.sampling_variance(pairs["SIPAS"], found["people"], found["design_effect"])
    reach = 1.96 * np.sqrt(noise)
    frame = pd.DataFrame({"x": pairs["reform"], "y": pairs["SIPAS"], "kind": "published"})
    frame = frame.assign(x_low=np.nan, x_high=np.nan)
    frame = frame.assign(y_low=frame["y"] - reach, y_high=frame["y"] + reach)
    rest = _half_known(found, tables)
    line = association.line(pairs) if found["slopes"] is not None else None
    row = correlation(found, "rest", "pearson")
    finding = (
        f"Nơi điểm cải cách cao hơn, người dân có hài lòng hơn không? r = {signed(row['r'])} "
        f"trên {len(pairs)} cặp công bố"
        if association.enough(pairs)
        else f"Năm {found['year']} chỉ có {len(pairs)} cặp công bố, quá ít để thấy một chiều hướng"
    )
    named = () if found["influence"] is None else tuple(_outliers(found))
    ax = charts.uncertain_scatter(
        pd.concat([rest, frame]),
        line,
        named,
        xlabel=f"{REFORM} (điểm)",
        ylabel="SIPAS (%)",
    )
    return page.chart(
        ax,
        finding,
        f"Năm {found['year']}; chấm rỗng: {len(rest)} địa phương mới có một trong hai điểm số"
        + ("" if line is None else "; tên đậm: lệch hoặc ảnh hưởng nhiều nhất; dải nhạt: khoảng ")
        + ("" if line is None else "95% của đường thẳng"),
    )


def _outliers(found: dict) -> list[str]:
    influence = found["influence"]
    far = found["residuals"]["residual"].abs().sort_values(ascending=False)
    chosen = [*influence.index[influence["influential"]], *far.index[:3]]
    return list(dict.fromkeys(chosen))


def _half_known(found: dict, tables: dict[str, CompletedTables]) -> pd.DataFrame:
    """Provinces with one of the two scores published: medians and 90% intervals of both."""
    if found["whole"] is None:
        return pd.DataFrame()
    par, sipas = (tables[index] for index in facts.INDICES)
    known = [side.status["score_status"] != "estimated" for side in (par, sipas)]
    chosen = list(par.scores.columns[(known[0] ^ known[1]).to_numpy()])
    reform = par.scores[chosen] - sipas.scores[chosen] * found["maximum"] / 100
    cuts = {}
    for name, values in (("x", reform), ("y", sipas.scores[chosen])):
        for end, level in (("", 0.5), ("_low", 0.05), ("_high", 0.95)):
            cuts[name + end] = values.quantile(level)
    return pd.DataFrame(cuts).assign(kind="estimated")


def over_all(found: dict) -> HTML:
    """Correlation over all 63 provinces, and why it differs from the published pairs."""
    if found["whole"] is None:
        return page.paragraphs(
            f"Năm {found['year']} chưa đủ số liệu để lập bảng 63 địa phương của cả hai chỉ số, "
            "nên chưa ước lượng được tương quan trên cả nước."
        )
    whole, rest, bounds = found["whole"], found["rest"], found["bounds"]
    return page.points(
        [
            f"Trên {whole['n']:.0f} địa phương, gộp {whole['draws']:.0f} bảng hoàn chỉnh theo quy "
            f"tắc Rubin: PAR INDEX và SIPAS {_pooled(whole)}; trừ điểm hài lòng {_pooled(rest)}; "
            f"theo hạng (Spearman) {_pooled(found['ranks_over_all'])}.",
            "Nếu chỉ nói về đúng 63 địa phương này, chỉ phần chưa công bố là bất định: từ "
            f"{interval(rest['draws_low'], rest['draws_high'])} (trừ điểm hài lòng). Phần chưa "
            f"công bố chiếm {wording.number(100 * rest['missing'], 0)}% phương sai của ước lượng "
            "gộp.",
            "<b>Vì sao khác các cặp công bố?</b> Bảng PAR INDEX và bảng SIPAS được hoàn chỉnh "
            "<b>độc lập với nhau</b>. Với địa phương phải ước lượng một hoặc cả hai số, hai con số "
            "ước lượng không mang mối liên hệ nào, nên hệ số gộp bị kéo về 0 do chính cách làm. Đó "
            "là mốc thấp, đúng nếu các địa phương chưa công bố không có liên hệ nào, chứ không "
            "phải bằng chứng rằng liên hệ yếu. Trừ điểm hài lòng khỏi một bảng độc lập với SIPAS "
            "còn kéo thêm về phía âm.",
            "Giới hạn: giữ nguyên mọi con số đã công bố và xếp các địa phương còn lại sao cho hệ "
            f"số thấp nhất, cao nhất, ta được từ {interval(bounds['low'], bounds['high'])} (trừ "
            "điểm hài lòng). Đó là điều riêng số công bố, không thêm giả định, cho phép nói; vì "
            "cách tìm đi từng bước nên khoảng thật có thể còn rộng hơn.",
        ]
    )


def _pooled(row: pd.Series) -> str:
    return f"{signed(row['r'])} (khoảng 95%: {interval(row['low'], row['high'])})"


def sensitivity_chart(found: dict) -> HTML:
    """How the answer moves with what is assumed of the unpublished provinces."""
    if found["sensitivity"] is None:
        return page.paragraphs()
    marks = {}
    for key, name in (
        ("all", "như mọi cặp hạng đã công bố"),
        ("without_scores", "như các cặp chỉ có hạng"),
    ):
        value = found["apart"].at[key, "r"]
        if pd.notna(value) and abs(value) < 0.8:
            marks[f"{name}: {signed(value)}"] = value
    ax = charts.sensitivity(found["sensitivity"], found["bounds"], marks)
    r = found["sensitivity"]["r"]
    return page.chart(
        ax,
        "Câu trả lời phụ thuộc bao nhiêu vào các địa phương chưa công bố? "
        f"Hệ số đi từ {signed(r.iloc[0])} đến {signed(r.iloc[-1])}",
        f"{REFORM} và SIPAS {found['year']}, 63 địa phương; dải nhạt: khoảng 95% gộp; dải đậm: chỉ "
        "do phần chưa công bố; nền xám: mọi khả năng; rho = 0 là các bảng hoàn chỉnh độc lập",
    )


# --- a part in the whole -----------------------------------------------------------------------


def part_in_whole(found: dict) -> HTML:
    """PAR holds SIPAS: the correlation with and without these points, and the closed formula."""
    maximum = wording.number(found["maximum"], 0)
    basis = (
        "theo bộ tiêu chí của năm" if found["scheme_seen"] else "mức thường dùng, chưa thấy văn bản"
    )
    texts = [f"SIPAS được quy ra tối đa {maximum} trong 100 điểm PAR INDEX ({basis})."]
    whole, rest = (correlation(found, name, "pearson") for name in ("whole", "rest"))
    if pd.notna(whole["r"]):
        kinds = found["pairs"]["satisfaction_kind"]
        check = association.part_whole(
            whole["r"],
            found["pairs"]["SIPAS"].std() * found["maximum"] / 100,
            found["pairs"]["PAR"].std(),
        )
        texts.append(
            f"Còn nguyên điểm hài lòng: {told(whole)}. Trừ điểm hài lòng: {told(rest)}; "
            f"{int((kinds == 'published').sum())} địa phương có điểm thành phần công bố, "
            f"{int((kinds == 'derived').sum())} địa phương dùng {maximum}% của SIPAS. Công thức "
            f"đóng (nếu mọi địa phương đều dùng {maximum}% của SIPAS): {signed(check)}."
        )
    return page.points(texts)


def stand_in_table(figures: pd.DataFrame, schemes: pd.DataFrame) -> GT:
    """How good SIPAS times its maximum is where the points themselves are published too."""
    errors = association.stand_in(figures, schemes)
    rows = []
    for name, chosen in (("Mọi năm", errors["year"] > 0), ("Riêng 2020", errors["year"] == 2020)):
        quality = association.stand_in_quality(errors.loc[chosen, "error"])
        worst = errors.loc[errors.loc[chosen, "error"].abs().idxmax()]
        told_worst = f"{worst['unit']} {worst['year']} ({wording.signed(worst['error'], 3)})"
        rows.append({"name": name, **quality, "worst": told_worst})
    return typeset(
        pd.DataFrame(rows),
        {
            "name": "Cặp số",
            "n": "n",
            "bias": "Sai lệch bình quân",
            "sd": "Độ lệch chuẩn",
            "largest": "Lệch nhiều nhất",
            "worst": "Ở đâu",
        },
        title="SIPAS quy ra điểm thay được điểm thành phần công bố đến đâu?",
        subtitle="Đơn vị: điểm; sai lệch = SIPAS quy ra − điểm công bố",
        decimals={"n": 0, "bias": 3, "sd": 3, "largest": 3},
        signed=("bias",),
    )


# --- noise -------------------------------------------------------------------------------------


def noise(found: dict, cite: Citations) -> HTML:
    """Sampling error of a province's SIPAS, and the correlation corrected for it."""
    respondents, corrected = found["respondents"], found["corrected"]
    about = {"": "", "about": "khoảng ", "at_least": "ít nhất "}[respondents["kind"]]
    texts = [
        f"Số người trả lời cả nước: {about}{wording.whole(respondents['national'])} "
        f"(năm {respondents['year']}{cite(respondents['sources'])}). Giả định trong phần này: "
        f"{wording.whole(found['people'])} người mỗi địa phương, hệ số thiết kế mẫu "
        f"{wording.number(found['design_effect'], 1)}. Bộ Nội vụ không công bố sai số."
    ]
    if corrected is None:
        texts.append(f"Chỉ có {len(found['pairs'])} cặp điểm, chưa hiệu chỉnh được tương quan.")
        return page.points(texts)
    texts.append(
        "Sai số chuẩn của SIPAS một địa phương: bình quân "
        f"{wording.number(corrected['standard_error'])} điểm phần trăm; độ tin cậy của khác biệt "
        f"giữa {corrected['n']:.0f} địa phương: {wording.number(corrected['reliability'])}."
    )
    if pd.isna(corrected["corrected"]):
        texts.append("Với giả định này, sai số lấn át khác biệt: không hiệu chỉnh được.")
        return page.points(texts)
    texts.append(
        f"Tương quan (trừ điểm hài lòng) {signed(corrected['r'])}, hiệu chỉnh sai số SIPAS thành "
        f"{signed(corrected['corrected'])} (khoảng 95%: "
        f"{interval(corrected['low'], corrected['high'])}; bootstrap theo địa phương, hệ số thiết "
        "mẫu rút đều từ 1 đến 3, cắt ở 1; bỏ "
        f"{wording.number(100 * corrected['unusable'], 1)}% lần rút không dùng được). Sai số của "
        "chính điểm cải cách chưa biết nên không hiệu chỉnh."
    )
    if found["rest"] is not None and found["reliability"] > 0:
        value = association.disattenuate(found["rest"]["r"], found["reliability"])
        texts.append(
            f"Trên cả 63 địa phương (bảng hoàn chỉnh, độ tin cậy "
            f"{wording.number(found['reliability'])}): {signed(found['rest']['r'])} thành "
            f"{signed(value)}."
        )
    return page.points(texts)


def noise_table(found: dict) -> GT | HTML:
    """Standard error, reliability and corrected correlation under other assumptions."""
    if found["corrected"] is None:
        return page.paragraphs()
    people = sorted({200.0, round(found["people"]), 1000.0})
    made = association.grid(
        found["pairs"]["reform"], found["pairs"]["SIPAS"], people, [1.0, 1.5, 2.0, 3.0]
    )
    made["told"] = [
        "sai số lấn át" if pd.isna(value) else signed(value) + (" **" if value > 1 else "")
        for value in made["corrected"]
    ]
    return typeset(
        made,
        {
            "people": "Người trả lời mỗi địa phương",
            "design_effect": "Hệ số thiết kế",
            "standard_error": "Sai số chuẩn (điểm %)",
            "reliability": "Độ tin cậy",
            "told": "Tương quan hiệu chỉnh",
        },
        title="Sai số của khảo sát thay đổi tương quan bao nhiêu?",
        subtitle=f"{REFORM} và SIPAS {found['year']}, {len(found['pairs'])} cặp công bố",
        decimals={"people": 0, "design_effect": 1, "standard_error": 2, "reliability": 2},
        right=("told",),
        notes=(
            "** Vượt quá 1: giả định này không hợp với số liệu, mẫu hẳn phải lớn hơn hoặc hệ số "
            "thiết kế nhỏ hơn.",
        ),
    )


def size_guide() -> HTML:
    """The thresholds by which a correlation is called weak or strong."""
    words = [f"dưới 0,10: {size(0.0)}", f"từ 0,10: {size(0.1)}", f"từ 0,30: {size(0.3)}"]
    return page.paragraphs(
        f"Cách gọi độ lớn của hệ số (Cohen, 1988), không kể dấu: {'; '.join(words)}; từ 0,50: "
        f"{size(0.5)}. Chiều chỉ được nêu khi khoảng 95% không chứa 0."
    )
