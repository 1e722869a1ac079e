"""The command that validates the figures, and holds later ones against the estimates."""

from pathlib import Path
from typing import Annotated

import typer

from helpers import facts, paths, validation
from helpers.cli.common import stop, told

DECIMALS = {"score": 2, "rank": 0}


def check(
    data: Annotated[
        Path | None,
        typer.Option(exists=True, file_okay=False, help="Folder to check; data/ when left out."),
    ] = None,
    against: Annotated[
        Path | None,
        typer.Option(
            help="Later figures, in rows like those of observations.csv: do the estimates from "
            "the folder hold those that it does not have?",
            metavar="FILE",
        ),
    ] = None,
) -> None:
    """Validate the figures: each by itself, and whether all of a year can hold together."""
    from helpers import completion  # scipy, which the other commands do without

    with told():
        folder = data or paths.data_dir()
        table = facts.load(folder)
        later = None if against is None else _read(against, table, folder)
        contradictions = list(completion.contradictions(table))
        if contradictions:
            stop("\n\n".join(map(str, contradictions)), 1)
        accepted, papi = (table["status"] == "accepted").sum(), facts.papi(folder)
        print(
            f"{folder} is sound: {len(table):,} figures ({accepted:,} accepted) from "
            f"{len(facts.sources(folder)):,} sources{_years(table)}; and PAPI, {len(papi)} rows"
            f"{_years(papi)}."
        )
        if against is not None:
            _hold(against, later, table, folder)


def _years(table) -> str:
    return "" if table.empty else f", {table['year'].min()} to {table['year'].max()}"


def _read(file: Path, table, folder: Path):
    """Read later figures, or end the command with one line that says what is wrong with them."""
    from helpers import holdout

    try:
        later = holdout.read(file, folder)
        _check_years(file.name, later, table)
    except validation.BadData as error:
        more = len(error.problems) - 1
        stop(f"{error.problems[0]}" + (f" (and {more} more)" if more else ""), 1)
    return later


def _hold(file: Path, later, table, folder: Path) -> None:
    """Say of each later figure whether its interval holds it, and how many do."""
    from helpers import holdout

    judged = holdout.judge(table, later)
    if judged.empty:
        stop(f"{file.name} has no accepted score or rank of a province that {folder} lacks.", 1)
    for row in judged.itertuples():
        print(_line(row))
    print()
    for (figure, known), row in holdout.totals(judged).iterrows():
        share, *ends = (f"{row[name]:.0%}" for name in ("share", "low", "high"))
        width = f"{row['width']:.{DECIMALS[figure]}f}"
        missing = f"; {row['without']:.0f} more without an estimate" if row["without"] else ""
        print(
            f"{figure}s, {known} known: the 90% interval holds {row['held']:.0f} of "
            f"{row['n']:.0f}, {share} (95% interval {' to '.join(ends)}); median width "
            f"{width}{missing}"
        )


def _check_years(name: str, later, table) -> None:
    """Refuse figures of an index and year of which nothing is there to estimate from."""
    known = set(zip(table["index"], table["year"], strict=True))
    problems = [
        validation.Problem(
            name, row.line, "year", f"no figure of {row.index} {row.year} to judge by"
        )
        for row in later.itertuples(index=False)
        if (row.index, row.year) not in known
    ]
    if problems:
        raise validation.BadData(problems)


def _line(row) -> str:
    places = DECIMALS[row.figure]
    what = f"{row.index} {row.year} {row.unit}, {row.figure} {row.truth:.{places}f}"
    if row.low_90 != row.low_90:
        return f"{what}: no estimate"
    ends = f"{row.low_90:.{places}f} to {row.high_90:.{places}f}"
    verdict = "held" if row.held else "missed"
    return f"{what} ({row.known} known): {ends}, width {row.width:.{places}f}, {verdict}"
