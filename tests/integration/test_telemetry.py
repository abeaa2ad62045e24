"""Every change of state is logged once, with ids, and the metrics add up to the batch's own record."""

import logging
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import pytest
from opentelemetry import metrics
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader

from local.openai_emulator import Effect, Rule
from shared.domain.outcome import Outcome
from shared.domain.states import BatchStatus
from shared.persistence import telemetry
from tests.world import World


@pytest.fixture(scope="module")
def reader() -> Iterator[InMemoryMetricReader]:
    """Metrics of this module, read from memory. A provider can be set only once per process."""
    made = InMemoryMetricReader()
    metrics.set_meter_provider(MeterProvider(metric_readers=[made]))
    yield made
    made.shutdown()


def points(reader: InMemoryMetricReader) -> dict[tuple[str, str], Any]:
    """The latest values, by metric and its one attribute."""
    data = reader.get_metrics_data()
    assert data is not None
    return {
        (metric.name, ",".join(map(str, (point.attributes or {}).values()))): point
        for resource in data.resource_metrics
        for scope in resource.scope_metrics
        for metric in scope.metrics
        for point in metric.data.data_points
    }


def test_every_change_of_a_batch_is_logged_once_with_its_ids(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    world.fill(2)
    with caplog.at_level(logging.INFO, telemetry.log.name):
        batch = world.drive(world.prepare().batch_id)
        world.step(batch.batch_id, "stage_results")
    logged = [record for record in caplog.records if batch.batch_id in record.getMessage()]
    changes = [vars(record)["change"] for record in logged]
    states = ["building", "created", "submitting", "in_progress", "ingesting", "completed"]
    assert [change for change in changes if "->" in change] == [
        f"{before} -> {after}" for before, after in pairwise(states)
    ]
    last = vars(logged[-1])
    assert (last["run_id"], last["category"], last["batch_id"]) == ("run-1", batch.category, batch.batch_id)
    assert last["openai_job_id"] == batch.openai_job_id
    assert "run_id='run-1'" in logged[-1].getMessage()


def test_metrics_are_the_sums_of_the_records(world: World, reader: InMemoryMetricReader) -> None:
    world.fill(3)
    world.emulator.faults(
        Rule(on="request", effect=Effect(status=500), match={"custom_id": "-3$"}, times=None)
    )
    batch = world.drive(world.prepare().batch_id)
    assert batch.status == BatchStatus.COMPLETED
    found = points(reader)
    for outcome, count in batch.counts.by_outcome.items():
        assert found["content.requests", outcome].value == count
    assert set(batch.counts.by_outcome) == {Outcome.STORED, Outcome.REQUEST_FAILED}
    assert found["content.tokens", "input"].value == batch.prompt_tokens
    assert found["content.tokens", "output"].value == batch.completion_tokens
    assert found["content.cost", ""].value == pytest.approx(batch.cost)
    assert found["content.batches", "completed"].value == 1
    assert found["content.batch.duration", "completed"].sum > 60


def test_a_wait_for_quota_is_logged_and_measured(
    world: World, reader: InMemoryMetricReader, caplog: pytest.LogCaptureFixture
) -> None:
    world.fill(1)
    waiting = world.prepare()
    tokens = waiting.input_tokens_estimate
    world.set(enqueued_token_limit=round(tokens * 1.2), max_tokens_per_file=tokens)
    other = waiting.model_copy(update={"batch_id": "other"})
    assert world.services.budget.reserve_quota(other) is None
    with caplog.at_level(logging.INFO, telemetry.log.name):
        world.step(waiting.batch_id, "submit_batch")
        world.emulator.advance(600)
        world.services.budget.give_back_quota(other)
        world.drive(waiting.batch_id)
    assert any("waits_for='tokens at the deployment" in record.getMessage() for record in caplog.records)
    assert points(reader)["content.batch.wait", ""].sum >= 600
