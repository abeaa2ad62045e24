"""One step of a batch in a process of its own, which ends by saying the most memory that it held.

    python -m tests.benchmarks.pipeline.memory_step <step> <lines>

Settings come from the environment. The steps of a batch are run in their order: build, stage, ingest, settle.
"""

import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from unittest.mock import patch

from azure.core.exceptions import AzureError

from shared.composition import get_services
from shared.domain.states import ProductStatus
from shared.openai_batch.remote_batches import RemoteBatches
from shared.persistence import batch_files
from shared.results.batch_settlement import settle
from shared.results.segment_ingestion import ingest
from shared.services import Services
from tests.benchmarks.pipeline.material import CATEGORY, batch_of, catalogue, say, sent, short_lines

_CHUNK = 100
_SIDE_BY_SIDE = 4
_TRIES = 5


def build(services: Services, lines: int) -> None:
    """Write the input file and its manifest, and the product rows as a build leaves them."""
    batch = batch_of(lines)
    requests = services.blobs.writer(batch.filename)
    manifest = services.blobs.writer(batch_files.manifest_name(batch.filename))
    rows = []
    for number, item in enumerate(catalogue(batch.product_count)):
        line = sent(item, number)
        requests.write(services.router.processor_for(batch).build(item, line).data)
        manifest.write(f"{line.model_dump_json()}\n".encode())
        held = {"openai_processing_status": ProductStatus.PROCESSING, "openai_batch_id": batch.batch_id}
        rows.append(item.model_copy(update={**held, "category": CATEGORY}))
        if len(rows) == _CHUNK:
            services.products.insert(CATEGORY, rows)
            rows.clear()
    services.products.insert(CATEGORY, rows)
    requests.commit()
    manifest.commit()
    services.batches.create(batch)


def stage(services: Services, lines: int) -> None:
    """Read the job's output file, which is made up while it is read, into segments."""
    batch = batch_of(lines, output_file_id="file-output")

    def download(*_: object) -> Iterator[bytes]:
        for number, item in enumerate(catalogue(batch.product_count)):
            yield b"".join(short_lines(sent(item, number)))

    with patch.object(RemoteBatches, "download", download):
        names = services.router.processor_for(batch).stage(batch, batch.result_file or "")
    services.batches.modify(batch.batch_id, lambda now: now.model_copy(update={"segments": names}))


def ingest_all(services: Services, lines: int) -> None:
    """Ingest as a worker does: some segments side by side, and one that fails again.

    Now and then Azurite resets a connection, and the SDK does not send a POST a second time.
    """
    batch_id = batch_of(lines).batch_id

    def one(index: int) -> None:
        for _ in range(_TRIES - 1):
            with suppress(AzureError):
                ingest(services, batch_id, index)
                return
        ingest(services, batch_id, index)

    with ThreadPoolExecutor(_SIDE_BY_SIDE) as pool:
        list(pool.map(one, range(len(services.batches.get(batch_id).segments))))


def settle_all(services: Services, lines: int) -> None:
    settle(services, batch_of(lines).batch_id)


STEPS = {"build": build, "stage": stage, "ingest": ingest_all, "settle": settle_all}


def peak_megabytes() -> float:
    """The most resident memory that this program held; `getrusage` would count its parent's too."""
    status = Path("/proc/self/status").read_text()
    return int(status.split("VmHWM:")[1].split()[0]) / 1024


if __name__ == "__main__":
    STEPS[sys.argv[1]](get_services(), int(sys.argv[2]))
    say(f"{peak_megabytes():.1f}")
