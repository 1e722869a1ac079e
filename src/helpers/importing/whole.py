"""Hold an import against everything else that is published, in a copy of the figures."""

import shutil
import tempfile
from pathlib import Path

import pandas as pd

from helpers import facts
from helpers.completion.feasibility import fits
from helpers.completion.gather import Fact, NotEnoughKnown, gather, regions_of, roster
from helpers.importing.refusal import Refused, several
from helpers.importing.writing import Files, store
from helpers.validation import IMPORTS, BadData


def check(made: Files, folder: Path, index: str, year: int) -> None:
    """Load the figures of a folder with the import among them, and see whether all can hold.

    Parameters
    ----------
    made : Files
        The import; nothing is written into ``folder``.
    folder : Path
        Folder of the data files.
    index, year
        What the import is of.

    Raises
    ------
    Refused
        The figures would no longer be sound, or no table of all units would fit them.
    """
    with tempfile.TemporaryDirectory() as scratch:
        copy = Path(scratch) / "data"
        copy.mkdir()
        for path in folder.glob("*.csv"):
            shutil.copy(path, copy)
        if facts.imports_dir(folder).is_dir():
            shutil.copytree(facts.imports_dir(folder), facts.imports_dir(copy))
        store(made, copy)
        try:
            table = facts.load(copy)
        except BadData as error:
            raise Refused(f"Among the other figures it cannot be taken. {error}") from error
    # Changes tie a year to those before and after it.
    broken = [
        fact
        for near in (year - 1, year, year + 1)
        for fact in _broken(table, index, near, f"{IMPORTS}/{made.stem}.csv")
    ]
    if broken:
        raise several(
            "No table of all units fits both these figures and the published facts below. Where "
            "such a fact is a slip, give it the status rejected in data/observations.csv; else "
            "mend the table.",
            list(dict.fromkeys(f"{fact.text} [{fact.sources}; {fact.where}]" for fact in broken)),
        )


def _broken(table: pd.DataFrame, index: str, year: int, file: str) -> list[Fact]:
    """Facts of other files that no table fits together with those of one file."""
    try:
        names = roster(table, index, year, "province")
    except NotEnoughKnown:
        return []
    known = gather(table, index, year, "province", names, regions_of(year))
    own = [fact for fact in known if any(place == file for place, _line in fact.places)]
    others = [fact for fact in known if fact not in own]
    if not own or fits(known, names) or not fits(others, names):
        return []
    if not fits(own, names):
        return own
    alone = [fact for fact in others if not fits([*own, fact], names)]
    if alone:
        return alone
    # None by itself, so those are told that do not fit with the ones before them.
    broken: list[Fact] = []
    for fact in others:
        if fits([*own, fact], names):
            own.append(fact)
        else:
            broken.append(fact)
    return broken
