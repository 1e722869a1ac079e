"""The closing paragraph on reform and satisfaction, made from the numbers.

It tells what goes together with what, how strongly, how surely, and what would change the answer.
It never says that one causes the other.
"""

import pandas as pd

from helpers import wording
from helpers.charts.association import interval
from helpers.language import N_, _

# Cohen, J. (1988). Statistical Power Analysis for the Behavioral Sciences, 2nd ed., pp. 79-81.
SIZES = (
    (0.5, N_("strong")),
    (0.3, N_("moderate")),
    (0.1, N_("weak")),
    (0.0, N_("negligible")),
)
# Fewer pairs than this answer nothing, and no direction is told.
ENOUGH = 8


def size(r: float) -> str:
    """Word for the size of a correlation, by the thresholds 0.1, 0.3 and 0.5."""
    return _(next(word for least, word in SIZES if abs(r) >= least))


def sizes(first: float, second: float) -> str:
    """Words for a range of sizes: "moderate", or "moderate to strong"."""
    low, high = (size(r) for r in sorted((first, second), key=abs))
    return low if low == high else _("{low} to {high}").format(low=low, high=high)


def direction(low: float, high: float) -> int:
    """1 or -1 where an interval lies on one side of 0, else 0."""
    return int(low > 0) - int(high < 0)


def closing(found: dict, panel: dict) -> str:
    """Write the closing paragraph.

    Parameters
    ----------
    found : dict
        As given by `helpers.exhibits.association.study`.
    panel : dict
        As given by `helpers.exhibits.association_models.panel`.
    """
    parts = [headline(found), _published(found)]
    if found["rest"] is not None:
        parts.append(_reach(found))
        if len(found["pairs"]) >= ENOUGH:
            parts.append(_changes(found))
    parts += [_within(panel), _caution()]
    return " ".join(part for part in parts if part)


# By the sign of the link, and whether the published figures alone settle it.
ANSWERS = {
    (1, True): N_(
        "In {year}, over all {n} provinces, people were more satisfied where reform scores were "
        "higher; the link is {size}: {numbers}."
    ),
    (1, False): N_(
        "In {year}, over all {n} provinces, people were probably more satisfied where "
        "reform scores were higher; the estimated link is {size}: {numbers}."
    ),
    (-1, True): N_(
        "In {year}, over all {n} provinces, people were less satisfied where reform scores were "
        "higher; the link is {size}: {numbers}."
    ),
    (-1, False): N_(
        "In {year}, over all {n} provinces, people were probably less satisfied where "
        "reform scores were higher; the estimated link is {size}: {numbers}."
    ),
}
UNSURE = N_(
    "In {year}, over all {n} provinces, the sign of the link between reform scores and "
    "satisfaction is not certain: {numbers}."
)


def headline(found: dict) -> str:
    """Write the answer in one sentence: direction, size, interval; or that there is none."""
    year, row = found["year"], found["rest"]
    pairs = len(found["pairs"])
    if row is None or pairs < ENOUGH:
        return _("No answer for {year} yet: provinces with both scores published: {n}.").format(
            year=year, n=wording.whole(pairs)
        )
    like = likely(found)
    sign = direction(row["low"], row["high"])
    certain = direction(found["bounds"]["low"], found["bounds"]["high"]) != 0
    return _(ANSWERS[sign, certain] if sign else UNSURE).format(
        year=year,
        n=wording.whole(row["n"]),
        size=sizes(row["r"], row["r"] if like is None else like),
        numbers=_numbers(row, like),
    )


def _numbers(row: pd.Series, like: float | None) -> str:
    values = {"r": wording.with_minus(row["r"]), "interval": interval(row["low"], row["high"])}
    if like is None:
        return _(
            "the correlation is {r} (95% interval: {interval}) if the unpublished provinces show "
            "no link"
        ).format(**values)
    return _(
        "the correlation is {r} (95% interval: {interval}) if the unpublished provinces show no "
        "link, and {like} if they are like the published pairs of ranks"
    ).format(**values, like=wording.with_minus(like))


def likely(found: dict) -> float | None:
    """Correlation over all, were the unpublished provinces like the published pairs of ranks.

    Read off the sensitivity curve; None with fewer than `ENOUGH` pairs of ranks.
    """
    row, curve = found["apart"].loc["all"], found["sensitivity"]["r"]
    if row["n"] < ENOUGH:
        return None
    rho = row["r"]
    inside = min(max(rho, curve.index.min()), curve.index.max())
    with_rho = curve.reindex(sorted({*curve.index, inside})).astype(float)
    return float(with_rho.interpolate(method="index")[inside])


def tipping(found: dict) -> float | None:
    """Largest assumed rho at which the 95% interval over all reaches 0; None if it never does."""
    curve = found["sensitivity"][["low", "high"]]
    touching = curve.index[(curve["low"] <= 0) & (curve["high"] >= 0)]
    return float(touching.max()) if len(touching) else None


def _published(found: dict) -> str:
    rows = found["of_year"].set_index(["definition", "method"])
    row = rows.loc[("rest", "pearson")]
    if pd.isna(row["r"]):
        return ""
    message = (
        _(
            "Among the {n} provinces with both scores published, after taking out the satisfaction "
            "points that are part of the PAR INDEX, the correlation is {r} ({interval}); that is "
            "higher than for the whole country if provinces that stand out in both indices are "
            "reported more."
        )
        if found["rest"] is not None and row["r"] > found["rest"]["r"]
        else _(
            "Among the {n} provinces with both scores published, after taking out the satisfaction "
            "points that are part of the PAR INDEX, the correlation is {r} ({interval})."
        )
    )
    return message.format(
        n=wording.whole(row["n"]),
        r=wording.with_minus(row["r"]),
        interval=interval(row["low"], row["high"]),
    )


def _reach(found: dict) -> str:
    bounds = found["bounds"]
    # The search for the limits may stop short of them, so that it can rule out no value for sure.
    message = (
        _(
            "The published figures leave values at least from {interval} possible; every value "
            "found has the same sign."
        )
        if direction(bounds["low"], bounds["high"])
        else _(
            "The published figures leave values at least from {interval} possible, so that they "
            "alone, without an assumption, do not rule out that there is no link."
        )
    )
    return message.format(interval=interval(bounds["low"], bounds["high"]))


def _changes(found: dict) -> str:
    texts = []
    if (rho := tipping(found)) is not None:
        texts.append(
            _(
                "a correlation of about {rho} or below among the unpublished provinces, where the "
                "95% interval reaches 0"
            ).format(rho=wording.with_minus(rho, 1))
        )
    if leaning := _without_influential(found):
        texts.append(leaning)
    texts.append(_("the full figures of the provinces that are still missing"))
    return _("What could change the answer: {changes}.").format(changes="; ".join(texts))


def _without_influential(found: dict) -> str:
    """Name the provinces on which the line leans, and the slope with and without them."""
    if found["slopes"] is None or "without_influential" not in found["slopes"].index:
        return ""
    slopes = found["slopes"]["slope"]
    return _(
        "leaving out {names}, on which the fitted line leans (slope {before}, then {after})"
    ).format(
        names=wording.names(found["influence"].index[found["influence"]["influential"]]),
        before=wording.with_minus(slopes["ols"]),
        after=wording.with_minus(slopes["without_influential"]),
    )


def _within(panel: dict) -> str:
    texts = []
    for regime, of in panel.items():
        row = of["slopes"].loc["within"]
        if pd.notna(row["slope"]):
            texts.append(
                _("{slope} in {regime} ({interval}; {n} provinces)").format(
                    regime=regime,
                    slope=wording.with_minus(float(row["slope"])),
                    interval=interval(row["low"], row["high"]),
                    n=wording.whole(row["repeated"]),
                )
            )
    if not texts:
        return ""
    return _(
        "Over the years within a province, the change of SIPAS that goes with one more point of "
        "reform, in percentage points: {slopes}."
    ).format(slopes="; ".join(texts))


def _caution() -> str:
    return _(
        "This is a link between two indices; these figures cannot tell which is a cause, and "
        "income, urbanisation or habits of answering surveys may be related to both."
    )
