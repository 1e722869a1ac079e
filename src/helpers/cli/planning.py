"""The jobs of a run: which notebooks, in which languages, from which figures."""

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
from helpers.exhibits import trust

trust.hidden_scores(facts.load(), paths.outputs_dir() / "tables")
"""


def shared(year: int) -> list[Shared]:
    """Work whose files several notebooks read: joint draws, forecasts' fits, and the test."""
    fits = [
        Shared(name.format(year=year), FITS.format(index=index, year=year))
        for index, name in notebooks.FITS.items()
    ]
    return [Shared(notebooks.JOINT, JOINT), *fits, Shared(notebooks.HIDDEN, HIDDEN)]


def national(year: int, languages: list[str]) -> list[Job]:
    """The notebooks on the nation, in each language that they are written in."""
    jobs = []
    for one in notebooks.NATIONAL:
        needs = tuple(name.format(year=year) for name in one.needs)
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
        folder = "" if lang == language.DEFAULT else f"{lang}/"
        own = {**given, "lang": lang} if "lang" in known else given
        jobs.append(Job(path, own, folder + name, shown, lang, needs, data))
    return jobs


@lru_cache
def _parameters(path: Path) -> list[str]:
    return parameters(path, read(path))


def render(notebook, title: str) -> str:
    """Make the page of an executed notebook; imported in the worker, where there is one to make."""
    from helpers import site

    return site.to_html(notebook, title)
