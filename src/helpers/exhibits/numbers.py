"""The three numbers on top of a page on the nation."""

import pandas as pd
from IPython.display import HTML

from helpers import facts, page, units, wording
from helpers.citations import Citations
from helpers.language import _


def of_nation(figures: pd.DataFrame, year: int, cite: Citations) -> HTML:
    """Give the means of both indices, and how much of the year is known."""
    made = [_mean(figures, index, year, cite) for index in facts.INDICES]
    known = [facts.scores(figures, index, year)["score"].notna().sum() for index in facts.INDICES]
    made.append(
        page.number_card(
            _("Provinces with a score known in {year}").format(year=year),
            f"{wording.whole(known[0])}/{units.count(year, 'PAR')}",
            [
                _("in the PAR INDEX; {n} in SIPAS (published or derived)").format(
                    n=f"{wording.whole(known[1])}/{units.count(year, 'SIPAS')}"
                )
            ],
        )
    )
    return page.cards(*made)


def _mean(figures: pd.DataFrame, index: str, year: int, cite: Citations) -> str:
    now, before = (facts.figure(figures, facts.NATION, index, y, "mean") for y in (year, year - 1))
    name = _("National mean of {index} {year}").format(index=wording.INDEX[index], year=year)
    if now is None:
        return page.number_card(name, wording.MISSING, [_("not found")])
    lines = []
    # SIPAS changed its survey: no difference is taken across it.
    if before is not None and not (index == "SIPAS" and year == facts.NEW_SURVEY):
        change = wording.score_change(round(now["value"] - before["value"], 4), index)
        told = _("{change} on {year}").format(change=change, year=year - 1)
        lines.append(f"{told} ({wording.kind('derived')}){cite(before['sources'])}")
    return page.number_card(name, wording.score(now["value"], index), lines, cite(now["sources"]))
