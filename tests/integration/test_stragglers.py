"""The last few requests of a run, asked online: decided by cost, each paid once, at online prices."""

from typing import Any

import pytest

from activities import run_steps
from local.openai_emulator import Effect, Rule
from shared.content.locales import LOCALES
from shared.domain.batch import ONLINE_DEPLOYMENT
from shared.domain.clock import utcnow
from shared.domain.outcome import Outcome
from shared.domain.states import BatchStatus, ProductStatus, RunStatus
from tests.integration.straggling import ON, lines_fail, online_batch, up_to_the_round
from tests.world import World


@pytest.fixture
def world(world: World) -> World:
    world.set(**ON)
    return world


def test_what_a_batch_left_is_asked_online_and_the_run_ends_whole(world: World) -> None:
    ids = world.fill(3)
    lines_fail(world, "000000-3", "000001-0", "000001-5")
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
    lines_fail(world, "000000-3", "000001-2")
    run, made = up_to_the_round(world)
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
    ("changes", "said"),
    [
        ({"straggler_max_requests": 2}, "more than STRAGGLER_MAX_REQUESTS=2 are left"),
        ({"wait_cost_per_hour": 0.0}, "the wait is no dearer: online costs"),
    ],
)
def test_where_it_does_not_pay_the_next_run_takes_what_is_left(
    world: World, changes: dict[str, Any], said: str
) -> None:
    world.fill(1)
    world.set(**changes)
    lines_fail(world, "000000-1", "000000-2", "000000-3")
    run = world.run()
    assert run.stragglers is not None
    assert (run.stragglers.requests, run.stragglers.online) == (3, False)
    assert said in run.stragglers.reason
    assert (run.status, run.batch_count) == (RunStatus.COMPLETED, 1)
    assert world.emulator.ledger()["requests"]["online"] == 0
    assert world.product("P-000").openai_processing_status == ProductStatus.PENDING


def test_switched_off_nothing_is_looked_into(world: World) -> None:
    world.fill(1)
    world.set(straggler_max_requests=0)
    lines_fail(world, "000000-1")
    run = world.run()
    assert (run.stragglers, run.batch_count) == (None, 1)


def test_what_was_given_up_or_cancelled_is_no_straggler(world: World) -> None:
    world.fill(2)
    world.set(max_attempts=1)
    lines_fail(world, "000000-1")
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


def test_a_job_that_expired_is_finished_online(world: World) -> None:
    world.fill(1)
    world.emulator.faults(Rule(on="job", effect=Effect(expire_at=0.5)))
    run = world.run()
    assert run.stragglers is not None
    assert 2 < run.stragglers.requests == world.emulator.ledger()["requests"]["online"]
    # What never ran has used up no try.
    assert {each.attempts for each in world.candidates("P-000").values()} == {1}
    assert world.product("P-000").openai_processing_status == ProductStatus.COMPLETED
    assert world.emulator.ledger()["products"]["Ardena P-000"] == dict.fromkeys(LOCALES, 1)


def test_caps_hold_at_online_prices(world: World) -> None:
    world.fill(1)
    lines_fail(world, "000000-1")
    first = world.drive(world.prepare().batch_id)
    worst = world.settings.for_online_calls().cost_of(1300, 4000)
    world.set(max_run_cost=first.cost + worst / 2)
    assert run_steps.check(world.services, first.run_id)
    run = world.services.runs.get(first.run_id)
    assert (run.status, world.emulator.ledger()["requests"]["online"]) == (RunStatus.CAPPED, 0)
    assert world.product("P-000").openai_processing_status == ProductStatus.PENDING
