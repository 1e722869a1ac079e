"""A notebook in a kernel: papermill's parameters, marks and times, with limits of our own."""

import asyncio
import contextlib
import copy
import functools
import json
import logging
import re
import time
from collections.abc import Iterator
from datetime import datetime
from importlib.metadata import EntryPoint
from pathlib import Path
from queue import Empty

import nbformat
from jupyter_client.asynchronous.client import AsyncKernelClient
from jupyter_client.channels import AsyncZMQSocketChannel
from jupyter_client.kernelspec import KernelSpecManager
from jupyter_client.manager import AsyncKernelManager
from jupyter_client.provisioning import KernelProvisionerFactory
from nbclient.exceptions import CellTimeoutError, DeadKernelError
from nbclient.util import run_sync
from nbformat import NotebookNode, from_dict
from papermill.clientwrap import PapermillNotebookClient
from papermill.engines import NotebookExecutionManager
from papermill.exceptions import PapermillExecutionError, strip_color
from papermill.execute import (
    prepare_notebook_metadata,
    raise_for_execution_errors,
    remove_error_markers,
)
from papermill.iorw import load_notebook_node
from papermill.parameterize import parameterize_notebook
from traitlets import Type, default

from helpers import kernels, language
from helpers.batch.jobs import Job, Options

STARTS = 3  # tries to start a kernel
START_TIMEOUT = 120  # seconds; a cold kernel on a busy machine can take over a minute
RECONNECT = 3  # milliseconds between tries to reach a kernel that does not listen yet
PROVISIONER = "cchc-nursery"
OUTPUT_FIELDS = {  # what an output takes of its message
    "display_data": ("data", "metadata"),
    "execute_result": ("data", "metadata", "execution_count"),
}
KERNEL_ARGUMENTS = [
    "--HistoryManager.enabled=False",  # nobody asks for the history of a batch's kernel
    f"--IPKernelApp.outstream_class={kernels.STREAMS}",
    # Before each reply, for outputs to get ahead; the client waits for the cell's end on IOPub.
    "--IPythonKernel._execute_sleep=0",
]

_running: set["Manager"] = set()  # managers whose kernel may run, in this process


class Channel(AsyncZMQSocketChannel):
    """A channel that waits for a message by receiving it, where it may wait without end."""

    async def get_msg(self, timeout: float | None = None) -> dict:
        if timeout is not None:
            return await super().get_msg(timeout)
        await asyncio.sleep(0)  # a flood would leave no moment to those who look at the clock
        return await self._recv()


class Channels(AsyncKernelClient):
    """A kernel's channels, open as soon as it answers on them."""

    iopub_channel_class = Type(Channel)

    def _context_default(self):
        context = super()._context_default()
        context.reconnect_ivl = RECONNECT  # of each socket that is made with it
        return context

    async def _async_wait_for_ready(self, timeout: float | None = None) -> None:
        """Wait until a request is answered on the shell channel and ended on IOPub.

        Jupyter's own waits until IOPub has been silent for 0.2 s, so that nothing of the start is
        taken for a cell's output. nbclient tells whose output it is by the request.
        """
        end = time.monotonic() + (float("inf") if timeout is None else timeout)
        while not await self._answers(self.kernel_info()):
            if not await self._async_is_alive():
                raise RuntimeError("Kernel died before replying to kernel_info")
            if time.monotonic() > end:
                raise RuntimeError(f"Kernel didn't respond in {timeout:g} seconds")

    wait_for_ready = _async_wait_for_ready

    async def _answers(self, request: str) -> bool:
        """Whether a request was answered; not where IOPub was not yet there when it ended."""
        try:
            while True:
                reply = await self.shell_channel.get_msg(timeout=1)
                if reply["parent_header"].get("msg_id") == request:
                    break
            while True:
                # On a slow machine that of an earlier request comes first; IOPub is there then too.
                told = await self.iopub_channel.get_msg(timeout=0.03)
                own = told["parent_header"].get("session") == self.session.session
                if own and told["content"].get("execution_state") == "idle":
                    break
        except Empty:
            return False
        self._handle_kernel_info_reply(reply)
        return True


class Manager(AsyncKernelManager):
    """A kernel of this very interpreter, whatever kernelspecs the user's home holds."""

    log_file: Path  # what the kernel itself says, its last words among them

    client_factory = Type(klass=Channels)

    @default("kernel_spec_manager")
    def _only_our_own(self) -> KernelSpecManager:
        # Found without the entry point too: the package may have been installed before it had one.
        KernelProvisionerFactory.instance().provisioners.setdefault(
            PROVISIONER,
            EntryPoint(
                PROVISIONER,
                "helpers.kernels.provisioner:NurseryProvisioner",
                KernelProvisionerFactory.GROUP_NAME,
            ),
        )
        folders = [str(kernels.SPEC.parent)]
        return KernelSpecManager(parent=self, kernel_dirs=folders, ensure_native_kernel=False)

    async def start_kernel(self, **kwargs) -> None:
        _running.add(self)
        with self.log_file.open("ab") as log:
            await super().start_kernel(stdout=log, stderr=log, **kwargs)

    async def _async_finish_shutdown(self, waittime=None, pollinterval=0.01, restart=False):
        # Ten times as often as usual: a worker waits for it after every report.
        await super()._async_finish_shutdown(waittime, pollinterval, restart)

    async def cleanup_resources(self, restart: bool = False) -> None:
        await super().cleanup_resources(restart=restart)
        _running.discard(self)


def kill_all() -> None:
    """Kill every kernel of this process at once, whatever the process is just doing."""
    for manager in list(_running):
        process = getattr(manager.provisioner, "process", None)
        if process is not None and process.returncode is None:
            process.kill()


class Times(NotebookExecutionManager):
    """Papermill's notes of when each cell began and ended, with times read in their own format."""

    def cell_complete(self, cell, cell_index=None, **kwargs):
        noted = cell.metadata.papermill
        # Without a start papermill has nothing to read: it would look for any way to write a date.
        start, noted["start_time"] = noted["start_time"], None
        super().cell_complete(cell, cell_index, **kwargs)
        if start:
            began, ended = map(datetime.fromisoformat, (start, noted["end_time"]))
            noted["start_time"], noted["duration"] = start, (ended - began).total_seconds()


class Client(PapermillNotebookClient):
    """Papermill's client, with an end in sight: a time for the notebook, a size for its outputs."""

    def __init__(self, nb_man, folder: Path, env: dict[str, str], options: Options):
        super().__init__(
            nb_man,
            kernel_name=kernels.NAME,
            kernel_manager_class=Manager,
            startup_timeout=START_TIMEOUT,
            resources={"metadata": {"path": str(folder)}},
            extra_arguments=KERNEL_ARGUMENTS,
            timeout_func=self._time_left,
            record_timing=False,  # papermill notes when a cell began and ended
        )
        self._env, self._options, self._folder = env, options, folder
        self._end = float("inf")
        self._put_out: dict[int, int] = {}

    def create_kernel_manager(self):
        manager = super().create_kernel_manager()
        # In the folder of the job: the sockets of another job cannot be there.
        manager.connection_file = str(self._folder / "k.json")
        manager.log_file = self._folder / "kernel.log"
        return manager

    def execute(self):
        """Run the cells and ask the kernel to end; `close` waits for that."""
        super().execute(env=self._env, cleanup_kc=False)
        run_sync(self.km.request_shutdown)()

    def close(self, now: bool = False) -> None:
        """End the kernel, if there is one: at once, or as it wants to end."""
        if self.km is not None:
            self.shutdown_kernel = "immediate" if now else "graceful"
            self._cleanup_kernel()

    def papermill_execute_cells(self):
        self._end = time.monotonic() + self._options.timeout
        super().papermill_execute_cells()

    async def async_execute_cell(self, *args, **kwargs) -> NotebookNode:
        before = asyncio.all_tasks()
        try:
            return await super().async_execute_cell(*args, **kwargs)
        except BaseException:
            # nbclient leaves its watchers behind; without a kernel they print a traceback.
            left = asyncio.all_tasks() - before
            for task in left:
                task.cancel()
            await asyncio.gather(*left, return_exceptions=True)
            raise

    execute_cell = run_sync(async_execute_cell)

    def _time_left(self, cell) -> float:
        return max(self._end - time.monotonic(), 0.001)

    def process_message(self, msg, cell, cell_index):
        limit = self._options.largest_output
        if msg["msg_type"] in ("stream", "display_data", "execute_result", "error"):
            before = self._put_out.get(cell_index, 0)
            if before > limit:
                return None
            size = _size(msg["content"])
            self._put_out[cell_index] = before + size
            if before + size > limit:
                msg["msg_type"] = msg["header"]["msg_type"] = "stream"
                text = _encoded(str(msg["content"].get("text", "")))
                kept = text[: limit - before].decode(errors="ignore")
                note = f"\n[What this cell put out beyond {limit:,} bytes is left out.]\n"
                msg["content"] = {"name": "stdout", "text": kept + note}
        return super().process_message(msg, cell, cell_index)

    def output(self, outs, msg, display_id, cell_index):
        """Add what a message shows, without nbformat's slow check where it is nothing but texts."""
        shows, parent = msg["msg_type"], msg["parent_header"].get("msg_id")
        special = display_id or self.clear_before_next_output or self.output_hook_stack.get(parent)
        if special or shows not in OUTPUT_FIELDS or not _only_texts(msg["content"]):
            return super().output(outs, msg, display_id, cell_index)
        fields = {name: msg["content"][name] for name in OUTPUT_FIELDS[shows]}
        outs.append(from_dict({"output_type": shows, **fields}))
        return outs[-1]


def _only_texts(content: dict) -> bool:
    return all(isinstance(part, str) for part in content["data"].values()) and isinstance(
        content["metadata"], dict
    )


def _size(content: dict) -> int:
    """Bytes of what a message shows: a stream's text, an error, or each form of a display."""
    parts = [content["text"]] if "text" in content else content.get("data", {"": content}).values()
    return sum(
        len(_encoded(part if isinstance(part, str) else json.dumps(part, default=str)))
        for part in parts
    )


def _encoded(text: str) -> bytes:
    return text.encode(errors="surrogatepass")  # halves of a letter can be printed too


# --- running -------------------------------------------------------------------------------


@contextlib.contextmanager
def run(
    job: Job, source: bytes, folder: Path, env: dict[str, str], options: Options
) -> Iterator[tuple[NotebookNode | None, dict]]:
    """Run a notebook in a folder of its own; its kernel ends while the body runs.

    Yields
    ------
    NotebookNode or None
        As executed, as far as it went; with papermill's marks where a cell failed.
    dict
        The fields of a `Result` that say where and why it stopped; empty where it did not.
    """
    for _ in range(STARTS):
        notebook, client, error = _run_once(job, source, folder, env, options)
        if not _never_started(error):
            break
    try:
        yield notebook, _failure(error, notebook, folder / "kernel.log", options) if error else {}
    finally:
        if client is not None:
            try:
                client.close()
            except Exception as problem:  # the report is made, and the nursery sees to the kernel
                logging.getLogger(__name__).warning("a kernel did not end well: %s", problem)


def _never_started(error: Exception | None) -> bool:
    """Whether a kernel ended before it could be spoken to, so that no cell can have run.

    Two kernels on TCP that start at once in two processes can be given the same port.
    """
    return isinstance(error, RuntimeError) and "before replying to kernel_info" in str(error)


def _run_once(
    job: Job, source: bytes, folder: Path, env: dict[str, str], options: Options
) -> tuple[NotebookNode | None, Client | None, Exception | None]:
    """Run a notebook once; the client has a kernel that is about to end."""
    notebook = client = None
    try:
        notebook = _prepared(job, source)
        times = Times(notebook, progress_bar=False, autosave_cell_every=0)
        times.notebook_start()
        client = Client(times, folder, env, options)
        try:
            client.execute()
        except BaseException:
            client.close(now=True)
            raise
        finally:
            times.notebook_complete()
        raise_for_execution_errors(notebook, None)
    except Exception as error:  # whatever it is, the other jobs go on and the user is told
        return notebook, client, error
    return notebook, client, None


@functools.lru_cache(maxsize=8)
def _read(source: bytes) -> NotebookNode:
    notebook = load_notebook_node(nbformat.reads(source.decode("utf-8"), as_version=4))
    for cell in notebook.cells:
        cell.metadata.pop("execution", None)  # times of another run
    return notebook


def _prepared(job: Job, source: bytes) -> NotebookNode:
    notebook = copy.deepcopy(_read(source))  # reports of a run are of the same few notebooks
    # Whoever opens the executed notebook has a kernel of this name.
    notebook.metadata["kernelspec"] = {
        "name": "python3",
        "display_name": "Python 3",
        "language": "python",
    }
    if job.lang:
        notebook = language.translated(notebook, job.lang)
    if job.parameters:
        notebook = parameterize_notebook(
            notebook, job.parameters, kernel_name=kernels.NAME, language="python"
        )
    notebook = prepare_notebook_metadata(notebook, job.notebook.name, f"{job.name}.ipynb")
    return remove_error_markers(notebook)


def cells(notebook: NotebookNode) -> tuple[tuple[int, float, str], ...]:
    """Number, seconds and first line of each code cell that ran."""
    found = []
    for cell in notebook.cells:
        took = cell.metadata.get("papermill", {}).get("duration")
        if cell.cell_type == "code" and took is not None and cell.execution_count is not None:
            first = next(iter(cell.source.strip().splitlines()), "")
            found.append((cell.execution_count, round(took, 3), first[:100]))
    return tuple(found)


# --- what went wrong -----------------------------------------------------------------------


def _failure(error: Exception, notebook: NotebookNode | None, log: Path, options: Options) -> dict:
    """Say in which cell and line a notebook stopped, and why: the fields of a Result."""
    if isinstance(error, PapermillExecutionError):
        trace = strip_color("\n".join(error.traceback))
        found = re.search(r"Cell In\[\d+\], line (\d+)", trace)
        # IPython counts from the first line that is not blank.
        code = error.source
        blank = code[: len(code) - len(code.lstrip())].count("\n")
        line = int(found[1]) + blank if found else None
        return {
            "cell": error.exec_count,
            "line": line,
            "source": _line(error.source, line),
            "error": f"{error.ename}: {error.evalue}".removesuffix(": "),
        }
    where = {} if notebook is None else _last_started(notebook)
    if isinstance(error, DeadKernelError):
        return {
            **where,
            "error": "the kernel died, as it does when memory runs out" + _last_words(log),
        }
    if isinstance(error, CellTimeoutError):
        allowed = f"{options.timeout:g} s for the whole notebook"
        return {**where, "error": f"it did not end in time ({allowed}, see --timeout)"}
    return {**where, "error": f"{type(error).__name__}: {error}".removesuffix(": ")}


def _last_started(notebook: NotebookNode) -> dict:
    """Find the cell that was running when the kernel went away."""
    number, found = 0, {}
    for cell in notebook.cells:
        if cell.cell_type == "code" and cell.source.strip():
            number += 1
            if cell.metadata.get("papermill", {}).get("start_time"):
                found = {"cell": number}
    return found


def _line(source: str, line: int | None) -> str:
    lines = source.splitlines()
    return lines[line - 1].strip() if line is not None and 1 <= line <= len(lines) else ""


def _last_words(log: Path) -> str:
    """Return what the kernel's own stderr says of its death, as " (...)", or ""."""
    if not log.exists():
        return ""
    lines = log.read_text(encoding="utf-8", errors="replace").splitlines()
    fatal = [line.strip() for line in lines if line.startswith(("Fatal", "MemoryError"))]
    return f": {fatal[0]}" if fatal else ""
