"""How far joint draws are from where more sweeps take them: ``python benchmarks/mixing.py``.

Draws after the sweeps that pages use are set against draws after twenty times as many, of other
seeds. Of each score and rank that is not known the difference of the means is told in standard
deviations of the longer run; what two samples of this size differ by anyway is taken off the mean
square. It takes a quarter of an hour on one core.
"""

import argparse

import numpy as np
import pandas as pd

from helpers import facts, units
from helpers.completion.together import DRAWS, SEED, SWEEPS, Joint, draw

SPREAD = {"score": 0.02, "rank": 0.2}  # less than this is settled, and has nothing to compare


def runs(figures: pd.DataFrame, seeds: range, sweeps: int) -> list[Joint]:
    """Draw all years together, once for each seed."""
    return [draw(figures, DRAWS, SEED + seed, sweeps) for seed in seeds]


def shifts(short: list[Joint], long: list[Joint]) -> pd.DataFrame:
    """Difference of means in standard deviations, and its expected square if there were none."""
    rows = []
    for index, year in long[0].tables:
        for number, figure in enumerate(SPREAD):
            few, many = (
                np.concatenate([one.tables[index, year][number] for one in of]).astype(float)
                for of in (short, long)
            )
            spread = many.std(axis=0)
            shift = (few.mean(axis=0) - many.mean(axis=0)) / spread.clip(1e-9)
            noise = few.var(axis=0) / spread.clip(1e-9) ** 2 / len(few) + 1 / len(many)
            rows += [
                (index, year, figure, unit, shift[place], noise[place])
                for place, unit in enumerate(long[0].units)
                if spread[place] > SPREAD[figure]
            ]
    return pd.DataFrame(rows, columns=["index", "year", "figure", "unit", "shift", "noise"])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--times", type=int, default=20, help="as many sweeps in the longer run")
    parser.add_argument("--seeds", type=int, default=2, help="of either run")
    parser.add_argument("--year", type=int, default=2020, help="whose largest shifts are listed")
    given = parser.parse_args()
    figures = facts.load()
    figures = figures[figures["year"] < units.MERGER]
    found = shifts(
        runs(figures, range(given.seeds), SWEEPS),
        runs(figures, range(given.seeds, 2 * given.seeds), given.times * SWEEPS),
    )
    size, square = found["shift"].abs(), (found["shift"] ** 2 - found["noise"]).mean()
    print(f"{len(found)} scores and ranks; {SWEEPS} sweeps against {given.times * SWEEPS}")
    print(f"root mean square of the shift, noise taken off: {np.sqrt(max(square, 0)):.2f} SD")
    print(f"shifted by more than 0.3 SD: {(size > 0.3).mean():.1%}, 0.5: {(size > 0.5).mean():.1%}")
    for title, rows in (("all years", found), (given.year, found[found["year"] == given.year])):
        largest = rows.loc[rows["shift"].abs().nlargest(5).index].drop(columns="noise")
        print(f"\nlargest of {title}:\n{largest.round(2).to_string(index=False)}")


if __name__ == "__main__":
    main()
