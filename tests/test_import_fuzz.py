"""Tables that hypothesis makes and files that it hurts: no traceback, and nothing wrong taken.

What was put in is known, so that whatever comes out can be held against it. Figures are made up.
"""

import functools
import tempfile
from pathlib import Path

import annexes
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from helpers import facts, units
from helpers.errors import CchcError
from helpers.importing import judging, reading
from helpers.importing import tables as finding
from helpers.importing.shapes import Cell, Refused, Request, Sheet, figure_name

FILES = Path(__file__).parent / "files"
REQUEST = Request("PAR", 2011)
NAMES = units.provinces()
ROWS = [annexes.HEAD, *annexes.made_up_rows()]
FIGURES = ("appraisal", "satisfaction", "managers_survey", "socioeconomic_impact", "score", "rank")
# Sums are held to what rounding of five figures can do, so a slip below it passes.
ROUNDING = 0.025 + 1e-9
quick = settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow])


@functools.cache
def published():
    return facts.load()


def sheet_of(rows) -> Sheet:
    cells = [[_cell(value) for value in row] for row in rows]
    return Sheet("made up", cells, [f"row {n}" for n in range(1, len(rows) + 1)])


def _cell(value) -> Cell | None:
    if value is None or value == "":
        return None
    if isinstance(value, int | float):
        return Cell(value, "number")
    return Cell(value)


def truth(rows=ROWS) -> dict:
    return {
        (row[1], figure): float(value)
        for row in rows[1:]
        for figure, value in zip(FIGURES, row[2:], strict=True)
    }


def taken(sheets) -> tuple[dict, str] | None:
    """Figures that would be taken and what would be said of them; None where it is refused."""
    try:
        table = finding.find(sheets, REQUEST)
        judged = judging.judge(table, published(), REQUEST.index, REQUEST.year)
    except CchcError as refusal:
        assert str(refusal).strip()
        return None
    if judged.problems:
        return None
    rows = table.figures.itertuples()
    found = {(r.unit, figure_name(r.measure, r.part)): float(r.value) for r in rows}
    return found, "\n".join([*judged.notes, *table.left_out])


def hold_true(outcome, expected) -> None:
    """Every figure that would be taken is the one put in, up to rounding, or is told of."""
    if outcome is None:
        return
    found, told = outcome
    assert set(found) <= set(expected)
    for key, value in found.items():
        unit, figure = key
        slack = 0 if figure == "rank" else ROUNDING
        assert abs(value - expected[key]) <= slack or f"{unit}, {figure}: " in told


# --- tables as anyone makes them -----------------------------------------------------------

HEADS = {
    "appraisal": ["Điểm thẩm định", "DIEM THAM DINH", "Điểm thẩm định\ncủa Bộ Nội vụ"],
    "satisfaction": ["Chỉ số SIPAS", "Sự hài lòng của người dân"],
    "managers_survey": ["Khảo sát lãnh đạo quản lý", "Khảo sát lãnh đạo, quản lý"],
    "socioeconomic_impact": ["Tác động đến phát triển KT-XH", "Phát triển kinh tế - xã hội"],
    "score": ["Chỉ số CCHC", "PAR INDEX", "Tổng điểm", "Chỉ số CCHC năm 2011 (%)"],
    "rank": ["Xếp hạng", "Thứ hạng", "Hạng"],
}
SPELLINGS = [
    lambda name, english: name,
    lambda name, english: name.upper(),
    lambda name, english: f"Tỉnh {name} ",
    lambda name, english: f"{name} (1)",
    lambda name, english: name.replace(" ", "\u00a0"),
    lambda name, english: f"UBND tỉnh {name}",
]
FORMS = [
    lambda value: value,
    lambda value: str(value),
    lambda value: str(value).replace(".", ","),
    lambda value: f"\u00a0{value:g} ",
]


@st.composite
def tables(draw):
    """Rows of a sheet, and the figures in them."""
    chosen = draw(st.lists(st.integers(1, 63), min_size=1, max_size=63, unique=True))
    columns = draw(st.permutations(FIGURES))[: draw(st.integers(1, 6))]
    heads = [draw(st.sampled_from(HEADS[figure])) for figure in columns]
    english = draw(st.booleans())
    spell, form = draw(st.sampled_from(SPELLINGS)), draw(st.sampled_from(FORMS))
    rows = draw(st.sampled_from([[], [["Bảng 1"]], [["PHỤ LỤC"], [], ["Năm 2011"]]]))
    rows = [list(row) for row in rows] + [["STT", "Tỉnh, thành phố", *heads]]
    expected = {}
    for place in chosen:
        row = ROWS[place]
        about = NAMES[NAMES["name"] == row[1]].iloc[0]
        name = about["name_en"] if english else spell(row[1], about["name_en"])
        values = dict(zip(FIGURES, row[2:], strict=True))
        rows.append([place, name, *(form(values[figure]) for figure in columns)])
        expected |= {(row[1], figure): float(values[figure]) for figure in columns}
        if draw(st.integers(0, 20)) == 0:
            rows.append(draw(st.sampled_from([[], [None, "Vùng Tây Nguyên"], ["Nhóm B"]])))
    rows += draw(st.sampled_from([[], [[], ["Ghi chú: bịa ra để thử"]], [["(1) tạm tính"]]]))
    return rows, expected


@quick
@given(tables())
def test_a_table_as_anyone_makes_it_is_taken_as_it_is(made):
    rows, expected = made
    outcome = taken([sheet_of(rows)])
    assert outcome is not None
    assert outcome[0] == expected


@quick
@given(
    st.lists(
        st.lists(
            st.one_of(
                st.none(),
                st.integers(-5, 100),
                st.floats(allow_nan=True),
                st.text(max_size=12),
                st.sampled_from([*NAMES["name"][:8], *annexes.HEAD, "Trung bình", "84,33%"]),
            ),
            max_size=6,
        ),
        max_size=12,
    )
)
def test_no_sheet_of_anything_ends_in_a_traceback(rows):
    outcome = taken([sheet_of(rows)])
    assert outcome is None or outcome[0]


# --- cells that are changed ----------------------------------------------------------------

places = st.tuples(st.integers(1, 63), st.integers(2, 7))


@quick
@given(places, st.one_of(st.none(), st.integers(-3, 120), st.floats(-10, 120), st.text(max_size=6)))
def test_a_changed_cell_is_refused_or_told(place, value):
    rows = [list(row) for row in ROWS]
    rows[place[0]][place[1]] = value
    hold_true(taken([sheet_of(rows)]), truth())


@quick
@given(places, places)
def test_two_cells_in_each_others_place_are_refused_or_told(first, second):
    rows = [list(row) for row in ROWS]
    (a, b), (c, d) = first, second
    rows[a][b], rows[c][d] = rows[c][d], rows[a][b]
    hold_true(taken([sheet_of(rows)]), truth())


@settings(quick, max_examples=20)
@given(st.integers(1, 63), st.integers(1, 63))
def test_a_row_that_is_copied_over_another_is_refused(first, second):
    rows = [list(row) for row in ROWS]
    rows[first] = list(rows[second])
    outcome = taken([sheet_of(rows)])
    assert (outcome is None) == (first != second)


# --- files that are hurt -------------------------------------------------------------------


@functools.cache
def content(kind: str) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"made-up.{kind}"
        if kind == "xls":
            return (FILES / "made-up-par-2011.xls").read_bytes()
        if kind == "csv":
            return annexes.as_csv(ROWS).encode()
        write = {
            "xlsx": annexes.write_xlsx, "ods": annexes.write_ods, "pdf": annexes.write_pdf,
        }[kind]  # fmt: skip
        return write(path, ROWS[:20] if kind == "pdf" else ROWS).read_bytes()


def hurt(data, raw: bytes) -> bytes:
    """Flip some bytes, or cut the file."""
    hurt = bytearray(raw)
    for _ in range(data.draw(st.integers(1, 3))):
        at = data.draw(st.integers(0, len(hurt) - 1))
        hurt[at] ^= data.draw(st.integers(1, 255))
    if data.draw(st.integers(0, 9)) == 0:
        del hurt[data.draw(st.integers(0, len(hurt) - 1)) :]
    return bytes(hurt)


def read_hurt(tmp_path, kind: str, data, read) -> None:
    path = tmp_path / f"made-up.{kind}"
    path.write_bytes(hurt(data, content(kind)))
    try:
        sheets = read(path)
    except Refused as refusal:
        assert str(refusal).strip()
        return
    hold_true(taken(sheets), truth())


hurting = functools.partial(settings, deadline=None, suppress_health_check=list(HealthCheck))


@hurting(max_examples=80)
@given(data=st.data())
def test_hurt_text_is_refused_or_true(tmp_path, data):
    read_hurt(tmp_path, "csv", data, reading.sheets_of)


@hurting(max_examples=12)
@given(data=st.data())
def test_a_hurt_xlsx_is_refused_or_true(tmp_path, data):
    read_hurt(tmp_path, "xlsx", data, reading.sheets_of)


@hurting(max_examples=8)
@given(data=st.data())
def test_a_hurt_pdf_is_refused_or_true(tmp_path, data):
    read_hurt(tmp_path, "pdf", data, reading.sheets_of)


# The reader of these is no Python; only a process of its own can be held to its limits.


@hurting(max_examples=5)
@given(data=st.data())
def test_a_hurt_xls_is_refused_or_true(tmp_path, data):
    read_hurt(tmp_path, "xls", data, reading.read)


@hurting(max_examples=3)
@given(data=st.data())
def test_a_hurt_ods_is_refused_or_true(tmp_path, data):
    read_hurt(tmp_path, "ods", data, reading.read)
