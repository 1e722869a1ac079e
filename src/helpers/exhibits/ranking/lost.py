"""Where one province lost points."""

import pandas as pd
from great_tables import GT
from IPython.display import HTML

from helpers import facts, page, ranking, standing, wording
from helpers.citations import Citations
from helpers.exhibits import maxima
from helpers.language import _
from helpers.tables import typeset


def points_lost(figures: pd.DataFrame, unit: str, year: int, cite: Citations) -> HTML:
    """Points lost per part of the PAR INDEX, against the best and the median of the others."""
    points = facts.parts(figures, "PAR", year)
    own = points.reindex([unit]).loc[unit].dropna()
    told = {"year": year, "place": wording.place_of(unit, year)}
    if own.empty:
        text = _(
            "{year}: the points of {place} by part of the PAR INDEX have not been found, "
            "so where it lost points against others is not known."
        )
        return page.paragraphs(text.format(**told))
    pieces, most = [], standing.max_points(facts.schemes(), year)
    for split, parts in (("blocks", facts.BLOCKS), ("fields", facts.FIELDS)):
        chosen = [part for part in parts if part in own]
        if chosen:
            gains = ranking.points_to_gain(points[chosen], unit, most["max_points"])
            gains = gains.join(most["max_kind"])
            gains = gains[gains["measured_by"] != ""]
            marks = _marks(figures, gains, year, cite)
            pieces += [] if gains.empty else [_gain_table(gains, unit, year, split, marks)]
    if pieces:
        return page.stack(*pieces)
    text = _(
        "{year}: no other province has been found with the points by part that {place} has "
        "published, so they cannot be compared."
    )
    return page.paragraphs(text.format(**told))


def _marks(figures: pd.DataFrame, gains: pd.DataFrame, year: int, cite: Citations) -> list[str]:
    """Source marks of the best of each part; all others that the median uses are listed too."""
    rows = facts.select(
        figures, unit_type="province", index="PAR", year=year, measure="points"
    ).set_index(["part", "unit"])["sources"]
    marks = [
        cite(rows[part, best]) if isinstance(best, str) else ""
        for part, best in gains["best_unit"].items()
    ]
    page.cite_all(cite, rows[rows.index.get_level_values("part").isin(gains.index)])
    return marks


def _gain_table(gains: pd.DataFrame, unit: str, year: int, split: str, marks: list[str]) -> GT:
    gains = gains.reset_index()
    gains["name"] = gains["part"].map(wording.part)
    gains["most"] = maxima.marked(gains)
    for other in ("best", "median"):
        gains[f"to_{other}"] = -gains[f"behind_{other}"]
    gains["best_text"] = [
        wording.number(best) + (f" ({wording.unit_name(holder)}){mark}" if mark else "")
        for best, holder, mark in zip(gains["best"], gains["best_unit"], marks, strict=True)
    ]
    blocks = split == "blocks"
    columns = {
        "name": _("Part") if blocks else _("Field"),
        "points": _("Points won"),
        "most": _("Maximum"),
        "lost": _("Points lost (derived)"),
        "best_text": _("Best of the others"),
        "to_best": _("Against the best"),
        "median": _("Median of the others"),
        "to_median": _("Against the median"),
        "others": _("Number of others"),
    }
    shown = {c: told for c, told in columns.items() if c == "name" or gains[c].notna().any()}
    if gains["max_points"].isna().all():
        del shown["most"]
    written = ("name", "most", "best_text")
    notes = [
        _(
            "In order of the points still to be had: up to the maximum, or up to the best where "
            "the maximum is not known. The others: only the provinces with this part published, "
            "not representative of all. Differences and medians are derived."
        )
    ]
    if "lost" in shown:
        notes.append(_("Points lost = maximum of the part − points won."))
    notes += filter(None, [maxima.note(gains)])
    title = (
        _("Where {unit} lost points in the PAR INDEX {year}, by part")
        if blocks
        else _("Where {unit} lost points in the PAR INDEX {year}, by field")
    )
    return typeset(
        gains,
        shown,
        title=title.format(unit=wording.unit_name(unit), year=year),
        subtitle=_("Unit: points"),
        decimals={c: 0 if c == "others" else 2 for c in shown if c not in written},
        signed=("to_best", "to_median"),
        raw=("best_text",),
        right=tuple(c for c in ("most", "best_text") if c in shown),
        notes=tuple(notes),
    )
