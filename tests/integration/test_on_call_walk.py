"""The walk of a person on call: a withdrawn key, an address that does not answer, and what the app says.

The whole app runs on the local host, on a virtual clock. A setting is changed as an operator does it: in the
environment, with a restart.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from local.host.virtual_clock import VirtualClock
from local.network import free_ports
from shared.catalogue.importer import Importer
from shared.config.settings import Settings
from shared.domain.clock import utcnow
from shared.domain.states import BatchStatus, TaskStatus
from shared.domain.task import Export, Requeueing
from shared.monitoring.restart_limit import MAX_RESTARTS, failed_task
from tests.examples import product
from tests.integration.hosted_app import FUNCTIONS, KEY, Json, alert_titles, call, hosted_world, restart
from tests.unit.host.hosting import LONG, START, Hosted, on_host
from tests.world import World

CATEGORIES = 5


@pytest.fixture
def host_clock() -> VirtualClock:
    return VirtualClock(START)


@pytest.fixture
def world(
    storage_settings: Settings, tmp_path: Path, host_clock: VirtualClock, monkeypatch: pytest.MonkeyPatch
) -> Iterator[World]:
    more = {"LOCALES": "en-GB"}
    with hosted_world(storage_settings, tmp_path, host_clock, monkeypatch, **more) as made:
        yield made


def fill_categories(world: World) -> None:
    """Import one product for each of several categories."""
    importer = Importer(world.services.products, world.services.contents)
    for number in range(CATEGORIES):
        category = f"kind-{number:02d}"
        # A name of a known family, so that no category is an alert.
        world.services.summaries.announce(category, f"Pianos {number}")
        product_id = f"P-{number:03d}"
        importer.store(
            product(product_id=product_id, sku=product_id, name=f"Ardena {product_id}", category=category)
        )


async def overview(h: Hosted) -> Json:
    return await call(h, "GET", "dashboard/overview")


async def health(h: Hosted) -> tuple[str, str]:
    answer = await call(h, "GET", "health")
    return answer["status"], answer["checks"]["azure_openai"]


def stored_batches(world: World) -> list[Any]:
    return world.services.batches.page(100)


def answers(world: World) -> list[int]:
    """How often each product was answered, by the emulator's ledger."""
    return [sum(by_locale.values()) for by_locale in world.emulator.ledger()["products"].values()]


@pytest.mark.parametrize(
    ("broken", "code", "setting"),
    [
        ({"OPENAI_API_KEY": "withdrawn"}, "HTTP 401", "OPENAI_API_KEY"),
        ({"AZURE_OPENAI_ENDPOINT": "nobody listens"}, "no_connection", "AZURE_OPENAI_ENDPOINT"),
    ],
    ids=["withdrawn key", "wrong endpoint"],
)
def test_what_cannot_be_sent_waits_as_one_alarm_and_continues_by_itself(
    world: World,
    host_clock: VirtualClock,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    broken: dict[str, str],
    code: str,
    setting: str,
) -> None:
    fill_categories(world)
    right = {"OPENAI_API_KEY": "emulator-key", "AZURE_OPENAI_ENDPOINT": world.settings.azure_openai_endpoint}
    if "AZURE_OPENAI_ENDPOINT" in broken:
        broken = {"AZURE_OPENAI_ENDPOINT": f"http://127.0.0.1:{free_ports(1)[0]}"}

    async def scenario(h: Hosted) -> None:
        assert await health(h) == ("ok", "ok")
        restart(monkeypatch, **broken)
        assert await health(h) == ("degraded", "unreachable")
        run_id = (await call(h, "POST", "batch/pipeline"))["run"]["run_id"]
        await h.settle()
        await h.wait(hours=4)

        page = await overview(h)
        [alarm] = page["needs"]
        assert (alarm["severity"], alarm["count"]) == ("alarm", CATEGORIES)
        assert alarm["title"] == f"{CATEGORIES} batches cannot use Azure OpenAI"
        assert code in alarm["remedy"]
        assert setting in alarm["remedy"]
        assert alarm["acts"] == ["process_results"]
        assert {wait["kind"] for wait in page["waits"]} == {"access"}
        assert {batch.status for batch in stored_batches(world)} == {BatchStatus.SUBMITTING}
        assert {batch.restarts for batch in stored_batches(world)} == {0}
        assert await health(h) == ("degraded", "unreachable")
        assert world.emulator.ledger()["jobs"] == []
        [reconciler] = [timer for timer in page["timers"] if timer["name"] == "reconcile"]
        assert "0 started again" in reconciler["said"]
        assert "Azure OpenAI cannot be used" in reconciler["said"]

        restart(monkeypatch, **right)
        assert await health(h) == ("ok", "ok")
        await h.wait(minutes=35)  # the reconciler has come by, and wakes what waits
        assert await alert_titles(h) == []
        await h.ended(f"run-{run_id}")
        assert {batch.status for batch in stored_batches(world)} == {BatchStatus.COMPLETED}
        assert {batch.counts.failed for batch in stored_batches(world)} == {0}
        assert (await overview(h))["needs"] == []

    on_host(FUNCTIONS, tmp_path / "host", scenario, host_clock)
    assert answers(world) == [1] * CATEGORIES
    assert len(world.emulator.ledger()["jobs"]) == CATEGORIES
    assert world.services.budget.month().reserved.get("cost", 0.0) == 0.0


def test_a_key_that_is_withdrawn_while_jobs_run_loses_nothing(
    world: World, host_clock: VirtualClock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill_categories(world)

    async def scenario(h: Hosted) -> None:
        await call(h, "POST", "batch/pipeline")
        await h.wait(seconds=15)
        assert {batch.status for batch in stored_batches(world)} == {BatchStatus.IN_PROGRESS}
        restart(monkeypatch, OPENAI_API_KEY="withdrawn")
        await h.wait(hours=4)
        assert {batch.status for batch in stored_batches(world)} == {BatchStatus.IN_PROGRESS}
        [alarm] = (await overview(h))["needs"]
        assert (alarm["count"], "OPENAI_API_KEY" in alarm["remedy"]) == (CATEGORIES, True)
        path = f"batch/status/{stored_batches(world)[0].batch_id}?refresh=true"
        async with h.http.get(f"{h.host.url}/api/v1/{path}", headers={"X-API-Key": KEY}) as response:
            assert (response.status, (await response.json())["error"]["code"]) == (503, "unavailable")

        restart(monkeypatch, OPENAI_API_KEY="emulator-key")
        await h.wait(hours=1)
        assert {batch.status for batch in stored_batches(world)} == {BatchStatus.COMPLETED}
        assert (await overview(h))["needs"] == []

    on_host(FUNCTIONS, tmp_path / "host", scenario, host_clock)
    assert answers(world) == [1] * CATEGORIES
    assert world.emulator.ledger()["files"].get("present", 0) == 0


@pytest.mark.parametrize(
    ("path", "body", "noun", "title"),
    [
        ("exports", {}, "export", "An export failed"),
        ("products/regenerate", {"brand": "Ardena"}, "requeueing", "A regeneration failed"),
    ],
    ids=["export", "regeneration"],
)
def test_a_task_that_failed_is_an_alarm_until_a_person_has_seen_it(
    world: World, host_clock: VirtualClock, tmp_path: Path, path: str, body: Any, noun: str, title: str
) -> None:
    records: Any = getattr(world.services, f"{noun}s")

    async def scenario(h: Hosted) -> None:
        model = Requeueing if noun == "requeueing" else Export
        records.create(model.model_validate({f"{noun}_id": "1", "created_at": utcnow()}))
        async with h.http.post(f"{h.host.url}/api/v1/{noun}s/1/seen", headers={"X-API-Key": KEY}) as response:
            assert response.status == 409
        records.modify("1", failed_task)
        # A later one that succeeds hides no failure.
        await call(h, "POST", path, body)
        await h.wait(minutes=1)
        [alarm] = (await overview(h))["needs"]
        assert (alarm["title"], alarm["acts"], alarm[f"{noun}_id"]) == (title, ["mark_seen"], "1")
        await call(h, "POST", f"{noun}s/1/seen")
        seen = await call(h, "POST", f"{noun}s/1/seen")
        assert seen[noun]["seen_at"] is not None
        assert await alert_titles(h) == []

    on_host(FUNCTIONS, tmp_path / "host", scenario, host_clock)


def test_an_import_whose_orchestration_fails_again_and_again_fails_and_is_an_alarm_until_seen(
    world: World, host_clock: VirtualClock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Any bug that is not found yet, for example: every delivery of the step fails.
    def fail(*_: object) -> None:
        raise RuntimeError("a bug")

    monkeypatch.setattr("activities.import_rows.import_catalogue_file", fail)

    async def scenario(h: Hosted) -> None:
        headers = {"X-API-Key": "local-key", "Content-Type": "text/csv"}
        url = f"{h.host.url}/api/v1/products/import"
        async with h.http.post(url, headers=headers, data=b"sku,name\nA-1,Alpha\n") as response:
            import_id = (await response.json())["import"]["import_id"]

        def report() -> Any:
            return world.services.imports.get(import_id)

        await h.clock.advance_until(lambda: report().status.is_terminal, h.host.idle, LONG)
        assert (report().status, report().restarts) == (TaskStatus.FAILED, MAX_RESTARTS)
        assert "started 10 times and failed each time" in report().error_message
        assert world.services.imports.open_ids() == []
        before = h.instance(f"import-{import_id}").created_at
        await h.wait(hours=3)
        assert h.instance(f"import-{import_id}").created_at == before, "it was started once more"

        [alarm] = (await overview(h))["needs"]
        assert (alarm["title"], alarm["acts"]) == ("An import failed", ["show_import", "mark_seen"])
        await call(h, "POST", f"imports/{import_id}/seen")
        seen = await call(h, "POST", f"imports/{import_id}/seen")
        assert seen["import"]["seen_at"] is not None
        assert await alert_titles(h) == []

    on_host(FUNCTIONS, tmp_path / "host", scenario, host_clock)
