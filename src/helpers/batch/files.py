"""Files that are whole or not there, and the lock on the folder that holds them."""

import contextlib
import getpass
import hashlib
import os
import platform
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from helpers.errors import CchcError


class OutputError(CchcError):
    """A file of the outputs folder cannot be written."""


class Locked(CchcError):
    """Another run is writing into the outputs folder."""


def write_file(path: Path, content: bytes) -> None:
    """Write a file whole or not at all: under another name, then moved into place.

    Raises
    ------
    OutputError
        Names the file and what the system said.
    """
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        part.write_bytes(content)
        part.replace(path)
    except OSError as error:
        with contextlib.suppress(OSError):
            part.unlink(missing_ok=True)
        raise OutputError(f"Cannot write {path}: {error.strerror or error}.") from error


def remove(path: Path) -> bool:
    """Remove a file and say whether it was there. Raises OutputError."""
    try:
        path.unlink()
    except FileNotFoundError:
        return False
    except OSError as error:
        raise OutputError(f"Cannot remove {path}: {error.strerror or error}.") from error
    return True


def remove_parts(outputs: Path) -> None:
    """Remove what a run that was killed had begun to write; the lock must be held."""
    for part in outputs.rglob(".*.part"):
        remove(part)


def fingerprint(content: bytes) -> str:
    """SHA-256 of a content."""
    return hashlib.sha256(content).hexdigest()


def fingerprint_of(path: Path) -> str | None:
    """SHA-256 of a file, or None where it cannot be read."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return None


@contextlib.contextmanager
def locked(outputs: Path) -> Iterator[None]:
    """Keep other runs out of an outputs folder.

    The system lets go of the lock when its holder ends, even by ``kill -9``.

    Raises
    ------
    Locked
        Says who holds it, on which machine and since when.
    OutputError
        The folder cannot be written.
    """
    from filelock import FileLock, Timeout

    path, about = outputs / ".lock", outputs / ".lock-holder"
    lock = FileLock(path)
    try:
        outputs.mkdir(parents=True, exist_ok=True)
        lock.acquire(timeout=0)
    except Timeout:
        holder = ""
        with contextlib.suppress(OSError):  # it has the lock, and has not yet said more
            holder = f": {about.read_text(encoding='utf-8')}"
        raise Locked(f"Another run is at work in {outputs}{holder}. Wait for it.") from None
    except OSError as error:
        raise OutputError(f"Cannot write {path}: {error.strerror or error}.") from error
    try:
        since = datetime.now(UTC).isoformat(timespec="seconds")
        who = f"process {os.getpid()} of {_user()} on {platform.node()}, since {since}"
        write_file(about, who.encode())
        yield
    finally:
        with contextlib.suppress(OutputError):
            remove(about)  # or the next holder would go by this one's name
        lock.release()


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError, ImportError):  # in a container, a number without a name
        return "an unnamed user"
