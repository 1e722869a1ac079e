"""All jobs of a run, from the caller's side: what to do, in which order, and where to put it."""

import contextlib
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
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
    pages_of,
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
    current and is not. So are its spreadsheet, and the PDF of a page that became another one.
    ``run.json`` tells of the last run, and of the reports of earlier ones.

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
        Makes the files of a page, by how their names end, from an executed notebook and a title. It
        must be importable in a worker.
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
    hashes = {name: fingerprint(content) for name, content in figures.items()}
    made_by = {path: fingerprint(source) for path, source in sources.items()}
    tasks = {
        job.name: Task(
            job,
            sources[job.notebook],
            None if job.code else render,
            figures,
            timeout=timeout * PATIENCE if job.code else timeout,
            largest_output=largest_output,
        )
        for job in everything
    }
    with locked(outputs):
        remove_parts(outputs)
        record = Record(
            outputs / "run.json",
            workers if scheduler is None else scheduler,
            {
                "data": hashes,
                "notebooks": {job.notebook.name: made_by[job.notebook] for job in jobs},
            },
            keys.of_jobs(everything, made_by, hashes, render),
            everything,
        )
        return _Run(outputs, tasks, record, on_done).all(workers, scheduler, force)


@dataclass
class _Run:
    """One call of `run`, with its tasks by the names of their jobs."""

    outputs: Path
    tasks: dict[str, Task]
    record: Record
    on_done: Callable[[Result], None] | None
    files: dict[str, dict[str, bytes]] = field(default_factory=dict)  # of shared work, by its name
    results: dict[str, Result] = field(default_factory=dict)

    def all(self, workers: int, scheduler: str | None, force: bool) -> list[Result]:
        jobs = [task.job for task in self.tasks.values()]
        for job in jobs:
            if not force and self.record.is_done(job.name):
                self._tell(job, self.record.unchanged(job.name))
        reports = [job for job in jobs if not (job.code or job.name in self.results)]
        needed = {name for job in reports for name in job.needs}
        for name in needed & {*self.results}:
            paths = self.record.entries[name].get("files", {})
            self.files[name] = {path: (self.outputs / path).read_bytes() for path in paths}
        work = [job for job in jobs if job.name in needed - {*self.results}]
        self.record.write("running")  # also shows that the folder can be written
        status = "failed"
        try:
            if reports:
                self._run(work, reports, workers, scheduler)
            found = [self.results[job.name] for job in jobs if not job.code]
            status = "ok" if all(result.ok for result in found) else "failed"
            return found
        except KeyboardInterrupt:
            status = "interrupted"
            raise
        finally:
            try:
                self.record.write(status)
            except OutputError:
                if status != "failed":  # a disk that is full stays full, and must not hide why
                    raise

    def _tell(self, job: Job, result: Result) -> None:
        self.results[job.name] = result
        if self.on_done is not None and not job.code:
            self.on_done(result)

    # --- handing out ---

    def _run(
        self, work: list[Job], reports: list[Job], workers: int, scheduler: str | None
    ) -> None:
        """Have all jobs run, those first whose files the others read."""
        place = pool.Local(workers) if scheduler is None else pool.Cluster(scheduler)
        with contextlib.closing(place):
            self._take_all(place.run(map(self._task, work)))
            [(notebook, _)] = Counter(job.notebook for job in reports).most_common(1)
            alike = [job for job in reports if job.notebook == notebook]
            if not isinstance(place, pool.Cluster) and len(alike) >= MANY * workers:
                self._take_all(place.warm(self._task(alike[0]), self._task(alike[-1])))
            left = [job for job in reports if job.name not in self.results]
            self._take_all(place.run(map(self._task, left)))

    def _task(self, job: Job) -> Task:
        """A task with the files of the shared work that it needs."""
        files = [self.files.get(name, {}) for name in job.needs]
        inputs = {path: content for some in files for path, content in some.items()}
        return replace(self.tasks[job.name], inputs=inputs)

    # --- storing ---

    def _take_all(self, results: Iterable[Result]) -> None:
        """Write what comes of jobs as it comes, and tell of it."""
        for result in results:
            job = self.tasks[result.name].job
            try:
                result = self._store(job, result)
                self.record.write_now_and_then()
            except OutputError as error:
                result = self._not_stored(result, error)
            self._tell(job, replace(result, files={}))

    def _store(self, job: Job, result: Result) -> Result:
        made = {path: fingerprint(content) for path, content in result.files.items()}
        page, *beside = pages_of(job.name)
        own = {notebook_of(job.name), page, *beside}
        if job.code:
            self.files[job.name] = result.files if result.ok else {}
            own = {*made}
        elif page in made and made[page] == fingerprint_of(self.outputs / page):
            own.remove(beside[-1])  # the print, which is of this very page
        sheet = beside[0] if beside[0] in own else ""
        removed = [path for path in own - {*made, sheet} if remove(self.outputs / path)]
        for path, content in result.files.items():
            if path != sheet:
                write_file(self.outputs / path, content)
        lacking = self._put_beside(sheet, result.files.get(sheet)) if sheet else ()
        warnings = (*result.warnings, *lacking)
        result = replace(result, page_removed=page in removed, warnings=warnings)
        self.record.take(result, {path: made[path] if path in own else None for path in made})
        return result

    def _put_beside(self, sheet: str, content: bytes | None) -> tuple[str, ...]:
        """Put a spreadsheet beside its page, or away; say what is wrong where it may be open."""
        path = self.outputs / sheet
        try:
            if content is None:
                remove(path)
            else:
                write_file(path, content)
        except OutputError as error:
            try:
                remove(path)
            except OutputError:
                return (f"an old spreadsheet stays: {error}",)
            return (f"no spreadsheet: {error}",)
        return ()

    def _not_stored(self, result: Result, error: OutputError) -> Result:
        """Fail a job whose files cannot be written; its old page would look like the new one."""
        page, removed = pages_of(result.name)[0], []
        for path in pages_of(result.name):
            with contextlib.suppress(OutputError):
                removed += [path] * remove(self.outputs / path)
        told = "; ".join(filter(None, [result.error, str(error)]))
        failed = replace(result, error=told, page_removed=page in removed)
        self.record.take(failed, {})
        return failed
