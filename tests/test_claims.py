"""Statements beside the other figures: never against themselves, and every verdict can occur."""

import re
from functools import partial

import html5lib
import numpy as np
import pandas as pd
import pytest
import toys
from cells import expressions

from helpers import claims, facts, language
from helpers.citations import Citations
from helpers.report import statements as exhibit

NUMBERS = ["verdict", "share", "found", "low", "high", "missing"]
EXPRESSIONS = expressions()


@pytest.fixture(scope="module")
def statements():
    return facts.claims(2020)


@pytest.fixture(scope="module")
def checked(table, statements):
    return claims.check(table, statements, EXPRESSIONS)


def how(found) -> str:
    """The texts of a finding as a spreadsheet has them, in English."""
    with language.using("en"):
        return exhibit.in_words(found["how"])


def missing(found) -> str:
    """What a finding lacks, in English."""
    with language.using("en"):
        return exhibit.in_words([found["missing"]])


def only(statements, *names):
    return statements.loc[list(names)]


def one(statements, name):
    return next(claim for claim in statements.itertuples() if claim.Index == name)


# --- independence: the real statements and the real figures --------------------------------

# Rows that repeat a statement, written down here by hand: (unit, measure, part, year).
VN = facts.NATION
TYPES = [
    (VN, "count", part, 2020)
    for part in ("steady_rise_2017_2020", "mixed_2017_2020", "steady_fall_2017_2020")
]
BANK, EDUCATION = "Ngân hàng Nhà nước Việt Nam", "Bộ Giáo dục và Đào tạo"
GROUPS = [(VN, "count", "group_B", 2020), (VN, "count", "group_C", 2020)]
REPEATS = {
    "S1": [(VN, "factor", "access", 2020)],
    "S2": [(VN, "factor", "procedures", 2020)],
    "S3": [(VN, "factor", "officials", 2020)],
    "S4": [(VN, "factor", "results", 2020)],
    "S5": [(VN, "share", "gave_feedback", 2020)],
    "S6": TYPES,
    "S7": TYPES,
    "S8": TYPES,
    "M1": [(VN, "ministry_mean", "", 2020), (VN, "ministry_change", "", 2020)],
    "M2": [(VN, "ministry_change", "", 2020)],
    "M3": [],
    "M4": [(VN, "count", "ministries_below_80", 2020)],
    "M5": [(BANK, "score", "", 2020), (BANK, "rank", "", 2020)],
    "M6": [],
    "M7": [(EDUCATION, "score", "", 2020), (EDUCATION, "rank", "", 2020)],
    "M8": [(VN, "count", "ministries_increased", 2020)],
    "M9": [(VN, "count", f"ministry_fields_{way}", 2020) for way in ("increased", "decreased")],
    "M10": [(VN, "count", f"ministry_fields_{way}", 2020) for way in ("increased", "decreased")],
    "P1": [(VN, "mean", "", 2020), (VN, "change", "", 2020)],
    "P2": [(VN, "change", "", 2020)],
    "P3": [],
    "P4": [(VN, "count", "above_mean", 2020)],
    "P5": [(VN, "count", "above_80", 2020), *GROUPS],
    "P6": [(VN, "count", "above_80", 2019)],
    "P7": [(VN, "count", "below_70", 2020), (VN, "count", "group_C", 2020)],
    "P8": [],
    "P9": [],
    "P10": [("Quảng Ninh", "score", "", 2020), ("Quảng Ninh", "rank", "", 2020)],
    "P11": [("Quảng Ngãi", "score", "", 2020), ("Quảng Ngãi", "rank", "", 2020)],
    "T1": [("Thanh Hóa", m, "", y) for m, y in (("rank", 2020), ("rank_change", 2020),
                                                ("rank", 2019))],
    "T2": [("Thanh Hóa", "score", "", 2020)],
    "T3": [("Thanh Hóa", "rank_change", "", 2020), ("Thanh Hóa", "rank", "", 2019)],
    "T4": [("Thanh Hóa", m, "", y) for m, y in (("rank", 2020), ("rank_change", 2020),
                                                ("rank", 2019))],
    "T5": [("Thanh Hóa", "score", "", 2020)],
    "T6": [("Thanh Hóa", "rank_change", "", 2020), ("Thanh Hóa", "rank", "", 2019)],
    "T7": [],
}  # fmt: skip


def test_every_statement_has_its_list_of_repetitions(statements):
    assert list(REPEATS) == list(statements.index)


@pytest.mark.parametrize("name", REPEATS)
def test_no_row_derived_from_a_statement_is_left(table, statements, name):
    claim = one(statements, name)
    left = claims.without(table, claim)
    near = left[
        (left["unit"] == claim.unit)
        & (left["index"] == claim.index)
        & left["year"].between(claim.year - 1, claim.year + 1)
    ]
    stated = f"{abs(claim.value):g}"
    pattern = rf"(?<![\d.]){re.escape(stated)}(?![\d.])"
    if claim.quantity not in ("count", "factor", "share") and not np.isnan(claim.value):
        assert not near["derivation"].str.contains(pattern).any()


def contradicted(table, claim) -> pd.DataFrame:
    """The figures with other numbers in all rows that repeat a statement."""
    altered = table.copy()
    keys = zip(altered["unit"], altered["measure"], altered["part"], altered["year"], strict=True)
    repeats = {*REPEATS[claim.Index], (claim.unit, claim.quantity, claim.part, claim.year)}
    rows = np.array([key in repeats for key in keys]) & (altered["index"] == claim.index)
    altered.loc[rows, "value"] += 3
    return altered


@pytest.mark.parametrize("name", REPEATS)
def test_what_is_left_does_not_depend_on_the_figures_that_repeat_the_statement(
    table, statements, name
):
    claim = one(statements, name)
    altered = contradicted(table, claim)
    pd.testing.assert_frame_equal(claims.without(altered, claim), claims.without(table, claim))


@pytest.mark.parametrize("name", ["P4", "M5", "M2", "T3"])
def test_the_whole_check_sees_only_what_is_left(table, statements, checked, name):
    altered = contradicted(table, one(statements, name))
    assert not altered.equals(table)
    again = claims.check(altered, only(statements, name), EXPRESSIONS)
    pd.testing.assert_frame_equal(again[NUMBERS], checked.loc[[name], NUMBERS], check_dtype=False)


def test_the_other_figures_stay(table, statements):
    left = claims.without(table, one(statements, "P5"))
    kept = left[(left["year"] == 2020) & (left["index"] == "PAR") & (left["unit"] == VN)]
    assert {"above_mean", "group_A", "below_70", "decreased"} <= set(kept["part"])
    assert len(table) - len(left) == 3
    # Thanh Hóa's rank is no part of the statement on its score.
    left = claims.without(table, one(statements, "T2"))
    assert facts.figure(left, "Thanh Hóa", "PAR", 2020, "rank")["value"] == 29


def test_figures_rejected_for_a_statement_get_a_second_look(checked):
    told = how(checked.loc["T4"])
    assert "derived figures of Sóc Trăng (14; 88.67)" in told and told.endswith("give 13")
    assert "rejected" not in how(checked.loc["T1"])


# --- the real verdicts ---------------------------------------------------------------------


def test_every_statement_gets_a_verdict_and_says_how(checked, statements):
    assert list(checked.index) == list(statements.index)
    assert set(checked["verdict"]) <= set(claims.VERDICTS)
    unchecked = checked["verdict"] == claims.UNCHECKED
    assert checked.loc[unchecked, "missing"].notna().all()
    assert checked.loc[~unchecked, "missing"].isna().all()
    assert checked.loc[~unchecked, "how"].map(len).all()
    assert (checked.loc[~unchecked, "sources"] != "").all()
    consistent = checked[checked["verdict"] == claims.CONSISTENT]
    assert (consistent["share"] > 0.5).all()
    # Inside the central 90% of the tables, to the rounding of a published score.
    assert (consistent["low"] - 0.005 <= consistent["stated"]).all()
    assert (consistent["stated"] <= consistent["high"] + 0.005).all()
    # And outside it where a statement is said to be unlikely, and nowhere else.
    drawn = checked[checked["share"].notna() & (checked["verdict"] != claims.CONTRADICTED)]
    off = np.maximum(drawn["low"] - drawn["stated"], drawn["stated"] - drawn["high"])
    assert len(drawn) > 10 and ((off > 0.005) == (drawn["verdict"] == claims.UNLIKELY)).all()


def test_only_what_cannot_be_otherwise_is_reproduced(checked):
    drawn = checked[(checked["verdict"] == claims.REPRODUCED) & checked["low"].notna()]
    assert (drawn["low"] == drawn["high"]).all()


VERDICTS = {
    claims.REPRODUCED: ["M2", "M3", "M4", "M6", "P2", "P3", "P7", "P10"],
    claims.UNCHECKED: ["S1", "S5", "S6", "M9", "P8", "P9", "T3", "T6", "T7"],
    claims.CONSISTENT: ["P1", "P4", "P5", "P6", "T1", "T2"],
}


@pytest.mark.parametrize("verdict", VERDICTS)
def test_verdicts(checked, verdict):
    found = checked.loc[VERDICTS[verdict]]
    assert set(found["verdict"]) == {verdict}
    assert verdict != claims.REPRODUCED or found["share"].isna().all()


# What was worked out in numbers, and what is said: by name of the statement.
WORKED_OUT = {
    "P2": ("83.72 - 81.15", "83.72 − 81.15 = 2.57"),
    "P3": ("83.72 > max(74.64, 77.72, 76.92, 81.15)", "2015 was higher: 85.11"),
    "P7": ("0 if 73.25 >= 70 else None", "Quảng Ngãi, has"),
    "M6": ("max(1, 1, 1, 1, 1, 1) == 1 < 3", "2014: 3; 2015: 1"),
    "P10": (None, "57.66 + 18.83 + 9.56 + 5.00 = 91.05. Off 91.04 by no more than rounding"),
    "P9": (None, "5 fell"),
    "T1": ("", "200 completed tables"),
    "S6": ("", "21 + 41 + 1 = 63"),
}  # fmt: skip


@pytest.mark.parametrize("name", WORKED_OUT)
def test_what_was_worked_out_is_told(checked, name):
    numbers, told = WORKED_OUT[name]
    assert numbers in (None, checked.at[name, "numbers"])
    assert told in how(checked.loc[name])


def test_a_changed_expression_changes_the_verdict(table, statements):
    altered = EXPRESSIONS | {"change": "mean[year] - mean[year - 2]"}
    found = claims.check(table, only(statements, "P2"), altered).loc["P2"]
    assert (found["verdict"], found["numbers"]) == (claims.CONTRADICTED, "83.72 - 76.92")
    # The statement's own figure is not among those that an expression may use.
    circular = EXPRESSIONS | {"change": "change[year]"}
    found = claims.check(table, only(statements, "P2"), circular).loc["P2"]
    assert (found["verdict"], found["missing"][1]["years"]) == (claims.UNCHECKED, [2020])


@pytest.mark.parametrize(
    ("expression", "why"),
    [("men[year]", "'men' is not defined"), ("mean[year] -", "invalid syntax"),
     ("mean[1 / 0]", "division by zero"), ("mean[year] + 'x'", "unsupported operand"),
     # Nothing known and nothing missing would hold; a list cannot be set beside a number.
     ("max(mean[year - 1 : year - 4])", "mean[year - 1:year - 4] lists nothing"),
     ("max(mean[2016:])", "mean[2016:] lists nothing"), ("mean[::2]", "mean[::2] lists nothing"),
     ("mean[2016:year]", "gives a list"), ("(0 - mean[year]) ** 0.5", "gives a complex"),
     ("scores[year]", "gives a DataFrame"), ("scores[year].mean()", "gives a Series"),
     ("ranks[year]['Huyện Mẫu']", "Huyện Mẫu"), ("scores[year].middle()", "no attribute")],
)  # fmt: skip
def test_an_expression_that_cannot_be_worked_out_is_refused(table, statements, expression, why):
    with pytest.raises(claims.ExpressionError) as refused:
        claims.check(table, only(statements, "P2"), {"change": expression}, draws=2)
    assert all(part in str(refused.value) for part in (expression, "P2", why, "mean[2016:2019]"))


def test_sources_are_of_the_other_figures(table, checked):
    assert set(checked.at["P2", "sources"].split()) == {
        source
        for year in (2019, 2020)
        for source in facts.figure(table, VN, "PAR", year, "mean")["sources"].split()
    }
    # Quảng Ninh's blocks are from s003; Hải Phòng, next to it, is in others too.
    assert checked.at["P10", "sources"].split()[0] == "s003"
    assert "s201" in checked.at["P10", "sources"]
    assert "Thanh Hóa score 2020 84.33" in checked.at["T1", "only_own_source"]


# Each of these is a value that the real figures refute.
WRONG = {"P2": 2.75, "P4": 50, "P5": 40, "P10": 90.04, "T1": 40, "T2": 88.0, "M1": 95.0}
WRONG |= {"M4": 1, "M6": 5, "M7": 86.0, "P7": 3, "S6": 60}


@pytest.fixture(scope="module")
def refuted(table, statements):
    """Altered statements, and what was found of them."""
    wrong = only(statements, *WRONG).assign(value=list(WRONG.values()))
    return wrong, claims.check(table, wrong, EXPRESSIONS, draws=20)


def test_a_wrong_statement_is_contradicted_by_facts_that_are_named(refuted):
    wrong, found = refuted
    assert found["verdict"].to_dict() == dict.fromkeys(WRONG, claims.CONTRADICTED)
    assert found["how"].map(len).all()
    assert "No table fits both this figure and the figures in lines" in how(found.loc["T1"])
    assert "Thanh Hóa score 84.33" in found.at["T1", "how"][-1][1]["facts"]
    told = exhibit.told(found, wrong, Citations(facts.sources()))
    assert "mâu thuẫn" in set(told["verdict"])
    assert told["how"].str.contains("data/observations.csv").any()


def test_the_same_seed_gives_the_same_table(table, statements):
    some = only(statements, "P1", "T2", "S6", "M2")
    first, again = (claims.check(table, some, EXPRESSIONS, draws=30, seed=7) for _ in range(2))
    pd.testing.assert_frame_equal(first, again)
    other = claims.check(table, some, EXPRESSIONS, draws=30, seed=8)
    assert first.at["P1", "found"] != other.at["P1", "found"]


# --- the logic, on made-up tables ----------------------------------------------------------

UNITS = tuple(f"Made-up {letter}" for letter in "ABCDEFG")


def figures(*rows):
    """Rows of (unit, year, measure, part, value) as published figures."""
    columns = ["unit", "year", "measure", "part", "value"]
    return toys.figures(rows, columns, sources=[f"x{number}" for number in range(len(rows))])


def stated(quantity, value, unit=VN, part="", year=2020, name="X1"):
    row = {
        "unit_type": "national" if unit == VN else "province", "unit": unit, "index": "PAR",
        "year": year, "quantity": quantity, "part": part, "value": value,
        "statement": "made up", "source": "x0",
    }  # fmt: skip
    return pd.DataFrame([row], index=pd.Index([name], name="claim"))


def verdict(table, claim, draws=40):
    return claims.check(table, claim, EXPRESSIONS, draws=draws, roster_names=UNITS).iloc[0]


def ladder():
    """Made-up A to G on ranks 1 to 7, with scores 95, 90 ... 65; nothing is said of D."""
    rows = []
    for rank, unit in enumerate(UNITS, 1):
        if unit != "Made-up D":
            rows += [(unit, 2020, "rank", "", rank), (unit, 2020, "score", "", 100 - 5 * rank)]
    return rows


def test_a_rank_that_the_others_leave_open():
    table = figures(*ladder())
    found = verdict(table, stated("rank", 4, "Made-up D"))
    assert (found["verdict"], found["share"], found["found"]) == (claims.CONSISTENT, 1.0, 4)
    found = verdict(table, stated("rank", 3, "Made-up D"))
    assert found["verdict"] == claims.CONTRADICTED
    assert "Made-up C rank 3" in found["how"][-1][1]["facts"]


def test_a_score_between_neighbours():
    table = figures(*ladder())
    loose = verdict(table, stated("score", 80.2, "Made-up D"))
    assert loose["verdict"] == claims.UNCHECKED
    assert 75 <= loose["low"] < loose["high"] <= 85
    assert missing(loose) == "The scores of 2020 of 1 of the 7 ranked, not found published"
    tight = [
        (unit, y, m, p, v if m == "rank" else 80 + (v - 80) / 50) for unit, y, m, p, v in ladder()
    ]
    assert (
        verdict(figures(*tight), stated("score", 80.05, "Made-up D"))["verdict"]
        == claims.CONSISTENT
    )
    end = verdict(figures(*ladder()), stated("score", 84.99, "Made-up D"))
    assert end["verdict"] == claims.UNLIKELY and end["high"] < 84.99
    assert "outside the 90% interval" in how(end)
    assert (
        verdict(figures(*tight), stated("score", 80.15, "Made-up D"))["verdict"]
        == claims.CONTRADICTED
    )


def test_its_own_row_does_not_help_a_statement():
    alone = verdict(figures(*ladder()), stated("score", 80.2, "Made-up D"))
    own = figures(*ladder(), ("Made-up D", 2020, "score", "", 80.2))
    pd.testing.assert_series_equal(
        verdict(own, stated("score", 80.2, "Made-up D"))[NUMBERS], alone[NUMBERS]
    )


MEANS = [(VN, 2019, "mean", "", 80.10), (VN, 2020, "mean", "", 82.20)]
RISING = [(VN, year, "mean", "", value) for year, value in ((2018, 70), (2019, 75), (2020, 80))]
FIRST = [("Made-up A", year, "rank", "", 1) for year in (2018, 2019, 2020)]
SECOND = ("Made-up A", 2017, "rank", "", 2)
PLACES = [("Made-up A", 2020, "rank", "", 2), ("Made-up A", 2019, "rank", "", 6)]
GAINS = [(f"Made-up {name}", 2020, "change", "", n) for name, n in (("A", 3), ("B", 1), ("C", -2))]
FALLS = [(unit, 2020, "change", "", -change) for unit, _, _, _, change in GAINS[:2]]
EVERY_GAIN = [*GAINS, *((unit, 2020, "change", "", 2) for unit in UNITS[3:])]
CHANGE = partial(stated, "change")
HIGHEST = stated("highest_in_years", 3, part="provinces")
IN_A_ROW = partial(stated, "years_first_in_a_row", unit="Made-up A")
MOVED = partial(stated, "rank_change", unit="Made-up A")
MOST, LEAST = (partial(stated, f"{end}_gain", np.nan) for end in ("largest", "smallest"))
CASES = [
    # Figures, the statement, its verdict, and the years whose figures it lacks.
    (MEANS, CHANGE(2.10), claims.REPRODUCED, None),
    # Both means are rounded: 2.104 or 2.096 may be what was meant.
    (MEANS, CHANGE(2.11), claims.REPRODUCED, None),
    (MEANS, CHANGE(2.13), claims.CONTRADICTED, None),
    (MEANS[1:], CHANGE(2.10), claims.UNCHECKED, [2019]),
    (RISING, HIGHEST, claims.REPRODUCED, None),
    (RISING[1:], HIGHEST, claims.UNCHECKED, [2018]),
    ([*RISING[:2], (VN, 2020, "mean", "", 75)], HIGHEST, claims.CONTRADICTED, None),
    ([*FIRST, SECOND], IN_A_ROW(3), claims.REPRODUCED, None),
    (FIRST, IN_A_ROW(3), claims.UNCHECKED, None),
    ([*FIRST[1:], SECOND], IN_A_ROW(3), claims.UNCHECKED, None),
    (FIRST, IN_A_ROW(2), claims.CONTRADICTED, None),
    (PLACES, MOVED(4), claims.REPRODUCED, None),
    (PLACES, MOVED(3), claims.CONTRADICTED, None),
    (GAINS, MOST("Made-up A"), claims.UNCHECKED, None),
    (GAINS, MOST("Made-up B"), claims.CONTRADICTED, None),
    # C fell: it did not gain least. Where none is known to have risen, nor did another that fell.
    (GAINS, LEAST("Made-up B"), claims.UNCHECKED, None),
    (FALLS, LEAST("Made-up A"), claims.CONTRADICTED, None),
    (FALLS, LEAST("Made-up B"), claims.CONTRADICTED, None),
    (FALLS, LEAST("Made-up D"), claims.UNCHECKED, None),
    (EVERY_GAIN, MOST("Made-up A"), claims.REPRODUCED, None),
    (EVERY_GAIN, MOST("Made-up D"), claims.CONTRADICTED, None),
]


@pytest.mark.parametrize(("rows", "claim", "expected", "years"), CASES)
def test_a_statement_on_made_up_figures(rows, claim, expected, years):
    found = verdict(figures(*rows), claim)
    assert found["verdict"] == expected
    assert years is None or found["missing"][1]["years"] == years


def test_a_mean_derived_from_the_change_does_not_confirm_the_change():
    table = figures(*MEANS)
    table.loc[0, "derivation"] = "mean2020 82.20 - 2.10"
    found = verdict(table, stated("change", 2.10))
    assert (found["verdict"], found["missing"][1]["years"]) == (claims.UNCHECKED, [2019])


def test_what_a_finding_tells_beside_its_verdict():
    assert verdict(figures(*PLACES), MOVED(4))["numbers"] == "6 - 2"
    found = verdict(figures(*GAINS), MOST("Made-up A"))
    assert missing(found) == "The scores of both 2019 and 2020 of the other 4 provinces"
    circular = figures(*PLACES)
    circular.loc[1, "derivation"] = "rank2020 2 + 4 places"
    found = verdict(circular, MOVED(4), draws=400)
    # Nothing is left of 2019, so any rank of the seven may be drawn.
    assert found["verdict"] != claims.REPRODUCED
    assert (found["low"], found["high"]) == (-1, 5)


def test_types_of_paths_are_bounded_by_what_is_published():
    def path(unit, *scores):
        return [(unit, 2017 + step, "score", "", v) for step, v in enumerate(scores) if v]

    rows = path("Made-up A", 70, 71, 72, 73) + path("Made-up B", 70, 71, 69, None)
    claim = partial(stated, "count", part="steady_rise_2017_2020")
    found = verdict(figures(*rows), claim(2))
    assert (found["verdict"], found["low"], found["high"]) == (claims.UNCHECKED, 1, 6)
    assert verdict(figures(*rows), claim(7))["verdict"] == claims.CONTRADICTED
    told = figures(*rows, (VN, 2019, "count", "increased", 1))
    assert verdict(told, claim(1))["verdict"] == claims.REPRODUCED


def test_a_count_above_a_threshold():
    table = figures(*ladder())
    # 95, 90, 85 and 75, 70, 65 are known, D is open between them: three or four are above 80.
    claim = partial(stated, "count", part="above_80")
    assert verdict(table, claim(3))["verdict"] == claims.CONSISTENT
    assert verdict(table, claim(5))["verdict"] == claims.CONTRADICTED
    groups = figures(
        *ladder(), (VN, 2020, "count", "group_A", 2), (VN, 2020, "count", "group_B", 2)
    )
    found = verdict(groups, claim(4))
    assert "groups A and B, 2 + 2 = 4" in how(found)
    assert found["share"] == verdict(table, claim(4))["share"]


def test_figures_that_do_not_fit_together_check_nothing():
    table = figures(*ladder(), ("Made-up A", 2020, "rank_at_least", "", 3))
    found = verdict(table, stated("rank", 4, "Made-up D"))
    assert found["verdict"] == claims.UNCHECKED
    assert missing(found) == "Figures of 2020 that fit together"
    assert any("Made-up A" in fact for fact in found["missing"][1]["conflict"])


def test_what_nobody_knows_how_to_check_is_said():
    table = figures(*ladder())
    told = {
        "A way to check": stated("shoe_size", 4),
        "The stated figure": stated("rank", np.nan, "Made-up D"),
        "A result of Made-up Z, which is not ranked": stated("rank", 4, "Made-up Z"),
    }
    assert all(missing(verdict(table, claim)).startswith(text) for text, claim in told.items())


# --- what is written -----------------------------------------------------------------------


def test_the_csv_opens_in_a_spreadsheet_and_reads_back(checked, tmp_path):
    path = exhibit.write_csv(checked, tmp_path / "tables" / "claims_2020.csv")
    assert path.read_bytes().startswith(b"\xef\xbb\xbf")
    back = pd.read_csv(path, index_col="claim", keep_default_na=False)
    assert list(back.index) == list(checked.index)
    assert back.at["M5", "sources"] == checked.at["M5", "sources"]
    assert list(back["verdict"]) == list(checked["verdict"])
    # English in any language; Vietnamese is in use here.
    assert "83.72 − 81.15 = 2.57" in back.at["P2", "how"]
    assert back.at["S5", "missing"] == "The numbers of answers to this question"
    assert back.at["P2", "missing"] == ""


def test_every_statement_is_told_in_vietnamese(statements):
    told = {claim.Index: exhibit.statement(claim) for claim in statements.itertuples()}
    assert not set(told.values()) & set(statements["statement"])
    assert len(set(told.values())) == len(told)
    assert told["P4"] == "38 tỉnh, thành phố trên mức bình quân"
    assert told["P7"] == "Không có tỉnh, thành phố nào dưới 70 điểm"
    assert told["M5"] == "Ngân hàng Nhà nước Việt Nam đứng đầu với 95,88 điểm"
    assert told["T5"] == "Thanh Hóa đạt 88,70% SIPAS"


def test_the_statements_are_told_with_what_was_found(checked, statements):
    told = exhibit.told(checked, statements, Citations(facts.sources()))
    for html in told["how"]:
        html5lib.HTMLParser(strict=False).parseFragment(html)
    text = " ".join(re.sub(r"<[^>]+>", " ", one) for one in told.to_numpy().ravel())
    unchecked = (checked["verdict"] == claims.UNCHECKED).sum()
    assert text.count("chưa kiểm chứng được") == unchecked
    assert f"chưa kiểm chứng được: {unchecked}" in exhibit.counted(checked)
    for expected in ("83,72 − 81,15 = 2,57", "tính lại được", "phù hợp (", "Còn thiếu", "91,05"):
        assert expected in text
    assert not re.search(r"\b(the|of|which|tables|nan|None)\b", text)
    assert not re.search(r"\d\.\d\d\b", text)


def test_a_statement_without_words_is_marked_as_english(table):
    unknown = facts.claims(2020).loc[["P2"]].assign(quantity="shoe_size", statement="made up")
    checked = claims.check(table, unknown, {}, draws=2)
    told = exhibit.told(checked, unknown, Citations(facts.sources()))
    assert told["statement"].item() == '<span lang="en">made up</span>'


def test_a_share_is_rounded_alike_beside_the_verdict_and_in_the_sentence(table):
    """0.965 was 97% in one and 96% in the other."""
    assert exhibit.in_words([("{share}", {"share": 0.965})]) == "97%"
    announced = facts.claims(2020).loc[["M1"]]
    checked = claims.check(table, announced, EXPRESSIONS, draws=2).assign(share=0.965)
    told = exhibit.told(checked, announced, Citations(facts.sources()))
    assert "97%" in told["verdict"].item()
