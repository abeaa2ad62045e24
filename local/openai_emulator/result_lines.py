"""Lines of output and error files, shaped as real Azure ones: no `id`, no `status`, `error` always there."""

from typing import Any

import orjson

from local.openai_emulator.completions import Completion
from local.openai_emulator.refusals import Documented


def answered_line(custom_id: str, completion: Completion) -> bytes:
    """The line of a request that ran; its status decides which file it belongs to."""
    response = {
        "body": completion.body,
        "request_id": completion.request_id,
        "status_code": completion.status,
    }
    return _line(custom_id, response, None)


def unrun_line(custom_id: str, reason: Documented) -> bytes:
    """The error line of a request that never ran (`batch_cancelled`, `batch_expired`)."""
    return _line(custom_id, None, {"code": reason.code, "message": reason.message})


def _line(custom_id: str, response: dict[str, Any] | None, error: dict[str, Any] | None) -> bytes:
    line = {"custom_id": custom_id, "response": response, "error": error}
    return orjson.dumps(line, option=orjson.OPT_APPEND_NEWLINE)
