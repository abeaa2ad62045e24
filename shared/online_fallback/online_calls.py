"""Sends one request line as an online call and returns a result line in the format of Azure's result files.

Online calls have no idempotency key. A call that Azure did not carry out may be repeated. A call whose answer
was lost may have been charged and is not repeated.
"""

from typing import Any

import orjson

from shared.config.settings import Settings
from shared.openai_batch.chat_client import AnswerLost, ChatClient, RequestRefused
from shared.openai_batch.result_lines import NO_ANSWER

# An answer of a few thousand tokens takes a minute at most. After this time the connection counts as broken.
_TIMEOUT_SECONDS = 180.0


class OnlineCalls:
    """Calls the online deployment that the request lines name; safe to share between threads."""

    def __init__(self, settings: Settings) -> None:
        # Retries by the SDK would bypass the rate limiter and repeat calls that may have been charged.
        self._chat = ChatClient(settings, timeout_seconds=_TIMEOUT_SECONDS, max_retries=0)

    def send(self, line: bytes) -> tuple[bytes, bool]:
        """Send a request line. Returns its result line, and True for an answer or False for an error.

        Raises:
            NotAnswered: nothing was carried out, and the line may be sent again.
        """
        request = orjson.loads(line)
        custom_id = str(request["custom_id"])
        try:
            completion = self._chat.complete(request["body"])
        except RequestRefused as refusal:
            body = {"error": refusal.body}
            return _result_line(custom_id, refusal.status, body, refusal.request_id), False
        except AnswerLost as lost:
            error = {"code": NO_ANSWER, "message": str(lost)}
            return _to_line({"custom_id": custom_id, "response": None, "error": error}), False
        return _result_line(custom_id, completion.status, completion.body, completion.request_id), True


def _result_line(custom_id: str, status: int, body: Any, request_id: str) -> bytes:
    response = {"body": body, "request_id": request_id, "status_code": status}
    return _to_line({"custom_id": custom_id, "response": response, "error": None})


def _to_line(line: dict[str, Any]) -> bytes:
    return orjson.dumps(line, option=orjson.OPT_APPEND_NEWLINE)
