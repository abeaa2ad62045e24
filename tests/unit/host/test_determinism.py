"""An orchestrator that is not deterministic fails here, with both names, before it fails in Azure."""

from collections.abc import Callable, Iterator
from typing import Any

import azure.durable_functions as df
import azure.functions as func
import pytest

from local.host.functions import load
from tests.unit.host.hosting import Hosted, hosted

app = df.DFApp(http_auth_level=func.AuthLevel.ANONYMOUS)
turns: Iterator[int] = iter(())


@app.activity_trigger(input_name="value")
def one(value: Any) -> Any:
    return value


@app.activity_trigger(input_name="value")
def another(value: Any) -> Any:
    return value


@app.orchestration_trigger(context_name="context")
def child(context: df.DurableOrchestrationContext) -> Any:
    return context.get_input()


Schedule = Callable[[df.DurableOrchestrationContext], Any]
CHANGES: dict[str, tuple[Schedule, Schedule, str]] = {
    "another activity": (
        lambda context: context.call_activity("one"),
        lambda context: context.call_activity("another"),
        "task 0 was the activity 'one' and is the activity 'another' on replay",
    ),
    "another kind": (
        lambda context: context.call_activity("one"),
        lambda context: context.call_sub_orchestrator("child"),
        "task 0 was the activity 'one' and is the sub-orchestration 'child' on replay",
    ),
    "a timer": (
        lambda context: context.call_sub_orchestrator("child"),
        lambda context: context.create_timer(context.current_utc_datetime),
        "task 0 was the sub-orchestration 'child' and is a timer on replay",
    ),
    "nothing": (
        lambda context: context.call_activity("one"),
        lambda context: context.wait_for_external_event("never"),
        "task 0 was the activity 'one' and is not scheduled any more on replay",
    ),
}


@app.orchestration_trigger(context_name="context")
def not_deterministic(context: df.DurableOrchestrationContext) -> Any:
    before, after, _ = CHANGES[context.get_input()]
    schedule = before if next(turns) == 0 else after
    yield schedule(context)
    yield context.call_activity("one")


@app.orchestration_trigger(context_name="context")
def entity(context: df.DurableOrchestrationContext) -> Any:
    yield context.call_entity(df.EntityId("counter", "1"), "add", 1)


@app.orchestration_trigger(context_name="context")
def signal(context: df.DurableOrchestrationContext) -> Any:
    context.signal_entity(df.EntityId("counter", "1"), "add", 1)
    yield context.call_activity("one")


@app.orchestration_trigger(context_name="context")
def http_call(context: df.DurableOrchestrationContext) -> Any:
    yield context.call_http("GET", "http://127.0.0.1:9/")


@app.orchestration_trigger(context_name="context")
def not_serialisable(context: df.DurableOrchestrationContext) -> Any:  # noqa: ARG001
    return object()


@app.orchestration_trigger(context_name="context")
def fails_without_a_text(context: df.DurableOrchestrationContext) -> Any:
    yield context.task_all([])  # makes it a generator, whose failures the SDK reports
    raise KeyError


@app.orchestration_trigger(context_name="context")
def fails_at_once(context: df.DurableOrchestrationContext) -> Any:  # noqa: ARG001
    raise RuntimeError("before anything was yielded")


FUNCTIONS = load(f"{__name__}:app")


def _counter() -> Iterator[int]:
    yield from range(1_000)


# The SDK warns of a result whose task is not scheduled any more, which is what the test is about.
@pytest.mark.filterwarnings("ignore:Potential duplicate Task completion")
@pytest.mark.parametrize("change", CHANGES)
def test_a_replay_that_schedules_something_else_fails_with_both_names(change: str, tmp_path: Any) -> None:
    global turns  # noqa: PLW0603 - the orchestrator schedules by the number of its turns
    turns = _counter()

    async def scenario(h: Hosted) -> None:
        ended = await h.ended(await h.start("not_deterministic", change))
        assert ended.status == "Failed"
        assert CHANGES[change][2] in str(ended.output)

    hosted(FUNCTIONS)(scenario)(tmp_path)


@pytest.mark.parametrize(
    ("name", "action"),
    [("entity", "CallEntityAction"), ("signal", "SignalEntityAction"), ("http_call", "CallHttpAction")],
)
def test_what_this_host_does_not_do_fails_by_name(name: str, action: str, tmp_path: Any) -> None:
    async def scenario(h: Hosted) -> None:
        ended = await h.ended(await h.start(name))
        assert ended.status == "Failed"
        assert f"This host does not support {action}." in str(ended.output)

    hosted(FUNCTIONS)(scenario)(tmp_path)


@hosted(FUNCTIONS)
async def test_an_output_that_is_not_json_fails_with_the_message_of_the_sdk(h: Hosted) -> None:
    ended = await h.ended(await h.start("not_serialisable"))
    assert ended.status == "Failed"
    assert "not JSON serializable" in str(ended.output)


@hosted(FUNCTIONS)
async def test_an_exception_without_a_text_is_told_by_its_type(h: Hosted) -> None:
    ended = await h.ended(await h.start("fails_without_a_text"))
    assert "Orchestrator function 'fails_without_a_text' failed: <class 'KeyError'>" in str(ended.output)


@hosted(FUNCTIONS)
async def test_the_failure_of_an_orchestrator_without_yields_has_its_type_and_text(h: Hosted) -> None:
    ended = await h.ended(await h.start("fails_at_once"))
    assert "'fails_at_once' failed: RuntimeError: before anything was yielded" in str(ended.output)
