"""Which notebooks there are, and the words of their pages and links: one place to add one."""

from typing import NamedTuple

from helpers.language import N_

# Work that several notebooks wait for, by its name: the joint draws of all years; the fits of each
# index that forecasts are made with, the one that takes longest first; and the test of the
# estimates on hidden scores.
JOINT = "joint-draws"
FITS, HIDDEN = {"PAR": "fits-PAR-{year}", "SIPAS": "fits-SIPAS-{year}"}, "hidden-scores"


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
        (JOINT, *FITS.values(), HIDDEN),
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
REPORT = "province_report"
REPORT_TITLE = N_("{province}: PAR INDEX and SIPAS of {year}")


def page_name(stem: str, year: int) -> str:
    """Name of a report's files, without suffix: "38-thanh-hoa-2020"."""
    return f"{stem}-{year}"
