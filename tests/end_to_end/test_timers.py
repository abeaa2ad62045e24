"""Nightly run, reconciler and clean-up by their schedules, on a virtual clock: a night passes in seconds."""

from collections.abc import Awaitable, Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path

import orjson
import pytest
from pydantic import SecretStr

from activities import run_steps
from local.host.virtual_clock import VirtualClock
from local.openai_emulator import Effect, Rule
from shared.catalogue.file_import import import_catalogue_file
from shared.config.settings import Settings
from shared.domain.clock import utcnow
from shared.domain.run import NIGHTLY, ImportReport, Run
from shared.domain.states import BatchStatus, ProductStatus, RunStatus
from shared.workflow.names import GENERATION_RUN, lifecycle_instance, run_instance
from tests.end_to_end.conftest import Json
from tests.http_servers import receiving_notifications
from tests.unit.host.hosting import START, Hosted, on_host
from tests.virtual_app import FUNCTIONS_AND_TIMERS, virtual_app
from tests.world import World
from triggers.start_work import Work, create_run

POLL_SECONDS = 30
JOB = timedelta(minutes=1)
RECONCILE_EVERY = timedelta(minutes=5)
SCHEDULES = {
    "NIGHTLY_SCHEDULE": "0 0 2 * * *",
    "CLEANUP_SCHEDULE": "0 30 3 * * *",
    "RECONCILE_SCHEDULE": "0 */5 * * * *",
}
# The host starts at noon.
TONIGHT = START.replace(hour=2) + timedelta(days=1)
CATALOGUE = {"N-1": "Flutes", "N-2": "Flutes", "N-3": "Oboes"}

Scenario = Callable[[Hosted], Awaitable[None]]


@pytest.fixture
def notifications() -> Iterator[tuple[str, list[Json]]]:
    """The address of a server of the shop, and what was posted to it."""
    with receiving_notifications() as receiver:
        yield receiver


@pytest.fixture
def host_clock() -> VirtualClock:
    return VirtualClock(START)


@pytest.fixture
def world(
    storage_settings: Settings,
    tmp_path: Path,
    host_clock: VirtualClock,
    notifications: tuple[str, list[Json]],
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[World]:
    for name, schedule in SCHEDULES.items():
        monkeypatch.setenv(name, schedule)
    changes = {
        "notification_url": SecretStr(notifications[0]),
        "nightly_category_limit": 1,
        "poll_initial_seconds": POLL_SECONDS,
        "poll_max_seconds": POLL_SECONDS,
    }
    settings = storage_settings.model_copy(update=changes)
    with virtual_app(settings, tmp_path / "openai", host_clock, JOB) as world:
        yield world


@pytest.fixture
def host(world: World, host_clock: VirtualClock, tmp_path: Path) -> Callable[..., None]:
    """Runs a scenario in a host over the folder `data`."""
    assert world.services

    def run(scenario: Scenario, data: str = "host") -> None:
        on_host(FUNCTIONS_AND_TIMERS, tmp_path / data, scenario, host_clock)

    return run


def fill(world: World) -> None:
    """Import the catalogue: two flutes and an oboe."""
    rows = [{"sku": sku, "name": f"Ardena {sku}", "category": name} for sku, name in CATALOGUE.items()]
    world.services.blobs.write("imports/catalogue.jsonl", [orjson.dumps(row) + b"\n" for row in rows])
    world.services.imports.create(
        ImportReport(
            import_id="catalogue", format="jsonl", blob="imports/catalogue.jsonl", created_at=utcnow()
        )
    )
    assert import_catalogue_file(world.services, "catalogue")


def runs(world: World) -> list[Run]:
    return world.services.runs.page(100)


def last_report(world: World, timer: str) -> tuple[datetime, str]:
    """When a timer ran last, and what it reported."""
    [found] = [run for run in world.services.audit_log.timers() if run.name == timer]
    return found.last_at, found.said


async def by_hand(h: Hosted, timer: str, times: int = 1) -> None:
    """Call a timer function as an operator does, and let it work."""
    for _ in range(times):
        async with h.http.post(f"{h.host.url}/admin/functions/{timer}", json={}) as response:
            assert response.status == 202
    await h.settle()


async def until(h: Hosted, at: datetime) -> None:
    await h.clock.advance(at - h.clock.now(), h.host.idle)


def test_a_night_with_nothing_to_do_starts_nothing(world: World, host: Callable[..., None]) -> None:
    async def scenario(h: Hosted) -> None:
        await until(h, TONIGHT - timedelta(seconds=1))
        assert "nightly" not in {timer.name for timer in world.services.audit_log.timers()}
        await until(h, TONIGHT)
        assert last_report(world, "nightly") == (TONIGHT, "no product is pending, nothing was started")

    host(scenario)
    assert runs(world) == []


def test_the_nightly_run_takes_its_limit_of_each_category_and_finishes(
    world: World, host: Callable[..., None]
) -> None:
    fill(world)

    async def scenario(h: Hosted) -> None:
        await until(h, TONIGHT + timedelta(hours=1))

    host(scenario)
    [run] = runs(world)
    assert (run.created_at, run.trigger, run.status) == (TONIGHT, "nightly", RunStatus.COMPLETED)
    assert sorted(batch.category for batch in world.services.batches.page(10)) == ["flutes", "oboes"]
    assert run.product_count == 2
    assert len(world.emulator.ledger()["jobs"]) == 2


def test_a_nightly_timer_that_fires_again_in_its_minute_starts_no_second_run(
    world: World, host: Callable[..., None]
) -> None:
    """Functions may call a timer twice. The key of the run is the minute."""
    fill(world)

    async def scenario(h: Hosted) -> None:
        await by_hand(h, "nightly", times=2)
        # The run waits for Azure now, and a flute is still pending.
        [run] = runs(world)
        assert run.status == RunStatus.RUNNING
        await by_hand(h, "nightly")
        assert [found.run_id for found in runs(world)] == [run.run_id]
        await h.wait(minutes=1)
        await by_hand(h, "nightly")
        assert len(runs(world)) == 2

    host(scenario)


def test_a_nightly_timer_that_fires_again_while_its_own_run_prepares_continues_it(
    world: World, host: Callable[..., None], notifications: tuple[str, list[Json]]
) -> None:
    """The first call was killed after it had stored the run. It is no run of an earlier night."""
    fill(world)

    async def scenario(h: Hosted) -> None:
        work = Work(NIGHTLY, True, world.settings.nightly_category_limit)
        stored = create_run(world.services, work, f"{NIGHTLY}/{utcnow():%Y-%m-%dT%H:%M}")
        assert stored.status == RunStatus.QUEUED
        await by_hand(h, "nightly")
        [run] = runs(world)
        assert (run.run_id, run.status) == (stored.run_id, RunStatus.RUNNING)
        assert last_report(world, "nightly")[1] == f"run {run.run_id} started"

    host(scenario)
    assert notifications[1] == []


def test_a_night_whose_run_before_is_still_choosing_products_starts_none_and_notifies(
    world: World, host: Callable[..., None], notifications: tuple[str, list[Json]]
) -> None:
    fill(world)
    stuck = Run(run_id="stuck", trigger=NIGHTLY, status=RunStatus.PREPARING, created_at=utcnow())
    world.services.runs.create(stuck)

    async def scenario(h: Hosted) -> None:
        await by_hand(h, "nightly")

    host(scenario)
    assert [run.run_id for run in runs(world)] == ["stuck"]
    assert [(sent["event"], sent["run_id"]) for sent in notifications[1]] == [
        ("nightly_run_skipped", "stuck")
    ]


def test_a_nightly_run_that_fails_is_notified_once(
    world: World, host: Callable[..., None], notifications: tuple[str, list[Json]]
) -> None:
    fill(world)
    fails = Effect(fail_at=0.0, code="internal_error", message="broken")
    world.emulator.faults(Rule(on="job", effect=fails, times=None))

    async def scenario(h: Hosted) -> None:
        # The reconciler looks at the run many times before the next night.
        await until(h, TONIGHT + timedelta(hours=6))

    host(scenario)
    [run] = runs(world)
    assert run.status == RunStatus.FAILED
    # The activity that notified is delivered again.
    assert run_steps.check(world.services, run.run_id)
    assert [(sent["event"], sent["run_id"]) for sent in notifications[1]] == [
        ("nightly_run_failed", run.run_id)
    ]


def test_work_whose_orchestrations_are_lost_is_started_again_and_submits_nothing_twice(
    world: World, host: Callable[..., None]
) -> None:
    """The second host remembers nothing of the first: its folder is empty."""
    fill(world)

    def are_at_azure() -> bool:
        batches = world.services.batches.page(10)
        return [batch.status for batch in batches] == [BatchStatus.IN_PROGRESS] * 2

    async def lose(h: Hosted) -> None:
        await by_hand(h, "nightly")
        await h.clock.advance_until(are_at_azure, h.host.idle, at_most=JOB)

    async def find_again(h: Hosted) -> None:
        await h.wait(seconds=RECONCILE_EVERY.total_seconds())
        _, report = last_report(world, "reconcile")
        assert report == "3 started again, 0 surplus jobs cancelled"  # the run and its batches
        await h.wait(seconds=RECONCILE_EVERY.total_seconds())
        _, report = last_report(world, "reconcile")
        assert report == "0 started again, 0 surplus jobs cancelled"

    host(lose, data="lost")
    host(find_again, data="new")
    [run] = runs(world)
    assert run.status == RunStatus.COMPLETED
    ledger = world.emulator.ledger()
    assert len(ledger["jobs"]) == 2
    assert {count for locales in ledger["products"].values() for count in locales.values()} == {1}


def test_the_clean_up_cancels_a_batch_that_was_never_submitted(
    world: World, host: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    """It wakes the batch's orchestration, which frees the products."""
    monkeypatch.setenv("RECONCILE_SCHEDULE", "0 0 0 1 1 *")
    fill(world)
    world.set(nightly_category_limit=0)
    retention = timedelta(days=world.settings.retention_days)
    due = TONIGHT.replace(hour=3, minute=30) + retention

    async def scenario(h: Hosted) -> None:
        world.services.runs.create(Run(run_id="manual", submit=False, created_at=utcnow()))
        payload = {"run_id": "manual", "limit": 0, "submit": False, "poll_seconds": POLL_SECONDS}
        await h.ended(await h.start(GENERATION_RUN, payload, run_instance("manual")))
        await until(h, due - timedelta(seconds=1))
        assert {batch.status for batch in world.services.batches.page(10)} == {BatchStatus.CREATED}
        await until(h, due)
        at, report = last_report(world, "cleanup")
        assert (at, "2 batches given up" in report) == (due, True), report
        for batch in world.services.batches.page(10):
            assert batch.status == BatchStatus.CANCELLED
            assert h.instance(lifecycle_instance(batch.batch_id)).status == "Completed"

    host(scenario)
    assert world.emulator.ledger()["jobs"] == []
    for category, products in {"flutes": 2, "oboes": 1}.items():
        assert world.services.summaries.get(category).by_status == {ProductStatus.PENDING: products}
