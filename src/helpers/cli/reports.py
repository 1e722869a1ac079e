"""The commands that run notebooks: all reports, or one.

What makes pages, and pulls in Jupyter, is imported only where there is something to do: with
nothing changed, the command looks at fingerprints and ends.
"""

import os
import sys
import time
from pathlib import Path
from typing import Annotated

import typer

from helpers import batch, language, notebooks, paths, printing
from helpers.batch import jobs as plain
from helpers.batch import record
from helpers.batch.files import fingerprint, remove
from helpers.cli import planning
from helpers.cli.common import DEFAULT_YEAR, Year, check_year, province_named, stop, told
from helpers.cli.progress import progress
from helpers.site import links

SHOWN = 8  # lines of an error that are shown; run.json has all of it
SLOWEST = 15  # cells that --profile names
STOPPED = "Stopped. The reports that are done are kept: the same command goes on with the others."

Language = Annotated[
    list[str] | None,
    typer.Option(help="Only reports in this language, vi or en; both when left out."),
]
Force = Annotated[bool, typer.Option("--force", help="Do again what is done already.")]
Timeout = Annotated[
    float, typer.Option(min=1, help="Seconds that a notebook may take.", metavar="SECONDS")
]
Profile = Annotated[bool, typer.Option("--profile", help="Name the cells that took longest.")]
Pdf = Annotated[
    bool, typer.Option("--pdf", help="Print each page into a PDF beside it; needs Chromium.")
]


def reports(
    province: Annotated[
        list[str] | None,
        typer.Option(
            help="Only this province, by name or code; may be given again.",
            metavar="NAME",
        ),
    ] = None,
    year: Year = DEFAULT_YEAR,
    workers: Annotated[
        int | None,
        typer.Option(min=1, help="Notebooks to run at once; as many as there are CPUs."),
    ] = None,
    lang: Language = None,
    force: Force = False,
    timeout: Timeout = plain.TIMEOUT,
    scheduler: Annotated[
        str | None,
        typer.Option(help="Run on the workers of this dask scheduler.", metavar="tcp://HOST:PORT"),
    ] = None,
    profile: Profile = False,
    pdf: Pdf = False,
) -> None:
    """Run the notebooks on the nation and a report for each province, or for those named.

    Only what changed is done: its notebook, its figures, the code or the libraries.
    """
    how = {"workers": workers or cpus(), "force": force, "scheduler": scheduler, "timeout": timeout}
    with told(STOPPED):
        found = _jobs(province or [], year, lang, national=True)
        _build(found, year, how, profile, pdf)


def report(
    province: Annotated[str, typer.Argument(help="The province, by name or code.")],
    year: Year = DEFAULT_YEAR,
    lang: Language = None,
    force: Force = False,
    timeout: Timeout = plain.TIMEOUT,
    profile: Profile = False,
    pdf: Pdf = False,
) -> None:
    """Run the report of one province."""
    with told(STOPPED):
        found = _jobs([province], year, lang, national=False)
        how = {"workers": min(len(found), cpus()), "force": force, "timeout": timeout}
        _build(found, year, how, profile, pdf)


def cpus() -> int:
    """CPUs that this process may use, which in a container can be fewer than there are."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _jobs(
    provinces: list[str], year: int, chosen: list[str] | None, national: bool
) -> list[plain.Job]:
    """The notebooks on the nation, and the reports; of all provinces where none is named."""
    names = list(dict.fromkeys(province_named(text, year) for text in provinces))
    wrong = [lang for lang in chosen or [] if lang not in language.NAMES]
    if wrong:
        stop(f"No language {wrong[0]!r} here: choose one of {', '.join(language.NAMES)}.", 2)
    languages = [lang for lang in language.NAMES if lang in (chosen or language.NAMES)]
    check_year(year)
    first = planning.national(year, languages) if national else []
    return first + planning.reports(names or planning.provinces(year), year, languages)


# --- running -------------------------------------------------------------------------------


def _build(found: list[plain.Job], year: int, how: dict, profile: bool, pdf: bool) -> None:
    outputs, started = paths.outputs_dir(), time.monotonic()
    if pdf:
        printing.browser()  # says so at once where there is none
    with progress(len(found)) as tell:
        results = batch.run(
            found,
            outputs,
            on_done=tell,
            render=planning.render,
            data=paths.data_dir(),
            shared=planning.shared(year),
            **how,
        )
    if stale := _remove_stale(outputs):
        what = "1 report" if len(stale) == 1 else f"{len(stale)} reports"
        print(f"Removed {what} of provinces that have another name now: {', '.join(stale)}")
    _start_pages(outputs, year)
    failed = [result for result in results if not result.ok]
    warned = [(result.name, text) for result in results for text in result.warnings]
    if failed or stale or warned:
        links.mend(outputs / "html")
    print(_summary(results, time.monotonic() - started), outputs / "html")
    if profile:
        print(_slowest(outputs))
    if pdf:
        made = [outputs / "html" / f"{result.name}.html" for result in results if result.ok]
        _print_pages(made, how["workers"])
    notebooks = {job.name: job.notebook.name for job in found}
    for name, text in warned:
        print(f"WARNING {name} ({notebooks[name]}): {text}", file=sys.stderr)
    for result in failed:
        print(_failure(result, notebooks[result.name]), file=sys.stderr)
    if failed:
        where = outputs / "notebooks"
        stop(f"{len(failed)} failed; the executed notebooks are in {where}.", 1)


def _summary(results: list[batch.Result], seconds: float) -> str:
    done = sum(result.ok for result in results)
    unchanged = sum(result.unchanged for result in results)
    same = f", {unchanged} of them unchanged" if unchanged else ""
    return f"{done} of {len(results)} reports in {seconds:.0f} s{same}:"


def _remove_stale(outputs: Path) -> list[str]:
    """Remove the pages that runs made of provinces which have another name now; name them.

    The start page would link to them no longer, and whoever has the address would take them for
    current.
    """
    removed = []
    for name, entry in record.entries(outputs / "run.json").items():
        if planning.is_stale(entry):
            files = [plain.notebook_of(name), *plain.pages_of(name)]
            if any([remove(outputs / path) for path in files]):
                removed.append(name)
    return removed


def _start_pages(outputs: Path, year: int) -> None:
    """Make start pages and comparisons anew, unless all is as it was when they were made."""
    html, known = outputs / "html", outputs / ".start-page"
    if known.exists() and known.read_bytes() == _state(outputs, year):
        return
    from helpers.site.compare import comparison_page  # with all statistics, as the next
    from helpers.site.index import start_page

    folders = {language.DEFAULT: html}
    folders |= {lang: html / lang for lang in language.NAMES if (html / lang).is_dir()}
    for lang, folder in folders.items():
        compared = folder / f"{notebooks.comparison(year, lang)}.html"
        batch.write_file(compared, comparison_page(html, year, lang).encode())
        batch.write_file(folder / "index.html", start_page(html, year, lang).encode())
    batch.write_file(known, _state(outputs, year))


def _state(outputs: Path, year: int) -> bytes:
    """What start pages tell of: a run that was stopped may have left them behind."""
    entries = record.entries(outputs / "run.json").items()
    done = sorted((name, entry.get("key", "")) for name, entry in entries)
    pages = sorted(path.as_posix() for path in (outputs / "html").rglob("*.html"))
    return fingerprint(repr([year, done, pages]).encode()).encode()


def _print_pages(pages: list[Path], workers: int) -> None:
    """Print the pages whose PDF is not there or older than they are."""
    old = [page for page in pages if not _is_renewed(page.with_suffix(".pdf"), page)]
    for pdf in printing.to_pdf(old, workers=workers):
        print(f"printed {pdf.name}")
    print(f"PDFs beside their pages: {len(pages)}, of which unchanged: {len(pages) - len(old)}")


def _is_renewed(made: Path, of: Path) -> bool:
    return made.exists() and made.stat().st_mtime >= of.stat().st_mtime


def _failure(result: batch.Result, notebook: str) -> str:
    """Name a failed report, with its notebook, the cell and line, and the error."""
    place = "" if result.cell is None else f", cell {result.cell}"
    place += "" if result.line is None else f", line {result.line}"
    source = f"\n    {result.source}" if result.source else ""
    lines = result.error.splitlines() or [""]
    more = [f"... {len(lines) - SHOWN} more lines in run.json"] if len(lines) > SHOWN else []
    error = "\n    ".join([*lines[:SHOWN], *more])
    return f"FAILED {result.name} ({notebook}{place}){source}\n    {error}"


def _slowest(outputs) -> str:
    """Name the cells that took longest in this run, by notebook, with their mean time."""
    times: dict[tuple[str, str], list[float]] = {}
    for entry in record.entries(outputs / "run.json").values():
        if entry["of_this_run"] and entry["status"] != "unchanged":
            for _, seconds, line in entry.get("cells", []):
                times.setdefault((entry["notebook"], line), []).append(seconds)
    order = sorted(times.items(), key=lambda item: -sum(item[1]))[:SLOWEST]
    rows = [
        f"{sum(taken):8.1f} s {len(taken):5} times {sum(taken) / len(taken):7.2f} s each  "
        f"{notebook}: {line}"
        for (notebook, line), taken in order
    ]
    return "\n".join(["Cells that took longest:", *rows])
