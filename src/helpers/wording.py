"""What people read: names, numbers and sentences, in the language in use.

Every sentence is made from its numbers here, so that a fall, a tie, a missing figure and a figure
that is only known between bounds all read as an official would write them.
"""

import math
import re
from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache

import pandas as pd
from babel.dates import format_date, format_skeleton
from babel.lists import format_list
from babel.numbers import format_decimal

from helpers import facts, language, units
from helpers.language import N_, _, ngettext

MISSING = "–"
DERIVED = "\N{NO-BREAK SPACE}*"  # behind a figure
_DAY = {"vi": "d/M/y"}  # the long form of the others is "24 June 2021"

INDEX = {"PAR": "PAR INDEX", "SIPAS": "SIPAS"}
_KIND = {"published": N_("published"), "derived": N_("derived"), "estimated": N_("estimated")}

_PART = {
    "steering": N_("Steering and direction of administrative reform"),
    "legal_documents": N_("Making and carrying out legal documents"),
    "procedures": N_("Reform of administrative procedures"),
    "apparatus": N_("Reform of the organisational apparatus"),
    "civil_service": N_("Building and improving the civil service"),
    "public_finance": N_("Public finance reform"),
    "modernisation": N_("Modernisation of administration"),
    "impact": N_("Impact of administrative reform"),
    "appraisal": N_("Appraisal by the Ministry of Home Affairs"),
    "satisfaction": N_("Satisfaction index (converted to points)"),
    "managers_survey": N_("Survey of leaders and managers"),
    "socioeconomic_impact": N_("Impact on socio-economic development"),
    "survey": N_("Sociological survey"),
    "results": N_("Assessment by results"),
    "surveys": N_("Sociological survey"),
}
_FACTOR = {
    "access": N_("Access to services"),
    "procedures": N_("Administrative procedures"),
    "officials": N_("Officials who handle the work directly"),
    "results": N_("Results of the service"),
    "feedback": N_("Receiving and handling feedback and complaints"),
    "policy_making": N_("Making and carrying out policy"),
    "service_delivery": N_("Delivery of public administrative services"),
}


def kind(key: str) -> str:
    """Name a kind of figure: "published", "derived" or "estimated"."""
    return _(_KIND[key])


def part(key: str) -> str:
    """Name a part of the PAR INDEX. Raises KeyError for one that there is not."""
    return _(_PART[key])


def factor(key: str) -> str:
    """Name a factor of SIPAS. Raises KeyError for one that there is not."""
    return _(_FACTOR[key])


def parts() -> dict[str, str]:
    """Name every part of the PAR INDEX, in the official order."""
    return {key: part(key) for key in _PART}


def factors() -> dict[str, str]:
    """Name every factor of SIPAS, in the official order."""
    return {key: factor(key) for key in _FACTOR}


def number(value: float | None, decimals: int = 2) -> str:
    """Write a number with a fixed number of decimals: 84,33 in Vietnamese, 84.33 in English."""
    if value is None or math.isnan(value):
        return MISSING
    return _written(float(value), decimals, language.locale())


@lru_cache(maxsize=4096)
def _written(value: float, decimals: int, locale: str) -> str:
    """Write a number; kept, since charts ask for the labels of their ticks again and again."""
    pattern = "#,##0" + ("." + "0" * decimals if decimals else "")
    return format_decimal(_rounded(value, decimals), format=pattern, locale=locale)


def _rounded(value: float, decimals: int = 2) -> Decimal:
    # As people round, 84.335 to 84.34, from the digits that are shown; adding 0 turns -0 into 0.
    return Decimal(str(value)).quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP) + 0


def whole(value: float) -> str:
    """Write a whole number, such as a rank or a count: 1.234 in Vietnamese."""
    return number(value, 0)


def score(value: float, index: str) -> str:
    """Write a score with its unit: 84,33 điểm for PAR INDEX, 88,70% for SIPAS."""
    if value is None or math.isnan(value):
        return MISSING
    text = _("{value} points") if index == "PAR" else "{value}%"
    return text.format(value=number(value))


def difference(value: float, index: str) -> str:
    """Write the size of a difference with its unit: 1,20 điểm, or 1,20 điểm phần trăm."""
    text = _("{value} points") if index == "PAR" else _("{value} percentage points")
    return text.format(value=number(abs(value)))


def score_change(value: float, index: str) -> str:
    """Say how a score changed: tăng 1,20 điểm; giảm 0,50 điểm phần trăm; không thay đổi."""
    if value is None or math.isnan(value):
        return MISSING
    if _rounded(value) == 0:
        return _("unchanged")
    text = _("up {size}") if value > 0 else _("down {size}")
    return text.format(size=difference(value, index))


def rank_change(places: float) -> str:
    """Say how a rank changed (positive: places gained): tăng 14 bậc; giữ nguyên thứ hạng."""
    if places is None or math.isnan(places):
        return MISSING
    if places == 0:
        return _("no change in rank")
    text = _("up {size}") if places > 0 else _("down {size}")
    return text.format(size=_places(abs(places)))


def span(index: str, since: int, year: int) -> str:
    """Write the first and the last of some years, and whether SIPAS was surveyed anew in them."""
    if index == "SIPAS" and since < facts.NEW_SURVEY <= year:
        text = _("{since}–{year}; the survey changed in {new}")
        return text.format(since=since, year=year, new=facts.NEW_SURVEY)
    return f"{since}–{year}"


def _places(n: float) -> str:
    return ngettext("{n} place", "{n} places", int(n)).format(n=whole(n))


def rank(value: float, of: int) -> str:
    """Write a rank among so many: 29/63."""
    return MISSING if value is None or math.isnan(value) else f"{whole(value)}/{of}"


def date(value: str) -> str:
    """Write an ISO date as people do, as exactly as it is known.

    Examples
    --------
    >>> date("2021-06-24"), date("2022-05"), date("2019"), date("")
    ('24/6/2021', 'tháng 5 năm 2022', '2019', '')
    """
    if len(value) == 10:
        pattern = _DAY.get(language.current(), "long")
        return format_date(pd.Timestamp(value).date(), format=pattern, locale=language.locale())
    if len(value) == 7:
        return format_skeleton("yMMMM", pd.Timestamp(value), locale=language.locale())
    return value


def place(name: str, kind: str) -> str:
    """Name a province with its kind: tỉnh Thanh Hóa, thành phố Hải Phòng."""
    text = (_("{name} City") if kind == "city" else _("{name} Province")).format(name=name)
    # The one city whose kind is a part of its name.
    return capital(text) if name == "Hồ Chí Minh" else text


def place_of(name: str, year: int | None) -> str:
    """Name a province of a year, or one of the 63 (None), with its kind, as `place`."""
    return place(name, units.provinces(year).set_index("name").at[name, "kind"])


def unit_name(name: str) -> str:
    """Name a province in a table or a figure: the city whose name is a person's says so."""
    return _("Hồ Chí Minh City") if name == "Hồ Chí Minh" else name


def score_axis(index: str) -> str:
    """Name the scores of an index with their unit: Điểm PAR INDEX; SIPAS (%)."""
    return _("PAR INDEX points") if index == "PAR" else "SIPAS (%)"


def capital(text: str) -> str:
    """Begin a text with a capital letter."""
    return text[:1].upper() + text[1:]


def names(values: list[str]) -> str:
    """Join names as in a sentence: A, B và C."""
    return format_list(list(values), locale=language.locale())


def signed(value: float | None, decimals: int = 2) -> str:
    """Write a difference with its sign, a true minus for a fall: +0,61; −1,20; 0,00."""
    if value is None or math.isnan(value):
        return MISSING
    text = number(abs(value), decimals)
    rounded = _rounded(value, decimals)
    return text if rounded == 0 else f"{'+' if rounded > 0 else '−'}{text}"


def with_minus(value: float, decimals: int = 2) -> str:
    """Write a number with a true minus and no plus: 0,61; −1,20."""
    return number(value, decimals).replace("-", "−")


# --- sentences --------------------------------------------------------------------------------


def kind_of(figure) -> str:
    """Say whether a row of the tidy table, or a change, is published or derived."""
    return figure.get("kind") or facts.kind(figure["derivation"])


def star(figure) -> str:
    """The asterisk behind a row of the tidy table, or a change, that is derived."""
    return DERIVED if kind_of(figure) == "derived" else ""


_LOST = re.compile(r"max (\d+(?:\.\d+)?) - points lost (\d+(?:\.\d+)?)")
_CHANGE = re.compile(r"(rank|score)(\d{4}) (\d+(?:\.\d+)?) - \1(\d{4}) (\d+(?:\.\d+)?)")


def arithmetic(derivation: str) -> str:
    """Write how a figure was derived: "hạng năm 2021 (60) trừ 17 bậc".

    A derivation in other words than these is told as such.
    """
    if derivation == facts.LIST_ORDER:
        return _("by its place in the published list")
    if derivation == facts.ALL_SCORES:
        return _("the national mean from the scores of all provinces")
    if derivation.endswith(facts.ONLY_ONE):
        what, value, *_rest = derivation.split()
        if what == "rank":
            return _("rank {a} is the only one that fits all published figures").format(a=value)
        text = _("score {a} is the only one that fits all published figures")
        return text.format(a=_as_exact(value))
    if lost := _LOST.fullmatch(derivation):
        most, points = map(_as_exact, lost.groups())
        return _("the maximum {most}, minus {points} points lost").format(most=most, points=points)
    if change := _CHANGE.fullmatch(derivation):
        what, year, a, other_year, b = change.groups()
        sign, b = "-", _of_year(what, b, other_year)
    elif found := facts.ARITHMETIC.match(derivation):
        what, year, a, sign, b, places = found.groups()
        what = "rank" if places else what
        b = _places(float(b)) if what == "rank" else _as_exact(b)
    else:
        return _("from the words of the source")
    text = _("{base}, plus {b}") if sign == "+" else _("{base}, minus {b}")
    return text.format(base=_of_year(what, a, year), b=b)


def _of_year(what: str | None, value: str, year: str | None) -> str:
    """Name a rank, a score, points or a share of a year, of that compared where it is not said."""
    if what == "points" and year:
        return _("{a} points in {year}").format(a=_as_exact(value), year=year)
    if what == "percent" and year:
        return _("{a}% in {year}").format(a=_as_exact(value), year=year)
    if what == "rank":
        text = _("rank {a} of {year}") if year else _("rank {a} of the year compared")
    else:
        text = _("score {a} of {year}") if year else _("score {a} of the year compared")
    return text.format(a=value if what == "rank" else _as_exact(value), year=year)


def _as_exact(value: str) -> str:
    """Write a score with its decimals, two at least."""
    return number(float(value), max(2, len(value.partition(".")[2])))


def derived_note(how: Sequence[tuple[str, str]] | None = None) -> str:
    """Say what the asterisk of a table means.

    Parameters
    ----------
    how : sequence of (str, str), optional
        Who or what each derived figure is of, and its derivation; where the page has no room for
        the arithmetic of all, the note names the file that holds it.
    """
    if how is None:
        return _("* Derived from published figures; the arithmetic is in data/observations.csv.")
    told = {}
    for of, derivation in how:
        told.setdefault(of, []).append(arithmetic(derivation))
    parts = [f"{of}: {'; '.join(dict.fromkeys(texts))}" for of, texts in told.items()]
    return _("* Derived from published figures: {arithmetic}.").format(arithmetic="; ".join(parts))


def derivations(frame: pd.DataFrame) -> list[tuple[str, str]]:
    """List what is derived in rows as of `helpers.facts.scores`, for `derived_note`."""
    return [
        (unit_name(unit), row[column])
        for unit, row in frame.iterrows()
        for column in ("score_derivation", "rank_derivation")
        if isinstance(row[column], str) and facts.kind(row[column]) == "derived"
    ]


def estimated_rank(low: float, high: float) -> str:
    """Write an interval: "ước lượng: hạng 11 đến 60 (khoảng ước lượng 90%)"."""
    if low == high:
        return _("estimated: rank {low}").format(low=whole(low))
    return _("estimated: rank {low} to {high} (90% interval)").format(
        low=whole(low), high=whole(high)
    )


def estimated_score(low: float, high: float, index: str) -> str:
    """Write an interval: "ước lượng: 83,10 đến 84,52 điểm (khoảng ước lượng 90%)"."""
    if round(low, 2) == round(high, 2):
        return _("estimated: {score}").format(score=score(low, index))
    return _("estimated: {low} to {high} (90% interval)").format(
        low=number(low), high=score(high, index)
    )


def between(low: float, high: float, decimals: int = 2) -> str:
    """Write an interval in a table: 83,10–84,52; one number where the ends read alike."""
    ends = [number(low, decimals), number(high, decimals)]
    return "–".join(dict.fromkeys(ends))


def to(low: str, high: str) -> str:
    """Write an interval in words: "−0,24 đến +0,95"; one number where the ends read alike."""
    return low if low == high else _("{low} to {high}").format(low=low, high=high)
