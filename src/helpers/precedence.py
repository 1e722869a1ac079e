"""Which figure counts where an import and the other files do not say the same.

The ministry's own table outranks the press, and so does what follows from it by arithmetic. What
gives way is kept, with a note that names what displaced it.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from decimal import Decimal

import pandas as pd

from helpers import units

DISPLACED = "displaced"
FIGURE = ("unit_type", "unit", "index", "year", "measure", "part")  # what a row is a figure of
STANDING = ("accepted", "disputed")
# A published mean is rounded to two decimals; so are the two terms of a sum with a change.
MEAN_ROUNDING = 0.005
CHANGE_ROUNDING = 0.015
# The ministry's groups of the PAR INDEX by their points, the upper end not included but for 100.
GROUPS = {"A": (90, 100), "B": (80, 90), "C": (70, 80)}
EXACT = 1e-9
# On which side of a published bound a rank must be.
BOUNDS = {"rank_at_least": 1, "rank_at_most": -1}


def in_group(scores: pd.Series, group: str) -> pd.Series:
    """Say of each score of the PAR INDEX whether it is in one of the `GROUPS`."""
    low, high = GROUPS[group]
    return (scores >= low) & ((scores < high) | (scores == 100))


def with_imports(table: pd.DataFrame, imports: Sequence[tuple[pd.DataFrame, bool]]) -> pd.DataFrame:
    """Add imported figures to others, and decide which one counts where both have one.

    Parameters
    ----------
    table : DataFrame
        As `helpers.facts.load` returns it, without imports.
    imports : sequence of (DataFrame, bool)
        Tables of the same form, each with whether it is official: the ministry's own table.

    Returns
    -------
    DataFrame
        Same columns. The same value from two places is one row that cites both and is stated.
        Where values differ, the official one counts; what is not official gives way to what was
        accepted, and is disputed beside what was disputed. Two imports that are not official are
        both disputed where they differ by more than rounding, whatever their order. Official
        figures also displace what cannot hold beside them: bounds on a rank; means, extremes and
        counts over the provinces, once all their scores are official; a change in score or rank
        between two official years (with one official year it becomes disputed, since either of
        two others may be wrong).
        A row that gives way has the status ``displaced`` and a note that names what displaced it.
        What was rejected stays rejected. Two official tables that differ are left as they are,
        for `helpers.facts.load` to refuse.
    """
    rows = table.to_dict("records")
    standing: dict[tuple, list[dict]] = defaultdict(list)
    official_ids = set()
    for row in rows:
        if row["status"] in STANDING:
            standing[_figure_of(row)].append(row)
    for imported, official in sorted(imports, key=lambda one: not one[1]):
        for row in imported.to_dict("records"):
            if official:
                official_ids |= {word for word in row["sources"].split() if "import-" in word}
            others = standing[_figure_of(row)]
            if row["status"] != "accepted" or not (
                _outrank(row, others) if official else _give_way(row, others, official_ids)
            ):
                rows.append(row)
                others.append(row)
    of_ministry = [row for row in rows if _cites(row, official_ids)]
    _displace_bounds(of_ministry, standing)
    _displace_summaries(of_ministry, standing)
    _displace_changes(of_ministry, official_ids, standing)
    return pd.DataFrame(rows, columns=table.columns).astype(table.dtypes)


def join_sources(*ids: str) -> str:
    """Join lists of source ids into one, each id once, in the order of their first mention."""
    return " ".join(dict.fromkeys(" ".join(ids).split()))


def decimals(value: float | Decimal) -> int:
    """Decimals that a figure was written with, trailing zeros aside."""
    return len(f"{value:.6f}".rstrip("0").split(".")[1])


def rounding(measure: str, *values: float | Decimal) -> float:
    """How far two figures may be apart of which one may be the other rounded: 84.3294 and 84.33.

    As everywhere, 84.3 is 84.30: only what has more than two decimals is ever rounded to them.
    """
    coarser, finer = sorted(map(decimals, values))
    if finer <= 2 or measure in ("rank", "part_rank"):
        return 0.0
    return 0.5 * 10.0 ** -max(2, coarser)


# --- one figure from two places ------------------------------------------------------------


def _figure_of(row: dict, **other) -> tuple:
    return tuple(other.get(column, row[column]) for column in FIGURE)


def _cites(row: dict, ids: set[str]) -> bool:
    return row["status"] == "accepted" and not ids.isdisjoint(row["sources"].split())


def _outrank(row: dict, others: list[dict]) -> bool:
    """Let an official figure count; whether another row holds its value already."""
    same = _with_value_of(row, others)
    if same is None and any(
        other["status"] == "accepted" and "import-" in other["sources"] for other in others
    ):
        return False
    for other in others:
        if other is not same:
            _displace(other, f"{row['value']:g} of {row['sources']}")
    if same is not None:
        same |= {"status": "accepted", "derivation": ""}
        same["sources"] = join_sources(row["sources"], same["sources"])
    return same is not None


def _give_way(row: dict, others: list[dict], official_ids: set[str]) -> bool:
    """Let the other figures count before an imported one; whether one of them has its value."""
    same = _with_value_of(row, others)
    if same is not None:
        same["derivation"] = ""
        same["sources"] = join_sources(same["sources"], row["sources"])
        return True
    accepted = [other for other in others if other["status"] == "accepted"]
    if accepted and _is_of_imports(accepted[0], official_ids):
        _weigh(accepted[0], row)
    elif accepted:
        _displace(row, f"{accepted[0]['value']:g} of {accepted[0]['sources']}")
    elif any(other["status"] == "disputed" for other in others):
        row["status"] = "disputed"
    return False


def _is_of_imports(row: dict, official_ids: set[str]) -> bool:
    """Whether only imports that are not official say so."""
    ids = row["sources"].split()
    return all("import-" in source for source in ids) and official_ids.isdisjoint(ids)


def _weigh(one: dict, other: dict) -> None:
    """Settle two reprints: the finer figure counts, and neither where they are not the same."""
    coarser, finer = sorted((one, other), key=lambda row: decimals(row["value"]))
    apart = abs(finer["value"] - coarser["value"])
    if apart <= rounding(one["measure"], one["value"], other["value"]) + EXACT:
        _displace(coarser, f"{finer['value']:g} of {finer['sources']}")
        return
    for row, against in ((one, other), (other, one)):
        _mark(row, "disputed", f"differs from {against['value']:g} of {against['sources']}")


def _with_value_of(row: dict, others: list[dict]) -> dict | None:
    standing = (other for other in others if other["status"] in STANDING)
    return next((other for other in standing if other["value"] == row["value"]), None)


def _displace(row: dict, stronger: str) -> None:
    if row["status"] in STANDING:
        _mark(row, DISPLACED, f"displaced by {stronger}")


def _mark(row: dict, status: str, why: str) -> None:
    row |= {"status": status, "note": "; ".join(filter(None, [row["note"], why]))}


def _accepted(standing: dict[tuple, list[dict]], figure: tuple) -> dict | None:
    """The row that counts for a figure; None where there is none."""
    return next((row for row in standing.get(figure, ()) if row["status"] == "accepted"), None)


# --- what follows from official figures ----------------------------------------------------


def _displace_bounds(official: Iterable[dict], standing: dict[tuple, list[dict]]) -> None:
    for row in official:
        if row["measure"] == "rank":
            for measure, side in BOUNDS.items():
                for bound in standing.get(_figure_of(row, measure=measure), ()):
                    if side * (row["value"] - bound["value"]) < 0:
                        _displace(bound, f"rank {row['value']:g} of {row['sources']}")


def _displace_summaries(official: list[dict], standing: dict[tuple, list[dict]]) -> None:
    """Displace what is said of all provinces, or of a region, where the official scores differ."""
    tables: dict[tuple, dict[str, dict]] = defaultdict(dict)
    for row in official:
        if (row["unit_type"], row["measure"], row["part"]) == ("province", "score", ""):
            tables[row["index"], row["year"]][row["unit"]] = row
    for (index, year), rows in tables.items():
        if len(rows) < units.count(year):
            continue
        scores = pd.Series({unit: row["value"] for unit, row in rows.items()})
        ids = join_sources(
            *(s for row in rows.values() for s in row["sources"].split() if "import-" in s)
        )
        for (unit_type, unit, of_index, of_year, measure, part), others in standing.items():
            if (of_index, of_year) != (index, year) or unit_type not in ("national", "region"):
                continue
            members = _members(unit, year) if unit_type == "region" else list(scores.index)
            for other in others:
                if members and not _fits(scores[members], measure, part, other["value"]):
                    _displace(other, f"the {len(members)} scores of {ids}")


def _members(region: str, year: int) -> list[str]:
    """Provinces of a region; none where the merger has made the regions others than in data/."""
    if not units.same_list(year, None):
        return []
    table, code = units.provinces(), units.code(region, "region")
    return list(table["name"][table["region"] == code])


def _fits(scores: pd.Series, measure: str, part: str, value: float) -> bool:
    """Whether a figure on some provinces fits their scores, or is of something else."""
    if measure == "mean" and not part:
        rounded = min(0.5 * 10.0 ** -decimals(value), 0.05)
        return abs(scores.mean() - value) <= max(rounded, MEAN_ROUNDING) + EXACT
    if measure in ("max", "min", "median") and not part:
        return abs(scores.agg(measure) - value) <= MEAN_ROUNDING + EXACT
    if measure != "count":
        return True
    if (group := part.removeprefix("group_")) in GROUPS:
        return in_group(scores, group).sum() == value
    side, _, level = part.partition("_")
    if side not in ("above", "below") or not (level == "mean" or level.isdigit()):
        return True
    # Published means are rounded, so a score next to the mean may be counted on either side.
    ends = [scores.mean() + off for off in (-MEAN_ROUNDING, MEAN_ROUNDING)]
    ends = ends if level == "mean" else [float(level)]
    over = [int((scores >= end).sum()) for end in ends]
    counts = over if side == "above" else [len(scores) - n for n in over]
    return min(counts) <= value <= max(counts)


def _displace_changes(
    official: Iterable[dict], official_ids: set[str], standing: dict[tuple, list[dict]]
) -> None:
    """Displace, or dispute, the changes that two years' figures do not bear out."""
    for row in official:
        if row["measure"] not in ("score", "rank") or row["part"]:
            continue
        change, sign = ("change", 1) if row["measure"] == "score" else ("rank_change", -1)
        slack = CHANGE_ROUNDING if sign > 0 else 0
        for year in (row["year"], row["year"] + 1):
            later, earlier = (
                _accepted(standing, _figure_of(row, year=y)) for y in (year, year - 1)
            )
            stated = _accepted(standing, _figure_of(row, year=year, measure=change))
            if later is None or earlier is None or stated is None:
                continue
            if not units.same_list(year, year - 1):
                continue
            moved = sign * (later["value"] - earlier["value"])
            if abs(moved - stated["value"]) <= slack + EXACT or _cites(stated, official_ids):
                continue
            if _cites(later, official_ids) and _cites(earlier, official_ids):
                _displace(stated, f"{moved:+.4g} of {later['sources']} and {earlier['sources']}")
            else:
                why = f"does not fit {earlier['value']:g} and {later['value']:g}"
                _mark(stated, "disputed", why)
