"""Notebook 1 as an analyst has it: its numbers, its cells edited and run, its checked frames."""

import re
from types import SimpleNamespace

import languages
import nbformat
import numpy as np
import pandas as pd
import pytest
from bs4 import BeautifulSoup
from cells import Notebook, comes_back, edited, same_in_both

from helpers import claims, facts, paths, units
from helpers.report import statements

STEM = "1_national_results"
BEGIN = [f"1-nation-{cell}" for cell in ("01", "02", "load", "marks", "words", "means", "known")]


@pytest.fixture(scope="module")
def notebook():
    """The notebook, run as it is: look at its names, do not change them."""
    made = Notebook(STEM)
    made.run()
    return made


# --- the numbers --------------------------------------------------------------------------------


def test_the_first_screen_says_who_leads_and_what_changed(notebook):
    told = notebook.seen("three-numbers", "1-nation-07")
    for words in ("83,72 điểm", "85,48%", "tăng 2,57 điểm so với mức 81,15 năm 2019", "26/63"):
        assert words in told
    assert notebook.text("three-numbers").count('class="card-name"') == 3
    chart = notebook.seen("1-nation-09")
    assert "Quảng Ninh dẫn đầu với 91,04 điểm, Quảng Ngãi đứng cuối với 73,25 điểm" in chart


def test_every_published_row_has_a_source_and_no_estimate_has(notebook):
    made = notebook.shown["1-nation-ranking-table"][0]
    rows = BeautifulSoup(made, "html.parser").select("tbody tr")
    own = notebook.names["known"]["PAR"]
    assert len(rows) == 63 and sum(row.select_one(".cite") is not None for row in rows) == len(own)
    for row, kinds in zip(rows, notebook.names["rankings"]["PAR"].itertuples(), strict=True):
        both = {kinds.kind, kinds.rank_kind} == {"estimated"}
        assert (row.select_one(".cite") is None) == both or kinds.Index in own.index
    assert "84,51\N{NO-BREAK SPACE}*" in made and "83,82\N{NO-BREAK SPACE}*" in made


def test_derived_figures_are_marked_in_every_table(notebook):
    for cell, words in {
        "1-nation-27": "83,29\N{NO-BREAK SPACE}*",
        "1-nation-48": "75,38\N{NO-BREAK SPACE}*",
        "1-nation-44": "82,97\N{NO-BREAK SPACE}*",
    }.items():
        assert words in notebook.text(cell), cell


def test_who_fell_is_named_where_all_are(notebook):
    fell = "5 địa phương giảm điểm so với năm 2019: Bắc Kạn, Kiên Giang, Ninh Thuận, Phú Yên và"
    assert fell in notebook.text("1-nation-25")
    assert "58 địa phương tăng điểm so với năm 2019<" in notebook.text("1-nation-25")


def test_the_parts_of_a_change_add_up_to_it(notebook):
    for split in notebook.names["moves"].values():
        parts = split[[*facts.BLOCKS, "rest"]].sum(axis=1)
        assert parts.to_numpy() == pytest.approx(split["PAR"].to_numpy(), abs=0.015)
        assert split["rest"].isna().sum() == 1  # all four parts in both years
    own = notebook.names["moves"][2020].loc["Đồng Tháp", "appraisal"]
    assert own == pytest.approx(55.94 - 53.86)  # as published


def test_weights_by_hand(notebook, monkeypatch):
    # b passes a where the weight of x is above 2/3.
    shares = pd.DataFrame({"x": [5.0, 6.0], "y": [8.0, 6.0]}, index=["a", "b"])
    ranks_by, reweighted = (notebook.names[name] for name in ("ranks_by", "reweighted"))
    assert ranks_by(shares, np.array([0.5, 0.5])).tolist() == [1, 2]
    assert ranks_by(shares, np.array([0.75, 0.25])).tolist() == [2, 1]
    monkeypatch.setitem(notebook.names, "concentration", 2)  # of two weights: uniform
    loose = reweighted(shares, np.array([0.5, 0.5]), draws=20_000)
    assert loose["same_rank"].tolist() == pytest.approx([2 / 3, 2 / 3], abs=0.015)
    assert loose[["rank_low", "rank_high"]].to_numpy().tolist() == [[1, 2], [1, 2]]


def test_counts_are_those_of_every_table(notebook):
    counts, draws = notebook.names["counts"]["PAR"], notebook.names["tables"]["PAR"].scores
    row = counts.iloc[3]
    each = ((draws >= row["left"]) & (draws < row["right"])).sum(axis=1)
    assert row["low"] <= each.median() <= row["high"]
    assert counts["count"].sum() == pytest.approx(63)
    assert counts.loc[counts["right"] <= 80, "count"].sum() == pytest.approx(5)  # as announced
    assert counts["known"].sum() == 34 and (counts["known"] <= counts["high"]).all()
    mean = notebook.names["tables"]["PAR"].scores.mean().groupby(notebook.names["provinces"]).mean()
    regions = notebook.names["regions"]["PAR"]
    # Tables use the published means: beside one of these an estimate would only repeat it.
    assert regions["estimate"].isna().equals(regions["mean"].notna())
    open_ones = regions["estimate"].dropna()
    mean = mean[open_ones.index].to_dict()
    assert len(mean) == 5 and open_ones.to_dict() == pytest.approx(mean)


def test_groups_and_blocks_are_those_published(notebook, table):
    groups, blocks = notebook.names["groups"], notebook.names["blocks"]
    assert (
        list(groups["announced"]) == [2, 56, 5] and (groups["known"] <= groups["announced"]).all()
    )
    assert groups["known"].sum() == facts.scores(table, "PAR", 2020)["score"].notna().sum()
    assert len(blocks) == 10 and blocks["score"].is_monotonic_decreasing
    assert ((blocks["sum"] - blocks["score"]).abs() < 0.015).all()
    assert list(notebook.names["ministries"]["rank"]) == list(range(1, 18))


def test_kinds_have_one_name_in_all_tables(notebook):
    assert not {"published", "derived", "estimated"} & set(notebook.names["LABELS"])
    made = BeautifulSoup(notebook.shown["1-nation-27"][0], "html.parser")
    kinds = {row.select("td")[4].get_text() for row in made.select("tbody tr")}
    assert kinds == {"công bố", "suy ra"}


def test_what_the_survey_can_tell(notebook):
    names = notebook.names
    moved = [
        facts.change(names["figures"], u, "SIPAS", 2020, "rank") for u in units.provinces()["name"]
    ]
    moved = sum(change is not None for change in moved)
    # With the survey's error as assumed none is beyond it; with half of it some are.
    half = names["beyond"]["rank"].astype(int).max()
    told = f"vượt sai số khảo sát: 0 đến {half}/{moved} thay đổi đã biết"
    assert told in notebook.seen("1-nation-33") and 0 < half < moved
    # Where changes of score are beyond it, the first screen does not speak of ranks alone.
    of_score = int(names["beyond"]["score"].max())
    first = f"0 đến {half} trong {moved} thay đổi hạng đã biết và 0 đến {of_score} trong"
    assert first in notebook.seen("1-nation-found") and of_score > 0
    assert "khoảng 556 người" in notebook.seen("1-nation-assumed")
    best = notebook.seen("1-nation-34")
    assert re.search(r"6\d/63 địa phương có thể thực sự thuộc 10 nơi", best)
    assert "Loại trừ được: Đắk Lắk và Bình Thuận" in best
    widths = [found["width"].median() for found in names["sets"].values()]
    assert widths == sorted(widths) and widths[0] < widths[-1]
    # With four blocks instead of three, whose maxima are published: all but Thừa Thiên Huế.
    assert "9/10 địa phương có thể đổi hạng" in notebook.seen("1-nation-39")
    assert "trọng số 2023" in notebook.seen("1-nation-39")


def test_a_change_of_score_is_beyond_the_error_by_itself_not_by_the_nations(notebook):
    """In 2023 the nation rose by more than most provinces' errors, and Bình Phước by 0.03."""
    other = edited(notebook, STEM, year=2023)
    other.run("1-nation-known", "1-nation-survey-of", "1-nation-survey", "1-nation-effects")
    other.run("1-nation-sets", "1-nation-beyond-a", "1-nation-beyond-b", "1-nation-beyond")
    names = other.names
    changes = pd.Series(names["moved"]["score"])
    assert changes["Bình Phước"] == pytest.approx(0.03) and len(changes) == 13
    of_2022, of_2023 = (
        names["errors"](*names["survey"](year), names["main"]) for year in (2022, 2023)
    )
    reach = 1.96 * np.sqrt(of_2022**2 + of_2023**2)[changes.index]
    assert names["beyond"].at[names["main"], "score"] == (changes.abs() > reach).sum() == 4


def test_a_title_names_no_range_or_region_that_many_tables_deny(notebook):
    said = notebook.seen("1-nation-16", "1-nation-20")
    assert said.count("đông nhất là") == said.count("cao nhất là") == 2
    rows, draws = notebook.names["counts"]["SIPAS"], notebook.names["tables"]["SIPAS"].scores
    edges = [*rows["left"], rows["right"].iloc[-1]]
    each = draws.apply(lambda one: pd.cut(one, edges, right=False).value_counts(sort=False), axis=1)
    most = each.eq(each.max(axis=1), axis=0).mean()
    assert rows["most"].to_list() == pytest.approx(most.to_list()) and 0.9 < most.max() < 1
    # As in 2017, where four tables of ten put another region first.
    unsure = {"counts": "most", "regions": "highest"}
    names = {
        name: {index: rows.assign(**{share: 0.8}) for index, rows in notebook.names[name].items()}
        for name, share in unsure.items()
    }
    other = edited(notebook, STEM, **names)
    other.run("1-nation-16", "1-nation-20")
    assert other.seen("1-nation-16", "1-nation-20").count("chưa rõ") == 4


def test_a_regional_mean_follows_where_every_score_is_known(notebook):
    regions = {
        index: rows.assign(scored=rows["provinces"], mean=np.nan)
        for index, rows in notebook.names["regions"].items()
    }
    other = edited(notebook, STEM, regions=regions)
    other.run("1-nation-region-means", "1-nation-20")
    said = other.seen("1-nation-20")
    assert said.count("(suy ra)") == 2 and "Ước lượng: do" not in said
    assert "Ước lượng: do" in notebook.seen("1-nation-20")


def test_the_year_itself_is_told_beside_all_years_together(notebook):
    """Of SIPAS 2020 what is stored; of SIPAS 2017, too thin to be among the years, not silence."""
    told = notebook.seen("1-nation-nothing")
    assert (
        "SIPAS năm 2020, khi ẩn cả điểm lẫn hạng: khoảng ước lượng 90% chứa 22/23 số hạng" in told
    )
    left = notebook.seen("1-nation-nothing-left")
    # The first year is left out of the 262, and told by itself.
    first = notebook.names["hidden"].query("year == 2012 and hidden == 'both' and figure == 'rank'")
    held = (first["low_90"] <= first["truth"]) & (first["truth"] <= first["high_90"])
    assert "262 trường hợp" in left and "PAR INDEX 2012, năm đầu" in left
    assert len(held) == 20 and f"{held.sum()}/20 số hạng" in left
    thin = notebook.names["hidden"].query("year == 2020 and index == 'SIPAS'").head(4)
    stored = SimpleNamespace(hidden_scores_of=lambda *_: thin)
    other = edited(notebook, STEM, stored=stored, year=2017)
    other.run("1-nation-nothing")
    assert re.search(r"SIPAS năm 2017, .* \d/\d số hạng", other.seen("1-nation-nothing"))


def test_the_check_of_the_maximum_is_in_per_cent_of_what_that_year_gives(notebook):
    """The maximum was 12 in 2018 and 10 in 2019: points against SIPAS alone would mix the two."""
    other = edited(notebook, STEM, year=2019)
    other.run("1-nation-points-of", "1-nation-moves", "1-nation-scale")
    scale = other.names["scale"]
    assert list(scale.loc[[2018, 2019], "most"]) == [12, 10]
    assert scale[["min", "max"]].stack().between(99, 101).all()


def test_hidden_cases_are_told_from_those_that_nothing_places(notebook, table):
    """Of most of them the rank is known in a year beside, as of few that have published nothing."""
    ranks = {
        (index, year): set(facts.scores(table, index, year)["rank"].dropna().index)
        for index in facts.INDICES
        for year in range(2011, 2026)
    }
    hidden = notebook.names["hidden"].query("hidden == 'both' and figure == 'rank' and year > 2012")
    beside = [
        any(row.unit in ranks[row.index_, row.year + step] for step in (-1, 1))
        for row in hidden.rename(columns={"index": "index_"}).itertuples()
    ]
    held = hidden["truth"].between(hidden["low_90"], hidden["high_90"]).to_numpy()
    far, near = held[~np.array(beside)], held[np.array(beside)]
    told = notebook.seen("1-nation-beside-told")
    assert f"{near.sum()}/{len(near)} số hạng" in told and f"{far.sum()}/{len(far)} (" in told
    assert "thấp nhất là SIPAS 2021, 65% số hạng" in notebook.seen("1-nation-nothing-left")
    last = held[(hidden["truth"] >= 59).to_numpy()]
    assert f"{last.sum()}/{len(last)} trong năm hạng cuối" in notebook.seen("1-nation-ends-told")


def test_a_statement_is_an_icon_a_verdict_and_a_sentence_with_the_rest_on_demand(notebook):
    made = BeautifulSoup(notebook.text("1-nation-53"), "html.parser")
    heads = [one.summary.get_text(" ", strip=True) for one in made.select(".findings details")]
    verdicts = notebook.names["checked"]["verdict"].value_counts()
    for icon, verdict in zip("✓≈?✗–", statements.VERDICT, strict=True):
        assert sum(head.startswith(icon) for head in heads) == verdicts.get(verdict, 0)
    assert len(heads) == len(notebook.names["checked"]) == 36
    assert "✓ Tính lại được : Bình quân các tỉnh, thành phố tăng 2,57 điểm so với năm 2019" in heads
    # Outside the interval is no doubt about the statement: chance puts true ones there.
    outside = verdicts.get(claims.UNLIKELY, 0)
    told = notebook.text("1-nation-announced")
    assert f"{outside} nằm ngoài khoảng ước lượng (dù mọi" in told and "chừng 1,5 nội dung" in told
    assert all("Công bố:" in one.p.get_text() for one in made.select(".findings details"))


# --- what an analyst does -----------------------------------------------------------------------


FRAMES = (
    *("means", "ministries", "factors", "blocks", "weights", "coverage"),
    *("known", "rankings", "counts", "regions", "changes"),
)


@pytest.mark.parametrize("name", FRAMES)
def test_the_frame_behind_a_table_or_chart_goes_into_a_workbook(notebook, name, tmp_path):
    comes_back(notebook.names[name], tmp_path)


def test_an_expression_is_changed_in_its_cell_and_the_page_follows(notebook, tmp_path, monkeypatch):
    monkeypatch.setenv("CCHC_OUTPUTS", str(tmp_path))
    other = edited(notebook, STEM)
    other.edit("1-nation-expressions", "mean[year] - mean[year - 1]", "mean[year] - mean[year - 2]")
    other.edit("1-nation-claims", "facts.claims(year)", 'facts.claims(year).loc[["P2"]]')
    other.run("1-nation-expressions", "1-nation-claims", "1-nation-told", "1-nation-53")
    assert "mean[year] - mean[year - 2]" in other.text("1-nation-told")
    told = other.seen("1-nation-53")
    assert "1/1 nội dung công bố mâu thuẫn" in told and "83,72 − 76,92 = 6,80" in told


def test_thresholds_change_the_words(notebook):
    other = Notebook(STEM, confidence=0.5, best=20, design_effect=1.0)
    other.run(until="1-nation-34")
    told = other.seen("1-nation-32", "1-nation-34")
    assert (
        "khoảng tin cậy 50%" in told and "thuộc 20 nơi" in told and "hiệu ứng thiết kế 1,00" in told
    )
    assert other.names["main"] == 1.0
    names = (other.names, notebook.names)
    widths = [one["sets"][one["main"]]["width"].median() for one in names]
    assert widths[0] < widths[1]


@pytest.mark.parametrize(
    ("assumed", "effects"),
    [(1.5, [0.375, 1.5, 2]), (0.5, [0.125, 0.5, 2]), (2.0, [0.5, 2, 2.5]), (3, [0.75, 3, 3.5])],
)
def test_the_case_drawn_beside_the_error_is_wider(notebook, assumed, effects):
    other = edited(notebook, STEM, design_effect=assumed)
    made = other.run("1-nation-effects", "1-nation-assumptions")
    assert made["effects"] == effects
    assert (made["ASSUMPTIONS"]["effect"], made["ASSUMPTIONS"]["most"]) == tuple(effects[1:])


def test_an_effect_that_the_published_changes_rule_out_has_no_row_and_is_told_so(notebook):
    other = edited(notebook, STEM, design_effect=3.5)
    other.run(
        *(f"1-nation-{cell}" for cell in ("effects", "beyond", "assumptions", "assumed", "33"))
    )
    rows = BeautifulSoup(other.text("1-nation-33"), "html.parser").select("tbody tr")
    assert [row.td.get_text() for row in rows] == ["0,88", "3,50"] and other.names["most"] == 4
    assert "Không có dòng cho hiệu ứng thiết kế 4,00" in other.seen("1-nation-33")


# --- its checked frames -------------------------------------------------------------------------


def frames_of_known_scores(figures) -> str:
    notebook = Notebook(STEM)
    notebook.names = {"figures": figures, "facts": facts, "pd": pd, "year": 2020, "units": units}
    notebook.run("1-nation-known")
    return notebook.text("1-nation-known")


def test_a_changed_score_fails_a_checked_cell_whichever_province(table):
    cells = nbformat.read(paths.notebooks_dir() / f"{STEM}.ipynb", as_version=4).cells
    checked = [cell for cell in cells if cell.source.startswith("# NBVAL_CHECK_OUTPUT")]
    assert 6 <= len(checked) <= 10
    [stored] = [
        cell.outputs[0].data["text/html"] for cell in checked if cell.id == "1-nation-known"
    ]
    assert BeautifulSoup(stored, "html.parser").get_text() == _text(frames_of_known_scores(table))
    accepted = facts.select(table, year=2020, unit_type="province", measure="score", part="")
    assert accepted.groupby("index").size().to_dict() == {"PAR": 34, "SIPAS": 26}
    for place in accepted.index:
        changed = table.copy()
        changed.loc[place, "value"] += 0.5
        assert _text(frames_of_known_scores(changed)) != _text(stored), table.loc[place, "unit"]


def _text(html: str) -> str:
    return BeautifulSoup(html, "html.parser").get_text()


# --- what it tells ------------------------------------------------------------------------------


SOURCES = "1-nation-56"


def test_both_languages_tell_the_same(notebook):
    english = Notebook(STEM, lang="en")
    english.run()
    same_in_both(notebook, english, SOURCES)


def test_every_chart_is_told_with_its_numbers(notebook):
    charts = [
        (cell, figure.svg["aria-label"])
        for cell, pieces in notebook.shown.items()
        for figure in BeautifulSoup(" ".join(pieces), "html.parser").find_all("figure")
    ]
    assert len(charts) == 12
    for cell, told in charts:
        assert len(languages.NUMBER.findall(told)) >= 4 and "nan" not in told, cell
        assert len(re.findall(r"\.(?: |$)", told)) >= 2 and ".." not in told, cell


# What is said of a year that has less than 2020.
LITTLE = {
    2012: [
        "chưa tìm thấy công bố về số địa phương của từng nhóm",
        "chưa xét được sai số của thứ hạng",
        "chưa xét được ảnh hưởng",
    ],
    2018: ["chưa xét được sai số của thứ hạng"],
    2022: ["SIPAS đã đổi cách khảo sát", "nên không tính thay đổi", "gồm cả phần do khảo sát"],
    2025: ["chưa tìm thấy", "chưa được thu thập"],
}


@pytest.mark.parametrize(
    "year", [2012, *(pytest.param(y, marks=pytest.mark.slow) for y in (2018, 2022, 2025))]
)
def test_years_with_little_say_so(year):
    made = [Notebook(STEM, year=year, lang=lang) for lang in ("vi", "en")]
    for one in made:
        one.run()
    same_in_both(*made, SOURCES)
    told = made[0].seen(*made[0].sources)
    assert all(words in told for words in LITTLE[year])
