"""Tables that hypothesis makes and files that it hurts: no traceback, and nothing wrong taken.

What was put in is known, so that whatever comes out can be held against it. Figures are made up.
"""

import contextlib
import functools
import io
import random
import re
import shutil
import zipfile
from pathlib import Path

import annexes
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from helpers import facts, units
from helpers.importing import reading
from helpers.importing.shapes import Refused, Request

FILES = Path(__file__).parent / "files"
REQUEST = Request("PAR", 2011, confirmed=True)
NAMES = units.provinces()
ROWS = [annexes.HEAD, *annexes.made_up_rows()]
FIGURES = ("appraisal", "satisfaction", "managers_survey", "socioeconomic_impact", "score", "rank")
# Sums are held to what rounding of five figures can do, so a slip below it passes.
ROUNDING = 0.025 + 1e-9
quick = settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow])


@functools.cache
def published():
    return facts.load()


def truth(rows=ROWS) -> dict:
    return {
        (row[1], figure): float(value)
        for row in rows[1:]
        for figure, value in zip(FIGURES, row[2:], strict=True)
    }


def taken(sheets, request: Request = REQUEST) -> tuple[dict | None, str]:
    """What `annexes.decided` tells; how figures fit the years before is tested by itself."""
    found, told = annexes.decided(sheets, request, published(), new_scoring=True)
    assert found or told.strip()
    return found, told


def hold_true(outcome, expected) -> None:
    """Every figure that would be taken is the one put in, up to rounding, or is told of."""
    if outcome[0] is None:
        return
    found, told = outcome
    for unit in {unit for unit, figure in found if figure == "rank_at_least"}:
        bounds = [found.pop((unit, f"rank_at_{end}")) for end in ("least", "most")]
        assert bounds[0] <= expected[unit, "rank"] <= bounds[1]
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
    assert taken([annexes.sheet_of(rows)])[0] == expected


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
    assert taken([annexes.sheet_of(rows)])[0] != {}


# --- cells that are changed ----------------------------------------------------------------

places = st.tuples(st.integers(1, 63), st.integers(2, 7))


@quick
@given(places, st.one_of(st.none(), st.integers(-3, 120), st.floats(-10, 120), st.text(max_size=6)))
def test_a_changed_cell_is_refused_or_told(place, value):
    rows = [list(row) for row in ROWS]
    rows[place[0]][place[1]] = value
    hold_true(taken([annexes.sheet_of(rows)]), truth())


@quick
@given(places, places)
def test_two_cells_in_each_others_place_are_refused_or_told(first, second):
    rows = [list(row) for row in ROWS]
    (a, b), (c, d) = first, second
    rows[a][b], rows[c][d] = rows[c][d], rows[a][b]
    hold_true(taken([annexes.sheet_of(rows)]), truth())


# --- files that are hurt -------------------------------------------------------------------

# Of a year of 34 units, all of them, so that every check has what it needs.
ANNEX = annexes.made_up_rows(2025)
NEW = Request("PAR", 2025, confirmed=True)
TITLE = "Chỉ số cải cách hành chính (PAR INDEX) năm 2025"
WRITERS = {
    "csv": lambda path, rows: path.write_text(annexes.as_csv(rows), "utf-8", newline=""),
    "xlsx": annexes.write_xlsx,
    "docx": lambda path, rows: annexes.write_docx(path, rows[0][0], rows[1:]),
    "ods": annexes.write_ods,
    "xlsb": annexes.write_xlsb,
    "pdf": lambda path, rows: annexes.draw_pdf(path, rows[1:], "all", 40, title=rows[0][0]),
    "xls": lambda path, rows: shutil.copy(FILES / "made-up-par-2011.xls", path),
}
# How the name of Hà Nội stands in a file.
MARKS = [ANNEX[1][1].encode(encoding) for encoding in ("utf-8", "utf-16-le")]
SLIPS = "0123456789aeiou., "
# What a mutated file costs decides how many there are: 10,000 in less than five minutes.
SHARES = {"csv": 5200, "docx": 3000, "ods": 1260, "xlsb": 40, "xls": 300, "xlsx": 180, "pdf": 20}


def slipped(raw: bytes, chance: random.Random) -> bytes:
    """Change a digit or plain letter or two of the texts of a file, which can still be read."""
    of_text = rb">([^<]+)<" if raw.startswith(b"<") else rb"(?s)(.+)"
    spots = [
        at
        for text in re.finditer(of_text, raw)
        for at in range(*text.span(1))
        if chr(raw[at]) in SLIPS
    ]
    hurt = bytearray(raw)
    for at in chance.sample(spots, min(len(spots), chance.randint(1, 2))):
        hurt[at] = ord(chance.choice(SLIPS))
    return bytes(hurt)


def mutated(raw: bytes, chance: random.Random) -> bytes:
    """Change some bytes of a file, or of a member of an archive, which is packed anew."""
    if raw.startswith(b"PK") and chance.random() < 0.8:
        with zipfile.ZipFile(io.BytesIO(raw)) as packed:
            members = {name: packed.read(name) for name in packed.namelist()}
        named = [name for name, content in members.items() if any(m in content for m in MARKS)]
        name = chance.choice(named or list(members))
        members[name] = mutated(members[name], chance)
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as packed:
            for member, content in members.items():
                packed.writestr(member, content)
        return out.getvalue()
    if MARKS[0] in raw and chance.random() < 0.3:
        return slipped(raw, chance)
    hurt = bytearray(raw)
    for _ in range(chance.randint(1, 3)):
        at = chance.randrange(len(hurt))
        kind = chance.random()
        if kind < 0.5:
            hurt[at] ^= chance.randint(1, 255)
        elif kind < 0.7:
            hurt[at] = chance.choice(b"0123456789,.;<>\"'\n /")
        elif kind < 0.85:
            del hurt[at : at + chance.randint(1, 40)]
        else:
            hurt[at:at] = hurt[at : at + chance.randint(1, 40)]
        if not hurt:
            break
    if chance.random() < 0.05:
        del hurt[chance.randrange(len(hurt) + 1) :]
    return bytes(hurt)


def hold_hurt(path: Path, expected: dict, request: Request) -> bool:
    """Refused with a sentence, or every unit there with its own figures; whether it is taken."""
    # calamine can end the process that it is in.
    read = reading.read if path.suffix == ".xlsb" else reading.sheets_of
    try:
        sheets = read(path)
    except Refused as refusal:
        assert str(refusal).strip()
        return False
    outcome = taken(sheets, request)
    if outcome[0] is None:
        return False
    hold_true(outcome, expected)
    # A unit may be missing of which the file says nothing more, or has a row and no figure.
    lost = {unit for unit, _ in expected} - {unit for unit, _ in outcome[0]}
    content = everything_in(path)
    blank = [line for line in outcome[1].splitlines() if ": no figure for " in line]
    for unit in lost:
        named = any(unit.encode(encoding) in content for encoding in ("utf-8", "utf-16-le"))
        assert not named or any(unit in line for line in blank), unit
    return True


def everything_in(path: Path) -> bytes:
    """The bytes of a file, of an archive those of all members that can still be read."""
    raw = path.read_bytes()
    if not raw.startswith(b"PK"):
        return raw
    found = b""
    with zipfile.ZipFile(path) as packed:
        for name in packed.namelist():
            # What is hurt in a member that no reader opens is of every type.
            with contextlib.suppress(Exception):
                found += packed.read(name)
    return found


def mutate_all(kind: str, count: int, folder: Path) -> int:
    """Mutate a file so many times; give how many of the files were taken."""
    path, found = folder / f"made-up.{kind}", 0
    rows = [[TITLE], annexes.HEAD, *ANNEX]
    WRITERS[kind](path, rows)
    raw, request, expected = path.read_bytes(), NEW, truth(rows[1:])
    if kind == "xls":
        request = REQUEST
        expected = truth([[], *annexes.made_up_rows(order=list(NAMES["name"]))])
    for seed in range(count):
        path.write_bytes(mutated(raw, random.Random(f"{kind} {seed}")))
        try:
            found += hold_hurt(path, expected, request)
        except Exception as error:
            raise AssertionError(f"{kind} {seed}: {error!r}") from error
    return found


@pytest.mark.parametrize("kind", SHARES)
def test_a_hurt_file_is_refused_or_true(kind, tmp_path):
    mutate_all(kind, max(2, SHARES[kind] // 100), tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize("kind", SHARES)
def test_ten_thousand_hurt_files_are_refused_or_true(kind, tmp_path):
    assert sum(SHARES.values()) == 10_000
    found = mutate_all(kind, SHARES[kind], tmp_path)
    # Where every file were refused, nothing would have been tested.
    assert found or kind == "pdf"
