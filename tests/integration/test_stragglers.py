"""The last few requests of a run, asked online: decided by cost, each paid once, at the pace that is set."""

from itertools import pairwise
from typing import Any

import pytest

from activities import runs as run_steps
from activities import stragglers
from activities.submit_batch import submit
from local.openai_emulator import Effect, Rule
from shared.clock import utcnow
from shared.content.locales import LOCALES
from shared.deployments import ONLINE, online_settings
from shared.models.batch import OpenAIBatch, TransferMode
from shared.models.outcome import Outcome
from shared.models.run import Run, Stragglers
from shared.states import BatchStatus, ProductStatus, RunStatus
from shared.steps import DONE
from tests.world import World

ON = {
    "azure_openai_online_deployment_name": "gpt-41-online",
    "straggler_max_requests": 10,
    "wait_cost_per_hour": 100.0,
    "online_requests_per_minute": 600,
}
CHAT = "chat.completions"


@pytest.fixture
def world(world: World) -> World:
    world.set(**ON)
    return world


def lines_fail(world: World, *custom_ids: str, **effect: Any) -> None:
    """Let some lines of the first batch come to nothing."""
    pattern = f"^({'|'.join(custom_ids)})$"
    effects = Effect(**(effect or {"status": 500}))
    world.emulator.faults(Rule(on="request", match={"custom_id": pattern}, effect=effects, times=None))


def online_calls(world: World, status: int = 200) -> list[dict[str, Any]]:
    return [each for each in world.emulator.journal(CHAT) if each["status"] == status]


def last_batch(world: World, run: Run) -> OpenAIBatch:
    [online] = [
        batch
        for batch_id in world.services.runs.batch_ids(run.run_id)
        if (batch := world.services.batches.get(batch_id)).transfer == TransferMode.ONLINE
    ]
    return online


def up_to_the_round(world: World) -> tuple[Run, OpenAIBatch]:
    """A run whose batch has ended and left something, and the batch that was made of that."""
    first = world.prepare()
    world.drive(first.batch_id)
    assert not run_steps.check(world.services, first.run_id)
    [batch_id] = stragglers.not_started(world.services, first.run_id)
    return world.services.runs.get(first.run_id), world.services.batches.get(batch_id)


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
    batch = last_batch(world, run)
    assert (batch.status, batch.deployment, batch.counts.stored) == (BatchStatus.COMPLETED, ONLINE, 3)
    assert world.services.blobs.sizes(f"batches/{batch.batch_id}/answers/") == {}
    served = {each.locale: each for each in world.services.contents.served("P-001").published}
    assert served["en-US"].batch_id == batch.batch_id


def test_it_settles_at_online_prices_and_reserves_its_worst_case_before(world: World) -> None:
    world.fill(2)
    lines_fail(world, "000000-3", "000001-2")
    run, made = up_to_the_round(world)
    online = online_settings(world.settings)
    assert made.cost_reserved == pytest.approx(online.cost_of(made.input_tokens_estimate, 8000), abs=1e-6)
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


def wait_with(world: World, batch: OpenAIBatch, hours: float) -> OpenAIBatch:
    """Look at a batch's job and at its run every ten minutes, until the job has ended or the time is over."""
    for _ in range(round(hours * 6)):
        if world.step(batch.batch_id, "check_batch")["next"] != "check_batch":
            break
        run_steps.check(world.services, batch.run_id)
        world.emulator.advance(600)
    return world.services.batches.get(batch.batch_id)


def slow_job(world: World, products: int, hours: float) -> OpenAIBatch:
    """A batch whose job takes so long, and answers its lines at an even pace."""
    world.fill(products)
    world.emulator.faults(Rule(on="job", effect=Effect(job_seconds=hours * 3600)))
    return world.drive(world.prepare().batch_id, until=BatchStatus.IN_PROGRESS)


def test_a_job_that_stands_still_with_little_left_is_given_over(world: World) -> None:
    """Two hours between two lines; at most ten are left when four of fourteen are done."""
    batch = slow_job(world, products=2, hours=14 * 2 / 0.8)
    given_over = wait_with(world, batch, 40)
    assert (given_over.status, given_over.job_status) == (BatchStatus.INGESTING, "cancelled")
    assert given_over.given_over_at is not None
    first = world.drive(batch.batch_id)
    assert first.counts.by_outcome == {Outcome.STORED: 4, Outcome.CANCELLED: 10}
    assert not run_steps.check(world.services, batch.run_id)
    run = world.services.runs.get(batch.run_id)
    assert run.stragglers is not None
    assert (run.stragglers.requests, run.stragglers.online) == (10, True)
    assert 1 <= run.stragglers.wait_hours < 2
    [batch_id] = stragglers.not_started(world.services, batch.run_id)
    assert world.drive(batch_id).counts.stored == 10
    assert run_steps.check(world.services, batch.run_id)
    assert world.services.runs.get(batch.run_id).status == RunStatus.COMPLETED
    ledger = world.emulator.ledger()
    assert ledger["products"] == {f"Ardena P-00{n}": dict.fromkeys(LOCALES, 1) for n in range(2)}
    assert ledger["requests"]["online"] == 10


@pytest.mark.parametrize(
    ("changes", "minutes_a_line"),
    [
        ({"straggler_max_requests": 2}, 45),  # few are left, but it gets on
        ({"straggler_max_requests": 0}, 120),
        ({"wait_cost_per_hour": 1e-6}, 120),
    ],
)
def test_a_job_is_waited_for_where_it_gets_on_or_asking_online_does_not_pay(
    world: World, changes: dict[str, Any], minutes_a_line: int
) -> None:
    world.set(**changes)
    batch = slow_job(world, products=1, hours=7 * minutes_a_line / 60 / 0.8)
    assert wait_with(world, batch, 40).given_over_at is None
    assert world.drive(batch.batch_id).counts.stored == 7
    assert world.emulator.ledger()["requests"]["online"] == 0


def test_a_giving_over_that_stopped_half_way_goes_on(world: World) -> None:
    """The worker was killed when it had decided, and before a job was given over."""
    batch = slow_job(world, products=1, hours=24)
    decided = Stragglers(requests=7, online=True, reason="it pays")
    world.services.runs.modify(batch.run_id, lambda run: run.model_copy(update={"stragglers": decided}))
    for _ in range(2):
        assert not run_steps.check(world.services, batch.run_id)
    assert world.services.batches.get(batch.batch_id).given_over_at == utcnow()
    assert world.drive(batch.batch_id).status == BatchStatus.CANCELLED
    run_steps.check(world.services, batch.run_id)
    [batch_id] = stragglers.not_started(world.services, batch.run_id)
    assert world.drive(batch_id).counts.stored == 7


def test_the_limit_holds_also_when_answers_of_a_job_given_over_are_no_good(world: World) -> None:
    """What its answers are worth shows only when they are stored: of ten that were weighed come 14."""
    batch = slow_job(world, products=2, hours=14 * 2 / 0.8)
    lines_fail(world, *(f"00000{line}-{group}" for line in (0, 1) for group in range(7)), broken_json=True)
    wait_with(world, batch, 40)
    first = world.drive(batch.batch_id)
    assert first.counts.by_outcome == {Outcome.INVALID_JSON: 4, Outcome.CANCELLED: 10}
    assert not run_steps.check(world.services, batch.run_id)
    [batch_id] = stragglers.not_started(world.services, batch.run_id)
    made = world.drive(batch_id)
    assert (made.product_count, made.request_count) == (1, 7)
    assert run_steps.check(world.services, batch.run_id)
    statuses = {world.product(product_id).openai_processing_status for product_id in ("P-000", "P-001")}
    assert statuses == {ProductStatus.COMPLETED, ProductStatus.PENDING}


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
    assert last_batch(world, run).counts.by_outcome == {outcome: 1, Outcome.STORED: 1}
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


def test_caps_hold_at_online_prices(world: World) -> None:
    world.fill(1)
    lines_fail(world, "000000-1")
    first = world.drive(world.prepare().batch_id)
    worst = online_settings(world.settings).cost_of(1300, 4000)
    world.set(max_run_cost=first.cost + worst / 2)
    assert run_steps.check(world.services, first.run_id)
    run = world.services.runs.get(first.run_id)
    assert (run.status, world.emulator.ledger()["requests"]["online"]) == (RunStatus.CAPPED, 0)
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
