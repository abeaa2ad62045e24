"""A day of polling on a virtual clock: the number of polls, and the length of the history.

The orchestrators are those of the app. The activities only count their calls.
"""

import asyncio
from collections import Counter
from datetime import timedelta
from pathlib import Path
from typing import Any

import azure.durable_functions as df
import azure.functions as func
import pytest

from local.host import history
from local.host.functions import load
from orchestrators import batch_lifecycle, generation_run
from orchestrators.batch_lifecycle import STEPS_PER_GENERATION
from shared.domain import clock as app_clock
from shared.workflow.names import (
    BATCH_LIFECYCLE,
    CHECK_BATCH,
    CHECK_RUN,
    ENTER_RUN,
    GENERATION_RUN,
    INGEST_SEGMENT,
    LEAVE_PREPARATION,
    LIST_CATEGORIES,
    SETTLE_BATCH,
    STAGE_RESULTS,
    SUBMIT_BATCH,
    WAKE,
    lifecycle_input,
)
from tests.unit.host.hosting import START, Hosted, hosted, on_host

POLL_SECONDS = 120
DAY = timedelta(days=1)
SEGMENTS = 120

app = df.DFApp(http_auth_level=func.AuthLevel.ANONYMOUS)
app.register_functions(batch_lifecycle.bp)
app.register_functions(generation_run.bp)
calls: Counter[str] = Counter()


def during(name: str) -> None:
    """Called while an activity runs. A test may replace it."""


def _activity(name: str, answer: Any) -> None:
    """Register an activity that counts its calls and returns `answer(value)`."""

    def activity(value: Any) -> Any:
        calls[name] += 1
        during(name)
        return answer(value)

    activity.__name__ = name
    app.activity_trigger(input_name="value", activity=name)(activity)


def _checked(_: str) -> dict[str, Any]:
    over = app_clock.utcnow() - START >= DAY
    return {"next": STAGE_RESULTS if over else CHECK_BATCH, "wait_seconds": 0 if over else POLL_SECONDS}


_activity(SUBMIT_BATCH, lambda _: {"next": CHECK_BATCH, "wait_seconds": POLL_SECONDS})
_activity(CHECK_BATCH, _checked)
_activity(STAGE_RESULTS, lambda _: SEGMENTS)
_activity(INGEST_SEGMENT, lambda _: None)
_activity(SETTLE_BATCH, lambda _: "completed")
_activity(ENTER_RUN, lambda _: True)
_activity(LIST_CATEGORIES, lambda _: [])
_activity(LEAVE_PREPARATION, lambda _: None)
_activity(CHECK_RUN, lambda _: app_clock.utcnow() - START >= DAY)

# The SDK warns of a wake that the orchestrator does not wait for.
pytestmark = pytest.mark.filterwarnings("ignore:Potential duplicate Task completion")

FUNCTIONS = load(f"{__name__}:app")


@pytest.fixture(autouse=True)
def _no_calls() -> None:
    calls.clear()


@hosted(FUNCTIONS)
async def test_a_batch_that_takes_a_day(h: Hosted) -> None:
    longest, executions = 0, set[str]()
    with app_clock.use(h.clock.now):
        await h.start(BATCH_LIFECYCLE, lifecycle_input("b"), "batch-b")
        await h.settle()
        while not h.instance("batch-b").is_terminal:
            longest = max(longest, len(h.history("batch-b")))
            executions.add(h.instance("batch-b").execution_id)
            await h.wait(minutes=5)
        executions.add(h.instance("batch-b").execution_id)
    assert h.instance("batch-b").output == '"completed"'
    polls = DAY.total_seconds() / POLL_SECONDS
    assert calls == {
        SUBMIT_BATCH: 1,
        CHECK_BATCH: polls,
        STAGE_RESULTS: 1,
        INGEST_SEGMENT: SEGMENTS,
        SETTLE_BATCH: 1,
    }
    assert len(executions) == polls // STEPS_PER_GENERATION + 1
    # A step is an activity and a timer: two turns of (started, event, scheduled, completed).
    assert longest <= STEPS_PER_GENERATION * 8 + 2
    assert h.elapsed() < DAY + timedelta(minutes=5)


@hosted(FUNCTIONS)
async def test_a_batch_that_is_woken_polls_at_once(h: Hosted) -> None:
    with app_clock.use(h.clock.now):
        await h.start(BATCH_LIFECYCLE, lifecycle_input("b"), "batch-b")
        await h.settle()
        assert calls[CHECK_BATCH] == 0
        await h.client.raise_event("batch-b", WAKE, {})
        await h.settle()
        assert calls[CHECK_BATCH] == 1
        assert h.elapsed() == timedelta(0)
        # The cancelled timer does not cause a second poll.
        await h.wait(seconds=POLL_SECONDS - 1)
        assert calls[CHECK_BATCH] == 1


@pytest.mark.parametrize(("step", "number"), [(SUBMIT_BATCH, 1), (CHECK_BATCH, 1), (CHECK_BATCH, 5)])
def test_a_wake_while_a_step_runs_is_kept_and_wakes_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str, number: int
) -> None:
    """Before the first pause, and after pauses that a timer ended. A second wake changes nothing."""

    async def scenario(h: Hosted) -> None:
        loop = asyncio.get_running_loop()

        async def wake_twice() -> None:
            for _ in range(2):
                await h.client.raise_event("batch-b", WAKE, {})

        def during(name: str) -> None:
            if name == step and calls[name] == number:
                asyncio.run_coroutine_threadsafe(wake_twice(), loop).result(30)

        monkeypatch.setattr(f"{__name__}.during", during)
        await h.start(BATCH_LIFECYCLE, lifecycle_input("b"), "batch-b")
        await h.settle()
        looks = number if step == CHECK_BATCH else 0
        await h.wait(seconds=POLL_SECONDS * looks)
        assert calls[CHECK_BATCH] == looks + 1
        await h.wait(seconds=POLL_SECONDS - 1)
        assert calls[CHECK_BATCH] == looks + 1

    with app_clock.use(lambda: START):
        on_host(FUNCTIONS, tmp_path, scenario)


@hosted(FUNCTIONS)
async def test_a_run_that_takes_a_day(h: Hosted) -> None:
    longest = 0
    with app_clock.use(h.clock.now):
        payload = {"run_id": "r", "limit": 0, "submit": True, "poll_seconds": POLL_SECONDS}
        await h.start(GENERATION_RUN, payload, "run-r")
        while not h.instance("run-r").is_terminal:
            longest = max(longest, len(h.history("run-r")))
            await h.wait(minutes=10)
    assert h.instance("run-r").output == '"ended"'
    assert calls[CHECK_RUN] == DAY.total_seconds() / POLL_SECONDS + 1
    assert longest <= 30 * 8 + 2, "30 checks a generation"
    assert [event["EventType"] for event in h.history("run-r")].count(history.TASK_FAILED) == 0
