"""Random complete tables of made-up units: publish a part of their facts, and complete them."""

import numpy as np
import pandas as pd
import toys
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from helpers.completion import check, complete
from helpers.completion.gather import gather
from helpers.completion.problem import build

YEAR = 2020
NEAR = 1e-8
COLUMNS = ["unit", "year", "measure", "part", "value", "status"]


def made_up(n):
    return [f"Đơn vị giả {number:02d}" for number in range(1, n + 1)]


def row(unit, measure, value, part="", year=YEAR, status="accepted"):
    return (unit, year, measure, part, value, status)


def national(measure, value, part=""):
    return row("Việt Nam", measure, value, part)


@st.composite
def worlds(draw):
    """A complete table with the year before, and a random part of what it would have published."""
    n = draw(st.integers(3, 12))
    units = made_up(n)
    hundredths = st.lists(st.integers(6000, 9800), min_size=n, max_size=n)
    now = pd.Series(np.array(draw(hundredths)) / 100, index=units)
    before = pd.Series(np.array(draw(hundredths)) / 100, index=units)
    rank = now.rank(ascending=False, method="first").astype(int)
    rows = []
    for unit in units:
        score, place, old = now[unit], rank[unit], before[unit]
        told = draw(st.sets(st.sampled_from(KINDS), max_size=4))
        rows += [row(unit, "score", score)] if "score" in told else []
        rows += [row(unit, "rank", place)] if "rank" in told else []
        rows += [row(unit, "score", old, year=YEAR - 1)] if told & {"before", "change"} else []
        rows += [row(unit, "change", round(score - old, 2))] if "change" in told else []
        if "between" in told and "score" not in told:
            step = draw(st.integers(1, 50)) / 100
            ends = round(score - step, 2), round(score + step, 2)
            rows += [row(unit, "score", end, status="disputed") for end in ends]
        if "bounds" in told:
            rows.append(row(unit, "rank_at_least", draw(st.integers(1, place))))
            rows.append(row(unit, "rank_at_most", draw(st.integers(place, n))))
    said = draw(st.sets(st.sampled_from(NATIONAL)))
    rows += national_rows(said, now, before)
    return units, now, rank, toys.figures(rows or [national("mean", round(now.mean(), 2))], COLUMNS)


KINDS = ("score", "rank", "before", "change", "between", "bounds")
NATIONAL = ("mean", "max", "min", "median", "above", "below", "above_mean", "groups", "falls")


def national_rows(said, now, before):
    rows = [national("mean", round(now.mean(), 2))] if said & {"mean", "above_mean"} else []
    for measure in said & {"max", "min"}:
        rows.append(national(measure, getattr(now, measure)()))
    if "median" in said and len(now) % 2:
        rows.append(national("median", now.median()))
    if "above" in said:
        rows.append(national("count", (now > 80).sum(), "above_80"))
    if "below" in said:
        rows.append(national("count", (now < 70).sum(), "below_70"))
    if "above_mean" in said:
        rows.append(national("count", (now > now.mean()).sum(), "above_mean"))
    if "groups" in said:
        rows.append(national("count", (now >= 90).sum(), "group_A"))
        rows.append(national("count", ((now >= 80) & (now < 90)).sum(), "group_B"))
    if "falls" in said:
        fell = now.index[now < before]
        rows.append(national("count", len(fell), "decreased"))
        rows += [row(unit, "direction", -1) for unit in fell]
    return rows


def broken(table, scores, ranks):
    """Published facts that a completed table does not keep; read off the table, not the code."""
    n = len(scores)
    accepted = table[table["status"] == "accepted"]
    own = accepted[(accepted["unit_type"] == "province") & (accepted["year"] == YEAR)]
    old = accepted[(accepted["measure"] == "score") & (accepted["year"] == YEAR - 1)]
    old = old.set_index("unit")["value"]
    tests = {
        "score": lambda u, v: abs(scores[u] - v) < NEAR,
        "rank": lambda u, v: ranks[u] == v,
        "rank_at_least": lambda u, v: ranks[u] >= v,
        "rank_at_most": lambda u, v: ranks[u] <= v,
        "change": lambda u, v: abs(scores[u] - old[u] - v) < 0.0150001,
        "direction": lambda u, v: u not in old or scores[u] <= old[u] + NEAR,
    }
    found = [
        (unit, measure, value)
        for unit, measure, value in own[["unit", "measure", "value"]].itertuples(index=False)
        if not tests[measure](unit, value)
    ]
    for unit, rows in table[table["status"] == "disputed"].groupby("unit"):
        if not rows["value"].min() - NEAR <= scores[unit] <= rows["value"].max() + NEAR:
            found.append((unit, "disputed"))
    counts = accepted[accepted["measure"] == "count"].set_index("part")["value"]
    levels = {"above_80": (80, 1), "below_70": (70, -1), "group_A": (90, 1)}
    for part in counts.index.intersection(list(levels)):
        level, sign = levels[part]
        surely = (sign * (scores - level) > NEAR).sum()
        maybe = (sign * (scores - level) > -NEAR).sum()
        if not surely <= counts[part] <= maybe:
            found.append((part, surely, maybe))
    whole = accepted[accepted["unit_type"] == "national"].set_index("measure")["value"]
    for measure in whole.index.intersection(["max", "min", "median"]):
        if abs(getattr(scores, measure)() - whole[measure]) > NEAR:
            found.append(measure)
    if "mean" in whole and abs(scores.mean() - whole["mean"]) > 0.005 + NEAR:
        found.append("mean")
    order = scores[ranks.sort_values().index]
    if (order.diff().dropna() > NEAR).any() or sorted(ranks) != list(range(1, n + 1)):
        found.append("order")
    return found


@settings(
    max_examples=120,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(worlds())
def test_truth_is_possible_and_every_draw_keeps_every_fact(world):
    units, now, rank, table = world
    assert not broken(table, now, rank), "the made-up facts must be true of the made-up table"
    problem = build(gather(table, "PAR", YEAR, "province", units), units)
    truth = now.sort_values(ascending=False).to_numpy()
    assert (truth >= problem.lower - NEAR).all() and (truth <= problem.upper + NEAR).all()
    for number, unit in enumerate(units):
        assert problem.unit_low[number] - NEAR <= now[unit] <= problem.unit_high[number] + NEAR
        assert problem.rank_low[number] <= rank[unit] - 1 <= problem.rank_high[number]
        assert problem.owner[rank[unit] - 1] in (-1, number)
    check(table, "PAR", YEAR, roster_names=units)
    drawn = complete(table, "PAR", YEAR, draws=8, roster_names=units, sweeps=40)
    for number in range(8):
        assert not broken(table, drawn.scores.iloc[number], drawn.ranks.iloc[number])
