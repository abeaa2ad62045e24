"""Timer triggers: runs them on their schedules, and by hand.

Source: Azure/azure-webjobs-sdk-extensions, `ScheduleMonitor` and `TimerListener`. The next time of a timer is
stored before it is waited for. A run that was due while the host was down is therefore made up for.
"""

import functools
import logging
from datetime import UTC, datetime, timedelta

import azure.functions as func
from azure.functions.timer import TimerRequest

from local.host.background_tasks import Work
from local.host.functions import AppNotLoaded, Function, Functions, Worker
from local.host.history import timestamp
from local.host.host_clock import Cancel, Clock
from local.host.host_records import TimerStatus
from local.host.host_store import Store
from shared.config.ncrontab import BadSchedule, Schedule, parse

log = logging.getLogger("host.timers")

# Missed runs of a timer that runs more often are not made up for.
_SHORTEST_MONITORED = timedelta(minutes=1)


class Timers:
    """The app's timer triggers. However many runs were missed, one makes up for them, as past due."""

    def __init__(self, functions: Functions, worker: Worker, store: Store, clock: Clock) -> None:
        self._worker = worker
        self._store = store
        self._clock = clock
        self._functions = functions.timers
        now = clock.now()
        self._schedules = {name: _schedule(function, now) for name, function in functions.timers.items()}
        self._statuses: dict[str, TimerStatus] = {}
        self._alarms: dict[str, Cancel] = {}
        self.work = Work()

    def __contains__(self, name: str) -> bool:
        return name in self._functions

    def start(self) -> None:
        now = self._clock.now()
        for name, function in self._functions.items():
            known = self._store.timer_status(name) if self._is_monitored(name) else None
            if known is None or known.schedule != self._schedules[name].text:
                self._put_status(name, last=None)
            else:
                self._statuses[name] = known
            past_due = self._next(name) < now
            if past_due or function.trigger.get("runOnStartup"):
                self.work.spawn(self._run_on_schedule(name, past_due))
            else:
                self._set_alarm(name)

    async def stop(self) -> None:
        for cancel in self._alarms.values():
            cancel()
        await self.work.stop()

    def run_by_hand(self, name: str) -> None:
        """Begin to run a timer's function now; its schedule stays as it is."""
        self.work.spawn(self._run(name, past_due=False))

    def _set_alarm(self, name: str) -> None:
        self._alarms[name] = self._clock.call_at(self._next(name), functools.partial(self._due, name))

    def _due(self, name: str) -> None:
        if self._clock.now() < self._next(name):
            self._set_alarm(name)
        else:
            self.work.spawn(self._run_on_schedule(name, past_due=False))

    async def _run_on_schedule(self, name: str, past_due: bool) -> None:
        """Run the function, then store that it ran, then wait for the next time.

        A run that a kill interrupts is therefore past due at the next start, and runs never overlap.
        """
        began = self._clock.now()
        await self._run(name, past_due)
        self._put_status(name, last=began)
        self._set_alarm(name)

    async def _run(self, name: str, past_due: bool) -> None:
        """Call the function. An exception is logged, as in the real host."""
        status = self._statuses[name]
        request: func.TimerRequest = TimerRequest(
            past_due=past_due,
            schedule_status={"Last": status.last, "Next": status.next},
            schedule={"AdjustForDST": True},
        )
        try:
            await self._worker.call(self._functions[name], request)
        except Exception:
            log.exception("timer function %s failed", name)

    def _put_status(self, name: str, last: datetime | None) -> None:
        schedule = self._schedules[name]
        status = TimerStatus(
            name=name,
            schedule=schedule.text,
            last=None if last is None else timestamp(last),
            next=timestamp(schedule.following(self._clock.now())),
        )
        self._statuses[name] = status
        if self._is_monitored(name):
            self._store.put_timer_status(status)

    def _next(self, name: str) -> datetime:
        return datetime.fromisoformat(self._statuses[name].next).astimezone(UTC)

    def _is_monitored(self, name: str) -> bool:
        schedule = self._schedules[name]
        first = schedule.following(self._clock.now())
        is_rare = schedule.following(first) - first >= _SHORTEST_MONITORED
        return is_rare and self._functions[name].trigger.get("useMonitor") is not False


def _schedule(function: Function, now: datetime) -> Schedule:
    """The schedule of a timer trigger. It must have at least two times in the future."""
    try:
        schedule = parse(function.trigger["schedule"])
        schedule.following(schedule.following(now))
    except BadSchedule as error:
        raise AppNotLoaded(f"The schedule of timer function {function.name} is wrong: {error}.") from None
    return schedule
