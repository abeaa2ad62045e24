"""Select, claim, build: what is in tables and blobs before anything is sent."""

from dataclasses import replace
from datetime import timedelta

import orjson
import pytest

from activities import run_steps
from shared.batching.preparation import Prepared, prepare
from shared.catalogue.importer import Importer
from shared.domain.batch import OpenAIBatch
from shared.domain.clock import utcnow
from shared.domain.product import Product
from shared.domain.run import Run
from shared.domain.states import BatchStatus, ProductStatus
from shared.persistence import batch_files
from shared.persistence.product_repository import ProductRepository, StoredProduct
from shared.services import Services
from tests.examples import product

CATEGORY = "electric-guitars"


@pytest.fixture
def run(services: Services) -> Run:
    return new_run(services, "run-1")


def new_run(services: Services, run_id: str) -> Run:
    run = Run(run_id=run_id, created_at=utcnow())
    services.runs.create(run)
    assert run_steps.enter(services, run_id)
    return run


def with_settings(services: Services, **changes: object) -> Services:
    return replace(services, settings=services.settings.model_copy(update=changes))


def fill(services: Services, count: int) -> list[str]:
    importer = Importer(services.products, services.contents)
    ids = [f"P-{number:03d}" for number in range(count)]
    services.summaries.announce(CATEGORY, "Electric Guitars")
    for product_id in ids:
        importer.store(product(product_id=product_id, sku=product_id, name=f"Ardena {product_id}"))
    return ids


def read(services: Services, product_id: str) -> Product:
    stored = services.products.get(CATEGORY, product_id)
    assert stored is not None
    return stored.product


def lines_of(services: Services, batch_id: str) -> list[dict[str, object]]:
    return [orjson.loads(line) for line in services.blobs.lines(services.batches.get(batch_id).filename)]


def made(services: Services, prepared: Prepared) -> OpenAIBatch:
    assert prepared["batch_id"] is not None
    return services.batches.get(prepared["batch_id"])


def test_a_batch_holds_what_was_due_and_every_place_agrees(services: Services, run: Run) -> None:
    ids = fill(services, 5)
    prepared = prepare(services, run.run_id, CATEGORY, 0, 3)
    batch = made(services, prepared)
    assert prepared == Prepared(batch_id=batch.batch_id, products=3, more=False)
    assert (batch.status, batch.product_count, batch.request_count) == (BatchStatus.CREATED, 3, 21)
    lines = lines_of(services, batch.batch_id)
    manifest = batch_files.read_manifest(services.blobs, batch.filename)
    assert sorted(sent.product_id for sent in manifest.values()) == ids[:3]
    expected = [sent.custom_id(group) for sent in manifest.values() for group in range(len(sent.groups))]
    assert [line["custom_id"] for line in lines] == expected
    assert len({line["custom_id"] for line in lines}) == 21
    assert batch.input_bytes == sum(len(orjson.dumps(line)) + 1 for line in lines)
    for number, sent in manifest.items():
        row, claim = read(services, sent.product_id), services.contents.claim(sent.product_id)
        assert claim is not None
        assert claim.batch_id == row.openai_batch_id == batch.batch_id
        assert row.openai_processing_status == ProductStatus.PROCESSING
        assert (row.openai_product_id, row.due_at) == (f"{number:06d}", None)
        assert sent.content_hash == row.content_hash
    assert read(services, ids[4]).openai_processing_status == ProductStatus.PENDING


def test_doing_it_again_changes_nothing(services: Services, run: Run) -> None:
    fill(services, 4)
    first = prepare(services, run.run_id, CATEGORY, 0, 2)
    batch = made(services, first)
    assert prepare(services, run.run_id, CATEGORY, 0, 2) == first
    assert made(services, first) == batch
    assert len(services.batches.page(10)) == 1


@pytest.mark.parametrize(
    "stop_at",
    [
        "shared.batching.claims.BatchClaims.take",
        "shared.batching.claims.BatchClaims.mark_processing",
        "shared.batching.preparation._close",
    ],
)
def test_a_build_that_stopped_goes_on_with_the_products_it_had_chosen(
    services: Services, run: Run, stop_at: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    ids = fill(services, 4)

    class Killed(Exception):
        pass

    def kill(*_: object) -> None:
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(stop_at, kill)
        with pytest.raises(Killed):
            prepare(services, run.run_id, CATEGORY, 0, 2)
    batch = made(services, prepare(services, run.run_id, CATEGORY, 0, 2))
    assert batch.product_count == 2
    sent = batch_files.read_manifest(services.blobs, batch.filename)
    assert sorted(line.product_id for line in sent.values()) == ids[:2]
    assert {line.attempts["de-DE"] for line in sent.values()} == {1}
    claimed = [
        product_id
        for product_id in ids
        if (claim := services.contents.claim(product_id)) is not None and claim.batch_id
    ]
    assert claimed == ids[:2]


def test_a_product_is_in_one_batch_only(services: Services, run: Run) -> None:
    fill(services, 3)
    prepare(services, run.run_id, CATEGORY, 0, 0)
    run_steps.leave(services, run.run_id, [])
    other = new_run(services, "run-2")
    assert prepare(services, other.run_id, CATEGORY, 0, 0) == Prepared(batch_id=None, products=0, more=False)


def test_a_claim_of_another_live_batch_is_left_alone(services: Services, run: Run) -> None:
    """A marker is a hint: what counts is the claim row."""
    [first, second] = fill(services, 2)
    services.batches.create(
        OpenAIBatch(batch_id="live", filename="x", created_at=utcnow(), run_id="r", category=CATEGORY)
    )
    ledger = services.contents.content_state(first)
    assert ledger.claim is not None
    promised = ledger.claim.model_copy(
        update={"batch_id": "live", "expires_at": utcnow() - timedelta(days=1)}
    )
    assert services.contents.write_claim(promised, ledger.claim_etag)
    batch = made(services, prepare(services, run.run_id, CATEGORY, 0, 0))
    sent = batch_files.read_manifest(services.blobs, batch.filename)
    assert [line.product_id for line in sent.values()] == [second]


def test_files_are_cut_before_a_limit_and_never_through_a_product(services: Services, run: Run) -> None:
    ids = fill(services, 10)
    small = with_settings(services, max_requests_per_file=30)
    batches, more, sequence = [], True, 0
    while more:
        prepared = prepare(small, run.run_id, CATEGORY, sequence, 0)
        batches.append(made(services, prepared))
        more, sequence = prepared["more"], sequence + 1
    assert [batch.product_count for batch in batches] == [4, 4, 2]
    assert all(batch.request_count <= 30 for batch in batches)
    sent = [
        line.product_id
        for batch in batches
        for line in batch_files.read_manifest(services.blobs, batch.filename).values()
    ]
    assert sorted(sent) == ids


@pytest.mark.parametrize("limit", ["max_bytes_per_file", "max_tokens_per_file"])
def test_bytes_and_tokens_cut_files_too(services: Services, run: Run, limit: str) -> None:
    fill(services, 3)
    whole = made(services, prepare(services, run.run_id, CATEGORY, 0, 1))
    of_one = whole.input_bytes if limit == "max_bytes_per_file" else whole.input_tokens_estimate
    small = with_settings(services, **{limit: int(of_one * 1.5)})
    prepared = prepare(small, run.run_id, CATEGORY, 1, 0)
    assert (prepared["products"], prepared["more"]) == (1, True)


def test_a_batch_that_cannot_be_built_is_given_up_and_its_products_wait(
    services: Services, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    ids = fill(services, 2)

    def disk_full(*_: object) -> None:
        raise OSError("no space left")

    with monkeypatch.context() as patch:
        patch.setattr("shared.batching.preparation._close", disk_full)
        with pytest.raises(OSError, match="no space"):
            prepare(services, run.run_id, CATEGORY, 0, 0)
    assert {read(services, product_id).openai_processing_status for product_id in ids} == {
        ProductStatus.PROCESSING
    }
    run_steps.leave(services, run.run_id, [f"{CATEGORY}: no space left"])
    [batch] = services.batches.page(10)
    assert (batch.status, batch.product_count) == (BatchStatus.CANCELLED, 0)
    for product_id in ids:
        row, claim = read(services, product_id), services.contents.claim(product_id)
        assert claim is not None
        assert (row.openai_processing_status, row.attempts) == (ProductStatus.PENDING, 0)
        assert claim.batch_id is None
    assert services.runs.get(run.run_id).error_message == f"{CATEGORY}: no space left"


def test_no_two_products_share_a_line_when_one_is_let_go(
    services: Services, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of the first fifty one changes under the build: the next fifty must not take over its numbers."""
    fill(services, 60)
    real = ProductRepository.replace
    calls: list[int] = []

    def interfering(
        self: ProductRepository, category: str, changes: list[tuple[StoredProduct, Product]]
    ) -> list[int]:
        if not calls:
            calls.append(1)
            stored = changes[3][0]
            other = stored.product.model_copy(update={"description": "changed meanwhile"})
            assert real(self, category, [(stored, other)]) == []
        return real(self, category, changes)

    monkeypatch.setattr(ProductRepository, "replace", interfering)
    batch = made(services, prepare(services, run.run_id, CATEGORY, 0, 0))
    assert batch.product_count == 59
    custom_ids = [line["custom_id"] for line in lines_of(services, batch.batch_id)]
    assert len(custom_ids) == len(set(custom_ids)) == 59 * 7
    manifest = batch_files.read_manifest(services.blobs, batch.filename)
    assert len(manifest) == len({sent.product_id for sent in manifest.values()}) == 59


def test_one_run_prepares_at_a_time(services: Services, run: Run) -> None:
    services.runs.create(Run(run_id="run-2", created_at=utcnow()))
    assert not run_steps.enter(services, "run-2")
    assert run_steps.enter(services, run.run_id)
    run_steps.leave(services, run.run_id, [])
    assert run_steps.enter(services, "run-2")
