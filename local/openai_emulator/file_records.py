"""A file on its way in, a file to be entered, and the file object that the API answers with.

The fields are those of the Azure OpenAI files API; `pending` is Azure's own state.
"""

import sqlite3
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Upload:
    """An upload whose bytes have arrived whole at `path`."""

    path: Path
    filename: str
    size: int
    expiry_seconds: int | None


@dataclass(frozen=True)
class NewFile:
    """A file to be entered. Times are unix seconds; `failed`: it will turn out to be in error."""

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
