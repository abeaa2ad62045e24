"""The host killed with -9 while work is under way: it goes on where it was, and nothing is paid twice."""

import time
from collections.abc import Iterator

import pytest

from tests.end_to_end.conftest import Json, Machine, running_machine

ROWS = "sku,name,category\n" + "".join(f"S-{n},Product {n},Category {n % 3}\n" for n in range(30))


@pytest.fixture(scope="module")
def machine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Machine]:
    data = tmp_path_factory.mktemp("machine")
    (data / "catalogue.csv").write_text(ROWS, encoding="utf-8")
    with running_machine(data, job_seconds=4.0) as made:
        report = made.client.import_file(data / "catalogue.csv")
        assert report["created"] == 30
        yield made


def states(machine: Machine, run_id: str) -> list[str]:
    return [batch["status"] for batch in machine.client.run(run_id)["batches"]]


def finished(machine: Machine, run_id: str) -> Json:
    return machine.client.follow_run(run_id, lambda _: None, interval=0.2)


def test_a_host_that_is_killed_while_batches_wait_finishes_them(machine: Machine) -> None:
    run_id = machine.client.pipeline(1)["run_id"]
    for _ in range(300):
        if states(machine, run_id) == ["in_progress"] * 3:
            break
        time.sleep(0.05)
    assert states(machine, run_id) == ["in_progress"] * 3
    machine.kill_host()
    machine.start_host()
    answer = finished(machine, run_id)
    assert answer["run"]["status"] == "completed"
    assert answer["run"]["counts"]["by_outcome"] == {"stored": 3}
    jobs = machine.ledger()["jobs"]
    assert sorted(job["metadata"]["batch_id"] for job in jobs) == sorted(
        batch["batch_id"] for batch in answer["batches"]
    )


@pytest.mark.parametrize("after", [0.0, 0.15, 0.4, 1.0])
def test_a_host_that_is_killed_at_any_time_pays_once(machine: Machine, after: float) -> None:
    before = machine.ledger()
    run_id = machine.client.pipeline(1)["run_id"]
    time.sleep(after)
    machine.kill_host()
    machine.start_host()
    answer = finished(machine, run_id)
    assert answer["run"]["status"] == "completed"
    ledger = machine.ledger()
    charged = ledger["requests"]["charged"] - before["requests"]["charged"]
    assert charged == answer["run"]["request_count"] == answer["run"]["counts"]["by_outcome"].get("stored", 0)
    assert all(times == 1 for by_locale in ledger["products"].values() for times in by_locale.values())


def test_an_orchestration_that_is_lost_is_started_again(machine: Machine) -> None:
    """Everything that the host remembers is deleted under a waiting batch; the reconciler finds the batch."""
    status = machine.client.products_status()["totals"]
    if not status.get("pending"):
        pytest.fail("the tests before leave products for this one")
    run_id = machine.client.pipeline(1)["run_id"]
    for _ in range(300):
        found = states(machine, run_id)
        if found and set(found) == {"in_progress"}:
            break
        time.sleep(0.05)
    machine.kill_host()
    for path in (machine.settings.data / "host").iterdir():
        path.unlink()
    machine.start_host()
    assert machine.request("POST", "/admin/functions/reconcile", json={}).status_code == 202
    answer = finished(machine, run_id)
    assert answer["run"]["status"] == "completed"
    assert len(machine.ledger()["jobs"]) == len(
        {job["metadata"]["batch_id"] for job in machine.ledger()["jobs"]}
    )
