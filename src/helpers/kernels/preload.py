"""What a nursery does once for its kernels: imports, the year's national work, and reading fits."""

import builtins
import contextlib
import importlib
import os
import pkgutil
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from types import SimpleNamespace

from helpers.kernels import WARM_YEARS


def import_first() -> None:
    """Import what every kernel and the shared work of a batch start with."""
    with _as_in_a_kernel():
        _import_kernel()
        importlib.import_module("helpers.trajectories")


def rest() -> list[Callable[[], None]]:
    """Make ready the rest, in pieces to be done one after the other.

    The first imports all else that notebooks import; the others fill the stores that every report
    of the warm years reads.
    """
    national = (_complete, _rehearse, _draw_nation)
    return [import_all, *(partial(work, year) for year in _warm_years() for work in national)]


def read_fits(outputs: Path) -> list[Callable[[], None]]:
    """Read the stored fits below an outputs folder, each content once.

    Returns
    -------
    list of callable
        What is to be done now that there are fits which were not there before.
    """
    from helpers.trajectories import stored

    found = sorted((outputs / "trajectories").glob("*.json"))
    new = [path for path in found if stored.read_ahead(path)]
    return [partial(_rehearse_fits, found, year) for year in _warm_years() if new]


def _warm_years() -> list[int]:
    return [int(year) for year in os.environ.get(WARM_YEARS, "").split()]


@contextlib.contextmanager
def _as_in_a_kernel() -> Iterator[None]:
    """Have libraries find a kernel when they are imported: pandas shows tables otherwise there."""
    setattr(builtins, "get_ipython", lambda: SimpleNamespace(kernel=None))  # noqa: B010
    try:
        yield
    finally:
        delattr(builtins, "get_ipython")


def import_all() -> None:
    """Import all else that the notebooks import."""
    with _as_in_a_kernel():
        _import_package()
        _draw()


def _import_kernel() -> None:
    """Import what an ipykernel and IPython would import when they start, run a cell or end."""
    for name in ("debugger", "ipkernel", "kernelapp", "zmqshell"):
        importlib.import_module(f"ipykernel.{name}")
    for name in ("completer", "completerlib", "debugger", "logger", "oinspect"):
        importlib.import_module(f"IPython.core.{name}")
    for name in (
        *("faulthandler", "helpers.kernels.streams", "pdb", "psutil", "sqlite3"),
        *("IPython.extensions.storemagic", "tornado.platform.asyncio"),
    ):
        importlib.import_module(name)


def _import_package() -> None:
    from matplotlib.backends import backend_registry

    from helpers import charts, citations, exhibits, language, page, standing, tables  # noqa: F401

    for name in (
        *("matplotlib.backends.backend_agg", "matplotlib.backends.backend_svg"),
        *("matplotlib_inline.config", "pandas.io.formats.csvs", "pandas.io.formats.html"),
        "pandas.io.formats.string",
    ):
        importlib.import_module(name)
    language.load()
    backend_registry.list_all()  # looks through what is installed
    for module in pkgutil.iter_modules(exhibits.__path__):
        importlib.import_module(f"{exhibits.__name__}.{module.name}")


def _draw() -> None:
    """Draw something: fonts are read, and what is imported only when used is there."""
    import io

    from matplotlib import rc_context
    from matplotlib.figure import Figure

    from helpers.charts.drawing import STYLE

    with rc_context(STYLE):
        axes = Figure().subplots()
        axes.scatter([0, 1], [0, 1], label="x")
        axes.legend()
        axes.figure.savefig(io.StringIO(), format="svg")


def _complete(year: int) -> None:
    from helpers import facts
    from helpers.exhibits import completed

    completed.by_index(facts.load(), year)


def _rehearse(year: int) -> None:
    """Show one province as its report does.

    It judges the ranks of all, and what is measured, kept or made fast by the interpreter on the
    way need not be so again in every kernel.
    """
    from helpers import charts, facts, page
    from helpers.citations import Citations
    from helpers.exhibits import completed, province, ranking

    charts.style()
    figures, cite = facts.load(), Citations(facts.sources())
    tables = completed.by_index(figures, year)
    unit = _in_the_middle(figures, year)
    if unit is None:
        return
    page.stack(province.title(unit, year), page.unit_now(unit, year))
    province.cards(figures, unit, year, tables, cite)
    province.summary(figures, unit, year, cite)
    for index in facts.INDICES:
        scores = facts.scores(figures, index, year)
        page.stack(province.neighbours_table(scores, unit, index, year, cite))
        province.place_chart(figures, unit, index, year, tables.get(index), cite)
        province.peers_chart(figures, unit, index, year)
    ranking.rank_error(figures, unit, year, tables, cite)
    ranking.next_place(figures, unit, year, tables, cite)
    province.years_charts(figures, unit, year)
    province.years_tables(figures, unit, cite, year)
    province.parts_chart(figures, facts.schemes(), unit, year)
    ranking.points_lost(figures, unit, year, cite)
    province.parts_tables(figures, facts.schemes(), unit, year, cite)
    province.region_table(figures, unit, year, cite)
    province.absent(figures, unit, year)
    page.reading_guide()
    page.sources(cite)


def _rehearse_fits(paths: list[Path], year: int) -> None:
    """Show what is forecast for that province, as its report does."""
    from helpers import facts
    from helpers.citations import Citations
    from helpers.exhibits import trajectories
    from helpers.trajectories import stored

    figures, cite = facts.load(), Citations(facts.sources())
    fits = [stored.load_fit(path, figures) for path in paths if path.stem.endswith(f"-{year}")]
    unit = _in_the_middle(figures, year)
    if unit is None:
        return
    trajectories.outlook({fit.index: fit for fit in fits}, figures, unit, cite)
    for fit in fits:
        trajectories.fan_chart(fit, figures, unit, ahead=1)


def _in_the_middle(figures, year: int) -> str | None:
    """Give a province whose charts have what those of the first and the last have not, if any."""
    from helpers import facts

    ranked = list(facts.scores(figures, "SIPAS", year).index)
    return ranked[len(ranked) // 2] if ranked else None


def _draw_nation(year: int) -> None:
    from helpers import facts, language
    from helpers.citations import Citations
    from helpers.exhibits import province

    for lang in language.NAMES:
        with language.using(lang):
            cite = Citations(facts.sources())
            province.reform_and_satisfaction(facts.load(), facts.NATION, year, cite)
