"""What several test modules share."""

import gc
import logging
import shutil
import sys
from logging.handlers import BufferingHandler
from pathlib import Path

import nbformat
import papermill
import psutil
import pytest
from filelock import FileLock
from hypothesis import settings
from skips import pytest_runtest_makereport as pytest_runtest_makereport

from helpers import facts, language, notebooks, printing, units
from helpers.cli.spreadsheets import spreadsheet
from helpers.paths import data_dir, notebooks_dir
from helpers.site import links
from helpers.site.pages import to_html

# What takes long is measured in benchmarks/; a busy machine makes no test wrong.
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")

YEAR = 2020
NATIONAL = {one.stem: one.parameter for one in notebooks.NATIONAL}
# Everything known; the longest lines, of who is first in both; parts; ranks alone; nothing.
MINUTE = ["Thanh Hóa", "Quảng Ninh", "Phú Thọ", "Hà Giang", "Bình Định"]


@pytest.fixture(autouse=True, scope="module")
def language_put_back():
    """Leave the language as it was: a command chooses one for the whole process."""
    before = language.current()
    yield
    language.use(before)


@pytest.fixture(autouse=True, scope="session")
def nothing_fails_unheard():
    """Fail where a task failed and nobody asked it: asyncio logs that when the task goes away.

    That can be in the middle of any later test. Python before 3.11.8 cannot stand it within
    `ast.parse`, since to log a traceback is to parse code too (gh-106905).
    """
    kept, log = BufferingHandler(sys.maxsize), logging.getLogger("asyncio")
    kept.setLevel(logging.ERROR)
    log.addHandler(kept)
    yield
    gc.collect()
    log.removeHandler(kept)
    assert [kept.format(record) for record in kept.buffer] == []


@pytest.fixture
def in_english():
    with language.using("en"):
        yield


@pytest.fixture(scope="session")
def table():
    """The real figures. Shared by all tests: look, do not change."""
    return facts.load()


@pytest.fixture
def data_copy(tmp_path):
    """A folder with copies of the data files, to be hurt."""
    folder = tmp_path / "data"
    folder.mkdir()
    for path in data_dir().glob("*.csv"):
        shutil.copy(path, folder)
    return folder


class Pages:
    """The real notebooks, each run once for all workers and only when a test asks for its page."""

    def __init__(self, folder: Path):
        self.folder = folder
        named = [notebooks.page_name(one, YEAR) for one in [*map(units.slug, MINUTE), *NATIONAL]]
        self.linked = [f"{links.folder(lang)}{one}" for one in named for lang in language.NAMES]
        (folder / language.SOURCE).mkdir(parents=True, exist_ok=True)

    def __call__(self, name: str, lang: str = language.DEFAULT) -> Path:
        """Give the page of a province, in any spelling, or of a national notebook."""
        stem = notebooks.page_name(name if name in NATIONAL else units.slug(name), YEAR)
        page = self.folder / f"{links.folder(lang)}{stem}.html"
        with FileLock(f"{page}.lock"):
            if not page.exists():
                self._make(name, lang, stem, page)
        return page

    def _make(self, name: str, lang: str, stem: str, page: Path) -> None:
        notebook, parameters = name, {NATIONAL.get(name, "year"): YEAR, "lang": lang}
        if name not in NATIONAL:
            notebook, parameters["province"] = "province_report", name
        given, run = (self.folder / f"{stem}-{lang}-{end}.ipynb" for end in ("given", "run"))
        source = nbformat.read(notebooks_dir() / f"{notebook}.ipynb", as_version=4)
        nbformat.write(language.translated(source, lang), given)
        executed = papermill.execute_notebook(
            given, run, parameters, cwd=self.folder, progress_bar=False
        )
        executed.metadata.papermill.output_path = f"{stem}.ipynb"
        executed.metadata["links"] = self.linked
        page.write_text(to_html(executed, f"{name} {YEAR}"), encoding="utf-8")
        with language.using(lang):
            page.with_suffix(".xlsx").write_bytes(spreadsheet(executed))


@pytest.fixture(scope="session")
def pages(tmp_path_factory, worker_id) -> Pages:
    """Pages of the real notebooks; see `Pages`."""
    own = tmp_path_factory.getbasetemp()
    return Pages((own if worker_id == "master" else own.parent) / "site")


@pytest.fixture(scope="session")
def still_running():
    """Give a function that waits for processes to end, and names those that have not."""

    def wait(family: list[psutil.Process], timeout: float) -> list[psutil.Process]:
        _, left = psutil.wait_procs(family, timeout=timeout)
        # A zombie has ended; only its parent, here the first process, has not been told yet.
        return [one for one in left if one.is_running() and one.status() != psutil.STATUS_ZOMBIE]

    return wait


@pytest.fixture(scope="module")
def browser():
    """A Chromium of this machine, without a window."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        options = {"executable_path": printing.browser(), "args": printing.sandbox_options()}
        made = playwright.chromium.launch(**options)
        yield made
        made.close()
