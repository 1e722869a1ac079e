"""The command that writes the figures and the completed tables for spreadsheets."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from helpers import facts, language, paths
from helpers.cli.common import stop, told


def export(
    folder: Annotated[
        Path | None,
        typer.Argument(file_okay=False, help="Where to write; outputs/tables/ when left out."),
    ] = None,
    index: Annotated[
        list[str] | None,
        typer.Option(help="Only this index: PAR or SIPAS; may be given again.", metavar="INDEX"),
    ] = None,
    year: Annotated[
        list[int] | None,
        typer.Option(help="Only completed tables of this year; may be given again."),
    ] = None,
    lang: Annotated[
        str, typer.Option(help="Language of the completed tables: vi or en.")
    ] = language.DEFAULT,
) -> None:
    """Write all figures, and completed tables with their intervals, as XLSX and CSV."""
    from helpers import batch, completion, exporting  # scipy and openpyxl

    indices = [name.strip().upper() for name in index or facts.INDICES]
    for name in indices:
        if name not in facts.INDICES:
            stop(f'There is no index "{name}": use one of {", ".join(facts.INDICES)}.', 2)
    if lang not in language.NAMES:
        stop(f'There is no language "{lang}": use one of {", ".join(language.NAMES)}.', 2)
    with told():
        figures, sources = facts.load(), facts.sources().reset_index()
        wanted = _wanted(figures, indices, year)
        folder = folder or paths.outputs_dir() / "tables"
        files = {
            "figures.csv": exporting.as_csv(figures),
            "figures.xlsx": exporting.as_xlsx({"figures": figures, "sources": sources}),
            "sources.csv": exporting.as_csv(sources),
        }
        skipped = []
        for name, one in wanted:
            try:
                with language.using(language.SOURCE):
                    tables = completion.complete(figures, name, one)
            except completion.NotEnoughKnown as error:
                skipped.append(str(error))
                continue
            with language.using(lang):
                table, notes = exporting.completed(tables, figures), exporting.notes(tables)
                sheets = {f"{name} {one}": table, notes.columns[0][:31]: notes}
                files[f"completed-{name}-{one}.csv"] = exporting.as_csv(table)
                files[f"completed-{name}-{one}.xlsx"] = exporting.as_xlsx(sheets)
        for name, content in files.items():
            batch.write_file(folder / name, content)
        made = len(wanted) - len(skipped)
        print(f"{len(files)} files in {folder}: {len(figures):,} figures, {made} completed tables.")
        for message in skipped:
            print(f"Left out: {message}", file=sys.stderr)


def _wanted(figures, indices: list[str], years: list[int] | None) -> list[tuple[str, int]]:
    """Index and year of every completed table asked for."""
    rows = figures[(figures["unit_type"] == "province") & figures["index"].isin(indices)]
    rows = rows[rows["measure"].isin(["score", "rank"])]
    known = sorted(set(zip(rows["index"], rows["year"], strict=True)))
    missing = set(years or []) - {year for _index, year in known}
    if missing:
        there = ", ".join(map(str, sorted({year for _index, year in known})))
        stop(f"No figures for {', '.join(map(str, sorted(missing)))}: there are {there}.", 2)
    return [(name, year) for name, year in known if not years or year in years]
