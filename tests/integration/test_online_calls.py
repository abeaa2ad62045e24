"""Asking a batch online: its pace, what Azure may answer, outages, cancels."""

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
from tests.integration.straggling import CHAT, ON, lines_fail, online_batch, online_calls, up_to_the_round
from tests.world import World


@pytest.fixture
def world(world: World) -> World:
    world.set(**ON)
    return world


def test_calls_keep_their_pace_also_between_batches_and_steps(world: World) -> None:
    world.set(online_requests_per_minute=12, online_concurrent_calls=1)
    world.fill(3)
    lines_fail(world, *(f"00000{line}-{group}" for line in range(3) for group in (1, 4, 6)))
    world.run()
    times = [each["time"] for each in online_calls(world)]
    assert len(times) == 9
    assert min(later - earlier for earlier, later in pairwise(times)) >= 5 - 0.001


def test_a_pace_that_is_slower_than_a_step_is_waited_for_outside(world: World) -> None:
    world.set(online_requests_per_minute=1)
    world.fill(1)
    lines_fail(world, "000000-1", "000000-2")
    run, batch = up_to_the_round(world)
    step = submit(world.services, batch.batch_id)
    assert (step["next"], 58 <= step["wait_seconds"] <= 60) == ("submit_batch", True)
    assert len(online_calls(world)) == 1
    assert world.drive(batch.batch_id).counts.stored == 2
    assert run_steps.check(world.services, run.run_id)


def test_what_azure_asks_for_is_waited_and_every_request_is_paid_once(world: World) -> None:
    world.fill(1)
    lines_fail(world, "000000-1", "000000-2", "000000-3")
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


@pytest.mark.parametrize(
    ("effect", "outcome", "said"),
    [
        ({"prompt_filter": True}, Outcome.CONTENT_FILTERED, "content management policy"),
        ({"content_filter": True}, Outcome.CONTENT_FILTERED, "violence"),
        ({"refusal": True}, Outcome.REFUSED, "can't help"),
        ({"broken_json": True}, Outcome.INVALID_JSON, "not JSON"),
        ({"status": 400, "code": "bad", "message": "No."}, Outcome.REQUEST_FAILED, "HTTP 400 bad: No."),
        ({"drop": "after"}, Outcome.REQUEST_FAILED, "no_answer: the connection broke"),
    ],
)
def test_what_is_about_one_request_is_its_outcome_and_is_not_asked_again_in_the_round(
    world: World, effect: dict[str, Any], outcome: Outcome, said: str
) -> None:
    world.fill(1)
    lines_fail(world, "000000-1", "000000-4")
    world.set(online_concurrent_calls=1)
    world.emulator.faults(Rule(on=CHAT, effect=Effect.model_validate(effect)))
    run = world.run()
    assert online_batch(world, run).counts.by_outcome == {outcome: 1, Outcome.STORED: 1}
    assert len(world.emulator.journal(CHAT)) == 2
    assert said in world.candidates("P-000")["en-GB"].reason
    assert world.candidates("P-000")["en-GB"].attempts == 2
    # What was refused or filtered is asked twice in all, and that was the second time.
    gone = outcome in (Outcome.CONTENT_FILTERED, Outcome.REFUSED)
    status = ProductStatus.FAILED if gone else ProductStatus.PENDING
    assert world.product("P-000").openai_processing_status == status


def test_an_outage_is_waited_out_for_an_hour_and_then_left_to_the_next_run(world: World) -> None:
    world.fill(1)
    lines_fail(world, "000000-1", "000000-4")
    _, batch = up_to_the_round(world)
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
    # It never ran, and so has used up no try.
    assert world.candidates("P-000")["de-DE"].attempts == 1


@pytest.mark.parametrize("asked", [0, 1])
def test_a_cancel_stops_the_asking_and_keeps_what_is_answered(world: World, asked: int) -> None:
    world.set(online_requests_per_minute=1)
    world.fill(1)
    lines_fail(world, "000000-1", "000000-2", "000000-3")
    run, batch = up_to_the_round(world)
    if asked:
        submit(world.services, batch.batch_id)
    world.services.batches.modify(
        batch.batch_id, lambda b: b.model_copy(update={"cancel_requested_at": utcnow()})
    )
    ended = world.drive(batch.batch_id)
    assert (ended.status, ended.counts.stored) == (BatchStatus.CANCELLED, asked)
    assert world.emulator.ledger()["requests"]["online"] == asked
    assert run_steps.check(world.services, run.run_id)
    assert world.product("P-000").openai_processing_status == ProductStatus.PENDING


def test_a_round_whose_deployment_is_taken_away_waits_and_says_for_what(world: World) -> None:
    world.fill(1)
    lines_fail(world, "000000-1")
    _, batch = up_to_the_round(world)
    world.set(azure_openai_online_deployment_name=None, straggler_max_requests=0)
    assert submit(world.services, batch.batch_id)["wait_seconds"] > 0
    said = world.services.batches.get(batch.batch_id).waits_for or ""
    assert said.startswith("AZURE_OPENAI_ONLINE_DEPLOYMENT_NAME")
    world.set(**ON)
    assert world.drive(batch.batch_id).status == BatchStatus.COMPLETED
    assert submit(world.services, batch.batch_id)["next"] == DONE
