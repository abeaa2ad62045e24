"""The API against its own description: whatever is sent, no 500 and no answer that the description lacks."""

from collections.abc import Iterator

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis.checks import CHECKS, load_all_checks

from local.local_settings import API_KEY
from tests.end_to_end.conftest import Machine, running_machine

load_all_checks()
_CHECKS = CHECKS.get_by_names(
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


def test_every_answer_is_described(machine: Machine, subtests: pytest.Subtests) -> None:
    base_url = machine.settings.base_url
    description = schemathesis.openapi.from_url(f"{base_url}/api/v1/openapi.json")
    operations = [found.ok() for found in description.get_all_operations()]
    assert len(operations) > 20
    for operation in operations:
        with subtests.test(operation.label):
            _try(operation, base_url)


def test_large_bodies_are_answered_as_described(machine: Machine, subtests: pytest.Subtests) -> None:
    """Bodies of what the description allows, made large: long texts, many entries, many unknown fields, depth."""
    base_url = machine.settings.base_url
    description = schemathesis.openapi.from_url(f"{base_url}/api/v1/openapi.json")
    operations = [found.ok() for found in description.get_all_operations()]
    with_json = [found for found in operations if any(body.media_type == JSON for body in found.body)]
    assert len(with_json) >= 7
    for operation in with_json:
        with subtests.test(operation.label):
            _try_large(operation, base_url)


def _try_large(operation: schemathesis.APIOperation, base_url: str) -> None:
    names = sorted({name for body in operation.body for name in body.definition_fields})

    @given(case=operation.as_strategy(), body=_large(names))
    @settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
    def check(case: schemathesis.Case, body: Any) -> None:
        case.body, case.media_type = body, JSON
        began = time.monotonic()
        case.call_and_validate(base_url, headers={"X-API-Key": API_KEY}, checks=_CHECKS, timeout=60)
        assert time.monotonic() - began < 5

    check()


def _try(operation: schemathesis.APIOperation, base_url: str) -> None:
    @given(case=operation.as_strategy())
    @settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
    def check(case: schemathesis.Case) -> None:
        case.call_and_validate(base_url, headers={"X-API-Key": API_KEY}, checks=_CHECKS, timeout=60)

    check()
