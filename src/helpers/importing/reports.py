"""Show on a terminal what was understood, and where it differs from what is published."""

from rich.console import Console
from rich.table import Table as Grid
from rich.text import Text

from helpers.importing.judging import Judgement
from helpers.importing.numbers import plain
from helpers.importing.shapes import Table, letter


def show(table: Table, judged: Judgement, source: str, official: bool) -> None:
    """Print the columns with their meaning, what was left out, notes, and all differences."""
    console = Console(highlight=False)
    console.print(_columns(table))
    weight = "an official annex, which outranks the press" if official else "no official annex"
    # Texts of a file are never markup.
    console.print(
        Text(f"{len(table.units)} provinces. Source: {source}; {weight}."), soft_wrap=True
    )
    for line in [*table.left_out, *judged.notes]:
        console.print(Text(f"- {line}"), soft_wrap=True)
    if len(judged.differences):
        console.print(_differences(judged, official))
    elif not judged.problems:
        console.print("No figure differs from those in data/.")


def _columns(table: Table) -> Grid:
    grid = Grid(title=Text(f"What was understood ({table.sheet})"), title_justify="left")
    for name in ("", "head", "is", "figures", "least", "greatest"):
        grid.add_column(
            name, justify="right" if name in ("figures", "least", "greatest") else "left"
        )
    for column in table.columns:
        meaning, values = column.meaning, []
        if meaning.role == "figure":
            rows = table.figures[
                (table.figures["measure"] == meaning.measure)
                & (table.figures["part"] == meaning.part)
            ]
            values = list(rows["value"])
        told = str(meaning) if meaning.role == "figure" else f"({meaning})"
        ends = (plain(min(values)), plain(max(values))) if values else ("", "")
        count = str(len(values)) if meaning.role == "figure" else ""
        grid.add_row(letter(column.number), Text(column.head), Text(told), count, *ends)
    return grid


def _differences(judged: Judgement, official: bool) -> Grid:
    title = (
        "Differences: what is published gives way, and stays visible as displaced"
        if official
        else "Differences: what is published stands, and yours stays visible as displaced; where "
        "only an earlier import of that kind differs, both are disputed"
    )
    grid = Grid(title=title, title_justify="left")
    for name in judged.differences.columns:
        right = name in ("published", "yours", "difference")
        grid.add_column(name, justify="right" if right else "left")
    for row in judged.differences.itertuples(index=False):
        grid.add_row(*map(Text, map(str, row)))
    return grid
