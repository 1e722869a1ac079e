"""Completed tables in the forms that charts and tables take."""

import pytest

from helpers import facts, wording
from helpers.report import completed


@pytest.fixture(scope="module")
def tables(table):
    return completed.by_index(table, 2020)


def test_one_table_for_each_index_of_which_enough_is_known(table, tables):
    assert list(tables) == ["PAR", "SIPAS"]
    assert list(completed.by_index(table, 2014)) == ["PAR"]


def test_what_is_the_same_in_every_table_counts_as_derived(table, tables):
    assert facts.figure(table, "Bến Tre", "PAR", 2020, "rank") is None
    made = completed.filled(table, tables)
    row = facts.scores(made, "PAR", 2020).loc["Bến Tre"]
    assert row["rank"] == 44 and facts.kind(row["rank_derivation"]) == "derived"
    told = "hạng 44 là hạng duy nhất khớp với mọi số liệu đã công bố"
    assert wording.arithmetic(row["rank_derivation"]) == told
    assert len(made) == len(table) + 1 and made.dtypes.equals(table.dtypes)
    assert completed.filled(table, {}) is table
