"""Exhibits of the report on one province."""

from functools import partial
from html import escape

import pandas as pd
from great_tables import GT
from IPython.display import HTML

from helpers import charts, facts, language, page, standing, units, wording
from helpers.citations import Citations
from helpers.completion import CompletedTables
from helpers.exhibits import completed, maxima
from helpers.language import N_, _
from helpers.national import SCHEMES
from helpers.tables import typeset

LOOSE = N_(
    "Estimates are given as 90% intervals. For an index of which neither the score nor the rank of "
    "a province has been found, a test shows the interval of the score above all to be too narrow: "
    "it holds the true score in fewer than 9 of 10 cases; see “How far can the estimates be "
    "trusted?” in the report on the national results."
)
KIND_MARK = {"published": "", "derived": wording.DERIVED}
HUNDREDTH = 0.01


def title(unit: str, year: int) -> HTML:
    """Name the province, with its kind, and the year."""
    return page.title(
        wording.capital(wording.place_of(unit, year)),
        _(
            "Public Administration Reform Index (PAR INDEX) and Satisfaction Index (SIPAS) of "
            "{year}"
        ).format(year=year),
    )


def cards(
    figures: pd.DataFrame,
    unit: str,
    year: int,
    tables: dict[str, CompletedTables],
    cite: Citations,
) -> HTML:
    """Three numbers: both scores, and what is lost or known of them."""
    made, unknown = [], False
    for index in facts.INDICES:
        found = standing.of_year(figures, unit, index, year)
        estimates = _estimates(unit, index, tables)
        unknown |= len(estimates) > 1
        made.append(page.card(found, index, year, cite, estimates))
    made.append(_lost_card(figures, unit, year, cite) or _known_card(figures, unit, year))
    return page.stack(page.cards(*made), page.paragraphs(_(LOOSE) if unknown else ""))


def _lost_card(figures: pd.DataFrame, unit: str, year: int, cite: Citations) -> str:
    """Give the points of the PAR INDEX that were not won; "" where the score is not known."""
    score = facts.figure(figures, unit, "PAR", year, "score")
    if score is None:
        return ""
    lost = standing.apart(standing.parts(figures, facts.schemes(), unit, year))["lost"]
    lines = [_("100 points less the score ({derived})").format(derived=wording.kind("derived"))]
    if not lost.empty:
        most = lost.idxmax()
        text = _("Of the parts known, most was lost in “{part}”: {points} ({derived})")
        lines.append(
            text.format(
                part=escape(wording.part(most)),
                points=wording.score(lost[most], "PAR"),
                derived=wording.kind("derived"),
            )
        )
    return page.number_card(
        _("PAR INDEX {year}: points lost").format(year=year),
        wording.score(100 - score["value"], "PAR"),
        lines,
        cite(score["sources"]),
    )


def _known_card(figures: pd.DataFrame, unit: str, year: int) -> str:
    """Give how many of the four main figures of the year are published."""
    wanted = [(index, key) for index in facts.INDICES for key in ("score", "rank")]
    missing = standing.missing(figures, unit, year)
    known = [pair for pair in wanted if pair not in missing]
    return page.number_card(
        _("Main figures of {year} found").format(year=year),
        f"{len(known)}/{len(wanted)}",
        [_("score and rank in each of the two indices")],
    )


def _estimates(unit: str, index: str, tables: dict[str, CompletedTables]) -> list[str]:
    """What is estimated of a province's score and rank, in words."""
    if index not in tables:
        return []
    row = completed.by_unit(tables[index]).loc[unit]
    texts = []
    if row["kind"] == "estimated":
        texts.append(completed.score_text(row, index))
    if row["rank_kind"] == "estimated":
        texts.append(completed.rank_text(row, units.count(tables[index].year, index)))
    return texts


def summary(figures: pd.DataFrame, unit: str, year: int, cite: Citations) -> HTML:
    """At most six sentences: both results, and the neighbours."""
    texts = []
    place = wording.place_of(unit, year)
    of_index = {index: standing.of_year(figures, unit, index, year) for index in facts.INDICES}
    if all(_nothing(found) for found in of_index.values()):
        return page.paragraphs(wording.nothing_found(place, list(of_index), year))
    for index, found in of_index.items():
        used = [found[key]["sources"] for key in _told(found)]
        texts.append(wording.result(place, found, index, year) + cite(" ".join(used)))
    for index in facts.INDICES:
        scores = facts.scores(figures, index, year)
        above, below = standing.next_to(scores, unit)
        beside = [row["unit"] for row in (above, below) if row is not None]
        columns = ["rank_sources", "score_sources"]
        sources = " ".join(scores.loc[beside, columns].to_numpy().ravel())
        text = wording.neighbour(above, below, index)
        texts.append(text + cite(sources) if text else "")
    return page.paragraphs(*texts)


def _nothing(found: dict) -> bool:
    """Whether neither a score, a rank nor a bound of it is in what `standing.of_year` gives."""
    return all(found[key] is None for key in ("score", "rank", "at_least", "at_most"))


def _told(found: dict) -> list[str]:
    """Which of the figures in `standing.of_year` the sentence of `wording.result` tells."""
    own = [key for key in ("score", "rank", "rank_change") if found[key] is not None]
    if not own:
        return [key for key in ("at_least", "at_most") if found[key] is not None]
    return [*own, "mean"] if found["score"] is not None and found["mean"] is not None else own


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
    name = wording.INDEX[index]
    if tables is None:
        return page.paragraphs(
            _("No {index} {year} figure of any province has been found.").format(
                index=name, year=year
            )
        )
    mean = facts.national(figures, index)["mean"].get(year)
    page.cite_all(cite, scores["score_sources"], scores["rank_sources"])
    slots = completed.open_slots(tables, unit)
    shown = completed.settled(scores, tables)
    # Low enough for both indices on the first printed page.
    ax = charts.score_curve(
        shown, n, highlight=unit, mean=mean, completed=slots, ax=charts.figure(2.7, fixed=True)
    )
    finding = _place_finding(scores, unit, index, year, tables, n)
    subtitle = _(
        "{axis} by rank; for {known} of {n} provinces a score has been found (published or "
        "derived), the scores at the other ranks are estimated"
    ).format(axis=wording.score_axis(index), known=_scored(scores), n=n)
    alt = _alt(finding, subtitle, _ends(scores, index, mean))
    return page.chart(ax, finding, subtitle, alt, estimates=True)


def _place_finding(
    scores: pd.DataFrame, unit: str, index: str, year: int, tables: CompletedTables, n: int
) -> str:
    name = wording.INDEX[index]
    if unit not in scores.index:
        rank = completed.rank_text(completed.by_unit(tables).loc[unit], n)
        return _("{index} {year}: no figure of {unit} found; {rank}").format(
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


def years_charts(figures: pd.DataFrame, unit: str, year: int) -> HTML:
    """Both indices over the years, where there is something to draw."""
    return page.stack(*(years_chart(figures, unit, index, year) for index in facts.INDICES))


def years_chart(figures: pd.DataFrame, unit: str, index: str, of_year: int | None = None) -> HTML:
    """Scores and ranks of all published years; nothing where there is none, as the table says.

    ``of_year`` as for `helpers.standing.years`.
    """
    years = standing.years(figures, unit, index, of_year)
    name = wording.INDEX[index]
    if years.empty:
        return page.paragraphs()
    pieces = []
    scores, ranks = years["score"].dropna(), years["rank"].dropna()
    mean = facts.national(figures, index)["mean"]
    break_year = facts.NEW_SURVEY if index == "SIPAS" else None
    if not scores.empty:
        schemes = tuple(SCHEMES) if index == "PAR" else ()
        ax = charts.history(years, national=mean, break_year=break_year, schemes=schemes)
        told = _told_of_years(scores, index, of_year, lambda v: wording.score(v, index))
        finding = _("{unit}, {index}: {facts}").format(
            index=name, unit=wording.unit_name(unit), facts=told
        )
        subtitle = _("{axis}; broken line: national mean").format(axis=wording.score_axis(index))
        if any(scores.index[0] < changed <= scores.index[-1] for changed in schemes):
            subtitle += _(
                "; upright lines: the criteria changed, scores do not compare across them"
            )
        numbers = _by_year(scores, lambda v: wording.score(v, index))
        pieces.append(page.chart(ax, finding, subtitle, _alt(finding, subtitle, numbers)))
    if not ranks.empty:
        n = units.count(ranks.index[-1], index)
        ax = charts.rank_history(years, n=n, break_year=break_year, years=mean.dropna().index)
        write = partial(wording.rank, of=n)
        told = _told_of_years(ranks, index, of_year, write)
        finding = _("{unit}, {index} rank: {facts}").format(
            index=name, unit=wording.unit_name(unit), facts=told
        )
        subtitle = _("Rank among {n} provinces and cities; rank 1 at the top").format(n=n)
        numbers = _by_year(ranks, write)
        pieces.append(page.chart(ax, finding, subtitle, _alt(finding, subtitle, numbers)))
    return page.stack(*pieces)


def _by_year(values: pd.Series, write) -> str:
    return "; ".join(f"{year}: {write(value)}" for year, value in values.items()) + "."


def _one_series(values: pd.Series, index: str, year: int) -> pd.Series:
    """The years that can be compared with one: SIPAS changed its survey."""
    if index != "SIPAS":
        return values
    return values[(values.index >= facts.NEW_SURVEY) == (year >= facts.NEW_SURVEY)]


def _told_of_years(values: pd.Series, index: str, of_year: int | None, write) -> str:
    """Tell the year of the report first, then the first and the last that compare with it."""
    lead = values.index[-1] if of_year is None else of_year
    series = _one_series(values, index, lead)
    series = values if series.empty else series
    one = _("{value} in {year}")
    ends = [year for year in dict.fromkeys([series.index[0], series.index[-1]]) if year != lead]
    told = [one.format(value=write(series[year]), year=year) for year in ends]
    if lead not in series.index:
        return ", ".join(told)
    own = one.format(value=write(series[lead]), year=lead)
    if not told:
        return own
    return _("{now} ({others})").format(now=own, others=", ".join(told))


def peers_chart(figures: pd.DataFrame, unit: str, index: str, year: int) -> HTML:
    """The provinces of the region, in order, the province marked."""
    peers = standing.region(figures, unit, year)
    scores = facts.scores(figures, index, year)
    frame = scores.reindex([name for name in scores.index if name in peers.index])
    rest = [name for name in peers.index if name not in frame.index]
    frame = pd.concat([frame, pd.DataFrame(index=rest)]).rename_axis("unit")
    name, region = wording.INDEX[index], region_name(unit, year)
    known = frame["score"].dropna()
    if known.empty:
        return page.paragraphs(
            _("{region}: no {index} {year} score has been found.").format(
                region=wording.capital(region), index=name, year=year
            )
        )
    mean = facts.national(figures, index)["mean"].get(year)
    ax = charts.peers(frame, highlight=unit, mean=mean)
    finding = _("{index} {year}, {region}: highest of those known is {best}, {score}").format(
        index=name,
        year=year,
        region=region,
        best=wording.unit_name(known.idxmax()),
        score=wording.score(known.max(), index),
    )
    subtitle = _(
        "{axis}; {known} of {n} provinces have a score (published or derived); beside the names: "
        "rank in the nation"
    ).format(axis=wording.score_axis(index), known=len(known), n=len(frame))
    numbers = "; ".join(f"{one}: {wording.score(score, index)}" for one, score in known.items())
    return page.chart(ax, finding, subtitle, _alt(finding, subtitle, f"{numbers}."))


def region_name(unit: str, year: int | None = None) -> str:
    """Name the region of a province, in the language in use."""
    column = "name" if language.current() == language.DEFAULT else "name_en"
    name = units.regions().set_index("name").assign(name=lambda r: r.index)[column]
    return _("{region} region").format(region=name[units.region_of(unit, year=year)])


def reform_and_satisfaction(figures: pd.DataFrame, unit: str, year: int, cite: Citations) -> HTML:
    """PAR INDEX against SIPAS for the provinces with both, the province marked."""
    scores = {index: facts.scores(figures, index, year) for index in facts.INDICES}
    frame = pd.DataFrame({index: scores[index]["score"] for index in facts.INDICES}).dropna()
    kinds = {
        index: scores[index]["score_derivation"].reindex(frame.index).map(facts.kind)
        for index in facts.INDICES
    }
    derived = pd.DataFrame(kinds, index=frame.index).eq("derived").any(axis=1)
    frame["kind"] = derived.map({True: "derived", False: "published"})
    for index in facts.INDICES:
        page.cite_all(cite, scores[index]["score_sources"].reindex(frame.index))
    if frame.empty:
        return page.paragraphs(
            _("For {year} both scores have been found of no province.").format(year=year)
        )
    means = {i: facts.figure(figures, facts.NATION, i, year, "mean") for i in facts.INDICES}
    page.cite_all(cite, [row["sources"] for row in means.values() if row is not None])
    means = {index: row["value"] for index, row in means.items() if row is not None}
    # All pages but those of the provinces in it show the same chart.
    marked = unit if unit in frame.index else None
    drawn = charts.once(
        partial(charts.reform_and_satisfaction, frame, highlight=marked, means=means),
        "reform_and_satisfaction",
        tuple(frame.itertuples(name=None)),
        marked,
        tuple(means.items()),
    )
    if marked:
        par, sipas = (wording.score(frame.at[unit, i], i) for i in facts.INDICES)
        finding = _("{unit}: PAR INDEX {par}, SIPAS {sipas}").format(
            unit=wording.unit_name(unit), par=par, sipas=sipas
        )
    else:
        finding = _("Not both scores of {unit} have been found, so it is not in the chart").format(
            unit=wording.unit_name(unit)
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
    return page.chart(drawn, finding, subtitle, _alt(finding, subtitle, numbers))


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
    notes = [
        _("There may be provinces between two lines whose score and rank have not been found.")
    ]
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


def years_tables(figures: pd.DataFrame, unit: str, cite: Citations, year: int) -> HTML:
    """Both indices over the years, side by side; one sentence where there is nothing of either."""
    years = {index: standing.years(figures, unit, index, year) for index in facts.INDICES}
    if all(found.empty for found in years.values()):
        return page.paragraphs(
            _("No {index} figure of {unit} has been found for any year.").format(
                index=wording.names([wording.INDEX[index] for index in years]),
                unit=wording.place_of(unit, year),
            )
        )
    return page.stack(
        *(years_table(found, figures, unit, index, cite, year) for index, found in years.items())
    )


def years_table(
    years: pd.DataFrame,
    figures: pd.DataFrame,
    unit: str,
    index: str,
    cite: Citations,
    of_year: int | None = None,
) -> GT | HTML:
    """All published years of one index; a sentence where there is none.

    ``years`` as given by `helpers.standing.years`, and ``of_year`` as for it.
    """
    name, years = wording.INDEX[index], years.reset_index()
    if years.empty:
        return page.paragraphs(
            _("No {index} figure of {unit} has been found for any year.").format(
                index=name, unit=wording.place_of(unit, of_year)
            )
        )
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


def parts_tables(
    figures: pd.DataFrame, schemes: pd.DataFrame, unit: str, year: int, cite: Citations
) -> HTML:
    """Parts of the PAR INDEX of every year that has some: the year itself, then the latest."""
    made = []
    figures = facts.as_of(figures, year)
    years = standing.years_with_parts(figures, unit, year)
    for published in sorted(years, key=lambda y: (y != year, -y)):
        if published != year:
            made.append(parts_chart(figures, schemes, unit, published))
        made.append(_parts_table(figures, schemes, unit, published, cite))
    return page.stack(*made)


def parts_chart(figures: pd.DataFrame, schemes: pd.DataFrame, unit: str, year: int) -> HTML:
    """Points won and lost, for a year in which the maximum of some part is known."""
    parts = standing.apart(standing.parts(figures, schemes, unit, year))
    if parts.empty:
        return page.paragraphs()
    most = parts["lost"].idxmax()
    finding = _("{unit} lost most points in “{part}”: {points} (derived)").format(
        unit=wording.unit_name(unit),
        part=wording.part(most),
        points=wording.score(parts.at[most, "lost"], "PAR"),
    )
    subtitle = _(
        "PAR INDEX {year}: points won of the maximum, for the parts whose maximum is known"
    ).format(year=year)
    if (parts["max_kind"] == "derived").any():
        subtitle += _(" (* maximum derived)")
    numbers = "; ".join(
        _("{part}: {won} of {most}").format(
            part=wording.part(part),
            won=wording.number(row["points"]),
            most=wording.number(row["max_points"]),
        )
        for part, row in parts.iterrows()
    )
    return page.chart(
        charts.parts(parts), finding, subtitle, _alt(finding, subtitle, numbers + ".")
    )


def _parts_table(
    figures: pd.DataFrame, schemes: pd.DataFrame, unit: str, year: int, cite: Citations
) -> GT:
    parts = standing.parts(figures, schemes, unit, year).reset_index()
    parts["name"] = parts["part"].map(wording.part)
    parts["cited"] = parts["sources"].map(cite)
    parts["won"] = [
        wording.number(points) + KIND_MARK.get(kind, "")
        for points, kind in zip(parts["points"], parts["points_kind"], strict=True)
    ]
    parts["most"] = maxima.marked(parts)
    columns = {
        "name": _("Part"),
        "points": _("Points won"),
        "max_points": _("Maximum"),
        "lost": _("Points lost (derived)"),
        "percent": _("% of the maximum"),
        "part_rank": _("Rank"),
    }
    shown = {c: label for c, label in columns.items() if c == "name" or parts[c].notna().any()}
    won = {"points", "max_points"} <= set(shown)
    written = {"points": "won", "max_points": "most"}
    shown = {written.get(column, column): label for column, label in shown.items()}
    notes = _parts_notes(figures, parts, unit, year)
    if "most" not in shown:
        notes.append(
            _(
                "The maximum points of each part have not been found for this year, so "
                "the points lost cannot be computed."
            )
        )
    return typeset(
        parts,
        shown | {"cited": _("Sources")},
        title=_("PAR INDEX {year} of {unit}: points of the parts").format(
            year=year, unit=wording.unit_name(unit)
        ),
        subtitle=_("Unit: points") if "won" in shown else _("Share of the maximum points, %"),
        decimals={
            c: 0 if c == "part_rank" else 2 for c in shown if c not in ("name", "won", "most")
        },
        right=tuple(c for c in ("won", "most") if c in shown),
        raw=("cited",),
        bars={"won": parts["points"] / parts["max_points"]} if won else None,
        notes=tuple(notes),
    )


def _parts_notes(figures: pd.DataFrame, parts: pd.DataFrame, unit: str, year: int) -> list[str]:
    """Say what is derived in the table of parts, and whether they add up to the score."""
    notes = []
    if parts["part"].isin(list(standing.SUMS)).any():
        notes.append(
            _(
                "* Of which: assessment by results = appraisal + socio-economic impact; "
                "sociological survey = satisfaction index in points + survey of leaders and "
                "managers (derived from how the points were split in later years)."
            )
        )
    elif (parts["points_kind"] == "derived").any():
        notes.append(_("* Points derived: the maximum less the points lost that a source states."))
    if parts["lost"].notna().any():
        notes.append(_("Points lost = maximum of the part − points won."))
    notes.append(maxima.note(parts))
    notes.append(_added_up(parts, facts.figure(figures, unit, "PAR", year, "score")))
    return [text for text in notes if text]


def _added_up(parts: pd.DataFrame, score: pd.Series | None) -> str:
    """Say by how much the parts miss the score where that can be rounding; "" elsewhere."""
    for split in (facts.FIELDS, facts.BLOCKS):
        points = parts.set_index("part")["points"].reindex(split)
        if score is None or points.isna().any():
            continue
        total = round(points.sum(), 2)
        miss = round(abs(total - score["value"]), 4)
        # Each part and the score may be off by half of its last decimal.
        if HUNDREDTH / 2 <= miss <= HUNDREDTH / 2 * (len(points) + 1):
            return _(
                "The parts add up to {total}, the score is {score}: a difference of {miss}, due to "
                "rounding."
            ).format(
                total=wording.number(total),
                score=wording.number(score["value"]),
                miss=wording.number(miss),
            )
    return ""


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


def absent(figures: pd.DataFrame, unit: str, year: int) -> HTML:
    """What is not published for the year, in words, and where a bound or other years are known."""
    missing = standing.missing(figures, unit, year)
    place = wording.place_of(unit, year)
    texts = []
    years = {index: standing.years(figures, unit, index, year) for index in facts.INDICES}
    if all(found.empty for found in years.values()) and all(
        _nothing(standing.of_year(figures, unit, index, year)) for index in years
    ):
        told = wording.nothing_found(place, list(years), year)
        return page.points([f"{told} {_('Nothing of other years has been found either.')}"])
    for index in facts.INDICES:
        what = wording.absent(missing, index)
        name = wording.INDEX[index]
        if not what:
            text = _("{index} {year}: all the main figures of {place} are known.")
            texts.append(text.format(index=name, year=year, place=place))
            continue
        known = [str(y) for y in years[index].index if y != year]
        text = _("{index} {year}: not found for {place}: {what}.").format(
            index=name, year=year, place=place, what=what
        )
        tail = (
            _("There are figures of {years}.").format(years=wording.names(known))
            if known
            else _("Nothing of other years has been found either.")
        )
        texts.append(f"{text} {tail}")
    return page.points(texts)


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
