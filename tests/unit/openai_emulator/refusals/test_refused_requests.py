"""Requests of a batch that are refused one by one."""

from typing import Any

import pytest

from local.openai_emulator import RunningEmulator
from tests.unit.openai_emulator.client import (
    REASONING,
    finish,
    jsonl,
    lines,
    request,
    response_format,
    strict,
)

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
    "a stream": ({"stream": True}, "unsupported_value", "not as a stream"),
    "several choices": ({"n": 2}, "unsupported_value", "one choice"),
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
