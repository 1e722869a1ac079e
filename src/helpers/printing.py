"""Pages on paper: PDF by a Chromium that is on this machine, without a window and a network."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from helpers.batch.files import write_file
from helpers.errors import CchcError

BROWSERS = (
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "chrome",
    "msedge",
    "microsoft-edge",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "C:/Program Files/Google/Chrome/Application/chrome.exe",
    "C:/Program Files (x86)/Microsoft/Edge/Application/msedge.exe",
)
TIMEOUT = 120  # seconds for one page; a report takes two or three
OPTIONS = (
    "--headless",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--no-pdf-header-footer",  # the pages number themselves
)


class NoBrowser(CchcError):
    """There is no Chromium on this machine to print with."""


class NotPrinted(CchcError):
    """Chromium did not make a PDF of a page."""


def browser() -> str:
    """Find a Chromium, Chrome or Edge; its path.

    Raises
    ------
    NoBrowser
        There is none; the message says what to install.
    """
    found = next(filter(None, map(shutil.which, BROWSERS)), None)
    if found is None:
        raise NoBrowser(
            "There is no Chromium, Chrome or Edge here to print with. Install one (on Debian and "
            "Ubuntu: sudo apt-get install chromium), or open a page in any browser and print it."
        )
    return found


def sandbox_options() -> list[str]:
    """Give what Chromium needs where root runs it, as in containers; the pages are our own."""
    return ["--no-sandbox"] if getattr(os, "geteuid", lambda: 1)() == 0 else []


def to_pdf(pages: Iterable[Path], timeout: float = TIMEOUT, workers: int = 1) -> Iterator[Path]:
    """Print pages of the site, each into a PDF beside it: ``38-thanh-hoa-2020.pdf``.

    Parameters
    ----------
    pages : iterable of Path
        HTML files.
    timeout : float
        Seconds that one page may take.
    workers : int
        Pages to print at once.

    Yields
    ------
    Path
        Each PDF when it is there, in the order of the pages.

    Raises
    ------
    NoBrowser
        Before anything is printed, where there is no Chromium.
    NotPrinted
        A page is not there, or Chromium failed on it or was too slow; no half-made PDF is left,
        and the PDFs of the pages before it stay.
    OutputError
        A PDF cannot be written.
    """
    command = browser()
    with ThreadPoolExecutor(workers) as pool:
        yield from pool.map(lambda page: _print(command, Path(page).resolve(), timeout), pages)


def _print(command: str, page: Path, timeout: float) -> Path:
    if not page.is_file():
        raise NotPrinted(f"{page} is not there; make it with `cchc reports` first.")
    pdf = page.with_suffix(".pdf")
    with tempfile.TemporaryDirectory(prefix="cchc-print-", ignore_cleanup_errors=True) as name:
        out, said = Path(name) / "page.pdf", Path(name) / "said.txt"
        profile = [f"--user-data-dir={name}", f"--print-to-pdf={out}"]
        arguments = [command, *OPTIONS, *sandbox_options(), *profile, page.as_uri()]
        # Into a file: what it starts may hold a pipe open, and one would wait for it.
        with said.open("wb") as words:
            try:
                subprocess.run(
                    arguments, stdout=subprocess.DEVNULL, stderr=words, timeout=timeout, check=False
                )
            except subprocess.TimeoutExpired:
                raise NotPrinted(f"{command} took over {timeout:g} s for {page}.") from None
        content = out.read_bytes() if out.is_file() else b""
        if not content.startswith(b"%PDF-"):
            lines = said.read_text(encoding="utf-8", errors="replace").split("\n")
            last = next(filter(str.strip, reversed(lines)), "it said nothing")
            raise NotPrinted(f"{command} made no PDF of {page}: {last}")
        write_file(pdf, content)  # moved from another disk, it would not appear whole
    return pdf
