"""Serves an emulator over HTTP on 127.0.0.1, in its own process or in a thread of a test.

`Server` runs in an event loop; `running` runs a `Server` in a thread.
"""

import asyncio
import threading
from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from typing import Any

from aiohttp import web

from local.openai_emulator.api_operations import Operations
from local.openai_emulator.config import EmulatorConfig
from local.openai_emulator.control import Control
from local.openai_emulator.emulator import Emulator
from local.openai_emulator.emulator_clock import Clock
from local.openai_emulator.faults import Rule
from local.openai_emulator.gateway import unknown_paths

_HOST = "127.0.0.1"
# Limit of bodies that are read into memory. Uploads are streamed instead.
_MAX_BODY = 64 * 1024 * 1024


class Server:
    """Serves an emulator while the context is open."""

    def __init__(self, emulator: Emulator) -> None:
        self._emulator = emulator
        app = web.Application(client_max_size=_MAX_BODY, middlewares=[unknown_paths])
        app.add_routes([*Operations(emulator).routes(), *Control(emulator).routes()])
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=1)
        self.url = ""

    async def __aenter__(self) -> "Server":
        """Start serving.

        Raises:
            OSError: when the port is in use.
        """
        await self._runner.setup()
        try:
            await web.TCPSite(self._runner, _HOST, self._emulator.config.port).start()
        except OSError:
            await self._runner.cleanup()
            raise
        self.url = f"http://{_HOST}:{self._runner.addresses[0][1]}"
        self._emulator.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._runner.cleanup()


class RunningEmulator:
    """A served emulator, for tests."""

    def __init__(self, emulator: Emulator, url: str) -> None:
        self._emulator = emulator
        self.url = url
        self.api_key = emulator.config.api_key
        self.config = emulator.config

    @property
    def base_url(self) -> str:
        """The v1 surface, for `openai.OpenAI(base_url=…)`."""
        return f"{self.url}/openai/v1/"

    def ledger(self, products: bool = True) -> dict[str, Any]:
        """See `Ledger.read`."""
        self._emulator.catch_up()
        return self._emulator.ledger.read(products)

    def journal(self, call: str | None = None) -> list[dict[str, Any]]:
        """See `Journal.read`."""
        return self._emulator.journal.read(call=call)

    def webhooks(self) -> list[dict[str, Any]]:
        """See `Webhooks.sent`."""
        return self._emulator.webhooks.sent()

    def faults(self, *rules: Rule | dict[str, Any]) -> None:
        """Add rules after the rules in force.

        Raises:
            pydantic.ValidationError: when a rule is not valid.
        """
        self._emulator.faults.add([Rule.model_validate(rule) for rule in rules])

    def clear_faults(self) -> None:
        self._emulator.faults.clear()

    def advance(self, seconds: float) -> None:
        """Advance the virtual clock, and return when everything that became due is done."""
        self._emulator.advance(seconds)


@contextmanager
def running(config: EmulatorConfig, clock: Clock | None = None) -> Iterator[RunningEmulator]:
    """Serve an emulator in a thread of this process.

    Raises:
        OSError: when the port is in use.
    """
    emulator = Emulator(config, clock)
    started: Future[str] = Future()
    stop = asyncio.Event()
    loop = asyncio.new_event_loop()

    async def serve() -> None:
        async with Server(emulator) as server:
            started.set_result(server.url)
            await stop.wait()

    def run() -> None:
        try:
            loop.run_until_complete(serve())
        except OSError as error:
            started.set_exception(error)
        finally:
            if not started.done():
                started.set_exception(RuntimeError("the emulator did not start; the error is above"))
            loop.run_until_complete(loop.shutdown_default_executor())
            loop.close()

    thread = threading.Thread(target=run, name="emulator-server", daemon=True)
    thread.start()
    try:
        yield RunningEmulator(emulator, started.result())
    finally:
        if not loop.is_closed():
            loop.call_soon_threadsafe(stop.set)
        thread.join()
        emulator.stop()
