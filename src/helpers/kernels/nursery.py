"""The process that kernels are forked from, and how its client speaks to it.

It is started with a new interpreter, never forked from its client, and it stays single-threaded:
fork keeps only the thread that calls it, and a lock that another one held would stay shut. Requests
and answers are lines of JSON on a socket; the kernel's stdout and stderr travel with the request.
When the client goes away, however it does, the socket ends, and the nursery ends its kernels and
itself.
"""

import atexit
import contextlib
import gc
import importlib
import json
import os
import select
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

from helpers import paths
from helpers.kernels import AT_ONCE, THREADS, WARM_YEARS

LONGEST = 1 << 20  # bytes of a request: an environment of that size would not start a process
# What an interpreter reads once, when it starts or imports: another value needs another nursery.
STARTING = (
    *("PYTHON", "LD_", "MPL", "LC_", "LANG", "TZ", "VIRTUAL_ENV"),
    *(paths.DATA, WARM_YEARS, *THREADS),
)


class NurseryDied(Exception):
    """The nursery ended or does not answer; ordinary kernels can still be started."""


# --- the client's side ---------------------------------------------------------------------


class Forked:
    """A forked kernel, with the part of `subprocess.Popen` that Jupyter uses."""

    stdin = stdout = stderr = None

    def __init__(self, nursery: "Nursery", pid: int):
        self.nursery, self.pid = nursery, pid
        self.returncode: int | None = None

    def poll(self) -> int | None:
        """Return the exit status, or None while the kernel runs."""
        if self.returncode is None:
            try:
                self.returncode = self.nursery.ask({"exit": self.pid})["status"]
            except NurseryDied:  # which has taken its kernels along
                self.returncode = -signal.SIGKILL
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        started = time.monotonic()
        while (status := self.poll()) is None:
            if timeout is not None and time.monotonic() - started > timeout:
                raise subprocess.TimeoutExpired(f"kernel {self.pid}", timeout)
            time.sleep(0.01)
        return status

    def send_signal(self, number: int) -> None:
        if self.poll() is not None:
            return
        with contextlib.suppress(ProcessLookupError):
            try:
                os.killpg(self.pid, number)
            except ProcessLookupError:  # it has not yet made a group of its own
                os.kill(self.pid, number)

    def terminate(self) -> None:
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)


class Nursery:
    """A process of this interpreter that forks kernels.

    Parameters
    ----------
    env : dict
        Its environment; `helpers.kernels.THREADS` is added.
    """

    def __init__(self, env: dict[str, str]):
        self.kernels: list[Forked] = []
        self._lock = threading.Lock()
        self._socket, theirs = socket.socketpair()
        with theirs:
            self.process = subprocess.Popen(
                [sys.executable, "-m", __name__, str(theirs.fileno())],
                env={**env, **THREADS, "PYDEVD_DISABLE_FILE_VALIDATION": "1"},
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                start_new_session=True,  # Ctrl-C at a terminal is for the client
            )
        self._answers = self._socket.makefile("rb")

    def alive(self) -> bool:
        """Whether the process still runs."""
        return self.process.poll() is None

    def ask(self, request: dict, fds: tuple[int, ...] = ()) -> dict:
        """Send a request and return the answer. Raises NurseryDied."""
        with self._lock:
            try:
                line = json.dumps(request).encode() + b"\n"
                sent = socket.send_fds(self._socket, [line], fds) if fds else 0
                self._socket.sendall(line[sent:])
                answer = self._answers.readline()
            except OSError as error:
                raise NurseryDied(str(error)) from error
        if not answer:
            raise NurseryDied("it ended without an answer")
        return json.loads(answer)

    def fork(self, arguments: list[str], env: dict[str, str], cwd: str, out: int, err: int):
        """Fork a kernel.

        Parameters
        ----------
        arguments : list of str
            What ``ipykernel_launcher`` takes.
        env : dict
            Environment of the kernel.
        cwd : str
            Its working directory.
        out, err : int
            File descriptors for its stdout and stderr.

        Returns
        -------
        Forked

        Raises
        ------
        NurseryDied
        """
        request = {"fork": arguments, "env": env, "cwd": cwd}
        kernel = Forked(self, self.ask(request, (out, err))["pid"])
        self.kernels = [one for one in self.kernels if one.returncode is None] + [kernel]
        return kernel

    def idle(self) -> bool:
        """Whether none of its kernels runs."""
        return all(kernel.poll() is not None for kernel in self.kernels)

    def close(self) -> None:
        """End the nursery and every kernel of it."""
        self._answers.close()
        self._socket.close()
        self.process.wait()


_nurseries: dict[tuple, Nursery] = {}
_starting = threading.Lock()


def nursery_for(env: dict[str, str]) -> Nursery:
    """Return the nursery of this process for kernels with an environment, started where needed.

    Another environment, other code or other figures ask for a new one; an old one without kernels
    is ended.
    """
    fixed = {name: value for name, value in env.items() if name.startswith(STARTING)}
    key = (os.getpid(), _stamp(env), *sorted({**fixed, **THREADS}.items()))
    with _starting:
        for other in [other for other in _nurseries if other != key]:
            if other[0] != key[0]:  # of the process that this one was forked from
                del _nurseries[other]
            elif _nurseries[other].idle():
                _nurseries.pop(other).close()
        if key in _nurseries and not _nurseries[key].alive():
            _nurseries.pop(key).close()
        if key not in _nurseries:
            _nurseries[key] = Nursery(env)
        return _nurseries[key]


def _stamp(env: dict[str, str]) -> int:
    """A number that changes with the files that a nursery has read: code, catalogs and figures."""
    folders = [Path(__file__).parents[1], Path(env.get(paths.DATA) or paths.data_dir())]
    files = [
        file
        for folder in folders
        for file in folder.rglob("*")
        if "__pycache__" not in file.parts and file.is_file()
    ]
    states = [(str(file), file.stat().st_mtime_ns, file.stat().st_size) for file in files]
    return hash(tuple(sorted(states)))


@atexit.register
def close_all() -> None:
    """End the nurseries of this process and their kernels."""
    with _starting:
        while _nurseries:
            _nurseries.popitem()[1].close()


# --- the nursery's side --------------------------------------------------------------------


def main(channel: socket.socket) -> None:
    """Import what kernels need, then fork one for each request until the client goes away."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # As an ordinary kernel: neither the client's folder nor this module's on the path.
    sys.path[:] = [entry for entry in sys.path if entry not in ("", str(Path.cwd()))]
    os.environ["MPLBACKEND"] = "agg"
    preload = importlib.import_module("helpers.kernels.preload")
    preload.run()
    _keep()
    gc.set_threshold(50_000, 10, 10)  # drawing makes many objects that are gone at once
    running: set[int] = set()
    ended: dict[int, int] = {}
    try:
        _serve(channel, running, ended, preload)
    finally:
        _reap(running, ended)
        for pid in running:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(pid, signal.SIGKILL)


def _keep() -> None:
    """Have the collector not write to what is there: all kernels share its pages."""
    gc.collect()
    gc.freeze()


def _do(work: list[Callable[[], None]], most: int | None = None) -> None:
    """Do the first pieces of work, all where no number is given, and take them off the list."""
    now, work[:] = work[:most], work[most:] if most else []
    for piece in now:
        # What fails here fails again in the notebook that asks for it, and is told of there.
        with contextlib.suppress(Exception):
            piece()
    if now:
        _keep()


def _serve(
    channel: socket.socket, running: set[int], ended: dict[int, int], preload: ModuleType
) -> None:
    held = b""
    fds: list[int] = []
    to_do = preload.national_work()  # while nobody asks for a kernel
    while True:
        ready, _, _ = select.select([channel], [], [], 0 if to_do else 1.0)
        _reap(running, ended)
        if not ready:
            _do(to_do, 1)
            continue
        try:
            part, got, _, _ = socket.recv_fds(channel, LONGEST, 2)
        except ConnectionError:
            return
        if not part:
            return
        fds += got
        held += part
        while b"\n" in held:
            line, held = held.split(b"\n", 1)
            request = json.loads(line)
            if "fork" in request:
                if AT_ONCE not in request["env"]:
                    _do(to_do)
                if paths.OUTPUTS in request["env"]:
                    preload.read_fits(Path(request["env"][paths.OUTPUTS]))
                pid = _fork(request, fds, channel)
                running.add(pid)
                answer: dict[str, int | None] = {"pid": pid}
                for fd in fds:
                    os.close(fd)
                fds = []
            else:
                _reap(running, ended)
                answer = {"status": _status(request["exit"], running, ended)}
            channel.sendall(json.dumps(answer).encode() + b"\n")


def _status(pid: int, running: set[int], ended: dict[int, int]) -> int | None:
    # Of a child that it never had, or was asked for before, nothing is known.
    return None if pid in running else ended.pop(pid, 1)


def _reap(running: set[int], ended: dict[int, int]) -> None:
    for pid in list(running):
        done, status = os.waitpid(pid, os.WNOHANG)
        if done:
            running.discard(pid)
            ended[pid] = os.waitstatus_to_exitcode(status)


def _fork(request: dict, fds: list[int], channel: socket.socket) -> int:
    parent = os.getpid()
    pid = os.fork()
    if pid:
        return pid
    status = 1
    try:
        os.setsid()
        channel.close()
        for fd, place in zip(fds, (1, 2), strict=True):
            os.dup2(fd, place)
            os.close(fd)
        _become_kernel(request, parent)
        status = 0
    except SystemExit as error:
        status = error.code if isinstance(error.code, int) else int(error.code is not None)
    except BaseException:
        import traceback

        traceback.print_exc(file=sys.__stderr__)
    finally:
        if sys.__stderr__ is not None:
            with contextlib.suppress(OSError):
                sys.__stderr__.flush()
        # Not sys.exit: taking the inherited modules apart would copy every page of them.
        os._exit(status)


def _become_kernel(request: dict, parent: int) -> None:
    """Turn this fork into what a new interpreter with an ipykernel would be."""
    import atexit
    import tempfile

    from ipykernel.kernelapp import IPKernelApp

    signal.signal(signal.SIGINT, signal.default_int_handler)
    os.chdir(request["cwd"])
    os.environ.clear()
    os.environ.update(request["env"])
    tempfile.tempdir = None
    numpy = sys.modules.get("numpy")
    if numpy is not None:
        numpy.random.seed()  # or all kernels would draw the same numbers
    sys.argv = ["ipykernel_launcher", *request["fork"]]
    # The kernel ends with the nursery even if that is killed: ipykernel looks after its parent.
    arguments = [*request["fork"], f"--IPKernelApp.parent_handle={parent}"]
    app = IPKernelApp.instance()
    app.initialize(arguments)
    _use_backend(os.environ["MPLBACKEND"])  # which the kernel has just set, unless it was given
    app.start()
    # Joining its threads, ipykernel can lock itself up for seconds; they end with the process.
    atexit.unregister(app.close)
    atexit._run_exitfuncs()


def _use_backend(name: str) -> None:
    """Have matplotlib draw for this kernel, as it does when a notebook's first figure is drawn."""
    from IPython import get_ipython
    from IPython.core.pylabtools import activate_matplotlib
    from matplotlib_inline.backend_inline import configure_inline_support

    activate_matplotlib(name)  # the nursery drew to memory
    configure_inline_support(get_ipython(), name)


if __name__ == "__main__":
    main(socket.socket(fileno=int(sys.argv[1])))
