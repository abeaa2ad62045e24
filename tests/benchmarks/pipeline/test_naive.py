"""For scale: the script that one writes first, beside the ingest, over the same result lines.

It reads the whole file, parses it with `json`, makes a model of every answer and writes row after row. It
checks no text, keeps no tries and does not ask whether the answer was wanted. `NAIVE_LINES` changes the
number of lines (2,100).

    python -m pytest -m benchmark -s tests/benchmarks/pipeline/test_naive.py
"""

import json
import os
import time
from collections.abc import Callable

import pytest
from azure.data.tables import TableServiceClient

from shared.config.settings import Settings
from shared.content.quality.findings import Assessment
from shared.content.sections import LocaleContent
from shared.results import ingestion
from shared.results.segment_ingestion import ingest
from shared.services import Services
from tests.benchmarks.pipeline.material import say, staged_batch

pytestmark = [pytest.mark.benchmark, pytest.mark.timeout(1800)]

LINES = int(os.environ.get("NAIVE_LINES", "2100"))
# What a property of a table takes, in characters.
_PROPERTY = 32_000


def naive(services: Services, settings: Settings, segments: list[str]) -> int:
    """Write every answer to a table of its own. Returns their number."""
    connection = settings.storage_connection_string.get_secret_value()
    table = TableServiceClient.from_connection_string(connection).create_table_if_not_exists(
        f"{settings.table_prefix}naive"
    )
    text = b"".join(b"".join(services.blobs.chunks(segment)) for segment in segments).decode()
    results = [json.loads(line) for line in text.splitlines()]
    for result in results:
        answer = json.loads(result["response"]["body"]["choices"][0]["message"]["content"])
        locale = next(key for key in answer if key != "facts")
        content = LocaleContent.model_validate(answer[locale]).model_dump_json()
        entity = {"PartitionKey": result["custom_id"], "RowKey": locale}
        pieces = {f"content{at}": content[at : at + _PROPERTY] for at in range(0, len(content), _PROPERTY)}
        table.upsert_entity({**entity, **pieces})
    return len(results)


def test_ingest_beside_the_naive_script(services: Services, monkeypatch: pytest.MonkeyPatch) -> None:
    batch = staged_batch(services, LINES)

    def ours() -> None:
        for index in range(len(batch.segments)):
            ingest(services, batch.batch_id, index)

    def theirs() -> None:
        assert naive(services, services.settings, batch.segments) == batch.request_count

    speeds = {"ingest": _speed(ours), "naive script": _speed(theirs)}
    monkeypatch.setattr(ingestion, "run_checks", lambda _: Assessment(score=100))
    speeds["ingest without the checks of texts"] = _speed(ours)
    text = ", ".join(f"{name} {speed:,.0f}" for name, speed in speeds.items())
    say(f"\n{batch.request_count:,} lines, lines/s: {text}")


def _speed(work: Callable[[], None]) -> float:
    """Lines a second."""
    begun = time.perf_counter()
    work()
    return LINES / (time.perf_counter() - begun)
