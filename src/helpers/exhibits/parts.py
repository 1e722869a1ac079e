"""Parts of the PAR INDEX of one province: where its points are to be had, and all its years."""

import textwrap

import pandas as pd
import seaborn as sns
from great_tables import GT
from IPython.display import HTML
from matplotlib.axes import Axes

from helpers import facts, page, ranking, standing, wording
from helpers.charts import drawing
from helpers.citations import Citations
from helpers.exhibits import maxima
from helpers.language import _
from helpers.tables import typeset

HUNDREDTH = 0.01
COLUMNS = [
    "points", "max_points", "lost", "others", "best", "best_unit", "median", "behind_best",
    "behind_median", "to_gain", "measured_by", "max_kind", "full",
]  # fmt: skip
WIDE = 34  # letters of a part's name in one line
WHO = {
    "points": drawing.HIGHLIGHT,
    "median": drawing.ESTIMATED,
    "best": drawing.PUBLISHED,
}
LABELS = {
    "points": ("địa phương này", "this province"),
    "median": ("trung vị nơi khác", "median of the others"),
    "best": ("cao nhất nơi khác", "best of the others"),
    "part": ("Thành phần", "Part"),
    "who": "",
    "lost": ("Điểm chưa đạt", "Points lost"),
}


def gains(figures: pd.DataFrame, unit: str, year: int) -> pd.DataFrame:
    """Parts of a province with a published maximum or another province to set them against.

    Fields where there are some, else blocks: both split the same points.

    Returns
    -------
    DataFrame
        As given by `helpers.ranking.points_to_gain`, with ``max_kind``, and ``full``: the maximum,
        or the best of the others where it is not known. Empty where nothing can be compared.
    """
    points, most = facts.parts(figures, "PAR", year), standing.max_points(facts.schemes(), year)
    own = points.reindex([unit]).loc[unit].dropna()
    for split in (facts.FIELDS, facts.BLOCKS):
        chosen = [part for part in split if part in own]
        if chosen:
            found = ranking.points_to_gain(points[chosen], unit, most["max_points"])
            found = found.join(most["max_kind"])[lambda frame: frame["measured_by"] != ""]
            if not found.empty:
                return found.assign(full=found["max_points"].fillna(found["best"]))
    return pd.DataFrame(columns=COLUMNS, index=pd.Index([], name="part"))


def name_rows(ax: Axes, parts: pd.Index) -> None:
    """Give a chart with a row per part its height, the names of the rows, and a legend above."""
    ax.figure.set_figheight(1 + 0.5 * len(parts))
    names = [textwrap.fill(wording.part(part), WIDE) for part in parts]
    ax.set_yticks(range(len(parts)), names)
    ax.set(ylim=(len(parts) - 0.5, -0.5), xlim=(min(0, ax.get_xlim()[0]), None), ylabel=None)
    sns.move_legend(ax, "lower left", bbox_to_anchor=(0, 1), ncols=len(WHO), title=None)


def cite_gains(
    figures: pd.DataFrame, gains: pd.DataFrame, unit: str, year: int, cite: Citations
) -> str:
    """Marks of the sources of everything that the gains rest on."""
    rows = facts.select(
        figures, unit_type="province", index="PAR", year=year, measure="points"
    ).query("part in @gains.index")
    own = rows.loc[rows["unit"] == unit, "sources"]
    page.cite_all(cite, rows["sources"])
    return cite(own)


def by_year(figures: pd.DataFrame, unit: str, year: int) -> pd.DataFrame:
    """All published years of a province's parts.

    Returns
    -------
    DataFrame
        A row per year and part, latest year first: ``year``, ``part`` and the columns of
        `helpers.standing.parts`, without its sums.
    """
    figures = facts.as_of(figures, year)
    found = {
        published: standing.parts(figures, facts.schemes(), unit, published).drop(
            index=list(standing.SUMS), errors="ignore"
        )
        for published in standing.years_with_parts(figures, unit, year)
    }
    if not found:
        return pd.DataFrame(columns=["year", "part", "points", "percent", "part_rank", "sources"])
    return pd.concat(found, names=["year"]).reset_index()


def parts_table(
    parts: pd.DataFrame,
    gains: pd.DataFrame,
    figures: pd.DataFrame,
    unit: str,
    year: int,
    cite: Citations,
) -> GT | HTML:
    """Show each part in each year and, for the year of the report, what there is to compare with.

    Parameters
    ----------
    parts, gains : DataFrame
        As given by `by_year` and `gains`; nothing is shown where `parts` is empty.
    """
    if parts.empty:
        return page.paragraphs()
    wide = parts.assign(told=[_told(row) for _row, row in parts.iterrows()])
    years = sorted(parts["year"].unique(), reverse=True)
    wide = wide.pivot(index="part", columns="year", values="told")[years]
    wide.columns = [f"y{one}" for one in years]
    order = [*facts.FIELDS, *facts.BLOCKS, "survey"]
    wide = wide.loc[sorted(wide.index, key=order.index)].fillna(wording.MISSING)
    columns = {"name": _("Part")} | {f"y{one}": str(one) for one in years}
    for key, name in _comparisons(gains, year).items():
        columns[key] = name
        wide[key] = _compared(gains, key).reindex(wide.index).fillna(wording.MISSING)
    wide["name"] = wide.index.map(wording.part)
    wide["cited"] = parts.groupby("part")["sources"].agg(cite).reindex(wide.index)
    return typeset(
        wide.reset_index(),
        columns | {"cited": _("Sources")},
        title=_("Parts of the PAR INDEX of {unit} by year").format(unit=wording.unit_name(unit)),
        subtitle=_("Unit: points; % where only the share of the maximum is known"),
        right=tuple(column for column in columns if column != "name"),
        raw=("cited",),
        notes=tuple(_notes(parts, gains, figures, unit)),
    )


def _told(row: pd.Series) -> str:
    """Write what is known of a part in a year: its points, else its share, and its rank."""
    told = wording.MISSING
    if pd.notna(row["points"]):
        told = wording.number(row["points"]) + (
            wording.DERIVED if row["points_kind"] == "derived" else ""
        )
    elif pd.notna(row["percent"]):
        told = f"{wording.number(row['percent'])}%"
    if pd.isna(row["part_rank"]):
        return told
    rank = _("rank {rank}").format(rank=wording.whole(row["part_rank"]))
    return rank if told == wording.MISSING else f"{told} ({rank})"


def _comparisons(gains: pd.DataFrame, year: int) -> dict[str, str]:
    """Name the columns to compare with, as far as there is something in them."""
    names = {
        "max_points": _("Maximum {year}"),
        "best": _("Best of the others {year}"),
        "median": _("Median of the others {year}"),
    }
    return {key: text.format(year=year) for key, text in names.items() if gains[key].notna().any()}


def _compared(gains: pd.DataFrame, key: str) -> pd.Series:
    if key == "max_points":
        return pd.Series(maxima.marked(gains), gains.index)
    texts = gains[key].map(wording.number)
    if key == "median":
        return texts
    holders = gains["best_unit"].map(wording.unit_name, na_action="ignore")
    return texts.where(holders.isna(), texts + " (" + holders.fillna("").astype(str) + ")")


def _notes(parts: pd.DataFrame, gains: pd.DataFrame, figures: pd.DataFrame, unit: str) -> list[str]:
    """Say what is derived in the table, who the others are, and what does not add up."""
    notes = []
    if (parts["points_kind"] == "derived").any():
        notes.append(_("* Points derived: the maximum less the points lost that a source states."))
    notes.append(maxima.note(gains.reset_index()))
    if gains["best"].notna().any():
        text = _("The others: at most {n} provinces that have this part published.")
        notes.append(text.format(n=wording.whole(gains["others"].max())))
    for year, own in parts.groupby("year"):
        missed = _added_up(own, facts.figure(figures, unit, "PAR", int(year), "score"))
        notes.append(f"{year}: {missed}" if missed else "")
    return [text for text in notes if text]


def _added_up(parts: pd.DataFrame, score: pd.Series | None) -> str:
    """Say by how much the parts miss the score where that can be rounding; "" elsewhere."""
    for split in (facts.FIELDS, facts.BLOCKS):
        points = parts.set_index("part")["points"].reindex(split)
        if score is None or points.isna().any():
            continue
        total = round(points.sum(), 2)
        miss = round(abs(total - score["value"]), 4)
        # Each part and the score may be off by half of its last decimal.
        if HUNDREDTH / 2 <= miss <= HUNDREDTH / 2 * (len(points) + 1):
            return _(
                "The parts add up to {total}, the score is {score}: a difference of {miss}, due to "
                "rounding."
            ).format(
                total=wording.number(total),
                score=wording.number(score["value"]),
                miss=wording.number(miss),
            )
    return ""
