"""The texts that a notebook's cells say in two languages, read without running them."""

import ast
from collections import Counter
from collections.abc import Iterator
from string import Formatter

import languages

FORMATTER = Formatter()
CALLS = ("say", "text")


def pairs(source: str) -> Iterator[tuple[str, str]]:
    """Give every pair (Vietnamese, English) of a cell: what is said, and pairs in brackets.

    Raises
    ------
    ValueError
        A call of `say` or `text` whose two texts do not stand there as they are.
    """
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") in CALLS:
            if any(isinstance(argument, ast.Starred) for argument in node.args):
                continue  # a pair that stands in a table of pairs, and is read there
            if len(node.args) != 2 or not all(map(_is_text, node.args)):
                raise ValueError(f"line {node.lineno}: both texts must stand in the call")
            yield tuple(argument.value for argument in node.args)
        elif isinstance(node, ast.Tuple) and len(node.elts) == 2 and all(map(_is_text, node.elts)):
            yield tuple(element.value for element in node.elts)


def _is_text(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str)


def fields(text: str) -> Counter:
    """Count the fields of a text, each with its format."""
    found = Counter()
    for _before, name, spec, _conversion in FORMATTER.parse(text):
        if name is not None:
            found[f"{{{name}:{spec}}}"] += 1
    return found


def problems(source: str) -> list[str]:
    """What does not fit between the two texts of each pair of a cell."""
    told = []
    for vi, en in pairs(source):
        if fields(vi) != fields(en):
            told.append(f"other fields: {en!r}")
        bare = ["".join(part[0] for part in FORMATTER.parse(one)) for one in (vi, en)]
        if languages.numbers(bare[0], "vi") != languages.numbers(bare[1], "en"):
            told.append(f"other numbers: {en!r}")
        if left := languages.vietnamese_in(en):
            told.append(f"Vietnamese in the English: {left}")
    return told
