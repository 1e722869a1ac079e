"""The language of what people read: catalogs, numbers, and what happens to a wrong choice."""

import ast
import json
import re

import catalogs
import languages
import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from helpers import language, notebooks, paths, wording


def test_vietnamese_holds_until_another_language_is_chosen():
    assert language.current() == "vi"
    assert wording.score(84.33, "PAR") == "84,33 điểm"
    with language.using("en"):
        assert wording.score(84.33, "PAR") == "84.33 points"
        assert wording.date("2021-06-24") == "24 June 2021"
        assert wording.number(36630.5, 1) == "36,630.5"
    assert language.current() == "vi"


def test_the_language_is_put_back_after_an_error():
    with pytest.raises(ZeroDivisionError), language.using("en"):
        1 / 0  # noqa: B018
    assert language.current() == "vi"


def test_an_unknown_language_is_refused_with_those_that_are_there():
    with pytest.raises(language.UnknownLanguage, match="vi, en"):
        language.use("fr")
    assert language.current() == "vi"


@pytest.mark.parametrize(
    ("places", "english", "vietnamese"),
    [
        (1, "up 1 place", "tăng 1 bậc"),
        (14, "up 14 places", "tăng 14 bậc"),
        (-1, "down 1 place", "giảm 1 bậc"),
        (0, "no change in rank", "giữ nguyên thứ hạng"),
    ],
)
def test_a_number_decides_the_form(places, english, vietnamese):
    assert wording.rank_change(places) == vietnamese
    with language.using("en"):
        assert wording.rank_change(places) == english


def test_the_prose_of_a_notebook_follows_the_language():
    told = new_markdown_cell("công bố", metadata={"en": "published"})
    other = new_markdown_cell("## Toy")
    notebook = new_notebook(cells=[told, other, new_code_cell("x = 1")])
    assert [cell.source for cell in language.translated(notebook, "en").cells] == [
        "published",
        "## Toy",
        "x = 1",
    ]
    assert language.translated(notebook, "vi").cells[0].source == "công bố"
    nbformat.validate(notebook)


def test_every_message_is_translated_and_none_is_stale():
    assert catalogs.problems() == []


def test_an_interval_is_told_from_about_so_many_per_cent():
    """An interval has its kind between "khoảng" and its level, which alone say "about 90%"."""
    texts = [str(message.string) for message in catalogs.stored() if message.id]
    for path in notebooks.files():
        texts += ["".join(c["source"]) for c in json.loads(path.read_text("utf-8"))["cells"]]
    bare = re.compile(r"khoảng (?:\{\w+:\.0%\}|\d+%)", re.IGNORECASE)
    assert bare.search("khoảng 90%") and len(texts) > 1000
    assert [found[0] for text in texts for found in bare.finditer(text)] == []


def test_the_catalog_is_stored_as_it_is_renewed():
    assert catalogs.FILE.read_bytes() == catalogs.renewed()


def test_no_message_escapes_the_extraction():
    """Babel reads tokens; the syntax tree also sees what is called inside another string."""
    found = {message.id for message in catalogs.extracted()}
    found |= {one for ids in found if isinstance(ids, tuple) for one in ids}
    called = set()
    for path in sorted((paths.project_root() / "src").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            named = isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
            if named and node.func.id in {"_", "N_"} and isinstance(node.args[0], ast.Constant):
                called.add(node.args[0].value)
                assert node.args[0].value in found, f"{path.name}, line {node.lineno}"
    plain = {
        message.id
        for message in catalogs.stored()
        if isinstance(message.id, str) and not message.context
        if any(name.endswith(".py") for name, _line in message.locations)
    }
    assert called >= plain - {""} != set()


def test_a_gap_in_the_catalog_is_found(monkeypatch):
    catalog = catalogs.stored()
    catalog.delete("published")
    catalog.add("nobody says this", string="không ai nói thế")
    catalog.get("{value} points").string = "{values} điểm"
    monkeypatch.setattr(catalogs, "stored", lambda: catalog)
    told = "\n".join(catalogs.problems())
    assert "missing: (None, 'published')" in told
    assert "stale, nothing uses it: (None, 'nobody says this')" in told
    assert "other placeholders than its message: (None, '{value} points')" in told


def test_the_vietnamese_of_a_cell_is_that_of_the_catalog(monkeypatch):
    path, english, _ = next(catalogs.prose())
    catalog = catalogs.stored()
    catalog.get(english).string = ""
    monkeypatch.setattr(catalogs, "stored", lambda: catalog)
    assert catalogs.FILE.read_bytes() == catalogs.renewed()
    cells = [(path, english, "## Khác\n\nCâu hỏi"), (path, None, "## Câu hỏi")]
    monkeypatch.setattr(catalogs, "prose", lambda: iter(cells))
    told = catalogs.problems()
    assert f'other Vietnamese, run "update": {path.name}, "## Khác"' in told
    assert f'no English ("en" in its metadata): {path.name}, "## Câu hỏi"' in told


# --- what reads both languages for other tests ---------------------------------------------------


def test_both_languages_are_made_and_seen_with_their_alternative_texts():
    made = (
        '<svg aria-label="{0}"><style>.đ{{}}</style></svg><q lang="vi">tăng</q> <b title="t">x</b>'
    )
    assert languages.both(lambda: made.format(language.current())) == ("x vi t", "x en t")


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("Thanh Hóa is 29th, Bà Rịa - Vũng Tàu higher", []),
        ("the province of Hóa Thanh", ["Hóa"]),
        ("Kết quả in Đắk Lắk", ["Kết", "quả"]),
    ],
)
def test_words_that_are_no_names(text, left):
    assert languages.vietnamese_in(text) == left


def test_the_same_and_other_numbers():
    vi = languages.numbers("ngày 01/7/2025: 84,33 điểm, hạng 29/63, 1.234", "vi")
    assert vi == languages.numbers("no. 29 of 63 with 84.33 on 1 July 2025; 1,234", "en")
    assert vi != languages.numbers("no. 29 of 63 with 84.34 on 1 July 2025; 1,234", "en")
    assert languages.numbers("ngày 01/01/2025", "vi") == languages.numbers("1 January 2025", "en")
    assert languages.numbers("5 và 5", "vi") != languages.numbers("5", "en")
