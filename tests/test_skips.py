"""That no test is left out unseen where every test must run."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

TESTS = """
import pytest

@pytest.fixture
def lacking():
    pytest.skip("no such machine")

@pytest.mark.skipif(True, reason="no such system")
def test_marked(): pass

def test_with_a_fixture(lacking): pass

def test_within(): pytest.skip("no such thing")

@pytest.mark.xfail(reason="known", strict=True)
def test_known(): assert False

def test_good(): pass
"""


@pytest.mark.parametrize(
    "value, status, told",
    [
        ("", 0, "1 passed, 3 skipped, 1 xfailed"),
        ("refused", 1, "1 failed, 1 passed, 1 xfailed, 2 errors"),
    ],
)
def test_a_test_that_is_left_out_fails_where_none_may_be(tmp_path, value, status, told):
    (tmp_path / "test_made_up.py").write_text(TESTS)
    env = {**os.environ, "CCHC_SKIPS": value, "PYTHONPATH": str(Path(__file__).parent)}
    command = [sys.executable, "-m", "pytest", "-p", "skips", "-p", "no:cacheprovider"]
    done = subprocess.run(
        [*command, tmp_path], cwd=tmp_path, env=env, capture_output=True, text=True, check=False
    )
    assert (done.returncode, told in done.stdout) == (status, True), done.stdout
    for lack in ("machine", "system", "thing"):
        assert (f"does not allow: Skipped: no such {lack}" in done.stdout) == (status == 1)
