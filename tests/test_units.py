"""Every usual spelling of a unit is found, and nothing else is."""

import re
import unicodedata

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from helpers import language, units
from helpers.errors import CchcError
from helpers.units import UnknownUnit, resolve

PROVINCES = units.provinces()
NAMES = PROVINCES["name"].tolist()
PREFIXES = ["", "Tỉnh ", "tinh ", "Thành phố ", "Thanh pho ", "TP. ", "TP.", "TP ", "T.P ", "T.P. "]
PREFIXES += ["UBND tỉnh ", "UBND ", "Ủy ban nhân dân tỉnh ", "Uỷ ban nhân dân thành phố "]
SUFFIXES = ["", " province", " City", " tỉnh"]
LATE_TONES = {"hóa": "hoá", "Hóa": "Hoá", "Hòa": "Hoà"}


@pytest.fixture(autouse=True, scope="module")
def in_english():
    with language.using("en"):
        yield


def plain(text):
    marks_off = unicodedata.normalize("NFD", text.replace("Đ", "D").replace("đ", "d"))
    return "".join(char for char in marks_off if not unicodedata.combining(char))


def message(text, unit_type="province"):
    with pytest.raises(UnknownUnit) as caught:
        resolve(text, unit_type)
    return str(caught.value)


@pytest.mark.parametrize(
    ("name", "spellings"),
    {
        # Other names and codes; what a drawn spelling may be is further below.
        "Thanh Hóa": "38|VN-21|vn-21|VN–21|38-thanh-hoa|\ufeffThanh Hóa\u200b",
        "Thừa Thiên Huế": "Huế|TP. Huế|Hue|TT-Huế|TTH|46|VN-26",
        "Hồ Chí Minh": "TPHCM|TP.HCM|TP. HCM|TP HCM|HCM|HCMC|tphcm|Sài Gòn|Saigon|VN-SG|79",
        "Bà Rịa - Vũng Tàu": "BR-VT|BRVT|baria-vungtau|77",
        "Đắk Lắk": "Đăk Lăk|Đắc Lắc|Đăk Lắk|Đắk Lăk|Ðắk Lắk|ĐẮC LẮC|Đak Lak|Dac Lac|Darlac|66",
        "Đắk Nông": "Đăk Nông|Đắc Nông|Đak Nong",
        "Bắc Kạn": "Bắc Cạn|Bac Can",
        "Hà Nội": "Hà Nội city|City of Hanoi|1|01|VN-HN",
        "Đà Nẵng": "Ðà Nẵng|Đa Nang|48",
        "Hà Tĩnh": "tinh Ha Tinh|Tỉnh Hà Tĩnh|Hà Tĩnh tỉnh",
    }.items(),
)
def test_spellings_of_provinces(name, spellings):
    assert {text: resolve(text) for text in spellings.split("|")} == dict.fromkeys(
        spellings.split("|"), name
    )


@pytest.mark.parametrize("year", [2020, 2025])
def test_other_spellings_mean_their_province(year):
    for name in units.provinces(year)["name"]:
        assert {resolve(one, year=year) for one in units.spellings(name, year=year)} <= {name}
    assert "Huế" in units.spellings("Thừa Thiên Huế")
    assert "Thừa Thiên Huế" in units.spellings("Huế", year=2025)


@pytest.mark.parametrize(
    ("unit_type", "text", "name"),
    [
        ("ministry", "Bộ GD&ĐT", "Bộ Giáo dục và Đào tạo"),
        ("ministry", "Bộ KH & ĐT", "Bộ Kế hoạch và Đầu tư"),
        ("ministry", "Bộ LĐ-TB&XH", "Bộ Lao động - Thương binh và Xã hội"),
        ("ministry", "Bộ VH,TT&DL", "Bộ Văn hóa, Thể thao và Du lịch"),
        ("ministry", "Bộ Văn hoá, Thể thao & Du lịch", "Bộ Văn hóa, Thể thao và Du lịch"),
        ("ministry", "Uỷ ban Dân tộc", "Ủy ban Dân tộc"),
        ("ministry", "nội vụ", "Bộ Nội vụ"),
        ("ministry", "Bộ TP", "Bộ Tư pháp"),
        ("ministry", "Ngân hàng Nhà nước", "Ngân hàng Nhà nước Việt Nam"),
        ("region", "Vùng Đông Nam bộ", "Đông Nam Bộ"),
        ("region", "South East", "Đông Nam Bộ"),
        ("region", "vùng ĐBSCL", "Đồng bằng sông Cửu Long"),
        ("region", "Trung du, miền núi phía Bắc", "Trung du và miền núi phía Bắc"),
        ("region", "ncc", "Bắc Trung Bộ và Duyên hải miền Trung"),
        ("national", "cả nước", "Việt Nam"),
        ("national", "Viet Nam", "Việt Nam"),
    ],
)
def test_spellings_of_other_units(unit_type, text, name):
    assert resolve(text, unit_type) == name


@pytest.mark.parametrize("unit_type", units.UNIT_TYPES)
def test_every_cell_that_names_a_unit_finds_it(unit_type):
    tables = {"province": PROVINCES, "region": units.regions(), "ministry": units.ministries()}
    national = pd.DataFrame({"code": ["VN"], "name": ["Việt Nam"], "name_en": ["Vietnam"]})
    table = tables.get(unit_type, national)
    for column in set(table.columns) & {"code", "name", "name_en", "iso_3166_2"}:
        for cell, name in zip(table[column], table["name"], strict=True):
            for text in (cell, cell.lower(), plain(cell)):
                assert resolve(text, unit_type) == name, (column, text)
    codes = table.iloc[:, 0].tolist()
    assert [units.code(name, unit_type) for name in table["name"]] == codes


def test_no_part_of_a_name_is_dropped_as_a_word_like_province():
    for name in NAMES:
        assert units._key(plain(name)) == re.sub("[ -]", "", plain(name).lower())
        assert plain(units._key(name)) == units._key(plain(name))


def test_whole_numbers_of_any_kind_are_codes():
    assert resolve(38) == resolve(np.int64(38)) == resolve(np.uint8(38)) == "Thanh Hóa"
    assert resolve(1) == "Hà Nội"
    assert [resolve(int(code)) for code in PROVINCES["code"]] == NAMES


def test_a_name_of_2025_is_taken_as_the_one_of_the_63():
    today = PROVINCES["unit_2025"].unique()
    assert len(today) == 34
    assert {resolve(name) for name in today} <= set(NAMES)
    assert [resolve(name) for name in today if name in NAMES] == [n for n in today if n in NAMES]


@pytest.mark.parametrize(
    "text",
    [
        "Thánh Hoà", "Hà Giáng", "Hà Giãng", "Quãng Ngãi", "Thanh Hôa", "Bác Ninh",  # wrong marks
        "Đa Nẵng", "Hồ Chi Minh", "Bà Rịa - Vung Tau", "Hai Đuong", "Hải Đương",  # some marks
        "Vũng Tàu", "Bình", "DN", "Thanh", "Tỉnh", "TP", "và", "Hà Nội, Việt Nam",
        "3.8", "3,8", "-38", "3 8", "38.", "38.0", "038", "03", "99", "VN-1", "VN-99",
        "Ha", "Ha tỉnh", -38, 0, 99, 10**30,
    ],
)  # fmt: skip
def test_what_is_close_to_a_unit_is_not_guessed(text):
    assert f'There is no province "{text}". Nearest: ' in message(text)


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("Thanh Hao", "Thanh Hóa"),
        ("Tỉnh Thanh Hao", "Thanh Hóa"),
        ("Hà Giáng", "Hà Giang"),
        ("Vũng Tàu", "Bà Rịa - Vũng Tàu"),
        ("Đa Nẵng", "Đà Nẵng"),
        ("Ho Chi Min", "Hồ Chí Minh"),
        ("Sai Gon city center", "Hồ Chí Minh"),
    ],
)
def test_the_message_gives_the_three_nearest(text, first):
    nearest = message(text).split("Nearest: ")[1].rstrip(".").split(", ")
    assert nearest[0] == first
    assert len(set(nearest)) == 3 and set(nearest) <= set(NAMES)


@pytest.mark.parametrize(
    "value", [None, float("nan"), 38.0, np.float64(38), pd.NA, pd.NaT, True, b"38", ["Hanoi"]]
)
def test_what_is_neither_text_nor_whole_number_is_named_in_the_error(value):
    text = message(value)
    assert text.startswith("A province is given by its name or code, not by ")
    assert text.endswith(f"({type(value).__name__}).")


@pytest.mark.parametrize(
    ("text", "unit_type", "told"),
    [
        ("  ", "province", "No province was given: the text is empty."),
        ("\xa0\n", "province", "No province was given: the text is empty."),
        ("Thanh Hóa", "region", 'There is no region "Thanh Hóa". Nearest: '),
        (38, "ministry", 'There is no ministry "38". Nearest: '),
        ("Hà Nội", "district", 'There is no unit type "district". Use one of: province, region, '
         "ministry, national."),
    ],
)  # fmt: skip
def test_what_names_no_unit_is_told(text, unit_type, told):
    assert message(text, unit_type).startswith(told)


def test_messages_are_one_short_printable_line_for_users():
    text = message("Thanh\x1b[31m\n\ud800" + "x" * 10_000)
    assert text.isprintable() and len(text) < 200
    text.encode("utf-8")
    assert issubclass(UnknownUnit, CchcError) and issubclass(UnknownUnit, ValueError)


def test_a_list_with_two_units_that_read_alike_is_refused(tmp_path, monkeypatch):
    text = (units.data_dir() / "provinces.csv").read_text("utf-8")
    (tmp_path / "provinces.csv").write_text(text.replace("Hà Nam,Ha Nam", "Há Nội,Xu Bia"), "utf-8")
    monkeypatch.setattr(units, "data_dir", lambda: tmp_path)
    with pytest.raises(CchcError, match=r"provinces\.csv: Hà Nội and Há Nội read alike"):
        resolve("Thanh Hóa")


@pytest.mark.parametrize(
    ("read", "rows", "index"),
    [(units.provinces, 63, "code"), (units.regions, 6, "region"), (units.ministries, 19, "code")],
)
def test_tables_are_text_and_handed_out_as_copies(read, rows, index):
    table = read()
    assert len(table) == rows and table[index].is_unique and table["name"].is_unique
    assert all(isinstance(cell, str) and cell for cell in table.to_numpy().ravel())
    table.loc[:, "name"] = "changed"
    assert "changed" not in set(read()["name"])


def test_code_slug_and_region():
    assert (units.code("Ha Noi"), units.code("Thanh Hoá")) == ("01", "38")
    assert units.slug("Thanh Hoá") == "38-thanh-hoa"
    assert units.slug("BR-VT") == "77-ba-ria-vung-tau"
    assert units.slug("BNV", "ministry") == "bnv-bo-noi-vu"
    assert units.region_of(38) == "Bắc Trung Bộ và Duyên hải miền Trung"
    assert {units.region_of(name) for name in NAMES} == set(units.regions()["name"])
    for function in (units.code, units.slug, units.region_of):
        with pytest.raises(UnknownUnit):
            function("Thanh Hao")


def test_slugs_are_safe_file_names_and_lead_back():
    slugs = [units.slug(name) for name in NAMES]
    assert len(set(slugs)) == 63
    assert all(re.fullmatch(r"[0-9]{2}(-[a-z]+)+", slug) for slug in slugs)
    assert [resolve(slug) for slug in slugs] == NAMES


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (None, r"data/provinces\.csv cannot be read: .*provinces\.csv"),
        (b"", r"data/provinces\.csv cannot be read: No columns"),
        (",".join(PROVINCES).encode(), r"data/provinces\.csv has no rows below its header"),
        ("code,name\n38,Thanh Hóa".encode("cp1258", "replace"), "cannot be read|the header must"),
        (b"code,name\n38,Thanh Hoa\n", r"data/provinces\.csv, line 1: the header must be code,"),
    ],
)
def test_a_broken_table_is_named(tmp_path, monkeypatch, content, expected):
    if content is not None:
        (tmp_path / "provinces.csv").write_bytes(content)
    monkeypatch.setattr(units, "data_dir", lambda: tmp_path)
    with pytest.raises(CchcError, match=expected):
        resolve("Thanh Hóa")


def test_a_byte_order_mark_of_a_spreadsheet_is_no_part_of_the_header(tmp_path, monkeypatch):
    content = (units.data_dir() / "provinces.csv").read_bytes()
    (tmp_path / "provinces.csv").write_bytes(b"\xef\xbb\xbf" + content)
    monkeypatch.setattr(units, "data_dir", lambda: tmp_path)
    assert units.code("Thanh Hóa") == "38"


# --- years ---------------------------------------------------------------------------------

MERGED = units.provinces(2025)
# Decision 19/2025/QĐ-TTg, read off its list.
CODES_2025 = "01 04 08 11 12 14 15 19 20 22 24 25 31 33 37 38 40 42 44 46 48 51 52 56 66 68 75 79 80 82 86 91 92 96"  # fmt: skip  # noqa: E501
UNCHANGED = ["Hà Nội", "Cao Bằng", "Điện Biên", "Lai Châu", "Sơn La", "Lạng Sơn", "Quảng Ninh"]
UNCHANGED += ["Thanh Hóa", "Nghệ An", "Hà Tĩnh", "Huế"]


def test_there_are_63_up_to_2024_and_34_from_2025_on():
    assert [units.count(year) for year in (None, 2012, 2024, 2025, 2031)] == [63, 63, 63, 34, 34]
    assert units.provinces(2024).equals(units.provinces())
    assert list(MERGED) == list(PROVINCES)
    assert set(MERGED["name"]) == set(PROVINCES["unit_2025"])
    assert " ".join(MERGED["code"]) == CODES_2025
    assert set(MERGED["name"][MERGED["kind"] == "city"]) == units.CITIES_2025
    assert len(units.CITIES_2025) == 6
    assert set(MERGED["region"]) == set(PROVINCES["region"])
    iso = MERGED.set_index("name")["iso_3166_2"]
    assert set(iso.index[iso != ""]) == set(UNCHANGED)


def test_a_pilot_ranks_fewer_and_is_a_list_of_its_own():
    assert (units.count(2015, "SIPAS"), units.count(2015, "PAR")) == (10, 63)
    assert not units.same_list(2015, 2017, "SIPAS")
    assert units.same_list(2015, 2017, "PAR") and units.same_list(2015, 2015, "SIPAS")


def test_codes_and_regions_of_2025_are_those_of_the_seat_and_of_the_name():
    assert units.code("Lào Cai", year=2025) == units.code("Yên Bái") == "15"
    assert units.slug("An Giang", year=2025) == "91-an-giang"
    assert units.slug("Huế", year=2025) == "46-hue"
    assert units.region_of("Tây Ninh", year=2025) == "Đông Nam Bộ"


def test_every_spelling_of_2025_finds_its_unit():
    for column in ("code", "name", "name_en"):
        for change in (str, plain):
            found = [units.resolve(change(text), year=2025) for text in MERGED[column]]
            assert found == MERGED["name"].tolist()
    other = {"TP. Huế": "Huế", "Thừa Thiên - Huế": "Huế", "TPHCM": "Hồ Chí Minh", 15: "Lào Cai"}
    assert {text: units.resolve(text, year=2025) for text in other} == other


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("Bình Dương", '"Bình Dương" is Bình Dương, one of the 63'),
        ("BR-VT", '"BR-VT" is Bà Rịa - Vũng Tàu, one of the 63'),
        (
            10,
            '"10" is Lào Cai, one of the 63 provinces up to 2024; since 1 July 2025 it is part of',
        ),
    ],
)
def test_a_province_that_is_no_more_is_told_what_became_of_it(text, told):
    with pytest.raises(UnknownUnit, match=re.escape(told)):
        units.resolve(text, year=2025)
    with pytest.raises(UnknownUnit, match="There is no province"):
        units.resolve("Xứ Bịa", year=2025)


def test_eleven_units_are_the_same_before_and_after():
    assert [n for n in MERGED["name"] if units.same(n, 2025, 2024)] == UNCHANGED
    back = {name: units.same(name, 2025, 2020) for name in UNCHANGED}
    assert back.pop("Huế") == "Thừa Thiên Huế"
    assert all(name == old for name, old in back.items())
    for name in NAMES:
        there = units.same(name, 2020, 2025)
        assert there is None or units.same(there, 2025, 2020) == name
        assert units.same(name, 2019, 2020) == units.same(name, None, 2024) == name
    assert units.same("Đông Nam Bộ", 2024, 2025) == "Đông Nam Bộ"
    assert units.same_list(2023, None) and not units.same_list(2024, 2025)


def test_members_of_a_merged_unit_are_all_of_the_63_once():
    members = [old for name in MERGED["name"] for old in units.members(name, 2025)]
    assert sorted(members) == sorted(NAMES)
    assert units.members("Phu Tho", 2025) == ["Hòa Bình", "Phú Thọ", "Vĩnh Phúc"]
    assert units.members("Phú Thọ", 2024) == ["Phú Thọ"]


def test_a_unit_of_2025_without_a_name_giver_is_refused(tmp_path, monkeypatch):
    text = (units.data_dir() / "provinces.csv").read_text("utf-8")
    changed = text.replace(",Hồ Chí Minh\n", ",Xứ Bịa\n")
    (tmp_path / "provinces.csv").write_text(changed, "utf-8")
    monkeypatch.setattr(units, "data_dir", lambda: tmp_path)
    with pytest.raises(CchcError, match="no row gives Xứ Bịa of 2025 its name and seat"):
        units.provinces(2025)


def test_messages_in_vietnamese():
    with language.using("vi"):
        assert message("Thanh Hao") == (
            "Không có tỉnh, thành phố “Thanh Hao”. Gần nhất: Thanh Hóa, Khánh Hòa, Thái Bình."
        )
        with pytest.raises(UnknownUnit, match="từ ngày 01/7/2025 thuộc Hồ Chí Minh"):
            units.resolve("Bình Dương", year=2025)


@st.composite
def spelled(draw):
    """Draw a province and a spelling that keeps its marks right or leaves all of them out."""
    name = draw(st.sampled_from(NAMES))
    text = name
    if draw(st.booleans()):
        for early, late in LATE_TONES.items():
            text = text.replace(early, late)
    text = draw(st.sampled_from([text, plain(text)]))
    gap = draw(st.sampled_from([" ", "  ", "\xa0", "-", " - ", " – ", "", "_", "\t"]))
    text = gap.join(re.split(r"[ -]+", text))
    text = draw(st.sampled_from(PREFIXES)) + text + draw(st.sampled_from(SUFFIXES))
    if draw(st.booleans()):
        text = text.replace("Đ", "Ð")
    change = st.sampled_from([str.upper, str.lower, str])
    form = st.sampled_from(["NFC", "NFD"])
    chars = [unicodedata.normalize(draw(form), draw(change)(char)) for char in text]
    return name, " " * draw(st.integers(0, 2)) + "".join(chars) + draw(st.sampled_from(["", "\n"]))


@given(spelled())
def test_any_spelling_of_a_province_finds_it(case):
    name, text = case
    assert resolve(text) == name


alphabet = st.sampled_from(sorted(set("".join(NAMES)) | set("0123456789.-– ")))
anything = st.one_of(
    st.text(), st.text(alphabet), st.integers(), st.floats(), st.none(), st.binary(), st.booleans()
)


@given(anything, st.sampled_from(units.UNIT_TYPES))
def test_anything_else_raises_unknown_unit_and_nothing_but_that(value, unit_type):
    try:
        name = resolve(value, unit_type)
    except UnknownUnit as error:
        assert str(error).isprintable()
    else:
        assert resolve(name, unit_type) == name


TONES = "\u0300\u0301\u0303\u0309\u0323"


@given(st.sampled_from(NAMES), st.data())
def test_one_wrong_tone_is_never_taken_for_the_name(name, data):
    """Change, add or drop the tone of one vowel in a name that keeps another mark."""
    syllables = name.split(" ")
    place = data.draw(st.integers(0, len(syllables) - 1))
    bare = "".join(c for c in unicodedata.normalize("NFD", syllables[place]) if c not in TONES)
    vowels = [i for i, char in enumerate(bare) if char.lower() in "aeiouy"]
    assume(vowels)
    at = data.draw(st.sampled_from(vowels)) + 1
    while at < len(bare) and unicodedata.combining(bare[at]):
        at += 1
    syllables[place] = bare[:at] + data.draw(st.sampled_from(["", *TONES])) + bare[at:]
    wrong = unicodedata.normalize("NFC", " ".join(syllables))
    found = {units._key(form) for form in (name, *units._OTHER_NAMES.get(units.code(name), ()))}
    assume(units._key(wrong) not in found)
    assume(any(unicodedata.combining(char) for char in unicodedata.normalize("NFD", wrong)))
    assert f'There is no province "{wrong}"' in message(wrong)
