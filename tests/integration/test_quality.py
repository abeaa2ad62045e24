"""A bad text is rejected with reasons and requested again with them. The served text stays."""

from typing import Any

import orjson

from local.openai_emulator import Effect, Rule
from shared.batching.requeue import requeue_category
from shared.content.content_records import TryState
from shared.content.locales import LOCALES
from shared.content.product_facts import FACTS_KEY
from shared.domain.clock import utcnow
from shared.domain.outcome import Outcome
from shared.domain.states import ProductStatus
from shared.domain.task import Requeueing
from tests.world import CATEGORY, World

GERMAN = "^000000-4$"
FACTS = "^000000-0$"
LATER = 24 * 3600


def sin(world: World, custom_id: str, **effect: Any) -> None:
    rule = Rule(on="request", match={"custom_id": custom_id}, effect=Effect(**effect), times=None)
    world.emulator.faults(rule)


def asked(world: World, filename: str) -> list[dict[str, Any]]:
    return [orjson.loads(line)["body"] for line in world.services.blobs.lines(filename)]


def test_a_rejected_text_is_kept_for_people_and_never_served(world: World) -> None:
    [product_id] = world.fill(1)
    sin(world, GERMAN, review=True)
    batch = world.drive(world.prepare().batch_id)
    assert batch.counts.by_outcome == {Outcome.STORED: 6, Outcome.REJECTED: 1}
    served = world.services.contents.served(product_id)
    assert {item.locale for item in served.published} == {*LOCALES} - {"de-DE"}
    tried = world.candidates(product_id)["de-DE"]
    assert (tried.state, tried.outcome) == (TryState.FAILED, Outcome.REJECTED)
    assert tried.content is not None
    assert tried.score is not None
    finding = next(finding for finding in tried.findings if finding.rule == "customer_review")
    section, field = finding.field.split(".")
    text = getattr(getattr(tried.content, section), field)
    assert text[finding.start : finding.end] == finding.words
    row = world.product(product_id)
    assert row.openai_processing_status == ProductStatus.PENDING
    assert (row.openai_error_message or "").startswith("Missing de-DE: rejected: error: customer_review")


def test_the_reasons_go_into_the_next_request_and_the_better_text_is_served(world: World) -> None:
    [product_id] = world.fill(1)
    sin(world, GERMAN, review=True)
    world.drive(world.prepare().batch_id)
    world.emulator.clear_faults()
    world.emulator.advance(LATER)
    again = world.prepare()
    [body] = asked(world, again.filename)
    message = body["messages"][-1]["content"]
    assert "An answer before was rejected; mend this:\n- de-DE: error: customer_review in" in message
    assert world.drive(again.batch_id).counts.by_outcome == {Outcome.STORED: 1}
    tried = world.candidates(product_id)["de-DE"]
    assert (tried.state, tried.content, tried.findings) == (TryState.STORED, None, [])
    assert world.product(product_id).openai_processing_status == ProductStatus.COMPLETED


def test_what_is_served_stays_until_something_better_passes(world: World) -> None:
    [product_id] = world.fill(1)
    world.drive(world.prepare().batch_id)
    before = world.services.contents.served(product_id)
    requeue_category(
        world.services,
        CATEGORY,
        Requeueing(requeueing_id="r", created_at=utcnow(), product_ids=[product_id], locales=["de-DE"]),
    )
    sin(world, FACTS, invented_number=True)
    for _ in range(3):
        world.emulator.advance(LATER)
        batch = world.drive(world.prepare().batch_id)
        assert batch.counts.by_outcome == {Outcome.REJECTED: 1}
    after = world.services.contents.served(product_id)
    assert [item.content for item in after.published] == [item.content for item in before.published]
    assert world.product(product_id).openai_processing_status == ProductStatus.FAILED


def test_without_its_facts_a_product_is_not_complete_and_they_are_asked_alone(world: World) -> None:
    [product_id] = world.fill(1)
    # The whole answer that holds the facts is lost; its locale comes back with another try.
    sin(world, FACTS, status=500)
    world.drive(world.prepare().batch_id)
    assert world.services.contents.served(product_id).facts is None
    assert (world.product(product_id).openai_error_message or "").startswith("Missing facts, en-US: ")
    world.emulator.clear_faults()
    world.emulator.advance(LATER)
    world.drive(world.prepare().batch_id)
    row, served = world.product(product_id), world.services.contents.served(product_id)
    assert row.openai_processing_status == ProductStatus.COMPLETED
    assert served.facts is not None


def test_facts_alone_are_asked_without_any_locale(world: World) -> None:
    [product_id] = world.fill(1)
    world.drive(world.prepare().batch_id)
    world.services.contents.outdate(product_id, lambda part, _: part == FACTS_KEY)
    world.set(locales=LOCALES[:6])
    choice = Requeueing(requeueing_id="r", created_at=utcnow(), product_ids=[product_id], locales=["pt-PT"])
    requeue_category(world.services, CATEGORY, choice)
    again = world.prepare()
    [body] = asked(world, again.filename)
    assert list(body["response_format"]["json_schema"]["schema"]["properties"]) == [FACTS_KEY]
    assert world.drive(again.batch_id).counts.by_outcome == {Outcome.STORED: 1}
    assert world.product(product_id).openai_processing_status == ProductStatus.COMPLETED


def test_products_that_say_the_same_are_told_apart(world: World) -> None:
    world.fill(3)
    sin(world, "-5$", boilerplate=True)
    batch = world.drive(world.prepare().batch_id)
    # The first product has no earlier one whose text it could repeat.
    assert batch.counts.by_outcome == {Outcome.STORED: 19, Outcome.REJECTED: 2}
    [rejected] = {
        finding.rule
        for product_id in ("P-001", "P-002")
        for finding in world.candidates(product_id)["it-IT"].findings
        if finding.severity == "error"
    }
    assert rejected == "boilerplate"


def test_results_by_prompt_add_up_to_the_batch(world: World) -> None:
    world.fill(2)
    sin(world, GERMAN, invented_number=True)
    batch = world.drive(world.prepare().batch_id)
    [(prompt, counts)] = batch.by_prompt.items()
    assert prompt == "v3"
    assert (counts.products, counts.requests, counts.scored) == (2, 14, 14)
    assert counts.by_outcome == batch.counts.by_outcome == {Outcome.STORED: 13, Outcome.REJECTED: 1}
    assert (counts.prompt_tokens, counts.completion_tokens) == (batch.prompt_tokens, batch.completion_tokens)
    assert 13 * 70 < counts.score_sum < 14 * 100
