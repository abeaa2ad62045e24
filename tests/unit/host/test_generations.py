"""`continue_as_new`: a new history and the same id. Only the custom status of the old execution is kept."""

from datetime import timedelta
from typing import Any

import azure.durable_functions as df
import azure.functions as func

from local.host.functions import load
from tests.unit.host.hosting import Hosted, hosted

app = df.DFApp(http_auth_level=func.AuthLevel.ANONYMOUS)


@app.activity_trigger(input_name="value")
def step(value: int) -> int:
    return value + 1


@app.orchestration_trigger(context_name="context")
def count(context: df.DurableOrchestrationContext) -> Any:
    number = context.get_input()
    if number == 3:
        context.set_custom_status("three")
    if number == 10:
        return number
    number = yield context.call_activity("step", number)
    context.continue_as_new(number)


@app.orchestration_trigger(context_name="context")
def leave_work_behind(context: df.DurableOrchestrationContext) -> Any:
    """The first generation does not wait for its child. The second must not receive the child's result."""
    if context.get_input() == 1:
        child = context.call_sub_orchestrator("late", None, "late")
        yield context.task_any([child, context.wait_for_external_event("next")])
        context.continue_as_new(2)
        return None
    result = yield context.call_activity("step", 41)
    yield context.create_timer(context.current_utc_datetime + timedelta(hours=2))
    return result


@app.orchestration_trigger(context_name="context")
def late(context: df.DurableOrchestrationContext) -> Any:
    yield context.create_timer(context.current_utc_datetime + timedelta(hours=1))
    return "late"


@app.orchestration_trigger(context_name="context")
def fails_after_continuing(context: df.DurableOrchestrationContext) -> Any:
    yield context.call_activity("step", 1)
    context.continue_as_new(1)
    raise RuntimeError("changed my mind")


@app.orchestration_trigger(context_name="context")
def plain(context: df.DurableOrchestrationContext) -> Any:
    """Not a generator: it yields nothing."""
    if context.get_input() < 3:
        context.continue_as_new(context.get_input() + 1)
        return None
    return "plain"


FUNCTIONS = load(f"{__name__}:app")


@hosted(FUNCTIONS)
async def test_the_next_generation_has_the_input_and_a_new_history(h: Hosted) -> None:
    instance_id = await h.start("count", 0)
    ended = await h.ended(instance_id)
    assert ended.output == "10"
    # Only the events of a turn without tasks: the last generation returned at once.
    assert len(h.history(instance_id)) <= 4


@hosted(FUNCTIONS)
async def test_the_custom_status_is_carried_over(h: Hosted) -> None:
    instance_id = await h.start("count", 0)
    await h.ended(instance_id)
    assert (await h.client.get_status(instance_id)).custom_status == "three"


@hosted(FUNCTIONS)
async def test_the_status_shows_the_input_of_the_last_generation(h: Hosted) -> None:
    instance_id = await h.start("count", 0)
    await h.ended(instance_id)
    assert (await h.client.get_status(instance_id, show_input=True)).input_ == "10"


@hosted(FUNCTIONS)
async def test_late_ends_of_the_old_execution_are_not_delivered(h: Hosted) -> None:
    instance_id = await h.start("leave_work_behind", 1)
    await h.settle()
    await h.client.raise_event(instance_id, "next")
    await h.ended(instance_id)
    assert h.instance("late").status == "Completed"
    assert h.instance(instance_id).output == "42"
    assert "late" not in str(h.history(instance_id))


@hosted(FUNCTIONS)
async def test_a_failure_after_continue_as_new_is_a_failure(h: Hosted) -> None:
    ended = await h.ended(await h.start("fails_after_continuing"))
    assert ended.status == "Failed"
    assert "changed my mind" in str(ended.output)


@hosted(FUNCTIONS)
async def test_an_orchestrator_that_yields_nothing_may_continue_and_return(h: Hosted) -> None:
    assert await h.output("plain", 0) == "plain"
