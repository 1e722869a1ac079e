"""Which part of the PAR INDEX goes with satisfaction, where the blocks are published."""

import pandas as pd

from helpers import facts
from helpers.association.correlation import correlate
from helpers.association.pairs import published_satisfaction, satisfaction_maximum

OTHERS = ("appraisal", "managers_survey", "socioeconomic_impact")


def with_satisfaction(table: pd.DataFrame, schemes: pd.DataFrame, year: int) -> pd.DataFrame:
    """Points of the other blocks beside SIPAS, for provinces with a published block.

    Returns
    -------
    DataFrame
        Indexed by unit: the three other blocks (points, NaN where not published) and ``SIPAS``
        (per cent), as published or else from the published satisfaction points and their maximum.
    """
    points = facts.parts(table, "PAR", year).reindex(columns=list(OTHERS)).dropna(how="all")
    scores = facts.scores(table, "SIPAS", year)["score"].reindex(points.index)
    maximum, _ = satisfaction_maximum(schemes, year)
    turned = published_satisfaction(table, year).reindex(points.index) * 100 / maximum
    return points.rename_axis(columns=None).assign(SIPAS=scores.fillna(turned).astype(float))


def describe(table: pd.DataFrame, schemes: pd.DataFrame, years) -> pd.DataFrame:
    """Correlation of each block with SIPAS by year: a description of who was published.

    Returns
    -------
    DataFrame
        ``year, part, n``, and ``pearson``, ``spearman`` with ``low, high`` (Fisher's, of the
        Pearson); NaN where there are too few.
    """
    rows = []
    for year in years:
        frame = with_satisfaction(table, schemes, year)
        for part in OTHERS:
            both = frame[[part, "SIPAS"]].dropna()
            if both.empty:
                continue
            found = {m: correlate(both[part], both["SIPAS"], m) for m in ("pearson", "spearman")}
            rows.append(
                {
                    "year": year,
                    "part": part,
                    "n": len(both),
                    **{method: of["r"] for method, of in found.items()},
                    "low": found["pearson"]["low"],
                    "high": found["pearson"]["high"],
                }
            )
    columns = ["year", "part", "n", "pearson", "spearman", "low", "high"]
    return pd.DataFrame(rows, columns=columns)
