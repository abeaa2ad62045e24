"""Stalled jobs with few requests left: cancelled if waiting costs more than sending the rest online."""

from typing import Any

import pytest

from activities import run_steps
from local.openai_emulator import Effect, Rule
from shared.content.locales import LOCALES
from shared.domain.batch import OpenAIBatch
from shared.domain.clock import utcnow
from shared.domain.outcome import Outcome
from shared.domain.run import Stragglers
from shared.domain.states import BatchStatus, ProductStatus, RunStatus
from shared.online_fallback import online_round
from tests.integration.straggling import ONLINE_SETTINGS, fail_requests
from tests.world import World


@pytest.fixture
def world(world: World) -> World:
    world.set(**ONLINE_SETTINGS)
    return world


def check_for_hours(world: World, batch: OpenAIBatch, hours: float) -> OpenAIBatch:
    """Check a batch's job and its run every ten minutes, until the job has ended or `hours` have passed."""
    for _ in range(round(hours * 6)):
        if world.step(batch.batch_id, "check_batch")["next"] != "check_batch":
            break
        run_steps.check(world.services, batch.run_id)
        world.emulator.advance(600)
    return world.services.batches.get(batch.batch_id)


def slow_job(world: World, products: int, hours: float) -> OpenAIBatch:
    """Return a batch whose job takes `hours` and answers its lines at an even rate."""
    world.fill(products)
    world.emulator.faults(Rule(on="job", effect=Effect(job_seconds=hours * 3600)))
    return world.drive(world.prepare().batch_id, until=BatchStatus.IN_PROGRESS)


def test_a_stalled_job_with_few_requests_left_is_handed_over(world: World) -> None:
    """The job needs two hours per line. The limit of ten is reached when four of fourteen are done."""
    batch = slow_job(world, products=2, hours=14 * 2 / 0.8)
    handed_over = check_for_hours(world, batch, 40)
    assert (handed_over.status, handed_over.job_status) == (BatchStatus.INGESTING, "cancelled")
    assert handed_over.given_over_at is not None
    first = world.drive(batch.batch_id)
    assert first.counts.by_outcome == {Outcome.STORED: 4, Outcome.CANCELLED: 10}
    assert not run_steps.check(world.services, batch.run_id)
    run = world.services.runs.get(batch.run_id)
    assert run.stragglers is not None
    assert (run.stragglers.requests, run.stragglers.online) == (10, True)
    assert 1 <= run.stragglers.wait_hours < 2
    [batch_id] = online_round.batches_to_start(world.services, batch.run_id)
    assert world.drive(batch_id).counts.stored == 10
    assert run_steps.check(world.services, batch.run_id)
    assert world.services.runs.get(batch.run_id).status == RunStatus.COMPLETED
    ledger = world.emulator.ledger()
    assert ledger["products"] == {f"Ardena P-00{n}": dict.fromkeys(LOCALES, 1) for n in range(2)}
    assert ledger["requests"]["online"] == 10


@pytest.mark.parametrize(
    ("changes", "minutes_a_line"),
    [
        ({"straggler_max_requests": 2}, 45),  # few are left, but the job makes progress
        ({"straggler_max_requests": 0}, 120),
        ({"wait_cost_per_hour": 1e-6}, 120),
    ],
)
def test_a_job_that_makes_progress_or_costs_less_than_online_calls_is_waited_for(
    world: World, changes: dict[str, Any], minutes_a_line: int
) -> None:
    world.set(**changes)
    batch = slow_job(world, products=1, hours=7 * minutes_a_line / 60 / 0.8)
    assert check_for_hours(world, batch, 40).given_over_at is None
    assert world.drive(batch.batch_id).counts.stored == 7
    assert world.emulator.ledger()["requests"]["online"] == 0


def test_an_interrupted_hand_over_is_continued(world: World) -> None:
    """The worker was killed after it had stored the decision, and before it marked a job."""
    batch = slow_job(world, products=1, hours=24)
    decided = Stragglers(requests=7, online=True, reason="it pays")
    world.services.runs.modify(batch.run_id, lambda run: run.model_copy(update={"stragglers": decided}))
    for _ in range(2):
        assert not run_steps.check(world.services, batch.run_id)
    assert world.services.batches.get(batch.batch_id).given_over_at == utcnow()
    assert world.drive(batch.batch_id).status == BatchStatus.CANCELLED
    run_steps.check(world.services, batch.run_id)
    [batch_id] = online_round.batches_to_start(world.services, batch.run_id)
    assert world.drive(batch_id).counts.stored == 7


def test_the_limit_holds_when_answers_of_a_job_that_was_handed_over_are_rejected(world: World) -> None:
    """Answers are validated after the decision. The decision counted 10 requests; now 14 are missing."""
    batch = slow_job(world, products=2, hours=14 * 2 / 0.8)
    fail_requests(world, *(f"00000{line}-{group}" for line in (0, 1) for group in range(7)), broken_json=True)
    check_for_hours(world, batch, 40)
    first = world.drive(batch.batch_id)
    assert first.counts.by_outcome == {Outcome.INVALID_JSON: 4, Outcome.CANCELLED: 10}
    assert not run_steps.check(world.services, batch.run_id)
    [batch_id] = online_round.batches_to_start(world.services, batch.run_id)
    made = world.drive(batch_id)
    assert (made.product_count, made.request_count) == (1, 7)
    assert run_steps.check(world.services, batch.run_id)
    statuses = {world.product(product_id).openai_processing_status for product_id in ("P-000", "P-001")}
    assert statuses == {ProductStatus.COMPLETED, ProductStatus.PENDING}
