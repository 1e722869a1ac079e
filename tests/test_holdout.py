"""Later figures held against the estimates from the figures before."""

import functools

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from toys import cchc

from helpers import completion, facts, holdout
from helpers.cli import planning
from helpers.validation import OBSERVATIONS, BadData, columns_of

HEADER = ",".join(columns_of(OBSERVATIONS))
# Bình Định has nothing published in 2020, and this rank is made up.
NEW = "province,Bình Định,PAR,2020,rank,,{},accepted,,made-up,"


def rows(*lines: str) -> str:
    return "\n".join([HEADER, *lines, ""])


@pytest.fixture
def later(tmp_path):
    """Write a file of later figures, and give its path."""

    def write(content: str | bytes):
        path = tmp_path / "later.csv"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return write


def check(path):
    return cchc("check", "--against", path)


# --- judging -------------------------------------------------------------------------------


def test_the_intervals_are_those_of_the_completed_tables(table, later):
    shown = completion.complete(table, "PAR", 2020, draws=200).summary().loc["Bình Định"]
    ends = shown[["rank_90_low", "rank_90_high"]].tolist()
    new = holdout.read(later(rows(NEW.format(80).replace("rank", "score"))))
    (row,) = holdout.judge(table, new, draws=200).itertuples()
    # Of scores as published, to two decimals.
    assert row.low_90 == pytest.approx(shown["score_90_low"], abs=0.006)
    assert row.high_90 == pytest.approx(shown["score_90_high"], abs=0.006)
    for rank, held in ((ends[0], True), (ends[1], True), (ends[0] - 1, False)):
        new = holdout.read(later(rows(NEW.format(rank))))
        (row,) = holdout.judge(table, new, draws=200).itertuples()
        assert [row.low_90, row.high_90, row.width] == [*ends, ends[1] - ends[0]]
        assert (row.figure, row.known, row.truth, row.held) == ("rank", "nothing", rank, held)


def test_what_the_figures_have_is_not_judged(table):
    assert holdout.judge(table, table).empty
    disputed = table.assign(status=table["status"].replace("disputed", "accepted"))
    judged = holdout.judge(table, disputed, draws=20)
    # One disputed value alone says nothing to the estimates; two are a range.
    assert set(zip(judged["unit"], judged["year"], strict=True)) >= {("Cao Bằng", 2024)}
    assert ("Sơn La", 2021) not in set(zip(judged["unit"], judged["year"], strict=True))


@pytest.mark.parametrize("known", ["nothing", "rank"])
def test_a_hidden_score_is_known_for_what_its_rank_is(table, known):
    # In the year of the pilot nothing is estimated, which would take as long as it takes to draw.
    gone = (table["unit"] == "Hà Nội") & (table["index"] == "SIPAS") & (table["year"] == 2015)
    kept = ("rank",) if known == "rank" else ()
    gone &= table["measure"].isin({"score", "rank"} - set(kept))
    judged = holdout.judge(table[~gone], table, draws=50).set_index("figure")
    assert judged.loc["score", "known"] == known
    assert ("rank" in judged.index) == (known == "nothing")


def test_nothing_is_estimated_where_nothing_can_be(table):
    gone = (table["index"] == "SIPAS") & (table["year"] == 2015) & (table["measure"] == "rank")
    judged = holdout.judge(table[~gone], table)
    assert len(judged) == gone.sum() > 0
    assert judged["low_90"].isna().all() and not judged["held"].any()
    assert holdout.totals(judged).empty


@given(st.lists(st.tuples(st.booleans(), st.floats(0, 50)), min_size=1, max_size=40))
def test_totals_count_what_is_held(found):
    judged = pd.DataFrame(
        [
            ("PAR", 2020, f"made up {n}", "score", "rank", 1.0, 0.0, width, width, held)
            for n, (held, width) in enumerate(found)
        ],
        columns=holdout.COLUMNS,
    )
    row = holdout.totals(judged).loc[("score", "rank")]
    assert (row["n"], row["held"]) == (len(found), sum(held for held, _ in found))
    # Clopper and Pearson by its definition: the shares that make so many or so few just likely.
    if 0 < row["held"] < row["n"]:
        assert stats.binom.sf(row["held"] - 1, row["n"], row["low"]) == pytest.approx(0.025)
        assert stats.binom.cdf(row["held"], row["n"], row["high"]) == pytest.approx(0.025)
    assert row["low"] <= row["share"] <= row["high"]


# --- the search of November 2026 -------------------------------------------------------------


def test_before_the_search_nothing_it_found_is_known(table):
    before = holdout.before(table)
    assert len(before) < len(table) and set(before.columns) == set(table.columns)
    listed = holdout._search()
    assert set(listed["status_before"]) == {"", "disputed"}
    new = listed[listed["status_before"] == ""]
    keys = pd.MultiIndex.from_frame(table[holdout.KEY])
    # Each row of the list is a row of today's figures, and of those before only what was disputed.
    assert pd.MultiIndex.from_frame(listed[holdout.KEY]).isin(keys).all()
    left = pd.MultiIndex.from_frame(before[holdout.KEY])
    assert not pd.MultiIndex.from_frame(new[holdout.KEY]).isin(left).any()
    assert len(before) == len(table) - len(new)
    assert list(completion.contradictions(before)) == []


def test_figures_that_came_after_the_search_stay(table):
    added = table.iloc[[0]].assign(unit="made up", value=1.0)
    both = pd.concat([table, added], ignore_index=True)
    assert holdout.before(both)["unit"].iloc[-1] == "made up"


# --- what comes with the project -------------------------------------------------------------


def test_no_year_is_hidden_again_whose_test_comes_with_the_project(table, tmp_path, monkeypatch):
    monkeypatch.setattr(planning, "HIDDEN_BEFORE", tmp_path)
    assert planning.hidden_years() == completion.years_with_enough(table)
    name = facts.fingerprint(table, "completion")
    (tmp_path / f"leave_one_out-PAR-2020-{name}.csv").touch()
    assert planning.hidden_years() == []


# --- the command ---------------------------------------------------------------------------


def test_the_command_says_what_is_held(later, monkeypatch):
    fewer = functools.partial(holdout.judge, draws=200)  # those that are drawn for the pages
    monkeypatch.setattr(holdout, "judge", fewer)
    second = NEW.format(63).replace("Bình Định", "Cà Mau")
    result = check(later(rows(NEW.format(1), second)))
    assert result.exit_code == 0, result.output
    lines = result.stdout.splitlines()
    assert lines[1].startswith("PAR 2020 Bình Định, rank 1 (nothing known): ")
    assert lines[1].endswith(", missed")
    assert (
        "ranks, nothing known: the 90% interval holds 0 of 2, 0% (95% interval 0% to 84%)"
        in (lines[-1])
    )


BAD = {
    "no CSV": (b'\x89PNG\r\n\x1a\n"', "is not UTF-8"),
    "unknown province": (NEW.format(9).replace("Bình Định", "Bình Địn"), "There is no province"),
    "no such year of it": (NEW.format(9).replace("2020", "2011"), "no figure of PAR 2011 to judge"),
    "two values": ("\n".join([NEW.format(9), NEW.format(10)]), "has 2 accepted values"),
    "no row": (rows().encode(), "no accepted score or rank of a province that"),
    "nothing new": (NEW.format(29).replace("Bình Định", "Thanh Hóa"), "no accepted score or rank"),
    "no province": (
        "national,Việt Nam,PAR,2020,score,,83,accepted,,made-up,",
        "no accepted score or rank",
    ),
    "several": (
        "\n".join([NEW.format(0), NEW.format(99)]),
        "0 is not between 1 and 63 (and 1 more)",
    ),
}


@pytest.mark.parametrize("case", BAD)
def test_a_bad_file_ends_in_one_line(later, case):
    content, told = BAD[case]
    result = check(later(content if isinstance(content, bytes) else rows(content)))
    assert result.exit_code == 1
    assert result.exception is None or isinstance(result.exception, SystemExit)
    (line,) = result.stderr.splitlines()
    assert told in line and "later.csv" in line


@pytest.mark.parametrize("name", ["nowhere.csv", "."])
def test_no_file_at_all(tmp_path, name):
    result = check(tmp_path / name)
    assert result.exit_code == 1
    (line,) = result.stderr.splitlines()
    assert "cannot be read" in line


@given(content=st.binary(max_size=200) | st.text(max_size=99).map(lambda t: rows(t).encode()))
def test_anything_is_read_or_refused(tmp_path_factory, content):
    path = tmp_path_factory.getbasetemp() / "anything.csv"
    path.write_bytes(content)
    try:
        assert list(holdout.read(path).columns) == [*columns_of(OBSERVATIONS), "line"]
    except BadData as error:
        assert all(p.file == path.name for p in error.problems)
