"""Plays scenarios with faults, one after another, and returns how each ended."""

import random
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from unittest import mock

from tests.faults.harness.ends import End, look
from tests.faults.harness.killable import KillableWorld, killable_world
from tests.faults.harness.modes import Mode, world_of
from tests.faults.harness.points import SERVICE_KILLS, Fault, Injector, Point
from tests.faults.harness.scenarios import SCENARIOS, STUMBLE, Names, Scenario
from tests.faults.harness.shop import Shop
from tests.world import World

# Of a call that a step makes many times, only the first ones are struck.
_MOST_OF_A_CALL = 2
# The step that costs money is struck at every call of its first batch.
_MOST_OF_A_SUBMISSION = 8
# Small transactions, so that a step writes several of them and can stop between two.
_OPERATIONS = 4
_BY_NAME = {scenario.name: scenario for scenario in (*SCENARIOS, STUMBLE)}

# A case by the name of its scenario.
Plain = tuple[str, tuple[tuple[Point, Fault], ...]]


@dataclass(frozen=True)
class Case:
    """A scenario and the faults that strike in it."""

    scenario: Scenario
    faults: tuple[tuple[Point, Fault], ...] = ()

    def __str__(self) -> str:
        faults = ", ".join(f"{point} {fault}" for point, fault in self.faults)
        return f"{self.scenario.name}: {faults or 'no fault'}"


def play(world: World, case: Case, seed: str) -> tuple[End, Injector]:
    """Play a case under names of its own. Returns how it ended, and the injector with the calls it saw."""
    names, injector = Names(seed, case.scenario.wide), Injector(dict(case.faults))
    if isinstance(world, KillableWorld):
        injector.kill_service = world.kill
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
        end.problems += [f"on the way: {message}" for message in shop.messages]
    return end, injector


def scenarios_of(mode: Mode) -> tuple[Scenario, ...]:
    """The scenarios that are played in a mode."""
    return (*SCENARIOS, STUMBLE) if mode == Mode.TWO else SCENARIOS


def points(world: World, scenario: Scenario) -> list[Point]:
    """The points of a scenario, in the order in which they are met without faults."""
    end, injector = play(world, Case(scenario), f"r{list(_BY_NAME).index(scenario.name)}")
    assert end.good, f"{scenario.name} does not come to its end without faults: {end}"
    most = {"submit": _MOST_OF_A_SUBMISSION}
    return [point for point in injector.seen if point.number <= most.get(point.step, _MOST_OF_A_CALL)]


def single_faults(points_of: dict[str, list[Point]]) -> list[Case]:
    """Every fault at every point, in the first scenario that has the point."""
    first: dict[Point, Scenario] = {}
    for name, found in points_of.items():
        for point in found:
            first.setdefault(point, _BY_NAME[name])
    return [Case(scenario, ((point, fault),)) for point, scenario in first.items() for fault in point.faults]


def service_kills(points_of: dict[str, list[Point]]) -> list[Case]:
    """The emulator killed at every call to it; Azurite at a step's first and last write, and at every call of
    submitting and ingesting.
    """
    cases: dict[Point, Case] = {}
    for scenario in SCENARIOS:
        edges: dict[str, list[Point]] = {}
        for point in points_of[scenario.name]:
            if point.writes and not point.is_remote:
                edges.setdefault(point.step, []).append(point)
        ends = {end for found in edges.values() for end in (found[0], found[-1])}
        for point in points_of[scenario.name]:
            if point.is_remote:
                cases.setdefault(point, Case(scenario, ((point, Fault.EMULATOR_KILLED),)))
            elif point in ends or point.step in ("submit", "ingest"):
                cases.setdefault(point, Case(scenario, ((point, Fault.AZURITE_KILLED),)))
    return list(cases.values())


def double_faults(points_of: dict[str, list[Point]], count: int, seed: int) -> list[Case]:
    """Seeded pairs of faults within one scenario."""
    dice = random.Random(seed)
    cases = []
    for _ in range(count):
        name = dice.choice(list(points_of))
        pair = dice.sample(points_of[name], 2)
        cases.append(Case(_BY_NAME[name], tuple((point, dice.choice(point.faults)) for point in pair)))
    return cases


@contextmanager
def worlds(connection: str, tag: str, mode: Mode = Mode.FILES) -> Iterator[Iterator[World]]:
    """Makes one world after another. A world is closed when the next one is requested."""

    def make() -> Iterator[World]:
        number = 0
        while True:
            number += 1
            with (
                tempfile.TemporaryDirectory() as data,
                world_of(mode, connection, f"{tag}{number}", Path(data)) as world,
            ):
                yield world

    with _worlds(make()) as made:
        yield made


@contextmanager
def killable_worlds(mode: Mode = Mode.FILES) -> Iterator[Iterator[World]]:
    """The same, with services that can be killed."""

    def make() -> Iterator[World]:
        while True:
            with tempfile.TemporaryDirectory() as data, killable_world(Path(data), mode) as world:
                yield world

    with _worlds(make()) as made:
        yield made


@contextmanager
def _worlds(made: Iterator[World]) -> Iterator[Iterator[World]]:
    with mock.patch("shared.persistence.table.MAX_OPERATIONS", _OPERATIONS):
        try:
            yield made
        finally:
            made.close()  # type: ignore[attr-defined]


def play_all(connection: str, mode: Mode, plain: list[Plain]) -> list[tuple[End, bool]]:
    """Play cases in one world. After a case that ends badly, a new world is made."""
    ends: list[tuple[End, bool]] = []
    kills = any(fault in SERVICE_KILLS for _, faults in plain for _, fault in faults)
    with killable_worlds(mode) if kills else worlds(connection, new_tag(), mode) as made:
        world = next(made)
        for number, (name, faults) in enumerate(plain):
            end, injector = play(world, Case(_BY_NAME[name], faults), f"k{number}")
            ends.append((end, bool(injector.struck)))
            world = world if end.good else next(made)
    return ends


def plain(cases: list[Case]) -> list[Plain]:
    """Cases in a form that can be sent to another process."""
    return [(case.scenario.name, case.faults) for case in cases]


def new_tag() -> str:
    """A unique prefix for the names of worlds."""
    return f"f{uuid.uuid4().hex[:8]}"
