"""Results kept by the content of what they were made from."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpers.kept import by_content, stored


@dataclass(frozen=True)
class Two:
    first: pd.DataFrame
    second: str


@pytest.fixture
def counted():
    """A function that counts its calls, and the list of them."""
    calls = []

    @by_content(3)
    def double(values, *more, **named):
        calls.append(values)
        return pd.DataFrame({"sum": [float(np.sum(getattr(values, "size", 1)))]})

    return double, calls


def frame(**columns) -> pd.DataFrame:
    return pd.DataFrame(columns or {"a": [1.0, 2.0], "b": ["x", "y"]})


ALIKE = [
    (frame(), frame()),
    (pd.Series([1.0, 2.0], name="a"), pd.Series([1.0, 2.0], name="a")),
    (np.arange(4.0), np.arange(4.0)),
    (Two(frame(), "t"), Two(frame(), "t")),
    ([frame(), 1], [frame(), 1]),
    ("text", "text"),
]
OTHER = [
    (frame(a=[1.0, 2.0]), frame(a=[1.0, 2.5])),
    (frame(a=[1.0, 2.0]), frame(b=[1.0, 2.0])),
    (frame(a=[1, 2]), frame(a=[1.0, 2.0])),
    (frame(a=["x", "y"]), frame(a=["x", "z"])),
    (frame(a=[1.0, 2.0]), frame(a=[1.0, 2.0]).set_axis(["p", "q"])),
    (frame(a=[1.0, np.nan]), frame(a=[1.0, 0.0])),
    (pd.Series([1.0], name="a"), pd.Series([1.0], name="b")),
    (pd.Series([1.0]), pd.DataFrame([1.0])),
    (np.arange(4.0), np.arange(4.0).reshape(2, 2)),
    (np.arange(4), np.arange(4.0)),
    (Two(frame(), "t"), Two(frame(), "u")),
    ([frame(), 1], [frame(), 2]),
]


@pytest.mark.parametrize(("one", "same"), ALIKE)
def test_the_same_content_is_computed_once(counted, one, same):
    function, calls = counted
    pd.testing.assert_frame_equal(function(one), function(same))
    assert len(calls) == 1


@pytest.mark.parametrize(("one", "other"), OTHER)
def test_other_content_is_computed_anew(counted, one, other):
    function, calls = counted
    function(one), function(other)
    assert len(calls) == 2


def test_names_and_places_of_arguments_count(counted):
    function, calls = counted
    function(1, 2), function(1, a=2), function(1, b=2), function(1, b=2)
    assert len(calls) == 3


def test_what_is_done_to_a_result_changes_no_other(counted):
    function, _calls = counted
    first = function(frame())
    before = first.copy()
    first.loc[0, "sum"] = -1.0
    pd.testing.assert_frame_equal(function(frame()), before)


def test_the_oldest_goes_first(counted):
    function, calls = counted
    for value in (1, 2, 3, 4, 2, 3, 4):
        function(value)
    assert calls == [1, 2, 3, 4]
    function(1)
    assert calls == [1, 2, 3, 4, 1]


@given(st.lists(st.lists(st.sampled_from([0.0, 1.0, 2.0]), min_size=2, max_size=2), max_size=12))
def test_it_gives_what_the_function_gives(rows):
    def total(values):
        return values.sum().to_frame()

    kept = by_content(2)(total)
    for row in rows:
        values = pd.DataFrame({"a": row})
        pd.testing.assert_frame_equal(kept(values), total(values))


@pytest.mark.parametrize("hurt", [None, b"", b"half"])
def test_what_is_stored_is_made_once_and_anew_where_it_cannot_be_read(tmp_path, hurt):
    path, made = tmp_path / "new" / "one.pickle.gz", []

    def make():
        made.append(1)
        return Two(frame(), "t")

    first = stored(path, make)
    if hurt is not None:
        path.write_bytes(hurt)
    again = stored(path, make)
    pd.testing.assert_frame_equal(first.first, again.first)
    assert len(made) == (1 if hurt is None else 2) and list(path.parent.iterdir()) == [path]
