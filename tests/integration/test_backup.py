import io
import uuid

import pytest

from shared.persistence.backup import back_up, take_inventory
from shared.persistence.restore import queue_again, restore
from shared.persistence.storage_account import StorageAccount
from tests.world import World


def empty_account(world: World) -> StorageAccount:
    name = f"t{uuid.uuid4().hex[:12]}"
    return StorageAccount(world.settings.model_copy(update={"table_prefix": name, "blob_container": name}))


@pytest.fixture
def archive(world: World) -> bytes:
    """A backup of a store with a batch that ended and one that waits."""
    world.set(locales=("en-GB",))
    world.fill(5)
    world.run(2)
    world.prepare(1)
    made = io.BytesIO()
    back_up(StorageAccount(world.settings), made)
    return made.getvalue()


def test_a_restored_store_does_not_differ(world: World, archive: bytes) -> None:
    account = empty_account(world)
    announced = restore(account, io.BytesIO(archive))
    assert announced.tables["products"].count == 5 + 2  # two of five still have a queue marker
    assert announced.blobs.count > 5
    assert announced.differences(take_inventory(account)) == []
    queue_again(account)
    assert announced.differences(take_inventory(account)) == []
