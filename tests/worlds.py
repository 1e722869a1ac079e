"""Made-up worlds whose truth is known: drawn from the model, and published as the press would.

The names of the provinces and their regions are the real ones, since the joint model is of them;
every figure is made up. ``python tests/worlds.py 200`` goes on until ``docs/made_up_worlds.csv``
has what the intervals of the whole chain hold in 200 worlds whose parameters are drawn from their
prior, and in 200 of one setting; `tools/renew_docs.py` tells of it in ``docs/methods.md``.
"""

import itertools
import sys
from collections.abc import Iterable, Iterator

import numpy as np
import pandas as pd
from toys import figures

from helpers import facts, paths, units
from helpers.completion import model
from helpers.completion.together import SWEEPS
from helpers.completion.together import draw as joint_draws

YEARS = range(2017, 2022)
# How many ranks and scores are published of each year, as of the real ones.
PUBLISHED = {"PAR": [(24, 7), (30, 19), (35, 25), (46, 34), (40, 30)],
             "SIPAS": [(13, 13), (7, 8), (18, 10), (32, 26), (28, 22)]}  # fmt: skip
TOLD = 3, 10  # every third of those without a score, ten in all
MEAN = {"PAR": [77.7, 76.9, 81.2, 83.7, 86.4], "SIPAS": [80.9, 83.0, 84.5, 85.5, 87.2]}
SPREAD = {"PAR": 3.5, "SIPAS": 3.5}
# Parameters near those that the real figures give.
THETA = np.array([
    *(-1.4, -0.9, -0.6, -0.1, -0.6, -0.9, -4.1, -3.4, -3.4, -2.2, -1.8, -2.6),
    *(1.5, 0.7, 0.9, 0.6, 0.35, 0.85),
])  # fmt: skip
DRAWS = 119
STORED = paths.project_root() / "docs" / "made_up_worlds.csv"


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
    truth, rows, before = {}, [], set()
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
        # And some tell a change, or its direction, of provinces without a score in either year.
        scored = set(order[: counts[1]])
        if place == len(YEARS) - 2:
            change = (truth[index, year] - truth[index, year - 1]).round(2)
            untold = [unit for unit in order if unit not in scored | before][:: TOLD[0]][: TOLD[1]]
            rows += [(u, index, year, "change", "", change[u]) for u in untold[::2]]
            rows += [(u, index, year, "direction", "", np.sign(change[u])) for u in untold[1::2]]
        before = scored
        if place > 1:
            rose = (truth[index, year] > truth[index, year - 1]).sum()
            rows.append((facts.NATION, index, year, "count", "increased", rose))
    return figures(rows, ["unit", "index", "year", "measure", "part", "value"]), truth


def held(figures: pd.DataFrame, truth: dict, seed: int) -> dict[str, float]:
    """Whether, or of how many provinces, the intervals of one world hold what is true."""
    joint = joint_draws(figures, DRAWS, seed, SWEEPS)
    drawn = {key: joint.scores(*key).to_numpy() for key in truth}
    true = {key: scores.to_numpy()[None] for key, scores in truth.items()}

    result = {"correlation": _inside(_correlation(true)[0], _correlation(drawn), 0.95)}
    for index in PUBLISHED:
        change = (joint.ranks(index, 2019) - joint.ranks(index, 2020)).to_numpy()
        ranks = {y: truth[index, y].rank(ascending=False, method="first") for y in (2019, 2020)}
        of_all = _inside((ranks[2019] - ranks[2020]).to_numpy(), change, 0.9)
        result[f"change_{index}"] = of_all[change.std(axis=0) > 0].mean()
    for name, ways in {"rises": _ways(true, drawn, 1), "falls": _ways(true, drawn, -1)}.items():
        result |= {name: _inside(ways[0][0], ways[1], 0.9)}
        result |= {f"{name}_true": ways[0][0], f"{name}_drawn": ways[1].mean()}
    return {name: float(value) for name, value in result.items()}


def _correlation(scores: dict) -> np.ndarray:
    """Correlation of PAR and SIPAS 2020, by table."""
    pairs = zip(scores["PAR", 2020], scores["SIPAS", 2020], strict=True)
    return np.array([np.corrcoef(*pair)[0, 1] for pair in pairs])


def _ways(true: dict, drawn: dict, sign: int) -> list[np.ndarray]:
    """How many provinces rose (fell) in SIPAS in each year of 2017-2020: true, and by draw."""
    steps = [
        np.diff(np.stack([scores["SIPAS", year] for year in range(2017, 2021)]), axis=0)
        for scores in (true, drawn)
    ]
    return [(sign * step > 0).all(axis=0).sum(axis=-1) for step in steps]


def _inside(true, drawn: np.ndarray, level: float):
    """Share of middle ranks among those that the truth may have in the draws, as ties are broken.

    Were the truth one more draw, they would be `level` of all on average (Talts et al. 2018, arXiv
    1804.06788), since `DRAWS` + 1 times half of what is left out is a whole number.
    """
    below, ties = (drawn < true).sum(axis=0), (drawn == true).sum(axis=0)
    out = round((DRAWS + 1) * (1 - level) / 2)
    middle = np.minimum(below + ties, DRAWS - out) - np.maximum(below, out) + 1
    return np.maximum(middle, 0) / (ties + 1)


def made(number: int, parameters: str) -> tuple[pd.DataFrame, dict] | None:
    """One world, what is published of it and its truth; None where scores leave the scale."""
    how = from_prior(number) if parameters == "drawn" else (THETA, SPREAD)
    published, truth = world(np.random.default_rng([1, number]), *how)
    return (published, truth) if all(s.between(0, 100).all() for s in truth.values()) else None


def run(numbers: Iterable[int], parameters: str) -> Iterator[dict]:
    """What is held in each of these worlds, but those that leave the scale."""
    for number in numbers:
        if (one := made(number, parameters)) is not None:
            yield {"parameters": parameters, "world": number, **held(*one, seed=number)}


def go_on(count: int) -> None:
    """Add worlds to those stored until there are so many of either kind; each is kept at once."""
    for parameters in ("drawn", "fixed"):
        stored = pd.read_csv(STORED) if STORED.exists() else pd.DataFrame(columns=["parameters"])
        stored = stored[stored["parameters"] == parameters]
        first = int(stored["world"].max()) + 1 if len(stored) else 0
        for row in itertools.islice(
            run(itertools.count(first), parameters), max(count - len(stored), 0)
        ):
            table = pd.DataFrame([row]).round(6)
            table.to_csv(
                STORED, mode="a", header=not STORED.exists(), index=False, lineterminator="\n"
            )


if __name__ == "__main__":
    go_on(int(sys.argv[1]))
