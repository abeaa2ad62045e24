"""How fast orchestrations run, as a ratio to what the SDK alone needs to replay the same turns.

The limit is measured in the same run: every turn that the host took, replayed by the SDK as it is shipped,
from the JSON that the worker gets. A ratio of 1 would be a host that costs nothing; below 1 it is faster than
the SDK as shipped, because it gives it a faster parser of times.

    python -m pytest -m benchmark -s tests/benchmarks/host
"""

import asyncio
import gc
import json
import os
import time
import tracemalloc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import azure.durable_functions as df
import azure.functions as func
import dateutil.parser
import pytest
from azure.durable_functions.models.history import HistoryEvent

from local.host import turns
from local.host.functions import load
from local.host.host_server import Host, HostOptions
from local.host.replay import Turn, run_turn
from local.host.virtual_clock import VirtualClock
from tests.unit.host.hosting import LONG, START

pytestmark = [pytest.mark.benchmark, pytest.mark.timeout(600)]

app = df.DFApp(http_auth_level=func.AuthLevel.ANONYMOUS)


@app.activity_trigger(input_name="value")
async def work(value: int) -> int:
    return value


@app.activity_trigger(input_name="value")
def work_in_a_thread(value: int) -> int:
    return value


@app.orchestration_trigger(context_name="context")
def fan_out(context: df.DurableOrchestrationContext) -> Any:
    asked = context.get_input()
    results = yield context.task_all([context.call_activity(asked["name"], n) for n in range(asked["width"])])
    return len(results)


@app.orchestration_trigger(context_name="context")
def in_sequence(context: df.DurableOrchestrationContext) -> Any:
    for n in range(context.get_input()):
        yield context.call_activity("work", n)
    return context.get_input()


@app.orchestration_trigger(context_name="context")
def children(context: df.DurableOrchestrationContext) -> Any:
    asked = {"name": "work", "width": 10}
    results = yield context.task_all([context.call_sub_orchestrator("fan_out", asked) for _ in range(100)])
    return sum(results)


@app.orchestration_trigger(context_name="context")
def timers(context: df.DurableOrchestrationContext) -> Any:
    """A thousand timers, a hundred of which are due at a time."""
    now = context.current_utc_datetime
    yield context.task_all([context.create_timer(now + timedelta(seconds=n // 100)) for n in range(1_000)])
    return 1_000


FUNCTIONS = load(f"{__name__}:app")
# What is measured, by which orchestrator, on what input, and what comes out.
CASES = [
    ("fan-out of 1,000 async activities", "fan_out", {"name": "work", "width": 1_000}, 1_000),
    (
        "fan-out of 1,000 activities in threads",
        "fan_out",
        {"name": "work_in_a_thread", "width": 1_000},
        1_000,
    ),
    ("fan-out of 10,000 async activities", "fan_out", {"name": "work", "width": 10_000}, 10_000),
    (
        "fan-out of 10,000 activities in threads",
        "fan_out",
        {"name": "work_in_a_thread", "width": 10_000},
        10_000,
    ),
    ("300 activities in sequence", "in_sequence", 300, 300),
    ("100 sub-orchestrations of ten activities", "children", None, 1_000),
    ("1,000 timers", "timers", None, 1_000),
]


@pytest.mark.parametrize(("what", "name", "payload", "output"), CASES, ids=[case[0] for case in CASES])
def test_speed(
    what: str,
    name: str,
    payload: Any,
    output: Any,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    taken: list[tuple[Any, ...]] = []

    def remember(*arguments: Any) -> Turn:
        taken.append(arguments)
        return run_turn(*arguments)

    monkeypatch.setattr(turns, "run_turn", remember)
    begun = time.perf_counter()
    assert asyncio.run(_run(tmp_path, name, payload)) == output
    host_seconds = time.perf_counter() - begun
    sdk_seconds = sum(bare_seconds(*arguments) for arguments in taken)
    with capsys.disabled():
        print(  # noqa: T201
            f"\n{what}: {host_seconds:.2f} s, {len(taken)} turns, SDK alone {sdk_seconds:.2f} s, "
            f"ratio {host_seconds / sdk_seconds:.2f}"
        )


def test_memory_after_purging(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What is left of twenty fan-outs of 500 when they have ended, and when they are purged."""

    async def scenario() -> list[int]:
        # On the machine's clock, so that every event has a time of its own, as in use.
        async with Host(FUNCTIONS, HostOptions(data=tmp_path)) as host:

            async def fan_out_and_wait() -> None:
                payload = json.dumps(json.dumps({"name": "work", "width": 500}))
                host.engine.start_instance("fan_out", None, payload)
                await host.idle()

            await fan_out_and_wait()
            gc.collect()
            held = [tracemalloc.get_traced_memory()[0]]
            for _ in range(20):
                await fan_out_and_wait()
            gc.collect()
            held.append(tracemalloc.get_traced_memory()[0])
            for instance in host.store.instances():
                host.engine.purge(instance)
            gc.collect()
            held.append(tracemalloc.get_traced_memory()[0])
            assert host.store.instances() == []
            assert host.engine.turns.histories_held == 0
            return held

    tracemalloc.start()
    try:
        before, ended, purged = asyncio.run(scenario())
    finally:
        tracemalloc.stop()
    file_kib = sum(path.stat().st_size for path in tmp_path.iterdir()) / 1024
    with capsys.disabled():
        print(  # noqa: T201
            f"\nmemory: {(ended - before) / 1024:+.0f} KiB after twenty fan-outs of 500 have ended, "
            f"{(purged - before) / 1024:+.0f} KiB after they are purged; the file has {file_kib:.0f} KiB"
        )


async def _run(data: Path, name: str, payload: Any) -> Any:
    clock = VirtualClock(START)
    async with Host(FUNCTIONS, HostOptions(data=data), clock) as host:
        return await _ended(host, clock, name, payload)


async def _ended(host: Host, clock: VirtualClock, name: str, payload: Any) -> Any:
    """Run an orchestration to its end. Returns its output."""
    instance_id = host.engine.start_instance(name, None, json.dumps(json.dumps(payload)))

    def is_over() -> bool:
        found = host.store.instance(instance_id)
        return found is not None and found.is_terminal

    await clock.advance_until(is_over, host.idle, LONG)
    ended = host.store.instance(instance_id)
    assert ended is not None
    return json.loads(ended.output or "null")


def bare_seconds(
    handle: Callable[[str], str], instance_id: str, parent_id: str | None, payload: Any, history: list[Any]
) -> float:
    """Seconds that the SDK alone takes for a turn, from the JSON to the JSON."""
    context = json.dumps(
        {
            "history": history,
            "instanceId": instance_id,
            "isReplaying": False,
            "parentInstanceId": parent_id,
            "input": payload,
            "upperSchemaVersion": 0,
            "upperSchemaVersionNew": 2,
            "maximumShortTimerDuration": "6.00:00:00",
            "longRunningTimerIntervalDuration": "3.00:00:00",
        }
    )
    with _as_shipped():
        begun = time.perf_counter()
        handle(context)
        return time.perf_counter() - begun


@contextmanager
def _as_shipped() -> Iterator[None]:
    """The SDK with its own parser of times."""
    names = HistoryEvent.__init__.__globals__
    ours = names["dt_parse"]
    names["dt_parse"] = dateutil.parser.parse
    try:
        yield
    finally:
        names["dt_parse"] = ours


def test_what_it_ran_on(capsys: pytest.CaptureFixture[str]) -> None:
    with capsys.disabled():
        print(f"\n{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f} while measured")  # noqa: T201
