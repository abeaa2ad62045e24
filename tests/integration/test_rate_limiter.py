"""Turns of the rate limiter: evenly spaced, whichever worker takes them, on a virtual clock."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from itertools import pairwise

import pytest

from shared.capacity.rate_limiter import RateLimiter, Turn
from shared.domain import clock
from shared.persistence.storage_account import StorageAccount
from shared.services import Services
from tests.examples import NOW


class ManualClock:
    """A clock that only tests move."""

    now: datetime = NOW

    def move(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


@pytest.fixture
def manual() -> Iterator[ManualClock]:
    made = ManualClock()
    with clock.use(lambda: made.now, made.move):
        yield made


def limiter(services: Services, per_minute: int) -> RateLimiter:
    return RateLimiter(StorageAccount(services.settings).table("reservations"), "p", per_minute)


def test_turns_are_spaced_and_an_idle_time_gives_no_burst(services: Services, manual: ManualClock) -> None:
    turns = limiter(services, 12)
    assert [turns.take(60) for _ in range(3)] == [Turn(0, True), Turn(5, True), Turn(10, True)]
    manual.move(600)
    assert [turns.take(60), turns.take(60)] == [Turn(0, True), Turn(5, True)]


def test_a_turn_that_is_too_late_for_the_caller_is_not_taken(services: Services, manual: ManualClock) -> None:
    turns = limiter(services, 1)
    assert turns.take(10) == Turn(0, True)
    assert [turns.take(10), turns.take(10)] == [Turn(60, False)] * 2
    manual.move(55)
    assert turns.take(10) == Turn(5, True)


def test_a_pause_that_the_service_asks_for_holds_all_workers_and_is_never_shortened(
    services: Services, manual: ManualClock
) -> None:
    one, other = limiter(services, 60), limiter(services, 60)
    one.take(0)
    other.hold(90)
    one.hold(30)
    assert one.take(60) == Turn(90, False)
    manual.move(90)
    assert one.take(0) == Turn(0, True)


@pytest.mark.usefixtures("manual")
def test_workers_that_race_share_the_turns(services: Services) -> None:
    with ThreadPoolExecutor(8) as pool:
        turns = list(pool.map(lambda _: limiter(services, 60).take(100).seconds, range(24)))
    assert [later - earlier for earlier, later in pairwise(sorted(turns))] == [1.0] * 23
