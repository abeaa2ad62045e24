"""The query parameters of the Durable HTTP API: which instances are meant, and which page of them.

Values that cannot be read are passed over, as the extension does, whose readers are all `TryParse`.
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
    """Which instances are meant. Times are timestamps as the store has them, both bounds included."""

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
    """The page after `continuation`, and what continues after it (None: nothing).

    `top` is the page's size, 100 when it is missing (the extension's default).
    """
    size = int(top) if top and top.isdecimal() and int(top) else _LARGEST_PAGE
    start = int(continuation) if continuation and continuation.isdecimal() else 0
    following = start + size
    return instances[start:following], str(following) if following < len(instances) else None


def flag(request: web.Request, name: str, default: bool = False) -> bool:
    """A true or a false in a query; `default` for anything else."""
    return {"true": True, "false": False}.get(request.query.get(name, "").lower(), default)


def _time(text: str | None) -> str | None:
    if not text:
        return None
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return None
    return timestamp(at if at.tzinfo else at.replace(tzinfo=UTC))
