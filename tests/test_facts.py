"""The tidy table and its views, held against another reading of the same files."""

import csv
import math
import time
from functools import partial

import pandas as pd
import pytest
import toys

from helpers import facts, units
from helpers.paths import data_dir

# Provinces with a score, and with a score or a rank, as data/README.md counts them: a figure
# counts there when it is accepted or disputed.
IN_HAND = {
    "PAR": {2017: (7, 25), 2018: (19, 30), 2019: (26, 37), 2020: (34, 48)}
    | {2021: (33, 42), 2022: (29, 37), 2023: (33, 44), 2024: (15, 20)},
    "SIPAS": {2017: (13, 15), 2018: (8, 12), 2019: (10, 20), 2020: (26, 35)}
    | {2021: (24, 31), 2022: (18, 28), 2023: (26, 34), 2024: (11, 19)},
}
SERIES = [(index, year) for index, years in IN_HAND.items() for year in years]


@pytest.fixture(scope="module")
def lines():
    """The lines of observations.csv as the csv module reads them."""
    with (data_dir() / "observations.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def rows(lines, table):
    """These, and the figures that are named in derivations alone."""
    return [*lines, *table[len(lines) :].astype(str).to_dict("records")]


def published(rows, statuses=("accepted",), **where):
    """Value by unit of the rows with the given cells."""
    where = {column: str(value) for column, value in where.items()}
    return {
        row["unit"]: float(row["value"])
        for row in rows
        if row["status"] in statuses and all(row[c] == value for c, value in where.items())
    }


def made_up(*figures):
    """A tidy table of (unit, measure, value) of PAR 2001, all made up."""
    return toys.figures(figures, ["unit", "measure", "value"], year=2001)


# --- the table -----------------------------------------------------------------------------


def test_the_table_holds_every_line_of_the_file(table, lines):
    rows, text = lines, [column for column in lines[0] if column not in ("year", "value")]
    named, table = table[len(rows) :], table[: len(rows)]
    assert (named["line"].isin(table["line"]) & (named["derivation"] == "")).all()
    assert table[text].to_dict("records") == [{c: row[c] for c in text} for row in rows]
    assert table["year"].tolist() == [int(row["year"]) for row in rows]
    assert table["value"].tolist() == [float(row["value"]) for row in rows]
    assert list(table) == [*rows[0], "file", "line"]
    assert table["year"].dtype == table["line"].dtype == "int64"
    assert not table.isna().any(axis=None)
    written = (data_dir() / "observations.csv").read_text("utf-8").split("\n")
    for row in table.sample(50, random_state=0).itertuples():
        assert written[row.line - 1].startswith(
            f"{row.unit_type},{row.unit},{row.index},{row.year},"
        )


def test_what_a_derivation_starts_from_is_published_too(table):
    """Hậu Giang's 84.51 of 2020 is "score2021 86.77 - 2.26", and no line has the 86.77."""
    base = facts.figure(table, "Hậu Giang", "PAR", 2021, "score")
    derived = facts.figure(table, "Hậu Giang", "PAR", 2020, "score")
    assert base["value"] == 86.77 and base["derivation"] == ""
    assert derived["derivation"].startswith("score2021 86.77 ")
    assert (base["line"], base["sources"]) == (derived["line"], derived["sources"])
    assert facts.change(table, "Hậu Giang", "PAR", 2021, "rank")["value"] == 1
    # Rejected as its own row, it does not come back by what was derived from it.
    assert facts.figure(table, "Hòa Bình", "PAR", 2023, "score")["value"] == 86.76
    assert (table["value"][table["unit"].eq("Hòa Bình") & table["year"].eq(2023)] == 86.89).any()


def test_loading_is_fast():
    # The fastest of some: other work on the machine makes a run slower, never faster.
    def seconds():
        start = time.perf_counter()
        facts.load()
        return time.perf_counter() - start

    assert min(seconds() for _ in range(5)) < 0.15


def test_what_a_caller_does_to_a_table_does_not_reach_the_next(data_copy, table):
    own = facts.load()
    own["value"] = 0.0
    assert facts.load().equals(table)
    assert facts.load(str(data_copy)).equals(table)


# --- scores --------------------------------------------------------------------------------


@pytest.mark.parametrize(("index", "year"), SERIES)
def test_scores_are_the_accepted_figures_the_best_first(table, rows, index, year):
    view = facts.scores(table, index, year)
    counted = {}
    for measure in ("score", "rank"):
        where = {"unit_type": "province", "index": index, "year": year, "measure": measure}
        assert view[measure].dropna().to_dict() == published(rows, **where)
        counted[measure] = set(published(rows, ("accepted", "disputed"), **where))
    assert view.index.is_unique
    assert view[["score", "rank"]].notna().any(axis=1).all()
    assert view["rank"].dropna().is_monotonic_increasing
    assert view["score"].dropna().is_monotonic_decreasing
    in_hand = (len(counted["score"]), len(counted["score"] | counted["rank"]))
    assert in_hand == IN_HAND[index][year]


def test_text_is_empty_where_there_is_no_figure(table):
    view = facts.scores(table, "PAR", 2020)
    for measure in ("score", "rank"):
        missing = view[measure].isna()
        assert missing.any()
        assert (view.loc[missing, [f"{measure}_sources", f"{measure}_derivation"]] == "").all(
            axis=None
        )
        assert (view.loc[~missing, f"{measure}_sources"] != "").all()


def test_a_score_without_rank_stands_between_its_neighbours(table):
    order = facts.scores(table, "PAR", 2020).index.tolist()
    at = order.index("Bến Tre")  # 83.29, below Hà Nam's 83.45 and above Bạc Liêu's 83.17
    assert order[at - 1] == "Hà Nam"
    assert order.index("Bạc Liêu") > at
    # Two of them between the same neighbours stand by their scores.
    order = facts.scores(table, "SIPAS", 2020).index.tolist()
    assert order[-4:] == ["Khánh Hòa", "Bình Phước", "Đắk Lắk", "Bình Thuận"]


@pytest.mark.parametrize(
    ("figures", "order"),
    [
        # A made-up unit is named after its place.
        ([("B", "score", 80), ("A", "score", 90), ("C", "score", 70)], "ABC"),
        ([("B", "rank", 20), ("A", "rank", 2), ("C", "rank", 63)], "ABC"),
        ([("A", "score", 95), ("B", "score", 90), ("B", "rank", 1), ("C", "score", 85)], "ABC"),
        ([("C", "score", 80), ("B", "score", 85), ("A", "score", 90), ("A", "rank", 40)], "ABC"),
        ([("B", "score", 80), ("A", "score", 90), ("A", "rank", 7), ("C", "rank", 8)], "ABC"),
        ([("Z", "score", 90), ("Y", "score", 80)], "ZY"),
    ],
)
def test_order_of_made_up_scores(figures, order):
    assert "".join(facts.scores(made_up(*figures), "PAR", 2001).index) == order


def test_a_score_of_a_part_is_no_score_of_the_unit():
    table = made_up(("A", "score", 90), ("A", "score", 9))
    table.loc[1, "part"] = "steering"
    assert facts.scores(table, "PAR", 2001)["score"].tolist() == [90]


def test_a_year_without_figures(table):
    empty = facts.scores(table, "PAR", 1999)
    assert empty.empty
    assert set(empty) == set(facts.scores(table, "PAR", 2020))
    assert facts.panel(table, "PAR", "no such measure").empty
    assert facts.parts(table, "PAR", 1999).empty


def test_scores_of_ministries(table, rows):
    view = facts.scores(table, "PAR", 2020, "ministry")
    where = {"unit_type": "ministry", "index": "PAR", "year": 2020, "measure": "score"}
    assert view["score"].dropna().to_dict() == published(rows, **where)
    assert not set(view.index) & set(facts.scores(table, "PAR", 2020).index)


# --- the other views -----------------------------------------------------------------------


@pytest.mark.parametrize("index", facts.INDICES)
@pytest.mark.parametrize("measure", ["score", "rank"])
def test_panel(table, rows, index, measure):
    view = facts.panel(table, index, measure)
    assert view.columns.is_monotonic_increasing
    for year in view:
        where = {"unit_type": "province", "index": index, "year": year, "measure": measure}
        assert view[year].dropna().to_dict() == published(rows, **where) != {}
    assert 2020 in view


def test_parts(table, rows):
    view = facts.parts(table, "PAR", 2020)
    assert set(facts.BLOCKS) <= set(view)
    for part in view:
        where = {"unit_type": "province", "index": "PAR", "year": 2020, "measure": "points"}
        assert view[part].dropna().to_dict() == published(rows, **where, part=part) != {}


@pytest.mark.parametrize("index", facts.INDICES)
def test_national(table, rows, index):
    view = facts.national(table, index)
    assert list(view) == ["mean", "median", "min", "max", "ministry_mean"]
    assert view.index.is_monotonic_increasing
    for measure in view:
        where = {"unit_type": "national", "index": index, "measure": measure, "part": ""}
        for year, value in view[measure].items():
            found = published(rows, **where, year=year)
            assert found == ({} if math.isnan(value) else {facts.NATION: value})
    assert view.loc[2020, "mean"] == {"PAR": 83.72, "SIPAS": 85.48}[index]


def test_a_national_mean_follows_from_all_scores_where_none_is_published():
    """Made up, of all 34 names of 2025, since it is those that must all be there."""
    names = units.provinces(2025)["name"]
    scores = [(name, "score", 70 + n / 3) for n, name in enumerate(names)]

    def mean_of(rows):
        table = toys.figures(rows, ["unit", "measure", "value"], year=2025)
        return facts.national_mean(table, "PAR", 2025)

    assert mean_of(scores) == {"value": 75.5, "derivation": facts.ALL_SCORES, "sources": "made-up"}
    assert mean_of(scores[1:]) is None
    found = mean_of([*scores, (facts.NATION, "mean", 80)])
    assert (found["value"], facts.kind(found["derivation"])) == (80, "published")


def test_figure(table):
    row = facts.figure(table, "Thanh Hóa", "PAR", 2020, "score")
    assert (row["value"], row["sources"]) == (84.33, "s001")
    assert facts.figure(table, "Bình Định", "PAR", 2020, "score") is None
    assert facts.figure(table, "Sơn La", "PAR", 2021, "score") is None  # disputed
    assert math.isnan(facts.panel(table, "PAR").loc["Sơn La", 2021])
    assert facts.select(table, unit="Bình Định", year=2020).empty


# --- changes -------------------------------------------------------------------------------


def test_a_stated_change(table):
    stated = {"kind": "published", "arithmetic": ""}
    for index, places in (("PAR", 14), ("SIPAS", 9)):
        found = facts.change(table, "Thanh Hóa", index, 2020, "rank")
        assert found == {"value": places, "sources": "s001", **stated}
    found = facts.change(table, "Bến Tre", "PAR", 2020, "score")
    assert found == {"value": 9.42, "sources": "s223", **stated}


@pytest.mark.parametrize("index", facts.INDICES)
@pytest.mark.parametrize("measure", ["score", "rank"])
def test_every_derived_change_of_2020_is_the_difference(table, rows, index, measure):
    now, before = (
        published(rows, unit_type="province", index=index, year=year, measure=measure)
        for year in (2020, 2019)
    )
    derived = 0
    for unit in now.keys() & before.keys():
        found = facts.change(table, unit, index, 2020, measure)
        if found["kind"] == "derived":
            derived += 1
            gain = now[unit] - before[unit] if measure == "score" else before[unit] - now[unit]
            assert found["value"] == pytest.approx(gain, abs=1e-9)
            first, second = (side.split() for side in found["arithmetic"].split(" - "))
            assert float(first[1]) - float(second[1]) == pytest.approx(gain, abs=1e-9)
            years = (2020, 2019) if measure == "score" else (2019, 2020)
            assert (first[0], second[0]) == tuple(f"{measure}{year}" for year in years)
            cited = [facts.figure(table, unit, index, y, measure)["sources"] for y in years]
            assert set(found["sources"].split()) == set(facts.join_sources(*cited).split())
    assert derived >= 5


def test_a_fall_in_rank_is_negative():
    table = made_up(("A", "rank", 5), ("A", "rank", 12))
    table.loc[1, "year"] = 2002
    found = facts.change(table, "A", "PAR", 2002, "rank")
    assert (found["value"], found["arithmetic"]) == (-7, "rank2001 5 - rank2002 12")


def test_no_change_is_told_where_a_year_is_missing(table):
    assert facts.change(table, "Bình Định", "PAR", 2020, "score") is None
    assert facts.change(table, "Thanh Hóa", "PAR", 2020, "score") is None


# --- words about figures -------------------------------------------------------------------


def test_kinds_and_lists_of_sources():
    published, derived = ("", facts.LIST_ORDER), ("rank2021 11 + 13 places", "3rd from bottom")
    assert {facts.kind(derivation) for derivation in published} == {"published"}
    assert {facts.kind(derivation) for derivation in derived} == {"derived"}
    assert facts.join_sources() == ""
    assert facts.join_sources("s002 s001", "", "s001 s003", " s001  s002 ") == "s002 s001 s003"


# --- the other files -----------------------------------------------------------------------


def read(name):
    return pd.read_csv(data_dir() / name, dtype=str, keep_default_na=False)


@pytest.mark.parametrize(
    ("name", "view"),
    [
        ("sources.csv", facts.sources),
        ("claims_2020.csv", partial(facts.claims, 2020)),
        ("scoring_schemes.csv", facts.schemes),
        ("papi.csv", facts.papi),
    ],
)
def test_every_cell_of_another_file_is_there(name, view):
    held, raw = view(), read(name)
    held = held if held.index.name is None else held.reset_index()
    assert list(held) == list(raw) and len(held) == len(raw) > 20
    for column, cells in held.items():
        if pd.api.types.is_numeric_dtype(cells):
            assert cells.tolist() == pytest.approx(pd.to_numeric(raw[column]), nan_ok=True)
        else:
            assert cells.tolist() == raw[column].tolist()


def test_every_source_of_a_figure_is_listed(table):
    assert facts.sources().index.is_unique
    assert set(" ".join(table["sources"]).split()) <= set(facts.sources().index)


def test_a_year_without_statements_has_none():
    none = facts.claims(2012)
    assert none.empty
    assert list(none) == list(facts.claims(2020))


def test_papi():
    table = facts.papi().set_index(["year", "unit"])
    assert len(table) == 882 and table.index.is_unique
    # As the press has it: 40.62 in 2021, 3.84 less than in 2020.
    assert table.loc[(2020, "Bà Rịa - Vũng Tàu"), "total"] == pytest.approx(40.62 + 3.84, abs=0.005)
    first = table.groupby("year")["environment"].count()
    assert (first.loc[:2017] == 0).all() and (first.loc[2018:] > 0).all()
    assert set(table.loc[2020].index) == set(units.provinces()["name"])


def test_no_change_of_sipas_is_taken_across_the_change_of_survey(table):
    unit = "Quảng Ninh"
    for year in (facts.NEW_SURVEY - 1, facts.NEW_SURVEY, facts.NEW_SURVEY + 1):
        assert facts.figure(table, unit, "SIPAS", year, "score") is not None
    for measure in ("score", "rank"):
        assert facts.change(table, unit, "SIPAS", facts.NEW_SURVEY, measure) is None
        assert facts.change(table, unit, "SIPAS", facts.NEW_SURVEY + 1, measure) is not None
