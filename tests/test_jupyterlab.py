"""The notebooks in JupyterLab itself, as an analyst runs them: open, Run All, look."""

import contextlib
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page

from helpers import notebooks

NOTEBOOKS = [path.name for path in notebooks.files()]
MINUTES = 6  # for one notebook, on a busy machine
SETTINGS = {
    # All cells in the page, also those out of sight, so that they can be looked at.
    "@jupyterlab/notebook-extension/tracker": {"windowingMode": "none"},
    "@jupyterlab/apputils-extension/notification": {
        "checkForUpdates": False,
        "fetchNews": "false",
    },
}

pytestmark = pytest.mark.slow


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


@pytest.fixture(scope="module")
def lab(tmp_path_factory) -> Iterator[str]:
    """A JupyterLab on copies of the notebooks, since it saves what it runs; its address."""
    folder = tmp_path_factory.mktemp("lab")
    (folder / "notebooks").mkdir()
    for path in notebooks.files():
        shutil.copy(path, folder / "notebooks")
    for plugin, chosen in SETTINGS.items():
        file = folder / "settings" / f"{plugin}.jupyterlab-settings"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps(chosen), encoding="utf-8")
    port = free_port()
    command = [sys.executable, "-m", "jupyterlab", str(folder / "notebooks"), "--no-browser"]
    command += [f"--port={port}", "--ServerApp.port_retries=0", "--IdentityProvider.token="]
    command += ["--allow-root"] if getattr(os, "geteuid", lambda: 1)() == 0 else []
    own = {
        "JUPYTERLAB_SETTINGS_DIR": str(folder / "settings"),
        "JUPYTERLAB_WORKSPACES_DIR": str(folder / "workspaces"),
        "JUPYTER_CONFIG_DIR": str(folder / "config"),
        "JUPYTER_DATA_DIR": str(folder / "data"),
    }
    with (folder / "log").open("w") as log:
        server = subprocess.Popen(command, env=os.environ | own, stdout=log, stderr=log)
    try:
        wait_for(f"http://127.0.0.1:{port}/api", server, folder / "log")
        yield f"http://127.0.0.1:{port}/lab"
    finally:
        server.terminate()
        server.wait(30)


def wait_for(address: str, server: subprocess.Popen, log: Path) -> None:
    for _ in range(240):
        assert server.poll() is None, log.read_text()
        with contextlib.suppress(OSError), urllib.request.urlopen(address, timeout=5):
            return
        time.sleep(0.5)
    raise AssertionError(log.read_text())


@pytest.fixture
def tab(browser) -> Iterator[Page]:
    page = browser.new_page(viewport={"width": 1400, "height": 1000})
    yield page
    page.close()


def prompts(tab: Page) -> list[str]:
    return tab.locator(".jp-CodeCell .jp-InputArea-prompt").all_inner_texts()


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_run_all(lab, tab, name):
    # A workspace of its own: the usual one opens the notebooks of before again.
    tab.goto(f"{lab}/workspaces/{Path(name).stem}/tree/{name}")
    tab.locator(".jp-Notebook .jp-CodeCell").first.wait_for(timeout=60_000)
    # Cells that are run before there is a kernel are forgotten.
    tab.locator("#jp-main-statusbar").get_by_text("| Idle").wait_for(timeout=120_000)
    tab.locator(".jp-Notebook").click(position={"x": 5, "y": 5})
    tab.get_by_role("menuitem", name="Run", exact=True).click()
    tab.get_by_role("menuitem", name="Run All Cells", exact=True).click()
    end = time.monotonic() + 60 * MINUTES
    while not all(re.fullmatch(r"\[\d+\]:", text.strip()) for text in prompts(tab)):
        assert not tab.locator("[data-mime-type='application/vnd.jupyter.error']").count(), (
            tab.locator("[data-mime-type='application/vnd.jupyter.error']").first.inner_text()
        )
        assert time.monotonic() < end, prompts(tab)
        time.sleep(1)
    assert not tab.locator("[data-mime-type='application/vnd.jupyter.stderr']").count()
    pictures = tab.locator(".jp-OutputArea-output figure svg")
    assert pictures.count() >= 4
    for number in range(pictures.count()):
        box = pictures.nth(number).bounding_box()
        assert box["width"] > 200 and box["height"] > 80
    assert tab.locator(".jp-OutputArea-output table").count() >= 3
