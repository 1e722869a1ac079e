"""All jobs of a run, from the caller's side: what to do, in which order, and where to put it."""

import contextlib
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from helpers.batch import keys, pool
from helpers.batch.files import (
    OutputError,
    fingerprint,
    fingerprint_of,
    locked,
    remove,
    remove_parts,
    write_file,
)
from helpers.batch.jobs import (
    LARGEST_OUTPUT,
    TIMEOUT,
    Job,
    Render,
    Result,
    Task,
    check_parameters,
    notebook_of,
    page_of,
    read_figures,
)
from helpers.batch.record import Record

MANY = 4  # reports of one notebook for each worker, from which on they are worth a common start
PATIENCE = 5  # times the time of a notebook, for what many of them wait for


def run(
    jobs: Sequence[Job],
    outputs: Path,
    workers: int = 1,
    on_done: Callable[[Result], None] | None = None,
    render: Render | None = None,
    data: Path | None = None,
    *,
    shared: Sequence[Job] = (),
    timeout: float = TIMEOUT,
    largest_output: int = LARGEST_OUTPUT,
    force: bool = False,
    scheduler: str | None = None,
) -> list[Result]:
    """Run every job that is not done already, write what comes of it, and return the results.

    A job that fails does not stop the others. ``notebooks/<name>.ipynb`` is written for failed
    ones too, unless their process died; ``html/<name>.html`` only for those that went well. Where
    a job fails, the page of an earlier run is removed: no page is better than one that looks
    current and is not. So is the PDF of a page that became another one. ``run.json`` tells of the
    last run, and of the reports of earlier ones.

    Parameters
    ----------
    jobs : sequence of Job
        With names that differ.
    outputs : Path
        Folder for the files; made where it is missing.
    workers : int
        Processes to use, at least 1. Each runs one report at a time. A cluster has its own.
    on_done : callable, optional
        Called with each Result as it comes, in this process.
    render : callable, optional
        Makes the page of an executed notebook and a title. It must be importable in a worker.
    data : Path, optional
        Folder whose CSV files, also in folders below, the notebooks read. They travel with the
        jobs, as they are when the run starts, and their hashes go into ``run.json``.
    shared : sequence of Job
        With code: what the jobs name in ``needs``. If it fails, they run without its files.
    timeout, largest_output : float, int
        Seconds that a notebook may take, and bytes that one of its cells may put out.
    force : bool
        Do again what is done already.
    scheduler : str, optional
        Address of a dask scheduler, whose workers run the jobs.

    Returns
    -------
    list of Result
        In the order of the jobs.

    Raises
    ------
    BadNotebook
        Before anything runs: a notebook is missing or does not take its parameters.
    Locked
        Another run writes into the same folder.
    NoCluster, NoProcess
        The cluster cannot be used, or no process be started.
    OutputError
        Nothing can be written into the folder; a single file that cannot be is a failure of its
        job.
    KeyboardInterrupt
        After the workers have ended and ``run.json`` is written.
    """
    everything = [*jobs, *shared]
    if workers < 1 or len({job.name for job in everything}) < len(everything):
        raise ValueError("run() takes at least one worker, and jobs with names that differ")
    sources = {job.notebook: job.source() for job in everything}
    check_parameters(jobs, sources)
    figures = {} if data is None else read_figures(data)
    with locked(outputs):
        remove_parts(outputs)
        common = figures, render, timeout, largest_output, on_done or (lambda _: None)
        one = _Run(outputs, list(jobs), list(shared), sources, *common)
        return one.all(workers, scheduler, force)


@dataclass
class _Run:
    """One call of `run`."""

    outputs: Path
    jobs: list[Job]
    shared: list[Job]
    sources: dict[Path, bytes]
    figures: dict[str, bytes]
    render: Render | None
    timeout: float
    largest_output: int
    told: Callable[[Result], None]
    files: dict[str, dict[str, bytes]] = field(default_factory=dict)  # of shared work, by its name
    results: dict[str, Result] = field(default_factory=dict)

    def all(self, workers: int, scheduler: str | None, force: bool) -> list[Result]:
        everything = [*self.jobs, *self.shared]
        names = {job.notebook for job in self.jobs}
        hashes = {
            "data": {name: fingerprint(content) for name, content in self.figures.items()},
            "notebooks": {path.name: fingerprint(self.sources[path]) for path in names},
        }
        self.keys = keys.of_jobs(everything, self.sources, hashes["data"], self.render)
        self.record = Record(self.outputs / "run.json", scheduler or workers, hashes, everything)
        for job in everything:
            if not force and self.record.is_done(job.name, self.keys[job.name]):
                self._tell(job, self.record.unchanged(job.name))
        todo = [job for job in self.jobs if job.name not in self.results]
        needed = {name for job in todo for name in job.needs}
        for work in self.shared:
            if work.name in needed and work.name in self.results:
                self.files[work.name] = self._stored(work.name)
            elif work.name in needed:
                todo.append(work)
        self.record.write("running")  # also shows that the folder can be written
        try:
            if todo:
                self._run(todo, workers, scheduler)
        except BaseException as error:
            stopped = isinstance(error, KeyboardInterrupt)
            # A disk that is full stays full: what stopped the run must not be hidden by this.
            with contextlib.suppress(*([] if stopped else [Exception])):
                self.record.write("interrupted" if stopped else "failed")
            raise
        found = [self.results[job.name] for job in self.jobs]
        ok = all(result.ok for result in found)
        with contextlib.suppress(*([] if ok else [OutputError])):
            self.record.write("ok" if ok else "failed")
        return found

    def _tell(self, job: Job, result: Result) -> None:
        self.results[job.name] = result
        if not job.code:
            self.told(result)

    def _stored(self, name: str) -> dict[str, bytes]:
        """Files of a job that is done."""
        paths = self.record.entries[name].get("files", {})
        return {path: (self.outputs / path).read_bytes() for path in paths}

    # --- handing out ---

    def _run(self, todo: list[Job], workers: int, scheduler: str | None) -> None:
        """Have all jobs run, those first whose files the others read."""
        reports = [job for job in todo if not job.code]
        found = pool.Cluster(scheduler) if scheduler else pool.Local(workers)
        with contextlib.closing(found):
            self._hand_out(found, [job for job in todo if job.code])
            if not isinstance(found, pool.Cluster):
                reports = self._warm(found, reports, MANY * workers)
            self._hand_out(found, reports)

    def _warm(self, found: pool.Local, reports: list[Job], many: int) -> list[Job]:
        """Warm the pool by two reports of the most common notebook; give those left to be done."""
        counts = Counter(job.notebook for job in reports)
        alike = [job for job in reports if counts[job.notebook] == max(counts.values())]
        if len(alike) < many:
            return reports
        first, last = alike[0], alike[-1]
        for result in found.warm(self._task(first), self._task(last)):
            self._take(first if result.name == first.name else last, result)
        return [job for job in reports if job.name not in self.results]

    def _hand_out(self, found: pool.Local | pool.Cluster, jobs: list[Job]) -> None:
        """Have jobs run, and take what comes of them."""
        named = {job.name: job for job in jobs}
        for result in found.run(map(self._task, jobs)):
            self._take(named[result.name], result)

    def _task(self, job: Job) -> Task:
        return Task(
            job,
            self.sources[job.notebook],
            None if job.code else self.render,
            self.figures,
            {path: file for name in job.needs for path, file in self.files.get(name, {}).items()},
            self.timeout * PATIENCE if job.code else self.timeout,
            self.largest_output,
        )

    # --- storing ---

    def _take(self, job: Job, result: Result) -> None:
        """Write what came of a job, and tell of it."""
        try:
            result = self._store(job, result)
            self.record.write_now_and_then()
        except OutputError as error:
            result = self._not_stored(result, error)
        self._tell(job, replace(result, files={}))

    def _store(self, job: Job, result: Result) -> Result:
        made, page = result.files, page_of(job.name)
        if job.code:
            self.files[job.name] = made if result.ok else {}
            own = set(made)
        else:
            own = {notebook_of(job.name), page}
            self._remove_print(job.name, result.page)
        for path, content in made.items():
            write_file(self.outputs / path, content)
        for path in own - set(made):
            if remove(self.outputs / path) and path == page:
                result = replace(result, page_removed=True)
        files = {path: fingerprint(made[path]) if path in own else None for path in made}
        self.record.take(result, self.keys[job.name], files)
        return result

    def _remove_print(self, name: str, page: bytes | None) -> None:
        """Remove the PDF of a page that is about to become another one, or to go."""
        before = fingerprint_of(self.outputs / page_of(name))
        if page is None or fingerprint(page) != before:
            remove(self.outputs / f"html/{name}.pdf")

    def _not_stored(self, result: Result, error: OutputError) -> Result:
        """Fail a job whose files cannot be written; its old page would look like the new one."""
        removed = False
        with contextlib.suppress(OutputError):
            removed = remove(self.outputs / page_of(result.name))
            self._remove_print(result.name, None)
        failed = replace(result, ok=False, error=str(error), page_removed=removed)
        self.record.take(failed, "", {})
        return failed
