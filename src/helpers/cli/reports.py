"""The commands that run notebooks: all reports, or one."""

import contextlib
import os
import sys
import time
from collections.abc import Callable, Iterator
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeElapsedColumn,
)

from helpers import paths, units
from helpers.cli.common import Year, check_year, province_named, stop, told

SHOWN = 8  # lines of an error that are shown; run.json has all of it


def reports(
    province: Annotated[
        list[str] | None,
        typer.Option(
            help="Only this province, by name or code; may be given again.",
            metavar="NAME",
        ),
    ] = None,
    year: Year = 2020,
    workers: Annotated[
        int | None,
        typer.Option(min=1, help="Notebooks to run at once; as many as there are CPUs."),
    ] = None,
) -> None:
    """Run the notebooks on the nation and a report for each province, or for those named."""
    with told():
        names = [province_named(text) for text in province or []]
        names = list(dict.fromkeys(names)) or list(units.provinces()["name"])
        check_year(year)
        _build([*_national(year), *(_report(name, year) for name in names)], year, workers)


def report(
    province: Annotated[str, typer.Argument(help="The province, by name or code.")],
    year: Year = 2020,
) -> None:
    """Run the report of one province."""
    with told():
        name = province_named(province)
        check_year(year)
        _build([_report(name, year)], year, workers=1)


def _cpus() -> int:
    """CPUs that this process may use, which in a container can be fewer than there are."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


# --- running -------------------------------------------------------------------------------


# Notebook, its parameter for the year, title of its page. Trajectories first: reports read its fit.
NATIONAL = (
    ("3_trajectories", "last_year", "Các địa phương đang đi về đâu? Số liệu đến năm"),
    ("1_national_results", "year", "Kết quả Chỉ số CCHC và Chỉ số hài lòng năm"),
    ("2_satisfaction_and_reform", "year", "Cải cách và sự hài lòng năm"),
)


def _national(year: int) -> list:
    from helpers import batch, site

    return [
        batch.Job(
            paths.notebooks_dir() / f"{stem}.ipynb",
            {parameter: year},
            site.page_name(stem, year),
            f"{title} {year}",
        )
        for stem, parameter, title in NATIONAL
    ]


def _report(province: str, year: int):
    from helpers import batch, site

    return batch.Job(
        paths.notebooks_dir() / "province_report.ipynb",
        {"province": province, "year": year},
        site.page_name(units.slug(province), year),
        f"{province}: Chỉ số CCHC và Chỉ số hài lòng năm {year}",
    )


def _build(jobs: list, year: int, workers: int | None) -> None:
    from helpers import (
        batch,
        site,
    )  # half a second of imports that `check` does without

    outputs, started = paths.outputs_dir(), time.monotonic()
    with _progress(len(jobs)) as tell:
        results = batch.run(
            jobs,
            outputs,
            workers or _cpus(),
            on_done=tell,
            render=site.to_html,
            data=paths.data_dir(),
        )
    html = outputs / "html"
    batch.write_file(html / "index.html", site.start_page(html, year).encode())
    failed = [result for result in results if not result.ok]
    done = len(results) - len(failed)
    print(f"{done} of {len(results)} reports in {time.monotonic() - started:.0f} s: {html}")
    if failed:
        notebooks = {job.name: job.notebook.name for job in jobs}
        for result in failed:
            print(_failure(result, notebooks[result.name]), file=sys.stderr)
        stop(
            f"{len(failed)} failed; the executed notebooks are in {outputs / 'notebooks'}.",
            1,
        )


def _failure(result, notebook: str) -> str:
    """Name a failed report, with its notebook, the cell and line, and the error."""
    place = "" if result.cell is None else f", cell {result.cell}"
    place += "" if result.line is None else f", line {result.line}"
    source = f"\n    {result.source}" if result.source else ""
    lines = result.error.splitlines() or [""]
    more = [f"... {len(lines) - SHOWN} more lines in run.json"] if len(lines) > SHOWN else []
    error = "\n    ".join([*lines[:SHOWN], *more])
    return f"FAILED {result.name} ({notebook}{place}){source}\n    {error}"


@contextlib.contextmanager
def _progress(total: int) -> Iterator[Callable]:
    """Show progress: a bar on a terminal, a line for each report elsewhere."""
    console = Console()
    if not console.is_terminal:
        yield _Lines(total)
        return
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[failed]} failed"),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task("starting", total=total, failed=0)
        failed = 0

        def tell(result) -> None:
            nonlocal failed
            failed += not result.ok
            bar.update(task, advance=1, description=result.name, failed=failed)

        yield tell


class _Lines:
    """Print a line for each result, with its number."""

    def __init__(self, total: int):
        self.total, self.done = total, 0

    def __call__(self, result) -> None:
        self.done += 1
        word = "ok" if result.ok else "FAILED"
        line = f"[{self.done}/{self.total}] {result.name} {word} {result.seconds:.1f} s"
        print(line, flush=True)
