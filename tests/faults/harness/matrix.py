"""Runs of scenarios with faults, one after another, and what came of them."""

import random
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from unittest import mock

from pydantic import SecretStr

from local.openai_emulator import EmulatorConfig
from shared.settings import Settings
from tests.conftest import make_settings
from tests.faults.harness.ends import End, look
from tests.faults.harness.points import Fault, Injector, Point
from tests.faults.harness.scenarios import LOCALES, SCENARIOS, Names, Scenario
from tests.faults.harness.shop import Shop
from tests.world import World, make_world

# Of a call that a step makes many times, the first ones stand for all.
_MOST_OF_A_CALL = 2
# The step that costs money is struck at every call of its first batch.
_MOST_OF_A_SUBMISSION = 8
# Small transactions, so that a step writes several of them and can stop between two.
_OPERATIONS = 4
_BY_NAME = {scenario.name: scenario for scenario in SCENARIOS}

# A case by the name of its scenario.
Plain = tuple[str, tuple[tuple[Point, Fault], ...]]


@dataclass(frozen=True)
class Case:
    """A scenario and what goes wrong in it: one fault, or several."""

    scenario: Scenario
    faults: tuple[tuple[Point, Fault], ...] = ()

    def __str__(self) -> str:
        said = ", ".join(f"{point} {fault}" for point, fault in self.faults)
        return f"{self.scenario.name}: {said or 'no fault'}"


def play(world: World, case: Case, seed: str) -> tuple[End, Injector]:
    """Play a case under names of its own; the end, and what the injector saw."""
    names, injector = Names(seed, case.scenario.wide), Injector(dict(case.faults))
    shop = Shop(world)
    try:
        case.scenario.before(shop, names)
        shop.arm(injector)
        case.scenario.act(shop, names)
        end = look(shop, names, case.scenario.times(names))
    except AssertionError as error:
        end = End(problems=[str(error)])
    finally:
        world.emulator.clear_faults()
    if not end.good:
        end.problems += [f"on the way: {said}" for said in shop.said]
    return end, injector


def points(world: World, scenario: Scenario) -> list[Point]:
    """The points of a scenario, in the order in which they are met without faults."""
    end, injector = play(world, Case(scenario), f"r{SCENARIOS.index(scenario)}")
    assert end.good, f"{scenario.name} does not come to its end without faults: {end}"
    most = {"submit": _MOST_OF_A_SUBMISSION}
    return [point for point in injector.seen if point.number <= most.get(point.step, _MOST_OF_A_CALL)]


def single_faults(points_of: dict[str, list[Point]]) -> list[Case]:
    """Every fault at every point, in the first scenario that has the point."""
    first: dict[Point, Scenario] = {}
    for scenario in SCENARIOS:
        for point in points_of[scenario.name]:
            first.setdefault(point, scenario)
    return [Case(scenario, ((point, fault),)) for point, scenario in first.items() for fault in point.faults]


def double_faults(points_of: dict[str, list[Point]], count: int, seed: int) -> list[Case]:
    """Seeded pairs of faults within one scenario."""
    dice = random.Random(seed)
    cases = []
    for _ in range(count):
        scenario = dice.choice(SCENARIOS)
        pair = dice.sample(points_of[scenario.name], 2)
        cases.append(Case(scenario, tuple((point, dice.choice(point.faults)) for point in pair)))
    return cases


@contextmanager
def worlds(connection: str, tag: str) -> Iterator[Iterator[World]]:
    """Makes one world after another; each is closed when the next is asked for."""

    def make() -> Iterator[World]:
        number = 0
        while True:
            number += 1
            with (
                tempfile.TemporaryDirectory() as data,
                make_world(
                    _settings(connection, f"{tag}{number}"), Path(data), _emulator(Path(data))
                ) as world,
            ):
                yield world

    made = make()
    with mock.patch("shared.storage.table.MAX_OPERATIONS", _OPERATIONS):
        try:
            yield made
        finally:
            made.close()  # type: ignore[attr-defined]


def _settings(connection: str, name: str) -> Settings:
    return make_settings(
        storage_connection_string=SecretStr(connection),
        table_prefix=name,
        blob_container=name,
        locales=LOCALES,
        segment_bytes=10_000,
    )


def _emulator(data: Path) -> EmulatorConfig:
    return EmulatorConfig(data=data, port=0, job_seconds=60)


def play_all(connection: str, plain: list[Plain]) -> list[tuple[End, bool]]:
    """Play some cases in a world of their own; one that ends badly spoils it for the next."""
    ends: list[tuple[End, bool]] = []
    with worlds(connection, new_tag()) as made:
        world = next(made)
        for number, (name, faults) in enumerate(plain):
            end, injector = play(world, Case(_BY_NAME[name], faults), f"k{number}")
            ends.append((end, bool(injector.struck)))
            world = world if end.good else next(made)
    return ends


def plain(cases: list[Case]) -> list[Plain]:
    """Cases as they go to another process."""
    return [(case.scenario.name, case.faults) for case in cases]


def new_tag() -> str:
    """Something to begin the names of worlds with that nobody else has."""
    return f"f{uuid.uuid4().hex[:8]}"
