"""The process that kernels are forked from, and how its client speaks to it.

It is started with a new interpreter, never forked from its client, and it stays single-threaded:
fork keeps only the thread that calls it, and a lock that another one held would stay shut. Requests
and answers are lines of JSON on a socket; the kernel's stdout and stderr travel with the request.
When a client goes away, however it does, its socket ends, and the nursery ends the client's
kernels; when its owner goes away, which is the process that started it, it ends itself too, at
once, whatever it is at.

The workers of a batch share one, in a folder of theirs (`shared`, `look_in`): what it does once is
then done once per machine and not once per worker. Any other client has one of its own.
"""

import atexit
import contextlib
import gc
import hashlib
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
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from types import ModuleType

from helpers import paths
from helpers.kernels import AT_ONCE, THREADS, WARM_YEARS, can_fork

GARBAGE = 100_000, 10, 10  # for gc: a report leaves fewer objects, most of what it makes is gone
CLOSING = 10  # seconds that a nursery has for its end
LONGEST = 1 << 20  # bytes of a request: an environment of that size would not start a process
# What an interpreter reads once, when it starts or imports: another value needs another nursery.
STARTING = (
    *("PYTHON", "LD_", "MPL", "LC_", "LANG", "TZ", "VIRTUAL_ENV"),
    *(paths.DATA, WARM_YEARS, *THREADS),
)


class NurseryDied(Exception):
    """The nursery ended or cannot fork; ordinary kernels can still be started."""


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
        if self.poll() is None:
            _signal(self.pid, number)

    def terminate(self) -> None:
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        """Kill it without asking the nursery: who is interrupted may be asking it just now."""
        if self.returncode is None:
            _signal(self.pid, signal.SIGKILL)


def _signal(pid: int, number: int) -> None:
    """Send a signal to a kernel and what it has started."""
    with contextlib.suppress(ProcessLookupError):
        try:
            os.killpg(pid, number)
        except ProcessLookupError:  # it has not yet made a group of its own
            os.kill(pid, number)


class Nursery:
    """A process that forks kernels, on its socket: one's own, or one shared with others.

    Parameters
    ----------
    connection : socket
    process : Popen, optional
        The process, where it is one's own.
    """

    def __init__(self, connection: socket.socket, process: subprocess.Popen | None = None):
        self.kernels: list[Forked] = []
        self.process = process
        self._lock = threading.Lock()
        self._socket, self._answers = connection, connection.makefile("rb")

    @classmethod
    def start(cls, env: dict[str, str], listener: socket.socket | None = None) -> "Nursery":
        """Start one with an interpreter of this kind.

        Parameters
        ----------
        env : dict
            Its environment; `helpers.kernels.THREADS` is added.
        listener : socket, optional
            Where others can connect to it.
        """
        ours, theirs = socket.socketpair()
        with theirs:
            fds = [one.fileno() for one in (theirs, listener) if one is not None]
            process = subprocess.Popen(
                [sys.executable, "-m", __name__, *map(str, fds)],
                env={**env, **THREADS, "PYDEVD_DISABLE_FILE_VALIDATION": "1"},
                pass_fds=fds,
                stdin=subprocess.DEVNULL,
                start_new_session=True,  # Ctrl-C at a terminal is for the client
            )
        return cls(ours, process)

    def alive(self) -> bool:
        """Whether it still is at the other end."""
        try:
            return self._socket.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT) != b""
        except BlockingIOError:
            return True
        except OSError:
            return False

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
        told = json.loads(answer)
        if "error" in told:
            raise NurseryDied(told["error"])
        return told

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
        """End one's kernels, and the nursery where it is one's own."""
        self._answers.close()
        self._socket.close()
        if self.process is not None:
            try:
                self.process.wait(CLOSING)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()


_nurseries: dict[tuple[int, str], Nursery] = {}  # by process and kind
_starting = threading.Lock()
_shared_in: Path | None = None


def look_in(folder: Path) -> None:
    """Use the nursery that is shared in a folder, for kernels of its kind."""
    global _shared_in
    _shared_in = folder


@contextlib.contextmanager
def shared(folder: Path, env: dict[str, str]) -> Iterator[None]:
    """Start a nursery that the processes which `look_in` the folder use; end it with the body.

    Parameters
    ----------
    folder : Path
        Where its socket is; a path too long for a socket leaves every process with one of its own.
    env : dict
        As of the kernels.
    """
    with contextlib.ExitStack() as stack:
        if can_fork():
            with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX) as listener:
                listener.bind(str(folder / _kind(env)))
                listener.listen()
                stack.callback(Nursery.start(env, listener).close)
        yield


def nursery_for(env: dict[str, str]) -> Nursery:
    """Return the nursery for kernels with an environment: a shared one, or this process's own.

    Another environment, other code or other figures ask for a new one; an old one without kernels
    is ended.
    """
    key = (os.getpid(), _kind(env))
    with _starting:
        for other in [other for other in _nurseries if other != key]:
            if other[0] != key[0]:  # of the process that this one was forked from
                del _nurseries[other]
            elif _nurseries[other].idle():
                _nurseries.pop(other).close()
        if key in _nurseries and not _nurseries[key].alive():
            _nurseries.pop(key).close()
        if key not in _nurseries:
            _nurseries[key] = _join(key[1]) or Nursery.start(env)
        return _nurseries[key]


def _join(kind: str) -> Nursery | None:
    """Connect to the shared nursery of a kind, if there is one."""
    if _shared_in is None:
        return None
    connection = socket.socket(socket.AF_UNIX)
    try:
        connection.connect(str(_shared_in / kind))
    except OSError:
        connection.close()
        return None
    return Nursery(connection)


def _kind(env: dict[str, str]) -> str:
    """Name of what a nursery has read when it starts: the same for the same environment."""
    fixed = {name: value for name, value in env.items() if name.startswith(STARTING)}
    stamp = _stamp(env) if _shared_in is None else _stamp_of_run(_shared_in, env.get(paths.DATA))
    told = [stamp, *sorted({**fixed, **THREADS}.items())]
    return hashlib.sha256(repr(told).encode()).hexdigest()[:16]


@lru_cache
def _stamp_of_run(run_folder: Path, data: str | None) -> str:
    """Look once for all kernels that a worker asks for in a run, and not before each of them."""
    return _stamp({} if data is None else {paths.DATA: data})


def _stamp(env: dict[str, str]) -> str:
    """A text that changes with the files that a nursery has read: code, catalogs and figures."""
    folders = [Path(__file__).parents[1], Path(env.get(paths.DATA) or paths.data_dir())]
    files = [
        file
        for folder in folders
        for file in folder.rglob("*")
        if "__pycache__" not in file.parts and file.is_file()
    ]
    states = [(str(file), file.stat().st_mtime_ns, file.stat().st_size) for file in files]
    return hashlib.sha256(repr(sorted(states)).encode()).hexdigest()


@atexit.register
def close_all() -> None:
    """End the nurseries of this process and their kernels."""
    with _starting:
        while _nurseries:
            _nurseries.popitem()[1].close()


# --- the nursery's side --------------------------------------------------------------------


class _OwnerLeft(BaseException):
    """Raised wherever the nursery is when its owner goes away."""


def _raise_when_it_leaves(owner: socket.socket) -> None:
    """Have the system send a signal with whatever happens on the socket, its end among that."""
    import fcntl

    ends = select.poll()
    ends.register(owner, 0)

    def look(*_) -> None:
        if ends.poll(0):
            signal.signal(signal.SIGIO, signal.SIG_IGN)
            raise _OwnerLeft

    signal.signal(signal.SIGIO, look)
    fcntl.fcntl(owner, fcntl.F_SETOWN, os.getpid())
    fcntl.fcntl(owner, fcntl.F_SETFL, fcntl.fcntl(owner, fcntl.F_GETFL) | os.O_ASYNC)
    look()


@dataclass
class Client:
    """A client, seen from the nursery: its socket, and what it has sent of a request so far."""

    channel: socket.socket
    held: bytes = b""
    fds: list[int] = field(default_factory=list)


def main(owner: socket.socket, listener: socket.socket | None = None) -> None:
    """Import what kernels start with, then fork one for each request until the owner goes away."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _raise_when_it_leaves(owner)
    # As an ordinary kernel: neither the client's folder nor this module's on the path.
    sys.path[:] = [entry for entry in sys.path if entry not in ("", str(Path.cwd()))]
    os.environ["MPLBACKEND"] = "agg"
    preload = importlib.import_module("helpers.kernels.preload")
    preload.import_first()
    _keep()
    gc.set_threshold(*GARBAGE)
    served = _Service(owner, listener, preload)
    try:
        served.run()
    finally:
        served.kill(set(served.running))


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


class _Service:
    """What a nursery has while it serves: its sockets, its kernels, and work for idle times."""

    def __init__(self, owner: socket.socket, listener: socket.socket | None, preload: ModuleType):
        self.owner, self.listener, self.preload = owner, listener, preload
        self.clients = [Client(owner)]
        self.running: dict[int, Client] = {}
        self.ended: dict[int, int] = {}
        self.to_do = preload.rest()
        self.cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else 1

    @property
    def sockets(self) -> list[socket.socket]:
        """All that a kernel must not keep open."""
        others = [] if self.listener is None else [self.listener]
        return [*(client.channel for client in self.clients), *others]

    def run(self) -> None:
        """Serve until the owner goes away."""
        while True:
            # Not beside as many kernels as there are cores: it would only slow them down.
            free = bool(self.to_do) and len(self.running) < self.cores
            wait = 0.0 if free else 0.05 if self.to_do else 1.0
            ready = select.select(self.sockets, [], [], wait)[0]
            self._reap()
            if not ready and free:
                _do(self.to_do, 1)
            if self.listener is not None and self.listener in ready:
                with contextlib.suppress(OSError):  # who cannot be let in has a nursery of his own
                    self.clients.append(Client(self.listener.accept()[0]))
            for client in [client for client in self.clients if client.channel in ready]:
                if self._receive(client):
                    continue
                if client.channel is self.owner:
                    return
                self._leave(client)

    def _receive(self, client: Client) -> bool:
        """Take what a client sent and answer its whole requests; False where it has gone."""
        try:
            part, fds, _, _ = socket.recv_fds(client.channel, LONGEST, 2)
            client.held += part
            client.fds += fds
            while b"\n" in client.held:
                line, client.held = client.held.split(b"\n", 1)
                answer = self._answer(json.loads(line), client)
                client.channel.sendall(json.dumps(answer).encode() + b"\n")
        except ConnectionError:
            return False
        return bool(part)

    def _answer(self, request: dict, client: Client) -> dict[str, int | str | None]:
        if "fork" not in request:
            self._reap()
            # Of a child that it never had, or was asked for before, nothing is known.
            pid = request["exit"]
            return {"status": None if pid in self.running else self.ended.pop(pid, 1)}
        try:
            if paths.OUTPUTS in request["env"]:
                self.to_do += self.preload.read_fits(Path(request["env"][paths.OUTPUTS]))
            if AT_ONCE not in request["env"]:
                _do(self.to_do)
            pid = _fork(request, client.fds, self.sockets)
        except Exception as error:  # the kernels of others go on
            return {"error": f"{type(error).__name__}: {error}"}
        finally:
            while client.fds:
                os.close(client.fds.pop())
        self.running[pid] = client
        return {"pid": pid}

    def _leave(self, client: Client) -> None:
        """End the kernels of a client that has gone."""
        self.clients.remove(client)
        self.kill({pid for pid, of in self.running.items() if of is client})
        for fd in client.fds:
            os.close(fd)
        client.channel.close()

    def kill(self, kernels: set[int]) -> None:
        """Kill kernels, and what they have started."""
        self._reap()
        for pid in kernels & set(self.running):
            _signal(pid, signal.SIGKILL)

    def _reap(self) -> None:
        for pid in list(self.running):
            done, status = os.waitpid(pid, os.WNOHANG)
            if done:
                del self.running[pid]
                self.ended[pid] = os.waitstatus_to_exitcode(status)


def _fork(request: dict, fds: list[int], sockets: list[socket.socket]) -> int:
    parent = os.getpid()
    pid = os.fork()
    if pid:
        return pid
    status = 1
    try:
        os.setsid()
        for one in sockets:
            one.close()
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
    signal.signal(signal.SIGIO, signal.SIG_DFL)
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
    app.log.setLevel(app.log_level)  # or every cell makes records that nobody is shown
    if "matplotlib" in sys.modules:
        _use_backend(os.environ["MPLBACKEND"])  # which the kernel has just set, unless it was given
    app.start()
    # Joining its threads, ipykernel can lock itself up for seconds; they end with the process.
    atexit.unregister(app.close)
    gc.freeze()  # IPython collects garbage at its end, among all that goes with the process anyway
    atexit._run_exitfuncs()


def _use_backend(name: str) -> None:
    """Have matplotlib draw for this kernel, as it does when a notebook's first figure is drawn."""
    from IPython import get_ipython
    from IPython.core.pylabtools import activate_matplotlib
    from matplotlib_inline.backend_inline import configure_inline_support

    activate_matplotlib(name)  # the nursery drew to memory
    configure_inline_support(get_ipython(), name)


if __name__ == "__main__":
    with contextlib.suppress(_OwnerLeft):
        main(*(socket.socket(fileno=int(number)) for number in sys.argv[1:]))
    os._exit(0)  # taking all modules apart takes as long as forking ten kernels
