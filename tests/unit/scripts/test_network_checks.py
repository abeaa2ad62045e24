"""The doctor's checks against servers that are not there, or not as they should be."""

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


def nowhere() -> str:
    [port] = free_ports(1)
    return f"http://127.0.0.1:{port}"


def test_an_endpoint_that_does_not_answer() -> None:
    check = check_endpoint(make_settings(azure_openai_endpoint=nowhere()))
    assert check.state is State.FAILED
    assert "nothing answers" in check.said
    assert "AZURE_OPENAI_ENDPOINT" in check.remedy


def test_no_online_deployment_is_no_failure() -> None:
    check = check_online(make_settings())
    assert check.state is State.NOT_SET
    assert "previews are refused" in check.said


@pytest.mark.parametrize(
    ("connection_string", "said"),
    [
        ("nonsense", "cannot be read"),
        ("AccountName=a;AccountKey=c2VjcmV0;BlobEndpoint={0}/a;TableEndpoint={0}/a", "nothing answers"),
    ],
)
def test_storage_that_is_not_there_tells_no_key(connection_string: str, said: str) -> None:
    settings = make_settings(storage_connection_string=SecretStr(connection_string.format(nowhere())))
    for check in check_storage(settings):
        assert check.state is State.FAILED
        assert said in check.said
        assert "c2VjcmV0" not in check.said + check.remedy


@pytest.mark.parametrize("trusted", [True, False])
def test_with_blobs_azure_must_read_the_container(
    storage_settings: Settings, tmp_path_factory: pytest.TempPathFactory, trusted: bool
) -> None:
    ours = storage_settings.storage_connection_string.get_secret_value()
    own = ours if trusted else re.sub("AccountKey=[^;]+", "AccountKey=bm90IG91cnM=", ours)
    data = tmp_path_factory.mktemp("openai")
    with running(
        EmulatorConfig(data=data, port=0, job_seconds=0.5, storage_connection_string=own)
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
    ("rule", "state", "said"),
    [
        ({"on": "batches.create", "effect": {"drop": "after"}}, State.OK, "accepted a job"),
        ({"on": "files.create", "effect": {"file_error": True}}, State.FAILED, "file is error"),
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
        "create's answer lost",
        "file in error",
        "impatient",
        "throttled",
        "queue full",
        "late cancel",
        "left over",
    ],
)
def test_a_batch_deployment_under_faults(
    emulator: RunningEmulator, rule: Json, state: State, said: str
) -> None:
    emulator.faults(rule)
    # Nobody is to be impatient because the machine is slow, but where that is what is tried.
    patience = 2 if "after 2 seconds" in said else 120
    check = check_batch_deployment(settings_of(emulator), patience, lambda _: None)
    assert (check.state, said in check.said) == (state, True), check
    assert bool(check.remedy) == (state is State.FAILED)
    ledger = emulator.ledger()
    assert all(job["status"] in ("completed", "cancelled", "failed") for job in ledger["jobs"])
    if "not cleaned up" not in said:
        assert ledger["files"]["present"] == 0
