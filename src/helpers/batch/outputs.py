"""What a cell puts out, in the form of nbformat: displays, results, errors, what is printed."""

import base64
import codecs
import contextlib
import io
import json
import os
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import IO

import nbformat
from nbformat import NotebookNode

from helpers.batch.jobs import LARGEST_OUTPUT

LONGEST_ERROR = 10_000  # letters of an error's text
CHUNK = 65_536  # bytes that are read at once


class Outputs:
    """What the cells of a notebook put out, in the form of nbformat.

    Parameters
    ----------
    limit : int
        Bytes that one cell may put out; what goes beyond is left out, with a note.
    """

    def __init__(self, limit: int = LARGEST_OUTPUT):
        self.limit = limit
        self.shown: list[NotebookNode] = []
        self._by_id: dict[str, list[NotebookNode]] = {}
        self.ends: dict[int, IO[bytes]] = {}  # where file descriptors lead while a cell runs
        # Files that programs print into by themselves, to be read on.
        self.printed: dict[str, tuple[IO[bytes], codecs.IncrementalDecoder]] = {}
        self._lock = threading.RLock()  # a cell's threads print too
        self.begin()

    @property
    def failed(self) -> bool:
        """Whether the cell has put out an error."""
        return any(one.output_type == "error" for one in self.shown)

    def begin(self) -> list[NotebookNode]:
        """Begin with the next cell, and give the list of what it will put out."""
        self.shown, self._size, self._clear_first = [], 0, False
        return self.shown

    def stream(self, name: str, text: str) -> None:
        """Add what was printed, to what was printed just before where it is the same stream."""
        with self._lock:
            self.collect()
            self._print(name, text)

    def collect(self) -> None:
        """Add what programs have printed meanwhile."""
        with self._lock:
            for name, (file, letters) in self.printed.items():
                while new := file.read(max(1, min(self.limit - self._size, CHUNK))):
                    self._print(name, letters.decode(new))
                    if self._size > self.limit:
                        file.seek(0, os.SEEK_END)

    def display(self, kind: str, data: dict, metadata: dict, **fields) -> None:
        """Add a result or a display; ``display_id`` among the fields lets it be updated."""
        display_id = fields.pop("display_id", None)
        content = {"data": _as_json(data), "metadata": metadata}
        with self._lock:
            self.collect()
            if not self._has_room(_size(content)):
                return
            self._clear_if_asked()
            self.shown.append(nbformat.from_dict({"output_type": kind, **content, **fields}))
            if display_id is not None:
                self._by_id.setdefault(display_id, []).append(self.shown[-1])

    def update(self, display_id: str, data: dict, metadata: dict) -> None:
        """Show something else in every display of this name, those of earlier cells too."""
        content = {"data": _as_json(data), "metadata": metadata}
        with self._lock:
            self.collect()
            if _size(content) > self.limit:
                self._has_room(_size(content))  # which leaves a note
                return
            for shown in self._by_id.get(display_id, []):
                shown.update(nbformat.from_dict(content))

    def error(self, name: str, text: str, traceback: list[str]) -> None:
        """Add an error, whatever was put out before."""
        found = {
            "output_type": "error",
            "ename": name,
            "evalue": text[:LONGEST_ERROR],
            "traceback": [line[:LONGEST_ERROR] for line in traceback],
        }
        with self._lock:
            self.collect()
            self.shown.append(nbformat.from_dict(found))

    def clear(self, wait: bool = False) -> None:
        """Take away what the cell has put out, at once or when it puts out something new."""
        self.collect()
        self._clear_first = True
        if not wait:
            self._clear_if_asked()

    def _has_room(self, size: int) -> bool:
        """Whether the cell may put out so many bytes; the first time that not leaves a note."""
        before = self._size
        self._size += size
        if before <= self.limit < self._size:
            note = f"\n[What this cell put out beyond {self.limit:,} bytes is left out.]\n"
            self._add_text("stdout", note)
        return self._size <= self.limit

    def _print(self, name: str, text: str) -> None:
        if self._has_room(_bytes(text)):
            self._add_text(name, text)

    def _add_text(self, name: str, text: str) -> None:
        self._clear_if_asked()
        last = self.shown[-1] if self.shown else None
        if last is not None and last.output_type == "stream" and last.name == name:
            last.text += text
        elif text:
            found = {"output_type": "stream", "name": name, "text": text}
            self.shown.append(nbformat.from_dict(found))

    def _clear_if_asked(self) -> None:
        if self._clear_first:
            self.shown.clear()
            self._clear_first = False


def _as_json(data: dict) -> dict:
    """Give the forms of a display as a notebook holds them: pictures in base64, texts as texts."""
    found = {}
    for form, value in data.items():
        if isinstance(value, bytes):
            value = base64.b64encode(value).decode("ascii") + "\n"
        if not isinstance(value, str) and not form.endswith("json"):
            raise TypeError(f"{form} of a display is {value!r}, which is no text")
        found[form] = value
    return found


def _size(content: dict) -> int:
    """Bytes of a display; what is no JSON raises TypeError."""
    parts = [*content["data"].values(), content["metadata"]]
    return sum(_bytes(part if isinstance(part, str) else json.dumps(part)) for part in parts)


def _bytes(text: str) -> int:
    return len(text.encode(errors="surrogatepass"))  # halves of a letter can be printed too


# --- what is printed -----------------------------------------------------------------------


class _Stream(io.TextIOBase):
    """A `sys.stdout` or `sys.stderr` that leads into the outputs of a cell."""

    encoding = "utf-8"

    def __init__(self, outputs: Outputs, name: str, number: int):
        self._outputs, self._name, self._number = outputs, name, number
        self._process = os.getpid()

    def write(self, text: str) -> int:
        if os.getpid() == self._process:
            self._outputs.stream(self._name, text)
        else:  # a child of the cell, whose outputs nobody would see
            os.write(self._number, text.encode(errors="replace"))
        return len(text)

    def writable(self) -> bool:
        return True

    def fileno(self) -> int:
        return self._number


@contextlib.contextmanager
def reading(outputs: Outputs) -> Iterator[None]:
    """Have outputs read, cell by cell, what programs print: in files, for which no thread waits.

    Of one program, what it has printed comes before its errors.
    """
    with contextlib.ExitStack() as files:
        place = os.environ.get("TMPDIR")  # not where a cell has `tempfile` put things
        temporary = tempfile.TemporaryDirectory(dir=place, ignore_cleanup_errors=True)
        folder = files.enter_context(temporary)
        outputs.ends[0] = files.enter_context(Path(os.devnull).open("rb"))  # `input` finds no more
        for number, name in ((1, "stdout"), (2, "stderr")):
            path = Path(folder, name)
            outputs.ends[number] = files.enter_context(path.open("ab", buffering=0))
            file = files.enter_context(path.open("rb", buffering=0))
            outputs.printed[name] = file, codecs.getincrementaldecoder("utf-8")("replace")
            with contextlib.suppress(OSError):  # Windows keeps the name of an open file
                path.unlink()  # so that nothing is left of it, however this process ends
        files.callback(outputs.ends.clear)
        files.callback(outputs.printed.clear)
        yield


@contextlib.contextmanager
def captured(outputs: Outputs) -> Iterator[None]:
    """Lead what is printed into the outputs, by Python or by programs that a cell starts."""
    with contextlib.ExitStack() as stack:
        stack.enter_context(contextlib.redirect_stdout(_Stream(outputs, "stdout", 1)))
        stack.enter_context(contextlib.redirect_stderr(_Stream(outputs, "stderr", 2)))
        for number, end in outputs.ends.items():
            before = os.dup(number)
            stack.callback(os.close, before)
            stack.callback(os.dup2, before, number)
            os.dup2(end.fileno(), number)
        yield
    outputs.collect()
