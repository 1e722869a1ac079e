"""Time and memory of completing tables: ``python -m pytest benchmarks/completion.py``.

Goals on one core: the joint draws of all years and both indices in under 20 s and 500 MB, 200 draws
of one index and year read from them in under 0.2 s; it fails where they are missed. Made alone, 200
draws take some half a second. Times are the processor's, so that a busy machine does not count.
"""

import resource
import time

import pytest

from helpers import facts
from helpers.completion import complete, contradictions
from helpers.completion.together import DRAWS, SEED, SWEEPS, draw

pytestmark = pytest.mark.benchmark(timer=time.process_time)
INDEX_YEARS = [("PAR", 2020), ("SIPAS", 2022)]


@pytest.fixture(scope="module")
def table():
    return facts.load()


def test_joint_draws(benchmark, table):
    drawn = benchmark.pedantic(draw, (table, DRAWS, SEED, SWEEPS), rounds=1)
    assert len(drawn.tables) == 21
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    benchmark.extra_info["peak memory, MB"] = round(peak)
    assert benchmark.stats.stats.max < 20 and peak < 500


@pytest.mark.parametrize("index, year", INDEX_YEARS)
def test_one_year_of_them(benchmark, table, index, year):
    drawn = benchmark.pedantic(complete, (table, index, year), rounds=5, warmup_rounds=1)
    assert len(drawn) == 200 and benchmark.stats.stats.max < 0.2


@pytest.mark.parametrize("index, year", INDEX_YEARS)
def test_one_year_alone(benchmark, table, index, year):
    seeds = iter(range(100))

    def alone():
        return complete(table, index, year, seed=next(seeds), link=False)

    assert len(benchmark.pedantic(alone, rounds=5, warmup_rounds=1)) == 200


def test_check_of_everything(benchmark, table):
    assert benchmark.pedantic(lambda: list(contradictions(table)), rounds=3) == []
