"""A seeded sample of the fault matrix; `make faults` runs all of it."""

import random
import uuid
from collections.abc import Iterator

import pytest

from local.azurite import ACCOUNT_KEY
from shared.persistence.storage_account import TABLES, StorageAccount
from tests.faults.harness.matrix import (
    Case,
    double_faults,
    killable_worlds,
    play,
    points,
    service_kills,
    single_faults,
    worlds,
)
from tests.faults.harness.modes import Mode
from tests.faults.harness.points import SERVICE_KILLS, Fault, Point
from tests.faults.harness.scenarios import SCENARIOS, SECOND, STUMBLE, Scenario
from tests.world import World

# One of each fault and a few more, so that it takes some seconds; another seed is another sample.
SEED = 6
_SINGLES = 14
_PAIRS = 2
_OTHERS = 6
_DIFFER = ("prepare", "submit", "check", "settle")


@pytest.fixture
def made(azurite: str) -> Iterator[Iterator[World]]:
    with worlds(azurite, f"m{uuid.uuid4().hex[:8]}") as made:
        yield made


def sample(points_of: dict[str, list[Point]]) -> list[Case]:
    dice = random.Random(SEED)
    singles = single_faults(points_of)
    faults = [fault for fault in Fault if fault not in SERVICE_KILLS]
    each = [dice.choice([case for case in singles if case.faults[0][1] == fault]) for fault in faults]
    return each + dice.sample(singles, _SINGLES - len(each)) + double_faults(points_of, _PAIRS, SEED)


@pytest.mark.timeout(400)  # half a minute of work, on a busy machine a few times that
def test_every_fault_ends_as_without_the_fault(made: Iterator[World]) -> None:
    points_of = {scenario.name: points(next(made), scenario) for scenario in SCENARIOS}
    steps = {point.step for found in points_of.values() for point in found}
    assert steps >= {
        "import", "requeue", "enter run", "prepare", "leave run", "submit", "check", "stage", "ingest",
        "settle", "check run", "clean-up", "reconcile", "fail run", "fail import", "see import", "wake",
    }  # fmt: skip
    world = next(made)
    for number, case in enumerate(sample(points_of)):
        end, _ = play(world, case, f"s{number}")
        assert end.good, f"{case}: {end}"
    kept = list(everything_kept(world))
    assert len(kept) > 100
    for secret in SECRETS:
        assert not [text for text in kept if secret in text]


@pytest.mark.parametrize(("mode", "scenario"), [(Mode.BLOB, SCENARIOS[0]), (Mode.TWO, STUMBLE)])
def test_other_transfers_and_deployments_end_the_same(azurite: str, mode: Mode, scenario: Scenario) -> None:
    """A few faults in the steps that differ; `python -m tests.faults.harness --mode …` plays more."""
    with worlds(azurite, f"o{uuid.uuid4().hex[:8]}", mode) as made:
        world = next(made)
        singles = single_faults({scenario.name: points(world, scenario)})
        differ = [case for case in singles if case.faults[0][0].step in _DIFFER]
        for number, case in enumerate(random.Random(SEED).sample(differ, _OTHERS)):
            end, injector = play(world, case, f"o{number}")
            assert end.good, f"{case}: {end}"
            assert injector.struck == [case.faults[0][0]]
        batches = world.services.batches.page(100)
        if mode == Mode.BLOB:
            assert world.emulator.ledger()["files"]["uploaded"] == 0
        else:
            assert SECOND in {batch.deployment for batch in batches if batch.counts.stored}


SECRETS = ("emulator-key", "local-key", ACCOUNT_KEY, "sig=")


def everything_kept(world: World) -> Iterator[str]:
    """Every entity and every blob of a world, as text."""
    account = StorageAccount(world.settings)
    for name in TABLES:
        yield from (str(dict(entity)) for entity in account.table(name)._client.list_entities())
    for blob in account.container.list_blobs():
        yield account.container.download_blob(blob.name).readall().decode(errors="replace")


def test_a_service_killed_with_nine_ends_as_without_the_kill() -> None:
    """One kill of each service, drawn by the seed; `make faults` plays them all."""
    with killable_worlds() as made:
        world = next(made)
        points_of = {scenario.name: points(world, scenario) for scenario in SCENARIOS[:1]}
        points_of |= {scenario.name: [] for scenario in SCENARIOS[1:]}
        kills = service_kills(points_of)
        dice = random.Random(SEED)
        for number, fault in enumerate(SERVICE_KILLS):
            case = dice.choice([case for case in kills if case.faults[0][1] == fault])
            end, injector = play(world, case, f"z{number}")
            assert end.good, f"{case}: {end}"
            assert injector.struck == [case.faults[0][0]]
