"""Inputs that fail a job in validation."""

from collections.abc import Callable
from typing import Any

import pytest

from local.openai_emulator import RunningEmulator
from tests.unit.openai_emulator.client import ONLINE, REASONING, finish, jsonl, request, requests


def with_changes(change: Callable[[dict[str, Any]], object]) -> bytes:
    """Three requests, the last of them changed."""
    made = [request(number) for number in range(3)]
    change(made[-1])
    return jsonl(made)


FAILED_JOBS = {
    "byte order mark": (
        b"\xef\xbb\xbf" + requests(1),
        "invalid_request",
        "Validation failed: A valid model deployment name",
        None,
    ),
    "empty file": (b"", "empty_file", "The input file is empty", None),
    "blank lines only": (b"\n \n", "empty_batch", "Please check your input file", None),
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
