"""What a job depends on, as one fingerprint: the same key, the same report.

A key covers the notebook, its parameters and title, the language, the pages it may link, all
figures, the shared work it reads, the package (code, templates and message catalogs), the versions
of Python and of every library the package requires, and the locale.
Whatever of it changes, the report is made again.
"""

import contextlib
import json
import locale
import os
import platform
import re
from collections.abc import Sequence
from dataclasses import asdict
from functools import lru_cache
from importlib.metadata import PackageNotFoundError, requires, version
from pathlib import Path

from helpers.batch.files import fingerprint, fingerprint_of
from helpers.batch.jobs import Job

PACKAGE = Path(__file__).parents[1]
# What Python and editors leave, such as .ipynb_checkpoints.
HIDDEN = re.compile(r"(^|/)(\.|__pycache__/)")


def package() -> str:
    """Fingerprint of every file of the package: code, templates, catalogs."""
    files = {path.relative_to(PACKAGE).as_posix(): path for path in PACKAGE.rglob("*")}
    found = [
        (name, fingerprint_of(path))
        for name, path in sorted(files.items())
        if path.is_file() and not HIDDEN.search(name)
    ]
    return fingerprint(repr(found).encode())


@lru_cache
def versions() -> dict[str, str]:
    """Versions of Python, of this package and of the libraries that it requires."""
    names = ["cchc-notebooks"]
    for line in requires("cchc-notebooks") or []:
        if "extra ==" not in line:
            names.append(re.split(r"[^\w.-]", line)[0])
    found = {"python": platform.python_version()}
    for name in sorted(names):
        with contextlib.suppress(PackageNotFoundError):  # what is not there cannot have run
            found[name] = version(name)
    return found


def locale_in_use() -> str:
    """The language settings of the environment, which a worker inherits."""
    names = ("LC_ALL", "LC_CTYPE", "LC_NUMERIC", "LC_TIME", "LANG", "TZ")
    settings = [os.environ.get(name, "") for name in names]
    return " ".join([*settings, locale.setlocale(locale.LC_ALL)])


def of_jobs(
    jobs: Sequence[Job], notebooks: dict[Path, str], data: dict[str, str], render
) -> dict[str, str]:
    """Fingerprint of all that each job depends on, by its name.

    Parameters
    ----------
    jobs : sequence of Job
        With the shared work that they need.
    notebooks, data : dict
        Fingerprints of their notebooks, and of all figures.
    render : callable or None
        The way pages are made.
    """
    how = getattr(render, "__qualname__", type(render).__qualname__)
    common = [package(), versions(), locale_in_use(), how, data]
    made_by, found = {job.name: notebooks[job.notebook] for job in jobs}, {}
    for job in jobs:
        parts = asdict(job) | {
            "notebook": made_by[job.name],
            "needs": [made_by[name] for name in job.needs],
            "common": common,
        }
        text = json.dumps(parts, ensure_ascii=False, sort_keys=True)
        found[job.name] = fingerprint(text.encode())
    return found
