"""The documents: examples give what they say, and links inside the project lead somewhere."""

import doctest
import os
import re
import subprocess

import pandas as pd
import pytest
import renew_docs

from helpers import completion, facts, holdout, paths
from helpers.completion import tables
from helpers.completion.leave_one_out import DRAWS
from helpers.holdout import stored

ROOT = paths.project_root()
DOCUMENTS = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/*.md"), *ROOT.glob("data/**/*.md")])
DOCUMENTS += [ROOT / "outputs/README.md"]
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
SHELL = re.compile(r"^```sh\n(.*?)^```$", re.MULTILINE | re.DOTALL)
# Commands that are not run, and why.
LEFT_OUT = {
    "make test": "what runs this would run itself",
    "make lab": "waits for somebody; tests/test_jupyterlab.py opens the notebooks in JupyterLab",
    "make lock": "asks the network for newer versions",
    "conda": "not on every machine",
    ".venv/bin/cchc reports --scheduler": "needs a cluster; tests/test_cluster.py starts one",
    "cchc reports": "the conda way; .venv/bin/cchc is run",
    "jupyter lab": "waits for somebody",
}
# A workbook to fill in, and not filled in, has nothing to take.
REFUSED = {"cchc import": "no figure"}
RENEW = "figures or estimates have changed: run tools/renew_docs.py, or mend the document"
HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)


def names(paths_found):
    return [str(path.relative_to(ROOT)) for path in paths_found]


def example(path):
    """A document's examples; those of the methods take half a minute of a core."""
    slow = [pytest.mark.slow] * (path.name == "methods.md")
    return pytest.param(path, marks=slow, id=path.name)


@pytest.mark.parametrize("document", [example(path) for path in sorted(ROOT.glob("docs/*.md"))])
def test_examples_give_what_they_say(document):
    result = doctest.testfile(
        str(document), module_relative=False, optionflags=doctest.NORMALIZE_WHITESPACE
    )
    assert result.failed == 0, RENEW


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


# --- what the documents say of the figures and the estimates -----------------------------------


@pytest.mark.parametrize("document", DOCUMENTS, ids=names(DOCUMENTS))
def test_what_stands_between_the_marks_is_what_the_stored_results_give(document):
    text = document.read_text(encoding="utf-8")
    assert renew_docs.renewed(text, renew_docs.blocks()) == text, RENEW
    marks = re.findall(r"^ *<!-- figures: [a-z-]+ -->$", text, re.MULTILINE)
    assert len(marks) == len(renew_docs.BLOCK.findall(text))


def test_every_number_that_is_renewed_stands_somewhere():
    texts = "".join(path.read_text(encoding="utf-8") for path in renew_docs.documents())
    assert {name for _, name, _ in renew_docs.BLOCK.findall(texts)} == set(renew_docs.blocks())


def test_the_tests_of_the_estimates_come_with_the_project(tmp_path, monkeypatch):
    """Of these very figures and this code: nobody waits minutes for them in a fresh clone."""

    def outdated(*_args, **_named):
        pytest.fail(RENEW)

    figures = facts.load()
    with monkeypatch.context() as changed:
        for package, name in ((completion, "leave_one_out"), (holdout, "judge")):
            changed.setattr(package, name, outdated)
        changed.setattr(completion, "complete", outdated)
        for make in (stored.hidden_scores, stored.held_out, stored.hidden_means):
            assert len(make(figures, tmp_path))
    assert not list(tmp_path.iterdir())


@pytest.mark.slow
@pytest.mark.parametrize(("index", "year"), [("PAR", 2020), ("SIPAS", 2022)])
def test_what_was_hidden_is_estimated_as_stored(index, year, tmp_path):
    figures, how = facts.load(), {"draws": DRAWS, "seed": tables.SEED, "hide": stored.HIDE}
    kept = stored.hidden_scores_of(figures, index, year, tmp_path)
    made = completion.leave_one_out(figures, index, year, **how)
    pd.testing.assert_frame_equal(kept, made, check_dtype=False, atol=1e-6)

    table, group = pd.read_csv(renew_docs.STORED), f"{index} {year}"
    assert len(table["seed"].unique()) >= 10
    of_seed = table[table["seed"] == renew_docs.SEEDS[0]].set_index("group").loc[[group]]
    how |= {"draws": tables.DRAWS, "seed": renew_docs.SEEDS[0], "hide": ("score",)}
    made = renew_docs.summary(completion.leave_one_out(figures, index, year, **how))
    made = made.set_index("group").loc[[group]]
    pd.testing.assert_frame_equal(of_seed[made.columns], made, check_dtype=False, atol=1e-6)


def test_examples_that_give_something_else_are_rewritten():
    text = "One:\n\n```pycon\n>>> 1 + 1\n3\n>>> print('a\\nb')\nc\n>>> x = 5\n>>> x\n5\n\n```\n"
    right = text.replace("\n3\n", "\n2\n").replace("\nc\n", "\na\nb\n")
    assert renew_docs.examples_renewed(text, "made up") == right
    assert renew_docs.examples_renewed(right, "made up") == right
    with pytest.raises(ZeroDivisionError):
        renew_docs.examples_renewed(text.replace("1 + 1", "1 / 0"), "made up")


# --- commands ----------------------------------------------------------------------------------


def commands(block: str) -> list[str]:
    lines = (line.split("  #")[0].split(" # ")[0].strip() for line in block.splitlines())
    return [line for line in lines if line and not line.startswith("#")]


@pytest.fixture(scope="module")
def clone(tmp_path_factory):
    """A copy of what is committed, set up as the README says."""
    folder = tmp_path_factory.mktemp("clone") / "cchc"
    subprocess.run(["git", "clone", "--quiet", ROOT, folder], check=True)
    subprocess.run(["make", "setup"], cwd=folder, check=True, env=clean_environment(folder))
    return folder


def clean_environment(folder) -> dict[str, str]:
    """The environment of somebody who has nothing of this project yet."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if name in ("PATH", "LANG") or re.match(r"(?i)PIP_|SSL_|\w+_proxy$", name)
    }
    home = folder.parent / "home"
    home.mkdir(exist_ok=True)
    return kept | {"HOME": str(home)}


@pytest.mark.docs
@pytest.mark.parametrize("name", ["README.md", "README.vi.md", "CONTRIBUTING.md"])
def test_every_command_does_what_it_says(name, clone):
    done = 0
    for block in SHELL.findall((ROOT / name).read_text(encoding="utf-8")):
        folder = clone
        for command in commands(block):
            if any(command.startswith(left_out) for left_out in LEFT_OUT):
                continue
            if command.startswith("cd "):
                folder = clone / command.removeprefix("cd ")
                continue
            ran = subprocess.run(
                command, shell=True, cwd=folder, env=clean_environment(clone),
                capture_output=True, text=True, timeout=1200,
            )  # fmt: skip
            refused = [words for part, words in REFUSED.items() if part in command]
            assert ran.returncode == len(refused), f"{command}\n{ran.stdout}{ran.stderr}"
            assert all(words in ran.stderr + ran.stdout for words in refused), ran.stderr
            done += 1
    assert done > 2
