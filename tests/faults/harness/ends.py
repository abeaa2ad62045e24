"""What must be true when no work is open any more, by the emulator's ledger and by what storage holds."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from shared.content.content_records import TryState
from shared.domain.states import ProductStatus
from shared.persistence import batch_files
from tests.faults.harness.scenarios import LOCALES, Names, Times
from tests.faults.harness.shop import Shop


@dataclass
class End:
    """How many answers were lost and how many were paid for twice, and everything else that is wrong."""

    lost: int = 0
    duplicated: int = 0
    problems: list[str] = field(default_factory=list)

    @property
    def good(self) -> bool:
        return not (self.lost or self.duplicated or self.problems)


def look(shop: Shop, names: Names, times: Times) -> End:
    """Compare a shop that has settled down with what it should have produced."""
    end = End()
    ledger = shop.world.emulator.ledger()
    for name, by_locale in times.items():
        for locale, wanted in by_locale.items():
            answered = ledger["products"].get(name, {}).get(locale, 0)
            end.duplicated += max(0, answered - wanted)
            end.lost += max(0, wanted - answered)
    _batches(shop, names, ledger["jobs"], end)
    if ledger["files"].get("present") or ledger["enqueued_tokens"]:
        end.problems.append(f"left at Azure: {ledger['files']}, {ledger['enqueued_tokens']} tokens")
    end.problems += [*_held(shop), *_products(shop, names), *_records(shop, names)]
    return end


def _held(shop: Shop) -> Iterator[str]:
    """No quota and no money is reserved, no deployment is set aside, and no blob of a job is left."""
    services = shop.services
    for deployment in services.settings.by_deployment():
        held = {name: amount for name, amount in services.budget.quota(deployment).reserved.items() if amount}
        if held:
            yield f"still reserved at {deployment}: {held}"
    if services.budget.month().reserved.get("cost"):
        yield f"still reserved: {services.budget.month().reserved}"
    if aside := services.balancer.set_aside():
        yield f"set aside: {aside}"
    blobs = services.blobs.sizes("")
    if left := [name for name in blobs if "/sent-" in name or not name.startswith(("batches/", "imports/"))]:
        yield f"left in the container: {left}"


def _batch_of(job: dict[str, Any]) -> str:
    """The batch id of a job, from its metadata or from the name of its input blob."""
    metadata, input_blob = job["metadata"], str(job["input_blob"])
    return str(metadata["batch_id"]) if metadata else input_blob.split("/")[-2]


def _batches(shop: Shop, names: Names, jobs: list[dict[str, Any]], end: End) -> None:
    """Each request has one outcome, what Azure answered is stored, and one job per batch has answered."""
    services = shop.services
    batches = services.batches.page(100, keep=lambda batch: batch.category in names.categories)
    for batch in batches:
        if not batch.status.is_terminal:
            end.problems.append(f"batch {batch.batch_id} is {batch.status}")
        if batch.counts.total != batch.request_count:
            end.problems.append(
                f"batch {batch.batch_id}: {batch.counts.total} outcomes of {batch.request_count}"
            )
        # The clean-up deletes the files of batches that ended long ago.
        if batch.request_count and services.blobs.exists(batch_files.manifest_name(batch.filename)):
            manifest = batch_files.read_manifest(services.blobs, batch.filename)
            if sum(len(sent.groups) for sent in manifest.values()) != batch.request_count:
                end.problems.append(f"batch {batch.batch_id}: the manifest holds other requests")
        if batch.is_online:
            continue
        own_jobs = [job for job in jobs if _batch_of(job) == batch.batch_id]
        answered = [job["requests_completed"] for job in own_jobs]
        end.lost += max(0, sum(answered) - batch.counts.stored)
        end.duplicated += max(0, batch.counts.stored - sum(answered))
        if len([count for count in answered if count]) > 1:
            end.problems.append(f"batch {batch.batch_id} was answered by several jobs")
        if any(job["status"] not in ("completed", "failed", "cancelled", "expired") for job in own_jobs):
            end.problems.append(f"batch {batch.batch_id} has a job that has not ended")
    known = {batch.batch_id for batch in services.batches.page(10_000)}
    if strangers := [job["id"] for job in jobs if _batch_of(job) not in known]:
        end.problems.append(f"jobs of no batch: {strangers}")


def _products(shop: Shop, names: Names) -> Iterator[str]:
    """Each product is in one category, is complete in every locale, and has no claim."""
    contents = shop.services.contents
    for product_id in names.products:
        rows = [
            found
            for category in names.categories
            if (found := shop.services.products.get(category, product_id))
        ]
        claim = contents.claim(product_id)
        if len(rows) != 1 or claim is None:
            yield f"{product_id} has {len(rows)} rows, and the claim {claim}"
            continue
        product = rows[0].product
        if (claim.category, claim.batch_id, claim.moving) != (product.category, None, None):
            yield f"{product_id} lives in {product.category}, and its claim says {claim}"
        if product.openai_processing_status != ProductStatus.COMPLETED or product.due_at:
            yield f"{product_id} is {product.openai_processing_status}, due {product.due_at}"
        published = {item.locale: item for item in contents.served(product_id).published}
        stale = [
            locale
            for locale in LOCALES
            if locale not in published or published[locale].content_hash != product.content_hash
        ]
        failed = [item.part for item in contents.candidates(product_id) if item.state != TryState.STORED]
        if stale or failed:
            yield f"{product_id}: {stale} are not published, {failed} failed"


def _records(shop: Shop, names: Names) -> Iterator[str]:
    """No record is open, the queue is empty, and stored counts equal the rows."""
    services = shop.services
    for kind in (services.batches, services.runs, services.imports, services.requeueings):
        if found := kind.open_ids():
            yield f"still open: {found}"
    for category in names.categories:
        counts = services.products.count_category(category).by_status
        if services.summaries.get(category).by_status != counts:
            yield f"{category}: counted {services.summaries.get(category).by_status}, there are {counts}"
        waiting = services.products.due(category, datetime.max.replace(tzinfo=UTC), 100)
        if waiting:
            yield f"{category}: queue markers without a product that waits: {waiting}"
    for report in services.imports.page(100, keep=lambda one: names.seed in one.import_id):
        parts = (report.created, report.updated, report.unchanged, report.doubled, report.rejected)
        if report.rows != sum(parts) or report.rejected:
            yield f"import {report.import_id}: {report.rows} rows, of which {parts}"
