"""The jobs of a run: which notebooks, in which languages, from which figures."""

import re
import warnings
from collections.abc import Set
from dataclasses import replace
from functools import lru_cache
from pathlib import Path

from helpers import facts, language, notebooks, paths, units, wording
from helpers.batch.jobs import Job, parameters, read
from helpers.errors import PageWarning
from helpers.language import _
from helpers.site import links

HIDDEN_BEFORE = Path(facts.__file__).with_name("holdout") / "computed"
# What the shared work runs, once for all notebooks that wait for it.
JOINT = """
from helpers import completion, facts

completion.joint(facts.load())
"""
FITS = """
from helpers import facts, trajectories
from helpers.trajectories import NotEnoughYears

try:
    trajectories.fitted(facts.load(), "{index}", {year})
except NotEnoughYears as error:
    print(error)
"""
HIDDEN = """
from helpers import facts, paths
from helpers.holdout import stored

stored.hidden_scores_of(facts.load(), "{index}", {year}, paths.outputs_dir() / "tables")
"""
HELD_OUT = """
from helpers import facts, paths
from helpers.holdout import stored

stored.held_out(facts.load(), paths.outputs_dir() / "tables")
"""


def shared(year: int) -> list[Job]:
    """Work whose files several notebooks read: joint draws, forecasts' fits, and the test."""
    fits = [
        Job.shared(name.format(year=year), FITS.format(index=index, year=year))
        for index, name in notebooks.FITS.items()
    ]
    hidden = [
        Job.shared(
            notebooks.HIDDEN.format(index=index, year=of), HIDDEN.format(index=index, year=of)
        )
        for index, of in hidden_years()
    ]
    held_out = Job.shared(notebooks.HELD_OUT, HELD_OUT)
    return [Job.shared(notebooks.JOINT, JOINT), *fits, held_out, *hidden]


def hidden_years() -> list[tuple[str, int]]:
    """Each index and year whose scores are yet to be hidden in turn, as a test of the estimates.

    None where what came of it is with the project, as it is for its own figures.
    """
    figures = facts.load()
    name = facts.fingerprint(figures, "completion")
    if any(HIDDEN_BEFORE.glob(f"leave_one_out-*-{name}.csv")):
        return []
    from helpers import completion  # scipy, which a run without anything to do does without

    return completion.years_with_enough(figures)


def national(year: int, languages: list[str]) -> list[Job]:
    """The notebooks on the nation, in each language that they are written in."""
    jobs = []
    for one in notebooks.NATIONAL:
        needs = tuple(
            name.format(index=index, year=of)
            for name in one.needs
            for index, of in (hidden_years() if name == notebooks.HIDDEN else [("", year)])
        )
        name, given = notebooks.page_name(one.stem, year), {one.parameter: year}
        jobs += _editions(Job(_path(one.stem), given, name, one.title, needs=needs), languages)
    return jobs


def reports(provinces: list[str], year: int, languages: list[str]) -> list[Job]:
    """The report of each province, in each language."""
    needs = (notebooks.JOINT, *(work.format(year=year) for work in notebooks.FITS.values()))
    pages, neighbours = _pages_of_provinces(year), links.neighbours(year)
    made = {pages[name] for name in provinces}
    path, title, jobs = _path(notebooks.REPORT), notebooks.REPORT_TITLE, []
    for name in provinces:
        beside = {pages[one] for _told, names in neighbours[name] for one in names}
        given = {"province": name, "year": year}
        job = Job(path, given, pages[name], title, needs=needs)
        jobs += _editions(job, languages, beside, made)
    return jobs


def is_stale(entry: dict) -> bool:
    """Whether a report that run.json tells of is of a province that no longer has that name."""
    given = entry.get("parameters", {})
    if entry.get("notebook") != f"{notebooks.REPORT}.ipynb" or not {"province", "year"} <= {*given}:
        return False
    name, year = entry["name"].rpartition("/")[2], given["year"]
    made_here = re.fullmatch(rf"[0-9]{{2}}-[a-z0-9-]+-{year}", name)
    return bool(made_here) and name not in _pages_of_provinces(year).values()


@lru_cache
def _pages_of_provinces(year: int) -> dict[str, str]:
    """Names of the reports of all provinces of a year, by province."""
    return {name: links.report(name, year) for name in provinces(year)}


def provinces(year: int) -> list[str]:
    """Names of all provinces of a year, in the order of their codes."""
    return list(units.provinces(year)["name"])


def _path(stem: str) -> Path:
    return paths.notebooks_dir() / f"{stem}.ipynb"


def _editions(
    job: Job,
    languages: list[str],
    beside: Set[str] = frozenset(),
    made: Set[str] = frozenset(),
) -> list[Job]:
    """A job in each language; only in the default one where its notebook knows no language.

    Each may lead to its page in the other language and to those ``beside`` in its own, as far as
    they are there or ``made`` in this run.
    """
    knows = "lang" in _parameters(job.notebook)
    languages = [one for one in languages if knows or one == language.DEFAULT]
    of_run = {links.folder(lang) + page for lang in languages for page in {*made, job.name}}
    jobs = []
    for lang in languages:
        folder, given = links.folder(lang), job.parameters
        with language.using(lang):
            place = wording.unit_name(given.get("province", ""))
            told = {"year": given.get("last_year"), **given, "province": place}
            title = _(job.title).format(**told)
        wanted = {links.folder(links.other(lang)) + job.name, *(folder + page for page in beside)}
        found = tuple(sorted(one for one in wanted if one in of_run or _is_there(one)))
        own = {**given, "lang": lang} if knows else given
        name = folder + job.name
        jobs.append(replace(job, parameters=own, name=name, title=title, lang=lang, links=found))
    return jobs


def _is_there(page: str) -> bool:
    return (paths.outputs_dir() / "html" / f"{page}.html").exists()


@lru_cache
def _parameters(path: Path) -> list[str]:
    return parameters(path, read(path))


def render(notebook, title: str) -> dict[str, bytes]:
    """Make the page of an executed notebook, and the spreadsheet beside it, in the worker."""
    from helpers.cli.spreadsheets import spreadsheet
    from helpers.exporting import CannotExport
    from helpers.site.pages import to_html

    pages = {"html": to_html(notebook, title).encode()}
    try:
        pages["xlsx"] = spreadsheet(notebook)
    except CannotExport as error:
        warnings.warn(f"no spreadsheet: {error}", PageWarning, stacklevel=2)
    return pages
