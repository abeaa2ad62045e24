"""Timers of orchestrations: firing, cancelled, against an event, of an ended generation, and long ones."""

from datetime import timedelta
from typing import Any

import azure.durable_functions as df
import azure.functions as func

from local.host import history
from local.host.functions import load
from tests.unit.host.hosting import START, Hosted, hosted

app = df.DFApp(http_auth_level=func.AuthLevel.ANONYMOUS)


@app.orchestration_trigger(context_name="context")
def wait(context: df.DurableOrchestrationContext) -> Any:
    yield context.create_timer(context.current_utc_datetime + timedelta(**context.get_input()))
    return context.current_utc_datetime.isoformat()


@app.orchestration_trigger(context_name="context")
def race(context: df.DurableOrchestrationContext) -> Any:
    timer = context.create_timer(context.current_utc_datetime + timedelta(hours=1))
    event = context.wait_for_external_event("go")
    first = yield context.task_any([timer, event])
    if first is event:
        if context.get_input() == "cancel":
            timer.cancel()
        # Wait for something else, because an orchestration that has ended has no timers to cancel.
        yield context.wait_for_external_event("end")
        return "event"
    return "timer"


@app.orchestration_trigger(context_name="context")
def generations(context: df.DurableOrchestrationContext) -> Any:
    """`go` ends a generation, whose timer would fire in the next one."""
    number = context.get_input()
    timer = context.create_timer(context.current_utc_datetime + timedelta(hours=1))
    event = context.wait_for_external_event("go")
    first = yield context.task_any([timer, event])
    if first is timer:
        return [number, context.current_utc_datetime.isoformat()]
    context.continue_as_new(number + 1)


@app.orchestration_trigger(context_name="context")
def many(context: df.DurableOrchestrationContext) -> Any:
    now = context.current_utc_datetime
    yield context.task_all([context.create_timer(now + timedelta(seconds=n)) for n in range(100)])
    return context.current_utc_datetime.isoformat()


FUNCTIONS = load(f"{__name__}:app")


def _events(h: Hosted, instance_id: str, kind: int) -> int:
    return sum(event["EventType"] == kind for event in h.history(instance_id))


@hosted(FUNCTIONS)
async def test_a_timer_fires_at_its_time_and_the_orchestration_sees_that_time(h: Hosted) -> None:
    assert await h.output("wait", {"minutes": 10}) == (START + timedelta(minutes=10)).isoformat()


@hosted(FUNCTIONS)
async def test_a_timer_does_not_fire_before_its_time(h: Hosted) -> None:
    instance_id = await h.start("wait", {"minutes": 10})
    await h.wait(minutes=9, seconds=59.999)
    assert h.instance(instance_id).status == "Running"
    await h.wait(seconds=0.001)
    assert h.instance(instance_id).status == "Completed"


@hosted(FUNCTIONS)
async def test_a_timer_in_the_past_fires_at_once(h: Hosted) -> None:
    await h.output("wait", {"minutes": -10})
    assert h.elapsed() == timedelta(0)


@hosted(FUNCTIONS)
async def test_a_timer_of_more_than_six_days_is_split_by_the_sdk(h: Hosted) -> None:
    instance_id = await h.start("wait", {"days": 10})
    await h.ended(instance_id)
    assert h.elapsed() == timedelta(days=10)
    # The SDK waits in parts of three days until at most six days are left.
    assert _events(h, instance_id, history.TIMER_FIRED) == 3


@hosted(FUNCTIONS)
async def test_a_cancelled_timer_does_not_fire(h: Hosted) -> None:
    instance_id = await h.start("race", "cancel")
    await h.settle()
    await h.client.raise_event(instance_id, "go")
    await h.wait(hours=2)
    assert h.host.store.next_timer() is None
    await h.client.raise_event(instance_id, "end")
    await h.settle()
    assert h.instance(instance_id).output == '"event"'
    assert _events(h, instance_id, history.TIMER_FIRED) == 0


@hosted(FUNCTIONS)
async def test_a_timer_that_lost_and_was_not_cancelled_fires_without_effect(h: Hosted) -> None:
    instance_id = await h.start("race", "leave")
    await h.settle()
    await h.client.raise_event(instance_id, "go")
    await h.wait(hours=2)
    await h.client.raise_event(instance_id, "end")
    await h.settle()
    assert h.instance(instance_id).output == '"event"'
    assert _events(h, instance_id, history.TIMER_FIRED) == 1


@hosted(FUNCTIONS)
async def test_a_timer_that_wins(h: Hosted) -> None:
    assert await h.output("race", "cancel") == "timer"
    assert h.elapsed() == timedelta(hours=1)


@hosted(FUNCTIONS)
async def test_a_timer_of_an_ended_generation_does_not_wake_the_next(h: Hosted) -> None:
    instance_id = await h.start("generations", 1)
    await h.wait(minutes=30)
    await h.client.raise_event(instance_id, "go")
    await h.wait(minutes=31)
    assert h.instance(instance_id).status == "Running", "the first generation's timer ended the second"
    await h.ended(instance_id)
    output = (await h.client.get_status(instance_id)).output
    assert output == [2, (START + timedelta(minutes=90)).isoformat()]


@hosted(FUNCTIONS)
async def test_timers_fire_each_at_its_time(h: Hosted) -> None:
    instance_id = await h.start("many")
    await h.wait(seconds=49.5)
    assert _events(h, instance_id, history.TIMER_FIRED) == 50
    assert (await h.ended(instance_id)).status == "Completed"
    assert h.elapsed() == timedelta(seconds=99)
