"""The nation's results of one year: regions, and changes on the year before.

Numbers in, tables out; nothing here is estimated. A part of the provinces is never passed off as
all of them: every table says how many of its units have a published figure.
"""

import pandas as pd

from helpers import facts, units

# First year of each scoring scheme and the number of its decision, as in data/README.md.
SCHEMES = {2016: "4361", 2017: "2948", 2018: "2636", 2019: "1150", 2020: "1149", 2022: "876"}


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
    names = units.regions().set_index("region")["name"]
    provinces = units.provinces(year).set_index("name")
    scores = facts.scores(table, index, year)["score"].reindex(provinces.index)
    of_region = scores.groupby(provinces["region"].map(names).rename("region"))
    wide = of_region.agg(provinces="size", scored="count", mean_of_scored="mean").loc[names]
    wide["mean_of_scored"] = wide["mean_of_scored"].round(2)
    means = table[
        (table["unit_type"] == "region")
        & (table["index"] == index)
        & (table["year"] == year)
        & (table["measure"] == "mean")
    ].set_index("unit")
    accepted, disputed = (means[means["status"] == one] for one in ("accepted", "disputed"))
    wide["mean"] = accepted["value"]
    wide["disputed"] = [list(disputed["value"][disputed.index == name]) for name in wide.index]
    cited = pd.concat([accepted, disputed])["sources"]
    wide["sources"] = [facts.join_sources(*cited[cited.index == name]) for name in wide.index]
    return wide


def changes(table: pd.DataFrame, index: str, year: int) -> pd.DataFrame:
    """Change of every province's score on the year before, where it is published or follows.

    Provinces merged in 2025 have none in that year, unless it is published.

    Returns
    -------
    DataFrame
        Indexed by unit, largest gain first: ``before``, ``now`` (NaN where only the change is
        published), ``change``, ``kind``, ``sources``.
    """
    names, years = units.provinces(year)["name"], [year - 1, year]
    panel = facts.panel(table, index, of_year=year).reindex(index=names, columns=years)
    rows = {}
    for unit in names:
        found = facts.change(table, unit, index, year, "score")
        if found is not None:
            before, now = panel.loc[unit]
            change = {"change": found["value"], "kind": found["kind"], "sources": found["sources"]}
            rows[unit] = {"before": before, "now": now, **change}
    columns = ["before", "now", "change", "kind", "sources"]
    wide = pd.DataFrame.from_dict(rows, orient="index", columns=columns).rename_axis("unit")
    return wide.sort_values("change", ascending=False, kind="stable")
