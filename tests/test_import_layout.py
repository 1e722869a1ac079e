"""Finding a table and understanding its heads, names and numbers; all figures made up."""

from decimal import Decimal
from pathlib import Path

import annexes
import pytest

from helpers import facts, language, units
from helpers.importing import heads, judging, numbers, reading, shapes, tables
from helpers.importing import names as of_names
from helpers.importing.shapes import (
    Cell,
    Meaning,
    Refused,
    Request,
    Sheet,
    WrongArgument,
    figure_name,
)

NAMES = list(units.provinces()["name"])


def cell(value) -> Cell | None:
    if value is None or isinstance(value, Cell):
        return value
    if isinstance(value, int | float):
        return Cell(value, "number")
    return Cell(value)


def sheet(*rows, name="Sheet", **about) -> Sheet:
    return Sheet(name, [list(map(cell, row)) for row in rows],
                 [f"row {n}" for n in range(1, len(rows) + 1)], **about)  # fmt: skip


def find(*rows, index="PAR", year=2011, columns=(), **about) -> shapes.Table:
    request = Request(index, year, columns=heads.mapping(list(columns), index))
    return tables.find([sheet(*rows, **about)], request)


def figures(table: shapes.Table) -> dict:
    rows = table.figures.itertuples()
    return {(r.unit, figure_name(r.measure, r.part)): float(r.value) for r in rows}


def refused(*rows, error=Refused, **options) -> str:
    with pytest.raises(error) as caught, language.using("en"):
        find(*rows, **options)
    return str(caught.value)


# --- heads ---------------------------------------------------------------------------------

HEADS = {
    "PAR": {
        "appraisal": ["Điểm thẩm định", "DIEM THAM DINH", "score_moha",
                      "Điểm thẩm định (tối đa 62 điểm)"],
        "satisfaction": ["Chỉ số SIPAS", "Tác động của CCHC / Chỉ số SIPAS"],
        "managers_survey": ["Khảo sát lãnh đạo quản lý"],
        "socioeconomic_impact": [
            "Tác động đến phát triển KT-XH", "Tác động của CCHC đến phát triển kinh tế - xã hội",
        ],
        "score": ["Chỉ số CCHC", "PAR INDEX 2011", "Chỉ số cải cách hành chính (%)", "Tổng điểm",
                  "Điểm", "par_index", "Kết quả xếp hạng Chỉ số CCHC / Điểm số"],
        "rank": ["Xếp hạng", "Thứ hạng năm 2011", "par_rank", "Xếp hạng / 2011",
                 "Kết quả xếp hạng Chỉ số CCHC / Hạng"],
        "steering": ["Công tác chỉ đạo, điều hành CCHC", "Chỉ đạo điều hành / Điểm"],
        "part_rank:steering": ["Chỉ đạo điều hành / Xếp hạng"],
        "percent:steering": ["Chỉ đạo điều hành / Tỷ lệ %"],
        "legal_documents": ["Xây dựng và tổ chức thực hiện VBQPPL"],
        "procedures": ["Cải cách TTHC", "Cải cách TTHC (10 điểm)",
                       "PAR INDEX / Thủ tục hành chính"],
        "apparatus": ["Cải cách tổ chức bộ máy hành chính"],
        "civil_service": ["Xây dựng và nâng cao chất lượng đội ngũ CBCCVC",
                          "Cải cách chế độ công vụ"],
        "public_finance": ["Cải cách tài chính công"],
        "modernisation": ["CQĐT, CQS", "Hiện đại hóa hành chính",
                          "Xây dựng và phát triển chính quyền điện tử, chính quyền số"],
        "impact": ["Tác động của CCHC đến người dân, tổ chức và phát triển KT-XH"],
        "survey": ["Điểm điều tra XHH", "score_survey"],
        "unknown": [
            "Điểm A", "Xếp hạng vùng", "Điểm thưởng", "Nhóm", "", "Xếp hạng CCHC / Điểm cộng",
            "Tổng số hồ sơ", "Tổng công chức", "Số lượng công chức", "Chính quyền số",
            "Kết quả giải quyết TTHC", "Điểm vùng",
        ],
        "skip": [
            "STT", "Ghi chú", "Mã tỉnh", "Điểm tự chấm", "Tăng/giảm so với 2010", "Điểm tối đa",
            "Vùng", "ranked", "Tổng thu ngân sách", "Total budget", "Chuyển đổi số", "Điểm PCI",
            "SIPAS / Thủ tục hành chính", "Chuyển đổi số / Thể chế",
        ],
    },
    "SIPAS": {
        "score": ["Chỉ số hài lòng", "sipas_index"],
        "rank": ["sipas_rank"],
        "access": ["Tiếp cận dịch vụ"],
        "procedures": ["Thủ tục hành chính"],
        "officials": ["Công chức trực tiếp giải quyết", "Công chức trực tiếp giải quyết TTHC"],
        "results": ["Kết quả giải quyết công việc", "Kết quả giải quyết TTHC"],
        "feedback": ["Tiếp nhận, xử lý góp ý, phản ánh, kiến nghị", "Tiếp nhận, giải quyết PAKN"],
        "policy_making": ["Xây dựng, tổ chức thực hiện chính sách"],
        "service_delivery": ["Cung ứng dịch vụ hành chính công"],
        # "Kết quả" is the index or the factor of that name.
        "unknown": ["Kết quả", "Mức độ hài lòng về kết quả"],
        "skip": ["Chỉ số hài lòng về y tế"],
    },
}  # fmt: skip


@pytest.mark.parametrize(
    ("index", "what", "head"),
    [
        (index, what, head)
        for index, known in HEADS.items()
        for what in known
        for head in known[what]
    ],
)
def test_a_head_is_matched_whole(index, what, head):
    found = heads.meaning(head.split(" / ") if head else [], index)
    assert what == (str(found) if found.role == "figure" else found.role)


def test_an_unknown_head_is_told_with_the_nearest_and_can_be_mapped():
    rows = [["Tỉnh", "Điểm A", "Chỉ số CCHC"], ["Hà Nội", 60.5, 85.1]]
    text = refused(*rows)
    assert 'what column B ("Điểm A") is' in text
    assert "Nearest:" in text and "--column" in text
    table = find(*rows, columns=["Điểm A=appraisal"])
    assert figures(table) == {("Hà Nội", "appraisal"): 60.5, ("Hà Nội", "score"): 85.1}
    assert figures(find(*rows, columns=["điểm a=ignore"])) == {("Hà Nội", "score"): 85.1}


def test_the_nearest_heads_are_near():
    near = heads.nearest("Điểm thảm định", "PAR")
    assert near[0] == '"Điểm thẩm định" = appraisal'
    assert len(near) == 3


def test_a_figure_column_without_a_head_is_refused():
    assert "no head" in refused(["Tỉnh", "Điểm", None], ["Hà Nội", 85.1, 3.2])


def test_figures_of_another_year_and_the_other_index_are_left_out():
    table = find(
        ["Tỉnh", "PAR INDEX", None, None, "SIPAS", None],
        [None, "Điểm 2010", "Điểm 2011", "Hạng 2011", "Điểm", "Hạng"],
        ["Hà Nội", 80.1, 85.1, 2, 84.2, 3],
        merged=[(0, 1, 0, 3), (0, 4, 0, 5)],
    )
    assert figures(table) == {("Hà Nội", "score"): 85.1, ("Hà Nội", "rank"): 2}
    told = [str(column.meaning) for column in table.columns]
    assert told == ["of 2010", "score", "rank", "the other index", "the other index"]


def test_groups_stand_over_their_columns_where_merging_was_lost():
    table = find(
        ["Tỉnh", "PAR INDEX", None, "SIPAS", None],
        [None, "Điểm", "Hạng", "Điểm", "Hạng"],
        ["Hà Nội", 85.1, 2, 84.2, 3],
        index="SIPAS",
    )
    assert figures(table) == {("Hà Nội", "score"): 84.2, ("Hà Nội", "rank"): 3}


def test_duplicate_columns_are_refused():
    text = refused(["Tỉnh", "Chỉ số CCHC", "Tổng điểm"], ["Hà Nội", 85.1, 85.2])
    assert 'Two columns are "score": B ("Chỉ số CCHC") and C ("Tổng điểm")' in text


def test_a_column_that_says_the_same_again_is_left_out():
    table = find(["Tỉnh", "Tổng điểm", "Chỉ số (%)"], ["Hà Nội", 85.1, "85,10%"])
    assert figures(table) == {("Hà Nội", "score"): 85.1}
    assert str(table.columns[1].meaning) == "the same as column B"


def test_a_column_of_per_cent_headed_sipas_is_the_other_index():
    rows = [["Tỉnh", "Chỉ số CCHC", "SIPAS"], ["Hà Nội", 85.1, 84.2], ["Cà Mau", 80.2, 79.1]]
    assert figures(find(*rows)) == {("Hà Nội", "score"): 85.1, ("Cà Mau", "score"): 80.2}


# --- rows ----------------------------------------------------------------------------------


def test_names_as_anyone_writes_them():
    written = {
        "TP. Hồ Chí Minh": "Hồ Chí Minh",
        "Thanh Hoá": "Thanh Hóa",
        "UBND tỉnh Đăk Lăk": "Đắk Lắk",
        "BR-VT": "Bà Rịa - Vũng Tàu",
        "Ha Noi": "Hà Nội",
        "3. Cà Mau": "Cà Mau",
        "Gia Lai (1)": "Gia Lai",
        "Kon Tum*": "Kon Tum",
        "  Long An ²": "Long An",
        "Thừa\u00a0Thiên\u00a0Huế": "Thừa Thiên Huế",
    }
    rows = [[text, 60 + n] for n, text in enumerate(written)]
    table = find(["Địa phương", "Điểm"], *rows)
    assert set(table.units) == set(written.values())


def test_totals_headings_blanks_and_footnotes_are_passed():
    table = find(
        ["STT", "Tỉnh, thành phố", "Chỉ số CCHC"],
        ["A", "Nhóm 1", None],
        [1, "Hà Nội", 85.1],
        [],
        [None, "Đồng bằng sông Hồng", 84.2],
        [2, "Cà Mau", "\u00a082,5\u202f%"],
        [None, "Trung bình cả nước", 83.8],
        [None, "Bộ Tài chính", 90.2],
        ["Ghi chú: bịa ra để thử"],
    )
    assert figures(table) == {("Hà Nội", "score"): 85.1, ("Cà Mau", "score"): 82.5}
    assert list(table.summaries["value"]) == [Decimal("83.8")]
    assert len(table.left_out) == 3


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ([["Hà Nội", 85.1], ["Thanh Hóaa", 80]], "Nearest: Thanh Hóa"),
        ([["Hà Nội", 85.1], ["Đa Nẵng", 80]], 'no province "Đa Nẵng"'),
        ([["Hà Nội", 85.1], [None, 80]], "cell A3 is empty, but the row has figures"),
        ([["Hà Nội", 85.1], ["Ha Noi", 80]], "Hà Nội is there twice, cell A2 and cell A3"),
        ([["Hà Nội", "84,33 (2)"]], 'cell B2 (score) holds "84,33 (2)", which is no number'),
        ([["Hà Nội", Cell("2012-05-12", "date")]], "the date 2012-05-12"),
        ([["Hà Nội", Cell("#REF!", "error")]], "the error #REF!"),
        ([["Hà Nội", Cell("a formula", "formula")]], "a formula without its result"),
        ([["Hà Nội", Cell("True", "flag")]], "no number"),
        ([["Hà Nội", "1.084,33"]], "which is no number; write it as 84.33"),
        ([["Hà Nội", float("inf")]], "no number"),
    ],
)
def test_what_is_not_certain_is_refused_with_its_cell(rows, said):
    assert said in refused(["Tỉnh", "Điểm"], *rows)


def test_a_name_in_another_column_is_told():
    rows = [["STT", "Tỉnh", "Điểm"], [1, "Hà Nội", 85.1], [2, "Huế", 83.1], ["Cà Mau", None, 80.2]]
    assert 'cell B4 is empty; write "Cà Mau" there' in refused(*rows)


def test_all_that_is_wrong_is_told_at_once():
    text = refused(["Tỉnh", "Điểm"], ["Hà Nội", "x1"], ["Cà Mau", "x2"], ["Cà Mua", 3])
    assert len(text.splitlines()) == 4


@pytest.mark.parametrize("rank", ["5/63", "nhất", "1-2", "12,5", 2.5, "1,000", "Hạng 3"])
def test_a_rank_that_is_no_whole_number_is_refused(rank):
    text = refused(["Tỉnh", "Điểm", "Xếp hạng"], ["Hà Nội", 85.1, rank])
    assert "cell C2 (rank) holds" in text


def test_two_tables_one_below_the_other_are_refused():
    head = ["Tỉnh", "Chỉ số CCHC"]
    text = refused(head, ["Hà Nội", 85.1], [], ["Bảng 2"], head, ["Cà Mau", 80.2])
    assert 'row 4, in the middle of the rows, is "Bảng 2": a second table' in text
    text = refused(head, ["Hà Nội", 85.1], [], ["Đơn vị", "Tổng điểm"], ["Cà Mau", 80.2])
    assert "a second table seems to begin" in text
    assert "is there twice" in refused(head, ["Hà Nội", 85.1], [], ["Bảng 2"], ["Hà Nội", 80.2])


def test_a_line_that_breaks_off_is_refused():
    rows = [["Tỉnh", "Điểm", "Hạng"], ["Hà Nội", "85.1", "3"], ["Cà Mau", "8"]]
    text = refused(*rows, kind="text")
    assert "row 3 (Cà Mau) has 2 fields, fewer than the head" in text


def test_rows_without_any_figure_are_refused():
    assert "no figure" in refused(["Tỉnh", "Điểm"], ["Hà Nội", None])


@pytest.mark.parametrize("between", ["Kết quả năm 2010", "Bảng 2. SIPAS 2011"])
def test_a_title_of_something_else_in_the_middle_is_refused(between):
    rows = [["Tỉnh", "Điểm"], ["Hà Nội", 85.1], [between], ["Cà Mau", 80.2]]
    assert "in the middle of the rows" in refused(*rows)


def test_two_tables_side_by_side_are_refused():
    text = refused(
        ["Tỉnh", "Điểm", None, "Tỉnh", "Điểm"],
        ["Hà Nội", 85.1, None, "Cà Mau", 80.1],
        ["Huế", 84.1, None, "Gia Lai", 79.1],
    )
    assert "side by side" in text


def test_a_second_column_of_names_settles_an_unclear_one():
    rows = [["Tỉnh", "Tên", "Điểm"], ["Ha Noi", "Hà Nội", 85.1], ["Ca Mau", "Cà Mau", 80.1]]
    assert set(find(*rows).units) == {"Hà Nội", "Cà Mau"}


def test_a_merged_figure_is_refused():
    rows = [["Tỉnh", "Điểm"], ["Hà Nội", 85.1], ["Cà Mau", None]]
    assert "merged over 2 rows" in refused(*rows, merged=[(1, 1, 2, 1)])


def test_sheets_are_chosen_or_asked_for():
    one = sheet(["Tỉnh", "Điểm"], ["Hà Nội", 85.1], ["Huế", 84.1], ["Cà Mau", 80.1], name="A")
    two = sheet(["Tỉnh", "Điểm"], ["Hà Nội", 75.1], ["Huế", 74.1], ["Cà Mau", 70.1], name="B")
    cover = sheet(["Bìa"], ["Hà Nội"], name="Bìa")
    hidden = sheet(["Tỉnh", "Điểm"], ["Hà Nội", 65.1], name="Ẩn", hidden=True)
    request = Request("PAR", 2011)
    assert tables.find([cover, one, hidden], request).sheet == "A"
    with pytest.raises(Refused, match=r'Several sheets name provinces: "A" \(3\), "B" \(3\)'):
        tables.find([one, two], request)
    assert tables.find([one, two], Request("PAR", 2011, "b")).sheet == "B"
    assert tables.find([one, two], Request("PAR", 2011, "2")).sheet == "B"
    with pytest.raises(Refused, match="Only a hidden sheet"):
        tables.find([hidden], request)
    assert tables.find([hidden], Request("PAR", 2011, "Ẩn")).sheet == "Ẩn"
    with pytest.raises(WrongArgument, match='The file has "A", "B"'):
        tables.find([one, two], Request("PAR", 2011, "C"))


def test_a_sheet_without_provinces_is_refused():
    assert "no cell is the name of a province" in refused(["a", "b"], [1, 2])


def test_rows_of_the_year_are_taken():
    rows = [["Tỉnh", "Năm", "Điểm"], ["Hà Nội", 2010, 80.1], ["Hà Nội", 2011, 85.1]]
    assert figures(find(*rows)) == {("Hà Nội", "score"): 85.1}
    assert "No row is of 2012; the table has 2010, 2011" in refused(*rows, year=2012)
    assert '"x" is no year' in refused(rows[0], ["Hà Nội", "x", 80.1])


# --- old encodings -------------------------------------------------------------------------

# "Hà Nội", "Đà Nẵng", "Thanh Hóa", "Đắk Lắk" as the old fonts have them.
TCVN3 = ["Hµ Néi", "§µ N½ng", "Thanh Ho\u00b8", "§¾k L¾k"]
VNI = ["Haø Noäi", "Ñaø Naüng", "Thanh Hoaù", "Ñaék Laék"]


@pytest.mark.parametrize(("names", "encoding"), [(TCVN3, "TCVN3"), (VNI, "VNI Windows")])
def test_text_of_before_unicode_is_recognised_and_refused(names, encoding, tmp_path):
    assert of_names.encoding_of(names) == encoding
    rows = [["TØnh", "§iÓm"], *([name, 80 + n] for n, name in enumerate(names))]
    text = refused(*rows)
    assert encoding in text and "Unikey" in text
    # The same bytes in a CSV file, and with names that need no marks among them.
    content = annexes.as_csv([*rows, ["Gia Lai", 70]]).encode("cp1252")
    path = Path(tmp_path / "a.csv")
    path.write_bytes(content)
    with pytest.raises(Refused, match=encoding):
        tables.find(reading.sheets_of(path), Request("PAR", 2011))


def test_no_name_of_a_province_is_taken_for_an_old_encoding():
    signs = ["Ghi chú", "§ 1", "© Bộ Nội vụ", "Hạng¹", "Ha Noi²", "Can Tho¹", "Sơn La ®"]
    assert of_names.encoding_of([*NAMES, *signs]) is None
    assert of_names.encoding_of(signs) is None


# --- numbers -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("84,33%", "84.33"), ("84.33", "84.33"), ("84,33 ", "84.33"), ("\u00a084,33", "84.33"),
        ("84,3300", "84.33"), ("84,330", "84.33"), ("84", "84"), ("-1,5", "-1.5"),
        ("84,33 %", "84.33"), ("0,5", "0.5"), ("−2", "-2"),
    ],
)  # fmt: skip
def test_numbers_as_people_type_them(text, value):
    assert numbers.number(Cell(text)) == Decimal(value)


@pytest.mark.parametrize("text", ["", "-", "–", "…", "n/a", "NaN", "x", " \u00a0"])
def test_no_figure_is_none(text):
    assert numbers.number(Cell(text)) is None


@pytest.mark.parametrize(
    "text",
    [
        *("8 4,33", "84,33,1", "1.084,33", "84..3", "1e3", "084", "84,33*", "½", "+-3"),
        *("\u0966", "\uff18\uff14"),
    ],
)
def test_what_could_be_read_in_two_ways_is_no_number(text):
    with pytest.raises(numbers.NotANumber):
        numbers.number(Cell(text))


def test_a_percent_cell_counts_as_it_shows():
    assert numbers.number(Cell(0.8433, "percent")) == Decimal("84.33")
    assert numbers.number(Cell(0.1 + 0.2, "number")) == Decimal("0.3")


@pytest.mark.parametrize(("value", "text"), [("84.330000", "84.33"), ("100", "100"), ("0.0", "0")])
def test_numbers_are_written_plainly(value, text):
    assert numbers.plain(Decimal(value)) == text


# --- judging -------------------------------------------------------------------------------


def judged(table, *rows, index="PAR", year=2011):
    # How figures fit the years before is tested by itself.
    return judging.judge(find(*rows, index=index, year=year), table, index, year, True)


def test_missing_units_and_blanks_are_named(table):
    found = judged(table, ["Tỉnh", "Điểm", "Hạng"], *([n, 80, None] for n in NAMES[:60]))
    assert not found.problems
    assert any(NAMES[61] in note and note.startswith("3 of 63 have no row") for note in found.notes)
    assert any(note.startswith("rank: no figure for 60 of 60") for note in found.notes)


@pytest.mark.parametrize(
    ("score", "said"),
    [
        (100.5, "not between 0 and 100"),
        (-1, "not between"),
        (0.8433, "fraction of 1"),
        (0, "no score"),
    ],
)
def test_scores_out_of_range_are_refused(table, score, said):
    (problem,) = judged(table, ["Tỉnh", "Điểm"], ["Hà Nội", score]).problems
    assert said in problem and "cell B2" in problem


def test_a_rank_beyond_the_units_is_refused(table):
    assert judged(table, ["Tỉnh", "Hạng"], ["Hà Nội", 64]).problems
    assert not judged(table, ["Tỉnh", "Hạng"], ["Hà Nội", 63]).problems
    assert judged(table, ["Tỉnh", "Hạng"], ["Hà Nội", 35], year=2025).problems


@pytest.mark.parametrize("ranks", [[1, 2, 2, 4], [1, 2, 2, 3]])
def test_ties_are_allowed_in_either_way_of_counting(table, ranks):
    scores = [90, 89, 89, 88]
    rest = range(ranks[-1] + 1, ranks[-1] + 60)
    rows = zip(NAMES, scores + [87 - n / 10 for n in range(59)], [*ranks, *rest], strict=True)
    assert judged(table, ["Tỉnh", "Điểm", "Hạng"], *map(list, rows)).problems == []


def test_a_shared_rank_needs_one_score(table):
    rows = [["Hà Nội", 89.1, 2], ["Cà Mau", 89.0, 2]]
    assert judged(table, ["Tỉnh", "Điểm", "Hạng"], *rows).problems
    head = ["Tỉnh", "Chỉ đạo điều hành", "Xếp hạng chỉ đạo điều hành"]
    found = judged(table, head, ["Hà Nội", None, 2], ["Cà Mau", 8.1, 2])
    assert not found.problems
    assert any("part_rank:steering 2 is shared by" in note for note in found.notes)


def test_a_rank_that_no_count_gives_is_refused(table):
    ranks = [*range(1, 40), *range(41, 65)]
    ranks[-1] = 63
    rows = [[name, rank] for name, rank in zip(NAMES, ranks, strict=True)]
    problems = judged(table, ["Tỉnh", "Hạng"], *rows).problems
    assert any("rank 41" in problem and "would be 40" in problem for problem in problems)


def test_parts_may_miss_the_total_by_rounding_and_no_more(table):
    head = [*annexes.HEAD[1:7]]
    exact = ["Hà Nội", 55.79, 8.5, 20.28, 1.5]
    assert not judged(table, head, [*exact, 86.09]).problems  # four halves and one of the total
    assert judged(table, head, [*exact, 86.10]).problems
    assert judged(table, head, ["Hà Nội", 55.79, 8.5, 20.28, None, 84.5]).problems
    assert not judged(table, head, ["Hà Nội", 55.79, 8.5, 20.28, None, 86.0]).problems


def test_eight_fields_are_held_against_the_total(table):
    heads = ["Chỉ đạo điều hành", "Văn bản QPPL", "Thủ tục hành chính", "Tổ chức bộ máy",
             "Công chức", "Tài chính công", "Hiện đại hóa", "Tác động của CCHC"]  # fmt: skip
    values = [8.1, 8.2, 12.1, 10.1, 11.1, 9.1, 12.1, 13.1]
    head = ["Tỉnh", *heads, "Tổng điểm"]
    assert not judged(table, head, ["Hà Nội", *values, 83.9]).problems
    values[3] = 11.1
    assert (
        "= 84.9, and the total is 83.9"
        in judged(table, head, ["Hà Nội", *values, 83.9]).problems[0]
    )


def test_points_that_are_all_below_one_may_be_fractions(table):
    rows = [["Hà Nội", 0.58], ["Cà Mau", 0.55]]
    (problem,) = judged(table, ["Tỉnh", "Điểm thẩm định"], *rows).problems
    assert "appraisal: 0.58 (cell B2 and 1 more) may be a fraction of 1" in problem


def test_the_mean_row_is_held_against_the_scores(table):
    rows = [["Tỉnh", "Điểm"], *([name, 80 + n / 100] for n, name in enumerate(NAMES))]
    assert not judged(table, *rows, ["Trung bình", 80.31]).problems
    (problem,) = judged(table, *rows, ["Trung bình", 80.33]).problems
    assert "the mean is 80.31" in problem and "80.33" in problem


def test_the_published_mean_is_held_against_the_scores(table):
    rows = [["Tỉnh", "Điểm"], *([name, 83.7 + n / 1000] for n, name in enumerate(NAMES))]
    problem = judged(table, *rows, year=2020).problems[0]
    assert "the published national mean" in problem and "83.72" in problem


def test_differences_are_told_beyond_rounding_only(table):
    rows = [["Thanh Hóa", 84.3294, 28], ["Hà Nội", 86.07, 8], ["Hải Phòng", 90.53, 2],
            ["Hà Nam", 83.46, 43]]  # fmt: skip
    found = judged(table, ["Tỉnh", "Điểm", "Hạng"], *rows, year=2020).differences
    told = [tuple(row) for row in found[["unit", "figure", "published", "yours"]].to_numpy()]
    found = found.set_index("unit")
    # 84.3294 is 84.33 rounded; 83.46 for a derived 83.45 is within what its terms were rounded by.
    assert sorted(told) == [
        ("Hải Phòng", "score", "90.51", "90.53"),
        ("Thanh Hóa", "rank", "29", "28"),
    ]
    assert found["difference"].to_dict() == {"Hải Phòng": "+0.02", "Thanh Hóa": "-1"}


def test_the_figures_of_another_year_are_refused(table):
    scores = facts.scores(table, "PAR", 2019)["score"].dropna()
    rows = [["Tỉnh", "Điểm"], *([unit, score] for unit, score in scores.items())]
    assert not judged(table, *rows, year=2019).problems
    (problem,) = judged(table, *rows, year=2020).problems
    assert "are those of PAR 2019" in problem
    (problem,) = judged(table, *rows, year=2011).problems  # of which nothing is published
    assert f"{len(scores)} of {len(scores)} are those of PAR 2019" in problem
    few = [["Tỉnh", "Điểm"], *([unit, score + 0.01] for unit, score in scores.items())]
    assert not judged(table, *few, year=2011).problems


def test_a_rank_beyond_a_published_bound_is_a_difference(table):
    found = judged(table, ["Tỉnh", "Hạng"], ["Vĩnh Phúc", 5], year=2020).differences
    assert found.iloc[0].to_dict() | {"sources": ""} == {
        "unit": "Vĩnh Phúc", "figure": "rank_at_least", "published": "6", "kind": "derived",
        "sources": "", "yours": "5", "difference": "-1",
    }  # fmt: skip


def test_meanings_are_named_as_the_column_option_takes_them():
    for index in ("PAR", "SIPAS"):
        for name, meaning in heads.known_figures(index).items():
            assert heads.mapping([f"Điểm A={name}"], index) == {"diem a": meaning}
    assert heads.known_figures("PAR")["percent:steering"] == Meaning(
        "figure", "percent", "steering"
    )
