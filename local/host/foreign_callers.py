"""Refuses web pages of other sites at the calls that manage the host, which have no key here.

A page in a browser on this machine can post to 127.0.0.1. Its request names its site in `Origin`, or, if
the site's name was made to resolve to 127.0.0.1 (DNS rebinding), in `Host`. Microsoft's host asks for a key.
"""

from aiohttp import web
from aiohttp.typedefs import Handler
from yarl import URL

from local.host.durable_urls import PREFIX

_MANAGEMENT = ("/admin/", f"{PREFIX}/")
_NAMES = frozenset({"127.0.0.1", "localhost", "::1"})


@web.middleware
async def refuse_foreign(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Answer 403 to a call that manages the host and comes from, or by, the name of another site."""
    if request.path.lower().startswith(_MANAGEMENT):
        origin = request.headers.get("Origin")
        if not _is_own(request, f"http://{request.host}") or (origin and not _is_own(request, origin)):
            message = "Calls that manage the host are accepted from this machine only, by its own name."
            return web.json_response({"message": message}, status=403)
    return await handler(request)


def _is_own(request: web.Request, origin: str) -> bool:
    """Whether an origin is this host: a name of this machine, and the port that the request came to."""
    if request.transport is None:
        return False
    port: int = request.transport.get_extra_info("sockname")[1]
    try:
        url = URL(origin)
        return url.scheme == "http" and url.host in _NAMES and url.port == port
    except ValueError:
        return False
