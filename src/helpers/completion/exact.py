"""One table that fits, or the certainty that there is none, by mixed-integer programming.

The scores of the slots are continuous, and for each unit of which something is known a binary
variable per slot says whether it is there (HiGHS, through ``scipy.optimize.milp``).
"""

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import coo_array

from helpers.completion.problem import Problem
from helpers.errors import CchcError

# HiGHS accepts violations up to 1e-7; a published figure is never finer than 1e-4.
SLACK = 1e-6
INFEASIBLE = 2


def solve(problem: Problem) -> tuple[np.ndarray, dict[int, int]] | None:
    """One table that fits: scores by slot (n,) and the slot of each bounded unit; None if none."""
    model = _Model(problem)
    for unit in problem.unranked:
        if problem.is_bounded(unit):
            model.place(unit)
    model.one_unit_per_slot()
    return model.run()


class _Model:
    """Rows of the programme while it is put together."""

    def __init__(self, problem: Problem):
        self.problem = problem
        n = self.variables = len(problem.units)
        self.rows: list[tuple[dict[int, float], float, float]] = []
        self.places: dict[int, dict[int, int]] = {}
        for slot in range(n - 1):
            if problem.lower[slot] < problem.upper[slot + 1]:
                self.rows.append(({slot: 1.0, slot + 1: -1.0}, 0.0, np.inf))
        if np.isfinite(problem.total).any():
            self.rows.append((dict.fromkeys(range(n), 1.0), *problem.total))

    def place(self, unit: int) -> None:
        """The unit is in one of its slots, and its bounds hold there."""
        p = self.problem
        slots = [int(slot) for slot in p.slots_for(unit)]
        first, self.variables = self.variables, self.variables + len(slots)
        self.places[unit] = dict(zip(slots, range(first, self.variables), strict=True))
        self.rows.append((dict.fromkeys(self.places[unit].values(), 1.0), 1.0, 1.0))
        for slot, here in self.places[unit].items():
            reach = p.unit_low[unit] - p.lower[slot]
            if reach > 0:
                self.rows.append(({slot: 1.0, here: -reach}, p.lower[slot], np.inf))
            reach = p.upper[slot] - p.unit_high[unit]
            if reach > 0:
                self.rows.append(({slot: 1.0, here: reach}, -np.inf, p.upper[slot]))

    def one_unit_per_slot(self) -> None:
        for slot in self.problem.free_slots:
            here = [places[slot] for places in self.places.values() if slot in places]
            if len(here) > 1:
                self.rows.append((dict.fromkeys(here, 1.0), -np.inf, 1.0))

    def run(self) -> tuple[np.ndarray, dict[int, int]] | None:
        row, column, entry = [], [], []
        for number, (terms, _, _) in enumerate(self.rows):
            row += [number] * len(terms)
            column += terms.keys()
            entry += terms.values()
        matrix = coo_array((entry, (row, column)), shape=(len(self.rows), self.variables))
        low = np.array([low for _, low, _ in self.rows]) - SLACK
        high = np.array([high for _, _, high in self.rows]) + SLACK
        p = self.problem
        places = np.zeros(self.variables - len(p.units))
        answer = milp(
            np.zeros(self.variables),
            constraints=LinearConstraint(matrix.tocsr(), low, high) if self.rows else (),
            bounds=Bounds(np.append(p.lower, places), np.append(p.upper, places + 1)),
            integrality=np.arange(self.variables) >= len(p.units),
        )
        if answer.x is None:
            if answer.status != INFEASIBLE:
                raise CchcError(f"The check for contradictions did not end: {answer.message}")
            return None
        chosen = {
            unit: next(slot for slot, here in places.items() if answer.x[here] > 0.5)
            for unit, places in self.places.items()
        }
        return answer.x[: len(p.units)], chosen
