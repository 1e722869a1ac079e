"""A year that is known whole: with 63 provinces as in 2020, and with the 34 units of 2025.

The imported scores and ranks are made up: for 2020 one of the tables that fit what is published,
for 2025 any table. File names say so.
"""

import shutil

import numpy as np
import pandas as pd
import pytest
import toys
from cells import Notebook, expressions
from test_imported_facts import STEM_2025, add, found, row, table_of_2025

from helpers import (
    claims,
    completion,
    facts,
    national,
    notebooks,
    precedence,
    ranking,
    standing,
    units,
)
from helpers.citations import Citations
from helpers.paths import DATA, OUTPUTS, data_dir, outputs_dir
from helpers.report.province import brief


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Copies of the data files."""
    copy = tmp_path_factory.mktemp("project") / "data"
    shutil.copytree(data_dir(), copy, ignore=shutil.ignore_patterns("imports"))
    return copy


def one_that_fits(table, index, year):
    """Scores of a table that fits everything published, rounded as published scores are."""
    tables = completion.complete(table, index, year, draws=20, link=False)
    assert not tables.exact
    mean = facts.figure(table, facts.NATION, index, year, "mean")["value"]
    above = facts.figure(table, facts.NATION, index, year, "count", "above_mean")
    for frame in tables.tables():
        scores = frame["score"].round(2)
        counted = above is None or (scores > scores.mean()).sum() == above["value"]
        if counted and abs(scores.mean() - mean) < 0.004:
            return frame.assign(score=scores)
    raise AssertionError("no draw keeps its mean and counts when it is rounded")


@pytest.fixture(scope="module")
def whole(folder, table):
    """Figures with made-up complete tables of both indices in 2020."""
    for index in facts.INDICES:
        frame = one_that_fits(table, index, 2020)
        stem = f"{index}-2020-made-up"
        rows = [
            row(unit, measure, f"{frame.at[unit, measure]:g}", stem=stem)
            for unit in frame.index
            for measure in ("score", "rank")
        ]
        add(folder, *rows, stem=stem)
    return facts.load(folder)


# --- all 63 known --------------------------------------------------------------------------


@pytest.mark.parametrize("index", facts.INDICES)
def test_completed_tables_are_exact(whole, index):
    completion.check(whole, index, 2020)
    tables = completion.complete(whole, index, 2020, draws=20, link=False)
    assert tables.exact
    summary = tables.summary()
    assert (summary[["score_status", "rank_status"]] == "published").all(axis=None)
    for measure in ("score", "rank"):
        assert np.ptp(summary[[f"{measure}_90_low", f"{measure}_90_high"]], axis=1).max() == 0
    scores = facts.scores(whole, index, 2020)
    assert len(scores) == 63
    assert summary["score"].round(2).to_dict() == scores["score"].to_dict()
    assert summary["rank"].to_dict() == scores["rank"].to_dict()


def test_statements_that_follow_are_reproduced(whole, table):
    statements = facts.claims(2020).loc[["P1", "P4", "T1", "T4"]]
    before = claims.check(table, statements, expressions(), draws=60)["verdict"]
    after = claims.check(whole, statements, expressions(), draws=60)
    assert claims.CONSISTENT in set(before)
    assert after["verdict"].to_dict() == dict.fromkeys(statements.index, claims.REPRODUCED)
    assert (after["low"] == after["high"]).all()
    assert "outside" not in " ".join(text for parts in after["how"] for text, _terms in parts)


# --- what official scores imply ------------------------------------------------------------


def shifted(table, by):
    """Official scores of all 63 of SIPAS 2020, made up and moved, as an import."""
    frame = one_that_fits(table, "SIPAS", 2020)
    scores = facts.scores(table, "SIPAS", 2020)["score"].dropna()
    frame.loc[~frame.index.isin(scores.index), "score"] += by
    given = [row(u, "score", frame.at[u, "score"], stem="SIPAS-2020-x") for u in frame.index]
    columns = ["unit_type", "unit", "index", "year", "measure", "part", "value", "status"]
    imported = pd.DataFrame(given, columns=[*columns, "derivation", "sources", "note"])
    imported = imported.assign(file="imports/SIPAS-2020-x.csv", line=range(2, 65))
    return imported.astype({"year": int, "value": float})[table.columns]


@pytest.mark.parametrize(("by", "status"), [(0.0, "accepted"), (0.6, "displaced")])
def test_a_mean_that_the_scores_do_not_have_is_displaced(table, by, status):
    after = precedence.with_imports(table, [(shifted(table, by), True)])
    mean = found(after, "Việt Nam", "mean", "SIPAS")
    assert mean["status"].tolist() == [status]
    if status == "displaced":
        assert mean["note"].item().endswith("displaced by the 63 scores of import-SIPAS-2020-x")


def test_scores_of_some_provinces_or_of_the_press_imply_nothing(table):
    moved = shifted(table, 0.6)
    for imported, official in ((moved.iloc[:62], True), (moved, False)):
        after = precedence.with_imports(table, [(imported, official)])
        assert found(after, "Việt Nam", "mean", "SIPAS")["status"].tolist() == ["accepted"]


def test_a_change_that_the_figures_do_not_bear_out_is_disputed_or_displaced(table):
    change = facts.figure(table, "Bến Tre", "PAR", 2020, "change")
    before = facts.figure(table, "Bến Tre", "PAR", 2019, "score")["value"]
    columns = {"measure": "score", "note": "", "derivation": "", "part": ""}
    now = change.to_frame().T.assign(**columns, value=before + change["value"] + 0.5)
    now = now.assign(sources="import-PAR-2020-x", file="imports/x.csv").astype(table.dtypes)
    then = now.assign(year=2019, value=before, sources="import-PAR-2019-x")
    for imports, status in (
        ([now.assign(value=before + change["value"])], "accepted"),
        ([now], "disputed"),
        ([now, then], "displaced"),
    ):
        after = precedence.with_imports(table, [(one, True) for one in imports])
        assert found(after, "Bến Tre", "change")["status"].tolist() == [status]


# --- ties ----------------------------------------------------------------------------------

TIED = [f"Đơn vị giả {number}" for number in range(1, 7)]


@pytest.mark.parametrize("ranks", [[1, 2, 2, 4, 5, 6], [1, 2, 2, 3, 4, 5], [1, 1, 1, 4, 4, 6]])
def test_tied_units_keep_the_ranks_that_are_published(ranks):
    scores = [90 - 2 * rank for rank in ranks]
    made = [
        (unit, measure, value)
        for unit, rank, score in zip(TIED, ranks, scores, strict=True)
        for measure, value in (("rank", rank), ("score", score))
    ]
    table = toys.figures(made, ["unit", "measure", "value"])
    tables = completion.complete(table, "PAR", 2020, draws=5, roster_names=TIED)
    assert tables.exact
    assert tables.ranks.iloc[0].tolist() == ranks
    assert tables.scores.iloc[0].tolist() == scores
    wrong = table.assign(value=table["value"].mask(table["value"] == scores[1], 50.0))
    wrong.loc[wrong[wrong["value"] == 50.0].index[0], "value"] = 51.0
    with pytest.raises(completion.InconsistentFacts):
        completion.complete(wrong, "PAR", 2020, roster_names=TIED)


# --- 34 units ------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def merged(tmp_path_factory):
    """Figures with a made-up complete PAR INDEX of 2025."""
    copy = tmp_path_factory.mktemp("merged") / "data"
    shutil.copytree(data_dir(), copy, ignore=shutil.ignore_patterns("imports"))
    return table_of_2025(copy)


@pytest.fixture(scope="module")
def folder_of_2025(tmp_path_factory):
    """Folder of figures with a made-up PAR INDEX and scoring scheme of 2025."""
    copy = tmp_path_factory.mktemp("report") / "data"
    shutil.copytree(data_dir(), copy, ignore=shutil.ignore_patterns("imports"))
    with (copy / "scoring_schemes.csv").open("a", encoding="utf-8") as file:
        for part, points in (("results", 65), ("surveys", 35), ("satisfaction", 10)):
            file.write(f"2025,2025,made up,{part},{points},s205,\n")
    table_of_2025(copy)
    return copy


@pytest.fixture(scope="module")
def folder_of_both(folder_of_2025, tmp_path_factory):
    """The same with a made-up SIPAS and number of respondents."""
    copy = tmp_path_factory.mktemp("both") / "data"
    shutil.copytree(folder_of_2025, copy)
    with (copy / "observations.csv").open("a", encoding="utf-8") as file:
        file.write("national,Việt Nam,SIPAS,2025,respondents,,34000,accepted,,s001,made up\n")
    stem = "SIPAS-2025-made-up"
    # Ranks in another order than those of the PAR INDEX: 13 and 35 have no common divisor.
    ranks = {name: at * 13 % 35 for at, name in enumerate(units.provinces(2025)["name"], 1)}
    rows = [row(name, "rank", rank, stem=stem) for name, rank in ranks.items()]
    rows += [row(name, "score", f"{92 - rank / 4:g}", stem=stem) for name, rank in ranks.items()]
    add(copy, *rows, stem=stem)
    return copy


@pytest.fixture
def outputs(tmp_path, monkeypatch):
    """A folder for what is written, with the project's joint draws: those are of years before."""
    (tmp_path / "joint").symlink_to(outputs_dir() / "joint")
    monkeypatch.setenv(OUTPUTS, str(tmp_path))


def run_cells(stem, **parameters):
    """Run the code of a notebook's cells as they stand, and give the names that they leave."""
    return Notebook(stem, **parameters).run()


# Huế is a name of the 34 alone, and Phú Thọ is another unit than the one of that name before.
@pytest.mark.parametrize(
    ("unit", "place"),
    [
        ("Huế", "Huế City"),
        ("Phú Thọ", "Phú Thọ Province"),
        ("Thanh Hóa", "Thanh Hóa Province"),
    ],
)
@pytest.mark.parametrize(
    ("known", "told"),
    [
        (
            "folder_of_2025",
            ["do not suffice to do so for {place}"],
        ),
        ("folder_of_both", ["so ranks cannot be compared with 2024", "points in 2025) has one"]),
    ],
)
def test_the_report_of_one_of_the_34(unit, place, known, told, request, outputs, monkeypatch):
    monkeypatch.setenv(DATA, str(request.getfixturevalue(known)))
    names = run_cells("province_report", province=unit, year=2025, lang="en")
    error = " ".join(names[one] for one in ("sipas_told", "par_told", "par_rests_on"))
    for text in told:
        assert text.format(place=place) in error


def test_ranks_alone_give_no_scores(tmp_path, outputs, monkeypatch):
    copy = tmp_path / "data"
    shutil.copytree(data_dir(), copy, ignore=shutil.ignore_patterns("imports"))
    first, second, *others = units.provinces(2025)["name"]
    rows = [row(name, "rank", rank, stem=STEM_2025) for rank, name in enumerate(others, 3)]
    for name in (first, second):  # which share rank 1
        rows += [row(name, f"rank_at_{end}", n, stem=STEM_2025) for end, n in BOUNDS.items()]
    add(copy, *rows, stem=STEM_2025)
    monkeypatch.setenv(DATA, str(copy))
    names = run_cells("province_report", province=first, year=2025, lang="en")
    assert names["tables"] == {}
    told = brief.place(names["figures"], first, 2025, {}, Citations(facts.sources()))
    assert told.startswith("PAR INDEX rank 1 to 2/34") and "points" not in told
    assert names["wanted"][0] == "PAR INDEX (score, points of the parts)"


BOUNDS = {"least": 1, "most": 2}
# What each says of 2025 in a cell of its own.
SAID = {
    "1_national_results": (
        'f\'{len(checked)} statements, {len(rankings["PAR"])} provinces, {scored["PAR"]} scores\'',
        "0 statements, 34 provinces, 34 scores",
    ),
    "2_satisfaction_and_reform": (
        "f'{len(pairs)} pairs, cases of {set(cases[\"n\"])}, {len(slopes)} slopes'",
        "34 pairs, cases of {34.0}, 4 slopes",
    ),
    "3_trajectories": ("str(fits)", "{}"),
}


@pytest.mark.slow
@pytest.mark.parametrize("one", notebooks.NATIONAL, ids=lambda one: one.stem)
def test_the_notebooks_on_the_nation_of_34(one, folder_of_both, outputs, monkeypatch):
    monkeypatch.setenv(DATA, str(folder_of_both))
    cell, told = SAID[one.stem]
    names = run_cells(one.stem, **{one.parameter: 2025, "lang": "en"})
    assert told in eval(cell, names)


def test_2025_is_complete_with_34_units(merged):
    completion.check(merged, "PAR", 2025)
    tables = completion.complete(merged, "PAR", 2025, draws=10)
    assert tables.exact
    assert tables.scores.columns.tolist() == units.provinces(2025)["name"].tolist()


def test_a_part_of_2025_is_completed_among_34(merged):
    names = units.provinces(2025)["name"]
    hidden = (merged["year"] == 2025) & merged["unit"].isin(names[10:20])
    tables = completion.complete(merged[~hidden], "PAR", 2025, draws=30)
    assert tables.ranks.shape == (30, 34)
    assert not tables.exact
    assert set(tables.ranks.iloc[0]) == set(range(1, 35))
    left_out = completion.leave_one_out(merged[~hidden], "PAR", 2025, draws=20, sweeps=30)
    assert set(left_out["unit"]) <= set(names)


def test_figures_of_2025_do_not_change_what_is_known_of_2024(table, merged):
    before, after = (
        completion.complete(figures, "PAR", 2024, draws=30, link=False)
        for figures in (table, merged)
    )
    pd.testing.assert_frame_equal(before.ranks, after.ranks)
    changed = [n for n in before.scores if units.same(n, 2024, 2025) is None]
    assert len(changed) == 52


def test_one_province_among_the_34(merged):
    for unit in ("Phú Thọ", "Huế"):
        of_year = standing.of_year(merged, unit, "PAR", 2025)
        assert of_year["score"] is not None and of_year["rank"] is not None
        assert of_year["rank_change"] is None
        peers = standing.region(merged, unit, 2025)
        assert unit in peers.index and len(peers) < 15
    assert standing.years(merged, "Phú Thọ", "PAR", 2025).index.tolist() == [2025]
    assert 2025 not in standing.years(merged, "Phú Thọ", "PAR").index
    hue = standing.years(merged, "Huế", "PAR", 2025)
    assert {2021, 2025} <= set(hue.index)
    assert 2025 in standing.years(merged, "Thừa Thiên Huế", "PAR").index
    assert standing.years_with_parts(merged, "Phú Thọ", 2025) == []
    assert standing.missing(merged, "Huế", 2025)[0][0] == "PAR"


def test_the_nation_of_34(merged):
    regions = national.regions(merged, "PAR", 2025)
    assert regions["provinces"].sum() == regions["scored"].sum() == 34
    changes = national.changes(merged, "PAR", 2025)
    same = {units.same(name, 2025, 2024): name for name in units.provinces(2025)["name"]}
    scored = set(facts.scores(merged, "PAR", 2024)["score"].dropna().index) & set(same)
    assert set(changes.index) == {same[name] for name in scored}
    assert changes["before"].notna().all()


def test_ranks_and_respondents_of_34(merged, table):
    rows = table[(table["measure"] == "respondents") & (table["year"] == 2020)]
    rows = rows.assign(year=2025, value=34_000.0, part="")
    figures = pd.concat([merged, rows[rows["status"] == "accepted"].iloc[:1]], ignore_index=True)
    people = ranking.respondents_per_province(figures, 2025)
    assert len(people) == 34
    assert set(people["respondents"]) == {1000.0}
