"""Timer triggers: runs them when their schedule says, and by hand when asked."""

import asyncio
import logging
from datetime import datetime

import azure.functions as func
from azure.functions.timer import TimerRequest

from local.host.clock import Clock
from local.host.functions import AppNotLoaded, Function, Functions, Worker
from local.host.ncrontab import BadSchedule, Schedule, parse
from local.host.store import Store

log = logging.getLogger("host.timers")


class Timers:
    """The app's timer triggers. A run that was due while the host was down is made up for, as past due."""

    def __init__(self, functions: Functions, worker: Worker, store: Store, clock: Clock) -> None:
        self._worker = worker
        self._store = store
        self._clock = clock
        self._functions = functions.timers
        self._schedules = {name: _schedule(function) for name, function in functions.timers.items()}
        self._tasks: list[asyncio.Task[None]] = []

    def start(self) -> None:
        self._tasks = [asyncio.create_task(self._run_on_schedule(name)) for name in self._functions]

    async def stop(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def run_now(self, name: str, past_due: bool = False) -> None:
        """Run a timer's function; what it raises goes to the log, as under the real host."""
        request: func.TimerRequest = TimerRequest(past_due=past_due)
        try:
            await self._worker.call(self._functions[name], request)
        except Exception:
            log.exception("timer function %s failed", name)

    def __contains__(self, name: str) -> bool:
        return name in self._functions

    async def _run_on_schedule(self, name: str) -> None:
        schedule, never = self._schedules[name], asyncio.Event()
        if self._functions[name].trigger.get("runOnStartup"):
            await self.run_now(name)
        last = self._store.last_run(name) or self._clock.now()
        while True:
            due = schedule.following(last)
            past_due = due < self._clock.now()
            await self._clock.wait_until(due, never)
            last = self._last(due)
            self._store.set_last_run(name, last)
            await self.run_now(name, past_due)

    def _last(self, due: datetime) -> datetime:
        """Runs that were missed are made up for once, not one by one."""
        return max(due, self._clock.now())


def _schedule(function: Function) -> Schedule:
    try:
        return parse(function.trigger["schedule"])
    except BadSchedule as error:
        raise AppNotLoaded(f"The schedule of timer function {function.name} is wrong: {error}.") from None
