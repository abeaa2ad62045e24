"""A worker's share of a batch's segments: ingested, or what that writes written alone.

    python -m tests.benchmarks.pipeline.ingest_worker <batch_id> <kind> <table> <share> <of>

Kinds: `ingest`, `unchecked`; `sdk` writes the same transactions with the SDK's own `submit_transaction`, and
`writer` with the app's. Content goes into the table that is named, which should be new: Azurite takes longer
for rows that are there already.
"""

import gc
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any
from unittest.mock import patch

from azure.data.tables import TableClient

from shared.composition import get_services
from shared.content.quality.findings import Assessment
from shared.persistence.content_repository import ContentRepository
from shared.persistence.parallel import map_ordered
from shared.persistence.storage_account import make_transport
from shared.persistence.table import Table
from shared.persistence.transactions import TransactionClient
from shared.results import ingestion
from shared.results.segment_ingestion import ingest
from shared.services import Services
from tests.benchmarks.pipeline.worker import work_when_told

# Activities of a batch that run side by side in one worker.
_SIDE_BY_SIDE = 4


def ingest_all(services: Services, batch_id: str, segments: range) -> None:
    with ThreadPoolExecutor(_SIDE_BY_SIDE) as pool:
        list(pool.map(lambda index: ingest(services, batch_id, index), segments))


def transactions(services: Services, batch_id: str, segments: range) -> list[list[Any]]:
    """What the ingest of segments writes."""
    kept: list[list[Any]] = []

    def keep(_: TransactionClient, operations: Any, **options: Any) -> list[Any]:
        assert not options
        kept.append(list(operations))
        return []

    with patch.object(TransactionClient, "submit_transaction", keep):
        ingest_all(services, batch_id, segments)
    return kept


def with_content_in(services: Services, table: str) -> Services:
    """The services with their content in another table, which is there."""
    connection = services.settings.storage_connection_string.get_secret_value()
    client = TransactionClient.from_connection_string(connection, table, transport=make_transport())
    return replace(services, contents=ContentRepository(Table(client)))


def work_of(what: str, services: Services, batch_id: str, segments: range) -> Callable[[], object]:
    """The work, with everything loaded that a worker has loaded that has been at it."""
    kept = transactions(services, batch_id, segments)
    client = services.contents._table._client
    if what == "sdk":
        return lambda: list(map_ordered(lambda each: TableClient.submit_transaction(client, each), kept))
    if what == "writer":
        return lambda: list(map_ordered(client.submit_transaction, kept))
    if what == "unchecked":
        patch.object(ingestion, "run_checks", lambda _: Assessment(score=100)).start()
    return lambda: ingest_all(services, batch_id, segments)


if __name__ == "__main__":
    of_batch, kind, table, (share, of) = *sys.argv[1:4], map(int, sys.argv[4:])
    app = with_content_in(get_services(), table)
    mine = range(share, len(app.batches.get(of_batch).segments), of)
    begin = work_of(kind, app, of_batch, mine)
    gc.collect()
    gc.freeze()  # as in `function_app.py`
    work_when_told(begin)
