"""Hold the figures of a table against what is published: of its year, and of the years before."""

import math
import shutil
import tempfile
from decimal import Decimal
from pathlib import Path

import pandas as pd
from scipy import stats

from helpers import completion, facts, units
from helpers.importing.numbers import half, plain
from helpers.importing.shapes import Refused, figure_name, several
from helpers.importing.writing import Files
from helpers.precedence import BOUNDS, EXACT, rounding
from helpers.validation import IMPORTS, BadData

# Fewer figures in common say little of a whole table.
LEAST_COMPARED = 5
# So far a derived figure may be off, by the rounding of what it was worked out from.
HUNDREDTH = 0.01
DIFFERENCES = ["unit", "figure", "published", "kind", "sources", "yours", "difference"]
# Ranks of one year and the next correlate by 0.63 (SIPAS 2021-2022) to 0.97 as far as published;
# with the merger of 2025 between them, less is expected.
LEAST_CORRELATION = 0.5
# The national mean fell by 10.5 points with the scheme of 2016, and by less in all other years.
FARTHEST_MEAN = 15
# The order is compared where so large a share of the units is there.
MOST_UNITS = 0.8
# Ranks older than this tell little of a year.
YEARS_BACK = 5


def of(figures: pd.DataFrame, measure: str, part: str = "") -> pd.DataFrame:
    """Give the figures of one measure and part."""
    return figures[(figures["measure"] == measure) & (figures["part"] == part)]


# --- of the same year ----------------------------------------------------------------------


def against(rows: pd.DataFrame, year: int, other: Decimal, whose: str) -> list[str]:
    """Say that the mean of all units is not another's, where rounding does not explain it."""
    values = rows["value"]
    if len(values) < units.count(year):
        return []
    mean = values.sum() / len(values)
    if abs(mean - other) <= half(values) + half([other]):
        return []
    return [
        f"the mean is {plain(mean.quantize(Decimal('0.0001')))}, and {whose} has {plain(other)}"
    ]


def against_mean(
    figures: pd.DataFrame, published: pd.DataFrame, index: str, year: int
) -> list[str]:
    """Hold the mean of the scores of all units against the published one."""
    told = []
    where = {"unit_type": "national", "index": index, "year": year, "measure": "mean"}
    for row in facts.select(published, **where).itertuples():
        whose = f"the published national mean ({row.sources})"
        told += against(of(figures, "score"), year, Decimal(f"{row.value:.10g}"), whose)
    return told


def differences(
    figures: pd.DataFrame, published: pd.DataFrame, index: str, year: int
) -> pd.DataFrame:
    """Give the figures that differ from the accepted ones by more than rounding.

    Returns
    -------
    DataFrame
        With the columns `DIFFERENCES`, a row per figure.
    """
    provinces = facts.select(published, unit_type="province", index=index, year=year)
    rows = []
    for row in figures.merge(provinces, on="unit", suffixes=("", "_published")).itertuples():
        known, kind = Decimal(f"{row.value_published:.10g}"), facts.kind(row.derivation_published)
        off, figure = row.value - known, figure_name(row.measure_published, row.part_published)
        if (row.measure, row.part) == (row.measure_published, row.part_published):
            allowed = rounding(row.measure, row.value, known) + HUNDREDTH * (kind == "derived")
            differs = abs(off) > allowed + EXACT
        else:
            differs = row.measure == "rank" and BOUNDS.get(row.measure_published, 0) * off < 0
        if differs:
            written = f"{off:+f}".rstrip("0").rstrip(".")
            found = [plain(known), kind, row.sources, plain(row.value), written]
            rows.append([row.unit, figure, *found])
    return pd.DataFrame(rows, columns=DIFFERENCES)


def of_other_year(
    figures: pd.DataFrame, published: pd.DataFrame, index: str, year: int, differing: int
) -> list[str]:
    """Say of figures most of which are not those of their year of which year they are.

    Of a year of which little is published, scores are refused that are those of another year;
    ranks do not tell there, since a province often keeps its rank.
    """
    keys = ["unit", "measure", "part"]
    provinces = facts.select(published, unit_type="province")
    both = figures.merge(provinces, on=keys, suffixes=("", "_published"))
    both["same"] = both["value"].astype(float) == both["value_published"]
    compared = int(((both["index"] == index) & (both["year"] == year)).sum())
    unknown = compared < LEAST_COMPARED
    if not unknown and differing <= compared / 2:
        return []
    told = f"{differing} figures differ from the {compared} that are published for {index} {year}"
    if unknown:
        told = f"too few figures are published for {index} {year} to compare these with"
        both = both[both["measure"] == "score"]
    counts = both.groupby(["index", "year"])["same"].agg(["size", "sum"])
    most = counts[(counts["size"] >= LEAST_COMPARED) & (counts["sum"] > counts["size"] / 2)]
    if most.empty:
        return [] if unknown else [f"{told}; are index and year right?"]
    (other, when), (size, same) = most.index[0], most.iloc[0]
    return [f"{told}; {same} of {size} are those of {other} {when}"]


# --- of the years before -------------------------------------------------------------------


def far_from_before(
    figures: pd.DataFrame, published: pd.DataFrame, index: str, year: int
) -> list[str]:
    """Say how scores and ranks fit those of the years before, where they fit so poorly that they
    may be of another index.

    A unit is expected where it was when last known, within `YEARS_BACK` years of the last year
    before this one of which anything is known (the first after it, where there is none before); a
    merged one where those that it is made of were on average. Two things are held against that:
    the mean of scores, which may be `FARTHEST_MEAN` off, and the order. Of tables whose rank
    correlation is `LEAST_CORRELATION`, one in a hundred lies below the bound (the variance of its
    arc tangent is 1.06 / (n - 3): Fieller, Hartley and Pearson 1957).
    """
    rows = facts.select(published, unit_type="province", index=index)
    rows = rows[rows["measure"].isin(["score", "rank"])]
    years = sorted(set(rows["year"]) - {year})
    near = max((y for y in years if y < year), default=min(years, default=None))
    # Nothing says what became of one of the 34 in the years when there were 63.
    if (
        near is None
        or abs(near - year) > YEARS_BACK
        or (near > year and not units.same_list(near, year))
    ):
        return []
    told = []
    scores = of(figures, "score").set_index("unit")["value"].astype(float)
    both = _expected(rows, "score", near, year).reindex(scores.index).dropna()
    if len(both) >= LEAST_COMPARED:
        off = float(scores[both.index].mean() - both.mean())
        if abs(off) > FARTHEST_MEAN:
            told.append(
                f"the scores are on average {abs(off):.1f} points "
                f"{'above' if off > 0 else 'below'} those of {near} ({len(both)} provinces "
                f"compared), and at most {FARTHEST_MEAN} are to be expected"
            )
    ranks = of(figures, "rank").set_index("unit")["value"].astype(float)
    order = ranks if len(ranks) >= len(scores) else -scores
    both = _expected(rows, "rank", near, year).reindex(order.index).dropna()
    # Among the first ten alone, the order of one year tells little of that of the next.
    whole = len(order) >= MOST_UNITS * units.count(year)
    if whole and len(both) >= 2 * LEAST_COMPARED and order[both.index].nunique() > 1:
        found = stats.spearmanr(order[both.index], both).statistic
        bound = math.tanh(math.atanh(LEAST_CORRELATION) - 2.326 * math.sqrt(1.06 / (len(both) - 3)))
        if found < bound:
            told.append(
                f"the order of the provinces is not that of the years before: the rank "
                f"correlation with {near} is {found:.2f} ({len(both)} provinces compared), and "
                f"{bound:.2f} is the least to be expected"
            )
    if_so = "Is it this index? If it is, and the ministry has changed how it scores: --new-scoring"
    return [f"{line}. {if_so}" for line in told]


def _expected(rows: pd.DataFrame, measure: str, near: int, year: int) -> pd.Series:
    """Score or rank (as a share of the units) that each unit of a year had when last known."""
    sign = 1 if near < year else -1
    age = (near - rows["year"]) * sign
    of_list = rows["year"].map(lambda when: units.same_list(when, near))
    rows = rows[(rows["measure"] == measure) & age.between(0, YEARS_BACK) & of_list]
    values = rows["value"] / (rows["year"].map(units.count) if measure == "rank" else 1)
    by_age = rows.assign(value=values).sort_values("year", ascending=sign > 0)
    same, now = units.same_list(near, year), units.provinces(year)["name"]
    part_of = {old: unit for unit in now for old in ([unit] if same else units.members(unit, year))}
    return by_age.groupby("unit")["value"].last().groupby(part_of).mean()


# --- all figures together ------------------------------------------------------------------


def check(made: Files, folder: Path, index: str, year: int) -> None:
    """Load the figures of a folder with the import among them, and see whether all can hold.

    Parameters
    ----------
    made : Files
        The import; nothing is written into ``folder``.
    folder : Path
        Folder of the data files.
    index, year
        What the import is of.

    Raises
    ------
    Refused
        The figures would no longer be sound, or no table of all units would fit them.
    """
    with tempfile.TemporaryDirectory() as scratch:
        copy = Path(shutil.copytree(folder, Path(scratch) / "data"))
        facts.imports_dir(copy).mkdir(exist_ok=True)
        for path, content in made.contents(copy):
            path.write_bytes(content)
        try:
            table = facts.load(copy)
        except BadData as error:
            raise Refused(f"Among the other figures it cannot be taken. {error}") from error
    broken = []
    for near in (year - 1, year, year + 1):  # changes tie a year to those before and after it
        try:
            completion.check(table, index, near)
        except completion.NotEnoughKnown:
            continue
        except completion.InconsistentFacts as error:
            broken += error.facts
    own = f"{IMPORTS}/{made.stem}.csv"
    others = [fact for fact in broken if own not in [file for file, _line in fact.places]]
    if broken:
        raise several(
            "No table of all units fits both these figures and the published facts below. Where "
            "such a fact is a slip, give it the status rejected in data/observations.csv; else "
            "mend the table.",
            [f"{fact.text} [{fact.sources}; {fact.where}]" for fact in others or broken],
        )
