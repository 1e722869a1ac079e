"""Time and memory of completing tables: ``python -m pytest benchmarks/completion.py``.

Goals on one core: 200 draws of one index and year in under 0.5 s, all 21 published ones in under
10 s, under 300 MB; the check of every index and year within a few seconds.
"""

import resource

import pytest

from helpers import facts
from helpers.completion import complete, contradictions

PUBLISHED = [("PAR", year) for year in range(2012, 2025)]
PUBLISHED += [("SIPAS", year) for year in range(2017, 2025)]


@pytest.fixture(scope="module")
def table():
    return facts.load()


@pytest.mark.parametrize("index, year", [("PAR", 2020), ("SIPAS", 2022)])
def test_one_year(benchmark, table, index, year):
    drawn = benchmark.pedantic(complete, (table, index, year), rounds=5, warmup_rounds=1)
    assert len(drawn) == 200


def test_all_years(benchmark, table):
    def run():
        return [complete(table, index, year) for index, year in PUBLISHED]

    assert len(benchmark.pedantic(run, rounds=1)) == len(PUBLISHED)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    benchmark.extra_info["peak memory, MB"] = round(peak)
    print(f"\npeak memory {peak:.0f} MB")


def test_check_of_everything(benchmark, table):
    assert benchmark.pedantic(lambda: list(contradictions(table)), rounds=3) == []
