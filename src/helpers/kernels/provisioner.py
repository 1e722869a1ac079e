"""What Jupyter asks for kernels: forked ones where that can be, ordinary ones elsewhere."""

import asyncio
import contextlib
import logging
import os
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any

from jupyter_client.connect import KernelConnectionInfo
from jupyter_client.provisioning import LocalProvisioner

from helpers.kernels import LONGEST_SOCKET, can_fork
from helpers.kernels.nursery import Forked, NurseryDied, nursery_for


class NurseryProvisioner(LocalProvisioner):
    """Forks kernels off this process's nursery; on IPC sockets wherever there are any."""

    _sockets: str | None = None  # a folder made for the sockets

    async def pre_launch(self, **kwargs: Any) -> dict[str, Any]:
        if self.parent is not None and os.name == "posix" and self.parent.transport == "tcp":
            self._use_ipc()
        return await super().pre_launch(**kwargs)

    def _use_ipc(self) -> None:
        """Have the manager speak through Unix sockets: no port can be taken by another kernel."""
        manager = self.parent
        stem = str(Path(manager.connection_file).with_suffix("")) if manager.connection_file else ""
        if not Path(stem).is_absolute() or len(os.fsencode(stem)) + 6 > LONGEST_SOCKET:
            self._sockets = tempfile.mkdtemp(prefix="cchc-")
            stem = f"{self._sockets}/k"
        if len(os.fsencode(stem)) + 6 > LONGEST_SOCKET:
            return
        manager.transport, manager.ip = "ipc", f"{stem}-ipc"
        manager.cache_ports = False

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> KernelConnectionInfo:
        launcher = [sys.executable, "-m", "ipykernel_launcher"]
        if can_fork() and cmd[:3] == launcher:
            try:
                return self._fork(cmd[3:], kwargs)
            except NurseryDied as error:
                logging.getLogger(__name__).info("an ordinary kernel instead: %s", error)
        return await super().launch_kernel(cmd, **kwargs)

    def _fork(self, arguments: list[str], kwargs: dict[str, Any]) -> KernelConnectionInfo:
        cwd = str(kwargs.get("cwd") or Path.cwd())
        out, err = (
            stream if isinstance(stream, int) and stream >= 0 else default
            for stream, default in (
                (_descriptor(kwargs.get("stdout")), 1),
                (_descriptor(kwargs.get("stderr")), 2),
            )
        )
        env = kwargs["env"]
        self.process = nursery_for(env).fork(arguments, env, cwd, out, err)
        self.pid = self.pgid = self.process.pid
        self.cwd = cwd
        return self.connection_info

    async def wait(self) -> int | None:
        if not isinstance(self.process, Forked):
            return await super().wait()
        while self.process.poll() is None:
            await asyncio.sleep(0.01)
        status, self.process = self.process.returncode, None
        return status

    async def cleanup(self, restart: bool = False) -> None:
        await super().cleanup(restart=restart)
        if self._sockets and not restart:
            with contextlib.suppress(OSError):
                shutil.rmtree(self._sockets)
            self._sockets = None


def _descriptor(stream: Any) -> int | None:
    return stream.fileno() if hasattr(stream, "fileno") else stream
