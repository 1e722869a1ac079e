"""Parts of the PAR INDEX of one province, in words."""

import pandas as pd

from helpers import facts, wording
from helpers.language import N_, _

HUNDREDTH = 0.01
# Of `points_to_gain` in the notebook, with ``max_kind`` of `helpers.standing.max_points`, and
# ``full``: the maximum, or the best of the others where it is not known.
COLUMNS = [
    "points", "max_points", "lost", "others", "best", "best_unit", "median", "to_gain",
    "measured_by", "max_kind", "full",
]  # fmt: skip
# How each maximum was inferred: as in data/scoring_schemes.csv, and in `standing.max_points`.
INFERRED = {
    "managers_survey": N_("the surveyed parts together less the satisfaction index"),
    "satisfaction": N_("the points published are about a tenth of SIPAS"),
    "impact": N_("100 points less the seven other fields"),
}


def in_words(points: pd.DataFrame, gains: pd.DataFrame) -> pd.DataFrame:
    """Write each part in each year, and what there is to compare it with in the year of the report.

    Parameters
    ----------
    points : DataFrame
        A row per year and part: `helpers.standing.parts` of every year, without its sums.
    gains : DataFrame
        A row per part, of the columns `COLUMNS`.

    Returns
    -------
    DataFrame
        Texts by part, in the official order: a column per year, the latest first, then
        ``max_points``, ``best`` and ``median``, as far as they are known.
    """
    told = points.assign(told=[_written(row) for _row, row in points.iterrows()])
    wide = told.pivot(index="part", columns="year", values="told").sort_index(axis=1).iloc[:, ::-1]
    order = [*facts.FIELDS, *facts.BLOCKS, "survey"]
    wide = wide.loc[sorted(wide.index, key=order.index)].rename(columns=str)
    holders = gains["best_unit"].map(wording.unit_name, na_action="ignore").astype(object)
    derived = gains["max_kind"].map({"derived": wording.DERIVED})
    marks = {"max_points": derived.fillna(""), "best": (" (" + holders + ")").fillna("")}
    for key in ("max_points", "best", "median"):
        if gains[key].notna().any():
            written = gains[key].map(wording.number, na_action="ignore")
            wide[key] = written + marks.get(key, "")
    return wide.fillna(wording.MISSING).rename_axis(columns=None)


def _written(row: pd.Series) -> str:
    """Write what is known of a part in a year: its points, else its share, and its rank."""
    told = [_figure(row, measure) for measure in _measures(row)]
    return " ".join([*told[:1], *(f"({rank})" for rank in told[1:])]) or wording.MISSING


def _measures(row: pd.Series) -> list[str]:
    known = [m for m in ("points", "percent", "part_rank") if pd.notna(row[m])]
    return [m for m in known if m != "percent" or "points" not in known]


def _figure(row: pd.Series, measure: str) -> str:
    if measure == "part_rank":
        told = _("rank {rank}").format(rank=wording.whole(row[measure]))
    else:
        told = wording.number(row[measure]) + ("%" if measure == "percent" else "")
    return told + (wording.DERIVED if _is_derived(row, measure) else "")


def _is_derived(row: pd.Series, measure: str) -> bool:
    return facts.kind(row[f"{measure}_derivation"]) == "derived"


def notes(points: pd.DataFrame, gains: pd.DataFrame, figures: pd.DataFrame, unit: str) -> list[str]:
    """Say what is derived in the table, who the others are, and what does not add up."""
    told = []
    how = [
        (
            f"{wording.part(row['part'])} ({row['year']})",
            # Derivations of shares, as "2023 94.66 - 2.21", do not say what they are of.
            ("percent" if measure == "percent" else "") + row[f"{measure}_derivation"],
        )
        for _row, row in points.iterrows()
        for measure in _measures(row)
        if _is_derived(row, measure)
    ]
    told += [wording.derived_note(how)] if how else []
    inferred = [
        _("“{part}”: {how}").format(part=wording.part(part), how=_(INFERRED[part]))
        for part in gains.index[gains["max_kind"] == "derived"]
    ]
    if inferred:
        text = _("* The maximum is derived. {parts}.")
        told.append(text.format(parts="; ".join(inferred)))
    if gains["best"].notna().any():
        text = _("The others: at most {n} provinces that have this part published.")
        told.append(text.format(n=wording.whole(gains["others"].max())))
    for year, own in points.groupby("year"):
        missed = _added_up(own, facts.figure(figures, unit, "PAR", int(year), "score"))
        told += [f"{year}: {missed}"] if missed else []
    return told


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
