"""How long the sets for 63 units take; run with ``python -m pytest benchmarks/ranking.py``.

One core is meant: set ``OMP_NUM_THREADS=1``. Aim: both kinds together in less than 2 s.
"""

import numpy as np
import pytest

from helpers import ranking

UNITS = 63


@pytest.fixture
def crowded():
    """Made-up scores, close together and with correlated errors."""
    rng = np.random.default_rng(63)
    errors = rng.uniform(1, 2, UNITS)
    apart = np.abs(np.subtract.outer(np.arange(UNITS), np.arange(UNITS)))
    return rng.normal(85, 4, UNITS), 0.5**apart * np.outer(errors, errors)


@pytest.mark.parametrize("simultaneous", [False, True])
def test_rank_confidence_sets(benchmark, crowded, simultaneous):
    sets = benchmark(ranking.rank_confidence_sets, *crowded, simultaneous=simultaneous)
    assert len(sets) == UNITS


def test_probability_of_change(benchmark, crowded):
    scores, covariance = crowded
    errors = np.sqrt(np.diag(covariance))
    changes = benchmark(ranking.probability_of_change, scores, scores[::-1], errors, errors)
    assert len(changes) == UNITS
