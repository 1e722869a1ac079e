"""Figures that were found after the estimates were made: does the interval hold them?

Nobody could tune the estimates to these figures, so this is the test that counts. `judge` holds any
later figures against the estimates from the figures before; `before` gives the figures as they were
before the search of November 2026, whose finds are listed in ``november_2026.csv``.
"""

from functools import lru_cache
from importlib.resources import files
from pathlib import Path

import numpy as np
import pandas as pd
from scipy import stats

from helpers import completion, facts, paths, validation
from helpers.completion.tables import intervals

DRAWS = 1000  # ends of intervals from 200 would add their own noise to the test
COLUMNS = [
    *("index", "year", "unit", "figure", "known", "truth", "low_90", "high_90", "width", "held")
]
FIGURE = ["index", "year", "unit", "measure"]
KEY = ["unit_type", "unit", "index", "year", "measure", "part", "value"]
# What was known of the province in that index and year.
NOTHING = "nothing"
ORDER = [("score", NOTHING), ("score", "rank"), ("rank", NOTHING), ("rank", "score")]


def read(path: Path, folder: Path | None = None) -> pd.DataFrame:
    """Read rows like those of observations.csv, whose sources need not be known.

    Parameters
    ----------
    path : Path
    folder : Path, optional
        Folder of the data files that name the units; ``data/`` when left out.

    Returns
    -------
    DataFrame
        As `facts.load` gives it.

    Raises
    ------
    BadData
        With every problem of the file, each with its line and column.
    """
    table, problems = validation.read_figures(path, folder or paths.data_dir())
    if table is None or problems:
        raise validation.BadData(problems)
    return table.assign(year=table["year"].astype(int), value=table["value"].astype(float))


def judge(figures: pd.DataFrame, later: pd.DataFrame, draws: int = DRAWS) -> pd.DataFrame:
    """Hold later scores and ranks of provinces against the estimates from the figures before.

    Parameters
    ----------
    figures : DataFrame
        The figures before, as given by `helpers.facts.load`.
    later : DataFrame
        Rows of the same columns. Only accepted scores and ranks of provinces are taken that
        ``figures`` do not have: a range between disputed values counts as had.
    draws : int
        Completed tables of each index and year.

    Returns
    -------
    DataFrame, one row per later figure
        ``index, year, unit, figure`` ("score" or "rank"), ``known`` (what ``figures`` have of that
        province, index and year: "nothing", "rank" or "score"), ``truth``, ``low_90, high_90`` (as
        pages show them, of draws rounded to two decimals, as scores are published), ``width``,
        ``held`` (bool).
        Intervals are NaN, and ``held`` is False, where nothing can be estimated of that year.
    """
    had = _had(figures)
    chosen = facts.select(later, unit_type="province", part="")
    chosen = chosen[chosen["measure"].isin(("score", "rank"))]
    chosen = chosen.drop_duplicates(FIGURE).sort_values(FIGURE)
    is_new = [one not in had for one in chosen[FIGURE].itertuples(index=False, name=None)]
    chosen = chosen.loc[np.array(is_new, dtype=bool)]
    rows = []
    for (index, year), found in chosen.groupby(["index", "year"]):
        ends = _intervals(figures, index, year, draws)
        for row in found.itertuples():
            other = "rank" if row.measure == "score" else "score"
            known = other if (index, year, row.unit, other) in had else NOTHING
            low, high = ends.get((row.unit, row.measure), (np.nan, np.nan))
            held = low <= row.value <= high
            told = (index, year, row.unit, row.measure, known, row.value)
            rows.append((*told, low, high, round(high - low, 2), held))
    return pd.DataFrame(rows, columns=COLUMNS).astype({"held": bool})


def _had(figures: pd.DataFrame) -> set[tuple]:
    """What the figures have: accepted values, and ranges between disputed ones."""
    rows = figures[figures["measure"].isin(("score", "rank")) & (figures["part"] == "")]
    values = rows[rows["status"] == "disputed"].groupby(FIGURE)["value"].nunique()
    accepted = rows.loc[rows["status"] == "accepted", FIGURE]
    return {*accepted.itertuples(index=False, name=None), *values.index[values > 1]}


def _intervals(figures, index: str, year: int, draws: int) -> dict[tuple, tuple[float, float]]:
    """90% intervals by unit and figure; none where nothing can be estimated of that year."""
    try:
        tables = completion.complete(figures, index, year, draws=draws)
    except completion.NotEnoughKnown:
        return {}
    ends = intervals(tables.scores.round(2).to_numpy(), tables.ranks.to_numpy())
    return {
        (unit, figure): (round(float(low), 4), round(float(high), 4))
        for figure in ("score", "rank")
        for unit, low, high in zip(
            tables.scores, ends[f"{figure}_90_low"], ends[f"{figure}_90_high"], strict=True
        )
    }


def totals(judged: pd.DataFrame) -> pd.DataFrame:
    """Count how many of the later figures their 90% intervals hold, by what was known before.

    Returns
    -------
    DataFrame indexed by (figure, known)
        Only what there is: ``n`` figures with an estimate, ``held`` of them, ``share``, and its 95%
        interval ``low, high`` (Clopper & Pearson 1934, Biometrika 26, as if the figures were
        independent, which those of one year are not quite); ``width``, the median of the 90%
        intervals; ``without``, figures that could not be estimated.
    """
    rows = []
    for figure, known in ORDER:
        all_rows = judged[(judged["figure"] == figure) & (judged["known"] == known)]
        found = all_rows.dropna(subset="low_90")
        if found.empty:
            continue
        n, held = len(found), int(found["held"].sum())
        ends = stats.binomtest(held, n).proportion_ci(0.95, method="exact")
        width = found["width"].median()
        missing = len(all_rows) - n
        rows.append((figure, known, n, held, held / n, ends.low, ends.high, width, missing))
    columns = ["figure", "known", "n", "held", "share", "low", "high", "width", "without"]
    return pd.DataFrame(rows, columns=columns).set_index(["figure", "known"])


# --- the search of November 2026 -------------------------------------------------------------


@lru_cache
def _search() -> pd.DataFrame:
    """Rows that the search added or gave another status, with their status before ("" for new)."""
    with files(__package__).joinpath("november_2026.csv").open(encoding="utf-8") as file:
        return pd.read_csv(file, keep_default_na=False, dtype={"part": str, "value": float})


def before(figures: pd.DataFrame) -> pd.DataFrame:
    """The figures as they were before the search of November 2026.

    What the search found is taken away, and what it settled is as open as it was. Figures that
    were added after it stay; the one row that it took away, the rank of a part, does not come back.

    Parameters
    ----------
    figures : DataFrame
        As given by `helpers.facts.load`.
    """
    status = _search().set_index(KEY)["status_before"]
    keys = pd.MultiIndex.from_frame(figures[KEY])
    was = pd.Series(status.reindex(keys).to_numpy(), index=figures.index)
    return figures.assign(status=was.fillna(figures["status"]))[was != ""]
