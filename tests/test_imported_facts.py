"""Imported figures beside those of data/: which one counts, and what is refused.

Scores and ranks in here are made up, and so are their sources.
"""

import csv

import pandas as pd
import pytest

from helpers import facts, standing, units, validation
from helpers.validation import BadData

STEM = "PAR-2020-made-up"
ID = f"import-{STEM}"
HEADER = validation.columns_of("observations.csv")


def row(unit, measure, value, *, stem=STEM, unit_type="province", part="", status="accepted"):
    index, year = stem.split("-")[:2]
    figure = [unit_type, unit, index, year, measure, part, str(value), status]
    return [*figure, "", f"import-{stem}", ""]


def write(path, header, rows):
    path.parent.mkdir(exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows([header, *rows])


def add(folder, *rows, stem=STEM, note="official annex, made up for a test"):
    """Write an import into a folder of data files."""
    imports = facts.imports_dir(folder)
    write(imports / f"{stem}.csv", HEADER, rows)
    source = [f"import-{stem}", "made up", "2026-01-01", "", note]
    write(imports / f"{stem}.source.csv", validation.columns_of("sources.csv"), [source])
    return f"imports/{stem}.csv"


def found(table, unit, measure, index="PAR", year=2020):
    chosen = table["unit"].eq(unit) & table["measure"].eq(measure) & table["part"].eq("")
    return table[chosen & table["index"].eq(index) & table["year"].eq(year)]


def problems(folder):
    with pytest.raises(BadData) as caught:
        facts.load(folder)
    return [(p.file, p.line, p.column, p.message) for p in caught.value.problems]


# --- which figure counts -------------------------------------------------------------------


def test_what_only_the_import_has_is_added(data_copy, table):
    name = add(data_copy, row("Bình Định", "score", 81.5), row("Bình Định", "rank_at_least", 30))
    loaded = facts.load(data_copy)
    assert loaded.iloc[:-2].equals(table)
    assert loaded["file"].tolist()[-2:] == [name, name]
    assert loaded["line"].tolist()[-2:] == [2, 3]
    assert (loaded.dtypes == table.dtypes).all()
    figure = facts.figure(loaded, "Bình Định", "PAR", 2020, "score")
    assert (figure["value"], figure["sources"]) == (81.5, ID)
    assert facts.kind(figure["derivation"]) == "published"
    assert facts.sources(data_copy).at[ID, "publisher"] == "made up"
    assert facts.sources(data_copy).index[:-1].equals(facts.sources().index)


def test_an_official_figure_displaces_the_press_and_says_so(data_copy, table):
    add(data_copy, row("Thanh Hóa", "score", 84.35))
    loaded = facts.load(data_copy)
    press, official = found(loaded, "Thanh Hóa", "score").itertuples()
    assert (press.value, press.status, press.sources) == (84.33, facts.DISPLACED, "s001")
    assert press.note == f"displaced by 84.35 of {ID}"
    assert (official.value, official.status) == (84.35, "accepted")
    assert facts.scores(loaded, "PAR", 2020).at["Thanh Hóa", "score"] == 84.35
    assert standing.of_year(loaded, "Thanh Hóa", "PAR", 2020)["score"]["value"] == 84.35
    assert facts.panel(loaded, "PAR").at["Thanh Hóa", 2020] == 84.35
    assert len(loaded) == len(table) + 1


def test_a_figure_that_both_have_is_one_row_that_cites_both(data_copy, table):
    add(data_copy, row("Thanh Hóa", "score", "84.330"))
    loaded = facts.load(data_copy)
    (only,) = found(loaded, "Thanh Hóa", "score").itertuples()
    assert (only.value, only.status, only.sources) == (84.33, "accepted", f"{ID} s001")
    assert len(loaded) == len(table)


def test_a_derived_figure_that_the_import_states_is_stated(data_copy, table):
    derived = table[(table["measure"] == "rank") & table["derivation"].str.contains("places")]
    derived = derived[derived["status"] == "accepted"].iloc[0]
    stem = f"{derived['index']}-{derived['year']}-made-up"
    add(data_copy, row(derived["unit"], "rank", int(derived["value"]), stem=stem), stem=stem)
    after = facts.load(data_copy)
    after = facts.figure(after, derived["unit"], derived["index"], derived["year"], "rank")
    assert (facts.kind(derived["derivation"]), facts.kind(after["derivation"])) == (
        "derived",
        "published",
    )


@pytest.mark.parametrize("note", ["", "a newspaper's table", "not an official annex"])
def test_what_is_not_official_gives_way(data_copy, note):
    name = add(data_copy, row("Thanh Hóa", "score", 84.35), note=note)
    press, imported = found(facts.load(data_copy), "Thanh Hóa", "score").itertuples()
    assert (press.value, press.status, press.note) == (84.33, "accepted", "")
    assert (imported.value, imported.status, imported.file) == (84.35, facts.DISPLACED, name)
    assert imported.note == "displaced by 84.33 of s001"


@pytest.mark.parametrize("stems", [("PAR-2024-a", "PAR-2024-b"), ("PAR-2024-b", "PAR-2024-a")])
@pytest.mark.parametrize(
    ("values", "statuses"),
    [
        ((8.1, 8.2), {8.1: "disputed", 8.2: "disputed"}),
        ((8.1, 8.1), {8.1: "accepted"}),
        ((8.12, 8.124), {8.12: "displaced", 8.124: "accepted"}),
    ],
)
def test_of_two_imports_of_the_press_the_one_of_the_earlier_name_does_not_win(
    data_copy, table, stems, values, statuses
):
    assert found(table, "Thanh Hóa", "share", year=2024).empty
    for stem, value in zip(stems, values, strict=True):
        add(data_copy, row("Thanh Hóa", "share", value, stem=stem), stem=stem, note="press")
    after = found(facts.load(data_copy), "Thanh Hóa", "share", year=2024)
    assert dict(zip(after["value"], after["status"], strict=True)) == statuses


@pytest.mark.parametrize(
    ("note", "value", "statuses"),
    [
        ("official annex", 91.1, ["displaced", "displaced", "accepted"]),
        ("official annex", "same", ["accepted", "displaced"]),
        ("of the press", 91.1, ["disputed", "disputed", "disputed"]),
        ("of the press", "same", ["disputed", "disputed"]),
    ],
)
def test_disputed_figures_are_settled_by_the_official_one_only(
    data_copy, table, note, value, statuses
):
    rows = found(table, "Sơn La", "score", "SIPAS", 2021)
    assert rows["status"].tolist() == ["disputed", "disputed"]
    value = rows["value"].iloc[0] if value == "same" else value
    stem = "SIPAS-2021-x"
    add(data_copy, row("Sơn La", "score", value, stem=stem), stem=stem, note=note)
    after = found(facts.load(data_copy), "Sơn La", "score", "SIPAS", 2021)
    assert after["status"].tolist() == statuses


def test_an_official_rank_displaces_the_bounds_that_it_breaks(data_copy, table):
    bounds = table[(table["measure"] == "rank_at_least") & (table["index"] == "PAR")]
    bounds = bounds[bounds["status"] == "accepted"]
    scored = facts.select(table, index="PAR", measure="score")
    scored = set(zip(scored["unit"], scored["year"], strict=True))
    bound = next(row for _, row in bounds.iterrows() if (row["unit"], row["year"]) not in scored)
    taken = set(facts.scores(table, "PAR", bound["year"])["rank"])
    free = [rank for rank in range(1, 64) if rank not in taken]
    stem = f"PAR-{bound['year']}-made-up"
    for rank, status in (
        (min(rank for rank in free if rank >= bound["value"]), "accepted"),
        (max(rank for rank in free if rank < bound["value"]), "displaced"),
    ):
        add(data_copy, row(bound["unit"], "rank", rank, stem=stem), stem=stem)
        after = found(facts.load(data_copy), bound["unit"], "rank_at_least", year=bound["year"])
        assert after["status"].tolist() == [status]


def test_a_rejected_figure_stays_rejected(data_copy, table):
    rejected = table[(table["status"] == "rejected") & (table["measure"] == "score")].iloc[0]
    stem = f"{rejected['index']}-{rejected['year']}-made-up"
    figure = row(rejected["unit"], "score", rejected["value"], stem=stem)
    add(data_copy, [rejected["unit_type"], *figure[1:]], stem=stem)
    after = facts.load(data_copy)
    assert after[after["line"].eq(rejected["line"]) & after["file"].eq("observations.csv")][
        "status"
    ].tolist() == ["rejected"]


# --- what is refused -----------------------------------------------------------------------


def test_two_official_tables_that_differ_are_refused_with_both_places(data_copy):
    first = add(data_copy, row("Bình Định", "score", 81.5, stem="PAR-2020-a"), stem="PAR-2020-a")
    second = add(data_copy, row("Bình Định", "score", 81.6, stem="PAR-2020-b"), stem="PAR-2020-b")
    ((file, line, column, message),) = problems(data_copy)
    assert (file, line, column) == (second, 2, "value")
    assert f"81.5 (line 2 of {first}) and 81.6 (line 2)" in message
    same = add(data_copy, row("Bình Định", "score", 81.5, stem="PAR-2020-b"), stem="PAR-2020-b")
    assert same == second
    (only,) = found(facts.load(data_copy), "Bình Định", "score")["sources"]
    assert set(only.split()) == {"import-PAR-2020-a", "import-PAR-2020-b"}


def test_an_import_that_contradicts_the_press_rank_is_named(data_copy):
    name = add(data_copy, row("Bình Định", "rank", 29))
    ((file, line, _, message),) = problems(data_copy)
    assert (file, line) == (name, 2)
    assert "rank 29 is given to Thanh Hóa and Bình Định" in message
    assert "of observations.csv and 2)" in message


def test_tied_provinces_may_share_a_rank(data_copy):
    stem, tied = "PAR-2011-made-up", ("Bình Định", "Cao Bằng")
    figures = [row(unit, "score", 12.34, stem=stem) for unit in tied]
    figures += [row(unit, "rank", 63, stem=stem) for unit in tied]
    add(data_copy, *figures, stem=stem)
    assert len(found(facts.load(data_copy), "Cao Bằng", "rank", year=2011)) == 1
    figures[0][6] = "12.35"
    add(data_copy, *figures, stem=stem)
    assert "rank 63 is given to" in problems(data_copy)[0][3]


@pytest.mark.parametrize(
    ("figure", "place", "told"),
    [
        (row("Thanh Hoá", "score", 80), (2, "unit"), "must be written 'Thanh Hóa'"),
        (row("Thanh Hóa", "score", "84,33"), (2, "value"), "with a decimal point: 84.33"),
        (row("Thanh Hóa", "rank", 64), (2, "value"), "64 is not between 1 and 63"),
        (
            row("Thanh Hóa", "score", 80, stem="PAR-2021-made-up"),
            (2, "year"),
            "'2021' is not '2020'",
        ),
        ([*row("Thanh Hóa", "score", 80)[:9], "s999", ""], (2, "sources"), "'s999' is not in"),
        ([*row("Thanh Hóa", "score", 80)[:9], "s001", ""], (2, "sources"), f"own source, '{ID}'"),
        (["province"], (2, None), "has 1 fields instead of 11"),
    ],
)
def test_every_slip_in_an_import_is_named_with_its_place(data_copy, figure, place, told):
    name = add(data_copy, figure)
    listed = problems(data_copy)
    assert (name, place) in [(file, (line, column)) for file, line, column, _ in listed]
    assert any(told in message for *_, message in listed)


def test_an_import_needs_its_source_and_a_name_that_says_what_it_is(data_copy):
    name = add(data_copy, row("Bình Định", "score", 81.5))
    source = data_copy / f"imports/{STEM}.source.csv"
    kept = source.read_bytes()
    source.unlink()
    assert problems(data_copy)[0][0] == f"imports/{STEM}.source.csv"
    source.write_bytes(kept.replace(ID.encode(), b"s001"))
    assert any("must hold one source" in message for *_, message in problems(data_copy))
    source.write_bytes(kept)
    (data_copy / name).rename(data_copy / "imports/annex.csv")
    source.rename(data_copy / "imports/annex.source.csv")
    assert "must be named <index>-<year>-<source>.csv" in problems(data_copy)[0][3]
    (data_copy / "imports/annex.csv").unlink()
    facts.load(data_copy)  # a source alone is no import


# --- 34 units ------------------------------------------------------------------------------

STEM_2025 = "PAR-2025-made-up"


def table_of_2025(folder, scores=None):
    """Load a made-up complete table of 2025."""
    names = units.provinces(2025)["name"]
    figures = []
    for place, name in enumerate(names, 1):
        figures += [row(name, "score", f"{95 - place / 2:g}", stem=STEM_2025)]
        figures += [row(name, "rank", place, stem=STEM_2025)]
    add(folder, *figures, stem=STEM_2025)
    return facts.load(folder)


def test_units_and_ranks_must_be_those_of_the_year(data_copy):
    gone = row("Bình Dương", "score", 80, stem=STEM_2025)
    add(data_copy, gone, row("Huế", "rank", 35, stem=STEM_2025), stem=STEM_2025)
    told = [message for *_, message in problems(data_copy)]
    assert "since 1 July 2025 it is part of Hồ Chí Minh" in told[0]
    assert told[1] == "35 is not between 1 and 34"


def test_nothing_is_compared_across_a_merger(data_copy):
    loaded = table_of_2025(data_copy)
    before = facts.scores(loaded, "PAR", 2024)["score"]
    merged = [n for n in before.dropna().index if units.same(n, 2024, 2025) is None]
    assert set(merged) & set(units.provinces(2025)["name"])
    for name in units.provinces(2025)["name"]:
        old = units.same(name, 2025, 2024)
        change = facts.change(loaded, name, "PAR", 2025, "score")
        assert (change is not None) == (old in before.dropna().index)
        assert facts.change(loaded, name, "PAR", 2025, "rank") is None
    of_2025, of_63 = facts.panel(loaded, "PAR", of_year=2025), facts.panel(loaded, "PAR")
    assert set(of_2025.index) == set(units.provinces(2025)["name"])
    assert of_2025.loc["Phú Thọ"].dropna().index.tolist() == [2025]
    assert of_63.loc["Phú Thọ"].notna().sum() > 1 and pd.isna(of_63.at["Phú Thọ", 2025])
    assert of_63.at["Thừa Thiên Huế", 2025] == of_2025.at["Huế", 2025]
    assert of_2025.at["Huế", 2021] == of_63.at["Thừa Thiên Huế", 2021]
