"""Exhibits of the nation's results of one year."""

import numpy as np
import pandas as pd
from great_tables import GT
from IPython.display import HTML

from helpers import charts, completion, facts, national, page, units, wording
from helpers.citations import Citations
from helpers.completion import CompletedTables
from helpers.exhibits import completed
from helpers.tables import typeset


def coverage(figures: pd.DataFrame, year: int, n: int = 63) -> HTML:
    """Say for how many provinces the year's results are in hand, index by index."""
    texts = []
    for index in facts.INDICES:
        scores = facts.scores(figures, index, year)
        texts.append(
            f"{wording.INDEX[index]} {year}: có điểm của {int(scores['score'].notna().sum())}/{n} "
            f"tỉnh, thành phố ({_derived(scores, 'score')} điểm là suy ra); có điểm hoặc hạng của "
            f"{len(scores)}/{n}."
        )
    return page.points(texts)


def _derived(scores: pd.DataFrame, measure: str) -> int:
    kinds = scores[f"{measure}_derivation"].map(facts.kind)
    return int((scores[measure].notna() & (kinds == "derived")).sum())


def summary(figures: pd.DataFrame, year: int, cite: Citations) -> HTML:
    """Means of the nation and of the ministries, their change, and the spread, each with source."""
    texts = []
    for index, measure, name in (
        ("PAR", "mean", "Bình quân PAR INDEX của 63 tỉnh, thành phố"),
        ("SIPAS", "mean", "Bình quân SIPAS của 63 tỉnh, thành phố"),
        ("PAR", "ministry_mean", "Bình quân PAR INDEX của các bộ, cơ quan ngang bộ"),
    ):
        now = facts.figure(figures, facts.NATION, index, year, measure)
        before = facts.figure(figures, facts.NATION, index, year - 1, measure)
        if now is None:
            texts.append(f"{name}: chưa thấy công bố.")
            continue
        text = f"{name}: {wording.score(now['value'], index)}{cite(now['sources'])}"
        broken = index == "SIPAS" and year == facts.NEW_SURVEY
        if broken:
            text += "; không so với năm trước vì SIPAS đổi cách khảo sát"
        if before is not None and not broken:
            change = round(now["value"] - before["value"], 4)
            text += (
                f", {wording.score_change(change, index)} so với năm {year - 1} (suy ra: "
                f"{wording.number(now['value'])} − {wording.number(before['value'])}"
                f"{cite(before['sources'])})"
            )
        texts.append(f"{text}.")
    return page.points(texts)


def ranking_chart(
    figures: pd.DataFrame,
    index: str,
    year: int,
    tables: CompletedTables | None,
    n: int = 63,
) -> HTML:
    """Score against rank: published scores solid, the other ranks as estimated."""
    scores = facts.scores(figures, index, year)
    name = wording.INDEX[index]
    scored = scores["score"].dropna()
    if tables is None:
        return page.paragraphs(f"Chưa thấy công bố điểm hay hạng {name} năm {year}.")
    mean = facts.national(figures, index)["mean"].get(year)
    shown = completed.settled(scores, tables)
    ax = charts.score_curve(shown, n, mean=mean, completed=completed.open_slots(tables))
    return page.chart(
        ax,
        f"{name} {year}: {len(scored)} địa phương có điểm, các hạng còn lại là ước lượng",
        f"{wording.score_axis(index)} theo thứ hạng; vạch nhạt: ước lượng, khoảng 50% và 90%",
    )


def whole_ranking_chart(index: str, year: int, tables: CompletedTables | None) -> HTML:
    """All provinces in order: published and derived scores solid, estimated ones light."""
    if tables is None:
        return page.paragraphs()
    rows = completed.by_unit(tables)
    ax = charts.ranking(rows, index=index)
    estimated = int((rows["kind"] == "estimated").sum())
    return page.chart(
        ax,
        f"{wording.INDEX[index]} {year}: {len(rows) - estimated} địa phương có điểm, "
        f"{estimated} địa phương chỉ có khoảng ước lượng",
        f"{wording.score_axis(index)}; chấm đặc: công bố, ô vuông: suy ra, chấm rỗng: ước "
        "lượng, khoảng 50% và 90%; số cạnh tên: hạng hoặc khoảng hạng",
    )


def ranking_table(
    figures: pd.DataFrame, index: str, year: int, tables: CompletedTables | None, cite: Citations
) -> GT | HTML:
    """The whole ranking: published and derived figures with sources, the rest as estimates."""
    if tables is None:
        return page.paragraphs()
    rows = completed.by_unit(tables)
    scores = facts.scores(figures, index, year).reindex(rows.index)
    rows["cited"] = [
        cite(f"{a} {b}")
        for a, b in zip(
            scores["rank_sources"].fillna(""), scores["score_sources"].fillna(""), strict=True
        )
    ]
    star = {"published": "", "derived": " *"}
    rows["rank_text"] = [
        wording.between(row["rank_low"], row["rank_high"], 0)
        if row["rank_kind"] == "estimated"
        else wording.whole(row["rank"]) + star[row["rank_kind"]]
        for _, row in rows.iterrows()
    ]
    rows["score_text"] = [
        wording.between(row["score_low"], row["score_high"])
        if row["kind"] == "estimated"
        else wording.number(row["score"]) + star[row["kind"]]
        for _, row in rows.iterrows()
    ]
    rows["kind_text"] = [
        wording.kind(row["kind"])
        if row["kind"] == row["rank_kind"]
        else f"hạng {wording.kind(row['rank_kind'])}, điểm {wording.kind(row['kind'])}"
        for _, row in rows.iterrows()
    ]
    return _ranking(rows, index, year, int(scores[["score", "rank"]].notna().any(axis=1).sum()))


def _ranking(rows: pd.DataFrame, index: str, year: int, known: int) -> GT:
    """Typeset the rows of `ranking_table`."""
    rows = rows.reset_index()
    return typeset(
        rows,
        {
            "rank_text": "Hạng",
            "unit": "Tỉnh, thành phố",
            "score_text": "Điểm" if index == "PAR" else "SIPAS (%)",
            "kind_text": "Loại số liệu",
            "cited": "Nguồn",
        },
        title=f"Bảng xếp hạng {wording.INDEX[index]} {year}: công bố và ước lượng",
        subtitle=(
            f"{known}/63 tỉnh, thành phố có điểm hoặc hạng (công bố hoặc suy ra); "
            "ước lượng ghi khoảng 90%, in nghiêng nhạt"
        ),
        right=("rank_text", "score_text"),
        raw=("cited",),
        notes=(
            "* Suy ra từ những con số đã công bố (cách tính ghi trong data/observations.csv), hoặc "
            "là khả năng duy nhất còn lại.",
            "Khoảng ước lượng rút từ 200 bảng 63 địa phương phù hợp với tất cả con số đã công bố "
            "(thứ hạng, bình quân, số địa phương trên các mốc điểm), với giả định điểm số phân bố "
            "gần chuẩn và địa phương chưa có số nào thì có thứ hạng gần các năm liền kề.",
        ),
        light=rows["kind"] == "estimated",
    )


def distribution_chart(
    figures: pd.DataFrame, index: str, year: int, tables: CompletedTables | None
) -> HTML:
    """How many provinces lie in each range of scores: published, and as estimated for all."""
    if tables is None:
        return page.paragraphs()
    low, high = tables.scores.to_numpy().min(), tables.scores.to_numpy().max()
    step = 2.5 if high - low > 12 else 1.0
    edges = list(np.arange(np.floor(low / step) * step, high + step, step))
    counts = completed.counts(tables, edges)
    ax = charts.binned(counts)
    top = counts.loc[counts["count"].idxmax()]
    return page.chart(
        ax,
        f"{wording.INDEX[index]} {year}: nhiều địa phương nhất ở khoảng "
        f"{wording.between(top['left'], top['right'], 1)}: {_about(top)}",
        f"Số tỉnh, thành phố theo {wording.INDEX[index]}; phần đậm: điểm công bố "
        "hoặc suy ra; phần nhạt: ước lượng, vạch: khoảng 90%",
    )


def _about(row: pd.Series) -> str:
    if row["low"] == row["high"]:
        return wording.whole(row["count"])
    return f"ước lượng {wording.whole(row['low'])} đến {wording.whole(row['high'])}"


def groups_table(figures: pd.DataFrame, year: int, cite: Citations) -> GT:
    """Groups A, B and C: announced size, and the provinces known to be in each."""
    groups = national.groups(figures, year).reset_index()
    groups["range"] = [
        "từ 90 điểm trở lên" if low == 90 else f"từ {low} đến dưới {high} điểm"
        for low, high in zip(groups["low"], groups["high"], strict=True)
    ]
    groups["cited"] = groups["sources"].map(cite)
    kinds = facts.scores(figures, "PAR", year)["score_derivation"].map(facts.kind)
    groups["names"] = [
        ", ".join(unit + (" *" if kinds[unit] == "derived" else "") for unit in found)
        or wording.MISSING
        for found in groups["units"]
    ]
    return typeset(
        groups,
        {
            "group": "Nhóm",
            "range": "Mức điểm",
            "announced": "Số tỉnh theo công bố",
            "known": "Trong đó có điểm",
            "names": "Gồm",
            "cited": "Nguồn",
        },
        title=f"Ba nhóm kết quả PAR INDEX {year}",
        subtitle="Số tỉnh, thành phố",
        decimals={"announced": 0, "known": 0},
        raw=("cited",),
        notes=("* Điểm suy ra từ những con số đã công bố.",),
    )


def regions_chart(
    figures: pd.DataFrame, index: str, year: int, tables: CompletedTables | None
) -> HTML:
    """Published scores by region, with the regional means: published, else estimated."""
    if tables is None:
        return page.paragraphs(f"Chưa thấy công bố {wording.INDEX[index]} năm {year}.")
    frame = units.provinces().set_index("name")[["region"]].rename_axis("unit")
    scores = facts.scores(figures, index, year).reindex(frame.index)
    frame["score"] = scores["score"]
    frame["kind"] = scores["score_derivation"].fillna("").map(facts.kind)
    regions = national.regions(figures, index, year)
    means = completed.region_means(tables, _region_names())
    published = regions["mean"].dropna()
    means.loc[published.index, ["low", "high"]] = np.nan
    means.loc[published.index, "mean"] = published
    ax = charts.by_region(frame, region_means=means)
    best = means["mean"].idxmax()
    kind = wording.kind("published" if best in published.index else "estimated")
    return page.chart(
        ax,
        f"{wording.INDEX[index]} {year}: bình quân vùng cao nhất là {best}, "
        f"{wording.score(means.at[best, 'mean'], index)} ({kind})",
        f"{wording.score_axis(index)}; chấm: điểm của địa phương; hình thoi đặc: bình quân "
        "vùng công bố; hình thoi rỗng: ước lượng, khoảng 90%",
    )


def _region_names() -> pd.Series:
    provinces = units.provinces().set_index("name")
    return provinces["region"].map(units.regions().set_index("region")["name"])


def regions_table(
    figures: pd.DataFrame, index: str, year: int, tables: CompletedTables | None, cite: Citations
) -> GT | HTML:
    """Six regions: the published mean, the estimated one, and that of the scored provinces."""
    if tables is None:
        return page.paragraphs()
    regions = national.regions(figures, index, year)
    means = completed.region_means(tables, _region_names()).reindex(regions.index)
    regions["estimated"] = [
        f"{wording.number(row['mean'])} ({wording.between(row['low'], row['high'])})"
        for _, row in means.iterrows()
    ]
    regions = regions.reset_index()
    regions["cited"] = regions["sources"].map(cite)
    regions["told"] = [f"{a}/{b}" for a, b in zip(regions.scored, regions.provinces, strict=True)]
    regions["published"] = [
        f"{wording.names([wording.number(v) for v in disputed])} (còn nghi vấn)"
        if disputed
        else wording.number(mean)
        for mean, disputed in zip(regions["mean"], regions["disputed"], strict=True)
    ]
    return typeset(
        regions,
        {
            "region": "Vùng",
            "told": "Số tỉnh có điểm",
            "mean_of_scored": "Bình quân các tỉnh đó (suy ra)",
            "estimated": "Bình quân vùng (ước lượng, khoảng 90%)",
            "published": "Bình quân vùng (công bố)",
            "cited": "Nguồn",
        },
        title=f"{wording.INDEX[index]} {year} theo vùng",
        subtitle="Đơn vị: điểm" if index == "PAR" else "Đơn vị: %",
        decimals={"mean_of_scored": 2},
        right=("told", "estimated", "published"),
        raw=("cited",),
        notes=(
            "Các tỉnh có điểm công bố thường là các tỉnh xếp hạng cao, nên bình quân của riêng "
            "các tỉnh đó không thay được bình quân vùng. Ước lượng không dùng bình quân vùng đã "
            "công bố, nên hai cột có thể so với nhau.",
        ),
    )


def changes_chart(figures: pd.DataFrame, index: str, year: int) -> HTML:
    """Scores of the two years, where both are known."""
    changes = national.changes(figures, index, year).dropna(subset=["before", "now"])
    name = wording.INDEX[index]
    if index == "SIPAS" and year == facts.NEW_SURVEY:
        return page.paragraphs(
            f"Năm {year} SIPAS đổi cách khảo sát, nên không tính mức tăng, giảm so với {year - 1}."
        )
    if changes.empty:
        return page.paragraphs(
            f"Chưa có địa phương nào được công bố đủ {name} của cả hai năm {year - 1} và {year}."
        )
    ax = charts.change_dumbbell(changes, years=(f"năm {year - 1}", f"năm {year}"))
    rose = int((changes["change"] > 0).sum())
    return page.chart(
        ax,
        f"{rose}/{len(changes)} địa phương có đủ số liệu hai năm tăng điểm {name}",
        f"{wording.score_axis(index)} năm {year - 1} và {year}",
    )


def changes_table(figures: pd.DataFrame, index: str, year: int, cite: Citations) -> GT | HTML:
    """Changes of score on the year before, where they are published or follow; else nothing."""
    changes = national.changes(figures, index, year).reset_index()
    name = wording.INDEX[index]
    if changes.empty:
        return page.paragraphs()
    changes["cited"] = changes["sources"].map(cite)
    for column, of in (("before", year - 1), ("now", year)):
        scores = facts.scores(figures, index, of).reindex(changes["unit"]).reset_index()
        changes[f"{column}_text"] = wording.marked(
            changes[column], scores["score_derivation"], wording.number
        )
    changes["kind_text"] = changes["kind"].map(wording.kind)
    return typeset(
        changes,
        {
            "unit": "Tỉnh, thành phố",
            "before_text": str(year - 1),
            "now_text": str(year),
            "change": "Thay đổi",
            "kind_text": "Mức thay đổi là",
            "cited": "Nguồn",
        },
        title=f"Thay đổi {name} {year} so với {year - 1}",
        subtitle="Đơn vị: điểm" if index == "PAR" else "Đơn vị: điểm phần trăm",
        decimals={"change": 2},
        right=("before_text", "now_text"),
        signed=("change",),
        raw=("cited",),
        notes=("Mức thay đổi suy ra: hiệu của hai điểm số.", wording.derived_note()),
    )


def counts(figures: pd.DataFrame, index: str, year: int, cite: Citations) -> HTML:
    """How many provinces rose and fell, as announced; a sentence where it was not."""
    name = wording.INDEX[index]
    told = []
    for part, word in (("increased", "tăng"), ("decreased", "giảm")):
        row = facts.figure(figures, facts.NATION, index, year, "count", part)
        if row is not None:
            told.append(
                f"{wording.whole(row['value'])} tỉnh, thành phố có {name} {word}"
                f"{cite(row['sources'])}"
            )
    text = (
        f"Theo công bố, so với năm {year - 1}: {wording.names(told)}."
        if told
        else f"Chưa thấy công bố số tỉnh, thành phố có {name} năm {year} tăng, giảm."
    )
    return page.paragraphs(text)


def blocks_chart(figures: pd.DataFrame, year: int) -> HTML:
    """The four blocks of the provinces with all four published."""
    blocks = national.blocks(figures, year)
    if blocks.empty:
        return page.paragraphs(
            f"Năm {year}: chưa thấy địa phương nào được công bố đủ bốn thành phần của PAR INDEX."
        )
    ax = charts.stacked_blocks(blocks)
    top = blocks["appraisal"].idxmax()
    return page.chart(
        ax,
        f"{top} có điểm thẩm định cao nhất, {wording.score(blocks['appraisal'].max(), 'PAR')}",
        f"Điểm PAR INDEX {year} theo bốn thành phần; {len(blocks)} địa phương có đủ số liệu",
    )


def blocks_table(figures: pd.DataFrame, year: int, cite: Citations) -> GT | HTML:
    """The four blocks of the PAR INDEX where all four are published, and their sum as a check."""
    blocks = national.blocks(figures, year).reset_index()
    if blocks.empty:
        return page.paragraphs(
            f"Năm {year}: chưa thấy địa phương nào được công bố đủ bốn thành phần của PAR INDEX."
        )
    blocks["cited"] = blocks["sources"].map(cite)
    off = (blocks["sum"] - blocks["score"]).abs().max()
    return typeset(
        blocks,
        {
            "unit": "Tỉnh, thành phố",
            **{block: wording.part(block) for block in facts.BLOCKS},
            "sum": "Tổng (suy ra)",
            "score": "PAR INDEX (công bố)",
            "cited": "Nguồn",
        },
        title=f"Bốn thành phần của PAR INDEX {year}",
        subtitle=f"Đơn vị: điểm; tổng lệch điểm công bố nhiều nhất {wording.number(off)} điểm",
        decimals=dict.fromkeys([*facts.BLOCKS, "sum", "score"], 2),
        raw=("cited",),
    )


def ministries_table(figures: pd.DataFrame, year: int, cite: Citations) -> GT | HTML:
    """Ranking of the ministries: published, estimated where not, and the year before."""
    ministries = national.ministries(figures, year)
    if ministries.empty:
        return page.paragraphs(f"Chưa thấy công bố kết quả của các bộ năm {year}.")
    ministries["estimated"] = _estimated_scores(figures, year, "ministry").reindex(ministries.index)
    ministries["estimated"] = ministries["estimated"].fillna("")
    ministries = ministries.reset_index()
    cited = ministries[["rank_sources", "score_sources", "sources_before"]]
    ministries["cited"] = cited.agg(" ".join, axis=1).map(cite)
    return typeset(
        ministries,
        {
            "rank": "Hạng",
            "unit": "Bộ, cơ quan ngang bộ",
            "score": "PAR INDEX",
            "estimated": "Ước lượng, khoảng 90%",
            "rank_before": f"Hạng {year - 1}",
            "score_before": f"PAR INDEX {year - 1}",
            "cited": "Nguồn",
        },
        title=f"PAR INDEX {year} của các bộ, cơ quan ngang bộ",
        subtitle=(
            f"Đơn vị: điểm; {int(ministries['score'].notna().sum())} cơ quan có điểm được "
            f"công bố, {int(ministries['rank'].notna().sum())} có hạng"
        ),
        decimals={"rank": 0, "score": 2, "rank_before": 0, "score_before": 2},
        right=("estimated",),
        raw=("cited",),
        notes=("SIPAS không áp dụng đối với các bộ, cơ quan ngang bộ.",),
    )


def _estimated_scores(figures: pd.DataFrame, year: int, unit_type: str) -> pd.Series:
    """90% interval of every estimated score, as text; empty where too little is known."""
    try:
        tables = completion.complete(figures, "PAR", year, unit_type)
    except completion.NotEnoughKnown:
        return pd.Series(dtype=object)
    rows = completed.by_unit(tables)
    rows = rows[rows["kind"] == "estimated"]
    return rows.apply(lambda row: wording.between(row["score_low"], row["score_high"]), axis=1)


def factors_chart(figures: pd.DataFrame, year: int) -> HTML:
    """Factors of SIPAS over the years published; the finding is of the given year."""
    factors = national.factors(figures)
    ax = charts.factors(factors.rename(index=wording.factors()))
    if year in factors and factors[year].notna().any():
        low = factors[year].idxmin()
        finding = (
            f"Năm {year}, yếu tố thấp nhất trong số đã công bố là "
            f"“{wording.factor(low)}”, {wording.number(factors[year].min())}%"
        )
    else:
        finding = f"Chưa thấy công bố các yếu tố của SIPAS năm {year}"
    return page.chart(ax, finding, "Tỷ lệ hài lòng của cả nước, %")


def factors_table(figures: pd.DataFrame, cite: Citations) -> GT:
    """Factors of SIPAS over the years; the two regimes of the survey apart."""
    rows = facts.select(figures, index="SIPAS", measure="factor", unit_type="national")
    wide = national.factors(figures).reset_index()
    wide["name"] = wide["part"].map(wording.factor)
    wide["cited"] = wide["part"].map(
        lambda part: cite(facts.join_sources(*rows.loc[rows["part"] == part, "sources"]))
    )
    wide = wide.iloc[wide["part"].map(list(wording.factors()).index).argsort()]
    years = [column for column in wide if isinstance(column, int)]
    derivations = rows.pivot(index="part", columns="year", values="derivation")
    for year in years:
        of_year = derivations[year].reindex(wide["part"])
        wide[year] = wording.marked(wide[year], of_year, wording.number)
    wide = wide.rename(columns=str)
    return typeset(
        wide,
        {"name": "Yếu tố", **{str(y): str(y) for y in years}, "cited": "Nguồn"},
        title="Các yếu tố của SIPAS, cả nước",
        subtitle="Tỷ lệ hài lòng, %",
        right=tuple(map(str, years)),
        raw=("cited",),
        notes=(
            wording.derived_note(),
            "Từ năm 2022 SIPAS khảo sát người dân nói chung thay cho người đã dùng dịch vụ: "
            "không so sánh trực tiếp với các năm 2017–2021.",
        ),
    )


# First year of each scoring scheme and the number of its decision, as in data/README.md.
SCHEMES = {2016: "4361", 2017: "2948", 2018: "2636", 2019: "1150", 2020: "1149", 2022: "876"}


def national_chart(figures: pd.DataFrame, index: str) -> HTML:
    """National means by year; for PAR the ministries too, with the scoring schemes marked."""
    means = facts.national(figures, index)
    values = means["mean"].dropna()
    if index == "SIPAS":
        values = values[values.index >= facts.NEW_SURVEY]
    finding = (
        f"Bình quân {wording.INDEX[index]}: {wording.score(values.iloc[0], index)} năm "
        f"{values.index[0]}, {wording.score(values.iloc[-1], index)} năm {values.index[-1]}"
    )
    if index == "PAR":
        schemes = {year: f"QĐ {number}" for year, number in SCHEMES.items()}
        ax = charts.national_means(means, schemes=schemes)
        return page.chart(ax, finding, "Điểm; vạch đứng: năm đổi bộ tiêu chí chấm điểm")
    ax = charts.sipas_means(means["mean"])
    return page.chart(ax, finding, "Tỷ lệ hài lòng, %; năm 2022 đổi cách khảo sát")


def national_table(figures: pd.DataFrame, cite: Citations) -> GT:
    """National means since 2012, with what is missing left empty."""
    par, sipas = (facts.national(figures, index) for index in facts.INDICES)
    years = pd.DataFrame(
        {"par": par["mean"], "ministries": par["ministry_mean"], "sipas": sipas["mean"]}
    )
    years = years.dropna(how="all").rename_axis("year").reset_index()
    means = facts.select(figures, unit_type="national", part="")
    means = means[means["measure"].isin(["mean", "ministry_mean"])]
    by_year = means.groupby("year")["sources"].agg(lambda ids: facts.join_sources(*ids))
    years["cited"] = years["year"].map(by_year).map(cite)
    for column, index, measure in (
        ("par", "PAR", "mean"),
        ("ministries", "PAR", "ministry_mean"),
        ("sipas", "SIPAS", "mean"),
    ):
        of_column = means[(means["index"] == index) & (means["measure"] == measure)]
        derivations = of_column.set_index("year")["derivation"].reindex(years["year"])
        years[column] = wording.marked(years[column], derivations, wording.number)
    years["year"] = years["year"].astype(str)
    return typeset(
        years,
        {
            "year": "Năm",
            "par": "PAR INDEX, các tỉnh",
            "ministries": "PAR INDEX, các bộ",
            "sipas": "SIPAS (%)",
            "cited": "Nguồn",
        },
        title="Bình quân cả nước qua các năm",
        subtitle="PAR INDEX: điểm; SIPAS: %",
        right=("par", "ministries", "sipas"),
        raw=("cited",),
        notes=(wording.derived_note(),),
    )
