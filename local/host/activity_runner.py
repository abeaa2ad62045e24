"""Activities under way: each runs in a slot, and its end goes as a message to its orchestration.

An activity stays on the store's list until its end is written down, in the same transaction as the message:
a host that is killed in between runs it again, at least once and never less.
"""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable

from local.host import history
from local.host.background_tasks import Work
from local.host.host_clock import Clock
from local.host.host_records import Task
from local.host.host_store import Store

RunActivity = Callable[[str, str | None], Awaitable[str]]
"""Runs an activity by name on a JSON input; answers with the JSON result or raises `ActivityFailure`."""


class ActivityFailure(Exception):
    """An activity raised: `reason` is one line, `details` the traceback."""

    def __init__(self, reason: str, details: str) -> None:
        super().__init__(reason)
        self.reason = reason
        self.details = details


class Activities:
    """Carries out activities, `slots` at a time, and says to `ended` whose activity has ended."""

    def __init__(
        self, store: Store, run: RunActivity, clock: Clock, slots: int, ended: Callable[[str], None]
    ) -> None:
        self._store = store
        self._run = run
        self._clock = clock
        self._slots = asyncio.Semaphore(slots)
        self._ended = ended
        self._under_way: Counter[str] = Counter()
        self._all_ended: dict[str, asyncio.Event] = {}
        self.work = Work()

    def start(self, task: Task) -> None:
        self._under_way[task.instance_id] += 1
        self.work.spawn(self._carry_out(task))

    async def all_ended(self, instance_id: str) -> None:
        """Wait until all activities of an instance have ended, those that wait for a slot included."""
        if instance_id in self._under_way:
            await self._all_ended.setdefault(instance_id, asyncio.Event()).wait()

    async def _carry_out(self, task: Task) -> None:
        async with self._slots:
            try:
                result = await self._run(task.name, task.input)
            except ActivityFailure as failure:
                told = history.failed(
                    history.TASK_FAILED, self._clock.now(), task.task_id, failure.reason, failure.details
                )
            else:
                told = history.completed(history.TASK_COMPLETED, self._clock.now(), task.task_id, result)
        with self._store.transaction():
            if self._store.finish_task(task):
                self._store.send(task.instance_id, task.execution_id, told)
        self._under_way[task.instance_id] -= 1
        if not self._under_way[task.instance_id]:
            del self._under_way[task.instance_id]
            if task.instance_id in self._all_ended:
                self._all_ended.pop(task.instance_id).set()
        self._ended(task.instance_id)
