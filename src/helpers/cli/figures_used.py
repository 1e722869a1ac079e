"""Which published figures a report uses, as a fingerprint: the rule of what is made anew.

A national notebook uses all figures. The report of a province in a year shows the whole table of
that year, completed together with those of all years and both indices, so it uses every row but
these:

- rows of *other* provinces on shares and ranks of parts (`PARTS`) in any year but its own: only
  scores and ranks enter completed tables and forecasts. Points of parts are compared within the
  year of the report or one near it, which is not the same for all, so all count;
- rows of ministries.

Imported figures (``imports/``) can displace any other, so every report uses all of them. Of the
sources it uses those that its rows cite, of the announced statements those on the province, and of
ministries nothing. The last year of each index counts too, since forecasts are drawn up to it. A
test removes what the rule leaves out and finds the same page, byte for byte.
"""

import csv
import io
from collections import defaultdict
from collections.abc import Iterable

from helpers.batch.files import fingerprint

PARTS = {"percent", "part_rank", "factor", "share"}
FIGURES, SOURCES = "observations.csv", "sources.csv"
# By the beginning of its name: there is a file for each announcement.
CLAIMS = "claims_"
NOT_USED = (CLAIMS, "ministries.")

Row = dict[str, str]


def of_provinces(data: dict[str, bytes], provinces: Iterable[str], year: int) -> dict[str, str]:
    """Fingerprint of the figures that each of several reports uses.

    Parameters
    ----------
    data : dict
        Content of every CSV file of the data folder, by name.
    provinces : iterable of str
        Names as in ``provinces.csv``.
    year : int
    """
    common, own = [], defaultdict(list)
    rows = read(data[FIGURES])
    for row in rows:
        if for_all(row, year):
            common.append(row)
        elif row["unit_type"] == "province":
            own[row["unit"]].append(row)
    for name in sorted(name for name in data if name.startswith(CLAIMS)):
        for row in read(data[name]):
            if row["unit_type"] == "province":
                own[row["unit"]].append({**row, "sources": row["source"]})
    last = sorted({row["index"]: row["year"] for row in sorted(rows, key=_year)}.items())
    whole = sorted(name for name in set(data) - {FIGURES, SOURCES} if not name.startswith(NOT_USED))
    files = [(name, fingerprint(data[name])) for name in whole]
    known = {row["source"]: row for row in read(data[SOURCES])}
    base = _text(common, known) + repr((last, files))
    return {name: fingerprint((base + _text(own[name], known)).encode()) for name in provinces}


def for_all(row: Row, year: int) -> bool:
    """Whether the reports of all provinces in a year use a row."""
    if row["unit_type"] == "ministry":
        return False
    if row["unit_type"] != "province":
        return True
    return row["measure"] not in PARTS or _year(row) == year


def used(row: Row, province: str, year: int) -> bool:
    """Whether the report of a province in a year uses a row."""
    return for_all(row, year) or (row["unit_type"], row["unit"]) == ("province", province)


def read(content: bytes) -> list[Row]:
    """Rows of a CSV file, each by the names of its columns, all as text."""
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline="")))


def _year(row: Row) -> int:
    return int(row["year"])


def _text(rows: list[Row], known: dict[str, Row]) -> str:
    """Rows with the sources that they cite, in an order that moving lines does not change."""
    cited = {source for row in rows for source in row["sources"].split()}
    found = [tuple(row.items()) for row in rows]
    found += [tuple(known[source].items()) for source in cited if source in known]
    return repr(sorted(found, key=repr))
