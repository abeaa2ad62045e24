import gzip
import io
import tracemalloc
import uuid
from datetime import UTC, datetime

import pytest
from azure.data.tables import EdmType, EntityProperty

from shared.persistence.blobs import Blobs
from shared.persistence.storage_account import StorageAccount
from shared.persistence.store_archive import NotABackup, write_archive
from shared.persistence.store_backup import back_up, take_inventory
from shared.persistence.store_restore import NotEmpty, queue_again, restore
from tests.world import CATEGORY, World


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


def test_a_blob_or_row_that_changes_shows_as_a_difference(world: World, archive: bytes) -> None:
    account = empty_account(world)
    announced = restore(account, io.BytesIO(archive))
    blobs = Blobs(account.container)
    name = next(iter(blobs.sizes("")))
    blobs.write(name, [b"x"])
    row = next(account.table("products").all())
    account.table("products").upsert({**row, "name": "changed"})
    differences = announced.differences(take_inventory(account))
    assert [difference.split(":")[0] for difference in differences] == ["table products", "blobs"]


def test_a_restore_never_mixes_two_stores(world: World, archive: bytes) -> None:
    with pytest.raises(NotEmpty, match=r"The account is not empty: table products, .*container t"):
        restore(StorageAccount(world.settings), io.BytesIO(archive))


@pytest.mark.parametrize("share", [0, 0.5, 0.99])
def test_a_cut_archive_is_refused(world: World, archive: bytes, share: float) -> None:
    with pytest.raises(NotABackup, match=r"no backup|cut short"):
        restore(empty_account(world), io.BytesIO(archive[: int(len(archive) * share)]))


@pytest.mark.parametrize("content", [b"no archive", gzip.compress(b"no tar" * 1000)], ids=["text", "gzip"])
def test_another_file_is_refused(world: World, content: bytes) -> None:
    with pytest.raises(NotABackup, match="no backup"):
        restore(empty_account(world), io.BytesIO(content))


def test_a_newer_format_is_refused_by_name(world: World) -> None:
    made = io.BytesIO()
    with write_archive(made) as archive:
        archive.add_bytes("backup.json", b'{"format": 99, "store_version": 99, "made_at": ""}')
    made.seek(0)
    with pytest.raises(NotABackup, match="has format 99, and this version reads formats up to 1"):
        restore(empty_account(world), made)


def test_a_pending_product_without_a_marker_is_queued_again(world: World, archive: bytes) -> None:
    """As in a backup during which a batch took the product: its row was copied before, its marker after."""
    account = empty_account(world)
    restore(account, io.BytesIO(archive))
    table = account.table("products")
    [*markers] = table.query(CATEGORY, start="~q")
    for marker in markers:
        table.delete(CATEGORY, marker["RowKey"])
    assert queue_again(account) == len(markers) > 0
    assert list(table.query(CATEGORY, start="~q")) == markers


def test_large_rows_and_blobs_pass_as_streams(world: World) -> None:
    account = StorageAccount(world.settings)
    blobs = Blobs(account.container)
    blobs.write("imports/large.csv", (bytes([number % 251]) * 1_000_000 for number in range(9)))
    blobs.write("imports/empty.csv", [])
    blobs.write("imports/ümläut ' name.csv", [b"x"])
    table = account.table("content")
    for number in range(12):
        text = {f"text{place}": "ä" * 20_000 for place in range(4)}
        table.upsert({"PartitionKey": "P-1", "RowKey": f"r{number:02d}", **text, **EDGES})
    made = io.BytesIO()
    tracemalloc.start()
    back_up(account, made)
    peak = tracemalloc.get_traced_memory()[1] - len(made.getvalue())
    tracemalloc.stop()
    assert peak < 40_000_000
    other = empty_account(world)
    announced = restore(other, io.BytesIO(made.getvalue()))
    assert announced.differences(take_inventory(other)) == []
    row = other.table("content").get("P-1", "r00")
    assert row is not None
    assert {name: row[name] for name in EDGES} == EDGES


EDGES = {
    "a": "",
    "b": 2**31 - 1,
    "c": EntityProperty(2**40, EdmType.INT64),
    "d": 0.1,
    "e": 3.0,
    "f": True,
    "g": datetime(2026, 1, 2, 3, 4, 5, 678901, UTC),
    "h": float("inf"),
    "i": "line\nend\u2028 \U0001f3b8",
}
