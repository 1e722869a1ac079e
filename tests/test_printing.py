"""Pages on paper, with stand-ins for Chromium; the real one is in test_browser.py."""

import os
from pathlib import Path

import psutil
import pytest

from helpers import printing
from helpers.batch import OutputError


@pytest.fixture
def page(tmp_path) -> Path:
    path = tmp_path / "Ô Trống.html"
    path.write_text("<p>Ô Trống", encoding="utf-8")
    return path


@pytest.fixture
def stand_in(tmp_path, monkeypatch):
    """Put a shell script in the place of Chromium."""

    def put(script: str) -> None:
        folder = tmp_path / "bin"
        folder.mkdir()
        command = folder / "chromium"
        command.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
        command.chmod(0o755)
        monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")

    return put


PRINTS = 'for a; do case $a in --print-to-pdf=*) printf "%%PDF-1.4" > "${a#*=}";; esac; done'


def test_a_pdf_stands_beside_its_page(page, stand_in):
    stand_in(PRINTS)
    assert list(printing.to_pdf([page])) == [page.with_suffix(".pdf")]
    assert page.with_suffix(".pdf").read_bytes() == b"%PDF-1.4"


def test_a_pdf_that_cannot_be_written_whole_leaves_the_old_one(page, stand_in, monkeypatch):
    stand_in(PRINTS)
    page.with_suffix(".pdf").write_bytes(b"%PDF-old")

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(OutputError, match="No space left"):
        list(printing.to_pdf([page]))
    assert page.with_suffix(".pdf").read_bytes() == b"%PDF-old"
    assert not list(page.parent.glob("*.part"))


def test_without_a_browser_it_says_what_to_install(page, monkeypatch):
    monkeypatch.setattr(printing, "BROWSERS", ("no-such-browser",))
    with pytest.raises(printing.NoBrowser, match="apt-get install chromium"):
        list(printing.to_pdf([page]))


def test_a_page_that_is_not_there_is_named(tmp_path, stand_in):
    stand_in(PRINTS)
    with pytest.raises(printing.NotPrinted, match=r"none\.html is not there"):
        list(printing.to_pdf([tmp_path / "none.html"]))


@pytest.mark.parametrize(
    "script",
    [
        "echo 'out of paper' >&2; exit 1",
        "echo 'out of paper' >&2",
        PRINTS.replace("%%PDF", "half") + "; echo 'out of paper' >&2",
    ],
)
def test_a_browser_that_prints_nothing_is_quoted_and_leaves_nothing(page, stand_in, script):
    stand_in(script)
    with pytest.raises(printing.NotPrinted, match="out of paper"):
        list(printing.to_pdf([page]))
    assert not page.with_suffix(".pdf").exists()


def test_a_browser_that_hangs_is_ended(page, stand_in):
    stand_in(f'echo $$ > "{page.parent}/browser"; exec sleep 61')
    with pytest.raises(printing.NotPrinted, match=r"took over 0\.5 s"):
        list(printing.to_pdf([page], timeout=0.5))
    assert not psutil.pid_exists(int((page.parent / "browser").read_text()))
