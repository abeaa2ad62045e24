"""The alerts and waits of the overview during incidents that the emulator causes, with their remedies."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from shared.batching.batch_submission import submit
from shared.catalogue.file_import import import_catalogue_file
from shared.config.settings import Settings
from shared.content.families import Family
from shared.domain import clock
from shared.domain.ids import newest_first_id
from shared.domain.outcome import Outcome
from shared.domain.run import ImportReport, Run
from shared.domain.states import BatchStatus, RunStatus
from shared.domain.wait_reason import WaitReason
from shared.monitoring.alert_models import Action, Alert, AlertSeverity
from shared.monitoring.alerts import alerts
from shared.monitoring.failure_causes import failures_by_cause
from shared.monitoring.seen import mark_seen
from shared.monitoring.snapshot import Snapshot, read_snapshot
from shared.monitoring.waiting import WaitingItem, waiting_items
from tests.world import World, make_world


@pytest.fixture
def world(storage_settings: Settings, tmp_path: Path) -> Iterator[World]:
    with make_world(storage_settings, tmp_path) as made:
        made.fill(4)
        yield made


def records(world: World) -> Snapshot:
    return read_snapshot(world.services, clock.utcnow())


def only_alert(world: World) -> Alert:
    (alert,) = alerts(records(world))
    return alert


def waits(world: World) -> list[WaitingItem]:
    return waiting_items(world.settings, records(world))


def test_without_incidents_there_is_no_alert_and_products_wait_for_the_next_run(world: World) -> None:
    assert alerts(records(world)) == []
    world.services.summaries.recompute("electric-guitars")
    assert [(wait.kind, wait.products) for wait in waits(world)] == [(WaitReason.RUN, 4)]


def test_a_full_quota_is_a_wait_and_no_alert(world: World) -> None:
    refusal = {"status": 400, "code": "token_limit_exceeded", "message": "surpassed the limit"}
    world.emulator.faults({"on": "batches.create", "times": None, "effect": refusal})
    batch = world.prepare()
    submit(world.services, batch.batch_id)
    world.emulator.advance(5)
    submit(world.services, batch.batch_id)
    assert alerts(records(world)) == []
    (wait,) = waits(world)
    assert (wait.kind, wait.batch_id, wait.products) == (WaitReason.QUOTA, batch.batch_id, 4)
    assert "quota" in wait.on
    assert wait.every_seconds is not None


def test_throttling_is_a_back_off(world: World) -> None:
    world.emulator.faults({"on": "files.create", "times": None, "effect": {"status": 429}})
    submit(world.services, world.prepare().batch_id)
    (wait,) = waits(world)
    assert (wait.kind, wait.on) == (WaitReason.BACK_OFF, "Azure OpenAI is throttling")


@pytest.mark.parametrize(
    ("fault", "setting"),
    [
        ({"on": "job", "effect": {"fail_at": 0.0, "code": "invalid_request"}}, "batch type"),
        ({"on": "job", "effect": {"fail_at": 0.5}}, None),
    ],
    ids=["wrong type of deployment", "failed job"],
)
def test_the_alert_of_a_failed_batch_gives_the_remedy(
    world: World, fault: dict[str, object], setting: str | None
) -> None:
    world.emulator.faults({"times": None, **fault})
    assert world.drive(world.prepare().batch_id).status == BatchStatus.FAILED
    alert = only_alert(world)
    assert (alert.title, alert.category) == ("A batch failed", "electric-guitars")
    # While something must be corrected first, another run would only fail in the same way.
    assert alert.acts == ([] if setting else [Action.START_RUN])
    assert alert.severity == (AlertSeverity.ALARM if setting else AlertSeverity.WARNING)
    assert alert.remedy is None if setting is None else setting in (alert.remedy or "")
    world.emulator.clear_faults()
    world.emulator.advance(10 * world.settings.retry_delay_seconds)
    world.drive(world.prepare().batch_id)
    assert alerts(records(world)) == []


def test_a_missing_deployment_is_an_alarm(world: World) -> None:
    world.set(azure_openai_deployment_name="gone")
    world.drive(world.prepare().batch_id)
    alert = only_alert(world)
    assert alert.severity == AlertSeverity.ALARM
    assert "AZURE_OPENAI_DEPLOYMENT_NAME" in (alert.remedy or "")


def test_filtered_texts_are_an_alarm_only_when_every_try_has_failed(world: World) -> None:
    world.emulator.faults({"on": "request", "times": None, "effect": {"content_filter": True}})
    world.drive(world.prepare().batch_id)
    assert alerts(records(world)) == []
    (cause,) = failures_by_cause(records(world).summaries)
    assert (cause.outcome, cause.products, cause.given_up) == (Outcome.CONTENT_FILTERED, 4, 0)
    assert cause.locales["de-DE"] == 4
    assert "content_filtered" in cause.sample
    (wait,) = waits(world)
    assert (wait.kind, wait.products) == (WaitReason.BACK_OFF, 4)
    assert wait.until == clock.utcnow() + timedelta(seconds=world.settings.retry_delay_seconds)

    world.emulator.advance(2 * world.settings.retry_delay_seconds)
    world.drive(world.prepare().batch_id)
    alert = only_alert(world)
    assert (alert.severity, alert.title, alert.acts) == (
        AlertSeverity.ALARM,
        "4 products failed every try",
        [Action.RETRY_FAILED],
    )
    (cause,) = failures_by_cause(records(world).summaries)
    assert cause.given_up == 4


def test_a_schema_that_azure_refuses_is_a_cause_with_azures_message(world: World) -> None:
    message = "Invalid schema for response_format 'product_content': 'maxLength' is not permitted."
    refusal = {"status": 400, "code": "invalid_request_error", "message": message}
    world.emulator.faults({"on": "request", "times": None, "effect": refusal})
    world.drive(world.prepare().batch_id)
    (cause,) = failures_by_cause(records(world).summaries)
    assert (cause.outcome, cause.products) == (Outcome.REQUEST_FAILED, 4)
    assert "Invalid schema for response_format" in cause.sample
    world.emulator.clear_faults()
    world.emulator.advance(2 * world.settings.retry_delay_seconds)
    world.drive(world.prepare().batch_id)
    assert failures_by_cause(records(world).summaries) == []


def test_a_reached_cap_is_a_warning_that_goes_when_the_cap_is_raised(world: World) -> None:
    world.set(max_run_cost=2.5 * world.worst_cost())
    run = world.run()
    alert = only_alert(world)
    assert (alert.severity, alert.run_id) == (AlertSeverity.WARNING, run.run_id)
    assert "MAX_RUN_COST" in alert.why
    assert "2 products wait" in alert.why
    (wait,) = waits(world)
    assert (wait.kind, wait.products) == (WaitReason.CAP, 2)
    world.set(max_run_cost=0)
    assert world.run().status == RunStatus.COMPLETED
    assert (alerts(records(world)), waits(world)) == ([], [])


def test_a_stuck_batch_is_an_alarm_with_actions(world: World) -> None:
    batch = world.prepare()
    update = {"needs_attention": "Its lifecycle was started 10 times."}
    world.services.batches.modify(batch.batch_id, lambda current: current.model_copy(update=update))
    alert = only_alert(world)
    assert (alert.severity, alert.batch_id) == (AlertSeverity.ALARM, batch.batch_id)
    assert alert.acts == [Action.PROCESS_RESULTS, Action.CANCEL]


def test_a_batch_of_a_run_that_only_builds_can_be_submitted_from_its_warning(world: World) -> None:
    world.services.runs.create(Run(run_id="built", submit=False, created_at=clock.utcnow()))
    batch = world.prepare()
    world.services.batches.modify(
        batch.batch_id, lambda current: current.model_copy(update={"run_id": "built"})
    )
    assert only_alert(world).acts == [Action.SUBMIT, Action.CANCEL]


def test_a_run_whose_categories_could_not_be_prepared_is_an_alarm(world: World) -> None:
    ended = {"status": RunStatus.FAILED, "error_message": "electric-guitars: storage was throttled"}
    world.services.runs.create(Run(run_id="1", created_at=clock.utcnow(), **ended))
    alert = only_alert(world)
    assert (alert.severity, alert.why) == (AlertSeverity.ALARM, "electric-guitars: storage was throttled")


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
            b"sku,name,category,msrp_price\nA-1,Alpha,Pianos,1.00\nA-2,,Pianos,2.00\n,Gamma,Pianos,3.00\n",
            AlertSeverity.WARNING,
            "An import rejected 2 of 3 rows",
        ),
        (b"\xff\xfe\x00garbage", AlertSeverity.ALARM, "An import failed"),
    ],
    ids=["half bad", "no text"],
)
def test_a_bad_import_is_an_alert_until_a_person_has_seen_it(
    world: World, body: bytes, severity: AlertSeverity, title: str
) -> None:
    imported(world, body)
    alert = only_alert(world)
    assert (alert.severity, alert.title, alert.acts) == (
        severity,
        title,
        [Action.SHOW_IMPORT, Action.MARK_SEEN],
    )
    for _ in range(7):  # more than the overview lists
        world.emulator.advance(60)
        imported(world, b"sku,name,category\nA-1,Alpha,Pianos\nA-2,Beta,Pianos\n")
    assert only_alert(world).import_id == alert.import_id
    mark_seen(world.services.imports, alert.import_id or "")
    assert alerts(records(world)) == []
    assert world.services.imports.unseen_ids() == []


def test_a_category_of_no_known_family_is_named_until_the_shop_maps_it(world: World) -> None:
    imported(world, b"sku,name,category\nA-1,Alpha,Klangspielzeug\nA-2,Beta,Kabel\nA-3,Gamma,\n")
    alert = only_alert(world)
    assert alert.severity == AlertSeverity.WARNING
    assert alert.title == "No instrument family is known of 2 categories"
    assert "Klangspielzeug, uncategorised" in alert.why
    assert "CATEGORY_FAMILIES" in alert.why
    world.set(category_families={"klangspielzeug": Family.DRUMS, "uncategorised": Family.OTHER})
    assert alerts(records(world)) == []


def test_a_reconciler_that_does_not_run_any_more_is_an_alarm(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RECONCILE_SCHEDULE", "0 */5 * * * *")
    world.services.audit_log.timer_ran("reconcile", "0 started again")
    assert alerts(records(world)) == []
    world.emulator.advance(16 * 60)
    assert only_alert(world).title == "The reconciler is overdue"


def test_a_queued_run_is_a_wait(world: World) -> None:
    world.services.runs.create(Run(run_id="1", created_at=clock.utcnow()))
    assert [wait.on for wait in waits(world)] == ["another run to finish preparing"]


def test_audit_entries_come_newest_first_and_old_ones_are_deleted(world: World) -> None:
    audit_log = world.services.audit_log
    for did in ("first", "second", "third"):
        audit_log.record("key 1", did)
        world.emulator.advance(60)
    assert [entry.did for entry in audit_log.latest(2)] == ["third", "second"]
    assert audit_log.forget(clock.utcnow() - timedelta(seconds=90)) == 2
    assert [entry.did for entry in audit_log.latest(9)] == ["third"]
