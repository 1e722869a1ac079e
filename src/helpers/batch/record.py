"""``run.json``: what ran, from what, how long, and what failed. ``run.schema.json`` describes it.

It is also the memory of what is done: the next run leaves out a job whose key and whose files are
as they were. Reports of earlier runs that this one was not asked for stay in it.
"""

import json
import time
from collections.abc import Iterable
from dataclasses import InitVar, asdict, dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

from helpers.batch import keys
from helpers.batch.files import fingerprint_of, write_file
from helpers.batch.jobs import Job, Result

SCHEMA = 2
KEPT = ("key", "files", "seconds", "warnings")  # of a job until it is done again


@dataclass
class Record:
    """The content of run.json while it grows; what is known of jobs stays until they are done."""

    path: Path
    workers: int | str
    hashes: dict[str, dict[str, str]]
    jobs: InitVar[Iterable[Job]]
    started: datetime = field(default_factory=lambda: datetime.now(UTC))
    written: float = 0.0  # monotonic time of the last writing, and seconds that it took
    cost: float = 0.0

    def __post_init__(self, jobs: Iterable[Job]) -> None:
        earlier = _earlier(self.path).items()
        self.entries = {name: {**entry, "of_this_run": False} for name, entry in earlier}
        for job in jobs:
            known = self.entries.pop(job.name, {})
            self.entries[job.name] = {
                "name": job.name,
                "notebook": job.notebook.name,
                "parameters": job.parameters,
                "lang": job.lang,
                "shared": bool(job.code),
                "of_this_run": True,
                "status": "not run",
                **{name: known[name] for name in KEPT if name in known},
            }

    def is_done(self, name: str, key: str) -> bool:
        """Whether a job was done with this key, and its files are as it left them."""
        entry = self.entries.get(name, {})
        if entry.get("key") != key:
            return False
        folder = self.path.parent
        return all(
            (folder / file).is_file() if known is None else fingerprint_of(folder / file) == known
            for file, known in entry.get("files", {}).items()
        )

    def take(self, result: Result, key: str, files: dict[str, str | None]) -> None:
        """Enter a result; ``files`` are the fingerprints of what came of it, by path.

        A file that other jobs write too has None: it must be there, whatever is in it.
        """
        entry = self.entries[result.name]
        entry |= asdict(replace(result, files={})) | {"key": key, "files": files}
        entry["status"] = "ok" if result.ok else "failed"
        for name in ("ok", "unchanged", *(() if result.ok else ("key", "files"))):
            del entry[name]

    def unchanged(self, name: str) -> Result:
        """Enter a job that need not be done again, and give its result."""
        entry = self.entries[name]
        entry["status"] = "unchanged"
        told = tuple(entry.get("warnings", ()))
        return Result(name, ok=True, seconds=0.0, unchanged=True, warnings=told)

    def write(self, status: str) -> None:
        """Write run.json anew, whole, with how the run stands."""
        finished = None if status == "running" else datetime.now(UTC)
        content = {
            "schema": SCHEMA,
            "status": status,
            "started": self.started.isoformat(timespec="seconds"),
            "finished": finished and finished.isoformat(timespec="seconds"),
            "seconds": finished and round((finished - self.started).total_seconds(), 2),
            "workers": self.workers,
            "versions": keys.versions(),
            **self.hashes,
            "reports": list(self.entries.values()),
        }
        before = time.monotonic()
        text = json.dumps(content, ensure_ascii=False, indent=1) + "\n"
        write_file(self.path, text.encode())
        self.written = time.monotonic()
        self.cost = self.written - before

    def write_now_and_then(self) -> None:
        """Write, but so rarely that it takes no more than a twentieth of the time."""
        if time.monotonic() - self.written > max(0.5, 20 * self.cost):
            self.write("running")


def _earlier(path: Path) -> dict[str, dict]:
    """Entries of the last run; none where its record cannot be read or has another form."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        if content["schema"] != SCHEMA:
            return {}
        return {entry["name"]: entry for entry in content["reports"]}
    except (OSError, ValueError, KeyError, TypeError):
        return {}
