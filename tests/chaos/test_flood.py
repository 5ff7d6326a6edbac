"""What a flood counts: a loss is a loss also where another webhook is stored that nobody acknowledged."""

from tests.chaos import flood


def test_a_lost_number_is_not_made_up_for_by_another_one() -> None:
    assert flood.held_against([1, 2, 3], iter([1, 2, 3])) == (0, 0)
    assert flood.held_against([1, 2, 3], iter([1, 3, 4])) == (1, 1)
    assert flood.held_against([1, 2], iter([2, 2, 2])) == (1, 0)
