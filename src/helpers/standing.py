"""Where one province stands: place among the others, neighbours, years, parts, and what is missing.

Numbers in, tables out; nothing here is estimated.
"""

import numpy as np
import pandas as pd

from helpers import facts, units

# As the maxima say: in 2020, 60.5 + 6 by results (66.5) and 10 + 23.5 by surveys (33.5).
SUMS = {
    "results": ["appraisal", "socioeconomic_impact"],
    "surveys": ["satisfaction", "managers_survey"],
}
NO_MEAN: dict = {"value": float("nan"), "derivation": "", "sources": ""}


def of_year(table: pd.DataFrame, unit: str, index: str, year: int) -> dict:
    """Everything that is published on a province in one index and year.

    Returns
    -------
    dict
        ``score``, ``rank``: rows of the tidy table, or None.
        ``mean`` (of the nation): as `helpers.facts.national_mean`.
        ``score_change``, ``rank_change``: as `helpers.facts.change`, or None.
        ``at_least``, ``at_most``: rows that bound the rank where it is not known, or None.
    """
    found = {m: facts.figure(table, unit, index, year, m) for m in ("score", "rank")}
    found["mean"] = facts.national_mean(table, index, year)
    for measure in ("score", "rank"):
        found[f"{measure}_change"] = facts.change(table, unit, index, year, measure)
    for bound in ("at_least", "at_most"):
        found[bound] = facts.figure(table, unit, index, year, f"rank_{bound}")
    return found


def neighbours(scores: pd.DataFrame, unit: str, count: int = 3) -> pd.DataFrame:
    """Provinces just above and below in the published ranking of one year.

    Parameters
    ----------
    scores : DataFrame
        As given by `helpers.facts.scores`.
    count : int
        How many on each side; fewer at the ends of the table.

    Returns
    -------
    DataFrame
        Rows of `scores` in order, the province among them, with ``gap``: points above (positive)
        or below the province, NaN where one of the two scores is not published. Empty where the
        province has neither score nor rank.
    """
    if unit not in scores.index:
        return scores.iloc[:0].assign(gap=float("nan"))
    position = scores.index.get_loc(unit)
    near = scores.iloc[max(position - count, 0) : position + count + 1]
    return near.assign(gap=(near["score"] - scores.at[unit, "score"]).round(4))


def years(table: pd.DataFrame, unit: str, index: str, of_year: int | None = None) -> pd.DataFrame:
    """All published years of a province in one index.

    Parameters
    ----------
    unit : str
    of_year : int, optional
        Year whose province is meant by the name; one of the 63 when left out. Years in which the
        merger of 2025 makes it another province are left out, and so are ranks of years with
        another list of provinces, since they are among others.

    Returns
    -------
    DataFrame
        Indexed by year: ``score``, ``rank`` and ``mean`` of the nation (NaN where missing), the
        difference ``to_mean``, and ``score_kind``, ``rank_kind``, ``mean_kind``, ``sources``,
        ``mean_sources``, ``derivations``.
    """
    rows = facts.as_of(facts.select(table, index=index, part=""), of_year)
    rows = rows[rows["unit"] == unit]
    alike = rows["year"].map(lambda year: units.same_list(year, of_year, index)).astype(bool)
    rows = rows[(rows["measure"] == "score") | ((rows["measure"] == "rank") & alike)]
    rows = rows.assign(kind=rows["derivation"].map(facts.kind))
    values, kinds = (
        rows.pivot(index="year", columns="measure", values=one).reindex(columns=["score", "rank"])
        for one in ("value", "kind")
    )
    wide, by_year = values.join(kinds.add_suffix("_kind")), rows.groupby("year")
    wide["sources"] = [facts.join_sources(*ids) for _year, ids in by_year["sources"]]
    wide["derivations"] = [list(filter(None, texts)) for _year, texts in by_year["derivation"]]
    wide = wide.rename_axis(columns=None)
    means = [facts.national_mean(table, index, year) or NO_MEAN for year in wide.index]
    wide["mean"] = [mean["value"] for mean in means]
    wide["mean_kind"] = [facts.kind(mean["derivation"]) for mean in means]
    wide["mean_sources"] = [mean["sources"] for mean in means]
    for how, mean in zip(wide["derivations"], means, strict=True):
        how += filter(None, [mean["derivation"]])
    wide["to_mean"] = (wide["score"] - wide["mean"]).round(4)
    return wide


def held(table: pd.DataFrame, unit: str, index: str, year: int) -> pd.DataFrame:
    """Years in a row, up to one, in which a province is known to have had the rank of that year.

    Returns
    -------
    DataFrame
        Rows of the tidy table, the latest first; empty where the rank of `year` is not known.
    """
    rows: list[pd.Series] = []
    while units.same_list(one := year - len(rows), year, index):
        name = units.same(unit, year, one)
        row = None if name is None else facts.figure(table, name, index, one, "rank")
        if row is None or (rows and row["value"] != rows[0]["value"]):
            break
        rows.append(row)
    return pd.DataFrame(rows, columns=table.columns)


def held_since(years: pd.DataFrame) -> int:
    """First year of a rank `held` that is known not to have changed from the year before.

    It was so in that year then, whether or not its rank was found.
    """
    return int(years["year"].iloc[0]) - max(len(years), 2) + 1


def parts(table: pd.DataFrame, schemes: pd.DataFrame, unit: str, year: int) -> pd.DataFrame:
    """Parts of a province's PAR INDEX of one year, and the points lost where the scheme is known.

    Returns
    -------
    DataFrame
        Indexed by part in the order of the scheme: ``points``, ``percent`` of the maximum,
        ``part_rank``, ``max_points`` (NaN where not known), ``lost`` = max_points - points
        (derived), ``points_kind``, ``max_kind``, ``sources``, and of each of the first three its
        ``*_derivation``, NaN where it is missing. Where the scheme gives the
        maximum of what is assessed by results and by surveys, and the blocks are published, two
        sums come last: ``results`` = appraisal + socioeconomic_impact and ``surveys`` =
        satisfaction + managers_survey. They hold what other rows hold: see `apart`.
    """
    rows = facts.select(table, unit=unit, index="PAR", year=year)
    rows = rows[rows["measure"].isin(["points", "percent", "part_rank"])]
    measures = ["points", "percent", "part_rank"]
    wide = rows.pivot(index="part", columns="measure", values="value").reindex(columns=measures)
    wide["sources"] = rows.groupby("part")["sources"].agg(lambda ids: facts.join_sources(*ids))
    how = rows.pivot(index="part", columns="measure", values="derivation").reindex(columns=measures)
    wide["points_kind"] = how["points"].map(facts.kind, na_action="ignore").astype(object)
    wide = wide.join(how.add_suffix("_derivation"))
    maxima = max_points(schemes, year)
    for total, blocks in SUMS.items():
        if total in maxima.index and wide["points"].reindex(blocks).notna().all():
            wide.loc[total, "points"] = round(wide.loc[blocks, "points"].sum(), 4)
            wide.loc[total, "sources"] = facts.join_sources(*wide.loc[blocks, "sources"])
            wide.loc[total, "points_kind"] = "derived"
    wide["max_points"] = maxima["max_points"].reindex(wide.index)
    wide["max_kind"] = maxima["max_kind"].reindex(wide.index)
    wide["lost"] = (wide["max_points"] - wide["points"]).round(4)
    order = [*facts.FIELDS, *facts.BLOCKS, "survey", *SUMS]
    wide = wide.rename_axis(columns=None)
    return wide.loc[sorted(wide.index, key=order.index)]


def max_points(schemes: pd.DataFrame, year: int) -> pd.DataFrame:
    """Maximum points of each part in one year, as far as they are known.

    Returns
    -------
    DataFrame
        Indexed by part: ``max_points`` and ``max_kind``: derived where `schemes` infers it, and
        for managers_survey = surveys - satisfaction where only these two are known.
    """
    valid = schemes[(schemes["year_from"] <= year) & (schemes["year_to"] >= year)]
    known = valid.set_index("part")[["max_points"]]
    inferred = valid["note"].str.startswith("inferred").to_numpy()
    known["max_kind"] = np.where(inferred, "derived", "published")
    total, [first, last] = "surveys", SUMS["surveys"]
    if {total, first} <= set(known.index) and last not in known.index:
        rest = known.at[total, "max_points"] - known.at[first, "max_points"]
        known.loc[last] = {"max_points": round(rest, 4), "max_kind": "derived"}
    return known


def apart(parts: pd.DataFrame) -> pd.DataFrame:
    """Choose parts that do not hold one another, of those whose lost points are known.

    Fields and blocks split the same points: those of which more points are known stay, the fields
    where it is as many. A sum gives way to its parts, and stands for them where one of them is not
    known.

    Parameters
    ----------
    parts : DataFrame
        As given by `parts`.
    """
    known = parts[parts["lost"].notna()]
    of_field = known.index.isin(facts.FIELDS)
    fields, known = known[of_field], known[~of_field]
    for total, blocks in SUMS.items():
        whole = set(blocks) <= set(known.index)
        if total in known.index:
            known = known.drop(index=[total] if whole else blocks, errors="ignore")
    return max(fields, known, key=lambda split: split["max_points"].sum())


def years_with_parts(table: pd.DataFrame, unit: str, of_year: int | None = None) -> list[int]:
    """Years for which some part of a province's PAR INDEX is published, latest first.

    ``of_year`` as for `years`.
    """
    rows = facts.as_of(facts.select(table, index="PAR"), of_year)
    rows = rows[(rows["unit"] == unit) & rows["measure"].isin(["points", "percent", "part_rank"])]
    return sorted(set(rows["year"]), reverse=True)


def region(table: pd.DataFrame, unit: str, year: int) -> pd.DataFrame:
    """Provinces of the same region that year, by statistical code, with what is published of it.

    Returns
    -------
    DataFrame
        Indexed by unit: ``PAR_score``, ``PAR_rank``, ``SIPAS_score``, ``SIPAS_rank`` (NaN where
        missing) and ``sources``. All provinces of the region, published or not.
    """
    provinces = units.provinces(year).set_index("name")
    peers = provinces.index[provinces["region"] == provinces.at[unit, "region"]]
    columns, cited = {}, []
    for index in facts.INDICES:
        scores = facts.scores(table, index, year).reindex(peers)
        for measure in ("score", "rank"):
            columns[f"{index}_{measure}"] = scores[measure]
            cited.append(scores[f"{measure}_sources"].fillna(""))
    wide = pd.DataFrame(columns, index=peers).rename_axis("unit")
    wide["sources"] = [facts.join_sources(*ids) for ids in zip(*cited, strict=True)]
    return wide


def missing(table: pd.DataFrame, unit: str, year: int) -> list[tuple[str, str]]:
    """What is not published on a province for one year.

    Returns
    -------
    list of (str, str)
        Pairs of index and what is missing: "score", "rank", "score_change", "rank_change", and
        for PAR "parts". A rank between two bounds, as one that is shared, is published.
    """
    absent = []
    for index in facts.INDICES:
        found = of_year(table, unit, index, year)
        keys = ["score", "rank", "score_change", "rank_change"]
        if found["at_least"] is not None and found["at_most"] is not None:
            keys.remove("rank")
        absent += [(index, key) for key in keys if found[key] is None]
        if index == "PAR" and year not in years_with_parts(table, unit, year):
            absent.append((index, "parts"))
    return absent
