"""What several test modules share."""

import shutil

import pytest

from helpers import facts, language
from helpers.paths import data_dir


@pytest.fixture(autouse=True, scope="module")
def language_put_back():
    """Leave the language as it was: a command chooses one for the whole process."""
    before = language.current()
    yield
    language.use(before)


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
