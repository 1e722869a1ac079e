"""Which figures a province's report uses: the rule, and that what it leaves out changes nothing."""

import csv
import io
from pathlib import Path

import nbformat
import pytest

from helpers import facts, paths
from helpers.batch.execution import run
from helpers.batch.jobs import Job, Task, read_figures
from helpers.cli import figures_used, planning
from helpers.site import dates

YEAR = 2020
OWN, OTHER = "Thanh Hóa", "Cà Mau"


@pytest.fixture(scope="module")
def data() -> dict[str, bytes]:
    return read_figures(paths.data_dir())


def written(rows: list[dict[str, str]]) -> bytes:
    file = io.StringIO(newline="")
    writer = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return file.getvalue().encode()


def changed(data: dict[str, bytes], number: int, **fields) -> dict[str, bytes]:
    rows = figures_used.read(data[figures_used.FIGURES])
    rows[number] |= fields
    return {**data, figures_used.FIGURES: written(rows)}


def first(data: dict[str, bytes], **where) -> int:
    """Number of the first row with these values."""
    rows = figures_used.read(data[figures_used.FIGURES])
    return next(
        n for n, row in enumerate(rows) if all(row[name] == value for name, value in where.items())
    )


def keys(data: dict[str, bytes]) -> dict[str, str]:
    return figures_used.of_provinces(data, [OWN, OTHER], YEAR)


def which(before: dict[str, str], after: dict[str, str]) -> set[str]:
    return {name for name in before if before[name] != after[name]}


@pytest.mark.parametrize(
    "where, again",
    [
        ({"measure": "score", "year": "2020"}, {OWN, OTHER}),
        ({"measure": "score", "year": "2021"}, {OWN, OTHER}),
        ({"measure": "score", "year": "2023"}, {OWN, OTHER}),
        ({"measure": "rank", "year": "2024"}, {OWN, OTHER}),
        ({"measure": "points", "year": "2020"}, {OWN, OTHER}),
        ({"measure": "points", "year": "2022"}, {OWN, OTHER}),
        ({"measure": "part_rank", "year": "2022"}, {OTHER}),
    ],
)
def test_a_figure_of_one_province_counts_where_it_can_be_seen(data, where, again):
    rows = figures_used.read(data[figures_used.FIGURES])
    number = next(
        n
        for n, row in enumerate(rows)
        if row["unit_type"] == "province"
        and row["unit"] != OWN
        and all(row[name] == value for name, value in where.items())
    )
    after = changed(data, number, unit=OTHER, value="12.34")
    base = changed(data, number, unit=OTHER)
    assert which(keys(base), keys(after)) == again


def test_national_figures_count_for_all_and_those_of_ministries_for_none(data):
    of_nation = first(data, unit_type="national", year="2023")
    assert which(keys(data), keys(changed(data, of_nation, value="1"))) == {OWN, OTHER}
    of_ministry = first(data, unit_type="ministry", year="2020")
    assert which(keys(data), keys(changed(data, of_ministry, value="1"))) == set()


def test_a_source_counts_where_its_rows_do(data):
    rows = figures_used.read(data[figures_used.FIGURES])
    cited = {
        name: {s for r in rows if figures_used.used(r, name, YEAR) for s in r["sources"].split()}
        for name in planning.provinces(YEAR)
    }
    by_all = set.intersection(*cited.values())
    by_some = set.union(*cited.values()) - by_all
    assert by_all and by_some
    before = figures_used.of_provinces(data, cited, YEAR)
    for source in (min(by_all), min(by_some)):
        sources = figures_used.read(data[figures_used.SOURCES])
        next(row for row in sources if row["source"] == source)["publisher"] = "another"
        after = {**data, figures_used.SOURCES: written(sources)}
        again = which(before, figures_used.of_provinces(after, cited, YEAR))
        assert again == {name for name in cited if source in cited[name]}


def test_lines_may_move_statements_count_for_none_and_an_import_for_all(data):
    rows = figures_used.read(data[figures_used.FIGURES])
    moved = {**data, figures_used.FIGURES: written(rows[::-1])}
    assert keys(moved) == keys(data)
    assert keys({**data, "claims_2025.csv": b"claim\n"}) == keys(data)
    brought = {**data, "imports/PAR-2023-made-up.csv": b"unit\n"}
    assert which(keys(data), keys(brought)) == {OWN, OTHER}


def left_out(data: dict[str, bytes], province: str) -> dict[str, bytes]:
    """The figures without the rows and the sources that the report is said not to use."""
    rows = figures_used.read(data[figures_used.FIGURES])
    kept = [row for row in rows if figures_used.used(row, province, YEAR)]
    last = {row["index"]: row for row in sorted(rows, key=lambda row: int(row["year"]))}
    # The last year of an index counts too: a row of a ministry stands for it.
    for row in last.values():
        if not any((r["index"], r["year"]) == (row["index"], row["year"]) for r in kept):
            kept.append(row)
    assert len(kept) < len(rows)
    return {**data, figures_used.FIGURES: written(kept)}


def page(data: dict[str, bytes], province: str, lang: str) -> str:
    [job] = planning.reports([province], YEAR, [lang])
    stored = [*paths.outputs_dir().glob("trajectories/*-2020-*.pickle.gz")]
    stored += paths.outputs_dir().glob("joint/*.pickle.gz")
    inputs = {f"{path.parent.name}/{path.name}": path.read_bytes() for path in stored}
    source = job.notebook.read_bytes()
    made = run(Task(job, source, planning.render, data=data, inputs=inputs))
    assert made.ok, made
    return made.page.decode()


@pytest.mark.slow
@pytest.mark.parametrize(
    "province, lang", [(OWN, "vi"), ("Quảng Ninh", "vi"), ("Bình Định", "en"), (OTHER, "vi")]
)
def test_the_page_is_the_same_without_the_figures_that_it_does_not_use(data, province, lang):
    assert page(left_out(data, province), province, lang) == page(data, province, lang)


def test_the_page_tells_of_the_figures_of_its_task(data):
    source = nbformat.writes(nbformat.v4.new_notebook()).encode()
    rows = figures_used.read(data[figures_used.FIGURES])
    others = [row for row in rows if row["year"] != "2020"]
    other = {**data, figures_used.FIGURES: written(others)}
    job = Job(Path("toy.ipynb"), {}, "toy", lang="en")

    def page(*_):
        return dates.sentence(facts.load(), facts.sources(), YEAR)

    told = [run(Task(job, source, page, data=figures)).page for figures in (data, other)]
    assert told[0].startswith(b"Figures of the whole country, 2020: ")
    assert told[1] == b""
