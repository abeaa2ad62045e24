"""A batch job: its record, the times of its state changes, and its batch object in the API.

The times follow from the creation time and the configured duration. So a job of thirty hours behaves the same
on a virtual clock.
"""

from dataclasses import asdict, dataclass, field
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import orjson

from local.openai_emulator.config import EmulatorConfig, Quirk

# Shares of a job's duration.
_VALIDATING = 0.1
_FINALIZING = 0.1
OUTPUT_BLOB = "results.jsonl"
ERROR_BLOB = "errors.jsonl"
TERMINAL = frozenset({"completed", "failed", "expired", "cancelled"})


@dataclass
class Job:
    """The stored record of a job, without the progress of its lines. Times are Unix seconds."""

    id: str
    sequence: int
    endpoint: str
    completion_window: str
    input_file_id: str | None
    metadata: dict[str, str] | None
    created_at: float
    expires_at: float
    seconds: float
    status: str = "validating"
    deployment: str = ""
    tokens: int = 0
    total: int = 0
    output_expiry_seconds: int | None = None
    in_progress_at: float | None = None
    finalizing_at: float | None = None
    completed_at: float | None = None
    failed_at: float | None = None
    expired_at: float | None = None
    cancelling_at: float | None = None
    cancelled_at: float | None = None
    errors: list[dict[str, Any]] = field(default_factory=list)
    input_blob: str | None = None
    input_etag: str | None = None
    output_folder: str | None = None
    output_file_id: str | None = None
    error_file_id: str | None = None
    effects: dict[str, Any] = field(default_factory=dict)

    @classmethod
    def load(cls, record: str) -> "Job":
        return cls(**orjson.loads(record))

    def dump(self) -> str:
        return orjson.dumps(asdict(self)).decode()

    @property
    def input_key(self) -> str:
        """The name of the input file in the data folder."""
        return self.input_file_id or self.id

    def output_name(self, name: str) -> str:
        """The path of the job's blob `name` in its output folder."""
        return f"{self.id.removeprefix('batch_')}/{name}"

    @property
    def open(self) -> bool:
        return self.status not in TERMINAL

    @property
    def ends_early(self) -> float | None:
        """The share of lines after which a fault makes the job fail or expire; None without such a fault."""
        share: float | None = self.effects.get("fail_at", self.effects.get("expire_at"))
        return share

    def next_at(self, config: EmulatorConfig) -> float:
        """When the job leaves its state. For a job in progress, when its last line should be written."""
        if self.status == "validating":
            return self.created_at + self.seconds * _VALIDATING
        if self.status == "in_progress":
            return self._started + self._line_seconds * self._share
        if self.status == "finalizing":
            return (self.finalizing_at or self.created_at) + self.seconds * _FINALIZING
        return (self.cancelling_at or self.created_at) + config.cancelling_seconds

    def lines_due(self, now: float) -> int:
        """How many lines should be written by `now`, at an even pace."""
        # Compare times, as `next_at` does: the quotient may be below the share by a rounding error.
        if now >= self._started + self._line_seconds * self._share:
            return int(self.total * self._share)
        # Multiply first, so that rounding does not lose a line.
        return int(self.total * max(0.0, now - self._started) / self._line_seconds)

    def line_at(self, line: int) -> float:
        """When line number `line` (in the order of writing) is due."""
        return self._started + self._line_seconds * (line / max(self.total, 1))

    @property
    def _share(self) -> float:
        """The share of the lines that the job writes."""
        return 1.0 if self.ends_early is None else self.ends_early

    @property
    def _started(self) -> float:
        return self.in_progress_at or self.created_at

    @property
    def _line_seconds(self) -> float:
        return self.seconds * (1 - _VALIDATING - _FINALIZING)

    def as_object(self, config: EmulatorConfig, now: float, completed: int, failed: int) -> dict[str, Any]:
        """The batch object of the API."""
        delay = self.effects.get("output_delay", config.output_delay_seconds)
        named = self.completed_at is None or now >= self.completed_at + delay
        no_id = "" if Quirk.EMPTY_IDS in config.quirks else None
        counts: dict[str, int | None] = {"total": self.total, "completed": completed, "failed": failed}
        if Quirk.NULL_COUNTS in config.quirks and self.open:
            counts = dict.fromkeys(counts)
        batch = {
            "object": "batch",
            "id": self.id,
            "endpoint": None if Quirk.NULL_ENDPOINT in config.quirks else self.endpoint,
            "status": self.status.capitalize() if Quirk.CAPITAL_STATUS in config.quirks else self.status,
            "completion_window": self.completion_window,
            "input_file_id": self.input_file_id or no_id,
            "output_file_id": (self.output_file_id if named else None) or no_id,
            "error_file_id": (self.error_file_id if named else None) or no_id,
            "errors": {"object": "list", "data": self.errors} if self.errors else None,
            "created_at": int(self.created_at),
            "in_progress_at": _seconds(self.in_progress_at),
            "finalizing_at": _seconds(self.finalizing_at),
            "completed_at": _seconds(self.completed_at),
            "failed_at": _seconds(self.failed_at),
            "expired_at": _seconds(self.expired_at),
            "cancelling_at": _seconds(self.cancelling_at),
            "cancelled_at": _seconds(self.cancelled_at),
            "expires_at": int(self.expires_at),
            "request_counts": counts,
            "metadata": self.metadata,
        }
        if self.failed_at is not None and Quirk.FAILED_MOMENTS in config.quirks:
            batch |= {"completed_at": batch["failed_at"], "failed_at": None}
        return batch | self._blobs()

    def _blobs(self) -> dict[str, str]:
        """The blobs of a job with its own storage. At the end both are named, even if not written."""
        if self.input_blob is None or self.output_folder is None:
            return {}
        ended = self.status in ("completed", "cancelled", "expired")
        output, error = (
            without_query(blob_in(self.output_folder, self.output_name(name))) if ended else ""
            for name in (OUTPUT_BLOB, ERROR_BLOB)
        )
        return {
            "input_blob": without_query(self.input_blob),
            "output_blob": output,
            "error_blob": error,
        }


def blob_in(folder: str, name: str) -> str:
    """The URL of a blob in a container or folder. The folder's URL may have a SAS, which is kept."""
    url = urlsplit(folder)
    return urlunsplit(url._replace(path=f"{url.path.rstrip('/')}/{name}"))


def without_query(url: str) -> str:
    """A URL without its query, because a SAS is a secret."""
    return urlunsplit(urlsplit(url)._replace(query=""))


def _seconds(time: float | None) -> int | None:
    return None if time is None else int(time)
