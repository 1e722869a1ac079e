"""Finding a table and understanding its heads, names and numbers; all figures made up."""

from decimal import Decimal
from pathlib import Path

import annexes
import pytest

from helpers import facts, language, units
from helpers.importing import heads, judging, numbers, reading, shapes, tables
from helpers.importing import names as of_names
from helpers.importing.shapes import Cell, Meaning, Refused, Request, WrongArgument

NAMES = list(units.provinces()["name"])


def find(*rows, index="PAR", year=2011, columns=(), **about) -> shapes.Table:
    request = Request(index, year, columns=heads.mapping(list(columns), index))
    return tables.find([annexes.sheet_of(rows, **about)], request)


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


def test_the_nearest_heads_are_near():
    near = heads.nearest("Điểm thảm định", "PAR")
    assert near[0] == '"Điểm thẩm định" = appraisal'
    assert len(near) == 3


def test_meanings_are_named_as_the_column_option_takes_them():
    for index in ("PAR", "SIPAS"):
        for name, meaning in heads.known_figures(index).items():
            assert heads.mapping([f"Điểm A={name}"], index) == {"diem a": meaning}
    known = heads.known_figures("PAR")["percent:steering"]
    assert known == Meaning("figure", "percent", "steering")


# --- tables that are taken -----------------------------------------------------------------

ONE = ["Tỉnh", "Điểm"]
UNKNOWN = [["Tỉnh", "Điểm A", "Chỉ số CCHC"], ["Hà Nội", 60.5, 85.1]]
OF_YEARS = [["Tỉnh", "Năm", "Điểm"], ["Hà Nội", 2010, 80.1], ["Hà Nội", 2011, 85.1]]
TAKEN = {
    # Rows, what is asked for, and the figures and meanings of columns that are found.
    "an unknown head that the user maps": (
        UNKNOWN, {"columns": ["Điểm A=appraisal"]}, [("Hà Nội", {"appraisal": 60.5, "score": 85.1})]
    ),
    "an unknown head that the user leaves out": (
        UNKNOWN, {"columns": ["điểm a=ignore"]}, [("Hà Nội", {"score": 85.1})]
    ),
    "figures of another year and the other index": (
        [["Tỉnh", "PAR INDEX", None, None, "SIPAS", None],
         [None, "Điểm 2010", "Điểm 2011", "Hạng 2011", "Điểm", "Hạng"],
         ["Hà Nội", 80.1, 85.1, 2, 84.2, 3]],
        {"merged": [(0, 1, 0, 3), (0, 4, 0, 5)]},
        [("Hà Nội", {"score": 85.1, "rank": 2})],
        ["of 2010", "score", "rank", "the other index", "the other index"],
    ),
    "groups over their columns where merging was lost": (
        [["Tỉnh", "PAR INDEX", None, "SIPAS", None], [None, "Điểm", "Hạng", "Điểm", "Hạng"],
         ["Hà Nội", 85.1, 2, 84.2, 3]],
        {"index": "SIPAS"}, [("Hà Nội", {"score": 84.2, "rank": 3})],
    ),
    "a column that says the same again": (
        [["Tỉnh", "Tổng điểm", "Chỉ số (%)"], ["Hà Nội", 85.1, "85,10%"]], {},
        [("Hà Nội", {"score": 85.1})], ["score", "the same as column B"],
    ),
    "a column of per cent headed SIPAS": (
        [["Tỉnh", "Chỉ số CCHC", "SIPAS"], ["Hà Nội", 85.1, 84.2], ["Cà Mau", 80.2, 79.1]], {},
        [("Hà Nội", {"score": 85.1}), ("Cà Mau", {"score": 80.2})], ["score", "the other index"],
    ),
    "two columns of the same names": (
        [["Tỉnh", "Tên", "Điểm"], ["Ha Noi", "Hà Nội", 85.1], ["Ca Mau", "Cà Mau", 80.1]], {},
        [("Hà Nội", {"score": 85.1}), ("Cà Mau", {"score": 80.1})],
    ),
    "rows of several years": (OF_YEARS, {}, [("Hà Nội", {"score": 85.1})]),
    "names as anyone writes them": (
        [["Địa phương", "Điểm"], ["TP. Hồ Chí Minh", 60], ["UBND tỉnh Đăk Lăk", 61],
         ["BR-VT", 62], ["3. Cà Mau", 63], ["Gia Lai (1)", 64], ["Kon Tum*", 65],
         ["  Long An ²", 66], ["Thừa\u00a0Thiên\u00a0Huế", 67]],
        {},
        [("Hồ Chí Minh", {"score": 60}), ("Đắk Lắk", {"score": 61}),
         ("Bà Rịa - Vũng Tàu", {"score": 62}), ("Cà Mau", {"score": 63}),
         ("Gia Lai", {"score": 64}), ("Kon Tum", {"score": 65}), ("Long An", {"score": 66}),
         ("Thừa Thiên Huế", {"score": 67})],
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", TAKEN)
def test_a_table_is_taken(name):
    rows, options, found, *meanings = TAKEN[name]
    table = find(*rows, **options)
    assert annexes.figures_of(table) == {
        (unit, what): value for unit, values in found for what, value in values.items()
    }
    assert meanings in ([], [[str(column.meaning) for column in table.columns]])


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
    assert annexes.figures_of(table) == {("Hà Nội", "score"): 85.1, ("Cà Mau", "score"): 82.5}
    assert list(table.summaries["value"]) == [Decimal("83.8")]
    assert len(table.left_out) == 3


# Columns of the public tables vn-par-master and vn-sipas-provincial.
PUBLIC = {
    "PAR": "year,unit_type,unit_code,unit_name,par_index,par_rank,ranked,score_moha,score_survey",
    "SIPAS": "year,geo_code,geo_name,geo_short,geo_system,sipas_rank,sipas_index",
}


@pytest.mark.parametrize(("index", "year"), [("PAR", 2011), ("SIPAS", 2011), ("SIPAS", 2025)])
def test_a_public_table_is_read_as_it_is(index, year):
    english = units.provinces(year).set_index("name")["name_en"]
    rows, expected = [], {}
    for _, unit, appraisal, *surveys, score, rank in annexes.made_up_rows(year, index):
        code, survey = str(int(units.code(unit, year=year))), round(sum(surveys), 2)
        if index == "PAR":
            about = ["province", code, english[unit]]
            rows.append([year - 1, *about, score - 1, f"{rank}.0", "True", appraisal - 1, survey])
            rows.append([year, *about, score, f"{rank}.0", "True", appraisal, survey])
            expected |= {(unit, "appraisal"): appraisal, (unit, "survey"): survey}
        else:
            rows.append([year, code, english[unit], english[unit], len(english), rank, score])
        expected |= {(unit, "score"): score, (unit, "rank"): rank}
    if index == "PAR":
        rows.append([year, "ministry", "101", "Ministry of Justice", 90.1, "1.0", "True", 60.1, 30])
    texts = [[str(value) for value in row] for row in rows]
    table = find(PUBLIC[index].split(","), *texts, index=index, year=year, kind="text")
    assert annexes.figures_of(table) == expected
    assert table.left_out == (["63 rows of 2010"] if index == "PAR" else [])


# --- tables that are refused ---------------------------------------------------------------

BELOW = ["Tỉnh", "Chỉ số CCHC"]
REFUSED = [
    # What is said, what is asked for, and the rows.
    ('what column B ("Điểm A") is. Nearest: ', {}, UNKNOWN),
    ("no head", {}, [["Tỉnh", "Điểm", None], ["Hà Nội", 85.1, 3.2]]),
    ('Two columns are "score": B ("Chỉ số CCHC") and C ("Tổng điểm")', {},
     [["Tỉnh", "Chỉ số CCHC", "Tổng điểm"], ["Hà Nội", 85.1, 85.2]]),
    ("no cell is the name of a province", {}, [["a", "b"], [1, 2]]),
    ("Nearest: Thanh Hóa", {}, [ONE, ["Hà Nội", 85.1], ["Thanh Hóaa", 80]]),
    ("since 1 July 2025 it is part of Phú Thọ", {"year": 2025}, [ONE, ["Vĩnh Phúc", 80]]),
    ('no province "Đa Nẵng"', {}, [ONE, ["Hà Nội", 85.1], ["Đa Nẵng", 80]]),
    ("cell A3 is empty, but the row has figures", {}, [ONE, ["Hà Nội", 85.1], [None, 80]]),
    ('cell B4 is empty; write "Cà Mau" there', {},
     [["STT", "Tỉnh", "Điểm"], [1, "Hà Nội", 85.1], [2, "Huế", 83.1], ["Cà Mau", None, 80.2]]),
    ("Hà Nội is there twice, cell A2 and cell A3", {}, [ONE, ["Hà Nội", 85.1], ["Ha Noi", 80]]),
    ('cell B2 (score) holds "84,33 (2)", which is no number', {}, [ONE, ["Hà Nội", "84,33 (2)"]]),
    ("write it as 84.33", {}, [ONE, ["Hà Nội", "1.084,33"]]),
    ("no number", {}, [ONE, ["Hà Nội", float("inf")]]),
    ("the date 2012-05-12", {}, [ONE, ["Hà Nội", Cell("2012-05-12", "date")]]),
    ("the error #REF!", {}, [ONE, ["Hà Nội", Cell("#REF!", "error")]]),
    ("a formula without its result", {}, [ONE, ["Hà Nội", Cell("a formula", "formula")]]),
    ("no number", {}, [ONE, ["Hà Nội", Cell("True", "flag")]]),
    *(("cell B2 (rank) holds", {}, [["Tỉnh", "Hạng"], ["Hà Nội", rank]])
      for rank in ("5/63", "1-2", "12,5", 2.5, "1,000", "Hạng 3")),
    ("no figure", {}, [ONE, ["Hà Nội", None]]),
    ("merged over 2 rows", {"merged": [(1, 1, 2, 1)]}, [ONE, ["Hà Nội", 85.1], ["Cà Mau", None]]),
    ('row 4, in the middle of the rows, is "Bảng 2": a second table', {},
     [BELOW, ["Hà Nội", 85.1], [], ["Bảng 2"], BELOW, ["Cà Mau", 80.2]]),
    ("a second table seems to begin", {},
     [BELOW, ["Hà Nội", 85.1], [], ["Đơn vị", "Tổng điểm"], ["Cà Mau", 80.2]]),
    ("in the middle of the rows", {},
     [ONE, ["Hà Nội", 85.1], ["Kết quả năm 2010"], ["Cà Mau", 80.2]]),
    ("side by side", {},
     [[*ONE, None, *ONE], ["Hà Nội", 85.1, None, "Cà Mau", 80.1],
      ["Huế", 84.1, None, "Gia Lai", 79.1]]),
    ("row 3 (Cà Mau) has 2 fields, fewer than the head", {"kind": "text"},
     [["Tỉnh", "Điểm", "Hạng"], ["Hà Nội", "85.1", "3"], ["Cà Mau", "8"]]),
    ("No row is of 2012; the table has 2010, 2011", {"year": 2012}, OF_YEARS),
    ('"x" is no year', {}, [OF_YEARS[0], ["Hà Nội", "x", 80.1]]),
]  # fmt: skip


@pytest.mark.parametrize(("said", "options", "rows"), REFUSED)
def test_what_is_not_certain_is_refused_with_its_place(said, options, rows):
    assert said in refused(*rows, **options)


def test_all_that_is_wrong_is_told_at_once():
    text = refused(ONE, ["Hà Nội", "x1"], ["Cà Mau", "x2"], ["Cà Mua", 3])
    assert len(text.splitlines()) == 4


def test_sheets_are_chosen_or_asked_for():
    names = ["Hà Nội", "Huế", "Cà Mau"]
    one, two = (annexes.sheet_of([ONE, *([unit, 80] for unit in names)], name) for name in "AB")
    cover = annexes.sheet_of([["Bìa"], ["Hà Nội"]], "Bìa")
    hidden = annexes.sheet_of([ONE, ["Hà Nội", 65.1]], "Ẩn", hidden=True)

    def chosen(*sheets, asked=None):
        return tables.find(list(sheets), Request("PAR", 2011, asked)).sheet

    assert chosen(cover, one, hidden) == "A"
    assert chosen(one, two, asked="b") == chosen(one, two, asked="2") == "B"
    assert chosen(hidden, asked="Ẩn") == "Ẩn"
    with pytest.raises(Refused, match=r'Several sheets name provinces: "A" \(3\), "B" \(3\)'):
        chosen(one, two)
    with pytest.raises(Refused, match="Only a hidden sheet"):
        chosen(hidden)
    with pytest.raises(WrongArgument, match='The file has "A", "B"'):
        chosen(one, two, asked="C")


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

NUMBERS = {
    "84.33": ["84,33%", "84.33", "84,33 ", "\u00a084,33", "84,3300", "84,330", "84,33 %"],
    "84": ["84"], "-1.5": ["-1,5"], "0.5": ["0,5"], "-2": ["−2"],
    None: ["", "-", "–", "…", "n/a", "NaN", "x", " \u00a0"],
}  # fmt: skip


@pytest.mark.parametrize(
    ("value", "text"), [(value, text) for value, texts in NUMBERS.items() for text in texts]
)
def test_numbers_as_people_type_them(value, text):
    assert numbers.number(Cell(text)) == (None if value is None else Decimal(value))


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


def test_a_percent_cell_counts_as_it_shows_and_is_written_plainly():
    assert numbers.number(Cell(0.8433, "percent")) == Decimal("84.33")
    assert numbers.number(Cell(0.1 + 0.2, "number")) == Decimal("0.3")
    written = [numbers.plain(Decimal(text)) for text in ("84.330000", "100", "0.0")]
    assert written == ["84.33", "100", "0"]


# --- judging -------------------------------------------------------------------------------


def judged(table, *rows, index="PAR", year=2011):
    # How figures fit the years before is tested by itself.
    return judging.judge(find(*rows, index=index, year=year), table, index, year, True)


RANKED = ["Tỉnh", "Điểm", "Hạng"]
SUM = annexes.HEAD[1:7]
FIELDS = ["Chỉ đạo điều hành", "Văn bản QPPL", "Thủ tục hành chính", "Tổ chức bộ máy",
          "Công chức", "Tài chính công", "Hiện đại hóa", "Tác động của CCHC"]  # fmt: skip
POINTS = [8.1, 8.2, 12.1, 10.1, 11.1, 9.1, 12.1, 13.1]
STEERING = ["Tỉnh", "Chỉ đạo điều hành", "Xếp hạng chỉ đạo điều hành"]
OF_ALL = [ONE, *([name, 80 + n / 100] for n, name in enumerate(NAMES))]


def all_ranked(ranks):
    return [["Tỉnh", "Hạng"], *([name, rank] for name, rank in zip(NAMES, ranks, strict=True))]


JUDGED = [
    # What a problem says, None where there is none; the rows; the year.
    ("cell B2 (Hà Nội, score): 100.5 is not between 0 and 100", [ONE, ["Hà Nội", 100.5]]),
    ("cell B2 (Hà Nội, score): -1 is not between", [ONE, ["Hà Nội", -1]]),
    ("score: 0.8433 (cell B2) may be a fraction of 1", [ONE, ["Hà Nội", 0.8433]]),
    ("0 is no score", [ONE, ["Hà Nội", 0]]),
    ("appraisal: 0.58 (cell B2 and 1 more) may be a fraction of 1",
     [["Tỉnh", "Điểm thẩm định"], ["Hà Nội", 0.58], ["Cà Mau", 0.55]]),
    (None, [["Tỉnh", "Hạng"], ["Hà Nội", 63]]),
    ("64 is not between 1 and 63", [["Tỉnh", "Hạng"], ["Hà Nội", 64]]),
    ("35 is not between 1 and 34", [["Tỉnh", "Hạng"], ["Hà Nội", 35]], 2025),
    ("it needs the same score beside each", [RANKED, ["Hà Nội", 89.1, 2], ["Cà Mau", 89, 2]]),
    (None, [STEERING, ["Hà Nội", None, 2], ["Cà Mau", 8.1, 2]]),
    ("rank 41 (", all_ranked([*range(1, 40), *range(41, 64), 63])),
    # Four halves of the last decimal, and one of the total.
    (None, [SUM, ["Hà Nội", 55.79, 8.5, 20.28, 1.5, 86.09]]),
    ("= 86.07, and the total is 86.1", [SUM, ["Hà Nội", 55.79, 8.5, 20.28, 1.5, 86.10]]),
    ("= 84.57, and the total is 84.5", [SUM, ["Hà Nội", 55.79, 8.5, 20.28, None, 84.5]]),
    (None, [SUM, ["Hà Nội", 55.79, 8.5, 20.28, None, 86.0]]),
    (None, [["Tỉnh", *FIELDS, "Tổng điểm"], ["Hà Nội", *POINTS, 83.9]]),
    ("= 83.9, and the total is 82.9", [["Tỉnh", *FIELDS, "Tổng điểm"], ["Hà Nội", *POINTS, 82.9]]),
    (None, [*OF_ALL, ["Trung bình", 80.31]]),
    ('the mean is 80.31, and the row "Trung bình"', [*OF_ALL, ["Trung bình", 80.33]]),
]  # fmt: skip


@pytest.mark.parametrize(("said", "rows", "year"), [(*case, 2011)[:3] for case in JUDGED])
def test_figures_are_held_against_each_other(table, said, rows, year):
    problems = judged(table, *rows, year=year).problems
    assert bool(problems) == (said is not None)
    assert said is None or any(said in problem for problem in problems)


@pytest.mark.parametrize("ranks", [[1, 2, 2, 4], [1, 2, 2, 3]])
def test_ties_are_allowed_in_either_way_of_counting(table, ranks):
    scores = [90, 89, 89, 88]
    rest = range(ranks[-1] + 1, ranks[-1] + 60)
    rows = zip(NAMES, scores + [87 - n / 10 for n in range(59)], [*ranks, *rest], strict=True)
    assert judged(table, RANKED, *map(list, rows)).problems == []


def test_missing_units_and_blanks_are_named(table):
    notes = judged(table, RANKED, *([n, 80, None] for n in NAMES[:60])).notes
    assert any(NAMES[61] in note and note.startswith("3 of 63 have no row") for note in notes)
    assert "No row has a figure for: rank." in notes
    scores = [None if n in NAMES[:2] else 80 for n in NAMES]
    notes = judged(table, RANKED, *([n, s, None] for n, s in zip(NAMES, scores, strict=True))).notes
    assert f"score: no figure for 2 of 63 rows: {NAMES[0]}, {NAMES[1]}." in notes
    notes = judged(table, STEERING, ["Hà Nội", None, 2], ["Cà Mau", 8.1, 2]).notes
    assert any("part_rank:steering 2 is shared by" in note for note in notes)


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
