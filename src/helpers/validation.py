"""Read the data files, imports among them, and refuse what cannot be true.

Every check yields `Problem`s, and all problems of all files are told at once: who mends a file
wants to see everything that is wrong with it.
"""

import csv
import io
import json
import math
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from pathlib import Path
from unicodedata import is_normalized, normalize

import pandas as pd

from helpers import language, units
from helpers.errors import CchcError
from helpers.paths import project_root

NATION = units.NATION
INDICES = ("PAR", "SIPAS")
OBSERVATIONS = "observations.csv"
SOURCES = "sources.csv"
# Statements of the announcement of a year's results; the files of other years are as this one.
CLAIMS = "claims_2020.csv"
CLAIMS_OF_A_YEAR = re.compile(r"claims_20[0-9]{2}\.csv")
# PAPI, a survey of citizens apart from the ministry's: eight dimensions of 1 to 10 points, two of
# them asked about since 2018.
PAPI = "papi.csv"
PAPI_SINCE_2018 = ("environment", "e_governance")
PAPI_DIMENSIONS = (
    "participation", "transparency", "accountability", "corruption_control", "procedures",
    "service_delivery", *PAPI_SINCE_2018,
)  # fmt: skip
# Imported figures: <index>-<year>-<slug>.csv, with its one source beside it as <same>.source.csv.
IMPORTS = "imports"
SOURCE_END = ".source.csv"
STEM = re.compile(r"(?P<index>[A-Za-z]+)-(?P<year>20[0-9]{2})-[a-z0-9]+(?:-[a-z0-9]+)*")
# How the note of an import's source begins where it is the ministry's own table.
OFFICIAL = "official annex"

PERCENT_MEASURES = {
    "score", "mean", "median", "min", "max", "ministry_mean",
    "points", "percent", "factor", "share", "max_points",
}  # fmt: skip
RANK_MEASURES = {"rank", "rank_at_least", "rank_at_most", "part_rank"}
WHOLE_MEASURES = {"rank_change", "direction", "count", "respondents", "scheme"}

# What other files refer to: the column of a file that lists all there are.
UNITS = {
    "province": ("provinces.csv", "name"),
    "region": ("regions.csv", "name"),
    "ministry": ("ministries.csv", "name"),
}
PROVINCES_2025 = ("provinces.csv", "unit_2025")
KNOWN_SOURCES = (SOURCES, "source")
LISTS = (*UNITS.values(), PROVINCES_2025, ("regions.csv", "region"), KNOWN_SOURCES)

# What there is of each of the lists, as far as they can be read.
Known = dict[tuple[str, str], set[str]]

# Narrower than float(): no exponent, no "8_4", no "nan", and too few digits to reach infinity.
NUMBER = re.compile(r"-?[0-9]{1,9}(\.[0-9]{1,9})?")
WHOLE = re.compile(r"-?[0-9]{1,9}")
YEAR = re.compile(r"20[0-9]{2}")
DAY = r"[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])"


@cache
def _schemas() -> dict[str, dict]:
    """Columns and keys of each data file, as the project's own datapackage.json has them."""
    text = (project_root() / "data" / "datapackage.json").read_text("utf-8")
    return {file["path"]: file["schema"] for file in json.loads(text)["resources"]}


def data_files() -> list[str]:
    """Names of the data files, in the order in which problems are told."""
    return list(_schemas())


def columns_of(name: str) -> list[str]:
    """Names of the columns of a data file."""
    return [field["name"] for field in _schemas()[name]["fields"]]


def typed(table: pd.DataFrame, like: str) -> pd.DataFrame:
    """Give the columns of a checked table their types in datapackage.json; no number is NaN."""
    typed = table.copy()
    for field in _schemas()[like]["fields"]:
        if field["type"] in ("integer", "number"):
            kind = int if field["type"] == "integer" else float
            typed[field["name"]] = table[field["name"]].replace("", "nan").astype(kind)
    return typed


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong in a data file: where it is, and what to do."""

    file: str
    line: int | None
    column: str | None
    message: str

    def __str__(self) -> str:
        place = self.file
        if self.line is not None:
            place += f", line {self.line}"
        if self.column is not None:
            place += f", column {self.column}"
        return f"{place}: {self.message}"


class BadData(CchcError):
    """The files in data/ cannot be used; `problems` lists what is wrong, by file and line."""

    def __init__(self, problems: list[Problem]):
        order = {name: number for number, name in enumerate(data_files())}
        last = len(order)  # imports, by name
        problems = sorted(problems, key=lambda p: (order.get(p.file, last), p.file, p.line or 0))
        self.problems = problems
        count = "1 problem" if len(problems) == 1 else f"{len(problems)} problems"
        super().__init__("\n".join([f"{count} in the data:", *(f"  {p}" for p in problems)]))


def read_all(folder: Path) -> tuple[dict[str, pd.DataFrame], list[Problem]]:
    """Read every data file of a folder: the tables that can be read, by file name, and problems.

    The figures of an import are "imports/<name>.csv", with "imports/<name>.source.csv" behind them.
    """
    tables, problems = {}, []
    of_other_years = sorted(p.name for p in folder.glob("*.csv") if like_of(p.name) != p.name)
    imported = sorted(path.stem for path in imports_dir(folder).glob("*.csv"))
    # A source alone is what a stopped import leaves.
    stems = [stem for stem in imported if not f"{stem}.csv".endswith(SOURCE_END)]
    of_imports = [f"{IMPORTS}/{stem}{end}" for stem in stems for end in (".csv", SOURCE_END)]
    for name in [*data_files(), *of_other_years, *of_imports]:
        table, found = read(folder / name, shown=name)
        problems += found
        if table is not None:
            tables[name] = table
    return tables, problems


def like_of(name: str) -> str:
    """Give the data file whose columns and checks a file has: itself, or that of another year."""
    if name.startswith(f"{IMPORTS}/"):
        return SOURCES if name.endswith(SOURCE_END) else OBSERVATIONS
    return CLAIMS if CLAIMS_OF_A_YEAR.fullmatch(name) else name


def read_figures(path: Path, folder: Path) -> tuple[pd.DataFrame | None, list[Problem]]:
    """Read and check a file of figures by itself; its sources need not be in sources.csv.

    Parameters
    ----------
    path : Path
        With the columns of observations.csv.
    folder : Path
        Of the data files that name the units.
    """
    table, problems = read(path, OBSERVATIONS)
    if table is not None:
        tables, damaged = read_all(folder)
        known = known_in(tables, {problem.file for problem in damaged} | {SOURCES})
        problems += _check_file(OBSERVATIONS, table, known, path.name)
    return table, problems


def imports_dir(folder: Path) -> Path:
    """Folder of the imports among the data files of a folder; it may not exist."""
    return folder / IMPORTS


def is_official(source: pd.DataFrame) -> bool:
    """Whether an import with this source is the ministry's own table, which outranks the press."""
    return source["note"].item().casefold().startswith(OFFICIAL)


def read(
    path: Path, like: str | None = None, shown: str | None = None
) -> tuple[pd.DataFrame | None, list[Problem]]:
    """Read one of the data files as text, with the line of each row.

    Parameters
    ----------
    path : Path
    like : str, optional
        The data file whose columns it must have; the one that its name says when left out.
    shown : str, optional
        How problems name the file; its name when left out.

    Returns
    -------
    tuple of DataFrame and list of Problem
        All columns hold text but ``line`` (int). The table is None where the file cannot be read
        as a table of these columns at all.
    """
    name = shown or path.name
    columns = columns_of(like or like_of(name))
    try:
        raw = path.read_bytes()
    except OSError as error:
        return None, [
            Problem(name, None, None, f"cannot be read from {path.parent}: {error.strerror}")
        ]
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        message = (
            f"byte 0x{raw[error.start]:02x} is not UTF-8; save the file as CSV in UTF-8 encoding"
        )
        return None, [Problem(name, line, None, message)]
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    records, problems, start = [], [], 1
    try:
        for fields in reader:
            if fields:
                records.append((start, fields))
            start = reader.line_num + 1
    except csv.Error as error:
        message = f"is not valid CSV ({error}); look here for a quotation mark without its pair"
        return None, [Problem(name, start, None, message)]
    line, header = records[0] if records else (1, [])
    if header != columns:
        return None, [Problem(name, line, None, _header_message(header, columns))]
    if len(records) == 1 and name in {file for file, _column in UNITS.values()}:
        problems.append(Problem(name, line, None, "has no rows below its header"))
    rows = []
    for line, fields in records[1:]:
        if len(fields) == len(columns):
            rows.append([*fields, line])
        else:
            message = f"has {len(fields)} fields instead of {len(columns)}"
            if len(fields) > len(columns):
                message += "; put a text with a comma in quotation marks, write numbers as 84.33"
            problems.append(Problem(name, line, None, message))
    return pd.DataFrame(rows, columns=[*columns, "line"]), problems


def _header_message(header: list[str], columns: list[str]) -> str:
    expected = f"the columns must be {','.join(columns)}"
    if not header:
        return f"the file is empty; {expected}"
    if len(header) == 1:
        for separator, word in ((";", "semicolons"), ("\t", "tabs")):
            if separator in header[0]:
                return f"columns are separated by {word}, not commas; {expected}"
    missing = [c for c in columns if c not in header]
    unknown = [c for c in header if c not in columns]
    told = [f"missing: {', '.join(missing)}"] if missing else []
    told += [f"not known: {', '.join(map(repr, unknown))}"] if unknown else []
    return f"wrong header ({'; '.join(told) or 'another order, or a column twice'}); {expected}"


def check_all(tables: dict[str, pd.DataFrame], problems: Iterable[Problem] = ()) -> list[Problem]:
    """Check the tables of `read_all` against each other; return everything that is wrong.

    A file that has ``problems`` from reading may lack rows, so nothing is held against it.
    """
    known = known_in(tables, {p.file for p in problems})
    found: list[Problem] = []
    for name, table in tables.items():
        if name.startswith(f"{IMPORTS}/"):
            found += _check_import(name, table, known)
        else:
            found += _check_file(like_of(name), table, known, name)
    return found


def _check_import(name: str, table: pd.DataFrame, known: Known) -> Iterator[Problem]:
    """Check the figures or the source of an import."""
    stem = name.removeprefix(f"{IMPORTS}/").removesuffix(SOURCE_END).removesuffix(".csv")
    of_file, own, like = STEM.fullmatch(stem), f"import-{stem}", like_of(name)
    if of_file is None or of_file["index"].upper() not in INDICES:
        message = "the file must be named <index>-<year>-<source>.csv, as PAR-2020-annex.csv"
        yield Problem(name, None, None, message)
        return
    known = {**known, KNOWN_SOURCES: known.get(KNOWN_SOURCES, set()) | {own}}
    yield from _check_file(like, table, known, name)
    if like == SOURCES:
        if list(table["source"]) != [own]:
            message = f"must hold one source, {own!r}, and no other"
            yield Problem(name, None, "source", message)
        return
    for row in table.itertuples():
        for column, right in (("index", of_file["index"].upper()), ("year", of_file["year"])):
            if getattr(row, column) != right:
                message = f"{getattr(row, column)!r} is not {right!r}, as the file's name says"
                yield Problem(name, row.line, column, message)
        if own not in row.sources.split():
            yield Problem(name, row.line, "sources", f"must name the import's own source, {own!r}")


def known_in(tables: dict[str, pd.DataFrame], damaged: set[str]) -> Known:
    """Everything that other files may refer to, by file and column; nothing of damaged files."""
    return {
        (file, column): {normalize("NFC", text) for text in tables[file][column]}
        for file, column in LISTS
        if file in tables and file not in damaged
    }


def _check_file(
    like: str, table: pd.DataFrame, known: Known, shown: str | None = None
) -> list[Problem]:
    name, schema = shown or like, _schemas()[like]
    wrong = [
        Problem(name, line, field["name"], misfit)
        for field in schema["fields"]
        for line, text in zip(table["line"], table[field["name"]], strict=True)
        if (misfit := _misfit(text, field))
    ]
    wrong += _check_keys(name, table, schema)
    for column, listed in _references(like).items():
        wrong += _check_references(name, table, column, known.get(listed), listed[0])
    if "unit" in table:
        typed = table if "unit_type" in table else table.assign(unit_type="province")
        wrong += [p for row in typed.itertuples() for p in _check_unit(name, row, known)]
    if like == OBSERVATIONS:
        wrong += _check_values(name, table, known)
        sound = table["status"].eq("accepted") & ~table["line"].isin({p.line for p in wrong})
        wrong += check_together(table[sound].assign(file=name).itertuples())
    elif like == SOURCES:
        wrong += _check_places_of_publication(name, table)
    elif like == PAPI:
        wrong += _check_papi(name, table)
    return wrong


def _references(like: str) -> dict[str, tuple[str, str]]:
    """Columns that refer to a list of another file; those of units are checked by themselves."""
    if like == OBSERVATIONS:
        return {"sources": KNOWN_SOURCES}  # several of them, which is no foreign key
    keys = [(key["fields"], key["reference"]) for key in _schemas()[like].get("foreignKeys", ())]
    of = {column: (f"{there['resource']}.csv", *there["fields"]) for [column], there in keys}
    return {column: listed for column, listed in of.items() if listed not in UNITS.values()}


def _check_references(
    name: str, table: pd.DataFrame, column: str, listed: set[str] | None, file: str
) -> Iterator[Problem]:
    for line, text in zip(table["line"], table[column], strict=True):
        for word in text.split():
            if listed is not None and word not in listed:
                message = f"{word!r} is not in {file}; add it there first"
                yield Problem(name, line, column, message)


def _check_keys(name: str, table: pd.DataFrame, schema: dict) -> Iterator[Problem]:
    """Refuse a row whose columns of a key are those of one before it."""
    keys = [[f["name"]] for f in schema["fields"] if f.get("constraints", {}).get("unique")]
    if len(schema["primaryKey"]) > 1:
        keys.append(schema["primaryKey"])
    for key in keys:
        first = table.groupby(key, sort=False)["line"].transform("first")
        for row in table[table["line"] != first].itertuples():
            told = ", ".join(repr(getattr(row, column)) for column in key)
            yield Problem(name, row.line, key[-1], f"{told} is already on line {first[row.Index]}")


def _misfit(text: str, field: dict) -> str | None:
    """Say why a text cannot stand in a column; None where it can."""
    rules = field.get("constraints", {})
    if not is_normalized("NFC", text):
        return (
            f"{text!r} has letters and marks as separate characters (Unicode form NFD, as "
            f"macOS writes them); write {normalize('NFC', text)!r} in form NFC"
        )
    if not text:
        return f"is empty. {field['description']}" if rules.get("required") else None
    if field["type"] in ("integer", "number"):
        low, high = rules.get("minimum", -math.inf), rules.get("maximum", math.inf)
        return _no_number(text, low, high, whole=field["type"] == "integer")
    if text not in rules.get("enum", (text,)):
        return f"{text!r} is not known; use one of {', '.join(sorted(rules['enum']))}"
    if not re.fullmatch(rules.get("pattern", ".*"), text, re.DOTALL):
        return f"{text!r} cannot stand here. {field['description']}"
    return None


def _check_places_of_publication(name: str, table: pd.DataFrame) -> Iterator[Problem]:
    days = table["published"].where(table["published"].str.fullmatch(DAY))
    none_of_the_calendar = pd.to_datetime(days, format="%Y-%m-%d", errors="coerce").isna()
    for row in table[days.notna() & none_of_the_calendar].itertuples():
        message = f"{row.published!r} is not a day of the calendar"
        yield Problem(name, row.line, "published", message)
    url = table["url"].str.lower()
    for row in table[url.ne("") & ~url.str.startswith(("http://", "https://"))].itertuples():
        message = f"{row.url!r} is not a web address; it must begin with http:// or https://"
        yield Problem(name, row.line, "url", message)


def _check_papi(name: str, table: pd.DataFrame) -> Iterator[Problem]:
    first = table.groupby("year")[["items", "line"]].transform("first")
    for row in table.itertuples():
        items, line = first.loc[row.Index]
        if items != row.items and WHOLE.fullmatch(row.items):
            message = f"{row.items!r} is not {items!r}, as for {row.year} on line {line}"
            yield Problem(name, row.line, "items", message)
        found = {column: getattr(row, column) for column in PAPI_DIMENSIONS}
        for column in PAPI_SINCE_2018:
            if found[column] and YEAR.fullmatch(row.year) and row.year < "2018":
                message = f"{found[column]!r} of {row.year}: PAPI has this dimension from 2018 on"
                yield Problem(name, row.line, column, message)
        if wrong := _total_misfit(row.total, found):
            yield Problem(name, row.line, "total", wrong)


def _total_misfit(total: str, found: dict[str, str]) -> str | None:
    """Say how a total is not the sum of the dimensions; there is one where all eight are there."""
    if not all(NUMBER.fullmatch(text) for text in (total, *found.values()) if text):
        return None  # which is told of its column
    if missing := [column for column, text in found.items() if not text]:
        told = f"{total} without {', '.join(missing)}: a total is the sum of all eight"
        return told if total else None
    added = sum(map(float, found.values()))
    # Nine numbers, each rounded to three decimals.
    if total and abs(float(total) - added) <= 9 * 0.0005 + 1e-9:
        return None
    return f"{total or 'nothing'} is not the sum of the dimensions, {added:.3f}"


def _check_values(name: str, table: pd.DataFrame, known: Known) -> Iterator[Problem]:
    for row in table.itertuples():
        count = len(known.get(_list_of(row), ())) or math.inf
        if NUMBER.fullmatch(row.value) and (wrong := misfit(row.measure, row.value, count)):
            yield Problem(name, row.line, "value", wrong)
        if row.status in ("disputed", "rejected") and not row.note:
            yield Problem(name, row.line, "note", f"say here why the figure is {row.status}")


def check_together(rows: Iterable) -> Iterator[Problem]:
    """Check accepted figures against each other: one value each, and ranks that fit the scores.

    Parameters
    ----------
    rows : iterable of named tuples
        With the columns of observations.csv, ``file`` and ``line``.
    """
    figures, series = defaultdict(list), defaultdict(list)
    for row in rows:
        key = (row.unit_type, row.unit, row.index, row.year, row.measure, row.part)
        figures[key].append(row)
        series[row.unit_type, row.index, row.year, row.measure, row.part].append(row)
    for (_, unit, index, year, measure, part), stated in figures.items():
        if len(stated) > 1:
            last = stated[-1]
            values = " and ".join(f"{row.value} (line {_place(row, last)})" for row in stated)
            message = (
                f"{unit}, {index} {year}, {f'{measure} {part}'.strip()} has {len(stated)} accepted "
                f"values: {values}; keep one, or mark them disputed"
            )
            yield Problem(last.file, last.line, "value", message)
    for (unit_type, index, year, measure, part), ranks in series.items():
        if measure == "rank":
            yield from _check_ranks(ranks, series.get((unit_type, index, year, "score", part), []))


def _place(row, beside) -> str:
    """Line of a row for a message about another one; with its file where that is another."""
    return f"{row.line}" if row.file == beside.file else f"{row.line} of {row.file}"


def misfit(measure: str, text: str, count: float) -> str | None:
    """Say why a number is no figure of a measure among so many units; None where it can be one."""
    low, high = -math.inf, math.inf
    if measure in PERCENT_MEASURES:
        low, high = 0, 100
    elif measure in RANK_MEASURES:
        low, high = 1, count
    return _no_number(text, low, high, whole=measure in RANK_MEASURES | WHOLE_MEASURES)


def _list_of(row) -> tuple[str, str]:
    """Which list has the unit of a row: that of the provinces depends on the year."""
    if row.unit_type == "province" and YEAR.fullmatch(row.year) and int(row.year) >= units.MERGER:
        return PROVINCES_2025
    return UNITS.get(row.unit_type, ("", ""))


def _check_unit(name: str, row, known: Known) -> Iterator[Problem]:
    if row.unit_type == "national":
        if row.unit != NATION:
            yield Problem(name, row.line, "unit", f"{row.unit!r} must be written {NATION!r}")
        return
    file, _column = _list_of(row)
    listed = known.get(_list_of(row))
    if not row.unit or listed is None or normalize("NFC", row.unit) in listed:
        return  # an empty one, or of a type that there is not, is told of its column
    year = int(row.year) if YEAR.fullmatch(row.year) else None
    try:
        with language.using(language.SOURCE):  # as the rest of the message
            right = units.resolve(row.unit, row.unit_type, year=year)
    except units.UnknownUnit as error:
        message = str(error)
    else:
        message = f"{row.unit!r} is not in {file}"
        if right in listed:
            message = f"{row.unit!r} must be written {right!r}, as in {file}"
    yield Problem(name, row.line, "unit", message)


def _no_number(text: str, low: float, high: float, whole: bool) -> str | None:
    """Say why a text is no number, no whole one or too low or high; None where it is as it must."""
    with_point = text.strip().removesuffix("%").strip().replace(",", ".")
    if not NUMBER.fullmatch(with_point):
        return f"{text!r} is not a number"
    if with_point != text:
        return f"{text!r} is not a number here; write it with a decimal point: {with_point}"
    if whole and not WHOLE.fullmatch(text):
        return f"{text!r} is not a whole number; write its digits only, without separators"
    if not low <= float(text) <= high:
        limits = f"{low} or more" if math.isinf(high) else f"between {low} and {high}"
        return f"{text} is not {limits}"
    return None


def _check_ranks(ranks: list, scores: list) -> Iterator[Problem]:
    """Two units on one rank, or a worse rank with a higher score, within one index and year."""
    for rows in unconfirmed_ties(ranks, scores):
        lines = " and ".join(_place(row, rows[-1]) for row in rows)
        names = " and ".join(dict.fromkeys(row.unit for row in rows))
        message = f"rank {rows[0].value} is given to {names} (lines {lines})"
        yield Problem(rows[-1].file, rows[-1].line, "value", message)
    for (better, high), (worse, low) in out_of_order(ranks, scores):
        message = (
            f"{worse.unit} has rank {worse.value} with {low.value}, more than {better.unit}, "
            f"rank {better.value} with {high.value}"
        )
        yield Problem(low.file, low.line, "value", message)


def unconfirmed_ties(ranks: list, scores: list) -> Iterator[list]:
    """Find units on one rank that have not one score: the ministry prints ties, and so does a slip.

    Parameters
    ----------
    ranks, scores : list of named tuples
        With ``unit`` and ``value``, of one index and year.

    Yields
    ------
    list
        The rows of a rank.
    """
    score = {row.unit: float(row.value) for row in reversed(scores)}
    holders = defaultdict(list)
    for row in ranks:
        holders[int(row.value)].append(row)
    for rows in holders.values():
        found = {score.get(row.unit) for row in rows}
        if len({row.unit for row in rows}) > 1 and (len(found) > 1 or None in found):
            yield rows


def out_of_order(ranks: list, scores: list) -> Iterator[tuple[tuple, tuple]]:
    """Find worse ranks with higher scores; parameters as of `unconfirmed_ties`.

    Yields
    ------
    tuple of tuple
        Rank and score of the better rank, and those of the worse one.
    """
    score = {row.unit: row for row in reversed(scores)}
    both = [(row, score[row.unit]) for row in ranks if row.unit in score]
    # By score within a rank, so that two units on one rank are not told of twice.
    both.sort(key=lambda pair: (int(pair[0].value), -float(pair[1].value)))
    for better, worse in pairwise(both):
        if float(worse[1].value) > float(better[1].value):
            yield better, worse
