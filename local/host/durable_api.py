"""The HTTP API of the Durable client (`rpcBaseUrl`), and the management webhooks, which have the same paths.

Sources: the Durable SDK's client (`DurableOrchestrationClient`); the extension's own handler
(Azure/azure-functions-durable-extension, `HttpApiHandler.cs`); learn.microsoft.com, "HTTP API reference -
Durable Functions". Where they differ, the handler is followed. `docs/host.md` compares call by call.
"""

import json
from typing import Any

from aiohttp import web

from local.host.durable_queries import InstanceQuery, flag, page
from local.host.durable_urls import PREFIX, management_urls
from local.host.engine import AlreadyRunning, Engine, UnknownOrchestrator
from local.host.history_view import view_history, view_instance
from local.host.host_records import Instance
from local.host.host_store import Store

_CONTINUATION = "x-ms-continuation-token"


class DurableApi:
    """Answers the Durable client from the store and the engine."""

    def __init__(self, engine: Engine, store: Store) -> None:
        self._engine = engine
        self._store = store

    def routes(self) -> list[web.RouteDef]:
        instance = PREFIX + "/instances/{instance_id}"
        return [
            web.post(PREFIX + "/orchestrators/{name}", self._start),
            web.post(PREFIX + "/orchestrators/{name}/{instance_id}", self._start),
            web.get(PREFIX + "/instances", self._list),
            web.get(PREFIX + "/instances/", self._list),
            web.delete(PREFIX + "/instances", self._purge_many),
            web.delete(PREFIX + "/instances/", self._purge_many),
            web.get(instance, self._status),
            web.delete(instance, self._purge),
            web.post(instance + "/raiseEvent/{event}", self._raise_event),
            web.post(instance + "/terminate", self._terminate),
            web.post(instance + "/suspend", self._suspend),
            web.post(instance + "/resume", self._suspend),
            web.post(instance + "/restart", self._restart),
            web.post(instance + "/rewind", self._rewind),
        ]

    async def _start(self, request: web.Request) -> web.Response:
        # The input is the unchanged text of the body. The SDK sends its JSON text serialised as JSON again.
        body = await request.text()
        return self._begin(request, request.match_info["name"], request.match_info.get("instance_id"), body)

    async def _restart(self, request: web.Request) -> web.Response:
        instance = self._store.instance(request.match_info["instance_id"])
        if instance is None:
            return _error(400, "InstanceId does not match a valid orchestration instance.")
        new_id = flag(request, "restartWithNewInstanceId", default=True)
        return self._begin(request, instance.name, None if new_id else instance.id, instance.input)

    def _begin(
        self, request: web.Request, name: str, instance_id: str | None, payload: str | None
    ) -> web.Response:
        try:
            if payload:
                json.loads(payload)
            instance_id = self._engine.start_instance(name, instance_id, payload or None)
        except json.JSONDecodeError as error:
            return _error(400, "Invalid JSON content", str(error))
        except UnknownOrchestrator as error:
            return _error(400, "One or more of the arguments submitted is incorrect", str(error))
        except AlreadyRunning as error:
            return _error(409, str(error))
        urls = management_urls(str(request.url.origin()), instance_id)
        # The response to a start has no rewind URL, although the binding has one.
        body = {name: url for name, url in urls.items() if name != "rewindPostUri"}
        headers = {"Location": urls["statusQueryGetUri"], "Retry-After": "10"}
        return web.json_response(body, status=202, headers=headers)

    async def _status(self, request: web.Request) -> web.Response:
        instance = self._store.instance(request.match_info["instance_id"])
        if instance is None:
            return web.Response(status=404)
        view = view_instance(instance, flag(request, "showInput", default=True))
        if flag(request, "showHistory"):
            events = self._store.history(instance.id)
            view["historyEvents"] = view_history(events, flag(request, "showHistoryOutput"))
        if not instance.is_terminal:
            headers = {"Location": str(request.url), "Retry-After": "5"}
            return web.json_response(view, status=202, headers=headers)
        failed = instance.status == "Failed" and flag(request, "returnInternalServerErrorOnFailure")
        return web.json_response(view, status=500 if failed else 200)

    async def _list(self, request: web.Request) -> web.Response:
        found = InstanceQuery.read(request).among(self._store.instances())
        shown, following = page(found, request.query.get("top"), request.headers.get(_CONTINUATION))
        show_input = flag(request, "showInput", default=True)
        body = [view_instance(instance, show_input) for instance in shown]
        return web.json_response(body, headers={_CONTINUATION: following or ""})

    async def _purge(self, request: web.Request) -> web.Response:
        instance = self._store.instance(request.match_info["instance_id"])
        if instance is None:
            return web.Response(status=404)
        if not instance.is_terminal:
            message = (
                "Only orchestrations in a terminal state can be purged, but the orchestration with instance "
                f"ID {instance.id} has status {instance.runtime_status}"
            )
            return web.json_response(message, status=412)
        return web.json_response({"instancesDeleted": self._engine.purge(instance)})

    async def _purge_many(self, request: web.Request) -> web.Response:
        query = InstanceQuery.read(request)
        if query.created_from is None:
            return web.json_response("Please provide value for 'createdTimeFrom' parameter.", status=400)
        deleted = 0
        for instance in query.among(self._store.instances()):
            # It may have been purged with its parent.
            if instance.is_terminal and self._store.instance(instance.id) is not None:
                deleted += self._engine.purge(instance)
        return web.json_response({"instancesDeleted": deleted}) if deleted else web.Response(status=404)

    async def _raise_event(self, request: web.Request) -> web.Response:
        instance, refusal = self._live(request)
        if instance is None:
            return refusal
        if request.content_type != "application/json":
            return _error(400, "Only application/json request content is supported")
        try:
            # The SDK sends its JSON text serialised as JSON again, so its orchestrator receives a text
            # (azure-functions-durable-python#295).
            data = json.loads(await request.text())
        except json.JSONDecodeError as error:
            return _error(400, "Invalid JSON content", str(error))
        self._engine.raise_event(instance, request.match_info["event"], data)
        return web.Response(status=202)

    async def _terminate(self, request: web.Request) -> web.Response:
        instance, refusal = self._live(request)
        if instance is not None:
            self._engine.terminate(instance, request.query.get("reason", ""))
        return refusal

    async def _suspend(self, request: web.Request) -> web.Response:
        instance, refusal = self._live(request)
        if instance is not None:
            self._engine.suspend(instance, request.path.endswith("/suspend"))
        return refusal

    async def _rewind(self, request: web.Request) -> web.Response:
        if self._store.instance(request.match_info["instance_id"]) is None:
            return web.Response(status=404)
        return web.json_response("Rewind is not supported by the underlying storage provider.", status=501)

    def _live(self, request: web.Request) -> tuple[Instance | None, web.Response]:
        """The path's instance and a 202, or None and the refusal: 404 when unknown, 410 when ended."""
        instance = self._store.instance(request.match_info["instance_id"])
        if instance is None:
            return None, web.Response(status=404)
        if instance.is_terminal:
            return None, web.Response(status=410)
        return instance, web.Response(status=202)


def _error(status: int, message: str, exception: str | None = None) -> web.Response:
    """An error in the format of ASP.NET's `CreateErrorResponse`."""
    body: dict[str, Any] = {"Message": message}
    return web.json_response(
        body if exception is None else {**body, "ExceptionMessage": exception}, status=status
    )
