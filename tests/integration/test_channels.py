"""Exports to channels on real storage: the steps of the task, the zip file, and tries that are repeated."""

import csv
import io
import zipfile
from xml.etree import ElementTree

import orjson
import pytest

from activities.task_steps import finish, work
from shared.channels.channel_export import zip_name
from shared.channels.channel_registry import CHANNELS
from shared.domain.clock import utcnow
from shared.domain.states import TaskStatus
from shared.domain.task import ChannelName, Export, TaskKind
from tests.channel_items import candidate, published, published_facts
from tests.examples import locale_content
from tests.world import CATEGORY, World

LOCALES = ("en-US", "en-GB", "de-DE", "pt-PT")
SHOPIFY_PRODUCTS = ["shopify-product-set.jsonl", "shopify-products.csv"]
SPECS = {"Barcode": "4006381333931", "Handle": "halcyon", "ID": "501", "frets": "22", "Stock": "4"}


def fill(world: World, count: int) -> list[str]:
    ids = world.fill(count)
    for number, product_id in enumerate(ids):
        world.change(product_id, specs={**SPECS, "Handle": f"halcyon-{number}"})
        store(world, product_id, LOCALES)
    return ids


def store(world: World, product_id: str, locales: tuple[str, ...]) -> None:
    tries = [(candidate(locale), published(locale)) for locale in locales]
    world.services.contents.store(product_id, tries, published_facts())


def start(world: World, channel: ChannelName, **changes: object) -> Export:
    fields = {"export_id": f"e-{channel}", "created_at": utcnow(), "locales": LOCALES, "channel": channel}
    export = Export.model_validate({**fields, **changes})
    world.services.exports.create(export)
    return export


def ended(world: World, export: Export) -> dict[str, bytes]:
    """Work on the category, end the task, and read its zip file."""
    count = work(world.services, TaskKind.EXPORT, export.export_id, CATEGORY)
    finish(world.services, TaskKind.EXPORT, export.export_id, count)
    return archive(world, export)


def archive(world: World, export: Export) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(b"".join(world.services.blobs.chunks(zip_name(export))))) as opened:
        assert opened.testzip() is None
        return {name: opened.read(name) for name in opened.namelist()}


@pytest.mark.parametrize("channel", list(ChannelName))
def test_a_channel_is_one_zip_file(world: World, channel: ChannelName) -> None:
    fill(world, 3)
    export = start(world, channel)
    files = ended(world, export)
    record = world.services.exports.get(export.export_id)
    assert (record.status, record.products) == (TaskStatus.COMPLETED, 3)
    # Nothing is left but the zip file, and it has every file of the channel, the report and the summary.
    assert list(world.services.blobs.sizes(export.prefix)) == [zip_name(export)]
    summary = orjson.loads(files.pop("summary.json"))
    assert summary["files"] == list(files)
    assert summary["channel"] == channel
    for name, data in files.items():
        if name.endswith(".csv"):
            rows = list(csv.reader(io.StringIO(data.decode("utf-8-sig"))))
            assert {len(row) for row in rows} == {len(rows[0])}, name
        elif name.endswith((".xml", ".xlf")):
            assert len(list(ElementTree.fromstring(data))) > 0
        elif name.endswith(".jsonl"):
            assert [orjson.loads(line) for line in data.splitlines()], name
    assert any(b"Ardena P-002" in data or b"halcyon-2" in data or b"P-002" in data for data in files.values())


def test_a_category_and_the_end_may_be_repeated(world: World) -> None:
    ids = fill(world, 2)
    export = start(world, ChannelName.GOOGLE_MERCHANT)
    work(world.services, TaskKind.EXPORT, export.export_id, CATEGORY)
    for product_id in ids:
        world.change(product_id, brand="", specs=SPECS)
    once = ended(world, export)
    assert once["google-de_DE.tsv"].count(b"P-00") >= 2
    # What ends again after it has ended changes nothing, though the pieces are gone.
    finish(world.services, TaskKind.EXPORT, export.export_id, 9)
    assert archive(world, export) == once


def test_a_file_that_has_become_empty_does_not_keep_an_earlier_try(world: World) -> None:
    [product_id] = fill(world, 1)
    export = start(world, ChannelName.SHOPIFY)
    work(world.services, TaskKind.EXPORT, export.export_id, CATEGORY)
    world.change(product_id, specs={"Handle": "halcyon"})  # its Shopify id is gone, and its translations
    files = ended(world, export)
    assert sorted(files) == ["report.csv", *SHOPIFY_PRODUCTS, "summary.json"]
    assert b"no Shopify id" in files["report.csv"]


def test_a_crash_between_the_zip_and_the_record_loses_nothing(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(world, 1)
    export = start(world, ChannelName.PLAIN_CSV)
    work(world.services, TaskKind.EXPORT, export.export_id, CATEGORY)

    def killed(*_: object) -> None:
        raise ConnectionError("killed")

    with monkeypatch.context() as patch:
        patch.setattr(type(world.services.exports), "modify", killed)
        with pytest.raises(ConnectionError):
            finish(world.services, TaskKind.EXPORT, export.export_id, 1)
    finish(world.services, TaskKind.EXPORT, export.export_id, 1)
    rows = list(csv.DictReader(io.StringIO(archive(world, export)["products.csv"].decode("utf-8-sig"))))
    assert [row["locale"] for row in rows] == list(LOCALES)
    assert rows[0]["key_features"].splitlines() == locale_content()["basic_info"]["key_features"]


def test_every_channel_is_registered() -> None:
    assert set(CHANNELS) == set(ChannelName)
