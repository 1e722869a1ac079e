"""How long a report takes, in several ways, on the same reports: ``python benchmarks/batch.py``.

(a) the loop of the commands ``papermill`` and ``jupyter nbconvert``;
(b) papermill in one process, and our own page;
(c) what ``cchc reports`` does, on all 63 provinces, from nothing;
(d) the floor: the cells run as a plain function, on all cores, everything imported;
(e) what another version of the code does of (c), from the checkout that ``--before`` names, on the
    same figures: ``git worktree add ../before 53dbc03 && make -C ../before setup``.

What is national is part of (c), (d) and (e): the fits of the forecasts, of each index on a core of
its own, and the completed tables and the nation's chart. (a) and (b) find the fits stored. (c) and
(e) are commands of their own, from the start of Python on.

Seconds are wall time per report, and beside them the processor time of the machine per report.
``--units 1000`` repeats the 63 under other names, for this benchmark alone, and shows whether time
and memory stay flat.

A machine that others use too is fast in one minute and slow in the next: the ways take turns,
`--rounds` times, and the median of the ratios within each round is told. (a) and (b) deal out their
reports over the rounds.
"""

import argparse
import contextlib
import gc
import multiprocessing
import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import psutil

from helpers import batch, paths
from helpers.batch.execution import environment
from helpers.batch.jobs import THREADS
from helpers.cli import planning
from helpers.cli.reports import cpus

YEAR = 2020
RATIOS = {
    "c is faster than a, times": ("a", "c"),
    "c is faster than b, times": ("b", "c"),
    "c takes of d, times": ("c", "d"),
    "c takes of e, times": ("c", "e"),
}
MANY = "c with many units"
# Run by the Python of either version: reports of the provinces, again and again under other names.
RUN = """
import dataclasses, pathlib, sys
from helpers import batch, paths
from helpers.cli import planning

if __name__ == "__main__":
    year, workers, count, outputs = *map(int, sys.argv[1:4]), pathlib.Path(sys.argv[4])
    made = planning.reports(planning.provinces(year), year, ["vi"])
    some = [made[n % len(made)] for n in range(count)]
    jobs = [dataclasses.replace(job, name=f"{job.name}-{n}") for n, job in enumerate(some)]
    more = {"shared": planning.shared(year)}
    if "warm_years" in getattr(getattr(batch, "Options", None), "__dataclass_fields__", ()):
        more["options"] = batch.Options(warm_years=(year,))
    results = batch.run(
        jobs, outputs, workers, render=planning.render, data=paths.data_dir(), **more
    )
    sys.exit("; ".join(result.error for result in results if not result.ok) or 0)
"""
EVERY = 5.0  # seconds between looks at the memory, which cost some 10 ms a process


class Watch:
    """Wall time, processor time of the machine, and largest memory from this process on."""

    def __init__(self, reports: int):
        self.reports = reports

    def __str__(self):
        wall, used = self.wall / self.reports, self.used / self.reports
        taken = f"{wall:.2f} s wall, {used:.2f} s processor"
        return f"{taken} per report, {self.peak:.0f} MB at most"

    def __enter__(self):
        self.wall, self.used = time.monotonic(), _cpu()
        self.samples: list[tuple[float, float]] = []
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._stop.set()
        self._thread.join()
        self.wall = time.monotonic() - self.wall
        self.used = _cpu() - self.used

    def _look(self):
        while not self._stop.wait(EVERY):
            self.samples.append((time.monotonic() - self.wall, _memory()))

    @property
    def peak(self) -> float:
        return max((megabytes for _, megabytes in self.samples), default=0.0)

    def peak_of(self, first: float, last: float) -> float:
        """Largest memory in a part of the time, such as 0.5 to 1."""
        end = self.samples[-1][0]
        return max(mb for at, mb in self.samples if first * end <= at <= last * end)


def _cpu() -> float:
    """Processor seconds of the whole machine: nobody counts those of forked workers that ended."""
    times = psutil.cpu_times()
    return times.user + times.nice + times.system


def _memory() -> float:
    """Megabytes of this process and all below it; what they share is counted once."""
    own = psutil.Process()
    total = 0
    for process in [own, *own.children(recursive=True)]:
        try:
            total += process.memory_full_info().pss
        except psutil.Error:  # it has just ended
            continue
    return total / 1e6


def jobs(count: int) -> list[batch.Job]:
    """Reports of the first provinces."""
    return planning.reports(planning.provinces(YEAR)[:count], YEAR, ["vi"])


# --- the ways ------------------------------------------------------------------------------


def by_commands(some: list[batch.Job], folder: Path) -> None:
    bin_dir = Path(sys.executable).parent
    for job in some:
        out = folder / f"{job.name}.ipynb"
        given = [word for pair in job.parameters.items() for word in ("-p", *map(str, pair))]
        command = [bin_dir / "papermill", job.notebook, out, "-k", "python3", *given]
        subprocess.run([*command, "--no-progress-bar"], check=True, capture_output=True)
        command = [bin_dir / "jupyter", "nbconvert", "--to", "html", out]
        subprocess.run(command, check=True, capture_output=True)


def by_papermill(some: list[batch.Job], folder: Path) -> None:
    import nbformat
    import papermill

    from helpers.site.pages import to_html

    for job in some:
        out = folder / f"{job.name}.ipynb"
        papermill.execute_notebook(
            job.notebook, out, job.parameters, kernel_name="python3", progress_bar=False
        )
        page = to_html(nbformat.read(out, as_version=4), job.title)
        out.with_suffix(".html").write_text(page, encoding="utf-8")


def by_batch(count: int, folder: Path, python: Path = Path(sys.executable)) -> None:
    script = folder / "run.py"
    script.write_text(RUN)
    command = [python, script, *map(str, (YEAR, cpus(), count)), folder / "outputs"]
    subprocess.run(command, check=True, env={**os.environ, paths.DATA: str(paths.data_dir())})


def as_function(some: list[batch.Job], pool: ProcessPoolExecutor) -> None:
    needed = {name for job in some for name in job.needs}
    national = [work for work in planning.shared(YEAR) if work.name in needed]
    list(pool.map(run_cells, [work.code for work in national], [{}] * len(national)))
    sources = {job.notebook: _code(job.notebook) for job in some}
    list(pool.map(run_cells, [sources[job.notebook] for job in some], [j.parameters for j in some]))


def get_ready() -> None:
    """Import everything, in a process of the pool."""
    import matplotlib
    import papermill  # noqa: F401  # which loads the engine

    from helpers.batch import parent
    from helpers.report import province  # noqa: F401
    from helpers.site import pages  # noqa: F401

    matplotlib.use("agg")
    gc.collect()
    gc.freeze()  # as the parent of reports does, and the same rare looks for garbage
    gc.set_threshold(*parent.GARBAGE)


def _code(notebook: Path) -> list[tuple[str, bool]]:
    """Code cells of a notebook, and whether parameters follow."""
    import nbformat  # not above: the batch's parent reads this file when it starts

    return [
        (cell.source, "parameters" in cell.metadata.get("tags", []))
        for cell in nbformat.read(notebook, as_version=4).cells
        if cell.cell_type == "code"
    ]


def run_cells(code: str | list[tuple[str, bool]], parameters: dict) -> int:
    """Run code cells one after the other; return how much they showed."""
    from IPython.core.interactiveshell import InteractiveShell
    from IPython.utils.capture import capture_output

    main_module = sys.modules["__main__"]
    shell = InteractiveShell.instance()  # which puts its own in that place
    sys.modules["__main__"] = main_module
    shell.user_ns.clear()  # not by its `reset`, which collects garbage for a while
    shell.init_user_ns()
    given = "".join(f"\n{name} = {value!r}" for name, value in parameters.items())
    shown = 0
    for source, parameters_follow in [(code, False)] if isinstance(code, str) else code:
        with capture_output() as captured:
            shell.run_cell(source + given * parameters_follow).raise_error()
        shown += len(captured.outputs)
    return shown


# --- measuring -----------------------------------------------------------------------------


def measure(given: argparse.Namespace, folder: Path) -> dict[str, list[Watch]]:
    """Measure every way once a round, one after the other, so that all meet the same weather."""
    some, all_63 = jobs(given.reports), jobs(63)
    by_batch(1, folder)  # the stored fits, which a and b read
    taken: dict[str, list[Watch]] = {name: [] for name in "abcde"[: 5 if given.before else 4]}
    for n in range(given.rounds):
        places = {name: folder / f"{name}{n}" for name in taken}
        for place in places.values():
            place.mkdir()
        with environment({paths.OUTPUTS: str(folder / "outputs")}):
            taken["a"].append(timed("a", by_commands, some[n :: given.rounds], places["a"]))
            taken["b"].append(timed("b", by_papermill, some[n :: given.rounds], places["b"]))
        taken["c"].append(timed("c", by_batch, 63, places["c"]))
        with _pool(places["d"]) as pool:
            taken["d"].append(timed("d", as_function, all_63, pool))
        if given.before:
            python = given.before / ".venv/bin/python"
            taken["e"].append(timed("e", by_batch, 63, places["e"], python))
    if given.units:
        place = folder / "units"
        place.mkdir()
        watch = timed(MANY, by_batch, given.units, place)
        taken[MANY] = [watch]
        late, early = watch.peak_of(0.5, 1), watch.peak_of(0, 0.5)
        print(f"memory: {early:.0f} MB in the first half, {late:.0f} MB in the second")
    return taken


def timed(name: str, way: Callable, some: list[batch.Job] | int, *rest) -> Watch:
    with Watch(some if isinstance(some, int) else len(some)) as watch:
        way(some, *rest)
    print(f"{name}: {watch}", flush=True)
    return watch


@contextlib.contextmanager
def _pool(outputs: Path) -> Iterator[ProcessPoolExecutor]:
    """Processes that have imported everything and done nothing yet."""
    context = multiprocessing.get_context("spawn")
    with (
        environment({paths.OUTPUTS: str(outputs), **THREADS}),
        ProcessPoolExecutor(cpus(), mp_context=context, initializer=get_ready) as pool,
    ):
        list(pool.map(time.sleep, [1] * cpus()))
        yield pool


def summary(taken: dict[str, list[Watch]]) -> Iterator[str]:
    """The median of each way, and the medians of the ratios within the rounds."""
    walls = {name: [one.wall / one.reports for one in taken[name]] for name in taken}
    for name, watches in taken.items():
        used = statistics.median(one.used / one.reports for one in watches)
        wall, peak = statistics.median(walls[name]), max(one.peak for one in watches)
        yield f"{name}: {wall:.2f} s wall, {used:.2f} s processor, {peak:.0f} MB at most"
    for text, (above, below) in RATIOS.items():
        if not {above, below} <= set(walls):
            continue
        pairs = zip(walls[above], walls[below], strict=True)
        yield f"{text}: {statistics.median(one / other for one, other in pairs):.2f}"
    for wall in walls.get(MANY, []):
        ratio = wall / statistics.median(walls["c"])
        yield f"{MANY} takes of c at 63, times: {ratio:.2f}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--reports", type=int, default=6, help="for a and b; at least 6")
    parser.add_argument("--rounds", type=int, default=3, help="of all ways")
    parser.add_argument("--units", type=int, default=0, help="such as 1000; none when left out")
    parser.add_argument("--before", type=Path, help="checkout of another version, set up")
    given = parser.parse_args()
    if not 1 <= given.rounds <= given.reports:
        parser.error("--rounds must be from 1 to the number of --reports")
    model = [
        line for line in Path("/proc/cpuinfo").read_text().splitlines() if "model name" in line
    ]
    load = os.getloadavg()[0]
    print(f"{cpus()} x {model[0].split(': ')[1]}; load before {load:.1f}", flush=True)
    with tempfile.TemporaryDirectory() as name:
        taken = measure(given, Path(name))
    print(*summary(taken), sep="\n")


if __name__ == "__main__":
    main()
