"""A run until decided claims nothing wrong more often than it may, and saves answers where a difference is large."""

import numpy as np
import pytest

from benchmarks.until_decided import Case, counted, simulated


def test_facts_are_counted_round_by_round() -> None:
    """Three facts in the first round: one won, one lost, one alike; two more in the second, both won."""
    won = np.array([[True, False, True, True, True]])
    lost = np.array([[False, True, True, False, False]])
    assert counted(won, lost, [3, 5]).tolist() == [[[1, 1, 1]], [[1, 1, 3]]]


@pytest.mark.parametrize(("right", "alike"), [(0.5, 0.0), (0.5, 0.9), (0.9, 0.5), (0.1, 0.5)])
def test_equal_methods_are_seldom_told_apart(right: float, alike: float) -> None:
    """500 runs each: 5 % would be 25 of them; chance alone reaches 34 in one of forty."""
    found = simulated(Case((right, right), ((1 - right) / 2,) * 2, alike, 300), 500, 0)
    assert found.wrong_claim.sum() <= 25
    assert found.left_out.sum() <= 25


def test_half_the_answers_are_saved_where_15_points_lie_between_them() -> None:
    """500 planned, a third of the facts answered differently: the better of three is found, at half the questions."""
    found = simulated(case := Case((0.6, 0.45, 0.45), (0.2,) * 3, 0.5, 500), 500, 0)
    assert case.discordant == pytest.approx(0.33)
    assert (found.winner == 0).mean() > 0.9
    assert found.asked.mean() < 0.5 * 500
    assert not (found.winner > 0).any()
