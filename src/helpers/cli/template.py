"""The command that writes a workbook to fill in."""

from pathlib import Path
from typing import Annotated

import typer

from helpers import language
from helpers.cli.common import Year, stop, told


def template(
    out: Annotated[Path, typer.Argument(dir_okay=False, help="The workbook to write, .xlsx.")],
    index: Annotated[str, typer.Option(help="PAR or SIPAS.", metavar="INDEX")] = "PAR",
    year: Year = 2025,
    force: Annotated[
        bool, typer.Option("--force", help="Write over a file that is there already.")
    ] = False,
) -> None:
    """Write a workbook to fill in with a year's results, in Vietnamese, for `cchc import`."""
    from helpers import batch, units
    from helpers import template as workbooks  # openpyxl, which other commands do without

    name = index.strip().upper()
    if out.suffix.lower() != ".xlsx":
        stop(f"{out} must end in .xlsx: a workbook is written.", 2)
    if out.exists() and not force:
        stop(f"{out} is there already. Give another name, or --force to write over it.", 1)
    with told():
        workbooks.check(name, year)
        with language.using(language.DEFAULT):
            content = workbooks.workbook(name, year)
        batch.write_file(out, content)
        print(f"{out}: a workbook for {units.count(year)} provinces, {name} {year}.")
