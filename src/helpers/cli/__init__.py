"""The ``cchc`` command.

Exit status: 0 all is well, 1 something failed, 2 wrong arguments, 130 stopped by Ctrl-C.
Everything that can be wrong with arguments and data is checked before the first notebook runs.
"""

import io
import sys

import typer

from helpers import language
from helpers.cli import check, export, import_, reports, template

app = typer.Typer(
    help="Reports on the PAR INDEX and SIPAS of Vietnam's provinces, from published figures.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_show_locals=False,
)
app.command()(reports.reports)
app.command()(reports.report)
app.command()(check.check)
app.command("import")(import_.import_)
app.command()(template.template)
app.command()(export.export)


@app.callback()
def _start() -> None:
    language.use("en")  # the command speaks English; a page's language is its job's
    # A pipe on Windows or LC_ALL=C has no room for the letters of most provinces.
    # The name of a file may be no text at all, as of one that was packed on another system.
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")
