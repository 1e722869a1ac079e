"""One table that fits, or the certainty that there is none, by mixed-integer programming."""

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import block_array, diags_array, eye_array, kron

from helpers.completion.problem import Problem
from helpers.errors import CchcError

# HiGHS accepts violations up to 1e-7; a published figure is never finer than 1e-4.
SLACK = 1e-6
INFEASIBLE = 2


def solve(problem: Problem) -> tuple[np.ndarray, dict[int, int]] | None:
    """One table that fits: scores by slot (n,) and the slot of each bounded unit; None if none.

    The scores of the slots are continuous, and for each unit of which something is known and whose
    slot is open a binary variable per slot says whether it is there (HiGHS, through
    ``scipy.optimize.milp``). A unit's bound holds of the score of its slot alone.
    """
    p, n = problem, len(problem.units)
    waiting = [unit for unit in p.unranked if p.is_bounded(unit)]
    may = np.zeros((len(waiting), n))
    for row, unit in zip(may, waiting, strict=True):
        row[p.slots_for(unit)] = 1
    raised = np.maximum(p.unit_low[waiting, None] - p.lower, 0).ravel()
    lowered = np.maximum(p.upper - p.unit_high[waiting, None], 0).ravel()
    here = kron(np.ones((len(waiting), 1)), eye_array(n))  # the slot of each place
    falling = eye_array(n - 1, n) - eye_array(n - 1, n, k=1)
    rows = block_array(
        [
            [falling, None],
            [np.ones((1, n)), None],
            [None, kron(eye_array(len(waiting)), np.ones((1, n)))],
            [None, here.T],
            [here, diags_array(-raised)],
            [here, diags_array(lowered)],
        ]
    )
    low = np.r_[np.zeros(n - 1), p.total[0], np.ones(len(waiting)), np.zeros(n)]
    low = np.r_[low, np.tile(p.lower, len(waiting)), np.full(may.size, -np.inf)]
    high = np.r_[np.full(n - 1, np.inf), p.total[1], np.ones(len(waiting) + n)]
    high = np.r_[high, np.full(may.size, np.inf), np.tile(p.upper, len(waiting))]
    answer = milp(
        np.zeros(n + may.size),
        constraints=LinearConstraint(rows, low - SLACK, high + SLACK),
        bounds=Bounds(np.r_[p.lower, np.zeros(may.size)], np.r_[p.upper, may.ravel()]),
        integrality=np.arange(n + may.size) >= n,
    )
    if answer.x is None:
        if answer.status != INFEASIBLE:
            raise CchcError(f"The check for contradictions did not end: {answer.message}")
        return None
    places = answer.x[n:].reshape(may.shape).argmax(axis=1)
    return answer.x[:n], {unit: int(slot) for unit, slot in zip(waiting, places, strict=True)}
