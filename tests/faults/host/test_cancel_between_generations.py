"""A cancel at the very moment of a `continue_as_new`: the app's own lifecycle and run, on the local host.

The turn that ends a generation is held until the cancel is written down and its event is raised. Storage and
the emulated service are real; all three clocks are one.
"""

import asyncio
from collections.abc import Callable, Coroutine, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import azure.durable_functions as df
import pytest

from local.host.virtual_clock import VirtualClock
from shared.config.settings import Settings
from shared.domain import clock as app_clock
from shared.domain.run import Run
from shared.domain.states import BatchStatus, ProductStatus, RunStatus
from shared.workflow.names import GENERATION_RUN, lifecycle_instance, run_instance
from tests.faults.test_cancelling import assert_counts_add_up, request_cancel
from tests.unit.host.hosting import START, Hosted, on_host
from tests.virtual_app import FUNCTIONS, virtual_app
from tests.world import CATEGORY, World
from triggers.start_work import wake_lifecycle

RUN = "run-a"
POLL = timedelta(seconds=60)
# Long enough for several generations of polling.
JOB = timedelta(hours=12)

# The SDK warns of a wake that finds its pause over.
pytestmark = pytest.mark.filterwarnings("ignore:Potential duplicate Task completion")


@pytest.fixture
def host_clock() -> VirtualClock:
    return VirtualClock(START)


@pytest.fixture
def world(storage_settings: Settings, tmp_path: Path, host_clock: VirtualClock) -> Iterator[World]:
    polling = {
        "poll_initial_seconds": int(POLL.total_seconds()),
        "poll_max_seconds": int(POLL.total_seconds()),
    }
    settings = storage_settings.model_copy(update=polling)
    with virtual_app(settings, tmp_path / "openai", host_clock, JOB) as world:
        yield world


def at_a_new_generation(
    monkeypatch: pytest.MonkeyPatch,
    instance_id: str,
    number: int,
    then: Callable[[], Coroutine[Any, Any, None]],
) -> list[str]:
    """Do something, on this loop, while the `number`-th turn of an instance that continues as new is held."""
    real = df.DurableOrchestrationContext.continue_as_new
    loop, seen = asyncio.get_running_loop(), []

    def continue_as_new(self: df.DurableOrchestrationContext, input_: Any) -> None:
        real(self, input_)
        if self.instance_id == instance_id:
            seen.append(instance_id)
            if len(seen) == number:
                asyncio.run_coroutine_threadsafe(then(), loop).result(30)

    monkeypatch.setattr(df.DurableOrchestrationContext, "continue_as_new", continue_as_new)
    return seen


@pytest.mark.parametrize("wakes", [True, False], ids=["event in the same turn", "event lost"])
@pytest.mark.parametrize(("whose", "number"), [("batch", 1), ("batch", 3), ("run", 4)], ids=str)
def test_a_cancel_in_the_turn_that_ends_a_generation(
    world: World,
    host_clock: VirtualClock,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    whose: str,
    number: int,
    wakes: bool,
) -> None:
    ids = world.fill(2)
    world.services.runs.create(Run(run_id=RUN, created_at=app_clock.utcnow(), categories=[CATEGORY]))
    cancelled: list[datetime] = []

    async def scenario(h: Hosted) -> None:
        payload = {"run_id": RUN, "limit": 0, "submit": True, "poll_seconds": int(POLL.total_seconds())}
        await h.start(GENERATION_RUN, payload, run_instance(RUN))
        await h.settle()
        [batch_id] = world.services.runs.batch_ids(RUN)

        async def cancel() -> None:
            assert world.services.batches.get(batch_id).status == BatchStatus.IN_PROGRESS
            request_cancel(world, batch_id)
            cancelled.append(h.clock.now())
            if wakes:
                await wake_lifecycle(h.client, batch_id)

        instance = lifecycle_instance(batch_id) if whose == "batch" else run_instance(RUN)
        at_a_new_generation(monkeypatch, instance, number, cancel)
        await h.clock.advance_until(
            lambda: world.services.batches.get(batch_id).cancel_sent_at is not None,
            h.host.idle,
            at_most=JOB,
        )
        assert h.clock.now() - cancelled[0] <= (timedelta(0) if wakes else POLL)
        await h.ended(run_instance(RUN))
        assert world.services.batches.get(batch_id).status == BatchStatus.CANCELLED
        assert h.instance(lifecycle_instance(batch_id)).output == '"cancelled"'
        assert_counts_add_up(world, batch_id, ids)

    on_host(FUNCTIONS, tmp_path / "host", scenario, host_clock)
    assert len(cancelled) == 1
    assert world.services.runs.get(RUN).status == RunStatus.COMPLETED
    # A cancelled batch leaves what was not answered to the next run, at once.
    waiting = [pid for pid in ids if world.product(pid).openai_processing_status == ProductStatus.PENDING]
    assert world.services.products.due(CATEGORY, app_clock.utcnow(), 10) == waiting
