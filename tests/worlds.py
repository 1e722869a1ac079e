"""Made-up worlds whose truth is known: drawn from the model, and published as the press would.

The names of the provinces and their regions are the real ones, since the joint model is of them;
every figure is made up. ``python tests/worlds.py 200`` says how often the intervals of the whole
chain hold the truth, with binomial intervals, in worlds of one setting of the parameters;
``python tests/worlds.py 200 drawn`` in worlds whose parameters are drawn from their prior.
"""

import sys

import numpy as np
import pandas as pd
from scipy.stats import binomtest

from helpers import facts, units
from helpers.completion import model
from helpers.completion.together import draw as joint_draws

YEARS = range(2017, 2022)
# How many ranks and scores are published of each year, as of the real ones.
PUBLISHED = {"PAR": [(24, 7), (30, 19), (35, 25), (46, 34), (40, 30)],
             "SIPAS": [(13, 13), (7, 8), (18, 10), (32, 26), (28, 22)]}  # fmt: skip
MEAN = {"PAR": [77.7, 76.9, 81.2, 83.7, 86.4], "SIPAS": [80.9, 83.0, 84.5, 85.5, 87.2]}
SPREAD = {"PAR": 3.5, "SIPAS": 3.5}
# Parameters near those that the real figures give.
THETA = np.array([
    *(-1.4, -0.9, -0.6, -0.1, -0.6, -0.9, -4.1, -3.4, -3.4, -2.2, -1.8, -2.6),
    *(1.5, 0.7, 0.9, 0.6, 0.35, 0.85),
])  # fmt: skip
DRAWS, SWEEPS = 100, 200


def from_prior(number: int) -> tuple[np.ndarray, dict]:
    """Parameters from their prior, and the spreads that give scores one of `SPREAD`."""
    rng = np.random.default_rng([7, number])
    theta = model.PRIOR[:, 0] + model.PRIOR[:, 1] * rng.standard_normal(len(model.PRIOR))
    sd = np.sqrt(np.exp(theta[:12].reshape(4, 3)).sum(axis=0))
    return theta, {index: SPREAD[index] / sd[series] for series, index in enumerate(SPREAD)}


def world(rng: np.random.Generator, theta=THETA, spread=SPREAD) -> tuple[pd.DataFrame, dict]:
    """What is published of a made-up world, and its true scores by (index, year)."""
    provinces = units.provinces()
    region = provinces["region"].astype("category").cat.codes.to_numpy(dtype=int)
    series = np.repeat([0, 1], len(YEARS))
    columns = model.Columns(series, np.tile(YEARS, 2))
    within, between = model.covariances(theta, columns)
    effects = rng.multivariate_normal(np.zeros(3), between, region.max() + 1)
    z = rng.multivariate_normal(np.zeros(len(series)), within, len(region))
    z += (effects @ columns.design.T)[region]
    known = rng.standard_normal(len(region))  # some provinces are reprinted more than others
    truth, rows = {}, []
    for number, (index, year) in enumerate((i, y) for i in PUBLISHED for y in YEARS):
        place = number % len(YEARS)
        scores = np.round(MEAN[index][place] + spread[index] * z[:, number], 2)
        truth[index, year] = pd.Series(scores, index=provinces["name"])
        # The best are reprinted more than others, and the last too.
        ranks = truth[index, year].rank(ascending=False, method="first")
        wish = known + rng.gumbel(size=len(ranks)) + 1.0 * (ranks <= 10) + 0.7 * (ranks >= 58)
        order = wish.sort_values(ascending=False).index
        counts = PUBLISHED[index][place]
        rows += [(unit, index, year, "rank", "", ranks[unit]) for unit in order[: counts[0]]]
        rows += [(u, index, year, "score", "", truth[index, year][u]) for u in order[: counts[1]]]
        rows.append((facts.NATION, index, year, "mean", "", round(scores.mean(), 2)))
        above = (scores > 80).sum()
        rows.append((facts.NATION, index, year, "count", "above_80", above))
        if place > 1:
            rose = (truth[index, year] > truth[index, year - 1]).sum()
            rows.append((facts.NATION, index, year, "count", "increased", rose))
    return _figures(rows), truth


def _figures(rows: list[tuple]) -> pd.DataFrame:
    table = pd.DataFrame(rows, columns=["unit", "index", "year", "measure", "part", "value"])
    table["value"] = table["value"].astype(float)
    nation = table["unit"] == facts.NATION
    table["unit_type"] = np.where(nation, "national", "province")
    for column, text in (("status", "accepted"), ("derivation", ""), ("sources", "made-up"),
                         ("note", ""), ("file", "made-up.csv")):  # fmt: skip
        table[column] = text
    table["line"] = np.arange(2, len(table) + 2)
    return table


def held(figures: pd.DataFrame, truth: dict, seed: int) -> dict[str, float]:
    """Whether, or of how many provinces, the intervals of one world hold what is true."""
    joint = joint_draws(figures, DRAWS, seed, SWEEPS)
    par, sipas = (joint.scores(index, 2020).to_numpy() for index in PUBLISHED)
    result = {}
    drawn = [np.corrcoef(*pair)[0, 1] for pair in zip(par, sipas, strict=True)]
    true = np.corrcoef(truth["PAR", 2020], truth["SIPAS", 2020])[0, 1]
    result["correlation"] = _inside(true, np.array(drawn), 0.95)
    for index in PUBLISHED:
        change = (joint.ranks(index, 2019) - joint.ranks(index, 2020)).to_numpy()
        ranks = {y: truth[index, y].rank(ascending=False, method="first") for y in (2019, 2020)}
        true = (ranks[2019] - ranks[2020]).to_numpy()
        open_ = change.std(axis=0) > 0
        result[f"rank change, {index}"] = _inside(true, change, 0.9)[open_].mean()
    rises = _rises([joint.scores("SIPAS", year).to_numpy() for year in range(2017, 2021)])
    true = _rises([truth["SIPAS", year].to_numpy()[None] for year in range(2017, 2021)])
    result["steady rises"] = _inside(true[0], rises, 0.9)
    return result


def _rises(scores: list[np.ndarray]) -> np.ndarray:
    """How many provinces rose in every year, by draw."""
    return (np.diff(np.stack(scores, axis=-1), axis=-1) > 0).all(axis=-1).sum(axis=1)


def _inside(true, drawn: np.ndarray, level: float):
    tail = (1 - level) / 2
    low, high = np.quantile(drawn, [tail, 1 - tail], axis=0, method="closest_observation")
    return (low <= true) & (true <= high)


def run(count: int, drawn: bool = False, seed: int = 1) -> pd.DataFrame:
    """The shares held in each of some worlds, a row per world; parameters from the prior if drawn.

    Worlds whose scores leave the scale, so that no table fits, have no row.
    """
    rows = {}
    for number, stream in enumerate(np.random.SeedSequence(seed).spawn(count)):
        how = from_prior(number) if drawn else (THETA, SPREAD)
        made = world(np.random.Generator(np.random.PCG64(stream)), *how)
        if all(scores.between(0, 100).all() for scores in made[1].values()):
            rows[number] = held(*made, seed=number)
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("world")


if __name__ == "__main__":
    shares = run(int(sys.argv[1]), drawn="drawn" in sys.argv)
    for name, values in shares.items():
        if values.isin([0, 1]).all():
            ends = binomtest(int(values.sum()), len(values)).proportion_ci()
            print(f"{name}: {values.mean():.3f} ({ends.low:.3f} to {ends.high:.3f})")
        else:
            error = 2 * values.std() / np.sqrt(len(values))
            print(f"{name}: {values.mean():.3f} (± {error:.3f})")
