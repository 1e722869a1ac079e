"""How far draws are from where more sweeps take them: ``python benchmarks/mixing.py``.

Draws after the sweeps that pages use are set against draws after more, of other seeds: those of
all years together against twenty times as many, those of each year alone, ministries among them,
against ten times. Of each score and rank that is not known the difference of the means is told in
standard deviations of the longer run; what two samples of this size differ by anyway is taken off
the mean square. It takes a quarter of an hour on one core.
"""

import argparse
import contextlib
from collections.abc import Callable

import numpy as np
import pandas as pd

from helpers import completion, facts, units
from helpers.completion.together import DRAWS, SEED, SWEEPS, draw

SPREAD = {"score": 0.02, "rank": 0.2}  # less than this is settled, and has nothing to compare
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
    for key in long[0]:
        for number, (figure, least) in enumerate(SPREAD.items()):
            few, many = (pd.concat([one[key][number] for one in of]) for of in (short, long))
            spread = many.std(ddof=0).clip(lower=1e-9)
            shift = (few.mean() - many.mean()) / spread
            noise = few.var(ddof=0) / spread**2 / len(few) + 1 / len(many)
            found = pd.DataFrame({"shift": shift, "noise": noise})[spread > least]
            rows.append(found.rename_axis("unit").reset_index().assign(table=str(key), of=figure))
    return pd.concat(rows, ignore_index=True)


def told(way: Callable, figures: pd.DataFrame, seeds: int, times: int) -> None:
    """Draw in one way, few sweeps and many, and tell how far apart they are."""
    short, long = (
        [way(figures, SEED + seed, sweeps) for seed in range(first, first + seeds)]
        for first, sweeps in ((0, SWEEPS), (seeds, times * SWEEPS))
    )
    found = shifts(short, long)
    size, square = found["shift"].abs(), (found["shift"] ** 2 - found["noise"]).mean()
    head = f"{way.__name__}: {len(found)} scores and ranks"
    print(f"{head}; {SWEEPS} sweeps against {times * SWEEPS}, {seeds} seeds each")
    print(f"root mean square of the shift, noise taken off: {np.sqrt(max(square, 0)):.3f} SD")
    print(f"shifted by more than 0.3 SD: {(size > 0.3).mean():.1%}, 0.5: {(size > 0.5).mean():.1%}")
    print(found.loc[size.nlargest(8).index].drop(columns="noise").round(2).to_string(index=False))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=2, help="of either run")
    given = parser.parse_args()
    figures = facts.load()
    figures = figures[figures["year"] < units.MERGER]
    told(alone, figures, given.seeds, 10)
    told(together, figures, given.seeds, 20)


if __name__ == "__main__":
    main()
