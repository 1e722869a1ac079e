"""How many people the survey of satisfaction asked."""

import pandas as pd

from helpers import facts, units

# How the number was stated, the most telling first; of people only chosen there may be more.
STATED = ("", "collected", "about", "at_least")


def respondents(table: pd.DataFrame, year: int) -> dict | None:
    """Respondents of SIPAS per province, as an even share of the published national number.

    Parameters
    ----------
    table : DataFrame
        As given by `helpers.facts.load`.

    Returns
    -------
    dict or None
        ``per_province``, ``national``, ``year`` (the nearest with a number, the later of two),
        ``stated`` (one of `STATED`) and ``sources``; None where no year has one.
    """
    rows = facts.select(table, index="SIPAS", measure="respondents", unit_type="national")
    rows = rows[rows["part"].isin(STATED)]
    if rows.empty:
        return None
    order = rows.assign(
        distance=(rows["year"] - year).abs(), stated=rows["part"].map(list(STATED).index)
    )
    row = order.sort_values(["distance", "year", "stated"], ascending=[True, False, True]).iloc[0]
    return {
        "per_province": row["value"] / units.count(int(row["year"]), "SIPAS"),
        "national": row["value"],
        "year": int(row["year"]),
        "stated": row["part"],
        "sources": row["sources"],
    }
