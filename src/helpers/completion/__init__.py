"""Recover the whole table of an index and year from what was published.

`complete` draws tables that fit every published fact of a year, `joint` those of all years and both
indices together, `check` says whether there is any
(`contradictions` does so for every index and year), and `leave_one_out`, summed up by `coverage`,
says how far the draws can be trusted.
"""

from helpers.completion.feasibility import InconsistentFacts, check, contradictions
from helpers.completion.gather import NotEnoughKnown
from helpers.completion.leave_one_out import coverage, leave_one_out, years_with_enough
from helpers.completion.tables import CompletedTables, complete
from helpers.completion.together import Joint, joint
