"""Creates and ends instances in the store, inside the caller's transaction.

An instance that continues as new keeps its id and gets a new execution id. Late messages carry the old one.
"""

import json
import uuid
from dataclasses import replace
from datetime import datetime

from local.host import history
from local.host.history import timestamp
from local.host.host_records import Instance
from local.host.host_store import Store


def create(
    store: Store,
    now: datetime,
    instance_id: str,
    name: str,
    payload: str | None,
    parent: Instance | None = None,
    parent_task_id: int | None = None,
) -> None:
    """Store a new instance and send it its first event. It replaces an ended instance with the same id."""
    instance = Instance(
        id=instance_id,
        name=name,
        execution_id=uuid.uuid4().hex,
        status="Pending",
        suspended=False,
        input=payload,
        output=None,
        custom_status=None,
        parent_id=parent.id if parent else None,
        parent_execution_id=parent.execution_id if parent else None,
        parent_task_id=parent_task_id,
        created_at=timestamp(now),
        updated_at=timestamp(now),
    )
    store.delete_instance(instance_id)
    store.put_instance(instance)
    store.send(instance_id, instance.execution_id, history.execution_started(now, name, payload))


def start_over(store: Store, now: datetime, instance: Instance, payload: str | None) -> None:
    """Continue as new: a new execution with an empty history. The custom status is kept.

    Events that the orchestrator did not wait for are lost with the old history, as in Azure for Python
    (azure-functions-durable-python#331). Late results of the old execution are not delivered.
    """
    store.clear_history(instance.id)
    following = replace(instance, execution_id=uuid.uuid4().hex, input=payload, updated_at=timestamp(now))
    store.put_instance(following)
    first = history.execution_started(now, instance.name, payload)
    store.send_first(instance.id, following.execution_id, first)


def end(
    store: Store,
    now: datetime,
    instance: Instance,
    status: str,
    output: str | None,
    failure: str | None = None,
) -> list[str]:
    """Store an instance's final status and send its result to its parent.

    The parent receives the output, or the reason in `failure`. For a terminated child this is the reason of
    the termination (DurableTask.Core, `TaskOrchestrationDispatcher`). Returns the ids of instances with new
    messages.
    """
    store.clear_work(instance.id)
    store.put_instance(replace(instance, status=status, output=output, updated_at=timestamp(now)))
    store.append_history(instance.id, [history.execution_completed(now, status, output)])
    if instance.parent_id is None or instance.parent_task_id is None:
        return []
    if failure is None:
        event = history.completed(history.SUB_ORCHESTRATION_COMPLETED, now, instance.parent_task_id, output)
    else:
        event = history.failed(history.SUB_ORCHESTRATION_FAILED, now, instance.parent_task_id, failure, "")
    store.send(instance.parent_id, instance.parent_execution_id, event)
    return [instance.parent_id]


def terminate(store: Store, now: datetime, instance: Instance, reason: str) -> list[str]:
    """End an instance from outside. Returns the ids of instances with new messages."""
    store.append_history(instance.id, [history.event(history.EXECUTION_TERMINATED, now, Input=reason)])
    return end(store, now, instance, "Terminated", json.dumps(reason), reason)
