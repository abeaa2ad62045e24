"""Checks that a replay schedules the tasks that its history holds. The SDK does not check this.

Without the check a replay that takes another path would continue with wrong results. In Azure it fails, at
once or later.
"""

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
from azure.durable_functions.models.Task import AtomicTask

from local.host.history import SCHEDULING, SUB_ORCHESTRATION_CREATED, TASK_SCHEDULED, TIMER_CREATED, Event

_WORDS = {
    TASK_SCHEDULED: "the activity",
    SUB_ORCHESTRATION_CREATED: "the sub-orchestration",
    TIMER_CREATED: "a timer",
}


class NonDeterminism(Exception):
    """A replay scheduled other tasks than the history holds."""


def check_determinism(scheduled: dict[int, AtomicTask], history: list[Event]) -> None:
    """Compare the tasks that a replay has scheduled, by number, with those in its history.

    Raises:
        NonDeterminism: naming the task in the history and the task of the replay.
    """
    for past in history:
        if past["EventType"] not in SCHEDULING:
            continue
        task = scheduled.get(past["EventId"])
        was = _describe(past["EventType"], past.get("Name") or "")
        if task is None:
            raise NonDeterminism(
                f"Non-deterministic orchestrator: task {past['EventId']} was {was} and is not scheduled "
                "any more on replay. Orchestrators may depend only on their history."
            )
        now = _kind(task)
        if now is not None and _describe(*now) != was:
            raise NonDeterminism(
                f"Non-deterministic orchestrator: task {past['EventId']} was {was} and is {_describe(*now)} "
                "on replay. Orchestrators may depend only on their history."
            )


def _kind(task: AtomicTask) -> tuple[int, str] | None:
    """The event type and the name of a task. None for the later tasks of a retry, which are not compared."""
    action = task.action_repr
    if isinstance(action, CreateTimerAction):
        return TIMER_CREATED, ""
    if isinstance(action, (CallActivityAction, CallActivityWithRetryAction)):
        return TASK_SCHEDULED, action.function_name
    if isinstance(action, (CallSubOrchestratorAction, CallSubOrchestratorWithRetryAction)):
        return SUB_ORCHESTRATION_CREATED, action.function_name
    return None


def _describe(event_type: int, name: str) -> str:
    return f"{_WORDS[event_type]} {name!r}" if name else _WORDS[event_type]
