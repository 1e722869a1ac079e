"""Show on a terminal what was understood, and where it differs from what is published."""

from rich.console import Console
from rich.table import Table as Grid
from rich.text import Text

from helpers.importing.judging import Judgement
from helpers.importing.numbers import plain
from helpers.importing.published import of
from helpers.importing.shapes import Table


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
        title = (
            "Differences: what is published gives way, and stays visible as displaced"
            if official
            else "Differences: what is published stands, and yours stays visible as displaced; "
            "where only an earlier import of that kind differs, both are disputed"
        )
        found = judged.differences.astype(str)
        console.print(_grid(title, list(found.columns), found.to_numpy().tolist()))
    elif not judged.problems:
        console.print("No figure differs from those in data/.")


def _columns(table: Table) -> Grid:
    rows = []
    for column in table.columns:
        meaning, count, ends = column.meaning, "", ("", "")
        if meaning.role == "figure":
            values = of(table.figures, meaning.measure, meaning.part)["value"]
            count = str(len(values))
            ends = (plain(values.min()), plain(values.max())) if len(values) else ends
        told = str(meaning) if meaning.role == "figure" else f"({meaning})"
        rows.append([column.letter, column.head, told, count, *ends])
    heads = ["", "head", "is", "figures", "least", "greatest"]
    return _grid(f"What was understood ({table.sheet})", heads, rows)


def _grid(title: str, heads: list[str], rows: list[list[str]]) -> Grid:
    grid = Grid(title=Text(title), title_justify="left")
    for head in heads:
        right = head in ("figures", "least", "greatest", "published", "yours", "difference")
        grid.add_column(head, justify="right" if right else "left")
    for row in rows:
        grid.add_row(*map(Text, row))
    return grid
