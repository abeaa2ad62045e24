"""Retries: only what failed is requested again, up to a limit, and with the reason of the failure."""

from typing import Any

import orjson
import pytest

from local.openai_emulator import Effect, Rule
from shared.content.locales import LOCALES
from shared.domain.batch import OpenAIBatch
from shared.domain.outcome import Outcome
from shared.domain.states import ProductStatus
from shared.persistence import batch_files
from tests.world import World

LATER = 24 * 3600


def always(custom_id: str, **effect: Any) -> Rule:
    return Rule(on="request", match={"custom_id": custom_id}, effect=Effect(**effect), times=None)


def bodies(world: World, batch: OpenAIBatch) -> list[dict[str, Any]]:
    lines = world.services.blobs.lines(batch.filename)
    return [orjson.loads(line)["body"] for line in lines]


def groups(world: World, batch: OpenAIBatch) -> list[tuple[str, ...]]:
    [sent] = batch_files.read_manifest(world.services.blobs, batch.filename).values()
    return list(sent.groups)


@pytest.mark.parametrize(
    ("effect", "tries"),
    [
        ({"refusal": True}, 2),
        ({"content_filter": True}, 2),
        ({"prompt_filter": True}, 2),
        ({"broken_json": True}, 3),
        ({"status": 500}, 3),
        ({"missing": True}, 3),
    ],
)
def test_a_locale_that_keeps_failing_is_given_up_after_its_tries(
    world: World, effect: dict[str, Any], tries: int
) -> None:
    [product_id] = world.fill(1)
    world.emulator.faults(always("^000000-4$", **effect))
    batch = world.drive(world.prepare().batch_id)
    assert batch.counts.stored == 6
    world.emulator.clear_faults()
    world.emulator.faults(always("^000000-0$", **effect))
    for attempt in range(2, tries + 1):
        assert world.product(product_id).openai_processing_status == ProductStatus.PENDING
        world.emulator.advance(LATER)
        again = world.prepare()
        assert (groups(world, again), again.request_count) == ([("de-DE",)], 1)
        world.drive(again.batch_id)
        assert world.candidates(product_id)["de-DE"].attempts == attempt
    row = world.product(product_id)
    assert (row.openai_processing_status, row.attempts, row.due_at) == (ProductStatus.FAILED, tries, None)
    assert (row.openai_error_message or "").startswith("Missing de-DE: ")
    charged = world.emulator.ledger()["products"]["Ardena P-000"]
    assert {locale: charged[locale] for locale in LOCALES if locale != "de-DE"} == dict.fromkeys(
        (locale for locale in LOCALES if locale != "de-DE"), 1
    )


def test_each_try_waits_longer(world: World) -> None:
    [product_id] = world.fill(1)
    world.emulator.faults(always("^000000-", status=500))
    delays = []
    for _ in range(2):
        world.drive(world.prepare().batch_id)
        row = world.product(product_id)
        assert row.due_at is not None
        assert row.openai_processed_at is not None
        delays.append(round((row.due_at - row.openai_processed_at).total_seconds()))
        world.emulator.advance(LATER)
    assert delays == pytest.approx([3600, 7200], abs=1)


def test_a_group_that_was_cut_off_is_split_and_a_single_locale_gets_a_higher_cap_once(world: World) -> None:
    world.set(locales_per_request=2, locales=("en-GB", "de-DE", "fr-FR"))
    [product_id] = world.fill(1)
    world.emulator.faults(always("^000000-0$", finish_reason="length"))
    first = world.drive(world.prepare().batch_id)
    assert first.counts.by_outcome == {Outcome.TRUNCATED: 1, Outcome.STORED: 1}
    world.emulator.advance(LATER)
    second = world.prepare()
    assert groups(world, second) == [("facts", "en-GB"), ("de-DE",)]
    caps = [body["max_tokens"] for body in bodies(world, second)]
    world.drive(second.batch_id)
    assert world.candidates(product_id)["de-DE"].outcome == Outcome.STORED
    world.emulator.advance(LATER)
    third = world.prepare()
    assert (groups(world, third), [body["max_tokens"] for body in bodies(world, third)]) == (
        [("facts", "en-GB")],
        [2 * caps[0]],
    )
    world.drive(third.batch_id)
    row = world.product(product_id)
    assert row.openai_processing_status == ProductStatus.FAILED
    assert "en-GB: truncated" in (row.openai_error_message or "")


def test_the_next_request_states_what_was_wrong_with_an_answer(world: World) -> None:
    world.fill(1)
    world.emulator.faults(always("^000000-4$", url=True))
    world.drive(world.prepare().batch_id)
    world.emulator.clear_faults()
    world.emulator.advance(LATER)
    again = world.prepare()
    [body] = bodies(world, again)
    prompt = body["messages"][-1]["content"]
    assert "An answer before was rejected; mend this:\n- de-DE: de-DE.overview: holds a link" in prompt
    assert "https://" not in prompt
    batch = world.drive(again.batch_id)
    assert batch.counts.by_outcome == {Outcome.STORED: 1}


def test_rows_sent_again_are_rows_that_failed(world: World) -> None:
    world.fill(6)
    world.emulator.faults(
        Rule(on="request", effect=Effect(status=500), probability=0.3, times=None),
        Rule(on="request", effect=Effect(broken_json=True), probability=0.2, times=None),
    )
    first = world.drive(world.prepare().batch_id)
    failed = first.counts.failed
    assert 5 < failed < 42
    world.emulator.clear_faults()
    world.emulator.advance(LATER)
    second = world.drive(world.prepare().batch_id)
    assert second.request_count == failed
    assert second.counts.by_outcome == {Outcome.STORED: failed}


def test_new_facts_reset_the_attempts(world: World) -> None:
    [product_id] = world.fill(1)
    world.emulator.faults(always("^000000-4$", refusal=True))
    world.drive(world.prepare().batch_id)
    world.emulator.clear_faults()
    world.emulator.faults(always("^000000-0$", refusal=True))
    world.emulator.advance(LATER)
    world.drive(world.prepare().batch_id)
    assert world.product(product_id).openai_processing_status == ProductStatus.FAILED
    world.emulator.clear_faults()
    world.change(product_id, description="Ash body.")
    batch = world.drive(world.prepare().batch_id)
    assert batch.counts.by_outcome == {Outcome.STORED: 7}
    assert world.product(product_id).openai_processing_status == ProductStatus.COMPLETED
