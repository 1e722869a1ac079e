"""Every way to break the data files is refused, with its place and with what to do."""

import csv
import io
import unicodedata
from functools import partial

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers import facts, validation
from helpers.errors import CchcError
from helpers.paths import data_dir
from helpers.validation import BadData

OBS = "observations.csv"
SCORE = "province,Thanh Hóa,PAR,2020,score,,84.33,accepted,,s001,"
RANK = "province,Thanh Hóa,PAR,2020,rank,,29,accepted,,s001 s037 s084,"
HEADER = ",".join(validation.columns_of(OBS))


def line_of(path, row):
    return path.read_text("utf-8").split("\n").index(row) + 1


def replace(path, old, new):
    """Change a line of a file, and give its number."""
    line = line_of(path, old)
    lines = path.read_text("utf-8").split("\n")
    lines[line - 1] = new
    path.write_text("\n".join(lines), "utf-8", newline="")
    return line


def append(path, *rows):
    """Add lines to a file, and give the number of the last one."""
    text = path.read_text("utf-8") + "".join(f"{row}\n" for row in rows)
    path.write_text(text, "utf-8", newline="")
    return text.count("\n")


def refusal(folder):
    """All problems that loading a folder tells of; the folder must stay as it was."""
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    with pytest.raises(BadData) as caught:
        facts.load(folder)
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before
    assert isinstance(caught.value, CchcError)
    told = str(caught.value).splitlines()
    assert told[1:] == [f"  {problem}" for problem in caught.value.problems]
    return caught.value.problems


def only(folder):
    """The place and the message of the one problem of a folder."""
    problems = refusal(folder)
    assert len(problems) == 1, "\n".join(map(str, problems))
    (problem,) = problems
    return (problem.file, problem.line, problem.column), problem.message


def test_the_copy_is_accepted_as_it_is(data_copy, table):
    assert facts.load(data_copy).equals(table)


# --- one cell ------------------------------------------------------------------------------

PROVINCE = "38,Thanh Hóa,Thanh Hoa,province,NCC,VN-21,Thanh Hóa"
SCHEME = "2018,2018,2636/QĐ-BNV,steering,9,s009,"
CLAIM = (
    "S4,national,Việt Nam,SIPAS,2020,factor,results,89.73,"
    "89.73% are satisfied with the result they received,s001"
)
FILE = {SCORE: OBS, RANK: OBS, PROVINCE: "provinces.csv", SCHEME: "scoring_schemes.csv"} | {
    CLAIM: "claims_2020.csv"
}
CELLS = [
    # the line, what is changed in it, the column, what the message must say
    (SCORE, "Thanh Hóa", "Thanh Xuân", "unit", "Nearest: Thanh Hóa"),
    (SCORE, "Thanh Hóa", "", "unit", "empty"),
    (SCORE, "Hóa", "Hoá", "unit", "'Thanh Hoá' must be written 'Thanh Hóa', as in provinces.csv"),
    (SCORE, "Hóa", "Hóa ", "unit", "written 'Thanh Hóa'"),
    (
        SCORE,
        "Hóa",
        "Ho\u0301a",
        "unit",
        "NFD, as macOS writes them); write 'Thanh Hóa' in form NFC",
    ),
    (SCORE, "province", "tỉnh", "unit_type", "use one of ministry, national, province, region"),
    (SCORE, "province,Thanh Hóa", "national,Vietnam", "unit", "must be written 'Việt Nam'"),
    (SCORE, "PAR", "PCI", "index", "use one of PAR, SIPAS"),
    (SCORE, "accepted", "ok", "status", "use one of accepted, disputed, rejected"),
    (SCORE, "score", "scores", "measure", "'scores' is not known; use"),
    (SCORE, "2020", "2O20", "year", "'2O20' is not a number"),
    (SCORE, "2020", "20", "year", "between 2000 and 2099"),
    (SCORE, "2020", "9" * 5000, "year", "is not a number"),
    (SCORE, "2020", "٢٠٢٠", "year", "is not a number"),
    (SCORE, "84.33", "100.01", "value", "not between 0 and 100"),
    (SCORE, "84.33", "-0.01", "value", "not between 0 and 100"),
    (RANK, ",29,", ",0,", "value", "0 is not between 1 and 63"),
    (RANK, ",29,", ",64,", "value", "64 is not between 1 and 63"),
    (RANK, ",29,", ",29.5,", "value", "'29.5' is not a whole number; write its digits only"),
    (SCORE, "84.33", '"84,33"', "value", "'84,33' is not a number here; write it with a decimal"),
    (SCORE, "84.33", "84.33%", "value", "decimal point: 84.33"),
    (SCORE, "84.33", " 84.33", "value", "decimal point: 84.33"),
    (SCORE, "84.33", "", "value", "is empty. The figure"),
    (SCORE, "s001", "s001 s999", "sources", "'s999' is not in sources.csv; add it there first"),
    (SCORE, "s001", "", "sources", "is empty. One or more ids"),
    *(
        (SCORE, "84.33", text, "value", f"{text!r} is not a num")
        for text in ("nan", "inf", "-Infinity", "8_4", "84.3.3", "1e1", "８４")  # noqa: RUF001
    ),
    (PROVINCE, "NCC", "NCCC", "region", "'NCCC' is not in regions.csv; add it there first"),
    (PROVINCE, ",province", ",tỉnh", "kind", "'tỉnh' is not known; use one of city, province"),
    (CLAIM, ",89.73,", ',"89,73",', "value", "write it with a decimal point: 89.73"),
    (SCHEME, ",9,", ",900,", "max_points", "900 is not between 0 and 100"),
    (SCHEME, "s009", "s9", "source", "'s9' is not in sources.csv"),
    (SCHEME, "2018,2018", "2018,2O18", "year_to", "'2O18' is not a number"),
]


@pytest.mark.parametrize(("row", "old", "new", "column", "told"), CELLS)
def test_one_cell(data_copy, row, old, new, column, told):
    line = replace(data_copy / FILE[row], row, row.replace(old, new))
    place, message = only(data_copy)
    assert place == (FILE[row], line, column)
    assert told in message


PAPI = "2020,Thanh Hóa,{},45.293,29"
DIMENSIONS = "6.051,6.006,4.973,7.101,7.305,7.285,3.639,2.933"
PAPI_CELLS = {
    "a unit that is no province": ("Thanh Hóa", "Việt Nam", "unit", "There is no province"),
    "points below the scale": ("2.933", "0.933", "e_governance", "0.933 is not between 1 and 10"),
    "points above the scale": ("7.285", "72.85", "service_delivery", "not between 1 and 10"),
    "not a number": ("45.293", "n/a", "total", "'n/a' is not a number"),
    "items": (",29", ",29.5", "items", "'29.5' is not a whole number"),
    "no items": (",29", ",", "items", "is empty. How many items"),
    "another number of items than the year": (
        ",29",
        ",28",
        "items",
        "'28' is not '29', as for 2020 on line",
    ),
    "total": ("45.293", "45.393", "total", "45.393 is not the sum of the dimensions, 45.293"),
    "no total": ("45.293", "", "total", "nothing is not the sum of the dimensions, 45.293"),
    "a total of seven": ("7.285", "", "total", "45.293 without service_delivery"),
    "a dimension before its first year": ("2020,", "2016,", "environment", "from 2018 on"),
}


def papi_row(folder):
    """The row of one province in 2020, as it stands in the file."""
    rows = (folder / "papi.csv").read_text("utf-8").splitlines()
    return next(row for row in rows if row.startswith("2020,Thanh Hóa,"))


@pytest.mark.parametrize("case", PAPI_CELLS)
def test_one_cell_of_papi(data_copy, case):
    old, new, column, told = PAPI_CELLS[case]
    row = PAPI.format(DIMENSIONS)
    replace(data_copy / "papi.csv", papi_row(data_copy), row)
    facts.papi(data_copy)
    line = replace(data_copy / "papi.csv", row, row.replace(old, new))
    problems = [p for p in refusal(data_copy) if p.column == column]
    assert [(p.file, p.line) for p in problems] == [("papi.csv", line)]
    assert told in problems[0].message


def test_a_province_twice_in_papi(data_copy):
    row = papi_row(data_copy)
    first = line_of(data_copy / "papi.csv", row)
    last = append(data_copy / "papi.csv", row)
    place, message = only(data_copy)
    assert place == ("papi.csv", last, "unit")
    assert message == f"'2020', 'Thanh Hóa' is already on line {first}"


@pytest.mark.parametrize("off", [-0.0045, 0.0045])
def test_a_total_of_papi_may_be_off_by_its_rounding(data_copy, off):
    row = PAPI.format(DIMENSIONS).replace("45.293", f"{45.293 + off:.4f}")
    replace(data_copy / "papi.csv", papi_row(data_copy), row)
    assert facts.papi(data_copy)["total"].notna().sum() == facts.papi()["total"].notna().sum()


@pytest.mark.parametrize(
    ("row", "column", "told"),
    [
        ("s001,A second publisher,2021,,", "source", "'s001' is already on line 2"),
        ("s 1,Two words,2021,,", "source", "'s 1' cannot stand here. The id by which"),
        (",No id,2021,,", "source", "is empty. The id"),
        ("x1,Made up,24/06/2021,,", "published", "known: 2021-06-24, 2021-06 or 2021."),
        ("x1,Made up,2021-02-30,,", "published", "'2021-02-30' is not a day of the"),
        ("x1,Made up,2021-W25-4,,", "published", "'2021-W25-4' cannot stand here"),
        ("x1,Made up,2021,javascript:alert(1),", "url", "must begin with http:// or https://"),
    ],
)
def test_a_wrong_source(data_copy, row, column, told):
    line = append(data_copy / "sources.csv", row)
    place, message = only(data_copy)
    assert place == ("sources.csv", line, column)
    assert told in message


@pytest.mark.parametrize("date", ["", "2021", "2021-06", "2021-06-24"])
def test_dates_as_exact_as_they_are_known_are_accepted(data_copy, date):
    append(data_copy / "sources.csv", f"x1,Made up,{date},HTTPS://example.org,")
    assert facts.sources(data_copy).loc["x1", "published"] == date


def test_a_province_twice(data_copy):
    line = append(data_copy / "provinces.csv", PROVINCE)
    first = line_of(data_copy / "provinces.csv", PROVINCE)
    problems = refusal(data_copy)
    assert [(p.file, p.line, p.column) for p in problems] == [
        ("provinces.csv", line, column) for column in ("code", "name", "name_en", "iso_3166_2")
    ]
    assert all(f"is already on line {first}" in p.message for p in problems)


def test_a_name_that_the_list_of_provinces_lacks(data_copy):
    renamed = PROVINCE.replace("38,Thanh Hóa", "38,Xứ Bịa")
    replace(data_copy / "provinces.csv", PROVINCE, renamed)
    problems = refusal(data_copy)
    assert {(p.column, p.message) for p in problems} == {
        ("unit", "'Thanh Hóa' is not in provinces.csv")
    }


# --- several lines -------------------------------------------------------------------------


def test_two_accepted_values(data_copy):
    first = line_of(data_copy / OBS, SCORE)
    line = append(data_copy / OBS, SCORE.replace("84.33", "84.3"))
    place, message = only(data_copy)
    assert place == (OBS, line, "value")
    assert "Thanh Hóa, PAR 2020, score has 2 accepted values" in message
    assert f"84.33 (line {first}) and 84.3 (line {line})" in message
    assert "keep one, or mark them disputed" in message


@pytest.mark.parametrize("status", ["disputed", "rejected"])
def test_a_second_value_that_is_not_accepted_may_stay(data_copy, status):
    append(data_copy / OBS, SCORE.replace("84.33", "12").replace("accepted", status))
    table = facts.load(data_copy)
    assert facts.figure(table, "Thanh Hóa", "PAR", 2020, "score")["value"] == 84.33


def test_two_provinces_on_one_rank(data_copy):
    first = line_of(data_copy / OBS, RANK)
    line = append(data_copy / OBS, "province,Bình Định,PAR,2020,rank,,29,accepted,,s001,")
    place, message = only(data_copy)
    assert place == (OBS, line, "value")
    assert message == f"rank 29 is given to Thanh Hóa and Bình Định (lines {first} and {line})"


def test_two_provinces_on_one_rank_are_told_of_once_even_with_scores(data_copy):
    line = append(
        data_copy / OBS,
        "province,Bình Định,PAR,2020,score,,84.4,accepted,,s001,",
        "province,Bình Định,PAR,2020,rank,,29,accepted,,s001,",
    )
    assert only(data_copy)[0] == (OBS, line, "value")


def test_a_rank_is_one_province_s_only_within_its_year_index_and_type(data_copy):
    rows = [
        "province,Bình Định,PAR,2001,rank,,29,accepted,,s001,",
        "province,Thanh Hóa,PAR,2001,rank,,28,accepted,,s001,",
        "province,Thanh Hóa,SIPAS,2001,rank,,29,accepted,,s001,",
        "ministry,Bộ Tài chính,PAR,2001,rank,,19,accepted,,s001,",
        "province,Hà Nội,PAR,2001,rank,,19,accepted,,s001,",
    ]
    append(data_copy / OBS, *rows)
    assert len(facts.select(facts.load(data_copy), year=2001)) == len(rows)


@pytest.mark.parametrize(
    ("value", "worse", "better"),
    [
        # Hậu Giang is 28th with 84.51; Lâm Đồng is 32nd with 83.93.
        ("84.52", "Thanh Hóa has rank 29 with 84.52", "more than Hậu Giang, rank 28 with 84.51"),
        ("83.92", "Lâm Đồng has rank 32 with 83.93", "more than Thanh Hóa, rank 29 with 83.92"),
    ],
)
def test_an_order_of_scores_against_the_ranks(data_copy, value, worse, better):
    lines = {"Thanh Hóa": replace(data_copy / OBS, SCORE, SCORE.replace("84.33", value))}
    rows = (data_copy / OBS).read_text("utf-8").split("\n")
    (lam_dong,) = [row for row in rows if row.startswith("province,Lâm Đồng,PAR,2020,score,")]
    lines["Lâm Đồng"] = line_of(data_copy / OBS, lam_dong)
    place, message = only(data_copy)
    assert place == (OBS, lines[worse.partition(" has")[0]], "value")
    assert message == f"{worse}, {better}"


def test_equal_scores_on_neighbouring_ranks_are_possible(data_copy):
    replace(data_copy / OBS, SCORE, SCORE.replace("84.33", "84.51"))
    assert len(facts.load(data_copy)) == len(facts.load())


def test_a_rank_among_the_ministries_ends_at_their_number(data_copy):
    line = append(data_copy / OBS, "ministry,Bộ Tài chính,PAR,2001,rank,,20,accepted,,s001,")
    assert only(data_copy) == ((OBS, line, "value"), "20 is not between 1 and 19")


# --- whole files ---------------------------------------------------------------------------


def test_files_that_are_not_there(tmp_path):
    with pytest.raises(BadData, match="8 problems in the data:") as caught:
        facts.load(tmp_path / "nowhere")
    told = f"cannot be read from {tmp_path / 'nowhere'}: No such file or directory"
    expected = [validation.Problem(n, None, None, told) for n in validation.data_files()]
    assert caught.value.problems == expected
    assert not (tmp_path / "nowhere").exists()


@pytest.mark.parametrize("content", ["", "\n\n", "\ufeff"], ids=["nothing", "blank", "only a BOM"])
def test_an_empty_file(data_copy, content):
    (data_copy / OBS).write_text(content, "utf-8")
    assert only(data_copy) == (
        (OBS, 1, None),
        f"the file is empty; the columns must be {HEADER}",
    )


@pytest.mark.parametrize(
    ("header", "told"),
    [
        (HEADER.replace("value", "wert"), "missing: value; not known: 'wert'"),
        (HEADER + ",extra", "not known: 'extra'"),
        (HEADER.replace("part,", ""), "missing: part"),
        (HEADER.replace("unit,index", "index,unit"), "another order, or a column twice"),
        (HEADER.replace(",unit,", ", unit,"), "missing: unit; not known: ' unit'"),
        (HEADER.upper(), "not known: 'UNIT_TYPE'"),
        (HEADER.replace(",", "\t"), "separated by tabs, not commas"),
        (SCORE, "missing: unit_type"),
    ],
)
def test_a_wrong_header(data_copy, header, told):
    replace(data_copy / OBS, HEADER, header)
    place, message = only(data_copy)
    assert place == (OBS, 1, None)
    assert told in message
    assert message.endswith(f"the columns must be {HEADER}")


def test_a_file_saved_by_excel_in_vietnamese(data_copy):
    rows = csv.reader((data_copy / OBS).read_text("utf-8").splitlines())
    text = io.StringIO()
    csv.writer(text, delimiter=";").writerows(
        [cell.replace(".", ",") if i == 6 else cell for i, cell in enumerate(row)] for row in rows
    )
    (data_copy / OBS).write_text(text.getvalue(), "utf-8-sig", newline="")
    place, message = only(data_copy)
    assert place == (OBS, 1, None)
    assert (
        message == f"columns are separated by semicolons, not commas; the columns must be {HEADER}"
    )


def test_a_comma_that_splits_a_number(data_copy):
    line = replace(data_copy / OBS, SCORE, SCORE.replace("84.33", "84,33"))
    place, message = only(data_copy)
    assert place == (OBS, line, None)
    assert "has 12 fields instead of 11; put a text with a comma in quotation marks" in message
    assert "write numbers as 84.33" in message


def test_a_short_row(data_copy):
    line = replace(data_copy / OBS, SCORE, SCORE.removesuffix(",s001,"))
    assert only(data_copy) == ((OBS, line, None), "has 9 fields instead of 11")


@pytest.mark.parametrize(
    ("name", "row"),
    [
        ("provinces.csv", PROVINCE),
        ("regions.csv", "CH,Tây Nguyên,Central Highlands"),
        ("ministries.csv", "BTC,Bộ Tài chính,Ministry of Finance"),
    ],
)
def test_a_damaged_list_is_told_of_and_not_every_row_that_refers_to_it(data_copy, name, row):
    line = replace(data_copy / name, row, row.rpartition(",")[0])
    place, message = only(data_copy)
    assert place == (name, line, None)
    assert "fields instead of" in message


def test_a_rank_below_one_without_the_list_of_provinces(data_copy):
    (data_copy / "provinces.csv").unlink()
    line = replace(data_copy / OBS, RANK, RANK.replace(",29,", ",0,"))
    problem = refusal(data_copy)[0]
    assert (problem.file, problem.line, problem.column) == (OBS, line, "value")
    assert problem.message == "0 is not 1 or more"


@pytest.mark.parametrize(
    ("row", "error"),
    [
        (SCORE.replace("Thanh Hóa", '"Thanh Hóa'), ""),
        (SCORE.replace("Thanh Hóa", '"Thanh" Hóa'), "',' expected after '\"'"),
    ],
    ids=["never closed", "closed too early"],
)
def test_an_unbalanced_quotation_mark_is_found_where_it_opens(data_copy, row, error):
    line = replace(data_copy / OBS, SCORE, row)
    problem = refusal(data_copy)[0]
    assert (problem.file, problem.line, problem.column) == (OBS, line, None)
    assert error in problem.message
    assert "look here for a quotation mark without its pair" in problem.message


def encoded(text, encoding):
    if encoding == "windows-1258":  # takes letters with their tone marks apart
        parts = [c if c in "ăâđêôơưĂÂĐÊÔƠƯ" else unicodedata.normalize("NFD", c) for c in text]
        return "".join(parts).encode("cp1258", "replace")
    return text.encode(encoding, "replace")


@pytest.mark.parametrize(("encoding", "line"), [("utf-16", 1), ("windows-1258", 2), ("latin-1", 5)])
def test_another_encoding(data_copy, encoding, line):
    rows = [HEADER, *(["province,An Giang,PAR,2012,rank,,5,accepted,,s132 s157,"] * 3), SCORE]
    if line == 2:
        rows = [HEADER, SCORE]
    (data_copy / OBS).write_bytes(encoded("\n".join(rows), encoding))
    place, message = only(data_copy)
    assert place == (OBS, line, None)
    assert message.startswith("byte 0x")
    assert "is not UTF-8; save the file as CSV in UTF-8 encoding" in message


def quoted(text):
    rows = io.StringIO()
    writer = csv.writer(rows, quoting=csv.QUOTE_ALL, lineterminator="\n")
    writer.writerows(csv.reader(io.StringIO(text)))
    return rows.getvalue()


HARMLESS = {
    "a BOM": lambda text: "\ufeff" + text,
    "CRLF": lambda text: text.replace("\n", "\r\n"),
    "blank lines at the end": lambda text: text + "\n\n",
    "no last line end": lambda text: text.rstrip("\n"),
    "every cell quoted": quoted,
}


@pytest.mark.parametrize("change", HARMLESS.values(), ids=HARMLESS)
def test_what_does_no_harm_is_accepted(data_copy, table, change):
    for path in data_copy.iterdir():
        path.write_text(change(path.read_text("utf-8")), "utf-8", newline="")
    assert facts.load(data_copy).equals(table)
    for view in (facts.sources, partial(facts.claims, 2020), facts.schemes):
        assert view(data_copy).equals(view())


def test_statements_of_another_year_are_checked_as_those_of_2020(data_copy):
    first = (data_copy / "claims_2020.csv").read_text("utf-8").splitlines()[:2]
    path = data_copy / "claims_2025.csv"
    path.write_text("\n".join(first).replace(",2020,", ",2025,"), "utf-8")
    facts.load(data_copy)
    assert facts.claims(2025, data_copy)["value"].to_dict() == {"S1": 84.71}
    path.write_text(path.read_text("utf-8").replace("s001", "s9") + "\n" + first[1], "utf-8")
    assert [(p.file, p.line, p.column) for p in refusal(data_copy)] == [
        ("claims_2025.csv", 2, "source"),
        ("claims_2025.csv", 3, "claim"),
    ]


def test_lines_are_counted_as_an_editor_counts_them(data_copy):
    path = data_copy / OBS
    rows = path.read_text("utf-8").splitlines()
    noted = '"first line of a made-up note\nsecond line"'
    rows[1:2] = [rows[1] + noted, "", rows[2].replace(",29,", ',"2,9",')]
    path.write_text("\n".join(rows), "utf-8")
    problems = refusal(data_copy)
    assert problems[0].line == 5
    assert path.read_text("utf-8").split("\n")[4].startswith("province,An Giang,PAR,2012,points")


# --- reports -------------------------------------------------------------------------------


def test_all_problems_come_in_one_report_in_the_order_of_the_files(data_copy):
    twice = append(data_copy / OBS, RANK.replace("Thanh Hóa", "Bình Định"))
    both = replace(data_copy / OBS, SCORE, SCORE.replace("84.33", '"84,33"').replace("Hóa", "Xuân"))
    (data_copy / "claims_2020.csv").write_bytes(b"\xff\xfe")
    region = replace(
        data_copy / "regions.csv", "CH,Tây Nguyên,Central Highlands", "CX,Tây Nguyên,Highlands"
    )
    (data_copy / "scoring_schemes.csv").unlink()
    again = append(data_copy / "sources.csv", "s001,A second publisher,2021,,")
    problems = refusal(data_copy)
    assert region == 5
    places = [(p.file, p.line, p.column) for p in problems]
    highlands = [place for place in places if place[0] == "provinces.csv"]
    assert len(highlands) == 5
    assert highlands == sorted(highlands)
    assert places == [
        (OBS, both, "value"),
        (OBS, both, "unit"),
        (OBS, twice, "value"),
        ("sources.csv", again, "source"),
        ("claims_2020.csv", 1, None),
        *highlands,
        ("scoring_schemes.csv", None, None),
    ]
    with pytest.raises(BadData) as caught:
        facts.load(data_copy)
    told = str(caught.value).splitlines()
    assert told[0] == "11 problems in the data:"
    assert told[2].startswith(f"  {OBS}, line {both}, column unit: There is no province")
    assert told[-1].startswith("  scoring_schemes.csv: cannot be read")


def test_one_problem_is_not_called_problems():
    assert str(BadData([validation.Problem(OBS, 3, "unit", "is made up")])) == (
        "1 problem in the data:\n  observations.csv, line 3, column unit: is made up"
    )


@pytest.mark.parametrize(
    ("view", "name", "old", "new", "column"),
    [
        (partial(facts.claims, 2020), "claims_2020.csv", ",84.71,", ",8_4,", "value"),
        (partial(facts.claims, 2020), "claims_2020.csv", ",2020,", ",2O20,", "year"),
        (facts.schemes, "scoring_schemes.csv", ",9,", ",neun,", "max_points"),
        (facts.sources, "sources.csv", "2021-06-24", "24.6.2021", "published"),
        (facts.papi, "papi.csv", ",5.762,", ",neun,", "participation"),
    ],
)
def test_a_file_read_alone_is_checked_too(data_copy, view, name, old, new, column):
    path = data_copy / name
    path.write_text(path.read_text("utf-8").replace(old, new, 1), "utf-8")
    with pytest.raises(BadData) as caught:
        view(data_copy)
    assert [(p.file, p.line, p.column) for p in caught.value.problems] == [(name, 2, column)]


# --- anything ------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    """Copies of the data files with few rows, and the text of each."""
    folder = tmp_path_factory.mktemp("small")
    texts = {}
    for name in validation.data_files():
        lines = (data_dir() / name).read_text("utf-8").splitlines(keepends=True)
        if name == OBS:
            lines = lines[:1] + [line for line in lines if "Thanh Hóa,PAR,20" in line]
        texts[name] = "".join(lines)
        (folder / name).write_text(texts[name], "utf-8", newline="")
    facts.load(folder)
    return folder, texts


def loads_or_is_refused(folder):
    try:
        table = facts.load(folder)
    except BadData as error:
        assert error.problems
        assert all(p.file in validation.data_files() and p.message for p in error.problems)
    else:
        assert list(table.columns) == [*validation.columns_of(OBS), "file", "line"]


NASTY = [
    "",
    " ",
    '"',
    ",",
    ";",
    "\r",
    "\n",
    "\0",
    "84,33",
    "nan",
    "1e999",
    "8_4",
    "-0",
    "٣",
    "\ufeff",
]
NASTY += [
    "Thanh Hoá",
    "Ho\u0301a",
    "national",
    "ministry",
    "score",
    "rank",
    "9" * 5000,
    "s001 s001",
]


@settings(max_examples=60)
@given(data=st.data())
def test_bytes_at_random_are_loaded_or_refused(small, data):
    folder, texts = small
    name = data.draw(st.sampled_from(list(texts)))
    raw = texts[name].encode()
    start = data.draw(st.integers(0, len(raw)))
    length = data.draw(st.sampled_from([0, 1, 2, 50, len(raw)]))
    new = data.draw(st.binary(max_size=8) | st.sampled_from(NASTY).map(str.encode))
    try:
        (folder / name).write_bytes(raw[:start] + new + raw[start + length :])
        loads_or_is_refused(folder)
    finally:
        (folder / name).write_bytes(raw)


@settings(max_examples=60)
@given(data=st.data())
def test_cells_at_random_are_loaded_or_refused(small, data):
    folder, texts = small
    name = data.draw(st.sampled_from(list(texts)))
    rows = list(csv.reader(io.StringIO(texts[name])))
    for _ in range(data.draw(st.integers(1, 3))):
        row = data.draw(st.sampled_from(rows[1:]))
        new = data.draw(st.sampled_from(NASTY) | st.text(max_size=12))
        row[data.draw(st.integers(0, len(row) - 1))] = new
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    try:
        (folder / name).write_bytes(text.getvalue().encode("utf-8", "surrogatepass"))
        loads_or_is_refused(folder)
    finally:
        (folder / name).write_bytes(texts[name].encode())
