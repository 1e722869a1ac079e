"""Pieces of a report page that are neither a table nor a chart, as HTML.

The look comes from the page's template; the few inline styles keep the pieces readable in
JupyterLab, which does not have it.
"""

from collections.abc import Sequence
from html import escape

from IPython.display import HTML

from helpers import units, wording
from helpers.language import _


def title(heading: str, subtitle: str = "", note: str = "") -> HTML:
    """Head of the page: what it is about, and the year, and a note on it; any may be left out."""
    head = f"<h1>{escape(heading)}</h1>" if heading else ""
    head += f'<p class="subtitle">{escape(subtitle)}</p>' if subtitle else ""
    return HTML(head + (f'\n<p class="unit-now">{note}</p>' if note else ""))


def paragraphs(*texts: str) -> HTML:
    """Sentences as paragraphs; empty ones are left out. May hold source marks (HTML)."""
    return HTML("".join(f"<p>{text}</p>" for text in texts if text))


def points(texts: list[str]) -> HTML:
    """Sentences as a list."""
    return HTML(f"<ul>{''.join(f'<li>{text}</li>' for text in texts)}</ul>")


def number_card(name: str, number: str, lines: Sequence[str], marks: str = "") -> str:
    """Give a card with one number: its name above it, lines of text (HTML) below."""
    style = "flex:1 1 13em;border:1px solid #cbd2d9;border-radius:6px;padding:12px 16px"
    told = "".join(f"<div>{line}</div>" for line in lines)
    return (
        f'<div class="card" style="{style}"><div class="card-name">{escape(name)}</div>'
        f'<div class="card-score">{escape(number)}{marks}</div>{told}</div>'
    )


def cards(*made: str) -> HTML:
    """Lay cards side by side; they wrap on a narrow screen."""
    style = "display:flex;flex-wrap:wrap;gap:12px;margin:12px 0"
    return HTML(f'<div class="cards" style="{style}">{"".join(made)}</div>')


def reading_guide() -> HTML:
    """Say how to read the three kinds of figures, and the units."""
    return points(
        [
            _("<b>Published</b>: stated by the source given."),
            _(
                "<b>Derived</b> (* in tables, a square in charts): computed from published "
                "figures, with the arithmetic."
            ),
            _(
                "<b>Estimated</b> (light italics; in charts hollow or shaded): scores and ranks "
                "not found, errors, probabilities and forecasts, under stated assumptions. A 90% "
                "interval holds a known figure, hidden as a test, about nine times in ten, "
                "less often where no rank of the year before or after is known either; see “How "
                "far can the estimates be trusted?” in the national report."
            ),
            _(
                "The PAR INDEX is out of 100 points; SIPAS is the percentage of people and "
                "organisations that are satisfied. Its survey changed in 2022: 2017–2021 and 2022 "
                "onwards are two separate series."
            ),
        ]
    )


def administrative_note(unit: str, year: int | None = None) -> str:
    """Say which of the 34 units of 1 July 2025 a province of a year is, or is a part of."""
    is_one = year is not None and not units.same_list(year, None)
    provinces = units.provinces().set_index("name")
    now = unit if is_one else provinces.at[unit, "unit_2025"]
    parts = list(provinces.index[provinces["unit_2025"] == now])
    merged = [wording.place_of(one, None) for one in parts if is_one or one != unit]
    place, after = wording.place_of(unit, year), wording.place_of(now, 2025)
    if is_one and len(parts) > 1:
        return _("{place} was formed on 1 July 2025 of {parts}.").format(
            place=wording.capital(place), parts=wording.names(merged)
        )
    if len(parts) > 1:
        return _(
            "On 1 July 2025 {before} merged with {others} into the new {after}; the figures in "
            "this report are for the old boundaries."
        ).format(before=place, others=wording.names(merged), after=after)
    if now == unit:
        return _("Since 1 July 2025 {place} is one of the 34 units; it was not merged.").format(
            place=place
        )
    # Only Huế changed its name without a merger, half a year before the others.
    return _("Since 1 January 2025 {before} has been {after}.").format(before=place, after=after)
