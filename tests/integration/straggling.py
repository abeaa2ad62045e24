"""Settings and helpers for tests of the online fallback."""

import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any

from activities import run_steps
from local.openai_emulator import Effect, Rule
from shared.domain.batch import OpenAIBatch
from shared.domain.run import Run
from shared.online_fallback import online_round
from tests.world import World

ONLINE_SETTINGS = {
    "azure_openai_online_deployment_name": "gpt-41-online",
    "straggler_max_requests": 10,
    "wait_cost_per_hour": 100.0,
    "online_requests_per_minute": 600,
}
CHAT = "chat.completions"


@contextmanager
def recorded_fallback_calls() -> Iterator[list[str]]:
    """Record the names of functions in shared/online_fallback that any thread calls in the `with` block."""
    folder = str(Path(online_round.__file__).parent)
    called: list[str] = []

    def record(frame: FrameType, event: str, _: Any) -> None:
        if event == "call" and frame.f_code.co_filename.startswith(folder):
            called.append(frame.f_code.co_name)

    before = sys.getprofile()
    threading.setprofile(record)
    sys.setprofile(record)
    try:
        yield called
    finally:
        sys.setprofile(before)
        threading.setprofile(before)


def fail_requests(world: World, *custom_ids: str, **effect: Any) -> None:
    """Make these requests of the first batch fail."""
    pattern = f"^({'|'.join(custom_ids)})$"
    effects = Effect(**(effect or {"status": 500}))
    world.emulator.faults(Rule(on="request", match={"custom_id": pattern}, effect=effects, times=None))


def online_calls(world: World, status: int = 200) -> list[dict[str, Any]]:
    """Return the emulator's journal entries of chat completions that it answered with `status`."""
    return [each for each in world.emulator.journal(CHAT) if each["status"] == status]


def online_batch(world: World, run: Run) -> OpenAIBatch:
    """Return the run's only online batch."""
    [online] = [
        batch
        for batch_id in world.services.runs.batch_ids(run.run_id)
        if (batch := world.services.batches.get(batch_id)).is_online
    ]
    return online


def run_to_online_batch(world: World) -> tuple[Run, OpenAIBatch]:
    """Run a batch of which requests fail. Returns the run and the online batch built for those requests."""
    first = world.prepare()
    world.drive(first.batch_id)
    assert not run_steps.check(world.services, first.run_id)
    [batch_id] = online_round.batches_to_start(world.services, first.run_id)
    return world.services.runs.get(first.run_id), world.services.batches.get(batch_id)
