"""Timer triggers: on schedule, past due, at start, by hand, and never overlapping."""

import asyncio
from datetime import timedelta
from pathlib import Path

import azure.durable_functions as df
import azure.functions as func
import pytest
from azure.functions.timer import TimerRequest

from local.host.functions import AppNotLoaded, Functions, load
from local.host.host_server import Host, HostOptions
from local.host.virtual_clock import VirtualClock
from tests.unit.host.hosting import START, Hosted, hosted, on_host

app = df.DFApp(http_auth_level=func.AuthLevel.ANONYMOUS)
runs: list[tuple[str, bool]] = []


@app.timer_trigger("timer", "0 0 * * * *")
def hourly(timer: func.TimerRequest) -> None:
    runs.append(("hourly", timer.past_due))


@app.timer_trigger("timer", "0 30 * * * *", use_monitor=False)
async def unmonitored(timer: func.TimerRequest) -> None:
    runs.append(("unmonitored", timer.past_due))


@app.timer_trigger("timer", "0 0 0 1 1 *")
def fails(timer: func.TimerRequest) -> None:
    runs.append(("fails", timer.past_due))
    raise RuntimeError("a bad night")


other = df.DFApp(http_auth_level=func.AuthLevel.ANONYMOUS)


@other.timer_trigger("timer", "0 0 0 * * *", run_on_startup=True)
def at_start(timer: TimerRequest) -> None:
    runs.append((str(timer.schedule_status["Next"]), timer.past_due))


starting = df.DFApp(http_auth_level=func.AuthLevel.ANONYMOUS)


@starting.timer_trigger("timer", "*/10 * * * * *")
@starting.durable_client_input(client_name="client")
async def starts(timer: func.TimerRequest, client: df.DurableOrchestrationClient) -> None:  # noqa: ARG001
    await client.start_new("quick")


@starting.orchestration_trigger(context_name="context")
def quick(context: df.DurableOrchestrationContext) -> str:  # noqa: ARG001
    return "quick"


FUNCTIONS = load(f"{__name__}:app")
AT_START = load(f"{__name__}:other")
STARTING = load(f"{__name__}:starting")


@pytest.fixture(autouse=True)
def _no_runs() -> None:
    runs.clear()


async def _nothing(h: Hosted) -> None:
    await h.settle()


def _waits(**duration: float):  # type: ignore[no-untyped-def]
    async def scenario(h: Hosted) -> None:
        await h.wait(**duration)

    return scenario


@hosted(FUNCTIONS)
async def test_a_timer_runs_when_its_schedule_says(h: Hosted) -> None:
    await h.wait(minutes=59)
    assert runs == [("unmonitored", False)]
    await h.wait(hours=2)
    assert [run for run in runs if run[0] == "hourly"] == [("hourly", False)] * 2


def test_missed_runs_are_made_up_for_once(tmp_path: Path) -> None:
    clock = VirtualClock(START)
    on_host(FUNCTIONS, tmp_path, _waits(minutes=10), clock)
    asyncio.run(clock.advance(timedelta(hours=5), _no_host))
    on_host(FUNCTIONS, tmp_path, _nothing, clock)
    assert runs == [("hourly", True)]
    on_host(FUNCTIONS, tmp_path, _waits(hours=1), clock)
    assert ("hourly", False) in runs


def test_a_host_that_was_down_between_two_runs_makes_up_for_none(tmp_path: Path) -> None:
    clock = VirtualClock(START)
    on_host(FUNCTIONS, tmp_path, _waits(minutes=10), clock)
    on_host(FUNCTIONS, tmp_path, _waits(minutes=10), clock)
    assert runs == []


def test_a_schedule_that_changes_makes_up_for_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = VirtualClock(START)
    on_host(FUNCTIONS, tmp_path, _waits(minutes=10), clock)
    changed = Functions(timers={"hourly": FUNCTIONS.timers["hourly"]})
    monkeypatch.setitem(changed.timers["hourly"].trigger, "schedule", "0 0 3 * * *")
    asyncio.run(clock.advance(timedelta(days=2), _no_host))
    on_host(changed, tmp_path, _nothing, clock)
    assert runs == []


def test_a_run_that_is_cut_off_is_past_due_at_the_next_start(tmp_path: Path) -> None:
    """The run would be lost if its status were stored before the function has ended."""
    began: list[bool] = []

    async def never_ends(timer: func.TimerRequest) -> None:
        began.append(timer.past_due)
        await asyncio.Event().wait()

    stuck = Functions(
        timers={
            "hourly": type(FUNCTIONS.timers["hourly"])(
                "hourly", never_ends, FUNCTIONS.timers["hourly"].trigger, None, False
            )
        }
    )
    clock = VirtualClock(START)

    async def cut_off() -> None:
        async with Host(stuck, HostOptions(data=tmp_path), clock):
            await clock.advance(timedelta(hours=1), _a_moment)

    asyncio.run(cut_off())
    asyncio.run(clock.advance(timedelta(minutes=1), _no_host))
    asyncio.run(cut_off())
    assert began == [False, True]


@hosted(AT_START)
async def test_run_on_startup_runs_at_the_start_too(h: Hosted) -> None:
    await h.settle()
    assert runs == [("2026-03-03T00:00:00.000000Z", False)]
    await h.wait(days=1)
    assert len(runs) == 2


@hosted(FUNCTIONS)
async def test_a_run_by_hand(h: Hosted) -> None:
    url = f"{h.host.url}/admin/functions/"
    async with h.http.post(url + "hourly", json={}) as answer:
        assert answer.status == 202
    await h.settle()
    assert runs == [("hourly", False)]
    async with h.http.post(url + "nobody", json={}) as answer:
        assert answer.status == 404
    for body in ("", "[]", "no json"):
        async with h.http.post(url + "hourly", data=body) as answer:
            assert answer.status == 400
    assert len(runs) == 1


@hosted(Functions(timers={"fails": FUNCTIONS.timers["fails"]}))
async def test_a_failure_is_logged_and_the_timer_continues(h: Hosted) -> None:
    async with h.http.post(f"{h.host.url}/admin/functions/fails", json={}) as answer:
        assert answer.status == 202
    await h.wait(days=365)
    assert runs.count(("fails", False)) == 2


@hosted(STARTING)
async def test_a_timer_with_a_durable_client_starts_orchestrations(h: Hosted) -> None:
    await h.wait(minutes=1)
    started = h.host.store.instances()
    assert len(started) == 6
    assert {instance.status for instance in started} == {"Completed"}


def test_a_wrong_schedule_stops_the_start_by_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for schedule, message in (("0 0 * * *", "six are needed"), ("0 0 0 30 2 *", "never comes")):
        monkeypatch.setitem(FUNCTIONS.timers["hourly"].trigger, "schedule", schedule)
        expected = f"The schedule of timer function hourly is wrong: .*{message}"
        with pytest.raises(AppNotLoaded, match=expected):
            Host(FUNCTIONS, HostOptions(data=tmp_path))


async def _no_host() -> None:
    """Nothing to wait for, because no host is running."""


async def _a_moment() -> None:
    await asyncio.sleep(0.01)
