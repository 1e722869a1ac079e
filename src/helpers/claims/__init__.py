"""Official statements beside what the other published figures say.

Each statement gets a verdict, and a statement is never checked against itself. Before anything is
computed, `without` takes away

1. every row that states the same figure, whoever printed it;
2. the rows that say the same in other words (`EQUIVALENT`): a change is worked out from the two
   means, "56 in group B" from "58 above 80";
3. every derived row of the same unit and kind in the years around, since its arithmetic may start
   from the statement ("rank 2020 (29) + 14 places").

Verdicts
--------
reproduced
    An expression of the other published figures gives it, as far as their rounding allows.
consistent
    It lies in the central 90% of the completed tables drawn from the other figures (``low`` to
    ``high``), and more than half of them have it to within `TOLERANCE`, so that tables too loose
    to say anything do not pass for support.
unlikely
    It lies outside the central 90% of those tables, though none of the figures rules it out.
contradicted
    The expression gives another figure, or no table at all fits the other figures and the
    statement together. That no drawn table comes as far is not enough, and no more than unlikely:
    draws favour a smooth curve of scores, and the first of a ranking may well stand out from it.
cannot be checked
    None of these: ``missing`` says which figures would decide.
"""

from helpers.claims.checking import check
from helpers.claims.drawn import TOLERANCE
from helpers.claims.evidence import (
    CONSISTENT,
    CONTRADICTED,
    REPRODUCED,
    UNCHECKED,
    UNLIKELY,
    VERDICTS,
)
from helpers.claims.expressions import ExpressionError
from helpers.claims.independence import key, without
