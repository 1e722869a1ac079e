"""All jobs of a run, from the caller's side: what to do, in which order, and where to put it."""

import contextlib
from collections import Counter, deque
from collections.abc import Callable, Iterator, Sequence
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
    Job,
    Made,
    Options,
    Render,
    Result,
    Shared,
    Task,
    check_parameters,
    read,
    read_figures,
)
from helpers.batch.record import Record

MANY = 4  # reports of one notebook for each worker, from which on they are worth a common start
AHEAD = 2  # jobs handed out for each that runs, so that no worker waits and memory stays flat


def run(
    jobs: Sequence[Job],
    outputs: Path,
    workers: int = 1,
    on_done: Callable[[Result], None] | None = None,
    render: Render | None = None,
    data: Path | None = None,
    *,
    shared: Sequence[Shared] = (),
    options: Options | None = None,
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
    shared : sequence of Shared
        What the jobs name in ``needs``. If it fails, the jobs run without its files.
    options : Options, optional
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
    names = [job.name for job in jobs] + [work.name for work in shared]
    if workers < 1 or len(set(names)) < len(names):
        raise ValueError("run() takes at least one worker, and jobs with names that differ")
    sources = {path: read(path) for path in {job.notebook for job in jobs}}
    check_parameters(list(jobs), sources)
    figures = {} if data is None else read_figures(data)
    with locked(outputs):
        remove_parts(outputs)
        one = _Run(
            outputs, list(jobs), list(shared), sources, figures, render, options or Options()
        )
        return one.all(workers, scheduler, on_done or (lambda _: None), force)


@dataclass
class _Run:
    """One call of `run`."""

    outputs: Path
    jobs: list[Job]
    shared: list[Shared]
    sources: dict[Path, bytes]
    figures: dict[str, bytes]
    render: Render | None
    options: Options
    keys: dict[str, str] = field(default_factory=dict)
    files: dict[str, dict[str, bytes]] = field(default_factory=dict)  # of shared work, by its name
    common: set[tuple[Path, str]] = field(default_factory=set)  # of which there are many

    def all(self, workers: int, scheduler: str | None, told: Callable, force: bool) -> list[Result]:
        hashes = {
            "data": {name: fingerprint(content) for name, content in self.figures.items()},
            "notebooks": {path.name: fingerprint(text) for path, text in self.sources.items()},
        }
        self._make_keys(str(sorted(hashes["data"].items())))
        record = Record(self.outputs / "run.json", scheduler or workers, hashes)
        works = [work.job() for work in self.shared]
        record.expect([*self.jobs, *works], {work.name for work in works})
        results = {
            job.name: record.unchanged(job.name)
            for job in [*self.jobs, *works]
            if not force and record.is_done(job.name, self.keys[job.name])
        }
        for job in self.jobs:
            if job.name in results:
                told(results[job.name])
        todo = [job for job in self.jobs if job.name not in results]
        needed = {name for job in todo for name in job.needs}
        for work in works:
            if work.name in results:
                self.files[work.name] = self._stored(record, work.name) if todo else {}
        works = [work for work in works if work.name in needed and work.name not in results]
        record.write("running")  # also shows that the folder can be written

        def take(made: Made) -> None:
            try:
                result = self._store(made, record)
                record.write_now_and_then()
            except OutputError as error:
                result = self._not_stored(made.result, error, record)
            results[result.name] = result
            if result.name not in {work.name for work in self.shared}:
                told(result)

        try:
            if todo:
                self._run([*works, *todo], workers, scheduler, take)
        except BaseException as error:
            stopped = isinstance(error, KeyboardInterrupt)
            # A disk that is full stays full: what stopped the run must not be hidden by this.
            with contextlib.suppress(*([] if stopped else [Exception])):
                record.write("interrupted" if stopped else "failed")
            raise
        found = [results[job.name] for job in self.jobs]
        try:
            record.write("ok" if all(result.ok for result in found) else "failed")
        except OutputError:
            if all(result.ok for result in found):
                raise
        return found

    def _make_keys(self, data: str) -> None:
        common = keys.common(self.render)
        for work in self.shared:
            self.sources[work.job().notebook] = work.source()
            self.keys[work.name] = keys.key(work.job(), work.source(), data, {}, common)
        # How shared work is done, not from which figures: what of them a job uses is its `data`.
        how = {work.name: fingerprint(work.source()) for work in self.shared}
        for job in self.jobs:
            source = self.sources[job.notebook]
            self.keys[job.name] = keys.key(job, source, data, how, common)

    def _stored(self, record: Record, name: str) -> dict[str, bytes]:
        """Files of shared work of an earlier run."""
        paths = record.entries[name].get("files", {})
        return {path: (self.outputs / path).read_bytes() for path in paths}

    # --- handing out ---

    def _run(self, todo: list[Job], workers: int, scheduler: str | None, take: Callable) -> None:
        """Hand out jobs to workers, those first whose files the others read, each kind together."""
        pending = {}
        waiting_for = {work.name for work in self.shared} - set(self.files)
        waiting_for &= {job.name for job in todo}
        reports = Counter((job.notebook, job.lang) for job in todo)
        with pool.cluster(scheduler) if scheduler else pool.local(workers) as found:
            self.common = {kind for kind, count in reports.items() if count >= MANY * found.slots}
            left = deque(sorted(todo, key=self._turn))
            while left or pending:
                for job in self._ready(left, AHEAD * found.slots - len(pending), waiting_for):
                    pending[found.submit(self._task(job))] = job
                # With a timeout, since Windows does not interrupt a wait without one.
                done, _ = wait(pending, timeout=0.5, return_when=FIRST_COMPLETED)
                for future in done:
                    job = pending.pop(future)
                    waiting_for.discard(job.name)
                    take(_made(future, job))

    def _turn(self, job: Job) -> tuple[bool, str]:
        """A worker runs one kind of what comes many times, so that each kind is done in one go."""
        often = (job.notebook, job.lang) in self.common
        return often, f"{job.notebook} {job.lang}" if often else ""

    def _ready(self, queue: deque[Job], room: int, waiting_for: set[str]) -> Iterator[Job]:
        """Take jobs from the queue whose shared work is done, in their order."""
        held = []
        while queue and room > 0:
            job = queue.popleft()
            if waiting_for.intersection(job.needs):
                held.append(job)
            else:
                room -= 1
                yield job
        queue.extendleft(reversed(held))

    def _task(self, job: Job) -> Task:
        inputs = {}
        for name in job.needs:
            inputs |= self.files.get(name, {})
        source = fingerprint(self.sources[job.notebook])
        is_shared = job.name in {work.name for work in self.shared}
        longer = replace(self.options, timeout=self.options.timeout * Shared.patience)
        return Task(
            job,
            self.sources[job.notebook],
            None if is_shared else self.render,
            longer if is_shared else self.options,
            self.figures,
            inputs,
            kind=f"{source} {job.lang}" if (job.notebook, job.lang) in self.common else "",
        )

    # --- storing ---

    def _store(self, made: Made, record: Record) -> Result:
        result, name = made.result, made.result.name
        shared = name in {work.name for work in self.shared}
        files: dict[str, str | None] = {}
        for path, content in made.files.items():
            write_file(self.outputs / path, content)
            files[path] = fingerprint(content) if shared else None
        if shared:
            self.files[name] = made.files if result.ok else {}
        else:
            notebook, page = f"notebooks/{name}.ipynb", f"html/{name}.html"
            for path, made_of_it in ((notebook, made.notebook), (page, made.page)):
                if path == page:
                    self._remove_print(name, made_of_it)
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
