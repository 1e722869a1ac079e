"""Which notebooks there are, and the words of their pages and links: one place to add one.

``python -m helpers.notebooks`` names their files: in the same folder, an analyst's own may lie.
"""

import os
from pathlib import Path
from typing import NamedTuple

from helpers import paths
from helpers.language import N_

# Work that several notebooks wait for, by its name: the joint draws of all years; the fits of each
# index that forecasts are made with, the one that takes longest first; and the test of the
# estimates on hidden scores, each index and year by itself, and on figures that were found later.
JOINT = "joint-draws"
FITS, HIDDEN = {"PAR": "fits-PAR-{year}", "SIPAS": "fits-SIPAS-{year}"}, "hidden-{index}-{year}"
HELD_OUT = "held-out"


class National(NamedTuple):
    """A notebook on the nation: its name, what it calls its year, and the words for it."""

    stem: str
    parameter: str
    title: str
    link: str
    needs: tuple[str, ...]


# The one that takes longest first.
NATIONAL = (
    National(
        "1_national_results",
        "year",
        N_("PAR INDEX and SIPAS: the results of {year}"),
        N_("National results"),
        (JOINT, *FITS.values(), HIDDEN, HELD_OUT),
    ),
    National(
        "3_trajectories",
        "last_year",
        N_("Where are the provinces heading? Up to {year}"),
        N_("Where are the provinces heading?"),
        (JOINT, *FITS.values()),
    ),
    National(
        "2_satisfaction_and_reform",
        "year",
        N_("Reform and satisfaction in {year}"),
        N_("Reform and satisfaction"),
        (JOINT,),
    ),
)
NATIONAL_STEMS = frozenset(one.stem for one in NATIONAL)
REPORT = "province_report"
# The page that compares two provinces, by language; no notebook is run for it.
COMPARISON = {"vi": "so-sanh", "en": "compare"}
REPORT_TITLE = N_("{province}: PAR INDEX and SIPAS of {year}")


def files() -> list[Path]:
    """The project's notebooks by name; whatever else is in their folder is not the project's."""
    stems = sorted([*(one.stem for one in NATIONAL), REPORT])
    return [paths.notebooks_dir() / f"{stem}.ipynb" for stem in stems]


def page_name(stem: str, year: int) -> str:
    """Name of a report's files, without suffix: "38-thanh-hoa-2020"."""
    return f"{stem}-{year}"


def comparison(year: int, lang: str) -> str:
    """Name of the page that compares two provinces, without suffix: "so-sanh-2020"."""
    return page_name(COMPARISON.get(lang, COMPARISON["en"]), year)


if __name__ == "__main__":
    print(*(os.path.relpath(path) for path in files()))
