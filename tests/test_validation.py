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

OBS, PROVINCES, SOURCES = "observations.csv", "provinces.csv", "sources.csv"
SCORE = "province,Thanh Hóa,PAR,2020,score,,84.33,accepted,,s001,"
RANK = "province,Thanh Hóa,PAR,2020,rank,,29,accepted,,s001 s037 s084,"
OF_BINH_DINH = "province,Bình Định,PAR,2020,{},accepted,,s001,\n"
OF_THE_MINISTRY = "ministry,Bộ Tài chính,PAR,2001,rank,,20,accepted,,s001,\n"
PROVINCE = "38,Thanh Hóa,Thanh Hoa,province,NCC,VN-21,Thanh Hóa"
SCHEME = "2018,2018,2636/QĐ-BNV,steering,9,s009,"
CLAIM = "SIPAS,2020,factor,results,89.73"
HEADER = ",".join(validation.columns_of(OBS))
# The row of one province in 2020, as it stands in papi.csv.
PAPI = next(
    row
    for row in (data_dir() / "papi.csv").read_text("utf-8").splitlines()
    if row.startswith("2020,Thanh Hóa,")
)
*_, SERVICES, _, _, TOTAL, _ = PAPI.split(",")
ADDED = 43.155  # its dimensions, of which each is rounded


def change(folder, name, old, new):
    """Change a text of a file, or add one to its end; give the line at which it begins."""
    path = folder / name
    text = path.read_bytes().decode()
    assert old in text
    at = text.index(old) if old else len(text)
    path.write_bytes((text[:at] + new + text[at + len(old) :]).encode())
    return text.count("\n", 0, at) + 1


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


# --- one row for each rule -----------------------------------------------------------------

ROWS = [
    # the file, the line, what is changed in it, the column that is named, what the message says
    (OBS, SCORE, "Thanh Hóa", "Thanh Xuân", "unit", "Nearest: Thanh Hóa"),
    (OBS, SCORE, "Thanh Hóa", "", "unit", "empty"),
    (OBS, SCORE, "Hóa", "Hoá", "unit", "must be written 'Thanh Hóa', as in provinces.csv"),
    (OBS, SCORE, "Hóa", "Ho\u0301a", "unit", "NFD, as macOS writes them); write 'Thanh Hóa' in"),
    (OBS, SCORE, "province,Thanh Hóa", "national,Vietnam", "unit", "be written 'Việt Nam'"),
    (OBS, SCORE, "PAR", "PCI", "index", "'PCI' is not known; use one of PAR, SIPAS"),
    (OBS, SCORE, "2020", "2O20", "year", "'2O20' is not a number"),
    (OBS, SCORE, "2020", "20", "year", "between 2000 and 2099"),
    (OBS, SCORE, "2020", "9" * 5000, "year", "is not a number"),
    (OBS, SCORE, "2020", "٢٠٢٠", "year", "is not a number"),
    (OBS, SCORE, "84.33", "100.01", "value", "not between 0 and 100"),
    (OBS, SCORE, "84.33", "-0.01", "value", "not between 0 and 100"),
    (OBS, RANK, ",29,", ",0,", "value", "0 is not between 1 and 63"),
    (OBS, RANK, ",29,", ",64,", "value", "64 is not between 1 and 63"),
    (OBS, "", "", OF_THE_MINISTRY, "value", "20 is not between 1 and 19"),
    (OBS, RANK, ",29,", ",29.5,", "value", "not a whole number; write its digits only"),
    (OBS, SCORE, "84.33", '"84,33"', "value", "'84,33' is not a number here; write it with a"),
    (OBS, SCORE, "84.33", " 84.33%", "value", "decimal point: 84.33"),
    (OBS, SCORE, "84.33", "", "value", "is empty. The figure"),
    *((OBS, SCORE, "84.33", text, "value", f"{text!r} is not a num") for text in
      ("nan", "-Infinity", "8_4", "1e1", "８４")),  # noqa: RUF001
    (OBS, SCORE, "s001", "s001 s999", "sources", "'s999' is not in sources.csv; add it there"),
    (OBS, SCORE, "s001", "", "sources", "is empty. One or more ids"),
    (OBS, SCORE, "84.33", "84,33", None, "has 12 fields instead of 11; put a text with a comma "
     "in quotation marks, write numbers as 84.33"),
    (OBS, SCORE, ",s001,", "", None, "has 9 fields instead of 11"),
    (OBS, "", "", SCORE.replace("84.33", "84.3") + "\n", "value",
     "Thanh Hóa, PAR 2020, score has 2 accepted values: 84.33 (line"),
    (OBS, "", "", OF_BINH_DINH.format("rank,,29"), "value",
     "rank 29 is given to Thanh Hóa and Bình Định (lines"),
    # With their scores they are told of once all the same.
    (OBS, "", "", OF_BINH_DINH.format("score,,84.4") + OF_BINH_DINH.format("rank,,29"), "value",
     "rank 29 is given to"),
    (OBS, SCORE, "84.33", "84.52", "value",
     "Thanh Hóa has rank 29 with 84.52, more than Hậu Giang, rank 28 with 84.51"),
    (PROVINCES, PROVINCE, "NCC", "NCCC", "region", "'NCCC' is not in regions.csv; add it there"),
    (PROVINCES, PROVINCE, ",VN-21", "", None, "has 6 fields instead of 7"),
    ("regions.csv", "CH,Tây Nguyên,Central Highlands", ",Central Highlands", "", None,
     "has 2 fields instead of 3"),
    ("ministries.csv", "BTC,Bộ Tài chính,Ministry of Finance", ",Ministry of Finance", "", None,
     "has 2 fields instead of 3"),
    ("claims_2020.csv", CLAIM, ",89.73", ',"89,73"', "value", "with a decimal point: 89.73"),
    ("scoring_schemes.csv", SCHEME, ",9,", ",900,", "max_points", "900 is not between 0 and 100"),
    ("scoring_schemes.csv", SCHEME, "s009", "s9", "source", "'s9' is not in sources.csv"),
    ("scoring_schemes.csv", SCHEME, SCHEME, f"{SCHEME}\n{SCHEME}", "part",
     "'2636/QĐ-BNV', '2018', 'steering' is already on line"),
    (SOURCES, "", "", "s001,A second publisher,2021,,\n", "source", "'s001' is already on line 2"),
    (SOURCES, "", "", "s 1,Two words,2021,,\n", "source", "'s 1' cannot stand here. The id by"),
    (SOURCES, "", "", "x1,Made up,24/06/2021,,\n", "published", "2021-06-24, 2021-06 or 2021."),
    (SOURCES, "", "", "x1,Made up,2021-02-30,,\n", "published", "is not a day of the calendar"),
    (SOURCES, "", "", "x1,Made up,2021-W25-4,,\n", "published", "'2021-W25-4' cannot stand here"),
    (SOURCES, "", "", "x1,Made up,2021,javascript:alert(1),\n", "url", "must begin with http://"),
    ("papi.csv", PAPI, "Thanh Hóa", "Việt Nam", "unit", "There is no province"),
    ("papi.csv", PAPI, ",29", ",29.5", "items", "'29.5' is not a whole number"),
    ("papi.csv", PAPI, ",29", ",28", "items", "'28' is not '29', as for 2020 on line"),
    ("papi.csv", PAPI, TOTAL, "45.393", "total",
     f"45.393 is not the sum of the dimensions, {ADDED}"),
    ("papi.csv", PAPI, TOTAL, "", "total", f"nothing is not the sum of the dimensions, {ADDED}"),
    ("papi.csv", PAPI, SERVICES, "", "total", f"{TOTAL} without service_delivery"),
    ("papi.csv", PAPI, PAPI, f"{PAPI}\n{PAPI}", "unit", "'2020', 'Thanh Hóa' is already on line"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "row", "old", "new", "column", "told"), ROWS)
def test_a_wrong_row_is_refused_with_its_place(data_copy, name, row, old, new, column, told):
    line = change(data_copy, name, row, row.replace(old, new) if row else new)
    place, message = only(data_copy)
    assert place == (name, line + new.strip().count("\n"), column)
    assert told in message


def test_both_lines_of_a_contradiction_are_told(data_copy):
    first = change(data_copy, OBS, SCORE, SCORE)
    last = change(data_copy, OBS, "", SCORE.replace("84.33", "84.3") + "\n")
    told = only(data_copy)[1]
    assert f"84.33 (line {first}) and 84.3 (line {last}); keep one, or mark them disputed" in told


def test_a_province_twice(data_copy):
    change(data_copy, PROVINCES, PROVINCE, f"{PROVINCE}\n{PROVINCE}")
    columns = [problem.column for problem in refusal(data_copy)]
    assert columns == ["code", "name", "name_en", "iso_3166_2"]


def test_a_name_that_the_list_of_provinces_lacks(data_copy):
    change(data_copy, PROVINCES, "38,Thanh Hóa", "38,Xứ Bịa")
    told = {(p.column, p.message) for p in refusal(data_copy)}
    assert told == {("unit", "'Thanh Hóa' is not in provinces.csv")}


def test_a_rank_below_one_without_the_list_of_provinces(data_copy):
    (data_copy / PROVINCES).unlink()
    change(data_copy, OBS, RANK, RANK.replace(",29,", ",0,"))
    assert refusal(data_copy)[0].message == "0 is not 1 or more"


# --- what is accepted ----------------------------------------------------------------------


@pytest.mark.parametrize("date", ["", "2021", "2021-06", "2021-06-24"])
def test_dates_as_exact_as_they_are_known(data_copy, date):
    change(data_copy, SOURCES, "", f"x1,Made up,{date},HTTPS://example.org,\n")
    assert facts.sources(data_copy).loc["x1", "published"] == date


@pytest.mark.parametrize("off", [-0.0045, 0.0045])
def test_a_total_of_papi_may_be_off_by_its_rounding(data_copy, off):
    change(data_copy, "papi.csv", PAPI, PAPI.replace(TOTAL, f"{ADDED + off:.4f}"))
    assert facts.papi(data_copy)["total"].notna().sum() == facts.papi()["total"].notna().sum()


def test_a_dimension_of_papi_before_its_first_year(data_copy):
    change(data_copy, "papi.csv", PAPI, PAPI.replace("2020,", "2016,"))
    told = {p.column: p.message for p in refusal(data_copy)}
    assert "PAPI has this dimension from 2018 on" in told["environment"]


@pytest.mark.parametrize("status", ["disputed", "rejected"])
def test_a_second_value_that_is_not_accepted_may_stay(data_copy, status):
    line = change(data_copy, OBS, "", SCORE.replace("84.33,accepted", f"12,{status}") + "a slip\n")
    table = facts.load(data_copy)
    assert facts.figure(table, "Thanh Hóa", "PAR", 2020, "score")["value"] == 84.33
    change(data_copy, OBS, "a slip\n", "\n")
    assert only(data_copy) == ((OBS, line, "note"), f"say here why the figure is {status}")


def test_a_rank_is_one_province_s_only_within_its_year_index_and_type(data_copy):
    rows = [
        "province,Bình Định,PAR,2001,rank,,19,accepted,,s001,",
        "province,Thanh Hóa,PAR,2001,rank,,18,accepted,,s001,",
        "province,Thanh Hóa,SIPAS,2001,rank,,19,accepted,,s001,",
        "ministry,Bộ Tài chính,PAR,2001,rank,,19,accepted,,s001,",
    ]
    change(data_copy, OBS, "", "".join(f"{row}\n" for row in rows))
    assert len(facts.select(facts.load(data_copy), year=2001)) == len(rows)


def test_equal_scores_on_neighbouring_ranks_are_possible(data_copy):
    change(data_copy, OBS, SCORE, SCORE.replace("84.33", "84.51"))
    assert len(facts.load(data_copy)) == len(facts.load())


# --- whole files ---------------------------------------------------------------------------


def test_files_that_are_not_there(tmp_path):
    with pytest.raises(BadData, match="8 problems in the data:") as caught:
        facts.load(tmp_path / "nowhere")
    told = f"cannot be read from {tmp_path / 'nowhere'}: No such file or directory"
    expected = [validation.Problem(n, None, None, told) for n in validation.data_files()]
    assert caught.value.problems == expected
    assert not (tmp_path / "nowhere").exists()


@pytest.mark.parametrize("name", ["provinces.csv", "regions.csv", "ministries.csv"])
def test_a_list_of_units_without_rows(data_copy, name):
    header = (data_copy / name).read_text("utf-8").splitlines()[0]
    (data_copy / name).write_text(header + "\n", "utf-8")
    assert only(data_copy) == ((name, 1, None), "has no rows below its header")


@pytest.mark.parametrize(
    ("header", "told"),
    [
        ("", "the file is empty"),
        ("\n\n", "the file is empty"),
        ("\ufeff", "the file is empty"),
        (HEADER.replace("value", "wert"), "missing: value; not known: 'wert'"),
        (HEADER.replace("unit,index", "index,unit"), "another order, or a column twice"),
        (HEADER.replace(",unit,", ", unit,"), "missing: unit; not known: ' unit'"),
        (HEADER.replace(",", "\t"), "separated by tabs, not commas"),
        ("\ufeff" + HEADER.replace(",", ";"), "separated by semicolons, not commas"),
        (SCORE, "missing: unit_type"),
    ],
)
def test_a_wrong_header(data_copy, header, told):
    rows = f"\n{SCORE}\n" if header.strip("\ufeff\n") else ""
    (data_copy / OBS).write_text(header + rows, "utf-8")
    place, message = only(data_copy)
    assert place == (OBS, 1, None)
    assert told in message
    assert message.endswith(f"the columns must be {HEADER}")


@pytest.mark.parametrize(
    ("unit", "error"), [('"Thanh Hóa', ""), ('"Thanh" Hóa', "',' expected after '\"'")]
)
def test_an_unbalanced_quotation_mark_is_found_where_it_opens(data_copy, unit, error):
    line = change(data_copy, OBS, SCORE, SCORE.replace("Thanh Hóa", unit))
    problem = refusal(data_copy)[0]
    assert (problem.file, problem.line, problem.column) == (OBS, line, None)
    assert error in problem.message
    assert "look here for a quotation mark without its pair" in problem.message


@pytest.mark.parametrize(("encoding", "line"), [("utf-16", 1), ("windows-1258", 2), ("latin-1", 3)])
def test_another_encoding(data_copy, encoding, line):
    rows = [
        HEADER,
        *["province,An Giang,PAR,2012,rank,,5,accepted,,s132 s157,"] * (line - 2),
        SCORE,
    ]
    text = "\n".join(rows)
    if encoding == "windows-1258":  # takes letters with their tone marks apart
        parts = [c if c in "ăâđêôơưĂÂĐÊÔƠƯ" else unicodedata.normalize("NFD", c) for c in text]
        text = "".join(parts)
    (data_copy / OBS).write_bytes(text.encode(encoding, "replace"))
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
    assert refusal(data_copy)[0].line == 5
    assert path.read_text("utf-8").split("\n")[4].startswith("province,An Giang,PAR,2012,points")


# --- reports -------------------------------------------------------------------------------


def test_all_problems_come_in_one_report_in_the_order_of_the_files(data_copy):
    twice = change(data_copy, OBS, "", OF_BINH_DINH.format("rank,,29"))
    both = change(data_copy, OBS, SCORE, SCORE.replace("84.33", '"84,33"').replace("Hóa", "Xuân"))
    (data_copy / "claims_2020.csv").write_bytes(b"\xff\xfe")
    (data_copy / "scoring_schemes.csv").unlink()
    again = change(data_copy, SOURCES, "", "s001,A second publisher,2021,,\n")
    assert [(p.file, p.line, p.column) for p in refusal(data_copy)] == [
        (OBS, both, "value"),
        (OBS, both, "unit"),
        (OBS, twice, "value"),
        (SOURCES, again, "source"),
        ("claims_2020.csv", 1, None),
        ("scoring_schemes.csv", None, None),
    ]
    with pytest.raises(BadData, match="6 problems in the data:"):
        facts.load(data_copy)
    assert str(BadData([validation.Problem(OBS, 3, "unit", "is made up")])) == (
        "1 problem in the data:\n  observations.csv, line 3, column unit: is made up"
    )


@pytest.mark.parametrize(
    ("view", "name", "old", "new", "column"),
    [
        (partial(facts.claims, 2020), "claims_2020.csv", ",84.71,", ",8_4,", "value"),
        (facts.schemes, "scoring_schemes.csv", ",9,", ",neun,", "max_points"),
        (facts.sources, SOURCES, "2021-06-24", "24.6.2021", "published"),
        (facts.papi, "papi.csv", ",5.762,", ",neun,", "participation"),
    ],
)
def test_a_file_read_alone_is_checked_too(data_copy, view, name, old, new, column):
    change(data_copy, name, old, new)
    with pytest.raises(BadData) as caught:
        view(data_copy)
    assert [(p.file, p.line, p.column) for p in caught.value.problems] == [(name, 2, column)]


# --- anything ------------------------------------------------------------------------------

NASTY = ["", " ", '"', ",", ";", "\r", "\n", "\0", "84,33", "nan", "1e999", "8_4", "-0", "٣"]
NASTY += ["\ufeff", "Thanh Hoá", "Ho\u0301a", "national", "ministry", "score", "rank", "9" * 5000]
NASTY += ["s001 s001"]


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    """Copies of the data files with few rows, and the text of each."""
    folder = tmp_path_factory.mktemp("small")
    texts = {}
    for name in validation.data_files():
        lines = (data_dir() / name).read_text("utf-8").splitlines(keepends=True)
        if name == OBS:
            lines = lines[:1] + [line for line in lines if "Thanh Hóa,PAR,20" in line]
        elif name == "papi.csv":
            lines = lines[:20]
        texts[name] = "".join(lines)
        (folder / name).write_text(texts[name], "utf-8", newline="")
    facts.load(folder)
    return folder, texts


def load_or_refuse(small, name, content):
    """Load the files with another content of one of them, and put it back."""
    folder, texts = small
    try:
        (folder / name).write_bytes(content)
        table = facts.load(folder)
    except BadData as error:
        assert error.problems
        assert all(p.file in validation.data_files() and p.message for p in error.problems)
    else:
        assert list(table.columns) == [*validation.columns_of(OBS), "file", "line"]
    finally:
        (folder / name).write_bytes(texts[name].encode())


@settings(max_examples=60)
@given(data=st.data())
def test_bytes_at_random_are_loaded_or_refused(small, data):
    name = data.draw(st.sampled_from(list(small[1])))
    raw = small[1][name].encode()
    start = data.draw(st.integers(0, len(raw)))
    length = data.draw(st.sampled_from([0, 1, 2, 50, len(raw)]))
    new = data.draw(st.binary(max_size=8) | st.sampled_from(NASTY).map(str.encode))
    load_or_refuse(small, name, raw[:start] + new + raw[start + length :])


@settings(max_examples=60)
@given(data=st.data())
def test_cells_at_random_are_loaded_or_refused(small, data):
    name = data.draw(st.sampled_from(list(small[1])))
    rows = list(csv.reader(io.StringIO(small[1][name])))
    for _ in range(data.draw(st.integers(1, 3))):
        row = data.draw(st.sampled_from(rows[1:]))
        new = data.draw(st.sampled_from(NASTY) | st.text(max_size=12))
        row[data.draw(st.integers(0, len(row) - 1))] = new
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    load_or_refuse(small, name, text.getvalue().encode("utf-8", "surrogatepass"))
