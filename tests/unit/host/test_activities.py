"""Activities: sync and async, their results and failures, retries, and fan-outs."""

# ruff: noqa: ARG001, BLE001 - an activity has one input, and a failure's type does not survive
import asyncio
import threading
import time
from collections import Counter
from datetime import timedelta
from pathlib import Path
from typing import Any

import azure.durable_functions as df
import azure.functions as func
import pytest

from local.host import history, turns
from local.host.functions import load
from tests.unit.host.hosting import Hosted, hosted, on_host

app = df.DFApp(http_auth_level=func.AuthLevel.ANONYMOUS)
calls: Counter[str] = Counter()
gate = threading.Event()
RETRY = df.RetryOptions(first_retry_interval_in_milliseconds=5_000, max_number_of_attempts=3)


@app.activity_trigger(input_name="value")
def double(value: Any) -> Any:
    return value * 2


@app.activity_trigger(input_name="value")
def thread_of(value: None) -> str:
    return threading.current_thread().name


@app.activity_trigger(input_name="value")
async def on_the_loop(value: int) -> dict[str, Any]:
    await asyncio.sleep(0)
    return {"value": value, "thread": threading.current_thread().name}


@app.activity_trigger(input_name="value", activity="renamed")
def some_other_name(value: None) -> str:
    return "renamed"


@app.activity_trigger(input_name="value")
def nothing(value: None) -> None:
    return None


@app.activity_trigger(input_name="value")
def fails(value: str) -> None:
    calls[value] += 1
    raise ValueError(f"no luck with {value}")


@app.activity_trigger(input_name="value")
def fails_twice(value: str) -> str:
    calls[value] += 1
    if calls[value] < 3:
        raise ConnectionError("not yet")
    return "third time lucky"


@app.activity_trigger(input_name="value")
def not_json(value: None) -> object:
    return object()


@app.activity_trigger(input_name="value")
def runs_out(value: None) -> int:
    return next(iter(()))


@app.activity_trigger(input_name="value")
def held(value: None) -> None:
    assert gate.wait(10)


@app.activity_trigger(input_name="value")
def slow(value: int) -> int:
    calls["running"] += 1
    calls["most"] = max(calls["most"], calls["running"])
    time.sleep(0.005)
    calls["running"] -= 1
    return value


@app.orchestration_trigger(context_name="context")
def call(context: df.DurableOrchestrationContext) -> Any:
    name, value = context.get_input()
    result = yield context.call_activity(name, value)
    return result


@app.orchestration_trigger(context_name="context")
def catch(context: df.DurableOrchestrationContext) -> Any:
    name, value = context.get_input()
    try:
        result = yield context.call_activity(name, value)
    except Exception as error:
        return str(error)
    return result


@app.orchestration_trigger(context_name="context")
def retry(context: df.DurableOrchestrationContext) -> Any:
    name, value = context.get_input()
    result = yield context.call_activity_with_retry(name, RETRY, value)
    return result


@app.orchestration_trigger(context_name="context")
def fan_out(context: df.DurableOrchestrationContext) -> Any:
    results = yield context.task_all([context.call_activity("slow", n) for n in range(context.get_input())])
    return results


@app.orchestration_trigger(context_name="context")
def fan_out_with_a_failure(context: df.DurableOrchestrationContext) -> Any:
    tasks = [context.call_activity("double", 1), context.call_activity("fails", "fan-out")]
    try:
        yield context.task_all(tasks)
    except Exception as error:
        return str(error).split("\n")[0]


@app.orchestration_trigger(context_name="context")
def parallel_retries(context: df.DurableOrchestrationContext) -> Any:
    tasks = [context.call_activity_with_retry("fails_twice", RETRY, key) for key in ("c", "d", "e")]
    tasks.append(context.call_activity("double", "x"))
    results = yield context.task_all(tasks)
    return results


@app.orchestration_trigger(context_name="context")
def retry_against_a_timer(context: df.DurableOrchestrationContext) -> Any:
    timer = context.create_timer(context.current_utc_datetime + timedelta(seconds=context.get_input()))
    tries = context.call_activity_with_retry("fails_twice", RETRY, "f")
    first = yield context.task_any([timer, tries])
    return "timer" if first is timer else first.result


@app.orchestration_trigger(context_name="context")
def first_of_two(context: df.DurableOrchestrationContext) -> Any:
    tasks = [context.call_activity("double", n) for n in (1, 2)]
    first = yield context.task_any(tasks)
    yield context.task_all(tasks)
    return [first.result, [task.result for task in tasks]]


@app.orchestration_trigger(context_name="context")
def held_against_an_event(context: df.DurableOrchestrationContext) -> Any:
    event = context.wait_for_external_event("go")
    first = yield context.task_any([context.call_activity("held", None), event])
    return "event" if first is event else "activity"


@app.orchestration_trigger(context_name="context")
def not_yielded(context: df.DurableOrchestrationContext) -> Any:
    context.call_activity("fails", "not yielded")
    result = yield context.call_activity("double", 4)
    return result


FUNCTIONS = load(f"{__name__}:app")


@pytest.fixture(autouse=True)
def _no_calls() -> None:
    calls.clear()


@hosted(FUNCTIONS)
async def test_a_result_is_what_the_activity_returned(h: Hosted) -> None:
    for value in (21, "ab", [1, None], 1.5):
        assert await h.output("call", ["double", value]) == value * 2
    assert await h.output("call", ["nothing", None]) is None


@hosted(FUNCTIONS)
async def test_plain_activities_run_in_a_pool_and_async_ones_on_the_loop(h: Hosted) -> None:
    assert (await h.output("call", ["thread_of", None])).startswith("functions")
    answer = await h.output("call", ["on_the_loop", 7])
    assert answer == {"value": 7, "thread": threading.main_thread().name}


@hosted(FUNCTIONS)
async def test_an_activity_is_called_by_its_given_name(h: Hosted) -> None:
    assert await h.output("call", ["renamed", None]) == "renamed"
    caught = await h.output("catch", ["some_other_name", None])
    assert caught.startswith("The activity function 'some_other_name' does not exist.")


@hosted(FUNCTIONS)
async def test_a_failure_surfaces_at_the_yield_with_reason_and_traceback(h: Hosted) -> None:
    reason, traceback = (await h.output("catch", ["fails", "x"])).split(" \n ", 1)
    assert reason == "Activity function 'fails' failed: ValueError: no luck with x"
    assert traceback.startswith("Traceback")
    assert "in fails" in traceback


@hosted(FUNCTIONS)
async def test_a_result_that_is_not_json_is_a_failure(h: Hosted) -> None:
    assert (await h.output("catch", ["not_json", None])).startswith("Activity function 'not_json' failed:")


@hosted(FUNCTIONS)
async def test_a_stop_iteration_is_a_failure_like_any_other(h: Hosted) -> None:
    """A future cannot hold StopIteration, so without the conversion the activity would never end."""
    caught = await h.output("catch", ["runs_out", None])
    assert "RuntimeError: function runs_out raised StopIteration" in caught


@hosted(FUNCTIONS)
async def test_an_uncaught_failure_fails_the_orchestration_with_its_text(h: Hosted) -> None:
    ended = await h.ended(await h.start("call", ["fails", "x"]))
    assert ended.status == "Failed"
    output = (await h.client.get_status(ended.id)).output
    assert output.startswith(
        "Orchestrator function 'call' failed: Activity function 'fails' failed: ValueError: no luck with x"
    )


@hosted(FUNCTIONS)
async def test_a_retry_pauses_and_then_succeeds(h: Hosted) -> None:
    assert await h.output("retry", ["fails_twice", "a"]) == "third time lucky"
    assert calls["a"] == 3
    assert h.elapsed() == timedelta(seconds=10)


@hosted(FUNCTIONS)
async def test_retries_end_with_the_last_failure_after_one_more_pause(h: Hosted) -> None:
    """DurableTask counts attempts after the pause, so a pause follows the last one, too."""
    instance_id = await h.start("retry", ["fails", "b"])
    ended = await h.ended(instance_id)
    assert ended.status == "Failed"
    assert "no luck with b" in str(ended.output)
    assert calls["b"] == RETRY.max_number_of_attempts
    assert h.elapsed() == timedelta(seconds=15)
    kinds = [event["EventType"] for event in h.history(instance_id)]
    assert kinds.count(history.TASK_SCHEDULED) == 3
    assert kinds.count(history.TIMER_CREATED) == 3


@hosted(FUNCTIONS)
async def test_retries_beside_each_other_keep_apart(h: Hosted) -> None:
    assert await h.output("parallel_retries") == ["third time lucky"] * 3 + ["xx"]
    assert (calls["c"], calls["d"], calls["e"]) == (3, 3, 3)
    assert h.elapsed() == timedelta(seconds=10)


@hosted(FUNCTIONS)
async def test_a_retry_races_a_timer(h: Hosted) -> None:
    assert await h.output("retry_against_a_timer", 7) == "timer"
    assert await h.output("retry_against_a_timer", 20) == "third time lucky"


@hosted(FUNCTIONS, concurrent_activities=4)
async def test_a_fan_out_keeps_its_order_and_the_limit_on_activities(h: Hosted) -> None:
    assert await h.output("fan_out", 30) == list(range(30))
    assert 1 < calls["most"] <= 4


@hosted(FUNCTIONS)
async def test_a_fan_out_of_none_is_done_at_once(h: Hosted) -> None:
    """The SDK's result is None, not an empty list."""
    assert await h.output("fan_out", 0) is None


@hosted(FUNCTIONS)
async def test_one_failure_fails_a_task_all(h: Hosted) -> None:
    reason = await h.output("fan_out_with_a_failure")
    assert reason.strip() == "Activity function 'fails' failed: ValueError: no luck with fan-out"


@hosted(FUNCTIONS)
async def test_a_task_any_returns_a_task_that_has_ended_and_does_not_touch_the_others(h: Hosted) -> None:
    first, both = await h.output("first_of_two")
    assert first in both
    assert both == [2, 4]


@hosted(FUNCTIONS)
async def test_many_completions_are_delivered_in_one_turn(h: Hosted) -> None:
    instance_id = await h.start("fan_out", 200)
    await h.ended(instance_id)
    turns = [e for e in h.history(instance_id) if e["EventType"] == history.ORCHESTRATOR_STARTED]
    assert len(turns) < 100


def test_after_a_long_replay_the_results_of_activities_are_collected(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(turns, "_LONG_REPLAY_SECONDS", 0.0)
    monkeypatch.setattr(turns, "_PATIENCE", 1e6)

    async def scenario(h: Hosted) -> None:
        instance_id = await h.start("fan_out", 200)
        await h.ended(instance_id)
        begun = [e for e in h.history(instance_id) if e["EventType"] == history.ORCHESTRATOR_STARTED]
        assert len(begun) == 2

    on_host(FUNCTIONS, tmp_path, scenario)


def test_an_activity_that_still_runs_does_not_hold_back_an_event(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(turns, "_LONG_REPLAY_SECONDS", 0.0)
    gate.clear()

    async def scenario(h: Hosted) -> None:
        instance_id = await h.start("held_against_an_event")
        await h.host.engine.turns.work.idle()
        await h.client.raise_event(instance_id, "go")
        await h.host.engine.turns.work.idle()
        assert h.instance(instance_id).output == '"event"'
        gate.set()

    on_host(FUNCTIONS, tmp_path, scenario)


@hosted(FUNCTIONS)
async def test_an_activity_that_is_not_yielded_is_not_called(h: Hosted) -> None:
    """As in Azure, where the extension receives only the tasks that are yielded."""
    assert await h.output("not_yielded") == 8
    assert calls["not yielded"] == 0
