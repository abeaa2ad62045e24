"""Faults during the online round of a run: only calls in flight may be paid twice.

The points and faults are those of the matrix. The matrix requires that every answer is paid once. Online
calls have no idempotency key, so they cannot meet that rule. This test states how many answers may be paid
twice at each point.
"""

import random
from itertools import dropwhile

import pytest

from local.openai_emulator import Effect, Rule
from tests.faults.harness.ends import End, look
from tests.faults.harness.points import Fault, Injector, Point
from tests.faults.harness.scenarios import LOCALES, Names, imported, play_run
from tests.faults.harness.shop import Shop
from tests.world import World

SEED = 3
CONCURRENT = 2
_SAMPLE = 7


@pytest.fixture
def world(world: World) -> World:
    world.set(
        azure_openai_online_deployment_name="gpt-41-online",
        straggler_max_requests=10,
        wait_cost_per_hour=100.0,
        online_concurrent_calls=CONCURRENT,
        locales=LOCALES,
    )
    return world


def play(world: World, seed: str, *faults: tuple[Point, Fault]) -> tuple[End, Injector]:
    """Play a run of which three requests fail in the batch, and a second run for what the faults left."""
    names, injector, shop = Names(seed), Injector(), Shop(world)
    imported(shop, names)
    fails = Rule(
        on="request", match={"product": seed, "custom_id": "-1$|0-0$"}, effect=Effect(status=500), times=3
    )
    world.emulator.faults(fails)
    injector.targets = dict(faults)
    shop.arm(injector)
    play_run(shop, names)  # ends when the online batches exist
    shop.settle_down()
    world.emulator.clear_faults()
    world.emulator.advance(3 * 3600)
    play_run(shop, names, 2)
    shop.settle_down()
    return look(shop, names, names.once()), injector


def points_of_the_round(seen: list[Point]) -> list[Point]:
    """Return the points that write while online batches are built and sent, from the first selection on."""
    since = dropwhile(lambda point: point.call != "exists selection" or point.step != "check run", seen)
    points = dict.fromkeys(point for point in since if point.step in ("check run", "submit"))
    return [point for point in points if point.writes]


def cases(seen: list[Point]) -> list[tuple[Point, Fault]]:
    return [(point, fault) for point in points_of_the_round(seen) for fault in point.faults]


def allowed_duplicates(point: Point) -> int:
    """Return how many answers may be paid twice after a fault at this point."""
    return CONCURRENT if point.step == "submit" else 0


@pytest.mark.timeout(400)  # half a minute of work, on a busy machine a few times that
def test_a_fault_anywhere_pays_twice_for_no_more_than_was_in_flight(world: World) -> None:
    # The first run creates the row of the rate limiter. Only the second run sees the usual points.
    for number, seed in enumerate(("first", "calm"), 1):
        end, injector = play(world, seed)
        assert end.good, end
        assert world.emulator.ledger()["requests"]["online"] == 3 * number
    found = list(cases(injector.seen))
    assert {point.step for point, _ in found} == {"submit", "check run"}
    dice = random.Random(SEED)
    kills = [case for case in found if case[1] in (Fault.KILL_AFTER, Fault.TWICE) and case[0].is_remote]
    for number, (point, fault) in enumerate([*dice.sample(kills, 2), *dice.sample(found, _SAMPLE)]):
        end, injector = play(world, f"f{number}", (point, fault))
        assert injector.struck == [point], f"{point} {fault}"
        assert (end.lost, end.problems) == (0, []), f"{point} {fault}: {end}"
        assert end.duplicated <= allowed_duplicates(point), f"{point} {fault}: {end}"
