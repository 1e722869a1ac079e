"""How far the estimates can be trusted: published figures hidden one at a time."""

import hashlib
from collections.abc import Callable, Sequence
from pathlib import Path
from types import ModuleType

import pandas as pd
from great_tables import GT
from IPython.display import HTML

from helpers import completion, holdout, page, wording
from helpers.completion.leave_one_out import DRAWS
from helpers.completion.tables import SEED
from helpers.language import N_, _
from helpers.tables import typeset

HIDE = ("score", "both")
# Before it there is no year that tells where a province stands.
FIRST = ("PAR", 2012)


def hidden_scores(
    figures: pd.DataFrame,
    folder: Path,
    seed: int = SEED,
    hide: Sequence[str] = HIDE,
    draws: int = DRAWS,
) -> pd.DataFrame:
    """Hide every score of every year with enough of them; kept in `folder` from run to run.

    Parameters and result as those of `hidden_scores_of`, for all indices and years.
    """
    years = completion.years_with_enough(figures)
    parts = [
        hidden_scores_of(figures, index, year, folder, seed, hide, draws) for index, year in years
    ]
    return pd.concat(parts, ignore_index=True)


def hidden_scores_of(
    figures: pd.DataFrame,
    index: str,
    year: int,
    folder: Path,
    seed: int = SEED,
    hide: Sequence[str] = HIDE,
    draws: int = DRAWS,
) -> pd.DataFrame:
    """Hide every score of one index and year.

    It takes some seconds, so the result is stored under a name that changes with the figures and
    with the code of `helpers.completion`.

    Parameters
    ----------
    figures : DataFrame
        As given by `helpers.facts.load`.
    index : str
    year : int
    folder : Path
    seed : int
        Of the draws.
    hide : sequence of {"score", "rank", "both"}
    draws : int

    Returns
    -------
    DataFrame
        As given by `completion.leave_one_out`.
    """
    name = _fingerprint(figures, completion) + ("" if seed == SEED else f"-seed-{seed}")
    name += "" if tuple(hide) == HIDE else f"-{'-'.join(hide)}"
    name += "" if draws == DRAWS else f"-{draws}"
    return _stored(
        folder / f"leave_one_out-{index}-{year}-{name}.csv",
        lambda: completion.leave_one_out(figures, index, year, draws=draws, seed=seed, hide=hide),
    )


def held_out(figures: pd.DataFrame, folder: Path) -> pd.DataFrame:
    """Hold what the search of November 2026 found against the estimates from what was known before.

    Kept in `folder` from run to run, as `hidden_scores`.

    Returns
    -------
    DataFrame
        As given by `holdout.judge`.
    """
    path = folder / f"held_out-{_fingerprint(figures, completion, holdout)}.csv"
    return _stored(path, lambda: holdout.judge(holdout.before(figures), figures))


def _stored(path: Path, make: Callable[[], pd.DataFrame]) -> pd.DataFrame:
    """Read a table, or make it and store it whole."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        part = path.with_suffix(".part")
        make().to_csv(part, index=False)
        part.replace(path)
    return pd.read_csv(path)


def _fingerprint(figures: pd.DataFrame, *packages: ModuleType) -> str:
    """Fingerprint of the figures, and of the code and the lists of packages."""
    digest = hashlib.sha256(figures.to_csv(index=False).encode())
    for package in packages:
        for path in sorted(Path(package.__path__[0]).iterdir()):
            if path.suffix in (".py", ".csv"):
                digest.update(path.read_bytes())
    return digest.hexdigest()[:12]


# What was known of a province, index and year when its figure was found.
FOUND = {
    ("score", "nothing"): N_("Scores; neither score nor rank of the year known"),
    ("score", "rank"): N_("Scores; the rank known"),
    ("rank", "nothing"): N_("Ranks; neither score nor rank of the year known"),
    ("rank", "score"): N_("Ranks; the score known"),
}


def held_out_table(judged: pd.DataFrame) -> GT:
    """How many of the figures found later the 90% intervals hold, by what was known before."""
    rows = holdout.totals(judged).reset_index()
    rows["name"] = [_(FOUND[key]) for key in zip(rows["figure"], rows["known"], strict=True)]
    rows["between"] = [
        wording.between(100 * low, 100 * high, 0)
        for low, high in zip(rows["low"], rows["high"], strict=True)
    ]
    rows["share"] *= 100
    rows["wide"] = [
        wording.number(width, 2 if figure == "score" else 0)
        for width, figure in zip(rows["width"], rows["figure"], strict=True)
    ]
    return typeset(
        rows,
        {
            "name": _("Figures found later"),
            "n": _("Number"),
            "held": _("In the 90% interval"),
            "share": _("Share (%)"),
            "between": _("95% interval of the share (%)"),
            "wide": _("Median width of the 90% interval"),
        },
        title=_("Figures found after the estimates were made"),
        subtitle=_("Widths of scores: points or percentage points; of ranks: places"),
        decimals={"n": 0, "held": 0, "share": 0},
        right=("between", "wide"),
        notes=(
            _(
                "Interval of the share: Clopper and Pearson, as if the figures were independent. "
                "Not in the table: {count} figures of a year in which nothing can be estimated."
            ).format(count=wording.whole(rows["without"].sum())),
        ),
    )


def coverage_table(left_out: pd.DataFrame) -> GT:
    """Coverage, width and error by index and year, years that fall short included."""
    rows = _by_year(completion.coverage(left_out).loc[("score", "score")])
    rows["held"] = [_held(row) for row in rows.itertuples()]
    rows["covered_50"] *= 100
    return typeset(
        rows,
        {
            "name": _("Index, year"),
            "n": _("Scores hidden as a test"),
            "covered_50": _("50% interval holds the score (%)"),
            "held": _("90% interval holds the score (%)"),
            "width_90": _("Width of the 90% interval"),
            "error": _("Median error"),
            "interpolation_error": _("Median error of interpolation"),
        },
        right=("held",),
        title=_("Each published score hidden in turn and estimated again"),
        subtitle=_("Widths and errors: points (PAR INDEX), percentage points (SIPAS)"),
        decimals={
            "n": 0, "covered_50": 0,
            "width_90": 2, "error": 3, "interpolation_error": 3,
        },
        notes=(
            _(
                "A hidden score leaves its rank in place. Interpolation: a straight line between "
                "the nearest scores by rank. A score without which no table fits is not here."
            ),
            _("In brackets: the exact binomial 95% interval of the share."),
        ),
        highlight=rows["index"] == "all",
    )  # fmt: skip


def nothing_left_table(left_out: pd.DataFrame) -> GT:
    """Coverage by index and year where score and rank were hidden together."""
    table = completion.coverage(_nothing_left(left_out))
    ranks, scores = (_by_year(table.loc[("both", figure)]) for figure in ("rank", "score"))
    rows = ranks[["name", "index", "n"]].assign(
        ranks=[_held(row) for row in ranks.itertuples()],
        rank_width=ranks["width_90"],
        scores=[_held(row) for row in scores.itertuples()],
        score_width=scores["width_90"],
    )
    return typeset(
        rows,
        {
            "name": _("Index, year"),
            "n": _("Cases"),
            "ranks": _("90% interval holds the rank (%)"),
            "rank_width": _("Width, places"),
            "scores": _("90% interval holds the score (%)"),
            "score_width": _("Width, points"),
        },
        right=("ranks", "scores"),
        title=_("Score and rank hidden together, as of a province that has published nothing"),
        subtitle=_("Estimated from other provinces, other years and the other index"),
        decimals={"n": 0, "rank_width": 0, "score_width": 1},
        notes=(
            _(
                "Years with 15 scores or more, without PAR INDEX 2012, the first year, before "
                "which nothing tells where a province stands. In brackets: the exact "
                "binomial 95% interval of the share."
            ),
        ),
        highlight=rows["index"] == "all",
    )


def _by_year(coverage: pd.DataFrame) -> pd.DataFrame:
    """Rows of `completion.coverage` of one hidden figure, named, that of all years last."""
    rows = coverage.reset_index()
    everything = rows["index"] == "all"
    rows["name"] = [
        _("All") if every else f"{wording.INDEX[index]} {year}"
        for every, index, year in zip(everything, rows["index"], rows["year"], strict=True)
    ]
    return pd.concat([rows[~everything], rows[everything]])


def _held(row) -> str:
    """Write a share in per cent with its binomial interval: 92 (78–98)."""
    share, low, high = (
        wording.whole(round(100 * value))
        for value in (row.covered_90, row.covered_90_low, row.covered_90_high)
    )
    return f"{share} ({low}–{high})"


def _nothing_left(left_out: pd.DataFrame) -> pd.DataFrame:
    first = (left_out["index"] == FIRST[0]) & (left_out["year"] == FIRST[1])
    return left_out[(left_out["hidden"] == "both") & ~first]


def verdict(left_out: pd.DataFrame) -> HTML:
    """Say what the test showed, what fell short, and how it is without any figure of the year.

    Parameters
    ----------
    left_out : DataFrame
        As `hidden_scores` gives it.
    """
    table = completion.coverage(left_out[left_out["hidden"] == "score"])
    all_years = table.loc[("score", "score", "all", 0)]
    years = table.drop(index=("score", "score", "all", 0))
    # Where hiding a score leaves no table at all, the estimate has failed as well.
    low = years[years["covered_90"] * years["n"] / (years["n"] + years["without"]) < 0.8]
    short = [f"{wording.INDEX[index]} {year}" for *_key, index, year in low.index]
    texts = [
        _(
            "Scores hidden in turn: {n}. The 90% interval holds the score in {covered_90}% of the "
            "cases, the 50% interval in {covered_50}%."
        ).format(
            n=wording.whole(all_years["n"]),
            covered_90=wording.number(100 * all_years["covered_90"], 1),
            covered_50=wording.number(100 * all_years["covered_50"], 1),
        ),
        _(
            "The median error is {error}, that of interpolation {other}: amid the table, with "
            "close scores on both sides, the estimates are hardly better than interpolation; the "
            "mean error is {gain}% smaller, thanks to both ends of the table."
        ).format(
            error=wording.number(all_years["error"], 3),
            other=wording.number(all_years["interpolation_error"], 3),
            gain=wording.number(100 * all_years["mean_gain"], 0),
        ),
        _(
            "Years in which the 90% interval holds fewer than 80% of the scores (a score "
            "without which no table fits counting as missed): {years}."
        ).format(years=wording.names(short))
        if short
        else _("In no year does the 90% interval hold fewer than 80% of the scores."),
    ]
    nothing_left = _nothing_left(left_out)
    if not nothing_left.empty:
        texts.append(_without_any_figure(completion.coverage(nothing_left)))
    return page.points(texts)


# Of provinces without any figure: below this share, in per cent, an interval is too narrow.
FAIR = 88


def _without_any_figure(coverage: pd.DataFrame) -> str:
    """Say how the 90% intervals fare where both score and rank were hidden."""
    ranks, scores = (
        100 * coverage.loc[("both", figure, "all", 0), "covered_90"] for figure in ("rank", "score")
    )
    if ranks < FAIR and scores < FAIR:
        outcome = _("the intervals of ranks and of scores are too narrow")
    elif ranks < FAIR:
        outcome = _("the interval of ranks is too narrow")
    elif scores < FAIR:
        outcome = _("the interval of scores is too narrow")
    else:
        outcome = _("the intervals are as wide as they should be")
    return _(
        "With score and rank both hidden (cases of years with 15 scores or more, but 2012: {n}), "
        "as for a province that has published nothing, the 90% interval holds {ranks}% of the "
        "ranks and {scores}% of the scores: {outcome}."
    ).format(
        n=wording.whole(coverage.loc[("both", "score", "all", 0), "n"]),
        ranks=wording.number(ranks, 0),
        scores=wording.number(scores, 0),
        outcome=outcome,
    )
