"""Keys make an order."""

import pytest

from evaluation.preferences.ordering import as_made, ranks_of


@pytest.mark.parametrize(
    ("typed", "count", "ranks"),
    [
        ("2", 2, (2, 1)),
        ("2", 3, (2, 1, 2)),
        ("231", 3, (3, 1, 2)),
        ("2 3 1", 3, (3, 1, 2)),
        ("2=31", 3, (2, 1, 1)),
        ("1=2=3", 3, (1, 1, 1)),
        ("15", 5, (1, 3, 3, 3, 2)),
    ],
)
def test_the_best_comes_first_and_the_rest_is_last(typed: str, count: int, ranks: tuple[int, ...]) -> None:
    assert ranks_of(typed, count) == ranks


@pytest.mark.parametrize("typed", ["", "4", "0", "11", "=1", "1=", "1==2", "x", "1x", "²", "-1"])
def test_anything_else_is_no_order(typed: str) -> None:
    assert ranks_of(typed, 3) is None


def test_ranks_go_back_to_the_order_in_which_answers_were_made() -> None:
    """On the screen stood the answers 2, 0, 1; the first of them was the best, then the third."""
    assert as_made((2, 0, 1), (1, 3, 2)) == (3, 2, 1)
