"""What the overview says of incidents that the emulator brings about: each is named, with what mends it."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from shared.batching.batch_submission import submit
from shared.catalogue.file_import import import_catalogue_file
from shared.config.settings import Settings
from shared.domain import clock
from shared.domain.ids import newest_first_id
from shared.domain.outcome import Outcome
from shared.domain.run import ImportReport, Run
from shared.domain.states import BatchStatus, RunStatus
from shared.monitoring.alerts import Act, Alert, Severity, alerts
from shared.monitoring.failure_causes import causes
from shared.monitoring.snapshot import Snapshot, read
from shared.monitoring.waiting import Waiting, WaitsFor, waiting
from tests.world import World, make_world


@pytest.fixture
def world(storage_settings: Settings, tmp_path: Path) -> Iterator[World]:
    with make_world(storage_settings, tmp_path) as made:
        made.fill(4)
        yield made


def records(world: World) -> Snapshot:
    return read(world.services, clock.utcnow())


def needed(world: World) -> Alert:
    """The one thing that needs a person."""
    (need,) = alerts(records(world))
    return need


def waits(world: World) -> list[Waiting]:
    return waiting(world.settings, records(world))


def test_a_quiet_shop_needs_nobody_and_waits_for_the_next_run(world: World) -> None:
    assert alerts(records(world)) == []
    world.services.summaries.recompute("electric-guitars")
    assert [(wait.kind, wait.products) for wait in waits(world)] == [(WaitsFor.RUN, 4)]


def test_a_full_quota_is_a_wait_and_nobodys_alarm(world: World) -> None:
    refusal = {"status": 400, "code": "token_limit_exceeded", "message": "surpassed the limit"}
    world.emulator.faults({"on": "batches.create", "times": None, "effect": refusal})
    batch = world.prepare()
    submit(world.services, batch.batch_id)
    world.emulator.advance(5)
    submit(world.services, batch.batch_id)
    assert alerts(records(world)) == []
    (wait,) = waits(world)
    assert (wait.kind, wait.batch_id, wait.products) == (WaitsFor.QUOTA, batch.batch_id, 4)
    assert "quota" in wait.on
    assert wait.every_seconds is not None


def test_throttling_is_a_back_off(world: World) -> None:
    world.emulator.faults({"on": "files.create", "times": None, "effect": {"status": 429}})
    submit(world.services, world.prepare().batch_id)
    (wait,) = waits(world)
    assert (wait.kind, wait.on) == (WaitsFor.BACK_OFF, "Azure OpenAI is throttling")


@pytest.mark.parametrize(
    ("fault", "mends"),
    [
        ({"on": "files.create", "effect": {"status": 401, "code": "401"}}, "OPENAI_API_KEY"),
        ({"on": "job", "effect": {"fail_at": 0.5}}, None),
    ],
    ids=["wrong key", "failed job"],
)
def test_a_failed_batch_says_what_mends_it(world: World, fault: dict[str, object], mends: str | None) -> None:
    world.emulator.faults({"times": None, **fault})
    assert world.drive(world.prepare().batch_id).status == BatchStatus.FAILED
    need = needed(world)
    assert (need.title, need.category) == ("A batch failed", "electric-guitars")
    assert Act.START_RUN in need.acts
    assert need.severity == (Severity.ALARM if mends else Severity.WARNING)
    assert mends is None or mends in need.why
    world.emulator.clear_faults()
    world.emulator.advance(10 * world.settings.retry_delay_seconds)
    world.drive(world.prepare().batch_id)
    assert alerts(records(world)) == []


def test_a_deployment_that_is_gone_is_an_alarm(world: World) -> None:
    world.set(azure_openai_deployment_name="gone")
    world.drive(world.prepare().batch_id)
    need = needed(world)
    assert need.severity == Severity.ALARM
    assert "AZURE_OPENAI_DEPLOYMENT_NAME" in need.why


def test_texts_that_are_filtered_are_a_warning_until_they_are_given_up(world: World) -> None:
    world.emulator.faults({"on": "request", "times": None, "effect": {"content_filter": True}})
    world.drive(world.prepare().batch_id)
    assert alerts(records(world)) == []
    (cause,) = causes(records(world).summaries)
    assert (cause.outcome, cause.products, cause.given_up) == (Outcome.CONTENT_FILTERED, 4, 0)
    assert cause.locales["de-DE"] == 4
    assert "content_filtered" in cause.sample
    (wait,) = waits(world)
    assert (wait.kind, wait.products) == (WaitsFor.BACK_OFF, 4)
    assert wait.until == clock.utcnow() + timedelta(seconds=world.settings.retry_delay_seconds)

    world.emulator.advance(2 * world.settings.retry_delay_seconds)
    world.drive(world.prepare().batch_id)
    need = needed(world)
    assert (need.severity, need.title, need.acts) == (
        Severity.ALARM,
        "4 products are given up",
        [Act.RETRY_FAILED],
    )
    (cause,) = causes(records(world).summaries)
    assert cause.given_up == 4


def test_a_schema_that_azure_refuses_is_a_cause_with_azures_words(world: World) -> None:
    said = "Invalid schema for response_format 'product_content': 'maxLength' is not permitted."
    refusal = {"status": 400, "code": "invalid_request_error", "message": said}
    world.emulator.faults({"on": "request", "times": None, "effect": refusal})
    world.drive(world.prepare().batch_id)
    (cause,) = causes(records(world).summaries)
    assert (cause.outcome, cause.products) == (Outcome.REQUEST_FAILED, 4)
    assert "Invalid schema for response_format" in cause.sample
    world.emulator.clear_faults()
    world.emulator.advance(2 * world.settings.retry_delay_seconds)
    world.drive(world.prepare().batch_id)
    assert causes(records(world).summaries) == []


def test_a_cap_is_named_with_what_waits_for_it_and_raising_it_mends_it(world: World) -> None:
    world.set(max_run_cost=2.5 * world.settings.cost_of(9_000, 7 * 4000))
    run = world.run()
    need = needed(world)
    assert (need.severity, need.run_id) == (Severity.WARNING, run.run_id)
    assert "MAX_RUN_COST" in need.why
    assert "2 products wait" in need.why
    (wait,) = waits(world)
    assert (wait.kind, wait.products) == (WaitsFor.CAP, 2)
    world.set(max_run_cost=0)
    assert world.run().status == RunStatus.COMPLETED
    assert (alerts(records(world)), waits(world)) == ([], [])


def test_a_batch_that_stands_still_is_an_alarm_with_its_acts(world: World) -> None:
    batch = world.prepare()
    update = {"needs_attention": "Its lifecycle was started 10 times."}
    world.services.batches.modify(batch.batch_id, lambda current: current.model_copy(update=update))
    need = needed(world)
    assert (need.severity, need.batch_id) == (Severity.ALARM, batch.batch_id)
    assert need.acts == [Act.PROCESS_RESULTS, Act.CANCEL]


def test_a_batch_of_a_run_that_does_not_submit_asks_for_it(world: World) -> None:
    world.services.runs.create(Run(run_id="built", submit=False, created_at=clock.utcnow()))
    batch = world.prepare()
    world.services.batches.modify(
        batch.batch_id, lambda current: current.model_copy(update={"run_id": "built"})
    )
    assert needed(world).acts == [Act.SUBMIT, Act.CANCEL]


def test_a_run_whose_categories_could_not_be_prepared_is_an_alarm(world: World) -> None:
    ended = {"status": RunStatus.FAILED, "error_message": "electric-guitars: storage was throttled"}
    world.services.runs.create(Run(run_id="1", created_at=clock.utcnow(), **ended))
    need = needed(world)
    assert (need.severity, need.why) == (Severity.ALARM, "electric-guitars: storage was throttled")


def imported(world: World, body: bytes) -> None:
    import_id = newest_first_id(clock.utcnow(), body.hex())
    world.services.blobs.write(f"imports/{import_id}", [body])
    world.services.imports.create(
        ImportReport(
            import_id=import_id, format="csv", blob=f"imports/{import_id}", created_at=clock.utcnow()
        )
    )
    import_catalogue_file(world.services, import_id)


@pytest.mark.parametrize(
    ("body", "severity", "title"),
    [
        (
            b"sku,name,msrp_price\nA-1,Alpha,1.00\nA-2,,2.00\n,Gamma,3.00\n",
            Severity.WARNING,
            "The latest import left out 2 of 3 rows",
        ),
        (b"\xff\xfe\x00garbage", Severity.ALARM, "The latest import failed"),
    ],
    ids=["half bad", "no text"],
)
def test_an_import_that_went_wrong_shows_its_report_until_a_good_one(
    world: World, body: bytes, severity: Severity, title: str
) -> None:
    imported(world, body)
    need = needed(world)
    assert (need.severity, need.title, need.acts) == (severity, title, [Act.SHOW_IMPORT])
    world.emulator.advance(60)
    imported(world, b"sku,name\nA-1,Alpha\nA-2,Beta\n")
    assert alerts(records(world)) == []


def test_timers_that_stand_still_after_a_restart_are_an_alarm(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RECONCILE_SCHEDULE", "0 */5 * * * *")
    world.services.audit_log.timer_ran("reconcile", "0 started again")
    assert alerts(records(world)) == []
    world.emulator.advance(16 * 60)
    assert needed(world).title == "The reconciler is overdue"


def test_a_run_that_waits_for_its_turn_is_a_wait(world: World) -> None:
    world.services.runs.create(Run(run_id="1", created_at=clock.utcnow()))
    assert [wait.on for wait in waits(world)] == ["another run to finish preparing"]


def test_deeds_come_newest_first_and_old_ones_are_forgotten(world: World) -> None:
    activity = world.services.audit_log
    for did in ("first", "second", "third"):
        activity.record("key 1", did)
        world.emulator.advance(60)
    assert [deed.did for deed in activity.latest(2)] == ["third", "second"]
    assert activity.forget(clock.utcnow() - timedelta(seconds=90)) == 2
    assert [deed.did for deed in activity.latest(9)] == ["third"]
