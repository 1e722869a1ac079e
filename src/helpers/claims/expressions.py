"""Statements set beside an expression of other published figures, or of completed tables.

``mean[year] - mean[year - 1]`` gives the number stated, ``mean[year] > max(mean[2016:2019])`` says
whether it holds, and ``0 if score_at[n] >= 70 else None`` may leave it open; ``(scores[year] >=
80).sum(axis=1)`` gives it of every completed table. In them stand

- measures of data/, and parts of the index, of the statement's own unit and index, by year:
  ``rank[year - 1]``, ``appraisal[year]``; a slice is the list of those known, both ends counted;
- ``score_at[rank]``, the score of a place of the year, and ``changes[unit]``, the change of a score
  on the year before, ``changes[:]`` being all that are known;
- ``scores[year]`` and ``ranks[year]`` of the completed tables, frames of draws x units;
- ``year``, ``value`` (what is stated), ``unit``, and ``n``, how many units are ranked.
"""

import ast
import re
from numbers import Real
from typing import NamedTuple

import numpy as np
import pandas as pd

from helpers import facts
from helpers.claims.drawn import judged
from helpers.claims.evidence import (
    CONTRADICTED,
    EXACT,
    LAST_DECIMAL,
    REPRODUCED,
    UNCHECKED,
    Evidence,
    Finding,
    Said,
)
from helpers.errors import CchcError
from helpers.language import N_, _
from helpers.validation import RANK_MEASURES, WHOLE_MEASURES

FUNCTIONS = {"abs": abs, "len": len, "max": max, "min": min, "round": round, "sum": sum}
PARTS = (*facts.BLOCKS, *facts.FIELDS)
FIGURE = re.compile(r"\b(\w+)\[([^][]+)\]")
PLACEHOLDER = re.compile(r"figures_(\d+)")
LACKING = {
    "mean": N_("the mean of {years}"),
    "ministry_mean": N_("the mean of {years}"),
    "rank": N_("the rank of {unit} in {years}"),
}


class ExpressionError(CchcError, ValueError):
    """An expression that cannot be worked out as it is written."""


class Asked(NamedTuple):
    """Figures that stand at one place of an expression."""

    name: str
    values: dict  # by the year, rank or unit, of those known
    rows: list[pd.DataFrame]
    missing: list


class Drawn:
    """``scores`` or ``ranks`` of the completed tables by year; what was taken stays in `tables`."""

    def __init__(self, evidence: Evidence, name: str, tables: dict):
        self.evidence, self.name, self.tables = evidence, name, tables

    def __getitem__(self, year: int) -> pd.DataFrame:
        if year not in self.tables:
            self.tables[year] = self.evidence.tables(year)
        return getattr(self.tables[year], self.name)


class Figures:
    """The figures in an expression: `asked` so far, and what the `names` in it stand for."""

    def __init__(self, evidence: Evidence):
        claim, self.units = evidence.claim, evidence.units()
        self.evidence, self.asked, self.tables = evidence, [], {}
        value = int(claim.value) if float(claim.value).is_integer() else claim.value
        self.names = {"year": claim.year, "unit": claim.unit, "value": value, "n": len(self.units)}
        self.names |= {name: Drawn(evidence, name, self.tables) for name in ("scores", "ranks")}
        self.known = {"score_at", "changes", *evidence.table["measure"], *PARTS}

    def ask(self, written: re.Match) -> str:
        """Look up what stands at one place; give a name for it, of nothing where it is unknown."""
        name, key = written.groups()
        if name not in self.known:
            return written[0]
        key = eval(f"keys[{key}]", {"keys": np.s_, **self.names})
        keys = self._listed(name, key) if isinstance(key, slice) else [key]
        if not keys:
            raise ValueError(
                f"{written[0]} lists nothing; give both ends, in order, without a step"
            )
        found = {one: told for one in keys if (told := self.find(name, one)) is not None}
        values = {one: value for one, (value, _rows) in found.items()}
        rows = [rows for _value, rows in found.values()]
        place = f"figures_{len(self.asked)}"
        self.asked.append(Asked(name, values, rows, [one for one in keys if one not in found]))
        if values:
            listed = list(values.values())
            self.names[place] = listed if isinstance(key, slice) else listed[0]
        return place

    def _listed(self, name: str, key: slice) -> list:
        if name == "changes" and key == slice(None):
            return list(self.units)
        bounded = None not in (key.start, key.stop) and key.step is None
        return list(range(key.start, key.stop + 1)) if bounded else []

    def find(self, name: str, key):
        """A figure and the rows that it comes from, or None."""
        evidence, claim = self.evidence, self.evidence.claim
        table, index, year = evidence.table, claim.index, claim.year
        if name == "score_at":
            scores = facts.scores(table, index, year, evidence.unit_type).dropna(subset="score")
            rows = evidence.rows(("score", "rank"))
            there = scores[scores["rank"] == key]["score"]
            return next(((s, rows[rows["unit"] == unit]) for unit, s in there.items()), None)
        if name == "changes":
            change = facts.change(table, key, index, year, "score")
            rows = evidence.rows(("score", "change"), (-1, 0))
            return change and (float(change["value"]), rows[rows["unit"] == key])
        measure, part = ("points", name) if name in PARTS else (name, "")
        row = facts.figure(table, claim.unit, index, key, measure, part)
        number = int if measure in RANK_MEASURES | WHOLE_MEASURES else float
        return None if row is None else (number(row["value"]), row.to_frame().T)


def decide(expression: str, evidence: Evidence) -> Finding | None:
    """Work an expression out for a statement.

    Parameters
    ----------
    expression : str
        As this module tells.
    evidence : Evidence
        The statement, and the figures left for it.

    Returns
    -------
    Finding or None
        None where the expression leaves the statement open. It is contradicted where the figures
        that are known say otherwise, whatever is missing; a number may be off by as much as the
        rounding of the figures in it makes.

    Raises
    ------
    ExpressionError
        It is no expression, names what there is not, asks for a list of nothing, or gives neither a
        number nor a truth nor None, nor a number for each completed table.
    """
    figures = Figures(evidence)
    try:
        code = ast.unparse(ast.parse(expression.strip(), mode="eval"))
        code = FIGURE.sub(figures.ask, code)
        result = eval(code, {"__builtins__": FUNCTIONS, **figures.names})
        drawn = isinstance(result, pd.Series) and len(result) == evidence.draws
        if not (drawn or result is None or isinstance(result, Real)):  # of which bool is one
            raise TypeError(f"it gives a {type(result).__name__}, not a number, a truth or None")
    except (SyntaxError, NameError, TypeError, ValueError, LookupError, AttributeError,
            ArithmeticError) as error:  # fmt: skip
        if not (isinstance(error, NameError) and PLACEHOLDER.fullmatch(error.name or "")):
            raise ExpressionError(
                _(
                    "The expression “{expression}” for statement {claim} cannot be worked out: "
                    "{error}. It may use year, value, unit, n, figures by year (mean[year - 1], or "
                    "as a list mean[2016:2019]), score_at[rank], changes[unit], and scores[year] "
                    "and ranks[year] of the completed tables."
                ).format(expression=expression, claim=evidence.claim.Index, error=error)
            ) from error
        result = True  # as far as is known
    if result is None:
        return None
    if isinstance(result, pd.Series):
        finding = judged(evidence, result, figures.tables)
    else:
        finding = _finding(result, code, figures)
    return finding._replace(expression=expression)


def _finding(result, code: str, figures: Figures) -> Finding:
    """Set the number, or the truth, that an expression gives beside the statement."""
    claim, asked = figures.evidence.claim, figures.asked
    holds, found, how, summed = result, claim.value, [], []
    if not isinstance(result, bool):
        tree = ast.parse(code, mode="eval").body
        body = ast.unparse(tree.body if isinstance(tree, ast.IfExp) else tree)
        summed = [asked[int(place)].name for place in PLACEHOLDER.findall(body)]
        found = result if isinstance(result, int) else round(result, 2)
        slack = 0 if isinstance(result, int) else LAST_DECIMAL * len(summed) / 2
        holds = abs(found - claim.value) <= slack + EXACT
        if summed:
            text = N_("the four parts: {terms} = {found}")
            text = text if set(summed) == set(facts.BLOCKS) else "{terms} = {found}"
            how.append((text, {"terms": _in_numbers(body, asked), "found": found}))
            if found != claim.value:
                text = N_("off {stated} by no more than rounding")
                how.append((text, {"stated": claim.value}))
    for name in dict.fromkeys(one.name for one in asked if one.name not in summed):
        how += _listed(name, figures)
    lacking = next((one for one in asked if one.missing), None)
    verdict = CONTRADICTED if not holds else UNCHECKED if lacking else REPRODUCED
    if isinstance(result, bool) and verdict != REPRODUCED:
        found = np.nan
    own = [one.values[claim.unit] for one in asked if claim.unit in one.values]
    rows = [rows for one in asked for rows in one.rows]
    return Finding(
        verdict,
        tuple(how),
        _missing(lacking, figures) if holds and lacking else None,
        found=own[0] if own else found,
        used=pd.concat(rows).drop_duplicates() if rows else None,
        numbers=_in_numbers(code, asked),
    )


def _listed(name: str, figures: Figures) -> list[Said]:
    """Tell the figures of a name one by one; of changes the statement's own and both ends."""
    asked = [one for one in figures.asked if one.name == name]
    values = {key: value for one in asked for key, value in one.values.items()}
    n, unit = len(figures.units), figures.evidence.claim.unit
    if name == "score_at":
        holders = [rows["unit"].iloc[0] for one in asked for rows in one.rows]
        each = zip(values.items(), holders, strict=True)
        text = N_("rank {rank} of {n}, {unit}, has {score}")
        return [
            (text, {"rank": rank, "n": n, "unit": holder, "score": score})
            for (rank, score), holder in each
        ]
    if name != "changes":
        text = N_("published figures – {series}")
        return [(text, {"series": dict(sorted(values.items()))})] if values else []
    if unit not in values:
        return []
    known = pd.Series(values)
    gains = known[known > 0] if (known > 0).any() else known
    text = N_(
        "changes of {known} of {n} provinces are known; {unit}: {own}; largest gain: {top} "
        "({top_unit}), smallest gain: {least} ({least_unit})"
    )
    terms = {"known": len(known), "n": n, "unit": unit, "own": values[unit]}
    terms |= {"top": known.max(), "top_unit": known.idxmax()}
    return [(text, terms | {"least": gains.min(), "least_unit": gains.idxmin()})]


def _missing(lacking: Asked, figures: Figures) -> Said:
    name, claim = lacking.name, figures.evidence.claim
    if name == "changes":
        others = sum(figures.find(name, unit) is None for unit in figures.units)
        text = N_("the scores of both {before} and {year} of the other {others} provinces")
        return text, {"before": claim.year - 1, "year": claim.year, "others": others}
    text = LACKING.get(name, N_("{name} of {unit}: {years}"))
    return text, {"name": name, "unit": claim.unit, "years": lacking.missing}


def _in_numbers(code: str, asked: list[Asked]) -> str:
    """Write an expression with figures in the place of their names; "?" for what is not known."""

    def numbers(place: re.Match) -> str:
        values = asked[int(place[1])].values.values()
        return ", ".join(str(v) if isinstance(v, int) else f"{v:.2f}" for v in values) or "?"

    return PLACEHOLDER.sub(numbers, code)
