"""How far draws are from where more sweeps take them: ``python benchmarks/mixing.py``.

Draws after the sweeps that pages use are set against draws after `--times` as many, of other seeds:
of all years together, and of each year alone, ministries among them. Of each score and rank that is
not known, and of how far the scores of a table are apart, the difference of the means is told in
standard deviations of the longer run; what two samples of this size differ by anyway is taken off
the mean square. It takes a quarter of an hour on one core.
"""

import argparse
import contextlib
from collections.abc import Callable
from itertools import product

import numpy as np
import pandas as pd

from helpers import completion, facts, units
from helpers.completion.together import DRAWS, SEED, SWEEPS, draw

# Deviations less than these are of what is settled, and has nothing to compare.
SETTLED = {"score": 0.02, "rank": 0.2, "spread": 0.01}
Draws = dict[tuple, tuple[pd.DataFrame, pd.DataFrame]]  # scores and ranks of each table


def together(figures: pd.DataFrame, seed: int, sweeps: int) -> Draws:
    """Draw all years together."""
    made = draw(figures, DRAWS, seed, sweeps)
    return {key: (made.scores(*key), made.ranks(*key)) for key in made.tables}


def alone(figures: pd.DataFrame, seed: int, sweeps: int) -> Draws:
    """Draw each year by itself, of provinces and of ministries."""
    found = {}
    for key in figures[["index", "year", "unit_type"]].drop_duplicates().itertuples(index=False):
        if key.unit_type in ("province", "ministry"):
            with contextlib.suppress(completion.NotEnoughKnown):
                how = {"seed": seed, "link": False, "sweeps": sweeps}
                made = completion.complete(figures, *key, **how)
                found[tuple(key)] = made.scores, made.ranks
    return found


def shifts(short: list[Draws], long: list[Draws]) -> pd.DataFrame:
    """Difference of means in standard deviations, and its expected square if there were none."""
    rows = []
    for key, figure in product(long[0], SETTLED):
        few, many = (pd.concat([_drawn(figure, *one[key]) for one in of]) for of in (short, long))
        deviation = many.std(ddof=0).clip(lower=1e-9)
        shift = (few.mean() - many.mean()) / deviation
        noise = few.var(ddof=0) / deviation**2 / len(few) + 1 / len(many)
        found = pd.DataFrame({"shift": shift, "noise": noise})[deviation > SETTLED[figure]]
        rows.append(found.rename_axis("unit").reset_index().assign(table=str(key), of=figure))
    return pd.concat(rows, ignore_index=True)


def _drawn(figure: str, scores: pd.DataFrame, ranks: pd.DataFrame) -> pd.DataFrame:
    if figure == "spread":
        return scores.std(axis=1).to_frame("all")
    return scores if figure == "score" else ranks


def told(way: Callable, figures: pd.DataFrame, seeds: int, times: int) -> None:
    """Draw in one way, few sweeps and many, and tell how far apart they are."""
    short, long = (
        [way(figures, SEED + seed, sweeps) for seed in range(first, first + seeds)]
        for first, sweeps in ((0, SWEEPS), (seeds, times * SWEEPS))
    )
    every = shifts(short, long)
    found = every[every["of"] != "spread"]
    size, square = found["shift"].abs(), (found["shift"] ** 2 - found["noise"]).mean()
    head = f"{way.__name__}: {len(found)} scores and ranks"
    print(f"{head}; {SWEEPS} sweeps against {times * SWEEPS}, {seeds} seeds each")
    print(f"root mean square of the shift, noise taken off: {np.sqrt(max(square, 0)):.3f} SD")
    print(f"shifted by more than 0.3 SD: {(size > 0.3).mean():.1%}, 0.5: {(size > 0.5).mean():.1%}")
    for of, rows in every.groupby(every["of"] == "spread"):
        largest = rows.loc[rows["shift"].abs().nlargest(8).index].drop(columns="noise")
        print("largest of spreads:" if of else "largest of these:")
        print(largest.round(2).to_string(index=False))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=2, help="of either run")
    parser.add_argument("--times", type=int, default=10, help="as many sweeps in the longer run")
    given = parser.parse_args()
    figures = facts.load()
    figures = figures[figures["year"] < units.MERGER]
    for way in (alone, together):
        told(way, figures, given.seeds, given.times)


if __name__ == "__main__":
    main()
