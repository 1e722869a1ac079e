"""How far the estimates can be trusted: published figures hidden one at a time.

It takes minutes, so what came of it is kept, under names that change with the figures and with the
code: for the figures of the project in ``computed/`` beside this file, which `tools/renew_docs.py`
renews, and for others in a folder of the caller.
"""

import contextlib
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pandas as pd

from helpers import completion, facts, holdout
from helpers.completion.leave_one_out import DRAWS
from helpers.completion.tables import SEED

COMPUTED = Path(__file__).with_name("computed")
HIDE = ("score", "both")
GIVE_AWAY = ("mean", "score", "change")  # what says a national mean


def hidden_scores(
    figures: pd.DataFrame,
    folder: Path,
    seed: int = SEED,
    hide: Sequence[str] = HIDE,
    draws: int = DRAWS,
) -> pd.DataFrame:
    """Hide every score of every year with enough of them.

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

    Parameters
    ----------
    figures : DataFrame
        As given by `helpers.facts.load`.
    index : str
    year : int
    folder : Path
        Where it is kept from run to run, unless it comes with the project.
    seed : int
        Of the draws.
    hide : sequence of {"score", "both"}
    draws : int

    Returns
    -------
    DataFrame
        As given by `completion.leave_one_out`.
    """
    name = facts.fingerprint(figures, "completion") + ("" if seed == SEED else f"-seed-{seed}")
    name += "" if tuple(hide) == HIDE else f"-{'-'.join(hide)}"
    name += "" if draws == DRAWS else f"-{draws}"
    return _stored(
        folder / f"leave_one_out-{index}-{year}-{name}.csv",
        lambda: completion.leave_one_out(figures, index, year, draws=draws, seed=seed, hide=hide),
    )


def held_out(figures: pd.DataFrame, folder: Path) -> pd.DataFrame:
    """Hold what the search of November 2026 found against the estimates from what was known before.

    Kept as those of `hidden_scores_of`.

    Returns
    -------
    DataFrame
        As given by `holdout.judge`.
    """
    path = folder / f"held_out-{facts.fingerprint(figures, 'completion', 'holdout')}.csv"
    return _stored(path, lambda: holdout.judge(holdout.before(figures), figures))


def hidden_means(figures: pd.DataFrame, folder: Path) -> pd.DataFrame:
    """Hide every published mean of the provinces, and estimate it from the rest of its year.

    What would give it away goes too: the SIPAS of the whole country and the change of the mean.
    Kept as those of `hidden_scores_of`.

    Returns
    -------
    DataFrame
        ``index, year, truth`` and ``low, median, high`` of the 90% interval, in points (PAR) or
        per cent (SIPAS); years of which nothing else is known are left out.
    """
    path = folder / f"hidden_means-{facts.fingerprint(figures, 'completion')}.csv"
    return _stored(path, lambda: pd.DataFrame(_means_hidden(figures)))


def renew(figures: pd.DataFrame) -> None:
    """Make anew, in `COMPUTED`, what other figures or other code have outdated.

    Parameters
    ----------
    figures : DataFrame
        As given by `helpers.facts.load`.
    """
    for make in (hidden_scores, held_out, hidden_means):
        make(figures, COMPUTED)
    now = (
        facts.fingerprint(figures, "completion"),
        facts.fingerprint(figures, "completion", "holdout"),
    )
    for path in COMPUTED.glob("*.csv"):
        if not path.stem.endswith(now):
            path.unlink()


def _means_hidden(figures: pd.DataFrame) -> Iterator[dict]:
    for index in facts.INDICES:
        for year, truth in facts.national(figures, index)["mean"].dropna().items():
            own = (figures["index"] == index) & (figures["year"] == year)
            gone = own & (figures["unit"] == facts.NATION) & figures["measure"].isin(GIVE_AWAY)
            with contextlib.suppress(completion.NotEnoughKnown):
                drawn = completion.complete(figures[~gone], index, year, link=False).scores
                ends = drawn.mean(axis=1).quantile([0.05, 0.5, 0.95])
                told = dict(zip(("low", "median", "high"), ends, strict=True))
                yield {"index": index, "year": year, "truth": truth, **told}


def _stored(path: Path, make: Callable[[], pd.DataFrame]) -> pd.DataFrame:
    """Read a table that comes with the project or was stored, or make it and store it whole."""
    if (COMPUTED / path.name).exists():
        return pd.read_csv(COMPUTED / path.name)
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        part = path.with_suffix(".part")
        make().to_csv(part, index=False, lineterminator="\n")
        part.replace(path)
    return pd.read_csv(path)
