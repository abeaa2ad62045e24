"""Histories and instances as the Durable HTTP API returns them. This differs from how they are stored.

Scheduling events are merged into the events that end them. Source: Azure/azure-functions-durable-extension,
`HttpApiHandler.ConvertFrom` and `DurableClient.GetDurableOrchestrationStatusAsync`.
"""

import json
from typing import Any

from local.host import history
from local.host.history import Event
from local.host.host_records import Instance

_NAMES = {
    history.EXECUTION_STARTED: "ExecutionStarted",
    history.EXECUTION_COMPLETED: "ExecutionCompleted",
    history.EXECUTION_TERMINATED: "ExecutionTerminated",
    history.TASK_SCHEDULED: "TaskScheduled",
    history.TASK_COMPLETED: "TaskCompleted",
    history.TASK_FAILED: "TaskFailed",
    history.SUB_ORCHESTRATION_CREATED: "SubOrchestrationInstanceCreated",
    history.SUB_ORCHESTRATION_COMPLETED: "SubOrchestrationInstanceCompleted",
    history.SUB_ORCHESTRATION_FAILED: "SubOrchestrationInstanceFailed",
    history.TIMER_CREATED: "TimerCreated",
    history.TIMER_FIRED: "TimerFired",
    history.EVENT_RAISED: "EventRaised",
}
_ENDS_TASK = frozenset(
    {
        history.TASK_COMPLETED,
        history.TASK_FAILED,
        history.SUB_ORCHESTRATION_COMPLETED,
        history.SUB_ORCHESTRATION_FAILED,
    }
)
# Fields that are not returned. A result is added when the query asks for it.
_INNER = (
    "EventType",
    "EventId",
    "IsPlayed",
    "Version",
    "TaskScheduledId",
    "TimerId",
    "Name",
    "Input",
    "Result",
)


def view_instance(instance: Instance, show_input: bool) -> dict[str, Any]:
    """The status of an instance. Times have whole seconds; payloads are JSON."""
    return {
        "name": instance.name,
        "instanceId": instance.id,
        "runtimeStatus": instance.runtime_status,
        "input": _json(instance.input) if show_input else None,
        "customStatus": _json(instance.custom_status),
        "output": _json(instance.output),
        "createdTime": f"{instance.created_at[:19]}Z",
        "lastUpdatedTime": f"{instance.updated_at[:19]}Z",
    }


def view_history(events: list[Event], show_output: bool) -> list[dict[str, Any]]:
    """A history for people: without turns and numbers, and one event for each task, with its scheduled time.

    A task that has not ended is shown by its scheduling event.
    """
    ended = {event["TaskScheduledId"] for event in events if event["EventType"] in _ENDS_TASK}
    scheduled: dict[int, Event] = {}
    shown: list[dict[str, Any]] = []
    for event in events:
        kind, event_id = event["EventType"], event["EventId"]
        if kind in (history.TASK_SCHEDULED, history.SUB_ORCHESTRATION_CREATED):
            scheduled[event_id] = event
        if kind not in _NAMES or (kind in history.SCHEDULING and event_id in ended):
            continue
        shown.append(_view(event, scheduled, show_output))
    return shown


def _view(event: Event, scheduled: dict[int, Event], show_output: bool) -> dict[str, Any]:
    kind = event["EventType"]
    view = {"EventType": _NAMES[kind]}
    view |= {name: value for name, value in event.items() if name not in _INNER}
    if kind == history.EXECUTION_STARTED:
        view["FunctionName"] = event["Name"]
    elif kind in _ENDS_TASK:
        beginning = scheduled[event["TaskScheduledId"]]
        view["FunctionName"], view["ScheduledTime"] = beginning["Name"], beginning["Timestamp"]
    elif "Name" in event:
        view["Name"] = event["Name"]
    if show_output and "Result" in event:
        view["Result"] = _json(event["Result"])
    return view


def _json(text: str | None) -> Any:
    return None if text is None else json.loads(text)
