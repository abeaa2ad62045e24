"""External events: expected, early, unknown, and lost with a generation that did not wait for them."""

from typing import Any

import azure.durable_functions as df
import azure.functions as func
import pytest

from local.host.functions import load
from tests.unit.host.hosting import Hosted, hosted

# The SDK warns of an event that the orchestrator does not wait for.
pytestmark = pytest.mark.filterwarnings("ignore:Potential duplicate Task completion")

app = df.DFApp(http_auth_level=func.AuthLevel.ANONYMOUS)


@app.activity_trigger(input_name="value")
def step(value: Any) -> Any:
    return value


@app.orchestration_trigger(context_name="context")
def wait_for(context: df.DurableOrchestrationContext) -> Any:
    value = yield context.wait_for_external_event(context.get_input())
    return value


@app.orchestration_trigger(context_name="context")
def step_first(context: df.DurableOrchestrationContext) -> Any:
    """Waits for `begin`, works, and only then waits for `data`."""
    yield context.wait_for_external_event("begin")
    yield context.call_activity("step", 1)
    value = yield context.wait_for_external_event("data")
    return value


@app.orchestration_trigger(context_name="context")
def generations(context: df.DurableOrchestrationContext) -> Any:
    """Never waits for `data` in its first generation."""
    if context.get_input() == 1:
        yield context.wait_for_external_event("next")
        context.continue_as_new(2)
        return None
    value = yield context.wait_for_external_event("data")
    return value


@app.orchestration_trigger(context_name="context")
def two_of_a_kind(context: df.DurableOrchestrationContext) -> Any:
    first = yield context.wait_for_external_event("data")
    second = yield context.wait_for_external_event("data")
    return [first, second]


FUNCTIONS = load(f"{__name__}:app")


@hosted(FUNCTIONS)
async def test_what_the_client_sends_arrives_as_a_text_of_json(h: Hosted) -> None:
    """The client serialises its data twice, and the orchestrator parses it once (durable-python#295)."""
    instance_id = await h.start("wait_for", "go")
    await h.settle()
    await h.client.raise_event(instance_id, "go", {"a": 1})
    await h.settle()
    assert (await h.client.get_status(instance_id)).output == '{"a": 1}'


@hosted(FUNCTIONS)
async def test_data_that_is_posted_as_json_arrives_as_its_value(h: Hosted) -> None:
    instance_id = await h.start("wait_for", "go")
    await h.settle()
    url = f"{h.host.url}/runtime/webhooks/durabletask/instances/{instance_id}/raiseEvent/go"
    async with h.http.post(url, json={"a": 1}) as answer:
        assert answer.status == 202
    await h.settle()
    assert (await h.client.get_status(instance_id)).output == {"a": 1}


@hosted(FUNCTIONS)
async def test_an_event_of_another_name_changes_nothing(h: Hosted) -> None:
    instance_id = await h.start("wait_for", "go")
    await h.settle()
    await h.client.raise_event(instance_id, "stop", 1)
    await h.settle()
    assert h.instance(instance_id).status == "Running"


@hosted(FUNCTIONS)
async def test_an_early_event_is_kept_until_it_is_waited_for(h: Hosted) -> None:
    instance_id = await h.start("step_first")
    await h.settle()
    await h.client.raise_event(instance_id, "data", 5)
    await h.settle()
    await h.client.raise_event(instance_id, "begin")
    await h.settle()
    assert h.instance(instance_id).output == '"5"'


@hosted(FUNCTIONS)
async def test_an_event_before_the_first_turn_is_kept(h: Hosted) -> None:
    instance_id = await h.start("wait_for", "go")
    await h.client.raise_event(instance_id, "go", 5)
    await h.settle()
    assert h.instance(instance_id).output == '"5"'


@hosted(FUNCTIONS)
async def test_an_event_without_a_waiter_is_dropped_at_continue_as_new(h: Hosted) -> None:
    instance_id = await h.start("generations", 1)
    await h.settle()
    await h.client.raise_event(instance_id, "data", "too early")
    await h.settle()
    await h.client.raise_event(instance_id, "next")
    await h.settle()
    assert h.instance(instance_id).status == "Running", "the event outlived its generation"
    await h.client.raise_event(instance_id, "data", "in time")
    await h.settle()
    assert h.instance(instance_id).output == '"\\"in time\\""'


@hosted(FUNCTIONS)
async def test_an_event_that_comes_after_continue_as_new_is_not_dropped(h: Hosted) -> None:
    """It carries no execution id, so it is delivered to the current generation."""
    instance_id = await h.start("generations", 1)
    await h.settle()
    first = h.instance(instance_id).execution_id
    await h.client.raise_event(instance_id, "next")
    await h.settle()
    assert h.instance(instance_id).execution_id != first
    await h.client.raise_event(instance_id, "data", 5)
    await h.settle()
    assert h.instance(instance_id).status == "Completed"


@hosted(FUNCTIONS)
async def test_events_of_one_name_are_taken_one_after_another(h: Hosted) -> None:
    instance_id = await h.start("two_of_a_kind")
    for value in (1, 2):
        await h.settle()
        await h.client.raise_event(instance_id, "data", value)
    await h.settle()
    assert (await h.client.get_status(instance_id)).output == ["1", "2"]


@hosted(FUNCTIONS)
async def test_an_event_for_an_instance_that_has_ended_or_does_not_exist_is_refused(h: Hosted) -> None:
    instance_id = await h.start("wait_for", "go")
    await h.client.raise_event(instance_id, "go")
    await h.settle()
    with pytest.raises(Exception, match="is gone: either completed or failed"):
        await h.client.raise_event(instance_id, "go")
    with pytest.raises(Exception, match="No instance with ID nobody found"):
        await h.client.raise_event("nobody", "go")
