"""Managing instances with the SDK's client: start with a used id, suspend, terminate, purge, status."""

from datetime import timedelta
from typing import Any

import azure.durable_functions as df
import azure.functions as func
import pytest
from azure.durable_functions import OrchestrationRuntimeStatus as Status

from local.host.functions import load
from tests.unit.host.hosting import START, Hosted, hosted

app = df.DFApp(http_auth_level=func.AuthLevel.ANONYMOUS)


@app.activity_trigger(input_name="value")
def step(value: Any) -> Any:
    return value


@app.orchestration_trigger(context_name="context")
def work(context: df.DurableOrchestrationContext) -> Any:
    context.set_custom_status({"doing": "step"})
    result = yield context.call_activity("step", context.get_input())
    context.set_custom_status({"doing": "waiting"})
    yield context.wait_for_external_event("end")
    return result


@app.orchestration_trigger(context_name="context")
def poll(context: df.DurableOrchestrationContext) -> Any:
    for _ in range(3):
        yield context.create_timer(context.current_utc_datetime + timedelta(minutes=1))
    return context.current_utc_datetime.isoformat()


@app.orchestration_trigger(context_name="context")
def quick(context: df.DurableOrchestrationContext) -> Any:
    return context.get_input()


FUNCTIONS = load(f"{__name__}:app")


async def _status(h: Hosted, instance_id: str) -> Status:
    return (await h.client.get_status(instance_id)).runtime_status


@hosted(FUNCTIONS)
async def test_an_id_is_generated_when_none_is_given(h: Hosted) -> None:
    assert await h.start("quick") != await h.start("quick")


@hosted(FUNCTIONS)
async def test_an_input_that_is_not_an_object_arrives(h: Hosted) -> None:
    for value in ("text", 5, [1, 2], None, True):
        assert await h.output("quick", value) == value


@hosted(FUNCTIONS)
async def test_a_start_on_a_running_id_is_refused_and_changes_nothing(h: Hosted) -> None:
    await h.start("work", 1, "taken")
    with pytest.raises(Exception, match=r"instance with the status (Pending|Running) already exists\."):
        await h.start("work", 2, "taken")
    await h.settle()
    with pytest.raises(Exception, match="status Running already exists"):
        await h.start("quick", 2, "taken")
    await h.client.suspend("taken", "")
    with pytest.raises(Exception, match="status Suspended already exists"):
        await h.start("quick", 2, "taken")
    await h.client.resume("taken", "")
    await h.client.raise_event("taken", "end")
    await h.settle()
    assert h.instance("taken").output == "1"


@hosted(FUNCTIONS)
async def test_a_start_on_an_ended_id_begins_afresh(h: Hosted) -> None:
    await h.start("quick", 1, "mine")
    await h.settle()
    await h.start("quick", 2, "mine")
    await h.settle()
    assert h.instance("mine").output == "2"
    assert len(h.host.store.instances()) == 1


@hosted(FUNCTIONS)
async def test_an_unknown_orchestrator_is_refused_by_name(h: Hosted) -> None:
    with pytest.raises(Exception, match="The function 'nobody' doesn't exist") as refused:
        await h.start("nobody")
    assert "'poll', 'quick', 'work'" in str(refused.value)


@hosted(FUNCTIONS)
async def test_the_statuses_of_an_instance_from_start_to_end(h: Hosted) -> None:
    instance_id = await h.start("work", 1)
    assert await _status(h, instance_id) in (Status.Pending, Status.Running)
    await h.settle()
    assert await _status(h, instance_id) == Status.Running
    await h.client.raise_event(instance_id, "end")
    await h.settle()
    assert await _status(h, instance_id) == Status.Completed


@hosted(FUNCTIONS)
async def test_the_custom_status_is_the_last_that_was_set(h: Hosted) -> None:
    instance_id = await h.start("work", 1)
    await h.settle()
    assert (await h.client.get_status(instance_id)).custom_status == {"doing": "waiting"}
    await h.client.raise_event(instance_id, "end")
    await h.settle()
    assert (await h.client.get_status(instance_id)).custom_status == {"doing": "waiting"}


@hosted(FUNCTIONS)
async def test_a_status_has_the_times_of_creation_and_update(h: Hosted) -> None:
    instance_id = await h.start("poll")
    await h.ended(instance_id)
    status = await h.client.get_status(instance_id)
    assert status.created_time == START
    assert status.last_updated_time == START + timedelta(minutes=3)


@hosted(FUNCTIONS)
async def test_an_unknown_instance_has_no_status(h: Hosted) -> None:
    assert not await h.client.get_status("nobody")


@hosted(FUNCTIONS)
async def test_a_suspended_instance_waits_and_then_catches_up(h: Hosted) -> None:
    instance_id = await h.start("poll")
    await h.wait(seconds=30)
    await h.client.suspend(instance_id, "a pause")
    assert await _status(h, instance_id) == Status.Suspended
    await h.wait(minutes=10)
    assert await _status(h, instance_id) == Status.Suspended
    await h.client.resume(instance_id, "on we go")
    await h.settle()
    assert await _status(h, instance_id) == Status.Running
    await h.ended(instance_id)
    # The first timer fired while it was suspended; the second was set at the resume.
    assert h.elapsed() == timedelta(seconds=30) + timedelta(minutes=12)


@hosted(FUNCTIONS)
async def test_an_event_for_a_suspended_instance_is_delivered_at_the_resume(h: Hosted) -> None:
    instance_id = await h.start("work", 1)
    await h.settle()
    await h.client.suspend(instance_id, "")
    await h.client.raise_event(instance_id, "end")
    await h.settle()
    assert await _status(h, instance_id) == Status.Suspended
    await h.client.resume(instance_id, "")
    await h.settle()
    assert await _status(h, instance_id) == Status.Completed


@hosted(FUNCTIONS)
async def test_a_terminated_instance_has_the_reason_as_its_output_and_no_timers(h: Hosted) -> None:
    instance_id = await h.start("poll")
    await h.settle()
    await h.client.terminate(instance_id, "no more")
    status = await h.client.get_status(instance_id)
    assert (status.runtime_status, status.output) == (Status.Terminated, "no more")
    assert h.host.store.next_timer() is None
    assert h.host.store.instances_with_messages() == []
    await h.wait(hours=1)
    assert await _status(h, instance_id) == Status.Terminated


@hosted(FUNCTIONS)
async def test_a_suspended_instance_can_be_terminated(h: Hosted) -> None:
    instance_id = await h.start("poll")
    await h.settle()
    await h.client.suspend(instance_id, "")
    await h.client.terminate(instance_id, "")
    assert await _status(h, instance_id) == Status.Terminated


@hosted(FUNCTIONS)
async def test_ending_what_has_ended_is_no_error_for_the_client(h: Hosted) -> None:
    instance_id = await h.start("quick")
    await h.settle()
    for call in (h.client.terminate, h.client.suspend, h.client.resume):
        await call(instance_id, "late")
    assert await _status(h, instance_id) == Status.Completed
    with pytest.raises(Exception, match="No instance with ID 'nobody' found"):
        await h.client.terminate("nobody", "")


@hosted(FUNCTIONS)
async def test_a_purge_deletes_everything(h: Hosted) -> None:
    instance_id = await h.start("quick")
    await h.settle()
    assert (await h.client.purge_instance_history(instance_id)).instances_deleted == 1
    assert not await h.client.get_status(instance_id)
    assert h.history(instance_id) == []
    assert (await h.client.purge_instance_history(instance_id)).instances_deleted == 0


@hosted(FUNCTIONS)
async def test_a_running_instance_is_not_purged(h: Hosted) -> None:
    instance_id = await h.start("work", 1)
    await h.settle()
    with pytest.raises(Exception, match="unexpected status code 412"):
        await h.client.purge_instance_history(instance_id)
    assert await _status(h, instance_id) == Status.Running


@hosted(FUNCTIONS)
async def test_a_purge_by_time_and_status(h: Hosted) -> None:
    old = await h.start("quick")
    running = await h.start("work", 1)
    await h.wait(hours=1)
    new = await h.start("quick")
    await h.settle()
    purged = await h.client.purge_instance_history_by(
        created_time_from=START - timedelta(days=1),
        created_time_to=START + timedelta(minutes=30),
        runtime_status=[Status.Completed, Status.Failed],
    )
    assert purged.instances_deleted == 1
    assert {instance.id for instance in h.host.store.instances()} == {running, new}
    assert old not in {running, new}


@hosted(FUNCTIONS)
async def test_ended_and_purged_instances_leave_nothing_in_memory(h: Hosted) -> None:
    instance_id = await h.start("work", 1)
    await h.settle()
    assert h.host.engine.turns.histories_held == 1
    await h.client.terminate(instance_id, "")
    assert h.host.engine.turns.histories_held == 0


@hosted(FUNCTIONS)
async def test_a_restart_runs_again_on_the_same_input(h: Hosted) -> None:
    await h.start("quick", {"a": 1}, "mine")
    await h.settle()
    await h.client.restart("mine", restart_with_new_instance_id=False)
    other = (await h.client.restart("mine"))["id"]
    await h.settle()
    assert other != "mine"
    for instance_id in ("mine", other):
        assert (await h.client.get_status(instance_id)).output == {"a": 1}


@hosted(FUNCTIONS)
async def test_instances_are_found_by_status_prefix_and_time(h: Hosted) -> None:
    for name in ("a-1", "a-2", "b-1"):
        await h.start("quick", None, name)
    await h.start("work", None, "a-3")
    await h.settle()
    found = await h.client.get_status_by(runtime_status=[Status.Completed], instance_id_prefix="a-")
    assert [status.instance_id for status in found] == ["a-1", "a-2"]
    assert len(await h.client.get_status_all()) == 4
    assert await h.client.get_status_by(created_time_from=START + timedelta(seconds=1)) == []
