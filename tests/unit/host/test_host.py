"""The host as a whole: several in one process, one after another, and with one data folder."""

import asyncio
import gc
from datetime import timedelta
from pathlib import Path
from typing import Any

import azure.durable_functions as df
import azure.functions as func
import pytest

from local.host import host_clock
from local.host.durable_urls import client_binding
from local.host.functions import load
from local.host.host_clock import SystemClock
from local.host.host_server import Host, HostOptions, PortUnavailable
from local.host.host_store import DataInUse
from local.host.virtual_clock import NotReached, VirtualClock
from tests.unit.host.hosting import LONG, START, Hosted, hosted, on_host

app = df.DFApp(http_auth_level=func.AuthLevel.ANONYMOUS)


@app.orchestration_trigger(context_name="context")
def echo(context: df.DurableOrchestrationContext) -> Any:
    return context.get_input()


@app.orchestration_trigger(context_name="context")
def wait(context: df.DurableOrchestrationContext) -> Any:
    yield context.create_timer(context.current_utc_datetime + timedelta(seconds=context.get_input()))
    return "waited"


@app.orchestration_trigger(context_name="context")
def wait_for_an_event(context: df.DurableOrchestrationContext) -> Any:
    value = yield context.wait_for_external_event("data")
    return value


FUNCTIONS = load(f"{__name__}:app")


async def _crowd(h: Hosted) -> None:
    await asyncio.gather(*(h.start("echo", n) for n in range(20)))
    await h.settle()
    assert len(h.host.store.instances()) == 20


def test_hosts_one_after_another_with_many_clients_at_once(tmp_path: Path) -> None:
    for name in ("a", "b", "c"):
        on_host(FUNCTIONS, tmp_path / name, _crowd)


@pytest.mark.filterwarnings("ignore:.*nclosed:ResourceWarning")  # of the host that is left, on purpose
def test_a_host_after_one_that_was_never_stopped(tmp_path: Path) -> None:
    """The SDK's client keeps its session in its module. The session belongs to one event loop."""

    async def abandon() -> Host:
        host = await Host(FUNCTIONS, HostOptions(data=tmp_path / "a")).__aenter__()
        await df.DurableOrchestrationClient(client_binding(host.url)).start_new("echo")
        return host

    abandoned = asyncio.run(abandon())
    on_host(FUNCTIONS, tmp_path / "b", _crowd)
    abandoned.store.close()
    del abandoned
    gc.collect()  # an unclosed resource is reported here, and not in another test


def test_a_stop_loses_nothing(tmp_path: Path) -> None:
    its_clock = VirtualClock(START)

    async def begin(h: Hosted) -> None:
        await h.start("wait", 3_600, "w")
        await h.start("wait_for_an_event", None, "e")
        await h.wait(minutes=10)

    async def go_on(h: Hosted) -> None:
        await h.client.raise_event("e", "data", 1)
        await h.wait(minutes=49)
        assert h.instance("e").status == "Completed"
        assert h.instance("w").status == "Running"
        await h.wait(minutes=1)
        assert h.instance("w").status == "Completed"

    on_host(FUNCTIONS, tmp_path, begin, its_clock)
    on_host(FUNCTIONS, tmp_path, go_on, its_clock)


def test_instances_of_an_orchestrator_that_was_removed_fail_with_its_name(tmp_path: Path) -> None:
    async def begin(h: Hosted) -> None:
        await h.start("wait_for_an_event", None, "e")
        await h.settle()

    async def go_on(h: Hosted) -> None:
        await h.client.raise_event("e", "data", 1)
        await h.settle()
        assert h.instance("e").status == "Failed"
        assert "The function 'wait_for_an_event' doesn't exist" in str(h.instance("e").output)

    on_host(FUNCTIONS, tmp_path, begin)
    without = type(FUNCTIONS)(orchestrators={"echo": FUNCTIONS.orchestrators["echo"]})
    on_host(without, tmp_path, go_on)


@hosted(FUNCTIONS)
async def test_a_folder_that_another_host_uses_is_refused(h: Hosted) -> None:
    folder = h.host.store.path.parent
    with pytest.raises(DataInUse, match=f"Another host uses the folder {folder}"):
        Host(FUNCTIONS, HostOptions(data=folder))
    assert (await h.output("echo", 1)) == 1


@hosted(FUNCTIONS)
async def test_a_port_that_is_taken_is_refused(h: Hosted) -> None:
    port = int(h.host.url.rsplit(":", 1)[1])
    options = HostOptions(data=h.host.store.path.parent / "other", port=port)
    with pytest.raises(PortUnavailable, match=f"Port {port} on 127.0.0.1 cannot be used"):
        async with Host(FUNCTIONS, options):
            pass


def test_the_system_clock_fires_timers(tmp_path: Path) -> None:
    """The test waits for a timer of 20 ms."""

    async def scenario() -> None:
        async with Host(FUNCTIONS, HostOptions(data=tmp_path), SystemClock()) as host:
            host.engine.start_instance("wait", "w", '"0.02"')
            while True:
                found = host.store.instance("w")
                if found is not None and found.is_terminal:
                    break
                await asyncio.sleep(0.005)
            assert found.output == '"waited"'

    asyncio.run(asyncio.wait_for(scenario(), 10))


def test_a_timer_that_is_called_early_waits_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The clock calls early after a sleep of the machine, for example."""
    monkeypatch.setattr(host_clock, "_LONGEST_WAIT_SECONDS", 0.005)
    test_the_system_clock_fires_timers(tmp_path)


@hosted(FUNCTIONS)
async def test_a_virtual_clock_raises_when_a_condition_is_not_reached(h: Hosted) -> None:
    with pytest.raises(NotReached):
        await h.clock.advance_until(lambda: False, h.host.idle, LONG)
    instance_id = await h.start("wait", 100)
    with pytest.raises(NotReached):
        await h.clock.advance_until(
            lambda: h.instance(instance_id).is_terminal, h.host.idle, timedelta(seconds=99)
        )
    assert (await h.ended(instance_id)).status == "Completed"
