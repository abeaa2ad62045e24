"""Events of jobs that have ended, over blobs: they only make the next check come sooner.

Polling would look after half a minute; no test waits for that long.
"""

import time
from collections.abc import Callable, Iterator
from typing import Any, TypeVar

import orjson
import pytest
import requests

from local.local_settings import WEBHOOK_SECRET
from local.openai_emulator.webhook_delivery import signature
from tests.end_to_end.conftest import Json, Machine, running_machine

Found = TypeVar("Found")

HOOK = "/api/v1/webhooks/azure-openai"
CATEGORIES = ("Forged", "Old", "Missing", "Doubled", "Late", "Plain")
ROWS = "sku,name,category\n" + "".join(f"{name},{name} thing,{name}\n" for name in CATEGORIES)


@pytest.fixture(scope="module")
def machine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Machine]:
    data = tmp_path_factory.mktemp("machine")
    (data / "catalogue.csv").write_text(ROWS, encoding="utf-8")
    settings = {"TRANSFER_MODE": "blob", "POLL_INITIAL_SECONDS": "30", "POLL_MAX_SECONDS": "30"}
    with pytest.MonkeyPatch.context() as environment:
        for name, value in settings.items():
            environment.setenv(name, value)
        with running_machine(data, webhooks=True) as made:
            made.client.import_file(data / "catalogue.csv")
            yield made


def sent(machine: Machine) -> list[Json]:
    url = f"http://127.0.0.1:{machine.settings.emulator_port}/emulator/webhooks"
    return list(requests.get(url, timeout=30).json()["webhooks"])


def batch_of(machine: Machine, category: str) -> Json:
    """The batch of a category, once a run has made it."""
    run_id = machine.client.pipeline(0, [category])["run_id"]
    return dict(wait_for(lambda: next(iter(machine.client.run(run_id)["batches"]), {})))


def wait_for(look: Callable[[], Found], seconds: float = 15) -> Found:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if found := look():
            return found
        time.sleep(0.05)
    raise AssertionError(f"{look} returned nothing for {seconds} seconds")


def status(machine: Machine, batch: Json) -> Json:
    return dict(machine.request("GET", f"/api/v1/batch/status/{batch['batch_id']}").json()["batch"])


def job_of(machine: Machine, batch: Json) -> Json:
    jobs = machine.ledger()["jobs"]
    return next((job for job in jobs if batch["batch_id"] in job["input_blob"]), {})


def completed(machine: Machine, batch: Json) -> Json:
    def look() -> Any:
        found = status(machine, batch)
        return found if found["status"] == "completed" else None

    return dict(wait_for(look))


def assert_once(machine: Machine, category: str, batch: Json) -> None:
    assert status(machine, batch)["counts"]["by_outcome"] == {"stored": 1}
    ledger = machine.ledger()
    assert set(ledger["products"][f"{category} thing"].values()) == {1}
    assert (ledger["files"]["uploaded"], ledger["files"]["written"]) == (0, 0)


def test_a_job_that_has_ended_is_checked_at_once(machine: Machine) -> None:
    batch = completed(machine, batch_of(machine, "Plain"))
    assert_once(machine, "Plain", batch)
    assert [event["status"] for event in sent(machine)] == [200]


@pytest.mark.parametrize(
    ("category", "effect", "statuses", "wakes"),
    [
        ("Forged", {"forged": True}, [401], False),
        ("Old", {"dated": -600}, [401], False),
        ("Missing", {"copies": 0}, [], False),
        ("Doubled", {"copies": 2}, [200, 200], True),
        ("Late", {"delay": 2}, [200], True),
    ],
)
def test_a_duplicate_late_or_missing_event_changes_only_the_delay(
    machine: Machine, category: str, effect: Json, statuses: list[int], wakes: bool
) -> None:
    before = len(sent(machine))
    machine.faults({"on": "webhook", "effect": effect})
    batch = batch_of(machine, category)
    if wakes:
        completed(machine, batch)
        if category == "Doubled":
            wait_for(lambda: all(event["attempts"] for event in sent(machine)))
    else:
        wait_for(lambda: job_of(machine, batch).get("status") == "completed")
        wait_for(lambda: all(event["attempts"] for event in sent(machine)))
        time.sleep(0.5)
        assert status(machine, batch)["status"] == "in_progress"
        # Polling finds it; a person need not wait for that.
        machine.request("POST", f"/api/v1/batch/process-results/{batch['batch_id']}")
        completed(machine, batch)
    assert [event["status"] for event in sent(machine)[before:]] == statuses
    assert_once(machine, category, batch)


@pytest.mark.parametrize(
    ("event", "answer"),
    [
        ({"type": "batch.completed", "data": {"id": "batch_of-nobody"}}, {"woken": False}),
        ({"type": "response.completed", "data": {"id": "resp_1"}}, {"woken": False}),
        ({"type": "batch.completed"}, {"woken": False}),
        ([], {"woken": False}),
    ],
)
def test_a_signed_event_about_an_unknown_job_is_accepted(machine: Machine, event: Json, answer: Json) -> None:
    response = post(machine, orjson.dumps(event).decode())
    assert (response.status_code, response.json()) == (200, answer)


def test_what_is_not_signed_is_refused_with_what_was_expected(machine: Machine) -> None:
    body = orjson.dumps({"type": "batch.completed", "data": {"id": "batch_x"}}).decode()
    for response in (
        machine.request("POST", HOOK, key=None, data=body),
        machine.request("POST", HOOK, data=body),  # a key is no signature
        post(machine, body, secret="whsec_b3RoZXI="),
        post(machine, body, at=time.time() - 400),
        post(machine, body, at=time.time() + 400),
    ):
        assert response.status_code == 401
        assert "OPENAI_WEBHOOK_SECRET" in response.json()["error"]["message"]
        assert WEBHOOK_SECRET not in response.text


def test_a_signed_event_that_cannot_be_read_is_a_wrong_request(machine: Machine) -> None:
    long_id = orjson.dumps({"type": "batch.completed", "data": {"id": "x" * 2000}}).decode()
    for body in ("no JSON", "[" * 50_000 + "]" * 50_000, long_id):
        assert post(machine, body).status_code == 400
    assert post(machine, "x" * 200_000).status_code == 413


def post(
    machine: Machine, body: str, secret: str = WEBHOOK_SECRET, at: float | None = None
) -> requests.Response:
    stamp = str(int(at or time.time()))
    headers = {
        "Content-Type": "application/json",
        "webhook-id": "wh_1",
        "webhook-timestamp": stamp,
        "webhook-signature": signature(secret, "wh_1", stamp, body),
    }
    return machine.request("POST", HOOK, key=None, data=body.encode(), headers=headers)
