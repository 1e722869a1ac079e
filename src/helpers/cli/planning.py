"""The jobs of a run: which notebooks, in which languages, from which figures."""

import re
from functools import lru_cache
from pathlib import Path

from helpers import language, notebooks, paths
from helpers.batch.jobs import Job, Shared, parameters, read, read_figures
from helpers.cli import figures_used
from helpers.language import _

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


def shared(year: int) -> list[Shared]:
    """Work whose files several notebooks read: joint draws, forecasts' fits, and the test."""
    fits = [
        Shared(name.format(year=year), FITS.format(index=index, year=year))
        for index, name in notebooks.FITS.items()
    ]
    hidden = [
        Shared(notebooks.HIDDEN.format(index=index, year=of), HIDDEN.format(index=index, year=of))
        for index, of in hidden_years()
    ]
    alone = [Shared(notebooks.JOINT, JOINT), *fits, Shared(notebooks.HELD_OUT, HELD_OUT)]
    return [*alone, *hidden]


def hidden_years() -> list[tuple[str, int]]:
    """Each index and year whose scores are yet to be hidden in turn, as a test of the estimates."""
    from helpers import facts
    from helpers.holdout import stored

    return stored.years_to_hide(facts.load())


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
        jobs += _editions(one.stem, name, given, one.title, {}, languages, needs)
    return jobs


def reports(provinces: list[str], year: int, languages: list[str]) -> list[Job]:
    """The report of each province, in each language."""
    from helpers import units

    data = figures_used.of_provinces(read_figures(paths.data_dir()), provinces, year)
    needs = (notebooks.JOINT, *(work.format(year=year) for work in notebooks.FITS.values()))
    jobs = []
    for name in provinces:
        given = {"province": name, "year": year}
        stem = notebooks.page_name(units.slug(name, year=year), year)
        words = {"province": name}
        jobs += _editions(
            notebooks.REPORT,
            stem,
            given,
            notebooks.REPORT_TITLE,
            words,
            languages,
            needs,
            data[name],
        )
    return jobs


def is_stale(entry: dict) -> bool:
    """Whether a report that run.json tells of is of a province that no longer has that name."""
    given = entry.get("parameters", {})
    if entry.get("notebook") != f"{notebooks.REPORT}.ipynb" or not {"province", "year"} <= {*given}:
        return False
    name, year = entry["name"].rpartition("/")[2], given["year"]
    made_here = re.fullmatch(rf"[0-9]{{2}}-[a-z0-9-]+-{year}", name)
    return bool(made_here) and name not in _names_of_pages(year)


@lru_cache
def _names_of_pages(year: int) -> frozenset[str]:
    """Names of the reports of all provinces of a year."""
    from helpers import units

    slugs = (units.slug(name, year=year) for name in provinces(year))
    return frozenset(notebooks.page_name(slug, year) for slug in slugs)


def provinces(year: int) -> list[str]:
    """Names of all provinces of a year, in the order of their codes."""
    from helpers import units

    return list(units.provinces(year)["name"])


def _editions(
    stem: str,
    name: str,
    given: dict,
    title: str,
    words: dict,
    languages: list[str],
    needs: tuple[str, ...],
    data: str = "",
) -> list[Job]:
    """One job for each language; only the default one where the notebook knows no language."""
    path = paths.notebooks_dir() / f"{stem}.ipynb"
    known = _parameters(path)
    jobs = []
    for lang in languages:
        if "lang" not in known and lang != language.DEFAULT:
            continue
        year = given.get("year", given.get("last_year"))
        with language.using(lang):
            shown = _(title).format(year=year, **words)
        folder = _folder(lang)
        own = {**given, "lang": lang} if "lang" in known else given
        [other] = set(language.NAMES) - {lang}
        twin = paths.outputs_dir() / "html" / f"{_folder(other)}{name}.html"
        both = "lang" in known and (other in languages or twin.exists())
        jobs.append(Job(path, own, folder + name, shown, lang, needs, data, both))
    return jobs


def _folder(lang: str) -> str:
    return "" if lang == language.DEFAULT else f"{lang}/"


@lru_cache
def _parameters(path: Path) -> list[str]:
    return parameters(path, read(path))


def render(notebook, title: str) -> str:
    """Make the page of an executed notebook; imported in the worker, where there is one to make."""
    from helpers import site

    return site.to_html(notebook, title)
