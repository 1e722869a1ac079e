"""The page that sets two provinces side by side: every figure of both, and what lies between."""

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pandas as pd

from helpers import facts, language, notebooks, standing, wording
from helpers.citations import Citations
from helpers.language import _
from helpers.ranking import sipas
from helpers.site import dates, index, links
from helpers.site.policy import seal

NO_BREAK = "\N{NO-BREAK SPACE}"
FEWEST = 2  # provinces with a part for it to be compared


def comparison_page(folder: Path, year: int, lang: str) -> str:
    """Make the page that compares any two provinces of a year.

    All figures are in one table with a row per province, where two can be ticked without a script;
    with it the page shows a pair side by side, which its address names: ``#38,52``, or ``#38``.

    Parameters
    ----------
    folder : Path
        Root of the site, as `helpers.site.start_page` takes it; only reports that are there are
        linked, and the other language only where it has some.
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
        provinces = index.provinces(figures, year)
        names, survey = list(provinces["name"]), sipas.survey(figures, year)
        errors = {} if survey is None else survey.errors(survey.main).to_dict()
        groups = [
            (head, [row for row in rows if row["cells"]])
            for head, rows in _groups(figures, provinces, errors, year)
        ]
        cells = [row["cells"] for _head, rows in groups for row in rows]
        used = {name: [of[name]["sources"] for of in cells if name in of] for name in names}
        here = folder / links.folder(lang)
        of_language = {of: notebooks.comparison(year, of) for of in language.NAMES}
        pages = {path.name for path in here.glob(f"*-{year}.html")}
        template = index.environment().get_template("compare.html.j2")
        html = template.render(
            title=_("Two provinces side by side, {year}").format(year=year),
            lang=lang,
            twin=index.twin(folder, lang, of_language),
            year=year,
            groups=[(head, rows) for head, rows in groups if rows],
            provinces=[_province(row, year, pages) for row in provinces.to_dict("records")],
            marks={name: cite(facts.join_sources(*used[name])) for name in names},
            sources=cite.listed(),
            effect="" if survey is None else wording.number(survey.main),
            dated=dates.line(year),
        )
        return seal(html)


def _province(row: dict, year: int, pages: set[str]) -> dict:
    file = f"{links.report(row['name'], year)}.html"
    return {
        **{key: row[key] for key in ("code", "name", "region")},
        "label": wording.unit_name(row["name"]),
        "file": file if file in pages else "",
    }


def _groups(
    figures: pd.DataFrame, provinces: pd.DataFrame, errors: dict[str, float], year: int
) -> Iterator[tuple]:
    """Give groups of rows: their head, and of each row its head and a cell by province.

    A cell has its ``text``, ``kind`` and ``sources``; what can be subtracted also has ``low`` and
    ``high``, which are equal but for estimates. ``sense`` of a row says what a difference is: of
    scores, of ranks (where less is better), or nothing. ``errors`` are the standard errors of
    SIPAS by province, none where the number of respondents is not known.
    """
    names = list(provinces["name"])
    rows = [
        _result(figures, provinces, errors if i == "SIPAS" else {}, i, of, year)
        for i in facts.INDICES
        for of in MEASURES
    ]
    yield _("Results of {year}").format(year=year), rows
    rows = [
        _row(_head(i, of), names, _changed(figures, i, year, of))
        for i in facts.INDICES
        for of in MEASURES
    ]
    yield _("Change on {year}").format(year=year - 1), rows
    yield _("Parts of the PAR INDEX {year}, points").format(year=year), _parts(figures, names, year)
    for i in facts.INDICES:
        yield _("{index} by year").format(index=wording.INDEX[i]), _years(figures, names, i, year)


MEASURES = ("score", "rank")


def _row(head: str, names: list[str], cell: Callable, sense: str = "", **more) -> dict:
    cells = {name: found for name in names if (found := cell(name)) is not None}
    return {"head": head, "sense": sense, "cells": cells, **more}


def _cell(text: str, kind: str, sources: str, low=np.nan, high=np.nan, **more) -> dict:
    ends = {} if np.isnan(low) else {"low": round(float(low), 4), "high": round(float(high), 4)}
    return {"text": text, "kind": kind, "sources": sources, **ends, **more}


def _result(
    figures, provinces: pd.DataFrame, errors: dict, i: str, measure: str, year: int
) -> dict:
    """Score or rank of the year: published, derived, or the 90% interval of its estimate."""
    found = provinces.set_index("name")
    known = facts.scores(figures, i, year)
    errors = errors if measure == "score" else {}
    write = index.score_text if measure == "score" else index.rank_text

    def cell(name: str) -> dict | None:
        of = {key: found.at[name, f"{i}_{key}"] for key in index.KEYS}
        kind = of["kind" if measure == "score" else "rank_kind"]
        if kind == "missing":
            return None
        cited = known[f"{measure}_sources"].get(name, "") if kind != "estimated" else ""
        more = {"error": round(errors[name], 4)} if kind != "estimated" and name in errors else {}
        ends = of[f"{measure}_low"], of[f"{measure}_high"]
        return _cell(write(of), kind, "" if pd.isna(cited) else cited, *ends, **more)

    return _row(_head(i, measure), list(found.index), cell, measure)


def _head(i: str, measure: str) -> str:
    if measure == "score":
        return wording.score_axis(i)
    return _("{index} rank").format(index=wording.INDEX[i])


def _changed(figures: pd.DataFrame, i: str, year: int, measure: str) -> Callable:
    def cell(name: str) -> dict | None:
        found = facts.change(figures, name, i, year, measure)
        if found is None:
            return None
        places = 2 if measure == "score" else 0
        text = wording.signed(found["value"], places) + index.MARK[found["kind"]]
        return _cell(text, found["kind"], found["sources"])

    return cell


def _parts(figures: pd.DataFrame, names: list[str], year: int) -> list[dict]:
    """Points by part, of parts that two provinces at least have published."""
    schemes = facts.schemes()
    having = facts.select(figures, index="PAR", year=year, measure="points")["unit"]
    found = {name: standing.parts(figures, schemes, name, year) for name in having.unique()}
    found = {name: rows[rows["points"].notna()] for name, rows in found.items()}
    parts = pd.Series([part for rows in found.values() for part in rows.index]).value_counts()
    maxima = standing.max_points(schemes, year)["max_points"]

    def row(part: str) -> dict:
        def cell(name: str) -> dict | None:
            if name not in found or part not in found[name].index:
                return None
            of = found[name].loc[part]
            text = wording.number(of["points"]) + index.MARK[of["points_kind"]]
            return _cell(text, of["points_kind"], of["sources"], of["points"], of["points"])

        head = wording.part(part)
        if part in maxima.index:
            most = wording.number(maxima[part])
            head = _("{part} (at most {points})").format(part=head, points=most)
        return _row(head, names, cell, "score")

    order = [*facts.FIELDS, *facts.BLOCKS, "survey", *standing.SUMS]
    return [row(part) for part in order if parts.get(part, 0) >= FEWEST]


def _years(figures: pd.DataFrame, names: list[str], i: str, year: int) -> list[dict]:
    """Score and rank of every year in which some province has either."""
    found = {name: standing.years(figures, name, i, year) for name in names}
    years = sorted({one for rows in found.values() for one in rows.index}, reverse=True)

    def row(of: int) -> dict:
        def cell(name: str) -> dict | None:
            if of not in found[name].index:
                return None
            one = found[name].loc[of]
            score, rank = (
                wording.number(one[m], places) + index.MARK[one[f"{m}_kind"]]
                if pd.notna(one[m])
                else ""
                for m, places in zip(MEASURES, (2, 0), strict=True)
            )
            text = _("rank {rank}").format(rank=rank).replace(" ", NO_BREAK) if rank else ""
            text = f"{score} ({text})" if score and text else score or text
            kinds = {one[f"{m}_kind"] for m in MEASURES if pd.notna(one[m])}
            kind = "derived" if kinds == {"derived"} else "published"
            return _cell(text, kind, one["sources"], one["score"], one["score"])

        return _row(str(of), names, cell, "score")

    return [row(of) for of in years]
