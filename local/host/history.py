"""History events in the format in which the real host passes them to the Durable SDK.

The numbers are the SDK's `HistoryEventType`. Scheduling events carry the id that the SDK assigns to the
task. All others carry -1, as in DurableTask.
"""

import json
from datetime import UTC, datetime
from typing import Any

Event = dict[str, Any]

EXECUTION_STARTED = 0
EXECUTION_COMPLETED = 1
EXECUTION_TERMINATED = 3
TASK_SCHEDULED = 4
TASK_COMPLETED = 5
TASK_FAILED = 6
SUB_ORCHESTRATION_CREATED = 7
SUB_ORCHESTRATION_COMPLETED = 8
SUB_ORCHESTRATION_FAILED = 9
TIMER_CREATED = 10
TIMER_FIRED = 11
ORCHESTRATOR_STARTED = 12
ORCHESTRATOR_COMPLETED = 13
EVENT_RAISED = 15

SCHEDULING = frozenset({TASK_SCHEDULED, SUB_ORCHESTRATION_CREATED, TIMER_CREATED})


def timestamp(at: datetime) -> str:
    """A time in the format of DurableTask."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def event(event_type: int, at: datetime, event_id: int = -1, **fields: Any) -> Event:
    """An event of any type. The SDK requires the first four fields."""
    return {
        "EventType": event_type,
        "EventId": event_id,
        "IsPlayed": False,
        "Timestamp": timestamp(at),
        **fields,
    }


def execution_started(at: datetime, name: str, payload: str | None) -> Event:
    return event(EXECUTION_STARTED, at, Name=name, Input=payload, Version=None)


def execution_completed(at: datetime, status: str, result: str | None) -> Event:
    """The last event of a history. `result` is JSON."""
    return event(EXECUTION_COMPLETED, at, OrchestrationStatus=status, Result=result)


def completed(event_type: int, at: datetime, task_id: int, result: str | None) -> Event:
    """A task or a sub-orchestration that succeeded. `result` is JSON."""
    return event(event_type, at, TaskScheduledId=task_id, Result=result)


def failed(event_type: int, at: datetime, task_id: int, reason: str, details: str) -> Event:
    """A task or a sub-orchestration that failed."""
    return event(event_type, at, TaskScheduledId=task_id, Reason=reason, Details=details)


def timer_fired(at: datetime, timer_id: int, fire_at: str) -> Event:
    return event(TIMER_FIRED, at, TimerId=timer_id, FireAt=fire_at)


def event_raised(at: datetime, name: str, data: Any) -> Event:
    return event(EVENT_RAISED, at, Name=name, Input=json.dumps(data))
