"""One turn of an orchestration: the SDK replays the history and returns the actions that it wants.

The same SDK runs in the real host, so types, replay cost and failure texts are the real ones. This module
adds which tasks are new, by the SDK's own numbering, and the check of `local.host.determinism`.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, cast

# The package exports some actions as modules, so their classes are imported from those modules.
from azure.durable_functions.models.actions import (
    CallActivityAction,
    CallActivityWithRetryAction,
    CallSubOrchestratorAction,
    CreateTimerAction,
)
from azure.durable_functions.models.actions.CallSubOrchestratorWithRetryAction import (
    CallSubOrchestratorWithRetryAction,
)
from azure.durable_functions.models.actions.NoOpAction import NoOpAction
from azure.durable_functions.models.DurableOrchestrationContext import DurableOrchestrationContext
from azure.durable_functions.models.history import HistoryEvent
from azure.durable_functions.models.Task import AtomicTask, RetryAbleTask, TimerTask
from azure.durable_functions.models.TaskOrchestrationExecutor import TaskOrchestrationExecutor

from local.host.determinism import NonDeterminism, check_determinism
from local.host.history import SCHEDULING, SUB_ORCHESTRATION_CREATED, TASK_SCHEDULED, TIMER_CREATED, Event

_FAILURE_MARK = "\n\n$OutOfProcData$:"
_CONTINUE_AS_NEW = 4
_SIGNAL_ENTITY = 9


@dataclass(frozen=True)
class Scheduled:
    """A task that the orchestrator has scheduled: an activity, a sub-orchestration or a timer."""

    task_id: int
    event_type: int
    name: str = ""
    payload: str | None = None
    instance_id: str | None = None
    fire_at: datetime | None = None


@dataclass(frozen=True)
class Turn:
    """The result of a turn. `failure` is a text; `continue_as_new` is the new input, in a tuple of one."""

    new_tasks: list[Scheduled] = field(default_factory=list)
    cancelled_timers: list[int] = field(default_factory=list)
    custom_status: Any = None
    is_done: bool = False
    output: Any = None
    failure: str | None = None
    continue_as_new: tuple[Any] | None = None


class NotSupported(Exception):
    """An orchestrator uses something that this host does not support: entities, durable HTTP calls."""


def run_turn(
    handle: Callable[..., Any],
    instance_id: str,
    parent_id: str | None,
    payload: Any,
    history: list[Event],
) -> Turn:
    """Replay `history` through an orchestrator function, as `get_user_function()` of a DFApp returns it.

    `payload` is the context's `input` as the extension passes it: a JSON text, or a JSON object.
    """
    context = _RecordingContext(
        history=history,
        instanceId=instance_id,
        isReplaying=False,
        parentInstanceId=parent_id,
        input=payload,
        upperSchemaVersion=0,
        upperSchemaVersionNew=2,
        maximumShortTimerDuration="6.00:00:00",
        longRunningTimerIntervalDuration="3.00:00:00",
    )
    context._input_expected_type = getattr(handle, "_df_input_type", None)
    orchestrator = cast(Any, handle).orchestrator_function
    try:
        state = json.loads(TaskOrchestrationExecutor().execute(context, context.histories, orchestrator))
        failure = None
    except Exception as error:  # noqa: BLE001 - the SDK reports an orchestrator's failure this way
        _, mark, rest = str(error).partition(_FAILURE_MARK)
        if not mark:
            return Turn(failure=f"{type(error).__name__}: {error}")
        state = json.loads(rest)
        failure = str(state["error"])
    known = {event["EventId"] for event in history if event["EventType"] in SCHEDULING}
    actions = [action for group in state["actions"] for action in group]
    try:
        check_determinism(context.scheduled, history)
        if any(action["actionType"] == _SIGNAL_ENTITY for action in actions):
            raise NotSupported("This host does not support SignalEntityAction.")
        new_tasks = [_scheduled(task, context) for id_, task in context.scheduled.items() if id_ not in known]
    except (NonDeterminism, NotSupported) as error:
        return Turn(failure=f"{error} The orchestrator raised: {failure}" if failure else str(error))
    last = actions[-1] if actions else {}
    return Turn(
        new_tasks=new_tasks if failure is None else [],
        cancelled_timers=[
            id_
            for id_, task in context.scheduled.items()
            if isinstance(task, TimerTask) and task.is_cancelled
        ],
        custom_status=state.get("customStatus"),
        is_done=bool(state["isDone"]),
        output=state.get("output"),
        failure=failure,
        continue_as_new=(last.get("input"),) if last.get("actionType") == _CONTINUE_AS_NEW else None,
    )


class _RecordingContext(DurableOrchestrationContext):  # type: ignore[misc]
    """The SDK's context, which also records every task by the number that the SDK assigned to it."""

    def __init__(self, **fields: Any) -> None:
        self.scheduled: dict[int, AtomicTask] = {}
        super().__init__(**fields)

    def _add_to_open_tasks(self, task: Any) -> None:
        super()._add_to_open_tasks(task)
        if isinstance(task, AtomicTask) and isinstance(task.id, int) and task.id >= 0:
            self.scheduled.setdefault(task.id, task)


def _scheduled(task: AtomicTask, context: DurableOrchestrationContext) -> Scheduled:
    action, task_id = task.action_repr, cast(int, task.id)
    if isinstance(action, NoOpAction):
        # Part of a retry: the SDK only numbers the pause and the next attempt. DurableTask creates them.
        retry = cast(RetryAbleTask, task.parent)
        if retry.is_waiting_on_timer:
            pause = timedelta(milliseconds=retry.retry_options.first_retry_interval_in_milliseconds)
            return Scheduled(task_id, TIMER_CREATED, fire_at=_utc(context.current_utc_datetime) + pause)
        action = retry.actions
    if isinstance(action, CreateTimerAction):
        return Scheduled(task_id, TIMER_CREATED, fire_at=_utc(action.fire_at))
    if isinstance(action, (CallActivityAction, CallActivityWithRetryAction)):
        return Scheduled(task_id, TASK_SCHEDULED, action.function_name, action.input_)
    if isinstance(action, (CallSubOrchestratorAction, CallSubOrchestratorWithRetryAction)):
        return Scheduled(
            task_id, SUB_ORCHESTRATION_CREATED, action.function_name, action._input, action.instance_id
        )
    raise NotSupported(f"This host does not support {type(action).__name__}.")


def _utc(at: datetime) -> datetime:
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)


# At every replay the SDK parses the time of every event with a parser of many formats. That takes longer than
# the rest of a replay. Histories have one format, so a faster parser replaces it.
_sdk_names = HistoryEvent.__init__.__globals__
_parse_any: Callable[[str], datetime] = _sdk_names["dt_parse"]
_sdk_utc = _parse_any("2026-01-01T00:00:00Z").tzinfo


def parse_time(text: str) -> datetime:
    """Returns the same time as the SDK's own parser."""
    if not text.endswith("Z"):
        return _parse_any(text)
    return datetime.fromisoformat(text[:-1]).replace(tzinfo=_sdk_utc)


_sdk_names["dt_parse"] = parse_time
