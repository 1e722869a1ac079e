"""The language of what people read: messages from gettext catalogs, in English as message ids.

One language holds for a whole process at a time, since a report is written in one. Modules call
`_` where a text is shown, never when they are imported, so that the language can still be chosen.
"""

import contextlib
import io
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import NullTranslations, Translations

from helpers.errors import CchcError

CATALOGS = Path(__file__).parent / "locale"
SOURCE = "en"
DEFAULT = "vi"
NAMES = {"vi": "Tiếng Việt", "en": "English"}
# Dates as in 24 June 2021, and no comma before "and".
LOCALES = {"vi": "vi", "en": "en_GB"}

_chosen = DEFAULT


class UnknownLanguage(CchcError, ValueError):
    """No catalog for this language."""


def use(lang: str) -> None:
    """Choose the language of everything that is written from now on.

    Parameters
    ----------
    lang : str
        "vi" or "en".

    Raises
    ------
    UnknownLanguage
        There is no such language here.
    """
    global _chosen
    if lang not in NAMES:
        raise UnknownLanguage(f"No language {lang!r} here: choose one of {', '.join(NAMES)}.")
    _chosen = lang


@contextlib.contextmanager
def using(lang: str) -> Iterator[None]:
    """Write in another language for a while. Raises as `use`."""
    before = current()
    use(lang)
    try:
        yield
    finally:
        use(before)


def current() -> str:
    """Code of the language in use: "vi" or "en"."""
    return _chosen


def locale() -> str:
    """Babel's name for the language in use, for numbers, dates and lists."""
    return LOCALES[_chosen]


def _(message: str) -> str:
    """Give a message in the language in use; the message itself where it has no translation."""
    # The empty message id is where gettext keeps a catalog's head.
    return _catalog(_chosen).gettext(message) if message else ""


def ngettext(one: str, many: str, n: int) -> str:
    """Give the form of a message that goes with a number."""
    return str(_catalog(_chosen).ngettext(one, many, int(n)))  # a NumPy number will not do


def pgettext(context: str, message: str) -> str:
    """Give a message that is said differently in another context."""
    return str(_catalog(_chosen).pgettext(context, message))


def N_(message: str) -> str:
    """Mark a message of a table of messages, which `_` translates where it is shown."""
    return message


def translated(notebook, lang: str):
    """Give a notebook with its prose in a language.

    A Markdown cell keeps its English as ``en`` in its metadata, which is its message id; a cell
    without one stays as it is.

    Parameters
    ----------
    notebook : NotebookNode
        It is changed in place.
    lang : str
        "vi" or "en".

    Returns
    -------
    NotebookNode
        The same notebook.
    """
    with using(lang):
        for cell in notebook.cells:
            message = cell.metadata.get(SOURCE)
            if cell.cell_type == "markdown" and message:
                cell.source = _(message)
    return notebook


@lru_cache
def _catalog(lang: str) -> NullTranslations:
    if lang == SOURCE:
        return NullTranslations()
    # Compiled here, so that no compiled copy can fall behind the catalog.
    compiled = io.BytesIO()
    with (CATALOGS / lang / "LC_MESSAGES" / "messages.po").open("rb") as file:
        write_mo(compiled, read_po(file, locale=lang))
    compiled.seek(0)
    return Translations(compiled)
