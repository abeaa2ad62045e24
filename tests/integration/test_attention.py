"""The reconciler and a batch that does not get on."""

import pytest

from shared.domain.states import BatchStatus
from shared.monitoring.restart_limit import MOST_RESTARTS, reset_restarts
from tests.world import World
from triggers.timers import reconcile_timer


def test_a_batch_that_does_not_get_on_is_left_alone_until_somebody_looks(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.fill(1)
    batch_id = world.drive(world.prepare().batch_id, until=BatchStatus.IN_PROGRESS).batch_id
    told: list[str] = []
    monkeypatch.setattr(reconcile_timer, "notify", lambda _settings, event, *_, **__: told.append(event))

    def needs() -> bool:
        return reconcile_timer._needs_lifecycle(world.services, world.services.batches.get(batch_id))

    for _ in range(MOST_RESTARTS):
        assert needs()
        reconcile_timer._note_restart(world.services, batch_id)
    assert not needs()
    assert told == ["batch_needs_attention"]
    world.services.batches.modify(batch_id, reset_restarts)
    assert needs()
    assert world.drive(batch_id).needs_attention is None
