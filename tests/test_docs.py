"""The documents: examples give what they say, and links inside the project lead somewhere."""

import doctest
import re

import pytest

from helpers import paths

ROOT = paths.project_root()
DOCUMENTS = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/*.md"), *ROOT.glob("data/**/*.md")])
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)


def names(paths_found):
    return [str(path.relative_to(ROOT)) for path in paths_found]


@pytest.mark.parametrize("document", sorted(ROOT.glob("docs/*.md")), ids=lambda path: path.name)
def test_examples_give_what_they_say(document):
    result = doctest.testfile(
        str(document), module_relative=False, optionflags=doctest.NORMALIZE_WHITESPACE
    )
    assert result.failed == 0


def test_the_methods_are_computed_not_pasted():
    text = (ROOT / "docs/methods.md").read_text(encoding="utf-8")
    assert len(doctest.DocTestParser().get_examples(text)) > 15


def anchors(document) -> set[str]:
    """Anchors of the headings, as GitHub makes them."""
    headings = HEADING.findall(document.read_text(encoding="utf-8"))
    kept = (re.sub(r"[^\w\- ]", "", heading.lower()) for heading in headings)
    return {heading.replace(" ", "-") for heading in kept}


@pytest.mark.parametrize("document", DOCUMENTS, ids=names(DOCUMENTS))
def test_links_lead_somewhere(document):
    for link in LINK.findall(document.read_text(encoding="utf-8")):
        if re.match(r"[a-z]+:", link):
            continue
        path, _, anchor = link.partition("#")
        target = (document.parent / path).resolve() if path else document
        assert target.exists(), f"{link} leads nowhere"
        if anchor:
            assert anchor in anchors(target), f"{link}: no such heading"
