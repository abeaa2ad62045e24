"""Calls that are refused immediately."""

from typing import Any

import openai
import orjson
import pytest

from local.openai_emulator import RunningEmulator
from tests.unit.openai_emulator.client import (
    BATCH,
    FORTNIGHT,
    ONLINE,
    URL,
    call,
    client_of,
    finish,
    refusal_of,
    requests,
    submit,
    upload,
)


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"completion_window": "48h"}, "Invalid completion_window: '48h'"),
        ({"endpoint": "/v1/embeddings"}, "Invalid endpoint"),
        ({"input_file_id": ""}, "input_file_id field is required"),
        ({"metadata": {f"k{n}": "v" for n in range(17)}}, "at most 16 pairs"),
        ({"output_expires_after": {"anchor": "created_at", "seconds": 3600}}, "between 1209600 and 2592000"),
        ({"output_expires_after": {"anchor": "now", "seconds": FORTNIGHT}}, "the anchor 'created_at'"),
    ],
)
def test_create_refuses(openai_emulator: RunningEmulator, fields: dict[str, Any], message: str) -> None:
    with pytest.raises(openai.BadRequestError) as refused:
        submit(openai_emulator, requests(1), **fields)
    status, code, actual = refusal_of(refused.value)
    assert (status, code) == (400, "invalidPayload")
    assert message in actual
    assert openai_emulator.ledger()["jobs"] == []


def test_create_refuses_a_file_not_processed(openai_emulator: RunningEmulator) -> None:
    client = client_of(openai_emulator)
    file = client.files.create(file=("in.jsonl", requests(1), "application/jsonl"), purpose="batch")
    with pytest.raises(openai.BadRequestError) as refused:
        client.batches.create(input_file_id=file.id, endpoint=URL, completion_window="24h")
    assert "Only files with status 'Processed' are accepted" in refusal_of(refused.value)[2]


def test_create_refuses_a_file_in_error(openai_emulator: RunningEmulator) -> None:
    openai_emulator.faults({"on": "files.create", "effect": {"file_error": True}})
    file = upload(openai_emulator, requests(1))
    assert file.status == "error"
    with pytest.raises(openai.BadRequestError) as refused:
        client_of(openai_emulator).batches.create(
            input_file_id=file.id, endpoint=URL, completion_window="24h"
        )
    assert "Only files with status 'Processed' are accepted" in refusal_of(refused.value)[2]


def test_a_deleted_file_is_gone(openai_emulator: RunningEmulator) -> None:
    """The app's fence relies on this: a create that arrives after the deletion fails."""
    client = client_of(openai_emulator)
    file = upload(openai_emulator, requests(1))
    client.files.delete(file.id)
    for operation in (
        lambda: client.files.retrieve(file.id),
        lambda: client.files.content(file.id),
        lambda: client.files.delete(file.id),
        lambda: client.batches.create(input_file_id=file.id, endpoint=URL, completion_window="24h"),
    ):
        with pytest.raises(openai.NotFoundError) as refused:
            operation()
        assert refusal_of(refused.value)[:2] == (404, "notFound")


def test_unknown_jobs_and_jobs_that_have_ended(openai_emulator: RunningEmulator) -> None:
    client = client_of(openai_emulator)
    with pytest.raises(openai.NotFoundError):
        client.batches.retrieve("batch_nobody")
    job = finish(openai_emulator, requests(1))
    with pytest.raises(openai.BadRequestError) as refused:
        client.batches.cancel(job.id)
    assert "Cannot cancel a batch with status 'completed'" in refusal_of(refused.value)[2]


@pytest.mark.parametrize(
    ("file", "options", "message"),
    [
        (("in.txt", requests(1), "application/jsonl"), {}, "must end in '.jsonl'"),
        (("in.jsonl", requests(1), "application/jsonl"), {"purpose": "vision"}, "Invalid value for purpose"),
        (
            ("in.jsonl", requests(1), "application/jsonl"),
            {"expires_after": {"anchor": "created_at", "seconds": 60}},
            "between 1209600 and 2592000",
        ),
        (("in.jsonl", b" " * 50_001, "application/jsonl"), {}, "larger than the maximum of 50000 bytes"),
    ],
)
def test_upload_refuses(
    openai_emulator: RunningEmulator, file: tuple[str, bytes, str], options: dict[str, Any], message: str
) -> None:
    fields: dict[str, Any] = {"purpose": "batch", **options}
    with pytest.raises(openai.BadRequestError) as refused:
        client_of(openai_emulator).files.create(file=file, **fields)
    status, code, actual = refusal_of(refused.value)
    assert (status, code) == (400, "invalidPayload")
    assert message in actual
    assert openai_emulator.ledger()["files"]["uploaded"] == 0
    assert list((openai_emulator.config.data / "incoming").iterdir()) == []


def chat(emulator: RunningEmulator, model: str) -> None:
    client_of(emulator).chat.completions.create(model=model, messages=[{"role": "user", "content": "Hello"}])


def test_online_refuses_batch_and_unknown_deployments(openai_emulator: RunningEmulator) -> None:
    with pytest.raises(openai.BadRequestError) as refused:
        chat(openai_emulator, BATCH)
    assert refusal_of(refused.value)[1] == "OperationNotSupported"
    with pytest.raises(openai.NotFoundError) as missing:
        chat(openai_emulator, "nobody")
    assert refusal_of(missing.value)[1] == "DeploymentNotFound"
    chat(openai_emulator, ONLINE)
    assert openai_emulator.ledger()["requests"]["online"] == 1


def test_a_body_that_is_no_json_is_refused(openai_emulator: RunningEmulator) -> None:
    for body in (b"{", orjson.dumps([1])):
        headers = {"Content-Type": "application/json"}
        answered = call(openai_emulator, "POST", "/openai/v1/batches", content=body, headers=headers)
        assert answered.status_code == 400
        assert answered.json()["error"]["code"] == "invalidPayload"
