"""The first screen of a province's page: where it stands, what changed, what was lost, what next.

Four lines for a reader with one minute, each with its numbers and at most one clause of doubt. They
hold for every province in every year: of what is not known they give the estimate, or say so.
"""

import pandas as pd
from IPython.display import HTML

from helpers import facts, ranking, standing, units, wording
from helpers.citations import Citations
from helpers.completion import CompletedTables
from helpers.language import N_, _, ngettext
from helpers.national import SCHEMES
from helpers.report import completed
from helpers.report.completed import Tables
from helpers.report.province.goals import EXACT, targets
from helpers.report.province.outlook import ABOUT, forecast_of, result
from helpers.trajectories import Trajectories

Beyond = dict[tuple[str, str], bool | None]
DOUBT = {
    True: N_("(beyond the error of the survey)"),
    False: N_("(within the error of the survey)"),
    None: N_("(whether beyond the error of the survey is not known)"),
}
MEASURES = ("score", "rank")
ENDS = ("at_least", "at_most")


def brief(
    figures: pd.DataFrame,
    unit: str,
    year: int,
    tables: Tables,
    fits: dict[str, Trajectories],
    beyond: Beyond,
    cite: Citations,
) -> HTML:
    """Four lines: place, change, points lost, next; a note where something in them is derived.

    `figures` have what is the same in every table, as `helpers.report.completed.filled` gives it.
    `beyond` has, by index and measure, whether the change on the year before is beyond the error of
    the survey: None where that cannot be told, no entry where nothing is said of it.
    """
    lines = {
        _("Place"): place(figures, unit, year, tables, cite),
        _("Change"): change(figures, unit, year, beyond, cite),
        _("Points lost"): lost(figures, unit, year, tables, cite),
        _("Next"): ahead(figures, unit, year, tables, fits, cite),
    }
    told = [f'<p class="brief"><b>{name}:</b> {text}.</p>' for name, text in lines.items()]
    notes = {
        wording.DERIVED: _("* Derived from published figures."),
        ABOUT: _("≈ Estimated: 90% interval."),
    }
    shown = " ".join(note for mark, note in notes.items() if mark in "".join(lines.values()))
    return HTML("".join([*told, f'<p class="source">{shown}</p>' if shown else ""]))


def place(figures: pd.DataFrame, unit: str, year: int, tables: Tables, cite: Citations) -> str:
    """Say score, rank and distance from the national mean of both indices, or their estimates."""
    known, unknown = [], []
    for index in facts.INDICES:
        found = standing.of_year(figures, unit, index, year)
        row = completed.by_unit(tables[index]).loc[unit] if index in tables else None
        text = stands(found, row, index, units.count(year, index))
        if not text:
            unknown.append(wording.INDEX[index])
            continue
        keys = ["score", "rank"] + (["mean"] if found["score"] is not None else [])
        used = [found[key] for key in keys if found[key] is not None] + _bounds_of(found, row)
        known.append(
            f"{wording.INDEX[index]} {text}{cite(' '.join(one['sources'] for one in used))}"
        )
    if unknown:
        known.append(_("{index}: no figures").format(index=wording.names(unknown)))
    return "; ".join(known)


def stands(found: dict, row: pd.Series | None, index: str, n: int) -> str:
    """Say what is known of one province and index: score, rank, and against the national mean.

    Parameters
    ----------
    found : dict
        As given by `helpers.standing.of_year`.
    row : Series or None
        Of `helpers.report.completed.by_unit`: the estimates, for what has not been found.
    index : str
    n : int
        How many provinces were ranked.

    Returns
    -------
    str
        Derived figures with an asterisk, estimates behind "≈"; "" where nothing is known.
    """
    score, rank = found["score"], found["rank"]
    bounds = _bounds_of(found, row)
    told = []
    if score is not None:
        told.append(wording.score(score["value"], index) + wording.star(score))
    elif row is not None:
        ends = wording.between(row["score_low"], row["score_high"], 1)
        text = _("{value} points") if index == "PAR" else "{value}%"
        told.append(ABOUT + text.format(value=ends))
    if rank is not None:
        told.append(
            _("rank {rank}").format(rank=wording.rank(rank["value"], n) + wording.star(rank))
        )
    elif row is not None:
        ends = wording.between(row["rank_low"], row["rank_high"], 0)
        about = _("rank {rank}").format(rank=ABOUT + ends)
        if bounds:
            about += f" ({wording.kind('published')}: {_bounds(found, n)})"
        told.append(about)
    elif bounds:
        told.append(_bounds(found, n))
    if score is not None and found["mean"] is not None:
        told.append(_against_mean(score["value"] - found["mean"]["value"], index))
    return ", ".join(told)


def _bounds_of(found: dict, row: pd.Series | None) -> list:
    """Bounds of a rank that are told: beside an estimate, which has all in it, the published."""
    known = [found[end] for end in ENDS if found["rank"] is None and found[end] is not None]
    return [one for one in known if row is None or wording.kind_of(one) == "published"]


def _bounds(found: dict, n: int) -> str:
    low, high = (found[end] for end in ENDS)
    return _("rank {first} to {last}").format(
        first=wording.whole(1 if low is None else low["value"]),
        last=wording.rank(n if high is None else high["value"], n),
    )


def _against_mean(gap: float, index: str) -> str:
    size = wording.difference(gap, index)
    if wording.signed(gap) == wording.signed(0):
        return _("equal to the national mean") + wording.DERIVED
    text = _("{size} above the national mean") if gap > 0 else _("{size} below the national mean")
    return text.format(size=size) + wording.DERIVED


def change(figures: pd.DataFrame, unit: str, year: int, beyond: Beyond, cite: Citations) -> str:
    """Say how both indices changed on the year before, and whether beyond the error."""
    changes = {i: _change(figures, unit, i, year, beyond, cite) for i in facts.INDICES}
    known = [f"{wording.INDEX[index]} {text}" for index, text in changes.items() if text]
    unknown = [wording.INDEX[index] for index, text in changes.items() if not text]
    if not known:
        if not units.same_list(year, year - 1):
            return _("the provinces merged in {year}, so it is not compared with {before}").format(
                year=year, before=year - 1
            )
        return _("too few figures to compare with {before}").format(before=year - 1)
    told = _("{changes} on {before}").format(changes="; ".join(known), before=year - 1)
    if year == facts.NEW_SURVEY and not changes["SIPAS"]:
        told += "; " + _("SIPAS is not compared, since its survey changed")
    elif unknown:
        told += "; " + _("{index}: too few figures").format(index=wording.names(unknown))
    return told


def _change(
    figures: pd.DataFrame, unit: str, index: str, year: int, beyond: Beyond, cite: Citations
) -> str:
    doubt = {m: f" {_(DOUBT[beyond[index, m]])}" for m in MEASURES if (index, m) in beyond}
    of_score, of_rank = (facts.change(figures, unit, index, year, m) for m in MEASURES)
    stated = facts.figure(figures, unit, index, year, "direction") if of_score is None else None
    told, sources = [], [one["sources"] for one in (of_rank, of_score, stated) if one is not None]
    held = standing.held(figures, unit, index, year)
    place = None if held.empty else held["value"].iloc[0]
    if of_rank is not None and of_rank["value"] == 0 and place in (1, units.count(year, index)):
        told.append(_in_a_row(held, index, place == 1, of_rank))
        sources += list(held["sources"])
    # Also where nothing else would be compared with the year before.
    if of_rank is not None and (not told or of_score is None):
        text = wording.rank_change(of_rank["value"]) + wording.star(of_rank)
        told.append(text + (doubt.get("rank", "") if of_rank["value"] else ""))
    text = ""
    if of_score is not None:
        text = wording.score_change(of_score["value"], index) + wording.star(of_score)
    elif stated is not None:
        up = _("up in points as published, by how much is not stated")
        down = _("down in points as published, by how much is not stated")
        text = up if stated["value"] > 0 else down
    if text:
        if index == "PAR" and year in SCHEMES:
            text += " " + _("(the criteria changed)")
        told.append(text + doubt.get("score", ""))
    text = ", ".join(told) + cite(" ".join(sources))
    if told and (index, year) == ("SIPAS", facts.NEW_SURVEY):
        text += " " + _("(the survey changed, so the years do not compare)")
    return text


def _in_a_row(held: pd.DataFrame, index: str, first: bool, change: dict) -> str:
    """Say for how many years in a row a province has been the first, or the last."""
    text = (
        _("first {n} years in a row ({years})") if first else _("last {n} years in a row ({years})")
    )
    year, since = int(held["year"].iloc[0]), standing.held_since(held)
    derived = "derived" in {change["kind"], *held["derivation"].map(facts.kind)}
    told = text.format(n=year - since + 1, years=wording.span(index, since, year))
    return told + (wording.DERIVED if derived else "")


def lost(figures: pd.DataFrame, unit: str, year: int, tables: Tables, cite: Citations) -> str:
    """Say how many points of the PAR INDEX were not won, where most, and what was announced.

    Where most is only said where no part that is not known can have cost more. Where no points of
    parts are known, the part with the lowest rank is named on the same terms.
    """
    score = facts.figure(figures, unit, "PAR", year, "score")
    told = []
    if score is not None:
        text = _("{points} of the PAR INDEX").format(
            points=wording.score(100 - score["value"], "PAR")
        )
        told.append(text + wording.DERIVED + cite(score["sources"]))
    elif "PAR" in tables:
        row = completed.by_unit(tables["PAR"]).loc[unit]
        ends = wording.between(100 - row["score_high"], 100 - row["score_low"], 1)
        points = _("{value} points").format(value=ends)
        told.append(ABOUT + _("{points} of the PAR INDEX").format(points=points))
    whole = standing.parts(figures, facts.schemes(), unit, year)
    parts = standing.apart(whole)
    if (parts["lost"] > 0).any():
        most = parts["lost"].idxmax()
        # One part that is not known may have cost all that the others leave.
        left = 100 - parts["max_points"].sum()
        if score is not None:
            left = 100 - score["value"] - parts["lost"].sum()
        text = _("of which in “{part}”: {points} (not all parts are known)")
        if parts.at[most, "lost"] >= left:
            text = _("most in “{part}”: {points}")
        points = wording.number(parts.at[most, "lost"]) + wording.DERIVED
        told.append(
            text.format(part=wording.part(most), points=points) + cite(parts.at[most, "sources"])
        )
    elif lowest := _ranked_lowest(whole, units.count(year), cite):
        told.append(lowest)
    said = announced(unit, year)
    if said is not None:
        text = ngettext(
            "the province names {n} criterion with a low score",
            "the province names {n} criteria with a low score",
            int(said["value"]),
        )
        told.append(text.format(n=wording.whole(said["value"])) + cite(said["source"]))
    return ", ".join(told) if told else _("the score of the PAR INDEX is not known")


def _ranked_lowest(parts: pd.DataFrame, n: int, cite: Citations) -> str:
    ranks = parts["part_rank"].reindex(facts.FIELDS)
    lowest = parts.loc[ranks.index[ranks == ranks.max()]]
    if lowest.empty or (ranks.isna().any() and ranks.max() < n):
        return ""
    derived = lowest["part_rank_derivation"].map(facts.kind).eq("derived").any()
    text = _("ranked lowest in {parts}: rank {rank}").format(
        parts=wording.names([f"“{wording.part(part)}”" for part in lowest.index]),
        rank=wording.whole(ranks.max()) + (wording.DERIVED if derived else ""),
    )
    return text + cite(" ".join(lowest["sources"]))


def announced(unit: str, year: int) -> pd.Series | None:
    """Give the announced number of criteria on which a province scored low, where one was."""
    of = {"unit": unit, "index": "PAR", "quantity": "count", "part": "low_scoring_criteria"}
    claims = facts.claims(year)
    rows = claims[(claims[list(of)] == pd.Series(of)).all(axis=1)]
    return None if rows.empty else rows.iloc[0]


def ahead(
    figures: pd.DataFrame,
    unit: str,
    year: int,
    tables: Tables,
    fits: dict[str, Trajectories],
    cite: Citations,
) -> str:
    """Say what the nearest of the usual goals takes; where no place is known, what comes next."""
    told = [
        _goal(tables[index], unit, index)
        for index in facts.INDICES
        if index in tables and unit in facts.scores(figures, index, year).index
    ]
    if told:
        return _("{goals} (others as in {year})").format(goals="; ".join(told), year=year)
    told = [result(fit, figures, unit, cite) or forecast_of(fit, unit) for fit in fits.values()]
    told = [text for text in told if text]
    return "; ".join(told) if told else _("figures of {year} are to be added").format(year=year)


def _goal(drawn: CompletedTables, unit: str, index: str) -> str:
    """Say what it takes to draw level with the next rank that is a goal, or to stay first."""
    aims = targets(completed.by_unit(drawn).at[unit, "rank"])
    costs = ranking.cost_of_next_place(drawn.scores, unit, aims)
    name = wording.INDEX[index]
    if "next" not in costs.index:
        second = drawn.scores.drop(columns=unit).max(axis=1)
        low, high = (drawn.scores[unit] - second).quantile([0.05, 0.95])
        text = _("{index} stays first unless it falls by over {room}")
        return text.format(index=name, room=_size(low, high, index))
    rounds = (f"top {aim}" for aim in aims)
    goal = next((key for key in rounds if costs.at[key, "reached"] < 0.5), "next")
    row = costs.loc[goal]
    gap = _size(max(row["gap_low"], 0), row["gap_high"], index)
    text = _("{index} with {gap} more reaches the level of rank {rank}")
    return text.format(index=name, gap=gap, rank=wording.whole(row["rank"]))


def _size(low: float, high: float, index: str) -> str:
    """Write a gap with its unit: derived where it is one number, else estimated."""
    text = _("{value} points") if index == "PAR" else _("{value} percentage points")
    size = text.format(value=wording.between(low, high))
    return size + wording.DERIVED if high - low < EXACT else ABOUT + size
