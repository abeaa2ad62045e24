"""Polling until something ends, with a service that restarts or stays away."""

import pytest

from scripts import following
from scripts.following import follow
from scripts.transport import OutOfReach


class Clock:
    """A clock that only `sleep` moves."""

    def __init__(self) -> None:
        self.now = 0.0
        self.pauses: list[float] = []

    def monotonic(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.pauses.append(seconds)
        self.now += seconds


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(following, "time", clock)
    return clock


def test_the_pauses_grow_up_to_15_seconds(clock: Clock) -> None:
    answer = follow(lambda: {"at": clock.now}, lambda seen: bool(seen["at"] > 3600))
    assert answer["at"] > 3600
    assert clock.pauses[0] == 1.0
    assert clock.pauses == sorted(clock.pauses)
    assert clock.pauses[-1] == 15.0


def test_a_restart_of_the_service_is_waited_out(clock: Clock) -> None:
    def look() -> dict[str, object]:
        if 5 < clock.now < 50:
            raise OutOfReach("away")
        return {"done": clock.now >= 50}

    assert follow(look, lambda answer: bool(answer["done"]))["done"]


def test_a_service_that_stays_away_ends_the_watch_after_a_minute(clock: Clock) -> None:
    def look() -> dict[str, object]:
        if clock.now > 5:
            raise OutOfReach("away")
        return {}

    with pytest.raises(OutOfReach):
        follow(look, lambda _: False)
    assert 60 < clock.now < 90


def test_a_service_that_never_answered_is_not_waited_for(clock: Clock) -> None:
    def look() -> dict[str, object]:
        raise OutOfReach("never there")

    with pytest.raises(OutOfReach):
        follow(look, lambda _: True)
    assert clock.pauses == []
