"""Pauses between tries: they grow with the wait, and no pause is longer than the settings allow."""

from datetime import timedelta

import pytest

from shared.capacity.backoff import backoff_seconds
from tests.conftest import make_settings

SETTINGS = make_settings(quota_backoff_seconds=60, quota_backoff_max_seconds=1800)


@pytest.mark.parametrize(
    ("waited", "seconds"), [(0, 60), (59, 60), (61, 61), (600, 600), (1801, 1800), (1e9, 1800)]
)
def test_a_pause_is_as_long_as_the_wait_so_far_within_the_settings(waited: float, seconds: int) -> None:
    assert backoff_seconds(SETTINGS, timedelta(seconds=waited)) == seconds


@pytest.mark.parametrize(
    ("asked", "waited", "seconds"), [(1, 0, 1), (7, 3, 7), (7, 30, 30), (86_400, 0, 1800)]
)
def test_what_azure_asks_for_replaces_the_shortest_pause_and_not_the_longest(
    asked: int, waited: int, seconds: int
) -> None:
    assert backoff_seconds(SETTINGS, timedelta(seconds=waited), asked) == seconds
