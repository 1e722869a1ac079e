"""What the next place costs one province."""

import numpy as np
import pandas as pd
from great_tables import GT
from IPython.display import HTML

from helpers import facts, page, ranking, trajectories, units, wording
from helpers.citations import Citations
from helpers.completion import CompletedTables
from helpers.exhibits.ranking.survey import guesses
from helpers.exhibits.ranking.words import percent
from helpers.language import N_, _, ngettext
from helpers.tables import typeset

STEP = 0.1
# Scores have two decimals: an interval narrower than this is one number.
EXACT = 0.005
LEAD = N_(
    "To draw level is enough, since equal scores share the rank. <b>Estimated</b>, in light "
    "italics: the 90% interval, where the score at that rank is not known."
)


def next_place(
    figures: pd.DataFrame,
    unit: str,
    year: int,
    tables: dict[str, CompletedTables],
    cite: Citations,
) -> HTML:
    """Points to the next rank, the top 20 and the top 10 of both indices, and what 0.1 is worth.

    Nothing of an index in which the province's place is not known.
    """
    pieces = []
    for index in facts.INDICES:
        scores = facts.scores(figures, index, year)
        if index in tables and unit in scores.index:
            expected = expected_change(figures, index, year, cite)
            pieces += [
                _cost_table(tables[index], scores, unit, expected, cite),
                page.paragraphs(crowding(tables[index], unit, index)),
            ]
    return page.stack(page.paragraphs(_(LEAD)), *pieces) if pieces else page.paragraphs()


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
    page.cite_all(cite, means["sources"])
    values = trajectories.equally_likely(found)
    low, high = np.quantile(values, [0.1, 0.9])
    text = _(
        "Rise needed next year (90% interval), if the others change as the national mean is "
        "expected to: {expected} (80% interval {low} to {high}; forecast from its {n} past "
        "changes)."
    )
    return values, text.format(
        expected=wording.score_change(found["expected"], index),
        low=wording.signed(low),
        high=wording.signed(high),
        n=found["changes"],
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


def _cost_table(
    drawn: CompletedTables,
    scores: pd.DataFrame,
    unit: str,
    expected: tuple[np.ndarray | None, str],
    cite: Citations,
) -> GT:
    """Gaps of `ranking.cost_of_next_place`; `expected` is as given by `expected_change`."""
    index, year, (changes, note) = drawn.index, drawn.year, expected
    costs = ranking.cost_of_next_place(
        drawn.scores, unit, expected_change=0.0 if changes is None else changes
    ).reset_index(names="goal")
    known = drawn.status["rank_status"] != "estimated"
    costs["goal_text"] = [
        _goal(goal, rank, reached == 1)
        for goal, rank, reached in zip(costs["goal"], costs["rank"], costs["reached"], strict=True)
    ]
    costs["told"] = [_cost(row) for _row, row in costs.iterrows()]
    costs["needed"] = [_needed(row) for _row, row in costs.iterrows()]
    exact = costs["gap_high"] - costs["gap_low"] < EXACT
    costs["kind"] = exact.map({True: wording.kind("derived"), False: wording.kind("estimated")})
    # Who stands at a rank is only known where both ranks are.
    certain = known.reindex(costs["holder"]).to_numpy() & known[unit]
    costs["who"] = costs["holder"].map(wording.unit_name).where(certain, wording.MISSING)
    sources = scores["score_sources"]
    costs["cited"] = [
        cite(f"{sources[unit]} {sources.get(holder, '')}") if sure else ""
        for holder, sure in zip(costs["holder"], exact & certain, strict=True)
    ]
    notes = [note]
    if guesses(drawn, unit):
        notes.append(
            _("The {index} score of {unit} is an estimate.").format(
                index=wording.INDEX[index], unit=wording.unit_name(unit)
            )
        )
    columns = {
        "goal_text": _("Goal"),
        "told": _("Lacking, or ahead by"),
        "who": _("Compared with"),
        "kind": _("Kind of figure"),
        "needed": _("Rise needed next year (estimated)"),
        "cited": _("Sources"),
    }
    if changes is None:
        del columns["needed"]
    return typeset(
        costs,
        columns,
        title=_("{index} {year}: how far {unit} is from other ranks").format(
            index=wording.INDEX[index], year=year, unit=wording.unit_name(unit)
        ),
        subtitle=_cost_subtitle(index, unit, first="next" not in set(costs["goal"])),
        raw=("cited",),
        right=("told", "needed") if "needed" in columns else ("told",),
        notes=tuple(notes),
        light=~exact,
        light_columns=("needed",) if "needed" in columns else (),
    )


def _cost_subtitle(index: str, unit: str, first: bool) -> str:
    told = _("Unit: points") if index == "PAR" else _("Unit: percentage points")
    if not first:
        return told
    return " ".join([_("{unit} is first.").format(unit=wording.unit_name(unit)), told])


def _goal(goal: str, rank: float, held: bool) -> str:
    if goal == "next":
        text = _("Up to rank {rank}")
    else:
        text = _("Stay in the top {rank}") if held else _("Into the top {rank}")
    return text.format(rank=wording.whole(rank))


def _needed(row: pd.Series) -> str:
    """Write the rise needed or the room to fall, with the interval where there is one."""
    value = wording.signed(row["gain_next_year"])
    if row["gain_next_year"] < 0:
        value = _("held with a fall of up to {value}").format(
            value=wording.number(-row["gain_next_year"])
        )
    if row["gain_high"] - row["gain_low"] < EXACT:
        return value
    ends = wording.to(wording.signed(row["gain_low"]), wording.signed(row["gain_high"]))
    return f"{value} ({ends})"


def _cost(row: pd.Series) -> str:
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


def crowding(drawn: CompletedTables, unit: str, index: str) -> str:
    """Say how many places 0.1 points are worth, where that is a place or more; "" elsewhere."""
    row = ranking.points_per_place(drawn.scores, STEP).loc[unit]
    up, down = int(row["places_gained"]), int(row["places_lost"])
    amount = wording.number(STEP, 1)
    step = (_("{value} points") if index == "PAR" else _("{value} percentage points")).format(
        value=amount
    )
    sides = []
    if up:
        text = ngettext("{step} more is {n} place up", "{step} more is {n} places up", up)
        sides.append(text.format(step=step, n=up))
    if down:
        text = ngettext("{step} less is {n} place down", "{step} less is {n} places down", down)
        sides.append(text.format(step=step, n=down))
    if not sides:
        return ""
    return _(
        "Around this rank {index} scores lie close together: {sides} (estimated, if the others "
        "stay where they are)."
    ).format(index=wording.INDEX[index], sides=wording.names(sides))
