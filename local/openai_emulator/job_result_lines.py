"""Lines of output and error files, in the shape of Azure's: no `id`, no `status`, always an `error`.

OpenAI's own service adds an `id`. `Quirk.LINE_IDS` does so too.
"""

from typing import Any

import orjson

from local.openai_emulator.completions import Completion
from local.openai_emulator.refusals import Documented


def answered_line(custom_id: str, completion: Completion, line_id: str | None = None) -> bytes:
    """The line of a request that ran. The caller chooses the file by the completion's status."""
    response = {
        "body": completion.body,
        "request_id": completion.request_id,
        "status_code": completion.status,
    }
    return _line(custom_id, response, None, line_id)


def unrun_line(custom_id: str, reason: Documented) -> bytes:
    """The error line of a request that never ran (`batch_cancelled`, `batch_expired`)."""
    return _line(custom_id, None, {"code": reason.code, "message": reason.message})


def _line(
    custom_id: str, response: dict[str, Any] | None, error: dict[str, Any] | None, line_id: str | None = None
) -> bytes:
    line: dict[str, Any] = {} if line_id is None else {"id": line_id}
    line |= {"custom_id": custom_id, "response": response, "error": error}
    return orjson.dumps(line, option=orjson.OPT_APPEND_NEWLINE)
