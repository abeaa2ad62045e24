"""What a shop's engineers do with the API besides importing, running and reading."""

import time
from collections.abc import Callable
from typing import Any

import orjson
import pytest
import requests

from local.local_settings import READ_API_KEY
from shared.content.locales import LOCALES
from tests.end_to_end.conftest import Json, Machine

ROWS = "sku,name,brand,category\n" + "".join(
    f"B-{n},Beta {n},{'Veskar' if n % 2 else 'Grimholt'},Organs\n" for n in range(6)
)


@pytest.fixture(scope="module")
def shop(machine: Machine) -> Machine:
    """The machine with six organs in its catalogue."""
    imported(machine, ROWS.encode())
    return machine


def imported(machine: Machine, body: bytes, path: str = "/api/v1/products/import", **headers: str) -> Json:
    headers = headers or {"Content-Type": "text/csv"}
    response = machine.request("POST", path, data=body, headers=headers)
    assert response.status_code == 202, response.text
    return finished(machine, response.headers["Location"], "import")


def finished(machine: Machine, location: str, what: str) -> Json:
    """Return the record at a Location, once it is final."""
    for _ in range(300):
        record = dict(machine.request("GET", location).json()[what])
        if record["status"] in ("completed", "failed", "cancelled", "expired"):
            return record
        time.sleep(0.1)
    raise AssertionError(f"{location} does not end: {record}")


def error(response: requests.Response) -> Json:
    return dict(response.json()["error"])


def test_a_repeated_call_with_its_key_is_one_run(shop: Machine) -> None:
    path, headers = "/api/v1/batch/create?category=Organs&category_limit=1", {"Idempotency-Key": "tonight"}
    first, second = (shop.request("POST", path, headers=headers) for _ in range(2))
    assert (first.status_code, second.status_code) == (202, 202)
    assert first.json()["run"]["run_id"] == second.json()["run"]["run_id"]
    assert finished(shop, first.headers["Location"], "run")["batch_count"] == 1
    other = shop.request("POST", path.replace("limit=1", "limit=2"), headers=headers)
    assert (other.status_code, error(other)["code"]) == (422, "idempotency_key_reused")
    again = shop.request("POST", path, headers={"Idempotency-Key": "tomorrow"})
    assert again.json()["run"]["run_id"] != first.json()["run"]["run_id"]
    finished(shop, again.headers["Location"], "run")


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/api/v1/batch/list", 200),
        ("GET", "/api/v1/batch/products/status", 200),
        ("GET", "/api/v1/runs", 200),
        ("GET", "/api/v1/products?category=Organs", 200),
        ("GET", "/api/v1/products/B-0", 200),
        ("POST", "/api/v1/batch/pipeline", 403),
        ("POST", "/api/v1/batch/create", 403),
        ("POST", "/api/v1/batch/cancel/x", 403),
        ("POST", "/api/v1/products/import", 403),
        ("POST", "/api/v1/products/upload-url?format=csv", 403),
        ("POST", "/api/v1/products/B-0/preview", 403),
        ("POST", "/api/v1/products/regenerate", 403),
        ("GET", "/api/v1/batch/file/x?kind=input", 403),
    ],
)
def test_a_key_that_reads_does_not_spend(shop: Machine, method: str, path: str, status: int) -> None:
    response = shop.request(method, path, key=READ_API_KEY)
    assert response.status_code == status
    if status == 403:
        assert error(response)["code"] == "forbidden"


def test_a_misspelt_parameter_is_refused_and_starts_nothing(shop: Machine) -> None:
    before = shop.request("GET", "/api/v1/runs").json()["runs"]
    response = shop.request("POST", "/api/v1/batch/pipeline?category_limt=1")
    assert (response.status_code, error(response)["code"]) == (400, "invalid_request")
    assert "category_limt" in error(response)["message"]
    assert shop.request("GET", "/api/v1/runs").json()["runs"] == before


def test_a_large_file_is_uploaded_to_a_signed_url_that_allows_nothing_else(shop: Machine) -> None:
    answer = shop.request("POST", "/api/v1/products/upload-url?format=csv").json()
    early = shop.request("POST", answer["location"])
    assert (early.status_code, error(early)["code"]) == (404, "not_found")
    put = requests.put(
        answer["upload_url"], data=ROWS.encode(), headers={"x-ms-blob-type": "BlockBlob"}, timeout=30
    )
    assert put.status_code == 201
    assert requests.get(answer["upload_url"], timeout=30).status_code == 403
    other = answer["upload_url"].replace(answer["blob"].split("/")[1], "other.csv")
    refused = requests.put(other, data=b"x", headers={"x-ms-blob-type": "BlockBlob"}, timeout=30)
    assert refused.status_code == 403
    response = shop.request("POST", answer["location"])
    assert response.status_code == 202
    assert finished(shop, response.headers["Location"], "import")["rows"] == 6
    for blob in ("batches/x/input.jsonl", "../secret.csv", "uploads/x.csv"):
        assert shop.request("POST", f"/api/v1/products/import?blob={blob}").status_code == 400


@pytest.mark.parametrize(
    ("media_type", "body"),
    [
        (
            "application/json",
            b'[{"sku": "J-1", "name": "Jay", "category": "Harps", "specs": {"s": 47}}]',
        ),
        ("application/x-ndjson", b'{"sku": "J-2", "name": "Jay", "category": "Harps"}\n\n{"sku": "J-3"}\n'),
        ("text/csv; charset=utf-8", '﻿sku;name;category\r\nJ-4;"Jay\r\nFour";Harps\r\n'.encode()),
    ],
)
def test_json_lines_and_csv_of_every_make_are_read(shop: Machine, media_type: str, body: bytes) -> None:
    report = imported(shop, body, **{"Content-Type": media_type})
    assert (report["status"], report["created"]) == ("completed", 1)


def test_products_are_paged_by_category_and_status(shop: Machine) -> None:
    first = shop.request("GET", "/api/v1/products?category=Organs&limit=4").json()
    second = shop.request(
        "GET", f"/api/v1/products?category=Organs&limit=4&after={first['next_after']}"
    ).json()
    ids = [product["product_id"] for product in first["products"] + second["products"]]
    assert (ids, second["next_after"]) == ([f"B-{n}" for n in range(6)], None)
    failed = shop.request("GET", "/api/v1/products?category=Organs&status=failed").json()
    assert failed["products"] == []
    assert shop.request("GET", "/api/v1/products").status_code == 400


def test_a_preview_is_judged_and_stored_nowhere(shop: Machine) -> None:
    before = shop.ledger()["requests"]
    response = shop.request("POST", "/api/v1/products/B-5/preview", json={"locales": ["de-DE", "fr-FR"]})
    answer = response.json()
    assert (response.status_code, set(answer["locales"])) == (200, {"de-DE", "fr-FR"})
    for locale in answer["locales"].values():
        assert locale["outcome"] == "stored"
        assert locale["content"]["basic_info"]["overview"]
        assert locale["completion_tokens"] > 50
    assert answer["cost"] > 0
    after = shop.ledger()["requests"]
    assert after["online"] - before["online"] == 2
    product = shop.client.product("B-5")
    assert (product["tries"], product["openai_processing_status"]) == ({}, "pending")


@pytest.mark.parametrize(
    ("effect", "status", "text"),
    [
        ({"status": 500}, 503, "refused the online call (HTTP 500"),
        ({"refusal": True}, 200, "refused"),
        ({"content_filter": True}, 200, "content_filtered"),
        ({"finish_reason": "length"}, 200, "truncated"),
    ],
)
def test_a_preview_that_fails_says_so(shop: Machine, effect: Json, status: int, text: str) -> None:
    shop.faults({"on": "chat.completions", "effect": effect, "times": 2 if status == 503 else 1})
    response = shop.request("POST", "/api/v1/products/B-5/preview")
    assert response.status_code == status
    assert text in response.text


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b'{"locales": ["xx-XX"]}', "xx-XX"),
        (b'{"local": []}', "local"),
        (b"[]", "JSON object"),
        (b"{", "not JSON"),
    ],
)
def test_a_wrong_body_is_refused(shop: Machine, body: bytes, message: str) -> None:
    response = shop.request("POST", "/api/v1/products/B-5/preview", data=body)
    assert (response.status_code, error(response)["code"]) == (400, "invalid_request")
    assert message in error(response)["message"]


def test_the_files_of_a_batch_can_be_downloaded(shop: Machine) -> None:
    answer = shop.run(1, ["Organs"])
    [batch] = answer["batches"]
    path = f"/api/v1/batch/file/{batch['batch_id']}?kind="
    counts = {}
    for kind in ("input", "output", "errors"):
        files = shop.request("GET", path + kind).json()["files"]
        texts = [requests.get(file["url"], timeout=30) for file in files]
        assert all(text.status_code == 200 for text in texts)
        assert [len(text.content) for text in texts] == [file["bytes"] for file in files]
        lines = b"".join(text.content for text in texts).splitlines()
        counts[kind] = len({orjson.loads(line)["custom_id"] for line in lines})
    assert counts == {"input": 1, "output": 1, "errors": 0}
    assert shop.request("GET", path + "secrets").status_code == 400
    assert shop.request("GET", "/api/v1/batch/file/nope?kind=input").status_code == 404


def test_a_test_batch_is_built_and_not_sent(shop: Machine) -> None:
    jobs = len(shop.ledger()["jobs"])
    response = shop.request("POST", "/api/v1/batch/create-test?products_per_category=2&category=Harps")
    run = finished(shop, response.headers["Location"], "run")
    assert (run["trigger"], run["submit"], run["batch_count"]) == ("test", False, 1)
    assert len(shop.ledger()["jobs"]) == jobs
    too_many = shop.request("POST", "/api/v1/batch/create-test?products_per_category=51")
    assert "from 1 to 50" in error(too_many)["message"]


def test_a_batch_is_cancelled_once_and_says_when_it_is_too_late(shop: Machine) -> None:
    run = shop.client.create(1, ["Organs"])
    answer = shop.client.follow_run(run["run_id"], lambda _: None, interval=0.2)
    batch_id = answer["batches"][0]["batch_id"]
    path = f"/api/v1/batch/cancel/{batch_id}"
    response = shop.request("POST", path)
    assert response.status_code == 202
    assert response.json()["batch"]["cancel_requested_at"]
    done = finished(shop, response.headers["Location"], "batch")
    assert (done["status"], done["counts"]["by_outcome"]) == ("cancelled", {"cancelled": 1})
    assert [job for job in shop.ledger()["jobs"] if job["metadata"]["batch_id"] == batch_id] == []
    late = shop.request("POST", path)
    assert (late.status_code, error(late)["details"]["state"]) == (409, "cancelled")
    assert shop.request("POST", "/api/v1/batch/cancel/nope").status_code == 404


def test_status_refresh_asks_azure(shop: Machine) -> None:
    shop.faults({"on": "job", "effect": {"job_seconds": 4}})
    run = shop.client.pipeline(1, ["Organs"])
    for _ in range(100):
        batches = shop.client.run(run["run_id"])["batches"]
        if batches and batches[0]["status"] == "in_progress":
            break
        time.sleep(0.05)
    batch_id = batches[0]["batch_id"]
    fresh = shop.request("GET", f"/api/v1/batch/status/{batch_id}?refresh=true").json()["batch"]
    assert fresh["job_status"] in ("validating", "in_progress", "finalizing", "completed")
    shop.client.follow_run(run["run_id"], lambda _: None, interval=0.2)
    assert shop.request("GET", f"/api/v1/batch/status/{batch_id}?refresh=perhaps").status_code == 400


def test_regenerating_makes_a_product_wait_and_says_how_many(shop: Machine) -> None:
    completed = shop.request("GET", "/api/v1/products?category=Organs&status=completed").json()["products"]
    product_id = completed[0]["product_id"]
    response = shop.request(
        "POST", "/api/v1/products/regenerate", json={"product_ids": [product_id], "locales": ["it-IT"]}
    )
    assert response.status_code == 202
    assert finished(shop, response.headers["Location"], "requeueing")["products"] == 1
    product = shop.client.product(product_id)
    assert product["openai_processing_status"] == "pending"
    assert all(product["content"]["ai_generated_content"][locale] for locale in LOCALES)
    for body, status in (({}, 400), ({"product_ids": ["nope"]}, 404), ({"categories": ["Kazoos"]}, 404)):
        assert shop.request("POST", "/api/v1/products/regenerate", json=body).status_code == status


def test_what_a_full_feed_leaves_out_is_gone(shop: Machine, import_text: Callable[[str], Json]) -> None:
    everything = ROWS + "J-1,Jay,,Harps\nJ-2,Jay,,Harps\nJ-4,Jay Four,,Harps\n"
    assert import_text(everything)["status"] == "completed"
    body = everything.replace("B-0,Beta 0,Grimholt,Organs\n", "").encode()
    tried = imported(shop, body, "/api/v1/products/import?full_feed=true&dry_run=true")
    assert (tried["absent"], tried["discontinued"], tried["unchanged"]) == (1, 0, 8)
    assert shop.request("GET", "/api/v1/products/B-0").status_code == 200
    assert imported(shop, body, "/api/v1/products/import?full_feed=true")["discontinued"] == 1
    response = shop.request("GET", "/api/v1/products/B-0")
    assert (response.status_code, error(response)["code"]) == (410, "discontinued")
    import_text(everything)
    assert shop.request("GET", "/api/v1/products/B-0").status_code == 200


def test_products_that_are_in_none_of_the_named_categories_are_refused(shop: Machine) -> None:
    """An empty choice of categories would mean the whole catalogue, so the call must be refused."""
    imported(shop, b"sku,name,category\nH-1,Aitch,Harps\n")
    runs = shop.request("GET", "/api/v1/runs").json()
    chosen = {"product_ids": ["B-0"], "categories": ["Harps"]}
    query = "product_ids=B-0&category=Harps"
    for response in (
        shop.request("POST", "/api/v1/products/regenerate", json=chosen),
        *(
            shop.request("POST", f"/api/v1/batch/{name}?{query}")
            for name in ("estimate", "create", "pipeline")
        ),
    ):
        assert (response.status_code, error(response)["code"]) == (400, "invalid_request")
        assert "is in harps: they are in organs" in error(response)["message"]
    assert shop.request("GET", "/api/v1/runs").json() == runs


def test_an_estimate_says_what_a_run_would_cost_and_starts_nothing(shop: Machine) -> None:
    before = shop.ledger()
    answer = shop.request("POST", "/api/v1/batch/estimate?category=Organs", key=READ_API_KEY).json()
    [organs] = answer["categories"]
    assert organs["category"] == "organs"
    assert organs["requests"] >= organs["products"] > 0
    assert 0 < organs["cost"] < organs["most_cost"]
    assert answer["total"]["requests"] == organs["requests"]
    assert answer["month"]["used"]["cost"] > 0
    assert shop.ledger() == before


def test_the_description_and_its_page_are_open_and_load_nothing_from_elsewhere(shop: Machine) -> None:
    described: Any = shop.request("GET", "/api/v1/openapi.json", key=None).json()
    assert described["openapi"] == "3.1.0"
    assert "/api/v1/batch/create" in described["paths"]
    page = shop.request("GET", "/api/v1/docs", key=None)
    assert page.headers["Content-Type"].startswith("text/html")
    assert "default-src 'none'" in page.headers["Content-Security-Policy"]
    assert "<script" not in page.text
    assert "http://" not in page.text
    assert "https://" not in page.text
    assert all(f"{path}</code>" in page.text for path in described["paths"])
