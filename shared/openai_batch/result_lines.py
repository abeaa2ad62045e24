"""Parses result lines, the lines of Azure's output and error files.

A real line has `custom_id`, `response` and `error`, and no `status` key. Azure does not document the lines of
error files. The parser therefore assumes no shape: a field that is absent or of another type counts as None.
"""

import re
from dataclasses import dataclass
from typing import Any

import orjson

from shared.content.control_characters import printable
from shared.domain.outcome import Outcome

_REASON_LENGTH = 500
_NAME_LENGTH = 200
# Many times the longest valid answer. Longer texts are neither parsed nor kept in memory.
LONGEST_ANSWER = 500_000
LONGEST_LINE = 32_000_000
_MAX_TOKENS = 2**31
# Error code of an online call whose answer was lost; a code of our own.
NO_ANSWER = "no_answer"
# If a line is not valid JSON, its request is identified by the id near the start or the end of the line.
_ID = re.compile(rb'(?<!\\)"custom_id"\s*:\s*"(\d{6}-\d{1,3})"')
_EDGE = 4096


@dataclass(frozen=True)
class ResultLine:
    """One parsed result line. `text` is the model's answer; it is empty when `failure` is set.

    `custom_id` is None when the line contains none that can be read. `lacks_usage`: the request was answered,
    or may have been, and the line has no token counts that can be true. It may have been charged.
    """

    custom_id: str | None
    text: str = ""
    failure: Outcome | None = None
    reason: str = ""
    model: str = ""
    prompt_tokens: int = 0
    completion_tokens: int = 0
    cached_tokens: int = 0
    lacks_usage: bool = False


def read_result_line(line: bytes) -> ResultLine:
    """Parse one line of an output or error file. No content of a line raises an exception."""
    if len(line) > LONGEST_LINE:
        return _unreadable(line, f"the result line has {len(line):,} bytes")
    try:
        data = orjson.loads(line)
    except orjson.JSONDecodeError as error:
        return _unreadable(line, f"the result line is not JSON: {error}")
    custom_id = _dig(data, "custom_id")
    if not isinstance(custom_id, str) or len(custom_id) > _NAME_LENGTH:
        return ResultLine(None, failure=Outcome.INVALID_JSON, reason="the result line has no custom_id")
    body = _dig(data, "response", "body")
    failure, reason, text = _classify(data, body)
    if len(text) > LONGEST_ANSWER:
        failure, reason, text = Outcome.SCHEMA_INVALID, f"the answer has {len(text):,} characters", ""
    usage = _dig(body, "usage")
    return ResultLine(
        custom_id=custom_id,
        text=text,
        failure=failure,
        reason=printable(reason, _REASON_LENGTH),
        model=printable(_text(_dig(body, "model")), _NAME_LENGTH),
        prompt_tokens=_number(_dig(usage, "prompt_tokens")),
        completion_tokens=_number(_dig(usage, "completion_tokens")),
        cached_tokens=_cached(usage),
        lacks_usage=_may_be_charged(data) and not _has_usage(usage, text),
    )


def manifest_line_of(line: bytes) -> int | None:
    """Return the manifest line number of a result line without parsing the line; None when it has no id."""
    custom_id = _id_at_the_edges(line)
    return int(custom_id[:6]) if custom_id else None


def custom_id_of(line: bytes) -> str:
    """Return the custom id of a request line that this app built, without parsing the line."""
    custom_id = _id_at_the_edges(line)
    assert custom_id is not None  # noqa: S101 - build_request_lines writes it first
    return custom_id


def _id_at_the_edges(line: bytes) -> str | None:
    found = _ID.search(line[:_EDGE]) or _ID.search(line[-_EDGE:])
    return found[1].decode() if found else None


def _unreadable(line: bytes, reason: str) -> ResultLine:
    custom_id = _id_at_the_edges(line)
    reason = printable(reason, _REASON_LENGTH)
    return ResultLine(custom_id, failure=Outcome.INVALID_JSON, reason=reason, lacks_usage=True)


def _may_be_charged(data: Any) -> bool:
    """Azure charges an answer with status 200. An online call without an answer may have been charged."""
    if error := _dig(data, "error"):
        return _text(_dig(error, "code")) == NO_ANSWER
    return bool(_dig(data, "response", "status_code") == 200)


def _has_usage(usage: Any, text: str) -> bool:
    """Whether the token counts can be true: every request has input, and every text is output."""
    least = {"prompt_tokens": 1, "completion_tokens": 1 if text else 0}
    return all(_is_count(_dig(usage, name), lowest) for name, lowest in least.items())


def _is_count(value: Any, lowest: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and lowest <= value < _MAX_TOKENS


def _cached(usage: Any) -> int:
    # More cached tokens than input would make the cost negative.
    return min(
        _number(_dig(usage, "prompt_tokens_details", "cached_tokens")), _number(_dig(usage, "prompt_tokens"))
    )


def _classify(data: Any, body: Any) -> tuple[Outcome | None, str, str]:
    error = _dig(data, "error")
    if error:
        code = _text(_dig(error, "code"))
        outcome = {"batch_expired": Outcome.EXPIRED, "batch_cancelled": Outcome.CANCELLED}
        return outcome.get(code, Outcome.REQUEST_FAILED), _reason(code, _dig(error, "message")), ""
    status = _dig(data, "response", "status_code")
    if status != 200:
        code = _text(_dig(body, "error", "code"))
        filtered = "content_filter" in (code, _dig(body, "error", "innererror", "code"))
        outcome_of_status = Outcome.CONTENT_FILTERED if filtered else Outcome.REQUEST_FAILED
        return outcome_of_status, _reason(f"HTTP {status} {code}".strip(), _dig(body, "error", "message")), ""
    return read_completion(body)


def read_completion(body: Any) -> tuple[Outcome | None, str, str]:
    """Return failure (or None), reason and text of a chat completion with status 200."""
    choices = _dig(body, "choices")
    choice = choices[0] if isinstance(choices, list) and choices else None
    finish_reason = _dig(choice, "finish_reason")
    refusal = _dig(choice, "message", "refusal")
    content = _dig(choice, "message", "content")
    if refusal:
        return Outcome.REFUSED, _text(refusal), ""
    if finish_reason == "length":
        return Outcome.TRUNCATED, "the answer was cut off at the output limit (finish_reason length)", ""
    if finish_reason == "content_filter":
        return Outcome.CONTENT_FILTERED, _filters(choice), ""
    if finish_reason != "stop":
        return Outcome.REQUEST_FAILED, f"unexpected finish_reason {finish_reason!r}", ""
    if not isinstance(content, str) or not content.strip():
        return Outcome.INVALID_JSON, "the answer is empty", ""
    return None, "", content


def _filters(choice: Any) -> str:
    results = _dig(choice, "content_filter_results")
    hit = [
        name
        for name, result in (results.items() if isinstance(results, dict) else ())
        if _dig(result, "filtered") or _dig(result, "detected")
    ]
    return f"the answer was stopped by the content filter ({', '.join(hit) or 'no category named'})"


def _dig(value: Any, *path: str) -> Any:
    for key in path:
        if not isinstance(value, dict):
            return None
        value = value.get(key)
    return value


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _number(value: Any) -> int:
    return value if isinstance(value, int) and 0 <= value < _MAX_TOKENS else 0


def _reason(code: str, message: Any) -> str:
    return ": ".join(part for part in (code, _text(message)) if part) or "no reason given"
