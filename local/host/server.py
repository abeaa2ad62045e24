"""The host itself: an HTTP server on loopback around the app's functions and the engine."""

import asyncio
import json
import logging
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import azure.functions as func
from aiohttp import web
from yarl import URL

from local.host.clock import Clock, SystemClock
from local.host.durable_api import DurableApi, client_binding
from local.host.engine import Engine
from local.host.functions import Function, Functions, Worker
from local.host.routes import Route, compile_route
from local.host.store import Store
from local.host.timers import Timers

log = logging.getLogger("host.http")

# learn.microsoft.com, "Azure Functions HTTP trigger", limits: 100 MB a request.
MAX_BODY_BYTES = 100 * 1024 * 1024
_LOOPBACK = "127.0.0.1"


@dataclass(frozen=True)
class HostOptions:
    """What `host.json` and the command line decide."""

    data: Path
    port: int = 0
    route_prefix: str = "api"
    concurrent_activities: int = 16
    threads: int = 16

    @classmethod
    def read(cls, data: Path, port: int, host_json: Path) -> "HostOptions":
        """The options of a host whose app has a `host.json` there (or not)."""
        content = json.loads(host_json.read_text(encoding="utf-8")) if host_json.exists() else {}
        extensions = content.get("extensions", {})
        durable, http = extensions.get("durableTask", {}), extensions.get("http", {})
        return cls(
            data=data,
            port=port,
            route_prefix=http.get("routePrefix", "api"),
            concurrent_activities=durable.get("maxConcurrentActivityFunctions", 16),
        )


class Host:
    """Serves an app's functions while it is entered: `async with Host(functions, options) as host`."""

    def __init__(self, functions: Functions, options: HostOptions, clock: Clock | None = None) -> None:
        clock = clock or SystemClock()
        self.url = ""
        self._options = options
        self._store = Store(options.data / "host.sqlite")
        self._worker = Worker(functions, lambda: client_binding(self.url), options.threads)
        self._engine = Engine(
            self._store,
            functions.orchestrators,
            self._worker.run_activity,
            clock,
            options.concurrent_activities,
        )
        self._timers = Timers(functions, self._worker, self._store, clock)
        self._routes = _compile(functions.http, options.route_prefix)
        self._runner: web.AppRunner | None = None
        self._running: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        app = web.Application(client_max_size=MAX_BODY_BYTES)
        app.add_routes(DurableApi(self._engine, self._store).routes())
        app.router.add_get("/admin/host/status", self._status)
        app.router.add_post("/admin/functions/{name}", self._run_by_hand)
        app.router.add_route("*", "/{path:.*}", self._serve)
        self._runner = web.AppRunner(app, access_log=None)
        await self._runner.setup()
        site = web.TCPSite(self._runner, _LOOPBACK, self._options.port)
        await site.start()
        port = self._runner.addresses[0][1]
        self.url = f"http://{_LOOPBACK}:{port}"
        self._engine.start()
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
        await self._engine.stop()
        self._worker.stop()
        self._store.close()

    async def _status(self, _: web.Request) -> web.Response:
        return web.json_response({"state": "Running"})

    async def _run_by_hand(self, request: web.Request) -> web.Response:
        name = request.match_info["name"]
        if name not in self._timers:
            return web.json_response({"message": f"There is no timer function {name!r}."}, status=404)
        task = asyncio.create_task(self._timers.run_now(name))
        self._running.add(task)
        task.add_done_callback(self._running.discard)
        return web.Response(status=202)

    async def _serve(self, request: web.Request) -> web.StreamResponse:
        allowed: set[str] = set()
        for route, function in self._routes:
            parameters = route.match(request.rel_url.raw_path)
            if parameters is None:
                continue
            methods = {str(method.value) for method in function.trigger.get("methods") or ()}
            if not methods or request.method in methods:
                return await self._answer(request, function, parameters)
            allowed |= methods
        if allowed:
            return web.Response(status=405, headers={"Allow": ", ".join(sorted(allowed))})
        return web.Response(status=404)

    async def _answer(
        self, request: web.Request, function: Function, parameters: dict[str, str]
    ) -> web.Response:
        body = await request.read()
        asked = func.HttpRequest(
            method=request.method,
            url=str(URL(self.url).join(request.rel_url)),
            headers=dict(request.headers),
            params=dict(request.query),
            route_params=parameters,
            body=body,
        )
        try:
            answer = await self._worker.call(function, asked)
        except Exception:
            log.exception("HTTP function %s failed", function.name)
            return web.Response(status=500)
        return _response(answer)


def _compile(functions: list[Function], prefix: str) -> list[tuple[Route, Function]]:
    """The routes, the most specific first."""
    routes = [
        (compile_route(f"{prefix}/{function.trigger.get('route') or function.name}"), function)
        for function in functions
    ]
    return sorted(routes, key=lambda entry: entry[0].specificity)


def _response(answer: Any) -> web.Response:
    if not isinstance(answer, func.HttpResponse):
        return web.Response(text="" if answer is None else str(answer))
    headers = dict(answer.headers)
    if not any(name.lower() == "content-type" for name in headers):
        charset = f"; charset={answer.charset}" if answer.mimetype.startswith("text/") else ""
        headers["Content-Type"] = f"{answer.mimetype}{charset}"
    return web.Response(status=answer.status_code, body=answer.get_body(), headers=headers)
