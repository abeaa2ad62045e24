"""The API against its own description: whatever is sent, no 500 and no answer that the description lacks."""

from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis.checks import CHECKS, load_all_checks
from schemathesis.core.errors import InvalidSchema
from schemathesis.core.result import Ok, Result

from local.local_settings import API_KEY
from tests.end_to_end.conftest import Machine, running_machine

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


def _try(operation: Operation, base_url: str) -> None:
    @given(case=operation.as_strategy())
    @settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
    def check(case: schemathesis.Case[Any]) -> None:
        case.call_and_validate(base_url, headers={"X-API-Key": API_KEY}, checks=_CHECKS, timeout=60)

    check()
