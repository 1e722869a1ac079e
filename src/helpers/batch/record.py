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
    keys: dict[str, str]
    jobs: InitVar[Iterable[Job]]
    started: datetime = field(default_factory=lambda: datetime.now(UTC))
    due: float = 0.0  # monotonic time of the next writing

    def __post_init__(self, jobs: Iterable[Job]) -> None:
        known = entries(self.path)
        self.entries = {name: {**entry, "of_this_run": False} for name, entry in known.items()}
        for job in jobs:
            before = self.entries.pop(job.name, {})
            self.entries[job.name] = {
                "name": job.name,
                "notebook": job.notebook.name,
                "parameters": job.parameters,
                "lang": job.lang,
                "shared": bool(job.code),
                "of_this_run": True,
                "status": "not run",
                **{name: before[name] for name in KEPT if name in before},
            }

    def is_done(self, name: str) -> bool:
        """Whether a job was done with its key, and its files are as it left them."""
        entry, folder = self.entries[name], self.path.parent
        return entry.get("key") == self.keys[name] and all(
            (folder / file).is_file() if known is None else fingerprint_of(folder / file) == known
            for file, known in entry.get("files", {}).items()
        )

    def take(self, result: Result, files: dict[str, str | None]) -> None:
        """Enter a result; ``files`` are the fingerprints of what came of it, by path.

        A file that other jobs write too has None: it must be there, whatever is in it.
        """
        entry = self.entries[result.name]
        entry |= asdict(replace(result, files={})) | {"key": self.keys[result.name], "files": files}
        entry["status"] = "ok" if result.ok else "failed"
        for name in ("unchanged", *(() if result.ok else ("key", "files"))):
            del entry[name]

    def unchanged(self, name: str) -> Result:
        """Enter a job that need not be done again, and give its result."""
        entry = self.entries[name]
        entry["status"] = "unchanged"
        return Result(name, unchanged=True, warnings=tuple(entry.get("warnings", ())))

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
        self.due = time.monotonic() + max(0.5, 20 * (time.monotonic() - before))

    def write_now_and_then(self) -> None:
        """Write, but so rarely that it takes no more than a twentieth of the time."""
        if time.monotonic() > self.due:
            self.write("running")


def entries(path: Path) -> dict[str, dict]:
    """Entries of a run.json by name; none where it cannot be read or has another form."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        if content["schema"] != SCHEMA:
            return {}
        return {entry["name"]: entry for entry in content["reports"]}
    except (OSError, ValueError, KeyError, TypeError):
        return {}
