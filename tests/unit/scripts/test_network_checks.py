"""The doctor's checks against servers that are absent or faulty."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from pydantic import SecretStr

from local.network import free_ports
from local.openai_emulator import EmulatorConfig, RunningEmulator, running
from scripts.checks.batch_check import check_batch_deployment
from scripts.checks.check_result import State
from scripts.checks.openai_check import check_endpoint, check_online
from scripts.checks.storage_check import check_storage
from shared.config.settings import Settings
from shared.domain.batch import TransferMode
from shared.persistence.blobs import Blobs
from shared.persistence.storage_account import StorageAccount
from tests.conftest import make_settings

Json = dict[str, Any]


def unused_address() -> str:
    [port] = free_ports(1)
    return f"http://127.0.0.1:{port}"


def test_an_endpoint_that_does_not_answer() -> None:
    check = check_endpoint(make_settings(azure_openai_endpoint=unused_address()))
    assert check.state is State.FAILED
    assert "nothing answers" in check.said
    assert "AZURE_OPENAI_ENDPOINT" in check.remedy


def test_a_missing_online_deployment_is_not_a_failure() -> None:
    check = check_online(make_settings())
    assert check.state is State.NOT_SET
    assert "previews are refused" in check.said


@pytest.mark.parametrize(
    ("connection_string", "message"),
    [
        ("nonsense", "cannot be read"),
        ("AccountName=a;AccountKey=c2VjcmV0;BlobEndpoint={0}/a;TableEndpoint={0}/a", "nothing answers"),
    ],
)
def test_the_failure_of_absent_storage_holds_no_key(connection_string: str, message: str) -> None:
    settings = make_settings(storage_connection_string=SecretStr(connection_string.format(unused_address())))
    for check in check_storage(settings):
        assert check.state is State.FAILED
        assert message in check.said
        assert "c2VjcmV0" not in check.said + check.remedy


@pytest.mark.parametrize("trusted", [True, False])
def test_with_blobs_azure_must_read_the_container(
    storage_settings: Settings, tmp_path_factory: pytest.TempPathFactory, trusted: bool
) -> None:
    right = storage_settings.storage_connection_string.get_secret_value()
    used = right if trusted else re.sub("AccountKey=[^;]+", "AccountKey=bm90IG91cnM=", right)
    data = tmp_path_factory.mktemp("openai")
    with running(
        EmulatorConfig(data=data, port=0, job_seconds=0.5, storage_connection_string=used)
    ) as emulator:
        changes = {"azure_openai_endpoint": emulator.url, "transfer_mode": TransferMode.BLOB}
        emulator.faults({"on": "batches.create", "effect": {"drop": "after"}})
        check = check_batch_deployment(storage_settings.model_copy(update=changes), 60, lambda _: None)
        [job] = emulator.ledger()["jobs"]
    assert "/doctor/" in job["input_blob"]
    if trusted:
        assert check.state is State.OK, check
    else:
        assert (check.state, "input_no_permissions" in check.said) == (State.FAILED, True), check
        assert "Storage Blob Data Contributor" in check.remedy
    assert job["status"] in ("completed", "cancelled", "failed")
    assert Blobs(StorageAccount(storage_settings).container).sizes("") == {}


@pytest.fixture
def emulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningEmulator]:
    with running(EmulatorConfig(data=tmp_path_factory.mktemp("openai"), port=0, job_seconds=0.5)) as emulator:
        yield emulator


def settings_of(emulator: RunningEmulator) -> Settings:
    return make_settings(azure_openai_endpoint=emulator.base_url.split("/openai")[0])


@pytest.mark.parametrize(
    ("rule", "state", "message"),
    [
        ({"on": "batches.create", "effect": {"drop": "after"}}, State.OK, "accepted a job"),
        ({"on": "files.create", "effect": {"file_error": True}}, State.FAILED, "uploaded file is error"),
        ({"on": "files.create", "effect": {"pending_seconds": 60}}, State.FAILED, "after 2 seconds still"),
        ({"on": "batches.create", "effect": {"status": 429, "code": "429"}}, State.FAILED, ""),
        (
            {"on": "batches.create", "effect": {"status": 400, "code": "token_limit_exceeded"}},
            State.FAILED,
            "token_limit_exceeded",
        ),
        ({"on": "batches.cancel", "effect": {"status": 400}}, State.OK, "accepted a job"),
        (
            {"on": "files.delete", "times": None, "effect": {"status": 403}},
            State.FAILED,
            "not cleaned up: file",
        ),
    ],
    ids=[
        "response to the create lost",
        "file in error",
        "impatient",
        "throttled",
        "queue full",
        "late cancel",
        "left over",
    ],
)
def test_a_batch_deployment_under_faults(
    emulator: RunningEmulator, rule: Json, state: State, message: str
) -> None:
    emulator.faults(rule)
    # Only the test of impatience may end by the time limit: the machine may be slow.
    patience = 2 if "after 2 seconds" in message else 120
    check = check_batch_deployment(settings_of(emulator), patience, lambda _: None)
    assert (check.state, message in check.said) == (state, True), check
    assert bool(check.remedy) == (state is State.FAILED)
    ledger = emulator.ledger()
    assert all(job["status"] in ("completed", "cancelled", "failed") for job in ledger["jobs"])
    if "not cleaned up" not in message:
        assert ledger["files"]["present"] == 0
