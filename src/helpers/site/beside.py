"""Links from the report on a province to its comparison with the provinces beside it.

That page is there with every run, and leads on to the reports that are.
"""

from helpers import collation, facts, language, notebooks, standing, units, wording
from helpers.language import _


def links(unit: str, year: int) -> list[tuple[str, list[dict]]]:
    """Give rows of links: next to it by rank in each index, in its region, and by name.

    Parameters
    ----------
    unit : str
        A province of that year, as `helpers.units.resolve` gives it.

    Returns
    -------
    list of (str, list of dict)
        What a row is about, and ``href`` and ``label`` of each province; rows without any are left
        out.
    """
    figures, rows = facts.load(), []
    for index in facts.INDICES:
        near = standing.next_to(facts.scores(figures, index, year), unit)
        told = _("Next above and below in {index}, of those known").format(
            index=wording.INDEX[index]
        )
        rows.append((told, [row["unit"] for row in near if row is not None]))
    peers = collation.in_order(standing.region(figures, unit, year).index)
    rows.append((_("In the same region"), [name for name in peers if name != unit]))
    names = collation.in_order(units.provinces(year)["name"])
    at = names.index(unit)
    around = names[max(at - 1, 0) : at] + names[at + 1 : at + 2]
    rows.append((_("Before and after it by name"), around))
    return [(told, [_link(unit, name, year) for name in found]) for told, found in rows if found]


def _link(unit: str, other: str, year: int) -> dict:
    href = f"{address(unit, year)},{units.code(other, year=year)}"
    return {"href": href, "label": wording.unit_name(other)}


def address(unit: str, year: int) -> str:
    """Address of the comparison of a province of a year with any other."""
    page = notebooks.comparison(year, language.current())
    return f"{page}.html#{units.code(unit, year=year)}"
