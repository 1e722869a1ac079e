"""How far a run is: a bar on a terminal, a line for each report elsewhere."""

import contextlib
import itertools
from collections.abc import Callable, Iterator

from helpers.batch import Result


@contextlib.contextmanager
def progress(total: int) -> Iterator[Callable[[Result], None]]:
    """Show progress, and give what is to be told of each result."""
    from rich.console import Console
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
    console, numbers, failed = Console(), itertools.count(1), 0
    is_bar = console.is_terminal
    with Progress(*columns, console=console, transient=True, disable=not is_bar) as bar:
        task = bar.add_task("starting", total=total, failed=0)

        def tell(result: Result) -> None:
            nonlocal failed
            failed += not result.ok
            bar.update(task, advance=1, description=result.name, failed=failed)
            number = next(numbers)
            if not is_bar and not result.unchanged:
                word = "ok" if result.ok else "FAILED"
                line = f"[{number}/{total}] {result.name} {word} {result.seconds:.1f} s"
                print(line, flush=True)

        yield tell
