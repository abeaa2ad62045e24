"""Money and quota: the worst case is reserved before anything is sent, and settled once."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from local.openai_emulator import EmulatorConfig, TokenLimitMode
from shared.batching.estimate import calibrate, estimate
from shared.capacity.reservations import Pool
from shared.config.settings import Settings
from shared.domain.clock import utcnow
from shared.domain.states import BatchStatus, ProductStatus, RunStatus
from shared.persistence.storage_account import StorageAccount
from shared.services import Services
from tests.world import CATEGORY, World, make_world


def pool(services: Services, name: str = "p") -> Pool:
    return Pool(StorageAccount(services.settings).table("reservations"), name)


def test_what_is_reserved_is_settled_once(services: Services) -> None:
    money = pool(services)
    assert money.reserve("a", {"cost": 6.0}, {"cost": 10.0}) is None
    assert money.reserve("a", {"cost": 6.0}, {"cost": 10.0}) is None
    assert money.reserve("b", {"cost": 5.0}, {"cost": 10.0}) == "cost"
    for _ in range(2):
        money.settle("a", {"cost": 1.5})
    assert (money.totals().reserved, money.totals().used) == ({"cost": 0.0}, {"cost": 1.5})
    assert money.reserve("b", {"cost": 5.0}, {"cost": 10.0}) is None
    money.settle("never reserved", {"cost": 99.0})
    assert money.reserve("never reserved", {"cost": 99.0}, {}) is None
    assert money.totals().held("cost") == 6.5


def test_no_race_passes_a_limit(services: Services) -> None:
    files = pool(services)
    with ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(lambda n: files.reserve(str(n), {"files": 3}, {"files": 20}), range(16)))
    assert answers.count(None) == 6
    assert files.totals().held("files") == 18


@given(
    st.lists(
        st.tuples(
            st.sampled_from("abc"), st.sampled_from(("reserve", "settle", "give back")), st.integers(0, 5)
        ),
        max_size=12,
    )
)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=15)
def test_sums_and_rows_always_agree(services: Services, steps: list[tuple[str, str, int]]) -> None:
    name = f"p{utcnow().timestamp()}"
    money = pool(services, name)
    held: dict[str, int] = {}
    used: dict[str, int] = {}
    for holder, action, amount in steps:
        if action == "reserve":
            more = 0 if holder in used else max(0, amount - held.get(holder, 0))
            fits = sum(held.values()) + sum(used.values()) + more <= 8
            assert money.reserve(holder, {"x": amount}, {"x": 8}) == (None if fits else "x")
            if fits and holder not in used:
                held[holder] = held.get(holder, 0) + more
        elif action == "settle":
            money.settle(holder, {"x": amount})
            used.setdefault(holder, amount if holder in held else 0)
            held.pop(holder, None)
        else:
            money.give_back(holder)
            held.pop(holder, None)
        totals = money.totals()
        assert totals.reserved.get("x", 0) == sum(held.values())
        assert totals.used.get("x", 0) == sum(used.values())
        assert {one: money.reserved(one).get("x", 0) for one in held} == held


def test_a_batch_reserves_its_worst_case_and_settles_what_the_ledger_says(world: World) -> None:
    world.fill(3)
    batch = world.prepare()
    worst = world.settings.cost_of(batch.input_tokens_estimate, world.output_caps(batch))
    assert batch.cost_reserved == pytest.approx(worst)
    assert world.services.budget.month().reserved == {"cost": pytest.approx(worst)}
    batch = world.drive(batch.batch_id)
    requests = world.emulator.ledger()["requests"]
    cost = world.settings.cost_of(requests["input_tokens"], requests["output_tokens"])
    month = world.services.budget.month()
    assert batch.cost == pytest.approx(cost, abs=1e-6)
    assert month.reserved["cost"] == 0
    assert month.used["cost"] == pytest.approx(cost)
    assert world.services.budget.quota().reserved == {"files": 0, "tokens": 0}


def test_a_batch_settles_by_the_model_that_answered(world: World) -> None:
    """The deployment has another model than the settings name."""
    world.set(azure_openai_model="gpt-4.1-nano")
    world.fill(1)
    batch = world.prepare()
    assert batch.cost_reserved == pytest.approx(
        world.settings.cost_of(batch.input_tokens_estimate, world.output_caps(batch), model="gpt-4.1-nano"),
        abs=1e-6,
    )
    batch = world.drive(batch.batch_id)
    requests = world.emulator.ledger()["requests"]
    cost = world.settings.cost_of(requests["input_tokens"], requests["output_tokens"], model="gpt-4.1")
    assert batch.cost == pytest.approx(cost, abs=1e-6)
    assert world.services.budget.month().used["cost"] == pytest.approx(cost)


def test_a_run_stops_at_its_cap_and_the_next_one_continues(world: World) -> None:
    ids = world.fill(6)
    one = world.worst_cost()
    world.set(max_run_cost=2.5 * one)
    run = world.run()
    assert (run.status, run.product_count) == (RunStatus.CAPPED, 2)
    assert "MAX_RUN_COST" in (run.capped or "")
    assert run.cost <= 2.5 * one
    waiting = [pid for pid in ids if world.product(pid).openai_processing_status == ProductStatus.PENDING]
    assert len(waiting) == 4
    assert world.run().product_count == 2
    world.set(max_run_cost=0)
    last = world.run()
    assert (last.status, last.product_count) == (RunStatus.COMPLETED, 2)


def test_the_month_has_a_cap_of_its_own_that_counts_what_was_used(world: World) -> None:
    world.fill(6)
    one = world.worst_cost()
    world.set(max_month_cost=2.5 * one)
    spent = []
    for _ in range(8):
        run = world.run()
        spent.append(run.cost)
        assert world.services.budget.month().held("cost") <= 2.5 * one
    assert "MAX_MONTH_COST" in (run.capped or "") or run.product_count == 0
    assert sum(spent) <= 2.5 * one


def test_a_cancelled_batch_gives_everything_back(world: World) -> None:
    world.fill(2)
    batch = world.prepare()
    world.services.batches.modify(
        batch.batch_id, lambda b: b.model_copy(update={"cancel_requested_at": utcnow()})
    )
    world.drive(batch.batch_id)
    assert world.services.budget.month().held("cost") == 0
    assert world.services.budget.quota().held("tokens") == 0


def test_our_own_load_never_fills_the_deployment_quota(storage_settings: Settings, tmp_path: Path) -> None:
    """With ten times the quota, batches wait for each other's tokens, and Azure never refuses one."""
    config = EmulatorConfig(
        data=tmp_path, port=0, job_seconds=600, token_limit=25_000, token_limit_mode=TokenLimitMode.AT_CREATE
    )
    limits = {"enqueued_token_limit": 25_000, "max_tokens_per_file": 23_500}
    with make_world(storage_settings.model_copy(update=limits), tmp_path, config) as world:
        world.fill(20)
        batches = [world.prepare(limit=2) for _ in range(10)]
        assert sum(batch.input_tokens_estimate for batch in batches) > 8 * 25_000
        waited = set()
        steps = {batch.batch_id: ("submit_batch", 0.0) for batch in batches}
        for _ in range(3000):
            if not steps:
                break
            batch_id = min(steps, key=lambda key: steps[key][1])
            name, due = steps.pop(batch_id)
            world.emulator.advance(max(0.0, due - world.clock.now()))
            step = world.step(batch_id, name)
            batch = world.services.batches.get(batch_id)
            if "tokens at the deployment" in (batch.waits_for or ""):
                waited.add(batch_id)
                assert batch.waits_since is not None
            if step["next"] != "done":
                steps[batch_id] = (step["next"], world.clock.now() + step["wait_seconds"])
        assert not steps
        assert len(waited) >= 8
        assert [entry for entry in world.emulator.journal() if entry["status"] == 400] == []
        ledger = world.emulator.ledger()
        assert len(ledger["jobs"]) == 10
        assert ledger["requests"]["charged"] == 140
        assert {world.services.batches.get(b.batch_id).status for b in batches} == {BatchStatus.COMPLETED}


def test_a_quota_of_files_is_kept_too(world: World) -> None:
    world.fill(4)
    world.set(file_limit=6)
    batches = [world.prepare(limit=1) for _ in range(3)]
    for batch in batches[:2]:
        world.drive(batch.batch_id, until=BatchStatus.IN_PROGRESS)
    step = world.step(batches[2].batch_id, "submit_batch")
    waiting = world.services.batches.get(batches[2].batch_id)
    assert (step["next"], waiting.status) == ("submit_batch", BatchStatus.SUBMITTING)
    assert waiting.waits_for == "files at the deployment: 6 of 6 are reserved"
    world.drive(batches[0].batch_id)
    world.emulator.advance(world.settings.submit_lease_seconds + 1)
    assert world.drive(batches[2].batch_id).status == BatchStatus.COMPLETED


def test_the_forecast_is_near_what_the_ledger_says_and_learns(world: World) -> None:
    world.fill(30)
    due = world.services.products.due(CATEGORY, utcnow(), 100)
    first = estimate(world.services, calibrate(world.services), CATEGORY, due[:10], [])
    assert (first.products, first.requests, first.files) == (10, 70, 1)
    batch = world.drive(world.prepare(limit=10).batch_id)
    assert first.input_tokens == pytest.approx(batch.prompt_tokens, rel=0.03)
    assert first.output_tokens == pytest.approx(batch.completion_tokens, rel=0.25)
    assert first.most_cost > batch.cost
    second = estimate(world.services, calibrate(world.services), CATEGORY, due[10:20], [])
    batch = world.drive(world.prepare(limit=10).batch_id)
    assert second.input_tokens == pytest.approx(batch.prompt_tokens, rel=0.01)
    assert second.output_tokens == pytest.approx(batch.completion_tokens, rel=0.05)
    assert second.cost == pytest.approx(batch.cost, rel=0.05)
