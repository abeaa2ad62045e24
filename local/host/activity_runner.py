"""Runs activities: each takes a slot, and its result is sent as a message to its orchestration.

One transaction stores the message and removes the activity from the store. A host that is killed before that
runs the activity again, so an activity runs at least once.
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
"""Runs an activity by name on a JSON input. Returns the JSON result or raises `ActivityFailure`."""


class ActivityFailure(Exception):
    """An activity raised an exception. `reason` is one line, `details` the traceback."""

    def __init__(self, reason: str, details: str) -> None:
        super().__init__(reason)
        self.reason = reason
        self.details = details


class Activities:
    """Runs activities, `slots` at a time. Calls `ended` with the instance id when one has ended."""

    def __init__(
        self, store: Store, run: RunActivity, clock: Clock, slots: int, ended: Callable[[str], None]
    ) -> None:
        self._store = store
        self._run = run
        self._clock = clock
        self._slots = asyncio.Semaphore(slots)
        self._ended = ended
        self._unfinished: Counter[str] = Counter()
        self._all_ended: dict[str, asyncio.Event] = {}
        self.work = Work()

    def start(self, task: Task) -> None:
        self._unfinished[task.instance_id] += 1
        self.work.spawn(self._run_task(task))

    async def all_ended(self, instance_id: str) -> None:
        """Wait until all activities of an instance have ended, including those that wait for a slot."""
        if instance_id in self._unfinished:
            await self._all_ended.setdefault(instance_id, asyncio.Event()).wait()

    async def _run_task(self, task: Task) -> None:
        async with self._slots:
            try:
                result = await self._run(task.name, task.input)
            except ActivityFailure as failure:
                event = history.failed(
                    history.TASK_FAILED, self._clock.now(), task.task_id, failure.reason, failure.details
                )
            else:
                event = history.completed(history.TASK_COMPLETED, self._clock.now(), task.task_id, result)
        with self._store.transaction():
            if self._store.finish_task(task):
                self._store.send(task.instance_id, task.execution_id, event)
        self._unfinished[task.instance_id] -= 1
        if not self._unfinished[task.instance_id]:
            del self._unfinished[task.instance_id]
            if task.instance_id in self._all_ended:
                self._all_ended.pop(task.instance_id).set()
        self._ended(task.instance_id)
