"""How far a run is: a bar on a terminal, a line for each report elsewhere."""

import contextlib
import sys
from collections.abc import Callable, Iterator

from helpers.batch import Result


@contextlib.contextmanager
def progress(total: int, quiet: bool = False) -> Iterator[Callable[[Result], None]]:
    """Show progress, and give what is to be told of each result."""
    if quiet:
        yield lambda result: None
        return
    from rich.console import Console

    console = Console()
    if not console.is_terminal:
        lines = _Lines(total)
        yield lines
        lines.close()
        return
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeElapsedColumn,
        TimeRemainingColumn,
    )

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[failed]} failed"),
        TimeElapsedColumn(),
        TextColumn("left"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task("starting", total=total, failed=0)
        failed = 0

        def tell(result: Result) -> None:
            nonlocal failed
            failed += not result.ok
            bar.update(task, advance=1, description=result.name, failed=failed)

        yield tell


class _Lines:
    """Print a line for each result, with its number, and one for all that are unchanged."""

    def __init__(self, total: int):
        self.total, self.done, self.unchanged = total, 0, 0

    def __call__(self, result: Result) -> None:
        self.done += 1
        if result.unchanged:
            self.unchanged += 1
            return
        word = "ok" if result.ok else "FAILED"
        line = f"[{self.done}/{self.total}] {result.name} {word} {result.seconds:.1f} s"
        print(line, flush=True)

    def close(self) -> None:
        if self.unchanged:
            print(f"{self.unchanged} of {self.total} are unchanged", file=sys.stdout, flush=True)
