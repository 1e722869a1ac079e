"""The tool that follows the links between real pages; `.ci/run` does so after a run."""

import links


def test_a_link_is_followed_to_its_page_and_its_place(tmp_path):
    (tmp_path / "en").mkdir()
    (tmp_path / "a.html").write_text(
        '<a href="en/b.html#there">1</a><a href="https://x.example">2</a>'
    )
    (tmp_path / "en/b.html").write_text(
        '<p id="there"><a href="../a.html">1</a><a href="#gone">2</a></p>'
    )
    (tmp_path / "compare-2020.html").write_text('<a href="#38,52">1</a><a href="none.html">2</a>')
    assert links.dead(tmp_path) == ["compare-2020.html: none.html", "en/b.html: #gone"]
