"""Runs an `async def` test with an app in a host on a virtual clock: `@hosted(FUNCTIONS)`."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import aiohttp
import azure.durable_functions as df

from local.host import background_tasks
from local.host.durable_urls import client_binding
from local.host.functions import Functions
from local.host.history import Event
from local.host.host_records import Instance
from local.host.host_server import Host, HostOptions
from local.host.virtual_clock import VirtualClock

START = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
LONG = timedelta(days=400)


class Hosted:
    """A host, its clock, the SDK's Durable client for it, and an HTTP session."""

    def __init__(self, host: Host, clock: VirtualClock, http: aiohttp.ClientSession) -> None:
        self.host = host
        self.clock = clock
        self.http = http
        self.client = df.DurableOrchestrationClient(client_binding(host.url))

    async def start(self, name: str, payload: Any = None, instance_id: str | None = None) -> str:
        started: str = await self.client.start_new(name, instance_id, payload)
        return started

    async def settle(self) -> None:
        """Wait until everything has run that can run without a later time."""
        await self.host.idle()

    async def wait(self, **duration: float) -> None:
        """Let time pass: `wait(minutes=5)`."""
        await self.clock.advance(timedelta(**duration), self.host.idle)

    async def ended(self, instance_id: str) -> Instance:
        """Let time pass until the instance has ended. Returns the instance."""
        await self.clock.advance_until(
            lambda: self.instance(instance_id).is_terminal, self.host.idle, at_most=LONG
        )
        return self.instance(instance_id)

    async def output(self, name: str, payload: Any = None) -> Any:
        """Run an orchestration to its end. Returns its output.

        Raises:
            AssertionError: when it does not complete.
        """
        ended = await self.ended(await self.start(name, payload))
        assert ended.status == "Completed", ended
        return (await self.client.get_status(ended.id)).output

    def instance(self, instance_id: str) -> Instance:
        found = self.host.store.instance(instance_id)
        assert found is not None, f"there is no instance {instance_id}"
        return found

    def history(self, instance_id: str) -> list[Event]:
        return self.host.store.history(instance_id)

    def elapsed(self) -> timedelta:
        return self.clock.now() - START


Scenario = Callable[[Hosted], Awaitable[None]]


def on_host(
    functions: Functions, data: Path, scenario: Scenario, clock: VirtualClock | None = None, **options: Any
) -> None:
    """Run a scenario in a new host with the folder `data`.

    Raises:
        AssertionError: when the scenario raises it, or when the host has logged a fault of its own.
    """
    faults: list[str] = []
    listener = logging.Handler(logging.ERROR)
    listener.emit = lambda record: faults.append(str(record.exc_info))  # type: ignore[method-assign]

    async def run() -> None:
        used_clock = clock or VirtualClock(START)
        host_options = HostOptions(data=data, **options)
        async with Host(functions, host_options, used_clock) as host, aiohttp.ClientSession() as http:
            await scenario(Hosted(host, used_clock, http))

    background_tasks.log.addHandler(listener)
    try:
        asyncio.run(run())
    finally:
        background_tasks.log.removeHandler(listener)
    assert not faults


def hosted(functions: Functions, **options: Any) -> Callable[[Scenario], Callable[[Path], None]]:
    """Turn a scenario into a test."""

    def decorate(scenario: Scenario) -> Callable[[Path], None]:
        def test(tmp_path: Path) -> None:
            on_host(functions, tmp_path, scenario, **options)

        test.__doc__ = scenario.__doc__
        return test

    return decorate
