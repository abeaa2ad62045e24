"""Calls that arrive during a turn: the turn is discarded, or the message is for the next turn.

An orchestrator must never block. Here it does, to hold its turn until the test has acted.
"""

import asyncio
import threading
from typing import Any

import azure.durable_functions as df
import azure.functions as func
import pytest

from local.host import history
from local.host.functions import load
from tests.unit.host.hosting import Hosted, hosted

app = df.DFApp(http_auth_level=func.AuthLevel.ANONYMOUS)
entered, go_on = threading.Event(), threading.Event()


def _hold() -> None:
    entered.set()
    assert go_on.wait(10)


@app.activity_trigger(input_name="value")
def step(value: Any) -> Any:
    return value


@app.orchestration_trigger(context_name="context")
def held(context: df.DurableOrchestrationContext) -> Any:
    if context.get_input() == "first":
        _hold()
    value = yield context.call_activity("step", context.get_input())
    return value


@app.orchestration_trigger(context_name="context")
def held_before_the_next(context: df.DurableOrchestrationContext) -> Any:
    if context.get_input() == "first":
        _hold()
        context.continue_as_new("second")
        return None
    value = yield context.wait_for_external_event("data")
    return value


FUNCTIONS = load(f"{__name__}:app")


@pytest.fixture(autouse=True)
def _not_held() -> None:
    entered.clear()
    go_on.clear()


async def _start_and_hold(h: Hosted, name: str) -> None:
    await h.start(name, "first", "mine")
    assert await asyncio.to_thread(entered.wait, 10)


async def _release(h: Hosted) -> None:
    go_on.set()
    await h.settle()


@hosted(FUNCTIONS)
async def test_a_terminated_instance_stays_terminated(h: Hosted) -> None:
    await _start_and_hold(h, "held")
    await h.client.terminate("mine", "enough")
    await _release(h)
    assert h.instance("mine").status == "Terminated"
    assert history.TASK_SCHEDULED not in [event["EventType"] for event in h.history("mine")]
    assert h.host.store.tasks() == []


@hosted(FUNCTIONS)
async def test_a_purged_instance_stays_purged(h: Hosted) -> None:
    await _start_and_hold(h, "held")
    await h.client.terminate("mine", "enough")
    await h.client.purge_instance_history("mine")
    await _release(h)
    assert h.host.store.instances() == []
    assert h.history("mine") == []
    assert h.host.engine.turns.histories_held == 0


@hosted(FUNCTIONS)
async def test_a_turn_of_the_execution_before_does_not_touch_the_new_one(h: Hosted) -> None:
    await _start_and_hold(h, "held")
    await h.client.terminate("mine", "enough")
    await h.start("held", "again", "mine")
    await _release(h)
    assert h.instance("mine").output == '"again"'


@hosted(FUNCTIONS)
async def test_a_suspension_holds_back_the_turn_after(h: Hosted) -> None:
    await _start_and_hold(h, "held")
    await h.client.suspend("mine", "")
    await _release(h)
    assert h.instance("mine").runtime_status == "Suspended"
    await h.client.resume("mine", "")
    await h.settle()
    assert h.instance("mine").output == '"first"'


@hosted(FUNCTIONS)
async def test_an_event_that_comes_in_the_last_turn_of_a_generation_is_for_the_next(h: Hosted) -> None:
    await _start_and_hold(h, "held_before_the_next")
    await h.client.raise_event("mine", "data", 5)
    await _release(h)
    assert h.instance("mine").output == '"5"'
    begun = [event["EventType"] for event in h.history("mine")][:3]
    assert begun == [history.ORCHESTRATOR_STARTED, history.EXECUTION_STARTED, history.EVENT_RAISED]
