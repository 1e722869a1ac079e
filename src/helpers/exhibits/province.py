"""Exhibits of the report on one province."""

import pandas as pd
from great_tables import GT
from IPython.display import HTML

from helpers import charts, facts, page, standing, units, wording
from helpers.citations import Citations
from helpers.completion import CompletedTables
from helpers.exhibits import completed
from helpers.tables import typeset

LOOSE = (
    "Ước lượng ghi khoảng 90%. Với chỉ số mà địa phương chưa công bố cả điểm lẫn hạng, phép thử "
    "cho thấy khoảng này còn hẹp hơn thực tế; xem mục “Ước lượng đáng tin đến đâu?” trong báo cáo "
    "kết quả cả nước."
)
KIND_MARK = {"published": "", "derived": " *"}
DERIVED_NOTE = "* Suy ra từ những con số đã công bố: {}."


def cards(
    figures: pd.DataFrame,
    unit: str,
    year: int,
    tables: dict[str, CompletedTables],
    cite: Citations,
) -> HTML:
    """Both indices side by side: what is published, and what is estimated where nothing is."""
    made, unknown = [], False
    for index in facts.INDICES:
        found = standing.of_year(figures, unit, index, year)
        estimates = _estimates(unit, index, tables)
        unknown |= len(estimates) > 1
        made.append(page.card(found, index, year, cite, estimates))
    return page.stack(page.cards(*made), page.paragraphs(LOOSE if unknown else ""))


def _estimates(unit: str, index: str, tables: dict[str, CompletedTables]) -> list[str]:
    """What is estimated of a province's score and rank, in words."""
    if index not in tables:
        return []
    row = completed.by_unit(tables[index]).loc[unit]
    texts = []
    if row["kind"] == "estimated":
        texts.append(completed.score_text(row, index))
    if row["rank_kind"] == "estimated":
        texts.append(completed.rank_text(row))
    return texts


def summary(figures: pd.DataFrame, unit: str, year: int, cite: Citations) -> HTML:
    """At most six sentences: both results, the neighbours, and what became of the province."""
    texts = []
    for index in facts.INDICES:
        found = standing.of_year(figures, unit, index, year)
        used = [found[key]["sources"] for key in _told(found)]
        texts.append(
            wording.result(wording.place_of(unit), found, index, year) + cite(" ".join(used))
        )
    for index in facts.INDICES:
        scores = facts.scores(figures, index, year)
        above, below = standing.next_to(scores, unit)
        beside = [row["unit"] for row in (above, below) if row is not None]
        columns = ["rank_sources", "score_sources"]
        used = " ".join(scores.loc[beside, columns].to_numpy().ravel())
        text = wording.neighbour(above, below, index)
        texts.append(text + cite(used) if text else "")
    return page.paragraphs(*texts, page.administrative_note(unit))


def _told(found: dict) -> list[str]:
    """Which of the figures in `standing.of_year` the sentence of `wording.result` tells."""
    own = [key for key in ("score", "rank", "rank_change") if found[key] is not None]
    if not own:
        return [key for key in ("at_least", "at_most") if found[key] is not None]
    return [*own, "mean"] if found["score"] is not None and found["mean"] is not None else own


def place_chart(
    figures: pd.DataFrame,
    unit: str,
    index: str,
    year: int,
    tables: CompletedTables | None,
    cite: Citations,
    n: int = 63,
) -> HTML:
    """Where the province stands on the curve of scores: published solid, estimated hollow."""
    scores = facts.scores(figures, index, year)
    name = wording.INDEX[index]
    if tables is None:
        return page.paragraphs(f"Chưa thấy công bố {name} năm {year} của địa phương nào.")
    mean = facts.national(figures, index)["mean"].get(year)
    page.cite_all(cite, scores["score_sources"], scores["rank_sources"])
    slots = completed.open_slots(tables, unit)
    shown = completed.settled(scores, tables)
    ax = charts.score_curve(shown, n, highlight=unit, mean=mean, completed=slots)
    if unit in scores.index:
        score, rank = scores.loc[unit, ["score", "rank"]]
        told = [wording.score(score, index)] if pd.notna(score) else []
        told += [f"xếp thứ {wording.rank(rank, n)}"] if pd.notna(rank) else []
        finding = f"{name} {year} của {unit}: {', '.join(told)}"
    else:
        row = completed.by_unit(tables).loc[unit]
        finding = f"{name} {year} của {unit} chưa thấy công bố; {completed.rank_text(row, n)}"
    return page.chart(
        ax,
        finding,
        f"{wording.score_axis(index)} theo thứ hạng; {_scored(scores)}/{n} địa phương có điểm "
        "(công bố hoặc suy ra), các hạng khác là ước lượng",
    )


def years_chart(figures: pd.DataFrame, unit: str, index: str) -> HTML:
    """Scores and ranks of all published years; a sentence where there is none."""
    years = standing.years(figures, unit, index)
    name = wording.INDEX[index]
    if years.empty:
        return page.paragraphs(f"Chưa thấy công bố {name} của {wording.place_of(unit)} ở năm nào.")
    pieces = []
    scores, ranks = years["score"].dropna(), years["rank"].dropna()
    mean = facts.national(figures, index)["mean"]
    break_year = facts.NEW_SURVEY if index == "SIPAS" else None
    if not scores.empty:
        ax = charts.history(years, national=mean, break_year=break_year)
        told = _first_and_last(_one_series(scores, index), lambda v: wording.score(v, index))
        subtitle = f"{wording.score_axis(index)}; đường đứt: bình quân cả nước"
        pieces.append(page.chart(ax, f"{name} của {unit}: {told}", subtitle))
    if not ranks.empty:
        ax = charts.rank_history(years, break_year=break_year, years=mean.dropna().index)
        told = _first_and_last(_one_series(ranks, index), wording.rank)
        finding = f"Thứ hạng {name} của {unit}: {told}"
        pieces.append(page.chart(ax, finding, "Thứ hạng trong 63 tỉnh, thành phố; hạng 1 ở trên"))
    return page.stack(*pieces)


def _one_series(values: pd.Series, index: str) -> pd.Series:
    """The years that can be compared with the last one: SIPAS changed its survey."""
    new = index == "SIPAS" and values.index[-1] >= facts.NEW_SURVEY
    return values[values.index >= facts.NEW_SURVEY] if new else values


def _first_and_last(values: pd.Series, write) -> str:
    first, last = values.index[0], values.index[-1]
    if first == last:
        return f"{write(values[first])} năm {first}"
    return f"{write(values[first])} năm {first}, {write(values[last])} năm {last}"


def peers_chart(figures: pd.DataFrame, unit: str, index: str, year: int) -> HTML:
    """The provinces of the region, in order, the province marked."""
    peers = standing.region(figures, unit, year)
    scores = facts.scores(figures, index, year)
    frame = scores.reindex([name for name in scores.index if name in peers.index])
    rest = [name for name in peers.index if name not in frame.index]
    frame = pd.concat([frame, pd.DataFrame(index=rest)]).rename_axis("unit")
    name, region = wording.INDEX[index], units.region_of(unit)
    if frame["score"].notna().sum() == 0:
        return page.paragraphs(f"Vùng {region}: chưa thấy công bố điểm {name} năm {year}.")
    mean = facts.national(figures, index)["mean"].get(year)
    ax = charts.peers(frame, highlight=unit, mean=mean)
    best = frame["score"].idxmax()
    return page.chart(
        ax,
        f"{name} {year}, vùng {region}: cao nhất trong số đã biết là {best}, "
        f"{wording.score(frame['score'].max(), index)}",
        f"{wording.score_axis(index)}; {_scored(frame)}/{len(frame)} địa phương có điểm "
        "(công bố hoặc suy ra)",
    )


def reform_and_satisfaction(figures: pd.DataFrame, unit: str, year: int, cite: Citations) -> HTML:
    """PAR INDEX against SIPAS for the provinces with both, the province marked."""
    scores = {index: facts.scores(figures, index, year) for index in facts.INDICES}
    frame = pd.DataFrame({index: scores[index]["score"] for index in facts.INDICES}).dropna()
    for index in facts.INDICES:
        page.cite_all(cite, scores[index]["score_sources"].reindex(frame.index))
    if frame.empty:
        return page.paragraphs(f"Năm {year}: chưa thấy địa phương nào công bố đủ cả hai chỉ số.")
    means = {i: facts.figure(figures, facts.NATION, i, year, "mean") for i in facts.INDICES}
    page.cite_all(cite, [row["sources"] for row in means.values() if row is not None])
    means = {index: row["value"] for index, row in means.items() if row is not None}
    ax = charts.reform_and_satisfaction(frame, highlight=unit, means=means)
    if unit in frame.index:
        par, sipas = (wording.score(frame.at[unit, i], i) for i in facts.INDICES)
        finding = f"{unit}: {par} PAR INDEX và {sipas} SIPAS"
    else:
        finding = f"{unit} chưa được công bố đủ cả hai chỉ số nên không có trên hình"
    return page.chart(
        ax,
        finding,
        f"{len(frame)}/63 địa phương có đủ hai điểm số năm {year}; đường đứt: bình quân cả nước. "
        "Phần được công bố không đại diện cho 63 địa phương",
    )


def neighbours_table(
    scores: pd.DataFrame, unit: str, index: str, year: int, cite: Citations
) -> GT | HTML:
    """Provinces just above and below, with the difference in points; nothing where unknown."""
    near = standing.neighbours(scores, unit).reset_index()
    name = wording.INDEX[index]
    if near.empty:
        return page.paragraphs()
    near["cited"] = [
        cite(f"{a} {b}") for a, b in zip(near["rank_sources"], near["score_sources"], strict=True)
    ]
    for measure, write in (("rank", wording.whole), ("score", wording.number)):
        near[f"{measure}_text"] = wording.marked(
            near[measure], near[f"{measure}_derivation"], write
        )
    return typeset(
        near,
        {
            "rank_text": "Hạng",
            "unit": "Tỉnh, thành phố",
            "score_text": _score_label(index),
            "gap": "Chênh lệch (suy ra)",
            "cited": "Nguồn",
        },
        title=f"{name} {year}: ngay trên và ngay dưới {unit}",
        subtitle=f"Chênh lệch so với {unit}, {_unit(index)}",
        decimals={"gap": 2},
        right=("rank_text", "score_text"),
        signed=("gap",),
        raw=("cited",),
        notes=(wording.derived_note(),)
        if "*" in " ".join(near["score_text"] + near["rank_text"])
        else (),
        highlight=near["unit"] == unit,
    )


def years_table(figures: pd.DataFrame, unit: str, index: str, cite: Citations) -> GT | HTML:
    """All published years of one index; nothing where there is none, as `years_chart` says."""
    years = standing.years(figures, unit, index).reset_index()
    name = wording.INDEX[index]
    if years.empty:
        return page.paragraphs()
    means = facts.select(figures, unit=facts.NATION, index=index, measure="mean")
    of_mean = means.set_index("year")["sources"].reindex(years["year"]).fillna("")
    years["cited"] = [cite(f"{a} {b}") for a, b in zip(years["sources"], of_mean, strict=True)]
    for measure in ("score", "rank"):
        write = wording.number if measure == "score" else wording.whole
        years[f"{measure}_text"] = [
            write(value) + KIND_MARK.get(kind, "")
            for value, kind in zip(years[measure], years[f"{measure}_kind"], strict=True)
        ]
    years["year_text"] = years["year"].astype(str)
    derived = [
        f"năm {year}: {wording.names([wording.arithmetic(d) for d in derivations])}"
        for year, derivations in zip(years["year"], years["derivations"], strict=True)
        if any(facts.kind(d) == "derived" for d in derivations)
    ]
    return typeset(
        years,
        {
            "year_text": "Năm",
            "score_text": _score_label(index),
            "rank_text": "Hạng",
            "mean": "Bình quân cả nước",
            "to_mean": "So với bình quân (suy ra)",
            "cited": "Nguồn",
        },
        title=f"{name} của {unit} qua các năm đã công bố",
        subtitle=f"Đơn vị: {'điểm' if index == 'PAR' else '%; chênh lệch: điểm phần trăm'}",
        decimals={"mean": 2, "to_mean": 2},
        right=("score_text", "rank_text"),
        signed=("to_mean",),
        raw=("cited",),
        notes=(DERIVED_NOTE.format("; ".join(derived)),) if derived else (),
    )


def parts_tables(
    figures: pd.DataFrame, schemes: pd.DataFrame, unit: str, year: int, cite: Citations
) -> list[GT | HTML]:
    """Parts of the PAR INDEX: the year itself first, then the other years that have some."""
    years = standing.years_with_parts(figures, unit)
    made = []
    if year not in years:
        text = f"hưa thấy công bố điểm thành phần của {wording.place_of(unit)}"
        made.append(
            page.paragraphs(f"Năm {year}: c{text}." if years else f"C{text} ở bất kỳ năm nào.")
        )
    for published in sorted(years, key=lambda y: (y != year, -y)):
        made.append(_parts_chart(figures, schemes, unit, published))
        made.append(_parts_table(figures, schemes, unit, published, cite))
    return made


def _parts_chart(figures: pd.DataFrame, schemes: pd.DataFrame, unit: str, year: int) -> HTML:
    """Points won and lost, for a year in which the maximum of some part is known."""
    parts = standing.parts(figures, schemes, unit, year)
    parts = parts[parts["lost"].notna()]
    if parts.empty:
        return page.paragraphs()
    most = parts["lost"].idxmax()
    lost = wording.score(parts.at[most, "lost"], "PAR")
    return page.chart(
        charts.parts(parts),
        f"{unit} mất nhiều điểm nhất ở “{wording.part(most)}”: {lost} (suy ra)",
        f"PAR INDEX {year}: điểm đạt trên điểm tối đa, ở những thành phần biết điểm tối đa",
    )


def _parts_table(
    figures: pd.DataFrame, schemes: pd.DataFrame, unit: str, year: int, cite: Citations
) -> GT:
    parts = standing.parts(figures, schemes, unit, year).reset_index()
    parts["name"] = parts["part"].map(wording.part)
    parts["cited"] = parts["sources"].map(cite)
    columns = {
        "name": "Thành phần",
        "points": "Điểm đạt",
        "max_points": "Tối đa",
        "lost": "Điểm mất",
        "percent": "% tối đa",
        "part_rank": "Hạng",
    }
    shown = {c: label for c, label in columns.items() if c == "name" or parts[c].notna().any()}
    notes = []
    if parts["part"].isin(list(standing.SUMS)).any():
        notes.append(
            "Đánh giá qua kết quả = điểm thẩm định + tác động kinh tế - xã hội; điều tra xã hội "
            "học = chỉ số hài lòng quy điểm + khảo sát lãnh đạo, quản lý (suy ra từ cách chia "
            "điểm của các năm sau)."
        )
    if "max_points" not in shown:
        notes.append(
            "Chưa thấy công bố điểm tối đa của từng thành phần năm này, "
            "nên không tính được điểm mất."
        )
    return typeset(
        parts,
        shown | {"cited": "Nguồn"},
        title=f"Điểm thành phần PAR INDEX {year} của {unit}",
        subtitle="Đơn vị: điểm" if "points" in shown else "Tỷ lệ đạt được so với điểm tối đa, %",
        decimals={c: 0 if c == "part_rank" else 2 for c in shown if c != "name"},
        raw=("cited",),
        notes=tuple(notes),
        light=parts["part"].isin(list(standing.SUMS)),
    )


def region_table(figures: pd.DataFrame, unit: str, year: int, cite: Citations) -> GT:
    """Both indices for all provinces of the region, published or not."""
    peers = standing.region(figures, unit, year).reset_index()
    peers["cited"] = peers["sources"].map(cite)
    for index in facts.INDICES:
        scores = facts.scores(figures, index, year).reindex(peers["unit"]).reset_index()
        for measure, write in (("score", wording.number), ("rank", wording.whole)):
            peers[f"{index}_{measure}_text"] = wording.marked(
                scores[measure], scores[f"{measure}_derivation"], write
            )
    columns = {
        "unit": "Tỉnh, thành phố",
        "PAR_score_text": "PAR INDEX",
        "PAR_rank_text": "Hạng PAR INDEX",
        "SIPAS_score_text": "SIPAS (%)",
        "SIPAS_rank_text": "Hạng SIPAS",
        "cited": "Nguồn",
    }
    published = int(peers["PAR_score"].notna().sum()), int(peers["SIPAS_score"].notna().sum())
    return typeset(
        peers,
        columns,
        title=f"Vùng {units.region_of(unit)} năm {year}",
        subtitle=(
            f"{published[0]}/{len(peers)} địa phương có điểm PAR INDEX và "
            f"{published[1]}/{len(peers)} có SIPAS; xếp theo mã tỉnh"
        ),
        right=tuple(column for column in columns if column.endswith("_text")),
        raw=("cited",),
        notes=(wording.derived_note(),),
        highlight=peers["unit"] == unit,
    )


def absent(figures: pd.DataFrame, unit: str, year: int) -> HTML:
    """What is not published for the year, in words, and where a bound or other years are known."""
    missing = standing.missing(figures, unit, year)
    place = wording.place_of(unit)
    texts = []
    for index in ("PAR", "SIPAS"):
        what = wording.absent(missing, index)
        name = wording.INDEX[index]
        if not what:
            texts.append(f"{name} {year}: các con số chính của {place} đều đã công bố.")
            continue
        known = list(standing.years(figures, unit, index).index)
        others = wording.names([str(y) for y in known if y != year])
        tail = f" Đã có số liệu các năm {others}." if others else " Các năm khác cũng chưa có."
        texts.append(f"{name} {year}: chưa thấy công bố {what} của {place}.{tail}")
    return page.points(texts)


def _scored(frame: pd.DataFrame) -> int:
    return int(frame["score"].notna().sum())


def _score_label(index: str) -> str:
    return "Điểm" if index == "PAR" else "SIPAS (%)"


def _unit(index: str) -> str:
    return "điểm" if index == "PAR" else "điểm phần trăm"
