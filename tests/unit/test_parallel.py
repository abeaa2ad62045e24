"""The threads for network calls."""

import pytest

from shared.persistence.parallel import later, map_ordered


def test_results_keep_their_order() -> None:
    assert list(map_ordered(lambda number: number * 2, range(100))) == [number * 2 for number in range(100)]


def test_a_nested_call_is_refused_before_it_can_wait_for_ever() -> None:
    with pytest.raises(RuntimeError, match="must not wait for the pool"):
        later(lambda: list(map_ordered(str, [1]))).result()
