"""The check that a replay schedules what its history says it scheduled, which the SDK does not make.

A replay that goes another way carries on happily with the wrong results; in Azure it fails, now or later.
"""

# Some actions are not exported, and their names stand for their modules there: import those from inside.
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
    """A replay scheduled something else than the history holds."""


def check_determinism(scheduled: dict[int, AtomicTask], history: list[Event]) -> None:
    """Compare the tasks that a replay has scheduled, by number, with those that its history holds.

    Raises:
        NonDeterminism: naming what was scheduled and what is.
    """
    for past in history:
        if past["EventType"] not in SCHEDULING:
            continue
        task = scheduled.get(past["EventId"])
        was = _describe(past["EventType"], past.get("Name") or "")
        if task is None:
            raise NonDeterminism(
                f"Non-deterministic orchestrator: task {past['EventId']} was {was} and is not scheduled "
                "any more on replay. Orchestrators may depend on nothing but their history."
            )
        now = _kind(task)
        if now is not None and _describe(*now) != was:
            raise NonDeterminism(
                f"Non-deterministic orchestrator: task {past['EventId']} was {was} and is {_describe(*now)} "
                "on replay. Orchestrators may depend on nothing but their history."
            )


def _kind(task: AtomicTask) -> tuple[int, str] | None:
    """Event type and name of a task; None for the parts of a retry, which its first try stands for."""
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
