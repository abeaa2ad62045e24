"""Restores a backup into an account whose tables and container are empty, as a stream."""

from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import IO

from pydantic import ValidationError

from shared.persistence.blobs import READ_BYTES, Blobs
from shared.persistence.entity_codec import Entity
from shared.persistence.product_repository import ProductRepository
from shared.persistence.row_json import row_from_json
from shared.persistence.storage_account import TABLES, StorageAccount
from shared.persistence.store_archive import (
    BLOB_FOLDER,
    END,
    FORMAT,
    HEAD,
    TABLE_FOLDER,
    Head,
    Inventory,
    NotABackup,
    read_archive,
)
from shared.persistence.table import MAX_OPERATIONS, Table

_CATEGORIES = "category"


class NotEmpty(Exception):
    """The account already holds rows or blobs. A restore never mixes two stores."""


def restore(account: StorageAccount, source: IO[bytes]) -> Inventory:
    """Write a backup into an empty account. Returns what the archive says that it holds.

    Raises:
        NotEmpty: when the account holds anything; nothing was written.
        NotABackup: when the file is no backup, is damaged or cut short, or is of a newer format. What was
            written up to there stays: empty the account before another try.
    """
    _require_empty(account)
    announced = None
    with read_archive(source) as members:
        for position, (name, content) in enumerate(members):
            if (position == 0) != (name == HEAD):
                raise NotABackup(f"The file is no backup of this app: its first member must be {HEAD}.")
            if name == HEAD:
                _check_head(content.read())
            elif name == END:
                announced = Inventory.model_validate_json(content.read())
            else:
                _restore_member(account, name, content)
    if announced is None:
        raise NotABackup(f"The backup is cut short: its last member, {END}, is missing.")
    return announced


def queue_again(account: StorageAccount) -> int:
    """Write the queue marker of every pending product, since a backup may miss one that moved meanwhile.

    Returns the number of pending products. A repeated call changes nothing.
    """
    products = ProductRepository(account.table("products"))
    slugs = [row["RowKey"] for row in account.table("summaries").query(_CATEGORIES, select=["RowKey"])]
    return sum(products.queue_again(slug) for slug in slugs)


def _require_empty(account: StorageAccount) -> None:
    held = [f"table {name}" for name in TABLES if next(account.table(name).all(), None) is not None]
    if not Blobs(account.container).is_empty():
        held.append(f"container {account.container.container_name}")
    if held:
        raise NotEmpty(
            f"The account is not empty: {', '.join(held)}. Restore into a new account, or set TABLE_PREFIX "
            "and BLOB_CONTAINER to names that are not used yet."
        )


def _check_head(text: bytes) -> None:
    try:
        head = Head.model_validate_json(text)
    except ValidationError as error:
        raise NotABackup(f"{HEAD} of the backup cannot be read: {error.error_count()} problems.") from error
    if head.format > FORMAT:
        raise NotABackup(
            f"The backup has format {head.format}, and this version reads formats up to {FORMAT}. "
            "Restore it with the version that made it, or a newer one."
        )


def _restore_member(account: StorageAccount, name: str, content: IO[bytes]) -> None:
    if name.startswith(BLOB_FOLDER):
        chunks = iter(lambda: content.read(READ_BYTES), b"")
        Blobs(account.container).write(name.removeprefix(BLOB_FOLDER), chunks)
        return
    table = name.removeprefix(TABLE_FOLDER).partition("/")[0]
    if not name.startswith(TABLE_FOLDER) or table not in TABLES:
        raise NotABackup(f"The backup has a member {name!r}, which this version does not know.")
    try:
        _restore_rows(account.table(table), content)
    except ValueError as error:
        raise NotABackup(f"{name} of the backup has a line that is no row: {error}") from error


def _restore_rows(table: Table, lines: Iterable[bytes]) -> None:
    entities = map(row_from_json, lines)
    for _, rows in groupby(entities, key=lambda entity: entity["PartitionKey"]):
        for some in _chunks(rows):
            table.transact([[("upsert", entity, {"mode": "replace"})] for entity in some])


def _chunks(rows: Iterator[Entity]) -> Iterator[list[Entity]]:
    chunk: list[Entity] = []
    for row in rows:
        chunk.append(row)
        if len(chunk) == MAX_OPERATIONS:
            yield chunk
            chunk = []
    if chunk:
        yield chunk
