"""Turns: delivers to an orchestration all the messages that have come for it, and writes down what follows.

A fan-out of a thousand so costs a few replays and not a thousand. An instance has one turn at a time.
"""

import asyncio
import contextlib
import json
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from local.host import history
from local.host.activity_runner import Activities
from local.host.background_tasks import Work
from local.host.commit import Commit
from local.host.history import Event
from local.host.host_clock import Clock
from local.host.host_records import Instance
from local.host.host_store import Store
from local.host.replay import Turn, run_turn

_LONG_REPLAY_SECONDS = 0.02
_PATIENCE = 3


class Turns:
    """Takes the turns of all instances, and sets going what they schedule."""

    def __init__(
        self,
        store: Store,
        orchestrators: dict[str, Callable[..., Any]],
        clock: Clock,
        activities: Activities,
        timers_changed: Callable[[], None],
    ) -> None:
        self._store = store
        self._orchestrators = orchestrators
        self._clock = clock
        self._activities = activities
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
            while (replay_seconds := await self._take_turn(instance_id)) is not None:
                await self._let_messages_gather(instance_id, replay_seconds)
        finally:
            self._in_turn.discard(instance_id)

    async def _let_messages_gather(self, instance_id: str, replay_seconds: float) -> None:
        """After a long replay, wait for three times as long, or until no activity is under way.

        The end of each of 10,000 activities is worth no replay of its own: so replays take a fourth of the
        time at most.
        """
        if replay_seconds < _LONG_REPLAY_SECONDS:
            return
        # That some go on for longer is what the limit is for.
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._activities.all_ended(instance_id), replay_seconds * _PATIENCE)

    async def _take_turn(self, instance_id: str) -> float | None:
        """Deliver what waits for the instance; the answer is how many seconds the replay took.

        None when there was nothing (more) to deliver.
        """
        instance = self._store.instance(instance_id)
        messages = self._store.messages(instance_id)
        if instance is None or not messages or (instance.suspended and not instance.is_terminal):
            return None
        last = messages[-1][0]
        arrived = [event for _, execution, event in messages if execution in (None, instance.execution_id)]
        if instance.is_terminal or not arrived:
            with self._store.transaction():
                self._store.delete_messages(instance_id, last)
            return 0.0
        past = self._histories.get(instance_id)
        if past is None:
            past = self._histories[instance_id] = self._store.history(instance_id)
        new_events = [history.event(history.ORCHESTRATOR_STARTED, self._clock.now()), *arrived]
        turn, seconds = await self._replay(instance, past + new_events)
        now = self._store.instance(instance_id)
        if now is not None and now.execution_id == instance.execution_id and not now.is_terminal:
            self._write_down(now, past, new_events, last, turn)
        # Otherwise it was purged, terminated or restarted while it was thinking: the turn never happened.
        return seconds

    async def _replay(self, instance: Instance, events: list[Event]) -> tuple[Turn, float]:
        orchestrator = self._orchestrators.get(instance.name)
        if orchestrator is None:
            return Turn(failure=unknown_orchestrator(instance.name, self._orchestrators)), 0.0
        return await asyncio.get_running_loop().run_in_executor(
            self._thread,
            _timed_turn,
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
            self._activities.start(task)
        for instance_id in commit.woken:
            self.schedule(instance_id)


def _timed_turn(*arguments: Any) -> tuple[Turn, float]:
    began = time.perf_counter()
    return run_turn(*arguments), time.perf_counter() - began


def unknown_orchestrator(name: str, known: dict[str, Callable[..., Any]]) -> str:
    """The text of the Durable extension for a name that it does not know."""
    names = ", ".join(f"'{other}'" for other in sorted(known))
    return (
        f"The function '{name}' doesn't exist, is disabled, or is not an orchestrator function. "
        f"Additional info: The following are the known orchestrator functions: {names}."
    )
