"""Rubin's rules against hand-worked numbers and against statsmodels."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from statsmodels.imputation.mice import MICEResults

from helpers.completion.pooling import pool

TABLES = [pd.DataFrame({"score": [value], "rank": [1]}) for value in (1.0, 2.0, 3.0, 4.0)]


def first(table):
    return table["score"].iloc[0]


def test_by_hand():
    # Estimates 1, 2, 3, 4 with variance 0.5 each: between 5/3, total 0.5 + 1.25 * 5/3 = 31/12.
    pooled = pool(lambda table: (first(table), 0.5), TABLES, level=0.9)
    assert pooled["estimate"] == 2.5
    assert pooled["within"] == 0.5
    assert pooled["between"] == pytest.approx(5 / 3)
    assert pooled["total"] == pytest.approx(31 / 12)
    dof = 3 * (31 / 25) ** 2
    assert pooled["dof"] == pytest.approx(dof)
    reach = stats.t.ppf(0.95, dof) * np.sqrt(31 / 12)
    assert [pooled["low"], pooled["high"]] == pytest.approx([2.5 - reach, 2.5 + reach])


def test_small_sample_degrees_of_freedom():
    # Barnard and Rubin: 1 / (1/dof + 1/observed), observed = (nu+1)/(nu+3) nu (1 - share).
    pooled = pool(lambda table: (first(table), 0.5), TABLES, complete_dof=61)
    observed = 62 / 64 * 61 * (1 - 25 / 31)
    assert pooled["dof"] == pytest.approx(1 / (1 / (3 * (31 / 25) ** 2) + 1 / observed))
    assert pooled["dof"] < 3 * (31 / 25) ** 2


def test_agrees_with_statsmodels():
    rng = np.random.default_rng(1)
    estimates, variances = rng.normal(size=20), rng.random(20)
    pairs = iter(zip(estimates, variances, strict=True))
    ours = pool(lambda table: next(pairs), [TABLES[0]] * 20)
    # statsmodels pools in MICE.combine: within + (1 + 1/m) between.
    theirs = variances.mean() + (1 + 1 / 20) * estimates.var(ddof=1)
    result = MICEResults(_Model(), np.array([estimates.mean()]), np.array([[theirs]]))
    assert ours["estimate"] == pytest.approx(result.params[0])
    assert np.sqrt(ours["total"]) == pytest.approx(result.bse[0])


class _Model:
    exog_names = ("made up",)
    endog_names = "made up"


def test_without_variances_the_interval_is_between_quantiles():
    pooled = pool(first, TABLES, level=0.5)
    assert pooled["within"] == 0
    assert np.isnan(pooled["dof"])
    assert [pooled["low"], pooled["high"]] == [1.75, 3.25]


def test_no_between_variance_gives_endless_degrees_of_freedom():
    pooled = pool(lambda table: (7.0, 4.0), TABLES)
    assert np.isinf(pooled["dof"])
    assert pooled["total"] == 4.0
    assert pooled["high"] == pytest.approx(7 + 2 * stats.norm.ppf(0.975))


def test_series_and_frames_give_a_row_per_quantity():
    plain = pool(lambda table: pd.Series({"a": first(table), "b": 0.0}), TABLES)
    assert list(plain.index) == ["a", "b"]
    assert plain.loc["a", "estimate"] == 2.5
    assert plain.loc["b", ["low", "high"]].tolist() == [0, 0]
    frame = pool(
        lambda table: pd.DataFrame({"estimate": [first(table)], "variance": [0.5]}, index=["a"]),
        TABLES,
    )
    assert frame.loc["a", "total"] == pytest.approx(31 / 12)


def test_one_table_is_not_enough():
    with pytest.raises(ValueError, match="at least two"):
        pool(first, TABLES[:1])
