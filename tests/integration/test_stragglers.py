"""The last requests of a run, sent online: decided by cost, each paid once, at online prices."""

from typing import Any

import pytest

from activities import run_steps
from local.openai_emulator import Effect, Rule
from shared.content.locales import LOCALES
from shared.domain.batch import ONLINE_DEPLOYMENT
from shared.domain.clock import utcnow
from shared.domain.outcome import Outcome
from shared.domain.run import Stragglers
from shared.domain.states import BatchStatus, ProductStatus, RunStatus
from shared.online_fallback import online_round
from tests.integration.straggling import (
    ONLINE_SETTINGS,
    fail_requests,
    online_batch,
    recorded_fallback_calls,
    run_to_online_batch,
)
from tests.world import World
from triggers.timers.reconcile_timer import needs_lifecycle


@pytest.fixture
def world(world: World) -> World:
    world.set(**ONLINE_SETTINGS)
    return world


def test_what_a_batch_left_is_asked_online_and_the_run_ends_whole(world: World) -> None:
    ids = world.fill(3)
    fail_requests(world, "000000-3", "000001-0", "000001-5")
    run = world.run()
    assert (run.status, run.product_count, run.request_count) == (RunStatus.COMPLETED, 3, 24)
    assert run.counts.by_outcome == {Outcome.STORED: 21, Outcome.REQUEST_FAILED: 3}
    assert run.stragglers is not None
    assert (run.stragglers.requests, run.stragglers.online) == (3, True)
    assert {world.product(pid).openai_processing_status for pid in ids} == {ProductStatus.COMPLETED}
    ledger = world.emulator.ledger()
    assert (len(ledger["jobs"]), ledger["requests"]["online"]) == (1, 3)
    assert ledger["products"] == {f"Ardena {pid}": dict.fromkeys(LOCALES, 1) for pid in ids}
    batch = online_batch(world, run)
    assert (batch.status, batch.deployment, batch.counts.stored) == (
        BatchStatus.COMPLETED,
        ONLINE_DEPLOYMENT,
        3,
    )
    assert world.services.blobs.sizes(f"batches/{batch.batch_id}/answers/") == {}
    served = {each.locale: each for each in world.services.contents.served("P-001").published}
    assert served["en-US"].batch_id == batch.batch_id


def test_it_settles_at_online_prices_and_reserves_its_worst_case_before(world: World) -> None:
    world.fill(2)
    fail_requests(world, "000000-3", "000001-2")
    run, made = run_to_online_batch(world)
    online = world.settings.for_online_calls()
    assert made.cost_reserved == pytest.approx(
        online.cost_of(made.input_tokens_estimate, world.output_caps(made)), abs=1e-6
    )
    assert world.services.budget.month().reserved["cost"] == pytest.approx(made.cost_reserved, abs=1e-5)
    ended = world.drive(made.batch_id)
    [job] = world.emulator.ledger()["jobs"]
    requests = world.emulator.ledger()["requests"]
    prompt = requests["input_tokens"] - job["tokens_charged_in"]
    completion = requests["output_tokens"] - job["tokens_charged_out"]
    assert (ended.prompt_tokens, ended.completion_tokens) == (prompt, completion)
    assert ended.cost == pytest.approx(2 * world.settings.cost_of(prompt, completion), abs=1e-6)
    [german] = [each for each in world.services.contents.served("P-000").published if each.locale == "fr-FR"]
    assert german.cost == pytest.approx(
        2 * world.settings.cost_of(german.prompt_tokens, german.completion_tokens), abs=1e-6
    )
    assert run_steps.check(world.services, run.run_id)
    assert world.services.budget.month().reserved["cost"] == 0


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"straggler_max_requests": 2}, "more than STRAGGLER_MAX_REQUESTS=2 requests are left"),
        ({"wait_cost_per_hour": 0.0}, "waiting is not more expensive: online costs"),
    ],
)
def test_requests_that_are_too_many_or_too_expensive_wait_for_the_next_run(
    world: World, changes: dict[str, Any], reason: str
) -> None:
    world.fill(1)
    world.set(**changes)
    fail_requests(world, "000000-1", "000000-2", "000000-3")
    run = world.run()
    assert run.stragglers is not None
    assert (run.stragglers.requests, run.stragglers.online) == (3, False)
    assert reason in run.stragglers.reason
    assert (run.status, run.batch_count) == (RunStatus.COMPLETED, 1)
    assert world.emulator.ledger()["requests"]["online"] == 0
    assert world.product("P-000").openai_processing_status == ProductStatus.PENDING


def test_switched_off_only_the_two_entry_points_of_the_fallback_run(world: World) -> None:
    """Both return at once. The second one does not even read the run: the run named here does not exist."""
    world.set(straggler_max_requests=0)
    world.fill(1)
    fail_requests(world, "000000-1")
    with recorded_fallback_calls() as called:
        run = world.run()
        assert online_round.batches_to_start(world.services, "no-such-run") == []
    assert called == ["advance", "batches_to_start"]
    assert (run.stragglers, run.batch_count) == (None, 1)
    assert world.product("P-000").openai_processing_status == ProductStatus.PENDING


def test_without_an_online_deployment_no_code_of_the_fallback_runs_at_the_start(world: World) -> None:
    with recorded_fallback_calls() as called:
        world.set(straggler_max_requests=0, azure_openai_online_deployment_name=None)
    assert called == []
    with recorded_fallback_calls() as called:
        world.set(**ONLINE_SETTINGS)
    assert called  # proves that the recorder works


def test_a_run_ends_when_the_fallback_is_switched_off_after_the_decision(world: World) -> None:
    """Nothing more is sent online, and the run does not wait for online batches that never come."""
    world.fill(1)
    fail_requests(world, "000000-1")
    first = world.drive(world.prepare().batch_id)
    decided = Stragglers(requests=1, online=True, reason="it pays")
    world.services.runs.modify(first.run_id, lambda run: run.model_copy(update={"stragglers": decided}))
    world.set(straggler_max_requests=0)
    assert run_steps.check(world.services, first.run_id)
    run = world.services.runs.get(first.run_id)
    assert run.stragglers is not None
    assert (run.status, run.stragglers.built, run.batch_count) == (RunStatus.COMPLETED, True, 1)
    assert world.emulator.ledger()["requests"]["online"] == 0


def test_an_online_batch_is_answered_when_the_fallback_is_switched_off_meanwhile(world: World) -> None:
    world.fill(1)
    fail_requests(world, "000000-1")
    run, made = run_to_online_batch(world)
    world.set(straggler_max_requests=0)
    # The reconciler starts its lifecycle: the batch is open, and its run has finished preparing.
    assert made.batch_id in world.services.batches.open_ids()
    assert needs_lifecycle(world.services, made)
    assert world.drive(made.batch_id).counts.stored == 1
    assert run_steps.check(world.services, run.run_id)


def test_products_that_failed_for_good_or_were_cancelled_are_not_sent_online(world: World) -> None:
    world.fill(2)
    world.set(max_attempts=1)
    fail_requests(world, "000000-1")
    assert world.run().stragglers is None
    world.set(max_attempts=3)
    world.fill(3)
    first = world.prepare()
    world.drive(first.batch_id, until=BatchStatus.IN_PROGRESS)
    world.services.batches.modify(
        first.batch_id, lambda b: b.model_copy(update={"cancel_requested_at": utcnow()})
    )
    assert world.drive(first.batch_id).status == BatchStatus.CANCELLED
    assert run_steps.check(world.services, first.run_id)
    assert world.services.runs.get(first.run_id).stragglers is None


def test_what_an_expired_job_did_not_answer_is_sent_online(world: World) -> None:
    world.fill(1)
    world.emulator.faults(Rule(on="job", effect=Effect(expire_at=0.5)))
    run = world.run()
    assert run.stragglers is not None
    assert 2 < run.stragglers.requests == world.emulator.ledger()["requests"]["online"]
    # Requests that never ran used up no attempt.
    assert {each.attempts for each in world.candidates("P-000").values()} == {1}
    assert world.product("P-000").openai_processing_status == ProductStatus.COMPLETED
    assert world.emulator.ledger()["products"]["Ardena P-000"] == dict.fromkeys(LOCALES, 1)


def test_caps_hold_at_online_prices(world: World) -> None:
    world.fill(1)
    fail_requests(world, "000000-1")
    first = world.drive(world.prepare().batch_id)
    worst = world.settings.for_online_calls().cost_of(1300, 4000)
    world.set(max_run_cost=first.cost + worst / 2)
    assert run_steps.check(world.services, first.run_id)
    run = world.services.runs.get(first.run_id)
    assert (run.status, world.emulator.ledger()["requests"]["online"]) == (RunStatus.CAPPED, 0)
    assert world.product("P-000").openai_processing_status == ProductStatus.PENDING
