"""The jobs of a run: which notebooks, in which languages, from which figures."""

from functools import lru_cache
from pathlib import Path

from helpers import language, paths
from helpers.batch.jobs import Job, Shared, parameters, read, read_figures
from helpers.cli import figures_used
from helpers.language import N_, _

# Shared work, by its name: the fits of each index that forecasts are made with, the one that takes
# longest first; and the test of the estimates on hidden scores.
FITS_NAMES, HIDDEN_NAME = ("fits-PAR-{year}", "fits-SIPAS-{year}"), "hidden-scores"
# Notebook, its parameter for the year, title of its page, and the shared work that it waits for;
# the one that takes longest first.
NATIONAL = (
    (
        "1_national_results",
        "year",
        N_("PAR INDEX and SIPAS: the results of {year}"),
        (*FITS_NAMES, HIDDEN_NAME),
    ),
    (
        "3_trajectories",
        "last_year",
        N_("Where are the provinces heading? Up to {year}"),
        FITS_NAMES,
    ),
    ("2_satisfaction_and_reform", "year", N_("Reform and satisfaction in {year}"), ()),
)
REPORT = "province_report"
REPORT_TITLE = N_("{province}: PAR INDEX and SIPAS of {year}")
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
    """Work whose files several notebooks read: the forecasts' fits, and the test of estimates."""
    from helpers import facts

    fits = [
        Shared(name.format(year=year), FITS.format(index=index, year=year))
        for name, index in zip(FITS_NAMES, facts.INDICES, strict=True)
    ]
    return [*fits, Shared(HIDDEN_NAME, HIDDEN)]


def national(year: int, languages: list[str]) -> list[Job]:
    """The notebooks on the nation, in each language that they are written in."""
    jobs = []
    for stem, parameter, title, names in NATIONAL:
        needs = tuple(name.format(year=year) for name in names)
        jobs += _editions(stem, f"{stem}-{year}", {parameter: year}, title, {}, languages, needs)
    return jobs


def reports(provinces: list[str], year: int, languages: list[str]) -> list[Job]:
    """The report of each province, in each language."""
    from helpers import units

    data = figures_used.of_provinces(read_figures(paths.data_dir()), provinces, year)
    needs = tuple(work.format(year=year) for work in FITS_NAMES)
    jobs = []
    for name in provinces:
        given = {"province": name, "year": year}
        stem, words = f"{units.slug(name, year=year)}-{year}", {"province": name}
        jobs += _editions(REPORT, stem, given, REPORT_TITLE, words, languages, needs, data[name])
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
