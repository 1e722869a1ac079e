"""With CCHC_SKIPS=refused a test that is left out fails, and says what it lacks."""

import os

import pytest


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    report = yield
    left_out = report.skipped and not hasattr(report, "wasxfail")
    if left_out and os.environ.get("CCHC_SKIPS") == "refused":
        report.outcome = "failed"
        report.longrepr = f"left out, which CCHC_SKIPS does not allow: {report.longrepr[2]}"
    return report
