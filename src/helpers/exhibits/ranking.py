"""Exhibits on ranks with their error: of one province, and of the nation.

SIPAS is a survey. No page seen gives its standard errors; they follow from the number of
respondents and an assumed design effect, and every exhibit says so beside its figures.
"""

import pandas as pd
from great_tables import GT
from IPython.display import HTML

from helpers import charts, completion, facts, national, page, ranking, wording
from helpers.citations import Citations
from helpers.completion import CompletedTables
from helpers.exhibits import completed
from helpers.ranking.survey import DESIGN_EFFECT, maximum_points
from helpers.tables import typeset

EFFECTS = (1.0, DESIGN_EFFECT, 2.0)
COVERAGE = 0.95
# The year before only feeds probabilities told in whole per cent.
BEFORE_DRAWS = 100
BEST = 10
STEP = 0.1
# Ranks among fewer provinces than this say nothing.
ENOUGH = 3
STATED = {"exactly": "", "about": "khoảng ", "at least": "ít nhất ", "sampled": "cỡ mẫu "}
# Scores have two decimals: an interval narrower than this is one number.
EXACT = 0.005


# --- one province ------------------------------------------------------------------------------


def rank_error(
    figures: pd.DataFrame,
    unit: str,
    year: int,
    tables: dict[str, CompletedTables],
    cite: Citations,
) -> HTML:
    """How sure a province's rank in SIPAS is, and whether it moved; then the same of PAR INDEX."""
    why_not = _no_error(figures, unit, year, tables)
    if why_not:
        return page.stack(page.paragraphs(why_not), par_error(figures, unit, year, tables))
    drawn, people = tables["SIPAS"], _respondents(figures, year)
    errors = _errors(drawn, people)
    rows = pd.concat([_sets(drawn, errors[effect], [unit]) for effect in EFFECTS])
    rows.index = pd.Index(EFFECTS, name="effect")
    change = facts.change(figures, unit, "SIPAS", year, "rank")
    before, reason = _before(figures, year)
    if before is not None and change is None and _guesses(before[0], unit):
        before = None  # nothing of the year before is known: a probability would be made of air
    asked = {year: people.loc[unit]}
    if before is not None:
        asked[year - 1] = before[2].loc[unit]
        rows = rows.join(_probabilities(before, drawn, errors, unit))
    rest = f" {reason}" if reason and change is not None else ""
    return page.stack(
        page.paragraphs(
            headline(wording.place_of(unit), year, change, rows.loc[DESIGN_EFFECT], cite) + rest,
            _guessed(drawn, before, unit, year),
        ),
        _error_table(rows, unit, year, _assumed(asked, cite)),
        par_error(figures, unit, year, tables),
    )


def _no_error(figures: pd.DataFrame, unit: str | None, year: int, tables: dict) -> str:
    """Why nothing can be said of the error of a rank (of any, without a unit); "" if it can."""
    known = facts.scores(figures, "SIPAS", year).index
    if known.empty or (unit is not None and unit not in known):
        whose = "địa phương nào" if unit is None else wording.place_of(unit)
        return (
            f"Năm {year}: chưa thấy công bố điểm hay hạng SIPAS của {whose}, nên không xét được "
            "sai số của thứ hạng."
        )
    if "SIPAS" not in tables:
        return f"{_too_little('SIPAS', year)}, nên không xét được sai số của thứ hạng."
    if _respondents(figures, year) is None:
        return (
            f"Chưa thấy công bố số người trả lời khảo sát SIPAS năm {year}, nên không tính được "
            "sai số của thứ hạng."
        )
    return ""


def _respondents(figures: pd.DataFrame, year: int) -> pd.DataFrame | None:
    try:
        return ranking.respondents_per_province(figures, year)
    except ranking.RankingError:
        return None


def _errors(drawn: CompletedTables, people: pd.DataFrame) -> dict[float, pd.Series]:
    """Sampling standard errors of all provinces under each design effect."""
    means = drawn.scores.mean()
    respondents = people["respondents"]
    return {
        effect: ranking.survey_standard_errors(means, respondents, effect) for effect in EFFECTS
    }


def _sets(drawn: CompletedTables, errors: pd.Series, chosen=None) -> pd.DataFrame:
    estimates, covariance = ranking.combine_uncertainty(drawn.scores, errors)
    return ranking.rank_confidence_sets(estimates, covariance, COVERAGE, units=chosen)


def _before(
    figures: pd.DataFrame, year: int
) -> tuple[tuple[CompletedTables, dict[float, pd.Series], pd.DataFrame] | None, str]:
    """SIPAS of the year before, its errors and respondents; or None, and why there is none."""
    if year == facts.NEW_SURVEY:
        return None, f"Năm {year} SIPAS đổi cách khảo sát, nên không so được với năm {year - 1}."
    people = _respondents(figures, year - 1)
    if people is None:
        return None, (
            f"Chưa thấy công bố số người trả lời khảo sát năm {year - 1}, nên không tính được xác "
            "suất thay đổi."
        )
    try:
        drawn = completion.complete(figures, "SIPAS", year - 1, draws=BEFORE_DRAWS)
    except completion.NotEnoughKnown:
        return None, f"Chưa thấy công bố SIPAS năm {year - 1}."
    return (drawn, _errors(drawn, people), people), ""


def _probabilities(before: tuple, now: CompletedTables, errors: dict, unit: str) -> pd.DataFrame:
    """Probabilities of `ranking.probability_of_change` for one province, by design effect."""
    drawn, then, _ = before
    rows = {
        effect: ranking.probability_of_change(
            drawn.scores, now.scores, then[effect], errors[effect], COVERAGE
        ).loc[unit, ["rank_rose", "rank_fell", "rank_beyond_noise"]]
        for effect in EFFECTS
    }
    return pd.DataFrame.from_dict(rows, orient="index")


def headline(place: str, year: int, change: dict | None, row: pd.Series, cite: Citations) -> str:
    """Say how a province's rank changed, how probable that is, and which ranks are possible.

    Parameters
    ----------
    place : str
        As given by `wording.place`.
    change : dict or None
        As given by `helpers.facts.change` for the rank.
    row : Series
        ``lower, upper`` and, where the year before can be compared, ``rank_rose, rank_fell,
        rank_beyond_noise``.
    """
    ranks = f"khoảng tin cậy 95% của hạng SIPAS năm {year} là {_ranks(row)}"
    if change is None:
        return (
            f"Chưa thấy công bố {place} tăng hay giảm bao nhiêu bậc SIPAS so với năm {year - 1}; "
            f"{ranks}."
        )
    places = change["value"]
    derived = f" ({wording.kind('derived')})" if change["kind"] == "derived" else ""
    moved = (
        f"{wording.capital(place)} {wording.rank_change(places)} SIPAS so với năm {year - 1}"
        f"{derived}{cite(change['sources'])}"
    )
    if "rank_rose" not in row:
        return f"{moved}; {ranks}."
    rose, fell = percent(row["rank_rose"]), percent(row["rank_fell"])
    if places == 0:
        told = f"xác suất thứ hạng thực sự tăng là {rose}, thực sự giảm là {fell}"
    elif places > 0:
        told = f"xác suất thứ hạng thực sự tăng là {rose}"
    else:
        told = f"xác suất thứ hạng thực sự giảm là {fell}"
    moved_or_not = "đã thay đổi" if places else "đứng yên"
    sure = (
        "Thay đổi này vượt quá sai số khảo sát."
        if row["rank_beyond_noise"]
        else f"Chỉ từ khảo sát, chưa thể nói chắc thứ hạng {moved_or_not}."
    )
    return f"{moved}; với sai số khảo sát, {told}; {ranks}. {sure}"


def percent(share: float) -> str:
    """Write a probability in whole per cent; never 0% or 100%, which no draws can tell."""
    if share < 0.01:
        return "dưới 1%"
    return "trên 99%" if share > 0.99 else f"{wording.whole(100 * share)}%"


def _ranks(row: pd.Series) -> str:
    if row["lower"] == row["upper"]:
        return f"đúng hạng {wording.whole(row['lower'])}"
    return f"{wording.whole(row['lower'])} đến {wording.whole(row['upper'])}"


def _guesses(drawn: CompletedTables, unit: str) -> bool:
    return drawn.status.at[unit, "score_status"] == "estimated"


def _guessed(drawn: CompletedTables, before: tuple | None, unit: str, year: int) -> str:
    """Say in which of the two years the province's own score is an estimate."""
    made = {year: drawn} | ({} if before is None else {year - 1: before[0]})
    years = [str(of) for of, tables in sorted(made.items()) if _guesses(tables, unit)]
    if not years:
        return ""
    return (
        f"Điểm SIPAS năm {wording.names(years)} của {unit} chưa thấy công bố: ở đây là ước lượng, "
        "và độ rộng của ước lượng đã được cộng vào sai số."
    )


def _assumed(people: dict[int, pd.Series], cite: Citations) -> str:
    """Say what the standard errors of SIPAS rest on.

    Parameters
    ----------
    people : dict of int to Series
        By year: one province's row of `ranking.respondents_per_province`.
    """
    told = [_asked(row, year, cite) for year, row in sorted(people.items())]
    return (
        f"Giả định: {'; '.join(told)}. Hệ số thiết kế (phương sai của khảo sát so với mẫu ngẫu "
        f"nhiên đơn giản cùng cỡ) là {_short(DESIGN_EFFECT)}, đặt bên cạnh 1 và 2 vì chưa thấy "
        "công bố."
    )


def _asked(row: pd.Series, year: int, cite: Citations) -> str:
    people, cited = wording.whole(row["respondents"]), cite(row["sources"])
    if row["basis"] == "published":
        return f"năm {year} có {people} người trả lời (công bố{cited})"
    whole = f"{STATED[row['stated']]}{wording.whole(row['national'])}"
    return (
        f"năm {year}, số người trả lời mỗi địa phương = số cả nước ({whole}{cited}) chia 63, tức "
        f"khoảng {people} người"
    )


def _short(value: float) -> str:
    """Write a number with at most one decimal: 1; 1,5."""
    return wording.number(value, 0 if value == int(value) else 1)


def _error_table(rows: pd.DataFrame, unit: str, year: int, assumed: str) -> GT:
    shown = rows.reset_index()
    shown["effect_text"] = shown["effect"].map(_short)
    shown["ranks"] = [_ranks(row) for _, row in shown.iterrows()]
    columns = {
        "effect_text": "Hệ số thiết kế",
        "standard_error": "Sai số chuẩn",
        "ranks": "Khoảng tin cậy 95% của hạng",
    }
    if "rank_rose" in shown:
        for name, verb in (("rank_rose", "tăng"), ("rank_fell", "giảm")):
            shown[name] = shown[name].map(percent)
            columns[name] = f"Xác suất hạng thực sự {verb}"
    return typeset(
        shown,
        columns,
        title=f"Hạng SIPAS {year} của {unit} khi tính đến sai số khảo sát",
        subtitle="Ước lượng; sai số chuẩn của SIPAS tính bằng điểm phần trăm",
        decimals={"standard_error": 2},
        right=tuple(columns)[2:],
        notes=(
            assumed,
            "Khoảng tin cậy của hạng: mọi hạng mà khảo sát không loại trừ được, sau khi so từng "
            "cặp địa phương. Điểm chưa công bố của các nơi khác là ước lượng.",
        ),
        highlight=shown["effect"] == DESIGN_EFFECT,
    )


def par_error(
    figures: pd.DataFrame, unit: str, year: int, tables: dict[str, CompletedTables]
) -> HTML:
    """Say which parts of the PAR INDEX have a sampling error, and what the known one does."""
    told = "PAR INDEX: điểm thẩm định của Bộ Nội vụ không có sai số chọn mẫu"
    try:
        surveyed = ranking.surveyed_parts(facts.schemes(), year)
    except ranking.RankingError:
        return page.paragraphs(
            f"{told}, nhưng các phần điều tra xã hội học thì có. Chưa thấy công bố điểm tối đa của "
            f"các phần ấy năm {year}, nên không tính được."
        )
    told += (
        f", nhưng phần điều tra xã hội học ({_short(surveyed.sum())} trên 100 điểm năm "
        f"{year}) thì có. Chưa thấy công bố số lãnh đạo, quản lý được hỏi (phần "
        f"{_short(surveyed['managers_survey'])} điểm), nên chỉ tính được sai số của "
        f"phần SIPAS quy ra điểm (tối đa {_short(surveyed['satisfaction'])} điểm)"
    )
    people = _respondents(figures, year)
    known = facts.scores(figures, "PAR", year).index
    if people is None or not set(facts.INDICES) <= set(tables) or unit not in known:
        return page.paragraphs(
            f"{told}; năm {year} chưa đủ số liệu để tính cho {wording.place_of(unit)}."
        )
    errors = _par_errors(tables["SIPAS"], surveyed[["satisfaction"]], people)
    row = _sets(tables["PAR"], errors, [unit]).iloc[0]
    return page.paragraphs(
        f"{told}. Riêng sai số ấy là {wording.number(errors[unit])} điểm (ước lượng, cùng giả định "
        f"về số người trả lời và hệ số thiết kế {_short(DESIGN_EFFECT)}); chỉ với nó, khoảng tin "
        f"cậy 95% của hạng PAR INDEX là {_ranks(row)}; sai số thật còn lớn hơn."
    )


def _par_errors(sipas: CompletedTables, maxima: pd.Series, people: pd.DataFrame) -> pd.Series:
    """Standard errors of the PAR INDEX that come from SIPAS turned into points."""
    share = sipas.scores.mean() / 100
    points = pd.DataFrame({part: most * share for part, most in maxima.items()})
    respondents = dict.fromkeys(maxima.index, people["respondents"])
    return ranking.survey_part_errors(points, maxima, respondents)["total"]


def next_place(
    figures: pd.DataFrame,
    unit: str,
    year: int,
    tables: dict[str, CompletedTables],
    cite: Citations,
) -> HTML:
    """Points to the next rank, the top 20 and the top 10 of both indices, and what 0.1 is worth."""
    pieces = []
    for index in facts.INDICES:
        scores = facts.scores(figures, index, year)
        known = unit in scores.index
        if known and index not in tables:
            told = f"{_too_little(index, year)}, nên không tính được khoảng cách."
            pieces.append(page.paragraphs(told))
            continue
        if not known:
            pieces.append(
                page.paragraphs(
                    f"{wording.INDEX[index]} {year}: chưa thấy công bố điểm hay hạng của "
                    f"{wording.place_of(unit)}, nên không tính được khoảng cách."
                )
            )
            continue
        change = _mean_change(figures, index, year, cite)
        pieces += [
            _cost_table(tables[index], scores, unit, change, cite),
            page.paragraphs(crowding(tables[index], unit, index)),
        ]
    return page.stack(*pieces)


def _cost_table(
    drawn: CompletedTables,
    scores: pd.DataFrame,
    unit: str,
    moved: tuple[float, str],
    cite: Citations,
) -> GT:
    """Gaps of `ranking.cost_of_next_place`; `moved` is as given by `_mean_change`."""
    index, year, (change, cited) = drawn.index, drawn.year, moved
    moves = pd.notna(change)
    costs = ranking.cost_of_next_place(
        drawn.scores, unit, expected_change=change if moves else 0.0
    ).reset_index(names="goal")
    known = drawn.status["rank_status"] != "estimated"
    name = wording.INDEX[index]
    costs["goal_text"] = [
        f"Lên hạng {wording.whole(rank)}"
        if goal == "next"
        else f"Vào {wording.whole(rank)} hạng đầu"
        for goal, rank in zip(costs["goal"], costs["rank"], strict=True)
    ]
    costs["told"] = [_cost(row) for _, row in costs.iterrows()]
    exact = costs["gap_high"] - costs["gap_low"] < EXACT
    costs["kind"] = exact.map({True: wording.kind("derived"), False: wording.kind("estimated")})
    # Who stands at a rank is only known where both ranks are.
    certain = known.reindex(costs["holder"]).to_numpy() & known[unit]
    costs["who"] = costs["holder"].where(certain, wording.MISSING)
    sources = scores["score_sources"]
    costs["cited"] = [
        cite(f"{sources[unit]} {sources.get(holder, '')}") if sure else ""
        for holder, sure in zip(costs["holder"], exact & certain, strict=True)
    ]
    notes = [
        "Ngang điểm là đủ, vì cùng điểm thì cùng hạng. Suy ra: hiệu của hai điểm số đã công bố; "
        "ước lượng: khoảng 90%."
    ]
    if moves:
        notes.append(
            "Năm sau cần tăng (số âm: còn có thể giảm): giả định điểm của các nơi khác thay đổi "
            f"như bình quân cả nước năm {year} ({wording.score_change(change, index)}, "
            f"suy ra{cited}); tính từ giá trị giữa."
        )
    if _guesses(drawn, unit):
        notes.append(f"Điểm {name} của {unit} là ước lượng.")
    first = "" if "next" in set(costs["goal"]) else f"{unit} đang đứng đầu. "
    return typeset(
        costs,
        {
            "goal_text": "Muốn",
            "told": "Còn thiếu hoặc đang hơn",
            "who": "So với",
            "kind": "Loại số liệu",
        }
        | ({"gain_next_year": "Năm sau cần tăng"} if moves else {})
        | {"cited": "Nguồn"},
        title=f"{name} {year}: {unit} cần bao nhiêu điểm để lên hạng",
        subtitle=f"{first}Đơn vị: {'điểm' if index == 'PAR' else 'điểm phần trăm'}",
        decimals={"gain_next_year": 2} if moves else {},
        signed=("gain_next_year",) if moves else (),
        raw=("cited",),
        right=("told",),
        notes=tuple(notes),
        light=~exact,
    )


def _cost(row: pd.Series) -> str:
    """Write a gap: what is lacking, the lead, or that it may be either."""
    low, high = row["gap_low"], row["gap_high"]
    if 0 < row["reached"] < 1 and low < 0 < high:
        return f"có thể đã đạt ({percent(row['reached'])}); thiếu nhiều nhất {wording.number(high)}"
    if row["gap"] > 0:
        return f"thiếu {wording.between(max(low, 0), high)}"
    return f"đã đạt, hơn {wording.between(max(-high, 0), -low)}"


def crowding(drawn: CompletedTables, unit: str, index: str) -> str:
    """Say how many places 0.1 points are worth, where that is a place or more; "" elsewhere."""
    row = ranking.points_per_place(drawn.scores, STEP).loc[unit]
    up, down = int(row["places_gained"]), int(row["places_lost"])
    step = f"{wording.number(STEP, 1)} {'điểm' if index == 'PAR' else 'điểm phần trăm'}"
    sides = [f"thêm {step} là lên {up} bậc"] if up else []
    sides += [f"bớt {step} là xuống {down} bậc"] if down else []
    if not sides:
        return ""
    return (
        f"Quanh hạng này điểm {wording.INDEX[index]} sát nhau: {wording.names(sides)} "
        "(ước lượng, nếu các nơi khác đứng yên)."
    )


def _mean_change(
    figures: pd.DataFrame, index: str, year: int, cite: Citations
) -> tuple[float, str]:
    """Change of the national mean on the year before, and its source marks; NaN where unknown."""
    now, before = (
        facts.figure(figures, facts.NATION, index, of, "mean") for of in (year, year - 1)
    )
    broken = index == "SIPAS" and year == facts.NEW_SURVEY
    if now is None or before is None or broken:
        return float("nan"), ""
    sources = facts.join_sources(now["sources"], before["sources"])
    return round(now["value"] - before["value"], 4), cite(sources)


def points_lost(figures: pd.DataFrame, unit: str, year: int, cite: Citations) -> HTML:
    """Points lost per part of the PAR INDEX, against the best and the median of the others."""
    points = facts.parts(figures, "PAR", year)
    own = points.reindex([unit]).loc[unit].dropna()
    if own.empty:
        return page.paragraphs(
            f"Năm {year}: chưa thấy công bố điểm thành phần PAR INDEX của "
            f"{wording.place_of(unit)}, nên chưa biết mất điểm ở đâu so với các nơi khác."
        )
    pieces = []
    for name, parts in (("thành phần", facts.BLOCKS), ("lĩnh vực", facts.FIELDS)):
        chosen = [part for part in parts if part in own]
        if chosen:
            gains = ranking.points_to_gain(points[chosen], unit, _maxima(year))
            gains = gains[gains["measured_by"] != ""]
            marks = _marks(figures, gains, year, cite)
            pieces += [] if gains.empty else [_gain_table(gains, unit, year, name, marks)]
    if pieces:
        return page.stack(*pieces)
    return page.paragraphs(
        f"Năm {year}: chưa thấy nơi nào khác công bố những điểm thành phần mà "
        f"{wording.place_of(unit)} đã công bố, nên không so được."
    )


def _maxima(year: int) -> pd.Series:
    """Maximum points by part, as far as known; that of the managers' survey may be derived."""
    schemes = facts.schemes()
    maxima = maximum_points(schemes, year)
    try:
        return ranking.surveyed_parts(schemes, year).combine_first(maxima)
    except ranking.RankingError:
        return maxima


def _marks(figures: pd.DataFrame, gains: pd.DataFrame, year: int, cite: Citations) -> list[str]:
    """Source marks of the best of each part; all others that the median uses are listed too."""
    rows = facts.select(
        figures, unit_type="province", index="PAR", year=year, measure="points"
    ).set_index(["part", "unit"])["sources"]
    marks = [
        cite(rows[part, best]) if isinstance(best, str) else ""
        for part, best in gains["best_unit"].items()
    ]
    page.cite_all(cite, rows[rows.index.get_level_values("part").isin(gains.index)])
    return marks


def _gain_table(gains: pd.DataFrame, unit: str, year: int, what: str, marks: list[str]) -> GT:
    gains = gains.reset_index()
    gains["name"] = gains["part"].map(wording.part)
    for other in ("best", "median"):
        gains[f"to_{other}"] = -gains[f"behind_{other}"]
    gains["best_text"] = [
        wording.number(best) + (f" ({holder}){mark}" if mark else "")
        for best, holder, mark in zip(gains["best"], gains["best_unit"], marks, strict=True)
    ]
    columns = {
        "name": what.capitalize(),
        "points": "Điểm đạt",
        "max_points": "Tối đa",
        "lost": "Điểm mất",
        "best_text": "Cao nhất trong các nơi khác",
        "to_best": "So với nơi cao nhất",
        "median": "Trung vị các nơi khác",
        "to_median": "So với trung vị",
        "others": "Số nơi khác",
    }
    shown = {c: told for c, told in columns.items() if c == "name" or gains[c].notna().any()}
    notes = [
        "Xếp theo số điểm còn có thể giành được: đến điểm tối đa, hoặc đến nơi cao nhất nếu chưa "
        "biết điểm tối đa. Các nơi khác: chỉ những địa phương đã công bố "
        "điểm phần này, không đại diện cho 63. Hiệu số và trung vị là suy ra."
    ]
    announced = maximum_points(facts.schemes(), year)
    derived = gains.set_index("part")["max_points"].drop(announced.index, errors="ignore").dropna()
    notes += [
        f"Điểm tối đa của “{wording.part(part)}” ({_short(most)}): suy ra, bằng tổng "
        "của các phần điều tra xã hội học trừ chỉ số hài lòng."
        for part, most in derived.items()
    ]
    return typeset(
        gains,
        shown,
        title=f"{unit} mất điểm PAR INDEX {year} ở đâu, theo {what}",
        subtitle="Đơn vị: điểm",
        decimals={c: 0 if c == "others" else 2 for c in shown if c not in ("name", "best_text")},
        signed=("to_best", "to_median"),
        raw=("best_text",),
        right=("best_text",),
        notes=tuple(notes),
    )


# --- the nation --------------------------------------------------------------------------------


def rank_sets_chart(
    figures: pd.DataFrame, year: int, tables: dict[str, CompletedTables], cite: Citations
) -> HTML:
    """Ranks in SIPAS that the survey leaves possible, for the provinces with a score or a rank."""
    why_not = _no_error(figures, None, year, tables)
    if why_not:
        return page.paragraphs(why_not)
    drawn, people = tables["SIPAS"], _respondents(figures, year)
    errors = _errors(drawn, people)
    scores = facts.scores(figures, "SIPAS", year)
    page.cite_all(cite, scores["score_sources"], scores["rank_sources"])
    known = list(scores.index)
    rows = completed.by_unit(drawn).loc[known]
    rows["light"] = rows["kind"] == "estimated"
    rows["kind"] = rows["rank_kind"]
    sets = {
        f"hệ số thiết kế {_short(effect)}": _sets(drawn, errors[effect], known)
        for effect in EFFECTS
    }
    widths = [made["upper"] - made["lower"] + 1 for made in sets.values()]
    middle = widths[EFFECTS.index(DESIGN_EFFECT)].median()
    chart = page.chart(
        charts.rank_sets(rows, sets, len(drawn.status)),
        f"SIPAS {year}: khoảng tin cậy của một thứ hạng thường trải {wording.whole(middle)} trong "
        f"{len(drawn.status)} hạng",
        "Hạng và khoảng tin cậy 95% của hạng (ước lượng) của từng địa phương; "
        f"{int((~rows['light']).sum())} nơi có điểm công bố hoặc suy ra (đậm), "
        f"{int(rows['light'].sum())} nơi chỉ có hạng, điểm là ước lượng (nhạt); "
        f"{len(drawn.status) - len(rows)} nơi khác chưa thấy công bố",
    )
    return page.stack(chart, page.paragraphs(_assumed({year: people.loc[known[0]]}, cite)))


def beyond_noise(
    figures: pd.DataFrame, year: int, tables: dict[str, CompletedTables], cite: Citations
) -> GT | HTML:
    """How many of the known changes of SIPAS are beyond noise, under each design effect."""
    why_not = _no_error(figures, None, year, tables)
    before, reason = (None, why_not) if why_not else _before(figures, year)
    if before is None:
        return page.paragraphs(reason)
    drawn, people = tables["SIPAS"], _respondents(figures, year)
    errors = _errors(drawn, people)
    moved = {
        measure: [
            unit
            for unit in drawn.scores
            if facts.change(figures, unit, "SIPAS", year, measure) is not None
        ]
        for measure in ("rank", "score")
    }
    if not moved["rank"]:
        return page.paragraphs(
            f"Chưa biết thứ hạng SIPAS của địa phương nào thay đổi ra sao từ {year - 1} đến {year}."
        )
    rows = []
    for effect in EFFECTS:
        then, now = before[1][effect], errors[effect]
        found = ranking.probability_of_change(before[0].scores, drawn.scores, then, now, COVERAGE)
        row = {"effect": _short(effect)}
        for measure, chosen in moved.items():
            row[measure] = int(found.loc[chosen, f"{measure}_beyond_noise"].sum())
        rows.append(row)
    sizes = {measure: len(chosen) for measure, chosen in moved.items()}
    asked = {year: people.iloc[0], year - 1: before[2].iloc[0]}
    return _beyond_table(pd.DataFrame(rows), sizes, year, _assumed(asked, cite))


def _beyond_table(rows: pd.DataFrame, moved: dict[str, int], year: int, assumed: str) -> GT:
    middle = rows.set_index("effect").loc[_short(DESIGN_EFFECT)]
    for measure, n in moved.items():
        rows[measure] = [f"{count}/{n}" for count in rows[measure]]
    by_luck = {what: wording.number((1 - COVERAGE) * n, 1) for what, n in moved.items()}
    return typeset(
        rows,
        {
            "effect": "Hệ số thiết kế",
            "rank": "Thay đổi hạng vượt sai số",
            "score": "Thay đổi điểm vượt sai số",
        },
        title=(
            f"{middle['rank']}/{moved['rank']} thay đổi hạng SIPAS từ {year - 1} đến {year} vượt "
            "quá sai số khảo sát"
        ),
        subtitle=(
            f"Ước lượng; chỉ xét {moved['rank']} địa phương biết thay đổi hạng và "
            f"{moved['score']} địa phương biết thay đổi điểm"
        ),
        right=("rank", "score"),
        notes=(
            "Vượt sai số: khoảng 95% của thay đổi không chứa 0, xét riêng từng địa phương. Nếu "
            f"không có gì thay đổi, trung bình tối đa {by_luck['rank']} thay đổi hạng và "
            f"{by_luck['score']} thay đổi điểm vẫn vượt do ngẫu nhiên.",
            assumed,
        ),
        highlight=rows["effect"] == _short(DESIGN_EFFECT),
    )


def may_be_best(figures: pd.DataFrame, year: int, tables: dict[str, CompletedTables]) -> HTML:
    """Which provinces may truly be among the best ten of SIPAS."""
    if _no_error(figures, None, year, tables):
        return page.paragraphs()
    drawn = tables["SIPAS"]
    errors = _errors(drawn, _respondents(figures, year))
    known = list(facts.scores(figures, "SIPAS", year).index)
    found = {
        effect: ranking.may_be_best(
            *ranking.combine_uncertainty(drawn.scores, errors[effect]), BEST, coverage=COVERAGE
        )
        for effect in EFFECTS
    }
    possible = found[DESIGN_EFFECT]
    inside = [unit for unit in known if unit in possible]
    outside = [unit for unit in known if unit not in possible]
    others = ", ".join(
        f"{len(made)} với hệ số {_short(effect)}"
        for effect, made in found.items()
        if effect != DESIGN_EFFECT
    )
    left = f"; không thể: {wording.names(outside)}" if outside else ""
    return page.paragraphs(
        f"Với độ tin cậy 95% cho cả bảng, {len(possible)}/{len(drawn.status)} địa phương có thể "
        f"thực sự thuộc {BEST} nơi có SIPAS {year} cao nhất (ước lượng, hệ số thiết kế "
        f"{_short(DESIGN_EFFECT)}; {others}). Trong {len(known)} nơi có điểm hoặc hạng công bố, "
        f"số ấy là {len(inside)}{left}. Phần còn lại chưa thấy công bố nên khó loại trừ."
    )


def weights_table(figures: pd.DataFrame, year: int) -> GT | HTML:
    """How far ranks among the provinces with four published blocks hang on the weights."""
    points, schemes = national.blocks(figures, year), facts.schemes()
    if len(points) < ENOUGH:
        told = f"mới có {len(points)}" if len(points) else "chưa thấy"
        return page.paragraphs(
            f"Năm {year}: {told} địa phương có đủ bốn thành phần được công bố, nên không xét được "
            "ảnh hưởng của trọng số."
        )
    try:
        blocks, maxima = ranking.official_blocks(points, schemes, year)
    except ranking.RankingError:
        return page.paragraphs(
            f"Chưa thấy công bố điểm tối đa của từng thành phần năm {year}, nên không xét được ảnh "
            "hưởng của trọng số."
        )
    others = _other_weights(schemes, year, blocks.columns, maxima)
    found = ranking.weight_sensitivity(blocks, maxima, others)
    return _weights(found, maxima, others, year)


def _other_weights(schemes: pd.DataFrame, year: int, blocks, maxima: pd.Series) -> dict:
    """Official weights of the schemes of other years, each scheme once."""
    made = {}
    for other in sorted(set(schemes["year_from"]) - {year}):
        try:
            weights = ranking.official_weights(schemes, other, blocks)
        except ranking.RankingError:
            continue
        if not weights.equals(maxima):
            made[str(other)] = weights
    return made


def _weights(found: pd.DataFrame, maxima: pd.Series, others: dict, year: int) -> GT:
    n, found = len(found), found.reset_index(names="unit")
    found["interval"] = [
        wording.between(low, high, 0)
        for low, high in zip(found["rank_low"], found["rank_high"], strict=True)
    ]
    found["same"] = found["same_rank"].map(percent)
    moves = int((found["rank_low"] < found["rank_high"]).sum())
    told = "; ".join(f"{wording.part(block)} {_short(most)}" for block, most in maxima.items())
    return typeset(
        found,
        {
            "unit": "Tỉnh, thành phố",
            "score": f"Tổng điểm {year}",
            "rank": f"Hạng trong {n}",
            "interval": "Khoảng 95% khi đổi trọng số",
            "same": "Xác suất giữ hạng",
            **{f"rank_{name}": f"Hạng theo trọng số {name}" for name in others},
        },
        title=f"{moves}/{n} địa phương có thể đổi hạng PAR INDEX {year} nếu đổi trọng số",
        subtitle=(
            f"Ước lượng; chỉ xếp hạng giữa {n} địa phương có đủ bốn thành phần được công bố, "
            "không phải 63"
        ),
        decimals={"score": 2, "rank": 0} | {f"rank_{name}": 0 for name in others},
        right=("interval", "same"),
        notes=(
            f"Trọng số chính thức {year} (điểm tối đa): {told}. Trọng số được rút ngẫu nhiên quanh "
            "các số ấy (phân phối Dirichlet, độ tập trung 100, giả định): trọng số 10% lệch "
            "chuẩn 3 điểm phần trăm. Khoảng này chỉ nói về trọng số, không về sai số khảo sát.",
        ),
    )


def _too_little(index: str, year: int) -> str:
    return (
        f"Số liệu {wording.INDEX[index]} năm {year} đã công bố chưa đủ để ước lượng cả bảng xếp "
        "hạng"
    )
