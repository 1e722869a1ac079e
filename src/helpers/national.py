"""The nation's results of one year: groups, regions, changes, blocks, ministries, factors.

Numbers in, tables out; nothing here is estimated. A part of the provinces is never passed off as
all of them: every table says how many of its units have a published figure.
"""

import pandas as pd

from helpers import facts, units

# First year of each scoring scheme and the number of its decision, as in data/README.md.
SCHEMES = {2016: "4361", 2017: "2948", 2018: "2636", 2019: "1150", 2020: "1149", 2022: "876"}


def groups(table: pd.DataFrame, year: int) -> pd.DataFrame:
    """Groups A, B and C of the PAR INDEX: announced size and the provinces known to be in each.

    Returns
    -------
    DataFrame
        Indexed by group: ``low``, ``high`` (points), ``announced`` (NaN where not), ``known``
        (provinces with a published score in the group), ``units`` (their names), ``sources``.
    """
    scores = facts.scores(table, "PAR", year)["score"].dropna()
    rows = []
    for group, (low, high) in facts.GROUPS.items():
        inside = scores[facts.in_group(scores, group)]
        count = facts.figure(table, facts.NATION, "PAR", year, "count", f"group_{group}")
        rows.append(
            {
                "group": group,
                "low": low,
                "high": high,
                "announced": float("nan") if count is None else count["value"],
                "known": len(inside),
                "units": list(inside.index),
                "sources": "" if count is None else count["sources"],
            }
        )
    return pd.DataFrame(rows).set_index("group")


def regions(table: pd.DataFrame, index: str, year: int) -> pd.DataFrame:
    """Regions: the published mean, and what is published of their provinces.

    Returns
    -------
    DataFrame
        Indexed by region name, north to south: ``provinces`` (how many), ``scored`` (with a
        published score), ``mean_of_scored`` (derived; not the region's mean unless all are
        scored), ``mean`` (published, NaN where not or where disputed), ``disputed`` (list of
        published means that nothing decides between), ``sources``. The regions are the six of
        2020; from 2025 on a merged province counts for the one that `helpers.units.provinces`
        puts it in.
    """
    provinces = units.provinces(year).set_index("name")
    scores = facts.scores(table, index, year)["score"].reindex(provinces.index)
    rows = []
    for region in units.regions().itertuples():
        of_region = scores[provinces["region"] == region.region]
        mean = facts.figure(table, region.name, index, year, "mean")
        disputed = table[
            (table["unit"] == region.name)
            & (table["index"] == index)
            & (table["year"] == year)
            & (table["measure"] == "mean")
            & (table["status"] == "disputed")
        ]
        rows.append(
            {
                "region": region.name,
                "provinces": len(of_region),
                "scored": int(of_region.notna().sum()),
                "mean_of_scored": round(of_region.mean(), 2),
                "mean": float("nan") if mean is None else mean["value"],
                "disputed": list(disputed["value"]),
                "sources": facts.join_sources(
                    "" if mean is None else mean["sources"], *disputed["sources"]
                ),
            }
        )
    return pd.DataFrame(rows).set_index("region")


def changes(table: pd.DataFrame, index: str, year: int) -> pd.DataFrame:
    """Change of every province's score on the year before, where it is published or follows.

    Provinces merged in 2025 have none in that year, unless it is published.

    Returns
    -------
    DataFrame
        Indexed by unit, largest gain first: ``before``, ``now`` (NaN where only the change is
        published), ``change``, ``kind``, ``arithmetic``, ``sources``.
    """
    panel = facts.panel(table, index, of_year=year)
    rows = {}
    for unit in units.provinces(year)["name"]:
        found = facts.change(table, unit, index, year, "score")
        if found is not None:
            rows[unit] = {
                "before": _at(panel, units.same(unit, year, year - 1), year - 1),
                "now": _at(panel, unit, year),
                "change": found["value"],
                "kind": found["kind"],
                "arithmetic": found["arithmetic"],
                "sources": found["sources"],
            }
    columns = ["before", "now", "change", "kind", "arithmetic", "sources"]
    wide = pd.DataFrame.from_dict(rows, orient="index", columns=columns).rename_axis("unit")
    return wide.sort_values("change", ascending=False, kind="stable")


def _at(panel: pd.DataFrame, unit: str | None, year: int) -> float:
    return panel.at[unit, year] if unit in panel.index and year in panel else float("nan")


def blocks(table: pd.DataFrame, year: int) -> pd.DataFrame:
    """The four blocks of the PAR INDEX, for the provinces with all four published.

    Returns
    -------
    DataFrame
        Indexed by unit, best first: the four blocks in points, ``score`` as published, ``sum``
        of the blocks (derived) and ``sources``. Empty where no province has all four.
    """
    points = facts.parts(table, "PAR", year).reindex(columns=list(facts.BLOCKS)).dropna()
    points = points.rename_axis(columns=None)
    scores = facts.scores(table, "PAR", year)
    order = [unit for unit in scores.index if unit in points.index]
    wide = points.loc[order]
    wide["score"] = scores["score"].reindex(order)
    wide["sum"] = wide[list(facts.BLOCKS)].sum(axis=1).round(2)
    rows = facts.select(table, index="PAR", year=year, measure="points", unit_type="province")
    cited = rows[rows["part"].isin(facts.BLOCKS)].groupby("unit")["sources"]
    wide["sources"] = cited.agg(lambda ids: facts.join_sources(*ids)).reindex(order)
    return wide


def ministries(table: pd.DataFrame, year: int) -> pd.DataFrame:
    """Ministries with a published score or rank, as `helpers.facts.scores`, and the year before.

    Adds ``score_before``, ``rank_before`` (NaN where not published) and their ``sources_before``.
    """
    now = facts.scores(table, "PAR", year, "ministry")
    before = facts.scores(table, "PAR", year - 1, "ministry").reindex(now.index)
    cited = before["score_sources"].fillna("") + " " + before["rank_sources"].fillna("")
    return now.assign(
        score_before=before["score"], rank_before=before["rank"], sources_before=cited
    )
