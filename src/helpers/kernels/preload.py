"""What a nursery does before its first kernel: imports, and the year's national work."""

import builtins
import contextlib
import importlib
import os
import pkgutil
from collections.abc import Iterator
from types import SimpleNamespace

from helpers.kernels import WARM_YEARS


def run() -> None:
    """Import all that the notebooks import; then fill the stores that every report reads."""
    with _as_in_a_kernel():
        _import_kernel()
        _import_package()
        _draw()
    for year in os.environ.get(WARM_YEARS, "").split():
        _know(int(year))


@contextlib.contextmanager
def _as_in_a_kernel() -> Iterator[None]:
    """Have libraries find a kernel when they are imported: pandas shows tables otherwise there."""
    setattr(builtins, "get_ipython", lambda: SimpleNamespace(kernel=None))  # noqa: B010
    try:
        yield
    finally:
        delattr(builtins, "get_ipython")


def _import_kernel() -> None:
    for name in ("debugger", "ipkernel", "kernelapp", "zmqshell"):
        importlib.import_module(f"ipykernel.{name}")
    for name in ("IPython.core.completer", "matplotlib_inline.config", "tornado.platform.asyncio"):
        importlib.import_module(name)


def _import_package() -> None:
    import matplotlib.backends.backend_agg
    import matplotlib.backends.backend_svg  # noqa: F401

    from helpers import charts, citations, exhibits, language, page, standing, tables  # noqa: F401

    with language.using(language.DEFAULT):
        language._(exhibits.__name__)  # whatever the message, the catalogs are read
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


def _know(year: int) -> None:
    """Do a year's national work; the lower floors keep what comes of it."""
    from helpers import facts, language, paths, trajectories
    from helpers.citations import Citations
    from helpers.exhibits import completed, province

    figures = facts.load()
    completed.by_index(figures, year)
    for lang in language.NAMES:
        with language.using(lang):
            cite = Citations(facts.sources())
            province.reform_and_satisfaction(figures, facts.NATION, year, cite)
    for index in facts.INDICES:
        # Fitting takes long and is done once per run: here only what is stored already.
        with contextlib.suppress(trajectories.StaleFit):
            path = paths.outputs_dir() / "trajectories" / f"{index}-{year}.json"
            trajectories.load_fit(path, figures)
