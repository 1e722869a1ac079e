"""What the commands share: how an argument is checked, and how an error ends a command."""

import contextlib
import sys
from collections.abc import Iterator
from typing import Annotated, NoReturn

import typer

from helpers import facts, units
from helpers.errors import CchcError

Year = Annotated[int, typer.Option(help="Year that the results are of.")]
# Where none is given; the notebooks' own parameters say the same.
DEFAULT_YEAR = 2020


def province_named(text: str, year: int) -> str:
    """Give the name of a province as in data/, or end the command with status 2."""
    try:
        return units.resolve(text, year=year)
    except units.UnknownUnit as error:
        stop(str(error), 2)


def check_year(year: int) -> None:
    """End the command with status 2 where data/ has no figure of a year."""
    years = facts.load()["year"]
    if year not in set(years):
        there = "none" if years.empty else f"{years.min()} to {years.max()}"
        stop(f"No figures for the year {year}: data/ has {there}.", 2)


def stop(message: str, status: int) -> NoReturn:
    """End the command with a message and an exit status."""
    print(message, file=sys.stderr)
    raise typer.Exit(status)


@contextlib.contextmanager
def told(stopped: str = "Stopped.") -> Iterator[None]:
    """Turn the errors meant for a user, and Ctrl-C, into a message and an exit status."""
    try:
        yield
    except CchcError as error:
        stop(str(error), 1)
    except KeyboardInterrupt:
        stop(stopped, 130)
