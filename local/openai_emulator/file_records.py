"""An uploaded file, a file to be stored, and the file object of the API.

The fields are those of the Azure OpenAI files API; `pending` is Azure's own state.
"""

import sqlite3
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Upload:
    """An upload whose bytes are complete at `path`."""

    path: Path
    filename: str
    size: int
    expiry_seconds: int | None


@dataclass(frozen=True)
class NewFile:
    """A file to be stored. Times are Unix seconds. `failed`: the file will end in error."""

    id: str
    filename: str
    purpose: str
    size: int
    created_at: float
    ready_at: float
    expiry_seconds: int | None
    failed: bool = False


def file_object(row: sqlite3.Row, now: float) -> dict[str, Any]:
    """The file object of a row of `files`."""
    unread = row["purpose"] == "batch" and row["report"] is None
    status = "error" if row["failed"] else "processed"
    if unread or row["ready_at"] > now:
        status = "pending"
    return {
        "object": "file",
        "id": row["id"],
        "purpose": row["purpose"],
        "filename": row["filename"],
        "bytes": row["bytes"],
        "created_at": int(row["created_at"]),
        "expires_at": int(row["expires_at"]) if row["expires_at"] else None,
        "status": status,
        "status_details": "The file could not be processed." if status == "error" else None,
    }
