"""Exhibits of "Are people more satisfied where reform scores higher?": coefficients and models."""

import pandas as pd
from great_tables import GT
from IPython.display import HTML

from helpers import association, charts, facts, page, wording
from helpers.charts.association import interval, signed
from helpers.exhibits.association import REFORM, correlation
from helpers.tables import typeset

METHOD = {"pearson": "Pearson", "spearman": "Spearman", "kendall": "Kendall (tau-b)"}
DEFINITION = {
    "whole": "PAR INDEX và SIPAS",
    "rest": "PAR INDEX trừ điểm hài lòng và SIPAS",
    "ranks": "hạng PAR INDEX và hạng SIPAS",
}
MODEL = {
    "ols": "Bình phương nhỏ nhất (OLS), sai số HC3",
    "without_influential": "OLS, bỏ địa phương có ảnh hưởng lớn",
    "huber": "Hồi quy bền Huber",
    "regions": "OLS có hiệu ứng vùng",
}
REGIME = {2017: "2017–2021", 2022: "2022–2024"}
NOTES = {
    "too few degrees of freedom": "quá ít bậc tự do",
    "a province is fitted exactly, HC3 is not defined": "có địa phương khớp tuyệt đối",
    "not converged": "không hội tụ",
}


# --- three coefficients, eight years -----------------------------------------------------------

CORRELATION_COLUMNS = {
    "method_name": "Hệ số",
    "n": "n",
    "r_text": "Giá trị",
    "fisher": "95%, Fisher z",
    "boot": "95%, bootstrap BCa",
}


def methods_table(found: dict) -> GT:
    """Pearson, Spearman and Kendall of the year, with both kinds of intervals."""
    rows = found["of_year"].copy()
    rows["name"] = rows["definition"].map(DEFINITION).map(wording.capital)
    rows["method_name"] = rows["method"].map(METHOD)
    rows["r_text"] = [signed(value) for value in rows["r"]]
    rows["fisher"] = _intervals(rows, "low", "high")
    rows["boot"] = _intervals(rows, "boot_low", "boot_high")
    return typeset(
        rows,
        CORRELATION_COLUMNS,
        title=f"Ba hệ số tương quan năm {found['year']}, trên số công bố",
        decimals={"n": 0},
        right=("r_text", "fisher", "boot"),
        groups="name",
        notes=(
            "Bootstrap BCa: 2.000 lần rút lại các địa phương; cần ít nhất 8 cặp. Hệ số: cần ít "
            f"nhất {association.LEAST} cặp. Với n nhỏ, khoảng Fisher z dựa vào phân phối chuẩn "
            "hai chiều và thường hẹp hơn.",
        ),
    )


def _intervals(rows: pd.DataFrame, low: str, high: str) -> list[str]:
    ends = zip(rows[low], rows[high], strict=True)
    return [wording.MISSING if pd.isna(a) else interval(a, b) for a, b in ends]


def forest_of_definitions(found: dict) -> HTML:
    """The correlation of the year by definition: published, over all, corrected."""
    published = "Cặp đã công bố"
    rows = []
    for name, method in (
        ("whole", "pearson"),
        ("rest", "pearson"),
        ("rest", "spearman"),
        ("ranks", "spearman"),
    ):
        label = {
            "whole": "PAR INDEX (Pearson)",
            "rest": f"trừ điểm hài lòng ({METHOD[method]})",
            "ranks": "hạng (Spearman)",
        }[name]
        rows.append({"group": published, "label": label, **correlation(found, name, method)})
    if found["corrected"] is not None and pd.notna(found["corrected"]["corrected"]):
        made = found["corrected"]
        value = min(made["corrected"], 1.0)
        rows.append(
            {"group": published, "label": "trừ điểm hài lòng, hiệu chỉnh sai số", "n": made["n"]}
            | {"r": value, "boot_low": made["low"], "boot_high": made["high"]}
        )
    if found["whole"] is not None:
        group = "Cả 63 địa phương (ước lượng, hai bảng độc lập: mốc thấp)"
        for label, key in (
            ("PAR INDEX (Pearson)", "whole"),
            ("trừ điểm hài lòng (Pearson)", "rest"),
            ("hạng (Spearman)", "ranks_over_all"),
        ):
            rows.append({"group": group, "label": label, **found[key][["n", "r", "low", "high"]]})
    frame = _forest_frame(rows)
    known = frame["r"].dropna()
    spread = (
        f"Tùy cách tính, từ {signed(known.min())} đến {signed(known.max())}"
        if len(known)
        else "Chưa đủ cặp số để tính"
    )
    return page.chart(
        charts.forest(frame),
        f"Tương quan đổi bao nhiêu khi đổi cách tính? {spread}",
        f"Hệ số tương quan giữa cải cách và hài lòng năm {found['year']}",
    )


def forest_of_years(rows: pd.DataFrame) -> HTML:
    """The correlation of each year apart, before and since the new survey.

    Parameters
    ----------
    rows : DataFrame
        As given by `helpers.association.by_year`.
    """
    names = {
        (0, "rest"): "2017–2021, trừ điểm hài lòng (Pearson)",
        (0, "ranks"): "2017–2021, hạng (Spearman)",
        (1, "rest"): "Từ 2022: khảo sát mới, trừ điểm hài lòng (Pearson)",
        (1, "ranks"): "Từ 2022: khảo sát mới, hạng (Spearman)",
    }
    methods = {"rest": "pearson", "ranks": "spearman"}
    chosen = rows[[methods.get(row.definition) == row.method for row in rows.itertuples()]]
    made = [
        {"group": names[row["regime"], row["definition"]], "label": str(row["year"]), **row}
        for row in chosen.to_dict("records")
    ]
    frame = _forest_frame(made)
    frame = frame.sort_values(
        "group", key=lambda column: column.map(list(names.values()).index), kind="stable"
    )
    sure = frame[(frame["definition"] == "rest") & ~frame["faint"] & frame["r"].notna()]
    above = int((sure["low"] > 0).sum())
    return page.chart(
        charts.forest(frame),
        f"Năm nào cũng vậy chăng? Có {above}/{len(sure)} năm đủ 8 cặp mà khoảng 95% nằm trên 0",
        "Mỗi năm tính riêng trên các cặp đã công bố, trừ điểm hài lòng hoặc theo hạng; năm 2022 "
        "đổi khảo sát, hai thời kỳ không gộp; chấm rỗng: dưới 8 cặp",
    )


def years_table(rows: pd.DataFrame) -> GT:
    """Every year apart: three coefficients with both intervals, PAR less its satisfaction points.

    Parameters
    ----------
    rows : DataFrame
        As given by `helpers.association.by_year`.
    """
    rows = rows[rows["definition"] == "rest"]
    few = rows["r"].isna()
    rows = rows[~few | ~rows.duplicated(["year", "definition"])].reset_index(drop=True)
    few = rows["r"].isna()
    rows["method_name"] = rows["method"].map(METHOD).mask(few, "quá ít cặp số")
    rows["r_text"] = [signed(value) for value in rows["r"]]
    rows["fisher"] = _intervals(rows, "low", "high")
    rows["boot"] = _intervals(rows, "boot_low", "boot_high")
    survey = {0: "khảo sát cũ", 1: "khảo sát mới từ 2022"}
    rows["group"] = [f"{row.year} ({survey[row.regime]})" for row in rows.itertuples()]
    return typeset(
        rows,
        CORRELATION_COLUMNS,
        title="Từng năm một: ba hệ số, trên các cặp điểm đã công bố",
        subtitle=f"{REFORM} và SIPAS; không gộp các năm trước và từ 2022",
        decimals={"n": 0},
        right=("r_text", "fisher", "boot"),
        groups="group",
    )


def _forest_frame(rows: list[dict]) -> pd.DataFrame:
    columns = ["definition", "boot_low", "boot_high"]
    frame = pd.DataFrame(rows)
    frame = frame.reindex(columns=list(dict.fromkeys([*frame.columns, *columns])))
    return frame.assign(faint=frame["n"] < 8, words="quá ít cặp số")


# --- the line within a year --------------------------------------------------------------------


def too_few(found: dict) -> str:
    """Say that there are too few pairs for a line."""
    return (
        f"Năm {found['year']} chỉ có {len(found['pairs'])} cặp điểm số: quá ít cho một đường "
        "hồi quy."
    )


def slopes_table(found: dict) -> GT | HTML:
    """Slope of SIPAS on reform by four models, with what is left of the degrees of freedom."""
    if found["slopes"] is None:
        return page.paragraphs(too_few(found))
    rows = found["slopes"].rename_axis("model").reset_index()
    rows["name"] = rows["model"].map(MODEL)
    rows["interval"] = [
        NOTES.get(note, interval(low, high))
        for note, low, high in zip(rows["note"], rows["low"], rows["high"], strict=True)
    ]
    regions = found["slopes"].loc["regions"]
    left = len(found["pairs"]) - int(regions["n"])
    wider = _width(regions) / _width(found["slopes"].loc["ols"])
    told = f", và khoảng 95% rộng gấp {wording.number(wider, 1)} lần OLS" if pd.notna(wider) else ""
    return typeset(
        rows,
        {
            "name": "Mô hình",
            "slope": "Độ dốc",
            "interval": "Khoảng 95%",
            "n": "n",
            "dof": "Bậc tự do còn lại",
            "r2": "R²",
        },
        title=f"Hơn một điểm cải cách, SIPAS cao hơn bao nhiêu? Năm {found['year']}",
        subtitle=f"Điểm phần trăm SIPAS trên một điểm ({REFORM}); so các địa phương với nhau",
        decimals={"slope": 2, "n": 0, "dof": 0, "r2": 2},
        right=("interval",),
        notes=(
            f"Hiệu ứng vùng dùng hết {int(regions['n'] - regions['dof'] - 1)} bậc tự do"
            + (f" và loại {left} địa phương đứng một mình trong vùng" if left else "")
            + f": còn {int(regions['dof'])} bậc tự do{told}.",
        ),
    )


def _width(row: pd.Series) -> float:
    return float(row["high"] - row["low"])


def influence_chart(found: dict) -> HTML:
    """Which provinces carry the line."""
    if found["influence"] is None:
        return page.paragraphs()
    influence = found["influence"]
    strong = list(influence.index[influence["influential"]])
    far = list(influence.index[influence["far"]])
    first = (
        f"{wording.names(strong)} vượt ngưỡng Cook 4/n"
        if strong
        else "không nơi nào vượt ngưỡng Cook 4/n"
    )
    second = f"; đòn bẩy lớn: {wording.names(far)}" if far else ""
    return page.chart(
        charts.influence(influence),
        f"Địa phương nào chi phối đường hồi quy? {wording.capital(first)}{second}",
        "Diện tích chấm: khoảng cách Cook; vạch đứng: đòn bẩy 4/n; vạch ngang: phần dư ±2",
    )


def residual_chart(found: dict) -> HTML:
    """Who is more satisfied than reform predicts."""
    if found["residuals"] is None:
        return page.paragraphs()
    made = found["residuals"]
    outside = list(made.index[made["outside"]])
    tail = (
        f"Vượt ra ngoài khoảng 95%: {wording.names(outside)}"
        if outside
        else "Không nơi nào lệch quá khoảng 95%"
    )
    return page.chart(
        charts.residual_ranking(made),
        f"Nơi nào hài lòng hơn mức điểm cải cách dự báo? {tail}",
        f"Năm {found['year']}; dự báo bằng đường thẳng của {len(made) - 1} địa phương khác; chỉ do "
        f"ngẫu nhiên đã có thể có {wording.number(0.05 * len(made), 1)} nơi nằm ngoài",
    )


# --- several years, blocks, ministries ---------------------------------------------------------


def panel(figures: pd.DataFrame, schemes: pd.DataFrame) -> dict[str, dict]:
    """Within-between models and lags of both regimes, by the name of the regime."""
    made = {}
    for first, last in association.REGIMES:
        rows = association.stack(figures, schemes, range(first, last + 1))
        made[REGIME[first]] = {
            "slopes": association.within_between(rows),
            "lags": association.lags(rows),
        }
    return made


TERM = {
    "within": "Trong cùng địa phương, qua các năm (mô hình hỗn hợp)",
    "between": "Giữa các địa phương (mô hình hỗn hợp)",
    "fixed_effects": "Trong cùng địa phương (hiệu ứng cố định, để đối chiếu)",
}
DIRECTION = {
    "reform_first": "SIPAS năm sau, theo điểm cải cách năm trước",
    "satisfaction_first": "Điểm cải cách năm sau, theo SIPAS năm trước",
}


def _slope_rows(made: dict, kind: str, names: dict) -> pd.DataFrame:
    frames = [
        of[kind].assign(regime=regime).rename_axis("term").reset_index()
        for regime, of in made.items()
    ]
    rows = pd.concat(frames, ignore_index=True)
    rows["name"] = rows["term"].map(names)
    rows["interval"] = _intervals(rows, "low", "high")
    rows["slope_text"] = [signed(float(value)) for value in rows["slope"]]
    return rows


def panel_table(made: dict) -> GT:
    """Does a province's satisfaction move when its score moves? Each regime by itself."""
    rows = _slope_rows(made, "slopes", TERM)
    notes = [_convergence(regime, of["slopes"]) for regime, of in made.items()]
    return typeset(
        rows,
        {
            "name": "Độ dốc",
            "slope_text": "Giá trị",
            "interval": "Khoảng 95%",
            "n": "n",
            "provinces": "Địa phương",
            "repeated": "Có từ 2 năm",
        },
        title="Khi điểm cải cách của một địa phương đổi, SIPAS ở đó có đổi theo không?",
        subtitle=f"Điểm phần trăm SIPAS trên một điểm ({REFORM}), cả hai tính từ bình quân năm",
        decimals={"n": 0, "provinces": 0, "repeated": 0},
        right=("slope_text", "interval"),
        groups="regime",
        notes=(
            *notes,
            "Độ dốc trong cùng địa phương chỉ dựa vào những nơi công bố đủ cặp số từ hai năm trở "
            "lên; chừng ấy chỉ thấy được mối liên hệ lớn, không bác bỏ được mối liên hệ nhỏ.",
        ),
    )


def _convergence(regime: str, slopes: pd.DataFrame) -> str:
    row = slopes.loc["within"]
    if pd.isna(row["slope"]):
        return (
            f"{regime}: có {row['repeated']} địa phương có từ hai năm, không ước lượng "
            f"({row['messages']})."
        )
    state = "hội tụ" if row["converged"] else "KHÔNG hội tụ"
    edge = "; phương sai giữa các địa phương bằng 0 (ở biên)" if row["boundary"] else ""
    told_by = f"; phần mềm báo: {row['messages']}" if row["messages"] else ""
    return f"{regime}: mô hình hỗn hợp {state}{edge}{told_by}."


def lags_table(made: dict) -> GT:
    """Which goes first, as far as a dozen rows can tell."""
    return typeset(
        _slope_rows(made, "lags", DIRECTION),
        {
            "name": "Chiều thời gian",
            "slope_text": "Độ dốc",
            "interval": "Khoảng 95%",
            "n": "n",
            "provinces": "Địa phương",
        },
        title="Chỉ số nào đi trước? Một năm trễ, theo cả hai chiều",
        subtitle="Đã kể đến giá trị năm trước của chính chỉ số đó; sai số gộp theo địa phương",
        decimals={"n": 0, "provinces": 0},
        right=("slope_text", "interval"),
        groups="regime",
        notes=(
            "Với chừng này cặp năm, khoảng tính theo cụm thường quá hẹp và một vài địa phương có "
            "thể đảo kết quả: bảng chỉ để tham khảo, không đủ để nói chỉ số nào đi trước.",
        ),
    )


def blocks_table(figures: pd.DataFrame, schemes: pd.DataFrame, year: int) -> GT | HTML:
    """Which part of PAR goes with satisfaction: a description of those published."""
    rows = association.describe(figures, schemes, association.YEARS)
    if rows.empty:
        return page.paragraphs("Chưa thấy công bố các thành phần cùng với SIPAS.")
    few = rows[rows["pearson"].isna()]
    rows = rows[rows["pearson"].notna()]
    left_out = (
        f"Các năm {wording.names([str(y) for y in few['year'].unique()])}: mỗi thành phần chỉ có "
        f"{few['n'].min()} đến {few['n'].max()} địa phương, không tính."
    )
    if rows.empty:
        return page.paragraphs(left_out)
    rows = rows.sort_values(
        "year", key=lambda years: (years != year) * 10000 - years, kind="stable"
    )
    rows["name"] = rows["part"].map(wording.part)
    rows["year_text"] = rows["year"].astype(str)
    for method in ("pearson", "spearman"):
        rows[method] = [signed(r) for r in rows[method]]
    rows["interval"] = _intervals(rows, "low", "high")
    return typeset(
        rows,
        {
            "name": "Thành phần",
            "n": "n",
            "pearson": "Pearson",
            "interval": "95%, Fisher z",
            "spearman": "Spearman",
        },
        title="Thành phần nào của PAR INDEX đi cùng sự hài lòng, ở nơi có công bố?",
        decimals={"n": 0},
        right=("pearson", "interval", "spearman"),
        groups="year_text",
        notes=(
            "Mô tả những địa phương được công bố, không suy rộng: mười địa phương của năm 2020 là "
            "nhóm đứng đầu PAR INDEX, nên điểm cao ở thành phần này thường bù điểm thấp ở thành "
            "phần kia. n = 10 quá nhỏ để xếp hạng các thành phần: các khoảng rộng, chồng lên nhau.",
            *([left_out] if len(few) else []),
        ),
    )


def ministries(figures: pd.DataFrame, year: int) -> HTML:
    """Ministries have no SIPAS."""
    scored = int(facts.scores(figures, "PAR", year, "ministry")["score"].notna().sum())
    return page.paragraphs(
        "SIPAS không đo các bộ, cơ quan ngang bộ, nên câu hỏi này không đặt ra được cho các bộ: "
        f"năm {year} có {scored} bộ có điểm PAR INDEX công bố, không bộ nào có SIPAS."
    )
