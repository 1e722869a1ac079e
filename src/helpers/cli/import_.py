"""The command that takes in a table of results from a file."""

from pathlib import Path
from typing import Annotated

import typer

from helpers import facts, language, paths
from helpers.cli.common import Year, stop, told


def import_(
    file: Annotated[
        Path,
        typer.Argument(
            exists=True,
            dir_okay=False,
            readable=True,
            help="XLSX, XLS, XLSB, ODS, CSV, TSV, DOCX or PDF.",
        ),
    ],
    index: Annotated[str, typer.Option(help="PAR or SIPAS.", metavar="INDEX")],
    year: Year,
    source: Annotated[
        str | None,
        typer.Option(help="Where it was published; the file's name when left out."),
    ] = None,
    official: Annotated[
        bool | None,
        typer.Option(
            "--official/--not-official",
            help="Whether it is the ministry's own table, which outranks the press. When left "
            "out: whether the source is a decision of the ministry.",
        ),
    ] = None,
    sheet: Annotated[
        str | None, typer.Option(help="Name or number of the sheet with the table.")
    ] = None,
    column: Annotated[
        list[str] | None,
        typer.Option(
            help='What a head or the column of a letter is, as "Điểm A=appraisal" or "F=ignore"; '
            "may be given again."
        ),
    ] = None,
    this_is: Annotated[
        str | None,
        typer.Option(
            help="The index again, where nothing in the file says which it is of.", metavar="INDEX"
        ),
    ] = None,
    new_scoring: Annotated[
        bool,
        typer.Option(
            "--new-scoring",
            help="The ministry has changed how it scores: figures may be far from those before.",
        ),
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show and judge the table, and write nothing.")
    ] = False,
) -> None:
    """Take in a table of results: it is shown and judged first, and nothing is overwritten.

    To undo an import, delete its two files in data/imports/; to correct it, import it again.
    """
    from helpers import batch
    from helpers.importing import (
        heads,
        judging,
        published,
        reading,
        reports,
        shapes,
        tables,
        writing,
    )

    name = index.strip().upper()
    if name not in facts.INDICES:
        stop(f'There is no index "{index}": use one of {", ".join(facts.INDICES)}.', 2)
    if this_is is not None and this_is.strip().upper() != name:
        stop(f"--this-is {this_is}, and --index is {name}: give the same index.", 2)
    with told(), language.using(language.SOURCE):
        try:
            columns = heads.mapping(column or [], name)
            asked = shapes.Request(name, year, sheet, columns, confirmed=this_is is not None)
            table = tables.find(reading.read(file), asked, file.stem)
        except shapes.WrongArgument as error:
            stop(str(error), 2)
        title = writing.cleaned(source or file.stem)
        ours = writing.is_official(title) if official is None else official
        origin = writing.cleaned(f"{file.name}, {table.sheet}")
        made = writing.files(table.figures, name, year, title, ours, origin)
        folder = paths.data_dir()
        known = facts.load(folder)
        known = known[known["sources"] != f"import-{made.stem}"]  # what only this import holds
        judged = judging.judge(table, known, name, year, new_scoring)
        reports.show(table, judged, title, ours)
        if judged.problems:
            raise shapes.several(f"{file.name} was not taken; nothing is written:", judged.problems)
        if not table.named and this_is is None:
            raise shapes.Refused(
                f"{file.name} was not taken; nothing is written: neither title, sheet, file nor a "
                f"head says which index it is of. If what is shown above is {name} {year}: "
                f"--this-is {name}"
            )
        if writing.is_there(made, folder):
            print(f"Nothing changes: these figures are in data/imports/{made.stem}.csv already.")
            return
        published.check(made, folder, name, year)
        if dry_run:
            print(f"Nothing is written. It would be data/imports/{made.stem}.csv.")
            return
        for path, content in made.contents(folder):
            batch.write_file(path, content)
            print(f"Written: data/imports/{path.name}")
