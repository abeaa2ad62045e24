"""The host: an HTTP server on loopback for the app's functions and the engine.

All durable state is in the store. A start continues from it; a stop or a kill loses nothing.
"""

import asyncio
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from aiohttp import web
from azure.durable_functions.models.utils import http_utils

from local.host.durable_api import DurableApi
from local.host.durable_urls import client_binding
from local.host.engine import Engine
from local.host.foreign_callers import refuse_foreign
from local.host.functions import AppNotLoaded, Functions, Worker
from local.host.host_clock import Clock, SystemClock
from local.host.host_store import Store
from local.host.http_functions import HttpFunctions
from local.host.timers import Timers

# The default of FUNCTIONS_REQUEST_BODY_SIZE_LIMIT (learn.microsoft.com, "App settings reference for Azure
# Functions"). In Azure the front end before the host accepts 210 MB at most.
_MOST_BODY_BYTES = 104_857_600
# This host's default of `maxConcurrentActivityFunctions`. The real worker's default depends on its cores.
_THREADS = 16
_LOOPBACK = "127.0.0.1"
# How long a stop waits for running HTTP functions.
_GRACE_SECONDS = 5.0


class PortUnavailable(Exception):
    """The host cannot listen on the port. The text says why, and what to do."""


@dataclass(frozen=True)
class HostOptions:
    """The options from `host.json`, the environment and the command line."""

    data: Path
    port: int = 0
    route_prefix: str = "api"
    concurrent_activities: int = 16
    threads: int = _THREADS
    most_body_bytes: int = _MOST_BODY_BYTES
    custom_headers: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def read(cls, data: Path, port: int, host_json: Path) -> "HostOptions":
        """Read the options. The file `host_json` may be absent."""
        content = json.loads(host_json.read_text(encoding="utf-8")) if host_json.exists() else {}
        extensions = content.get("extensions", {})
        durable, http = extensions.get("durableTask", {}), extensions.get("http", {})
        return cls(
            data=data,
            port=port,
            route_prefix=http.get("routePrefix", "api"),
            concurrent_activities=durable.get("maxConcurrentActivityFunctions", 16),
            threads=int(os.environ.get("PYTHON_THREADPOOL_THREAD_COUNT") or _THREADS),
            custom_headers=http.get("customHeaders", {}),
            most_body_bytes=int(os.environ.get("FUNCTIONS_REQUEST_BODY_SIZE_LIMIT") or _MOST_BODY_BYTES),
        )


class Host:
    """Serves an app's functions inside `async with Host(functions, options) as host`.

    Raises:
        AppNotLoaded: by the constructor, for a wrong schedule.
        BadRoute: by the constructor, for a route that is not served.
        DataInUse: by the constructor, for a folder that another host uses.
        PortUnavailable: by `async with`.
    """

    def __init__(self, functions: Functions, options: HostOptions, clock: Clock | None = None) -> None:
        clock = clock or SystemClock()
        self.url = ""
        self._options = options
        self._worker = Worker(functions, lambda: client_binding(self.url), options.threads)
        self._http = HttpFunctions(functions.http, options.route_prefix, self._worker)
        self.store = Store(options.data / "host.sqlite")
        self.engine = Engine(
            self.store,
            functions.orchestrators,
            self._worker.run_activity,
            clock,
            options.concurrent_activities,
        )
        try:
            self._timers = Timers(functions, self._worker, self.store, clock)
        except AppNotLoaded:
            self.store.close()
            raise
        self._runner: web.AppRunner | None = None

    async def __aenter__(self) -> Self:
        app = web.Application(client_max_size=self._options.most_body_bytes, middlewares=[refuse_foreign])
        app.on_response_prepare.append(self._add_custom_headers)
        app.add_routes(DurableApi(self.engine, self.store).routes())
        app.router.add_get("/admin/host/status", self._status)
        app.router.add_post("/admin/functions/{name}", self._run_by_hand)
        app.router.add_route("*", "/{path:(?s:.*)}", self._http.serve)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=_GRACE_SECONDS)
        await self._runner.setup()
        try:
            await web.TCPSite(self._runner, _LOOPBACK, self._options.port).start()
        except OSError as error:
            await self._runner.cleanup()
            self.store.close()
            raise PortUnavailable(
                f"Port {self._options.port} on {_LOOPBACK} cannot be used: {error.strerror}. "
                "Stop the process that uses it, or give another --port."
            ) from error
        port = self._runner.addresses[0][1]
        self.url = f"http://{_LOOPBACK}:{port}"
        _renew_client_session()
        self.engine.start()
        self._timers.start()
        return self

    async def __aexit__(
        self,
        _type: type[BaseException] | None,
        _error: BaseException | None,
        _traceback: TracebackType | None,
    ) -> None:
        await self._timers.stop()
        if self._runner is not None:
            await self._runner.cleanup()
        await self.engine.stop()
        self._worker.stop()
        self.store.close()
        await http_utils._close_session()

    async def idle(self) -> None:
        """Wait until no turn, activity or timer function is running."""
        while self.engine.turns.work or self.engine.activities.work or self._timers.work:
            await self.engine.idle()
            await self._timers.work.idle()

    async def _add_custom_headers(self, _: web.Request, response: web.StreamResponse) -> None:
        response.headers.update(self._options.custom_headers)

    async def _status(self, _: web.Request) -> web.Response:
        return web.json_response({"state": "Running"})

    async def _run_by_hand(self, request: web.Request) -> web.Response:
        """Run a timer function. Source: Azure/azure-functions-host, `FunctionsController.Invoke`."""
        name = request.match_info["name"]
        try:
            body: Any = json.loads(await request.text())
        except json.JSONDecodeError:
            body = None
        if not isinstance(body, dict):
            return web.json_response({"message": 'Send a JSON object, {} or {"input": "..."}.'}, status=400)
        if name not in self._timers:
            return web.json_response({"message": f"There is no timer function {name!r}."}, status=404)
        self._timers.run_by_hand(name)
        return web.Response(status=202)


def _renew_client_session() -> None:
    """Drop the HTTP session of the SDK's client when it belongs to another event loop.

    The SDK keeps one session and one lock per process. Both belong to the event loop that used them first.
    """
    session = http_utils._client_session
    if session is None or session._loop is not asyncio.get_running_loop():
        http_utils._client_session = None
        http_utils._session_lock = asyncio.Lock()
