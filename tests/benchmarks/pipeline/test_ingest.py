"""Ingesting result lines: from Azurite to checked, scored content in tables, beside writing alone.

The limit is what the same entities take when they are written in the same full transactions, by the same
threads, with nothing else done. `BENCH_LINES` changes the number of lines (20,000).

    python -m pytest -m benchmark -s tests/benchmarks/pipeline/test_ingest.py
"""

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import pytest
from azure.data.tables import TableClient

from activities import ingestion
from activities.ingest_segment import ingest
from shared.content.quality.findings import Assessment
from shared.parallel import map_ordered
from shared.services import Services, make_services
from shared.settings import Settings
from shared.storage.transactions import TransactionClient
from tests.benchmarks.pipeline.material import LINES, staged_batch

pytestmark = [pytest.mark.benchmark, pytest.mark.timeout(3600)]

# Activities of a batch that run side by side in one worker.
_SIDE_BY_SIDE = 4


def seconds(work: Callable[[], object]) -> tuple[float, float]:
    """Wall and processor seconds of this process."""
    begun, computed = time.perf_counter(), time.process_time()
    work()
    return time.perf_counter() - begun, time.process_time() - computed


@contextmanager
def recorded() -> Iterator[list[list[Any]]]:
    """The transactions that are submitted, kept."""
    kept: list[list[Any]] = []
    submit = TransactionClient.submit_transaction

    def keep(self: TransactionClient, operations: Any, **options: Any) -> Any:
        kept.append(list(operations))
        return submit(self, kept[-1], **options)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TransactionClient, "submit_transaction", keep)
        yield kept


def ingest_all(services: Services, batch_id: str, segments: int) -> None:
    with ThreadPoolExecutor(_SIDE_BY_SIDE) as pool:
        list(pool.map(lambda index: ingest(services, batch_id, index), range(segments)))


def test_ingest_beside_writing_alone(storage_settings: Settings) -> None:
    settings = storage_settings.model_copy(update={"segment_bytes": 2_000_000})
    services = make_services(settings)
    batch = staged_batch(services, LINES)
    count = len(batch.segments)
    size = sum(services.blobs.sizes(batch.result_file or "").values())
    # Once to have the entities, and every cache as warm as in a worker that has been at it.
    with recorded() as transactions:
        ingest_all(services, batch.batch_id, count)
    stored = [operations for operations in transactions if len(operations) > 1]
    table = other_table(settings)
    writing, writing_cpu = seconds(lambda: list(map_ordered(table.submit_transaction, stored)))
    whole, whole_cpu = seconds(lambda: ingest_all(services, batch.batch_id, count))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ingestion, "assess_texts", lambda _: Assessment(score=100))
        unscored, unscored_cpu = seconds(lambda: ingest_all(services, batch.batch_id, count))
    print(  # noqa: T201
        f"\n{batch.request_count:,} lines of {size / batch.request_count / 1000:.1f} kB in {count} segments: "
        f"ingest {whole:.1f} s ({batch.request_count / whole:,.0f} lines/s), "
        f"writing alone {writing:.1f} s: {writing / whole:.2f} of the limit; "
        f"without scoring {unscored:.1f} s ({writing / unscored:.2f}). "
        f"Processor of this process: writing {writing_cpu:.1f} s, unscored {unscored_cpu:.1f} s, "
        f"whole {whole_cpu:.1f} s"
    )


def other_table(settings: Settings) -> TableClient:
    """A content table beside the app's own, with as many connections."""
    other = make_services(settings.model_copy(update={"table_prefix": f"{settings.table_prefix}limit"}))
    return other.contents._table._client
