"""What a batch costs while it waits a day: history events, and requests to storage and to Azure OpenAI.

The steps are the app's own, on Azurite and the emulator, on a virtual clock; the waits that they ask for are
then played to the orchestrator in the local host, whose histories are counted.

    python -m pytest -m benchmark -s tests/benchmarks/pipeline/test_waiting.py
"""

from collections import Counter
from pathlib import Path
from typing import Any

import azure.durable_functions as df
import azure.functions as func
import pytest

from local.host.functions import load
from local.openai_emulator import EmulatorConfig
from orchestrators import batch_lifecycle
from shared.config.settings import Settings
from shared.domain import clock as app_clock
from shared.domain.states import BatchStatus
from shared.workflow.names import (
    BATCH_LIFECYCLE,
    CHECK_BATCH,
    INGEST_SEGMENT,
    SETTLE_BATCH,
    STAGE_RESULTS,
    SUBMIT_BATCH,
    lifecycle_input,
)
from shared.workflow.next_step import Step
from tests.benchmarks.pipeline.material import say
from tests.storage_requests import storage_requests
from tests.unit.host.hosting import Hosted, on_host
from tests.world import make_world

pytestmark = [pytest.mark.benchmark, pytest.mark.timeout(600)]

DAY = 24 * 3600
# A batch of this many segments at its end; 8 MB each.
SEGMENTS = 75
# Histories are short between two looks, so nothing of them is missed.
_SAMPLE_SECONDS = 60


def test_a_day_of_waiting(storage_settings: Settings, tmp_path: Path) -> None:
    steps, requests = _steps_of_a_day(storage_settings, tmp_path)
    events: Counter[str] = Counter()
    on_host(_app(steps), tmp_path / "host", lambda h: _live(h, events))
    checks = sum(step["next"] == CHECK_BATCH for step in steps)
    say(
        f"\na batch that waits 24 h is looked at {checks} times: {len(requests)} requests to storage "
        f"({dict(Counter(requests))}), {checks} to Azure OpenAI; "
        f"{sum(events.values()):,} history events in {len(events)} generations, "
        f"at most {max(events.values())} at a time, the {SEGMENTS} segments at its end included"
    )


def _steps_of_a_day(settings: Settings, folder: Path) -> tuple[list[Step], list[str]]:
    """What each step returned until the results are there, and the methods of the requests to storage."""
    steps: list[Step] = []
    with make_world(settings, folder, EmulatorConfig(data=folder, port=0, job_seconds=DAY)) as world:
        world.fill(1)
        batch_id = world.prepare().batch_id
        step = Step(next=SUBMIT_BATCH, wait_seconds=0)
        with storage_requests() as seen:
            while step["next"] != STAGE_RESULTS:
                world.emulator.advance(step["wait_seconds"])
                step = world.step(batch_id, step["next"])
                steps.append(step)
        assert world.services.batches.get(batch_id).status == BatchStatus.INGESTING
        assert world.clock.now() >= DAY
    return steps, [method for method, _ in seen.sent]


def _app(steps: list[Step]) -> Any:
    """The lifecycle with activities that say these steps."""
    app = df.DFApp(http_auth_level=func.AuthLevel.ANONYMOUS)
    app.register_functions(batch_lifecycle.bp)
    returned = iter(steps)

    def add(name: str, answer: Any) -> None:
        def activity(value: Any) -> Any:  # noqa: ARG001
            return answer()

        activity.__name__ = name
        app.activity_trigger(input_name="value", activity=name)(activity)

    for name in (SUBMIT_BATCH, CHECK_BATCH):
        add(name, lambda: next(returned))
    add(STAGE_RESULTS, lambda: SEGMENTS)
    add(INGEST_SEGMENT, lambda: 0)
    add(SETTLE_BATCH, lambda: "completed")
    globals()["waiting_app"] = app
    return load(f"{__name__}:waiting_app")


async def _live(h: Hosted, events: Counter[str]) -> None:
    """Run the lifecycle to its end; `events` has the length of each generation's history."""
    with app_clock.use(h.clock.now):
        await h.start(BATCH_LIFECYCLE, lifecycle_input("b"), "batch-b")
        await h.settle()
        while True:
            instance = h.instance("batch-b")
            events[instance.execution_id] = max(events[instance.execution_id], len(h.history("batch-b")))
            if instance.is_terminal:
                assert instance.output == '"completed"'
                return
            await h.wait(seconds=_SAMPLE_SECONDS)
