"""The query parameters of the Durable HTTP API: a filter of instances, and a page of them.

Values that cannot be parsed are ignored, as in the extension, which uses `TryParse`.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from aiohttp import web

from local.host.history import timestamp
from local.host.host_records import Instance

_LARGEST_PAGE = 100


@dataclass(frozen=True)
class InstanceQuery:
    """A filter of instances. Times are timestamps in the store's format; both bounds are included."""

    created_from: str | None
    created_to: str | None
    statuses: frozenset[str]
    prefix: str

    @classmethod
    def read(cls, request: web.Request) -> "InstanceQuery":
        statuses = ",".join(request.query.getall("runtimeStatus", []))
        return cls(
            created_from=_time(request.query.get("createdTimeFrom")),
            created_to=_time(request.query.get("createdTimeTo")),
            statuses=frozenset(filter(None, statuses.split(","))),
            prefix=request.query.get("instanceIdPrefix", ""),
        )

    def among(self, instances: Iterable[Instance]) -> list[Instance]:
        return [
            instance
            for instance in instances
            if (not self.statuses or instance.runtime_status in self.statuses)
            and instance.id.startswith(self.prefix)
            and (self.created_from is None or self.created_from <= instance.created_at)
            and (self.created_to is None or instance.created_at <= self.created_to)
        ]


def page(
    instances: list[Instance], top: str | None, continuation: str | None
) -> tuple[list[Instance], str | None]:
    """The page that begins at `continuation`, and the continuation of the next page (None: no more).

    `top` is the page's size. The default is 100, as in the extension.
    """
    size = int(top) if top and top.isdecimal() and int(top) else _LARGEST_PAGE
    start = int(continuation) if continuation and continuation.isdecimal() else 0
    following = start + size
    return instances[start:following], str(following) if following < len(instances) else None


def flag(request: web.Request, name: str, default: bool = False) -> bool:
    """A query parameter that is `true` or `false`. Returns `default` for anything else."""
    return {"true": True, "false": False}.get(request.query.get(name, "").lower(), default)


def _time(text: str | None) -> str | None:
    if not text:
        return None
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return None
    return timestamp(at if at.tzinfo else at.replace(tzinfo=UTC))
