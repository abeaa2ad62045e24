"""The data folder: metadata in SQLite, and files. All of it survives kill -9 of the emulator."""

import sqlite3
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

_TABLES = """
CREATE TABLE IF NOT EXISTS files (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT UNIQUE NOT NULL, filename TEXT NOT NULL,
    purpose TEXT NOT NULL, bytes INTEGER NOT NULL, created_at REAL NOT NULL, expires_at REAL,
    ready_at REAL NOT NULL, failed INTEGER NOT NULL, report TEXT, deleted_at REAL,
    unlinked INTEGER NOT NULL DEFAULT 0
);
CREATE TABLE IF NOT EXISTS batches (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT UNIQUE NOT NULL, open INTEGER NOT NULL,
    deployment TEXT NOT NULL, enqueued_tokens INTEGER NOT NULL, record TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS open_batches ON batches (seq) WHERE open;
CREATE TABLE IF NOT EXISTS progress (
    job_id TEXT PRIMARY KEY, output_file_id TEXT NOT NULL, error_file_id TEXT NOT NULL,
    lines_done INTEGER NOT NULL DEFAULT 0, output_bytes INTEGER NOT NULL DEFAULT 0,
    error_bytes INTEGER NOT NULL DEFAULT 0, completed INTEGER NOT NULL DEFAULT 0,
    failed INTEGER NOT NULL DEFAULT 0
);
CREATE TABLE IF NOT EXISTS requests (
    job_id TEXT NOT NULL, line INTEGER NOT NULL, custom_id TEXT NOT NULL, product TEXT NOT NULL,
    locales TEXT NOT NULL, status INTEGER NOT NULL, prompt_tokens INTEGER NOT NULL,
    completion_tokens INTEGER NOT NULL, PRIMARY KEY (job_id, line)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS journal (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, time REAL NOT NULL, method TEXT NOT NULL, path TEXT NOT NULL,
    call TEXT NOT NULL, fault TEXT, status INTEGER
);
CREATE TABLE IF NOT EXISTS virtual_clock (id INTEGER PRIMARY KEY CHECK (id = 1), now REAL NOT NULL);
CREATE TABLE IF NOT EXISTS webhooks (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL, event TEXT NOT NULL, effects TEXT NOT NULL,
    due_at REAL NOT NULL, attempts INTEGER NOT NULL DEFAULT 0, delivered_at REAL, status INTEGER
);
CREATE TABLE IF NOT EXISTS faults (
    id INTEGER PRIMARY KEY AUTOINCREMENT, rule TEXT NOT NULL,
    seen INTEGER NOT NULL DEFAULT 0, used INTEGER NOT NULL DEFAULT 0
);
"""


# Increase it whenever the tables change. Nothing is migrated, because a folder holds only test data.
_VERSION = 3


class UnusableFolder(Exception):
    """The data folder cannot be used. The message gives the reason and the remedy."""


class Store:
    """One SQLite connection shared by all threads behind a lock, and the paths of the files."""

    def __init__(self, data: Path) -> None:
        """Open the folder, or create it.

        Raises:
            UnusableFolder: when another emulator uses it, or another version wrote it.
        """
        self._files = data / "files"
        self._incoming = data / "incoming"
        for folder in (self._files, self._incoming):
            folder.mkdir(parents=True, exist_ok=True)
        self._lock = threading.RLock()
        self._connection = sqlite3.connect(
            data / "emulator.sqlite3", timeout=1, check_same_thread=False, isolation_level=None
        )
        self._connection.row_factory = sqlite3.Row
        self._depth = 0
        try:
            self._prepare(data)
        except sqlite3.OperationalError as error:
            self._connection.close()
            raise UnusableFolder(
                f"Data folder {data} cannot be used: {error}. Is another emulator running on it? "
                "Stop that one, or give another --data."
            ) from error
        for left_over in self._incoming.iterdir():
            left_over.unlink()

    def _prepare(self, data: Path) -> None:
        # Two emulators on one folder would overwrite each other's files. This lock refuses the second one.
        self._connection.execute("PRAGMA locking_mode = EXCLUSIVE")
        self._connection.execute("PRAGMA journal_mode = WAL")
        # Safe when the process is killed; only a power failure could lose the last transactions.
        self._connection.execute("PRAGMA synchronous = NORMAL")
        version = int(self._connection.execute("PRAGMA user_version").fetchone()[0])
        used = self._connection.execute("SELECT COUNT(*) FROM sqlite_master").fetchone()[0]
        if used and version != _VERSION:
            self._connection.close()
            raise UnusableFolder(
                f"Data folder {data} was written by another version of the emulator. "
                "Delete it, or give another --data."
            )
        self._connection.executescript(_TABLES)
        self._connection.execute(f"PRAGMA user_version = {_VERSION}")

    def close(self) -> None:
        with self._lock:
            self._connection.close()

    def file_path(self, file_id: str) -> Path:
        return self._files / file_id

    def stored_files(self) -> list[Path]:
        """All stored files, also those that no table row names."""
        return list(self._files.iterdir())

    def incoming_path(self, name: str) -> Path:
        """The path of an upload that is not complete yet."""
        return self._incoming / name

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """A transaction: commits at the end, rolls back on an exception. Nested ones join the outer one."""
        with self._lock:
            if self._depth == 0:
                self._connection.execute("BEGIN IMMEDIATE")
            self._depth += 1
            try:
                yield self._connection
            except BaseException:
                self._depth -= 1
                if self._depth == 0:
                    self._connection.execute("ROLLBACK")
                raise
            self._depth -= 1
            if self._depth == 0:
                self._connection.execute("COMMIT")

    def rows(self, sql: str, parameters: Sequence[Any] = ()) -> list[sqlite3.Row]:
        with self._lock:
            return self._connection.execute(sql, parameters).fetchall()

    def row(self, sql: str, parameters: Sequence[Any] = ()) -> sqlite3.Row | None:
        found = self.rows(sql, parameters)
        return found[0] if found else None

    def execute(self, sql: str, parameters: Sequence[Any] = ()) -> None:
        with self.transaction() as connection:
            connection.execute(sql, parameters)
