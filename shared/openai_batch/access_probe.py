"""Whether the resources of Azure OpenAI can be used, by one small call to each."""

import logging
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from threading import Lock

from shared.domain.clock import utcnow
from shared.openai_batch.remote_errors import RemoteError, Throttled

# The health call needs no key. However often it is called, Azure is asked only once in this time.
_KEPT_FOR = timedelta(seconds=30)


class AccessProbe:
    """Probes each resource; safe to share between threads. `probes` are by the name of a resource."""

    def __init__(self, probes: Mapping[str, Callable[[], None]]) -> None:
        self._probes = probes
        self._asking = Lock()
        self._asked_at: datetime | None = None
        self._unreachable: Mapping[str, str] = {}

    def unreachable(self) -> Mapping[str, str]:
        """Ask each resource now. Returns why, by name, for those that cannot be used."""
        found: dict[str, str] = {}
        for name, probe in self._probes.items():
            try:
                probe()
            except Throttled:
                continue  # the resource answers and accepts the caller
            except RemoteError as error:
                found[name] = str(error)
                logging.warning("Azure OpenAI at %s cannot be used: %s", name, error)
        self._unreachable, self._asked_at = found, utcnow()
        return found

    def recently_unreachable(self) -> Mapping[str, str]:
        """The result of `unreachable`, at most half a minute old. One thread asks, and others wait for it."""
        with self._asking:
            if self._asked_at is None or not timedelta() <= utcnow() - self._asked_at < _KEPT_FOR:
                return self.unreachable()
            return self._unreachable
