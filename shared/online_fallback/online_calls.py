"""One request line asked by an online call, and its answer as a line such as Azure writes into result files.

Online calls have no idempotency key. One that was never sent, or that Azure says it did not carry out, may
be made again; one that broke off on its way may have been charged, and is not.
"""

from typing import Any

import orjson

from shared.config.settings import Settings
from shared.openai_batch.chat_client import AnswerLost, ChatClient, RequestRefused

# An answer of some thousand tokens takes a minute at most; past this the connection is as good as broken.
_TIMEOUT_SECONDS = 180.0


class OnlineCalls:
    """Calls to the online deployment that request lines name; safe to share between threads."""

    def __init__(self, settings: Settings) -> None:
        # The client's own retries would pass the rate limit, and repeat calls that may have been charged.
        self._chat = ChatClient(settings, timeout_seconds=_TIMEOUT_SECONDS, max_retries=0)

    def ask(self, line: bytes) -> tuple[bytes, bool]:
        """The result line of a request line, and whether the request was answered (else: its error).

        Raises:
            NotAnswered: when the line can be asked again and costs nothing so far.
        """
        request = orjson.loads(line)
        custom_id = str(request["custom_id"])
        try:
            answer = self._chat.complete(request["body"])
        except RequestRefused as refusal:
            body = {"error": refusal.body}
            return _result_line(custom_id, refusal.status, body, refusal.request_id), False
        except AnswerLost as lost:
            error = {"code": "no_answer", "message": str(lost)}
            return _dumped({"custom_id": custom_id, "response": None, "error": error}), False
        return _result_line(custom_id, answer.status, answer.body, answer.request_id), True


def _result_line(custom_id: str, status: int, body: Any, request_id: str) -> bytes:
    response = {"body": body, "request_id": request_id, "status_code": status}
    return _dumped({"custom_id": custom_id, "response": response, "error": None})


def _dumped(line: dict[str, Any]) -> bytes:
    return orjson.dumps(line, option=orjson.OPT_APPEND_NEWLINE)
