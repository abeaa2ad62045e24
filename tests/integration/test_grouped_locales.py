"""All locales of a product in one request, as by default: what fails is asked again alone."""

from typing import Any

import orjson
import pytest

from local.openai_emulator import Effect, Rule
from shared.content.document import build_document
from shared.content.locales import LOCALES
from shared.content.planning import plan_content
from shared.domain.batch import OpenAIBatch
from shared.domain.content_plan import Depth
from shared.domain.outcome import Outcome
from shared.domain.states import ProductStatus
from shared.persistence import batch_files
from tests.world import CATEGORY, World

LATER = 24 * 3600
THIN = {"description": "", "specs": {}}


@pytest.fixture
def grouped(world: World) -> World:
    world.set(locales_per_request=0)
    return world


def fault(world: World, **effect: Any) -> None:
    world.emulator.faults(Rule(on="request", match={"custom_id": "^000000-0$"}, effect=Effect(**effect)))


def groups(world: World, batch: OpenAIBatch) -> list[tuple[str, ...]]:
    [sent] = batch_files.read_manifest(world.services.blobs, batch.filename).values()
    return list(sent.groups)


def test_one_request_brings_facts_and_all_locales(grouped: World) -> None:
    [product_id] = grouped.fill(1)
    batch = grouped.drive(grouped.prepare().batch_id)
    assert groups(grouped, batch) == [("facts", *LOCALES)]
    assert batch.counts.by_outcome == {Outcome.STORED: 1}
    assert grouped.product(product_id).openai_processing_status == ProductStatus.COMPLETED
    served = grouped.services.contents.served(product_id)
    assert {item.locale for item in served.published} == set(LOCALES)
    assert sum(item.cost for item in served.published) < batch.cost


def test_the_plan_is_in_the_manifest_and_in_the_metadata(grouped: World) -> None:
    [product_id] = grouped.fill(1)
    batch = grouped.drive(grouped.prepare().batch_id)
    product = grouped.product(product_id)
    [sent] = batch_files.read_manifest(grouped.services.blobs, batch.filename).values()
    assert sent.plan == plan_content(product)
    document = build_document(product, grouped.services.contents.served(product_id), LOCALES)
    plan = document["content_metadata"]["locales"]["de-DE"]["plan"]
    assert (plan["depth"], plan["facts"]) == ("standard", 4)
    assert plan["parts"] == list(sent.plan.parts)


def test_an_answer_that_is_cut_off_is_asked_again_locale_by_locale(grouped: World) -> None:
    [product_id] = grouped.fill(1)
    fault(grouped, finish_reason="length")
    first = grouped.drive(grouped.prepare().batch_id)
    assert first.counts.by_outcome == {Outcome.TRUNCATED: 1}
    grouped.emulator.advance(LATER)
    second = grouped.prepare()
    assert groups(grouped, second) == [("facts", "en-US"), *((locale,) for locale in LOCALES[1:])]
    grouped.drive(second.batch_id)
    assert grouped.product(product_id).openai_processing_status == ProductStatus.COMPLETED


def test_a_request_that_the_service_failed_is_asked_again_as_it_was(grouped: World) -> None:
    grouped.fill(1)
    fault(grouped, status=500)
    grouped.drive(grouped.prepare().batch_id)
    grouped.emulator.advance(LATER)
    again = grouped.prepare()
    assert groups(grouped, again) == [("facts", *LOCALES)]
    assert grouped.drive(again.batch_id).counts.by_outcome == {Outcome.STORED: 1}


def test_one_bad_locale_is_asked_again_alone_and_the_others_are_served(grouped: World) -> None:
    [product_id] = grouped.fill(1)
    # The defect is in every text; the German one alone is left to be repaired.
    fault(grouped, review=True)
    grouped.drive(grouped.prepare().batch_id)
    tried = grouped.candidates(product_id)
    bad = [locale for locale in LOCALES if tried[locale].outcome == Outcome.REJECTED]
    assert bad
    assert tried["facts"].outcome == Outcome.STORED
    grouped.emulator.advance(LATER)
    again = grouped.prepare()
    assert groups(grouped, again) == [(locale,) for locale in bad]
    grouped.drive(again.batch_id)
    assert grouped.product(product_id).openai_processing_status == ProductStatus.COMPLETED


def test_a_full_record_takes_two_requests(grouped: World) -> None:
    [product_id] = grouped.fill(1)
    specs = {f"part {number}": f"thing {number} of steel" for number in range(10)}
    grouped.change(product_id, specs=specs)
    batch = grouped.prepare()
    assert groups(grouped, batch) == [("facts", *LOCALES[:4]), LOCALES[4:]]
    assert grouped.drive(batch.batch_id).counts.by_outcome == {Outcome.STORED: 2}


def test_a_thin_record_is_written_short(grouped: World) -> None:
    [product_id] = grouped.fill(1)
    grouped.change(product_id, **THIN)
    batch = grouped.drive(grouped.prepare().batch_id)
    assert batch.counts.by_outcome == {Outcome.STORED: 1}
    document = build_document(
        grouped.product(product_id), grouped.services.contents.served(product_id), LOCALES
    )
    german = document["ai_generated_content"]["de-DE"]
    assert set(german) <= {"basic_info", "technical_analysis"}
    assert set(german["basic_info"]) - {"skill_level"} == {"overview", "seo_title", "meta_description"}
    assert document["qa"] == {}


def test_a_thin_record_can_be_refused_before_it_costs_anything(grouped: World) -> None:
    thin, usual = grouped.fill(2)
    grouped.change(thin, **THIN)
    grouped.set(thin_records="refuse")
    batch = grouped.drive(grouped.prepare().batch_id)
    assert (batch.product_count, batch.counts.by_outcome) == (1, {Outcome.STORED: 1})
    row = grouped.product(thin)
    assert row.openai_processing_status == ProductStatus.FAILED
    assert (row.openai_error_message or "").startswith("The record is too thin to write about: 0 facts")
    assert grouped.product(usual).openai_processing_status == ProductStatus.COMPLETED
    assert set(grouped.emulator.ledger()["products"]) == {"Ardena P-001"}
    # A record with facts is due again.
    grouped.change(thin, description="Alder body; maple neck")
    batch = grouped.drive(grouped.prepare().batch_id)
    assert plan_content(grouped.product(thin)).depth == Depth.SHORT
    assert grouped.product(thin).openai_processing_status == ProductStatus.COMPLETED
    assert grouped.product(thin).openai_error_message is None


def test_a_category_of_thin_records_makes_no_batch(grouped: World) -> None:
    [product_id] = grouped.fill(1)
    grouped.change(product_id, **THIN)
    grouped.set(thin_records="refuse")
    run = grouped.run()
    assert grouped.product(product_id).openai_processing_status == ProductStatus.FAILED
    assert (run.product_count, run.cost) == (0, 0)
    counted = grouped.services.summaries.get(CATEGORY).by_status
    assert counted[ProductStatus.FAILED] == 1


def test_a_request_says_only_what_the_plan_asks(grouped: World) -> None:
    grouped.fill(1)
    [line] = grouped.services.blobs.lines(grouped.prepare().filename)
    schema = orjson.loads(line)["body"]["response_format"]["json_schema"]["schema"]
    assert "skill_development" not in schema["properties"]["texts"]["items"]["properties"]
