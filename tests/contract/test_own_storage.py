"""Jobs with the customer's own storage (`input_blob`, `output_folder`), with Azurite."""

import uuid
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx2
import openai
import orjson
import pytest
from azure.storage.blob import (
    BlobServiceClient,
    ContainerClient,
    ContainerSasPermissions,
    generate_container_sas,
)
from openai.types import Batch

from local.openai_emulator import EmulatorConfig, ManualClock, RunningEmulator, running
from tests.unit.openai_emulator.client import URL, client_of, jsonl, refusal_of, request, requests, retrieve


@dataclass
class Storage:
    """A container for one test, and URLs into it with a SAS."""

    container: ContainerClient
    key: str

    def put(self, name: str, content: bytes) -> None:
        self.container.upload_blob(name, content, overwrite=True)

    def url(self, name: str = "", permission: str = "rwcl", sas: bool = True) -> str:
        plain = f"{self.container.url}/{name}".rstrip("/")
        if not sas:
            return plain
        token = generate_container_sas(
            account_name=str(self.container.account_name),
            container_name=self.container.container_name,
            account_key=self.key,
            permission=ContainerSasPermissions.from_string(permission),
            expiry=datetime.now(UTC) + timedelta(hours=1),
        )
        return f"{plain}?{token}"

    def read(self, url: str) -> bytes:
        name = url.removeprefix(f"{self.container.url}/")
        return bytes(self.container.download_blob(name).readall())

    def names(self) -> list[str]:
        return sorted(self.container.list_blob_names())


@pytest.fixture
def storage(azurite: str) -> Iterator[Storage]:
    service = BlobServiceClient.from_connection_string(azurite)
    container = service.create_container(f"own-{uuid.uuid4().hex[:12]}")
    yield Storage(container, service.credential.account_key)
    service.close()


def create(emulator: RunningEmulator, blob: str, folder: str, **options: Any) -> Batch:
    return client_of(emulator).batches.create(
        input_file_id=None,  # type: ignore[arg-type]  # as in Azure's own example
        endpoint=URL,
        completion_window="24h",
        extra_body={"input_blob": blob, "output_folder": {"url": folder}},
        **options,
    )


def finish(emulator: RunningEmulator, job: Batch) -> tuple[str, str | None]:
    """Run the job to its end. Returns its status and the code of its first error."""
    emulator.advance(emulator.config.job_seconds)
    ended = retrieve(emulator, job)
    errors = ended.errors.data if ended.errors is not None else None
    return ended.status, errors[0].code if errors else None


def test_results_are_written_where_the_job_was_told(
    openai_emulator: RunningEmulator, storage: Storage
) -> None:
    storage.put("input/in.jsonl", requests(5))
    job = create(openai_emulator, storage.url("input/in.jsonl"), storage.url("results"))
    assert (job.to_dict()["output_blob"], job.to_dict()["error_blob"]) == ("", "")
    assert finish(openai_emulator, job) == ("completed", None)
    batch = retrieve(openai_emulator, job).to_dict()
    assert batch["input_blob"] == storage.url("input/in.jsonl", sas=False)
    written = [orjson.loads(line) for line in storage.read(str(batch["output_blob"])).splitlines()]
    assert sorted(line["custom_id"] for line in written) == [f"line-{n}" for n in range(5)]
    assert (batch["output_file_id"], batch["error_file_id"]) == (None, None)
    # The error blob is named but was never written.
    assert str(batch["error_blob"]).startswith(storage.url("results", sas=False))
    assert len(storage.names()) == 2
    assert openai_emulator.ledger()["files"]["present"] == 0
    assert openai_emulator.ledger()["requests"]["charged"] == 5


def test_failed_requests_go_to_the_error_blob(openai_emulator: RunningEmulator, storage: Storage) -> None:
    openai_emulator.faults({"on": "request", "match": {"custom_id": "line-1"}, "effect": {"status": 500}})
    storage.put("in.jsonl", requests(3))
    job = create(openai_emulator, storage.url("in.jsonl"), storage.url())
    assert finish(openai_emulator, job) == ("completed", None)
    [line] = storage.read(str(retrieve(openai_emulator, job).to_dict()["error_blob"])).splitlines()
    assert orjson.loads(line)["custom_id"] == "line-1"


@pytest.mark.parametrize("passed", [0, 30])
def test_an_input_blob_changed_after_submission(
    openai_emulator: RunningEmulator, storage: Storage, passed: int
) -> None:
    storage.put("in.jsonl", requests(3))
    job = create(openai_emulator, storage.url("in.jsonl"), storage.url())
    openai_emulator.advance(passed)
    storage.put("in.jsonl", requests(4))
    assert finish(openai_emulator, job) == ("failed", "input_modified")
    # A change is found before anything has run if possible, otherwise at the end.
    assert openai_emulator.ledger()["requests"]["charged"] == (0 if passed == 0 else 3)
    assert storage.names() == ["in.jsonl"]


def test_no_access_to_the_input(openai_emulator: RunningEmulator, storage: Storage) -> None:
    storage.put("in.jsonl", requests(3))
    for url in (
        storage.url("in.jsonl", sas=False),
        storage.url("nothing.jsonl"),
        storage.url("in.jsonl", permission="w"),
    ):
        job = create(openai_emulator, url, storage.url())
        assert finish(openai_emulator, job) == ("failed", "input_no_permissions")


def test_no_access_to_the_output(openai_emulator: RunningEmulator, storage: Storage) -> None:
    storage.put("in.jsonl", requests(3))
    job = create(openai_emulator, storage.url("in.jsonl"), storage.url("out", permission="r"))
    assert finish(openai_emulator, job) == ("failed", "invalid_request")
    assert retrieve(openai_emulator, job).completed_at is None


def test_what_a_blob_holds_is_checked_as_a_file_is(
    openai_emulator: RunningEmulator, storage: Storage
) -> None:
    storage.put("in.jsonl", b"\xef\xbb\xbf" + requests(1))
    job = create(openai_emulator, storage.url("in.jsonl"), storage.url())
    assert finish(openai_emulator, job) == ("failed", "invalid_request")
    storage.put("in.jsonl", jsonl([request(0, model="nobody")]))
    job = create(openai_emulator, storage.url("in.jsonl"), storage.url())
    assert finish(openai_emulator, job) == ("failed", "model_not_found")


def test_a_blob_may_be_larger_than_a_file_but_not_too_large(
    openai_emulator_config: EmulatorConfig, storage: Storage
) -> None:
    config = replace(openai_emulator_config, max_file_bytes=100, max_blob_bytes=len(requests(3)))
    with running(config, ManualClock()) as emulator:
        for count, end in ((3, ("completed", None)), (4, ("failed", "invalid_request"))):
            storage.put("in.jsonl", requests(count))
            job = create(emulator, storage.url("in.jsonl"), storage.url())
            assert finish(emulator, job) == end


def test_the_resource_may_have_access_of_its_own(
    openai_emulator_config: EmulatorConfig, azurite: str, storage: Storage
) -> None:
    """As with a managed identity: the URLs have no SAS."""
    config = replace(openai_emulator_config, storage_connection_string=azurite)
    with running(config, ManualClock()) as emulator:
        storage.put("in.jsonl", requests(2))
        job = create(emulator, storage.url("in.jsonl", sas=False), storage.url(sas=False))
        assert finish(emulator, job) == ("completed", None)
        assert len(storage.names()) == 2


def test_metadata_and_half_of_the_fields_are_refused(
    openai_emulator: RunningEmulator, storage: Storage
) -> None:
    with pytest.raises(openai.BadRequestError) as refused:
        create(openai_emulator, storage.url("in.jsonl"), storage.url(), metadata={"a": "b"})
    assert refusal_of(refused.value)[2] == "metadata is not supported together with input_blob."
    answered = httpx2.post(
        f"{openai_emulator.base_url}batches",
        json={"input_blob": "x", "endpoint": URL, "completion_window": "24h"},
        headers={"api-key": openai_emulator.api_key},
    )
    assert answered.status_code == 400
