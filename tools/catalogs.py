"""Renew the message catalogs from the code and the notebooks, or say what they lack.

``python tools/catalogs.py update`` adds new messages to the Vietnamese catalog, with an empty
translation, and drops those that nothing uses; ``check`` changes nothing and names what is missing,
stale or has other placeholders. The prose of notebooks is part of both: a Markdown cell is written
in Vietnamese and keeps its English in its metadata, and ``update`` takes both into the catalog.
"""

import io
import json
import re
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

from helpers import language, notebooks, paths

KEYWORDS = {"_": None, "N_": None, "ngettext": (1, 2), "pgettext": ((1, "c"), 2)}
FILE = language.CATALOGS / "vi" / "LC_MESSAGES" / "messages.po"
FIELD = re.compile(r"\{([^{}]*)\}")


def notebook_messages(file, keywords, comment_tags, options) -> Iterator[tuple]:
    """Yield the English of a notebook's Markdown cells, as Babel asks of an extractor."""
    for number, cell in enumerate(json.load(file)["cells"], 1):
        if "en" in cell["metadata"]:
            yield number, None, cell["metadata"]["en"], []


def extracted() -> Catalog:
    """Every message of the code, the page templates and the notebooks."""
    root = paths.project_root()
    found = Catalog(
        locale="vi",
        project="CCHC Notebooks",
        copyright_holder="CCHC Notebooks contributors",
        header_comment="# Vietnamese of CCHC Notebooks. Renewed by tools/catalogs.py update.",
        # A date that moves would make every renewal a change.
        creation_date=datetime(2026, 11, 23, tzinfo=UTC),
        fuzzy=False,
    )
    methods: list = [  # Babel takes functions as well as the names of extractors
        ("src/**.py", "python"),
        ("src/**.j2", "jinja2"),
        *((f"notebooks/{path.name}", notebook_messages) for path in notebooks.files()),
    ]
    messages = extract_from_dir(
        root,
        methods,
        {"src/**.j2": {"silent": "false", "trimmed": "true"}},
        KEYWORDS,
        directory_filter=lambda folder: _is_ours(Path(folder).relative_to(root).parts),
    )
    for name, _line, message, comments, context in messages:
        found.add(message, locations=[(name, 0)], auto_comments=comments, context=context)
    return found


def _is_ours(parts: tuple[str, ...]) -> bool:
    """Whether a folder of the project may hold messages; editors leave hidden ones in any."""
    return parts[:1] in ((), ("src",), ("notebooks",)) and not any(p.startswith(".") for p in parts)


def stored() -> Catalog:
    """The Vietnamese catalog as it is."""
    with FILE.open("rb") as file:
        return read_po(file, locale="vi")


def problems() -> list[str]:
    """What is missing, stale or does not fit its message; nothing where all is well."""
    wanted = {_key(m): m for m in extracted() if m.id}
    told, seen = [], set()
    for message in stored():
        if not message.id:
            continue
        key = _key(message)
        seen.add(key)
        if key not in wanted:
            told.append(f"stale, nothing uses it: {key}")
        elif not all(_texts(message.string)):
            told.append(f"not translated: {key}")
        elif not _same_fields(message):
            told.append(f"other placeholders than its message: {key}")
    told += [f"missing: {key}" for key in wanted if key not in seen]
    return told + list(_other_prose())


def _key(message) -> tuple:
    return (message.context, *_texts(message.id))


def _texts(value) -> tuple[str, ...]:
    return tuple(value) if isinstance(value, tuple | list) else (value,)


def _same_fields(message) -> bool:
    wanted = set().union(*(FIELD.findall(text) for text in _texts(message.id)))
    return all(set(FIELD.findall(text)) == wanted for text in _texts(message.string))


def _other_prose() -> Iterator[str]:
    """Name the Markdown cells that have no English, or another Vietnamese than the catalog."""
    with language.using("vi"):
        for path, english, vietnamese in prose():
            first, *_ = vietnamese.split("\n")
            place = f'{path.name}, "{first:.40}"'
            if not english:
                yield f'no English ("en" in its metadata): {place}'
            elif language._(english) != vietnamese:
                yield f'other Vietnamese, run "update": {place}'


def prose() -> Iterator[tuple[Path, str | None, str]]:
    """Each Markdown cell of the notebooks: file, English and Vietnamese."""
    for path in notebooks.files():
        for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
            if cell["cell_type"] == "markdown":
                yield path, cell["metadata"].get("en"), "".join(cell["source"])


def renewed() -> bytes:
    """The catalog anew: every message in use, with its translation or that of its cell."""
    wanted, made = extracted(), io.BytesIO()
    for message in stored():
        if message.id and (found := wanted.get(message.id, message.context)):
            found.string = message.string
    for _path, english, vietnamese in prose():
        if english and (of_cell := wanted.get(english)):
            of_cell.string = vietnamese
    write_po(made, wanted, width=96, sort_output=True, include_lineno=False)
    return made.getvalue()


if __name__ == "__main__":
    if sys.argv[1:] == ["update"]:
        FILE.write_bytes(renewed())
    elif sys.argv[1:] != ["check"]:
        sys.exit("python tools/catalogs.py update | check")
    told = problems()
    print("\n".join(told) or "The catalogs are complete.")
    sys.exit(bool(told))
