"""The API against its own description: whatever is sent, no 500 and no answer that the description lacks."""

import time
from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis.checks import CHECKS, load_all_checks
from schemathesis.core.errors import InvalidSchema
from schemathesis.core.result import Ok, Result

from local.local_settings import API_KEY
from tests.end_to_end.conftest import Machine, running_machine

JSON = "application/json"
# These take JSON as a file or a signed event, not as arguments.
_RAW = ("/api/v1/products/import", "/api/v1/webhooks/azure-openai")

load_all_checks()
Operation = schemathesis.APIOperation[Any, Any, Any, Any]
_CHECKS: list[Any] = CHECKS.get_by_names(
    [
        "not_a_server_error",
        "status_code_conformance",
        "content_type_conformance",
        "response_headers_conformance",
        "response_schema_conformance",
        "ignored_auth",
    ]
)


@pytest.fixture(scope="module")
def machine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Machine]:
    with running_machine(tmp_path_factory.mktemp("machine")) as made:
        path = made.settings.data / "catalogue.csv"
        path.write_text("sku,name,category\nD-1,One,Flutes\nD-2,Two,Oboes\n", encoding="utf-8")
        made.client.import_file(path)
        yield made


def _nested(value: Any, depth: int) -> Any:
    for _ in range(depth):
        value = {"data": [value]}
    return value


# Bodies of up to 250 KB: many fields, many entries, long texts, depth. Most are refused; all are answered.
_FIELDS = ["category", "categories", "product_ids", "brand", "locales", "category_limit", "model", "nosuch"]
_TEXTS = st.sampled_from(["x", "D-1", "de-DE", "ヤマハ", "🎻", ",", " ", "\x00"])
_COUNTS = st.sampled_from([1, 200, 5_000, 20_000])
_ENTRIES = st.builds(lambda text, count: [text] * count, _TEXTS, _COUNTS)
_LONG = st.builds(lambda text, count: text * count, _TEXTS, _COUNTS)
_DEEP = st.builds(_nested, _TEXTS, st.sampled_from([10, 500]))
_LARGE = st.dictionaries(st.sampled_from(_FIELDS), _ENTRIES | _LONG | _DEEP, min_size=1) | st.builds(
    lambda text, count: {f"{text}{number}": text for number in range(count)}, _TEXTS, _COUNTS
)


def test_every_answer_is_described(machine: Machine, subtests: pytest.Subtests) -> None:
    base_url = machine.settings.base_url
    description = schemathesis.openapi.from_url(f"{base_url}/api/v1/openapi.json")
    operations = [_valid(found) for found in description.get_all_operations()]
    assert len(operations) > 20
    for operation in operations:
        with subtests.test(operation.label):
            _try(operation, base_url)


def _valid(found: Result[Operation, InvalidSchema]) -> Operation:
    assert isinstance(found, Ok), found
    return found.ok()


def test_large_bodies_are_answered_as_described(machine: Machine, subtests: pytest.Subtests) -> None:
    base_url = machine.settings.base_url
    description = schemathesis.openapi.from_url(f"{base_url}/api/v1/openapi.json")
    operations = [_valid(found) for found in description.get_all_operations()]
    with_json = [
        found
        for found in operations
        if found.path not in _RAW and any(body.media_type == JSON for body in found.body)
    ]
    assert len(with_json) >= 7
    for operation in with_json:
        with subtests.test(operation.label):
            _try_large(operation, base_url)


def _try_large(operation: Operation, base_url: str) -> None:
    @given(case=operation.as_strategy(), body=_LARGE)
    @settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
    def check(case: schemathesis.Case[Any], body: Any) -> None:
        case.body, case.media_type = body, JSON
        began = time.monotonic()
        case.call_and_validate(base_url, headers={"X-API-Key": API_KEY}, checks=_CHECKS, timeout=60)
        assert time.monotonic() - began < 5

    check()


def _try(operation: Operation, base_url: str) -> None:
    @given(case=operation.as_strategy())
    @settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
    def check(case: schemathesis.Case[Any]) -> None:
        case.call_and_validate(base_url, headers={"X-API-Key": API_KEY}, checks=_CHECKS, timeout=60)

    check()
