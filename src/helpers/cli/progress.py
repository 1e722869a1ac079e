"""How far a run is: a bar on a terminal, a line for each report elsewhere."""

import contextlib
from collections.abc import Callable, Iterator

from helpers.batch import Result


@contextlib.contextmanager
def progress(total: int) -> Iterator[Callable[[Result], None]]:
    """Show progress, and give what is to be told of each result."""
    from rich.console import Console
    from rich.progress import MofNCompleteColumn, Progress, TextColumn

    more = MofNCompleteColumn(), TextColumn("{task.fields[failed]} failed")
    console, number, failed = Console(), 0, 0
    columns, is_bar = (*Progress.get_default_columns(), *more), console.is_terminal
    with Progress(*columns, console=console, transient=True, disable=not is_bar) as bar:
        task = bar.add_task("starting", total=total, failed=0)

        def tell(result: Result) -> None:
            nonlocal number, failed
            number, failed = number + 1, failed + (not result.ok)
            bar.update(task, advance=1, description=result.name, failed=failed)
            if not is_bar and not result.unchanged:
                word = "ok" if result.ok else "FAILED"
                line = f"[{number}/{total}] {result.name} {word} {result.seconds:.1f} s"
                print(line, flush=True)

        yield tell
