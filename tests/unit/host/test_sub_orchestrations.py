"""Sub-orchestrations: results, failures, retries, chosen ids, and the effect of ending their parents."""

# ruff: noqa: BLE001 - a failure's type does not survive
from datetime import timedelta
from typing import Any

import azure.durable_functions as df
import azure.functions as func

from local.host import history
from local.host.functions import load
from tests.unit.host.hosting import Hosted, hosted

app = df.DFApp(http_auth_level=func.AuthLevel.ANONYMOUS)
RETRY = df.RetryOptions(first_retry_interval_in_milliseconds=60_000, max_number_of_attempts=2)


@app.orchestration_trigger(context_name="context")
def parent(context: df.DurableOrchestrationContext) -> Any:
    request = context.get_input()
    result = yield context.call_sub_orchestrator(request["child"], request.get("input"), request.get("id"))
    return result


@app.orchestration_trigger(context_name="context")
def catching_parent(context: df.DurableOrchestrationContext) -> Any:
    request = context.get_input()
    try:
        yield context.call_sub_orchestrator(request["child"], request.get("input"), request.get("id"))
    except Exception as error:
        return str(error)


@app.orchestration_trigger(context_name="context")
def retrying_parent(context: df.DurableOrchestrationContext) -> Any:
    request = context.get_input()
    result = yield context.call_sub_orchestrator_with_retry(
        request["child"], RETRY, request.get("input"), request.get("id")
    )
    return result


@app.orchestration_trigger(context_name="context")
def parent_of_many(context: df.DurableOrchestrationContext) -> Any:
    results = yield context.task_all(
        [context.call_sub_orchestrator("echo", n) for n in range(context.get_input())]
    )
    return results


@app.orchestration_trigger(context_name="context")
def first_of_two(context: df.DurableOrchestrationContext) -> Any:
    child = context.call_sub_orchestrator("slow", None, "still-running")
    yield context.task_any([child, context.wait_for_external_event("enough")])


@app.orchestration_trigger(context_name="context")
def echo(context: df.DurableOrchestrationContext) -> Any:
    return {
        "input": context.get_input(),
        "parent": context.parent_instance_id,
        "id": context.instance_id,
    }


@app.orchestration_trigger(context_name="context")
def failing(context: df.DurableOrchestrationContext) -> Any:
    yield context.task_all([])  # makes it a generator, whose failures the SDK reports
    raise RuntimeError(f"cannot do {context.get_input()}")


@app.orchestration_trigger(context_name="context")
def slow(context: df.DurableOrchestrationContext) -> Any:
    yield context.create_timer(context.current_utc_datetime + timedelta(minutes=5))
    return "slow"


FUNCTIONS = load(f"{__name__}:app")


@hosted(FUNCTIONS)
async def test_a_child_knows_its_input_and_its_parent(h: Hosted) -> None:
    instance_id = await h.start("parent", {"child": "echo", "input": {"a": [1]}})
    await h.ended(instance_id)
    output = (await h.client.get_status(instance_id)).output
    assert output["input"] == {"a": [1]}
    assert output["parent"] == instance_id
    assert h.instance(output["id"]).parent_id == instance_id


@hosted(FUNCTIONS)
async def test_an_id_that_is_not_chosen_comes_from_the_execution_and_the_task(h: Hosted) -> None:
    instance_id = await h.start("parent", {"child": "echo"})
    execution_id = h.instance(instance_id).execution_id
    output = (await h.ended(instance_id)).output
    assert f"{execution_id}:0000" in str(output)


@hosted(FUNCTIONS)
async def test_a_child_with_a_chosen_id(h: Hosted) -> None:
    assert (await h.output("parent", {"child": "echo", "id": "chosen"}))["id"] == "chosen"
    assert (await h.client.get_status("chosen")).name == "echo"


@hosted(FUNCTIONS)
async def test_a_chosen_id_that_is_running_fails_the_call_and_not_the_one_that_runs(h: Hosted) -> None:
    await h.start("slow", None, "taken")
    await h.settle()
    instance_id = await h.start("catching_parent", {"child": "echo", "id": "taken"})
    await h.settle()
    assert "already exists" in str(h.instance(instance_id).output)
    assert (await h.ended("taken")).name == "slow"


@hosted(FUNCTIONS)
async def test_a_chosen_id_that_has_ended_is_used_again(h: Hosted) -> None:
    for n in (1, 2):
        assert (await h.output("parent", {"child": "echo", "id": "again", "input": n}))["input"] == n


@hosted(FUNCTIONS)
async def test_children_run_in_parallel(h: Hosted) -> None:
    outputs = await h.output("parent_of_many", 20)
    assert [output["input"] for output in outputs] == list(range(20))


@hosted(FUNCTIONS)
async def test_a_childs_failure_surfaces_with_the_text_of_the_child(h: Hosted) -> None:
    text = await h.output("catching_parent", {"child": "failing", "input": "it"})
    assert text.strip() == "Orchestrator function 'failing' failed: cannot do it"


@hosted(FUNCTIONS)
async def test_an_uncaught_failure_fails_the_parent(h: Hosted) -> None:
    ended = await h.ended(await h.start("parent", {"child": "failing", "input": "it"}))
    assert ended.status == "Failed"
    assert "Orchestrator function 'parent' failed: Orchestrator function 'failing' failed" in str(
        ended.output
    )


@hosted(FUNCTIONS)
async def test_an_unknown_child_fails_the_call(h: Hosted) -> None:
    text = await h.output("catching_parent", {"child": "nobody"})
    assert text.strip() == "The orchestrator function 'nobody' does not exist."


@hosted(FUNCTIONS)
async def test_a_retry_starts_the_child_again_under_another_id(h: Hosted) -> None:
    instance_id = await h.start("retrying_parent", {"child": "failing", "input": "it"})
    assert (await h.ended(instance_id)).status == "Failed"
    assert h.elapsed() == 2 * timedelta(seconds=60)
    begun = [e for e in h.history(instance_id) if e["EventType"] == history.SUB_ORCHESTRATION_CREATED]
    assert len({event["InstanceId"] for event in begun}) == 2


@hosted(FUNCTIONS)
async def test_a_retry_of_a_child_with_a_chosen_id_uses_it_again(h: Hosted) -> None:
    instance_id = await h.start("retrying_parent", {"child": "failing", "id": "mine"})
    assert (await h.ended(instance_id)).status == "Failed"
    begun = [e for e in h.history(instance_id) if e["EventType"] == history.SUB_ORCHESTRATION_CREATED]
    assert [event["InstanceId"] for event in begun] == ["mine", "mine"]


@hosted(FUNCTIONS)
async def test_a_parent_waits_for_a_child_that_waits(h: Hosted) -> None:
    assert await h.output("parent", {"child": "slow"}) == "slow"
    assert h.elapsed() == timedelta(minutes=5)


@hosted(FUNCTIONS)
async def test_terminating_a_parent_ends_its_children(h: Hosted) -> None:
    instance_id = await h.start("parent", {"child": "parent", "input": {"child": "slow", "id": "grandchild"}})
    await h.settle()
    await h.client.terminate(instance_id, "enough")
    for ended in (h.instance(instance_id), h.instance("grandchild")):
        assert (ended.status, ended.output) == ("Terminated", '"enough"')


@hosted(FUNCTIONS)
async def test_terminating_a_child_fails_the_call_with_the_reason(h: Hosted) -> None:
    instance_id = await h.start("catching_parent", {"child": "slow", "id": "child"})
    await h.settle()
    await h.client.terminate("child", "because I say so")
    await h.settle()
    assert "because I say so" in str(h.instance(instance_id).output)


@hosted(FUNCTIONS)
async def test_purging_a_parent_leaves_a_child_that_still_runs(h: Hosted) -> None:
    await h.start("first_of_two", None, "mother")
    await h.settle()
    await h.client.raise_event("mother", "enough")
    await h.settle()
    assert (await h.client.purge_instance_history("mother")).instances_deleted == 1
    assert (await h.ended("still-running")).output == '"slow"'


@hosted(FUNCTIONS)
async def test_purging_a_parent_purges_its_ended_children(h: Hosted) -> None:
    instance_id = await h.start("parent_of_many", 3)
    await h.ended(instance_id)
    assert (await h.client.purge_instance_history(instance_id)).instances_deleted == 4
    assert h.host.store.instances() == []


@hosted(FUNCTIONS)
async def test_chosen_ids_that_make_a_circle_of_parents_can_be_purged(h: Hosted) -> None:
    request = {"child": "parent", "id": "b", "input": {"child": "echo", "id": "c"}}
    await h.ended(await h.start("parent", request, "a"))
    await h.ended(await h.start("parent", {"child": "parent", "id": "a", "input": {"child": "echo"}}, "c"))
    assert h.instance("a").parent_id == "c"
    assert (await h.client.purge_instance_history("c")).instances_deleted == 4
