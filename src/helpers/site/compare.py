"""The page that sets two provinces side by side: every figure of both, and what lies between."""

from collections.abc import Iterator
from itertools import product
from pathlib import Path

import numpy as np
import pandas as pd

from helpers import facts, language, notebooks, standing, units, wording
from helpers.citations import Citations
from helpers.language import _
from helpers.ranking import sipas
from helpers.site import dates, index, links, results
from helpers.site.layout import rendered

NO_BREAK = "\N{NO-BREAK SPACE}"
PLACES = {"score": 2, "rank": 0}  # decimals
FEWEST = 2  # provinces with a part for it to be compared


def comparison_page(folder: Path, year: int, lang: str) -> str:
    """Make the page that compares any two provinces of a year.

    All figures are in one table with a row per province, where two can be ticked without a script;
    with it the page shows a pair side by side, which its address names: ``#38,52``, or ``#38``.

    Parameters
    ----------
    folder : Path
        Root of the site, as `helpers.site.index.start_page` takes it; only reports that are there
        are linked, and the other language only where it has some.
    year : int
    lang : {"vi", "en"}

    Returns
    -------
    str
        A whole HTML document.

    Raises
    ------
    UnknownLanguage
        There is no such language.
    """
    with language.using(lang):
        figures, cite = facts.load(), Citations(facts.sources())
        provinces, survey = results.provinces(year), sipas.survey(figures, year)
        groups = [
            (head, rows)
            for head, found in _groups(figures, provinces["name"], survey, year)
            if (rows := [row for row in found if row["cells"]])
        ]
        used: dict[str, list[str]] = {name: [] for name in provinces["name"]}
        for cells in [row["cells"] for _head, rows in groups for row in rows]:
            for name, cell in cells.items():
                used[name].append(cell["sources"])
        here = folder / links.folder(lang)
        names = {of: notebooks.comparison(year, of) for of in language.NAMES}
        return rendered(
            "compare",
            twin=index.twin(folder, names),
            title=_("Two provinces side by side, {year}").format(year=year),
            year=year,
            groups=groups,
            provinces=[_province(row, year, here) for row in provinces.to_dict("records")],
            marks={name: cite(facts.join_sources(*ids)) for name, ids in used.items()},
            sources=cite.listed(),
            effect="" if survey is None else wording.number(survey.main),
            dated=dates.line(year),
        )


def _province(row: dict, year: int, here: Path) -> dict:
    file = f"{links.report(row['name'], year)}.html"
    return {
        **row,
        "label": wording.unit_name(row["name"]),
        "file": file if (here / file).exists() else "",
    }


def _groups(
    figures: pd.DataFrame, names: pd.Series, survey: sipas.Survey | None, year: int
) -> Iterator[tuple[str, list[dict]]]:
    """Give groups of rows: their head, and of each row its head and a cell by province.

    A cell has its ``text``, ``kind`` and ``sources``; what can be subtracted also has ``low`` and
    ``high``, which are equal but for estimates, and a score of SIPAS its standard ``error`` where
    the number of respondents is known. ``sense`` of a row says what a difference is: of scores, of
    ranks (where less is better), or nothing.
    """
    of, found = list(product(facts.INDICES, PLACES)), results.by_index(figures, year)
    rows = [_result(figures, found[i], survey, i, measure, year) for i, measure in of]
    yield _("Results of {year}").format(year=year), rows
    rows = [_change(figures, names, *one, year) for one in of]
    yield _("Change on {year}").format(year=year - 1), rows
    yield _("Parts of the PAR INDEX {year}, points").format(year=year), _parts(figures, year)
    for i in facts.INDICES:
        yield _("{index} by year").format(index=wording.INDEX[i]), _years(figures, i, year)


def _row(head: str, cells: dict[str, dict], sense: str = "") -> dict:
    return {"head": head, "sense": sense, "cells": cells}


def _cell(text: str, kind: str, sources: str, low=np.nan, high=np.nan, **more) -> dict:
    ends = {} if np.isnan(low) else {"low": round(float(low), 4), "high": round(float(high), 4)}
    return {"text": text, "kind": kind, "sources": sources, **ends, **more}


def _head(i: str, measure: str) -> str:
    if measure == "score":
        return wording.score_axis(i)
    return _("{index} rank").format(index=wording.INDEX[i])


def _marked(value: float, kind: str, measure: str = "score") -> str:
    return results.MARK[kind].format(wording.number(value, PLACES[measure]))


def _result(
    figures: pd.DataFrame,
    rows: pd.DataFrame,
    survey: sipas.Survey | None,
    i: str,
    measure: str,
    year: int,
) -> dict:
    """Score or rank of the year: published, derived, or the 90% interval of its estimate."""
    known, cells = facts.scores(figures, i, year), {}
    errors = survey.errors(survey.main) if survey and (i, measure) == ("SIPAS", "score") else {}
    for name, of in rows.iterrows():
        kind, more, cited = of["kind" if measure == "score" else "rank_kind"], {}, ""
        if kind in ("published", "derived"):
            cited = known[f"{measure}_sources"].get(name, "")
            more = {"error": round(errors[name], 4)} if name in errors else {}
        if kind != "missing":
            text = results.score_text(of) if measure == "score" else results.rank_text(of)
            ends = of[f"{measure}_low"], of[f"{measure}_high"]
            if pd.isna(of[measure]):  # known between bounds, which have no difference
                ends = np.nan, np.nan
                cited = facts.figure(figures, name, i, year, "rank_at_least")["sources"]
            cells[name] = _cell(text, kind, cited, *ends, **more)
    return _row(_head(i, measure), cells, measure)


def _change(figures: pd.DataFrame, names: pd.Series, i: str, measure: str, year: int) -> dict:
    cells = {}
    for name in names:
        if found := facts.change(figures, name, i, year, measure):
            write = wording.signed if measure == "score" else wording.rank_change
            text = results.MARK[found["kind"]].format(write(found["value"]))
            cells[name] = _cell(text, found["kind"], found["sources"])
    return _row(_head(i, measure), cells)


def _parts(figures: pd.DataFrame, year: int) -> list[dict]:
    """Points by part, of parts that two provinces at least have published."""
    schemes = facts.schemes()
    rows = facts.select(figures, index="PAR", year=year, measure="points", unit_type="province")
    found = {name: standing.parts(figures, schemes, name, year) for name in rows["unit"].unique()}
    maxima = standing.max_points(schemes, year)["max_points"]
    rows = []
    for part in [*facts.FIELDS, *facts.BLOCKS, "survey", *standing.SUMS]:
        cells = {}
        for name, parts in found.items():
            if part in parts.index and pd.notna(parts.at[part, "points"]):
                of = parts.loc[part]
                text = _marked(of["points"], of["points_kind"])
                points = of["points"], of["points"]
                cells[name] = _cell(text, of["points_kind"], of["sources"], *points)
        head = wording.part(part)
        if part in maxima.index:
            most = wording.number(maxima[part])
            head = _("{part} (at most {points})").format(part=head, points=most)
        if len(cells) >= FEWEST:
            rows.append(_row(head, cells, "score"))
    return rows


def _years(figures: pd.DataFrame, i: str, year: int) -> list[dict]:
    """Score and rank of every year in which some province has either, the latest first."""
    rows = facts.select(figures, index=i, unit_type="province", part="")
    rows = facts.as_of(rows[rows["measure"].isin(PLACES)], year)
    made = []
    for of, of_year in rows.groupby("year"):
        if not units.same_list(of, year, i):  # a rank is then one among others
            of_year = of_year[of_year["measure"] == "score"]
        cells = {name: _of_year(one) for name, one in of_year.groupby("unit")}
        made.append(_row(str(of), cells, "score"))
    return made[::-1]


def _of_year(rows: pd.DataFrame) -> dict:
    """Write a province's score and its rank of a year, or one of the two."""
    found = rows.set_index("measure")
    kinds = found["derivation"].map(facts.kind)
    written = {m: _marked(found.at[m, "value"], kinds[m], m) for m in PLACES if m in found.index}
    if "rank" in written:
        rank = _("rank {rank}").format(rank=written["rank"]).replace(" ", NO_BREAK)
        written["rank"] = f"({rank})" if "score" in written else rank
    score = found["value"].get("score", np.nan)
    kind = "derived" if set(kinds) == {"derived"} else "published"
    cited = facts.join_sources(*found["sources"])
    return _cell(" ".join(written.values()), kind, cited, score, score)
