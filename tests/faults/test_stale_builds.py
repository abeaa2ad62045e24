"""Deliveries of one build that come too late: nothing of the one that counts is freed or given back."""

from typing import Any
from unittest.mock import Mock

import pytest

from activities import run_steps
from shared.batching.current_build import BuildLost
from shared.batching.input_file import Build
from shared.batching.preparation import prepare
from shared.capacity.budget import Budget
from shared.composition import make_services
from shared.content.content_records import Claim
from shared.content.locales import LOCALES
from shared.domain.clock import utcnow
from shared.domain.run import Run
from shared.domain.states import BatchStatus, ProductStatus
from shared.persistence.content_repository import ContentRepository
from tests.world import CATEGORY, World

RUN = "run-a"
STOP = Mock(side_effect=RuntimeError("the worker stops here"))


@pytest.fixture
def ids(world: World) -> list[str]:
    """Two products, and a run that may spend no more than they cost at worst, once."""
    world.set(max_month_cost=0.5)
    world.services.runs.create(Run(run_id=RUN, created_at=utcnow()))
    assert run_steps.enter(world.services, RUN)
    return world.fill(2)


def build(world: World) -> Any:
    """One delivery of the run's first build, by a worker of its own."""
    return prepare(make_services(world.settings), RUN, CATEGORY, 0, 0)


def money_held(world: World) -> float:
    return world.services.budget.month().held("cost")


def assert_built_whole(world: World, ids: list[str]) -> None:
    """The live build's batch holds its products and its money, and answers each once."""
    [batch] = world.services.batches.page(10)
    assert (batch.status, batch.product_count) == (BatchStatus.CREATED, len(ids))
    for product_id in ids:
        claim = world.services.contents.claim(product_id)
        assert claim is not None
        assert claim.batch_id == batch.batch_id
        assert world.product(product_id).is_held_by(batch.batch_id)
    assert money_held(world) == pytest.approx(batch.cost_reserved)
    assert batch.cost_reserved > 0
    world.drive(batch.batch_id)
    answered = world.emulator.ledger()["products"]
    assert answered == {f"Ardena {product_id}": dict.fromkeys(LOCALES, 1) for product_id in ids}
    assert world.services.budget.month().reserved["cost"] == 0


def test_one_that_meets_a_cap_frees_nothing(
    world: World, ids: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The money was another batch's when it asked, and is there again when the live build does."""
    real = Budget.reserve_cost
    asked = []

    def reserve(self: Budget, batch: Any, worst: float) -> str | None:
        asked.append(batch.build_id)
        if len(asked) > 1:
            return real(self, batch, worst)
        other = batch.model_copy(update={"batch_id": "another category's", "run_id": "run-b"})
        assert real(self, other, 0.4) is None
        capped = real(self, batch, worst)
        assert capped is not None
        self.settle_cost(other, 0.0)
        build(world)
        return capped

    monkeypatch.setattr(Budget, "reserve_cost", reserve)
    with pytest.raises(BuildLost):
        build(world)
    assert len(set(asked)) == 2
    assert_built_whole(world, ids)


def test_one_that_begins_late_gives_no_money_back(
    world: World, ids: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between its record and its file, another delivery builds all of it and reserves."""
    real = Build.__init__
    begun: list[Build] = []
    held: list[float] = []

    def begin(self: Build, *arguments: Any) -> None:
        begun.append(self)
        if len(begun) == 1:
            build(world)
            held.append(money_held(world))
        real(self, *arguments)
        held.append(money_held(world))

    monkeypatch.setattr(Build, "__init__", begin)
    with pytest.raises(BuildLost):
        build(world)
    before_the_live_one, live, after_the_late_one = held
    assert before_the_live_one == 0
    assert live == after_the_late_one > 0
    assert_built_whole(world, ids)


def test_one_that_reserves_late_keeps_no_money(
    world: World, ids: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its batch was given up, and its products freed, before it came to reserve."""
    real = Budget.reserve_cost

    def reserve(self: Budget, batch: Any, worst: float) -> str | None:
        run_steps.leave(make_services(world.settings), RUN, ["building took too long"])
        return real(self, batch, worst)

    monkeypatch.setattr(Budget, "reserve_cost", reserve)
    with pytest.raises(BuildLost):
        build(world)
    [batch] = world.services.batches.page(10)
    assert batch.status == BatchStatus.CANCELLED
    assert money_held(world) == 0
    for product_id in ids:
        assert world.product(product_id).openai_processing_status == ProductStatus.PENDING


def test_one_that_claims_late_lets_go_again(
    world: World, ids: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The batch is given up before it takes its first claim: nobody else would free what it takes."""
    real = Build.run

    def run(self: Build) -> Any:
        run_steps.leave(make_services(world.settings), RUN, ["building took too long"])
        return real(self)

    monkeypatch.setattr(Build, "run", run)
    with pytest.raises(BuildLost):
        build(world)
    for product_id in ids:
        claim = world.services.contents.claim(product_id)
        assert claim is not None
        assert claim.batch_id is None
        assert world.product(product_id).openai_processing_status == ProductStatus.PENDING


def test_a_batch_that_is_built_meanwhile_is_not_given_up(
    world: World, ids: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The run leaves having read it as `building`; by the time it writes, a delivery has built it."""
    monkeypatch.setattr(Build, "run", STOP)
    with pytest.raises(RuntimeError):
        build(world)
    monkeypatch.undo()
    find = type(world.services.batches).find

    def read_before(self: Any, record_id: str) -> Any:
        found = find(self, record_id)
        monkeypatch.undo()
        build(world)
        return found

    monkeypatch.setattr(type(world.services.batches), "find", read_before)
    run_steps.leave(world.services, RUN, [])
    assert_built_whole(world, ids)


def test_a_build_that_ends_at_a_cap_and_stops_half_way_is_ended_by_the_next(
    world: World, ids: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Killed between saying that it ends and freeing what it took."""
    monkeypatch.setattr(Budget, "reserve_cost", Mock(return_value="MAX_MONTH_COST of 0.50 USD is reached"))
    settle_cost = Budget.settle_cost
    monkeypatch.setattr(Budget, "settle_cost", STOP)
    with pytest.raises(RuntimeError):
        build(world)
    monkeypatch.setattr(Budget, "settle_cost", settle_cost)
    assert build(world)["products"] == 0
    [batch] = world.services.batches.page(10)
    assert batch.status == BatchStatus.CANCELLED
    assert "MAX_MONTH_COST" in (batch.error_message or "")
    for product_id in ids:
        assert world.product(product_id).openai_processing_status == ProductStatus.PENDING


def test_a_claim_that_another_delivery_of_the_build_took_is_this_one_s_too(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between reading the claim and writing it: the product was in no file, and held up for two days."""
    world.fill(2)
    real = ContentRepository.write_claim
    others: list[str] = []

    def after_another_delivery(self: ContentRepository, claim: Claim, etag: str | None) -> bool:
        if claim.batch_id and not others:
            others.append(claim.product_id)
            assert real(self, claim.model_copy(update={"claim_id": "another delivery"}), etag)
        return real(self, claim, etag)

    monkeypatch.setattr(ContentRepository, "write_claim", after_another_delivery)
    batch = world.prepare()
    assert (len(others), batch.product_count) == (1, 2)
    world.drive(batch.batch_id)
    answered = world.emulator.ledger()["products"]
    assert answered == {f"Ardena P-{number:03d}": dict.fromkeys(LOCALES, 1) for number in range(2)}
