"""One Azure table: the few operations that the app needs, with explicit concurrency."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Literal, cast

from azure.core import MatchConditions
from azure.core.exceptions import HttpResponseError, ResourceExistsError, ResourceNotFoundError
from azure.data.tables import TableClient, TableTransactionError, UpdateMode

from shared.persistence.entity_codec import Entity

# learn.microsoft.com, "Performing entity group transactions": 100 entities and 4 MiB, one partition.
MAX_OPERATIONS = 100
MAX_TRANSACTION_BYTES = 3_500_000

Operation = tuple[str, Entity] | tuple[str, Entity, dict[str, Any]]

# The earliest time that an Edm.DateTime can hold.
_EARLIEST = datetime(1601, 1, 1, tzinfo=UTC)
_CONFLICT = (409, 412)


class Table:
    """Reads and writes entities. A conditional write returns False when another writer was first."""

    def __init__(self, client: TableClient) -> None:
        self._client = client

    def get(self, partition_key: str, row_key: str, select: list[str] | None = None) -> Entity | None:
        """One entity, or None. `etag_of` returns its ETag."""
        try:
            return cast(Entity, self._client.get_entity(partition_key, row_key, select=select))
        except ResourceNotFoundError:
            return None

    def insert(self, entity: Entity) -> bool:
        """Write an entity that must not exist yet. Returns False when it does."""
        try:
            self._client.create_entity(entity)
        except ResourceExistsError:
            return False
        return True

    def upsert(self, entity: Entity, mode: Literal["replace", "merge"] = "replace") -> None:
        """Write an entity unconditionally."""
        self._client.upsert_entity(entity, mode=UpdateMode(mode))

    def update(self, entity: Entity, etag: str, mode: Literal["replace", "merge"] = "merge") -> bool:
        """Write over the version `etag`. Returns False when the entity has changed or is gone."""
        try:
            self._client.update_entity(
                entity, mode=UpdateMode(mode), etag=etag, match_condition=MatchConditions.IfNotModified
            )
        except HttpResponseError as error:
            if error.status_code in (404, *_CONFLICT):
                return False
            raise
        return True

    def write(self, entity: Entity, etag: str | None) -> bool:
        """Write an entity that must not exist yet (`etag` None), or replace one in the version `etag`.

        Returns False when another writer was first.
        """
        return self.insert(entity) if etag is None else self.update(entity, etag, "replace")

    def delete(self, partition_key: str, row_key: str) -> None:
        """Delete an entity if it exists."""
        self._client.delete_entity(partition_key, row_key)

    def query(
        self,
        partition_key: str,
        start: str | None = None,
        end: str | None = None,
        equal: Mapping[str, str] | None = None,
        since: tuple[Sequence[str], datetime] | None = None,
        select: list[str] | None = None,
        page_size: int | None = None,
    ) -> Iterator[Entity]:
        """Entities of a partition with start ≤ RowKey < end, in key order, read page by page.

        `equal` filters by values of properties. `since` keeps entities in which any of the named times is at
        least the given one. For both the service reads the whole range.
        """
        clauses = ["PartitionKey eq @pk"]
        values: dict[str, Any] = {"pk": partition_key}
        if since is not None:
            # The SDK finds parameters by the spaces around them, so the brackets need spaces too.
            clauses.append("( " + " or ".join(f"{name} ge @since" for name in since[0]) + " )")
            values["since"] = max(since[1], _EARLIEST)
        for number, (name, value) in enumerate((equal or {}).items()):
            clauses.append(f"{name} eq @equal{number}")
            values[f"equal{number}"] = value
        if start is not None:
            clauses.append("RowKey ge @start")
            values["start"] = start
        if end is not None:
            clauses.append("RowKey lt @end")
            values["end"] = end
        pages = self._client.query_entities(
            " and ".join(clauses), parameters=values, select=select, results_per_page=page_size
        )
        return cast(Iterator[Entity], iter(pages))

    def all(self) -> Iterator[Entity]:
        """Every entity of the table, page by page: for backups."""
        return cast(Iterator[Entity], iter(self._client.list_entities()))

    def transact(self, groups: Sequence[Sequence[Operation]]) -> list[int]:
        """Carry out groups of operations on one partition, with as many groups per transaction as fit.

        A group is never split. A group that meets a conflict (409, 412, or 404 on an update) is left out, and
        the others are tried again. Returns the indexes of the groups that were left out.
        """
        refused: list[int] = []
        for chunk in _pack(groups):
            waiting = list(chunk)
            while waiting:
                failed = self._submit([groups[place] for place in waiting])
                if failed is None:
                    break
                refused.append(waiting.pop(failed))
        return refused

    def _submit(self, groups: Sequence[Sequence[Operation]]) -> int | None:
        operations = [operation for group in groups for operation in group]
        try:
            self._client.submit_transaction(operations)
        except TableTransactionError as error:
            if error.status_code not in (404, *_CONFLICT):
                raise
            return _group_of(error.index, groups)
        return None


def etag_of(entity: Mapping[str, Any]) -> str:
    """The ETag of an entity that was read."""
    return str(entity.metadata["etag"])  # type: ignore[attr-defined]


def if_unchanged(etag: str) -> dict[str, Any]:
    """Options that make an operation of a transaction conditional on the version `etag`."""
    return {"etag": etag, "match_condition": MatchConditions.IfNotModified}


def _pack(groups: Sequence[Sequence[Operation]]) -> Iterator[list[int]]:
    chunk: list[int] = []
    operations = size = 0
    for place, group in enumerate(groups):
        group_size = sum(_size(operation[1]) for operation in group)
        if chunk and (operations + len(group) > MAX_OPERATIONS or size + group_size > MAX_TRANSACTION_BYTES):
            yield chunk
            chunk, operations, size = [], 0, 0
        chunk.append(place)
        operations += len(group)
        size += group_size
    if chunk:
        yield chunk


def _size(entity: Entity) -> int:
    return sum(len(key) + 3 * len(str(value)) + 100 for key, value in entity.items())


def _group_of(index: int, groups: Sequence[Sequence[Operation]]) -> int:
    for place, group in enumerate(groups):
        if index < len(group):
            return place
        index -= len(group)
    raise ValueError(f"the storage service named operation {index}, which the transaction does not have")
