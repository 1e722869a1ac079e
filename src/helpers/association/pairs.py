"""Provinces with both indices of a year, and PAR less the points that SIPAS itself brings.

SIPAS is an item of the PAR INDEX: turned into points it makes up about a tenth of it. What is left
of PAR without these points is called ``reform`` here.
"""

import numpy as np
import pandas as pd

from helpers import facts, units

# Points that SIPAS can bring where no scheme of the year was seen; see data/scoring_schemes.csv.
USUAL_MAXIMUM = 10.0
COLUMNS = [
    *("PAR", "SIPAS", "satisfaction", "reform", "region", "kind"),
    *("PAR_kind", "SIPAS_kind", "satisfaction_kind", "maximum", "sources"),
]


def satisfaction_maximum(schemes: pd.DataFrame, year: int) -> tuple[float, bool]:
    """Most points that SIPAS can bring in the PAR INDEX of a year.

    Returns
    -------
    (float, bool)
        Points, and whether a scheme says so; where none was seen it is `USUAL_MAXIMUM`.
    """
    most = facts.maximum_points(schemes, year).get("satisfaction")
    return (USUAL_MAXIMUM, False) if most is None else (float(most), True)


def published_satisfaction(table: pd.DataFrame, year: int) -> pd.Series:
    """Points of the block ``satisfaction`` of a year, by unit, as far as published."""
    points = facts.parts(table, "PAR", year)
    return points.get("satisfaction", pd.Series(dtype=float)).dropna()


def score_pairs(table: pd.DataFrame, schemes: pd.DataFrame, year: int) -> pd.DataFrame:
    """Provinces with both scores of a year.

    Returns
    -------
    DataFrame
        Indexed by unit: ``PAR`` (points), ``SIPAS`` (per cent), ``satisfaction`` (points that
        SIPAS brings; published, or else SIPAS times the ``maximum`` of that year), ``reform`` =
        PAR - satisfaction, ``region``, ``PAR_kind``, ``SIPAS_kind``, ``satisfaction_kind``
        ("published" or "derived"), ``kind`` ("derived" where PAR or SIPAS is) and ``sources``.
    """
    sides = {index: facts.scores(table, index, year) for index in facts.INDICES}
    frame = pd.DataFrame({index: side["score"] for index, side in sides.items()})
    frame = frame.reindex(sides["PAR"].index).dropna().rename_axis("unit")  # best in PAR first
    sides = {index: side.reindex(frame.index) for index, side in sides.items()}
    ids = (side["score_sources"] for side in sides.values())
    frame["sources"] = list(map(facts.join_sources, *ids))
    for index, side in sides.items():
        frame[f"{index}_kind"] = side["score_derivation"].map(facts.kind)
    derived = frame[["PAR_kind", "SIPAS_kind"]].eq("derived").any(axis=1)
    frame["kind"] = np.where(derived, "derived", "published")
    published = published_satisfaction(table, year).reindex(frame.index)
    maximum, _ = satisfaction_maximum(schemes, year)
    frame["maximum"] = maximum
    frame["satisfaction"] = published.fillna(frame["SIPAS"] * maximum / 100).astype(float)
    frame["satisfaction_kind"] = np.where(published.notna(), "published", "derived")
    frame["reform"] = frame["PAR"] - frame["satisfaction"]
    names = dict(units.regions()[["region", "name"]].itertuples(index=False))
    regions = units.provinces(year).set_index("name")["region"].map(names)
    frame["region"] = regions.reindex(frame.index)
    return frame[COLUMNS]


def rank_pairs(table: pd.DataFrame, year: int) -> pd.DataFrame:
    """Provinces with both ranks of a year: ``PAR`` and ``SIPAS`` (1 is best), indexed by unit."""
    ranks = {index: facts.scores(table, index, year)["rank"] for index in facts.INDICES}
    return pd.DataFrame(ranks).dropna().rename_axis("unit")
