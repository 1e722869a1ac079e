"""The documents: examples give what they say, and links inside the project lead somewhere."""

import doctest
import os
import re
import subprocess

import pytest

from helpers import completion, facts, paths
from helpers.exhibits import trust

ROOT = paths.project_root()
DOCUMENTS = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/*.md"), *ROOT.glob("data/**/*.md")])
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


# --- what the README says of the estimates ---------------------------------------------------


def readme() -> str:
    """The README as one line, so that a sentence is found wherever its lines break."""
    return " ".join((ROOT / "README.md").read_text(encoding="utf-8").split())


@pytest.fixture(scope="module")
def left_out():
    """Every score hidden in turn: made in a minute, and kept in outputs/ as a run keeps it."""
    return trust.hidden_scores(facts.load(), paths.outputs_dir() / "tables")


def table_row(key: tuple, row) -> str:
    *_hidden, index, year = key
    name = "**all**" if index == "all" else f"{index} {year}"
    lost = f" (+{row.without:.0f})" if row.without else ""
    shares = f"{row.covered_50:.0%} | {row.covered_90:.0%}"
    errors = f"{row.error:.3f} | {row.interpolation_error:.3f}"
    return f"| {name} | {row.n:.0f}{lost} | {shares} | {row.width_90:.2f} | {errors} |"


@pytest.mark.slow
def test_the_table_of_hidden_scores_is_what_completion_gives(left_out):
    table = completion.coverage(left_out[left_out["hidden"] == "score"])
    rows = [table_row(key, row) for key, row in zip(table.index, table.itertuples(), strict=True)]
    lines = (ROOT / "README.md").read_text(encoding="utf-8").splitlines()
    shown = [line for line in lines if re.match(r"\| (PAR|SIPAS) 20|\| \*\*all\*\*", line)]
    assert sorted(shown) == sorted(rows)


@pytest.mark.slow
def test_the_gain_on_a_line_between_neighbours_is_what_completion_gives(left_out):
    everything = completion.coverage(left_out).loc[("score", "score", "all", 0)]
    predicted = left_out[left_out["hidden"] == "score"].dropna(subset="median")
    off = predicted[["median", "interpolated"]].sub(predicted["truth"], axis=0).abs()
    ends, middle = off[predicted["outermost"]], off[~predicted["outermost"]]
    for said in (
        f"the **median** error over all is {everything.gain:.0%} smaller and the **mean** error "
        f"{everything.mean_gain:.0%}.",
        f"the mean error of the {len(ends)} scores with a published neighbour on one side only is "
        f"{ends['median'].mean():.2f} against {ends['interpolated'].mean():.2f}.",
        f"the median error of the other {len(middle)} is {middle['median'].median():.3f} against "
        f"{middle['interpolated'].median():.3f}.",
    ):
        assert said in readme()


@pytest.mark.slow
def test_what_is_said_of_provinces_with_nothing_published(left_out):
    hidden = completion.coverage(left_out[left_out["year"] > 2012])
    ranks, scores = (hidden.loc[("both", figure, "all", 0)] for figure in ("rank", "score"))
    assert (
        f"held {told(ranks)} of the ranks and {told(scores)} of the scores "
        f"({ranks.n:.0f} cases, years with 15 scores or more but 2012)."
    ) in readme()


def told(row) -> str:
    """A share with its binomial interval."""
    return f"{row.covered_90:.0%} ({row.covered_90_low:.0%} to {row.covered_90_high:.0%})"


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
