"""The engine: the operations on orchestrations.

It connects turns, activities and timers, which have modules of their own. At a start it continues what the
store holds, and it stops all of them together.
"""

import uuid
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from local.host import history, instances
from local.host.activity_runner import Activities, RunActivity
from local.host.history import timestamp
from local.host.host_clock import Cancel, Clock
from local.host.host_records import Instance
from local.host.host_store import Store
from local.host.turns import Turns, unknown_orchestrator


class AlreadyRunning(Exception):
    """An instance with this id exists and has not ended. Source: the extension's `NonRunningStates`."""


class UnknownOrchestrator(Exception):
    """The app registers no orchestrator with this name."""


class Engine:
    """Runs orchestrations. Its methods are called on the event loop's thread."""

    def __init__(
        self,
        store: Store,
        orchestrators: dict[str, Callable[..., Any]],
        run_activity: RunActivity,
        clock: Clock,
        concurrent_activities: int,
    ) -> None:
        self._store = store
        self._orchestrators = orchestrators
        self._clock = clock
        self.activities = Activities(store, run_activity, clock, concurrent_activities, self._wake)
        self.turns = Turns(store, orchestrators, clock, self.activities, self._set_alarm)
        self._cancel_alarm: Cancel | None = None

    def start(self) -> None:
        """Continue what the store holds: messages, unfinished activities, timers."""
        for task in self._store.tasks():
            self.activities.start(task)
        for instance_id in self._store.instances_with_messages():
            self.turns.schedule(instance_id)
        self._set_alarm()

    async def stop(self) -> None:
        """Stop at once. Unfinished work stays in the store."""
        if self._cancel_alarm is not None:
            self._cancel_alarm()
        await self.activities.work.stop()
        await self.turns.stop()

    async def idle(self) -> None:
        """Wait until no turn or activity is running. Only timers and outside calls can then start one."""
        while self.turns.work or self.activities.work:
            await self.turns.work.idle()
            await self.activities.work.idle()

    def start_instance(self, name: str, instance_id: str | None, payload: str | None) -> str:
        """Start an instance with a JSON input. Returns its id.

        Raises:
            UnknownOrchestrator: when there is no orchestrator `name`.
            AlreadyRunning: when the id belongs to an instance that has not ended.
        """
        if name not in self._orchestrators:
            raise UnknownOrchestrator(unknown_orchestrator(name, self._orchestrators))
        instance_id = instance_id or uuid.uuid4().hex
        existing = self._store.instance(instance_id)
        if existing is not None and not existing.is_terminal:
            raise AlreadyRunning(
                f"An Orchestration instance with the status {existing.runtime_status} already exists."
            )
        with self._store.transaction():
            instances.create(self._store, self._clock.now(), instance_id, name, payload)
        self.turns.schedule(instance_id)
        return instance_id

    def raise_event(self, instance: Instance, name: str, data: Any) -> None:
        """Send an external event. It is kept until the orchestration waits for it or continues as new."""
        with self._store.transaction():
            self._store.send(instance.id, None, history.event_raised(self._clock.now(), name, data))
        self.turns.schedule(instance.id)

    def suspend(self, instance: Instance, suspended: bool) -> None:
        """Hold back the instance's messages, or deliver them again."""
        now = timestamp(self._clock.now())
        with self._store.transaction():
            self._store.put_instance(replace(instance, suspended=suspended, updated_at=now))
        self.turns.schedule(instance.id)

    def terminate(self, instance: Instance, reason: str) -> None:
        """End an instance and its children. Running activities continue, but their results are dropped."""
        woken: list[str] = []
        with self._store.transaction():
            for each in self._family(instance):
                if not each.is_terminal:
                    woken += instances.terminate(self._store, self._clock.now(), each, reason)
                    self.turns.forget(each.id)
        for parent_id in woken:
            self.turns.schedule(parent_id)

    def purge(self, instance: Instance) -> int:
        """Delete an ended instance and its ended children. Returns how many were deleted."""
        family = [each for each in self._family(instance) if each.is_terminal]
        with self._store.transaction():
            for each in family:
                self._store.delete_instance(each.id)
                self.turns.forget(each.id)
        return len(family)

    def _family(self, instance: Instance) -> list[Instance]:
        """An instance and all its descendants, parents first."""
        family, seen = [instance], {instance.id}
        for parent in family:
            # A circle is possible: an app that chooses ids may use one again.
            children = [id_ for id_ in self._store.children(parent.id) if id_ not in seen]
            seen.update(children)
            family += [child for child in map(self._store.instance, children) if child is not None]
        return family

    def _wake(self, instance_id: str) -> None:
        self.turns.schedule(instance_id)

    def _set_alarm(self) -> None:
        """Ask the clock for a call when the next timer is due."""
        if self._cancel_alarm is not None:
            self._cancel_alarm()
        due = self._store.next_timer()
        self._cancel_alarm = None if due is None else self._clock.call_at(due, self._fire_timers)

    def _fire_timers(self) -> None:
        now = self._clock.now()
        due = self._store.due_timers(now)
        if not due:  # the clock called early
            self._set_alarm()
            return
        with self._store.transaction():
            for timer in due:
                fired = history.timer_fired(now, timer.task_id, timer.fire_at)
                self._store.send(timer.instance_id, timer.execution_id, fired)
                self._store.delete_timer(timer.instance_id, timer.execution_id, timer.task_id)
        for instance_id in dict.fromkeys(timer.instance_id for timer in due):
            self.turns.schedule(instance_id)
        self._set_alarm()
