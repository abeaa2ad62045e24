"""The refusal table of docs/emulator.md, case by case: each test's name stands in the table."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import openai
import orjson
import pytest

from local.openai_emulator import (
    Deployment,
    DeploymentType,
    EmulatorConfig,
    ManualClock,
    RunningEmulator,
    TokenLimitMode,
    running,
)
from tests.unit.openai_emulator.client import (
    BATCH,
    FORTNIGHT,
    ONLINE,
    URL,
    client_of,
    finish,
    jsonl,
    lines,
    refusal_of,
    request,
    requests,
    response_format,
    retrieve,
    strict,
    submit,
    upload,
)

REASONING = "gpt-5-batch"


@pytest.fixture
def openai_emulator_config(openai_emulator_config: EmulatorConfig) -> EmulatorConfig:
    """Small limits, and one deployment of each kind."""
    return replace(
        openai_emulator_config,
        max_requests=20,
        max_file_bytes=50_000,
        max_files_without_expiry=3,
        max_files_with_expiry=4,
        deployments=(
            Deployment(BATCH, "gpt-4.1-2025-04-14", DeploymentType.BATCH),
            Deployment(ONLINE, "gpt-4.1-2025-04-14", DeploymentType.ONLINE),
            Deployment(REASONING, "gpt-5-2025-08-07", DeploymentType.BATCH),
        ),
    )


def with_changes(change: Callable[[dict[str, Any]], object]) -> bytes:
    """Three requests, the last of them changed."""
    made = [request(number) for number in range(3)]
    change(made[-1])
    return jsonl(made)


FAILED_JOBS = {
    "byte order mark": (b"\xef\xbb\xbf" + requests(1), "invalid_request", "couldn't be extracted", None),
    "empty file": (b"", "empty_file", "The input file is empty", None),
    "blank lines only": (b"\n \n", "empty_batch", "holds no requests", None),
    "broken line": (requests(2) + b'{"custom_id": \n', "invalid_json_line", "parsed as valid json", 3),
    "duplicate custom_id": (
        with_changes(lambda line: line.update(custom_id="line-0")),
        "duplicate_custom_id",
        "is a duplicate of the custom ID",
        3,
    ),
    "mixed models": (
        with_changes(lambda line: line["body"].update(model=REASONING)),
        "model_mismatch",
        "doesn't match the rest of the file",
        3,
    ),
    "mixed urls": (
        with_changes(lambda line: line.update(url="/v1/embeddings")),
        "url_mismatch",
        "URL that doesn't match",
        3,
    ),
    "url and endpoint differ": (
        jsonl([request(0) | {"url": "/chat/completions"}]),
        "url_mismatch",
        "doesn't match the expected endpoint URL",
        None,
    ),
    "no model": (
        with_changes(lambda line: line["body"].pop("model")),
        "invalid_request",
        "valid model deployment name couldn't be extracted",
        3,
    ),
    "no custom_id": (
        with_changes(lambda line: line.pop("custom_id")),
        "invalid_request",
        "schema of the input line is invalid",
        3,
    ),
    "method other than POST": (
        with_changes(lambda line: line.update(method="GET")),
        "invalid_request",
        "schema of the input line is invalid",
        3,
    ),
    "unknown deployment": (
        jsonl([request(0, model="nobody")]),
        "model_not_found",
        "points to a valid Azure OpenAI model deployment",
        None,
    ),
    "online deployment in a batch": (
        jsonl([request(0, model=ONLINE)]),
        "invalid_request",
        "deployment SKU is globalbatch",
        None,
    ),
    "too many requests": (requests(21), "too_many_tasks", "maximum allowed value of 20", None),
}


@pytest.mark.parametrize("case", FAILED_JOBS)
def test_the_job_fails_in_validation(openai_emulator: RunningEmulator, case: str) -> None:
    content, code, message, line = FAILED_JOBS[case]
    job = finish(openai_emulator, content)
    assert (job.status, job.failed_at) == ("failed", job.created_at + 6)
    assert job.errors is not None
    assert job.errors.data is not None
    [error] = job.errors.data
    assert (error.code, error.line) == (code, line)
    assert message in str(error.message)
    ledger = openai_emulator.ledger()
    assert (ledger["requests"]["total"], ledger["enqueued_tokens"]) == (0, 0)
    assert (job.output_file_id, job.error_file_id) == (None, None)


def test_the_endpoint_without_v1_is_fine_where_lines_say_the_same(openai_emulator: RunningEmulator) -> None:
    content = jsonl([request(0) | {"url": "/chat/completions"}])
    assert finish(openai_emulator, content, endpoint="/chat/completions").status == "completed"


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
    status, code, said = refusal_of(refused.value)
    assert (status, code) == (400, "invalidPayload")
    assert message in said
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
    """What a fence relies on: a create that arrives after the deletion fails."""
    client = client_of(openai_emulator)
    file = upload(openai_emulator, requests(1))
    client.files.delete(file.id)
    for call in (
        lambda: client.files.retrieve(file.id),
        lambda: client.files.content(file.id),
        lambda: client.files.delete(file.id),
        lambda: client.batches.create(input_file_id=file.id, endpoint=URL, completion_window="24h"),
    ):
        with pytest.raises(openai.NotFoundError) as refused:
            call()
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
    status, code, said = refusal_of(refused.value)
    assert (status, code) == (400, "invalidPayload")
    assert message in said
    assert openai_emulator.ledger()["files"]["uploaded"] == 0
    assert list((openai_emulator.config.data / "incoming").iterdir()) == []


@pytest.mark.parametrize(
    ("maximum", "expiry", "message"),
    [
        (3, None, "The quota for files without expiry is reached. The maximum is 3."),
        (4, {"anchor": "created_at", "seconds": FORTNIGHT}, "The quota for files with expiry is reached."),
    ],
)
def test_the_file_quota(
    openai_emulator: RunningEmulator, maximum: int, expiry: dict[str, Any] | None, message: str
) -> None:
    options = {"expires_after": expiry} if expiry else {}
    files = [upload(openai_emulator, requests(1), **options) for _ in range(maximum)]
    with pytest.raises(openai.BadRequestError) as refused:
        upload(openai_emulator, requests(1), **options)
    status, code, said = refusal_of(refused.value)
    assert (status, code) == (400, "quotaExceeded")
    assert message in said
    client_of(openai_emulator).files.delete(files[0].id)
    upload(openai_emulator, requests(1), **options)


def test_output_files_count_in_the_file_quota(openai_emulator: RunningEmulator) -> None:
    finish(openai_emulator, requests(1))
    with pytest.raises(openai.BadRequestError) as refused:
        upload(openai_emulator, requests(1))
    assert refusal_of(refused.value)[1] == "quotaExceeded"


REFUSED_REQUESTS: dict[str, tuple[dict[str, Any], str | None, str]] = {
    "keyword that strict mode rejects": (
        {"response_format": response_format(strict({"a": {"type": "string", "maxLength": 9}}))},
        None,
        "'maxLength' is not permitted",
    ),
    "additionalProperties left out": (
        {"response_format": response_format({"type": "object", "properties": {}, "required": []})},
        None,
        "'additionalProperties' is required to be supplied and to be false",
    ),
    "property that is not required": (
        {"response_format": response_format(strict({"a": {"type": "string"}}, required=[]))},
        None,
        "Missing 'a'",
    ),
    "root that is not an object": (
        {"response_format": response_format({"type": "array", "items": {"type": "string"}})},
        None,
        "schema must be a JSON Schema of 'type: \"object\"'",
    ),
    "over 100 properties": (
        {"response_format": response_format(strict({f"p{n}": {"type": "string"} for n in range(101)}))},
        None,
        "Expected at most 100 object properties in total, got 101",
    ),
    "max_tokens on a reasoning model": (
        {"model": REASONING, "max_tokens": 500},
        "unsupported_parameter",
        "Use 'max_completion_tokens' instead",
    ),
    "temperature on a reasoning model": (
        {"model": REASONING, "temperature": 0.2},
        "unsupported_value",
        "Only the default (1) value is supported",
    ),
    "no messages": ({"messages": None}, None, "Missing required parameter: 'messages'"),
}


@pytest.mark.parametrize("case", REFUSED_REQUESTS)
def test_the_request_fails_and_not_the_job(openai_emulator: RunningEmulator, case: str) -> None:
    body, code, message = REFUSED_REQUESTS[case]
    good = request(1, **{"model": body["model"]} if "model" in body else {})
    job = finish(openai_emulator, jsonl([request(0, **body), good]))
    assert job.status == "completed"
    [failed] = lines(openai_emulator, job.error_file_id)
    assert (failed["custom_id"], failed["response"]["status_code"]) == ("line-0", 400)
    error = failed["response"]["body"]["error"]
    assert (error["code"], error["type"]) == (code, "invalid_request_error")
    assert message in error["message"]
    assert [line["custom_id"] for line in lines(openai_emulator, job.output_file_id)] == ["line-1"]
    assert openai_emulator.ledger()["requests"]["charged"] == 1


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


def tight(config: EmulatorConfig, mode: TokenLimitMode) -> EmulatorConfig:
    """Room for one job of six requests and no more."""
    return replace(config, max_files_without_expiry=9, token_limit=1000, token_limit_mode=mode)


def test_a_full_quota_is_refused_at_create(openai_emulator_config: EmulatorConfig) -> None:
    config = tight(openai_emulator_config, TokenLimitMode.AT_CREATE)
    with running(config, ManualClock()) as emulator:
        first = submit(emulator, requests(6))
        with pytest.raises(openai.BadRequestError) as refused:
            submit(emulator, requests(6))
        status, code, said = refusal_of(refused.value)
        assert (status, code) == (400, "token_limit_exceeded")
        assert said.startswith(
            "The number of enqueued tokens has surpassed the configured limit of 1K for the deployment "
            f"'{BATCH}'."
        )
        assert 500 < emulator.ledger()["enqueued_tokens"] < 1000
        emulator.advance(60)
        assert retrieve(emulator, first).status == "completed"
        assert finish(emulator, requests(6)).status == "completed"


def test_a_full_quota_fails_the_job_later(openai_emulator_config: EmulatorConfig) -> None:
    config = tight(openai_emulator_config, TokenLimitMode.FAILED_JOB)
    with running(config, ManualClock()) as emulator:
        first, second = submit(emulator, requests(6)), submit(emulator, requests(6))
        emulator.advance(60)
        failed = retrieve(emulator, second)
        assert (failed.status, retrieve(emulator, first).status) == ("failed", "completed")
        assert failed.errors is not None
        assert failed.errors.data is not None
        assert failed.errors.data[0].code == "token_limit_exceeded"
        assert finish(emulator, requests(6)).status == "completed"
        assert emulator.ledger()["requests"]["charged"] == 12


def test_a_quota_of_a_deployment_bites_before_the_subscription(
    openai_emulator_config: EmulatorConfig,
) -> None:
    own = Deployment(BATCH, "gpt-4.1-2025-04-14", DeploymentType.BATCH, token_limit=30_000)
    config = replace(openai_emulator_config, deployments=(own,), max_requests=1000, max_file_bytes=10**6)
    with running(config, ManualClock()) as emulator:
        with pytest.raises(openai.BadRequestError) as refused:
            submit(emulator, requests(300))
        assert "limit of 30K" in refusal_of(refused.value)[2]


def test_a_body_that_is_no_json_is_refused(openai_emulator: RunningEmulator) -> None:
    client = client_of(openai_emulator)
    for body in (b"{", orjson.dumps([1])):
        answer = client._client.post(
            f"{openai_emulator.base_url}batches",
            content=body,
            headers={"api-key": openai_emulator.api_key, "Content-Type": "application/json"},
        )
        assert answer.status_code == 400
        assert answer.json()["error"]["code"] == "invalidPayload"
