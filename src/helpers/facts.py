"""Published figures: load them, and look at them from several sides.

`load` gives one tidy table, a row per published figure, imported ones among them. Everything else
here is a view of it. A figure that nobody published is missing; nothing in this module estimates
anything.
"""

import hashlib
import math
import re
from functools import lru_cache
from pathlib import Path

import numpy as np
import pandas as pd

from helpers import units, validation
from helpers.paths import data_dir
from helpers.precedence import DISPLACED as DISPLACED
from helpers.precedence import FIGURE as FIGURE
from helpers.precedence import GROUPS as GROUPS
from helpers.precedence import in_group as in_group
from helpers.precedence import join_sources as join_sources
from helpers.precedence import with_imports
from helpers.validation import INDICES as INDICES
from helpers.validation import NATION as NATION
from helpers.validation import BadData
from helpers.validation import imports_dir as imports_dir

BLOCKS = ("appraisal", "satisfaction", "managers_survey", "socioeconomic_impact")
FIELDS = (
    "steering",
    "legal_documents",
    "procedures",
    "apparatus",
    "civil_service",
    "public_finance",
    "modernisation",
    "impact",
)
LIST_ORDER = "order in a published list"
ALL_SCORES = "the mean of the scores of all provinces"
ONLY_ONE = "is the only one that fits all published figures"  # behind "rank 44"
# A derivation that starts from a figure of another year: "score2021 84.69 - 6.12".
ARITHMETIC = re.compile(
    r"^(?P<what>rank|score|points|percent)?\s?(?P<year>20\d\d)?\s?\(?(?P<a>\d+(?:\.\d+)?)\)?"
    r"(?:\s\([^)]*\))?\s(?P<sign>[+-])\s(?P<b>\d+(?:\.\d+)?)"
    r"(?P<places> places?(?: lost| gained)?(?: in 20\d\d)?)?(?:\s\(.*\))?$"
)
# A row of `scores` before anything is known of its unit.
NO_SCORE = {
    **dict.fromkeys(("score", "rank"), math.nan),
    **dict.fromkeys(("score_sources", "score_derivation", "rank_sources", "rank_derivation"), ""),
}
# First year in which SIPAS asked people at large; neither scores nor ranks are compared across it.
NEW_SURVEY = 2022
# Series of years that are compared within themselves only: besides, from 2025 on the provinces are
# others (`helpers.units`), of which there are not enough years for a series.
REGIMES = {
    "PAR": ((2012, units.MERGER - 1),),
    "SIPAS": ((2017, NEW_SURVEY - 1), (NEW_SURVEY, units.MERGER - 1)),
}


def load(folder: Path | None = None) -> pd.DataFrame:
    """Load and validate every data file; return the published figures as one tidy table.

    Parameters
    ----------
    folder : Path, optional
        Folder with the CSV files; the project's ``data/`` when left out. Imports are read from
        ``imports/`` in it.

    Returns
    -------
    DataFrame
        One row per published figure, all statuses, in the order of the files. Columns
        ``unit_type, unit, index, year (int), measure, part, value (float), status, derivation,
        sources, note``, ``file`` and ``line`` in it. Text that is not there is "". Units: points
        of 100 for PAR, per cent for SIPAS, places for ranks. A figure that only the derivation of
        another one names ("score2021 84.69 - 6.12") is a row too, with the line of that one.
        `helpers.precedence` says which figure counts where an import and the other files both
        have one.

    Raises
    ------
    BadData
        With every problem of every file, each with its file, line and column.
    """
    folder = data_dir() if folder is None else Path(folder)
    contents = tuple((path, _content(path)) for path in sorted(folder.rglob("*.csv")))
    return _load(folder, contents).copy()


def _content(path: Path) -> bytes:
    """Give the content of a file; nothing of what cannot be read, which reading it tells of."""
    try:
        return path.read_bytes()
    except OSError:
        return b""


@lru_cache(maxsize=2)
def _load(folder: Path, contents: tuple[tuple[Path, bytes], ...]) -> pd.DataFrame:
    """Load the figures once for each content of the files."""
    tables, problems = validation.read_all(folder)
    problems += validation.check_all(tables, problems)
    if problems:
        raise BadData(problems)
    table = _figures(tables[validation.OBSERVATIONS], validation.OBSERVATIONS)
    bases = _bases(table)
    table = pd.concat([table, bases], ignore_index=True)
    _check_across(table, bases)
    sources = [name for name in tables if name.endswith(validation.SOURCE_END)]
    if sources:
        official = [validation.is_official(tables[name]) for name in sources]
        files = [f"{name.removesuffix(validation.SOURCE_END)}.csv" for name in sources]
        figures = [_figures(tables[name], name) for name in files]
        table = with_imports(table, list(zip(figures, official, strict=True)))
        _check_across(table, pd.concat(figures))
    return table


def _figures(table: pd.DataFrame, file: str) -> pd.DataFrame:
    table = validation.typed(table, validation.OBSERVATIONS)
    return table.drop(columns="line").assign(file=file, line=table["line"])


def _bases(table: pd.DataFrame) -> pd.DataFrame:
    """Published figures that derivations start from, where no row of their own has them."""
    derived = table[(table["status"] == "accepted") & ~table["measure"].str.endswith("change")]
    named = derived["derivation"].str.extract(ARITHMETIC)[["year", "a"]].dropna()
    bases = derived.loc[named.index].assign(
        year=named["year"].astype(int), value=named["a"].astype(float), derivation=""
    )
    bases["note"] = "stated in " + derived["derivation"]
    known, named = (pd.MultiIndex.from_frame(rows[[*FIGURE]]) for rows in (table, bases))
    return bases[~named.isin(known)].drop_duplicates([*FIGURE, "value"])


def _check_across(table: pd.DataFrame, figures: pd.DataFrame) -> None:
    """Refuse figures that contradict each other, or ranks and scores that count without them."""
    chosen = table[table["status"] == "accepted"]
    chosen = chosen.merge(figures[["index", "year"]].drop_duplicates())
    chosen = chosen.assign(value=chosen["value"].map("{:.10g}".format))
    problems = list(validation.check_together(chosen.itertuples()))
    if problems:
        raise BadData(problems)


def fingerprint(figures: pd.DataFrame, *packages: str) -> str:
    """Name what packages beside this file make of figures: it changes with these and their code."""
    digest = hashlib.sha256(figures.to_csv(index=False).encode())
    for package in packages:
        for path in sorted(Path(__file__).with_name(package).iterdir()):
            if path.suffix in (".py", ".csv"):
                digest.update(path.read_bytes())
    return digest.hexdigest()[:12]


# --- the other files -----------------------------------------------------------------------


def sources(folder: Path | None = None) -> pd.DataFrame:
    """Places of publication, indexed by their id: publisher, published (ISO date), url, note.

    Those of imports come last.
    """
    folder = data_dir() if folder is None else Path(folder)
    imported = sorted(imports_dir(folder).glob(f"*{validation.SOURCE_END}"))
    names = [validation.SOURCES, *(f"{validation.IMPORTS}/{path.name}" for path in imported)]
    tables = [_one_file(name, folder) for name in names]
    return pd.concat(tables, ignore_index=True).set_index("source")


def claims(year: int, folder: Path | None = None) -> pd.DataFrame:
    """Statements of the announcement of a year's results, indexed by their number (S1, P1, ...).

    ``value`` is a float, NaN where a statement has none. No rows where ``data/`` has no
    ``claims_<year>.csv``. Raises BadData as `load`.
    """
    folder = data_dir() if folder is None else Path(folder)
    path = folder / f"claims_{year}.csv"
    if path.is_file():
        return _one_file(path.name, folder).set_index("claim")
    table = pd.DataFrame(columns=validation.columns_of(validation.CLAIMS), dtype=str)
    return validation.typed(table, validation.CLAIMS).set_index("claim")


def schemes(folder: Path | None = None) -> pd.DataFrame:
    """Scoring schemes as far as seen: maximum points of a part, by decision and years."""
    return _one_file("scoring_schemes.csv", folder)


def maximum_points(schemes: pd.DataFrame, year: int) -> pd.Series:
    """Maximum points by part in the scheme of one year, as far as it was seen.

    Parameters
    ----------
    schemes : DataFrame
        As given by `schemes`.
    """
    valid = schemes[(schemes["year_from"] <= year) & (schemes["year_to"] >= year)]
    return valid.set_index("part")["max_points"]


def papi(folder: Path | None = None) -> pd.DataFrame:
    """PAPI, a survey of citizens that is not the ministry's: for comparison, and as a covariate.

    Parameters
    ----------
    folder : Path, optional
        As for `load`.

    Returns
    -------
    DataFrame
        A row per province and year, 2011 to 2024: ``year`` (int), ``unit``, the eight dimensions
        (`helpers.validation.PAPI_DIMENSIONS`, points of 1 to 10), ``total``, their sum, and
        ``items`` (int), how many questions the year has. NaN where a dimension is not in hand, and
        the total with it; two dimensions begin in 2018. The questions change from year to year, so
        provinces compare within a year, and sums of different years do not.

    Raises
    ------
    BadData
        As `load`.
    """
    return _one_file(validation.PAPI, folder)


def _one_file(name: str, folder: Path | None) -> pd.DataFrame:
    path = (data_dir() if folder is None else Path(folder)) / name
    return _checked(path, name, _content(path)).copy()


@lru_cache(maxsize=16)
def _checked(path: Path, name: str, content: bytes) -> pd.DataFrame:
    """Read a file once for each content of it."""
    table, problems = validation.read(path, shown=name)
    if table is not None:
        problems += validation.check_all({name: table}, problems)
    if table is None or problems:
        raise BadData(problems)
    return validation.typed(table.drop(columns="line"), validation.like_of(name))


# --- views of the tidy table ---------------------------------------------------------------


def kind(derivation: str) -> str:
    """Say whether a figure was stated ("published") or worked out from others ("derived").

    A rank read off the order of a published list counts as published.
    """
    return "published" if derivation in ("", LIST_ORDER) else "derived"


def select(table: pd.DataFrame, **where) -> pd.DataFrame:
    """Accepted figures whose columns have the given values, for example ``year=2020``."""
    return table.iloc[_rows(table, where)]


def _rows(table: pd.DataFrame, where: dict) -> np.ndarray:
    # Each comparison looks only at what the ones before it left, and reports ask very often.
    rows = np.arange(len(table))
    for column, value in {**where, "status": "accepted"}.items():
        rows = rows[table[column].to_numpy()[rows] == value]
    return rows


def figure(table: pd.DataFrame, unit: str, index: str, year: int, measure: str, part: str = ""):
    """Return the accepted row of one figure as a Series, or None where nothing is published."""
    where = {"year": year, "unit": unit, "index": index, "measure": measure, "part": part}
    rows = _rows(table, where)
    return None if len(rows) == 0 else table.iloc[rows[0]]


def scores(table: pd.DataFrame, index: str, year: int, unit_type: str = "province") -> pd.DataFrame:
    """Scores and ranks of one index and year, as far as published.

    Returns
    -------
    DataFrame
        Indexed by unit, best first: ``score`` and ``rank`` (NaN where missing), and for each of
        the two ``*_sources`` and ``*_derivation``. Only units that have one of the two. A score
        without a rank stands where the scores around it put it.
    """
    rows = select(table, index=index, year=year, unit_type=unit_type, part="")
    found: dict[str, dict] = {}
    columns = ("unit", "measure", "value", "sources", "derivation")
    for unit, measure, *figure in zip(*(rows[column] for column in columns), strict=True):
        if measure in ("score", "rank"):
            names = (measure, f"{measure}_sources", f"{measure}_derivation")
            found.setdefault(unit, dict(NO_SCORE)).update(zip(names, figure, strict=True))
    order = sorted(found, key=_best_first(found))
    text = rows["sources"].dtype
    wide = {
        name: pd.array([found[unit][name] for unit in order], dtype=text if blank == "" else float)
        for name, blank in NO_SCORE.items()
    }
    return pd.DataFrame(wide, index=pd.Index(order, dtype=text, name="unit"))


def _best_first(found: dict[str, dict]):
    ranked = [(one["rank"], one["score"]) for one in found.values()]
    ranked = [pair for pair in ranked if not any(map(math.isnan, pair))]

    def key(unit: str) -> tuple[float, float, str]:
        score, rank = found[unit]["score"], found[unit]["rank"]
        if math.isnan(rank):
            rank = max((other for other, above in ranked if above > score), default=0) + 0.5
        return (rank, 0.0 if math.isnan(score) else -score, unit)

    return key


def panel(
    table: pd.DataFrame,
    index: str,
    measure: str = "score",
    unit_type: str = "province",
    of_year: int | None = None,
) -> pd.DataFrame:
    """One measure over all years: a row per unit, a column per year, NaN where not published.

    Parameters
    ----------
    of_year : int, optional
        Year whose provinces the rows are, under their names of then; the 63 when left out. A
        figure of a province that the merger of 2025 made another unit is not in its row.
    """
    rows = as_of(select(table, index=index, measure=measure, unit_type=unit_type, part=""), of_year)
    return rows.pivot(index="unit", columns="year", values="value").sort_index(axis=1)


def as_of(rows: pd.DataFrame, of_year: int | None) -> pd.DataFrame:
    """Rows on the provinces of a year (see `helpers.units.same`), under their names of then."""
    years = [year for year in set(rows["year"]) if not units.same_list(year, of_year)]
    others = rows["year"].isin(years) & (rows["unit_type"] == "province")
    if not others.any():
        return rows
    # All of them are of one list, since there are two.
    names = {name: units.same(name, years[0], of_year) for name in set(rows["unit"][others])}
    rows = rows.assign(unit=rows["unit"].mask(others, rows["unit"].map(names)))
    return rows[rows["unit"].notna()]


def parts(
    table: pd.DataFrame, index: str, year: int, measure: str = "points", unit_type="province"
) -> pd.DataFrame:
    """Parts of the index of one year: a row per unit, a column per part, NaN where missing."""
    rows = select(table, index=index, year=year, measure=measure, unit_type=unit_type)
    return rows.pivot(index="unit", columns="part", values="value")


def national(table: pd.DataFrame, index: str) -> pd.DataFrame:
    """Mean, median, lowest and highest score of the provinces and the ministries' mean, by year."""
    rows = select(table, unit_type="national", index=index, part="")
    measures = ["mean", "median", "min", "max", "ministry_mean"]
    rows = rows[rows["measure"].isin(measures)]
    wide = rows.pivot(index="year", columns="measure", values="value").reindex(columns=measures)
    return wide.rename_axis(columns=None)


def national_mean(table: pd.DataFrame, index: str, year: int) -> dict | None:
    """Mean of all provinces in one year: the published one, or what all their scores make.

    Returns
    -------
    dict or None
        ``value`` (a derived one with two decimals), ``derivation``, ``sources``. None where it is
        not published and the score of a province is not known.
    """
    row = figure(table, NATION, index, year, "mean")
    if row is not None:
        return {name: row[name] for name in ("value", "derivation", "sources")}
    every = scores(table, index, year).dropna(subset="score")
    if len(every) < len(units.provinces(year)):
        return None
    value, ids = round(every["score"].mean(), 2), join_sources(*every["score_sources"])
    return {"value": value, "derivation": ALL_SCORES, "sources": ids}


def change(table: pd.DataFrame, unit: str, index: str, year: int, measure: str):
    """Change of a score or a rank on the year before, and where it comes from.

    Parameters
    ----------
    measure : {"score", "rank"}

    Returns
    -------
    dict or None
        ``value`` (points for a score; places for a rank, positive for places gained), ``kind``
        ("published" or "derived"), ``arithmetic`` ("" or the sum that was done), ``sources``.
        None where the figures do not say. A stated change goes before a difference. No difference
        is taken between SIPAS before and after its change of method, between a province merged in
        2025 and the one whose name it has, or between ranks among 63 and among 34.
    """
    stated = figure(table, unit, index, year, "change" if measure == "score" else "rank_change")
    if stated is not None:
        return {
            "value": stated["value"],
            "kind": kind(stated["derivation"]),
            "arithmetic": stated["derivation"],
            "sources": stated["sources"],
        }
    unit_before = units.same(unit, year, year - 1)
    if unit_before is None or (measure == "rank" and not units.same_list(year, year - 1, index)):
        return None
    if index == "SIPAS" and year == NEW_SURVEY:
        return None
    now = figure(table, unit, index, year, measure)
    before = figure(table, unit_before, index, year - 1, measure)
    if now is None or before is None:
        return None
    first, second = (now, before) if measure == "score" else (before, now)
    return {
        "value": round(first["value"] - second["value"], 4),
        "kind": "derived",
        "arithmetic": " - ".join(
            f"{measure}{row['year']} {row['value']:g}" for row in (first, second)
        ),
        "sources": join_sources(now["sources"], before["sources"]),
    }
