"""Online batches: the rate of their calls, what Azure may answer, outages, cancels."""

from itertools import pairwise
from typing import Any

import pytest

from activities import run_steps
from local.openai_emulator import Effect, Rule
from shared.batching.batch_submission import submit
from shared.content.locales import LOCALES
from shared.domain.clock import utcnow
from shared.domain.outcome import Outcome
from shared.domain.states import BatchStatus, ProductStatus
from shared.workflow.next_step import DONE
from tests.integration.straggling import (
    CHAT,
    ONLINE_SETTINGS,
    fail_requests,
    online_batch,
    online_calls,
    run_to_online_batch,
)
from tests.world import World


@pytest.fixture
def world(world: World) -> World:
    world.set(**ONLINE_SETTINGS)
    return world


def test_calls_keep_their_pace_also_between_batches_and_steps(world: World) -> None:
    world.set(online_requests_per_minute=12, online_concurrent_calls=1)
    world.fill(3)
    fail_requests(world, *(f"00000{line}-{group}" for line in range(3) for group in (1, 4, 6)))
    world.run()
    times = [each["time"] for each in online_calls(world)]
    assert len(times) == 9
    assert min(later - earlier for earlier, later in pairwise(times)) >= 5 - 0.001


def test_a_turn_that_is_too_far_away_is_waited_for_by_the_lifecycle(
    world: World,
) -> None:
    world.set(online_requests_per_minute=1)
    world.fill(1)
    fail_requests(world, "000000-1", "000000-2")
    run, batch = run_to_online_batch(world)
    step = submit(world.services, batch.batch_id)
    assert (step["next"], 58 <= step["wait_seconds"] <= 60) == ("submit_batch", True)
    assert len(online_calls(world)) == 1
    assert world.drive(batch.batch_id).counts.stored == 2
    assert run_steps.check(world.services, run.run_id)


def test_what_azure_asks_for_is_waited_and_every_request_is_paid_once(world: World) -> None:
    world.fill(1)
    fail_requests(world, "000000-1", "000000-2", "000000-3")
    world.emulator.faults(
        Rule(on=CHAT, effect=Effect(status=429, retry_after=77), times=2),
        Rule(on=CHAT, effect=Effect(status=500), skip=2, times=2),
    )
    world.set(online_concurrent_calls=1)
    run = world.run()
    assert run.counts.by_outcome[Outcome.STORED] == 7
    assert world.emulator.ledger()["products"]["Ardena P-000"] == dict.fromkeys(LOCALES, 1)
    refused = online_calls(world, 429)
    assert len(refused) == 2
    following = [each for each in world.emulator.journal(CHAT) if each["seq"] > refused[-1]["seq"]]
    assert following[0]["time"] - refused[-1]["time"] >= 77


def test_a_pause_of_a_day_from_azure_is_cut_to_the_longest_of_the_settings(world: World) -> None:
    world.fill(1)
    fail_requests(world, "000000-1")
    world.emulator.faults(Rule(on=CHAT, effect=Effect(status=429, retry_after=86_400), times=1))
    started = world.clock.now()
    run = world.run()
    assert run.counts.by_outcome[Outcome.STORED] == 7
    assert world.clock.now() - started < 3600 + world.settings.quota_backoff_max_seconds


@pytest.mark.parametrize(
    ("effect", "outcome", "reason"),
    [
        ({"prompt_filter": True}, Outcome.CONTENT_FILTERED, "content management policy"),
        ({"content_filter": True}, Outcome.CONTENT_FILTERED, "violence"),
        ({"refusal": True}, Outcome.REFUSED, "can't help"),
        ({"broken_json": True}, Outcome.INVALID_JSON, "not JSON"),
        ({"status": 400, "code": "bad", "message": "No."}, Outcome.REQUEST_FAILED, "HTTP 400 bad: No."),
        ({"drop": "after"}, Outcome.REQUEST_FAILED, "no_answer: the connection broke"),
    ],
)
def test_an_error_of_one_request_is_its_outcome_and_is_not_sent_again_in_the_round(
    world: World, effect: dict[str, Any], outcome: Outcome, reason: str
) -> None:
    world.fill(1)
    fail_requests(world, "000000-1", "000000-4")
    world.set(online_concurrent_calls=1)
    world.emulator.faults(Rule(on=CHAT, effect=Effect.model_validate(effect)))
    run = world.run()
    assert online_batch(world, run).counts.by_outcome == {outcome: 1, Outcome.STORED: 1}
    assert len(world.emulator.journal(CHAT)) == 2
    assert reason in world.candidates("P-000")["en-GB"].reason
    assert world.candidates("P-000")["en-GB"].attempts == 2
    # A refused or filtered request is sent twice at most, and this was the second time.
    gone = outcome in (Outcome.CONTENT_FILTERED, Outcome.REFUSED)
    status = ProductStatus.FAILED if gone else ProductStatus.PENDING
    assert world.product("P-000").openai_processing_status == status


def test_after_an_outage_of_an_hour_the_rest_is_left_to_the_next_run(world: World) -> None:
    world.fill(1)
    fail_requests(world, "000000-1", "000000-4")
    _, batch = run_to_online_batch(world)
    started = utcnow()
    world.emulator.faults(Rule(on=CHAT, effect=Effect(status=503), times=None, skip=1))
    world.set(online_concurrent_calls=1)
    ended = world.drive(batch.batch_id)
    assert ended.status == BatchStatus.EXPIRED
    assert ended.counts.by_outcome == {Outcome.STORED: 1, Outcome.EXPIRED: 1}
    assert "no answer for" in (ended.job_error or "")
    assert "HTTP 503" in (ended.job_error or "")
    assert 3600 <= (utcnow() - started).total_seconds() < 2 * 3600
    assert len(online_calls(world, 503)) < 20
    # The request never ran, so it used up no attempt.
    assert world.candidates("P-000")["de-DE"].attempts == 1


@pytest.mark.parametrize("answered", [0, 1])
def test_a_cancel_stops_the_calls_and_keeps_the_answers(world: World, answered: int) -> None:
    world.set(online_requests_per_minute=1)
    world.fill(1)
    fail_requests(world, "000000-1", "000000-2", "000000-3")
    run, batch = run_to_online_batch(world)
    if answered:
        submit(world.services, batch.batch_id)
    world.services.batches.modify(
        batch.batch_id, lambda b: b.model_copy(update={"cancel_requested_at": utcnow()})
    )
    ended = world.drive(batch.batch_id)
    assert (ended.status, ended.counts.stored) == (BatchStatus.CANCELLED, answered)
    assert world.emulator.ledger()["requests"]["online"] == answered
    assert run_steps.check(world.services, run.run_id)
    assert world.product("P-000").openai_processing_status == ProductStatus.PENDING


def test_an_online_batch_without_its_deployment_waits_and_names_the_setting(world: World) -> None:
    world.fill(1)
    fail_requests(world, "000000-1")
    _, batch = run_to_online_batch(world)
    world.set(azure_openai_online_deployment_name=None, straggler_max_requests=0)
    assert submit(world.services, batch.batch_id)["wait_seconds"] > 0
    waits_for = world.services.batches.get(batch.batch_id).waits_for or ""
    assert waits_for.startswith("AZURE_OPENAI_ONLINE_DEPLOYMENT_NAME")
    world.set(**ONLINE_SETTINGS)
    assert world.drive(batch.batch_id).status == BatchStatus.COMPLETED
    assert submit(world.services, batch.batch_id)["next"] == DONE
