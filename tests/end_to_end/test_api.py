"""The HTTP API for a new caller: keys, wrong calls, and errors that say what to do."""

import json
import re
import subprocess
import sys
import time
from collections.abc import Callable
from typing import Any

import pytest
import requests

from local.azurite import ACCOUNT_KEY
from local.local_settings import READ_API_KEY, LocalSettings
from local.processes import ROOT
from tests.end_to_end.conftest import Json, Machine

ROW = "sku,name,category\nA-1,Alpha,Pianos\nA-2,Beta,Pianos\n"
# Routes without data of the shop, and their status when they are called without a key.
OPEN = {
    ("GET", "/api/v1/health"): 200,
    ("GET", "/api/v1/openapi.json"): 200,
    ("GET", "/api/v1/docs"): 200,
    ("GET", "/api/v1/dashboard"): 200,
    ("GET", "/api/v1/dashboard/files/{folder}/{name}"): 404,
}

# Routes that need a signature. Without one they return 401, as the others do without a key.
SIGNED = {("POST", "/api/v1/webhooks/azure-openai")}

# POST routes that a reading key may call, and GET routes that it may not: the lines of batches contain the
# shop's prompts.
READING = {("POST", "/api/v1/batch/estimate")}
SPENDING = {("GET", "/api/v1/batch/file/{batch_id}")}


def error_of(response: requests.Response) -> Json:
    assert response.headers["Content-Type"] == "application/json"
    body = response.json()
    assert set(body) == {"error"}
    assert set(body["error"]) == {"code", "message", "details"}
    return dict(body["error"])


def routes() -> list[tuple[str, str]]:
    """Return every method and route that the app registers, read from the app in a separate process."""
    program = (
        "import json; from function_app import app\n"
        "found = []\n"
        "for f in app.get_functions():\n"
        "    for b in f.get_bindings_dict()['bindings']:\n"
        "        if b['type'] == 'httpTrigger':\n"
        "            assert str(b['authLevel']).lower().endswith('anonymous'), b\n"
        "            found += [(str(getattr(m, 'value', m)), '/api/' + b['route']) for m in b['methods']]\n"
        "print(json.dumps(found))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=ROOT,
        env=LocalSettings().app_environment(),
        capture_output=True,
        text=True,
        check=True,
    )
    return [(method, route) for method, route in json.loads(done.stdout)]


def test_every_route_outside_the_allow_list_asks_for_the_key(machine: Machine) -> None:
    found = routes()
    assert len(found) >= 11
    for method, route in found:
        path = re.sub(r"\{\w+\}", "x", route)
        for key in (None, "", "wrong", "local-ke", "local-keyy", "café"):
            headers = {} if key is None else {"X-API-Key": key.encode()}
            response = machine.request(method, path, key=None, headers=headers)
            if (method, route) in OPEN:
                assert response.status_code == OPEN[(method, route)]
            else:
                assert (response.status_code, error_of(response)["code"]) == (401, "unauthorized"), route


def test_a_read_key_works_on_the_routes_that_read_and_on_no_other(machine: Machine) -> None:
    """A new route is forbidden for a reading key until it is added to the list."""
    before = machine.ledger()
    for method, route in routes():
        path = re.sub(r"\{\w+\}", "x", route)
        response = machine.request(method, path, key=READ_API_KEY)
        reads = (method == "GET" and (method, route) not in SPENDING) or (method, route) in READING
        if (method, route) in SIGNED:
            assert response.status_code == 401
        elif reads:
            assert response.status_code not in (401, 403), route
        else:
            assert (response.status_code, error_of(response)["code"]) == (403, "forbidden"), route
    assert machine.ledger() == before


def test_the_location_of_an_accepted_call_is_the_apps_own_and_contains_no_key(machine: Machine) -> None:
    response = machine.request("POST", "/api/v1/batch/pipeline?category_limit=1")
    assert response.status_code == 202
    run_id = response.json()["run"]["run_id"]
    assert response.headers["Location"] == f"/api/v1/runs/{run_id}"
    assert "durabletask" not in response.text
    assert machine.request("GET", response.headers["Location"]).status_code == 200


@pytest.mark.parametrize(
    ("method", "path", "options", "status", "code", "message"),
    [
        ("GET", "/api/v1/batch/status/nope", {}, 404, "not_found", "There is no batch 'nope'"),
        ("GET", "/api/v1/batch/status/..%2Fx", {}, 404, "not_found", "There is no batch"),
        ("POST", "/api/v1/batch/submit/nope", {}, 404, "not_found", "There is no batch 'nope'"),
        ("POST", "/api/v1/batch/process-results/nope", {}, 404, "not_found", "There is no batch"),
        ("GET", "/api/v1/runs/nope", {}, 404, "not_found", "There is no run 'nope'"),
        ("GET", "/api/v1/imports/nope", {}, 404, "not_found", "There is no import 'nope'"),
        ("GET", "/api/v1/products/nope", {}, 404, "not_found", "There is no product 'nope'"),
        ("GET", "/api/v1/products/a%23b", {}, 404, "not_found", "There is no product"),
        ("POST", "/api/v1/batch/create?category_limit=-1", {}, 400, "invalid_request", "from 0 to 1000000"),
        ("POST", "/api/v1/batch/create?category_limit=3.5", {}, 400, "invalid_request", "whole number"),
        ("POST", "/api/v1/batch/pipeline?category_limit=%20", {}, 400, "invalid_request", "whole number"),
        ("POST", "/api/v1/batch/create?category=Kazoos", {}, 404, "not_found", "no category kazoos"),
        ("GET", "/api/v1/batch/list?limit=0", {}, 400, "invalid_request", "from 1 to 500"),
        ("GET", "/api/v1/batch/list?status=lost", {}, 400, "invalid_request", "in_progress"),
        ("POST", "/api/v1/products/import", {"data": b"x"}, 415, "unsupported_media_type", "text/csv"),
        (
            "POST",
            "/api/v1/products/import",
            {"data": b"", "headers": {"Content-Type": "text/csv"}},
            400,
            "invalid_request",
            "empty",
        ),
    ],
)
def test_a_wrong_call_gets_a_clear_error(
    machine: Machine, method: str, path: str, options: Json, status: int, code: str, message: str
) -> None:
    response = machine.request(method, path, **options)
    error = error_of(response)
    assert (response.status_code, error["code"]) == (status, code)
    assert message in error["message"]


def test_a_method_that_a_route_does_not_have_is_not_found_as_under_the_real_host(machine: Machine) -> None:
    assert machine.request("GET", "/api/v1/batch/create").status_code == 404
    assert machine.request("GET", "/api/v1/nowhere").status_code == 404


def test_a_batch_is_created_then_submitted_once(machine: Machine, import_text: Callable[[str], Json]) -> None:
    import_text(ROW)
    created = machine.client.create(1, ["Pianos"])
    answer = machine.client.follow_run(created["run_id"], lambda _: None, interval=0.2)
    assert answer["run"]["status"] == "completed"
    [batch] = answer["batches"]
    batch_id = batch["batch_id"]
    assert (batch["status"], batch["product_count"]) == ("created", 1)
    assert jobs_of(machine, batch_id) == []
    early = machine.request("POST", f"/api/v1/batch/process-results/{batch_id}")
    assert (early.status_code, error_of(early)["code"]) == (409, "wrong_state")
    assert machine.request("POST", f"/api/v1/batch/submit/{batch_id}").status_code == 202
    again = machine.request("POST", f"/api/v1/batch/submit/{batch_id}")
    assert (again.status_code, error_of(again)["code"]) == (409, "wrong_state")
    done = wait_for(machine, batch_id, "completed")
    assert done["counts"]["by_outcome"] == {"stored": 1}
    for _ in range(2):
        repeated = machine.request("POST", f"/api/v1/batch/process-results/{batch_id}")
        assert (repeated.status_code, repeated.json()["batch"]) == (200, done)
    assert [job["requests_completed"] for job in jobs_of(machine, batch_id)] == [1]
    listed = machine.client.batches(500)
    assert [item["created_at"] for item in listed] == sorted(
        (item["created_at"] for item in listed), reverse=True
    )
    assert batch_id in {item["batch_id"] for item in listed}


def jobs_of(machine: Machine, batch_id: str) -> list[Json]:
    return [job for job in machine.ledger()["jobs"] if job["metadata"]["batch_id"] == batch_id]


def wait_for(machine: Machine, batch_id: str, status: str) -> Json:
    for _ in range(200):
        batch = machine.client.batch(batch_id)
        if batch["status"] == status:
            return batch
        machine.client.process_results(batch_id)
        time.sleep(0.1)
    raise AssertionError(f"batch {batch_id} does not become {status}: {batch}")


def test_no_answer_holds_a_secret(machine: Machine) -> None:
    paths = ["health", "batch/list", "batch/products/status"]
    texts = [machine.request("GET", f"/api/v1/{path}").text for path in paths]
    for secret in (ACCOUNT_KEY, "emulator-key", "local-key"):
        assert not any(secret in text for text in texts)


def test_health_says_what_it_checked(machine: Machine) -> None:
    answer: Any = machine.request("GET", "/api/v1/health", key=None).json()
    assert answer == {"status": "ok", "checks": {"settings": "ok", "storage": "ok", "azure_openai": "ok"}}
