"""The HTTP calls of the Durable client: `rpcBaseUrl` and, with the same paths, the management webhooks.

Source: the Durable SDK's client (`DurableOrchestrationClient`), and learn.microsoft.com, "HTTP API
reference - Durable Functions".
"""

import json
from typing import Any

from aiohttp import web

from local.host.engine import AlreadyRunning, Engine, UnknownOrchestrator
from local.host.store import Instance, Store

PREFIX = "/runtime/webhooks/durabletask"


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
            web.get(PREFIX + "/instances/", self._list),
            web.get(PREFIX + "/instances", self._list),
            web.get(instance, self._status),
            web.delete(instance, self._purge),
            web.post(instance + "/raiseEvent/{event}", self._raise_event),
            web.post(instance + "/terminate", self._terminate),
            web.post(instance + "/suspend", self._suspend),
            web.post(instance + "/resume", self._suspend),
        ]

    async def _start(self, request: web.Request) -> web.Response:
        body = await request.text()
        # The SDK posts its JSON text as JSON once more.
        value = json.loads(body) if body.strip() else None
        payload = value if isinstance(value, str) or value is None else json.dumps(value)
        try:
            instance_id = self._engine.start_instance(
                request.match_info["name"], request.match_info.get("instance_id"), payload
            )
        except UnknownOrchestrator as error:
            return web.json_response({"Message": "not found", "ExceptionMessage": str(error)}, status=400)
        except AlreadyRunning as error:
            return web.json_response(str(error), status=409)
        return web.json_response({"id": instance_id}, status=202)

    async def _status(self, request: web.Request) -> web.Response:
        instance = self._store.instance(request.match_info["instance_id"])
        if instance is None:
            return web.json_response(None, status=404)
        history = self._store.history(instance.id) if _flag(request, "showHistory") else None
        status = 200 if instance.is_terminal else 202
        return web.json_response(_view(instance, _flag(request, "showInput"), history), status=status)

    async def _list(self, request: web.Request) -> web.Response:
        wanted = set(filter(None, request.query.get("runtimeStatus", "").split(",")))
        prefix = request.query.get("instanceIdPrefix", "")
        return web.json_response(
            [
                _view(instance, _flag(request, "showInput"), None)
                for instance in self._store.instances()
                if (not wanted or instance.runtime_status in wanted) and instance.id.startswith(prefix)
            ]
        )

    async def _purge(self, request: web.Request) -> web.Response:
        instance = self._store.instance(request.match_info["instance_id"])
        if instance is None or not instance.is_terminal:
            return web.json_response({"instancesDeleted": 0}, status=404)
        return web.json_response({"instancesDeleted": self._engine.purge(instance)})

    async def _raise_event(self, request: web.Request) -> web.Response:
        instance, refusal = self._live(request)
        if instance is None:
            return refusal
        value = json.loads(await request.text() or "null")
        # The SDK posts its JSON text as JSON once more.
        data = json.loads(value) if isinstance(value, str) else value
        self._engine.raise_event(instance, request.match_info["event"], data)
        return web.Response(status=202)

    async def _terminate(self, request: web.Request) -> web.Response:
        instance, refusal = self._live(request)
        if instance is None:
            return refusal
        self._engine.terminate(instance, request.query.get("reason", ""))
        return web.Response(status=202)

    async def _suspend(self, request: web.Request) -> web.Response:
        instance, refusal = self._live(request)
        if instance is None:
            return refusal
        self._engine.suspend(instance, request.path.endswith("/suspend"))
        return web.Response(status=202)

    def _live(self, request: web.Request) -> tuple[Instance | None, web.Response]:
        """The instance of the path, or the refusal: 404 unknown, 410 ended."""
        instance = self._store.instance(request.match_info["instance_id"])
        if instance is None:
            return None, web.json_response(None, status=404)
        if instance.is_terminal:
            return None, web.json_response(None, status=410)
        return instance, web.Response()


def client_binding(base_url: str) -> str:
    """What the durableClient binding hands to a function: JSON with the URLs of the Durable client."""
    rpc = f"{base_url}{PREFIX}/"
    instance = f"{rpc}instances/INSTANCEID"
    return json.dumps(
        {
            "taskHubName": "local",
            "creationUrls": {
                "createNewInstancePostUri": f"{rpc}orchestrators/{{functionName}}[/{{instanceId}}]",
                "createAndWaitOnNewInstancePostUri": f"{rpc}orchestrators/{{functionName}}[/{{instanceId}}]",
            },
            "managementUrls": {
                "id": "INSTANCEID",
                "statusQueryGetUri": instance,
                "sendEventPostUri": f"{instance}/raiseEvent/{{eventName}}",
                "terminatePostUri": f"{instance}/terminate?reason={{text}}",
                "purgeHistoryDeleteUri": instance,
                "suspendPostUri": f"{instance}/suspend?reason={{text}}",
                "resumePostUri": f"{instance}/resume?reason={{text}}",
            },
            "baseUrl": rpc,
            "requiredQueryStringParameters": "",
            "rpcBaseUrl": rpc,
        }
    )


def _view(instance: Instance, show_input: bool, history: list[dict[str, Any]] | None) -> dict[str, Any]:
    view: dict[str, Any] = {
        "name": instance.name,
        "instanceId": instance.id,
        "runtimeStatus": instance.runtime_status,
        "input": _json(instance.input) if show_input else None,
        "customStatus": _json(instance.custom_status),
        "output": _json(instance.output),
        "createdTime": instance.created_at,
        "lastUpdatedTime": instance.updated_at,
    }
    return view if history is None else {**view, "historyEvents": history}


def _json(text: str | None) -> Any:
    return None if text is None else json.loads(text)


def _flag(request: web.Request, name: str) -> bool:
    return request.query.get(name, "").lower() == "true"
