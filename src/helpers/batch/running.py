"""All jobs of a run, from the caller's side: what to do, in which order, and where to put it."""

import contextlib
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, wait
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
    Made,
    Render,
    Result,
    Task,
    check_parameters,
    read_figures,
)
from helpers.batch.record import Record

MANY = 4  # reports of one notebook for each worker, from which on they are worth a common start
AHEAD = 2  # jobs handed out for each that runs, so that no worker waits and memory stays flat
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

    A job that fails does not stop the others. ``notebooks/<name>.ipynb`` is written for every
    job, failed ones too; ``html/<name>.html`` only for those that went well. Where a job fails,
    the page of an earlier run is removed: no page is better than one that looks current and is
    not. So is the PDF of a page that became another one. ``run.json`` tells of the last run, and
    of the reports of earlier ones.

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
    NoCluster
        The cluster cannot be used.
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
        common = figures, render, timeout, largest_output
        one = _Run(outputs, list(jobs), list(shared), sources, *common)
        return one.all(workers, scheduler, on_done or (lambda _: None), force)


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
    files: dict[str, dict[str, bytes]] = field(default_factory=dict)  # of shared work, by its name
    keys: dict[str, str] = field(default_factory=dict)
    kinds: dict[str, str] = field(default_factory=dict)  # of the jobs of which there are many

    def all(self, workers: int, scheduler: str | None, told: Callable, force: bool) -> list[Result]:
        everything = [*self.jobs, *self.shared]
        names = {job.notebook for job in self.jobs}
        hashes = {
            "data": {name: fingerprint(content) for name, content in self.figures.items()},
            "notebooks": {path.name: fingerprint(self.sources[path]) for path in names},
        }
        self.keys = self._keys(str(sorted(hashes["data"].items())))
        record = Record(self.outputs / "run.json", scheduler or workers, hashes, everything)
        results = {
            job.name: record.unchanged(job.name)
            for job in everything
            if not force and record.is_done(job.name, self.keys[job.name])
        }
        for job in self.jobs:
            if job.name in results:
                told(results[job.name])
        todo = [job for job in self.jobs if job.name not in results]
        needed = {name for job in todo for name in job.needs}
        for work in self.shared:
            if work.name in needed and work.name in results:
                self.files[work.name] = self._stored(record, work.name)
            elif work.name in needed:
                todo.append(work)
        record.write("running")  # also shows that the folder can be written

        def take(job: Job, made: Made) -> None:
            try:
                result = self._store(job, made, record)
                record.write_now_and_then()
            except OutputError as error:
                result = self._not_stored(made.result, error, record)
            results[job.name] = result
            if not job.code:
                told(result)

        try:
            if todo:
                self._run(todo, workers, scheduler, take)
        except BaseException as error:
            stopped = isinstance(error, KeyboardInterrupt)
            # A disk that is full stays full: what stopped the run must not be hidden by this.
            with contextlib.suppress(*([] if stopped else [Exception])):
                record.write("interrupted" if stopped else "failed")
            raise
        found = [results[job.name] for job in self.jobs]
        ok = all(result.ok for result in found)
        with contextlib.suppress(*([] if ok else [OutputError])):
            record.write("ok" if ok else "failed")
        return found

    def _keys(self, data: str) -> dict[str, str]:
        """What each job depends on."""
        common = keys.common(self.render)
        # How shared work is done, not from which figures: what of them a job uses is its `data`.
        how = {work.name: fingerprint(work.source()) for work in self.shared}
        return {
            job.name: keys.key(job, self.sources[job.notebook], data, how, common)
            for job in [*self.jobs, *self.shared]
        }

    def _stored(self, record: Record, name: str) -> dict[str, bytes]:
        """Files of shared work of an earlier run."""
        paths = record.entries[name].get("files", {})
        return {path: (self.outputs / path).read_bytes() for path in paths}

    # --- handing out ---

    def _run(self, todo: list[Job], workers: int, scheduler: str | None, take: Callable) -> None:
        """Hand out jobs to workers, those first whose files the others read, each kind together."""
        pending: dict[Future, Job] = {}
        waiting_for = {job.name for job in todo if job.code}
        with pool.cluster(scheduler) if scheduler else pool.local(workers) as found:
            self.kinds = self._kinds(todo, MANY * found.slots)
            # A worker runs one kind of what comes many times.
            left = sorted(todo, key=lambda job: (self.kinds.get(job.name, ""), not job.code))
            while left or pending:
                room = AHEAD * found.slots - len(pending)
                for job in [job for job in left if not waiting_for.intersection(job.needs)][:room]:
                    left.remove(job)
                    pending[found.submit(self._task(job))] = job
                # With a timeout, since Windows does not interrupt a wait without one.
                done, _ = wait(pending, timeout=0.5, return_when=FIRST_COMPLETED)
                for future in done:
                    job = pending.pop(future)
                    waiting_for.discard(job.name)
                    take(job, _made(future, job))

    def _kinds(self, todo: list[Job], many: int) -> dict[str, str]:
        """Notebook and language of each job of which there are many."""
        found = {job.name: f"{fingerprint(self.sources[job.notebook])} {job.lang}" for job in todo}
        counts = Counter(found.values())
        return {name: kind for name, kind in found.items() if counts[kind] >= many}

    def _task(self, job: Job) -> Task:
        return Task(
            job,
            self.sources[job.notebook],
            None if job.code else self.render,
            self.figures,
            {path: file for name in job.needs for path, file in self.files.get(name, {}).items()},
            self.timeout * PATIENCE if job.code else self.timeout,
            self.largest_output,
            kind=self.kinds.get(job.name, ""),
        )

    # --- storing ---

    def _store(self, job: Job, made: Made, record: Record) -> Result:
        result, name = made.result, job.name
        files: dict[str, str | None] = {}
        for path, content in made.files.items():
            write_file(self.outputs / path, content)
            files[path] = fingerprint(content) if job.code else None
        if job.code:
            self.files[name] = made.files if result.ok else {}
        else:
            self._remove_print(name, made.page)
            notebook, page = f"notebooks/{name}.ipynb", f"html/{name}.html"
            for path, made_of_it in ((notebook, made.notebook), (page, made.page)):
                if made_of_it is not None:
                    write_file(self.outputs / path, made_of_it)
                    files[path] = fingerprint(made_of_it)
                elif remove(self.outputs / path) and path == page:
                    result = replace(result, page_removed=True)
        record.take(result, self.keys[name], files)
        return result

    def _remove_print(self, name: str, page: bytes | None) -> None:
        """Remove the PDF of a page that is about to become another one, or to go."""
        before = fingerprint_of(self.outputs / f"html/{name}.html")
        if page is None or fingerprint(page) != before:
            remove(self.outputs / f"html/{name}.pdf")

    def _not_stored(self, result: Result, error: OutputError, record: Record) -> Result:
        """Fail a job whose files cannot be written; its old page would look like the new one."""
        removed = False
        with contextlib.suppress(OutputError):
            removed = remove(self.outputs / "html" / f"{result.name}.html")
            self._remove_print(result.name, None)
        failed = replace(result, ok=False, error=str(error), page_removed=removed)
        record.take(failed, "", {})
        return failed


def _made(future: Future, job: Job) -> Made:
    """Give what a worker made; a worker that cannot even say so is a failure of its job."""
    try:
        return future.result()
    except Exception as error:
        text = f"the worker failed: {type(error).__name__}: {error}".removesuffix(": ")
        return Made.failed(job, text)
