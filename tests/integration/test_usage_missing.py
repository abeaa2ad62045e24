"""Answers without readable token counts are counted at their worst case, and named."""

from collections.abc import Iterator
from pathlib import Path

import orjson
import pytest

from shared.config.settings import Settings
from shared.domain.batch import OpenAIBatch
from shared.domain.states import BatchStatus
from shared.persistence import batch_files
from shared.results.batch_settlement import settle
from shared.results.segment_ingestion import ingest
from shared.results.staging import stage
from tests.world import World, make_world


@pytest.fixture
def world(storage_settings: Settings, tmp_path: Path) -> Iterator[World]:
    with make_world(storage_settings, tmp_path) as made:
        made.fill(2)
        yield made


def settled(world: World, lacking: int) -> OpenAIBatch:
    """A batch of which the first `lacking` result lines came without usage, settled."""
    batch_id = world.prepare().batch_id
    world.drive(batch_id, until=BatchStatus.INGESTING)
    stage(world.services, batch_id)
    blobs = world.services.blobs
    for name in world.services.batches.get(batch_id).segments:
        lines = [orjson.loads(line) for line in blobs.lines(name)]
        for line in lines[:lacking]:
            line["response"]["body"]["usage"] = None
        lacking -= min(lacking, len(lines))
        blobs.write(name, [orjson.dumps(line) + b"\n" for line in lines])
    for index in range(len(world.services.batches.get(batch_id).segments)):
        ingest(world.services, batch_id, index)
    settle(world.services, batch_id)
    return world.services.batches.get(batch_id)


def test_a_batch_without_any_usage_costs_what_it_has_reserved(world: World) -> None:
    batch = settled(world, lacking=1_000)
    assert batch.status == BatchStatus.COMPLETED
    assert batch.counts.stored == batch.counts.without_usage == batch.request_count
    assert batch.cost == pytest.approx(batch.cost_reserved, abs=1e-6)
    assert world.services.budget.month().used["cost"] == pytest.approx(batch.cost, abs=1e-6)
    assert "14 requests came back without token counts" in (batch.error_message or "")


def test_only_the_answers_that_lack_usage_count_at_their_worst_case(world: World) -> None:
    batch = settled(world, lacking=1)
    assert batch.counts.without_usage == 1
    read = [orjson.loads(line) for name in batch.segments for line in world.services.blobs.lines(name)]
    known = sum(
        world.settings.cost_of(usage["prompt_tokens"], usage["completion_tokens"])
        for line in read
        if (usage := line["response"]["body"]["usage"])
    )
    [lacks] = [line["custom_id"] for line in read if line["response"]["body"]["usage"] is None]
    outcomes = batch_files.read_outcomes(world.services.blobs, batch.batch_id, batch.segments)
    assert [one.custom_id for one in outcomes if one.lacks_usage] == [lacks]
    [request] = [
        request
        for line in world.services.blobs.lines(batch.filename)
        if (request := orjson.loads(line))["custom_id"] == lacks
    ]
    longest = request["body"]["max_tokens"]
    worst = world.settings.cost_of(0, longest), world.settings.cost_of(9_000, longest)
    assert known + worst[0] < batch.cost < known + worst[1]
