"""The API surfaces over HTTP, without the SDK: paths, keys, api-versions, forms, ranges, fields."""

from dataclasses import replace
from typing import Any

import httpx2
import pytest

from local.openai_emulator import EmulatorConfig, ManualClock, RunningEmulator, running
from local.openai_emulator.config import Quirk
from tests.unit.openai_emulator.client import (
    FORTNIGHT,
    URL,
    call,
    finish,
    lines,
    request,
    requests,
    submit,
    upload,
)

GA, PREVIEW = "2024-10-21", "2025-04-01-preview"


NOT_FOUND = {"error": {"code": "404", "message": "Resource not found"}}


@pytest.mark.parametrize(
    "path",
    [
        "/openai/v1/nothing",
        "/openai/v2/files",
        "/openai/files",
        "/openai/files?api-version=2020-01-01",
        "/openai/batches?api-version=",
        f"/openai/v1/files?api-version={GA}",
        f"/openai/v1/deployments/d/chat/completions?api-version={GA}",
        "/v1/files",
    ],
)
def test_a_wrong_path_or_api_version_is_not_found(openai_emulator: RunningEmulator, path: str) -> None:
    answered = call(openai_emulator, "GET", path)
    assert (answered.status_code, answered.json()) == (404, NOT_FOUND)


@pytest.mark.parametrize(
    "path",
    [
        "/openai/v1/files",
        "/openai/v1/batches?api-version=preview",
        f"/openai/files?api-version={GA}",
        f"/openai/batches?api-version={PREVIEW}",
    ],
)
def test_key_or_bearer_on_every_surface(openai_emulator: RunningEmulator, path: str) -> None:
    key = openai_emulator.api_key
    assert call(openai_emulator, "GET", path).status_code == 200
    assert call(openai_emulator, "GET", path, "", headers={"Authorization": f"Bearer {key}"}).is_success
    for headers in ({}, {"api-key": "wrong"}, {"Authorization": "Bearer wrong"}):
        answered = call(openai_emulator, "GET", path, "", headers=headers)
        assert answered.status_code == 401
        assert answered.json()["error"]["code"] == "401"
        assert answered.json()["error"]["message"].startswith("Access denied due to invalid subscription key")


def send_form(
    emulator: RunningEmulator, path: str, fields: dict[str, str], file: tuple[Any, ...]
) -> httpx2.Response:
    return call(emulator, "POST", path, data=fields, files={"file": file})


@pytest.mark.parametrize("seconds", ["expires_after[seconds]", "expires_after.seconds"])
@pytest.mark.parametrize(
    ("path", "status", "honoured"),
    [
        ("/openai/v1/files", 200, True),
        (f"/openai/files?api-version={PREVIEW}", 201, True),
        (f"/openai/files?api-version={GA}", 201, False),
    ],
)
def test_expiry_in_both_spellings_and_ignored_by_older_versions(
    openai_emulator: RunningEmulator, path: str, status: int, honoured: bool, seconds: str
) -> None:
    fields = {"purpose": "batch", seconds.replace("seconds", "anchor"): "created_at", seconds: str(FORTNIGHT)}
    answered = send_form(openai_emulator, path, fields, ("in.jsonl", requests(1), "application/jsonl"))
    assert answered.status_code == status
    created = answered.json()
    assert created["expires_at"] == (created["created_at"] + FORTNIGHT if honoured else None)
    assert {**created, "id": "", "created_at": 0, "expires_at": 0} == {
        "object": "file",
        "id": "",
        "purpose": "batch",
        "filename": "in.jsonl",
        "bytes": len(requests(1)),
        "created_at": 0,
        "expires_at": 0,
        "status": "pending",
        "status_details": None,
    }


def test_a_file_part_needs_a_content_type(openai_emulator: RunningEmulator) -> None:
    boundary = "xxBOUNDARYxx"
    parts = [
        f'--{boundary}\r\nContent-Disposition: form-data; name="purpose"\r\n\r\nbatch\r\n',
        f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="in.jsonl"\r\n\r\n{{}}\r\n',
        f"--{boundary}--\r\n",
    ]
    answered = call(
        openai_emulator,
        "POST",
        "/openai/v1/files",
        content="".join(parts).encode(),
        headers={"Content-Type": f"multipart/form-data; boundary={boundary}"},
    )
    assert answered.status_code == 400
    assert answered.json()["error"] == {
        "code": "invalidPayload",
        "message": "The file part needs a Content-Type.",
    }


def test_forms_without_a_file_or_that_are_none(openai_emulator: RunningEmulator) -> None:
    bare = call(openai_emulator, "POST", "/openai/v1/files", files={"purpose": (None, "batch")})
    assert (bare.status_code, bare.json()["error"]["message"]) == (400, "The file is missing.")
    other = call(openai_emulator, "POST", "/openai/v1/files", json={"purpose": "batch"})
    assert other.json()["error"]["message"] == "The request must be multipart/form-data."


def test_content_in_ranges(openai_emulator: RunningEmulator) -> None:
    content = requests(50)
    file = upload(openai_emulator, content)
    path = f"/openai/v1/files/{file.id}/content"
    whole = call(openai_emulator, "GET", path)
    assert (whole.status_code, whole.content) == (200, content)
    part = call(openai_emulator, "GET", path, headers={"Range": "bytes=10-19"})
    assert (part.status_code, part.content) == (206, content[10:20])
    assert part.headers["content-range"] == f"bytes 10-19/{len(content)}"
    tail = call(openai_emulator, "GET", path, headers={"Range": "bytes=-5"})
    assert tail.content == content[-5:]
    past = call(openai_emulator, "GET", path, headers={"Range": f"bytes={len(content)}-"})
    assert past.status_code == 416


def test_every_field_of_a_batch(openai_emulator: RunningEmulator) -> None:
    job = submit(openai_emulator, requests(2))
    assert call(openai_emulator, "GET", f"/openai/v1/batches/{job.id}").json() == {
        "object": "batch",
        "id": job.id,
        "endpoint": URL,
        "status": "validating",
        "completion_window": "24h",
        "input_file_id": job.input_file_id,
        "output_file_id": None,
        "error_file_id": None,
        "errors": None,
        "created_at": job.created_at,
        "in_progress_at": None,
        "finalizing_at": None,
        "completed_at": None,
        "failed_at": None,
        "expired_at": None,
        "cancelling_at": None,
        "cancelled_at": None,
        "expires_at": job.created_at + 86_400,
        "request_counts": {"total": 0, "completed": 0, "failed": 0},
        "metadata": None,
    }


def test_quirks(openai_emulator_config: EmulatorConfig) -> None:
    config = replace(openai_emulator_config, quirks=frozenset(Quirk))
    with running(config, ManualClock()) as emulator:
        job = submit(emulator, requests(1))
        batch = call(emulator, "GET", f"/openai/v1/batches/{job.id}").json()
        assert (batch["output_file_id"], batch["error_file_id"]) == ("", "")
        assert (batch["status"], batch["endpoint"]) == ("Validating", None)
        assert batch["request_counts"] == {"total": None, "completed": None, "failed": None}
        emulator.advance(60)
        ended = call(emulator, "GET", f"/openai/v1/batches/{job.id}").json()
        assert (ended["status"], ended["request_counts"]["completed"]) == ("Completed", 1)
        [line] = lines(emulator, ended["output_file_id"])
        assert line["id"].startswith("batch_req_")
        broken = finish(emulator, b"")
        batch = call(emulator, "GET", f"/openai/v1/batches/{broken.id}").json()
        assert (batch["status"], batch["failed_at"]) == ("Failed", None)
        assert batch["completed_at"] == broken.created_at + 6
        loose = finish(emulator, requests(1), endpoint="/chat/completions")
        assert loose.to_dict()["status"] == "Completed"


def test_online_answers_on_the_dated_path(openai_emulator: RunningEmulator) -> None:
    body = request(1)["body"] | {"model": "whatever"}
    path = f"/openai/deployments/gpt-41-online/chat/completions?api-version={GA}"
    answered = call(openai_emulator, "POST", path, json=body)
    assert answered.status_code == 200
    assert answered.json()["object"] == "chat.completion"
    ledger = openai_emulator.ledger()
    assert (ledger["requests"]["online"], ledger["products"]["P-001"]) == (1, {"de-DE": 1, "en-GB": 1})
