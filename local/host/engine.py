"""The engine: delivers messages to orchestrations a turn at a time, and carries out what a turn wants.

All that has come for an instance is delivered in one turn, so a fan-out of a thousand costs a few replays
and not a thousand. An instance has one turn at a time.
"""

import asyncio
import json
import logging
import uuid
from collections.abc import Awaitable, Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

from local.host import history, instances
from local.host.clock import Clock
from local.host.history import Event, timestamp
from local.host.replay import Scheduled, Turn, run_turn
from local.host.store import Instance, Store, Task

log = logging.getLogger("host.orchestrations")

RunActivity = Callable[[str, str | None], Awaitable[str]]
"""Runs an activity by name on a JSON input; answers with the JSON result or raises `ActivityFailure`."""


class ActivityFailure(Exception):
    """An activity raised: `reason` is one line, `details` the traceback."""

    def __init__(self, reason: str, details: str) -> None:
        super().__init__(reason)
        self.reason = reason
        self.details = details


class AlreadyRunning(Exception):
    """An instance with this id exists and has not ended (`NonRunningStates`)."""


class UnknownOrchestrator(Exception):
    """The app registers no orchestrator of this name."""


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
        self._run_activity = run_activity
        self._clock = clock
        self._slots = asyncio.Semaphore(concurrent_activities)
        self._turns = ThreadPoolExecutor(max_workers=1, thread_name_prefix="orchestrations")
        self._histories: dict[str, list[Event]] = {}
        self._in_turn: set[str] = set()
        self._timers_changed = asyncio.Event()
        self._background: set[asyncio.Task[None]] = set()

    def start(self) -> None:
        """Take up everything that the store holds: messages, unfinished activities, timers."""
        self._spawn(self._fire_timers())
        for task in self._store.tasks():
            self._spawn(self._carry_out(task))
        for instance_id in self._store.instances_with_messages():
            self._schedule_turn(instance_id)

    async def stop(self) -> None:
        """Stop at once; what is unfinished is in the store."""
        for task in self._background:
            task.cancel()
        await asyncio.gather(*self._background, return_exceptions=True)
        self._turns.shutdown(wait=True, cancel_futures=True)

    # What the Durable client asks for

    def start_instance(self, name: str, instance_id: str | None, payload: str | None) -> str:
        """Start an instance on a JSON input; the answer is its id.

        Raises:
            UnknownOrchestrator: when there is no orchestrator `name`.
            AlreadyRunning: when the id belongs to an instance that has not ended.
        """
        if name not in self._orchestrators:
            known = ", ".join(sorted(self._orchestrators))
            raise UnknownOrchestrator(
                f"The function '{name}' doesn't exist, is disabled, or is not an orchestrator function. "
                f"Additional info: The following are the known orchestrator functions: {known}."
            )
        instance_id = instance_id or uuid.uuid4().hex
        existing = self._store.instance(instance_id)
        if existing is not None and not existing.is_terminal:
            raise AlreadyRunning(
                f"An Orchestration instance with the status {existing.runtime_status} already exists."
            )
        with self._store.transaction():
            self._create(instance_id, name, payload)
        self._schedule_turn(instance_id)
        return instance_id

    def raise_event(self, instance: Instance, name: str, data: Any) -> None:
        """Send an external event; it is kept until the orchestration waits for it or starts anew."""
        with self._store.transaction():
            self._store.send(instance.id, None, history.event_raised(self._clock.now(), name, data))
        self._schedule_turn(instance.id)

    def suspend(self, instance: Instance, suspended: bool) -> None:
        """Hold back the instance's messages, or let them through again."""
        with self._store.transaction():
            self._store.put_instance(replace(instance, suspended=suspended))
        self._schedule_turn(instance.id)

    def terminate(self, instance: Instance, reason: str) -> None:
        """End an instance and its children at once."""
        with self._store.transaction():
            woken = instances.end(self._store, self._clock.now(), instance, "Terminated", json.dumps(reason))
        for parent_id in woken:
            self._schedule_turn(parent_id)
        for child_id in self._store.children(instance.id):
            child = self._store.instance(child_id)
            if child is not None and not child.is_terminal:
                self.terminate(child, reason)

    def purge(self, instance: Instance) -> int:
        """Forget an ended instance and its children; the answer is how many were forgotten."""
        purged = 1
        for child_id in self._store.children(instance.id):
            child = self._store.instance(child_id)
            if child is not None:
                purged += self.purge(child)
        with self._store.transaction():
            self._store.delete_instance(instance.id)
        self._histories.pop(instance.id, None)
        return purged

    # Turns

    def _schedule_turn(self, instance_id: str) -> None:
        if instance_id not in self._in_turn:
            self._in_turn.add(instance_id)
            self._spawn(self._take_turns(instance_id))

    async def _take_turns(self, instance_id: str) -> None:
        try:
            while await self._take_turn(instance_id):
                pass
        finally:
            self._in_turn.discard(instance_id)

    async def _take_turn(self, instance_id: str) -> bool:
        """Deliver what waits for the instance; False when there is nothing (more) to deliver."""
        instance = self._store.instance(instance_id)
        messages = self._store.messages(instance_id)
        if instance is None or not messages or (instance.suspended and not instance.is_terminal):
            return False
        last = messages[-1][0]
        arrived = [event for _, execution, event in messages if execution in (None, instance.execution_id)]
        if instance.is_terminal or not arrived:
            with self._store.transaction():
                self._store.delete_messages(instance_id, last)
            return True
        past = self._histories.get(instance_id)
        if past is None:
            past = self._histories[instance_id] = self._store.history(instance_id)
        new_events = [history.event(history.ORCHESTRATOR_STARTED, self._clock.now()), *arrived]
        turn = await asyncio.get_running_loop().run_in_executor(
            self._turns,
            run_turn,
            self._orchestrators[instance.name],
            instance_id,
            instance.parent_id,
            instance.input,
            past + new_events,
        )
        now = self._store.instance(instance_id)
        if now is None or now.execution_id != instance.execution_id or now.is_terminal:
            return True  # purged or terminated while it was thinking
        self._commit(now, past, new_events, last, turn)
        return True

    def _commit(
        self, instance: Instance, past: list[Event], new_events: list[Event], last_message: int, turn: Turn
    ) -> None:
        """Write down all that a turn changed, in one transaction, and then set it going."""
        now = self._clock.now()
        status = instance.custom_status if turn.custom_status is None else json.dumps(turn.custom_status)
        instance = replace(instance, custom_status=status, status="Running", updated_at=timestamp(now))
        woken: list[str] = []
        tasks: list[Task] = []
        with self._store.transaction():
            self._store.delete_messages(instance.id, last_message)
            if turn.continue_as_new is not None and turn.failure is None:
                instances.start_over(self._store, now, instance, turn.continue_as_new[0])
                self._histories.pop(instance.id, None)
            else:
                new_events += [self._schedule(instance, task, tasks, woken) for task in turn.new_tasks]
                for task_id in turn.cancelled_timers:
                    self._store.delete_timer(instance.id, instance.execution_id, task_id)
                new_events.append(history.event(history.ORCHESTRATOR_COMPLETED, now))
                for event in new_events:
                    event["IsPlayed"] = True
                self._store.append_history(instance.id, len(past), new_events)
                past += new_events
                self._store.put_instance(instance)
                woken += self._end(instance, turn)
        self._timers_changed.set()
        for task in tasks:
            self._spawn(self._carry_out(task))
        for instance_id in woken:
            self._schedule_turn(instance_id)

    def _end(self, instance: Instance, turn: Turn) -> list[str]:
        if turn.failure is None and not turn.is_done:
            return []
        self._histories.pop(instance.id, None)
        if turn.failure is None:
            return instances.end(
                self._store, self._clock.now(), instance, "Completed", json.dumps(turn.output)
            )
        text = f"Orchestrator function '{instance.name}' failed: {turn.failure}"
        log.error("%s: %s", instance.id, text)
        return instances.end(self._store, self._clock.now(), instance, "Failed", json.dumps(text), text)

    def _schedule(
        self, instance: Instance, scheduled: Scheduled, tasks: list[Task], woken: list[str]
    ) -> Event:
        """Store what a new task needs; the answer is the event that records it."""
        now, task_id, kind = self._clock.now(), scheduled.task_id, scheduled.event_type
        if scheduled.fire_at is not None:
            self._store.add_timer(instance.id, instance.execution_id, task_id, scheduled.fire_at)
            return history.event(kind, now, task_id, FireAt=timestamp(scheduled.fire_at))
        recorded = history.event(kind, now, task_id, Name=scheduled.name, Input=scheduled.payload)
        if kind == history.TASK_SCHEDULED:
            task = Task(instance.id, instance.execution_id, task_id, scheduled.name, scheduled.payload)
            self._store.add_task(task)
            tasks.append(task)
            return recorded
        child_id = scheduled.instance_id or f"{instance.execution_id}:{task_id:04x}"
        woken.append(self._start_child(instance, scheduled, child_id))
        return {**recorded, "InstanceId": child_id}

    def _start_child(self, parent: Instance, scheduled: Scheduled, child_id: str) -> str:
        """Start a sub-orchestration, or tell the parent why not; the answer is who has a message now."""
        existing = self._store.instance(child_id)
        problem = None
        if scheduled.name not in self._orchestrators:
            problem = f"The orchestrator function '{scheduled.name}' does not exist."
        elif existing is not None and not existing.is_terminal:
            problem = f"An Orchestration instance with the id {child_id} already exists."
        if problem is None:
            self._create(child_id, scheduled.name, scheduled.payload, parent, scheduled.task_id)
            return child_id
        failure = history.failed(
            history.SUB_ORCHESTRATION_FAILED, self._clock.now(), scheduled.task_id, problem, ""
        )
        self._store.send(parent.id, parent.execution_id, failure)
        return parent.id

    def _create(
        self,
        instance_id: str,
        name: str,
        payload: str | None,
        parent: Instance | None = None,
        parent_task_id: int | None = None,
    ) -> None:
        self._histories.pop(instance_id, None)
        instances.create(self._store, self._clock.now(), instance_id, name, payload, parent, parent_task_id)

    # Activities and timers

    async def _carry_out(self, task: Task) -> None:
        """Run an activity and send its end to the orchestration."""
        async with self._slots:
            try:
                result = await self._run_activity(task.name, task.input)
            except ActivityFailure as failure:
                told = history.failed(
                    history.TASK_FAILED, self._clock.now(), task.task_id, failure.reason, failure.details
                )
            else:
                told = history.completed(history.TASK_COMPLETED, self._clock.now(), task.task_id, result)
        with self._store.transaction():
            if self._store.finish_task(task):
                self._store.send(task.instance_id, task.execution_id, told)
        self._schedule_turn(task.instance_id)

    async def _fire_timers(self) -> None:
        while True:
            self._timers_changed.clear()
            await self._clock.wait_until(self._store.next_timer(), self._timers_changed)
            now = self._clock.now()
            due = self._store.due_timers(now)
            with self._store.transaction():
                for timer in due:
                    fired = history.timer_fired(now, timer["task_id"], timer["fire_at"])
                    self._store.send(timer["instance_id"], timer["execution_id"], fired)
                    self._store.delete_timer(timer["instance_id"], timer["execution_id"], timer["task_id"])
            for instance_id in {timer["instance_id"] for timer in due}:
                self._schedule_turn(instance_id)

    def _spawn(self, coroutine: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(coroutine)
        self._background.add(task)
        task.add_done_callback(self._finished)

    def _finished(self, task: asyncio.Task[None]) -> None:
        self._background.discard(task)
        if not task.cancelled() and task.exception() is not None:
            log.error("the engine stumbled", exc_info=task.exception())
