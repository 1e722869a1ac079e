"""The command that validates the figures."""

from pathlib import Path
from typing import Annotated

import typer

from helpers import facts, paths
from helpers.cli.common import stop, told


def check(
    data: Annotated[
        Path | None,
        typer.Option(exists=True, file_okay=False, help="Folder to check; data/ when left out."),
    ] = None,
) -> None:
    """Validate the figures: each by itself, and whether all of a year can hold together."""
    from helpers import completion  # scipy, which the other commands do without

    with told():
        folder = data or paths.data_dir()
        table = facts.load(folder)
        contradictions = list(completion.contradictions(table))
        if contradictions:
            stop("\n\n".join(map(str, contradictions)), 1)
        accepted, papi = (table["status"] == "accepted").sum(), facts.papi(folder)
        print(
            f"{folder} is sound: {len(table):,} figures ({accepted:,} accepted) from "
            f"{len(facts.sources(folder)):,} sources, {table['year'].min()} to "
            f"{table['year'].max()}; and PAPI, {len(papi)} rows from {papi['year'].min()} to "
            f"{papi['year'].max()}."
        )
