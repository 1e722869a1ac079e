"""What other ranks take of one province, in words."""

import numpy as np
import pandas as pd

from helpers import facts, trajectories, units, wording
from helpers.citations import Citations
from helpers.completion import CompletedTables
from helpers.language import _, ngettext
from helpers.ranking.inputs import middle
from helpers.report.province.ranks import percent
from helpers.trajectories.forecast import national_changes
from helpers.trajectories.panel import national_means

STEP = 0.1
CLOSE = 3  # places within a step of a score: fewer need not be a crowd
APART = 0.5  # points between an expected change and a plain mean that are worth a word
# Scores have two decimals: an interval narrower than this is one number.
EXACT = 0.005


def targets(rank: float) -> list[int]:
    """Ranks to aim at beside the next: a round ten where the 20th is far, the 20th, the 10th."""
    near = (int(rank) - 2) // 10 * 10
    aims = [near, 20, 10] if near > 20 else [20, 10]
    return [aim for aim in aims if aim != int(rank) - 1]


def expected_change(
    figures: pd.DataFrame, index: str, year: int, cite: Citations
) -> tuple[np.ndarray | None, str]:
    """Values that next year's national change may take, and what they rest on, in words.

    Forecast from past changes of the national mean; where these are too few, this year's change is
    taken again, and the words say so; None where there is nothing to go by.
    """
    if index == "SIPAS" and year + 1 == facts.NEW_SURVEY:
        text = _(
            "No rise needed next year is given: in {year} SIPAS changed its survey, and the scores "
            "cannot be compared."
        )
        return None, text.format(year=year + 1)
    if not units.same_list(year, year + 1):
        text = _(
            "No rise needed next year is given: in {year} the provinces merged, and there are "
            "fewer ranks."
        )
        return None, text.format(year=year + 1)
    means = facts.select(figures, unit=facts.NATION, index=index, measure="mean", part="")
    means = means[means["year"] <= year]
    try:
        found = trajectories.expected_change(figures, index, year)
    except trajectories.NotEnoughYears:
        return _this_year_again(means, index, year, cite)
    cite(means["sources"])
    values = trajectories.equally_likely(found)
    low, high = np.quantile(values, [0.1, 0.9])
    text = _(
        "What is needed next year (90% interval) assumes that the others change as the national "
        "mean is expected to: {expected} (80% interval {low} to {high}; forecast from its {n} past "
        "changes{apart})."
    )
    plain = national_changes(national_means(figures, index, year)).mean()
    apart = _("; their plain mean is {plain}, a very large one counts for little here")
    apart = apart.format(plain=wording.signed(plain))
    return values, text.format(
        expected=wording.score_change(found["expected"], index),
        low=wording.signed(low),
        high=wording.signed(high),
        n=found["changes"],
        apart=apart if abs(plain - found["expected"]) > APART else "",
    )


def _this_year_again(
    means: pd.DataFrame, index: str, year: int, cite: Citations
) -> tuple[np.ndarray | None, str]:
    values = means.set_index("year")
    broken = index == "SIPAS" and year == facts.NEW_SURVEY
    if broken or not {year - 1, year} <= set(values.index):
        return None, _(
            "No rise needed next year is given: too few national means have been found to expect "
            "the next change."
        )
    change = round(values.at[year, "value"] - values.at[year - 1, "value"], 4)
    cited = cite(facts.join_sources(values.at[year, "sources"], values.at[year - 1, "sources"]))
    text = _(
        "Rise needed next year, estimated: too few changes of the national mean are known to "
        "forecast the next, so the others are assumed to change as the mean did in {year} "
        "({change}, derived{cited})."
    )
    return np.array([change]), text.format(
        year=year, change=wording.score_change(change, index), cited=cited
    )


def in_words(costs: pd.DataFrame, drawn: CompletedTables, unit: str) -> pd.DataFrame:
    """Write what each goal takes of a province.

    Parameters
    ----------
    costs : DataFrame
        As given by `helpers.ranking.cost_of_next_place` for the scores of `drawn`.

    Returns
    -------
    DataFrame
        A row per goal, texts in the language in use: ``goal``, ``lacking`` (or ahead),
        ``holder`` (where it is certain), ``kind`` (derived or estimated), ``needed`` next year.
    """
    known = drawn.status["rank_status"] != "estimated"
    # Who stands at a rank is only known where both ranks are.
    certain = known.reindex(costs["holder"]).to_numpy() & known[unit]
    exact = costs["gap_high"] - costs["gap_low"] < EXACT
    rows = [row for _key, row in costs.iterrows()]
    return pd.DataFrame(
        {
            "goal": [_goal(goal, row) for goal, row in costs.iterrows()],
            "lacking": [_gap(row) for row in rows],
            "holder": costs["holder"].where(certain).to_numpy(),
            "kind": exact.map({True: "derived", False: "estimated"}).to_numpy(),
            "needed": [_needed(row) for row in rows],
        }
    )


def _goal(goal: str, row: pd.Series) -> str:
    if goal == "next" or row["rank"] > 20:
        text = _("Up to rank {rank}")
    else:
        text = _("Stay in the top {rank}") if row["reached"] == 1 else _("Into the top {rank}")
    return text.format(rank=wording.whole(row["rank"]))


def _needed(row: pd.Series) -> str:
    """Write the rise needed or the room to fall, with the interval where there is one."""
    value, low, high = row["gain_next_year"], row["gain_low"], row["gain_high"]
    exact = high - low < EXACT
    if value >= 0:
        ends = wording.to(wording.signed(low), wording.signed(high))
        return wording.signed(value) + ("" if exact else f" ({ends})")
    # A fall is told by its size, and so are both ends of its interval.
    told = _("held with a fall of up to {value}").format(value=wording.number(-value))
    if exact:
        return told
    if high <= 0:
        return f"{told} ({wording.between(-high, -low)})"
    text = _("{told} (from a fall of {fall} to a rise of {rise} needed)")
    return text.format(told=told, fall=wording.number(-low), rise=wording.number(high))


def _gap(row: pd.Series) -> str:
    """Write a gap: what is lacking, the lead, or that it may be either."""
    low, high = row["gap_low"], row["gap_high"]
    if 0 < row["reached"] < 1 and low < 0 < high:
        return _("may be there already ({share}); short by at most {most}").format(
            share=percent(row["reached"]), most=wording.number(high)
        )
    if row["gap"] > 0:
        return _("short by {gap}").format(gap=wording.between(max(low, 0), high))
    # The first outside stands one rank below the last that holds the goal.
    return _("ahead of rank {rank} by {gap}").format(
        rank=wording.whole(row["rank"] + 1), gap=wording.between(max(-high, 0), -low)
    )


def crowding(drawn: CompletedTables, unit: str) -> str:
    """Say how many places 0.1 points are worth, where that is a place or more; "" elsewhere."""
    index = drawn.index
    gaps = drawn.scores.drop(columns=unit).sub(drawn.scores[unit], axis=0).round(9)
    close = ((gaps > 0) & (gaps <= STEP)).sum(axis=1), ((gaps <= 0) & (gaps > -STEP)).sum(axis=1)
    up, down = (int(middle(one)) for one in close)
    text = _("{value} points") if index == "PAR" else _("{value} percentage points")
    step = text.format(value=wording.number(STEP, 1))
    sides: list[str] = []
    if up:
        text = ngettext("{step} more is {n} place up", "{step} more is {n} places up", up)
        sides.append(text.format(step=step, n=up))
    if down:
        text = ngettext("{step} less is {n} place down", "{step} less is {n} places down", down)
        sides.append(text.format(step=step, n=down))
    if not sides:
        return ""
    if up + down < CLOSE:
        text = _("By the estimate, {sides}, if the others stay where they are.")
        return text.format(sides=wording.names(sides))
    return _(
        "Around this rank {index} scores lie close together: {sides} (estimated, if the others "
        "stay where they are)."
    ).format(index=wording.INDEX[index], sides=wording.names(sides))
