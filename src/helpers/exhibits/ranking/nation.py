"""Ranks of the nation with their error, and which changes are beyond it."""

import pandas as pd
from great_tables import GT
from IPython.display import HTML

from helpers import charts, facts, page, ranking, wording
from helpers.citations import Citations
from helpers.completion import CompletedTables
from helpers.exhibits.ranking.survey import (
    COVERAGE,
    assumed,
    known_changes,
    known_ranks,
    no_change_known,
    no_error,
    survey,
    year_before,
)
from helpers.exhibits.ranking.words import ranks_text
from helpers.language import _
from helpers.tables import typeset

BEST = 10


def rank_sets_chart(
    figures: pd.DataFrame, year: int, tables: dict[str, CompletedTables], cite: Citations
) -> HTML:
    """Ranks in SIPAS that the survey leaves possible, for the provinces with a score or a rank."""
    why_not = no_error(figures, None, year, tables)
    if why_not:
        return page.paragraphs(why_not)
    drawn = tables["SIPAS"]
    now = survey(figures, drawn, ranking.respondents_per_province(figures, year))
    scores = facts.scores(figures, "SIPAS", year)
    page.cite_all(cite, scores["score_sources"], scores["rank_sources"])
    known, of = list(scores.index), len(drawn.status)
    rows = known_ranks(drawn, known)
    sets = {effect: now.sets(effect, known) for effect in now.effects}
    label = _("design effect {effect}")
    named = {label.format(effect=wording.number(effect)): made for effect, made in sets.items()}
    widths = sets[now.main]["upper"] - sets[now.main]["lower"] + 1
    told = {"year": year, "width": wording.whole(widths.median()), "of": of}
    subtitle = _(
        "The rank of each province and its 95% confidence interval (estimated); {scored} with a "
        "published or derived score (dark), {light} with only a rank, whose score is an estimate "
        "(light); {rest} more have not been found published"
    ).format(
        scored=int((~rows["light"]).sum()), light=int(rows["light"].sum()), rest=of - len(rows)
    )
    finding = _("SIPAS {year}: the confidence interval of a rank typically spans {width} of {of}")
    chart = page.chart(
        charts.rank_sets(rows, named, of),
        finding.format(**told),
        subtitle,
        _sets_alt(rows, sets[now.main], now.main, told),
    )
    return page.stack(chart, page.paragraphs(assumed(now, None, known[0], cite)))


def _sets_alt(rows: pd.DataFrame, sets: pd.DataFrame, effect: float, told: dict) -> str:
    widths = (sets["upper"] - sets["lower"] + 1).reindex(rows.index)
    narrow, wide = widths.idxmin(), widths.idxmax()
    return _(
        "{n} provinces by SIPAS {year} rank, each with a bar over the ranks that "
        "cannot be ruled out. With a design effect of {effect} the bars typically span "
        "{width} of {of} ranks. The shortest is that of {narrow}, {narrow_ranks}; the "
        "longest that of {wide}, {wide_ranks}."
    ).format(
        n=len(rows),
        effect=wording.number(effect),
        narrow=narrow,
        narrow_ranks=ranks_text(sets.loc[narrow]),
        wide=wide,
        wide_ranks=ranks_text(sets.loc[wide]),
        **told,
    )


def beyond_noise(
    figures: pd.DataFrame, year: int, tables: dict[str, CompletedTables], cite: Citations
) -> GT | HTML:
    """How many of the known changes of SIPAS are beyond noise, under each design effect."""
    why_not = no_error(figures, None, year, tables)
    before, reason = (None, why_not) if why_not else year_before(figures, year)
    if before is None:
        return page.paragraphs(reason)
    drawn = tables["SIPAS"]
    now = survey(figures, drawn, ranking.respondents_per_province(figures, year))
    moved = {what: known_changes(figures, drawn, what) for what in ("rank", "score")}
    if not moved["rank"]:
        return page.paragraphs(no_change_known(year))
    rows = []
    for effect in (effect for effect in now.effects if effect <= now.allowed):
        found = now.moved(before, effect)
        row: dict = {"effect": effect}
        for measure, chosen in moved.items():
            row[measure] = int(found.loc[chosen, f"{measure}_beyond_noise"].sum())
        rows.append(row)
    sizes = {measure: len(chosen) for measure, chosen in moved.items()}
    note = assumed(now, before, now.people.index[0], cite)
    return _beyond_table(pd.DataFrame(rows), sizes, now.main, year, note)


def _beyond_table(
    rows: pd.DataFrame, moved: dict[str, int], main: float, year: int, note: str
) -> GT:
    middle = rows.set_index("effect").loc[main]
    for measure, n in moved.items():
        rows[measure] = [f"{count}/{n}" for count in rows[measure]]
    by_luck = {what: wording.number((1 - COVERAGE) * n, 1) for what, n in moved.items()}
    title = _("Changes of SIPAS rank from {before} to {year} beyond the error: {n} of {of}")
    subtitle = _(
        "Estimated; only the {rank} provinces whose change of rank, and the {score} whose change "
        "of score is known"
    )
    return typeset(
        rows.assign(effect_text=rows["effect"].map(wording.number)),
        {
            "effect_text": _("Design effect"),
            "rank": _("Changes of rank beyond the error"),
            "score": _("Changes of score beyond the error"),
        },
        title=title.format(n=int(middle["rank"]), of=moved["rank"], before=year - 1, year=year),
        subtitle=subtitle.format(**moved),
        right=("rank", "score"),
        notes=(
            _(
                "Beyond the error: the 95% interval of the change leaves out 0, each province "
                "looked at alone. If nothing had changed, on average at most {rank} changes of "
                "rank and {score} changes of score would still be so by chance."
            ).format(**by_luck),
            note,
        ),
        highlight=rows["effect"] == main,
    )


def may_be_best(figures: pd.DataFrame, year: int, tables: dict[str, CompletedTables]) -> HTML:
    """Which provinces may truly be among the best ten of SIPAS."""
    if no_error(figures, None, year, tables):
        return page.paragraphs()
    drawn = tables["SIPAS"]
    now = survey(figures, drawn, ranking.respondents_per_province(figures, year))
    known = list(facts.scores(figures, "SIPAS", year).index)
    found = {
        effect: ranking.may_be_best(
            *ranking.combine_uncertainty(drawn.scores, now.errors(effect)), BEST, coverage=COVERAGE
        )
        for effect in now.effects
    }
    possible = found[now.main]
    inside = [unit for unit in known if unit in possible]
    outside = [unit for unit in known if unit not in possible]
    other = _("{n} with an effect of {effect}")
    others = [
        other.format(n=len(made), effect=wording.number(effect))
        for effect, made in found.items()
        if effect != now.main
    ]
    first = _(
        "With joint confidence of 95%, {n} of {of} provinces cannot be ruled out from "
        "the {best} with the highest SIPAS {year} (estimated, design effect {effect}; "
        "{others})."
    ).format(
        n=len(possible),
        of=len(drawn.status),
        best=BEST,
        year=year,
        effect=wording.number(now.main),
        others=", ".join(others),
    )
    told = {"known": len(known), "n": len(inside), "names": wording.names(outside)}
    second = (
        _(
            "Of the {known} with a published score or rank it is {n}; ruled out: {names}. "
            "The rest have not been found published, and so are hard to rule out."
        )
        if outside
        else _(
            "Of the {known} with a published score or rank it is {n}. The rest have not been found "
            "published, and so are hard to rule out."
        )
    )
    return page.paragraphs(f"{first} {second.format(**told)}")
