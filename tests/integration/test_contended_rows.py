"""Rows that several writers update at one moment: no update is lost, and none overwrites another."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from shared.config.deployments import Deployment
from shared.content.content_records import Claim
from shared.domain.batch import OpenAIBatch
from shared.domain.clock import utcnow
from shared.persistence.read_modify_write import ConcurrentUpdate
from shared.persistence.storage_account import StorageAccount
from shared.persistence.table import Table
from shared.services import Services
from tests.examples import NOW
from tests.world import World

HOUR = timedelta(hours=1)


@pytest.fixture
def before_writes(monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[], Any], int], None]:
    """Lets another writer come between the read and the write of the next `times` row updates."""

    def arm(other: Callable[[], Any], times: int = 1) -> None:
        real, left = Table.write, [times]

        def write(table: Table, *arguments: Any) -> bool:
            if left[0]:
                left[0] -= 1
                waiting, left[0] = left[0], 0
                other()
                left[0] = waiting
            return real(table, *arguments)

        monkeypatch.setattr(Table, "write", write)

    return arm


def test_a_claim_is_released_although_it_is_changed_meanwhile(services: Services, before_writes: Any) -> None:
    held = Claim(product_id="p", category="a", batch_id="b1", claim_id="c1", expires_at=NOW)
    services.contents.write_claim(held, None)
    table = StorageAccount(services.settings).table("content")
    moving = {"PartitionKey": "p", "RowKey": "claim", "moving": "drums"}
    before_writes(lambda: table.upsert(moving, "merge"))
    services.contents.release("p", "b1")
    released = held.model_copy(
        update={"batch_id": None, "claim_id": None, "expires_at": None, "moving": "drums"}
    )
    assert services.contents.claim("p") == released


def test_a_release_leaves_a_claim_alone_that_another_batch_took_meanwhile(
    services: Services, before_writes: Any
) -> None:
    services.contents.write_claim(Claim(product_id="p", category="a", batch_id="b1"), None)
    table = StorageAccount(services.settings).table("content")
    before_writes(lambda: table.upsert({"PartitionKey": "p", "RowKey": "claim", "batch_id": "b2"}, "merge"))
    services.contents.release("p", "b1")
    claim = services.contents.claim("p")
    assert claim is not None
    assert claim.batch_id == "b2"


def test_a_claim_that_changes_at_every_attempt_is_named(services: Services, before_writes: Any) -> None:
    services.contents.write_claim(Claim(product_id="p", category="a", batch_id="b1"), None)
    table = StorageAccount(services.settings).table("content")
    touched = {"PartitionKey": "p", "RowKey": "claim", "category": "a"}
    before_writes(lambda: table.upsert(touched, "merge"), 1000)
    with pytest.raises(ConcurrentUpdate, match="The claim of product p kept changing"):
        services.contents.release("p", "b1")


def test_the_lock_on_preparing_goes_to_the_run_that_wrote_first(
    services: Services, before_writes: Any
) -> None:
    before_writes(lambda: services.runs.lock("other", HOUR))
    assert not services.runs.lock("run", HOUR)
    assert services.runs.lock("other", HOUR)


def test_a_run_that_renews_its_lock_twice_at_once_holds_it(services: Services, before_writes: Any) -> None:
    assert services.runs.lock("run", HOUR)
    before_writes(lambda: services.runs.lock("run", HOUR))
    assert services.runs.lock("run", HOUR)


def test_the_lock_is_given_back_although_a_late_renewal_comes_between(
    services: Services, before_writes: Any
) -> None:
    assert services.runs.lock("run", HOUR)
    before_writes(lambda: services.runs.lock("run", HOUR))
    services.runs.unlock("run")
    assert services.runs.lock("other", HOUR)


def test_batches_that_fail_at_one_moment_all_count_against_their_deployment(
    world: World, before_writes: Any
) -> None:
    further = Deployment(name="sweden", endpoint="http://127.0.0.1:9", deployment="d")
    world.set(more_deployments=(further,))

    def failed(number: int) -> OpenAIBatch:
        return OpenAIBatch(
            batch_id=f"b{number}",
            filename="f",
            created_at=utcnow(),
            run_id="r",
            category="c",
            deployment="sweden",
            job_status="failed",
        )

    balancer = world.services.balancer
    balancer.note(failed(1))
    before_writes(lambda: balancer.note(failed(2)))
    balancer.note(failed(3))
    assert set(balancer.set_aside()) == {"sweden"}
