"""The requests to storage, counted where they are sent, and the rows that come back."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import orjson
import pytest
from azure.core.pipeline.transport import RequestsTransport


@dataclass
class StorageRequests:
    """What was sent: method and URL of each; `rows` is how many entities were answered in all."""

    sent: list[tuple[str, str]] = field(default_factory=list)
    rows: int = 0

    def clear(self) -> None:
        self.sent.clear()
        self.rows = 0


@contextmanager
def storage_requests() -> Iterator[StorageRequests]:
    """Counts inside the block."""
    seen = StorageRequests()
    real = RequestsTransport.send

    def send(self: RequestsTransport, request: Any, **options: Any) -> Any:
        seen.sent.append((request.method, request.url))
        answer = real(self, request, **options)
        if "application/json" in answer.headers.get("Content-Type", ""):
            body = orjson.loads(answer.internal_response.content or b"{}")
            seen.rows += len(body["value"]) if isinstance(body.get("value"), list) else 1
        return answer

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(RequestsTransport, "send", send)
        yield seen
