"""What the API refuses: empty choices, bodies that are not read, hostile bodies and wrong keys."""

import socket
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import requests

from local.local_settings import API_KEY, READ_API_KEY
from tests.end_to_end.conftest import Json, Machine, running_machine
from tests.end_to_end.test_service import error, finished, imported

SECOND_SCRIPT = "ヤマハ"
ROWS = f"""sku,name,brand,category
D-1,String One,{SECOND_SCRIPT},Shamisen
D-2,String Two,Kieselton,Shamisen
D-3,String Three,Kieselton {SECOND_SCRIPT},三味線
D-4,Tuba One,Nordwind,"Brass, low"
D-5,Trumpet One,Nordwind,Brass
D-6,Drum One,Nordwind,Low
"""
STARTS = ["batch/create", "batch/pipeline", "batch/create-test", "products/regenerate", "exports"]


@pytest.fixture(scope="module")
def shop(machine: Machine) -> Machine:
    imported(machine, ROWS.encode())
    return machine


def post(machine: Machine, path: str, **options: Any) -> requests.Response:
    return machine.request("POST", f"/api/v1/{path}", **options)


def records(machine: Machine) -> tuple[int, Json]:
    return len(machine.request("GET", "/api/v1/runs?limit=500").json()["runs"]), machine.ledger()


def estimated(machine: Machine, path: str = "batch/estimate", **options: Any) -> dict[str, int]:
    """Products by category of an estimate."""
    response = post(machine, path, **options)
    assert response.status_code == 200, response.text
    return {each["category"]: each["products"] for each in response.json()["categories"]}


@pytest.mark.parametrize(
    "query",
    [
        "brand=",
        "brand=+",
        "brand=%E2%80%8B",
        "category=,",
        "category=",
        "product_ids=%20,%20&category_limit=1",
        "locales=,",
        "category_limit=",
    ],
)
@pytest.mark.parametrize("path", ["batch/estimate", "batch/create", "batch/pipeline"])
def test_a_filter_in_the_query_that_says_nothing_is_refused(shop: Machine, path: str, query: str) -> None:
    before = records(shop)
    response = post(shop, f"{path}?{query}")
    assert (response.status_code, error(response)["code"]) == (400, "invalid_request")
    assert query.partition("=")[0] in error(response)["message"]
    assert records(shop) == before


@pytest.mark.parametrize(
    ("path", "body"),
    [
        *((path, {"locales": []}) for path in ("batch/pipeline", "products/regenerate", "exports")),
        ("batch/create", {"brand": " "}),
        ("batch/create", {"brand": None}),
        ("batch/create", {"category": []}),
        ("batch/create", {"category": [""]}),
        ("batch/create", {"product_ids": []}),
        ("batch/create", {"nosuch": 1}),
        ("batch/create", {"category_limit": False}),
        ("batch/create", {"category_limit": None}),
        ("batch/create", []),
        ("batch/create-test", {"category": ["\u200b"]}),
        ("exports", {"categories": [" "]}),
        ("products/regenerate", {"brand": ""}),
        ("products/regenerate", {}),
        ("products/D-1/preview", {"locales": []}),
    ],
)
def test_a_filter_in_the_body_that_says_nothing_is_refused(shop: Machine, path: str, body: Any) -> None:
    before = records(shop)
    response = post(shop, path, json=body)
    assert (response.status_code, error(response)["code"]) == (400, "invalid_request")
    assert records(shop) == before


def test_a_problem_is_named_in_words_of_json(shop: Machine) -> None:
    response = post(shop, "batch/create", json={"category": "Shamisen"})
    assert response.status_code == 400
    assert error(response)["message"] == "category: input should be a valid list."


@pytest.mark.parametrize("path", STARTS)
@pytest.mark.parametrize(
    "body", [b"{oops", b'{"nosuch": 1}', b'"brand"', b'{"locales": ["de-DE"], "locales": ["fr-FR"]}', b"a=b"]
)
def test_a_body_that_cannot_be_read_starts_nothing(shop: Machine, path: str, body: bytes) -> None:
    before = records(shop)
    assert post(shop, path, data=body).status_code == 400
    assert records(shop) == before


@pytest.mark.parametrize("path", ["batch/submit/x", "batch/cancel/x", "batch/process-results/x"])
def test_a_body_or_a_parameter_that_a_call_does_not_read_is_refused(shop: Machine, path: str) -> None:
    assert post(shop, path, json={"brand": "Nobody"}).status_code == 400
    assert post(shop, f"{path}?brand=Nobody").status_code == 400
    assert post(shop, path, json={}).status_code == 404


def test_an_import_of_an_uploaded_file_reads_no_body(shop: Machine) -> None:
    blob = post(shop, "products/upload-url?format=csv").json()["blob"]
    assert post(shop, f"products/import?blob={blob}", data=b"sku,name\nX-1,One\n").status_code == 400
    assert post(shop, f"products/import?blob={blob}").status_code == 404


def test_arguments_come_in_the_query_or_in_the_body_and_not_in_both(shop: Machine) -> None:
    assert estimated(shop, json={"category": ["Shamisen"], "brand": "Kieselton"}) == {"shamisen": 1}
    assert estimated(shop, "batch/estimate?brand=Kieselton", json={"category": ["Shamisen"]}) == {
        "shamisen": 1
    }
    both = post(shop, "batch/estimate?brand=Kieselton", json={"brand": "Kieselton"})
    assert both.status_code == 400
    assert "in the query and in the body" in error(both)["message"]
    twice = post(shop, "batch/estimate?brand=Kieselton&brand=Nordwind")
    assert twice.status_code == 400
    assert "more than once" in error(twice)["message"]
    assert post(shop, "exports?categories=Kazoos").status_code == 404
    assert post(shop, "products/regenerate?product_ids=nope").status_code == 404


def test_a_brand_without_latin_letters_is_a_brand(shop: Machine) -> None:
    assert estimated(shop, json={"brand": SECOND_SCRIPT}) == {"shamisen": 1}
    assert list(estimated(shop, json={"brand": f"Kieselton {SECOND_SCRIPT}"}).values()) == [1]
    assert estimated(shop, json={"brand": "Kieselton"}) == {"shamisen": 1}
    assert estimated(shop, json={"brand": "ローランド"}) == {}
    assert estimated(shop, json={"brand": SECOND_SCRIPT, "product_ids": ["D-2"]}) == {}
    started = post(shop, f"batch/create?brand={SECOND_SCRIPT}")
    assert finished(shop, started.headers["Location"], "run")["batch_count"] == 1
    [batch] = shop.request("GET", started.headers["Location"]).json()["batches"]
    assert (batch["category"], batch["product_count"]) == ("shamisen", 1)
    regenerated = post(shop, "products/regenerate", json={"brand": "ローランド"})
    assert finished(shop, regenerated.headers["Location"], "requeueing")["products"] == 0


@pytest.mark.parametrize(
    ("query", "categories"),
    [
        ("category=Brass%2C%20low", {"brass-low"}),
        ("category=brass,%20LOW", {"brass-low"}),
        ("category=brass-low", {"brass-low"}),
        ("category=brass,low", {"brass", "low"}),
        ("category=brass&category=low", {"brass", "low"}),
        ("category=low,", {"low"}),
        ("category=" + "brass,low," * 300, {"brass", "low"}),
    ],
)
def test_a_category_whose_name_has_a_comma_can_be_asked_for(
    shop: Machine, query: str, categories: set[str]
) -> None:
    assert set(estimated(shop, f"batch/estimate?{query}")) == categories


def test_a_category_without_latin_letters_is_found_by_its_name(shop: Machine) -> None:
    assert list(estimated(shop, json={"category": ["三味線"]}).values()) == [1]
    listed = shop.request("GET", "/api/v1/products", params={"category": "三味線"}).json()["products"]
    assert [product["product_id"] for product in listed] == ["D-3"]


HOSTILE = [
    b"{" + b",".join(b'"f%d":1' % number for number in range(22_000)) + b"}",
    b"{" + b",".join(b'"f%d":1' % number for number in range(10_000)) + b"}",
    b'{"categories":[' + b",".join([b"1"] * 60_000) + b"]}",
    b'{"locales":[' + b",".join([b'"xx"'] * 25_000) + b"]}",
    b'{"locales":' + b"[" * 60_000 + b"]" * 60_000 + b"}",
    b"[" * 120_000,
    b'{"categories":["' + b"," * 120_000 + b'"]}',
    b'{"categories":[' + b",".join([b'"' + b"a," * 3_900 + b'"'] * 16) + b"]}",
    b'{"categories":[' + b",".join(b'"Kazoo %d"' % number for number in range(1000)) + b"]}",
]


@pytest.mark.parametrize("body", HOSTILE, ids=range(len(HOSTILE)))
@pytest.mark.parametrize("path", ["exports", "batch/estimate", "products/regenerate"])
def test_a_large_hostile_body_is_answered_at_once_and_so_is_everyone_else(
    shop: Machine, path: str, body: bytes
) -> None:
    with ThreadPoolExecutor() as pool:
        began = time.monotonic()
        hostile = [pool.submit(post, shop, path, data=body) for _ in range(3)]
        health = shop.request("GET", "/api/v1/health", key=None)
        health_took = time.monotonic() - began
        answers = [future.result() for future in hostile]
        took = time.monotonic() - began
    assert {answer.status_code for answer in answers} <= {400, 404, 413}
    assert all(len(answer.content) < 20_000 for answer in answers)
    assert all(len(error(answer)["details"].get("problems", [])) <= 10 for answer in answers)
    assert health.status_code == 200
    # Well under a second each; the limits leave room for a busy machine.
    assert health_took < 2
    assert took < 3


def test_every_answer_forbids_guessing_its_type_and_framing_it(shop: Machine) -> None:
    calls = [
        ("GET", "/api/v1/health", None),
        ("GET", "/api/v1/docs", None),
        ("GET", "/api/v1/dashboard", None),
        ("GET", "/api/v1/dashboard/files/no/file", None),
        ("GET", "/api/v1/batch/list", API_KEY),
        ("GET", "/api/v1/batch/list", "wrong"),
        ("GET", "/api/v1/batch/list?limit=0", API_KEY),
        ("GET", "/api/v1/products/nope", API_KEY),
        ("POST", "/api/v1/batch/create", READ_API_KEY),
        ("POST", "/api/v1/webhooks/azure-openai", None),
    ]
    answers = [shop.request(method, path, key=key) for method, path, key in calls]
    tag = shop.request("GET", "/api/v1/products/D-1").headers["ETag"]
    answers.append(shop.request("GET", "/api/v1/products/D-1", headers={"If-None-Match": tag}))
    assert {answer.status_code for answer in answers} >= {200, 304, 400, 401, 403, 404}
    for answer in answers:
        assert answer.headers["X-Content-Type-Options"] == "nosniff", answer.url
        assert answer.headers["X-Frame-Options"] == "DENY"
        assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]
    unknown_route = shop.request("GET", "/api/v1/nope")
    assert unknown_route.status_code == 404
    assert unknown_route.headers["X-Content-Type-Options"] == "nosniff"
    assert unknown_route.headers["X-Frame-Options"] == "DENY"


@pytest.mark.parametrize("key", [b"\xff\xfe", b"caf\xe9", "ключ".encode(), b"a" * 6000, b"\xed\xa0\x80"])
def test_a_key_of_any_bytes_is_a_wrong_key(shop: Machine, key: bytes) -> None:
    """By hand, since `requests` refuses to send some of them."""
    with socket.create_connection(("127.0.0.1", shop.settings.host_port), timeout=30) as connection:
        connection.sendall(
            b"GET /api/v1/batch/list HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\nX-API-Key: "
            + key
            + b"\r\n\r\n"
        )
        answer = b"".join(iter(lambda: connection.recv(65536), b""))
    assert answer.startswith(b"HTTP/1.1 401 ")


@pytest.mark.parametrize("path", [*STARTS, "batch/submit/x", "products/D-1/preview", "products/import"])
@pytest.mark.parametrize(("key", "status"), [(None, 401), (READ_API_KEY, 403)])
def test_the_key_is_checked_before_anything_else_is_read(
    shop: Machine, path: str, key: str | None, status: int
) -> None:
    for body in (b"{oops", b"x" * 300_000):
        assert post(shop, f"{path}?brand=&nosuch=1", key=key, data=body).status_code == status


def test_a_key_that_reads_starts_no_work(shop: Machine) -> None:
    refused = [post(shop, "exports", key=READ_API_KEY), post(shop, "products/D-1/preview", key=READ_API_KEY)]
    refused.append(shop.request("GET", "/api/v1/batch/status/x?refresh=true", key=READ_API_KEY))
    assert [answer.status_code for answer in refused] == [403, 403, 403]
    assert "READ_KEYS_MAY_EXPORT" in error(refused[0])["message"]
    assert shop.request("GET", "/api/v1/batch/status/x", key=READ_API_KEY).status_code == 404


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        *(
            ("GET", f"/api/v1/products?category=Brass&updated_since={moment}", 400)
            for moment in (
                "0001-01-01T00:00:00%2B14:00",
                "9999-12-31T23:59:59-14:00",
                "-62135596800",
                "1e300",
                "2026-01-01T00:00:00",
            )
        ),
        ("GET", "/api/v1/products?category=Brass&updated_since=1970-01-01T00:00:00%2B14:00", 200),
        ("GET", "/api/v1/products?category=Brass&updated_since=9998-12-31T23:59:59-14:00", 200),
        ("POST", "/api/v1/exports?updated_since=9999-12-31T23:59:59-14:00", 400),
        ("GET", "/api/v1/products?category=" + "x" * 6000, 400),
        ("GET", "/api/v1/products?category=Brass&after=" + "x" * 6000, 400),
        ("GET", "/api/v1/products?category=Brass&after=%00", 400),
        ("GET", "/api/v1/products?category=Brass&after=a%2Fb", 400),
        ("GET", "/api/v1/runs?after=~", 400),
        ("GET", "/api/v1/products?category=%FF", 400),
        ("GET", "/api/v1/products?category=" + "&x=1" * 1000, 400),
        ("GET", "/api/v1/products/" + "x" * 6000, 404),
        ("GET", "/api/v1/batch/status/" + "x" * 6000, 404),
        ("GET", "/api/v1/runs/%FF", 404),
        ("POST", "/api/v1/batch/create?brand=" + "x" * 6000, 400),
        ("POST", "/api/v1/batch/create?product_ids=" + "x" * 6000, 400),
    ],
)
def test_the_ends_of_the_calendar_and_long_texts_are_no_internal_errors(
    shop: Machine, method: str, path: str, status: int
) -> None:
    assert shop.request(method, path).status_code == status


@pytest.fixture(scope="module")
def lenient(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Machine]:
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("READ_KEYS_MAY_EXPORT", "true")
        with running_machine(tmp_path_factory.mktemp("lenient")) as made:
            yield made


def test_a_setting_lets_a_key_that_reads_export(lenient: Machine) -> None:
    assert post(lenient, "exports", key=READ_API_KEY).status_code == 202
    refresh = lenient.request("GET", "/api/v1/batch/status/x?refresh=true", key=READ_API_KEY)
    assert refresh.status_code == 404
    assert post(lenient, "products/D-1/preview", key=READ_API_KEY).status_code == 403
    assert post(lenient, "batch/create", key=READ_API_KEY).status_code == 403
