"""Is there any table that fits? If not, which few facts cannot hold together?

A smallest conflict is found by QuickXplain: Junker, U. (2004). QuickXplain: preferred explanations
and relaxations for over-constrained problems. AAAI 2004, 167-172.
"""

from collections.abc import Callable, Iterator, Sequence

import numpy as np
import pandas as pd
from scipy.optimize import linear_sum_assignment, linprog

from helpers.completion.exact import SLACK
from helpers.completion.gather import Fact, NotEnoughKnown, gather, regions_of, roster
from helpers.completion.problem import Impossible, Problem, build
from helpers.completion.start import possible
from helpers.errors import CchcError
from helpers.language import _, pgettext

ORDERS = 8
FEWEST = 2  # lines that contradict each other


class InconsistentFacts(CchcError):
    """No table fits the published figures.

    Attributes
    ----------
    facts : list of Fact
        A smallest set of facts that cannot hold together: without any one of them, a table fits.
    """

    def __init__(self, index: str, year: int, unit_type: str, facts: Sequence[Fact]):
        self.facts = list(facts)
        self.index, self.year, self.unit_type = index, year, unit_type
        no_source = pgettext("of a fact", "no source")
        lines = [
            f"  - {fact.text} [{fact.sources or no_source}; {fact.where}]" for fact in self.facts
        ]
        if unit_type == "ministry":
            head = _("{index} {year} (ministry): no table fits these {n} facts together:")
        else:
            head = _("{index} {year} (province): no table fits these {n} facts together:")
        advice = _("Check them against their sources, and mark one as disputed or rejected.")
        head = head.format(index=index, year=year, n=len(self.facts))
        super().__init__("\n".join([head, *lines, advice]))


def check(
    facts_table: pd.DataFrame,
    index: str,
    year: int,
    unit_type: str = "province",
    *,
    roster_names: Sequence[str] | None = None,
) -> None:
    """Check that some table of all units fits everything published, regional means included.

    Parameters
    ----------
    facts_table : DataFrame
        As `helpers.facts.load` returns it.
    index : {"PAR", "SIPAS"}
    year : int
    unit_type : {"province", "ministry"}
    roster_names : sequence of str, optional
        The ranked units, where they are not the provinces of the year or the known ministries.

    Raises
    ------
    InconsistentFacts
        No table fits; the message names a smallest set of facts, with sources and lines.
    NotEnoughKnown
        Nothing is published of that index and year, or the ranked units are not known.
    """
    names = tuple(roster_names or roster(facts_table, index, year, unit_type))
    regions = regions_of(year) if unit_type == "province" and not roster_names else None
    facts = gather(facts_table, index, year, unit_type, names, regions)
    if not fits(facts, names):
        raise InconsistentFacts(index, year, unit_type, smallest_conflict(facts, names))


def contradictions(facts_table: pd.DataFrame) -> Iterator[InconsistentFacts]:
    """Check every index, year and kind of unit with published scores or ranks; yield what fails.

    Years of which too little is known to say anything are passed over.
    """
    kinds = facts_table["unit_type"].isin(["province", "ministry"])
    rows = facts_table[kinds & facts_table["measure"].isin(["score", "rank"])]
    for (index, year, unit_type), _rows in rows.groupby(["index", "year", "unit_type"]):
        try:
            check(facts_table, index, year, unit_type)
        except NotEnoughKnown:
            continue
        except InconsistentFacts as error:
            yield error


def fits(facts: Sequence[Fact], names: Sequence[str]) -> bool:
    """Whether some table fits all the facts.

    Exact for everything but sums over groups (regional means): of these, each is compared with
    the least and the greatest sum that its members can reach, and all together with the mean.
    """
    try:
        problem = build(facts, names)
    except Impossible:
        return False
    if not (possible(problem) and _add_up(problem)):
        return False
    return all(_reachable(problem, *group) for group in problem.groups)


def _add_up(problem: Problem) -> bool:
    """Groups that share no unit and cover all must agree with the national sum."""
    covered = [unit for members, _, _ in problem.groups for unit in members]
    if len(covered) != len(problem.units) or len(set(covered)) != len(covered):
        return True
    low = sum(low for _, low, _ in problem.groups)
    high = sum(high for _, _, high in problem.groups)
    return low <= problem.total[1] + SLACK and high >= problem.total[0] - SLACK


def _reachable(problem: Problem, members: list[int], low: float, high: float) -> bool:
    """Whether the sum over some units can lie between two bounds, one group at a time."""
    slot_of = {unit: slot for slot, unit in enumerate(problem.owner) if unit >= 0}
    known = [slot_of[unit] for unit in members if unit in slot_of]
    reach = [problem.slots_for(unit) for unit in members if unit not in slot_of]
    spans = [(slots[0], slots[-1]) for slots in reach]
    for sign in (1, -1):
        chosen = known + _best_slots(problem.free_slots[::sign], spans)
        extreme = _extreme_sum(problem, chosen, sign)
        if sign * extreme < sign * (low if sign > 0 else high) - SLACK:
            return False
    return True


def _best_slots(slots: np.ndarray, spans: list[tuple[int, int]]) -> list[int]:
    """First slots, in the order given, that units with these spans can all be in.

    The sets that can be filled are a matroid, so that of least weight is best for scores in any
    falling (rising) order.
    """
    if not spans:
        return []
    first, last = np.array(spans).T[..., None]
    weight = np.where((slots >= first) & (slots <= last), np.arange(len(slots)), np.inf)
    return list(slots[linear_sum_assignment(weight)[1]])


def _extreme_sum(problem: Problem, slots: list[int], sign: int) -> float:
    """Greatest (sign 1) or least (-1) sum over some slots."""
    n = len(problem.units)
    weight = np.zeros(n)
    weight[slots] = -sign
    order = np.eye(n, k=1)[:-1] - np.eye(n)[:-1]
    rows, ends = [order], [np.zeros(n - 1)]
    for side, end in ((1, problem.total[1]), (-1, -problem.total[0])):
        if np.isfinite(end):
            rows.append(np.full((1, n), side))
            ends.append(np.array([end + SLACK]))
    bounds = np.column_stack([problem.lower, problem.upper])
    answer = linprog(weight, np.vstack(rows), np.concatenate(ends), bounds=bounds)
    if answer.x is None:
        raise CchcError(
            _("The check of a regional mean did not end: {why}").format(why=answer.message)
        )
    return -sign * answer.fun


def smallest_conflict(facts: Sequence[Fact], names: Sequence[str]) -> list[Fact]:
    """Facts that cannot hold together, none of which can be left out.

    The search runs in several orders until two facts of a line each are found, and the result with
    the fewest facts (then the fewest lines) is kept; that none is smaller is likely, not certain.
    """
    rng = np.random.Generator(np.random.PCG64(0))
    orders = [np.arange(len(facts))] + [rng.permutation(len(facts)) for _ in range(ORDERS)]
    found: list[list[Fact]] = []

    def fails(chosen: list[Fact]) -> bool:
        # A conflict that is known is looked for first: it costs next to nothing.
        return any(set(one) <= set(chosen) for one in found) or not fits(chosen, names)

    for order in orders:
        found.append(_quick_explain([facts[i] for i in order], fails))
        if sum(len(fact.places) for fact in found[-1]) <= FEWEST:
            break
    best = min(found, key=lambda conflict: (len(conflict), sum(len(f.places) for f in conflict)))
    return sorted(best, key=lambda fact: fact.places)


def _quick_explain(facts: list[Fact], fails: Callable[[list[Fact]], bool]) -> list[Fact]:
    def explain(background: list[Fact], added: bool, candidates: list[Fact]) -> list[Fact]:
        if added and fails(background):
            return []
        if len(candidates) == 1:
            return candidates
        half = len(candidates) // 2
        first, second = candidates[:half], candidates[half:]
        from_second = explain(background + first, True, second)
        from_first = explain(background + from_second, bool(from_second), first)
        return from_first + from_second

    return explain([], False, facts)
