"""One request line asked by an online call, and its answer as a line such as Azure writes into result files.

Online calls have no idempotency key. One that was never sent, or that Azure says it did not carry out, may
be made again; one that broke off on its way may have been charged, and is not.
"""

from typing import Any

import httpx2
import openai
import orjson

from shared.config.settings import Settings
from shared.openai_batch.openai_client import make_client

# An answer of some thousand tokens takes a minute at most; past this the connection is as good as broken.
_SECONDS = 180.0
# Statuses that are about this one request. Others are about all of them: keys, deployments, quotas, outages.
_OF_THE_REQUEST = frozenset({400, 413, 422})
# The deployment that is named is none for online calls, which Azure says with a 400.
_OF_THE_DEPLOYMENT = frozenset({"OperationNotSupported"})
_NO_ANSWER = {
    "code": "no_answer",
    "message": "the connection broke before the answer came; the call may have been charged",
}


class NotAnswered(Exception):
    """The service carried nothing out, for a reason that is not the request's: try again later.

    `retry_after` is in seconds, where the service said it.
    """

    def __init__(self, reason: str, retry_after: int | None = None) -> None:
        super().__init__(reason)
        self.retry_after = retry_after


class OnlineCalls:
    """Calls to the online deployment that request lines name; safe to share between threads."""

    def __init__(self, settings: Settings) -> None:
        # The client's own retries would pass the rate limit, and repeat calls that may have been charged.
        self._client = make_client(settings).with_options(max_retries=0, timeout=_SECONDS)

    def ask(self, line: bytes) -> tuple[bytes, bool]:
        """The result line of a request line, and whether the request was answered (else: its error).

        Raises:
            NotAnswered: when the line can be asked again and costs nothing so far.
        """
        request = orjson.loads(line)
        custom_id = str(request["custom_id"])
        try:
            answer = self._client.chat.completions.with_raw_response.create(**request["body"])
        except openai.APIStatusError as error:
            body: Any = {"error": error.body}
            if error.status_code not in _OF_THE_REQUEST or error.code in _OF_THE_DEPLOYMENT:
                raise NotAnswered(_said(error), _retry_after(error)) from error
            return _result_line(custom_id, error.status_code, body, error.response), False
        except openai.APIConnectionError as error:
            if isinstance(error.__cause__, httpx2.ConnectError | httpx2.ConnectTimeout):
                raise NotAnswered("Azure OpenAI cannot be reached") from error
            return _dumped({"custom_id": custom_id, "response": None, "error": _NO_ANSWER}), False
        response = answer.http_response
        return _result_line(custom_id, response.status_code, orjson.loads(response.content), response), True


def _result_line(custom_id: str, status: int, body: Any, response: Any) -> bytes:
    request_id = response.headers.get("apim-request-id", "")
    answered = {"body": body, "request_id": request_id, "status_code": status}
    return _dumped({"custom_id": custom_id, "response": answered, "error": None})


def _dumped(line: dict[str, Any]) -> bytes:
    return orjson.dumps(line, option=orjson.OPT_APPEND_NEWLINE)


def _said(error: openai.APIStatusError) -> str:
    body: Any = error.body
    message = body.get("message") if isinstance(body, dict) else None
    return f"HTTP {error.status_code} {error.code or ''}: {message or 'no message given'}"


def _retry_after(error: openai.APIStatusError) -> int | None:
    said = error.response.headers.get("retry-after", "")
    return int(said) if said.isdigit() else None
