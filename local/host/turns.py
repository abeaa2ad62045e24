"""Turns: delivers to an orchestration all the messages that have come for it, and writes down what follows.

A fan-out of a thousand so costs a few replays and not a thousand. An instance has one turn at a time.
"""

import asyncio
import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from local.host import history
from local.host.clock import Clock
from local.host.commit import Commit
from local.host.history import Event
from local.host.records import Instance, Task
from local.host.replay import Turn, run_turn
from local.host.store import Store
from local.host.work import Work


class Turns:
    """Takes the turns of all instances; `start_task` and `timers_changed` set going what is scheduled."""

    def __init__(
        self,
        store: Store,
        orchestrators: dict[str, Callable[..., Any]],
        clock: Clock,
        start_task: Callable[[Task], None],
        timers_changed: Callable[[], None],
    ) -> None:
        self._store = store
        self._orchestrators = orchestrators
        self._clock = clock
        self._start_task = start_task
        self._timers_changed = timers_changed
        # One thread: replays are Python code, which two threads would not make faster.
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="orchestrations")
        self._histories: dict[str, list[Event]] = {}
        self._in_turn: set[str] = set()
        self.work = Work()

    @property
    def histories_held(self) -> int:
        """How many histories are in memory: those of running instances that have had a turn."""
        return len(self._histories)

    def schedule(self, instance_id: str) -> None:
        """See to it that the messages of an instance are delivered."""
        if instance_id not in self._in_turn:
            self._in_turn.add(instance_id)
            self.work.spawn(self._take_turns(instance_id))

    def forget(self, instance_id: str) -> None:
        """Drop what is held in memory for an instance that has ended or gone."""
        self._histories.pop(instance_id, None)

    async def stop(self) -> None:
        await self.work.stop()
        self._thread.shutdown(wait=True, cancel_futures=True)

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
        turn = await self._replay(instance, past + new_events)
        now = self._store.instance(instance_id)
        if now is not None and now.execution_id == instance.execution_id and not now.is_terminal:
            self._write_down(now, past, new_events, last, turn)
        # Otherwise it was purged, terminated or restarted while it was thinking: the turn never happened.
        return True

    async def _replay(self, instance: Instance, events: list[Event]) -> Turn:
        orchestrator = self._orchestrators.get(instance.name)
        if orchestrator is None:
            return Turn(failure=unknown_orchestrator(instance.name, self._orchestrators))
        return await asyncio.get_running_loop().run_in_executor(
            self._thread,
            run_turn,
            orchestrator,
            instance.id,
            instance.parent_id,
            None if instance.input is None else json.loads(instance.input),
            events,
        )

    def _write_down(
        self, instance: Instance, past: list[Event], new_events: list[Event], last_message: int, turn: Turn
    ) -> None:
        """Commit a turn, and then set going what it has scheduled."""
        commit = Commit(self._store, self._orchestrators.keys(), self._clock.now(), instance)
        with self._store.transaction():
            self._store.delete_messages(instance.id, last_message)
            added = commit.write(new_events, turn)
        if commit.is_over:
            self.forget(instance.id)
        else:
            past += added
        if commit.timers_changed:
            self._timers_changed()
        for task in commit.tasks:
            self._start_task(task)
        for instance_id in commit.woken:
            self.schedule(instance_id)


def unknown_orchestrator(name: str, known: dict[str, Callable[..., Any]]) -> str:
    """The text of the Durable extension for a name that it does not know."""
    names = ", ".join(f"'{other}'" for other in sorted(known))
    return (
        f"The function '{name}' doesn't exist, is disabled, or is not an orchestrator function. "
        f"Additional info: The following are the known orchestrator functions: {names}."
    )
