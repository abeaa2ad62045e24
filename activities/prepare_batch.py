"""Select, claim, build: from the products of a category that are due to a batch ready to submit."""

from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import TypedDict

import azure.durable_functions as df

from activities.claims import BatchClaims, Claimed
from activities.selection import select
from shared.clock import utcnow
from shared.content.locales import LOCALES
from shared.content.prompts import PROMPT_VERSION
from shared.models.batch import OpenAIBatch
from shared.models.ids import newest_first_id
from shared.models.outcome import ManifestLine
from shared.models.run import Run
from shared.requeueing import queue_new_locales
from shared.services import Services, get_services
from shared.states import BatchStatus
from shared.storage import batch_files
from shared.storage.blobs import BlobWriter

bp = df.Blueprint()

LOCK_DURATION = timedelta(minutes=10)

# Claimed together: fifty products with their queue markers fill one transaction.
_CHUNK = 50
# Markers are hints, so a few more are read than are wanted.
_SLACK = 20


class Prepared(TypedDict):
    """What preparing came to. `batch_id` is None where nothing was due; `more`: the category has more."""

    batch_id: str | None
    products: int
    more: bool


@bp.activity_trigger(input_name="payload")
def prepare_batch(payload: dict) -> dict:  # type: ignore[type-arg]
    """Input: run_id, category, sequence, limit (0 = all). Output: `Prepared`."""
    return dict(prepare(get_services(), **payload))


def prepare(services: Services, run_id: str, category: str, sequence: int, limit: int) -> Prepared:
    """Make the run's batch number `sequence` of a category; running it again goes on where it stopped.

    The order is what makes it safe: batch record, selection, claim, product row, file, manifest, and only
    then the state `created`.
    """
    run = services.runs.get(run_id)
    services.runs.lock(run_id, LOCK_DURATION)
    if sequence == 0:
        queue_new_locales(services, category)
    batch_id = newest_first_id(run.created_at, f"{run_id}/{category}/{sequence}")
    batch = services.batches.find(batch_id)
    if batch is None:
        if not select(services, run, category, 1):
            return Prepared(batch_id=None, products=0, more=False)
        batch = _create(services, run, batch_id, category)
    most = _most_products(services, limit)
    if batch.status == BatchStatus.BUILDING:
        selection = batch_files.read_selection(services.blobs, batch_id)
        if selection is None:
            selection = select(services, run, category, most + _SLACK)
            batch_files.write_selection(services.blobs, batch_id, selection)
        batch = _Build(services, batch, selection, most).run()
        services.summaries.recompute(category)
    wanted = limit == 0 or batch.product_count < limit
    more = batch.product_count > 0 and wanted and bool(select(services, run, category, 1))
    return Prepared(
        batch_id=batch_id if batch.product_count else None, products=batch.product_count, more=more
    )


def _create(services: Services, run: Run, batch_id: str, category: str) -> OpenAIBatch:
    services.runs.add_batch(run.run_id, batch_id)
    services.batches.create(
        OpenAIBatch(
            batch_id=batch_id,
            filename=batch_files.input_name(batch_id),
            created_at=utcnow(),
            run_id=run.run_id,
            category=category,
            locales=[locale for locale in services.settings.locales if locale in (run.locales or LOCALES)],
        )
    )
    return services.batches.get(batch_id)


def _most_products(services: Services, limit: int) -> int:
    """How many products one file can hold when each needs every locale, or `limit` where that is less."""
    fits = max(1, services.settings.max_requests_per_file // len(services.settings.locale_groups))
    return min(limit or fits, fits)


class _Build:
    """Writes the input file and the manifest as streams, claiming as it goes, until a limit is met."""

    def __init__(self, services: Services, batch: OpenAIBatch, selection: Sequence[str], most: int) -> None:
        self._services = services
        self._batch = batch
        self._selection = selection
        self._most = most
        self._claims = BatchClaims(services, batch)
        self._input: BlobWriter = services.blobs.writer(batch.filename)
        self._manifest: BlobWriter = services.blobs.writer(batch_files.manifest_name(batch.batch_id))
        self._products = self._requests = self._tokens = 0

    def run(self) -> OpenAIBatch:
        for chunk in _chunks(self._selection, _CHUNK):
            claimed = self._claims.take(chunk)
            fitting = self._fitting(claimed)
            self._claims.release(item.product.product_id for item in claimed[len(fitting) :])
            for _, sent, data in self._marked(fitting):
                self._input.write(data)
                self._manifest.write(f"{sent.model_dump_json()}\n".encode())
                self._products += 1
                self._requests += len(sent.groups)
            if len(fitting) < len(claimed):
                break
        return self._close()

    def _fitting(self, claimed: Sequence[Claimed]) -> list[tuple[Claimed, ManifestLine, bytes]]:
        """The first of `claimed` that the file still has room for, with their lines."""
        settings = self._services.settings
        fitting: list[tuple[Claimed, ManifestLine, bytes]] = []
        size, requests = self._input.size, self._requests
        for item in claimed:
            sent = self._sent(item, self._products + len(fitting))
            lines = self._services.processor.build(item.product, sent)
            size, requests, tokens = (
                size + len(lines.data),
                requests + lines.requests,
                self._tokens + lines.tokens,
            )
            if (
                self._products + len(fitting) >= self._most
                or requests > settings.max_requests_per_file
                or size > settings.max_bytes_per_file
                or tokens > settings.max_tokens_per_file
            ):
                break
            self._tokens = tokens
            fitting.append((item, sent, lines.data))
        return fitting

    def _marked(
        self, fitting: Sequence[tuple[Claimed, ManifestLine, bytes]]
    ) -> Iterator[tuple[Claimed, ManifestLine, bytes]]:
        """Those whose product row now says `processing`; one that changed meanwhile is let go."""
        refused = set(self._claims.mark_processing([(item, sent) for item, sent, _ in fitting]))
        self._claims.release(fitting[place][0].product.product_id for place in refused)
        return (entry for place, entry in enumerate(fitting) if place not in refused)

    def _sent(self, item: Claimed, line: int) -> ManifestLine:
        step = self._services.settings.locales_per_request
        groups = tuple(item.locales[i : i + step] for i in range(0, len(item.locales), step))
        return ManifestLine(
            line=line,
            product_id=item.product.product_id,
            category=self._batch.category,
            content_hash=item.product.content_hash,
            attempt=item.attempt,
            prompt_version=PROMPT_VERSION,
            groups=groups,
        )

    def _close(self) -> OpenAIBatch:
        if not self._products:
            return self._services.batches.modify(
                self._batch.batch_id,
                lambda batch: batch.model_copy(
                    update={
                        "status": BatchStatus.CANCELLED,
                        "completed_at": utcnow(),
                        "error_message": "Nothing was left to claim when the file was built.",
                    }
                ),
            )
        size = self._input.commit()
        self._manifest.commit()
        return self._services.batches.modify(
            self._batch.batch_id,
            lambda batch: batch.model_copy(
                update={
                    "status": BatchStatus.CREATED,
                    "product_count": self._products,
                    "request_count": self._requests,
                    "input_bytes": size,
                    "input_tokens_estimate": self._tokens,
                }
            ),
        )


def _chunks(items: Sequence[str], size: int) -> Iterator[Sequence[str]]:
    return (items[i : i + size] for i in range(0, len(items), size))
