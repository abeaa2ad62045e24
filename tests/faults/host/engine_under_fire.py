"""An engine whose activities end when a test says so, and that can be killed and begun again."""

import asyncio
import json
from collections import Counter
from datetime import timedelta
from pathlib import Path
from typing import Any

from local.host.activity_runner import ActivityFailure
from local.host.engine import Engine
from local.host.host_records import Instance
from local.host.virtual_clock import VirtualClock
from tests.faults.host.fire import FUNCTIONS, Killed, MortalStore, event_data, result
from tests.unit.host.hosting import START


class EngineUnderFire:
    """Runs on its own event loop, which does not run between the calls.

    `executions` counts how often each activity began; `risks` how often a kill may have made it begin again.
    """

    def __init__(self, folder: Path) -> None:
        self._path = folder / "host.sqlite"
        self._runner = asyncio.Runner()
        self._completed: Counter[str] = Counter()
        self._at_risk: set[str] = set()
        self.clock = VirtualClock(START)
        self.executions: Counter[str] = Counter()
        self.risks: Counter[str] = Counter()
        self.kills = 0
        self.pending: list[tuple[str, int, asyncio.Future[None]]] = []
        self._begin()

    def do(self, action: str, *arguments: Any) -> None:
        """Call a method of the engine, and let everything run that need not wait.

        A kill on the way is survived: the engine is begun again, and whether the action was done is to be
        seen in the store.
        """
        try:
            self._runner.run(self._call(action, *arguments))
        except Killed:
            self._after_kill()
        else:
            self.settle()

    def settle(self) -> None:
        self._at_risk = {key for key, _, _ in self.pending}
        while True:
            self._runner.run(self._settle())
            if not self.store.is_dead:
                return
            self._after_kill()

    def kill(self) -> None:
        self.store.is_dead = True
        self._after_kill()

    def finish_activity(self, which: int) -> None:
        """Let one of the activities under way end."""
        key, _, future = self.pending[which % len(self.pending)]
        self.pending.pop(which % len(self.pending))
        self._at_risk.add(key)
        future.set_result(None)
        self._settle_at_risk()

    def pass_time(self, by: timedelta) -> None:
        """Let time pass; a kill meanwhile takes the rest of it along."""
        end = self.clock.now() + by
        while self.clock.now() < end:
            try:
                self._runner.run(self.clock.advance(end - self.clock.now(), self._settle_or_die))
            except Killed:
                self._after_kill()
        self.settle()

    def instance(self, instance_id: str) -> Instance | None:
        return self.store.instance(instance_id)

    def running(self) -> list[Instance]:
        return [instance for instance in self.store.instances() if not instance.is_terminal]

    def finish_everything(self) -> None:
        """Resume, raise what is waited for, end activities and let time pass, until nothing runs any more."""
        for _ in range(1_000):
            running = self.running()
            if not running:
                return
            for instance in running:
                if instance.suspended:
                    self.do("suspend", instance, False)
                self.raise_waited_for(instance.id)
            while self.pending:
                self.finish_activity(0)
            self.pass_time(timedelta(minutes=10))
        raise AssertionError(f"still running: {self.running()}")

    def raise_waited_for(self, instance_id: str) -> None:
        """Raise the event that an instance says it waits for (or waited for last: then it is dropped)."""
        instance = self.instance(instance_id)
        if instance is not None and not instance.is_terminal and instance.custom_status is not None:
            key = json.loads(instance.custom_status)
            self.do("raise_event", instance, key, event_data(key))

    def close(self) -> None:
        self._runner.run(self._engine.stop())
        self.store.close()
        self._runner.close()

    def _begin(self) -> None:
        self.store = MortalStore(self._path)
        self._runner.run(self._start())

    async def _start(self) -> None:
        self._engine = Engine(self.store, FUNCTIONS.orchestrators, self._run_activity, self.clock, 8)
        self._engine.start()
        await self._settle()

    async def _call(self, action: str, *arguments: Any) -> None:
        getattr(self._engine, action)(*arguments)

    async def _settle(self) -> None:
        # A turn that ends may begin an activity, whose task needs a round of the loop to get going.
        for _ in range(3):
            await self._engine.turns.work.idle()
            await asyncio.sleep(0)

    async def _settle_or_die(self) -> None:
        await self._settle()
        if self.store.is_dead:
            raise Killed

    def _settle_at_risk(self) -> None:
        self._runner.run(self._settle())
        if self.store.is_dead:
            self._after_kill()

    async def _run_activity(self, _: str, payload: str | None) -> str:
        asked = json.loads(payload or "null")
        key, fails = asked["key"], asked["fails"]
        self.executions[key] += 1
        future = asyncio.get_running_loop().create_future()
        self.pending.append((key, fails, future))
        await future
        self._completed[key] += 1
        if self._completed[key] <= fails:
            raise ActivityFailure(f"{key} fails", "")
        return json.dumps(result(key))

    def _after_kill(self) -> None:
        """Drop the engine as it is, and begin another over the same file."""
        self.kills += 1
        self.risks.update(self._at_risk | {key for key, _, _ in self.pending})
        self._runner.run(self._engine.stop())
        self.store.close()
        self.pending.clear()
        self._begin()
