"""Turns: delivers all waiting messages of an orchestration together, and stores what follows from them.

A fan-out of a thousand activities therefore costs a few replays, not a thousand. An instance has one turn at
a time.
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
    """Runs the turns of all instances, and starts what they schedule."""

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
        # One thread: a second one would not make replays faster, because they are Python code.
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="orchestrations")
        self._histories: dict[str, list[Event]] = {}
        self._in_turn: set[str] = set()
        self.work = Work()

    @property
    def histories_held(self) -> int:
        """The number of histories in memory: those of running instances that have had a turn."""
        return len(self._histories)

    def schedule(self, instance_id: str) -> None:
        """Have the messages of an instance delivered."""
        if instance_id not in self._in_turn:
            self._in_turn.add(instance_id)
            self.work.spawn(self._take_turns(instance_id))

    def forget(self, instance_id: str) -> None:
        """Drop the history in memory of an instance that has ended or was deleted."""
        self._histories.pop(instance_id, None)

    async def stop(self) -> None:
        await self.work.stop()
        self._thread.shutdown(wait=True, cancel_futures=True)

    async def _take_turns(self, instance_id: str) -> None:
        try:
            while (replay_seconds := await self._take_turn(instance_id)) is not None:
                await self._wait_for_more_messages(instance_id, replay_seconds)
        finally:
            self._in_turn.discard(instance_id)

    async def _wait_for_more_messages(self, instance_id: str, replay_seconds: float) -> None:
        """After a long replay, wait three times as long, or until no activity of the instance is running.

        Without the wait each of 10,000 activities could cause a replay when it ends. With it, replays take at
        most a fourth of the time.
        """
        if replay_seconds < _LONG_REPLAY_SECONDS:
            return
        # At the time limit some activities are still running, which is expected.
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._activities.all_ended(instance_id), replay_seconds * _PATIENCE)

    async def _take_turn(self, instance_id: str) -> float | None:
        """Deliver the waiting messages of the instance. Returns the seconds of the replay.

        Returns None when there was nothing to deliver.
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
            self._commit(now, past, new_events, last, turn)
        # Otherwise it was purged, terminated or restarted during the replay, and the turn is discarded.
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

    def _commit(
        self, instance: Instance, past: list[Event], new_events: list[Event], last_message: int, turn: Turn
    ) -> None:
        """Commit a turn, then start what it has scheduled."""
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
    """The Durable extension's message for an unknown name."""
    names = ", ".join(f"'{other}'" for other in sorted(known))
    return (
        f"The function '{name}' doesn't exist, is disabled, or is not an orchestrator function. "
        f"Additional info: The following are the known orchestrator functions: {names}."
    )
