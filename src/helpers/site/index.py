"""The start page: a tile map and a table of the provinces, and links to every report."""

import re
from itertools import pairwise
from pathlib import Path

import matplotlib.ticker
import numpy as np
import pandas as pd

from helpers import collation, facts, language, notebooks, units, wording
from helpers.language import N_, _
from helpers.site import dates, links, results, tiles
from helpers.site.layout import rendered

NATIONAL = {one.stem: one.link for one in sorted(notebooks.NATIONAL)}
# What a full and an empty tile of the map mean, in the order of the legend.
KINDS = {
    "published": N_("full tile: published"),
    "derived": N_("full tile, number with *: derived from published figures"),
    "estimated": N_(
        "stripes, number with ≈: estimated; the number is the median, not the middle of its "
        "interval"
    ),
    "missing": N_("empty: too little is published to estimate"),
}
SHORT = {"Hồ Chí Minh": N_("HCM City")}  # on a tile
SHADES = 6


def start_page(folder: Path, year: int | None = None, lang: str = language.DEFAULT) -> str:
    """Make the start page of the site in one language.

    Parameters
    ----------
    folder : Path
        Root of the site. Vietnamese pages are in it, English ones in its folder ``en``; only
        files that are there are linked.
    year : int, optional
        The year of the map and the table; the latest with a page when left out. Reports of other
        years are listed below, the latest first.
    lang : {"vi", "en"}

    Returns
    -------
    str
        A whole HTML document, for ``index.html`` in the folder of the language's pages.

    Raises
    ------
    UnknownLanguage
        There is no such language.
    """
    with language.using(lang):
        pages = _pages(folder / links.folder(lang))
        year = max(pages, default=None) if year is None else year
        others = sorted(pages.keys() - {year}, reverse=True)
        return rendered(
            "start",
            twin=twin(folder, dict.fromkeys(language.NAMES, "index")),
            title=_(
                "Public Administration Reform Index and Satisfaction Index of the provinces and "
                "cities"
            ),
            year=year,
            shown=None if year is None else _year(pages.get(year, {}), year),
            others=[(other, _links(pages[other], other)) for other in others],
        )


def twin(folder: Path, names: dict[str, str]) -> dict | None:
    """Link to a page, by its name in each language, in the other one, where that has reports."""
    lang = language.current()
    other = links.other(lang)
    return links.twin(lang, names[other]) if _pages(folder / links.folder(other)) else None


def _pages(folder: Path) -> dict[int, dict[str, str]]:
    """Files of a folder that the project made, by year and by stem."""
    found: dict[int, dict[str, str]] = {}
    for path in sorted(folder.glob("*.html")):
        stem, _dash, year = path.stem.rpartition("-")
        if re.fullmatch(r"\d{4}", year) and stem not in notebooks.COMPARISON.values():
            found.setdefault(int(year), {})[stem] = path.name
    return found


def _links(files: dict[str, str], year: int) -> list[dict]:
    """Links to the reports of a year: the nation's, then the provinces' in alphabetical order."""
    labels = {stem: _(label) for stem, label in NATIONAL.items()}
    for name in collation.in_order(units.provinces(year)["name"]):
        labels[units.slug(name, year=year)] = wording.unit_name(name)
    return [
        {"file": files[stem], "label": label, "national": stem in NATIONAL}
        for stem, label in labels.items()
        if stem in files
    ]


def _year(files: dict[str, str], year: int) -> dict:
    """Give what the template shows of one year."""
    figures = facts.load()
    found = results.by_index(figures, year)
    scales = {index: scale(rows["score"]) for index, rows in found.items()}
    shown = {index: _by_name(rows, scales[index], index, year) for index, rows in found.items()}
    listed = units.regions().set_index("region")["name"]
    regions = {code: units.display_name(name, "region") for code, name in listed.items()}
    records = []
    for row in results.provinces(year).to_dict("records"):
        file = files.get(units.slug(row["name"], year=year))
        of = {index: by_name[row["name"]] for index, by_name in shown.items()}
        records.append(
            _record(row, year) | of | {"region_name": regions[row["region"]], "file": file}
        )
    by_code = {record["code"]: record for record in records}
    return {
        "national": [
            *(link for link in _links(files, year) if link["national"]),
            {"file": links.comparison(year), "label": _("Compare two provinces")},
        ],
        "rows": records,
        "tiles": [
            by_code[owner] | {"key": f"t{key}", "island": island, "row": row, "column": column}
            for key, (row, column) in tiles.places().items()
            for island, owner in [tiles.ARCHIPELAGOS.get(key, ("", key))]
            if owner in by_code  # and no part of another
        ],
        "merged": not units.same_list(year, None),
        "legends": {index: _legend(limits) for index, limits in scales.items()},
        # No more than the map has.
        "kinds": {
            index: [(kind, _(KINDS[kind])) for kind in KINDS if kind in set(rows["kind"])]
            for index, rows in found.items()
        },
        "regions": list(regions.values()),
        "nation": [text for i in facts.INDICES if (text := nation(figures, i, year))],
        "coverage": {i: coverage(rows, i, year) for i, rows in found.items()},
        "dated": dates.line(year),
    }


def scale(values: pd.Series) -> list[float]:
    """Give the limits between the shades of the map: round numbers, for at most six shades.

    They divide the middle four fifths of the scores, since a few very low ones would leave
    almost all provinces in two shades; the first and the last shade are open. Empty for no score.
    """
    values = values.dropna()
    if values.empty:
        return []
    low, high = values.quantile([0.1, 0.9])
    for steps in range(SHADES - 1, 0, -1):
        locator = matplotlib.ticker.MaxNLocator(steps, steps=[1, 2, 2.5, 5, 10])
        limits = [float(tick) for tick in locator.tick_values(low, high)]
        limits = [tick for tick in limits if values.min() < tick <= values.max()]
        if len(limits) < SHADES:
            break
    return limits


def shade(value: float, limits: list[float]) -> int | None:
    """Give the number of the shade of a score, from 1 for the lowest; None where it is missing."""
    return None if pd.isna(value) else int(np.searchsorted(limits, value, side="right")) + 1


def _legend(limits: list[float]) -> list[str]:
    if not limits:
        return []
    decimals = 0 if all(limit == round(limit) for limit in limits) else 1
    ends = [wording.number(limits[end], decimals) for end in (0, -1)]
    return [
        _("below {limit}").format(limit=ends[0]),
        *(wording.between(low, high, decimals) for low, high in pairwise(limits)),
        _("{limit} and above").format(limit=ends[1]),
    ]


def _record(row: dict, year: int) -> dict:
    """Write the names of a province for the page."""
    label, unit_label = wording.unit_name(row["name"]), wording.unit_name(row["unit_2025"])
    short = _(SHORT.get(row["name"], label))
    names = [label, short, unit_label, *units.spellings(row["name"], year=year)]
    own = {"label": label, "tile_label": short, "unit_label": unit_label, "names": "|".join(names)}
    return row | own


def _by_name(rows: pd.DataFrame, limits: list[float], index: str, year: int) -> dict[str, dict]:
    """Write the results of an index for the page, by province."""
    return {
        name: {
            "kind": of["kind"],
            "rank_kind": of["rank_kind"],
            "shade": shade(of["score"], limits),
            "value": None if pd.isna(of["score"]) else round(of["score"], 4),
            "order": None if pd.isna(of["rank_low"]) else np.nanmax([of["rank"], of["rank_low"]]),
            "score": results.score_text(of),
            "tile": _tile_score(of),
            "rank": results.rank_text(of),
            "told": _told(wording.unit_name(name), of, index, units.count(year, index)),
        }
        for name, of in rows.to_dict("index").items()
    }


def _tile_score(of: dict) -> str:
    """Write a score for a tile; of an estimate the median, as exactly as its interval takes."""
    if of["kind"] != "estimated":
        return results.score_text(of)
    low, high = of["score_low"], of["score_high"]
    decimals = next(
        (n for n in (0, 1) if high - low >= 10**-n and low <= round(of["score"], n) <= high), 2
    )
    return f"≈{wording.number(of['score'], decimals)}"


def _told(name: str, of: dict, index: str, n: int) -> str:
    """Say a province's result in a sentence, for those who point at its tile or cannot see it."""
    score, rank, derived = _("no score"), _("no rank"), f" ({wording.kind('derived')})"
    if of["kind"] == "estimated":
        score = wording.estimated_score(of["score_low"], of["score_high"], index)
    elif of["kind"] != "missing":
        score = wording.score(of["score"], index) + derived * (of["kind"] == "derived")
    if of["rank_kind"] != "missing":
        ranked = f"{wording.between(of['rank_low'], of['rank_high'], 0)}/{n}"
        if of["rank_kind"] == "estimated":
            ranked = wording.estimated_rank(of["rank_low"], of["rank_high"])
        ranked += derived * (of["rank_kind"] == "derived")
        rank = _("ranking {rank}").format(rank=ranked)
    return f"{name}: {wording.INDEX[index]} {score}; {rank}"


def coverage(rows: pd.DataFrame, index: str, year: int) -> str:
    """Say how many provinces have a published, a derived or an estimated score; "" for none."""
    kinds = rows["kind"].value_counts()
    if "missing" in kinds:
        return ""
    count = {kind: int(kinds.get(kind, 0)) for kind in KINDS}
    return _(
        "{index} {year}: score published for {published} of the provinces and cities, derived from "
        "published figures for {derived}, estimated for {estimated}."
    ).format(index=wording.INDEX[index], year=year, **count)


def nation(figures: pd.DataFrame, index: str, year: int) -> str:
    """Say the national mean of a year, and the highest and lowest score known; "" for none."""
    mean = facts.national_mean(figures, index, year)
    known = facts.scores(figures, index, year).dropna(subset="score").sort_values("score")
    if mean is None or known.empty:
        return ""
    first, last, n = known.iloc[-1], known.iloc[0], units.count(year, index)
    text = _("{index} {year}: national mean {mean} ({kind}); highest {first}; lowest {last}.")
    if (first["rank"], last["rank"]) != (1, n):
        text = _(
            "{index} {year}: national mean {mean} ({kind}); of the scores known, highest {first}; "
            "lowest {last}."
        )
    return text.format(
        index=wording.INDEX[index],
        year=year,
        mean=wording.score(mean["value"], index),
        kind=wording.kind(wording.kind_of(mean)),
        first=_scored(first, index, n),
        last=_scored(last, index, n),
    )


def _scored(of: pd.Series, index: str, n: int) -> str:
    text = f"{wording.unit_name(of.name)}, {wording.score(of['score'], index)}"
    rank = _("(ranked {rank})").format(rank=wording.rank(of["rank"], n))
    return text if pd.isna(of["rank"]) else f"{text} {rank}"
