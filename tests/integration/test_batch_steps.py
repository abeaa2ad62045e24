"""A batch from its file to stored content, step by step, and the result of each kind of failure."""

from typing import Any

import pytest

from local.openai_emulator import Effect, Rule
from shared.content.content_records import TryState
from shared.content.document import build_document
from shared.content.locales import LOCALES
from shared.domain.outcome import Outcome
from shared.domain.states import BatchStatus, ProductStatus
from shared.openai_batch.segments import read_segment
from shared.persistence import batch_files
from tests.world import World

DOCUMENT_KEYS = {
    "product_input", "images", "ai_generated_content", "customer_reviews", "content_metadata", "qa",
}  # fmt: skip
SECTIONS = {
    "basic_info", "technical_analysis", "purchase_decision", "usage_guidance", "maintenance_care",
    "professional_assessment",
}  # fmt: skip


def on_request(custom_id: str, **effect: Any) -> Rule:
    return Rule(on="request", match={"custom_id": f"^{custom_id}$"}, effect=Effect(**effect), times=None)


def test_every_locale_of_every_product_is_stored_once_and_charged_once(world: World) -> None:
    ids = world.fill(4)
    batch = world.drive(world.prepare().batch_id)
    assert batch.status == BatchStatus.COMPLETED
    assert (batch.counts.by_outcome, batch.counts.locales) == ({Outcome.STORED: 28}, 28)
    assert (batch.counts.doubled, batch.counts.unknown, batch.error_message) == (0, 0, None)
    ledger = world.emulator.ledger()
    [job] = ledger["jobs"]
    assert job["metadata"] == {"batch_id": batch.batch_id}
    assert (job["tokens_charged_in"], job["tokens_charged_out"]) == (
        batch.prompt_tokens,
        batch.completion_tokens,
    )
    assert ledger["products"] == {f"Ardena {product_id}": dict.fromkeys(LOCALES, 1) for product_id in ids}
    assert ledger["files"]["present"] == 0
    for product_id in ids:
        row = world.product(product_id)
        assert row.openai_processing_status == ProductStatus.COMPLETED
        assert (row.openai_error_message, row.attempts, row.due_at) == (None, 0, None)
        assert row.openai_processed_at is not None
        claim = world.services.contents.claim(product_id)
        assert claim is not None
        assert claim.batch_id is None


def test_the_document_has_exactly_its_keys_and_a_text_in_each_language(world: World) -> None:
    [product_id] = world.fill(1)
    world.drive(world.prepare().batch_id)
    served = world.services.contents.served(product_id)
    document = build_document(world.product(product_id), served, LOCALES)
    assert set(document) == DOCUMENT_KEYS
    assert set(document["ai_generated_content"]) == set(LOCALES)
    for locale in LOCALES:
        assert set(document["ai_generated_content"][locale]) == SECTIONS
        assert document["qa"].get(locale) != []
    overviews = {document["ai_generated_content"][locale]["basic_info"]["overview"] for locale in LOCALES}
    assert len(overviews) == len(LOCALES)
    levels = {document["ai_generated_content"][locale]["basic_info"].get("skill_level") for locale in LOCALES}
    assert served.facts
    assert levels == {served.facts.facts.skill_level}
    assert "ratings" not in str(document)
    assert document["customer_reviews"] is None
    assert set(document["images"]) == {"front_view", "back_view", "official_image"}
    assert len(document["product_input"]["store_links"]) == 12


@pytest.mark.parametrize(
    ("effect", "outcome", "reason"),
    [
        ({"finish_reason": "length"}, Outcome.TRUNCATED, "cut off"),
        ({"content_filter": True}, Outcome.CONTENT_FILTERED, "violence"),
        ({"prompt_filter": True}, Outcome.CONTENT_FILTERED, "content management policy"),
        ({"refusal": True}, Outcome.REFUSED, "can't help"),
        ({"broken_json": True}, Outcome.INVALID_JSON, "not JSON"),
        ({"wrong_shape": True}, Outcome.SCHEMA_INVALID, "missing from the answer"),
        ({"url": True}, Outcome.SCHEMA_INVALID, "link"),
        ({"invented_number": True}, Outcome.REJECTED, "unsourced_number"),
        ({"wrong_language": True}, Outcome.REJECTED, "wrong_language"),
        ({"review": True}, Outcome.REJECTED, "customer_review"),
        ({"status": 500}, Outcome.REQUEST_FAILED, "HTTP 500"),
        ({"status": 429}, Outcome.REQUEST_FAILED, "HTTP 429"),
        ({"missing": True}, Outcome.MISSING, "no result line"),
    ],
)
def test_each_failure_has_its_name_and_costs_only_its_locale(
    world: World, effect: dict[str, Any], outcome: Outcome, reason: str
) -> None:
    good, bad = world.fill(2)
    batch = world.prepare()
    manifest = batch_files.read_manifest(world.services.blobs, batch.filename)
    line = next(number for number, sent in manifest.items() if sent.product_id == bad)
    world.emulator.faults(on_request(f"{line:06d}-4", **effect))
    batch = world.drive(batch.batch_id)
    assert batch.status == BatchStatus.COMPLETED
    assert batch.counts.by_outcome == {Outcome.STORED: 13, outcome: 1}
    assert batch.counts.total == batch.request_count == 14
    assert f"1 {outcome}" in (batch.error_message or "")
    assert world.product(good).openai_processing_status == ProductStatus.COMPLETED
    row, tried = world.product(bad), world.candidates(bad)
    assert row.openai_processing_status == ProductStatus.PENDING
    assert (row.openai_error_message or "").startswith(f"Missing de-DE: {outcome}: ")
    assert row.due_at is not None
    assert (tried["de-DE"].state, tried["de-DE"].outcome) == (TryState.FAILED, outcome)
    assert reason in tried["de-DE"].reason
    assert {locale for locale, item in tried.items() if item.state == TryState.STORED} == {
        "facts",
        *LOCALES,
    } - {"de-DE"}


def test_duplicate_and_unknown_lines_are_counted_and_store_nothing_twice(world: World) -> None:
    world.fill(2)
    world.emulator.faults(
        on_request("000000-1", doubled=True),
        on_request("000001-2", unknown=True),
        on_request("000001-3", missing=True),
    )
    batch = world.drive(world.prepare().batch_id)
    assert batch.counts.by_outcome == {Outcome.STORED: 13, Outcome.MISSING: 1}
    assert (batch.counts.doubled, batch.counts.unknown, batch.counts.total) == (1, 1, 14)


def test_segments_hold_whole_products_and_can_be_ingested_again(world: World) -> None:
    ids = world.fill(3)
    world.set(segment_bytes=20_000)
    batch = world.drive(world.prepare().batch_id, until=BatchStatus.INGESTING)
    world.step(batch.batch_id, "stage_results")
    after = world.services.batches.get(batch.batch_id)
    assert len(after.segments) == 3
    for segment in after.segments:
        assert len(list(read_segment(world.services.blobs, segment))) == 7
    assert after.counts.by_outcome == {Outcome.STORED: 21}
    before = [world.product(product_id) for product_id in ids]
    world.step(batch.batch_id, "stage_results")
    assert world.services.batches.get(batch.batch_id) == after
    assert [world.product(product_id) for product_id in ids] == before
