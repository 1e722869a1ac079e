"""What a check works with: the figures left for a statement, and what it finds in them."""

from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from helpers import completion
from helpers.completion.gather import roster

REPRODUCED, CONSISTENT, CONTRADICTED = "reproduced", "consistent", "contradicted"
UNLIKELY, UNCHECKED = "unlikely", "cannot be checked"
VERDICTS = (REPRODUCED, CONSISTENT, UNLIKELY, CONTRADICTED, UNCHECKED)

# A difference of rounded figures may be off by one unit of the last decimal, a sum of four by two.
LAST_DECIMAL = 0.01
EXACT = 1e-6

_OF_RANKING = ("score", "rank", "rank_at_least", "rank_at_most", "rank_change", "change",
               "direction")  # fmt: skip
_OF_ALL = ("mean", "min", "max", "median", "ministry_mean")
_COUNTS = r"(?:ministries_)?(?:(?:above|below)_(?:mean|\d+)|group_[A-D]|increased|decreased)"

# A text to be told in the language then in use: its English, and what its fields stand for.
Said = tuple[str, dict]


class Finding(NamedTuple):
    """What the other figures say."""

    verdict: str
    how: tuple[Said, ...] = ()
    missing: Said | None = None
    found: float = np.nan
    low: float = np.nan
    high: float = np.nan
    share: float = np.nan
    used: pd.DataFrame | None = None
    expression: str = ""
    numbers: str = ""


class Evidence(NamedTuple):
    """A statement, the figures that are left for it, and how to complete a table of them."""

    claim: Any  # a row of `helpers.facts.claims`, of itertuples()
    table: pd.DataFrame  # of what is published, without all that repeats the statement
    published: pd.DataFrame
    claims: pd.DataFrame
    draws: int
    seed: int
    names: tuple[str, ...] | None

    @property
    def unit_type(self) -> str:
        """Units whose ranking the statement is on: "province" or "ministry"."""
        claim = self.claim
        if claim.unit_type != "national":
            return claim.unit_type
        of_ministries = claim.quantity.startswith("ministry") or claim.part.startswith("ministr")
        return "ministry" if of_ministries else "province"

    def units(self) -> tuple[str, ...]:
        """Names of the units that are ranked."""
        return self.names or roster(self.table, self.claim.index, self.claim.year, self.unit_type)

    def tables(self, year: int) -> completion.CompletedTables:
        """Completed tables of a year, of the statement's index.

        Made without what other years and the other index say: that ranks persist is a guess, and a
        verdict is not to hang on it.
        """
        return completion.complete(
            *(self.table, self.claim.index, year, self.unit_type, self.draws, self.seed),
            link=False,
            roster_names=self.names,
        )

    def rows(self, measures=None, years=(0,)) -> pd.DataFrame:
        """Accepted rows of the units (and, without ``measures``, of all of them) in some years."""
        table = self.table
        here = (table["index"] == self.claim.index) & (table["status"] == "accepted")
        here &= table["year"].isin([self.claim.year + step for step in years])
        of_units = table["measure"].isin(_OF_RANKING if measures is None else measures)
        chosen = here & (table["unit_type"] == self.unit_type) & of_units
        if measures is None:
            of_ministries = table["part"].str.startswith("ministries_")
            of_ministries |= table["measure"] == "ministry_mean"
            counts = (table["measure"] == "count") & table["part"].str.fullmatch(_COUNTS)
            of_all = (table["unit_type"] == "national") & (table["measure"].isin(_OF_ALL) | counts)
            chosen |= here & of_all & (of_ministries == (self.unit_type == "ministry"))
        return table[chosen]
