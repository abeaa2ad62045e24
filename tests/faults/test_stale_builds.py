"""A build can be delivered twice. The delivery that comes too late takes nothing from the one that counts.

Each test stops a late delivery at one call to storage, lets something else happen, and lets it continue.
"""

import threading
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor

import pytest

from shared.batching import run_preparation
from shared.batching.current_build import BuildLost
from shared.batching.preparation import Prepared, prepare
from shared.content.locales import LOCALES
from shared.domain.clock import utcnow
from shared.domain.run import Run
from shared.domain.states import BatchStatus, ProductStatus
from shared.services import Services
from tests.faults.harness.points import Fault, Killed, Point
from tests.faults.interleaving import Event, before_read, before_write, interleave
from tests.world import CATEGORY, World

RUN = "run-a"
CAP = 0.5
# Leaves too little under the cap for the two products.
MONEY_OF_ANOTHER_BATCH = 0.4

# Calls of a build, in their order.
READS_SELECTION = before_read("exists selection")
READS_MONEY_LEFT = before_read("get reservations row")
TAKES_A_CLAIM = before_write("update content claim")
RESERVES_MONEY = before_write("submit transaction reservations marker/row")
NOTES_CAP = before_write("submit transaction runs row")
READS_BATCH_TO_END_IT = before_read("get batches row", 4)
ENDS_BATCH = before_write("submit transaction batches row")
FREES_A_PRODUCT = before_write("submit transaction products marker/row/row", 2)


@pytest.fixture
def ids(world: World) -> list[str]:
    """Two products, and a run. The month's cap pays for one build of them, and not for two."""
    world.set(max_month_cost=CAP)
    world.services.runs.create(Run(run_id=RUN, created_at=utcnow()))
    assert run_preparation.enter(world.services, RUN)
    return world.fill(2)


def build(world: World, events: Mapping[Point, Event] | None = None) -> Prepared:
    """One delivery of the run's first build."""
    return interleave(world, lambda services: prepare(services, RUN, CATEGORY, 0, 0), events or {})


def build_whole(world: World) -> None:
    """The delivery that counts."""
    assert build(world)["products"] == 2


def give_up(world: World) -> None:
    """End the run's preparing, which ends every build that is not finished."""
    run_preparation.leave(world.services, RUN, ["building took too long"])


def take_money(world: World) -> None:
    """Another batch of the same month reserves most of the cap."""
    [batch] = world.services.batches.page(10)
    other = batch.model_copy(update={"batch_id": "another batch", "run_id": "run-b"})
    assert world.services.budget.reserve_cost(other, MONEY_OF_ANOTHER_BATCH) is None


def give_money_back(world: World) -> None:
    [batch] = world.services.batches.page(10)
    other = batch.model_copy(update={"batch_id": "another batch", "run_id": "run-b"})
    world.services.budget.settle_cost(other, 0.0)


def reserved(world: World) -> float:
    return world.services.budget.month().reserved.get("cost", 0.0)


def assert_whole(world: World, ids: list[str]) -> None:
    """The run's batch holds its products and its money, and asks for each text once."""
    [batch] = world.services.batches.page(10)
    assert (batch.status, batch.product_count) == (BatchStatus.CREATED, len(ids))
    for product_id in ids:
        claim = world.services.contents.claim(product_id)
        assert claim is not None
        assert claim.batch_id == batch.batch_id
        assert world.product(product_id).is_held_by(batch.batch_id)
    assert reserved(world) == pytest.approx(batch.cost_reserved)
    assert CAP - MONEY_OF_ANOTHER_BATCH < batch.cost_reserved < CAP
    world.drive(batch.batch_id)
    answered = world.emulator.ledger()["products"]
    assert answered == {f"Ardena {product_id}": dict.fromkeys(LOCALES, 1) for product_id in ids}
    assert reserved(world) == 0


def assert_all_freed(world: World, ids: list[str]) -> None:
    """The run's batch was cancelled; its products wait again, and it has no money."""
    [batch] = world.services.batches.page(10)
    assert batch.status == BatchStatus.CANCELLED
    for product_id in ids:
        claim = world.services.contents.claim(product_id)
        assert claim is not None
        assert claim.batch_id is None
        assert world.product(product_id).openai_processing_status == ProductStatus.PENDING
    assert reserved(world) == 0


@pytest.mark.parametrize("too_late", [NOTES_CAP, READS_BATCH_TO_END_IT, ENDS_BATCH], ids=str)
def test_a_late_build_that_meets_a_cap_frees_nothing(world: World, ids: list[str], too_late: Point) -> None:
    """The money was another batch's when the late delivery asked. The live one finds it free again."""

    def live() -> None:
        give_money_back(world)
        build_whole(world)

    with pytest.raises(BuildLost):
        build(world, {RESERVES_MONEY: lambda: take_money(world), too_late: live})
    assert_whole(world, ids)


@pytest.mark.parametrize("too_late", [READS_SELECTION, READS_MONEY_LEFT, TAKES_A_CLAIM], ids=str)
def test_a_late_build_gives_back_no_money_of_the_live_one(
    world: World, ids: list[str], too_late: Point
) -> None:
    with pytest.raises(BuildLost):
        build(world, {too_late: lambda: build_whole(world)})
    assert_whole(world, ids)


def test_a_build_that_reserves_after_it_was_given_up_keeps_no_money(world: World, ids: list[str]) -> None:
    with pytest.raises(BuildLost):
        build(world, {RESERVES_MONEY: lambda: give_up(world)})
    assert_all_freed(world, ids)


def test_a_build_that_claims_after_it_was_given_up_releases_its_claims(world: World, ids: list[str]) -> None:
    """Nothing else would release what it takes now: its batch has ended."""
    with pytest.raises(BuildLost):
        build(world, {READS_MONEY_LEFT: lambda: give_up(world)})
    assert_all_freed(world, ids)


@pytest.mark.parametrize(
    "too_late",
    [before_read("get batches row", 2), before_write("submit transaction batches marker/row")],
    ids=str,
)
def test_a_batch_that_is_built_meanwhile_is_not_given_up(
    world: World, ids: list[str], too_late: Point
) -> None:
    """The leaving run has read the batch as `building`; a delivery builds it before the run writes."""
    with pytest.raises(Killed):
        build(world, {TAKES_A_CLAIM: Fault.KILL_BEFORE})

    def leave(services: Services) -> None:
        run_preparation.leave(services, RUN, [])

    interleave(world, leave, {too_late: lambda: build_whole(world)})
    assert_whole(world, ids)


def test_a_build_that_is_killed_while_it_ends_at_a_cap_is_ended_by_the_next(
    world: World, ids: list[str]
) -> None:
    """It has written that it ends, and has not freed what it took."""
    with pytest.raises(Killed):
        build(world, {RESERVES_MONEY: lambda: take_money(world), FREES_A_PRODUCT: Fault.KILL_BEFORE})
    [batch] = world.services.batches.page(10)
    assert batch.status == BatchStatus.BUILDING
    assert "MAX_MONTH_COST" in (batch.error_message or "")
    assert all(world.product(product_id).is_held_by(batch.batch_id) for product_id in ids)
    give_money_back(world)
    assert build(world)["products"] == 0
    assert_all_freed(world, ids)


def test_a_claim_that_another_delivery_of_the_build_took_counts(world: World, ids: list[str]) -> None:
    """The late delivery takes a claim between the live one's read and write of it.

    Otherwise the product would be in no file, and its claim would keep it from every batch for two days.
    """
    late_waits, live_has_read = threading.Event(), threading.Event()

    def wait_for_live() -> None:
        late_waits.set()
        assert live_has_read.wait(30)

    with ThreadPoolExecutor(1) as pool:
        late = pool.submit(build, world, {TAKES_A_CLAIM: wait_for_live})
        assert late_waits.wait(30)

        def let_late_go_on() -> None:
            live_has_read.set()
            assert isinstance(late.exception(30), BuildLost)

        assert build(world, {TAKES_A_CLAIM: let_late_go_on})["products"] == len(ids)
    assert_whole(world, ids)
