"""Stores what a turn changes, inside the caller's transaction: history, tasks, timers, children.

Nothing is started here, because the transaction may be rolled back.
"""

import json
import logging
from collections.abc import Collection
from dataclasses import replace
from datetime import datetime

from local.host import history, instances
from local.host.history import Event, timestamp
from local.host.host_records import DueTimer, Instance, Task
from local.host.host_store import Store
from local.host.replay import Scheduled, Turn

log = logging.getLogger("host.orchestrations")


class Commit:
    """The commit of one turn of `instance`. `orchestrators`: the names that the app registers.

    After `write`, `tasks` are the activities to start, `woken` are the ids of instances with new messages,
    and `is_over` is true when this execution has ended.
    """

    def __init__(
        self, store: Store, orchestrators: Collection[str], now: datetime, instance: Instance
    ) -> None:
        self._store = store
        self._orchestrators = orchestrators
        self._now = now
        self._instance = instance
        self.tasks: list[Task] = []
        self.woken: list[str] = []
        self.timers_changed = False
        self.is_over = False

    def write(self, new_events: list[Event], turn: Turn) -> list[Event]:
        """Store the turn. Returns the events that were appended to its history."""
        status = self._instance.custom_status
        if turn.custom_status is not None:
            status = json.dumps(turn.custom_status)
        self._instance = replace(
            self._instance, custom_status=status, status="Running", updated_at=timestamp(self._now)
        )
        if turn.continue_as_new is not None and turn.failure is None:
            self.is_over = True
            # The SDK has serialised the input as JSON. The extension serialises that text again.
            instances.start_over(self._store, self._now, self._instance, json.dumps(turn.continue_as_new[0]))
            return []
        added = [*new_events, *(self._schedule(task) for task in turn.new_tasks)]
        for task_id in turn.cancelled_timers:
            self._store.delete_timer(self._instance.id, self._instance.execution_id, task_id)
            self.timers_changed = True
        added.append(history.event(history.ORCHESTRATOR_COMPLETED, self._now))
        for event in added:
            event["IsPlayed"] = True
        self._store.append_history(self._instance.id, added)
        self._store.put_instance(self._instance)
        if turn.failure is not None or turn.is_done:
            self.is_over = True
            self._end(turn)
        return added

    def _end(self, turn: Turn) -> None:
        if turn.failure is None:
            output, failure, status = json.dumps(turn.output), None, "Completed"
        else:
            failure, status = (
                f"Orchestrator function '{self._instance.name}' failed: {turn.failure}",
                "Failed",
            )
            output = json.dumps(failure)
            log.error("%s: %s", self._instance.id, failure)
        self.woken += instances.end(self._store, self._now, self._instance, status, output, failure)

    def _schedule(self, scheduled: Scheduled) -> Event:
        """Store a new task. Returns the event that records it."""
        owner, task_id, kind = self._instance, scheduled.task_id, scheduled.event_type
        if scheduled.fire_at is not None:
            fire_at = timestamp(scheduled.fire_at)
            self._store.add_timer(DueTimer(owner.id, owner.execution_id, task_id, fire_at))
            self.timers_changed = True
            return history.event(kind, self._now, task_id, FireAt=fire_at)
        # The SDK has serialised the input as JSON. The extension serialises that text again.
        payload = json.dumps(scheduled.payload)
        recorded = history.event(kind, self._now, task_id, Name=scheduled.name, Input=payload)
        if kind == history.TASK_SCHEDULED:
            task = Task(owner.id, owner.execution_id, task_id, scheduled.name, scheduled.payload)
            self._store.add_task(task)
            self.tasks.append(task)
            return recorded
        child_id = scheduled.instance_id or f"{owner.execution_id}:{task_id:04x}"
        self.woken.append(self._start_child(scheduled, child_id, payload))
        return {**recorded, "InstanceId": child_id}

    def _start_child(self, scheduled: Scheduled, child_id: str, payload: str) -> str:
        """Start a sub-orchestration, or send its parent the reason why not.

        Returns the id of the instance that has a message now.
        """
        parent, existing = self._instance, self._store.instance(child_id)
        problem = None
        if scheduled.name not in self._orchestrators:
            problem = f"The orchestrator function '{scheduled.name}' does not exist."
        elif existing is not None and not existing.is_terminal:
            problem = f"An Orchestration instance with the id {child_id} already exists."
        if problem is None:
            instances.create(
                self._store, self._now, child_id, scheduled.name, payload, parent, scheduled.task_id
            )
            return child_id
        failed = history.failed(history.SUB_ORCHESTRATION_FAILED, self._now, scheduled.task_id, problem, "")
        self._store.send(parent.id, parent.execution_id, failed)
        return parent.id
