from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.outcome import Outcome
from shared.openai_batch.result_lines import read_result_line


def line(body: Any = None, *, status: Any = 200, error: Any = None, **more: Any) -> bytes:
    response = None if body is None else {"status_code": status, "request_id": "r", "body": body}
    return orjson.dumps({"custom_id": "000000-0", "response": response, "error": error, **more})


def completion(finish_reason: str = "stop", **message: Any) -> dict[str, Any]:
    answer = {"role": "assistant", "content": "{}", "refusal": None, **message}
    return {
        "model": "gpt-4.1-2025-04-14",
        "choices": [{"index": 0, "finish_reason": finish_reason, "message": answer}],
        "usage": {"prompt_tokens": 11, "completion_tokens": 22, "total_tokens": 33},
    }


def failed(code: str, **more: Any) -> dict[str, Any]:
    return {"error": {"code": code, "message": "why", "type": "t", "param": None, **more}}


def test_a_success_line_needs_no_status_key() -> None:
    result = read_result_line(line(completion(content='{"a": 1}')))
    assert (result.custom_id, result.text, result.failure) == ("000000-0", '{"a": 1}', None)
    assert (result.model, result.prompt_tokens, result.completion_tokens) == ("gpt-4.1-2025-04-14", 11, 22)


@pytest.mark.parametrize(
    ("raw", "outcome", "reason"),
    [
        (line(completion("length")), Outcome.TRUNCATED, "finish_reason length"),
        (line(completion("content_filter", content=None)), Outcome.CONTENT_FILTERED, "filter"),
        (line(completion(refusal="I cannot.", content=None)), Outcome.REFUSED, "I cannot."),
        (line(completion("tool_calls")), Outcome.REQUEST_FAILED, "tool_calls"),
        (line(completion(content="  ")), Outcome.INVALID_JSON, "empty"),
        (line(completion(content=None)), Outcome.INVALID_JSON, "empty"),
        (line({"choices": []}), Outcome.REQUEST_FAILED, "finish_reason None"),
        (line(failed("content_filter"), status=400), Outcome.CONTENT_FILTERED, "why"),
        (
            line(failed("x", innererror={"code": "content_filter"}), status=400),
            Outcome.CONTENT_FILTERED,
            "why",
        ),
        (line(failed("rate_limit"), status=429), Outcome.REQUEST_FAILED, "HTTP 429 rate_limit: why"),
        (line({}, status=500), Outcome.REQUEST_FAILED, "HTTP 500"),
        (line(error={"code": "batch_expired", "message": "late"}), Outcome.EXPIRED, "late"),
        (line(error={"code": "batch_cancelled", "message": "no"}), Outcome.CANCELLED, "no"),
        (line(error={"code": "other", "message": "odd"}), Outcome.REQUEST_FAILED, "other: odd"),
        (line(error="odd"), Outcome.REQUEST_FAILED, "no reason given"),
        (line(), Outcome.REQUEST_FAILED, "HTTP None"),
    ],
)
def test_every_failure_has_a_name_and_a_reason(raw: bytes, outcome: Outcome, reason: str) -> None:
    result = read_result_line(raw)
    assert (result.failure, result.custom_id, result.text) == (outcome, "000000-0", "")
    assert reason in result.reason


@pytest.mark.parametrize("raw", [b"{", b"[]", b"null", b'{"custom_id": 7}', b"\xff\xfe", b'"x"'])
def test_a_line_that_cannot_be_read_has_no_custom_id(raw: bytes) -> None:
    assert read_result_line(raw).custom_id is None


json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
names = st.sampled_from(
    [
        "custom_id",
        "response",
        "error",
        "body",
        "status_code",
        "choices",
        "message",
        "content",
        "code",
        "usage",
    ]
)
documents = st.recursive(
    json_values,
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(names, inner, max_size=4),
    max_leaves=20,
)


@given(documents)
def test_no_shape_of_a_line_raises(document: Any) -> None:
    result = read_result_line(orjson.dumps(document))
    assert result.failure is not None or result.text


USAGE = {"prompt_tokens": 11, "completion_tokens": 22}


@pytest.mark.parametrize(
    ("raw", "lacks"),
    [
        (line(completion()), False),
        (line({**completion(), "usage": None}), True),
        (line({**completion(), "usage": "many"}), True),
        (line({**completion(), "usage": {"prompt_tokens": 11}}), True),
        (line({**completion(), "usage": {**USAGE, "completion_tokens": "22"}}), True),
        (line({**completion(), "usage": {**USAGE, "completion_tokens": -1}}), True),
        (line({**completion(), "usage": {**USAGE, "completion_tokens": True}}), True),
        (line({**completion(), "usage": {**USAGE, "completion_tokens": 2**40}}), True),
        (line({**completion(), "usage": {**USAGE, "prompt_tokens": 0}}), True),
        (line({**completion(content="a text"), "usage": {**USAGE, "completion_tokens": 0}}), True),
        (
            line({**completion(content=None), "usage": {**USAGE, "completion_tokens": 0}}),
            False,
        ),
        (line({"choices": []}), True),
        (b'{"custom_id": "000000-0", oops', True),
        (line(failed("rate_limit"), status=429), False),
        (line(error={"code": "batch_expired", "message": "late"}), False),
        (line(error={"code": "no_answer", "message": "lost"}), True),
    ],
)
def test_an_answer_without_token_counts_that_can_be_true_lacks_usage(raw: bytes, lacks: bool) -> None:
    assert read_result_line(raw).lacks_usage is lacks


def test_cached_tokens_are_no_more_than_the_input() -> None:
    usage = {**USAGE, "prompt_tokens_details": {"cached_tokens": 1_000}}
    assert read_result_line(line({**completion(), "usage": usage})).cached_tokens == 11
