"""The whole chain on made-up worlds whose truth is known; see `worlds` for more of them."""

import pytest
import worlds


@pytest.mark.slow
def test_intervals_hold_what_is_true_in_made_up_worlds():
    """A dozen: enough to see an interval that is badly wrong, not one that is a little so."""
    shares = worlds.run(12)
    for index in worlds.PUBLISHED:
        assert shares[f"rank change, {index}"].mean() == pytest.approx(0.9, abs=0.05)
    # With a true 95% (90%), fewer are held in one of 6,000 (500) runs.
    assert shares["correlation"].sum() >= 8
    assert shares["steady rises"].sum() >= 8
