"""Looking back: paths, the official typology, catching up, and movement between ranks."""

import pandas as pd
from great_tables import GT
from IPython.display import HTML

from helpers import facts, page, trajectories, units, wording
from helpers.charts import trajectories as charts
from helpers.citations import Citations
from helpers.exhibits.trajectories.words import classes, too_little
from helpers.language import N_, _
from helpers.tables import typeset
from helpers.trajectories import NotEnoughYears, Panel, Trajectories

THIRDS = {
    "top": (N_("Top third (ranks {first}–{last})"), N_("Next year: top third")),
    "middle": (N_("Middle third ({first}–{last})"), N_("Next year: middle third")),
    "bottom": (N_("Bottom third ({first}–{last})"), N_("Next year: bottom third")),
}


def regions_chart(fit: Trajectories, highlight: str | None = None) -> HTML:
    """Distances from the national mean, a panel per region."""
    names = _region_names()
    ax = charts.region_lines(fit.history, names, highlight)
    told = {"index": wording.INDEX[fit.index], "n": fit.history["unit"].nunique()}
    finding = _("{index}: {n} provinces have a score in at least one year")
    subtitle = (
        _("Above or below the national mean, points")
        if fit.index == "PAR"
        else _("Above or below the national mean, percentage points")
    )
    return page.chart(ax, finding.format(**told), subtitle, _regions_alt(fit, names, told))


def _region_names() -> dict[str, str]:
    names = units.regions().set_index("region")["name"]
    return {code: units.display_name(name, "region") for code, name in names.items()}


def _regions_alt(fit: Trajectories, names: dict[str, str], told: dict) -> str:
    latest = fit.history[fit.history["year"] == fit.history["year"].max()]
    means = latest.groupby("region")["to_mean"].agg(["mean", "size"])
    means = means.loc[means["size"] >= charts.FEWEST, "mean"]
    first = _(
        "{regions} panels, a region each, with a line for each of {n} provinces from {start} to "
        "{end}."
    ).format(regions=len(names), n=told["n"], start=fit.history["year"].min(), end=fit.last_year)
    if len(means) < 2:
        return first
    second = _(
        "Where two or more have a score in {year}, those in {best} stand highest on average "
        "({high} against the national mean), those in {worst} lowest ({low})."
    ).format(
        year=latest["year"].max(),
        best=names[means.idxmax()],
        high=wording.signed(means.max()),
        worst=names[means.idxmin()],
        low=wording.signed(means.min()),
    )
    return f"{first} {second}"


def slope_chart(figures: pd.DataFrame, index: str, year: int, highlight: str | None = None) -> HTML:
    """Scores of two consecutive years, for the provinces with both published."""
    wide = facts.panel(figures, index).reindex(columns=[year - 1, year]).dropna()
    frame = wide.set_axis(["before", "after"], axis=1)
    ax = charts.slopes(frame, (year - 1, year), highlight)
    told = {"index": wording.INDEX[index], "before": year - 1, "year": year}
    subtitle = _(
        "{index}, {before} and {year}; broken lines: falls; only those published in both years, "
        "not representative of the nation"
    ).format(**told)
    if frame.empty:
        finding = _("No province has a published {index} score of both {before} and {year} yet")
        return page.chart(ax, finding.format(**told), subtitle)
    up = int((frame["after"] > frame["before"]).sum())
    finding = _("{up}/{of} provinces with a score of both years rose").format(up=up, of=len(frame))
    if len(frame) == 1:
        return page.chart(ax, finding, subtitle)
    change = frame["after"] - frame["before"]
    alt = _(
        "A line for each of {of} provinces from its {index} score of {before} to that of {year}; "
        "{up} rose. The largest rise is that of {most} ({high}), the largest fall or smallest rise "
        "that of {least} ({low})."
    ).format(
        up=up,
        of=len(frame),
        most=change.idxmax(),
        high=wording.signed(change.max()),
        least=change.idxmin(),
        low=wording.signed(change.min()),
        **told,
    )
    return page.chart(ax, finding, subtitle, alt)


# --- the official typology ---------------------------------------------------------------------


def typology_panel(figures: pd.DataFrame) -> Panel:
    """Panel of the years of the official typology, with draws enough for a range of counts."""
    return trajectories.panel(figures, "SIPAS", 2020, draws=200)


def typology_table(figures: pd.DataFrame, panel: Panel, cite: Citations) -> GT | HTML:
    """Counts of the official typology beside the announced ones."""
    try:
        _units, counts = trajectories.typology(figures, panel)
        risen = trajectories.risen(figures, panel)
    except NotEnoughYears:
        return too_little(panel.index)
    counts = counts.reset_index(names="class")
    counts["name"] = counts["class"].map(classes())
    counts["range"] = [
        wording.between(*ends, 0) for ends in zip(counts["low"], counts["high"], strict=True)
    ]
    counts["cited"] = counts["sources"].map(cite)
    return typeset(
        counts,
        {
            "name": _("Class"),
            "announced": _("Announced"),
            "decided": _("Decided by published figures"),
            "median": _("Estimated"),
            "range": _("90% interval"),
            "cited": _("Sources"),
        },
        title=_("SIPAS 2017–2020: steady rise, mixed, steady fall"),
        subtitle=_("Number of provinces and cities"),
        decimals={"announced": 0, "decided": 0, "median": 0},
        right=("range",),
        raw=("cited",),
        notes=(
            _(
                "The tables of the four years are drawn together, so that a province of which "
                "little is published keeps about as near its place as published provinces do; the "
                "announced counts are not used."
            ),
            *_risen_notes(risen, cite),
        ),
    )


def _risen_notes(risen: pd.DataFrame, cite: Citations) -> list[str]:
    """Set the number of rises in the same draws against the announced one, year by year."""
    inside = _(
        "Rises from {before} to {year} in the same draws: {median} (90% interval {range}); "
        "announced: {announced}{cited}."
    )
    outside = _(
        "Rises from {before} to {year} in the same draws: {median} (90% interval {range}); "
        "announced: {announced}{cited}, outside the interval, so the draws miss something of that "
        "year."
    )
    return [
        (inside if row["low"] <= row["announced"] <= row["high"] else outside).format(
            before=year - 1,
            year=year,
            median=wording.whole(row["median"]),
            range=wording.between(row["low"], row["high"], 0),
            announced=wording.whole(row["announced"]),
            cited=cite(row["sources"]),
        )
        for year, row in risen.dropna(subset="announced").iterrows()
    ]


def typology_units(figures: pd.DataFrame, panel: Panel) -> GT | HTML:
    """Class of every province: decided, or the probability of each class."""
    try:
        table, counts = trajectories.typology(figures, panel)
    except NotEnoughYears:
        return too_little(panel.index)
    names = classes()
    table = table.rename_axis("unit").reset_index()
    table["decided"] = table["class"].map(names).fillna("")
    for name in names:
        table[name] = 100 * table[f"{name}_announced"].fillna(table[name])
    table = table.sort_values(["decided", "rise"], ascending=False, kind="stable")
    announced = [wording.whole(value) for value in counts["announced"]]
    return typeset(
        table,
        {"unit": _("Province or city"), "known": _("Known steps"), "decided": _("Class")} | names,
        title=_("SIPAS 2017–2020: the class of each province"),
        subtitle=_("Probability of each class, %, scaled to the announced counts {counts}").format(
            counts=wording.names(announced)
        ),
        decimals={"known": 0} | dict.fromkeys(names, 0),
        light=table["decided"] == "",
        notes=(_("Known steps: how often, out of three, the direction is published or derived."),),
    )


# --- catching up -------------------------------------------------------------------------------


def sigma_chart(panel: Panel) -> HTML:
    """Spread of the scores by year."""
    table = trajectories.sigma(panel)
    first, last = table.index[0], table.index[-1]
    change = trajectories.sigma_change(panel, first, last)
    told = {
        "index": wording.INDEX[panel.index],
        "n": len(panel.regions),
        "first": first,
        "last": last,
        "ratio": wording.number(change["ratio"]),
        "range": wording.to(wording.number(change["low"]), wording.number(change["high"])),
        "start": wording.number(table.at[first, "sd"], 1),
        "end": wording.number(table.at[last, "sd"], 1),
    }
    finding = _("The spread of {last} is {ratio} times that of {first} (90% interval: {range})")
    subtitle = _("{index}: standard deviation of {n} scores, estimated, 90% intervals")
    alt = _(
        "Standard deviation of the {index} scores of {n} provinces by year: {start} in {first}, "
        "{end} in {last}, estimated. The ratio is {ratio} (90% interval: {range})."
    )
    ax = charts.spread_by_year(table)
    return page.chart(ax, finding.format(**told), subtitle.format(**told), alt.format(**told))


def beta_text(panel: Panel, first: int, last: int) -> HTML:
    """Say whether those who started low caught up, beside what chance alone would show."""
    told = {"index": wording.INDEX[panel.index], "first": first, "last": last}
    try:
        found = trajectories.beta(panel, first, last)
    except NotEnoughYears:
        text = _("{index}: too few provinces have a score of both {first} and {last}.")
        return page.paragraphs(text.format(**told))
    told |= {name: _slope(found[name]) for name in ("forward", "backward", "placebo", "excess")}
    excess = found["excess"]
    if excess["high"] < 0:
        verdict = _(
            "What goes beyond the placebo is below 0: among these, the gap narrowed by "
            "more than regression to the mean gives. Difference: {excess}."
        )
    elif excess["low"] > 0:
        verdict = _(
            "What goes beyond the placebo is above 0: among these, the gap widened. Difference: "
            "{excess}."
        )
    else:
        verdict = _(
            "What goes beyond the placebo cannot be told from 0: no evidence of catching up. "
            "Difference: {excess}."
        )
    texts = [
        _(
            "{index}, {n} provinces with a score of both {first} and {last}: a point higher at the "
            "start goes with a change of {forward} points afterwards."
        ),
        _(
            "Placebo: the slope that the same correlation gives when the spread stays as "
            "it is, {placebo}; with time turned round the slope is {backward}."
        ),
        verdict,
        _("The provinces with published scores are not a random sample of all."),
    ]
    return page.points([text.format(n=found["units"], **told) for text in texts])


def _slope(row: dict) -> str:
    return _("{value} (95% interval: {range})").format(
        value=wording.signed(row["estimate"]),
        range=wording.to(wording.signed(row["low"]), wording.signed(row["high"])),
    )


def mobility_table(panel: Panel) -> GT:
    """Movement between thirds of the ranking."""
    table = trajectories.transitions(panel)
    n = len(panel.regions)
    third = -(-n // 3)
    rows = []
    for place, (start, (name, _next)) in enumerate(THIRDS.items()):
        ends = {"first": place * third + 1, "last": min((place + 1) * third, n)}
        row = {"start": _(name).format(**ends), "of": table.loc[(start, start), "of"]}
        for end in THIRDS:
            row[end] = _cell(table.loc[(start, end)])
        rows.append(row)
    heads = {end: _(head) for end, (_name, head) in THIRDS.items()}
    title = _("{index}: movement between thirds of the ranking, from year to year")
    return typeset(
        pd.DataFrame(rows),
        {"start": _("Year before")} | heads | {"of": _("Cases")},
        title=title.format(index=wording.INDEX[panel.index]),
        subtitle=_("{first}–{last}; in brackets: 95% intervals").format(
            first=panel.first, last=panel.last
        ),
        decimals={"of": 0},
        right=tuple(THIRDS),
        notes=(
            _(
                "Only those whose rank is known in both years. High ranks are reported more, so "
                "there are fewer figures on the middle and bottom thirds."
            ),
        ),
    )


def _cell(cell: pd.Series) -> str:
    if pd.isna(cell["share"]):
        return wording.MISSING
    ends = wording.between(100 * cell["low"], 100 * cell["high"], 0)
    return f"{wording.whole(100 * cell['share'])}% ({ends})"


def correlation_table(panel: Panel) -> GT:
    """Rank correlation from year to year."""
    table = trajectories.rank_correlation(panel).reset_index()
    table["pair"] = [f"{year - 1}–{year}" for year in table["year"]]
    table["range"] = [
        wording.MISSING
        if pd.isna(row.low)
        else wording.to(wording.number(row.low), wording.number(row.high))
        for row in table.itertuples()
    ]
    title = _("{index}: correlation of the ranks of consecutive years")
    return typeset(
        table,
        {
            "pair": _("Two years"),
            "units": _("Number of provinces"),
            "correlation": _("Correlation"),
            "range": _("95% interval"),
        },
        title=title.format(index=wording.INDEX[panel.index]),
        subtitle=_("Spearman's coefficient, those whose rank is known in both years"),
        decimals={"units": 0, "correlation": 2},
        right=("range",),
    )


def movers_table(figures: pd.DataFrame, panel: Panel, year: int, count: int = 6) -> GT | HTML:
    """The surest climbers and fallers of a year."""
    try:
        table = trajectories.movers(figures, panel, year - 1, year)
    except NotEnoughYears:
        return too_little(panel.index)
    up = table[table["low"] > 0].head(count).assign(group=_("Moved up"))
    down = table[table["high"] < 0].tail(count)[::-1].assign(group=_("Moved down"))
    both = pd.concat([up, down]).rename_axis("unit").reset_index()
    both["range"] = [
        wording.MISSING
        if low == high
        else wording.to(wording.signed(low, 0), wording.signed(high, 0))
        for low, high in zip(both["low"], both["high"], strict=True)
    ]
    estimated = both["kind"] == "estimated"
    both["kind"] = both["kind"].map(wording.kind)
    rank = _("Rank {year}")
    return typeset(
        both,
        {
            "unit": _("Province or city"),
            "from_rank": rank.format(year=year - 1),
            "to_rank": rank.format(year=year),
            "places": _("Places"),
            "range": _("90% interval"),
            "kind": _("Kind of figure"),
        },
        title=_("{index} {year}: the surest rises and falls").format(
            index=wording.INDEX[panel.index], year=year
        ),
        subtitle=_(
            "Places; positive is up. Of announced ranks, not true ones; from figures up to "
            "that year only, so that estimates differ from those of the national report"
        ),
        decimals={"from_rank": 0, "to_rank": 0, "places": 0},
        signed=("places",),
        right=("range",),
        groups="group",
        light=estimated,
    )
