"""Exhibits of the nation's results of one year."""

from collections.abc import Iterable

import numpy as np
import pandas as pd
from great_tables import GT
from IPython.display import HTML

from helpers import charts, completion, facts, national, page, units, wording
from helpers.citations import Citations
from helpers.completion import CompletedTables
from helpers.exhibits import completed
from helpers.language import N_, _
from helpers.national import SCHEMES
from helpers.tables import typeset

# The means that the summary tells: index, measure, what it is called.
MEANS = (
    ("PAR", "mean", N_("Mean PAR INDEX of the {n} provinces")),
    ("SIPAS", "mean", N_("Mean SIPAS of the {n} provinces")),
    ("PAR", "ministry_mean", N_("Mean PAR INDEX of the ministries")),
)
# Below this spread of scores, in points, a range of the histogram is one point wide.
WIDE_SPREAD = 12


def heading(year: int) -> HTML:
    """Head of the national report: the indices and the year."""
    return page.title(
        _("Results of PAR INDEX and SIPAS {year}").format(year=year),
        _(
            "Public administration reform and satisfaction with public administrative services, "
            "whole country"
        ),
    )


def coverage(figures: pd.DataFrame, year: int, n: int | None = None) -> HTML:
    """Say for how many provinces the year's results are in hand, index by index."""
    texts = []
    for index in facts.INDICES:
        of = n or units.count(year, index)
        scores = facts.scores(figures, index, year)
        texts.append(
            _(
                "{index} {year}: the scores of {scored} of {n} provinces are known, {derived} of "
                "them derived; a score or a rank of {known} of {n}."
            ).format(
                index=wording.INDEX[index],
                year=year,
                scored=int(scores["score"].notna().sum()),
                derived=_derived(scores, "score"),
                known=len(scores),
                n=of,
            )
        )
    return page.points(texts)


def _derived(scores: pd.DataFrame, measure: str) -> int:
    kinds = scores[f"{measure}_derivation"].map(facts.kind)
    return int((scores[measure].notna() & (kinds == "derived")).sum())


def summary(figures: pd.DataFrame, year: int, cite: Citations) -> HTML:
    """Means of the nation and of the ministries, and their change, each with its source."""
    n = units.count(year)
    return page.points(
        [
            _mean_told(figures, index, year, measure, _(name).format(n=n), cite)
            for index, measure, name in MEANS
        ]
    )


def _mean_told(
    figures: pd.DataFrame, index: str, year: int, measure: str, name: str, cite: Citations
) -> str:
    now = facts.figure(figures, facts.NATION, index, year, measure)
    before = facts.figure(figures, facts.NATION, index, year - 1, measure)
    if now is None:
        return _("{mean}: not found published.").format(mean=name)
    score = f"{wording.score(now['value'], index)}{cite(now['sources'])}"
    if index == "SIPAS" and year == facts.NEW_SURVEY:
        return _(
            "{mean}: {score}; not compared with the year before, since SIPAS changed its survey."
        ).format(mean=name, score=score)
    if before is None:
        return _("{mean}: {score}.").format(mean=name, score=score)
    return _("{mean}: {score}, {change} on {before} (derived: {sum}).").format(
        mean=name,
        score=score,
        change=wording.score_change(round(now["value"] - before["value"], 4), index),
        before=year - 1,
        sum=f"{wording.number(now['value'])} − {wording.number(before['value'])}"
        f"{cite(before['sources'])}",
    )


def ranking_chart(
    figures: pd.DataFrame,
    index: str,
    year: int,
    tables: CompletedTables | None,
    n: int | None = None,
) -> HTML:
    """Score against rank: published scores solid, the other ranks as estimated."""
    name = wording.INDEX[index]
    if tables is None:
        return page.paragraphs(
            _("No score or rank of {index} {year} has been found published.").format(
                index=name, year=year
            )
        )
    n = n or tables.scores.shape[1]
    scores = facts.scores(figures, index, year)
    mean = facts.national(figures, index)["mean"].get(year)
    shown = completed.settled(scores, tables)
    ax = charts.score_curve(shown, n, mean=mean, completed=completed.open_slots(tables))
    finding = _leaders(shown, index, year, n)
    told = _(
        "The scores of {index} {year} fall from rank 1 to rank {n}; {known} of them are published "
        "or derived, and the other ranks are drawn with their 50% and 90% intervals."
    ).format(index=name, year=year, n=n, known=int(shown["score"].notna().sum()))
    return page.chart(
        ax,
        finding,
        _("{axis} by rank; light bars: estimated, 50% and 90% intervals").format(
            axis=wording.score_axis(index)
        ),
        alt=_alt(finding, told, _mean_line(mean, index)),
    )


def _leaders(scores: pd.DataFrame, index: str, year: int, n: int) -> str:
    """Name the first and the last of the ranking, where their scores are known."""
    ends = scores.dropna(subset=["score", "rank"]).reset_index().set_index("rank")
    terms = {"index": wording.INDEX[index], "year": year}
    if 1 not in ends.index:
        return _("{index} {year}: the scores of {known} of {n} provinces are known").format(
            known=int(scores["score"].notna().sum()), n=n, **terms
        )
    terms |= {"first": ends.at[1, "unit"], "high": wording.score(ends.at[1, "score"], index)}
    if n not in ends.index:
        return _("{index} {year}: {first} leads with {high}").format(**terms)
    return _("{index} {year}: {first} leads with {high}, {last} is last with {low}").format(
        last=ends.at[n, "unit"], low=wording.score(ends.at[n, "score"], index), **terms
    )


def _mean_line(mean: float | None, index: str) -> str:
    if mean is None or pd.isna(mean):
        return ""
    return _("A line marks the national mean, {mean}.").format(mean=wording.score(mean, index))


def _alt(finding: str, *sentences: str) -> str:
    """Alternative text of a chart: its finding, then what it shows with its key numbers."""
    return " ".join(text for text in (f"{finding}.", *sentences) if text)


def _listed(pairs: Iterable[tuple[str, str]]) -> str:
    """Write names with their figures, as in "A: 91.04; B: 90.10"."""
    return "; ".join(f"{name}: {figure}" for name, figure in pairs)


def whole_ranking_chart(index: str, year: int, tables: CompletedTables | None) -> HTML:
    """All provinces in order: published and derived scores solid, estimated ones light."""
    if tables is None:
        return page.paragraphs()
    rows = completed.by_unit(tables)
    ax = charts.ranking(rows, index=index)
    estimated = int((rows["kind"] == "estimated").sum())
    finding = _(
        "{index} {year}: {known} of {n} provinces have a known score, {estimated} only an "
        "estimated interval"
    ).format(
        index=wording.INDEX[index],
        year=year,
        known=len(rows) - estimated,
        n=len(rows),
        estimated=estimated,
    )
    subtitle = _(
        "{axis}; dots: published, squares: derived, hollow: estimated, 50% and 90% intervals; "
        "beside the name: rank or range of ranks"
    ).format(axis=wording.score_axis(index))
    told = _("One line for each province, best first. At the head: {first}. At the foot: {last}.")
    ends = [
        _listed((unit, _score_cell(row)) for unit, row in part.iterrows())
        for part in (rows.head(3), rows.tail(3))
    ]
    return page.chart(
        ax, finding, subtitle, alt=_alt(finding, told.format(first=ends[0], last=ends[1]))
    )


def _score_cell(row: pd.Series) -> str:
    """A score as a table has it: a number, or the 90% interval of an estimate."""
    if row["kind"] == "estimated":
        return wording.between(row["score_low"], row["score_high"])
    return wording.number(row["score"])


def ranking_table(
    figures: pd.DataFrame, index: str, year: int, tables: CompletedTables | None, cite: Citations
) -> GT | HTML:
    """The whole ranking: published and derived figures with sources, the rest as estimates."""
    if tables is None:
        return page.paragraphs()
    rows = completed.by_unit(tables)
    scores = facts.scores(figures, index, year).reindex(rows.index)
    rows["cited"] = [
        cite(f"{a} {b}")
        for a, b in zip(
            scores["rank_sources"].fillna(""), scores["score_sources"].fillna(""), strict=True
        )
    ]
    star = {"published": "", "derived": " *", "estimated": ""}
    of_rows = [row for unit, row in rows.iterrows()]
    rows["rank_text"] = [
        wording.between(row["rank_low"], row["rank_high"], 0)
        if row["rank_kind"] == "estimated"
        else wording.whole(row["rank"]) + star[row["rank_kind"]]
        for row in of_rows
    ]
    rows["score_text"] = [_score_cell(row) + star[row["kind"]] for row in of_rows]
    rows["kind_text"] = [_kinds(row["rank_kind"], row["kind"]) for row in of_rows]
    known = int(scores[["score", "rank"]].notna().any(axis=1).sum())
    return _ranking(rows, index, year, known, len(tables))


def _kinds(of_rank: str, of_score: str) -> str:
    if of_rank == of_score:
        return wording.kind(of_score)
    return _("rank {rank}, score {score}").format(
        rank=wording.kind(of_rank), score=wording.kind(of_score)
    )


def _ranking(rows: pd.DataFrame, index: str, year: int, known: int, draws: int) -> GT:
    """Typeset the rows of `ranking_table`."""
    n = len(rows)
    rows = rows.reset_index()
    return typeset(
        rows,
        {
            "rank_text": _("Rank"),
            "unit": _("Province"),
            "score_text": _("Score") if index == "PAR" else "SIPAS (%)",
            "kind_text": _("Kind of figure"),
            "cited": _("Source"),
        },
        title=_("Ranking of {index} {year}: published and estimated").format(
            index=wording.INDEX[index], year=year
        ),
        subtitle=_(
            "{known} of {n} provinces have a published or derived score or rank; estimates are "
            "90% intervals, in light italics"
        ).format(known=known, n=n),
        right=("rank_text", "score_text"),
        raw=("cited",),
        notes=(
            _(
                "* Derived from published figures (the arithmetic is in data/observations.csv), or "
                "the only possibility left."
            ),
            _(
                "Estimates are from {draws} tables of the {n} provinces that fit the published "
                "scores, ranks, national means and numbers of provinces above a score or risen; "
                "regional means and changes between two years without figures hold in nearly all "
                "of them, not in every one. It is assumed that scores are spread nearly normally "
                "and that a province without any figure stands where other years, the other index "
                "and its region let expect."
            ).format(draws=draws, n=n),
        ),
        light=rows["kind"] == "estimated",
    )


def distribution_chart(
    figures: pd.DataFrame, index: str, year: int, tables: CompletedTables | None
) -> HTML:
    """How many provinces lie in each range of scores: published, and as estimated for all."""
    if tables is None:
        return page.paragraphs()
    low, high = tables.scores.to_numpy().min(), tables.scores.to_numpy().max()
    step = 2.5 if high - low > WIDE_SPREAD else 1.0
    edges = list(np.arange(np.floor(low / step) * step, high + step, step))
    counts = completed.counts(tables, edges)
    ax = charts.binned(counts)
    top = counts.loc[counts["count"].idxmax()]
    finding = _("{index} {year}: the most crowded range is {range}, with {count} provinces").format(
        index=wording.INDEX[index],
        year=year,
        range=wording.between(top["left"], top["right"], 1),
        count=_about(top),
    )
    ranges = _listed(
        (wording.between(row["left"], row["right"], 1), wording.between(row["low"], row["high"], 0))
        for row in counts.to_dict("records")
    )
    told = _("Provinces in each range of scores (90% intervals where estimated): {ranges}.")
    return page.chart(
        ax,
        finding,
        _(
            "Number of provinces by {index}; dark: published or derived scores; light: estimated, "
            "with 90% intervals"
        ).format(index=wording.INDEX[index]),
        alt=_alt(finding, told.format(ranges=ranges)),
    )


def _about(row: pd.Series) -> str:
    if row["low"] == row["high"]:
        return wording.whole(row["count"])
    return _("an estimated {low} to {high}").format(
        low=wording.whole(row["low"]), high=wording.whole(row["high"])
    )


def groups_table(figures: pd.DataFrame, year: int, cite: Citations) -> GT:
    """Groups A, B and C: announced size, and the provinces known to be in each."""
    groups = national.groups(figures, year).reset_index()
    groups["range"] = [
        _("{low} points and more").format(low=low)
        if low == 90
        else _("from {low} to under {high} points").format(low=low, high=high)
        for low, high in zip(groups["low"], groups["high"], strict=True)
    ]
    groups["cited"] = groups["sources"].map(cite)
    kinds = facts.scores(figures, "PAR", year)["score_derivation"].map(facts.kind)
    groups["names"] = [
        ", ".join(unit + (" *" if kinds[unit] == "derived" else "") for unit in found)
        or wording.MISSING
        for found in groups["units"]
    ]
    return typeset(
        groups,
        {
            "group": _("Group"),
            "range": _("Scores"),
            "announced": _("Provinces, as announced"),
            "known": _("Of these with a score"),
            "names": _("Which"),
            "cited": _("Source"),
        },
        title=_("The three groups of PAR INDEX {year}").format(year=year),
        subtitle=_("Number of provinces"),
        decimals={"announced": 0, "known": 0},
        raw=("cited",),
        notes=(_("* A score derived from published figures."),),
    )


def regions_chart(
    figures: pd.DataFrame, index: str, year: int, tables: CompletedTables | None
) -> HTML:
    """Published scores by region, with the regional means: published, else estimated."""
    name = wording.INDEX[index]
    if tables is None:
        return page.paragraphs(
            _("{index} {year} has not been found published.").format(index=name, year=year)
        )
    frame = units.provinces(year).set_index("name")[["region"]].rename_axis("unit")
    scores = facts.scores(figures, index, year).reindex(frame.index)
    frame["score"] = scores["score"]
    frame["kind"] = scores["score_derivation"].fillna("").map(facts.kind)
    regions = national.regions(figures, index, year)
    means = completed.region_means(tables, _region_names(year)).reindex(regions.index)
    published = regions["mean"].dropna()
    means.loc[published.index, ["low", "high"]] = np.nan
    means.loc[published.index, "mean"] = published
    ax = charts.by_region(frame, region_means=means)
    best = means["mean"].idxmax()
    finding = _("{index} {year}: highest regional mean, {region} with {mean} ({kind})")
    finding = finding.format(
        index=name,
        year=year,
        region=units.display_name(best, "region"),
        mean=wording.score(means.at[best, "mean"], index),
        kind=wording.kind("published" if best in published.index else "estimated"),
    )
    return page.chart(
        ax,
        finding,
        _(
            "{axis}; dots: scores of provinces; solid diamonds: published regional means; hollow "
            "diamonds: estimated, 90% intervals"
        ).format(axis=wording.score_axis(index)),
        alt=_alt(finding, _regions_told(means)),
    )


def _regions_told(means: pd.DataFrame) -> str:
    """Regional means with their intervals, for those who cannot see the chart."""
    told = [
        (
            units.display_name(region, "region"),
            wording.number(row["mean"])
            if pd.isna(row["low"])
            else f"{wording.number(row['mean'])} ({wording.between(row['low'], row['high'])})",
        )
        for region, row in means.iterrows()
    ]
    return _("Regional means, north to south (90% intervals of the estimates): {means}.").format(
        means=_listed(told)
    )


def _region_names(year: int) -> pd.Series:
    provinces = units.provinces(year).set_index("name")
    return provinces["region"].map(units.regions().set_index("region")["name"])


def regions_table(
    figures: pd.DataFrame, index: str, year: int, tables: CompletedTables | None, cite: Citations
) -> GT | HTML:
    """Six regions: the published mean, the estimated one, and that of the scored provinces."""
    if tables is None:
        return page.paragraphs()
    regions = national.regions(figures, index, year)
    means = completed.region_means(tables, _region_names(year)).reindex(regions.index)
    regions["estimated"] = [
        f"{wording.number(mean)} ({wording.between(low, high)})"
        for mean, low, high in means[["mean", "low", "high"]].to_numpy()
    ]
    regions = regions.reset_index()
    regions["name"] = [units.display_name(name, "region") for name in regions["region"]]
    regions["cited"] = regions["sources"].map(cite)
    regions["told"] = [f"{a}/{b}" for a, b in zip(regions.scored, regions.provinces, strict=True)]
    regions["published"] = [
        _("{means} (in doubt)").format(means=wording.names([wording.number(v) for v in disputed]))
        if disputed
        else wording.number(mean)
        for mean, disputed in zip(regions["mean"], regions["disputed"], strict=True)
    ]
    return typeset(
        regions,
        {
            "name": _("Region"),
            "told": _("Provinces with a score"),
            "mean_of_scored": _("Mean of these (derived)"),
            "estimated": _("Regional mean (estimated, 90% interval)"),
            "published": _("Regional mean (published)"),
            "cited": _("Source"),
        },
        title=_("{index} {year} by region").format(index=wording.INDEX[index], year=year),
        subtitle=_("In points") if index == "PAR" else _("In per cent"),
        decimals={"mean_of_scored": 2},
        right=("told", "estimated", "published"),
        raw=("cited",),
        notes=(
            _(
                "Provinces with a published score tend to be those that rank high, so that their "
                "mean does not stand for the region's. The estimates do not use the published "
                "regional means, so that the two columns can be compared."
            ),
        ),
    )


def changes_chart(figures: pd.DataFrame, index: str, year: int) -> HTML:
    """Scores of the two years, where both are known."""
    changes = national.changes(figures, index, year).dropna(subset=["before", "now"])
    terms = {"index": wording.INDEX[index], "year": year, "before": year - 1}
    if index == "SIPAS" and year == facts.NEW_SURVEY:
        return page.paragraphs(
            _("SIPAS changed its survey in {year}, so no change on {before} is worked out.").format(
                year=year, before=year - 1
            )
        )
    if changes.empty:
        return page.paragraphs(
            _("No province has {index} published for both {before} and {year}.").format(**terms)
        )
    before, now = (_("year {year}").format(year=y) for y in (year - 1, year))
    ax = charts.change_dumbbell(changes, years=(before, now))
    rose = int((changes["change"] > 0).sum())
    if rose == len(changes):
        finding = _("{index}: up in all {n} provinces known in both years")
    else:
        finding = _("{index}: up in {rose} of the {n} provinces known in both years")
    finding = finding.format(index=wording.INDEX[index], rose=rose, n=len(changes))
    told = _(
        "From {before} to {year}, the largest gain: {most}; at the foot of the chart: {least}."
    )
    ends = [
        f"{unit} {wording.signed(row['change'])} "
        f"({wording.number(row['before'])} → {wording.number(row['now'])})"
        for unit, row in changes.iloc[[0, -1]].iterrows()
    ]
    return page.chart(
        ax,
        finding,
        _("{axis} in {before} and {year}").format(
            axis=wording.score_axis(index), before=year - 1, year=year
        ),
        alt=_alt(finding, told.format(before=year - 1, year=year, most=ends[0], least=ends[1])),
    )


def changes_table(figures: pd.DataFrame, index: str, year: int, cite: Citations) -> GT | HTML:
    """Changes of score on the year before, where they are published or follow; else nothing."""
    changes = national.changes(figures, index, year).reset_index()
    if changes.empty:
        return page.paragraphs()
    changes["cited"] = changes["sources"].map(cite)
    for column, of in (("before", year - 1), ("now", year)):
        scores = facts.scores(figures, index, of).reindex(changes["unit"]).reset_index()
        changes[f"{column}_text"] = wording.marked(
            changes[column], scores["score_derivation"], wording.number
        )
    changes["kind_text"] = changes["kind"].map(wording.kind)
    return typeset(
        changes,
        {
            "unit": _("Province"),
            "before_text": str(year - 1),
            "now_text": str(year),
            "change": _("Change"),
            "kind_text": _("The change is"),
            "cited": _("Source"),
        },
        title=_("Change of {index} from {before} to {year}").format(
            index=wording.INDEX[index], before=year - 1, year=year
        ),
        subtitle=_("In points") if index == "PAR" else _("In percentage points"),
        decimals={"change": 2},
        right=("before_text", "now_text"),
        signed=("change",),
        raw=("cited",),
        notes=(_("A derived change is the difference of two scores."), wording.derived_note()),
    )


def counts(figures: pd.DataFrame, index: str, year: int, cite: Citations) -> HTML:
    """How many provinces rose and fell, as announced; a sentence where it was not."""
    told = {}
    for part in ("increased", "decreased"):
        row = facts.figure(figures, facts.NATION, index, year, "count", part)
        if row is not None:
            told[part] = f"{wording.whole(row['value'])}{cite(row['sources'])}"
    if len(told) == 2:
        text = _(
            "As announced, the provinces that gained in {index} on {before} number {increased}; "
            "those that lost, {decreased}."
        )
    elif "increased" in told:
        text = _(
            "As announced, the provinces that gained in {index} on {before} number {increased}."
        )
    elif told:
        text = _("As announced, the provinces that lost in {index} on {before} number {decreased}.")
    else:
        text = _("How many provinces went up or down in {index} {year} was not found published.")
    terms = {"index": wording.INDEX[index], "year": year, "before": year - 1}
    return page.paragraphs(text.format(**terms, **told))


def blocks_chart(figures: pd.DataFrame, year: int) -> HTML:
    """The four blocks of the provinces with all four published."""
    blocks = national.blocks(figures, year)
    if blocks.empty:
        return _no_blocks(year)
    ax = charts.stacked_blocks(blocks)
    top = blocks["appraisal"].idxmax()
    finding = _(
        "Of {n} provinces with all four parts, {unit} has the most appraisal points, {score}"
    ).format(n=len(blocks), unit=top, score=wording.number(blocks["appraisal"].max()))
    told = _(
        "Bars of {n} provinces, best first, from {first} to {last}. Lowest and highest points: "
        "{parts}."
    ).format(
        n=len(blocks),
        first=f"{blocks.index[0]} {wording.number(blocks['score'].iloc[0])}",
        last=f"{blocks.index[-1]} {wording.number(blocks['score'].iloc[-1])}",
        parts=_listed(
            (wording.part(block), wording.between(blocks[block].min(), blocks[block].max()))
            for block in facts.BLOCKS
        ),
    )
    return page.chart(
        ax,
        finding,
        _("Points of PAR INDEX {year} by its four parts").format(year=year),
        alt=_alt(finding, told),
    )


def _no_blocks(year: int) -> HTML:
    return page.paragraphs(
        _("{year}: no province with all four parts of the PAR INDEX has been found.").format(
            year=year
        )
    )


def blocks_table(figures: pd.DataFrame, year: int, cite: Citations) -> GT | HTML:
    """The four blocks of the PAR INDEX where all four are published, and their sum as a check."""
    blocks = national.blocks(figures, year).reset_index()
    if blocks.empty:
        return _no_blocks(year)
    blocks["cited"] = blocks["sources"].map(cite)
    off = (blocks["sum"] - blocks["score"]).abs().max()
    return typeset(
        blocks,
        {
            "unit": _("Province"),
            **{block: wording.part(block) for block in facts.BLOCKS},
            "sum": _("Sum (derived)"),
            "score": _("PAR INDEX (published)"),
            "cited": _("Source"),
        },
        title=_("The four parts of PAR INDEX {year}").format(year=year),
        subtitle=_("In points; the sum is off the published score by {off} points at most").format(
            off=wording.number(off)
        ),
        decimals=dict.fromkeys([*facts.BLOCKS, "sum", "score"], 2),
        raw=("cited",),
    )


def ministries_table(figures: pd.DataFrame, year: int, cite: Citations) -> GT | HTML:
    """Ranking of the ministries: published, estimated where not, and the year before."""
    ministries = national.ministries(figures, year)
    if ministries.empty:
        return page.paragraphs(
            _("No result of the ministries in {year} has been found published.").format(year=year)
        )
    ministries["estimated"] = _estimated_scores(figures, year, "ministry").reindex(ministries.index)
    ministries["estimated"] = ministries["estimated"].fillna("")
    ministries = ministries.reset_index()
    ministries["name"] = [units.display_name(unit, "ministry") for unit in ministries["unit"]]
    cited = ministries[["rank_sources", "score_sources", "sources_before"]]
    ministries["cited"] = cited.agg(" ".join, axis=1).map(cite)
    return typeset(
        ministries,
        {
            "rank": _("Rank"),
            "name": _("Ministry"),
            "score": "PAR INDEX",
            "estimated": _("Estimated, 90% interval"),
            "rank_before": _("Rank {year}").format(year=year - 1),
            "score_before": f"PAR INDEX {year - 1}",
            "cited": _("Source"),
        },
        title=_("PAR INDEX {year} of the ministries and ministerial agencies").format(year=year),
        subtitle=_("In points; with a published score: {scored}, with a rank: {ranked}").format(
            scored=int(ministries["score"].notna().sum()),
            ranked=int(ministries["rank"].notna().sum()),
        ),
        decimals={"rank": 0, "score": 2, "rank_before": 0, "score_before": 2},
        right=("estimated",),
        raw=("cited",),
        notes=(_("SIPAS does not cover the ministries and ministerial agencies."),),
    )


def _estimated_scores(figures: pd.DataFrame, year: int, unit_type: str) -> pd.Series:
    """90% interval of every estimated score, as text; empty where too little is known."""
    try:
        tables = completion.complete(figures, "PAR", year, unit_type)
    except completion.NotEnoughKnown:
        return pd.Series(dtype=object)
    rows = completed.by_unit(tables)
    rows = rows[rows["kind"] == "estimated"]
    return rows.apply(lambda row: wording.between(row["score_low"], row["score_high"]), axis=1)


def factors_chart(figures: pd.DataFrame, year: int) -> HTML:
    """Factors of SIPAS over the years published; the finding is of the given year."""
    factors = national.factors(figures)
    ax = charts.factors(factors)
    known = factors[year].dropna() if year in factors else pd.Series(dtype=float)
    if known.empty:
        finding = _("The factors of SIPAS {year} have not been found published").format(year=year)
        told = ""
    else:
        finding = _("{year}: the lowest of the published factors is “{factor}”, {share}").format(
            year=year,
            factor=wording.factor(known.idxmin()),
            share=wording.score(known.min(), "SIPAS"),
        )
        told = _("Satisfaction in {year}: {factors}.").format(
            year=year,
            factors=_listed(
                (wording.factor(factor), wording.score(value, "SIPAS"))
                for factor, value in known.sort_values().items()
            ),
        )
    return page.chart(
        ax,
        finding,
        _("Share satisfied in the whole country, %"),
        alt=_alt(
            finding,
            told,
            _("The published years go from {first} to {last}.").format(
                first=min(factors), last=max(factors)
            ),
        ),
    )


def factors_table(figures: pd.DataFrame, cite: Citations) -> GT:
    """Factors of SIPAS over the years; the two regimes of the survey apart."""
    rows = facts.select(figures, index="SIPAS", measure="factor", unit_type="national")
    wide = national.factors(figures).reset_index()
    wide["name"] = wide["part"].map(wording.factor)
    wide["cited"] = wide["part"].map(
        lambda part: cite(facts.join_sources(*rows.loc[rows["part"] == part, "sources"]))
    )
    wide = wide.iloc[wide["part"].map(list(wording.factors()).index).argsort()]
    years = [column for column in wide if isinstance(column, int)]
    derivations = rows.pivot(index="part", columns="year", values="derivation")
    for year in years:
        of_year = derivations[year].reindex(wide["part"])
        wide[year] = wording.marked(wide[year], of_year, wording.number)
    wide = wide.rename(columns=str)
    return typeset(
        wide,
        {"name": _("Factor"), **{str(y): str(y) for y in years}, "cited": _("Source")},
        title=_("The factors of SIPAS, whole country"),
        subtitle=_("Share satisfied, %"),
        right=tuple(map(str, years)),
        raw=("cited",),
        notes=(
            wording.derived_note(),
            _(
                "Since {year} SIPAS has asked people at large instead of users of services: not to "
                "be compared directly with the years 2017–{last}."
            ).format(year=facts.NEW_SURVEY, last=facts.NEW_SURVEY - 1),
        ),
    )


def national_chart(figures: pd.DataFrame, index: str) -> HTML:
    """National means by year; for PAR the ministries too, with the scoring schemes marked."""
    means = facts.national(figures, index)
    values = means["mean"].dropna()
    if index == "SIPAS":
        values = values[values.index >= facts.NEW_SURVEY]
    first, last = values.index[0], values.index[-1]
    finding = _("Mean {index}: {before} in {first}, {now} in {last}").format(
        index=wording.INDEX[index],
        before=wording.score(values[first], index),
        first=first,
        now=wording.score(values[last], index),
        last=last,
    )
    told = _("Means by year: {means}.").format(means=_by_year(means["mean"]))
    if index == "PAR":
        schemes = {
            year: _("Decision {number}").format(number=number) for year, number in SCHEMES.items()
        }
        ax = charts.national_means(means, schemes=schemes)
        of_ministries = _("Ministries: {means}.").format(means=_by_year(means["ministry_mean"]))
        subtitle = _("Points; upright lines: years in which the criteria changed")
        return page.chart(ax, finding, subtitle, alt=_alt(finding, told, of_ministries))
    ax = charts.sipas_means(means["mean"])
    subtitle = _("Share satisfied, %; the survey changed in {year}").format(year=facts.NEW_SURVEY)
    return page.chart(ax, finding, subtitle, alt=_alt(finding, told))


def _by_year(means: pd.Series) -> str:
    return _listed((str(year), wording.number(value)) for year, value in means.dropna().items())


def national_table(figures: pd.DataFrame, cite: Citations) -> GT:
    """National means since 2012, with what is missing left empty."""
    par, sipas = (facts.national(figures, index) for index in facts.INDICES)
    years = pd.DataFrame(
        {"par": par["mean"], "ministries": par["ministry_mean"], "sipas": sipas["mean"]}
    )
    years = years.dropna(how="all").rename_axis("year").reset_index()
    means = facts.select(figures, unit_type="national", part="")
    means = means[means["measure"].isin(["mean", "ministry_mean"])]
    by_year = means.groupby("year")["sources"].agg(lambda ids: facts.join_sources(*ids))
    years["cited"] = years["year"].map(by_year).map(cite)
    for column, index, measure in (
        ("par", "PAR", "mean"),
        ("ministries", "PAR", "ministry_mean"),
        ("sipas", "SIPAS", "mean"),
    ):
        of_column = means[(means["index"] == index) & (means["measure"] == measure)]
        derivations = of_column.set_index("year")["derivation"].reindex(years["year"])
        years[column] = wording.marked(years[column], derivations, wording.number)
    years["year"] = years["year"].astype(str)
    return typeset(
        years,
        {
            "year": _("Year"),
            "par": _("PAR INDEX, provinces"),
            "ministries": _("PAR INDEX, ministries"),
            "sipas": "SIPAS (%)",
            "cited": _("Source"),
        },
        title=_("National means over the years"),
        subtitle=_("PAR INDEX: points; SIPAS: %"),
        right=("par", "ministries", "sipas"),
        raw=("cited",),
        notes=(wording.derived_note(),),
    )
