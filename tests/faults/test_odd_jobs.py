"""Jobs that end in an unusual way, and responses about them in unusual shapes."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from local.openai_emulator import Effect, EmulatorConfig, Rule
from local.openai_emulator.config import Quirk
from shared.config.settings import Settings
from shared.domain.states import BatchStatus
from shared.openai_batch.remote_batches import RemoteBatches
from shared.openai_batch.remote_errors import Refused
from shared.results.staging import stage
from tests.world import World, make_world

QUIRKS = (Quirk.EMPTY_IDS, Quirk.NULL_COUNTS, Quirk.CAPITAL_STATUS, Quirk.FAILED_MOMENTS)
Make = Callable[[Quirk | None], AbstractContextManager[World]]


@pytest.fixture
def odd(storage_settings: Settings, tmp_path: Path) -> Make:
    def make(quirk: Quirk | None) -> AbstractContextManager[World]:
        quirks = frozenset({quirk} if quirk else ())
        return make_world(
            storage_settings, tmp_path, EmulatorConfig(data=tmp_path, port=0, job_seconds=60, quirks=quirks)
        )

    return make


def on_job(**effect: object) -> Rule:
    return Rule(on="job", effect=Effect.model_validate(effect))


def driven(world: World, *rules: Rule) -> World:
    world.fill(2)
    world.emulator.faults(*rules)
    world.drive(world.prepare().batch_id)
    assert world.emulator.ledger()["files"]["present"] == 0
    return world


def counts(world: World) -> tuple[BatchStatus, dict[str, int]]:
    [batch] = world.services.batches.page(2)
    assert batch.counts.total == batch.request_count == 14
    assert batch.counts.stored == world.emulator.ledger()["requests"]["charged"]
    return batch.status, {str(name): count for name, count in batch.counts.by_outcome.items()}


@pytest.mark.parametrize("quirk", [None, *QUIRKS])
def test_a_job_of_which_every_request_failed(odd: Make, quirk: Quirk | None) -> None:
    with odd(quirk) as world:
        driven(world, Rule(on="request", effect=Effect(status=500), times=None))
        assert counts(world) == (BatchStatus.COMPLETED, {"request_failed": 14})


@pytest.mark.parametrize("quirk", [None, *QUIRKS])
@pytest.mark.parametrize("effect", [{}, {"expire_at": 0.5}])
def test_answers_whose_files_are_named_late(odd: Make, quirk: Quirk | None, effect: dict[str, float]) -> None:
    with odd(quirk) as world:
        driven(world, on_job(output_delay=1200, **effect))
        status, by_outcome = counts(world)
        assert status == (BatchStatus.EXPIRED if effect else BatchStatus.COMPLETED)
        assert by_outcome == ({"stored": 7, "expired": 7} if effect else {"stored": 14})


def test_answers_whose_files_are_never_named(odd: Make) -> None:
    with odd(None) as world:
        world.fill(2)
        world.emulator.faults(on_job(output_delay=1e8))
        batch = world.drive(world.prepare().batch_id)
        assert batch.counts.by_outcome == {"missing": 14}
        assert "named no file" in (batch.error_message or "")


@pytest.mark.parametrize("content", [b"", b"\n \r\n"])
def test_an_error_file_that_says_nothing(odd: Make, monkeypatch: pytest.MonkeyPatch, content: bytes) -> None:
    """The file exists and has no result line: every request has its answer in the output file."""
    real = RemoteBatches.download
    with odd(None) as world:
        world.fill(2)
        batch = world.drive(world.prepare().batch_id, until=BatchStatus.INGESTING)
        named = {"error_file_id": "file-empty"}
        world.services.batches.modify(batch.batch_id, lambda current: current.model_copy(update=named))

        def download(self: RemoteBatches, file_id: str) -> Iterator[bytes]:
            return iter([content]) if file_id == "file-empty" else real(self, file_id)

        monkeypatch.setattr(RemoteBatches, "download", download)
        world.drive(batch.batch_id)
        assert counts(world) == (BatchStatus.COMPLETED, {"stored": 14})


def test_a_result_file_that_is_gone(odd: Make) -> None:
    with odd(None) as world:
        world.fill(2)
        batch = world.drive(world.prepare().batch_id, until=BatchStatus.INGESTING)
        RemoteBatches(world.settings).delete_file(batch.output_file_id or "")
        tries = 0
        while not world.services.batches.get(batch.batch_id).result_file:
            try:
                stage(world.services, batch.batch_id)
            except Refused:
                tries += 1
        assert tries == 5
        assert world.drive(batch.batch_id).counts.by_outcome == {"missing": 14}


def test_a_job_that_fails_half_way_keeps_what_azure_still_gives(odd: Make) -> None:
    with odd(None) as world:
        world.fill(2)
        world.emulator.faults(on_job(fail_at=0.5, code="internal_error", message="Azure stumbled."))
        batch = world.drive(world.prepare().batch_id)
        job = world.emulator.ledger()["jobs"][0]
        assert batch.status == BatchStatus.FAILED
        assert batch.counts.total == batch.request_count
        assert batch.counts.stored == (job["requests_completed"] if job["output_file_id"] else 0)
