"""Ingesting result lines: from Azurite to checked, scored content in tables, beside writing alone.

The limit is what the same entities take when they are written in the same full transactions, by as many
threads and workers, with nothing else done: once by the SDK, and once by the app's lighter writer of
transactions. A worker is a process, of which the Functions host starts `FUNCTIONS_WORKER_PROCESS_COUNT`.
`BENCH_LINES` changes the number of lines (20,000).

    python -m pytest -m benchmark -s tests/benchmarks/pipeline/test_ingest.py
"""

import os
import uuid

import pytest
from azure.data.tables import TableServiceClient

from shared.composition import make_services
from shared.config.settings import Settings
from tests.benchmarks.pipeline.material import LINES, say, staged_batch
from tests.benchmarks.pipeline.worker import side_by_side

pytestmark = [pytest.mark.benchmark, pytest.mark.timeout(3600)]

ROUNDS = int(os.environ.get("BENCH_ROUNDS", "2"))
_WORKER = "tests.benchmarks.pipeline.ingest_worker"
_KINDS = {
    "sdk": "writing alone, the SDK's transactions",
    "writer": "writing alone, ours",
    "ingest": "ingest",
    "unchecked": "ingest without checks",
}


def test_ingest_beside_writing_alone(storage_settings: Settings) -> None:
    settings = storage_settings.model_copy(update={"segment_bytes": 2_000_000})
    services = make_services(settings)
    batch = staged_batch(services, LINES)
    size = sum(services.blobs.sizes(batch.result_file or "").values()) / batch.request_count
    say(f"\n{batch.request_count:,} lines of {size / 1000:.1f} kB in {len(batch.segments)} segments")
    for workers in (1, 2):
        took: dict[str, float] = {}
        for kind, name in _KINDS.items():
            # The best of some rounds: what else runs on the machine can only take from it.
            wall, cpu = min(_measured(settings, batch.batch_id, kind, workers) for _ in range(ROUNDS))
            took[kind] = wall
            ratios = ", ".join(
                f"{took[limit] / wall:.2f} of {_KINDS[limit]}" for limit in ("sdk", "writer") if limit in took
            )
            say(
                f"{workers} x {name}: {wall:.1f} s, {batch.request_count / wall:,.0f} lines/s; "
                f"processor {cpu / batch.request_count * 1e3:.2f} ms a line; {ratios}"
            )


def _measured(settings: Settings, batch_id: str, kind: str, workers: int) -> tuple[float, float]:
    """Wall and processor seconds of some workers that write into a table of their own."""
    connection = settings.storage_connection_string.get_secret_value()
    with TableServiceClient.from_connection_string(connection) as tables:
        table = tables.create_table(f"{settings.table_prefix}{uuid.uuid4().hex[:8]}").table_name
        shares = [[batch_id, kind, table, str(share), str(workers)] for share in range(workers)]
        try:
            return side_by_side(_WORKER, settings, shares)
        finally:
            tables.delete_table(table)
