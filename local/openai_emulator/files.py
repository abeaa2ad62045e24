"""The files of the emulated resource: uploaded input files, and output files of jobs.

A file has metadata in the store and bytes in the data folder. It is `pending` until the emulator has read it
and the configured time has passed. Deleted and expired files do not exist for any call and are not counted.
"""

import sqlite3
import uuid
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import orjson

from local.openai_emulator import refusals
from local.openai_emulator.config import EmulatorConfig
from local.openai_emulator.emulator_clock import Clock
from local.openai_emulator.emulator_store import Store
from local.openai_emulator.file_records import NewFile, Upload, file_object
from local.openai_emulator.refusals import Refusal
from local.openai_emulator.validation import InputReport, inspect

_PRESENT = "deleted_at IS NULL AND (expires_at IS NULL OR expires_at > ?)"


class Files:
    """The files API without HTTP. Every refusal is raised as `Refusal`."""

    def __init__(self, config: EmulatorConfig, store: Store, clock: Clock) -> None:
        self._config = config
        self._store = store
        self._clock = clock

    def create(self, upload: Upload, effects: Mapping[str, Any]) -> dict[str, Any]:
        """Store an upload as an input file and return its file object."""
        file_id = f"file-{uuid.uuid4().hex}"
        now = self._clock.now()
        new = NewFile(
            id=file_id,
            filename=upload.filename,
            purpose="batch",
            size=upload.size,
            created_at=now,
            ready_at=now + effects.get("pending_seconds", self._config.pending_seconds),
            expiry_seconds=upload.expiry_seconds,
            failed=bool(effects.get("file_error")),
        )
        with self._store.transaction() as connection:
            self._check_quota(upload.expiry_seconds is not None)
            upload.path.rename(self._store.file_path(file_id))
            self.add(connection, new)
        return self.retrieve(file_id)

    def add(self, connection: sqlite3.Connection, new: NewFile) -> None:
        """Store the metadata of a file whose bytes are already in the folder."""
        connection.execute(
            "INSERT INTO files (id, filename, purpose, bytes, created_at, ready_at, expires_at, failed) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (
                new.id,
                new.filename,
                new.purpose,
                new.size,
                new.created_at,
                new.ready_at,
                new.created_at + new.expiry_seconds if new.expiry_seconds else None,
                new.failed,
            ),
        )

    def retrieve(self, file_id: str) -> dict[str, Any]:
        """The file object."""
        return file_object(self._row(file_id), self._clock.now())

    def page(
        self, limit: int, after: str | None, ascending: bool, purpose: str | None
    ) -> tuple[list[dict[str, Any]], bool]:
        """One page of file objects, and whether there are more."""
        where = [_PRESENT]
        parameters: list[float | str] = [self._clock.now()]
        if purpose:
            where.append("purpose = ?")
            parameters.append(purpose)
        if after:
            where.append("seq > ?" if ascending else "seq < ?")
            parameters.append(self._row(after)["seq"])
        rows = self._store.rows(
            f"SELECT * FROM files WHERE {' AND '.join(where)} "  # noqa: S608 - only fixed text
            f"ORDER BY seq {'ASC' if ascending else 'DESC'} LIMIT ?",
            (*parameters, limit + 1),
        )
        return [file_object(row, self._clock.now()) for row in rows[:limit]], len(rows) > limit

    def content(self, file_id: str) -> tuple[Path, str, int]:
        """The path of a file's bytes, its name, and its size."""
        row = self._row(file_id)
        return self._store.file_path(file_id), row["filename"], row["bytes"]

    def delete(self, file_id: str) -> None:
        """Delete a file. Its bytes stay until no open job reads them."""
        with self._store.transaction() as connection:
            self._row(file_id)
            connection.execute("UPDATE files SET deleted_at = ? WHERE id = ?", (self._clock.now(), file_id))
        self.unlink_deleted()

    def unlink_deleted(self) -> None:
        """Remove the bytes of deleted and expired files that no open job reads."""
        used = {
            orjson.loads(row["record"])["input_file_id"]
            for row in self._store.rows("SELECT record FROM batches WHERE open")
        }
        gone = self._store.rows(
            f"SELECT id FROM files WHERE NOT unlinked AND NOT ({_PRESENT})",  # noqa: S608 - only fixed text
            (self._clock.now(),),
        )
        for row in gone:
            if row["id"] not in used:
                self._store.file_path(row["id"]).unlink(missing_ok=True)
                self._store.execute("UPDATE files SET unlinked = 1 WHERE id = ?", (row["id"],))

    def remove_strays(self) -> None:
        """Delete files that no table row names. kill -9 can leave one before its row is written."""
        known = {
            row["id"]
            for row in self._store.rows(
                "SELECT id FROM files WHERE NOT unlinked "
                "UNION SELECT output_file_id FROM progress UNION SELECT error_file_id FROM progress "
                "UNION SELECT job_id FROM progress"
            )
        }
        for path in self._store.stored_files():
            if path.name not in known:
                path.unlink()

    def inspect_next(self) -> bool:
        """Read and check one unread input file. Returns False when there is none."""
        row = self._store.row(
            "SELECT id FROM files WHERE purpose = 'batch' AND report IS NULL AND NOT unlinked LIMIT 1"
        )
        if row is None:
            return False
        try:
            report = inspect(self._store.file_path(row["id"]), self._config)
        except FileNotFoundError:
            # A file deleted while it waited needs no report. Otherwise the data folder is damaged.
            if not self._store.row("SELECT 1 FROM files WHERE id = ? AND deleted_at > 0", (row["id"],)):
                raise
            return True
        self._store.execute(
            "UPDATE files SET report = ? WHERE id = ?", (orjson.dumps(asdict(report)).decode(), row["id"])
        )
        return True

    def report(self, file_id: str) -> InputReport:
        """The report of an input file.

        Raises:
            Refusal: when the file is not processed.
        """
        row = self._row(file_id)
        if file_object(row, self._clock.now())["status"] != "processed":
            raise Refusal(refusals.FILE_NOT_PROCESSED)
        return InputReport.load(row["report"])

    def _check_quota(self, with_expiry: bool) -> None:
        """Refuse one more file if the quota is full. Input and output files count."""
        row = self._store.row(
            f"SELECT COUNT(*) AS present FROM files WHERE {_PRESENT} "  # noqa: S608 - only fixed text
            f"AND expires_at IS {'NOT NULL' if with_expiry else 'NULL'}",
            (self._clock.now(),),
        )
        maximum = self._config.max_files_with_expiry if with_expiry else self._config.max_files_without_expiry
        if row is not None and row["present"] >= maximum:
            documented = refusals.FILES_WITH_EXPIRY if with_expiry else refusals.FILES_WITHOUT_EXPIRY
            raise Refusal(documented, maximum=maximum)

    def _row(self, file_id: str) -> sqlite3.Row:
        row = self._store.row(
            f"SELECT * FROM files WHERE id = ? AND {_PRESENT}",  # noqa: S608 - only fixed text
            (file_id, self._clock.now()),
        )
        if row is None:
            raise Refusal(refusals.FILE_NOT_FOUND, id=file_id)
        return row
