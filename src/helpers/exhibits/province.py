"""Exhibits of the report on one province."""

from html import escape

import pandas as pd
from great_tables import GT
from IPython.display import HTML

from helpers import charts, facts, language, page, standing, units, wording
from helpers.citations import Citations
from helpers.completion import CompletedTables
from helpers.exhibits import completed
from helpers.language import _
from helpers.tables import typeset

KIND_MARK = {"published": "", "derived": wording.DERIVED}


def title(unit: str, year: int) -> HTML:
    """Name the province, with its kind, and the year."""
    text = _("{place}, {year}").format(
        place=wording.capital(wording.place_of(unit, year)), year=year
    )
    return HTML(f"<h1>{escape(text)}</h1>")


def about(unit: str, year: int) -> HTML:
    """Say what the report is about, and which unit the province belongs to now."""
    text = _(
        "Public Administration Reform Index (PAR INDEX) and Satisfaction Index (SIPAS) of {year}"
    ).format(year=year)
    return page.stack(HTML(f'<p class="subtitle">{escape(text)}</p>'), page.unit_now(unit, year))


def place_chart(
    figures: pd.DataFrame,
    unit: str,
    index: str,
    year: int,
    tables: CompletedTables | None,
    cite: Citations,
) -> HTML:
    """Where the province stands on the curve of scores: published solid, estimated hollow."""
    scores, n = facts.scores(figures, index, year), units.count(year, index)
    if tables is None:
        return page.paragraphs()
    mean = facts.national(figures, index)["mean"].get(year)
    marks = cite([*scores["score_sources"].dropna(), *scores["rank_sources"].dropna()])
    slots = completed.open_slots(tables, unit)
    shown = completed.settled(scores, tables)
    # Low enough for both indices on the first printed page.
    ax = charts.score_curve(
        shown, n, highlight=unit, mean=mean, completed=slots, ax=charts.figure(2.7, fixed=True)
    )
    finding = _place_finding(scores, unit, index, year, tables, n)
    subtitle = _("{axis} by rank; {known} of {n} scores known, the others estimated").format(
        axis=wording.score_axis(index), known=_scored(scores), n=n
    )
    alt = _alt(finding, subtitle, _ends(scores, index, mean))
    return page.chart(ax, finding, subtitle, alt, estimates=True, marks=marks)


def _place_finding(
    scores: pd.DataFrame, unit: str, index: str, year: int, tables: CompletedTables, n: int
) -> str:
    name = wording.INDEX[index]
    if unit not in scores.index:
        rank = completed.rank_text(completed.by_unit(tables).loc[unit], n)
        return _("{unit}, {index} {year}: {rank}").format(
            index=name, year=year, unit=wording.unit_name(unit), rank=rank
        )
    score, rank = scores.loc[unit, ["score", "rank"]]
    told = [wording.score(score, index)] if pd.notna(score) else []
    told += [_("ranked {rank}").format(rank=wording.rank(rank, n))] if pd.notna(rank) else []
    return _("{unit}, {index} {year}: {facts}").format(
        index=name, year=year, unit=wording.unit_name(unit), facts=", ".join(told)
    )


def _ends(scores: pd.DataFrame, index: str, mean: float | None) -> str:
    """Say the highest and the lowest known score, and the mean."""
    known = scores["score"].dropna()
    told = []
    if not known.empty:
        told.append(
            _("Highest known: {best}, {high}; lowest known: {worst}, {low}.").format(
                best=known.idxmax(),
                high=wording.score(known.max(), index),
                worst=known.idxmin(),
                low=wording.score(known.min(), index),
            )
        )
    if mean is not None and pd.notna(mean):
        told.append(_("National mean: {mean}.").format(mean=wording.score(mean, index)))
    return " ".join(told)


def _alt(finding: str, subtitle: str, numbers: str) -> str:
    """Join what a chart says and the numbers it draws, for those who cannot see it."""
    return " ".join(filter(None, [f"{finding}.", f"{subtitle}.", numbers]))


def region_name(unit: str, year: int | None = None) -> str:
    """Name the region of a province, in the language in use."""
    column = "name" if language.current() == language.DEFAULT else "name_en"
    name = units.regions().set_index("name").assign(name=lambda r: r.index)[column]
    return _("{region} region").format(region=name[units.region_of(unit, year=year)])


def reform_and_satisfaction(figures: pd.DataFrame, unit: str, year: int, cite: Citations) -> HTML:
    """PAR INDEX against SIPAS for the provinces with both; nothing where this one has not."""
    scores = {index: facts.scores(figures, index, year) for index in facts.INDICES}
    frame = pd.DataFrame({index: scores[index]["score"] for index in facts.INDICES}).dropna()
    kinds = {
        index: scores[index]["score_derivation"].reindex(frame.index).map(facts.kind)
        for index in facts.INDICES
    }
    derived = pd.DataFrame(kinds, index=frame.index).eq("derived").any(axis=1)
    frame["kind"] = derived.map({True: "derived", False: "published"})
    if unit not in frame.index:
        return page.paragraphs()
    means = {i: facts.figure(figures, facts.NATION, i, year, "mean") for i in facts.INDICES}
    used = [ids for i in facts.INDICES for ids in scores[i]["score_sources"].reindex(frame.index)]
    marks = cite([*used, *(row["sources"] for row in means.values() if row is not None)])
    means = {index: row["value"] for index, row in means.items() if row is not None}
    drawn = charts.reform_and_satisfaction(frame, highlight=unit, means=means)
    par, sipas = (wording.score(frame.at[unit, i], i) for i in facts.INDICES)
    finding = _("{unit}: PAR INDEX {par}, SIPAS {sipas}").format(
        unit=wording.unit_name(unit), par=par, sipas=sipas
    )
    subtitle = _(
        "{known} of {n} provinces have both scores of {year}; broken lines: national means. They "
        "do not stand for all {n}"
    ).format(known=len(frame), n=units.count(year), year=year)
    if (frame["kind"] == "derived").any():
        subtitle += _("; a square: one of the two is derived")
    numbers = " ".join(
        _("{index}, of the {n} provinces in the chart: {numbers}").format(
            index=wording.INDEX[i],
            n=len(frame),
            numbers=_ends(scores[i].loc[frame.index], i, means.get(i)),
        )
        for i in facts.INDICES
    )
    return page.chart(drawn, finding, subtitle, _alt(finding, subtitle, numbers), marks=marks)


def neighbours_table(
    scores: pd.DataFrame, unit: str, index: str, year: int, cite: Citations
) -> GT | HTML:
    """Provinces just above and below, with the difference in points; nothing where unknown."""
    near = standing.neighbours(scores, unit).reset_index()
    name = wording.INDEX[index]
    if near.empty:
        return page.paragraphs()
    near["cited"] = [
        cite(f"{a} {b}") for a, b in zip(near["rank_sources"], near["score_sources"], strict=True)
    ]
    how = wording.derivations(near.set_index("unit"))
    near["name"] = near["unit"].map(wording.unit_name)
    notes = [_("There may be provinces between two lines whose score and rank are not known.")]
    notes += [wording.derived_note(how)] if how else []
    for measure, write in (("rank", wording.whole), ("score", wording.number)):
        near[f"{measure}_text"] = wording.marked(
            near[measure], near[f"{measure}_derivation"], write
        )
    return typeset(
        near,
        {
            "rank_text": _("Rank"),
            "name": _("Province or city"),
            "score_text": _score_label(index),
            "gap": _("Difference (derived)"),
            "cited": _("Sources"),
        },
        title=_("{index} {year}: the nearest known above and below {unit}").format(
            index=name, year=year, unit=wording.unit_name(unit)
        ),
        subtitle=_difference_unit(index).format(unit=wording.unit_name(unit)),
        decimals={"gap": 2},
        right=("rank_text", "score_text"),
        signed=("gap",),
        raw=("cited",),
        notes=tuple(notes),
        highlight=near["unit"] == unit,
    )


def years_tables(
    years: dict[str, pd.DataFrame], figures: pd.DataFrame, unit: str, cite: Citations
) -> HTML:
    """Both indices over the years, side by side; only those of which something is known.

    ``years`` by index, as given by `helpers.standing.years`.
    """
    return page.stack(
        *(
            years_table(found, figures, unit, index, cite)
            for index, found in years.items()
            if not found.empty
        )
    )


def years_table(
    years: pd.DataFrame,
    figures: pd.DataFrame,
    unit: str,
    index: str,
    cite: Citations,
) -> GT:
    """All published years of one index; ``years`` as given by `helpers.standing.years`."""
    name, years = wording.INDEX[index], years.reset_index()
    means = facts.select(figures, unit=facts.NATION, index=index, measure="mean")
    of_mean = means.set_index("year")["sources"].reindex(years["year"]).fillna("")
    years["cited"] = [cite(f"{a} {b}") for a, b in zip(years["sources"], of_mean, strict=True)]
    for measure in ("score", "rank"):
        write = wording.number if measure == "score" else wording.whole
        years[f"{measure}_text"] = [
            write(value) + KIND_MARK.get(kind, "")
            for value, kind in zip(years[measure], years[f"{measure}_kind"], strict=True)
        ]
    years["year_text"] = years["year"].astype(str)
    derived = [
        f"{year}: {wording.names([wording.arithmetic(d) for d in derivations])}"
        for year, derivations in zip(years["year"], years["derivations"], strict=True)
        if any(facts.kind(d) == "derived" for d in derivations)
    ]
    note = _("* Derived from published figures. {arithmetic}.").format(
        arithmetic="; ".join(derived)
    )
    return typeset(
        years,
        {
            "year_text": _("Year"),
            "score_text": _score_label(index),
            "rank_text": _("Rank"),
            "mean": _("National mean"),
            "to_mean": _("Against the mean (derived)"),
            "cited": _("Sources"),
        },
        title=_("{index} of {unit} by year").format(index=name, unit=wording.unit_name(unit)),
        subtitle=_("Unit: points")
        if index == "PAR"
        else _("Unit: %; differences in percentage points"),
        decimals={"mean": 2, "to_mean": 2},
        right=("score_text", "rank_text"),
        signed=("to_mean",),
        raw=("cited",),
        notes=(note,) if derived else (),
    )


def region_table(figures: pd.DataFrame, unit: str, year: int, cite: Citations) -> GT:
    """Both indices for all provinces of the region, published or not."""
    peers = standing.region(figures, unit, year).reset_index()
    peers["cited"] = peers["sources"].map(cite)
    how = []
    peers["name"] = peers["unit"].map(wording.unit_name)
    for index in facts.INDICES:
        scores = facts.scores(figures, index, year).reindex(peers["unit"])
        name = wording.INDEX[index]
        how += [(f"{one} ({name})", text) for one, text in wording.derivations(scores)]
        scores = scores.reset_index()
        for measure, write in (("score", wording.number), ("rank", wording.whole)):
            peers[f"{index}_{measure}_text"] = wording.marked(
                scores[measure], scores[f"{measure}_derivation"], write
            )
    columns = {
        "name": _("Province or city"),
        "PAR_score_text": "PAR INDEX",
        "PAR_rank_text": _("{index} rank").format(index="PAR INDEX"),
        "SIPAS_score_text": "SIPAS (%)",
        "SIPAS_rank_text": _("{index} rank").format(index="SIPAS"),
        "cited": _("Sources"),
    }
    return typeset(
        peers,
        columns,
        title=_("{region} in {year}").format(
            region=wording.capital(region_name(unit, year)), year=year
        ),
        subtitle=_(
            "{par} of {n} provinces have a PAR INDEX score and {sipas} of {n} a SIPAS score; in "
            "the order of their codes"
        ).format(
            par=int(peers["PAR_score"].notna().sum()),
            sipas=int(peers["SIPAS_score"].notna().sum()),
            n=len(peers),
        ),
        right=tuple(column for column in columns if column.endswith("_text")),
        raw=("cited",),
        notes=(wording.derived_note(how),) if how else (),
        highlight=peers["unit"] == unit,
    )


def wanted(figures: pd.DataFrame, unit: str, year: int) -> HTML:
    """Say in one line which main figures of the year are still to be added; nothing for none."""
    names = {"score": _("score"), "rank": _("rank"), "parts": _("points of the parts")}
    missing = standing.missing(figures, unit, year)
    told = []
    for index in facts.INDICES:
        what = [names[key] for of, key in missing if of == index and key in names]
        if what:
            told.append(f"{wording.INDEX[index]} ({', '.join(what)})")
    if not told:
        return page.paragraphs()
    text = _("To be added for {year}: {what}.")
    return page.paragraphs(text.format(year=year, what=wording.names(told)))


def _scored(frame: pd.DataFrame) -> int:
    return int(frame["score"].notna().sum())


def _score_label(index: str) -> str:
    return _("Score") if index == "PAR" else "SIPAS (%)"


def _difference_unit(index: str) -> str:
    return (
        _("Difference from {unit}, points")
        if index == "PAR"
        else _("Difference from {unit}, percentage points")
    )
