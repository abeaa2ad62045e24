"""A store of the version before is read, run and exported; a bad row costs no more than itself."""

import logging
from typing import Any

import orjson
import pytest

from activities import task_steps
from shared.domain.clock import utcnow
from shared.domain.errors import UnreadableRow
from shared.domain.states import BatchStatus, ProductStatus
from shared.domain.stored import STORE_VERSION
from shared.domain.task import Export, TaskKind
from shared.monitoring.cleanup import clean_up
from shared.persistence import batch_files
from shared.persistence.storage_account import TABLES, StorageAccount
from shared.persistence.store_backup import take_inventory
from shared.persistence.store_restore import restore
from tests.stored_store import LOCALES, archive_of, fill
from tests.world import CATEGORY, World

HOUR = 3600.0


def restored(world: World, version: int = 1) -> StorageAccount:
    world.set(locales=LOCALES)
    account = StorageAccount(world.settings)
    with archive_of(version).open("rb") as file:
        restore(account, file)
    return account


def export(world: World, export_id: str = "e-2") -> list[dict[str, Any]]:
    world.services.exports.create(Export(export_id=export_id, created_at=utcnow()))
    task_steps.work(world.services, TaskKind.EXPORT, export_id, CATEGORY)
    return [
        orjson.loads(line) for line in world.services.blobs.lines(f"exports/{export_id}/{CATEGORY}.jsonl")
    ]


def break_row(account: StorageAccount, table: str, partition: str, key: str, **properties: Any) -> None:
    row = {"PartitionKey": partition, "RowKey": key}
    account.table(table).upsert({**row, **properties}, "merge")


def test_every_row_and_line_that_is_written_carries_the_version(world: World) -> None:
    world.set(locales=LOCALES)
    fill(world)
    account = StorageAccount(world.settings)
    for table in TABLES:
        rows = list(account.table(table).all())
        assert rows
        for row in rows:
            if row["RowKey"].startswith("~unseen~"):
                continue  # a marker: its key is all that it says
            assert row.get("schema_version") == STORE_VERSION, (table, row["PartitionKey"], row["RowKey"])
    blobs = world.services.blobs
    names = [
        name for name in blobs.sizes("") if any(kind in name for kind in ("manifest", "outcomes", "exports"))
    ]
    assert len(names) >= 4
    for name in names:
        assert {orjson.loads(line)["schema_version"] for line in blobs.lines(name)} == {STORE_VERSION}


def test_there_is_an_archive_of_each_version_before() -> None:
    assert all(archive_of(version).exists() for version in range(1, STORE_VERSION))


@pytest.mark.parametrize("version", range(1, STORE_VERSION))
def test_a_store_of_a_version_before_is_read_run_and_exported(
    world: World, version: int, caplog: pytest.LogCaptureFixture
) -> None:
    account = restored(world, version)
    before = {line["product_id"]: line["content"]["ai_generated_content"] for line in export(world)}
    assert len(before) == 3
    # The batch that was created before the upgrade is driven to its end, and then the rest is requested.
    waiting = world.services.batches.open_ids()
    world.emulator.advance(2 * HOUR)
    assert [world.drive(batch_id).status for batch_id in waiting] == [BatchStatus.COMPLETED]
    world.runs = 2
    assert world.run().counts.by_outcome == {"stored": 2}
    after = {line["product_id"]: line["content"]["ai_generated_content"] for line in export(world, "e-3")}
    assert len(after) == 4
    assert all(all(texts.values()) for texts in after.values())
    # What was stored is still what it was: nothing was paid for twice.
    for product_id, texts in before.items():
        assert {name: after[product_id][name] for name, text in texts.items() if text} == {
            name: text for name, text in texts.items() if text
        }
    assert world.emulator.ledger()["requests"]["total"] == 4
    assert [record for record in caplog.records if record.levelno >= logging.ERROR] == []
    assert take_inventory(account).tables["products"].count == 4


def test_a_bad_text_and_a_bad_product_cost_one_line_of_an_export_and_are_named(world: World) -> None:
    account = restored(world)
    break_row(account, "content", "VSK-2200-BK", "published~de-DE", content='{"basic_info": 7}')
    break_row(account, "products", CATEGORY, "VSK-1010-TL", openai_processing_status="asleep")
    lines = {line["product_id"]: line for line in export(world)}
    assert lines["VSK-1010-CR"]["content"]
    assert lines["VSK-2200-BK"]["unreadable"] == ["de-DE"]
    assert lines["VSK-2200-BK"]["content"]["ai_generated_content"]["de-DE"] is None
    assert lines["VSK-2200-BK"]["content"]["ai_generated_content"]["en-GB"]
    assert lines["VSK-1010-TL"]["content"] is None
    assert "openai_processing_status" in lines["VSK-1010-TL"]["error"]["message"]


def test_a_page_names_bad_rows_and_continues_after_them(world: World) -> None:
    account = restored(world)
    break_row(account, "products", CATEGORY, "VSK-1010-TL", specs="{")
    products = world.services.products
    first = products.page(CATEGORY, None, 2)
    assert [each.product_id for each in first] == ["VSK-1010-CR"]
    assert [(each.id, each.reason) for each in first.unreadable] == [
        ("VSK-1010-TL", "not JSON at character 1")
    ]
    second = products.page(CATEGORY, first.next_after, 3)
    assert [each.product_id for each in second] == ["VSK-2200-BK", "VSK-3050-WR"]
    assert second.next_after is None
    ended = next(batch for batch in world.services.batches.page(9) if batch.status.is_terminal)
    break_row(account, "batches", "batch", ended.batch_id, status="lost")
    page = world.services.batches.page(9)
    assert [each.id for each in page.unreadable] == [ended.batch_id]
    assert len(page) == 1


def test_a_bad_product_is_left_out_of_a_run_and_of_counts(world: World) -> None:
    account = restored(world)
    break_row(account, "products", CATEGORY, "VSK-1010-TL", attempts="many", standing="[")
    world.emulator.advance(2 * HOUR)
    world.runs = 2
    assert world.run().counts.by_outcome == {"stored": 1}
    world.services.summaries.recompute(CATEGORY)
    assert sum(world.services.summaries.get(CATEGORY).by_status.values()) == 3
    with pytest.raises(UnreadableRow, match=f"{CATEGORY}/VSK-1010-TL"):
        world.product("VSK-1010-TL")


def test_a_bad_text_can_be_regenerated(world: World) -> None:
    account = restored(world)
    break_row(account, "content", "VSK-2200-BK", "published~de-DE", content="{")
    assert world.services.contents.outdate("VSK-2200-BK", lambda part, _: part == "de-DE") == ["de-DE"]
    assert world.services.contents.content_state("VSK-2200-BK").published["de-DE"] == "outdated"


def test_a_bad_line_of_a_manifest_or_of_outcomes_ends_no_batch(world: World) -> None:
    world.set(locales=("en-GB",))
    world.fill(3)
    batch = world.drive(world.prepare().batch_id, until=BatchStatus.INGESTING)
    blobs = world.services.blobs
    name = batch_files.manifest_name(batch.filename)
    lines = list(blobs.lines(name))
    blobs.write(name, [b'{"line": 0, "record": {}}\n', *(line + b"\n" for line in lines[1:])])
    ended = world.drive(batch.batch_id)
    assert ended.status == BatchStatus.COMPLETED
    assert ended.counts.by_outcome == {"stored": 2}
    lost = orjson.loads(lines[0])["record"]["product_id"]
    assert world.product(lost).openai_processing_status == ProductStatus.PROCESSING
    clean_up(world.services)
    assert world.product(lost).openai_processing_status == ProductStatus.PENDING


def test_a_batch_whose_record_is_bad_is_not_taken_for_one_that_ended(world: World) -> None:
    account = restored(world)
    [waiting] = world.services.batches.open_ids()
    break_row(account, "batches", "batch", waiting, created_at="never")
    done = clean_up(world.services)
    assert (done.freed, done.given_up) == (0, [])
    assert world.product("VSK-3050-WR").openai_processing_status == ProductStatus.PROCESSING


def test_a_summary_that_is_bad_is_counted_again(world: World) -> None:
    account = restored(world)
    break_row(account, "summaries", "category", CATEGORY, by_status="{", name="Electric Guitars")
    [summary] = world.services.summaries.all()
    assert (summary.name, summary.by_status) == ("Electric Guitars", {})
    world.services.summaries.recompute(CATEGORY)
    assert sum(world.services.summaries.get(CATEGORY).by_status.values()) == 4
