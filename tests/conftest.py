"""What several test modules share."""

import shutil

import pytest

from helpers import facts
from helpers.paths import data_dir


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
