"""Chat completions by online calls. Each error tells whether the request may be sent again.

    ChatError
     ├── RequestRefused   the request itself was refused, and would be refused again
     ├── NotAnswered      nothing was carried out, and the cause is not the request: send it again later
     └── AnswerLost       the request was sent and no usable answer came: it may have been charged

Online calls have no idempotency key. The caller decides whether a lost answer is worth a second charge.
"""

from dataclasses import dataclass
from typing import Any

import httpx2
import openai
import orjson

from shared.config.settings import Settings
from shared.openai_batch.openai_client import NoToken, azure_message, make_client, retry_after_seconds

# Statuses about one request. Other statuses are about all requests: keys, deployments, quotas, outages.
_REQUEST_STATUSES = frozenset({400, 413, 422})
# Azure also answers 400 when the deployment takes no online calls.
_ACCESS_STATUSES = frozenset({None, 401, 403, 404})
_DEPLOYMENT_CODES = frozenset({"OperationNotSupported"})


@dataclass(frozen=True)
class Completion:
    """A completion as Azure sent it: the JSON body (parsed), the HTTP status, and Azure's id of the call."""

    body: Any
    status: int
    request_id: str


class ChatError(Exception):
    """No completion came. `status` and `code` are those of Azure's response; without one, None and ""."""

    status: int | None = None
    code: str = ""


class RequestRefused(ChatError):
    """Azure refused the request because of its content. `body` is the error object of the response."""

    status: int

    def __init__(self, error: openai.APIStatusError) -> None:
        super().__init__(_status_line(error))
        self.status = error.status_code
        self.code = error.code or ""
        self.body: Any = error.body
        self.request_id = _request_id(error.response)


class NotAnswered(ChatError):
    """Azure carried nothing out, and the cause is not the request. The request may be sent again.

    `retry_after` is the wait in seconds that Azure asked for, or None. `is_about_access`: a key, an address,
    the network or the deployment must be corrected first.
    """

    def __init__(self, message: str, error: openai.APIStatusError | None = None) -> None:
        super().__init__(message)
        self.status = error.status_code if error else None
        self.code = (error.code or "") if error else ""
        self.retry_after = retry_after_seconds(error) if error else None
        # Without a response no connection was opened, or the app's identity got no token.
        self.is_about_access = self.status in _ACCESS_STATUSES or self.code in _DEPLOYMENT_CODES


class AnswerLost(ChatError):
    """The connection broke or timed out, or the answer is not JSON: the call may have been charged."""


class ChatClient:
    """Sends request bodies to the online deployment that they name; safe to share between threads."""

    def __init__(self, settings: Settings, *, timeout_seconds: float, max_retries: int) -> None:
        """`max_retries` are retries by the SDK, which also repeats calls that may have been charged."""
        self._client = make_client(settings).with_options(max_retries=max_retries, timeout=timeout_seconds)

    def complete(self, body: dict[str, Any]) -> Completion:
        """Send one request body and return its completion.

        Raises:
            RequestRefused: the same request would be refused again.
            NotAnswered: nothing was carried out, and the request may be sent again.
            AnswerLost: no usable answer came, and the call may have been charged.
        """
        try:
            answer = self._client.chat.completions.with_raw_response.create(**body)
        except openai.APIStatusError as error:
            if error.status_code in _REQUEST_STATUSES and error.code not in _DEPLOYMENT_CODES:
                raise RequestRefused(error) from error
            raise NotAnswered(_status_line(error), error) from error
        except NoToken as error:
            raise NotAnswered(str(error)) from error
        except openai.APIConnectionError as error:
            if isinstance(error.__cause__, httpx2.ConnectError | httpx2.ConnectTimeout):
                raise NotAnswered("Azure OpenAI cannot be reached") from error
            lost = "the connection broke before the answer came; the call may have been charged"
            raise AnswerLost(lost) from error
        response = answer.http_response
        try:
            completion = orjson.loads(response.content)
        except orjson.JSONDecodeError as error:
            raise AnswerLost("the answer is not JSON; the call may have been charged") from error
        return Completion(completion, response.status_code, _request_id(response))


def _request_id(response: Any) -> str:
    return str(response.headers.get("apim-request-id", ""))


def _status_line(error: openai.APIStatusError) -> str:
    status = f"HTTP {error.status_code} {error.code or ''}".strip()
    return f"{status}: {azure_message(error)}"
