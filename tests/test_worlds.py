"""The whole chain on made-up worlds whose truth is known; see `worlds`."""

import numpy as np
import pandas as pd
import pytest
import renew_docs
import worlds

from helpers.completion.model import Columns, covariances


def test_the_promise_is_kept_in_two_hundred_made_up_worlds():
    """Of parameters drawn from their prior; of changes of rank to within a percentage point."""
    stored = pd.read_csv(worlds.STORED)
    assert not stored.duplicated(["parameters", "world"]).any()
    held = renew_docs.worlds_held(stored[stored["parameters"] == "drawn"])
    assert (held["worlds"] >= 200).all()
    of_ranks = held.index.str.startswith("change")
    assert held["off"][~of_ranks].abs().max() <= 2, held
    assert (held["share"] - held["promised"])[of_ranks].abs().max() <= 0.01, held


def test_in_worlds_with_fixed_parameters_two_years_are_more_alike_than_the_prior_has_them():
    sipas = Columns(np.array([1, 1]), np.array([2019, 2020]))
    drawn = np.array([worlds.from_prior(number)[0] for number in range(500)])
    within, between = covariances(np.vstack([worlds.THETA, drawn]), sipas)
    whole = within + between[:, 1:2, 1:2]
    fixed, *prior = whole[:, 0, 1] / whole[:, 0, 0]
    assert fixed > np.median(prior) + 0.02


@pytest.mark.slow
@pytest.mark.parametrize("parameters", ["drawn", "fixed"])
def test_stored_worlds_are_what_the_chain_gives(parameters):
    stored = pd.read_csv(worlds.STORED)
    some = stored[stored["parameters"] == parameters].iloc[[0, 1, -1]].reset_index(drop=True)
    again = pd.DataFrame(worlds.run(some["world"], parameters))
    pd.testing.assert_frame_equal(some, again, check_dtype=False, atol=1e-6)
