"""What the maximum points of a part rest on, in words, where no source states them."""

import pandas as pd

from helpers import wording
from helpers.language import N_, _

# How each was inferred: as in data/scoring_schemes.csv, and in `helpers.standing.max_points`.
_INFERRED = {
    "managers_survey": N_("the surveyed parts together less the satisfaction index"),
    "satisfaction": N_("the points published are about a tenth of SIPAS"),
    "impact": N_("100 points less the seven other fields"),
}


def marked(parts: pd.DataFrame) -> list[str]:
    """Write the column ``max_points`` for a table, what is derived with an asterisk.

    Parameters
    ----------
    parts : DataFrame
        ``max_points`` and ``max_kind``, as in `helpers.standing.parts`.
    """
    return [
        wording.number(most) + (wording.DERIVED if kind == "derived" else "")
        for most, kind in zip(parts["max_points"], parts["max_kind"], strict=True)
    ]


def note(parts: pd.DataFrame) -> str:
    """Say how every derived maximum of a table was derived; "" where there is none.

    Parameters
    ----------
    parts : DataFrame
        ``part``, ``max_points`` and ``max_kind``.
    """
    derived = parts[parts["max_kind"] == "derived"]
    if derived.empty:
        return ""
    told = [
        _("“{part}”: {how}").format(part=wording.part(part), how=_(_INFERRED[part]))
        for part in derived["part"]
    ]
    return _("* The maximum is derived. {parts}.").format(parts="; ".join(told))
