"""HTTP triggers: finds the function of a request, and converts between the server's and the worker's types.

Sources: Azure/azure-functions-host, `ToRpcHttp` (`GrpcMessageConversionExtensions.cs`), for the request that
a function receives; azure-functions-host#10098 for a method that no function accepts.
"""

import logging
from typing import Any

import azure.functions as func
from aiohttp import web
from multidict import MultiMapping

from local.host.functions import Function, Worker
from local.host.route_constraints import BadRoute
from local.host.routes import Route, compile_route

log = logging.getLogger("host.http")


class HttpFunctions:
    """Serves the HTTP functions of an app under a route prefix."""

    def __init__(self, functions: list[Function], prefix: str, worker: Worker) -> None:
        """Compile the routes, and sort them with the most specific first.

        Raises:
            BadRoute: when a route cannot be served.
        """
        self._worker = worker
        routes = [(_compile(prefix, function), function) for function in functions]
        self._routes = sorted(routes, key=lambda entry: entry[0].specificity)

    async def serve(self, request: web.Request) -> web.StreamResponse:
        """Respond with the first function whose route and methods match, or with 404.

        A known path with another method, HEAD included, is a 404 with an empty body too, as in the real host.
        """
        for route, function in self._routes:
            methods = {str(method.value) for method in function.trigger.get("methods") or ()}
            if methods and request.method not in methods:
                continue
            parameters = route.match(request.rel_url.raw_path)
            if parameters is not None:
                return await self._answer(request, function, parameters)
        return web.Response(status=404)

    async def _answer(
        self, request: web.Request, function: Function, parameters: dict[str, str]
    ) -> web.Response:
        request_of_worker = func.HttpRequest(
            method=request.method,
            url=str(request.url),
            headers={name.lower(): text for name, text in _joined(request.headers).items()},
            # The real host does not pass parameters with empty values to the worker.
            params={name: text for name, text in _joined(request.query).items() if text},
            route_params=parameters,
            body=await request.read(),
        )
        try:
            answer = await self._worker.call(function, request_of_worker)
        except Exception:
            log.exception("HTTP function %s failed", function.name)
            return web.Response(status=500)
        return _response(answer)


def _compile(prefix: str, function: Function) -> Route:
    template = function.trigger.get("route") or function.name
    if template.startswith(("/", "~")):
        raise BadRoute(f"Route {template!r}: a route cannot begin with '/' or '~'.")
    return compile_route(f"{prefix}/{template}")


def _joined(values: MultiMapping[str]) -> dict[str, str]:
    """Each name once, with its values joined by commas."""
    return {name: ",".join(values.getall(name)) for name in values}


def _response(answer: Any) -> web.Response:
    if answer is None:
        return web.Response(status=204)
    if not isinstance(answer, func.HttpResponse):
        return web.Response(text=str(answer))
    headers = dict(answer.headers)
    if not any(name.lower() == "content-type" for name in headers):
        charset = f"; charset={answer.charset}" if answer.mimetype.startswith("text/") else ""
        headers["Content-Type"] = f"{answer.mimetype}{charset}"
    return web.Response(status=answer.status_code, body=answer.get_body(), headers=headers)
