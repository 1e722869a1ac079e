"""Exhibits of "Where is each province heading?"."""

import contextlib

import pandas as pd
from great_tables import GT
from IPython.display import HTML

from helpers import facts, page, trajectories, units, wording
from helpers.charts import trajectories as charts
from helpers.citations import Citations
from helpers.tables import typeset
from helpers.trajectories import NotEnoughYears, Panel, Trajectories

METHOD = {
    "same_rank": "Giữ nguyên thứ hạng",
    "last_score": "Giữ khoảng cách với bình quân",
    "mixed": "Mô hình hỗn hợp",
}
CLASS = {"rise": "Tăng liên tục", "mixed": "Tăng, giảm đan xen", "fall": "Giảm liên tục"}
THIRD = {
    "top": "Nhóm đầu (hạng 1–21)",
    "middle": "Nhóm giữa (22–42)",
    "bottom": "Nhóm cuối (43–63)",
}
REASON = {
    "region": "Vùng được giữ trong mô hình (AIC thấp hơn).",
    "no_region": "Vùng không cải thiện mô hình (AIC không thấp hơn) nên được bỏ ra.",
    "slope": "Mỗi địa phương có xu hướng riêng.",
    "slope_at_zero": (
        "Phương sai của xu hướng riêng chạm mức không: số liệu không phân biệt được xu hướng giữa "
        "các địa phương, nên dùng mô hình đơn giản hơn, chỉ có mức riêng."
    ),
    "slope_not_converged": (
        "Mô hình có xu hướng riêng không hội tụ, nên dùng mô hình đơn giản hơn, chỉ có mức riêng."
    ),
    "slope_not_worth_it": (
        "Xu hướng riêng không cải thiện mô hình (AIC không thấp hơn), nên chỉ giữ mức riêng."
    ),
}


def study(figures: pd.DataFrame, last_year: int) -> dict[str, tuple[Panel, Trajectories]]:
    """Panel and stored fit of each index; an index of which too little is known is left out."""
    return {
        index: (trajectories.panel(figures, index, last_year), fit)
        for index, fit in fits(figures, last_year).items()
    }


def fits(figures: pd.DataFrame, last_year: int) -> dict[str, Trajectories]:
    """Stored fit of each index; an index of which too little is known is left out."""
    found = {}
    for index in facts.INDICES:
        with contextlib.suppress(NotEnoughYears):
            found[index] = trajectories.fitted(figures, index, last_year)
    return found


def _absent(index: str, what: str) -> HTML:
    return page.paragraphs(f"{wording.INDEX[index]}: số liệu công bố chưa đủ để {what}.")


# --- which method, and how far to trust it ------------------------------------------------------


def verdict(fit: Trajectories) -> str:
    """Say which method forecasts best, even where it is a naive one, and how sure that is."""
    best = fit.best["method"]
    others = [
        f"{METHOD[name].lower()} kém hơn {wording.number(row['gap'])} "
        f"(khoảng 95%: {wording.signed(row['low'])} đến {wording.signed(row['high'])})"
        for name, row in fit.best["lead"].items()
    ]
    naive = (
        ""
        if best == "mixed"
        else " Một cách đơn giản, không cần mô hình, vì vậy được dùng cho các dự báo dưới đây."
    )
    sure = (
        "Ưu thế này rõ ràng."
        if fit.best["sure"]
        else "Ưu thế này chưa chắc chắn với mọi cách còn lại."
    )
    return (
        f"{wording.INDEX[fit.index]}, số liệu đến năm {fit.last_year}: trên những năm mà cách tính "
        f"chưa được thấy, dự báo tốt nhất là “{METHOD[best].lower()}” (điểm CRPS "
        f"{wording.number(fit.best['crps'][best])}, càng thấp càng tốt); "
        f"{wording.names(others)}. {sure}{naive}"
    )


def verdicts(found: dict) -> HTML:
    """Say for each index which method is used."""
    if not found:
        return page.paragraphs("Số liệu công bố đến năm này chưa đủ để thử cách dự báo nào.")
    return page.points([verdict(fit) for _, fit in found.values()])


def backtest_chart(fit: Trajectories) -> HTML:
    """Errors and coverage of every method on years it had not seen."""
    scores = fit.scores[fit.scores["target"] == "score"]
    own = scores[scores["method"] == fit.best["method"]]
    told = [
        f"{wording.number(100 * row.cover_80, 0)}% khi dự báo trước {row.horizon} năm"
        for row in own.itertuples()
    ]
    finding = (
        f"{METHOD[fit.best['method']]} là cách tốt nhất; khoảng 80% của nó chứa kết quả thật "
        f"{wording.names(told)}"
    )
    subtitle = (
        f"{wording.INDEX[fit.index]}, dự báo lùi từ từng năm; vạch: khoảng tin cậy 95%; "
        "dải: mức đạt yêu cầu, 70–90%"
    )
    return page.chart(charts.backtest(scores, METHOD), finding, subtitle)


def backtest_table(fit: Trajectories) -> GT:
    """The same numbers, with the rank too."""
    labels = {"score": "Điểm", "to_mean": "Khoảng cách với bình quân", "rank": "Thứ hạng"}
    table = fit.scores.assign(
        group=fit.scores["target"].map(labels) + fit.scores["horizon"].map(", trước {} năm".format),
        name=fit.scores["method"].map(METHOD),
        best=fit.scores["method"] == fit.best["method"],
        tries=fit.scores["cases"],
    )
    for level in (50, 80, 95):
        table[f"cover_{level}"] *= 100
    table["target"] = table["target"].map(list(labels).index)
    table["method"] = table["method"].map(list(METHOD).index)
    table = table.sort_values(["target", "horizon", "method"], ignore_index=True)
    return typeset(
        table,
        {
            "name": "Cách dự báo",
            "tries": "Số lần",
            "mae": "Sai số",
            "crps": "CRPS",
            "interval": "Điểm khoảng 80%",
            "cover_50": "Khoảng 50%",
            "cover_80": "Khoảng 80%",
            "cover_95": "Khoảng 95%",
        },
        title=f"Dự báo {wording.INDEX[fit.index]} đúng đến đâu",
        subtitle="Ba cột cuối: % số lần khoảng dự báo chứa kết quả thật",
        decimals={
            "tries": 0,
            "mae": 2,
            "crps": 2,
            "interval": 1,
            "cover_50": 0,
            "cover_80": 0,
            "cover_95": 0,
        },
        groups="group",
        highlight=table["best"],
        notes=(
            "Mỗi lần: lấy số liệu đến một năm, dự báo mọi nơi được công bố sau đó. Sai số: bình "
            "quân trị tuyệt đối. CRPS và điểm khoảng: càng thấp càng tốt.",
        ),
    )


def model_report(fit: Trajectories) -> HTML:
    """What the mixed model says: structure, convergence, variance, shrinkage, residuals."""
    name = wording.INDEX[fit.index]
    if "absent" in fit.model:
        return _absent(fit.index, "ước lượng mô hình hỗn hợp")
    model, parts = fit.model, fit.model["variance_parts"]
    checks = model["residuals"]
    texts = [
        f"{name}: {' '.join(REASON[reason] for reason in model['reasons'])}",
        f"Ước lượng trên {model['draws']} bộ số liệu; hội tụ {model['converged']}/{model['draws']}."
        f" Cảnh báo khi ước lượng mô hình được dùng: "
        f"{'; '.join(model['warnings']) if model['warnings'] else 'không có'}.",
        f"Độ lệch chuẩn giữa các địa phương năm {fit.last_year}: "
        f"{wording.difference(parts['provinces']['sd'], fit.index)}; trong từng địa phương, từ năm "
        f"này sang năm khác: {wording.difference(parts['residual']['sd'], fit.index)}.",
        f"Mức co về bình quân (0: giữ nguyên, 1: co hoàn toàn): từ "
        f"{wording.number(fit.shrinkage['shrinkage'].min())} đến "
        f"{wording.number(fit.shrinkage['shrinkage'].max())}.",
        f"Phần dư: kiểm định phân phối chuẩn {_p(checks['normal_p'])}; độ phân "
        f"tán bằng nhau giữa các năm {_p(checks['spread_p'])}; tương quan với "
        f"năm liền trước {wording.signed(checks['lag_one'])}.",
    ]
    tried = [row for row in model["structures"] if row["warnings"]]
    if tried:
        texts.append(
            f"{len(tried)}/{len(model['structures'])} mô hình được thử để chọn cấu trúc có cảnh báo"
            " của phần mềm; nguyên văn nằm trong bản lưu của lần chạy."
        )
    return page.points(texts)


def _p(value: float) -> str:
    return "p < 0,001" if value < 0.001 else f"p = {wording.number(value, 3)}"


# --- forecasts ---------------------------------------------------------------------------------


def used(fit: Trajectories) -> pd.DataFrame:
    """Forecasts by the method that won."""
    return fit.forecasts[fit.forecasts["method"] == fit.best["method"]]


def forecasts_table(fit: Trajectories, year: int) -> GT | HTML:
    """Forecast of every province for one year, by expected rank."""
    table = used(fit)
    if table.empty or not (table["year"] == year).any():
        return _absent(fit.index, f"dự báo năm {year} (hoặc năm ấy đã đổi cách khảo sát)")
    table = table[table["year"] == year].sort_values(["score", "unit"], ascending=[False, True])
    shown = pd.DataFrame({"unit": table["unit"], "score": table["score"], "rank": table["rank"]})
    for target, decimals in (("score", 0), ("rank", 0)):
        for level in (50, 80, 95):
            ends = zip(table[f"{target}_{level}_low"], table[f"{target}_{level}_high"], strict=True)
            shown[f"{target}_{level}"] = [wording.between(*pair, decimals) for pair in ends]
    shown["known"] = table["years_known"]
    columns = {"unit": "Tỉnh, thành phố", "score": "Điểm"}
    columns |= {"score_50": "50%", "score_80": "80%", "score_95": "95%"}
    columns |= {"rank": "Hạng", "rank_50": "Hạng 50%", "rank_80": "Hạng 80%", "rank_95": "Hạng 95%"}
    return typeset(
        shown,
        columns | {"known": "Số năm"},
        title=f"Dự báo {wording.INDEX[fit.index]} năm {year}, từ số liệu đến năm {fit.last_year}",
        subtitle="Ước lượng; khoảng 50%, 80% và 95% của điểm và của hạng",
        decimals={"score": 1, "rank": 0, "known": 0},
        right=tuple(name for name in columns if name[-1] in "05"),
        light=shown["known"] == 0,
        notes=(
            "Số năm: số năm có điểm trong tay; chữ nghiêng: chưa có năm nào. Hạng có khoảng riêng, "
            "vì nơi khác cũng lên xuống: nơi đứng ở hai đầu bảng thường lùi về giữa.",
        ),
    )


def fan_chart(fit: Trajectories, figures: pd.DataFrame, unit: str) -> HTML:
    """One province's scores, the fan of its forecasts, and what was published since."""
    history = fit.history[fit.history["unit"] == unit]
    table = used(fit)
    forecast = table[table["unit"] == unit]
    if forecast.empty and history.empty:
        return _absent(fit.index, f"dự báo {unit}")
    later = trajectories.beside_published(fit, figures)
    later = later[later["unit"] == unit].dropna(subset="observed_score")
    later = later[["year", "observed_score"]].rename(columns={"observed_score": "score"})
    regime = fit.means[fit.means["regime"] == fit.means["regime"].max()]
    # The model fills in years without a published mean; only published ones are drawn.
    mean = facts.national(figures, fit.index)["mean"].reindex(sorted(regime["year"])).dropna()
    ax = charts.fan(history, forecast, later, mean)
    sentences = province_sentences(fit, unit)
    finding = sentences[0].rstrip(".")
    subtitle = (
        f"{wording.INDEX[fit.index]}, {'điểm' if fit.index == 'PAR' else '%'}; dự báo từ số liệu "
        f"đến năm {fit.last_year} theo cách “{METHOD[fit.best['method']].lower()}”"
    )
    return page.chart(ax, finding, subtitle)


def province_sentences(fit: Trajectories, unit: str) -> tuple[str, str]:
    """Two sentences on where a province heads: the forecast, and how far to trust it.

    The first says that nothing can be forecast where that is so; the second is then empty.
    """
    name = wording.INDEX[fit.index]
    table = used(fit)
    own = table[table["unit"] == unit]
    if own.empty:
        return (
            f"Chưa thể dự báo {name} của {unit} sau năm {fit.last_year}: năm sau đó thuộc cách "
            "khảo sát khác hoặc số liệu công bố chưa đủ.",
            "",
        )
    row = own.sort_values("year").iloc[0]
    first = (
        f"Với số liệu đến năm {fit.last_year}, {name} năm {row['year']} của {unit} nhiều khả năng "
        f"(80%) nằm trong khoảng {wording.number(row['score_80_low'], 1)} đến "
        f"{wording.number(row['score_80_high'], 1)}{' điểm' if fit.index == 'PAR' else '%'}, "
        f"hạng {wording.whole(row['rank_80_low'])} đến {wording.whole(row['rank_80_high'])}."
    )
    scores = fit.scores[(fit.scores["method"] == row["method"]) & (fit.scores["horizon"] == 1)]
    scores = scores.set_index("target")
    if "score" not in scores.index:
        return first, "Chưa có năm nào để thử cách dự báo này."
    second = (
        f"Khi thử trên những năm đã qua, cách dự báo này sai bình quân "
        f"{wording.difference(scores.at['score', 'mae'], fit.index)} và "
        f"{wording.number(scores.at['rank', 'mae'], 0)} bậc; khoảng 80% chứa kết quả thật "
        f"{wording.number(100 * scores.at['score', 'cover_80'], 0)}% số lần."
    )
    return first, second


def hindsight_table(fit: Trajectories, figures: pd.DataFrame) -> GT | HTML:
    """Forecasts beside what was published since, year by year."""
    name = wording.INDEX[fit.index]
    beside = trajectories.beside_published(fit, figures)
    if beside.empty:
        return page.paragraphs(f"{name}: chưa có kết quả nào sau năm {fit.last_year} để đối chiếu.")
    rows = []
    for year, group in beside.groupby("year"):
        scored = group.dropna(subset="observed_score")
        ranked = group.dropna(subset="observed_rank")
        row = {"year": str(year), "scored": len(scored), "ranked": len(ranked)}
        row["mae"] = (scored["observed_score"] - scored["score"]).abs().mean()
        row["bias"] = (scored["observed_score"] - scored["score"]).mean()
        row["to_mean"] = (scored["observed_to_mean"] - scored["to_mean"]).abs().mean()
        row["rank"] = (ranked["observed_rank"] - ranked["rank"]).abs().mean()
        for level in (50, 80, 95):
            row[f"in_{level}"] = 100 * scored[f"inside_{level}"].astype(float).mean()
        rows.append(row)
    return typeset(
        pd.DataFrame(rows),
        {
            "year": "Năm",
            "scored": "Số nơi có điểm",
            "mae": "Sai số điểm",
            "bias": "Thật trừ dự báo",
            "to_mean": "Sai số khoảng cách",
            "rank": "Sai số hạng",
            "in_50": "Khoảng 50%",
            "in_80": "Khoảng 80%",
            "in_95": "Khoảng 95%",
        },
        title=f"{name}: dự báo từ năm {fit.last_year} và kết quả công bố sau đó",
        subtitle="Ba cột cuối: % số nơi có kết quả thật nằm trong khoảng dự báo",
        decimals={
            "scored": 0,
            "mae": 2,
            "bias": 2,
            "to_mean": 2,
            "rank": 0,
            "in_50": 0,
            "in_80": 0,
            "in_95": 0,
        },
        signed=("bias",),
        notes=(
            "Bình quân cả nước là phần khó đoán nhất và chung cho mọi nơi: khi nó lệch, mọi nơi "
            "cùng lệch. Cột “sai số khoảng cách” bỏ phần chung ấy đi.",
        ),
    )


# --- looking back ------------------------------------------------------------------------------


def regions_chart(fit: Trajectories, highlight: str | None = None) -> HTML:
    """Distances from the national mean, a panel per region."""
    names = units.regions().set_index("region")["name"].to_dict()
    ax = charts.region_lines(fit.history, names, highlight)
    count = fit.history["unit"].nunique()
    finding = f"{wording.INDEX[fit.index]}: {count} tỉnh, thành phố có điểm trong ít nhất một năm"
    unit = "điểm" if fit.index == "PAR" else "điểm phần trăm"
    return page.chart(ax, finding, f"Cao hơn hoặc thấp hơn bình quân cả nước, {unit}")


def slope_chart(figures: pd.DataFrame, index: str, year: int, highlight: str | None = None) -> HTML:
    """Scores of two consecutive years, for the provinces with both published."""
    wide = facts.panel(figures, index).reindex(columns=[year - 1, year]).dropna()
    frame = wide.set_axis(["before", "after"], axis=1)
    ax = charts.slopes(frame, (year - 1, year), highlight)
    up = int((frame["after"] > frame["before"]).sum())
    finding = f"{up}/{len(frame)} địa phương có điểm cả hai năm tăng điểm"
    if frame.empty:
        finding = f"Chưa có nơi nào có điểm công bố của cả {year - 1} và {year}"
    subtitle = (
        f"{wording.INDEX[index]}, {year - 1} và {year}; nét đứt: giảm; chỉ những nơi được công bố "
        "cả hai năm, không đại diện cho cả nước"
    )
    return page.chart(ax, finding, subtitle)


def typology_panel(figures: pd.DataFrame) -> Panel:
    """Panel of the years of the official typology, with draws enough for a range of counts."""
    return trajectories.panel(figures, "SIPAS", 2020, draws=200)


def typology_table(figures: pd.DataFrame, panel: Panel, cite: Citations) -> GT | HTML:
    """Counts of the official typology beside the announced ones."""
    try:
        _, counts = trajectories.typology(figures, panel)
    except NotEnoughYears:
        return _absent(panel.index, "phân loại giai đoạn 2017–2020")
    counts = counts.reset_index(names="class")
    counts["name"] = counts["class"].map(CLASS)
    counts["range"] = [
        wording.between(*ends, 0) for ends in zip(counts["low"], counts["high"], strict=True)
    ]
    counts["cited"] = counts["sources"].map(cite)
    return typeset(
        counts,
        {
            "name": "Loại",
            "announced": "Công bố",
            "decided": "Số liệu công bố đủ xếp loại",
            "median": "Ước lượng",
            "range": "Khoảng 90%",
            "cited": "Nguồn",
        },
        title="SIPAS 2017–2020: tăng liên tục, đan xen, giảm liên tục",
        subtitle="Số tỉnh, thành phố",
        decimals={"announced": 0, "decided": 0, "median": 0},
        right=("range",),
        raw=("cited",),
        notes=(
            "Các năm được ước lượng riêng từng năm nên nơi ít số liệu lên xuống nhiều hơn thực tế: "
            "ước lượng đếm thiếu loại tăng liên tục. Số công bố đáng tin hơn.",
        ),
    )


def typology_units(figures: pd.DataFrame, panel: Panel) -> GT | HTML:
    """Class of every province: decided, or the probability of each class."""
    try:
        table, _ = trajectories.typology(figures, panel)
    except NotEnoughYears:
        return _absent(panel.index, "phân loại giai đoạn 2017–2020")
    table = table.rename_axis("unit").reset_index()
    table["decided"] = table["class"].map(CLASS).fillna("")
    for name in CLASS:
        table[name] = 100 * table[f"{name}_announced"].fillna(table[name])
    table = table.sort_values(["decided", "rise"], ascending=False, kind="stable")
    return typeset(
        table,
        {"unit": "Tỉnh, thành phố", "known": "Bước đã biết", "decided": "Xếp loại"} | CLASS,
        title="SIPAS 2017–2020: xếp loại từng địa phương",
        subtitle="Xác suất từng loại, %, đã khớp với số công bố 21, 41 và 1",
        decimals={"known": 0} | dict.fromkeys(CLASS, 0),
        light=table["decided"] == "",
        notes=("Bước đã biết: số lần, trong ba lần, chiều tăng giảm được công bố hoặc suy ra.",),
    )


def sigma_chart(panel: Panel) -> HTML:
    """Spread of the scores by year."""
    table = trajectories.sigma(panel)
    first, last = table.index[0], table.index[-1]
    change = trajectories.sigma_change(panel, first, last)
    finding = (
        f"Độ phân tán năm {last} bằng {wording.number(change['ratio'])} lần năm {first} "
        f"(khoảng 90%: {wording.number(change['low'])} đến {wording.number(change['high'])})"
    )
    subtitle = f"{wording.INDEX[panel.index]}: độ lệch chuẩn của 63 điểm, ước lượng, khoảng 90%"
    return page.chart(charts.spread_by_year(table), finding, subtitle)


def beta_text(panel: Panel, first: int, last: int) -> HTML:
    """Say whether those who started low caught up, beside what chance alone would show."""
    try:
        found = trajectories.beta(panel, first, last)
    except NotEnoughYears:
        return _absent(panel.index, f"so sánh {first} và {last}")

    def told(name: str) -> str:
        row = found[name]
        ends = f"{wording.signed(row['low'])} đến {wording.signed(row['high'])}"
        return f"{wording.signed(row['estimate'])} (khoảng 95%: {ends})"

    excess = found["excess"]
    verdict = (
        "Phần vượt mức đối chứng nhỏ hơn 0: trong số này, nơi xuất phát thấp đuổi kịp nhiều hơn "
        "mức do may rủi."
        if excess["high"] < 0
        else "Phần vượt mức đối chứng lớn hơn 0: trong số này, khoảng cách giãn ra."
        if excess["low"] > 0
        else "Phần vượt mức đối chứng không phân biệt được với 0: chưa có bằng chứng đuổi kịp."
    )
    return page.points(
        [
            f"{wording.INDEX[panel.index]}, {found['units']} nơi có điểm cả {first} và {last}: cao "
            f"hơn 1 điểm lúc đầu đi với mức thay đổi {told('forward')} điểm về sau.",
            f"Mức đối chứng: chỉ riêng việc hai lần đo không trùng nhau đã cho {told('placebo')}; "
            f"tính ngược thời gian cho {told('backward')}.",
            f"{verdict} Chênh lệch: {told('excess')}.",
            "Những nơi có điểm được công bố không phải mẫu ngẫu nhiên của 63 tỉnh, thành phố.",
        ]
    )


def mobility_table(panel: Panel) -> GT:
    """Movement between thirds of the ranking."""
    table = trajectories.transitions(panel)
    rows = []
    for start, name in THIRD.items():
        row = {"start": name, "of": table.loc[(start, start), "of"]}
        for end in THIRD:
            cell = table.loc[(start, end)]
            row[end] = (
                wording.MISSING
                if pd.isna(cell["share"])
                else f"{wording.number(100 * cell['share'], 0)}% "
                f"({wording.between(100 * cell['low'], 100 * cell['high'], 0)})"
            )
        rows.append(row)
    return typeset(
        pd.DataFrame(rows),
        {"start": "Năm trước"}
        | {end: f"Năm sau: {THIRD[end].lower()}" for end in THIRD}
        | {"of": "Số lần"},
        title=f"{wording.INDEX[panel.index]}: di chuyển giữa ba nhóm hạng, từ năm này sang năm sau",
        subtitle=f"{panel.first}–{panel.last}; trong ngoặc: khoảng 95%",
        decimals={"of": 0},
        right=tuple(THIRD),
        notes=(
            "Chỉ tính những nơi biết hạng cả hai năm. Nơi được nhắc đến nhiều là nơi hạng cao, nên "
            "nhóm giữa và nhóm cuối có ít số liệu hơn.",
        ),
    )


def correlation_table(panel: Panel) -> GT:
    """Rank correlation from year to year."""
    table = trajectories.rank_correlation(panel).reset_index()
    table["pair"] = [f"{year - 1}–{year}" for year in table["year"]]
    table["range"] = [
        wording.MISSING
        if pd.isna(row.low)
        else f"{wording.number(row.low)} đến {wording.number(row.high)}"
        for row in table.itertuples()
    ]
    return typeset(
        table,
        {"pair": "Hai năm", "units": "Số nơi", "correlation": "Tương quan", "range": "Khoảng 95%"},
        title=f"{wording.INDEX[panel.index]}: tương quan thứ hạng giữa hai năm liền nhau",
        subtitle="Hệ số Spearman, những nơi biết hạng cả hai năm",
        decimals={"units": 0, "correlation": 2},
        right=("range",),
    )


def movers_table(panel: Panel, year: int, count: int = 6) -> GT | HTML:
    """The surest climbers and fallers of a year."""
    try:
        table = trajectories.movers(panel, year - 1, year)
    except NotEnoughYears:
        return _absent(panel.index, f"so sánh hạng {year - 1} và {year}")
    up = table[table["low"] > 0].head(count).assign(group="Lên hạng")
    down = table[table["high"] < 0].tail(count)[::-1].assign(group="Xuống hạng")
    both = pd.concat([up, down]).rename_axis("unit").reset_index()
    both["range"] = [
        wording.MISSING
        if low == high
        else f"{wording.signed(low, 0)} đến {wording.signed(high, 0)}"
        for low, high in zip(both["low"], both["high"], strict=True)
    ]
    both["kind"] = both["kind"].map({"published": "công bố", "estimated": "ước lượng"})
    return typeset(
        both,
        {
            "unit": "Tỉnh, thành phố",
            "from_rank": f"Hạng {year - 1}",
            "to_rank": f"Hạng {year}",
            "places": "Số bậc",
            "range": "Khoảng 90%",
            "kind": "Loại số liệu",
        },
        title=f"{wording.INDEX[panel.index]} {year}: những nơi chắc chắn lên, xuống nhiều nhất",
        subtitle="Bậc; dương là lên hạng",
        decimals={"from_rank": 0, "to_rank": 0, "places": 0},
        signed=("places",),
        right=("range",),
        groups="group",
        light=both["kind"] == "ước lượng",
    )
