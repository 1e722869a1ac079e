"""What was published about one index and year, as bounds on ranks, scores, slots and sums.

A slot is a place of the ranking: slot 1 holds the highest score, slot n the lowest. Every fact
keeps its sources and the lines it was read from, so that a contradiction can be traced to them.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd

from helpers import units as unit_names
from helpers.errors import CchcError
from helpers.facts import as_of
from helpers.language import _, pgettext
from helpers.precedence import CHANGE_ROUNDING, GROUPS, MEAN_ROUNDING, decimals
from helpers.validation import OBSERVATIONS

NOT_RANKED_FROM_2019 = ("Ủy ban Dân tộc", "Thanh tra Chính phủ")


class NotEnoughKnown(CchcError):
    """Nothing to complete a table from is published, or the ranked units are not known."""


class Bound(NamedTuple):
    """``low <= quantity <= high``; ``key`` is a unit, a slot (1 to n), or the members of a group.

    ``kind`` is "score" or "rank" of a unit, "slot" (the score in a slot), "sum" over all units,
    or "group", the sum over some units.
    """

    kind: str
    key: object
    low: float
    high: float


class Fact(NamedTuple):
    """A published fact (or a pair that only says something together) and what it implies.

    ``places`` are the files and lines that it was read from.
    """

    text: str
    sources: str
    places: tuple[tuple[str, int], ...]
    bounds: tuple[Bound, ...]

    @property
    def lines(self) -> tuple[int, ...]:
        """Lines alone, without their files."""
        return tuple(line for _file, line in self.places)

    @property
    def where(self) -> str:
        """Its places, file by file: observations.csv line 3, 8."""
        by_file: dict[str, list[str]] = defaultdict(list)
        for file, line in self.places:
            by_file[file].append(str(line))
        return "; ".join(f"{file} line {', '.join(lines)}" for file, lines in by_file.items())


class Figure(NamedTuple):
    """One published figure, or the range between disputed ones."""

    unit_type: str
    unit: str
    year: int
    measure: str
    part: str
    low: float
    high: float
    sources: str
    places: tuple[tuple[str, int], ...]


def roster(table: pd.DataFrame, index: str, year: int, unit_type: str) -> tuple[str, ...]:
    """Names of the units ranked that year, in the order of their file.

    All provinces are ranked in every year: 63 up to 2024, 34 from 2025 on; but a pilot, of some of
    them alone (`units.PILOTS`), is not completed. How many ministries are ranked follows from the
    figures: a rank 19 is published for each of 2012-2017 and there are 19 ministries; in 2020 and
    2023 all ranks from 1 to 17 are; in 2021 the 17th is the only one below 80; "15 of the 17 rose"
    in 2020 gives 17 of 2019, "10 rose and 7 fell" in 2023 gives 17 of 2022. Nothing settles 2018
    (18 or 19) and 2024.

    Raises
    ------
    NotEnoughKnown
        The ranked units of that year are not known, or nothing is published of that year.
    """
    if (index, year) in unit_names.PILOTS:
        raise NotEnoughKnown(
            _(
                "{index} {year} was a pilot in {n} provinces, so there is no ranking of all "
                "provinces to complete."
            ).format(index=index, year=year, n=unit_names.count(year, index))
        )
    here = (table["index"] == index) & (table["year"] == year)
    own = here & (table["unit_type"] == unit_type) & table["measure"].isin(["score", "rank"])
    mean = "mean" if unit_type == "province" else "ministry_mean"
    if not (own.any() or (here & (table["measure"] == mean)).any()):
        raise NotEnoughKnown(_nothing_published(table, index, year, unit_type))
    ranked = here & (table["measure"] == "rank") & (table["unit_type"] == unit_type)
    national = here & (table["unit_type"] == "national") & (table["measure"] != "respondents")
    if not (ranked.any() or national.any()):
        raise NotEnoughKnown(
            _(
                "{index} {year} has scores but no rank and no national figure, so it is not known "
                "how many units it covered."
            ).format(index=index, year=year)
        )
    if unit_type == "province":
        return tuple(unit_names.provinces(year)["name"])
    if unit_type != "ministry":
        message = _("Only provinces and ministries are ranked, not {unit_type}.")
        raise NotEnoughKnown(message.format(unit_type=repr(unit_type)))
    names = tuple(unit_names.ministries()["name"])
    if 2012 <= year <= 2017:
        return names
    if 2019 <= year <= 2023:
        return tuple(name for name in names if name not in NOT_RANKED_FROM_2019)
    raise NotEnoughKnown(
        _(
            "How many ministries were ranked in {year} is not published; give them as "
            "`roster_names`."
        ).format(year=year)
    )


def _nothing_published(table: pd.DataFrame, index: str, year: int, unit_type: str) -> str:
    known = table[(table["unit_type"] == unit_type) & table["measure"].isin(["score", "rank"])]
    years = ", ".join(f"{i} {y}" for (i, y), _rows in known.groupby(["index", "year"]))
    if unit_type == "ministry":
        message = _(
            "No score, rank or mean of the ministries is published for {index} {year}. "
            "There are: {years}."
        )
    else:
        message = _(
            "No score, rank or mean of the provinces is published for {index} {year}. "
            "There are: {years}."
        )
    return message.format(
        index=index, year=year, years=years or pgettext("years with figures", "none")
    )


def regions_of(year: int | None = None) -> dict[str, tuple[str, ...]]:
    """Members of each region, by the region's name.

    None from 2025 on: merged provinces lie in two regions of 2020, and a mean published since is
    of regions that data/ does not have.
    """
    if not unit_names.same_list(year, None):
        return {}
    names = unit_names.regions().set_index("region")["name"]
    provinces = unit_names.provinces()
    return {
        name: tuple(provinces.loc[provinces["region"] == key, "name"])
        for key, name in names.items()
    }


def gather(
    table: pd.DataFrame,
    index: str,
    year: int,
    unit_type: str,
    names: Sequence[str],
    regions: dict[str, tuple[str, ...]] | None = None,
) -> list[Fact]:
    """Facts of one index and year.

    Parameters
    ----------
    table : DataFrame
        The published figures, as `helpers.facts.load` returns them.
    names : sequence of str
        The ranked units.
    regions : dict, optional
        Members by region. With them the regional means are among the facts.

    Notes
    -----
    Accepted figures are taken as they are; of disputed ones the range between them, where nothing
    is accepted; a single disputed figure and rejected ones are left out. A neighbouring year
    counts where it has a published score of the same province, which it has not across the merger
    of 2025 unless the province was left as it was.
    """
    figures = read_figures(table, index, (year - 1, year, year + 1), unit_type, of_year=year)
    now = [figure for figure in figures if figure.year == year]
    n = len(names)
    facts = [*_unit_facts(now, set(names)), *_national_facts(now, n)]
    facts += _changes(figures, year, set(names))
    for earlier in (year - 1, year):
        facts += _directions(figures, earlier, year, n, names)
    if regions:
        facts += _region_facts(now, regions)
    return facts


def read_figures(
    table: pd.DataFrame,
    index: str,
    years: Iterable[int],
    unit_type: str,
    of_year: int | None = None,
) -> list[Figure]:
    """Read accepted figures and ranges of disputed ones; national ones named after the units.

    Parameters
    ----------
    of_year : int, optional
        Year whose provinces are meant; the first of `years` when left out. Of years with another
        list of provinces, only scores and their changes are read, of provinces that stayed the
        same: a rank or a count is among others there.
    """
    years = list(years)
    of_year = years[0] if of_year is None else of_year
    wanted = (table["index"] == index).to_numpy() & table["year"].isin(years).to_numpy()
    wanted &= table["unit_type"].isin([unit_type, "national", "region"]).to_numpy()
    wanted &= table["status"].isin(["accepted", "disputed"]).to_numpy()
    rows = table[wanted]
    if unit_type == "province" and not all(unit_names.same_list(y, of_year) for y in years):
        rows = _comparable(rows, of_year)
    disputed = defaultdict(list)
    settled, figures = set(), []
    for row in rows.itertuples(index=False):
        measure, part = _for_units(row.unit_type, row.measure, row.part, unit_type)
        if not measure:
            continue
        key = (row.unit_type, row.unit, row.year, measure, part)
        if row.status == "disputed":
            disputed[key].append(row)
            continue
        settled.add(key)
        figures.append(Figure(*key, row.value, row.value, row.sources, (_place(row),)))
    for key, rows in disputed.items():
        values = [row.value for row in rows]
        if key in settled or min(values) == max(values):
            continue
        sources = " ".join(row.sources for row in rows)
        places = tuple(map(_place, rows))
        figures.append(Figure(*key, min(values), max(values), sources, places))
    return figures


def _comparable(rows: pd.DataFrame, of_year: int) -> pd.DataFrame:
    here = rows["year"].map(lambda year: unit_names.same_list(year, of_year)).astype(bool)
    across = rows["measure"].isin(["score", "change", "direction"])
    across &= rows["unit_type"] == "province"
    return as_of(rows[here | across], of_year)


def _place(row) -> tuple[str, int]:
    return getattr(row, "file", OBSERVATIONS), row.line


def _for_units(row_type: str, measure: str, part: str, unit_type: str) -> tuple[str, str]:
    """Measure and part of a figure under the names for provinces; "" where it is of others."""
    if row_type != "national" or measure not in ("count", "ministry_mean", "mean"):
        of_provinces = row_type == "national" and measure in ("max", "min", "median")
        return ("", "") if of_provinces and unit_type != "province" else (measure, part)
    ministries = measure == "ministry_mean" or part.startswith("ministries_")
    if ministries != (unit_type == "ministry"):
        return "", ""
    return measure.removeprefix("ministry_"), part.removeprefix("ministries_")


def _fact(text: str, figures: Iterable[Figure], *bounds: Bound) -> Fact:
    """A fact that rests on some figures, each source and line named once."""
    figures = list(figures)
    sources = dict.fromkeys(word for figure in figures for word in figure.sources.split())
    places = dict.fromkeys(place for figure in figures for place in figure.places)
    return Fact(text, " ".join(sources), tuple(places), bounds)


def _shown(figure: Figure) -> str:
    value = f"{figure.low:g}" if figure.low == figure.high else f"{figure.low:g} to {figure.high:g}"
    words = [figure.unit, figure.measure, figure.part, value]
    return " ".join(word for word in words if word)


def _unit_facts(now: list[Figure], names: set[str]) -> list[Fact]:
    facts = []
    for figure in now:
        if figure.unit not in names:
            continue
        ends = {
            "score": ("score", figure.low, figure.high),
            "rank": ("rank", figure.low, figure.high),
            "rank_at_least": ("rank", figure.low, np.inf),
            "rank_at_most": ("rank", -np.inf, figure.high),
        }.get(figure.measure)
        if ends:
            quantity, low, high = ends
            facts.append(_fact(_shown(figure), [figure], Bound(quantity, figure.unit, low, high)))
    return facts


def _national_facts(now: list[Figure], n: int) -> list[Fact]:
    """Mean, extremes, median, and counts above and below thresholds, as bounds on slots."""
    national = [figure for figure in now if figure.unit_type == "national"]
    means = [figure for figure in national if figure.measure == "mean"]
    facts = []
    for figure in national:
        if figure.measure == "mean":
            ends = (n * (figure.low - MEAN_ROUNDING), n * (figure.high + MEAN_ROUNDING))
            facts.append(_fact(_shown(figure), [figure], Bound("sum", None, *ends)))
        slots = {"max": (1,), "min": (n,), "median": ((n + 1) // 2,) if n % 2 else ()}
        for slot in slots.get(figure.measure, ()):
            bound = Bound("slot", slot, figure.low, figure.high)
            facts.append(_fact(_shown(figure), [figure], bound))
        if figure.measure == "count" and figure.part == "above_mean":
            for mean in means:
                low, high = mean.low - MEAN_ROUNDING, mean.high + MEAN_ROUNDING
                text = f"{_shown(figure)} (mean {mean.low:g})"
                bounds = _divide(figure.low, figure.high, n, low, high)
                facts.append(_fact(text, [figure, mean], *bounds))
        threshold = re.fullmatch(r"(above|below)_(\d+)", figure.part)
        if figure.measure == "count" and threshold:
            low, high = figure.low, figure.high
            if threshold[1] == "below":
                low, high = n - high, n - low
            level = float(threshold[2])
            facts.append(_fact(_shown(figure), [figure], *_divide(low, high, n, level, level)))
    return facts + _group_facts(national, n)


def _group_facts(national: list[Figure], n: int) -> list[Fact]:
    """Groups A, B, C from the top: each counts only with all groups above it."""
    facts, above, total = [], [], 0.0
    for group, (level, _high) in GROUPS.items():
        found = [f for f in national if f.part == f"group_{group}" and f.low == f.high]
        if not found:
            break
        above.append(found[0])
        total += found[0].low
        text = " + ".join(_shown(figure) for figure in above)
        facts.append(_fact(text, above, *_divide(total, total, n, float(level), float(level))))
    return facts


def _divide(fewest: float, most: float, n: int, low: float, high: float) -> list[Bound]:
    """Between ``fewest`` and ``most`` units are above a level known to lie in [low, high]."""
    bounds = []
    if fewest > n or most < 0:
        bounds.append(Bound("slot", 1, np.inf, -np.inf))
    if 1 <= fewest <= n:
        bounds.append(Bound("slot", int(fewest), low, np.inf))
    if 0 <= most < n:
        bounds.append(Bound("slot", int(most) + 1, -np.inf, high))
    return bounds


def _region_facts(now: list[Figure], regions: dict[str, tuple[str, ...]]) -> list[Fact]:
    """Regional means, each to the last decimal it is given with: 88.2 may be 88.15 or 88.25."""
    facts = []
    for figure in now:
        members = regions.get(figure.unit) if figure.unit_type == "region" else None
        if members and figure.measure == "mean":
            rounding = max(0.5 * 10.0 ** -decimals(end) for end in (figure.low, figure.high))
            ends = (figure.low - rounding, figure.high + rounding)
            bound = Bound("group", members, *(len(members) * end for end in ends))
            facts.append(_fact(_shown(figure), [figure], bound))
    return facts


# --- neighbouring years --------------------------------------------------------------------


def _by_unit(figures: list[Figure], measure: str, year: int) -> dict[str, Figure]:
    found = [f for f in figures if f.measure == measure and f.year == year]
    return {f.unit: f for f in found if f.unit_type in ("province", "ministry")}


def _changes(figures: list[Figure], year: int, names: set[str]) -> list[Fact]:
    """Scores and ranks of this year from a published change and the other year's figure.

    The sum is taken as exact where this year has no figure of its own, as a check within rounding
    where it has one.
    """
    facts = []
    for measure, change, sign, rounding in (
        ("score", "change", 1, CHANGE_ROUNDING),
        ("rank", "rank_change", -1, 0.0),
    ):
        own = _by_unit(figures, measure, year)
        for later in (year, year + 1):
            other = _by_unit(figures, measure, year - 1 if later == year else year + 1)
            step = sign if later == year else -sign
            for unit, moved in _by_unit(figures, change, later).items():
                if unit not in other or unit not in names:
                    continue
                base = other[unit]
                slack = rounding if unit in own else 0.0
                low, high = base.low + step * moved.low, base.high + step * moved.low
                text = f"{_shown(moved)} ({later}) and {measure} {base.low:g} ({base.year})"
                # Rounded: binary arithmetic adds to a sum of two decimal figures.
                bound = Bound(measure, unit, round(low - slack, 9), round(high + slack, 9))
                facts.append(_fact(text, [moved, base], bound))
    return facts


def _directions(
    figures: list[Figure], earlier: int, year: int, n: int, names: Sequence[str]
) -> list[Fact]:
    """Who rose and who fell between two years bounds the score of ``year``, one of the two."""
    later = earlier + 1
    before, after = _by_unit(figures, "score", earlier), _by_unit(figures, "score", later)
    own, other = (after, before) if year == later else (before, after)
    facts = []
    moves = _stated_moves(figures, before, after, later, names)
    moves |= _the_others(figures, moves, later, n, names)
    for unit, (sign, why) in moves.items():
        stated = any(figure.measure == "direction" for figure in why)
        if unit not in other or (unit in own and not stated):
            continue
        # The later score is at least (sign 1) or at most (sign -1) the earlier one.
        at_least = (sign > 0) == (year == later)
        low, high = (other[unit].low, np.inf) if at_least else (-np.inf, other[unit].high)
        word = "did not fall" if sign > 0 else "did not rise"
        text = f"{unit} {word} in {later}; its {other[unit].year} score is {other[unit].low:g}"
        facts.append(_fact(text, [*why, other[unit]], Bound("score", unit, low, high)))
    return facts


def _stated_moves(figures, before, after, later, names) -> dict[str, tuple[int, list[Figure]]]:
    """Sign of the change of each unit where it is stated or seen, and the figures that say so."""
    moves: dict[str, tuple[int, list[Figure]]] = {}
    for unit, figure in _by_unit(figures, "direction", later).items():
        moves[unit] = (int(np.sign(figure.low)), [figure])
    for unit, figure in _by_unit(figures, "change", later).items():
        moves.setdefault(unit, (int(np.sign(figure.low)), [figure]))
    for unit in before.keys() & after.keys():
        if after[unit].high < before[unit].low:
            moves.setdefault(unit, (-1, [before[unit], after[unit]]))
        elif after[unit].low > before[unit].high:
            moves.setdefault(unit, (1, [before[unit], after[unit]]))
    return {unit: moves[unit] for unit in names if unit in moves}


def _the_others(figures, moves, later, n, names) -> dict[str, tuple[int, list[Figure]]]:
    """Where everyone counted as fallen (risen) is known, the others did not fall (rise)."""
    for part, sign in (("decreased", -1), ("increased", 1)):
        counts = [f for f in figures if f.measure == "count" and f.part == part and f.year == later]
        with_sign = [unit for unit, (move, _) in moves.items() if move == sign]
        without = [unit for unit, (move, _) in moves.items() if move == -sign]
        for count in counts:
            for known, total, implied in (
                (with_sign, count.low, -sign),
                (without, n - count.low, sign),
            ):
                if total > 0 and len(known) == total:
                    why = [count] + [f for unit in known for f in moves[unit][1]]
                    return {unit: (implied, why) for unit in names if unit not in moves}
    return {}


class Tie(NamedTuple):
    """A fact on two years that bounds no single figure, since both years are open.

    Of a unit: ``low <= this year's score (slot) - that of the year before <= high``. Of nobody:
    between ``low`` and ``high`` units have more (or less) than the year before.
    """

    text: str
    unit: int | None
    of_ranks: bool
    more: bool
    low: float
    high: float


def ties(table: pd.DataFrame, index: str, year: int, names: Sequence[str]) -> list[Tie]:
    """Facts on the provinces of a year and the year before that `gather` does not turn into bounds.

    Directions, changes and changes of rank of units of which neither year is known, and how many
    rose or fell, in score and in rank.
    """
    figures = read_figures(table, index, (year - 1, year), "province", of_year=year)
    n, place = len(names), {unit: number for number, unit in enumerate(names)}
    before, after = (_by_unit(figures, "score", one) for one in (year - 1, year))
    found = []
    stated = _stated_moves(figures, before, after, year, names)
    changes = _by_unit(figures, "change", year)
    others = _the_others(figures, stated, year, n, names)
    for unit, (sign, why) in (stated | others).items():
        if unit in before and unit in after:
            continue
        if unit in changes:
            low, high = changes[unit].low - CHANGE_ROUNDING, changes[unit].high + CHANGE_ROUNDING
        else:
            low, high = (0.0, np.inf) if sign > 0 else (-np.inf, 0.0)
        found.append(Tie(_shown(why[0]), place[unit], False, True, low, high))
    ranked = [_by_unit(figures, "rank", one) for one in (year - 1, year)]
    for unit, moved in _by_unit(figures, "rank_change", year).items():
        if unit in place and not all(unit in known for known in ranked):
            found.append(Tie(_shown(moved), place[unit], True, True, -moved.high, -moved.low))
    if not others:
        found += _counted(figures, year, n)
    return found


def _counted(figures: list[Figure], year: int, n: int) -> list[Tie]:
    """How many rose: between those said to have risen and all but those said to have fallen."""
    parts = {
        figure.part: figure
        for figure in figures
        if figure.measure == "count" and figure.year == year and figure.low == figure.high
    }
    found = []
    for up, down, of_ranks in (("increased", "decreased", False), ("rank_up", "rank_down", True)):
        rose, fell = parts.get(up), parts.get(down)
        known = [one for one in (rose, fell) if one]
        if of_ranks:
            # A slot is counted from the best, so that who rose has less.
            for one in known:
                found.append(Tie(_shown(one), None, True, one is fell, one.low, one.low))
        elif known:
            ends = [one.low if one is rose else n - one.low for one in known]
            found.append(Tie(_shown(known[0]), None, False, True, min(ends), max(ends)))
    return found
