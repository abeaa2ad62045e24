"""Backup of the app's tables and blobs into one archive, as a stream.

The app may keep running meanwhile. Tables are copied before blobs, so the blobs that a row names were written
before they are copied; products are copied before batches, so a batch that holds a product is in the archive.
What still moves in between is corrected after a restore: `queue_again` queues pending products, and the
clean-up timer frees products that an ended batch holds.
"""

import hashlib
from collections.abc import Iterator
from typing import IO

from azure.core.exceptions import ResourceNotFoundError

from shared.domain.clock import utcnow
from shared.domain.stored import STORE_VERSION
from shared.persistence.blobs import Blobs
from shared.persistence.row_json import row_to_json
from shared.persistence.storage_account import TABLES, StorageAccount
from shared.persistence.store_archive import (
    BLOB_FOLDER,
    END,
    HEAD,
    TABLE_FOLDER,
    ArchiveWriter,
    Digest,
    Head,
    Inventory,
    write_archive,
)
from shared.persistence.table import Table


def back_up(account: StorageAccount, target: IO[bytes]) -> Inventory:
    """Write everything that the app has stored into `target`. Returns what was written.

    Raises:
        azure.core.exceptions.AzureError: when the account cannot be read.
    """
    inventory = Inventory()
    with write_archive(target) as archive:
        head = Head(store_version=STORE_VERSION, made_at=utcnow().isoformat())
        archive.add_bytes(HEAD, head.model_dump_json().encode())
        for name in TABLES:
            digest = inventory.tables[name] = Digest()
            archive.add_lines(f"{TABLE_FOLDER}{name}/", _rows(account.table(name), digest))
        _add_blobs(archive, Blobs(account.container), inventory.blobs)
        archive.add_bytes(END, inventory.model_dump_json().encode())
    return inventory


def take_inventory(account: StorageAccount) -> Inventory:
    """What the account holds now. Reads all of it."""
    inventory = Inventory()
    for name in TABLES:
        digest = inventory.tables[name] = Digest()
        for _ in _rows(account.table(name), digest):
            pass
    blobs = Blobs(account.container)
    for name in blobs.sizes(""):
        content = hashlib.sha256()
        for chunk in blobs.chunks(name):
            content.update(chunk)
        inventory.blobs.add(name.encode(), content.digest())
    return inventory


def _rows(table: Table, digest: Digest) -> Iterator[bytes]:
    for entity in table.all():
        row = row_to_json(entity)
        digest.add(row)
        yield row


def _add_blobs(archive: ArchiveWriter, blobs: Blobs, digest: Digest) -> None:
    for name in blobs.sizes(""):
        try:
            size, chunks = blobs.sized_chunks(name)
        except ResourceNotFoundError:
            continue  # deleted since the listing
        content = HashingStream(chunks)
        archive.add(BLOB_FOLDER + name, size, content)
        digest.add(name.encode(), content.sha256)


class HashingStream:
    """Chunks as a file to read, which computes their SHA-256."""

    def __init__(self, chunks: Iterator[bytes]) -> None:
        self._chunks = chunks
        self._rest = bytearray()
        self._hash = hashlib.sha256()

    @property
    def sha256(self) -> bytes:
        """The digest of what was read so far."""
        return self._hash.digest()

    def read(self, size: int = -1, /) -> bytes:
        while size < 0 or len(self._rest) < size:
            chunk = next(self._chunks, None)
            if chunk is None:
                break
            self._rest += chunk
        size = len(self._rest) if size < 0 else size
        piece, self._rest = bytes(self._rest[:size]), self._rest[size:]
        self._hash.update(piece)
        return piece
